//! A series: the prices of one asset in one currency by one convention from one source, a day each.
//!
//! Which day a price is of is what the source says; days that it does not have are gaps, and are never filled.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use whither_ledger::asset::Asset;

use super::price::DECIMALS_MAX;
use super::{Day, Price, Read, SeriesError, read};
use crate::hash::Hash;

/// No source or licence note is longer, in characters.
const TEXT_LENGTH_MAX: usize = 300;

/// Which of a day's prices a price is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Convention {
    /// The last of the day in UTC.
    Close,
    /// Half way between the day's highest and lowest.
    Mid,
    /// The first of the day.
    Open,
}

impl Convention {
    /// All, in the order in which they are taken where none is asked for.
    pub const ALL: [Self; 3] = [Self::Close, Self::Mid, Self::Open];

    /// In a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Mid => "mid",
            Self::Open => "open",
        }
    }
}

impl fmt::Display for Convention {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Convention {
    type Err = SeriesError;

    fn from_str(text: &str) -> Result<Self, SeriesError> {
        let found = Self::ALL.into_iter().find(|it| it.name() == text);
        found.ok_or_else(|| SeriesError::Convention(short(text)))
    }
}

/// Money that prices are counted in, by its ISO 4217 code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Currency(Box<str>);

impl Currency {
    /// United States dollars, in which values are stated.
    #[must_use]
    pub fn usd() -> Self {
        Self("USD".into())
    }

    /// Whether these are US dollars.
    #[must_use]
    pub fn is_usd(&self) -> bool {
        &*self.0 == "USD"
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }

    /// The currency as an asset: what a series of exchange rates is of.
    #[must_use]
    pub fn asset(&self) -> Asset {
        format!("iso4217:{}", self.0)
            .parse()
            .expect("three capital letters after `iso4217:` are an asset")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Currency {
    type Err = SeriesError;

    fn from_str(text: &str) -> Result<Self, SeriesError> {
        if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Ok(Self(text.into()));
        }
        Err(SeriesError::Currency(short(text)))
    }
}

/// What is priced, in what: `chain/namespace:reference`, or of currencies `iso4217:EUR/USD`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// What is priced.
    pub asset: Asset,
    /// What its price is counted in.
    pub quote: Currency,
}

impl Pair {
    /// Reads an asset's id, `iso4217:EUR`, or `iso4217:EUR/USD`. A quote that is given beside has to agree with one that
    /// is written; without either it is US dollars.
    ///
    /// # Errors
    /// Where the text names no asset or currency, two quotes differ, or a currency is priced in itself.
    pub fn parse(text: &str, quote: Option<&Currency>) -> Result<Self, SeriesError> {
        let currency = text.strip_prefix("iso4217:");
        let (asset, written) = match currency.and_then(|codes| codes.split_once('/')) {
            Some((base, written)) => {
                let asset = base.parse::<Currency>()?.asset();
                (asset, Some(written.parse::<Currency>()?))
            }
            None => (text.parse::<Asset>()?, None),
        };
        let quote = match (written, quote) {
            (Some(written), Some(quote)) if written != *quote => {
                let (written, quote) = (written.to_string(), quote.to_string());
                return Err(SeriesError::TwoQuotes { written, quote });
            }
            (Some(written), _) => written,
            (None, Some(quote)) => quote.clone(),
            (None, None) => Currency::usd(),
        };
        if asset == quote.asset() {
            return Err(SeriesError::InItself(quote.to_string()));
        }
        Ok(Self { asset, quote })
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asset, quote } = self;
        if asset.chain().is_none() {
            return write!(formatter, "{asset}/{quote}");
        }
        write!(formatter, "{asset} in {quote}")
    }
}

/// What a series is known by: two files for one key are versions of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesKey {
    /// What is priced, in what.
    pub pair: Pair,
    /// By which convention.
    pub convention: Convention,
    /// Who says so, in the importer's words.
    pub source: String,
}

impl SeriesKey {
    /// A key; its source has to be a text that people can read on one line.
    ///
    /// # Errors
    /// Where the source is empty, too long, or holds control characters.
    pub fn new(pair: Pair, convention: Convention, source: &str) -> Result<Self, SeriesError> {
        let source = checked_text("source", source)?;
        Ok(Self {
            pair,
            convention,
            source,
        })
    }
}

impl fmt::Display for SeriesKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pair,
            convention,
            source,
        } = self;
        write!(formatter, "{pair} ({convention}, {source})")
    }
}

/// The prices of one file, by one convention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// What it is known by.
    pub key: SeriesKey,
    /// Under which terms the source lets one use it, where the importer says.
    pub licence: Option<String>,
    /// Decimals of the asset, where no standard fixes them and the importer says.
    pub decimals: Option<u8>,
    /// SHA-256 of the file's bytes.
    pub file: Hash,
    /// Which columns of the file the prices are from.
    pub column: String,
    /// The price of each day.
    pub days: BTreeMap<Day, Price>,
}

impl Series {
    /// Reads a file as a series; what was passed over and what is odd stands in what was read.
    ///
    /// # Errors
    /// Where the file cannot be read, a note cannot be kept, or the decimals are not those of the asset.
    pub fn of_file(
        key: SeriesKey,
        bytes: &[u8],
        licence: Option<&str>,
        decimals: Option<u8>,
    ) -> Result<(Self, Read), SeriesError> {
        let licence = licence.map(|text| checked_text("licence", text));
        let decimals = stated_decimals(&key.pair.asset, decimals)?;
        let read = read(bytes, key.convention, &key.pair.quote)?;
        let series = Self {
            licence: licence.transpose()?,
            decimals,
            file: Hash::of(bytes),
            column: read.column.clone(),
            days: read.days.clone(),
            key,
        };
        Ok((series, read))
    }

