//! A hash table on disk: from the hash of a key to the row that holds the key.
//!
//! Linear probing over slots of five bytes: a mark of the hash, never zero, and four of row + 1; zero is empty. A row is put into
//! the first empty slot and never moved. So the rows below any count lie where they would lie if they
//! were the only ones: a reader that passes over later rows sees the table as it was, taking the
//! latest rows out again undoes putting them in, and the same keys in the same order give the same bytes.
//!
//! Keys come from outside. Who knows the hash can choose keys that crowd one place; the table then says so,
//! and is made again under the next seed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::column::{four, index};
use super::fail;
use super::map::Shared;
use crate::store::StoreError;

#[cfg(test)]
mod tests;

const WIDTH: u64 = 5;
/// The smallest table.
const LEAST: u64 = 1024;
/// A table of as many bytes is made in memory.
const MEMORY_MAX: u64 = 128 << 20;
/// No honest table of this load has as many neighbours in a row.
const CROWD: usize = 4096;

/// Which table it is: its name, and how many slots it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shape {
    pub(crate) slots: u64,
    /// Which hash is used: 0, unless keys crowded.
    pub(crate) seed: u32,
}

impl Shape {
    /// The table for as many rows: at most 4/5 full.
    pub(crate) fn of(rows: u64, seed: u32) -> Self {
        let mut slots = LEAST;
        while rows.saturating_mul(5) > slots.saturating_mul(4) {
            slots += slots / 2;
        }
        Self { slots, seed }
    }

    /// The file's name.
    pub(crate) fn name(self, what: &str) -> String {
        format!("{what}-{}-{}", self.slots, self.seed)
    }

    /// Whether there may be such a table of as many rows.
    pub(crate) fn may_hold(self, rows: u64) -> bool {
        (LEAST..1 << 36).contains(&self.slots) && self.has_room_for(rows)
    }

    fn has_room_for(self, rows: u64) -> bool {
        rows.saturating_mul(5) <= self.slots.saturating_mul(4)
    }
}

/// Too many keys share a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crowded;

/// A table, mapped.
#[derive(Debug)]
pub(crate) struct Slots {
    path: PathBuf,
    map: Shared,
    shape: Shape,
    home: Home,
}

/// Where a table is while it is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    /// In its file, mapped.
    File,
    /// In memory, until it is brought to disk.
    Memory,
}

/// Where a key is, or where it would be put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Held(u32),
    Empty(usize),
}

