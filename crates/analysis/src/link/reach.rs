//! How far a thief's own hands reach: the places where his stolen money came, and through how public a place it had to pass.
//!
//! What lies behind a public place says nothing of him: behind an exchange or a broker everybody's money lies. So every
//! place has a bottleneck: of all ways that stolen money took to it, the one whose most public place is least public.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use whither_ledger::U256;
use whither_ledger::view::{AddressIx, AssetIx, TxIx};

use super::ground::{Crossing, Ground, Start, Step};
use super::open::Surroundings;
use super::users::Users;
use super::weigh::ratio;
use super::whole::wholes;

/// A place that stolen money of one theft came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// How many unrelated accounts use the most public place on the way, the place itself left out.
    pub passed: Users,
    /// Whether the theft itself paid it.
    pub is_start: bool,
    /// How much came, of each asset.
    pub arrived: BTreeMap<AssetIx, U256>,
    /// By which transactions, in chain order.
    pub by: BTreeSet<TxIx>,
}

/// One theft's places, and the movements between them.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub places: BTreeMap<AddressIx, Place>,
    pub steps: Vec<Step>,
    /// By who paid, and who was paid: rows of `steps`.
    pub by_payer: BTreeMap<AddressIx, Vec<usize>>,
    by_payee: BTreeMap<AddressIx, Vec<usize>>,
    starts: BTreeMap<AddressIx, Vec<Start>>,
    /// All that was stolen of each asset, or would have become of that.
    total: BTreeMap<AssetIx, U256>,
}

/// When money came to a place, of which asset: none of what was there before.
type Arrival = (AssetIx, Option<TxIx>);

impl Reach {
    /// Of a theft's movements; its places are found by [`Reach::settle`].
    pub fn new(starts: Vec<Start>, steps: Vec<Step>, crossings: &[Crossing]) -> Self {
        let mut by_payer: BTreeMap<AddressIx, Vec<usize>> = BTreeMap::new();
        let mut by_payee: BTreeMap<AddressIx, Vec<usize>> = BTreeMap::new();
        for (row, step) in steps.iter().enumerate() {
            if let Some(from) = step.from {
                by_payer.entry(from).or_default().push(row);
            }
            if let Some(to) = step.to {
                by_payee.entry(to).or_default().push(row);
            }
        }
        let total = wholes(&starts, &steps, crossings);
        let mut of_address: BTreeMap<AddressIx, Vec<Start>> = BTreeMap::new();
        for start in starts {
            of_address.entry(start.address).or_default().push(start);
        }
        Self {
            places: BTreeMap::new(),
            steps,
            by_payer,
            by_payee,
            starts: of_address,
            total,
        }
    }

    /// The transactions that are the theft.
    pub fn begun(&self) -> BTreeSet<TxIx> {
        let starts = self.starts.values().flatten();
        starts.filter_map(|start| start.tx).collect()
    }

    /// Every address that stolen money came to by places that are not public, with what it passed.
    pub fn passed<G: Ground>(
        &self,
        around: &mut Surroundings<'_, G>,
    ) -> BTreeMap<AddressIx, Users> {
        let starts = self.starts.keys();
        let starts = starts.map(|start| Reverse((Users::default(), *start)));
        let mut open: BinaryHeap<Reverse<(Users, AddressIx)>> = starts.collect();
        let mut settled: BTreeMap<AddressIx, Users> = BTreeMap::new();
        while let Some(Reverse((passed, here))) = open.pop() {
            if settled.contains_key(&here) || around.is_service(here) {
                continue;
            }
            settled.insert(here, passed);
            let through = passed.max(around.open(here));
            if through.is_public() {
                continue;
            }
            for row in self.by_payer.get(&here).into_iter().flatten() {
                if let Some(to) = self.steps[*row].to.filter(|to| !settled.contains_key(to)) {
                    open.push(Reverse((through, to)));
                }
            }
        }
        settled
    }

    /// Finds its places.
    pub fn settle(&mut self, passed: BTreeMap<AddressIx, Users>) {
        for (address, passed) in passed {
            let mut place = Place {
                passed,
                is_start: self.starts.contains_key(&address),
                ..Place::default()
            };
            for ((asset, tx), amount) in self.arrivals(address, true) {
                let arrived = place.arrived.entry(asset).or_default();
                *arrived = arrived.saturating_add(amount);
                place.by.extend(tx);
            }
            self.places.insert(address, place);
        }
    }

