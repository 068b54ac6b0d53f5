//! `whither demo`: the main job, on the real case that is built in.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use serde::Serialize;
use whither::result::Totals;
use whither::text::visible;

use crate::args::Format;
use crate::context::Context;
use crate::error::CommandError;
use crate::output;
use crate::tables::wrapped;

const EXAMPLES: &str = "\
Examples:
  whither demo                          write the page to ./whither-demo and open it
  whither demo --no-open --out /tmp/a   write it there, open nothing

Offline: the case and its data are part of the program. The same bytes are written each time.";

/// Trace a real theft that is built in, and write its report
///
/// Traces the Ronin bridge theft of March 2022 and writes a page with the result, and one finding per
/// policy, into a directory. Prints where the page is.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Demo {
    /// Write into this directory
    #[arg(long, value_name = "DIR", default_value = "whither-demo")]
    out: PathBuf,
    /// Do not open the page in a browser
    #[arg(long)]
    no_open: bool,
}

impl Demo {
    /// Runs the demo; opens its page where somebody looks on.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let demo = whither::demo::run(&self.out)?;
        if !self.no_open && io::stdout().is_terminal() && has_display() {
            open(&demo.page);
        }
        let report = demo.page.display().to_string();
        let made = Made {
            schema: "whither.demo/1",
            report,
            summary: demo.lines,
            totals: demo.finding.trace.totals,
        };
        match context.format {
            Format::Table => Ok(made.table()),
            Format::Json => output::json(&made),
            Format::Jsonl => output::json_line(&made),
            Format::Csv => Ok(output::csv(&["report"], &[vec![made.report]])),
        }
    }
}

/// What the demo made.
#[derive(Debug, Serialize)]
struct Made {
    schema: &'static str,
    report: String,
    summary: Vec<String>,
    totals: Vec<Totals>,
}

impl Made {
    fn table(&self) -> String {
        let mut text: String = self.summary.iter().map(|line| wrapped(line, "")).collect();
        text.push_str(&format!("\nThe report: {}\n", visible(&self.report)));
        text
    }
}

/// Whether a browser could show itself.
fn has_display() -> bool {
    if cfg!(any(target_os = "macos", windows)) {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Opens a page. A browser that does not open is no failure: the path is printed.
fn open(page: &Path) {
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/C", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    let quiet = (Stdio::null(), Stdio::null(), Stdio::null());
    let _ = Command::new(program)
        .args(arguments)
        .arg(page)
        .stdin(quiet.0)
        .stdout(quiet.1)
        .stderr(quiet.2)
        .spawn();
}