impl Slots {
    /// Opens a table to read it, or to write to it as well.
    pub(crate) fn open(
        folder: &Path,
        what: &str,
        shape: Shape,
        write: bool,
    ) -> Result<Self, StoreError> {
        let path = folder.join(shape.name(what));
        let file = OpenOptions::new().read(true).write(write).open(&path);
        let file = file.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::MissingColumn(path.clone()),
            _ => StoreError::io(&path, "cannot be opened")(error),
        })?;
        let found = file
            .metadata()
            .map_err(StoreError::io(&path, "cannot be read"))?
            .len();
        let expected = shape.slots.saturating_mul(WIDTH);
        if found != expected {
            return Err(StoreError::ColumnSize {
                path,
                found,
                expected,
            });
        }
        Self::map(path, &file, shape, write)
    }

    /// Makes an empty table: in memory where it fits, else under a name that is not its own yet.
    fn create(folder: &Path, what: &str, shape: Shape) -> Result<Self, StoreError> {
        let path = folder.join(shape.name(what));
        let bytes = shape.slots * WIDTH;
        if bytes <= MEMORY_MAX {
            let map = Shared::in_memory(index(bytes));
            let map = map.map_err(StoreError::io(&path, "cannot be made"))?;
            let home = Home::Memory;
            return Ok(Self {
                path,
                map,
                shape,
                home,
            });
        }
        let path = beside(&path);
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path);
        let mut file = file.map_err(StoreError::io(&path, "cannot be created"))?;
        extend(&mut file, bytes).map_err(StoreError::io(&path, "cannot be written"))?;
        Self::map(path, &file, shape, true)
    }

    /// Gives a whole table its name, in the place of any other of that name; one in memory has to be brought to disk.
    fn named(mut self) -> Result<Self, StoreError> {
        if self.home == Home::File {
            self.sync()?;
            let path = self.path.with_extension("");
            fail::point("before a table is renamed")?;
            fs::rename(&self.path, &path)
                .map_err(StoreError::io(&path, "cannot be put in place"))?;
            self.path = path;
            fail::point("after a table is renamed")?;
        }
        Ok(self)
    }

    fn map(path: PathBuf, file: &File, shape: Shape, write: bool) -> Result<Self, StoreError> {
        let map = Shared::open(file, index(shape.slots * WIDTH), write)
            .map_err(StoreError::io(&path, "cannot be mapped"))?;
        Ok(Self {
            path,
            map,
            shape,
            home: Home::File,
        })
    }

    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether it may hold as many rows.
    pub(crate) fn has_room_for(&self, rows: u64) -> bool {
        self.shape.has_room_for(rows)
    }

    /// Asks for the memory where a hash belongs; several such questions overlap, searches do not.
    pub(crate) fn touch(&self, hash: u64) -> u8 {
        self.map.first_of_five(self.home(hash))
    }

    /// The rows below `limit` that may have the key of this hash, in the order in which they were put in.
    pub(crate) fn candidates(&self, hash: u64, limit: u32) -> impl Iterator<Item = u32> {
        let mut at = self.home(hash);
        let mark = mark(hash);
        // A damaged table without an empty slot must not be searched for ever.
        let mut left = self.shape.slots;
        std::iter::from_fn(move || {
            loop {
                left = left.checked_sub(1)?;
                let found = self.map.first_of_five(at);
                let here = at;
                at = self.after(at);
                if found == mark {
                    let row = self.row_at(here)?;
                    if row < limit {
                        return Some(row);
                    }
                } else if found == 0 {
                    return None;
                }
            }
        })
    }

    /// The row in a slot.
    #[inline]
    fn row_at(&self, at: usize) -> Option<u32> {
        let [_, row @ ..] = self.map.five(at);
        u32::from_le_bytes(row).checked_sub(1)
    }

    /// Where a key is, or the empty slot where it belongs.
    pub(crate) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Result<Place, Crowded> {
        let mut at = self.home(hash);
        let mark = mark(hash);
        for _ in 0..CROWD {
            let found = self.map.first_of_five(at);
            if found == 0 {
                return Ok(Place::Empty(at));
            }
            if found == mark
                && let Some(row) = self.row_at(at).filter(|row| is(*row))
            {
                return Ok(Place::Held(row));
            }
            at = self.after(at);
        }
        Err(Crowded)
    }

    /// Puts a row into an empty slot that [`Slots::find`] has given.
    pub(crate) fn put(&self, at: usize, hash: u64, row: u32) {
        let [a, b, c, d] = (row + 1).to_le_bytes();
        self.map.set_five(at, [mark(hash), a, b, c, d]);
    }

    /// Puts a row in, whatever is there of the same key.
    pub(crate) fn insert(&self, hash: u64, row: u32) -> Result<(), Crowded> {
        match self.find(hash, |_| false)? {
            Place::Empty(at) => self.put(at, hash, row),
            Place::Held(_) => {}
        }
        Ok(())
    }

    /// Takes a row out. All later rows must be taken out as well before anything is put in or found.
    pub(crate) fn remove(&self, hash: u64, row: u32) {
        let mut at = self.home(hash);
        for _ in 0..self.shape.slots {
            let [_, found @ ..] = self.map.five(at);
            if u32::from_le_bytes(found) == row + 1 {
                self.map.set_five(at, [0; 5]);
                return;
            }
            at = self.after(at);
        }
    }

    /// Takes out all rows from one on, wherever they are; says whether all rows before it are there, and alone.
    ///
    /// They are not where a writer died within a slot, whose five bytes are not written at once.
    pub(crate) fn clear_from(&self, row: u64) -> bool {
        let mut held = 0;
        for at in 0..index(self.shape.slots) {
            let [mark, found @ ..] = self.map.five(at);
            match u64::from(u32::from_le_bytes(found)) {
                0 if mark == 0 => {}
                found if (1..=row).contains(&found) => held += 1,
                _ => self.map.set_five(at, [0; 5]),
            }
        }
        held == row
    }

    /// How many rows below a limit it holds.
    pub(crate) fn held_below(&self, limit: u64) -> u64 {
        let row = |at: &usize| {
            let [_, row @ ..] = self.map.five(*at);
            u64::from(u32::from_le_bytes(row))
        };
        let slots = 0..index(self.shape.slots);
        let held = slots.filter(|at| (1..=limit).contains(&row(at)));
        u64::try_from(held.count()).expect("a number of slots")
    }

    /// Whether what is empty is all zeros.
    pub(crate) fn is_clean(&self) -> bool {
        (0..index(self.shape.slots)).all(|at| {
            let [mark, row @ ..] = self.map.five(at);
            (row == [0; 4]) == (mark == 0)
        })
    }

    /// Brings it to disk.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        let io = |doing| StoreError::io(&self.path, doing);
        if self.home == Home::File {
            return self.map.flush().map_err(io("cannot be brought to disk"));
        }
        let path = beside(&self.path);
        let write = || {
            let mut file = File::create(&path)?;
            self.map.write_to(&mut file)?;
            file.sync_all()
        };
        write().map_err(StoreError::io(&path, "cannot be written"))?;
        fs::rename(&path, &self.path).map_err(io("cannot be put in place"))
    }

    #[inline]
    fn home(&self, hash: u64) -> usize {
        let place = (u128::from(hash) * u128::from(self.shape.slots)) >> 64;
        usize::try_from(place).expect("a slot of this table")
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        if at + 1 == index(self.shape.slots) {
            0
        } else {
            at + 1
        }
    }
}

