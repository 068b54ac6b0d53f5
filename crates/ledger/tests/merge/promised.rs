//! What sources tell of blocks of which others promise all.

use super::*;

/// A table that promises all of some blocks.
fn promising(digest: u8, internal: bool, rows: &[TableRow]) -> TableSource {
    TableSource {
        coverage: Coverage::Blocks {
            first: Some(5),
            last: Some(7),
            internal,
        },
        ..table(digest, rows)
    }
}

#[test]
fn what_a_promise_of_the_block_does_not_tell_is_not_taken() {
    let theft = at_height(6, of_token(row(1, 1, 2, 5)));
    let known = promising(1, false, std::slice::from_ref(&theft));
    for (other, expected) in [
        // The same once more, in a table without places.
        (theft.clone(), vec!["0: 01 > 02 5 tok"]),
        // Another in the same transaction; of another amount; and one that says nothing of the block.
        (
            at_height(6, of_token(row(1, 2, 3, 5))),
            vec!["0: 01 > 02 5 tok"],
        ),
        (
            at_height(6, of_token(row(1, 1, 2, 6))),
            vec!["0: 01 > 02 5 tok"],
        ),
        (of_token(row(1, 1, 2, 6)), vec!["0: 01 > 02 5 tok"]),
    ] {
        let is_same = other == theft;
        let view = build(&[table(9, std::slice::from_ref(&other)), known.clone()]);
        assert_eq!(legs(&view, FIRST), expected, "{other:?}");
        let kinds = note_kinds(&view);
        assert_eq!(
            kinds,
            if is_same {
                vec![]
            } else {
                vec!["disagreement"]
            },
            "{other:?}"
        );
        let swapped = build(&[known.clone(), table(9, &[other])]);
        assert_eq!(describe(&swapped), describe(&view));
    }
}

#[test]
fn a_made_up_transaction_in_a_promised_block_is_counted_and_not_taken() {
    let theft = at_height(6, of_token(row(1, 1, 2, 5)));
    let known = promising(1, false, std::slice::from_ref(&theft));
    let made_up = [
        at_height(7, of_token(row(2, 3, 4, 1))),
        at_height(5, of_token(row(3, 3, 4, 1))),
    ];
    let beyond = at_height(8, of_token(row(4, 3, 4, 1)));
    let rows = [&made_up[..], &[beyond]].concat();
    let view = build(&[known, table(9, &rows)]);
    assert_eq!(
        view.transaction_count(),
        2,
        "the theft, and what no promise speaks of"
    );
    let note = &view.notes()[0];
    assert!(
        note.what.starts_with("a source tells of 2 transactions"),
        "{}",
        note.what
    );
    assert_eq!(note.transaction, None);
}

#[test]
fn coins_that_move_inside_calls_are_added_where_the_promise_leaves_them_out() {
    let theft = at_height(6, row(1, 1, 2, 5));
    let inside = at_height(6, row(1, 2, 3, 4));
    for (internal, count) in [(false, 2), (true, 1)] {
        let known = promising(1, internal, std::slice::from_ref(&theft));
        let view = build(&[known, table(9, std::slice::from_ref(&inside))]);
        assert_eq!(legs(&view, FIRST).len(), count, "{internal}");
        assert_eq!(view.notes().len(), 2 - count, "{internal}");
    }
}

#[test]
fn what_a_block_makes_is_kept_whoever_tells_it() {
    let theft = at_height(6, row(1, 1, 2, 5));
    let made = TableRow {
        transaction: Some(TransactionId::Other("row:withdrawals-6".into())),
        ..at_height(6, row(6, 0, 3, 4))
    };
    let known = promising(1, true, std::slice::from_ref(&theft));
    let view = build(&[known, table(9, &[made])]);
    assert_eq!((view.transaction_count(), view.notes().len()), (2, 0));
}

#[test]
fn what_a_signer_pays_or_no_block_has_is_not_inside_a_call() {
    let paid = |from: u8, to: u8| at_height(6, row(1, from, to, 4));
    let gas = at_height(6, fee(row(1, 1, 1, 1)));
    let known = promising(1, false, &[gas, at_height(6, row(1, 1, 2, 5))]);
    let unknown = at_height(6, row(7, 2, 3, 4));
    for (other, taken) in [(paid(2, 3), true), (paid(1, 3), false), (unknown, false)] {
        let view = build(&[known.clone(), table(9, std::slice::from_ref(&other))]);
        let legs: usize = (0..view.transaction_count())
            .map(|tx| legs(&view, TxIx::of(tx)).len())
            .sum();
        assert_eq!(
            (legs, view.notes().len()),
            if taken { (3, 0) } else { (2, 1) },
            "{other:?}"
        );
    }
}

#[test]
fn one_row_of_a_weak_source_does_not_take_an_asset_away() {
    let theft = at_height(6, of_token(row(1, 1, 2, 5)));
    let known = promising(1, false, std::slice::from_ref(&theft));
    let absurd = TableRow {
        amount: U256::MAX,
        ..at_height(8, of_token(row(2, 3, 4, 1)))
    };
    let again = TableRow {
        transaction: Some(hash(3)),
        ..absurd.clone()
    };
    let view = build(&[known, table(9, &[absurd, again])]);
    assert_eq!(legs(&view, FIRST), ["0: 01 > 02 5 tok"]);
    assert_eq!(note_kinds(&view), ["disagreement"]);
    let said = &view.notes()[0].what;
    assert!(said.starts_with("a source tells of 2 movements"), "{said}");
}

#[test]
fn an_account_begins_with_one_balance_whoever_tells_of_it() {
    let had = |amount: u64| TableRow {
        transaction: Some(TransactionId::Other("row:genesis".into())),
        ..at_height(0, row(0, 0, 3, amount))
    };
    let view = build_both(&[had(4)], &[had(5)]);
    assert_eq!(legs(&view, FIRST).len(), 1);
    assert_eq!(note_kinds(&view), ["disagreement"]);
    assert!(build_both(&[had(4)], &[had(4)]).notes().is_empty());
}

#[test]
fn a_promise_of_more_leaves_nothing_of_one_of_less() {
    let promise = |first, last, internal| Coverage::Blocks {
        first: Some(first),
        last: Some(last),
        internal,
    };
    let less = |first, last| promise(first, last, false);
    for (whole, left) in [
        (vec![(0, 9)], vec![]),
        (vec![(3, 4)], vec![less(0, 2), less(5, 9)]),
        (vec![(0, 4)], vec![less(5, 9)]),
        (vec![(5, 20)], vec![less(0, 4)]),
        (
            vec![(1, 2), (4, 6)],
            vec![less(0, 0), less(3, 3), less(7, 9)],
        ),
        (vec![(11, 20)], vec![less(0, 9)]),
    ] {
        let whole: Vec<Coverage> = whole.iter().map(|(a, b)| promise(*a, *b, true)).collect();
        let all = whole.iter().cloned().chain([less(0, 9)]);
        let expected: Vec<Coverage> = left.into_iter().chain(whole.clone()).collect();
        assert_eq!(Coverage::canonical(all), expected);
    }
}
