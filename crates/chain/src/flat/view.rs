//! The view over mapped columns: every answer is read from a record when it is asked for.
//!
//! It shows the chain as it was committed when it was opened: rows that a writer has appended since are passed
//! over, and as long as a view is open nothing is cut. A damaged file of the right size gives wrong answers, or
//! a panic at a row that does not exist; it cannot give a read beyond the files. `store check` tells before.

use std::borrow::Cow;
use std::fs::File;
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

use super::address::{Addresses, Whole, read, whole, written};
use super::append::DISPUTED;
use super::column::{Column, OUTSIDE, Rows as _, index};
use super::commit::shape_of;
use super::layout::{Counts, HEAD, Kind};
use super::posts::Posts;
use super::slots::Slots;
use super::spends::Spends;
use super::state::State;
use super::writer::{ADDRESSES, TRANSACTIONS};
use super::{hash, outside, runs, starts};
use crate::sources::bitcoin::Header;
use crate::store::StoreError;

/// A chain of outputs whose columns are mapped.
#[derive(Debug)]
pub struct ColumnUtxo {
    chain: Chain,
    content: ContentId,
    coverage: Vec<Coverage>,
    notes: Vec<Note>,
    pub(super) counts: Counts,
    pub(super) head: Column<HEAD>,
    pub(super) tx_id: Column<32>,
    pub(super) tx_base: Column<10>,
    pub(super) tx_step: Column<6>,
    pub(super) tx_block: Column<4>,
    pub(super) transactions: Slots,
    pub(super) out_value: Column<7>,
    pub(super) out_address: Column<4>,
    pub(super) out_tx: Column<4>,
    pub(super) spent: Spends,
    pub(super) in_prev: Column<5>,
    pub(super) outside: Column<52>,
    pub(super) address: Column<21>,
    pub(super) address_rest: Column<16>,
    pub(super) address_long: Column<42>,
    pub(super) addresses: Slots,
    /// In the order of the blocks that they cover.
    pub(super) posts: Vec<Posts>,
    /// The first output and outside output that no run covers.
    pub(super) unposted: (u64, u64),
    summed: Counts,
    /// Held as long as the view is open.
    _readers: Option<File>,
}

impl ColumnUtxo {
    /// Maps the files of a committed state. `readers` is the lock that keeps a cut away.
    pub(super) fn open(
        folder: &Path,
        chain: &Chain,
        state: &State,
        readers: Option<File>,
    ) -> Result<Self, StoreError> {
        let counts = &state.counts;
        let content = state.content_id().ok_or_else(|| StoreError::BadState {
            why: "no content id".to_owned(),
        })?;
        let limit = u32::try_from(counts.transactions).unwrap_or(u32::MAX);
        let mut view = Self {
            chain: chain.clone(),
            content,
            coverage: state.coverage(),
            notes: state.all_notes()?,
            counts: *counts,
            head: Column::open(folder, Kind::BlockHead, counts)?,
            tx_id: Column::open(folder, Kind::TxId, counts)?,
            tx_base: Column::open(folder, Kind::TxBase, counts)?,
            tx_step: Column::open(folder, Kind::TxStep, counts)?,
            tx_block: Column::open(folder, Kind::TxBlock, counts)?,
            transactions: Slots::open(folder, TRANSACTIONS, state.transactions, false)?,
            out_value: Column::open(folder, Kind::OutValue, counts)?,
            out_address: Column::open(folder, Kind::OutAddress, counts)?,
            out_tx: Column::open(folder, Kind::OutTx, counts)?,
            spent: Spends::open(folder, counts.outputs, limit)?,
            in_prev: Column::open(folder, Kind::InPrev, counts)?,
            outside: Column::open(folder, Kind::Outside, counts)?,
            address: Column::open(folder, Kind::Address, counts)?,
            address_rest: Column::open(folder, Kind::AddressRest, counts)?,
            address_long: Column::open(folder, Kind::AddressLong, counts)?,
            addresses: Slots::open(folder, ADDRESSES, state.addresses, false)?,
            posts: Vec::new(),
            unposted: (0, 0),
            summed: Counts::default(),
            _readers: readers,
        };
        for run in runs::runs(state.posted) {
            let (from, to) = (view.counts_before(run.start), view.counts_before(run.end));
            let path = folder.join(runs::name(&run));
            view.posts.push(Posts::open(&path, &shape_of(&from, &to))?);
        }
        let covered = view.counts_before(state.posted);
        view.unposted = (covered.outputs, covered.outside);
        view.summed = covered;
        Ok(view)
    }

    /// The counts before a block.
    pub(super) fn counts_before(&self, block: u64) -> Counts {
        if block >= self.counts.blocks {
            return self.counts;
        }
        let kept = self.head.record(index(block)).last_chunk();
        Counts::from_record(block, kept.expect("a record ends with counts"))
    }

    /// What the checksums cover: less than there is within a long import alone.
    pub(super) fn summed(&self) -> Counts {
        self.summed
    }

