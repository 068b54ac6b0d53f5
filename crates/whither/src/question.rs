//! The question behind a trace, as a user asks it, and the finding that answers it.
//!
//! A finding is a function of chain content, case revision and parameters, and names all three.

use std::path::Path;

use serde::Serialize;
use whither_analysis::trace::result::Basis;
use whither_analysis::trace::{
    self, Direction, Knowledge, Origin, OriginPlace, Policy, Request, Stops, Trace, Window,
};
use whither_casework::{Case, OriginClaim};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::memory::{MemoryAccounts, MemoryUtxo, RowKind, TableRow};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::ChainView as _;

use crate::error::Error;
use crate::knowledge::knowledge;
use crate::place::{self, Place};

/// A chain, opened.
#[derive(Debug)]
pub enum Opened {
    /// A chain of outputs.
    Utxo(MemoryUtxo),
    /// A chain of holdings.
    Accounts(MemoryAccounts),
}

/// Where opened chains come from: a store, or data that is built in.
pub trait Chains {
    /// Which chains there are.
    fn chains(&self) -> Vec<Chain>;
    /// Opens one, with transfers that the case claims and its data may lack.
    ///
    /// # Errors
    /// Where its data cannot be read.
    fn open(&self, chain: &Chain, claims: &[TableRow]) -> Result<Opened, Error>;
}

/// A trace as a user asks for it.
#[derive(Clone, Debug)]
pub struct Question {
    /// Starting points: `txid:vout`, `txid`, `txid#n`, an address, `incident:ID`.
    pub from: Vec<String>,
    /// The chain of those that name none.
    pub chain: Option<Chain>,
    /// How taint splits.
    pub policy: Policy,
    /// Whereto or wherefrom.
    pub direction: Direction,
    /// The window of address origins.
    pub window: Window,
    /// Only so much of each origin, smallest units.
    pub amount: Option<U256>,
    /// Where to stop.
    pub stops: Stops,
}

impl Question {
    /// Haircut, forward, from these places, stopping at what the case says is a service.
    #[must_use]
    pub fn from(places: Vec<String>) -> Self {
        Self {
            from: places,
            chain: None,
            policy: Policy::Haircut,
            direction: Direction::Forward,
            window: Window::default(),
            amount: None,
            stops: Stops::default(),
        }
    }
}

/// A trace with everything it was computed from.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// `whither.trace/1`.
    pub schema: &'static str,
    /// The trace.
    #[serde(flatten)]
    pub trace: Trace,
    /// From what.
    pub provenance: Provenance,
}

/// What a finding was computed from.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// Content id of the chain data.
    pub store: String,
    /// Revision of the case, if one was used.
    pub case: Option<String>,
    /// The question.
    pub parameters: Parameters,
    /// The program's version.
    pub version: &'static str,
}

/// The question, as it is recorded in a finding.
#[derive(Clone, Debug, Serialize)]
pub struct Parameters {
    /// Starting points as given.
    pub from: Vec<String>,
    /// CAIP-2.
    pub chain: String,
    /// `forward` or `backward`.
    pub direction: &'static str,
    /// The policy.
    pub policy: &'static str,
    /// Start of the window.
    pub since: Option<String>,
    /// End of the window.
    pub before: Option<String>,
    /// Limit of each origin.
    pub amount: Option<String>,
    /// The stops in force.
    pub stops: Vec<String>,
}

/// Answers a question.
///
/// # Errors
/// Where a starting point names nothing, or is not in the data.
pub fn answer(
    chains: &dyn Chains,
    case: Option<&Case>,
    question: &Question,
) -> Result<Finding, Error> {
    let starts = starts(chains, case, question)?;
    let chain = one_chain(&starts)?;
    let claimed: Vec<TableRow> = starts
        .iter()
        .filter_map(|start| start.claimed.clone())
        .collect();
    let opened = chains.open(&chain, &claimed)?;
    let knowledge =
        case.map_or_else(|| Ok(Knowledge::default()), |case| knowledge(case, &chain))?;
    let request = Request {
        origins: starts.into_iter().map(|start| start.origin).collect(),
        policy: question.policy,
        direction: question.direction,
        window: question.window,
        stops: question.stops.clone(),
        knowledge,
    };
    let (trace, store) = match &opened {
        Opened::Utxo(view) => (trace::trace_utxo(view, &request)?, view.content_id()),
        Opened::Accounts(view) => (trace::trace_accounts(view, &request)?, view.content_id()),
    };
    Ok(Finding {
        schema: "whither.trace/1",
        trace,
        provenance: Provenance {
            store: store.to_string(),
            case: case.map(|case| case.revision().to_owned()),
            parameters: parameters(&chain, question),
            version: env!("CARGO_PKG_VERSION"),
        },
    })
}

