//! Who takes part in a transaction, and who stands in a circle with whom.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, Destination, HoldingIx, Leg, TxIx};

/// Who pays or is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// An address. A contract that makes or destroys its own token takes part as its address.
    Address(AddressIx),
    /// Whoever makes and destroys a token, where the view does not know its contract as an address.
    Issuer(AssetIx),
}

/// A leg that can be part of an exchange.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    /// Its place in the transaction.
    pub(super) leg: usize,
    pub(super) asset: AssetIx,
    pub(super) amount: U256,
    /// Payer and payee, by their place among the parties.
    pub(super) parties: [usize; 2],
    /// Their holdings; none where the token is made or destroyed.
    pub(super) holdings: [Option<HoldingIx>; 2],
}

impl Move {
    pub(super) fn is_mint(&self) -> bool {
        self.holdings[0].is_none()
    }

    pub(super) fn is_burn(&self) -> bool {
        self.holdings[1].is_none()
    }
}

/// The parties of a transaction and what moves between them.
pub(super) struct Stage {
    pub(super) parties: Vec<Party>,
    pub(super) moves: Vec<Move>,
    pub(super) leg_count: usize,
    /// The party that paid for the transaction.
    pub(super) signer: Option<usize>,
    /// Per party its circle; parties of no circle have one of their own.
    pub(super) circles: Vec<usize>,
}

impl Stage {
    /// The parties of a transaction; nothing where no asset beside the chain's own coin moves twice.
    pub(super) fn of<V: AccountView>(view: &V, tx: TxIx) -> Option<Self> {
        let legs: Vec<Leg> = view.legs(tx).collect();
        let mut known: BTreeMap<Party, usize> = BTreeMap::new();
        let mut parties = Vec::new();
        let mut intern = |party: Party| {
            *known.entry(party).or_insert_with(|| {
                parties.push(party);
                parties.len() - 1
            })
        };
        let mut issuers: BTreeMap<AssetIx, Party> = BTreeMap::new();
        let mut issuer = |asset: AssetIx| {
            *issuers
                .entry(asset)
                .or_insert_with(|| issuer_of(view, asset))
        };
        let mut moves = Vec::new();
        let mut signer = None;
        for (place, leg) in legs.iter().enumerate() {
            let from = leg.from.map(|holding| view.holding(holding).0);
            let to = match leg.to {
                Destination::Fee => {
                    signer = from;
                    continue;
                }
                Destination::Holding(holding) => Some(holding),
                Destination::Burn => None,
            };
            // Coins of the chain are made and destroyed by its rules, for nothing in return.
            if (from.is_none() || to.is_none()) && view.asset(leg.asset).is_coin() {
                continue;
            }
            let payer = from.map_or_else(|| issuer(leg.asset), Party::Address);
            let payee = to.map(|holding| Party::Address(view.holding(holding).0));
            let payee = payee.unwrap_or_else(|| issuer(leg.asset));
            moves.push(Move {
                leg: place,
                asset: leg.asset,
                amount: leg.amount,
                parties: [intern(payer), intern(payee)],
                holdings: [leg.from, to],
            });
        }
        let assets: BTreeSet<AssetIx> = moves.iter().map(|step| step.asset).collect();
        if assets.len() < 2 {
            return None;
        }
        let signer = signer.and_then(|address| known.get(&Party::Address(address)).copied());
        let circles = circles(parties.len(), &edges(&moves, parties.len(), signer));
        Some(Self {
            parties,
            moves,
            leg_count: legs.len(),
            signer,
            circles,
        })
    }

