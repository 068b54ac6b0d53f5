//! How much of a trace ends at places that have a name, and what each name rests on.
//!
//! A name is observed (the chain itself tells: a fee, a burn), inferred by a rule, or somebody's claim. Which one it is
//! stands beside it everywhere; here the sums are.

use std::collections::BTreeMap;

use whither_analysis::trace::result::{Basis, Endpoint, EndpointKind};
use whither_ledger::U256;

use crate::knowledge::Named;
use crate::page::unit;
use crate::question::Finding;

/// What a place's name rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rests {
    Observed,
    Inferred,
    Claimed,
    Nameless,
}

/// A sentence per asset: how many places have a name, with how much, and on what the names rest.
pub(crate) fn told(finding: &Finding, names: &BTreeMap<String, Named>) -> Vec<String> {
    let totals = finding.trace.totals.iter();
    totals
        .map(|totals| of_asset(finding, names, &totals.asset))
        .collect()
}

fn of_asset(finding: &Finding, names: &BTreeMap<String, Named>, asset: &str) -> String {
    let mut sums: BTreeMap<Rests, (usize, U256)> = BTreeMap::new();
    let ends = finding.trace.endpoints.iter();
    for end in ends.filter(|end| end.asset == asset) {
        let sum = sums.entry(rests(end, names)).or_default();
        sum.0 += 1;
        sum.1 += end.amount.parse().unwrap_or(U256::ZERO);
    }
    let all = sums
        .values()
        .fold(U256::ZERO, |all, (_, amount)| all + *amount);
    let unit = unit(asset);
    let part = |of: Rests, words: &str| {
        let (places, amount) = sums.get(&of)?;
        let amount_text = unit.exact(&amount.to_string());
        Some(format!(
            "{words} at {places} with {amount_text} ({})",
            percent(*amount, all)
        ))
    };
    let parts = [
        part(Rests::Claimed, "a claim names who is there"),
        part(Rests::Inferred, "a rule infers it"),
        part(Rests::Observed, "the chain itself tells"),
        part(Rests::Nameless, "nobody is named"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let places: usize = sums.values().map(|(places, _)| places).sum();
    format!(
        "Of {places} places where it was last seen: {}.",
        parts.join(", ")
    )
}

fn rests(end: &Endpoint, names: &BTreeMap<String, Named>) -> Rests {
    let is_named = end
        .address
        .as_ref()
        .is_some_and(|address| names.contains_key(address));
    match (end.kind, &end.entity) {
        (EndpointKind::Fee | EndpointKind::Burn, _) => Rests::Observed,
        (_, Some(_)) if end.reason.basis == Basis::Inference => Rests::Inferred,
        (_, Some(_)) => Rests::Claimed,
        (_, None) if is_named => Rests::Claimed,
        (_, None) => Rests::Nameless,
    }
}

/// A share in hundredths of a per cent, rounded down.
fn percent(part: U256, all: U256) -> String {
    let scaled = part.checked_mul(U256::from(10_000)).unwrap_or(U256::ZERO);
    let hundredths = scaled.checked_div(all).unwrap_or(U256::ZERO);
    let hundred = U256::from(100);
    let (whole, rest) = (hundredths / hundred, hundredths % hundred);
    format!("{whole}.{:0>2} %", rest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down_and_nothing_of_nothing_is_nothing() {
        for (part, all, text) in [
            (1, 3, "33.33 %"),
            (1, 1, "100.00 %"),
            (0, 0, "0.00 %"),
            (1, 2000, "0.05 %"),
        ] {
            assert_eq!(percent(U256::from(part), U256::from(all)), text);
        }
    }
}
