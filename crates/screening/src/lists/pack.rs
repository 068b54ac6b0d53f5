//! A version of a list as it lies in the store: lines of JSON, an entry and its facts in turn, under a hash.
//!
//! The first line says which list, which version, from which files; the last is the SHA-256 of all before it. Facts
//! stand on lines of their own, so that whoever only screens passes over them without reading. It opens with
//! nothing but a reader of JSON, years later.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::entry::{Entry, Listed, hex};
use super::error::ListError;
use super::reading::{Listing, UNDATED, Unknown};

const SCHEMA: &str = "whither.list/1";

/// Which version of which list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// `whither.list/1`.
    pub schema: String,
    /// The list.
    pub list: String,
    /// Who publishes it; empty where that is not known.
    pub publisher: String,
    /// Its date, `YYYY-MM-DD`.
    pub date: String,
    /// `publisher` where the file bears the date, `given` where whoever imported it said so, `import` where
    /// it is the day of import.
    pub date_basis: String,
    /// How it was written.
    pub format: String,
    /// SHA-256 of its files, in hex: of the file, or of the lines `hash  name` of several.
    pub hash: String,
    /// Its files.
    pub files: Vec<File>,
    /// How many entries it has.
    pub entries: u64,
    /// How many names, aliases included.
    pub names: u64,
    /// How many digital-currency addresses.
    pub wallets: u64,
    /// What the reader did not know and kept.
    pub unknown: Vec<Strange>,
    /// What is odd about the file.
    pub problems: Vec<String>,
}

/// A file that a version was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name, without folders.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hex.
    pub hash: String,
}

/// Something unknown: what, how often, and the line of the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strange {
    /// The path of the element or attribute, or the column.
    pub what: String,
    /// How often.
    pub count: u64,
    /// The line of the first; 0 where the format has none.
    pub line: u64,
}

impl Version {
    /// What is to be said where the publisher's date could not be read and nobody gave another.
    #[must_use]
    pub fn undated(&self) -> Option<&str> {
        let mut problems = self.problems.iter();
        let unread = problems.find(|problem| problem.starts_with(UNDATED))?;
        (self.date_basis == "import").then_some(unread)
    }

    /// Describes a listing. `date` and `basis` where the file bears none.
    #[must_use]
    pub fn new(listing: &Listing, format: &str, files: Vec<File>, date: &str, basis: &str) -> Self {
        let count = |of: fn(&Entry) -> usize| {
            let all = listing.entries.iter().map(|listed| of(&listed.entry));
            all.sum::<usize>() as u64
        };
        let hash = match files.as_slice() {
            [one] => one.hash.clone(),
            several => {
                let mut hash = Sha256::new();
                for file in several {
                    hash.update(format!("{}  {}\n", file.hash, file.name));
                }
                hex(&hash.finalize())
            }
        };
        let strange = |(what, unknown): (&String, &Unknown)| Strange {
            what: what.clone(),
            count: unknown.count,
            line: unknown.line,
        };
        Self {
            schema: SCHEMA.to_owned(),
            list: listing.list.clone(),
            publisher: listing.publisher.clone(),
            date: date.to_owned(),
            date_basis: basis.to_owned(),
            format: format.to_owned(),
            hash,
            files,
            entries: listing.entries.len() as u64,
            names: count(|entry| entry.names.len()),
            wallets: count(|entry| entry.wallets.len()),
            unknown: listing.unknown.iter().map(strange).collect(),
            problems: listing.problems.clone(),
        }
    }
}

/// An entry of a stored version, with the hash of all that is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// [`Listed::hash`].
    pub hash: String,
    /// The fields.
    #[serde(flatten)]
    pub entry: Entry,
}

/// The bytes of a version.
#[must_use]
pub fn encode(version: &Version, entries: &[Listed]) -> Vec<u8> {
    let mut bytes = line(version);
    for listed in entries {
        bytes.extend(line(&Stored {
            hash: listed.hash(),
            entry: listed.entry.clone(),
        }));
        bytes.extend(line(&listed.facts));
    }
    let hash = hex(&Sha256::digest(&bytes));
    bytes.extend(format!("{hash}\n").into_bytes());
    bytes
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect("maps have text for keys");
    line.push(b'\n');
    line
}

/// Only what version it is; the rest is not looked at.
///
/// # Errors
/// Where the first line is not that of a version.
pub fn decode_version(file: &str, bytes: &[u8]) -> Result<Version, ListError> {
    let first = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let version: Version =
        serde_json::from_slice(first).map_err(|error| damaged(file, &error.to_string()))?;
    if version.schema == SCHEMA {
        Ok(version)
    } else {
        Err(damaged(file, &format!("its form is {:?}", version.schema)))
    }
}

/// A version and its entries, the hash over all checked.
///
/// # Errors
/// Where the bytes are not those that were written.
pub fn decode(file: &str, bytes: &[u8]) -> Result<(Version, Vec<Stored>), ListError> {
    let (version, lines) = open(file, bytes)?;
    let entries = lines.step_by(2).map(|line| {
        serde_json::from_slice(line).map_err(|error| damaged(file, &error.to_string()))
    });
    let entries = entries.collect::<Result<Vec<Stored>, _>>()?;
    if entries.len() as u64 == version.entries {
        Ok((version, entries))
    } else {
        Err(damaged(file, "an entry is missing"))
    }
}

/// The facts of the entries, by id.
///
/// # Errors
/// Where the bytes are not those that were written.
pub fn decode_facts(
    file: &str,
    bytes: &[u8],
) -> Result<BTreeMap<String, Vec<(String, String)>>, ListError> {
    let (_, mut lines) = open(file, bytes)?;
    let mut all = BTreeMap::new();
    while let (Some(entry), Some(facts)) = (lines.next(), lines.next()) {
        let read = serde_json::from_slice::<Stored>(entry)
            .and_then(|stored| Ok((stored.entry.id, serde_json::from_slice(facts)?)));
        let (id, facts) = read.map_err(|error| damaged(file, &error.to_string()))?;
        all.insert(id, facts);
    }
    Ok(all)
}

fn open<'a>(
    file: &str,
    bytes: &'a [u8],
) -> Result<(Version, impl Iterator<Item = &'a [u8]>), ListError> {
    let version = decode_version(file, bytes)?;
    let inner = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let last = inner.iter().rposition(|byte| *byte == b'\n');
    let Some(last) = last else {
        return Err(damaged(file, "it ends after its first line"));
    };
    let (body, hash) = (&bytes[..=last], &inner[last + 1..]);
    if hex(&Sha256::digest(body)).as_bytes() != hash {
        return Err(damaged(file, "its hash is not that of its content"));
    }
    let lines = body[..last].split(|byte| *byte == b'\n').skip(1);
    Ok((version, lines))
}

fn damaged(file: &str, what: &str) -> ListError {
    ListError::Damaged {
        file: file.to_owned(),
        what: what.to_owned(),
    }
}
