//! Crossing: how taint goes from one asset to another where somebody exchanges them (law 11).
//!
//! A party that exchanges has a till per asset for the time of the transaction. What others pay in a deal goes
//! into its tills and comes out of them as what it gives, scaled; what the party gives out of its own holdings
//! comes back to its own holdings, scaled. So nobody's money stays with the one that exchanged it, and
//! that one's own money is not tainted by it.

use std::collections::BTreeMap;

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, Destination, HoldingIx, Leg, TxIx};

use super::reach::resize;
use super::{Awake, Driver, apply};
use crate::conversion::{Deal, Exchange, Found, Side, Step, find};
use crate::trace::bounds::Node;
use crate::trace::collect::{Arrival, Place, Why};
use crate::trace::kernel;
use crate::trace::policy::{Direction, Policy};
use crate::trace::result::EndpointKind;
use crate::trace::stop;
use crate::trace::taint::{OriginIx, Pieces, by_origin, clean, settle};

/// An exchange while its transaction is stepped.
pub(super) struct Running {
    pub(super) exchange: Exchange,
    tills: BTreeMap<(usize, AssetIx), Awake>,
    /// What the holdings of its deals have, in the order of its steps.
    balances: BTreeMap<HoldingIx, U256>,
    /// What went through: per asset in and out, whole and tainted.
    pub(super) through: BTreeMap<AssetIx, [Sum; 2]>,
    /// Tainted, per origin: in and out.
    pub(super) origins: BTreeMap<(OriginIx, AssetIx), [U256; 2]>,
    /// The first that anything went through, and its rule.
    pub(super) first: Option<(Option<AddressIx>, &'static str)>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) whole: U256,
    pub(super) tainted: U256,
}

/// An amount of one asset and what it is made of.
pub(super) struct Lot {
    pub(super) asset: AssetIx,
    pub(super) amount: U256,
    pub(super) pieces: Pieces<U256>,
}

impl Running {
    fn of(exchange: Exchange, balance: impl Fn(HoldingIx) -> U256) -> Self {
        let sides = exchange.deals.iter();
        let sides = sides.flat_map(|deal| deal.gets.iter().chain(&deal.gives));
        let holdings = sides.filter_map(|side| side.holding);
        Self {
            balances: holdings
                .map(|holding| (holding, balance(holding)))
                .collect(),
            exchange,
            tills: BTreeMap::new(),
            through: BTreeMap::new(),
            origins: BTreeMap::new(),
            first: None,
        }
    }
}

impl<V: AccountView> Driver<'_, V> {
    /// Looks for an exchange; the steps of a transaction, in the direction of the trace.
    pub(super) fn begin(&mut self, tx: TxIx) -> Vec<Step> {
        self.running = None;
        let legs = || (0..self.view.leg_count(tx)).map(Step::Leg);
        let found = find(self.view, tx);
        self.is_circular = matches!(found, Found::Circular);
        match (self.request.direction, found) {
            (Direction::Forward, Found::Exchange(exchange)) => {
                let steps = exchange.steps.clone();
                let balance = |holding| self.balance_before(holding, tx);
                self.running = Some(Running::of(exchange, balance));
                steps
            }
            (Direction::Backward, Found::Exchange(exchange)) => {
                let steps = legs().rev().collect();
                self.running = Some(Running::of(exchange, |_| U256::ZERO));
                steps
            }
            (Direction::Forward, _) => legs().collect(),
            (Direction::Backward, _) => legs().rev().collect(),
        }
    }

    /// The deals that a leg's payer and payee belong to, for a trace that follows them across.
    pub(super) fn deals_of(&self, number: u32) -> (Option<usize>, Option<usize>) {
        match (&self.running, self.request.direction) {
            (Some(running), Direction::Forward) => (
                running.exchange.payer(number),
                running.exchange.payee(number),
            ),
            _ => (None, None),
        }
    }

    /// Backward: where the way ends because this leg is part of a deal.
    pub(super) fn severed(&self, number: u32, leg: &Leg) -> Option<Place> {
        let running = self.running.as_ref()?;
        if self.request.direction == Direction::Forward {
            return None;
        }
        let exchange = &running.exchange;
        if exchange.payer(number).is_some() {
            return Some(leg.from.map_or(Place::Mint(leg.asset), Place::Holding));
        }
        exchange.payee(number)?;
        Some(match leg.to {
            Destination::Holding(holding) => Place::Holding(holding),
            Destination::Burn | Destination::Fee => Place::Burn(leg.asset),
        })
    }

    /// What a holding has at this step, where that is not told by the order of the legs.
    pub(super) fn balance_now(&self, holding: HoldingIx) -> Option<U256> {
        self.running.as_ref()?.balances.get(&holding).copied()
    }

    /// Keeps in mind what a leg beside a deal does to a holding of that deal.
    pub(super) fn change(&mut self, holding: Option<HoldingIx>, amount: U256, is_credit: bool) {
        let running = self.running.as_mut();
        let Some((balances, holding)) = running.map(|it| &mut it.balances).zip(holding) else {
            return;
        };
        if let Some(balance) = balances.get_mut(&holding) {
            *balance = if is_credit {
                balance.plus(amount)
            } else {
                balance.saturating_sub(amount)
            };
        }
    }

