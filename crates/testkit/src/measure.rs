//! What a program that measures used: processor time, time, memory; and the line in which it says so.
//!
//! Processor time is that of all threads, user and system, in ticks of 10 ms: it stays about the same where a machine
//! is shared, which wall time does not. Everything is read from `/proc/self`; where there is none, it is zero.
//! Not here: what is measured, and tables.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often memory is looked at.
const PAUSE: Duration = Duration::from_millis(20);
/// What Linux counts processor time in, everywhere: 100 ticks a second.
const TICK_MS: u64 = 10;

/// What was used between a start and an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Processor time of all threads, in milliseconds, to 10 ms.
    pub cpu_ms: u64,
    /// Time, in microseconds.
    pub wall_us: u64,
    /// The most memory of the program's own (`RssAnon`), in KiB, sampled; files that are mapped are not in it.
    pub anon_kib: u64,
    /// The most memory of all kinds (`VmHWM`), in KiB, since the program began.
    pub all_kib: u64,
}

/// A measurement that is running.
#[derive(Debug)]
pub struct Meter {
    begin: Instant,
    ticks: u64,
    done: Arc<AtomicBool>,
    peak: Arc<AtomicU64>,
    sampler: JoinHandle<()>,
}

impl Meter {
    /// Starts.
    #[must_use]
    pub fn start() -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let peak = Arc::new(AtomicU64::new(0));
        let (stop, most) = (Arc::clone(&done), Arc::clone(&peak));
        let sampler = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                most.fetch_max(status("RssAnon:"), Ordering::Relaxed);
                thread::park_timeout(PAUSE);
            }
        });
        Self {
            begin: Instant::now(),
            ticks: ticks(),
            done,
            peak,
            sampler,
        }
    }

    /// Ends, and says what was used.
    ///
    /// # Panics
    /// If the thread that looks at memory did.
    #[must_use]
    pub fn finish(self) -> Used {
        let wall = self.begin.elapsed().as_micros();
        let cpu_ms = (ticks() - self.ticks) * TICK_MS;
        self.done.store(true, Ordering::Relaxed);
        self.sampler.thread().unpark();
        self.sampler.join().expect("it reads a file and no more");
        let peak = self.peak.load(Ordering::Relaxed);
        Used {
            cpu_ms,
            wall_us: u64::try_from(wall).expect("less than half a million years"),
            anon_kib: peak.max(status("RssAnon:")),
            all_kib: status("VmHWM:"),
        }
    }
}

/// Processor time of this program so far, in ticks.
fn ticks() -> u64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, in brackets, may hold spaces; user and system time are the 12th and 13th word after it.
    let words = text.rsplit(')').next().unwrap_or_default();
    let times = words.split_ascii_whitespace().skip(11).take(2);
    times.filter_map(|word| word.parse::<u64>().ok()).sum()
}

/// A row of `/proc/self/status`, in KiB.
fn status(row: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let rest = text.lines().find_map(|line| line.strip_prefix(row));
    let number = rest.and_then(|rest| rest.split_ascii_whitespace().next());
    number.and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// The line in which a program says what it measured: one flat JSON object of words and whole numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// A line about one step. Names and words have no quotes or other characters that JSON would hide.
    #[must_use]
    pub fn of(step: &str) -> Self {
        Self(format!("{{\"step\":\"{step}\""))
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, name: &str, number: u64) -> Self {
        write!(self.0, ",\"{name}\":{number}").expect("text grows");
        self
    }

    /// Adds a count of things in memory.
    ///
    /// # Panics
    /// Where a count does not fit 64 bits.
    #[must_use]
    pub fn count(self, name: &str, count: usize) -> Self {
        self.number(name, u64::try_from(count).expect("a count fits 64 bits"))
    }

    /// Adds all that was used.
    #[must_use]
    pub fn used(self, used: Used) -> Self {
        self.number("cpu_ms", used.cpu_ms)
            .number("wall_us", used.wall_us)
            .number("anon_kib", used.anon_kib)
            .number("all_kib", used.all_kib)
    }

    /// The line, to be printed.
    #[must_use]
    pub fn end(self) -> String {
        self.0 + "}"
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Meter, Used};
    use std::hint::black_box;

    #[test]
    #[cfg(target_os = "linux")]
    fn work_and_memory_are_seen() {
        let meter = Meter::start();
        let mut memory = vec![1_u64; 4 << 20];
        while meter.begin.elapsed().as_millis() < 100 {
            memory
                .iter_mut()
                .for_each(|word| *word = word.wrapping_mul(3));
        }
        black_box(&memory);
        let used = meter.finish();
        assert!(used.wall_us >= 100_000, "{used:?}");
        assert!(used.cpu_ms >= 10, "{used:?}");
        assert!(used.anon_kib >= 32 << 10, "{used:?}");
    }

    #[test]
    fn a_line_is_json() {
        let used = Used {
            cpu_ms: 1,
            wall_us: 2,
            anon_kib: 3,
            all_kib: 4,
        };
        let line = Line::of("x").number("n", 7).used(used).end();
        let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let told = serde_json::json!({
            "step": "x", "n": 7, "cpu_ms": 1, "wall_us": 2, "anon_kib": 3, "all_kib": 4
        });
        assert_eq!(read, told);
    }
}
