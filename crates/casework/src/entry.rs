//! An entry: one public line of an author's log, which commits to what it says without saying it.
//!
//! The line holds its own hash (so that a flipped bit is named, even in the last line) and that of the line
//! before it (so that no line can be changed, removed or put in without changing all that follow). What is
//! said lies in the payload. The target of a retraction or a correction stands in the line and not in the
//! payload: whoever is shown the log with payloads withheld still sees which claims no longer stand.

use crate::canonical::{Json, object};
use crate::hash::Hash;
use crate::words::{Author, CaseId, Kind, Time};

/// A line longer than this, in bytes, is not an entry.
pub const LINE_LENGTH_MAX: usize = 1024;

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    author: Author,
    entry: u64,
    time: Time,
    kind: Kind,
    target: Option<Hash>,
    payload: Hash,
    previous: Hash,
    hash: Hash,
}

/// What an author wrote, before it stands in a log.
pub(crate) struct Written {
    pub author: Author,
    pub time: Time,
    pub kind: Kind,
    pub target: Option<Hash>,
    pub payload: Hash,
}

impl Entry {
    /// The entry that follows another in its author's log, or begins the log.
    pub(crate) fn after(written: Written, number: u64, previous: Hash) -> Self {
        let mut entry = Self {
            author: written.author,
            entry: number,
            time: written.time,
            kind: written.kind,
            target: written.target,
            payload: written.payload,
            previous,
            hash: Hash::of(b""),
        };
        entry.hash = Hash::of(entry.text(None).as_bytes());
        entry
    }

    /// Reads a line, without its line break.
    ///
    /// # Errors
    /// What is wrong: not canonical, a field missing or unknown, not the hash that it states.
    pub fn read(line: &[u8]) -> Result<Self, String> {
        if line.len() > LINE_LENGTH_MAX {
            return Err(format!("the line is longer than {LINE_LENGTH_MAX} bytes"));
        }
        let json = Json::read(line)?;
        let field = |key: &str| json.field(key).ok_or_else(|| format!("it lacks `{key}`"));
        let text = |key: &str| {
            let text = field(key)?.text();
            text.ok_or_else(|| format!("`{key}` is not text"))
        };
        let hash = |key: &str| {
            let hash = Hash::parse(text(key)?);
            hash.ok_or_else(|| format!("`{key}` is not a hash"))
        };
        let number = field("entry")?.integer();
        let number = number.and_then(|number| u64::try_from(number).ok());
        let written = Written {
            author: Author::new(text("author")?).map_err(|error| error.to_string())?,
            time: Time::new(text("time")?).map_err(|error| error.to_string())?,
            kind: Kind::new(text("kind")?).map_err(|error| error.to_string())?,
            target: json.field("target").map(|_| hash("target")).transpose()?,
            payload: hash("payload")?,
        };
        if written.kind.is_claim() != written.target.is_none() {
            return Err(
                "a `target` belongs to `retract` and `correct`, and to these alone".to_owned(),
            );
        }
        let number = number.ok_or("`entry` is not a number")?;
        let entry = Self::after(written, number, hash("previous")?);
        // An entry has one text: what differs from it is not canonical, or has a field too many.
        if entry.line().as_bytes() == line {
            return Ok(entry);
        }
        Json::read_canonical(line)?;
        if entry.hash != hash("hash")? {
            return Err("it was altered: it does not have the hash that it states".to_owned());
        }
        Err("it has a field that an entry does not have".to_owned())
    }

    /// The line, without its line break.
    #[must_use]
    pub fn line(&self) -> String {
        self.text(Some(self.hash))
    }

