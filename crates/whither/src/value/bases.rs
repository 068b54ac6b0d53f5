//! What a trace is worth, by each basis that people argue with: at theft, at each hop, at cash-out, at a report's date.
//!
//! The amounts are the finding's, and stay what they are; this sets US dollars beside them and says by which price. An
//! origin is valued when its transaction happened (where an address or the case's word is all there is, when the case
//! dates the theft), a hop at the time of its transaction, an endpoint when taint last arrived there, and all of them
//! once more at the date of a report. A sum takes the amounts together that have one price, and rounds their value once; so
//! it can differ by cents from the rows, of which each is rounded. Rows without a price are not in it, and are counted with
//! their assets and amounts.

mod sheet;

use std::collections::BTreeMap;

use serde::Serialize;
use whither_analysis::trace::result::OriginRow;
use whither_analysis::trace::{OriginPlace, result::Endpoint};

use whither_casework::valuation::Pricing;
use whither_ledger::chain::Chain;
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::ChainView;

use crate::Case;
use crate::error::Error;
use crate::place;
use crate::prices::{Book, Choice, Day, Period, Remark};
use crate::question::{Chains, Finding, Opened};

use sheet::Sheet;
pub use sheet::{PriceUsed, Total, Unpriced};

/// By which prices, and at which dates that no chain tells.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Which prices.
    pub choice: Choice,
    /// When what starts at an address was stolen, where neither chain nor case says so.
    pub theft: Option<Period>,
    /// A day on which all is valued once more.
    pub report: Option<Day>,
}

/// What a trace is worth.
#[derive(Clone, Debug, Serialize)]
pub struct TraceValue {
    /// What was asked for.
    pub parameters: Parameters,
    /// A sum for each basis.
    pub totals: Vec<Total>,
    /// Each origin, in the order of the trace.
    pub origins: Vec<OriginValue>,
    /// Each hop, in the order of the trace's edges.
    pub edges: Vec<EdgeValue>,
    /// Each endpoint, in the order of the trace.
    pub endpoints: Vec<EndpointValue>,
    /// Every price that was used.
    pub prices: Vec<PriceUsed>,
    /// What has no price.
    pub unpriced: Vec<Unpriced>,
    /// What must be said with it.
    pub caveats: Vec<Remark>,
}

/// The question for a value, as it is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct Parameters {
    /// The convention asked for.
    pub convention: Option<String>,
    /// The source asked for.
    pub price_source: Option<String>,
    /// How many days away a price may be.
    pub nearest: u32,
    /// When the theft was, where it was given.
    pub theft_date: Option<String>,
    /// The date of the report.
    pub report_date: Option<String>,
}

/// What an origin is worth.
#[derive(Clone, Debug, Serialize)]
pub struct OriginValue {
    /// `o1`, …
    pub origin: String,
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: String,
    /// The day of the theft, or the days between which it lies.
    pub when: Option<String>,
    /// US dollars at theft; `null` where no price is known, or the date leaves it open.
    pub usd: Option<String>,
    /// The least that it can be.
    pub usd_low: Option<String>,
    /// The most that it can be.
    pub usd_high: Option<String>,
    /// US dollars at the date of the report.
    pub usd_at_report: Option<String>,
}

/// What a hop is worth.
#[derive(Clone, Debug, Serialize)]
pub struct EdgeValue {
    /// The transaction; none where a claim carries the trace on.
    pub transaction: Option<String>,
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: String,
    /// Its day.
    pub day: Option<String>,
    /// US dollars on that day.
    pub usd: Option<String>,
}

/// What an endpoint is worth.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointValue {
    /// How the trace ends there.
    pub kind: &'static str,
    /// Whose.
    pub address: Option<String>,
    /// The output.
    pub output: Option<String>,
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: String,
    /// The day on which taint last arrived.
    pub day: Option<String>,
    /// US dollars on that day.
    pub usd: Option<String>,
    /// US dollars at the date of the report.
    pub usd_at_report: Option<String>,
}

