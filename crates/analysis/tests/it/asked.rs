//! Random questions with stops, windows, limits and services, both ways: no panic, conservation, and
//! intervals that contain every policy.

use whither_analysis::trace::result::EndpointKind;
use whither_analysis::trace::{
    Direction, KnownDeposit, KnownService, Policy, Request, Stops, Trace, TraceError, Window,
    trace_accounts, trace_utxo,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::time::Timestamp;
use whither_ledger::view::{AddressIx, ChainView, TxIx};
use whither_testkit::naive;
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{TableShape, random_chain, random_ledger, random_table};

use crate::bounds::check;
use crate::laws::assert_conserved;
use crate::{account_naive, accounts, outputs, utxo_naive};

fn some_address(view: &dyn ChainView, rng: &mut SplitMix64) -> Address {
    view.address(AddressIx::of(rng.index(view.address_count())))
        .into_owned()
}

fn some_time(view: &dyn ChainView, rng: &mut SplitMix64) -> Timestamp {
    view.time(TxIx::of(rng.index(view.transaction_count())))
}

/// When a claim is in force: mostly always.
fn some_window(view: &dyn ChainView, rng: &mut SplitMix64) -> Window {
    Window {
        since: rng.chance(1, 4).then(|| some_time(view, rng)),
        before: rng.chance(1, 4).then(|| some_time(view, rng)),
    }
}

/// Puts stops, a window, limits and claims on a question, some of each.
fn stir(view: &dyn ChainView, request: &mut Request, rng: &mut SplitMix64) {
    let maybe = |rng: &mut SplitMix64| rng.chance(1, 3);
    request.stops = Stops {
        services: true,
        coinjoin: maybe(rng),
        degree: maybe(rng).then(|| rng.index(12)),
        dust: rng.chance(1, 8).then(|| U256::from(rng.below(500))),
        depth: rng
            .chance(1, 8)
            .then(|| u32::try_from(rng.below(4)).unwrap()),
        time: maybe(rng).then(|| some_time(view, rng)),
        ..Stops::none()
    };
    request.window = Window {
        since: maybe(rng).then(|| some_time(view, rng)),
        before: maybe(rng).then(|| some_time(view, rng)),
    };
    if rng.chance(1, 4) {
        request.origins[0].limit = Some(U256::from(rng.between(1, 2_000)));
    }
    for number in 0..rng.below(3) {
        let service = KnownService {
            kind: EndpointKind::Service,
            name: "s".to_owned(),
            identity: "s".to_owned(),
            category: "exchange".to_owned(),
            claim: format!("s{number}"),
            valid: some_window(view, rng),
        };
        request
            .knowledge
            .services
            .entry(some_address(view, rng))
            .or_default()
            .push(service);
    }
    if maybe(rng) {
        let deposit = KnownDeposit {
            name: "d".to_owned(),
            identity: "d".to_owned(),
            category: "exchange".to_owned(),
            claim: "d".to_owned(),
            valid: some_window(view, rng),
        };
        request
            .knowledge
            .deposits
            .entry(some_address(view, rng))
            .or_default()
            .push(deposit);
    }
}

/// Asks under every policy, and checks the answers against each other.
fn ask(
    request: &Request,
    what: &str,
    trace: impl Fn(&Request) -> Result<Trace, TraceError>,
) -> usize {
    let policies = [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho];
    let mut answers = Vec::new();
    for policy in policies {
        if policy == Policy::Tiho && request.direction == Direction::Backward {
            continue;
        }
        let asked = Request {
            policy,
            ..request.clone()
        };
        let Ok(answer) = trace(&asked) else { return 0 };
        assert_conserved(&answer, what);
        answers.push(answer);
    }
    let poison = trace(&Request {
        policy: Policy::Poison,
        ..request.clone()
    });
    assert!(poison.is_ok(), "{what}");
    check(&answers, what)
}

#[test]
fn questions_about_outputs() {
    let mut tight = 0;
    for seed in 0..250 {
        let chain = random_chain(seed, 12, 4).to_naive_from(usize::from(seed % 4 == 0) * 4);
        let view = outputs::view(&chain);
        let mut rng = SplitMix64::new(seed ^ 0xa5ced);
        let origins = utxo_naive::some_origins(&chain, &mut rng);
        for way in [naive::Direction::Forward, naive::Direction::Backward] {
            let mut request = outputs::request(&origins, naive::Policy::Fifo, way);
            stir(&view, &mut request, &mut rng);
            tight += ask(&request, &format!("seed {seed} {request:?}"), |asked| {
                trace_utxo(&view, asked)
            });
        }
    }
    assert!(tight > 500, "{tight}");
}

#[test]
fn questions_about_holdings() {
    let mut tight = 0;
    for seed in 0..250 {
        let mut rng = SplitMix64::new(seed ^ 0xa5ced);
        let (table, view, transfers) = if seed % 2 == 0 {
            let table = random_ledger(seed, TableShape::default());
            let view = accounts::ledger_view(&table);
            (table, view, true)
        } else {
            let table = random_table(
                seed,
                TableShape {
                    ties: seed % 4 == 1,
                    ..TableShape::default()
                },
            );
            let view = accounts::table_view(&table);
            (table.to_naive(), view, false)
        };
        let origins = account_naive::some_origins(&table, &mut rng, transfers);
        for way in [naive::Direction::Forward, naive::Direction::Backward] {
            let mut request = accounts::request(&origins, naive::Policy::Fifo, way);
            stir(&view, &mut request, &mut rng);
            tight += ask(&request, &format!("seed {seed} {request:?}"), |asked| {
                trace_accounts(&view, asked)
            });
        }
    }
    assert!(tight > 500, "{tight}");
}
