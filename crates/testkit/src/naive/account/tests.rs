//! Hand-computed traces for every policy, and what must hold on random tables.

use super::{
    Endpoint, Fee, Leg, NaiveTable, NaiveTransaction, Origin, Trace, ZERO_ADDRESS,
    canonical_leg_order, openings, run, trace,
};
use crate::naive::{Direction, Kind, Policy};
use crate::rng::SplitMix64;
use crate::simulator::{TableShape, random_ledger, random_table};
use Direction::{Backward, Forward};
use std::collections::{BTreeMap, BTreeSet};

/// A leg in short: (from, to, amount).
type Sent<'a> = (&'a str, &'a str, u128);

/// Legs of one asset.
fn legs(list: &[Sent]) -> Vec<Leg> {
    let leg = |(index, (from, to, amount)): (usize, &Sent)| Leg {
        index,
        asset: "coin".to_owned(),
        from: (*from).to_owned(),
        to: (*to).to_owned(),
        amount: *amount,
    };
    list.iter().enumerate().map(leg).collect()
}

/// A table of transactions without gas.
fn table(list: &[(&str, &[Sent])]) -> NaiveTable {
    let transaction = |(txid, list): &(&str, &[Sent])| NaiveTransaction {
        txid: (*txid).to_owned(),
        legs: legs(list),
        unordered: false,
        ..NaiveTransaction::default()
    };
    NaiveTable {
        transactions: list.iter().map(transaction).collect(),
        services: BTreeSet::new(),
    }
}

fn transfer(txid: &str, index: usize) -> Origin {
    Origin::Transfer {
        txid: txid.to_owned(),
        index,
    }
}

fn address(name: &str) -> Origin {
    Origin::Address(name.to_owned())
}

/// Endpoints as `"kind place label amount"`.
fn lines(endpoints: &[Endpoint]) -> Vec<String> {
    let line = |end: &Endpoint| {
        format!(
            "{} {} {} {}",
            end.kind.word(),
            end.place,
            end.label,
            end.amount
        )
    };
    endpoints.iter().map(line).collect()
}

/// B begins with nothing known, gets 10 stolen, then 5, pays 6 to C and 4 to D; C pays 3 on to E.
/// Openings: V 10 and G 5 (they only pay). B gets 15 and pays 10, so it needs none.
fn mixing() -> NaiveTable {
    table(&[
        ("theft", &[("V", "B", 10)]),
        ("gift", &[("G", "B", 5)]),
        ("p", &[("B", "C", 6)]),
        ("q", &[("B", "D", 4)]),
        ("r", &[("C", "E", 3)]),
    ])
}

#[test]
fn fifo_by_hand() {
    // B: t10 g5. p takes t6, q takes t4; B keeps g5. C: t6, r takes t3.
    let ends = trace(&mixing(), &[transfer("theft", 0)], Policy::Fifo, Forward);
    assert_eq!(lines(&ends), ["held C 0 3", "held D 0 4", "held E 0 3"]);
    let ends = trace(&mixing(), &[transfer("r", 0)], Policy::Fifo, Backward);
    assert_eq!(lines(&ends), ["opening V 0 3"]);
}

#[test]
fn lifo_by_hand() {
    // B: t10 g5. p takes g5 t1, in this order; q takes t4; B keeps t5. C: g5 t1, r takes t1 g2.
    let ends = trace(&mixing(), &[transfer("theft", 0)], Policy::Lifo, Forward);
    assert_eq!(lines(&ends), ["held B 0 5", "held D 0 4", "held E 0 1"]);
    let ends = trace(&mixing(), &[transfer("r", 0)], Policy::Lifo, Backward);
    assert_eq!(lines(&ends), ["opening G 0 2", "opening V 0 1"]);
}

#[test]
fn haircut_by_hand() {
    // p: 10 of 15 over 6 and 9: 60/15 = 4, 90/15 = 6. q: 6 of 9 over 4 and 5: 24/9 = 2 r 6, 30/9 = 3 r 3: 3 and 3.
    // r: 4 of 6 over 3 and 3: 12/6 = 2 and 2.
    let ends = trace(&mixing(), &[transfer("theft", 0)], Policy::Haircut, Forward);
    assert_eq!(
        lines(&ends),
        ["held B 0 3", "held C 0 2", "held D 0 3", "held E 0 2"]
    );
    // Backward from q (4): B has 5 left after it and owes 4 of 9 before it. Undone gift: before p B had 15 and owes 4:
    // 4 of 15 over the credit of 5 and the rest of 10: 20/15 = 1 r 5, 40/15 = 2 r 10: 1 and 3. The theft: the rest.
    let ends = trace(&mixing(), &[transfer("q", 0)], Policy::Haircut, Backward);
    assert_eq!(lines(&ends), ["opening G 0 1", "opening V 0 3"]);
}

