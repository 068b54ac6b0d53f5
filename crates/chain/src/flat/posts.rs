//! Postings: what each address received within a run of blocks, in one file that is never changed.
//!
//! Layout, all numbers little-endian:
//!
//! - head, 72 bytes: `whiposts`, version u32, width of a start u32 (4 or 5), the run's outputs (first, end:
//!   u64), its outside outputs (the same), the addresses that appear in it for the first time (first, end:
//!   u32), how many posts u64, how many older addresses u64;
//! - posts, 5 bytes each, by address: outputs that it received, ascending, then outside outputs that it owns,
//!   ascending, with the top bit set;
//! - starts of the addresses that are new in the run, and the end of the last: which post is the first of an
//!   address. Ids are given by first appearance, so these addresses follow each other, and each has posts;
//! - older addresses that occur again, ascending: id u32, start;
//! - CRC-32 of all bytes before, u32.
//!
//! The same input gives the same bytes. Runs of blocks: [`super::runs`]. Not here: when a run is built, and
//! which file belongs to which run.

pub(crate) mod build;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::flat::column::{OUTSIDE, index};
use crate::flat::map::Map;
use crate::store::StoreError;

const MAGIC: &[u8; 8] = b"whiposts";
const VERSION: u32 = 1;
const HEAD: usize = 72;
const CRC: u64 = 4;
const POST: u64 = 5;

/// Who owns what.
pub(crate) trait Owners {
    /// The owner of an output, if it has one.
    fn owner_of_output(&self, row: u64) -> Option<u32>;
    /// The owner of an outside output, if it is known.
    fn owner_of_outside(&self, row: u64) -> Option<u32>;
}

/// The part of a chain that a run covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The outputs that its blocks make.
    pub(crate) outputs: Range<u64>,
    /// The outside outputs that its blocks are the first to spend.
    pub(crate) outside: Range<u64>,
    /// The addresses that appear in it for the first time; those before may occur again.
    pub(crate) addresses: Range<u32>,
}

/// What a file's first bytes say.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Head {
    shape: Shape,
    /// Bytes of a start: 4 while they suffice.
    width: u32,
    posts: u64,
    /// How many older addresses occur.
    older: u64,
}

impl Head {
    fn write(&self) -> [u8; HEAD] {
        let Shape {
            outputs,
            outside,
            addresses,
        } = &self.shape;
        let mut bytes = Vec::with_capacity(HEAD);
        bytes.extend(MAGIC);
        bytes.extend([VERSION, self.width].map(u32::to_le_bytes).as_flattened());
        let rows = [outputs.start, outputs.end, outside.start, outside.end];
        bytes.extend(rows.map(u64::to_le_bytes).as_flattened());
        let ids = [addresses.start, addresses.end];
        bytes.extend(ids.map(u32::to_le_bytes).as_flattened());
        bytes.extend(
            [self.posts, self.older]
                .map(u64::to_le_bytes)
                .as_flattened(),
        );
        bytes.try_into().expect("the fields fill the head")
    }

    fn read(path: &Path, bytes: &[u8; HEAD]) -> Result<Self, StoreError> {
        let four = |at: usize| u32::from_le_bytes(*bytes[at..].first_chunk().expect("in the head"));
        let eight =
            |at: usize| u64::from_le_bytes(*bytes[at..].first_chunk().expect("in the head"));
        if !bytes.starts_with(MAGIC) {
            return Err(bad(path, "not a file of postings"));
        }
        if four(8) != VERSION {
            return Err(StoreError::Version {
                path: path.to_owned(),
                found: format!("postings {}", four(8)),
                supported: "postings 1",
            });
        }
        let head = Self {
            width: four(12),
            shape: Shape {
                outputs: eight(16)..eight(24),
                outside: eight(32)..eight(40),
                addresses: four(48)..four(52),
            },
            posts: eight(56),
            older: eight(64),
        };
        if !matches!(head.width, 4 | 5) {
            return Err(bad(path, "a start has neither 4 nor 5 bytes"));
        }
        Ok(head)
    }

    fn fresh(&self) -> u64 {
        u64::from(self.shape.addresses.end) - u64::from(self.shape.addresses.start)
    }

    /// Where posts begin.
    fn posts_at() -> u64 {
        HEAD.try_into().expect("a small number")
    }

    /// Where starts begin.
    fn starts_at(&self) -> u64 {
        Self::posts_at() + POST * self.posts
    }

    /// Where older addresses begin.
    fn older_at(&self) -> u64 {
        self.starts_at() + u64::from(self.width) * (self.fresh() + 1)
    }

    /// The size of the whole file, if there can be one.
    fn bytes(&self) -> Option<u64> {
        let counts_fit = self.posts <= 2 * OUTSIDE && self.older <= u64::from(u32::MAX);
        counts_fit.then(|| self.older_at() + u64::from(4 + self.width) * self.older + CRC)
    }
}

fn bad(path: &Path, why: &'static str) -> StoreError {
    StoreError::Postings {
        path: path.to_owned(),
        why,
    }
}

/// The postings of a run, mapped.
///
/// A damaged file of the right size gives wrong answers, or a panic; [`Posts::check`] tells before.
#[derive(Debug)]
pub(crate) struct Posts {
    path: PathBuf,
    map: Map,
    head: Head,
}

