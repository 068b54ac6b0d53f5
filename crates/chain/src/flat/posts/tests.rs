//! Runs of postings against a plain map, for random owners, any cut into runs, and budgets that make many
//! passes; and what befalls a damaged file.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::build::{BUDGET, build, build_with};
use super::*;
use crate::flat::runs::{Steps, runs, steps};

/// Owners row by row, and the rows and addresses that there are after each block.
#[derive(Clone, Debug, Default)]
struct Blocks {
    outputs: Vec<Option<u32>>,
    outside: Vec<Option<u32>>,
    addresses: u32,
    ends: Vec<(u64, u64, u32)>,
}

impl Owners for Blocks {
    fn owner_of_output(&self, row: u64) -> Option<u32> {
        self.outputs[index(row)]
    }

    fn owner_of_outside(&self, row: u64) -> Option<u32> {
        self.outside[index(row)]
    }
}

impl Blocks {
    /// A block of rows: nobody's, of a new address, or of one that was seen, as a seed says.
    fn add(&mut self, outputs: &[u16], outside: &[u16]) {
        for (rows, seeds) in [(&mut self.outputs, outputs), (&mut self.outside, outside)] {
            for seed in seeds {
                let owner = match seed % 8 {
                    0 => None,
                    // A few addresses own much.
                    1 | 2 if self.addresses > 3 => Some(u32::from(seed / 8) % 3),
                    3..=5 if self.addresses > 0 => Some(u32::from(seed / 8) % self.addresses),
                    _ => {
                        self.addresses += 1;
                        Some(self.addresses - 1)
                    }
                };
                rows.push(owner);
            }
        }
        let rows = |rows: &Vec<_>| u64::try_from(rows.len()).unwrap();
        let end = (rows(&self.outputs), rows(&self.outside), self.addresses);
        self.ends.push(end);
    }

    fn cut(&mut self, blocks: usize) {
        self.ends.truncate(blocks);
        let (outputs, outside, addresses) = self.end(blocks.try_into().unwrap());
        self.outputs.truncate(index(outputs));
        self.outside.truncate(index(outside));
        self.addresses = addresses;
    }

    fn end(&self, blocks: u64) -> (u64, u64, u32) {
        let last = blocks.checked_sub(1);
        last.map_or((0, 0, 0), |last| self.ends[index(last)])
    }

    fn count(&self) -> u64 {
        self.ends.len().try_into().unwrap()
    }

    fn shape(&self, run: &Range<u64>) -> Shape {
        let (start, end) = (self.end(run.start), self.end(run.end));
        Shape {
            outputs: start.0..end.0,
            outside: start.1..end.1,
            addresses: start.2..end.2,
        }
    }

    /// What each address has within a run.
    fn plain(&self, shape: &Shape) -> BTreeMap<u32, (Vec<u64>, Vec<u64>)> {
        let mut plain: BTreeMap<u32, (Vec<u64>, Vec<u64>)> = BTreeMap::new();
        for row in shape.outputs.clone() {
            if let Some(owner) = self.owner_of_output(row) {
                plain.entry(owner).or_default().0.push(row);
            }
        }
        for row in shape.outside.clone() {
            if let Some(owner) = self.owner_of_outside(row) {
                plain.entry(owner).or_default().1.push(row);
            }
        }
        plain
    }
}

fn blocks_of(seeds: &[(Vec<u16>, Vec<u16>)]) -> Blocks {
    let mut blocks = Blocks::default();
    for (outputs, outside) in seeds {
        blocks.add(outputs, outside);
    }
    blocks
}

fn seeds(
    blocks: impl Into<prop::collection::SizeRange>,
) -> impl Strategy<Value = Vec<(Vec<u16>, Vec<u16>)>> {
    let rows = |most| prop::collection::vec(any::<u16>(), 0..most);
    prop::collection::vec((rows(40), rows(8)), blocks)
}

