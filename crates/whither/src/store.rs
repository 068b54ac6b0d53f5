//! The chain store as the front door has it: a directory, opened, whose chains answer questions.
//!
//! A store that is not there yet is an empty one; it is made by the first ingest. Which directory it is,
//! the caller says: nothing here reads the environment.

use std::path::Path;

use whither_casework::Json;
use whither_chain::LoadedChain;
use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::memory::{MemoryAccounts, TableRow};

use crate::error::Error;
use crate::question::{Chains, Opened};
use crate::starts::no_transfers;

/// A chain store.
#[derive(Debug)]
pub struct Store {
    chains: whither_chain::Store,
}

impl Store {
    /// Opens the store in a directory, or an empty one where there is none yet.
    ///
    /// # Errors
    /// Where a file of the store is missing or damaged.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        Ok(Self {
            chains: whither_chain::Store::create_or_open(dir)?,
        })
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.chains.path()
    }

    pub(crate) fn inner(&self) -> &whither_chain::Store {
        &self.chains
    }

    pub(crate) fn inner_mut(&mut self) -> &mut whither_chain::Store {
        &mut self.chains
    }
}

impl Chains for Store {
    fn chains(&self) -> Vec<Chain> {
        self.chains.chains()
    }

    fn prices(&self) -> Result<crate::prices::Book, Error> {
        crate::prices::book(self.path())
    }

    fn prices_then(&self, then: &[Json]) -> Result<crate::prices::Book, Error> {
        crate::prices::book_then(self.path(), then)
    }

    fn open(&self, chain: &Chain, claims: &[TableRow]) -> Result<Opened, Error> {
        if !claims.is_empty() && chain.kind() == ChainKind::Utxo {
            return Err(no_transfers(chain));
        }
        if !claims.is_empty() && self.chains.chains().contains(chain) {
            let tables = self.chains.tables(chain)?;
            let view = MemoryAccounts::build_with_claims(chain.clone(), &tables, claims);
            return Ok(Opened::Accounts(view));
        }
        if let Some(view) = self.chains.account_columns(chain)? {
            return Ok(Opened::AccountColumns(view));
        }
        Ok(match self.chains.load(chain)? {
            LoadedChain::Utxo(view) => Opened::Utxo(view),
            LoadedChain::Account(view) => Opened::Accounts(view),
        })
    }
}

impl From<whither_chain::StoreError> for Error {
    fn from(error: whither_chain::StoreError) -> Self {
        Self::new(&error).with_hint_of(error.hint())
    }
}

impl From<whither_chain::ChainError> for Error {
    fn from(error: whither_chain::ChainError) -> Self {
        Self::new(&error).with_hint_of(error.hint())
    }
}
