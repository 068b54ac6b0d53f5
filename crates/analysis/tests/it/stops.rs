//! Stops, windows and limits on chains small enough to work out by hand.

use std::collections::BTreeMap;

use whither_analysis::trace::result::EndpointKind;
use whither_analysis::trace::{
    Direction, Knowledge, KnownDeposit, KnownService, OriginPlace, Policy, Request, Stops, Trace,
    TraceError, Window, trace_utxo,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{
    Block, MemoryUtxo, Outpoint, OutsideValue, UtxoOutput, UtxoTransaction,
};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use crate::outputs;
use crate::outputs::{chain, origin};

pub const A: u8 = 1;
pub const B: u8 = 2;
pub const C: u8 = 3;

pub fn key(owner: u8) -> Address {
    Address::P2pkh([owner; 20])
}

/// What a transaction spends, as (transaction, output), and makes, as (value, owner).
type Sides<'a> = (&'a [(u8, u32)], &'a [(u64, u8)]);

/// Transactions by number, each in a block of its own, 600 seconds apart.
fn utxo(transactions: &[Sides]) -> MemoryUtxo {
    let blocks: Vec<Block> = (0..)
        .zip(transactions)
        .map(|(height, (inputs, outputs))| Block {
            hash: [u8::try_from(height).unwrap(); 32],
            height: Some(height),
            time: 600 * height,
            transactions: vec![UtxoTransaction {
                txid: [u8::try_from(height).unwrap(); 32],
                coinbase: inputs.is_empty(),
                inputs: inputs
                    .iter()
                    .map(|(tx, vout)| Outpoint {
                        txid: [*tx; 32],
                        vout: *vout,
                    })
                    .collect(),
                outputs: outputs
                    .iter()
                    .map(|(value, owner)| UtxoOutput {
                        value: *value,
                        owner: Some(key(*owner)),
                    })
                    .collect(),
            }],
        })
        .collect();
    let last = u32::try_from(blocks.len()).unwrap() - 1;
    let coverage = vec![Coverage::Blocks {
        first: Some(0),
        last: Some(last),
        internal: true,
    }];
    MemoryUtxo::build(chain(), &blocks, &BTreeMap::new(), coverage, Vec::new()).unwrap()
}

/// 50 mined by A; 30 to B and 20 back to A; B's 30 on to C, less a fee of 1.
pub fn chain_of_three() -> MemoryUtxo {
    utxo(&[
        (&[], &[(50, A)]),
        (&[(0, 0)], &[(30, B), (20, A)]),
        (&[(1, 0)], &[(29, C)]),
    ])
}

fn request(place: OriginPlace) -> Request {
    Request {
        policy: Policy::Fifo,
        origins: vec![origin(place)],
        ..outputs::request(
            &[],
            whither_testkit::naive::Policy::Fifo,
            whither_testkit::naive::Direction::Forward,
        )
    }
}

pub fn first_output() -> Request {
    request(OriginPlace::Output(TransactionId::Bitcoin([0; 32]), 0))
}

fn ends(trace: &Trace) -> Vec<(EndpointKind, String, u32)> {
    trace
        .endpoints
        .iter()
        .map(|end| (end.kind, end.amount.clone(), end.hops))
        .collect()
}

fn with(stops: Stops) -> Vec<(EndpointKind, String, u32)> {
    ends(
        &trace_utxo(
            &chain_of_three(),
            &Request {
                stops,
                ..first_output()
            },
        )
        .unwrap(),
    )
}

fn end(kind: EndpointKind, amount: u64, hops: u32) -> (EndpointKind, String, u32) {
    (kind, amount.to_string(), hops)
}

#[test]
fn without_stops_all_is_followed() {
    let expected = [
        end(EndpointKind::Unspent, 20, 1),
        end(EndpointKind::Unspent, 29, 2),
        end(EndpointKind::Fee, 1, 2),
    ];
    assert_eq!(with(Stops::none()), expected);
}

#[test]
fn each_stop_says_its_rule() {
    let none = Stops::none();
    let unspent = end(EndpointKind::Unspent, 20, 1);
    let depth = with(Stops {
        depth: Some(1),
        ..none.clone()
    });
    assert_eq!(depth, [unspent.clone(), end(EndpointKind::Depth, 30, 1)]);
    let dust = with(Stops {
        dust: Some(U256::from(31)),
        ..none.clone()
    });
    assert_eq!(
        dust,
        [unspent.clone(), end(EndpointKind::Dust, 30, 1)],
        "what is not spent is not stopped"
    );
    assert_eq!(
        with(Stops {
            dust: Some(U256::from(30)),
            ..none.clone()
        })
        .len(),
        3,
        "exactly the limit goes on"
    );
    let degree = with(Stops {
        degree: Some(1),
        ..none.clone()
    });
    assert_eq!(
        degree,
        [
            end(EndpointKind::Degree, 30, 1),
            end(EndpointKind::Degree, 20, 1)
        ]
    );
    let time = with(Stops {
        time: Some(Timestamp::from(1200)),
        ..none.clone()
    });
    assert_eq!(time, [unspent.clone(), end(EndpointKind::Time, 30, 1)]);
    assert_eq!(
        with(Stops {
            time: Some(Timestamp::from(1201)),
            ..none
        })
        .len(),
        3
    );
}

pub fn knowledge() -> Knowledge {
    let service = KnownService {
        kind: EndpointKind::Service,
        name: "Exchange".to_owned(),
        identity: "Exchange".to_owned(),
        category: "exchange".to_owned(),
        claim: "c7".to_owned(),
        valid: Window::default(),
    };
    let deposit = KnownDeposit {
        name: "Exchange".to_owned(),
        identity: "Exchange".to_owned(),
        category: "exchange".to_owned(),
        claim: "c8".to_owned(),
        valid: Window::default(),
    };
    Knowledge {
        services: BTreeMap::from([(key(C), vec![service])]),
        deposits: BTreeMap::from([(key(B), vec![deposit])]),
    }
}

#[test]
fn a_claimed_service_ends_the_trace_and_its_deposit_address_stands_in_via() {
    let trace = trace_utxo(
        &chain_of_three(),
        &Request {
            knowledge: knowledge(),
            ..first_output()
        },
    )
    .unwrap();
    let service = trace
        .endpoints
        .iter()
        .find(|end| end.kind == EndpointKind::Service)
        .unwrap();
    assert_eq!(
        (service.amount.as_str(), service.reason.claim.as_deref()),
        ("29", Some("c7"))
    );
    assert_eq!(service.via[0].address, key(B).display(&chain()));
    assert_eq!(service.entity.as_ref().unwrap().name, "Exchange");
    let all = Request {
        knowledge: knowledge(),
        stops: Stops::none(),
        ..first_output()
    };
    let kinds: Vec<_> = trace_utxo(&chain_of_three(), &all)
        .unwrap()
        .endpoints
        .iter()
        .map(|end| end.kind)
        .collect();
    assert!(
        !kinds.contains(&EndpointKind::Service),
        "--stop none follows through services: {kinds:?}"
    );
}

#[test]
fn a_coinjoin_stops_when_asked_at_what_is_spent_into_it() {
    // Three parties put in 10 each and take out 9 each, one with change: 3 equal of 5 outputs.
    let view = utxo(&[
        (&[], &[(10, A)]),
        (&[], &[(10, B)]),
        (&[], &[(12, C)]),
        (
            &[(0, 0), (1, 0), (2, 0)],
            &[(9, 4), (9, 5), (9, 6), (2, 7), (1, 8)],
        ),
    ]);
    let stops = Stops {
        coinjoin: true,
        ..Stops::none()
    };
    let trace = trace_utxo(
        &view,
        &Request {
            stops,
            ..first_output()
        },
    )
    .unwrap();
    let mixer = &trace.endpoints[0];
    assert_eq!(
        (trace.endpoints.len(), mixer.kind, mixer.anonymity_set),
        (1, EndpointKind::Mixer, Some(3))
    );
    assert_eq!(
        mixer.output.as_deref(),
        Some(format!("{}:0", "00".repeat(32)).as_str())
    );
    assert_eq!(
        ends(&trace_utxo(&view, &first_output()).unwrap()).len(),
        2,
        "9 and 1 of 9: fifo goes through"
    );
}

#[test]
fn a_part_of_an_origin_is_its_first_units() {
    let mut request = first_output();
    request.origins[0].limit = Some(U256::from(35));
    let trace = trace_utxo(&chain_of_three(), &request).unwrap();
    assert_eq!(trace.origins[0].amount, "35");
    let expected = [
        end(EndpointKind::Unspent, 5, 1),
        end(EndpointKind::Unspent, 29, 2),
        end(EndpointKind::Fee, 1, 2),
    ];
    assert_eq!(ends(&trace), expected);
}

#[test]
fn an_address_counts_within_its_window() {
    let view = chain_of_three();
    let of_a = |since: Option<u32>, before: Option<u32>| {
        let window = Window {
            since: since.map(Timestamp::from),
            before: before.map(Timestamp::from),
        };
        let place = OriginPlace::Address(key(A));
        trace_utxo(
            &view,
            &Request {
                window,
                ..request(place)
            },
        )
        .map(|trace| trace.origins[0].amount.clone())
    };
    assert_eq!(
        of_a(None, None).unwrap(),
        "50",
        "the 20 come back and are not counted again"
    );
    assert_eq!(of_a(Some(600), None).unwrap(), "50", "held at the start");
    assert_eq!(
        of_a(Some(601), None).unwrap(),
        "20",
        "the 50 were gone by then"
    );
    assert_eq!(of_a(None, Some(600)).unwrap(), "50");
    assert!(matches!(
        of_a(None, Some(0)),
        Err(TraceError::NothingToTrace { .. })
    ));
}

#[test]
fn two_origins_of_one_place_count_once_and_say_so() {
    let mut request = first_output();
    request.origins.push(request.origins[0].clone());
    let trace = trace_utxo(&chain_of_three(), &request).unwrap();
    assert_eq!(
        trace
            .origins
            .iter()
            .map(|row| row.amount.as_str())
            .collect::<Vec<_>>(),
        ["50", "0"]
    );
    let collision = trace
        .caveats
        .iter()
        .find(|caveat| caveat.kind == "collision")
        .unwrap();
    assert_eq!(collision.amount.as_deref(), Some("50"));
}

/// An output made outside, known from undo data, is one origin's money once, whichever way it is traced.
#[test]
fn what_was_made_outside_counts_once() {
    let made = Outpoint {
        txid: [100; 32],
        vout: 0,
    };
    let outside = BTreeMap::from([(
        made,
        OutsideValue {
            value: 10,
            owner: Some(key(A)),
        },
    )]);
    let block = Block {
        hash: [1; 32],
        height: Some(7),
        time: 600,
        transactions: vec![UtxoTransaction {
            txid: [1; 32],
            coinbase: false,
            inputs: vec![made],
            outputs: [(6, B), (4, A)]
                .map(|(value, owner)| UtxoOutput {
                    value,
                    owner: Some(key(owner)),
                })
                .into(),
        }],
    };
    let coverage = vec![Coverage::Blocks {
        first: Some(7),
        last: Some(7),
        internal: true,
    }];
    let view = MemoryUtxo::build(chain(), &[block], &outside, coverage, Vec::new()).unwrap();
    for direction in [Direction::Forward, Direction::Backward] {
        let request = Request {
            direction,
            ..request(OriginPlace::Address(key(A)))
        };
        let trace = trace_utxo(&view, &request).unwrap();
        assert_eq!(
            trace.origins[0].amount, "10",
            "{direction:?}: the 4 come back"
        );
        let sum: u64 = trace
            .endpoints
            .iter()
            .map(|end| end.amount.parse::<u64>().unwrap())
            .sum();
        assert_eq!(sum, 10, "{direction:?}");
    }
}

/// What a deposit address pays is its service's, where the case does not know the hot wallet.
#[test]
fn a_sweep_of_a_deposit_address_ends_the_trace() {
    let mut knowledge = knowledge();
    knowledge.services.clear();
    let trace = trace_utxo(
        &chain_of_three(),
        &Request {
            knowledge,
            ..first_output()
        },
    )
    .unwrap();
    let service = trace
        .endpoints
        .iter()
        .find(|end| end.kind == EndpointKind::Service)
        .unwrap();
    assert_eq!(service.reason.rule, "deposit-sweep");
    assert_eq!(
        service.address.as_deref(),
        Some(key(C).display(&chain()).as_str())
    );
    assert_eq!(service.entity.as_ref().unwrap().claim, "c8");
}

/// An origin is not stopped where it starts.
#[test]
fn an_origin_too_small_to_follow_is_followed_all_the_same() {
    let stops = Stops {
        dust: Some(U256::from(51)),
        ..Stops::none()
    };
    let kinds: Vec<_> = with(stops)
        .into_iter()
        .map(|(kind, amount, _)| (kind, amount))
        .collect();
    assert!(
        kinds.contains(&(EndpointKind::Dust, "30".to_owned())),
        "{kinds:?}"
    );
}
