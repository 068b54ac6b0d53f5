//! The question behind a trace, as a user asks it, and the finding that answers it.
//!
//! A finding is a function of chain content, case revision and parameters, and names all three.

use std::path::Path;

use serde::Serialize;
use whither_analysis::trace::freeze::set_apart;
use whither_analysis::trace::{Direction, Knowledge, Policy, Request, Stops, Trace, Window};
use whither_casework::{Case, Json};
use whither_chain::ColumnUtxo;
use whither_chain::accounts::AccountColumns;
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::memory::{MemoryAccounts, TableRow};
use whither_ledger::time::Timestamp;
use whither_ledger::view::ChainView as _;

use crate::amount::smallest_units;
use crate::error::Error;
use crate::freeze;
use crate::knowledge::{
    self, BEAR_ON_TRACE, claims_out_of_force, conflicting_claims, knowledge, unread_of,
};
use crate::onward::{self, Lane};
use crate::prices::Book;
use crate::starts;

/// A chain, opened.
#[derive(Debug)]
pub enum Opened {
    /// A chain of outputs in mapped columns.
    Utxo(ColumnUtxo),
    /// A chain of holdings in memory.
    Accounts(MemoryAccounts),
    /// A chain of holdings in mapped columns.
    AccountColumns(AccountColumns),
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
    /// The price series that lie beside the chains; where nothing says otherwise, none.
    ///
    /// # Errors
    /// Where one cannot be read, or is not what was written.
    fn prices(&self) -> Result<Book, Error> {
        Ok(Book::default())
    }
    /// The series that an answer was computed with, each as it was then, whatever was imported since; those in force where
    /// one is gone.
    ///
    /// # Errors
    /// As [`Chains::prices`].
    fn prices_then(&self, _then: &[Json]) -> Result<Book, Error> {
        self.prices()
    }
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
    /// Whether claims may carry it on where no chain shows that money went (law 16).
    pub claims: bool,
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
            claims: false,
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
    /// The same of every chain that claims led to, the first among them; only where claims were asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<ChainContent>,
    /// Revision of the case, if one was used.
    pub case: Option<String>,
    /// The question.
    pub parameters: Parameters,
    /// The program's version.
    pub version: &'static str,
}

/// The content of a chain that a finding was computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainContent {
    /// CAIP-2.
    pub chain: String,
    /// Its content id.
    pub store: String,
}

/// The question, as it is recorded in a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// Whether claims were asked; left out where they were not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub claims: bool,
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
    Ok(answer_opened(chains, case, question)?.0)
}

/// The same, with the chains that were opened for it.
pub(crate) fn answer_opened(
    chains: &dyn Chains,
    case: Option<&Case>,
    question: &Question,
) -> Result<(Finding, Vec<Lane>), Error> {
    check_window(&question.window)?;
    let starts = starts::read(chains, case, question)?;
    let chain = starts::one_chain(&starts)?;
    let opened = chains.open(&chain, &starts::told_rows(&starts))?;
    let known = |chain: &Chain| {
        case.map_or_else(|| Ok(Knowledge::default()), |case| knowledge(case, chain))
    };
    let request = Request {
        origins: starts::origins(starts, &opened)?,
        policy: question.policy,
        direction: question.direction,
        window: question.window,
        stops: question.stops.clone(),
        knowledge: known(&chain)?,
        may_enter: std::collections::BTreeMap::new(),
    };
    let asked = Lane {
        chain: chain.clone(),
        request,
        opened,
    };
    let (mut trace, lanes) = match (question.claims, case) {
        (false, _) => (
            onward::trace_on(&asked.opened, &asked.request)?,
            vec![asked],
        ),
        (true, Some(case)) => onward::follow(chains, case, asked, &known)?,
        (true, None) => {
            return Err(Error::new("`--claims` needs a case that makes some")
                .with_hint("name its directory with `--case DIR`, or go there"));
        }
    };
    if let Some(case) = case {
        if question.claims {
            let (stayed, caveats) = freeze::stayed(case);
            set_apart(&mut trace, &stayed);
            trace.caveats.extend(caveats);
        }
        say_of_claims(case, question, &lanes, &mut trace)?;
    }
    trace.caveats.sort();
    let contents = lanes.iter().map(|lane| ChainContent {
        chain: lane.chain.to_string(),
        store: lane.opened.content_id(),
    });
    let contents: Vec<ChainContent> = contents.collect();
    let finding = Finding {
        schema: "whither.trace/1",
        trace,
        provenance: Provenance {
            store: contents[0].store.clone(),
            stores: if question.claims {
                contents
            } else {
                Vec::new()
            },
            case: case.map(Case::revision),
            parameters: parameters(&chain, question),
            version: env!("CARGO_PKG_VERSION"),
        },
    };
    Ok((finding, lanes))
}

