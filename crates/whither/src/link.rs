//! Links between incidents of a case (`whither.link/1`).
//!
//! Every incident is traced from where the case says that it begins, on one opening of its chain, and pairs on one chain
//! are compared. What is a service, the case says; services never link. An incident that cannot be traced is left out and
//! named when all are asked for, and an error when it is asked for by name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
pub use whither_analysis::link::{Counter, Evidence};
use whither_analysis::link::{Link, Links, Taint, links_of_accounts, links_of_outputs};
use whither_analysis::trace::result::Caveat;
use whither_analysis::trace::{
    Direction, Knowledge, Origin, Policy, Request, Stops, Trace, Window,
};
use whither_casework::Case;
use whither_ledger::chain::Chain;

use crate::error::Error;
use crate::knowledge::{
    BEAR_ON_TRACE, claims_out_of_force, conflicting_claims, knowledge, unread_of,
};
use crate::question::{ChainContent, Chains, Opened, Question, stop_names};
use crate::starts::Start;
use crate::{onward, starts};

/// Links as a user asks for them.
#[derive(Clone, Debug)]
pub struct LinkQuestion {
    /// Which incidents; none: all that have an origin.
    pub incidents: Vec<String>,
    /// How taint splits.
    pub policy: Policy,
    /// Where traces stop.
    pub stops: Stops,
}

/// Links: `whither.link/1`.
#[derive(Clone, Debug, Serialize)]
pub struct LinkList {
    /// The shape's name and version.
    pub schema: &'static str,
    /// Every pair on one chain, the strongest first.
    pub links: Vec<LinkRow>,
    /// The incidents that were traced.
    pub incidents: Vec<TracedRow>,
    /// Those that were not, and why.
    pub left_out: Vec<LeftOut>,
    /// The claims that it rests on: at which traces ended, and that say whose a place is.
    pub claims: BTreeSet<String>,
    /// What must be said with it.
    pub caveats: Vec<Caveat>,
    /// From what.
    pub provenance: LinkProvenance,
}

/// A link, with its chain.
#[derive(Clone, Debug, Serialize)]
pub struct LinkRow {
    /// CAIP-2.
    pub chain: String,
    /// The link.
    #[serde(flatten)]
    pub link: Link,
}

/// An incident that was traced.
#[derive(Clone, Debug, Serialize)]
pub struct TracedRow {
    /// The incident.
    pub incident: String,
    /// CAIP-2.
    pub chain: String,
    /// How many tainted movements its trace has.
    pub movements: usize,
}

/// An incident that was not traced.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOut {
    /// The incident.
    pub incident: String,
    /// Why not.
    pub why: String,
}

impl LeftOut {
    fn new(incident: &str, error: &Error) -> Self {
        Self {
            incident: incident.to_owned(),
            why: error.to_string(),
        }
    }
}

/// What links were computed from.
#[derive(Clone, Debug, Serialize)]
pub struct LinkProvenance {
    /// Content id of the first chain.
    pub store: String,
    /// The same of every chain.
    pub stores: Vec<ChainContent>,
    /// Revision of the case.
    pub case: String,
    /// The question.
    pub parameters: LinkParameters,
    /// The program's version.
    pub version: &'static str,
}

/// The question, as it is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct LinkParameters {
    /// The incidents that were named, in order; empty where all were asked for.
    pub incidents: Vec<String>,
    /// The policy.
    pub policy: &'static str,
    /// The stops in force.
    pub stops: Vec<String>,
}

/// What one chain gives.
#[derive(Default)]
struct OnChain {
    links: Vec<Link>,
    traced: Vec<TracedRow>,
    left_out: Vec<LeftOut>,
    claims: BTreeSet<String>,
    caveats: BTreeSet<Caveat>,
    content: Option<ChainContent>,
}