/// An origin with its chain, and the transfer that only the case tells.
struct Start {
    chain: Chain,
    origin: Origin,
    claimed: Option<TableRow>,
}

fn starts(
    chains: &dyn Chains,
    case: Option<&Case>,
    question: &Question,
) -> Result<Vec<Start>, Error> {
    if question.from.is_empty() {
        return Err(Error::new("no starting point is named")
            .with_hint("name an output (txid:vout), a transaction, an address, or incident:ID"));
    }
    let known = chains.chains();
    let mut starts = Vec::new();
    for text in &question.from {
        match text.strip_prefix("incident:") {
            Some(id) => starts.extend(of_incident(case, id, question, &known)?),
            None => {
                let place = place::parse(text, question.chain.as_ref(), &known)?;
                starts.push(start(text, place, None, question));
            }
        }
    }
    Ok(starts)
}

fn start(what: &str, place: Place, incident: Option<&str>, question: &Question) -> Start {
    let origin = Origin {
        what: what.to_owned(),
        place: place.place,
        incident: incident.map(ToOwned::to_owned),
        asset: None,
        height: place.height,
        limit: question.amount,
        basis: if incident.is_some() {
            Basis::Claim
        } else {
            Basis::Fact
        },
    };
    Start {
        chain: place.chain,
        origin,
        claimed: None,
    }
}

fn of_incident(
    case: Option<&Case>,
    id: &str,
    question: &Question,
    known: &[Chain],
) -> Result<Vec<Start>, Error> {
    let case = case.ok_or_else(|| {
        Error::new(format!("incident:{id} needs a case"))
            .with_hint("name its directory with `--case DIR`, or go there")
    })?;
    let (claim, incident) = case.incident(id).ok_or_else(|| {
        Error::new(format!("the case has no incident {id:?}"))
            .with_hint("`whither show` lists what the case says")
    })?;
    let in_claim = |error: Error| {
        Error::new(format!("claim {}: {error}", claim.id)).with_hint_of(error.hint())
    };
    let mut starts = Vec::new();
    for origin in &incident.origins {
        starts.push(match origin {
            OriginClaim::Place { from, .. } => {
                let place = place::parse(from, question.chain.as_ref(), known).map_err(in_claim)?;
                start(from, place, Some(id), question)
            }
            OriginClaim::Transfer { .. } => of_transfer(origin, id, question).map_err(in_claim)?,
        });
    }
    Ok(starts)
}

/// A transfer that the case tells, as a row beside those of the data.
fn of_transfer(origin: &OriginClaim, incident: &str, question: &Question) -> Result<Start, Error> {
    let OriginClaim::Transfer {
        transaction,
        chain,
        height,
        time,
        from,
        to,
        asset,
        amount,
        ..
    } = origin
    else {
        return Err(Error::new("not a transfer"));
    };
    let chain: Chain = chain.parse().map_err(Error::new)?;
    let id = TransactionId::parse(&chain, transaction).map_err(Error::new)?;
    let asset: whither_ledger::asset::Asset = asset.parse().map_err(Error::new)?;
    let row = TableRow {
        transaction: Some(id.clone()),
        height: *height,
        index: None,
        time: Timestamp::parse(time).map_err(Error::new)?,
        log_index: None,
        kind: RowKind::Transfer,
        from: Address::parse(&chain, from).map_err(Error::new)?,
        to: Address::parse(&chain, to).map_err(Error::new)?,
        asset: asset.clone(),
        amount: amount.parse().map_err(|_| {
            Error::new(format!(
                "{amount:?} is not a whole number of smallest units"
            ))
        })?,
    };
    let origin = Origin {
        what: transaction.clone(),
        place: OriginPlace::Transaction(id),
        incident: Some(incident.to_owned()),
        asset: Some(asset),
        height: None,
        limit: question.amount,
        basis: Basis::Claim,
    };
    Ok(Start {
        chain,
        origin,
        claimed: Some(row),
    })
}

