//! The front door: joins chain data, case and analysis into answers.
//!
//! The command line and the pages call this and render; they hold no method. Clock and author enter
//! here and nowhere deeper. Nothing here prints, and nothing reads the environment.

pub mod amount;
pub mod assess;
mod beside;
pub mod cluster;
mod customers;
pub mod demo;
pub mod error;
pub mod evidence;
pub mod example;
pub mod export;
pub mod exposure;
pub mod freeze;
pub mod incidents;
pub mod ingest;
pub mod knowledge;
pub mod labels;
pub mod link;
pub mod lists;
mod named_share;
pub mod offramps;
mod onward;
pub mod page;
pub mod place;
pub mod prices;
pub mod question;
pub mod recorder;
pub mod related;
pub mod report;
pub mod saved;
pub mod screening;
pub mod show;
mod starts;
pub mod status;
pub mod store;
pub mod upkeep;
pub mod value;

pub use error::Error;
pub use question::{Finding, Question, answer, open_case, parse_stops};
pub use recorder::Recorder;
pub use whither_analysis::trace::{Direction, Policy, Window, result};
pub use whither_casework::{Case, Handling, Ledger, find as find_case};
pub use whither_ledger::U256;
pub use whither_ledger::chain::Chain;
pub use whither_ledger::time::Timestamp;
pub use whither_report::text;
