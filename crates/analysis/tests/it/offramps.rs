//! Off-ramps: their errors on worlds that nothing was tuned on, and that spam changes none of them.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::offramp::{Position, of_accounts, otc, services};
use whither_analysis::trace::Policy;
use whither_analysis::trace::freeze::{Stayed, set_apart};
use whither_analysis::trace::result::{EndpointKind, Trace};
use whither_analysis::typology::{Asked, Limits, Pattern, of_accounts as patterns_of};
use whither_ledger::U256;
use whither_testkit::simulator::world::{World, WorldParameters};

use crate::worlds::offramps::{Counts, measure};
use crate::worlds::typologies::{self, Shapes};
use crate::worlds::{knowledge, trace, view};

/// A share of the worlds that the page's figures are from; `measure_offramps` runs all of them.
#[test]
fn off_ramps_deposit_addresses_and_brokers_of_unseen_worlds_are_found() {
    let mut all = Counts::default();
    for seed in 5_000..5_004 {
        all.add(&measure(
            &World::make(&WorldParameters::held_out(), seed),
            None,
        ));
    }
    let (found, of) = all.recall(Some(true));
    assert!(of > 8 && found * 100 >= of * 97, "{all:?}");
    let (right, told) = all.deposits;
    assert!(told > 8 && right * 100 >= told * 95, "{all:?}");
    let (found, brokers) = all.brokers;
    assert!(brokers > 2 && found * 100 >= brokers * 90, "{all:?}");
    assert_eq!(all.traders.0, 0, "{all:?}");
    assert!(all.traders.1 > 10, "{all:?}");
}

/// The same of patterns, among thieves who peel and sleep.
#[test]
fn the_shapes_of_unseen_plans_are_found() {
    let mut all = Shapes::default();
    for seed in 5_000..5_004 {
        let world = World::make(&WorldParameters::habits(), seed);
        all.add(&typologies::measure(&world, Some(120)));
    }
    for (typology, (found, of)) in &all.found {
        assert!(*of >= 3 && found * 100 >= of * 80, "{typology}: {all:?}");
    }
    assert_eq!(all.found.len(), 4, "{all:?}");
    // Exchanges that nobody labels gather too, and customers' money sleeps: the base rate is for that.
    for (typology, least) in [
        ("fan-out", 95),
        ("peel-chain", 85),
        ("dormancy", 80),
        ("consolidation", 8),
    ] {
        let (planned, told) = all.told[typology];
        assert!(planned * 100 >= told * least, "{typology}: {all:?}");
    }
}

/// What a list says of where money is, without the amounts that dust shifts by a unit.
fn places(positions: &[Position], trace: &Trace) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for at in positions {
        let all = trace
            .totals
            .iter()
            .find(|row| row.asset == at.asset)
            .unwrap();
        let all: U256 = all.origin.parse().unwrap();
        let millionths = at.amount * U256::from(1_000_000) / all;
        let millionths = u64::try_from(millionths).unwrap();
        if millionths > 0 {
            let deposit = at.deposit.as_ref().map(|seen| &seen.address);
            let name = format!(
                "{} {:?} {deposit:?} {:?}",
                at.kind.name(),
                at.address,
                at.freezers
            );
            // To a thousandth: dust that taint mixes with shifts amounts by less.
            found.insert(name, millionths / 1_000);
        }
    }
    found
}

fn shapes(patterns: &[Pattern]) -> BTreeSet<String> {
    let row = |of: &Pattern| {
        format!(
            "{} {} {:?} {:?} {:?}",
            of.typology, of.what, of.address, of.transactions, of.base_rate
        )
    };
    patterns
        .iter()
        .filter(|of| of.typology != "layering-depth")
        .map(row)
        .collect()
}

