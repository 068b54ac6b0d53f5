//! Customers: who pays into one deposit address is taken for one hand.
//!
//! The graph of payers and deposit addresses, services left out; its components are the entities. A payer that is a
//! contract, a service or nobody joins nothing: much money passes through those hands that is not theirs. Gas funders
//! are told beside it as leads.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AccountKind, AccountView, AddressIx};

use super::{Deposits, Sweep, movements};
use crate::cluster::Forest;

/// Addresses that are taken for one customer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Who pays in, by address.
    pub payers: Vec<AddressIx>,
    /// The deposit addresses, by address.
    pub deposits: Vec<AddressIx>,
    /// The mean over its deposit addresses, in millionths, rounded down.
    pub confidence_millionths: u64,
    /// Gas funders that it shares with other entities: leads, which join nothing.
    pub shared_funders: Vec<AddressIx>,
}

/// The customers behind deposit addresses, in the order of their first address.
#[must_use]
pub fn entities<V: AccountView>(
    view: &V,
    services: &BTreeSet<AddressIx>,
    deposits: &Deposits,
) -> Vec<Entity> {
    let mut forest = Forest::new(view.address_count());
    let own: BTreeSet<AddressIx> = deposits
        .found
        .iter()
        .map(|deposit| deposit.address)
        .collect();
    let may_join = |payer: &AddressIx| {
        !services.contains(payer)
            && !own.contains(payer)
            && !view.address(*payer).is_zero_account()
            && view.account_kind(*payer) != Some(AccountKind::Contract)
    };
    let mut payers: BTreeMap<AddressIx, BTreeSet<AddressIx>> = BTreeMap::new();
    for deposit in &deposits.found {
        let paying = deposit.sweeps.iter().flat_map(Sweep::payers);
        let paying: BTreeSet<AddressIx> = paying.filter(may_join).collect();
        for payer in &paying {
            forest.join(payer.0, deposit.address.0);
        }
        payers.insert(deposit.address, paying);
    }
    let mut found: BTreeMap<u32, (BTreeSet<AddressIx>, Vec<usize>)> = BTreeMap::new();
    for (place, deposit) in deposits.found.iter().enumerate() {
        let entry = found.entry(forest.find(deposit.address.0)).or_default();
        entry.0.extend(&payers[&deposit.address]);
        entry.1.push(place);
    }
    let mut funded: BTreeMap<AddressIx, BTreeSet<u32>> = BTreeMap::new();
    for (root, (_, places)) in &found {
        for funder in places
            .iter()
            .flat_map(|place| &deposits.found[*place].funders)
        {
            funded.entry(*funder).or_default().insert(*root);
        }
    }
    let entity = |(root, (payers, places)): (u32, (BTreeSet<AddressIx>, Vec<usize>))| {
        let of = places.iter().map(|place| &deposits.found[*place]);
        let sum: u64 = of
            .clone()
            .map(|deposit| deposit.confidence_millionths)
            .sum();
        let count = u64::try_from(places.len()).expect("addresses are counted in memory");
        let shared = funded.iter();
        let shared = shared.filter(|(_, of)| of.len() > 1 && of.contains(&root));
        Entity {
            payers: payers.into_iter().collect(),
            deposits: of.map(|deposit| deposit.address).collect(),
            confidence_millionths: sum / count,
            shared_funders: shared.map(|(funder, _)| *funder).collect(),
        }
    };
    let mut entities: Vec<Entity> = found.into_iter().map(entity).collect();
    entities.sort_by_key(|entity| entity.payers.iter().chain(&entity.deposits).min().copied());
    entities
}

/// Where customers gather money: addresses that payers of several entities pay, who pay nobody else but them and their
/// deposit addresses; with those payers. It may be one hand behind several entities, or somebody whom they all pay: a
/// lead, which joins nothing.
#[must_use]
pub fn consolidations<V: AccountView>(
    view: &V,
    services: &BTreeSet<AddressIx>,
    deposits: &Deposits,
    entities: &[Entity],
) -> BTreeMap<AddressIx, BTreeSet<AddressIx>> {
    let own = deposits.found.iter().map(|deposit| deposit.address);
    let own: BTreeSet<AddressIx> = own.collect();
    let is_other = |payee: &AddressIx| {
        !services.contains(payee) && !own.contains(payee) && !view.address(*payee).is_zero_account()
    };
    let mut targets: BTreeMap<AddressIx, BTreeMap<usize, BTreeSet<AddressIx>>> = BTreeMap::new();
    for (place, entity) in entities.iter().enumerate() {
        for payer in &entity.payers {
            let paid = movements(view, *payer).into_iter();
            let paid = paid.filter(|movement| !movement.is_in);
            let paid: BTreeSet<AddressIx> = paid
                .filter_map(|movement| movement.other)
                .filter(is_other)
                .collect();
            let mut paid = paid.into_iter();
            if let (Some(target), None) = (paid.next(), paid.next()) {
                let of = targets.entry(target).or_default();
                of.entry(place).or_default().insert(*payer);
            }
        }
    }
    targets.retain(|_, of| of.len() > 1);
    let payers = targets.into_iter();
    payers
        .map(|(target, of)| (target, of.into_values().flatten().collect()))
        .collect()
}
