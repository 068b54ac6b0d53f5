//! Links between incidents of a case (`whither.link/1`).
//!
//! Every incident is traced from where the case says that it begins, on one opening of its chain, and pairs on one chain
//! are compared. What is a service, the case says; services never link. An incident that cannot be traced is left out and
//! named when all are asked for, and an error when it is asked for by name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
pub use whither_analysis::link::{Counter, Evidence};
use whither_analysis::link::{Link, Taint, links_of_accounts, links_of_outputs};
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
    /// The claims at which their traces ended.
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
struct OnChain {
    links: Vec<Link>,
    traced: Vec<TracedRow>,
    claims: BTreeSet<String>,
    caveats: BTreeSet<Caveat>,
    content: ChainContent,
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
    let from: Vec<String> = ids.iter().map(|id| format!("incident:{id}")).collect();
    let mut by_chain: BTreeMap<String, (Chain, Vec<Start>)> = BTreeMap::new();
    for start in starts::read(chains, Some(case), &Question::from(from))? {
        let chain = start.chain().clone();
        let of_chain = by_chain
            .entry(chain.to_string())
            .or_insert_with(|| (chain, Vec::new()));
        of_chain.1.push(start);
    }
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
    if by_chain.len() > 1 {
        let what = "incidents are compared within one chain; what leads from one chain to another is not looked at";
        list.caveats.push(Caveat::general("several-chains", what));
    }
    for (name, (chain, starts)) in by_chain {
        let found = on_chain(chains, case, question, (&chain, starts))?;
        let row = |link| LinkRow {
            chain: name.clone(),
            link,
        };
        list.links.extend(found.links.into_iter().map(row));
        list.incidents.extend(found.traced);
        list.claims.extend(found.claims);
        list.caveats.extend(found.caveats);
        list.provenance.stores.push(found.content);
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
    list.caveats.sort();
    list.caveats.dedup();
    Ok(list)
}

/// The incidents that can be traced, and those that cannot; of those that are named each must.
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
            Err(error) if named.is_empty() => left_out.push(LeftOut {
                incident: id.clone(),
                why: error.to_string(),
            }),
            Err(error) => return Err(error),
        }
    }
    if ids.len() < 2 {
        return Err(Error::new(format!(
            "a link is between two incidents, and {} can be traced",
            ids.len()
        ))
        .with_hint("`whither incident list` lists those of the case; each needs origins, such as its transactions"));
    }
    Ok((ids, left_out))
}

/// Traces the incidents of one chain and compares them.
fn on_chain(
    chains: &dyn Chains,
    case: &Case,
    question: &LinkQuestion,
    (chain, starts): (&Chain, Vec<Start>),
) -> Result<OnChain, Error> {
    let opened = chains.open(chain, &starts::told_rows(&starts))?;
    let known = knowledge(case, chain)?;
    let mut by_incident: BTreeMap<String, Vec<Origin>> = BTreeMap::new();
    for origin in starts::origins(starts, &opened)? {
        let incident = origin.incident.clone().unwrap_or_default();
        by_incident.entry(incident).or_default().push(origin);
    }
    let (mut taints, mut traced) = (Vec::new(), Vec::new());
    let (mut claims, mut caveats) = (BTreeSet::new(), BTreeSet::new());
    for (incident, origins) in by_incident {
        let request = Request {
            origins,
            policy: question.policy,
            direction: Direction::Forward,
            window: Window::default(),
            stops: question.stops.clone(),
            knowledge: known.clone(),
            may_enter: BTreeMap::new(),
        };
        let trace = onward::trace_on(&opened, &request)?;
        for end in &trace.endpoints {
            claims.extend(end.reason.claim.clone());
            claims.extend(end.entity.iter().map(|entity| entity.claim.clone()));
        }
        if question.stops.services {
            caveats.extend(conflicting_claims(case, chain, &trace)?);
            caveats.extend(claims_out_of_force(case, chain, &trace)?);
        }
        let taint = taint(&opened, &incident, &request.origins, &trace);
        caveats.extend(doubtful(&taint));
        traced.push(TracedRow {
            incident,
            chain: chain.to_string(),
            movements: taint.movement_count(),
        });
        taints.push(taint);
    }
    Ok(OnChain {
        links: compare(&opened, &known, taints),
        traced,
        claims,
        caveats,
        content: ChainContent {
            chain: chain.to_string(),
            store: opened.content_id(),
        },
    })
}

fn taint(opened: &Opened, incident: &str, origins: &[Origin], trace: &Trace) -> Taint {
    match opened {
        Opened::Utxo(view) => Taint::of_outputs(view, incident, origins, trace),
        Opened::Accounts(view) => Taint::of_accounts(view, incident, origins, trace),
        Opened::AccountColumns(view) => Taint::of_accounts(view, incident, origins, trace),
    }
}

fn compare(opened: &Opened, known: &Knowledge, taints: Vec<Taint>) -> Vec<Link> {
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
