//! Tests: each step of a writer's work fails once, and the process dies after each once. The store is then what it was
//! or what it was to be, and the next ingest makes the same files as if nothing had happened.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use whither_ledger::chain::{BitcoinNetwork, Chain};

use crate::flat::fail::{self, Plan};
use crate::made::framed;
use crate::text::show_hash;
use crate::tree::Tree;
use crate::{ChainError, IngestReport, IngestRequest, Silent, Store, ingest};

const REGTEST: Chain = Chain::Bitcoin(BitcoinNetwork::Regtest);

/// A store as it is, and what is taken in next.
struct Case {
    name: &'static str,
    folder: TempDir,
    last: IngestRequest,
    /// The store's files before and after, and its blocks.
    before: Known,
    after: Known,
}

/// What a store is.
#[derive(PartialEq, Eq)]
struct Known {
    files: Vec<(String, Vec<u8>)>,
    blocks: Vec<String>,
}

/// The hashes of the blocks that count.
fn hashes(store: &Store) -> Vec<String> {
    let Some(view) = store.columns(&REGTEST).unwrap() else {
        return Vec::new();
    };
    let rows = 0..view.block_count();
    rows.map(|row| show_hash(&view.block(row).0)).collect()
}

impl Known {
    fn of(root: &Path) -> Self {
        let store = Store::create_or_open(root).unwrap();
        Self {
            files: files(root, root),
            blocks: hashes(&store),
        }
    }
}

impl Case {
    fn new(
        name: &'static str,
        before: &[Vec<Vec<u8>>],
        last: &[Vec<u8>],
        commit_bytes: Option<u64>,
    ) -> Self {
        // What is tested is a process that dies, not power that is lost.
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| TempDir::new())
            .unwrap();
        let request = |number: usize, blocks: &[Vec<u8>]| {
            let path = folder.path().join(format!("blocks{number}"));
            fs::write(&path, framed(blocks)).unwrap();
            IngestRequest {
                paths: vec![path],
                commit_bytes,
                ..IngestRequest::default()
            }
        };
        let root = folder.path().join("before");
        for (number, blocks) in before.iter().enumerate() {
            take(&root, &request(number, blocks)).unwrap();
        }
        let last = request(before.len(), last);
        let known = Known::of(&root);
        let after = folder.path().join("after");
        copy(&root, &after);
        take(&after, &last).unwrap();
        let after = Known::of(&after);
        Self {
            name,
            folder,
            last,
            before: known,
            after,
        }
    }

    /// A store of its own, as it was before.
    fn store(&self) -> PathBuf {
        let root = self.folder.path().join("store");
        let _ = fs::remove_dir_all(&root);
        copy(&self.folder.path().join("before"), &root);
        root
    }

    /// What is there is what was committed before, or a longer part of what was to be.
    fn is_sound(&self, root: &Path, step: u64) {
        let name = self.name;
        let store = Store::create_or_open(root).unwrap();
        let blocks = hashes(&store);
        let before = &self.before.blocks;
        let part = self.after.blocks.starts_with(&blocks)
            && (blocks.len() > before.len() || blocks == self.after.blocks);
        assert!(
            blocks == *before || part,
            "{name}, step {step}: {} blocks",
            blocks.len()
        );
        let checked = store.check();
        checked.unwrap_or_else(|error| panic!("{name}, step {step}: {error}"));
    }

    fn ends_well(&self, root: &Path, step: u64) {
        take(root, &self.last)
            .unwrap_or_else(|error| panic!("{}, step {step}: {error}", self.name));
        same(root, &self.after, &format!("{}, step {step}", self.name));
    }
}

fn same(root: &Path, known: &Known, what: &str) {
    let found = files(root, root);
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&found), names(&known.files), "{what}");
    for ((name, one), (_, other)) in found.iter().zip(&known.files) {
        assert!(one == other, "{what}: {name} differs");
    }
}

fn take(root: &Path, request: &IngestRequest) -> Result<IngestReport, ChainError> {
    ingest(&mut Store::create_or_open(root)?, request, &Silent)
}

