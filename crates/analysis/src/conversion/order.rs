//! In which order the legs and the crossings of a transaction take effect.
//!
//! Contracts pay before they are paid, and legs of different assets have no common order. What follows from what
//! is known, though: a crossing comes after all that it takes and before all that it gives, and the legs of one
//! holding keep their order.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::view::{AccountView, AssetIx, Destination, HoldingIx, Leg, TxIx};

use super::deals::Sides;
use super::parties::{Move, Stage};
use super::{Deal, Step};

/// What must come before what: legs by their places, then crossings, then one point per deal and asset it gets
/// at which all of that asset has come in.
struct Rules {
    after: Vec<Vec<usize>>,
    before: Vec<usize>,
}

impl Rules {
    fn add(&mut self, first: usize, then: usize) {
        self.after[first].push(then);
        self.before[then] += 1;
    }

    fn point(&mut self) -> usize {
        self.after.push(Vec::new());
        self.before.push(0);
        self.after.len() - 1
    }
}

/// The steps of a transaction in order; nothing where they go round in a circle, or where a holding would
/// have to pay before it is paid.
pub(super) fn of<V: AccountView>(
    view: &V,
    tx: TxIx,
    stage: &Stage,
    deals: &[Deal],
    sides: &Sides,
) -> Option<Vec<Step>> {
    let legs: Vec<Leg> = view.legs(tx).collect();
    let count = legs.len() + deals.len();
    let mut rules = Rules {
        after: vec![Vec::new(); count],
        before: vec![0; count],
    };
    let pivots = of_deals(&mut rules, stage, deals, sides);
    of_holdings(&mut rules, &legs, deals, sides, &pivots);
    let steps = sort(rules, legs.len(), deals.len())?;
    balances_hold(view, tx, &legs, deals, sides, &steps).then_some(steps)
}

/// The legs that deals take from or pay by; the first leg of each deal and asset.
fn of_deals(
    rules: &mut Rules,
    stage: &Stage,
    deals: &[Deal],
    sides: &Sides,
) -> BTreeMap<HoldingIx, usize> {
    let crossing = |number: usize| stage.leg_count + number;
    let mut points: BTreeMap<(usize, AssetIx), usize> = BTreeMap::new();
    for (number, deal) in deals.iter().enumerate() {
        for side in &deal.gets {
            points.insert((number, side.asset), rules.point());
        }
    }
    let mut pivots = BTreeMap::new();
    for Move {
        leg,
        asset,
        holdings,
        ..
    } in &stage.moves
    {
        let [payer, payee] = sides[*leg];
        for (side, deal) in [payer, payee].into_iter().enumerate() {
            if let (Some(_), Some(holding)) = (deal, holdings[side]) {
                pivots.entry(holding).or_insert(*leg);
            }
        }
        if let Some(number) = payee.filter(|_| payer != payee) {
            rules.add(*leg, crossing(number));
            if let Some(point) = points.get(&(number, *asset)) {
                rules.add(*leg, *point);
            }
        }
        if let Some(number) = payer {
            match points.get(&(number, *asset)) {
                Some(point) => {
                    rules.add(*point, *leg);
                    rules.add(*leg, crossing(number));
                }
                None => rules.add(crossing(number), *leg),
            }
        }
    }
    pivots
}

