//! A chain as analysis sees it.

use whither_ledger::memory::MemoryAccounts;
use whither_ledger::view::ChainView;

use crate::flat::ColumnUtxo;

/// A chain, opened.
#[derive(Debug)]
pub enum LoadedChain {
    /// A chain whose holdings are outputs: its columns, mapped.
    Utxo(ColumnUtxo),
    /// A chain whose holdings are balances.
    Account(MemoryAccounts),
}

impl LoadedChain {
    /// What both kinds have in common.
    #[must_use]
    pub fn view(&self) -> &dyn ChainView {
        match self {
            Self::Utxo(view) => view,
            Self::Account(view) => view,
        }
    }
}
