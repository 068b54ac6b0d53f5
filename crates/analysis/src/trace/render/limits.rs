//! Where the data of an account chain cannot tell the truth, said at the place and with the amount.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::coverage::Coverage;
use whither_ledger::known_tokens::{Ways, known};
use whither_ledger::view::{AccountView, AddressIx, AssetIx, Destination, HoldingIx, Leg, TxIx};

use crate::trace::result::Caveat;

/// How many assets a sentence names.
const NAMED_MAX: usize = 10;

/// Whether sources promise to be complete but for transfers made inside contract calls.
pub fn lacks_internal<V: AccountView>(view: &V) -> bool {
    // Nothing is left of such a promise where another source promises all.
    let lacks =
        |promise: &Coverage| !promise.internal() && !matches!(promise, Coverage::Rows { .. });
    view.coverage().iter().any(lacks)
}

fn about<V: AccountView>(
    view: &V,
    holding: HoldingIx,
    amount: U256,
    (kind, what): (&str, &str),
) -> Caveat {
    let (address, asset) = view.holding(holding);
    Caveat {
        address: Some(view.address(address).display(view.chain())),
        asset: Some(view.asset(asset).to_string()),
        amount: Some(amount.to_string()),
        ..Caveat::general(kind, what)
    }
}

/// A beginning that the data should have told: coins that came inside calls, or a token whose events do not add up.
pub fn unexplained_opening<V: AccountView>(
    view: &V,
    holding: HoldingIx,
    opening: U256,
) -> Option<Caveat> {
    let asset = view.asset(view.holding(holding).1);
    if asset.is_coin() {
        let said = (
            "no-internal-transfers",
            "this address sends this much more than it is seen to receive; the source leaves out transfers made inside \
             contract calls, and this may have come by them",
        );
        return lacks_internal(view).then(|| about(view, holding, opening, said));
    }
    let from_the_first =
        |promise: &Coverage| matches!(promise, Coverage::Blocks { first: Some(0), .. });
    let said = (
        "balance-does-not-close",
        "all blocks are here, and yet this address sends this much more than it received: the token's transfers do not \
         tell its balances, as where it is made without one, changes balances by itself, or says what is not so",
    );
    let covered = view.coverage().iter().any(from_the_first);
    (covered && asset.contract().is_some()).then(|| about(view, holding, opening, said))
}

/// Coins at a contract that may have sent them on unseen.
pub fn contract_holds<V: AccountView>(view: &V, holding: HoldingIx, amount: U256) -> Caveat {
    let said = (
        "no-internal-transfers",
        "a contract received this; what it sent on inside its calls is not in the source, so the money may have moved on",
    );
    about(view, holding, amount, said)
}

/// What came to a contract in an exchange and seems to stay: the leg by which it went on is not in the data.
pub fn missing_leg<V: AccountView>(
    view: &V,
    holding: HoldingIx,
    amount: U256,
    tx: Option<TxIx>,
) -> Caveat {
    let said = (
        "missing-leg",
        "this came to a contract in an exchange, and what was paid for it is not in the source, which leaves out \
         transfers made inside contract calls; most often it is the same amount of the chain's own coin",
    );
    Caveat {
        transaction: tx.map(|tx| view.transaction_id(tx).to_string()),
        ..about(view, holding, amount, said)
    }
}

