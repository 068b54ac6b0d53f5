//! However a store came to its blocks, it has the same files: one block after the other, in any order, over forks
//! that come and go. And it says what a view in memory of the same blocks says.

use whither_chain::IngestRequest;
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::random_chain;

use crate::agree::agree;
use crate::made::{COIN, Draft, Tx, framed, genesis, hash};
use crate::support::{Bench, REGTEST, relative_files, request_of, same_files};
use crate::tree::{Tree, mine_hard, script};

/// A store that learns of blocks step by step, and all that it was told of.
struct Grown {
    bench: Bench,
    told: Vec<Vec<u8>>,
}

impl Grown {
    fn new() -> Self {
        Self {
            bench: Bench::in_memory(),
            told: Vec::new(),
        }
    }

    fn request(bench: &Bench, blocks: &[Vec<u8>]) -> IngestRequest {
        request_of(&REGTEST, bench.file("blocks", &framed(blocks)))
    }

    /// Takes blocks in; the store is then the one that takes all blocks in at once.
    fn take(&mut self, blocks: &[Vec<u8>]) {
        self.take_unseen(blocks);
        self.compare();
    }

    fn take_unseen(&mut self, blocks: &[Vec<u8>]) {
        self.bench.ingest(&Self::request(&self.bench, blocks));
        self.told.extend_from_slice(blocks);
    }

    fn compare(&self) {
        self.bench.store().check().unwrap();
        let fresh = Bench::in_memory();
        let request = Self::request(&fresh, &self.told);
        fresh.ingest(&request);
        let memory = whither_chain::read_in_memory(&request).unwrap();
        agree(&memory, &self.bench.utxo(&REGTEST));
        same_files(
            &self.bench.store_path(),
            &fresh.store_path(),
            "grown and fresh",
        );
    }
}

/// Forks of all depths, ties, branches that are beaten and come back, on a chain that grows meanwhile.
#[test]
fn over_forks_that_come_and_go() {
    for seed in 0..6 {
        let mut tree = Tree::new(seed);
        let mut grown = Grown::new();
        let mut tip = 0;
        grown.take(&tree.bytes(&[0]));
        for _ in 0..24 {
            let depth = tree.nodes[tip].depth;
            let branch = tree.branch(tip);
            let back = if tree.rng.chance(1, 3) {
                0
            } else {
                tree.rng.index(20.min(depth) + 1)
            };
            let fork = branch[depth - back];
            // Fewer blocks than the branch that counts has, as many, or more.
            let count = (back + tree.rng.index(5)).saturating_sub(1).max(1);
            let other = tree.extend(fork, count);
            // A branch that was beaten is forgotten, so all of it must be told again.
            grown.take(&tree.blocks(other)[1..]);
            if tree.nodes[other].depth > depth {
                tip = other;
            }
        }
    }
}

/// The number of blocks steps over powers of two, up and down, and posting runs with it.
#[test]
fn over_powers_of_two() {
    for size in [2, 4, 8, 16, 32] {
        let mut tree = Tree::new(size);
        let size = usize::try_from(size).unwrap();
        let mut grown = Grown::new();
        let a = tree.extend(0, size - 2);
        grown.take(&tree.blocks(a));
        let b = tree.grow(a);
        grown.take(&tree.blocks(b)[size - 1..]);
        let c = tree.grow(b);
        grown.take(&tree.blocks(c)[size..]);
        // A fork at the last block before the power, as long as before and one longer; then one from the start.
        let d = tree.extend(a, 2);
        grown.take(&tree.blocks(d)[size - 1..]);
        let e = tree.grow(d);
        grown.take(&tree.blocks(e)[size - 1..]);
        let f = tree.extend(0, size + 2);
        grown.take(&tree.blocks(f)[1..]);
    }
}

/// A block of more work than several take together: the chain gets shorter.
#[test]
fn a_shorter_branch_with_more_work() {
    for count in [5, 9, 17] {
        let mut tree = Tree::new(7);
        let mut grown = Grown::new();
        let tip = tree.extend(0, count);
        grown.take(&tree.blocks(tip));
        for fork in [count / 2, 0] {
            let parent = tree.branch(tip)[fork];
            let coinbase = Tx::coinbase(&[0x02, 9, 9], &[COIN]);
            let draft = Draft::after(hash(&tree.nodes[parent].bytes), vec![coinbase]);
            let hard = tree.add(parent, mine_hard(draft, fork == 0));
            grown.take(&tree.blocks(hard)[fork + 1..]);
            assert_eq!(grown.bench.utxo(&REGTEST).block_count(), fork + 2);
            let next = tree.extend(hard, 2);
            grown.take(&tree.blocks(next)[fork + 2..]);
        }
    }
}

/// Later blocks first, gaps that are filled afterwards, everything once more: the columns are made again.
#[test]
fn in_any_order() {
    for seed in 0..6 {
        let chain = random_chain(seed, 30, 4);
        let mut blocks: Vec<Vec<u8>> = chain.blocks.iter().map(|block| block.encode()).collect();
        let mut rng = SplitMix64::new(seed);
        let mut grown = Grown::new();
        if seed % 2 == 0 {
            rng.shuffle(&mut blocks);
        } else {
            blocks.reverse();
        }
        while !blocks.is_empty() {
            let some = blocks.len().min(1 + rng.index(9));
            let group: Vec<Vec<u8>> = blocks.drain(..some).collect();
            grown.take(&group);
        }
        let all = grown.told.clone();
        grown.take(&all);
        let fresh = Bench::in_memory();
        let in_order: Vec<Vec<u8>> = chain.blocks.iter().map(|block| block.encode()).collect();
        fresh.ingest(&Grown::request(&fresh, &in_order));
        same_files(
            &grown.bench.store_path(),
            &fresh.store_path(),
            "grown and fresh",
        );
    }
}

