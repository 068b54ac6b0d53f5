//! Replay beside a plain reading of its rules, over random logs whose authors' clocks disagree.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::entry::Written;
use crate::words::{Author, Kind};

/// One thing that somebody writes: by whom, when, of what kind, about which earlier one.
type Act = (usize, u32, usize, usize);

fn acts() -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec((0..3_usize, 0..40_u32, 0..4_usize, 0..100_usize), 0..25)
}

fn moment(second: u32) -> Time {
    Time::new(&format!("2026-01-01T00:00:{second:02}Z")).unwrap()
}

/// Entries of three authors. Only their targets are made before them: their times may be later, since each
/// author has a clock of its own.
fn entries(acts: &[Act]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (index, (author, second, kind, about)) in acts.iter().enumerate() {
        let kind = ["label", "label", "retract", "correct"][*kind];
        let target =
            (kind != "label" && !entries.is_empty()).then(|| entries[about % entries.len()].hash());
        if kind != "label" && target.is_none() {
            continue;
        }
        let written = Written {
            author: Author::new(["ana", "bob", "eve"][*author]).unwrap(),
            time: moment(*second),
            kind: Kind::new(kind).unwrap(),
            target,
            payload: Hash::of(&[u8::try_from(index).unwrap()]),
        };
        let number = u64::try_from(index).unwrap();
        entries.push(Entry::after(written, number, Hash::of(b"")));
    }
    entries
}

/// The rules as the text says them, one claim at a time and as slowly as it takes.
fn plainly(entries: &[Entry]) -> Vec<(Hash, Hash)> {
    let named = |kind: &'static str, hash: Hash| {
        let about =
            move |entry: &&Entry| entry.target() == Some(hash) && entry.kind().as_str() == kind;
        entries.iter().filter(about)
    };
    let retracted = |hash: Hash| named("retract", hash).next().is_some();
    let mut claims: Vec<&Entry> = entries.iter().collect();
    claims.retain(|entry| entry.kind().as_str() == "label" && !retracted(entry.hash()));
    claims.sort_by_key(|entry| entry.order());
    let says = |claim: &&Entry| {
        let corrections = named("correct", claim.hash());
        let standing = corrections.filter(|correction| !retracted(correction.hash()));
        let last = standing.max_by_key(|correction| correction.order());
        (claim.hash(), last.unwrap_or(claim).hash())
    };
    claims.iter().map(says).collect()
}

fn standing(state: &State<'_>) -> Vec<(Hash, Hash)> {
    let claims = state.claims.iter();
    claims
        .map(|claim| (claim.claim.hash(), claim.says().hash()))
        .collect()
}

proptest! {
    #[test]
    fn any_order_of_the_same_entries_gives_the_state_that_the_rules_say(
        acts in acts(),
        keys in prop::collection::vec(any::<u32>(), 25),
    ) {
        let entries = entries(&acts);
        let state = replay(&entries, None);
        prop_assert_eq!(standing(&state), plainly(&entries));
        let mut shuffled: Vec<(u32, &Entry)> = keys.into_iter().zip(&entries).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let twice = shuffled.iter().chain(&shuffled).map(|(_, entry)| *entry);
        prop_assert_eq!(&replay(twice, None), &state);
        // Everything is somewhere: it stands, was retracted, has no effect, or acts on what is there.
        let claims = entries.iter().filter(|entry| entry.kind().is_claim()).count();
        let gone = state.retracted.iter().filter(|gone| gone.entry.kind().is_claim()).count();
        prop_assert_eq!(state.claims.len() + gone, claims);
    }

    #[test]
    fn a_view_of_a_date_never_changes_when_later_entries_come(acts in acts(), second in 0..40_u32) {
        let all = entries(&acts);
        let date = moment(second);
        let by_then: Vec<Entry> = all.iter().filter(|entry| *entry.time() <= date).cloned().collect();
        prop_assert_eq!(replay(&all, Some(&date)), replay(&by_then, None));
    }
}

fn write(kind: &str, second: u32, target: Option<&Entry>) -> Entry {
    let written = Written {
        author: Author::new("ana").unwrap(),
        time: moment(second),
        kind: Kind::new(kind).unwrap(),
        target: target.map(Entry::hash),
        payload: Hash::of(b""),
    };
    Entry::after(written, u64::from(second), Hash::of(b""))
}

#[test]
fn a_correction_falls_back_to_the_one_before_when_it_is_retracted() {
    let claim = write("label", 1, None);
    let first = write("correct", 2, Some(&claim));
    let second = write("correct", 3, Some(&claim));
    let retraction = write("retract", 4, Some(&second));
    let all = [
        claim.clone(),
        first.clone(),
        second.clone(),
        retraction.clone(),
    ];
    let says = |second: u32| replay(&all, Some(&moment(second))).claims[0].says().clone();
    assert_eq!(
        (says(1), says(2), says(3), says(4)),
        (claim, first.clone(), second.clone(), first)
    );
    let now = replay(&all, None);
    assert_eq!(
        now.retracted,
        [Retracted {
            entry: &second,
            by: vec![&retraction]
        }]
    );
}

#[test]
fn what_names_nothing_that_it_may_act_on_is_idle() {
    let claim = write("label", 1, None);
    let retraction = write("retract", 2, Some(&claim));
    let again = write("retract", 3, Some(&retraction));
    let correction = write("correct", 4, Some(&retraction));
    let all = [claim, retraction.clone(), again.clone(), correction.clone()];
    let state = replay(&all, None);
    assert_eq!((state.claims.len(), state.retracted.len()), (0, 1));
    assert_eq!(state.idle, [&again, &correction]);
    // A copy that lacks the claim cannot know what was retracted.
    assert_eq!(replay(&all[1..2], None).idle, [&retraction]);
}
