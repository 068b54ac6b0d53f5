//! One transfer from several sources is one transfer; what sources do not agree on is said; and nothing
//! hangs on the order of sources, on how a table is cut, or on the order of rows inside a transaction.

#![allow(clippy::unwrap_used)]

mod promised;

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountView as _, ChainView as _, Destination, TxIx};

const CHAIN: Chain = Chain::Evm(1);

fn account(number: u8) -> Address {
    Address::Evm([number; 20])
}

fn ether() -> Asset {
    Asset::native(&CHAIN).unwrap()
}

fn token() -> Asset {
    Asset::erc20(&CHAIN, [0xee; 20]).unwrap()
}

fn hash(number: u8) -> TransactionId {
    TransactionId::Hash([number; 32])
}

/// A transfer of ether at a time, in the transaction of that number.
fn row(time: u32, from: u8, to: u8, amount: u64) -> TableRow {
    TableRow {
        transaction: Some(hash(u8::try_from(time).unwrap())),
        height: None,
        index: None,
        time: Timestamp::from(time),
        log_index: None,
        kind: RowKind::Transfer,
        from: account(from),
        to: account(to),
        asset: ether(),
        amount: U256::from(amount),
    }
}

fn loose(row: TableRow) -> TableRow {
    TableRow {
        transaction: None,
        ..row
    }
}

fn at_index(log_index: u32, row: TableRow) -> TableRow {
    TableRow {
        log_index: Some(log_index),
        ..row
    }
}

fn of_token(row: TableRow) -> TableRow {
    TableRow {
        asset: token(),
        ..row
    }
}

fn at_height(height: u32, row: TableRow) -> TableRow {
    TableRow {
        height: Some(height),
        ..row
    }
}

fn fee(row: TableRow) -> TableRow {
    TableRow {
        kind: RowKind::Fee,
        ..row
    }
}

/// A table that promises nothing.
fn table(digest: u8, rows: &[TableRow]) -> TableSource {
    let times = rows.iter().map(|row| row.time);
    TableSource {
        digest: [digest; 32],
        coverage: Coverage::Rows {
            from: times.clone().min().unwrap(),
            to: times.max().unwrap(),
        },
        rows: rows.to_vec(),
        facts: whither_ledger::memory::Facts::default(),
    }
}

fn build(sources: &[TableSource]) -> MemoryAccounts {
    MemoryAccounts::build(CHAIN, sources)
}

/// The view of two tables in either order, which is the same.
fn build_both(a: &[TableRow], b: &[TableRow]) -> MemoryAccounts {
    let (a, b) = (table(1, a), table(2, b));
    let view = build(&[a.clone(), b.clone()]);
    assert_eq!(describe(&build(&[b, a])), describe(&view));
    view
}

/// All that a view answers, one line each.
fn describe(view: &MemoryAccounts) -> Vec<String> {
    let mut lines = vec![view.content_id().to_string()];
    lines.extend(view.coverage().iter().map(|promise| format!("{promise:?}")));
    lines.extend(view.notes().iter().map(|note| format!("{note:?}")));
    for tx in (0..view.transaction_count()).map(TxIx::of) {
        let (id, position, time) = (view.transaction_id(tx), view.position(tx), view.time(tx));
        let (ordered, claimed) = (view.legs_are_ordered(tx), view.is_claimed(tx));
        lines.push(format!("{id} {position:?} {time} {ordered} {claimed}"));
        lines.extend(legs(view, tx));
    }
    lines
}

/// `number: from > to amount asset`, in the order of the legs.
fn legs(view: &MemoryAccounts, tx: TxIx) -> Vec<String> {
    let owner = |holding| view.address(view.holding(holding).0).display(&CHAIN)[2..4].to_owned();
    let legs = view.legs(tx).map(|leg| {
        let from = leg.from.map_or_else(|| "mint".to_owned(), owner);
        let to = match leg.to {
            Destination::Holding(holding) => owner(holding),
            Destination::Burn => "burn".to_owned(),
            Destination::Fee => "fee".to_owned(),
        };
        let unit = if *view.asset(leg.asset) == ether() {
            "eth"
        } else {
            "tok"
        };
        format!("{}: {from} > {to} {} {unit}", leg.number, leg.amount)
    });
    legs.collect()
}

