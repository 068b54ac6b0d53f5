//! The store: a directory that keeps chain data, and gives it back as views.
//!
//! Content lies in immutable segments, each named by its own hash; a manifest, replaced in one step, says
//! which of them count. So whatever a crash leaves half-written was never part of the store, and readers
//! need no lock. The layout is described in `docs/reference/store.md`.
//!
//! Rows and blocks are loaded whole; columns that were made of them are mapped instead ([`crate::columns`],
//! [`crate::accounts`]).
//! Not here: anything that is not chain data, though lists and prices may lie in folders beside it.

mod content;
mod error;
mod load;
mod manifest;
mod rows;
mod write;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::memory::TableSource;

use crate::accounts::{self, AccountColumns};
use crate::blocks::tree::arrange;
use crate::columns::{self, ColumnUtxo};
use crate::prevout::KnownPrevout;
use crate::sources::bitcoin::records::as_u64;
use crate::text::{hex, show_hash};
use content::prevouts_text;
use manifest::{ChainContent, Manifest, Segment, SegmentKind, folder};
use rows::rows_text;

pub use error::StoreError;
pub use load::LoadedChain;

pub(crate) use content::StoredBlocks;
pub(crate) use load::{Sink, load_utxo, walk};
pub(crate) use rows::{WrittenCoverage, parse_coverage, write_coverage};
pub(crate) use write::{Transaction, lock, sync_directory};

/// A store, opened: its segments were found whole.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    manifest: Manifest,
}

