//! What the case says of addresses, as the tracer takes it.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::trace::result::{Caveat, EndpointKind};
use whither_analysis::trace::{Knowledge, KnownDeposit, KnownService, Trace};
use whither_casework::claims::AddressClaim;
use whither_casework::{Body, Case, Claim};
use whither_ledger::address::{Account, Address, parse_account};
use whither_ledger::chain::Chain;

use crate::error::Error;
use crate::place;

/// As what a claim names an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// Of a service: a trace ends there.
    Service,
    /// Of one customer of a service.
    Deposit,
    /// A name, and the trace goes on.
    Label,
}

impl Says {
    /// In a word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Deposit => "deposit",
            Self::Label => "label",
        }
    }
}

/// A claim on an address: whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name, as the claim has it.
    pub name: String,
    /// What kind.
    pub category: String,
    /// The claim.
    pub claim: String,
    /// Who says so.
    pub source: Option<String>,
}

impl Named {
    /// The name and who gives it.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.source {
            Some(source) => format!("{} ({source})", self.name),
            None => self.name.clone(),
        }
    }
}

/// Services and deposit addresses of one chain; where two claims are about one address, by the first.
///
/// # Errors
/// Where a claim's address is none.
pub fn knowledge(case: &Case, chain: &Chain) -> Result<Knowledge, Error> {
    let mut knowledge = Knowledge::default();
    for claim in case.claims() {
        let Some((says, of)) = said(claim) else {
            continue;
        };
        let Some(address) = address(claim, of, chain)? else {
            continue;
        };
        let is_known =
            knowledge.services.contains_key(&address) || knowledge.deposits.contains_key(&address);
        let (name, category) = (of.name.clone(), of.category.clone());
        let claim = claim.name();
        match says {
            _ if is_known => {}
            Says::Service => {
                let kind = kind(&category);
                let known = KnownService {
                    kind,
                    name,
                    category,
                    claim,
                };
                knowledge.services.insert(address, known);
            }
            Says::Deposit => {
                let known = KnownDeposit {
                    name,
                    category,
                    claim,
                };
                knowledge.deposits.insert(address, known);
            }
            Says::Label => {}
        }
    }
    Ok(knowledge)
}

/// Who is behind each service address of one chain, as names are compared: by its entity, else by its name. Where two
/// claims are about one address, by the first.
///
/// # Errors
/// Where a claim's address is none.
pub fn service_identities(case: &Case, chain: &Chain) -> Result<BTreeMap<Address, String>, Error> {
    let mut services = BTreeMap::new();
    for (claim, of) in case.services() {
        if let Some(address) = address(claim, of, chain)? {
            let identity = || of.identity().to_owned();
            services.entry(address).or_insert_with(identity);
        }
    }
    Ok(services)
}

/// Every name the case gives to addresses of one chain.
///
/// # Errors
/// Where a claim's address is none.
pub fn names(case: &Case, chain: &Chain) -> Result<Vec<(Address, Named)>, Error> {
    let mut names = Vec::new();
    for claim in case.claims() {
        let Some((_, label)) = said(claim) else {
            continue;
        };
        if let Some(address) = address(claim, label, chain)? {
            let named = Named {
                name: label.name.clone(),
                category: label.category.clone(),
                claim: claim.name(),
                source: claim.marks.source.clone(),
            };
            names.push((address, named));
        }
    }
    Ok(names)
}

/// Every claim that gives an address of one chain to somebody, services and deposit addresses before mere labels, each in
/// the order of the log.
///
/// # Errors
/// Where a claim's address is none.
pub(crate) fn all_named<'a>(
    case: &'a Case,
    chain: &Chain,
) -> Result<Vec<(Address, Says, &'a Claim, &'a AddressClaim)>, Error> {
    let mut all = Vec::new();
    for claim in case.claims() {
        if let Some((says, of)) = said(claim)
            && let Some(address) = address(claim, of, chain)?
        {
            all.push((address, says, claim, of));
        }
    }
    all.sort_by_key(|(_, says, _, _)| *says == Says::Label);
    Ok(all)
}

/// Checks that a claim on an address, before it is made, names an address of a chain.
///
/// # Errors
/// What is wrong with the address.
pub fn check_body(body: &Body) -> Result<(), Error> {
    match body {
        Body::Service(said) | Body::Deposit(said) | Body::Label(said) => {
            parsed(&said.address).map(|_| ())
        }
        Body::SameHand(said) | Body::DistinctHands(said) => {
            let mut addresses = said.addresses.iter();
            addresses.try_for_each(|address| parsed(address).map(|_| ()))
        }
        _ => Ok(()),
    }
}

/// Checks that every claim on an address names an address of a chain.
///
/// # Errors
/// Names the first claim that does not.
pub fn check(case: &Case) -> Result<(), Error> {
    for claim in case.claims() {
        check_body(&claim.body).map_err(|error| of_claim(claim, &error))?;
    }
    Ok(())
}

