//! Deposit addresses without some of their links: those that were struck, and those of days on which nobody says that the
//! service's wallet was the service's.
//!
//! A link is a payment and the sweep that forwards it. Which payments a sweep forwards was found from what happened, and
//! neither undoes that: it takes away what the link proves. So nothing is searched anew, and what is left stays as it was.

use std::collections::BTreeSet;

use whither_ledger::view::{AddressIx, TxIx};

use super::{Deposit, Deposits, NotDeposit};

impl Deposits {
    /// What is left where these transactions count neither as payments nor as sweeps. An address without a sweep is no
    /// deposit address any more.
    #[must_use]
    pub fn without(&self, struck: &BTreeSet<TxIx>) -> Self {
        self.left(NotDeposit::Struck, |deposit| {
            for sweep in &mut deposit.sweeps {
                let receipts = &mut sweep.receipts;
                receipts.retain(|receipt| !struck.contains(&receipt.tx));
            }
            let sweeps = &mut deposit.sweeps;
            sweeps.retain(|sweep| !struck.contains(&sweep.tx) && !sweep.receipts.is_empty());
        })
    }

    /// What is left of sweeps into wallets that were the service's when the sweep came, as far as `is_in_force` knows.
    #[must_use]
    pub fn in_force(&self, is_in_force: impl Fn(AddressIx, TxIx) -> bool) -> Self {
        self.left(NotDeposit::NotInForce, |deposit| {
            let service = deposit.service;
            let sweeps = &mut deposit.sweeps;
            sweeps.retain(|sweep| is_in_force(service, sweep.tx));
        })
    }

    fn left(&self, why: NotDeposit, thin: impl Fn(&mut Deposit)) -> Self {
        let mut left = self.clone();
        for deposit in &mut left.found {
            thin(deposit);
            let sweeps = &deposit.sweeps;
            let sum: u64 = sweeps.iter().map(|sweep| sweep.confidence_millionths).sum();
            let count = u64::try_from(sweeps.len()).expect("sweeps are counted in memory");
            deposit.confidence_millionths = sum.checked_div(count).unwrap_or(0);
        }
        let (found, gone) = left
            .found
            .into_iter()
            .partition(|deposit| !deposit.sweeps.is_empty());
        left.found = found;
        let gone = gone.into_iter();
        left.refused
            .extend(gone.map(|deposit| (deposit.address, why)));
        left
    }
}
