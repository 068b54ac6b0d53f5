//! The account driver: follows taint through the holdings of an account chain.
//!
//! A queue of transactions in chain order; each is stepped leg by leg. A holding wakes at its first
//! tainted moment with the balance it has then, and from there on every movement of it is stepped,
//! clean ones too, for they change what a later debit takes. Backward, the same steps run from the last
//! leg to the first with the sides of each leg swapped: FIFO stays FIFO and LIFO stays LIFO, so both
//! directions tell the same story (law 15).

mod awake;
mod balance;
mod claim;
mod end;
mod exchange;
mod plan;
mod reach;
mod told;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::view::{AccountView, AssetIx, Destination, HoldingIx, Leg, Posting, TxIx};

use awake::{Awake, apply};
use exchange::Running;
use plan::Plan;

use crate::conversion::Step;
use crate::trace::bounds::{Network, Node};
use crate::trace::collect::{Arrival, Collector, Place, RawEdge};
use crate::trace::origins::Limits;
use crate::trace::policy::{Direction, Policy};
use crate::trace::render;
use crate::trace::request::{Request, TraceError};
use crate::trace::result::{Basis, Trace};
use crate::trace::stop;
use crate::trace::taint::{self, Piece, Pieces, clean, settle};

/// Traces over an account chain.
///
/// # Errors
/// [`TraceError`] where an origin is not in the view, or the policy has no such direction.
pub fn trace_accounts<V: AccountView>(view: &V, request: &Request) -> Result<Trace, TraceError> {
    if request.policy == Policy::Tiho && request.direction == Direction::Backward {
        return Err(TraceError::TihoBackward);
    }
    let plan = Plan::of(view, request)?;
    let mut collector = Driver::new(view, request, request.policy, &plan, None)
        .run()
        .0;
    let network = crate::trace::bounds::applies(request).then(|| {
        let driver = Driver::new(view, request, Policy::Poison, &plan, Some(Network::new()));
        driver.run().1
    });
    let network = network.flatten();
    if network.is_none() {
        // What any policy could bring across is what poison reaches of it.
        let reach = Driver::new(view, request, Policy::Poison, &plan, None);
        collector.convertible = reach.run().0.convertible;
    }
    if collector.claimed.is_empty() {
        let what = request
            .origins
            .first()
            .map_or_else(String::new, |origin| origin.what.clone());
        return Err(TraceError::NothingToTrace { what });
    }
    Ok(render::accounts(
        view,
        request,
        &collector,
        network.as_ref(),
    ))
}

struct Driver<'a, V> {
    view: &'a V,
    request: &'a Request,
    policy: Policy,
    plan: &'a Plan,
    limits: Limits,
    awake: BTreeMap<HoldingIx, Awake>,
    queue: BTreeSet<TxIx>,
    collector: Collector<U256>,
    network: Option<Network<U256>>,
    /// The exchange of the transaction that is being stepped.
    running: Option<Running>,
    /// Whether that transaction has exchanges that no order explains.
    is_circular: bool,
}

impl<'a, V: AccountView> Driver<'a, V> {
    fn new(
        view: &'a V,
        request: &'a Request,
        policy: Policy,
        plan: &'a Plan,
        network: Option<Network<U256>>,
    ) -> Self {
        Self {
            view,
            request,
            policy,
            plan,
            limits: Limits::of(request),
            awake: BTreeMap::new(),
            queue: plan
                .transactions
                .iter()
                .copied()
                .filter(|tx| !stop::is_out_of_time(view, request, *tx))
                .collect(),
            collector: Collector::new(policy == Policy::Poison),
            network,
            running: None,
            is_circular: false,
        }
    }

    fn run(mut self) -> (Collector<U256>, Option<Network<U256>>) {
        while let Some(tx) = self.next() {
            self.enter(Some(tx));
            self.step(tx);
            if self.network.as_ref().is_some_and(Network::is_too_large) {
                return (self.collector, None);
            }
        }
        self.enter_late();
        let left_out = render::left_out(self.view, &self.plan.left_out);
        self.collector.caveats.extend(left_out);
        self.finish();
        (self.collector, self.network)
    }

