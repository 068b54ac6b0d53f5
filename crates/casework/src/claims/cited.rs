//! A total that somebody published for a period. It is set beside what the incidents add up to, never forced to fit.

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::{Number, said};
use crate::words::{Date, Word};

/// A published total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// The first day, month or year of the period.
    pub from: Date,
    /// The last one; all of it belongs to the period.
    pub to: Date,
    /// The total in US dollars.
    pub usd: Number,
    /// What it is the total of, in words.
    pub what: String,
    /// By whom the thefts were, if the total is of one actor: the id of an entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Word>,
    /// Whether what came back is still in it, if the source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross: Option<bool>,
}

impl Fields for Cited {
    fn check(&self) -> Result<(), String> {
        said("what", &self.what)?;
        let shorter = self.from.as_str().len().min(self.to.as_str().len());
        // As far as both are known, text order is time order.
        let (from, to) = (
            self.from.as_str().get(..shorter),
            self.to.as_str().get(..shorter),
        );
        if from > to {
            return Err(format!(
                "the period ends on {} and begins on {}",
                self.to, self.from
            ));
        }
        Ok(())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        if let Some(actor) = &self.actor {
            about("entity", actor.as_str());
        }
    }
}