#[test]
fn haircut_of_two_origins_by_hand() {
    // The gift is label 0, the theft label 1. p over 6 and 9: label 0: 5 of 15: 2 and 3; left 4 and 6.
    // Label 1: 10 of 10: 4 and 6. q over 4 and 5: label 0: 3 of 9: 12/9 = 1 r 3, 15/9 = 1 r 6: 1 and 2; label 1: 3, 3.
    // r over 3 and 3: label 0: 2: 1 and 1; label 1: 2 and 2.
    let origins = [transfer("gift", 0), transfer("theft", 0)];
    let ends = trace(&mixing(), &origins, Policy::Haircut, Forward);
    let expected = [
        "held B 0 2",
        "held B 1 3",
        "held C 0 1",
        "held C 1 2",
        "held D 0 1",
        "held D 1 3",
        "held E 0 1",
        "held E 1 2",
    ];
    assert_eq!(lines(&ends), expected);
}

#[test]
fn tiho_by_hand() {
    // The gift is tainted: p takes g5 first, then 1 that is clean. C: g5 and a clean 1; r takes g3.
    let ends = trace(&mixing(), &[transfer("gift", 0)], Policy::Tiho, Forward);
    assert_eq!(lines(&ends), ["held C 0 2", "held E 0 3"]);
}

#[test]
fn poison_by_hand() {
    // B is reached by the theft and stays so: what it has at the end counts whole, and all it paid.
    let ends = trace(&mixing(), &[transfer("theft", 0)], Policy::Poison, Forward);
    assert_eq!(
        lines(&ends),
        ["held B 0 5", "held C 0 3", "held D 0 4", "held E 0 3"]
    );
    let ends = trace(&mixing(), &[transfer("r", 0)], Policy::Poison, Backward);
    assert_eq!(lines(&ends), ["opening G 0 5", "opening V 0 10"]);
    // Emptied and filled again with clean money: still reached.
    let again = table(&[
        ("theft", &[("V", "B", 10)]),
        ("out", &[("B", "C", 10)]),
        ("gift", &[("G", "B", 5)]),
        ("on", &[("B", "D", 2)]),
    ]);
    let ends = trace(&again, &[transfer("theft", 0)], Policy::Poison, Forward);
    assert_eq!(lines(&ends), ["held B 0 3", "held C 0 10", "held D 0 2"]);
    let ends = trace(&again, &[transfer("on", 0)], Policy::Poison, Backward);
    assert_eq!(lines(&ends), ["opening G 0 5", "opening V 0 10"]);
}

#[test]
fn the_opening_is_the_least_and_the_oldest() {
    // B pays 4 before it gets 10, then pays 8: the opening is 4, spent at once.
    // With 3 more paid at the end (10 - 8 = 2 left) one more is missing: the opening is 5, and 1 of it goes first in y.
    let short = table(&[
        ("x", &[("B", "C", 4)]),
        ("theft", &[("V", "B", 10)]),
        ("y", &[("B", "D", 8)]),
        ("z", &[("B", "E", 3)]),
    ]);
    let all: Vec<(String, u128)> = openings(&short)
        .into_iter()
        .map(|opening| (opening.address, opening.amount))
        .collect();
    assert_eq!(all, [("B".to_owned(), 5), ("V".to_owned(), 10)]);
    let ends = trace(&short, &[transfer("theft", 0)], Policy::Fifo, Forward);
    assert_eq!(lines(&ends), ["held D 0 7", "held E 0 3"]);
    // The address B as origin: its opening, and the theft.
    let answer = run(
        &short,
        &[transfer("theft", 0), address("B")],
        Policy::Fifo,
        Forward,
    );
    let claimed = [((0, "coin".to_owned()), 10), ((1, "coin".to_owned()), 5)];
    assert_eq!(answer.claimed, BTreeMap::from(claimed));
    assert_eq!(
        lines(&answer.endpoints),
        ["held C 1 4", "held D 0 7", "held D 1 1", "held E 0 3"]
    );
    let ends = trace(&short, &[address("D")], Policy::Fifo, Backward);
    assert_eq!(lines(&ends), ["opening B 0 1", "opening V 0 7"]);
}

