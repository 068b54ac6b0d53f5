//! What the words promise, held against thefts of which the truth is known. The figures of many more worlds stand in
//! `docs/methods/assessment.md`, by the example `measure_assessment`.

use crate::worlds::{SETTINGS, Tally, per_mille, tally};

const WORLDS: u64 = 500;

fn of(name: &str) -> Tally {
    let setting = SETTINGS.iter().find(|setting| setting.name == name);
    tally(setting.unwrap(), WORLDS, 7)
}

#[test]
fn a_word_is_true_as_often_as_it_says_where_the_ranges_are_right() {
    for name in ["as stated", "three reports of each, grouped"] {
        let tally = of(name);
        let enough = |said: u64| said >= 40;
        for (word, (said, right)) in tally.said.iter().filter(|(_, (said, _))| enough(*said)) {
            let least = u64::from(word.from().millionths() / 1000);
            assert!(
                per_mille(*right, *said) >= least,
                "{name}: {word:?} {said} {right}"
            );
        }
        for (word, (said, right)) in tally.bounded.iter().filter(|(_, (said, _))| enough(*said)) {
            let most = u64::from(word.to().millionths() / 1000);
            assert!(
                per_mille(*right, *said) <= most,
                "{name}: {word:?} {said} {right}"
            );
        }
        assert!(
            tally
                .said
                .values()
                .filter(|(said, _)| enough(*said))
                .count()
                >= 3
        );
    }
    // No cap, no noise, and ranges that hold the truth: then the interval holds the exact posterior, always.
    assert_eq!(of("as stated").contained, WORLDS * 4);
}

/// What the groups are for: three reports of one thing, counted three times, say more than is known.
#[test]
fn reports_of_one_thing_taken_as_independent_claim_too_much() {
    let grouped = of("three reports of each, grouped");
    let apart = of("three reports of each, taken as independent");
    assert!(per_mille(grouped.contained, WORLDS * 4) >= 990);
    assert!(per_mille(apart.contained, WORLDS * 4) < 700);
    assert!(apart.excluded > grouped.excluded);
}

/// What the marks are for: items that may be noise widen the interval when they are marked so.
#[test]
fn noise_that_is_marked_does_less_harm() {
    let (trusted, marked) = (
        of("half is noise, marked A1"),
        of("half is noise, marked C3"),
    );
    assert!(trusted.contained < marked.contained);
    assert!(trusted.excluded >= marked.excluded && per_mille(marked.contained, WORLDS * 4) >= 990);
}
