//! Clusters as they are told: `whither.cluster/1` and `whither.cluster-explanation/1`.

use std::collections::BTreeMap;

use serde::Serialize;

/// Clusters: `whither.cluster/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClusterList {
    /// The shape's name and version.
    pub schema: &'static str,
    /// CAIP-2.
    pub chain: String,
    /// Clusters in the order of their first address on the chain.
    pub clusters: Vec<ClusterRow>,
    /// CoinJoins that were left out: of these clusters' addresses, or (all clusters) those that would have joined any.
    pub excluded: Vec<ExcludedRow>,
    /// Links that were refused, which somebody should look at.
    pub refused: Vec<RefusedRow>,
    /// What struck links parted from these clusters.
    pub parted: Vec<ClusterRow>,
    /// What clusters have in common that joins nothing.
    pub leads: Vec<LeadRow>,
    /// Chains of accounts: of the addresses that pay services, how many are what.
    pub examined: BTreeMap<&'static str, usize>,
    /// From what.
    pub provenance: ClusterProvenance,
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClusterRow {
    /// The address of it that came first on the chain.
    pub id: String,
    /// How many addresses it has.
    pub size: usize,
    /// All of them, in the order they came on the chain.
    pub addresses: Vec<String>,
    /// How many links join it, by rule.
    pub rules: BTreeMap<String, usize>,
    /// What the case calls its addresses.
    pub names: Vec<NameRow>,
    /// Where they were asked for, and on chains of outputs: the links that prove it: signatures, then claims, then guesses; one less
    /// than it has addresses.
    pub unions: Vec<StepRow>,
    /// Chains of accounts: how sure, from 0 to 1, by the rule's formula.
    pub confidence: Option<String>,
    /// Chains of accounts: the deposit addresses that join it.
    pub deposits: Vec<DepositRow>,
}

/// A deposit address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DepositRow {
    /// The address.
    pub address: String,
    /// The service's wallet that it forwards to.
    pub service: String,
    /// The claim that it is a service's, in force at the first sweep.
    pub claim: Option<String>,
    /// The shape by which it was taken for one, where no claim says so.
    pub shape: Option<String>,
    /// The sweeps that payments explain.
    pub sweeps: Vec<SweepRow>,
    /// How many none explains.
    pub unmatched: usize,
    /// How sure.
    pub confidence: String,
}

/// A sweep of a deposit address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SweepRow {
    /// The transaction.
    pub transaction: String,
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: String,
    /// The payments that it forwards.
    pub receipts: Vec<ReceiptRow>,
    /// The claim in force at its time that it went to a service; none where a shape says so.
    pub claim: Option<String>,
    /// How sure.
    pub confidence: String,
}

/// A payment that was swept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptRow {
    /// The transaction.
    pub transaction: String,
    /// Who paid.
    pub from: Option<String>,
    /// Smallest units.
    pub amount: String,
}

/// What clusters have in common that joins nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeadRow {
    /// `gas-funder`, `consolidation`.
    pub kind: &'static str,
    /// The address in common.
    pub address: String,
    /// What it stands behind.
    pub of: Vec<String>,
}

/// What the case calls an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NameRow {
    /// The address.
    pub address: String,
    /// Its name (hostile text).
    pub name: String,
    /// Exchange, mixer, …
    pub category: String,
    /// The claim.
    pub claim: String,
}

/// A CoinJoin that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExcludedRow {
    /// The transaction.
    pub transaction: String,
    /// `coinjoin:` and its make.
    pub why: String,
}

/// A link that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// The transaction; none where a claim was refused.
    pub transaction: Option<String>,
    /// By what rule it would have joined.
    pub rule: String,
    /// One address.
    pub from: String,
    /// The other.
    pub to: String,
    /// Why it was refused.
    pub why: String,
}

/// Why two addresses are one cluster: `whither.cluster-explanation/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The shape's name and version.
    pub schema: &'static str,
    /// CAIP-2.
    pub chain: String,
    /// Whether they are.
    pub connected: bool,
    /// The shortest chain of evidence; empty where they are not, or are one address.
    pub path: Vec<StepRow>,
    /// Links between the clusters of both that were refused.
    pub refused: Vec<RefusedRow>,
    /// From what.
    pub provenance: ClusterProvenance,
}

/// A step of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepRow {
    /// From this address.
    pub from: String,
    /// To this.
    pub to: String,
    /// The transaction that joins them; none where a claim does.
    pub transaction: Option<String>,
    /// By what rule.
    pub rule: String,
    /// The claim, if it is one.
    pub claim: Option<String>,
}

/// What an answer was computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClusterProvenance {
    /// Content id of the chain data.
    pub store: String,
    /// Revision of the case, if one was used.
    pub case: Option<String>,
    /// Change expressions in force.
    pub change: Vec<String>,
    /// Whether CoinJoins join.
    pub with_coinjoins: bool,
    /// Transactions that were struck.
    pub struck: Vec<String>,
    /// The limit of the shape by which services were found, if that was asked.
    pub shape: Option<usize>,
    /// The program's version.
    pub version: &'static str,
}
