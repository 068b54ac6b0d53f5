//! Writes a segment of rows.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, RowKind, TableRow};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use super::codec::{kind_bits, put_address, put_amount, put_id, put_number, put_option, put_time};
use super::{MAGIC, Seen};
use crate::sources::bitcoin::records::as_u64;
use crate::store::error::StoreError;
use crate::store::words::{WrittenCoverage, write_coverage, write_facts};
use crate::store::write::TemporaryFile;
use crate::text::hex;

/// Marks a row of a transaction other than the one before it.
pub(super) const PLACE: u8 = 1;
/// Marks a row; its kind and whether it has a log index are told by its lower bits.
pub(super) const ROW: u8 = 0x80;
pub(super) const HAS_LOG: u8 = 4;

/// Encoded bytes are handed on when they are this many.
const CHUNK: usize = 1 << 16;

/// What stands at the end of a segment, before the facts.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tail {
    /// SHA-256 of the table's file.
    pub(super) source: String,
    pub(super) coverage: WrittenCoverage,
    pub(super) rows: u64,
    pub(super) transfers: u64,
    pub(super) times: Option<(i64, i64)>,
    pub(super) loose: bool,
    pub(super) moved: Vec<String>,
    pub(super) wrapped: Vec<String>,
    pub(super) paid: Vec<String>,
}

/// Addresses by number, in the order in which they come first: 28 bytes each of those of the common kinds, and what
/// a table of them takes.
#[derive(Debug, Default)]
pub(crate) struct Names {
    short: HashMap<[u8; 21], u32>,
    long: HashMap<Address, u32>,
}

impl Names {
    /// The number of an address, and whether it is new.
    pub(crate) fn number(&mut self, address: &Address) -> (u32, bool) {
        let next = self.short.len() + self.long.len();
        let next = u32::try_from(next).expect("fewer than 2^32 addresses");
        let short = |form: u8, account: &[u8; 20]| {
            let mut key = [form; 21];
            key[1..].copy_from_slice(account);
            key
        };
        let known = match address {
            Address::Evm(account) => *self.short.entry(short(1, account)).or_insert(next),
            Address::Tron(account) => *self.short.entry(short(2, account)).or_insert(next),
            other => match self.long.get(other) {
                Some(known) => *known,
                None => *self.long.entry(other.clone()).or_insert(next),
            },
        };
        (known, known == next)
    }
}

/// Where bytes go.
#[derive(Debug)]
enum Output {
    File(TemporaryFile),
    Memory(Vec<u8>),
}

/// A segment that is being written.
#[derive(Debug)]
pub(crate) struct RowsWriter {
    output: Output,
    buffer: Vec<u8>,
    bytes: u64,
    addresses: Names,
    assets: HashMap<Asset, u32>,
    /// The transaction of the row before.
    place: Option<Place>,
    seen: Seen,
}

type Place = (Option<TransactionId>, Option<u32>, Option<u32>, Timestamp);

/// A segment that was written and is not committed.
#[derive(Debug)]
pub(crate) enum Written {
    File(TemporaryFile),
    Memory(Vec<u8>),
}

impl RowsWriter {
    /// One that writes to a file.
    pub(in crate::store) fn to_file(file: TemporaryFile) -> Self {
        Self::new(Output::File(file))
    }

    /// One that writes nowhere.
    pub(crate) fn in_memory() -> Self {
        Self::new(Output::Memory(Vec::new()))
    }

    fn new(output: Output) -> Self {
        Self {
            output,
            buffer: MAGIC.to_vec(),
            bytes: 0,
            addresses: Names::default(),
            assets: HashMap::new(),
            place: None,
            seen: Seen::default(),
        }
    }

