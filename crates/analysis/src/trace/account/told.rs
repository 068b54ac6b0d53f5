//! What an exchange leaves in the result: conversions, edges, and what must be said.

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::view::{AccountView, HoldingIx, TxIx};

use super::Driver;
use super::exchange::Lot;
use crate::conversion::Deal;
use crate::trace::collect::{Place, RawConversion, RawEdge};
use crate::trace::render;
use crate::trace::result::Basis;
use crate::trace::taint::{self, Pieces, by_origin};

impl<V: AccountView> Driver<'_, V> {
    /// Writes down what went through, when a transaction is over.
    pub(super) fn conclude(&mut self, tx: TxIx) {
        let moved = self
            .collector
            .flows
            .last()
            .is_some_and(|flow| flow.tx == tx);
        if self.is_circular && moved {
            let caveat = render::circular_conversion(self.view, tx);
            self.collector.caveats.insert(caveat);
        }
        let Some(running) = self.running.take() else {
            return;
        };
        let Some((address, rule)) = running.first else {
            return;
        };
        for (key, [in_, out]) in running.origins {
            self.collector
                .convert(key, in_.saturating_sub(out), out.saturating_sub(in_));
        }
        let side = |out: usize| {
            let rows = running.through.iter().filter_map(move |(asset, sums)| {
                let (more, less) = (sums[out], sums[1 - out]);
                let whole = more.whole.checked_sub(less.whole)?;
                let tainted = more.tainted.saturating_sub(less.tainted);
                (!whole.is_zero()).then_some((*asset, whole, tainted))
            });
            rows.collect::<Vec<_>>()
        };
        self.collector.conversion(RawConversion {
            tx,
            address: running.exchange.trader.or(address),
            rule,
            taken: side(0),
            given: side(1),
        });
    }

    /// Writes down what a party exchanged of its own.
    pub(super) fn note_own(&mut self, tx: TxIx, deal: &Deal, (given, taken): (&[Lot], &[Lot])) {
        self.note_weights(tx, deal, given);
        let row = |driver: &Self, lots: &[Lot]| {
            let row = |lot: &Lot| (lot.asset, lot.amount, driver.amount(&lot.pieces));
            lots.iter().map(row).collect::<Vec<_>>()
        };
        let (went, came) = (row(self, given), row(self, taken));
        for lot in given {
            for (origin_ix, amount) in by_origin(&lot.pieces) {
                self.collector
                    .convert((origin_ix, lot.asset), U256::ZERO, amount);
            }
        }
        for lot in taken {
            for (origin_ix, amount) in by_origin(&lot.pieces) {
                self.collector
                    .convert((origin_ix, lot.asset), amount, U256::ZERO);
            }
        }
        self.record_crossing(tx, deal, taken);
        self.collector.conversion(RawConversion {
            tx,
            address: deal.address(),
            rule: deal.rule,
            taken: went,
            given: came,
        });
    }

    /// The crossing as edges of the graph: from the party to itself, of what was taken as what it became.
    pub(super) fn record_crossing(&mut self, tx: TxIx, deal: &Deal, became: &[Lot]) {
        let address = deal.address();
        for lot in became {
            let amount = self.amount(&lot.pieces);
            if amount.is_zero() {
                continue;
            }
            self.collector.may_convert(lot.asset, lot.amount);
            let shares = self.collector.keep(&taint::by_origin(&lot.pieces));
            self.collector.edges.push(RawEdge {
                tx,
                from: None,
                from_address: address,
                to: Place::Mint(lot.asset),
                asset: lot.asset,
                shares,
                basis: Basis::Inference,
                is_crossing: true,
            });
        }
    }

    pub(super) fn note_weights(&mut self, tx: TxIx, deal: &Deal, lots: &[Lot]) {
        if lots.len() > 1 {
            let caveat = render::conversion_weights(self.view, tx, deal.address());
            self.collector.caveats.insert(caveat);
        }
    }

    /// Says that the origin's own address exchanged what an origin claims.
    pub(super) fn note_origin_converts(
        &mut self,
        tx: TxIx,
        holding: HoldingIx,
        pieces: &Pieces<U256>,
    ) {
        if self.plan.holdings.contains_key(&holding) {
            let amount = self.amount(pieces);
            let caveat = render::origin_converts(self.view, tx, holding, amount);
            self.collector.caveats.insert(caveat);
        }
    }
}
