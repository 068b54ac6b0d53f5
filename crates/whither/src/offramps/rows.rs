//! The shape of a list of off-ramps: `whither.offramps/1`.

use std::collections::BTreeMap;

use serde::Serialize;
use whither_analysis::trace::result::{
    Basis, Bound, Caveat, ClaimRow, OriginRow, OriginShare, Totals,
};

use crate::prices::PriceFile;
use crate::question::{ChainContent, Parameters as TraceParameters};

/// Where the money of a trace is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offramps {
    /// The shape's name and version.
    pub schema: &'static str,
    /// The policy of the trace.
    pub policy: &'static str,
    /// The time of the last transaction in the data: what happened later is not known.
    pub data_until: Option<String>,
    /// The time that ages are counted to: as asked, or the last of the data.
    pub as_of: Option<String>,
    /// Where the trace starts, with the incident, as the trace has it.
    pub origins: Vec<OriginRow>,
    /// Places, in the order in which to call.
    pub positions: Vec<PositionRow>,
    /// What came to whom, of which asset, on which day.
    pub cash_outs: Vec<CashOutRow>,
    /// Addresses on the way with the profile of an over-the-counter broker.
    pub otc: Vec<BrokerRow>,
    /// Laundering patterns, each with how common its shape is around the trace.
    pub patterns: Vec<PatternRow>,
    /// Places with less than a millionth of what was followed of their asset, by asset.
    pub small: Vec<SmallRow>,
    /// What went in and what came out, as the trace has it: positions, fees and what was destroyed.
    pub totals: Vec<Totals>,
    /// What has no price, by asset.
    pub unpriced: Vec<UnpricedRow>,
    /// What must be said with it.
    pub caveats: Vec<Caveat>,
    /// The claims that carried the trace on, as the trace has them; only where claims were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<ClaimRow>>,
    /// From what it was computed.
    pub provenance: OfframpsProvenance,
}

/// A place where money is, or was last seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PositionRow {
    /// From 1.
    pub rank: usize,
    /// What can be done: `freezable`, `ask`, `watch`, `last-seen`, `gone`, `done`.
    pub class: &'static str,
    /// How the trace ends there.
    pub kind: &'static str,
    /// CAIP-2.
    pub chain: String,
    /// Who has it, by name (hostile text).
    pub entity: Option<String>,
    /// Exchange, …
    pub category: Option<String>,
    /// The claim that names it.
    pub entity_claim: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// The output.
    pub output: Option<String>,
    /// The customer's address, through which it came or where it lies.
    pub deposit: Option<DepositRow>,
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: String,
    /// The least that any value-conserving policy could say.
    pub min: String,
    /// The most.
    pub max: String,
    /// Whether these are as narrow as can be.
    pub bound: Bound,
    /// Of all that came into the trace of this asset, in per cent, rounded down.
    pub share: String,
    /// US dollars, each part by the price of the day on which it arrived; null where one of its days has no price.
    pub usd: Option<String>,
    /// Why there is no value.
    pub no_usd: Option<String>,
    /// The price, its day, its source, where all of it arrived on one day; null otherwise.
    pub price: Option<PriceRow>,
    /// How much arrived on which day, with its price.
    pub days: Vec<DayRow>,
    /// When the last of it arrived.
    pub arrived: Option<String>,
    /// Seconds from there to `as_of`.
    pub age: Option<u64>,
    /// Whether it is still there, as far as the data tells.
    pub still_there: Option<bool>,
    /// Who can freeze it, the first to call.
    pub freezable_by: Option<String>,
    /// All who can.
    pub freezers: Vec<FreezerRow>,
    /// How far a request to freeze it is.
    pub request: Option<RequestState>,
    /// What brought it.
    pub transactions: Vec<ArrivalRow>,
    /// Transactions from the nearest origin.
    pub hops: u32,
    /// The amount per origin; empty where an end was divided by deposit addresses.
    pub origins: Vec<OriginShare>,
    /// The claim that the end rests on.
    pub claim: Option<String>,
    /// Further claims that it rests on; only where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<String>,
    /// In sentences.
    pub why: Vec<String>,
}

/// The part of a position that arrived on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayRow {
    /// The day, in UTC; null where nothing tells.
    pub day: Option<String>,
    /// Smallest units; where a position is less than what arrived, its arrivals count in proportion.
    pub amount: String,
    /// US dollars.
    pub usd: Option<String>,
    /// The price.
    pub price: Option<PriceRow>,
}

/// A customer's address at a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DepositRow {
    /// The address.
    pub address: String,
    /// `claim`, or `inference`.
    pub basis: Basis,
    /// The claim.
    pub claim: Option<String>,
    /// The rule's confidence, from 0 to 1; null of a claim.
    pub confidence: Option<String>,
    /// Sweeps that the rule matched.
    pub sweeps: usize,
}

