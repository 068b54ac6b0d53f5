//! What must be said with a total.

use super::{Asked, Caveat, Total};
use crate::incidents::beside;
use crate::incidents::folded::{Decimals, Folded};
use crate::incidents::same::Same;
use crate::period::Lies;
use crate::words::Date;

impl Total {
    /// Says what does not show in the figures.
    pub(super) fn say(&mut self, same: &Same) {
        self.caveats
            .extend(self.cited.iter().filter_map(beside::unexplained));
        for (claim, other) in &same.contradicted {
            let what = format!(
                "claim {claim} says that incidents are one, and claim {other} that they are not: they count apart"
            );
            self.caveats.push(Caveat::new("same-incident", None, what));
        }
        for row in self.rows.iter().filter(|row| row.values > 1) {
            let (min, max) = (row.min.unwrap_or_default(), row.max.unwrap_or_default());
            let used = row.claimed.unwrap_or_default();
            let what = format!(
                "claims on {} give {} values, from {} to {} USD; {} is used",
                row.incident,
                row.values,
                min.0.normalize(),
                max.0.normalize(),
                used.0.normalize()
            );
            self.caveats
                .push(Caveat::new("conflict", Some(&row.incident), what));
        }
        for straddling in &self.straddling {
            let adds = straddling.usd.map_or("has no value".to_owned(), |usd| {
                format!("would add {} USD", usd.0.normalize())
            });
            let what = format!(
                "{} is dated {}, across an edge of the period; it is not in the sum, and {adds}",
                straddling.incident, straddling.date
            );
            self.caveats
                .push(Caveat::new("straddles", Some(&straddling.incident), what));
        }
        for incident in &self.undated {
            self.caveats.push(Caveat::new(
                "undated",
                Some(incident),
                format!("{incident} has no date, and is not in the sum"),
            ));
        }
        for incident in &self.without_value {
            let what = format!(
                "{incident} has no value, claimed or computed; it counts as an incident and adds nothing"
            );
            self.caveats
                .push(Caveat::new("no-value", Some(incident), what));
        }
        for duplicate in &self.duplicates {
            let [a, b] = &duplicate.incidents;
            let if_one = duplicate.total_if_one.map_or(String::new(), |usd| {
                format!("; if they are, the total is {} USD", usd.0.normalize())
            });
            let what = format!(
                "{a} and {b} may be one: {}; both count{if_one}",
                duplicate.why
            );
            self.caveats.push(Caveat::new("duplicate", Some(a), what));
        }
        self.caveats.sort();
    }
}

/// A date of another claim that would decide otherwise.
pub(super) fn date_conflict(folded: &Folded, asked: &Asked, total: &mut Total, within: bool) {
    let lies = |date: &String| Date::parse(date).map(|date| date.days().lies(asked.period));
    let other = folded
        .other_dates
        .iter()
        .find(|date| match (lies(date), within) {
            (Some(Lies::Within), true) | (Some(Lies::Outside), false) | (None, _) => false,
            (Some(_), _) => true,
        });
    if let Some(other) = other {
        let used = folded.date.clone().unwrap_or_default();
        let (stands, would) = if within {
            ("is in the sum", "out of it")
        } else {
            ("is not in the sum", "into it")
        };
        let what = format!(
            "{} is dated {used}, and {stands}; another claim dates it {other}, which may take it {would}",
            folded.incident
        );
        total
            .caveats
            .push(Caveat::new("date-conflict", Some(&folded.incident), what));
    }
}

/// What does not show in the figures of a row.
pub(super) fn row_caveats(
    folded: &Folded,
    computed: Option<Decimals>,
    most: Option<Decimals>,
) -> Vec<Caveat> {
    let mut caveats = Vec::new();
    let mut say =
        |kind, what: String| caveats.push(Caveat::new(kind, Some(&folded.incident), what));
    if let (Some(computed), Some(most)) = (computed, most)
        && computed != most
    {
        let what = format!(
            "{} is dated {}; over those days its computed value goes from {} to {} USD, and the least counts",
            folded.incident,
            folded.date.as_deref().unwrap_or_default(),
            computed.0.normalize(),
            most.0.normalize()
        );
        say("days", what);
    }
    for asset in &folded.without_value {
        let what = format!(
            "no claim values the {asset} of {}; its claimed value is a sum over its other assets",
            folded.incident
        );
        say("parts", what);
    }
    for (what, after) in ["recovered", "frozen", "reissued"]
        .iter()
        .zip(&folded.after)
    {
        for held in &after.units {
            let what = format!(
                "{} {} of {} were {what}, and no claim values that: it is not taken off",
                held.quantity,
                held.name(),
                folded.incident
            );
            say("units", what);
        }
    }
    caveats
}
