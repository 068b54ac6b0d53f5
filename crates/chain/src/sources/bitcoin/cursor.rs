//! A cursor over foreign bytes: every read is bounds-checked, and a fault knows its offset.
//!
//! No count read here leads to an allocation before it was held against the bytes that are left.

use super::fault::BlockFault;

/// A fault and where it is, counted from the first byte the cursor was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultAt {
    /// Offset of the first byte of what is wrong.
    pub offset: usize,
    /// What is wrong.
    pub fault: BlockFault,
}

/// Largest length or count that Bitcoin Core reads (`MAX_SIZE`).
const SIZE_MAX: u64 = 0x0200_0000;

/// A place in a slice.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'bytes> {
    bytes: &'bytes [u8],
    at: usize,
}

impl<'bytes> Cursor<'bytes> {
    pub(crate) fn new(bytes: &'bytes [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// What was read since an earlier offset.
    pub(crate) fn since(&self, offset: usize) -> &'bytes [u8] {
        &self.bytes[offset..self.at]
    }

    /// The next byte, without reading it.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(crate) fn take(
        &mut self,
        count: usize,
        what: &'static str,
    ) -> Result<&'bytes [u8], FaultAt> {
        let rest = &self.bytes[self.at..];
        let Some(taken) = rest.get(..count) else {
            let fault = BlockFault::Ends {
                what,
                wanted: count,
                left: rest.len(),
            };
            return Err(self.fault(self.at, fault));
        };
        self.at += count;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<&'bytes [u8; N], FaultAt> {
        let taken = self.take(N, what)?;
        Ok(taken.try_into().expect("exactly N bytes were taken"))
    }

    pub(crate) fn u32(&mut self, what: &'static str) -> Result<u32, FaultAt> {
        self.array(what).copied().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self, what: &'static str) -> Result<u64, FaultAt> {
        self.array(what).copied().map(u64::from_le_bytes)
    }

    /// A `CompactSize` in its shortest form.
    pub(crate) fn compact_size(&mut self, what: &'static str) -> Result<u64, FaultAt> {
        let start = self.at;
        let [first] = *self.array::<1>(what)?;
        let (value, least) = match first {
            0xfd => {
                let bytes = self.array(what)?;
                (u64::from(u16::from_le_bytes(*bytes)), 0xfd)
            }
            0xfe => (u64::from(self.u32(what)?), 0x1_0000),
            0xff => (self.u64(what)?, 0x1_0000_0000),
            small => (u64::from(small), 0),
        };
        if value < least {
            return Err(self.fault(start, BlockFault::LongSize { what, value }));
        }
        if value > SIZE_MAX {
            return Err(self.fault(start, BlockFault::HugeSize { what, value }));
        }
        Ok(value)
    }

    /// A count of items of at least `least` bytes each, which the bytes left can hold.
    pub(crate) fn count(&mut self, least: usize, what: &'static str) -> Result<usize, FaultAt> {
        self.count_within(self.bytes.len(), least, what)
    }

    /// [`Cursor::count`] where the bytes given are only the beginning of `total`.
    pub(crate) fn count_within(
        &mut self,
        total: usize,
        least: usize,
        what: &'static str,
    ) -> Result<usize, FaultAt> {
        let start = self.at;
        let value = self.compact_size(what)?;
        let left = total.saturating_sub(self.at);
        match usize::try_from(value) {
            Ok(count) if count <= left / least => Ok(count),
            _ => Err(self.fault(start, BlockFault::Count { what, value, left })),
        }
    }

    /// Bytes with their length before them.
    pub(crate) fn sized(&mut self, what: &'static str) -> Result<&'bytes [u8], FaultAt> {
        let length = self.count(1, what)?;
        self.take(length, what)
    }

    pub(crate) fn fault(&self, offset: usize, fault: BlockFault) -> FaultAt {
        FaultAt { offset, fault }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn size(bytes: &[u8]) -> Result<u64, BlockFault> {
        let mut cursor = Cursor::new(bytes);
        cursor.compact_size("a test").map_err(|at| at.fault)
    }

    #[test]
    fn sizes_have_one_form() {
        assert_eq!(size(&[0]).unwrap(), 0);
        assert_eq!(size(&[0xfc]).unwrap(), 0xfc);
        assert_eq!(size(&[0xfd, 0xfd, 0]).unwrap(), 0xfd);
        assert_eq!(size(&[0xfe, 0, 0, 1, 0]).unwrap(), 0x1_0000);
        for long in [
            &[0xfd, 0xfc, 0][..],
            &[0xfe, 0xff, 0xff, 0, 0],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
        ] {
            assert!(
                matches!(size(long), Err(BlockFault::LongSize { .. })),
                "{long:?}"
            );
        }
        for huge in [&[0xfe, 1, 0, 0, 2][..], &[0xff; 9]] {
            assert!(
                matches!(size(huge), Err(BlockFault::HugeSize { .. })),
                "{huge:?}"
            );
        }
        for cut in [
            &[][..],
            &[0xfd],
            &[0xfd, 1],
            &[0xfe, 0, 0, 1],
            &[0xff, 0, 0],
        ] {
            assert!(matches!(size(cut), Err(BlockFault::Ends { .. })), "{cut:?}");
        }
    }

    #[test]
    fn counts_are_held_against_what_is_left() {
        let count = |bytes: &[u8], least| Cursor::new(bytes).count(least, "items");
        assert_eq!(count(&[2, 0, 0, 0, 0], 2).unwrap(), 2);
        let fault = count(&[3, 0, 0, 0, 0], 2).unwrap_err();
        assert_eq!(fault.offset, 0);
        assert!(matches!(fault.fault, BlockFault::Count { value: 3, .. }));
        assert!(count(&[0xfe, 0, 0, 0, 1], 1).is_err());
    }
}
