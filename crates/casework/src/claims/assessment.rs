//! Who did it: hypotheses, the evidence that speaks for or against them, and the sentence that is said of them.
//!
//! The figures are intervals that people gave; weighing them is not done here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::{Range, said, said_if_any};
use crate::words::Word;

/// One answer to who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    /// Which theft.
    pub incident: Word,
    /// Names the answer among those to this theft.
    pub hypothesis: Word,
    /// The answer, in words.
    pub statement: String,
    /// How likely it is before any evidence, between 0 and 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior: Option<Range>,
}

/// Something that speaks for or against hypotheses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Which theft.
    pub incident: Word,
    /// Names it among the evidence of this theft.
    pub evidence: Word,
    /// What it is, in words.
    pub statement: String,
    /// What kind: `technique`, `laundering`, `infrastructure`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The technique that was seen, by its id of ATT&CK or AADAPT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technique: Option<String>,
    /// Evidence of one group is not independent, and counts once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// By hypothesis: how likely this is to be seen if it is true, against if it is not, as a ratio.
    pub likelihoods: BTreeMap<Word, Range>,
    /// The saved finding that it rests on; it falls with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Word>,
    /// What it was taken from: items of one upstream are not independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
}

/// What is said of a hypothesis in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// Which theft.
    pub incident: Word,
    /// Of which hypothesis.
    pub hypothesis: Word,
    /// The sentence.
    pub sentence: String,
}

impl Fields for Hypothesis {
    fn check(&self) -> Result<(), String> {
        said("statement", &self.statement)?;
        if self
            .prior
            .is_some_and(|prior| !prior.high().is_probability())
        {
            return Err("`prior` is between 0 and 1".to_owned());
        }
        Ok(())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("incident", self.incident.as_str());
    }
}

impl Fields for Evidence {
    fn check(&self) -> Result<(), String> {
        said("statement", &self.statement)?;
        said("type", &self.kind)?;
        said_if_any("technique", self.technique.as_ref())?;
        said_if_any("group", self.group.as_ref())?;
        said_if_any("upstream", self.upstream.as_ref())?;
        if self
            .likelihoods
            .values()
            .any(|ratio| ratio.low().value().is_zero())
        {
            let why = "a likelihood ratio is more than 0: nothing is ruled out by one item alone";
            return Err(why.to_owned());
        }
        Ok(())
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("incident", self.incident.as_str());
        if let Some(finding) = &self.finding {
            about("finding", finding.as_str());
        }
    }
}

impl Fields for Assessment {
    fn check(&self) -> Result<(), String> {
        said("sentence", &self.sentence)
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("incident", self.incident.as_str());
    }
}