    fn next(&mut self) -> Option<TxIx> {
        match self.request.direction {
            Direction::Forward => self.queue.pop_first(),
            Direction::Backward => self.queue.pop_last(),
        }
    }

    fn step(&mut self, tx: TxIx) {
        let view = self.view;
        let steps = self.begin(tx);
        if self.policy == Policy::Poison && !view.legs_are_ordered(tx) {
            self.reach_within(tx);
        }
        let mut touched = BTreeSet::new();
        for step in steps {
            match step {
                Step::Leg(place) => touched.extend(self.leg(tx, place, &view.leg(tx, place))),
                Step::Cross(deal) => touched.extend(self.cross(tx, deal)),
            }
        }
        self.conclude(tx);
        for holding in touched {
            self.schedule(holding, tx);
        }
    }

    /// One movement; the holdings awake after it.
    fn leg(&mut self, tx: TxIx, number: u32, leg: &Leg) -> Vec<HoldingIx> {
        let (debit, credit) = self.sides(leg);
        let (payer_deal, payee_deal) = self.deals_of(number);
        let from = debit.filter(|holding| payer_deal.is_none() && self.awake.contains_key(holding));
        let (mut payment, mut paid) = match (payer_deal, from) {
            (Some(deal), _) => {
                let paid = self.network.as_mut().map(Network::node);
                (self.pay_from_till(deal, leg), paid)
            }
            (None, Some(holding)) => self.debit(tx, holding, leg.amount),
            (None, None) => (
                clean(leg.amount, 0),
                self.network.as_mut().map(Network::node),
            ),
        };
        if payer_deal.is_none() {
            self.change(debit, leg.amount, false);
        }
        // What came here tainted, before any claim.
        let brought = self.amount(&payment);
        // The receiver's money is claimed, in whichever direction the trace passes the leg.
        let receiver = if self.request.direction == Direction::Forward {
            credit
        } else {
            debit
        };
        // What a deal brings to a holding is claimed when it crosses.
        let claimable = receiver.filter(|_| payee_deal.is_none());
        let origin_ixs = self.claims_on(tx, number, claimable);
        // Whether a claim found anything to take depends on the policy; where a trace starts does not.
        let is_origin = !origin_ixs.is_empty();
        if self.plan.legs.contains_key(&(tx, number)) {
            let payer = leg.from.map(|payer| self.view.holding(payer).0);
            self.collector.met.extend(payer);
        }
        for origin_ix in origin_ixs {
            let holding = receiver
                .or(leg.from)
                .expect("a leg has a holding on one side");
            self.claim(
                origin_ix,
                holding,
                &mut payment,
                leg.amount,
                (Some(tx), &mut paid),
            );
        }
        let till = payer_deal.map(|deal| (deal, leg.asset));
        let arrival = self.arrival_by(tx, (from, till), is_origin);
        match payee_deal {
            Some(deal) => self.pay_into_till(
                tx,
                (deal, leg),
                from,
                (payment, paid, brought),
                (arrival, is_origin),
            ),
            None => {
                let place = Posting { tx, leg: number };
                let money = (payment, paid, brought);
                self.credit(place, leg, (from, credit), money, (arrival, is_origin));
                self.change(credit, leg.amount, true);
            }
        }
        [from, credit]
            .into_iter()
            .flatten()
            .filter(|holding| self.awake.contains_key(holding))
            .collect()
    }

    /// Who pays and who is paid, in the direction of the trace.
    fn sides(&self, leg: &Leg) -> (Option<HoldingIx>, Option<HoldingIx>) {
        let to = match leg.to {
            Destination::Holding(holding) => Some(holding),
            Destination::Burn | Destination::Fee => None,
        };
        match self.request.direction {
            Direction::Forward => (leg.from, to),
            Direction::Backward => (to, leg.from),
        }
    }

