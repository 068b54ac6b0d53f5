//! Whose an address is: of a service, of a service's customer, or a name and nothing more; and whether several
//! addresses are in one hand.
//!
//! When a label came to be known is the time of its entry, when it fell is the time of the entry that retracts it;
//! when it was so in the world is said here.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::{said, said_if_any};
use crate::labels::Level;
use crate::words::{Date, Word};

/// Who an address belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressClaim {
    /// CAIP-10, or with a short chain name.
    pub address: String,
    /// Its name.
    pub name: String,
    /// `exchange`, `mixer`, `bridge`, `dex`, …
    pub category: String,
    /// The entity it belongs to. Names differ for one exchange; this is what tells that it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<Word>,
    /// How its publisher knows, on the scale of TagPacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// What else it is, in the words of a taxonomy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concepts: Vec<String>,
    /// What it was used for that is abuse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abuse: Option<String>,
    /// Whether its publisher means the whole cluster of the address.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_cluster: bool,
    /// Since when it was so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// The collection it was published in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// What its publisher adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
}

impl AddressClaim {
    /// Who it is, where names are compared: the entity, else the name.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.entity.as_ref().map_or(&self.name, Word::as_str)
    }
}

impl Fields for AddressClaim {
    fn check(&self) -> Result<(), String> {
        said("address", &self.address)?;
        said("name", &self.name)?;
        said("category", &self.category)?;
        said_if_any("abuse", self.abuse.as_ref())?;
        said_if_any("pack", self.pack.as_ref())?;
        said_if_any("context", self.context.as_ref())?;
        if let (Some(from), Some(until)) = (&self.valid_from, &self.valid_until)
            && from > until
        {
            return Err(format!(
                "`valid_until` {until} is before `valid_from` {from}"
            ));
        }
        let mut concepts = self.concepts.iter();
        concepts.try_for_each(|concept| said("concepts", concept))
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("address", &self.address);
        if let Some(entity) = &self.entity {
            about("entity", entity.as_str());
        }
    }
}

/// Addresses that are in one hand, or each in another, by the kind of the claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hands {
    /// Which, with their chain; two at least.
    pub addresses: Vec<String>,
    /// How that is known, in words.
    pub why: String,
}

impl Fields for Hands {
    fn check(&self) -> Result<(), String> {
        let different: BTreeSet<&String> = self.addresses.iter().collect();
        if different.len() < 2 || different.len() != self.addresses.len() {
            return Err("`addresses` names two or more, each once".to_owned());
        }
        for address in &self.addresses {
            said("addresses", address)?;
        }
        said("why", &self.why)
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        for address in &self.addresses {
            about("address", address);
        }
    }
}
