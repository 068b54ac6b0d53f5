//! Reading a case in the plain form: all lines of its log, in a fixed order, each checked.
//!
//! The plain form has one claim a line and no chain of hashes, so nothing in it can be proven unchanged.
//! The chained form is in `ledger.rs`.

use std::collections::HashSet;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::CaseError;
use crate::ledger::identity;

mod claim;

pub use claim::{Claim, ClaimBody, IncidentClaim};

/// A line longer than this is not a claim.
const LINE_LENGTH_MAX: usize = 1 << 20;

/// A case, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    claims: Vec<Claim>,
    revision: String,
}

impl Case {
    /// Opens the case in a directory.
    ///
    /// # Errors
    /// [`CaseError`] with file and line.
    pub fn open(dir: &Path) -> Result<Self, CaseError> {
        let log = dir.join("log");
        let read = |error| CaseError::Read {
            path: log.clone(),
            error,
        };
        if !log.is_dir() {
            return Err(CaseError::NotACase(dir.to_owned()));
        }
        if let Ok(Some(_)) = identity(dir) {
            let why = "its entries are chained, and claims of the plain form are read here";
            return Err(CaseError::file(&dir.join("case.json"), why));
        }
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&log).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
            {
                files.push(path);
            }
        }
        files.sort();
        let mut texts = Vec::new();
        for path in files {
            let text = std::fs::read_to_string(&path).map_err(|error| CaseError::Read {
                path: path.clone(),
                error,
            })?;
            texts.push((path, text));
        }
        Self::read(
            texts
                .iter()
                .map(|(path, text)| (path.as_path(), text.as_str())),
        )
    }

    /// Reads a case from texts, each with the name to blame.
    ///
    /// # Errors
    /// [`CaseError::Line`] for the first line that is not a claim.
    pub fn read<'a>(files: impl Iterator<Item = (&'a Path, &'a str)>) -> Result<Self, CaseError> {
        let mut claims: Vec<Claim> = Vec::new();
        let mut ids: HashSet<String> = HashSet::new();
        let mut hasher = Sha256::new();
        for (path, text) in files {
            for (number, line) in text.lines().enumerate() {
                if line.trim().is_empty() {
                    continue;
                }
                let fail = |why: String| CaseError::Line {
                    path: path.to_owned(),
                    line: number + 1,
                    why,
                };
                if line.len() > LINE_LENGTH_MAX {
                    return Err(fail("the line is longer than 1 MiB".to_owned()));
                }
                let claim: Claim =
                    serde_json::from_str(line).map_err(|error| fail(error.to_string()))?;
                if !ids.insert(claim.id.clone()) {
                    return Err(fail(format!("claim {:?} stands twice", claim.id)));
                }
                hasher.update(line.as_bytes());
                hasher.update(b"\n");
                claims.push(claim);
            }
        }
        let digest = hasher.finalize();
        let revision = digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>();
        Ok(Self {
            claims,
            revision: format!("sha256:{revision}"),
        })
    }

    /// All claims in the order of the log.
    #[must_use]
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The state of the case: a hash over its lines.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// An incident and the claim that tells it.
    #[must_use]
    pub fn incident(&self, id: &str) -> Option<(&Claim, &IncidentClaim)> {
        self.claims.iter().find_map(|claim| match &claim.body {
            ClaimBody::Incident(incident) if claim.id == id => Some((claim, incident)),
            _ => None,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SERVICE: &str = r#"{"id":"c1","kind":"service","address":"ethereum:0x0","name":"X","category":"mixer","source":"s","confidence":"A1","handling":"TLP:CLEAR","time":"2026-01-01T00:00:00Z","author":"a"}"#;

    fn read(text: &str) -> Result<Case, CaseError> {
        Case::read([(Path::new("log/a.jsonl"), text)].into_iter())
    }

    #[test]
    fn a_line_is_a_claim_and_its_bytes_make_the_revision() {
        let case = read(SERVICE).unwrap();
        assert_eq!(case.claims().len(), 1);
        let other = read(&SERVICE.replace("A1", "A2")).unwrap();
        assert_ne!(case.revision(), other.revision());
    }

    #[test]
    fn what_is_wrong_is_named_by_file_and_line() {
        let twice = read(&format!("{SERVICE}\n\n{SERVICE}"))
            .unwrap_err()
            .to_string();
        assert_eq!(twice, "log/a.jsonl, line 3: claim \"c1\" stands twice");
        let broken = read("{\"id\":1}").unwrap_err().to_string();
        assert!(broken.starts_with("log/a.jsonl, line 1: "), "{broken}");
        let incident = r#"{"id":"i","kind":"incident","title":"t","date":"2022","victim":"v","origins":[{"from":"a","to":"b","ammount":"1","why":"w"}],"source":"s","confidence":"A1","handling":"TLP:CLEAR","time":"2026-01-01T00:00:00Z","author":"a"}"#;
        let misspelt = read(incident).unwrap_err().to_string();
        assert!(
            misspelt.starts_with("log/a.jsonl, line 1: unknown field `ammount`"),
            "{misspelt}"
        );
    }

    /// The check for repeated ids does not read all claims again for each one.
    #[test]
    fn many_claims_are_read_in_one_go() {
        let lines: Vec<String> = (0..50_000)
            .map(|number| SERVICE.replace("c1", &format!("c{number}")))
            .collect();
        assert_eq!(read(&lines.join("\n")).unwrap().claims().len(), 50_000);
        let again = format!("{}\n{SERVICE}", lines.join("\n"));
        let twice = read(&again).unwrap_err().to_string();
        assert_eq!(twice, "log/a.jsonl, line 50001: claim \"c1\" stands twice");
    }
}
