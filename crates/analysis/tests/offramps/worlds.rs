//! Off-ramps, deposit addresses and brokers of a simulated world, counted against its truth.
//!
//! Every theft is traced on its own, as somebody would who knows what the world's labels name and nothing else. An
//! off-ramp of the truth is found where a position stands at the deposit address or the wallet that was paid, or, of a
//! broker, where the address is listed as one.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::offramp::{of_accounts, otc, services};
use whither_analysis::trace::result::Basis;
use whither_analysis::trace::result::EndpointKind;
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
use whither_ledger::view::{AddressIx, ChainView as _};
use whither_testkit::simulator::world::{World, WorldIncident};

/// What was found of what there was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// By the kind of the truth and whether the labels name the service: found, of how many.
    pub off_ramps: BTreeMap<(String, bool), (usize, usize)>,
    /// Deposit addresses told: right, of how many.
    pub deposits: (usize, usize),
    /// Brokers of the world with the profile, of how many.
    pub brokers: (usize, usize),
    /// Ordinary traders with the profile, of how many.
    pub traders: (usize, usize),
    /// Everybody else with the profile, of how many.
    pub others: (usize, usize),
}

impl Counts {
    /// Both together.
    pub fn add(&mut self, other: &Self) {
        let plus = |one: &mut (usize, usize), other: &(usize, usize)| {
            one.0 += other.0;
            one.1 += other.1;
        };
        for (key, pair) in &other.off_ramps {
            plus(self.off_ramps.entry(key.clone()).or_default(), pair);
        }
        plus(&mut self.deposits, &other.deposits);
        plus(&mut self.brokers, &other.brokers);
        plus(&mut self.traders, &other.traders);
        plus(&mut self.others, &other.others);
    }

    /// Found and there, over the services that labels name or do not; brokers, whom no label names, among neither.
    pub fn recall(&self, labelled: Option<bool>) -> (usize, usize) {
        let rows = self.off_ramps.iter();
        let rows = rows.filter(|((kind, is), _)| {
            labelled.is_none_or(|asked| asked == *is && kind != "broker")
        });
        rows.fold((0, 0), |sum, (_, pair)| (sum.0 + pair.0, sum.1 + pair.1))
    }
}

fn address(text: &str) -> Address {
    Address::parse(&Chain::Evm(1), text).unwrap()
}

/// The rows of a world as a view that promises all of it.
pub fn view(world: &World) -> MemoryAccounts {
    let row = |row: &whither_testkit::simulator::world::WorldRow| TableRow {
        transaction: Some(TransactionId::parse(&Chain::Evm(1), &row.txid).unwrap()),
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
    let source = TableSource {
        digest: [3; 32],
        rows: world.rows.iter().map(row).collect(),
        coverage: Coverage::Blocks {
            first: Some(0),
            last: Some(100_000_000),
            internal: true,
        },
        facts: Facts::default(),
    };
    MemoryAccounts::build(Chain::Evm(1), &[source])
}

/// What the labels of a world say.
pub fn knowledge(world: &World) -> Knowledge {
    let mut known = Knowledge::default();
    for service in world
        .truth
        .services
        .iter()
        .filter(|service| service.labelled)
    {
        let claim = KnownService {
            kind: match service.category.as_str() {
                "bridge" => EndpointKind::Bridge,
                _ => EndpointKind::Service,
            },
            name: service.name.clone(),
            category: service.category.clone(),
            claim: format!("label-{}", service.name),
            valid: Window::default(),
        };
        known.services.insert(address(&service.wallet), vec![claim]);
    }
    known
}

/// The trace of a theft.
pub fn trace(
    view: &MemoryAccounts,
    known: &Knowledge,
    incident: &WorldIncident,
    shape: Option<usize>,
) -> Trace {
    let origin = |id: &String| Origin {
        what: id.clone(),
        place: OriginPlace::Transaction(TransactionId::parse(&Chain::Evm(1), id).unwrap()),
        incident: Some(incident.id.clone()),
        asset: None,
        height: None,
        limit: None,
        basis: Basis::Fact,
        carried: None,
    };
    let request = Request {
        origins: incident.transactions.iter().map(origin).collect(),
        policy: Policy::Haircut,
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

/// Counts a world.
pub fn measure(world: &World, shape: Option<usize>) -> Counts {
    let (view, known) = (view(world), knowledge(world));
    let truth = &world.truth;
    let shown = |text: &str| address(text).display(&Chain::Evm(1));
    let own: BTreeSet<String> = truth
        .services
        .iter()
        .flat_map(|service| {
            service
                .deposits
                .iter()
                .map(|deposit| shown(&deposit.address))
        })
        .collect();
    let mut counts = Counts::default();
    for incident in &truth.incidents {
        let trace = trace(&view, &known, incident, shape);
        let positions = of_accounts(&view, &trace, &known);
        let wallets = services(&view, &trace, &known);
        let brokers: BTreeSet<String> = otc::brokers(&view, &wallets, &trace)
            .into_iter()
            .map(|it| it.address)
            .collect();
        let deposits: BTreeSet<&String> = positions
            .iter()
            .filter_map(|at| Some(&at.deposit.as_ref()?.address))
            .collect();
        counts.deposits.0 += deposits
            .iter()
            .filter(|address| own.contains(**address))
            .count();
        counts.deposits.1 += deposits.len();
        let at: BTreeSet<&String> = positions
            .iter()
            .filter(|at| at.kind != EndpointKind::Held || at.deposit.is_some())
            .filter_map(|at| at.address.as_ref())
            .chain(deposits)
            .collect();
        for out in truth
            .cash_outs
            .iter()
            .filter(|out| out.incident == incident.id)
        {
            let Some(service) = truth
                .services
                .iter()
                .find(|it| Some(&it.name) == out.service.as_ref())
            else {
                continue;
            };
            let place = shown(&out.address);
            let row = counts
                .off_ramps
                .entry((out.kind.clone(), service.labelled))
                .or_default();
            row.1 += 1;
            row.0 += usize::from(at.contains(&place) || brokers.contains(&place));
        }
    }
    profiles(world, &view, &known, &mut counts);
    counts
}

/// Who has the profile of a broker, of all addresses of the world.
fn profiles(world: &World, view: &MemoryAccounts, known: &Knowledge, counts: &mut Counts) {
    let wallets: BTreeSet<AddressIx> = known
        .services
        .keys()
        .filter_map(|it| view.find_address(it))
        .collect();
    let find = |text: &String| view.find_address(&address(text));
    let of = |category: &str| {
        let rows = world
            .truth
            .services
            .iter()
            .filter(move |service| service.category == category);
        rows.filter_map(|service| find(&service.wallet))
            .collect::<BTreeSet<AddressIx>>()
    };
    let brokers = of("broker");
    let traders: BTreeSet<AddressIx> = world.truth.traders.iter().filter_map(find).collect();
    for address in (0..view.address_count()).map(AddressIx::of) {
        let profile = otc::profile(view, &wallets, address);
        let has = profile.is_some_and(|profile| profile.confidence >= otc::PROFILE);
        let pair = match () {
            () if brokers.contains(&address) => &mut counts.brokers,
            () if traders.contains(&address) => &mut counts.traders,
            () => &mut counts.others,
        };
        pair.0 += usize::from(has);
        pair.1 += 1;
    }
}
