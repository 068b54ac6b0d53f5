//! Cases that are built in, written out the same to the byte each time.
//!
//! An example is a list of claims. Time and salts are fixed, since nothing in it is secret: whoever has the list can
//! make the case, and `examples/` holds what comes out.

use std::path::Path;

use serde::Deserialize;
use whither_casework::{Author, CaseId, Draft, Hash, Json, Kind, Salt, Statement, Time, Writer};

use crate::error::Error;

/// A case that is built in.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Its name, which is the id of the case too.
    pub name: &'static str,
    /// What it is about.
    pub title: &'static str,
    claims: &'static str,
}

/// All that there are.
pub const EXAMPLES: &[Example] = &[Example {
    name: "dprk-2017-2020",
    title: "Thefts of virtual assets attributed to the DPRK, 2017 to 2020: the public record",
    claims: include_str!("../../../examples/dprk-2017-2020/claims.jsonl"),
}];

/// A line of the list.
#[derive(Deserialize)]
struct Line {
    author: Author,
    time: Time,
    kind: Kind,
    payload: Json,
}

impl Example {
    /// The example of a name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn named(name: &str) -> Result<Self, Error> {
        let found = EXAMPLES.iter().find(|example| example.name == name);
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = EXAMPLES.iter().map(|example| example.name).collect();
            Error::new(format!("there is no example {name:?}"))
                .with_hint(format!("there is {}", names.join(", ")))
        })
    }

    /// Writes the case into a directory that has none; gives how many claims it has.
    ///
    /// # Errors
    /// Where a case is there already, or the disk cannot take it.
    pub fn write(self, dir: &Path) -> Result<usize, Error> {
        let drafts = self.drafts()?;
        let count = drafts.len();
        let mut writer = Writer::create(dir, &CaseId::new(self.name)?, self.title)?;
        writer.append_all(drafts)?;
        Ok(count)
    }

    fn drafts(self) -> Result<Vec<Draft>, Error> {
        let lines = self.claims.lines().enumerate();
        let drafts = lines.map(|(number, line)| {
            let wrong = |why: String| {
                Error::new(format!(
                    "line {} of the example {}: {why}",
                    number + 1,
                    self.name
                ))
            };
            let line: Line =
                serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
            let statement = Statement::read(&line.kind, &line.payload).map_err(wrong)?;
            let seed = Hash::of(format!("{} {number}", self.name).as_bytes()).to_string();
            let mut salt = [0; 32];
            salt.copy_from_slice(&seed.as_bytes()[..32]);
            Ok(Draft {
                author: line.author,
                time: line.time,
                salt: Salt::new(salt),
                says: statement.says().map_err(wrong)?,
            })
        });
        drafts.collect()
    }
}
