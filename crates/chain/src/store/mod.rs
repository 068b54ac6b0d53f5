//! The store: a directory that keeps chain data, and gives it back as views.
//!
//! Tables lie in immutable segments, each named by its own hash; chains of outputs lie in columns that are
//! appended to ([`crate::flat`]). One manifest, replaced in one step, says what of all that counts. So whatever
//! a crash leaves half-written was never part of the store. The layout is described in `docs/reference/store.md`.
//!
//! Opening reads the manifest and no more. A table is verified when it is read; columns are mapped, and
//! [`Store::check`] verifies them.
//!
//! Not here: anything that is not chain data, though lists and prices may lie in folders beside it.

mod aside;
mod error;
mod load;
mod manifest;
pub(crate) mod rows;
mod words;
mod write;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::memory::MemoryAccounts;
use whither_ledger::view::ChainView as _;

use crate::accounts::{self, AccountColumns};
use crate::flat::{self, ColumnUtxo, Opened};
use crate::ingest::{Progress, Silent};
use crate::text::hex;
use manifest::{ChainContent, Manifest, folder};

pub(crate) use aside::Aside;
pub use error::StoreError;
pub use load::LoadedChain;
pub(crate) use manifest::{Segment, chain_of_folder};

pub(crate) use rows::codec;
pub(crate) use words::{
    WrittenCoverage, WrittenFact, fact, parse_coverage, write_coverage, write_token,
};
pub(crate) use write::{Transaction, lock, sync_directory};

/// What a check has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many files.
    pub files: usize,
    /// How many bytes they have together.
    pub bytes: u64,
    /// Bytes of an import that was interrupted, which have no checksums yet: nothing vouches for them.
    pub unverified: u64,
}

impl Checked {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.unverified += other.unverified;
    }
}

/// A store, opened.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    manifest: Manifest,
}

impl Store {
    /// Opens a store: reads its manifest.
    ///
    /// # Errors
    /// When there is no store, or its manifest is damaged.
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
    /// When the manifest is damaged.
    pub fn create_or_open(root: &Path) -> Result<Self, StoreError> {
        write::has_manifest(root)?;
        Ok(Self {
            root: root.to_owned(),
            manifest: Manifest::read(root)?.unwrap_or_default(),
        })
    }

