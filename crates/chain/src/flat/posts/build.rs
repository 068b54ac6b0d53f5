//! Builds the postings of a run: a sort of its posts by address, in memory that does not grow with the run.
//!
//! A first scan counts posts by ranges of ids, a bucket each. Then as many buckets as fit the budget are
//! filled by a further scan, sorted one by one and written; and so on with the next ones. A bucket that does
//! not fit alone is cut into buckets of its own, and the posts of one address that do not fit are written
//! while they are scanned, since a scan meets them in order.

use std::convert::Infallible;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crc32fast::Hasher;

use super::{Head, Owners, Shape, bad};
use crate::flat::column::{OUTSIDE, five, four, index};
use crate::store::StoreError;

/// How many bytes of posts are sorted at once, if nothing else is asked for. More of them make fewer scans.
pub(crate) const BUDGET: usize = 256 << 20;

/// Posts that a bucket should have: few enough to be sorted in the processor's cache.
const BUCKET: u64 = 4096;
const BUCKETS_MAX: u64 = 1 << 16;
/// A key has 24 bits for the address within its bucket, above the 40 bits of the post.
const SHIFT_MAX: u32 = 24;
const POST_BITS: u32 = 40;

/// Bytes of each part of the file that wait to be written.
const BUFFER: usize = 1 << 18;
const WRITTEN: &str = "cannot be written";

/// Builds the file of a run, and says how many bytes it has.
///
/// Memory: `budget` bytes, and a megabyte of buffers. The file is written beside its place, brought to disk
/// and renamed; the caller brings the directory to disk. After an error nothing new has the file's name.
///
/// # Errors
/// When the file cannot be written, or an owner is not among the addresses.
pub(crate) fn build(
    path: &Path,
    source: &impl Owners,
    shape: &Shape,
    budget: usize,
) -> Result<u64, StoreError> {
    build_with(path, source, shape, budget, None)
}

/// As [`build`], with a width of starts that may be asked for.
pub(super) fn build_with(
    path: &Path,
    source: &impl Owners,
    shape: &Shape,
    budget: usize,
    width: Option<u32>,
) -> Result<u64, StoreError> {
    assert!(
        shape.outputs.end <= OUTSIDE && shape.outside.end <= OUTSIDE,
        "fewer than 2^39 rows"
    );
    let mut temporary = OsString::from(path);
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    let write = || {
        let mut sorter = Sorter::new(source, shape, budget);
        let rows = length(&shape.outputs) + length(&shape.outside);
        let (buckets, elsewhere) = sorter.count(0..shape.addresses.end.into(), rows);
        if elsewhere > 0 {
            return Err(bad(path, "an owner is not among the addresses"));
        }
        let posts = buckets.counts.iter().sum();
        let mut output = Output::create(&temporary, shape, posts, width)?;
        sorter.drain(&buckets, &mut output)?;
        let bytes = output.finish()?;
        fs::rename(&temporary, path).map_err(StoreError::io(path, "cannot be put in place"))?;
        Ok(bytes)
    };
    let built = write();
    if built.is_err() {
        // What cannot be removed is overwritten by the next build.
        let _ = fs::remove_file(&temporary);
    }
    built
}

fn length(rows: &Range<u64>) -> u64 {
    rows.end - rows.start
}

/// Ids cut into ranges of 2^shift, and how many posts each has.
struct Buckets {
    ids: Range<u64>,
    shift: u32,
    counts: Vec<u64>,
}

impl Buckets {
    /// The ids of some buckets that follow each other.
    fn ids(&self, buckets: &Range<usize>) -> Range<u64> {
        let edge = |bucket: usize| {
            let bucket = u64::try_from(bucket).expect("at most 2^16 buckets");
            self.ids.end.min(self.ids.start + (bucket << self.shift))
        };
        edge(buckets.start)..edge(buckets.end)
    }
}

struct Sorter<'a, S> {
    source: &'a S,
    shape: &'a Shape,
    /// How many posts are sorted at once.
    capacity: u64,
    keys: Vec<u64>,
}

