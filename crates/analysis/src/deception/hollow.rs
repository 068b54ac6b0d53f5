//! Token movements behind which nothing stands: events that balances do not bear out, and tokens nobody asked for.
//!
//! A contract may emit any event about anybody. Only tokens that are not well known are judged; whatever an origin
//! names is taken at its word.

use std::collections::BTreeSet;

use whither_ledger::asset::Asset;
use whither_ledger::known_tokens::known;
use whither_ledger::view::{
    AccountKind, AccountView, AddressIx, AssetIx, Destination, HoldingIx, Leg, Posting, TxIx,
};

use super::likeness::imitated;
use super::other_side;

/// Why nothing stands behind a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hollow {
    /// Its sender never had it, and neither side signed.
    Unsupported,
}

/// Whether an asset is a contract's token.
pub(super) fn is_token(asset: &Asset) -> bool {
    asset.contract().is_some()
}

/// An address and whom it deals with: found once, for it may have many worthless tokens.
pub struct Judge<'a, V> {
    view: &'a V,
    address: AddressIx,
    /// On the other side of what it moved of coins, well-known tokens and what is followed, or paid itself.
    dealings: BTreeSet<AddressIx>,
}

impl<'a, V: AccountView> Judge<'a, V> {
    /// Looks at all that an address moved.
    pub fn of(view: &'a V, address: AddressIx, is_followed: impl Fn(AssetIx) -> bool) -> Self {
        let mut dealings = BTreeSet::new();
        for holding in view.holdings(address) {
            let asset = view.holding(holding).1;
            let named = view.asset(asset);
            let is_money = !is_token(&named) || known(&named).is_some() || is_followed(asset);
            for posting in view.postings(holding) {
                let leg = view.leg(posting.tx, posting.leg);
                let paid =
                    || leg.from == Some(holding) && signer(view, posting.tx) == Some(address);
                if is_money || paid() {
                    dealings.extend(other_side(view, holding, &leg));
                }
            }
        }
        Self {
            view,
            address,
            dealings,
        }
    }

    /// Whether nothing that a holding of the address shows is worth following unasked.
    pub fn is_hollow(&self, holding: HoldingIx) -> bool {
        let view = self.view;
        let asset = view.holding(holding).1;
        let named = view.asset(asset);
        if !is_token(&named) || known(&named).is_some() {
            return false;
        }
        imitated(view, asset, std::iter::empty()).is_some()
            || self.is_unsolicited(holding)
            || view
                .postings(holding)
                .all(|posting| judge(view, posting, &view.leg(posting.tx, posting.leg)).is_some())
    }

    /// Whether a token came to the address, which never moved it, signed for it or dealt with who sent it.
    pub(super) fn is_unsolicited(&self, holding: HoldingIx) -> bool {
        let view = self.view;
        let asset = view.holding(holding).1;
        view.postings(holding).all(|posting| {
            let leg = view.leg(posting.tx, posting.leg);
            let Some(signer) = signer(view, posting.tx) else {
                return false;
            };
            let sender = other_side(view, holding, &leg);
            let mut senders = [sender, Some(signer)].into_iter().flatten();
            let moves_else = || {
                view.legs(posting.tx)
                    .filter(|other| other.asset != asset)
                    .any(|other| touches(view, &other, &[self.address]))
            };
            leg.from != Some(holding)
                && signer != self.address
                && !senders.any(|sender| self.dealings.contains(&sender))
                && !moves_else()
        })
    }
}

/// Who paid for a transaction.
fn signer<V: AccountView>(view: &V, tx: TxIx) -> Option<AddressIx> {
    let fee = view.legs(tx).find(|leg| leg.to == Destination::Fee)?;
    fee.from.map(|holding| view.holding(holding).0)
}

/// Judges one movement.
pub(super) fn judge<V: AccountView>(view: &V, at: Posting, leg: &Leg) -> Option<Hollow> {
    let (from, Destination::Holding(to)) = (leg.from?, leg.to) else {
        return None;
    };
    let parties = [view.holding(from).0, view.holding(to).0];
    let signer = signer(view, at.tx)?;
    let is_contract = view.account_kind(parties[0]) == Some(AccountKind::Contract);
    if parties.contains(&signer) || is_contract {
        return None;
    }
    let before = view.movements_before(from, |other| other < at);
    let known = view
        .balance_after(from, before)
        .saturating_sub(view.opening(from));
    let moves_else = || {
        view.legs(at.tx)
            .filter(|other| other.asset != leg.asset && other.to != Destination::Fee)
            .any(|other| touches(view, &other, &parties))
    };
    (known < leg.amount && !moves_else()).then_some(Hollow::Unsupported)
}

fn touches<V: AccountView>(view: &V, leg: &Leg, parties: &[AddressIx]) -> bool {
    let to = match leg.to {
        Destination::Holding(holding) => Some(holding),
        Destination::Burn | Destination::Fee => None,
    };
    let mut sides = [leg.from, to].into_iter().flatten();
    sides.any(|holding| parties.contains(&view.holding(holding).0))
}
