//! The same blocks in any order, over any files, under any key, in any number of ingests: one view.

use proptest::prelude::*;
use whither_chain::{IngestRequest, LoadedChain};
use whither_ledger::view::{ChainView as _, OutputIx, TxIx, UtxoView as _};
use whither_testkit::simulator::{WriteOptions, random_chain};

use crate::support::{Bench, REGTEST, describe, request};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn how_blocks_lie_changes_nothing(
        seed: u64,
        shuffle: u64,
        stale in 0_usize..4,
        duplicates in 0_usize..4,
        key in proptest::option::of(any::<[u8; 8]>()),
        zero_tail in 0_usize..100,
        files in 1_usize..5,
        first_height in 0_usize..4,
    ) {
        let chain = random_chain(seed, 12, 4);
        let plain = Bench::new();
        let tidy = WriteOptions { first_height, ..WriteOptions::default() };
        let folder = plain.folder.path().join("blocks");
        chain.write_blk(&folder, &tidy).unwrap();
        let expected = plain.ingest(&request(&folder));
        let view = describe(&plain.utxo(&REGTEST));

        let options = WriteOptions {
            shuffle: Some(shuffle), stale, duplicates, xor_key: key, zero_tail, files, first_height,
        };
        let bench = Bench::new();
        let folder = bench.folder.path().join("blocks");
        chain.write_blk(&folder, &options).unwrap();
        let report = bench.ingest(&request(&folder));
        prop_assert_eq!(describe(&bench.utxo(&REGTEST)), &view[..]);
        prop_assert_eq!(
            (report.blocks, report.transactions, report.inputs, report.outputs, report.fees),
            (expected.blocks, expected.transactions, expected.inputs, expected.outputs, expected.fees)
        );
        prop_assert!(report.skipped.len() <= stale);
        prop_assert!(report.skipped.iter().all(|skipped| skipped.why.starts_with("stale: ")));

        // File by file, in reverse, each into the store that is there.
        let bench = Bench::new();
        let folder = bench.folder.path().join("blocks");
        let mut written = chain.write_blk(&folder, &options).unwrap();
        written.retain(|path| path.extension().is_some_and(|extension| extension == "dat") && !path.ends_with("xor.dat"));
        written.reverse();
        for file in &written {
            bench.ingest(&request(file));
        }
        prop_assert_eq!(describe(&bench.utxo(&REGTEST)), view);
        let again = bench.ingest(&IngestRequest { paths: written, ..IngestRequest::default() });
        prop_assert!(again.unchanged);
    }
}

/// The store's view is the chain that the simulator made, as its own words have it.
#[test]
fn the_view_is_the_chain_that_was_made() {
    for seed in 0..20 {
        let chain = random_chain(seed, 15, 5);
        let bench = Bench::new();
        let folder = bench.folder.path().join("blocks");
        chain.write_blk(&folder, &WriteOptions::default()).unwrap();
        let report = bench.ingest(&request(&folder));
        let naive = chain.to_naive();
        let view = bench.utxo(&REGTEST);
        let transactions: Vec<_> = naive
            .blocks
            .iter()
            .flat_map(|block| &block.transactions)
            .collect();
        assert_eq!(view.transaction_count(), transactions.len());
        for (row, made) in transactions.iter().enumerate() {
            let tx = TxIx::of(row);
            assert_eq!(view.transaction_id(tx).to_string(), made.txid);
            assert_eq!(view.is_coinbase(tx), made.coinbase);
            assert_eq!(view.inputs(tx).len(), made.inputs.len());
            for (output, made) in view.outputs(tx).map(OutputIx).zip(&made.outputs) {
                assert_eq!(u128::from(view.value(output)), made.value);
                let owner = view.owner(output);
                let owner = owner.map(|owner| view.address(owner).display(&REGTEST));
                // A bare key has no address there, and its hash's here.
                if made.address.is_some() {
                    assert_eq!(owner, made.address);
                }
            }
        }
        assert_eq!(report.unresolved_inputs, 0);
        let store = bench.store();
        assert_eq!(store.chains(), [REGTEST]);
        let loaded = store.load(&REGTEST).unwrap();
        assert!(matches!(&loaded, LoadedChain::Utxo(_)));
        assert_eq!(loaded.view().content_id(), view.content_id());
    }
}
