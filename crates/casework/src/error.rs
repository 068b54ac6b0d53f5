//! Why a case cannot be read or written.

use std::path::PathBuf;

use thiserror::Error;

/// Why a case cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CaseError {
    /// The directory has no log.
    #[error("{0} is not a case: it has no `log` folder")]
    NotACase(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A line is not a claim.
    #[error("{path}, line {line}: {why}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
}
