//! Writes the columns of a chain of accounts from the rows of its segments, and makes them the ones that count.
//!
//! Everything goes into a folder that no manifest names; a renamed folder and a renamed manifest make it the
//! generation that counts. Killed at any moment, the build leaves the generation before it, or none, and what
//! it leaves lying the next build removes.
//!
//! Memory grows with addresses and holdings, some hundred bytes for each, and not with rows: those are sorted on disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use whither_ledger::chain::Chain;
use whither_ledger::memory::{TableRow, TableSource};

use super::gather::gather;
use super::manifest::{GENERATION, MANIFEST, Manifest};
use super::write::Columns;
use crate::store::rows::{RowsSegment, in_memory};
use crate::store::{StoreError, lock, sync_directory};

/// The folder that is being written.
const TEMPORARY: &str = "building";
/// The folder in which rows are sorted.
const SORTING: &str = "sorting";

/// Bytes of memory that each of the sorts takes, of which two run at a time.
pub(crate) const ROOM: usize = 1 << 26;

/// Columns that are written and do not count yet.
#[derive(Debug)]
pub(crate) struct Prepared {
    root: PathBuf,
    manifest: Manifest,
    _lock: File,
}

/// Builds columns in a directory from tables, and claims beside them, and makes them the ones that count. `made_from`
/// says what they were made from, and [`super::is_current`] asks for it. Sorting takes about `room` bytes of memory.
///
/// The same content gives the same bytes.
///
/// # Errors
/// When a file cannot be written, or another process is building there.
pub fn build(
    root: &Path,
    chain: &Chain,
    sources: &[TableSource],
    claims: &[TableRow],
    made_from: &str,
    room: usize,
) -> Result<(), StoreError> {
    let segments = sources.iter().map(|source| in_memory(chain, source));
    let segments: Vec<RowsSegment> = segments.collect::<Result<_, _>>()?;
    prepare(root, chain, &segments, claims, made_from, room)?.commit()
}

/// Writes columns beside those that count.
pub(crate) fn prepare(
    root: &Path,
    chain: &Chain,
    segments: &[RowsSegment],
    claims: &[TableRow],
    made_from: &str,
    room: usize,
) -> Result<Prepared, StoreError> {
    fs::create_dir_all(root).map_err(StoreError::io(root, "cannot be created"))?;
    let lock = lock(root)?;
    // A manifest that cannot be read names nothing; it is replaced.
    sweep(root, Manifest::read(root).ok().flatten().as_ref())?;
    let (folder, sorting) = (root.join(TEMPORARY), root.join(SORTING));
    for made in [&folder, &sorting] {
        fs::create_dir(made).map_err(StoreError::io(made, "cannot be created"))?;
    }
    let mut columns = Columns::create(&folder, &sorting, chain, room)?;
    let (outline, content) = gather(chain, segments, claims, &sorting, room, &mut columns)?;
    let manifest = columns.finish(&outline, content, made_from)?;
    fs::remove_dir_all(&sorting).map_err(StoreError::io(&sorting, "cannot be removed"))?;
    sync_directory(&folder)?;
    Ok(Prepared {
        root: root.to_owned(),
        manifest,
        _lock: lock,
    })
}

impl Prepared {
    /// Makes them the generation that counts.
    pub(crate) fn commit(self) -> Result<(), StoreError> {
        let (root, manifest) = (&self.root, &self.manifest);
        let kept = manifest.folder(root);
        let named = root.join(MANIFEST);
        if kept.exists() {
            // The same columns again, to mend damaged ones: for a moment there are none.
            match fs::remove_file(&named) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(StoreError::io(&named, "cannot be removed")(error));
                }
                _ => {}
            }
            fs::remove_dir_all(&kept).map_err(StoreError::io(&kept, "cannot be removed"))?;
        }
        let folder = root.join(TEMPORARY);
        fs::rename(folder, &kept).map_err(StoreError::io(&kept, "cannot be put in place"))?;
        sync_directory(root)?;
        let path = root.join(format!("{MANIFEST}.new"));
        let write = || {
            fs::write(&path, manifest.to_text())?;
            File::open(&path)?.sync_all()
        };
        write().map_err(StoreError::io(&path, "cannot be written"))?;
        fs::rename(&path, &named).map_err(StoreError::io(&named, "cannot be put in place"))?;
        sync_directory(root)?;
        sweep(root, Some(manifest))
    }
}

/// Removes what no manifest names: generations before, and what a crash has left.
fn sweep(root: &Path, current: Option<&Manifest>) -> Result<(), StoreError> {
    let kept = current.map(|current| current.folder(root));
    let list = || -> io::Result<Vec<PathBuf>> {
        fs::read_dir(root)?.map(|entry| Ok(entry?.path())).collect()
    };
    for path in list().map_err(StoreError::io(root, "cannot be read"))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let left = name == TEMPORARY || name == SORTING || name.starts_with(GENERATION);
        if left && path.is_dir() && Some(&path) != kept.as_ref() {
            fs::remove_dir_all(&path).map_err(StoreError::io(&path, "cannot be removed"))?;
        }
    }
    Ok(())
}
