//! What looks like a service: much comes from many and goes to many, or deposit addresses empty into it.
//!
//! A wallet that is only busy is not enough: a miner is paid ten thousand times by one pool. Two shapes count, with a
//! limit N that the asker names:
//!
//! - `busy`: more than N debits and credits; more than N / 4 different addresses pay it, and it pays more than N / 4; and
//!   of what came at least nine tenths went on (of each asset, or of its outputs).
//! - `fan-in`: addresses that were paid by others and pay nobody but this one, at least N / 10 (and three) of them, by
//!   as many different payers; on chains of accounts, by half as many (and three) with whom the money begins. That is how deposit addresses and a hot wallet
//!   stand to each other; who spreads his money over many addresses and gathers it again pays them all himself. Who
//!   passes on what one gave stands there for that one ([`beginning`]): over no more than two payees, and not for ever.
//!
//! Fails for small services, for private wallets of heavy traders, and for contracts that many use. It is an inference,
//! and stops a trace only when asked; an address can be let through by name. Measured in `docs/methods/stops.md`.

mod accounts;
mod beginning;
mod outputs;

use std::collections::BTreeSet;

use whither_ledger::view::AddressIx;

pub use accounts::of_account;
pub use outputs::of_owner;

/// What an address looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Looks {
    /// Much comes from many and goes to many.
    Busy,
    /// Addresses that pay nobody else empty into it.
    FanIn,
}

impl Looks {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::FanIn => "fan-in",
        }
    }
}

/// How many movements are looked at, as a multiple of the limit: the answer is known by then, and an address of a
/// hundred million movements costs no more than another.
const LOOKED_AT: usize = 8;

/// Who pays into a deposit address is not asked of addresses that have more movements than this.
const DEPOSIT_POSTINGS_MAX: usize = 64;

/// Those on the other side.
#[derive(Debug, Default)]
struct Others {
    payers: BTreeSet<AddressIx>,
    payees: BTreeSet<AddressIx>,
}

impl Others {
    /// Whether there are enough of them on both sides.
    fn are_many(&self, limit: usize) -> bool {
        self.payers.len() > limit / 4 && self.payees.len() > limit / 4
    }
}

/// Whether among addresses, each with who pays it, are enough that somebody pays, by enough different payers: two customers
/// may have their money from one hand.
fn is_fan_in(
    limit: usize,
    payers_of: usize,
    paid_by: impl Iterator<Item = BTreeSet<AddressIx>>,
) -> bool {
    let (mut count, mut payers) = (0, BTreeSet::new());
    for by in paid_by.filter(|by| !by.is_empty()) {
        count += 1;
        payers.extend(by);
        if count >= (limit / 10).max(3) && payers.len() >= (limit / payers_of).max(3) {
            return true;
        }
    }
    false
}
