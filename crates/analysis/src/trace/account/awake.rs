//! A holding while taint is in it, and how a policy takes from it.

use std::collections::VecDeque;

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;

use super::reach::resize;
use crate::trace::bounds::Node;
use crate::trace::collect::Arrival;
use crate::trace::kernel;
use crate::trace::policy::Policy;
use crate::trace::taint::{self, Piece, Pieces};

/// A holding from its first tainted moment on, or a till.
#[derive(Default)]
pub(super) struct Awake {
    /// Segments, oldest first; under poison one per origin, each the whole balance.
    pub(super) pieces: VecDeque<Piece<U256>>,
    pub(super) balance: U256,
    pub(super) arrival: Arrival,
    pub(super) node: Option<Node>,
}

impl Awake {
    /// Appends what came in.
    pub(super) fn add(&mut self, policy: Policy, payment: &Pieces<U256>, amount: U256) {
        self.balance = self.balance.plus(amount);
        match policy {
            Policy::Poison => {
                let both = self.pieces.iter().chain(payment).copied();
                self.pieces = resize(&both.collect::<Pieces<_>>(), self.balance).into();
            }
            Policy::Haircut => taint::pour(&mut self.pieces, payment),
            Policy::Fifo | Policy::Lifo | Policy::Tiho => {
                taint::append(&mut self.pieces, payment);
            }
        }
    }

    /// Keeps in mind how taint came: the last transaction, the shortest way.
    pub(super) fn arrive(&mut self, arrival: &Arrival) {
        self.arrival.hops = match self.arrival.tx {
            Some(_) => self.arrival.hops.min(arrival.hops),
            None => arrival.hops,
        };
        self.arrival.tx = arrival.tx.or(self.arrival.tx);
    }
}

/// Takes a payment by a policy; the balance is that of afterwards.
pub(super) fn apply(policy: Policy, awake: &mut Awake, amount: U256) -> Pieces<U256> {
    match policy {
        Policy::Poison => {
            let payment = resize(awake.pieces.make_contiguous(), amount);
            awake.pieces = resize(&payment, awake.balance).into();
            payment
        }
        // Only what moves is touched: a busy holding has many segments.
        Policy::Fifo => kernel::take_oldest(&mut awake.pieces, amount),
        Policy::Lifo => kernel::take_newest(&mut awake.pieces, amount),
        Policy::Haircut | Policy::Tiho => {
            let mut split = kernel::Split::default();
            split.split(policy, awake.pieces.make_contiguous(), &[amount]);
            awake.pieces = split.rest().to_vec().into();
            split.credit(0).to_vec()
        }
    }
}
