//! Bringing an index up to date: what was appended to each log and its payloads since it last read them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::Trouble;
use super::read::{Row, sum_of_text};
use super::tally::Changes;
use crate::canonical::Json;
use crate::claims::Statement;
use crate::entry::{Entry, LINE_LENGTH_MAX};
use crate::error::{CaseError, Fault};
use crate::folder;
use crate::hash::Hash;
use crate::ledger::{AUTHORS_MAX, ENTRIES_MAX, LOGS, log_path};
use crate::log::{Expected, Log};
use crate::payload::{self, Line, Payloads};
use crate::words::{Author, CaseId};

/// How far an index has read an author's log and payloads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    entries: u64,
    bytes: u64,
    last_at: u64,
    payload_bytes: u64,
    payload_at: u64,
    payload_last: Vec<u8>,
    payload_entry: u64,
    hash: Option<Vec<u8>>,
}

/// What an author wrote since.
struct Fresh {
    author: Author,
    before: Seen,
    seen: Seen,
    entries: Vec<Entry>,
}

/// Reads what was appended since, and nothing if nothing was.
pub(super) fn update(connection: &mut Connection, case: &Path, id: &CaseId) -> Result<(), Trouble> {
    let fresh = fresh(connection, case, id)?;
    if fresh.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut work = Work::new(&transaction)?;
    for mut one in fresh {
        // Another program may have brought it up to date meanwhile.
        if seen(&transaction, &one.author)? != one.before {
            return Err(Trouble::Index);
        }
        work.take(case, &mut one)?;
    }
    work.settle()?;
    work.finish()?;
    transaction.commit()?;
    Ok(())
}

fn fresh(connection: &Connection, case: &Path, id: &CaseId) -> Result<Vec<Fresh>, Trouble> {
    let mut known: BTreeSet<String> = {
        let mut statement = connection.prepare("SELECT author FROM logs")?;
        let authors = statement.query_map([], |row| row.get(0))?;
        authors.collect::<Result<_, _>>()?
    };
    let mut fresh = Vec::new();
    let folder = case.join(LOGS);
    let mut count = 0;
    for file in folder::names(&folder)? {
        let Some(author) = file.strip_suffix(".jsonl") else {
            continue;
        };
        count += 1;
        if count > AUTHORS_MAX {
            return Err(
                CaseError::file(&folder, format!("it holds more than {AUTHORS_MAX} logs")).into(),
            );
        }
        let author = Author::new(author)?;
        known.remove(author.as_str());
        let before = seen(connection, &author)?;
        let one = read_author(case, id, author, before)?;
        if one.seen != one.before {
            fresh.push(one);
        }
    }
    // An author who is gone takes their claims with them.
    if known.is_empty() {
        Ok(fresh)
    } else {
        Err(Trouble::Index)
    }
}

fn seen(connection: &Connection, author: &Author) -> Result<Seen, Trouble> {
    let found = connection.query_row(
        "SELECT entries, bytes, last_at, payload_bytes, payload_at, payload_last, payload_entry, hash FROM logs WHERE author = ?",
        [author.as_str()],
        |row| {
            Ok(Seen {
                entries: row.get(0)?,
                bytes: row.get(1)?,
                last_at: row.get(2)?,
                payload_bytes: row.get(3)?,
                payload_at: row.get(4)?,
                payload_last: row.get(5)?,
                payload_entry: row.get(6)?,
                hash: row.get(7)?,
            })
        },
    );
    Ok(found.optional()?.unwrap_or_default())
}

