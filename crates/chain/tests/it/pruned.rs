//! A pruned directory of Bitcoin Core: the blocks before are gone, and the undo files tell what later ones spend.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use whither_chain::{ColumnUtxo, IngestReport};
use whither_ledger::view::{ChainView as _, Prevout, TxIx, UtxoView as _};

use crate::made::{Hash, MAGIC, framed, hash, hide};
use crate::support::{Bench, REGTEST, data, request};

/// The height at which the directory has two blocks.
const FORK: usize = 143;

/// A node's directory, taken apart.
struct Node {
    folder: PathBuf,
    key: [u8; 8],
    /// The blocks of the chain that counts, by height.
    blocks: Vec<Vec<u8>>,
    /// Those beside it.
    stale: Vec<Vec<u8>>,
}

impl Node {
    fn open() -> Option<Self> {
        let folder = data("scenarios/bitcoin-core-regtest")?.join("blocks");
        let key = fs::read(folder.join("xor.dat")).unwrap();
        let key: [u8; 8] = key.try_into().unwrap();
        let mut bytes = fs::read(folder.join("blk00000.dat")).unwrap();
        hide(&mut bytes, key);
        let mut rest = &bytes[..];
        let mut found: HashMap<Hash, Vec<u8>> = HashMap::new();
        while let Some(record) = rest.strip_prefix(&MAGIC) {
            let size: [u8; 4] = record[..4].try_into().unwrap();
            let end = 4 + usize::try_from(u32::from_le_bytes(size)).unwrap();
            found.insert(hash(&record[4..end]), record[4..end].to_vec());
            rest = &record[end..];
        }
        let all = Bench::in_memory();
        all.ingest(&request(&folder));
        let view = all.utxo(&REGTEST);
        let rows = 0..view.block_count();
        let blocks: Vec<Vec<u8>> = rows
            .map(|row| found.remove(&view.block(row).0).unwrap())
            .collect();
        let stale = found.into_values().collect();
        Some(Self {
            folder,
            key,
            blocks,
            stale,
        })
    }

    /// The directory as it would be had the node removed all blocks below a height.
    fn pruned(&self, bench: &Bench, first: usize, stale: bool) -> PathBuf {
        let mut blocks = self.blocks[first..].to_vec();
        if stale {
            blocks.extend_from_slice(&self.stale);
        }
        let mut bytes = framed(&blocks);
        hide(&mut bytes, self.key);
        let file = bench.file("blocks/blk00000.dat", &bytes);
        for name in ["xor.dat", "rev00000.dat"] {
            bench.file(
                &format!("blocks/{name}"),
                &fs::read(self.folder.join(name)).unwrap(),
            );
        }
        file.parent().unwrap().to_owned()
    }

    /// What all blocks tell.
    fn whole(&self, bench: &Bench) -> (IngestReport, ColumnUtxo) {
        let report = bench.ingest(&request(&self.folder));
        (report, bench.utxo(&REGTEST))
    }
}

/// Value and owner of each input of a transaction, as they are known.
fn spent(view: &ColumnUtxo, tx: TxIx) -> Vec<Option<(u64, Option<String>)>> {
    let name = |owner: Option<_>| owner.map(|owner| view.address(owner).display(&REGTEST));
    let tell = |prevout| match prevout {
        Prevout::Inside(output) => Some((view.value(output), name(view.owner(output)))),
        Prevout::Outside(outside) => {
            let outside = view.outside(outside);
            outside.value.map(|value| (value, name(outside.owner)))
        }
    };
    view.inputs(tx).map(tell).collect()
}

/// Everything that is told is what the whole chain tells; gives how many inputs are not.
fn compare(part: &ColumnUtxo, whole: &ColumnUtxo) -> u64 {
    let mut unknown = 0;
    for tx in (0..part.transaction_count()).map(TxIx::of) {
        let found = whole.find_transaction(&part.transaction_id(tx));
        for (told, known) in spent(part, tx).into_iter().zip(spent(whole, found[0])) {
            unknown += u64::from(told.is_none());
            assert!(
                told.is_none() || told == known,
                "{:?}",
                part.transaction_id(tx)
            );
        }
    }
    unknown
}

#[test]
fn undo_files_tell_what_removed_blocks_held() {
    let Some(node) = Node::open() else {
        return;
    };
    let bench = Bench::in_memory();
    let (report, whole) = node.whole(&bench);
    let mut outside = 0;
    for first in [FORK + 1, 160, 200, 250, 290] {
        let bench = Bench::in_memory();
        let pruned = bench.ingest(&request(node.pruned(&bench, first, false)));
        let before = Bench::in_memory();
        let blocks = before.file("before", &framed(&node.blocks[..first]));
        let before = before.ingest(&request(blocks));
        assert_eq!(pruned.unresolved_inputs, 0, "{first}");
        assert_eq!(
            pruned.fees.unwrap(),
            report.fees.unwrap() - before.fees.unwrap()
        );
        let view = bench.utxo(&REGTEST);
        assert_eq!(compare(&view, &whole), 0);
        let all = (0..view.transaction_count()).map(TxIx::of);
        let inputs = all.flat_map(|tx| view.inputs(tx).collect::<Vec<_>>());
        outside += inputs
            .filter(|prevout| matches!(prevout, Prevout::Outside(_)))
            .count();
        bench.store().check().unwrap();
    }
    assert!(outside > 20, "{outside} outputs were told by undo files");
}

