//! What must hold of every scenario: the same seed makes the same, nothing stolen is lost, every part is there.

use super::{SimSize, Truth, account, utxo};
use std::collections::BTreeSet;

const SIZES: [SimSize; 2] = [SimSize::SMALL, SimSize::MEDIUM];

/// The stolen money ends somewhere, to the last unit, and the service sees some of it.
fn check(truth: &Truth) {
    for ends in [&truth.fifo.followed_through, &truth.fifo.stopped_at_service] {
        let sum: u128 = ends.iter().map(|end| end.amount).sum();
        assert_eq!(sum, truth.stolen);
    }
    let ends = &truth.fifo.stopped_at_service;
    assert!(ends.iter().any(|end| end.kind == "service"));
    assert!(!truth.kept.is_empty() && !truth.service.deposits.is_empty());
    assert!(!truth.service.unswept.is_empty());
    let text = serde_json::to_string(truth).expect("it can be written");
    let read: Truth = serde_json::from_str(&text).expect("it can be read");
    assert_eq!(&read, truth);
}

fn kinds(truth: &Truth) -> BTreeSet<&str> {
    truth.typologies.iter().map(|step| &step.kind[..]).collect()
}

#[test]
fn a_chain_tells_its_story() {
    for (seed, size) in (0..12).zip(SIZES.into_iter().cycle()) {
        let scenario = utxo(seed, size);
        check(&scenario.truth);
        let all = [
            "consolidation",
            "data-carrier",
            "deposit",
            "fan-out",
            "mixing",
            "peel-chain",
            "same-block",
            "sweep",
        ];
        assert_eq!(kinds(&scenario.truth), BTreeSet::from(all));
        // What the thief keeps, FIFO finds unspent, but for what the mixing gave to others.
        let ends = &scenario.truth.fifo.stopped_at_service;
        let unspent: BTreeSet<&str> = ends.iter().map(|end| &end.place[..]).collect();
        let found = scenario
            .truth
            .kept
            .iter()
            .filter(|kept| unspent.contains(&kept[..]))
            .count();
        assert!(found + 1 >= scenario.truth.kept.len());
        let chain = scenario.to_naive();
        let spent: BTreeSet<String> = chain
            .blocks
            .iter()
            .flat_map(|block| &block.transactions)
            .flat_map(|transaction| &transaction.inputs)
            .map(|(txid, vout)| format!("{txid}:{vout}"))
            .collect();
        assert!(scenario.truth.kept.iter().all(|kept| !spent.contains(kept)));
    }
    assert_eq!(utxo(3, SimSize::SMALL), utxo(3, SimSize::SMALL));
}

#[test]
fn a_table_tells_its_story() {
    for (seed, size) in (0..12).zip(SIZES.into_iter().cycle()) {
        let scenario = account(seed, size);
        check(&scenario.truth);
        let all = [
            "consolidation",
            "deposit",
            "fan-out",
            "mixing",
            "peel-chain",
            "router",
            "sweep",
        ];
        assert_eq!(kinds(&scenario.truth), BTreeSet::from(all));
        // The router pays nothing of its own, although its rows stand the wrong way round.
        let router = scenario
            .truth
            .typologies
            .iter()
            .find(|step| step.kind == "router");
        let router = &router.expect("it is there").places[0];
        let openings = &scenario.truth.openings;
        assert!(openings.iter().all(|opening| opening.address != *router));
        // One of the thief's own accounts paid more than it got.
        assert!(
            openings
                .iter()
                .any(|opening| scenario.truth.thief.contains(&opening.address))
        );
    }
    assert_eq!(account(3, SimSize::SMALL), account(3, SimSize::SMALL));
}

#[test]
fn the_large_size_holds_together() {
    let chain = utxo(1, SimSize::LARGE);
    assert!(
        chain
            .chain
            .blocks
            .iter()
            .map(|block| block.transactions.len())
            .sum::<usize>()
            > 1500
    );
    assert!(account(1, SimSize::LARGE).table.rows.len() > 1500);
}
