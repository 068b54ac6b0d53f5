//! Many thefts with many movements each, to measure what links cost: every theft spreads over thousands of accounts, two and
//! two share a hundred collectors, and all of it ends at one busy place that nobody labels.

use std::collections::BTreeMap;
use std::time::Instant;

use whither_analysis::link::{Taint, links_of_accounts};
use whither_analysis::trace::result::Basis;
use whither_analysis::trace::{
    Direction, Knowledge, Origin, OriginPlace, Policy, Request, Stops, Window, trace_accounts,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

const COLLECTORS: u64 = 100;
const STRANGERS: u64 = 1_000;
const PART: u64 = 1_000_000;

fn address(kind: u8, number: u64) -> Address {
    let mut bytes = [kind; 20];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    Address::Evm(bytes)
}

fn id(number: u64) -> TransactionId {
    let text = format!("0x{number:064x}");
    TransactionId::parse(&Chain::Evm(1), &text).expect("a transaction's id")
}

fn row(number: u64, from: Address, to: Address, amount: u64) -> TableRow {
    let height = u32::try_from(number / 100).expect("a few blocks");
    TableRow {
        transaction: Some(id(number)),
        height: Some(height),
        index: Some(u32::try_from(number % 100).expect("below a hundred")),
        time: Timestamp::from(1_700_000_000 + 12 * height),
        log_index: Some(0),
        kind: RowKind::Transfer,
        from,
        to,
        asset: "eip155:1/slip44:60".parse().expect("an asset"),
        amount: U256::from(amount),
    }
}

fn view(incidents: u64, accounts: u64) -> MemoryAccounts {
    let hub = address(9, 0);
    let mut rows = Vec::new();
    let mut tell = |from, to, amount| {
        let number = u64::try_from(rows.len()).expect("counted in memory");
        rows.push(row(number, from, to, amount));
    };
    for theft in 0..incidents {
        tell(address(1, theft), address(2, theft), accounts * PART);
    }
    for stranger in 0..STRANGERS {
        tell(address(8, stranger), hub.clone(), 40 * PART);
    }
    for theft in 0..incidents {
        for account in 0..accounts {
            tell(
                address(2, theft),
                address(3, theft * accounts + account),
                PART,
            );
        }
    }
    for theft in 0..incidents {
        for account in 0..accounts {
            let collector = theft / 2 * COLLECTORS + account % COLLECTORS;
            tell(
                address(3, theft * accounts + account),
                address(4, collector),
                PART,
            );
        }
    }
    for collector in 0..incidents.div_ceil(2) * COLLECTORS {
        tell(address(4, collector), hub.clone(), PART);
    }
    let source = TableSource {
        digest: [1; 32],
        rows,
        coverage: Coverage::Blocks {
            first: Some(0),
            last: Some(u32::MAX),
            internal: true,
        },
        facts: Facts::default(),
    };
    MemoryAccounts::build(Chain::Evm(1), &[source])
}

/// Measures so many thefts with about so many movements in all.
pub fn measure(incidents: u64, movements: u64) {
    let accounts = (movements / incidents / 2).max(COLLECTORS);
    let view = view(incidents, accounts);
    let started = Instant::now();
    let taint = |theft: u64| {
        let origins = vec![Origin {
            what: format!("theft {theft}"),
            place: OriginPlace::Transaction(id(theft)),
            incident: Some(format!("theft-{theft}")),
            asset: None,
            height: None,
            limit: None,
            basis: Basis::Fact,
            carried: None,
        }];
        let request = Request {
            origins: origins.clone(),
            policy: Policy::Haircut,
            direction: Direction::Forward,
            window: Window::default(),
            stops: Stops::default(),
            knowledge: Knowledge::default(),
            may_enter: BTreeMap::new(),
        };
        let trace = trace_accounts(&view, &request).expect("the theft is there");
        Taint::of_accounts(&view, &format!("theft-{theft}"), &origins, &trace)
    };
    let taints: Vec<Taint> = (0..incidents).map(taint).collect();
    let traced = started.elapsed();
    let count: usize = taints.iter().map(Taint::movement_count).sum();
    let started = Instant::now();
    let links = links_of_accounts(&view, &Knowledge::default(), taints).pairs;
    let linked = started.elapsed();
    let found = links.iter().filter(|link| link.verdict != "none").count();
    println!(
        "{incidents} thefts, {count} tainted movements: traced in {} ms, {} pairs ({found} linked) in {} ms",
        traced.as_millis(),
        links.len(),
        linked.as_millis()
    );
}
