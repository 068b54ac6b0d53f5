//! Whether incidents of several names are one theft, as somebody says: told apart or told to be the same.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::said;
use crate::words::Word;

/// Incidents that are the same, or that are each another, by the kind of the claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alike {
    /// Which; two at least.
    pub incidents: Vec<Word>,
    /// Why, in words.
    pub why: String,
}

impl Fields for Alike {
    fn check(&self) -> Result<(), String> {
        let different: BTreeSet<&Word> = self.incidents.iter().collect();
        if different.len() < 2 || different.len() != self.incidents.len() {
            return Err("`incidents` names two or more, each once".to_owned());
        }
        said("why", &self.why)
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        for incident in &self.incidents {
            about("incident", incident.as_str());
        }
    }
}
