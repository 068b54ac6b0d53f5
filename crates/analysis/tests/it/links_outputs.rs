//! Links on a chain of outputs, on small chains written by hand.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::link::{Link, Taint, links_of_outputs};
use whither_analysis::trace::result::Basis;
use whither_analysis::trace::{
    Direction, Knowledge, Origin, OriginPlace, Policy, Request, Stops, Window, trace_utxo,
};
use whither_ledger::transaction_id::TransactionId;
use whither_testkit::naive::utxo::{NaiveBlock, NaiveChain, NaiveOutput, NaiveTransaction};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{Form, Script};

use crate::outputs::{chain, view};

const COIN: u128 = 100_000_000;

/// A chain that is told payment by payment, one to a block.
struct Story {
    rng: SplitMix64,
    blocks: Vec<NaiveBlock>,
}

impl Story {
    fn new() -> Self {
        Self {
            rng: SplitMix64::new(8),
            blocks: Vec::new(),
        }
    }

    fn address(&mut self) -> String {
        Script::random(Form::P2wpkh, &mut self.rng).address.unwrap()
    }

    fn tell(&mut self, inputs: &[(String, u32)], outputs: &[(&str, u128)]) -> String {
        let txid = format!("{:064x}", self.blocks.len() + 1);
        let output = |(address, value): &(&str, u128)| NaiveOutput {
            value: *value,
            address: Some((*address).to_owned()),
        };
        self.blocks.push(NaiveBlock {
            transactions: vec![NaiveTransaction {
                txid: txid.clone(),
                coinbase: inputs.is_empty(),
                inputs: inputs.to_vec(),
                outputs: outputs.iter().map(output).collect(),
            }],
        });
        txid
    }

    /// A coin of somebody's.
    fn mint(&mut self, to: &str) -> (String, u32) {
        (self.tell(&[], &[(to, 50 * COIN)]), 0)
    }

    /// A theft: gives the transaction and the thief's address.
    fn theft(&mut self) -> (String, String) {
        let (victim, thief) = (self.address(), self.address());
        let coin = self.mint(&victim);
        (self.tell(&[coin], &[(&thief, 50 * COIN)]), thief)
    }

    fn links(self, thefts: &[&str]) -> Vec<Link> {
        let view = view(&NaiveChain {
            blocks: self.blocks,
            services: BTreeSet::new(),
        });
        let taint = |id: &&str| {
            let origins = vec![Origin {
                what: (*id).to_owned(),
                place: OriginPlace::Transaction(TransactionId::parse(&chain(), id).unwrap()),
                incident: Some((*id).to_owned()),
                asset: None,
                height: None,
                limit: None,
                basis: Basis::Fact,
                carried: None,
            }];
            let request = Request {
                origins: origins.clone(),
                policy: Policy::Haircut,
                direction: Direction::Forward,
                window: Window::default(),
                stops: Stops::default(),
                knowledge: Knowledge::default(),
                may_enter: BTreeMap::new(),
            };
            let trace = trace_utxo(&view, &request).unwrap();
            Taint::of_outputs(&view, id, &origins, &trace)
        };
        let taints = thefts.iter().map(taint).collect();
        links_of_outputs(&view, &Knowledge::default(), taints).pairs
    }
}

#[test]
fn money_of_both_that_is_spent_in_one_transaction_is_one_fact() {
    let mut story = Story::new();
    let ((one, _), (other, _)) = (story.theft(), story.theft());
    let (a, b, gathered) = (story.address(), story.address(), story.address());
    let from_one = story.tell(&[(one.clone(), 0)], &[(&a, 50 * COIN)]);
    let from_other = story.tell(&[(other.clone(), 0)], &[(&b, 50 * COIN)]);
    let both = story.tell(
        &[(from_one, 0), (from_other, 0)],
        &[(&gathered, 100 * COIN)],
    );
    let links = story.links(&[&one, &other]);
    let [link] = &links[..] else {
        panic!("{links:?}")
    };
    assert_eq!(
        (link.verdict, link.strength, link.facts),
        ("probable", 900, 1),
        "{link:?}"
    );
    let row = link
        .evidence
        .iter()
        .find(|row| row.kind == "commingling")
        .unwrap();
    assert_eq!((row.base_rate, &row.transactions[..]), (0, &[both][..]));
}

