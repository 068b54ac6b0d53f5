//! Money with labels on it, and how a policy takes part of it (laws 2, 3, 4 and 8).
//!
//! Used forward only. An amount of money is a list of segments; under poison it is an amount and the labels that
//! reach it. Which money moves where is said elsewhere.

use super::pieces::{self, Piece};
use super::{Policy, share};
use std::collections::{BTreeMap, BTreeSet};

/// What a segment carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// Known not to come from an origin.
    Clean,
    /// An account's unexplained opening balance (law 6): not tainted, and not clean either.
    Unknown,
    /// From the origin with this index.
    Origin(usize),
}

/// An amount of one label.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    label: Label,
    amount: u128,
}

impl Segment {
    fn is_tainted(&self) -> bool {
        matches!(self.label, Label::Origin(_))
    }
}

impl Piece for Segment {
    fn amount(&self) -> u128 {
        self.amount
    }

    fn cut(&self, amount: u128) -> (Self, Self) {
        let mut front = self.clone();
        let mut rest = self.clone();
        front.amount = amount;
        rest.amount -= amount;
        (front, rest)
    }

    fn turned(&self) -> Self {
        self.clone()
    }
}

/// Some money under one policy.
#[derive(Debug, Clone)]
pub(super) enum Money {
    /// FIFO, LIFO, TIHO and haircut: segments in the order they arrived, none of them empty.
    Segments(Vec<Segment>),
    /// Poison: an amount, and the labels that reach all of it.
    Reached {
        /// The whole amount, tainted or not.
        amount: u128,
        /// The origins that reach it.
        labels: BTreeSet<usize>,
    },
}

impl Money {
    /// An amount of one label.
    pub(super) fn new(policy: Policy, label: Label, amount: u128) -> Self {
        if policy == Policy::Poison {
            let labels = match label {
                Label::Origin(origin) if amount > 0 => BTreeSet::from([origin]),
                _ => BTreeSet::new(),
            };
            return Self::Reached { amount, labels };
        }
        if amount == 0 {
            return Self::Segments(Vec::new());
        }
        Self::Segments(vec![Segment { label, amount }])
    }

    /// No money.
    pub(super) fn none(policy: Policy) -> Self {
        Self::new(policy, Label::Clean, 0)
    }

    /// How much there is, tainted or not.
    pub(super) fn amount(&self) -> u128 {
        match self {
            Self::Segments(list) => pieces::total(list),
            Self::Reached { amount, .. } => *amount,
        }
    }

    /// The tainted amount of each label. Under poison each label that reaches the money counts all of it.
    pub(super) fn taint(&self) -> BTreeMap<usize, u128> {
        let mut taint = BTreeMap::new();
        match self {
            Self::Segments(list) => {
                for segment in list {
                    if let Label::Origin(origin) = segment.label {
                        *taint.entry(origin).or_default() += segment.amount;
                    }
                }
            }
            Self::Reached { amount, labels } => {
                if *amount > 0 {
                    taint.extend(labels.iter().map(|label| (*label, *amount)));
                }
            }
        }
        taint
    }

    /// Claims for an origin what no origin has claimed (law 1), and says how much that was.
    ///
    /// Under poison money is reached as a whole or not at all, so there is nothing left to claim of what is reached.
    pub(super) fn claim(&mut self, origin: usize) -> u128 {
        match self {
            Self::Segments(list) => {
                let mut claimed = 0;
                for segment in list.iter_mut().filter(|segment| !segment.is_tainted()) {
                    segment.label = Label::Origin(origin);
                    claimed += segment.amount;
                }
                claimed
            }
            Self::Reached { amount, labels } => {
                if *amount == 0 || !labels.is_empty() {
                    return 0;
                }
                labels.insert(origin);
                *amount
            }
        }
    }

    /// Appends what arrives. Under poison the labels stay for ever, even when the money leaves again.
    pub(super) fn append(&mut self, arriving: Self) {
        match (self, arriving) {
            (Self::Segments(list), Self::Segments(more)) => list.extend(more),
            (
                Self::Reached { amount, labels },
                Self::Reached {
                    amount: more,
                    labels: new,
                },
            ) => {
                *amount += more;
                if more > 0 {
                    labels.extend(new);
                }
            }
            _ => panic!("money of two policies does not mix"),
        }
    }

