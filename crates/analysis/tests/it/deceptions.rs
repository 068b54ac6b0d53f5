//! Tricks are recognised, shown as what they are, and change no number of a trace.

use whither_analysis::trace::result::Trace;
use whither_analysis::trace::{Direction, Policy, Request, trace_accounts};
use whither_ledger::memory::{Facts, MemoryAccounts, TokenFact};
use whither_testkit::naive::account::{NaiveTable, NaiveTransaction, Origin};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{TableShape, random_ledger};

use crate::accounts::{self, ledger_view, ledger_view_with};
use crate::conversions::{COIN, account, signed, token};

const VICTIM: u8 = 1;
const THIEF: u8 = 2;
const SPAMMER: u8 = 3;
const LENDER: u8 = 4;
const USDT: u8 = 0x10;
const FAKE: u8 = 0x11;

fn request(origins: &[Origin], policy: Policy, direction: Direction) -> Request {
    let naive = whither_testkit::naive::Policy::Fifo;
    Request {
        policy,
        direction,
        ..accounts::request(origins, naive, whither_testkit::naive::Direction::Forward)
    }
}

fn fifo(view: &MemoryAccounts, origin: Origin) -> Trace {
    trace_accounts(view, &request(&[origin], Policy::Fifo, Direction::Forward)).unwrap()
}

fn theft() -> Origin {
    Origin::Transfer {
        txid: format!("0x{:064x}", 2),
        index: 0,
    }
}

fn kinds(trace: &Trace) -> Vec<(&'static str, usize)> {
    trace
        .deceptions
        .iter()
        .map(|row| (row.kind, row.count))
        .collect()
}

/// The beginning of every table here: dollars for the victim, and their theft.
fn beginning() -> Vec<NaiveTransaction> {
    let usdt = token(USDT);
    vec![
        signed(1, LENDER, &[(&usdt, LENDER, VICTIM, 1_000_000)]),
        signed(2, THIEF, &[(&usdt, VICTIM, THIEF, 1_000_000)]),
    ]
}

fn with(more: Vec<NaiveTransaction>, facts: Facts) -> MemoryAccounts {
    let mut transactions = beginning();
    transactions.extend(more);
    let table = NaiveTable {
        transactions,
        ..NaiveTable::default()
    };
    ledger_view_with(&table, facts)
}

/// A leg between any two addresses.
fn named(mut transaction: NaiveTransaction, from: &str, to: &str) -> NaiveTransaction {
    from.clone_into(&mut transaction.legs[0].from);
    to.clone_into(&mut transaction.legs[0].to);
    transaction
}

#[test]
fn a_transfer_of_nothing_from_a_look_alike_is_poison() {
    let usdt = token(USDT);
    let friend = "0xabcd000000000000000000000000000000001234";
    let fake = "0xabcdffffffffffffffffffffffffffffffff1234";
    let thief = account(THIEF);
    let view = with(
        vec![
            named(
                signed(3, THIEF, &[(&usdt, THIEF, 9, 400_000)]),
                &thief,
                friend,
            ),
            // The thief's own name as the sender of nothing, signed by a stranger.
            named(signed(4, SPAMMER, &[(&usdt, THIEF, 9, 0)]), &thief, fake),
            // A little of the real token.
            signed(5, LENDER, &[(&usdt, LENDER, SPAMMER, 5)]),
            named(
                signed(6, SPAMMER, &[(&usdt, SPAMMER, THIEF, 5)]),
                fake,
                &thief,
            ),
            // An invented token.
            named(
                signed(7, SPAMMER, &[(&token(FAKE), 9, THIEF, 400_000)]),
                fake,
                &thief,
            ),
        ],
        Facts::default(),
    );
    let found = fifo(&view, theft());
    let row = &found.deceptions[0];
    assert_eq!(
        (row.kind, row.count, row.address.to_lowercase()),
        ("look-alike", 3, thief)
    );
    assert_eq!(row.imitates.as_ref().unwrap().to_lowercase(), friend);
    assert_eq!(row.others.len(), 1);
    assert_eq!(found.deceptions.len(), 1, "{:?}", kinds(&found));
    let touches_fake = |text: &Option<String>| {
        text.as_ref()
            .is_some_and(|text| text.to_lowercase() == fake)
    };
    let mut edges = found.edges.iter();
    assert!(edges.all(|edge| !touches_fake(&edge.from.address) && !touches_fake(&edge.to.address)));
}

