//! Who stood behind an incident, as the case's evidence has it (`whither.assessment/1`).
//!
//! Joins the case with the method in `casework`, checks the sentences that were recorded against their numbers, and shows
//! what falls without some of the evidence. It needs no chain data: what the chain shows comes in by saved findings.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use whither_casework::assessment::{
    self, Asked, BaseRate, Caveat, Checked, OFFERED, Offered, Recorded, Verdict, asked, assess,
    base_rate, check_sentence_about,
};
use whither_casework::{Case, Catalogue, Technique};

pub use whither_casework::assessment::{Assessed, Changed, HypothesisOutcome, Range, Share, Turn};

use crate::error::Error;

/// The assessment of an incident.
#[derive(Clone, Debug, Serialize)]
pub struct Assessment {
    /// `whither.assessment/1`.
    pub schema: &'static str,
    /// Which incident.
    pub incident: String,
    /// What it comes to.
    #[serde(flatten)]
    pub assessed: Assessed,
    /// Sentences that were recorded, each checked against its number.
    pub sentences: Vec<SentenceRow>,
    /// The same without some evidence, if that was asked.
    pub without: Option<Without>,
    /// From what it was computed.
    pub provenance: Provenance,
}

/// From what an assessment was computed.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// Revision of the case.
    pub case: String,
    /// The claims that were used, each by the entry whose payload counted.
    pub claims: Vec<String>,
    /// The catalogues of techniques.
    pub catalogues: [Catalogue; 2],
    /// The program's version.
    pub version: &'static str,
}

/// A sentence and whether it may stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentenceRow {
    /// The claim that records it; none of a sentence that was only asked about.
    pub claim: Option<String>,
    /// Who recorded it.
    pub author: Option<String>,
    /// Of which hypothesis.
    pub hypothesis: String,
    /// The sentence.
    pub sentence: String,
    /// Evidence that fell, on which a recorded sentence rests.
    pub rests_on_fallen: Vec<String>,
    /// What the check says.
    #[serde(flatten)]
    pub checked: Checked,
}

impl SentenceRow {
    /// Whether it may stand as it is.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.checked.allowed
    }
}

/// What is left without some evidence.
#[derive(Clone, Debug, Serialize)]
pub struct Without {
    /// The evidence left out.
    pub evidence: Vec<String>,
    /// The hypotheses then.
    pub hypotheses: Vec<Changed>,
    /// Sentences that stand with it and not without.
    pub falling: Vec<SentenceRow>,
}

impl Assessment {
    /// Whether every sentence may stand as it is.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.sentences.iter().all(SentenceRow::stands)
    }
}

/// What is asked beside the assessment itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Evidence to leave out, by its word.
    pub without: Vec<String>,
    /// A hypothesis and a sentence of it that nobody recorded yet.
    pub sentence: Option<(String, String)>,
}

/// Assesses an incident of the case in a directory.
///
/// # Errors
/// If the case cannot be read, says nothing of the incident, states fewer than two hypotheses, or states what cannot be
/// weighed; if `options` name evidence or a hypothesis that is not there.
pub fn assess_incident(
    case: &Path,
    incident: &str,
    options: &Options,
) -> Result<Assessment, Error> {
    assess_case(&Case::open(case)?, incident, options)
}

/// Assesses an incident of a case.
///
/// # Errors
/// As [`assess_incident`].
pub fn assess_case(case: &Case, incident: &str, options: &Options) -> Result<Assessment, Error> {
    let incident = known(case, incident)?;
    let asked = asked(case, incident).map_err(Error::new)?;
    if asked.question.hypotheses.len() < 2 {
        let stated = asked.question.hypotheses.len();
        return Err(Error::new(format!(
            "an assessment weighs at least two hypotheses, and {stated} of incident {incident} {} stated",
            if stated == 1 { "is" } else { "are" }
        ))
        .with_hint(format!("`whither assess {incident} --suggest` offers some to start from")));
    }
    let mut assessed = assess(&asked.question).map_err(Error::new)?;
    assessed.caveats.extend(asked.caveats.iter().cloned());
    assessed.caveats.sort();
    let mut sentences = checked(&asked, &assessed);
    if let Some((hypothesis, sentence)) = &options.sentence {
        sentences.push(proposed(&assessed, hypothesis, sentence)?);
    }
    let without = (!options.without.is_empty())
        .then(|| without(&asked, &assessed, &sentences, &options.without));
    Ok(Assessment {
        schema: "whither.assessment/1",
        incident: incident.to_owned(),
        without: without.transpose()?,
        sentences,
        assessed,
        provenance: Provenance {
            case: case.revision(),
            claims: asked.claims.iter().map(ToString::to_string).collect(),
            catalogues: [Catalogue::Attack, Catalogue::Aadapt],
            version: env!("CARGO_PKG_VERSION"),
        },
    })
}

/// No more incidents are named to somebody who asked for one that is not there.
const INCIDENTS_NAMED: usize = 5;