    /// Pays a leg out of a till.
    pub(super) fn pay_from_till(&mut self, deal: usize, leg: &Leg) -> Pieces<U256> {
        let policy = self.policy;
        let till = self.till(deal, leg.asset);
        till.balance = till.balance.minus(leg.amount);
        apply(policy, till, leg.amount)
    }

    /// How taint came into a till.
    pub(super) fn till_arrival(&self, deal: usize, asset: AssetIx) -> Option<&Arrival> {
        let till = self.running.as_ref()?.tills.get(&(deal, asset));
        till.map(|till| &till.arrival)
    }

    fn till(&mut self, deal: usize, asset: AssetIx) -> &mut Awake {
        let running = self
            .running
            .as_mut()
            .expect("a till belongs to an exchange");
        running.tills.entry((deal, asset)).or_default()
    }

    /// Puts a payment into a till; a service takes what is paid to it, and gives clean money back.
    pub(super) fn pay_into_till(
        &mut self,
        tx: TxIx,
        (deal, leg): (usize, &Leg),
        from: Option<HoldingIx>,
        (payment, paid, brought): (Pieces<U256>, Option<Node>, U256),
        (arrival, is_origin): (Arrival, bool),
    ) {
        let amount = self.amount(&payment);
        let place = match leg.to {
            Destination::Holding(holding) => Place::Holding(holding),
            Destination::Burn | Destination::Fee => Place::Burn(leg.asset),
        };
        let mut payment = payment;
        if !amount.is_zero() {
            self.record(tx, leg, from, place, (&payment, brought));
            let payer = leg.from.map(|payer| self.view.holding(payer).0);
            let stop = match place {
                Place::Holding(holding) if !is_origin => {
                    let address = self.view.holding(holding).0;
                    stop::at_service(self.view, self.request, address, tx).or_else(|| {
                        let payer = payer.into_iter();
                        stop::after_deposit(self.view, self.request, payer, tx)
                    })
                }
                _ => None,
            };
            if let Some((kind, why)) = stop {
                if let (Some(network), Some(paid)) = (&mut self.network, paid) {
                    network.drain_at(paid, place, kind, leg.amount, false);
                }
                let pieces = settle(payment);
                self.collector
                    .end(kind, place, &pieces, arrival.clone(), why);
                payment = clean(leg.amount, 0);
            } else {
                // What crosses is no flow of one asset any more.
                self.network = None;
            }
        }
        let policy = self.policy;
        let till = self.till(deal, leg.asset);
        till.add(policy, &payment, leg.amount);
        till.arrive(&arrival);
    }

    /// The crossing of one deal; the holdings awake after it.
    pub(super) fn cross(&mut self, tx: TxIx, number: usize) -> Vec<HoldingIx> {
        let running = self.running.as_ref().expect("a crossing has an exchange");
        let deal = running.exchange.deals[number].clone();
        self.cross_through(tx, number, &deal);
        self.cross_own(tx, &deal)
    }

    /// What others paid becomes what the party gives them.
    fn cross_through(&mut self, tx: TxIx, number: usize, deal: &Deal) {
        let policy = self.policy;
        let mut arrival: Option<Arrival> = None;
        let mut taken = Vec::with_capacity(deal.gets.len());
        for side in &deal.gets {
            let till = std::mem::take(self.till(number, side.asset));
            let amount = till.balance;
            let pieces = Pieces::from(till.pieces);
            if pieces.iter().any(|piece| piece.origin_ix.is_tainted()) {
                let hops = till.arrival.hops;
                let known = arrival.get_or_insert(till.arrival);
                known.hops = known.hops.min(hops);
            }
            taken.push(Lot {
                asset: side.asset,
                amount,
                pieces,
            });
        }
        let given = self.scaled(&taken, &deal.gives);
        for lot in &given {
            let till = self.till(number, lot.asset);
            till.add(policy, &lot.pieces, lot.amount);
            if let Some(arrival) = &arrival {
                till.arrive(arrival);
            }
        }
        if arrival.is_none() {
            return;
        }
        self.note_weights(tx, deal, &taken);
        let sums = |driver: &Self, lots: &[Lot]| -> Vec<(AssetIx, Sum)> {
            let sum = |lot: &Lot| Sum {
                whole: lot.amount,
                tainted: driver.amount(&lot.pieces),
            };
            lots.iter().map(|lot| (lot.asset, sum(lot))).collect()
        };
        let (ins, outs) = (sums(self, &taken), sums(self, &given));
        let running = self.running.as_mut().expect("a crossing has an exchange");
        running.first.get_or_insert((deal.address(), deal.rule));
        for (out, (lots, sums)) in [(&taken, ins), (&given, outs)].into_iter().enumerate() {
            for (asset, sum) in sums {
                let known = &mut running.through.entry(asset).or_default()[out];
                known.whole = known.whole.plus(sum.whole);
                known.tainted = known.tainted.plus(sum.tainted);
            }
            for lot in lots {
                for (origin_ix, amount) in by_origin(&lot.pieces) {
                    // What goes out of an asset is what was taken of it; what comes into one was given.
                    let sums = running.origins.entry((origin_ix, lot.asset)).or_default();
                    sums[1 - out] = sums[1 - out].plus(amount);
                }
            }
        }
        self.record_crossing(tx, deal, &given);
    }