/// Reads on in a log and its payloads.
fn read_author(case: &Path, id: &CaseId, author: Author, before: Seen) -> Result<Fresh, Trouble> {
    let mut seen = before.clone();
    let path = log_path(case, &author);
    let read = |error| Trouble::Case(CaseError::read(&path)(error));
    let mut entries = Vec::new();
    if let Some(mut file) = folder::open(&path)? {
        if file.metadata().map_err(read)?.len() < seen.bytes {
            return Err(Trouble::Index);
        }
        let expected = match &seen.hash {
            None => Expected::first(id, &author),
            Some(hash) => {
                let last = last_entry(&mut file, &seen)
                    .map_err(read)?
                    .ok_or(Trouble::Index)?;
                if last.hash().bytes() != hash.as_slice()
                    || *last.author() != author
                    || last.number() != seen.entries
                {
                    return Err(Trouble::Index);
                }
                Expected::after(&last)
            }
        };
        file.seek(SeekFrom::Start(seen.bytes)).map_err(read)?;
        let room = ENTRIES_MAX.saturating_sub(usize::try_from(seen.entries).unwrap_or(usize::MAX));
        let log = Log::read_on(BufReader::new(file), &author, expected, room).map_err(read)?;
        if let Some(fault) = log.faults.into_iter().next() {
            return Err(CaseError::Damaged(fault).into());
        }
        if let Some(last) = log.entries.last() {
            seen.entries = last.number();
            seen.last_at = seen.bytes + log.last_at;
            seen.hash = Some(last.hash().bytes().to_vec());
        }
        seen.bytes += log.whole;
        entries = log.entries;
    } else if seen != Seen::default() {
        return Err(Trouble::Index);
    }
    check_payloads(case, &author, &before, entries.is_empty())?;
    Ok(Fresh {
        author,
        before,
        seen,
        entries,
    })
}

/// The last entry that the index has seen, as the file has it now.
fn last_entry(file: &mut File, seen: &Seen) -> std::io::Result<Option<Entry>> {
    let length = seen.bytes.saturating_sub(seen.last_at);
    let mut line = Vec::new();
    file.seek(SeekFrom::Start(seen.last_at))?;
    file.take(length.min(u64::try_from(LINE_LENGTH_MAX + 1).unwrap_or(u64::MAX)))
        .read_to_end(&mut line)?;
    let whole = line.pop_if(|last| *last == b'\n').is_some();
    Ok(Entry::read(&line).ok().filter(|_| whole))
}

/// Whether the payloads that the index has read are still there, and nothing came in among them.
fn check_payloads(
    case: &Path,
    author: &Author,
    seen: &Seen,
    nothing_new: bool,
) -> Result<(), Trouble> {
    let payloads = Payloads::in_case(case, author);
    let length = payloads.length()?;
    if length < seen.payload_bytes {
        return Err(Trouble::Index);
    }
    if seen.payload_bytes > 0 {
        let last = seen.payload_bytes.saturating_sub(seen.payload_at);
        let last = usize::try_from(last).unwrap_or(usize::MAX);
        if last > payload::LINE_LENGTH_MAX + 1 {
            return Err(Trouble::Index);
        }
        let last = payloads.bytes(seen.payload_at, last)?;
        if Hash::of(&last).bytes().as_slice() != seen.payload_last.as_slice() {
            return Err(Trouble::Index);
        }
    }
    if !nothing_new || length == seen.payload_bytes {
        return Ok(());
    }
    let mut late = false;
    payloads.each_from(seen.payload_bytes, |met| {
        late |= !met.torn && Line::number(met.bytes).is_none_or(|number| number <= seen.entries);
        Ok(())
    })?;
    // What was withheld came in. It is rare, and reaches far.
    if late { Err(Trouble::Index) } else { Ok(()) }
}

/// Writing entries, and what follows from them.
struct Work<'a> {
    transaction: &'a Transaction<'a>,
    generation: i64,
    /// Claims whose corrections and retractions changed.
    roots: BTreeSet<Vec<u8>>,
    /// Subjects of which a claim came, changed or went.
    changed: BTreeSet<String>,
    tallies: Changes,
}

impl<'a> Work<'a> {
    fn new(transaction: &'a Transaction<'a>) -> Result<Self, Trouble> {
        let generation: String = transaction.query_row(
            "SELECT value FROM meta WHERE key = 'generation'",
            [],
            |row| row.get(0),
        )?;
        Ok(Self {
            transaction,
            generation: generation.parse::<i64>().map_err(|_| Trouble::Index)? + 1,
            roots: BTreeSet::new(),
            changed: BTreeSet::new(),
            tallies: Changes::default(),
        })
    }

