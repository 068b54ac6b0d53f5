//! The view over mapped columns: every answer is read from a record when it is asked for.
//!
//! A damaged file of the right size gives wrong answers, or a panic at a row that does not exist; it cannot
//! give a read beyond the files. `check` tells before.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::content::ContentId;
use whither_ledger::coverage::Coverage;
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{
    AddressIx, ChainView, Note, OutputIx, OutsideIx, OutsideOutput, Position, Prevout, TxIx,
    UtxoView,
};

use super::address::{read, whole};
use super::column::{Column, OUTSIDE, index};
use super::derive::{first_transaction, outside_owner, whole_at};
use super::index::HashIndex;
use super::layout::{Counts, Kind};
use super::manifest::{MANIFEST, Manifest, key};
use super::sip::Key;
use super::{notes, rank};
use crate::sources::bitcoin::Header;
use crate::store::StoreError;

/// A chain of outputs whose columns are mapped.
#[derive(Debug)]
pub struct ColumnUtxo {
    chain: Chain,
    content: ContentId,
    coverage: Vec<Coverage>,
    notes: Vec<Note>,
    counts: Counts,
    key: Key,
    block_head: Column<88>,
    tx_id: Column<32>,
    tx_out: Column<5>,
    tx_in: Column<5>,
    tx_block: Column<4>,
    tx_index: HashIndex,
    out_value: Column<8>,
    out_address: Column<4>,
    out_spent: Column<4>,
    out_tx: Column<4>,
    in_prev: Column<5>,
    outside: Column<52>,
    outside_owned: Column<5>,
    address: Column<33>,
    address_long: Column<42>,
    address_start: Column<5>,
    address_post: Column<5>,
    address_spends: Column<4>,
    address_index: HashIndex,
}

impl ColumnUtxo {
    /// Maps the files of a generation.
    pub(super) fn open(root: &Path, manifest: &Manifest) -> Result<Self, StoreError> {
        let folder = &manifest.folder(root);
        let counts = &manifest.counts;
        let bad = |why: String| StoreError::Manifest {
            path: root.join(MANIFEST),
            why,
        };
        let chain = manifest.chain.parse();
        let content = manifest.content_id();
        let content = content.ok_or_else(|| bad("no content id".to_owned()))?;
        Ok(Self {
            chain: chain.map_err(|error| bad(format!("{error}")))?,
            content,
            coverage: manifest.promises(),
            notes: notes::read(folder)?,
            counts: *counts,
            key: key(content),
            block_head: Column::open(folder, Kind::BlockHead, counts)?,
            tx_id: Column::open(folder, Kind::TxId, counts)?,
            tx_out: Column::open(folder, Kind::TxOut, counts)?,
            tx_in: Column::open(folder, Kind::TxIn, counts)?,
            tx_block: Column::open(folder, Kind::TxBlock, counts)?,
            tx_index: HashIndex::open(folder, (Kind::TxBucket, Kind::TxSlot), counts)?,
            out_value: Column::open(folder, Kind::OutValue, counts)?,
            out_address: Column::open(folder, Kind::OutAddress, counts)?,
            out_spent: Column::open(folder, Kind::OutSpent, counts)?,
            out_tx: Column::open(folder, Kind::OutTx, counts)?,
            in_prev: Column::open(folder, Kind::InPrev, counts)?,
            outside: Column::open(folder, Kind::Outside, counts)?,
            outside_owned: Column::open(folder, Kind::OutsideOwned, counts)?,
            address: Column::open(folder, Kind::Address, counts)?,
            address_long: Column::open(folder, Kind::AddressLong, counts)?,
            address_start: Column::open(folder, Kind::AddressStart, counts)?,
            address_post: Column::open(folder, Kind::AddressPost, counts)?,
            address_spends: Column::open(folder, Kind::AddressSpends, counts)?,
            address_index: HashIndex::open(
                folder,
                (Kind::AddressBucket, Kind::AddressSlot),
                counts,
            )?,
        })
    }

    /// How many blocks count.
    #[must_use]
    pub fn block_count(&self) -> usize {
        index(self.counts.blocks)
    }