    /// The canonical JSON of all fields, with or without the hash, which is over the others. None of them holds a
    /// character that is escaped.
    fn text(&self, hash: Option<Hash>) -> String {
        let Self {
            author,
            entry,
            time,
            kind,
            payload,
            previous,
            ..
        } = self;
        let hash = hash.map_or_else(String::new, |hash| format!(r#""hash":"{hash}","#));
        let target = self
            .target
            .map_or_else(String::new, |target| format!(r#""target":"{target}","#));
        format!(
            r#"{{"author":"{author}","entry":{entry},{hash}"kind":"{kind}","payload":"{payload}","previous":"{previous}",{target}"time":"{time}"}}"#
        )
    }

    /// Who wrote it.
    #[must_use]
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// Its place in its author's log, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.entry
    }

    /// When it was recorded, as its author says.
    #[must_use]
    pub fn time(&self) -> &Time {
        &self.time
    }

    /// What kind of entry it is.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The entry that it retracts or corrects.
    #[must_use]
    pub fn target(&self) -> Option<Hash> {
        self.target
    }

    /// What commits to its payload, and names the payload's file.
    #[must_use]
    pub fn payload(&self) -> Hash {
        self.payload
    }

    /// The hash of the entry before it.
    #[must_use]
    pub fn previous(&self) -> Hash {
        self.previous
    }

    /// Names the entry.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The canonical order over all authors: time, then author, then place in the log.
    #[must_use]
    pub fn order(&self) -> (&Time, &Author, u64) {
        (&self.time, &self.author, self.entry)
    }
}

/// What the first entry of an author names as the one before it: this case and this author, so that no log
/// can be carried over into another case or to another name.
pub(crate) fn beginning(case: &CaseId, author: &Author) -> Hash {
    let beginning = object([
        ("author", Json::Text(author.to_string())),
        ("case", Json::Text(case.to_string())),
        ("format", Json::Text("whither.log/1".to_owned())),
    ]);
    Hash::of(beginning.canonical().as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn entry(kind: &str, target: Option<Hash>) -> Entry {
        let written = Written {
            author: Author::new("ana").unwrap(),
            time: Time::new("2026-01-02T03:04:05Z").unwrap(),
            kind: Kind::new(kind).unwrap(),
            target,
            payload: Hash::of(b"p"),
        };
        let case = CaseId::new("ronin").unwrap();
        Entry::after(written, 1, beginning(&case, &Author::new("ana").unwrap()))
    }

    /// The bytes of a line never change, or no log ever written could be read.
    #[test]
    fn a_line_is_what_it_always_was() {
        let expected = r#"{"author":"ana","entry":1,"hash":"HASH","kind":"label","payload":"148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940","previous":"PREVIOUS","time":"2026-01-02T03:04:05Z"}"#;
        let previous = Hash::of(br#"{"author":"ana","case":"ronin","format":"whither.log/1"}"#);
        let expected = expected.replace("PREVIOUS", &previous.to_string());
        let hash = Hash::of(expected.replace(r#""hash":"HASH","#, "").as_bytes());
        let expected = expected.replace("HASH", &hash.to_string());
        let entry = entry("label", None);
        assert_eq!(entry.line(), expected);
        assert_eq!(Entry::read(expected.as_bytes()).unwrap(), entry);
    }

    #[test]
    fn the_longest_entry_fits_its_line() {
        let mut longest = entry("retract", Some(Hash::of(b"t")));
        longest.author = Author::new(&"a".repeat(64)).unwrap();
        longest.kind = Kind::new(&"k".repeat(32)).unwrap();
        longest.entry = 1 << 53;
        assert!(longest.line().len() <= LINE_LENGTH_MAX);
    }

    #[test]
    fn what_is_no_entry_is_refused_with_its_reason() {
        let line = entry("label", None).line();
        let sealed = |line: &str| {
            let mut json: std::collections::BTreeMap<String, Json> = Json::read(line.as_bytes())
                .unwrap()
                .object()
                .unwrap()
                .clone();
            json.remove("hash");
            let hash = Hash::of(Json::Object(json.clone()).canonical().as_bytes());
            json.insert("hash".to_owned(), Json::Text(hash.to_string()));
            Json::Object(json).canonical()
        };
        assert_eq!(sealed(&line), line);
        let extra = sealed(&line.replace("\"kind\"", "\"extra\":1,\"kind\""));
        let target = sealed(&line.replace(
            ",\"time\"",
            &format!(",\"target\":\"{}\",\"time\"", Hash::of(b"")),
        ));
        for (text, why) in [
            (line.replace("ana", "bob"), "altered"),
            (extra, "altered"),
            (target, "a `target` belongs to"),
            (
                entry("label", None).line().replace("\"entry\":1,", ""),
                "lacks `entry`",
            ),
            (
                line.replace("\"entry\":1", "\"entry\":-1"),
                "`entry` is not a number",
            ),
            (
                line.replace("\"author\":\"ana\"", "\"author\":\"../ana\""),
                "is not an author",
            ),
            (line.replace(',', ", "), "not in canonical form"),
            (" ".repeat(LINE_LENGTH_MAX + 1), "longer than"),
        ] {
            let error = Entry::read(text.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(Entry::read(entry("retract", None).line().as_bytes()).is_err());
    }
}