const THEFT: &str = "at-theft";
const HOP: &str = "at-hop";
const CASH_OUT: &str = "at-cash-out";
const REPORT: &str = "at-report-date";
const REPORT_ENDPOINTS: &str = "at-report-date-endpoints";

/// Values a trace.
///
/// # Errors
/// Where the chain of the finding cannot be opened again. A price that is missing is no error: it is in the result.
pub fn value_trace(
    book: &Book,
    chains: &dyn Chains,
    case: Option<&Case>,
    finding: &Finding,
    request: &Request,
) -> Result<TraceValue, Error> {
    let pricing = Pricing {
        book,
        choice: request.choice.clone(),
    };
    let times = times(finding)?;
    let thefts = thefts(chains, case, finding, &times, request)?;
    let mut sheet = Sheet::new(&pricing);
    let report = request.report.map(Period::from);
    let trace = &finding.trace;
    let mut origins = Vec::new();
    for (row, when) in trace.origins.iter().zip(&thefts) {
        let priced = sheet.priced(THEFT, None, &row.asset, &row.amount, *when)?;
        let at_report = sheet.at_report(REPORT, None, &row.asset, &row.amount, report)?;
        let low = priced.as_ref().map(|priced| priced.low.usd.to_string());
        let high = priced.as_ref().map(|priced| priced.high.usd.to_string());
        origins.push(OriginValue {
            origin: row.origin.clone(),
            asset: row.asset.clone(),
            amount: row.amount.clone(),
            when: when.map(|when| when.to_string()),
            usd: low.clone().filter(|_| low == high),
            usd_low: low,
            usd_high: high,
            usd_at_report: at_report,
        });
    }
    let mut edges = Vec::new();
    for edge in &trace.edges {
        let transaction = edge.transaction.as_deref();
        let day = transaction.and_then(|id| times.get(id)).copied();
        let when = day.map(Period::from);
        let priced = sheet.priced(HOP, None, &edge.asset, &edge.amount, when)?;
        edges.push(EdgeValue {
            transaction: edge.transaction.clone(),
            asset: edge.asset.clone(),
            amount: edge.amount.clone(),
            day: day.map(|day| day.to_string()),
            usd: priced.map(|priced| priced.low.usd.to_string()),
        });
    }
    let mut endpoints = Vec::new();
    for end in &trace.endpoints {
        endpoints.push(endpoint(&mut sheet, end, report)?);
    }
    // Hops have no sum: the same money is in each of them again.
    let bases = [THEFT, CASH_OUT, REPORT, REPORT_ENDPOINTS];
    let asked = bases.iter().take(if report.is_some() { 4 } else { 2 });
    let totals = asked.map(|basis| sheet.total(basis));
    Ok(TraceValue {
        parameters: parameters(request),
        totals: totals.collect::<Result<Vec<Total>, Error>>()?,
        origins,
        edges,
        endpoints,
        unpriced: sheet.unpriced(),
        prices: sheet.used.into_iter().collect(),
        caveats: caveats(finding),
    })
}

fn endpoint(
    sheet: &mut Sheet<'_>,
    end: &Endpoint,
    report: Option<Period>,
) -> Result<EndpointValue, Error> {
    let time = end.time.as_deref().map(Timestamp::parse).transpose();
    let day = time.map_err(Error::new)?.map(Day::of);
    let kind = end.kind.name();
    let (asset, amount) = (&end.asset, &end.amount);
    let priced = sheet.priced(CASH_OUT, Some(kind), asset, amount, day.map(Period::from))?;
    let at_report = sheet.at_report(REPORT_ENDPOINTS, Some(kind), asset, amount, report)?;
    Ok(EndpointValue {
        kind,
        address: end.address.clone(),
        output: end.output.clone(),
        asset: asset.clone(),
        amount: amount.clone(),
        day: day.map(|day| day.to_string()),
        usd: priced.map(|priced| priced.low.usd.to_string()),
        usd_at_report: at_report,
    })
}

