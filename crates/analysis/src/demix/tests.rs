//! Shapes that each detector must take, and the nearest ones that it must not.

#![allow(clippy::unwrap_used)]

use whither_ledger::view::AddressIx;

use super::*;

fn sides(owners: std::ops::Range<u32>, values: &[u64]) -> Vec<Side> {
    let owners = owners.map(AddressIx);
    let sides = owners.zip(values).map(|(owner, value)| Side {
        owner,
        value: Some(*value),
    });
    sides.collect()
}

fn shape(inputs: &[u64], outputs: &[u64]) -> Shape {
    let many = |values: &[u64]| u32::try_from(values.len()).unwrap();
    Shape {
        is_coinbase: false,
        inputs_count: inputs.len(),
        inputs: sides(0..many(inputs), inputs),
        outputs: sides(1000..1000 + many(outputs), outputs),
        bare_outputs: Vec::new(),
    }
}

fn makes(shape: &Shape) -> Vec<Make> {
    detect(shape).into_iter().map(|found| found.make).collect()
}

fn named(shape: &Shape) -> Option<Make> {
    label(&detect(shape)).map(|found| found.make)
}

/// A Wasabi 1.0 round: ten people, 0.1 BTC less a little each, change, and the coordinator's fee.
fn wasabi_1() -> Shape {
    let inputs: Vec<u64> = (0..20).map(|n| 11_000_000 + n * 7_919).collect();
    let mut outputs = vec![9_987_000; 12];
    outputs.extend((0..10).map(|n| 1_234_567 + n * 4_021));
    outputs.push(300_000);
    shape(&inputs, &outputs)
}

#[test]
fn wasabi_1_is_not_called_joinmarket() {
    let round = wasabi_1();
    assert!(makes(&round).contains(&Make::Wasabi1));
    assert!(
        makes(&round).contains(&Make::JoinMarket),
        "both shapes fit, and both are kept as evidence"
    );
    let matches = detect(&round);
    let found = label(&matches).unwrap();
    assert_eq!((found.make, found.anonymity_set), (Make::Wasabi1, 12));
    assert_eq!(found.denominations, [9_987_000]);
}

#[test]
fn wasabi_1_asks_for_its_value_its_people_and_different_outputs() {
    let round = wasabi_1();
    let mut elsewhere = round.clone();
    for output in &mut elsewhere.outputs {
        output.value = output.value.map(|value| value * 3);
    }
    assert!(
        !makes(&elsewhere).contains(&Make::Wasabi1),
        "0.3 BTC is no value of it"
    );
    let mut sweep = round.clone();
    for input in sweep.inputs.iter_mut().take(3) {
        input.owner = AddressIx(0);
    }
    assert!(
        !makes(&sweep).contains(&Make::Wasabi1),
        "three of twenty inputs are one address's"
    );
    let mut reused = round.clone();
    reused.outputs[1].owner = reused.outputs[0].owner;
    assert!(
        !makes(&reused).contains(&Make::Wasabi1),
        "an address is paid twice"
    );
    let mut few = round;
    few.inputs.truncate(9);
    few.inputs_count = 9;
    assert!(!makes(&few).contains(&Make::Wasabi1), "nine inputs");
}

#[test]
fn levels_make_it_wasabi_1_1() {
    let inputs: Vec<u64> = (0..30).map(|n| 40_000_000 + n * 7_919).collect();
    let mut outputs = vec![10_000_100; 8];
    outputs.extend([20_000_300; 5]);
    outputs.extend((0..9).map(|n| 1_234_567 + n * 4_021));
    let round = shape(&inputs, &outputs);
    let matches = detect(&round);
    let found = label(&matches).unwrap();
    assert_eq!((found.make, found.anonymity_set), (Make::Wasabi11, 8));
    assert_eq!(found.denominations, [10_000_000, 20_000_000]);
    // Eight equal outputs among thirty inputs: 50 + 50 · (7 · 8 − 30) / (6 · 30).
    assert_eq!(found.confidence, 57);
    // With a third level it has the shape of version 2 too, which goes first.
    outputs.extend([40_000_900; 3]);
    let round = shape(&inputs, &outputs);
    assert_eq!(named(&round), Some(Make::Wasabi2));
    assert!(makes(&round).contains(&Make::Wasabi11));
}

