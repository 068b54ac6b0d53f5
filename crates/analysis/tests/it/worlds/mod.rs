//! A simulated world as a view, and its thefts traced as somebody would who knows what the world's labels name and
//! nothing else. [`links`], [`offramps`] and [`typologies`] count what is found against the truth; the programs
//! that measure use them. [`outputs`] does all this on chains of outputs.

pub mod links;
pub mod offramps;
pub mod outputs;
pub mod typologies;

use std::collections::BTreeMap;

use whither_analysis::trace::result::{Basis, EndpointKind};
use whither_analysis::trace::{
    Direction, Knowledge, KnownService, Origin, OriginPlace, Policy, Request, Stops, Trace, Window,
    trace_accounts,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_testkit::simulator::world::{ETHER, World, WorldIncident, WorldRow};

pub fn chain() -> Chain {
    Chain::Evm(1)
}

pub fn address(text: &str) -> Address {
    Address::parse(&chain(), text).unwrap()
}

fn id(text: &str) -> TransactionId {
    TransactionId::parse(&chain(), text).unwrap()
}

/// A world's rows as a chain.
pub fn view(world: &World) -> MemoryAccounts {
    let told = |row: &WorldRow| TableRow {
        transaction: Some(id(&row.txid)),
        height: Some(u32::try_from(row.block).unwrap()),
        index: Some(row.index),
        time: Timestamp::from_seconds(i64::try_from(row.time).unwrap()).unwrap(),
        log_index: Some(row.log_index),
        kind: RowKind::Transfer,
        from: address(&row.from),
        to: address(&row.to),
        asset: row.asset.parse().unwrap(),
        amount: U256::from(row.amount),
    };
    let mut rows: Vec<TableRow> = world.rows.iter().map(told).collect();
    for row in world.rows.iter().filter(|row| row.log_index == 0) {
        if let Some(fee) = &row.fee {
            rows.push(TableRow {
                log_index: None,
                kind: RowKind::Fee,
                from: address(&fee.payer),
                to: address(&fee.payer),
                asset: ETHER.parse().unwrap(),
                amount: U256::from(fee.wei),
                ..told(row)
            });
        }
    }
    let source = TableSource {
        digest: [3; 32],
        rows,
        coverage: Coverage::Blocks {
            first: Some(0),
            last: Some(u32::MAX),
            internal: true,
        },
        facts: Facts::default(),
    };
    MemoryAccounts::build(chain(), &[source])
}

/// The services that the world's labels name.
pub fn knowledge(world: &World) -> Knowledge {
    let mut knowledge = Knowledge::default();
    for service in world
        .truth
        .services
        .iter()
        .filter(|service| service.labelled)
    {
        let known = KnownService {
            kind: match service.category.as_str() {
                "bridge" => EndpointKind::Bridge,
                _ => EndpointKind::Service,
            },
            name: service.name.clone(),
            identity: service.name.clone(),
            category: service.category.clone(),
            claim: service.name.clone(),
            valid: Window::default(),
        };
        knowledge
            .services
            .insert(address(&service.wallet), vec![known]);
    }
    knowledge
}

/// Where a theft begins.
pub fn origins(incident: &WorldIncident) -> Vec<Origin> {
    let origin = |transaction: &String| Origin {
        what: transaction.clone(),
        place: OriginPlace::Transaction(id(transaction)),
        incident: Some(incident.id.clone()),
        asset: None,
        height: None,
        limit: None,
        basis: Basis::Fact,
        carried: None,
    };
    incident.transactions.iter().map(origin).collect()
}

/// The trace of a theft; it stops at what looks like a service where a limit is given.
pub fn trace(
    view: &MemoryAccounts,
    known: &Knowledge,
    incident: &WorldIncident,
    policy: Policy,
    shape: Option<usize>,
) -> Trace {
    let request = Request {
        origins: origins(incident),
        policy,
        direction: Direction::Forward,
        window: Window::default(),
        stops: Stops {
            shape,
            ..Stops::default()
        },
        knowledge: known.clone(),
        may_enter: BTreeMap::new(),
    };
    trace_accounts(view, &request).unwrap()
}
