//! Planted thefts with known truth: the product finds what the simulator planted, and stops where a case
//! says that a service is.

use std::collections::BTreeSet;

use whither::{Question, answer, open_case};
use whither_analysis::trace::Policy;

use whither_testkit::simulator::{self, End, SimSize, Truth, WriteOptions};

use crate::case::written;
use crate::support::{Desk, Ends, desk, ends};

/// A case that knows the service: its hot wallet, and the deposit addresses that were swept.
fn case(chain: &str, truth: &Truth) -> tempfile::TempDir {
    let claim = |id: &str, kind: &str, address: &str| {
        format!(
            "{{\"id\":\"{id}\",\"kind\":\"{kind}\",\"address\":\"{chain}:{address}\",\"name\":\"The exchange\",\
             \"category\":\"exchange\",\"source\":\"simulator\",\"confidence\":\"A1\",\"handling\":\"TLP:CLEAR\",\
             \"time\":\"2026-01-01T00:00:00Z\",\"author\":\"test\"}}\n"
        )
    };
    let mut lines = claim("hot", "service", &truth.service.hot);
    for (number, deposit) in truth.service.deposits.iter().enumerate() {
        lines.push_str(&claim(&format!("deposit-{number}"), "deposit", deposit));
    }
    written(&lines)
}

fn expected(truth: &[End], held: &str) -> Ends {
    let word = |kind: &str| {
        if kind == "held" {
            held.to_owned()
        } else {
            kind.to_owned()
        }
    };
    truth
        .iter()
        .map(|end| {
            (
                (word(&end.kind), end.place.to_lowercase(), end.origin),
                end.amount,
            )
        })
        .collect()
}

fn lower(ends: Ends) -> Ends {
    ends.into_iter()
        .map(|((kind, place, origin), amount)| ((kind, place.to_lowercase(), origin), amount))
        .collect()
}

fn check(desk: &Desk, chain: &str, truth: &Truth, held: &str) {
    let question = Question {
        policy: Policy::Fifo,
        ..Question::from(truth.theft.origins.clone())
    };
    let through = answer(&desk.store, None, &question).unwrap();
    assert_eq!(
        lower(ends(&through)),
        expected(&truth.fifo.followed_through, held),
        "seed {}",
        truth.seed
    );
    let dir = case(chain, truth);
    let case = open_case(Some(dir.path())).unwrap();
    let stopped = answer(&desk.store, case.as_ref(), &question).unwrap();
    assert_eq!(
        lower(ends(&stopped)),
        expected(&truth.fifo.stopped_at_service, held),
        "seed {}",
        truth.seed
    );
    // Every deposit address through which taint reached the hot wallet stands in via, and no other address.
    let hot = |end: &whither_analysis::trace::result::EdgeEnd| {
        end.address
            .as_ref()
            .is_some_and(|address| address.eq_ignore_ascii_case(&truth.service.hot))
    };
    let into_hot = stopped.trace.edges.iter().filter(|edge| hot(&edge.to));
    let passed: BTreeSet<String> = into_hot
        .filter_map(|edge| edge.from.address.as_ref())
        .map(|text| text.to_lowercase())
        .collect();
    let known: BTreeSet<String> = truth
        .service
        .deposits
        .iter()
        .map(|text| text.to_lowercase())
        .collect();
    let at_service = stopped
        .trace
        .endpoints
        .iter()
        .filter(|end| end.kind.name() == "service");
    let via: BTreeSet<String> = at_service
        .flat_map(|end| &end.via)
        .map(|via| via.address.to_lowercase())
        .collect();
    assert_eq!(
        via,
        passed.intersection(&known).cloned().collect(),
        "seed {}",
        truth.seed
    );
    assert!(!via.is_empty(), "seed {}", truth.seed);
    let unswept = stopped.trace.endpoints.iter().any(|end| {
        end.address
            .as_ref()
            .is_some_and(|address| address.eq_ignore_ascii_case(&truth.service.unswept))
    });
    assert!(unswept, "what was not swept ends at its deposit address");
}

#[test]
fn a_planted_theft_of_outputs_is_followed() {
    for seed in 0..8 {
        let scenario = simulator::utxo(seed, SimSize::SMALL);
        let mut desk = desk();
        let blocks = desk.path("blocks");
        scenario
            .chain
            .write_blk(&blocks, &WriteOptions::default())
            .unwrap();
        desk.ingest(&blocks);
        check(&desk, "regtest", &scenario.truth, "held");
    }
}

#[test]
fn a_planted_theft_of_transfers_is_followed() {
    for seed in 0..8 {
        let scenario = simulator::account(seed, SimSize::SMALL);
        let mut desk = desk();
        let file = desk.path("table.csv");
        scenario.table.write_mftracer_csv(&file).unwrap();
        desk.ingest(&file);
        check(&desk, "ethereum", &scenario.truth, "horizon");
    }
}
