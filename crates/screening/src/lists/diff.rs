//! What changed between two versions of a list: entries that came, that went, and what changed in those that stayed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::pack::Stored;

/// The difference between two versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Entries of the later version alone.
    pub added: Vec<Row>,
    /// Entries of the earlier version alone.
    pub removed: Vec<Row>,
    /// Entries of both, of which something differs.
    pub changed: Vec<Changed>,
}

/// An entry that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its id.
    pub entry: String,
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<String>,
}

/// An entry that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Its id.
    pub entry: String,
    /// Its name in the later version.
    pub name: String,
    /// What came, in words.
    pub added: Vec<String>,
    /// What went, in words.
    pub removed: Vec<String>,
}

/// Compares two versions by the ids of their entries.
#[must_use]
pub fn diff(earlier: &[Stored], later: &[Stored]) -> Diff {
    let by_id = |entries: &'_ [Stored]| -> BTreeMap<String, Stored> {
        let all = entries
            .iter()
            .map(|stored| (stored.entry.id.clone(), stored.clone()));
        all.collect()
    };
    let (before, after) = (by_id(earlier), by_id(later));
    let mut diff = Diff::default();
    for (id, stored) in &after {
        match before.get(id) {
            None => diff.added.push(row(stored)),
            Some(old) if old.hash != stored.hash => diff.changed.push(changed(old, stored)),
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|(id, _)| !after.contains_key(*id));
    diff.removed = gone.map(|(_, stored)| row(stored)).collect();
    diff
}

fn row(stored: &Stored) -> Row {
    let entry = &stored.entry;
    Row {
        entry: entry.id.clone(),
        name: entry.shown_name().to_owned(),
        addresses: entry
            .wallets
            .iter()
            .map(|wallet| wallet.address.clone())
            .collect(),
    }
}

fn changed(old: &Stored, new: &Stored) -> Changed {
    let (before, after) = (said(old), said(new));
    let without = |all: &[String], other: &[String]| -> Vec<String> {
        all.iter()
            .filter(|one| !other.contains(one))
            .cloned()
            .collect()
    };
    let mut added = without(&after, &before);
    let removed = without(&before, &after);
    if added.is_empty() && removed.is_empty() {
        added.push("facts that no field holds".to_owned());
    }
    Changed {
        entry: new.entry.id.clone(),
        name: new.entry.shown_name().to_owned(),
        added,
        removed,
    }
}

/// All that the fields say, one phrase each.
fn said(stored: &Stored) -> Vec<String> {
    let entry = &stored.entry;
    let mut said = Vec::new();
    let names = entry.names.iter();
    said.extend(names.map(|name| format!("name {} ({})", name.text, name.quality.words())));
    let wallets = entry.wallets.iter();
    said.extend(wallets.map(|wallet| format!("address {} {}", wallet.code, wallet.address)));
    let documents = entry.documents.iter();
    said.extend(documents.map(|one| format!("{} {} {}", one.kind, one.number, one.country)));
    said.extend(
        entry
            .births
            .iter()
            .map(|birth| format!("born {}", birth.text)),
    );
    said.extend(
        entry
            .birth_places
            .iter()
            .map(|place| format!("born in {place}")),
    );
    let countries = entry.countries.iter();
    said.extend(countries.map(|country| format!("{} {}", country.role, country.text)));
    said.extend(
        entry
            .programmes
            .iter()
            .map(|one| format!("programme {one}")),
    );
    said.extend(entry.gender.map(|gender| gender.word().to_owned()));
    said
}
