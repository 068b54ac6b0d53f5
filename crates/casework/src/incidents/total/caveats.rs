//! What must be said with a total.

use super::{Asked, Caveat, Total};
use crate::incidents::beside;
use crate::incidents::folded::Folded;
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
