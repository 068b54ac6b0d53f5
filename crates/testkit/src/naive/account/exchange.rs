//! Who exchanges what in a transaction (law 11), told as the rules are spoken and without haste.
//!
//! A party is an address; whatever is minted or burnt is paid by, or paid to, the token's own contract. Coins of
//! the chain that are made or destroyed are left out, and so is gas. The page on conversions has the rules.

use super::movement::{Holding, Movement};
use super::{Step, ZERO_ADDRESS};
use std::collections::{BTreeMap, BTreeSet};

/// What one party takes and gives, and the part of it that moves in and out of its own holdings.
#[derive(Debug, Clone, Default)]
pub(super) struct Deal {
    pub(super) party: String,
    pub(super) gets: BTreeMap<String, u128>,
    pub(super) gives: BTreeMap<String, u128>,
    /// What its holdings gain or lose by the legs of the deal.
    pub(super) held: BTreeMap<String, u128>,
    everywhere: bool,
}

/// The exchanges of one transaction; its movements are numbered from its own first.
#[derive(Debug, Clone, Default)]
pub(super) struct Exchange {
    pub(super) deals: Vec<Deal>,
    /// For each movement the deals of its payer and its payee.
    pub(super) sides: Vec<[Option<usize>; 2]>,
    pub(super) steps: Vec<Step>,
}

/// The exchange of a transaction, if there is one that its steps and balances bear out.
pub(super) fn find(movements: &[Movement], balances: &BTreeMap<Holding, u128>) -> Option<Exchange> {
    let parties: Vec<Option<[String; 2]>> = movements.iter().map(parties).collect();
    let assets: BTreeSet<&String> = movements
        .iter()
        .zip(&parties)
        .filter(|(_, parties)| parties.is_some())
        .map(|(movement, _)| &movement.asset)
        .collect();
    if assets.len() < 2 {
        return None;
    }
    let signer = movements
        .iter()
        .find(|movement| movement.leg.is_none())
        .and_then(|gas| gas.from.clone());
    let same_circle = circles(&parties, signer.as_deref());
    let mut deals = issues(movements, &parties);
    let known: BTreeSet<String> = deals.iter().map(|deal| deal.party.clone()).collect();
    let swapping = swaps(movements, &parties, signer.as_deref(), &same_circle);
    deals.extend(
        swapping
            .into_iter()
            .filter(|deal| !known.contains(&deal.party)),
    );
    if deals.is_empty() {
        return None;
    }
    let mut order: Vec<&String> = Vec::new();
    for party in parties.iter().flatten().flatten() {
        if !order.contains(&party) {
            order.push(party);
        }
    }
    deals.sort_by_key(|deal| order.iter().position(|party| **party == deal.party));
    let mut exchange = Exchange {
        sides: sides(movements, &parties, &deals, &same_circle),
        deals,
        steps: Vec::new(),
    };
    exchange.hold(movements)?;
    exchange.steps = exchange.in_order(movements)?;
    exchange.bears_out(movements, balances).then_some(exchange)
}

/// Payer and payee; none for gas and for coins made or destroyed.
fn parties(movement: &Movement) -> Option<[String; 2]> {
    movement.leg?;
    let contract = movement.asset.split("/erc20:").nth(1);
    let side = |address: &Option<String>| address.clone().or_else(|| contract.map(str::to_owned));
    Some([side(&movement.from)?, side(&movement.to)?])
}

/// Which parties reach each other.
fn circles(parties: &[Option<[String; 2]>], signer: Option<&str>) -> BTreeSet<(String, String)> {
    let mut reach: BTreeSet<(String, String)> = BTreeSet::new();
    let all: BTreeSet<String> = parties.iter().flatten().flatten().cloned().collect();
    for [from, to] in parties.iter().flatten() {
        reach.insert((from.clone(), to.clone()));
    }
    let pays = |party: &str| parties.iter().flatten().any(|[from, _]| from == party);
    if let Some(signer) = signer.filter(|signer| pays(signer)) {
        for last in all.iter().filter(|party| !pays(party)) {
            reach.insert((last.clone(), signer.to_owned()));
        }
    }
    for middle in &all {
        for from in &all {
            for to in &all {
                let there = reach.contains(&(from.clone(), middle.clone()));
                if there && reach.contains(&(middle.clone(), to.clone())) {
                    reach.insert((from.clone(), to.clone()));
                }
            }
        }
    }
    let mut same: BTreeSet<(String, String)> = reach
        .iter()
        .filter(|(a, b)| reach.contains(&(b.clone(), a.clone())))
        .cloned()
        .collect();
    same.extend(all.iter().map(|party| (party.clone(), party.clone())));
    same
}