/// Builds a run and holds every address against the plain map. Gives the file.
fn faithful(source: &Blocks, shape: &Shape, budget: usize, width: Option<u32>) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run");
    let bytes = build_with(&path, source, shape, budget, width).unwrap();
    let file = fs::read(&path).unwrap();
    assert_eq!(bytes, u64::try_from(file.len()).unwrap());
    let names = fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 1, "nothing is left beside the file");
    let posts = Posts::open(&path, shape).unwrap();
    posts.check().unwrap();
    let plain = source.plain(shape);
    for address in (0..shape.addresses.end + 3).chain([u32::MAX]) {
        let (received, outside) = plain.get(&address).cloned().unwrap_or_default();
        assert_eq!(posts.received(address).len(), received.len());
        assert!(posts.received(address).eq(received.iter().copied()));
        assert!(posts.received(address).rev().eq(received.into_iter().rev()));
        assert!(posts.outside(address).eq(outside));
    }
    file
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_run_gives_what_each_address_received(
        seeds in seeds(1..12),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        budget in 0_usize..2000,
    ) {
        let blocks = blocks_of(&seeds);
        let (from, to) = (from.index(seeds.len() + 1), to.index(seeds.len() + 1));
        let run = from.min(to).try_into().unwrap()..from.max(to).try_into().unwrap();
        let shape = blocks.shape(&run);
        let file = faithful(&blocks, &shape, BUDGET, None);
        prop_assert!(file == faithful(&blocks, &shape, budget, None), "bytes depend on the budget");
        faithful(&blocks, &shape, budget, Some(5));
    }

    /// Grows, and cuts off blocks that others then take the place of.
    #[test]
    fn runs_together_give_the_whole_chain(
        changes in prop::collection::vec((any::<prop::sample::Index>(), seeds(0..9)), 1..6),
    ) {
        let folder = TempDir::new().unwrap();
        let path = |run: &Range<u64>| folder.path().join(format!("{}-{}", run.start, run.end));
        let (mut blocks, mut old) = (Blocks::default(), Vec::new());
        for (fork, seeds) in changes {
            let fork = fork.index(blocks.ends.len() + 1);
            blocks.cut(fork);
            for (outputs, outside) in &seeds {
                blocks.add(outputs, outside);
            }
            let Steps { keep, build: new } =
                steps(&old, blocks.count(), fork.try_into().unwrap());
            for run in old.iter().filter(|run| !keep.contains(run)) {
                fs::remove_file(path(run)).unwrap();
            }
            for run in &new {
                build(&path(run), &blocks, &blocks.shape(run), 300).unwrap();
            }
            old = runs(blocks.count());
            let files: Vec<Posts> = old
                .iter()
                .map(|run| Posts::open(&path(run), &blocks.shape(run)).unwrap())
                .collect();
            prop_assert_eq!(fs::read_dir(folder.path()).unwrap().count(), files.len());
            let whole = blocks.plain(&blocks.shape(&(0..blocks.count())));
            for address in 0..blocks.addresses {
                let received = files.iter().flat_map(|file| file.received(address));
                prop_assert!(received.eq(whole[&address].0.iter().copied()));
                let outside = files.iter().flat_map(|file| file.outside(address));
                prop_assert!(outside.eq(whole[&address].1.iter().copied()));
            }
        }
    }
}

/// A block with all kinds of rows, after one that made older addresses.
fn small() -> (Blocks, Shape) {
    let mut blocks = Blocks::default();
    blocks.add(&[6, 6, 6, 6, 6], &[6]);
    blocks.add(&[0, 6, 1, 9, 3, 6, 11], &[6, 1, 0, 9]);
    let shape = blocks.shape(&(1..2));
    (blocks, shape)
}

#[test]
fn runs_without_new_or_older_addresses_or_owners() {
    let mut blocks = Blocks::default();
    blocks.add(&[6, 6, 6], &[6]);
    blocks.add(&[3, 11, 3], &[19]);
    blocks.add(&[0, 0], &[0]);
    blocks.add(&[], &[]);
    for run in [0..1, 1..2, 2..3, 3..4, 4..4] {
        faithful(&blocks, &blocks.shape(&run), 0, None);
    }
}

#[test]
fn a_post_takes_five_bytes_and_an_address_four_or_eight() {
    let (blocks, shape) = small();
    let plain = blocks.plain(&shape);
    let older = plain.range(..shape.addresses.start).count();
    let posts: usize = plain.values().map(|(one, two)| one.len() + two.len()).sum();
    assert!(older > 0 && !shape.addresses.is_empty());
    let bytes = faithful(&blocks, &shape, BUDGET, None).len();
    let addresses = 4 * (shape.addresses.len() + 1) + 8 * older;
    assert_eq!(bytes, 72 + 5 * posts + addresses + 4);
}

/// Owners far apart, as in a block late in a long chain.
#[test]
fn ids_of_all_32_bits_are_sorted() {
    let end = u32::MAX - 1;
    let ids = [
        end - 2,
        0,
        1 << 24,
        5,
        end - 1,
        (1 << 24) - 1,
        1 << 31,
        5,
        end - 2,
    ];
    let blocks = Blocks {
        outputs: ids.map(Some).to_vec(),
        ..Blocks::default()
    };
    let shape = Shape {
        outputs: 0..9,
        outside: 0..0,
        addresses: end - 2..end,
    };
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run");
    for budget in [0, 50, BUDGET] {
        build(&path, &blocks, &shape, budget).unwrap();
        let posts = Posts::open(&path, &shape).unwrap();
        posts.check().unwrap();
        for (owner, (received, _)) in blocks.plain(&shape) {
            assert!(posts.received(owner).eq(received));
        }
        assert_eq!(posts.received(1).len(), 0);
    }
}

