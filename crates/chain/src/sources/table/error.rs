//! What can be wrong with a table or with its mapping, where, and what to do about it.
//!
//! A message holds the offending text, quoted so that what cannot be seen is seen, and cut where it is
//! long: a table comes from strangers.
//!
//! Not here: exit codes, and how an error is printed.

use std::fmt;
use std::io;

use thiserror::Error;
use whither_ledger::address::AddressError;
use whither_ledger::amount::AmountError;
use whither_ledger::asset::AssetError;
use whither_ledger::chain::Chain;
use whither_ledger::time::TimestampError;
use whither_ledger::transaction_id::TransactionIdError;

use super::built_in;
use super::mapping::TimeFormat;

/// As many characters of a foreign text as a message repeats.
const QUOTED_CHARACTERS: usize = 80;
/// As many columns of a table as a message lists.
const LISTED_COLUMNS: usize = 40;

/// A text in quotes as a message shows it: what cannot be seen is escaped, an excess cut off.
pub(super) fn quote(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARACTERS) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}

/// Column names in quotes, parted by commas.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let mut listed: Vec<String> = names.by_ref().take(LISTED_COLUMNS).map(quote).collect();
    let more = names.count();
    if more > 0 {
        listed.push(format!("and {more} more"));
    }
    listed.join(", ")
}

/// Why a table was not read, and where in it.
#[derive(Debug, Error)]
#[error("{}{fault}", place(.file, *.line, .column.as_deref()))]
pub struct TableError {
    /// The file, as the caller called it.
    pub file: String,
    /// The line of the file, counted from 1; none where the fault is that of the whole.
    pub line: Option<u64>,
    /// The column's name in the header, where the fault lies in one cell.
    pub column: Option<String>,
    /// What is wrong.
    pub fault: Box<TableFault>,
}

fn place(file: &str, line: Option<u64>, column: Option<&str>) -> String {
    let line = line.map_or_else(String::new, |line| format!(":{line}"));
    let column = column.map_or_else(String::new, |column| format!("column {}: ", quote(column)));
    format!("{file}{line}: {column}")
}

impl TableError {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.fault.hint()
    }
}

