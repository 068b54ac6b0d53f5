//! What the case says of addresses, as the tracer takes it.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::cluster::Service;
use whither_analysis::trace::result::{Caveat, EndpointKind};
use whither_analysis::trace::{Knowledge, KnownDeposit, KnownService, Trace, Window};
use whither_casework::claims::AddressClaim;
use whither_casework::{Body, Case, Claim, Date, Day};
use whither_ledger::address::{Account, Address, parse_account};
use whither_ledger::chain::Chain;
use whither_ledger::time::Timestamp;

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

/// How the case spells whom it names: as it did first. Who differs in capitals alone, or is an entity here and a name of
/// the same letters there, is one.
#[derive(Default)]
pub(crate) struct Spellings<'a>(BTreeMap<String, &'a str>);

impl<'a> Spellings<'a> {
    /// Whom a claim names.
    pub(crate) fn of(&mut self, claim: &'a AddressClaim) -> &'a str {
        let identity = claim.identity();
        self.0.entry(identity.to_lowercase()).or_insert(identity)
    }
}

/// Services and deposit addresses of one chain; where two claims are about one address, by the first.
///
/// # Errors
/// Where a claim's address is none.
pub fn knowledge(case: &Case, chain: &Chain) -> Result<Knowledge, Error> {
    let mut knowledge = Knowledge::default();
    let mut spellings = Spellings::default();
    for claim in case.claims() {
        let Some((says, of)) = said(claim) else {
            continue;
        };
        let Some(address) = address(claim, of, chain)? else {
            continue;
        };
        let (name, category) = (of.name.clone(), of.category.clone());
        let identity = spellings.of(of).to_owned();
        let (claim, valid) = (claim.name(), in_force(of));
        // What comes first in the log goes before what comes later, as long as it is in force.
        let is_taken = says == Says::Service && knowledge.deposits.contains_key(&address)
            || says == Says::Deposit && knowledge.services.contains_key(&address);
        match says {
            _ if is_taken => {}
            Says::Service => {
                let kind = kind(&category);
                let known = KnownService {
                    kind,
                    name,
                    identity,
                    category,
                    claim,
                    valid,
                };
                knowledge.services.entry(address).or_default().push(known);
            }
            Says::Deposit => {
                let known = KnownDeposit {
                    name,
                    identity,
                    category,
                    claim,
                    valid,
                };
                knowledge.deposits.entry(address).or_default().push(known);
            }
            Says::Label => {}
        }
    }
    Ok(knowledge)
}

/// When a claim on an address is in force: from the first moment of `valid_from` to the last of `valid_until`.
pub(crate) fn in_force(of: &AddressClaim) -> Window {
    let moment = |day: Day| Timestamp::parse(&format!("{day}T00:00:00Z")).ok();
    let since = of.valid_from.as_ref().map(|from| from.days().first);
    let before = of
        .valid_until
        .as_ref()
        .map(|until| until.days().last.plus(1));
    // Days that no block can have: before all of them, or after.
    let (early, late) = (Timestamp::from(0), Timestamp::from(u32::MAX));
    let clamped = |day: Day| moment(day).unwrap_or(if day.year() < 1970 { early } else { late });
    Window {
        since: since.map(clamped),
        before: before.map(clamped),
    }
}

/// Caveats for addresses that a trace paid when a claim on them was not in force, so that it did not stop there by it.
///
/// # Errors
/// Where a claim's address is none.
pub fn claims_out_of_force(
    case: &Case,
    chain: &Chain,
    trace: &Trace,
) -> Result<BTreeSet<Caveat>, Error> {
    let mut paid: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for edge in &trace.edges {
        if let (Some(to), Some(by)) = (&edge.to.address, &edge.transaction) {
            paid.entry(to).or_default().push(by);
        }
    }
    let times = trace.transactions.iter();
    let times: BTreeMap<&str, &str> = times
        .map(|row| (row.transaction.as_str(), row.time.as_str()))
        .collect();
    let mut caveats = BTreeSet::new();
    for claim in case.claims() {
        let Some((says, of)) = said(claim).filter(|(says, _)| *says != Says::Label) else {
            continue;
        };
        let valid = in_force(of);
        if valid == Window::default() {
            continue;
        }
        let Some(address) = address(claim, of, chain)? else {
            continue;
        };
        let shown = address.display(chain);
        let by = paid.get(shown.as_str()).into_iter().flatten();
        let mut out = by.filter(|transaction| {
            let time = times.get(**transaction);
            let time = time.and_then(|time| Timestamp::parse(time).ok());
            time.is_some_and(|time| !valid.holds(time))
        });
        let Some(transaction) = out.next() else {
            continue;
        };
        let bound = |word: &str, date: &Option<Date>| {
            let date = date.as_ref();
            date.map_or_else(String::new, |date| format!(" {word} {date}"))
        };
        let what = format!(
            "{} says {} {} ({}){}{}; money came when that was not in force, and the claim did not stop it",
            claim.name(),
            says.name(),
            of.name,
            of.category,
            bound("from", &of.valid_from),
            bound("until", &of.valid_until),
        );
        let mut caveat = Caveat::general("claim-not-in-force", what);
        caveat.address = Some(shown);
        caveat.transaction = Some((*transaction).to_owned());
        caveats.insert(caveat);
    }
    Ok(caveats)
}

/// Who is behind each service address of one chain, and when, as names are compared: by its entity, else by its name.
/// Where claims about one address are in force on the same day, by the first of them.
///
/// # Errors
/// Where a claim's address is none.
pub fn service_identities(
    case: &Case,
    chain: &Chain,
) -> Result<BTreeMap<Address, Vec<Service>>, Error> {
    let mut services: BTreeMap<Address, Vec<Service>> = BTreeMap::new();
    let mut spellings = Spellings::default();
    for (claim, of) in case.services() {
        if let Some(address) = address(claim, of, chain)? {
            let known = services.entry(address).or_default();
            let (name, valid) = (spellings.of(of).to_owned(), in_force(of));
            // What one hand is called in several claims adds up; of two hands on one day the first claim names it, and on
            // the other days each of them.
            let others = known.iter().filter(|one| one.name != name);
            let free = others.fold(vec![valid], |free, one| {
                let cut = free.into_iter().flat_map(|part| part.without(one.valid));
                cut.collect()
            });
            known.extend(free.into_iter().map(|valid| Service {
                name: name.clone(),
                valid,
            }));
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

/// So many addresses can be held apart from each other by one claim: each is from each.
const DISTINCT_MAX: usize = 1_000;

/// Checks a claim before it is made: that it names addresses of a chain, and not too many.
///
/// # Errors
/// What is wrong.
pub fn check_new(body: &Body) -> Result<(), Error> {
    if let Body::DistinctHands(said) = body
        && said.addresses.len() > DISTINCT_MAX
    {
        let count = said.addresses.len();
        return Err(Error::new(format!(
            "it holds {count} addresses apart, each from each; {DISTINCT_MAX} is the most"
        ))
        .with_hint("say it in several claims"));
    }
    check_body(body)
}

/// Checks that a claim on an address names an address of a chain.
///
/// # Errors
/// What is wrong with the address.
fn check_body(body: &Body) -> Result<(), Error> {
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

/// Addresses of one chain that the case says are in one hand (`true`), or each in another, with the claim.
///
/// # Errors
/// Where a claim's address is none.
pub fn hands(case: &Case, chain: &Chain) -> Result<Vec<(bool, Vec<Address>, String)>, Error> {
    let mut found = Vec::new();
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
        found.push((is_same, here, claim.name()));
    }
    Ok(found)
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
    unread_of(case, &|_| true)
}

/// The kinds of claims that can make a trace another: what is stolen, where it stops, where it goes on, what is frozen.
pub(crate) const BEAR_ON_TRACE: &[&str] =
    &["incident", "service", "deposit", "continuation", "freeze"];

/// The same, for claims of some kinds.
pub(crate) fn unread_of(case: &Case, bears: &dyn Fn(&str) -> bool) -> BTreeSet<Caveat> {
    let mut withheld: BTreeMap<&str, usize> = BTreeMap::new();
    let mut caveats = BTreeSet::new();
    let claims = case.claims().iter();
    for claim in claims.filter(|claim| bears(claim.body.kind_word())) {
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
        let spelled = |of: &AddressClaim| of.identity().to_lowercase();
        let is_same = (known_says, spelled(known_of), &known_of.category)
            == (says, spelled(of), &of.category);
        // One after the other is no conflict.
        let is_apart = !in_force(known_of).meets(&in_force(of));
        if is_same || is_apart || !met.contains(&shown) {
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
