//! Claims that carry a trace on, with answers worked out by hand.

use std::collections::BTreeSet;

use whither_analysis::trace::{
    Arrival, Continuation, Departure, OriginPlace, Request, Trace, TraceError, follow_claims,
    trace_accounts, trace_utxo,
};
use whither_ledger::U256;
use whither_ledger::memory::MemoryUtxo;
use whither_testkit::naive::utxo::{NaiveBlock, NaiveChain, NaiveOutput, NaiveTransaction, Origin};
use whither_testkit::naive::{Direction, Policy};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{TableShape, random_ledger};

use crate::continuing::{assert_sound, claim, ends, follow, from_output, output_place};
use crate::outputs::{chain, request, view};
use crate::{account_naive, accounts};

fn coinbase(txid: u8, values: &[u128]) -> NaiveBlock {
    let outputs = values.iter().map(|value| NaiveOutput {
        value: *value,
        address: None,
    });
    NaiveBlock {
        transactions: vec![NaiveTransaction {
            txid: format!("{txid:064x}"),
            coinbase: true,
            inputs: Vec::new(),
            outputs: outputs.collect(),
        }],
    }
}

/// Five coinbases that nothing spends: of 100, 40, 50, 70, 1.
fn unmoved() -> MemoryUtxo {
    let blocks = [100, 40, 50, 70, 1]
        .into_iter()
        .zip(1..)
        .map(|(value, id)| coinbase(id, &[value]));
    view(&NaiveChain {
        blocks: blocks.collect(),
        services: BTreeSet::new(),
    })
}

fn at(id: u8) -> String {
    format!("{id:064x}:0")
}

fn amounts(trace: &Trace) -> Vec<(String, u128)> {
    let ends = ends(trace).into_iter();
    ends.map(|((_, place), amount)| (place[63..].to_owned(), amount))
        .collect()
}

fn asked(places: &[u8]) -> Request {
    let origins: Vec<Origin> = places
        .iter()
        .map(|place| Origin::Output(at(*place)))
        .collect();
    request(&origins, Policy::Fifo, Direction::Forward)
}

#[test]
fn claims_from_one_place_share_in_their_order_and_the_rest_stays() {
    let claims = [
        from_output(&at(1), &at(2), 40),
        from_output(&at(1), &at(3), 45),
    ];
    let found = follow(&unmoved(), asked(&[1]), &claims);
    let expected = [("1:0", 15), ("2:0", 40), ("3:0", 45)];
    assert_eq!(
        amounts(&found),
        expected.map(|(place, amount)| (place.to_owned(), amount))
    );
    // With the first claim 90, the second finds 10 only.
    let mut greedy = claims.clone();
    greedy[0] = from_output(&at(1), &at(4), 90);
    let found = follow(&unmoved(), asked(&[1]), &greedy);
    let expected = [("3:0", 30), ("4:0", 70)];
    assert_eq!(
        amounts(&found),
        expected.map(|(place, amount)| (place.to_owned(), amount)),
        "the place of the first holds 70, and the second takes what that leaves"
    );
    assert!(
        found
            .caveats
            .iter()
            .any(|caveat| caveat.kind == "continuation-short")
    );
}

#[test]
fn a_ratio_is_the_claims_own_and_is_told_in_the_totals() {
    let mut scaled = from_output(&at(1), &at(2), 60);
    scaled.to_amount = U256::from(7);
    let found = follow(&unmoved(), asked(&[1]), &[scaled.clone()]);
    assert_eq!(
        amounts(&found),
        [("1:0".to_owned(), 40), ("2:0".to_owned(), 7)]
    );
    let row = &found.totals[0];
    let all = [
        &row.origin,
        &row.converted_in,
        &row.converted_out,
        &row.by_kind["unspent"],
    ];
    assert_eq!(all, ["100", "7", "60", "47"]);
    // Half of it arrives as half, rounded down; two origins share it by largest remainder.
    let mut half = asked(&[1, 5]);
    half.origins[0].limit = Some(U256::from(30));
    half.origins[1] = asked(&[1]).origins[0].clone();
    half.origins[1].limit = Some(U256::from(1));
    let found = follow(&unmoved(), half, &[scaled]);
    let shares: Vec<(String, String)> = found.endpoints[1]
        .origins
        .iter()
        .map(|share| (share.origin.clone(), share.amount.clone()))
        .collect();
    assert_eq!(shares, [("o1".to_owned(), "3".to_owned())]);
    assert_eq!(
        found.claims.as_ref().unwrap()[0].carried,
        "30",
        "what arrives as nothing stays"
    );
    assert_eq!(
        amounts(&found),
        [("1:0".to_owned(), 1), ("2:0".to_owned(), 3)]
    );
}

