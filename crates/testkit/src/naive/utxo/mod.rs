//! The naive reference for chains of outputs: a literal walk over every transaction.
//!
//! [`trace`] gives the endpoints, [`run`] also what each origin claimed, so that conservation (law 13) can be
//! checked. Transactions are taken in the order of the list: a reference to a later output is treated as one to an
//! output outside the chain. Two transactions of one id (BIP 30) are not told apart here.

mod backward;
mod forward;
#[cfg(test)]
mod tests;

use super::{Direction, Kind, Policy};
use std::collections::{BTreeMap, BTreeSet};

/// A chain, in chain order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NaiveChain {
    /// The blocks, lowest first.
    pub blocks: Vec<NaiveBlock>,
    /// Addresses where a forward trace stops. A backward trace does not look at them (law 15).
    pub services: BTreeSet<String>,
}

/// One block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NaiveBlock {
    /// The transactions in block order, the coinbase first.
    pub transactions: Vec<NaiveTransaction>,
}

/// One transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NaiveTransaction {
    /// Its id, as people write it.
    pub txid: String,
    /// Whether it is the block's coinbase; a coinbase has no inputs here.
    pub coinbase: bool,
    /// The outputs it spends: (txid, output index).
    pub inputs: Vec<(String, u32)>,
    /// The outputs it makes.
    pub outputs: Vec<NaiveOutput>,
}

impl NaiveTransaction {
    /// The name `txid:vout` of one of its outputs.
    #[must_use]
    pub fn output_name(&self, index: usize) -> String {
        format!("{}:{index}", self.txid)
    }
}

/// One output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NaiveOutput {
    /// Its value in the smallest unit.
    pub value: u128,
    /// Its address, where it has one.
    pub address: Option<String>,
}

/// Where a trace starts (law 1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// One output, `txid:vout`.
    Output(String),
    /// All outputs of a transaction.
    Transaction(String),
    /// All that an address receives.
    Address(String),
}

impl Origin {
    /// Whether this origin names that output.
    fn names(&self, transaction: &NaiveTransaction, index: usize) -> bool {
        match self {
            Self::Output(name) => *name == transaction.output_name(index),
            Self::Transaction(txid) => *txid == transaction.txid,
            Self::Address(address) => transaction.outputs[index].address.as_ref() == Some(address),
        }
    }
}

/// Where a trace ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Why it ends.
    pub kind: Kind,
    /// The output `txid:vout` where it ends; for a fee the transaction that paid it.
    pub place: String,
    /// The origin, by its index in the list that was given.
    pub label: usize,
    /// How much, never zero.
    pub amount: u128,
}

/// The answer to a trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// What each origin claimed, in the order given; what an earlier claim holds is not in it.
    pub claimed: Vec<u128>,
    /// The endpoints, sorted; one for each kind, place and label.
    pub endpoints: Vec<Endpoint>,
}

/// The endpoints of a trace, sorted.
///
/// # Panics
/// As [`run`].
#[must_use]
pub fn trace(
    chain: &NaiveChain,
    origins: &[Origin],
    policy: Policy,
    direction: Direction,
) -> Vec<Endpoint> {
    run(chain, origins, policy, direction).endpoints
}

/// A trace with what each origin claimed.
///
/// # Panics
/// For TIHO backward, which does not exist (law 15), and for a chain that spends more than it has.
#[must_use]
pub fn run(chain: &NaiveChain, origins: &[Origin], policy: Policy, direction: Direction) -> Trace {
    let mut ledger = Ledger::new(origins.len());
    match (direction, policy) {
        (Direction::Forward, _) => forward::run(chain, origins, policy, &mut ledger),
        (Direction::Backward, Policy::Fifo | Policy::Lifo) => {
            backward::coins(chain, origins, policy, &mut ledger);
        }
        (Direction::Backward, Policy::Haircut) => backward::haircut(chain, origins, &mut ledger),
        (Direction::Backward, Policy::Poison) => backward::poison(chain, origins, &mut ledger),
        (Direction::Backward, Policy::Tiho) => panic!("TIHO has no backward"),
    }
    ledger.finish()
}

/// What a walk writes down as it goes: claims and endpoints.
#[derive(Debug)]
struct Ledger {
    claimed: Vec<u128>,
    endpoints: BTreeMap<(Kind, String, usize), u128>,
}

impl Ledger {
    fn new(origins: usize) -> Self {
        Self {
            claimed: vec![0; origins],
            endpoints: BTreeMap::new(),
        }
    }

    /// Several endpoints of one kind, place and label are one; none is zero.
    fn end(&mut self, kind: Kind, place: &str, label: usize, amount: u128) {
        if amount > 0 {
            let key = (kind, place.to_owned(), label);
            *self.endpoints.entry(key).or_default() += amount;
        }
    }

    fn end_all(&mut self, kind: Kind, place: &str, taint: &BTreeMap<usize, u128>) {
        for (label, amount) in taint {
            self.end(kind, place, *label, *amount);
        }
    }

    fn finish(self) -> Trace {
        let endpoint = |((kind, place, label), amount)| Endpoint {
            kind,
            place,
            label,
            amount,
        };
        Trace {
            claimed: self.claimed,
            endpoints: self.endpoints.into_iter().map(endpoint).collect(),
        }
    }
}

/// The name `txid:vout` of an output that is spent.
fn spent_name(input: &(String, u32)) -> String {
    format!("{}:{}", input.0, input.1)
}
