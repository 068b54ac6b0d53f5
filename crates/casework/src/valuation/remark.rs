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
        let of_lines = [
            (
                "unsorted",
                "rows that stand after a later day",
                &mut self.unsorted,
            ),
            (
                "repeated",
                "rows that say again what another row of their day says",
                &mut self.repeated,
            ),
            (
                "thousands-separators",
                "prices with commas between thousands",
                &mut self.separated,
            ),
            (
                "exponents",
                "prices with an exponent (where a spreadsheet wrote it, digits are lost)",
                &mut self.scientific,
            ),
            (
                "serial-days",
                "days that are a spreadsheet's numbers, counted from 1900",
                &mut self.serial,
            ),
            (
                "range",
                "rows that open or close outside their lowest and highest price",
                &mut self.range,
            ),
        ];
        let of_lines = of_lines.into_iter().filter_map(|(kind, what, lines)| {
            lines.sort_unstable();
            let lines: Vec<String> = lines.iter().map(|line| format!("line {line}")).collect();
            remark(kind, what, &lines)
        });
        let far =
            format!("prices {JUMP} times those of the days around, or as small a part of them");
        of_lines.chain(remark("jump", &far, &self.jumps)).collect()
    }
}

/// How many there are, and the first few of them.
fn remark(kind: &'static str, what: &str, odd: &[String]) -> Option<Remark> {
    let shown = &odd[..odd.len().min(LINES_SHOWN)];
    let more = if odd.len() > shown.len() { ", …" } else { "" };
    let what = format!("{what}: {} ({}{more})", odd.len(), shown.join(", "));
    (!odd.is_empty()).then_some(Remark { kind, what })
}
