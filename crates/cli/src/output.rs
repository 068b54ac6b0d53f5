//! What leaves on stdout: JSON, lines of JSON, CSV, in one write, byte for byte the same each time.

use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use whither::text::{is_treacherous, visible};

use crate::error::CommandError;

/// The exit code of a command that was interrupted.
const INTERRUPTED: i32 = 130;

/// Ends the program at an interrupt. Nothing needs tidying: a store is whole at any moment.
pub fn exit_when_interrupted() {
    // Without a handler the system ends the program all the same, with a code of its own.
    let _ = ctrlc::set_handler(|| std::process::exit(INTERRUPTED));
}

/// What a command prints, and whether what it looked at came out clean.
#[derive(Debug)]
pub struct Answer {
    text: String,
    clean: bool,
}

impl Answer {
    /// An answer, and nothing is wrong with what was looked at.
    pub fn clean(text: String) -> Self {
        Self { text, clean: true }
    }

    /// The answer of a check: exit code 1 unless it came out clean.
    pub fn checked(text: String, clean: bool) -> Self {
        Self { text, clean }
    }

    /// Prints it, and gives the exit code.
    pub fn print(self) -> Result<ExitCode, CommandError> {
        print(&self.text)?;
        Ok(ExitCode::from(u8::from(!self.clean)))
    }
}

/// Writes to stdout. Whoever reads may stop reading: that is no failure.
pub fn print(text: &str) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CommandError::new(format!(
            "cannot write to stdout: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Writes to stderr. Nobody may be listening: then there is nobody to tell.
pub fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// One document, set in by two spaces.
pub fn json(value: &impl Serialize) -> Result<String, CommandError> {
    let text = serde_json::to_string_pretty(value).map_err(CommandError::new)?;
    Ok(escaped(text))
}

/// One document on a line.
pub fn json_line(value: &impl Serialize) -> Result<String, CommandError> {
    let text = serde_json::to_string(value).map_err(CommandError::new)?;
    Ok(escaped(text))
}

/// The same JSON, with characters that hide or reorder others as `\u` and four digits, and a line's end.
///
/// They can only stand within strings, where the escape means the same.
fn escaped(mut json: String) -> String {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n');
    let Some(first) = json.bytes().position(|byte| !plain(byte)) else {
        json.push('\n');
        return json;
    };
    let (before, rest) = json.split_at(first);
    let mut text = String::with_capacity(json.len() + 1);
    text.push_str(before);
    for c in rest.chars() {
        if c != '\n' && is_treacherous(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(c);
        }
    }
    text.push('\n');
    text
}

/// A value that is written as one word, without its quotes.
pub fn word(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    text.trim_matches('"').to_owned()
}

/// Rows of CSV (RFC 4180, but with `\n`), each cell safe to open in a spreadsheet.
pub fn csv(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = header.join(",");
    text.push('\n');
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| csv_cell(cell)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// A spreadsheet takes what begins with `=`, `+`, `-` or `@` for a formula; an apostrophe makes it text.
fn csv_cell(cell: &str) -> String {
    let cell = visible(cell);
    let formula = cell.starts_with(['=', '+', '-', '@']);
    let cell = if formula { format!("'{cell}") } else { cell };
    if cell.contains([',', '"']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn hostile_text_stays_the_same_json() {
        let hostile = "a\u{202e}b\u{9b}31m\u{e0041}\"\n한";
        let text = json_line(&hostile).unwrap();
        assert_eq!(text, "\"a\\u202eb\\u009b31m\\udb40\\udc41\\\"\\n한\"\n");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let row = ["plain", "a,b", "a\"b", "=cmd()", "a\nb"]
            .map(str::to_owned)
            .to_vec();
        let text = csv(&["x"], &[row]);
        assert_eq!(text, "x\nplain,\"a,b\",\"a\"\"b\",'=cmd(),a⟦U+000A⟧b\n");
    }
}
