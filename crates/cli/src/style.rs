//! Setting off: bold, faint, colour, where they are wanted. Meaning never rests on them.

use std::env;

use crate::args::Color;

/// Whether text is set off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    on: bool,
}

impl Style {
    /// No setting off.
    pub const PLAIN: Self = Self { on: false };

    /// What was asked for, and otherwise what NO_COLOR and the terminal say.
    pub fn new(color: Color, terminal: bool) -> Self {
        let on = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                let dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
                terminal && !refused && !dumb
            }
        };
        Self { on }
    }

    /// For headings.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// For what is said beside.
    pub fn faint(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// For `error:`.
    pub fn red(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    /// For `hint:`.
    pub fn cyan(self, text: &str) -> String {
        self.wrap("1;36", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}
