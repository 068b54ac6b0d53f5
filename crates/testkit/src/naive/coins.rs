//! Numbered coins: every unit of money known by where it was born, for FIFO and LIFO backward (law 15).
//!
//! Run the bookkeeping forward with coins instead of labels, and the way back is a look-up: a coin found in an
//! output was born where its number says. This file knows coins and claims on coins, not chains.

use super::pieces::Piece;
use std::collections::BTreeMap;

/// A run of coins of one birth: `first`, and on from it upward, or downward if `falling`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coins {
    birth: usize,
    first: u128,
    count: u128,
    falling: bool,
}

impl Coins {
    /// All coins of a birth, in a list; an empty list where nothing was born.
    pub(super) fn born(birth: usize, count: u128) -> Vec<Self> {
        if count == 0 {
            return Vec::new();
        }
        vec![Self {
            birth,
            first: 0,
            count,
            falling: false,
        }]
    }

    /// The coins' numbers as a half-open range.
    fn range(&self) -> (u128, u128) {
        if self.falling {
            (self.first + 1 - self.count, self.first + 1)
        } else {
            (self.first, self.first + self.count)
        }
    }
}

impl Piece for Coins {
    fn amount(&self) -> u128 {
        self.count
    }

    fn cut(&self, amount: u128) -> (Self, Self) {
        let mut front = self.clone();
        let mut rest = self.clone();
        front.count = amount;
        rest.count -= amount;
        if self.falling {
            rest.first -= amount;
        } else {
            rest.first += amount;
        }
        (front, rest)
    }

    fn turned(&self) -> Self {
        let (low, end) = self.range();
        Self {
            first: if self.falling { low } else { end - 1 },
            falling: !self.falling,
            ..*self
        }
    }
}

/// Which coins have been claimed, and how many of each birth by each label. First claim wins (law 1).
#[derive(Debug, Default)]
pub(super) struct Claims {
    taken: BTreeMap<usize, Vec<(u128, u128)>>,
    counts: BTreeMap<(usize, usize), u128>,
}

impl Claims {
    /// Claims for `label` those of the coins that nobody has claimed yet.
    pub(super) fn claim(&mut self, label: usize, coins: &[Coins]) {
        for run in coins {
            let taken = self.taken.entry(run.birth).or_default();
            let mut free = vec![run.range()];
            for hole in taken.iter() {
                free = free
                    .into_iter()
                    .flat_map(|range| without(range, *hole))
                    .collect();
            }
            let count: u128 = free.iter().map(|(low, end)| end - low).sum();
            taken.extend(free);
            if count > 0 {
                *self.counts.entry((run.birth, label)).or_default() += count;
            }
        }
    }

    /// Every (birth, label) with the number of coins claimed.
    pub(super) fn counts(&self) -> impl Iterator<Item = (usize, usize, u128)> + '_ {
        self.counts
            .iter()
            .map(|((birth, label), count)| (*birth, *label, *count))
    }
}

/// A range without a hole: what lies below the hole and what lies above it.
fn without(range: (u128, u128), hole: (u128, u128)) -> Vec<(u128, u128)> {
    let below = (range.0, range.1.min(hole.0));
    let above = (range.0.max(hole.1), range.1);
    [below, above]
        .into_iter()
        .filter(|(low, end)| low < end)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Claims, Coins, without};
    use crate::naive::pieces::{Piece, take_newest, take_oldest};

    #[test]
    fn turning_twice_changes_nothing() {
        let coins = Coins::born(0, 10).remove(0);
        assert_eq!(coins.turned().turned(), coins);
        assert_eq!(coins.turned().range(), (0, 10));
    }

    #[test]
    fn a_stack_gives_its_top_first() {
        let mut list = Coins::born(0, 10);
        // Coins 9, 8, 7 in this order; of them the oldest in the new list is 9.
        let mut taken = take_newest(&mut list, 3);
        assert_eq!(taken[0].range(), (7, 10));
        assert_eq!(take_oldest(&mut taken, 1)[0].range(), (9, 10));
        assert_eq!(list[0].range(), (0, 7));
    }

    #[test]
    fn a_coin_is_claimed_once() {
        let mut claims = Claims::default();
        let mut all = Coins::born(7, 10);
        let front = take_oldest(&mut all.clone(), 4);
        claims.claim(1, &front);
        claims.claim(0, &all);
        let back = take_newest(&mut all, 2);
        claims.claim(2, &back);
        let counts: Vec<_> = claims.counts().collect();
        assert_eq!(counts, [(7, 0, 6), (7, 1, 4)]);
    }

    #[test]
    fn holes_split_ranges() {
        assert_eq!(without((0, 10), (3, 5)), [(0, 3), (5, 10)]);
        assert_eq!(without((0, 10), (10, 12)), [(0, 10)]);
        assert_eq!(without((3, 5), (0, 10)), []);
    }
}
