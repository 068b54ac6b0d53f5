//! Reading an index: rows as claims, each against its checksum, and as many as there must be.

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::Trouble;
use crate::canonical::Json;
use crate::claims::{Body, Claim, Statement};
use crate::entry::Entry;
use crate::hash::Hash;
use crate::head::Head;
use crate::marks::Marks;
use crate::words::{Author, CaseId, Kind, Time};

const COLUMNS: &str =
    "id, hash, author, number, time, kind, text, standing, handle, says, says_text, sum";

/// An entry as the index has it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub id: i64,
    pub hash: Vec<u8>,
    pub author: String,
    pub number: u64,
    pub time: String,
    pub kind: String,
    /// What it says; none if that is withheld.
    pub text: Option<String>,
    /// Whether it is a claim in force.
    pub standing: bool,
    pub handle: Option<String>,
    /// The correction that counts, and what that says.
    pub says: Option<Vec<u8>>,
    pub says_text: Option<String>,
}

impl Row {
    pub(super) fn of(entry: &Entry, text: Option<String>) -> Self {
        Self {
            id: 0,
            hash: entry.hash().bytes().to_vec(),
            author: entry.author().to_string(),
            number: entry.number(),
            time: entry.time().to_string(),
            kind: entry.kind().to_string(),
            text,
            standing: entry.kind().is_claim(),
            handle: None,
            says: None,
            says_text: None,
        }
    }

    fn read(row: &rusqlite::Row<'_>) -> Result<(Self, i64), rusqlite::Error> {
        let read = Self {
            id: row.get(0)?,
            hash: row.get(1)?,
            author: row.get(2)?,
            number: row.get(3)?,
            time: row.get(4)?,
            kind: row.get(5)?,
            text: row.get(6)?,
            standing: row.get(7)?,
            handle: row.get(8)?,
            says: row.get(9)?,
            says_text: row.get(10)?,
        };
        Ok((read, row.get(11)?))
    }

    pub(super) fn find(connection: &Connection, hash: &[u8]) -> Result<Option<Self>, Trouble> {
        one(rows(connection, "hash = ?", params![hash])?)
    }

    pub(super) fn by_id(connection: &Connection, id: i64) -> Result<Option<Self>, Trouble> {
        one(rows(connection, "id = ?", params![id])?)
    }

    pub(super) fn is_claim(&self) -> bool {
        Kind::new(&self.kind).is_ok_and(|kind| kind.is_claim())
    }

    /// A checksum over all that is read of the row.
    pub(super) fn sum(&self) -> i64 {
        let hex = |bytes: &[u8]| Hash::from_bytes(bytes).map(|hash| hash.to_string());
        let said = |text: &Option<String>| {
            text.as_ref()
                .map_or_else(|| "-".to_owned(), |text| format!("+{text}"))
        };
        sum_of_text(&[
            &hex(&self.hash).unwrap_or_default(),
            &self.author,
            &self.number.to_string(),
            &self.time,
            &self.kind,
            &said(&self.text),
            if self.standing { "1" } else { "0" },
            &said(&self.handle),
            &said(&self.says.as_deref().and_then(hex)),
            &said(&self.says_text),
        ])
    }

    /// What the claim says as it stands; none if that is withheld.
    pub(super) fn statement(&self) -> Result<Option<Statement>, Trouble> {
        let text = if self.says.is_some() {
            &self.says_text
        } else {
            &self.text
        };
        let Some(text) = text else {
            return Ok(None);
        };
        let payload = Json::read(text.as_bytes()).map_err(|_| Trouble::Index)?;
        let kind = Kind::new(&self.kind).map_err(|_| Trouble::Index)?;
        Ok(Some(Statement::read_any(&kind, &payload)))
    }

    fn claim(&self) -> Result<Claim, Trouble> {
        let hash = |bytes: &[u8]| Hash::from_bytes(bytes).ok_or(Trouble::Index);
        let id = hash(&self.hash)?;
        let kind = Kind::new(&self.kind).map_err(|_| Trouble::Index)?;
        let statement = self.statement()?.unwrap_or_else(|| Statement {
            handle: None,
            marks: Marks::default(),
            body: Body::Withheld { kind },
        });
        Ok(Claim {
            id,
            says: self.says.as_deref().map_or(Ok(id), hash)?,
            handle: statement.handle,
            author: Author::new(&self.author).map_err(|_| Trouble::Index)?,
            number: self.number,
            time: Time::new(&self.time).map_err(|_| Trouble::Index)?,
            marks: statement.marks,
            body: statement.body,
        })
    }
}

/// A checksum over texts.
pub(super) fn sum_of_text(texts: &[&str]) -> i64 {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(format!("{} ", text.len()).as_bytes());
        hasher.update(text.as_bytes());
        hasher.update(b"\n");
    }
    let mut eight = [0; 8];
    eight.copy_from_slice(&hasher.finalize()[..8]);
    i64::from_le_bytes(eight)
}

/// The canonical order.
pub(super) fn order(claim: &Claim) -> (&Time, &Author, u64) {
    (&claim.time, &claim.author, claim.number)
}

fn rows(
    connection: &Connection,
    which: &str,
    with: impl rusqlite::Params,
) -> Result<Vec<Row>, Trouble> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM entries WHERE {which}"))?;
    let found = statement.query_map(with, Row::read)?;
    let mut rows = Vec::new();
    for found in found {
        let (row, sum) = found?;
        if row.sum() != sum {
            return Err(Trouble::Index);
        }
        rows.push(row);
    }
    Ok(rows)
}

