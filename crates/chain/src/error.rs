//! What can go wrong here: each error says what, where (file, and byte or line), and a next step where one is plain.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use whither_ledger::chain::{BitcoinNetwork, Chain};

use crate::blocks::settle::SumFault;
use crate::flat::append::AppendError;
use crate::sources::bitcoin::{DirectoryFault, RecordFault, UndoFault};
use crate::sources::evm::EvmError;
use crate::sources::table::{MappingError, TableError};
use crate::store::StoreError;
use crate::text::network_name;

/// Why chain data was not taken in.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChainError {
    /// A source is bad.
    #[error(transparent)]
    Source(#[from] Box<SourceError>),
    /// The store is bad, or cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A table is bad.
    #[error(transparent)]
    Table(#[from] Box<TableError>),
    /// A source of a chain of Ethereum's kind is bad.
    #[error(transparent)]
    Evm(#[from] Box<EvmError>),
    /// The mapping of a table is bad.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// What was asked for does not make sense.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl From<SourceError> for ChainError {
    fn from(error: SourceError) -> Self {
        Self::Source(Box::new(error))
    }
}

impl From<AppendError> for ChainError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Sum(_, fault) => StoreError::Sum(fault).into(),
            AppendError::Store(error) => error.into(),
            AppendError::Source(error) => error.into(),
            AppendError::BeyondCounting => StoreError::Sum(SumFault::BeyondCounting).into(),
            AppendError::Crowded(_) => unreachable!("a crowded table is made again"),
        }
    }
}

impl ChainError {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Source(error) => error.hint(),
            Self::Store(error) => error.hint(),
            Self::Table(error) => error.hint(),
            Self::Evm(error) => error.hint(),
            Self::Mapping(error) => error.hint(),
            Self::Request(error) => error.hint().map(str::to_owned),
        }
    }
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Offset of a byte, from 0.
    Byte(u64),
    /// Number of a line, from 1.
    Line(u64),
}

/// What is wrong with a source, and where.
#[derive(Debug, Error)]
pub struct SourceError {
    /// The file or directory.
    pub path: PathBuf,
    /// Where in it.
    pub at: Option<At>,
    /// What is wrong.
    #[source]
    pub fault: SourceFault,
}

impl std::fmt::Display for SourceError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: ", self.path.display())?;
        match self.at {
            Some(At::Byte(byte)) => write!(formatter, "byte {byte}: ")?,
            Some(At::Line(line)) => write!(formatter, "line {line}: ")?,
            None => {}
        }
        write!(formatter, "{}", self.fault)
    }
}

impl SourceError {
    pub(crate) fn new(path: &Path, at: Option<At>, fault: SourceFault) -> Self {
        let path = path.to_owned();
        Self { path, at, fault }
    }

    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self::new(path, None, SourceFault::Io(error))
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(&self.fault, SourceFault::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match &self.fault {
            SourceFault::Directory(fault) => fault.hint(),
            SourceFault::Record(fault) => fault.hint(),
            SourceFault::Request(fault) => fault.hint(),
            SourceFault::Undo(_) => {
                Some("is the undo data of another block? it goes with exactly one")
            }
            SourceFault::Hex => Some("one block a line, as a node's `getblock HASH 0` gives it"),
            SourceFault::Changed => Some("something is writing to it: run the same command again"),
            SourceFault::Format => Some("name the format with --source-format"),
            SourceFault::NoMapping => {
                Some("say with --mapping which column holds what: a built-in name or a file")
            }
            SourceFault::NoBlocks { .. } => {
                Some("is it the right file? a copy may have been cut short")
            }
            SourceFault::Sum(_) => {
                Some("blocks or undo data that no node would accept: check where they come from")
            }
            SourceFault::Io(_) | SourceFault::TooLong { .. } => None,
        };
        hint.map(str::to_owned)
    }
}