    /// How many outputs they make.
    #[must_use]
    pub fn output_count(&self) -> u64 {
        self.counts.outputs
    }

    /// Hash (internal byte order) and height of a block, counted in chain order.
    #[must_use]
    pub fn block(&self, row: usize) -> ([u8; 32], Option<u32>) {
        let header = self.block_head.record(row).first_chunk();
        let header = Header::parse(header.expect("a record begins with a header"));
        (header.hash, self.height(row))
    }

    fn height(&self, block: usize) -> Option<u32> {
        let height = self.block_head.record(block)[80..].first_chunk();
        let height = u32::from_le_bytes(*height.expect("a height follows the header"));
        (height != u32::MAX).then_some(height)
    }

    /// The block of a transaction, and the first transaction of that block.
    fn block_of(&self, tx: TxIx) -> (usize, u32) {
        let start = |block| first_transaction(self.block_head.record(block));
        let block = rank::holder(
            &self.tx_block,
            self.counts.transactions,
            self.block_count(),
            u64::from(tx.0),
            |block| u64::from(start(block)),
        );
        (block, start(block))
    }

    fn record_of_outside(&self, row: u64) -> &[u8; 52] {
        self.outside.record(index(row))
    }

    /// The rows of `outside.owned` of one address.
    fn owned_outside(&self, address: AddressIx) -> Range<usize> {
        let owner = |row: usize| {
            let record = self.record_of_outside(self.outside_owned.get(row));
            outside_owner(record).unwrap_or(u32::MAX)
        };
        let rows = index(self.counts.outside_owned);
        let first = partition_point(0..rows, |row| owner(row) < address.0);
        first..partition_point(first..rows, |row| owner(row) <= address.0)
    }

    fn posts(&self, address: AddressIx) -> Range<usize> {
        let row = address.row();
        index(self.address_start.get(row))..index(self.address_start.get(row + 1))
    }
}