    /// Takes in entries and their payloads, side by side.
    fn take(&mut self, case: &Path, fresh: &mut Fresh) -> Result<(), Trouble> {
        let entries = std::mem::take(&mut fresh.entries);
        let seen = &mut fresh.seen;
        let payloads = Payloads::in_case(case, &fresh.author);
        let mut waiting = entries.iter().peekable();
        let (mut at, mut trouble) = (seen.payload_bytes, None);
        let read = payloads.each_from(seen.payload_bytes, |met| {
            let begins = at;
            at += met.length;
            if met.torn || Line::number(met.bytes).is_some_and(|number| number > seen.entries) {
                // Of an entry to come: it is read when that is there.
                return Ok(());
            }
            let damaged = |why: String| CaseError::Damaged(payloads.broken(met.number, why));
            let line = Line::read(met.bytes).map_err(damaged)?;
            if line.entry <= seen.payload_entry {
                let why = "it is not a payload that follows the one before it";
                return Err(damaged(why.to_owned()));
            }
            let mut insert = || -> Result<(), Trouble> {
                while let Some(entry) = waiting.next_if(|entry| entry.number() < line.entry) {
                    self.insert(entry, None)?;
                }
                // An earlier one was withheld until now: all is made anew.
                let entry = waiting.next().ok_or(Trouble::Index)?;
                let payload = line.payload(entry.payload());
                let payload = payload
                    .map_err(|why| CaseError::Damaged(Fault::of_payload(entry, met.number, why)))?;
                self.insert(entry, Some((&payload, line.text)))
            };
            match insert() {
                Ok(()) => {}
                Err(Trouble::Case(error)) => return Err(error),
                Err(Trouble::Index) => {
                    trouble = Some(Trouble::Index);
                    return Err(damaged("the index was given up".to_owned()));
                }
            }
            seen.payload_entry = line.entry;
            seen.payload_at = begins;
            seen.payload_bytes = at;
            seen.payload_last = Hash::of(&[met.bytes, b"\n"].concat()).bytes().to_vec();
            Ok(())
        });
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        read?;
        for entry in waiting {
            self.insert(entry, None)?;
        }
        self.seen(fresh)
    }

