//! From starting points as a user or a case writes them to origins on one chain.
//!
//! Two steps: before the chain is opened, texts become places and the transfers that only the case tells
//! become rows beside those of the data; once it is open, such a transfer is found among the legs of its
//! transaction, so that it claims that leg and no other.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::trace::result::Basis;
use whither_analysis::trace::{Origin, OriginPlace};
use whither_casework::claims::{Incident, OriginClaim, PlaceClaim, TransferClaim};
use whither_casework::{Case, Claim};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::memory::{RowKind, TableRow};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountView, Destination, HoldingIx, Leg, TxIx};

use crate::amount::smallest_units;
use crate::error::Error;
use crate::place::{self, Place};
use crate::question::{Chains, Opened, Question};

/// An origin with its chain.
pub(crate) struct Start {
    chain: Chain,
    origin: Origin,
    told: Option<Told>,
}

impl Start {
    /// The chain it is on.
    pub(crate) fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The incident that it is an origin of, where it is one.
    pub(crate) fn incident(&self) -> Option<&str> {
        self.origin.incident.as_deref()
    }
}

/// A transfer that the case tells.
struct Told {
    /// Which starting point of the question it came with: alike transfers of one incident are several,
    /// of two incidents the same.
    group: usize,
    /// The claim that tells it.
    claim: String,
    transaction: TransactionId,
    row: TableRow,
}

/// Reads the starting points of a question; they are at least one.
pub(crate) fn read(
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
    for (group, text) in question.from.iter().enumerate() {
        match text.strip_prefix("incident:") {
            Some(id) => {
                let (claim, incident) = incident(case, id)?;
                for origin in &incident.origins {
                    let start = of_claim(origin, (claim, id, group), question, &known);
                    starts.push(start.map_err(|error| in_claim(&claim.name(), &error))?);
                }
            }
            None => {
                let place = place::parse(text, question.chain.as_ref(), &known)?;
                starts.push(start(text, place, None, question));
            }
        }
    }
    Ok(starts)
}

/// The chain that all starting points are on.
pub(crate) fn one_chain(starts: &[Start]) -> Result<Chain, Error> {
    let chains: BTreeSet<&Chain> = starts.iter().map(|start| &start.chain).collect();
    let names: Vec<String> = chains.iter().map(ToString::to_string).collect();
    match chains.first() {
        Some(chain) if chains.len() == 1 => Ok((*chain).clone()),
        _ => Err(Error::new(format!(
            "the starting points are on several chains: {}",
            names.join(", ")
        ))
        .with_hint("trace one chain at a time")),
    }
}

/// The transfers that the case tells, as rows: alike ones as often as one incident tells them.
pub(crate) fn told_rows(starts: &[Start]) -> Vec<TableRow> {
    let mut told_by: BTreeMap<(Movement<'_>, usize), usize> = BTreeMap::new();
    let mut kept: BTreeMap<Movement<'_>, usize> = BTreeMap::new();
    let mut rows: Vec<TableRow> = Vec::new();
    for told in starts.iter().filter_map(|start| start.told.as_ref()) {
        let in_group = told_by.entry((movement(told), told.group)).or_insert(0);
        *in_group += 1;
        let kept = kept.entry(movement(told)).or_insert(0);
        if *kept < *in_group {
            *kept += 1;
            rows.push(told.row.clone());
        }
    }
    rows
}

/// The origins, as places of the opened chain.
pub(crate) fn origins(starts: Vec<Start>, opened: &Opened) -> Result<Vec<Origin>, Error> {
    let mut taken: BTreeSet<(usize, TxIx, u32)> = BTreeSet::new();
    let mut origins = Vec::new();
    for mut start in starts {
        start.origin.place = match (&start.told, opened) {
            (None, Opened::Utxo(view)) => place::settle(start.origin.place, view),
            (None, Opened::Accounts(view)) => place::settle(start.origin.place, view),
            (None, Opened::AccountColumns(view)) => place::settle(start.origin.place, view),
            (Some(told), Opened::Accounts(view)) => {
                leg(told, view, &mut taken).map_err(|error| in_claim(&told.claim, &error))?
            }
            (Some(told), Opened::AccountColumns(view)) => {
                leg(told, view, &mut taken).map_err(|error| in_claim(&told.claim, &error))?
            }
            (Some(told), Opened::Utxo(_)) => {
                return Err(in_claim(&told.claim, &no_transfers(&start.chain)));
            }
        };
        origins.push(start.origin);
    }
    Ok(origins)
}

/// A chain of outputs has no transfers that a case could tell.
pub(crate) fn no_transfers(chain: &Chain) -> Error {
    Error::new(format!(
        "the case tells a transfer on {chain}, where there are outputs"
    ))
    .with_hint("let the incident name the outputs: `txid:vout`")
}

fn in_claim(claim: &str, error: &Error) -> Error {
    Error::new(format!("claim {claim}: {error}")).with_hint_of(error.hint())
}

/// The claim that tells where the trace of an incident starts: of those that do, the one of most weight.
fn incident<'a>(case: Option<&'a Case>, id: &str) -> Result<(&'a Claim, &'a Incident), Error> {
    let case = case.ok_or_else(|| {
        Error::new(format!("incident:{id} needs a case"))
            .with_hint("name its directory with `--case DIR`, or go there")
    })?;
    let claims = case.incident(id);
    if claims.is_empty() {
        return Err(Error::new(format!("the case has no incident {id:?}"))
            .with_hint("`whither show` lists what the case says"));
    }
    let mut told = claims
        .into_iter()
        .filter(|(_, incident)| !incident.origins.is_empty());
    told.next().ok_or_else(|| {
        Error::new(format!("incident {id:?} names no origin"))
            .with_hint("a trace starts at its `origins`: outputs, transfers or addresses")
    })
}

