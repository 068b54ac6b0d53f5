//! Conversions as rows of the result, and what must be said of them.

use whither_ledger::U256;
use whither_ledger::amount::Amount;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, HoldingIx, TxIx};

use super::naming::Naming;
use crate::trace::collect::{Collector, by_transaction};
use crate::trace::result::{Caveat, Conversion, ConversionSide};

/// The conversions that taint went through, in chain order.
pub fn rows<A: Amount, N: Naming<A>>(naming: &N, found: &Collector<A>) -> Vec<Conversion> {
    let view = naming.view();
    let side = |(asset, amount, tainted): &(AssetIx, A, A)| ConversionSide {
        asset: naming.asset(*asset),
        amount: amount.to_string(),
        tainted: tainted.to_string(),
    };
    let groups = by_transaction(&found.conversions, |conversion| conversion.tx);
    let rows = groups.into_iter().flatten().map(|conversion| Conversion {
        transaction: view.transaction_id(conversion.tx).to_string(),
        address: conversion
            .address
            .map(|address| view.address(address).display(view.chain())),
        rule: conversion.rule.to_owned(),
        taken: conversion.taken.iter().map(side).collect(),
        given: conversion.given.iter().map(side).collect(),
    });
    rows.collect()
}

/// Exchanges in a transaction that no order of its steps explains.
pub fn circular_conversion<V: AccountView>(view: &V, tx: TxIx) -> Caveat {
    Caveat {
        transaction: Some(view.transaction_id(tx).to_string()),
        ..Caveat::general(
            "conversion-circle",
            "assets are exchanged in this transaction in a way that no order of its transfers explains; they are \
             followed as they are, and money may seem to stay where it was only passed on",
        )
    }
}

/// Several assets that went in together: which share each has of what came out is not on the chain.
pub fn conversion_weights<V: AccountView>(
    view: &V,
    tx: TxIx,
    address: Option<AddressIx>,
) -> Caveat {
    Caveat {
        address: address.map(|address| view.address(address).display(view.chain())),
        transaction: Some(view.transaction_id(tx).to_string()),
        ..Caveat::general(
            "conversion-weights",
            "several assets were given together for what came back; each counts for the same share of it, for the \
             chain does not tell what they are worth",
        )
    }
}

/// The origin's own address exchanged: by its will, or because it was robbed that way.
pub fn origin_converts<V: AccountView>(
    view: &V,
    tx: TxIx,
    holding: HoldingIx,
    amount: U256,
) -> Caveat {
    let (address, asset) = view.holding(holding);
    Caveat {
        address: Some(view.address(address).display(view.chain())),
        asset: Some(view.asset(asset).to_string()),
        amount: Some(amount.to_string()),
        transaction: Some(view.transaction_id(tx).to_string()),
        ..Caveat::general(
            "origin-converts",
            "the address that is an origin exchanged this for other assets, and these are followed; where the exchange \
             was the theft, name what was taken as the origin: a transfer of this transaction",
        )
    }
}
