//! The shipped catalogues against the tables they come from, where those are at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use whither_casework::{Catalogue, DPRK_GROUPS, OTHER_GROUPS, Technique};

const DPRK: [&str; 7] = [
    "G0032", "G0067", "G0082", "G0094", "G0138", "G1036", "G1052",
];

fn table(path: &str) -> Option<String> {
    let folder = std::env::var_os("WHITHER_TEST_DATA").map(PathBuf::from)?;
    std::fs::read_to_string(folder.join("screening/mitre").join(path)).ok()
}

/// Id, name and groups of every technique that a group uses, counted from the table of uses.
fn counted(table: &str) -> BTreeMap<String, (Option<String>, BTreeSet<String>)> {
    let mut techniques: BTreeMap<String, (Option<String>, BTreeSet<String>)> = BTreeMap::new();
    for line in table.lines().skip(1) {
        // The first comma that could stand in a name stands after the id; no group's name has one.
        let mut fields = line.trim_end().splitn(4, ',');
        let mut field = || fields.next().unwrap().to_owned();
        let (group, _, id, rest) = (field(), field(), field(), field());
        let name = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().unwrap().to_owned(),
            None => rest.split(',').next().unwrap().to_owned(),
        };
        let parent = id.split('.').next().unwrap().to_owned();
        let entry = techniques.entry(id).or_default();
        entry.0 = Some(name);
        entry.1.insert(group.clone());
        techniques.entry(parent).or_default().1.insert(group);
    }
    techniques
}

#[test]
fn the_counts_of_groups_are_those_of_the_table_of_uses() {
    let Some(table) = table("attack/group_techniques.csv") else {
        return;
    };
    let counted = counted(&table);
    let groups: BTreeSet<&String> = counted.values().flat_map(|(_, groups)| groups).collect();
    let dprk = |groups: &BTreeSet<String>| {
        let count = DPRK.iter().filter(|id| groups.contains(**id)).count();
        u32::try_from(count).unwrap()
    };
    assert_eq!(groups.len(), 168);
    assert_eq!((DPRK_GROUPS, OTHER_GROUPS), (7, 161));
    let mut used = 0;
    for technique in Technique::all() {
        let Some(shipped) = technique.groups else {
            continue;
        };
        let (name, groups) = counted.get(technique.id).cloned().unwrap_or_default();
        let all = u32::try_from(groups.len()).unwrap();
        assert_eq!(
            (shipped.dprk, shipped.other),
            (dprk(&groups), all - dprk(&groups)),
            "{}",
            technique.id
        );
        assert!(
            name.is_none_or(|name| name == technique.name),
            "{}",
            technique.id
        );
        used += usize::from(all > 0);
    }
    assert_eq!(
        used,
        counted.len(),
        "every technique that a group uses is shipped"
    );
}

#[test]
fn aadapt_is_shipped_whole() {
    let Some(table) = table("aadapt/AADAPT.yaml") else {
        return;
    };
    let mut lines = table.lines().peekable();
    let mut found = 0;
    while let Some(line) = lines.next() {
        let (Some(id), Some(next)) = (line.trim_start().strip_prefix("- id: ADT"), lines.peek())
        else {
            continue;
        };
        let Some(name) = next.trim_start().strip_prefix("name: ") else {
            continue;
        };
        if id.starts_with('A') {
            continue;
        }
        let technique = Technique::find(&format!("ADT{id}")).unwrap();
        assert_eq!(technique.catalogue, Catalogue::Aadapt);
        assert!(
            technique.name.starts_with(name.trim_matches(['\'', '"'])),
            "{id}: {name}"
        );
        found += 1;
    }
    assert_eq!(found, 66);
}
