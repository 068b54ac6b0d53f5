//! Links between thefts: whether one hand made two of them, from what their traces share.
//!
//! Every theft is traced by itself; what two traces share is looked up in one index from places to thefts. A place that
//! both came to is evidence, as far as nobody else uses it: how many unrelated accounts do is counted in the store
//! ([`open`]), and what lies behind a public place is no evidence at all ([`reach`]). So are accounts whose first gas came
//! from one purse ([`funder`]). Weights are hundredths of a bit ([`weigh`]). Facts that rest on each other count once.
//! Services never link.
//!
//! When it fails: a service that nobody labels and that almost nobody uses in the data looks private; a hand that shares
//! nothing between its thefts is not found. How often, is measured in `docs/methods/links.md`, which has the definitions. Sources: the kinds of evidence follow
//! what analysts use on incidents; leaving busy addresses out follows Haslhofer et al. (2023).

mod funder;
mod ground;
mod open;
mod pair;
mod reach;
mod result;
mod signed;
mod weigh;

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AccountView, AddressIx, AssetIx, ChainView, TxIx, UtxoView};

use crate::trace::{Knowledge, Origin, OriginPlace, Trace};
use ground::{Accounts, Ground, Outputs, Start, Step};
use open::Surroundings;
use pair::{Pair, Theft};
use reach::Reach;
pub use result::{Counter, Evidence, Link};
pub use weigh::{LEAD, PROBABLE, STRONG};

/// Rounds in which accounts and places are told apart; worlds settle in three or four.
const ROUNDS_MAX: usize = 16;

/// The tainted movements of one theft, by the ids of one view: all that links need of a trace.
#[derive(Clone, Debug)]
pub struct Taint {
    incident: String,
    starts: Vec<Start>,
    steps: Vec<Step>,
    /// Assets that were left out, since anybody may have told of their movements.
    doubtful: usize,
}

impl Taint {
    /// Of a trace over accounts, that started at these origins.
    #[must_use]
    pub fn of_accounts<V: AccountView>(
        view: &V,
        incident: &str,
        origins: &[Origin],
        trace: &Trace,
    ) -> Self {
        Self::of(&Accounts(view), incident, origins, trace)
    }

    /// Of a trace over outputs.
    #[must_use]
    pub fn of_outputs<V: UtxoView>(
        view: &V,
        incident: &str,
        origins: &[Origin],
        trace: &Trace,
    ) -> Self {
        Self::of(&Outputs(view), incident, origins, trace)
    }

