//! Deposit addresses of account chains: who pays in at a service, found by how the service sweeps.
//!
//! A service gives each customer an address and forwards what arrives there to its hot wallet. So who pays into one
//! deposit address is, most likely, one customer. The rule (Victor, FC 2020; Tutela): e pays d an amount `a_r` at block
//! `t_r`, d pays the service x `a_f` at `t_f`, `0 <= a_r - a_f <= alpha`, `0 <= t_f - t_r <= tau`. Its confidence is
//! `1 - ((a_r - a_f) / alpha + (t_f - t_r) / tau) / 2`. Since 2020 services sweep many payments at once; a run of payments
//! that adds up to the sweep counts too. For tokens alpha is 0, and gas must come to d from somebody else than its payer
//! (where the data tells of gas at all): who pays the gas of his own address owns it.
//!
//! An address that ever pays anybody but the one service is no deposit address here; tokens that nobody vouches for count
//! only where it moved nothing else, since their contract can say that anybody sent them to anybody. When the rule fails: a private
//! address that its owner empties into an exchange looks the same; several people may pay one customer. Measured in
//! `docs/methods/deposits.md`.
//!
//! Gas funders and consolidation targets are leads and join nothing.

mod entities;
mod strike;
mod sweep;

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::view::{AccountKind, AccountView, AddressIx, AssetIx, Destination, TxIx};

pub use entities::{Entity, consolidations, entities};
pub use sweep::{Receipt, Sweep};

use crate::money::{is_crowd, telling};

/// One address alone is not looked at beyond so many movements.
pub const POSTINGS_MAX: usize = 20_000;

/// The rule's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How much of the chain's own asset a sweep may leave behind, smallest units. Of tokens nothing.
    pub alpha: U256,
    /// Within how many blocks a sweep comes.
    pub tau: u32,
    /// How many payments one sweep may bring together.
    pub batch_max: usize,
}

impl Rule {
    /// On this chain: a hundredth of its coin, 3,200 blocks, 64 payments.
    #[must_use]
    pub fn of(chain: &Chain) -> Self {
        // A coin of whose decimals nobody has said anything is of Ethereum's kind.
        let coin = Asset::coin(chain).and_then(|coin| coin.decimals_hint());
        let digits = coin.unwrap_or(18).saturating_sub(2);
        Self {
            alpha: U256::from(10_u64).pow(U256::from(digits)),
            tau: 3_200,
            batch_max: 64,
        }
    }
}

/// A deposit address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// The address.
    pub address: AddressIx,
    /// The service's wallet that it forwards to.
    pub service: AddressIx,
    /// The sweeps that were matched, in chain order.
    pub sweeps: Vec<Sweep>,
    /// Sweeps of the address that no run of payments explains.
    pub unmatched: usize,
    /// Who paid its gas.
    pub funders: BTreeSet<AddressIx>,
    /// The mean over its matched sweeps, in millionths, rounded down.
    pub confidence_millionths: u64,
}

/// Who looks like a deposit address and is none, by why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotDeposit {
    /// It pays somebody besides the service.
    PaysOthers,
    /// It pays several services.
    SeveralServices,
    /// A source says that it holds code.
    Contract,
    /// No run of payments explains any of its sweeps.
    NoMatch,
    /// It forwards tokens, and nobody but its payers paid its gas.
    OwnGas,
    /// Its payments or sweeps have no block height.
    NoHeight,
    /// It swept only when the wallet was, by all that is said, not the service's.
    NotInForce,
    /// All its links were struck.
    Struck,
}

impl NotDeposit {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PaysOthers => "pays-others",
            Self::SeveralServices => "several-services",
            Self::Contract => "contract",
            Self::NoMatch => "no-match",
            Self::OwnGas => "own-gas",
            Self::NoHeight => "no-height",
            Self::NotInForce => "not-in-force",
            Self::Struck => "struck",
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deposits {
    /// Deposit addresses, by address.
    pub found: Vec<Deposit>,
    /// Addresses that pay a service and are none, with why.
    pub refused: BTreeMap<AddressIx, NotDeposit>,
}

/// A credit or a debit of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Movement {
    pub tx: TxIx,
    pub asset: AssetIx,
    pub other: Option<AddressIx>,
    pub amount: U256,
    pub height: Option<u32>,
    pub is_in: bool,
}

/// The deposit addresses of services, by the rule.
#[must_use]
pub fn deposits<V: AccountView>(view: &V, services: &BTreeSet<AddressIx>, rule: &Rule) -> Deposits {
    let mut deposits = Deposits::default();
    let sees_gas = gas_is_seen(view);
    for candidate in payers(view, services) {
        match of_address(view, services, (rule, sees_gas), candidate) {
            Ok(deposit) => deposits.found.push(deposit),
            Err(why) => {
                deposits.refused.insert(candidate, why);
            }
        }
    }
    deposits
}

