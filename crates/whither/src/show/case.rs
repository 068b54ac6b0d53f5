//! What the case says: names of addresses, incidents, and all of it in short.

use std::collections::BTreeMap;

use serde::Serialize;
use whither_casework::claims::{Incident, OriginClaim};
use whither_casework::{Case, Claim};
use whither_ledger::address::{Account, Address};
use whither_ledger::chain::Chain;

use super::AddressPage;
use crate::error::Error;
use crate::incidents::{self, IncidentSheet};
use crate::knowledge;
use crate::related::PathsRows;

/// Who says a claim, how far it is believed, and how it may be shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MarkFields {
    /// Who says so.
    pub source: Option<String>,
    /// Where that can be read.
    pub reference: Option<String>,
    /// Admiralty grade.
    pub confidence: Option<String>,
    /// TLP mark.
    pub handling: Option<String>,
}

/// A claim on whose an address is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelRow {
    /// CAIP-10.
    pub account: String,
    /// Its name, as the claim has it (hostile text).
    pub name: String,
    /// Exchange, mixer, bridge, …
    pub category: String,
    /// `service` (a trace ends there), `deposit` (of a service's customer) or `label`.
    pub says: &'static str,
    /// The claim.
    pub claim: String,
    /// Who says so, and how far it is believed and shared.
    #[serde(flatten)]
    pub marks: MarkFields,
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentPage {
    /// Its id in the case.
    pub incident: String,
    /// The claim that counts, of those about it.
    pub claim: String,
    /// The others.
    pub other_claims: Vec<String>,
    /// In a few words.
    pub title: Option<String>,
    /// When, as precisely as is known.
    pub date: Option<String>,
    /// From whom.
    pub victim: Option<String>,
    /// Where its trace starts.
    pub origins: Vec<OriginClaim>,
    /// Who says so, and how far it is believed and shared.
    #[serde(flatten)]
    pub marks: MarkFields,
    /// When it was recorded.
    pub recorded: String,
    /// Who recorded it.
    pub author: String,
    /// All that is said of it, each value with its claims, as `whither incident show` tells it.
    pub sheet: IncidentSheet,
}

/// An incident in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentRow {
    /// Its id in the case.
    pub incident: String,
    /// In a few words.
    pub title: Option<String>,
    /// When, as precisely as is known.
    pub date: Option<String>,
    /// From whom.
    pub victim: Option<String>,
}

impl MarkFields {
    fn of(claim: &Claim) -> Self {
        let marks = &claim.marks;
        Self {
            source: marks.source.clone(),
            reference: marks.reference.clone(),
            confidence: marks.confidence.map(|mark| mark.to_string()),
            handling: marks.handling.map(|mark| mark.to_string()),
        }
    }
}

impl IncidentRow {
    fn of(claim: &Claim, incident: &Incident) -> Self {
        Self {
            incident: incident.incident.to_string(),
            title: incident.title.clone(),
            date: claim.marks.date.as_ref().map(ToString::to_string),
            victim: incident.victim.clone(),
        }
    }
}

/// All that the case says, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CasePage {
    /// The state of the case.
    pub revision: String,
    /// Its incidents.
    pub incidents: Vec<IncidentRow>,
    /// Its claims on addresses.
    pub labels: Vec<LabelRow>,
}

impl AddressPage {
    /// An address of which no movement is known.
    pub(super) fn unseen(chain: &Chain, address: &Address, labels: Vec<LabelRow>) -> Self {
        Self {
            chain: chain.to_string(),
            address: address.display(chain),
            account: Account {
                chain: chain.clone(),
                address: address.clone(),
            }
            .to_string(),
            postings: 0,
            first: None,
            last: None,
            holdings: Vec::new(),
            outputs: Vec::new(),
            movements: Vec::new(),
            token: None,
            labels,
            relations: Vec::new(),
            listed: PathsRows::default(),
        }
    }
}

/// Claims on the addresses of one chain.
#[derive(Debug, Default)]
pub(super) struct Labels(BTreeMap<Address, Vec<LabelRow>>);

impl Labels {
    pub(super) fn of(case: Option<&Case>, chain: &Chain) -> Result<Self, Error> {
        let mut labels: BTreeMap<Address, Vec<LabelRow>> = BTreeMap::new();
        for claim in case.map(Case::claims).unwrap_or_default() {
            let Some((account, row)) = label(claim)? else {
                continue;
            };
            if account.chain == *chain {
                labels.entry(account.address).or_default().push(row);
            }
        }
        Ok(Self(labels))
    }

    /// What the case says of an address, in the order of its log.
    pub(super) fn all(&self, address: &Address) -> Vec<LabelRow> {
        self.0.get(address).cloned().unwrap_or_default()
    }

    /// What the case calls an address, by its first claim.
    pub(super) fn name(&self, address: &Address) -> Option<String> {
        Some(self.0.get(address)?.first()?.name.clone())
    }
}

/// The account that a claim is about, and the claim's row.
fn label(claim: &Claim) -> Result<Option<(Account, LabelRow)>, Error> {
    let Some((says, said)) = knowledge::said(claim) else {
        return Ok(None);
    };
    let account = knowledge::account(claim, said)?;
    let row = LabelRow {
        account: account.to_string(),
        name: said.name.clone(),
        category: said.category.clone(),
        says: says.name(),
        claim: claim.name(),
        marks: MarkFields::of(claim),
    };
    Ok(Some((account, row)))
}

pub(super) fn needed(case: Option<&Case>) -> Result<&Case, Error> {
    case.ok_or_else(|| {
        Error::new("no case is open").with_hint("name its directory with `--case DIR`, or go there")
    })
}

pub(super) fn incident_page(case: Option<&Case>, id: &str) -> Result<IncidentPage, Error> {
    let case = needed(case)?;
    let claims = case.incident(id);
    let [(claim, incident), others @ ..] = &claims[..] else {
        // What was lost may be told of an incident that no claim of its own describes.
        return Err(if incidents::show(case, id).is_ok() {
            Error::new(format!("no claim of kind `incident` describes {id:?}")).with_hint(format!(
                "`whither incident show {id}` tells what other claims say of it"
            ))
        } else {
            Error::new(format!("the case has no incident {id:?}"))
                .with_hint("`whither show` lists what the case says")
        });
    };
    let row = IncidentRow::of(claim, incident);
    Ok(IncidentPage {
        incident: row.incident,
        claim: claim.name(),
        other_claims: others.iter().map(|(claim, _)| claim.name()).collect(),
        title: row.title,
        date: row.date,
        victim: row.victim,
        origins: incident.origins.clone(),
        marks: MarkFields::of(claim),
        recorded: claim.time.to_string(),
        author: claim.author.to_string(),
        sheet: incidents::show(case, id)?,
    })
}

pub(super) fn case_page(case: Option<&Case>) -> Result<CasePage, Error> {
    let case = needed(case)?;
    let incidents = case
        .incidents()
        .map(|(claim, incident)| IncidentRow::of(claim, incident));
    let mut labels = Vec::new();
    for claim in case.claims() {
        labels.extend(label(claim)?.map(|(_, row)| row));
    }
    Ok(CasePage {
        revision: case.revision(),
        incidents: incidents.collect(),
        labels,
    })
}