    /// A store that holds nothing and is never written.
    pub(crate) fn nowhere() -> Self {
        Self {
            root: PathBuf::new(),
            manifest: Manifest::default(),
        }
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

    /// Opens what the store holds of a chain.
    ///
    /// # Errors
    /// When the store holds nothing of it, a file of it is damaged, or its content makes no chain.
    pub fn load(&self, chain: &Chain) -> Result<LoadedChain, StoreError> {
        if !self.manifest.chains.contains_key(chain) {
            return Err(StoreError::NoChain {
                chain: chain.clone(),
                held: self.chains(),
            });
        }
        match self.columns(chain)? {
            Some(view) => Ok(LoadedChain::Utxo(view)),
            None => self.load_accounts(chain).map(LoadedChain::Account),
        }
    }

    /// Opens the columns of a chain of outputs; `None` where the store holds none of it.
    ///
    /// Takes the same time for any chain: files are mapped and their sizes compared.
    ///
    /// # Errors
    /// When a file of the columns is missing or too short, which the error names.
    pub fn columns(&self, chain: &Chain) -> Result<Option<ColumnUtxo>, StoreError> {
        let mut committed = self.manifest.clone();
        loop {
            let content = committed.chains.get(chain);
            let Some(content) = content.filter(|content| content.columns.is_some()) else {
                return Ok(None);
            };
            let folder = self.folder_of(chain, content);
            let mut now = committed.clone();
            let opened = flat::open(&folder, chain, || {
                now = Manifest::read(&self.root)?.unwrap_or_default();
                let content = now.chains.get(chain);
                // Elsewhere since: what is here is not what the manifest tells of.
                let here = content.filter(|content| self.folder_of(chain, content) == folder);
                Ok(here.and_then(|content| content.columns.clone()))
            });
            // A writer may have put other files in the place of some of these.
            let after = Manifest::read(&self.root)?.unwrap_or_default();
            let same = after.chains.get(chain) == now.chains.get(chain);
            match opened {
                Ok(Some(Opened::View(view))) if same => return Ok(Some(view)),
                Ok(Some(Opened::Torn)) => write::recover(&self.root, chain)?,
                Err(error) if same && !moved(&error, &folder) => return Err(error),
                Ok(_) | Err(_) => {}
            }
            committed = after;
        }
    }

    /// Opens the columns of a chain of accounts; `None` where there are none that were made from exactly what
    /// the store holds, and the chain is to be loaded. Sizes are compared, and [`accounts::check`] reads all.
    ///
    /// # Errors
    /// When a file of the columns is missing or has another size than was committed; the error names it.
    pub fn account_columns(&self, chain: &Chain) -> Result<Option<AccountColumns>, StoreError> {
        let root = self.columns_place(chain);
        if !accounts::is_current(&root, &self.fingerprint(chain)) {
            return Ok(None);
        }
        accounts::open(&root).map(Some)
    }

    /// Builds the columns of a chain of accounts, unless they are there, current and whole. Says whether it built
    /// them; a chain of outputs has its columns from ingest.
    ///
    /// # Errors
    /// When the rows cannot be read or the columns cannot be written; those before then still stand.
    pub fn build_columns(&self, chain: &Chain) -> Result<bool, StoreError> {
        if chain.kind() != ChainKind::Account || !self.manifest.chains.contains_key(chain) {
            return Ok(false);
        }
        let (root, made_from) = (self.columns_place(chain), self.fingerprint(chain));
        if accounts::is_current(&root, &made_from) && accounts::check(&root).is_ok() {
            return Ok(false);
        }
        self.rebuild_columns(chain).map(|()| true)
    }

    /// Builds the columns of a chain of accounts, whatever is there.
    pub(crate) fn rebuild_columns(&self, chain: &Chain) -> Result<(), StoreError> {
        let (root, made_from) = (self.columns_place(chain), self.fingerprint(chain));
        let segments = self.rows_of(chain)?;
        accounts::prepare(&root, chain, &segments, &[], &made_from, accounts::ROOM)?.commit()
    }

    /// Loads the view of a chain of accounts from its rows.
    fn load_accounts(&self, chain: &Chain) -> Result<MemoryAccounts, StoreError> {
        Ok(MemoryAccounts::build(chain.clone(), &self.tables(chain)?))
    }

    /// A hash of what is committed of a chain: what is derived from it and says the same is up to date.
    fn fingerprint(&self, chain: &Chain) -> String {
        fingerprint(chain, self.content(chain))
    }

    /// Where the columns of a chain lie.
    #[must_use]
    pub fn columns_folder(&self, chain: &Chain) -> PathBuf {
        self.folder_of(chain, &self.content(chain))
    }

    fn folder_of(&self, chain: &Chain, content: &ChainContent) -> PathBuf {
        let made_again = folder(&self.root, chain).join(write::MOVING);
        if content.moving && made_again.exists() {
            return made_again;
        }
        self.columns_place(chain)
    }

    /// Where the columns of a chain are to lie.
    pub(crate) fn columns_place(&self, chain: &Chain) -> PathBuf {
        folder(&self.root, chain).join(write::COLUMNS)
    }

    /// Verifies everything: checksums, tables, and that the columns agree with each other and with the blocks'
    /// hashes.
    ///
    /// # Errors
    /// At the first thing that is wrong, which the error names.
    pub fn check(&self) -> Result<Checked, StoreError> {
        self.check_and_tell(&Silent)
    }

    /// [`Store::check`], which says how far it has come.
    ///
    /// # Errors
    /// As that.
    pub fn check_and_tell(&self, progress: &dyn Progress) -> Result<Checked, StoreError> {
        let mut manifest = self.manifest.clone();
        loop {
            let checked = self.check_all(&manifest, progress);
            let now = Manifest::read(&self.root)?.unwrap_or_default();
            if checked.is_ok() || now == manifest {
                return checked;
            }
            // A writer may have taken files away.
            manifest = now;
        }
    }

    fn check_all(
        &self,
        manifest: &Manifest,
        progress: &dyn Progress,
    ) -> Result<Checked, StoreError> {
        let mut checked = Checked::default();
        for (chain, content) in &manifest.chains {
            for segment in &content.segments {
                self.verify(chain, segment)?;
                checked.files += 1;
                checked.bytes = checked.bytes.saturating_add(segment.bytes);
            }
            if let Some(view) = self.columns(chain)? {
                let folder = self.folder_of(chain, content);
                let latest = || {
                    let now = Manifest::read(&self.root).ok().flatten();
                    let content = now.and_then(|mut now| now.chains.remove(chain));
                    let state = content.and_then(|content| content.columns);
                    state.and_then(|state| state.content_id()) == Some(view.content_id())
                };
                checked.add(flat::check::check(&folder, &view, &latest, progress)?);
            }
            if self.account_columns(chain)?.is_some() {
                let found = accounts::check(&self.columns_place(chain))?;
                checked.files += found.files;
                checked.bytes += found.bytes;
            }
        }
        Ok(checked)
    }

    /// What is committed of a chain.
    pub(crate) fn content(&self, chain: &Chain) -> ChainContent {
        self.manifest.chains.get(chain).cloned().unwrap_or_default()
    }

    /// Where a segment lies.
    fn segment_path(&self, chain: &Chain, segment: &Segment) -> PathBuf {
        folder(&self.root, chain).join(segment.file_name())
    }

    /// Reads the manifest anew.
    pub(crate) fn refresh(&mut self) -> Result<(), StoreError> {
        self.manifest = Manifest::read(&self.root)?.unwrap_or_default();
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

/// A hash of the content of a chain.
fn fingerprint(chain: &Chain, content: ChainContent) -> String {
    let only = Manifest {
        chains: [(chain.clone(), content)].into(),
    };
    hex(&Sha256::digest(only.to_text()))
}

/// Whether a file is missing because its folder was moved.
fn moved(error: &StoreError, folder: &Path) -> bool {
    matches!(error, StoreError::MissingColumn(_)) && !folder.exists()
}
