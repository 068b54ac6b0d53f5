//! What make of CoinJoin a transaction looks like, on what evidence, and among how many a coin of it hides.

use serde::Serialize;
use whither_analysis::demix::{Lineage, Make, Match, Shape, detect, label, whirlpool_lineage};
use whither_ledger::view::{TxIx, UtxoView};

/// So many rounds back the ancestry of a Whirlpool round is looked at.
const ROUNDS_BACK: u32 = 8;

/// A transaction that looks like a CoinJoin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CoinjoinRow {
    /// The one make, by precedence.
    pub make: &'static str,
    /// Among so many a coin of it hides, at the most.
    pub anonymity_set: u32,
    /// Of a Whirlpool round: whether its inputs come from preparations and rounds of its pool: `proven`, `broken`,
    /// `unknown`.
    pub lineage: Option<&'static str>,
    /// Every detector that matches.
    pub matches: Vec<MatchRow>,
}

/// A detector that matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchRow {
    /// Its make.
    pub make: &'static str,
    /// Among so many a coin hides by it.
    pub anonymity_set: u32,
    /// The values that stand for it, satoshi.
    pub denominations: Vec<String>,
    /// Of 100, as its authors have it: no probability.
    pub confidence: u8,
}

pub(super) fn of(view: &impl UtxoView, tx: TxIx) -> Option<CoinjoinRow> {
    let matches = detect(&Shape::of(view, tx));
    let one = label(&matches)?;
    let lineage = || whirlpool_lineage(view, tx, ROUNDS_BACK);
    let lineage = (one.make == Make::Whirlpool).then(lineage).flatten();
    let row = |found: &Match| MatchRow {
        make: found.make.name(),
        anonymity_set: found.anonymity_set,
        denominations: found.denominations.iter().map(u64::to_string).collect(),
        confidence: found.confidence,
    };
    Some(CoinjoinRow {
        make: one.make.name(),
        anonymity_set: one.anonymity_set,
        lineage: lineage.map(|lineage| match lineage {
            Lineage::Proven => "proven",
            Lineage::Broken => "broken",
            Lineage::Unknown => "unknown",
        }),
        matches: matches.iter().map(row).collect(),
    })
}
