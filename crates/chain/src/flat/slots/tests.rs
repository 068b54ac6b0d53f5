//! Tests of the table: against a map, by chance, and by its bytes.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Few distinct hashes, all over the range: collisions of place and mark, and whole equality.
fn hash_of(key: u16) -> u64 {
    u64::from(key % 97) << 56 | u64::from(key % 5)
}

proptest! {
    #[test]
    fn it_finds_what_a_map_finds_and_undoes_what_it_did(
        keys in proptest::collection::vec(0_u16..400, 0..700),
        kept in 0_usize..700,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let shape = Shape::of(700, 0);
        let empty = |what| build(folder.path(), what, 0, shape, |_, _| 0).unwrap();
        let (all, few) = (empty("all"), empty("few"));
        let kept = kept.min(keys.len());
        let mut first = BTreeMap::new();
        for (row, key) in (0..).zip(&keys) {
            let hash = hash_of(*key);
            let found = all.find(hash, |row| keys[usize::try_from(row).unwrap()] == *key).unwrap();
            match first.get(key) {
                Some(held) => prop_assert_eq!(found, Place::Held(*held)),
                None => prop_assert!(matches!(found, Place::Empty(_))),
            }
            first.entry(*key).or_insert(row);
            all.insert(hash, row).unwrap();
            if usize::try_from(row).unwrap() < kept {
                few.insert(hash, row).unwrap();
            }
        }
        let limit = u32::try_from(kept).unwrap();
        for key in 0..400 {
            // Rows of other keys may be candidates too, and more of them where there are later rows.
            let its = |row: &u32| keys[usize::try_from(*row).unwrap()] == key;
            let seen: Vec<u32> = few.candidates(hash_of(key), u32::MAX).filter(its).collect();
            let past: Vec<u32> = all.candidates(hash_of(key), limit).filter(its).collect();
            prop_assert_eq!(seen, past, "later rows are passed over");
        }
        prop_assert_eq!(all.held_below(1000), u64::try_from(keys.len()).unwrap());
        let again = build(folder.path(), "again", 700.min(u64::try_from(keys.len()).unwrap()), shape, |row, _| {
            hash_of(keys[usize::try_from(row).unwrap()])
        }).unwrap();
        again.sync().unwrap();
        all.sync().unwrap();
        let read = |what: &str| std::fs::read(folder.path().join(shape.name(what))).unwrap();
        prop_assert_eq!(read("all"), read("again"));
        let half = kept + (keys.len() - kept) / 2;
        for (row, key) in keys.iter().enumerate().skip(half) {
            all.remove(hash_of(*key), u32::try_from(row).unwrap());
        }
        all.clear_from(u64::try_from(kept).unwrap());
        all.sync().unwrap();
        few.sync().unwrap();
        prop_assert_eq!(read("all"), read("few"));
    }
}

#[test]
fn crowding_is_noticed_and_another_seed_taken() {
    let folder = tempfile::tempdir().unwrap();
    let rows = 5000;
    let shape = Shape::of(rows, 0);
    let hash = |row: u64, seed: u32| match seed {
        0 => row % 256,
        _ => row.wrapping_mul(0x9e37_79b9_7f4a_7c15),
    };
    let slots = build(folder.path(), "slots", rows, shape, hash).unwrap();
    assert_eq!(slots.shape(), Shape { seed: 1, ..shape });
    assert_eq!(slots.held_below(rows), rows);
    let found = slots.find(hash(4711, 1), |row| row == 4711).unwrap();
    assert_eq!(found, Place::Held(4711));
    assert!(!folder.path().join(shape.name("slots")).exists());
}

/// The five bytes of a slot are written one after the other, and a writer may die in between.
#[test]
fn a_slot_that_is_half_written_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let hash = |row: u64, _| row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let rows = 700;
    let slots = build(folder.path(), "slots", rows, Shape::of(rows, 0), hash).unwrap();
    assert!(slots.clear_from(rows));
    let empty = |hash| match slots.find(hash, |_| false).unwrap() {
        Place::Empty(at) => at,
        Place::Held(row) => panic!("{row}"),
    };
    // Row 0x02ff was being put in: its high byte is there, and the low one is not.
    slots.map.set_five(empty(1 << 63), [0, 0, 2, 0, 0]);
    assert!(!slots.clear_from(rows), "it looks like row 0x01ff");
    // A row was being taken out: it is gone, and what is left of its hash is not.
    let slots = build(folder.path(), "slots", rows, Shape::of(rows, 0), hash).unwrap();
    slots.map.set_five(empty(1 << 63), [9, 0, 0, 0, 0]);
    assert!(!slots.is_clean());
    assert!(slots.clear_from(rows));
    assert!(slots.is_clean());
}

#[test]
fn a_table_is_never_fuller_than_four_fifths() {
    for rows in [0, 1, 819, 820, 1_000_000, 2_000_000_000] {
        let shape = Shape::of(rows, 0);
        assert!(rows * 5 <= shape.slots * 4, "{rows}");
        assert!(
            shape.slots == LEAST || rows * 15 > shape.slots * 7,
            "{rows}"
        );
    }
}