#[test]
fn every_cut_is_refused_when_opened() {
    let (blocks, shape) = small();
    let file = faithful(&blocks, &shape, BUDGET, None);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run");
    let longer = [&file[..], &[0]].concat();
    for bytes in (0..file.len()).map(|end| &file[..end]).chain([&longer[..]]) {
        fs::write(&path, bytes).unwrap();
        assert!(Posts::open(&path, &shape).is_err(), "{} bytes", bytes.len());
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(
        Posts::open(&path, &shape),
        Err(StoreError::MissingColumn(_))
    ));
}

#[test]
fn every_flipped_bit_is_found() {
    let (blocks, shape) = small();
    let file = faithful(&blocks, &shape, BUDGET, None);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run");
    for bit in 0..file.len() * 8 {
        let mut damaged = file.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, damaged).unwrap();
        let found = Posts::open(&path, &shape).and_then(|posts| posts.check());
        assert!(found.is_err(), "bit {bit}");
    }
}

/// The order is checked by itself: a wrong file may have a right checksum.
#[test]
fn disorder_under_a_right_checksum_is_found() {
    let (blocks, shape) = small();
    let file = faithful(&blocks, &shape, BUDGET, None);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run");
    let mut harmless = 0;
    for at in HEAD..file.len() - 4 {
        let mut wrong = file[..file.len() - 4].to_vec();
        wrong[at] ^= 0x40;
        wrong.extend(crc32fast::hash(&wrong).to_le_bytes());
        fs::write(&path, wrong).unwrap();
        let posts = Posts::open(&path, &shape).unwrap();
        harmless += usize::from(posts.check().is_ok());
    }
    assert_eq!(harmless, 0);
}

#[test]
fn a_new_address_without_posts_is_found() {
    let mut blocks = Blocks::default();
    blocks.add(&[6, 6], &[]);
    let shape = blocks.shape(&(0..1));
    let mut file = faithful(&blocks, &shape, BUDGET, None);
    file.truncate(file.len() - 4);
    // The second of three starts moves to the end.
    let second = HEAD + 2 * 5 + 4;
    assert_eq!(file[second..], [1, 0, 0, 0, 2, 0, 0, 0]);
    file[second] = 2;
    file.extend(crc32fast::hash(&file).to_le_bytes());
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run");
    fs::write(&path, file).unwrap();
    let checked = Posts::open(&path, &shape).unwrap().check();
    let message = checked.expect_err("starts out of order").to_string();
    assert!(message.contains("starts are not in order"), "{message}");
}

#[test]
fn another_shape_is_refused() {
    let (blocks, shape) = small();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run");
    build(&path, &blocks, &shape, BUDGET).unwrap();
    let Range { start, end } = shape.addresses;
    let other = Shape {
        addresses: start..end + 1,
        ..shape
    };
    let error = Posts::open(&path, &other).expect_err("another run");
    assert!(matches!(error, StoreError::Postings { .. }), "{error}");
}

/// Owners that an id too large, or a missing one, spoils.
#[test]
fn a_build_that_fails_leaves_what_was_there() {
    let (blocks, shape) = small();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run");
    let Range { start, end } = shape.addresses;
    let wrong = |addresses| Shape {
        addresses,
        ..shape.clone()
    };
    fs::write(&path, "as it was").unwrap();
    for shape in [wrong(start..end - 1), wrong(start..end + 1)] {
        let error = build(&path, &blocks, &shape, BUDGET).expect_err("wrong ids");
        assert!(matches!(error, StoreError::Postings { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"as it was");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

/// How often owners were asked for.
struct Counted<'a>(&'a Blocks, Cell<usize>);

impl Owners for Counted<'_> {
    fn owner_of_output(&self, row: u64) -> Option<u32> {
        self.1.set(self.1.get() + 1);
        self.0.owner_of_output(row)
    }

    fn owner_of_outside(&self, row: u64) -> Option<u32> {
        self.0.owner_of_outside(row)
    }
}

#[test]
fn a_small_budget_makes_many_scans_and_a_large_one_two() {
    let mut blocks = Blocks::default();
    blocks.add(&(0..2000).collect::<Vec<u16>>(), &[]);
    let shape = blocks.shape(&(0..1));
    let folder = TempDir::new().unwrap();
    let scans = |budget| {
        let counted = Counted(&blocks, Cell::new(0));
        build(&folder.path().join("run"), &counted, &shape, budget).unwrap();
        counted.1.get() / 2000
    };
    assert_eq!(scans(BUDGET), 2);
    assert!(scans(900) > 15, "{}", scans(900));
}
