//! What a list says of one subject, in one shape for all publishers.
//!
//! A reader fills the fields that matching needs and keeps the rest as facts, by their place in the source:
//! nothing that was published is lost, and what nobody has a field for can still be read.
//!
//! Not here: how names are compared.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::numbers;

/// One listed subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What the list itself tells it apart by: `12210`, `KPe.031`, `EU.3319.66`.
    pub id: String,
    /// The number under which it is cited; often the same.
    pub reference: String,
    /// What it is.
    pub kind: Kind,
    /// Its names, the primary one first.
    pub names: Vec<Name>,
    /// Digital-currency addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wallets: Vec<Wallet>,
    /// Passports, registrations, IMO numbers, e-mail addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
    /// Dates of birth, as far as they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub births: Vec<Birth>,
    /// Places of birth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub birth_places: Vec<String>,
    /// Countries, with what they are to the subject.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<Country>,
    /// `male` or `female`, where the list says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// Programmes or regimes it is listed under.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programmes: Vec<String>,
    /// The day it was listed, `YYYY-MM-DD`, where the list says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_on: Option<String>,
    /// Numbers of other lists that this one names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// What a subject is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A human being.
    Person,
    /// A company, an authority, a group.
    Organisation,
    /// A ship.
    Vessel,
    /// An aeroplane.
    Aircraft,
    /// Not said.
    #[default]
    Unknown,
}

impl Kind {
    /// The word for it in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Vessel => "vessel",
            Self::Aircraft => "aircraft",
            Self::Unknown => "unknown",
        }
    }
}

/// A name, as published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The name; runs of white space are one space.
    pub text: String,
    /// What the publisher holds of it.
    pub quality: Quality,
}

/// What a publisher holds of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quality {
    /// The name it is listed by.
    Primary,
    /// An alias: `Good`, `strong`, `a.k.a.`
    Good,
    /// A name it had.
    Former,
    /// An alias that alone identifies nobody: `Low`, `weak`.
    Low,
}

impl Quality {
    /// The words for it in an explanation.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Primary => "the primary name",
            Self::Good => "an alias",
            Self::Former => "a former name",
            Self::Low => "a low-quality alias",
        }
    }
}

/// A digital-currency address, as published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wallet {
    /// The publisher's code: `XBT`, `ETH`, `USDT`. A code of a token names no chain.
    pub code: String,
    /// The address as it stands in the list.
    pub address: String,
}

/// A document or another number that belongs to a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The publisher's word for it: `Passport`, `Tax ID No.`
    pub kind: String,
    /// The number.
    pub number: String,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub country: String,
}

/// A date of birth, or what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Birth {
    /// As the list says it.
    pub text: String,
    /// The first year that it may be.
    pub from: u16,
    /// The last one.
    pub to: u16,
    /// The month, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<u8>,
    /// The day, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u8>,
}

/// A country, and what it is to the subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Country {
    /// `nationality`, `citizenship`, `address`, `flag`, `birth`.
    pub role: String,
    /// The country, as the list writes it.
    pub text: String,
}

/// Male or female.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// Male.
    Male,
    /// Female.
    Female,
}

impl Gender {
    /// Reads what lists write.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "m" | "male" => Some(Self::Male),
            "f" | "female" => Some(Self::Female),
            _ => None,
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }
}

/// An entry with what no field has room for: (place in the source, text).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The fields.
    pub entry: Entry,
    /// All the rest, in the order of the source.
    pub facts: Vec<(String, String)>,
}

impl Entry {
    /// Adds a name, unless it is empty or already there. Letters of Han in brackets after a Latin name are
    /// a name of their own: `Jin Tiesan (金铁三)`.
    pub fn name(&mut self, text: &str, quality: Quality) {
        let text = tidy(text);
        if let Some((before, within)) = han_in_brackets(&text) {
            self.push_name(before, quality);
            self.push_name(within, quality);
        } else {
            self.push_name(text, quality);
        }
    }

    fn push_name(&mut self, text: String, quality: Quality) {
        let there = self.names.iter().any(|name| name.text == text);
        if !there && text.chars().any(char::is_alphanumeric) {
            self.names.push(Name { text, quality });
        }
    }

    /// Adds a country unless it is empty.
    pub fn country(&mut self, role: &str, text: &str) {
        let text = tidy(text);
        let there = |country: &Country| country.role == role && country.text == text;
        if !text.is_empty() && !self.countries.iter().any(there) {
            let role = role.to_owned();
            self.countries.push(Country { role, text });
        }
    }

    /// Adds a document unless its number is empty.
    pub fn document(&mut self, kind: &str, number: &str, country: &str) {
        let number = tidy(number);
        if !number.is_empty() {
            self.documents.push(Document {
                kind: tidy(kind),
                number,
                country: tidy(country),
            });
        }
    }

    /// Adds the documents that a remark mentions, unless they are there.
    pub(crate) fn remark(&mut self, text: &str) {
        for (kind, number) in numbers::mentioned(text) {
            let same = |one: &Document| numbers::within(&one.number).contains(&number);
            if !self.documents.iter().any(same) {
                let kind = format!("{kind}, in a remark");
                self.document(&kind, &number, "");
            }
        }
    }

    /// The name to show.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        self.names.first().map_or("", |name| name.text.as_str())
    }
}

impl Listed {
    /// SHA-256 over all that the list says of the subject, in hex: it changes when anything of it does.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(serde_json::to_vec(&self.entry).unwrap_or_default());
        hash.update(b"\n");
        hash.update(serde_json::to_vec(&self.facts).unwrap_or_default());
        hex(&hash.finalize())
    }
}

/// Bytes in lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text without runs of white space, nor any at its ends.
#[must_use]
pub fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn han_in_brackets(text: &str) -> Option<(String, String)> {
    let (before, rest) = text.split_once(['(', '（'])?;
    let within = rest.trim_end().strip_suffix([')', '）'])?;
    let han = |c: char| matches!(u32::from(c), 0x3400..=0x9FFF | 0xAC00..=0xD7A3);
    let named = !within.trim().is_empty() && within.chars().all(|c| han(c) || c == ' ');
    named.then(|| (tidy(before), tidy(within)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_in_brackets_is_a_name_of_its_own() {
        let mut entry = Entry::default();
        entry.name("Jin  Tiesan (金铁三)", Quality::Good);
        entry.name("Company (UK)", Quality::Good);
        let names: Vec<&str> = entry.names.iter().map(|name| name.text.as_str()).collect();
        assert_eq!(names, ["Jin Tiesan", "金铁三", "Company (UK)"]);
    }
}