#[test]
fn a_hundred_thousand_spam_transfers_change_no_off_ramp_and_no_typology() {
    let clean = WorldParameters {
        spam: 0,
        ..WorldParameters::tuning()
    };
    let spammed = WorldParameters {
        spam: 100_000,
        ..clean.clone()
    };
    let look = |parameters: &WorldParameters| {
        let world = World::make(parameters, 11);
        let (view, known) = (view(&world), knowledge(&world));
        let mut found = Vec::new();
        for incident in &world.truth.incidents {
            let trace = trace(&view, &known, incident, Policy::Haircut, Some(120));
            let positions = of_accounts(&view, &trace, &known);
            let wallets = services(&view, &trace, &known);
            let brokers = otc::brokers(&view, &wallets, &trace);
            let limits = Limits::default();
            let patterns = patterns_of(
                &view,
                Asked {
                    trace: &trace,
                    knowledge: &known,
                    positions: &positions,
                    brokers: &brokers,
                    limits: &limits,
                },
            );
            let brokers: Vec<(String, u32)> = brokers
                .into_iter()
                .map(|it| (it.address, it.profile.confidence))
                .collect();
            found.push((places(&positions, &trace), brokers, shapes(&patterns)));
        }
        (found, world.rows.len())
    };
    let ((without, rows), (with, more)) = (look(&clean), look(&spammed));
    assert!(more >= rows + 100_000);
    assert!(
        without
            .iter()
            .all(|(places, _, shapes)| !places.is_empty() && !shapes.is_empty())
    );
    for (before, after) in without.iter().zip(&with) {
        assert_eq!(
            before.0.keys().collect::<Vec<_>>(),
            after.0.keys().collect::<Vec<_>>()
        );
        for (place, amount) in &before.0 {
            assert!(
                after.0[place].abs_diff(*amount) <= 1,
                "{place}: {amount} and {}",
                after.0[place]
            );
        }
        assert_eq!((&before.1, &before.2), (&after.1, &after.2));
    }
}

/// What is frozen and what came back are ends of their own, and nothing is added or lost.
#[test]
fn what_is_frozen_is_set_apart_and_the_sums_stay() {
    let world = World::make(&WorldParameters::tuning(), 3);
    let (view, known) = (view(&world), knowledge(&world));
    let mut trace = trace(
        &view,
        &known,
        &world.truth.incidents[0],
        Policy::Haircut,
        None,
    );
    let before = trace.clone();
    let end = before
        .endpoints
        .iter()
        .max_by_key(|end| end.amount.parse::<U256>().unwrap())
        .unwrap();
    let whole: U256 = end.amount.parse().unwrap();
    let stayed = |kind, amount: U256, request: &str| Stayed {
        request: request.to_owned(),
        claim: format!("claim-{request}"),
        kind,
        chain: end.chain.clone(),
        place: end.address.clone().unwrap(),
        asset: end.asset.clone(),
        amount,
    };
    let third = whole / U256::from(3);
    set_apart(
        &mut trace,
        &[
            stayed(EndpointKind::Frozen, third, "a"),
            stayed(EndpointKind::Recovered, whole, "b"),
        ],
    );
    let here = |kind: EndpointKind| {
        let mut ends = trace.endpoints.iter().filter(move |at| {
            at.address == end.address && at.kind == kind && at.asset == end.asset
        });
        ends.next().map(|at| at.amount.parse::<U256>().unwrap())
    };
    assert_eq!(here(EndpointKind::Frozen), Some(third));
    assert_eq!(
        here(EndpointKind::Recovered),
        Some(whole - third),
        "no more than what is there"
    );
    assert_eq!(here(end.kind), None);
    let caveat = trace
        .caveats
        .iter()
        .find(|caveat| caveat.kind == "freeze-beyond-trace")
        .unwrap();
    assert_eq!(caveat.amount, Some(third.to_string()));
    for (was, is) in before.totals.iter().zip(&trace.totals) {
        let sum = |row: &whither_analysis::trace::result::Totals| {
            row.by_kind
                .values()
                .fold(U256::ZERO, |sum, part| sum + part.parse::<U256>().unwrap())
        };
        assert_eq!(sum(was), sum(is));
    }
    for at in &trace.endpoints {
        let shares = at.origins.iter().fold(U256::ZERO, |sum, of| {
            sum + of.amount.parse::<U256>().unwrap()
        });
        assert_eq!(shares.to_string(), at.amount, "shares of {at:?} add up");
        let number = |text: &String| text.parse::<U256>().unwrap();
        assert!(number(&at.min) <= number(&at.amount) && number(&at.amount) <= number(&at.max));
    }
}
