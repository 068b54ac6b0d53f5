//! What is committed: which generation of columns counts, its counts, and the checksum of each file.
//!
//! The manifest is small, replaced in one step, and read whole on opening. The generation is named by the
//! hash of all the rest that the manifest says, so a changed byte in it is seen at once.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use whither_ledger::chain::Chain;
use whither_ledger::content::ContentId;
use whither_ledger::coverage::Coverage;

use super::layout::Counts;
use super::sip::Key;
use crate::store::StoreError;
use crate::text::{decode_hex, hex};

/// The format that is written and read.
const FORMAT: &str = "whither.columns/1";
/// The manifest's name.
pub(super) const MANIFEST: &str = "columns.json";
/// Before the name of a generation's folder.
pub(super) const GENERATION: &str = "generation-";
/// A manifest longer than this is none of ours.
const LENGTH_MAX: u64 = 1 << 26;

/// A committed file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    pub(super) bytes: u64,
    /// In hex.
    pub(super) sha256: String,
}

/// Heights, both ends included; none where they are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    first: Option<u32>,
    last: Option<u32>,
}

/// The manifest as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) format: String,
    /// CAIP-2.
    pub(super) chain: String,
    /// Names the generation's folder: hash of this manifest with an empty name here.
    pub(super) generation: String,
    /// What of the store the columns were made from.
    pub(super) made_from: String,
    /// Content id, in hex.
    pub(super) content: String,
    pub(super) counts: Counts,
    pub(super) coverage: Vec<Run>,
    pub(super) files: BTreeMap<String, Sealed>,
}

/// Only what every version has.
#[derive(Deserialize)]
struct Versioned {
    format: String,
}

impl Manifest {
    /// The manifest of columns whose files are sealed.
    pub(super) fn new(
        chain: &Chain,
        made_from: &str,
        content: ContentId,
        counts: Counts,
        coverage: &[Coverage],
    ) -> Self {
        let run = |promise: &Coverage| match promise {
            Coverage::Blocks { first, last, .. } => Some(Run {
                first: *first,
                last: *last,
            }),
            Coverage::Addresses { .. } | Coverage::Rows { .. } => None,
        };
        Self {
            format: FORMAT.to_owned(),
            chain: chain.to_string(),
            generation: String::new(),
            made_from: made_from.to_owned(),
            content: hex(&content.0),
            counts,
            coverage: coverage.iter().filter_map(run).collect(),
            files: BTreeMap::new(),
        }
    }

    /// Names the generation after everything else that is said here.
    pub(super) fn name(&mut self) {
        self.generation.clear();
        let hash = hex(&Sha256::digest(self.to_text()));
        hash[..32].clone_into(&mut self.generation);
    }

    /// Reads the manifest of a directory; `None` where there is none.
    pub(super) fn read(root: &Path) -> Result<Option<Self>, StoreError> {
        let path = root.join(MANIFEST);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io(&path, "cannot be opened")(error)),
        };
        let mut text = String::new();
        file.take(LENGTH_MAX)
            .read_to_string(&mut text)
            .map_err(StoreError::io(&path, "cannot be read"))?;
        Self::parse(&text, &path).map(Some)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, StoreError> {
        let bad = |why: String| StoreError::Manifest {
            path: path.to_owned(),
            why,
        };
        let versioned: Versioned =
            serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
        if versioned.format != FORMAT {
            return Err(StoreError::Version {
                path: path.to_owned(),
                found: versioned.format.chars().take(80).collect(),
                supported: FORMAT,
            });
        }
        let manifest: Self = serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
        let mut named = manifest.clone();
        named.name();
        if named.generation != manifest.generation || named.to_text() != text {
            return Err(bad("it does not say what was committed".to_owned()));
        }
        Ok(manifest)
    }

    /// The text that is written: the same for the same content.
    pub(super) fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("strings and numbers are JSON");
        text.push('\n');
        text
    }

    /// The folder of the generation.
    pub(super) fn folder(&self, root: &Path) -> PathBuf {
        root.join(format!("{GENERATION}{}", self.generation))
    }

    /// The content id.
    pub(super) fn content_id(&self) -> Option<ContentId> {
        let bytes = decode_hex(&self.content)?;
        bytes.try_into().ok().map(ContentId)
    }

    /// What the sources promised.
    pub(super) fn promises(&self) -> Vec<Coverage> {
        let blocks = |run: &Run| Coverage::Blocks {
            first: run.first,
            last: run.last,
            internal: true,
        };
        self.coverage.iter().map(blocks).collect()
    }
}

/// The key of the hash indexes of some content: the same each time, and nobody can choose ids for it, since
/// it follows from the ids.
pub(super) fn key(content: ContentId) -> Key {
    let hash = Sha256::new()
        .chain_update(FORMAT)
        .chain_update(content.0)
        .finalize();
    let word = |at: usize| {
        let word = hash.get(at..).and_then(<[u8]>::first_chunk);
        u64::from_le_bytes(*word.expect("a hash has 32 bytes"))
    };
    Key(word(0), word(8))
}
