//! Where the money of a trace is now, and who can freeze it (`whither.offramps/1`).
//!
//! The trace is computed on the store and the case as they are: a saved trace gives its question, not its answer, since
//! whoever asks where money is now does not ask where it was. What the case says of requests to freeze stands beside each
//! place; with the case's claims, what is frozen or came back is a place of its own.

mod lane;
mod notice;
mod price;
mod rows;

use std::collections::BTreeMap;

use whither_analysis::offramp::{Arrival, How, Position, Size, cash_outs, class, order};
use whither_analysis::trace::Direction;
use whither_analysis::trace::result::{Caveat, ClaimRow, Totals};
use whither_casework::claims::Finding as FindingClaim;
use whither_casework::{Case, freezes};
use whither_ledger::U256;
use whither_ledger::time::Timestamp;
use whither_ledger::view::{ChainView, TxIx};

pub use notice::{Notice, Written, notices, write_notices};
pub use rows::{
    ArrivalRow, AssetAmount, BaseRateRow, BrokerRow, CashOutRow, DayRow, DepositRow, FeatureRow,
    FreezerRow, Offramps, OfframpsParameters, OfframpsProvenance, PatternRow, PositionRow,
    PriceRow, RequestState, SmallRow, UnpricedRow,
};

use crate::error::Error;
use crate::freeze;
use crate::prices::{Book, Choice};
use crate::question::{Chains, Finding, Opened, Question, answer_opened};
use crate::saved::question_of;

use price::{Desk, Value};

/// A question for off-ramps.
#[derive(Clone, Debug)]
pub struct OfframpsQuestion {
    /// The trace.
    pub trace: Question,
    /// The time that ages are counted to; the last of the data, where none is given.
    pub at: Option<Timestamp>,
    /// Which prices.
    pub choice: Choice,
}

/// The question of a trace that the case keeps under a name.
///
/// # Errors
/// Where the case keeps none of that name, or what it keeps is no trace.
pub fn saved_question(case: &Case, name: &str) -> Result<Question, Error> {
    let named = whither_casework::findings::named(case, name);
    let finding: Option<&FindingClaim> = named.last().map(|(_, finding)| *finding);
    let finding = finding.ok_or_else(|| {
        Error::new(format!("the case has no finding {name:?}"))
            .with_hint("`whither evidence list --kind finding` lists those it has; `whither trace … --save NAME` keeps one")
    })?;
    match finding.command.as_str() {
        "trace" | "offramps" => question_of(&finding.parameters),
        other => Err(Error::new(format!(
            "the finding {name:?} is of `{other}`, and no trace"
        ))
        .with_hint("name one that `whither trace … --save NAME` kept")),
    }
}

