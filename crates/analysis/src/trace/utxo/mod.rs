//! The output driver: follows taint through the transactions of a UTXO chain.
//!
//! Transactions in chain order; each is stepped once, when all its tainted debits are known ([`pending`]
//! finds the next). Backward, the same step runs with the roles swapped: outputs and fee are the debits,
//! inputs the credits, and the order is reversed. FIFO and LIFO map coins one to one, so both directions
//! tell the same story (law 15).

mod claim;
mod ends;
mod network;
mod pending;
mod slots;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use whither_ledger::view::{AddressIx, AssetIx, TxIx, UtxoView};

pub use pending::Kernel;
use pending::Pending;
use slots::{Slot, fee};

use crate::trace::bounds::{self, Network};
use crate::trace::collect::{Arrival, Collector, Place, RawEdge, Why};
use crate::trace::kernel::Split;
use crate::trace::origins::{self, Claim, Limits, OutputClaims};
use crate::trace::policy::{Direction, Policy};
use crate::trace::render;
use crate::trace::request::{Request, TraceError};
use crate::trace::result::{Basis, EndpointKind, Trace};
use crate::trace::taint::{OriginIx, Piece, Pieces};

/// The only asset of a UTXO chain.
pub(in crate::trace) const COIN: AssetIx = AssetIx(0);

/// Traces over a UTXO chain.
///
/// # Errors
/// [`TraceError`] where an origin is not in the view, or the policy has no such direction.
pub fn trace_utxo<V: UtxoView>(view: &V, request: &Request) -> Result<Trace, TraceError> {
    let mut followed = follow_utxo(view, request, Kernel::Auto)?;
    followed.bound();
    Ok(followed.render())
}

/// Follows taint over a UTXO chain, by dense ids only: the first of the three parts of a trace.
///
/// # Errors
/// As [`trace_utxo`].
pub fn follow_utxo<'a, V: UtxoView>(
    view: &'a V,
    request: &'a Request,
    kernel: Kernel,
) -> Result<Followed<'a, V>, TraceError> {
    if request.policy == Policy::Tiho && request.direction == Direction::Backward {
        return Err(TraceError::TihoBackward);
    }
    let claims = origins::on_outputs(view, request)?;
    let driver = Driver::new(view, request, (request.policy, kernel), &claims, None);
    Ok(Followed {
        view,
        request,
        kernel,
        collector: driver.run().0,
        claims,
        network: None,
    })
}

/// Taint that was followed to its ends, not yet bounded and not yet named.
pub struct Followed<'a, V> {
    view: &'a V,
    request: &'a Request,
    kernel: Kernel,
    claims: OutputClaims,
    collector: Collector<u64>,
    network: Option<Network<u64>>,
}

impl<V: UtxoView> Followed<'_, V> {
    /// How many tainted inputs and outputs (fees included) were passed: the size of the cone.
    #[must_use]
    pub fn moves(&self) -> usize {
        self.collector.flows.len()
    }

    /// Finds where any policy could lead, for the bounds; without it they are loose.
    pub fn bound(&mut self) {
        if !bounds::applies(self.request) {
            return;
        }
        let driver = Driver::new(
            self.view,
            self.request,
            (Policy::Poison, self.kernel),
            &self.claims,
            Some(Network::new()),
        );
        self.network = driver.run().1;
    }

    /// Names what was found.
    #[must_use]
    pub fn render(&self) -> Trace {
        render::utxo(
            self.view,
            self.request,
            &self.collector,
            self.network.as_ref(),
        )
    }
}

/// A tainted debit of the transaction at hand.
struct Tainted {
    place: Place,
    hops: u32,
    /// Its pieces in [`Work::queue`].
    pieces: Range<usize>,
}

/// What is known of the transaction at hand; its memory is used again for the next.
#[derive(Default)]
struct Work {
    waiting: Vec<(Place, u32)>,
    debits: Vec<Slot>,
    credits: Vec<Slot>,
    values: Vec<u64>,
    /// The pieces of all debits.
    queue: Pieces<u64>,
    tainted: Vec<Tainted>,
    split: Split<u64>,
    /// Tainted pieces of one credit, by the debit that brought them.
    by_debit: Pieces<u64>,
}

struct Driver<'a, V> {
    view: &'a V,
    request: &'a Request,
    policy: Policy,
    claims: &'a OutputClaims,
    outside_claims: BTreeMap<TxIx, Vec<Claim<u64>>>,
    pending: Pending,
    collector: Collector<u64>,
    limits: Limits,
    network: Option<Network<u64>>,
    /// The last transaction that was asked whether a deposit address pays in it, and what that stops.
    swept: Option<(TxIx, Option<(EndpointKind, Why)>)>,
}

