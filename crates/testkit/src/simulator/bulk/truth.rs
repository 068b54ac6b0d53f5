//! What a big chain holds: the answer sheet beside it.

use serde::{Deserialize, Serialize};

/// The version of the form.
pub const BULK_SCHEMA: &str = "whither.bulk-truth/1";

/// The answer sheet: one flat object, so that a program without a JSON library can read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkTruth {
    /// [`BULK_SCHEMA`].
    pub schema: String,
    /// The seed, and with the next two all that makes this chain again.
    pub seed: u64,
    /// How many outputs were wanted.
    pub outputs_wanted: u64,
    /// About how many outputs a block has.
    pub outputs_per_block: u64,
    /// Blocks, the first among them.
    pub blocks: u64,
    /// Transactions, coinbases among them.
    pub transactions: u64,
    /// Inputs, those of coinbases left out.
    pub inputs: u64,
    /// Outputs, also those worth nothing.
    pub outputs: u64,
    /// Distinct addresses.
    pub addresses: u64,
    /// All fees, in satoshi.
    pub fees_sat: u64,
    /// Block files.
    pub files: u32,
    /// Their bytes.
    pub bytes: u64,
    /// The output that was stolen, `txid:vout`.
    pub theft_outpoint: String,
    /// In which block.
    pub theft_height: u32,
    /// How much, in satoshi.
    pub theft_sat: u64,
    /// From which block on it went among the people.
    pub theft_released_height: u32,
    /// Transactions that spend something it reached, by the poison rule.
    pub cone_transactions: u64,
    /// Inputs that spend something it reached.
    pub cone_inputs: u64,
    /// Outputs that it reached: itself, and those worth something of the transactions.
    pub cone_outputs: u64,
}

impl BulkTruth {
    /// How many inputs and outputs the stolen money reached.
    #[must_use]
    pub fn cone_edges(&self) -> u64 {
        self.cone_inputs + self.cone_outputs
    }
}