/// Two customers of a service: their coins are swept with those of a hundred others.
#[test]
fn a_sweep_of_many_customers_links_nobody() {
    let mut story = Story::new();
    let ((one, _), (other, _)) = (story.theft(), story.theft());
    let (a, b, hot) = (story.address(), story.address(), story.address());
    let mut coins = vec![
        (story.tell(&[(one.clone(), 0)], &[(&a, 50 * COIN)]), 0),
        (story.tell(&[(other.clone(), 0)], &[(&b, 50 * COIN)]), 0),
    ];
    for _ in 0..100 {
        let customer = story.address();
        coins.push(story.mint(&customer));
    }
    story.tell(&coins, &[(&hot, 5_000 * COIN)]);
    let links = story.links(&[&one, &other]);
    assert_eq!(
        (links[0].verdict, links[0].strength),
        ("none", 0),
        "{links:?}"
    );
}

/// Coins that were never stolen, and signed together.
#[test]
fn addresses_that_sign_together_are_a_cluster() {
    let mut story = Story::new();
    let ((one, a), (other, b)) = (story.theft(), story.theft());
    let coins = [story.mint(&a), story.mint(&b)];
    let elsewhere = story.address();
    story.tell(&coins, &[(&elsewhere, 100 * COIN)]);
    let links = story.links(&[&one, &other]);
    let kinds: Vec<&str> = links[0].evidence.iter().map(|row| row.kind).collect();
    assert_eq!(
        (kinds, links[0].verdict),
        (vec!["cluster"], "probable"),
        "{links:?}"
    );
}

/// One wallet that pays from seventy addresses at once is one stranger, and makes no place public.
#[test]
fn who_pays_from_many_addresses_is_one_stranger() {
    let mut story = Story::new();
    let ((one, _), (other, _)) = (story.theft(), story.theft());
    let (gathered, change) = (story.address(), story.address());
    story.tell(&[(one.clone(), 0)], &[(&gathered, 50 * COIN)]);
    story.tell(&[(other.clone(), 0)], &[(&gathered, 50 * COIN)]);
    let mut coins = Vec::new();
    for _ in 0..70 {
        let wallet = story.address();
        coins.push(story.mint(&wallet));
    }
    story.tell(&coins, &[(&gathered, COIN), (&change, 3_499 * COIN)]);
    let links = story.links(&[&one, &other]);
    let row = &links[0].evidence[0];
    assert_eq!((row.base_rate, row.weight), (1, 700), "{links:?}");
}

/// A transaction that addresses of both sign and a place that it brought money of one to are one fact, whichever of the
/// two thefts comes first.
#[test]
fn a_place_rests_on_the_transaction_that_brought_money_of_either() {
    for is_first in [true, false] {
        let mut story = Story::new();
        let ((one, a), (other, b)) = (story.theft(), story.theft());
        let gathered = story.address();
        let ((with, late), clean) = match is_first {
            true => ((one.clone(), other.clone()), story.mint(&b)),
            false => ((other.clone(), one.clone()), story.mint(&a)),
        };
        story.tell(&[(with, 0), clean], &[(&gathered, 100 * COIN)]);
        story.tell(&[(late, 0)], &[(&gathered, 50 * COIN)]);
        let links = story.links(&[&one, &other]);
        let kinds: Vec<&str> = links[0].evidence.iter().map(|row| row.kind).collect();
        assert_eq!((kinds.len(), links[0].facts), (2, 1), "{links:?}");
        assert!(kinds.contains(&"cluster"), "{links:?}");
    }
}

/// Transactions of one form that few others have: a lead at most, and none where others have it too.
#[test]
fn thefts_of_one_form_weigh_by_how_few_others_have_it() {
    let told = |is_alike: bool, of_others: usize| {
        let mut story = Story::new();
        let (mut thefts, mut last) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let (theft, _) = story.theft();
            last.push((theft.clone(), 0_u32));
            thefts.push(theft);
        }
        let form = |story: &mut Story, coin: (String, u32), form: Form, left: u128| {
            let next = story.address();
            let part = Script::random(form, &mut story.rng).address.unwrap();
            let outputs = [(&*part, COIN - 7), (&*next, left)];
            (story.tell(&[coin], &outputs), 1_u32)
        };
        for step in 1..=13 {
            for (theft, coin) in last.iter_mut().enumerate() {
                // Of another form: the first output is of the kind that pays, too.
                let kind = match theft == 0 || is_alike {
                    true => Form::P2tr,
                    false => Form::P2wpkh,
                };
                *coin = form(&mut story, coin.clone(), kind, (50 - step) * COIN + 3);
            }
        }
        for other in 0..300 {
            let somebody = story.address();
            let coin = story.mint(&somebody);
            if other < of_others {
                form(&mut story, coin, Form::P2tr, 40 * COIN + 3);
            } else {
                let elsewhere = story.address();
                story.tell(&[coin], &[(&elsewhere, 50 * COIN)]);
            }
        }
        let ids: Vec<&str> = thefts.iter().map(String::as_str).collect();
        let links = story.links(&ids);
        let rows = links[0].evidence.iter();
        let rows = rows.filter(|row| row.kind == "fingerprint");
        let rows: Vec<(u64, u64)> = rows.map(|row| (row.base_rate, row.weight)).collect();
        (rows, links[0].verdict)
    };
    assert_eq!(told(true, 0), (vec![(0, 300)], "lead"));
    assert_eq!(told(true, 3).0[0].0, 3);
    assert_eq!(told(true, 60), (vec![], "none"));
    assert_eq!(told(false, 0), (vec![], "none"));
}

