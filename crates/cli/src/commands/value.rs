//! `whither value`: what an amount was worth, and what other prices would have made of it.

use clap::{ArgGroup, Args};
use whither::Timestamp;
use whither::prices::{Choice, Convention, asset, book, moment};
use whither::saved::Computed;
use whither::value::{Quantity, Request, Value as Answer, value};

use super::prices::{conventions, currency};
use crate::args::{Format, Recording};
use crate::context::Context;
use crate::error::CommandError;
use crate::{output, tables};

const EXAMPLES: &str = "\
Where `--convention` or `--source` are left out, series are asked in a fixed order: US dollars before
other currencies, then close, mid, open, then sources by name. The answer names the one it is from, and
shows what every other price of that day and of the days beside it would have made of the amount.

A price that is missing is an error that names the series and the nearest days it has. Nothing is
interpolated, and no stablecoin is taken for a dollar.

Examples:
  whither value --asset bitcoin --amount 100800000000 --at 2020-09-25T18:49:00Z
  whither value --asset ethereum --quantity 173600 --at 2022-03-23 --convention open
  whither value --asset ethereum --quantity 1 --at 2022-03-26 --quote EUR --nearest 2
  whither value --asset ethereum --quantity 173600 --at 2022-03-29 --save ronin-open --case my-case
  whither value --asset eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7 --decimals 6 \\
      --amount 25500000000000 --at 2022-03-23 --json";

/// Tell what an amount was worth in US dollars
///
/// Multiplies an amount with the price of its day, exactly, and rounds once, to the cent. Names the price,
/// its source, convention and file, and the exchange rate where there is one.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
#[command(group(ArgGroup::new("how_much").required(true).args(["amount", "quantity"])))]
pub struct Value {
    /// What it is an amount of: a CAIP-19 id, or a chain for its own coin
    #[arg(long, value_name = "ASSET")]
    asset: String,
    /// How much, in smallest units
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    amount: Option<String>,
    /// How much, in whole units
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    quantity: Option<String>,
    /// When; the price is that of its day in UTC
    #[arg(long, value_name = "TIME")]
    at: String,
    /// Only by this convention
    #[arg(long, value_name = "CONVENTION", value_parser = conventions())]
    convention: Option<Convention>,
    /// Only from this source, as it was named at the import
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Only by prices in this currency
    #[arg(long, value_name = "CURRENCY")]
    quote: Option<String>,
    /// Decimals of the asset, where no standard fixes them
    #[arg(long, value_name = "N")]
    decimals: Option<u8>,
    /// Where the day has no price, take that of the nearest day up to N days away
    #[arg(long, value_name = "N", default_value_t = 0)]
    nearest: u32,
    /// Keep the result in the case under this name, for `whither verify`
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

impl Value {
    /// Computes and tells.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let answer = value(&book(context.store_dir()?)?, &self.request()?)?;
        if let Some(name) = &self.save {
            let case = context.open_case()?;
            let (dir, case) = context.case_to_save_in(case.as_ref())?;
            let computed = Computed::of_value(&answer)?;
            context.save(dir, case, &self.recording.recorder()?, (name, &computed))?;
        }
        match context.format {
            Format::Table => Ok(tables::value::render(&answer, context.style)),
            Format::Json => output::json(&answer),
            Format::Jsonl => output::json_line(&answer),
            Format::Csv => Ok(csv(&answer)),
        }
    }

    fn request(&self) -> Result<Request, CommandError> {
        let asset = asset(&self.asset).map_err(|error| {
            CommandError::new(format!("`--asset {}`: {error}", self.asset))
                .with_hint_of(error.hint())
        })?;
        let quantity = match (&self.amount, &self.quantity) {
            (Some(units), _) => Quantity::Units(units.clone()),
            (None, quantity) => Quantity::Whole(quantity.clone().unwrap_or_default()),
        };
        let at = moment(&self.at).map_or_else(|| Timestamp::parse(&self.at), Ok);
        let at = at.map_err(|error| {
            CommandError::new(format!("`--at {}`: {error}", self.at)).with_hint_of(error.hint())
        })?;
        Ok(Request {
            asset,
            quantity,
            at,
            decimals: self.decimals,
            choice: Choice {
                convention: self.convention,
                source: self.source.clone(),
                quote: self.quote.as_deref().map(currency).transpose()?,
                nearest: self.nearest,
            },
        })
    }
}

const COLUMNS: &[&str] = &[
    "asset",
    "amount",
    "day",
    "usd",
    "price",
    "quote",
    "convention",
    "price_source",
    "price_file",
    "fx_pair",
    "fx_price",
    "fx_day",
    "asked",
];

/// The value, and one row for every price of the spread.
fn csv(answer: &Answer) -> String {
    let fx = answer.fx.as_ref();
    let of_fx = |text: Option<&String>| text.cloned().unwrap_or_default();
    let mut rows = vec![vec![
        answer.asset.clone(),
        answer.amount.clone(),
        answer.day.clone(),
        answer.usd.clone(),
        answer.price.clone(),
        answer.quote.clone(),
        answer.convention.clone(),
        answer.price_source.clone(),
        answer.price_file.clone().unwrap_or_default(),
        of_fx(fx.map(|fx| &fx.pair)),
        of_fx(fx.map(|fx| &fx.price)),
        of_fx(fx.map(|fx| &fx.day)),
        true.to_string(),
    ]];
    rows.extend(answer.spread.rows.iter().map(|row| {
        let fx = row.fx.as_ref();
        vec![
            answer.asset.clone(),
            answer.amount.clone(),
            row.day.clone(),
            row.usd.clone(),
            row.price.clone(),
            row.quote.clone(),
            row.convention.clone(),
            row.price_source.clone(),
            row.price_file.clone(),
            of_fx(fx.map(|fx| &fx.pair)),
            of_fx(fx.map(|fx| &fx.price)),
            of_fx(fx.map(|fx| &fx.day)),
            false.to_string(),
        ]
    }));
    output::csv(COLUMNS, &rows)
}
