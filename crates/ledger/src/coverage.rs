//! Coverage: what a data source promises to be complete, and so what may be said of the end of a trace.
//!
//! "Unspent" and "held" are statements about all that happened since; they may only be made where a
//! source promised to tell all of it (law 7). Elsewhere a trace ends at "last seen at".

use std::collections::BTreeSet;

use crate::address::Address;
use crate::chain::Chain;
use crate::time::Timestamp;

/// One promise of one data source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// All transactions of the blocks `first..=last`.
    Blocks {
        /// First height; `None` where a lone block's height is unknown.
        first: Option<u32>,
        /// Last height.
        last: Option<u32>,
        /// Whether transfers inside contract calls are included (always so on UTXO chains).
        internal: bool,
    },
    /// All rows of the named addresses between two times.
    Addresses {
        /// Whose rows are complete.
        addresses: BTreeSet<Address>,
        /// Whether transfers inside contract calls are included.
        internal: bool,
        /// Time of the first row.
        from: Timestamp,
        /// Time of the last row.
        to: Timestamp,
    },
    /// These rows and no promise about others.
    Rows {
        /// Time of the first row.
        from: Timestamp,
        /// Time of the last row.
        to: Timestamp,
    },
}

impl Coverage {
    /// Whether transfers inside contract calls are part of the promise.
    #[must_use]
    pub fn internal(&self) -> bool {
        match self {
            Self::Blocks { internal, .. } | Self::Addresses { internal, .. } => *internal,
            Self::Rows { .. } => false,
        }
    }

    /// Promises in canonical order, each once, those that one promise could make joined to it: so they are
    /// the same however a source was cut into files.
    ///
    /// All rows without a promise have one span. Blocks join where no height is missing between them, and
    /// promises of the same addresses where no second is. Where all of a block is promised, nothing is left of a promise
    /// of all but what moves inside calls.
    #[must_use]
    pub fn canonical(promises: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut sorted: Vec<Self> = promises.into_iter().collect();
        // Those that may join stand together, the earlier first.
        sorted.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        let mut joined: Vec<Self> = Vec::with_capacity(sorted.len());
        for promise in sorted {
            if !joined.last_mut().is_some_and(|last| last.join(&promise)) {
                joined.push(promise);
            }
        }
        let whole: Vec<(u32, u32)> = joined.iter().filter_map(Self::whole_blocks).collect();
        let mut left = Vec::with_capacity(joined.len());
        for promise in joined {
            promise.beside(&whole, &mut left);
        }
        left
    }

    /// The heights that are promised with what moves inside calls.
    fn whole_blocks(&self) -> Option<(u32, u32)> {
        match self {
            Self::Blocks {
                first: Some(first),
                last: Some(last),
                internal: true,
            } => Some((*first, *last)),
            _ => None,
        }
    }

    /// What is left of a promise beside those that promise more; these rise and do not touch.
    fn beside(self, whole: &[(u32, u32)], left: &mut Vec<Self>) {
        let Self::Blocks {
            first: Some(mut first),
            last: Some(last),
            internal: false,
        } = self
        else {
            left.push(self);
            return;
        };
        let part = |first: u32, last: u32| Self::Blocks {
            first: Some(first),
            last: Some(last),
            internal: false,
        };
        let passed = whole.partition_point(|(_, to)| *to < first);
        for (from, to) in &whole[passed..] {
            if *from > last {
                break;
            }
            if let Some(before) = from.checked_sub(1).filter(|before| *before >= first) {
                left.push(part(first, before));
            }
            match to.checked_add(1).filter(|next| *next <= last) {
                Some(next) => first = next,
                None => return,
            }
        }
        left.push(part(first, last));
    }

    /// How much a source promises: the first of two that disagree is the one that promises more.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Blocks { internal: true, .. } => 0,
            Self::Blocks { .. } => 1,
            Self::Addresses { .. } => 2,
            Self::Rows { .. } => 3,
        }
    }

    fn sort_key(&self) -> (u8, bool, Option<&BTreeSet<Address>>, &Self) {
        match self {
            Self::Blocks { internal, .. } => (0, *internal, None, self),
            Self::Addresses {
                addresses,
                internal,
                ..
            } => (1, *internal, Some(addresses), self),
            Self::Rows { .. } => (2, false, None, self),
        }
    }

    /// Takes a promise that begins no earlier into this one, if the two are one.
    fn join(&mut self, later: &Self) -> bool {
        match (self, later) {
            (
                Self::Blocks {
                    last: Some(end),
                    first: Some(_),
                    internal,
                },
                Self::Blocks {
                    first: Some(first),
                    last: Some(last),
                    internal: same,
                },
            ) if internal == same && *first <= end.saturating_add(1) => {
                *end = *last.max(end);
                true
            }
            (
                Self::Addresses {
                    addresses,
                    internal,
                    to: end,
                    ..
                },
                Self::Addresses {
                    addresses: others,
                    internal: same,
                    from,
                    to,
                },
            ) if internal == same && addresses == others && *from <= *end => {
                *end = *to.max(end);
                true
            }
            (Self::Rows { to: end, .. }, Self::Rows { to, .. }) => {
                *end = *to.max(end);
                true
            }
            (one, other) => *one == *other,
        }
    }

    /// The canonical line that goes into a content id.
    pub(crate) fn line(&self, chain: &Chain) -> String {
        let height = |height: &Option<u32>| {
            height.map_or_else(|| "?".to_owned(), |height| height.to_string())
        };
        match self {
            Self::Blocks {
                first,
                last,
                internal,
            } => format!("blocks {} {} {internal}", height(first), height(last)),
            Self::Rows { from, to } => format!("rows {from} {to}"),
            Self::Addresses {
                addresses,
                internal,
                from,
                to,
            } => {
                let list: Vec<String> = addresses
                    .iter()
                    .map(|address| address.display(chain))
                    .collect();
                format!("addresses {from} {to} {internal} {}", list.join(" "))
            }
        }
    }

    /// The word the contract uses for this kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Blocks { .. } => "blocks",
            Self::Addresses { .. } => "addresses",
            Self::Rows { .. } => "rows",
        }
    }
}
