//! Demixing honesty: which transactions are CoinJoins, of what make, and among how many each coin hides.
//!
//! A CoinJoin is a transaction of several people who do not trust each other. Its inputs are not one person's, so
//! clustering must leave it out, and a trace that is asked to stops there with its anonymity set. Every detector looks at
//! the shape of one transaction alone; the constants are those that Stütz et al. and GraphSense published, with their
//! names in `docs/methods/coinjoin.md`. Each match is kept as evidence; one label is chosen by precedence.
//!
//! Not here: who took part, and which output is whose. That cannot be told from the shape, and is not guessed.

mod equal;
mod lineage;
mod shape;
#[cfg(test)]
mod tests;
mod wasabi;
mod whirlpool;

pub use lineage::{Lineage, whirlpool_lineage};
pub use shape::{Shape, Side};

use whither_ledger::view::{TxIx, UtxoView};

/// A make of CoinJoin, by precedence: of several that match, the first is the transaction's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Make {
    /// A Whirlpool round: five to eight inputs and as many equal outputs of one pool.
    Whirlpool,
    /// Wasabi 2.0 (WabiSabi): many inputs, several values that stand more than once.
    Wasabi2,
    /// Wasabi 1.1: equal outputs on several levels, each twice the one below.
    Wasabi11,
    /// Wasabi 1.0 (ZeroLink): equal outputs near 0.1 BTC and one for the coordinator.
    Wasabi1,
    /// JoinMarket: at least three equal outputs, and change.
    JoinMarket,
    /// Equal outputs for half of the outputs, as BlockSci's rule has it; no make is named.
    Generic,
}

impl Make {
    /// All makes, by precedence.
    pub const ALL: [Self; 6] = [
        Self::Whirlpool,
        Self::Wasabi2,
        Self::Wasabi11,
        Self::Wasabi1,
        Self::JoinMarket,
        Self::Generic,
    ];

    /// The word for it, as it stands in results after `coinjoin:`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Whirlpool => "whirlpool",
            Self::Wasabi2 => "wasabi-2",
            Self::Wasabi11 => "wasabi-1.1",
            Self::Wasabi1 => "wasabi-1.0",
            Self::JoinMarket => "joinmarket",
            Self::Generic => "generic",
        }
    }
}

/// A detector that matched: evidence that a transaction is a CoinJoin of this make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Of what make.
    pub make: Make,
    /// How many equal outputs there are of the value that most have: among so many a coin of that value hides.
    /// Never more than that: who remixes, and who holds several of them, lowers it.
    pub anonymity_set: u32,
    /// The values that stand for it, in satoshi, ascending.
    pub denominations: Vec<u64>,
    /// How sure its authors are of it, of 100. It is their figure and no probability.
    pub confidence: u8,
}

/// Every detector that matches, by precedence.
#[must_use]
pub fn detect(shape: &Shape) -> Vec<Match> {
    // Four of five transactions end here.
    if shape.is_coinbase || shape.inputs_count < 2 || shape.outputs.len() < 3 {
        return Vec::new();
    }
    let sums = shape::Sums::of(shape);
    let mut matches: Vec<Match> = [
        whirlpool::round(shape, &sums),
        wasabi::version_2(shape, &sums),
        wasabi::version_1_1(shape, &sums),
        wasabi::version_1_0(shape, &sums),
        equal::joinmarket(shape, &sums),
        equal::generic(shape, &sums),
    ]
    .into_iter()
    .flatten()
    .collect();
    // A Stonewall imitates a CoinJoin and is one payer's: it vetoes what rests on equal outputs alone.
    if equal::is_stonewall(shape, &sums) {
        matches.retain(|found| found.make != Make::JoinMarket);
    }
    matches
}

/// The one label of a transaction: of all that match, the make that goes first. A Wasabi 1.0 round is never called
/// JoinMarket, though both shapes fit it.
#[must_use]
pub fn label(matches: &[Match]) -> Option<&Match> {
    matches.iter().min_by_key(|found| found.make)
}

/// Every detector that matches a transaction of a view, by precedence.
#[must_use]
pub fn matches<V: UtxoView>(view: &V, tx: TxIx) -> Vec<Match> {
    if view.is_coinbase(tx) || view.inputs(tx).len() < 2 || view.outputs(tx).count() < 3 {
        return Vec::new();
    }
    detect(&Shape::of(view, tx))
}

/// The label of a transaction of a view.
#[must_use]
pub fn coinjoin<V: UtxoView>(view: &V, tx: TxIx) -> Option<Match> {
    label(&matches(view, tx)).cloned()
}