/// A record does not say whose it is; where two blocks follow the same one, neither is given it.
#[test]
fn a_stale_siblings_record_is_not_believed() {
    let Some(node) = Node::open() else {
        return;
    };
    let bench = Bench::in_memory();
    let (_, whole) = node.whole(&bench);
    let of_the_fork = |stale: bool| {
        let bench = Bench::in_memory();
        let report = bench.ingest(&request(node.pruned(&bench, FORK, stale)));
        let view = bench.utxo(&REGTEST);
        assert_eq!(compare(&view, &whole), report.unresolved_inputs);
        report.unresolved_inputs
    };
    assert_eq!(node.stale.len(), 1);
    assert_eq!(node.stale[0][4..36], node.blocks[FORK][4..36]);
    assert_eq!(of_the_fork(false), 0);
    assert!(of_the_fork(true) > 0);
}

/// A rival that comes later does not take back what was told before, and does not get it either.
#[test]
fn a_sibling_that_comes_later_changes_nothing() {
    let Some(node) = Node::open() else {
        return;
    };
    let bench = Bench::in_memory();
    bench.ingest(&request(node.pruned(&bench, FORK, false)));
    let before = crate::support::describe(&bench.utxo(&REGTEST));
    bench.ingest(&request(node.pruned(&bench, FORK, true)));
    assert_eq!(crate::support::describe(&bench.utxo(&REGTEST)), before);
}

fn rev(folder: &Path) -> PathBuf {
    folder.join("rev00000.dat")
}

/// A damaged byte gives an error at its place, or costs the record it is in, which is reported; and no wrong value.
#[test]
fn a_damaged_undo_file_is_said_to_be() {
    let Some(node) = Node::open() else {
        return;
    };
    let bench = Bench::in_memory();
    let (_, whole) = node.whole(&bench);
    let used = fs::read(rev(&node.folder)).unwrap();
    // Zeros that the node has reserved follow the last record.
    let end = used.iter().rposition(|byte| *byte != 0).unwrap();
    let (mut errors, mut lost, mut harmless) = (0, 0, 0);
    for at in (0..=end).rev().step_by(97) {
        let bench = Bench::in_memory();
        let folder = node.pruned(&bench, FORK + 1, false);
        let mut bytes = used.clone();
        bytes[at] ^= 0x10;
        fs::write(rev(&folder), bytes).unwrap();
        match bench.try_ingest(&request(&folder)) {
            Err(error) => {
                let said = error.to_string();
                assert!(said.contains("rev00000.dat: byte"), "{said}");
                errors += 1;
            }
            Ok(report) if report.unresolved_inputs > 0 => {
                let said = report.skipped.iter();
                let said = said.filter(|skipped| skipped.place.contains("rev00000.dat"));
                assert!(said.count() > 0, "byte {at}: {:?}", report.skipped);
                assert_eq!(
                    compare(&bench.utxo(&REGTEST), &whole),
                    report.unresolved_inputs
                );
                lost += 1;
            }
            Ok(_) => {
                assert_eq!(compare(&bench.utxo(&REGTEST), &whole), 0);
                harmless += 1;
            }
        }
    }
    eprintln!("{errors} errors, {lost} lost records, {harmless} times no harm");
    assert!(errors + lost > 5, "{errors} {lost} {harmless}");
}

/// A node writes ahead: an undo file may end within a record. What is before it is told.
#[test]
fn an_unfinished_tail_is_reported() {
    let Some(node) = Node::open() else {
        return;
    };
    let bench = Bench::in_memory();
    let (_, whole) = node.whole(&bench);
    let used = fs::read(rev(&node.folder)).unwrap();
    let end = 1 + used.iter().rposition(|byte| *byte != 0).unwrap();
    let mut lost = 0;
    for cut in [1, 40, end / 8, end / 4, end / 2] {
        let bench = Bench::in_memory();
        let folder = node.pruned(&bench, FORK + 1, false);
        fs::write(rev(&folder), &used[..end - cut]).unwrap();
        let report = bench.ingest(&request(&folder));
        let view = bench.utxo(&REGTEST);
        assert_eq!(compare(&view, &whole), report.unresolved_inputs);
        if report.unresolved_inputs > 0 {
            let said = report.skipped.iter();
            let said = said.filter(|skipped| skipped.place.contains("rev00000.dat"));
            assert!(said.count() > 0, "{cut}: {:?}", report.skipped);
            lost += 1;
        }
    }
    assert!(lost > 0);
}
