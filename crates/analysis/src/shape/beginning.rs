//! With whom the money of a deposit address begins.
//!
//! A hand that moves its money from account to account before it gathers it is one payer, and not as many as there are
//! accounts. So who only passed on what one address gave stands for that one. Payments of others into such accounts, less
//! than a tenth of what came, change nothing: anybody can make them.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, Destination, HoldingIx};

use super::DEPOSIT_POSTINGS_MAX;
use crate::money::{is_crowd, telling};

/// Over so many accounts it is asked who passed on what one gave.
const PASSED_ON_MAX: usize = 32;

/// What an address did with one asset.
#[derive(Debug, Default)]
struct Passage {
    /// Who gave how much.
    given: BTreeMap<AddressIx, U256>,
    /// All that came, from wherever.
    came: U256,
    payees: BTreeSet<AddressIx>,
    /// Whether some was destroyed.
    burns: bool,
}

impl Passage {
    fn of<V: AccountView>(view: &V, holding: HoldingIx) -> Self {
        let mut found = Self {
            came: view.opening(holding),
            ..Self::default()
        };
        for posting in view.postings(holding) {
            let leg = view.leg(posting.tx, posting.leg);
            match leg.to {
                to if to == Destination::Holding(holding) => {
                    found.came = found.came.saturating_add(leg.amount);
                    if let Some(from) = leg.from {
                        let sum = found.given.entry(view.holding(from).0).or_default();
                        *sum = sum.saturating_add(leg.amount);
                    }
                }
                Destination::Holding(to) => {
                    found.payees.insert(view.holding(to).0);
                }
                Destination::Burn => found.burns = true,
                Destination::Fee => {}
            }
        }
        found
    }

    /// Who gave the most, and how much; of two the first.
    fn giver(&self) -> Option<(AddressIx, U256)> {
        let rows = self.given.iter().map(|(payer, sum)| (*payer, *sum));
        rows.max_by_key(|(payer, sum)| (*sum, std::cmp::Reverse(*payer)))
    }
}

/// With whom the money begins that came to an address which pays nobody but this one, of each asset; nobody where it pays
/// others.
pub(super) fn paying<V: AccountView>(
    view: &V,
    payer: AddressIx,
    into: AddressIx,
) -> BTreeSet<AddressIx> {
    let holdings = telling(view, payer);
    if payer == into || is_crowd(view, &holdings, DEPOSIT_POSTINGS_MAX) {
        return BTreeSet::new();
    }
    let mut paying = BTreeSet::new();
    for holding in holdings {
        let passage = Passage::of(view, holding);
        if passage.burns || passage.payees.iter().any(|payee| *payee != into) {
            return BTreeSet::new();
        }
        if let Some((giver, _)) = passage.giver() {
            paying.insert(beginning(view, giver, view.holding(holding).1));
        }
    }
    paying.remove(&into);
    paying.remove(&payer);
    paying
}

/// Whom a payer stands for: who passed on what one address gave, to two at most, stands for that one, as long as that
/// is nobody busy, whose customers are each somebody.
fn beginning<V: AccountView>(view: &V, payer: AddressIx, asset: AssetIx) -> AddressIx {
    let mut here = payer;
    for _ in 0..PASSED_ON_MAX {
        let Some(before) = gave_most(view, here, asset) else {
            break;
        };
        if before == payer || is_crowd(view, &telling(view, before), DEPOSIT_POSTINGS_MAX) {
            break;
        }
        here = before;
    }
    here
}

/// Who gave an address at least nine tenths of what it had of an asset, if it paid two at most.
fn gave_most<V: AccountView>(view: &V, address: AddressIx, asset: AssetIx) -> Option<AddressIx> {
    let mut holdings = view.holdings(address);
    let holding = holdings.find(|holding| view.holding(*holding).1 == asset)?;
    if is_crowd(view, &[holding], DEPOSIT_POSTINGS_MAX) {
        return None;
    }
    let passage = Passage::of(view, holding);
    let (giver, most) = passage.giver()?;
    let tenths = |amount: U256, times: u64| amount.saturating_mul(U256::from(times));
    let is_most = tenths(most, 10) >= tenths(passage.came, 9);
    (is_most && !passage.burns && passage.payees.len() <= 2).then_some(giver)
}
