//! Contracts that accounts of the thefts deployed.

use super::{ETHER, Knowledge, LIMITS, Link, M, Story, USDT};

/// Money of the thefts at 21 and 22; that of the second goes through 62.
fn through_62() -> (Story, [usize; 2]) {
    let mut story = Story::default();
    let one = story.tell(&[(11, 21, USDT, 100 * M)]);
    let other = story.tell(&[(12, 22, USDT, 100 * M)]);
    story.tell(&[(21, 31, USDT, 100 * M)]);
    story.tell(&[(22, 62, USDT, 100 * M)]);
    story.tell(&[(62, 63, USDT, 100 * M)]);
    (story, [one, other])
}

fn rows(link: &Link) -> (Vec<(u64, u64)>, Vec<&str>) {
    let of = link.evidence.iter().filter(|row| row.kind == "deployer");
    let counter = link.counter_evidence.iter().map(|row| row.kind);
    (
        of.map(|row| (row.weight, row.base_rate)).collect(),
        counter.collect(),
    )
}

#[test]
fn an_account_of_one_that_deployed_where_money_of_the_other_lay_links() {
    // It is known to have sent one transaction: seventeen numbers are tried.
    for (nonce, expected) in [(0, vec![(750, 0)]), (16, vec![(750, 0)]), (17, vec![])] {
        let (mut story, thefts) = through_62();
        story.is_contract(62, 21, nonce);
        let link = story.link(thefts);
        assert_eq!(rows(&link), (expected.clone(), vec![]), "{nonce} {link:?}");
        let is_found = !expected.is_empty();
        assert_eq!(link.verdict == "probable", is_found, "{link:?}");
        assert_eq!(link.falsified_by.len(), usize::from(is_found));
        if is_found {
            let row = &link.evidence[0];
            assert!(
                row.what.contains(&format!("transaction {nonce}")),
                "{row:?}"
            );
            assert!(!row.transactions.is_empty());
        }
    }
    let (mut story, thefts) = through_62();
    // Somebody else's contract.
    story.is_contract(62, 77, 0);
    assert_eq!(rows(&story.link(thefts)).0, []);
}

#[test]
fn the_order_of_the_thefts_changes_nothing() {
    let (mut story, [one, other]) = through_62();
    story.is_contract(62, 21, 3);
    assert_eq!(story.link([one, other]), story.link([other, one]));
}

/// Who paid one's gas deployed contracts of both.
#[test]
fn one_account_that_deployed_contracts_of_both_links() {
    let told = |strangers: u8, of: u8| {
        let mut story = Story::default();
        story.tell(&[(33, 21, ETHER, 1_000_000_000_000_000)]);
        let one = story.tell(&[(11, 21, USDT, 100 * M)]);
        let other = story.tell(&[(12, 22, USDT, 100 * M)]);
        for stranger in 0..strangers {
            story.tell(&[(100 + stranger, of, USDT, 100 * M)]);
        }
        for (thief, contract, end) in [(21, 61, 41), (22, 62, 42)] {
            story.tell(&[(thief, contract, USDT, 100 * M)]);
            story.tell(&[(contract, end, USDT, 100 * M)]);
        }
        for (contract, nonce) in [(61, 1), (62, 4), (63, 7)] {
            story.is_contract(contract, 33, nonce);
        }
        story.link([one, other])
    };
    let link = told(0, 63);
    assert_eq!(rows(&link), (vec![(750, 0)], vec![]), "{link:?}");
    assert_eq!(link.evidence[0].transactions.len(), 2, "{link:?}");
    // A third contract of the same account, that others use, and one of the two.
    for (of, strangers, expected) in [
        (63, 1, (vec![(550, 1)], vec![])),
        (63, 3, (vec![(350, 3)], vec![])),
        (63, 4, (vec![], vec!["popular-contract"])),
        (62, 70, (vec![], vec!["popular-contract"])),
    ] {
        let link = told(strangers, of);
        assert_eq!(rows(&link), expected, "{of} {strangers} {link:?}");
    }
}

/// Attacks that pay out into contracts: who calls them holds no stolen money.
#[test]
fn who_calls_for_thefts_is_asked_what_it_deployed_and_who_is_robbed_is_not() {
    for (signer, expected) in [(33, vec![(750, 0)]), (11, vec![])] {
        let mut story = Story::default();
        let one = story.tell(&[(11, 61, USDT, 100 * M)]);
        story.sign(signer);
        story.tell(&[(61, 41, USDT, 100 * M)]);
        let other = story.tell(&[(12, 62, USDT, 100 * M)]);
        story.tell(&[(62, 42, USDT, 100 * M)]);
        for (contract, nonce) in [(61, 5), (62, 6)] {
            story.is_contract(contract, signer, nonce);
        }
        let link = story.link([one, other]);
        assert_eq!(rows(&link).0, expected, "{signer} {link:?}");
    }
}

