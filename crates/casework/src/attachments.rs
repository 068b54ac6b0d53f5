//! Attachments: files that a claim names by the hash of their bytes, kept beside the log.
//!
//! A payload lists them under `attachments`. The name and the media type are what the author says: text to
//! show, never a path to open and never a reason to run anything.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::canonical::{Json, object};
use crate::error::CaseError;
use crate::folder;
use crate::hash::Hash;

/// More attachments of one payload than this are refused.
pub const ATTACHMENTS_MAX: usize = 1000;

/// The folder of a case.
pub(crate) const FOLDER: &str = "attachments";

/// A file that a payload names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// SHA-256 of its bytes.
    pub sha256: Hash,
    /// Its name where it was taken from.
    pub name: String,
    /// What it is, as `type/subtype` (RFC 6838).
    pub media_type: String,
}

impl Attachment {
    /// What a payload holds of it, in its list `attachments`.
    #[must_use]
    pub fn json(&self) -> Json {
        object([
            ("media_type", Json::Text(self.media_type.clone())),
            ("name", Json::Text(self.name.clone())),
            ("sha256", Json::Text(self.sha256.to_string())),
        ])
    }

    /// The attachments that a payload lists.
    ///
    /// # Errors
    /// What is wrong with the list.
    pub fn list(payload: &Json) -> Result<Vec<Self>, String> {
        let Some(list) = payload.field(FOLDER) else {
            return Ok(Vec::new());
        };
        let list = list.list().ok_or("`attachments` is not a list")?;
        if list.len() > ATTACHMENTS_MAX {
            return Err(format!("there are more than {ATTACHMENTS_MAX} attachments"));
        }
        list.iter().map(Self::read).collect()
    }

    fn read(json: &Json) -> Result<Self, String> {
        let text = |key: &str| {
            let text = json.field(key).and_then(Json::text);
            text.ok_or_else(|| format!("an attachment lacks the text `{key}`"))
        };
        let name = text("name")?;
        let separator = |c: char| c == '/' || c == '\\' || c.is_control();
        if name.is_empty()
            || name.len() > 255
            || name.contains(separator)
            || name == ".."
            || name == "."
        {
            return Err(format!("{name:?} is not the name of an attachment"));
        }
        let media_type = text("media_type")?;
        let part = |part: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
            (1..=127).contains(&part.len()) && part.bytes().all(plain)
        };
        let both = media_type.split_once('/');
        if !both.is_some_and(|(kind, subkind)| part(kind) && part(subkind)) {
            return Err(format!("{media_type:?} is not a media type"));
        }
        Ok(Self {
            sha256: Hash::parse(text("sha256")?).ok_or("`sha256` is not a hash")?,
            name: name.to_owned(),
            media_type: media_type.to_owned(),
        })
    }
}

/// Where an attachment lies.
pub(crate) fn path(case: &Path, hash: Hash) -> PathBuf {
    case.join(FOLDER).join(hash.to_string())
}

/// Brings bytes into the case, under the name of their hash; `expected` is what they must hash to.
pub(crate) fn keep(
    case: &Path,
    mut bytes: impl Read,
    expected: Option<Hash>,
) -> Result<Hash, CaseError> {
    folder::make(&case.join(FOLDER))?;
    folder::place(case, |file, incoming| {
        let hash = hash_into(&mut bytes, file).map_err(CaseError::write(incoming))?;
        if expected.is_some_and(|expected| expected != hash) {
            let why = "the attachment has other bytes than its name says";
            return Err(CaseError::file(incoming, why));
        }
        Ok((path(case, hash), hash))
    })
}

/// The hash of what lies under an attachment's name; `None` if nothing does.
pub(crate) fn hash(case: &Path, name: Hash) -> Result<Option<Hash>, CaseError> {
    let Some(mut file) = open(case, name)? else {
        return Ok(None);
    };
    let read = CaseError::read(&path(case, name));
    let hash = hash_into(&mut file, &mut io::sink()).map_err(read)?;
    Ok(Some(hash))
}

/// The file under an attachment's name.
pub(crate) fn open(case: &Path, name: Hash) -> Result<Option<File>, CaseError> {
    if !folder::is_plain_folder(&case.join(FOLDER))? {
        return Ok(None);
    }
    folder::open(&path(case, name))
}

fn hash_into(from: &mut impl Read, to: &mut impl Write) -> io::Result<Hash> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = match from.read(&mut buffer) {
            Ok(0) => return Ok(Hash::finish(hasher)),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..length]);
        to.write_all(&buffer[..length])?;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_checked() {
        let file = Attachment {
            sha256: Hash::of(b"x"),
            name: "Report (final).pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
        };
        let list =
            |json: Json| Attachment::list(&object([("attachments", Json::List(vec![json]))]));
        assert_eq!(list(file.json()).unwrap(), vec![file.clone()]);
        assert_eq!(Attachment::list(&object([])).unwrap(), Vec::new());
        for name in ["", "..", "../a", "/etc/passwd", "a\\b", "a\nb"] {
            let name = name.to_owned();
            assert!(
                list(
                    Attachment {
                        name,
                        ..file.clone()
                    }
                    .json()
                )
                .is_err()
            );
        }
        for media_type in ["", "pdf", "a/b/c", "a/", "text/html; charset=utf-8"] {
            let media_type = media_type.to_owned();
            assert!(
                list(
                    Attachment {
                        media_type,
                        ..file.clone()
                    }
                    .json()
                )
                .is_err()
            );
        }
        assert!(list(Json::Null).is_err());
    }
}
