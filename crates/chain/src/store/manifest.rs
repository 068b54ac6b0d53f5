//! The manifest: which segments are committed. What it does not name does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use whither_ledger::chain::Chain;

use super::error::StoreError;
use crate::blocks::Hash;
use crate::flat::state::State;
use crate::text::{parse_hash, show_hash};

/// The format that is written and read.
pub(crate) const FORMAT: &str = "whither.store/2";
/// The manifest's name.
pub(crate) const MANIFEST: &str = "manifest.json";
/// A manifest longer than this is none of ours.
pub(super) const LENGTH_MAX: u64 = 1 << 28;

/// What a segment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SegmentKind {
    /// Blocks that are kept and do not count.
    Aside,
    /// Rows of one source.
    #[serde(rename = "rows/2")]
    Rows,
}

impl SegmentKind {
    pub(crate) const ALL: [Self; 2] = [Self::Aside, Self::Rows];

    /// What follows the hash in a segment's file name.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Aside => "aside.jsonl",
            Self::Rows => "rows",
        }
    }
}

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Segment {
    pub(crate) kind: SegmentKind,
    /// SHA-256 of its bytes, in hex; names its file.
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

impl Segment {
    pub(crate) fn file_name(&self) -> String {
        format!("{}.{}", self.sha256, self.kind.extension())
    }
}

/// What is committed of one chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChainContent {
    pub(crate) segments: BTreeSet<Segment>,
    /// Heights that blocks do not tell by themselves.
    pub(crate) heights: BTreeMap<Hash, u32>,
    /// The columns of a chain of outputs.
    pub(crate) columns: Option<State>,
    /// The columns lie in the folder where they were made again, if it is still there.
    pub(crate) moving: bool,
}

/// What is committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) chains: BTreeMap<Chain, ChainContent>,
}

/// The manifest as it is written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: String,
    /// SHA-256 of the manifest with nothing in this place, in hex: a flipped bit must not pass for a height.
    checksum: String,
    chains: Vec<WrittenChain>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenChain {
    chain: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    segments: Vec<Segment>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    heights: BTreeMap<String, u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    columns: Option<State>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    moving: bool,
}

