//! When each origin of an account trace claims what.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AccountView, HoldingIx, TxIx};

use crate::deception::Judge;
use crate::trace::origins::{self, HoldingClaim};
use crate::trace::policy::Direction;
use crate::trace::request::{Request, TraceError};
use crate::trace::taint::OriginIx;

/// When each origin claims what.
pub(super) struct Plan {
    /// Transfers claimed as they move.
    pub(super) legs: BTreeMap<(TxIx, u32), Vec<OriginIx>>,
    /// Holdings whose receipts within the window are claimed.
    pub(super) holdings: BTreeMap<HoldingIx, Vec<OriginIx>>,
    /// Holdings claimed whole, for what they hold at the window's start, when the trace comes to a
    /// transaction; `None`: when it has come to the end.
    pub(super) entries: BTreeMap<Option<TxIx>, Vec<(HoldingIx, OriginIx)>>,
    /// Holdings of origins that show nothing but tricks.
    pub(super) left_out: BTreeSet<HoldingIx>,
    /// The transactions that claims are made in.
    pub(super) transactions: BTreeSet<TxIx>,
}

impl Plan {
    pub(super) fn of<V: AccountView>(view: &V, request: &Request) -> Result<Self, TraceError> {
        let mut plan = Self {
            legs: BTreeMap::new(),
            holdings: BTreeMap::new(),
            entries: BTreeMap::new(),
            left_out: BTreeSet::new(),
            transactions: BTreeSet::new(),
        };
        for (number, origin) in request.origins.iter().enumerate() {
            let origin_ix = origins::origin_ix(number);
            match origins::on_holdings(view, origin)? {
                HoldingClaim::Legs(tx, legs) => {
                    let assets: BTreeSet<_> =
                        legs.iter().map(|leg| view.leg(tx, *leg).asset).collect();
                    origins::check_limit(request, origin, legs.len(), assets.len())?;
                    plan.transactions.insert(tx);
                    for leg in legs {
                        plan.legs.entry((tx, leg)).or_default().push(origin_ix);
                    }
                }
                HoldingClaim::Holdings(holdings) => {
                    // An address has more than one receipt, or may have.
                    origins::check_limit(request, origin, 2, holdings.len())?;
                    // An address did not ask for what others say it was sent; what is asked for by name counts.
                    let address = holdings.first().map(|holding| view.holding(*holding).0);
                    let judging = address
                        .filter(|_| origin.asset.is_none())
                        .map(|address| Judge::of(view, address, |_| false));
                    for holding in holdings {
                        if judging.as_ref().is_some_and(|it| it.is_hollow(holding)) {
                            plan.left_out.insert(holding);
                            continue;
                        }
                        plan.holdings.entry(holding).or_default().push(origin_ix);
                        if origin.carried.is_none() {
                            let entry = window_start(view, request, holding);
                            plan.entries
                                .entry(entry)
                                .or_default()
                                .push((holding, origin_ix));
                            plan.transactions.extend(entry);
                        }
                        let postings = view.postings(holding).map(|posting| posting.tx);
                        plan.transactions
                            .extend(postings.filter(|tx| request.counts(origin, view.time(*tx))));
                    }
                }
            }
        }
        Ok(plan)
    }
}

/// The transaction at which the trace comes to what a holding has at the window's start: forward the
/// first within the window, backward the last before it.
fn window_start<V: AccountView>(view: &V, request: &Request, holding: HoldingIx) -> Option<TxIx> {
    let mut postings = view.postings(holding).map(|posting| posting.tx);
    let started = |tx: &TxIx| {
        request
            .window
            .since
            .is_none_or(|since| view.time(*tx) >= since)
    };
    match request.direction {
        Direction::Forward => postings.find(started),
        Direction::Backward => postings.rfind(|tx| !started(tx)),
    }
}
