//! Exposure of addresses to those whom the case names (`whither.exposure/1`).
//!
//! Every name counts here: services, deposit addresses, and addresses that are only labelled. A trace goes on past a
//! label; exposure ends at the nearest name, since the question is who stands next.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
pub use whither_analysis::exposure::{AssetSide, Row, Side};
use whither_analysis::exposure::{Party, Reading, side};
use whither_analysis::trace::result::{Caveat, EndpointKind};
use whither_analysis::trace::{
    Direction, Knowledge, KnownService, OriginPlace, Policy, Request, Stops, Trace, Window,
};
use whither_casework::Case;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;

use crate::error::Error;
use crate::knowledge::{Spellings, all_named, in_force, unread_claims};
use crate::lists::OpenLists;
use crate::question::{Chains, Opened, Question};
use crate::{onward, place, starts};

/// The category of what a sanctions list names.
const SANCTIONED: &str = "sanctions";

/// A question about exposure.
#[derive(Clone, Debug)]
pub struct ExposureQuestion {
    /// Of which addresses.
    pub addresses: Vec<String>,
    /// The chain of those that name none.
    pub chain: Option<Chain>,
    /// Where traces stop besides names.
    pub stops: Stops,
    /// The window of the addresses.
    pub window: whither_analysis::trace::Window,
    /// Addresses that sanctions lists name, which count before all that the case says.
    pub listed: Vec<ListedAddress>,
}

/// An address of a sanctions list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAddress {
    /// As it stands in the list.
    pub address: String,
    /// List and entry, as `LIST/ENTRY`.
    pub entry: String,
    /// The entry's first name.
    pub name: String,
}

/// Every address of lists.
#[must_use]
pub fn listed(lists: &OpenLists) -> Vec<ListedAddress> {
    let addresses = lists.screen.listed_addresses();
    addresses
        .map(|(list, entry, name, wallet)| ListedAddress {
            address: wallet.address.clone(),
            entry: format!("{list}/{entry}"),
            name: name.to_owned(),
        })
        .collect()
}

/// Exposures: `whither.exposure/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExposureList {
    /// The shape's name and version.
    pub schema: &'static str,
    /// One per address, in the order asked.
    pub exposures: Vec<Exposure>,
    /// Revision of the case; null where only lists named addresses.
    pub case: Option<String>,
    /// The program's version.
    pub version: &'static str,
}

/// The exposure of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exposure {
    /// CAIP-2.
    pub chain: String,
    /// The address.
    pub address: String,
    /// What the case calls it.
    pub names: Vec<String>,
    /// What came, and what went.
    pub sides: Vec<Side>,
    /// What must be said with it.
    pub caveats: Vec<Caveat>,
    /// Content id of the chain data.
    pub store: String,
}

