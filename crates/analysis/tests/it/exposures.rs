//! Exposure: rows add up under every policy, lie within the interval of no policy, and are what was planted.

use std::collections::BTreeMap;

use whither_analysis::exposure::{AssetSide, Party, Reading, Row, Side, side};
use whither_analysis::trace::result::EndpointKind;
use whither_analysis::trace::{
    Direction, Knowledge, KnownService, OriginPlace, Policy, Request, Stops, Trace, TraceError,
    Window, trace_utxo,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::memory::MemoryUtxo;
use whither_ledger::view::{AddressIx, ChainView as _};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::random_chain;

use crate::outputs::{origin, view};

const POLICIES: [Policy; 4] = [Policy::Haircut, Policy::Fifo, Policy::Lifo, Policy::Tiho];

fn trace(
    view: &MemoryUtxo,
    of: &Address,
    (direction, policy): (Direction, Policy),
    services: &BTreeMap<Address, Vec<KnownService>>,
    depth: Option<u32>,
) -> Result<Trace, TraceError> {
    let request = Request {
        origins: vec![origin(OriginPlace::Address(of.clone()))],
        policy,
        direction,
        window: Window::default(),
        stops: Stops {
            depth,
            ..Stops::default()
        },
        knowledge: Knowledge {
            services: services.clone(),
            deposits: BTreeMap::new(),
        },
        may_enter: BTreeMap::new(),
    };
    trace_utxo(view, &request)
}

fn number(text: &str) -> U256 {
    text.parse().unwrap()
}

fn rows(asset: &AssetSide) -> impl Iterator<Item = &Row> {
    asset.parties.iter().chain(&asset.nameless)
}

fn check(found: &Side, traces: &[Trace]) {
    for asset in &found.assets {
        for (place, trace) in traces.iter().enumerate() {
            let totals = trace
                .totals
                .iter()
                .find(|totals| totals.asset == asset.asset)
                .unwrap();
            let put_in = number(&totals.origin);
            assert_eq!(
                number(&asset.totals[place]),
                put_in,
                "what all rows add up to"
            );
            let sum = |rows: &[Row]| {
                rows.iter().fold(U256::ZERO, |sum, row| {
                    sum + number(&row.direct[place]) + number(&row.indirect[place])
                })
            };
            assert_eq!(sum(&asset.parties) + sum(&asset.nameless), put_in);
            assert_eq!(
                sum(&asset.categories),
                sum(&asset.parties),
                "categories hold all parties"
            );
        }
        for row in rows(asset).chain(&asset.categories) {
            let (min, low, high, max) = (
                number(&row.min),
                number(&row.low),
                number(&row.high),
                number(&row.max),
            );
            assert!(min <= low && low <= high && high <= max, "{row:?}");
            let parts = |text: &str| U256::from(text.replace('.', "").parse::<u64>().unwrap());
            let [least, most] = [parts(&row.share[0]), parts(&row.share[1])];
            let (mut least_is_one, mut most_is_one) = (false, false);
            for (place, (direct, indirect)) in row.direct.iter().zip(&row.indirect).enumerate() {
                let whole = number(direct) + number(indirect);
                assert!(low <= whole && whole <= high);
                let (total, of) = (number(&asset.totals[place]), whole * U256::from(10_000));
                assert!(
                    least * total <= of && of <= most * total,
                    "{row:?} of {total}"
                );
                least_is_one |= (least + U256::ONE) * total > of;
                most_is_one |= most.is_zero() || (most - U256::ONE) * total < of;
                let near = row.identity.is_none() || number(direct).is_zero() || row.hops <= 1;
                assert!(near, "what one transaction moves is not far: {row:?}");
            }
            assert!(
                least_is_one && most_is_one,
                "no share may be wider: {row:?}"
            );
        }
    }
}

#[test]
fn rows_add_up_to_what_an_address_had_under_every_policy() {
    let mut named = 0;
    for seed in 0..60 {
        let view = view(&random_chain(seed, 12, 4).to_naive());
        let mut rng = SplitMix64::new(seed ^ 0xe4b0);
        let of = view
            .address(AddressIx::of(rng.index(view.address_count())))
            .into_owned();
        let mut services = BTreeMap::new();
        let mut parties = BTreeMap::new();
        for number in 0..4_u8 {
            let address = view
                .address(AddressIx::of(rng.index(view.address_count())))
                .into_owned();
            let claim = format!("c{number}");
            let name = format!("s{}", number % 3);
            parties.insert(
                claim.clone(),
                Party {
                    identity: name.clone(),
                    name: name.clone(),
                    category: format!("k{}", number % 2),
                },
            );
            if address != of {
                services.insert(
                    address,
                    vec![KnownService {
                        kind: EndpointKind::Service,
                        identity: name.clone(),
                        name,
                        category: "k".to_owned(),
                        claim,
                        valid: Window::default(),
                    }],
                );
            }
        }
        for (direction, policies) in [
            (Direction::Forward, &POLICIES[..]),
            (Direction::Backward, &POLICIES[..3]),
        ] {
            let all = |depth| -> Result<Vec<Trace>, TraceError> {
                policies
                    .iter()
                    .map(|policy| trace(&view, &of, (direction, *policy), &services, depth))
                    .collect()
            };
            let (Ok(whole), Ok(direct)) = (all(None), all(Some(1))) else {
                continue;
            };
            let readings: Vec<Reading<'_>> = whole
                .iter()
                .zip(&direct)
                .map(|(whole, direct)| Reading { whole, direct })
                .collect();
            let found = side("incoming", &readings, &parties);
            check(&found, &whole);
            named += found
                .assets
                .iter()
                .map(|asset| asset.parties.len())
                .sum::<usize>();
        }
    }
    assert!(named > 20, "{named} parties: too few to prove anything");
}