/// Answers a question for off-ramps.
///
/// # Errors
/// As a trace; and where the trace goes backward, or follows everything that is reached instead of sums.
pub fn answer(
    chains: &dyn Chains,
    case: Option<&Case>,
    book: &Book,
    question: &OfframpsQuestion,
) -> Result<Offramps, Error> {
    check(&question.trace)?;
    let (finding, lanes) = answer_opened(chains, case, &question.trace)?;
    let (mut positions, mut brokers, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
    for lane in &lanes {
        let here = lane::read(lane, &finding.trace);
        positions.extend(here.positions);
        brokers.extend(here.brokers);
        patterns.extend(here.patterns);
    }
    let last = lanes
        .iter()
        .filter_map(|lane| last_time(&lane.opened))
        .max();
    let as_of = question.at.or(last);
    let mut desk = Desk::new(book, &question.choice);
    // Over all positions: many small ones of one entity are a sum that somebody asks for.
    let cash_outs = desk.cash_outs(cash_outs(&positions))?;
    let mut sized = Vec::new();
    let mut small: BTreeMap<String, SmallRow> = BTreeMap::new();
    for position in positions {
        let share_millionths = share(&finding.trace.totals, &position);
        // Dust that others sent keeps a trace of taint alive in every account that it lies in: nobody calls for that.
        if share_millionths == 0 {
            fold(&mut small, &position);
            continue;
        }
        let value = desk.value(&position)?;
        let size = Size {
            cents: value.least.as_deref().and_then(price::cents),
            share_millionths,
        };
        sized.push((position, size, value));
    }
    sized.sort_by(|a, b| order((&a.0, a.1), (&b.0, b.1)));
    let requests = Requests::of(case);
    let positions = (1..).zip(sized);
    let positions = positions.map(|(rank, (position, size, value))| {
        let request = requests.about(&position);
        row(position, (rank, size, as_of), value, request)
    });
    let positions: Vec<PositionRow> = positions.collect();
    let unpriced = desk.unpriced();
    Ok(Offramps {
        schema: "whither.offramps/1",
        policy: finding.trace.policy,
        data_until: last.map(|time| time.to_string()),
        as_of: as_of.map(|time| time.to_string()),
        origins: finding.trace.origins.clone(),
        claims: carried(&finding),
        caveats: caveats(&finding, &unpriced, (&positions, as_of)),
        positions,
        cash_outs,
        otc: brokers,
        patterns,
        small: small.into_values().collect(),
        totals: finding.trace.totals.clone(),
        unpriced,
        provenance: provenance(finding, book, question),
    })
}

/// Whether a trace can say where money is.
fn check(question: &Question) -> Result<(), Error> {
    if question.direction == Direction::Backward {
        return Err(
            Error::new("a trace backward ends where money came from, and not where it is")
                .with_hint("leave `--backward` out"),
        );
    }
    if question.policy == whither_analysis::trace::Policy::Poison {
        return Err(
            Error::new("poison is a reach and no sum: nobody can be asked to freeze it")
                .with_hint("`--policy haircut` or `fifo` give sums"),
        );
    }
    Ok(())
}

/// Adds a position to those that are too small to call for.
fn fold(small: &mut BTreeMap<String, SmallRow>, position: &Position) {
    let row = small
        .entry(position.asset.clone())
        .or_insert_with(|| SmallRow {
            asset: position.asset.clone(),
            positions: 0,
            amount: "0".to_owned(),
        });
    row.positions += 1;
    let sum = row.amount.parse::<U256>().unwrap_or(U256::ZERO);
    row.amount = sum.saturating_add(position.amount).to_string();
}

/// The time of the last transaction of a chain.
fn last_time(opened: &Opened) -> Option<Timestamp> {
    fn last(view: &impl ChainView) -> Option<Timestamp> {
        let count = view.transaction_count().checked_sub(1)?;
        Some(view.time(TxIx::of(count)))
    }
    match opened {
        Opened::Utxo(view) => last(view),
        Opened::Accounts(view) => last(view),
        Opened::AccountColumns(view) => last(view),
    }
}

/// Millionths of all that came into the trace of a position's asset, rounded down.
fn share(totals: &[Totals], position: &Position) -> u64 {
    let number = |text: &str| text.parse::<U256>().unwrap_or(U256::ZERO);
    let Some(row) = totals.iter().find(|row| row.asset == position.asset) else {
        return 0;
    };
    let all = number(&row.origin).saturating_add(number(&row.converted_in));
    let scaled = position.amount.checked_mul(U256::from(1_000_000));
    let share = match scaled {
        Some(scaled) => scaled.checked_div(all),
        None => position
            .amount
            .checked_div((all / U256::from(1_000_000)).max(U256::from(1))),
    };
    share
        .and_then(|share| u64::try_from(share).ok())
        .unwrap_or(0)
}

/// A share in per cent, with four decimals.
fn percent(millionths: u64) -> String {
    format!("{}.{:04}", millionths / 10_000, millionths % 10_000)
}

/// Requests to freeze, by where.
struct Requests(BTreeMap<(String, String), RequestState>);

impl Requests {
    fn of(case: Option<&Case>) -> Self {
        let mut found: BTreeMap<(String, String), RequestState> = BTreeMap::new();
        for request in case.map(freezes::requests).unwrap_or_default() {
            let Some((claim, said)) = request.last() else {
                continue;
            };
            let Ok((_, place)) = freeze::check_place(&said.place) else {
                continue;
            };
            let state = RequestState {
                request: request.request.clone(),
                state: said.state.word(),
                since: said.at.to_string(),
                claim: claim.name(),
            };
            let known = found
                .entry((place, said.asset.to_string()))
                .or_insert_with(|| state.clone());
            // Of several about one place the one that something happened to last.
            if known.since < state.since {
                *known = state;
            }
        }
        Self(found)
    }

    fn about(&self, position: &Position) -> Option<RequestState> {
        let deposit = position.deposit.as_ref().map(|seen| &seen.address);
        let places = deposit
            .into_iter()
            .chain(&position.output)
            .chain(&position.address);
        let mut found =
            places.filter_map(|place| self.0.get(&(place.clone(), position.asset.clone())));
        found.next().cloned()
    }
}

fn row(
    position: Position,
    (rank, size, as_of): (usize, Size, Option<Timestamp>),
    value: Value,
    request: Option<RequestState>,
) -> PositionRow {
    let class = class(&position).name();
    let arrived = position
        .arrived
        .as_deref()
        .and_then(|time| Timestamp::parse(time).ok());
    let age = as_of.zip(arrived);
    let age = age.and_then(|(now, then)| u64::try_from(now.seconds() - then.seconds()).ok());
    let freezers: Vec<FreezerRow> = position.freezers.iter().map(freezer).collect();
    PositionRow {
        rank,
        class,
        kind: position.kind.name(),
        chain: position.chain,
        entity: position.entity.as_ref().map(|holder| holder.name.clone()),
        category: position
            .entity
            .as_ref()
            .map(|holder| holder.category.clone()),
        entity_claim: position.entity.as_ref().map(|holder| holder.claim.clone()),
        address: position.address,
        output: position.output,
        deposit: position.deposit.map(|seen| DepositRow {
            address: seen.address,
            basis: seen.basis,
            claim: seen.claim,
            confidence: seen
                .confidence_millionths
                .map(|it| format!("{}.{:06}", it / 1_000_000, it % 1_000_000)),
            sweeps: seen.sweeps,
        }),
        asset: position.asset,
        amount: position.amount.to_string(),
        min: position.min.to_string(),
        max: position.max.to_string(),
        bound: position.bound,
        share: percent(size.share_millionths),
        usd: value.usd,
        no_usd: value.why,
        price: value.price,
        days: value.days,
        arrived: position.arrived,
        age,
        still_there: position.still_there,
        freezable_by: freezers.first().map(told),
        freezers,
        request,
        transactions: position.arrivals.into_iter().map(arrival).collect(),
        hops: position.hops,
        origins: position.origins,
        claim: position.claim,
        claims: position.claims,
        why: position.why,
    }
}

fn freezer(of: &whither_analysis::offramp::Freezer) -> FreezerRow {
    FreezerRow {
        who: of.who.clone(),
        how: of.how.name(),
        claim: of.claim.clone(),
    }
}

/// Who can freeze, in a word.
fn told(freezer: &FreezerRow) -> String {
    match freezer.how == How::Issuer.name() {
        true => format!("{} (issuer)", freezer.who),
        false => freezer.who.clone(),
    }
}

fn arrival(of: Arrival) -> ArrivalRow {
    ArrivalRow {
        transaction: of.transaction,
        time: of.time,
        from: of.from,
        amount: of.amount.to_string(),
    }
}

/// The claims that carried the trace on: who keeps the list must see which it rests on, wherever the money ended.
fn carried(finding: &Finding) -> Option<Vec<ClaimRow>> {
    let rows = finding.trace.claims.as_ref()?;
    let carried = rows.iter().filter(|row| row.carried != "0");
    Some(carried.cloned().collect())
}

fn caveats(
    finding: &Finding,
    unpriced: &[UnpricedRow],
    (positions, as_of): (&[PositionRow], Option<Timestamp>),
) -> Vec<Caveat> {
    let mut caveats = finding.trace.caveats.clone();
    let time = |row: &PositionRow| Timestamp::parse(row.arrived.as_deref()?).ok();
    let later = positions
        .iter()
        .filter(|row| as_of.zip(time(row)).is_some_and(|(at, time)| time > at));
    let later = later.count();
    if let Some(at) = as_of.filter(|_| later > 0) {
        let what = format!(
            "ages are counted to {at}, and {later} of the positions arrived only after that: they are listed, without an age"
        );
        caveats.push(Caveat::general("arrived-after", what));
    }
    if !unpriced.is_empty() {
        let what =
            "positions without a price stand behind those that have one, whatever they are worth";
        caveats.push(Caveat::general("unpriced", what));
    }
    caveats.sort();
    caveats
}

fn provenance(finding: Finding, book: &Book, question: &OfframpsQuestion) -> OfframpsProvenance {
    let assets = finding
        .trace
        .totals
        .iter()
        .map(|row| row.asset.clone())
        .collect();
    let from = finding.provenance;
    OfframpsProvenance {
        store: from.store,
        stores: from.stores,
        case: from.case,
        parameters: OfframpsParameters {
            trace: from.parameters,
            at: question.at.map(|at| at.to_string()),
            convention: question
                .choice
                .convention
                .map(crate::prices::Convention::name),
            nearest: question.choice.nearest.to_string(),
            prices: crate::prices::files_of(book, &assets, question.choice.convention),
        },
        version: from.version,
    }
}