    /// What the rows so far were seen to tell.
    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: &TableRow) -> Result<(), StoreError> {
        let place = &self.place;
        let is_same = place.as_ref().is_some_and(|(id, height, index, time)| {
            *id == row.transaction
                && *height == row.height
                && *index == row.index
                && *time == row.time
        });
        if !is_same {
            self.buffer.push(PLACE);
            put_id(&mut self.buffer, row.transaction.as_ref());
            put_option(&mut self.buffer, row.height);
            put_option(&mut self.buffer, row.index);
            put_time(&mut self.buffer, row.time);
            self.place = Some((row.transaction.clone(), row.height, row.index, row.time));
        }
        let log = if row.log_index.is_some() { HAS_LOG } else { 0 };
        self.buffer.push(ROW | log | kind_bits(row.kind));
        if let Some(index) = row.log_index {
            put_number(&mut self.buffer, index.into());
        }
        self.address(&row.from);
        self.address(&row.to);
        self.asset(&row.asset);
        put_amount(&mut self.buffer, row.amount);
        self.see(row);
        if self.buffer.len() < CHUNK {
            return Ok(());
        }
        self.flush()
    }

    /// An address by its number; one that is new is told after it.
    fn address(&mut self, address: &Address) {
        let (number, is_new) = self.addresses.number(address);
        put_number(&mut self.buffer, number.into());
        if is_new {
            put_address(&mut self.buffer, address);
        }
    }

    fn asset(&mut self, asset: &Asset) {
        if let Some(number) = self.assets.get(asset) {
            return put_number(&mut self.buffer, (*number).into());
        }
        let number = u32::try_from(self.assets.len()).expect("fewer than 2^32 assets");
        self.assets.insert(asset.clone(), number);
        put_number(&mut self.buffer, number.into());
        put_number(&mut self.buffer, as_u64(asset.as_str().len()));
        self.buffer.extend_from_slice(asset.as_str().as_bytes());
    }

    fn see(&mut self, row: &TableRow) {
        let seen = &mut self.seen;
        seen.rows += 1;
        seen.loose |= row.transaction.is_none() || row.height.is_none();
        let (first, last) = seen.times.unwrap_or((row.time, row.time));
        seen.times = Some((first.min(row.time), last.max(row.time)));
        let list = match row.kind {
            RowKind::Fee => &mut seen.paid,
            RowKind::Transfer => {
                seen.transfers += 1;
                &mut seen.moved
            }
            RowKind::Wrap => &mut seen.wrapped,
        };
        if !list.contains(&row.asset) {
            list.insert(row.asset.clone());
        }
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.bytes += as_u64(self.buffer.len());
        match &mut self.output {
            Output::File(file) => file.write(&self.buffer)?,
            Output::Memory(bytes) => bytes.extend_from_slice(&self.buffer),
        }
        self.buffer.clear();
        Ok(())
    }

    /// Ends the segment with what is said of all rows.
    pub(crate) fn finish(
        mut self,
        chain: &Chain,
        digest: [u8; 32],
        coverage: &Coverage,
        facts: &Facts,
    ) -> Result<Written, StoreError> {
        self.buffer.push(0);
        self.flush()?;
        let tail_at = self.bytes;
        let texts = |assets: &std::collections::BTreeSet<Asset>| {
            assets.iter().map(ToString::to_string).collect()
        };
        let seen = &self.seen;
        let tail = Tail {
            source: hex(&digest),
            coverage: write_coverage(chain, coverage),
            rows: seen.rows,
            transfers: seen.transfers,
            times: seen
                .times
                .map(|(first, last)| (first.seconds(), last.seconds())),
            loose: seen.loose,
            moved: texts(&seen.moved),
            wrapped: texts(&seen.wrapped),
            paid: texts(&seen.paid),
        };
        self.line(&tail)?;
        for fact in write_facts(chain, facts) {
            self.line(&fact)?;
        }
        self.buffer.extend_from_slice(&tail_at.to_le_bytes());
        self.buffer.extend_from_slice(MAGIC);
        self.flush()?;
        Ok(match self.output {
            Output::File(file) => Written::File(file),
            Output::Memory(bytes) => Written::Memory(bytes),
        })
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), StoreError> {
        let line = serde_json::to_string(value).expect("strings and numbers are JSON");
        self.buffer.extend_from_slice(line.as_bytes());
        self.buffer.push(b'\n');
        if self.buffer.len() < CHUNK {
            return Ok(());
        }
        self.flush()
    }
}
