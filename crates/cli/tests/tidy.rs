//! Holds the house: crate edges, sizes, forbidden words, pure analysis, links.
//!
//! `STYLE.md` and `ARCHITECTURE.md` say the rules; here is what a machine can check of them. Each
//! check is a function from text to complaints, so that a planted fault shows that it still bites.
//!
//! Not here: what clippy and rustfmt already hold.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[path = "tidy/house.rs"]
mod house;
#[path = "tidy/lexer.rs"]
mod lexer;

use house::{File, house, root};
use lexer::{closing, code_only, functions, identifier, line_of, without_tests, words};

/// Which crate names which, besides `whither-testkit` in dev-dependencies: all the edges there are.
const EDGES: &[(&str, &[&str])] = &[
    ("whither-ledger", &[]),
    ("whither-chain", &["whither-ledger"]),
    ("whither-analysis", &["whither-ledger"]),
    ("whither-screening", &["whither-ledger"]),
    ("whither-casework", &["whither-ledger"]),
    ("whither-report", &[]),
    (
        "whither",
        &[
            "whither-ledger",
            "whither-chain",
            "whither-analysis",
            "whither-casework",
            "whither-pdf",
            "whither-report",
            "whither-screening",
        ],
    ),
    ("whither-cli", &["whither"]),
    ("whither-testkit", &[]),
    ("xtask", &[]),
];

const TESTKIT: &str = "whither-testkit";

const FILE_LINES_MAX: usize = 800;
const FILE_LINES_SOFT_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const ARCHITECTURE_LINES_MAX: usize = 200;

/// Files over the soft limit, each with the reason why it is one idea and not two.
const LONG_FILES: &[(&str, &str)] = &[];

/// Spelled in halves, so that this file does not hold them.
const FORBIDDEN_WORDS: &[&str] = &[
    concat!("db", "g!"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];
const HOME_PATHS: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
];

/// Crates that count money, or weigh what is said of it: integers only.
const FLOATLESS: &[&str] = &["ledger", "analysis", "casework"];

/// The one file that may say that it holds `unsafe`.
const UNSAFE_FILE: &str = "crates/chain/src/flat/map.rs";
const UNSAFE_WORD: &str = "unsafe_code";

/// Crates whose answers are functions of what they are given.
const PURE: &[&str] = &["analysis", "screening"];
/// What would let a file, the network, a clock, a thread or the environment into an answer.
const IMPURE_MODULES: &[&str] = &["fs", "net", "thread", "env", "process"];
const IMPURE_WORDS: &[&str] = &["SystemTime", "Instant::now"];
const UNORDERED: &[&str] = &["HashMap", "HashSet"];
const UNORDERED_EXCUSE: &str = "// order never leaves";

#[test]
fn crate_edges_go_one_way() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(output.status.success(), "cargo metadata failed: {output:?}");
    let metadata = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    none(wrong_edges(&metadata));
    let packages = array(&metadata["packages"]).iter();
    let packages: BTreeSet<&str> = packages.map(|package| text(&package["name"])).collect();
    let listed = EDGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(packages, listed, "the table lists the crates there are");
}

#[test]
fn modules_say_what_they_are() {
    none(headless_modules(house()));
}

#[test]
fn files_are_short() {
    none(long_files(house()));
}

#[test]
fn functions_are_short() {
    none(long_functions(house()));
}

#[test]
fn nothing_is_left_undone() {
    none(forbidden_words(house()));
}

#[test]
fn amounts_are_integers() {
    none(floats(house()));
}

#[test]
fn analysis_is_pure() {
    none(impurities(house()));
}

#[test]
fn one_file_is_unsafe() {
    none(unsafe_files(house()));
    let excused = house().iter().find(|file| file.path == UNSAFE_FILE);
    assert!(excused.is_some_and(|file| code_only(&file.text).contains(UNSAFE_WORD)));
}

#[test]
fn links_resolve() {
    none(broken_links(house(), root()));
}