    /// How much there is.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// How many bytes the columns have that are only appended to.
    pub(crate) fn bytes(&self) -> u64 {
        let width = |kind: Kind| u64::try_from(kind.width()).expect("a small number");
        let bytes = |kind: Kind| kind.rows(&self.counts) * width(kind);
        Kind::ALL.into_iter().map(bytes).sum()
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

    /// How many inputs they have, coinbases left out.
    #[must_use]
    pub fn input_count(&self) -> u64 {
        self.counts.inputs
    }

    /// Hash (internal byte order) and height of a block, counted in chain order.
    #[must_use]
    pub fn block(&self, row: usize) -> ([u8; 32], Option<u32>) {
        let record = self.head.record(row);
        let header = Header::parse(record.first_chunk().expect("a record begins with a header"));
        (header.hash, height_in(record))
    }

    /// The row of the block at a height.
    #[must_use]
    pub fn find_block_at(&self, height: u32) -> Option<usize> {
        let mut rows = 0..self.block_count();
        rows.find(|row| height_in(self.head.record(*row)) == Some(height))
    }

    /// The row of the block of a hash (internal byte order): hashes headers until one has it.
    #[must_use]
    pub fn find_block(&self, hash: &[u8; 32]) -> Option<usize> {
        (0..self.block_count()).find(|row| self.block(*row).0 == *hash)
    }

    /// The rows of a block's transactions.
    #[must_use]
    pub fn transactions_of(&self, block: usize) -> Range<usize> {
        let before = |block: usize| self.counts_before(u64::try_from(block).expect("a row"));
        index(before(block).transactions)..index(before(block + 1).transactions)
    }

    /// The block of a transaction, and the first transaction of that block.
    #[inline]
    fn block_of(&self, tx: TxIx) -> (usize, u32) {
        let start = |block| self.first_transaction(block);
        let block = starts::holder(
            &self.tx_block,
            self.counts.transactions,
            self.block_count(),
            u64::from(tx.0),
            |block| u64::from(start(block)),
        );
        (block, start(block))
    }

    /// The first transaction of a block: the first of the counts that its record ends with.
    #[inline]
    fn first_transaction(&self, block: usize) -> u32 {
        let [a, b, c, d, ..] = self.head.record(block)[88..] else {
            unreachable!("a record has counts");
        };
        u32::from_le_bytes([a, b, c, d])
    }

    pub(super) fn keys(&self) -> Addresses<'_, Column<21>, Column<16>, Column<42>> {
        Addresses {
            short: &self.address,
            rest: &self.address_rest,
            long: &self.address_long,
        }
    }

    #[inline]
    fn first_output(&self, tx: usize) -> u64 {
        if tx == self.transaction_count() {
            return self.counts.outputs;
        }
        starts::first_output(&self.tx_base, &self.tx_step, tx)
    }

    #[inline]
    pub(super) fn first_input(&self, tx: usize) -> u64 {
        if tx == self.transaction_count() {
            return self.counts.inputs;
        }
        starts::first_input(&self.tx_base, &self.tx_step, tx)
    }

    /// The row of an address, whole.
    pub(super) fn find_whole(&self, whole: &Whole) -> Option<u32> {
        let hash = hash::of_address(whole, self.addresses.shape().seed);
        let limit = u32::try_from(self.counts.addresses).unwrap_or(u32::MAX);
        let (keys, written) = (self.keys(), written(whole));
        let mut candidates = self.addresses.candidates(hash, limit);
        candidates.find(|row| keys.is(AddressIx(*row).row(), whole, &written))
    }

    /// Outputs that an address received and that no run covers: within a long import alone.
    fn unposted_outputs(&self, address: AddressIx) -> Vec<OutputIx> {
        let rows = self.unposted.0..self.counts.outputs;
        let rows = rows.map(OutputIx);
        rows.filter(|output| self.owner(*output) == Some(address))
            .collect()
    }

    fn unposted_outside(&self, address: AddressIx) -> Vec<u64> {
        let owner = |row: &u64| outside::read(self.outside.record(index(*row))).owner;
        let rows = self.unposted.1..self.counts.outside;
        rows.filter(|row| owner(row) == Some(address.0)).collect()
    }
}

/// The height in a block's record.
pub(super) fn height_in(record: &[u8; HEAD]) -> Option<u32> {
    let height = record[80..]
        .first_chunk()
        .expect("a height follows the header");
    let height = u32::from_le_bytes(*height);
    (height != u32::MAX).then_some(height)
}

impl ChainView for ColumnUtxo {
    fn chain(&self) -> &Chain {
        &self.chain
    }