fn note_kinds(view: &MemoryAccounts) -> Vec<&'static str> {
    view.notes().iter().map(|note| note.kind).collect()
}

const FIRST: TxIx = TxIx(0);

#[test]
fn trace_positions_and_log_indexes_count_apart() {
    let both = [
        at_index(0, row(1, 1, 2, 5)),
        at_index(0, of_token(row(1, 2, 3, 7))),
        at_index(4, of_token(row(1, 3, 4, 7))),
    ];
    let view = build(&[table(1, &both)]);
    let numbered = ["0: 02 > 03 7 tok", "5: 01 > 02 5 eth", "4: 03 > 04 7 tok"];
    assert_eq!(legs(&view, FIRST), numbered);
    assert!(view.notes().is_empty() && view.legs_are_ordered(FIRST));
    let view = build(&[table(1, &both[1..])]);
    assert_eq!(
        legs(&view, FIRST),
        ["0: 02 > 03 7 tok", "4: 03 > 04 7 tok"],
        "where log indexes tell legs apart they are the numbers"
    );
}

#[test]
fn gas_has_a_number_of_its_own() {
    let view = build(&[table(1, &[fee(row(1, 1, 1, 2)), row(1, 1, 2, 5)])]);
    assert_eq!(
        legs(&view, FIRST),
        ["1: 01 > fee 2 eth", "0: 01 > 02 5 eth"]
    );
}

#[test]
fn two_sources_at_one_index_disagree_and_a_batch_does_not() {
    let (one, other) = (
        at_index(3, of_token(row(1, 1, 2, 5))),
        at_index(3, of_token(row(1, 1, 2, 6))),
    );
    let view = build_both(std::slice::from_ref(&one), std::slice::from_ref(&other));
    assert_eq!(legs(&view, FIRST), ["3: 01 > 02 5 tok"]);
    assert_eq!(note_kinds(&view), ["disagreement"]);
    let view = build(&[table(1, &[one, other])]);
    assert_eq!(legs(&view, FIRST), ["0: 01 > 02 5 tok", "1: 01 > 02 6 tok"]);
}

#[test]
fn held_is_said_only_where_the_promise_reaches_to_the_end() {
    let promised = |to: u32, rows: &[TableRow]| TableSource {
        coverage: Coverage::Addresses {
            addresses: [account(2)].into(),
            internal: true,
            from: Timestamp::from(0),
            to: Timestamp::from(to),
        },
        ..table(1, rows)
    };
    let rows = [row(1, 1, 2, 5)];
    let later = table(2, &[row(9, 3, 4, 1)]);
    for (to, sources, covered) in [
        (1, vec![], true),
        (8, vec![later.clone()], false),
        (9, vec![later], true),
    ] {
        let view = build(&[vec![promised(to, &rows)], sources].concat());
        let is_covered = |number| view.is_covered(view.find_address(&account(number)).unwrap());
        assert_eq!((is_covered(2), is_covered(1)), (covered, false), "to {to}");
    }
}

#[test]
fn blocks_cover_to_the_end_only_what_stands_in_them() {
    let blocks = |rows: &[TableRow]| TableSource {
        coverage: Coverage::Blocks {
            first: Some(0),
            last: Some(7),
            internal: true,
        },
        ..table(1, rows)
    };
    let inside = at_height(7, row(1, 1, 2, 5));
    for (later, covered) in [
        (at_height(7, row(2, 3, 4, 1)), true),
        (at_height(8, row(2, 3, 4, 1)), false),
        (row(2, 3, 4, 1), false),
    ] {
        let view = build(&[blocks(std::slice::from_ref(&inside)), table(2, &[later])]);
        let address = view.find_address(&account(2)).unwrap();
        assert_eq!(view.is_covered(address), covered);
    }
}

#[test]
fn without_ids_the_time_tells_rows_apart_and_heights_fill_in() {
    let bare = loose(row(1, 1, 2, 5));
    let view = build_both(std::slice::from_ref(&bare), &[at_height(7, bare.clone())]);
    assert_eq!(view.transaction_count(), 1);
    assert_eq!(view.position(FIRST).height, Some(7));
    assert!(view.notes().is_empty());
    let view = build_both(&[at_height(6, bare.clone())], &[at_height(7, bare.clone())]);
    assert_eq!(
        (view.transaction_count(), note_kinds(&view)),
        (1, vec!["disagreement"])
    );
    let view = build_both(&[bare.clone(), bare.clone()], std::slice::from_ref(&bare));
    assert_eq!(
        view.transaction_count(),
        2,
        "one table says it happened twice"
    );
}

