//! Claims that carry a trace on (law 16): against the chain that shows what they claim, and as properties.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::trace::result::EdgeWhy;
use whither_analysis::trace::{
    Arrival, Continuation, Departure, OriginPlace, Request, Trace, TraceError, follow_claims,
    trace_accounts, trace_utxo,
};
use whither_ledger::U256;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::memory::{MemoryAccounts, MemoryUtxo};
use whither_ledger::transaction_id::TransactionId;
use whither_testkit::naive::account::NaiveTable;
use whither_testkit::naive::utxo::{
    NaiveBlock, NaiveChain, NaiveOutput, NaiveTransaction, Origin, run,
};
use whither_testkit::naive::{Direction, Policy};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{TableShape, random_chain, random_ledger};

use crate::outputs::{chain, request, trace, view};
use crate::{account_naive, accounts, utxo_naive};

const CONSERVING: [Policy; 4] = [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho];

fn coin() -> Asset {
    let id = format!("{}", chain());
    Asset::native(&chain()).unwrap_or_else(|| format!("{id}/native").parse().unwrap())
}

fn output_place(name: &str) -> OriginPlace {
    let (id, vout) = name.split_once(':').unwrap();
    OriginPlace::Output(
        TransactionId::parse(&chain(), id).unwrap(),
        vout.parse().unwrap(),
    )
}

/// `from → to, amount`, between places of the chain of outputs.
fn claim(name: &str, from: Arrival, to: OriginPlace, amount: u128) -> Continuation {
    Continuation {
        claim: name.to_owned(),
        words: (format!("{from:?}"), format!("{to:?}")),
        chain: chain(),
        from,
        asset: coin(),
        amount: U256::from(amount),
        to: Departure {
            chain: chain(),
            place: to,
            height: None,
            time: None,
        },
        to_asset: coin(),
        to_amount: U256::from(amount),
    }
}

fn from_output(name: &str, to: &str, amount: u128) -> Continuation {
    claim(
        &format!("{name}>{to}"),
        Arrival::Output(name.to_owned(), None),
        output_place(to),
        amount,
    )
}

fn follow(view: &MemoryUtxo, request: Request, claims: &[Continuation]) -> Trace {
    follow_claims(vec![(chain(), request)], claims, |_, request| {
        trace_utxo(view, request)
    })
    .unwrap()
}

fn number(text: &str) -> u128 {
    text.parse().unwrap()
}

/// Endpoint amounts by kind and place, whatever the origin.
fn ends(trace: &Trace) -> BTreeMap<(&'static str, String), u128> {
    let mut ends = BTreeMap::new();
    for end in &trace.endpoints {
        let place = end
            .output
            .clone()
            .or_else(|| end.transaction.clone())
            .unwrap();
        *ends.entry((end.kind.name(), place)).or_default() += number(&end.amount);
    }
    ends
}

/// Per origin and asset: what went in, by origins and claims, is what is left at the ends; and as the totals say.
fn assert_conserved(trace: &Trace, what: &str) {
    let mut left: BTreeMap<(String, String), i128> = BTreeMap::new();
    let mut add = |origin: &str, asset: &str, amount: i128| {
        *left
            .entry((origin.to_owned(), asset.to_owned()))
            .or_default() += amount;
    };
    let signed = |text: &str| text.parse::<i128>().unwrap();
    for row in &trace.origins {
        add(&row.origin, &row.asset, signed(&row.amount));
    }
    for end in &trace.endpoints {
        for share in &end.origins {
            add(&share.origin, &end.asset, -signed(&share.amount));
        }
    }
    for row in trace.claims.iter().flatten() {
        for share in &row.origins {
            add(&share.origin, &row.asset, -signed(&share.amount));
        }
    }
    // What arrives is not told by origin, so over all origins.
    let mut assets: BTreeMap<String, i128> = BTreeMap::new();
    for ((_, asset), amount) in left {
        *assets.entry(asset).or_default() += amount;
    }
    for row in trace.claims.iter().flatten() {
        *assets.entry(row.to_asset.clone()).or_default() += signed(&row.arrived);
    }
    assert!(
        assets.values().all(|rest| *rest == 0),
        "{assets:?} in {what}"
    );
    for row in &trace.totals {
        let by_kind: i128 = row.by_kind.values().map(|sum| signed(sum)).sum();
        let paid_in = signed(&row.origin) + signed(&row.converted_in) - signed(&row.converted_out);
        assert_eq!(paid_in, by_kind, "{} in {what}", row.asset);
    }
}

