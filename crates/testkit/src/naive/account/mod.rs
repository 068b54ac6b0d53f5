//! The naive reference for chains of accounts: a literal walk over every leg of every transaction.
//!
//! [`trace`] gives the endpoints, [`run`] also what each origin claimed, so that conservation (law 13) can be
//! checked. Transactions and legs are taken in the order of the lists; for sources that do not order the legs of a
//! transaction [`canonical_leg_order`] does. Legs that do not move money (law 9: failed calls, delegate calls) are
//! not to be put in at all; self-transfers and zeros may.

mod backward;
mod exchange;
mod forward;
mod movement;
mod order;
#[cfg(test)]
mod tests;

pub use order::canonical_leg_order;

use super::{Direction, Kind, Policy};
use std::collections::{BTreeMap, BTreeSet};

/// The zero address: nobody (law 10).
pub const ZERO_ADDRESS: &str = "0x0000000000000000000000000000000000000000";

/// All the transfers there are, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NaiveTable {
    /// The transactions in chain order (law 5).
    pub transactions: Vec<NaiveTransaction>,
    /// Addresses where a forward trace stops. A backward trace does not look at them (law 15).
    pub services: BTreeSet<String>,
}

/// One transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NaiveTransaction {
    /// Its id.
    pub txid: String,
    /// The height of its block. The reference goes by the place in the list, not by this.
    pub height: u64,
    /// Its time in seconds since 1970. The reference goes by the place in the list, not by this.
    pub time: u64,
    /// The gas, where it is known.
    pub fee: Option<Fee>,
    /// The transfers, in order.
    pub legs: Vec<Leg>,
    /// Whether that order is not the chain's own: then poison reaches over the whole transaction (law 5).
    pub unordered: bool,
}

/// What a transaction costs: the payer's first debit (law 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// Who pays.
    pub payer: String,
    /// In what, the chain's native asset.
    pub asset: String,
    /// How much.
    pub amount: u128,
}

/// One transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// The number by which the source names it within its transaction.
    pub index: usize,
    /// What moves.
    pub asset: String,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// How much.
    pub amount: u128,
}

/// Where a trace starts (law 1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// One transfer of a transaction, by its number.
    Transfer {
        /// The transaction.
        txid: String,
        /// The leg's `index`.
        index: usize,
    },
    /// All transfers of a transaction; not its gas.
    Transaction(String),
    /// All that an address has at the beginning and receives, in every asset.
    Address(String),
}

/// Where a trace ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Why it ends.
    pub kind: Kind,
    /// The address where it ends; for a fee the transaction, for burn and mint the zero address.
    pub place: String,
    /// The asset.
    pub asset: String,
    /// The origin, by its index in the list that was given.
    pub label: usize,
    /// How much, never zero.
    pub amount: u128,
}

/// The answer to a trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// What each origin claimed of each asset: (index of the origin, asset) to amount, without zeros.
    pub claimed: BTreeMap<(usize, String), u128>,
    /// What came by conversion into each asset, and what left it: (index of the origin, asset) to both, without those
    /// that are zero. Empty under poison.
    pub converted: BTreeMap<(usize, String), (u128, u128)>,
    /// The endpoints, sorted; one for each kind, place, asset and label.
    pub endpoints: Vec<Endpoint>,
}

/// An unexplained beginning (law 6).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opening {
    /// Whose.
    pub address: String,
    /// Of what.
    pub asset: String,
    /// The least amount that keeps the balance from falling below zero; never zero here.
    pub amount: u128,
}

/// The endpoints of a trace, sorted.
///
/// # Panics
/// As [`run`].
#[must_use]
pub fn trace(
    table: &NaiveTable,
    origins: &[Origin],
    policy: Policy,
    direction: Direction,
) -> Vec<Endpoint> {
    run(table, origins, policy, direction).endpoints
}

/// A trace with what each origin claimed.
///
/// # Panics
/// For TIHO backward, which does not exist (law 15).
#[must_use]
pub fn run(table: &NaiveTable, origins: &[Origin], policy: Policy, direction: Direction) -> Trace {
    let mut ledger = Ledger::default();
    match (direction, policy) {
        (Direction::Forward, _) => forward::run(table, origins, policy, &mut ledger),
        (Direction::Backward, Policy::Fifo | Policy::Lifo) => {
            backward::coins(table, origins, policy, &mut ledger);
        }
        (Direction::Backward, Policy::Haircut) => backward::haircut(table, origins, &mut ledger),
        (Direction::Backward, Policy::Poison) => backward::poison(table, origins, &mut ledger),
        (Direction::Backward, Policy::Tiho) => panic!("TIHO has no backward"),
    }
    ledger.finish()
}

/// Every unexplained beginning of a table, sorted.
#[must_use]
pub fn openings(table: &NaiveTable) -> Vec<Opening> {
    let opening = |((address, asset), amount)| Opening {
        address,
        asset,
        amount,
    };
    let openings = movement::openings(&movement::all(table));
    openings.into_iter().map(opening).collect()
}

/// A step of a transaction in which somebody exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The movement of this number.
    Move(usize),
    /// The crossing of the deal of this number.
    Cross(usize),
}

/// What a walk writes down as it goes: claims and endpoints.
#[derive(Debug, Default)]
struct Ledger {
    converted: BTreeMap<(usize, String), (u128, u128)>,
    claimed: BTreeMap<(usize, String), u128>,
    endpoints: BTreeMap<(Kind, String, String, usize), u128>,
}

impl Ledger {
    fn claim(&mut self, label: usize, asset: &str, amount: u128) {
        if amount > 0 {
            *self.claimed.entry((label, asset.to_owned())).or_default() += amount;
        }
    }

    /// Several endpoints of one kind, place, asset and label are one; none is zero.
    fn end(&mut self, kind: Kind, place: &str, asset: &str, label: usize, amount: u128) {
        if amount > 0 {
            let key = (kind, place.to_owned(), asset.to_owned(), label);
            *self.endpoints.entry(key).or_default() += amount;
        }
    }

    fn end_all(&mut self, kind: Kind, place: &str, asset: &str, taint: &BTreeMap<usize, u128>) {
        for (label, amount) in taint {
            self.end(kind, place, asset, *label, *amount);
        }
    }

    fn finish(self) -> Trace {
        let endpoint = |((kind, place, asset, label), amount)| Endpoint {
            kind,
            place,
            asset,
            label,
            amount,
        };
        Trace {
            claimed: self.claimed,
            converted: self.converted,
            endpoints: self.endpoints.into_iter().map(endpoint).collect(),
        }
    }
}
