//! Disks that are full, limits on files, directories that cannot be written to, and disks that say so late: an ingest
//! fails with the file's name and what to do, the store is what it was, and with room it goes on.
//!
//! Each single step fails once in `src/ingest/blocks/steps.rs`; here the system refuses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use whither_chain::{Silent, Store, ingest};

use crate::made::framed;
use crate::support::{Bench, REGTEST, copy_folder, describe, files, request, same_files};
use crate::tree::Tree;

const CHILD: &str = "WHITHER_TEST_FULL_DISK";

/// Not a test by itself: takes a source in, and tells what came of it.
#[test]
fn child_that_fails() {
    let Ok(told) = std::env::var(CHILD) else {
        return;
    };
    let (root, source) = told.split_once('|').unwrap();
    match ingest(
        &mut Store::create_or_open(Path::new(root)).unwrap(),
        &request(source),
        &Silent,
    ) {
        Ok(_) => println!("TAKEN"),
        Err(whither_chain::ChainError::Store(error)) => {
            println!("FAILED {error}\nHINT {}", error.hint().unwrap_or_default());
        }
        Err(error) => println!("FAILED {error}"),
    }
}

/// Says what came of an ingest in a process that a shell starts after some commands; `None` where those failed.
fn child(shell: &[&str], before: &str, root: &Path, source: &Path) -> Option<String> {
    let binary = std::env::current_exe().unwrap();
    let run = format!(
        "{before} || exit 77; exec '{}' full_disk::child_that_fails --exact --nocapture",
        binary.display()
    );
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .args(["sh", "-c", &run])
        .env(CHILD, format!("{}|{}", root.display(), source.display()))
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8(output.stdout).unwrap();
    if output.status.code() == Some(77) || output.status.code().is_none() && said.is_empty() {
        eprintln!("{before}: {}", output.status);
    }
    assert!(
        output.status.success() || [Some(77), Some(1)].contains(&output.status.code()),
        "{before}: {} {said}",
        output.status
    );
    output.status.success().then_some(said)
}

/// A store, what is to be taken in, and what comes of it.
struct Case {
    bench: Bench,
    sources: Vec<PathBuf>,
}