fn one(mut rows: Vec<Row>) -> Result<Option<Row>, Trouble> {
    Ok(rows.pop())
}

fn claims(rows: &[Row]) -> Result<Vec<Claim>, Trouble> {
    rows.iter().map(Row::claim).collect()
}

fn expect(found: usize, expected: Option<i64>) -> Result<(), Trouble> {
    let expected = expected.unwrap_or(0);
    if i64::try_from(found).ok() == Some(expected) {
        Ok(())
    } else {
        Err(Trouble::Index)
    }
}

/// The claims in force of a kind, in no order.
pub(super) fn of_kind(connection: &Connection, kind: &str) -> Result<Vec<Claim>, Trouble> {
    let rows = rows(connection, "kind = ? AND standing = 1", params![kind])?;
    let count = connection.query_row("SELECT claims FROM kinds WHERE kind = ?", [kind], |row| {
        row.get(0)
    });
    expect(rows.len(), count.optional()?)?;
    claims(&rows)
}

/// The claims in force about a subject, in no order.
pub(super) fn about(connection: &Connection, subject: &str) -> Result<Vec<Claim>, Trouble> {
    let which = "id IN (SELECT entry FROM about WHERE subject = ?) AND standing = 1";
    let rows = rows(connection, which, params![subject])?;
    let mut count = connection.prepare_cached("SELECT claims FROM changed WHERE subject = ?")?;
    let count = count.query_row([subject], |row| row.get(0));
    expect(rows.len(), count.optional()?)?;
    claims(&rows)
}

/// The claims in force of a handle or a hash, in no order.
pub(super) fn named(connection: &Connection, name: &str) -> Result<Vec<Claim>, Trouble> {
    let mut found = rows(connection, "handle = ? AND standing = 1", params![name])?;
    if let Some(hash) = Hash::parse(name) {
        found.append(&mut rows(
            connection,
            "hash = ? AND standing = 1",
            params![hash.bytes().as_slice()],
        )?);
    }
    claims(&found)
}

/// How far each log goes that the index has read.
pub(super) fn head(connection: &Connection, id: &CaseId) -> Result<Head, Trouble> {
    let mut statement =
        connection.prepare("SELECT author, entries, hash FROM logs WHERE entries > 0")?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, u64>(1)?,
            row.get::<_, Vec<u8>>(2)?,
        ))
    })?;
    let mut head = Head {
        case: id.clone(),
        last: std::collections::BTreeMap::new(),
    };
    for row in rows {
        let (author, entries, hash) = row?;
        let author = Author::new(&author).map_err(|_| Trouble::Index)?;
        let hash = Hash::from_bytes(&hash).ok_or(Trouble::Index)?;
        head.last.insert(author, (entries, hash));
    }
    Ok(head)
}

/// Subjects of a kind of which a claim came, changed or went since something was derived from them.
pub(super) fn stale(
    connection: &Connection,
    name: &str,
    kind: &str,
) -> Result<Vec<String>, Trouble> {
    let upto = upto(connection, name, kind)?;
    changed_since(connection, kind, upto.map_or(-1, |(at, _)| at))
}

/// All subjects of a kind.
pub(super) fn subjects(connection: &Connection, kind: &str) -> Result<Vec<String>, Trouble> {
    changed_since(connection, kind, -1)
}

fn changed_since(connection: &Connection, kind: &str, at: i64) -> Result<Vec<String>, Trouble> {
    let mut statement = connection.prepare(
        "SELECT subject FROM changed WHERE at > ?1 AND subject >= ?2 AND subject < ?3 ORDER BY subject",
    )?;
    // The character after a colon ends all that begins with the kind and a colon.
    let range = params![at, format!("{kind}:"), format!("{kind};")];
    let rows = statement.query_map(range, |row| row.get(0))?;
    Ok(rows.collect::<Result<Vec<String>, _>>()?)
}

/// Up to which change something was derived, and how many rows that gave.
fn upto(connection: &Connection, name: &str, kind: &str) -> Result<Option<(i64, i64)>, Trouble> {
    let mut statement =
        connection.prepare_cached("SELECT at, rows FROM derived_upto WHERE name = ?")?;
    let key = format!("{name}\n{kind}");
    let found = statement.query_row([key], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}

/// What was derived, as it is read of the id of the subject and the text, in the order of the ids; none if it was not.
pub(super) fn derived<T>(
    connection: &Connection,
    name: &str,
    kind: &str,
    read: impl Fn(&str, &str) -> T,
) -> Result<Option<Vec<T>>, Trouble> {
    let Some((_, count)) = upto(connection, name, kind)? else {
        return Ok(None);
    };
    let mut statement = connection
        .prepare("SELECT subject, json, sum FROM derived WHERE name = ? ORDER BY subject")?;
    let mut found = statement.query([name])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let text = |at| row.get_ref(at)?.as_str().map_err(|_| Trouble::Index);
        let (subject, json) = (text(0)?, text(1)?);
        if sum_of_text(&[subject, json]) != row.get::<_, i64>(2)? {
            return Err(Trouble::Index);
        }
        rows.push(read(
            subject.get(kind.len() + 1..).unwrap_or_default(),
            json,
        ));
    }
    expect(rows.len(), Some(count))?;
    Ok(Some(rows))
}