impl<'a, S: Owners> Sorter<'a, S> {
    fn new(source: &'a S, shape: &'a Shape, budget: usize) -> Self {
        // Ten bytes a post: eight of its key, and two of the counts and places of buckets.
        let capacity = u64::try_from(budget / 10).unwrap_or(u64::MAX).max(1);
        Self {
            source,
            shape,
            capacity,
            keys: Vec::new(),
        }
    }

    /// Gives the owner and the post of each row that has an owner, in order.
    fn scan<E>(&self, mut give: impl FnMut(u64, u64) -> Result<(), E>) -> Result<(), E> {
        for row in self.shape.outputs.clone() {
            if let Some(owner) = self.source.owner_of_output(row) {
                give(owner.into(), row)?;
            }
        }
        for row in self.shape.outside.clone() {
            if let Some(owner) = self.source.owner_of_outside(row) {
                give(owner.into(), row | OUTSIDE)?;
            }
        }
        Ok(())
    }

    /// Counts posts by buckets of ids; and those of other ids. About `expected` posts are to be counted.
    fn count(&self, ids: Range<u64>, expected: u64) -> (Buckets, u64) {
        let most = (expected / BUCKET).min(self.capacity / 8);
        let most = most.clamp(2, BUCKETS_MAX);
        let ids_count = length(&ids);
        let last = ids_count.saturating_sub(1);
        let shift = (0..SHIFT_MAX).find(|shift| last >> shift < most);
        let shift = shift.unwrap_or(SHIFT_MAX);
        let (mut counts, mut elsewhere) = (vec![0; index((last >> shift) + 1)], 0);
        let Ok(()) = self.scan(|owner, _| {
            let id = owner.wrapping_sub(ids.start);
            if id < ids_count {
                counts[index(id >> shift)] += 1;
            } else {
                elsewhere += 1;
            }
            Ok::<_, Infallible>(())
        });
        let buckets = Buckets { ids, shift, counts };
        (buckets, elsewhere)
    }

    /// Writes the posts of all buckets.
    fn drain(&mut self, buckets: &Buckets, output: &mut Output) -> Result<(), StoreError> {
        let mut start = 0;
        while start < buckets.counts.len() {
            let (mut end, mut posts) = (start, 0);
            for count in &buckets.counts[start..] {
                if posts + count > self.capacity {
                    break;
                }
                posts += count;
                end += 1;
            }
            if start < end {
                if posts > 0 {
                    self.sort(buckets, start..end, posts, output)?;
                }
                start = end;
            } else {
                let ids = buckets.ids(&(start..start + 1));
                self.drain_alone(ids, buckets.counts[start], output)?;
                start += 1;
            }
        }
        Ok(())
    }

    /// Writes the posts of a bucket that exceeds the capacity.
    fn drain_alone(
        &mut self,
        ids: Range<u64>,
        posts: u64,
        output: &mut Output,
    ) -> Result<(), StoreError> {
        if length(&ids) > 1 {
            let (buckets, _) = self.count(ids, posts);
            return self.drain(&buckets, output);
        }
        self.scan(|owner, post| match owner == ids.start {
            true => output.post(owner, post),
            false => Ok(()),
        })
    }

    /// Writes the posts of buckets that fit the capacity together.
    fn sort(
        &mut self,
        buckets: &Buckets,
        group: Range<usize>,
        posts: u64,
        output: &mut Output,
    ) -> Result<(), StoreError> {
        let mut keys = std::mem::take(&mut self.keys);
        keys.resize(index(posts), 0);
        let mut next: Vec<usize> = Vec::with_capacity(group.len());
        let mut sum = 0;
        for count in &buckets.counts[group.clone()] {
            next.push(sum);
            sum += index(*count);
        }
        let ids = buckets.ids(&group);
        let ids_count = length(&ids);
        let mask = (1 << buckets.shift) - 1;
        let Ok(()) = self.scan(|owner, post| {
            let id = owner.wrapping_sub(ids.start);
            if id < ids_count {
                let next = &mut next[index(id >> buckets.shift)];
                keys[*next] = ((id & mask) << POST_BITS) | post;
                *next += 1;
            }
            Ok::<_, Infallible>(())
        });
        let mut begin = 0;
        for (bucket, end) in group.zip(next) {
            let first = buckets.ids(&(bucket..bucket)).start;
            let keys = &mut keys[begin..end];
            keys.sort_unstable();
            for key in keys {
                let post = *key & ((1 << POST_BITS) - 1);
                output.post(first + (*key >> POST_BITS), post)?;
            }
            begin = end;
        }
        self.keys = keys;
        Ok(())
    }
}

