//! Incidents that may be one: the same victim at the same time, one transaction in two, one figure within days.
//!
//! A pair is shown to people and merged by nobody: that takes a claim of kind `same-incident`. It fails where two names
//! of a victim have nothing in common, and it pairs two real thefts of one victim in one month.

use std::collections::{BTreeMap, HashMap};

use crate::period::Period;

/// Equal figures further apart than this, in days, are a coincidence.
const FIGURE_DAYS: i32 = 3;

/// By what incidents are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Its id.
    pub incident: String,
    /// The victim's name, as names are compared.
    pub victim: Option<String>,
    /// When it may have been.
    pub days: Option<Period>,
    /// Transactions that are named, with their chains where those are known.
    pub transactions: Vec<String>,
    /// What was stolen, as texts of asset and figure: `USD 281000000`.
    pub figures: Vec<String>,
}

/// Why two incidents may be one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// A transaction is named by both.
    Transaction(String),
    /// The same victim, and days that overlap.
    Victim,
    /// The same figure within days.
    Figure(String),
}

impl Likeness {
    /// In words, to stand after the names of both.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Transaction(id) => format!("both name the transaction {id}"),
            Self::Victim => "the victim is the same, and the dates overlap".to_owned(),
            Self::Figure(figure) => format!("both are of {figure}, within {FIGURE_DAYS} days"),
        }
    }
}

/// Two incidents that may be one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The one that comes first among those compared.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// Why.
    pub why: Likeness,
}

/// Finds incidents that may be one: each pair once, by its strongest reason, in the order of the incidents.
///
/// Of more than two that share something, each is paired with the one before it in time, so that a thousand thefts of
/// one victim do not make half a million pairs.
#[must_use]
pub fn alike(all: &[Traits]) -> Vec<Pair> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| (all[*at].days, &all[*at].incident));
    // Asked by key alone: no order of theirs is seen.
    let mut transactions: HashMap<&str, usize> = HashMap::new();
    let mut victims: HashMap<&str, usize> = HashMap::new();
    let mut figures: HashMap<&str, usize> = HashMap::new();
    let mut found: BTreeMap<(usize, usize), Likeness> = BTreeMap::new();
    let mut pair = |a: usize, b: usize, why: Likeness| {
        if all[a].incident == all[b].incident {
            return;
        }
        let best = found
            .entry((a.min(b), a.max(b)))
            .or_insert_with(|| why.clone());
        *best = why.min(best.clone());
    };
    for at in order {
        let traits = &all[at];
        for id in &traits.transactions {
            if let Some(before) = transactions.insert(id, at) {
                pair(before, at, Likeness::Transaction(id.clone()));
            }
        }
        let Some(days) = traits.days else {
            continue;
        };
        let overlaps = |before: usize, wider: i32| {
            all[before]
                .days
                .is_some_and(|before| before.wider(wider).overlaps(days))
        };
        if let Some(victim) = &traits.victim
            && let Some(before) = victims.insert(victim, at)
            && overlaps(before, 0)
        {
            pair(before, at, Likeness::Victim);
        }
        for figure in &traits.figures {
            if let Some(before) = figures.insert(figure, at)
                && days.first == days.last
                && overlaps(before, FIGURE_DAYS)
            {
                pair(before, at, Likeness::Figure(figure.clone()));
            }
        }
    }
    found
        .into_iter()
        .map(|((first, second), why)| Pair { first, second, why })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::words::Date;

    fn traits(incident: &str, victim: &str, date: &str, transaction: &str, figure: &str) -> Traits {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Traits {
            incident: incident.to_owned(),
            victim: some(victim),
            days: Date::parse(date).map(|date| date.days()),
            transactions: some(transaction).into_iter().collect(),
            figures: some(figure).into_iter().collect(),
        }
    }

    #[test]
    fn what_may_be_one_is_paired_once_by_its_strongest_reason() {
        let all = [
            traits("a", "kucoin", "2020-09-25", "t1", "USD 5"),
            traits("b", "kucoin", "2020-09", "t1", "USD 5"),
            traits("c", "upbit", "2020-09-27", "", "USD 5"),
            traits("d", "upbit", "2019", "t2", "USD 7"),
            traits("e", "", "2020-09-29", "", "USD 7"),
        ];
        let found: Vec<(usize, usize, String)> = alike(&all)
            .into_iter()
            .map(|pair| (pair.first, pair.second, pair.why.words()))
            .collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].0, found[0].1), (0, 1));
        assert!(found[0].2.contains("transaction t1"), "{found:?}");
        assert_eq!((found[1].0, found[1].1), (0, 2));
        assert!(found[1].2.contains("USD 5"), "{found:?}");
    }
}
