//! A naive reference of the laws of a trace, written from their text alone.
//!
//! It exists to be compared with: it walks the whole chain in order, keeps every output and every holding as an
//! explicit list of segments, and takes no shortcut. Read it beside the laws; each step names the one it follows.
//!
//! It shares no type, no code and no idea of speed with the product, reads no file, and does neither claims,
//! windows, policy-free bounds nor the optional stops: only what every trace rests on.

pub mod account;
mod coins;
mod money;
mod pieces;
mod share;
pub mod utxo;

/// How taint is split where money mixes (laws 3 and 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// Oldest first.
    Fifo,
    /// Newest first.
    Lifo,
    /// In proportion, by largest remainder.
    Haircut,
    /// Tainted money first, into the highest outputs.
    Tiho,
    /// Everything reached is wholly tainted.
    Poison,
}

impl Policy {
    /// Every policy, in the order of their declaration.
    pub const ALL: [Self; 5] = [
        Self::Fifo,
        Self::Lifo,
        Self::Haircut,
        Self::Tiho,
        Self::Poison,
    ];

    /// The policies that can be followed backward (law 15: TIHO cannot).
    pub const BACKWARD: [Self; 4] = [Self::Fifo, Self::Lifo, Self::Haircut, Self::Poison];
}

/// Which way a trace goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the origins to where the money went.
    Forward,
    /// From the origins to where the money came from.
    Backward,
}

/// Why a trace ends at an endpoint; the words are those of the trace's JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An output that nobody has spent.
    Unspent,
    /// What an account still has.
    Held,
    /// An address that pools customers' money.
    Service,
    /// Sent to the zero address.
    Burn,
    /// Paid as a fee or as gas.
    Fee,
    /// Last seen here: the data ends, the money may not.
    Horizon,
    /// What the rules cannot carry further.
    Unresolved,
    /// Backward: a block reward.
    Coinbase,
    /// Backward: sent by the zero address.
    Mint,
    /// Backward: an account's unexplained beginning.
    Opening,
}

impl Kind {
    /// The word for this kind in the trace's JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unspent => "unspent",
            Self::Held => "held",
            Self::Service => "service",
            Self::Burn => "burn",
            Self::Fee => "fee",
            Self::Horizon => "horizon",
            Self::Unresolved => "unresolved",
            Self::Coinbase => "coinbase",
            Self::Mint => "mint",
            Self::Opening => "opening",
        }
    }
}
