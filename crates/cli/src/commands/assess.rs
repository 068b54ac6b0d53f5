//! `whither assess`: who stood behind an incident, as the case's evidence has it.

use clap::Args;
use serde::Serialize;
use whither::assess::{Assessment, Options, SentenceRow, Suggestion, assess_case, suggest};
use whither::incidents::open;
use whither::saved::Computed;

use crate::args::{Format, Recording};
use crate::context::Context;
use crate::error::CommandError;
use crate::output::{self, Answer};
use crate::tables;

const EXAMPLES: &str = "\
Hypotheses, evidence and sentences are claims of the case: `whither evidence add hypothesis`,
`whither evidence add evidence` and `whither evidence add assessment` record them.

Each likelihood and each prior is a range, and so is the result: the lowest and the highest that any
values within the ranges give. What hangs together counts once, one item is held by a cap, and a
sentence that is stronger than its number is refused (exit code 1), as is one that rests on a
finding that fell. docs/methods/assessment.md defines all of it.

Examples:
  whither assess kucoin-2020 --suggest
  whither assess kucoin-2020
  whither assess kucoin-2020 --without commingled
  whither assess kucoin-2020 --check dprk-group 'This strongly suggests links to the DPRK.'
  whither assess kucoin-2020 --save who-took-kucoin
  whither assess kucoin-2020 --json";

/// Weigh who stood behind an incident
///
/// Weighs the hypotheses that the case states for an incident by the evidence that it holds, says how
/// likely each is in the words of ICD 203, what that rests on, and what remains without each item. It
/// checks every sentence that was recorded against its number.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Assess {
    /// The incident, by its id
    #[arg(value_name = "INCIDENT")]
    incident: String,
    /// Show what falls without this evidence (can be repeated)
    #[arg(long, value_name = "EVIDENCE", conflicts_with = "suggest")]
    without: Vec<String>,
    /// Check a sentence of a hypothesis that is not recorded yet
    #[arg(long, num_args = 2, value_names = ["HYPOTHESIS", "SENTENCE"], conflicts_with = "suggest")]
    check: Option<Vec<String>>,
    /// Offer hypotheses, and likelihoods of the techniques that the incident's claims name
    #[arg(long)]
    suggest: bool,
    /// Keep the result in the case under this name, for `whither verify`
    #[arg(long, value_name = "NAME", conflicts_with = "suggest")]
    save: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

/// A hypothesis on a line of its own.
#[derive(Serialize)]
struct HypothesisLine<'a, T: Serialize> {
    schema: &'static str,
    incident: &'a str,
    #[serde(flatten)]
    hypothesis: &'a T,
}

/// A claim that could be made, on a line of its own.
#[derive(Serialize)]
struct ClaimLine<'a, T: Serialize> {
    schema: &'static str,
    kind: &'static str,
    claim: &'a T,
}

impl Assess {
    /// Assesses, or offers what to begin with.
    pub fn run(self, context: &Context) -> Result<Answer, CommandError> {
        let dir = context.needed_case_dir()?;
        if self.suggest {
            let suggestion = suggest(dir, &self.incident)?;
            return told_suggestion(&suggestion, context).map(Answer::clean);
        }
        let sentence = self
            .check
            .and_then(|both| <[String; 2]>::try_from(both).ok());
        let options = Options {
            without: self.without,
            sentence: sentence.map(|[hypothesis, sentence]| (hypothesis, sentence)),
        };
        let case = open(dir, None)?;
        let assessment = assess_case(&case, &self.incident, &options)?;
        if let Some(name) = &self.save {
            let computed = Computed::of_assessment(&case, &assessment, &options)?;
            context.save(dir, &case, &self.recording.recorder()?, (name, &computed))?;
        }
        let clean = assessment.is_clean();
        Ok(Answer::checked(told(&assessment, context)?, clean))
    }
}

fn told(assessment: &Assessment, context: &Context) -> Result<String, CommandError> {
    match context.format {
        Format::Table => Ok(tables::assess::render(assessment, context.style)),
        Format::Json => output::json(assessment),
        Format::Jsonl => assessment
            .assessed
            .hypotheses
            .iter()
            .map(|hypothesis| {
                output::json_line(&HypothesisLine {
                    schema: "whither.assessment.hypothesis/1",
                    incident: &assessment.incident,
                    hypothesis,
                })
            })
            .collect(),
        Format::Csv => Ok(output::csv(COLUMNS, &rows(assessment))),
    }
}

const COLUMNS: &[&str] = &[
    "incident",
    "hypothesis",
    "prior_low",
    "prior_high",
    "low",
    "high",
    "words",
    "inconsistency",
    "sentences_refused",
];

fn rows(assessment: &Assessment) -> Vec<Vec<String>> {
    let assessed = &assessment.assessed;
    let row = |hypothesis: &whither::assess::HypothesisOutcome| {
        let name = &hypothesis.hypothesis;
        let points = assessed
            .inconsistency
            .iter()
            .find(|row| row.hypothesis == *name);
        let refused = |row: &&SentenceRow| row.hypothesis == *name && !row.stands();
        vec![
            assessment.incident.clone(),
            name.clone(),
            hypothesis.prior.low.to_string(),
            hypothesis.prior.high.to_string(),
            hypothesis.posterior.low.to_string(),
            hypothesis.posterior.high.to_string(),
            hypothesis.words.text(),
            points.map(|row| row.points.to_string()).unwrap_or_default(),
            assessment
                .sentences
                .iter()
                .filter(refused)
                .count()
                .to_string(),
        ]
    };
    assessed.hypotheses.iter().map(row).collect()
}

fn told_suggestion(suggestion: &Suggestion, context: &Context) -> Result<String, CommandError> {
    match context.format {
        Format::Table => Ok(tables::assess::suggestion(suggestion, context.style)),
        Format::Json => output::json(suggestion),
        Format::Jsonl => {
            let mut text = String::new();
            for offered in suggestion
                .hypotheses
                .iter()
                .filter(|offered| !offered.stated)
            {
                text.push_str(&claim_line("hypothesis", &offered.claim)?);
            }
            for claim in suggestion
                .techniques
                .iter()
                .filter_map(|row| row.claim.as_ref())
            {
                text.push_str(&claim_line("evidence", claim)?);
            }
            Ok(text)
        }
        Format::Csv => Ok(output::csv(
            SUGGESTION_COLUMNS,
            &suggestion_rows(suggestion),
        )),
    }
}

fn claim_line(kind: &'static str, claim: &impl Serialize) -> Result<String, CommandError> {
    output::json_line(&ClaimLine {
        schema: "whither.suggestion.claim/1",
        kind,
        claim,
    })
}

const SUGGESTION_COLUMNS: &[&str] = &["kind", "word", "what"];

fn suggestion_rows(suggestion: &Suggestion) -> Vec<Vec<String>> {
    let hypotheses = suggestion.hypotheses.iter().map(|row| {
        let offered = row.claim.offered;
        ["hypothesis", offered.hypothesis, offered.statement]
            .map(str::to_owned)
            .to_vec()
    });
    let techniques = suggestion.techniques.iter();
    let techniques = techniques.map(|row| {
        ["technique", row.technique, row.name]
            .map(str::to_owned)
            .to_vec()
    });
    hypotheses.chain(techniques).collect()
}
