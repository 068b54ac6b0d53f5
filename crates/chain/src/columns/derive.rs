//! The columns that follow from other columns, written once all blocks are in: spends, postings, samples,
//! indexes.
//!
//! Memory: two numbers of 8 bytes for each address, and 16 bytes for each key of an index while it is sorted.

use std::path::Path;

use super::address::{Long, lengthen};
use super::column::{Appender, Column, OUTSIDE, Scatter, five, four, index};
use super::layout::{Counts, Kind};
use super::sip::Key;
use super::{index as hash_index, rank};
use crate::store::StoreError;

/// Writes them all. Says how many outside outputs have a known owner, and how many outputs have one.
pub(super) fn derive(folder: &Path, counts: &mut Counts, key: Key) -> Result<(), StoreError> {
    spends(folder, counts)?;
    postings(folder, counts)?;
    outside_owned(folder, counts)?;
    samples(folder, counts)?;
    indexes(folder, counts, key)
}

/// `out.spent`: which transaction spends an output, from what each input spends.
fn spends(folder: &Path, counts: &Counts) -> Result<(), StoreError> {
    let first: Column<5> = Column::open(folder, Kind::TxIn, counts)?;
    let previous: Column<5> = Column::open(folder, Kind::InPrev, counts)?;
    let mut spent: Scatter<4> = Scatter::create(folder, Kind::OutSpent, counts)?;
    for tx in 0..index(counts.transactions) {
        for input in first.get(tx)..first.get(tx + 1) {
            let output = previous.get(index(input));
            if output & OUTSIDE == 0 {
                *spent.record(index(output)) = four(tx + 1).to_le_bytes();
            }
        }
    }
    spent.finish()
}

/// `address.start`, `address.post`, `address.spends`: a counting sort of outputs by owner.
fn postings(folder: &Path, counts: &mut Counts) -> Result<(), StoreError> {
    let owners: Column<4> = Column::open(folder, Kind::OutAddress, counts)?;
    let spent: Column<4> = Column::open(folder, Kind::OutSpent, counts)?;
    let outputs = 0..index(counts.outputs);
    let owner = |output: usize| {
        usize::try_from(owners.get(output))
            .unwrap_or(0)
            .checked_sub(1)
    };
    let addresses = index(counts.addresses);
    let (mut next, mut spends) = (vec![0_u64; addresses], vec![0_u32; addresses]);
    for (output, address) in outputs
        .clone()
        .filter_map(|output| Some((output, owner(output)?)))
    {
        next[address] += 1;
        spends[address] += u32::from(spent.get(output) != 0);
    }
    let mut starts = Appender::create(folder, Kind::AddressStart.name())?;
    let mut spends_file = Appender::create(folder, Kind::AddressSpends.name())?;
    let mut sum = 0;
    for (received, spends) in next.iter_mut().zip(spends) {
        starts.push(&five(sum))?;
        spends_file.push(&spends.to_le_bytes())?;
        sum += std::mem::replace(received, sum);
    }
    starts.push(&five(sum))?;
    starts.finish()?;
    spends_file.finish()?;
    counts.postings = sum;
    let mut posts: Scatter<5> = Scatter::create(folder, Kind::AddressPost, counts)?;
    for output in outputs {
        if let Some(address) = owner(output) {
            let number = u64::try_from(output).expect("a row");
            *posts.record(index(next[address])) = five(number);
            next[address] += 1;
        }
    }
    posts.finish()
}

/// `outside.owned`: outside outputs whose owner is known, by owner, then in order.
fn outside_owned(folder: &Path, counts: &mut Counts) -> Result<(), StoreError> {
    let outside: Column<52> = Column::open(folder, Kind::Outside, counts)?;
    let owned = |row: u64| {
        let owner = outside_owner(outside.record(index(row)))?;
        Some((owner, row))
    };
    let mut owned: Vec<(u32, u64)> = (0..counts.outside).filter_map(owned).collect();
    owned.sort_unstable();
    let mut file = Appender::create(folder, Kind::OutsideOwned.name())?;
    for (_, row) in &owned {
        file.push(&five(*row))?;
    }
    counts.outside_owned = owned.len().try_into().expect("fewer than 2^64 rows");
    file.finish()
}

/// The owner in a record of `outside.output`.
pub(super) fn outside_owner(record: &[u8; 52]) -> Option<u32> {
    let owner = record[44..].first_chunk().expect("four bytes of an owner");
    u32::from_le_bytes(*owner).checked_sub(1)
}

/// `out.tx` and `tx.block`: the samples that a rank begins from.
fn samples(folder: &Path, counts: &Counts) -> Result<(), StoreError> {
    let outputs: Column<5> = Column::open(folder, Kind::TxOut, counts)?;
    let transactions = index(counts.transactions);
    let mut file = Appender::create(folder, Kind::OutTx.name())?;
    let start = |tx: usize| outputs.get(tx);
    rank::samples(counts.outputs, transactions, start, |tx| {
        file.push(&tx.to_le_bytes())
    })?;
    file.finish()?;
    let blocks: Column<88> = Column::open(folder, Kind::BlockHead, counts)?;
    let mut file = Appender::create(folder, Kind::TxBlock.name())?;
    let start = |block: usize| u64::from(first_transaction(blocks.record(block)));
    let count = index(counts.blocks);
    rank::samples(counts.transactions, count, start, |block| {
        file.push(&block.to_le_bytes())
    })?;
    file.finish()
}

/// The first transaction in a record of `block.head`.
pub(super) fn first_transaction(record: &[u8; 88]) -> u32 {
    let [.., a, b, c, d] = *record;
    u32::from_le_bytes([a, b, c, d])
}

/// The hash indexes over transaction ids and addresses.
fn indexes(folder: &Path, counts: &Counts, key: Key) -> Result<(), StoreError> {
    let ids: Column<32> = Column::open(folder, Kind::TxId, counts)?;
    let kinds = (Kind::TxBucket, Kind::TxSlot);
    hash_index::write(folder, kinds, counts.transactions, |tx| {
        key.fingerprint(ids.record(tx))
    })?;
    let short: Column<33> = Column::open(folder, Kind::Address, counts)?;
    let long: Column<42> = Column::open(folder, Kind::AddressLong, counts)?;
    let kinds = (Kind::AddressBucket, Kind::AddressSlot);
    hash_index::write(folder, kinds, counts.addresses, |address| {
        key.fingerprint(&whole_at(&short, &long, address))
    })
}

/// An address, whole, from the columns.
pub(super) fn whole_at(short: &Column<33>, long: &Column<42>, address: usize) -> Long {
    match lengthen(short.record(address)) {
        Ok(whole) => whole,
        Err(row) => *long.record(index(row)),
    }
}
