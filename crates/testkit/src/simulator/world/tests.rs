//! That worlds are what their truth says.

use super::{World, WorldParameters, book};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

#[test]
fn the_same_seed_makes_the_same_world_and_spam_changes_nothing_else() {
    let parameters = WorldParameters {
        spam: 0,
        ..WorldParameters::tuning()
    };
    let world = World::make(&parameters, 3);
    assert_eq!(world, World::make(&parameters, 3));
    assert_ne!(world.rows, World::make(&parameters, 4).rows);
    let spammed = World::make(
        &WorldParameters {
            spam: 500,
            ..parameters
        },
        3,
    );
    assert_eq!(spammed.rows.len(), world.rows.len() + 500);
    assert_eq!(spammed.truth.incidents, world.truth.incidents);
    let told: BTreeSet<&str> = spammed.rows.iter().map(|row| row.txid.as_str()).collect();
    assert!(
        world
            .rows
            .iter()
            .all(|row| told.contains(row.txid.as_str()))
    );
}

/// Nobody brought a thief's account money but the theft, its own and strangers, and it pays no more than that.
#[test]
fn thieves_pay_what_they_have_and_their_cash_outs_add_up_to_the_theft() {
    let held_out = (0..30).map(|seed| (WorldParameters::held_out(), seed));
    let habits = (0..10).map(|seed| (WorldParameters::habits(), seed));
    for (parameters, seed) in held_out.chain(habits) {
        let world = World::make(&parameters, seed);
        let incidents = world.truth.incidents.iter();
        let own: BTreeSet<&String> = incidents.flat_map(|incident| &incident.accounts).collect();
        let mut balances: BTreeMap<(&String, &String), u128> = BTreeMap::new();
        let real = |asset: &str| asset == super::ETHER || asset == super::STABLE;
        for row in world.rows.iter().filter(|row| real(&row.asset)) {
            if own.contains(&row.from) {
                let balance = balances.entry((&row.from, &row.asset)).or_default();
                *balance = balance
                    .checked_sub(row.amount)
                    .expect("it has what it pays");
            }
            *balances.entry((&row.to, &row.asset)).or_default() += row.amount;
        }
        for incident in &world.truth.incidents {
            let outs = world.truth.cash_outs.iter();
            let outs = outs.filter(|out| out.incident == incident.id);
            let left: u128 = outs.map(|out| out.amount).sum();
            assert_eq!(left, incident.amount, "seed {seed}");
        }
    }
}

/// The accounts of each theft, and the deposit addresses it was paid into. Wallets of services and passers-by are
/// everybody's, and left out.
fn own_addresses(world: &World) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut own: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for incident in &world.truth.incidents {
        let accounts = incident.accounts.iter().map(String::as_str);
        own.entry(&incident.id).or_default().extend(accounts);
    }
    let outs = world.truth.cash_outs.iter();
    for out in outs.filter(|out| out.kind == "exchange") {
        own.entry(&out.incident).or_default().insert(&out.address);
    }
    own
}

#[test]
fn pairs_of_one_hand_share_something_and_others_no_account_and_no_deposit_address() {
    let (mut same, mut others, mut common_to_same) = (0, 0, 0);
    for seed in 0..50 {
        let world = World::make(&WorldParameters::tuning(), seed);
        let own = own_addresses(&world);
        for pair in &world.truth.pairs {
            let common = own[pair.a.as_str()].intersection(&own[pair.b.as_str()]);
            let common = common.count();
            if pair.same {
                assert!(!pair.ways.is_empty(), "{pair:?}");
                same += 1;
                common_to_same += usize::from(common > 0);
            } else {
                assert_eq!(common, 0, "seed {seed}: {pair:?}");
                others += 1;
            }
        }
    }
    // What two hands must not have in common, one hand often has.
    assert!(same >= 50 && others >= 50, "{same} and {others}");
    assert!(common_to_same >= 25, "{common_to_same}");
}

