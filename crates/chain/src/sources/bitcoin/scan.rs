//! One pass over the sources: where the blocks lie, and what their headers tell of them, goes into an index.
//!
//! Of a block in a record only the first bytes are read and checked (see [`records`]); its body is checked
//! when it is read (`crate::blocks::pipeline`). Memory is bounded by one block and by the index. Nothing is
//! written.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use whither_ledger::chain::BitcoinNetwork;

use super::block::BLOCK_SIZE_MAX;
use super::check::{Beginning, check};
use super::directory::{self, DirectoryFault};
use super::records::{self, RecordFault, RecordFaultAt, as_u64};
use super::undo;
use super::window::{Key, Window};
use crate::blocks::files::{Coding, Files, Place};
use crate::blocks::{Index, IndexedBlock};
use crate::error::{At, RequestError, SourceError, SourceFault};
use crate::ingest::{Progress, Skipped};
use crate::prevout::KnownPrevout;

/// Most entries of what was passed over that one file gives; the rest is counted.
const SKIPPED_MAX: usize = 100;

/// How blocks lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A `blocks/` directory.
    Directory,
    /// Records with magic and size, under a key.
    Records(Key),
    /// One block and nothing else.
    Raw,
    /// Blocks as hex, one a line.
    Hex,
}

/// What the sources hold.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// The network they are of; `None` before the first block.
    pub(crate) network: Option<BitcoinNetwork>,
    /// The blocks, each once.
    pub(crate) index: Index,
    /// Where they lie.
    pub(crate) files: Files,
    /// What was passed over.
    pub(crate) skipped: Vec<Skipped>,
    /// What undo data tells of outputs that the blocks spend.
    pub(crate) prevouts: Vec<KnownPrevout>,
}

/// Reads sources one after another.
pub(crate) struct Scanner<'run> {
    scan: Scan,
    /// The network that was asked for.
    wanted: Option<BitcoinNetwork>,
    progress: &'run dyn Progress,
    /// Good blocks so far, those seen twice counted twice.
    seen: u64,
    done: u64,
    total: u64,
}

impl<'run> Scanner<'run> {
    pub(crate) fn new(
        wanted: Option<BitcoinNetwork>,
        total: u64,
        progress: &'run dyn Progress,
    ) -> Self {
        Self {
            scan: Scan::default(),
            wanted,
            progress,
            seen: 0,
            done: 0,
            total,
        }
    }

    /// Reads one source.
    pub(crate) fn read(&mut self, path: &Path, form: Form) -> Result<(), SourceError> {
        match form {
            Form::Directory => self.read_directory(path),
            Form::Records(key) => self.read_records(path, key, None),
            Form::Raw => self.read_raw(path),
            Form::Hex => self.read_hex(path),
        }
    }

    pub(crate) fn finish(self) -> Scan {
        self.scan
    }

    fn read_directory(&mut self, path: &Path) -> Result<(), SourceError> {
        let listing = directory::list(path)
            .map_err(|fault| SourceError::new(path, None, SourceFault::Directory(fault)))?;
        for missing in listing.missing {
            self.scan.skipped.push(Skipped {
                place: path.join(missing).display().to_string(),
                why: "missing: pruned by the node, or not copied".to_owned(),
            });
        }
        let before = self.seen;
        for file in listing.files {
            match self.read_records(&file, listing.key, Some(path)) {
                Err(error) if error.is_not_found() => self.scan.skipped.push(Skipped {
                    place: file.display().to_string(),
                    why: "missing: removed while the directory was being read".to_owned(),
                }),
                other => other?,
            }
        }
        self.held_a_block(path, before)
    }

    fn read_records(
        &mut self,
        path: &Path,
        key: Key,
        directory: Option<&Path>,
    ) -> Result<(), SourceError> {
        let file = File::open(path).map_err(|error| SourceError::io(path, error))?;
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let mut window = Window::new(file, key);
        let at = |RecordFaultAt { offset, fault }| match fault {
            RecordFault::Io(error) => SourceError::io(path, error),
            fault => SourceError::new(path, Some(At::Byte(offset)), SourceFault::Record(fault)),
        };
        let before = self.seen;
        if let Some(network) = records::network_of(&mut window).map_err(at)? {
            self.agree_on(path, network)?;
            let coding = Coding::Bytes(key);
            let number = self.scan.files.add(path.to_owned(), coding);
            let what = path.display().to_string();
            let skips =
                records::read_records(&mut window, network, &mut |offset, length, beginning| {
                    let place = Place {
                        file: number,
                        offset,
                        length,
                    };
                    self.scan.index.add(indexed(beginning, place));
                    self.seen += 1;
                    self.progress.report(self.done + offset, self.total, &what);
                })
                .map_err(at)?;
            self.scan.skipped.extend(skipped(path, &skips));
        }
        self.done += length;
        match directory {
            // The last file of a running node may hold nothing yet.
            Some(_) => Ok(()),
            None => self.held_a_block(path, before),
        }
    }