/// The parts of the file, each written from its beginning.
struct Output {
    path: PathBuf,
    head: Head,
    posts: Part,
    starts: Part,
    older: Part,
    /// The address whose posts are being written.
    address: Option<u64>,
    /// How many posts were written.
    written: u64,
    /// The next address that appears for the first time.
    fresh: u64,
}

impl Output {
    fn create(
        path: &Path,
        shape: &Shape,
        posts: u64,
        width: Option<u32>,
    ) -> Result<Self, StoreError> {
        let narrow = u32::try_from(posts).is_ok();
        let head = Head {
            shape: shape.clone(),
            width: width.unwrap_or(if narrow { 4 } else { 5 }),
            posts,
            older: 0,
        };
        let io = |error| StoreError::io(path, "cannot be created")(error);
        File::create(path).map_err(io)?;
        let part = |at| Part::open(path, at).map_err(io);
        Ok(Self {
            path: path.to_owned(),
            posts: part(Head::posts_at())?,
            starts: part(head.starts_at())?,
            older: part(head.older_at())?,
            address: None,
            written: 0,
            fresh: shape.addresses.start.into(),
            head,
        })
    }

    /// Adds a post. They come by address, then in order.
    fn post(&mut self, address: u64, post: u64) -> Result<(), StoreError> {
        if self.address != Some(address) {
            self.begin(address)?;
        }
        self.written += 1;
        let pushed = self.posts.push(&five(post));
        pushed.map_err(|error| StoreError::io(&self.path, WRITTEN)(error))
    }

    /// Writes where the posts of an address start.
    fn begin(&mut self, address: u64) -> Result<(), StoreError> {
        self.address = Some(address);
        let start = five(self.written);
        let start = &start[..self.width()];
        let pushed = if address < self.head.shape.addresses.start.into() {
            self.head.older += 1;
            let id = self.older.push(&four(address).to_le_bytes());
            id.and_then(|()| self.older.push(start))
        } else if address == self.fresh {
            self.fresh += 1;
            self.starts.push(start)
        } else {
            return Err(bad(&self.path, "a new address has no post in its run"));
        };
        pushed.map_err(|error| StoreError::io(&self.path, WRITTEN)(error))
    }

    /// Writes what stands at the file's ends, and brings all to disk. Says how many bytes there are.
    fn finish(mut self) -> Result<u64, StoreError> {
        if self.fresh != u64::from(self.head.shape.addresses.end) {
            return Err(bad(&self.path, "a new address has no post in its run"));
        }
        assert_eq!(self.written, self.head.posts, "posts as they were counted");
        let mut write = || {
            let end = five(self.head.posts);
            self.starts.push(&end[..self.width()])?;
            let mut head = Part::open(&self.path, 0)?;
            head.push(&self.head.write())?;
            let mut crc = head.finish()?;
            for part in [&mut self.posts, &mut self.starts, &mut self.older] {
                crc.combine(&part.finish()?);
            }
            let file = &mut self.older.file;
            file.write_all(&crc.finalize().to_le_bytes())?;
            let bytes = file.stream_position()?;
            file.sync_all()?;
            Ok(bytes)
        };
        write().map_err(|error| StoreError::io(&self.path, WRITTEN)(error))
    }

    fn width(&self) -> usize {
        if self.head.width == 4 { 4 } else { 5 }
    }
}

/// A part of the file, and the checksum of what was written of it.
struct Part {
    file: File,
    buffer: Vec<u8>,
    crc: Hasher,
}

impl Part {
    fn open(path: &Path, at: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.seek(SeekFrom::Start(at))?;
        Ok(Self {
            file,
            buffer: Vec::with_capacity(BUFFER),
            crc: Hasher::new(),
        })
    }

    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.flush()?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.crc.update(&self.buffer);
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Hands all to the file, and gives the checksum.
    fn finish(&mut self) -> io::Result<Hasher> {
        self.flush()?;
        Ok(self.crc.clone())
    }
}
