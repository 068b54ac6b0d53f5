//! That worlds are what their truth says.

use super::{World, WorldParameters};
use std::collections::{BTreeMap, BTreeSet};

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
    for seed in 0..30 {
        let world = World::make(&WorldParameters::held_out(), seed);
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

#[test]
fn pairs_of_one_hand_share_something_and_others_share_no_way() {
    let mut same = 0;
    for seed in 0..50 {
        let world = World::make(&WorldParameters::tuning(), seed);
        for pair in &world.truth.pairs {
            assert_eq!(pair.same, !pair.ways.is_empty(), "{pair:?}");
            same += usize::from(pair.same);
        }
    }
    assert!(same >= 50);
}