    /// What the party gives of its own comes back to it as what it gets.
    fn cross_own(&mut self, tx: TxIx, deal: &Deal) -> Vec<HoldingIx> {
        let mut arrival: Option<Arrival> = None;
        let mut given = Vec::with_capacity(deal.gives.len());
        for side in &deal.gives {
            self.change(side.holding, side.held, false);
            let awake = side
                .holding
                .filter(|holding| self.awake.contains_key(holding));
            let mut pieces = match awake {
                Some(holding) => {
                    self.network = None;
                    self.debit(tx, holding, side.held).0
                }
                None => clean(side.held, 0),
            };
            if let Some(holding) = awake.filter(|_| !self.amount(&pieces).is_zero()) {
                arrival = Some(self.arrival(tx, Some(holding), false));
                self.note_origin_converts(tx, holding, &pieces);
            }
            pieces.extend(clean(side.amount.minus(side.held), 0));
            given.push(Lot {
                asset: side.asset,
                amount: side.amount,
                pieces,
            });
        }
        let taken = self.scaled(&given, &deal.gets);
        if arrival.is_some() {
            self.note_own(tx, deal, (&given, &taken));
        }
        let mut touched: Vec<HoldingIx> =
            deal.gives.iter().filter_map(|side| side.holding).collect();
        for (side, lot) in deal.gets.iter().zip(taken) {
            touched.extend(side.holding);
            self.take_own(tx, side, lot, arrival.clone().unwrap_or_default());
        }
        touched.retain(|holding| self.awake.contains_key(holding));
        touched
    }

    /// Brings what a party got to its holding; what is destroyed has none.
    fn take_own(&mut self, tx: TxIx, side: &Side, lot: Lot, arrival: Arrival) {
        let mut whole = Awake {
            balance: lot.amount,
            pieces: lot.pieces.into(),
            ..Awake::default()
        };
        let held = match self.policy {
            Policy::Poison => resize(whole.pieces.make_contiguous(), side.held),
            _ => kernel::take_oldest(&mut whole.pieces, side.held),
        };
        let mut rest = Pieces::from(whole.pieces);
        if self.policy == Policy::Poison {
            rest = resize(&rest, side.amount.minus(side.held));
        }
        if rest
            .iter()
            .any(|piece| piece.origin_ix.is_tainted() && !piece.amount.is_zero())
        {
            let why = Why::inference("redeemed");
            let place = Place::Burn(side.asset);
            self.collector
                .end(EndpointKind::Unresolved, place, &rest, arrival.clone(), why);
        }
        let Some(holding) = side.holding else { return };
        let mut pieces = held;
        let mut node = None;
        if self.request.window.holds(self.view.time(tx)) {
            let plan = self.plan;
            for origin_ix in plan.holdings.get(&holding).into_iter().flatten() {
                self.network = None;
                self.claim(
                    *origin_ix,
                    holding,
                    &mut pieces,
                    side.held,
                    (Some(tx), &mut node),
                );
            }
        }
        if !self.amount(&pieces).is_zero() {
            let before = self.balance_now(holding).unwrap_or_default();
            self.wake(
                holding,
                before,
                Arrival {
                    tx: Some(tx),
                    ..arrival
                },
            );
            self.note_tie(tx, holding);
        }
        self.append(Some(holding), pieces, side.held, None);
        self.change(Some(holding), side.held, true);
    }

    /// What lots become as amounts of other assets: each of these inherits their pieces in order, each lot with
    /// the same weight, scaled, by largest remainder.
    fn scaled(&self, lots: &[Lot], sides: &[Side]) -> Vec<Lot> {
        let one = |side: &Side| {
            let pieces = if self.policy == Policy::Poison {
                let all: Pieces<U256> = lots.iter().flat_map(|lot| lot.pieces.clone()).collect();
                resize(&all, side.amount)
            } else {
                let equal = vec![U256::ONE; lots.len()];
                let parts = kernel::shares(side.amount, &equal);
                let lots = lots.iter().zip(parts);
                lots.flat_map(|(lot, part)| kernel::scale(&self.as_segments(lot), part))
                    .collect()
            };
            Lot {
                asset: side.asset,
                amount: side.amount,
                pieces,
            }
        };
        sides.iter().map(one).collect()
    }

    /// The segments of a lot: neighbours of one origin are one; under haircut, which knows no order, one per origin.
    fn as_segments(&self, lot: &Lot) -> Pieces<U256> {
        let mut pieces = lot.pieces.clone();
        if self.policy == Policy::Haircut {
            pieces.sort_by_key(|piece| piece.origin_ix);
        }
        settle(pieces)
    }
}
