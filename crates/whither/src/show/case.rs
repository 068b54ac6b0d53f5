//! What the case says: names of addresses, incidents, and all of it in short.

use std::collections::BTreeMap;

use serde::Serialize;
use whither_casework::claims::OriginClaim;
use whither_casework::plain::{Case, Claim, ClaimBody};
use whither_ledger::address::{Account, Address};
use whither_ledger::chain::Chain;

use super::AddressPage;
use crate::error::Error;
use crate::knowledge;

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
    /// Who says so.
    pub source: String,
    /// Where that can be read.
    pub reference: Option<String>,
    /// Admiralty grade.
    pub confidence: String,
    /// TLP mark.
    pub handling: String,
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentPage {
    /// Its id in the case.
    pub incident: String,
    /// In a few words.
    pub title: String,
    /// When, as precisely as is known.
    pub date: String,
    /// From whom.
    pub victim: String,
    /// Where its trace starts.
    pub origins: Vec<OriginClaim>,
    /// Who says so.
    pub source: String,
    /// Where that can be read.
    pub reference: Option<String>,
    /// Admiralty grade.
    pub confidence: String,
    /// TLP mark.
    pub handling: String,
    /// When it was recorded.
    pub recorded: String,
    /// Who recorded it.
    pub author: String,
}

/// An incident in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentRow {
    /// Its id in the case.
    pub incident: String,
    /// In a few words.
    pub title: String,
    /// When, as precisely as is known.
    pub date: String,
    /// From whom.
    pub victim: String,
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
            labels,
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
    let account = knowledge::account(&claim.id, said)?;
    let row = LabelRow {
        account: account.to_string(),
        name: said.name.clone(),
        category: said.category.clone(),
        says: says.name(),
        claim: claim.id.clone(),
        source: claim.source.clone(),
        reference: claim.reference.clone(),
        confidence: claim.confidence.clone(),
        handling: claim.handling.clone(),
    };
    Ok(Some((account, row)))
}

fn needed(case: Option<&Case>) -> Result<&Case, Error> {
    case.ok_or_else(|| {
        Error::new("no case is open").with_hint("name its directory with `--case DIR`, or go there")
    })
}

pub(super) fn incident_page(case: Option<&Case>, id: &str) -> Result<IncidentPage, Error> {
    let (claim, incident) = needed(case)?.incident(id).ok_or_else(|| {
        Error::new(format!("the case has no incident {id:?}"))
            .with_hint("`whither show` lists what the case says")
    })?;
    Ok(IncidentPage {
        incident: claim.id.clone(),
        title: incident.title.clone(),
        date: incident.date.clone(),
        victim: incident.victim.clone(),
        origins: incident.origins.clone(),
        source: claim.source.clone(),
        reference: claim.reference.clone(),
        confidence: claim.confidence.clone(),
        handling: claim.handling.clone(),
        recorded: claim.time.clone(),
        author: claim.author.clone(),
    })
}

pub(super) fn case_page(case: Option<&Case>) -> Result<CasePage, Error> {
    let case = needed(case)?;
    let incidents = case.claims().iter().filter_map(|claim| match &claim.body {
        ClaimBody::Incident(incident) => Some(IncidentRow {
            incident: claim.id.clone(),
            title: incident.title.clone(),
            date: incident.date.clone(),
            victim: incident.victim.clone(),
        }),
        ClaimBody::Service(_) | ClaimBody::Deposit(_) | ClaimBody::Label(_) => None,
    });
    let mut labels = Vec::new();
    for claim in case.claims() {
        labels.extend(label(claim)?.map(|(_, row)| row));
    }
    Ok(CasePage {
        revision: case.revision().to_owned(),
        incidents: incidents.collect(),
        labels,
    })
}