/// What is wrong with a source.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceFault {
    /// The file system.
    #[error("cannot be read: {0}")]
    Io(#[source] io::Error),
    /// A directory of block files.
    #[error(transparent)]
    Directory(DirectoryFault),
    /// A record of a block file, or a block.
    #[error(transparent)]
    Record(RecordFault),
    /// Undo data.
    #[error(transparent)]
    Undo(UndoFault),
    /// Sums that no chain has.
    #[error(transparent)]
    Sum(SumFault),
    /// Something that is no hex digit, or an odd count of them.
    #[error("not a block as hex: an even count of hex digits and nothing else")]
    Hex,
    /// Not a single block.
    #[error("holds no complete block{}", why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default())]
    NoBlocks {
        /// What was passed over last.
        why: Option<String>,
    },
    /// Longer than a thing of its kind can be.
    #[error("has more than {limit} bytes, the most that a file of its kind can have")]
    TooLong {
        /// The most bytes.
        limit: usize,
    },
    /// Other bytes than a moment ago.
    #[error("has changed while it was being read")]
    Changed,
    /// None of the formats that are read.
    #[error("is of no format that is recognised")]
    Format,
    /// A table whose header is of no built-in mapping.
    #[error("no built-in mapping has this table's header")]
    NoMapping,
    /// It does not go with what was asked for.
    #[error(transparent)]
    Request(RequestError),
}

/// What was asked for does not make sense, or not with these sources.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Nothing to read.
    #[error("no source was named")]
    NoSource,
    /// Blocks of a network other than the one asked for.
    #[error("holds blocks of {}, and {} was asked for", network_name(*found), network_name(*wanted))]
    WrongNetwork {
        /// Whose blocks they are.
        found: BitcoinNetwork,
        /// Whose were asked for.
        wanted: BitcoinNetwork,
    },
    /// Blocks of two networks in one ingest.
    #[error("holds blocks of {}, another source holds blocks of {}", network_name(*found), network_name(*other))]
    SeveralNetworks {
        /// Whose blocks they are.
        found: BitcoinNetwork,
        /// Whose the others are.
        other: BitcoinNetwork,
    },
    /// Sources of different kinds in one ingest.
    #[error("sources of different kinds cannot be taken in together")]
    SeveralKinds,
    /// Bitcoin blocks for a chain that has none.
    #[error("{0} has no Bitcoin blocks")]
    NoBlocksOn(Chain),
    /// Tables of two chains in one ingest.
    #[error("one table is of {0}, another of {1}")]
    SeveralChains(Chain, Chain),
    /// Undo data beside more or less than one block.
    #[error("undo data goes with exactly one block, and the sources hold {found}")]
    UndoNeedsOneBlock {
        /// How many blocks there are.
        found: usize,
    },
    /// A height for blocks that do not hang together.
    #[error(
        "--height names the height of the first block, and the sources hold {found} pieces that do not hang together"
    )]
    HeightNeedsOnePiece {
        /// How many pieces there are.
        found: usize,
    },
    /// A height that cannot be.
    #[error(transparent)]
    Height(#[from] crate::blocks::tree::HeightConflict),
    /// Options that a table has no use for.
    #[error("{0} goes with blocks, not with tables")]
    OnlyForBlocks(&'static str),
    /// Options for blocks of Bitcoin's kind.
    #[error("{0} goes with blocks of Bitcoin's kind")]
    OnlyForBitcoin(&'static str),
    /// Options that blocks have no use for.
    #[error("{0} goes with tables, not with blocks")]
    OnlyForTables(&'static str),
    /// A table that the store has already, read in another way.
    #[error("the store has this very table already, read with another mapping")]
    OtherReading,
    /// A range that ends before it begins.
    #[error("--blocks {first}:{last} ends before it begins")]
    EmptyRange {
        /// First height.
        first: u32,
        /// Last height.
        last: u32,
    },
}

impl RequestError {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoSource => Some("name a blocks directory, a block file, or a table"),
            Self::WrongNetwork { .. } => {
                Some("is --chain right? block files know their network by themselves")
            }
            Self::SeveralNetworks { .. } | Self::SeveralKinds | Self::SeveralChains(..) => {
                Some("ingest them one after the other into one store")
            }
            Self::NoBlocksOn(_) => {
                Some("blocks are read of bitcoin, testnet3, testnet4, signet and regtest")
            }
            Self::UndoNeedsOneBlock { .. } => {
                Some("ingest the block by itself, with its undo data")
            }
            Self::HeightNeedsOnePiece { .. } => {
                Some("ingest them one after the other, each with its height")
            }
            Self::Height(_) => Some(
                "was --height right, here or in an earlier ingest? what a store was told is only undone in a new one",
            ),
            Self::OtherReading => {
                Some("two readings of one table cannot both be right: ingest it into a new store")
            }
            Self::OnlyForBlocks(_) | Self::OnlyForBitcoin(_) | Self::OnlyForTables(_) => {
                Some("leave it out")
            }
            Self::EmptyRange { .. } => Some("write the lower height first"),
        }
    }
}
