//! Coverage: what a data source promises to be complete, and so what may be said of the end of a trace.
//!
//! "Unspent" and "held" are statements about all that happened since; they may only be made where a
//! source promised to tell all of it (law 7). Elsewhere a trace ends at "last seen at".

use std::collections::BTreeSet;

use crate::address::Address;
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
