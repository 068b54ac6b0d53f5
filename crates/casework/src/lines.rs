//! Lines of a file that may come from anybody: read one by one, none longer than it may be.

use std::io::{self, BufRead, Read as _};

/// What the next line of a file is.
pub(crate) enum Line {
    /// There is none.
    End,
    /// A whole one; its length in bytes, with its break.
    Whole(u64),
    /// The last one, without a break: a crash cut it short.
    Torn(u64),
    /// Longer than it may be, so that no crash left it.
    TooLong(u64),
}

/// Reads a line into a buffer, without its break, keeping no more of it than shows that it is too long.
pub(crate) fn read(file: &mut impl BufRead, line: &mut Vec<u8>, max: usize) -> io::Result<Line> {
    line.clear();
    let kept = to_u64(max) + 1;
    let mut length = to_u64(file.by_ref().take(kept).read_until(b'\n', line)?);
    if length == 0 {
        return Ok(Line::End);
    }
    if line.pop_if(|last| *last == b'\n').is_some() {
        return Ok(Line::Whole(length));
    }
    if length < kept {
        return Ok(Line::Torn(length));
    }
    loop {
        let (used, ended) = {
            let bytes = file.fill_buf()?;
            let ended = bytes.iter().position(|byte| *byte == b'\n');
            (ended.map_or(bytes.len(), |at| at + 1), ended.is_some())
        };
        file.consume(used);
        length += to_u64(used);
        if ended || used == 0 {
            return Ok(Line::TooLong(length));
        }
    }
}

pub(crate) fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
