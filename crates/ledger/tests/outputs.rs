//! The view of a chain of outputs: bounds of its sums, its content id, and counts made once.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use whither_ledger::address::Address;
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{
    Block, BuildError, MemoryUtxo, Outpoint, OutsideValue, UtxoOutput, UtxoTransaction,
};
use whither_ledger::view::{ChainView as _, OutsideIx, TxIx, UtxoView as _};

const SUPPLY: u64 = 21_000_000 * 100_000_000;

fn output(value: u64) -> UtxoOutput {
    UtxoOutput {
        value,
        owner: Some(Address::P2pkh([1; 20])),
    }
}

fn outpoint(number: u32) -> Outpoint {
    let mut txid = [0; 32];
    txid[..4].copy_from_slice(&number.to_le_bytes());
    Outpoint { txid, vout: 0 }
}

fn transaction(number: u32, inputs: Vec<Outpoint>, value: u64) -> UtxoTransaction {
    UtxoTransaction {
        txid: outpoint(number).txid,
        coinbase: inputs.is_empty(),
        inputs,
        outputs: vec![output(value)],
    }
}

fn build(
    transactions: Vec<UtxoTransaction>,
    outside: &BTreeMap<Outpoint, OutsideValue>,
    coverage: Vec<Coverage>,
) -> Result<MemoryUtxo, BuildError> {
    let block = Block {
        hash: [9; 32],
        height: Some(5),
        time: 1,
        transactions,
    };
    let chain = Chain::Bitcoin(BitcoinNetwork::Regtest);
    MemoryUtxo::build(chain, &[block], outside, coverage, Vec::new())
}

fn blocks(first: u32, last: u32) -> Coverage {
    Coverage::Blocks {
        first: Some(first),
        last: Some(last),
        internal: true,
    }
}

#[test]
fn what_comes_in_can_be_added_up() {
    let enough = u32::try_from(u64::MAX / 4 / SUPPLY).unwrap();
    let known = OutsideValue {
        value: SUPPLY,
        owner: None,
    };
    let made = |number| transaction(number, Vec::new(), SUPPLY);
    let from_outside = |number| transaction(number, vec![outpoint(number + 1_000_000)], SUPPLY);
    let outside: BTreeMap<_, _> = (0..=enough)
        .map(|number| (outpoint(number + 1_000_000), known.clone()))
        .collect();
    let none = BTreeMap::new();
    for count in [enough, enough + 1] {
        let coinbases: Vec<_> = (0..count).map(made).collect();
        let spends: Vec<_> = (0..count).map(from_outside).collect();
        for result in [
            build(coinbases, &none, Vec::new()),
            build(spends.clone(), &outside, Vec::new()),
            build(spends, &none, Vec::new()),
        ] {
            let fits = count == enough;
            assert_eq!(result.is_ok(), fits);
            if let Err(error) = result {
                assert!(
                    matches!(error, BuildError::BeyondCounting { .. }),
                    "{error}"
                );
            }
        }
    }
}

#[test]
fn the_content_id_tells_what_was_promised() {
    let transactions = vec![transaction(1, Vec::new(), 50)];
    let id = |coverage| {
        let view = build(transactions.clone(), &BTreeMap::new(), coverage).unwrap();
        view.content_id()
    };
    assert_ne!(id(vec![blocks(5, 5)]), id(Vec::new()));
    assert_ne!(id(vec![blocks(5, 5)]), id(vec![blocks(4, 5)]));
    assert_eq!(id(vec![blocks(5, 5), blocks(3, 4)]), id(vec![blocks(3, 5)]));
}

#[test]
fn postings_are_counted_and_outside_outputs_name_their_spender() {
    let known = OutsideValue {
        value: 10,
        owner: Some(Address::P2pkh([1; 20])),
    };
    let outside = BTreeMap::from([(outpoint(7), known)]);
    let transactions = vec![
        transaction(1, Vec::new(), 50),
        transaction(2, vec![outpoint(1), outpoint(7)], 60),
        transaction(3, vec![outpoint(2)], 55),
    ];
    let view = build(transactions, &outside, vec![blocks(5, 5)]).unwrap();
    let address = view.find_address(&Address::P2pkh([1; 20])).unwrap();
    // Three outputs received, two of them spent, one more spent from outside.
    assert_eq!(view.posting_count(address), 6);
    assert_eq!(view.outside(OutsideIx(0)).spender, TxIx(1));
}

#[test]
fn promises_join_where_nothing_is_missing_between_them() {
    let joined = Coverage::canonical([blocks(8, 9), blocks(1, 3), blocks(4, 6), blocks(2, 2)]);
    assert_eq!(joined, [blocks(1, 6), blocks(8, 9)]);
}
