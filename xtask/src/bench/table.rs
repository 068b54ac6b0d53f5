//! The table of a measurement, as Markdown, with a head that says on what and how it was measured.
//!
//! Whole numbers throughout; a rate is for a second of processor time, of all threads together. Figures of others are
//! those their own pages state or that were taken elsewhere, on other machines and data: a measure of scale, no race.

use super::line::Line;
use std::fmt::Write as _;
use std::fs;

/// rusty-blockparser over 519 MB of block files: MB for a second of processor time.
const CSVDUMP_MB: u64 = 24;
const SIMPLESTATS_MB: u64 = 72;
/// `BlockSci`'s README: all inputs and outputs of Bitcoin in a second on 16 virtual cores; for one of them, in millions.
const BLOCKSCI_SCAN_M: u64 = 170;
/// redb 4.5 over 2.4 million outputs: thousands for a second of processor time.
const REDB_TRANSACTIONS_K: u64 = 214;
const REDB_SPENDS_K: u64 = 623;
const REDB_ADDRESSES_K: u64 = 56;

/// The whole page.
pub fn page(truth: &Line, lines: &[Line]) -> String {
    let mut page = head(truth);
    page += "| step | result | processor s | wall s | own memory MiB | against |\n";
    page += "| --- | --- | --: | --: | --: | --- |\n";
    let floor = lines.iter().find(|line| line.step() == "floor-ids");
    let floor_ms = floor.and_then(|line| line.number("cpu_ms")).unwrap_or(0);
    let whole = lines.iter().find(|line| line.step() == "floor-witnesses");
    let whole_ms = whole.and_then(|line| line.number("cpu_ms")).unwrap_or(0);
    for line in lines {
        let (result, against) = told(line, truth, (floor_ms, whole_ms));
        row(&mut page, line.step(), &result, &Cost::of(line), &against);
    }
    let cones = lines.iter().filter(|line| line.step().starts_with("cone-"));
    let all = cones.map(Cost::of).fold(Cost::default(), Cost::and);
    row(
        &mut page,
        "cones, all five",
        "",
        &all,
        "our aim: 2 s of processor time",
    );
    page + &disk(truth, lines)
}

/// What a step used.
#[derive(Default)]
struct Cost {
    cpu_ms: u64,
    wall_ms: u64,
    anon_kib: u64,
}

impl Cost {
    fn of(line: &Line) -> Self {
        Self {
            cpu_ms: line.number("cpu_ms").unwrap_or(0),
            wall_ms: line.number("wall_us").unwrap_or(0) / 1000,
            anon_kib: line.number("anon_kib").unwrap_or(0),
        }
    }

    /// One after the other.
    fn and(self, next: Self) -> Self {
        Self {
            cpu_ms: self.cpu_ms + next.cpu_ms,
            wall_ms: self.wall_ms + next.wall_ms,
            anon_kib: self.anon_kib.max(next.anon_kib),
        }
    }
}

fn row(page: &mut String, step: &str, result: &str, cost: &Cost, against: &str) {
    let (cpu, wall) = (
        hundredths(cost.cpu_ms, 1000),
        hundredths(cost.wall_ms, 1000),
    );
    let memory = hundredths(cost.anon_kib, 1024);
    let row = format!("| {step} | {result} | {cpu} | {wall} | {memory} | {against} |\n");
    page.push_str(&row);
}

