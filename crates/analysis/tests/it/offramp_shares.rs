//! Whose share of an end is whose: customers' deposit addresses, days, and what claims set apart of them.

use std::collections::BTreeMap;

use whither_analysis::offramp::{Position, by_day, cash_outs, of_accounts};
use whither_analysis::trace::freeze::{Stayed, set_apart};
use whither_analysis::trace::result::{Basis, Bound, EndpointKind, Trace};
use whither_analysis::trace::{
    Direction, Knowledge, KnownDeposit, KnownService, Origin, OriginPlace, Policy, Request, Stops,
    Window, trace_accounts,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::memory::MemoryAccounts;
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use crate::deposits::view;

const TOKEN: &str = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7";
/// A block every twelve seconds: so many to a day.
const DAY: u32 = 7_200;

fn address(number: u8) -> Address {
    let mut bytes = [0x11; 20];
    bytes[19] = number;
    Address::Evm(bytes)
}

fn shown(number: u8) -> String {
    address(number).display(&Chain::Evm(1))
}

/// A thief (2) pays two customers' addresses (3 and 4) of one exchange (9), which sweeps them on two days.
fn swept() -> MemoryAccounts {
    view(&[
        (10, 1, 2, TOKEN, 100_000_000),
        (20, 2, 3, TOKEN, 60_000_000),
        (30, 2, 4, TOKEN, 40_000_000),
        (40, 3, 9, TOKEN, 60_000_000),
        (40 + DAY, 4, 9, TOKEN, 40_000_000),
    ])
}

fn deposit(name: &str, valid: Window) -> KnownDeposit {
    KnownDeposit {
        name: name.to_owned(),
        identity: name.to_owned(),
        category: "exchange".to_owned(),
        claim: format!("deposit of {name}"),
        valid,
    }
}

fn knowledge(third: Vec<KnownDeposit>) -> Knowledge {
    let service = KnownService {
        kind: EndpointKind::Service,
        name: "X".to_owned(),
        identity: "X".to_owned(),
        category: "exchange".to_owned(),
        claim: "the wallet".to_owned(),
        valid: Window::default(),
    };
    let fourth = vec![deposit("X", Window::default())];
    Knowledge {
        services: BTreeMap::from([(address(9), vec![service])]),
        deposits: BTreeMap::from([(address(3), third), (address(4), fourth)]),
    }
}

fn request(known: &Knowledge, stops: Stops) -> Request {
    let first = TransactionId::parse(&Chain::Evm(1), &format!("0x{:064x}", 1)).unwrap();
    Request {
        origins: vec![Origin {
            what: "the theft".to_owned(),
            place: OriginPlace::Transaction(first),
            incident: None,
            asset: None,
            height: None,
            limit: None,
            basis: Basis::Fact,
            carried: None,
        }],
        policy: Policy::Haircut,
        direction: Direction::Forward,
        window: Window::default(),
        stops,
        knowledge: known.clone(),
        may_enter: BTreeMap::new(),
    }
}

fn traced(view: &MemoryAccounts, known: &Knowledge, stops: Stops) -> Trace {
    trace_accounts(view, &request(known, stops)).unwrap()
}

fn stayed(request: &str, kind: EndpointKind, place: u8, amount: u64) -> Stayed {
    Stayed {
        request: request.to_owned(),
        claim: format!("claim of {request}"),
        kind,
        chain: "eip155:1".to_owned(),
        place: shown(place),
        asset: TOKEN.to_owned(),
        amount: U256::from(amount),
    }
}

/// Kind, customer's address, amount.
fn told(positions: &[Position]) -> Vec<(EndpointKind, Option<String>, u64)> {
    let row = |at: &Position| {
        let deposit = at.deposit.as_ref().map(|seen| seen.address.clone());
        (at.kind, deposit, at.amount.to::<u64>())
    };
    let mut rows: Vec<_> = positions.iter().map(row).collect();
    rows.sort();
    rows
}

#[test]
fn what_is_frozen_for_one_customer_is_taken_from_no_other() {
    let (view, known) = (swept(), knowledge(vec![deposit("X", Window::default())]));
    let mut trace = traced(&view, &known, Stops::default());
    let whole = of_accounts(&view, &trace, &known);
    assert_eq!(
        told(&whole),
        [
            (EndpointKind::Service, Some(shown(3)), 60_000_000),
            (EndpointKind::Service, Some(shown(4)), 40_000_000)
        ]
    );
    // More than the customer paid: the rest is said to be beyond the trace.
    let frozen = [
        stayed("a", EndpointKind::Frozen, 3, 50_000_000),
        stayed("b", EndpointKind::Recovered, 3, 25_000_000),
    ];
    set_apart(&mut trace, &frozen);
    let positions = of_accounts(&view, &trace, &known);
    let expected = [
        (EndpointKind::Service, Some(shown(4)), 40_000_000),
        (EndpointKind::Frozen, Some(shown(3)), 50_000_000),
        (EndpointKind::Recovered, Some(shown(3)), 10_000_000),
    ];
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(told(&positions), expected);
    let beyond = trace
        .caveats
        .iter()
        .find(|it| it.kind == "freeze-beyond-trace");
    assert_eq!(beyond.and_then(|it| it.amount.as_deref()), Some("15000000"));
    // Another policy could have it come by the other customer: no amount of these is certain.
    for end in &trace.endpoints {
        let number = |text: &String| text.parse::<U256>().unwrap();
        assert_eq!(end.bound, Bound::Loose, "{end:?}");
        assert!(number(&end.min) <= number(&end.amount) && number(&end.amount) <= number(&end.max));
    }
    let frozen = positions.iter().find(|at| at.kind == EndpointKind::Frozen);
    assert_eq!(frozen.map(|at| at.min), Some(U256::ZERO));
    // What stayed was not cashed out, and the other customer's payment is the only one.
    let cashed: Vec<_> = cash_outs(&positions)
        .into_iter()
        .map(|row| (row.day.unwrap(), row.amount.to::<u64>(), row.payments))
        .collect();
    assert_eq!(cashed, [("1970-01-02".to_owned(), 40_000_000, 1)]);
}

#[test]
fn a_claim_alone_at_its_place_cuts_the_bounds_by_no_more_than_it_says() {
    let (view, known) = (swept(), knowledge(Vec::new()));
    let mut trace = traced(&view, &known, Stops::default());
    // Half of what lies there may be somebody else's under another policy: here all of it is stolen.
    set_apart(
        &mut trace,
        &[stayed("a", EndpointKind::Frozen, 9, 30_000_000)],
    );
    let row = |kind: EndpointKind| {
        let end = trace.endpoints.iter().find(|end| end.kind == kind).unwrap();
        [&end.amount, &end.min, &end.max].map(|text| text.parse::<u64>().unwrap())
    };
    assert_eq!(row(EndpointKind::Frozen), [30_000_000; 3]);
    assert_eq!(row(EndpointKind::Service), [70_000_000; 3]);
}

#[test]
fn a_deposit_address_that_was_somebodys_at_another_time_or_of_another_service_names_nobody() {
    let view = swept();
    let before = |height: u32| Window {
        since: None,
        before: Some(Timestamp::from_seconds(i64::from(height) * 12).unwrap()),
    };
    let third = |claims: Vec<KnownDeposit>| {
        let known = knowledge(claims);
        let trace = traced(&view, &known, Stops::default());
        let found = of_accounts(&view, &trace, &known);
        let mut rows = found.iter().filter_map(|at| at.deposit.clone());
        rows.find(|seen| seen.address == shown(3))
            .and_then(|seen| seen.claim)
    };
    assert_eq!(
        third(vec![deposit("X", Window::default())]).as_deref(),
        Some("deposit of X")
    );
    assert_eq!(
        third(vec![deposit("X", before(40))]),
        None,
        "it was over by then"
    );
    assert_eq!(
        third(vec![deposit("Y", Window::default())]),
        None,
        "of another service"
    );
    assert_eq!(
        third(vec![
            deposit("Y", Window::default()),
            deposit("X", before(41))
        ])
        .as_deref(),
        Some("deposit of X")
    );
}

/// Claims of one service call it by several names, and its entity tells that it is one. What is frozen by a claim that names
/// another service is taken from nobody else all the same.
#[test]
fn a_service_is_who_its_entity_is_and_not_what_it_is_called() {
    let view = swept();
    let named = |identity: &str| KnownDeposit {
        identity: identity.to_owned(),
        ..deposit("X deposits", Window::default())
    };
    for (identity, is_known) in [("X", true), ("Y", false)] {
        let known = knowledge(vec![named(identity)]);
        let mut trace = traced(&view, &known, Stops::default());
        let third = |positions: &[Position]| {
            let mut rows = positions.iter().filter_map(|at| at.deposit.as_ref());
            rows.any(|seen| seen.address == shown(3) && seen.claim.is_some())
        };
        assert_eq!(third(&of_accounts(&view, &trace, &known)), is_known);
        set_apart(
            &mut trace,
            &[stayed("a", EndpointKind::Frozen, 3, 60_000_000)],
        );
        let rows = told(&of_accounts(&view, &trace, &known));
        assert!(
            rows.contains(&(EndpointKind::Service, Some(shown(4)), 40_000_000)),
            "{identity}: {rows:?}"
        );
    }
}

/// The amounts of one policy lie within the bounds of another, with the same claims.
#[test]
fn what_stays_and_the_rest_are_within_bounds_whatever_the_policy() {
    // The thief's 100 lie with 100 clean; half goes by one customer's address and half by another's.
    let view = view(&[
        (5, 7, 2, TOKEN, 100_000_000),
        (10, 1, 2, TOKEN, 100_000_000),
        (20, 2, 3, TOKEN, 100_000_000),
        (30, 2, 4, TOKEN, 100_000_000),
        (40, 3, 9, TOKEN, 100_000_000),
        (50, 4, 9, TOKEN, 100_000_000),
    ]);
    let known = knowledge(vec![deposit("X", Window::default())]);
    let first = TransactionId::parse(&Chain::Evm(1), &format!("0x{:064x}", 2)).unwrap();
    let policies = [Policy::Fifo, Policy::Lifo, Policy::Haircut];
    let traces = policies.map(|policy| {
        let mut request = request(&known, Stops::default());
        request.policy = policy;
        request.origins[0].place = OriginPlace::Transaction(first.clone());
        let mut trace = trace_accounts(&view, &request).unwrap();
        set_apart(
            &mut trace,
            &[stayed("a", EndpointKind::Frozen, 3, 70_000_000)],
        );
        trace
    });
    let number = |text: &String| text.parse::<U256>().unwrap();
    let of = |trace: &Trace, kind: EndpointKind| {
        let ends = trace.endpoints.iter().filter(|end| end.kind == kind);
        ends.fold(U256::ZERO, |sum, end| sum + number(&end.amount))
    };
    for trace in &traces {
        for end in &trace.endpoints {
            for other in &traces {
                let amount = of(other, end.kind);
                assert!(
                    number(&end.min) <= amount && amount <= number(&end.max),
                    "{} under {}: {amount} is not within {} to {}",
                    end.kind.name(),
                    trace.policy,
                    end.min,
                    end.max
                );
            }
        }
    }
    // They do differ.
    assert_ne!(
        of(&traces[0], EndpointKind::Frozen),
        of(&traces[1], EndpointKind::Frozen)
    );
}

#[test]
fn each_part_counts_on_the_day_on_which_it_arrived() {
    // One customer's address, swept on two days.
    let view = view(&[
        (10, 1, 2, TOKEN, 100_000_000),
        (20, 2, 4, TOKEN, 60_000_000),
        (40, 4, 9, TOKEN, 60_000_000),
        (30 + DAY, 2, 4, TOKEN, 40_000_000),
        (40 + DAY, 4, 9, TOKEN, 40_000_000),
    ]);
    let known = knowledge(Vec::new());
    let trace = traced(&view, &known, Stops::default());
    let positions = of_accounts(&view, &trace, &known);
    let [at] = &positions[..] else {
        panic!("{positions:?}")
    };
    assert_eq!(at.arrivals.len(), 2);
    let days = [("1970-01-01", 60_000_000), ("1970-01-02", 40_000_000)];
    let days = days.map(|(day, amount)| (Some(day.to_owned()), U256::from(amount)));
    assert_eq!(by_day(at), BTreeMap::from(days));
}

#[test]
fn where_the_trace_was_asked_to_stop_money_is_gone_only_if_the_place_is_empty() {
    let rows = |last: u64| {
        view(&[
            (10, 1, 2, TOKEN, 100_000_000),
            (20, 2, 3, TOKEN, 60_000_000),
            (30, 8, 3, TOKEN, 60_000_000),
            (40, 3, 4, TOKEN, last),
        ])
    };
    let there = |last: u64| {
        let stops = Stops {
            depth: Some(1),
            ..Stops::default()
        };
        let view = rows(last);
        let trace = traced(&view, &Knowledge::default(), stops);
        let found = of_accounts(&view, &trace, &Knowledge::default());
        let at = found.iter().find(|at| at.kind == EndpointKind::Depth);
        at.expect("it stops there").still_there
    };
    assert_eq!(there(120_000_000), Some(false), "nothing is left");
    assert_eq!(there(10_000_000), None, "whose the rest is nobody can tell");
}
