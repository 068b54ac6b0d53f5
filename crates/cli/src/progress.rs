//! How far a long run has come, on stderr: a bar on a terminal, otherwise a line every ten seconds.
//!
//! Nothing is said of a run that is over before anyone would ask, and nothing at all with `--quiet`.

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use whither::ingest::{Progress, Silent};
use whither::text::{units, visible};

use crate::output;

/// Before this, a bar would only flicker.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a line is written where there is no terminal.
const INTERVAL: Duration = Duration::from_secs(10);
/// What the bar shows: part, rate, time left, and what is being read.
const TEMPLATE: &str = "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left  {wide_msg}";

/// Whoever tells on stderr.
pub fn to_stderr(quiet: bool) -> Box<dyn Progress> {
    match (quiet, io::stderr().is_terminal()) {
        (true, _) => Box::new(Silent),
        (false, true) => Box::new(Bar {
            begun: Instant::now(),
            bar: RefCell::new(None),
        }),
        (false, false) => Box::new(Lines {
            begun: Instant::now(),
            last: Cell::new(Instant::now()),
        }),
    }
}

/// A bar that is drawn once the run takes long enough.
struct Bar {
    begun: Instant,
    bar: RefCell<Option<ProgressBar>>,
}

impl Progress for Bar {
    fn report(&self, done_bytes: u64, total_bytes: u64, what: &str) {
        if self.begun.elapsed() < PATIENCE {
            return;
        }
        let mut bar = self.bar.borrow_mut();
        let bar = bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template(TEMPLATE)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(total_bytes)
                .with_style(style)
                .with_elapsed(self.begun.elapsed())
        });
        bar.set_length(total_bytes);
        bar.set_position(done_bytes);
        bar.set_message(visible(what));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.borrow().as_ref() {
            bar.finish_and_clear();
        }
    }
}

/// A line now and then.
struct Lines {
    begun: Instant,
    last: Cell<Instant>,
}

impl Progress for Lines {
    fn report(&self, done_bytes: u64, total_bytes: u64, what: &str) {
        if self.last.get().elapsed() < INTERVAL {
            return;
        }
        self.last.set(Instant::now());
        let line = line(done_bytes, total_bytes, self.begun.elapsed(), what);
        output::say(&format!("{line}\n"));
    }
}

fn line(done_bytes: u64, total_bytes: u64, elapsed: Duration, what: &str) -> String {
    let whole = |number: u64| units(&number.to_string(), 0);
    let megabytes = |bytes: u64| whole(bytes / 1_000_000);
    let seconds = elapsed.as_secs().max(1);
    let rate = done_bytes / seconds;
    let left = match total_bytes.saturating_sub(done_bytes).checked_div(rate) {
        Some(left) => format!("{} s left", whole(left)),
        None => "time left unknown".to_owned(),
    };
    let (done, total, rate) = (
        megabytes(done_bytes),
        megabytes(total_bytes),
        megabytes(rate),
    );
    format!(
        "{done} of {total} MB, {rate} MB/s, {left}: {}",
        visible(what)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_rate_and_time_left() {
        let told = |done, seconds| {
            line(
                done,
                3_000_000_000,
                Duration::from_secs(seconds),
                "blk00007.dat",
            )
        };
        assert_eq!(
            told(1_000_000_000, 10),
            "1,000 of 3,000 MB, 100 MB/s, 20 s left: blk00007.dat"
        );
        assert_eq!(
            told(0, 0),
            "0 of 3,000 MB, 0 MB/s, time left unknown: blk00007.dat"
        );
    }
}