    fn of<G: Ground>(ground: &G, incident: &str, origins: &[Origin], trace: &Trace) -> Self {
        let mut starts = Vec::new();
        // An address as origin claims all that it has, and with it tokens that anybody may have made up.
        let mut named: BTreeSet<AssetIx> = BTreeSet::new();
        for origin in origins {
            let these = ground.starts(origin);
            if !matches!(origin.place, OriginPlace::Address(_)) || origin.asset.is_some() {
                named.extend(these.iter().map(|start| start.asset));
            }
            starts.extend(these);
        }
        let mut steps = ground.steps(trace, &starts);
        named.extend(
            steps
                .iter()
                .filter(|step| step.is_crossing)
                .map(|step| step.asset),
        );
        let mut left_out = BTreeSet::new();
        let mut is_told = |asset: AssetIx| {
            let is_told = named.contains(&asset) || !ground.is_doubtful(asset);
            left_out.extend((!is_told).then_some(asset));
            is_told
        };
        starts.retain(|start| is_told(start.asset));
        steps.retain(|step| is_told(step.asset));
        Self {
            incident: incident.to_owned(),
            starts,
            steps,
            doubtful: left_out.len(),
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn incident(&self) -> &str {
        &self.incident
    }

    /// How many tainted movements it has.
    #[must_use]
    pub fn movement_count(&self) -> usize {
        self.steps.len()
    }

    /// How many assets were left out because anybody may have told of their movements.
    #[must_use]
    pub fn doubtful_count(&self) -> usize {
        self.doubtful
    }
}

/// Links among thefts on a chain of accounts, every pair, the strongest first.
#[must_use]
pub fn links_of_accounts<V: AccountView>(
    view: &V,
    known: &Knowledge,
    taints: Vec<Taint>,
) -> Vec<Link> {
    links(&Accounts(view), known, taints)
}

/// Links among thefts on a chain of outputs, every pair, the strongest first.
#[must_use]
pub fn links_of_outputs<V: UtxoView>(view: &V, known: &Knowledge, taints: Vec<Taint>) -> Vec<Link> {
    links(&Outputs(view), known, taints)
}

fn links<G: Ground>(ground: &G, known: &Knowledge, mut taints: Vec<Taint>) -> Vec<Link> {
    taints.sort_by(|a, b| a.incident.cmp(&b.incident));
    let services: BTreeSet<AddressIx> = known
        .services
        .keys()
        .filter_map(|address| ground.view().find_address(address))
        .collect();
    let mut around = Surroundings::new(ground, &services);
    for taint in &taints {
        around.add(&taint.starts, &taint.steps);
    }
    let mut reaches: Vec<(String, Reach)> = taints
        .into_iter()
        .map(|taint| (taint.incident, Reach::new(taint.starts, taint.steps)))
        .collect();
    settle(&mut around, &mut reaches);
    let mut thefts = Vec::new();
    for (id, reach) in reaches {
        let funding = funder::funding(&mut around, &reach);
        let served = served(&reach, &services);
        let signed = signed::signed(&mut around, &reach);
        thefts.push(Theft {
            id,
            reach,
            funding,
            served,
            signed,
        });
    }
    let shared = shared_places(&thefts);
    let mut links = Vec::new();
    for (row, one) in thefts.iter().enumerate() {
        for (column, other) in thefts.iter().enumerate().skip(row + 1) {
            let places = shared
                .get(&(row, column))
                .map(Vec::as_slice)
                .unwrap_or_default();
            let pair = Pair {
                around: &mut around,
                known,
                one,
                other,
            };
            links.push(pair.link(places));
        }
    }
    links.sort_by(|a, b| (b.strength, &a.a, &a.b).cmp(&(a.strength, &b.a, &b.b)));
    links
}

/// Finds every theft's places, in rounds: see [`open`].
fn settle<G: Ground>(around: &mut Surroundings<'_, G>, reaches: &mut [(String, Reach)]) {
    for _ in 0..ROUNDS_MAX {
        let mut near = BTreeSet::new();
        for (_, reach) in reaches.iter() {
            let passed = reach.passed(around).into_iter();
            near.extend(
                passed
                    .filter(|(_, passed)| *passed <= weigh::PRIVATE)
                    .map(|(address, _)| address),
            );
        }
        if !around.narrow(near) {
            break;
        }
    }
    for (_, reach) in reaches {
        reach.settle(around);
    }
}

/// Places that several thefts came to, by pair: one pass over an index, not one over every pair.
fn shared_places(thefts: &[Theft]) -> BTreeMap<(usize, usize), Vec<AddressIx>> {
    let mut index: BTreeMap<AddressIx, Vec<usize>> = BTreeMap::new();
    for (row, theft) in thefts.iter().enumerate() {
        for address in theft.reach.places.keys() {
            index.entry(*address).or_default().push(row);
        }
    }
    let mut shared: BTreeMap<(usize, usize), Vec<AddressIx>> = BTreeMap::new();
    for (address, rows) in index {
        for (place, row) in rows.iter().enumerate() {
            for column in &rows[place + 1..] {
                shared.entry((*row, *column)).or_default().push(address);
            }
        }
    }
    shared
}

/// Services that a theft's money was paid to by its own places, with the first transaction.
fn served(reach: &Reach, services: &BTreeSet<AddressIx>) -> BTreeMap<AddressIx, TxIx> {
    let mut served: BTreeMap<AddressIx, TxIx> = BTreeMap::new();
    for step in &reach.steps {
        if let Some(to) = step.to.filter(|to| services.contains(to))
            && step
                .from
                .is_none_or(|from| reach.places.contains_key(&from))
        {
            let first = served.entry(to).or_insert(step.tx);
            *first = (*first).min(step.tx);
        }
    }
    served
}