#[test]
fn architecture_maps_every_crate() {
    let folders = std::fs::read_dir(root().join("crates")).expect("the workspace has crates");
    let folders = folders
        .map(|entry| entry.expect("crates is readable").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let page = house().iter().find(|file| file.path == "ARCHITECTURE.md");
    let page = page.expect("there is an ARCHITECTURE.md");
    none(map_faults(&page.text, &folders));
}

/// Each check bites on a fault made for it: a check that passes over everything would pass too.
#[test]
fn checks_bite() {
    let one = |check: fn(&[File]) -> Vec<String>, path: &str, text: &str| {
        let file = File {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let found = check(&[file]);
        assert_eq!(found.len(), 1, "`{path}` with `{text}` gave {found:?}");
    };
    one(headless_modules, "xtask/src/a.rs", "mod b;");
    one(long_files, "xtask/src/a.rs", &"//! A.\n".repeat(501));
    one(long_files, "xtask/src/a.rs", &"//! A.\n".repeat(801));
    let long = format!("fn long(a: [u8; 2]) {{{}}}", "\n".repeat(70));
    one(long_functions, "xtask/src/a.rs", &long);
    for word in FORBIDDEN_WORDS.iter().chain(HOME_PATHS) {
        one(forbidden_words, "xtask/src/a.rs", word);
    }
    one(floats, "crates/ledger/src/a.rs", "let a: f64 = b;");
    for impure in [
        "use std::{collections::BTreeMap, fs};",
        "std::net::TcpStream::connect(a)",
        "use std::time::SystemTime;",
        "let a = Instant::now();",
        "use std::collections::HashMap;",
    ] {
        one(impurities, "crates/analysis/src/a.rs", impure);
    }
    one(unsafe_files, "xtask/src/a.rs", "#![allow(unsafe_code)]");
    let links = |files: &[File]| broken_links(files, root());
    one(links, "a.md", "see [there](no-such-file.md)");
    one(links, "a.md", "[there]: ../outside.md");

    let dependency = |name: &str, kind: &str| -> Value {
        serde_json::json!({"name": name, "kind": kind, "path": "crates"})
    };
    let metadata = |from: &str, dependencies: Vec<Value>| -> Value {
        serde_json::json!({"packages": [{"name": from, "dependencies": dependencies}]})
    };
    for (from, kind, to) in [
        ("whither-analysis", "normal", "whither-chain"),
        ("whither-cli", "normal", "whither-ledger"),
        ("whither-analysis", "normal", TESTKIT),
        ("whither-ledger", "dev", "whither-analysis"),
        ("whither-unheard-of", "normal", "whither-ledger"),
    ] {
        let listed = EDGES.iter().filter(|(name, _)| *name == from);
        let mut all: Vec<Value> = listed
            .flat_map(|(_, edges)| edges.iter().map(|to| dependency(to, "normal")))
            .collect();
        all.push(dependency(to, kind));
        let found = wrong_edges(&metadata(from, all));
        assert_eq!(found.len(), 1, "{from} -> {to} ({kind}) gave {found:?}");
    }
    let gone = wrong_edges(&metadata("whither-chain", Vec::new()));
    assert_eq!(gone.len(), 1, "an edge of the table that is gone: {gone:?}");
    let folders = BTreeSet::from(["ledger".to_owned()]);
    assert_eq!(map_faults("`crates/chain/`", &folders).len(), 2);
}

/// The checks keep quiet on what only looks like a fault.
#[test]
fn checks_spare_the_innocent() {
    let file = |path: &str, text: &str| File {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let pure = "//! No f64, no std::fs.\n\
        use std::fmt; // order never leaves\n\
        use std::collections::HashMap; // order never leaves\n\
        const A: (&str, &str) = (\"f64 {\", r#\"std::net \"{\"#);\n\
        fn a<'a>(b: &'a str) -> char { '{' }\n\
        #[cfg(test)]\nmod tests { use std::fs; }\n";
    let long_test = format!("//! A.\n#[test]\nfn a() {{{}}}\n", "\n".repeat(99));
    let files = [
        file("crates/analysis/src/a.rs", pure),
        file("crates/ledger/src/a.rs", &long_test),
        file(
            "a.md",
            "`[a](b.md)` [c](https://d) [e](#f)\n```\n[g](h.md)\n```\n[x](README)",
        ),
        file(
            "a.sh",
            &format!("mktemp a.{}; see https://example.org/home/", "X".repeat(6)),
        ),
    ];
    none(headless_modules(&files[..2]));
    none(long_functions(&files));
    none(floats(&files));
    none(impurities(&files));
    none(forbidden_words(&files));
    let links = broken_links(&files, root());
    assert_eq!(
        links.len(),
        1,
        "only README, which is not a file: {links:?}"
    );
}

/// Edges that the table does not list, and listed ones that are not there.
fn wrong_edges(metadata: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for package in array(&metadata["packages"]) {
        let from = text(&package["name"]);
        let Some((_, listed)) = EDGES.iter().find(|(name, _)| *name == from) else {
            complaints.push(format!("crate {from} is not in the table of edges"));
            continue;
        };
        let mut there = BTreeSet::new();
        let ours = array(&package["dependencies"])
            .iter()
            .filter(|dependency| dependency["path"].is_string());
        for dependency in ours {
            let to = text(&dependency["name"]);
            let dev = dependency["kind"] == "dev";
            if !dev {
                there.insert(to);
            }
            if !(listed.contains(&to) || dev && to == TESTKIT) {
                let kind = if dev { "dev-dependency" } else { "dependency" };
                complaints.push(format!("unlisted edge: {from} -> {to} ({kind})"));
            }
        }
        let gone = listed.iter().filter(|to| !there.contains(*to));
        complaints.extend(gone.map(|to| format!("listed, and not there: {from} -> {to}")));
    }
    complaints
}

fn headless_modules(files: &[File]) -> Vec<String> {
    rust(files)
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| format!("{}: does not open with `//!`", file.path))
        .collect()
}

fn unsafe_files(files: &[File]) -> Vec<String> {
    rust(files)
        .filter(|file| file.path != UNSAFE_FILE && code_only(&file.text).contains(UNSAFE_WORD))
        .map(|file| format!("{}: only {UNSAFE_FILE} may be unsafe", file.path))
        .collect()
}

fn long_files(files: &[File]) -> Vec<String> {
    let excused = |file: &File| LONG_FILES.iter().any(|(path, _)| *path == file.path);
    rust(files)
        .map(|file| (file, file.text.lines().count()))
        .filter(|(file, lines)| {
            *lines > FILE_LINES_MAX || *lines > FILE_LINES_SOFT_MAX && !excused(file)
        })
        .map(|(file, lines)| {
            let path = &file.path;
            format!("{path}: {lines} lines, over {FILE_LINES_SOFT_MAX} ({FILE_LINES_MAX} with a reason in LONG_FILES)")
        })
        .collect()
}

fn long_functions(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in rust(files).filter(|file| !file.is_test()) {
        for function in functions(&without_tests(&code_only(&file.text))) {
            if function.lines > FUNCTION_LINES_MAX {
                let lexer::Function { name, line, lines } = function;
                let path = &file.path;
                complaints.push(format!(
                    "{path}:{line}: fn {name} has {lines} lines, over {FUNCTION_LINES_MAX}"
                ));
            }
        }
    }
    complaints
}

fn forbidden_words(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        // Prose may speak of the words; a path of somebody's machine helps nobody anywhere.
        let undone = FORBIDDEN_WORDS.iter().filter(|_| !file.is_prose());
        for word in undone.chain(HOME_PATHS) {
            for at in words(&file.text, word) {
                complaints.push(complaint(file, at, word));
            }
        }
    }
    complaints
}

fn floats(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in FLOATLESS.iter().flat_map(|krate| sources(files, krate)) {
        let code = code_only(&file.text);
        for word in ["f32", "f64"] {
            complaints.extend(words(&code, word).map(|at| complaint(file, at, word)));
        }
    }
    complaints
}

fn impurities(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    let pure = PURE.iter().flat_map(|krate| sources(files, krate));
    for file in pure.filter(|file| !file.is_test()) {
        let code = without_tests(&code_only(&file.text));
        for word in IMPURE_WORDS {
            complaints.extend(words(&code, word).map(|at| complaint(file, at, word)));
        }
        for (at, module) in std_modules(&code) {
            if IMPURE_MODULES.contains(&module) {
                complaints.push(complaint(file, at, &format!("std::{module}")));
            }
        }
        let lines: Vec<&str> = file.text.lines().collect();
        for word in UNORDERED {
            let bare = |at: &usize| !lines[line_of(&code, *at) - 1].contains(UNORDERED_EXCUSE);
            let found = words(&code, word).filter(bare);
            complaints.extend(found.map(|at| complaint(file, at, word)));
        }
    }
    complaints
}

/// The modules of std that code names, also in a group: `std::fs`, `use std::{fmt, fs}`.
fn std_modules(code: &str) -> Vec<(usize, &str)> {
    let mut modules = Vec::new();
    for at in words(code, "std::") {
        let start = at + "std::".len();
        if !code[start..].starts_with('{') {
            modules.push((at, identifier(&code[start..])));
            continue;
        }
        let end = closing(code, start);
        let mut from = start + 1;
        while from < end {
            let member = code[from..end].trim_start();
            modules.push((end - member.len(), identifier(member)));
            // On to the next comma of this group, over nested groups.
            let mut next = from;
            while next < end && !code[next..].starts_with(',') {
                let nested = code[next..].starts_with('{');
                next = if nested {
                    closing(code, next)
                } else {
                    next + 1
                };
            }
            from = next + 1;
        }
    }
    modules
}

fn broken_links(files: &[File], root: &Path) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| file.is_prose()) {
        for (line, target) in links(&file.text) {
            let path = target.split(['#', '?']).next().unwrap_or_default();
            if path.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let folder = root.join(&file.path);
            let folder = folder.parent().unwrap_or(root);
            let there = folder.join(path).canonicalize();
            if !there.is_ok_and(|there| there.starts_with(root)) {
                let from = &file.path;
                complaints.push(format!("{from}:{line}: link to `{target}` leads nowhere"));
            }
        }
    }
    complaints
}

