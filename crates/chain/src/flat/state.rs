//! What is committed of a chain's columns; a part of the store's manifest.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use whither_ledger::content::ContentId;
use whither_ledger::coverage::Coverage;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::Note;

use super::column::OUTSIDE;
use super::layout::{Counts, Kind, OUT_SPENT};
use super::runs;
use super::slots::Shape;
use super::writer::{ADDRESSES, Kept, TRANSACTIONS};
use crate::store::StoreError;
use crate::text::{decode_hex, hex, parse_hash, show_hash};

/// The words that notes on chains of outputs begin with.
const KINDS: [&str; 3] = ["disagreement", "double-spend", "unknown-height"];

/// Heights, both ends included; none where they are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    first: Option<u32>,
    last: Option<u32>,
}

/// A note as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenNote {
    kind: String,
    what: String,
    transaction: Option<String>,
    /// The transaction at which it arose; none for what follows from the blocks as a whole.
    since: Option<u64>,
}

/// What is committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// The hash of the last block.
    pub(crate) tip: Option<String>,
    /// Content id, in hex.
    pub(super) content: String,
    pub(crate) counts: Counts,
    pub(super) coverage: Vec<Run>,
    pub(crate) transactions: Shape,
    pub(crate) addresses: Shape,
    /// How many blocks the posting runs and the checksums cover; fewer than there are within a long import.
    pub(crate) posted: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) repeated: Vec<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<WrittenNote>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            tip: None,
            content: String::new(),
            counts: Counts::default(),
            coverage: Vec::new(),
            transactions: Shape::of(0, 0),
            addresses: Shape::of(0, 0),
            posted: 0,
            repeated: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// What follows from the blocks as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) content: ContentId,
    pub(crate) coverage: Vec<Coverage>,
    /// Notes on the arrangement of the blocks.
    pub(crate) notes: Vec<Note>,
}

impl State {
    pub(super) fn said(mut self, said: &Said, kept: &[Kept]) -> Self {
        let run = |promise: &Coverage| match promise {
            Coverage::Blocks { first, last, .. } => Some(Run {
                first: *first,
                last: *last,
            }),
            Coverage::Addresses { .. } | Coverage::Rows { .. } => None,
        };
        self.content = hex(&said.content.0);
        self.coverage = said.coverage.iter().filter_map(run).collect();
        let whole = said.notes.iter().map(|note| write(note, None));
        let kept = kept.iter().map(|kept| write(&kept.note, Some(kept.since)));
        self.notes = whole.chain(kept).collect();
        self
    }

    /// Whether columns may have these counts and tables at all.
    pub(crate) fn is_possible(&self) -> bool {
        let counts = &self.counts;
        let four = [
            counts.blocks,
            counts.transactions,
            counts.addresses,
            counts.rests,
            counts.longs,
        ];
        let five = [counts.inputs, counts.outputs, counts.outside];
        four.iter().all(|rows| *rows < u64::from(u32::MAX))
            && five.iter().all(|rows| *rows < OUTSIDE)
            && self.posted <= counts.blocks
            && self.transactions.may_hold(counts.transactions)
            && self.addresses.may_hold(counts.addresses)
    }

    /// The content id.
    pub(crate) fn content_id(&self) -> Option<ContentId> {
        decode_hex(&self.content)?.try_into().ok().map(ContentId)
    }

    /// What the blocks promise.
    pub(crate) fn coverage(&self) -> Vec<Coverage> {
        let runs = self.coverage.iter();
        runs.map(|run| Coverage::Blocks {
            first: run.first,
            last: run.last,
            internal: true,
        })
        .collect()
    }

    /// The notes that arose at transactions.
    pub(super) fn notes(&self) -> Result<Vec<Kept>, StoreError> {
        let mut kept = Vec::new();
        for written in &self.notes {
            if let Some(since) = written.since {
                kept.push(Kept {
                    note: read(written)?,
                    since,
                });
            }
        }
        Ok(kept)
    }

    /// The notes on the arrangement of the blocks.
    pub(crate) fn notes_of_all(&self) -> Result<Vec<Note>, StoreError> {
        let whole = self.notes.iter().filter(|written| written.since.is_none());
        whole.map(read).collect()
    }

    /// All notes, sorted, each once.
    pub(crate) fn all_notes(&self) -> Result<Vec<Note>, StoreError> {
        let notes: Result<BTreeSet<Note>, StoreError> = self.notes.iter().map(read).collect();
        Ok(notes?.into_iter().collect())
    }

    /// The names of all files that belong to it, the locks left out.
    pub(crate) fn files(&self) -> Vec<String> {
        let columns = Kind::ALL.iter().map(|kind| kind.name().to_owned());
        let sums = Kind::ALL.iter().map(|kind| format!("{}.sum", kind.name()));
        let tables = [
            OUT_SPENT.to_owned(),
            self.transactions.name(TRANSACTIONS),
            self.addresses.name(ADDRESSES),
        ];
        let runs = runs::runs(self.posted);
        let runs = runs.iter().map(runs::name);
        columns.chain(sums).chain(tables).chain(runs).collect()
    }
}

fn write(note: &Note, since: Option<u64>) -> WrittenNote {
    WrittenNote {
        kind: note.kind.to_owned(),
        what: note.what.clone(),
        transaction: match &note.transaction {
            Some(TransactionId::Bitcoin(txid)) => Some(show_hash(txid)),
            _ => None,
        },
        since,
    }
}

fn read(written: &WrittenNote) -> Result<Note, StoreError> {
    let fault = |why: &str| StoreError::BadState {
        why: format!("the note {:?} {why}", written.what),
    };
    let kind = KINDS.iter().find(|kind| **kind == written.kind);
    let txid = |text: &String| parse_hash(text).ok_or_else(|| fault("names no transaction"));
    let transaction = written.transaction.as_ref().map(txid).transpose()?;
    Ok(Note {
        kind: kind.ok_or_else(|| fault("is of an unknown kind"))?,
        what: written.what.clone(),
        transaction: transaction.map(TransactionId::Bitcoin),
    })
}
