//! Reads blocks, each once: its bytes, all checks, and what the columns take of it, in a given order.
//!
//! Workers read and check in any order; the calling thread gets the blocks strictly in theirs, and the first
//! fault in that order, whatever the threads' timing. What is read ahead is bounded. Which blocks count, and
//! in which order, is decided elsewhere (`super::tree`), from the headers.

use std::collections::VecDeque;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread;

use whither_ledger::chain::BitcoinNetwork;

use super::Hash;
use super::data::BlockData;
use super::files::{Files, Place};
use crate::error::{SourceError, SourceFault};
use crate::sources::bitcoin::{HEADER_SIZE, Header, check_parsed};

/// A piece is what a worker takes at a time: one block, or small ones up to so many bytes and blocks.
const PIECE_BYTES: usize = 1 << 18;
const PIECE_BLOCKS: usize = 64;
/// Most pieces read ahead for each worker.
const PIECES_AHEAD: usize = 4;
/// Most bytes of blocks read ahead. What is kept of a block is in proportion to its bytes.
const BYTES_AHEAD: usize = 64 << 20;

/// A block to be read: its hash, and where it lies.
pub(crate) type Wanted = (Hash, Place);

/// Takes each block by its number among those wanted.
pub(crate) type Take<'take, E> = dyn FnMut(usize, BlockData) -> Result<(), E> + 'take;

/// Reads blocks, checks them and hands them to `take` in the order given; `take` runs in the calling thread.
///
/// Without workers all is done in the calling thread. However many there are, the same blocks are handed over
/// before the same error.
///
/// # Errors
/// Of the first block that cannot be read, is not the one wanted, or does not pass the checks; and what `take`
/// says. No block is read after that but those that a worker has begun.
pub(crate) fn read_in_order<E: From<SourceError>>(
    files: &Files,
    blocks: &[Wanted],
    network: BitcoinNetwork,
    workers: usize,
    take: &mut Take<'_, E>,
) -> Result<(), E> {
    if workers == 0 {
        let mut reader = Reader::new(files, network);
        for (number, wanted) in blocks.iter().enumerate() {
            take(number, reader.read(wanted)?)?;
        }
        return Ok(());
    }
    let queue = Queue {
        blocks,
        pieces_max: PIECES_AHEAD * workers,
        state: Mutex::default(),
        room: Condvar::new(),
        read: Condvar::new(),
    };
    thread::scope(|scope| {
        let work = || queue.work(Reader::new(files, network));
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let result = queue.hand_over(take);
        for thread in threads {
            if let Err(panic) = thread.join() {
                resume_unwind(panic);
            }
        }
        result
    })
}

/// Reads single blocks, with its own open files.
struct Reader {
    files: Files,
    network: BitcoinNetwork,
    bytes: Vec<u8>,
}

impl Reader {
    fn new(files: &Files, network: BitcoinNetwork) -> Self {
        let mut own = Files::default();
        own.append(files);
        Self {
            files: own,
            network,
            bytes: Vec::new(),
        }
    }

    /// Reads a block whole and checks it.
    fn read(&mut self, (hash, place): &Wanted) -> Result<BlockData, SourceError> {
        let read = self.files.read(place, place.length, &mut self.bytes);
        let path = self.files.path(place.file);
        read.map_err(|error| SourceError::io(path, error))?;
        let header: Option<&[u8; HEADER_SIZE]> = self.bytes.first_chunk();
        let same = header.is_some_and(|header| Header::parse(header).hash == *hash);
        if !same || self.bytes.len() != place.length {
            return Err(SourceError::new(path, None, SourceFault::Changed));
        }
        let (block, txids, _) = check_parsed(&self.bytes, self.network)
            .map_err(|fault| self.files.fault(place, fault))?;
        Ok(BlockData::of(&self.bytes, &block, txids))
    }
}

/// The blocks of a piece; after an error no more.
type Pieceful = Vec<Result<BlockData, SourceError>>;

/// Consecutive blocks that one worker reads.
struct Piece {
    /// How long the blocks are together.
    bytes: usize,
    /// The blocks, once they were read.
    blocks: Option<Pieceful>,
}

