//! A step in getting money frozen: asked for, acknowledged, frozen, refused, lapsed, given back.
//!
//! One claim per step, and all steps of one request name it. Each says by itself where the money is and when the step was
//! taken, so that the clock can be read off the log by anybody, and a step that is withheld takes no other with it.

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::{AssetId, Units, said, said_if_any};
use crate::words::{Time, Word};

/// A step of a request to freeze.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Names the request within the case; every step of it says so.
    pub request: Word,
    /// Which step.
    pub state: FreezeState,
    /// Of whom it is asked: a service, or who issued the asset.
    pub to: String,
    /// Where the money is: an address or an output, with its chain.
    pub place: String,
    /// Of which asset.
    pub asset: AssetId,
    /// How much is asked for, frozen, or came back with this step, smallest units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Units>,
    /// When the step was taken.
    pub at: Time,
    /// A reference number, a reason, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FreezeState {
    /// Somebody asked.
    Requested,
    /// Whoever was asked says that they have it.
    Acknowledged,
    /// The money cannot move.
    Frozen,
    /// Whoever was asked will not.
    Refused,
    /// A freeze, or a request, lapsed.
    Expired,
    /// Money came back.
    Recovered,
}

impl FreezeState {
    /// All of them, in the order of a request's life.
    pub const ALL: [Self; 6] = [
        Self::Requested,
        Self::Acknowledged,
        Self::Frozen,
        Self::Refused,
        Self::Expired,
        Self::Recovered,
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Acknowledged => "acknowledged",
            Self::Frozen => "frozen",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Recovered => "recovered",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl Fields for Freeze {
    fn check(&self) -> Result<(), String> {
        said("to", &self.to)?;
        said("place", &self.place)?;
        said_if_any("why", self.why.as_ref())?;
        let counts = matches!(self.state, FreezeState::Frozen | FreezeState::Recovered);
        match self.amount {
            None if counts => Err(format!("`amount` says how much was {}", self.state.word())),
            Some(amount) if amount.0.is_zero() => Err("`amount` is 0".to_owned()),
            _ => Ok(()),
        }
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("freeze", self.request.as_str());
        about("place", &self.place);
    }
}