/// Pairs of addresses of one chain that the case says are in one hand (`true`), or in two, with the claim. Of several
/// addresses in one hand the first is paired with each; of several that are apart, each with each.
///
/// # Errors
/// Where a claim's address is none.
pub fn hands(case: &Case, chain: &Chain) -> Result<Vec<(bool, Address, Address, String)>, Error> {
    let mut pairs = Vec::new();
    for claim in case.claims() {
        let (is_same, said) = match &claim.body {
            Body::SameHand(said) => (true, said),
            Body::DistinctHands(said) => (false, said),
            _ => continue,
        };
        let mut here = Vec::new();
        for address in &said.addresses {
            let account = parsed(address).map_err(|error| of_claim(claim, &error))?;
            here.extend((account.chain == *chain).then_some(account.address));
        }
        for (place, one) in here.iter().enumerate() {
            let rest = here.iter().skip(place + 1);
            let of_one = if is_same && place > 0 { 0 } else { usize::MAX };
            let rest = rest.take(of_one);
            pairs.extend(rest.map(|other| (is_same, one.clone(), other.clone(), claim.name())));
        }
    }
    Ok(pairs)
}

/// The account that a claim is about. Its chain must be written out: a bare `0x…` would be an address of
/// whichever chain is traced.
///
/// # Errors
/// Names the claim.
pub fn account(claim: &Claim, said: &AddressClaim) -> Result<Account, Error> {
    parsed(&said.address).map_err(|error| of_claim(claim, &error))
}

fn of_claim(claim: &Claim, error: &Error) -> Error {
    Error::new(format!("claim {}: {error}", claim.name())).with_hint_of(error.hint())
}

fn parsed(address: &str) -> Result<Account, Error> {
    if place::split_chain(address).0.is_none() {
        return Err(place::needs_chain(address));
    }
    parse_account(address, None).map_err(|error| Error::new(&error).with_hint_of(error.hint()))
}

/// What a claim says of an address, if it is about one.
pub(crate) fn said(claim: &Claim) -> Option<(Says, &AddressClaim)> {
    match &claim.body {
        Body::Service(said) => Some((Says::Service, said)),
        Body::Deposit(said) => Some((Says::Deposit, said)),
        Body::Label(said) => Some((Says::Label, said)),
        _ => None,
    }
}

fn address(claim: &Claim, said: &AddressClaim, chain: &Chain) -> Result<Option<Address>, Error> {
    let account = account(claim, said)?;
    Ok((account.chain == *chain).then_some(account.address))
}

/// Caveats for claims that may bear on an answer and that nobody could read here.
#[must_use]
pub fn unread_claims(case: &Case) -> BTreeSet<Caveat> {
    let mut withheld: BTreeMap<&str, usize> = BTreeMap::new();
    let mut caveats = BTreeSet::new();
    for claim in case.claims() {
        match &claim.body {
            Body::Withheld { kind } => *withheld.entry(kind.as_str()).or_default() += 1,
            Body::Unreadable { kind, why } => {
                let what = format!(
                    "{kind} {} cannot be read, and is left out: {why}",
                    claim.name()
                );
                caveats.insert(Caveat::general("unreadable-claim", what));
            }
            _ => {}
        }
    }
    for (kind, count) in withheld {
        let what = format!(
            "{count} claims of kind {kind} are withheld from this copy of the case, and left out"
        );
        caveats.insert(Caveat::general("withheld-claims", what));
    }
    caveats
}

/// Caveats for addresses of a trace of which the case says two things: the first in its log is used.
///
/// # Errors
/// Where a claim's address is none.
pub fn conflicting_claims(
    case: &Case,
    chain: &Chain,
    trace: &Trace,
) -> Result<BTreeSet<Caveat>, Error> {
    let ends = trace.endpoints.iter();
    let ends = ends.flat_map(|end| {
        let via = end.via.iter().map(|via| &via.address);
        end.address.iter().chain(via)
    });
    let edges = trace.edges.iter();
    let edges = edges.flat_map(|edge| edge.from.address.iter().chain(&edge.to.address));
    let met: BTreeSet<&String> = ends.chain(edges).collect();
    let mut first: BTreeMap<Address, (&Claim, Says, &AddressClaim)> = BTreeMap::new();
    let mut caveats = BTreeSet::new();
    for claim in case.claims() {
        let Some((says, of)) = said(claim).filter(|(says, _)| *says != Says::Label) else {
            continue;
        };
        let Some(address) = address(claim, of, chain)? else {
            continue;
        };
        let shown = address.display(chain);
        let (known, known_says, known_of) = *first.entry(address).or_insert((claim, says, of));
        // Names of one entity are worded in many ways.
        let is_same = (known_says, known_of.identity(), &known_of.category)
            == (says, of.identity(), &of.category);
        if is_same || !met.contains(&shown) {
            continue;
        }
        let telling = |claim: &Claim, says: Says, of: &AddressClaim| {
            format!(
                "{} says {} {} ({})",
                claim.name(),
                says.name(),
                of.name,
                of.category
            )
        };
        let mut caveat = Caveat::general(
            "conflicting-claims",
            format!(
                "claims do not agree on whose address this is, and the first is used: {}, {}",
                telling(known, known_says, known_of),
                telling(claim, says, of),
            ),
        );
        caveat.address = Some(shown);
        caveats.insert(caveat);
    }
    Ok(caveats)
}

/// As what a trace ends at somebody of a category.
pub(crate) fn kind(category: &str) -> EndpointKind {
    match category {
        "mixer" | "mixing_service" | "coinjoin" => EndpointKind::Mixer,
        "bridge" | "defi_bridge" => EndpointKind::Bridge,
        _ => EndpointKind::Service,
    }
}
