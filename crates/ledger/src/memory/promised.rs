//! What a source tells of a block of which another promises all, and does not tell: it is not taken.
//!
//! A promise is that nothing is missing. A row beside it says that something is, and one of the two is wrong; the promise
//! was held against what the block commits to, the row against nothing. So the row falls, and a note says so. Where the
//! promise leaves out what moves inside calls, coins that others tell of are no contradiction.

use crate::coverage::Coverage;
use crate::transaction_id::TransactionId;
use crate::view::Note;

/// Heights from and to.
type Range = (u32, u32);

/// Which blocks tables promise, by the tables' places in their order.
#[derive(Clone, Debug, Default)]
pub struct Promises {
    tables: Vec<Option<Range>>,
    /// All heights of which somebody promises all but what moves inside calls; rising, apart.
    outside: Vec<Range>,
    /// And that as well.
    inside: Vec<Range>,
}

impl Promises {
    /// Those of tables in their order.
    pub fn of<'a>(tables: impl Iterator<Item = &'a Coverage>) -> Self {
        let range = |promise: &Coverage| match promise {
            Coverage::Blocks {
                first: Some(first),
                last: Some(last),
                internal,
            } => Some(((*first, *last), *internal)),
            _ => None,
        };
        let tables: Vec<Option<(Range, bool)>> = tables.map(range).collect();
        let joined = |wanted: fn(bool) -> bool| {
            let ranges = tables.iter().flatten().filter(|(_, own)| wanted(*own));
            let mut ranges: Vec<Range> = ranges.map(|(range, _)| *range).collect();
            ranges.sort_unstable();
            let mut apart: Vec<Range> = Vec::new();
            for (first, last) in ranges {
                match apart.last_mut() {
                    Some(before) if first <= before.1 => before.1 = before.1.max(last),
                    _ => apart.push((first, last)),
                }
            }
            apart
        };
        Self {
            outside: joined(|_| true),
            inside: joined(|internal| internal),
            tables: tables
                .iter()
                .map(|promise| promise.map(|(range, _)| range))
                .collect(),
        }
    }

    /// Whether a table promises the block at a height: then what it tells of it stands.
    pub(super) fn vouches(&self, table: usize, height: u32) -> bool {
        let promise = self.tables.get(table).copied().flatten();
        promise.is_some_and(|(first, last)| (first..=last).contains(&height))
    }

    /// Whether any promises all movements of a kind at a height: `inside` are coins, which move inside calls too.
    pub(super) fn speak_of(&self, height: u32, inside: bool) -> bool {
        let ranges = if inside { &self.inside } else { &self.outside };
        let next = ranges.partition_point(|(first, _)| *first <= height);
        next.checked_sub(1)
            .is_some_and(|place| ranges[place].1 >= height)
    }
}

/// What is said of transactions that no promising source of their block has.
pub(super) const BESIDE_PROMISES: &str =
    "transactions in blocks of which another promises all, and which it does not have";
/// What is said of amounts that are not taken from sources without a promise.
pub(super) const NO_AMOUNTS: &str = "movements of amounts that no asset has, and promises no block";

/// What was told and is not taken: of a transaction that is not there nobody could ask, so it is said of all at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside {
    count: u64,
    first: Option<TransactionId>,
}

impl Beside {
    /// Another of its kind.
    pub(super) fn add(&mut self, id: &TransactionId) {
        self.count += 1;
        if self.first.as_ref().is_none_or(|first| id < first) {
            self.first = Some(id.clone());
        }
    }

    /// What is said of them; nothing where there are none.
    pub(super) fn note(self, what: &str) -> Option<Note> {
        let first = self.first?;
        Some(Note {
            kind: "disagreement",
            what: format!(
                "a source tells of {} {what}: none of them is taken; the first is of {first}",
                self.count
            ),
            transaction: None,
        })
    }
}
