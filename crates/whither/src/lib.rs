//! The front door: joins chain data, case and analysis into answers.
//!
//! The command line and the pages call this and render; they hold no method. Clock and author enter
//! here and nowhere deeper. Nothing here prints, and nothing reads the environment.

pub mod error;
pub mod knowledge;
pub mod place;
pub mod question;

pub use error::Error;
pub use question::{Finding, Question, answer, open_case, parse_stops};