/// The incident's id, if any claim is about it.
fn known<'a>(case: &Case, incident: &'a str) -> Result<&'a str, Error> {
    let id = incident.strip_prefix("incident:").unwrap_or(incident);
    let mut is_known = false;
    let mut others: BTreeSet<String> = BTreeSet::new();
    for claim in case.claims() {
        claim.body.subjects(&mut |kind, subject| {
            if kind == "incident" && subject == id {
                is_known = true;
            } else if kind == "incident" && others.len() < INCIDENTS_NAMED {
                others.insert(subject.to_owned());
            }
        });
        if is_known {
            return Ok(id);
        }
    }
    let error = Error::new(format!("no claim of this case is about an incident {id:?}"));
    let some: Vec<String> = others.into_iter().collect();
    if some.is_empty() {
        return Err(error.with_hint("`whither incident add` records one"));
    }
    Err(error.with_hint(format!("it speaks of {}, among others", some.join(", "))))
}

fn checked(asked: &Asked, assessed: &Assessed) -> Vec<SentenceRow> {
    let fallen: Vec<String> = assessed
        .fallen
        .iter()
        .map(|item| item.evidence.clone())
        .collect();
    let rows = asked.sentences.iter();
    rows.map(|recorded| row(recorded, assessed, fallen.clone()))
        .collect()
}

/// An assessment rests on all the evidence of its incident, until somebody takes back what fell.
fn row(recorded: &Recorded, assessed: &Assessed, rests_on_fallen: Vec<String>) -> SentenceRow {
    let mut row = of_record(recorded, assessed, rests_on_fallen);
    if !row.rests_on_fallen.is_empty() {
        let why = format!(
            "it rests on evidence that fell: {}",
            row.rests_on_fallen.join(", ")
        );
        row.checked.allowed = false;
        row.checked.why.push(why);
    }
    row
}

fn of_record(
    recorded: &Recorded,
    assessed: &Assessed,
    rests_on_fallen: Vec<String>,
) -> SentenceRow {
    SentenceRow {
        claim: Some(recorded.claim.clone()),
        author: Some(recorded.author.clone()),
        hypothesis: recorded.hypothesis.clone(),
        sentence: recorded.sentence.clone(),
        rests_on_fallen,
        checked: check(assessed, &recorded.hypothesis, &recorded.sentence).unwrap_or_else(|why| {
            Checked {
                allowed: false,
                why: vec![why],
                phrases: Vec::new(),
                may_say: Vec::new(),
            }
        }),
    }
}

fn proposed(assessed: &Assessed, hypothesis: &str, sentence: &str) -> Result<SentenceRow, Error> {
    let names: Vec<&str> = assessed
        .hypotheses
        .iter()
        .map(|row| row.hypothesis.as_str())
        .collect();
    let checked = check(assessed, hypothesis, sentence);
    let checked = checked
        .map_err(|why| Error::new(why).with_hint(format!("they are {}", names.join(", "))))?;
    Ok(SentenceRow {
        claim: None,
        author: None,
        hypothesis: hypothesis.to_owned(),
        sentence: sentence.to_owned(),
        rests_on_fallen: Vec::new(),
        checked,
    })
}

fn check(assessed: &Assessed, hypothesis: &str, sentence: &str) -> Result<Checked, String> {
    let outcome = assessed
        .hypotheses
        .iter()
        .find(|row| row.hypothesis == hypothesis);
    let outcome =
        outcome.ok_or_else(|| format!("{hypothesis:?} is no hypothesis of this incident"))?;
    Ok(check_sentence_about(
        sentence,
        &outcome.statement,
        outcome.posterior,
    ))
}

fn without(
    asked: &Asked,
    before: &Assessed,
    sentences: &[SentenceRow],
    names: &[String],
) -> Result<Without, Error> {
    let question = asked.question.without(names).map_err(|name| {
        let all = asked.question.items.iter().map(|item| item.id.as_str());
        Error::new(format!("{name:?} is no evidence of this incident"))
            .with_hint(format!("it is {}", all.collect::<Vec<_>>().join(", ")))
    })?;
    let after = assess(&question).map_err(Error::new)?;
    let words_before = |hypothesis: &str| -> Option<Verdict> {
        let row = before
            .hypotheses
            .iter()
            .find(|row| row.hypothesis == hypothesis);
        row.map(|row| row.words)
    };
    let hypotheses = after.hypotheses.iter().map(|row| Changed {
        hypothesis: row.hypothesis.clone(),
        posterior: row.posterior,
        words: row.words,
        words_change: words_before(&row.hypothesis) != Some(row.words),
    });
    let again = sentences
        .iter()
        .filter(|row| row.checked.allowed)
        .map(|row| SentenceRow {
            checked: check(&after, &row.hypothesis, &row.sentence)
                .unwrap_or_else(|_| row.checked.clone()),
            ..row.clone()
        });
    Ok(Without {
        evidence: names.to_vec(),
        hypotheses: hypotheses.collect(),
        falling: again.filter(|row| !row.checked.allowed).collect(),
    })
}

