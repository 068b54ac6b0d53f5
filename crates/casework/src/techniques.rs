//! The techniques that a theft's vectors name: MITRE ATT&CK Enterprise and MITRE AADAPT, each in one version.
//!
//! They are shipped (`data/`, with licences and how they were made), so that an id means the same to whoever opens the case
//! and nothing is fetched. With the ATT&CK techniques stand counts of the groups that are reported to use them; what can be
//! concluded from those, which is little, is in `assessment::suggest`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Serialize;

const ATTACK: &str = include_str!("../data/attack-18.1.tsv");
const AADAPT: &str = include_str!("../data/aadapt-4.4.0.tsv");

/// Which catalogue, and which version of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Catalogue {
    /// MITRE ATT&CK Enterprise v18.1 of 2025-11-13.
    #[serde(rename = "ATT&CK Enterprise v18.1")]
    Attack,
    /// MITRE AADAPT 4.4.0 of 2025-10-31: what is done to digital assets.
    #[serde(rename = "AADAPT 4.4.0")]
    Aadapt,
}

impl fmt::Display for Catalogue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Attack => "ATT&CK Enterprise v18.1",
            Self::Aadapt => "AADAPT 4.4.0",
        })
    }
}

/// A technique, or a sub-technique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Technique {
    /// `T1566.002`, `ADT3028.005`.
    pub id: &'static str,
    /// As the catalogue calls it. A sub-technique's name makes sense with its parent's.
    pub name: &'static str,
    /// The tactics it serves, in the catalogue's words, with commas between.
    pub tactics: &'static str,
    /// Where it is from.
    pub catalogue: Catalogue,
    /// How many groups are reported to use it or one of its sub-techniques; AADAPT lists no groups.
    pub groups: Option<Groups>,
}

/// Reported users of a technique: groups of the DPRK, and others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Of the [`DPRK_GROUPS`].
    pub dprk: u32,
    /// Of the [`OTHER_GROUPS`].
    pub other: u32,
}

/// The groups of ATT&CK v18.1 that are attributed to the DPRK and have techniques: G0032, G0067, G0082, G0094, G0138, G1036
/// and G1052.
pub const DPRK_GROUPS: u32 = 7;

/// All other groups of ATT&CK v18.1 that have techniques.
pub const OTHER_GROUPS: u32 = 161;

/// An id that no catalogue has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTechnique {
    /// What was asked for.
    pub id: String,
    /// The nearest ids, or those with a like name; at most three.
    pub nearest: Vec<Technique>,
}

impl fmt::Display for UnknownTechnique {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (attack, aadapt) = (Catalogue::Attack, Catalogue::Aadapt);
        write!(
            formatter,
            "{:?} is no technique of {attack} or {aadapt}",
            self.id
        )?;
        for (at, technique) in self.nearest.iter().enumerate() {
            let before = if at == 0 { "; the nearest:" } else { "," };
            write!(formatter, "{before} {} ({})", technique.id, technique.name)?;
        }
        Ok(())
    }
}

/// Names longer than this are not compared with ids: they are none.
const COMPARED_LENGTH_MAX: usize = 64;
const NEAREST: usize = 3;

impl Technique {
    /// Finds a technique by its id, in capital or small letters.
    ///
    /// # Errors
    /// The nearest, where no catalogue has the id.
    pub fn find(id: &str) -> Result<Self, UnknownTechnique> {
        let wanted = id.trim().to_ascii_uppercase();
        if let Some(technique) = ALL.get(wanted.as_str()) {
            return Ok(*technique);
        }
        Err(UnknownTechnique {
            id: id.chars().take(COMPARED_LENGTH_MAX).collect(),
            nearest: nearest(&wanted),
        })
    }

    /// All of both catalogues, by id.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        ALL.values()
    }
}

static ALL: LazyLock<BTreeMap<&'static str, Technique>> = LazyLock::new(|| {
    let attack = rows(ATTACK).map(|row| technique(&row, Catalogue::Attack));
    let aadapt = rows(AADAPT).map(|row| technique(&row, Catalogue::Aadapt));
    attack.chain(aadapt).collect()
});

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table.lines().skip(1);
    lines.map(|line| line.split('\t').collect())
}

