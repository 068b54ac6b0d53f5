//! Which incidents are one, as claims of kind `same-incident` say, and which are not.
//!
//! A claim that two of its incidents are distinct takes the word of a claim that they are the same: both are shown, and
//! they count apart. What merely looks alike is not known here.

use std::collections::{BTreeMap, BTreeSet};

use crate::claims::{Body, Claim};

/// Ids, and the one id that stands for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Same {
    one: BTreeMap<String, String>,
    distinct: BTreeSet<(String, String)>,
    /// Claims that incidents are the same which another claim says are not: the names of both claims.
    pub contradicted: Vec<(String, String)>,
}

impl Same {
    /// Reads what claims say of it.
    #[must_use]
    pub fn of(claims: &[Claim]) -> Self {
        let mut same = Self::default();
        let mut apart: BTreeMap<(String, String), String> = BTreeMap::new();
        for claim in claims {
            if let Body::DistinctIncidents(said) = &claim.body {
                for pair in pairs(&said.incidents) {
                    apart.entry(pair).or_insert_with(|| claim.name());
                }
            }
        }
        for claim in claims {
            let Body::SameIncident(said) = &claim.body else {
                continue;
            };
            let against = pairs(&said.incidents).find_map(|pair| apart.get(&pair));
            match against {
                Some(other) => same.contradicted.push((claim.name(), other.clone())),
                None => {
                    for (a, b) in pairs(&said.incidents) {
                        same.join(&a, &b);
                    }
                }
            }
        }
        same.settle();
        same.distinct = apart.into_keys().collect();
        same
    }

    /// Joins what stands for two incidents; the smaller id stands for both from now on. Ids that pointed to the other one
    /// still do, until [`Same::settle`].
    fn join(&mut self, a: &str, b: &str) {
        let (a, b) = (self.root(a), self.root(b));
        let (first, other) = if a <= b { (a, b) } else { (b, a) };
        self.one.insert(other, first.clone());
        self.one.insert(first.clone(), first);
    }

    /// The id that a chain of ids ends at; what was passed points closer to it afterwards.
    fn root(&mut self, id: &str) -> String {
        let mut at = id.to_owned();
        while let Some(next) = self.one.get(&at).filter(|next| **next != at).cloned() {
            let after = self.one.get(&next).unwrap_or(&next).clone();
            self.one.insert(at, after.clone());
            at = after;
        }
        at
    }

    /// Lets every id point to the one that stands for it.
    fn settle(&mut self) {
        let ids: Vec<String> = self.one.keys().cloned().collect();
        for id in ids {
            let root = self.root(&id);
            self.one.insert(id, root);
        }
    }

    /// The id that stands for an incident.
    #[must_use]
    pub fn one<'a>(&'a self, incident: &'a str) -> &'a str {
        self.one.get(incident).map_or(incident, String::as_str)
    }

    /// The other ids of an incident that stands for several.
    #[must_use]
    pub fn others(&self, incident: &str) -> Vec<String> {
        let others = self
            .one
            .iter()
            .filter(|(id, one)| *one == incident && *id != incident);
        others.map(|(id, _)| id.clone()).collect()
    }

    /// The incidents that stand for several, each with all ids of it.
    #[must_use]
    pub fn joined(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut joined: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (id, one) in &self.one {
            joined.entry(one).or_default().push(id);
        }
        joined
    }

    /// Whether a claim says that two incidents are not one.
    #[must_use]
    pub fn are_distinct(&self, a: &str, b: &str) -> bool {
        let pair = if a <= b {
            (a.to_owned(), b.to_owned())
        } else {
            (b.to_owned(), a.to_owned())
        };
        self.distinct.contains(&pair)
    }
}

/// All pairs of ids, the smaller one first.
fn pairs(ids: &[crate::words::Word]) -> impl Iterator<Item = (String, String)> + '_ {
    ids.iter().enumerate().flat_map(move |(at, a)| {
        ids[at + 1..].iter().map(move |b| {
            let (a, b) = (a.to_string(), b.to_string());
            if a <= b { (a, b) } else { (b, a) }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_chain_of_pairs_is_one_incident_in_whatever_order_it_is_told() {
        let id = |number: usize| format!("i{number:05}");
        // 7919 is prime: every pair of neighbours comes once, far from the one before it.
        let mut pairs: Vec<usize> = (0..6000).map(|at| at * 7919 % 6000).collect();
        pairs.retain(|at| at % 3000 != 2999);
        let mut same = Same::default();
        for at in pairs {
            same.join(&id(at + 1), &id(at));
        }
        same.settle();
        let joined = same.joined();
        assert_eq!(
            joined.keys().copied().collect::<Vec<_>>(),
            [id(0), id(3000)]
        );
        assert!(joined.values().all(|ids| ids.len() == 3000));
        assert_eq!(same.one(&id(5999)), id(3000));
        assert_eq!(same.others(&id(0)).len(), 2999);
    }
}
