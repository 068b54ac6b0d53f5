//! Payloads: what the entries say, each in a file of its own that can be withheld.
//!
//! The file holds the salt and the payload; its name is the hash of both, which is what the entry commits to.
//! Without the file the log still holds together; with it, anybody can see that this was said and nothing else.

use std::path::{Path, PathBuf};

use crate::canonical::{Json, object};
use crate::error::CaseError;
use crate::folder;
use crate::hash::{Hash, Salt};

/// A payload's file longer than this, in bytes, is refused.
pub const PAYLOAD_LENGTH_MAX: usize = 1 << 20;

/// The folder of a case.
pub(crate) const FOLDER: &str = "payloads";

/// What an entry says, if this copy of the case has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// It is here.
    Here(Json),
    /// It was kept out of this copy.
    Withheld,
}

/// Where a payload lies.
pub(crate) fn path(case: &Path, hash: Hash) -> PathBuf {
    case.join(FOLDER).join(format!("{hash}.json"))
}

/// The bytes of a payload's file.
///
/// # Errors
/// Why it can be no payload: not an object, or too long.
pub(crate) fn seal(payload: &Json, salt: &Salt) -> Result<(Hash, String), String> {
    let canonical = payload.canonical();
    // A value built by hand may hold what reading would refuse.
    let read = Json::read(canonical.as_bytes())?;
    read.object().ok_or("a payload is an object")?;
    let salted = object([("payload", read), ("salt", Json::Text(salt.to_string()))]);
    let text = salted.canonical();
    if text.len() > PAYLOAD_LENGTH_MAX {
        return Err(format!(
            "the payload is longer than {PAYLOAD_LENGTH_MAX} bytes"
        ));
    }
    Json::read(text.as_bytes())?;
    Ok((salt.seal(&canonical), text))
}

/// Reads a payload's bytes against the hash that commits to it.
pub(crate) fn read(bytes: &[u8], hash: Hash) -> Result<Json, String> {
    let json = Json::read_canonical(bytes)?;
    let fields = json.object().filter(|fields| fields.len() == 2);
    let both = fields.and_then(|fields| Some((fields.get("payload")?, fields.get("salt")?)));
    let (payload, salt) = both.ok_or("it is not a payload with its salt")?;
    let salt = salt
        .text()
        .and_then(Salt::parse)
        .ok_or("its salt is not one")?;
    if salt.seal(&payload.canonical()) != hash {
        return Err("it was altered: it does not have the hash that the entry names".to_owned());
    }
    payload.object().ok_or("a payload is an object")?;
    Ok(payload.clone())
}

/// Keeps the bytes of a payload in the case.
pub(crate) fn keep(case: &Path, hash: Hash, bytes: &[u8]) -> Result<(), CaseError> {
    folder::make(&case.join(FOLDER))?;
    folder::place(case, |file, incoming| {
        let written = std::io::Write::write_all(file, bytes);
        written.map_err(CaseError::write(incoming))?;
        Ok((path(case, hash), ()))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_read_against_its_hash_alone() {
        let salt = Salt::new([7; 32]);
        let payload = object([("name", Json::Text("a".to_owned()))]);
        let (hash, text) = seal(&payload, &salt).unwrap();
        assert_eq!(read(text.as_bytes(), hash).unwrap(), payload);
        let (other, _) = seal(&payload, &Salt::new([8; 32])).unwrap();
        assert_ne!(
            other, hash,
            "the same payload with another salt shows nothing"
        );
        for bad in [
            text.replace("\"a\"", "\"b\""),
            text.replace("07", "08"),
            text.replace(':', ": "),
            text.replace("\"salt\"", "\"tlas\""),
            "{}".to_owned(),
        ] {
            assert!(read(bad.as_bytes(), hash).is_err(), "{bad}");
        }
        assert!(read(text.as_bytes(), other).is_err());
    }

    #[test]
    fn what_could_not_be_read_again_is_not_sealed() {
        let salt = Salt::new([7; 32]);
        assert!(seal(&Json::Null, &salt).is_err());
        assert!(seal(&object([("n", Json::Integer(i64::MAX))]), &salt).is_err());
        let long = Json::Text("x".repeat(PAYLOAD_LENGTH_MAX));
        assert!(seal(&object([("t", long)]), &salt).is_err());
        let mut deep = Json::Null;
        for _ in 0..31 {
            deep = Json::List(vec![deep]);
        }
        // The salt stands beside the payload, which so lies one deeper in its file.
        assert!(seal(&object([("d", deep)]), &salt).is_err());
    }
}