    fn insert(&mut self, entry: &Entry, payload: Option<(&Json, &str)>) -> Result<(), Trouble> {
        let claimed = payload.filter(|_| entry.kind().is_claim());
        let statement = claimed.map(|(payload, _)| Statement::read_any(entry.kind(), payload));
        let mut row = Row::of(entry, payload.map(|(_, text)| text.to_owned()));
        row.handle = handle(statement.as_ref());
        let target = entry.target().map(|hash| hash.bytes().to_vec());
        self.transaction
            .prepare_cached(
                "INSERT INTO entries (hash, author, number, time, kind, target, payload, text, standing, handle, sum)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                row.hash,
                row.author,
                row.number,
                row.time,
                row.kind,
                target,
                entry.payload().bytes().as_slice(),
                row.text,
                row.standing,
                row.handle,
                row.sum()
            ])?;
        row.id = self.transaction.last_insert_rowid();
        if let Some(target) = target {
            self.roots.insert(target);
        } else {
            let mut targeted = self
                .transaction
                .prepare_cached("SELECT 1 FROM entries WHERE target = ? LIMIT 1")?;
            if targeted.exists([&row.hash])? {
                self.roots.insert(row.hash.clone());
            }
        }
        self.tell(&row, statement.as_ref())
    }

    fn seen(&self, fresh: &Fresh) -> Result<(), Trouble> {
        let seen = &fresh.seen;
        self.transaction.execute(
            "INSERT OR REPLACE INTO logs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                fresh.author.as_str(),
                seen.entries,
                seen.bytes,
                seen.last_at,
                seen.payload_bytes,
                seen.payload_at,
                seen.payload_last,
                seen.payload_entry,
                seen.hash
            ],
        )?;
        Ok(())
    }

    /// The claim that a target leads to: itself, or what the correction corrects.
    fn root(&self, target: &[u8]) -> Result<Vec<u8>, Trouble> {
        let mut statement = self
            .transaction
            .prepare_cached("SELECT target FROM entries WHERE hash = ?")?;
        let next = statement.query_row([target], |row| row.get::<_, Option<Vec<u8>>>(0));
        Ok(next
            .optional()?
            .flatten()
            .unwrap_or_else(|| target.to_vec()))
    }

    /// Notes what a standing claim is about.
    fn tell(&mut self, row: &Row, statement: Option<&Statement>) -> Result<(), Trouble> {
        self.tallies.add(row, statement, 1);
        let mut subjects = BTreeSet::new();
        if let Some(statement) = statement.filter(|_| row.standing) {
            statement.body.subjects(&mut |kind, id| {
                subjects.insert(format!("{kind}:{id}"));
            });
        }
        let mut insert = self
            .transaction
            .prepare_cached("INSERT OR IGNORE INTO about VALUES (?, ?)")?;
        for subject in subjects {
            insert.execute(params![subject, row.id])?;
            self.changed.insert(subject);
        }
        Ok(())
    }

    /// Works out again what of the claims stands whose corrections and retractions changed. The rules are those of
    /// `replay.rs`, for one claim.
    fn settle(&mut self) -> Result<(), Trouble> {
        // A correction leads on to its claim; only now is each of them here.
        let roots = std::mem::take(&mut self.roots);
        let roots: Result<BTreeSet<_>, _> = roots.iter().map(|target| self.root(target)).collect();
        for root in roots? {
            let Some(mut row) = Row::find(self.transaction, &root)?.filter(Row::is_claim) else {
                continue;
            };
            let struck = self
                .transaction
                .prepare_cached(
                    "SELECT 1 FROM entries WHERE target = ? AND kind = 'retract' LIMIT 1",
                )?
                .exists([&root])?;
            let counts = self.transaction.prepare_cached(
                "SELECT hash, text FROM entries AS c WHERE target = ? AND kind = 'correct' AND NOT EXISTS (SELECT 1 FROM entries AS r WHERE r.target = c.hash AND r.kind = 'retract') ORDER BY time DESC, author DESC, number DESC LIMIT 1",
            )?.query_row([&root], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Option<String>>(1)?))).optional()?;
            row.standing = !struck;
            (row.says, row.says_text) = match counts {
                Some((says, text)) => (Some(says), text),
                None => (None, None),
            };
            let statement = row.statement()?;
            row.handle = handle(statement.as_ref());
            self.forget(row.id)?;
            self.transaction.prepare_cached(
                "UPDATE entries SET standing = ?, handle = ?, says = ?, says_text = ?, sum = ? WHERE id = ?",
            )?.execute(params![row.standing, row.handle, row.says, row.says_text, row.sum(), row.id])?;
            self.tell(&row, statement.as_ref())?;
        }
        Ok(())
    }

    /// Takes back what a claim was about.
    fn forget(&mut self, id: i64) -> Result<(), Trouble> {
        // The table is ordered by subject; what the claim was about it says itself.
        let Some(row) = Row::by_id(self.transaction, id)? else {
            return Ok(());
        };
        let statement = row.statement()?;
        self.tallies.add(&row, statement.as_ref(), -1);
        let Some(statement) = statement else {
            return Ok(());
        };
        let mut subjects = BTreeSet::new();
        statement.body.subjects(&mut |kind, id| {
            subjects.insert(format!("{kind}:{id}"));
        });
        for subject in subjects {
            self.transaction.execute(
                "DELETE FROM about WHERE subject = ? AND entry = ?",
                params![subject, id],
            )?;
            self.changed.insert(subject);
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Trouble> {
        self.tallies.write(self.transaction)?;
        let mut change = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO changed VALUES (?1, ?2, (SELECT count(*) FROM about WHERE subject = ?1))",
        )?;
        for subject in &self.changed {
            change.execute(params![subject, self.generation])?;
        }
        self.transaction.execute("DELETE FROM kinds", [])?;
        self.transaction.execute(
            "INSERT INTO kinds SELECT kind, count(*) FROM entries WHERE standing = 1 GROUP BY kind",
            [],
        )?;
        self.transaction.execute(
            "UPDATE meta SET value = ? WHERE key = 'generation'",
            [self.generation.to_string()],
        )?;
        Ok(())
    }
}

fn handle(statement: Option<&Statement>) -> Option<String> {
    let handle = statement.and_then(|statement| statement.handle.as_ref());
    handle.map(ToString::to_string)
}

/// Keeps what was derived of some subjects.
pub(super) fn derive(
    connection: &mut Connection,
    name: &str,
    kind: &str,
    made: &[(String, Option<String>)],
) -> Result<(), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut remove =
            transaction.prepare_cached("DELETE FROM derived WHERE name = ? AND subject = ?")?;
        let mut insert = transaction.prepare_cached("INSERT INTO derived VALUES (?, ?, ?, ?)")?;
        for (subject, json) in made {
            remove.execute(params![name, subject])?;
            if let Some(json) = json {
                insert.execute(params![name, subject, json, sum_of_text(&[subject, json])])?;
            }
        }
    }
    transaction.execute(
        "INSERT OR REPLACE INTO derived_upto VALUES (?1, (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'generation'), (SELECT count(*) FROM derived WHERE name = ?2))",
        params![format!("{name}\n{kind}"), name],
    )?;
    transaction.commit()?;
    Ok(())
}
