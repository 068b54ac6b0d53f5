//! Payloads: what the entries say, a line each, in one file per author that lies beside the log.
//!
//! A line holds the number of its entry, the payload, and the salt. The entry commits to salt and payload, so a
//! line that was altered is found; a line that was left out was withheld. Without it the log still holds together;
//! with it, anybody can see that this was said and nothing else. One file per author, and not one per payload,
//! since a case may have a million of them.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::canonical::Json;
use crate::error::{CaseError, Fault};
use crate::folder;
use crate::hash::{Hash, Salt};
use crate::lines;
use crate::words::Author;

/// A payload longer than this, in bytes, is refused.
pub const PAYLOAD_LENGTH_MAX: usize = 1 << 20;

/// What stands around a payload in its line is never longer.
const FRAME_LENGTH_MAX: usize = 128;

/// A line longer than this is none.
pub(crate) const LINE_LENGTH_MAX: usize = PAYLOAD_LENGTH_MAX + FRAME_LENGTH_MAX;

/// The folder of a case.
pub(crate) const FOLDER: &str = "payloads";

const BEGIN: &[u8] = b"{\"entry\":";
const PAYLOAD: &str = ",\"payload\":";
const SALT: &str = ",\"salt\":\"";

/// What an entry says, if this copy of the case has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// It is here.
    Here(Json),
    /// It was kept out of this copy.
    Withheld,
}

/// Where an author's payloads lie.
pub(crate) fn path(case: &Path, author: &Author) -> PathBuf {
    case.join(FOLDER).join(format!("{author}.jsonl"))
}

/// A payload as its entry commits to it.
pub(crate) struct Sealed {
    /// What the entry names.
    pub hash: Hash,
    canonical: String,
    salt: Salt,
}

impl Sealed {
    /// Seals a payload.
    ///
    /// # Errors
    /// Why it can be no payload: not an object, or too long.
    pub(crate) fn new(payload: &Json, salt: Salt) -> Result<Self, String> {
        let canonical = payload.canonical();
        // A value built by hand may hold what reading would refuse.
        let read = Json::read(canonical.as_bytes())?;
        read.object().ok_or("a payload is an object")?;
        if canonical.len() > PAYLOAD_LENGTH_MAX {
            return Err(format!(
                "the payload is longer than {PAYLOAD_LENGTH_MAX} bytes"
            ));
        }
        let hash = salt.seal(&canonical);
        Ok(Self {
            hash,
            canonical,
            salt,
        })
    }

    /// Its line, with its break: canonical JSON, whose keys are in this order.
    pub(crate) fn line(&self, entry: u64) -> String {
        let Self {
            canonical, salt, ..
        } = self;
        format!("{{\"entry\":{entry}{PAYLOAD}{canonical}{SALT}{salt}\"}}\n")
    }
}

/// A line of payloads, taken apart. What it says is believed only against what its entry commits to.
pub(crate) struct Line<'a> {
    /// Whose payload it says that it is.
    pub entry: u64,
    /// The payload, as its bytes stand.
    pub text: &'a str,
    salt: Salt,
}

impl<'a> Line<'a> {
    /// The number of the entry that a line says it is of, if that can be read.
    pub(crate) fn number(line: &[u8]) -> Option<u64> {
        Self::numbered(line).map(|(number, _)| number)
    }

    /// The number of the entry, and the rest of the line.
    fn numbered(line: &[u8]) -> Option<(u64, &[u8])> {
        let rest = line.strip_prefix(BEGIN)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = rest.split_at(digits);
        let number = std::str::from_utf8(number).ok()?;
        let canonical = !number.starts_with('0') && number.len() <= 16;
        canonical
            .then(|| number.parse().ok())
            .flatten()
            .map(|number| (number, rest))
    }