fn copy(from: &Path, to: &Path) {
    if !from.exists() {
        return;
    }
    for (name, bytes) in files(from, from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn files(root: &Path, folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(root, &path));
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            // The lock is there from the first write on, and empty.
            if name != "lock" {
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// All that a writer does.
fn cases() -> Vec<Case> {
    let mut tree = Tree::new(3);
    let first = tree.extend(0, 12);
    let longer = tree.extend(first, 9);
    let fork = tree.branch(first)[6];
    let other = tree.extend(fork, 10);
    let tie = tree.extend(fork, 6);
    (tree.payments, tree.outputs) = (60, 9);
    let many = tree.extend(first, 9);
    let all = tree.blocks(first);
    let without: Vec<Vec<u8>> = [&all[..1], &all[4..]].concat();
    let started = [all.clone()];
    vec![
        Case::new("a bulk import", &[], &tree.blocks(longer), Some(1500)),
        Case::new("an append", &started, &tree.blocks(longer), None),
        Case::new("a fork", &started, &tree.blocks(other)[7..], None),
        Case::new(
            "a fork with commits on the way",
            &started,
            &tree.blocks(other)[7..],
            Some(500),
        ),
        Case::new("a tie", &started, &tree.blocks(tie)[7..], None),
        Case::new(
            "a fork from large tables to small ones",
            &[tree.blocks(many)],
            &[tree.blocks(other)[7..].to_vec(), {
                let longest = tree.extend(other, 6);
                tree.blocks(longest)[17..].to_vec()
            }]
            .concat(),
            None,
        ),
        Case::new(
            "a fork from small tables to large ones",
            &[tree.blocks(other)],
            &tree.blocks(many)[7..],
            None,
        ),
        Case::new("columns made again", &[without], &all[1..4], None),
    ]
}

#[test]
fn a_step_that_fails_changes_nothing() {
    for case in cases() {
        let mut failed = 0;
        for step in 1.. {
            let root = case.store();
            let (result, ended) = fail::run(step, Plan::Fail, || take(&root, &case.last));
            case.is_sound(&root, step);
            let blocks = Known::of(&root).blocks;
            match result {
                Err(error) => {
                    failed += 1;
                    let hint = match &error {
                        ChainError::Store(error) => error.hint().unwrap_or_default(),
                        other => panic!("{other}"),
                    };
                    assert!(hint.contains("make room"), "{error}");
                    if blocks == case.before.blocks && case.last.commit_bytes.is_none() {
                        same(&root, &case.before, &format!("{}, step {step}", case.name));
                    }
                }
                Ok(_) => assert_eq!(blocks, case.after.blocks, "{}, step {step}", case.name),
            }
            case.ends_well(&root, step);
            if !ended {
                break;
            }
        }
        assert!(failed > 25, "{}: {failed} steps", case.name);
    }
}

/// A writer commits and tidies up while a reader knows what to open and has not opened it.
#[test]
fn a_view_is_opened_beside_a_writer() {
    for case in cases() {
        // Blocks are cut off when nobody reads.
        if case.before.blocks.is_empty() || case.name.starts_with("a fork") || case.name == "a tie"
        {
            continue;
        }
        let root = case.store();
        let store = Store::open(&root).unwrap();
        let (at, last) = (root.clone(), case.last.clone());
        fail::meanwhile(move || drop(take(&at, &last).unwrap()));
        let view = store.columns(&REGTEST).unwrap().unwrap();
        let rows = 0..view.block_count();
        let blocks: Vec<String> = rows
            .map(|row| crate::text::show_hash(&view.block(row).0))
            .collect();
        assert!(blocks == case.after.blocks, "{}", case.name);
        same(&root, &case.after, case.name);
    }
}

const CHILD: &str = "WHITHER_TEST_STEP";

/// Not a test by itself: what the next one starts, and what dies.
#[test]
fn child_that_dies() {
    let Ok(told) = std::env::var(CHILD) else {
        return;
    };
    let [root, source, commit_bytes, step]: [&str; 4] =
        told.split('|').collect::<Vec<_>>().try_into().unwrap();
    let request = IngestRequest {
        paths: vec![source.into()],
        commit_bytes: commit_bytes.parse().ok(),
        ..IngestRequest::default()
    };
    let root = Path::new(root);
    let (result, _) = fail::run(step.parse().unwrap(), Plan::Die, || take(root, &request));
    result.unwrap();
}

/// Whether the process died before it was done.
fn dies(case: &Case, root: &Path, step: u64) -> bool {
    let request = &case.last;
    let commit_bytes = request.commit_bytes.map(|bytes| bytes.to_string());
    let told = format!(
        "{}|{}|{}|{step}",
        root.display(),
        request.paths[0].display(),
        commit_bytes.unwrap_or_default()
    );
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["ingest::blocks::steps::child_that_dies", "--exact"])
        .env(CHILD, told)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    !status.unwrap().success()
}

#[test]
fn a_step_after_which_the_process_dies_loses_nothing() {
    for case in cases() {
        let mut step = 1;
        loop {
            let root = case.store();
            let died = dies(&case, &root, step);
            // Every third time it dies again while it puts right what the first one left.
            if died && step % 3 == 0 {
                dies(&case, &root, 1 + step % 7);
            }
            case.is_sound(&root, step);
            case.ends_well(&root, step);
            if !died {
                break;
            }
            step += 1;
        }
        assert!(step > 25, "{}: {step} steps", case.name);
    }
}
