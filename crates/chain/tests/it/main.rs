//! Ingest and store, from outside: real blocks with known answers, made-up ones with known faults.
//!
//! Tests over real data that is not in the repository look for it in `WHITHER_TEST_DATA`.
#![allow(clippy::unwrap_used)]

mod accounts;
mod agree;
mod bad_blocks;
mod bulk;
mod columns;
mod compact;
mod core_directory;
mod crash;
mod evm;
mod evm_whole;
mod explorers;
mod full_disk;
mod grow;
mod heights;
mod hostile;
mod made;
mod made_rows;
mod node;
mod order;
mod pruned;
mod readers;
mod real_blocks;
mod records;
mod rev;
mod rpc;
mod store;
mod support;
mod tables;
mod tree;
mod undo;
mod undo_files;
