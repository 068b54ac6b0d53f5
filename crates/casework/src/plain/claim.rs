//! A claim of the plain form: one line of its log.

use serde::{Deserialize, Serialize};

use crate::claims::{AddressClaim, OriginClaim};

/// One line of a case's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Names the claim within its case.
    pub id: String,
    /// Who says so: a publication, an agency, an analyst.
    pub source: String,
    /// Where the source can be read, if anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Admiralty grade: reliability A–F of the source, credibility 1–6 of the statement.
    pub confidence: String,
    /// TLP 2.0 mark.
    pub handling: String,
    /// When it was recorded, RFC 3339.
    pub time: String,
    /// Who recorded it.
    pub author: String,
    /// What is said.
    #[serde(flatten)]
    pub body: ClaimBody,
}

/// What a claim says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ClaimBody {
    /// A theft.
    Incident(IncidentClaim),
    /// An address of somebody through whom tracing is meaningless.
    Service(AddressClaim),
    /// An address that belongs to one customer of a service and forwards to it.
    Deposit(AddressClaim),
    /// An address has a name, and is followed all the same.
    Label(AddressClaim),
}

/// A theft: what was taken, and where its trace starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentClaim {
    /// In a few words.
    pub title: String,
    /// When, as precisely as is known (`2020`, `2020-09`, `2022-03-23T13:29:09Z`).
    pub date: String,
    /// From whom.
    pub victim: String,
    /// Where the trace starts.
    pub origins: Vec<OriginClaim>,
}
