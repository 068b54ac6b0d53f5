//! What can be wrong with a source of a chain of Ethereum's kind: which file or endpoint, where, and a next step.

use thiserror::Error;
use whither_ledger::chain::Chain;

use crate::sources::table::TableFault;

/// What is wrong with a source, and where.
#[derive(Debug, Error)]
#[error("{source_name}: {}{fault}", place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default())]
pub struct EvmError {
    /// The file, directory or endpoint.
    pub source_name: Box<str>,
    /// Where in it: a line, a row, a block.
    pub place: Option<Box<str>>,
    /// What is wrong.
    #[source]
    pub fault: Box<EvmFault>,
}

impl EvmError {
    /// Puts a fault in its place.
    pub(crate) fn new(source: &str, place: Option<String>, fault: EvmFault) -> Self {
        Self {
            source_name: source.into(),
            place: place.map(Into::into),
            fault: Box::new(fault),
        }
    }

    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match &*self.fault {
            EvmFault::NoChain => "say which with --chain: `--chain ethereum`, `--chain eip155:56`",
            EvmFault::WrongChain { .. } => "is it the right source for this --chain?",
            EvmFault::Missing { .. } | EvmFault::NoColumn(_) => {
                "export the tables again, all of the same blocks"
            }
            EvmFault::NativeTransfersAlone => {
                "export the traces as well (`cryo blocks transactions logs traces`): they say which calls failed"
            }
            EvmFault::NoTimes => "export the blocks as well: they say when",
            EvmFault::LogGap { .. } => {
                "export the logs of all contracts, not of some; if all were asked for, ask another node"
            }
            EvmFault::Bloom
            | EvmFault::ReceiptsRoot { .. }
            | EvmFault::Frames { .. }
            | EvmFault::TimeRunsBack { .. }
            | EvmFault::Twice { .. }
            | EvmFault::Receipts { .. }
            | EvmFault::Parent { .. }
            | EvmFault::Differs { .. } => {
                "the source has left something out or mixes two branches or chains: export it again, or ask another node"
            }
            EvmFault::Codec(_) => "write the file with LZ4, Snappy or no compression",
            EvmFault::Node(_) | EvmFault::Http(_) => {
                "is it a node's JSON-RPC endpoint, and does it answer these blocks?"
            }
            EvmFault::NoTables => "which tables and shapes are read: docs/reference/sources.md",
            EvmFault::Io(_) => "is it there, a file where a file is asked for, and may it be read?",
            EvmFault::Hex(_)
            | EvmFault::Table(_)
            | EvmFault::TooLarge(_)
            | EvmFault::Time(_)
            | EvmFault::Overflow
            | EvmFault::Coins(_)
            | EvmFault::Bytes { .. }
            | EvmFault::Quantity(_)
            | EvmFault::Decimal(_)
            | EvmFault::Shape { .. }
            | EvmFault::Json(_)
            | EvmFault::Empty(_)
            | EvmFault::Parquet(_) => {
                "the file is damaged, was cut off or edited, or is of another kind: export it again, or name its kind with --source-format"
            }
            EvmFault::NotEvm(_) => "name a chain of Ethereum's kind with --chain",
            EvmFault::FrameKind(_) => "is it a trace of callTracer or trace_block?",
            EvmFault::Encrypted => {
                "ask a node of your own, or open a tunnel to another (`ssh -L 8545:127.0.0.1:8545 HOST`) and name http://127.0.0.1:8545"
            }
            EvmFault::Depth => "frames that deep are no node's: check where the file comes from",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// What is wrong.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EvmFault {
    /// The file system.
    #[error("cannot be read: {0}")]
    Io(#[source] std::io::Error),
    /// A table's text.
    #[error(transparent)]
    Table(TableFault),
    /// JSON that is none.
    #[error("is no JSON: {0}")]
    Json(String),
    /// JSON of another shape.
    #[error("{what} is not {expected}")]
    Shape {
        /// Which part.
        what: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Nested deeper than calls can be.
    #[error("frames are nested deeper than the 1,024 that calls can be")]
    Depth,
    /// A Parquet file that cannot be read.
    #[error("is no readable Parquet: {0}")]
    Parquet(String),
    /// Compression that is not read.
    #[error("is compressed with {0}, which is not read")]
    Codec(String),
    /// Not hex.
    #[error("{0:?} is not bytes in hex after 0x")]
    Hex(String),
    /// Not so many bytes.
    #[error("{text:?} is not {bytes} bytes in hex after 0x")]
    Bytes {
        /// What stands there.
        text: String,
        /// How many it should be.
        bytes: usize,
    },
    /// Not a quantity.
    #[error("{0:?} is not a quantity: 0x and up to 64 hex digits without leading zeros")]
    Quantity(String),
    /// Not a whole number.
    #[error("{0:?} is not a whole number of up to 256 bits")]
    Decimal(String),
    /// A number beyond what heights and indexes can be.
    #[error("{0} is too large for a height or an index")]
    TooLarge(String),
    /// No time.
    #[error("{0} is no time in seconds since 1970")]
    Time(i64),
    /// A column that must be there.
    #[error("has no column {0:?}")]
    NoColumn(&'static str),
    /// A cell that must not be empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A frame of an unknown kind.
    #[error("{0:?} is no kind of frame")]
    FrameKind(String),
    /// Which chain it is nobody says.
    #[error("does not say of which chain it is")]
    NoChain,
    /// Of another chain.
    #[error("is of {found}, and {wanted} was asked for")]
    WrongChain {
        /// Whose it is.
        found: Chain,
        /// Whose was asked for.
        wanted: Chain,
    },
    /// A chain that has no such blocks.
    #[error("{0} has no blocks of Ethereum's kind")]
    NotEvm(Chain),
    /// Two rows tell different things of one.
    #[error("{what} is told twice, and differently")]
    Twice {
        /// Of what.
        what: String,
    },
    /// Something that the rest needs.
    #[error("{what} is missing")]
    Missing {
        /// What.
        what: String,
    },
    /// A file that lists what never moved.
    #[error(
        "native_transfers alone cannot be used: it lists calls that failed or were undone, whose value never moved"
    )]
    NativeTransfersAlone,
    /// No file says when.
    #[error("has no blocks, so no times")]
    NoTimes,
    /// Nothing in it.
    #[error("holds none of the tables that are read")]
    NoTables,
    /// Logs and header do not fit.
    #[error("its logs are not those its header commits to: the bloom filter differs")]
    Bloom,
    /// Logs are missing.
    #[error("its logs are numbered {found} where {expected} should follow: one is missing")]
    LogGap {
        /// The number that would follow.
        expected: u32,
        /// The one that does.
        found: u32,
    },
    /// Receipts and header do not fit.
    #[error(
        "its receipts and logs are not those its header commits to: their root is {found}, and it says {known}"
    )]
    ReceiptsRoot {
        /// Of what is told.
        found: String,
        /// In the header.
        known: String,
    },
    /// Frames that do not make a tree.
    #[error("the trace of transaction {transaction} is not whole: {what}")]
    Frames {
        /// The transaction's index.
        transaction: u32,
        /// What is missing.
        what: String,
    },
    /// A block from before the one it is built on.
    #[error("its time {time} is before that of the block it is built on, {before}")]
    TimeRunsBack {
        /// Its time in seconds since 1970.
        time: i64,
        /// That of the block before.
        before: i64,
    },
    /// Receipts and transactions do not fit.
    #[error("has {receipts} receipts for {transactions} transactions")]
    Receipts {
        /// How many receipts.
        receipts: usize,
        /// How many transactions.
        transactions: usize,
    },
    /// Blocks that do not hang together.
    #[error("is not built on the block before it: parent {parent}, and that is {before}")]
    Parent {
        /// What it says.
        parent: String,
        /// What is there.
        before: String,
    },
    /// A part tells of another block or transaction than the rest.
    #[error("{what}: {found}, and elsewhere {known}")]
    Differs {
        /// Which part.
        what: &'static str,
        /// What it says.
        found: String,
        /// What the rest says.
        known: String,
    },
    /// More than is read at once.
    #[error("has more than {limit} {what}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// The most.
        limit: u64,
    },
    /// More of the chain's coin than there can be.
    #[error("{0} is more of the chain's coin than there can be")]
    Coins(String),
    /// Amounts that no chain has.
    #[error("amounts add up beyond 256 bits")]
    Overflow,
    /// A node said no.
    #[error("the node refuses: {0}")]
    Node(String),
    /// An endpoint that is not spoken to.
    #[error("only http:// is spoken to nodes")]
    Encrypted,
    /// A node was not reached, or did not answer as one.
    #[error("the node does not answer: {0}")]
    Http(String),
}
