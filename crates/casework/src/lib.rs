//! The case: what people say. Claims, each with its source, confidence and handling.
//!
//! A case is a directory with a `log/` of JSON lines, one file per author, one claim a line. This
//! release reads claims that a trace needs: incidents with their origins, services, deposit addresses.
//! Writing, hash chains, retraction and redaction come with the case ledger; the lines stay.
//!
//! Nothing here reads a clock, knows a chain's data, or treats a claim as a fact.

mod claim;
mod error;
mod plain;

pub use claim::{
    Claim, ClaimBody, IncidentClaim, OriginClaim, PlaceClaim, ServiceClaim, TransferClaim,
};
pub use error::CaseError;
pub use plain::{Case, find};