impl Written {
    fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("strings and numbers are JSON");
        text.push('\n');
        text
    }

    fn computed_checksum(&self) -> String {
        let bare = Self {
            checksum: String::new(),
            ..self.clone()
        };
        Sha256::digest(bare.text())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// Only what every version has.
#[derive(Deserialize)]
struct Versioned {
    format: String,
}

/// The folder of a chain: its CAIP-2 id, in which only one character is no character of a file name.
pub(crate) fn folder(root: &Path, chain: &Chain) -> PathBuf {
    root.join(chain.to_string().replace(':', "_"))
}

/// The chain of a folder's name.
pub(crate) fn chain_of_folder(name: &str) -> Option<Chain> {
    let id = name.replacen('_', ":", 1);
    let chain: Chain = id.parse().ok()?;
    (chain.to_string() == id).then_some(chain)
}

impl Manifest {
    /// Reads the manifest of a store; `None` where there is no store.
    pub(crate) fn read(root: &Path) -> Result<Option<Self>, StoreError> {
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
        // Segments of rows were lines of JSON once, and their kind was named otherwise.
        if versioned.format == FORMAT && text.contains("\"kind\": \"rows\"") {
            return Err(StoreError::Version {
                path: path.to_owned(),
                found: "whither.rows/1".to_owned(),
                supported: "whither.rows/2",
            });
        }
        if versioned.format != FORMAT {
            return Err(StoreError::Version {
                path: path.to_owned(),
                found: versioned.format.chars().take(80).collect(),
                supported: FORMAT,
            });
        }
        let written: Written =
            serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
        if written.checksum != written.computed_checksum() {
            return Err(bad(
                "its checksum does not match: it was damaged or edited".to_owned()
            ));
        }
        let mut manifest = Self::default();
        for chain in written.chains {
            let id: Chain = chain
                .chain
                .parse()
                .map_err(|error| bad(format!("{error}")))?;
            if let Some(state) = chain.columns.as_ref().filter(|state| !state.is_possible()) {
                return Err(bad(format!(
                    "no chain has these counts: {:?}",
                    state.counts
                )));
            }
            let mut content = ChainContent {
                columns: chain.columns,
                moving: chain.moving,
                ..ChainContent::default()
            };
            for segment in chain.segments {
                if !is_sha256(&segment.sha256) {
                    return Err(bad(format!("{:?} is no SHA-256", segment.sha256)));
                }
                content.segments.insert(segment);
            }
            for (block, height) in chain.heights {
                let hash =
                    parse_hash(&block).ok_or_else(|| bad(format!("{block:?} is no block hash")))?;
                content.heights.insert(hash, height);
            }
            if manifest.chains.insert(id, content).is_some() {
                return Err(bad(format!("chain {:?} is named twice", chain.chain)));
            }
        }
        Ok(manifest)
    }

    /// The text that is written: the same for the same content.
    pub(crate) fn to_text(&self) -> String {
        let chain = |(chain, content): (&Chain, &ChainContent)| WrittenChain {
            chain: chain.to_string(),
            segments: content.segments.iter().cloned().collect(),
            heights: content
                .heights
                .iter()
                .map(|(block, height)| (show_hash(block), *height))
                .collect(),
            columns: content.columns.clone(),
            moving: content.moving,
        };
        let mut written = Written {
            format: FORMAT.to_owned(),
            checksum: String::new(),
            chains: self.chains.iter().map(chain).collect(),
        };
        written.checksum = written.computed_checksum();
        written.text()
    }
}

/// Whether a text is a SHA-256 in lower-case hex, and so harmless in a file name.
pub(crate) fn is_sha256(text: &str) -> bool {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() == 64 && text.bytes().all(digit)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Manifest, StoreError> {
        Manifest::parse(text, Path::new("manifest.json"))
    }

    #[test]
    fn what_is_written_reads_back() {
        let segment = Segment {
            kind: SegmentKind::Rows,
            sha256: "ab".repeat(32),
            bytes: 7,
        };
        let content = ChainContent {
            segments: BTreeSet::from([segment]),
            heights: BTreeMap::from([([7; 32], 12)]),
            columns: Some(State::default()),
            moving: true,
        };
        let manifest = Manifest {
            chains: BTreeMap::from([(Chain::Evm(1), content)]),
        };
        let text = manifest.to_text();
        assert_eq!(parse(&text).unwrap(), manifest);
        assert_eq!(parse(&text).unwrap().to_text(), text);
        let flipped = text.replace(": 12", ": 13");
        assert_ne!(flipped, text);
        let error = parse(&flipped).unwrap_err().to_string();
        assert!(error.contains("checksum"), "{error}");
    }

    #[test]
    fn a_manifest_cannot_name_files_elsewhere() {
        for sha256 in [
            "../../etc/passwd",
            "",
            "AB",
            &"AB".repeat(32),
            &"a/".repeat(32),
        ] {
            let segment = Segment {
                kind: SegmentKind::Rows,
                sha256: sha256.to_owned(),
                bytes: 1,
            };
            let content = ChainContent {
                segments: BTreeSet::from([segment]),
                ..ChainContent::default()
            };
            // With a checksum that fits: the name itself is what is refused.
            let manifest = Manifest {
                chains: BTreeMap::from([(Chain::Evm(1), content)]),
            };
            let text = manifest.to_text();
            assert!(
                matches!(parse(&text), Err(StoreError::Manifest { .. })),
                "{sha256}"
            );
        }
    }

    #[test]
    fn other_versions_are_refused_by_name() {
        let error = parse(r#"{"format":"whither.store/1","anything":1}"#).unwrap_err();
        assert!(matches!(&error, StoreError::Version { found, .. } if found == "whither.store/1"));
        assert!(error.to_string().contains(FORMAT), "{error}");
        for text in ["", "{}", "[]", r#"{"format":"whither.store/2"}"#] {
            assert!(
                matches!(parse(text), Err(StoreError::Manifest { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn folders_are_named_after_chains_and_back() {
        for chain in [Chain::Evm(1), Chain::Tron, "cosmos:a_b-C".parse().unwrap()] {
            let folder = folder(Path::new("store"), &chain);
            let name = folder.file_name().unwrap().to_str().unwrap();
            assert_eq!(chain_of_folder(name), Some(chain));
        }
        for name in ["lists", "..", ".tmp-0", "eip155_01", "eip155:1x"] {
            assert_eq!(chain_of_folder(name), None, "{name}");
        }
    }
}
