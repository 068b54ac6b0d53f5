//! Shapes on chains of accounts.

use whither_ledger::U256;
use whither_ledger::view::{AccountView, AddressIx, Destination, HoldingIx};

use super::beginning::paying;
use super::{LOOKED_AT, Looks, Others, is_fan_in};
use crate::money::{is_crowd, telling};

/// What an account looks like; `None` where it is like no service.
#[must_use]
pub fn of_account<V: AccountView>(view: &V, address: AddressIx, limit: usize) -> Option<Looks> {
    let mut others = Others::default();
    let mut looked_at = 0;
    let holdings = telling(view, address);
    for holding in holdings.iter().copied() {
        for posting in view.postings(holding) {
            if looked_at >= LOOKED_AT.saturating_mul(limit) {
                break;
            }
            looked_at += 1;
            let leg = view.leg(posting.tx, posting.leg);
            match (leg.from, leg.to) {
                (Some(from), to) if to == Destination::Holding(holding) => {
                    others.payers.insert(view.holding(from).0);
                }
                (_, Destination::Holding(to)) if to != holding => {
                    others.payees.insert(view.holding(to).0);
                }
                _ => {}
            }
        }
    }
    others.payers.remove(&address);
    others.payees.remove(&address);
    let is_busy =
        is_crowd(view, &holdings, limit) && others.are_many(limit) && passes_on(view, &holdings);
    if is_busy {
        return Some(Looks::Busy);
    }
    let deposits = others.payers.iter();
    let paid_by = deposits.map(|payer| paying(view, *payer, address));
    is_fan_in(limit, 20, paid_by).then_some(Looks::FanIn)
}

/// Whether of each asset at most a tenth of what came stays.
fn passes_on<V: AccountView>(view: &V, holdings: &[HoldingIx]) -> bool {
    holdings.iter().copied().all(|holding| {
        // What stays against the most that ever lay there: a service holds little of all that passed.
        let stays = view.final_balance(holding);
        let mut came = view.opening(holding);
        let is_little = |came: U256| stays <= came / U256::from(10);
        // Of a service some of what came is enough to say so; else all of it is looked at.
        is_little(came)
            || view.postings(holding).any(|posting| {
                let leg = view.leg(posting.tx, posting.leg);
                if leg.to == Destination::Holding(holding) {
                    came = came.saturating_add(leg.amount);
                }
                is_little(came)
            })
    })
}
