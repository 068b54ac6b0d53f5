//! What the case says of addresses, as the tracer takes it.

use whither_analysis::trace::result::EndpointKind;
use whither_analysis::trace::{Knowledge, KnownDeposit, KnownService};
use whither_casework::{Case, ClaimBody, ServiceClaim};
use whither_ledger::address::{Address, parse_account};
use whither_ledger::chain::Chain;

use crate::error::Error;

/// A claim on an address: whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name, as the claim has it.
    pub name: String,
    /// What kind.
    pub category: String,
    /// The claim.
    pub claim: String,
    /// Who says so.
    pub source: String,
}

/// Services and deposit addresses of one chain.
///
/// # Errors
/// Where a claim's address is none.
pub fn knowledge(case: &Case, chain: &Chain) -> Result<Knowledge, Error> {
    let mut knowledge = Knowledge::default();
    for claim in case.claims() {
        match &claim.body {
            ClaimBody::Service(service) => {
                if let Some(address) = address(&claim.id, service, chain)? {
                    let known = KnownService {
                        kind: kind(&service.category),
                        name: service.name.clone(),
                        category: service.category.clone(),
                        claim: claim.id.clone(),
                    };
                    knowledge.services.entry(address).or_insert(known);
                }
            }
            ClaimBody::Deposit(deposit) => {
                if let Some(address) = address(&claim.id, deposit, chain)? {
                    let known = KnownDeposit {
                        name: deposit.name.clone(),
                        category: deposit.category.clone(),
                        claim: claim.id.clone(),
                    };
                    knowledge.deposits.entry(address).or_insert(known);
                }
            }
            ClaimBody::Label(_) | ClaimBody::Incident(_) => {}
        }
    }
    Ok(knowledge)
}

/// Every name the case gives to addresses of one chain.
///
/// # Errors
/// Where a claim's address is none.
pub fn names(case: &Case, chain: &Chain) -> Result<Vec<(Address, Named)>, Error> {
    let mut names = Vec::new();
    for claim in case.claims() {
        let (ClaimBody::Service(label) | ClaimBody::Deposit(label) | ClaimBody::Label(label)) =
            &claim.body
        else {
            continue;
        };
        if let Some(address) = address(&claim.id, label, chain)? {
            let named = Named {
                name: label.name.clone(),
                category: label.category.clone(),
                claim: claim.id.clone(),
                source: claim.source.clone(),
            };
            names.push((address, named));
        }
    }
    Ok(names)
}

fn address(claim: &str, service: &ServiceClaim, chain: &Chain) -> Result<Option<Address>, Error> {
    let account = parse_account(&service.address, Some(chain)).map_err(|error| {
        Error::new(format!("claim {claim}: {error}")).with_hint_of(error.hint())
    })?;
    Ok((account.chain == *chain).then_some(account.address))
}

fn kind(category: &str) -> EndpointKind {
    match category {
        "mixer" => EndpointKind::Mixer,
        "bridge" => EndpointKind::Bridge,
        _ => EndpointKind::Service,
    }
}
