//! The order holds, faults come at their place and only once, and nobody waits for ever.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::OnceLock;

use proptest::prelude::*;
use tempfile::TempDir;
use whither_ledger::chain::Chain;
use whither_testkit::simulator::block::Block;
use whither_testkit::simulator::random_chain;

use super::*;
use crate::blocks::files::Coding;
use crate::error::At;
use crate::sources::bitcoin::BlockFault;
use crate::sources::bitcoin::window::apply_key;
use crate::text::hex;

const NETWORK: BitcoinNetwork = BitcoinNetwork::Regtest;
const KEY: [u8; 8] = [0xa1, 0x6e, 0x78, 0x24, 0x20, 0x82, 0xbd, 0x64];

fn chain() -> &'static [Block] {
    static BLOCKS: OnceLock<Vec<Block>> = OnceLock::new();
    BLOCKS.get_or_init(|| random_chain(7, 90, 12).blocks)
}

/// Blocks in three files: in plain, under a key, as hex.
struct Bench {
    folder: TempDir,
    files: Files,
    wanted: Vec<Wanted>,
}

impl Bench {
    /// With `change` made to the bytes of each block before they are written.
    fn new(blocks: &[Block], change: impl Fn(usize, &mut Vec<u8>)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::default();
        let codings = [Coding::Bytes([0; 8]), Coding::Bytes(KEY), Coding::Hex];
        let numbers = codings.map(|coding| {
            let path = folder.path().join(format!("{coding:?}"));
            files.add(path, coding)
        });
        let mut stored = [const { Vec::<u8>::new() }; 3];
        let mut wanted = Vec::new();
        for (number, block) in blocks.iter().enumerate() {
            let mut bytes = block.encode();
            change(number, &mut bytes);
            let stored = &mut stored[number % 3];
            let place = Place {
                file: numbers[number % 3],
                offset: u64::try_from(stored.len()).unwrap(),
                length: bytes.len(),
            };
            wanted.push((block.hash(), place));
            match codings[number % 3] {
                Coding::Bytes(_) => stored.extend(&bytes),
                Coding::Hex => stored.extend(hex(&bytes).bytes()),
            }
        }
        apply_key(KEY, 0, &mut stored[1]);
        for (number, bytes) in numbers.into_iter().zip(stored) {
            fs::write(files.path(number), bytes).unwrap();
        }
        Self {
            folder,
            files,
            wanted,
        }
    }

    fn path(&self, block: usize) -> PathBuf {
        self.files.path(self.wanted[block].1.file).to_owned()
    }

    /// What is handed over, and the error after it; `stop` is where the taker refuses.
    fn read(&self, workers: usize, stop: Option<usize>) -> (Vec<BlockData>, Option<String>) {
        let mut taken = Vec::new();
        let take: &mut Take<'_, SourceError> = &mut |number, block| {
            assert_eq!(number, taken.len());
            if stop == Some(number) {
                return Err(SourceError::io(
                    self.folder.path(),
                    std::io::Error::other("enough"),
                ));
            }
            taken.push(block);
            Ok(())
        };
        let result = read_in_order(&self.files, &self.wanted, NETWORK, workers, take);
        (taken, result.err().map(|error| error.to_string()))
    }

    fn fault(&self, block: usize) -> SourceError {
        let wanted = &self.wanted[block..=block];
        let take: &mut Take<'_, SourceError> = &mut |_, _| Ok(());
        read_in_order(&self.files, wanted, NETWORK, 1, take).unwrap_err()
    }
}

/// A bit of the coinbase's version is changed: the header's root no longer holds.
fn damage(bytes: &mut [u8]) {
    bytes[81] ^= 1;
}

/// The blocks come as those who made them have them.
#[test]
fn what_is_handed_over_is_the_blocks() {
    let bench = Bench::new(chain(), |_, _| {});
    for workers in [0, 1, 2, 7] {
        let (taken, error) = bench.read(workers, None);
        assert_eq!(error, None);
        assert_eq!(taken.len(), chain().len());
        for (data, block) in taken.iter().zip(chain()) {
            assert_is(data, block);
        }
    }
}

