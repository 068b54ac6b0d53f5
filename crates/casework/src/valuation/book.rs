//! A book: all series in force, and the price that a question gets from them.
//!
//! Where a question leaves the convention or the source open, several series may answer. They are asked in a fixed order
//! (US dollars before other currencies, then close, mid, open, then sources by name), and the answer names the one
//! it is from. A price in another currency becomes dollars at a rate of the same day, which is named as well.

use std::fmt;

use whither_ledger::asset::Asset;

use super::{Convention, Currency, Day, Pair, Period, Price, Series};

/// The series in force, at most one a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    series: Vec<Series>,
}

/// What a question says of the price it wants; what it leaves open, the order of series settles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// By this convention.
    pub convention: Option<Convention>,
    /// From this source.
    pub source: Option<String>,
    /// In this currency.
    pub quote: Option<Currency>,
    /// Of a day so many days away, where the day itself has no price.
    pub nearest: u32,
}

/// A price of a series, as it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote<'book> {
    /// Where it is from.
    pub series: &'book Series,
    /// Of which day it is.
    pub day: Day,
    /// The price.
    pub price: Price,
    /// What made US dollars of it, where it is in another currency.
    pub rate: Option<Rate<'book>>,
    /// Series that would have come first, and have no price of that day.
    pub passed_over: Vec<String>,
}

/// An exchange rate, as it is used: US dollars for one unit of a currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate<'book> {
    /// Where it is from.
    pub series: &'book Series,
    /// Of which day it is.
    pub day: Day,
    /// The rate.
    pub price: Price,
}

/// A price that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Of what.
    pub asset: Asset,
    /// The series that does not have it, or that there is not.
    pub series: String,
    /// Why there is none.
    pub why: Why,
}

/// Why a price or a value is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// There is no such series.
    NoSeries {
        /// Those there are of the asset.
        held: Vec<String>,
    },
    /// There is, and it has no price of the day.
    NoDay {
        /// The day, or the days.
        asked: Period,
        /// The last day before that has one.
        before: Option<Day>,
        /// The first day after that has one.
        after: Option<Day>,
    },
    /// Nothing says how many smallest units make one.
    NoDecimals,
    /// More dollars than can be written.
    TooLarge,
}

impl Book {
    /// A book of these series. Of several with one key the last counts.
    #[must_use]
    pub fn new(series: Vec<Series>) -> Self {
        let by_key = series
            .into_iter()
            .map(|series| (series.key.clone(), series));
        let by_key: std::collections::BTreeMap<_, _> = by_key.collect();
        Self {
            series: by_key.into_values().collect(),
        }
    }

    /// All series, in the order of their keys.
    #[must_use]
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// How many smallest units make one of an asset: by its standard, or as importers of its prices have said.
    ///
    /// `None` where nobody says so, or two series say different things. They are never guessed from a name.
    #[must_use]
    pub fn decimals(&self, asset: &Asset) -> Option<u8> {
        asset.decimals_hint().or_else(|| {
            let of_asset = self.series.iter().filter(|it| it.key.pair.asset == *asset);
            let mut stated = of_asset.filter_map(|series| series.decimals);
            let first = stated.next()?;
            stated.all(|other| other == first).then_some(first)
        })
    }

