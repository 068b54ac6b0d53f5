//! What several people say of one thing, side by side, the most credible first.
//!
//! Where one value must be used it is the first: of the best Admiralty code (the source's reliability, then the
//! statement's credibility; without a code last), then of the latest publication, then in the canonical order of the
//! case. The others stay, with their claims. Nothing is averaged.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::claims::Claim;
use crate::marks::Confidence;
use crate::words::Date;

/// Where a value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cite {
    /// The claim, by its name.
    pub claim: String,
    /// Who says so: the id of a source, or a name. It may be confidential.
    pub source: Option<String>,
    /// Where that can be read.
    pub reference: Option<String>,
    /// Admiralty code.
    pub confidence: Option<String>,
    /// TLP mark.
    pub handling: Option<String>,
    /// When the source said so.
    pub published: Option<String>,
    /// Who recorded it.
    pub author: String,
    /// When it was recorded.
    pub recorded: String,
}

impl Cite {
    pub(crate) fn of(claim: &Claim) -> Self {
        let marks = &claim.marks;
        Self {
            claim: claim.name(),
            source: marks.source.clone(),
            reference: marks.reference.clone(),
            confidence: marks.confidence.map(|mark| mark.to_string()),
            handling: marks.handling.map(|mark| mark.to_string()),
            published: marks.published.as_ref().map(ToString::to_string),
            author: claim.author.to_string(),
            recorded: claim.time.to_string(),
        }
    }
}

/// By what claims are ordered, the one to be used first: [`Claim::weight`], then the place in the canonical order.
pub(crate) type Rank = (bool, Option<Confidence>, Reverse<Option<Date>>, usize);

/// The rank of a claim, which stands at `place` in the canonical order.
pub(crate) fn rank(claim: &Claim, place: usize) -> Rank {
    let (unmarked, confidence, Reverse(published)) = claim.weight();
    (unmarked, confidence, Reverse(published.cloned()), place)
}

/// One value, and the claims that say it, the best first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// Who says so.
    pub claims: Vec<Cite>,
}

/// Values that claims give to one thing, while they are gathered.
#[derive(Clone, Debug)]
pub(crate) struct Gathered<T> {
    all: Vec<(Rank, T, Cite)>,
}

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self { all: Vec::new() }
    }
}

impl<T: PartialEq> Gathered<T> {
    pub(crate) fn add(&mut self, rank: &Rank, value: T, claim: &Claim) {
        self.all.push((rank.clone(), value, Cite::of(claim)));
    }

    /// Each value once, the one to be used first.
    pub(crate) fn ordered(mut self) -> Vec<Said<T>> {
        self.all.sort_by(|a, b| a.0.cmp(&b.0));
        let mut values: Vec<Said<T>> = Vec::new();
        for (_, value, cite) in self.all {
            match values.iter_mut().find(|said| said.value == value) {
                Some(said) => said.claims.push(cite),
                None => values.push(Said {
                    value,
                    claims: vec![cite],
                }),
            }
        }
        values
    }
}
