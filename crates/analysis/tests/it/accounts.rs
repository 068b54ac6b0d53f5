//! A naive table as a view, and a trace over it in the naive reference's words.

use whither_analysis::trace::{
    Knowledge, OriginPlace, Request, Stops, Trace, TraceError, Window, trace_accounts,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_testkit::naive;
use whither_testkit::naive::account::{Endpoint, Leg, NaiveTable, NaiveTransaction, Origin};
use whither_testkit::simulator::SimTable;

use crate::outputs::{direction, kind, origin, policy};

pub fn chain() -> Chain {
    Chain::Evm(1337)
}

pub fn address(text: &str) -> Address {
    Address::parse(&chain(), text).unwrap()
}

fn id(text: &str) -> TransactionId {
    TransactionId::parse(&chain(), text).unwrap()
}

/// Every address complete, so that what stays is `held`, as the naive reference has it.
fn complete(last: u32) -> Coverage {
    Coverage::Blocks {
        first: Some(0),
        last: Some(last),
        internal: true,
    }
}

fn row(transaction: &NaiveTransaction, place: u32, leg: &Leg) -> TableRow {
    TableRow {
        transaction: Some(id(&transaction.txid)),
        height: Some(u32::try_from(transaction.height).unwrap()),
        index: Some(place),
        time: Timestamp::from_seconds(i64::try_from(transaction.time).unwrap()).unwrap(),
        log_index: Some(u32::try_from(leg.index).unwrap()),
        kind: RowKind::Transfer,
        from: address(&leg.from),
        to: address(&leg.to),
        asset: leg.asset.parse().unwrap(),
        amount: U256::from(leg.amount),
    }
}

/// A chain with gas, whose legs stand in the chain's own order.
pub fn ledger_view(table: &NaiveTable) -> MemoryAccounts {
    ledger_view_with(table, Facts::default())
}

/// The same, with what a source tells beside transfers.
pub fn ledger_view_with(table: &NaiveTable, facts: Facts) -> MemoryAccounts {
    let mut rows = Vec::new();
    for (place, transaction) in (0..).zip(&table.transactions) {
        if let Some(fee) = &transaction.fee {
            let leg = Leg {
                index: 0,
                asset: fee.asset.clone(),
                from: fee.payer.clone(),
                to: fee.payer.clone(),
                amount: fee.amount,
            };
            rows.push(TableRow {
                kind: RowKind::Fee,
                log_index: None,
                ..row(transaction, place, &leg)
            });
        }
        rows.extend(
            transaction
                .legs
                .iter()
                .map(|leg| row(transaction, place, leg)),
        );
    }
    build_with(rows, facts)
}

/// A published table: transactions by block, legs without an order.
pub fn table_view(table: &SimTable) -> MemoryAccounts {
    let rows = table.rows.iter().map(|row| TableRow {
        transaction: Some(id(&row.txid)),
        height: Some(u32::try_from(row.block).unwrap()),
        index: None,
        time: Timestamp::from_seconds(i64::try_from(row.time).unwrap()).unwrap(),
        log_index: None,
        kind: RowKind::Transfer,
        from: address(&row.from),
        to: address(&row.to),
        asset: "iso4217:USD".parse().unwrap(),
        amount: U256::from(row.cents),
    });
    build(rows.collect())
}

fn build(rows: Vec<TableRow>) -> MemoryAccounts {
    build_with(rows, Facts::default())
}

fn build_with(rows: Vec<TableRow>, facts: Facts) -> MemoryAccounts {
    let last = rows.iter().filter_map(|row| row.height).max().unwrap_or(0);
    let source = TableSource {
        digest: [7; 32],
        coverage: complete(last),
        rows,
        facts,
    };
    MemoryAccounts::build(chain(), &[source])
}

fn place(origin: &Origin) -> OriginPlace {
    match origin {
        Origin::Transfer { txid, index } => {
            OriginPlace::Transfer(id(txid), u32::try_from(*index).unwrap())
        }
        Origin::Transaction(txid) => OriginPlace::Transaction(id(txid)),
        Origin::Address(text) => OriginPlace::Address(address(text)),
    }
}

pub fn request(origins: &[Origin], wanted: naive::Policy, way: naive::Direction) -> Request {
    Request {
        origins: origins.iter().map(|naive| origin(place(naive))).collect(),
        policy: policy(wanted),
        direction: direction(way),
        window: Window::default(),
        stops: Stops::default(),
        knowledge: Knowledge::default(),
        may_enter: std::collections::BTreeMap::new(),
    }
}

pub fn trace(
    view: &MemoryAccounts,
    origins: &[Origin],
    wanted: naive::Policy,
    way: naive::Direction,
) -> Result<Trace, TraceError> {
    trace_accounts(view, &request(origins, wanted, way))
}

/// The endpoints of a trace in the naive reference's words.
pub fn endpoints(trace: &Trace) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for endpoint in &trace.endpoints {
        let place = endpoint.address.clone().map_or_else(
            || endpoint.transaction.clone().unwrap(),
            |text| text.to_lowercase(),
        );
        for share in &endpoint.origins {
            endpoints.push(Endpoint {
                kind: kind(endpoint.kind.name()),
                place: place.clone(),
                asset: endpoint.asset.clone(),
                label: share.origin[1..].parse::<usize>().unwrap() - 1,
                amount: share.amount.parse().unwrap(),
            });
        }
    }
    endpoints.sort();
    endpoints
}