    fn read_raw(&mut self, path: &Path) -> Result<(), SourceError> {
        let bytes = read_small(path, BLOCK_SIZE_MAX)?;
        let place = Place {
            file: self
                .scan
                .files
                .add(path.to_owned(), Coding::Bytes(Key::default())),
            offset: 0,
            length: bytes.len(),
        };
        self.read_one(path, &bytes, place)?;
        self.advance(path, bytes.len());
        Ok(())
    }

    fn read_hex(&mut self, path: &Path) -> Result<(), SourceError> {
        let file = File::open(path).map_err(|error| SourceError::io(path, error))?;
        let mut reader = BufReader::new(file);
        let number = self.scan.files.add(path.to_owned(), Coding::Hex);
        let before = self.seen;
        let mut line = Vec::new();
        let mut offset = 0;
        loop {
            line.clear();
            let limit = as_u64(2 * BLOCK_SIZE_MAX + 2);
            let count = (&mut reader)
                .take(limit)
                .read_until(b'\n', &mut line)
                .map_err(|error| SourceError::io(path, error))?;
            if count == 0 {
                break;
            }
            let digits = line.trim_ascii();
            if !digits.is_empty() {
                let blank = line.len() - line.trim_ascii_start().len();
                self.read_hex_line(path, digits, number, offset + as_u64(blank))?;
            }
            offset += as_u64(count);
            self.advance(path, count);
        }
        self.held_a_block(path, before)
    }

    fn read_hex_line(
        &mut self,
        path: &Path,
        digits: &[u8],
        file: usize,
        offset: u64,
    ) -> Result<(), SourceError> {
        let stray = digits
            .iter()
            .position(|digit| crate::text::hex_digit(*digit).is_none());
        let at = At::Byte(offset + as_u64(stray.unwrap_or(digits.len())));
        let bytes = crate::text::decode_hex(digits)
            .ok_or_else(|| SourceError::new(path, Some(at), SourceFault::Hex))?;
        let place = Place {
            file,
            offset,
            length: bytes.len(),
        };
        self.read_one(path, &bytes, place)
    }

    /// One block without a magic: its network is the one asked for.
    fn read_one(&mut self, path: &Path, bytes: &[u8], place: Place) -> Result<(), SourceError> {
        let network = self.wanted.unwrap_or(BitcoinNetwork::Main);
        let beginning = records::check_whole(bytes, network)
            .map_err(|fault| self.scan.files.fault(&place, fault))?;
        let other = BitcoinNetwork::ALL
            .into_iter()
            .find(|other| other.genesis_hash() == beginning.header.hash)
            .unwrap_or(network);
        if other != network {
            let fault = RequestError::WrongNetwork {
                found: other,
                wanted: network,
            };
            return Err(SourceError::new(path, None, SourceFault::Request(fault)));
        }
        self.agree_on(path, network)?;
        self.scan.index.add(indexed(beginning, place));
        self.seen += 1;
        Ok(())
    }

    /// Holds a file's network against the one asked for, and against the other files'.
    fn agree_on(&mut self, path: &Path, network: BitcoinNetwork) -> Result<(), SourceError> {
        let fault = match (self.wanted, self.scan.network) {
            (Some(wanted), _) if wanted != network => RequestError::WrongNetwork {
                found: network,
                wanted,
            },
            (_, Some(other)) if other != network => RequestError::SeveralNetworks {
                found: network,
                other,
            },
            _ => {
                self.scan.network = Some(network);
                return Ok(());
            }
        };
        Err(SourceError::new(path, None, SourceFault::Request(fault)))
    }

    /// A source without a single block is a mistake.
    fn held_a_block(&self, path: &Path, before: u64) -> Result<(), SourceError> {
        if self.seen > before {
            return Ok(());
        }
        let why = self.scan.skipped.last().map(|skipped| skipped.why.clone());
        Err(SourceError::new(path, None, SourceFault::NoBlocks { why }))
    }

    fn advance(&mut self, path: &Path, count: usize) {
        self.done += as_u64(count);
        let what = path.display().to_string();
        self.progress.report(self.done, self.total, &what);
    }

