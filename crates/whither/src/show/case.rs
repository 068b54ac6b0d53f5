//! What the case says: names of addresses, incidents, and all of it in short.

use std::collections::BTreeMap;

use serde::Serialize;
use whither_casework::{Case, Claim, ClaimBody, OriginClaim, ServiceClaim};
use whither_ledger::address::{Account, Address, parse_account};
use whither_ledger::chain::Chain;

use super::AddressPage;
use crate::error::Error;

/// A claim on whose an address is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelRow {
    /// CAIP-10, where the claim's text leaves no doubt; otherwise that text.
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
            let Some((said, mut row)) = label(claim) else {
                continue;
            };
            let account = parse_account(&said.address, Some(chain)).map_err(|error| {
                Error::new(format!("claim {}: {error}", claim.id)).with_hint_of(error.hint())
            })?;
            if account.chain == *chain {
                row.account = account.to_string();
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

/// The row of a claim on an address, with the account as it is written.
fn label(claim: &Claim) -> Option<(&ServiceClaim, LabelRow)> {
    let (says, said) = match &claim.body {
        ClaimBody::Service(said) => ("service", said),
        ClaimBody::Deposit(said) => ("deposit", said),
        ClaimBody::Label(said) => ("label", said),
        ClaimBody::Incident(_) => return None,
    };
    let row = LabelRow {
        account: parse_account(&said.address, None)
            .map_or_else(|_| said.address.clone(), |account| account.to_string()),
        name: said.name.clone(),
        category: said.category.clone(),
        says,
        claim: claim.id.clone(),
        source: claim.source.clone(),
        reference: claim.reference.clone(),
        confidence: claim.confidence.clone(),
        handling: claim.handling.clone(),
    };
    Some((said, row))
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
    let labels = case.claims().iter().filter_map(label);
    Ok(CasePage {
        revision: case.revision().to_owned(),
        incidents: incidents.collect(),
        labels: labels.map(|(_, row)| row).collect(),
    })
}