/// What is wrong with a table.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableFault {
    /// The file could not be read.
    #[error("cannot be read: {0}")]
    Read(io::Error),
    /// No bytes.
    #[error("the file is empty: it does not even have a header")]
    NoHeader,
    /// A header and nothing else.
    #[error("the table has a header and no rows")]
    NoRows,
    /// More rows than ids.
    #[error("the table has more than {limit} rows")]
    TooManyRows {
        /// As many are read.
        limit: u64,
    },
    /// Some other kind of file.
    #[error("this is {format}, not UTF-8 text")]
    NotUtf8Text {
        /// What it is.
        format: &'static str,
    },
    /// Bytes that are not UTF-8.
    #[error("byte {byte} of the line is not UTF-8")]
    NotUtf8 {
        /// Which byte of the line, counted from 1.
        byte: usize,
    },
    /// A zero byte.
    #[error("the line holds a NUL byte, which no text has")]
    Nul,
    /// A line without an end in sight.
    #[error("the line is longer than {limit} bytes")]
    TooLong {
        /// As many are read.
        limit: usize,
    },
    /// Lines that end with a carriage return alone, or a stray one.
    #[error("the line holds a carriage return without a line feed")]
    BareCarriageReturn,
    /// A quote that is opened and never closed.
    #[error("the quote opened on this line is not closed")]
    UnclosedQuote,
    /// `ab"c`, or `"ab"c`.
    #[error("text stands right beside a quoted cell, or a quote inside a cell without quotes")]
    TextBesideQuote,
    /// Another delimiter than the mapping names.
    #[error("the cells are parted by {found}, and the mapping says {expected}")]
    Delimiter {
        /// What parts the cells.
        found: &'static str,
        /// What the mapping says.
        expected: &'static str,
    },
    /// Columns the mapping names and the header does not.
    #[error("the header has no column {missing}; it has {there}")]
    MissingColumns {
        /// Those missing, quoted.
        missing: String,
        /// Those there, quoted.
        there: String,
    },
    /// A column that stands in the header more than once.
    #[error("the header has the column {name} twice, as number {first} and {second}")]
    DoubledColumn {
        /// Its name, quoted.
        name: String,
        /// The first place, counted from 1.
        first: usize,
        /// The second.
        second: usize,
    },
    /// A row with fewer or more cells than the header.
    #[error("the row has {found} cells, and the header {expected}")]
    RowLength {
        /// Cells of the row.
        found: usize,
        /// Cells of the header.
        expected: usize,
    },
    /// Nothing in a cell that must hold something.
    #[error("the cell is empty")]
    Empty,
    /// A separator in a number.
    #[error("{text} has the separator {separator:?} in it")]
    Separator {
        /// The number, quoted.
        text: String,
        /// The separator.
        separator: char,
    },
    /// A character that looks like a digit or like nothing.
    #[error("{text} holds U+{:04X} at character {place}, which no number or time has", u32::from(*.character))]
    Stray {
        /// The text, quoted.
        text: String,
        /// The first such character.
        character: char,
        /// Its place in the text, counted from 1.
        place: usize,
    },
    /// Not an amount.
    #[error(transparent)]
    Amount(AmountError),
    /// Not an address.
    #[error("{}", with_original(.error, .original.as_deref()))]
    Address {
        /// What the ledger says.
        error: AddressError,
        /// What stands in the table where it is something else, quoted.
        original: Option<String>,
    },
    /// An address without the characters the mapping says it begins with.
    #[error("{text} does not begin with {prefix}, as the mapping says addresses do")]
    Prefix {
        /// The text, quoted.
        text: String,
        /// The prefix, quoted.
        prefix: String,
    },
    /// Not a transaction id.
    #[error("{}", with_original(.error, .original.as_deref()))]
    Transaction {
        /// What the ledger says.
        error: TransactionIdError,
        /// What stands in the table where it is something else, quoted.
        original: Option<String>,
    },
    /// Not an asset.
    #[error(transparent)]
    Asset(AssetError),
    /// An asset of another chain.
    #[error("the asset {asset} is not on {chain}, the chain of the table")]
    OtherChain {
        /// The asset.
        asset: String,
        /// The table's chain.
        chain: Chain,
    },
    /// A bare contract address where no standard says what token it is.
    #[error("{text} alone does not name an asset on {chain}")]
    BareAsset {
        /// The text, quoted.
        text: String,
        /// The table's chain.
        chain: Chain,
    },
    /// An asset of which the mapping does not say how its amounts are written.
    #[error("the mapping does not say how many decimals the amounts of {asset} have")]
    NoDecimals {
        /// The asset.
        asset: String,
    },
    /// More decimals than the asset's smallest unit has.
    #[error("the mapping gives amounts of {asset} {decimals} decimals, and it has {known}")]
    TooManyDecimals {
        /// The asset.
        asset: String,
        /// Its decimals.
        known: u8,
        /// What the mapping says.
        decimals: u8,
    },
    /// Not a time of the form the mapping names.
    #[error("{text} is not a time of the form {}", .format.example())]
    TimeForm {
        /// The text, quoted.
        text: String,
        /// The form.
        format: TimeFormat,
    },
    /// The right form, and no time.
    #[error(transparent)]
    Time(TimestampError),
    /// Milliseconds that are not whole seconds.
    #[error("{text} has a fraction of a second, which would be lost")]
    Milliseconds {
        /// The text, quoted.
        text: String,
    },
    /// Not a whole number, or too large.
    #[error("{text} is not a whole number from 0 to {}", u32::MAX)]
    Number {
        /// The text, quoted.
        text: String,
    },
    /// Two rows that tell of different fees of one transaction.
    #[error("the fee of the transaction is {fee} here and {other} on line {line}")]
    FeeDiffers {
        /// The fee here, in smallest units.
        fee: String,
        /// The fee there.
        other: String,
        /// The line that told of the other.
        line: u64,
    },
    /// A fee told of in rows of several senders: who paid it is not said.
    #[error("the fee of the transaction is paid by {payer} here and by {other} on line {line}")]
    PayerDiffers {
        /// Who pays here.
        payer: String,
        /// Who pays there.
        other: String,
        /// The line that told of the other.
        line: u64,
    },
    /// Neither the mapping nor the caller names a chain.
    #[error("neither the mapping {mapping:?} nor the caller says which chain the table is of")]
    NoChain {
        /// The mapping's name.
        mapping: String,
    },
    /// A chain whose holdings are outputs.
    #[error("{chain} is a chain of outputs, which a table of transfers cannot tell")]
    ChainOfOutputs {
        /// The chain.
        chain: Chain,
    },
    /// A promise about addresses that the table does not know.
    #[error(
        "the mapping {mapping:?} promises all rows of {addresses} addresses, and no row has one of them"
    )]
    NotThePromisedTable {
        /// The mapping's name.
        mapping: String,
        /// How many addresses it lists.
        addresses: usize,
    },
    /// The mapping does not fit the chain the caller names.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

fn with_original(error: &dyn fmt::Display, original: Option<&str>) -> String {
    original.map_or_else(
        || error.to_string(),
        |text| format!("{error} (in the table: {text})"),
    )
}