/// The name under which a table is written before it stands under its own.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// What a slot keeps of a hash: bits that its place does not follow from.
fn mark(hash: u64) -> u8 {
    hash.to_le_bytes()[0].max(1)
}

/// Makes a table of rows `0..rows`, whose hashes it asks for; under the first seed from the given one on that
/// does not crowd.
///
/// A table that stands under its name is replaced by a whole one: killed at any moment, one of the two is there.
pub(crate) fn build(
    folder: &Path,
    what: &str,
    rows: u64,
    mut shape: Shape,
    hash: impl Fn(u64, u32) -> u64,
) -> Result<Slots, StoreError> {
    const TOGETHER: u64 = 256;
    loop {
        let slots = Slots::create(folder, what, shape)?;
        let mut crowded = false;
        let mut hashes = Vec::new();
        let mut first = 0;
        while first < rows && !crowded {
            let some = first..rows.min(first + TOGETHER);
            hashes.clear();
            hashes.extend(some.clone().map(|row| hash(row, shape.seed)));
            let touched = hashes.iter().fold(0, |sum, hash| sum ^ slots.touch(*hash));
            std::hint::black_box(touched);
            let mut pairs = some.clone().zip(&hashes);
            crowded = pairs.any(|(row, hash)| slots.insert(*hash, four(row)).is_err());
            first = some.end;
        }
        if !crowded {
            return slots.named();
        }
        if slots.home == Home::File {
            let removed = fs::remove_file(&slots.path);
            removed.map_err(StoreError::io(&slots.path, "cannot be removed"))?;
        }
        shape.seed += 1;
    }
}

/// Writes zeros at the end of a file up to a length: a full disk is then an error, and no fault in a map.
pub(super) fn extend(file: &mut File, length: u64) -> io::Result<()> {
    use std::io::Seek as _;
    let zeros = [0; 1 << 16];
    let mut at = file.seek(io::SeekFrom::End(0))?;
    while at < length {
        let some = (length - at).min(1 << 16);
        file.write_all(&zeros[..index(some)])?;
        at += some;
    }
    Ok(())
}