/// What the payer of a movement got of coins and well-known tokens in the same transaction, net: what rows that nobody promises to be
/// complete show of an exchange.
pub fn got_for_it<V: AccountView>(
    view: &V,
    holding: HoldingIx,
    tx: TxIx,
) -> BTreeMap<AssetIx, U256> {
    let (_, asset) = view.holding(holding);
    let owner = |holding: HoldingIx| view.holding(holding).0;
    let paid = |leg: &Leg| leg.to == Destination::Holding(holding);
    let payers: BTreeSet<AddressIx> = view
        .legs(tx)
        .filter(paid)
        .filter_map(|leg| leg.from.map(owner))
        .collect();
    let mut got: BTreeMap<AssetIx, (U256, U256)> = BTreeMap::new();
    // A worthless token that came along is nothing in return.
    let is_money = |asset: AssetIx| {
        let asset = view.asset(asset);
        asset.is_coin() || known(&asset).is_some()
    };
    for leg in view
        .legs(tx)
        .filter(|leg| leg.asset != asset && is_money(leg.asset))
    {
        let sums = got.entry(leg.asset).or_default();
        if matches!(leg.to, Destination::Holding(to) if payers.contains(&owner(to))) {
            sums.0 = sums.0.plus(leg.amount);
        }
        if leg.to != Destination::Fee && leg.from.is_some_and(|from| payers.contains(&owner(from)))
        {
            sums.1 = sums.1.plus(leg.amount);
        }
    }
    let net = got.into_iter().filter_map(|(asset, (got, gave))| {
        let net = got.checked_sub(gave).filter(|net| !net.is_zero())?;
        Some((asset, net))
    });
    net.collect()
}

/// An exchange of which the rows show what was given and what was got, and not the way between.
pub fn unseen_exchange<V: AccountView>(
    view: &V,
    holding: HoldingIx,
    amount: U256,
    tx: TxIx,
) -> Caveat {
    let got = got_for_it(view, holding, tx);
    let got: Vec<String> = got
        .iter()
        .take(NAMED_MAX)
        .map(|(asset, amount)| format!("{amount} of {}", view.asset(*asset)))
        .collect();
    let what = format!(
        "in the same transaction whoever paid this got {}: most likely it was exchanged, and the rows do not show how; what \
         became of it is there, and is followed with a claim or with rows of all who took part",
        got.join(" and ")
    );
    Caveat {
        transaction: Some(view.transaction_id(tx).to_string()),
        ..about(view, holding, amount, ("missing-leg", &what))
    }
}

/// Tokens of an origin's address that show nothing but tricks; one sentence per address, however many they are.
pub fn left_out<V: AccountView>(view: &V, holdings: &BTreeSet<HoldingIx>) -> Vec<Caveat> {
    let mut of: BTreeMap<AddressIx, BTreeSet<AssetIx>> = BTreeMap::new();
    for holding in holdings {
        let (address, asset) = view.holding(*holding);
        of.entry(address).or_default().insert(asset);
    }
    let caveat = |(address, assets): (AddressIx, BTreeSet<AssetIx>)| {
        let named = assets.iter().take(NAMED_MAX);
        let named: Vec<String> = named.map(|asset| view.asset(*asset).to_string()).collect();
        let more = assets.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        Caveat {
            address: Some(view.address(address).display(view.chain())),
            ..Caveat::general(
                "left-out-of-origin",
                format!(
                    "nothing stands behind these tokens of the origin's address, and they are not counted: {}{more}; \
                     to follow one all the same, name a transfer of it",
                    named.join(", ")
                ),
            )
        }
    };
    of.into_iter().map(caveat).collect()
}

/// Tokens whose amounts say little about who holds what.
pub fn odd_tokens<V: AccountView>(view: &V, assets: impl Iterator<Item = AssetIx>) -> Vec<Caveat> {
    let caveat = |asset: AssetIx| {
        let asset = view.asset(asset);
        let token = known(&asset)?;
        let what = match token.ways {
            Ways::Plain | Ways::Wraps => return None,
            Ways::Rebases => {
                "balances of this token also change without transfers; amounts are those of the transfers"
            }
            Ways::Taxes => {
                "a part of what is sent of this token goes elsewhere; amounts are those of the transfers"
            }
        };
        Some(Caveat {
            asset: Some(asset.to_string()),
            ..Caveat::general("amounts-unreliable", what)
        })
    };
    assets.filter_map(caveat).collect()
}
