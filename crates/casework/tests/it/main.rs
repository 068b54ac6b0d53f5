//! The case ledger from outside: its promises over random cases, hostile ones, and writers that are killed.
#![allow(clippy::unwrap_used)]

mod assessing;
mod batches;
mod calibration;
mod case;
mod crash;
mod examples;
mod findings;
mod format;
mod hostile;
mod index;
mod kept;
mod merging;
mod relations;
mod support;
mod techniques;
mod verifying;
mod worlds;
mod writing;