impl Store {
    /// Opens a store and checks that every segment has the bytes that were committed.
    ///
    /// # Errors
    /// When there is no store, or a file of it is missing or damaged, which the error names.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let store = Self::create_or_open(root)?;
        if store.manifest == Manifest::default() && !root.join(manifest::MANIFEST).exists() {
            return Err(StoreError::NoStore(root.to_owned()));
        }
        Ok(store)
    }

    /// Opens a store, or an empty one where there is none. Nothing is created before something is ingested.
    ///
    /// # Errors
    /// When a file of the store is missing or damaged, which the error names.
    pub fn create_or_open(root: &Path) -> Result<Self, StoreError> {
        let mut store = Self {
            root: root.to_owned(),
            manifest: Manifest::default(),
        };
        store.refresh()?;
        Ok(store)
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// The chains of which the store holds anything, in the order of their ids.
    #[must_use]
    pub fn chains(&self) -> Vec<Chain> {
        let mut chains: Vec<Chain> = self.manifest.chains.keys().cloned().collect();
        chains.sort_by_key(ToString::to_string);
        chains
    }

    /// Loads what the store holds of a chain.
    ///
    /// # Errors
    /// When the store holds nothing of it, or its content makes no chain.
    pub fn load(&self, chain: &Chain) -> Result<LoadedChain, StoreError> {
        if !self.manifest.chains.contains_key(chain) {
            return Err(StoreError::NoChain {
                chain: chain.clone(),
                held: self.chains(),
            });
        }
        match (chain.kind(), chain) {
            (ChainKind::Utxo, Chain::Bitcoin(network)) => {
                let stored = self.blocks(chain)?;
                Ok(LoadedChain::Utxo(load_utxo(*network, stored)?.view))
            }
            _ => self.load_accounts(chain).map(LoadedChain::Account),
        }
    }

    /// Opens the columns of a chain of outputs; `None` where there are none that were made from exactly what
    /// the store holds, and the chain is to be loaded.
    ///
    /// # Errors
    /// When a file of the columns is missing or damaged, which the error names.
    pub fn columns(&self, chain: &Chain) -> Result<Option<ColumnUtxo>, StoreError> {
        let root = self.columns_path(chain);
        if !columns::is_current(&root, self, chain) {
            return Ok(None);
        }
        // Every byte is checked before an answer comes from it, as segments are when the store opens.
        columns::check(&root)?;
        columns::open(&root).map(Some)
    }

    /// Builds the columns of a chain, unless they are there already. Says whether it built them.
    ///
    /// # Errors
    /// When the blocks cannot be read or the columns cannot be written; those before then still stand.
    pub fn build_columns(&self, chain: &Chain) -> Result<bool, StoreError> {
        let held = self.manifest.chains.contains_key(chain);
        if chain.kind() == ChainKind::Account && held {
            return self.build_account_columns(chain);
        }
        if chain.kind() != ChainKind::Utxo || !held || matches!(self.columns(chain), Ok(Some(_))) {
            return Ok(false);
        }
        columns::build(&self.columns_path(chain), self, chain).map(|()| true)
    }

    /// Opens the columns of a chain of accounts; `None` where there are none that were made from exactly what
    /// the store holds, and the chain is to be loaded. Sizes are compared, and [`accounts::check`] reads all.
    ///
    /// # Errors
    /// When a file of the columns is missing or has another size than was committed; the error names it.
    pub fn account_columns(&self, chain: &Chain) -> Result<Option<AccountColumns>, StoreError> {
        let root = self.columns_path(chain);
        if !accounts::is_current(&root, &self.fingerprint(chain)) {
            return Ok(None);
        }
        accounts::open(&root).map(Some)
    }

    /// Builds the columns of a chain of accounts, unless they are there, current and whole.
    fn build_account_columns(&self, chain: &Chain) -> Result<bool, StoreError> {
        let (root, made_from) = (self.columns_path(chain), self.fingerprint(chain));
        if accounts::is_current(&root, &made_from) && accounts::check(&root).is_ok() {
            return Ok(false);
        }
        accounts::build(&root, &self.load_accounts(chain)?, &made_from).map(|()| true)
    }

    /// Where the columns of a chain lie.
    #[must_use]
    pub fn columns_path(&self, chain: &Chain) -> PathBuf {
        folder(&self.root, chain).join("columns")
    }

    /// The hashes of the blocks that count, in chain order, as people write them; none where tables tell of
    /// the chain.
    ///
    /// # Errors
    /// When a segment cannot be read.
    pub fn block_hashes(&self, chain: &Chain) -> Result<Vec<String>, StoreError> {
        let Chain::Bitcoin(network) = chain else {
            return Ok(Vec::new());
        };
        if let Some(view) = self.columns(chain)? {
            let blocks = 0..view.block_count();
            return Ok(blocks.map(|row| show_hash(&view.block(row).0)).collect());
        }
        let stored = self.blocks(chain)?;
        let arrangement = arrange(*network, &stored.index, &stored.heights)?;
        let hash = |(block, _): &(usize, Option<u32>)| show_hash(&stored.index.blocks[*block].hash);
        Ok(arrangement.active.iter().map(hash).collect())
    }

    /// What is committed: compare two to see whether somebody has written in between.
    pub(crate) fn version(&self) -> Manifest {
        self.manifest.clone()
    }

    /// A hash of what is committed of a chain: what is derived from it and says the same is up to date.
    pub(crate) fn fingerprint(&self, chain: &Chain) -> String {
        let only = Manifest {
            chains: [(chain.clone(), self.content(chain))].into(),
        };
        hex(&Sha256::digest(only.to_text()))
    }

    /// Whether the store has exactly this undo data already, or there is none.
    pub(crate) fn has_prevouts(&self, chain: &Chain, known: &[KnownPrevout]) -> bool {
        known.is_empty() || self.has(chain, SegmentKind::Prevouts, &prevouts_text(known))
    }

    /// Whether the store has exactly these tables already.
    pub(crate) fn has_rows(
        &self,
        chain: &Chain,
        sources: &[TableSource],
    ) -> Result<bool, StoreError> {
        for source in sources {
            if !self.has(chain, SegmentKind::Rows, &rows_text(chain, source)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn has(&self, chain: &Chain, kind: SegmentKind, text: &str) -> bool {
        let segment = Segment {
            kind,
            sha256: hex(&Sha256::digest(text)),
            bytes: as_u64(text.len()),
        };
        self.content(chain).segments.contains(&segment)
    }

    /// What is committed of a chain.
    fn content(&self, chain: &Chain) -> ChainContent {
        self.manifest.chains.get(chain).cloned().unwrap_or_default()
    }

    /// Where a segment lies.
    fn segment_path(&self, chain: &Chain, segment: &Segment) -> PathBuf {
        folder(&self.root, chain).join(segment.file_name())
    }

    /// Reads the manifest anew, and verifies the segments that were not named before.
    pub(crate) fn refresh(&mut self) -> Result<(), StoreError> {
        let manifest = Manifest::read(&self.root)?.unwrap_or_default();
        for (chain, content) in &manifest.chains {
            let verified = self.content(chain).segments;
            for segment in content.segments.difference(&verified) {
                self.verify(chain, segment)?;
            }
        }
        self.manifest = manifest;
        Ok(())
    }

    fn verify(&self, chain: &Chain, segment: &Segment) -> Result<(), StoreError> {
        let path = self.segment_path(chain, segment);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::MissingSegment(path));
            }
            Err(error) => return Err(StoreError::io(&path, "cannot be opened")(error)),
        };
        let mut hasher = Sha256::new();
        let mut chunk = vec![0; 1 << 18];
        loop {
            match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => hasher.update(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(StoreError::io(&path, "cannot be read")(error)),
            }
        }
        let found = hex(&hasher.finalize());
        if found == segment.sha256 {
            return Ok(());
        }
        Err(StoreError::Damaged { path, found })
    }
}
