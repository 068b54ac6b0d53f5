//! What is known of outputs that blocks spend and do not hold: from a file beside a block, from what the store
//! was told before, and from the undo files of a node.
//!
//! Undo files are asked only for a block one of whose inputs is found nowhere else: as a rule in a pruned
//! directory, and nothing of them is read otherwise. Their records do not say whose they are (the checksum covers the
//! block before and the record alone), so where two blocks that are known follow the same one, neither is asked.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use whither_ledger::address::Address;
use whither_ledger::memory::OutsideValue;

use crate::blocks::Hash;
use crate::blocks::data::BlockData;
use crate::error::{SourceError, SourceFault};
use crate::flat::append::{AppendError, Known, Undo};
use crate::ingest::Skipped;
use crate::prevout::Told;
use crate::sources::bitcoin::directory::number_of;
use crate::sources::bitcoin::{RevFiles, SpentOutput};
use crate::text::show_hash;

/// Where the undo files of a block are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Beside {
    directory: PathBuf,
    /// The number of its block file.
    file: u32,
}

impl Beside {
    /// Undo files lie beside a node's block file; none beside other files.
    pub(super) fn of(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_str()?;
        Some(Self {
            file: number_of(name)?,
            directory: file.parent()?.to_owned(),
        })
    }
}

/// All of it together.
#[derive(Default)]
pub(super) struct AllUndo {
    pub(super) told: Told,
    files: HashMap<PathBuf, RevFiles>,
    /// Of the block that is being taken in.
    beside: Option<Beside>,
    /// Undo files that have no record of blocks that were asked for: the first of these, and how many they are.
    missing: BTreeMap<PathBuf, (Hash, usize)>,
    /// What the last block that was asked for spends.
    spent: Option<(Hash, Option<Vec<SpentOutput>>)>,
}

impl AllUndo {
    /// The next block comes.
    pub(super) fn next(&mut self, beside: Option<Beside>) {
        self.beside = beside;
    }

    /// What was passed over in undo files.
    pub(super) fn skipped(&self) -> Vec<Skipped> {
        let mut files: Vec<&PathBuf> = self.files.keys().collect();
        files.sort();
        let of = |path: &PathBuf| self.files[path].skipped().to_vec();
        let missing = self.missing.iter().map(|(path, (first, count))| Skipped {
            place: path.display().to_string(),
            why: format!(
                "blocks that spend what is not here have no whole record in it: {count}, the first of them {}",
                show_hash(first)
            ),
        });
        files.into_iter().flat_map(of).chain(missing).collect()
    }

    /// What a node wrote down of a block.
    fn written(&mut self, block: &BlockData) -> Result<Option<&[SpentOutput]>, SourceError> {
        let Some(Beside { directory, file }) = &self.beside else {
            return Ok(None);
        };
        if self
            .spent
            .as_ref()
            .is_none_or(|(hash, _)| *hash != block.hash)
        {
            if !self.files.contains_key(directory) {
                let opened = RevFiles::open(directory).map_err(|fault| {
                    SourceError::new(directory, None, SourceFault::Directory(fault))
                })?;
                self.files.insert(directory.clone(), opened);
            }
            let files = self.files.get_mut(directory).expect("they were opened");
            let previous = block.header[4..]
                .first_chunk()
                .expect("a header has 80 bytes");
            let spent = files.spent_by(*file, previous, &shape_of(block))?;
            let path = directory.join(format!("rev{file:05}.dat"));
            if spent.is_none() && path.exists() {
                self.missing.entry(path).or_insert((block.hash, 0)).1 += 1;
            }
            self.spent = Some((block.hash, spent));
        }
        let spent = self.spent.as_ref().and_then(|(_, spent)| spent.as_deref());
        Ok(spent)
    }
}

/// How many inputs each transaction but the coinbase has.
fn shape_of(block: &BlockData) -> Vec<usize> {
    let pairs = block.input_ends.windows(2);
    pairs.map(|pair| pair[1] - pair[0]).collect()
}

impl Undo for AllUndo {
    fn spent(&mut self, block: &BlockData, input: usize) -> Result<Known, AppendError> {
        let told = self.told.get(&block.spends[input]);
        let written = self.written(block).map_err(AppendError::Source)?;
        let Some(output) = written.and_then(|written| written.get(input)) else {
            return Ok(told);
        };
        let written = Known::Told(OutsideValue {
            value: output.value,
            owner: Address::from_script(&output.script),
        });
        Ok(match told {
            Known::Nothing => written,
            told if told == written => told,
            _ => Known::Disputed,
        })
    }

    fn told_of(&self, txid: [u8; 32]) -> Vec<(u32, OutsideValue)> {
        self.told.of_transaction(txid)
    }
}
