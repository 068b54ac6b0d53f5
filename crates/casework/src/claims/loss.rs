//! What a theft took, or what came of it: by asset and amount, by symbol and quantity, or in dollars alone.
//!
//! A symbol is no identity: a loss that names one is counted, and not followed. Quantity and value are kept
//! apart, since the same theft has another value on another day.

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::{AssetId, Number, Units, said_if_any};
use crate::words::Word;

/// What somebody says that an incident took, or that came back of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// Of which theft.
    pub incident: Word,
    /// Whether it was taken, or what became of it.
    pub what: LossKind,
    /// Which asset, where it is identified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<AssetId>,
    /// How much of the asset, in smallest units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Units>,
    /// What the source calls an asset that is not identified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// How much of it, as the source writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// The source's own figure in US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd: Option<Number>,
    /// How the source comes to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
}

/// What a figure of a loss is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LossKind {
    /// Taken.
    Stolen,
    /// Given back, or taken back.
    Recovered,
    /// Held by somebody, and not given back.
    Frozen,
    /// Made anew by an issuer for the one who lost it.
    Reissued,
}

impl LossKind {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Stolen => "stolen",
            Self::Recovered => "recovered",
            Self::Frozen => "frozen",
            Self::Reissued => "reissued",
        }
    }
}

impl Fields for Loss {
    fn check(&self) -> Result<(), String> {
        if self.amount.is_some() && self.asset.is_none() {
            return Err("`amount` is of an `asset`".to_owned());
        }
        if self.quantity.is_some() && self.symbol.is_none() {
            return Err("`quantity` is of a `symbol`".to_owned());
        }
        if self.asset.is_some() && self.symbol.is_some() {
            let why = "a loss has `asset` and `amount`, or `symbol` and `quantity`, and not both";
            return Err(why.to_owned());
        }
        if self.amount.is_none() && self.quantity.is_none() && self.usd.is_none() {
            let why = "a loss has `asset` and `amount`, `symbol` and `quantity`, or `usd`";
            return Err(why.to_owned());
        }
        said_if_any("symbol", self.symbol.as_ref())?;
        said_if_any("basis", self.basis.as_ref())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("incident", self.incident.as_str());
    }
}
