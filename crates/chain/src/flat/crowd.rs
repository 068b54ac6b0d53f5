//! Tests: addresses chosen so that they crowd the table. The store takes another seed and says the same; and it has
//! the same files however it came to its blocks.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use whither_ledger::address::Address;

use super::address::whole;
use super::hash;
use crate::made::{Draft, Tx, extend, framed, genesis};
use crate::{IngestRequest, Silent, Store, ingest};

/// Scripts whose hashes under the first seed all lie in the first sixteenth of any table.
fn crowding(count: usize) -> Vec<Vec<u8>> {
    let addresses = (0_u32..).map(|number| {
        let mut bytes = [0; 20];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        Address::P2sh(bytes)
    });
    let crowds = |address: &Address| hash::of_address(&whole(address).unwrap(), 0) >> 60 == 0;
    let chosen = addresses.filter(crowds).take(count);
    chosen.map(|address| address.script().unwrap()).collect()
}

/// One block for each some scripts.
fn blocks(scripts: &[Vec<u8>], each: usize) -> Vec<Vec<u8>> {
    let mut blocks = vec![genesis()];
    for (number, some) in (0_u8..).zip(scripts.chunks(each)) {
        let mut txs: Vec<Tx> = Vec::new();
        for (place, few) in (0_u8..).zip(some.chunks(200)) {
            let tx = match place {
                0 => Tx::coinbase(&[0x02, number, 1], &[]),
                _ => Tx::pay(&[([number; 32], u32::from(place))], &[]),
            };
            txs.push(few.iter().fold(tx, |tx, script| tx.with_output(0, script)));
        }
        let previous = crate::made::hash(blocks.last().unwrap());
        blocks.push(Draft::after(previous, txs).mine());
    }
    blocks
}

fn take(folder: &Path, store: &str, blocks: &[Vec<u8>]) -> Vec<(String, Vec<u8>)> {
    let source = folder.join("blocks");
    fs::write(&source, framed(blocks)).unwrap();
    let request = IngestRequest {
        paths: vec![source],
        ..IngestRequest::default()
    };
    let mut store = Store::create_or_open(&folder.join(store)).unwrap();
    ingest(&mut store, &request, &Silent).unwrap();
    store.check().unwrap();
    let columns = store.columns_folder(&store.chains()[0]);
    let entries = fs::read_dir(columns).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn tables(files: &[(String, Vec<u8>)]) -> Vec<&str> {
    let names = files.iter().map(|(name, _)| name.as_str());
    names.filter(|name| name.contains("slots")).collect()
}

#[test]
fn chosen_addresses_change_the_seed_and_no_file_depends_on_the_way() {
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| TempDir::new())
        .unwrap();
    let folder = folder.path();
    let all = blocks(&crowding(6000), 400);
    let mut grown = Vec::new();
    let mut seeds = Vec::new();
    for (number, block) in all.iter().enumerate() {
        grown = take(folder, "grown", std::slice::from_ref(block));
        let fresh = take(folder, &format!("fresh{number}"), &all[..=number]);
        assert_eq!(tables(&grown), tables(&fresh), "{number}");
        assert!(grown == fresh, "{number}");
        let table = tables(&grown)[0].to_owned();
        seeds.push(table.ends_with("-1"));
    }
    assert!(!seeds[9] && seeds[11], "{:?}", tables(&grown));
    assert!(tables(&grown)[1].ends_with("-0"), "ids do not crowd");
    // Cut back to few, by a longer branch of blocks with an address each; and the crowd comes back in one go.
    let fork = extend(&all[8], 9, 77);
    let cut = take(folder, "grown", &fork);
    let fresh = take(folder, "fresh-cut", &[&all[..9], &fork[..]].concat());
    assert!(cut == fresh, "{:?} {:?}", tables(&cut), tables(&fresh));
    assert!(tables(&cut).iter().all(|table| table.ends_with("-0")));
    let longer = [all.clone(), extend(all.last().unwrap(), 4, 78)].concat();
    let back = take(folder, "grown", &longer[9..]);
    let fresh = take(folder, "fresh-back", &longer);
    assert!(back == fresh, "{:?} {:?}", tables(&back), tables(&fresh));
    assert!(tables(&back)[0].ends_with("-1"));
}

/// As few rows as did not crowd before: the first seed again, in a table of the same size.
#[test]
fn a_cut_takes_the_seed_back() {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| TempDir::new());
    let folder = folder.unwrap();
    let folder = folder.path();
    let all = blocks(&crowding(4140), 400);
    let crowded = take(folder, "grown", &all);
    assert_eq!(tables(&crowded)[0], "address.slots-5184-1");
    let fork = extend(&all[all.len() - 2], 2, 77);
    let cut = take(folder, "grown", &fork);
    assert_eq!(tables(&cut)[0], "address.slots-5184-0");
    let fresh = take(
        folder,
        "fresh",
        &[&all[..all.len() - 1], &fork[..]].concat(),
    );
    assert!(cut == fresh);
}
