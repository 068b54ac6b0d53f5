//! What is odd about rows that are read all the same.
//!
//! A remark is for a person to judge: nothing is left out or put right because of it.

/// Lines that a remark names.
pub(super) const LINES_SHOWN: usize = 5;
/// A price that is so many times each of its neighbours, or so small a part, is remarked.
pub(super) const JUMP: u8 = 5;

/// Something odd that does not keep a row from being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// A short stable word.
    pub kind: &'static str,
    /// The sentence.
    pub what: String,
}

/// Lines with something odd.
#[derive(Debug, Default)]
pub(super) struct Oddities {
    pub unsorted: Vec<u64>,
    pub repeated: Vec<u64>,
    pub separated: Vec<u64>,
    pub scientific: Vec<u64>,
    pub serial: Vec<u64>,
    pub range: Vec<u64>,
    pub jumps: Vec<String>,
}

impl Oddities {
    /// The remarks, in a fixed order.
    pub(super) fn remarks(mut self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for (kind, lines, what) in [
            (
                "unsorted",
                &mut self.unsorted,
                "rows that stand after a later day",
            ),
            (
                "repeated",
                &mut self.repeated,
                "rows that say again what another row of their day says",
            ),
            (
                "thousands-separators",
                &mut self.separated,
                "prices with commas between thousands",
            ),
            (
                "exponents",
                &mut self.scientific,
                "prices with an exponent (where a spreadsheet wrote it, digits are lost)",
            ),
            (
                "serial-days",
                &mut self.serial,
                "days that are a spreadsheet's numbers, counted from 1900",
            ),
            (
                "range",
                &mut self.range,
                "rows that open or close outside their lowest and highest price",
            ),
        ] {
            if lines.is_empty() {
                continue;
            }
            lines.sort_unstable();
            let shown: Vec<String> = lines
                .iter()
                .take(LINES_SHOWN)
                .map(ToString::to_string)
                .collect();
            let more = if lines.len() > LINES_SHOWN {
                ", …"
            } else {
                ""
            };
            let count = lines.len();
            let what = format!("{what}: {count} (line {}{more})", shown.join(", "));
            remarks.push(Remark { kind, what });
        }
        if !self.jumps.is_empty() {
            let shown: Vec<&str> = self
                .jumps
                .iter()
                .take(LINES_SHOWN)
                .map(String::as_str)
                .collect();
            let more = if self.jumps.len() > LINES_SHOWN {
                ", …"
            } else {
                ""
            };
            let what = format!(
                "prices {JUMP} times those of the days around, or so small a part: {} ({}{more})",
                self.jumps.len(),
                shown.join(", ")
            );
            remarks.push(Remark { kind: "jump", what });
        }
        remarks
    }
}
