//! Several tables of one chain become one list of transactions, in chain order.
//!
//! The same transfer in two tables is one transfer, however often each table repeats others: rows that are
//! alike are matched by their log index where both tables tell one, else the n-th of one table is the n-th
//! of the other. Nothing here depends on the order in which the tables are given, nor on the order of rows
//! within a transaction. Known failure: rows without ids that are alike in all, told by two tables, are one
//! even where the tables are two halves of what was one.

use std::collections::{BTreeMap, BTreeSet};

use super::alike::{CLAIMS, Identity, Telling, complete, row_id, slots};
use super::promised::{BESIDE_PROMISES, Beside, NO_AMOUNTS, Promises};
use super::tables::{RowKind, TableRow, TableSource};
use super::wrap;
use crate::address::Address;
use crate::asset::Asset;
use crate::chain::Chain;
use crate::time::Timestamp;
use crate::transaction_id::TransactionId;
use crate::view::Note;

/// One transaction with all its rows, in their canonical order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedTransaction {
    /// Its id.
    pub id: TransactionId,
    /// Block height, where a table tells it.
    pub height: Option<u32>,
    /// Index in its block, where a table tells it.
    pub index: Option<u32>,
    /// When.
    pub time: Timestamp,
    /// By kind, then by log index, those without one last; then by what they say.
    pub rows: Vec<TableRow>,
    /// Whether any row is told by the case and by no table.
    pub claimed: bool,
    /// Where it appears first.
    pub first: RowPlace,
}

/// Where a row stands: which table (in their canonical order), which row.
pub type RowPlace = (usize, usize);

/// Whether an asset pays this chain's fees: its transfers are counted in trace order, not in log order.
#[must_use]
pub fn is_native(chain: &Chain, asset: &Asset) -> bool {
    let within = asset.as_str().split_once('/');
    within.is_some_and(|(home, kind)| kind.starts_with("slip44:") && home == chain.to_string())
}

/// Merges tables into transactions in chain order, and says where the tables disagree.
///
/// `claims` are transfers that the case tells; those that a table tells too are the table's. `notes` are there
/// already.
pub(super) fn merge(
    chain: &Chain,
    sources: &[TableSource],
    claims: &[TableRow],
    mut notes: BTreeSet<Note>,
) -> (Vec<MergedTransaction>, BTreeSet<Note>) {
    let mut alike: BTreeMap<Identity<'_>, Vec<Telling<'_>>> = BTreeMap::new();
    let sources = in_order(sources);
    let tables = sources.iter().map(|source| &*source.rows);
    for (table, rows) in (0..).zip(tables).chain([(CLAIMS, claims)]) {
        for (number, row) in rows.iter().enumerate() {
            let place = (table, number);
            let tellings = alike.entry(Identity::of(row)).or_default();
            tellings.push(Telling { place, row });
        }
    }
    let tokens = wrap::tokens(alike.keys().map(|key| (key.kind, key.asset)));
    note_told_twice(chain, &alike, &mut notes);
    let tokens: BTreeSet<Asset> = tokens.into_iter().cloned().collect();
    let promises = Promises::of(sources.iter().map(|source| &source.coverage));
    let mut merger = Merger::new(chain, tokens, promises, notes);
    let mut groups: BTreeMap<TransactionId, Vec<Slot>> = BTreeMap::new();
    for (identity, tellings) in alike {
        for (occurrence, slot) in slots(tellings).into_iter().enumerate() {
            let id = match identity.transaction {
                Some(id) => id.clone(),
                None => row_id(chain, slot[0].row, occurrence),
            };
            let slot = merger.reconcile(slot, &id);
            groups.entry(id).or_default().push(slot);
        }
    }
    let groups = groups.into_iter();
    let groups = groups.filter_map(|(id, rows)| merger.transaction(id, rows));
    let mut transactions: Vec<MergedTransaction> = groups.collect();
    sort(&mut transactions);
    (transactions, merger.finish())
}

/// Amounts of more bits than this are taken from promised blocks alone. An asset whose amounts add up to 2^255 is not
/// counted at all, and one row of a weak source must not do that to one that is real: it takes 2^31 of them now.
const UNPROMISED_BITS: usize = 224;

/// The id under which sources tell what accounts had before the first block.
const GENESIS: &str = "row:genesis";

/// One movement as all tables tell it.
struct Slot {
    place: RowPlace,
    row: TableRow,
    /// The height at which a table tells it that promises all such of that block.
    vouched: Option<u32>,
}

