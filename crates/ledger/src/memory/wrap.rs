//! Which words of a contract on wrapping count: its own token was made or destroyed for coins of the chain.
//!
//! Wrapped coins are made and destroyed without a transfer event. Any contract can emit such an event, and a
//! vault that is no token does: so two things must bear it out, the coins that went in or came out in the same
//! transaction, and transfers that the contract tells of elsewhere; or the contract is a well-known one. Not
//! decided per source, since then it would depend on how the data was cut into files.

use std::collections::BTreeSet;

use super::merge::is_native;
use super::tables::{RowKind, TableRow};
use crate::address::Address;
use crate::asset::Asset;
use crate::chain::Chain;
use crate::known_tokens::{Ways, known};

/// The assets that somebody tells transfers of, among those that contracts say they wrap.
pub fn tokens<'rows>(
    rows: impl Iterator<Item = (RowKind, &'rows Asset)> + Clone,
) -> BTreeSet<&'rows Asset> {
    let of_kind = |kind| rows.clone().filter(move |row| row.0 == kind);
    let wrapped: BTreeSet<&Asset> = of_kind(RowKind::Wrap).map(|row| row.1).collect();
    if wrapped.is_empty() {
        return wrapped;
    }
    let moved = of_kind(RowKind::Transfer).map(|row| row.1);
    let moved = moved.filter(|asset| wrapped.contains(asset));
    let known = wrapped.iter().copied().filter(|asset| is_known(asset));
    moved.chain(known).collect()
}

/// Whether an asset is well known to wrap the chain's coin.
fn is_known(asset: &Asset) -> bool {
    known(asset).is_some_and(|token| token.ways == Ways::Wraps)
}

/// Makes those rows of one transaction mints and burns that are borne out.
pub(super) fn decide<'rows>(
    chain: &Chain,
    tokens: &BTreeSet<Asset>,
    rows: impl Iterator<Item = &'rows mut TableRow>,
) {
    if tokens.is_empty() {
        return;
    }
    let mut rows: Vec<&mut TableRow> = rows.collect();
    for place in 0..rows.len() {
        let row = &rows[place];
        if row.kind != RowKind::Wrap || !tokens.contains(&row.asset) {
            continue;
        }
        let Some(contract) = contract(chain, &row.asset) else {
            continue;
        };
        let is_made = row.from.is_zero_account();
        let bears_out = |coin: &&mut TableRow| {
            let side = if is_made { &coin.to } else { &coin.from };
            coin.kind == RowKind::Transfer
                && coin.amount == row.amount
                && *side == contract
                && is_native(chain, &coin.asset)
        };
        // Some wrapped coins tell of both: then the transfer is the mint or the burn.
        let is_told = |other: &&mut TableRow| {
            let said = |row: &TableRow| (row.asset.clone(), row.from.clone(), row.to.clone());
            other.kind == RowKind::Transfer
                && other.amount == row.amount
                && said(other) == said(row)
        };
        if (is_known(&row.asset) || rows.iter().any(bears_out)) && !rows.iter().any(is_told) {
            rows[place].kind = RowKind::Transfer;
        }
    }
}

/// The contract of a token.
fn contract(chain: &Chain, asset: &Asset) -> Option<Address> {
    let (_, reference) = asset.as_str().rsplit_once(':')?;
    Address::parse(chain, reference).ok()
}
