//! As what a place is read that money of two thefts came to: the kind of evidence, its sentence, and what would take it away.

use std::collections::BTreeSet;

use whither_ledger::view::{AddressIx, ChainView as _};

use super::ground::Ground;
use super::pair::{Pair, Theft};
use super::weigh;
use crate::trace::KnownDeposit;

/// As what a shared place is read.
pub(super) struct Reading {
    pub kind: &'static str,
    /// How much less than all of a theft may come there without a word.
    pub free: u64,
    pub what: String,
    pub falsified_by: String,
}

pub(super) fn reading<G: Ground>(
    shown: &str,
    is_theft: bool,
    service: Option<&str>,
    is_together: bool,
) -> Reading {
    let private = format!("{shown} is a service's, or somebody's who deals with many");
    let (kind, free, what, falsified_by) = match service {
        _ if is_theft => (
            "shared-address",
            u64::MAX,
            format!("both thefts paid {shown}"),
            format!("{shown} is a service's, or the victims chose it and not the thief"),
        ),
        Some(service) => (
            "shared-deposit",
            weigh::DEPOSIT_SHARE_FREE,
            format!("money of both was paid to {shown}, which forwards to {service} alone"),
            format!("{service} says that {shown} serves several customers"),
        ),
        None if is_together && G::POOLS => (
            "commingling",
            weigh::SHARE_FREE,
            format!("money of both lay at {shown} at the same time, before any service"),
            private,
        ),
        None => (
            "shared-address",
            weigh::SHARE_FREE,
            format!("money of both came to {shown}, one after the other"),
            private,
        ),
    };
    Reading {
        kind,
        free,
        what,
        falsified_by,
    }
}

impl<G: Ground> Pair<'_, '_, G> {
    /// To whom an address forwards as a customer's deposit address, if it does: by a claim, or by what it pays.
    pub(super) fn deposit_of(&mut self, address: AddressIx) -> Option<String> {
        if let Some(deposit) = self.claimed_deposit(address) {
            return Some(deposit);
        }
        let service = self.around.forwards_to(address)?;
        let named = self.named(service).map(|(name, _)| name);
        Some(named.unwrap_or_else(|| self.shown(service)))
    }

    /// Of whose customer an address is by claims: of one service when money of the one theft came, and of the same when
    /// money of the other did. What it was at another time says nothing.
    fn claimed_deposit(&mut self, address: AddressIx) -> Option<String> {
        let view = self.around.ground.view();
        let claims = self.known.deposits.get(&*view.address(address))?;
        let of = |theft: &Theft| {
            let came = &theft.reach.places[&address].by;
            let times: BTreeSet<_> = came.iter().map(|tx| view.time(*tx)).collect();
            // Where nobody knows when it came, it may be at any time.
            let is_then = |claim: &&KnownDeposit| {
                times.is_empty() || times.iter().any(|time| claim.valid.holds(*time))
            };
            claims.iter().filter(is_then).collect::<Vec<_>>()
        };
        let [mine, theirs] = [of(self.one), of(self.other)];
        let claim = mine.iter().find_map(|claim| {
            let same = theirs.iter();
            let same = same.copied().find(|of| of.identity == claim.identity);
            Some((*claim, same?))
        });
        let (one, other) = claim?;
        self.claims.extend([one.claim.clone(), other.claim.clone()]);
        Some(one.name.clone())
    }
}
