//! What sources tell beside transfers: wraps that count, transfers of nothing, blocks, tokens and contracts.

#![allow(clippy::unwrap_used, missing_docs)]

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{
    BlockFact, Facts, MemoryAccounts, RowKind, TableRow, TableSource, TokenFact,
};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountKind, AccountView as _, ChainView as _, TxIx};

use RowKind::{Transfer, Wrap};

const CHAIN: Chain = Chain::Evm(1);

fn account(number: u8) -> Address {
    Address::Evm([number; 20])
}

/// The token of a contract, or the chain's coin.
fn asset(contract: Option<u8>) -> Asset {
    match contract {
        Some(contract) => Asset::erc20(&CHAIN, [contract; 20]).unwrap(),
        None => Asset::native(&CHAIN).unwrap(),
    }
}

fn row(tx: u8, kind: RowKind, from: u8, to: u8, contract: Option<u8>, amount: u64) -> TableRow {
    TableRow {
        transaction: Some(TransactionId::Hash([tx; 32])),
        height: Some(u32::from(tx)),
        index: Some(0),
        time: Timestamp::from(u32::from(tx)),
        log_index: None,
        kind,
        from: account(from),
        to: account(to),
        asset: asset(contract),
        amount: U256::from(amount),
    }
}

fn source(digest: u8, rows: Vec<TableRow>, facts: Facts) -> TableSource {
    TableSource {
        digest: [digest; 32],
        coverage: Coverage::Rows {
            from: Timestamp::from(0),
            to: Timestamp::from(9),
        },
        rows,
        facts,
    }
}

fn build(sources: &[TableSource]) -> MemoryAccounts {
    MemoryAccounts::build(CHAIN, sources)
}

#[test]
fn a_wrap_counts_with_its_coins_and_transfers_elsewhere() {
    let coins = row(1, Transfer, 1, 9, None, 5);
    let made = row(1, Wrap, 0, 1, Some(9), 5);
    let moved = row(2, Transfer, 1, 2, Some(9), 5);
    for (rows, counts, why) in [
        (
            vec![coins.clone(), made.clone(), moved.clone()],
            true,
            "borne out",
        ),
        (
            vec![coins.clone(), made.clone()],
            false,
            "a vault that is no token",
        ),
        (vec![made.clone(), moved.clone()], false, "no coins went in"),
        (
            vec![row(1, Transfer, 1, 9, None, 4), made.clone(), moved.clone()],
            false,
            "other coins went in",
        ),
        (
            vec![row(1, Transfer, 9, 1, None, 5), made.clone(), moved.clone()],
            false,
            "the coins went the other way",
        ),
    ] {
        let whole = build(&[source(1, rows.clone(), Facts::default())]);
        let of = whole.find_address(&account(1)).unwrap();
        let opening: U256 = whole
            .holdings(of)
            .filter(|holding| *whole.asset(whole.holding(*holding).1) == asset(Some(9)))
            .map(|holding| whole.opening(holding))
            .sum();
        let unknown = if counts || !rows.contains(&moved) {
            0
        } else {
            5
        };
        assert_eq!(opening, U256::from(unknown), "{why}");
        let legs = whole.leg_count(TxIx(0));
        let coins = rows.iter().filter(|row| row.asset == asset(None)).count();
        assert_eq!(legs as usize, coins + usize::from(counts), "{why}");
        // However the rows are cut into sources.
        let pieces: Vec<TableSource> = (1..)
            .zip(rows)
            .map(|(digest, row)| source(digest, vec![row], Facts::default()))
            .collect();
        assert_eq!(build(&pieces).leg_count(TxIx(0)), legs, "{why}");
    }
}

