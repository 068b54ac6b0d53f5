//! Paths between persons, organisations, addresses and lists: against brute force, and worked out by hand.

use std::collections::BTreeSet;

use proptest::prelude::*;
use whither_casework::claims::{Relation, RelationEnd, RelationKind};
use whither_casework::relations::{Graph, PATHS_MAX, Path, Target, Weakness};
use whither_casework::{Body, Claim, Confidence, Handling, Hash, Marks};

use crate::support::{author, time};

fn end(text: &str) -> RelationEnd {
    text.parse().unwrap()
}

/// A relation claim; `grade` is empty or like `B2`, `mark` empty or a mark of TLP.
fn claim(
    number: usize,
    from: &str,
    relation: RelationKind,
    to: &str,
    grade: &str,
    mark: &str,
) -> Claim {
    let id = Hash::of(format!("{number}").as_bytes());
    Claim {
        id,
        says: id,
        number: u64::try_from(number).unwrap(),
        handle: None,
        author: author("ana"),
        time: time(0),
        marks: Marks {
            confidence: Confidence::parse(grade),
            handling: Handling::parse(mark),
            ..Marks::default()
        },
        body: Body::Relation(Relation {
            from: end(from),
            relation,
            to: end(to),
            share: None,
        }),
    }
}

fn graph(claims: &[Claim]) -> Graph<'_> {
    Graph::from_claims(claims.iter().filter_map(|claim| match &claim.body {
        Body::Relation(relation) => Some((claim, relation)),
        _ => None,
    }))
}

fn words(path: &Path<'_>) -> Vec<String> {
    path.ends.iter().map(ToString::to_string).collect()
}

const ADDRESS: &str = "eip155:1:0x098B716B8Aaf21512996dC57EB0615e2383E2f96";

/// Address, trader, front company, listed bureau; and a shorter way by hearsay.
fn story() -> Vec<Claim> {
    use RelationKind::{ActsFor, Controls, MemberOf, SameAs, Supplies};
    vec![
        claim(0, "entity:trader", Controls, ADDRESS, "A1", "TLP:GREEN"),
        claim(
            1,
            "entity:trader",
            ActsFor,
            "entity:front",
            "C3",
            "TLP:AMBER",
        ),
        claim(
            2,
            "entity:front",
            MemberOf,
            "list:un-1718/KPe.031",
            "A2",
            "TLP:CLEAR",
        ),
        claim(3, "entity:trader", Supplies, "list:ofac-sdn/1234", "", ""),
        claim(
            4,
            "entity:front",
            SameAs,
            "entity:front-ltd",
            "B2",
            "TLP:CLEAR",
        ),
        claim(
            5,
            "entity:front-ltd",
            MemberOf,
            "list:un-1718/KPe.031",
            "B1",
            "TLP:CLEAR",
        ),
        claim(
            6,
            "entity:trader",
            ActsFor,
            "entity:front",
            "D4",
            "TLP:CLEAR",
        ),
    ]
}

#[test]
fn a_path_leads_from_an_address_to_a_list_and_shows_its_weakest_claim() {
    let claims = story();
    let found = graph(&claims).paths(&end(ADDRESS), Target::Listed);
    assert!(!found.is_cut);
    let told: Vec<(Vec<String>, Hash)> = found
        .paths
        .iter()
        .map(|path| (words(path), path.weakest_claim().unwrap().id))
        .collect();
    let way = |ends: &[&str]| -> Vec<String> {
        [&[ADDRESS, "entity:trader"], ends]
            .concat()
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(
        told,
        [
            (way(&["list:ofac-sdn/1234"]), claims[3].id),
            (way(&["entity:front", "list:un-1718/KPe.031"]), claims[1].id),
            (
                way(&["entity:front", "entity:front-ltd", "list:un-1718/KPe.031"]),
                claims[1].id
            ),
        ]
    );
    // What two people say of one relation stands together, the stronger first.
    let both = &found.paths[1].ties[1].relations[0].claims;
    assert_eq!(
        both.iter().map(|(claim, _)| claim.id).collect::<Vec<_>>(),
        [claims[1].id, claims[6].id]
    );
    assert!(found.paths[1].uses(&claims[6]) && !found.paths[1].uses(&claims[4]));
}

#[test]
fn without_a_claim_its_paths_break() {
    let mut claims = story();
    claims.remove(2);
    let found = graph(&claims).paths(&end(ADDRESS), Target::End(&end("list:un-1718/KPe.031")));
    assert_eq!(
        found.paths.len(),
        1,
        "only by the other name of the company"
    );
    assert!(
        graph(&claims)
            .paths(&end("entity:nobody"), Target::Listed)
            .paths
            .is_empty()
    );
    assert!(
        graph(&claims)
            .paths(&end(ADDRESS), Target::End(&end(ADDRESS)))
            .paths
            .is_empty()
    );
}

#[test]
fn unmarked_is_weakest_and_handling_settles_what_confidence_leaves() {
    let of = |grade: &str, mark: &str| {
        Weakness::of(&claim(
            0,
            "entity:a",
            RelationKind::Owns,
            "entity:b",
            grade,
            mark,
        ))
    };
    let order = [
        of("A1", "TLP:CLEAR"),
        of("A1", "TLP:RED"),
        of("A1", ""),
        of("A2", "TLP:CLEAR"),
        of("F6", ""),
        of("", "TLP:CLEAR"),
        of("", ""),
    ];
    assert!(order.windows(2).all(|pair| pair[0] < pair[1]));
}

/// Full graphs have more ways than anybody reads: the list is cut, and says so.
#[test]
fn a_dense_graph_is_cut_and_says_so() {
    let mut claims = Vec::new();
    for a in 0..16 {
        for b in 0..a {
            let (from, to) = (format!("entity:e{a}"), format!("entity:e{b}"));
            claims.push(claim(a * 16 + b, &from, RelationKind::Owns, &to, "B2", ""));
        }
    }
    let found = graph(&claims).paths(&end("entity:e0"), Target::End(&end("entity:e9")));
    assert!(found.is_cut);
    assert_eq!(found.paths.len(), PATHS_MAX);
    assert!(
        found
            .paths
            .windows(2)
            .all(|pair| pair[0].ends.len() <= pair[1].ends.len())
    );
}

/// Small graphs: who names whom, how well.
fn edges() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((0..7_usize, 0..7_usize, 0..6_usize), 0..14)
}

