//! Incidents that may be one: the same victim at the same time, one transaction in two, one figure within days.
//!
//! A pair is shown to people and merged by nobody: that takes a claim of kind `same-incident`. It fails where two names
//! of a victim have nothing in common, and it pairs two real thefts of one victim in one month.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::period::Period;

/// Equal figures further apart than this, in days, are a coincidence.
const FIGURE_DAYS: i32 = 3;

/// With how many others each incident is compared that share a transaction, a victim or a figure with it.
pub const NEAREST: usize = 32;

/// By what incidents are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Its id.
    pub incident: String,
    /// The victim's name, as names are compared.
    pub victim: Option<String>,
    /// When it may have been, as any of its claims says.
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

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alike {
    /// Each pair once, by its strongest reason, in the order of the incidents.
    pub pairs: Vec<Pair>,
    /// How many incidents had more others to be compared with than are looked at: pairs of theirs may be missing.
    pub cut: usize,
}

/// Finds incidents that may be one.
///
/// Each is compared with the [`NEAREST`] before it in time that share something with it, and where all of those fit, paired
/// with one of them alone, so that a thousand thefts of one victim in one year do not make half a million pairs. Where
/// that leaves some out, it says so.
#[must_use]
pub fn alike(all: &[Traits]) -> Alike {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| (all[*at].days, &all[*at].incident));
    let mut search = Search {
        all,
        found: BTreeMap::new(),
        cut: BTreeSet::new(),
    };
    // Asked by key alone: order never leaves.
    let mut transactions: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut victims: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut figures: HashMap<&str, Vec<usize>> = HashMap::new();
    for at in order {
        let traits = &all[at];
        for id in &traits.transactions {
            let before = transactions.entry(id).or_default();
            search.pairs(before, at, None, || Likeness::Transaction(id.clone()));
            before.push(at);
        }
        let Some(days) = traits.days else {
            continue;
        };
        if let Some(victim) = &traits.victim {
            let before = victims.entry(victim).or_default();
            search.pairs(before, at, Some(days), || Likeness::Victim);
            before.push(at);
        }
        for figure in &traits.figures {
            let before = figures.entry(figure).or_default();
            let near = Some(days.wider(FIGURE_DAYS));
            search.pairs(before, at, near, || Likeness::Figure(figure.clone()));
            before.push(at);
        }
    }
    let pairs = search.found.into_iter();
    Alike {
        pairs: pairs
            .map(|((first, second), why)| Pair { first, second, why })
            .collect(),
        cut: search.cut.len(),
    }
}

struct Search<'a> {
    all: &'a [Traits],
    found: BTreeMap<(usize, usize), Likeness>,
    cut: BTreeSet<usize>,
}

impl Search<'_> {
    /// Pairs an incident with those before it that share something, and whose days overlap the days given.
    fn pairs(
        &mut self,
        before: &[usize],
        at: usize,
        days: Option<Period>,
        why: impl Fn() -> Likeness,
    ) {
        let this = &self.all[at];
        let mut near: Vec<usize> = before.iter().rev().take(NEAREST).copied().collect();
        near.retain(|other| {
            let other = &self.all[*other];
            let meet = |days| other.days.is_some_and(|other| other.overlaps(days));
            other.incident != this.incident && days.is_none_or(meet)
        });
        if before.len() > NEAREST {
            self.cut.insert(at);
            if near.len() == NEAREST {
                // What so many share says little of any two.
                near.truncate(1);
            }
        }
        for other in near {
            let key = (other.min(at), other.max(at));
            let best = self.found.entry(key).or_insert_with(&why);
            *best = why().min(best.clone());
        }
    }
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
            .pairs
            .into_iter()
            .map(|pair| (pair.first, pair.second, pair.why.words()))
            .collect();
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!((found[0].0, found[0].1), (0, 1));
        assert!(found[0].2.contains("transaction t1"), "{found:?}");
        assert_eq!((found[1].0, found[1].1), (0, 2));
        assert!(found[1].2.contains("USD 5"), "{found:?}");
        assert_eq!((found[2].0, found[2].1), (1, 2));
    }

    #[test]
    fn every_one_that_overlaps_is_paired_and_not_its_neighbour_alone() {
        let all = [
            traits("a", "acme", "2020", "", "USD 1"),
            traits("b", "acme", "2020-05-02", "", "USD 2"),
            traits("c", "acme", "2020-09-03", "", "USD 3"),
            traits("d", "acme", "2020-09", "", "USD 4"),
            traits("e", "kucoin", "2020-09", "", "USD 281000000"),
            traits("f", "unnamed", "2020-09", "", "USD 281000000"),
            traits("g", "third", "2020-10-03", "", "USD 281000000"),
            traits("h", "fourth", "2020-10-04", "", "USD 281000000"),
        ];
        let found = alike(&all);
        let pairs: Vec<(usize, usize)> = found
            .pairs
            .iter()
            .map(|pair| (pair.first, pair.second))
            .collect();
        assert_eq!(
            pairs,
            [
                (0, 1),
                (0, 2),
                (0, 3),
                (2, 3),
                (4, 5),
                (4, 6),
                (5, 6),
                (6, 7)
            ]
        );
        assert_eq!(found.cut, 0);
    }

    #[test]
    fn of_many_alike_the_nearest_are_paired_and_the_cut_is_told() {
        let all: Vec<Traits> = (0..40)
            .map(|at| traits(&format!("i{at:02}"), "acme", "2020-05-02", "", ""))
            .collect();
        let found = alike(&all);
        assert_eq!(found.cut, 40 - NEAREST - 1);
        assert_eq!(found.pairs.len(), (1..=NEAREST).sum::<usize>() + found.cut);
    }
}
