//! Price series: taken in from files, kept in the store, listed.
//!
//! What a file says is read by the case ledger's valuation; here it is kept, and told in the shapes that scripts read.
//! A series is known by what it prices, by which convention, from which source. A second file for the same one does not
//! replace the first: both are kept, and the newer is in force.

mod files;
mod folder;

use std::path::{Path, PathBuf};

use serde::Serialize;
use whither_casework::Json;
use whither_casework::valuation::{Pair, Read, Series, SeriesError, SeriesKey};
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;

pub use whither_casework::valuation::{
    Book, Choice, Convention, Currency, Day, FILE_LENGTH_MAX, Period, moment,
};

pub use files::{PriceFile, files_of};

use crate::error::Error;
use crate::ingest::Skipped;
use folder::Folder;

/// A file of prices, and what its importer says of it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The file; what it is called where there is none, such as `stdin`.
    pub file: PathBuf,
    /// Its bytes, where they are at hand already.
    pub bytes: Option<Vec<u8>>,
    /// What it prices, in what.
    pub pair: Pair,
    /// By which convention.
    pub convention: Convention,
    /// Who says so.
    pub source: String,
    /// On which terms.
    pub licence: Option<String>,
    /// Decimals of the asset, where no standard fixes them.
    pub decimals: Option<u8>,
    /// Read and report, and keep nothing.
    pub dry_run: bool,
}

/// What a series is, as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeriesRow {
    /// CAIP-19, or a currency.
    pub asset: String,
    /// The currency of its prices, ISO 4217.
    pub quote: String,
    /// `open`, `close` or `mid`.
    pub convention: String,
    /// In the importer's words.
    pub source: String,
    /// In the importer's words.
    pub licence: Option<String>,
    /// Decimals of the asset, by its standard or as the importer says.
    pub decimals: Option<u8>,
    /// SHA-256 of the file's bytes.
    pub price_file: String,
    /// The columns that the prices are from.
    pub column: String,
    /// Counted from 1.
    pub version: u32,
    /// How many days have a price.
    pub days: usize,
    /// The first of them.
    pub first: Option<String>,
    /// The last of them.
    pub last: Option<String>,
    /// Days in between that have none.
    pub gaps: Vec<Gap>,
    /// How many those are.
    pub missing_days: u32,
}

/// Days without a price, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The first.
    pub first: String,
    /// The last.
    pub last: String,
}

/// Something to know of a file or a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// A short stable word.
    pub kind: String,
    /// The sentence.
    pub what: String,
}

impl Remark {
    pub(crate) fn new(kind: &str, what: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            what: what.into(),
        }
    }
}

/// What an import brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// `whither.prices.import/1`.
    pub schema: &'static str,
    /// The series.
    #[serde(flatten)]
    pub series: SeriesRow,
    /// Rows of the file, its header left out.
    pub rows: usize,
    /// Rows without a price that can be used.
    pub skipped: Vec<Skipped>,
    /// What is odd about the others.
    pub remarks: Vec<Remark>,
    /// Whether the newest version was the same already.
    pub unchanged: bool,
}

/// The price series of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// `whither.prices/1`.
    pub schema: &'static str,
    /// Every version, in the order of assets, currencies, conventions, sources and numbers.
    pub series: Vec<VersionRow>,
}

/// A version of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionRow {
    /// What it is.
    #[serde(flatten)]
    pub series: SeriesRow,
    /// Whether it is the newest, which values are computed with.
    pub in_force: bool,
}

/// Reads what prices are of: an asset's id, a chain's name for its own coin, or `iso4217:EUR/USD`.
///
/// # Errors
/// Where the text is none of them, or contradicts the quote.
pub fn pair(text: &str, quote: Option<&Currency>) -> Result<Pair, Error> {
    let pair = match native(text)? {
        Some(asset) => Pair::parse(asset.as_str(), quote),
        None => Pair::parse(text, quote),
    };
    Ok(pair?)
}

/// Reads an asset: its id, or a chain's name for its own coin.
///
/// # Errors
/// Where the text is neither.
pub fn asset(text: &str) -> Result<Asset, Error> {
    if let Some(asset) = native(text)? {
        return Ok(asset);
    }
    text.parse()
        .map_err(|error: whither_ledger::asset::AssetError| {
            Error::new(&error).with_hint_of(error.hint())
        })
}

/// The coin that a chain's fees are paid in, where a text names a chain and nothing else.
fn native(text: &str) -> Result<Option<Asset>, Error> {
    let is_id = text.contains('/') || text.starts_with("iso4217:");
    let Some(chain) = text.parse::<Chain>().ok().filter(|_| !is_id) else {
        return Ok(None);
    };
    chain.native_asset().map(Some).ok_or_else(|| {
        Error::new(format!("no id is established for the coin of {chain}"))
            .with_hint("write the asset's CAIP-19 id")
    })
}

