//! Which assets tell something about an address, and which anybody can make tell anything.
//!
//! A contract can say that any address sent its tokens to anybody. So a token that nobody vouches for says nothing of what an
//! address does: whoever made it would decide what looks like a deposit address, a service, a broker. The chain's own coin,
//! tables in currencies and the tokens of the shipped list do tell. Of an address that never moved any of these all is
//! taken, since there is nothing better.

use whither_ledger::known_tokens::known;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, HoldingIx};

/// Whether movements of an asset show what their sender did.
pub(crate) fn is_vouched<V: AccountView>(view: &V, asset: AssetIx) -> bool {
    let asset = view.asset(asset);
    let text = asset.as_str();
    text.contains("/slip44:") || text.starts_with("iso4217:") || known(&asset).is_some()
}

/// The holdings of an address that tell what it does.
pub(crate) fn telling<V: AccountView>(view: &V, address: AddressIx) -> Vec<HoldingIx> {
    let all: Vec<HoldingIx> = view.holdings(address).collect();
    let vouched: Vec<HoldingIx> = all
        .iter()
        .copied()
        .filter(|holding| is_vouched(view, view.holding(*holding).1))
        .collect();
    if vouched.is_empty() { all } else { vouched }
}

/// Whether these holdings have more movements than a limit.
pub(crate) fn is_crowd<V: AccountView>(view: &V, holdings: &[HoldingIx], limit: usize) -> bool {
    let mut left = limit;
    for holding in holdings {
        match left.checked_sub(view.movement_count(*holding)) {
            Some(rest) => left = rest,
            None => return true,
        }
    }
    false
}
