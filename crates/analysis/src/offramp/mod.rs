//! Off-ramps: where the money of a trace is now, and who could keep it there.
//!
//! A trace ends at places; whoever answers a theft asks which of them to call first. So each end is told once more with what
//! a call needs: through which deposit address it came (claimed, or found by how it is swept, [`crate::deposit`]), when and
//! by which transactions, whether it is still there as far as the data tells, and who can freeze it: the service that has it,
//! the issuer of the token, or nobody. An end at a service is divided by the deposit addresses that paid it, since a service
//! knows its customers by these.
//!
//! Whether money is still there is said only of places that nothing moves, or that were emptied; of a pool, which gives
//! back other coins than it took, it is not known. When it fails: a service that nobody names is an address like others; a
//! private address that its owner empties into an exchange looks like the exchange's own; an issuer may not answer. Measured
//! in `docs/methods/offramps.md`.

mod arrivals;
mod cash_out;
pub mod issuer;
pub mod otc;
mod places;
mod rank;
mod surround;
mod why;

use whither_ledger::U256;

pub use arrivals::{Arrival, Index};
pub use cash_out::{CashOut, by_day, cash_outs};
pub use places::{of_accounts, of_outputs, services};
pub use rank::{Class, Size, class, order};

use crate::trace::result::{Basis, Bound, EndpointKind, OriginShare};

/// A place where money of a trace is, or was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// How the trace ends there.
    pub kind: EndpointKind,
    /// CAIP-2.
    pub chain: String,
    /// Whose address, where it has one.
    pub address: Option<String>,
    /// The output, on a chain of outputs.
    pub output: Option<String>,
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: U256,
    /// The least that any value-conserving policy could say.
    pub min: U256,
    /// The most.
    pub max: U256,
    /// Whether these two are as narrow as can be.
    pub bound: Bound,
    /// The amount per origin; empty where an end was divided.
    pub origins: Vec<OriginShare>,
    /// The customer's address, through which it came or where it lies.
    pub deposit: Option<DepositSeen>,
    /// Who has it.
    pub entity: Option<Holder>,
    /// The movements that brought it, in the order of the trace.
    pub arrivals: Vec<Arrival>,
    /// When the last of it arrived.
    pub arrived: Option<String>,
    /// Whether it is still there, as far as the data tells.
    pub still_there: Option<bool>,
    /// Who can freeze it.
    pub freezers: Vec<Freezer>,
    /// Transactions from the nearest origin.
    pub hops: u32,
    /// The claim that the end rests on.
    pub claim: Option<String>,
    /// Further claims that it rests on.
    pub claims: Vec<String>,
    /// Why all this is said, in sentences.
    pub why: Vec<String>,
}

/// An address that is one customer's of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositSeen {
    /// The address.
    pub address: String,
    /// `Claim`, or `Inference` by its sweeps.
    pub basis: Basis,
    /// The claim.
    pub claim: Option<String>,
    /// By the rule's formula, in millionths; none of a claim.
    pub confidence_millionths: Option<u64>,
    /// Sweeps that the rule matched.
    pub sweeps: usize,
}

/// Who is behind a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// Its name, as the claim has it (hostile text).
    pub name: String,
    /// Exchange, mixer, bridge, …
    pub category: String,
    /// The claim.
    pub claim: String,
    /// Whether the claim is on this place, or a rule leads from it to the one that is claimed.
    pub basis: Basis,
}

/// Somebody who can freeze money at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freezer {
    /// Its name (of a service: as the claim has it, hostile text).
    pub who: String,
    /// As what.
    pub how: How,
    /// On whose word.
    pub claim: Option<String>,
}

/// As what somebody can freeze.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It holds the money for a customer.
    Service,
    /// It issued the token, and its contract blocks addresses.
    Issuer,
}

impl How {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Issuer => "issuer",
        }
    }
}

/// Whether a category is of services that hold money for customers, so that they can keep it. A contract that anybody may
/// use keeps nothing back.
#[must_use]
pub fn holds_for_customers(category: &str) -> bool {
    const CONTRACTS: &[&str] = &[
        "dex",
        "swap",
        "router",
        "aggregator",
        "contract",
        "protocol",
        "lending",
        "airdrop",
        "faucet",
        "mixer",
        "mixing_service",
        "coinjoin",
        "bridge",
    ];
    !category.starts_with("defi") && !CONTRACTS.contains(&category)
}