/// What a party gets net and gives net over some of the movements.
fn net(
    party: &str,
    movements: &[Movement],
    parties: &[Option<[String; 2]>],
    counts: impl Fn(&[String; 2]) -> bool,
) -> (BTreeMap<String, u128>, BTreeMap<String, u128>) {
    let (mut taken, mut given) = (BTreeMap::new(), BTreeMap::new());
    for (movement, both) in movements.iter().zip(parties) {
        let Some(both) = both.as_ref().filter(|both| counts(both)) else {
            continue;
        };
        for (side, sums) in [(1, &mut taken), (0, &mut given)] {
            if both[side] == party {
                *sums.entry(movement.asset.clone()).or_insert(0) += movement.amount;
            }
        }
    }
    let less = |more: &BTreeMap<String, u128>, less: &BTreeMap<String, u128>| {
        let rest = |(asset, amount): (&String, &u128)| {
            let left = amount.saturating_sub(less.get(asset).copied().unwrap_or(0));
            (left > 0).then(|| (asset.clone(), left))
        };
        more.iter().filter_map(rest).collect()
    };
    (less(&taken, &given), less(&given, &taken))
}

/// Within each circle everybody who gets one asset and gives another, but the signer where there is somebody else.
fn swaps(
    movements: &[Movement],
    parties: &[Option<[String; 2]>],
    signer: Option<&str>,
    same: &BTreeSet<(String, String)>,
) -> Vec<Deal> {
    let all: BTreeSet<&String> = parties.iter().flatten().flatten().collect();
    let inside = |both: &[String; 2]| same.contains(&(both[0].clone(), both[1].clone()));
    let deal = |party: &&String| {
        let (gets, gives) = net(party, movements, parties, inside);
        let party = (*party).clone();
        (!gets.is_empty() && !gives.is_empty()).then(|| Deal {
            party,
            gets,
            gives,
            ..Deal::default()
        })
    };
    let mixed: Vec<Deal> = all.iter().filter_map(deal).collect();
    let parties: Vec<String> = mixed.iter().map(|deal| deal.party.clone()).collect();
    let is_raw = |deal: &Deal| {
        let other = |party: &String| {
            *party != deal.party && same.contains(&(party.clone(), deal.party.clone()))
        };
        Some(deal.party.as_str()) == signer && parties.iter().any(other)
    };
    mixed.into_iter().filter(|deal| !is_raw(deal)).collect()
}

/// Those who get what a contract that does nothing else makes, or give what one that does nothing else destroys.
fn issues(movements: &[Movement], parties: &[Option<[String; 2]>]) -> Vec<Deal> {
    let rows = || {
        movements
            .iter()
            .zip(parties)
            .filter_map(|(movement, both)| Some((movement, both.as_ref()?)))
    };
    let is_mint = |movement: &Movement| movement.from.is_none();
    let is_burn = |movement: &Movement| movement.to.is_none();
    let only_mints = |party: &String| {
        rows().all(|(movement, both)| both[1] != *party && (both[0] != *party || is_mint(movement)))
    };
    let only_burns = |party: &String| {
        rows().all(|(movement, both)| both[0] != *party && (both[1] != *party || is_burn(movement)))
    };
    let made: BTreeSet<&String> = rows()
        .filter(|(movement, both)| is_mint(movement) && only_mints(&both[0]))
        .map(|(movement, _)| &movement.asset)
        .collect();
    let destroyed: BTreeSet<&String> = rows()
        .filter(|(movement, both)| is_burn(movement) && only_burns(&both[1]))
        .map(|(movement, _)| &movement.asset)
        .collect();
    let all: BTreeSet<&String> = parties.iter().flatten().flatten().collect();
    let mut deals = Vec::new();
    for party in all {
        let (mut gets, mut gives) = net(party, movements, parties, |_| true);
        let gets_made = gets.keys().any(|asset| made.contains(asset));
        let gives_destroyed = gives.keys().any(|asset| destroyed.contains(asset));
        if gets_made {
            gets.retain(|asset, _| made.contains(asset));
        }
        if gives_destroyed {
            gives.retain(|asset, _| destroyed.contains(asset));
        }
        if (gets_made || gives_destroyed) && !gets.is_empty() && !gives.is_empty() {
            deals.push(Deal {
                party: party.clone(),
                gets,
                gives,
                everywhere: true,
                ..Deal::default()
            });
        }
    }
    deals
}