impl<'a, V: UtxoView> Driver<'a, V> {
    fn new(
        view: &'a V,
        request: &'a Request,
        (policy, kernel): (Policy, Kernel),
        claims: &'a OutputClaims,
        network: Option<Network<u64>>,
    ) -> Self {
        Self {
            view,
            request,
            policy,
            claims,
            outside_claims: origins::outside_spends(view, claims),
            pending: Pending::new(request.direction, kernel),
            collector: Collector::new(policy == Policy::Poison),
            limits: Limits::of(request),
            network,
            swept: None,
        }
    }

    fn run(mut self) -> (Collector<u64>, Option<Network<u64>>) {
        for tx in self.claims.keys().filter_map(|tx| *tx) {
            self.pending.visit(tx);
        }
        if self.request.direction == Direction::Forward {
            for tx in self.outside_claims.keys() {
                self.pending.visit(*tx);
            }
        }
        self.start();
        let mut work = Work::default();
        while let Some(tx) = self.pending.take(&mut work.waiting) {
            self.step(tx, &mut work);
            if self.network.as_ref().is_some_and(Network::is_too_large) {
                self.network = None;
                break;
            }
        }
        (self.collector, self.network)
    }

    fn step(&mut self, tx: TxIx, work: &mut Work) {
        let passed = self.pass(tx, work);
        let is_passed = passed.is_some();
        let (hops, via) = passed.unwrap_or_default();
        let passing = || Arrival {
            tx: Some(tx),
            hops,
            via: via.clone(),
        };
        let arriving = work.credits.iter().enumerate().filter(|_| is_passed);
        let arriving = arriving.map(|(row, credit)| (credit, work.split.credit(row)));
        let Some(claims) = self.claims.get(&Some(tx)) else {
            for (credit, pieces) in arriving {
                self.arrive((credit.place, credit.value), pieces, passing(), false);
            }
            return;
        };
        let mut incoming: BTreeMap<Place, Pieces<u64>> = arriving
            .filter(|(_, pieces)| self.amount(pieces) > 0)
            .map(|(credit, pieces)| (credit.place, pieces.to_vec()))
            .collect();
        let mut fresh = BTreeSet::new();
        for claim in claims {
            fresh.insert(claim.place);
            self.claim(&mut incoming, *claim);
        }
        for (place, pieces) in incoming {
            let is_origin = fresh.contains(&place);
            let arrival = if is_origin {
                Arrival {
                    tx: Some(tx),
                    ..Arrival::default()
                }
            } else {
                passing()
            };
            let value = self.value(place);
            self.arrive((place, value), &pieces, arrival, is_origin);
        }
    }

    /// Passes taint from the debits of a transaction to its credits; the hops behind it, if any passed.
    fn pass(&mut self, tx: TxIx, work: &mut Work) -> Option<(u32, BTreeSet<AddressIx>)> {
        self.debits(tx, &mut work.debits);
        self.gather(tx, work);
        let hops = work.tainted.iter().map(|tainted| tainted.hops).min()? + 1;
        let via = self.deposits(&work.tainted, tx);
        self.credits(tx, &mut work.credits);
        if self.ends_at_transaction(tx, work) {
            return None;
        }
        for tainted in &work.tainted {
            let amount = self.amount(&work.queue[tainted.pieces.clone()]);
            self.collector.flow(tx, false, COIN, tainted.place, amount);
        }
        self.join(tx, work);
        self.reach_outside(tx, work);
        self.divide(work);
        let mut owner = None;
        for row in 0..work.credits.len() {
            let amount = self.amount(work.split.credit(row));
            if amount > 0 {
                let credit = &work.credits[row];
                let (to, value) = (credit.place, credit.value);
                self.collector.flow(tx, true, COIN, to, amount);
                self.edges(tx, row, work, &mut owner);
                self.leave(tx, to, value);
            }
        }
        let amount = self.amount(work.split.rest());
        if self.request.direction == Direction::Forward && amount > 0 {
            let place = Place::Fee(tx, COIN);
            self.collector.flow(tx, true, COIN, place, amount);
            let arrival = Arrival {
                tx: Some(tx),
                hops,
                via: BTreeSet::new(),
            };
            let (kind, why) = (EndpointKind::Fee, Why::fact("fee"));
            self.collector
                .end_once(kind, place, work.split.rest(), arrival, why);
        }
        self.leave_fee(tx, work);
        Some((hops, via))
    }