    #[inline]
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
        let hash = hash::of_transaction(txid, self.transactions.shape().seed);
        let limit = u32::try_from(self.counts.transactions).unwrap_or(u32::MAX);
        let candidates = self.transactions.candidates(hash, limit).map(TxIx);
        candidates
            .filter(|tx| self.tx_id.record(tx.row()) == txid)
            .collect()
    }

    #[inline]
    fn position(&self, tx: TxIx) -> Position {
        let (block, first) = self.block_of(tx);
        Position {
            height: height_in(self.head.record(block)),
            index: Some(tx.0 - first),
        }
    }

    #[inline]
    fn time(&self, tx: TxIx) -> Timestamp {
        let (block, _) = self.block_of(tx);
        let time = self.head.record(block)[68..].first_chunk();
        let time = u32::from_le_bytes(*time.expect("a header has a time"));
        Timestamp::from_seconds(i64::from(time)).expect("32 bits of seconds end in 2106")
    }

    fn address(&self, ix: AddressIx) -> Cow<'_, Address> {
        let whole = self.keys().whole(ix.row());
        Cow::Owned(read(&whole).expect("an address was written"))
    }

    fn find_address(&self, address: &Address) -> Option<AddressIx> {
        self.find_whole(&whole(address)?).map(AddressIx)
    }

    fn address_count(&self) -> usize {
        index(self.counts.addresses)
    }

    /// Reads the spender of each output that the address received.
    fn posting_count(&self, address: AddressIx) -> usize {
        let received = self.received(address);
        let (outputs, outside) = (received.len(), self.spent_from_outside(address).len());
        let spends = received.filter(|output| self.spender(*output).is_some());
        outputs + spends.count() + outside
    }

    fn has_more_postings_than(&self, address: AddressIx, limit: usize) -> bool {
        let received = self.received(address);
        let certain = received.len() + self.spent_from_outside(address).len();
        let Some(left) = limit.checked_sub(certain) else {
            return true;
        };
        let mut spends = received.filter(|output| self.spender(*output).is_some());
        spends.nth(left).is_some()
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
    #[inline]
    fn inputs(&self, tx: TxIx) -> impl ExactSizeIterator<Item = Prevout> {
        let inputs = index(self.first_input(tx.row()))..index(self.first_input(tx.row() + 1));
        inputs.map(|input| match self.in_prev.number(input) {
            outside if outside & OUTSIDE != 0 => Prevout::Outside(OutsideIx(outside & !OUTSIDE)),
            output => Prevout::Inside(OutputIx(output)),
        })
    }

    /// The first transaction of its block, and no other: ingest refuses blocks that are otherwise.
    #[inline]
    fn is_coinbase(&self, tx: TxIx) -> bool {
        self.block_of(tx).1 == tx.0
    }

    #[inline]
    fn outputs(&self, tx: TxIx) -> Range<u64> {
        self.first_output(tx.row())..self.first_output(tx.row() + 1)
    }

    #[inline]
    fn value(&self, output: OutputIx) -> u64 {
        self.out_value.number(output.row())
    }

    #[inline]
    fn owner(&self, output: OutputIx) -> Option<AddressIx> {
        let owner = self.out_address.number(output.row()).checked_sub(1)?;
        u32::try_from(owner).ok().map(AddressIx)
    }

    #[inline]
    fn creator(&self, output: OutputIx) -> TxIx {
        let transactions = self.transaction_count();
        let start = |tx: usize| self.first_output(tx);
        let outputs = self.counts.outputs;
        TxIx::of(starts::holder(
            &self.out_tx,
            outputs,
            transactions,
            output.0,
            start,
        ))
    }

    #[inline]
    fn spender(&self, output: OutputIx) -> Option<TxIx> {
        self.spent.spender(output.row()).map(TxIx)
    }

    #[inline]
    fn outside(&self, ix: OutsideIx) -> OutsideOutput {
        let outside = outside::read(self.outside.record(ix.row()));
        OutsideOutput {
            transaction: TransactionId::Bitcoin(outside.txid),
            vout: outside.vout,
            value: (outside.value < DISPUTED).then_some(outside.value),
            owner: outside.owner.map(AddressIx),
            spender: TxIx(outside.spender),
        }
    }

    fn received(&self, address: AddressIx) -> impl ExactSizeIterator<Item = OutputIx> {
        let runs = self.posts.iter();
        let mut received: Vec<OutputIx> = runs
            .flat_map(|run| run.received(address.0))
            .map(OutputIx)
            .collect();
        received.extend(self.unposted_outputs(address));
        received.into_iter()
    }

    fn spent_from_outside(
        &self,
        address: AddressIx,
    ) -> impl ExactSizeIterator<Item = (TxIx, OutsideIx)> {
        let runs = self.posts.iter();
        let mut rows: Vec<u64> = runs.flat_map(|run| run.outside(address.0)).collect();
        rows.extend(self.unposted_outside(address));
        rows.into_iter().map(|row| {
            let outside = outside::read(self.outside.record(index(row)));
            (TxIx(outside.spender), OutsideIx(row))
        })
    }

    fn complete_since(&self, tx: TxIx) -> bool {
        let Some(last) = self.block_count().checked_sub(1) else {
            return false;
        };
        match (self.position(tx).height, height_in(self.head.record(last))) {
            (Some(height), Some(tip)) => self.coverage.iter().any(|coverage| {
                matches!(coverage, Coverage::Blocks { first: Some(first), last: Some(last), .. }
                    if (*first..=*last).contains(&height) && *last == tip)
            }),
            // A block of unknown height is complete only where it is alone.
            _ => last == 0,
        }
    }
}
