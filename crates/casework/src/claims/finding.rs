//! A saved finding: what was computed, from which chain data, which claims and with which parameters.
//!
//! The result itself is the claim's attachment, so that a check can compute it anew and compare bytes.

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::said;
use crate::canonical::Json;
use crate::hash::Hash;
use crate::head::Head;
use crate::words::Word;

/// A computation whose result was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Names the finding within the case.
    pub finding: Word,
    /// The command that computed it.
    pub command: String,
    /// With what parameters.
    pub parameters: Json,
    /// The content id of the chain data.
    pub store: String,
    /// The revision of the case that it was computed on.
    pub case: String,
    /// The head of that revision, as an object: how far each log went.
    pub head: Json,
    /// The claims that were used, each by the entry whose payload counted.
    pub claims: Vec<Hash>,
    /// The version of the program.
    pub version: String,
}

impl Finding {
    /// The head that the finding was computed on.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn head(&self) -> Result<Head, String> {
        Head::read(&self.head.canonical()).map_err(|error| error.to_string())
    }
}

impl Fields for Finding {
    fn check(&self) -> Result<(), String> {
        said("command", &self.command)?;
        said("store", &self.store)?;
        said("case", &self.case)?;
        said("version", &self.version)?;
        self.head().map(|_| ())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("finding", self.finding.as_str());
    }
}
