//! Claims that carry a trace on (law 16), as properties, and against the chain that shows what they claim.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::trace::{
    Arrival, Continuation, Departure, OriginPlace, Request, Trace, follow_claims, trace_accounts,
    trace_utxo,
};
use whither_ledger::U256;
use whither_ledger::chain::Chain;
use whither_ledger::memory::{MemoryAccounts, MemoryUtxo};
use whither_ledger::transaction_id::TransactionId;
use whither_testkit::naive::account::NaiveTable;
use whither_testkit::naive::utxo::{NaiveChain, NaiveTransaction, Origin, run};
use whither_testkit::naive::{Direction, Policy};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{TableShape, random_chain, random_ledger};

use crate::continuing::{CONSERVING, assert_sound, claim, coin, ends, follow, output_place};
use crate::outputs::{chain, request, trace, view};
use crate::{accounts, utxo_naive};

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
    for seed in 0..80 {
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
    assert!(checked > 400, "enough chains have such a link: {checked}");
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
    for seed in 0..80 {
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
    assert!(carried > 100, "enough claims carry something: {carried}");
}

/// Claims between a chain of outputs and a chain of accounts, there and back.
#[test]
fn amounts_are_conserved_across_chains() {
    let mut carried = 0;
    for seed in 0..80 {
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
    assert!(carried > 50, "enough money crosses: {carried}");
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