/// Answers a question about exposure.
///
/// # Errors
/// Where an address is none, or is not in the data.
pub fn answer(
    chains: &dyn Chains,
    case: Option<&Case>,
    question: &ExposureQuestion,
) -> Result<ExposureList, Error> {
    if case.is_none() && question.listed.is_empty() {
        return Err(
            Error::new("neither a case nor a sanctions list names any address").with_hint(
                "open a case with labels (`--case DIR`), or bring in a list with addresses by `whither lists import`",
            ),
        );
    }
    let known = chains.chains();
    let mut exposures = Vec::new();
    for text in &question.addresses {
        let place = place::parse(text, question.chain.as_ref(), &known)?;
        let OriginPlace::Address(address) = place.place else {
            return Err(Error::new(format!("{text:?} is not an address")).with_hint(
                "exposure is of addresses; `whither trace` follows outputs and transfers",
            ));
        };
        let opened = chains.open(&place.chain, &[])?;
        exposures.push(of_address(
            chains,
            case,
            question,
            (text, &place.chain, &address),
            &opened,
        )?);
    }
    Ok(ExposureList {
        schema: "whither.exposure/1",
        exposures,
        case: case.map(Case::revision),
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Names of one chain as exposure takes them.
struct Names {
    /// Where it stops.
    services: BTreeMap<Address, Vec<KnownService>>,
    /// Whom a claim names.
    parties: BTreeMap<String, Party>,
    /// Addresses that are given to several on the same day, with their names.
    differing: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    /// Adds what sanctions lists name, whatever the case calls it. A list gives a coin's code, and a key is the same on
    /// every chain that writes addresses alike: each is taken where it can be read.
    fn list(&mut self, chain: &Chain, listed: &[ListedAddress]) {
        for of in listed {
            let Ok(address) = Address::parse(chain, &of.address) else {
                continue;
            };
            let party = Party {
                identity: of.entry.clone(),
                name: of.name.clone(),
                category: SANCTIONED.to_owned(),
            };
            self.parties.insert(of.entry.clone(), party);
            self.differing.remove(&address.display(chain));
            let service = KnownService {
                kind: EndpointKind::Service,
                name: of.name.clone(),
                identity: of.entry.clone(),
                category: SANCTIONED.to_owned(),
                claim: of.entry.clone(),
                valid: Window::default(),
            };
            self.services.insert(address, vec![service]);
        }
    }
}

fn names(case: Option<&Case>, chain: &Chain) -> Result<Names, Error> {
    let mut names = Names {
        services: BTreeMap::new(),
        parties: BTreeMap::new(),
        differing: BTreeMap::new(),
    };
    let named = match case {
        Some(case) => all_named(case, chain)?,
        None => Vec::new(),
    };
    let mut spellings = Spellings::default();
    for (address, says, claim, of) in named {
        let (valid, identity) = (in_force(of), spellings.of(of).to_owned());
        let before = names.services.get(&address).into_iter().flatten();
        for other in before.filter(|other| other.valid.meets(&valid)) {
            let other = &names.parties[&other.claim].identity;
            if *other != identity {
                let differing = names.differing.entry(address.display(chain)).or_default();
                differing.extend([other.clone(), identity.clone()]);
            }
        }
        names.parties.insert(
            claim.name(),
            Party {
                identity: identity.clone(),
                name: of.name.clone(),
                category: of.category.clone(),
            },
        );
        let service = KnownService {
            kind: match says {
                crate::knowledge::Says::Service => crate::knowledge::kind(&of.category),
                _ => EndpointKind::Service,
            },
            name: of.name.clone(),
            identity,
            category: of.category.clone(),
            claim: claim.name(),
            valid,
        };
        names.services.entry(address).or_default().push(service);
    }
    Ok(names)
}

fn of_address(
    chains: &dyn Chains,
    case: Option<&Case>,
    question: &ExposureQuestion,
    (text, chain, address): (&String, &Chain, &Address),
    opened: &Opened,
) -> Result<Exposure, Error> {
    let mut names = names(case, chain)?;
    names.list(chain, &question.listed);
    // A case may name far more addresses than the data holds.
    names.services.retain(|named, _| opened.has_address(named));
    // Who asks of an exchange's wallet asks what is behind it, not that it is an exchange's.
    names.services.remove(address);
    let asked = Question {
        chain: Some(chain.clone()),
        ..Question::from(vec![text.clone()])
    };
    let origins = starts::origins(starts::read(chains, None, &asked)?, opened)?;
    let trace = |direction, policy, depth: Option<u32>| -> Result<Trace, Error> {
        let request = Request {
            origins: origins.clone(),
            policy,
            direction,
            window: question.window,
            stops: Stops {
                services: true,
                depth: depth.or(question.stops.depth),
                ..question.stops.clone()
            },
            knowledge: Knowledge {
                services: names.services.clone(),
                deposits: BTreeMap::new(),
            },
            may_enter: BTreeMap::new(),
        };
        Ok(onward::trace_on(opened, &request)?)
    };
    let (mut sides, mut caveats) = (Vec::new(), case.map(unread_claims).unwrap_or_default());
    for (direction, word) in [
        (Direction::Backward, "incoming"),
        (Direction::Forward, "outgoing"),
    ] {
        let mut traces = Vec::new();
        for policy in [Policy::Haircut, Policy::Fifo, Policy::Lifo, Policy::Tiho] {
            if (direction, policy) != (Direction::Backward, Policy::Tiho) {
                let whole = trace(direction, policy, None)?;
                traces.push((whole, trace(direction, policy, Some(1))?));
            }
        }
        let readings = traces.iter();
        let readings: Vec<Reading<'_>> = readings
            .map(|(whole, direct)| Reading { whole, direct })
            .collect();
        sides.push(side(word, &readings, &names.parties));
        for (whole, _) in &traces {
            caveats.extend(whole.caveats.iter().cloned());
            caveats.extend(conflicts(whole, &names));
        }
    }
    Ok(Exposure {
        chain: chain.to_string(),
        address: address.display(chain),
        names: called(case, chain, address)?,
        sides,
        caveats: caveats.into_iter().collect(),
        store: opened.content_id(),
    })
}

/// What the case calls an address.
fn called(case: Option<&Case>, chain: &Chain, address: &Address) -> Result<Vec<String>, Error> {
    let Some(case) = case else {
        return Ok(Vec::new());
    };
    let named = crate::knowledge::names(case, chain)?.into_iter();
    let of_it = named.filter(|(of, _)| of == address);
    Ok(of_it.map(|(_, named)| named.text()).collect())
}

/// Caveats for ends that claims give to different ones: the first in the case's log is used.
fn conflicts(trace: &Trace, names: &Names) -> Vec<Caveat> {
    let ends = trace
        .endpoints
        .iter()
        .filter_map(|end| end.address.as_ref());
    let ends = ends.filter_map(|address| Some((address, names.differing.get(address)?)));
    let caveats = ends.map(|(address, identities)| {
        let all: Vec<&str> = identities.iter().map(String::as_str).collect();
        let what = format!(
            "claims give this address to different ones, and the first in the log is used: {}",
            all.join(", ")
        );
        let mut caveat = Caveat::general("conflicting-claims", what);
        caveat.address = Some(address.clone());
        caveat
    });
    caveats.collect()
}
