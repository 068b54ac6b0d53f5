//! Off-ramps of a world on a chain of outputs, counted against its truth.
//!
//! An off-ramp of the truth is found where a position stands at the very output that the service got: of a deposit address the
//! one that it was swept into, together with others'; of a mixer the coin that went in.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::offramp::{Position, of_outputs};
use whither_analysis::trace::Policy;
use whither_analysis::trace::result::EndpointKind;
use whither_ledger::memory::MemoryUtxo;
use whither_ledger::view::{ChainView as _, OutputIx, UtxoView as _};
use whither_testkit::simulator::output_world::OutputWorld;
use whither_testkit::simulator::world::{CashOut, WorldService};

use super::{address, knowledge, name, paid, stops, trace, view};

/// What was found of what there was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// By the kind of the truth and whether the labels name the service (a mixer's never do): found, of how many.
    pub off_ramps: BTreeMap<(String, bool), (usize, usize)>,
    /// Swept deposit addresses that are found: of how many the position says by which address it came.
    pub through: (usize, usize),
    /// Deposit addresses that are called so: right, of how many.
    pub deposits: (usize, usize),
    /// Places that look like a service: services, of how many.
    pub looks: (usize, usize),
    /// Those of them that are a thief's own.
    pub thieves: usize,
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
        plus(&mut self.through, &other.through);
        plus(&mut self.deposits, &other.deposits);
        plus(&mut self.looks, &other.looks);
        self.thieves += other.thieves;
    }
}

/// Counts a world.
pub fn measure(world: &OutputWorld, shape: Option<usize>, say: bool) -> Counts {
    let (view, known) = (view(world), knowledge(world));
    let truth = &world.truth.common;
    let mut counts = Counts::default();
    let services = truth.services.iter();
    let wallets: BTreeSet<&str> = services.clone().map(|of| of.wallet.as_str()).collect();
    let theirs = truth.incidents.iter().flat_map(|of| &of.accounts);
    let theirs: BTreeSet<&str> = theirs.map(String::as_str).collect();
    let own = services.flat_map(|service| &service.deposits);
    let own: BTreeSet<&str> = own.map(|deposit| deposit.address.as_str()).collect();
    for incident in &truth.incidents {
        let trace = trace(&view, &known, incident, (Policy::Haircut, &stops(shape)));
        let positions = of_outputs(&view, &trace, &known);
        let told = positions.iter().filter_map(|at| at.deposit.as_ref());
        for deposit in told {
            counts.deposits.0 += usize::from(own.contains(deposit.address.as_str()));
            counts.deposits.1 += 1;
        }
        let looks = positions
            .iter()
            .filter(|at| at.kind == EndpointKind::Degree);
        let looks: BTreeSet<&str> = looks.filter_map(|at| at.address.as_deref()).collect();
        counts.looks.0 += looks.intersection(&wallets).count();
        counts.looks.1 += looks.len();
        counts.thieves += looks.intersection(&theirs).count();
        let outs = truth.cash_outs.iter();
        for out in outs.filter(|out| out.incident == incident.id) {
            let service = truth
                .services
                .iter()
                .find(|it| Some(&it.name) == out.service.as_ref());
            if let Some(found) = count(&view, &positions, (out, service), &mut counts)
                && say
                && !found
            {
                println!("seed {} missed {out:?} {service:?}", truth.seed);
            }
        }
    }
    counts
}

/// Counts one cash-out; nothing where it went to no service and no mixer.
fn count(
    view: &MemoryUtxo,
    positions: &[Position],
    (out, service): (&CashOut, Option<&WorldService>),
    counts: &mut Counts,
) -> Option<bool> {
    let at = |output: OutputIx, kinds: &[EndpointKind]| {
        let name = name(view, output);
        let mut found = positions.iter();
        found.find(|at| at.output.as_ref() == Some(&name) && kinds.contains(&at.kind))
    };
    let service_kinds = [EndpointKind::Service, EndpointKind::Degree];
    let is_found = match (out.kind.as_str(), service) {
        ("mixer", _) => {
            let coins = view.received(view.find_address(&address(&out.address)).unwrap());
            let mut coins = coins.collect::<Vec<_>>().into_iter();
            coins.any(|coin| at(coin, &[EndpointKind::Mixer]).is_some())
        }
        ("exchange", Some(service)) => {
            let output = paid(view, out.transaction.as_ref().unwrap(), &out.address);
            let sweep = view.transaction_id(view.spender(output).unwrap());
            let swept = paid(view, &sweep.to_string(), &service.wallet);
            let found = at(swept, &service_kinds);
            if let Some(found) = found {
                let mut by = found.arrivals.iter();
                let is_told = by.any(|arrival| arrival.from.as_ref() == Some(&out.address));
                counts.through.0 += usize::from(is_told);
                counts.through.1 += 1;
            }
            found.is_some()
        }
        (_, Some(_)) => {
            let output = paid(view, out.transaction.as_ref().unwrap(), &out.address);
            at(output, &service_kinds).is_some()
        }
        _ => return None,
    };
    let labelled = service.is_some_and(|service| service.labelled);
    let row = counts
        .off_ramps
        .entry((out.kind.clone(), labelled))
        .or_default();
    row.0 += usize::from(is_found);
    row.1 += 1;
    Some(is_found)
}
