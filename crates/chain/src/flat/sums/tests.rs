//! Checksums after any growth and cut are those of the file as it is; a fault is found where it lies.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

/// A check of a column that nobody writes to.
fn check(column: &Path, bytes: u64) -> Result<(), StoreError> {
    super::check(column, bytes)?.map_or(Ok(()), Err)
}

/// Bytes that repeat nowhere near.
fn content(bytes: usize, salt: u8) -> Vec<u8> {
    let word = |at: usize| (at.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()[0] ^ salt;
    (0..bytes).map(word).collect()
}

fn sums_of(content: &[u8]) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let column = folder.path().join("fresh");
    fs::write(&column, content).unwrap();
    update(&column, 0, as_u64(content.len())).unwrap();
    fs::read(path(&column)).unwrap()
}

fn as_u64(bytes: usize) -> u64 {
    bytes.try_into().unwrap()
}

#[test]
fn a_sum_is_the_crc_of_a_chunk() {
    assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
    assert_eq!(sums_of(b"123456789"), 0xCBF4_3926_u32.to_le_bytes());
    assert_eq!(sums_of(b""), b"");
    assert_eq!(sums_of(&content(1 << 16, 0)).len(), 4);
    assert_eq!(sums_of(&content((1 << 16) + 1, 0)).len(), 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Sizes are drawn as chunks and a rest about an edge.
    #[test]
    fn steps_give_what_one_step_gives(
        steps in prop::collection::vec((0_usize..5, 0_usize..4, any::<bool>()), 1..8),
    ) {
        let folder = TempDir::new().unwrap();
        let column = folder.path().join("column");
        let mut bytes: Vec<u8> = Vec::new();
        fs::write(&column, b"").unwrap();
        for (step, (chunks, rest, twice)) in steps.into_iter().enumerate() {
            let size = (chunks << 16) + [0, 1, 5000, 65535][rest];
            let old = bytes.len();
            let salt = u8::try_from(step).unwrap();
            bytes.truncate(size);
            bytes.extend(&content(size, salt)[bytes.len()..]);
            fs::write(&column, &bytes).unwrap();
            update(&column, as_u64(old), as_u64(size)).unwrap();
            if twice {
                update(&column, as_u64(old), as_u64(size)).unwrap();
            }
            prop_assert_eq!(fs::read(path(&column)).unwrap(), sums_of(&bytes));
            check(&column, as_u64(size)).unwrap();
        }
    }

    #[test]
    fn a_flipped_bit_is_found_and_named(size in 1_usize..200_000, at: prop::sample::Index, bit in 0..8) {
        let folder = TempDir::new().unwrap();
        let column = folder.path().join("column");
        let mut bytes = content(size, 0);
        fs::write(&column, &bytes).unwrap();
        update(&column, 0, as_u64(size)).unwrap();
        let at = at.index(size);
        bytes[at] ^= 1_u8 << bit;
        fs::write(&column, &bytes).unwrap();
        let Err(StoreError::ChunkDamaged { path, from, to }) = check(&column, as_u64(size)) else {
            panic!("a flipped bit was not found");
        };
        prop_assert_eq!(path, column);
        prop_assert_eq!(from, as_u64(at) / CHUNK * CHUNK);
        prop_assert_eq!(to, as_u64(size).min(from + CHUNK));
    }
}

#[test]
fn an_append_that_was_not_committed_is_forgotten() {
    let folder = TempDir::new().unwrap();
    let column = folder.path().join("column");
    let old = content(100_000, 0);
    fs::write(&column, &old).unwrap();
    update(&column, 0, 100_000).unwrap();
    // The column and its sums grew, and the commit was lost.
    fs::write(&column, [&old[..], &content(200_000, 1)].concat()).unwrap();
    update(&column, 100_000, 300_000).unwrap();
    check(&column, 100_000).expect_err("the last chunk has the sum of a longer one");
    update(&column, 100_000, 100_000).unwrap();
    check(&column, 100_000).unwrap();
    assert_eq!(fs::read(path(&column)).unwrap(), sums_of(&old));
}

#[test]
fn an_append_does_not_read_what_was_summed() {
    let folder = TempDir::new().unwrap();
    let column = folder.path().join("column");
    let mut bytes = content(200_000, 0);
    fs::write(&column, &bytes).unwrap();
    update(&column, 0, 150_000).unwrap();
    bytes[70_000] ^= 1;
    fs::write(&column, &bytes).unwrap();
    update(&column, 150_000, 200_000).unwrap();
    let error = check(&column, 200_000).expect_err("damage before an append is still damage");
    let message = error.to_string();
    assert!(message.contains("65536 up to 131072"), "{message}");
}

#[test]
fn what_is_missing_or_short_is_an_error() {
    let folder = TempDir::new().unwrap();
    let column = folder.path().join("column");
    assert!(matches!(
        update(&column, 0, 0),
        Err(StoreError::MissingColumn(_))
    ));
    fs::write(&column, content(200_000, 0)).unwrap();
    assert!(matches!(
        check(&column, 200_000),
        Err(StoreError::MissingColumn(missing)) if missing == path(&column)
    ));
    update(&column, 0, 200_000).unwrap();
    for result in [update(&column, 200_000, 200_001), check(&column, 200_001)] {
        assert!(matches!(result, Err(StoreError::ColumnSize { .. })));
    }
    // Sums that were lost are not made up by an append.
    fs::write(path(&column), [0; 4]).unwrap();
    assert!(matches!(
        check(&column, 200_000),
        Err(StoreError::ColumnSize {
            found: 4,
            expected: 16,
            ..
        })
    ));
    assert!(matches!(
        update(&column, 150_000, 200_000),
        Err(StoreError::ColumnSize {
            found: 4,
            expected: 8,
            ..
        })
    ));
}
