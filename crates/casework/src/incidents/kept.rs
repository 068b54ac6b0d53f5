//! All that lists and totals need of a case: its incidents in short, and what stands beside them.
//!
//! It comes of a case that was read as a whole, or of an index, which keeps a row for each incident. Both give the same. A
//! row knows no other incident; those that a claim of kind `same-incident` joins are folded again, together.

use std::collections::{BTreeMap, BTreeSet};

use super::beside::Published;
use super::folded::Folded;
use super::same::Same;
use super::sources::Sources;
use super::view::{IncidentView, fold};
use crate::case::Case;
use crate::claims::Claim;
use crate::error::CaseError;
use crate::index::{Index, Tally};
use crate::words::CaseId;

/// Changes with what a row says, and with how claims are folded.
const ROWS: &str = "incident/2";

/// The kinds of which each claim is read.
const KINDS: &[&str] = &[
    "cited",
    "same-incident",
    "distinct-incidents",
    "source",
    "descriptor",
];

/// The kinds without which a list or a total is not whole.
const ABOUT: &[&str] = &[
    "incident",
    "loss",
    "attribution",
    "cited",
    "same-incident",
    "distinct-incidents",
];

/// How often a case may grow while its index is asked.
const TRIES: usize = 4;

/// The incidents of a case in short, and what stands beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The case.
    pub case: CaseId,
    /// Its state.
    pub revision: String,
    /// Its incidents, by their ids.
    pub folded: Vec<Folded>,
    /// Which of them are one.
    pub same: Same,
    /// Who says so.
    pub sources: Sources,
    /// What others published of periods.
    pub published: Vec<Published>,
    /// How many claims about incidents cannot be read.
    pub unreadable: usize,
    /// How many are withheld.
    pub withheld: usize,
}

impl Kept {
    /// Folds the claims of a whole case.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        Self::with_views(case).0
    }

    /// The same, and the incidents with every claim.
    #[must_use]
    pub fn with_views(case: &Case) -> (Self, Vec<IncidentView>) {
        let claims = case.claims();
        let same = Same::of(claims);
        let views = fold(claims, &same);
        let folded = views.iter().map(Folded::of).collect();
        (Self::made(case, same, folded, Tally::of(claims)), views)
    }

    /// Asks the index over a case; none where that cannot give one state of it, since others go on writing.
    ///
    /// # Errors
    /// Where the case cannot be read.
    pub fn asked(index: &mut Index) -> Result<Option<Self>, CaseError> {
        for _ in 0..TRIES {
            let case = index.of_kinds(KINDS)?;
            let same = Same::of(case.claims());
            let Some(folded) = rows(index, &same)? else {
                return Ok(None);
            };
            let kept = Self::made(&case, same, folded, index.tally()?);
            if index.of_kinds(&[])?.revision() == kept.revision {
                return Ok(Some(kept));
            }
        }
        Ok(None)
    }

    fn made(case: &Case, same: Same, folded: Vec<Folded>, tally: Tally) -> Self {
        let about = |counts: &BTreeMap<String, usize>| {
            let counts = ABOUT.iter().filter_map(|kind| counts.get(*kind));
            counts.sum()
        };
        Self {
            case: case.id().clone(),
            revision: case.revision(),
            folded,
            same,
            published: Published::of(case.claims()),
            unreadable: about(&tally.unreadable),
            withheld: about(&tally.withheld),
            sources: Sources::counted(case.claims(), tally.sources),
        }
    }
}

/// The rows that the index keeps; none where one cannot be read.
fn rows(index: &mut Index, same: &Same) -> Result<Option<Vec<Folded>>, CaseError> {
    let joined = same.joined();
    let apart: BTreeSet<&str> = joined.values().flatten().copied().collect();
    let make = |_: &str, claims: &[Claim]| {
        let views = fold(claims, &Same::default());
        let row = views
            .first()
            .map(|view| serde_json::to_string(&Folded::of(view)));
        Ok::<_, CaseError>(row.and_then(Result::ok))
    };
    let kept = index.derived(ROWS, "incident", make, |id, json| {
        (!apart.contains(id)).then(|| json.to_owned())
    })?;
    let kept: Vec<String> = kept.into_iter().flatten().collect();
    let Some(mut folded) = read_rows(&kept) else {
        return Ok(None);
    };
    for ids in joined.values() {
        let mut claims: Vec<Claim> = Vec::new();
        for id in ids {
            let about = index.about(&format!("incident:{id}"))?;
            claims.extend_from_slice(about.claims());
        }
        claims.sort_by(|a, b| (&a.time, &a.author, a.number).cmp(&(&b.time, &b.author, b.number)));
        // A claim about both is there twice.
        claims.dedup_by(|a, b| a.id == b.id);
        folded.extend(fold(&claims, same).iter().map(Folded::of));
    }
    if !joined.is_empty() {
        folded.sort_by(|a, b| a.incident.cmp(&b.incident));
    }
    Ok(Some(folded))
}

/// Reads rows, one half of them beside the other: that takes most of the time of a list.
fn read_rows(rows: &[String]) -> Option<Vec<Folded>> {
    let read = |rows: &[String]| -> Option<Vec<Folded>> {
        rows.iter()
            .map(|row| serde_json::from_str(row).ok())
            .collect()
    };
    let (first, second) = rows.split_at(rows.len() / 2);
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| read(second));
        let mut all = read(first)?;
        all.extend(beside.join().ok()??);
        Some(all)
    })
}
