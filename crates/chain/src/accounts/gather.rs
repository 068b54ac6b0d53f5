//! Brings the rows of all segments of a chain together: transactions in chain order, without holding the rows.
//!
//! Rows are sorted by the id of their transaction, so that what all tables tell of one stands together and is merged;
//! merged transactions are sorted by their place in the chain. Both sorts take as much memory as they are given. Where a
//! row has no id or no height, its place hangs on all others: then all rows are merged in memory, with the same result.

use std::collections::BTreeSet;
use std::path::Path;

use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::content::ContentId;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::merged::{
    ContentOf, Ends, Merged, MergedTransaction, Merger, Promises, RowPlace, Sums, beyond_counting,
    merge_facts, wrapped_tokens,
};
use whither_ledger::memory::{Facts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::Note;

use super::sort::Sorter;
use crate::sources::bitcoin::records::as_u64;
use crate::store::StoreError;
use crate::store::codec::{
    Cursor, kind_bits, kind_of, put_address, put_amount, put_id_in_order, put_number, put_option,
    put_time,
};
use crate::store::rows::RowsSegment;

/// What is known of a chain before its transactions are gone through.
#[derive(Debug)]
pub(super) struct Outline {
    /// The assets that rows are of, in order.
    pub(super) assets: Vec<Asset>,
    /// Assets of which no row is taken.
    pub(super) beyond: BTreeSet<Asset>,
    pub(super) facts: Facts,
    pub(super) coverage: Vec<Coverage>,
    /// For each promise whether it reaches to the end.
    pub(super) reaches_end: Vec<bool>,
    pub(super) notes: Vec<Note>,
}

/// Takes transactions in chain order, each with its place in the order of ids.
pub(super) trait Take {
    /// Before the first.
    fn begin(&mut self, outline: &Outline) -> Result<(), StoreError>;
    /// The next one.
    fn take(&mut self, rank: u32, transaction: &MergedTransaction) -> Result<(), StoreError>;
}

/// Goes through a chain; sorts use so many bytes of memory, and a folder.
pub(super) fn gather(
    chain: &Chain,
    segments: &[RowsSegment],
    claims: &[TableRow],
    folder: &Path,
    room: usize,
    to: &mut impl Take,
) -> Result<(Outline, ContentId), StoreError> {
    let loose = segments.iter().any(|segment| segment.head.seen.loose);
    if loose || !claims.is_empty() {
        return in_memory(chain, segments, claims, to);
    }
    let known = assets_of(segments);
    let (outline, ordered) = merge(chain, segments, &known, folder, room)?;
    to.begin(&outline)?;
    let mut content = ContentOf::new(chain);
    let mut sorted = ordered.sorted()?;
    let mut record = Vec::new();
    while sorted.next(&mut record)? {
        let (rank, transaction) =
            read_merged(&record, &known).expect("a record that was just written");
        content.add(chain, &transaction);
        to.take(rank, &transaction)?;
    }
    let content = content.finish(chain, &outline.facts, &outline.coverage, &outline.notes);
    Ok((outline, content))
}

/// All in memory.
fn in_memory(
    chain: &Chain,
    segments: &[RowsSegment],
    claims: &[TableRow],
    to: &mut impl Take,
) -> Result<(Outline, ContentId), StoreError> {
    let tables = segments.iter().map(RowsSegment::table);
    let tables: Vec<TableSource> = tables.collect::<Result<_, _>>()?;
    let merged = Merged::of(chain, &tables, claims);
    drop(tables);
    let mut sums = Sums::default();
    merged.transactions.iter().for_each(|one| sums.add(one));
    let outline = Outline {
        assets: sums.assets().cloned().collect(),
        reaches_end: merged.ends.reached_by(&merged.coverage),
        beyond: merged.beyond,
        facts: merged.facts,
        coverage: merged.coverage,
        notes: merged.notes,
    };
    to.begin(&outline)?;
    let mut by_id: Vec<usize> = (0..merged.transactions.len()).collect();
    by_id.sort_by(|a, b| merged.transactions[*a].id.cmp(&merged.transactions[*b].id));
    let mut ranks = vec![0; by_id.len()];
    for (rank, place) in (0..).zip(by_id) {
        ranks[place] = rank;
    }
    for (rank, transaction) in ranks.into_iter().zip(&merged.transactions) {
        to.take(rank, transaction)?;
    }
    Ok((outline, merged.content))
}

/// Merges the rows of each transaction, and puts the transactions into a sorter by their places.
fn merge(
    chain: &Chain,
    segments: &[RowsSegment],
    known: &[Asset],
    folder: &Path,
    room: usize,
) -> Result<(Outline, Sorter), StoreError> {
    let mut tables: Vec<&RowsSegment> = segments.iter().collect();
    // As they are put in order where all are merged in memory.
    tables.sort_by_key(|table| {
        let head = &table.head;
        (head.coverage.rank(), head.seen.times, head.digest)
    });
    tables.dedup_by_key(|table| table.head.digest);
    let promises = Promises::of(tables.iter().map(|table| &table.head.coverage));
    let bare: Vec<TableSource> = segments.iter().map(|one| one.head.bare()).collect();
    let (facts, notes) = merge_facts(&bare);
    let coverage = Coverage::canonical(bare.into_iter().map(|source| source.coverage));
    let told = tables.iter().flat_map(|table| {
        let seen = &table.head.seen;
        let moved = seen.moved.iter().map(|asset| (RowKind::Transfer, asset));
        moved.chain(seen.wrapped.iter().map(|asset| (RowKind::Wrap, asset)))
    });
    let tokens: BTreeSet<Asset> = wrapped_tokens(told).into_iter().cloned().collect();
    let by_id = by_id(&tables, known, folder, room)?;
    let mut ordered = Sorter::new(folder, "by-place", room);
    let (mut sums, mut ends) = (Sums::default(), Ends::default());
    let mut sorted = by_id.sorted()?;
    let (mut record, mut out) = (Vec::new(), Vec::new());
    let mut group: Option<(TransactionId, Vec<(RowPlace, TableRow)>)> = None;
    let mut rank = 0_u32;
    let mut merger = Merger::new(chain, tokens, promises, notes);
    let mut end = |id: &TransactionId, rows: &[(RowPlace, TableRow)]| {
        let Some(transaction) = merger.one(id, rows) else {
            return Ok(());
        };
        sums.add(&transaction);
        ends.see(&transaction);
        out.clear();
        write_merged(&mut out, rank, &transaction, known);
        rank = rank.checked_add(1).expect("fewer than 2^32 transactions");
        ordered.push(&out)
    };
    while sorted.next(&mut record)? {
        let (id, place, row) = read_row(&record, known).expect("a record that was just written");
        match &mut group {
            Some((known, rows)) if *known == id => rows.push((place, row)),
            _ => {
                if let Some((known, rows)) = group.replace((id, vec![(place, row)])) {
                    end(&known, &rows)?;
                }
            }
        }
    }
    if let Some((known, rows)) = group {
        end(&known, &rows)?;
    }
    let beyond = sums.beyond();
    let mut notes = merger.finish();
    notes.extend(beyond.iter().map(beyond_counting));
    let outline = Outline {
        assets: sums.assets().cloned().collect(),
        beyond,
        reaches_end: ends.reached_by(&coverage),
        facts,
        coverage,
        notes: notes.into_iter().collect(),
    };
    Ok((outline, ordered))
}

/// All assets that rows of segments are of, in order.
fn assets_of(segments: &[RowsSegment]) -> Vec<Asset> {
    let seen = segments.iter().map(|segment| &segment.head.seen);
    let lists = seen.flat_map(|seen| [&seen.moved, &seen.wrapped, &seen.paid]);
    let assets: BTreeSet<&Asset> = lists.flatten().collect();
    assets.into_iter().cloned().collect()
}

/// Puts all rows into a sorter by the ids of their transactions; those of one by their tables and places in them.
fn by_id(
    tables: &[&RowsSegment],
    known: &[Asset],
    folder: &Path,
    room: usize,
) -> Result<Sorter, StoreError> {
    let mut sorter = Sorter::new(folder, "by-id", room);
    let mut out = Vec::new();
    for (table, segment) in (0_u32..).zip(tables) {
        for (number, row) in (0_u64..).zip(segment.rows()) {
            let row = row?;
            out.clear();
            let id = row.transaction.as_ref();
            put_id_in_order(&mut out, id.expect("no row of these is loose"));
            out.extend_from_slice(&table.to_be_bytes());
            out.extend_from_slice(&number.to_be_bytes());
            put_option(&mut out, row.height);
            put_option(&mut out, row.index);
            put_time(&mut out, row.time);
            put_row(&mut out, &row, known);
            sorter.push(&out)?;
        }
    }
    Ok(sorter)
}

/// A row without what its transaction tells.
fn put_row(out: &mut Vec<u8>, row: &TableRow, known: &[Asset]) {
    out.push(kind_bits(row.kind));
    put_option(out, row.log_index);
    put_address(out, &row.from);
    put_address(out, &row.to);
    let asset = known.binary_search(&row.asset);
    put_number(out, as_u64(asset.expect("every asset was collected")));
    put_amount(out, row.amount);
}

/// What all rows of a transaction share.
struct Shared {
    id: TransactionId,
    height: Option<u32>,
    index: Option<u32>,
    time: Timestamp,
}

fn get_row(cursor: &mut Cursor<'_>, shared: &Shared, known: &[Asset]) -> Option<TableRow> {
    let kind = kind_of(cursor.byte()?)?;
    let log_index = cursor.option()?;
    let (from, to) = (cursor.address()?, cursor.address()?);
    let asset = known.get(usize::try_from(cursor.number()?).ok()?)?;
    Some(TableRow {
        transaction: Some(shared.id.clone()),
        height: shared.height,
        index: shared.index,
        time: shared.time,
        log_index,
        kind,
        from,
        to,
        asset: asset.clone(),
        amount: cursor.amount()?,
    })
}

/// What [`by_id`] put.
fn read_row(record: &[u8], known: &[Asset]) -> Option<(TransactionId, RowPlace, TableRow)> {
    let mut cursor = Cursor::new(record);
    let id = cursor.id_in_order()?;
    let table = u32::from_be_bytes(cursor.fixed()?);
    let number = u64::from_be_bytes(cursor.fixed()?);
    let place = (usize::try_from(table).ok()?, usize::try_from(number).ok()?);
    let shared = Shared {
        id,
        height: cursor.option()?,
        index: cursor.option()?,
        time: cursor.time()?,
    };
    let row = get_row(&mut cursor, &shared, known)?;
    Some((shared.id, place, row))
}

/// A merged transaction, behind bytes that compare as places in the chain do.
///
/// Rows of a merged transaction may differ in what they say of its place: each is kept with its own.
fn write_merged(out: &mut Vec<u8>, rank: u32, transaction: &MergedTransaction, known: &[Asset]) {
    let (place, _, _, _, (table, number)) = transaction.chain_order(true);
    let (height, index) = place.expect("every height is known");
    out.extend_from_slice(&height.to_be_bytes());
    out.extend_from_slice(&index.to_be_bytes());
    // As an unsigned number that compares as the signed one does.
    let time = transaction.time.seconds().cast_unsigned() ^ (1 << 63);
    out.extend_from_slice(&time.to_be_bytes());
    out.extend_from_slice(&as_u64(table).to_be_bytes());
    out.extend_from_slice(&as_u64(number).to_be_bytes());
    out.extend_from_slice(&rank.to_be_bytes());
    put_id_in_order(out, &transaction.id);
    put_option(out, transaction.height);
    put_option(out, transaction.index);
    put_time(out, transaction.time);
    put_number(out, as_u64(transaction.rows.len()));
    for row in &transaction.rows {
        put_option(out, row.height);
        put_option(out, row.index);
        put_time(out, row.time);
        put_row(out, row, known);
    }
}

/// What [`write_merged`] wrote.
fn read_merged(record: &[u8], known: &[Asset]) -> Option<(u32, MergedTransaction)> {
    let mut cursor = Cursor::new(record);
    cursor.take(16)?;
    let table = u64::from_be_bytes(cursor.fixed()?);
    let number = u64::from_be_bytes(cursor.fixed()?);
    let rank = u32::from_be_bytes(cursor.fixed()?);
    let shared = Shared {
        id: cursor.id_in_order()?,
        height: cursor.option()?,
        index: cursor.option()?,
        time: cursor.time()?,
    };
    let count = usize::try_from(cursor.number()?).ok()?;
    let mut rows = Vec::with_capacity(count.min(record.len()));
    for _ in 0..count {
        let own = Shared {
            id: shared.id.clone(),
            height: cursor.option()?,
            index: cursor.option()?,
            time: cursor.time()?,
        };
        rows.push(get_row(&mut cursor, &own, known)?);
    }
    let transaction = MergedTransaction {
        id: shared.id,
        height: shared.height,
        index: shared.index,
        time: shared.time,
        rows,
        claimed: false,
        first: (usize::try_from(table).ok()?, usize::try_from(number).ok()?),
    };
    Some((rank, transaction))
}
