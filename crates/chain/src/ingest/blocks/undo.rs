//! What is known of outputs that blocks spend and do not hold: from a file beside a block, from what the store
//! was told before, and from the undo files of a node.

use whither_ledger::memory::OutsideValue;

use crate::blocks::data::BlockData;
use crate::flat::append::{AppendError, Known, Undo};
use crate::prevout::Told;

/// All of it together.
#[derive(Debug, Default)]
pub(super) struct AllUndo {
    pub(super) told: Told,
}

impl Undo for AllUndo {
    fn spent(&mut self, block: &BlockData, input: usize) -> Result<Known, AppendError> {
        Ok(self.told.get(&block.spends[input]))
    }

    fn told_of(&self, txid: [u8; 32]) -> Vec<(u32, OutsideValue)> {
        self.told.of_transaction(txid)
    }
}
