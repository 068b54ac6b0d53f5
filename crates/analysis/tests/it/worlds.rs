//! A simulated world as a view, its thefts traced, and what links say of them beside the truth.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::link::{Link, Taint, links_of_accounts};
use whither_analysis::trace::result::{Basis, EndpointKind};
use whither_analysis::trace::{
    Direction, Knowledge, KnownService, Origin, OriginPlace, Policy, Request, Stops, Window,
    trace_accounts,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_testkit::simulator::world::{World, WorldPair};

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
    let rows = world.rows.iter().map(|row| TableRow {
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
    });
    let source = TableSource {
        digest: [3; 32],
        rows: rows.collect(),
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

/// The thefts of a world, traced, in this order.
pub fn taints(world: &World, view: &MemoryAccounts, policy: Policy) -> Vec<Taint> {
    let knowledge = knowledge(world);
    let incidents = world.truth.incidents.iter();
    let taint = |incident: &whither_testkit::simulator::world::WorldIncident| {
        let origins: Vec<Origin> = incident
            .transactions
            .iter()
            .map(|transaction| Origin {
                what: transaction.clone(),
                place: OriginPlace::Transaction(id(transaction)),
                incident: Some(incident.id.clone()),
                asset: None,
                height: None,
                limit: None,
                basis: Basis::Fact,
                carried: None,
            })
            .collect();
        let request = Request {
            origins: origins.clone(),
            policy,
            direction: Direction::Forward,
            window: Window::default(),
            stops: Stops::default(),
            knowledge: knowledge.clone(),
            may_enter: BTreeMap::new(),
        };
        let trace = trace_accounts(view, &request).unwrap();
        Taint::of_accounts(view, &incident.id, &origins, &trace)
    };
    incidents.map(taint).collect()
}

/// The links of a world.
pub fn links(world: &World, policy: Policy) -> Vec<Link> {
    let view = view(world);
    let taints = taints(world, &view, policy);
    links_of_accounts(&view, &knowledge(world), taints)
}

/// How links came out: for pairs of one hand and of two, how many of each verdict.
#[derive(Debug, Default)]
pub struct Confusion {
    pub same: BTreeMap<&'static str, usize>,
    pub other: BTreeMap<&'static str, usize>,
    /// Pairs of one hand by what they share, of those how many are no lead.
    pub by_way: BTreeMap<String, [usize; 2]>,
}

impl Confusion {
    pub fn add(&mut self, world: &World, links: &[Link], say: bool) {
        let told: BTreeMap<BTreeSet<&str>, &Link> = links
            .iter()
            .map(|link| (BTreeSet::from([link.a.as_str(), link.b.as_str()]), link))
            .collect();
        for pair in &world.truth.pairs {
            let link = told[&BTreeSet::from([pair.a.as_str(), pair.b.as_str()])];
            let counts = if pair.same {
                &mut self.same
            } else {
                &mut self.other
            };
            *counts.entry(link.verdict).or_default() += 1;
            if pair.same {
                let row = self.by_way.entry(pair.ways.join("+")).or_default();
                row[0] += 1;
                row[1] += usize::from(!is_found(link));
            }
            let is_wrong = pair.same != is_found(link);
            if say && is_wrong {
                tell(world.truth.seed, pair, link);
            }
        }
    }
}

/// Whether a link is told as one: a lead is none yet.
pub fn is_found(link: &Link) -> bool {
    matches!(link.verdict, "probable" | "strong")
}

fn tell(seed: u64, pair: &WorldPair, link: &Link) {
    println!("seed {seed} {pair:?} {} {}", link.verdict, link.strength);
    for row in &link.evidence {
        println!(
            "   {} {} n={} {}",
            row.kind, row.weight, row.base_rate, row.what
        );
    }
    for row in &link.counter_evidence {
        println!("   - {} {}", row.kind, row.what);
    }
}