/// Who can freeze.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FreezerRow {
    /// By name (hostile text, where a claim gives it).
    pub who: String,
    /// `service` or `issuer`.
    pub how: &'static str,
    /// The claim that names it.
    pub claim: Option<String>,
}

/// A request to freeze, as the case tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestState {
    /// Its name.
    pub request: String,
    /// How far it is.
    pub state: &'static str,
    /// Since when.
    pub since: String,
    /// The claim that says so.
    pub claim: String,
}

/// A movement that brought money to a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArrivalRow {
    /// The transaction; null where a claim carries the trace on.
    pub transaction: Option<String>,
    /// When.
    pub time: Option<String>,
    /// Who paid.
    pub from: Option<String>,
    /// How much of the trace's money, smallest units.
    pub amount: String,
}

/// A price, as it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceRow {
    /// Of one whole unit, in the series' currency.
    pub price: String,
    /// The day.
    pub day: String,
    /// The series, with convention and source; null of dollars themselves.
    pub series: Option<String>,
    /// SHA-256 of its file.
    pub price_file: Option<String>,
}

/// What came to somebody on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CashOutRow {
    /// By name; of nobody named, the address (hostile text).
    pub entity: String,
    /// Exchange, …; of nobody named, how the trace ends.
    pub category: String,
    /// CAIP-19.
    pub asset: String,
    /// The day, in UTC.
    pub day: Option<String>,
    /// Smallest units.
    pub amount: String,
    /// US dollars on that day.
    pub usd: Option<String>,
    /// How many movements.
    pub payments: usize,
}

/// An address with the profile of a broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrokerRow {
    /// CAIP-2.
    pub chain: String,
    /// The address.
    pub address: String,
    /// Points, of 100.
    pub confidence: u32,
    /// How much of the trace's money came to it.
    pub received: Vec<AssetAmount>,
    /// By which transactions.
    pub transactions: Vec<String>,
    /// Each feature, with what it rests on.
    pub features: Vec<FeatureRow>,
}

/// An amount of an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssetAmount {
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: String,
}

/// A feature of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeatureRow {
    /// Which.
    pub feature: &'static str,
    /// Its points.
    pub points: u32,
    /// The most it could have.
    pub of: u32,
    /// What was counted.
    pub what: String,
    /// The first addresses that show it.
    pub addresses: Vec<String>,
}

/// A laundering pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PatternRow {
    /// `peel-chain`, `fan-out`, `consolidation`, `layering-depth`, `mixer-passage`, `chain-hop`, `swap`, `dormancy`,
    /// `round-amounts`, `speed`, `deposit` or `otc`.
    pub typology: &'static str,
    /// In a sentence (names in it are hostile text).
    pub what: String,
    /// CAIP-2.
    pub chain: String,
    /// Where, if at one address.
    pub address: Option<String>,
    /// How much took part.
    pub amounts: Vec<AssetAmount>,
    /// The transactions that show it.
    pub transactions: Vec<String>,
    /// With which limits it was looked for.
    pub parameters: BTreeMap<&'static str, u64>,
    /// How common the same shape is; null where there is nothing to count.
    pub base_rate: Option<BaseRateRow>,
}

/// How common a shape is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BaseRateRow {
    /// What was counted.
    pub of_what: &'static str,
    /// How many have it.
    pub found: u64,
    /// Of how many.
    pub of: u64,
    /// In per cent, rounded down; null of nothing.
    pub percent: Option<String>,
}

/// Places that are too small to call for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SmallRow {
    /// CAIP-19.
    pub asset: String,
    /// How many places.
    pub positions: usize,
    /// Their sum, smallest units.
    pub amount: String,
}

/// Amounts of an asset that have no price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnpricedRow {
    /// CAIP-19.
    pub asset: String,
    /// Their sum, smallest units.
    pub amount: String,
    /// How many positions.
    pub positions: usize,
    /// Why the first has none.
    pub why: String,
}

/// From what a list of off-ramps was computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfframpsProvenance {
    /// Content id of the chain data.
    pub store: String,
    /// The same of every chain that claims led to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<ChainContent>,
    /// Revision of the case, if one was used.
    pub case: Option<String>,
    /// The question.
    pub parameters: OfframpsParameters,
    /// The program's version.
    pub version: &'static str,
}

/// The question, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfframpsParameters {
    /// The trace's.
    #[serde(flatten)]
    pub trace: TraceParameters,
    /// The time that ages are counted to, where one was given.
    pub at: Option<String>,
    /// Only prices of this convention.
    pub convention: Option<&'static str>,
    /// From up to how many days away a price may be, as text.
    pub nearest: String,
    /// The price files that could answer.
    pub prices: Vec<PriceFile>,
}
