//! What all tables of a chain come to, before ids are given out: transactions in chain order, and what is said of all.
//!
//! [`Merged`] holds it in memory. Who has more rows than memory brings each transaction's together with a [`Merger`] and
//! adds up what is said of all with the parts here: [`Sums`], [`Ends`], [`ContentOf`]. Both ways come to the same.

use std::collections::{BTreeMap, BTreeSet};

use ruint::aliases::U256;

pub use super::facts::merge as merge_facts;
pub use super::legs::effective_rows;
pub use super::merge::{ChainOrder, MergedTransaction, Merger, RowPlace, is_native};
pub use super::promised::Promises;
pub use super::wrap::tokens as wrapped_tokens;

use super::facts;
use super::merge;
use super::tables::{Facts, TableRow, TableSource};
use crate::asset::Asset;
use crate::chain::Chain;
use crate::content::{ContentHasher, ContentId};
use crate::coverage::Coverage;
use crate::time::Timestamp;
use crate::view::Note;

/// What tables, and claims beside them, come to.
#[derive(Debug)]
pub struct Merged {
    /// In chain order.
    pub transactions: Vec<MergedTransaction>,
    /// What is told beside rows.
    pub facts: Facts,
    /// What the tables promise.
    pub coverage: Vec<Coverage>,
    /// What must be said with every answer.
    pub notes: Vec<Note>,
    /// Of the tables alone.
    pub content: ContentId,
    /// Where the tables end.
    pub ends: Ends,
    /// Assets of which no row is taken.
    pub beyond: BTreeSet<Asset>,
}

impl Merged {
    /// Merges tables and claims.
    #[must_use]
    pub fn of(chain: &Chain, sources: &[TableSource], claims: &[TableRow]) -> Self {
        let coverage = Coverage::canonical(sources.iter().map(|source| source.coverage.clone()));
        let (facts, told) = facts::merge(sources);
        let merge = |claims: &[TableRow]| {
            let (transactions, mut notes) = merge::merge(chain, sources, claims, told.clone());
            let mut sums = Sums::default();
            transactions.iter().for_each(|one| sums.add(one));
            let beyond = sums.beyond();
            notes.extend(beyond.iter().map(beyond_counting));
            (
                transactions,
                notes.into_iter().collect::<Vec<Note>>(),
                beyond,
            )
        };
        let (mut transactions, mut notes, mut beyond) = merge(&[]);
        let mut content = ContentOf::new(chain);
        transactions.iter().for_each(|one| content.add(chain, one));
        let content = content.finish(chain, &facts, &coverage, &notes);
        if !claims.is_empty() {
            (transactions, notes, beyond) = merge(claims);
        }
        let mut ends = Ends::default();
        transactions.iter().for_each(|one| ends.see(one));
        Self {
            transactions,
            facts,
            coverage,
            notes,
            content,
            ends,
            beyond,
        }
    }
}

/// Adds up each asset's amounts: what comes to more than can be counted is no token's, whatever its contract says.
#[derive(Debug, Default)]
pub struct Sums(BTreeMap<Asset, Option<U256>>);

impl Sums {
    /// Adds a transaction's rows.
    pub fn add(&mut self, transaction: &MergedTransaction) {
        for row in &transaction.rows {
            match self.0.get_mut(&row.asset) {
                Some(sum) => *sum = sum.and_then(|sum| within(sum, row.amount)),
                None => {
                    let sum = within(U256::ZERO, row.amount);
                    self.0.insert(row.asset.clone(), sum);
                }
            }
        }
    }

    /// The assets that rows are of, in order.
    pub fn assets(&self) -> impl Iterator<Item = &Asset> {
        self.0.keys()
    }

    /// Those whose amounts come to 2^255 or more.
    #[must_use]
    pub fn beyond(&self) -> BTreeSet<Asset> {
        let beyond = self.0.iter().filter(|(_, sum)| sum.is_none());
        beyond.map(|(asset, _)| asset.clone()).collect()
    }
}

/// The sum; one bit is kept free, so that opening balances fit as well.
fn within(sum: U256, amount: U256) -> Option<U256> {
    sum.checked_add(amount).filter(|sum| !sum.bit(255))
}

/// What is said of an asset that cannot be counted.
#[must_use]
pub fn beyond_counting(asset: &Asset) -> Note {
    Note {
        kind: "beyond-counting",
        what: format!(
            "the amounts of {asset} add up to 2^255 or more, which no token has: none of its transfers is taken"
        ),
        transaction: None,
    }
}

/// Where the transactions end, so that what stays can be called held.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ends {
    last: Option<Timestamp>,
    last_known: Option<Timestamp>,
    tip: Option<u32>,
}

impl Ends {
    /// Takes a transaction in.
    pub fn see(&mut self, transaction: &MergedTransaction) {
        let time = Some(transaction.time);
        self.last = self.last.max(time);
        if transaction.height.is_some() {
            self.last_known = self.last_known.max(time);
            self.tip = self.tip.max(transaction.height);
        }
    }

    /// For each promise whether it reaches to the end.
    #[must_use]
    pub fn reached_by(&self, coverage: &[Coverage]) -> Vec<bool> {
        let reaches = |promise: &Coverage| match promise {
            Coverage::Addresses { to, .. } => self.last.is_none_or(|last| *to >= last),
            // A transaction of unknown height may stand after the last block, unless it is no later.
            Coverage::Blocks { last: end, .. } => {
                end.is_some() && *end >= self.tip && self.last == self.last_known
            }
            Coverage::Rows { .. } => false,
        };
        coverage.iter().map(reaches).collect()
    }
}

/// Computes a content id, transaction by transaction in chain order.
#[derive(Debug)]
pub struct ContentOf(ContentHasher);

impl ContentOf {
    /// Of a chain.
    #[must_use]
    pub fn new(chain: &Chain) -> Self {
        let mut hasher = ContentHasher::new("whither.chain/1");
        hasher.line(&chain.to_string());
        Self(hasher)
    }

    /// Adds a transaction.
    pub fn add(&mut self, chain: &Chain, transaction: &MergedTransaction) {
        let number = |number: Option<u32>| {
            number.map_or_else(|| "?".to_owned(), |number| number.to_string())
        };
        let (height, index) = (number(transaction.height), number(transaction.index));
        self.0.line(&format!(
            "transaction {} {height} {index} {}",
            transaction.id, transaction.time
        ));
        // Rows come in their canonical order.
        for row in &transaction.rows {
            let (from, to) = (row.from.display(chain), row.to.display(chain));
            self.0.line(&format!(
                "{} {} {from} {to} {} {}",
                row.kind.word(),
                number(row.log_index),
                row.asset,
                row.amount
            ));
        }
    }

    /// The id, with what is said of all.
    #[must_use]
    pub fn finish(
        mut self,
        chain: &Chain,
        facts: &Facts,
        coverage: &[Coverage],
        notes: &[Note],
    ) -> ContentId {
        facts::hash(chain, facts, &mut self.0);
        for promise in coverage {
            self.0.line(&promise.line(chain));
        }
        self.0.notes(notes);
        self.0.finish()
    }
}