/// Who uses several contracts of one deployer is one, and his contracts among themselves are nobody.
#[test]
fn who_uses_several_contracts_is_one_stranger() {
    let mut story = Story::default();
    story.tell(&[(33, 21, ETHER, 1_000_000_000_000_000)]);
    let one = story.tell(&[(11, 21, USDT, 100 * M)]);
    let other = story.tell(&[(12, 22, USDT, 100 * M)]);
    for contract in 63..68 {
        story.tell(&[(100, contract, USDT, 100 * M)]);
        story.tell(&[(contract, 68, USDT, 100 * M)]);
    }
    for (thief, contract, end) in [(21, 61, 41), (22, 62, 42)] {
        story.tell(&[(thief, contract, USDT, 100 * M)]);
        story.tell(&[(contract, end, USDT, 100 * M)]);
    }
    for (contract, nonce) in (61..=68).zip(1..) {
        story.is_contract(contract, 33, nonce);
    }
    let link = story.link([one, other]);
    assert_eq!(rows(&link), (vec![(550, 1)], vec![]), "{link:?}");
}

/// A purse that paid for gas of both and deployed contracts of both is one account, and one fact; also where another
/// deployer stands before it.
#[test]
fn a_purse_that_deploys_is_one_fact() {
    for first in [None, Some(32)] {
        purse_that_deploys(first);
    }
}

fn purse_that_deploys(first: Option<u8>) {
    let mut story = Story::default();
    if let Some(first) = first {
        // It paid gas of one alone, and its contracts are those of the purse's thieves.
        story.tell(&[(first, 21, ETHER, 1_000_000_000_000_000)]);
    }
    for thief in [21, 22] {
        story.tell(&[(33, thief, ETHER, 1_000_000_000_000_000)]);
    }
    let one = story.tell(&[(11, 21, USDT, 100 * M)]);
    let other = story.tell(&[(12, 22, USDT, 100 * M)]);
    if let Some(first) = first {
        for (thief, contract, end, nonce) in [(21, 71, 51, 2), (22, 72, 52, 3)] {
            story.tell(&[(thief, contract, USDT, M)]);
            story.tell(&[(contract, end, USDT, M)]);
            story.is_contract(contract, first, nonce);
        }
    }
    for (thief, contract, end) in [(21, 61, 41), (22, 62, 42)] {
        story.tell(&[(thief, contract, USDT, 100 * M)]);
        story.tell(&[(contract, end, USDT, 100 * M)]);
    }
    story.is_contract(61, 33, 2);
    story.is_contract(62, 33, 3);
    let link = story.link([one, other]);
    let kinds: Vec<&str> = link.evidence.iter().map(|row| row.kind).collect();
    assert_eq!((link.facts, link.strength), (1, 750), "{first:?} {link:?}");
    assert!(kinds.contains(&"deployer") && kinds.contains(&"shared-funder"));
}

/// Money of both lay in the contract: that is a place that they share, whoever deployed it.
#[test]
fn a_contract_of_both_is_told_as_the_place_that_it_is() {
    let (mut story, thefts) = through_62();
    story.tell(&[(31, 62, USDT, 100 * M)]);
    story.is_contract(62, 21, 0);
    let links = story.links(&thefts, &Knowledge::default(), &LIMITS);
    let kinds: Vec<&str> = links.pairs[0].evidence.iter().map(|row| row.kind).collect();
    assert!(
        !kinds.contains(&"deployer") && !kinds.is_empty(),
        "{links:?}"
    );
}

/// A little of one theft, sent to somebody who deployed contracts, makes his contracts none of the thief's.
#[test]
fn a_passer_by_who_deploys_is_no_hand() {
    let told = |part: u64| {
        let mut story = Story::default();
        let one = story.tell(&[(11, 21, USDT, 100 * M)]);
        let other = story.tell(&[(12, 22, USDT, 100 * M)]);
        story.tell(&[(21, 50, USDT, part)]);
        story.tell(&[(50, 51, USDT, part)]);
        story.tell(&[(22, 62, USDT, 100 * M)]);
        story.tell(&[(62, 63, USDT, 100 * M)]);
        story.is_contract(62, 50, 0);
        story.link([one, other]).verdict
    };
    assert_eq!((told(100 * M), told(M)), ("probable", "lead"));
    assert_eq!(told(M / 10), "none");
}
