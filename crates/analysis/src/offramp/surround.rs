//! What a chain tells of the ends of a trace: whether money has left them, whose customer paid, how much was moved.
//!
//! The two kinds of chains differ here and nowhere else in off-ramps. Which claims name what is left to [`super::places`].

use std::collections::BTreeSet;

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountView, AddressIx, Destination, OutputIx, UtxoView};

use super::DepositSeen;
use super::arrivals::amount;
use crate::deposit::{self, Rule};
use crate::trace::result::{Basis, Endpoint, EndpointKind};

/// What the chain around an end tells of it.
pub(super) trait Surround {
    /// The chain.
    fn chain(&self) -> &Chain;
    /// Whether what came to an end has left it, as far as the data tells: of a pool only where it was emptied since.
    fn has_left(&self, end: &Endpoint) -> Option<bool>;
    /// Whether an address is a customer's own at a service, by how it is swept; with the service's address.
    fn deposit(&self, address: &str) -> Option<(DepositSeen, String)>;
    /// How much a transaction moved between two addresses, tainted or not.
    fn moved(&self, transaction: &str, from: &str, to: &str, asset: &str) -> Option<U256>;
}

/// A chain of holdings around a trace.
pub(super) struct Accounts<'a, V> {
    pub(super) view: &'a V,
    pub(super) services: BTreeSet<AddressIx>,
    pub(super) rule: Rule,
    /// Whether the data tells who pays for gas, which is asked of it once.
    pub(super) sees_gas: bool,
}

/// A chain of outputs around a trace.
pub(super) struct Outputs<'a, V> {
    pub(super) view: &'a V,
}

impl<V: AccountView> Accounts<'_, V> {
    fn find(&self, text: &str) -> Option<AddressIx> {
        self.view
            .find_address(&Address::parse(self.view.chain(), text).ok()?)
    }
}

impl<V: AccountView> Surround for Accounts<'_, V> {
    fn chain(&self) -> &Chain {
        self.view.chain()
    }

    fn has_left(&self, end: &Endpoint) -> Option<bool> {
        let address = self.find(end.address.as_deref()?)?;
        let holding = self.view.holdings(address).find(|holding| {
            let (_, asset) = self.view.holding(*holding);
            self.view.asset(asset).as_str() == end.asset
        })?;
        let is_short = self.view.final_balance(holding) < amount(&end.amount);
        // Of places from which the data shows something to move on, it need not be whole.
        let is_seen = matches!(
            end.kind,
            EndpointKind::Depth | EndpointKind::Dust | EndpointKind::Time
        );
        ((is_seen || self.view.is_covered(address)) && is_short).then_some(true)
    }

    fn deposit(&self, address: &str) -> Option<(DepositSeen, String)> {
        let ix = self.find(address)?;
        if self.services.is_empty() || self.services.contains(&ix) {
            return None;
        }
        let found = deposit::of(self.view, &self.services, (&self.rule, self.sees_gas), ix).ok()?;
        let seen = DepositSeen {
            address: address.to_owned(),
            basis: Basis::Inference,
            claim: None,
            confidence_millionths: Some(found.confidence_millionths),
            sweeps: found.sweeps.len(),
        };
        Some((
            seen,
            self.view.address(found.service).display(self.view.chain()),
        ))
    }

    fn moved(&self, transaction: &str, from: &str, to: &str, asset: &str) -> Option<U256> {
        let id = TransactionId::parse(self.view.chain(), transaction).ok()?;
        let (from, to) = (self.find(from)?, self.find(to)?);
        let holder = |holding| self.view.holding(holding).0;
        let mut sum = U256::ZERO;
        for tx in self.view.find_transaction(&id) {
            for leg in self.view.legs(tx) {
                let Destination::Holding(into) = leg.to else {
                    continue;
                };
                let is_it = leg.from.map(holder) == Some(from)
                    && holder(into) == to
                    && self.view.asset(leg.asset).as_str() == asset;
                sum = sum.saturating_add(if is_it { leg.amount } else { U256::ZERO });
            }
        }
        Some(sum)
    }
}

impl<V: UtxoView> Surround for Outputs<'_, V> {
    fn chain(&self) -> &Chain {
        self.view.chain()
    }

    fn has_left(&self, end: &Endpoint) -> Option<bool> {
        let (id, vout) = end.output.as_deref()?.rsplit_once(':')?;
        let id = TransactionId::parse(self.view.chain(), id).ok()?;
        let vout: u64 = vout.parse().ok()?;
        let found = self.view.find_transaction(&id);
        let mut found = found.into_iter().filter(|tx| {
            end.height.is_none()
                || self.view.position(*tx).height == end.height
                || end.kind == EndpointKind::Mixer
        });
        let tx = found.next()?;
        let outputs = self.view.outputs(tx);
        let output = outputs
            .start
            .checked_add(vout)
            .filter(|output| *output < outputs.end)?;
        match self.view.spender(OutputIx(output)) {
            Some(_) => Some(true),
            None => self.view.complete_since(tx).then_some(false),
        }
    }

    fn deposit(&self, _address: &str) -> Option<(DepositSeen, String)> {
        None
    }

    fn moved(&self, _transaction: &str, _from: &str, _to: &str, _asset: &str) -> Option<U256> {
        None
    }
}
