//! The tables of an index, and whether a file has exactly these, of this case.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Trouble;
use crate::words::CaseId;

/// Changes with the tables, and with what is written into them.
const VERSION: &str = "whither.index/2";

const TABLES: &[&str] = &[
    "CREATE TABLE about (subject TEXT NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (subject, entry)) WITHOUT ROWID",
    "CREATE TABLE changed (subject TEXT PRIMARY KEY, at INTEGER NOT NULL, claims INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE derived (name TEXT NOT NULL, subject TEXT NOT NULL, json TEXT NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (name, subject)) WITHOUT ROWID",
    "CREATE TABLE derived_upto (name TEXT PRIMARY KEY, at INTEGER NOT NULL, rows INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE entries (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, author TEXT NOT NULL, number INTEGER NOT NULL, time TEXT NOT NULL, kind TEXT NOT NULL, target BLOB, payload BLOB NOT NULL, text TEXT, standing INTEGER NOT NULL, handle TEXT, says BLOB, says_text TEXT, sum INTEGER NOT NULL)",
    "CREATE TABLE kinds (kind TEXT PRIMARY KEY, claims INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE logs (author TEXT PRIMARY KEY, entries INTEGER NOT NULL, bytes INTEGER NOT NULL, last_at INTEGER NOT NULL, payload_bytes INTEGER NOT NULL, payload_at INTEGER NOT NULL, payload_last BLOB NOT NULL, payload_entry INTEGER NOT NULL, hash BLOB) WITHOUT ROWID",
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE tallies (what TEXT PRIMARY KEY, claims INTEGER NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX changed_at ON changed (at)",
    "CREATE INDEX entries_handle ON entries (handle) WHERE handle IS NOT NULL",
    "CREATE INDEX entries_kind ON entries (kind, standing)",
    "CREATE INDEX entries_number ON entries (author, number)",
    "CREATE INDEX entries_target ON entries (target) WHERE target IS NOT NULL",
];

/// How a connection behaves, whatever the file says.
pub(super) fn prepare(connection: &Connection) -> Result<(), Trouble> {
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(())
}

/// Makes the tables.
pub(super) fn create(connection: &Connection, id: &CaseId, case: &Path) -> Result<(), Trouble> {
    for table in TABLES {
        connection.execute(table, [])?;
    }
    for (key, value) in meta(id, case) {
        connection.execute("INSERT INTO meta VALUES (?, ?)", params![key, value])?;
    }
    connection.execute("INSERT INTO meta VALUES ('generation', '0')", [])?;
    Ok(())
}

fn meta(id: &CaseId, case: &Path) -> [(&'static str, String); 3] {
    [
        ("version", VERSION.to_owned()),
        ("case", id.to_string()),
        ("path", case.display().to_string()),
    ]
}

/// Whether a file has these tables and no other thing, and is of this case.
pub(super) fn check(connection: &Connection, id: &CaseId, case: &Path) -> Result<(), Trouble> {
    let mut statement = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name")?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?;
    let found = found.collect::<Result<Vec<_>, _>>()?;
    if found != TABLES {
        return Err(Trouble::Index);
    }
    for (key, value) in meta(id, case) {
        let found = connection.query_row("SELECT value FROM meta WHERE key = ?", [key], |row| {
            row.get::<_, String>(0)
        });
        if found.optional()? != Some(value) {
            return Err(Trouble::Index);
        }
    }
    Ok(())
}

/// Whether the file is as long as it says, and, where it is small, whether it is in order throughout.
pub(super) fn check_pages(
    connection: &Connection,
    length: u64,
    throughout: bool,
) -> Result<(), Trouble> {
    let number = |what: &str| {
        connection.query_row(&format!("PRAGMA {what}"), [], |row| row.get::<_, u64>(0))
    };
    if number("page_count")?.checked_mul(number("page_size")?) != Some(length) {
        return Err(Trouble::Index);
    }
    if throughout {
        let found =
            connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))?;
        if found != "ok" {
            return Err(Trouble::Index);
        }
    }
    Ok(())
}
