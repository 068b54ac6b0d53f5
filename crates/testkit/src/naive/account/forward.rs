//! Forward over a table of transfers, front to back (laws 2, 3, 4, 6, 8, 10 and 12).
//!
//! Every holding is kept as a list of segments from its opening to the end, tainted or not.

use super::exchange::{Deal, Exchange};
use super::movement::{self, Movement};
use super::{Ledger, NaiveTable, Origin, Step, ZERO_ADDRESS};
use crate::naive::money::{Label, Money};
use crate::naive::{Kind, Policy};
use std::collections::{BTreeMap, BTreeSet};

/// Walks the table.
pub(super) fn run(table: &NaiveTable, origins: &[Origin], policy: Policy, ledger: &mut Ledger) {
    let movements = movement::all(table);
    let mut holdings = BTreeMap::new();
    for ((address, asset), amount) in movement::openings(&movements) {
        // Law 6: one segment, unknown, the oldest.
        let mut money = Money::new(policy, Label::Unknown, amount);
        for (label, origin) in origins.iter().enumerate() {
            if *origin == Origin::Address(address.clone()) {
                ledger.claim(label, &asset, money.claim(label));
            }
        }
        if table.services.contains(&address) {
            money = stop(&money, &address, &asset, policy, ledger);
        }
        holdings.insert((address, asset), money);
    }
    let mut walk = Walk {
        policy,
        origins,
        services: &table.services,
        holdings,
        ledger,
    };
    let severed = movement::severed(&movements);
    for (start, (count, exchange)) in movement::exchanges(&movements) {
        if policy == Policy::Poison && movements[start].unordered {
            let (services, holdings) = (&table.services, &mut walk.holdings);
            reach_over(&movements, start, services, &severed, holdings);
        }
        let its = &movements[start..start + count];
        match exchange {
            Some(exchange) => walk.exchange(its, &exchange),
            None => its.iter().for_each(|movement| {
                let money = walk.paid(movement);
                walk.receive(movement, money);
            }),
        }
    }
    let holdings = walk.holdings;
    for ((address, asset), money) in &holdings {
        ledger.end_all(Kind::Held, address, asset, &money.taint());
    }
}

/// The walk at some moment.
struct Walk<'a> {
    policy: Policy,
    origins: &'a [Origin],
    services: &'a BTreeSet<String>,
    holdings: BTreeMap<movement::Holding, Money>,
    ledger: &'a mut Ledger,
}