#[test]
fn gas_goes_first_and_ends() {
    let mut table = table(&[
        ("theft", &[("V", "B", 10)]),
        ("p", &[("B", "C", 6), ("B", "B", 3), ("B", "C", 0)]),
    ]);
    table.transactions[1].fee = Some(Fee {
        payer: "B".to_owned(),
        asset: "coin".to_owned(),
        amount: 1,
    });
    // B: t10; gas t1, p t6; the self-transfer and the zero move nothing.
    for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho] {
        let ends = trace(&table, &[transfer("theft", 0)], policy, Forward);
        assert_eq!(lines(&ends), ["held B 0 3", "held C 0 6", "fee p 0 1"]);
    }
    let ends = trace(
        &table,
        &[Origin::Transaction("p".to_owned())],
        Policy::Fifo,
        Forward,
    );
    assert_eq!(lines(&ends), ["held C 0 6"]);
}

#[test]
fn the_zero_address_is_nobody() {
    let table = table(&[
        ("mint", &[(ZERO_ADDRESS, "B", 10)]),
        ("theft", &[("V", "B", 4)]),
        ("burn", &[("B", ZERO_ADDRESS, 12)]),
        ("again", &[(ZERO_ADDRESS, "C", 2)]),
    ]);
    let ends = trace(&table, &[transfer("theft", 0)], Policy::Fifo, Forward);
    let burn = format!("burn {ZERO_ADDRESS} 0 2");
    assert_eq!(lines(&ends), ["held B 0 2".to_owned(), burn]);
    let ends = trace(
        &table,
        &[Origin::Transaction("burn".to_owned())],
        Policy::Fifo,
        Backward,
    );
    let mint = format!("mint {ZERO_ADDRESS} 0 10");
    assert_eq!(lines(&ends), [mint, "opening V 0 2".to_owned()]);
    assert_eq!(
        run(&table, &[address(ZERO_ADDRESS)], Policy::Fifo, Forward),
        Trace::default()
    );
}

#[test]
fn a_service_ends_the_trace() {
    let mut table = mixing();
    table.services.insert("C".to_owned());
    let ends = trace(&table, &[transfer("theft", 0)], Policy::Fifo, Forward);
    assert_eq!(lines(&ends), ["held D 0 4", "service C 0 6"]);
    let ends = trace(&table, &[transfer("theft", 0)], Policy::Poison, Forward);
    assert_eq!(lines(&ends), ["held B 0 5", "held D 0 4", "service C 0 6"]);
}

#[test]
fn senders_come_before_receivers() {
    // Whatever order they come in: A pays B, B pays C; the circle D, E, F is cut at its smallest leg.
    let sorted = legs(&[
        ("A", "B", 5),
        ("B", "C", 4),
        ("D", "E", 1),
        ("E", "F", 1),
        ("F", "D", 1),
    ]);
    let mut rng = SplitMix64::new(0);
    for _ in 0..50 {
        let mut legs = sorted.clone();
        rng.shuffle(&mut legs);
        canonical_leg_order(&mut legs);
        assert_eq!(legs, sorted);
    }
    // By name alone Z would come last; but it feeds A.
    let mut fed = legs(&[("A", "B", 5), ("Z", "A", 5), ("Z", "Z", 9)]);
    canonical_leg_order(&mut fed);
    let senders: Vec<(&str, u128)> = fed.iter().map(|leg| (&leg.from[..], leg.amount)).collect();
    assert_eq!(senders, [("Z", 5), ("A", 5), ("Z", 9)]);
}

/// A few origins of every sort.
fn some_origins(table: &NaiveTable, seed: u64) -> Vec<Origin> {
    let mut rng = SplitMix64::new(seed);
    let mut origins = Vec::new();
    while origins.len() < 5 {
        let transaction = rng.pick(&table.transactions);
        if transaction.legs.is_empty() {
            continue;
        }
        let leg = rng.pick(&transaction.legs);
        origins.push(match rng.below(3) {
            0 => transfer(&transaction.txid, leg.index),
            1 => Origin::Transaction(transaction.txid.clone()),
            _ => address(&leg.to),
        });
    }
    origins
}

/// The endpoints' sums in the form of the claims.
fn sums(answer: &Trace) -> BTreeMap<(usize, String), u128> {
    let mut sums = BTreeMap::new();
    for end in &answer.endpoints {
        *sums.entry((end.label, end.asset.clone())).or_default() += end.amount;
    }
    sums
}

