//! The program as its users meet it: run, with exit code, stdout and stderr held.
//!
//! Methods are tested where they live; here are manners, shapes and words. Snapshots lie beside, one
//! file each; `INSTA_UPDATE=always cargo test -p whither-cli` writes them anew, to be read before they
//! are kept.

#![allow(clippy::unwrap_used)]

mod assess;
mod cluster;
mod demo;
mod errors;
mod evidence;
mod findings;
mod help;
mod incident;
mod ingest;
mod label;
mod link;
mod lists_import;
mod manners;
mod offramps;
mod reference;
mod report;
mod screen;
mod screen_asked;
mod screen_edges;
mod screen_relations;
mod sealed;
mod show;
mod store;
mod trace;
mod value;
mod whither;
mod who;
