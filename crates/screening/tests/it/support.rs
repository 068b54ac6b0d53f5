//! Where the data of tests lies, and short ways to read and to ask.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use whither_screening::lists::entry::Entry;
use whither_screening::lists::pack::{Stored, Version};
use whither_screening::lists::{Format, ListError, Listing, Source, read};
use whither_screening::matching::screen::Screen;

/// A file of the data that may not be shipped; `None` where the folder is not named.
pub fn data(path: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("WHITHER_TEST_DATA") else {
        eprintln!("skipped: WHITHER_TEST_DATA is not set");
        return None;
    };
    let path = Path::new(&root).join(path);
    assert!(path.exists(), "{} is missing", path.display());
    Some(path)
}

/// A cut that is shipped.
pub fn cut(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Reads a list from files.
pub fn list(paths: &[&Path]) -> (Format, Listing) {
    let sources = paths.iter().map(|path| Source {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        bytes: Box::new(BufReader::new(File::open(path).unwrap())),
    });
    read(sources.collect(), None).unwrap()
}

/// Reads a list from bytes.
pub fn list_of(name: &str, bytes: &[u8]) -> Result<Listing, ListError> {
    let source = Source {
        name: name.to_owned(),
        bytes: Box::new(bytes),
    };
    read(vec![source], None).map(|(_, listing)| listing)
}

pub fn entry<'a>(listing: &'a Listing, id: &str) -> &'a Entry {
    let found = listing.entries.iter().find(|listed| listed.entry.id == id);
    &found.expect("the entry is there").entry
}

pub fn has_name(entry: &Entry, name: &str) -> bool {
    entry
        .names
        .iter()
        .any(|one| one.text.eq_ignore_ascii_case(name))
}

/// A version as the store would give it back.
pub fn stored(listing: &Listing) -> (Version, Vec<Stored>) {
    let version = Version::new(listing, "test", Vec::new(), "2024-05-07", "given");
    let entries = listing.entries.iter().map(|listed| Stored {
        hash: listed.hash(),
        entry: listed.entry.clone(),
    });
    (version, entries.collect())
}

/// Lists that are ready to be asked.
pub fn screen(listings: &[Listing]) -> Screen {
    Screen::build(listings.iter().map(stored).collect())
}
