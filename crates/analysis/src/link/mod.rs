//! Links between thefts: whether one hand made two of them, from what their traces share.
//!
//! Every theft is traced by itself; what two traces share is looked up in one index from places to thefts. A place that
//! both came to is evidence, as far as nobody else uses it: how many unrelated accounts do is counted in the store
//! ([`open`]), and what lies behind a public place is no evidence at all ([`reach`]). So are accounts whose first gas came
//! from one purse ([`funder`]), and contracts that one account deployed ([`deployer`]). At which hours and how the thefts'
//! accounts pay is held against a sample of strangers ([`habit`]) and is a lead at most. Weights are hundredths of a bit ([`weigh`]). Facts that rest on each other count once.
//! Services never link.
//!
//! When it fails: a service that nobody labels and that almost nobody uses in the data looks private; a hand that shares
//! nothing between its thefts is not found. How often, is measured in `docs/methods/links.md`, which has the definitions. Sources: the kinds of evidence follow
//! what analysts use on incidents; leaving busy addresses out follows Haslhofer et al. (2023).

mod accounts;
mod deployer;
mod fingerprint;
mod funder;
mod ground;
mod habit;
mod open;
mod outputs;
mod pair;
mod pattern;
mod profile;
mod reach;
mod reading;
mod result;
mod signed;
mod stolen;
#[cfg(test)]
mod tests;
mod timing;
mod users;
mod weigh;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AccountView, AddressIx, AssetIx, ChainView as _, TxIx, UtxoView};

use crate::trace::result::Caveat;
use crate::trace::{Knowledge, Origin, OriginPlace, Trace};
use accounts::Accounts;
use deployer::Deployed;
use ground::{Crossing, Ground, Start, Step};
use habit::{Habit, STRANGERS_MIN, Strangers};
use open::Surroundings;
use outputs::Outputs;
use pair::{Pair, Shared, Theft, service};
use pattern::Forms;
use reach::Reach;
pub use result::{Counter, Evidence, Link, Links};
use users::Users;
pub use weigh::{LEAD, PROBABLE, STRONG};

/// Up to where links are looked for.
struct Limits {
    /// Rounds in which accounts and places are told apart; worlds settle in three or four.
    rounds: usize,
    /// An address with more movements is public, and its movements are not counted.
    busy: usize,
}

const LIMITS: Limits = Limits {
    rounds: 16,
    busy: users::BUSY,
};