    /// The price of an asset on a day.
    ///
    /// # Errors
    /// Where no series that fits has it: names the series that would have come first.
    pub fn quote(&self, asset: &Asset, day: Day, choice: &Choice) -> Result<Quote<'_>, Missing> {
        let series = self.candidates(asset, choice)?;
        let exact = series.iter().map(|series| self.on(series, day, 0));
        let near = series
            .iter()
            .map(|series| self.on(series, day, choice.nearest));
        let mut first = None;
        for (at, found) in exact.chain(near).enumerate() {
            match found {
                Ok(mut quote) => {
                    let before = &series[..at % series.len()];
                    quote.passed_over = before.iter().map(|it| it.key.to_string()).collect();
                    return Ok(quote);
                }
                Err(missing) => first = first.or(Some(missing)),
            }
        }
        Err(first.expect("there is a series to begin with"))
    }

    /// The prices of an asset on the days of a period that has any, from the first series that has.
    ///
    /// # Errors
    /// As [`Book::quote`].
    pub fn quotes(
        &self,
        asset: &Asset,
        when: Period,
        choice: &Choice,
    ) -> Result<Vec<Quote<'_>>, Missing> {
        if when.days() == 1 {
            return self
                .quote(asset, when.first(), choice)
                .map(|quote| vec![quote]);
        }
        let mut first = None;
        for series in self.candidates(asset, choice)? {
            let mut quotes = Vec::new();
            for (day, _) in series.days.range(when.first()..=when.last()) {
                match self.on(series, *day, 0) {
                    Ok(quote) => quotes.push(quote),
                    Err(missing) => first = first.or(Some(missing)),
                }
            }
            if !quotes.is_empty() {
                return Ok(quotes);
            }
            first = first.or_else(|| Some(no_day(series, when)));
        }
        Err(first.expect("there is a series to begin with"))
    }

    /// What every series has of an asset on a day, and what keeps one from being turned into dollars.
    pub fn all_on(
        &self,
        asset: &Asset,
        day: Day,
    ) -> impl Iterator<Item = Result<Quote<'_>, Missing>> {
        let of_asset = self
            .series
            .iter()
            .filter(move |it| it.key.pair.asset == *asset);
        let with_day = of_asset.filter(move |series| series.days.contains_key(&day));
        with_day.map(move |series| self.on(series, day, 0))
    }

    /// Series that fit a question, those first that are asked first.
    fn candidates(&self, asset: &Asset, choice: &Choice) -> Result<Vec<&Series>, Missing> {
        let of_asset = || self.series.iter().filter(|it| it.key.pair.asset == *asset);
        let fits = |series: &&Series| {
            let key = &series.key;
            choice.convention.is_none_or(|it| it == key.convention)
                && choice.source.as_ref().is_none_or(|it| *it == key.source)
                && choice.quote.as_ref().is_none_or(|it| *it == key.pair.quote)
        };
        let mut found: Vec<&Series> = of_asset().filter(fits).collect();
        found.sort_by_key(|series| (!series.key.pair.quote.is_usd(), &series.key));
        if found.is_empty() {
            return Err(Missing {
                asset: asset.clone(),
                series: wanted(asset, choice),
                why: Why::NoSeries {
                    held: of_asset().map(|series| series.key.to_string()).collect(),
                },
            });
        }
        Ok(found)
    }

    fn on<'book>(
        &'book self,
        series: &'book Series,
        day: Day,
        nearest: u32,
    ) -> Result<Quote<'book>, Missing> {
        let found = series.nearest(day, nearest);
        let (day, price) = found.ok_or_else(|| no_day(series, day.into()))?;
        let rate = match &series.key.pair.quote {
            quote if quote.is_usd() => None,
            quote => Some(self.rate(quote, series.key.convention, day, nearest)?),
        };
        Ok(Quote {
            series,
            day,
            price,
            rate,
            passed_over: Vec::new(),
        })
    }

    /// The rate of a currency: by the convention of the price where there is one, otherwise by another.
    fn rate(
        &self,
        currency: &Currency,
        convention: Convention,
        day: Day,
        nearest: u32,
    ) -> Result<Rate<'_>, Missing> {
        let asset = currency.asset();
        let usd = Choice {
            quote: Some(Currency::usd()),
            ..Choice::default()
        };
        let mut rates = self.candidates(&asset, &usd)?;
        rates.sort_by_key(|series| (series.key.convention != convention, &series.key));
        let found = |nearest: u32| {
            rates.iter().find_map(|series| {
                let (day, price) = series.nearest(day, nearest)?;
                Some(Rate { series, day, price })
            })
        };
        found(0)
            .or_else(|| found(nearest))
            .ok_or_else(|| no_day(rates[0], day.into()))
    }
}

/// The series that a question asks for, as it would be called.
fn wanted(asset: &Asset, choice: &Choice) -> String {
    let quote = choice.quote.clone().unwrap_or_else(Currency::usd);
    let pair = Pair {
        asset: asset.clone(),
        quote,
    };
    let convention = choice.convention.map(|it| it.name().to_owned());
    let open: Vec<String> = [convention, choice.source.clone()]
        .into_iter()
        .flatten()
        .collect();
    if open.is_empty() {
        return pair.to_string();
    }
    format!("{pair} ({})", open.join(", "))
}

fn no_day(series: &Series, asked: Period) -> Missing {
    let before = series.around(asked.first()).0;
    let after = series.around(asked.last()).1;
    Missing {
        asset: series.key.pair.asset.clone(),
        series: series.key.to_string(),
        why: Why::NoDay {
            asked,
            before,
            after,
        },
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asset, series, why } = self;
        match why {
            Why::NoSeries { .. } => write!(formatter, "there is no price series {series}"),
            Why::NoDay {
                asked,
                before,
                after,
            } => {
                write!(
                    formatter,
                    "the price series {series} has no price of {asked}"
                )?;
                match (before, after) {
                    (Some(before), Some(after)) => {
                        write!(
                            formatter,
                            "; the nearest days it has are {before} and {after}"
                        )
                    }
                    (Some(last), None) => write!(formatter, "; its last day is {last}"),
                    (None, Some(first)) => write!(formatter, "; its first day is {first}"),
                    (None, None) => Ok(()),
                }
            }
            Why::NoDecimals => write!(
                formatter,
                "nothing says how many smallest units make one {asset}: its decimals are not known"
            ),
            Why::TooLarge => write!(
                formatter,
                "the value of {asset} is larger than can be written"
            ),
        }
    }
}

impl std::error::Error for Missing {}

impl Missing {
    /// A next step.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match &self.why {
            Why::NoSeries { held } if held.is_empty() => Some(format!(
                "import one: `whither prices import FILE --asset {} --convention close --source TEXT`",
                self.asset
            )),
            Why::NoSeries { held } => Some(format!("of this asset there is {}", held.join("; "))),
            Why::NoDay { .. } => Some(
                "`--nearest N` takes the nearest day within N days, and says so; nothing is interpolated".to_owned(),
            ),
            Why::NoDecimals => Some(
                "state them with `--decimals N`, here or at `whither prices import`; a token's contract tells them"
                    .to_owned(),
            ),
            Why::TooLarge => None,
        }
    }
}
