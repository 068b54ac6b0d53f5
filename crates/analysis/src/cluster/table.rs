//! Numbers of 32 bits in a row, all zero at first, in memory that is taken in large pages where the system gives them.
//!
//! Clustering goes to places in no order, through more memory than a processor knows the pages of. With small pages it
//! would look up each page before each place, and the system would hand out tens of thousands of pages one by one. The map
//! is anonymous: no file is behind it.

use memmap2::MmapMut;

/// The bytes of a number.
const WIDTH: usize = 4;

/// So many numbers.
#[derive(Debug)]
pub struct Table {
    map: MmapMut,
    count: usize,
}

/// The numbers of a table, or some that stand one after the other, to be read and written at once.
pub(super) struct Rows<'a>(&'a mut [[u8; WIDTH]]);

impl Table {
    /// So many zeros.
    ///
    /// # Panics
    /// Where there is no memory for so many, as with any list.
    pub(super) fn new(count: usize) -> Self {
        // An empty map cannot be had.
        let bytes = count.checked_mul(WIDTH).map(|bytes| bytes.max(WIDTH));
        let map = bytes.and_then(|bytes| MmapMut::map_anon(bytes).ok());
        let map = map.expect("there is memory for a number an address");
        // Where it is refused pages are small, and all else is the same.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        Self { map, count }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The number at a place.
    ///
    /// # Panics
    /// Where there is no such place.
    #[must_use]
    #[inline]
    pub fn at(&self, place: u32) -> u32 {
        u32::from_ne_bytes(self.all()[place as usize])
    }

    /// All numbers in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.all().iter().copied().map(u32::from_ne_bytes)
    }

    fn all(&self) -> &[[u8; WIDTH]] {
        &self.map.as_chunks().0[..self.count]
    }

    pub(super) fn rows(&mut self) -> Rows<'_> {
        Rows(&mut self.map.as_chunks_mut().0[..self.count])
    }
}

impl Rows<'_> {
    #[inline]
    pub fn at(&self, place: u32) -> u32 {
        u32::from_ne_bytes(self.0[place as usize])
    }

    #[inline]
    pub fn put(&mut self, place: u32, number: u32) {
        self.0[place as usize] = number.to_ne_bytes();
    }

    pub fn len(&self) -> u32 {
        u32::try_from(self.0.len()).expect("addresses have ids of 32 bits")
    }
}

impl<'a> Rows<'a> {
    /// In so many parts of about one length, each with the place where it begins.
    pub fn parted(self, parts: usize) -> Vec<(u32, Rows<'a>)> {
        let length = self.0.len().div_ceil(parts.max(1)).max(1);
        let from = (0..self.len()).step_by(length);
        from.zip(self.0.chunks_mut(length).map(Rows)).collect()
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}

impl Eq for Table {}

impl Clone for Table {
    fn clone(&self) -> Self {
        let mut copy = Self::new(self.count);
        copy.rows().0.copy_from_slice(self.all());
        copy
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_table_is_zeros_until_it_is_written_and_parts_are_all_of_it() {
        for count in [0, 1, 2, 7, 2_000_000] {
            let mut table = Table::new(count);
            assert_eq!((table.len(), table.is_empty()), (count, count == 0));
            assert!(table.iter().all(|number| number == 0));
            for (from, mut rows) in table.rows().parted(3) {
                for row in 0..rows.len() {
                    rows.put(row, from + row + 1);
                }
            }
            let numbers = (1..).take(count);
            assert!(table.iter().eq(numbers), "{count}");
            assert_eq!(table.clone(), table);
        }
    }
}