    /// Takes a line apart, without its break.
    pub(crate) fn read(line: &'a [u8]) -> Result<Self, String> {
        const NOT: &str = "it is not a payload with its entry and its salt";
        if line.len() > LINE_LENGTH_MAX {
            return Err(format!("the line is longer than {LINE_LENGTH_MAX} bytes"));
        }
        let (entry, rest) = Self::numbered(line).ok_or(NOT)?;
        let rest = std::str::from_utf8(rest).map_err(|_| "it is not text in UTF-8")?;
        let rest = rest.strip_prefix(PAYLOAD).ok_or(NOT)?;
        let rest = rest.strip_suffix("\"}").ok_or(NOT)?;
        let at = rest.len().checked_sub(64).ok_or(NOT)?;
        let (rest, salt) = rest.split_at_checked(at).ok_or(NOT)?;
        let salt = Salt::parse(salt).ok_or("its salt is not one")?;
        let text = rest.strip_suffix(SALT).ok_or(NOT)?;
        Ok(Self { entry, text, salt })
    }

    /// What an entry that commits to this line names.
    pub(crate) fn hash(&self) -> Hash {
        self.salt.seal(self.text)
    }

    /// The payload, against the hash that commits to it.
    pub(crate) fn payload(&self, hash: Hash) -> Result<Json, String> {
        if self.hash() != hash {
            return Err(
                "it was altered: it does not have the hash that the entry names".to_owned(),
            );
        }
        let payload = Json::read_canonical(self.text.as_bytes())?;
        payload.object().ok_or("a payload is an object")?;
        Ok(payload)
    }
}

/// The payloads of one author, wherever they lie.
#[derive(Clone, Debug)]
pub(crate) struct Payloads {
    author: Author,
    place: Place,
    /// Where each line is, once somebody asked.
    scan: OnceLock<Arc<Scan>>,
}

#[derive(Clone, Debug)]
enum Place {
    /// In this case.
    Case(PathBuf),
    /// Built into the program.
    Memory(Arc<[u8]>),
}

/// Where the lines of payloads are in their file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scan {
    /// Entry, line, place and length of each, by entry.
    lines: Vec<(u64, u64, u64, usize)>,
    /// The first line that is none.
    broken: Option<(u64, String)>,
    /// Length of all whole lines, in bytes.
    pub whole: u64,
    /// Length of a last line that was cut short.
    pub torn: u64,
}

impl Scan {
    /// Whether the payload of an entry is here.
    pub(crate) fn has(&self, entry: u64) -> bool {
        self.lines
            .binary_search_by_key(&entry, |(entry, ..)| *entry)
            .is_ok()
    }

    /// Where the lines end that are of entries up to a number: what follows was written before its entries, which
    /// never came.
    pub(crate) fn end_of(&self, last: u64) -> u64 {
        let kept = self.lines.partition_point(|(entry, ..)| *entry <= last);
        self.lines.get(kept).map_or(self.whole, |(_, _, at, _)| *at)
    }
}

/// A line of payloads as a reader meets it.
pub(crate) struct Met<'a> {
    /// Which line, from 1.
    pub number: u64,
    /// Its bytes, without a break; of one that is too long, the beginning.
    pub bytes: &'a [u8],
    /// All of its length in the file.
    pub length: u64,
    /// Whether it is a last line that was cut short.
    pub torn: bool,
}

impl Payloads {
    pub(crate) fn in_case(dir: &Path, author: &Author) -> Self {
        Self {
            author: author.clone(),
            place: Place::Case(dir.to_owned()),
            scan: OnceLock::new(),
        }
    }

    pub(crate) fn in_memory(author: &Author, bytes: &[u8]) -> Self {
        Self {
            author: author.clone(),
            place: Place::Memory(bytes.into()),
            scan: OnceLock::new(),
        }
    }

    /// The file was written to: where its lines are is not known any more.
    pub(crate) fn forget(&mut self) {
        self.scan = OnceLock::new();
    }