/// Makes one transaction of all that tables tell of it, one after the other, in the order of their ids.
#[derive(Debug)]
pub struct Merger<'a> {
    chain: &'a Chain,
    tokens: BTreeSet<Asset>,
    promises: Promises,
    notes: BTreeSet<Note>,
    /// Transactions that no promising source of their block has.
    beside: Beside,
    /// Movements of amounts that no asset has.
    absurd: Beside,
}

impl<'a> Merger<'a> {
    /// Of a chain. `tokens` are the assets of `wrapped_tokens`, `promises` those of the tables in their order; `notes` are
    /// there already.
    #[must_use]
    pub fn new(
        chain: &'a Chain,
        tokens: BTreeSet<Asset>,
        promises: Promises,
        notes: BTreeSet<Note>,
    ) -> Self {
        Self {
            chain,
            tokens,
            promises,
            notes,
            beside: Beside::default(),
            absurd: Beside::default(),
        }
    }

    /// Merges all that tables tell of one transaction that they name: what merging whole tables makes of it, for those who
    /// bring the rows of a transaction together by themselves. Nothing where none of it is taken.
    pub fn one(
        &mut self,
        id: &TransactionId,
        told: &[(RowPlace, TableRow)],
    ) -> Option<MergedTransaction> {
        let mut alike: BTreeMap<Identity<'_>, Vec<Telling<'_>>> = BTreeMap::new();
        for (place, row) in told {
            let tellings = alike.entry(Identity::of(row)).or_default();
            tellings.push(Telling { place: *place, row });
        }
        let mut rows = Vec::with_capacity(told.len());
        for tellings in alike.into_values() {
            for slot in slots(tellings) {
                rows.push(self.reconcile(slot, id));
            }
        }
        self.transaction(id.clone(), rows)
    }

    /// What must be said of it all.
    #[must_use]
    pub fn finish(mut self) -> BTreeSet<Note> {
        self.notes.extend(self.beside.note(BESIDE_PROMISES));
        self.notes.extend(self.absurd.note(NO_AMOUNTS));
        self.notes
    }

    fn transaction(&mut self, id: TransactionId, mut rows: Vec<Slot>) -> Option<MergedTransaction> {
        self.keep_to_promises(&id, &mut rows);
        if matches!(&id, TransactionId::Other(name) if **name == *GENESIS) {
            self.keep_one_beginning(&id, &mut rows);
        }
        if rows.is_empty() {
            return None;
        }
        let slots = rows.iter_mut().map(|slot| &mut slot.row);
        wrap::decide(self.chain, &self.tokens, slots);
        let rows = rows.into_iter().map(|slot| (slot.place, slot.row));
        Some(transaction(self.chain, id, rows.collect(), &mut self.notes))
    }

    /// An account had one balance before the first block: the first source's, where they differ.
    fn keep_one_beginning(&mut self, id: &TransactionId, rows: &mut Vec<Slot>) {
        rows.sort_by_key(|slot| slot.place);
        let mut told: BTreeSet<(Address, Asset)> = BTreeSet::new();
        let (chain, notes) = (self.chain, &mut self.notes);
        rows.retain(|slot| {
            let is_first = told.insert((slot.row.to.clone(), slot.row.asset.clone()));
            if !is_first {
                let account = slot.row.to.display(chain);
                let what = format!(
                    "two sources tell differently what {account} had before the first block; the first source's is used"
                );
                notes.insert(disagreement(id, what));
            }
            is_first
        });
    }

