//! Which rows of several tables tell of one movement.

use std::collections::BTreeMap;

use ruint::aliases::U256;

use super::merge::RowPlace;
use super::tables::{RowKind, TableRow};
use crate::address::Address;
use crate::asset::Asset;
use crate::chain::Chain;
use crate::content::ContentHasher;
use crate::time::Timestamp;
use crate::transaction_id::TransactionId;

/// The table that claims stand in: after all others.
pub(super) const CLAIMS: usize = usize::MAX;

/// A row, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Telling<'rows> {
    pub(super) place: RowPlace,
    pub(super) row: &'rows TableRow,
}

/// What makes rows of different tables the same transfer, save for the log index where both tell one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity<'rows> {
    pub(super) transaction: Option<&'rows TransactionId>,
    /// Only where there is no transaction id to tell rows apart.
    pub(super) moment: Option<Timestamp>,
    pub(super) kind: RowKind,
    pub(super) from: &'rows Address,
    pub(super) to: &'rows Address,
    pub(super) asset: &'rows Asset,
    /// A payer pays one fee in a transaction, whatever each source says it was.
    pub(super) amount: Option<U256>,
}

impl<'rows> Identity<'rows> {
    pub(super) fn of(row: &'rows TableRow) -> Self {
        let is_fee = row.kind == RowKind::Fee;
        Self {
            transaction: row.transaction.as_ref(),
            moment: row.transaction.is_none().then_some(row.time),
            kind: row.kind,
            from: &row.from,
            to: if is_fee { &row.from } else { &row.to },
            asset: &row.asset,
            amount: (!is_fee || row.transaction.is_none()).then_some(row.amount),
        }
    }

    /// What the row would be to a table without transaction ids.
    pub(super) fn without_transaction(row: &'rows TableRow) -> Self {
        Self {
            transaction: None,
            moment: Some(row.time),
            amount: Some(row.amount),
            ..Self::of(row)
        }
    }
}

/// The id of a row that is a transaction of its own because its table names none: public, and kept in
/// findings, so it hangs on nothing but what the row says and how many like it came before.
pub(super) fn row_id(chain: &Chain, row: &TableRow, occurrence: usize) -> TransactionId {
    let identity = Identity::of(row);
    let mut hasher = ContentHasher::new("whither.row/1");
    for line in [
        chain.to_string(),
        row.kind.word().to_owned(),
        row.time.to_string(),
        identity.from.display(chain),
        identity.to.display(chain),
        row.asset.to_string(),
        row.amount.to_string(),
        occurrence.to_string(),
    ] {
        hasher.line(&line);
    }
    let digest = hasher.finish().0;
    let hex: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    TransactionId::Other(format!("row:{hex}").into())
}

/// Sorts the tellings of rows that are alike into those of one transfer each.
///
/// As few transfers as explain them: one for each log index, as often as one source repeats it, and one more
/// for each row without an index that finds no place among them. The same for any order of the sources.
pub(super) fn slots(mut tellings: Vec<Telling<'_>>) -> Vec<Vec<Telling<'_>>> {
    if tellings.len() == 1 {
        return vec![tellings];
    }
    tellings.sort_by_key(|telling| {
        let row = telling.row;
        let said = (row.log_index, row.height, row.index, row.time, row.amount);
        (telling.place.0, said, telling.place.1)
    });
    let mut indexed: BTreeMap<(u32, usize), Vec<Telling<'_>>> = BTreeMap::new();
    let mut seen: BTreeMap<(usize, u32), usize> = BTreeMap::new();
    for telling in &tellings {
        if let Some(index) = telling.row.log_index {
            let count = seen.entry((telling.place.0, index)).or_insert(0);
            indexed.entry((index, *count)).or_default().push(*telling);
            *count += 1;
        }
    }
    let mut slots: Vec<Vec<Telling<'_>>> = indexed.into_values().collect();
    for of_source in tellings.chunk_by(|a, b| a.place.0 == b.place.0) {
        let source = of_source[0].place.0;
        let mut at = 0;
        for telling in of_source.iter().filter(|of| of.row.log_index.is_none()) {
            let has_own = |slot: &Vec<Telling<'_>>| slot.iter().any(|of| of.place.0 == source);
            while slots.get(at).is_some_and(has_own) {
                at += 1;
            }
            if at == slots.len() {
                slots.push(Vec::new());
            }
            slots[at].push(*telling);
            at += 1;
        }
    }
    slots
}

/// Fills in what a row does not tell, and says what the two tell differently.
pub(super) fn complete(known: &mut TableRow, other: &TableRow) -> Vec<String> {
    let mut differing = Vec::new();
    let mut fill = |mine: &mut Option<u32>, theirs: Option<u32>, what| match (*mine, theirs) {
        (Some(a), Some(b)) if a != b => differing.push(both(what, a, b)),
        (None, theirs) => *mine = theirs,
        _ => {}
    };
    fill(&mut known.height, other.height, "height");
    fill(&mut known.index, other.index, "index");
    fill(&mut known.log_index, other.log_index, "log index");
    if known.time != other.time {
        differing.push(both("time", known.time, other.time));
    }
    if known.amount != other.amount {
        differing.push(both("amount", known.amount, other.amount));
    }
    differing
}

fn both<T: Ord + ToString>(what: &str, a: T, b: T) -> String {
    let (least, most) = if a <= b { (a, b) } else { (b, a) };
    format!("{what} {} and {}", least.to_string(), most.to_string())
}
