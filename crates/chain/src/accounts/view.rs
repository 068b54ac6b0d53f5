//! The view over mapped columns: every answer is read from a record when it is asked for.
//!
//! A damaged file of the right size gives wrong answers, or a panic at a row that does not exist or a text
//! that is none; it cannot give a read beyond the files. `check` tells before.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::content::ContentId;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{BlockFact, TokenFact};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{
    AccountKind, AccountView, AddressIx, AssetIx, ChainView, HoldingIx, Leg, Note, Position,
    Posting, TxIx, ZeroTransfer,
};

use super::column::{Column, index};
use super::layout::{Counts, Kind};
use super::manifest::Manifest;
use super::record::{self, number, split};
use super::said;
use super::write::{CLAIMED, CONTRACT, COVERED, HEIGHT, INDEX, KEY, ORDERED};
use crate::store::StoreError;

/// A chain of accounts whose columns are mapped.
#[derive(Debug)]
pub struct AccountColumns {
    chain: Chain,
    content: ContentId,
    coverage: Vec<Coverage>,
    notes: Vec<Note>,
    tokens: Vec<TokenFact>,
    counts: Counts,
    tx_id: Column<33>,
    tx_place: Column<17>,
    tx_start: Column<5>,
    tx_find: Column<4>,
    leg: Column<28>,
    holding: Column<20>,
    holding_start: Column<5>,
    post: Column<8>,
    post_balance: Column<12>,
    address: Column<22>,
    address_start: Column<9>,
    address_holding: Column<4>,
    address_find: Column<4>,
    asset: Column<12>,
    zero: Column<21>,
    block: Column<81>,
    wide: Column<32>,
    text: Column<1>,
}

impl AccountColumns {
    /// Maps the files of a generation.
    pub(super) fn open(root: &Path, manifest: &Manifest) -> Result<Self, StoreError> {
        let folder = &manifest.folder(root);
        let counts = &manifest.counts;
        let (chain, content) = manifest.identity(root)?;
        let (notes, coverage, tokens) = said::read(folder, manifest, &chain)?;
        Ok(Self {
            chain,
            content,
            coverage,
            notes,
            tokens,
            counts: *counts,
            tx_id: Column::open(folder, Kind::TxId, counts)?,
            tx_place: Column::open(folder, Kind::TxPlace, counts)?,
            tx_start: Column::open(folder, Kind::TxStart, counts)?,
            tx_find: Column::open(folder, Kind::TxFind, counts)?,
            leg: Column::open(folder, Kind::Leg, counts)?,
            holding: Column::open(folder, Kind::Holding, counts)?,
            holding_start: Column::open(folder, Kind::HoldingStart, counts)?,
            post: Column::open(folder, Kind::Post, counts)?,
            post_balance: Column::open(folder, Kind::PostBalance, counts)?,
            address: Column::open(folder, Kind::Address, counts)?,
            address_start: Column::open(folder, Kind::AddressStart, counts)?,
            address_holding: Column::open(folder, Kind::AddressHolding, counts)?,
            address_find: Column::open(folder, Kind::AddressFind, counts)?,
            asset: Column::open(folder, Kind::Asset, counts)?,
            zero: Column::open(folder, Kind::Zero, counts)?,
            block: Column::open(folder, Kind::Block, counts)?,
            wide: Column::open(folder, Kind::Wide, counts)?,
            text: Column::open(folder, Kind::Text, counts)?,
        })
    }

    /// The rows of `leg.leg` of a transaction.
    fn legs_of(&self, tx: TxIx) -> Range<u64> {
        self.tx_start.get(tx.row())..self.tx_start.get(tx.row() + 1)
    }

    /// The rows of `post.leg` of a holding.
    fn posts_of(&self, holding: HoldingIx) -> Range<usize> {
        let start = |row| index(self.holding_start.get(row));
        start(holding.row())..start(holding.row() + 1)
    }

    /// The first row of `address.holding` of an address, and how many postings those before it have.
    fn start_of(&self, row: usize) -> (u32, u64) {
        let (holding, rest) = number(self.address_start.record(row));
        let ([a, b, c, d, e], _) = split(rest);
        (holding, u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]))
    }

    /// Time, height, index and flags.
    fn place_of(&self, tx: TxIx) -> (i64, u32, u32, u8) {
        let (time, rest) = split(self.tx_place.record(tx.row()));
        let (height, rest) = number(rest);
        let (place, rest) = number(rest);
        let ([flags], _) = split(rest);
        (i64::from_le_bytes(time), height, place, flags)
    }

    fn has(&self, tx: TxIx, flag: u8) -> bool {
        self.place_of(tx).3 & flag != 0
    }
}

