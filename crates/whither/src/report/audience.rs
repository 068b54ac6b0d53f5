//! For whom a report is rendered, and why something cannot be shown to them.

use whither_casework::Handling;

use crate::error::Error;

/// For whom a report is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Those who work on the case.
    Internal,
    /// Those who may comment on it.
    Review,
    /// Everybody.
    Public,
    /// The expert of the other side: what was used, and no more.
    Disclosure,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Internal, Self::Review, Self::Public, Self::Disclosure];

    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Review => "review",
            Self::Public => "public",
            Self::Disclosure => "disclosure",
        }
    }

    /// Reads its word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|audience| audience.word() == word)
    }

    /// The most closed mark that it sees, where nothing else is said.
    #[must_use]
    pub fn ceiling(self) -> Handling {
        match self {
            Self::Internal => Handling::Red,
            Self::Review => Handling::AmberStrict,
            Self::Disclosure => Handling::Amber,
            Self::Public => Handling::Clear,
        }
    }

    /// Whether sources are called by their descriptors alone.
    #[must_use]
    pub fn is_outside(self) -> bool {
        matches!(self, Self::Public | Self::Disclosure)
    }
}

/// Why a reference cannot be written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub hint: String,
}

impl Refusal {
    pub(super) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: hint.into(),
        }
    }

    pub(super) fn of(error: &Error) -> Self {
        Self::new(
            error.to_string(),
            error
                .hint()
                .unwrap_or("see whether the case and the store have it"),
        )
    }

    pub(super) fn path(why: String) -> Self {
        Self::new(why, "docs/reference/report.md tells what a path can name")
    }
}
