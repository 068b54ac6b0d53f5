//! The front door, as a user comes in: files in, questions as text, findings out.
#![allow(clippy::unwrap_used, missing_docs)]

mod account_columns;
mod assess;
mod case;
mod columns;
mod evm;
mod example;
mod findings;
mod naive_files;
#[path = "../../../chain/tests/it/node.rs"]
#[allow(dead_code)]
mod node;
mod offramps;
mod prices;
mod real_data;
mod related;
mod report;
mod saves;
mod scenario;
mod support;
mod totals;
mod worth;
