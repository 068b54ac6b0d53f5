//! The result of a trace, in the shape of the contract (`whither.trace/1`).
//!
//! Everything is named by ids that stand outside this program: CAIP ids, transaction ids, addresses as
//! their chain writes them. Amounts are strings of integers. Lists are sorted by what they name, so the
//! same answer is the same bytes.

use serde::Serialize;

/// Where money went, or where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// `forward` or `backward`.
    pub direction: &'static str,
    /// The policy's name.
    pub policy: &'static str,
    /// Where the trace starts, one row per origin and asset.
    pub origins: Vec<OriginRow>,
    /// Where it ends.
    pub endpoints: Vec<Endpoint>,
    /// What went in and what came out, per asset.
    pub totals: Vec<Totals>,
    /// Every tainted movement.
    pub edges: Vec<Edge>,
    /// Every transaction that moved taint, in chain order.
    pub transactions: Vec<TransactionRow>,
    /// Where one asset became another.
    pub conversions: Vec<Conversion>,
    /// What was made to mislead whoever reads this: shown as what it is, and no part of the trace.
    pub deceptions: Vec<Deception>,
    /// What must be said with this answer.
    pub caveats: Vec<Caveat>,
    /// The claims that were asked to carry it on, and what falls without each; only where they were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<ClaimRow>>,
}

/// What one origin put into the trace, of one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OriginRow {
    /// `o1`, `o2`, … in the order given.
    pub origin: String,
    /// The origin as it was asked for.
    pub what: String,
    /// The incident it belongs to.
    pub incident: Option<String>,
    /// CAIP-2.
    pub chain: String,
    /// The address that held it, where it is one.
    pub address: Option<String>,
    /// CAIP-19.
    pub asset: String,
    /// How much was claimed, smallest units.
    pub amount: String,
    /// On whose word: `fact` where the chain shows it, `claim` where the case says it.
    pub basis: Basis,
}

/// On what a statement rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The chain shows it.
    Fact,
    /// A rule concludes it.
    Inference,
    /// Somebody says it.
    Claim,
}

/// How a trace ends at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EndpointKind {
    /// An output that nothing spends, within coverage.
    Unspent,
    /// A balance that nothing moved, within coverage.
    Held,
    /// Received by a service.
    Service,
    /// Spent into, or received by, a mixer.
    Mixer,
    /// Received by a bridge.
    Bridge,
    /// Destroyed.
    Burn,
    /// Paid for inclusion.
    Fee,
    /// Below the amount asked for.
    Dust,
    /// At the number of hops asked for.
    Depth,
    /// At the time asked for.
    Time,
    /// Received by an address with more postings than asked for.
    Degree,
    /// Last seen at: the data ends here, the money may not.
    Horizon,
    /// What the rules cannot carry further.
    Unresolved,
    /// Frozen there, as somebody says.
    Frozen,
    /// Given back from there, as somebody says.
    Recovered,
    /// Backward: new coins.
    Coinbase,
    /// Backward: new units of an account chain.
    Mint,
    /// Backward: held before the data begins.
    Opening,
}

impl EndpointKind {
    /// The word of the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspent => "unspent",
            Self::Held => "held",
            Self::Service => "service",
            Self::Mixer => "mixer",
            Self::Bridge => "bridge",
            Self::Burn => "burn",
            Self::Fee => "fee",
            Self::Dust => "dust",
            Self::Depth => "depth",
            Self::Time => "time",
            Self::Degree => "degree",
            Self::Horizon => "horizon",
            Self::Unresolved => "unresolved",
            Self::Frozen => "frozen",
            Self::Recovered => "recovered",
            Self::Coinbase => "coinbase",
            Self::Mint => "mint",
            Self::Opening => "opening",
        }
    }
}

/// Whether an interval is as narrow as it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// Computed as a flow: some value-conserving policy reaches each end.
    Tight,
    /// Valid, and wider than need be.
    Loose,
}

