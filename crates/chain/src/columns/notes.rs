//! The notes of a chain as lines of JSON beside its columns.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::Note;

use super::column::Appender;
use crate::store::StoreError;
use crate::text::{parse_hash, show_hash};

/// The file's name.
pub(super) const NOTES: &str = "notes.jsonl";

/// The words that notes on chains of outputs begin with.
const KINDS: [&str; 3] = ["disagreement", "double-spend", "unknown-height"];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    what: String,
    transaction: Option<String>,
}

/// Writes notes, in the order given.
pub(super) fn write(folder: &Path, notes: &[Note]) -> Result<(), StoreError> {
    let mut file = Appender::create(folder, NOTES)?;
    for note in notes {
        let written = Written {
            kind: note.kind.to_owned(),
            what: note.what.clone(),
            transaction: match &note.transaction {
                Some(TransactionId::Bitcoin(txid)) => Some(show_hash(txid)),
                _ => None,
            },
        };
        let line = serde_json::to_string(&written).expect("strings are JSON");
        file.push(line.as_bytes())?;
        file.push(b"\n")?;
    }
    file.finish()
}

/// Reads them back.
pub(super) fn read(folder: &Path) -> Result<Vec<Note>, StoreError> {
    let path = folder.join(NOTES);
    let text = fs::read_to_string(&path).map_err(StoreError::io(&path, "cannot be read"))?;
    let note = |(number, line): (usize, &str)| {
        let fault = |why: &str| StoreError::Segment {
            path: path.clone(),
            place: format!("line {}", number + 1),
            why: why.to_owned(),
        };
        let written: Written =
            serde_json::from_str(line).map_err(|error| fault(&error.to_string()))?;
        let kind = KINDS.iter().find(|kind| **kind == written.kind);
        let txid = |text: &String| parse_hash(text).ok_or_else(|| fault("no transaction id"));
        let transaction = written.transaction.as_ref().map(txid).transpose()?;
        Ok(Note {
            kind: kind.ok_or_else(|| fault("a note of an unknown kind"))?,
            what: written.what,
            transaction: transaction.map(TransactionId::Bitcoin),
        })
    };
    text.lines().enumerate().map(note).collect()
}
