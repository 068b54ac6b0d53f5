//! The way into a result, and how what is found there is written out.
//!
//! A path is names and places with dots between: `totals.0.origin`. In a list a number is a place, `count` is how many
//! there are, and any other word picks the objects that have it as a text: `endpoints.held.amount` is the sum over all
//! endpoints of kind `held`. A sum is of amounts of one asset, or of US dollars; anything else is not added up.

use rust_decimal::{Decimal, RoundingStrategy};
use whither_casework::{Date, Json};
use whither_report::text;

use crate::page::unit;

/// What a path found.
pub(super) struct Found<'a> {
    /// The values.
    pub values: Vec<&'a Json>,
    /// The asset of each, where an object around it names one.
    assets: Vec<Option<&'a str>>,
    /// The last name on the way.
    key: String,
    /// A count, where the path asked for one.
    count: Option<usize>,
}

/// A value written out, and the exact value beside it.
pub(super) struct Written {
    /// For the sentence.
    pub text: String,
    /// As it stands in the result.
    pub exact: String,
}

/// Goes a path into a result.
pub(super) fn walk<'a>(result: &'a Json, path: &str) -> Result<Found<'a>, String> {
    let mut found = Found {
        values: vec![result],
        assets: vec![None],
        key: String::new(),
        count: None,
    };
    for step in path.split('.').filter(|step| !step.is_empty()) {
        if found.count.is_some() {
            return Err(format!("nothing lies below a count: {step:?}"));
        }
        found = found.step(step)?;
    }
    Ok(found)
}

impl<'a> Found<'a> {
    fn step(mut self, step: &str) -> Result<Self, String> {
        if let [Json::List(list)] = self.values[..] {
            return self.in_list(list, step);
        }
        if step == "count" {
            self.count = Some(self.values.len());
            return Ok(self);
        }
        let (mut values, mut assets) = (Vec::new(), Vec::new());
        for (value, asset) in self.values.iter().zip(&self.assets) {
            let Some(found) = value.field(step) else {
                return Err(missing(value, step));
            };
            let asset = asset.or(value.field("asset").and_then(Json::text));
            values.push(found);
            assets.push(asset);
        }
        Ok(Self {
            values,
            assets,
            key: step.to_owned(),
            count: None,
        })
    }

    fn in_list(mut self, list: &'a [Json], step: &str) -> Result<Self, String> {
        let asset = self.assets.first().copied().flatten();
        if step == "count" {
            self.count = Some(list.len());
            return Ok(self);
        }
        let picked: Vec<&Json> = match step.parse::<usize>() {
            Ok(place) => list.get(place).into_iter().collect(),
            Err(_) => list.iter().filter(|item| has_text(item, step)).collect(),
        };
        if picked.is_empty() {
            return Err(format!(
                "the list {:?} has {} entries, and none is {step:?}",
                self.key,
                list.len()
            ));
        }
        Ok(Self {
            assets: vec![asset; picked.len()],
            values: picked,
            key: step.to_owned(),
            count: None,
        })
    }

    /// Writes out what was found, in a form that was asked for.
    pub(super) fn written(&self, form: &str) -> Result<Written, String> {
        if let Some(count) = self.count {
            let exact = count.to_string();
            return Ok(Written {
                text: text::units(&exact, 0),
                exact,
            });
        }
        let parts: Vec<String> = self
            .values
            .iter()
            .map(|value| scalar(value))
            .collect::<Result<_, _>>()?;
        let digits =
            |part: &String| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let asset = self.assets.first().copied().flatten();
        let one_asset = self.assets.iter().all(|other| *other == asset);
        if let Some(asset) = asset
            && parts.iter().all(digits)
            && !matches!(self.key.as_str(), "height" | "index" | "hops" | "days")
        {
            if !one_asset {
                return Err("amounts of several assets are not added up: pick one asset".to_owned());
            }
            let sum = parts
                .iter()
                .fold("0".to_owned(), |sum, part| text::add_digits(&sum, part));
            return amount(asset, sum, form);
        }
        let money = parts.iter().map(|part| part.parse::<Decimal>().ok());
        let money: Option<Vec<Decimal>> = money.collect();
        if let Some(money) = money.filter(|_| is_money(&self.key)) {
            return dollars(&money, form);
        }
        // A number is a count; a text of four digits may be a year.
        if let ([part], [Json::Integer(_)], "") = (&parts[..], &self.values[..], form) {
            return Ok(Written {
                text: text::units(part, 0),
                exact: part.clone(),
            });
        }
        let [part] = &parts[..] else {
            return Ok(Written {
                text: parts.join(", "),
                exact: parts.join(", "),
            });
        };
        plain(part, form)
    }
}