/// One place where a trace ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// How it ends.
    pub kind: EndpointKind,
    /// CAIP-2.
    pub chain: String,
    /// Whose, where that is known.
    pub address: Option<String>,
    /// The output, `txid:vout`.
    pub output: Option<String>,
    /// CAIP-19.
    pub asset: String,
    /// Tainted amount, smallest units.
    pub amount: String,
    /// The least that any value-conserving policy could say.
    pub min: String,
    /// The most that any value-conserving policy could say.
    pub max: String,
    /// Whether `min` and `max` are as narrow as can be.
    pub bound: Bound,
    /// The amount per origin.
    pub origins: Vec<OriginShare>,
    /// The last transaction that brought taint here (for a fee: that paid it).
    pub transaction: Option<String>,
    /// That transaction's block height.
    pub height: Option<u32>,
    /// That transaction's time.
    pub time: Option<String>,
    /// Transactions from the nearest origin.
    pub hops: u32,
    /// Addresses passed on the way that belong to the endpoint.
    pub via: Vec<Via>,
    /// Why the trace ends here.
    pub reason: Reason,
    /// Who is behind the address, by a claim.
    pub entity: Option<EntityRow>,
    /// Of how many equal outputs this is one, at a mixer.
    pub anonymity_set: Option<u32>,
    /// Further claims that the reason rests on; only where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<String>,
}

/// The part of one origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OriginShare {
    /// `o1`, …
    pub origin: String,
    /// Smallest units.
    pub amount: String,
}

/// An address passed on the way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Via {
    /// The address.
    pub address: String,
    /// What it is.
    pub why: String,
}

/// Why a trace ends at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule with its parameter, such as `depth:5` or `end-of-data`.
    pub rule: String,
    /// What the rule rests on.
    pub basis: Basis,
    /// The claim, where it rests on one.
    pub claim: Option<String>,
}

/// Who is behind an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntityRow {
    /// Its name, as the claim has it (hostile text).
    pub name: String,
    /// Exchange, mixer, bridge, …
    pub category: String,
    /// The claim.
    pub claim: String,
}

/// What went in and what came out, of one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// CAIP-19.
    pub asset: String,
    /// Sum over the origins.
    pub origin: String,
    /// What arrived by conversion from other assets.
    pub converted_in: String,
    /// What left by conversion to other assets.
    pub converted_out: String,
    /// Sum per kind of endpoint.
    pub by_kind: std::collections::BTreeMap<&'static str, String>,
}

/// One side of an edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EdgeEnd {
    /// The address, where there is one.
    pub address: Option<String>,
    /// The output, on a UTXO chain; on the `from` side null where several tainted inputs are mixed.
    pub output: Option<String>,
}

/// Why an edge is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeWhy {
    /// An output was spent into another.
    Spend,
    /// A transfer on an account chain.
    Transfer,
    /// Nothing on chain: a claim says so.
    Claim,
    /// One asset became another at an address that exchanged it.
    Conversion,
}

/// One tainted movement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// The transaction; null where a claim carries the trace on, for no transaction shows it.
    pub transaction: Option<String>,
    /// Where the money was.
    pub from: EdgeEnd,
    /// Where it went.
    pub to: EdgeEnd,
    /// CAIP-19.
    pub asset: String,
    /// Tainted amount, smallest units.
    pub amount: String,
    /// The amount per origin.
    pub origins: Vec<OriginShare>,
    /// What kind of movement.
    pub why: EdgeWhy,
    /// What it rests on.
    pub basis: Basis,
    /// Where a claim carries the trace on: which, and as what the money arrives.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub onward: Option<Onward>,
}

/// How a claim carries a trace on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Onward {
    /// The claim.
    pub claim: String,
    /// CAIP-19 of what goes on from where the edge ends.
    pub to_asset: String,
    /// How much of it, smallest units.
    pub to_amount: String,
}

