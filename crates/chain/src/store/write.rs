//! Writing: segments first, under names of their own, then the manifest in one step.
//!
//! Each file is written beside the store's content, brought to disk, and renamed; then its directory is
//! brought to disk. A crash before the last rename leaves the store as it was, and files that the next
//! write removes. A lock that dies with its process keeps a second writer out.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use whither_ledger::chain::{Chain, ChainKind};

use super::Store;
use super::aside::{Aside, segment_of};
use super::error::StoreError;
use super::manifest::{
    ChainContent, LENGTH_MAX, MANIFEST, Manifest, Segment, SegmentKind, chain_of_folder, folder,
    is_sha256,
};
use super::rows::{RowsSegment, RowsWriter, Written};
use crate::accounts::{self, Prepared};
use crate::blocks::Hash;
use crate::flat::fail;
use crate::flat::state::State;
use crate::flat::writer::{Writer, was_interrupted};
use crate::sources::bitcoin::records::as_u64;
use crate::text::hex;

const LOCK: &str = "lock";
/// How long a writer waits for the lock: one that only puts something back is done soon, and a process that is being
/// started holds for a moment what its parent held.
const PATIENCE: Duration = Duration::from_millis(500);
const TEMPORARY: &str = ".tmp-";
/// The folder of a chain's columns.
pub(super) const COLUMNS: &str = "columns";
/// The folder in which they are made again.
pub(super) const MOVING: &str = "columns-next";

/// A change of the store that is not committed yet.
#[derive(Debug)]
pub(crate) struct Transaction<'store> {
    store: &'store mut Store,
    chain: Chain,
    manifest: Manifest,
    /// Held open as long as the lock shall be held.
    _lock: File,
}

impl<'store> Transaction<'store> {
    /// Takes the lock, removes what a crash may have left, and reads what others have committed since.
    pub(crate) fn begin(store: &'store mut Store, chain: &Chain) -> Result<Self, StoreError> {
        let root = store.root.clone();
        fs::create_dir_all(&root).map_err(StoreError::io(&root, "cannot be created"))?;
        let lock = lock(&root)?;
        begin_manifest(&root)?;
        store.refresh()?;
        sweep(&root, &store.manifest)?;
        let mut transaction = Self {
            manifest: store.manifest.clone(),
            store,
            chain: chain.clone(),
            _lock: lock,
        };
        transaction.end_move()?;
        transaction.mend()?;
        Ok(transaction)
    }

    /// Brings columns that a writer died in back to what is committed.
    fn mend(&mut self) -> Result<(), StoreError> {
        let columns = self.columns_folder();
        match self.columns_state() {
            Some(state) if was_interrupted(&columns) => {
                Writer::open(&columns, Some(&state))?.put_back(&state)
            }
            _ => Ok(()),
        }
    }

    /// The store as it stands, under the lock.
    pub(crate) fn store(&self) -> &Store {
        self.store
    }

    /// Where the chain's columns lie.
    pub(crate) fn columns_folder(&self) -> PathBuf {
        self.store.columns_folder(&self.chain)
    }

    /// What is committed of the columns.
    pub(crate) fn columns_state(&self) -> Option<State> {
        self.store.content(&self.chain).columns
    }

    /// Leaves columns as they were committed, after a writer has given up.
    pub(crate) fn leave(&mut self, columns: &Path) -> Result<(), StoreError> {
        let known = self.store.manifest.clone();
        self.store.refresh()?;
        if self.store.manifest != known {
            // The commit failed when it stood already: the next writer cleans up behind it.
            return Ok(());
        }
        match self.columns_state() {
            Some(_) if *columns == self.columns_folder() => self.mend(),
            _ => remove_folder(columns),
        }
    }

    /// Where columns are made again.
    pub(crate) fn moving_folder(&self) -> PathBuf {
        folder(&self.store.root, &self.chain).join(MOVING)
    }

