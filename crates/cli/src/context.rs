//! Where a command runs: its store, its case, the format asked for, and how to talk.
//!
//! The environment is read here and nowhere else. A flag goes before a variable, a variable before what
//! is found.

use std::env;
use std::ffi::OsStr;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use whither::saved::{Computed, save};
use whither::store::Store;
use whither::{Case, Chain, Recorder, find_case, open_case};

use crate::args::{Format, Global};
use crate::error::CommandError;
use crate::output;
use crate::style::Style;

/// What a command needs to know of its surroundings.
#[derive(Debug)]
pub struct Context {
    /// The format of what is printed.
    pub format: Format,
    /// How tables are set off.
    pub style: Style,
    /// Whether notes and progress are unwanted.
    pub quiet: bool,
    store: Option<PathBuf>,
    case: Option<PathBuf>,
}

impl Context {
    /// Settles what the options leave open.
    pub fn new(global: &Global) -> Result<Self, CommandError> {
        let to_people = io::stdout().is_terminal();
        let format = match (global.format, global.json) {
            (Some(Format::Json) | None, true) => Format::Json,
            (Some(_), true) => {
                return Err(CommandError::new(
                    "`--json` and `--format` ask for different formats",
                ));
            }
            (Some(format), false) => format,
            (None, false) if to_people => Format::Table,
            (None, false) => Format::Json,
        };
        let nearest = || find_case(&env::current_dir().ok()?);
        Ok(Self {
            format,
            style: Style::new(global.color, to_people),
            quiet: global.quiet,
            store: named(global.store.as_deref()).or_else(default_store),
            case: named(global.case.as_deref()).or_else(nearest),
        })
    }

    /// The directory of the store.
    pub fn store_dir(&self) -> Result<&Path, CommandError> {
        self.store.as_deref().ok_or_else(|| {
            CommandError::new("no store is named, and there is no home directory to look in")
                .with_hint("name one with `--store DIR`, or set WHITHER_STORE")
        })
    }

    /// The store; an empty one where there is none yet.
    pub fn open_store(&self) -> Result<Store, CommandError> {
        Ok(Store::open(self.store_dir()?)?)
    }

    /// Where indexes over large cases lie, if the user has a place for such things. Never in a case.
    pub fn index_dir(&self) -> Option<PathBuf> {
        Some(user_data()?.join("index"))
    }

    /// The directory of the case, where there is one.
    pub fn case_dir(&self) -> Option<&Path> {
        self.case.as_deref()
    }

    /// The directory of the case, where there must be one.
    pub fn needed_case_dir(&self) -> Result<&Path, CommandError> {
        self.case_dir().ok_or_else(|| {
            CommandError::new("no case is open").with_hint(
                "name its directory with `--case DIR`, go there, or start one with `whither init`",
            )
        })
    }

    /// The case that a result is to be kept in.
    pub fn case_to_save_in<'a>(
        &'a self,
        case: Option<&'a Case>,
    ) -> Result<(&'a Path, &'a Case), CommandError> {
        self.case_dir().zip(case).ok_or_else(|| {
            CommandError::new("`--save` needs a case to keep the result in")
                .with_hint("name its directory with `--case DIR`, or go there")
        })
    }

    /// Keeps a result that was computed from the case, in the case, and says so.
    pub fn save(
        &self,
        dir: &Path,
        case: &Case,
        recorder: &Recorder,
        (name, computed): (&str, &Computed<'_>),
    ) -> Result<(), CommandError> {
        let saved = save(dir, case, recorder, (name, computed))?;
        if !self.quiet {
            let how = if saved.corrects {
                "saved anew"
            } else {
                "saved"
            };
            output::say(&format!(
                "{how} as {}: `whither verify {}`\n",
                saved.finding, saved.finding
            ));
        }
        Ok(())
    }

    /// The case, where there is one.
    pub fn open_case(&self) -> Result<Option<Case>, CommandError> {
        Ok(open_case(self.case_dir())?)
    }
}

/// A directory that was named; a variable that is set and empty names none.
fn named(dir: Option<&OsStr>) -> Option<PathBuf> {
    dir.filter(|dir| !dir.is_empty()).map(PathBuf::from)
}

/// What the program keeps among the user's data.
fn user_data() -> Option<PathBuf> {
    let absolute = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|dir| dir.is_absolute())
    };
    let data =
        absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")))?;
    Some(data.join("whither"))
}

/// The store among the user's data.
fn default_store() -> Option<PathBuf> {
    Some(user_data()?.join("store"))
}

/// Reads the chain that `--chain` names.
pub fn chain(text: Option<&str>) -> Result<Option<Chain>, CommandError> {
    let read = |text: &str| {
        text.parse::<Chain>().map_err(|error| {
            CommandError::new(format!("`--chain {text}`: {error}")).with_hint_of(error.hint())
        })
    };
    text.map(read).transpose()
}
