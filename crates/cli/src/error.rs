//! How a command fails: `error:` with what and where, `hint:` with what to do next, exit code 2.
//!
//! Messages may quote foreign bytes, so everything that hides or reorders its neighbours is spelled out.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use whither::text::visible;

use crate::args::{Color, PLANNED_COMMANDS};
use crate::output;
use crate::style::Style;

/// The exit code of every failure.
const FAILURE: u8 = 2;

/// Why a command failed.
#[derive(Debug, PartialEq, Eq)]
pub struct CommandError {
    message: String,
    place: Option<String>,
    hint: Option<String>,
}

impl CommandError {
    /// An error without a next step.
    pub fn new(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            place: None,
            hint: None,
        }
    }

    /// The same error, with where the input stands that caused it.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.place = Some(place.to_string());
        self
    }

    /// The same error, with what to do next.
    pub fn with_hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// The same error, with what to do next where that is known.
    pub fn with_hint_of(self, hint: Option<impl fmt::Display>) -> Self {
        match hint {
            Some(hint) => self.with_hint(hint),
            None => self,
        }
    }

    /// Says it on stderr.
    pub fn report(&self, color: Color) -> ExitCode {
        let style = Style::new(color, io::stderr().is_terminal());
        let mut text = format!("{} {}\n", style.red("error:"), lines(&self.message));
        if let Some(place) = &self.place {
            text.push_str(&format!("  {} {}\n", style.faint("at"), lines(place)));
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("{} {}\n", style.cyan("hint:"), lines(hint)));
        }
        output::say(&text);
        ExitCode::from(FAILURE)
    }
}

impl From<whither::Error> for CommandError {
    fn from(error: whither::Error) -> Self {
        Self::new(&error).with_hint_of(error.hint())
    }
}

/// Text of several lines with everything treacherous spelled out; further lines are set in.
fn lines(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(visible).collect();
    lines.join("\n  ")
}

/// Help and version go to stdout; everything else that clap finds is an error of usage.
pub fn of_usage(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            match output::print(&error.render().to_string()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => error.report(Color::Auto),
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            let rendered = error.render().to_string();
            let usage = rendered
                .lines()
                .find_map(|line| line.strip_prefix("Usage: "));
            CommandError::new("no command was given")
                .with_hint(format!(
                    "`{}` lists them",
                    help_of(usage.unwrap_or_default())
                ))
                .report(Color::Auto)
        }
        _ => usage(error).report(Color::Auto),
    }
}

/// What clap says, in our form: the first paragraph is the error, its tip the hint.
fn usage(error: &clap::Error) -> CommandError {
    if let Some(planned) = planned(error) {
        return CommandError::new(format!("`{planned}` is planned and not in this release"))
            .with_hint("`whither help` lists what there is");
    }
    let rendered = error.render().to_string();
    let mut paragraphs = rendered.split("\n\n").map(str::trim);
    let first = paragraphs.next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(first);
    let said = |paragraph: &str| match paragraph.strip_prefix("tip: ") {
        Some(tip) => Some(tip.to_owned()),
        None => Some(format!(
            "`{}` tells how it is used",
            help_of(paragraph.strip_prefix("Usage: ")?)
        )),
    };
    CommandError::new(message).with_hint_of(paragraphs.find_map(said))
}

/// The command that explains another, by its usage line: the words before the first argument.
fn help_of(usage: &str) -> String {
    let words: Vec<&str> = usage
        .split(' ')
        .skip(1)
        .take_while(|word| !word.starts_with(['[', '<', '-']))
        .collect();
    format!("whither help {}", words.join(" "))
        .trim_end()
        .to_owned()
}

/// What the contract names and this release does not have.
fn planned(error: &clap::Error) -> Option<String> {
    let given = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let name = given(ContextKind::InvalidSubcommand)?;
    PLANNED_COMMANDS
        .contains(&name)
        .then(|| format!("whither {name}"))
}