    /// Says what is to be committed of the columns, and of the heights that blocks do not tell.
    pub(crate) fn set_columns(&mut self, state: State, heights: BTreeMap<Hash, u32>, moving: bool) {
        let content = self.manifest.chains.entry(self.chain.clone()).or_default();
        content.columns = Some(state);
        content.heights = heights;
        content.moving = moving;
    }

    /// Says which blocks are kept that do not count; those before are not any more.
    pub(crate) fn set_aside(&mut self, blocks: &[Aside]) -> Result<(), StoreError> {
        let content = self.manifest.chains.entry(self.chain.clone()).or_default();
        content
            .segments
            .retain(|segment| segment.kind != SegmentKind::Aside);
        match blocks {
            [] => Ok(()),
            _ => self.add_text(SegmentKind::Aside, &segment_of(blocks).1),
        }
    }

    /// Begins a segment of rows.
    pub(crate) fn begin_rows(&self) -> Result<RowsWriter, StoreError> {
        TemporaryFile::create(&self.store.root).map(RowsWriter::to_file)
    }

    /// Adds a segment of rows that was written.
    pub(crate) fn add_rows(&mut self, written: Written) -> Result<Segment, StoreError> {
        match written {
            Written::File(file) => self.keep(SegmentKind::Rows, file),
            Written::Memory(bytes) => {
                let mut file = TemporaryFile::create(&self.store.root)?;
                file.write(&bytes)?;
                self.keep(SegmentKind::Rows, file)
            }
        }
    }

    /// The segments of rows as they will be committed.
    pub(crate) fn rows(&self) -> Vec<Segment> {
        let content = self.manifest.chains.get(&self.chain);
        let segments = content.into_iter().flat_map(|content| &content.segments);
        let rows = segments.filter(|segment| segment.kind == SegmentKind::Rows);
        rows.cloned().collect()
    }

    /// Takes a segment of rows out: what it told of is no part of the chain any more.
    pub(crate) fn remove_rows(&mut self, segment: &Segment) {
        let content = self.manifest.chains.entry(self.chain.clone()).or_default();
        content.segments.remove(segment);
        if *content == ChainContent::default() {
            self.manifest.chains.remove(&self.chain);
        }
    }

    /// Writes the columns of a chain of accounts as it will be committed, beside those that count.
    pub(crate) fn prepare_columns(&self) -> Result<Prepared, StoreError> {
        let segments = self.rows();
        let opened = segments.iter();
        let opened = opened.map(|segment| self.store.open_rows(&self.chain, segment));
        let opened: Vec<RowsSegment> = opened.collect::<Result<_, _>>()?;
        let content = self.manifest.chains.get(&self.chain).cloned();
        let made_from = super::fingerprint(&self.chain, content.unwrap_or_default());
        let place = self.store.columns_place(&self.chain);
        accounts::prepare(
            &place,
            &self.chain,
            &opened,
            &[],
            &made_from,
            accounts::ROOM,
        )
    }

    fn add_text(&mut self, kind: SegmentKind, text: &str) -> Result<(), StoreError> {
        let mut file = TemporaryFile::create(&self.store.root)?;
        file.write(text.as_bytes())?;
        self.keep(kind, file).map(|_| ())
    }

    /// Brings a file to disk under the name that its content gives it.
    fn keep(&mut self, kind: SegmentKind, file: TemporaryFile) -> Result<Segment, StoreError> {
        let (path, sha256, bytes) = file.finish()?;
        let segment = Segment {
            kind,
            sha256,
            bytes,
        };
        let content = self.manifest.chains.entry(self.chain.clone()).or_default();
        if content.segments.contains(&segment) {
            fs::remove_file(&path).map_err(StoreError::io(&path, "cannot be removed"))?;
            return Ok(segment);
        }
        let folder = folder(&self.store.root, &self.chain);
        fs::create_dir_all(&folder).map_err(StoreError::io(&folder, "cannot be created"))?;
        let kept = folder.join(segment.file_name());
        fs::rename(&path, &kept).map_err(StoreError::io(&kept, "cannot be put in place"))?;
        fail::point("after a segment is put in place")?;
        sync_directory(&folder)?;
        sync_directory(&self.store.root)?;
        content.segments.insert(segment.clone());
        Ok(segment)
    }