    /// The signer, where others exchange for them.
    pub(super) fn trader(&self, deals: &[super::Deal]) -> Option<AddressIx> {
        let signer = self.parties[self.signer?];
        let circle = self.circles[self.signer?];
        let pays = self
            .moves
            .iter()
            .any(|step| Some(step.parties[0]) == self.signer);
        let mut dealing = deals.iter().map(|deal| deal.party);
        if !pays || dealing.clone().any(|party| party == signer) {
            return None;
        }
        let with = dealing.any(|party| {
            let place = self.parties.iter().position(|known| *known == party);
            place.is_some_and(|place| self.circles[place] == circle)
        });
        match signer {
            Party::Address(address) if with => Some(address),
            _ => None,
        }
    }

    /// What each party took and gave of each asset, over the moves that are chosen.
    pub(super) fn sums(
        &self,
        chosen: impl Fn(&Move) -> bool,
    ) -> Vec<BTreeMap<AssetIx, (U256, U256)>> {
        let mut sums = vec![BTreeMap::new(); self.parties.len()];
        for step in self.moves.iter().filter(|step| chosen(step)) {
            let given: &mut (U256, U256) = sums[step.parties[0]].entry(step.asset).or_default();
            given.1 = given.1.plus(step.amount);
            let taken: &mut (U256, U256) = sums[step.parties[1]].entry(step.asset).or_default();
            taken.0 = taken.0.plus(step.amount);
        }
        sums
    }

    /// Whether a move stays within one circle.
    pub(super) fn is_within(&self, step: &Move) -> bool {
        self.circles[step.parties[0]] == self.circles[step.parties[1]]
    }
}

/// Whoever makes and destroys a token: its contract.
fn issuer_of<V: AccountView>(view: &V, asset: AssetIx) -> Party {
    let contract = view.asset(asset).contract();
    let known = contract.and_then(|contract| view.find_address(&contract));
    known.map_or(Party::Issuer(asset), Party::Address)
}

/// Who pays whom. Who signed wanted all of it: what ends at an address that gives nothing on was given for
/// the signer's sake, so there an edge leads back to the signer, if the signer pays at all.
fn edges(moves: &[Move], count: usize, signer: Option<usize>) -> Vec<Vec<usize>> {
    let mut edges = vec![Vec::new(); count];
    for step in moves {
        edges[step.parties[0]].push(step.parties[1]);
    }
    if let Some(signer) = signer.filter(|signer| !edges[*signer].is_empty()) {
        for party in (0..count).filter(|party| *party != signer) {
            if edges[party].is_empty() {
                edges[party].push(signer);
            }
        }
    }
    edges
}

/// The circles of a graph: its strongly connected components (Kosaraju and Sharir, 1981), without recursion.
fn circles(count: usize, edges: &[Vec<usize>]) -> Vec<usize> {
    let mut back = vec![Vec::new(); count];
    for (from, to) in edges.iter().enumerate() {
        to.iter().for_each(|to| back[*to].push(from));
    }
    let mut finished = Vec::with_capacity(count);
    let mut seen = vec![false; count];
    for start in 0..count {
        let mut path = vec![(start, 0)];
        while let Some((party, next)) = path.pop() {
            if next == 0 && std::mem::replace(&mut seen[party], true) {
                continue;
            }
            match edges[party].get(next) {
                Some(to) => {
                    path.push((party, next + 1));
                    path.push((*to, 0));
                }
                None => finished.push(party),
            }
        }
    }
    let mut circles = vec![usize::MAX; count];
    for start in finished.into_iter().rev() {
        let mut waiting = vec![start];
        while let Some(party) = waiting.pop() {
            if circles[party] == usize::MAX {
                circles[party] = start;
                waiting.extend(&back[party]);
            }
        }
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::circles;

    #[test]
    fn a_circle_is_who_reaches_each_other() {
        let edges = [vec![1], vec![2], vec![0, 3], vec![4], vec![], vec![5, 4]];
        let found = circles(6, &edges.map(|to| to));
        assert!(found[0] == found[1] && found[1] == found[2]);
        let mut others = vec![found[0], found[3], found[4], found[5]];
        others.sort_unstable();
        others.dedup();
        assert_eq!(others.len(), 4);
    }
}
