//! Blocks that are kept and do not count: they may come to count once more blocks are known.
//!
//! One on a branch with as much work as the one that counts, or one that follows a block which is not here. They
//! are few; all of a chain lie in one segment, one JSON object a line, in the order of their hashes, taken apart as the
//! columns take blocks. A block on a branch that has less work is not kept.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::memory::{Outpoint, OutsideValue};

use super::Store;
use super::error::StoreError;
use super::manifest::{Segment, SegmentKind};
use crate::blocks::data::BlockData;
use crate::flat;
use crate::sources::bitcoin::records::as_u64;
use crate::sources::bitcoin::{HEADER_SIZE, Header};
use crate::text::{decode_hex, hex, parse_hash, show_hash};

/// A block that is kept and does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Aside {
    pub(crate) block: BlockData,
    /// What undo data tells of outputs that it spends.
    pub(crate) told: Vec<(Outpoint, OutsideValue)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBlock {
    header: String,
    claimed_height: Option<u32>,
    transactions: Vec<WrittenTransaction>,
    /// Outpoints, with value in satoshi, and whose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    told: Vec<(String, u32, String, String)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTransaction {
    id: String,
    /// Outpoints.
    spends: Vec<(String, u32)>,
    /// Value in satoshi, and whose: as in the columns, in hex, or nothing.
    makes: Vec<(String, String)>,
}

/// The segment of some blocks, in the order of their hashes, and its text.
pub(crate) fn segment_of(blocks: &[Aside]) -> (Segment, String) {
    let mut sorted: Vec<&Aside> = blocks.iter().collect();
    sorted.sort_by_key(|aside| aside.block.hash);
    let mut text = String::new();
    for block in sorted {
        let line = serde_json::to_string(&write(block)).expect("strings and numbers are JSON");
        text.push_str(&line);
        text.push('\n');
    }
    let segment = Segment {
        kind: SegmentKind::Aside,
        sha256: hex(&Sha256::digest(&text)),
        bytes: as_u64(text.len()),
    };
    (segment, text)
}

impl Store {
    /// The blocks of a chain that are kept and do not count.
    pub(crate) fn aside(&self, chain: &Chain) -> Result<Vec<Aside>, StoreError> {
        let mut blocks = Vec::new();
        let content = self.content(chain);
        let segments = content.segments.iter();
        for segment in segments.filter(|segment| segment.kind == SegmentKind::Aside) {
            self.verify(chain, segment)?;
            blocks.extend(read_file(&self.segment_path(chain, segment))?);
        }
        Ok(blocks)
    }
}

fn read_file(path: &Path) -> Result<Vec<Aside>, StoreError> {
    let text = fs::read_to_string(path).map_err(StoreError::io(path, "cannot be read"))?;
    let line = |(number, line): (usize, &str)| {
        read(line).map_err(|why| StoreError::Segment {
            path: path.to_owned(),
            place: format!("line {}", number + 1),
            why,
        })
    };
    text.lines().enumerate().map(line).collect()
}

fn write(aside: &Aside) -> WrittenBlock {
    let block = &aside.block;
    let (mut input, mut output) = (0, 0);
    let ends = block.input_ends.iter().zip(&block.output_ends);
    let transactions = block
        .txids
        .iter()
        .zip(ends)
        .map(|(txid, (input_end, output_end))| {
            let (inputs, outputs) = (input..*input_end, output..*output_end);
            (input, output) = (*input_end, *output_end);
            let spend = |outpoint: &Outpoint| (show_hash(&outpoint.txid), outpoint.vout);
            let make = |output: usize| {
                let owner = write_owner(block.owners[output].as_ref());
                (block.values[output].to_string(), owner)
            };
            WrittenTransaction {
                id: show_hash(txid),
                spends: block.spends[inputs].iter().map(spend).collect(),
                makes: outputs.map(make).collect(),
            }
        });
    WrittenBlock {
        header: hex(&block.header),
        claimed_height: block.claimed_height,
        transactions: transactions.collect(),
        told: aside
            .told
            .iter()
            .map(|(outpoint, told)| {
                let (value, owner) = (told.value.to_string(), write_owner(told.owner.as_ref()));
                (show_hash(&outpoint.txid), outpoint.vout, value, owner)
            })
            .collect(),
    }
}

fn write_owner(owner: Option<&Address>) -> String {
    owner.map_or_else(String::new, flat::owner_to_hex)
}

fn read_owner(text: &str) -> Result<Option<Address>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let owner = flat::owner_of_hex(text).ok_or("no owner")?;
    Ok(Some(owner))
}

fn read(line: &str) -> Result<Aside, String> {
    let written: WrittenBlock = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let header = decode_hex(&written.header).unwrap_or_default();
    let bytes: &[u8; HEADER_SIZE] = header.as_slice().try_into().map_err(|_| "no header")?;
    let mut block = BlockData {
        hash: Header::parse(bytes).hash,
        claimed_height: written.claimed_height,
        ..BlockData::default()
    };
    for transaction in written.transactions {
        block
            .txids
            .push(parse_hash(&transaction.id).ok_or("no transaction id")?);
        block.offsets.push(0);
        for (txid, vout) in transaction.spends {
            let txid = parse_hash(&txid).ok_or("no transaction id")?;
            block.spends.push(Outpoint { txid, vout });
        }
        for (value, owner) in transaction.makes {
            block.values.push(value.parse().map_err(|_| "no value")?);
            block.owners.push(read_owner(&owner)?);
        }
        block.input_ends.push(block.spends.len());
        block.output_ends.push(block.values.len());
    }
    block.header = header;
    let told = written.told.into_iter().map(|(txid, vout, value, owner)| {
        let txid = parse_hash(&txid).ok_or("no transaction id")?;
        let value = value.parse().map_err(|_| "no value")?;
        let owner = read_owner(&owner)?;
        Ok((Outpoint { txid, vout }, OutsideValue { value, owner }))
    });
    let told = told.collect::<Result<_, String>>()?;
    Ok(Aside { block, told })
}
