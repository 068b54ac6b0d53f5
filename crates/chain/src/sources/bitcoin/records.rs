//! The records of a block file: magic, size, block; and what to do where that is not what stands there.
//!
//! A node appends records as blocks arrive, reserves space ahead (raw zeros), and may be writing while
//! we read. So an unfinished last record ends the file quietly and is reported; bytes between records
//! are reported and scanned for the next magic, as Bitcoin Core's reindex does. But a record that stands
//! where it should and is wrong is an error: skipping it would change the answer in silence.
//!
//! A record that another record follows, or the file's end, is taken by its first bytes alone; whoever reads
//! the block checks its body. All others are checked whole here, for only that tells a block from rubbish.

use std::io::{self, Read, Seek};

use whither_ledger::chain::BitcoinNetwork;

use super::block::{BLOCK_SIZE_MAX, HEADER_SIZE, PREFIX_SIZE};
use super::check::{Beginning, check_beginning, check_parsed, is_proven};
use super::cursor::FaultAt;
use super::fault::BlockFault;
use super::window::Window;
use crate::text::{hex, network_name};

/// How many bytes of false records are read in one file before it is given up.
pub(super) const FALSE_BYTES_MAX: u64 = 1 << 30;

/// Magic and size.
pub(crate) const RECORD_HEAD: usize = 8;

/// Bytes of a block file that hold no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Skip {
    /// Offset of the first of them.
    pub(crate) from: u64,
    /// Offset after the last of them.
    pub(crate) to: u64,
    pub(crate) why: SkipWhy,
}

/// Why bytes hold no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SkipWhy {
    /// The record needs more bytes than the file has.
    Cut { needed: Option<usize> },
    /// The record's end was reserved and not written.
    Unfinished,
    /// Raw zeros, and something after them.
    Zeros,
    /// Neither a record nor zeros.
    Garbage,
}

impl Skip {
    /// The sentence.
    pub(crate) fn sentence(&self) -> String {
        let count = self.to - self.from;
        match self.why {
            SkipWhy::Cut { needed: Some(needed) } => format!(
                "cut: the last record has {count} of {needed} bytes; the file ends at the block before it"
            ),
            SkipWhy::Cut { needed: None } => {
                format!("cut: the last record has {count} bytes, fewer than name its size")
            }
            SkipWhy::Unfinished => {
                "cut: the last record is not written to its end yet; the file ends at the block before it".to_owned()
            }
            SkipWhy::Zeros => format!("{count} zero bytes between records"),
            SkipWhy::Garbage => format!("garbage: {count} bytes that are no record"),
        }
    }
}

/// Why a block file is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordFault {
    /// The file system.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// No network's magic where the first record should be.
    #[error("{} is no network's magic", hex(.0))]
    Magic([u8; 4]),
    /// Another network's record.
    #[error("this record is of {}, the records before it are of {}", network_name(*found), network_name(*expected))]
    OtherNetwork {
        /// Whose magic stands there.
        found: BitcoinNetwork,
        /// Whose should.
        expected: BitcoinNetwork,
    },
    /// A size no block has.
    #[error("the record claims a block of {0} bytes; blocks have 81 to 4000000")]
    Size(u32),
    /// Rubbish made to look like records.
    #[error("too many things here look like records and hold no block")]
    Rubbish,
    /// The block itself.
    #[error(transparent)]
    Block(BlockFault),
}

impl RecordFault {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Magic(_) => Some(
                "is xor.dat missing beside the file, or from another directory? custom signets and other coins \
                 are not read",
            ),
            Self::OtherNetwork { .. } => Some("ingest each network's files by themselves"),
            Self::Size(_) | Self::Rubbish => {
                Some("the file is damaged there: copy it again from the node")
            }
            Self::Block(fault) => fault.hint(),
            Self::Io(_) => None,
        }
    }
}

/// A fault and its offset in the file.
#[derive(Debug)]
pub(crate) struct RecordFaultAt {
    pub(crate) offset: u64,
    pub(crate) fault: RecordFault,
}

impl From<io::Error> for RecordFaultAt {
    fn from(error: io::Error) -> Self {
        Self {
            offset: 0,
            fault: error.into(),
        }
    }
}

/// Bytes before a record's end that tell whether it was written to its end.
const END: usize = 5;

