//! Claims that an address is a customer's deposit address count for the days that they name.

use super::{Knowledge, LIMITS, account, two_to_one};
use crate::trace::{KnownDeposit, Window};
use whither_ledger::time::Timestamp;

/// Money of the first theft comes with the third transaction, that of the second with the fourth.
fn told(claims: &[(&str, Window)]) -> (&'static str, Vec<String>) {
    let (story, thefts) = two_to_one();
    let mut known = Knowledge::default();
    let claim = |(number, (name, valid)): (usize, &(&str, Window))| KnownDeposit {
        name: (*name).to_owned(),
        identity: (*name).to_owned(),
        category: "exchange".to_owned(),
        claim: format!("claim-{number}"),
        valid: *valid,
    };
    let claims = claims.iter().enumerate().map(claim).collect();
    known.deposits.insert(account(40), claims);
    let links = story.links(&thefts, &known, &LIMITS);
    let kind = links.pairs[0].evidence[0].kind;
    (kind, links.claims.into_iter().collect())
}

fn time(transaction: u32) -> Option<Timestamp> {
    Some(Timestamp::from(1_700_000_000 + 12 * transaction))
}

fn window(since: Option<Timestamp>, before: Option<Timestamp>) -> Window {
    Window { since, before }
}

#[test]
fn a_deposit_address_is_one_only_while_it_is_claimed_to_be() {
    let always = window(None, None);
    assert_eq!(
        told(&[("X", always)]),
        ("shared-deposit", vec!["claim-0".to_owned()])
    );
    // It was somebody else's before money of either came, is from then on, or was when money of one did.
    for valid in [
        window(None, time(3)),
        window(time(5), None),
        window(None, time(4)),
        window(time(4), None),
    ] {
        assert_eq!(told(&[("X", valid)]), ("commingling", vec![]), "{valid:?}");
    }
}

#[test]
fn two_claims_of_one_service_may_follow_each_other_and_two_services_may_not() {
    let (before, after) = (window(None, time(4)), window(time(4), None));
    let (kind, claims) = told(&[("X", before), ("X", after)]);
    assert_eq!((kind, claims.len()), ("shared-deposit", 2));
    assert_eq!(told(&[("X", before), ("Y", after)]).0, "commingling");
}
