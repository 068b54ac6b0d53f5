//! An explorer's rows of one account: what it gave and what it got in one transaction, and nothing of the way between.

use whither_analysis::trace::result::{EndpointKind, Trace};
use whither_analysis::trace::{OriginPlace, Request, trace_accounts};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use crate::outputs::origin;
use crate::stops::first_output;

const THIEF: u8 = 1;
const POOL: u8 = 2;
const ROUTER: u8 = 3;
const VICTIM: u8 = 4;

const USDT: &str = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7";
const ETH: &str = "eip155:1/slip44:60";

/// Transaction, payer, payee, asset, amount: followed from what the victim pays the thief.
fn followed(rows: &[(u8, u8, u8, &str, u64)]) -> Trace {
    let account = |number: u8| Address::Evm([number; 20]);
    let row = |(tx, from, to, asset, amount): &(u8, u8, u8, &str, u64)| TableRow {
        transaction: Some(TransactionId::Hash([*tx; 32])),
        height: Some(u32::from(*tx)),
        index: None,
        time: Timestamp::from(u32::from(*tx)),
        log_index: None,
        kind: RowKind::Transfer,
        from: account(*from),
        to: account(*to),
        asset: asset.parse().unwrap(),
        amount: U256::from(*amount),
    };
    let source = TableSource {
        digest: [1; 32],
        coverage: Coverage::Rows {
            from: Timestamp::from(0),
            to: Timestamp::from(9),
        },
        rows: rows.iter().map(row).collect(),
        facts: Facts::default(),
    };
    let view = MemoryAccounts::build(Chain::Evm(1), &[source]);
    let request = Request {
        origins: vec![origin(OriginPlace::Transaction(TransactionId::Hash(
            [1; 32],
        )))],
        ..first_output()
    };
    trace_accounts(&view, &request).unwrap()
}

fn ends(trace: &Trace) -> Vec<(EndpointKind, &str, &str)> {
    let ends = trace.endpoints.iter();
    ends.map(|end| (end.kind, end.reason.rule.as_str(), end.amount.as_str()))
        .collect()
}

#[test]
fn an_exchange_of_which_rows_show_both_ends_is_unresolved_and_says_what_was_got() {
    let stolen = (1, VICTIM, THIEF, USDT, 900);
    let (given, got) = ((2, THIEF, POOL, USDT, 900), (2, ROUTER, THIEF, ETH, 5));
    let trace = followed(&[stolen, given, got]);
    assert_eq!(
        ends(&trace),
        [(EndpointKind::Unresolved, "exchange-not-shown", "900")]
    );
    let caveat = trace
        .caveats
        .iter()
        .find(|it| it.kind == "missing-leg")
        .unwrap();
    assert_eq!(caveat.amount.as_deref(), Some("900"));
    assert!(
        caveat.what.contains("5 of eip155:1/slip44:60"),
        "{}",
        caveat.what
    );
}

#[test]
fn what_comes_without_something_in_return_or_goes_on_is_no_exchange() {
    let stolen = (1, VICTIM, THIEF, USDT, 900);
    let given = (2, THIEF, POOL, USDT, 900);
    for more in [
        // Nothing comes back; it comes back as the same; more goes out of the other asset than comes in.
        vec![],
        vec![(2, ROUTER, THIEF, USDT, 5)],
        vec![(2, ROUTER, THIEF, ETH, 5), (2, THIEF, POOL, ETH, 5)],
        // It comes in another transaction.
        vec![(3, ROUTER, THIEF, ETH, 5)],
    ] {
        let trace = followed(&[&[stolen, given][..], &more].concat());
        let kinds: Vec<EndpointKind> = trace.endpoints.iter().map(|end| end.kind).collect();
        assert!(
            kinds.iter().all(|kind| *kind == EndpointKind::Horizon),
            "{more:?}: {kinds:?}"
        );
    }
    // The pool is seen to pay on: then its rows are there.
    let got = (2, ROUTER, THIEF, ETH, 5);
    let trace = followed(&[stolen, given, got, (3, POOL, 9, USDT, 400)]);
    assert_eq!(
        ends(&trace),
        [
            (EndpointKind::Horizon, "end-of-data", "500"),
            (EndpointKind::Horizon, "end-of-data", "400")
        ]
    );
}