/// What a step achieved, and what that is to be held against.
fn told(line: &Line, truth: &Line, (floor_ms, whole_ms): (u64, u64)) -> (String, String) {
    let number = |name| line.number(name).unwrap_or(0);
    let cpu_ms = number("cpu_ms");
    let rate = |count: u64| (count * 1000).checked_div(cpu_ms).unwrap_or(0);
    let floor = || format!("{} × floor-ids", hundredths(cpu_ms, floor_ms));
    let redb = |done: u64, stated_k: u64| {
        let times = hundredths(rate(done), stated_k * 1000);
        format!("{times} × redb 4.5, {stated_k} k/s taken elsewhere")
    };
    match line.step() {
        "ingest" => {
            let megabytes = rate(truth.number("bytes").unwrap_or(0)) / 1_000_000;
            let outputs = grouped(rate(number("outputs")));
            let against = format!(
                "{}, {} × floor-witnesses; {} × rusty-blockparser csvdump and {} × its simplestats, {CSVDUMP_MB} and {SIMPLESTATS_MB} MB/s \
                 stated there",
                floor(),
                hundredths(cpu_ms, whole_ms),
                hundredths(megabytes, CSVDUMP_MB),
                hundredths(megabytes, SIMPLESTATS_MB),
            );
            (format!("{megabytes} MB/s, {outputs} outputs/s"), against)
        }
        "open" => (
            format!("{} ms", number("wall_us") / 1000),
            "no peer states it".to_owned(),
        ),
        "lookup-transaction" => {
            let done = number("done");
            let result = format!("{} transactions/s", grouped(rate(done)));
            (result, redb(done, REDB_TRANSACTIONS_K))
        }
        "lookup-spend" => {
            let done = number("done");
            let result = format!("{} outputs/s", grouped(rate(done)));
            (result, redb(done, REDB_SPENDS_K))
        }
        "lookup-history" => {
            let done = number("done");
            let result = format!("{} addresses/s", grouped(rate(done)));
            (result, redb(done, REDB_ADDRESSES_K))
        }
        "scan" => {
            let read = rate((number("inputs") + number("outputs")) * number("passes"));
            let times = hundredths(read, BLOCKSCI_SCAN_M * 1_000_000);
            let against = format!(
                "{times} × BlockSci, {BLOCKSCI_SCAN_M} M/s derived from what is stated there"
            );
            (format!("{} inputs and outputs/s", grouped(read)), against)
        }
        step if step.starts_with("floor-") => {
            let megabytes = rate(number("bytes")) / 1_000_000;
            (format!("{megabytes} MB/s"), floor())
        }
        step if step.starts_with("cone-") => {
            let moves = number("moves");
            (
                format!("{} moves of taint", grouped(moves)),
                format!("{} moves/s", grouped(rate(moves))),
            )
        }
        step if step.starts_with("bounds-") => (String::new(), String::new()),
        _ => {
            let (edges, transactions) = (number("edges"), number("transactions"));
            let (many, among) = (grouped(edges), grouped(transactions));
            let result = format!("{many} edges, {among} transactions");
            (result, format!("{} edges/s", grouped(rate(edges))))
        }
    }
}

fn head(truth: &Line) -> String {
    let number = |name| truth.number(name).unwrap_or(0);
    let outputs = number("outputs");
    let each = |name| hundredths(number(name), outputs);
    let machine = machine();
    let text = [
        "# Benchmarks\n\n".to_owned(),
        "Written by `cargo xtask bench`, which makes the chain, measures each step in a process of its own, and holds \
         the counts\nagainst the chain's truth. Rates are for a second of processor time, user and system, of all \
         threads together, to\n10 ms. \"Own memory\" is the most anonymous memory that was seen; mapped files are not \
         in it. Files were in memory\nwhere there was room.\n\n"
            .to_owned(),
        format!(
            "**Chain**: seed {}, {} outputs in {} blocks (about {} a block), {} transactions,\n{} inputs, {} \
             addresses, {} MB in {} files. For each output {} transactions, {} inputs, {} new addresses, {} bytes.\n\n",
            number("seed"),
            grouped(outputs),
            grouped(number("blocks")),
            grouped(number("outputs_per_block")),
            grouped(number("transactions")),
            grouped(number("inputs")),
            grouped(number("addresses")),
            grouped(number("bytes") / 1_000_000),
            number("files"),
            each("transactions"),
            each("inputs"),
            each("addresses"),
            each("bytes"),
        ),
        format!(
            "**Theft**: {} satoshi at height {}, among the people from height {} on; by poison the money reaches\n{} \
             inputs and {} outputs.\n\n",
            grouped(number("theft_sat")),
            number("theft_height"),
            number("theft_released_height"),
            grouped(number("cone_inputs")),
            grouped(number("cone_outputs")),
        ),
        format!("**Machine**: {machine}\n\n"),
        "**Floors**: `floor-bytes` reads the files and takes one SHA-256 of them; `floor-ids` also unhides the blocks \
         and\ncomputes each transaction's id and each merkle root; `floor-witnesses` also the ids with witnesses and \
         their root,\nwhich is all that ingest hashes of a block.\n\n"
            .to_owned(),
    ];
    text.concat()
}