/// What was begun and not handed over yet.
#[derive(Default)]
struct State {
    /// How many blocks workers have begun.
    begun: usize,
    /// How many pieces were handed over.
    handed_over: usize,
    /// The pieces after those, in order.
    pieces: VecDeque<Piece>,
    /// How many bytes they have.
    bytes: usize,
    /// No more pieces are to be begun: all is done, or something failed.
    over: bool,
}

/// Hands pieces to workers, and what they read to the calling thread.
struct Queue<'run> {
    blocks: &'run [Wanted],
    pieces_max: usize,
    state: Mutex<State>,
    /// Told when another piece may be begun.
    room: Condvar,
    /// Told when a piece was read.
    read: Condvar,
}

/// Ends the work when it goes out of scope, also by a panic: nobody waits for what will not come.
struct EndsWork<'queue, 'run>(&'queue Queue<'run>);

impl Drop for EndsWork<'_, '_> {
    fn drop(&mut self) {
        self.0.lock().over = true;
        self.0.room.notify_all();
        self.0.read.notify_all();
    }
}

impl Queue<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under the lock")
    }

    /// A worker: reads pieces until none is left.
    fn work(&self, mut reader: Reader) {
        let ends = EndsWork(self);
        while let Some((number, range)) = self.begin() {
            let mut blocks = Pieceful::with_capacity(range.len());
            for wanted in &self.blocks[range] {
                let read = reader.read(wanted);
                let failed = read.is_err();
                blocks.push(read);
                if failed {
                    break;
                }
            }
            let mut state = self.lock();
            let place = number - state.handed_over;
            state.pieces[place].blocks = Some(blocks);
            drop(state);
            self.read.notify_one();
        }
        // Other workers go on.
        std::mem::forget(ends);
    }

    /// The next piece: its number and its blocks. Waits for room; the piece that is needed next finds it always.
    fn begin(&self) -> Option<(usize, Range<usize>)> {
        let mut state = self.lock();
        loop {
            if state.over || state.begun == self.blocks.len() {
                return None;
            }
            if let Some(piece) = self.try_begin(&mut state) {
                return Some(piece);
            }
            let waited = self.room.wait(state);
            state = waited.expect("nothing panics under the lock");
        }
    }

    /// The next piece, if there is room for it; there is always room for one.
    fn try_begin(&self, state: &mut State) -> Option<(usize, Range<usize>)> {
        let (range, bytes) = self.piece(state.begun);
        let fits = state.pieces.len() < self.pieces_max && state.bytes + bytes <= BYTES_AHEAD;
        if !fits && !state.pieces.is_empty() {
            return None;
        }
        state.begun = range.end;
        state.bytes += bytes;
        let blocks = None;
        state.pieces.push_back(Piece { bytes, blocks });
        Some((state.handed_over + state.pieces.len() - 1, range))
    }

    /// The piece that begins at a block, and how many bytes it has.
    fn piece(&self, first: usize) -> (Range<usize>, usize) {
        let (mut end, mut bytes) = (first, 0);
        for (_, place) in self.blocks[first..].iter().take(PIECE_BLOCKS) {
            if end > first && bytes + place.length > PIECE_BYTES {
                break;
            }
            bytes += place.length;
            end += 1;
        }
        (first..end, bytes)
    }

    /// The calling thread: takes the pieces in order.
    fn hand_over<E: From<SourceError>>(&self, take: &mut Take<'_, E>) -> Result<(), E> {
        let _ends = EndsWork(self);
        let mut number = 0;
        while number < self.blocks.len() {
            // Without a piece a worker has panicked; joining it tells.
            let Some(piece) = self.next() else {
                return Ok(());
            };
            for block in piece {
                take(number, block?)?;
                number += 1;
            }
            let mut state = self.lock();
            let piece = state.pieces.pop_front();
            state.bytes -= piece.map_or(0, |piece| piece.bytes);
            state.handed_over += 1;
            drop(state);
            self.room.notify_all();
        }
        Ok(())
    }

    /// The blocks of the piece that is needed next, as soon as they were read.
    fn next(&self) -> Option<Pieceful> {
        let mut state = self.lock();
        loop {
            let first = state.pieces.front_mut();
            if let Some(blocks) = first.and_then(|piece| piece.blocks.take()) {
                return Some(blocks);
            }
            if state.over {
                return None;
            }
            let waited = self.read.wait(state);
            state = waited.expect("nothing panics under the lock");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
