//! Claims that were not in force when money came.

use std::collections::BTreeMap;

use whither_analysis::trace::result::EndpointKind;
use whither_analysis::trace::{Knowledge, KnownService, Request, Stops, Window, trace_utxo};
use whither_ledger::time::Timestamp;

use crate::outputs::chain;
use crate::stops::{C, chain_of_three, first_output, key, knowledge};

/// What a claim says of another time ends no trace: the wallet was not the exchange's then. Of two claims the one counts
/// that was in force.
#[test]
fn a_claim_that_was_not_in_force_when_the_money_came_does_not_stop_it() {
    let asked = |valid: &[(Option<u32>, Option<u32>)]| {
        let one = knowledge().services.remove(&key(C)).unwrap().remove(0);
        let claims = valid
            .iter()
            .zip(["c1", "c2"])
            .map(|((since, before), claim)| KnownService {
                claim: claim.to_owned(),
                valid: Window {
                    since: since.map(Timestamp::from),
                    before: before.map(Timestamp::from),
                },
                ..one.clone()
            });
        let request = Request {
            knowledge: Knowledge {
                services: BTreeMap::from([(key(C), claims.collect())]),
                deposits: BTreeMap::new(),
            },
            ..first_output()
        };
        let trace = trace_utxo(&chain_of_three(), &request).unwrap();
        let ends = trace.endpoints.into_iter();
        let mut ends = ends.filter(|end| end.kind == EndpointKind::Service);
        (
            ends.next().and_then(|end| end.reason.claim),
            trace.edges.len(),
        )
    };
    let all = Request {
        stops: Stops::none(),
        ..first_output()
    };
    let without = trace_utxo(&chain_of_three(), &all).unwrap().edges.len();
    let (claim, edges) = asked(&[(None, None)]);
    assert_eq!(claim.as_deref(), Some("c1"));
    let came = trace_utxo(&chain_of_three(), &all).unwrap();
    let to = key(C).display(&chain());
    let came = came
        .edges
        .iter()
        .find(|edge| edge.to.address.as_ref() == Some(&to));
    let came = came.and_then(|edge| edge.transaction.clone()).unwrap();
    let at = trace_utxo(&chain_of_three(), &all).unwrap().transactions;
    let at = at.into_iter().find(|row| row.transaction == came).unwrap();
    let at = 600 * at.height.unwrap();
    for (valid, expected) in [
        (vec![(Some(at), None)], Some("c1")),
        (vec![(Some(at + 1), None)], None),
        (vec![(None, Some(at))], None),
        (vec![(None, Some(at + 1))], Some("c1")),
        (vec![(None, Some(at)), (Some(at), None)], Some("c2")),
    ] {
        let (claim, here) = asked(&valid);
        assert_eq!(claim.as_deref(), expected, "{valid:?}");
        let wanted = if expected.is_some() { edges } else { without };
        assert_eq!(here, wanted, "{valid:?}");
    }
}