/// A claim that was asked to carry a trace on, with what rests on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimRow {
    /// The claim.
    pub claim: String,
    /// Where it begins, as the claim has it.
    pub from: String,
    /// Where it goes on, as the claim has it.
    pub to: String,
    /// CAIP-19 of what arrived.
    pub asset: String,
    /// How much the claim says arrived, smallest units.
    pub amount: String,
    /// CAIP-19 of what went on.
    pub to_asset: String,
    /// How much the claim says went on, smallest units.
    pub to_amount: String,
    /// How much of `asset` it carried.
    pub carried: String,
    /// As how much of `to_asset` that arrived.
    pub arrived: String,
    /// How much of `asset` it carried, per origin.
    pub origins: Vec<OriginShare>,
    /// What falls without it: the part of each endpoint that came by this claim.
    pub falls: Vec<Fall>,
}

/// The part of an endpoint that rests on a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fall {
    /// How the trace ends there.
    pub kind: EndpointKind,
    /// CAIP-2.
    pub chain: String,
    /// Whose, where that is known.
    pub address: Option<String>,
    /// The output, `txid:vout`.
    pub output: Option<String>,
    /// CAIP-19.
    pub asset: String,
    /// How much of it rests on the claim, smallest units.
    pub amount: String,
}

/// A tainted amount on one side of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// CAIP-19.
    pub asset: String,
    /// Tainted amount, smallest units.
    pub amount: String,
    /// The outputs that carried it, on a UTXO chain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<String>,
}

/// One transaction that moved taint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TransactionRow {
    /// The transaction.
    pub transaction: String,
    /// CAIP-2.
    pub chain: String,
    /// Block height.
    pub height: Option<u32>,
    /// Index in its block.
    pub index: Option<u32>,
    /// When.
    pub time: String,
    /// Taint it took.
    pub tainted_in: Vec<Flow>,
    /// Taint it gave on, fees included.
    pub tainted_out: Vec<Flow>,
}

/// One asset becoming another within a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conversion {
    /// The transaction.
    pub transaction: String,
    /// Who converts: whose money it was, or where the view does not tell one, who took it.
    pub address: Option<String>,
    /// The rule that recognised it.
    pub rule: String,
    /// What went in.
    #[serde(rename = "in")]
    pub taken: Vec<ConversionSide>,
    /// What came out.
    #[serde(rename = "out")]
    pub given: Vec<ConversionSide>,
}

/// One asset on one side of a conversion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConversionSide {
    /// CAIP-19.
    pub asset: String,
    /// How much of it, smallest units.
    pub amount: String,
    /// How much of that was tainted.
    pub tainted: String,
}

/// A trick played on the reader of an address's history, as often as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deception {
    /// A short stable word.
    pub kind: &'static str,
    /// The sentence.
    pub what: &'static str,
    /// The address of the trace that it names.
    pub address: String,
    /// The address or the asset that it is made to look like.
    pub imitates: Option<String>,
    /// How many movements, or events that say there was one.
    pub count: usize,
    /// Who stands on their other side, the first of them.
    pub others: Vec<String>,
    /// CAIP-19, the first of them.
    pub assets: Vec<String>,
    /// The first of them.
    pub transactions: Vec<String>,
}

/// Something that must be said with the answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Caveat {
    /// A short stable word.
    pub kind: String,
    /// The sentence.
    pub what: String,
    /// The address it is about.
    pub address: Option<String>,
    /// CAIP-19.
    pub asset: Option<String>,
    /// Smallest units.
    pub amount: Option<String>,
    /// The transaction it is about.
    pub transaction: Option<String>,
}

impl Caveat {
    /// A caveat about the whole answer.
    #[must_use]
    pub fn general(kind: &str, what: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            what: what.into(),
            address: None,
            asset: None,
            amount: None,
            transaction: None,
        }
    }
}