/// Two customers of a service, whose deposit addresses alone are swept: the service signs, and it has many customers' coins.
#[test]
fn a_sweep_of_two_customers_alone_links_nobody() {
    for is_swept in [true, false] {
        let mut story = Story::new();
        let ((one, _), (other, _)) = (story.theft(), story.theft());
        let (a, b, hot) = (story.address(), story.address(), story.address());
        let coins = [
            (story.tell(&[(one.clone(), 0)], &[(&a, 50 * COIN)]), 0),
            (story.tell(&[(other.clone(), 0)], &[(&b, 50 * COIN)]), 0),
        ];
        for _ in 0..20 {
            let customer = story.address();
            let coin = story.mint(&customer);
            story.tell(&[coin], &[(&hot, 50 * COIN)]);
        }
        // Who takes change has the keys himself.
        let change = story.address();
        let outputs: &[(&str, u128)] = match is_swept {
            true => &[(&hot, 100 * COIN)],
            false => &[(&hot, 60 * COIN), (&change, 40 * COIN)],
        };
        story.tell(&coins, outputs);
        let links = story.links(&[&one, &other]);
        let is_told = links[0]
            .evidence
            .iter()
            .any(|row| row.kind == "commingling");
        assert_eq!(is_told, !is_swept, "{links:?}");
        assert_eq!(links[0].verdict == "none", is_swept, "{links:?}");
    }
}

/// Somebody whom two thieves paid a little in passing spends what he got in one transaction.
#[test]
fn who_took_little_of_two_thefts_and_spends_it_together_is_a_lead() {
    for (little, expected) in [(25 * COIN, "probable"), (COIN / 2, "lead")] {
        let mut story = Story::new();
        let ((one, _), (other, _)) = (story.theft(), story.theft());
        let (a, b, shop) = (story.address(), story.address(), story.address());
        let (rest, last) = (story.address(), story.address());
        let coins = [&one, &other].map(|theft| (theft.clone(), 0));
        let [first, second] = coins;
        let first = story.tell(&[first], &[(&a, little), (&rest, 50 * COIN - little)]);
        let second = story.tell(&[second], &[(&b, little), (&last, 50 * COIN - little)]);
        story.tell(&[(first, 0), (second, 0)], &[(&shop, 2 * little)]);
        let links = story.links(&[&one, &other]);
        assert_eq!(links[0].verdict, expected, "{links:?}");
        // A hundredth of a theft is 664 hundredths of a bit less than all of it, of which a quarter is free.
        let strength = if little > COIN { 900 } else { 900 - 464 };
        assert_eq!(links[0].strength, strength, "{links:?}");
    }
}

/// Two hands who mix their coins in one round: what comes out of it and is swept from one address is nobody's mark.
#[test]
fn what_comes_out_of_a_round_that_both_were_in_links_nobody() {
    for is_round in [true, false] {
        let mut story = Story::new();
        let ((one, _), (other, _)) = (story.theft(), story.theft());
        let (a, b, after) = (story.address(), story.address(), story.address());
        let mut coins = vec![(one.clone(), 0), (other.clone(), 0)];
        for _ in 0..3 {
            let person = story.address();
            coins.push(story.mint(&person));
        }
        let rest: Vec<String> = (0..3).map(|_| story.address()).collect();
        // Equal outputs for all five, or for nobody.
        let value = |place: u128| {
            if is_round {
                40 * COIN
            } else {
                (36 + place) * COIN
            }
        };
        let change: Vec<String> = (0..5).map(|_| story.address()).collect();
        let mut outputs = vec![(a.as_str(), value(0)), (b.as_str(), value(1))];
        outputs.extend(
            (2..)
                .zip(&rest)
                .map(|(place, to)| (to.as_str(), value(place))),
        );
        outputs.extend(
            (0..)
                .zip(&change)
                .map(|(place, to)| (to.as_str(), (5 + place) * COIN)),
        );
        let mixed = story.tell(&coins, &outputs);
        story.tell(&[(mixed, 0)], &[(&after, value(0))]);
        let links = story.links(&[&one, &other]);
        let shared = links[0].evidence.iter();
        let shared = shared.filter(|row| row.kind == "shared-address").count();
        assert_eq!(shared == 0, is_round, "{links:?}");
    }
}
