//! Links: what says that addresses belong together, one transaction or one claim at a time.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AddressIx, ChainView, OutputIx, Prevout, TxIx, UtxoView};

use super::change::{ChangeRule, Rules};
use crate::demix::{self, Make};
use crate::trace::Window;

/// By what rule two addresses were joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Both pay in one transaction.
    MultiInput,
    /// One pays, the other gets the change, by these rules together.
    Change(ChangeRule),
    /// A claim says so.
    Claim,
}

impl Rule {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::MultiInput => "multi-input".to_owned(),
            Self::Change(rule) => format!("change:{}", rule.name()),
            Self::Claim => "claim".to_owned(),
        }
    }
}

/// Two addresses of which somebody says that they are, or are not, in one hand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claimed {
    /// One.
    pub a: AddressIx,
    /// The other.
    pub b: AddressIx,
    /// Which claim says so.
    pub claim: String,
}

/// Whose an address is, and when somebody says that it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// What the service is called.
    pub name: String,
    /// When that is in force. A wallet that passes from one service to another is called differently one after the other.
    pub valid: Window,
}

impl Service {
    /// At all times.
    #[must_use]
    pub fn always(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            valid: Window::default(),
        }
    }

    /// Whether both are called differently at some time.
    fn contradicts(&self, other: &Self) -> bool {
        self.name != other.name && self.valid.meets(&other.valid)
    }

    /// Two of these that contradict each other.
    pub(super) fn contradiction<'a>(
        these: &[&'a Self],
        those: &[&'a Self],
    ) -> Option<(&'a str, &'a str)> {
        these.iter().find_map(|one| {
            let other = those.iter().find(|other| one.contradicts(other))?;
            Some((one.name.as_str(), other.name.as_str()))
        })
    }
}

/// What people say, and what was struck.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    /// In one hand.
    pub same: Vec<Claimed>,
    /// Not in one hand.
    pub not_same: Vec<Claimed>,
    /// Services by address: whose it is, and when. Two that are called differently on the same day are not joined.
    pub services: BTreeMap<AddressIx, Vec<Service>>,
    /// Links that count no more: these transactions join nothing by these rules.
    pub struck: BTreeSet<(TxIx, Rule)>,
}

impl Constraints {
    /// Whether nothing is said and nothing struck.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.same.is_empty()
            && self.not_same.is_empty()
            && self.services.is_empty()
            && self.struck.is_empty()
    }
}

/// What a transaction joins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Joined {
    /// Addresses that pay, by address, each once. They are joined if there are several.
    pub payers: Vec<AddressIx>,
    /// Who gets the change, and by which rule.
    pub change: Option<(AddressIx, ChangeRule)>,
    /// It joins nothing, since it is a CoinJoin.
    pub mixing: Option<Make>,
}

impl Joined {
    /// What a transaction joins under some rules, struck links left out.
    pub(super) fn of<V: UtxoView>(
        view: &V,
        rules: &Rules,
        struck: &BTreeSet<(TxIx, Rule)>,
        tx: TxIx,
    ) -> Self {
        let mut joined = Self::default();
        if view.is_coinbase(tx) {
            return joined;
        }
        payers(view, tx, &mut joined.payers);
        let asks_change = !rules.change.is_empty();
        if joined.payers.is_empty() || joined.payers.len() < 2 && !asks_change {
            joined.payers.clear();
            return joined;
        }
        if rules.skip_coinjoin
            && let Some(found) = demix::coinjoin(view, tx)
        {
            return Self {
                mixing: Some(found.make),
                ..Self::default()
            };
        }
        if asks_change {
            joined.change = rules.change_of(view, tx, &joined.payers);
            let is_struck = |rule| struck.contains(&(tx, Rule::Change(rule)));
            joined.change = joined.change.filter(|(_, rule)| !is_struck(*rule));
        }
        if struck.contains(&(tx, Rule::MultiInput)) {
            // Of several payers none is the one whose change it is.
            if joined.payers.len() > 1 {
                joined.change = None;
            }
            joined.payers.truncate(1);
        }
        joined
    }

    /// Whether it joins anything.
    pub(super) fn is_link(&self) -> bool {
        self.payers.len() > 1 || self.change.is_some()
    }
}

/// The addresses that pay in a transaction, each once, in order.
pub(super) fn payers<V: UtxoView>(view: &V, tx: TxIx, payers: &mut Vec<AddressIx>) {
    payers.clear();
    let owners = view.inputs(tx).filter_map(|prevout| match prevout {
        Prevout::Inside(output) => view.owner(output),
        Prevout::Outside(ix) => view.outside(ix).owner,
    });
    payers.extend(owners);
    payers.sort_unstable();
    payers.dedup();
}

/// The transactions in which an address may be joined to others: those it pays in, and (with change rules) those that
/// pay it. In chain order.
pub(super) fn transactions_of<V: UtxoView>(
    view: &V,
    rules: &Rules,
    address: AddressIx,
) -> Vec<TxIx> {
    let spends = |output: OutputIx| view.spender(output);
    let mut all: Vec<TxIx> = view.received(address).filter_map(spends).collect();
    all.extend(view.spent_from_outside(address).map(|(tx, _)| tx));
    if !rules.change.is_empty() {
        all.extend(view.received(address).map(|output| view.creator(output)));
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// All transactions of a view, in chain order.
pub(super) fn all_transactions<V: ChainView>(view: &V) -> impl Iterator<Item = TxIx> {
    (0..view.transaction_count()).map(TxIx::of)
}