#[test]
fn who_pays_a_look_alike_is_told_and_the_money_is_followed() {
    let usdt = token(USDT);
    let friend = "0xabcd000000000000000000000000000000001234";
    let fake = "0xabcdffffffffffffffffffffffffffffffff1234";
    let thief = account(THIEF);
    let view = with(
        vec![
            named(
                signed(3, THIEF, &[(&usdt, THIEF, 9, 400_000)]),
                &thief,
                friend,
            ),
            named(
                signed(4, THIEF, &[(&usdt, THIEF, 9, 600_000)]),
                &thief,
                fake,
            ),
        ],
        Facts::default(),
    );
    let found = fifo(&view, theft());
    assert_eq!(kinds(&found), [("look-alike-paid", 1)]);
    let end = found.endpoints.iter().find(|end| end.amount == "600000");
    assert_eq!(end.unwrap().address.as_ref().unwrap().to_lowercase(), fake);
}

#[test]
fn events_and_tokens_behind_which_nothing_stands() {
    let (usdt, fake, other) = (token(USDT), token(FAKE), token(0x12));
    let named = |contract: &str, symbol: &str| TokenFact {
        asset: contract.parse().unwrap(),
        height: None,
        symbol: Some(symbol.to_owned()),
        name: None,
        decimals: Some(6),
    };
    let facts = Facts {
        tokens: vec![named(&usdt, "USDT"), named(&fake, "U\u{405}DT")],
        ..Facts::default()
    };
    let view = with(
        vec![
            // Named like the token of the trace; it also says that the thief paid.
            signed(3, SPAMMER, &[(&fake, THIEF, 9, 77)]),
            // A token that says the victim sent what it never had.
            signed(4, SPAMMER, &[(&other, VICTIM, THIEF, 1_000)]),
            // A token made for the thief by a stranger.
            signed(5, SPAMMER, &[(&token(0x13), 0, THIEF, 5)]),
            // Nothing at all, and dust.
            signed(6, SPAMMER, &[(&usdt, VICTIM, THIEF, 0)]),
            signed(7, LENDER, &[(&usdt, LENDER, 0x30, 9)]),
            signed(8, 0x30, &[(&usdt, 0x30, THIEF, 9)]),
        ],
        facts,
    );
    let found = fifo(&view, theft());
    let expected = [
        ("zero-transfer", 1),
        ("zero-transfer", 1),
        ("counterfeit", 1),
        // Each is told at both addresses that it names.
        ("unsupported-event", 1),
        ("unsupported-event", 1),
        ("unsolicited", 1),
        ("dust", 1),
    ];
    assert_eq!(kinds(&found), expected);
    assert_eq!(found.endpoints.len(), 1);
    // The thief's address as the origin: none of it counts, and the sentence names the tokens.
    let all = fifo(&view, Origin::Address(account(THIEF)));
    let assets: Vec<_> = all.origins.iter().map(|row| row.asset.clone()).collect();
    assert_eq!(assets, [usdt, COIN.to_owned()]);
    let caveat = all
        .caveats
        .iter()
        .find(|it| it.kind == "left-out-of-origin");
    assert!(caveat.unwrap().what.contains(&other));
    // Who asks for a transfer of it gets it.
    let asked = Origin::Transfer {
        txid: format!("0x{:064x}", 4),
        index: 0,
    };
    assert_eq!(fifo(&view, asked).origins[0].asset, other);
}

#[test]
fn honest_tokens_are_not_taken_for_tricks() {
    let (usdt, own) = (token(USDT), token(0x12));
    let view = with(
        vec![
            // The thief's own contract empties the victim's holding of an unknown token, for the thief who signs.
            signed(3, THIEF, &[(&own, VICTIM, THIEF, 500)]),
            // A friend who was paid sends another unknown token.
            signed(4, THIEF, &[(&usdt, THIEF, 9, 10)]),
            signed(5, 9, &[(&token(0x13), 9, THIEF, 3)]),
            // A swap: the pool pays an unknown token that it had before the data begins.
            signed(
                6,
                THIEF,
                &[(&usdt, THIEF, 8, 10), (&token(0x14), 8, THIEF, 10)],
            ),
        ],
        Facts::default(),
    );
    let found = fifo(&view, Origin::Address(account(THIEF)));
    assert_eq!(kinds(&found), []);
    let assets: std::collections::BTreeSet<_> =
        found.origins.iter().map(|row| row.asset.clone()).collect();
    assert!(assets.contains(&own) && assets.contains(&token(0x13)));
}

