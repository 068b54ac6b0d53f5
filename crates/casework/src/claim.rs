//! A claim: one statement by somebody, with what is needed to weigh and to share it.

use serde::{Deserialize, Serialize};

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
    Service(ServiceClaim),
    /// An address that belongs to one customer of a service and forwards to it.
    Deposit(ServiceClaim),
    /// An address has a name, and is followed all the same.
    Label(ServiceClaim),
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

/// Where the trace of an incident starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OriginClaim {
    /// A transfer that the case tells because the data may lack it.
    Transfer {
        /// Transaction id.
        transaction: String,
        /// CAIP-2.
        chain: String,
        /// Block height, if known.
        #[serde(default)]
        height: Option<u32>,
        /// When, RFC 3339.
        time: String,
        /// Who paid.
        from: String,
        /// Who received.
        to: String,
        /// CAIP-19.
        asset: String,
        /// Smallest units.
        amount: String,
        /// Why it is not in the data, in words.
        why: String,
    },
    /// Anything that `trace` takes as a starting point.
    Place {
        /// `txid:vout`, `txid`, `txid#n` or an address, with its chain.
        from: String,
        /// Why it belongs to the incident, in words.
        why: String,
    },
}

/// Who an address belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceClaim {
    /// CAIP-10, or with a short chain name.
    pub address: String,
    /// Its name.
    pub name: String,
    /// `exchange`, `mixer`, `bridge`, `dex`, …
    pub category: String,
}