/// The tainted movements of one theft, by the ids of one view: all that links need of a trace.
#[derive(Clone, Debug)]
pub struct Taint {
    incident: String,
    starts: Vec<Start>,
    steps: Vec<Step>,
    crossings: Vec<Crossing>,
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
        let assets = ground.assets(trace);
        let mut claimed = ground::claimed(trace, &assets);
        let mut starts = Vec::new();
        // An address as origin claims all that it has, and with it tokens that anybody may have made up.
        let mut named: BTreeSet<AssetIx> = BTreeSet::new();
        for (number, origin) in origins.iter().enumerate() {
            let these = ground.starts(origin, claimed.remove(&number).unwrap_or_default());
            if !matches!(origin.place, OriginPlace::Address(_)) || origin.asset.is_some() {
                named.extend(these.iter().map(|start| start.asset));
            }
            starts.extend(these);
        }
        let mut steps = ground.steps(trace, &starts, &assets);
        let crossed = steps.iter().filter(|step| step.is_crossing);
        named.extend(crossed.map(|step| step.asset));
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
            crossings: ground::crossings(ground.view(), trace, &assets),
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

/// Links among thefts on a chain of accounts, every pair.
#[must_use]
pub fn links_of_accounts<V: AccountView>(view: &V, known: &Knowledge, taints: Vec<Taint>) -> Links {
    links(&Accounts(view), known, taints, &LIMITS)
}

/// Links among thefts on a chain of outputs, every pair.
#[must_use]
pub fn links_of_outputs<V: UtxoView>(view: &V, known: &Knowledge, taints: Vec<Taint>) -> Links {
    links(&Outputs(view), known, taints, &LIMITS)
}

fn links<G: Ground>(
    ground: &G,
    known: &Knowledge,
    mut taints: Vec<Taint>,
    limits: &Limits,
) -> Links {
    taints.sort_by(|a, b| a.incident.cmp(&b.incident));
    let services: BTreeSet<AddressIx> = known
        .services
        .keys()
        .filter_map(|address| ground.view().find_address(address))
        .collect();
    let mut around = Surroundings::new(ground, &services, &taints, limits.busy);
    let mut reaches: Vec<(String, Reach)> = taints
        .into_iter()
        .map(|taint| {
            let reach = Reach::new(taint.starts, taint.steps, &taint.crossings);
            (taint.incident, reach)
        })
        .collect();
    let is_settled = settle(&mut around, &mut reaches, limits.rounds);
    let thefts: Vec<Theft> = reaches
        .into_iter()
        .map(|(id, reach)| theft(&mut around, known, id, reach))
        .collect();
    let deployed = deployer::deployed(&mut around, &thefts);
    let shared = shared(&thefts, &deployed);
    let (strangers, unmeasured) = strangers(&mut around, &thefts);
    let forms = Forms::of(&around, &thefts);
    let mut claims = BTreeSet::new();
    let mut pairs = Vec::new();
    let nothing = Shared::default();
    for (row, one) in thefts.iter().enumerate() {
        for (column, other) in thefts.iter().enumerate().skip(row + 1) {
            let pair = Pair {
                around: &mut around,
                known,
                one,
                other,
                deployed: &deployed,
                strangers: &strangers,
                forms: &forms,
                claims: &mut claims,
            };
            pairs.push(pair.link(shared.get(&(row, column)).unwrap_or(&nothing)));
        }
    }
    pairs.sort_by(|a, b| (b.strength, &a.a, &a.b).cmp(&(a.strength, &b.a, &b.b)));
    let met = around.met();
    let met = met.filter_map(|address| service(ground.view(), known, address));
    claims.extend(met.map(|service| service.claim.clone()));
    Links {
        pairs,
        claims,
        caveats: (!is_settled)
            .then(|| unsettled(limits.rounds))
            .into_iter()
            .chain(unmeasured)
            .collect(),
    }
}

/// Whom habits are held against, where two thefts have any; and what must be said where they are too few.
fn strangers<G: Ground>(
    around: &mut Surroundings<'_, G>,
    thefts: &[Theft],
) -> (Strangers, Option<Caveat>) {
    let with = thefts
        .iter()
        .filter(|theft| Habit::without(&theft.payments, &[]).is_some());
    if with.count() < 2 {
        return (Strangers::default(), None);
    }
    let strangers = Strangers::of(around, thefts);
    let count = strangers.manners.len();
    let caveat = (count < STRANGERS_MIN).then(|| {
        let what = format!(
            "at which hours and how the thefts' accounts pay was not weighed: of {count} accounts that have nothing to do with them \
             enough payments are in the store, of {STRANGERS_MIN} at the least they would have to be"
        );
        Caveat::general("links-habits-unmeasured", what)
    });
    (strangers, caveat)
}

/// A theft, whose places are found.
fn theft<G: Ground>(
    around: &mut Surroundings<'_, G>,
    known: &Knowledge,
    id: String,
    reach: Reach,
) -> Theft {
    let funding = funder::funding(around, &reach);
    let payments = around.payments_of(&reach, &funding.own);
    Theft {
        id,
        served: served(around, known, &reach),
        signed: signed::signed(around, &reach),
        callers: deployer::callers(around, &reach),
        patterns: around.patterns_of(&payments),
        payments,
        funding,
        reach,
    }
}

fn unsettled(rounds: usize) -> Caveat {
    let what = format!(
        "which accounts are a thief's and which places are public lean on each other, and had not settled after {rounds} \
         rounds; places that count as one hand's may be public"
    );
    Caveat::general("links-unsettled", what)
}

/// Finds every theft's places, in rounds: see [`open`]. Whether nothing changed any more.
fn settle<G: Ground>(
    around: &mut Surroundings<'_, G>,
    reaches: &mut [(String, Reach)],
    rounds_max: usize,
) -> bool {
    let mut passed: Vec<BTreeMap<AddressIx, Users>> = reaches
        .iter()
        .map(|(_, reach)| reach.passed(around))
        .collect();
    let mut is_settled = false;
    for _ in 0..rounds_max {
        let mut near: Vec<AddressIx> = Vec::new();
        for passed in &passed {
            let private = passed.iter().filter(|(_, passed)| passed.is_private());
            near.extend(private.map(|(address, _)| *address));
        }
        near.sort_unstable();
        near.dedup();
        let Some(changed) = around.narrow(near) else {
            is_settled = true;
            break;
        };
        for ((_, reach), passed) in reaches.iter().zip(&mut passed) {
            if changed.iter().any(|place| passed.contains_key(place)) {
                *passed = reach.passed(around);
            }
        }
    }
    for ((_, reach), passed) in reaches.iter_mut().zip(passed) {
        reach.settle(passed);
    }
    is_settled
}

/// What thefts may share, by pair: one pass over an index of each kind, not one over every pair.
fn shared(thefts: &[Theft], deployed: &Deployed) -> BTreeMap<(usize, usize), Shared> {
    let mut shared: BTreeMap<(usize, usize), Shared> = BTreeMap::new();
    let places = |theft: &Theft| theft.reach.places.keys().copied().collect();
    for (pair, place) in in_several(thefts, places) {
        shared.entry(pair).or_default().places.push(place);
    }
    let paid = thefts.iter().flat_map(|theft| theft.funding.by.keys());
    let paid: BTreeSet<AddressIx> = paid.copied().collect();
    let funders = |theft: &Theft| {
        let own = theft.funding.own.intersection(&paid);
        own.chain(theft.funding.by.keys()).copied().collect()
    };
    for (pair, funder) in in_several(thefts, funders) {
        shared.entry(pair).or_default().funders.push(funder);
    }
    let deployers = |theft: &Theft| deployer::of_theft(deployed, theft);
    for (pair, deployer) in in_several(thefts, deployers) {
        shared.entry(pair).or_default().deployers.push(deployer);
    }
    let signed = |theft: &Theft| theft.signed.keys().copied().collect();
    for (pair, tx) in in_several(thefts, signed) {
        shared.entry(pair).or_default().signed.push(tx);
    }
    shared
}

/// What several thefts have, in order, with every pair that has it.
fn in_several<T: Copy + Ord>(
    thefts: &[Theft],
    of: impl Fn(&Theft) -> BTreeSet<T>,
) -> Vec<((usize, usize), T)> {
    let mut index: BTreeMap<T, Vec<usize>> = BTreeMap::new();
    for (row, theft) in thefts.iter().enumerate() {
        for thing in of(theft) {
            index.entry(thing).or_default().push(row);
        }
    }
    let mut found = Vec::new();
    for (thing, rows) in index {
        for (place, row) in rows.iter().enumerate() {
            found.extend(
                rows[place + 1..]
                    .iter()
                    .map(|column| ((*row, *column), thing)),
            );
        }
    }
    found
}

/// Services that a theft's money was paid to by its own places: where, and by which transaction first.
fn served<G: Ground>(
    around: &Surroundings<'_, G>,
    known: &Knowledge,
    reach: &Reach,
) -> BTreeMap<(String, String), (AddressIx, TxIx)> {
    let mut served: BTreeMap<AddressIx, TxIx> = BTreeMap::new();
    for step in &reach.steps {
        if let Some(to) = step.to.filter(|to| around.services.contains(to))
            && step
                .from
                .is_none_or(|from| reach.places.contains_key(&from))
        {
            let first = served.entry(to).or_insert(step.tx);
            *first = (*first).min(step.tx);
        }
    }
    let mut named = BTreeMap::new();
    for (address, tx) in served {
        if let Some(service) = service(around.ground.view(), known, address) {
            let name = (service.name.clone(), service.category.clone());
            named.entry(name).or_insert((address, tx));
        }
    }
    named
}
