//! What really happened in a world on a chain of outputs: the form of all worlds, and the rounds in which coins were mixed.

use super::super::world::WorldTruth;
use serde::{Deserialize, Serialize};

/// The answer sheet of a world on a chain of outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputTruth {
    /// Thefts, pairs, services, cash-outs: the form of all worlds.
    #[serde(flatten)]
    pub common: WorldTruth,
    /// Every `CoinJoin`, of thieves and of people, in the order in which they are told.
    pub mixings: Vec<WorldMixing>,
}

/// A `CoinJoin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldMixing {
    /// `whirlpool`, `wasabi-2`, `wasabi-1.0` or `joinmarket`.
    pub make: String,
    /// Its transaction.
    pub transaction: String,
    /// Who took part: people by their addresses, thieves by the ids of their thefts.
    pub parties: Vec<String>,
}