/// Takes each block: its offset in the file, its length, and what its first bytes tell.
pub(crate) type Visit<'visit> = dyn FnMut(u64, usize, Beginning) + 'visit;

/// The network whose magic begins a block file; `None` for a file without a written byte.
pub(crate) fn network_of<R: Read + Seek>(
    window: &mut Window<R>,
) -> Result<Option<BitcoinNetwork>, RecordFaultAt> {
    // A hidden magic may begin with raw zeros: only what is no magic is asked whether it was written.
    for first in [Some(0), window.first_written(0)?].into_iter().flatten() {
        let magic = window.get(first, 4)?.try_into().unwrap_or_default();
        if let Some(network) = BitcoinNetwork::from_magic(magic) {
            return Ok(Some(network));
        }
    }
    let Some(offset) = window.first_written(0)? else {
        return Ok(None);
    };
    let magic = window.get(offset, 4)?.try_into().unwrap_or_default();
    let fault = RecordFault::Magic(magic);
    Err(RecordFaultAt { offset, fault })
}

/// Visits every block of a block file, in the order of the file; hands back what it passed over.
pub(crate) fn read_records<R: Read + Seek>(
    window: &mut Window<R>,
    network: BitcoinNetwork,
    visit: &mut Visit<'_>,
) -> Result<Vec<Skip>, RecordFaultAt> {
    let mut reader = Reader {
        window,
        network,
        skips: Vec::new(),
        false_bytes: 0,
    };
    let mut at = Some(0);
    while let Some(offset) = at {
        at = reader.step(offset, visit)?;
    }
    Ok(reader.skips)
}

struct Reader<'window, R> {
    window: &'window mut Window<R>,
    network: BitcoinNetwork,
    skips: Vec<Skip>,
    /// How many bytes were read of what looked like records and was none.
    false_bytes: u64,
}