fn machine() -> String {
    let row = |path: &str, name: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let found = text.lines().find_map(|line| line.strip_prefix(name));
        found.map(|rest| rest.trim_start_matches([' ', '\t', ':']).trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let model = row("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let memory = row("/proc/meminfo", "MemTotal").unwrap_or_default();
    let memory: u64 = memory.trim_end_matches(" kB").parse().unwrap_or(0);
    format!("{cores} cores ({model}), {} GiB of memory.", memory >> 20)
}

/// Bytes on disk for each output, by file.
fn disk(truth: &Line, lines: &[Line]) -> String {
    let outputs = truth.number("outputs").unwrap_or(0);
    let ingest = lines.iter().find(|line| line.step() == "ingest");
    let files = ingest.into_iter().flat_map(|line| line.numbers("disk "));
    let mut page =
        "\n| file of the store | MB | bytes for each output |\n| --- | --: | --: |\n".to_owned();
    let mut sum = 0;
    for (name, bytes) in files.filter(|(_, bytes)| *bytes > 0) {
        sum += bytes;
        let (size, each) = (hundredths(bytes, 1_000_000), hundredths(bytes, outputs));
        writeln!(page, "| `{name}` | {size} | {each} |").expect("text grows");
    }
    let (size, each) = (hundredths(sum, 1_000_000), hundredths(sum, outputs));
    page + &format!("| all | {size} | {each} |\n")
}

/// A quotient to two digits after the point, rounded half up; `–` where there is none.
fn hundredths(part: u64, whole: u64) -> String {
    match (part * 100 + whole / 2).checked_div(whole) {
        Some(hundredths) => format!("{}.{:02}", grouped(hundredths / 100), hundredths % 100),
        None => "–".to_owned(),
    }
}

/// A number with a comma between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Line, grouped, hundredths, page};

    #[test]
    fn numbers_are_shown_whole() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(123), "123");
        assert_eq!(hundredths(1_994, 1_000), "1.99");
        assert_eq!(hundredths(1_995, 1_000), "2.00");
        assert_eq!(hundredths(1, 0), "–");
    }

    #[test]
    fn a_step_stands_beside_the_floor() {
        let truth = Line::parse(r#"{"outputs":1000,"bytes":48000000}"#).expect("a line");
        let lines = [
            r#"{"step":"floor-ids","cpu_ms":500,"bytes":48000000}"#,
            r#"{"step":"floor-witnesses","cpu_ms":800,"bytes":48000000}"#,
            r#"{"step":"ingest","cpu_ms":1000,"outputs":1000,"disk x":2500}"#,
        ];
        let lines = lines.map(|line| Line::parse(line).expect("a line"));
        let page = page(&truth, &lines);
        let row = "| ingest | 48 MB/s, 1,000 outputs/s | 1.00 | 0.00 | 0.00 | 2.00 × floor-ids, 1.25 × floor-witnesses; 2.00 × rusty";
        assert!(page.contains(row), "{page}");
        assert!(page.contains("| `x` | 0.00 | 2.50 |"), "{page}");
    }
}
