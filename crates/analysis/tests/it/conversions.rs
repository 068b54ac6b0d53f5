//! Conversions of known shapes: who converts what, and where the taint then is, to the unit.

use whither_analysis::trace::result::Trace;
use whither_analysis::trace::{Direction, Policy, Request, trace_accounts};
use whither_ledger::U256;
use whither_ledger::memory::MemoryAccounts;
use whither_testkit::naive::account::{Fee, Leg, NaiveTable, NaiveTransaction, Origin};

use crate::accounts::{self, ledger_view};

pub const COIN: &str = "eip155:1337/slip44:60";
pub const ZERO: u8 = 0;

pub fn account(number: u8) -> String {
    format!("0x{}", format!("{number:02x}").repeat(20))
}

/// The token of a contract.
pub fn token(number: u8) -> String {
    format!("eip155:1337/erc20:{}", account(number))
}

fn txid(number: u64) -> String {
    format!("0x{number:064x}")
}

/// A transaction that somebody signs, with its transfers: asset, from, to, amount.
pub fn signed(number: u64, signer: u8, legs: &[(&str, u8, u8, u128)]) -> NaiveTransaction {
    let legs = legs.iter().enumerate();
    NaiveTransaction {
        txid: txid(number),
        height: number,
        time: 1_720_000_000 + number,
        fee: (signer != ZERO).then(|| Fee {
            payer: account(signer),
            asset: COIN.to_owned(),
            amount: 1,
        }),
        legs: legs
            .map(|(index, (asset, from, to, amount))| Leg {
                index,
                asset: (*asset).to_owned(),
                from: account(*from),
                to: account(*to),
                amount: *amount,
            })
            .collect(),
        unordered: false,
    }
}

pub fn table(transactions: Vec<NaiveTransaction>) -> MemoryAccounts {
    ledger_view(&NaiveTable {
        transactions,
        ..NaiveTable::default()
    })
}

fn transfer(number: u64, index: usize) -> Origin {
    Origin::Transfer {
        txid: txid(number),
        index,
    }
}

fn run(view: &MemoryAccounts, origins: &[Origin], policy: Policy, direction: Direction) -> Trace {
    let naive = whither_testkit::naive::Policy::Fifo;
    let request = Request {
        policy,
        direction,
        ..accounts::request(origins, naive, whither_testkit::naive::Direction::Forward)
    };
    trace_accounts(view, &request).unwrap()
}

fn forward(view: &MemoryAccounts, origins: &[Origin]) -> Trace {
    run(view, origins, Policy::Fifo, Direction::Forward)
}

/// Kind, the number of the account, asset, amount.
fn ends(trace: &Trace) -> Vec<(&'static str, String, String, String)> {
    let mut ends: Vec<_> = trace
        .endpoints
        .iter()
        .map(|end| {
            (
                end.kind.name(),
                end.address.clone().unwrap_or_default().to_lowercase(),
                end.asset.clone(),
                end.amount.clone(),
            )
        })
        .collect();
    ends.sort();
    ends
}

fn end(
    kind: &'static str,
    who: u8,
    asset: &str,
    amount: u128,
) -> (&'static str, String, String, String) {
    (kind, account(who), asset.to_owned(), amount.to_string())
}

const VICTIM: u8 = 1;
const THIEF: u8 = 2;
const ROUTER: u8 = 3;
const POOL: u8 = 4;
const OTHER_POOL: u8 = 5;
const FRIEND: u8 = 6;
const LENDER: u8 = 7;
const USDT: u8 = 0x10;
const DAI: u8 = 0x11;
const WETH: u8 = 0x12;

/// Money for the pools, and the theft of 100.
fn beginning() -> Vec<NaiveTransaction> {
    let (usdt, dai, weth) = (token(USDT), token(DAI), token(WETH));
    vec![
        signed(
            1,
            LENDER,
            &[
                (&usdt, LENDER, POOL, 1000),
                (&dai, LENDER, POOL, 1000),
                (&weth, LENDER, POOL, 500),
                (&dai, LENDER, OTHER_POOL, 1000),
                (&weth, LENDER, OTHER_POOL, 500),
                (COIN, LENDER, WETH, 1000),
            ],
        ),
        signed(2, THIEF, &[(&usdt, VICTIM, THIEF, 100)]),
    ]
}

fn with(more: Vec<NaiveTransaction>) -> MemoryAccounts {
    let mut all = beginning();
    all.extend(more);
    table(all)
}

