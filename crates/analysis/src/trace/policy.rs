//! Which rule splits taint when funds mix, and in which direction a trace runs.

use std::fmt;
use std::str::FromStr;

/// The rule that splits taint when funds mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Everything a tainted debit reaches. A reach, never a value.
    Poison,
    /// Each credit takes its share, in proportion.
    Haircut,
    /// What came first leaves first.
    Fifo,
    /// What came last leaves first.
    Lifo,
    /// Taint in, highest out: tainted money leaves first, to the largest output first.
    Tiho,
}

impl Policy {
    /// All policies, in the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::Poison,
        Self::Haircut,
        Self::Fifo,
        Self::Lifo,
        Self::Tiho,
    ];

    /// The name on the command line and in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Poison => "poison",
            Self::Haircut => "haircut",
            Self::Fifo => "fifo",
            Self::Lifo => "lifo",
            Self::Tiho => "tiho",
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Policy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|policy| policy.name() == text)
            .ok_or_else(|| {
                format!("{text:?} is not a policy; one of haircut, fifo, lifo, poison, tiho")
            })
    }
}

/// Whether a trace asks where money went or where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the origins to where the money was last seen.
    Forward,
    /// From the origins to where the money came from.
    Backward,
}

impl Direction {
    /// The name in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Backward => "backward",
        }
    }
}