    /// Whether anything was added that the store did not have.
    pub(crate) fn is_changed(&self) -> bool {
        self.manifest != self.store.manifest
    }

    /// Makes all that was added part of the store, in one step; without a change nothing is written.
    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        if self.is_changed() {
            let root = self.store.root.clone();
            let mut file = TemporaryFile::create(&root)?;
            let text = self.manifest.to_text();
            if as_u64(text.len()) > LENGTH_MAX {
                let why = "more must be said of it than a manifest holds".to_owned();
                return Err(StoreError::BadState { why });
            }
            file.write(text.as_bytes())?;
            let (path, _, _) = file.finish()?;
            let kept = root.join(MANIFEST);
            fail::point("before the manifest is put in place")?;
            fs::rename(&path, &kept).map_err(StoreError::io(&kept, "cannot be put in place"))?;
            fail::point("after the manifest is put in place")?;
            sync_directory(&root)?;
            self.store.manifest = self.manifest.clone();
        }
        Ok(())
    }

    /// Ends a move: columns that were made again and are committed take the place of those before.
    pub(crate) fn end_move(&mut self) -> Result<(), StoreError> {
        let content = self.manifest.chains.entry(self.chain.clone()).or_default();
        if !content.moving {
            return Ok(());
        }
        content.moving = false;
        let (made, place) = (self.moving_folder(), self.store.columns_place(&self.chain));
        if made.exists() {
            if place.exists() {
                fs::remove_dir_all(&place).map_err(StoreError::io(&place, "cannot be removed"))?;
                fail::point("after the columns before a move are removed")?;
            }
            fs::rename(&made, &place).map_err(StoreError::io(&place, "cannot be put in place"))?;
            fail::point("after columns are moved")?;
            sync_directory(&folder(&self.store.root, &self.chain))?;
        }
        self.commit()
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // What is left is no part of the store; the next write tries again. The manifest that stands may be one
        // whose commit was taken for failed.
        let manifest = self.store.root.join(MANIFEST);
        if manifest.exists() && self.store.refresh().is_ok() {
            let swept = sweep(&self.store.root, &self.store.manifest);
            if swept.is_ok() && self.store.manifest == Manifest::default() {
                // Nothing was committed: there is no store yet.
                let _ = fs::remove_file(manifest);
            }
        }
    }
}

/// A file that is being written, and hashed on the way.
#[derive(Debug)]
pub(crate) struct TemporaryFile {
    path: PathBuf,
    output: BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
}

impl TemporaryFile {
    fn create(root: &Path) -> Result<Self, StoreError> {
        let mut number = 0;
        loop {
            let path = root.join(format!("{TEMPORARY}{number}"));
            match File::create_new(&path) {
                Ok(file) => {
                    return Ok(Self {
                        path,
                        output: BufWriter::new(file),
                        hasher: Sha256::new(),
                        bytes: 0,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(StoreError::io(&path, "cannot be created")(error)),
            }
        }
    }

    /// Adds bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hasher.update(bytes);
        self.bytes += as_u64(bytes.len());
        self.output
            .write_all(bytes)
            .map_err(StoreError::io(&self.path, "cannot be written"))
    }

    /// Brings the file to disk; gives its path, the hash of its bytes, and how many they are.
    fn finish(self) -> Result<(PathBuf, String, u64), StoreError> {
        let sync = || self.output.into_inner()?.sync_all();
        sync().map_err(StoreError::io(&self.path, "cannot be written"))?;
        Ok((self.path, hex(&self.hasher.finalize()), self.bytes))
    }
}

/// Refuses a store that has chains and has lost its manifest.
pub(super) fn has_manifest(root: &Path) -> Result<(), StoreError> {
    if root.join(MANIFEST).exists() || !root.is_dir() {
        return Ok(());
    }
    for (path, name) in entries(root)? {
        if chain_of_folder(&name).is_some() && path.is_dir() && !entries(&path)?.is_empty() {
            return Err(StoreError::LostManifest(root.to_owned()));
        }
    }
    Ok(())
}

/// Writes the manifest of an empty store where there is none: from then on what no manifest names may be removed.
///
/// Chains without a manifest are not leftovers of ours, but a store that has lost it.
fn begin_manifest(root: &Path) -> Result<(), StoreError> {
    let path = root.join(MANIFEST);
    if path.exists() {
        return Ok(());
    }
    has_manifest(root)?;
    let beside = root.join(format!("{TEMPORARY}manifest"));
    let write = || {
        fs::write(&beside, Manifest::default().to_text())?;
        File::open(&beside)?.sync_all()?;
        fs::rename(&beside, &path)
    };
    write().map_err(StoreError::io(&path, "cannot be written"))?;
    sync_directory(root)
}

/// Takes the lock of a directory, for as long as the file is held.
pub(crate) fn lock(root: &Path) -> Result<File, StoreError> {
    let path = root.join(LOCK);
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(StoreError::io(&path, "cannot be opened"))?;
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(TryLockError::WouldBlock) => return Err(StoreError::Busy(root.to_owned())),
            Err(TryLockError::Error(error)) => {
                return Err(StoreError::io(&path, "cannot be locked")(error));
            }
        }
    }
}

