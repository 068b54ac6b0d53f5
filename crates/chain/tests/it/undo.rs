//! Undo data beside a block: what it may say, and what happens where two tell differently.

use whither_chain::sources::bitcoin::UndoFault;
use whither_chain::{ChainError, IngestRequest, SourceFault};
use whither_ledger::view::{ChainView as _, Prevout, TxIx, UtxoView as _};

use crate::made::{COIN, Draft, Tx, framed, genesis, hash};
use crate::support::{Bench, REGTEST, describe, request, request_of};

/// The transaction that made what the block spends.
fn mint() -> Tx {
    Tx::coinbase(&[0x51, 1], &[50 * COIN, 7])
}

/// A block that spends both outputs of [`mint`], and within itself.
fn block() -> Vec<u8> {
    let first = Tx::pay(&[(mint().txid(), 0), (mint().txid(), 1)], &[40 * COIN]);
    let second = Tx::pay(&[(first.txid(), 0)], &[39 * COIN]);
    let below = hash(&below());
    Draft::after(below, vec![Tx::coinbase(&[0x52, 1], &[1]), first, second]).mine()
}

/// The block below it.
fn below() -> Vec<u8> {
    Draft::after(hash(&genesis()), vec![mint()]).mine()
}

fn undo(outputs: &[(u64, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (value, script) in outputs {
        bytes.extend(value.to_le_bytes());
        bytes.push(u8::try_from(script.len()).unwrap());
        bytes.extend(*script);
    }
    bytes
}

fn good() -> Vec<u8> {
    undo(&[(50 * COIN, &[0x51]), (7, &[0x51]), (40 * COIN, &[0x51])])
}

fn with_undo(bench: &Bench, bytes: &[u8]) -> IngestRequest {
    IngestRequest {
        undo: Some(bench.file("undo", bytes)),
        ..request_of(&REGTEST, bench.file("block", &block()))
    }
}

fn fault(bytes: &[u8]) -> (String, UndoFault) {
    let bench = Bench::new();
    let error = bench.refuse(&with_undo(&bench, bytes));
    let text = error.to_string();
    assert!(error.hint().is_some());
    let ChainError::Source(error) = error else {
        panic!("{text}")
    };
    match error.fault {
        SourceFault::Undo(fault) => (text, fault),
        other => panic!("{other}"),
    }
}

#[test]
fn it_tells_values_and_owners_of_what_the_block_spends() {
    let bench = Bench::new();
    let report = bench.ingest(&with_undo(&bench, &good()));
    assert_eq!((report.inputs, report.unresolved_inputs), (3, 0));
    assert_eq!(report.fees, Some(11 * u128::from(COIN) + 7));
    let view = bench.utxo(&REGTEST);
    let inputs: Vec<Prevout> = view.inputs(TxIx(1)).collect();
    let [Prevout::Outside(outside), _] = inputs[..] else {
        panic!("{inputs:?}")
    };
    assert_eq!(view.outside(outside).value, Some(50 * COIN));
    let inputs: Vec<Prevout> = view.inputs(TxIx(2)).collect();
    assert!(matches!(inputs[..], [Prevout::Inside(_)]));
    assert!(bench.ingest(&with_undo(&bench, &good())).unchanged);
}

/// What it told of a block's own output is not kept; that it told otherwise must be said all the same.
#[test]
fn that_it_contradicts_a_block_is_said_however_the_chain_grows() {
    let told = undo(&[(50 * COIN, &[0x51]), (8, &[0x51]), (40 * COIN, &[0x51])]);
    let (once, grown) = (Bench::new(), Bench::new());
    let others = |bench: &Bench, blocks: &[Vec<u8>]| {
        bench.ingest(&request(bench.file("others", &framed(blocks))));
    };
    others(&once, &[genesis(), below()]);
    once.ingest(&with_undo(&once, &told));
    grown.ingest(&with_undo(&grown, &told));
    others(&grown, &[below()]);
    others(&grown, &[genesis()]);
    let (once, grown) = (once.utxo(&REGTEST), grown.utxo(&REGTEST));
    assert_eq!(once.notes().len(), 1);
    assert_eq!(grown.notes(), once.notes());
    assert_eq!(grown.content_id(), once.content_id());
}

#[test]
fn it_is_read_to_its_end_and_no_further() {
    let good = good();
    for cut in 0..good.len() {
        let (text, found) = fault(&good[..cut]);
        assert!(matches!(found, UndoFault::Data(_)), "{cut}: {text}");
    }
    let (text, found) = fault(&[&good[..], &[0]].concat());
    assert_eq!(found, UndoFault::Trailing(1));
    assert!(
        text.contains(&format!("undo: byte {}: ", good.len())),
        "{text}"
    );
}

#[test]
fn it_fits_the_block() {
    let little = undo(&[(39 * COIN, &[0x51]), (7, &[0x51]), (40 * COIN, &[0x51])]);
    assert!(matches!(
        fault(&little).1,
        UndoFault::OutputsExceedInputs {
            spent: 3_900_000_007,
            ..
        }
    ));
    let much = undo(&[
        (21_000_000 * COIN, &[0x51]),
        (7, &[0x51]),
        (40 * COIN, &[0x51]),
    ]);
    assert!(matches!(fault(&much).1, UndoFault::Data(_)));
    for (value, script) in [(41 * COIN, 0x51), (40 * COIN, 0x52)] {
        let other = undo(&[(50 * COIN, &[0x51]), (7, &[0x51]), (value, &[script])]);
        assert!(matches!(
            fault(&other).1,
            UndoFault::Contradicts { vout: 0, .. }
        ));
    }
}

#[test]
fn it_goes_with_one_block() {
    let bench = Bench::new();
    let two = bench.file("two", &framed(&[below(), block()]));
    let error = bench.refuse(&IngestRequest {
        undo: Some(bench.file("undo", &good())),
        ..request(two)
    });
    assert!(
        error
            .to_string()
            .contains("exactly one block, and the sources hold 2"),
        "{error}"
    );
}

/// Once the block below is there, it tells what undo data told; who never had undo data has the same view.
#[test]
fn blocks_are_believed_before_undo_data() {
    let both = framed(&[genesis(), below(), block()]);
    let without = Bench::new();
    without.ingest(&request(without.file("blocks", &both)));
    let expected = describe(&without.utxo(&REGTEST));

    let bench = Bench::new();
    bench.ingest(&with_undo(&bench, &good()));
    bench.ingest(&request(bench.file("blocks", &both)));
    assert_eq!(describe(&bench.utxo(&REGTEST)), expected);

    let lying = undo(&[(51 * COIN, &[0x51]), (7, &[0x51]), (40 * COIN, &[0x51])]);
    let bench = Bench::new();
    bench.ingest(&request(bench.file("blocks", &both)));
    let report = bench.ingest(&with_undo(&bench, &lying));
    assert_eq!(report.notes.len(), 1);
    assert_eq!(report.notes[0].kind, "disagreement");
    assert!(
        report.notes[0].what.contains("the block is used"),
        "{:?}",
        report.notes
    );
    let view = bench.utxo(&REGTEST);
    assert_eq!(view.notes(), report.notes);
    // What must be said with every answer is part of what an answer is computed from.
    assert_ne!(view.content_id(), without.utxo(&REGTEST).content_id());
}

/// Of two sources that differ neither is believed, whichever came first.
#[test]
fn undo_data_that_differs_is_not_used() {
    let other = undo(&[(45 * COIN, &[0x52]), (7, &[0x51]), (40 * COIN, &[0x51])]);
    let mut views = Vec::new();
    for order in [[&good(), &other], [&other, &good()]] {
        let bench = Bench::new();
        bench.ingest(&with_undo(&bench, order[0]));
        let report = bench.ingest(&with_undo(&bench, order[1]));
        assert_eq!((report.unresolved_inputs, report.fees), (1, None));
        let kinds: Vec<&str> = report.notes.iter().map(|note| note.kind).collect();
        assert_eq!(kinds, ["disagreement", "unknown-height"]);
        assert!(
            report.notes[0].what.contains("neither is used"),
            "{:?}",
            report.notes
        );
        let view = bench.utxo(&REGTEST);
        assert_eq!(view.notes(), report.notes);
        views.push(describe(&view));
    }
    assert_eq!(views[0], views[1]);
}

/// What undo data tells of a block that does not count is not asked for.
#[test]
fn undo_data_of_a_stale_block_is_not_used() {
    let rival = |tag: u8, value: u64| {
        let payment = Tx::pay(&[(mint().txid(), 0)], &[value]);
        Draft::after(
            hash(&below()),
            vec![Tx::coinbase(&[0x52, tag], &[1]), payment],
        )
        .mine()
    };
    let (active, stale) = (rival(1, 5), rival(2, 6));
    let next = Draft::after(hash(&active), vec![Tx::coinbase(&[0x53, 1], &[1])]).mine();
    let bench = Bench::new();
    for (name, block, value) in [("stale", &stale, 8), ("active", &active, 9)] {
        bench.ingest(&IngestRequest {
            undo: Some(bench.file("undo", &undo(&[(value, &[0x51])]))),
            ..request_of(&REGTEST, bench.file(name, block))
        });
    }
    let report = bench.ingest(&request_of(&REGTEST, bench.file("next", &next)));
    assert!(
        report
            .notes
            .iter()
            .all(|note| note.kind == "unknown-height"),
        "{report:?}"
    );
    let report = bench.ingest(&request_of(&REGTEST, bench.file("active", &active)));
    assert_eq!(report.fees, Some(4));
    let view = bench.utxo(&REGTEST);
    let inputs: Vec<Prevout> = view.inputs(TxIx(1)).collect();
    let [Prevout::Outside(outside)] = inputs[..] else {
        panic!("{inputs:?}")
    };
    assert_eq!(view.outside(outside).value, Some(9));
}