fn technique(row: &[&'static str], catalogue: Catalogue) -> (&'static str, Technique) {
    let count = |at: usize| {
        row.get(at)
            .map(|text| text.parse().expect("a shipped count"))
    };
    let groups = count(3).zip(count(4));
    let technique = Technique {
        id: row[0],
        name: row[1],
        tactics: row[2],
        catalogue,
        groups: groups.map(|(dprk, other)| Groups { dprk, other }),
    };
    (technique.id, technique)
}

/// By name if it is part of one, otherwise by the fewest changes between the ids.
fn nearest(wanted: &str) -> Vec<Technique> {
    if wanted.is_empty() || wanted.len() > COMPARED_LENGTH_MAX {
        return Vec::new();
    }
    let named = |technique: &&Technique| technique.name.to_ascii_uppercase().contains(wanted);
    let by_name: Vec<Technique> = ALL.values().filter(named).take(NEAREST).copied().collect();
    if wanted.len() > 2 && !by_name.is_empty() {
        return by_name;
    }
    let mut by_id: Vec<&Technique> = ALL.values().collect();
    by_id.sort_by_cached_key(|technique| (changes(wanted, technique.id), technique.id));
    by_id.into_iter().take(NEAREST).copied().collect()
}

/// How many letters must be changed, added or left out (Levenshtein).
fn changes(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, c) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (place, d) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(c != *d);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogues_are_whole() {
        let of = |catalogue| Technique::all().filter(move |t| t.catalogue == catalogue);
        let subs = |catalogue| of(catalogue).filter(|t| t.id.contains('.')).count();
        assert_eq!(
            (of(Catalogue::Attack).count(), subs(Catalogue::Attack)),
            (691, 475)
        );
        assert_eq!(
            (of(Catalogue::Aadapt).count(), subs(Catalogue::Aadapt)),
            (66, 33)
        );
        for technique in Technique::all() {
            let parent = technique.id.split('.').next().unwrap();
            assert!(
                Technique::find(parent).is_ok(),
                "{} has no parent",
                technique.id
            );
            assert!(!technique.name.is_empty() && !technique.tactics.is_empty());
            let Some(groups) = technique.groups else {
                assert_eq!(technique.catalogue, Catalogue::Aadapt);
                continue;
            };
            assert!(groups.dprk <= DPRK_GROUPS && groups.other <= OTHER_GROUPS);
            let whole = Technique::find(parent).unwrap().groups.unwrap();
            assert!(groups.dprk <= whole.dprk && groups.other <= whole.other);
        }
    }

    #[test]
    fn a_technique_is_found_by_id() {
        let phishing = Technique::find("T1566.002").unwrap();
        assert_eq!(phishing.name, "Spearphishing Link");
        assert_eq!(phishing.groups, Some(Groups { dprk: 2, other: 41 }));
        assert_eq!(
            Technique::find(" adt3028.005 ").unwrap().name,
            "Peel Chains"
        );
        assert_eq!(Technique::find("ADT3005").unwrap().groups, None);
    }

    #[test]
    fn an_unknown_id_comes_with_the_nearest() {
        let nearest = |id: &str| -> Vec<&str> {
            let unknown = Technique::find(id).unwrap_err();
            unknown
                .nearest
                .iter()
                .map(|technique| technique.id)
                .collect()
        };
        assert!(nearest("T1566.02").contains(&"T1566.002"));
        assert!(nearest("ADT3O05").contains(&"ADT3005"), "an O for a nought");
        assert!(nearest("peel chain").contains(&"ADT3028.005"));
        assert!(nearest("").is_empty() && nearest(&"T".repeat(100_000)).is_empty());
        let text = Technique::find("T9999").unwrap_err().to_string();
        assert!(
            text.contains("\"T9999\" is no technique") && text.contains("nearest: T"),
            "{text}"
        );
    }
}