    /// The first and the last day; `None` of an empty series.
    #[must_use]
    pub fn extent(&self) -> Option<(Day, Day)> {
        let first = self.days.first_key_value()?.0;
        let last = self.days.last_key_value()?.0;
        Some((*first, *last))
    }

    /// Days in between that it does not have: the first and the last of each gap.
    #[must_use]
    pub fn gaps(&self) -> Vec<(Day, Day)> {
        gaps(&self.days)
    }

    /// The last day before one that has a price, and the first after it; the day itself counts as neither.
    #[must_use]
    pub fn around(&self, day: Day) -> (Option<Day>, Option<Day>) {
        let before = self.days.range(..day).next_back();
        let after = self.days.range(day..).find(|(found, _)| **found != day);
        (before.map(|(day, _)| *day), after.map(|(day, _)| *day))
    }

    /// The nearest day that has a price, of two equally near ones the earlier, if it is no further than that.
    #[must_use]
    pub fn nearest(&self, day: Day, distance_max: u32) -> Option<(Day, Price)> {
        let exact = self.days.get(&day).map(|price| (day, *price));
        let (before, after) = self.around(day);
        let near = [before, after].into_iter().flatten();
        let near = near.min_by_key(|found| found.distance(day));
        let near = near.filter(|found| found.distance(day) <= distance_max);
        exact.or_else(|| near.map(|found| (found, self.days[&found])))
    }
}

/// Days between the first and the last that have no price.
pub(super) fn gaps(days: &BTreeMap<Day, Price>) -> Vec<(Day, Day)> {
    let pairs = days.keys().zip(days.keys().skip(1));
    pairs
        .filter(|(day, next)| day.distance(**next) > 1)
        .filter_map(|(day, next)| Some((day.plus(1)?, next.plus(-1)?)))
        .collect()
}

/// Decimals that an importer states: they have to be those that a standard fixes, where one does.
///
/// # Errors
/// Where they are not, or no asset has so many.
fn stated_decimals(asset: &Asset, stated: Option<u8>) -> Result<Option<u8>, SeriesError> {
    let Some(stated) = stated else {
        return Ok(None);
    };
    let wrong = |known: String| SeriesError::Decimals {
        asset: asset.to_string(),
        known,
        stated,
    };
    match asset.decimals_hint() {
        Some(known) if known != stated => Err(wrong(known.to_string())),
        None if stated > DECIMALS_MAX => Err(wrong(format!("at most {DECIMALS_MAX}"))),
        // What the standard says need not be said again.
        Some(_) => Ok(None),
        None => Ok(Some(stated)),
    }
}

/// A note of the importer, on one line, without what hides.
pub(super) fn checked_text(what: &'static str, text: &str) -> Result<String, SeriesError> {
    let text = text.trim();
    let why = if text.is_empty() {
        "it is empty"
    } else if text.chars().count() > TEXT_LENGTH_MAX {
        "it is too long"
    } else if text.chars().any(char::is_control) {
        "it holds control characters"
    } else {
        return Ok(text.to_owned());
    };
    let text = short(text);
    Err(SeriesError::Text { what, text, why })
}

/// Foreign text in an error: cut.
pub(super) fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn pair(text: &str) -> String {
        Pair::parse(text, None).unwrap().to_string()
    }

    #[test]
    fn pairs_are_assets_and_currencies() {
        assert_eq!(pair("ethereum/slip44:60"), "eip155:1/slip44:60 in USD");
        assert_eq!(pair("iso4217:EUR/USD"), "iso4217:EUR/USD");
        assert_eq!(pair("iso4217:EUR"), "iso4217:EUR/USD");
        let euro: Currency = "EUR".parse().unwrap();
        let parse = |text| Pair::parse(text, Some(&euro));
        assert_eq!(
            parse("ethereum/slip44:60").unwrap().to_string(),
            "eip155:1/slip44:60 in EUR"
        );
        assert!(matches!(
            parse("iso4217:GBP/USD"),
            Err(SeriesError::TwoQuotes { .. })
        ));
        assert!(matches!(
            parse("iso4217:EUR"),
            Err(SeriesError::InItself(_))
        ));
        for text in ["ETH", "iso4217:EUR/", "iso4217:EUR/usd", "iso4217:/USD"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_nearest_day_is_the_earlier_of_two() {
        let key = SeriesKey::new(
            Pair::parse("iso4217:EUR", None).unwrap(),
            Convention::Close,
            " me ",
        );
        let days = [
            ("2020-01-01", "1"),
            ("2020-01-03", "3"),
            ("2020-01-09", "9"),
        ];
        let days =
            days.map(|(day, price)| (Day::parse(day).unwrap(), Price::parse(price).unwrap()));
        let series = Series {
            key: key.unwrap(),
            licence: None,
            decimals: None,
            file: Hash::of(b""),
            column: "Close".to_owned(),
            days: BTreeMap::from(days),
        };
        let near = |day: &str, distance| {
            let near = series.nearest(Day::parse(day).unwrap(), distance);
            near.map(|(_, price)| price.to_string())
        };
        assert_eq!(near("2020-01-02", 0), None);
        assert_eq!(near("2020-01-02", 1).as_deref(), Some("1"));
        assert_eq!(near("2020-01-03", 0).as_deref(), Some("3"));
        assert_eq!(near("2020-01-07", 2).as_deref(), Some("9"));
        assert_eq!(near("2019-12-25", 6), None);
        let gaps: Vec<String> = series
            .gaps()
            .iter()
            .map(|(a, b)| format!("{a} {b}"))
            .collect();
        assert_eq!(gaps, ["2020-01-02 2020-01-02", "2020-01-04 2020-01-08"]);
        assert_eq!(series.key.to_string(), "iso4217:EUR/USD (close, me)");
    }
}
