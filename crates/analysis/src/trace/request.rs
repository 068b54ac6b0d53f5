//! What a trace is asked: origins, policy, direction, and where to stop.
//!
//! Claims (who is a service, whose deposit address this is) come in here as values, each with the id
//! of its claim. They are never facts: every endpoint that rests on one says so.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use super::policy::{Direction, Policy};
use super::render::origin_name;
use super::result::{Basis, EndpointKind};
use super::taint::OriginIx;

/// Where a trace starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginPlace {
    /// One output.
    Output(TransactionId, u32),
    /// All outputs, or all transfers, of a transaction.
    Transaction(TransactionId),
    /// One transfer, by log index or by its place among the rows of its transaction.
    Transfer(TransactionId, u32),
    /// All an address holds at the window's start, receives in it, and sends beyond what receipts explain.
    Address(Address),
}

/// One origin of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// As it was asked for: `txid:vout`, an address, …
    pub what: String,
    /// Where it starts.
    pub place: OriginPlace,
    /// The incident it belongs to.
    pub incident: Option<String>,
    /// Only this asset, of an address or a transaction that has several.
    pub asset: Option<Asset>,
    /// The block that tells transactions of one id apart (BIP 30).
    pub height: Option<u32>,
    /// Only so much of it, first in, first out.
    pub limit: Option<U256>,
    /// Whether the chain shows it or the case says it.
    pub basis: Basis,
    /// Set where no user asked for it, and a claim carries a trace on to here.
    pub carried: Option<Carried>,
}

/// What makes an origin of a place where a claim carries a trace on ([`super::continuation`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The claim.
    pub claim: String,
    /// When the money came to where the claim begins. Of an address only what it receives from then on counts:
    /// what it held before cannot be that money.
    pub since: Option<Timestamp>,
}

/// The window within which an address as origin counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub before: Option<Timestamp>,
}

impl Window {
    /// Whether a time is within the window.
    #[must_use]
    pub fn holds(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| time >= since)
            && self.before.is_none_or(|before| time < before)
    }

    /// Whether some time is within both windows.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let ends_first = |one: &Self, other: &Self| {
            let ends = one.before.zip(other.since);
            ends.is_some_and(|(before, since)| before <= since)
        };
        !ends_first(self, other) && !ends_first(other, self)
    }

    /// What of this window another leaves free: nothing, one window or two.
    #[must_use]
    pub fn without(self, other: Self) -> Vec<Self> {
        if !self.meets(&other) {
            return vec![self];
        }
        // Where one begins before the other, and where it ends after it: a side that is open reaches as far as can be.
        let earlier = other
            .since
            .filter(|since| self.since.is_none_or(|own| own < *since));
        let later = other
            .before
            .filter(|before| self.before.is_none_or(|own| own > *before));
        let earlier = earlier.map(|since| Self {
            before: Some(since),
            ..self
        });
        let later = later.map(|before| Self {
            since: Some(before),
            ..self
        });
        earlier.into_iter().chain(later).collect()
    }
}

/// A claim that an address belongs to somebody through whom tracing is meaningless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownService {
    /// `Service`, `Mixer` or `Bridge`.
    pub kind: EndpointKind,
    /// Its name.
    pub name: String,
    /// Who the service is, however its claims call it: what is compared.
    pub identity: String,
    /// Exchange, mixer, bridge, …
    pub category: String,
    /// The claim's id.
    pub claim: String,
    /// When it is in force: for what is paid then.
    pub valid: Window,
}

/// A claim that an address belongs to one customer of a service and forwards to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDeposit {
    /// The service's name.
    pub name: String,
    /// Who the service is, however its claims call it: what is compared.
    pub identity: String,
    /// Exchange, …
    pub category: String,
    /// The claim's id.
    pub claim: String,
    /// When it is in force: for what it pays then.
    pub valid: Window,
}

/// What the case says of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knowledge {
    /// Where tracing stops. Of several claims about an address the first that is in force counts.
    pub services: BTreeMap<Address, Vec<KnownService>>,
    /// Where it goes on, and remembers.
    pub deposits: BTreeMap<Address, Vec<KnownDeposit>>,
}

impl Knowledge {
    /// Whose service an address is at a time.
    #[must_use]
    pub fn service(&self, address: &Address, at: Timestamp) -> Option<&KnownService> {
        let claims = self.services.get(address)?;
        claims.iter().find(|service| service.valid.holds(at))
    }

    /// Of which service's customer an address is at a time.
    #[must_use]
    pub fn deposit(&self, address: &Address, at: Timestamp) -> Option<&KnownDeposit> {
        let claims = self.deposits.get(address)?;
        claims.iter().find(|deposit| deposit.valid.holds(at))
    }
}

/// Where a trace stops before its natural end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stops {
    /// At what the case says is a service, mixer or bridge.
    pub services: bool,
    /// At transactions that look like a CoinJoin.
    pub coinjoin: bool,
    /// At addresses with more postings than this.
    pub degree: Option<usize>,
    /// At addresses that look like a service, with this limit ([`crate::shape`]).
    pub shape: Option<usize>,
    /// Addresses, as their chain writes them, that neither degree nor shape stops: somebody looked, and they are none.
    pub pass: BTreeSet<String>,
    /// Where less than this many smallest units would go on.
    pub dust: Option<U256>,
    /// After so many transactions.
    pub depth: Option<u32>,
    /// Before transactions at or after this time (backward: before this time).
    pub time: Option<Timestamp>,
}

impl Default for Stops {
    fn default() -> Self {
        Self {
            services: true,
            ..Self::none()
        }
    }
}

