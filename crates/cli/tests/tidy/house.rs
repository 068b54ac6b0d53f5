//! The files of the repository that people write, read once.
//!
//! Walked and not asked of git, so that a tarball is held to the same rules.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// One text file of the repository; the path is relative to its root, with `/`.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    pub fn is_prose(&self) -> bool {
        self.path.ends_with(".md")
    }

    pub fn is_test(&self) -> bool {
        let mut parts = self.path.split('/');
        parts.any(|part| part == "tests" || part == "tests.rs")
    }

    pub fn in_sources_of(&self, krate: &str) -> bool {
        self.is_rust() && self.path.starts_with(&format!("crates/{krate}/src/"))
    }
}

/// The root of the repository.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        root.canonicalize()
            .expect("the crate lies in the workspace")
    })
}

/// The text files that people write here: read once, in order of their paths.
pub fn house() -> &'static [File] {
    static HOUSE: OnceLock<Vec<File>> = OnceLock::new();
    HOUSE.get_or_init(|| {
        let mut files = Vec::new();
        collect(root(), &mut files);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        assert!(files.len() > 20, "the walk found the repository");
        files
    })
}

fn collect(folder: &Path, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository is readable") {
        let path = entry
            .expect("a folder of the repository is readable")
            .path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            let hidden = name.starts_with('.') && !matches!(&*name, ".cargo" | ".ci");
            // What cargo builds is marked so, wherever it is told to put it.
            let built = name == "target" || path.join("CACHEDIR.TAG").exists();
            if !hidden && !built {
                collect(&path, files);
            }
        } else if is_written_by_hand(&path) {
            let relative = path
                .strip_prefix(root())
                .expect("the walk began at the root");
            files.push(File {
                path: relative.to_string_lossy().replace('\\', "/"),
                text: std::fs::read_to_string(&path).expect("a source is UTF-8 text"),
            });
        }
    }
}

fn is_written_by_hand(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let known = ["rs", "md", "toml", "sh", "html", "css", "js", "ts"];
    known.contains(&&*extension) || path.ends_with(".ci/run")
}
