//! The big chain, small: the same bytes from the same seed, the mix, and a cone that is there.

use super::{Bulk, BulkTruth, write_bulk};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

fn small(seed: u64, outputs: u64) -> Bulk {
    Bulk {
        seed,
        outputs,
        outputs_per_block: 200,
        services: 8,
        peel_chains: 20,
        thieves: 12,
        ..Bulk::default()
    }
}

/// Writes a chain to a folder of its own and gives its files, which are then removed.
fn written(name: &str, bulk: &Bulk) -> (BulkTruth, BTreeMap<PathBuf, Vec<u8>>) {
    let folder = format!("testkit-bulk-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(folder);
    let truth = write_bulk(&folder, bulk).expect("a place to write");
    let blocks = fs::read_dir(folder.join("blocks")).expect("it was made");
    let paths = blocks.map(|entry| entry.expect("it can be read").path());
    let files = paths.map(|path| (path.clone(), fs::read(path).expect("it was written")));
    let files = files.collect();
    fs::remove_dir_all(&folder).expect("it is ours");
    (truth, files)
}

#[test]
fn the_same_seed_makes_the_same_bytes() {
    let bulk = small(3, 3_000);
    let (truth, files) = written("same", &bulk);
    assert_eq!((truth.clone(), files.clone()), written("same", &bulk));
    let (other, other_files) = written("same", &small(4, 3_000));
    assert_ne!(truth.theft_outpoint, other.theft_outpoint);
    assert_ne!(files, other_files);
}

#[test]
fn the_mix_is_bitcoins() {
    let (truth, files) = written("mix", &small(5, 60_000));
    let per_mille = |count: u64| count * 1000 / truth.outputs;
    let near = |count: u64, wanted: u64, off: u64| {
        let found = per_mille(count);
        assert!(found.abs_diff(wanted) <= off, "{found} is not {wanted}");
    };
    near(truth.transactions, 370, 20);
    near(truth.inputs, 940, 20);
    near(truth.addresses, 400, 10);
    near(truth.bytes, 210_000, 8_000);
    let bytes: usize = files.values().map(Vec::len).sum();
    assert_eq!(bytes, usize::try_from(truth.bytes).expect("small") + 8);
}

#[test]
fn the_thiefs_money_comes_as_far_as_it_shall() {
    let (truth, _) = written("theft", &small(6, 60_000));
    let wanted = truth.outputs * 75 / 1000;
    let edges = truth.cone_edges();
    assert!(edges * 3 > wanted * 2 && edges * 2 < wanted * 3, "{edges}");
    assert!(truth.theft_released_height > truth.theft_height);
    assert!(
        truth.theft_sat > 10 * edges,
        "no share of it rounds to nothing"
    );
}