fn missing(value: &Json, step: &str) -> String {
    match value.object() {
        Some(fields) => {
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            format!("there is no {step:?} here; there is {}", names.join(", "))
        }
        None => format!("nothing lies below this value: {step:?}"),
    }
}

fn has_text(item: &Json, word: &str) -> bool {
    let fields = item.object().into_iter().flatten();
    let mut texts = fields.filter_map(|(_, value)| value.text());
    texts.any(|text| text == word)
}

fn scalar(value: &Json) -> Result<String, String> {
    match value {
        Json::Text(text) => Ok(text.clone()),
        Json::Null => Err("the result has no value here".to_owned()),
        Json::List(_) | Json::Object(_) => Err(
            "this is a list or an object, and not one value: go on to one of its parts".to_owned(),
        ),
        other => Ok(other.canonical()),
    }
}

/// Names under which a result keeps US dollars.
fn is_money(key: &str) -> bool {
    matches!(
        key,
        "usd"
            | "usd_max"
            | "claimed"
            | "computed"
            | "counted"
            | "min"
            | "max"
            | "net"
            | "recovered"
            | "frozen"
            | "reissued"
            | "difference"
            | "total_if_one"
    )
}

fn amount(asset: &str, digits: String, form: &str) -> Result<Written, String> {
    let unit = unit(asset);
    let text = match form {
        "" => unit.exact(&digits),
        "brief" => format!("{} {}", text::brief(&digits, unit.decimals), unit.symbol),
        "exact" => digits.clone(),
        other => {
            return Err(format!(
                "an amount is not written as {other:?}: brief, exact or nothing"
            ));
        }
    };
    Ok(Written {
        text,
        exact: format!("{digits} smallest units of {asset}"),
    })
}

/// US dollars; a sum where there are several.
pub(super) fn dollars(values: &[Decimal], form: &str) -> Result<Written, String> {
    let mut sum = Decimal::ZERO;
    for value in values {
        sum = sum.checked_add(*value).ok_or("the sum does not fit")?;
    }
    let rounded = |value: Decimal, decimals| {
        value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
    };
    let exact = sum.normalize().to_string();
    let text = match form {
        "" => grouped(&rounded(sum, 0).to_string()),
        "cents" => grouped(&format!("{:.2}", rounded(sum, 2))),
        "millions" => {
            let millions = sum
                .checked_div(Decimal::from(1_000_000))
                .ok_or("it does not divide")?;
            format!(
                "{} million",
                grouped(&rounded(millions, 1).normalize().to_string())
            )
        }
        "exact" => exact.clone(),
        other => {
            return Err(format!(
                "US dollars are not written as {other:?}: millions, cents, exact or nothing"
            ));
        }
    };
    Ok(Written {
        text: format!("USD {text}"),
        exact: format!("USD {exact}"),
    })
}

