//! Sanctions lists in the store: brought in, told of, compared, opened as of a day.
//!
//! A version of a list is a file of its own in `STORE/lists/LIST/`, named by its date, a number and the hash of what it
//! was read from. It is written beside and renamed, so that there is a whole one or none. Versions stay: what was
//! listed on a day is asked of the last version of that day or before.
//!
//! Not here: how lists are read and names compared. What the day is, the caller says.

mod folder;
mod import;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use whither_casework::Case;
use whither_ledger::time::Timestamp;
use whither_screening::lists::diff::{Diff, diff as compare};
use whither_screening::lists::pack::{Stored, Version, decode};
use whither_screening::matching::screen::Screen;

use crate::error::Error;
use crate::screening::Decisions;
use folder::Folder;

pub use import::{ImportRequest, Imported, ImportedList, import};

/// The lists of a store (`whither.lists.status/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListsStatus {
    /// `whither.lists.status/1`.
    pub schema: &'static str,
    /// Each list, by name.
    pub lists: Vec<ListRow>,
}

/// A list and its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListRow {
    /// Its name.
    pub list: String,
    /// Who publishes it.
    pub publisher: String,
    /// Its versions, the earliest first.
    pub versions: Vec<VersionRow>,
}

/// A version of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionRow {
    /// Its date.
    pub date: String,
    /// Who says so: `publisher`, `given`, `import`.
    pub date_basis: String,
    /// SHA-256 of what it was read from.
    pub hash: String,
    /// How that was written.
    pub format: String,
    /// How many entries.
    pub entries: u64,
    /// How many names.
    pub names: u64,
    /// How many digital-currency addresses.
    pub addresses: u64,
}

impl From<&Version> for VersionRow {
    fn from(version: &Version) -> Self {
        Self {
            date: version.date.clone(),
            date_basis: version.date_basis.clone(),
            hash: version.hash.clone(),
            format: version.format.clone(),
            entries: version.entries,
            names: version.names,
            addresses: version.wallets,
        }
    }
}

/// The difference between two versions of a list (`whither.lists.diff/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListDiff {
    /// `whither.lists.diff/1`.
    pub schema: &'static str,
    /// The list.
    pub list: String,
    /// The earlier version.
    pub from: VersionRow,
    /// The later one.
    pub to: VersionRow,
    /// What changed.
    #[serde(flatten)]
    pub diff: Diff,
}

/// Lists that were opened to be asked.
#[derive(Debug)]
pub struct OpenLists {
    /// The lists.
    pub screen: Screen,
    /// What must be said with every answer: lists without a version on that day.
    pub caveats: Vec<String>,
    /// What a case decided about hits, and its state; nothing without a case.
    pub decisions: Decisions,
    /// The state of that case.
    pub case: Option<String>,
}

impl OpenLists {
    /// With the decisions of a case.
    #[must_use]
    pub fn with_case(self, case: Option<&Case>) -> Self {
        Self {
            decisions: case.map(Decisions::of).unwrap_or_default(),
            case: case.map(Case::revision),
            ..self
        }
    }
}

/// The day it is, in UTC. The one place where the clock is asked: a file that bears no date is of this day.
#[must_use]
pub fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let time = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_seconds(seconds).ok());
    time.map_or_else(String::new, |time| {
        time.to_string().chars().take(10).collect()
    })
}

/// Checks that a text is a day, `YYYY-MM-DD`.
///
/// # Errors
/// Where it is none.
pub fn check_day(text: &str) -> Result<(), Error> {
    import::day(text)
}

/// Says what lists a store holds.
///
/// # Errors
/// Where a file of them cannot be read.
pub fn status(store: &Path) -> Result<ListsStatus, Error> {
    let mut lists = Vec::new();
    for list in Folder::lists(store)? {
        let versions = Folder::new(store, &list)?.versions()?;
        let publisher = versions
            .last()
            .map(|(_, version)| version.publisher.clone());
        lists.push(ListRow {
            list,
            publisher: publisher.unwrap_or_default(),
            versions: versions.iter().map(|(_, version)| version.into()).collect(),
        });
    }
    Ok(ListsStatus {
        schema: "whither.lists.status/1",
        lists,
    })
}

