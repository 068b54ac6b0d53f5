//! What somebody says of a theft as a whole: its title, its victim, how it was done, where its trace starts.
//!
//! The date of the theft is the claim's mark `date`. What was lost is said in claims of its own (`loss.rs`),
//! since other people say that, and say it differently.

use serde::{Deserialize, Serialize};
use whither_ledger::chain::Chain;

use super::Fields;
use super::forms::{said, said_if_any};
use super::origin::OriginClaim;
use crate::words::{Date, Word};

/// A theft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Names the theft within the case.
    pub incident: Word,
    /// In a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// From whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub victim: Option<String>,
    /// What the victim is: exchange, bridge, defi, wallet, bank, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// When it was noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discovered: Option<Date>,
    /// On which chains, by their CAIP-2 ids, where assets and starting points do not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chains: Vec<String>,
    /// How it was done, by technique ids of ATT&CK and AADAPT.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<String>,
    /// Where its trace starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<OriginClaim>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Fields for Incident {
    fn check(&self) -> Result<(), String> {
        said_if_any("title", self.title.as_ref())?;
        said_if_any("victim", self.victim.as_ref())?;
        said_if_any("sector", self.sector.as_ref())?;
        said_if_any("note", self.note.as_ref())?;
        for chain in &self.chains {
            let read: Result<Chain, _> = chain.parse();
            if read.is_err() || read.is_ok_and(|read| read.to_string() != *chain) {
                return Err(format!("`chains` has {chain:?}, which is no CAIP-2 id"));
            }
        }
        self.vectors.iter().try_for_each(|id| said("vectors", id))
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("incident", self.incident.as_str());
    }
}
