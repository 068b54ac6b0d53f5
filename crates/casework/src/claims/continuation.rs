//! Where money goes on that the chain cannot tell: an exchange answered, a bridge's two ends were matched.

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::{AssetId, Units, said};

/// Somebody says that what arrived at one place went on from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Continuation {
    /// The place where it arrived, with its chain, as a starting point of a trace is written.
    pub from: String,
    /// The place from which it went on.
    pub to: String,
    /// How much arrived, in smallest units.
    pub amount: Units,
    /// Of which asset.
    pub asset: AssetId,
    /// Of which asset it was when it went on, if of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_asset: Option<AssetId>,
    /// How much of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_amount: Option<Units>,
    /// How they know, in words.
    pub why: String,
}

impl Fields for Continuation {
    fn check(&self) -> Result<(), String> {
        if self.to_asset.is_some() != self.to_amount.is_some() {
            return Err("`to_asset` and `to_amount` go together".to_owned());
        }
        said("from", &self.from)?;
        said("to", &self.to)?;
        if self.from == self.to {
            return Err("it goes on where it arrived".to_owned());
        }
        said("why", &self.why)
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("place", &self.from);
        about("place", &self.to);
    }
}