#[test]
fn a_ring_of_claims_ends_where_it_began() {
    let claims = [
        from_output(&at(1), &at(2), 1000),
        from_output(&at(2), &at(3), 1000),
        from_output(&at(3), &at(1), 1000),
    ];
    let found = follow(&unmoved(), asked(&[1]), &claims);
    assert_sound(&found, "a ring");
    // 40 fit through the narrowest place, and none of it goes round twice: the first place has them already.
    assert_eq!(
        amounts(&found),
        [("1:0".to_owned(), 60), ("3:0".to_owned(), 40)]
    );
}

#[test]
fn each_claim_tells_what_falls_without_it() {
    let claims = [
        from_output(&at(1), &at(2), 30),
        from_output(&at(2), &at(3), 20),
    ];
    let found = follow(&unmoved(), asked(&[1]), &claims);
    let falls = |row: usize| -> Vec<(String, String)> {
        let rows = found.claims.as_ref().unwrap();
        let falls = rows[row].falls.iter();
        falls
            .map(|fall| {
                (
                    fall.output.clone().unwrap()[63..].to_owned(),
                    fall.amount.clone(),
                )
            })
            .collect()
    };
    let row = |place: &str, amount: &str| (place.to_owned(), amount.to_owned());
    assert_eq!(falls(0), [row("2:0", "10"), row("3:0", "20")]);
    assert_eq!(falls(1), [row("3:0", "20")]);
    let without = follow(&unmoved(), asked(&[1]), &claims[..1]);
    assert_eq!(
        amounts(&without),
        [("1:0".to_owned(), 70), ("2:0".to_owned(), 30)]
    );
}

#[test]
fn without_claims_the_answer_is_the_trace_and_its_bytes_are_the_same() {
    let plain = trace_utxo(&unmoved(), &asked(&[1])).unwrap();
    let mut joined = follow(&unmoved(), asked(&[1]), &[]);
    assert_eq!(joined.claims.take(), Some(Vec::new()));
    assert_eq!(joined, plain);
    assert_eq!(plain.claims, None);
}

#[test]
fn claims_do_not_lead_backward() {
    let mut backward = asked(&[1]);
    backward.direction = whither_analysis::trace::Direction::Backward;
    let view = unmoved();
    let error = follow_claims(vec![(chain(), backward)], &[], |_, request| {
        trace_utxo(&view, request)
    });
    assert_eq!(error, Err(TraceError::OnwardBackward));
}

/// What an address held before the money can have come is not that money.
#[test]
fn an_address_takes_what_it_receives_from_then_on() {
    let table = random_ledger(3, TableShape::default());
    let view = accounts::ledger_view(&table);
    let mut rng = SplitMix64::new(3);
    let origins = account_naive::some_origins(&table, &mut rng, true);
    let asked = accounts::request(&origins, Policy::Fifo, Direction::Forward);
    let plain = trace_accounts(&view, &asked).unwrap();
    for end in plain.endpoints.iter().filter(|end| end.address.is_some()) {
        for to in plain.endpoints.iter().filter_map(|end| end.address.clone()) {
            let made = Continuation {
                chain: accounts::chain(),
                from: Arrival::Address(end.address.clone().unwrap()),
                asset: end.asset.parse().unwrap(),
                to_asset: end.asset.parse().unwrap(),
                to: Departure {
                    chain: accounts::chain(),
                    place: OriginPlace::Address(accounts::address(&to)),
                    height: None,
                    time: None,
                },
                ..claim(
                    "c",
                    Arrival::Address(String::new()),
                    output_place(&at(1)),
                    1_000_000,
                )
            };
            let requests = vec![(accounts::chain(), asked.clone())];
            let found = follow_claims(requests, &[made], |_, request| {
                trace_accounts(&view, request)
            });
            assert_sound(&found.unwrap(), &to);
        }
    }
}
