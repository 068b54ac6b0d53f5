//! What may be rows within a cell over several lines.
//!
//! A quote that nobody closed takes the rows behind it into its cell, until another quote closes that by chance. The
//! first of them is then what stands before the cell and its first line, the last is its last line and what stands
//! behind the cell, and each line between is one. A cell of which no line has a comma is an ordinary one over several
//! lines, but in a table of one column, whose rows have none.
//!
//! Fails: an address or a note with commas looks the same, so what is found here is a guess, and says so. A row that is
//! wider than the header is not told from text.

use whither_screening::lists::quotes::lines;

/// What may be a row.
pub(super) struct Within<'a> {
    /// The line of the cell in which it stands, from 1.
    pub line: usize,
    /// Its cells.
    pub cells: Vec<&'a [u8]>,
}

impl Within<'_> {
    /// Why it may be none.
    pub(super) fn doubt(&self) -> String {
        let line = self.line;
        let quote = if line == 1 { "the cell's" } else { "a" };
        format!(
            "in line {line} of a cell over several lines: if it is a row, {quote} quote before it is not closed"
        )
    }
}

/// What may be rows within the cells of one: `reach` cells wide at least, so that it asks for something, and no wider than
/// the header.
pub(super) fn rows_within(record: &csv::ByteRecord, width: usize, reach: usize) -> Vec<Within<'_>> {
    let mut found = Vec::new();
    for (at, cell) in record.iter().enumerate() {
        // Nearly all cells are of one line.
        if !cell.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            continue;
        }
        if width > 1 && !cell.contains(&b',') {
            continue;
        }
        let last = lines(cell).count();
        for (line, number) in lines(cell).zip(1..) {
            let mut cells: Vec<&[u8]> = Vec::new();
            if number == 1 {
                cells.extend(record.iter().take(at));
            }
            cells.extend(line.split(|byte| *byte == b',').map(bare));
            if number == last {
                cells.extend(record.iter().skip(at + 1));
            }
            // Programs write commas behind the last cell that holds something.
            while cells.len() > width && cells.last().is_some_and(|cell| bare(cell).is_empty()) {
                cells.pop();
            }
            if (reach..=width).contains(&cells.len()) {
                found.push(Within {
                    line: number,
                    cells,
                });
            }
        }
    }
    found
}

/// A cell without blanks and quotes around it.
fn bare(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    let cell = cell.strip_prefix(b"\"").unwrap_or(cell);
    cell.strip_suffix(b"\"").unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row as its line and its cells, parted by `|`.
    fn found(cells: &[&str], width: usize, reach: usize) -> Vec<String> {
        let record = csv::ByteRecord::from(cells.to_vec());
        let rows = rows_within(&record, width, reach).into_iter();
        rows.map(|row| {
            let cells = row.cells.join(&b'|');
            format!("{}:{}", row.line, String::from_utf8_lossy(&cells))
        })
        .collect()
    }

    #[test]
    fn the_first_and_the_last_row_are_put_together_with_what_stands_around_the_cell() {
        let cells = ["Ann", "open\nBen,x,1\rCid,y\r\nDan", "z"];
        assert_eq!(
            found(&cells, 3, 1),
            ["1:Ann|open", "2:Ben|x|1", "3:Cid|y", "4:Dan|z"]
        );
        assert_eq!(found(&cells, 3, 3), ["2:Ben|x|1"]);
        assert_eq!(found(&cells, 2, 1), ["1:Ann|open", "3:Cid|y", "4:Dan|z"]);
    }

    #[test]
    fn a_cell_without_commas_is_an_ordinary_one_but_in_a_table_of_one_column() {
        assert!(found(&["Ann", "Street 1\nCity"], 2, 1).is_empty());
        assert!(found(&["Ann, B.", "x"], 2, 1).is_empty());
        assert_eq!(found(&["Ann\nBen"], 1, 1), ["1:Ann", "2:Ben"]);
    }

    #[test]
    fn empty_cells_behind_the_header_count_for_nothing() {
        assert_eq!(
            found(&["Ann", "open\nBen,x,,", "", ""], 2, 1),
            ["1:Ann|open", "2:Ben|x"]
        );
    }
}
