//! What went in and what came out, per asset, and that it is the same (law 13).

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::amount::Amount;
use whither_ledger::view::AssetIx;

use super::naming::Naming;
use crate::trace::collect::Collector;
use crate::trace::policy::Policy;
use crate::trace::request::Request;
use crate::trace::result::{EndpointKind, Totals};
use crate::trace::taint::OriginIx;

/// The totals, checked.
pub fn rows<A: Amount, N: Naming<A>>(
    naming: &N,
    request: &Request,
    found: &Collector<A>,
) -> Vec<Totals> {
    check_conservation(naming, request, found);
    let mut origins: BTreeMap<AssetIx, A> = BTreeMap::new();
    for ((_, asset), claimed) in &found.claimed {
        let sum = origins.entry(*asset).or_insert(A::ZERO);
        *sum = sum.plus(claimed.amount);
    }
    let mut converted: BTreeMap<AssetIx, [A; 2]> = BTreeMap::new();
    for ((_, asset), both) in &found.converted {
        let sums = converted.entry(*asset).or_insert([A::ZERO; 2]);
        for (sum, part) in sums.iter_mut().zip(both) {
            // Under poison several origins reach the same money, and their reaches do not add up.
            *sum = if found.overlapping {
                (*sum).max(*part)
            } else {
                sum.plus(*part)
            };
        }
    }
    let mut kinds: BTreeMap<AssetIx, BTreeMap<EndpointKind, A>> = BTreeMap::new();
    for end in &found.ends {
        let kinds = kinds.entry(naming.asset_of(end.place)).or_default();
        let sum = kinds.entry(end.kind).or_insert(A::ZERO);
        *sum = sum.plus(found.amount(end.shares));
    }
    let assets: BTreeSet<AssetIx> = origins
        .keys()
        .chain(converted.keys())
        .chain(kinds.keys())
        .copied()
        .collect();
    let row = |asset: AssetIx| {
        let [converted_in, converted_out] = converted.get(&asset).copied().unwrap_or([A::ZERO; 2]);
        let kinds = kinds.get(&asset).into_iter().flatten();
        Totals {
            asset: naming.asset(asset),
            origin: origins.get(&asset).copied().unwrap_or(A::ZERO).to_string(),
            converted_in: converted_in.to_string(),
            converted_out: converted_out.to_string(),
            by_kind: kinds
                .map(|(kind, sum)| (kind.name(), sum.to_string()))
                .collect(),
        }
    };
    assets.into_iter().map(row).collect()
}

/// Per origin and asset, what went in is what came out, to the last unit.
///
/// # Panics
/// When it is not: a wrong figure must never leave this crate.
fn check_conservation<A: Amount, N: Naming<A>>(
    naming: &N,
    request: &Request,
    found: &Collector<A>,
) {
    if request.policy == Policy::Poison {
        return;
    }
    type Sums<A> = BTreeMap<(OriginIx, AssetIx), A>;
    fn add<A: Amount>(sums: &mut Sums<A>, key: (OriginIx, AssetIx), amount: A) {
        if !amount.is_zero() {
            let sum = sums.entry(key).or_insert(A::ZERO);
            *sum = sum.plus(amount);
        }
    }
    let (mut came, mut went) = (Sums::new(), Sums::new());
    for (key, claimed) in &found.claimed {
        add(&mut came, *key, claimed.amount);
    }
    for (key, [converted_in, converted_out]) in &found.converted {
        add(&mut came, *key, *converted_in);
        add(&mut went, *key, *converted_out);
    }
    for end in &found.ends {
        for (origin_ix, amount) in found.shares(end.shares) {
            add(&mut went, (*origin_ix, naming.asset_of(end.place)), *amount);
        }
    }
    assert!(
        came == went,
        "taint is conserved per origin and asset: {came:?} in, {went:?} out"
    );
}
