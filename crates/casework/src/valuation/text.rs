//! A series as text, to be kept: a line that says what it is, a line a day, and a checksum of all before it.
//!
//! The text of a series is canonical: the same prices give the same bytes. It is read strictly, since a price that is
//! changed by a bit changes every value after it; `docs/reference/prices.md` describes it for other tools.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::{Day, Pair, Price, Series, SeriesError, SeriesKey};
use crate::hash::Hash;

const FORMAT: &str = "whither.prices/1";
const CHECKSUM: &str = "sha256,";

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    asset: String,
    quote: String,
    convention: String,
    source: String,
    licence: Option<String>,
    decimals: Option<u8>,
    file: String,
    column: String,
    version: u32,
}

/// Writes a series down as one of its versions, counted from 1.
#[must_use]
pub fn to_text(series: &Series, version: u32) -> String {
    let SeriesKey {
        pair,
        convention,
        source,
    } = &series.key;
    let head = Head {
        format: FORMAT.to_owned(),
        asset: pair.asset.to_string(),
        quote: pair.quote.to_string(),
        convention: convention.to_string(),
        source: source.clone(),
        licence: series.licence.clone(),
        decimals: series.decimals,
        file: series.file.to_string(),
        column: series.column.clone(),
        version,
    };
    let mut text = serde_json::to_string(&head).expect("texts and numbers are JSON");
    text.push('\n');
    for (day, price) in &series.days {
        writeln!(text, "{day},{price}").expect("a text takes what is written to it");
    }
    let checksum = Hash::of(text.as_bytes());
    text + &format!("{CHECKSUM}{checksum}\n")
}

/// Reads a series back, and which version it is.
///
/// # Errors
/// Where it is not byte for byte what [`to_text`] writes.
pub fn from_text(text: &str) -> Result<(Series, u32), SeriesError> {
    let damaged = |why: &str| SeriesError::Damaged(why.to_owned());
    let body = text
        .strip_suffix('\n')
        .and_then(|text| text.rsplit_once('\n'));
    let (_, checksum) = body.ok_or_else(|| damaged("it is cut off"))?;
    let checksum = checksum
        .strip_prefix(CHECKSUM)
        .ok_or_else(|| damaged("it is cut off"))?;
    let body = &text[..text.len() - checksum.len() - CHECKSUM.len() - 1];
    if Hash::of(body.as_bytes()).to_string() != checksum {
        return Err(damaged("its checksum is another"));
    }
    let mut lines = body.lines();
    let head = lines.next().unwrap_or_default();
    let head: Head = serde_json::from_str(head).map_err(|error| damaged(&error.to_string()))?;
    if head.format != FORMAT {
        return Err(damaged("it is of another format"));
    }
    let mut days = BTreeMap::new();
    for line in lines {
        let row = line
            .split_once(',')
            .and_then(|(day, price)| Some((Day::parse(day)?, Price::parse(price).ok()?)));
        let (day, price) = row.ok_or_else(|| damaged("a line has no day and price"))?;
        days.insert(day, price);
    }
    let quote = head.quote.parse()?;
    let pair = Pair::parse(&head.asset, Some(&quote))?;
    let series = Series {
        key: SeriesKey::new(pair, head.convention.parse()?, &head.source)?,
        licence: head.licence,
        decimals: head.decimals,
        file: Hash::parse(&head.file).ok_or_else(|| damaged("its file has no hash"))?,
        column: head.column,
        days,
    };
    // Whatever else differs, such as the order of days, is not what was written.
    if to_text(&series, head.version) != text {
        return Err(damaged("it is not in canonical form"));
    }
    Ok((series, head.version))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::valuation::Convention;

    #[test]
    fn what_is_written_is_read_back_and_nothing_else() {
        let pair = Pair::parse("ethereum/slip44:60", None).unwrap();
        let day = |day, price| (Day::parse(day).unwrap(), Price::parse(price).unwrap());
        let series = Series {
            key: SeriesKey::new(pair, Convention::Close, "Yahoo \"Finance\"").unwrap(),
            licence: Some("for tests".to_owned()),
            decimals: None,
            file: Hash::of(b"file"),
            column: "Close".to_owned(),
            days: BTreeMap::from([
                day("2022-03-23", "3031.067138671875"),
                day("2022-03-29", "1.10"),
            ]),
        };
        let text = to_text(&series, 7);
        assert!(text.contains("\n2022-03-29,1.1\nsha256,"), "{text}");
        assert_eq!(from_text(&text).unwrap(), (series, 7));
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(from_text(&changed).is_err(), "byte {at}");
            assert!(from_text(&text[..at]).is_err(), "cut at {at}");
        }
        assert!(from_text(&format!("{text}\n")).is_err());
    }
}
