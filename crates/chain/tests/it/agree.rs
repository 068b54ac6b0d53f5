//! Holds one view of a chain of outputs against another: every answer that both can give.

use whither_chain::{ColumnUtxo, IngestRequest, read_in_memory};
use whither_ledger::address::Address;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AddressIx, ChainView as _, OutputIx, Prevout, TxIx, UtxoView};

use crate::support::Bench;

/// Every answer that two views can give, compared.
pub fn agree(a: &impl UtxoView, b: &impl UtxoView) {
    assert_eq!(a.chain(), b.chain());
    assert_eq!(a.content_id(), b.content_id());
    assert_eq!(a.coverage(), b.coverage());
    assert_eq!(a.notes(), b.notes());
    assert_eq!(a.transaction_count(), b.transaction_count());
    assert_eq!(a.address_count(), b.address_count());
    for tx in (0..a.transaction_count()).map(TxIx::of) {
        agree_on_transaction(a, b, tx);
    }
    for address in (0..a.address_count()).map(AddressIx::of) {
        agree_on_address(a, b, address);
    }
    let absent = TransactionId::Bitcoin([0xab; 32]);
    assert_eq!(b.find_transaction(&absent), []);
    let other = TransactionId::Hash([0; 32]);
    assert_eq!(b.find_transaction(&other), []);
    for address in [Address::P2sh([0xab; 20]), Address::Evm([0; 20])] {
        assert_eq!(b.find_address(&address), None);
    }
}

fn agree_on_transaction(a: &impl UtxoView, b: &impl UtxoView, tx: TxIx) {
    let id = a.transaction_id(tx);
    assert_eq!(id, b.transaction_id(tx));
    assert_eq!(a.find_transaction(&id), b.find_transaction(&id));
    assert_eq!(a.position(tx), b.position(tx));
    assert_eq!(a.time(tx), b.time(tx));
    assert_eq!(a.is_coinbase(tx), b.is_coinbase(tx), "{id}");
    assert_eq!(a.complete_since(tx), b.complete_since(tx));
    assert_eq!(a.inputs(tx).len(), b.inputs(tx).len());
    for (one, other) in a.inputs(tx).zip(b.inputs(tx)) {
        assert_eq!(one, other, "{id}");
        if let Prevout::Outside(ix) = one {
            assert_eq!(a.outside(ix), b.outside(ix), "{id}");
        }
    }
    assert_eq!(a.outputs(tx), b.outputs(tx));
    for output in a.outputs(tx).map(OutputIx) {
        assert_eq!(a.value(output), b.value(output), "{id}");
        assert_eq!(a.owner(output), b.owner(output), "{id}");
        assert_eq!((a.creator(output), tx), (tx, b.creator(output)), "{id}");
        assert_eq!(a.spender(output), b.spender(output), "{id}");
    }
}

fn agree_on_address(a: &impl UtxoView, b: &impl UtxoView, ix: AddressIx) {
    let address = a.address(ix);
    assert_eq!(address, b.address(ix));
    assert_eq!(a.find_address(&address), Some(ix));
    assert_eq!(b.find_address(&address), Some(ix));
    assert_eq!(a.posting_count(ix), b.posting_count(ix));
    let all = |view: &dyn Fn() -> Vec<u64>| view();
    let (one, other) = (
        all(&|| a.received(ix).map(|output| output.0).collect()),
        all(&|| b.received(ix).map(|output| output.0).collect()),
    );
    assert_eq!(one, other);
    assert_eq!(a.received(ix).len(), b.received(ix).len());
    let (one, other): (Vec<_>, Vec<_>) = (
        a.spent_from_outside(ix).collect(),
        b.spent_from_outside(ix).collect(),
    );
    assert_eq!(one, other);
}

/// Compares the store's view with one in memory that was made of the sources alone.
pub fn compare(bench: &Bench, request: &IngestRequest) -> ColumnUtxo {
    let chain = read_in_memory(request).unwrap();
    let opened = bench.utxo(chain.chain());
    agree(&chain, &opened);
    bench.store().check().unwrap();
    opened
}