    /// Takes away what a source tells that promises all of the block does not tell.
    ///
    /// Where what moves inside calls is not promised, coins are added that contracts pay in transactions that the promise
    /// has: whoever signed one pays nothing inside it.
    fn keep_to_promises(&mut self, id: &TransactionId, rows: &mut Vec<Slot>) {
        let home = rows.iter().filter_map(|slot| slot.vouched).min();
        let signers: BTreeSet<Address> = rows
            .iter()
            .filter(|slot| slot.vouched.is_some() && slot.row.kind == RowKind::Fee)
            .map(|slot| slot.row.from.clone())
            .collect();
        let (chain, promises) = (self.chain, &self.promises);
        let contradicts = |slot: &Slot| {
            let inside = is_inside(chain, &slot.row);
            let height = home.or(slot.row.height);
            // What a block makes, and what was there before the first, no transaction tells: not every source has it.
            let is_unnamed = matches!(id, TransactionId::Other(_));
            let is_made = inside && is_unnamed && slot.row.from.is_zero_account();
            slot.vouched.is_none()
                && slot.place.0 != CLAIMS
                && !is_made
                && height.is_some_and(|height| {
                    let may_be_inside =
                        inside && home.is_some() && !signers.contains(&slot.row.from);
                    promises.speak_of(height, inside)
                        || (promises.speak_of(height, false) && !may_be_inside)
                })
        };
        let is_no_amount = |slot: &Slot| {
            slot.vouched.is_none()
                && slot.place.0 != CLAIMS
                && slot.row.amount.bit_len() > UNPROMISED_BITS
        };
        let whole = rows.len();
        rows.retain(|slot| !is_no_amount(slot));
        (rows.len()..whole).for_each(|_| self.absurd.add(id));
        if rows.is_empty() {
            return;
        }
        let before = rows.len();
        rows.retain(|slot| !contradicts(slot));
        let fallen = before - rows.len();
        if fallen > 0 && rows.is_empty() {
            self.beside.add(id);
        } else if fallen > 0 {
            let what = format!(
                "a source tells {fallen} movements more in this transaction than another that promises all of its \
                 block: they are not taken"
            );
            self.notes.insert(disagreement(id, what));
        }
    }

    /// One row from all tellings of it, the first table's completed from the others'; notes where they differ.
    fn reconcile(&mut self, mut tellings: Vec<Telling<'_>>, id: &TransactionId) -> Slot {
        tellings.sort_by_key(|telling| telling.place);
        let place = tellings[0].place;
        let mut known = tellings[0].row.clone();
        for other in tellings[1..].iter().filter(|of| of.place.0 != CLAIMS) {
            let differing = complete(&mut known, other.row);
            if !differing.is_empty() {
                let kind = known.kind.word();
                let what = format!(
                    "two sources tell of one {kind} with {}; the first source's is used",
                    differing.join(", ")
                );
                self.notes.insert(disagreement(id, what));
            }
        }
        let vouched = tellings.iter().filter_map(|telling| {
            let height = telling.row.height?;
            let vouches = self.promises.vouches(telling.place.0, height);
            vouches.then_some(height)
        });
        Slot {
            place,
            vouched: vouched.min(),
            row: known,
        }
    }
}

/// Whether it may be told by frames alone: what contracts pay in the chain's coin.
fn is_inside(chain: &Chain, row: &TableRow) -> bool {
    row.kind == RowKind::Transfer && is_native(chain, &row.asset)
}

/// Tables by how much they promise, then by the time they cover, so that the pieces of one come in its order; then by
/// their digests.
fn in_order(sources: &[TableSource]) -> Vec<&TableSource> {
    let mut sources: Vec<&TableSource> = sources.iter().collect();
    sources.sort_by_key(|source| source.digest);
    sources.dedup_by_key(|source| source.digest);
    sources.sort_by_cached_key(|source| {
        let times = source.rows.iter().map(|row| row.time);
        (source.coverage.rank(), times.clone().min(), times.max())
    });
    sources
}

/// Says where a row with a transaction id and one without, of different sources, may be one transfer.
fn note_told_twice(
    chain: &Chain,
    alike: &BTreeMap<Identity<'_>, Vec<Telling<'_>>>,
    notes: &mut BTreeSet<Note>,
) {
    let sources = |tellings: &[Telling<'_>]| -> BTreeSet<usize> {
        let tables = tellings.iter().map(|telling| telling.place.0);
        tables.filter(|table| *table != CLAIMS).collect()
    };
    let named = alike.iter().filter(|(key, _)| key.transaction.is_some());
    let has_loose = alike.keys().any(|key| key.transaction.is_none());
    for (identity, tellings) in named.filter(|_| has_loose) {
        for telling in tellings {
            let loose = Identity::without_transaction(telling.row);
            let Some(others) = alike.get(&loose) else {
                continue;
            };
            let like = |other: &&Telling<'_>| Identity::without_transaction(other.row) == loose;
            let ours: Vec<Telling<'_>> = tellings.iter().filter(like).copied().collect();
            let (ours, others) = (sources(&ours), sources(others));
            let (kind, who) = match (ours.is_empty(), others.is_empty()) {
                (true, true) => continue,
                (false, false) if !ours.is_disjoint(&others) => continue,
                (false, false) => ("disagreement", "two sources, one of them"),
                _ => ("claim-beside-rows", "the case and a source, one of them"),
            };
            let row = telling.row;
            let what = format!(
                "{who} without a transaction id, tell a {} of {} {} from {} to {} at {}: both are kept, and \
                 it may be one told twice",
                row.kind.word(),
                row.amount,
                row.asset,
                loose.from.display(chain),
                loose.to.display(chain),
                row.time
            );
            let transaction = identity.transaction.cloned();
            notes.insert(Note {
                kind,
                what,
                transaction,
            });
        }
    }
}