/// What every answer with claims keeps.
fn assert_sound(trace: &Trace, what: &str) {
    assert_conserved(trace, what);
    for row in trace.claims.iter().flatten() {
        assert!(
            number(&row.carried) <= number(&row.amount),
            "{what}: {row:?}"
        );
        assert!(
            number(&row.arrived) <= number(&row.to_amount),
            "{what}: {row:?}"
        );
        let edges = || {
            let of_claim =
                |onward: &&whither_analysis::trace::result::Onward| onward.claim == row.claim;
            let edges = trace.edges.iter();
            edges.filter(move |edge| edge.onward.as_ref().filter(of_claim).is_some())
        };
        let carried: u128 = edges().map(|edge| number(&edge.amount)).sum();
        let arrived: u128 = edges()
            .map(|edge| number(&edge.onward.as_ref().unwrap().to_amount))
            .sum();
        assert_eq!(
            (carried, arrived),
            (number(&row.carried), number(&row.arrived)),
            "{what}"
        );
        assert!(edges().all(|edge| edge.why == EdgeWhy::Claim && edge.transaction.is_none()));
    }
    for end in &trace.endpoints {
        let (min, amount, max) = (number(&end.min), number(&end.amount), number(&end.max));
        assert!(
            min <= amount && amount <= max && amount > 0,
            "{what}: {end:?}"
        );
        let shares: u128 = end.origins.iter().map(|share| number(&share.amount)).sum();
        assert_eq!(shares, amount, "{what}");
    }
}

/// The transactions that spend one output only, and what they spend.
fn single_spends(chain: &NaiveChain) -> Vec<(String, NaiveTransaction)> {
    let transactions = chain.blocks.iter().flat_map(|block| &block.transactions);
    let single = transactions.filter(|tx| !tx.coinbase && tx.inputs.len() == 1);
    let single = single.map(|tx| {
        let (id, vout) = &tx.inputs[0];
        (format!("{id}:{vout}"), tx.clone())
    });
    single.collect()
}

/// The same chain, where a transaction makes its outputs out of nothing.
fn cut(chain: &NaiveChain, ids: &BTreeSet<String>) -> NaiveChain {
    let mut cut = chain.clone();
    for block in &mut cut.blocks {
        for tx in block
            .transactions
            .iter_mut()
            .filter(|tx| ids.contains(&tx.txid))
        {
            tx.inputs.clear();
            tx.coinbase = true;
        }
    }
    cut
}

fn paid(tx: &NaiveTransaction) -> u128 {
    tx.outputs.iter().map(|output| output.value).sum()
}

/// The most that two answers differ by at any end.
fn farthest<K: Ord>(a: &BTreeMap<K, u128>, b: &BTreeMap<K, u128>) -> u128 {
    let of = |map: &BTreeMap<K, u128>, key: &K| map.get(key).copied().unwrap_or(0);
    let keys = a.keys().chain(b.keys());
    keys.map(|key| of(a, key).abs_diff(of(b, key)))
        .max()
        .unwrap_or(0)
}

/// So many units haircut is off at the most, where two claims' money mixes again (measured).
const ROUNDING: u128 = 4;