impl<R: Read + Seek> Reader<'_, R> {
    /// Handles what stands at an offset where a record should begin; gives the offset of the next.
    fn step(&mut self, at: u64, visit: &mut Visit<'_>) -> Result<Option<u64>, RecordFaultAt> {
        let head = self.window.get(at, RECORD_HEAD)?;
        let magic = self.network.magic();
        let Some(&[a, b, c, d, ref size @ ..]) = head.first_chunk::<RECORD_HEAD>() else {
            let begins = head
                .iter()
                .zip(magic)
                .all(|(found, wanted)| *found == wanted);
            let length = as_u64(head.len());
            if length > 0 && self.window.first_written(at)?.is_some() {
                let why = if begins {
                    SkipWhy::Cut { needed: None }
                } else {
                    SkipWhy::Garbage
                };
                self.skip(at, at + length, why);
            }
            return Ok(None);
        };
        let (found, size) = ([a, b, c, d], u32::from_le_bytes(*size));
        if found != magic {
            return self.no_magic(at, found, visit);
        }
        let length = usize::try_from(size).unwrap_or(usize::MAX);
        if !(HEADER_SIZE + 1..=BLOCK_SIZE_MAX).contains(&length) {
            // The size itself may be written in part.
            if self
                .window
                .first_written(at + as_u64(RECORD_HEAD))?
                .is_none()
            {
                return self.end_unfinished(at);
            }
            return Err(RecordFaultAt {
                offset: at + 4,
                fault: RecordFault::Size(size),
            });
        }
        let start = at + as_u64(RECORD_HEAD);
        let end = start + as_u64(length);
        let prefix = self.window.get(start, length.min(PREFIX_SIZE))?;
        if let Ok(beginning) = check_beginning(prefix, length, self.network)
            && self.is_followed(end)?
        {
            visit(start, length, beginning);
            return Ok(Some(end));
        }
        let block = self.window.get(start, length)?;
        if block.len() < length {
            let needed = Some(length + RECORD_HEAD);
            return self.resync(at, at + 4, SkipWhy::Cut { needed }, visit);
        }
        match check_whole(block, self.network) {
            Ok(beginning) => {
                visit(start, length, beginning);
                Ok(Some(end))
            }
            Err(_) if self.is_unfinished(start, length)? => self.end_unfinished(at),
            Err(FaultAt { offset, fault }) => Err(RecordFaultAt {
                offset: start + as_u64(offset),
                fault: RecordFault::Block(fault),
            }),
        }
    }

    /// Something other than the magic stands where a record should begin.
    fn no_magic(
        &mut self,
        at: u64,
        found: [u8; 4],
        visit: &mut Visit<'_>,
    ) -> Result<Option<u64>, RecordFaultAt> {
        let Some(written) = self.window.first_written(at)? else {
            // The rest was reserved and never written.
            return Ok(None);
        };
        if let Ok(next) = self.window.find(at, self.network.magic())?
            && written >= next
            && let Some(end) = self.try_record(next, visit)?
        {
            self.skip(at, next, SkipWhy::Zeros);
            return Ok(Some(end));
        }
        let error = |fault| Err(RecordFaultAt { offset: at, fault });
        match BitcoinNetwork::from_magic(found) {
            Some(found) => error(RecordFault::OtherNetwork {
                found,
                expected: self.network,
            }),
            None if at == 0 && written == 0 => error(RecordFault::Magic(found)),
            None => self.resync(at, at + 1, SkipWhy::Garbage, visit),
        }
    }

    /// Looks for the next record that holds a good block, and reports what was passed over since `at`.
    fn resync(
        &mut self,
        at: u64,
        scan_from: u64,
        why: SkipWhy,
        visit: &mut Visit<'_>,
    ) -> Result<Option<u64>, RecordFaultAt> {
        let mut from = scan_from;
        loop {
            let candidate = match self.window.find(from, self.network.magic())? {
                Ok(candidate) => candidate,
                Err(end) => {
                    self.skip(at, end, why);
                    return Ok(None);
                }
            };
            if let Some(end) = self.try_record(candidate, visit)? {
                self.skip(at, candidate, why);
                return Ok(Some(end));
            }
            from = candidate + 1;
        }
    }

    /// The end of the record at an offset, if it is one and its block is good.
    ///
    /// A header without proof of work is passed over before more is read, and what is read in vain is bounded:
    /// a file full of magics must not cost a block's length for each.
    fn try_record(&mut self, at: u64, visit: &mut Visit<'_>) -> Result<Option<u64>, RecordFaultAt> {
        let bytes = self.window.get(at, RECORD_HEAD + HEADER_SIZE)?;
        let Some((&[_, _, _, _, ref size @ ..], header)) = bytes.split_first_chunk::<RECORD_HEAD>()
        else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_le_bytes(*size)).unwrap_or(usize::MAX);
        let proven = header
            .first_chunk()
            .is_some_and(|header| is_proven(header, self.network));
        if !proven || !(HEADER_SIZE + 1..=BLOCK_SIZE_MAX).contains(&length) {
            return Ok(None);
        }
        let start = at + as_u64(RECORD_HEAD);
        let block = self.window.get(start, length)?;
        if block.len() == length
            && let Ok(beginning) = check_whole(block, self.network)
        {
            visit(start, length, beginning);
            return Ok(Some(start + as_u64(length)));
        }
        self.false_bytes += as_u64(length);
        if self.false_bytes > FALSE_BYTES_MAX {
            let fault = RecordFault::Rubbish;
            return Err(RecordFaultAt { offset: at, fault });
        }
        Ok(None)
    }

    /// Whether a record ends where its size says: the next one begins there, or the file ends and the record
    /// was written to its end.
    fn is_followed(&mut self, end: u64) -> io::Result<bool> {
        let from = end - as_u64(END);
        let bytes = self.window.get(from, END + RECORD_HEAD)?.to_vec();
        let Some((last, next)) = bytes.split_at_checked(END) else {
            return Ok(false);
        };
        let written = |offset: u64, bytes: &[u8]| {
            (offset..)
                .zip(bytes)
                .any(|(offset, byte)| !self.window.is_raw_zero(offset, *byte))
        };
        if next.is_empty() {
            let least = self.unwritten_least();
            return Ok(written(end - as_u64(least), &last[END - least..]));
        }
        // Under a key, a magic may be raw zeros.
        let whole = next.len() == RECORD_HEAD && next.starts_with(&self.network.magic());
        Ok(whole && written(end, next))
    }

    /// Whether a bad record is the last one and its end was not written: raw zeros to the file's end.
    ///
    fn is_unfinished(&mut self, start: u64, length: usize) -> io::Result<bool> {
        let from = start + as_u64(length.saturating_sub(self.unwritten_least()));
        Ok(self.window.first_written(from)?.is_none())
    }

    /// How many raw zeros at its end show that a record was not written to its end.
    ///
    /// Without obfuscation the last bytes of a good block, its lock time, are zeros as well.
    fn unwritten_least(&self) -> usize {
        if self.window.is_hidden() { 1 } else { END }
    }

    fn end_unfinished(&mut self, at: u64) -> Result<Option<u64>, RecordFaultAt> {
        self.skip(at, at, SkipWhy::Unfinished);
        Ok(None)
    }

    fn skip(&mut self, from: u64, to: u64, why: SkipWhy) {
        self.skips.push(Skip { from, to, why });
    }
}

