//! Shapes on chains of outputs.

use std::collections::BTreeSet;

use whither_ledger::view::{AddressIx, OutputIx, Prevout, TxIx, UtxoView};

use super::{DEPOSIT_POSTINGS_MAX, LOOKED_AT, Looks, Others, is_fan_in};

/// What the owner of outputs looks like; `None` where it is like no service.
#[must_use]
pub fn of_owner<V: UtxoView>(view: &V, address: AddressIx, limit: usize) -> Option<Looks> {
    let mut others = Others::default();
    let (mut received, mut spent) = (0, 0);
    for output in view.received(address).take(LOOKED_AT.saturating_mul(limit)) {
        received += 1;
        others.payers.extend(payers(view, view.creator(output)));
        if let Some(spender) = view.spender(output) {
            spent += 1;
            let outputs = view.outputs(spender).map(OutputIx);
            let payees = outputs.filter_map(|output| view.owner(output));
            others.payees.extend(payees.take(limit));
        }
    }
    others.payers.remove(&address);
    others.payees.remove(&address);
    let is_busy = view.has_more_postings_than(address, limit)
        && others.are_many(limit)
        && spent * 10 >= received * 9;
    if is_busy {
        return Some(Looks::Busy);
    }
    let deposits = others.payers.iter();
    let paid_by = deposits.map(|payer| paying(view, *payer, address));
    is_fan_in(limit, 10, paid_by).then_some(Looks::FanIn)
}

fn payers<V: UtxoView>(view: &V, tx: TxIx) -> impl Iterator<Item = AddressIx> + '_ {
    let prevouts = view.inputs(tx);
    prevouts.filter_map(|prevout| match prevout {
        Prevout::Inside(output) => view.owner(output),
        Prevout::Outside(ix) => view.outside(ix).owner,
    })
}

/// Who pays an address of which everything that it spends goes to this one alone; nobody where it pays others. Of the
/// payers of one transaction, who are one hand or a CoinJoin, the first counts.
fn paying<V: UtxoView>(view: &V, payer: AddressIx, into: AddressIx) -> BTreeSet<AddressIx> {
    let (mut paying, mut spends) = (BTreeSet::new(), false);
    if view.has_more_postings_than(payer, DEPOSIT_POSTINGS_MAX) {
        return paying;
    }
    for output in view.received(payer) {
        if let Some(spender) = view.spender(output) {
            let mut owners = view
                .outputs(spender)
                .map(|output| view.owner(OutputIx(output)));
            if !owners.all(|owner| owner == Some(into)) {
                return BTreeSet::new();
            }
            spends = true;
        }
        let by = payers(view, view.creator(output)).min();
        paying.extend(by.filter(|by| *by != into && *by != payer));
    }
    if !spends {
        paying.clear();
    }
    paying
}