/// Answers a question about links.
///
/// # Errors
/// Where an incident that is named cannot be traced, or there are not two.
pub fn answer(
    chains: &dyn Chains,
    case: &Case,
    question: &LinkQuestion,
) -> Result<LinkList, Error> {
    let named: BTreeSet<String> = question.incidents.iter().cloned().collect();
    let (ids, left_out) = which(chains, case, &named)?;
    let bears = |kind: &str| BEAR_ON_TRACE.contains(&kind);
    let mut list = LinkList {
        schema: "whither.link/1",
        links: Vec::new(),
        incidents: Vec::new(),
        left_out,
        claims: BTreeSet::new(),
        caveats: unread_of(case, &bears).into_iter().collect(),
        provenance: LinkProvenance {
            store: String::new(),
            stores: Vec::new(),
            case: case.revision(),
            parameters: LinkParameters {
                incidents: named.into_iter().collect(),
                policy: question.policy.name(),
                stops: stop_names(&question.stops),
            },
            version: env!("CARGO_PKG_VERSION"),
        },
    };
    for (name, (chain, starts)) in begun(chains, case, &ids)? {
        let found = on_chain(chains, case, question, (&chain, starts))?;
        let row = |link| LinkRow {
            chain: name.clone(),
            link,
        };
        list.links.extend(found.links.into_iter().map(row));
        list.incidents.extend(found.traced);
        list.left_out.extend(found.left_out);
        list.claims.extend(found.claims);
        list.caveats.extend(found.caveats);
        list.provenance.stores.extend(found.content);
    }
    check_two(&list)?;
    if list.provenance.stores.len() > 1 {
        let what = "incidents are compared within one chain; what leads from one chain to another is not looked at";
        list.caveats.push(Caveat::general("several-chains", what));
    }
    let stores = list.provenance.stores.first();
    list.provenance.store = stores.map(|first| first.store.clone()).unwrap_or_default();
    let key = |row: &LinkRow| {
        let link = &row.link;
        (
            std::cmp::Reverse(link.strength),
            link.a.clone(),
            link.b.clone(),
            row.chain.clone(),
        )
    };
    list.links.sort_by_cached_key(key);
    list.left_out
        .sort_by(|a, b| (&a.incident, &a.why).cmp(&(&b.incident, &b.why)));
    list.caveats.sort();
    list.caveats.dedup();
    Ok(list)
}

/// Where incidents begin, by chain.
fn begun(
    chains: &dyn Chains,
    case: &Case,
    ids: &[String],
) -> Result<BTreeMap<String, (Chain, Vec<Start>)>, Error> {
    let mut by_chain: BTreeMap<String, (Chain, Vec<Start>)> = BTreeMap::new();
    if ids.is_empty() {
        return Ok(by_chain);
    }
    let from = ids.iter().map(|id| format!("incident:{id}")).collect();
    for start in starts::read(chains, Some(case), &Question::from(from))? {
        let chain = start.chain().clone();
        let of_chain = by_chain
            .entry(chain.to_string())
            .or_insert_with(|| (chain, Vec::new()));
        of_chain.1.push(start);
    }
    Ok(by_chain)
}

/// A link is between two incidents, so two must have been traced.
fn check_two(list: &LinkList) -> Result<(), Error> {
    let traced = list.incidents.iter();
    let traced: BTreeSet<&str> = traced.map(|row| row.incident.as_str()).collect();
    if traced.len() >= 2 {
        return Ok(());
    }
    let why = list.left_out.iter();
    let why: String = why
        .map(|row| format!("; {}: {}", row.incident, row.why))
        .collect();
    Err(Error::new(format!(
        "a link is between two incidents, and {} can be traced{why}",
        traced.len()
    ))
    .with_hint("`whither incident list` lists those of the case; each needs origins, such as its transactions"))
}

/// The incidents whose origins can be read, and those whose cannot; of those that are named each must.
fn which(
    chains: &dyn Chains,
    case: &Case,
    named: &BTreeSet<String>,
) -> Result<(Vec<String>, Vec<LeftOut>), Error> {
    let all: BTreeSet<String> = case
        .incidents()
        .map(|(_, incident)| incident.incident.to_string())
        .collect();
    let asked = if named.is_empty() { &all } else { named };
    let (mut ids, mut left_out) = (Vec::new(), Vec::new());
    for id in asked {
        let question = Question::from(vec![format!("incident:{id}")]);
        match starts::read(chains, Some(case), &question) {
            Ok(_) => ids.push(id.clone()),
            Err(error) if named.is_empty() => left_out.push(LeftOut::new(id, &error)),
            Err(error) => return Err(error),
        }
    }
    Ok((ids, left_out))
}

