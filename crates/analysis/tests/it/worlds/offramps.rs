//! Off-ramps, deposit addresses and brokers of a simulated world, counted against its truth.
//!
//! An off-ramp of the truth is found where a position stands at the deposit address or the wallet that was paid, or, of a
//! broker, where the address is listed as one.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::offramp::{of_accounts, otc, services};
use whither_analysis::trace::result::EndpointKind;
use whither_analysis::trace::{Knowledge, Policy};
use whither_ledger::memory::MemoryAccounts;
use whither_ledger::view::{AddressIx, ChainView as _};
use whither_testkit::simulator::world::World;

use super::{address, chain, knowledge, trace, view};

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

/// Counts a world.
pub fn measure(world: &World, shape: Option<usize>) -> Counts {
    let (view, known) = (view(world), knowledge(world));
    let truth = &world.truth;
    let shown = |text: &str| address(text).display(&chain());
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
        let trace = trace(&view, &known, incident, Policy::Haircut, shape);
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
