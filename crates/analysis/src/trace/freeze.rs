//! Ends at which money was frozen or given back, as somebody says: endpoints `frozen` and `recovered`.
//!
//! No chain shows that an exchange holds an account, and few show that money came back. Who says so names a place, an asset
//! and an amount; that much of what the trace ends with there becomes an end of its own, and the rest stays what it was. So
//! nothing is added and nothing lost (law 13). It is applied to the finished trace, since money that is frozen went no
//! further: where the trace has gone on from the place, the claim takes nothing, and a caveat says so.
//!
//! A place is an address or an output; an address counts also where it is the deposit address through which an end was
//! reached, up to what the trace shows it to have paid on; that end then names this one address in `via`. When it fails: the
//! claim may be about other money at that address; amount and place are all there is to hold them together.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;

use super::result::{
    Basis, Bound, Caveat, Endpoint, EndpointKind, OriginShare, Reason, Trace, Via,
};

/// Somebody says that money at a place is frozen, or came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stayed {
    /// The request that it came of.
    pub request: String,
    /// The claim.
    pub claim: String,
    /// `Frozen` or `Recovered`.
    pub kind: EndpointKind,
    /// CAIP-2.
    pub chain: String,
    /// The address as its chain writes it, or the output, `txid:vout`.
    pub place: String,
    /// CAIP-19.
    pub asset: String,
    /// How much, smallest units.
    pub amount: U256,
}

/// What stands in `via` of an end that was set apart by its deposit address.
const NAMED: &str = "deposit address that the claim names";

/// How much of an end is taken, with the claims and the requests.
#[derive(Debug, Default)]
struct Part {
    amount: U256,
    /// What its claims say, however much of it is here.
    wanted: U256,
    claims: Vec<(String, String)>,
}

/// Which part of an end: the end, how it stays, and the deposit address by which it came, where the claim is about that.
type Key = (usize, EndpointKind, Option<String>);

/// What claims take, while they are gone through.
#[derive(Debug, Default)]
struct Taking {
    parts: BTreeMap<Key, Part>,
    /// What is left of each end.
    left: Vec<U256>,
    /// What is left of what a deposit address paid into a place: asset, address, output, deposit address.
    through: BTreeMap<(String, Option<String>, Option<String>, String), U256>,
    /// Ends of which another policy could leave more, or less, than the amounts alone tell.
    shared: BTreeSet<usize>,
    /// All that claims could take of each end.
    could: BTreeMap<usize, U256>,
}

/// Sets apart what is frozen and what came back. Claims count in the order given.
pub fn set_apart(trace: &mut Trace, stayed: &[Stayed]) {
    if stayed.is_empty() || trace.direction != "forward" {
        return;
    }
    let left = trace.endpoints.iter().map(|end| units(&end.amount));
    let mut taking = Taking {
        left: left.collect(),
        ..Taking::default()
    };
    let mut caveats = Vec::new();
    for one in stayed {
        let wanted = taking.take(trace, one);
        if !wanted.is_zero() {
            caveats.push(beyond(one, wanted));
        }
    }
    apply(trace, &taking);
    trace.caveats.extend(caveats);
    trace.caveats.sort();
}

impl Taking {
    /// Takes what a claim says, as far as the trace ends there; the rest is given back.
    fn take(&mut self, trace: &Trace, one: &Stayed) -> U256 {
        let ends = trace.endpoints.iter().enumerate();
        let ends = ends.filter_map(|(at, end)| Some((at, end, reached(end, one)?)));
        let ends: Vec<(usize, &Endpoint, By)> = ends.collect();
        // Alone at its place a claim takes the same under every policy: of an output, or of one balance. Another policy may
        // have money at another output of an address, or have a customer pay whom it does not pay here.
        let is_alone = match &ends[..] {
            [(_, end, By::Place)] => {
                end.output.is_none() || end.output.as_ref() == Some(&one.place)
            }
            _ => false,
        };
        if !is_alone {
            for (at, end) in trace.endpoints.iter().enumerate() {
                if could_reach(end, one) {
                    self.shared.insert(at);
                    self.could_take(at, one.amount);
                }
            }
        }
        let mut wanted = one.amount;
        for (at, end, by) in ends {
            if is_alone {
                self.could_take(at, one.amount);
            }
            let deposit = (by == By::Deposit).then(|| one.place.clone());
            let part = self.parts.entry((at, one.kind, deposit)).or_default();
            part.wanted = part.wanted.saturating_add(one.amount);
            let mut most = wanted.min(self.left[at]);
            if by == By::Deposit {
                let key = (
                    end.asset.clone(),
                    end.address.clone(),
                    end.output.clone(),
                    one.place.clone(),
                );
                let open = self.through.entry(key);
                let open = open.or_insert_with(|| paid_on(trace, end, &one.place));
                most = most.min(*open);
                *open = open.saturating_sub(most);
            }
            if most.is_zero() {
                continue;
            }
            wanted = wanted.saturating_sub(most);
            self.left[at] = self.left[at].saturating_sub(most);
            part.amount = part.amount.saturating_add(most);
            part.claims.push((one.claim.clone(), one.request.clone()));
        }
        wanted
    }