#[test]
fn a_swap_carries_all_of_it_across() {
    let (usdt, dai) = (token(USDT), token(DAI));
    // The pool pays before it is paid.
    let view = with(vec![signed(
        3,
        THIEF,
        &[(&dai, POOL, THIEF, 50), (&usdt, THIEF, POOL, 100)],
    )]);
    let found = forward(&view, &[transfer(2, 0)]);
    assert_eq!(ends(&found), [end("held", THIEF, &dai, 50)]);
    let [row] = found.conversions.as_slice() else {
        panic!("one conversion: {:?}", found.conversions)
    };
    assert_eq!(row.address.as_ref().unwrap().to_lowercase(), account(THIEF));
    let taken: Vec<_> = row
        .taken
        .iter()
        .map(|side| (&*side.amount, &*side.tainted))
        .collect();
    let given: Vec<_> = row
        .given
        .iter()
        .map(|side| (&*side.amount, &*side.tainted))
        .collect();
    assert_eq!((taken, given), (vec![("100", "100")], vec![("50", "50")]));
    let totals: Vec<_> = found
        .totals
        .iter()
        .map(|sum| (&*sum.origin, &*sum.converted_in, &*sum.converted_out))
        .collect();
    assert_eq!(totals, [("100", "0", "100"), ("0", "50", "0")]);
}

#[test]
fn a_swap_over_a_router_and_two_pools_to_coins() {
    let (usdt, dai, weth) = (token(USDT), token(DAI), token(WETH));
    let view = with(vec![signed(
        3,
        THIEF,
        &[
            (&usdt, THIEF, ROUTER, 100),
            (&usdt, ROUTER, POOL, 100),
            (&dai, POOL, OTHER_POOL, 99),
            (&weth, OTHER_POOL, ROUTER, 40),
            (&weth, ROUTER, ZERO, 40),
            (COIN, WETH, ROUTER, 40),
            (COIN, ROUTER, THIEF, 40),
        ],
    )]);
    let found = forward(&view, &[transfer(2, 0)]);
    assert_eq!(ends(&found), [end("held", THIEF, COIN, 40)]);
    let sides = |sides: &[whither_analysis::trace::result::ConversionSide]| -> Vec<String> {
        sides.iter().map(|side| side.asset.clone()).collect()
    };
    assert_eq!(found.conversions.len(), 1);
    assert_eq!(sides(&found.conversions[0].taken), [usdt]);
    assert_eq!(sides(&found.conversions[0].given), [COIN]);
    // What only passed through is neither in nor out.
    assert_eq!(found.totals.len(), 2);
}

#[test]
fn what_is_paid_beside_a_swap_is_followed_as_it_is() {
    let (usdt, dai) = (token(USDT), token(DAI));
    let view = with(vec![signed(
        3,
        THIEF,
        &[
            (&usdt, THIEF, FRIEND, 90),
            (&usdt, THIEF, POOL, 10),
            (&dai, POOL, THIEF, 5),
        ],
    )]);
    let found = forward(&view, &[transfer(2, 0)]);
    assert_eq!(
        ends(&found),
        [end("held", THIEF, &dai, 5), end("held", FRIEND, &usdt, 90)]
    );
}

#[test]
fn a_swap_to_somebody_else_and_one_that_is_split() {
    let (usdt, dai) = (token(USDT), token(DAI));
    let view = with(vec![signed(
        3,
        THIEF,
        &[(&usdt, THIEF, POOL, 60), (&dai, POOL, FRIEND, 30)],
    )]);
    let found = forward(&view, &[transfer(2, 0)]);
    assert_eq!(
        ends(&found),
        [end("held", THIEF, &usdt, 40), end("held", FRIEND, &dai, 30)]
    );
    let view = with(vec![signed(
        3,
        THIEF,
        &[
            (&usdt, THIEF, POOL, 100),
            (&dai, POOL, THIEF, 1),
            (&dai, POOL, FRIEND, 49),
        ],
    )]);
    let found = forward(&view, &[transfer(2, 0)]);
    assert_eq!(
        ends(&found),
        [end("held", THIEF, &dai, 1), end("held", FRIEND, &dai, 49)]
    );
}

#[test]
fn wrapping_and_unwrapping_are_one_to_one() {
    let weth = token(WETH);
    let view = table(vec![
        signed(
            1,
            LENDER,
            &[(COIN, LENDER, WETH, 77), (&weth, ZERO, LENDER, 77)],
        ),
        signed(2, VICTIM, &[(COIN, VICTIM, THIEF, 30)]),
        signed(
            3,
            THIEF,
            &[(COIN, THIEF, WETH, 25), (&weth, ZERO, THIEF, 25)],
        ),
        signed(4, THIEF, &[(&weth, THIEF, FRIEND, 25)]),
        signed(
            5,
            FRIEND,
            &[(COIN, WETH, FRIEND, 20), (&weth, FRIEND, ZERO, 20)],
        ),
    ]);
    for policy in [Policy::Fifo, Policy::Lifo, Policy::Tiho, Policy::Haircut] {
        let found = run(&view, &[transfer(2, 0)], policy, Direction::Forward);
        let sum = |asset: &str, who: u8| -> u128 {
            let here = found.endpoints.iter().filter(|end| {
                end.kind.name() == "held"
                    && end.asset == asset
                    && end.address.as_ref().unwrap().to_lowercase() == account(who)
            });
            here.map(|end| end.amount.parse::<u128>().unwrap()).sum()
        };
        assert_eq!((sum(&weth, FRIEND), sum(COIN, WETH)), (5, 0), "{policy}");
        assert!(sum(COIN, FRIEND) >= 19, "{policy}");
    }
}

