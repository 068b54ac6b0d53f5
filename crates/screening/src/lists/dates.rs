//! Dates as lists write them: `28 Jul 1963`, `circa 1965`, `dd/mm/1969`, `1943 to 1944`, `05/07/2024`.
//!
//! What cannot be read as a date stays as text and says nothing: a day is never guessed.

use super::entry::{Birth, tidy};

/// How far from a year that is said to be approximate the true one is taken to be.
const CIRCA_YEARS: u16 = 2;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Reads a date of birth. `None` where no year can be made out.
#[must_use]
pub fn birth(text: &str, approximate: bool) -> Option<Birth> {
    let text = tidy(text);
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let years: Vec<u16> = words.iter().filter_map(|word| year(word)).collect();
    let (first, last) = (*years.iter().min()?, *years.iter().max()?);
    let circa = approximate
        || words
            .iter()
            .any(|word| matches!(*word, "circa" | "ca" | "c" | "approximately" | "approx"));
    let margin = if circa { CIRCA_YEARS } else { 0 };
    let (month, day) = if years.len() == 1 {
        month_and_day(&words)
    } else {
        (None, None)
    };
    Some(Birth {
        from: first.saturating_sub(margin),
        to: last.saturating_add(margin),
        month: month.filter(|_| !circa),
        day: day.filter(|_| !circa),
        text,
    })
}

fn year(word: &str) -> Option<u16> {
    let year: u16 = word.parse().ok().filter(|_| word.len() == 4)?;
    (1800..=2100).contains(&year).then_some(year)
}

/// Month and day of words that hold one year: `28 jul 1963`, `1963 07 28`, `28 07 1963`.
fn month_and_day(words: &[&str]) -> (Option<u8>, Option<u8>) {
    let number = |word: &str, most: u8| {
        let found: u8 = word.parse().ok().filter(|_| word.len() <= 2)?;
        (1..=most).contains(&found).then_some(found)
    };
    if let Some(at) = words.iter().position(|word| month_name(word).is_some()) {
        let month = words.get(at).and_then(|word| month_name(word));
        let day = words.iter().find_map(|word| number(word, 31));
        return (month, day);
    }
    match words {
        [first, month, day, ..] if year(first).is_some() => (number(month, 12), number(day, 31)),
        [day, month, last] if year(last).is_some() => (number(month, 12), number(day, 31)),
        [month, last] if year(last).is_some() => (number(month, 12), None),
        _ => (None, None),
    }
}

fn month_name(word: &str) -> Option<u8> {
    let start = word.get(..3)?;
    let at = MONTHS.iter().position(|month| *month == start)?;
    u8::try_from(at + 1).ok()
}

/// A day as `YYYY-MM-DD`, from that form (also with a time behind it), from `28 Jul 1963`, from
/// `28/07/1963`, or, where `month_first`, from `07/28/1963`.
#[must_use]
pub fn day(text: &str, month_first: bool) -> Option<String> {
    let text = text.trim();
    if let Some(date) = text.get(..10).filter(|date| is_iso(date)) {
        return checked(date);
    }
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let [one, two, last, ..] = words.as_slice() else {
        return None;
    };
    let year: u16 = last.parse().ok().filter(|_| last.len() == 4)?;
    let named = |word: &str| month_name(&word.to_lowercase());
    let (day, month) = match (named(two), named(one)) {
        (Some(month), _) => (one.parse::<u8>().ok()?, month),
        (None, Some(month)) => (two.parse().ok()?, month),
        (None, None) if month_first => (two.parse().ok()?, one.parse().ok()?),
        (None, None) => (one.parse().ok()?, two.parse().ok()?),
    };
    checked(&format!("{year:04}-{month:02}-{day:02}"))
}

fn is_iso(date: &str) -> bool {
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    date.bytes().enumerate().all(shape)
}

/// The date, if there is such a day.
fn checked(date: &str) -> Option<String> {
    let time = whither_ledger::time::Timestamp::parse(date).ok()?;
    let written = time.to_string();
    written.get(..10).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(u16, u16, Option<u8>, Option<u8>)> {
        birth(text, false).map(|birth| (birth.from, birth.to, birth.month, birth.day))
    }

    #[test]
    fn births_are_read_as_far_as_they_are_known() {
        assert_eq!(read("28 Jul 1963"), Some((1963, 1963, Some(7), Some(28))));
        assert_eq!(read("Jul 1963"), Some((1963, 1963, Some(7), None)));
        assert_eq!(read("1963-07-28"), Some((1963, 1963, Some(7), Some(28))));
        assert_eq!(read("28/07/1963"), Some((1963, 1963, Some(7), Some(28))));
        assert_eq!(read("dd/mm/1969"), Some((1969, 1969, None, None)));
        assert_eq!(read("circa 1965"), Some((1963, 1967, None, None)));
        assert_eq!(read("1943 to 1944"), Some((1943, 1944, None, None)));
        assert_eq!(read("unknown"), None);
        assert_eq!(read("12345678901234567890"), None);
    }

    #[test]
    fn days_are_real_ones() {
        assert_eq!(day("05/07/2024", true).as_deref(), Some("2024-05-07"));
        assert_eq!(day("05/07/2024", false).as_deref(), Some("2024-07-05"));
        assert_eq!(
            day("2024-05-15T00:00:03.012Z", false).as_deref(),
            Some("2024-05-15")
        );
        assert_eq!(day("12-Nov-2025", false).as_deref(), Some("2025-11-12"));
        assert_eq!(day("2024-02-31", false), None);
        assert_eq!(day("", false), None);
    }
}