#[test]
fn a_row_with_an_id_beside_one_without_is_kept_and_said() {
    let named = row(1, 1, 2, 5);
    let view = build_both(std::slice::from_ref(&named), &[loose(named.clone())]);
    assert_eq!(
        (view.transaction_count(), note_kinds(&view)),
        (2, vec!["disagreement"])
    );
    assert_eq!(view.notes()[0].transaction, Some(hash(1)));
    let view = build_both(std::slice::from_ref(&named), &[loose(row(2, 1, 2, 5))]);
    assert!(view.notes().is_empty(), "another time, another transfer");
    let view = build(&[table(1, &[named.clone(), loose(named)])]);
    assert!(
        view.notes().is_empty(),
        "one source that tells both means both"
    );
}

#[test]
fn a_claim_beside_rows_without_ids_is_kept_and_said() {
    let claim = row(1, 1, 2, 5);
    let open = |rows: &[TableRow]| {
        MemoryAccounts::build_with_claims(CHAIN, &[table(1, rows)], std::slice::from_ref(&claim))
    };
    let rows = [loose(claim.clone())];
    let view = open(&rows);
    assert_eq!(
        (view.transaction_count(), note_kinds(&view)),
        (2, vec!["claim-beside-rows"])
    );
    assert_eq!(view.content_id(), build(&[table(1, &rows)]).content_id());
    let rows = [at_index(8, claim.clone())];
    let view = open(&rows);
    assert_eq!(
        describe(&view),
        describe(&build(&[table(1, &rows)])),
        "the table's own"
    );
}

#[test]
fn two_sources_tell_one_fee() {
    let told = |amount| [row(1, 1, 2, 5), fee(row(1, 1, 1, amount))];
    let view = build_both(&told(3), &told(3));
    assert_eq!(legs(&view, FIRST).len(), 2);
    assert!(view.notes().is_empty());
    let view = build_both(&told(3), &told(4));
    assert_eq!(
        legs(&view, FIRST),
        ["1: 01 > fee 3 eth", "0: 01 > 02 5 eth"]
    );
    assert_eq!(note_kinds(&view), ["disagreement"]);
    assert!(view.notes()[0].what.contains("amount 3 and 4"));
}

#[test]
fn like_rows_with_differing_log_indexes_are_two() {
    let like = of_token(row(1, 1, 2, 5));
    let (two, seven) = (at_index(2, like.clone()), at_index(7, like.clone()));
    let view = build_both(std::slice::from_ref(&two), std::slice::from_ref(&seven));
    let both = ["2: 01 > 02 5 tok", "7: 01 > 02 5 tok"];
    assert_eq!(legs(&view, FIRST), both);
    assert!(view.notes().is_empty());
    let view = build_both(std::slice::from_ref(&seven), &[two.clone(), seven.clone()]);
    assert_eq!(legs(&view, FIRST), both);
    let view = build_both(&[two.clone(), seven], &[like.clone(), like.clone()]);
    assert_eq!(
        legs(&view, FIRST),
        both,
        "a source without indexes tells the same two"
    );
    let view = build_both(&[two], std::slice::from_ref(&like));
    assert_eq!(legs(&view, FIRST), ["2: 01 > 02 5 tok"]);
}

#[test]
fn an_unknown_height_is_a_tie_at_the_same_time() {
    let with = |height: Option<u32>, index: Option<u32>, number: u8| TableRow {
        transaction: Some(hash(number)),
        height,
        index,
        ..row(1, number, 9, 1)
    };
    for (a, b, tie) in [
        (with(Some(4), Some(0), 1), with(None, Some(1), 2), true),
        (with(None, None, 1), with(Some(4), Some(1), 2), true),
        (with(Some(4), None, 1), with(Some(4), Some(1), 2), true),
        (with(Some(4), Some(0), 1), with(Some(4), Some(1), 2), false),
        (with(Some(4), None, 1), with(Some(5), None, 2), false),
    ] {
        let view = build(&[table(1, &[a, b])]);
        assert_eq!(view.is_tie(TxIx(0), TxIx(1)), tie);
        assert_eq!(view.is_tie(TxIx(1), TxIx(0)), tie);
    }
    for height in [None, Some(4)] {
        let (missing, third) = (with(height, None, 1), with(height, Some(3), 2));
        let view = build(&[table(1, &[missing, third])]);
        assert_eq!(
            view.transaction_id(FIRST),
            hash(2),
            "a missing index comes last"
        );
    }
}

