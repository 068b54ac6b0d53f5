//! The life of a report: drafts, what people say of them, what becomes of that, the answers of those who are named, and
//! the editions that were given out.
//!
//! A report's text is a claim like any other: each revision is one of its own, so that any two can be compared. What an
//! edition withholds is committed to with salts that come of a secret, which is a claim apart: a copy of the case that
//! leaves it out can still be checked, and whoever has it can open what was withheld, one by one.

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::{said, said_if_any};
use crate::canonical::Json;
use crate::hash::Hash;
use crate::head::Head;
use crate::words::{Date, Word};

/// A revision of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Names the report within the case.
    pub report: Word,
    /// Which revision, from 1.
    pub revision: u32,
    /// All of its text.
    pub text: String,
    /// What was changed, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What somebody says of a part of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    /// Of which report.
    pub report: Word,
    /// Names the comment among those on this report.
    pub comment: Word,
    /// The revision that was read.
    pub revision: u32,
    /// The part, by its name.
    pub part: Word,
    /// Who says so, where it is not the author of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What.
    pub text: String,
}

/// What becomes of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The text was or will be changed.
    Accepted,
    /// It stays.
    Rejected,
}

impl Outcome {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

/// What becomes of a comment, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruling {
    /// Of which report.
    pub report: Word,
    /// Which comment.
    pub comment: Word,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why.
    pub why: String,
}

/// Somebody who is named was asked, and what they answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Of which report.
    pub report: Word,
    /// Names the reply among those to this report.
    pub reply: Word,
    /// The part, by its name.
    pub part: Word,
    /// Who is named there.
    pub of: String,
    /// When they were asked.
    pub asked: Date,
    /// When they answered; none so far where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Date>,
    /// What they answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A file of an edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditionFile {
    /// Its name.
    pub name: String,
    /// The hash of its bytes.
    pub sha256: Hash,
}

/// What an edition withholds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Names it, and gives nothing away.
    pub piece: String,
    /// The salted hash of it.
    pub sha256: Hash,
}

/// An edition that was given out; it is never changed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// Of which report.
    pub report: Word,
    /// Names the edition among those of this report.
    pub edition: Word,
    /// For whom: `internal`, `review`, `public`, `disclosure`.
    pub audience: String,
    /// Of which revision.
    pub revision: u32,
    /// The most closed mark that it shows.
    pub ceiling: String,
    /// The head of the case that its figures were computed on.
    pub head: Json,
    /// Its text, without what it withholds.
    pub text: String,
    /// Its files.
    pub files: Vec<EditionFile>,
    /// What it withholds.
    pub withheld: Vec<Commitment>,
    /// The version of the program.
    pub version: String,
}

impl Edition {
    /// The head that its figures were computed on.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn head(&self) -> Result<Head, String> {
        Head::read(&self.head.canonical()).map_err(|error| error.to_string())
    }
}

/// What the salts of an edition come of. Whoever has it can open all that the edition withholds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Of which report.
    pub report: Word,
    /// Of which edition.
    pub edition: Word,
    /// 64 hexadecimal digits.
    pub secret: Hash,
}

impl Fields for Draft {
    fn check(&self) -> Result<(), String> {
        counted(self.revision)?;
        said("text", &self.text)?;
        said_if_any("note", self.note.as_ref())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("report", self.report.as_str());
    }
}

impl Fields for Comment {
    fn check(&self) -> Result<(), String> {
        counted(self.revision)?;
        said_if_any("by", self.by.as_ref())?;
        said("text", &self.text)
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("report", self.report.as_str());
    }
}

impl Fields for Ruling {
    fn check(&self) -> Result<(), String> {
        said("why", &self.why)
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("report", self.report.as_str());
    }
}

impl Fields for Reply {
    fn check(&self) -> Result<(), String> {
        said("of", &self.of)?;
        said_if_any("text", self.text.as_ref())?;
        match (&self.answered, &self.text) {
            (None, Some(_)) => Err("a reply with a `text` was `answered` on a date".to_owned()),
            (Some(answered), _) if answered.days().last < self.asked.days().first => {
                Err("it was answered before it was asked".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("report", self.report.as_str());
    }
}

impl Fields for Edition {
    fn check(&self) -> Result<(), String> {
        counted(self.revision)?;
        said("audience", &self.audience)?;
        said("ceiling", &self.ceiling)?;
        said("text", &self.text)?;
        said("version", &self.version)?;
        self.head().map(|_| ())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("report", self.report.as_str());
    }
}

impl Fields for Secret {
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("report", self.report.as_str());
    }
}

fn counted(revision: u32) -> Result<(), String> {
    if revision == 0 {
        return Err("revisions are counted from 1".to_owned());
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_answered_after_it_was_asked() {
        let read = |text: &str| {
            let reply: Reply = serde_json::from_str(text).unwrap();
            reply.check()
        };
        let with = |rest: &str| {
            read(&format!(
                r#"{{"report":"r","reply":"a","part":"p-1","of":"Exchange","asked":"2020-09-02"{rest}}}"#
            ))
        };
        assert_eq!(with(""), Ok(()));
        assert_eq!(with(r#","answered":"2020-09","text":"No.""#), Ok(()));
        assert!(with(r#","answered":"2020-08","text":"No.""#).is_err());
        assert!(with(r#","text":"No.""#).unwrap_err().contains("answered"));
    }
}