    /// Takes a payment out of an awake holding by the policy in force.
    fn debit(
        &mut self,
        tx: TxIx,
        holding: HoldingIx,
        amount: U256,
    ) -> (Pieces<U256>, Option<Node>) {
        self.note_tie(tx, holding);
        let open = self.is_open(holding);
        let awake = self
            .awake
            .get_mut(&holding)
            .expect("only awake holdings are debited here");
        awake.balance = awake.balance.minus(amount);
        let payment = apply(self.policy, awake, amount);
        let paid = match (&mut self.network, awake.node) {
            (Some(network), Some(node)) => {
                let (paid, kept) = (network.node(), network.node());
                network.edge(node, paid, amount, false);
                network.edge(node, kept, awake.balance, open);
                awake.node = Some(kept);
                Some(paid)
            }
            _ => None,
        };
        (payment, paid)
    }

    /// Whether more than the known balance may lie in a holding, because its beginning is unknown.
    fn is_open(&self, holding: HoldingIx) -> bool {
        // An opening that is claimed whole is no unknown any more.
        let origin_ixs = self.plan.holdings.get(&holding).into_iter().flatten();
        let is_claimed = self.request.window.since.is_none()
            && origin_ixs
                .into_iter()
                .any(|origin_ix| self.limits.is_unlimited(*origin_ix));
        !self.view.opening(holding).is_zero() && !is_claimed
    }

    /// Brings a payment to where it goes: a holding, or an end.
    fn credit(
        &mut self,
        at: Posting,
        leg: &Leg,
        (from, credit): (Option<HoldingIx>, Option<HoldingIx>),
        (payment, paid, brought): (Pieces<U256>, Option<Node>, U256),
        (arrival, is_origin): (Arrival, bool),
    ) {
        let tx = at.tx;
        let amount = self.amount(&payment);
        // Forward, an origin starts at the receiver, and is not stopped there; backward, it comes from the payer.
        let is_origin = is_origin && self.request.direction == Direction::Forward;
        let place = self
            .severed(at.leg, leg)
            .or(credit.map(Place::Holding))
            .unwrap_or_else(|| self.outside(tx, leg));
        let end = self.end_of(place, at, (amount, &arrival), is_origin, leg);
        if !amount.is_zero() {
            self.record(tx, leg, from, place, (&payment, brought));
        }
        if let Some((kind, why)) = end {
            if let Some(holding) = credit.filter(|_| !amount.is_zero()) {
                self.collector.met.insert(self.view.holding(holding).0);
            }
            if !amount.is_zero() {
                if let (Some(network), Some(paid)) = (&mut self.network, paid) {
                    network.drain_at(paid, place, kind, leg.amount, false);
                }
                self.collector
                    .end(kind, place, &settle(payment), arrival, why);
            }
            // The holding keeps its balance: what ended here is no longer followed, but it is there.
            self.append(credit, clean(leg.amount, 0), leg.amount, None);
            return;
        }
        let Some(holding) = credit else { return };
        if !amount.is_zero() {
            let before = self
                .balance_now(holding)
                .filter(|_| self.request.direction == Direction::Forward)
                .unwrap_or_else(|| self.balance_before_leg(holding, at));
            self.wake(holding, before, arrival);
            self.note_tie(tx, holding);
        }
        self.append(credit, payment, leg.amount, paid);
    }

    /// Appends a payment to a holding, if it is awake.
    fn append(
        &mut self,
        holding: Option<HoldingIx>,
        payment: Pieces<U256>,
        amount: U256,
        paid: Option<Node>,
    ) {
        let Some(holding) = holding else { return };
        let policy = self.policy;
        let open = self.is_open(holding);
        let Some(awake) = self.awake.get_mut(&holding) else {
            return;
        };
        let before = awake.balance;
        awake.add(policy, &payment, amount);
        if let (Some(network), Some(node)) = (&mut self.network, awake.node) {
            let next = network.node();
            network.edge(node, next, before, open);
            if let Some(paid) = paid {
                network.edge(paid, next, amount, false);
            }
            awake.node = Some(next);
        }
    }

    /// Wakes a holding with the balance it has at this moment.
    fn wake(&mut self, holding: HoldingIx, balance: U256, arrival: Arrival) {
        if let Some(awake) = self.awake.get_mut(&holding) {
            awake.arrival.tx = arrival.tx.or(awake.arrival.tx);
            awake.arrival.hops = awake.arrival.hops.min(arrival.hops);
            return;
        }
        let node = self.network.as_mut().map(Network::node);
        let pieces = match self.policy {
            Policy::Poison => VecDeque::new(),
            _ => clean(balance, 0).into(),
        };
        self.awake.insert(
            holding,
            Awake {
                pieces,
                balance,
                arrival,
                node,
            },
        );
    }

