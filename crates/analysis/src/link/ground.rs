//! What links ask of a chain, whichever kind it is: who paid an address, whom it paid, and how taint stepped.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::known_tokens::known;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AddressIx, AssetIx, ChainView, TxIx};

use crate::trace::{Origin, Trace};

/// A payment, as the one who is asked about sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flow {
    pub tx: TxIx,
    /// Who paid it, or was paid; of several payers of one transaction the first.
    pub other: Option<AddressIx>,
    pub asset: AssetIx,
    pub amount: U256,
}

/// How a payment is made, as far as the chain tells: of each trait its class.
pub(super) type Manner = [Option<u16>; TRAITS];
/// Whether the price for gas is whole gwei, which whole gwei a plain payment names, whether it empties the account, whether
/// the amount is round.
pub(super) const TRAITS: usize = 4;

/// How a transaction of a chain of outputs is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    /// The kind of the addresses that pay: one for all of them, else mixed.
    pub inputs: &'static str,
    /// How many outputs pay to that kind: none, one, several.
    pub same_kind: &'static str,
    /// How many outputs there are, in classes.
    pub outputs: &'static str,
    /// How they are ordered by amount.
    pub order: &'static str,
    /// Whether an output is a whole thousandth of a coin.
    pub is_whole: bool,
}

/// A place where a theft begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub address: AddressIx,
    pub asset: AssetIx,
    /// As much of what came as the trace claims for its origin.
    pub amount: U256,
    /// The transaction that brought it; none where all that the address has counts.
    pub tx: Option<TxIx>,
}

/// A tainted movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub tx: TxIx,
    pub from: Option<AddressIx>,
    pub to: Option<AddressIx>,
    pub asset: AssetIx,
    pub amount: U256,
    /// It became this asset here, and moved nowhere.
    pub is_crossing: bool,
}

/// What went into an exchange: what came out of it is told by the steps that are crossings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Crossing {
    pub tx: TxIx,
    /// The stolen part of what was given, of each asset.
    pub taken: Vec<(AssetIx, U256)>,
}

/// The assets that a trace names, by their names.
pub(super) type Assets<'t> = BTreeMap<&'t str, AssetIx>;

/// How much of each asset an origin claims.
pub(super) type Claimed = BTreeMap<AssetIx, U256>;

/// A chain as links see it.
pub(super) trait Ground {
    type View: ChainView;
    /// Whether what lies at one address is one balance.
    const POOLS: bool;
    fn view(&self) -> &Self::View;
    /// What came to an address, in chain order of each asset.
    fn inflow(&self, address: AddressIx) -> Vec<Flow>;
    /// What it paid, fees left out.
    fn outflow(&self, address: AddressIx) -> Vec<Flow>;
    /// What it had of an asset before the data begins, at the least.
    fn opening(&self, _: AddressIx, _: AssetIx) -> U256 {
        U256::ZERO
    }
    /// Whether an address may have moved an asset before a transaction: cheaper than its movements.
    fn may_have_moved(&self, _: AddressIx, _: AssetIx, _before: TxIx) -> bool {
        true
    }
    /// The assets that a trace names.
    fn assets<'t>(&self, trace: &'t Trace) -> Assets<'t>;
    /// Where an origin begins, of which the trace claims this.
    fn starts(&self, origin: &Origin, claimed: Claimed) -> Vec<Start>;
    /// The tainted movements of a trace.
    fn steps(&self, trace: &Trace, starts: &[Start], assets: &Assets<'_>) -> Vec<Step>;
    /// Transactions in which an address signs beside others, where there are such.
    fn signed(&self, _: AddressIx) -> BTreeSet<TxIx> {
        BTreeSet::new()
    }
    /// Who signs in a transaction.
    fn signers(&self, _: TxIx) -> BTreeSet<AddressIx> {
        BTreeSet::new()
    }
    /// Whether several hands sign in a transaction, so that it joins nobody: its make.
    fn mixing(&self, _: TxIx) -> Option<&'static str> {
        None
    }
    /// Whether an address signs a transaction in which it pays: not where somebody else pays for the gas.
    fn is_signed_by(&self, _: TxIx, _: AddressIx) -> bool {
        true
    }
    /// Who pays for the gas of a transaction and for nothing else in it.
    fn callers(&self, _: TxIx) -> BTreeSet<AddressIx> {
        BTreeSet::new()
    }
    /// How many transactions an address is known to have sent.
    fn sent_count(&self, address: AddressIx) -> usize {
        let sent = self.outflow(address).into_iter().map(|flow| flow.tx);
        sent.collect::<BTreeSet<_>>().len()
    }
    /// Whether an address is known to have no key, so that it signs nothing.
    fn is_contract(&self, _: AddressIx) -> bool {
        false
    }
    /// How an address makes a payment of these flows, all of one transaction, beside amounts that are round.
    fn manner(&self, _: AddressIx, _: &[Flow]) -> Manner {
        Manner::default()
    }
    /// How a transaction is made, on chains of outputs.
    fn pattern(&self, _: TxIx) -> Option<Pattern> {
        None
    }
    /// The asset that pays for gas, where accounts pay it. It is looked for among all assets: ask once.
    fn gas(&self) -> Option<AssetIx>;
    /// Less gas than this pays for no transaction: a hundred-thousandth of a coin.
    fn dust(&self) -> U256 {
        let native = Asset::coin(self.view().chain());
        let decimals = native.and_then(|asset| asset.decimals_hint()).unwrap_or(18);
        U256::from(10_u64).pow(U256::from(decimals.saturating_sub(5)))
    }
    /// A payment of an asset that is more than dust: a coin of a token on the shipped list, a thousandth of the chain's
    /// own. Of others nobody knows what a payment is worth.
    fn floor(&self, asset: AssetIx) -> Option<U256>;
    /// Whether taint in this asset may be told by a stranger: of a contract nobody knows.
    fn is_doubtful(&self, asset: AssetIx) -> bool;
}