fn parameters(request: &Request) -> Parameters {
    let choice = &request.choice;
    Parameters {
        convention: choice.convention.map(|it| it.to_string()),
        price_source: choice.source.clone(),
        nearest: choice.nearest,
        theft_date: request.theft.map(|theft| theft.to_string()),
        report_date: request.report.map(|day| day.to_string()),
    }
}

fn caveats(finding: &Finding) -> Vec<Remark> {
    let mut caveats = Vec::new();
    if finding.trace.policy == "poison" {
        caveats.push(Remark::new(
            "poison",
            "under poison an amount is a reach: what it is worth is no sum of money, and does not add up",
        ));
    }
    if finding.trace.direction == "backward" {
        caveats.push(Remark::new(
            "backward",
            "the trace goes back: its origins are where it was asked from, and its endpoints where the money came from",
        ));
    }
    caveats
}

/// The day of every transaction of the trace.
fn times(finding: &Finding) -> Result<BTreeMap<&str, Day>, Error> {
    let mut times = BTreeMap::new();
    for row in &finding.trace.transactions {
        let time = Timestamp::parse(&row.time).map_err(Error::new)?;
        times.insert(row.transaction.as_str(), Day::of(time));
    }
    Ok(times)
}

/// When each origin was stolen, as well as that is known.
fn thefts(
    chains: &dyn Chains,
    case: Option<&Case>,
    finding: &Finding,
    times: &BTreeMap<&str, Day>,
    request: &Request,
) -> Result<Vec<Option<Period>>, Error> {
    let parameters = &finding.provenance.parameters;
    let chain: Chain = parameters.chain.parse().map_err(Error::new)?;
    let ids: Vec<Option<TransactionId>> = finding
        .trace
        .origins
        .iter()
        .map(|row| transaction(row, &chain))
        .collect();
    let is_known = |id: &TransactionId| times.contains_key(id.to_string().as_str());
    let opened =
        match ids.iter().flatten().any(|id| !is_known(id)) && chains.chains().contains(&chain) {
            true => Some(chains.open(&chain, &[])?),
            false => None,
        };
    let thefts = finding.trace.origins.iter().zip(ids).map(|(row, id)| {
        let of_chain = id.and_then(|id| {
            let known = times.get(id.to_string().as_str()).copied();
            known.or_else(|| day_of(opened.as_ref()?, &id))
        });
        let of_case = || incident_date(case?, row.incident.as_deref()?);
        of_chain
            .map(Period::from)
            .or_else(of_case)
            .or(request.theft)
    });
    Ok(thefts.collect())
}

/// The transaction that an origin names.
fn transaction(row: &OriginRow, chain: &Chain) -> Option<TransactionId> {
    match place::parse(&row.what, Some(chain), &[]).ok()?.place {
        OriginPlace::Output(id, _)
        | OriginPlace::Transaction(id)
        | OriginPlace::Transfer(id, _) => Some(id),
        OriginPlace::Address(_) => None,
    }
}

fn day_of(opened: &Opened, id: &TransactionId) -> Option<Day> {
    fn first(view: &impl ChainView, id: &TransactionId) -> Option<Day> {
        let tx = view.find_transaction(id).into_iter().next()?;
        Some(Day::of(view.time(tx)))
    }
    match opened {
        Opened::Utxo(view) => first(view, id),
        Opened::Accounts(view) => first(view, id),
        Opened::AccountColumns(view) => first(view, id),
    }
}

/// When the case says that an incident was, with the precision it says so: by the claim of most weight that dates it.
fn incident_date(case: &Case, incident: &str) -> Option<Period> {
    let claims = case.incident(incident);
    let dates = claims
        .iter()
        .filter_map(|(claim, _)| claim.marks.date.as_ref());
    dates.map(Period::from).next()
}