/// What a block's first bytes tell, once all of it was checked.
pub(crate) fn check_whole(block: &[u8], network: BitcoinNetwork) -> Result<Beginning, FaultAt> {
    check_parsed(block, network)?;
    check_beginning(&block[..block.len().min(PREFIX_SIZE)], block.len(), network)
}

/// A length as an offset.
pub(crate) fn as_u64(length: usize) -> u64 {
    u64::try_from(length).expect("memory is addressed by 64 bits")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{Cursor, SeekFrom};

    use whither_testkit::simulator::random_chain;

    use super::*;
    use crate::sources::bitcoin::window::Key;

    const NETWORK: BitcoinNetwork = BitcoinNetwork::Regtest;

    /// A file that counts the bytes that are read of it.
    struct Counted {
        input: Cursor<Vec<u8>>,
        read: usize,
    }

    impl Read for Counted {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let count = self.input.read(bytes)?;
            self.read += count;
            Ok(count)
        }
    }

    impl Seek for Counted {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.input.seek(to)
        }
    }

    fn record(block: &[u8]) -> Vec<u8> {
        let size = u32::try_from(block.len()).unwrap();
        [&NETWORK.magic()[..], &size.to_le_bytes(), block].concat()
    }

    /// Offset, length and count of transactions.
    type Found = (u64, usize, u32);

    /// What is found of each block, and how many bytes were read to tell.
    fn scan(bytes: Vec<u8>) -> (Result<Vec<Found>, RecordFaultAt>, usize) {
        let mut file = Counted {
            input: Cursor::new(bytes),
            read: 0,
        };
        let mut found = Vec::new();
        let mut window = Window::new(&mut file, Key::default());
        let result = read_records(&mut window, NETWORK, &mut |offset, length, beginning| {
            found.push((offset, length, beginning.transactions));
        });
        (result.map(|_| found), file.read)
    }

    /// Blocks of some 50 kilobytes.
    fn blocks() -> Vec<(Vec<u8>, u32)> {
        let chain = random_chain(3, 9, 150).blocks;
        let large = chain[3..].iter().map(|block| {
            let count = u32::try_from(block.transactions.len()).unwrap();
            (block.encode(), count)
        });
        large.collect()
    }

    #[test]
    fn bodies_are_stepped_over() {
        let mut bytes = Vec::new();
        let mut wanted = Vec::new();
        for (block, count) in blocks() {
            wanted.push((as_u64(bytes.len() + RECORD_HEAD), block.len(), count));
            bytes.extend(record(&block));
        }
        let length = bytes.len();
        let (found, read) = scan(bytes);
        assert_eq!(found.unwrap(), wanted);
        assert!(read < length / 3, "{read} of {length}");
    }

    /// Rubbish after a record makes its size doubtful: then its body counts.
    #[test]
    fn a_body_is_read_where_no_record_follows() {
        let blocks = blocks();
        let written = |(block, _): &&(Vec<u8>, u32)| block[block.len() - END] != 0;
        let (block, _) = blocks.iter().find(written).unwrap();
        for (follower, whole) in [
            (record(block), false),
            (Vec::new(), false),
            (vec![0; 100], true),
            (vec![0xee; 3], true),
            (NETWORK.magic().to_vec(), true),
        ] {
            let mut bytes = record(block);
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            bytes.extend(&follower);
            let (found, _) = scan(bytes);
            assert_eq!(found.is_err(), whole, "{follower:?}");
        }
    }
}