/// The ids were computed independently: SHA-256 over length-prefixed lines.
#[test]
fn row_ids_are_public_and_stay() {
    let view = build(&[table(1, &[loose(row(1, 1, 2, 5)), loose(row(1, 1, 2, 5))])]);
    let ids = [0, 1].map(|tx| view.transaction_id(TxIx(tx)).to_string());
    assert_eq!(ids, ["row:4d8b1ba5ef18e0cb", "row:d538199c3ce4a0aa"]);
}

/// Several transactions, with and without indexes, a circle, gas, and two assets.
fn some_rows() -> Vec<TableRow> {
    vec![
        fee(row(1, 1, 1, 1)),
        row(1, 1, 2, 5),
        row(1, 2, 3, 4),
        of_token(row(1, 3, 1, 4)),
        at_index(6, of_token(row(2, 2, 3, 8))),
        at_index(5, of_token(row(2, 3, 2, 8))),
        at_index(5, row(2, 3, 2, 1)),
        row(3, 1, 2, 9),
        at_index(2, row(3, 2, 1, 9)),
        row(3, 2, 1, 8),
        TableRow {
            transaction: Some(hash(77)),
            ..row(3, 4, 1, 2)
        },
        loose(row(4, 1, 5, 2)),
        loose(row(5, 1, 5, 2)),
    ]
}

#[test]
fn rows_inside_a_transaction_have_no_order_of_their_own() {
    let rows = some_rows();
    let whole = describe(&build(&[table(1, &rows)]));
    for (from, to) in [(0, 4), (4, 7), (7, 10)] {
        for turn in 1..to - from {
            let mut turned = rows.clone();
            turned[from..to].rotate_left(turn);
            assert_eq!(
                describe(&build(&[table(9, &turned)])),
                whole,
                "rows {from} to {to}"
            );
            turned[from..to].reverse();
            assert_eq!(
                describe(&build(&[table(9, &turned)])),
                whole,
                "rows {from} to {to}"
            );
        }
    }
}

#[test]
fn a_transaction_whose_rows_differ_comes_out_the_same_in_any_order() {
    let mut rows = [at_height(8, row(1, 1, 2, 5)), at_height(7, row(1, 2, 3, 5))];
    let one = describe(&build(&[table(1, &rows)]));
    rows.reverse();
    assert_eq!(describe(&build(&[table(1, &rows)])), one);
    assert!(one.iter().any(|line| line.contains("disagreement")));
}

#[test]
fn a_table_cut_in_two_is_the_same_table() {
    let rows = some_rows();
    let whole = describe(&build(&[table(1, &rows)]));
    for cut in 1..rows.len() {
        for (a, b) in [(3, 4), (4, 3)] {
            let (a, b) = (table(a, &rows[..cut]), table(b, &rows[cut..]));
            assert_eq!(
                describe(&build(&[a.clone(), b.clone()])),
                whole,
                "cut at {cut}"
            );
            assert_eq!(describe(&build(&[b, a])), whole, "cut at {cut}");
        }
    }
}

#[test]
fn tables_that_overlap_are_one_in_any_order() {
    let rows = some_rows();
    let whole = describe(&build(&[table(1, &rows)]));
    let pieces = [
        table(5, &rows[..7]),
        table(2, &rows[4..11]),
        table(4, &rows[7..]),
        table(2, &rows[4..11]),
    ];
    for turn in 0..pieces.len() {
        let mut turned = pieces.clone();
        turned.rotate_left(turn);
        assert_eq!(describe(&build(&turned)), whole);
        turned.reverse();
        assert_eq!(describe(&build(&turned)), whole);
    }
}