/// The shapes of the plans are there, with the payments that make them; other worlds have no habits.
#[test]
fn thieves_with_habits_peel_and_sleep_and_the_truth_names_the_payments() {
    let sizes = |parameters: &WorldParameters| {
        let mut sizes: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for seed in 0..10 {
            let world = World::make(parameters, seed);
            let told: BTreeSet<&String> = world.rows.iter().map(|row| &row.txid).collect();
            for incident in &world.truth.incidents {
                for pattern in &incident.patterns {
                    assert!(pattern.transactions.iter().all(|id| told.contains(id)));
                    let of = sizes.entry(pattern.typology.clone()).or_default();
                    of.insert(pattern.size);
                }
            }
        }
        sizes
    };
    let with = sizes(&WorldParameters::habits());
    assert!(with["peel-chain"].len() > 4 && with["dormancy"].iter().any(|days| *days >= 30));
    assert!(with["fan-out"].contains(&20) && with["consolidation"].contains(&19));
    let without = sizes(&WorldParameters::held_out());
    assert!(
        !without.contains_key("peel-chain") && without["dormancy"].iter().all(|days| *days < 10)
    );
}

/// What methods were measured on must stay what it was, whatever else worlds learn to tell.
#[test]
fn worlds_of_the_older_files_are_what_they_were() {
    let digest = |text: &str| {
        let mut hex = String::new();
        for byte in &Sha256::digest(text)[..8] {
            write!(hex, "{byte:02x}").expect("a string takes all");
        }
        hex
    };
    let told = |parameters: WorldParameters, seed: u64| {
        let world = World::make(&parameters, seed);
        let truth = serde_json::to_string_pretty(&world.truth).expect("truth is JSON") + "\n";
        [digest(&book::table(&world.rows)), digest(&truth)]
    };
    let tuning = told(WorldParameters::tuning(), 3);
    assert_eq!(tuning, ["a3d51d21cdd03a4b", "8625657e32d3b729"]);
    let held_out = told(WorldParameters::held_out(), 7);
    assert_eq!(held_out, ["4e1b8125fac81ca3", "a7c28a48eb3c3cf3"]);
    let habits = told(WorldParameters::habits(), 5);
    assert_eq!(habits, ["04792977b7d7b9d8", "098d7c0fda79dea0"]);
}

/// Everybody signs what its accounts pay, contracts excepted, and what pairs share for that the truth says.
#[test]
fn hands_pay_in_their_own_way_and_the_truth_says_so() {
    let (mut ways, mut apart, mut contracts) = (BTreeSet::new(), 0, 0);
    for seed in 0..20 {
        let world = World::make(&WorldParameters::hands(), seed);
        let spam = world.rows.iter().filter(|row| row.fee.is_none()).count();
        assert_eq!(u64::try_from(spam).expect("a count"), world.truth.spam);
        let mut hours: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
        for row in &world.rows {
            if let Some(fee) = &row.fee {
                contracts += usize::from(fee.payer != row.from);
                hours
                    .entry(&row.from)
                    .or_default()
                    .insert(row.time / 3600 % 24);
            }
        }
        for pair in world.truth.pairs.iter().filter(|pair| pair.same) {
            ways.extend(pair.ways.iter().cloned());
            let places = pair
                .ways
                .iter()
                .filter(|way| !["hours", "price"].contains(&way.as_str()));
            apart += usize::from(places.count() == 0);
            if !pair.ways.contains(&"hours".to_owned()) {
                continue;
            }
            // Eleven hours at the most, and an hour in which the last begins.
            let of = |id: &String| {
                world
                    .truth
                    .incidents
                    .iter()
                    .find(|of| of.id == *id)
                    .expect("pairs are of incidents")
            };
            let own = [of(&pair.a), of(&pair.b)]
                .into_iter()
                .flat_map(|of| &of.accounts);
            let kept: BTreeSet<u64> = own
                .filter_map(|account| hours.get(account.as_str()))
                .flatten()
                .copied()
                .collect();
            assert!(kept.len() <= 12, "seed {seed} {pair:?} {kept:?}");
        }
    }
    for way in [
        "hours",
        "price",
        "contract",
        "collector",
        "pool",
        "deposit",
        "funder",
    ] {
        assert!(ways.contains(way), "{way}");
    }
    assert!(apart >= 5 && contracts > 20, "{apart} {contracts}");
}