fn one_chain(starts: &[Start]) -> Result<Chain, Error> {
    let mut chains: Vec<&Chain> = starts.iter().map(|start| &start.chain).collect();
    chains.sort();
    chains.dedup();
    match chains.as_slice() {
        [chain] => Ok((*chain).clone()),
        several => {
            let names: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(Error::new(format!(
                "the starting points are on several chains: {}",
                names.join(", ")
            ))
            .with_hint("trace one chain at a time"))
        }
    }
}

fn parameters(chain: &Chain, question: &Question) -> Parameters {
    Parameters {
        from: question.from.clone(),
        chain: chain.to_string(),
        direction: question.direction.name(),
        policy: question.policy.name(),
        since: question.window.since.map(|time| time.to_string()),
        before: question.window.before.map(|time| time.to_string()),
        amount: question.amount.map(|amount| amount.to_string()),
        stops: stop_names(&question.stops),
    }
}

fn stop_names(stops: &Stops) -> Vec<String> {
    let mut names = Vec::new();
    names.extend(stops.services.then(|| "services".to_owned()));
    names.extend(stops.coinjoin.then(|| "coinjoin".to_owned()));
    names.extend(stops.degree.map(|limit| format!("degree:{limit}")));
    names.extend(stops.dust.map(|limit| format!("dust:{limit}")));
    names.extend(stops.depth.map(|limit| format!("depth:{limit}")));
    names.extend(stops.time.map(|limit| format!("time:{limit}")));
    names
}

/// Reads `--stop` arguments: services by default, `none` switches them off, the others add.
///
/// # Errors
/// Where an argument is none of `none`, `services`, `coinjoin`, `degree:N`, `dust:N`, `depth:N`, `time:T`.
pub fn parse_stops(texts: &[String]) -> Result<Stops, Error> {
    let mut stops = Stops::default();
    if texts.iter().any(|text| text == "none") {
        stops = Stops::none();
    }
    for text in texts {
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let number = || {
            value.parse::<u64>().map_err(|_| {
                Error::new(format!("`--stop {text}`: {value:?} is not a whole number"))
            })
        };
        match (name, value.is_empty()) {
            ("none", true) => {}
            ("services", true) => stops.services = true,
            ("coinjoin", true) => stops.coinjoin = true,
            ("degree", false) => {
                stops.degree = Some(usize::try_from(number()?).unwrap_or(usize::MAX))
            }
            ("depth", false) => stops.depth = Some(u32::try_from(number()?).unwrap_or(u32::MAX)),
            ("dust", false) => {
                let dust = value.parse::<U256>().map_err(|_| {
                    Error::new(format!(
                        "`--stop {text}`: {value:?} is not a whole number of smallest units"
                    ))
                })?;
                stops.dust = Some(dust);
            }
            ("time", false) => {
                let time = Timestamp::parse(value)
                    .map_err(|error| Error::new(format!("`--stop {text}`: {error}")))?;
                stops.time = Some(time);
            }
            _ => {
                return Err(
                    Error::new(format!("`--stop {text}` is not a stop")).with_hint(
                        "one of none, services, coinjoin, degree:N, dust:N, depth:N, time:T",
                    ),
                );
            }
        }
    }
    Ok(stops)
}

/// Opens the case in a directory, where one is named.
///
/// # Errors
/// Where the directory is no case, or a claim cannot be read.
pub fn open_case(dir: Option<&Path>) -> Result<Option<Case>, Error> {
    dir.map(|dir| Case::open(dir).map_err(Error::from))
        .transpose()
}