impl Posts {
    /// Maps a file and compares its head with what is expected, and its size with its head: no more is read.
    pub(crate) fn open(path: &Path, expected: &Shape) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::MissingColumn(path.to_owned()),
            _ => StoreError::io(path, "cannot be opened")(error),
        })?;
        let map = Map::whole(&file).map_err(StoreError::io(path, "cannot be mapped"))?;
        let head = map
            .first_chunk()
            .ok_or_else(|| bad(path, "no whole head"))?;
        let head = Head::read(path, head)?;
        if head.shape != *expected {
            return Err(bad(path, "it covers other rows than it should"));
        }
        let found = u64::try_from(map.len()).unwrap_or(u64::MAX);
        let size = head.bytes();
        let size = size.ok_or_else(|| bad(path, "more posts than there can be"))?;
        if found != size {
            return Err(StoreError::ColumnSize {
                path: path.to_owned(),
                found,
                expected: size,
            });
        }
        Ok(Self {
            path: path.to_owned(),
            map,
            head,
        })
    }

    /// The outputs that an address received in this run, in order.
    pub(crate) fn received(
        &self,
        address: u32,
    ) -> impl ExactSizeIterator<Item = u64> + DoubleEndedIterator {
        let (received, _) = self.parts(address);
        received.iter().map(number)
    }

    /// The outside outputs of an address that are first spent in this run, in order.
    pub(crate) fn outside(
        &self,
        address: u32,
    ) -> impl ExactSizeIterator<Item = u64> + DoubleEndedIterator {
        let (_, outside) = self.parts(address);
        outside.iter().map(|post| number(post) & !OUTSIDE)
    }

    /// Reads every byte: the checksum first, then whether all is in order.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let bad = |why| Err(bad(&self.path, why));
        let (content, crc) = self.map.split_last_chunk().expect("the size was compared");
        if crc32fast::hash(content) != u32::from_le_bytes(*crc) {
            return bad("its bytes have another checksum");
        }
        if self.start_of(0) != 0 {
            return bad("the first start is not 0");
        }
        if self.start_of(self.head.older + self.head.fresh()) != self.head.posts {
            return bad("the last start is not the end");
        }
        for place in 1..self.head.older {
            if self.older(place - 1) >= self.older(place) {
                return bad("older addresses are not in order");
            }
        }
        if self.head.older > 0 && self.older(self.head.older - 1) >= self.head.shape.addresses.start
        {
            return bad("an older address is not older");
        }
        for place in 0..self.head.older + self.head.fresh() {
            let (start, end) = (self.start_of(place), self.start_of(place + 1));
            if start >= end || end > self.head.posts {
                return bad("starts are not in order");
            }
            let posts = self.posts(start..end);
            if !posts.is_sorted_by(|one, next| number(one) < number(next)) {
                return bad("posts are not in order");
            }
            let within = |post| match number(post) {
                outside if outside & OUTSIDE != 0 => {
                    self.head.shape.outside.contains(&(outside & !OUTSIDE))
                }
                output => self.head.shape.outputs.contains(&output),
            };
            if !posts.iter().all(within) {
                return bad("a post is not of this run");
            }
        }
        Ok(())
    }

    /// The posts of an address: outputs, and outside outputs.
    fn parts(&self, address: u32) -> (&[[u8; 5]], &[[u8; 5]]) {
        let Some(place) = self.place(address) else {
            return (&[], &[]);
        };
        let posts = self.posts(self.start_of(place)..self.start_of(place + 1));
        posts.split_at(posts.partition_point(|post| number(post) & OUTSIDE == 0))
    }

    /// The place of an address among those that occur.
    fn place(&self, address: u32) -> Option<u64> {
        let fresh = &self.head.shape.addresses;
        if address >= fresh.start {
            let place = self.head.older + u64::from(address - fresh.start);
            return fresh.contains(&address).then_some(place);
        }
        let (mut low, mut high) = (0, self.head.older);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.older(middle) < address {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < self.head.older && self.older(low) == address).then_some(low)
    }

    /// An older address.
    fn older(&self, place: u64) -> u32 {
        let record = u64::from(4 + self.head.width);
        let bytes = &self.map[index(self.head.older_at() + record * place)..];
        u32::from_le_bytes(*bytes.first_chunk().expect("an older address"))
    }

    /// The first post of an address by its place; beyond the last place, the end.
    fn start_of(&self, place: u64) -> u64 {
        let width = u64::from(self.head.width);
        let at = match place.checked_sub(self.head.older) {
            Some(fresh) => self.head.starts_at() + width * fresh,
            None => self.head.older_at() + (4 + width) * place + 4,
        };
        let bytes = &self.map[index(at)..];
        if width == 4 {
            u32::from_le_bytes(*bytes.first_chunk().expect("a start")).into()
        } else {
            number(bytes.first_chunk().expect("a start"))
        }
    }

    fn posts(&self, range: Range<u64>) -> &[[u8; 5]] {
        let (all, _) = self.map[HEAD..index(self.head.starts_at())].as_chunks();
        &all[index(range.start)..index(range.end)]
    }
}

/// A number of five bytes.
fn number(bytes: &[u8; 5]) -> u64 {
    let [a, b, c, d, e] = *bytes;
    u64::from_le_bytes([a, b, c, d, e, 0, 0, 0])
}