/// The first row that is not before; all rows before come first.
fn partition_point(rows: Range<usize>, before: impl Fn(usize) -> bool) -> usize {
    let Range { mut start, mut end } = rows;
    while start < end {
        let middle = start + (end - start) / 2;
        if before(middle) {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    start
}

impl ChainView for ColumnUtxo {
    fn chain(&self) -> &Chain {
        &self.chain
    }

    fn transaction_count(&self) -> usize {
        index(self.counts.transactions)
    }

    fn transaction_id(&self, tx: TxIx) -> TransactionId {
        TransactionId::Bitcoin(*self.tx_id.record(tx.row()))
    }

    fn find_transaction(&self, id: &TransactionId) -> Vec<TxIx> {
        let TransactionId::Bitcoin(txid) = id else {
            return Vec::new();
        };
        let candidates = self.tx_index.candidates(self.key.fingerprint(txid));
        candidates
            .map(TxIx)
            .filter(|tx| self.tx_id.record(tx.row()) == txid)
            .collect()
    }

    fn position(&self, tx: TxIx) -> Position {
        let (block, first) = self.block_of(tx);
        Position {
            height: self.height(block),
            index: Some(tx.0 - first),
        }
    }

    fn time(&self, tx: TxIx) -> Timestamp {
        let (block, _) = self.block_of(tx);
        let time = self.block_head.record(block)[68..].first_chunk();
        let time = u32::from_le_bytes(*time.expect("a header has a time"));
        Timestamp::from_seconds(i64::from(time)).expect("32 bits of seconds end in 2106")
    }

    fn address(&self, ix: AddressIx) -> Cow<'_, Address> {
        let whole = whole_at(&self.address, &self.address_long, ix.row());
        Cow::Owned(read(&whole).expect("an address was written"))
    }

    fn find_address(&self, address: &Address) -> Option<AddressIx> {
        let whole = whole(address)?;
        let mut candidates = self.address_index.candidates(self.key.fingerprint(&whole));
        candidates
            .find(|row| whole_at(&self.address, &self.address_long, AddressIx(*row).row()) == whole)
            .map(AddressIx)
    }

    fn address_count(&self) -> usize {
        index(self.counts.addresses)
    }

    fn posting_count(&self, address: AddressIx) -> usize {
        let spends = self.address_spends.get(address.row());
        let spends = usize::try_from(spends).unwrap_or(usize::MAX);
        self.posts(address).len() + spends + self.owned_outside(address).len()
    }

    fn coverage(&self) -> &[Coverage] {
        &self.coverage
    }

    fn content_id(&self) -> ContentId {
        self.content
    }

    fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl UtxoView for ColumnUtxo {
    fn inputs(&self, tx: TxIx) -> impl ExactSizeIterator<Item = Prevout> {
        let inputs = index(self.tx_in.get(tx.row()))..index(self.tx_in.get(tx.row() + 1));
        inputs.map(|input| match self.in_prev.get(input) {
            outside if outside & OUTSIDE != 0 => Prevout::Outside(OutsideIx(outside & !OUTSIDE)),
            output => Prevout::Inside(OutputIx(output)),
        })
    }

    /// The first transaction of its block, and no other: ingest refuses blocks that are otherwise.
    fn is_coinbase(&self, tx: TxIx) -> bool {
        self.block_of(tx).1 == tx.0
    }

    fn outputs(&self, tx: TxIx) -> Range<u64> {
        self.tx_out.get(tx.row())..self.tx_out.get(tx.row() + 1)
    }

    fn value(&self, output: OutputIx) -> u64 {
        self.out_value.get(output.row())
    }

    fn owner(&self, output: OutputIx) -> Option<AddressIx> {
        let owner = self.out_address.get(output.row());
        owner.checked_sub(1).map(AddressIx)
    }

    fn creator(&self, output: OutputIx) -> TxIx {
        let start = |tx: usize| self.tx_out.get(tx);
        let transactions = self.transaction_count();
        let tx = rank::holder(
            &self.out_tx,
            self.counts.outputs,
            transactions,
            output.0,
            start,
        );
        TxIx::of(tx)
    }

    fn spender(&self, output: OutputIx) -> Option<TxIx> {
        let spender = self.out_spent.get(output.row());
        spender.checked_sub(1).map(TxIx)
    }

    fn outside(&self, ix: OutsideIx) -> OutsideOutput {
        let (txid, rest) = self
            .record_of_outside(ix.0)
            .split_first_chunk()
            .expect("a record begins with a transaction id");
        let (vout, rest) = rest.split_first_chunk().expect("then the output's index");
        let value = rest.first_chunk().expect("then its value");
        let value = u64::from_le_bytes(*value);
        OutsideOutput {
            transaction: TransactionId::Bitcoin(*txid),
            vout: u32::from_le_bytes(*vout),
            value: (value != u64::MAX).then_some(value),
            owner: outside_owner(self.record_of_outside(ix.0)).map(AddressIx),
            spender: spender_of(self.record_of_outside(ix.0)),
        }
    }

    fn received(&self, address: AddressIx) -> impl ExactSizeIterator<Item = OutputIx> {
        let posts = self.posts(address);
        posts.map(|post| OutputIx(self.address_post.get(post)))
    }

    fn spent_from_outside(
        &self,
        address: AddressIx,
    ) -> impl ExactSizeIterator<Item = (TxIx, OutsideIx)> {
        self.owned_outside(address).map(|row| {
            let row = self.outside_owned.get(row);
            (spender_of(self.record_of_outside(row)), OutsideIx(row))
        })
    }

    fn complete_since(&self, tx: TxIx) -> bool {
        let Some(last) = self.block_count().checked_sub(1) else {
            return false;
        };
        match (self.position(tx).height, self.height(last)) {
            (Some(height), Some(tip)) => self.coverage.iter().any(|coverage| {
                matches!(coverage, Coverage::Blocks { first: Some(first), last: Some(last), .. }
                    if (*first..=*last).contains(&height) && *last == tip)
            }),
            // A block of unknown height is complete only where it is alone.
            _ => last == 0,
        }
    }
}

/// The spender in a record of `outside.output`: its last four bytes.
fn spender_of(record: &[u8; 52]) -> TxIx {
    let [.., a, b, c, d] = *record;
    TxIx(u32::from_le_bytes([a, b, c, d]))
}
