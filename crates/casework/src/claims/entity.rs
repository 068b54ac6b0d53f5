//! A person, an organisation, a group or a vessel.

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::{said, said_if_any};
use crate::words::{Date, Word};

/// Somebody, as far as a source knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Names them within the case.
    pub entity: Word,
    /// What they are.
    #[serde(rename = "type")]
    pub kind: EntityKind,
    /// What they are called; the first is the one to show.
    pub names: Vec<String>,
    /// When a person was born.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Date>,
    /// Of which state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nationality: Option<String>,
    /// Numbers that documents and registers give them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// What they do, in the words of a taxonomy: `exchange`, `defi_dex`, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Under which law they stand, as two letters of ISO 3166-1 each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jurisdictions: Vec<String>,
    /// Where they are on the web. It is shown, and never opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityKind {
    /// One human being.
    Person,
    /// A company, an agency, a bank.
    Organisation,
    /// People who act together under a name that others gave them.
    Group,
    /// A ship.
    Vessel,
}

/// A number by which a document or a register knows somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// Passport, register number, IMO number, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The number.
    pub number: String,
    /// Who gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl Fields for Entity {
    fn check(&self) -> Result<(), String> {
        if self.names.is_empty() {
            return Err("`names` is empty".to_owned());
        }
        self.names.iter().try_for_each(|name| said("names", name))?;
        for identifier in &self.identifiers {
            said("type", &identifier.kind)?;
            said("number", &identifier.number)?;
            said_if_any("issuer", identifier.issuer.as_ref())?;
        }
        if self.born.is_some() && self.kind != EntityKind::Person {
            return Err("`born` is of a person".to_owned());
        }
        said_if_any("nationality", self.nationality.as_ref())?;
        said_if_any("uri", self.uri.as_ref())?;
        let words = self.categories.iter().chain(&self.jurisdictions);
        words
            .into_iter()
            .try_for_each(|word| said("categories", word))?;
        said_if_any("note", self.note.as_ref())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("entity", self.entity.as_str());
    }
}