/// Thousands set apart.
fn grouped(number: &str) -> String {
    let (sign, number) = match number.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = text::units(whole, 0);
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// A text, a date or a count.
pub(super) fn plain(part: &str, form: &str) -> Result<Written, String> {
    let account = part.rsplit_once(':').map_or(part, |(_, address)| address);
    let text = match form {
        "" if is_long(account) && part.matches(':').count() == 2 => account.to_owned(),
        "" if Date::new(part).is_ok() && part.contains('-') => day(part),
        "" if part.bytes().all(|byte| byte.is_ascii_digit()) && part.len() != 4 => {
            text::units(part, 0)
        }
        "" | "exact" => part.to_owned(),
        "short" => text::shorten(account),
        "day" if Date::new(part).is_ok() => day(part),
        "percent" => percent(part)?,
        other => {
            return Err(format!(
                "this is not written as {other:?}: short, day, percent, exact or nothing"
            ));
        }
    };
    Ok(Written {
        text,
        exact: part.to_owned(),
    })
}

fn is_long(text: &str) -> bool {
    text.len() >= 24 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A date as reports write it: 23 March 2022. What is not known is not made up.
pub(super) fn day(date: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let parts: Vec<&str> = date.get(..10).unwrap_or(date).split('-').collect();
    let month = |text: &str| {
        let number = text.parse::<usize>().ok()?;
        MONTHS.get(number.checked_sub(1)?).copied()
    };
    match parts[..] {
        [year, m, day] => match month(m) {
            Some(month) => format!("{} {month} {year}", day.trim_start_matches('0')),
            None => date.to_owned(),
        },
        [year, m] => match month(m) {
            Some(month) => format!("{month} {year}"),
            None => date.to_owned(),
        },
        _ => date.to_owned(),
    }
}

/// A share as whole per cent, rounded half up; what is not nothing is never shown as nothing.
fn percent(part: &str) -> Result<String, String> {
    let share: Decimal = part.parse().map_err(|_| format!("{part:?} is no share"))?;
    let hundredfold = share
        .checked_mul(Decimal::ONE_HUNDRED)
        .ok_or("it does not fit")?;
    let whole = hundredfold.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    Ok(match whole {
        whole if whole.is_zero() && !share.is_zero() => "below 1 %".to_owned(),
        whole if whole == Decimal::ONE_HUNDRED && share < Decimal::ONE => "above 99 %".to_owned(),
        whole => format!("{whole} %"),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(path: &str, form: &str) -> Result<String, String> {
        let json = Json::read(
            br#"{"totals":[{"asset":"eip155:1/slip44:60","origin":"173600000000000000000000","by_kind":{"held":"5"}}],
                "endpoints":[{"kind":"held","asset":"eip155:1/slip44:60","amount":"1000000000000000000","address":"a"},
                {"kind":"held","asset":"eip155:1/slip44:60","amount":"500000000000000000","address":"b"},
                {"kind":"fee","asset":"x:y/z:1","amount":"5","address":"c"}],
                "usd":"316400000.50","rows":[{"usd":"1.5"},{"usd":"2"}],"incidents":1234,"date":"2022-03-23T13:29:09Z",
                "low":"0.9999","none":null}"#,
        );
        let json = json.unwrap();
        walk(&json, path)?.written(form).map(|written| written.text)
    }

    #[test]
    fn values_are_found_added_up_and_written_out() {
        for (path, form, text) in [
            ("totals.0.origin", "", "173,600 ETH"),
            ("totals.0.by_kind.held", "exact", "5"),
            ("endpoints.held.amount", "", "1.5 ETH"),
            ("endpoints.held.count", "", "2"),
            ("endpoints.count", "", "3"),
            ("endpoints.b.amount", "brief", "0.5 ETH"),
            ("usd", "millions", "USD 316.4 million"),
            ("usd", "", "USD 316,400,001"),
            ("usd", "cents", "USD 316,400,000.50"),
            ("rows.0.usd", "exact", "USD 1.5"),
            ("incidents", "", "1,234"),
            ("date", "", "23 March 2022"),
            ("date", "exact", "2022-03-23T13:29:09Z"),
            ("low", "percent", "above 99 %"),
        ] {
            assert_eq!(at(path, form).as_deref(), Ok(text), "{path}|{form}");
        }
    }

    #[test]
    fn what_is_not_there_or_cannot_be_added_is_said() {
        for (path, form, why) in [
            ("total", "", "there is date"),
            ("endpoints.mixer.amount", "", "none is \"mixer\""),
            ("endpoints.9.amount", "", "none is \"9\""),
            ("endpoints.0", "", "not one value"),
            ("none", "", "no value"),
            ("usd.more", "", "nothing lies below"),
            ("usd", "feet", "not written as"),
            ("endpoints.count.more", "", "below a count"),
        ] {
            let error = at(path, form).unwrap_err();
            assert!(error.contains(why), "{path}: {error}");
        }
    }
}
