//! A writer that is killed at any moment: nothing that was committed is lost, nothing else is believed, and the next
//! one ends in the same files as if nothing had happened.
//!
//! Each single step is tried in `src/ingest/blocks/steps.rs`; here the moments are random.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use whither_chain::{IngestRequest, Silent, Store, ingest, read_in_memory};
use whither_ledger::content::ContentId;
use whither_ledger::view::ChainView as _;
use whither_testkit::rng::SplitMix64;

use crate::agree::agree;
use crate::made::{framed, hash, show};
use crate::support::{Bench, REGTEST, copy_folder, request, same_files};
use crate::tree::Tree;

const CHILD: &str = "WHITHER_TEST_CRASH";
const KILLS: u64 = 60;

/// Not a test by itself: what the others start and kill. Takes sources in, one after the other.
#[test]
fn child_that_is_killed() {
    let Ok(told) = std::env::var(CHILD) else {
        return;
    };
    let mut told = told.split('|');
    let root = PathBuf::from(told.next().unwrap());
    let commit_bytes = told.next().unwrap().parse().ok();
    for source in told {
        let request = IngestRequest {
            commit_bytes,
            ..request(source)
        };
        let mut store = Store::create_or_open(&root).unwrap();
        ingest(&mut store, &request, &Silent).unwrap();
    }
}

/// A store as it is, and what comes next.
struct Case {
    bench: Bench,
    commit_bytes: Option<u64>,
    sources: Vec<PathBuf>,
    /// The blocks before and after, in chain order.
    before: Vec<Vec<u8>>,
    after: Vec<Vec<u8>>,
    /// What views in memory of some blocks are, by the last of them and how many they are.
    contents: BTreeMap<(String, usize), ContentId>,
    /// How long it takes.
    takes: Duration,
}

impl Case {
    fn new(
        before: &[Vec<u8>],
        after: &[Vec<u8>],
        sources: &[Vec<Vec<u8>>],
        commit_bytes: Option<u64>,
    ) -> Self {
        let bench = Bench::in_memory();
        let file = |name: &str, blocks: &[Vec<u8>]| bench.file(name, &framed(blocks));
        if !before.is_empty() {
            bench.ingest(&request(file("before-blocks", before)));
        }
        let root = bench.folder.path();
        copy_folder(&bench.store_path(), &root.join("before"));
        let sources: Vec<PathBuf> = (0..)
            .zip(sources)
            .map(|(number, blocks)| file(&format!("blocks{number}"), blocks))
            .collect();
        let mut case = Self {
            bench,
            commit_bytes,
            sources,
            before: before.to_vec(),
            after: after.to_vec(),
            contents: BTreeMap::new(),
            takes: Duration::ZERO,
        };
        let begun = Instant::now();
        assert!(case.start().wait().unwrap().success());
        case.takes = begun.elapsed();
        copy_folder(&case.bench.store_path(), &case.path("after"));
        let all = request(case.bench.file("all", &framed(after)));
        agree(&read_in_memory(&all).unwrap(), &case.bench.utxo(&REGTEST));
        case.restart();
        case
    }

    fn path(&self, name: &str) -> PathBuf {
        self.bench.folder.path().join(name)
    }

    /// As it was before.
    fn restart(&self) {
        copy_folder(&self.path("before"), &self.bench.store_path());
    }

