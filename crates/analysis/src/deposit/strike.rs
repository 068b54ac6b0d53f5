//! Deposit addresses without some of their links.
//!
//! A link is a payment and the sweep that forwards it. Which payments a sweep forwards was found from what happened, and a
//! strike does not undo that: it takes away what the link proves. So a strike costs no new search, and what is left stays
//! as it was.

use std::collections::BTreeSet;

use whither_ledger::view::TxIx;

use super::{Deposits, NotDeposit};

impl Deposits {
    /// What is left where these transactions count neither as payments nor as sweeps. An address without a sweep is no
    /// deposit address any more.
    #[must_use]
    pub fn without(&self, struck: &BTreeSet<TxIx>) -> Self {
        let mut left = self.clone();
        for deposit in &mut left.found {
            for sweep in &mut deposit.sweeps {
                let receipts = &mut sweep.receipts;
                receipts.retain(|receipt| !struck.contains(&receipt.tx));
            }
            let sweeps = &mut deposit.sweeps;
            sweeps.retain(|sweep| !struck.contains(&sweep.tx) && !sweep.receipts.is_empty());
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
        let gone = gone.map(|deposit| (deposit.address, NotDeposit::Struck));
        left.refused.extend(gone);
        left
    }
}