/// The targets of `[text](target)` and `[name]: target` outside of code, with their lines.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    let mut fenced = false;
    for (line, content) in text.lines().enumerate() {
        let trimmed = content.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let definition = trimmed
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("]: "));
        let inline = content.match_indices("](").filter_map(|(at, _)| {
            let in_code = content[..at].matches('`').count() % 2 == 1;
            let target = content[at + 2..].split(')').next();
            target.filter(|_| !in_code)
        });
        let targets = definition.map(|(_, target)| target).into_iter();
        links.extend(targets.chain(inline).map(|target| {
            let target = target.split_whitespace().next().unwrap_or_default();
            (line + 1, target)
        }));
    }
    links
}

/// Folders that the map leaves out, folders it makes up, and whether it is still a map.
fn map_faults(page: &str, folders: &BTreeSet<String>) -> Vec<String> {
    let named: BTreeSet<String> = page
        .split("crates/")
        .skip(1)
        .map(|rest| identifier(rest).to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    let missing = folders.difference(&named);
    let missing = missing.map(|name| format!("ARCHITECTURE.md does not mention crates/{name}"));
    let made_up = named.difference(folders);
    let made_up = made_up.map(|name| format!("ARCHITECTURE.md mentions crates/{name}: no such"));
    let mut complaints: Vec<String> = missing.chain(made_up).collect();
    let lines = page.lines().count();
    if lines > ARCHITECTURE_LINES_MAX {
        complaints.push(format!("ARCHITECTURE.md has {lines} lines, over 200"));
    }
    complaints
}

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.is_rust())
}

fn sources<'a>(files: &'a [File], krate: &'a str) -> impl Iterator<Item = &'a File> {
    files.iter().filter(move |file| file.in_sources_of(krate))
}

fn complaint(file: &File, at: usize, what: &str) -> String {
    format!("{}:{}: `{what}`", file.path, line_of(&file.text, at))
}

fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
