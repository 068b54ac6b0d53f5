//! As what an address is claimed: a service, an address of a service's customer, or a name and nothing more.
//!
//! A wrong service hides where money went. So it is told by what a row says of category, abuse and confidence; and where
//! a row names the kind itself, that holds from the same level on, and below it only if whoever imports says so. Below
//! it the row comes in as a name, which hides nothing.
//!
//! Not here: what a service or a deposit does to a trace.

use super::row::{Why, cut};
use super::{Defaults, Level};
use crate::claims::{AddressClaim, Body};

/// As what an address is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Service,
    Deposit,
    Label,
}

impl Role {
    /// In a word.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Deposit => "deposit",
            Self::Label => "label",
        }
    }

    /// Reads the word; none where nothing is said.
    pub(super) fn read(text: &str) -> Result<Option<Self>, Why> {
        match text.trim() {
            "" => Ok(None),
            "service" => Ok(Some(Self::Service)),
            "deposit" => Ok(Some(Self::Deposit)),
            "label" => Ok(Some(Self::Label)),
            other => {
                let why = format!("`kind` {:?} is none of service, deposit, label", cut(other));
                Err(("kind", why))
            }
        }
    }

    /// What a claim says of which address, if it is of these kinds.
    pub(super) fn of(body: &Body) -> Option<(Self, &AddressClaim)> {
        match body {
            Body::Service(claim) => Some((Self::Service, claim)),
            Body::Deposit(claim) => Some((Self::Deposit, claim)),
            Body::Label(claim) => Some((Self::Label, claim)),
            _ => None,
        }
    }

    /// What a row comes to that does not name its kind.
    pub(super) fn told_by(claim: &AddressClaim, services_from: u8) -> Self {
        // An address that a theft was made with is its thief's, whatever service it was stolen from.
        if is_sure(claim, services_from) && claim.abuse.is_none() && pools(claim) {
            Self::Service
        } else {
            Self::Label
        }
    }

    /// What a row comes in as; and what it calls itself, where that was not believed.
    pub(super) fn decided(
        named: Option<Self>,
        claim: &AddressClaim,
        defaults: &Defaults,
    ) -> (Self, Option<Self>) {
        let from = defaults.services_from;
        match named {
            None => (Self::told_by(claim, from), None),
            Some(named) if named == Self::Label || defaults.kinds || is_sure(claim, from) => {
                (named, None)
            }
            Some(named) => (Self::Label, Some(named)),
        }
    }

    /// The claim, of this kind.
    pub(super) fn body(self, claim: AddressClaim) -> Body {
        match self {
            Self::Service => Body::Service(claim),
            Self::Deposit => Body::Deposit(claim),
            Self::Label => Body::Label(claim),
        }
    }
}

fn is_sure(claim: &AddressClaim, services_from: u8) -> bool {
    claim.level.map_or(0, Level::number) >= services_from
}

/// Categories and concepts of those who pool their customers' funds: who follows money through them follows somebody
/// else's.
const POOLS: &[&str] = &[
    "atm",
    "bridge",
    "coinjoin",
    "custodial_wallet",
    "defi_bridge",
    "exchange",
    "gambling",
    "hosted_wallet",
    "market",
    "mixer",
    "mixing_service",
    "payment_processor",
    "wallet_service",
];

fn pools(claim: &AddressClaim) -> bool {
    let mut words = claim.concepts.iter().chain([&claim.category]);
    words.any(|word| POOLS.contains(&word.as_str()))
}