#[test]
fn what_comes_out_of_a_wrapped_coin_is_a_burn() {
    let rows = vec![
        row(1, Transfer, 0, 1, Some(9), 5),
        row(2, Wrap, 1, 0, Some(9), 5),
        row(2, Transfer, 9, 1, None, 5),
    ];
    let view = build(&[source(1, rows, Facts::default())]);
    let of = view.find_address(&account(1)).unwrap();
    let balances: Vec<U256> = view
        .holdings(of)
        .map(|one| view.final_balance(one))
        .collect();
    assert_eq!(balances, [U256::ZERO, U256::from(5)]);
}

#[test]
fn transfers_of_nothing_are_kept_and_move_nothing() {
    let rows = vec![
        row(1, Transfer, 1, 2, Some(9), 0),
        row(1, Transfer, 1, 2, None, 0),
        row(2, Transfer, 2, 3, Some(9), 4),
    ];
    let view = build(&[source(1, rows, Facts::default())]);
    let zeros: Vec<_> = view.zero_transfers().collect();
    assert_eq!(zeros.len(), 1, "a call without coins is no word of a token");
    let named = |ix| view.address(ix).into_owned();
    assert_eq!(
        (named(zeros[0].from), named(zeros[0].to)),
        (account(1), account(2))
    );
    assert_eq!(*view.asset(zeros[0].asset), asset(Some(9)));
    assert_eq!((zeros[0].tx, view.leg_count(TxIx(0))), (TxIx(0), 0));
}

#[test]
fn who_pays_gas_holds_a_key_and_sources_name_contracts() {
    let rows = vec![
        row(1, RowKind::Fee, 1, 1, None, 3),
        row(1, Transfer, 1, 2, None, 4),
        row(1, Transfer, 1, 3, None, 4),
    ];
    let contracts = [account(1), account(2)].into();
    let facts = Facts {
        contracts,
        ..Facts::default()
    };
    let view = build(&[source(1, rows, facts)]);
    let kind = |number| view.account_kind(view.find_address(&account(number)).unwrap());
    assert_eq!(kind(1), Some(AccountKind::Key));
    assert_eq!(kind(2), Some(AccountKind::Contract));
    assert_eq!(kind(3), None);
}

#[test]
fn two_blocks_at_one_height_and_two_pins_of_a_token_are_disagreements() {
    let block = |hash: u8| BlockFact {
        height: 7,
        hash: [hash; 32],
        parent: None,
        time: Timestamp::from(7),
        transactions: 1,
    };
    let token = |symbol: &str| TokenFact {
        asset: asset(Some(9)),
        height: None,
        symbol: Some(symbol.to_owned()),
        name: None,
        decimals: Some(6),
    };
    let facts = |hash, symbol: &str| Facts {
        blocks: vec![block(hash)],
        tokens: vec![token(symbol)],
        ..Facts::default()
    };
    let rows = vec![row(7, Transfer, 1, 2, None, 4)];
    let told = |other| {
        let one = source(1, rows.clone(), facts(1, "A"));
        let other = source(2, rows.clone(), other);
        let (a, b) = (build(&[one.clone(), other.clone()]), build(&[other, one]));
        assert_eq!(a.content_id(), b.content_id());
        a.notes().len()
    };
    assert_eq!(told(facts(1, "A")), 0);
    assert_eq!(told(facts(2, "A")), 1);
    assert_eq!(told(facts(2, "B")), 2);
}

#[test]
fn a_well_known_contract_needs_no_traces_to_bear_it_out() {
    let weth: Asset = "eip155:1/erc20:0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
        .parse()
        .unwrap();
    let made = TableRow {
        asset: weth.clone(),
        ..row(1, Wrap, 0, 1, Some(9), 5)
    };
    let view = build(&[source(1, vec![made.clone()], Facts::default())]);
    assert_eq!(view.leg_count(TxIx(0)), 1);
    // Where a transfer tells the same, it is told once.
    let told = TableRow {
        kind: Transfer,
        ..made.clone()
    };
    let view = build(&[source(1, vec![made, told], Facts::default())]);
    assert_eq!(view.leg_count(TxIx(0)), 1);
}
