//! The commands, one file each: its arguments, what it runs, and how its answer is written in each format.

pub mod assess;
pub mod cluster;
pub mod demo;
pub mod evidence;
pub mod export;
pub mod exposure;
pub mod freeze;
pub mod help;
pub mod incident;
pub mod ingest;
pub mod init;
pub mod label;
pub mod link;
pub mod lists;
pub mod offramps;
pub mod prices;
pub mod report;
pub mod screen;
pub mod show;
pub mod status;
pub mod store;
pub mod trace;
pub mod value;
pub mod verify;
mod worth;
