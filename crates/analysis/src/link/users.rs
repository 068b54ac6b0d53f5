//! How many accounts that have nothing to do with the thefts use a place, as far as that was counted.
//!
//! A place that was not counted is no place that so many use: what is told of it says that nobody counted.

use super::weigh::{self, PRIVATE, PUBLIC};

/// An address with more movements than this is public, and its movements are not counted.
pub(super) const BUSY: usize = 250_000;
/// The same, as it is told.
const BUSY_TOLD: &str = "250,000";

/// The users of a place; what is more public is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Users {
    /// So many.
    Counted(u64),
    /// It has too many movements to count.
    Busy,
    /// A service's, or the zero address: everybody's.
    Everybodys,
}

impl Default for Users {
    fn default() -> Self {
        Self::Counted(0)
    }
}

impl Users {
    /// How many, where that was counted.
    pub fn count(self) -> Option<u64> {
        match self {
            Self::Counted(count) => Some(count),
            Self::Busy | Self::Everybodys => None,
        }
    }

    /// Whether so many use it, or nobody could count them.
    pub fn are(self, many: u64) -> bool {
        self.count().is_none_or(|count| count >= many)
    }

    /// Those of two places.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Counted(one), Self::Counted(other)) => Self::Counted(one.saturating_add(other)),
            _ => self.max(other),
        }
    }

    /// Whether it neither links nor is passed.
    pub fn is_public(self) -> bool {
        self.are(PUBLIC)
    }

    /// Whether it may still be one hand's.
    pub fn is_private(self) -> bool {
        !self.are(PRIVATE + 1)
    }

    /// What is left of a weight at such a place; nothing where nobody counted.
    pub fn weight(self, weight: u64) -> u64 {
        self.count().map_or(0, |count| weigh::open(weight, count))
    }

    /// The sentence of a place.
    pub fn told(self, shown: &str) -> String {
        match self {
            Self::Counted(count) => {
                format!("{shown} is used by {count} accounts that have nothing to do with either")
            }
            Self::Busy => {
                format!("{shown} has more than {BUSY_TOLD} movements, which were not counted")
            }
            Self::Everybodys => {
                format!("{shown} is no one hand's account, and who uses it was not counted")
            }
        }
    }

    /// The sentence of a purse that pays gas, with how it pays.
    pub fn told_of_gas(self, shown: &str, how: &str) -> String {
        match self {
            Self::Counted(count) => format!(
                "{shown} paid gas for {count} accounts that have nothing to do with either{how}"
            ),
            Self::Busy | Self::Everybodys => {
                format!("{}; it paid gas for accounts of both", self.told(shown))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BUSY, BUSY_TOLD, Users};

    #[test]
    fn a_place_that_was_not_counted_is_public_and_has_no_number() {
        for users in [Users::Busy, Users::Everybodys] {
            assert_eq!((users.count(), users.weight(1_200)), (None, 0));
            assert!(users.is_public() && !users.is_private());
            assert!(users > Users::Counted(u64::MAX));
            let told = [users.told("A"), users.told_of_gas("A", "")];
            assert!(told.iter().all(|what| what.contains("not counted")));
            assert!(!told.concat().contains(&u64::MAX.to_string()));
        }
        assert_eq!(
            Users::Busy.told("A"),
            "A has more than 250,000 movements, which were not counted"
        );
        assert_eq!(BUSY_TOLD.replace(',', ""), BUSY.to_string());
    }

    #[test]
    fn three_users_are_private_and_sixty_three_are_public() {
        let of = |count: u64| {
            (
                Users::Counted(count).is_private(),
                Users::Counted(count).is_public(),
            )
        };
        assert_eq!(
            [of(3), of(4), of(62), of(63)],
            [(true, false), (false, false), (false, false), (false, true)]
        );
    }
}
