//! Findings that are kept in the case, and computed anew to be checked.
//!
//! A result is kept with all that it was computed from: command, parameters, chain content, the head of the case
//! and the claims that it rests on. Checking opens the case as it was at that head, computes, and compares bytes.
//! Who keeps it, and when, the caller says.

mod again;
mod falls;
pub(crate) mod used;
mod verify;

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use whither_casework::claims::Finding as FindingClaim;
use whither_casework::findings::{bring, rests_on};
use whither_casework::{Case, Hash, Json, Word, Writer};

pub(crate) use again::question as question_of;
pub use falls::{
    Change, FallenAssessment, FallenEvidence, FallenFinding, FallenPath, Falls, falls,
};
pub use verify::{Fallen, Mismatch, Verification, verify};

use crate::assess::{Assessment, Options};
use crate::error::Error;
use crate::incidents::TotalAnswer;
use crate::link::LinkList;
use crate::offramps::Offramps;
use crate::question::Finding;
use crate::recorder::Recorder;
use crate::value::Value;

/// The command of a total, as findings name it.
const TOTAL: &str = "incident total";
/// The command of an assessment.
const ASSESS: &str = "assess";
/// The command of links.
const LINK: &str = "link";
/// The command of a list of off-ramps.
const OFFRAMPS: &str = "offramps";
/// The command of a value.
const VALUE: &str = "value";

/// What an assessment was asked for: all that it depends on beside the case.
#[derive(Serialize)]
struct AssessParameters<'a> {
    incident: &'a str,
    without: &'a [String],
    check: Option<&'a (String, String)>,
}

/// A result that is to be kept.
#[derive(Clone, Debug)]
pub struct Computed<'a> {
    /// The command that computed it.
    pub command: &'a str,
    /// With what parameters; from these alone it can be computed anew.
    pub parameters: Json,
    /// The content id of the chain data, or empty where none was used.
    pub store: String,
    /// The result, as it is printed.
    pub result: Json,
    /// The claims that it rests on, each by the entry whose payload counts.
    pub claims: BTreeSet<Hash>,
}

/// What was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Saved {
    /// Under which name.
    pub finding: String,
    /// The entry that keeps it.
    pub entry: String,
    /// SHA-256 of the result.
    pub sha256: String,
    /// Whether a result of that name was there, which this one corrects.
    pub corrects: bool,
    /// How many claims it rests on.
    pub claims: usize,
}

impl<'a> Computed<'a> {
    /// A trace, with what it was computed from.
    ///
    /// # Errors
    /// Where the result cannot be written canonically.
    pub fn of_trace(case: &Case, finding: &Finding) -> Result<Self, Error> {
        let result = Json::of(finding).map_err(Error::new)?;
        Ok(Self {
            command: "trace",
            parameters: Json::of(&finding.provenance.parameters).map_err(Error::new)?,
            store: finding.provenance.store.clone(),
            claims: rests_on(case, &result),
            result,
        })
    }

    /// Links, with what they were computed from.
    ///
    /// # Errors
    /// Where the result cannot be written canonically.
    pub fn of_links(case: &Case, list: &LinkList) -> Result<Self, Error> {
        let result = Json::of(list).map_err(Error::new)?;
        Ok(Self {
            command: LINK,
            parameters: Json::of(&list.provenance.parameters).map_err(Error::new)?,
            store: list.provenance.store.clone(),
            claims: rests_on(case, &result),
            result,
        })
    }

    /// A list of off-ramps, with what it was computed from.
    ///
    /// # Errors
    /// Where the result cannot be written canonically.
    pub fn of_offramps(case: &Case, list: &Offramps) -> Result<Self, Error> {
        let result = Json::of(list).map_err(Error::new)?;
        Ok(Self {
            command: OFFRAMPS,
            parameters: Json::of(&list.provenance.parameters).map_err(Error::new)?,
            store: list.provenance.store.clone(),
            claims: rests_on(case, &result),
            result,
        })
    }

    /// A total over incidents, with what it was computed from.
    ///
    /// # Errors
    /// Where the result cannot be written canonically.
    pub fn of_total(case: &Case, answer: &TotalAnswer) -> Result<Self, Error> {
        Ok(Self {
            command: TOTAL,
            parameters: Json::of(&answer.provenance.parameters).map_err(Error::new)?,
            store: String::new(),
            result: Json::of(answer).map_err(Error::new)?,
            claims: used::of_total(case, &answer.total),
        })
    }

    /// The value of an amount, with what it was computed from. It rests on prices, and on no claim.
    ///
    /// # Errors
    /// Where the result cannot be written canonically.
    pub fn of_value(value: &Value) -> Result<Self, Error> {
        Ok(Self {
            command: VALUE,
            parameters: Json::of(&value.provenance.parameters).map_err(Error::new)?,
            store: String::new(),
            result: Json::of(value).map_err(Error::new)?,
            claims: BTreeSet::new(),
        })
    }

    /// An assessment, with what was asked.
    ///
    /// # Errors
    /// Where the result cannot be written canonically.
    pub fn of_assessment(
        case: &Case,
        assessment: &Assessment,
        options: &Options,
    ) -> Result<Self, Error> {
        let parameters = AssessParameters {
            incident: &assessment.incident,
            without: &options.without,
            check: options.sentence.as_ref(),
        };
        Ok(Self {
            command: ASSESS,
            parameters: Json::of(&parameters).map_err(Error::new)?,
            store: String::new(),
            result: Json::of(assessment).map_err(Error::new)?,
            claims: used::of_assessment(case, &assessment.incident),
        })
    }
}

/// Keeps a result that was computed from a case in that case, under a name.
///
/// # Errors
/// Where the name is no word, or the case cannot be written.
pub fn save(
    dir: &Path,
    case: &Case,
    recorder: &Recorder,
    (name, result): (&str, &Computed<'_>),
) -> Result<Saved, Error> {
    let finding = Word::new(name).map_err(|error| {
        Error::new(error).with_hint("name a finding like `ronin-fifo`: a-z, 0-9 and hyphens")
    })?;
    let head = Json::read(case.head().canonical().as_bytes()).map_err(Error::new)?;
    let count = result.claims.len();
    let claim = FindingClaim {
        finding,
        command: result.command.to_owned(),
        parameters: result.parameters.clone(),
        store: if result.store.is_empty() {
            "none".to_owned()
        } else {
            result.store.clone()
        },
        case: case.revision(),
        head,
        claims: result.claims.iter().copied().collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let mut writer = Writer::open(dir)?;
    let says = bring(&mut writer, recorder.author(), claim, &result.result)?;
    let entry = writer.append(recorder.draft(says)?)?;
    Ok(Saved {
        finding: name.to_owned(),
        entry: entry.hash().to_string(),
        sha256: Hash::of(result.result.canonical().as_bytes()).to_string(),
        corrects: entry.target().is_some(),
        claims: count,
    })
}