/// What is offered to somebody who begins (`whither.suggestion/1`). Nothing of it counts until it is a claim.
#[derive(Clone, Debug, Serialize)]
pub struct Suggestion {
    /// `whither.suggestion/1`.
    pub schema: &'static str,
    /// Which incident.
    pub incident: String,
    /// Hypotheses that are offered.
    pub hypotheses: Vec<HypothesisOffered>,
    /// The techniques that the incident's claims name, with the rates of who is reported to use them.
    pub techniques: Vec<TechniqueOffered>,
    /// Names of techniques that no catalogue has.
    pub unknown: Vec<String>,
    /// What a reader must know.
    pub caveats: Vec<Caveat>,
}

/// A hypothesis that is offered, as a claim would say it.
#[derive(Clone, Debug, Serialize)]
pub struct HypothesisOffered {
    /// Whether the case states one of that name.
    pub stated: bool,
    /// What `whither evidence add hypothesis` takes.
    pub claim: HypothesisClaim,
}

/// The fields of a claim of the kind `hypothesis`.
#[derive(Clone, Debug, Serialize)]
pub struct HypothesisClaim {
    /// Which incident.
    pub incident: String,
    /// Its word and what it says.
    #[serde(flatten)]
    pub offered: Offered,
}

/// A technique, and evidence that could be made of it.
#[derive(Clone, Debug, Serialize)]
pub struct TechniqueOffered {
    /// Its id.
    pub technique: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Where it is from.
    pub catalogue: Catalogue,
    /// Who is reported to use it; none if the catalogue lists no groups.
    pub base_rate: Option<BaseRate>,
    /// What `whither evidence add evidence` takes; none without a base rate.
    pub claim: Option<EvidenceClaim>,
}

/// The fields of a claim of the kind `evidence`, for a technique.
#[derive(Clone, Debug, Serialize)]
pub struct EvidenceClaim {
    /// Which incident.
    pub incident: String,
    /// Its word.
    pub evidence: String,
    /// What it says.
    pub statement: String,
    /// `technique`.
    pub r#type: &'static str,
    /// The technique.
    pub technique: &'static str,
    /// All rates are of one source.
    pub upstream: &'static str,
    /// By hypothesis.
    pub likelihoods: std::collections::BTreeMap<&'static str, assessment::Likelihood>,
}

/// Offers hypotheses, and likelihoods of the techniques that the incident's claims name.
///
/// # Errors
/// If the case cannot be read, or says nothing of the incident.
pub fn suggest(case: &Path, incident: &str) -> Result<Suggestion, Error> {
    let case = Case::open(case)?;
    let incident = known(&case, incident)?;
    let stated: BTreeSet<&str> = case
        .hypotheses()
        .filter(|(_, said)| said.incident.as_str() == incident)
        .map(|(_, said)| said.hypothesis.as_str())
        .collect();
    let claims = case
        .incidents()
        .filter(|(_, said)| said.incident.as_str() == incident);
    let vectors: BTreeSet<&String> = claims.flat_map(|(_, said)| &said.vectors).collect();
    let (mut techniques, mut unknown) = (Vec::new(), Vec::new());
    for vector in vectors {
        match Technique::find(vector) {
            Ok(technique) => techniques.push(offered(incident, technique)),
            Err(nearest) => unknown.push(nearest.to_string()),
        }
    }
    let hypotheses = OFFERED.into_iter().map(|offered| HypothesisOffered {
        stated: stated.contains(offered.hypothesis),
        claim: HypothesisClaim {
            incident: incident.to_owned(),
            offered,
        },
    });
    let what = "a base rate counts reported groups, and is no frequency of thefts: it is drawn to the rate of all groups, \
        capped, and of one source, so that all of them count once"
        .to_owned();
    Ok(Suggestion {
        schema: "whither.suggestion/1",
        incident: incident.to_owned(),
        hypotheses: hypotheses.collect(),
        techniques,
        unknown,
        caveats: vec![Caveat::new("base-rate", what)],
    })
}

fn offered(incident: &str, technique: Technique) -> TechniqueOffered {
    let rate = base_rate(technique);
    let claim = rate.as_ref().map(|rate| EvidenceClaim {
        incident: incident.to_owned(),
        evidence: technique.id.to_ascii_lowercase().replace('.', "-"),
        statement: format!(
            "{} ({}) was used; {}",
            technique.name, technique.id, rate.what
        ),
        r#type: "technique",
        technique: technique.id,
        upstream: "attack-18-1",
        likelihoods: [
            ("dprk-group", rate.dprk),
            ("other-state", rate.other),
            ("criminal", rate.other),
        ]
        .into(),
    });
    TechniqueOffered {
        technique: technique.id,
        name: technique.name,
        catalogue: technique.catalogue,
        base_rate: rate,
        claim,
    }
}