#[test]
fn many_values_that_repeat_make_it_wasabi_2() {
    let inputs: Vec<u64> = (0..40).map(|n| 900_000 + n * 7_919).collect();
    let mut outputs = Vec::new();
    for (value, times) in [(6_561, 4), (59_049, 6), (131_072, 5), (1_048_576, 3)] {
        outputs.extend(vec![value; times]);
    }
    outputs.extend([77_777, 88_881, 5_001]);
    let round = shape(&inputs, &outputs);
    assert_eq!(named(&round), Some(Make::Wasabi2));
    let dusty = shape(&inputs, &[&outputs[..], &[4_999]].concat());
    assert_ne!(
        named(&dusty),
        Some(Make::Wasabi2),
        "an output below the least value"
    );
    let all_equal = shape(&inputs, &outputs[..18]);
    assert_ne!(
        named(&all_equal),
        Some(Make::Wasabi2),
        "nothing is left over: a payout"
    );
}

#[test]
fn whirlpool_wants_a_pool_its_numbers_and_somebody_new() {
    let round = shape(
        &[1_000_000, 1_000_000, 1_000_000, 1_010_000, 1_000_500],
        &[1_000_000; 5],
    );
    let matches = detect(&round);
    let found = label(&matches).unwrap();
    assert_eq!((found.make, found.anonymity_set), (Make::Whirlpool, 5));
    for (why, inputs, outputs) in [
        ("nobody is new", vec![1_000_000; 5], vec![1_000_000; 5]),
        (
            "too much is brought",
            vec![1_000_000, 1_000_000, 1_000_000, 1_110_001, 1_000_500],
            vec![1_000_000; 5],
        ),
        (
            "too little",
            vec![1_000_000, 1_000_000, 1_000_000, 1_000_099, 1_000_500],
            vec![1_000_000; 5],
        ),
        (
            "no pool",
            vec![2_000_000, 2_000_000, 2_000_000, 2_000_500, 2_000_500],
            vec![2_000_000; 5],
        ),
        (
            "four",
            vec![1_000_000, 1_000_000, 1_010_000, 1_000_500],
            vec![1_000_000; 4],
        ),
    ] {
        assert!(
            !makes(&shape(&inputs, &outputs)).contains(&Make::Whirlpool),
            "{why}"
        );
    }
}

#[test]
fn joinmarket_leaves_change_and_a_stonewall_is_one_payer() {
    let round = shape(
        &[700, 800, 900].map(|k| k * 10_000),
        &[
            5_000_000, 5_000_000, 5_000_000, 1_990_000, 2_990_000, 3_980_000,
        ],
    );
    assert_eq!(named(&round), Some(Make::JoinMarket));
    let no_change = shape(&[600, 700, 800].map(|k| k * 10_000), &[5_000_000; 3]);
    assert!(!makes(&no_change).contains(&Make::JoinMarket));
    let stonewall = shape(
        &[600_000, 700_000, 800_000],
        &[500_000, 500_000, 123_456, 654_321],
    );
    assert_eq!(
        makes(&stonewall),
        [Make::Generic],
        "equal pairs of one payer: the generic rule cannot tell"
    );
}

#[test]
fn the_generic_rule_counts_outputs_without_an_address() {
    let plain = shape(&[60_000, 70_000], &[50_000, 50_000, 1_234]);
    assert_eq!(named(&plain), Some(Make::Generic));
    let mut carries_data = plain.clone();
    carries_data.bare_outputs = vec![0, 0];
    assert_eq!(
        named(&carries_data),
        None,
        "of five outputs three would have to be equal"
    );
    let dust = shape(&[60_000, 70_000], &[546, 546, 1_234]);
    assert_eq!(named(&dust), None);
    let mut mint = plain;
    mint.is_coinbase = true;
    assert_eq!(named(&mint), None);
}

#[test]
fn what_prepares_a_round_is_no_coinjoin() {
    let mut tx0 = shape(
        &[5_000_000],
        &[1_010_000, 1_010_000, 1_010_000, 50_000, 1_900_000],
    );
    tx0.bare_outputs = vec![0];
    assert_eq!(whirlpool::pool_of_preparation(&tx0), Some((1_000_000, 3)));
    assert!(detect(&tx0).is_empty());
    let mut two_fees = tx0.clone();
    two_fees.outputs[4].value = Some(60_000);
    assert_eq!(whirlpool::pool_of_preparation(&two_fees), None);
    tx0.bare_outputs.clear();
    assert_eq!(whirlpool::pool_of_preparation(&tx0), None);
}
