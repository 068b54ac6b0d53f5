//! What the tests share: where data lies, and short ways to ingest and to look.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use whither_chain::{
    ChainError, ColumnUtxo, IngestReport, IngestRequest, LoadedChain, Silent, Store, ingest,
};
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{TxIx, UtxoView};

pub const BITCOIN: Chain = Chain::Bitcoin(BitcoinNetwork::Main);
pub const TESTNET: Chain = Chain::Bitcoin(BitcoinNetwork::Testnet3);
pub const REGTEST: Chain = Chain::Bitcoin(BitcoinNetwork::Regtest);

/// The folder of data that is not shipped, and a file in it; none where the folder is not named.
pub fn data(path: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("WHITHER_TEST_DATA") else {
        eprintln!("skipped: WHITHER_TEST_DATA is not set");
        return None;
    };
    let path = Path::new(&root).join(path);
    assert!(path.exists(), "{} is missing", path.display());
    Some(path)
}

/// The first 439 blocks of the main network.
pub fn first_blocks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/first-blocks/first-100k-blocks.dat")
}

/// A store in a directory of its own, and room for files beside it.
pub struct Bench {
    pub folder: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// In memory, where the system has such a place: for tests of many small stores that are brought to disk again
    /// and again. A process may die there; power cannot be lost.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        match tempfile::tempdir_in(memory) {
            Ok(folder) => Self { folder },
            Err(_) => Self::new(),
        }
    }

    pub fn store_path(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    pub fn store(&self) -> Store {
        Store::create_or_open(&self.store_path()).unwrap()
    }

    /// Writes a file beside the store.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn try_ingest(&self, request: &IngestRequest) -> Result<IngestReport, ChainError> {
        let mut store = Store::create_or_open(&self.store_path())?;
        ingest(&mut store, request, &Silent)
    }

    pub fn ingest(&self, request: &IngestRequest) -> IngestReport {
        self.try_ingest(request)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// What is wrong; and nothing may have been written.
    pub fn refuse(&self, request: &IngestRequest) -> ChainError {
        let content = || {
            let mut files = files(&self.store_path());
            // The lock of the first write stays; it is empty.
            files.retain(|(path, bytes)| !(path.ends_with("lock") && bytes.is_empty()));
            files
        };
        let before = content();
        let error = self.try_ingest(request).unwrap_err();
        assert_eq!(content(), before, "{error}");
        error
    }

    pub fn utxo(&self, chain: &Chain) -> ColumnUtxo {
        let store = Store::open(&self.store_path()).unwrap();
        match store.load(chain).unwrap() {
            LoadedChain::Utxo(view) => view,
            LoadedChain::Account(_) => panic!("{chain} is made of outputs"),
        }
    }
}

/// One source, nothing else.
pub fn request(path: impl Into<PathBuf>) -> IngestRequest {
    IngestRequest {
        paths: vec![path.into()],
        ..IngestRequest::default()
    }
}

/// One source of one chain.
pub fn request_of(chain: &Chain, path: impl Into<PathBuf>) -> IngestRequest {
    IngestRequest {
        chain: Some(chain.clone()),
        ..request(path)
    }
}

/// Everything below a folder: names and bytes.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return found;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// The same by paths from the folder on; two stores are the same where this is.
pub fn relative_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let relative = |path: PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
    let files = files(folder).into_iter();
    files.map(|(path, bytes)| (relative(path), bytes)).collect()
}

/// Copies everything below a folder.
pub fn copy_folder(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    for (name, bytes) in relative_files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Two stores have the same files, names and bytes; the lock, which is empty, may be missing.
pub fn same_files(one: &Path, other: &Path, what: &str) {
    let of = |root: &Path| {
        let mut files = relative_files(root);
        files.retain(|(name, _)| name != "lock");
        files
    };
    let (one, other) = (of(one), of(other));
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&one), names(&other), "{what}");
    for ((name, one), (_, other)) in one.iter().zip(&other) {
        let first = one.iter().zip(other).position(|(a, b)| a != b);
        assert!(one == other, "{what}: {name} differs at byte {first:?}");
    }
}

/// All that a view of outputs says, as text: two views are alike where this is.
pub fn describe(view: &impl UtxoView) -> String {
    let mut lines = vec![
        format!("{} {}", view.chain(), view.content_id()),
        format!("{:?}", view.coverage()),
        format!("{:?}", view.notes()),
    ];
    for row in 0..view.transaction_count() {
        let tx = TxIx::of(row);
        lines.push(format!(
            "{} {:?} {:?} {}",
            view.transaction_id(tx),
            view.position(tx),
            view.time(tx),
            view.is_coinbase(tx)
        ));
        for input in view.inputs(tx) {
            lines.push(format!("  spends {input:?}"));
        }
        for output in view.outputs(tx) {
            let output = whither_ledger::view::OutputIx(output);
            let owner = view.owner(output);
            let owner = owner.map(|owner| view.address(owner).display(view.chain()));
            lines.push(format!("  makes {} {owner:?}", view.value(output)));
        }
    }
    lines.join("\n")
}

/// A transaction by the id people write.
pub fn transaction(view: &impl UtxoView, id: &str) -> TxIx {
    let id = TransactionId::parse(view.chain(), id).unwrap();
    let found = view.find_transaction(&id);
    assert_eq!(found.len(), 1, "{id}");
    found[0]
}

/// Bytes of hex.
pub fn unhex(text: &str) -> Vec<u8> {
    let digits = text.trim().as_bytes();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