/// What must be said of the claims of a case that bear on a trace: those that cannot be read, that contradict each other,
/// and that were not in force.
fn say_of_claims(
    case: &Case,
    question: &Question,
    lanes: &[Lane],
    trace: &mut Trace,
) -> Result<(), Error> {
    let bears = |kind: &str| BEAR_ON_TRACE.contains(&kind);
    trace.caveats.extend(unread_of(case, &bears));
    for lane in lanes.iter().filter(|_| question.stops.services) {
        let conflicts = conflicting_claims(case, &lane.chain, trace)?;
        trace.caveats.extend(conflicts);
        let late = claims_out_of_force(case, &lane.chain, trace)?;
        trace.caveats.extend(late);
    }
    Ok(())
}

impl Opened {
    /// Whether an address occurs in it.
    pub(crate) fn has_address(&self, address: &Address) -> bool {
        match self {
            Self::Utxo(view) => view.find_address(address).is_some(),
            Self::Accounts(view) => view.find_address(address).is_some(),
            Self::AccountColumns(view) => view.find_address(address).is_some(),
        }
    }

    /// The hash of the canonical chain content.
    pub(crate) fn content_id(&self) -> String {
        match self {
            Self::Utxo(view) => view.content_id().to_string(),
            Self::Accounts(view) => view.content_id().to_string(),
            Self::AccountColumns(view) => view.content_id().to_string(),
        }
    }
}

/// A window that holds no time is a mistake, and no question.
fn check_window(window: &Window) -> Result<(), Error> {
    match (window.since, window.before) {
        (Some(since), Some(before)) if since >= before => Err(Error::new(format!(
            "no time is both since {since} and before {before}"
        ))
        .with_hint(
            "`--since` is the first time that counts, `--before` the first after it that does not",
        )),
        _ => Ok(()),
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
        claims: question.claims,
    }
}

pub(crate) fn stop_names(stops: &Stops) -> Vec<String> {
    let mut names = Vec::new();
    names.extend(stops.services.then(|| "services".to_owned()));
    names.extend(stops.coinjoin.then(|| "coinjoin".to_owned()));
    names.extend(stops.degree.map(|limit| format!("degree:{limit}")));
    names.extend(stops.shape.map(|limit| format!("shape:{limit}")));
    names.extend(stops.pass.iter().map(|address| format!("pass:{address}")));
    names.extend(stops.dust.map(|limit| format!("dust:{limit}")));
    names.extend(stops.depth.map(|limit| format!("depth:{limit}")));
    names.extend(stops.time.map(|limit| format!("time:{limit}")));
    names
}

/// Reads `--stop` arguments: services by default, `none` switches them off, the others add.
///
/// # Errors
/// Where an argument is none of `none`, `services`, `coinjoin`, `degree:N`, `shape:N`, `pass:ADDRESS`, `dust:N`, `depth:N`, `time:T`.
pub fn parse_stops(texts: &[String]) -> Result<Stops, Error> {
    let mut stops = Stops::default();
    if texts.iter().any(|text| text == "none") {
        stops = Stops::none();
    }
    for text in texts {
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let wrong = |why: &str| Error::new(format!("`--stop {text}`: {why}"));
        let number = || {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let number = value.parse::<u64>().ok().filter(|_| digits);
            number.ok_or_else(|| wrong(&format!("{value:?} is not a whole number")))
        };
        match (name, value.is_empty()) {
            ("none", true) => {}
            ("services", true) => stops.services = true,
            ("coinjoin", true) => stops.coinjoin = true,
            ("degree", false) => {
                stops.degree = Some(usize::try_from(number()?).unwrap_or(usize::MAX));
            }
            ("shape", false) => {
                stops.shape = Some(usize::try_from(number()?).unwrap_or(usize::MAX));
            }
            ("pass", false) => {
                stops.pass.insert(value.to_owned());
            }
            ("depth", false) => stops.depth = Some(u32::try_from(number()?).unwrap_or(u32::MAX)),
            ("dust", false) => stops.dust = Some(smallest_units(value).map_err(|why| wrong(&why))?),
            ("time", false) => {
                let time = Timestamp::parse(value)
                    .map_err(|error| Error::new(format!("`--stop {text}`: {error}")))?;
                stops.time = Some(time);
            }
            _ => {
                return Err(
                    Error::new(format!("`--stop {text}` is not a stop")).with_hint(
                        "one of none, services, coinjoin, degree:N, shape:N, pass:ADDRESS, dust:N, depth:N, time:T",
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
/// Where the directory is no case, or a claim cannot be read or leaves open which address it means.
pub fn open_case(dir: Option<&Path>) -> Result<Option<Case>, Error> {
    let case = dir.map(Case::open).transpose()?;
    if let Some(case) = &case {
        knowledge::check(case)?;
    }
    Ok(case)
}