/// What each origin of a trace claims, in the order of the origins.
pub(super) fn claimed(trace: &Trace, assets: &Assets<'_>) -> BTreeMap<usize, Claimed> {
    let mut claimed: BTreeMap<usize, Claimed> = BTreeMap::new();
    for row in &trace.origins {
        let number = row.origin.strip_prefix('o');
        let number = number.and_then(|number| number.parse::<usize>().ok());
        let place = number.and_then(|number| number.checked_sub(1));
        let place = place.expect("a trace names its origins o1, o2, …");
        if let Some(asset) = assets.get(row.asset.as_str()) {
            let sum = claimed.entry(place).or_default().entry(*asset).or_default();
            *sum = sum.saturating_add(units(&row.amount));
        }
    }
    claimed
}

/// As much of an amount as is claimed and was not taken before.
pub(super) fn take(claimed: &mut Claimed, asset: AssetIx, amount: U256) -> U256 {
    let Some(left) = claimed.get_mut(&asset) else {
        return U256::ZERO;
    };
    let taken = amount.min(*left);
    *left = left.saturating_sub(taken);
    taken
}

/// What went into the exchanges of a trace.
pub(super) fn crossings<V: ChainView>(
    view: &V,
    trace: &Trace,
    assets: &Assets<'_>,
) -> Vec<Crossing> {
    let crossing = |row: &crate::trace::result::Conversion| {
        let sides = row.taken.iter();
        let taken = sides.filter_map(|side| {
            let asset = assets.get(side.asset.as_str())?;
            Some((*asset, units(&side.tainted)))
        });
        Some(Crossing {
            tx: transaction(view, &row.transaction)?,
            taken: taken.collect(),
        })
    };
    trace.conversions.iter().filter_map(crossing).collect()
}

pub(super) fn floor_of(asset: &Asset) -> Option<U256> {
    let digits = match known(asset) {
        Some(token) => token.decimals,
        None => asset.decimals_hint()?.saturating_sub(3),
    };
    Some(U256::from(10_u64).pow(U256::from(digits)))
}

/// Whether an amount is so many times another; of more than 2^128 nobody asks.
pub(super) fn is_multiple(amount: U256, of: U256) -> bool {
    let parts = u128::try_from(amount).ok().zip(u128::try_from(of).ok());
    parts.is_some_and(|(amount, of)| of > 0 && amount.is_multiple_of(of))
}

/// The transactions that an origin names: of one id that two blocks have, that of its block.
pub(super) fn named<V: ChainView>(view: &V, origin: &Origin, id: &TransactionId) -> Vec<TxIx> {
    let mut found = view.find_transaction(id);
    if let Some(height) = origin.height {
        found.retain(|tx| view.position(*tx).height == Some(height));
    }
    found
}

pub(super) fn transaction<V: ChainView>(view: &V, id: &str) -> Option<TxIx> {
    let id = TransactionId::parse(view.chain(), id).ok()?;
    view.find_transaction(&id).first().copied()
}

pub(super) fn address<V: ChainView>(view: &V, text: Option<&str>) -> Option<AddressIx> {
    let address = Address::parse(view.chain(), text?).ok()?;
    view.find_address(&address)
}

pub(super) fn units(text: &str) -> U256 {
    text.parse().expect("a trace writes whole numbers")
}
