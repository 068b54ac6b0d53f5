//! What is said with every answer, as lines of JSON beside the columns: the notes on the content, and what
//! its sources promised, and what tokens say of themselves.

use std::io::Read as _;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, TokenFact};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::Note;

use super::column::{Writer, open_file};
use super::manifest::{Manifest, Sealed};
use crate::sources::bitcoin::records::as_u64;
use crate::store::{
    StoreError, WrittenCoverage, WrittenFact, fact, parse_coverage, write_coverage, write_token,
};

/// The files' names.
const NOTES: &str = "notes.jsonl";
const COVERAGE: &str = "coverage.jsonl";
const TOKENS: &str = "tokens.jsonl";

/// The words that notes on chains of accounts begin with.
const KINDS: [&str; 3] = ["disagreement", "claim-beside-rows", "beyond-counting"];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenNote {
    kind: String,
    what: String,
    transaction: Option<String>,
}

/// Notes, promises, and what tokens say, each in the order given.
pub(super) struct Said<'a> {
    pub(super) notes: &'a [Note],
    pub(super) coverage: &'a [Coverage],
    pub(super) tokens: &'a [TokenFact],
}

/// Writes the files.
pub(super) fn write(
    folder: &Path,
    chain: &Chain,
    said: &Said<'_>,
) -> Result<[(String, Sealed); 3], StoreError> {
    let note = |note: &Note| WrittenNote {
        kind: note.kind.to_owned(),
        what: note.what.clone(),
        transaction: note.transaction.as_ref().map(ToString::to_string),
    };
    let promise = |promise: &Coverage| write_coverage(chain, promise);
    Ok([
        write_lines(folder, NOTES, said.notes.iter().map(note))?,
        write_lines(folder, COVERAGE, said.coverage.iter().map(promise))?,
        write_lines(folder, TOKENS, said.tokens.iter().map(write_token))?,
    ])
}

fn write_lines(
    folder: &Path,
    name: &str,
    lines: impl Iterator<Item = impl Serialize>,
) -> Result<(String, Sealed), StoreError> {
    let mut file = Writer::create(folder, name)?;
    for line in lines {
        let line = serde_json::to_string(&line).expect("strings and numbers are JSON");
        file.push(line.as_bytes())?;
        file.push(b"\n")?;
    }
    file.finish()
}

/// Reads them back before they are committed: what does not read as it was written is never found out later.
pub(super) fn prove(
    folder: &Path,
    manifest: &Manifest,
    chain: &Chain,
    said: &Said<'_>,
) -> Result<(), StoreError> {
    let (notes, coverage, tokens) = read(folder, manifest, chain)?;
    if notes == said.notes && coverage == said.coverage && tokens == said.tokens {
        return Ok(());
    }
    Err(StoreError::Segment {
        path: folder.to_owned(),
        place: format!("{NOTES}, {COVERAGE} or {TOKENS}"),
        why: "it does not read back as it was written".to_owned(),
    })
}

/// What is read of them.
type ReadBack = (Vec<Note>, Vec<Coverage>, Vec<TokenFact>);

/// Reads them.
pub(super) fn read(
    folder: &Path,
    manifest: &Manifest,
    chain: &Chain,
) -> Result<ReadBack, StoreError> {
    let note = |written: WrittenNote| {
        let kind = KINDS.iter().find(|kind| **kind == written.kind);
        let id = |text: String| TransactionId::parse(chain, &text);
        let transaction = written.transaction.map(id).transpose();
        Ok(Note {
            kind: kind.ok_or("a note of an unknown kind")?,
            what: written.what,
            transaction: transaction.map_err(|error| error.to_string())?,
        })
    };
    let promise = |written: WrittenCoverage| parse_coverage(chain, written);
    let token = |written: WrittenFact| {
        let mut facts = Facts::default();
        fact(chain, written, &mut facts)?;
        facts
            .tokens
            .pop()
            .ok_or_else(|| "it is no token".to_owned())
    };
    Ok((
        read_lines(folder, NOTES, manifest, note)?,
        read_lines(folder, COVERAGE, manifest, promise)?,
        read_lines(folder, TOKENS, manifest, token)?,
    ))
}

fn read_lines<W: DeserializeOwned, T>(
    folder: &Path,
    name: &str,
    manifest: &Manifest,
    line: impl Fn(W) -> Result<T, String>,
) -> Result<Vec<T>, StoreError> {
    let path = folder.join(name);
    let mut text = Vec::new();
    let read = open_file(&path)?.read_to_end(&mut text);
    read.map_err(StoreError::io(&path, "cannot be read"))?;
    let found = as_u64(text.len());
    let expected = manifest.files.get(name).map_or(0, |sealed| sealed.bytes);
    if found != expected {
        return Err(StoreError::ColumnSize {
            path,
            found,
            expected,
        });
    }
    let fault = |(number, why)| StoreError::Segment {
        path: path.clone(),
        place: format!("line {number}"),
        why,
    };
    let lines = text.split(|byte| *byte == b'\n').zip(1..);
    let lines = lines.filter(|(line, _)| !line.is_empty());
    let parse = |(text, number): (&[u8], usize)| {
        let written = serde_json::from_slice(text).map_err(|error| (number, error.to_string()))?;
        line(written).map_err(|why| (number, why))
    };
    lines.map(parse).collect::<Result<_, _>>().map_err(fault)
}
