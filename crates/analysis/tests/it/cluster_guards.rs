//! What is refused, and what is joined only when it is asked for.

use std::collections::BTreeMap;

use whither_analysis::cluster::{
    ChangeRule, Claimed, Constraints, Rules, Service, Why, cluster, explain,
};
use whither_analysis::trace::Window;
use whither_ledger::time::Timestamp;
use whither_ledger::view::{ChainView as _, TxIx};

use crate::clusters::{Told, build, nth};

/// Two clusters of four are not joined by a guess where three is the most; they are by a signature.
#[test]
fn a_guess_does_not_join_two_large_clusters() {
    let mut told: Vec<Told> = Vec::new();
    for group in 0..2_u64 {
        for member in 0..4 {
            told.push((Vec::new(), vec![(Some(nth(group * 10 + member)), 2_000)]));
        }
        let first = usize::try_from(group).unwrap() * 5;
        let inputs = (first..first + 4).map(|tx| (tx, 0)).collect();
        let own = Some(nth(group * 10 + 3));
        told.push((inputs, vec![(own.clone(), 4_000), (own, 4_000)]));
    }
    // The second group pays 5,000 to a stranger; the only output that can be change goes to the first group.
    told.push((
        vec![(9, 0), (9, 1)],
        vec![(Some(nth(100)), 5_000), (Some(nth(3)), 999)],
    ));
    let view = build(&told);
    let ix = |number| view.find_address(&nth(number)).unwrap();
    let found = |large| {
        let rules = Rules {
            skip_coinjoin: true,
            change: vec![ChangeRule::OPTIMAL],
            large,
        };
        cluster(&view, &rules, &Constraints::default())
    };
    let joined = found(4);
    assert_eq!(joined.of(ix(0)), joined.of(ix(10)));
    assert!(joined.refused.is_empty());
    let kept_apart = found(3);
    assert_ne!(kept_apart.of(ix(0)), kept_apart.of(ix(10)));
    assert_eq!(kept_apart.refused.len(), 1);
    assert_eq!(kept_apart.refused[0].why, Why::Large(4, 4));
    assert_eq!(kept_apart.refused[0].link, (ix(13), ix(3)));
    // A claim is asked when both are as large as their signatures make them, and a guess after it.
    let said = Constraints {
        same: vec![Claimed {
            a: ix(0),
            b: ix(10),
            claim: "c1".to_owned(),
        }],
        ..Constraints::default()
    };
    let claimed = |large| {
        let rules = Rules {
            large,
            ..Rules::default()
        };
        cluster(&view, &rules, &said)
    };
    assert_eq!(claimed(4).of(ix(1)), claimed(4).of(ix(13)));
    let refused = claimed(3);
    assert_ne!(refused.of(ix(1)), refused.of(ix(13)));
    assert_eq!(refused.refused[0].why, Why::Large(4, 4));
}

/// Three of one exchange and one of another sign together, with one that nobody knows: each exchange keeps its own, and the
/// unknown one is nobody's, in whatever order they stand.
#[test]
fn who_signs_with_two_exchanges_is_given_to_neither() {
    let orders: [[u64; 5]; 3] = [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [3, 1, 5, 2, 4]];
    for order in orders {
        let mut told: Vec<Told> = Vec::new();
        for number in order {
            told.push((Vec::new(), vec![(Some(nth(number)), 10)]));
        }
        told.push(((0..5).map(|tx| (tx, 0)).collect(), vec![(Some(nth(9)), 50)]));
        let view = build(&told);
        let ix = |number| view.find_address(&nth(number)).unwrap();
        let service = |name| vec![Service::always(name)];
        let said = Constraints {
            services: BTreeMap::from([
                (ix(1), service("A")),
                (ix(2), service("B")),
                (ix(3), service("B")),
                (ix(4), service("B")),
            ]),
            ..Constraints::default()
        };
        let rules = Rules {
            change: vec!["fresh".parse().unwrap()],
            ..Rules::default()
        };
        let found = cluster(&view, &rules, &said);
        assert_eq!(found.of(ix(2)), found.of(ix(3)), "{order:?}");
        assert_eq!(found.of(ix(2)), found.of(ix(4)), "{order:?}");
        let alone = [1, 5, 9].map(|number| found.members(found.of(ix(number))).len());
        assert_eq!(alone, [1, 1, 1], "{order:?}");
        let mut kinds: Vec<bool> = found
            .refused
            .iter()
            .map(|refused| matches!(refused.why, Why::Torn(..)))
            .collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [false, true], "{order:?}");
        let why = |a, b| explain(&view, &rules, &said, &found, (ix(a), ix(b)));
        assert_eq!(why(2, 4).unwrap().steps.len(), 1);
        assert_eq!(why(1, 2), None);
    }
}