/// What must come to the ends: what was claimed, what came by conversion, less what left by it (law 13).
fn owed(answer: &Trace) -> BTreeMap<(usize, String), u128> {
    let mut owed = answer.claimed.clone();
    for (key, (came, went)) in &answer.converted {
        let sum = owed.entry(key.clone()).or_default();
        *sum = *sum + came - went;
    }
    owed.retain(|_, sum| *sum > 0);
    owed
}

#[test]
fn nothing_is_lost_and_nothing_is_made() {
    for seed in 0..60 {
        let shape = TableShape {
            ties: seed % 2 == 0,
            ..TableShape::default()
        };
        let mut table = if seed % 3 == 0 {
            random_table(seed, shape).to_naive()
        } else {
            random_ledger(seed, shape)
        };
        let origins = some_origins(&table, seed);
        table.services.insert(
            table.transactions[7]
                .legs
                .last()
                .map_or_else(String::new, |leg| leg.to.clone()),
        );
        for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho] {
            let answer = run(&table, &origins, policy, Forward);
            assert_eq!(
                sums(&answer),
                owed(&answer),
                "seed {seed} {policy:?} forward"
            );
        }
        for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut] {
            let answer = run(&table, &origins, policy, Backward);
            assert_eq!(
                sums(&answer),
                owed(&answer),
                "seed {seed} {policy:?} backward"
            );
        }
    }
}

#[test]
fn poison_reaches_whatever_another_policy_reaches() {
    for seed in 0..30 {
        let table = random_ledger(seed, TableShape::default());
        let origin = &some_origins(&table, seed)[..1];
        for direction in [Forward, Backward] {
            let places = |policy| -> BTreeSet<(Kind, String, String)> {
                let ends = trace(&table, origin, policy, direction);
                ends.into_iter()
                    .map(|end| (end.kind, end.place, end.asset))
                    .collect()
            };
            let reach = places(Policy::Poison);
            for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut] {
                assert!(
                    places(policy).is_subset(&reach),
                    "seed {seed} {policy:?} {direction:?}"
                );
            }
        }
    }
}

#[test]
fn fifo_and_lifo_agree_forward_and_backward() {
    // As much of a transfer x as arrives with the last transfer, x alone being the origin, is as much as the last
    // transfer takes from x on the way back. Its receiver only receives, so that what arrives can be seen.
    let mut met = 0;
    for seed in 0..25 {
        let mut table = random_ledger(seed, TableShape::default());
        let mut transactions = table.transactions.iter();
        let payer = transactions.find_map(|transaction| transaction.fee.clone());
        let mut last = legs(&[("", "sink", 50)]);
        last[0].from = payer.expect("somebody pays gas").payer;
        last[0].asset = crate::simulator::NATIVE.to_owned();
        let named = table.transactions.clone();
        table.transactions.push(NaiveTransaction {
            txid: "last".to_owned(),
            legs: last,
            unordered: false,
            ..NaiveTransaction::default()
        });
        for policy in [Policy::Fifo, Policy::Lifo] {
            for transaction in &named {
                for leg in &transaction.legs {
                    let from = transfer(&transaction.txid, leg.index);
                    let there = run(&table, std::slice::from_ref(&from), policy, Forward);
                    let ends = &there.endpoints;
                    let arrived = ends.iter().find(|end| end.place == "sink");
                    let arrived = arrived.map_or(0, |end| end.amount);
                    let key = (0, leg.asset.clone());
                    let alone = run(&table, std::slice::from_ref(&from), policy, Backward);
                    let both = run(&table, &[from, transfer("last", 0)], policy, Backward);
                    // A way back ends at a conversion, so that the two agree only where there is none.
                    let is_cut = |answer: &Trace| {
                        let mut ends = answer.endpoints.iter();
                        ends.any(|end| end.kind == Kind::Unresolved)
                    };
                    if !there.converted.is_empty() || is_cut(&alone) || is_cut(&both) {
                        continue;
                    }
                    let claim = |answer: &Trace| answer.claimed.get(&key).copied().unwrap_or(0);
                    let taken = claim(&alone) - claim(&both);
                    assert_eq!(arrived, taken, "seed {seed} {policy:?}");
                    met += usize::from(arrived > 0);
                }
            }
        }
    }
    assert!(met > 50, "the transfers hardly ever met");
}