/// Compares two versions of a list: the last on or before each of two days; without days the last two.
///
/// # Errors
/// Where there are no two such versions, or a file cannot be read.
pub fn diff(
    store: &Path,
    list: &str,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<ListDiff, Error> {
    from.into_iter().chain(to).try_for_each(check_day)?;
    let versions = Folder::new(store, list)?.versions()?;
    let missing = |what: String| {
        let held: Vec<&str> = versions
            .iter()
            .map(|(_, version)| version.date.as_str())
            .collect();
        let held = if held.is_empty() {
            "none".to_owned()
        } else {
            held.join(", ")
        };
        Error::new(what).with_hint(format!("the store holds these versions of it: {held}"))
    };
    let on = |day: &str| {
        let found = versions
            .iter()
            .rposition(|(_, version)| version.date.as_str() <= day);
        found.ok_or_else(|| {
            missing(format!(
                "the store holds no version of the list `{list}` of {day} or before"
            ))
        })
    };
    let to = match to {
        Some(day) => on(day)?,
        None => versions
            .len()
            .checked_sub(1)
            .ok_or_else(|| missing(format!("the store holds no list `{list}`")))?,
    };
    let from = match from {
        Some(day) => on(day)?,
        None => to.checked_sub(1).ok_or_else(|| {
            missing(format!(
                "the list `{list}` has no earlier version to compare with"
            ))
        })?,
    };
    let read = |at: usize| read(&versions[at].0);
    let ((earlier, before), (later, after)) = (read(from)?, read(to)?);
    Ok(ListDiff {
        schema: "whither.lists.diff/1",
        list: list.to_owned(),
        from: (&earlier).into(),
        to: (&later).into(),
        diff: compare(&before, &after),
    })
}

/// Opens the lists of a store as of a day, or as they last were. `wanted` names lists, or the beginnings of
/// their names (`ofac`); all where it is empty.
///
/// # Errors
/// Where a list that is wanted is not there, none is, or a file cannot be read.
pub fn open(store: &Path, wanted: &[String], as_of: Option<&str>) -> Result<OpenLists, Error> {
    let all = Folder::lists(store)?;
    let meant = |name: &String, list: &String| {
        list == name
            || list
                .strip_prefix(name.as_str())
                .is_some_and(|rest| rest.starts_with('-'))
    };
    for name in wanted {
        if !all.iter().any(|list| meant(name, list)) {
            return Err(
                Error::new(format!("the store holds no list `{name}`")).with_hint(held(&all))
            );
        }
    }
    let mut lists = Vec::new();
    let mut caveats = Vec::new();
    for list in all
        .iter()
        .filter(|list| wanted.is_empty() || wanted.iter().any(|name| meant(name, list)))
    {
        let versions = Folder::new(store, list)?.versions()?;
        let known = |version: &Version| as_of.is_none_or(|day| version.date.as_str() <= day);
        match versions.iter().rev().find(|(_, version)| known(version)) {
            Some((path, version)) => {
                if let Some(why) = version.undated() {
                    caveats.push(format!(
                        "the list `{list}` is taken to be of {}, the day it was brought in: {why}",
                        version.date
                    ));
                }
                lists.push(read(path)?);
            }
            None => {
                let first = versions
                    .first()
                    .map_or("", |(_, version)| version.date.as_str());
                caveats.push(format!(
                    "the list `{list}` was not asked: its first version here is of {first}, after {}",
                    as_of.unwrap_or_default()
                ));
            }
        }
    }
    if lists.is_empty() {
        let error = match as_of.filter(|_| !all.is_empty()) {
            Some(day) => format!("the store holds no list of {day} or before"),
            None => "the store holds no sanctions list".to_owned(),
        };
        return Err(Error::new(error).with_hint(held(&all)));
    }
    Ok(OpenLists {
        screen: Screen::build(lists),
        caveats,
        decisions: Decisions::default(),
        case: None,
    })
}

fn held(lists: &[String]) -> String {
    if lists.is_empty() {
        "`whither lists import FILE` brings one in".to_owned()
    } else {
        format!(
            "it holds: {}; `whither lists status` tells their dates",
            lists.join(", ")
        )
    }
}

fn read(path: &Path) -> Result<(Version, Vec<Stored>), Error> {
    let bytes =
        std::fs::read(path).map_err(|error| Error::new(format!("{}: {error}", path.display())))?;
    decode(&path.display().to_string(), &bytes)
        .map_err(|error| Error::new(&error).with_hint_of(error.hint()))
}