/// A link of the chain is cut, and claimed instead: the money comes to the same ends, by the naive walk over
/// the chain that still has the link. Only the fee of the cut transaction stays where the claim begins.
#[test]
fn a_claim_carries_a_trace_where_the_chain_itself_would() {
    let mut checked = 0;
    for seed in 0..150 {
        let whole = random_chain(seed, 12, 4).to_naive();
        let singles = single_spends(&whole);
        for (from, tx) in singles.iter().filter(|(_, tx)| paid(tx) > 0).take(4) {
            // A second cut further on, where all of what is spent came through the first.
            let onward = |(name, _): &&(String, NaiveTransaction)| name.starts_with(&tx.txid);
            let next = singles.iter().filter(onward).find(|(_, tx)| paid(tx) > 0);
            let cuts: Vec<&(String, NaiveTransaction)> =
                std::iter::once(&(from.clone(), tx.clone()))
                    .chain(next)
                    .map(|found| singles.iter().find(|known| *known == found).unwrap())
                    .collect();
            let ids = cuts.iter().map(|(_, tx)| tx.txid.clone()).collect();
            let claims: Vec<Continuation> = cuts
                .iter()
                .map(|(from, tx)| {
                    let id = TransactionId::parse(&chain(), &tx.txid).unwrap();
                    let from = Arrival::Output(from.clone(), None);
                    claim(&tx.txid, from, OriginPlace::Transaction(id), paid(tx))
                })
                .collect();
            let origins = [Origin::Output(from.clone())];
            let view = view(&cut(&whole, &ids));
            for policy in CONSERVING {
                let what = format!("seed {seed} {policy:?} {ids:?}");
                let found = follow(
                    &view,
                    request(&origins, policy, Direction::Forward),
                    &claims,
                );
                assert_sound(&found, &what);
                let mut expected: BTreeMap<(&'static str, String), u128> = BTreeMap::new();
                for end in run(&whole, &origins, policy, Direction::Forward).endpoints {
                    let fee = cuts.iter().find(|(_, tx)| tx.txid == end.place);
                    let key = match fee {
                        Some((from, _)) => ("unspent", from.clone()),
                        None => (end.kind.word(), end.place),
                    };
                    *expected.entry(key).or_default() += end.amount;
                }
                let found = ends(&found);
                // Haircut rounds what came by one claim and what came by two apart, a unit a rounding.
                let rounds = policy == Policy::Haircut && cuts.len() > 1;
                let off = farthest(&found, &expected);
                assert!(
                    off <= if rounds { ROUNDING } else { 0 },
                    "{off} off: {what}"
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 500, "enough chains have such a link: {checked}");
}

/// Claims between any places, also in rings, also to places that are tainted already.
fn some_claims(chain: &NaiveChain, rng: &mut SplitMix64) -> Vec<Continuation> {
    let transactions: Vec<_> = chain
        .blocks
        .iter()
        .flat_map(|block| &block.transactions)
        .collect();
    let place = |rng: &mut SplitMix64| {
        let tx = rng.pick(&transactions);
        let output = rng.index(tx.outputs.len());
        (
            tx.output_name(output),
            tx.outputs[output].clone(),
            tx.txid.clone(),
        )
    };
    let count = 1 + rng.below(6);
    (0..count)
        .map(|number| {
            let (from, output, id) = place(rng);
            let from = match (rng.below(4), output.address) {
                (0, Some(address)) => Arrival::Address(address),
                (1, _) => Arrival::Transaction(id, None),
                _ => Arrival::Output(from, None),
            };
            let (to, into, id) = place(rng);
            let to = match (rng.below(4), into.address) {
                (0, Some(address)) => OriginPlace::Address(
                    whither_ledger::address::Address::parse(&crate::outputs::chain(), &address)
                        .unwrap(),
                ),
                (1, _) => OriginPlace::Transaction(
                    TransactionId::parse(&crate::outputs::chain(), &id).unwrap(),
                ),
                _ => output_place(&to),
            };
            let amount =
                1 + u128::from(rng.below(2 + u64::try_from(output.value.max(into.value)).unwrap()));
            let mut made = claim(&format!("c{number}"), from, to, amount);
            if rng.chance(1, 3) {
                made.to_amount = U256::from(1 + rng.below(u64::try_from(2 * amount).unwrap()));
            }
            made
        })
        .collect()
}

/// Claims from the ends that a trace has, so that they are not idle.
fn from_its_ends(found: &Trace, chain: &NaiveChain, rng: &mut SplitMix64) -> Vec<Continuation> {
    let mut claims = some_claims(chain, rng);
    let ends: Vec<_> = found
        .endpoints
        .iter()
        .filter_map(|end| end.output.clone())
        .collect();
    for made in &mut claims {
        if !ends.is_empty() && rng.chance(2, 3) {
            made.from = Arrival::Output(rng.pick(&ends).clone(), None);
        }
    }
    claims
}

#[test]
fn whatever_is_claimed_is_conserved_and_comes_to_an_end() {
    let mut carried = 0;
    for seed in 0..120 {
        let mut rng = SplitMix64::new(seed);
        let naive = random_chain(seed, 10, 4).to_naive();
        let origins = utxo_naive::some_origins(&naive, &mut rng);
        let view = view(&naive);
        for policy in CONSERVING {
            let plain = trace(&view, &origins, policy, Direction::Forward);
            let claims = from_its_ends(&plain, &naive, &mut rng);
            let found = follow(
                &view,
                request(&origins, policy, Direction::Forward),
                &claims,
            );
            assert_sound(&found, &format!("seed {seed} {policy:?}"));
            let idle = found.claims.iter().flatten().all(|row| row.carried == "0");
            carried += u32::from(!idle);
            if idle {
                assert_eq!(found.endpoints.len(), plain.endpoints.len());
                assert_eq!(ends(&found), ends(&plain));
            }
        }
    }
    assert!(carried > 150, "enough claims carry something: {carried}");
}

/// Claims between a chain of outputs and a chain of accounts, there and back.
#[test]
fn amounts_are_conserved_across_chains() {
    let mut carried = 0;
    for seed in 0..120 {
        let mut rng = SplitMix64::new(seed);
        let naive = random_chain(seed, 8, 4).to_naive();
        let table = random_ledger(seed, TableShape::default());
        let origins = utxo_naive::some_origins(&naive, &mut rng);
        let (outputs, holdings) = (view(&naive), accounts::ledger_view(&table));
        for policy in CONSERVING {
            let plain = trace(&outputs, &origins, policy, Direction::Forward);
            let mut claims = from_its_ends(&plain, &naive, &mut rng);
            across(&mut claims, &table, &mut rng);
            let found = both(
                &outputs,
                &holdings,
                request(&origins, policy, Direction::Forward),
                &claims,
            );
            assert_sound(&found, &format!("seed {seed} {policy:?}"));
            let far = |end: &&whither_analysis::trace::result::Endpoint| {
                end.chain == accounts::chain().to_string()
            };
            carried += u32::from(found.endpoints.iter().any(|end| far(&end)));
        }
    }
    assert!(carried > 80, "enough money crosses: {carried}");
}

/// Sends some claims over to the other chain, and adds some that come back.
fn across(claims: &mut Vec<Continuation>, table: &NaiveTable, rng: &mut SplitMix64) {
    let moving: Vec<_> = table
        .transactions
        .iter()
        .filter(|tx| !tx.legs.is_empty())
        .collect();
    let mut back = Vec::new();
    for made in claims.iter_mut() {
        let tx = *rng.pick(&moving);
        let leg = rng.pick(&tx.legs);
        let id = TransactionId::parse(&accounts::chain(), &tx.txid).unwrap();
        let place = match rng.below(2) {
            0 => OriginPlace::Address(accounts::address(&leg.to)),
            _ => OriginPlace::Transaction(id),
        };
        let home = made.to.clone();
        made.to = Departure {
            chain: accounts::chain(),
            place,
            height: None,
            time: None,
        };
        made.to_asset = leg.asset.parse().unwrap();
        made.to_amount = U256::from(leg.amount.max(1));
        let end = accounts::address(&leg.to).display(&accounts::chain());
        back.push(Continuation {
            claim: format!("{}-back", made.claim),
            chain: accounts::chain(),
            from: match rng.below(2) {
                0 => Arrival::Address(end),
                _ => Arrival::Transaction(tx.txid.clone(), Some(end)),
            },
            asset: made.to_asset.clone(),
            amount: made.to_amount,
            to: home,
            to_asset: coin(),
            to_amount: made.amount,
            ..made.clone()
        });
    }
    claims.extend(back);
}

fn both(
    outputs: &MemoryUtxo,
    holdings: &MemoryAccounts,
    asked: Request,
    claims: &[Continuation],
) -> Trace {
    let far = Request {
        origins: Vec::new(),
        ..asked.clone()
    };
    let requests = vec![(chain(), asked), (accounts::chain(), far)];
    follow_claims(requests, claims, |on: &Chain, request| {
        if *on == chain() {
            trace_utxo(outputs, request)
        } else {
            trace_accounts(holdings, request)
        }
    })
    .unwrap()
}

/// Poison through claims reaches and ends, in rings too.
#[test]
fn poison_reaches_through_claims() {
    for seed in 0..60 {
        let mut rng = SplitMix64::new(seed);
        let naive = random_chain(seed, 10, 4).to_naive();
        let origins = utxo_naive::some_origins(&naive, &mut rng);
        let view = view(&naive);
        let plain = trace(&view, &origins, Policy::Poison, Direction::Forward);
        let claims = from_its_ends(&plain, &naive, &mut rng);
        let found = follow(
            &view,
            request(&origins, Policy::Poison, Direction::Forward),
            &claims,
        );
        let reached = ends(&found);
        assert!(
            ends(&plain).keys().all(|end| reached.contains_key(end)),
            "seed {seed}"
        );
    }
}

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