fn disagreement(id: &TransactionId, what: String) -> Note {
    Note {
        kind: "disagreement",
        what,
        transaction: Some(id.clone()),
    }
}

fn transaction(
    chain: &Chain,
    id: TransactionId,
    mut rows: Vec<(RowPlace, TableRow)>,
    notes: &mut BTreeSet<Note>,
) -> MergedTransaction {
    rows.sort_by_key(|(place, _)| *place);
    let first = rows[0].0;
    // The least that the first source tells: the order of its rows says nothing.
    let least = |said: fn(&TableRow) -> Option<u32>| {
        let told = rows
            .iter()
            .filter_map(|(place, row)| said(row).map(|said| (place.0, said)));
        told.min().map(|(_, said)| said)
    };
    let (height, index) = (least(|row| row.height), least(|row| row.index));
    let of_first = rows.iter().filter(|(place, _)| place.0 == first.0);
    let time = of_first.map(|(_, row)| row.time).min();
    let time = time.expect("a transaction has a row");
    let differs = |row: &TableRow| {
        row.height.is_some_and(|own| Some(own) != height)
            || row.index.is_some_and(|own| Some(own) != index)
            || row.time != time
    };
    if rows.iter().any(|(_, row)| differs(row)) {
        let what =
            "its rows differ in height, index or time; the least of the first source are used";
        notes.insert(disagreement(&id, what.to_owned()));
    }
    keep_first_at_each_index(chain, &id, &mut rows, notes);
    let claimed = rows.iter().any(|(place, _)| place.0 == CLAIMS);
    let mut rows: Vec<TableRow> = rows.into_iter().map(|(_, row)| row).collect();
    let place = |row: &TableRow| (row.kind, row.log_index.is_none(), row.log_index);
    rows.sort_by(|a, b| {
        let by_place = place(a).cmp(&place(b));
        let (said, other) = (
            (&a.asset, &a.from, &a.to, a.amount),
            (&b.asset, &b.from, &b.to, b.amount),
        );
        by_place.then_with(|| said.cmp(&other))
    });
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

/// Where two sources tell different movements at one place, the first source's are used. What one source
/// tells twice at one place (a batch of tokens has one log) stays.
///
/// Native transfers and tokens are counted apart, each from its own beginning (law 5).
fn keep_first_at_each_index(
    chain: &Chain,
    id: &TransactionId,
    rows: &mut Vec<(RowPlace, TableRow)>,
    notes: &mut BTreeSet<Note>,
) {
    let mut taken: BTreeMap<(RowKind, bool, u32), usize> = BTreeMap::new();
    let mut assets: BTreeSet<(RowKind, u32, Asset)> = BTreeSet::new();
    rows.retain(|(place, row)| {
        let Some(log_index) = row.log_index else {
            return true;
        };
        let key = (row.kind, is_native(chain, &row.asset), log_index);
        let source = *taken.entry(key).or_insert(place.0);
        let keep = source == place.0;
        if !keep {
            let what = format!(
                "two sources tell different transfers at log index {log_index}; the first source's is used"
            );
            notes.insert(disagreement(id, what));
        } else if !assets.insert((row.kind, log_index, row.asset.clone())) {
            let what = format!(
                "one source tells several transfers of {} at log index {log_index}; all are kept",
                row.asset
            );
            notes.insert(disagreement(id, what));
        }
        keep
    });
}

/// What orders transactions.
pub type ChainOrder = (Option<(u32, u32)>, Timestamp, Option<u32>, u32, RowPlace);

impl MergedTransaction {
    /// Its place in the chain: by (height, index) where all heights are known, else by time; then by first
    /// appearance.
    #[must_use]
    pub fn chain_order(&self, all_heights: bool) -> ChainOrder {
        // A missing index comes last, whether or not all heights are known.
        let index = self.index.unwrap_or(u32::MAX);
        let place = self.height.filter(|_| all_heights);
        (
            place.map(|height| (height, index)),
            self.time,
            self.height,
            index,
            self.first,
        )
    }
}

fn sort(transactions: &mut [MergedTransaction]) {
    let heights = transactions
        .iter()
        .all(|transaction| transaction.height.is_some());
    transactions.sort_by_key(|transaction| transaction.chain_order(heights));
}
