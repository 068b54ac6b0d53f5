//! One error for whoever calls the library: what is wrong, where, and what to do next.

use std::fmt;

use whither_casework::CaseError;

/// What went wrong, in words for the person at the command line or the page.
#[derive(Debug, PartialEq, Eq)]
pub struct Error {
    message: String,
    hint: Option<String>,
}

impl Error {
    /// An error without a next step.
    pub fn new(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            hint: None,
        }
    }

    /// The same error, with what to do next.
    #[must_use]
    pub fn with_hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// The same error, with what to do next where that is known.
    #[must_use]
    pub fn with_hint_of(self, hint: Option<impl fmt::Display>) -> Self {
        match hint {
            Some(hint) => self.with_hint(hint),
            None => self,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<whither_analysis::trace::TraceError> for Error {
    fn from(error: whither_analysis::trace::TraceError) -> Self {
        Self::new(&error).with_hint_of(error.hint())
    }
}

impl From<CaseError> for Error {
    fn from(error: CaseError) -> Self {
        let hint = match &error {
            CaseError::NotACase(_) => Some("`whither init` starts one"),
            CaseError::Unchained(_) => {
                Some("a case is started by `whither init`, which gives `case.json` its format")
            }
            CaseError::Damaged(_) => Some("`whither evidence verify` names every fault"),
            CaseError::Locked(_) => Some("wait until it is done; nothing is lost"),
            CaseError::Suspect(_) => Some("run the command again"),
            _ => None,
        };
        Self::new(error).with_hint_of(hint)
    }
}

impl From<whither_ledger::memory::BuildError> for Error {
    fn from(error: whither_ledger::memory::BuildError) -> Self {
        Self::new(error)
    }
}