    fn could_take(&mut self, at: usize, amount: U256) {
        let sum = self.could.entry(at).or_default();
        *sum = sum.saturating_add(amount);
    }
}

/// Whether under some policy a claim could take from an end: it is at the claim's place, or at somebody to whom the place,
/// as a customer's, could have paid.
fn could_reach(end: &Endpoint, one: &Stayed) -> bool {
    let is_asset = end.chain == one.chain && end.asset == one.asset;
    let is_pool = matches!(end.kind, EndpointKind::Service | EndpointKind::Degree);
    is_asset && (reached(end, one).is_some() || is_pool && !one.place.contains(':'))
}

/// The deposit address by which an end that was set apart came, where its claim is about that address.
pub(crate) fn named_deposit(end: &Endpoint) -> Option<&str> {
    let mut via = end.via.iter();
    let named = via.find(|via| via.why == NAMED)?;
    Some(&named.address)
}

/// How an end belongs to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// It is there.
    Place,
    /// It was reached through there.
    Deposit,
}

fn reached(end: &Endpoint, one: &Stayed) -> Option<By> {
    let is_gone = matches!(
        end.kind,
        EndpointKind::Fee | EndpointKind::Burn | EndpointKind::Frozen | EndpointKind::Recovered
    );
    if is_gone || end.chain != one.chain || end.asset != one.asset {
        return None;
    }
    let is_there = |text: &Option<String>| text.as_ref() == Some(&one.place);
    if is_there(&end.address) || is_there(&end.output) {
        return Some(By::Place);
    }
    let mut via = end.via.iter();
    via.any(|via| via.address == one.place)
        .then_some(By::Deposit)
}

/// How much a deposit address paid into an end, as the trace shows it.
fn paid_on(trace: &Trace, end: &Endpoint, deposit: &str) -> U256 {
    let edges = trace.edges.iter();
    let edges = edges.filter(|edge| {
        edge.from.address.as_deref() == Some(deposit)
            && edge.asset == end.asset
            && match &end.output {
                Some(output) => edge.to.output.as_ref() == Some(output),
                None => edge.to.address == end.address,
            }
    });
    edges.fold(U256::ZERO, |sum, edge| {
        sum.saturating_add(units(&edge.amount))
    })
}

fn beyond(one: &Stayed, amount: U256) -> Caveat {
    let what = format!(
        "claim {} says that {} of this were {} here (request {}); the trace does not end here with the amount given, which \
         is therefore not counted",
        one.claim,
        one.amount,
        one.kind.name(),
        one.request
    );
    let mut caveat = Caveat::general("freeze-beyond-trace", what);
    caveat.address = Some(one.place.clone());
    caveat.asset = Some(one.asset.clone());
    caveat.amount = Some(amount.to_string());
    caveat
}

/// What is set apart of an end: as what, by which deposit address, how much.
type Apart<'a> = (EndpointKind, Option<&'a str>, &'a Part);

/// Splits ends into what stayed and the rest, each part behind its end.
fn apply(trace: &mut Trace, taking: &Taking) {
    let mut parts: BTreeMap<usize, Vec<Apart<'_>>> = BTreeMap::new();
    for ((at, kind, deposit), part) in &taking.parts {
        let here = parts.entry(*at).or_default();
        here.push((*kind, deposit.as_deref(), part));
    }
    let mut endpoints = Vec::new();
    for (at, end) in std::mem::take(&mut trace.endpoints).into_iter().enumerate() {
        let here = parts.remove(&at).unwrap_or_default();
        let is_loose = here.len() > 1 || taking.shared.contains(&at);
        let (mut rest, mut apart) = (end, Vec::new());
        let could = taking.could.get(&at).copied().unwrap_or_default();
        for (kind, deposit, part) in here {
            // Claims that find nothing here might under another policy, which is all that they change.
            if part.amount.is_zero() {
                continue;
            }
            tell_totals(trace, &rest, kind, part.amount);
            let (new, old) = split(rest, (kind, deposit), part, is_loose);
            rest = old;
            apart.push(new);
        }
        rest.min = units(&rest.min).saturating_sub(could).to_string();
        if is_loose {
            rest.bound = Bound::Loose;
        }
        if rest.amount != "0" || apart.is_empty() {
            endpoints.push(rest);
        }
        endpoints.extend(apart);
    }
    trace.endpoints = endpoints;
}

