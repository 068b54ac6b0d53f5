//! What incidents add up to, beside what others published (`whither.total/1`).

use serde::Serialize;
use whither_casework::Case;
use whither_casework::incidents::{Asked, By, Caveat, Pricing, Total, total as add_up};

use super::{Known, period};
use crate::error::Error;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct TotalQuestion {
    /// From this date on: a day, a month or a year.
    pub from: Option<String>,
    /// Up to this date, all of it included.
    pub to: Option<String>,
    /// Only what a claim attributes to this actor.
    pub actor: Option<String>,
    /// By what the sum is broken down.
    pub by: Option<By>,
}

/// A total, and the case it is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TotalAnswer {
    /// The total.
    #[serde(flatten)]
    pub total: Total,
    /// The case.
    pub case: String,
    /// Its state, at the time that was asked for.
    pub revision: String,
}

/// Adds up the incidents of a case.
///
/// # Errors
/// Where a date is none, or a claim says a value that no sum can hold.
pub fn total(
    case: &Case,
    question: &TotalQuestion,
    pricing: Option<&Pricing>,
) -> Result<TotalAnswer, Error> {
    let period = period(question.from.as_deref(), question.to.as_deref())?;
    let known = Known::of(case);
    let asked = Asked {
        period,
        actor: question.actor.clone(),
        by: question.by,
        pricing,
    };
    let mut total =
        add_up(&known.folded(), &known.published, &known.same, &asked).map_err(Error::new)?;
    total.caveats.extend(known.caveats());
    let of_rows = total.rows.iter().filter_map(|row| row.source.clone());
    let sources = of_rows
        .chain(total.cited.iter().filter_map(|row| row.source.clone()))
        .collect();
    let warnings = known.sources.warnings(Some(&sources)).into_iter();
    total.caveats.extend(warnings.map(|warning| Caveat {
        kind: "source",
        what: warning.what,
        incident: None,
    }));
    total.caveats.sort();
    Ok(TotalAnswer {
        total,
        case: case.id().to_string(),
        revision: case.revision(),
    })
}
