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

use super::layout::Counts;
use crate::store::StoreError;
use crate::text::{decode_hex, hex};

/// The format that is written and read.
const FORMAT: &str = "whither.accounts/3";
/// The manifest's name.
pub(super) const MANIFEST: &str = "columns.json";
/// Before the name of a generation's folder.
pub(super) const GENERATION: &str = "generation-";
/// A manifest longer than this is none of ours.
const LENGTH_MAX: u64 = 1 << 20;

/// A committed file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    pub(super) bytes: u64,
    /// In hex.
    pub(super) sha256: String,
}

/// The manifest as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: String,
    /// CAIP-2.
    chain: String,
    /// Names the generation's folder: hash of this manifest with an empty name here.
    generation: String,
    /// What of the store the columns were made from.
    pub(super) made_from: String,
    /// Content id, in hex.
    content: String,
    pub(super) counts: Counts,
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
        files: BTreeMap<String, Sealed>,
    ) -> Self {
        let mut manifest = Self {
            format: FORMAT.to_owned(),
            chain: chain.to_string(),
            generation: String::new(),
            made_from: made_from.to_owned(),
            content: hex(&content.0),
            counts,
            files,
        };
        manifest.generation = manifest.right_name();
        manifest
    }

    /// The generation is named after everything else that is said here.
    fn right_name(&self) -> String {
        let mut nameless = self.clone();
        nameless.generation.clear();
        hex(&Sha256::digest(nameless.to_text()))[..32].to_owned()
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
        let versioned: Versioned =
            serde_json::from_str(text).map_err(|error| bad(path, error.to_string()))?;
        if versioned.format != FORMAT {
            return Err(StoreError::Version {
                path: path.to_owned(),
                found: versioned.format.chars().take(80).collect(),
                supported: FORMAT,
            });
        }
        let manifest: Self =
            serde_json::from_str(text).map_err(|error| bad(path, error.to_string()))?;
        if manifest.right_name() != manifest.generation || manifest.to_text() != text {
            return Err(bad(path, "it does not say what was committed".to_owned()));
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

    /// The chain, and the content id.
    pub(super) fn identity(&self, root: &Path) -> Result<(Chain, ContentId), StoreError> {
        let path = root.join(MANIFEST);
        let chain = self.chain.parse();
        let chain = chain.map_err(|error| bad(&path, format!("{error}")))?;
        let content = decode_hex(&self.content).and_then(|bytes| bytes.try_into().ok());
        let content = content.ok_or_else(|| bad(&path, "no content id".to_owned()))?;
        Ok((chain, ContentId(content)))
    }
}

fn bad(path: &Path, why: String) -> StoreError {
    StoreError::Manifest {
        path: path.to_owned(),
        why,
    }
}
