//! Who says things: a record that may have to stay private, and how the source may be called in public.
//!
//! Record and descriptor are two claims, so that a public copy can withhold the payload of the first and still
//! be rendered from the second.

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::{said, said_if_any};
use crate::words::Word;

/// The private record of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Names the source within the case. It stands in other claims, so it should give nothing away.
    pub record: Word,
    /// Who it is.
    pub name: String,
    /// What it is: a publication, an agency, a person, …
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How to reach it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How a source may be called in public: "one Member State".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Descriptor {
    /// The record of the source.
    pub of: Word,
    /// What it may be called.
    pub text: String,
}

impl Fields for Source {
    fn check(&self) -> Result<(), String> {
        said("name", &self.name)?;
        said_if_any("type", self.kind.as_ref())?;
        said_if_any("contact", self.contact.as_ref())?;
        said_if_any("note", self.note.as_ref())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("source", self.record.as_str());
    }
}

impl Fields for Descriptor {
    fn check(&self) -> Result<(), String> {
        said("text", &self.text)
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("source", self.of.as_str());
    }
}
