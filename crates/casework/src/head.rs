//! A head: how far each log of a case went at some time, small enough to be published.
//!
//! A chain of hashes shows that nothing within it was changed; it cannot show that its end was cut off, or
//! that all of it was written anew. Whoever keeps a head can: it names the last entry of each author.

use std::collections::BTreeMap;

use crate::canonical::{Json, object};
use crate::error::CaseError;
use crate::hash::Hash;
use crate::words::{Author, CaseId};

const FORMAT: &str = "whither.head/1";

/// The last entry of each author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whose head it is.
    pub case: CaseId,
    /// Number and hash of each author's last entry.
    pub last: BTreeMap<Author, (u64, Hash)>,
}

impl Head {
    /// The head as canonical JSON: the same entries give the same text.
    #[must_use]
    pub fn canonical(&self) -> String {
        let last = self.last.iter().map(|(author, (entry, hash))| {
            // A log has far fewer lines than 2^53.
            let entry = Json::Integer(i64::try_from(*entry).unwrap_or(i64::MAX));
            let hash = Json::Text(hash.to_string());
            (
                author.to_string(),
                object([("entry", entry), ("hash", hash)]),
            )
        });
        let head = object([
            ("case", Json::Text(self.case.to_string())),
            ("format", Json::Text(FORMAT.to_owned())),
            ("last", Json::Object(last.collect())),
        ]);
        head.canonical()
    }

    /// The state of the case as a finding names it: a hash over the head. Copies with the same entries have
    /// the same revision, whatever payloads they withhold.
    #[must_use]
    pub fn revision(&self) -> String {
        format!("sha256:{}", Hash::of(self.canonical().as_bytes()))
    }

    /// Reads what [`Head::canonical`] wrote.
    ///
    /// # Errors
    /// [`CaseError::Input`] with what is wrong.
    pub fn read(text: &str) -> Result<Self, CaseError> {
        Self::parse(text).map_err(|why| CaseError::input("a head", text, why))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let json = Json::read(text.trim_end().as_bytes())?;
        let word = |key: &str| json.field(key).and_then(Json::text);
        if word("format") != Some(FORMAT) {
            return Err(format!("its format is not {FORMAT}"));
        }
        let case = CaseId::new(word("case").ok_or("it names no case")?);
        let logs = json.field("last").and_then(Json::object);
        let mut last = BTreeMap::new();
        for (author, entry) in logs.ok_or("it lacks `last`")? {
            let number = entry.field("entry").and_then(Json::integer);
            let number = number.and_then(|number| u64::try_from(number).ok());
            let hash = entry
                .field("hash")
                .and_then(Json::text)
                .and_then(Hash::parse);
            let (Some(number @ 1..), Some(hash)) = (number, hash) else {
                return Err(format!("the last entry of {author:?} is not one"));
            };
            let author = Author::new(author).map_err(|error| error.to_string())?;
            last.insert(author, (number, hash));
        }
        let case = case.map_err(|error| error.to_string())?;
        Ok(Self { case, last })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_written() {
        let head = Head {
            case: CaseId::new("ronin").unwrap(),
            last: BTreeMap::from([(Author::new("ana").unwrap(), (3, Hash::of(b"")))]),
        };
        let text = head.canonical();
        assert_eq!(Head::read(&text).unwrap(), head);
        assert_eq!(Head::read(&format!("{text}\n")).unwrap(), head);
        for bad in [
            text.replace(":3", ":0"),
            text.replace(":3", ":-1"),
            text.replace("/1", "/2"),
            text.replace("ana", "../ana"),
            text.replace("\"last\"", "\"first\""),
            String::new(),
        ] {
            assert!(Head::read(&bad).is_err(), "{bad}");
        }
    }
}
