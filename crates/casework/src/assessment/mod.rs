//! Assessment: how likely each hypothesis of who did it is, on the evidence that a case holds.
//!
//! Bayes' rule with everything as a range: priors, likelihoods, and so the result. The ends are exact (`posterior`), one
//! item is held by a cap and by what its source is worth (`item`), what hangs together counts once (`groups`), and with
//! the interval come the words (`words`), what it rests on (`sensitivity`), a second method beside it
//! (`inconsistency`), and how good the ground is (`confidence`). `docs/methods/assessment.md` defines all of it.
//!
//! It is pure: it knows no log, no clock, and not whether a finding stands. Whoever asks says which items fell.

mod confidence;
mod from_case;
mod groups;
mod inconsistency;
mod item;
mod outcome;
mod phrases;
mod posterior;
mod sensitivity;
mod sentence;
mod share;
mod suggest;
mod words;

pub use confidence::{Ground, Level};
pub use from_case::{Asked, Recorded, asked};
pub use inconsistency::{Diagnosticity, Mark};
pub use item::{Item, ItemKind};
pub use outcome::{
    Assessed, Caveat, Counted, Fallen, HypothesisOutcome, Inconsistency, ItemOutcome,
};
pub use phrases::{Claims, PHRASES, Phrase};
pub use sensitivity::{Changed, LeftOut, PriorSensitivity, Turn};
pub use sentence::{Checked, check_sentence, check_sentence_about};
pub use share::{Likelihood, Range, Share};
pub use suggest::{BaseRate, OFFERED, Offered, base_rate};
pub use words::{Verdict, Word};

/// More hypotheses than this are refused.
pub const HYPOTHESES_MAX: usize = 32;

/// More items of evidence than this are refused.
pub const ITEMS_MAX: usize = 500;

/// The hypothesis that stands for what nobody thought of. A set without it is taken, and said to be without.
pub const UNKNOWN: &str = "unknown";

/// One explanation of a theft. Those of one question exclude one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hypothesis {
    /// Its word within the incident.
    pub id: String,
    /// What it says, for a reader.
    pub statement: String,
    /// How likely it was before the evidence, if somebody stated that.
    pub prior: Option<Range>,
}

/// What is to be assessed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The hypotheses, in any order.
    pub hypotheses: Vec<Hypothesis>,
    /// The evidence, in any order.
    pub items: Vec<Item>,
}

impl Question {
    /// The same question without some items, for what falls with them. Unknown names are given back.
    ///
    /// # Errors
    /// The first name that is no item.
    pub fn without(&self, names: &[String]) -> Result<Self, String> {
        let known = |name: &&String| self.items.iter().any(|item| item.id == **name);
        if let Some(name) = names.iter().find(|name| !known(name)) {
            return Err(name.clone());
        }
        let mut question = self.clone();
        question.items.retain(|item| !names.contains(&item.id));
        Ok(question)
    }
}

/// Assesses. The same question in another order gives the same result.
///
/// # Errors
/// If it cannot be asked: fewer than two hypotheses, a name that stands twice, priors that cannot sum to one, or
/// more than the limits.
pub fn assess(question: &Question) -> Result<Assessed, String> {
    let mut question = question.clone();
    question.hypotheses.sort_by(|a, b| a.id.cmp(&b.id));
    question.items.sort_by(|a, b| a.id.cmp(&b.id));
    checked(&question)?;
    outcome::outcome(&question)
}

fn checked(question: &Question) -> Result<(), String> {
    let Question { hypotheses, items } = question;
    if hypotheses.len() < 2 {
        return Err("an assessment weighs at least two hypotheses".to_owned());
    }
    if hypotheses.len() > HYPOTHESES_MAX || items.len() > ITEMS_MAX {
        return Err(format!(
            "an assessment has at most {HYPOTHESES_MAX} hypotheses and {ITEMS_MAX} items of evidence"
        ));
    }
    let hypotheses = hypotheses.iter().map(|hypothesis| &hypothesis.id);
    once(hypotheses, "hypothesis")?;
    once(items.iter().map(|item| &item.id), "evidence")
}

/// That no name stands twice among sorted ones.
fn once<'a>(names: impl Iterator<Item = &'a String>, what: &str) -> Result<(), String> {
    let mut before: Option<&String> = None;
    for name in names {
        if before == Some(name) {
            return Err(format!("the {what} {name:?} stands twice"));
        }
        before = Some(name);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
