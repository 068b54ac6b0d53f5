//! Reads segments of blocks and of known prevouts back.
//!
//! Their bytes were verified when the store was opened; what makes no sense here was committed so.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use serde::{Deserialize, Serialize};
use whither_ledger::chain::Chain;
use whither_ledger::memory::Outpoint;

use super::Store;
use super::error::StoreError;
use super::manifest::SegmentKind;
use crate::blocks::files::{Coding, Files, Place};
use crate::blocks::{Hash, Index, IndexedBlock};
use crate::prevout::KnownPrevout;
use crate::sources::bitcoin::records::RECORD_HEAD;
use crate::sources::bitcoin::window::{Key, Window};
use crate::sources::bitcoin::{
    BLOCK_SIZE_MAX, HEADER_SIZE, Prefix, claimed, parse_prefix, target, work,
};
use crate::text::{decode_hex, hex, parse_hash, show_hash};

/// More than a header and the longest coinbase input take.
const PREFIX: usize = 512;

/// All blocks of a chain, and what else is known of them.
#[derive(Debug, Default)]
pub(crate) struct StoredBlocks {
    pub(crate) index: Index,
    pub(crate) files: Files,
    pub(crate) prevouts: Vec<KnownPrevout>,
    /// Heights that the blocks do not tell by themselves.
    pub(crate) heights: BTreeMap<Hash, u32>,
}

impl Store {
    /// Indexes the blocks that are committed of a chain.
    pub(crate) fn blocks(&self, chain: &Chain) -> Result<StoredBlocks, StoreError> {
        let content = self.content(chain);
        let mut stored = StoredBlocks {
            heights: content.heights.clone(),
            ..StoredBlocks::default()
        };
        for segment in &content.segments {
            let path = self.segment_path(chain, segment);
            match segment.kind {
                SegmentKind::Blocks => index_blocks(&path, &mut stored)?,
                SegmentKind::Prevouts => stored.prevouts.extend(read_prevouts(&path)?),
                SegmentKind::Rows => {
                    return Err(bad(&path, "line 1", "rows on a chain of outputs"));
                }
            }
        }
        Ok(stored)
    }
}

fn bad(path: &Path, place: impl ToString, why: impl ToString) -> StoreError {
    StoreError::Segment {
        path: path.to_owned(),
        place: place.to_string(),
        why: why.to_string(),
    }
}

fn index_blocks(path: &Path, stored: &mut StoredBlocks) -> Result<(), StoreError> {
    let io = |error| StoreError::io(path, "cannot be read")(error);
    let file = File::open(path).map_err(io)?;
    let mut window = Window::new(file, Key::default());
    let number = stored
        .files
        .add(path.to_owned(), Coding::Bytes(Key::default()));
    let mut at = 0;
    loop {
        let bytes = window.get(at, RECORD_HEAD + PREFIX).map_err(io)?;
        if bytes.is_empty() {
            return Ok(());
        }
        let fault = |why: &str| bad(path, format!("byte {at}"), why);
        let (head, rest) = bytes
            .split_first_chunk::<RECORD_HEAD>()
            .ok_or_else(|| fault("half a record"))?;
        let [_, _, _, _, size @ ..] = *head;
        let length = usize::try_from(u32::from_le_bytes(size)).unwrap_or(usize::MAX);
        if !(HEADER_SIZE + 1..=BLOCK_SIZE_MAX).contains(&length) {
            return Err(fault("no size of a block"));
        }
        let prefix = &rest[..rest.len().min(length)];
        let Prefix {
            header,
            transactions,
            coinbase_script,
        } = parse_prefix(prefix, length).map_err(|error| fault(&error.fault.to_string()))?;
        let target = target(header.bits).ok_or_else(|| fault("no valid target"))?;
        let offset = at + 8;
        stored.index.add(IndexedBlock {
            hash: header.hash,
            previous: header.previous,
            time: header.time,
            work: work(target),
            claimed_height: claimed(header.version, coinbase_script),
            transactions,
            place: Place {
                file: number,
                offset,
                length,
            },
        });
        at = offset + u64::from(u32::from_le_bytes(size));
    }
}

/// A known prevout as a line of its segment.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPrevout {
    spender: String,
    transaction: String,
    output: u32,
    value: String,
    script: String,
}

/// The text of a segment of known prevouts: the same for the same prevouts.
pub(crate) fn prevouts_text(known: &[KnownPrevout]) -> String {
    let mut sorted: Vec<&KnownPrevout> = known.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut text = String::new();
    for known in sorted {
        let written = WrittenPrevout {
            spender: show_hash(&known.spender),
            transaction: show_hash(&known.outpoint.txid),
            output: known.outpoint.vout,
            value: known.value.to_string(),
            script: hex(&known.script),
        };
        text.push_str(&serde_json::to_string(&written).expect("strings and numbers are JSON"));
        text.push('\n');
    }
    text
}

fn read_prevouts(path: &Path) -> Result<Vec<KnownPrevout>, StoreError> {
    let text = fs::read_to_string(path).map_err(StoreError::io(path, "cannot be read"))?;
    let line = |(number, line): (usize, &str)| {
        let fault = |why: &str| bad(path, format!("line {}", number + 1), why);
        let written: WrittenPrevout =
            serde_json::from_str(line).map_err(|error| fault(&error.to_string()))?;
        let hash = |text: &str| parse_hash(text).ok_or_else(|| fault("no hash"));
        Ok(KnownPrevout {
            spender: hash(&written.spender)?,
            outpoint: Outpoint {
                txid: hash(&written.transaction)?,
                vout: written.output,
            },
            value: written.value.parse().map_err(|_| fault("no value"))?,
            script: decode_hex(&written.script)
                .ok_or_else(|| fault("no script"))?
                .into(),
        })
    };
    text.lines().enumerate().map(line).collect()
}