impl Case {
    /// An append, and a fork.
    fn new() -> Self {
        let mut tree = Tree::new(31);
        (tree.payments, tree.outputs) = (40, 9);
        let tip = tree.extend(0, 12);
        let append = tree.extend(tip, 4);
        let fork = tree.branch(tip)[5];
        let fork = tree.extend(fork, 9);
        let bench = Bench::in_memory();
        bench.ingest(&request(bench.file("first", &framed(&tree.blocks(tip)))));
        let root = bench.folder.path();
        copy_folder(&bench.store_path(), &root.join("before"));
        let sources = [
            bench.file("append", &framed(&tree.blocks(append)[13..])),
            bench.file("fork", &framed(&tree.blocks(fork)[6..])),
        ];
        for (number, source) in sources.iter().enumerate() {
            bench.ingest(&request(source));
            copy_folder(&bench.store_path(), &root.join(format!("after{number}")));
            copy_folder(&root.join("before"), &bench.store_path());
        }
        Self {
            bench,
            sources: sources.to_vec(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.bench.folder.path().join(name)
    }

    /// What came of an ingest is told with the file and a hint, and the store is as it was; with room it goes on.
    ///
    /// With room to put back what was cut off, all files are as they were at once; without, when it is opened next.
    fn judge(&self, number: usize, said: &str, what: &str, room: bool) -> bool {
        let root = self.bench.store_path();
        let taken = said.contains("TAKEN");
        if !taken {
            let place = self.bench.folder.path().display().to_string();
            let line = said.lines().find(|line| line.contains("FAILED "));
            let line = line.unwrap_or_else(|| panic!("{what}: {said}"));
            assert!(line.contains(&place), "{what}: {line}");
            let hint = said.lines().find_map(|line| line.split_once("HINT "));
            assert!(
                hint.is_some_and(|(_, hint)| !hint.is_empty()),
                "{what}: {said}"
            );
            self.bench.store().check().unwrap();
            assert_eq!(self.bench.utxo(&REGTEST).block_count(), 13, "{what}");
            if room {
                same_files(&root, &self.path("before"), what);
            }
        }
        self.bench.ingest(&request(&self.sources[number]));
        same_files(&root, &self.path(&format!("after{number}")), what);
        self.bench.store().check().unwrap();
        copy_folder(&self.path("before"), &root);
        taken
    }
}

/// No file may be larger than a limit: each write beyond it fails.
#[test]
fn a_limit_on_files_is_no_harm() {
    let case = Case::new();
    let root = case.bench.store_path();
    let mut failed = 0;
    for (number, source) in case.sources.iter().enumerate() {
        // In blocks of 512 or 1024 bytes, as the shell has it.
        let fine = (0..60).chain((60..400).step_by(17));
        for limit in fine.chain([1000, 4000, 8191, 8192, 20_000]) {
            let before = format!("trap '' XFSZ && ulimit -f {limit}");
            let Some(said) = child(&["env"], &before, &root, source) else {
                eprintln!("skipped: no shell that sets limits");
                return;
            };
            let taken = case.judge(number, &said, &before, false);
            failed += u64::from(!taken);
            assert!(taken || limit < 20_000);
        }
    }
    assert!(failed > 100, "{failed}");
}

/// A disk of its own for the store, of less and less room.
#[test]
fn a_full_disk_is_no_harm() {
    let case = Case::new();
    let mount = case.path("disk");
    fs::create_dir_all(&mount).unwrap();
    let outside = case.bench.store_path();
    let inside = mount.join("store");
    let used = files(&outside);
    let used: usize = used
        .iter()
        .map(|(_, bytes)| bytes.len().next_multiple_of(4096))
        .sum();
    let used = used / 1024 + 200;
    let mut tried = [0, 0];
    for (number, source) in case.sources.iter().enumerate() {
        for room in (0..48)
            .map(|step| step * 4)
            .chain((4000..4600).step_by(20))
            .chain([16_000])
        {
            let size = used + room;
            // The store is copied to the disk, and what became of it back again.
            let (mount, inside, outside) = (mount.display(), inside.display(), outside.display());
            let before = format!(
                "mount -t tmpfs -o size={size}k none '{mount}' && cp -r '{outside}' '{inside}' && \
                 {{ trap \"rm -rf '{outside}'; cp -r '{inside}' '{outside}'\" EXIT; true; }}"
            );
            let Some(said) = child_inside(&before, Path::new(&inside.to_string()), source) else {
                eprintln!("skipped: no disk can be mounted here");
                return;
            };
            let taken = case.judge(number, &said, &format!("{size} KiB"), true);
            tried[usize::from(taken)] += 1;
        }
    }
    eprintln!("{} times full, {} times not", tried[0], tried[1]);
    assert!(tried[0] > 40 && tried[1] > 0, "{tried:?}");
}

/// As [`child`], in a mount namespace of its own; the shell stays, so that it can end what it began.
fn child_inside(before: &str, root: &Path, source: &Path) -> Option<String> {
    let binary = std::env::current_exe().unwrap();
    let run = format!(
        "{before} || exit 77; '{}' full_disk::child_that_fails --exact --nocapture",
        binary.display()
    );
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", &run])
        .env(CHILD, format!("{}|{}", root.display(), source.display()))
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8(output.stdout).unwrap();
    match output.status.code() {
        Some(0) => Some(said),
        Some(1 | 77) if !said.contains("running") => None,
        code => panic!("{code:?} {said}"),
    }
}

/// Nothing can be written, and all can be read.
#[test]
fn a_disk_that_cannot_be_written_to_can_be_read() {
    let case = Case::new();
    let root = case.bench.store_path();
    let place = case.bench.folder.path().display().to_string();
    let before = format!(
        "mount -t tmpfs none /mnt && cp -r '{place}' /mnt/all && mount -o remount,ro /mnt && \
         mount --bind /mnt/all '{place}'"
    );
    let Some(said) = child_inside(&before, &root, &case.sources[1]) else {
        eprintln!("skipped: no disk can be mounted here");
        return;
    };
    assert!(said.contains("Read-only file system"), "{said}");
    assert!(said.contains("HINT allow writing there"), "{said}");
    let binary = std::env::current_exe().unwrap();
    let run = format!(
        "{before} && exec '{}' full_disk::child_that_only_reads --exact --nocapture",
        binary.display()
    );
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", &run])
        .env(CHILD, format!("{}|", root.display()))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (_, said) = said.split_once("SAYS ").unwrap_or_else(|| panic!("{said}"));
    let expected = format!("{:?}", describe(&case.bench.utxo(&REGTEST)));
    assert!(said.starts_with(&expected));
}

/// Not a test by itself: reads a store.
#[test]
fn child_that_only_reads() {
    let Ok(told) = std::env::var(CHILD) else {
        return;
    };
    let root = told.split_once('|').unwrap().0;
    let store = Store::open(Path::new(root)).unwrap();
    store.check().unwrap();
    let view = store.columns(&REGTEST).unwrap().unwrap();
    println!("SAYS {:?}", describe(&view));
}

/// Bringing a file to disk fails once, after any number of times that it went well.
#[test]
fn a_disk_that_fails_late_is_no_harm() {
    let case = Case::new();
    let source = case.bench.file("fails.c", FAILS.as_bytes());
    let library = case.path("fails.so");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .args(["-ldl"])
        .status();
    if !built.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no C compiler");
        return;
    }
    let root = case.bench.store_path();
    let mut failed = 0;
    for (number, source) in case.sources.iter().enumerate() {
        for nth in (1..).step_by(2) {
            let before = format!("export LD_PRELOAD='{}' FAIL_SYNC={nth}", library.display());
            let Some(said) = child(&["env"], &before, &root, source) else {
                eprintln!("skipped: no library can be put before the system's");
                return;
            };
            case.is_sound(number, &said, &before);
            if said.contains("TAKEN") {
                break;
            }
            failed += 1;
        }
    }
    eprintln!("failed {failed} times");
    assert!(failed > 20, "{failed}");
}

impl Case {
    /// The store is as it was or as it was to be, whatever was said: the last step may fail when all is done.
    fn is_sound(&self, number: usize, said: &str, what: &str) {
        assert!(
            said.contains("TAKEN") || said.contains("FAILED"),
            "{what}: {said}"
        );
        self.bench.store().check().unwrap();
        let root = self.bench.store_path();
        let count = self.bench.utxo(&REGTEST).block_count();
        assert!([13, [17, 15][number]].contains(&count), "{what}: {count}");
        self.bench.ingest(&request(&self.sources[number]));
        same_files(&root, &self.path(&format!("after{number}")), what);
        copy_folder(&self.path("before"), &root);
    }
}

/// Lets the n-th call fail that brings something to disk.
const FAILS: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>
static int fails(void) {
    static int left = -1;
    if (left < 0) {
        const char *told = getenv("FAIL_SYNC");
        left = told ? atoi(told) : 0;
    }
    return left > 0 && --left == 0;
}
#define CALL(name, parameters, ...)                                   \
    int name parameters {                                             \
        if (fails()) { errno = EIO; return -1; }                      \
        int (*real) parameters = dlsym(RTLD_NEXT, #name);             \
        return real(__VA_ARGS__);                                     \
    }
CALL(fsync, (int fd), fd)
CALL(fdatasync, (int fd), fd)
CALL(msync, (void *at, size_t length, int flags), at, length, flags)
"#;