/// Whether one address is a deposit address of these services, and if not, why not; the rule comes with whether
/// [gas is seen](gas_is_seen). What a crowd uses is nobody's own: an address of more than [`POSTINGS_MAX`] movements is told to pay others without a look.
///
/// # Errors
/// Why it is none.
pub fn of<V: AccountView>(
    view: &V,
    services: &BTreeSet<AddressIx>,
    (rule, sees_gas): (&Rule, bool),
    address: AddressIx,
) -> Result<Deposit, NotDeposit> {
    if is_crowd(view, &telling(view, address), POSTINGS_MAX) {
        return Err(NotDeposit::PaysOthers);
    }
    of_address(view, services, (rule, sees_gas), address)
}

/// Who pays a service, services left out.
fn payers<V: AccountView>(view: &V, services: &BTreeSet<AddressIx>) -> BTreeSet<AddressIx> {
    let mut payers = BTreeSet::new();
    for service in services {
        for holding in view.holdings(*service) {
            for posting in view.postings(holding) {
                let leg = view.leg(posting.tx, posting.leg);
                let from = leg.from.filter(|_| leg.to == Destination::Holding(holding));
                payers.extend(from.map(|from| view.holding(from).0));
            }
        }
    }
    payers.retain(|payer| !services.contains(payer) && !view.address(*payer).is_zero_account());
    payers
}

/// The movements of an address in chain order, gas left out, and tokens that say nothing of it ([`crate::money`]).
pub(crate) fn movements<V: AccountView>(view: &V, address: AddressIx) -> Vec<Movement> {
    let mut found = Vec::new();
    for holding in telling(view, address) {
        let (_, asset) = view.holding(holding);
        for posting in view.postings(holding) {
            let leg = view.leg(posting.tx, posting.leg);
            let is_in = leg.to == Destination::Holding(holding);
            let other = match (is_in, leg.to) {
                (true, _) => leg.from.map(|from| view.holding(from).0),
                (false, Destination::Holding(to)) => Some(view.holding(to).0),
                (false, Destination::Burn) => None,
                (false, Destination::Fee) => continue,
            };
            found.push(Movement {
                tx: posting.tx,
                asset,
                other,
                amount: leg.amount,
                height: view.position(posting.tx).height,
                is_in,
            });
        }
    }
    // Within one transaction what comes stands before what goes (law 5).
    found.sort_by_key(|movement| (movement.tx, !movement.is_in, movement.asset));
    found
}

/// Whether the data tells of the chain's own asset. Where it does not, nobody can say who paid for gas.
#[must_use]
pub fn gas_is_seen<V: AccountView>(view: &V) -> bool {
    let native = Asset::coin(view.chain());
    let assets = 0..view.asset_count();
    native.is_some_and(|native| {
        assets
            .into_iter()
            .any(|row| *view.asset(AssetIx::of(row)) == native)
    })
}

fn of_address<V: AccountView>(
    view: &V,
    services: &BTreeSet<AddressIx>,
    (rule, sees_gas): (&Rule, bool),
    address: AddressIx,
) -> Result<Deposit, NotDeposit> {
    if view.account_kind(address) == Some(AccountKind::Contract) {
        return Err(NotDeposit::Contract);
    }
    let movements = movements(view, address);
    let paid: BTreeSet<Option<AddressIx>> = movements
        .iter()
        .filter(|movement| !movement.is_in)
        .map(|movement| movement.other)
        .collect();
    let is_service = |paid: &Option<AddressIx>| paid.is_some_and(|paid| services.contains(&paid));
    if !paid.iter().all(is_service) {
        return Err(NotDeposit::PaysOthers);
    }
    let mut paid = paid.into_iter().flatten();
    let (Some(service), None) = (paid.next(), paid.next()) else {
        return Err(NotDeposit::SeveralServices);
    };
    if movements.iter().any(|movement| movement.height.is_none()) {
        return Err(NotDeposit::NoHeight);
    }
    let native = Asset::coin(view.chain());
    let is_native = |asset: AssetIx| {
        native
            .as_ref()
            .is_some_and(|native| *view.asset(asset) == *native)
    };
    let (mut sweeps, unmatched) = sweep::matched(&movements, rule, is_native);
    if sweeps.is_empty() {
        return Err(NotDeposit::NoMatch);
    }
    let payers: BTreeSet<AddressIx> = sweeps.iter().flat_map(Sweep::payers).collect();
    let gas = movements
        .iter()
        .filter(|movement| movement.is_in && is_native(movement.asset));
    let gas: BTreeSet<AddressIx> = gas.filter_map(|movement| movement.other).collect();
    let funders: BTreeSet<AddressIx> = gas.difference(&payers).copied().collect();
    if sees_gas && funders.is_empty() {
        sweeps.retain(|sweep| is_native(sweep.asset));
        if sweeps.is_empty() {
            return Err(NotDeposit::OwnGas);
        }
    }
    let sum: u64 = sweeps.iter().map(|sweep| sweep.confidence_millionths).sum();
    let count = u64::try_from(sweeps.len()).expect("sweeps are counted in memory");
    Ok(Deposit {
        address,
        service,
        unmatched,
        funders,
        confidence_millionths: sum / count,
        sweeps,
    })
}