/// Brings the names in a directory to disk, where the system lets one.
pub(crate) fn sync_directory(path: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        let sync = || File::open(path)?.sync_all();
        sync().map_err(StoreError::io(path, "cannot be brought to disk"))?;
    }
    Ok(())
}

/// Removes temporary files, and segments that no manifest names: what is left of a write that was not
/// committed. Only names that a write makes are touched.
fn sweep(root: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    for (path, name) in entries(root)? {
        if name.starts_with(TEMPORARY) && path.is_file() {
            fs::remove_file(&path).map_err(StoreError::io(&path, "cannot be removed"))?;
        }
        let Some(chain) = chain_of_folder(&name).filter(|_| path.is_dir()) else {
            continue;
        };
        let content = manifest.chains.get(&chain);
        let segments = content.into_iter().flat_map(|content| &content.segments);
        let committed: HashSet<String> = segments.map(Segment::file_name).collect();
        if chain.kind() == ChainKind::Utxo {
            if content.is_none_or(|content| !content.moving) {
                remove_folder(&path.join(MOVING))?;
            }
            if content.is_none_or(|content| content.columns.is_none()) {
                remove_folder(&path.join(COLUMNS))?;
            }
        } else if content.is_none() {
            remove_folder(&path.join(COLUMNS))?;
        }
        for (path, name) in entries(&path)? {
            if is_segment_name(&name) && !committed.contains(&name) {
                fs::remove_file(&path).map_err(StoreError::io(&path, "cannot be removed"))?;
            }
        }
    }
    Ok(())
}

fn remove_folder(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        fs::remove_dir_all(path).map_err(StoreError::io(path, "cannot be removed"))?;
    }
    Ok(())
}

fn is_segment_name(name: &str) -> bool {
    let Some((hash, extension)) = name.split_once('.') else {
        return false;
    };
    let known = SegmentKind::ALL
        .iter()
        .any(|kind| kind.extension() == extension);
    known && is_sha256(hash)
}

/// The entries of a directory with their names, those that are no text left out.
fn entries(directory: &Path) -> Result<Vec<(PathBuf, String)>, StoreError> {
    let list = || -> io::Result<Vec<(PathBuf, String)>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string() {
                entries.push((entry.path(), name));
            }
        }
        Ok(entries)
    };
    list().map_err(StoreError::io(directory, "cannot be read"))
}

/// Puts back what a writer had cut off when it died: then the columns are again what is committed.
pub(super) fn recover(root: &Path, chain: &Chain) -> Result<(), StoreError> {
    let mut store = Store::create_or_open(root)?;
    match Transaction::begin(&mut store, chain) {
        // Somebody else is putting it back, or going on.
        Err(StoreError::Busy(_)) => std::thread::sleep(Duration::from_millis(50)),
        begun => drop(begun?),
    }
    Ok(())
}