    /// Reads the undo data of the one block that the sources hold.
    pub(crate) fn read_undo(&mut self, path: &Path) -> Result<(), SourceError> {
        let [block] = self.scan.index.blocks.as_slice() else {
            let fault = RequestError::UndoNeedsOneBlock {
                found: self.scan.index.blocks.len(),
            };
            return Err(SourceError::new(path, None, SourceFault::Request(fault)));
        };
        let network = self.scan.network.unwrap_or(BitcoinNetwork::Main);
        let source = self.scan.files.path(block.place.file).to_owned();
        let mut bytes = Vec::new();
        self.scan
            .files
            .read(&block.place, block.place.length, &mut bytes)
            .map_err(|error| SourceError::io(&source, error))?;
        let checked =
            check(&bytes, network).map_err(|fault| self.scan.files.fault(&block.place, fault))?;
        // The outputs that one block spends may have scripts longer than the block itself, though not by much.
        let undo = read_small(path, 16 * BLOCK_SIZE_MAX)?;
        self.scan.prevouts =
            undo::parse_undo(&checked.block, &checked.txids, &undo).map_err(|error| {
                let at = At::Byte(as_u64(error.offset));
                SourceError::new(path, Some(at), SourceFault::Undo(error.fault))
            })?;
        Ok(())
    }
}

/// What was passed over in a file, for people; beyond a bound it is counted.
pub(super) fn skipped(path: &Path, skips: &[records::Skip]) -> Vec<Skipped> {
    let path = path.display();
    let one = |skip: &records::Skip| Skipped {
        place: format!("{path}: byte {}", skip.from),
        why: skip.sentence(),
    };
    let mut told: Vec<Skipped> = skips.iter().take(SKIPPED_MAX).map(one).collect();
    let more = skips.len() - told.len();
    if more > 0 {
        told.push(Skipped {
            place: path.to_string(),
            why: format!("{more} more stretches that hold no block"),
        });
    }
    told
}

fn indexed(beginning: Beginning, place: Place) -> IndexedBlock {
    IndexedBlock {
        hash: beginning.header.hash,
        previous: beginning.header.previous,
        time: beginning.header.time,
        work: beginning.work,
        claimed_height: beginning.claimed_height,
        transactions: beginning.transactions,
        place,
    }
}

/// Reads a file that must not be longer than `limit`.
fn read_small(path: &Path, limit: usize) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(as_u64(limit) + 1).read_to_end(&mut bytes))
        .map_err(|error| SourceError::io(path, error))?;
    if bytes.len() > limit {
        let fault = SourceFault::TooLong { limit };
        return Err(SourceError::new(path, None, fault));
    }
    Ok(bytes)
}

/// Says how blocks lie in a source, by its content; `None` where they do not.
pub(crate) fn recognise(path: &Path) -> Result<Option<Form>, SourceError> {
    let io = |error: io::Error| SourceError::io(path, error);
    if fs::metadata(path).map_err(io)?.is_dir() {
        return Ok(Some(Form::Directory));
    }
    let mut start = Vec::new();
    let mut file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    (&mut file).take(4096).read_to_end(&mut start).map_err(io)?;
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("");
    if directory::number_of(name).is_some() {
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        let key = directory::read_key(&folder).map_err(|fault| match fault {
            DirectoryFault::Io(error) => SourceError::io(&folder.join("xor.dat"), error),
            fault => SourceError::new(&folder, None, SourceFault::Directory(fault)),
        })?;
        // A file that was copied out of its directory in plain has its magic in sight.
        let plain = has_magic(&start);
        return Ok(Some(Form::Records(if plain {
            Key::default()
        } else {
            key
        })));
    }
    if has_magic(&start) || has_unknown_magic(&start, length, file).map_err(io)? {
        return Ok(Some(Form::Records(Key::default())));
    }
    let first_line = start.trim_ascii_start().split(|byte| *byte == b'\n').next();
    let first_line = first_line.unwrap_or_default().trim_ascii_end();
    if first_line.len() >= 2 * super::HEADER_SIZE && first_line.iter().all(u8::is_ascii_hexdigit) {
        return Ok(Some(Form::Hex));
    }
    let binary = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    Ok(start.iter().any(binary).then_some(Form::Raw))
}

fn has_magic(start: &[u8]) -> bool {
    let magic = start.first_chunk().copied();
    magic.is_some_and(|magic| BitcoinNetwork::from_magic(magic).is_some())
}

/// Whether the same four bytes begin two records one after the other: a coin or a signet we do not know.
fn has_unknown_magic(start: &[u8], length: u64, file: File) -> io::Result<bool> {
    let Some(&[a, b, c, d, ref size @ ..]) = start.first_chunk::<8>() else {
        return Ok(false);
    };
    let size = u64::from(u32::from_le_bytes(*size));
    let next = 8 + size;
    let plausible = (81..=as_u64(BLOCK_SIZE_MAX)).contains(&size) && next + 4 <= length;
    if !plausible {
        return Ok(false);
    }
    let mut window = Window::new(file, Key::default());
    Ok(window.get(next, 4)? == [a, b, c, d])
}
