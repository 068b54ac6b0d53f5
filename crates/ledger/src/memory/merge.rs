//! Several tables of one chain become one list of transactions, in chain order.
//!
//! The same transfer in two tables is one transfer, however often each table repeats others: the n-th
//! like row of one table is the n-th like row of the other. Nothing here depends on the order in which
//! the tables are given.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::tables::{RowKind, TableRow, TableSource};
use crate::time::Timestamp;
use crate::transaction_id::TransactionId;
use crate::view::Note;

/// One transaction with all its rows, in the order in which they first appear.
#[derive(Clone, Debug)]
pub(super) struct MergedTransaction {
    pub(super) id: TransactionId,
    pub(super) height: Option<u32>,
    pub(super) index: Option<u32>,
    pub(super) time: Timestamp,
    pub(super) rows: Vec<TableRow>,
    /// Whether any row is told by the case and by no table.
    pub(super) claimed: bool,
    first: RowPlace,
}

/// Where a row stands: which table (in the order of their digests), which row.
type RowPlace = (usize, usize);

/// What makes two rows of different tables the same transfer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    transaction: Option<TransactionId>,
    /// Only where there is no transaction id to tell rows apart.
    moment: Option<(Option<u32>, Timestamp)>,
    kind: RowKind,
    from: String,
    to: String,
    asset: String,
    amount: ruint::aliases::U256,
}

impl Identity {
    fn of(row: &TableRow) -> Self {
        Self {
            transaction: row.transaction.clone(),
            moment: row.transaction.is_none().then_some((row.height, row.time)),
            kind: row.kind,
            from: format!("{:?}", row.from),
            to: format!("{:?}", row.to),
            asset: row.asset.to_string(),
            amount: row.amount,
        }
    }

    /// The id of a row that is a transaction of its own because its table names none.
    fn row_id(&self, occurrence: usize) -> TransactionId {
        let digest = Sha256::digest(format!("{self:?} {occurrence}"));
        let hex: String = digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        TransactionId::Other(format!("row:{hex}").into())
    }
}

/// The table that claims stand in: after all others.
const CLAIMS: usize = usize::MAX;

/// Merges tables into transactions in chain order, and says where the tables disagree.
///
/// `claims` are transfers that the case tells; those that a table tells too are the table's.
pub(super) fn merge(
    sources: &[TableSource],
    claims: &[TableRow],
) -> (Vec<MergedTransaction>, Vec<Note>) {
    let mut sources: Vec<&TableSource> = sources.iter().collect();
    sources.sort_by_key(|source| source.digest);
    sources.dedup_by_key(|source| source.digest);
    let mut notes = BTreeSet::new();
    let mut rows: BTreeMap<(Identity, usize), (RowPlace, TableRow)> = BTreeMap::new();
    for (source_number, source) in sources.iter().enumerate() {
        for (key, row_number) in occurrences(&source.rows) {
            let row = &source.rows[row_number];
            match rows.get_mut(&key) {
                Some((_, known)) => reconcile(known, row, &mut notes),
                None => {
                    rows.insert(key, ((source_number, row_number), row.clone()));
                }
            }
        }
    }
    for (key, row_number) in occurrences(claims) {
        rows.entry(key)
            .or_insert_with(|| ((CLAIMS, row_number), claims[row_number].clone()));
    }
    let mut transactions = group(rows, &mut notes);
    sort(&mut transactions);
    (transactions, notes.into_iter().collect())
}

/// Names each row of a table by its identity and by how many like it came before.
fn occurrences(rows: &[TableRow]) -> Vec<((Identity, usize), usize)> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|row| (rows[*row].log_index, *row));
    let mut seen: BTreeMap<Identity, usize> = BTreeMap::new();
    let mut named = Vec::with_capacity(rows.len());
    for row in order {
        let identity = Identity::of(&rows[row]);
        let count = seen.entry(identity.clone()).or_insert(0);
        named.push(((identity, *count), row));
        *count += 1;
    }
    named
}

/// Completes a known row from another table's telling of it, and notes where the two differ.
fn reconcile(known: &mut TableRow, other: &TableRow, notes: &mut BTreeSet<Note>) {
    let mut differing = Vec::new();
    let mut fill =
        |mine: &mut Option<u32>, theirs: Option<u32>, what: &'static str| match (*mine, theirs) {
            (Some(a), Some(b)) if a != b => {
                differing.push(format!("{what} {} and {}", a.min(b), a.max(b)));
            }
            (None, theirs) => *mine = theirs,
            _ => {}
        };
    fill(&mut known.height, other.height, "height");
    fill(&mut known.index, other.index, "index");
    fill(&mut known.log_index, other.log_index, "log index");
    if known.time != other.time {
        differing.push(format!(
            "time {} and {}",
            known.time.min(other.time),
            known.time.max(other.time)
        ));
    }
    if !differing.is_empty() {
        let what = format!(
            "two sources tell of one transfer with {}",
            differing.join(", ")
        );
        notes.insert(Note {
            kind: "disagreement",
            what,
            transaction: known.transaction.clone(),
        });
    }
}

