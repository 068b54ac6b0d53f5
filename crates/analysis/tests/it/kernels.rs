//! Frontier and sweep are one answer: the whole result, every policy, both ways, whatever is asked.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::trace::result::EndpointKind;
use whither_analysis::trace::{
    Direction, Kernel, Knowledge, KnownDeposit, KnownService, OriginPlace, Policy, Request, Stops,
    Trace, TraceError, Window, follow_utxo, trace_utxo,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::memory::{
    Block, MemoryUtxo, Outpoint, OutsideValue, UtxoOutput, UtxoTransaction,
};
use whither_ledger::time::Timestamp;
use whither_ledger::view::{AddressIx, ChainView as _, TxIx};
use whither_testkit::naive::utxo::NaiveChain;
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::random_chain;

use crate::outputs::{self, view_with};
use crate::utxo_naive::some_origins;

/// What undo data would tell of every output of a chain.
fn told(chain: &NaiveChain) -> BTreeMap<Outpoint, OutsideValue> {
    let transactions = chain.blocks.iter().flat_map(|block| &block.transactions);
    let outputs = transactions.map(outputs::transaction).flat_map(|made| {
        let txid = made.txid;
        (0..).zip(made.outputs).map(move |(vout, output)| {
            let known = OutsideValue {
                value: output.value,
                owner: output.owner,
            };
            (Outpoint { txid, vout }, known)
        })
    });
    outputs.collect()
}

fn sometimes<T>(rng: &mut SplitMix64, value: impl FnOnce(&mut SplitMix64) -> T) -> Option<T> {
    rng.chance(1, 5).then(|| value(rng))
}

fn moment(rng: &mut SplitMix64) -> Timestamp {
    let block = u32::try_from(rng.below(14)).unwrap();
    Timestamp::from(1_700_000_000 + 600 * block)
}

fn stops(rng: &mut SplitMix64) -> Stops {
    Stops {
        services: rng.chance(1, 2),
        coinjoin: rng.chance(1, 5),
        degree: sometimes(rng, |rng| 5 + rng.index(20)),
        shape: sometimes(rng, |rng| 3 + rng.index(20)),
        pass: BTreeSet::new(),
        dust: sometimes(rng, |rng| U256::from(rng.between(1, 1 << 30))),
        depth: sometimes(rng, |rng| u32::try_from(rng.between(1, 8)).unwrap()),
        time: sometimes(rng, moment),
    }
}

fn knowledge(view: &MemoryUtxo, rng: &mut SplitMix64) -> Knowledge {
    let window = |rng: &mut SplitMix64| Window {
        since: sometimes(rng, moment),
        before: sometimes(rng, moment),
    };
    let (first, second) = (window(rng), window(rng));
    let mut address = || -> Address {
        let ix = AddressIx::of(rng.index(view.address_count()));
        view.address(ix).into_owned()
    };
    let service = KnownService {
        kind: EndpointKind::Service,
        name: "Exchange".to_owned(),
        identity: "Exchange".to_owned(),
        category: "exchange".to_owned(),
        claim: "c1".to_owned(),
        valid: first,
    };
    let deposit = KnownDeposit {
        name: "Exchange".to_owned(),
        identity: "Exchange".to_owned(),
        category: "exchange".to_owned(),
        claim: "c2".to_owned(),
        valid: second,
    };
    Knowledge {
        services: BTreeMap::from([(address(), vec![service])]),
        deposits: BTreeMap::from([
            (address(), vec![deposit.clone()]),
            (address(), vec![deposit]),
        ]),
    }
}

/// A question with any of the limits, windows and stops there are.
fn question(chain: &NaiveChain, view: &MemoryUtxo, rng: &mut SplitMix64) -> Request {
    let naive = some_origins(chain, rng);
    let wanted = whither_testkit::naive::Policy::Fifo;
    let way = whither_testkit::naive::Direction::Forward;
    let mut request = outputs::request(&naive, wanted, way);
    for origin in &mut request.origins {
        origin.limit = sometimes(rng, |rng| U256::from(rng.between(1, 1 << 32)));
    }
    request.window = Window {
        since: sometimes(rng, moment),
        before: sometimes(rng, moment),
    };
    if rng.chance(2, 3) {
        request.stops = stops(rng);
        request.knowledge = knowledge(view, rng);
    }
    request
}

/// The whole result by one kernel, or why there is none.
fn answer(view: &MemoryUtxo, request: &Request, kernel: Kernel) -> Result<Trace, TraceError> {
    let mut followed = follow_utxo(view, request, kernel)?;
    followed.bound();
    Ok(followed.render())
}

/// Every policy and direction of a question by both kernels; how many gave a trace.
fn compare(view: &MemoryUtxo, asked: &Request, what: &str) -> usize {
    let mut answered = 0;
    for policy in Policy::ALL {
        for direction in [Direction::Forward, Direction::Backward] {
            let request = Request {
                policy,
                direction,
                ..asked.clone()
            };
            let frontier = answer(view, &request, Kernel::Frontier);
            let sweep = answer(view, &request, Kernel::Sweep);
            let auto = trace_utxo(view, &request);
            assert_eq!(
                frontier, sweep,
                "{what}, {policy} {direction:?}: {request:?}"
            );
            assert_eq!(
                frontier, auto,
                "{what}, {policy} {direction:?}: {request:?}"
            );
            answered += usize::from(auto.is_ok());
        }
    }
    answered
}

/// Chains that are whole, whose beginning is missing, and whose beginning is told by undo data.
#[test]
fn both_kernels_answer_every_question_alike() {
    let mut answered = 0;
    for seed in 0..240 {
        let whole = random_chain(seed, 14, 4);
        let (chain, outside) = match seed % 3 {
            0 => (whole.to_naive(), BTreeMap::new()),
            1 => (whole.to_naive_from(6), BTreeMap::new()),
            _ => (whole.to_naive_from(6), told(&whole.to_naive())),
        };
        let view = view_with(&chain, &outside);
        let mut rng = SplitMix64::new(seed);
        for _ in 0..3 {
            let asked = question(&chain, &view, &mut rng);
            answered += compare(&view, &asked, &format!("seed {seed}"));
        }
    }
    assert!(answered > 5000, "{answered}");
}

/// `width` coins split again and again: a chain of several windows of the sweep, in which most taint waits long.
fn long_chain(width: usize, rounds: usize) -> MemoryUtxo {
    let txid = |number: usize| {
        let mut txid = [7; 32];
        txid[..8].copy_from_slice(&u64::try_from(number).unwrap().to_le_bytes());
        txid
    };
    let output = |value| UtxoOutput { value, owner: None };
    let whole: u64 = 1 << 32;
    let mut transactions = vec![UtxoTransaction {
        txid: txid(0),
        coinbase: true,
        inputs: Vec::new(),
        outputs: vec![output(whole); width],
    }];
    let mut coins: Vec<(Outpoint, u64)> = (0..u32::try_from(width).unwrap())
        .map(|vout| {
            (
                Outpoint {
                    txid: txid(0),
                    vout,
                },
                whole,
            )
        })
        .collect();
    let mut rng = SplitMix64::new(3);
    for number in 1..=rounds {
        let spent = [(); 2].map(|()| coins.swap_remove(rng.index(coins.len())));
        let sum = spent[0].1 + spent[1].1;
        let part = rng.between(1, sum - 1);
        let txid = txid(number);
        coins.push((Outpoint { txid, vout: 0 }, part));
        coins.push((Outpoint { txid, vout: 1 }, sum - part));
        transactions.push(UtxoTransaction {
            txid,
            coinbase: false,
            inputs: spent.map(|(outpoint, _)| outpoint).to_vec(),
            outputs: vec![output(part), output(sum - part)],
        });
    }
    let block = Block {
        hash: [1; 32],
        height: Some(0),
        time: 1_700_000_000,
        transactions,
    };
    let chain = outputs::chain();
    MemoryUtxo::build(chain, &[block], &BTreeMap::new(), Vec::new(), Vec::new()).unwrap()
}

/// Also where the automatic choice goes over from the one to the other, in the midst of a trace.
#[test]
fn both_kernels_agree_over_several_windows_and_where_one_takes_over() {
    let view = long_chain(600, 140_000);
    let last = view.transaction_count() - 1;
    for tx in [0, last] {
        let place = OriginPlace::Transaction(view.transaction_id(TxIx::of(tx)));
        let mut request = outputs::request(
            &[],
            whither_testkit::naive::Policy::Haircut,
            whither_testkit::naive::Direction::Forward,
        );
        request.origins = vec![outputs::origin(place)];
        if tx == last {
            request.direction = Direction::Backward;
        }
        let moves = |kernel| follow_utxo(&view, &request, kernel).unwrap().moves();
        let found = answer(&view, &request, Kernel::Frontier);
        assert!(found == answer(&view, &request, Kernel::Sweep));
        assert!(found == trace_utxo(&view, &request));
        assert!(moves(Kernel::Auto) > 100_000, "{}", moves(Kernel::Auto));
    }
}