/// Reads a file of prices and keeps it as a series.
///
/// # Errors
/// Where it cannot be read, holds no price that can be used, or cannot be kept; the store is then as it was.
pub fn import(store: &Path, request: Request) -> Result<Imported, Error> {
    let bytes = match request.bytes {
        Some(bytes) => bytes,
        None => folder::read_file(&request.file)?,
    };
    let file = request.file.display().to_string();
    let in_file = |error: SeriesError| match error {
        SeriesError::File(_) => Error::new(format!("{file}: {error}")).with_hint_of(error.hint()),
        _ => error.into(),
    };
    let key = SeriesKey::new(request.pair, request.convention, &request.source)?;
    let licence = request.licence.as_deref();
    let (series, read) =
        Series::of_file(key, &bytes, licence, request.decimals).map_err(in_file)?;
    let folder = Folder::of(store);
    let (version, unchanged) = if request.dry_run {
        folder.next_version(&series)?
    } else {
        folder.keep(&series)?
    };
    Ok(imported(&series, read, &file, (version, unchanged)))
}

fn imported(
    series: &Series,
    read: Read,
    file: &str,
    (version, unchanged): (u32, bool),
) -> Imported {
    let skipped = read.skipped.into_iter().map(|row| Skipped {
        place: format!("{file}, line {}", row.line),
        why: row.why,
    });
    let remarks = read.remarks.into_iter();
    Imported {
        schema: "whither.prices.import/1",
        series: row(series, version),
        rows: read.rows,
        skipped: skipped.collect(),
        remarks: remarks
            .map(|remark| Remark::new(remark.kind, remark.what))
            .collect(),
        unchanged,
    }
}

/// Lists the price series of a store. A store that is not there yet has none.
///
/// # Errors
/// Where one cannot be read, or is not what was written.
pub fn status(store: &Path) -> Result<Status, Error> {
    let kept = Folder::of(store).read(false)?;
    let rows = kept.iter().map(|kept| VersionRow {
        series: row(&kept.series, kept.version),
        in_force: kept.in_force,
    });
    Ok(Status {
        schema: "whither.prices/1",
        series: rows.collect(),
    })
}

/// What a check of the series has read, all of it as it was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Checked {
    pub files: u64,
    pub bytes: u64,
}

/// Reads every version of every series, and holds it against its checksum.
pub(crate) fn check(store: &Path) -> Result<Checked, Error> {
    let mut checked = Checked::default();
    for kept in Folder::of(store).read(false)? {
        checked.files += 1;
        checked.bytes = checked.bytes.saturating_add(kept.bytes);
    }
    Ok(checked)
}

/// The price series of a store that are in force.
///
/// # Errors
/// Where one cannot be read, or is not what was written.
pub fn book(store: &Path) -> Result<Book, Error> {
    let kept = Folder::of(store).read(true)?;
    Ok(Book::new(
        kept.into_iter().map(|kept| kept.series).collect(),
    ))
}

/// The series that an answer names, each in the version that it was computed with: imports since then change nothing.
/// Where a version is gone, those in force, with which the answer comes out otherwise.
///
/// # Errors
/// As [`book`].
pub(crate) fn book_then(store: &Path, then: &[Json]) -> Result<Book, Error> {
    let mut found = Vec::new();
    for kept in Folder::of(store).read(false)? {
        let named = Json::of(&PriceFile::of(&kept.series)).map_err(Error::new)?;
        if then.contains(&named) {
            found.push(kept.series);
        }
    }
    let book_found = Book::new(found);
    if book_found.series().len() == then.len() {
        Ok(book_found)
    } else {
        book(store)
    }
}

fn row(series: &Series, version: u32) -> SeriesRow {
    let key = &series.key;
    let extent = series.extent();
    let gaps = series.gaps();
    let missing = gaps
        .iter()
        .map(|(first, last)| first.distance(*last).saturating_add(1));
    SeriesRow {
        asset: key.pair.asset.to_string(),
        quote: key.pair.quote.to_string(),
        convention: key.convention.to_string(),
        source: key.source.clone(),
        licence: series.licence.clone(),
        decimals: series.decimals.or_else(|| key.pair.asset.decimals_hint()),
        price_file: series.file.to_string(),
        column: series.column.clone(),
        version,
        days: series.days.len(),
        first: extent.map(|(first, _)| first.to_string()),
        last: extent.map(|(_, last)| last.to_string()),
        missing_days: missing.fold(0, u32::saturating_add),
        gaps: gaps
            .iter()
            .map(|(first, last)| Gap {
                first: first.to_string(),
                last: last.to_string(),
            })
            .collect(),
    }
}

impl From<SeriesError> for Error {
    fn from(error: SeriesError) -> Self {
        Self::new(&error).with_hint_of(error.hint())
    }
}

impl From<whither_casework::valuation::Missing> for Error {
    fn from(missing: whither_casework::valuation::Missing) -> Self {
        Self::new(&missing).with_hint_of(missing.hint())
    }
}