/// Opens a chain for the incidents that begin there. Where all were asked for, one that tells what the chain cannot hold is
/// left out; and all of them where the chain cannot be opened.
fn open(
    chains: &dyn Chains,
    (chain, starts): (&Chain, &mut Vec<Start>),
    left_out: Option<&mut Vec<LeftOut>>,
) -> Result<Option<Opened>, Error> {
    let opened = chains.open(chain, &starts::told_rows(starts));
    let (Err(_), Some(left_out)) = (&opened, left_out) else {
        return opened.map(Some);
    };
    let mut cannot: BTreeSet<String> = BTreeSet::new();
    for of_one in starts.chunk_by(|one, next| one.incident() == next.incident()) {
        if let Err(error) = chains.open(chain, &starts::told_rows(of_one)) {
            let incident = of_one[0].incident().unwrap_or_default();
            left_out.push(LeftOut::new(incident, &error));
            cannot.insert(incident.to_owned());
        }
    }
    starts.retain(|start| !cannot.contains(start.incident().unwrap_or_default()));
    if starts.is_empty() {
        return Ok(None);
    }
    chains.open(chain, &starts::told_rows(starts)).map(Some)
}

/// Traces the incidents of one chain and compares them.
fn on_chain(
    chains: &dyn Chains,
    case: &Case,
    question: &LinkQuestion,
    (chain, mut starts): (&Chain, Vec<Start>),
) -> Result<OnChain, Error> {
    let is_all = question.incidents.is_empty();
    let mut found = OnChain::default();
    let left_out = is_all.then_some(&mut found.left_out);
    let Some(opened) = open(chains, (chain, &mut starts), left_out)? else {
        return Ok(found);
    };
    let known = knowledge(case, chain)?;
    let mut by_incident: BTreeMap<String, Vec<Start>> = BTreeMap::new();
    for start in starts {
        let incident = start.incident().unwrap_or_default().to_owned();
        by_incident.entry(incident).or_default().push(start);
    }
    let mut taints = Vec::new();
    for (incident, starts) in by_incident {
        let (request, trace) = match traced(&opened, question, &known, starts) {
            Ok(traced) => traced,
            Err(error) if is_all => {
                found.left_out.push(LeftOut::new(&incident, &error));
                continue;
            }
            Err(error) => return Err(error),
        };
        for end in &trace.endpoints {
            found.claims.extend(end.reason.claim.clone());
            let entity = end.entity.iter();
            found
                .claims
                .extend(entity.map(|entity| entity.claim.clone()));
        }
        if question.stops.services {
            let caveats = conflicting_claims(case, chain, &trace)?;
            found.caveats.extend(caveats);
            let caveats = claims_out_of_force(case, chain, &trace)?;
            found.caveats.extend(caveats);
        }
        let taint = taint(&opened, &incident, &request.origins, &trace);
        found.caveats.extend(doubtful(&taint));
        found.traced.push(TracedRow {
            incident,
            chain: chain.to_string(),
            movements: taint.movement_count(),
        });
        taints.push(taint);
    }
    let links = compare(&opened, &known, taints);
    found.links = links.pairs;
    found.claims.extend(links.claims);
    found.caveats.extend(links.caveats);
    found.content = Some(ChainContent {
        chain: chain.to_string(),
        store: opened.content_id(),
    });
    Ok(found)
}

/// The trace of an incident from where it begins on one chain.
fn traced(
    opened: &Opened,
    question: &LinkQuestion,
    known: &Knowledge,
    starts: Vec<Start>,
) -> Result<(Request, Trace), Error> {
    let request = Request {
        origins: starts::origins(starts, opened)?,
        policy: question.policy,
        direction: Direction::Forward,
        window: Window::default(),
        stops: question.stops.clone(),
        knowledge: known.clone(),
        may_enter: BTreeMap::new(),
    };
    let trace = onward::trace_on(opened, &request)?;
    Ok((request, trace))
}

fn taint(opened: &Opened, incident: &str, origins: &[Origin], trace: &Trace) -> Taint {
    match opened {
        Opened::Utxo(view) => Taint::of_outputs(view, incident, origins, trace),
        Opened::Accounts(view) => Taint::of_accounts(view, incident, origins, trace),
        Opened::AccountColumns(view) => Taint::of_accounts(view, incident, origins, trace),
    }
}

fn compare(opened: &Opened, known: &Knowledge, taints: Vec<Taint>) -> Links {
    match opened {
        Opened::Utxo(view) => links_of_outputs(view, known, taints),
        Opened::Accounts(view) => links_of_accounts(view, known, taints),
        Opened::AccountColumns(view) => links_of_accounts(view, known, taints),
    }
}

/// What must be said where assets of an incident were left out.
fn doubtful(taint: &Taint) -> Option<Caveat> {
    (taint.doubtful_count() > 0).then(|| {
        let what = format!(
            "{} tokens that nobody knows came to addresses of incident {}; anybody may have told of their movements, and they \
             link nothing",
            taint.doubtful_count(),
            taint.incident()
        );
        Caveat::general("unknown-tokens", what)
    })
}