impl Stops {
    /// No stop at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            services: false,
            coinjoin: false,
            degree: None,
            shape: None,
            pass: BTreeSet::new(),
            dust: None,
            depth: None,
            time: None,
        }
    }
}

/// A trace to be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where it starts, in the order that settles collisions.
    pub origins: Vec<Origin>,
    /// How taint splits.
    pub policy: Policy,
    /// Whereto or wherefrom.
    pub direction: Direction,
    /// The window of address origins.
    pub window: Window,
    /// Where to stop.
    pub stops: Stops,
    /// What the case says.
    pub knowledge: Knowledge,
    /// How much of each asset claims may bring in beyond what the origins name: with other policies more may
    /// come to where they begin. Where there is any, bounds are loose.
    pub may_enter: BTreeMap<Asset, U256>,
}

impl Request {
    /// Whether an address as origin claims what comes in at a time.
    #[must_use]
    pub(super) fn counts(&self, origin: &Origin, time: Timestamp) -> bool {
        match &origin.carried {
            Some(carried) => carried.since.is_none_or(|since| time >= since),
            None => self.window.holds(time),
        }
    }

    /// An origin in the words of a caveat.
    #[must_use]
    pub(super) fn name(&self, origin_ix: OriginIx) -> String {
        let place = usize::try_from(origin_ix.0).expect("an origin's number fits memory");
        match &self.origins[place].carried {
            Some(carried) => format!("the continuation by claim {}", carried.claim),
            None => origin_name(origin_ix),
        }
    }
}

/// Why a trace cannot be computed.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceError {
    /// TIHO orders outputs by value, which does not run backward.
    #[error("tiho has no backward direction")]
    TihoBackward,
    /// Claims say where money went on, not where it came from.
    #[error("claims carry a trace onward, and this one goes backward")]
    OnwardBackward,
    /// A part of several places, backward: which part came first is only known forward.
    #[error("{what}: a part of several outputs or transfers has no backward direction")]
    LimitBackward {
        /// As it was asked for.
        what: String,
    },
    /// A part of an origin that has several assets: a part of which?
    #[error("{what} has {assets} assets, and an amount is of one")]
    LimitOfSeveralAssets {
        /// As it was asked for.
        what: String,
        /// How many.
        assets: usize,
    },
    /// The origin does not occur in the data.
    #[error("{what} is not in the store")]
    UnknownOrigin {
        /// As it was asked for.
        what: String,
    },
    /// The transaction has no such output.
    #[error("{what}: the transaction has {outputs} outputs, counted from 0")]
    NoSuchOutput {
        /// As it was asked for.
        what: String,
        /// How many it has.
        outputs: u64,
    },
    /// The transaction has no such transfer.
    #[error("{what}: the transaction has no transfer of that number; it has {numbers:?}")]
    NoSuchTransfer {
        /// As it was asked for.
        what: String,
        /// Those it has.
        numbers: Vec<u32>,
    },
    /// A transaction id that stands for several transactions (BIP 30).
    #[error("{what} stands for {count} transactions of one id")]
    AmbiguousTransaction {
        /// As it was asked for.
        what: String,
        /// How many.
        count: usize,
    },
    /// The origin names a kind of place that this chain does not have.
    #[error("{what} is not a place on {chain}: {why}")]
    WrongKind {
        /// As it was asked for.
        what: String,
        /// CAIP-2.
        chain: String,
        /// What there is instead.
        why: &'static str,
    },
    /// The origin is there and holds nothing within the window.
    #[error("{what} holds, receives and sends nothing in the window asked for")]
    NothingToTrace {
        /// As it was asked for.
        what: String,
    },
}

impl TraceError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::TihoBackward => {
                Some("fifo and lifo are exact in both directions: add `--policy fifo`")
            }
            Self::OnwardBackward => Some("leave `--claims` out"),
            Self::LimitBackward { .. } | Self::LimitOfSeveralAssets { .. } => {
                Some("name one output or transfer: `txid:vout`, `txid#n`")
            }
            Self::UnknownOrigin { .. } => Some(
                "`whither status` tells which chains and blocks the store holds; `whither ingest` adds more",
            ),
            Self::NoSuchOutput { .. } | Self::NoSuchTransfer { .. } => {
                Some("`whither show <transaction>` lists what it has")
            }
            Self::AmbiguousTransaction { .. } => Some("name the block: `txid:vout@height`"),
            Self::WrongKind { .. } => None,
            Self::NothingToTrace { .. } => Some("widen `--since` and `--before`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_window_leaves_free_of_another_is_told_day_by_day() {
        let time = |second: i64| Timestamp::from_seconds(second).expect("a time");
        let window = |since: Option<i64>, before: Option<i64>| Window {
            since: since.map(time),
            before: before.map(time),
        };
        let bounds = [None, Some(2), Some(5), Some(8)];
        for (a, b) in bounds.iter().flat_map(|a| bounds.map(|b| (*a, b))) {
            for (c, d) in bounds.iter().flat_map(|c| bounds.map(|d| (*c, d))) {
                let empty = |from: Option<i64>, to: Option<i64>| {
                    from.zip(to).is_some_and(|(from, to)| from >= to)
                };
                if empty(a, b) || empty(c, d) {
                    continue;
                }
                let (one, other) = (window(a, b), window(c, d));
                let free = one.without(other);
                assert!(free.len() <= 2);
                for second in 0..10 {
                    let at = time(second);
                    let left = free.iter().filter(|part| part.holds(at)).count();
                    let expected = one.holds(at) && !other.holds(at);
                    assert_eq!(left, usize::from(expected), "{one:?} without {other:?}");
                }
            }
        }
    }
}
