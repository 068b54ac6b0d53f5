//! Independence: which items count once, because one thing stands behind them.
//!
//! Three reports that quote one report are one report. Items are joined where they have one `group`, or one origin: the
//! `upstream` they name, or else the finding they rest on, or else their source. Joins carry on: a with b and b with
//! c puts the three together. A group counts as its strongest item, and never as more.

use std::collections::BTreeMap;

use super::item::{Item, Weighed, at_most, sure};

/// Items that count once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// What joins them, in words; empty for an item alone.
    pub joined_by: Vec<String>,
    /// Its items, the strongest first.
    pub items: Vec<usize>,
}

/// Where an item comes from in the end; `None` if it names nothing, and then it stands for itself.
pub(super) fn origin(item: &Item) -> Option<String> {
    let source = item
        .source
        .as_ref()
        .map(|source| format!("source {source}"));
    let finding = item.finding.as_ref();
    let finding = finding.map(|finding| format!("finding {finding}"));
    // What somebody has from upstream is the same as what upstream says itself.
    let upstream = item.upstream.as_ref();
    let upstream = upstream.map(|upstream| format!("source {upstream}"));
    upstream.or(finding).or(source)
}

/// What an item is joined with others by.
fn ties(item: &Item) -> Vec<String> {
    let finding = item.finding.as_ref();
    let group = item.group.as_ref().map(|group| format!("group {group}"));
    let finding = finding.map(|finding| format!("finding {finding}"));
    let mut ties: Vec<String> = [group, origin(item), finding]
        .into_iter()
        .flatten()
        .collect();
    ties.sort();
    ties.dedup();
    ties
}

/// Puts items into groups. `counts` says which items count at all; groups come in the order of their first item.
pub(super) fn groups(items: &[Item], weighed: &[Weighed], counts: &[usize]) -> Vec<Group> {
    joined(items, counts)
        .into_iter()
        .map(|members| group(items, weighed, members))
        .collect()
}

/// The numbers of the joined items, by the least number of each set.
pub(super) fn joined(items: &[Item], counts: &[usize]) -> Vec<Vec<usize>> {
    join(counts, |at| ties(&items[at]))
}

/// Puts together what has a tie in common, directly or over others.
pub(super) fn join(members: &[usize], ties: impl Fn(usize) -> Vec<String>) -> Vec<Vec<usize>> {
    let mut set_of: BTreeMap<String, usize> = BTreeMap::new();
    let mut sets: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &at in members {
        let mut merged = vec![at];
        let ties = ties(at);
        for tie in &ties {
            if let Some(members) = set_of.get(tie).and_then(|first| sets.remove(first)) {
                merged.extend(members);
            }
        }
        merged.sort_unstable();
        let first = merged[0];
        for first_of in set_of.values_mut() {
            if merged.contains(first_of) {
                *first_of = first;
            }
        }
        set_of.extend(ties.into_iter().map(|tie| (tie, first)));
        sets.insert(first, merged);
    }
    sets.into_values().collect()
}

/// Orders a group's items: what surely tells most first, then what may tell most, then by name.
fn group(items: &[Item], weighed: &[Weighed], mut members: Vec<usize>) -> Group {
    members.sort_by(|&a, &b| {
        let (one, other) = (&weighed[a].cells, &weighed[b].cells);
        let surely = sure(other).cmp(&sure(one));
        let perhaps = at_most(other).cmp(&at_most(one));
        surely.then(perhaps).then(items[a].id.cmp(&items[b].id))
    });
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for tie in members.iter().flat_map(|at| ties(&items[*at])) {
        *times.entry(tie).or_default() += 1;
    }
    let shared = times.into_iter().filter(|(_, times)| *times > 1);
    Group {
        joined_by: shared.map(|(tie, _)| tie).collect(),
        items: members,
    }
}