fn start(what: &str, place: Place, incident: Option<&str>, question: &Question) -> Start {
    let basis = if incident.is_some() {
        Basis::Claim
    } else {
        Basis::Fact
    };
    let origin = Origin {
        what: what.to_owned(),
        place: place.place,
        incident: incident.map(ToOwned::to_owned),
        asset: None,
        height: place.height,
        limit: question.amount,
        basis,
        carried: None,
    };
    Start {
        chain: place.chain,
        origin,
        told: None,
    }
}

fn of_claim(
    origin: &OriginClaim,
    (claim, incident, group): (&Claim, &str, usize),
    question: &Question,
    known: &[Chain],
) -> Result<Start, Error> {
    match origin {
        OriginClaim::Place(PlaceClaim { from, .. }) => {
            let place = place::parse(from, question.chain.as_ref(), known)?;
            if matches!(place.place, OriginPlace::Address(_))
                && place::split_chain(from).0.is_none()
            {
                return Err(place::needs_chain(from));
            }
            Ok(start(from, place, Some(incident), question))
        }
        OriginClaim::Transfer(transfer) => {
            of_transfer(transfer, (claim, incident, group), question)
        }
    }
}

fn of_transfer(
    transfer: &TransferClaim,
    (claim, incident, group): (&Claim, &str, usize),
    question: &Question,
) -> Result<Start, Error> {
    let chain: Chain = transfer.chain.parse().map_err(Error::new)?;
    let id = TransactionId::parse(&chain, &transfer.transaction).map_err(Error::new)?;
    let asset: Asset = transfer.asset.parse().map_err(Error::new)?;
    let row = TableRow {
        transaction: Some(id.clone()),
        height: transfer.height,
        index: None,
        time: Timestamp::parse(&transfer.time).map_err(Error::new)?,
        log_index: None,
        kind: RowKind::Transfer,
        from: Address::parse(&chain, &transfer.from).map_err(Error::new)?,
        to: Address::parse(&chain, &transfer.to).map_err(Error::new)?,
        asset: asset.clone(),
        amount: smallest_units(&transfer.amount).map_err(Error::new)?,
    };
    let origin = Origin {
        what: transfer.transaction.clone(),
        // Until the chain is open, and the leg is found.
        place: OriginPlace::Transaction(id.clone()),
        incident: Some(incident.to_owned()),
        asset: Some(asset),
        height: None,
        limit: question.amount,
        basis: Basis::Claim,
        carried: None,
    };
    let told = Told {
        group,
        claim: claim.name(),
        transaction: id,
        row,
    };
    Ok(Start {
        chain,
        origin,
        told: Some(told),
    })
}

/// What makes two told transfers the same movement, whatever they say of its time.
type Movement<'a> = (&'a TransactionId, &'a Address, &'a Address, &'a Asset, U256);

fn movement(told: &Told) -> Movement<'_> {
    let row = &told.row;
    (
        &told.transaction,
        &row.from,
        &row.to,
        &row.asset,
        row.amount,
    )
}

/// The first leg that a told transfer names and that none of its incident has taken before.
fn leg(
    told: &Told,
    view: &impl AccountView,
    taken: &mut BTreeSet<(usize, TxIx, u32)>,
) -> Result<OriginPlace, Error> {
    let row = &told.row;
    for tx in view.find_transaction(&told.transaction) {
        let found = (0..)
            .zip(view.legs(tx))
            .find(|(at, leg)| is_told(leg, row, view) && !taken.contains(&(told.group, tx, *at)));
        let Some((at, leg)) = found else { continue };
        let mut named = (0..)
            .zip(view.legs(tx))
            .filter(|(_, other)| other.number == leg.number && other.to != Destination::Fee);
        if named.next().map(|(place, _)| place) != Some(at) {
            return Err(Error::new(format!(
                "its transfer and another of transaction {} share the number {}",
                told.transaction, leg.number
            ))
            .with_hint("bring the transfer in with the data, with its log index"));
        }
        taken.insert((told.group, tx, at));
        return Ok(OriginPlace::Transfer(told.transaction.clone(), leg.number));
    }
    let (from, to) = (row.from.display(view.chain()), row.to.display(view.chain()));
    Err(Error::new(format!(
        "transaction {} moves no {} of {} from {from} to {to}",
        told.transaction, row.amount, row.asset
    ))
    .with_hint(
        "`whither show <transaction>` lists what it moves; a transfer to oneself moves nothing",
    ))
}

/// Whether a leg moves what the row tells, between those it names.
fn is_told(leg: &Leg, row: &TableRow, view: &impl AccountView) -> bool {
    let owner = |holding: HoldingIx| view.address(view.holding(holding).0);
    let is_from = leg
        .from
        .map_or(row.from.is_zero_account(), |from| *owner(from) == row.from);
    let is_to = match leg.to {
        Destination::Holding(to) => *owner(to) == row.to,
        Destination::Burn => row.to.is_zero_account(),
        Destination::Fee => false,
    };
    is_from && is_to && *view.asset(leg.asset) == row.asset && leg.amount == row.amount
}
