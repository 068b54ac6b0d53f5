//! The case: what people say. Claims, each with its source, confidence and handling.
//!
//! A case is a directory with a `log/` of JSON lines, one file per author ([`Ledger`], [`Writer`], [`verify`]). Each line
//! commits to the one before it and to a payload beside the log, so that a change shows, two experts' copies
//! merge, and what is confidential can be withheld from a copy that still verifies. Whoever wants to know what is
//! said opens a [`Case`].
//!
//! Nothing here reads a clock, draws a random number, knows a chain's data, or treats a claim as a fact.

pub mod assessment;
mod attachments;
mod canonical;
mod case;
pub mod claims;
mod copy;
mod entry;
mod error;
pub mod findings;
mod folder;
pub mod freezes;
mod hash;
mod head;
pub mod import;
pub mod incidents;
mod index;
pub mod labels;
mod ledger;
mod lines;
mod log;
mod marks;
mod merge;
mod payload;
mod period;
pub mod relations;
mod replay;
mod techniques;
pub mod valuation;
mod verify;
mod words;
mod writer;

pub use attachments::{ATTACHMENTS_MAX, Attachment};
pub use canonical::{DEPTH_MAX, Json};
pub use case::{Case, find};
pub use claims::{Body, Claim, Statement};
pub use copy::{Copied, Withhold};
pub use entry::{Entry, LINE_LENGTH_MAX};
pub use error::{CaseError, Fault};
pub use hash::{Hash, Salt};
pub use head::Head;
pub use index::{Index, Tally};
pub use ledger::{AUTHORS_MAX, ENTRIES_MAX, FORMAT, Ledger, Torn};
pub use marks::{Confidence, Handling, Marks};
pub use merge::Merged;
pub use payload::{Content, PAYLOAD_LENGTH_MAX};
pub use period::{Day, Lies, Period};
pub use replay::{Retracted, Standing, State, replay};
pub use techniques::{Catalogue, DPRK_GROUPS, Groups, OTHER_GROUPS, Technique, UnknownTechnique};
pub use verify::{Verification, verify};
pub use words::{Author, CaseId, Date, Kind, Time, Word};
pub use writer::{Draft, Says, Writer};