/// Spam around all addresses of a table: invented tokens, tokens made for strangers, transfers of nothing.
fn spam(table: &NaiveTable, count: u64, rng: &mut SplitMix64) -> NaiveTable {
    let legs = table
        .transactions
        .iter()
        .flat_map(|transaction| &transaction.legs);
    let mut addresses: Vec<String> = legs.clone().map(|leg| leg.from.clone()).collect();
    let real: Vec<String> = legs
        .map(|leg| leg.asset.clone())
        .filter(|it| it != COIN)
        .collect();
    addresses.retain(|address| *address != account(0));
    let mut spammed = table.clone();
    let at: Vec<usize> = (0..table.transactions.len()).collect();
    let mut inserted: Vec<(usize, NaiveTransaction)> = (0..count)
        .map(|number| {
            let contract = format!("0x{:040x}", 0xfa_0000_0000_u64 + number);
            let (from, to) = (rng.pick(&addresses).clone(), rng.pick(&addresses).clone());
            let asset = format!("eip155:1337/erc20:{contract}");
            let (asset, from, to, amount) = match rng.below(4) {
                0 => (rng.pick(&real).clone(), from, to, 0),
                1 => (asset, account(0), to, 1_000_000),
                2 => (asset, contract, to, 5),
                _ => (asset, from, to, u128::MAX >> 3),
            };
            let mut transaction = signed(0, 0x77, &[(&asset, 1, 2, amount)]);
            transaction.txid = format!("0x5a{number:062x}");
            transaction.fee.as_mut().unwrap().amount = 3;
            transaction.legs[0].from = from;
            transaction.legs[0].to = to;
            (*rng.pick(&at), transaction)
        })
        .collect();
    inserted.sort_by_key(|(place, _)| *place);
    let mut all = Vec::with_capacity(inserted.len() + spammed.transactions.len());
    let mut waiting = inserted.into_iter().peekable();
    for (place, transaction) in spammed.transactions.drain(..).enumerate() {
        while let Some((_, mut early)) = waiting.next_if(|(at, _)| *at <= place) {
            (early.height, early.time) = (transaction.height, transaction.time);
            all.push(early);
        }
        all.push(transaction);
    }
    spammed.transactions = all;
    spammed
}

fn same_numbers(quiet: &Trace, loud: &Trace, what: &str) {
    assert_eq!(quiet.origins, loud.origins, "origins of {what}");
    assert_eq!(quiet.endpoints, loud.endpoints, "endpoints of {what}");
    assert_eq!(quiet.edges, loud.edges, "edges of {what}");
    assert_eq!(quiet.totals, loud.totals, "totals of {what}");
    assert_eq!(quiet.conversions, loud.conversions, "conversions of {what}");
}

/// Asks the same of both tables; how many tricks were told.
fn compare(seed: u64, count: u64, policies: &[Policy]) -> usize {
    let mut told = 0;
    let table = random_ledger(seed, TableShape::default());
    let mut rng = SplitMix64::new(seed);
    let loud = ledger_view(&spam(&table, count, &mut rng));
    let quiet = ledger_view(&table);
    for origin in crate::account_naive::some_origins(&table, &mut rng, true) {
        for policy in policies {
            for direction in [Direction::Forward, Direction::Backward] {
                if *policy == Policy::Tiho && direction == Direction::Backward {
                    continue;
                }
                let request = request(std::slice::from_ref(&origin), *policy, direction);
                let what = format!("seed {seed}: {origin:?} {policy} {direction:?}");
                match (
                    trace_accounts(&quiet, &request),
                    trace_accounts(&loud, &request),
                ) {
                    (Ok(quiet), Ok(loud)) => {
                        same_numbers(&quiet, &loud, &what);
                        told += loud.deceptions.iter().map(|row| row.count).sum::<usize>();
                    }
                    (quiet, loud) => assert_eq!(quiet.is_ok(), loud.is_ok(), "{what}"),
                }
            }
        }
    }
    told
}

#[test]
fn spam_changes_no_number() {
    let told: usize = (0..6).map(|seed| compare(seed, 150, &Policy::ALL)).sum();
    assert!(told > 1_000, "{told}");
}

#[test]
fn a_hundred_thousand_of_them_change_none_either() {
    let told = compare(99, 100_000, &[Policy::Haircut]);
    assert!(told > 10_000, "{told}");
}
