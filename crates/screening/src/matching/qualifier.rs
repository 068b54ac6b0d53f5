//! What else is known of the one who is asked for: it can speak against a hit, and never makes one.
//!
//! A date of birth, a country, a sex that do not agree take points off, and are said. That they agree is said too and
//! adds nothing: a day of birth in common does not make two names one. Lists leave much out, so what is missing on
//! either side says nothing.

use crate::lists::entry::{Birth, Entry, Gender};
use crate::lists::{Kind, dates};

use super::fold;

/// What is known of the one who is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qualifiers {
    /// What it is.
    pub kind: Option<Kind>,
    /// When he was born.
    pub birth: Option<Birth>,
    /// His country, as written.
    pub country: Option<String>,
    /// Male or female.
    pub gender: Option<Gender>,
    /// The number of a document.
    pub document: Option<String>,
}

impl Qualifiers {
    /// Reads a date of birth.
    #[must_use]
    pub fn birth(text: &str) -> Option<Birth> {
        let birth = dates::birth(text, false)?;
        // Numbers that name no day of a calendar are a slip of the pen, and must not speak against anybody.
        let words = text.split(|c: char| !c.is_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let is_date = words
            .iter()
            .all(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        let is_whole = match words.len() {
            2 => birth.month.is_some() || birth.from != birth.to,
            3 => birth.month.is_some() && birth.day.is_some(),
            _ => true,
        };
        (!is_date || is_whole).then_some(birth)
    }

    /// What they say of an entry: how much to take off, in thousandths, and why.
    #[must_use]
    pub fn weigh(&self, entry: &Entry) -> (u32, Vec<String>) {
        let mut off = 0;
        let mut why = Vec::new();
        let parts = [
            self.of_kind(entry),
            self.of_birth(entry),
            self.of_country(entry),
            self.of_gender(entry),
        ];
        for (taken, said) in parts.into_iter().flatten() {
            off += taken;
            why.push(if taken > 0 {
                format!("{said} (-{})", taken / 10)
            } else {
                said
            });
        }
        (off, why)
    }

    fn of_kind(&self, entry: &Entry) -> Option<(u32, String)> {
        let kind = self.kind.filter(|kind| *kind != Kind::Unknown)?;
        let other = entry.kind != Kind::Unknown && entry.kind != kind;
        other.then(|| {
            (
                150,
                format!("asked for: {}; listed: {}", kind.word(), entry.kind.word()),
            )
        })
    }

    fn of_birth(&self, entry: &Entry) -> Option<(u32, String)> {
        let asked = self.birth.as_ref()?;
        let best = entry
            .births
            .iter()
            .map(|listed| (apart(asked, listed), listed))
            .min_by_key(|(off, _)| *off);
        let (off, listed) = best?;
        let said = match off {
            0 => "born at the same time",
            _ => "born at another time",
        };
        Some((off, format!("{said}: {} and {}", asked.text, listed.text)))
    }

    fn of_country(&self, entry: &Entry) -> Option<(u32, String)> {
        let asked = self.country.as_ref()?;
        let own = country(asked)?;
        let known: Vec<(&str, &str)> = entry
            .countries
            .iter()
            .filter_map(|one| Some((country(&one.text)?, one.text.as_str())))
            .collect();
        let first = known.first()?;
        match known.iter().find(|(code, _)| *code == own) {
            Some((_, text)) => Some((0, format!("the same country: {text}"))),
            None => Some((80, format!("another country: {asked} and {}", first.1))),
        }
    }

    fn of_gender(&self, entry: &Entry) -> Option<(u32, String)> {
        let (asked, listed) = (self.gender?, entry.gender?);
        (asked != listed).then(|| {
            (
                150,
                format!("asked for: {}; listed: {}", asked.word(), listed.word()),
            )
        })
    }
}

/// What two dates of birth take off.
fn apart(asked: &Birth, listed: &Birth) -> u32 {
    if asked.to < listed.from || listed.to < asked.from {
        let years = asked
            .from
            .saturating_sub(listed.to)
            .max(listed.from.saturating_sub(asked.to));
        return if years > 2 { 200 } else { 100 };
    }
    let differ = |one: Option<u8>, other: Option<u8>| {
        one.zip(other).is_some_and(|(one, other)| one != other)
    };
    let flipped = asked.day.is_some() && asked.day == listed.month && asked.month == listed.day;
    match differ(asked.month, listed.month) || differ(asked.day, listed.day) {
        true if flipped => 40,
        true => 80,
        false => 0,
    }
}

/// A country by the first word of its row: its code; then its names, in words without accents.
const COUNTRIES: &str = include_str!("../../data/countries.txt");

/// The code of a country, from its code or a name.
#[must_use]
pub fn country(text: &str) -> Option<&'static str> {
    let words = fold::words(text);
    let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let name = words.join(" ");
    let mut rows = COUNTRIES.lines().filter(|line| !line.starts_with('#'));
    let row = rows.find(|line| line.split(';').any(|one| one == name))?;
    row.split(';').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_several_names() {
        for text in [
            "KP",
            "Korea, North",
            "Democratic People's Republic of Korea",
            "DPRK",
            "north korea",
        ] {
            assert_eq!(country(text), Some("kp"), "{text}");
        }
        assert_eq!(country("Atlantis"), None);
    }

    #[test]
    fn what_agrees_adds_nothing_and_what_does_not_takes_off() {
        let mut entry = Entry {
            kind: Kind::Person,
            ..Entry::default()
        };
        entry.births.extend(dates::birth("28 Jul 1963", false));
        entry.country("nationality", "Belize");
        let asked = |birth: &str, country: &str| Qualifiers {
            birth: Qualifiers::birth(birth),
            country: Some(country.to_owned()),
            ..Qualifiers::default()
        };
        assert_eq!(asked("1963", "BZ").weigh(&entry).0, 0);
        assert_eq!(asked("27 Jul 1963", "Belize").weigh(&entry).0, 80);
        assert_eq!(asked("1990", "France").weigh(&entry).0, 280);
        assert_eq!(asked("unknown", "nowhere").weigh(&entry).0, 0);
    }
}