impl Walk<'_> {
    /// Takes what a movement moves out of where it comes from.
    fn paid(&mut self, movement: &Movement) -> Money {
        match movement.debited() {
            Some(holding) => self
                .holdings
                .get_mut(&holding)
                .expect("the opening lets every debit pass")
                .take(self.policy, movement.amount),
            // Law 10: what the zero address sends is clean.
            None => Money::new(self.policy, Label::Clean, movement.amount),
        }
    }

    /// Brings what a movement moves to where it goes.
    fn receive(&mut self, movement: &Movement, mut money: Money) {
        claim(&mut money, movement, self.origins, self.ledger);
        match movement.credited() {
            Some((address, asset)) => {
                if self.services.contains(&address) {
                    money = stop(&money, &address, &asset, self.policy, self.ledger);
                }
                let none = || Money::none(self.policy);
                let holding = self.holdings.entry((address, asset));
                holding.or_insert_with(none).append(money);
            }
            None if movement.leg.is_none() => {
                let taint = money.taint();
                self.ledger
                    .end_all(Kind::Fee, &movement.txid, &movement.asset, &taint);
            }
            None => {
                let taint = money.taint();
                self.ledger
                    .end_all(Kind::Burn, ZERO_ADDRESS, &movement.asset, &taint);
            }
        }
    }

    /// Law 11: a transaction in which somebody exchanges.
    fn exchange(&mut self, movements: &[Movement], exchange: &Exchange) {
        let mut tills: BTreeMap<(usize, String), Money> = BTreeMap::new();
        // Per origin and asset what came in and what went out by passing through.
        let mut through: BTreeMap<(usize, String), (u128, u128)> = BTreeMap::new();
        for step in &exchange.steps {
            match step {
                Step::Move(place) => {
                    let movement = &movements[*place];
                    let [payer, payee] = exchange.sides[*place];
                    let till = payer.map(|deal| (deal, movement.asset.clone()));
                    let money = match till {
                        Some(key) => tills
                            .get_mut(&key)
                            .expect("a till is filled before it pays")
                            .take(self.policy, movement.amount),
                        None => self.paid(movement),
                    };
                    match payee {
                        Some(deal) => {
                            let money = self.fill_till(movement, money);
                            let none = || Money::none(self.policy);
                            let till = tills.entry((deal, movement.asset.clone()));
                            till.or_insert_with(none).append(money);
                        }
                        None if payer.is_some() && movement.to.is_none() => {
                            self.redeem(movement, money);
                        }
                        None => self.receive(movement, money),
                    }
                }
                Step::Cross(number) => {
                    let deal = &exchange.deals[*number];
                    self.cross_through(*number, deal, &mut tills, &mut through);
                    self.cross_own(deal);
                }
            }
        }
        for (key, (came, went)) in through {
            let both = (came.saturating_sub(went), went.saturating_sub(came));
            self.convert(key, both);
        }
    }

    /// A payment into a till: claimed by transfers and transactions only; a service keeps it.
    fn fill_till(&mut self, movement: &Movement, mut money: Money) -> Money {
        for (label, origin) in self.origins.iter().enumerate() {
            let by_leg = !matches!(origin, Origin::Address(_));
            if by_leg && movement.is_named_by(origin) {
                self.ledger
                    .claim(label, &movement.asset, money.claim(label));
            }
        }
        match &movement.to {
            Some(address) if self.services.contains(address) => {
                stop(&money, address, &movement.asset, self.policy, self.ledger)
            }
            _ => money,
        }
    }

    /// A share in something that was destroyed for what others' money came out.
    fn redeem(&mut self, movement: &Movement, mut money: Money) {
        claim(&mut money, movement, self.origins, self.ledger);
        let taint = money.taint();
        self.ledger
            .end_all(Kind::Unresolved, ZERO_ADDRESS, &movement.asset, &taint);
    }

    fn cross_through(
        &mut self,
        number: usize,
        deal: &Deal,
        tills: &mut BTreeMap<(usize, String), Money>,
        through: &mut BTreeMap<(usize, String), (u128, u128)>,
    ) {
        let mut lots = Vec::new();
        for asset in deal.gets.keys() {
            let till = tills.remove(&(number, asset.clone()));
            let lot = till.unwrap_or_else(|| Money::none(self.policy));
            for (label, amount) in lot.taint() {
                through.entry((label, asset.clone())).or_default().1 += amount;
            }
            lots.push(lot);
        }
        for (asset, amount) in &deal.gives {
            let money = Money::crossed(self.policy, &lots, *amount);
            for (label, amount) in money.taint() {
                through.entry((label, asset.clone())).or_default().0 += amount;
            }
            let none = || Money::none(self.policy);
            let till = tills.entry((number, asset.clone()));
            till.or_insert_with(none).append(money);
        }
    }

    fn cross_own(&mut self, deal: &Deal) {
        let mut lots = Vec::new();
        for (asset, amount) in &deal.gives {
            let held = deal.held[asset];
            let holding = self.holdings.get_mut(&(deal.party.clone(), asset.clone()));
            let mut lot = match holding.filter(|_| held > 0) {
                Some(holding) => holding.take(self.policy, held),
                None => Money::none(self.policy),
            };
            lot.append(Money::new(self.policy, Label::Clean, amount - held));
            for (label, amount) in lot.taint() {
                self.convert((label, asset.clone()), (0, amount));
            }
            lots.push(lot);
        }
        for (asset, amount) in &deal.gets {
            let mut money = Money::crossed(self.policy, &lots, *amount);
            for (label, amount) in money.taint() {
                self.convert((label, asset.clone()), (amount, 0));
            }
            let mut held = money.front(deal.held[asset]);
            let taint = money.taint();
            self.ledger
                .end_all(Kind::Unresolved, ZERO_ADDRESS, asset, &taint);
            for (label, origin) in self.origins.iter().enumerate() {
                if *origin == Origin::Address(deal.party.clone()) {
                    self.ledger.claim(label, asset, held.claim(label));
                }
            }
            if held.amount() > 0 {
                let none = || Money::none(self.policy);
                let holding = (deal.party.clone(), asset.clone());
                self.holdings
                    .entry(holding)
                    .or_insert_with(none)
                    .append(held);
            }
        }
    }

    fn convert(&mut self, key: (usize, String), (came, went): (u128, u128)) {
        if self.policy != Policy::Poison && came + went > 0 {
            let sums = self.ledger.converted.entry(key).or_default();
            *sums = (sums.0 + came, sums.1 + went);
        }
    }
}

/// Law 5 for poison: what reached holdings pay in this transaction is reached, whatever the order of legs.
fn reach_over(
    movements: &[Movement],
    start: usize,
    services: &BTreeSet<String>,
    severed: &[Option<String>],
    holdings: &mut BTreeMap<movement::Holding, Money>,
) {
    let labels = |money: &Money| match money {
        Money::Reached { labels, .. } => labels.clone(),
        Money::Segments(_) => BTreeSet::new(),
    };
    let mut reached = holdings
        .iter()
        .map(|(holding, money)| (holding.clone(), labels(money)))
        .collect();
    let is_paid = |movement: &Movement| movement.credited();
    movement::reach_over(
        movements,
        start,
        Movement::debited,
        is_paid,
        severed,
        &mut reached,
    );
    for (holding, labels) in reached
        .into_iter()
        .filter(|(holding, _)| !services.contains(&holding.0))
    {
        let money = holdings
            .entry(holding)
            .or_insert_with(|| Money::none(Policy::Poison));
        if let Money::Reached { labels: known, .. } = money {
            known.extend(labels);
        }
    }
}

/// The first origin that names a movement claims what is not labelled yet (law 1).
fn claim(money: &mut Money, movement: &Movement, origins: &[Origin], ledger: &mut Ledger) {
    for (label, origin) in origins.iter().enumerate() {
        if movement.is_named_by(origin) {
            ledger.claim(label, &movement.asset, money.claim(label));
        }
    }
}

/// A service: the trace ends here, and what it pays out is nobody's any more (law 12).
fn stop(money: &Money, address: &str, asset: &str, policy: Policy, ledger: &mut Ledger) -> Money {
    ledger.end_all(Kind::Service, address, asset, &money.taint());
    Money::new(policy, Label::Clean, money.amount())
}
