//! Continuations: a claim that says where money went on carries a trace there (law 16).
//!
//! An exchange answers a request, or an analyst accepts a bridge match: `A → B, amount`. No chain shows it, so it
//! counts only where it is asked for, and everything that rests on it says so. Taint that ends at A is carried
//! to B, there an origin like any other, behind those that were asked for. Rounds: trace, carry what ended where
//! a claim begins, trace again with what was carried, until nothing is left to carry. Money that went by a claim
//! is not carried by it again, so claims in a ring come to an end.
//!
//! `docs/methods/continuations.md` defines it for each policy, and says when it fails.

mod join;
mod lane;
mod ratio;
mod settle;

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::time::Timestamp;

use lane::{End, Lane};

use super::policy::{Direction, Policy};
use super::request::{Carried, Origin, OriginPlace, Request, TraceError};
use super::result::{Basis, Trace};

/// More parts carried than this are not followed: the rest stays where it is, and a caveat says so.
const LABELS_MAX: usize = 4096;

/// A claim that money which arrived at one place went on from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continuation {
    /// Names the claim.
    pub claim: String,
    /// Its two places, as it has them.
    pub words: (String, String),
    /// The chain where the money arrived.
    pub chain: Chain,
    /// Where on it.
    pub from: Arrival,
    /// Of which asset.
    pub asset: Asset,
    /// How much arrived at the most, smallest units; not zero.
    pub amount: U256,
    /// Where it went on.
    pub to: Departure,
    /// As which asset.
    pub to_asset: Asset,
    /// As how much, if all of `amount` did; not zero.
    pub to_amount: U256,
}

/// Where a trace must end for a claim to carry it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// At an output, `txid:vout`, in the block of this height where an id stands for two.
    Output(String, Option<u32>),
    /// At anything of an address, as its chain writes it.
    Address(String),
    /// At what a transaction brought: to one address, where one is named.
    Transaction(String, Option<String>),
}

/// Where a trace goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The chain.
    pub chain: Chain,
    /// Where on it.
    pub place: OriginPlace,
    /// The block that tells transactions of one id apart.
    pub height: Option<u32>,
    /// When money came there, where the place is one transaction's.
    pub time: Option<Timestamp>,
}

impl Departure {
    /// Address and output, as far as the place names them.
    fn words(&self) -> (Option<String>, Option<String>) {
        match &self.place {
            OriginPlace::Address(address) => (Some(address.display(&self.chain)), None),
            OriginPlace::Output(id, vout) => (None, Some(format!("{id}:{vout}"))),
            OriginPlace::Transaction(_) | OriginPlace::Transfer(..) => (None, None),
        }
    }
}

/// What claims took of a label at an end: each with the claim.
type Taken = BTreeMap<(usize, End, usize), Vec<(usize, U256)>>;

/// Traces on one chain and on, wherever claims lead.
///
/// `requests` are what was asked for, with its chain, and then one request without origins per chain that claims
/// lead to. `claims` stand in the canonical order of the case; `run` traces on one of the chains.
///
/// # Errors
/// [`TraceError::OnwardBackward`] for a backward trace; otherwise as `run`.
///
/// # Panics
/// When a unit is lost on the way: a wrong figure must never leave this crate.
pub fn follow_claims(
    requests: Vec<(Chain, Request)>,
    claims: &[Continuation],
    run: impl FnMut(&Chain, &Request) -> Result<Trace, TraceError>,
) -> Result<Trace, TraceError> {
    let asked = requests.first();
    if asked.is_some_and(|(_, request)| request.direction == Direction::Backward) {
        return Err(TraceError::OnwardBackward);
    }
    let mut walk = Walk::new(requests, claims, run);
    walk.trace(&BTreeSet::from([0]))?;
    loop {
        let lanes = walk.carry();
        if lanes.is_empty() {
            return Ok(walk.join());
        }
        walk.trace(&lanes)?;
        walk.settle()?;
    }
}

/// Money of one origin that came the same way, as an origin of one chain's request.
#[derive(Clone, Debug)]
struct Label {
    /// Which of the origins that were asked for.
    origin: usize,
    /// The claims that it went by, first to last.
    path: Vec<usize>,
    /// On which chain, and its place among the origins there.
    lane: usize,
    place: usize,
    /// How much was carried there: never more than the request's limit of this origin.
    amount: U256,
}

