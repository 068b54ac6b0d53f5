//! In which order to call: who can still do something comes first, and among these the largest sum.

use std::cmp::Ordering;

use super::Position;
use crate::trace::result::EndpointKind;

/// What can be done about a position, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Somebody is known who can freeze it.
    Freezable,
    /// Somebody has it whose name is to be found out, or who runs a bridge.
    Ask,
    /// It lies there, and nobody can freeze it.
    Watch,
    /// It was last seen there: the data ends, or the trace was asked to stop and nothing tells whether it left.
    LastSeen,
    /// It went where nobody gives it back: a mixer, a contract, or on, beyond where the trace was asked to stop.
    Gone,
    /// It is frozen, or came back.
    Done,
}

impl Class {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Freezable => "freezable",
            Self::Ask => "ask",
            Self::Watch => "watch",
            Self::LastSeen => "last-seen",
            Self::Gone => "gone",
            Self::Done => "done",
        }
    }
}

/// What can be done about a position.
#[must_use]
pub fn class(position: &Position) -> Class {
    match position.kind {
        EndpointKind::Frozen | EndpointKind::Recovered => Class::Done,
        _ if !position.freezers.is_empty() => Class::Freezable,
        EndpointKind::Bridge | EndpointKind::Degree => Class::Ask,
        EndpointKind::Held | EndpointKind::Unspent => Class::Watch,
        EndpointKind::Horizon | EndpointKind::Unresolved => Class::LastSeen,
        EndpointKind::Depth | EndpointKind::Dust | EndpointKind::Time
            if position.still_there != Some(false) =>
        {
            Class::LastSeen
        }
        _ => Class::Gone,
    }
}

/// What positions are ordered by, beside their class: what each is worth where that is known, and its share of what was
/// followed of its asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// US cents.
    pub cents: Option<u128>,
    /// Millionths of all that came into the trace of this asset.
    pub share_millionths: u64,
}

/// The order of two positions: class, dollars (what has no price after what has one), share, the latest arrival, place.
#[must_use]
pub fn order((a, a_size): (&Position, Size), (b, b_size): (&Position, Size)) -> Ordering {
    let money = match (a_size.cents, b_size.cents) {
        (Some(one), Some(other)) => other.cmp(&one),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    class(a)
        .cmp(&class(b))
        .then(money)
        .then(b_size.share_millionths.cmp(&a_size.share_millionths))
        .then_with(|| b.arrived.cmp(&a.arrived))
        .then_with(|| {
            let place = |of: &Position| {
                let deposit = of.deposit.as_ref().map(|seen| seen.address.clone());
                (
                    of.chain.clone(),
                    of.asset.clone(),
                    of.address.clone(),
                    of.output.clone(),
                    deposit,
                    of.kind,
                )
            };
            place(a).cmp(&place(b))
        })
}