    fn path(&self) -> PathBuf {
        match &self.place {
            Place::Case(dir) => path(dir, &self.author),
            Place::Memory(_) => PathBuf::from(FOLDER).join(format!("{}.jsonl", self.author)),
        }
    }

    fn file(&self, dir: &Path) -> Result<Option<File>, CaseError> {
        if !folder::is_plain_folder(&dir.join(FOLDER))? {
            return Ok(None);
        }
        folder::open(&path(dir, &self.author))
    }

    /// The length of the file, in bytes; 0 if there is none.
    pub(crate) fn length(&self) -> Result<u64, CaseError> {
        match &self.place {
            Place::Memory(bytes) => Ok(lines::to_u64(bytes.len())),
            Place::Case(dir) => {
                let length = self.file(dir)?.map(|file| file.metadata());
                let length = length.transpose().map_err(CaseError::read(&self.path()))?;
                Ok(length.map_or(0, |found| found.len()))
            }
        }
    }

    /// Calls with each line in turn.
    pub(crate) fn each(
        &self,
        with: impl FnMut(Met<'_>) -> Result<(), CaseError>,
    ) -> Result<(), CaseError> {
        self.each_from(0, with)
    }

    /// Calls with each line in turn that begins at a place in the file or after it. They are numbered from there.
    pub(crate) fn each_from(
        &self,
        at: u64,
        mut with: impl FnMut(Met<'_>) -> Result<(), CaseError>,
    ) -> Result<(), CaseError> {
        match &self.place {
            Place::Memory(bytes) => {
                let mut bytes = Cursor::new(bytes);
                bytes.set_position(at);
                self.each_of(bytes, &mut with)
            }
            Place::Case(dir) => match self.file(dir)? {
                Some(mut file) => {
                    let found = file.seek(SeekFrom::Start(at));
                    found.map_err(CaseError::read(&self.path()))?;
                    self.each_of(BufReader::with_capacity(1 << 16, file), &mut with)
                }
                None => Ok(()),
            },
        }
    }

    fn each_of(
        &self,
        mut file: impl BufRead,
        with: &mut dyn FnMut(Met<'_>) -> Result<(), CaseError>,
    ) -> Result<(), CaseError> {
        let mut line = Vec::new();
        for number in 1.. {
            let read = lines::read(&mut file, &mut line, LINE_LENGTH_MAX);
            let (length, torn) = match read.map_err(CaseError::read(&self.path()))? {
                lines::Line::End => break,
                lines::Line::Torn(length) => (length, true),
                lines::Line::Whole(length) | lines::Line::TooLong(length) => (length, false),
            };
            let bytes = &line;
            with(Met {
                number,
                bytes,
                length,
                torn,
            })?;
        }
        Ok(())
    }

    /// Where the lines are. A line whose number does not follow is none, and so is what comes after it.
    pub(crate) fn scan(&self) -> Result<Arc<Scan>, CaseError> {
        if let Some(scan) = self.scan.get() {
            return Ok(Arc::clone(scan));
        }
        let mut scan = Scan::default();
        self.each(|met| {
            if met.torn {
                scan.torn = met.length;
                return Ok(());
            }
            let last = scan.lines.last().map_or(0, |(entry, ..)| *entry);
            match Line::number(met.bytes) {
                Some(entry) if entry > last => {
                    let line = (entry, met.number, scan.whole, met.bytes.len());
                    scan.lines.push(line);
                }
                _ if scan.broken.is_none() => {
                    let why = "it is not a payload that follows the one before it".to_owned();
                    scan.broken = Some((met.number, why));
                }
                _ => {}
            }
            scan.whole += met.length;
            Ok(())
        })?;
        let scan = Arc::new(scan);
        Ok(Arc::clone(self.scan.get_or_init(|| scan)))
    }

    /// The payload of an entry, against the hash that it commits to.
    pub(crate) fn content(&self, entry: u64, hash: Hash) -> Result<Content, CaseError> {
        let scan = self.scan()?;
        let found = scan
            .lines
            .binary_search_by_key(&entry, |(entry, ..)| *entry);
        let Ok(found) = found else {
            return match &scan.broken {
                // It may be the one that is broken.
                Some((line, why)) => Err(CaseError::Damaged(self.broken(*line, why.clone()))),
                None => Ok(Content::Withheld),
            };
        };
        let (_, line, at, length) = scan.lines[found];
        let bytes = self.bytes(at, length)?;
        let payload = Line::read(&bytes).and_then(|read| read.payload(hash));
        payload.map(Content::Here).map_err(|why| {
            CaseError::Damaged(Fault::Payload {
                author: self.author.clone(),
                entry,
                line,
                why,
            })
        })
    }

    /// A part of the file.
    pub(crate) fn bytes(&self, at: u64, length: usize) -> Result<Vec<u8>, CaseError> {
        let mut bytes = vec![0; length];
        match &self.place {
            Place::Memory(all) => {
                let mut all = Cursor::new(all);
                all.set_position(at);
                all.read_exact(&mut bytes)
                    .map_err(CaseError::read(&self.path()))?;
            }
            Place::Case(dir) => {
                let Some(mut file) = self.file(dir)? else {
                    return Ok(bytes);
                };
                let found = file.seek(SeekFrom::Start(at));
                let read = found.and_then(|_| file.read_exact(&mut bytes));
                read.map_err(CaseError::read(&self.path()))?;
            }
        }
        Ok(bytes)
    }

    /// The first line that is none, as a fault.
    pub(crate) fn fault(&self, scan: &Scan) -> Option<Fault> {
        let (line, why) = scan.broken.as_ref()?;
        Some(self.broken(*line, why.clone()))
    }

    /// A fault of a line that is of no entry that could be named.
    pub(crate) fn broken(&self, line: u64, why: String) -> Fault {
        let author = self.author.clone();
        Fault::PayloadLine { author, line, why }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::canonical::object;

    fn read(line: &str, hash: Hash) -> Result<(u64, Json), String> {
        let line = Line::read(line.trim_end_matches('\n').as_bytes())?;
        Ok((line.entry, line.payload(hash)?))
    }

    #[test]
    fn a_payload_is_read_against_its_hash_alone() {
        let payload = object([("name", Json::Text("a".to_owned()))]);
        let sealed = Sealed::new(&payload, Salt::new([7; 32])).unwrap();
        let line = sealed.line(3);
        let canonical = Json::read(line.trim_end().as_bytes()).unwrap().canonical() + "\n";
        assert_eq!(line, canonical);
        assert_eq!(read(&line, sealed.hash).unwrap(), (3, payload.clone()));
        let other = Sealed::new(&payload, Salt::new([8; 32])).unwrap().hash;
        assert_ne!(
            other, sealed.hash,
            "the same payload with another salt shows nothing"
        );
        assert!(read(&line, other).is_err());
        for bad in [
            line.replace("\"a\"", "\"b\""),
            line.replace("07", "08"),
            line.replace(':', ": "),
            line.replace("\"salt\"", "\"tlas\""),
            line.replace(":3", ":03"),
            line.replace(":3", ":"),
            line.replace("{\"entry\":3,", "{"),
            "{}".to_owned(),
        ] {
            assert!(read(&bad, sealed.hash).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_could_not_be_read_again_is_not_sealed() {
        let seal = |payload: &Json| Sealed::new(payload, Salt::new([7; 32]));
        assert!(seal(&Json::Null).is_err());
        assert!(seal(&object([("n", Json::Integer(i64::MAX))])).is_err());
        let long = Json::Text("x".repeat(PAYLOAD_LENGTH_MAX));
        assert!(seal(&object([("t", long)])).is_err());
        let mut deep = Json::Null;
        for _ in 0..32 {
            deep = Json::List(vec![deep]);
        }
        assert!(seal(&object([("d", deep)])).is_err());
    }
}
