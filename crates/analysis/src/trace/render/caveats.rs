//! What must be said with an answer: in words, with the address, asset and amount it is about.

use whither_ledger::U256;
use whither_ledger::amount::Amount;
use whither_ledger::asset::Asset;
use whither_ledger::coverage::Coverage;
use whither_ledger::view::{AccountView, AssetIx, Destination, HoldingIx, TxIx, UtxoView};

use super::naming::{Naming, Outputs};
use crate::trace::collect::{Collector, Place};
use crate::trace::policy::Policy;
use crate::trace::request::Request;
use crate::trace::result::{Caveat, EndpointKind};

/// What must be said with every answer of this kind.
pub fn general_caveats<A: Amount, N: Naming<A>>(
    naming: &N,
    request: &Request,
    found: &Collector<A>,
) -> Vec<Caveat> {
    let view = naming.view();
    let mut caveats = Vec::new();
    if request.policy == Policy::Poison {
        caveats.push(Caveat::general(
            "reach",
            "poison is a reach, not a value: every amount is the whole of what taint touched, and amounts do not add up",
        ));
    }
    if found
        .ends
        .iter()
        .any(|end| end.kind == EndpointKind::Horizon)
    {
        caveats.push(Caveat::general(
            "horizon",
            "some ends are \"last seen at\": the data ends there, and the money may have moved on",
        ));
    }
    let about: Vec<_> = view
        .notes()
        .iter()
        .filter_map(|note| note.transaction.as_ref())
        .flat_map(|id| view.find_transaction(id))
        .collect();
    let tainted = found.moved(&about);
    let touched = |note: &&whither_ledger::view::Note| {
        note.transaction.as_ref().is_none_or(|id| {
            let named = view.find_transaction(id);
            named.iter().any(|tx| tainted.contains(tx))
        })
    };
    caveats.extend(view.notes().iter().filter(touched).map(|note| Caveat {
        transaction: note.transaction.as_ref().map(ToString::to_string),
        ..Caveat::general(note.kind, note.what.clone())
    }));
    caveats
}

/// What must be said with every answer from an account chain.
pub fn account_caveats<V: AccountView>(view: &V, found: &Collector<U256>) -> Vec<Caveat> {
    let mut caveats = Vec::new();
    if moves_native_without_gas(view, found) {
        caveats.push(Caveat::general(
            "no-gas",
            "the source tells no gas; what was paid for inclusion still counts as held or passed on",
        ));
    }
    let promises = view.coverage();
    if promises
        .iter()
        .any(|coverage| !coverage.internal() && !matches!(coverage, Coverage::Rows { .. }))
    {
        caveats.push(Caveat::general(
            "no-internal-transfers",
            "the source has no transfers made inside contract calls; money that arrived or left by one is not seen, \
             and balances may not close",
        ));
    }
    if promises
        .iter()
        .any(|coverage| matches!(coverage, Coverage::Rows { .. }))
    {
        caveats.push(Caveat::general(
            "rows-only",
            "a source promises these rows and no others; what an address did besides is not known",
        ));
    }
    caveats
}

/// Money that an origin names and an earlier one had claimed.
pub fn collision<V: UtxoView>(view: &V, origin: &str, place: Place, lost: u64) -> Caveat {
    let naming = Outputs::of(view);
    let output = naming.output_of(place).unwrap_or_default();
    Caveat {
        address: naming
            .address_of(place)
            .map(|ix| view.address(ix).display(view.chain())),
        asset: Some(naming.asset(AssetIx(0))),
        amount: Some(lost.to_string()),
        ..Caveat::general(
            "collision",
            format!(
                "{origin} names {output}, of which an earlier claim has this amount; it is counted once"
            ),
        )
    }
}

/// The same on an account chain.
pub fn collision_in_holding<V: AccountView>(
    view: &V,
    origin: &str,
    holding: HoldingIx,
    lost: U256,
    tx: Option<TxIx>,
) -> Caveat {
    let (address, asset) = view.holding(holding);
    Caveat {
        address: Some(view.address(address).display(view.chain())),
        asset: Some(view.asset(asset).to_string()),
        amount: Some(lost.to_string()),
        transaction: tx.map(|tx| view.transaction_id(tx).to_string()),
        ..Caveat::general(
            "collision",
            format!(
                "{origin} names money of which an earlier claim has this amount; it is counted once"
            ),
        )
    }
}

/// A beginning that the data does not tell.
pub fn unknown_opening<V: AccountView>(
    view: &V,
    holding: HoldingIx,
    opening: U256,
    claimed: bool,
) -> Caveat {
    let (address, asset) = view.holding(holding);
    let what = if claimed {
        "this address sends more than the data shows it to have received; what is missing counts as part of the origin"
    } else {
        "this address sends more than the data shows it to have received; at least this much lay there before, \
         of unknown beginning, and moves as oldest"
    };
    Caveat {
        address: Some(view.address(address).display(view.chain())),
        asset: Some(view.asset(asset).to_string()),
        amount: Some(opening.to_string()),
        ..Caveat::general("unknown-opening", what)
    }
}

/// Two transactions whose order rests on the order of rows.
pub fn tie<V: AccountView>(view: &V, holding: HoldingIx, first: TxIx, second: TxIx) -> Caveat {
    let (address, asset) = view.holding(holding);
    Caveat {
        address: Some(view.address(address).display(view.chain())),
        asset: Some(view.asset(asset).to_string()),
        transaction: Some(view.transaction_id(second).to_string()),
        ..Caveat::general(
            "tie",
            format!(
                "the source does not tell whether {} or {} came first; the order of rows is taken, and the answer may \
                 depend on it",
                view.transaction_id(first),
                view.transaction_id(second)
            ),
        )
    }
}

/// Whether taint moves in the chain's native asset by transactions that tell no gas.
fn moves_native_without_gas<V: AccountView>(view: &V, found: &Collector<U256>) -> bool {
    let native = Asset::coin(view.chain());
    let is_native = |asset: AssetIx| Some(view.asset(asset).as_ref()) == native.as_ref();
    found.flows.iter().any(|flow| {
        flow.out
            && is_native(flow.asset)
            && !view.legs(flow.tx).any(|leg| leg.to == Destination::Fee)
    })
}