    fn start(&self) -> Child {
        let mut told = vec![self.bench.store_path().display().to_string()];
        told.push(
            self.commit_bytes
                .map_or(String::new(), |bytes| bytes.to_string()),
        );
        told.extend(
            self.sources
                .iter()
                .map(|source| source.display().to_string()),
        );
        Command::new(std::env::current_exe().unwrap())
            .args(["crash::child_that_is_killed", "--exact"])
            .env(CHILD, told.join("|"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Starts a writer and kills it after some of the time that it takes, in percent.
    fn kill(&self, percent: u32) {
        let mut child = self.start();
        std::thread::sleep(self.takes * percent / 100);
        let _ = child.kill();
        child.wait().unwrap();
    }

    /// How many blocks there are: those before, or more of those that shall be. And they are what they should be.
    fn sound(&mut self) -> usize {
        let store = Store::create_or_open(&self.bench.store_path()).unwrap();
        let Some(view) = store.columns(&REGTEST).unwrap() else {
            assert!(self.before.is_empty());
            return 0;
        };
        let count = view.block_count();
        let found: Vec<String> = (0..count).map(|row| show(&view.block(row).0)).collect();
        let names = |blocks: &[Vec<u8>]| -> Vec<String> {
            blocks.iter().map(|block| show(&hash(block))).collect()
        };
        let (before, after) = (names(&self.before), names(&self.after));
        assert!(
            found == before || found == after || count > before.len() && after.starts_with(&found),
            "{count} blocks"
        );
        let blocks = if found == before {
            &self.before
        } else {
            &self.after[..count]
        };
        let path = self.bench.file("part", &framed(blocks));
        let content = self.contents.entry((found[count - 1].clone(), count));
        let content =
            content.or_insert_with(|| read_in_memory(&request(path)).unwrap().content_id());
        assert_eq!(view.content_id(), *content);
        drop(view);
        store.check().unwrap();
        count
    }

    /// Goes on to the end.
    fn end(&self) {
        assert!(self.start().wait().unwrap().success());
        same_files(
            &self.bench.store_path(),
            &self.path("after"),
            "killed and never killed",
        );
    }

    /// Kills it again and again, each time from the start.
    fn kill_and_end(&mut self) {
        let mut rng = SplitMix64::new(1);
        let (mut old, mut new) = (0, 0);
        for number in 0..KILLS {
            self.kill(moment(number, &mut rng));
            let is_old = self.sound() == self.before.len();
            *(if is_old { &mut old } else { &mut new }) += 1;
            self.end();
            self.restart();
        }
        eprintln!("killed {old} times before it was committed, {new} times afterwards");
        assert!(old > 0);
    }

    /// Kills it again and again, and each time the next one goes on from there.
    fn kill_and_go_on(&mut self) {
        let mut rng = SplitMix64::new(2);
        let (mut least, mut parts) = (0, 0);
        for number in 0..KILLS {
            self.kill(moment(number, &mut rng));
            let count = self.sound();
            assert!(count >= least, "{count} blocks after {least}");
            parts += u64::from(count > least && count < self.after.len());
            least = count;
            if number % 6 == 5 || count == self.after.len() {
                self.end();
                self.restart();
                least = self.before.len();
            }
        }
        eprintln!("{parts} times a part was committed");
        assert!(parts > 0);
    }
}

/// The moments are spread evenly, in any order.
fn moment(number: u64, rng: &mut SplitMix64) -> u32 {
    let place = number * 37 % KILLS * 100 / KILLS + rng.below(2);
    u32::try_from(place).unwrap()
}

fn tree() -> Tree {
    let mut tree = Tree::new(17);
    tree.payments = 8;
    tree
}

#[test]
fn a_bulk_import_goes_on_from_its_last_commit() {
    let mut tree = tree();
    let tip = tree.extend(0, 240);
    let all = tree.blocks(tip);
    let size: usize = all.iter().map(Vec::len).sum();
    let part = u64::try_from(size / 12).unwrap();
    Case::new(&[], &all, std::slice::from_ref(&all), Some(part)).kill_and_go_on();
}

#[test]
fn appends_are_there_one_by_one() {
    let mut tree = tree();
    let tip = tree.extend(0, 60);
    let all = tree.blocks(tip);
    let singles: Vec<_> = all[40..].iter().map(|block| vec![block.clone()]).collect();
    Case::new(&all[..40], &all, &singles, None).kill_and_go_on();
}

#[test]
fn a_fork_is_taken_whole_or_not_at_all() {
    let mut tree = tree();
    let tip = tree.extend(0, 100);
    let fork = tree.branch(tip)[50];
    let other = tree.extend(fork, 53);
    let (before, after) = (tree.blocks(tip), tree.blocks(other));
    let sources = [after[51..].to_vec()];
    Case::new(&before, &after, &sources, None).kill_and_end();
}

#[test]
fn columns_made_again_take_their_place_whole() {
    let mut tree = tree();
    let tip = tree.extend(0, 100);
    let all = tree.blocks(tip);
    let sources = [all[1..30].to_vec()];
    let without = [&all[..1], &all[30..]].concat();
    // Blocks of which only the first is linked are of unknown height, and stay so until the rest is there.
    Case::new(&without, &all, &sources, None).kill_and_end();
}

/// The lock of a writer that was killed is free.
#[test]
fn a_lock_dies_with_its_process() {
    let mut tree = tree();
    let tip = tree.extend(0, 200);
    let all = tree.blocks(tip);
    let case = Case::new(&[], &all, std::slice::from_ref(&all), None);
    for percent in [50, 70, 90] {
        case.kill(percent);
        case.bench.ingest(&request(&case.sources[0]));
        same_files(
            Path::new(&case.bench.store_path()),
            &case.path("after"),
            "after a killed writer",
        );
        case.restart();
    }
}