impl TableFault {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let fixed = match self {
            Self::Amount(error) => return amount_hint(error).map(str::to_owned),
            Self::Address { error, .. } => error.hint().unwrap_or(
                "does the mapping name the right column, and `--chain` the right chain?",
            ),
            Self::Asset(error) => error.hint()?,
            Self::Mapping(error) => return error.hint(),
            Self::Prefix { .. } => "set or remove `address_prefix` in the mapping",
            Self::NotUtf8Text { .. } | Self::NotUtf8 { .. } | Self::Nul => {
                "save or export the table again, as CSV in UTF-8"
            }
            Self::BareCarriageReturn => "save the table again with line ends of Unix or Windows",
            Self::UnclosedQuote | Self::TextBesideQuote => {
                "a cell with a delimiter, a quote or a line end in it stands in quotes as a whole, and a quote \
                 inside is written twice"
            }
            Self::TooLong { .. } | Self::TooManyRows { .. } => "split the table",
            Self::Delimiter { .. } => "set `delimiter` in the mapping",
            Self::MissingColumns { .. } => {
                "name the columns in the mapping as the header writes them, upper and lower case included"
            }
            Self::DoubledColumn { .. } => {
                "rename one of the two, so that it is plain which is meant"
            }
            Self::RowLength { .. } => "a cell with a delimiter in it must stand in quotes",
            Self::NoRows => "a table without rows tells nothing; was the right one exported?",
            Self::Separator { .. } => {
                "thousands separators and decimal commas are not supported: export plain numbers such as 1234.5"
            }
            Self::Stray { .. } => {
                "write the cell with plain digits: a program or a copy from a web page put it there"
            }
            Self::BareAsset { .. } => "write a CAIP-19 id, `chain/namespace:reference`",
            Self::NoDecimals { .. } => {
                "add the asset to `[asset_decimals]` in the mapping, or set `decimals`"
            }
            Self::TooManyDecimals { .. } => {
                "`decimals` counts from the smallest unit: 18 where the table says ETH, 0 where it says wei; what \
                 a program wrote beyond that needs a `rounding`"
            }
            Self::TimeForm { .. } => {
                "set `time_format` in the mapping: rfc3339, utc, epoch-seconds or epoch-milliseconds"
            }
            Self::FeeDiffers { .. } => {
                "a fee belongs to the transaction: each of its rows tells the same one"
            }
            Self::PayerDiffers { .. } => {
                "name the column that says who paid as `fee_payer` in the mapping, or leave `fee` out"
            }
            Self::NoChain { .. } => "name it: `--chain NAME`, or `chain` in the mapping",
            Self::ChainOfOutputs { .. } => "ingest blocks, or name another chain",
            Self::OtherChain { .. } => {
                "name the chain the table is of: `--chain NAME`, or `chain` in the mapping"
            }
            Self::NotThePromisedTable { .. } => {
                "the promise is for another table: write a mapping for this one, with `kind = \"rows\"` under \
                 `[coverage]` where nothing is promised"
            }
            Self::Time(error) => error.hint()?,
            Self::NoHeader => "is it the right file? an export may have been cut short",
            Self::Empty | Self::Transaction { .. } | Self::Number { .. } => {
                "does the mapping name the right column?"
            }
            Self::Milliseconds { .. } => "export whole seconds: a block's time has no fraction",
            Self::Read(_) => return None,
        };
        Some(fixed.to_owned())
    }
}

fn amount_hint(error: &AmountError) -> Option<&'static str> {
    match error {
        AmountError::ExcessDigits { .. } => Some(
            "correct `decimals` in the mapping; where the last digits are noise of the program that wrote them, \
             name a `rounding`",
        ),
        AmountError::Negative(_) => Some(
            "the direction of a transfer is told by `from` and `to`, and its amount has no sign",
        ),
        AmountError::TooLarge(_) => Some("correct `decimals` in the mapping"),
        _ => None,
    }
}

/// Why a mapping is none.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MappingError {
    /// Neither built in nor a file.
    #[error("there is no built-in mapping and no file called {}", quote(.name))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// A file that cannot be read, or is no text.
    #[error("{path}: cannot be read: {error}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// A file that is no mapping.
    #[error("{name}: the file is longer than {limit} bytes, which no mapping is")]
    TooLong {
        /// The file.
        name: String,
        /// As many are read.
        limit: u64,
    },
    /// A line that is wrong.
    #[error("{name}:{place}: {what}")]
    Invalid {
        /// The file, as the caller called it.
        name: String,
        /// Where.
        place: Place,
        /// What is wrong there.
        what: String,
        /// What to do about it.
        hint: String,
    },
}

impl MappingError {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { .. } => {
                let names = built_in::names().collect::<Vec<_>>().join(", ");
                Some(format!(
                    "give the path of a mapping file, or one of those built in: {names}"
                ))
            }
            Self::Invalid { hint, .. } => Some(hint.clone()),
            Self::Read { .. } | Self::TooLong { .. } => None,
        }
    }
}

/// A place in a mapping file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, counted from 1.
    pub line: usize,
    /// The character of the line, counted from 1.
    pub column: usize,
}

impl Place {
    /// The place of a byte of a text.
    pub(super) fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.line, self.column)
    }
}
