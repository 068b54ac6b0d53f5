//! A window that slides over a file: the bytes of a stretch, revealed where the file is obfuscated.
//!
//! Bitcoin Core (28 and later) hides block files under a key of eight bytes, by absolute offset. What it
//! reserved and did not write yet is raw zero and *not* hidden, so whether a byte was written is asked of
//! the raw byte. Memory is bounded by the longest stretch asked for.

use std::io::{self, Read, Seek, SeekFrom};

use super::records::as_u64;

/// What is searched at a time.
pub(super) const CHUNK: usize = 1 << 20;
/// What is read from the file at a time, at least: a page, so that bodies that are stepped over are not read.
const PAGE: usize = 1 << 12;

/// The key of `xor.dat`; all zeros hides nothing.
pub(crate) type Key = [u8; 8];

/// The byte of a key that hides the byte at an offset of the file.
fn key_byte(key: Key, offset: u64) -> u8 {
    let place = usize::try_from(offset % 8).expect("less than eight");
    key[place]
}

/// Hides bytes, or reveals hidden ones, that begin at an offset of the file.
pub(crate) fn apply_key(key: Key, offset: u64, bytes: &mut [u8]) {
    if key == Key::default() {
        return;
    }
    let rotate = usize::try_from(offset % 8).expect("less than eight");
    let mut rotated = key;
    rotated.rotate_left(rotate);
    let word = u64::from_le_bytes(rotated);
    let (words, rest) = bytes.as_chunks_mut();
    for bytes in words {
        *bytes = (u64::from_le_bytes(*bytes) ^ word).to_le_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(rotated) {
        *byte ^= key;
    }
}

/// Fills `bytes` from their beginning; says how many there were before the input's end.
pub(crate) fn read_full(input: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match input.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A stretch of a file.
#[derive(Debug)]
pub(crate) struct Window<R> {
    input: R,
    key: Key,
    /// Offset in the file of the first byte held.
    start: u64,
    bytes: Vec<u8>,
    /// How many of the bytes held lie before the stretch asked for last.
    passed: usize,
}

impl<R: Read + Seek> Window<R> {
    pub(crate) fn new(input: R, key: Key) -> Self {
        Self {
            input,
            key,
            start: 0,
            bytes: Vec::new(),
            passed: 0,
        }
    }

    /// Up to `count` bytes from an offset; fewer where the file ends.
    pub(crate) fn get(&mut self, offset: u64, count: usize) -> io::Result<&[u8]> {
        self.move_to(offset)?;
        while self.bytes.len() - self.passed < count {
            if self.read_chunk(count)? == 0 {
                break;
            }
        }
        let stretch = &self.bytes[self.passed..];
        Ok(&stretch[..stretch.len().min(count)])
    }

    /// Makes the window begin at an offset. What is passed stays until more is read: a file of small records
    /// must not move a chunk for each.
    fn move_to(&mut self, offset: u64) -> io::Result<()> {
        let ahead = offset
            .checked_sub(self.start)
            .and_then(|ahead| usize::try_from(ahead).ok());
        match ahead {
            Some(ahead) if ahead <= self.bytes.len() => self.passed = ahead,
            _ => {
                self.bytes.clear();
                self.passed = 0;
                self.input.seek(SeekFrom::Start(offset))?;
                self.start = offset;
            }
        }
        Ok(())
    }

    fn read_chunk(&mut self, wanted: usize) -> io::Result<usize> {
        self.start += as_u64(self.passed);
        self.bytes.drain(..self.passed);
        self.passed = 0;
        let held = self.bytes.len();
        let room = wanted.saturating_sub(held).max(PAGE);
        self.bytes.resize(held + room, 0);
        let read = read_full(&mut self.input, &mut self.bytes[held..]);
        let count = *read.as_ref().unwrap_or(&0);
        self.bytes.truncate(held + count);
        read?;
        let offset = self.start + as_u64(held);
        apply_key(self.key, offset, &mut self.bytes[held..]);
        Ok(count)
    }

    /// Whether the file is obfuscated.
    pub(crate) fn is_hidden(&self) -> bool {
        self.key != Key::default()
    }

    /// Whether a byte that was revealed is raw zero, as is what was never written.
    pub(crate) fn is_raw_zero(&self, offset: u64, byte: u8) -> bool {
        byte == key_byte(self.key, offset)
    }

    /// Whether none of the bytes of a stretch was written, as far as the file has them.
    pub(crate) fn is_unwritten(&mut self, offset: u64, count: usize) -> io::Result<bool> {
        let key = self.key;
        let stretch = self.get(offset, count)?;
        Ok((offset..)
            .zip(stretch)
            .all(|(offset, byte)| *byte == key_byte(key, offset)))
    }

    /// Offset of the first byte from `offset` on that was written; `None` where only raw zeros follow.
    pub(crate) fn first_written(&mut self, offset: u64) -> io::Result<Option<u64>> {
        let mut at = offset;
        loop {
            let key = self.key;
            let stretch = self.get(at, CHUNK)?;
            if stretch.is_empty() {
                return Ok(None);
            }
            let written = (at..)
                .zip(stretch)
                .find(|(offset, byte)| **byte != key_byte(key, *offset));
            if let Some((offset, _)) = written {
                return Ok(Some(offset));
            }
            at += as_u64(stretch.len());
        }
    }

    /// Offset of the next occurrence of four bytes from `offset` on, and otherwise the file's end.
    pub(crate) fn find(&mut self, offset: u64, wanted: [u8; 4]) -> io::Result<Result<u64, u64>> {
        let mut at = offset;
        loop {
            let stretch = self.get(at, CHUNK)?;
            if let Some(place) = stretch.windows(4).position(|four| four == wanted) {
                return Ok(Ok(at + as_u64(place)));
            }
            let length = as_u64(stretch.len());
            if stretch.len() < CHUNK {
                return Ok(Err(at + length));
            }
            // The last three bytes may begin an occurrence.
            at += length - 3;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const KEY: Key = [1, 2, 3, 4, 5, 6, 7, 8];

    fn hidden(plain: &[u8]) -> Vec<u8> {
        let mut bytes = plain.to_vec();
        apply_key(KEY, 0, &mut bytes);
        bytes
    }

    #[test]
    fn stretches_are_revealed_wherever_they_begin() {
        let plain: Vec<u8> = (0..=255).cycle().take(3 * CHUNK + 17).collect();
        let mut window = Window::new(Cursor::new(hidden(&plain)), KEY);
        for (offset, count) in [
            (0, 10),
            (3, 100),
            (CHUNK - 1, CHUNK + 5),
            (2 * CHUNK + 3, 9),
            (2 * CHUNK, 9),
            (1, 4),
            (3 * CHUNK, 100),
            (4 * CHUNK, 1),
        ] {
            let end = (offset + count).min(plain.len());
            let wanted = &plain[offset.min(plain.len())..end.max(offset.min(plain.len()))];
            let offset = u64::try_from(offset).unwrap();
            assert_eq!(window.get(offset, count).unwrap(), wanted, "{offset}");
        }
    }

    #[test]
    fn what_was_never_written_is_raw_zero() {
        let mut bytes = hidden(b"abc");
        bytes.resize(CHUNK + 10, 0);
        bytes.push(b'd' ^ 3);
        let mut window = Window::new(Cursor::new(bytes), KEY);
        let end = u64::try_from(CHUNK + 10).unwrap();
        assert_eq!(window.first_written(0).unwrap(), Some(0));
        assert_eq!(window.first_written(3).unwrap(), Some(end));
        assert_eq!(window.first_written(end + 1).unwrap(), None);
        let [byte] = *window.get(3, 1).unwrap() else {
            panic!()
        };
        assert_eq!(byte, 4, "revealed, it is the key");
        for (offset, count, unwritten) in [(2, 1, false), (3, 9, true), (end - 2, 3, false)] {
            assert_eq!(
                window.is_unwritten(offset, count).unwrap(),
                unwritten,
                "{offset}"
            );
        }
        assert!(window.is_unwritten(end + 1, 9).unwrap(), "past the end");
    }

    #[test]
    fn four_bytes_are_found_across_chunks() {
        for place in [0, 1, CHUNK - 4, CHUNK - 3, CHUNK - 1, CHUNK, 2 * CHUNK - 5] {
            let mut plain = vec![0; 2 * CHUNK];
            plain[place..place + 4].copy_from_slice(b"magi");
            let mut window = Window::new(Cursor::new(hidden(&plain)), KEY);
            let found = window.find(0, *b"magi").unwrap();
            assert_eq!(found, Ok(u64::try_from(place).unwrap()));
            let none = window.find(found.unwrap() + 1, *b"magi").unwrap();
            assert_eq!(none, Err(u64::try_from(2 * CHUNK).unwrap()));
        }
    }
}
