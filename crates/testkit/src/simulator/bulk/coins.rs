//! Outputs that can still be spent, and how people pick among them.

use super::script::Form;
use crate::rng::SplitMix64;
use crate::simulator::block::Hash;

/// An output that can be spent: all that is needed to spend it, and which thieves' money reached it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Coin {
    pub(super) txid: Hash,
    pub(super) vout: u32,
    pub(super) form: Form,
    /// One bit for each theft whose money is in it, by the poison rule.
    pub(super) thefts: u32,
    /// In satoshi.
    pub(super) value: u64,
}

/// The coins of the population. Putting and taking cost the same however many there are.
#[derive(Debug)]
pub(super) struct Purse {
    recent: Vec<Coin>,
    recent_max: usize,
    old: Vec<Coin>,
    /// How many of 100 coins that are taken are recent ones.
    recent_per_cent: u64,
}

impl Purse {
    pub(super) fn new(recent_max: usize, recent_per_cent: u64) -> Self {
        Self {
            recent: Vec::with_capacity(recent_max),
            recent_max,
            old: Vec::new(),
            recent_per_cent,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.recent.len() + self.old.len()
    }

    /// Puts a coin in; it is recent until a newer one takes its place.
    pub(super) fn put(&mut self, coin: Coin, rng: &mut SplitMix64) {
        if self.recent.len() < self.recent_max {
            self.recent.push(coin);
            return;
        }
        let place = rng.index(self.recent_max);
        self.old
            .push(std::mem::replace(&mut self.recent[place], coin));
    }

    /// Takes a coin out, any of the recent ones or any of the old ones.
    pub(super) fn take(&mut self, rng: &mut SplitMix64) -> Option<Coin> {
        if rng.chance(self.recent_per_cent, 100) {
            take_any(&mut self.recent, rng).or_else(|| take_any(&mut self.old, rng))
        } else {
            take_any(&mut self.old, rng).or_else(|| take_any(&mut self.recent, rng))
        }
    }
}

/// Takes any coin out of a list, whose order does not matter.
pub(super) fn take_any(coins: &mut Vec<Coin>, rng: &mut SplitMix64) -> Option<Coin> {
    if coins.is_empty() {
        return None;
    }
    let place = rng.index(coins.len());
    Some(coins.swap_remove(place))
}