/// The rows that hold a key, from a column that has all rows sorted by what they hold.
fn found<K: Ord>(sorted: &Column<4>, rows: u64, key: &K, held: impl Fn(u32) -> K) -> Vec<u32> {
    let (mut first, mut end) = (0, index(rows));
    while first < end {
        let middle = first + (end - first) / 2;
        if held(sorted.get(middle)) < *key {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    let equal = (first..index(rows)).map(|place| sorted.get(place));
    equal.take_while(|row| held(*row) == *key).collect()
}

impl ChainView for AccountColumns {
    fn chain(&self) -> &Chain {
        &self.chain
    }

    fn transaction_count(&self) -> usize {
        index(self.counts.transactions)
    }

    fn transaction_id(&self, tx: TxIx) -> TransactionId {
        record::id(self.tx_id.record(tx.row()), &self.text)
    }

    fn find_transaction(&self, id: &TransactionId) -> Vec<TxIx> {
        let held = |row| self.transaction_id(TxIx(row));
        let rows = found(&self.tx_find, self.counts.transactions, id, held);
        rows.into_iter().map(TxIx).collect()
    }

    fn position(&self, tx: TxIx) -> Position {
        let (_, height, place, flags) = self.place_of(tx);
        Position {
            height: (flags & HEIGHT != 0).then_some(height),
            index: (flags & INDEX != 0).then_some(place),
        }
    }

    fn time(&self, tx: TxIx) -> Timestamp {
        Timestamp::from_seconds(self.place_of(tx).0).expect("a time was written")
    }

    fn address(&self, ix: AddressIx) -> Cow<'_, Address> {
        let (payload, _) = split(self.address.record(ix.row()));
        Cow::Owned(record::address(&payload, &self.text))
    }

    fn find_address(&self, address: &Address) -> Option<AddressIx> {
        let held = |row| self.address(AddressIx(row)).into_owned();
        let rows = found(&self.address_find, self.counts.addresses, address, held);
        rows.first().copied().map(AddressIx)
    }

    fn address_count(&self) -> usize {
        index(self.counts.addresses)
    }

    fn posting_count(&self, address: AddressIx) -> usize {
        let (_, first) = self.start_of(address.row());
        let (_, end) = self.start_of(address.row() + 1);
        index(end.saturating_sub(first))
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

impl AccountView for AccountColumns {
    fn leg_count(&self, tx: TxIx) -> u32 {
        let legs = self.legs_of(tx);
        let count = u32::try_from(legs.end.saturating_sub(legs.start));
        count.expect("fewer than 2^32 legs")
    }

    fn leg(&self, tx: TxIx, place: u32) -> Leg {
        let row = self.legs_of(tx).start + u64::from(place);
        record::leg(self.leg.record(index(row)), &self.wide)
    }

    fn legs_are_ordered(&self, tx: TxIx) -> bool {
        self.has(tx, ORDERED)
    }

    fn asset(&self, ix: AssetIx) -> Cow<'_, Asset> {
        let text = record::text(self.asset.record(ix.row()), &self.text);
        Cow::Owned(text.parse().expect("an asset was written"))
    }

    fn asset_count(&self) -> usize {
        index(self.counts.assets)
    }

    fn holding(&self, ix: HoldingIx) -> (AddressIx, AssetIx) {
        let (address, rest) = number(self.holding.record(ix.row()));
        let (asset, _) = number(rest);
        (AddressIx(address), AssetIx(asset))
    }

    fn holdings(&self, address: AddressIx) -> impl ExactSizeIterator<Item = HoldingIx> {
        let (first, _) = self.start_of(address.row());
        let (end, _) = self.start_of(address.row() + 1);
        let rows = index(first)..index(end);
        rows.map(|row| HoldingIx(self.address_holding.get(row)))
    }

    fn movement_count(&self, holding: HoldingIx) -> usize {
        self.posts_of(holding).len()
    }

    fn posting(&self, holding: HoldingIx, place: usize) -> Posting {
        let row = self.posts_of(holding).start + place;
        let (tx, rest) = number(self.post.record(row));
        let (leg, _) = number(rest);
        Posting { tx: TxIx(tx), leg }
    }

    fn balance_after(&self, holding: HoldingIx, count: usize) -> U256 {
        let Some(place) = count.checked_sub(1) else {
            return self.opening(holding);
        };
        let row = self.posts_of(holding).start + place;
        record::amount(self.post_balance.record(row), &self.wide)
    }

    fn opening(&self, holding: HoldingIx) -> U256 {
        let (_, rest) = split::<8>(self.holding.record(holding.row()));
        let (short, _) = split(rest);
        record::amount(&short, &self.wide)
    }

    fn is_covered(&self, address: AddressIx) -> bool {
        let [.., flags] = *self.address.record(address.row());
        flags & COVERED != 0
    }

    fn zero_transfers(&self) -> impl ExactSizeIterator<Item = ZeroTransfer> {
        let rows = 0..index(self.counts.zeros);
        rows.map(|row| record::zero(self.zero.record(row)))
    }

    fn account_kind(&self, address: AddressIx) -> Option<AccountKind> {
        let [.., flags] = *self.address.record(address.row());
        let has = |flag, kind| (flags & flag != 0).then_some(kind);
        has(KEY, AccountKind::Key).or(has(CONTRACT, AccountKind::Contract))
    }

    fn tokens(&self) -> &[TokenFact] {
        &self.tokens
    }

    fn blocks(&self) -> impl ExactSizeIterator<Item = BlockFact> {
        let rows = 0..index(self.counts.blocks);
        rows.map(|row| record::block(self.block.record(row)))
    }

    fn is_claimed(&self, tx: TxIx) -> bool {
        self.has(tx, CLAIMED)
    }
}