/// Everything else that holdings do, in its own order, and round the crossings of what they hold.
fn of_holdings(
    rules: &mut Rules,
    legs: &[Leg],
    deals: &[Deal],
    sides: &Sides,
    pivots: &BTreeMap<HoldingIx, usize>,
) {
    let mut owners: BTreeMap<HoldingIx, (usize, bool)> = BTreeMap::new();
    for (number, deal) in deals.iter().enumerate() {
        let gets = deal.gets.iter().map(|side| (side, true));
        for (side, gets) in gets.chain(deal.gives.iter().map(|side| (side, false))) {
            if let Some(holding) = side.holding {
                owners.insert(holding, (legs.len() + number, gets));
            }
        }
    }
    let mut last: BTreeMap<HoldingIx, usize> = BTreeMap::new();
    for (place, leg) in legs.iter().enumerate() {
        for (side, holding) in holdings_of(leg).into_iter().enumerate() {
            let Some(holding) = holding.filter(|_| sides[place][side].is_none()) else {
                continue;
            };
            if let Some(before) = last.insert(holding, place) {
                rules.add(before, place);
            }
            let Some((crossing, gets)) = owners.get(&holding) else {
                continue;
            };
            let early = pivots.get(&holding).is_some_and(|pivot| place < *pivot);
            let (is_paid, gets) = (side == 1, *gets);
            // What comes in beside a deal can be given in it, and what is got in it can go out beside it.
            if (is_paid && !gets) || (is_paid == gets && early) {
                rules.add(place, *crossing);
            } else {
                rules.add(*crossing, place);
            }
        }
    }
}

fn holdings_of(leg: &Leg) -> [Option<HoldingIx>; 2] {
    let to = match leg.to {
        Destination::Holding(holding) => Some(holding),
        Destination::Burn | Destination::Fee => None,
    };
    [leg.from, to]
}

/// Kahn (1962): of what may come next the first leg, and a crossing only where no leg may.
fn sort(mut rules: Rules, legs: usize, deals: usize) -> Option<Vec<Step>> {
    let open = (0..rules.before.len()).filter(|node| rules.before[*node] == 0);
    // A point is nothing of its own, and passed at once.
    let key = |node: usize| (node < legs + deals, node);
    let mut ready: BTreeSet<(bool, usize)> = open.map(key).collect();
    let mut steps = Vec::with_capacity(legs + deals);
    let mut done = 0;
    while let Some((_, node)) = ready.pop_first() {
        done += 1;
        if node < legs {
            steps.push(Step::Leg(
                u32::try_from(node).expect("fewer than 2^32 legs"),
            ));
        } else if node < legs + deals {
            steps.push(Step::Cross(node - legs));
        }
        for then in std::mem::take(&mut rules.after[node]) {
            rules.before[then] -= 1;
            if rules.before[then] == 0 {
                ready.insert(key(then));
            }
        }
    }
    (done == rules.before.len()).then_some(steps)
}

/// Whether no holding of a deal falls below zero on the way.
fn balances_hold<V: AccountView>(
    view: &V,
    tx: TxIx,
    legs: &[Leg],
    deals: &[Deal],
    sides: &Sides,
    steps: &[Step],
) -> bool {
    let mut balances: BTreeMap<HoldingIx, U256> = BTreeMap::new();
    let mut change = |holding: HoldingIx, amount: U256, is_credit: bool| {
        let balance = balances.entry(holding).or_insert_with(|| {
            let before = view.movements_before(holding, |at| at.tx < tx);
            view.balance_after(holding, before)
        });
        let after = if is_credit {
            Some(balance.plus(amount))
        } else {
            balance.checked_sub(amount)
        };
        after.map(|after| *balance = after).is_some()
    };
    steps.iter().all(|step| match step {
        Step::Leg(place) => {
            let place = usize::try_from(*place).expect("a leg's place fits memory");
            let leg = &legs[place];
            let [from, to] = holdings_of(leg);
            let raw = |side: usize| sides[place][side].is_none();
            from.filter(|_| raw(0))
                .is_none_or(|holding| change(holding, leg.amount, false))
                && to
                    .filter(|_| raw(1))
                    .is_none_or(|holding| change(holding, leg.amount, true))
        }
        Step::Cross(number) => {
            let deal = &deals[*number];
            let mut given = deal.gives.iter();
            let given = given.all(|side| {
                side.holding
                    .is_none_or(|holding| change(holding, side.held, false))
            });
            let mut taken = deal.gets.iter();
            given
                && taken.all(|side| {
                    side.holding
                        .is_none_or(|holding| change(holding, side.held, true))
                })
        }
    })
}