#[test]
fn liquidity_goes_in_and_comes_out() {
    let (usdt, dai) = (token(USDT), token(DAI));
    // The pool makes and destroys its own token, which comes back to it first.
    let share = token(POOL);
    let view = with(vec![
        signed(
            3,
            THIEF,
            &[
                (&usdt, THIEF, ROUTER, 100),
                (&usdt, ROUTER, POOL, 100),
                (&share, ZERO, THIEF, 10),
            ],
        ),
        signed(
            4,
            THIEF,
            &[
                (&share, THIEF, POOL, 10),
                (&share, POOL, ZERO, 10),
                (&usdt, POOL, THIEF, 51),
                (&dai, POOL, THIEF, 49),
            ],
        ),
    ]);
    let found = forward(&view, &[transfer(2, 0)]);
    assert_eq!(
        ends(&found),
        [end("held", THIEF, &usdt, 51), end("held", THIEF, &dai, 49)]
    );
    // A pool whose shares are another contract's.
    let share = token(0x20);
    let view = with(vec![signed(
        3,
        THIEF,
        &[(&usdt, THIEF, POOL, 100), (&share, ZERO, THIEF, 10)],
    )]);
    let found = forward(&view, &[transfer(2, 0)]);
    assert_eq!(ends(&found), [end("held", THIEF, &share, 10)]);
}

#[test]
fn the_pools_own_money_is_not_tainted_and_its_own_taint_stays_its_own() {
    let (usdt, dai) = (token(USDT), token(DAI));
    let view = with(vec![
        // Stolen money lies in the pool, unexchanged.
        signed(3, THIEF, &[(&usdt, THIEF, POOL, 100)]),
        signed(
            4,
            FRIEND,
            &[(&dai, FRIEND, POOL, 600), (&usdt, POOL, FRIEND, 1100)],
        ),
    ]);
    let found = forward(&view, &[transfer(2, 0)]);
    // All of its dollars go: what was stolen of them is now 600 / 1100 as much of what came.
    assert_eq!(ends(&found), [end("held", POOL, &dai, 55)]);
}

#[test]
fn money_that_others_bring_to_a_contract_does_not_leave_with_its_bribe() {
    let usdt = token(USDT);
    let contract = 9;
    let view = table(vec![
        signed(1, LENDER, &[(COIN, LENDER, contract, 50)]),
        signed(
            2,
            THIEF,
            &[(&usdt, VICTIM, contract, 1000), (COIN, contract, FRIEND, 5)],
        ),
    ]);
    let found = forward(&view, &[transfer(2, 0)]);
    assert_eq!(ends(&found), [end("held", contract, &usdt, 1000)]);
}

#[test]
fn backward_ends_where_it_was_exchanged() {
    let (usdt, dai) = (token(USDT), token(DAI));
    let view = with(vec![
        signed(
            3,
            THIEF,
            &[(&dai, POOL, THIEF, 50), (&usdt, THIEF, POOL, 100)],
        ),
        signed(4, THIEF, &[(&dai, THIEF, FRIEND, 50)]),
    ]);
    for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Poison] {
        let found = run(&view, &[transfer(4, 0)], policy, Direction::Backward);
        assert_eq!(
            ends(&found),
            [end("unresolved", POOL, &dai, 50)],
            "{policy}"
        );
        assert_eq!(found.endpoints[0].reason.rule, "conversion-backward");
    }
}

#[test]
fn bounds_are_loose_across_a_conversion_and_still_true() {
    let (usdt, dai) = (token(USDT), token(DAI));
    let view = with(vec![
        signed(3, LENDER, &[(&usdt, LENDER, THIEF, 100)]),
        signed(
            4,
            THIEF,
            &[(&dai, POOL, THIEF, 50), (&usdt, THIEF, POOL, 100)],
        ),
    ]);
    for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho] {
        let found = run(&view, &[transfer(2, 0)], policy, Direction::Forward);
        for end in &found.endpoints {
            let number = |text: &str| text.parse::<U256>().unwrap();
            assert_eq!(end.bound, whither_analysis::trace::result::Bound::Loose);
            assert!(number(&end.amount) <= number(&end.max), "{policy} {end:?}");
        }
    }
}
