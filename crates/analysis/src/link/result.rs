//! What is told of links, in the shape of the contract (`whither.link/1`).

use std::collections::BTreeSet;

use serde::Serialize;

use crate::trace::result::Caveat;

/// Links among thefts, with what they rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Every pair, the strongest first.
    pub pairs: Vec<Link>,
    /// The claims that say of a place that stolen money came near that it is a service's, or a service's customer's.
    pub claims: BTreeSet<String>,
    /// What must be said with them.
    pub caveats: Vec<Caveat>,
}

/// What two incidents share, and how much that says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The first incident.
    pub a: String,
    /// The second.
    pub b: String,
    /// Hundredths of a bit: a hundred is a factor of two for one hand against two.
    pub strength: u64,
    /// `none`, `lead`, `probable` or `strong`.
    pub verdict: &'static str,
    /// How many facts there are that do not rest on each other.
    pub facts: usize,
    /// What speaks for one hand, the weightiest first.
    pub evidence: Vec<Evidence>,
    /// How many rows of that there are in all.
    pub evidence_count: usize,
    /// What they share that says nothing, and why.
    pub counter_evidence: Vec<Counter>,
    /// How many rows of that there are in all.
    pub counter_count: usize,
    /// What would take the counted evidence away, if it were so.
    pub falsified_by: Vec<String>,
}

/// One row of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// `shared-address`, `commingling`, `shared-deposit`, `shared-funder`, `cluster`, `deployer`, `timing` or `fingerprint`.
    pub kind: &'static str,
    /// The sentence.
    pub what: String,
    /// The address it is about, where it is about one.
    pub address: Option<String>,
    /// Transactions that show it.
    pub transactions: Vec<String>,
    /// How many accounts that have nothing to do with either are in the same position; of a `timing` or a `fingerprint`, of
    /// those that were looked at.
    pub base_rate: u64,
    /// Hundredths of a bit.
    pub weight: u64,
    /// Rows of one fact rest on each other; the weightiest counts.
    pub fact: usize,
    /// Whether this row is the one that counts.
    pub counted: bool,
}

/// Something shared that links nobody, or little.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Counter {
    /// `service`, `bridge`, `popular`, `faucet`, `batch-payout`, `coinjoin`, `popular-contract`, `other-hours` or
    /// `other-habits`.
    pub kind: &'static str,
    /// The sentence.
    pub what: String,
    /// The address it is about.
    pub address: Option<String>,
    /// How many unrelated accounts use it, where that was counted.
    pub base_rate: Option<u64>,
    /// Transactions that show it.
    pub transactions: Vec<String>,
}