    /// Queues the pieces of all debits, and takes up the taint that waited for them.
    fn gather(&mut self, tx: TxIx, work: &mut Work) {
        work.queue.clear();
        work.tainted.clear();
        let claims_outside = self.outside_claims.contains_key(&tx);
        if work.waiting.is_empty() && !claims_outside {
            return;
        }
        for (number, slot) in (0_u32..).zip(&mut work.debits) {
            let start = work.queue.len();
            let waiting = work
                .waiting
                .binary_search_by_key(&slot.place, |(place, _)| *place);
            let mut take_up = |pieces: &[Piece<u64>], hops: u32| {
                let debit = number;
                let pieces = pieces.iter().map(|piece| Piece { debit, ..*piece });
                work.queue.extend(pieces);
                work.tainted.push(Tainted {
                    place: slot.place,
                    hops,
                    pieces: start..work.queue.len(),
                });
            };
            if let Ok(row) = waiting {
                let row = work.waiting[row].1;
                let held = self.pending.held(row);
                slot.value = held.value;
                take_up(&held.pieces, held.hops);
                self.pending.free(row);
            } else if claims_outside && let Some(pieces) = self.claim_outside(tx, slot) {
                slot.value = self.value(slot.place);
                take_up(&pieces, 0);
            } else {
                slot.value = slot.value.or_else(|| self.value(slot.place));
                if let Some(amount) = slot.value.filter(|value| *value > 0) {
                    work.queue.push(Piece {
                        debit: number,
                        origin_ix: OriginIx::NONE,
                        amount,
                    });
                }
            }
        }
    }

    /// Credits and rest by the policy in force.
    fn divide(&self, work: &mut Work) {
        let is_reach = self.policy == Policy::Poison;
        let known = |slot: &Slot| match slot.value {
            None if is_reach => 0,
            value => value.expect("checked before"),
        };
        work.values.clear();
        work.values.extend(work.credits.iter().map(known));
        if is_reach {
            let fee = fee(&work.debits, &work.credits).unwrap_or(0);
            work.split.reach(&work.queue, &work.values, fee);
        } else {
            work.split.split(self.policy, &work.queue, &work.values);
        }
    }

    /// The edges to a credit, one per debit that the policy tells apart.
    fn edges(
        &mut self,
        tx: TxIx,
        row: usize,
        work: &mut Work,
        owner: &mut Option<Option<AddressIx>>,
    ) {
        let pieces = work.split.credit(row).iter();
        work.by_debit.clear();
        work.by_debit
            .extend(pieces.filter(|piece| piece.origin_ix.is_tainted()));
        work.by_debit.sort_by_key(|piece| piece.debit);
        for pieces in work.by_debit.chunk_by(|a, b| a.debit == b.debit) {
            let debit = usize::try_from(pieces[0].debit).ok();
            let from = debit
                .and_then(|debit| work.debits.get(debit))
                .map(|slot| slot.place);
            let from_address = match from {
                Some(_) => None,
                None => *owner.get_or_insert_with(|| self.only_owner(&work.tainted)),
            };
            let shares = self.collector.keep_sums(pieces);
            self.collector.edges.push(RawEdge {
                tx,
                from,
                from_address,
                to: work.credits[row].place,
                asset: COIN,
                shares,
                basis: Basis::Fact,
                is_crossing: false,
            });
        }
    }

    /// Several inputs mixed are still one address's, where it owns them all.
    fn only_owner(&self, tainted: &[Tainted]) -> Option<AddressIx> {
        let mut owners = tainted.iter().map(|tainted| self.owner(tainted.place));
        let first = owners.next().flatten();
        first.filter(|_| owners.all(|owner| owner == first))
    }

    /// The tainted amount of pieces: their sum, or under poison the amount they all reach.
    fn amount(&self, pieces: &[Piece<u64>]) -> u64 {
        if self.policy == Policy::Poison {
            pieces
                .iter()
                .filter(|piece| piece.origin_ix.is_tainted())
                .map(|piece| piece.amount)
                .max()
                .unwrap_or(0)
        } else {
            crate::trace::taint::tainted(pieces)
        }
    }

    fn deposits(&self, tainted: &[Tainted], tx: TxIx) -> BTreeSet<AddressIx> {
        let known = &self.request.knowledge;
        if known.deposits.is_empty() {
            return BTreeSet::new();
        }
        let at = self.view.time(tx);
        tainted
            .iter()
            .filter_map(|tainted| self.owner(tainted.place))
            .filter(|address| {
                let address = self.view.address(*address);
                known.deposit(address.as_ref(), at).is_some()
            })
            .collect()
    }
}
