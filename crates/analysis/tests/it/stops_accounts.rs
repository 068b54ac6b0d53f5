//! Stops, windows and coverage on ledgers small enough to work out by hand.

use whither_analysis::trace::result::EndpointKind;
use whither_analysis::trace::{
    Direction, KnownService, OriginPlace, Policy, Request, Stops, TraceError, Window,
    trace_accounts,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use crate::accounts;
use crate::outputs::origin;
use crate::stops::{A, B, C, first_output};

fn account(number: u8) -> Address {
    Address::Evm([number; 20])
}

/// (time, from, to, amount), one transaction each; rows of nobody in particular.
fn ledger(rows: &[(u32, u8, u8, u64)]) -> MemoryAccounts {
    let row = |(number, (time, from, to, amount)): (u8, &(u32, u8, u8, u64))| TableRow {
        transaction: Some(TransactionId::Hash([number; 32])),
        height: None,
        index: None,
        time: Timestamp::from(*time),
        log_index: None,
        kind: RowKind::Transfer,
        from: account(*from),
        to: account(*to),
        asset: "iso4217:USD".parse().unwrap(),
        amount: U256::from(*amount),
    };
    let (from, to) = (Timestamp::from(0), Timestamp::from(99));
    let addresses = [account(B)].into();
    let source = TableSource {
        digest: [1; 32],
        coverage: Coverage::Addresses {
            addresses,
            internal: false,
            from,
            to,
        },
        rows: (1..).zip(rows).map(row).collect(),
        facts: whither_ledger::memory::Facts::default(),
    };
    MemoryAccounts::build(accounts::chain(), &[source])
}

fn of_account(number: u8) -> Request {
    Request {
        origins: vec![origin(OriginPlace::Address(account(number)))],
        ..first_output()
    }
}

/// A sends B 10; B has 5 of its own, receives 7 of D, and sends 12 to C.
fn mixing() -> MemoryAccounts {
    ledger(&[(1, B, 9, 5), (2, A, B, 10), (3, 4, B, 7), (4, B, C, 12)])
}

#[test]
fn held_is_said_only_where_a_source_promised_it() {
    let trace = trace_accounts(&mixing(), &of_account(A)).unwrap();
    let found: Vec<_> = trace
        .endpoints
        .iter()
        .map(|end| (end.kind, end.amount.as_str()))
        .collect();
    assert_eq!(found, [(EndpointKind::Horizon, "10")], "C is not covered");
    let lifo = Request {
        policy: Policy::Lifo,
        ..of_account(A)
    };
    let found: Vec<_> = trace_accounts(&mixing(), &lifo)
        .unwrap()
        .endpoints
        .iter()
        .map(|end| (end.kind, end.amount.clone()))
        .collect();
    assert_eq!(
        found,
        [
            (EndpointKind::Held, "5".to_owned()),
            (EndpointKind::Horizon, "5".to_owned())
        ]
    );
    let caveats: Vec<_> = trace
        .caveats
        .iter()
        .map(|caveat| (caveat.kind.as_str(), caveat.amount.as_deref()))
        .collect();
    assert!(
        caveats.contains(&("unknown-opening", Some("10"))),
        "A's beginning: {caveats:?}"
    );
    assert!(
        caveats.contains(&("unknown-opening", Some("5"))),
        "B's beginning: {caveats:?}"
    );
    assert!(
        caveats.contains(&("no-internal-transfers", None)),
        "{caveats:?}"
    );
}

#[test]
fn an_account_counts_within_its_window() {
    let view = ledger(&[
        (1, 9, A, 5),
        (2, A, B, 5),
        (3, 9, A, 7),
        (4, A, C, 3),
        (5, 9, A, 1),
    ]);
    let of_a = |since: Option<u32>, before: Option<u32>| {
        let window = Window {
            since: since.map(Timestamp::from),
            before: before.map(Timestamp::from),
        };
        trace_accounts(
            &view,
            &Request {
                window,
                ..of_account(A)
            },
        )
        .map(|trace| trace.origins[0].amount.clone())
    };
    assert_eq!(of_a(None, None).unwrap(), "13");
    assert_eq!(of_a(Some(3), None).unwrap(), "8");
    assert_eq!(
        of_a(Some(4), None).unwrap(),
        "8",
        "7 held at the start, and 1"
    );
    assert_eq!(of_a(Some(3), Some(5)).unwrap(), "7");
    assert_eq!(
        of_a(Some(6), None).unwrap(),
        "5",
        "held at the start, and never moved again"
    );
}

#[test]
fn account_stops_say_their_rule() {
    let view = ledger(&[(1, A, B, 10), (2, B, C, 10), (3, C, 4, 10)]);
    let with = |stops: Stops| {
        let trace = trace_accounts(
            &view,
            &Request {
                stops,
                ..of_account(A)
            },
        )
        .unwrap();
        trace
            .endpoints
            .iter()
            .map(|end| (end.kind, end.hops, end.reason.rule.clone()))
            .collect::<Vec<_>>()
    };
    let none = Stops::none();
    let one = |kind, hops, rule: &str| vec![(kind, hops, rule.to_owned())];
    assert_eq!(
        with(none.clone()),
        one(EndpointKind::Horizon, 3, "end-of-data")
    );
    assert_eq!(
        with(Stops {
            depth: Some(2),
            ..none.clone()
        }),
        one(EndpointKind::Depth, 2, "depth:2")
    );
    assert_eq!(
        with(Stops {
            dust: Some(U256::from(11)),
            ..none.clone()
        }),
        one(EndpointKind::Dust, 1, "dust:11")
    );
    assert_eq!(
        with(Stops {
            degree: Some(1),
            ..none.clone()
        }),
        one(EndpointKind::Degree, 1, "degree:1")
    );
    let time = one(EndpointKind::Time, 2, "time:1970-01-01T00:00:03Z");
    assert_eq!(
        with(Stops {
            time: Some(Timestamp::from(3)),
            ..none
        }),
        time
    );
}

#[test]
fn rows_of_one_moment_are_said_to_have_no_order() {
    let view = ledger(&[(1, A, B, 10), (2, 9, B, 10), (2, B, C, 10)]);
    let trace = trace_accounts(&view, &of_account(A)).unwrap();
    assert!(
        trace.caveats.iter().any(|caveat| caveat.kind == "tie"),
        "{:?}",
        trace.caveats
    );
}

/// A time stop with a receipt after it: what happened later is neither followed nor forgotten.
#[test]
fn a_time_stop_leaves_later_receipts_alone() {
    let view = ledger(&[(1, A, B, 10), (6, 4, B, 100), (7, B, A, 100)]);
    let stops = Stops {
        time: Some(Timestamp::from(5)),
        ..Stops::none()
    };
    let trace = trace_accounts(
        &view,
        &Request {
            stops,
            ..of_account(A)
        },
    )
    .unwrap();
    let found: Vec<_> = trace
        .endpoints
        .iter()
        .map(|end| (end.kind, end.amount.as_str()))
        .collect();
    assert_eq!(found, [(EndpointKind::Time, "10")]);
}

/// Two origins at a service: what starts there goes on, under every policy, and the interval knows it.
#[test]
fn origins_at_a_service_go_on_under_every_policy() {
    let view = ledger(&[(1, 7, 6, 4), (2, 8, 6, 6), (3, 6, 5, 10), (4, 5, 9, 110)]);
    let service = KnownService {
        kind: EndpointKind::Service,
        name: "S".to_owned(),
        identity: "S".to_owned(),
        category: "exchange".to_owned(),
        claim: "s".to_owned(),
        valid: Window::default(),
    };
    let mut request = of_account(7);
    request
        .origins
        .push(origin(OriginPlace::Address(account(5))));
    request.knowledge.services.insert(account(5), vec![service]);
    for policy in Policy::ALL {
        let trace = trace_accounts(
            &view,
            &Request {
                policy,
                ..request.clone()
            },
        )
        .unwrap();
        let end = trace
            .endpoints
            .iter()
            .find(|end| end.kind == EndpointKind::Horizon)
            .unwrap();
        assert_eq!(
            (end.amount.as_str(), end.max.as_str()),
            ("110", "110"),
            "{policy}"
        );
    }
}

/// Dust rests where nothing moves it on.
#[test]
fn what_is_not_moved_on_is_not_stopped() {
    let view = ledger(&[(1, A, C, 10)]);
    let stops = Stops {
        dust: Some(U256::from(11)),
        depth: Some(1),
        ..Stops::none()
    };
    let trace = trace_accounts(
        &view,
        &Request {
            stops,
            ..of_account(A)
        },
    )
    .unwrap();
    assert_eq!(trace.endpoints[0].kind, EndpointKind::Horizon);
}

#[test]
fn a_limit_must_name_one_asset_and_one_part() {
    let mut request = of_account(A);
    request.origins[0].limit = Some(U256::from(1));
    request.direction = Direction::Backward;
    let error = trace_accounts(&mixing(), &request).unwrap_err();
    assert!(matches!(error, TraceError::LimitBackward { .. }), "{error}");
}

/// Two receipts of one moment, one of them tainted: which leaves first rests on the order of rows.
#[test]
fn receipts_of_one_moment_are_said_to_have_no_order() {
    let view = ledger(&[(100, A, B, 10), (100, 9, B, 10), (101, B, C, 10)]);
    let trace = trace_accounts(&view, &of_account(A)).unwrap();
    let kinds: Vec<_> = trace
        .caveats
        .iter()
        .map(|caveat| caveat.kind.as_str())
        .collect();
    assert!(kinds.contains(&"tie"), "{kinds:?}");
}