/// More rows than tables of the first sizes have room for, and fewer again.
#[test]
fn tables_that_grow_and_shrink() {
    let mut tree = Tree::new(11);
    let mut grown = Grown::new();
    (tree.payments, tree.outputs) = (100, 3);
    let mut tip = tree.extend(0, 10);
    grown.take(&tree.blocks(tip));
    for _ in 0..16 {
        tip = tree.grow(tip);
        grown.take_unseen(&[tree.nodes[tip].bytes.clone()]);
    }
    grown.compare();
    let slots = |grown: &Grown| -> Vec<String> {
        let files = relative_files(&grown.bench.store_path());
        let names = files.into_iter().map(|(name, _)| name);
        let tables = names.filter_map(|name| Some(name.split_once("slots-")?.1.to_owned()));
        tables.collect()
    };
    let large = slots(&grown);
    assert!(large.iter().all(|name| *name != "1024-0"), "{large:?}");
    // A longer branch of nearly empty blocks in their place.
    tree.payments = 0;
    let fork = tree.branch(tip)[3];
    let small = tree.extend(fork, 26);
    grown.take(&tree.blocks(small)[4..]);
    assert_eq!(slots(&grown), ["1024-0", "1024-0"]);
    // And the long one again, longer than before.
    tree.payments = 100;
    let again = tree.extend(tip, 5);
    grown.take(&tree.blocks(again)[4..]);
}

/// Columns of several checksums: those behind a cut are made anew, those before it stay.
#[test]
fn checksums_of_what_was_cut() {
    let mut tree = Tree::new(13);
    (tree.payments, tree.outputs) = (200, 2);
    let tip = tree.extend(0, 60);
    let mut grown = Grown::new();
    grown.take(&tree.blocks(tip));
    let files = relative_files(&grown.bench.store_path());
    let ids = files.iter().find(|(name, _)| name.ends_with("tx.id"));
    assert!(ids.unwrap().1.len() > 2 << 16);
    let fork = tree.branch(tip)[20];
    let other = tree.extend(fork, 41);
    grown.take(&tree.blocks(other)[21..]);
}

/// Outputs of transactions that are not there, with values from undo data and without, on both sides of a cut.
#[test]
fn undo_data_on_both_sides_of_a_cut() {
    let mut rng = SplitMix64::new(5);
    let mut blocks = vec![genesis()];
    let mut undo: Vec<Vec<u8>> = vec![Vec::new()];
    let block = |previous: &[u8], tag: u8, rng: &mut SplitMix64| {
        let outside: Vec<_> = (0..3).map(|vout| ([tag; 32], vout)).collect();
        let mut spent = Vec::new();
        for _ in &outside {
            let script = script(rng);
            spent.extend(COIN.to_le_bytes());
            spent.push(u8::try_from(script.len()).unwrap());
            spent.extend(script);
        }
        let pay = Tx::pay(&outside, &[COIN]).with_output(COIN, &script(rng));
        let txs = vec![Tx::coinbase(&[0x02, tag, tag], &[7]), pay];
        let draft = Draft::after(hash(previous), txs);
        // The first block of the fork has more work than all before, and so each one counts when it comes.
        let bytes = if tag == 11 {
            mine_hard(draft, false)
        } else {
            draft.mine()
        };
        (bytes, spent)
    };
    for tag in 1..7 {
        let (next, spent) = block(blocks.last().unwrap(), tag, &mut rng);
        blocks.push(next);
        undo.push(spent);
    }
    // From the third block on.
    let mut fork = vec![blocks[2].clone()];
    let mut fork_undo = vec![Vec::new()];
    for tag in 11..16 {
        let (next, spent) = block(fork.last().unwrap(), tag, &mut rng);
        fork.push(next);
        fork_undo.push(spent);
    }
    let ingest = |bench: &Bench, block: &[u8], undo: &[u8], told: bool| {
        let request = request_of(&REGTEST, bench.file("block", block));
        let undo = (told && !undo.is_empty()).then(|| bench.file("undo", undo));
        bench.ingest(&IngestRequest { undo, ..request });
    };
    let grown = Bench::in_memory();
    for (number, (block, undo)) in blocks.iter().zip(&undo).enumerate() {
        ingest(&grown, block, undo, number % 2 == 0);
    }
    for (number, (block, undo)) in fork.iter().zip(&fork_undo).enumerate().skip(1) {
        ingest(&grown, block, undo, number % 2 == 0);
    }
    let fresh = Bench::in_memory();
    for (number, (block, undo)) in blocks.iter().zip(&undo).enumerate().take(3) {
        ingest(&fresh, block, undo, number % 2 == 0);
    }
    for (number, (block, undo)) in fork.iter().zip(&fork_undo).enumerate().skip(1) {
        ingest(&fresh, block, undo, number % 2 == 0);
    }
    grown.store().check().unwrap();
    same_files(&grown.store_path(), &fresh.store_path(), "grown and fresh");
    // What was not told is told later: the columns are made again.
    for (number, (block, undo)) in fork.iter().zip(&fork_undo).enumerate().skip(1) {
        ingest(&grown, block, undo, number % 2 == 1);
        ingest(&fresh, block, undo, true);
    }
    for (block, undo) in blocks.iter().zip(&undo).take(3).skip(1) {
        ingest(&grown, block, undo, true);
        ingest(&fresh, block, undo, true);
    }
    grown.store().check().unwrap();
    same_files(&grown.store_path(), &fresh.store_path(), "grown and fresh");
}
