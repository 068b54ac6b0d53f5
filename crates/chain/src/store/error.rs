//! What can be wrong with a store, each with the file it is about.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use whither_ledger::chain::Chain;
use whither_ledger::memory::BuildError;

use crate::blocks::settle::SumFault;
use crate::blocks::tree::HeightConflict;

/// Why a store cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file system.
    #[error("{}: {doing}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done with it.
        doing: &'static str,
        /// What the system said.
        error: io::Error,
    },
    /// No store there.
    #[error("{}: there is no store here", .0.display())]
    NoStore(PathBuf),
    /// Chains without a manifest.
    #[error("{}: there are chains here and no manifest.json that says what of them counts", .0.display())]
    LostManifest(PathBuf),
    /// A writer keeps readers waiting.
    #[error("{}: another process is taking blocks off the chain's end, and has been for a while", .0.display())]
    BeingCut(PathBuf),
    /// An import that was interrupted.
    #[error("{}: an import was interrupted: {posted} of {blocks} blocks have checksums", path.display())]
    Unfinished {
        /// The columns.
        path: PathBuf,
        /// Blocks that have.
        posted: u64,
        /// Blocks that count.
        blocks: u64,
    },
    /// A manifest that is not one.
    #[error("{}: not a manifest: {why}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A store of another version of its format.
    #[error("{}: the store has format {found:?}; this version of Whither reads {supported:?}", path.display())]
    Version {
        /// The manifest.
        path: PathBuf,
        /// The format it names.
        found: String,
        /// The one that is read.
        supported: &'static str,
    },
    /// A segment that the manifest names and that is not there.
    #[error("{}: the manifest names this segment, and it is missing", .0.display())]
    MissingSegment(PathBuf),
    /// A segment with other bytes than were committed.
    #[error("{}: the segment is damaged: its SHA-256 is {found}", path.display())]
    Damaged {
        /// The file, named by the hash it should have.
        path: PathBuf,
        /// The hash it has.
        found: String,
    },
    /// A segment whose bytes were committed and make no sense.
    #[error("{}: {place}: {why}", path.display())]
    Segment {
        /// The file.
        path: PathBuf,
        /// Byte or line.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// No columns there.
    #[error("{}: there are no columns here", .0.display())]
    NoColumns(PathBuf),
    /// A column that the manifest names and that is not there.
    #[error("{}: the manifest names this column, and it is missing", .0.display())]
    MissingColumn(PathBuf),
    /// A column of another size than was committed.
    #[error("{}: the column is damaged: it has {found} bytes instead of {expected}", path.display())]
    ColumnSize {
        /// The file.
        path: PathBuf,
        /// Its size.
        found: u64,
        /// The size it was committed with.
        expected: u64,
    },
    /// A column with other bytes than were committed.
    #[error("{}: the column is damaged: its SHA-256 is {found} instead of {expected}", path.display())]
    ColumnDamaged {
        /// The file.
        path: PathBuf,
        /// The hash it has.
        found: String,
        /// The hash it was committed with.
        expected: String,
    },
    /// A part of a column with other bytes than were committed.
    #[error("{}: the column is damaged: its bytes {from} up to {to} have another checksum than was committed", path.display())]
    ChunkDamaged {
        /// The file.
        path: PathBuf,
        /// The first byte of the part.
        from: u64,
        /// The byte after its last.
        to: u64,
    },
    /// A run of postings that is not the one that was committed, or contradicts itself.
    #[error("{}: the postings are damaged: {why}", path.display())]
    Postings {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
    /// A column that contradicts another one.
    #[error("{}: the column is damaged: {why}", path.display())]
    Contradiction {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The manifest says of columns what cannot be.
    #[error("the manifest says of the columns what cannot be: {why}")]
    BadState {
        /// What is wrong.
        why: String,
    },
    /// Readers keep a writer from cutting blocks off.
    #[error("{}: another process is reading the chain, and blocks must be taken off its end", .0.display())]
    BeingRead(PathBuf),
    /// Another process is writing.
    #[error("{}: another process is writing to the store", .0.display())]
    Busy(PathBuf),
    /// A chain that the store does not hold.
    #[error("the store holds nothing of {chain}")]
    NoChain {
        /// The chain.
        chain: Chain,
        /// The chains that it does hold.
        held: Vec<Chain>,
    },
    /// Heights that were said and contradict the blocks.
    #[error(transparent)]
    Height(#[from] HeightConflict),
    /// Sums that no chain has.
    #[error(transparent)]
    Sum(#[from] SumFault),
    /// Content that makes no chain.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl StoreError {
    /// For `map_err`: what was being done with which file.
    pub(crate) fn io(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { path, doing, error }
    }

    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoStore(_) => {
                "take chain data in with `whither ingest`, or name the store with --store"
            }
            Self::Version { .. } => {
                "use the version of Whither that wrote it, or ingest the sources into a new store"
            }
            Self::MissingSegment(_)
            | Self::Damaged { .. }
            | Self::Segment { .. }
            | Self::Manifest { .. } => {
                "restore the store from a copy, or ingest the sources into a new one"
            }
            Self::Postings { .. } | Self::Contradiction { .. } => {
                "`whither store compact` makes again what follows from other columns; where it cannot, restore the \
                 store from a copy, or ingest the sources into a new one"
            }
            Self::NoColumns(_)
            | Self::MissingColumn(_)
            | Self::ColumnSize { .. }
            | Self::ColumnDamaged { .. }
            | Self::ChunkDamaged { .. }
            | Self::BadState { .. } => {
                "restore the store from a copy, or ingest the sources into a new one"
            }
            Self::LostManifest(_) => {
                "restore manifest.json from a copy; or move the folders away and ingest the sources anew"
            }
            Self::BeingCut(_) => "wait until the ingest is done",
            Self::Unfinished { .. } => "run the same ingest again: it goes on where it stopped",
            Self::BeingRead(_) => "try again when the other command is done",
            Self::Busy(_) => "wait until the other ingest is done; reading needs no waiting",
            Self::NoChain { held, .. } if held.is_empty() => {
                "the store is empty: take chain data in with `whither ingest`"
            }
            Self::NoChain { held, .. } => {
                let names: Vec<String> = held.iter().map(ToString::to_string).collect();
                return Some(format!("it holds {}", names.join(", ")));
            }
            Self::Io { error, .. } => return hint_of(error.kind()),
            Self::Height(_) | Self::Sum(_) | Self::Build(_) => return None,
        };
        Some(hint.to_owned())
    }
}

/// What to do when the file system refuses.
fn hint_of(kind: io::ErrorKind) -> Option<String> {
    let hint = match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room on the disk and run the command again; what was in the store before is still there"
        }
        io::ErrorKind::FileTooLarge => {
            "the file system or a limit (`ulimit -f`) allows no larger file: raise it, or name another place with \
             --store"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "allow writing there, or name another place with --store"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}