    /// What came to a place. A theft's own transaction is told twice, by where the theft begins and as a movement, and counts
    /// once; so does what came to an address of which all is stolen.
    fn arrivals(&self, address: AddressIx, with_crossings: bool) -> BTreeMap<Arrival, U256> {
        let mut came: BTreeMap<Arrival, U256> = BTreeMap::new();
        let mut moved: BTreeMap<AssetIx, U256> = BTreeMap::new();
        let rows = self.by_payee.get(&address).into_iter().flatten();
        for step in rows.map(|row| &self.steps[*row]) {
            if step.is_crossing && !with_crossings {
                continue;
            }
            let of_tx = came.entry((step.asset, Some(step.tx))).or_default();
            *of_tx = of_tx.saturating_add(step.amount);
            let all = moved.entry(step.asset).or_default();
            *all = all.saturating_add(step.amount);
        }
        let mut begun: BTreeMap<Arrival, U256> = BTreeMap::new();
        for start in self.starts.get(&address).into_iter().flatten() {
            let sum = begun.entry((start.asset, start.tx)).or_default();
            *sum = sum.saturating_add(start.amount);
        }
        for ((asset, tx), amount) in begun {
            let all = moved.get(&asset).copied().unwrap_or_default();
            let told = match tx {
                Some(_) => amount,
                None => amount.saturating_sub(all),
            };
            let known = came.entry((asset, tx)).or_default();
            *known = told.max(*known);
        }
        came
    }

    /// How much less than all of it came to a place, in hundredths of a bit, of the asset of which most came.
    pub fn less(&self, place: &Place) -> u64 {
        let less = place.arrived.iter().map(|(asset, arrived)| {
            let all = self.total.get(asset).copied().unwrap_or_default();
            ratio(all, (*arrived).max(U256::ONE))
        });
        less.min().unwrap_or(u64::MAX)
    }

    /// When stolen money lay at a place, of each asset: after which transactions there was some, and after which none.
    pub fn presence(&self, address: AddressIx) -> BTreeMap<AssetIx, Vec<(TxIx, bool)>> {
        let mut changes: BTreeMap<(AssetIx, TxIx), [U256; 2]> = BTreeMap::new();
        let mut change = |asset: AssetIx, tx: TxIx, side: usize, amount: U256| {
            let sums = changes.entry((asset, tx)).or_default();
            sums[side] = sums[side].saturating_add(amount);
        };
        for ((asset, tx), amount) in self.arrivals(address, false) {
            change(asset, tx.unwrap_or(TxIx(0)), 0, amount);
        }
        for row in self.by_payer.get(&address).into_iter().flatten() {
            let step = &self.steps[*row];
            if !step.is_crossing {
                change(step.asset, step.tx, 1, step.amount);
            }
        }
        let mut balance: BTreeMap<AssetIx, U256> = BTreeMap::new();
        let mut presence: BTreeMap<AssetIx, Vec<(TxIx, bool)>> = BTreeMap::new();
        for ((asset, tx), [came, went]) in changes {
            let held = balance.entry(asset).or_default();
            *held = held.saturating_add(came).saturating_sub(went);
            presence
                .entry(asset)
                .or_default()
                .push((tx, !held.is_zero()));
        }
        presence
    }
}

/// The transaction after which money of both thefts lay in one balance, if there is one.
pub(super) fn met(
    one: &BTreeMap<AssetIx, Vec<(TxIx, bool)>>,
    other: &BTreeMap<AssetIx, Vec<(TxIx, bool)>>,
) -> Option<TxIx> {
    let of_asset = |(asset, mine): (&AssetIx, &Vec<(TxIx, bool)>)| {
        let theirs = other.get(asset)?;
        let mut changes: Vec<(TxIx, usize, bool)> = Vec::new();
        changes.extend(mine.iter().map(|(tx, is_there)| (*tx, 0, *is_there)));
        changes.extend(theirs.iter().map(|(tx, is_there)| (*tx, 1, *is_there)));
        changes.sort_unstable();
        let mut there = [false; 2];
        for group in changes.chunk_by(|a, b| a.0 == b.0) {
            // What leaves in the transaction in which the other comes was there with it.
            let before = there;
            for (_, side, is_there) in group {
                there[*side] = *is_there;
            }
            let comes = |side: usize| there[side] || before[side] && group.len() > 1;
            if comes(0) && comes(1) {
                return Some(group[0].0);
            }
        }
        None
    };
    one.iter().filter_map(of_asset).min()
}