fn group(
    rows: BTreeMap<(Identity, usize), (RowPlace, TableRow)>,
    notes: &mut BTreeSet<Note>,
) -> Vec<MergedTransaction> {
    let mut groups: BTreeMap<TransactionId, Vec<(RowPlace, TableRow)>> = BTreeMap::new();
    for ((identity, occurrence), (place, row)) in rows {
        let id = identity
            .transaction
            .clone()
            .unwrap_or_else(|| identity.row_id(occurrence));
        groups.entry(id).or_default().push((place, row));
    }
    groups
        .into_iter()
        .map(|(id, rows)| transaction(id, rows, notes))
        .collect()
}

fn transaction(
    id: TransactionId,
    mut rows: Vec<(RowPlace, TableRow)>,
    notes: &mut BTreeSet<Note>,
) -> MergedTransaction {
    rows.sort_by_key(|(place, _)| *place);
    let first = rows[0].0;
    let (height, index, time) = (
        rows.iter().find_map(|(_, row)| row.height),
        rows.iter().find_map(|(_, row)| row.index),
        rows[0].1.time,
    );
    let differs = |row: &TableRow| {
        row.height.is_some_and(|own| Some(own) != height)
            || row.index.is_some_and(|own| Some(own) != index)
            || row.time != time
    };
    if rows.iter().any(|(_, row)| differs(row)) {
        let what = "its rows differ in height, index or time; the first row's are used".to_owned();
        notes.insert(Note {
            kind: "disagreement",
            what,
            transaction: Some(id.clone()),
        });
    }
    let mut taken: BTreeSet<(RowKind, u32)> = BTreeSet::new();
    rows.retain(|(_, row)| match row.log_index {
        Some(log_index) if !taken.insert((row.kind, log_index)) => {
            let what = format!("two transfers claim log index {log_index}; the first is used");
            notes.insert(Note {
                kind: "disagreement",
                what,
                transaction: Some(id.clone()),
            });
            false
        }
        _ => true,
    });
    let claimed = rows.iter().any(|(place, _)| place.0 == CLAIMS);
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    MergedTransaction {
        id,
        height,
        index,
        time,
        rows,
        claimed,
        first,
    }
}

/// Orders by (height, index) where all heights are known, else by time; then by first appearance.
fn sort(transactions: &mut [MergedTransaction]) {
    let heights = transactions
        .iter()
        .all(|transaction| transaction.height.is_some());
    transactions.sort_by_key(|transaction| {
        (
            if heights { transaction.height } else { None },
            if heights {
                Some(transaction.index.unwrap_or(u32::MAX))
            } else {
                None
            },
            transaction.time,
            transaction.height,
            transaction.index,
            transaction.first,
        )
    });
}

/// The rows that move something, with the number a user names them by, in the order they take effect;
/// and whether the source gave that order.
pub(super) fn effective_rows(transaction: &MergedTransaction) -> (Vec<(u32, &TableRow)>, bool) {
    let mut fees = Vec::new();
    let mut transfers = Vec::new();
    let mut place = 0;
    for row in &transaction.rows {
        let number = row.log_index.unwrap_or(place);
        place += u32::from(row.kind == RowKind::Transfer);
        let moves = !row.amount.is_zero();
        match row.kind {
            RowKind::Fee if moves && !row.from.is_zero_account() => fees.push((number, row)),
            RowKind::Transfer if moves && row.from != row.to => transfers.push((number, row)),
            _ => {}
        }
    }
    let ordered = transfers.iter().all(|(_, row)| row.log_index.is_some());
    if ordered {
        transfers.sort_by_key(|(_, row)| row.log_index);
    } else {
        transfers = senders_before_receivers(transfers);
    }
    fees.extend(transfers);
    (fees, ordered)
}

/// Puts legs without an order into the canonical one: among those left, the smallest whose sender
/// receives nothing more of that asset; where a circle leaves none, the smallest.
fn senders_before_receivers<'a>(mut legs: Vec<(u32, &'a TableRow)>) -> Vec<(u32, &'a TableRow)> {
    legs.sort_by(|(_, a), (_, b)| {
        (&a.asset, &a.from, &a.to, a.amount).cmp(&(&b.asset, &b.from, &b.to, b.amount))
    });
    let mut incoming: BTreeMap<_, usize> = BTreeMap::new();
    let mut outgoing: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (place, (_, row)) in legs.iter().enumerate() {
        *incoming.entry((&row.asset, &row.to)).or_insert(0) += 1;
        outgoing
            .entry((&row.asset, &row.from))
            .or_default()
            .push(place);
    }
    let is_free = |incoming: &BTreeMap<_, usize>, row: &'a TableRow| {
        incoming
            .get(&(&row.asset, &row.from))
            .is_none_or(|count| *count == 0)
    };
    let mut left: BTreeSet<usize> = (0..legs.len()).collect();
    let mut free: BTreeSet<usize> = left
        .iter()
        .copied()
        .filter(|place| is_free(&incoming, legs[*place].1))
        .collect();
    let mut order = Vec::with_capacity(legs.len());
    while let Some(place) = free.first().or(left.first()).copied() {
        free.remove(&place);
        left.remove(&place);
        order.push(legs[place]);
        let key = (&legs[place].1.asset, &legs[place].1.to);
        let count = incoming.get_mut(&key).expect("every receiver was counted");
        *count -= 1;
        if *count == 0 {
            let ready = outgoing.get(&key).into_iter().flatten();
            free.extend(ready.copied().filter(|place| left.contains(place)));
        }
    }
    order
}