    /// Takes `want` units as the policy takes them; the rest stays.
    pub(super) fn take(&mut self, policy: Policy, want: u128) -> Self {
        match self {
            Self::Reached { amount, labels } => {
                *amount = amount
                    .checked_sub(want)
                    .expect("a debit takes more than there is");
                let labels = if want > 0 {
                    labels.clone()
                } else {
                    BTreeSet::new()
                };
                Self::Reached {
                    amount: want,
                    labels,
                }
            }
            Self::Segments(list) => match policy {
                Policy::Fifo => Self::Segments(pieces::take_oldest(list, want)),
                Policy::Lifo => Self::Segments(pieces::take_newest(list, want)),
                Policy::Tiho => {
                    Self::Segments(pieces::take_preferred(list, want, Segment::is_tainted))
                }
                Policy::Haircut => {
                    let rest = self.amount() - want;
                    let mut parts = self.proportional(&[want, rest]);
                    *self = parts.pop().expect("two parts were asked for");
                    parts.pop().expect("two parts were asked for")
                }
                Policy::Poison => panic!("poisoned money has no segments"),
            },
        }
    }

    /// What several amounts become as an amount of another asset (law 11): each of them counts for the same share,
    /// and within its share the segments keep their order and are scaled, by largest remainder. Neighbours of one
    /// origin, or of none, are one segment; under haircut there is one for each origin, in their order.
    pub(super) fn crossed(policy: Policy, lots: &[Self], amount: u128) -> Self {
        if policy == Policy::Poison {
            let mut labels = BTreeSet::new();
            for lot in lots {
                labels.extend(lot.taint().into_keys());
            }
            return Self::Reached { amount, labels };
        }
        let mut list = Vec::new();
        for (lot, part) in lots.iter().zip(share::scaled(amount, &vec![1; lots.len()])) {
            let segments = lot.joined(policy);
            let amounts: Vec<u128> = segments.iter().map(Piece::amount).collect();
            for (segment, amount) in segments.into_iter().zip(share::scaled(part, &amounts)) {
                if amount > 0 {
                    list.push(Segment { amount, ..segment });
                }
            }
        }
        Self::Segments(list)
    }

    /// The segments, with those that cannot be told apart put together.
    fn joined(&self, policy: Policy) -> Vec<Segment> {
        let Self::Segments(list) = self else {
            return Vec::new();
        };
        let key = |segment: &Segment| match segment.label {
            Label::Origin(origin) => Some(origin),
            Label::Clean | Label::Unknown => None,
        };
        let mut list = list.clone();
        if policy == Policy::Haircut {
            list.sort_by_key(|segment| key(segment).unwrap_or(usize::MAX));
        }
        let mut joined: Vec<Segment> = Vec::new();
        for segment in list {
            match joined.last_mut() {
                Some(last) if key(last) == key(&segment) => last.amount += segment.amount,
                _ => joined.push(segment),
            }
        }
        joined
    }

    /// The first units, in the order in which they stand, whatever the policy; the rest stays.
    pub(super) fn front(&mut self, want: u128) -> Self {
        match self {
            Self::Segments(list) => Self::Segments(pieces::take_oldest(list, want)),
            Self::Reached { .. } => self.take(Policy::Poison, want),
        }
    }

    /// Splits all of it over slots in proportion (haircut); the slots must sum to the amount.
    pub(super) fn proportional(&self, slots: &[u128]) -> Vec<Self> {
        assert_eq!(
            slots.iter().sum::<u128>(),
            self.amount(),
            "slots must take all"
        );
        let shares = share::by_label(&self.taint(), slots);
        let part = |(slot, shares): (&u128, BTreeMap<usize, u128>)| {
            let clean = slot - shares.values().sum::<u128>();
            let mut list: Vec<Segment> = Vec::new();
            for (origin, amount) in shares {
                list.push(Segment {
                    label: Label::Origin(origin),
                    amount,
                });
            }
            if clean > 0 {
                list.push(Segment {
                    label: Label::Clean,
                    amount: clean,
                });
            }
            Self::Segments(list)
        };
        slots.iter().zip(shares).map(part).collect()
    }
}