/// For each movement the deals that its two sides belong to.
fn sides(
    movements: &[Movement],
    parties: &[Option<[String; 2]>],
    deals: &[Deal],
    same: &BTreeSet<(String, String)>,
) -> Vec<[Option<usize>; 2]> {
    let one = |(movement, both): (&Movement, &Option<[String; 2]>)| {
        let Some(both) = both else {
            return [None, None];
        };
        let inside = same.contains(&(both[0].clone(), both[1].clone()));
        let of = |party: &String| {
            deals.iter().position(|deal| {
                let asset = &movement.asset;
                deal.party == *party
                    && (deal.everywhere || inside)
                    && (deal.gets.contains_key(asset) || deal.gives.contains_key(asset))
            })
        };
        [of(&both[0]), of(&both[1])]
    };
    movements.iter().zip(parties).map(one).collect()
}

impl Exchange {
    /// Finds what the holdings of each deal gain or lose; none where one moves against its deal.
    fn hold(&mut self, movements: &[Movement]) -> Option<()> {
        for (number, deal) in self.deals.iter_mut().enumerate() {
            let assets: Vec<(String, u128, bool)> = deal
                .gets
                .iter()
                .map(|(asset, amount)| (asset.clone(), *amount, true))
                .chain(
                    deal.gives
                        .iter()
                        .map(|(asset, amount)| (asset.clone(), *amount, false)),
                )
                .collect();
            for (asset, amount, gets) in assets {
                let (mut taken, mut given) = (0, 0);
                for (movement, sides) in movements.iter().zip(&self.sides) {
                    if movement.asset == asset {
                        if sides[1] == Some(number) && movement.to.is_some() {
                            taken += movement.amount;
                        }
                        if sides[0] == Some(number) && movement.from.is_some() {
                            given += movement.amount;
                        }
                    }
                }
                let (more, less) = if gets { (taken, given) } else { (given, taken) };
                let held: u128 = u128::checked_sub(more, less)?;
                if held > amount {
                    return None;
                }
                deal.held.insert(asset, held);
            }
        }
        Some(())
    }

    /// Again and again the first movement that nothing left must precede; where there is none, the first crossing.
    fn in_order(&self, movements: &[Movement]) -> Option<Vec<Step>> {
        let mut left: Vec<Step> = (0..movements.len()).map(Step::Move).collect();
        left.extend((0..self.deals.len()).map(Step::Cross));
        let mut steps = Vec::new();
        while !left.is_empty() {
            let next = left.iter().position(|step| {
                left.iter()
                    .all(|other| other == step || !self.precedes(movements, *other, *step))
            })?;
            steps.push(left.remove(next));
        }
        Some(steps)
    }

    /// Whether one step must come before another.
    fn precedes(&self, movements: &[Movement], first: Step, then: Step) -> bool {
        match (first, then) {
            (Step::Cross(_), Step::Cross(_)) => false,
            (Step::Move(a), Step::Cross(deal)) => {
                self.before_crossing(movements, a, deal) == Some(true)
            }
            (Step::Cross(deal), Step::Move(b)) => {
                self.before_crossing(movements, b, deal) == Some(false)
            }
            (Step::Move(a), Step::Move(b)) => {
                let deal = self.sides[b][0];
                let fills = deal.is_some_and(|deal| {
                    movements[a].asset == movements[b].asset
                        && self.sides[a][1] == Some(deal)
                        && self.sides[a][0] != Some(deal)
                        && self.deals[deal].gets.contains_key(&movements[b].asset)
                });
                let raw = |place: usize| {
                    let movement = &movements[place];
                    let held = [movement.debited(), movement.credited()];
                    let held = held.into_iter().zip(self.sides[place]);
                    held.filter_map(|(holding, deal)| holding.filter(|_| deal.is_none()))
                        .collect::<Vec<Holding>>()
                };
                let beside = raw(b);
                fills || (a < b && raw(a).iter().any(|holding| beside.contains(holding)))
            }
        }
    }