fn assert_is(data: &BlockData, block: &Block) {
    assert_eq!(data.hash, block.hash());
    assert_eq!(data.header, block.encode()[..HEADER_SIZE]);
    assert_eq!(data.offsets[0], 81);
    let (mut spend, mut output) = (0, 0);
    for (number, transaction) in block.transactions.iter().enumerate() {
        assert_eq!(data.txids[number], transaction.txid());
        let inputs = transaction.inputs.iter();
        for input in inputs.filter(|_| !transaction.is_coinbase()) {
            let outpoint = &data.spends[spend];
            assert_eq!((outpoint.txid, outpoint.vout), (input.txid, input.vout));
            spend += 1;
        }
        assert_eq!(data.input_ends[number], spend);
        for made in &transaction.outputs {
            assert_eq!(data.values[output], made.value);
            if let Some(address) = &made.script.address {
                let owner = data.owners[output].as_ref().unwrap();
                assert_eq!(owner.display(&Chain::Bitcoin(NETWORK)), *address);
            }
            output += 1;
        }
        assert_eq!(data.output_ends[number], output);
    }
    assert_eq!((spend, output), (data.spends.len(), data.values.len()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Whatever the workers' timing: the same blocks, then the same error.
    #[test]
    fn workers_change_nothing(
        order in proptest::collection::vec(0..chain().len(), 0..300),
        damaged in proptest::collection::vec(0..chain().len(), 0..3),
        stop in proptest::option::of(0_usize..300),
        workers in 1_usize..9,
    ) {
        let mut bench = Bench::new(chain(), |number, bytes| {
            if damaged.contains(&number) {
                damage(bytes);
            }
        });
        bench.wanted = order.iter().map(|block| bench.wanted[*block]).collect();
        let first_bad = order.iter().position(|block| damaged.contains(block));
        let (alone, error) = bench.read(0, stop);
        let end = [first_bad, stop.filter(|stop| *stop < order.len())].into_iter().flatten().min();
        prop_assert_eq!(alone.len(), end.unwrap_or(order.len()));
        prop_assert_eq!(error.is_some(), end.is_some());
        if let (Some(error), Some(bad), true) = (&error, first_bad, end == first_bad) {
            let place = &bench.path(bad).display().to_string();
            prop_assert!(error.starts_with(place), "{}", error);
        }
        prop_assert_eq!(bench.read(workers, stop), (alone, error));
    }
}

#[test]
fn a_fault_has_the_offset_of_its_byte() {
    let bench = Bench::new(chain(), |_, bytes| damage(bytes));
    for block in 3..6 {
        let error = bench.fault(block);
        let place = bench.wanted[block].1;
        let root = if block == 5 { 2 * 36 } else { 36 };
        assert_eq!(error.at, Some(At::Byte(place.offset + root)));
        let SourceFault::Record(crate::sources::bitcoin::RecordFault::Block(fault)) = error.fault
        else {
            panic!("{error}")
        };
        assert!(matches!(fault, BlockFault::MerkleRoot { .. }), "{fault}");
    }
}

#[test]
fn a_file_that_has_changed_is_said() {
    let bench = Bench::new(chain(), |_, _| {});
    let last = chain().len() - 1;
    for block in last - 2..=last {
        let bytes = fs::read(bench.path(block)).unwrap();
        let begin = usize::try_from(bench.wanted[block].1.offset).unwrap();
        for length in [0, begin, begin + 40, bytes.len() - 2] {
            fs::write(bench.path(block), &bytes[..length]).unwrap();
            let fault = bench.fault(block).fault;
            assert!(matches!(fault, SourceFault::Changed), "{length}: {fault}");
        }
        let mut other = bytes;
        other[begin + 8] ^= 1;
        fs::write(bench.path(block), &other).unwrap();
        let fault = bench.fault(block).fault;
        assert!(matches!(fault, SourceFault::Changed), "{fault}");
        fs::remove_file(bench.path(block)).unwrap();
        assert!(bench.fault(block).is_not_found());
    }
}

#[test]
fn digits_that_are_none_any_more_are_said() {
    let bench = Bench::new(chain(), |_, _| {});
    let mut digits = fs::read(bench.path(2)).unwrap();
    digits[100] = b'g';
    fs::write(bench.path(2), digits).unwrap();
    let text = bench.fault(2).to_string();
    assert!(text.contains("the hex digits have changed"), "{text}");
}

#[test]
fn a_panic_ends_the_work_and_is_passed_on() {
    let mut bench = Bench::new(chain(), |_, _| {});
    let take: &mut Take<'_, SourceError> = &mut |_, _| panic!("the taker");
    let run = || read_in_order(&bench.files, &bench.wanted, NETWORK, 3, take);
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());

    bench.wanted[80].1.file = 3;
    for workers in [1, 3] {
        let run = || bench.read(workers, None);
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err(), "no such file");
    }
}

/// How many pieces and blocks are begun when nothing is handed over.
fn begun(length: usize, pieces_max: usize) -> (usize, usize) {
    let place = Place {
        file: 0,
        offset: 0,
        length,
    };
    let blocks = vec![([0; 32], place); 10_000];
    let queue = Queue {
        blocks: &blocks,
        pieces_max,
        state: Mutex::default(),
        room: Condvar::new(),
        read: Condvar::new(),
    };
    let mut state = queue.lock();
    let mut count = 0;
    while queue.try_begin(&mut state).is_some() {
        count += 1;
    }
    assert_eq!(state.bytes, state.begun * length);
    (count, state.begun)
}

#[test]
fn what_is_read_ahead_is_bounded() {
    assert_eq!(begun(200, 8), (8, 8 * PIECE_BLOCKS));
    assert_eq!(begun(PIECE_BYTES / 2, 8), (8, 16));
    assert_eq!(begun(PIECE_BYTES + 1, 8), (8, 8));
    assert_eq!(begun(4_000_000, 80), (16, 16), "64 MB of blocks");
    assert_eq!(begun(BYTES_AHEAD + 1, 8), (1, 1), "one always");
}
