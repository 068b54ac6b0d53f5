//! Tests of an item's cells: the cap, the widening, and that neither makes an item speak louder.

#![allow(clippy::unwrap_used)]

use super::*;

fn item(kind: ItemKind, confidence: Option<&str>, likelihoods: &[(&str, &str, &str)]) -> Item {
    let likelihoods = likelihoods.iter();
    Item {
        id: "e1".to_owned(),
        statement: String::new(),
        kind,
        source: None,
        upstream: None,
        group: None,
        finding: None,
        confidence: confidence.map(|text| Confidence::parse(text).unwrap()),
        likelihoods: likelihoods
            .map(|(id, low, high)| ((*id).to_owned(), Likelihood::parse(low, high).unwrap()))
            .collect(),
        fallen: None,
    }
}

fn weighed(item: &Item) -> Weighed {
    weigh(item, &["a".to_owned(), "b".to_owned(), "c".to_owned()])
}

fn pairs(weighed: &Weighed) -> Vec<(u64, u64)> {
    let cells = weighed.cells.iter();
    cells.map(|cell| (cell.low, cell.high)).collect()
}

#[test]
fn the_cap_raises_what_lies_too_low() {
    let stated = [
        ("a", "0.8", "0.9"),
        ("b", "0.001", "0.01"),
        ("c", "0.2", "0.3"),
    ];
    let technique = weighed(&item(ItemKind::Technique, Some("A1"), &stated));
    assert!(technique.capped && !technique.widened);
    assert_eq!(
        pairs(&technique),
        [
            (800_000_000, 900_000_000),
            (90_000_000, 90_000_000),
            (200_000_000, 300_000_000)
        ]
    );
    let flow = weighed(&item(ItemKind::Flow, Some("A1"), &stated));
    assert_eq!(pairs(&flow)[1], (9_000_000, 10_000_000));
    for kind in ItemKind::ALL {
        let weighed = weighed(&item(kind, Some("A1"), &stated));
        assert!(at_most(&weighed.cells).hundredths() <= u64::from(kind.cap()) * 100);
        assert_eq!(ItemKind::parse(kind.text()), Some(kind));
    }
}

#[test]
fn a_poor_source_reaches_toward_saying_nothing() {
    let stated = [
        ("a", "0.8", "0.8"),
        ("b", "0.2", "0.2"),
        ("c", "0.2", "0.2"),
    ];
    let of = |mark| weighed(&item(ItemKind::Technique, mark, &stated));
    assert_eq!(pairs(&of(Some("A1")))[0], (800_000_000, 800_000_000));
    // The middle is one half; B2 is worth three quarters of the way.
    assert_eq!(pairs(&of(Some("B2")))[0], (725_000_000, 800_000_000));
    assert_eq!(pairs(&of(Some("B2")))[1], (200_000_000, 275_000_000));
    assert_eq!(of(Some("A2")), of(Some("B1")), "the lesser mark counts");
    assert_eq!(pairs(&of(Some("E1")))[0], (500_000_000, 800_000_000));
    assert_eq!(pairs(&of(Some("A5")))[1], (200_000_000, 500_000_000));
    for unjudged in [None, Some("F1"), Some("A6"), Some("D4")] {
        assert_eq!(of(unjudged), of(Some("D1")));
    }
    // At no confidence is one hypothesis surely ahead, and the stated range always stays within.
    assert!(!sure(&of(Some("E5")).cells).at_least(2));
    let mut before = of(Some("A1"));
    for mark in ["B1", "C1", "D1", "E1"] {
        let wider = of(Some(mark));
        for (narrow, wide) in before.cells.iter().zip(&wider.cells) {
            assert!(wide.low <= narrow.low && narrow.high <= wide.high);
        }
        before = wider;
    }
}

#[test]
fn neutral_stays_neutral_at_every_confidence() {
    for mark in [None, Some("A1"), Some("C3"), Some("E5")] {
        let stated = [
            ("a", "0.3", "0.3"),
            ("b", "0.3", "0.3"),
            ("c", "0.3", "0.3"),
        ];
        let weighed = weighed(&item(ItemKind::Other, mark, &stated));
        assert!(
            weighed
                .cells
                .iter()
                .all(|cell| (cell.low, cell.high) == (300_000_000, 300_000_000))
        );
    }
}

#[test]
fn a_likelihood_that_is_not_stated_is_one() {
    let partly = item(
        ItemKind::Other,
        Some("A1"),
        &[("a", "3", "8"), ("c", "0.5", "1")],
    );
    let partly = weighed(&partly);
    assert_eq!(partly.unstated, [1]);
    assert_eq!(pairs(&partly)[1], (1_000_000_000, 1_000_000_000));
    let silent = weighed(&item(ItemKind::Other, None, &[]));
    assert!(
        silent
            .cells
            .iter()
            .all(|cell| cell.low == cell.high && *cell == silent.cells[0])
    );
}

/// Probabilities and multiples of them are one thing: only ratios between hypotheses count.
#[test]
fn a_common_factor_says_nothing() {
    let of = |ranges: &[(&str, &str, &str)]| {
        let weighed = weighed(&item(ItemKind::Technique, Some("B2"), ranges));
        weighed
            .cells
            .into_iter()
            .map(|cell| (cell.low * 4, cell.high * 4))
            .collect::<Vec<_>>()
    };
    let probabilities = of(&[
        ("a", "0.8", "0.9"),
        ("b", "0.2", "0.4"),
        ("c", "0.1", "0.3"),
    ]);
    let multiples = weighed(&item(
        ItemKind::Technique,
        Some("B2"),
        &[
            ("a", "3.2", "3.6"),
            ("b", "0.8", "1.6"),
            ("c", "0.4", "1.2"),
        ],
    ));
    assert_eq!(probabilities, pairs(&multiples));
}
