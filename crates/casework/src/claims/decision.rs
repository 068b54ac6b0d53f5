//! What somebody decided about a hit of sanctions screening: it is the one who is listed, it is not, or it is open.
//!
//! A decision is about what was asked and one entry as it then stood, by the entry's hash: when a list says anything else
//! of the entry, the question is a new one. It is also about what was known of the one who was asked for: two customers of
//! one name are not one. Who decided is the author of the log.

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::{said, said_if_any};
use crate::words::Word;

/// Whether who was asked for is who is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The name or the address that was asked for.
    pub subject: String,
    /// When he was born, as far as it was said: `1963`, `1963-07`, `1963-07-28`, `1963..1964`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<String>,
    /// The two letters of his country, where it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The number of his document, where it was said: letters and digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The list.
    pub list: Word,
    /// The entry, as the list tells it apart.
    pub entry: String,
    /// SHA-256 over all that the list said of the entry.
    pub entry_hash: String,
    /// What was decided.
    pub decision: Verdict,
    /// Why, in words.
    pub why: String,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is the one who is listed.
    True,
    /// It is somebody else.
    False,
    /// Not decided yet.
    Open,
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Open => "open",
        }
    }
}

impl Fields for Decision {
    fn check(&self) -> Result<(), String> {
        said("subject", &self.subject)?;
        said_if_any("born", self.born.as_ref())?;
        said_if_any("country", self.country.as_ref())?;
        said_if_any("document", self.document.as_ref())?;
        said("entry", &self.entry)?;
        said("why", &self.why)?;
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if self.entry_hash.len() != 64 || !self.entry_hash.bytes().all(hex) {
            return Err("`entry_hash` is the 64 hex digits that a hit gives".to_owned());
        }
        Ok(())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("list", &format!("{}/{}", self.list, self.entry));
    }
}