    /// Whether a movement comes before the crossing of a deal, after it, or neither.
    fn before_crossing(&self, movements: &[Movement], place: usize, number: usize) -> Option<bool> {
        let (deal, movement) = (&self.deals[number], &movements[place]);
        let [payer, payee] = self.sides[place];
        if payer == Some(number) {
            return Some(deal.gets.contains_key(&movement.asset));
        }
        if payee == Some(number) {
            return Some(true);
        }
        // What the deal's holdings do beside it.
        for (side, holding) in [movement.debited(), movement.credited()]
            .into_iter()
            .enumerate()
        {
            let Some((address, asset)) = holding.filter(|_| self.sides[place][side].is_none())
            else {
                continue;
            };
            let gets = deal.gets.contains_key(&asset);
            let is_its = address == deal.party && (gets || deal.gives.contains_key(&asset));
            let with_holding = |other: usize| {
                let other_movement = &movements[other];
                [&other_movement.from, &other_movement.to]
                    .into_iter()
                    .zip(self.sides[other])
                    .any(|(who, side)| {
                        side == Some(number)
                            && who.as_ref() == Some(&address)
                            && other_movement.asset == asset
                    })
            };
            let Some(pivot) = (0..movements.len()).find(|other| with_holding(*other)) else {
                continue;
            };
            if !is_its {
                continue;
            }
            let is_paid = side == 1;
            return Some(if is_paid != gets {
                is_paid
            } else {
                place < pivot
            });
        }
        None
    }

    /// Whether no holding of a deal is short on the way.
    fn bears_out(&self, movements: &[Movement], balances: &BTreeMap<Holding, u128>) -> bool {
        let mut balances = balances.clone();
        for step in &self.steps {
            match step {
                Step::Move(place) => {
                    let movement = &movements[*place];
                    let raw = |side: usize| self.sides[*place][side].is_none();
                    if let Some(holding) = movement.debited().filter(|_| raw(0)) {
                        if !self.concerns(&holding) {
                            // Only the holdings of deals are in question.
                        } else if !lower(&mut balances, holding, movement.amount) {
                            return false;
                        }
                    }
                    if let Some(holding) = movement.credited().filter(|_| raw(1)) {
                        *balances.entry(holding).or_default() += movement.amount;
                    }
                }
                Step::Cross(number) => {
                    let deal = &self.deals[*number];
                    for asset in deal.gives.keys() {
                        let holding = (deal.party.clone(), asset.clone());
                        if !lower(&mut balances, holding, deal.held[asset]) {
                            return false;
                        }
                    }
                    for asset in deal.gets.keys() {
                        let holding = (deal.party.clone(), asset.clone());
                        *balances.entry(holding).or_default() += deal.held[asset];
                    }
                }
            }
        }
        true
    }

    fn concerns(&self, (address, asset): &Holding) -> bool {
        self.deals.iter().any(|deal| {
            deal.party == *address
                && (deal.gets.contains_key(asset) || deal.gives.contains_key(asset))
        })
    }

    /// Backward: where the way of a movement ends, if it is part of a deal.
    pub(super) fn severed(&self, movement: &Movement, place: usize) -> Option<String> {
        let name =
            |address: &Option<String>| address.clone().unwrap_or_else(|| ZERO_ADDRESS.to_owned());
        match self.sides[place] {
            [Some(_), _] => Some(name(&movement.from)),
            [None, Some(_)] => Some(name(&movement.to)),
            [None, None] => None,
        }
    }
}

fn lower(balances: &mut BTreeMap<Holding, u128>, holding: Holding, amount: u128) -> bool {
    let balance = balances.entry(holding).or_default();
    match balance.checked_sub(amount) {
        Some(left) => {
            *balance = left;
            true
        }
        None => false,
    }
}
