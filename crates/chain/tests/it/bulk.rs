//! The big chain of the measurements, small: what is measured on is a chain that ingest takes whole.

use whither_chain::Store;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{ChainView as _, OutputIx, UtxoView as _};
use whither_testkit::simulator::bulk::{Bulk, write_bulk};

use crate::support::{Bench, REGTEST, request};

#[test]
fn a_big_chain_is_taken_whole() {
    let bench = Bench::new();
    let folder = bench.folder.path().join("chain");
    let bulk = Bulk {
        outputs: 2_000,
        outputs_per_block: 50,
        services: 4,
        peel_chains: 5,
        thieves: 4,
        ..Bulk::default()
    };
    let truth = write_bulk(&folder, &bulk).unwrap();
    let report = bench.ingest(&request(folder.join("blocks")));
    assert_eq!(report.unresolved_inputs, 0);
    assert_eq!(report.fees, Some(u128::from(truth.fees_sat)));
    let found = (
        report.blocks,
        report.transactions,
        report.inputs,
        report.outputs,
    );
    let told = (
        truth.blocks,
        truth.transactions,
        truth.inputs,
        truth.outputs,
    );
    assert_eq!(found, told);
    let store = Store::open(&bench.store_path()).unwrap();
    let view = store.columns(&REGTEST).unwrap().unwrap();
    assert_eq!(u64::try_from(view.address_count()), Ok(truth.addresses));
    let (txid, vout) = truth.theft_outpoint.split_once(':').unwrap();
    let origin = view.find_transaction(&TransactionId::parse(&REGTEST, txid).unwrap());
    let output = view.outputs(origin[0]).start + vout.parse::<u64>().unwrap();
    let output = OutputIx(output);
    assert_eq!(view.value(output), truth.theft_sat);
    let position = view.position(origin[0]);
    assert_eq!(position.height, Some(truth.theft_height));
}