/// A guess that came earlier on the chain would have given a stranger to one exchange, and the exchange's own wallet would
/// then have been refused.
#[test]
fn a_guess_costs_no_signature() {
    // 1 pays 4 and has its change at 5; later 5 signs with 2 and 3.
    let told: Vec<Told> = vec![
        (Vec::new(), vec![(Some(nth(1)), 100)]),
        (Vec::new(), vec![(Some(nth(2)), 10)]),
        (Vec::new(), vec![(Some(nth(3)), 10)]),
        (Vec::new(), vec![(Some(nth(4)), 10)]),
        (vec![(0, 0)], vec![(Some(nth(4)), 60), (Some(nth(5)), 40)]),
        (vec![(4, 1), (1, 0), (2, 0)], vec![(Some(nth(4)), 60)]),
    ];
    let view = build(&told);
    let ix = |number| view.find_address(&nth(number)).unwrap();
    let said = Constraints {
        services: BTreeMap::from([
            (ix(1), vec![Service::always("A")]),
            (ix(2), vec![Service::always("B")]),
        ]),
        ..Constraints::default()
    };
    let rules = Rules {
        change: vec!["fresh".parse().unwrap()],
        ..Rules::default()
    };
    let found = cluster(&view, &rules, &said);
    assert_eq!(found.of(ix(5)), found.of(ix(2)));
    assert_eq!(found.of(ix(5)), found.of(ix(3)));
    assert_ne!(found.of(ix(5)), found.of(ix(1)));
    assert_eq!(found.refused.len(), 1);
    assert_eq!(found.refused[0].link, (ix(1), ix(5)));
}

#[test]
fn services_that_are_called_differently_stay_two() {
    let told: Vec<Told> = vec![
        (Vec::new(), vec![(Some(nth(1)), 10)]),
        (Vec::new(), vec![(Some(nth(2)), 10)]),
        (vec![(0, 0), (1, 0)], vec![(Some(nth(3)), 20)]),
    ];
    let view = build(&told);
    let ix = |number| view.find_address(&nth(number)).unwrap();
    let said = |one: &str, other: &str| Constraints {
        services: BTreeMap::from([
            (ix(1), vec![Service::always(one)]),
            (ix(2), vec![Service::always(other)]),
        ]),
        ..Constraints::default()
    };
    let found = cluster(&view, &Rules::default(), &said("A", "B"));
    assert_ne!(found.of(ix(1)), found.of(ix(2)));
    assert_eq!(found.refused.len(), 1);
    assert_eq!(
        found.refused[0].why,
        Why::Services("A".to_owned(), "B".to_owned())
    );
    assert_eq!(found.refused[0].transaction, Some(TxIx(2)));
    let found = cluster(&view, &Rules::default(), &said("A", "A"));
    assert_eq!(found.of(ix(1)), found.of(ix(2)));
    // One after the other: a wallet that changed hands. On one day: a contradiction.
    for (since, is_joined) in [(99, false), (100, true), (101, true)] {
        let day = |time: u32| Some(Timestamp::from(time));
        let service = |name: &str, since, before| {
            let name = name.to_owned();
            let valid = Window { since, before };
            vec![Service { name, valid }]
        };
        let said = Constraints {
            services: BTreeMap::from([
                (ix(1), service("A", None, day(100))),
                (ix(2), service("B", day(since), None)),
            ]),
            ..Constraints::default()
        };
        let found = cluster(&view, &Rules::default(), &said);
        assert_eq!(found.of(ix(1)) == found.of(ix(2)), is_joined, "{since}");
        assert_eq!(found.refused.is_empty(), is_joined, "{since}");
    }
}

#[test]
fn change_is_joined_only_when_asked_for() {
    // 1 and 2 pay 900 to 3; 95 goes to an address that was never seen.
    let told: Vec<Told> = vec![
        (Vec::new(), vec![(Some(nth(1)), 500)]),
        (Vec::new(), vec![(Some(nth(2)), 500)]),
        (Vec::new(), vec![(Some(nth(4)), 500)]),
        (
            vec![(0, 0), (1, 0)],
            vec![(Some(nth(4)), 900), (Some(nth(5)), 95)],
        ),
    ];
    let view = build(&told);
    let ix = |number| view.find_address(&nth(number)).unwrap();
    let plain = cluster(&view, &Rules::default(), &Constraints::default());
    assert_ne!(plain.of(ix(1)), plain.of(ix(5)));
    for rule in ["optimal", "fresh", "fresh+optimal"] {
        let rules = Rules {
            change: vec![rule.parse().unwrap()],
            ..Rules::default()
        };
        let found = cluster(&view, &rules, &Constraints::default());
        assert_eq!(found.of(ix(1)), found.of(ix(5)), "{rule}");
        let path = explain(
            &view,
            &rules,
            &Constraints::default(),
            &found,
            (ix(1), ix(5)),
        )
        .unwrap();
        assert_eq!(path.steps.len(), 1);
        assert_eq!(path.steps[0].rule.name(), format!("change:{rule}"));
    }
    let contradicting = Rules {
        // Of the two outputs only one has the type of both payers; the other is the fresh one.
        change: vec!["fresh".parse().unwrap(), "type".parse().unwrap()],
        ..Rules::default()
    };
    let kinds = [1, 2, 4, 5].map(|number: u64| number.is_multiple_of(3));
    assert_eq!(
        kinds, [false; 4],
        "all of one type, so `type` leaves both and is silent"
    );
    let found = cluster(&view, &contradicting, &Constraints::default());
    assert_eq!(found.of(ix(1)), found.of(ix(5)));
    assert!(
        "fresh+nonsense"
            .parse::<ChangeRule>()
            .unwrap_err()
            .contains("`nonsense`")
    );
}
