//! What all targets share: bytes as a file or a folder of files, taken in as a user would, and written nowhere.

use std::fs;
use std::path::{Path, PathBuf};

use whither_chain::{Format, IngestRequest, Silent, Store, ingest};
use whither_ledger::chain::Chain;

/// Takes one file in.
pub fn file(format: Format, name: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("a file");
    take(folder.path(), format, path, None);
}

/// Takes a folder of files in; the bytes are cut into as many parts as there are names, at marks of four bytes.
pub fn folder(format: Format, names: &[&str], bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("source");
    fs::create_dir(&source).expect("a folder");
    let mut rest = bytes;
    for name in names {
        let end = rest.windows(4).position(|four| four == b"\xff~~\xff");
        let part = &rest[..end.unwrap_or(rest.len())];
        fs::write(source.join(name), part).expect("a file");
        rest = end.map_or(&[][..], |end| &rest[end + 4..]);
    }
    take(folder.path(), format, source, None);
}

/// Takes a block in with a file of what it spends, behind the same mark.
pub fn block_and_undo(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let end = bytes.windows(4).position(|four| four == b"\xff~~\xff");
    let (block, undo) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 4..]),
        None => (bytes, &[][..]),
    };
    let (path, undo_path) = (folder.path().join("block.dat"), folder.path().join("undo.dat"));
    fs::write(&path, block).expect("a file");
    fs::write(&undo_path, undo).expect("a file");
    take(folder.path(), Format::BitcoinBlocks, path, Some(undo_path));
}

/// Whatever the bytes are: a report or an error, and no panic.
fn take(place: &Path, format: Format, path: PathBuf, undo: Option<PathBuf>) {
    let mut store = Store::create_or_open(&place.join("store")).expect("a store");
    let chain = match format {
        Format::BitcoinBlocks | Format::Transfers => None,
        Format::TronGrid => Some(Chain::Tron),
        _ => Some(Chain::Evm(1)),
    };
    let request = IngestRequest {
        paths: vec![path],
        format: Some(format),
        chain,
        undo,
        dry_run: true,
        ..IngestRequest::default()
    };
    let _ = ingest(&mut store, &request, &Silent);
}