/// What a claim takes from an end.
#[derive(Clone, Debug)]
struct Move {
    claim: usize,
    /// The chain and the end that it takes from.
    end: (usize, End),
    /// Whose money, and as whose it arrives.
    from: usize,
    to: usize,
    amount: U256,
}

struct Walk<'a, R> {
    claims: &'a [Continuation],
    lanes: Vec<Lane>,
    labels: Vec<Label>,
    moves: Vec<Move>,
    /// Claims of which less went on than was to: they take no more.
    full: BTreeSet<usize>,
    /// Claims that go on before the money came to where they begin.
    early: BTreeSet<usize>,
    /// Whether there was more to carry than is followed.
    is_cut: bool,
    policy: Policy,
    run: R,
}

impl<'a, R: FnMut(&Chain, &Request) -> Result<Trace, TraceError>> Walk<'a, R> {
    fn new(requests: Vec<(Chain, Request)>, claims: &'a [Continuation], run: R) -> Self {
        let policy = requests
            .first()
            .map_or(Policy::Haircut, |(_, request)| request.policy);
        let mut labels = Vec::new();
        let mut lanes = Vec::new();
        for (chain, request) in requests {
            let lane = lanes.len();
            for (place, _) in request.origins.iter().enumerate() {
                labels.push(Label {
                    origin: place,
                    path: Vec::new(),
                    lane,
                    place,
                    amount: U256::MAX,
                });
            }
            let known = (0..labels.len()).filter(|label| labels[*label].lane == lane);
            lanes.push(Lane::new(chain, request, known.collect()));
        }
        Self {
            claims,
            lanes,
            labels,
            moves: Vec::new(),
            full: BTreeSet::new(),
            early: BTreeSet::new(),
            is_cut: false,
            policy,
            run,
        }
    }

