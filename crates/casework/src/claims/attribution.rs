//! Who is said to have done a theft.

use serde::{Deserialize, Serialize};

use super::Fields;
use crate::words::Word;

/// Somebody says that an actor did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    /// Which theft.
    pub incident: Word,
    /// The id of an entity.
    pub actor: Word,
}

impl Fields for Attribution {
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("incident", self.incident.as_str());
        about("entity", self.actor.as_str());
    }
}
