//! The account driver: follows taint through the holdings of an account chain.
//!
//! A queue of transactions in chain order; each is stepped leg by leg. A holding wakes at its first
//! tainted moment with the balance it has then, and from there on every movement of it is stepped,
//! clean ones too, for they change what a later debit takes. Backward, the same steps run from the last
//! leg to the first with the sides of each leg swapped: FIFO stays FIFO and LIFO stays LIFO, so both
//! directions tell the same story (law 15).

mod balance;
mod claim;
mod end;
mod plan;
mod reach;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::view::{AccountView, Destination, HoldingIx, Leg, Posting, TxIx};

use plan::Plan;
use reach::resize;

use crate::trace::bounds::{Network, Node};
use crate::trace::collect::{Arrival, Collector, Place, RawEdge};
use crate::trace::kernel;
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
    let collector = Driver::new(view, request, request.policy, &plan, None)
        .run()
        .0;
    let network = crate::trace::bounds::applies(request).then(|| {
        let driver = Driver::new(view, request, Policy::Poison, &plan, Some(Network::new()));
        driver.run().1
    });
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
        network.flatten().as_ref(),
    ))
}

/// A holding from its first tainted moment on.
struct Awake {
    /// Segments, oldest first; under poison one per origin, each the whole balance.
    pieces: VecDeque<Piece<U256>>,
    balance: U256,
    arrival: Arrival,
    node: Option<Node>,
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
        if self.policy == Policy::Poison && !view.legs_are_ordered(tx) {
            self.reach_within(tx);
        }
        let mut touched = BTreeSet::new();
        let count = view.leg_count(tx);
        for step in 0..count {
            let place = match self.request.direction {
                Direction::Forward => step,
                Direction::Backward => count - 1 - step,
            };
            touched.extend(self.leg(tx, place, &view.leg(tx, place)));
        }
        for holding in touched {
            self.schedule(holding, tx);
        }
    }

    /// One movement; the holdings awake after it.
    fn leg(&mut self, tx: TxIx, number: u32, leg: &Leg) -> Vec<HoldingIx> {
        let (debit, credit) = self.sides(leg);
        let from = debit.filter(|holding| self.awake.contains_key(holding));
        let (mut payment, mut paid) = match from {
            Some(holding) => self.debit(tx, holding, leg.amount),
            None => (
                clean(leg.amount, 0),
                self.network.as_mut().map(Network::node),
            ),
        };
        // What came here tainted, before any claim.
        let brought = self.amount(&payment);
        // The receiver's money is claimed, in whichever direction the trace passes the leg.
        let receiver = if self.request.direction == Direction::Forward {
            credit
        } else {
            debit
        };
        let origin_ixs = self.claims_on(tx, number, receiver);
        // Whether a claim found anything to take depends on the policy; where a trace starts does not.
        let is_origin = !origin_ixs.is_empty();
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
        let place = Posting { tx, leg: number };
        self.credit(
            place,
            leg,
            (from, credit),
            (payment, paid, brought),
            is_origin,
        );
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
        let payment = match self.policy {
            Policy::Poison => {
                let payment = resize(awake.pieces.make_contiguous(), amount);
                awake.pieces = resize(&payment, awake.balance).into();
                payment
            }
            // Only what moves is touched: a busy holding has many segments.
            Policy::Fifo => kernel::take_oldest(&mut awake.pieces, amount),
            Policy::Lifo => kernel::take_newest(&mut awake.pieces, amount),
            Policy::Haircut | Policy::Tiho => {
                let mut split = kernel::Split::default();
                split.split(self.policy, awake.pieces.make_contiguous(), &[amount]);
                awake.pieces = split.rest().to_vec().into();
                split.credit(0).to_vec()
            }
        };
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
        is_origin: bool,
    ) {
        let tx = at.tx;
        let amount = self.amount(&payment);
        let arrival = self.arrival(tx, from, is_origin);
        // Forward, an origin starts at the receiver, and is not stopped there; backward, it comes from the payer.
        let is_origin = is_origin && self.request.direction == Direction::Forward;
        let place = credit.map_or_else(|| self.outside(tx, leg), Place::Holding);
        let end = self.end_of(place, at, (amount, &arrival), is_origin, leg);
        if !amount.is_zero() {
            self.record(tx, leg, from, place, (&payment, brought));
        }
        if let Some((kind, why)) = end {
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
            let before = self.balance_before_leg(holding, at);
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
        awake.balance = awake.balance.plus(amount);
        match policy {
            Policy::Poison => {
                let pieces = awake
                    .pieces
                    .iter()
                    .chain(&payment)
                    .copied()
                    .collect::<Pieces<_>>();
                awake.pieces = resize(&pieces, awake.balance).into();
            }
            Policy::Haircut => taint::pour(&mut awake.pieces, &payment),
            Policy::Fifo | Policy::Lifo | Policy::Tiho => {
                taint::append(&mut awake.pieces, &payment);
            }
        }
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
        let hops = match from.and_then(|holding| self.awake.get(&holding)) {
            Some(awake) if !is_origin => awake.arrival.hops + 1,
            _ => u32::from(self.request.direction == Direction::Backward),
        };
        let deposit = from.map(|holding| self.view.holding(holding).0);
        let known = &self.request.knowledge.deposits;
        let via =
            deposit.filter(|address| known.contains_key(self.view.address(*address).as_ref()));
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