    fn arrival(&self, tx: TxIx, from: Option<HoldingIx>, is_origin: bool) -> Arrival {
        self.arrival_by(tx, (from, None), is_origin)
    }

    /// How what a holding or a till pays comes to where it is paid.
    fn arrival_by(
        &self,
        tx: TxIx,
        (from, till): (Option<HoldingIx>, Option<(usize, AssetIx)>),
        is_origin: bool,
    ) -> Arrival {
        let till = till.and_then(|(deal, asset)| self.till_arrival(deal, asset));
        if let Some(till) = till.filter(|_| !is_origin) {
            return Arrival {
                tx: Some(tx),
                ..till.clone()
            };
        }
        let hops = match from.and_then(|holding| self.awake.get(&holding)) {
            Some(awake) if !is_origin => awake.arrival.hops + 1,
            _ => u32::from(self.request.direction == Direction::Backward),
        };
        let deposit = from.map(|holding| self.view.holding(holding).0);
        let known = &self.request.knowledge;
        let at = self.view.time(tx);
        let via = deposit.filter(|address| {
            let address = self.view.address(*address);
            known.deposit(address.as_ref(), at).is_some()
        });
        Arrival {
            tx: Some(tx),
            hops,
            via: via.into_iter().collect(),
        }
    }

    fn record(
        &mut self,
        tx: TxIx,
        leg: &Leg,
        from: Option<HoldingIx>,
        to: Place,
        (payment, brought): (&[Piece<U256>], U256),
    ) {
        let amount = self.amount(payment);
        let source = from
            .map(Place::Holding)
            .unwrap_or_else(|| self.near_side(leg));
        if !brought.is_zero() {
            self.collector.flow(tx, false, leg.asset, source, brought);
        }
        self.collector.flow(tx, true, leg.asset, to, amount);
        if matches!(to, Place::Fee(..)) {
            return;
        }
        let basis = if self.view.is_claimed(tx) {
            Basis::Claim
        } else {
            Basis::Fact
        };
        let shares = self.collector.keep(&taint::by_origin(payment));
        self.collector.edges.push(RawEdge {
            tx,
            from: Some(source),
            from_address: None,
            to,
            asset: leg.asset,
            shares,
            basis,
            is_crossing: false,
        });
    }

    fn near_side(&self, leg: &Leg) -> Place {
        match (self.request.direction, leg.from, leg.to) {
            (Direction::Forward, Some(holding), _)
            | (Direction::Backward, _, Destination::Holding(holding)) => Place::Holding(holding),
            (Direction::Forward, None, _) => Place::Mint(leg.asset),
            (Direction::Backward, ..) => Place::Burn(leg.asset),
        }
    }

    /// The next transaction of an awake holding, in the direction of the trace.
    fn schedule(&mut self, holding: HoldingIx, tx: TxIx) {
        let view = self.view;
        let next = match self.request.direction {
            Direction::Forward => {
                let after = view.movements_before(holding, |posting| posting.tx <= tx);
                (after < view.movement_count(holding)).then_some(after)
            }
            Direction::Backward => view
                .movements_before(holding, |posting| posting.tx < tx)
                .checked_sub(1),
        };
        let next = next.map(|place| view.posting(holding, place).tx);
        if let Some(next) = next.filter(|tx| !stop::is_out_of_time(view, self.request, *tx)) {
            self.queue.insert(next);
        }
    }

    /// The tainted amount of pieces: their sum, or under poison the amount they all reach.
    fn amount(&self, pieces: &[Piece<U256>]) -> U256 {
        if self.policy == Policy::Poison {
            let tainted = pieces.iter().filter(|piece| piece.origin_ix.is_tainted());
            tainted.map(|piece| piece.amount).max().unwrap_or_default()
        } else {
            crate::trace::taint::tainted(pieces)
        }
    }
}