fn name(node: usize) -> String {
    if node >= 5 {
        format!("list:l/{node}")
    } else {
        format!("entity:e{node}")
    }
}

const GRADES: [&str; 6] = ["A1", "A2", "B1", "C3", "F6", ""];

/// All simple ways, found by trying everything.
fn brute(claims: &[Claim], from: usize, to: &dyn Fn(usize) -> bool) -> BTreeSet<Vec<String>> {
    let tied = |a: usize, b: usize| {
        claims.iter().any(|claim| match &claim.body {
            Body::Relation(said) => {
                let pair = (said.from.to_string(), said.to.to_string());
                pair == (name(a), name(b)) || pair == (name(b), name(a))
            }
            _ => false,
        })
    };
    let mut ways = vec![vec![from]];
    let mut found = BTreeSet::new();
    while let Some(way) = ways.pop() {
        let here = way[way.len() - 1];
        if to(here) && way.len() > 1 {
            found.insert(way.iter().map(|node| name(*node)).collect());
            continue;
        }
        for next in (0..7).filter(|next| !way.contains(next) && tied(here, *next)) {
            ways.push([way.as_slice(), &[next]].concat());
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn all_simple_paths_are_found_and_stand_in_their_order(edges in edges(), from in 0..5_usize) {
        let claims: Vec<Claim> = edges
            .iter()
            .enumerate()
            .filter(|(_, (a, b, _))| a != b)
            .map(|(number, (a, b, grade))| {
                claim(number, &name(*a), RelationKind::ActsFor, &name(*b), GRADES[*grade], "")
            })
            .collect();
        let graph = graph(&claims);
        let start = end(&name(from));
        let single = end(&name(0));
        let wanted: [(Target<'_>, &dyn Fn(usize) -> bool); 2] =
            [(Target::Listed, &|node| node >= 5), (Target::End(&single), &|node| node == 0)];
        for (target, is_target) in wanted {
            let found = graph.paths(&start, target);
            if from == 0 && target != Target::Listed {
                prop_assert!(found.paths.is_empty());
                continue;
            }
            prop_assert!(!found.is_cut);
            let told: BTreeSet<Vec<String>> = found.paths.iter().map(words).collect();
            prop_assert_eq!(told.len(), found.paths.len(), "each once");
            prop_assert_eq!(told, brute(&claims, from, is_target));
            let key = |path: &Path<'_>| (path.ends.len(), Weakness::of(path.weakest_claim().unwrap()));
            prop_assert!(found.paths.windows(2).all(|pair| key(&pair[0]) <= key(&pair[1])));
            for path in &found.paths {
                let weakest = Weakness::of(path.weakest_claim().unwrap());
                let steps = path.ties.iter().map(|tie| tie.weakness());
                prop_assert_eq!(steps.max(), Some(weakest));
            }
        }
        // The order in which claims come changes nothing.
        let turned: Vec<Claim> = claims.iter().rev().cloned().collect();
        let turned = self::graph(&turned).paths(&start, Target::Listed);
        let turned: Vec<Vec<String>> = turned.paths.iter().map(words).collect();
        let straight: Vec<Vec<String>> = graph.paths(&start, Target::Listed).paths.iter().map(words).collect();
        prop_assert_eq!(turned, straight);
    }
}