    /// Traces the chains that have new origins, or other amounts of them.
    fn trace(&mut self, lanes: &BTreeSet<usize>) -> Result<(), TraceError> {
        for lane in lanes {
            let may_enter = self.may_enter(*lane);
            let lane = &mut self.lanes[*lane];
            lane.request.may_enter = may_enter;
            match (self.run)(&lane.chain, &lane.request) {
                Ok(trace) => lane.read(trace),
                // Nothing was received where all the claims lead to.
                Err(TraceError::NothingToTrace { .. }) if lane.is_carried_only() => lane.clear(),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What claims may bring to a chain beyond what they bring now: another policy may fill them.
    fn may_enter(&self, lane: usize) -> BTreeMap<Asset, U256> {
        let mut entering = BTreeMap::new();
        for (number, claim) in self.claims.iter().enumerate() {
            if claim.to.chain == self.lanes[lane].chain {
                let left = claim.to_amount.saturating_sub(self.arrived(number));
                let sum: &mut U256 = entering.entry(claim.to_asset.clone()).or_default();
                *sum = sum.saturating_add(left);
            }
        }
        entering
    }

    /// Carries on what ended where claims begin; the chains that it came to.
    fn carry(&mut self) -> BTreeSet<usize> {
        let mut lanes = BTreeSet::new();
        let mut taken = self.taken();
        for claim in 0..self.claims.len() {
            let found = self.takings(claim, &taken);
            if found.is_empty() {
                continue;
            }
            let since = found.iter().filter_map(|taking| taking.since).min();
            let departs = self.claims[claim].to.time;
            if since.is_some_and(|since| departs.is_some_and(|time| time < since)) {
                self.early.insert(claim);
            }
            let Some(lane) = self.lane_of(&self.claims[claim].to.chain) else {
                continue;
            };
            for (from, arriving) in self.arrivals(claim, &found) {
                if self.labels.len() >= LABELS_MAX {
                    self.is_cut = true;
                    break;
                }
                let to = self.begin(claim, from, (lane, arriving, since));
                for taking in found.iter().filter(|taking| taking.label == from) {
                    let (end, amount) = (taking.end.clone(), taking.amount);
                    let at = (end.0, end.1.clone(), from);
                    taken.entry(at).or_default().push((claim, amount));
                    self.moves.push(Move {
                        claim,
                        end,
                        from,
                        to,
                        amount,
                    });
                }
                lanes.insert(lane);
            }
        }
        lanes
    }

    /// A new origin where a claim goes on; its label.
    fn begin(
        &mut self,
        claim: usize,
        from: usize,
        (lane, amount, since): (usize, U256, Option<Timestamp>),
    ) -> usize {
        let said = &self.claims[claim];
        let mut path = self.labels[from].path.clone();
        path.push(claim);
        let label = self.labels.len();
        let origins = &mut self.lanes[lane].request.origins;
        self.labels.push(Label {
            origin: self.labels[from].origin,
            path,
            lane,
            place: origins.len(),
            amount,
        });
        origins.push(Origin {
            what: said.words.1.clone(),
            place: said.to.place.clone(),
            incident: None,
            asset: Some(said.to_asset.clone()),
            height: said.to.height,
            limit: Some(amount),
            basis: Basis::Claim,
            carried: Some(Carried {
                claim: said.claim.clone(),
                since,
            }),
        });
        self.lanes[lane].labels.push(label);
        label
    }

    /// What a claim can take now: what ended where it begins, no more than it says, in the order of the ends and
    /// then of the labels.
    fn takings(&self, claim: usize, taken: &Taken) -> Vec<Taking> {
        let said = &self.claims[claim];
        let mut left = said.amount.saturating_sub(self.carried(claim));
        let lane = self.lane_of(&said.chain);
        let Some(lane) = lane.filter(|_| !self.full.contains(&claim) && !self.is_cut) else {
            return Vec::new();
        };
        let mut takings: Vec<Taking> = Vec::new();
        for (end, since, shares) in self.lanes[lane].ending_at(said) {
            for (label, share) in shares {
                if self.labels[label].path.contains(&claim) {
                    continue;
                }
                let at = (lane, end.clone(), label);
                let free = self.free(&at, share, taken.get(&at), claim);
                let amount = free.min(left);
                if amount.is_zero() {
                    continue;
                }
                if self.policy == Policy::Poison {
                    let origin = self.labels[label].origin;
                    let has = |other: usize| self.labels[other].origin == origin;
                    let known = takings.iter().any(|taking| has(taking.label))
                        || self
                            .moves
                            .iter()
                            .any(|known| known.claim == claim && has(known.from));
                    if known {
                        continue;
                    }
                } else {
                    left = left.minus(amount);
                }
                let end = (lane, end.clone());
                takings.push(Taking {
                    end,
                    label,
                    amount,
                    since,
                });
            }
        }
        takings
    }

    /// What claims have taken until now.
    fn taken(&self) -> Taken {
        let mut taken = Taken::new();
        for known in &self.moves {
            let at = (known.end.0, known.end.1.clone(), known.from);
            taken
                .entry(at)
                .or_default()
                .push((known.claim, known.amount));
        }
        taken
    }

    /// What of a share at an end no claim has taken yet.
    fn free(
        &self,
        (lane, end, label): &(usize, End, usize),
        share: U256,
        taken: Option<&Vec<(usize, U256)>>,
        claim: usize,
    ) -> U256 {
        if self.policy == Policy::Poison {
            return share;
        }
        let taken = taken.map(Vec::as_slice).unwrap_or_default();
        let sum = |of: &dyn Fn(usize) -> bool| {
            let taken = taken.iter().filter(|(claim, _)| of(*claim));
            taken.fold(U256::ZERO, |sum, (_, amount)| sum.plus(*amount))
        };
        let gross = self.lanes[*lane].share(end, *label);
        let free = gross.saturating_sub(sum(&|_| true));
        // Of what one transaction brought, other claims that name it may have taken some.
        let from = &self.claims[claim].from;
        let of_same = sum(&|other| self.claims[other].from == *from);
        free.min(share.saturating_sub(of_same))
    }

    /// How much a claim has taken where it begins.
    fn carried(&self, claim: usize) -> U256 {
        if self.policy == Policy::Poison {
            return U256::ZERO;
        }
        let moves = self.moves.iter().filter(|known| known.claim == claim);
        moves.fold(U256::ZERO, |sum, known| sum.plus(known.amount))
    }

    /// How much of a claim has arrived where it goes on.
    fn arrived(&self, claim: usize) -> U256 {
        let labels = self.labels.iter();
        let labels = labels.filter(|label| label.path.last() == Some(&claim));
        labels.fold(U256::ZERO, |sum, label| sum.saturating_add(label.amount))
    }

    fn lane_of(&self, chain: &Chain) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.chain == *chain)
    }
}

/// What a claim can take of one label at one end.
struct Taking {
    end: (usize, End),
    label: usize,
    amount: U256,
    /// When money first came to that end.
    since: Option<Timestamp>,
}