/// Of what an end was: the part that stayed, and the rest.
///
/// Bounds: under another policy the end would hold another amount, of which what stayed takes the first, up to all that
/// its claims say, and not only up to what this policy has here. Where a part is shared (it came by one of several ways,
/// or a claim may take from several ends, or from none here), another policy may take all of it elsewhere: it is from nothing
/// to what the claims say, and the rest may be all there is. The least that the rest is, [`apply`] says.
fn split(
    end: Endpoint,
    (kind, deposit): (EndpointKind, Option<&str>),
    part: &Part,
    is_loose: bool,
) -> (Endpoint, Endpoint) {
    let stays = part.amount;
    let (min, max) = (units(&end.min), units(&end.max));
    let (taken, left) = divide(&end.origins, stays);
    let requests: BTreeSet<&str> = part
        .claims
        .iter()
        .map(|(_, request)| request.as_str())
        .collect();
    let requests: Vec<&str> = requests.into_iter().collect();
    let new = Endpoint {
        kind,
        amount: stays.to_string(),
        min: match is_loose {
            true => "0".to_owned(),
            false => min.min(part.wanted).to_string(),
        },
        max: max.min(part.wanted).to_string(),
        bound: if is_loose { Bound::Loose } else { end.bound },
        via: match deposit {
            Some(address) => vec![Via {
                address: address.to_owned(),
                why: NAMED.to_owned(),
            }],
            None => end.via.clone(),
        },
        origins: taken,
        reason: Reason {
            rule: format!("freeze:{}", requests.join("+")),
            basis: Basis::Claim,
            claim: part.claims.first().map(|(claim, _)| claim.clone()),
        },
        claims: part
            .claims
            .iter()
            .skip(1)
            .map(|(claim, _)| claim.clone())
            .collect(),
        ..end.clone()
    };
    let rest = Endpoint {
        amount: units(&end.amount).saturating_sub(stays).to_string(),
        max: match is_loose {
            true => max.to_string(),
            false => max.saturating_sub(part.wanted).to_string(),
        },
        origins: left,
        ..end
    };
    (new, rest)
}

/// The shares of origins in a part, and in what is left.
fn divide(origins: &[OriginShare], part: U256) -> (Vec<OriginShare>, Vec<OriginShare>) {
    let shares: Vec<U256> = origins.iter().map(|of| units(&of.amount)).collect();
    let parts = portions(&shares, part);
    let given = || origins.iter().zip(shares.iter().zip(&parts));
    let share = |of: &OriginShare, amount: U256| OriginShare {
        origin: of.origin.clone(),
        amount: amount.to_string(),
    };
    let is_some = |of: &OriginShare| of.amount != "0";
    let taken = given().map(|(of, (_, part))| share(of, *part));
    let left = given().map(|(of, (all, part))| share(of, all.saturating_sub(*part)));
    (
        taken.filter(is_some).collect(),
        left.filter(is_some).collect(),
    )
}

/// A part of shares, each in proportion: rounded down, then one unit each by largest remainder, the first first. Where the
/// products are beyond counting, the first shares give first.
pub(crate) fn portions(shares: &[U256], part: U256) -> Vec<U256> {
    let sum = shares
        .iter()
        .try_fold(U256::ZERO, |sum, share| sum.checked_add(*share));
    let products = shares.iter().map(|share| share.checked_mul(part));
    let products: Option<Vec<U256>> = products.collect();
    let Some((products, sum)) = products.zip(sum.filter(|sum| !sum.is_zero())) else {
        let mut left = part;
        let take = |share: &U256| {
            let taken = (*share).min(left);
            left -= taken;
            taken
        };
        return shares.iter().map(take).collect();
    };
    let part = part.min(sum);
    let mut taken: Vec<U256> = products.iter().map(|product| product / sum).collect();
    let given = taken.iter().fold(U256::ZERO, |all, taken| all + *taken);
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| {
        (products[*b] % sum)
            .cmp(&(products[*a] % sum))
            .then(a.cmp(b))
    });
    let missing = usize::try_from(part - given).unwrap_or(usize::MAX);
    for at in order.into_iter().take(missing) {
        taken[at] += U256::from(1);
    }
    taken
}

/// Moves an amount from a kind's total to another's.
fn tell_totals(trace: &mut Trace, end: &Endpoint, kind: EndpointKind, amount: U256) {
    for totals in trace.totals.iter_mut().filter(|row| row.asset == end.asset) {
        let was = totals
            .by_kind
            .get(end.kind.name())
            .map_or(U256::ZERO, |sum| units(sum));
        let rest = was.saturating_sub(amount);
        match rest.is_zero() {
            true => totals.by_kind.remove(end.kind.name()),
            false => totals.by_kind.insert(end.kind.name(), rest.to_string()),
        };
        let sum = totals
            .by_kind
            .entry(kind.name())
            .or_insert_with(|| "0".to_owned());
        *sum = units(sum).saturating_add(amount).to_string();
    }
}

/// An amount of a trace.
fn units(text: &str) -> U256 {
    text.parse().expect("a trace writes its amounts as digits")
}
