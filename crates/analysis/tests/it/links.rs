//! Links between thefts, on worlds whose truth is known.

use whither_analysis::link::{Link, links_of_accounts};
use whither_analysis::trace::Policy;
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::world::{World, WorldParameters};

use crate::worlds::links::{Confusion, is_found, links, taints};
use crate::worlds::{knowledge, view};

/// Worlds of the file that nothing was tuned on; `cargo xtask links` takes more of them.
#[test]
fn one_hand_is_found_and_two_are_not_taken_for_one() {
    let mut confusion = Confusion::default();
    for seed in 1_000..1_020 {
        let world = World::make(&WorldParameters::held_out(), seed);
        confusion.add(&world, &links(&world, Policy::Haircut), true);
    }
    println!("{confusion:?}");
    let of = |verdict: &str| confusion.other.get(verdict).copied().unwrap_or(0);
    assert_eq!((of("probable"), of("strong")), (0, 0), "{confusion:?}");
    let same: usize = confusion.same.values().sum();
    let missed: usize = confusion.by_way.values().map(|row| row[1]).sum();
    assert!(same >= 30 && missed * 20 <= same, "{confusion:?}");
}

/// Hands that pay each in their own way, and deploy contracts: hours and habits alone are never more than a lead, and
/// contracts of a hand are found. The seeds are not those of the page.
#[test]
fn hours_and_habits_are_leads_and_contracts_of_one_hand_are_found() {
    let mut confusion = Confusion::default();
    for seed in 1..9 {
        let world = World::make(&WorldParameters::hands(), seed);
        let found = links(&world, Policy::Haircut);
        for link in found.iter().filter(|link| is_found(link)) {
            let mut rows = link.evidence.iter().filter(|row| row.counted);
            assert!(rows.any(|row| row.weight >= 600), "{link:?}");
        }
        confusion.add(&world, &found, true);
    }
    println!("{confusion:?}");
    let of = |verdict: &str| confusion.other.get(verdict).copied().unwrap_or(0);
    assert_eq!((of("probable"), of("strong")), (0, 0), "{confusion:?}");
    let contracts = confusion.by_kind.get("deployer").copied();
    assert!(
        contracts.is_some_and(|of| of[0] > 0 && of[1] == 0),
        "{confusion:?}"
    );
    assert!(confusion.by_kind.contains_key("timing"), "{confusion:?}");
}

/// The pairs with all that is told of them, by their names.
fn told(links: Vec<Link>) -> Vec<Link> {
    let mut links = links;
    links.sort_by(|a, b| (&a.a, &a.b).cmp(&(&b.a, &b.b)));
    links
}

#[test]
fn the_order_of_rows_and_of_incidents_changes_nothing() {
    let mut rng = SplitMix64::new(5);
    let tuning = (0..6).map(|seed| (WorldParameters::tuning(), seed));
    let hands = (1..3).map(|seed| (WorldParameters::hands(), seed));
    for (parameters, seed) in tuning.chain(hands) {
        let world = World::make(&parameters, seed);
        let expected = links(&world, Policy::Haircut);
        let mut shuffled = world.clone();
        rng.shuffle(&mut shuffled.rows);
        rng.shuffle(&mut shuffled.truth.incidents);
        assert_eq!(links(&shuffled, Policy::Haircut), expected, "seed {seed}");
    }
}

/// Dust, nothing at all and made-up tokens around every account of the thieves.
#[test]
fn a_hundred_thousand_spam_transfers_change_no_link() {
    spam_changes_nothing(&WorldParameters::tuning(), 2, 100_000);
    spam_changes_nothing(&WorldParameters::hands(), 3, 20_000);
}

fn spam_changes_nothing(parameters: &WorldParameters, seed: u64, spam: u64) {
    let spammed = WorldParameters {
        spam,
        ..parameters.clone()
    };
    let (before, after) = (World::make(parameters, seed), World::make(&spammed, seed));
    let key = |link: &Link| (link.a.clone(), link.b.clone(), link.strength, link.verdict);
    let of = |world: &World| {
        told(links(world, Policy::Haircut))
            .iter()
            .map(key)
            .collect::<Vec<_>>()
    };
    let before = of(&before);
    assert!(
        before
            .iter()
            .any(|link| link.3 == "probable" || link.3 == "strong")
    );
    assert_eq!(of(&after), before);
}

#[test]
fn services_never_link_and_stand_against_it() {
    let (mut services, mut popular) = (0, 0);
    for seed in 0..10 {
        let world = World::make(&WorldParameters::tuning(), seed);
        let view = view(&world);
        let known = knowledge(&world);
        let wallets: Vec<String> = known
            .services
            .keys()
            .map(|address| address.display(&crate::worlds::chain()))
            .collect();
        let taints = taints(&world, &view, Policy::Haircut);
        for link in links_of_accounts(&view, &known, taints).pairs {
            for row in &link.evidence {
                let is_service = |address| wallets.contains(address);
                assert!(!row.address.as_ref().is_some_and(is_service), "{row:?}");
            }
            let kinds = link.counter_evidence.iter().map(|row| row.kind);
            services += kinds
                .clone()
                .filter(|kind| matches!(*kind, "service" | "bridge"))
                .count();
            popular += kinds
                .filter(|kind| matches!(*kind, "popular" | "faucet"))
                .count();
        }
    }
    assert!(services > 20 && popular > 20, "{services} {popular}");
}

/// What counts is told: every fact once, each with what would take it away.
#[test]
fn every_fact_counts_once() {
    for seed in 0..10 {
        let world = World::make(&WorldParameters::tuning(), seed);
        for link in links(&world, Policy::Haircut) {
            let counted = link.evidence.iter().filter(|row| row.counted);
            let mut facts: Vec<usize> = counted.clone().map(|row| row.fact).collect();
            let (all, weights) = (facts.len(), counted.map(|row| row.weight));
            facts.sort_unstable();
            facts.dedup();
            assert_eq!(facts.len(), all);
            let alone: u64 = weights.filter(|weight| *weight >= 600).sum();
            assert!(is_found(&link) == (alone > 0), "{link:?}");
            assert!(alone == 0 || link.strength == alone, "{link:?}");
            assert_eq!(link.falsified_by.len(), link.facts);
        }
    }
}
