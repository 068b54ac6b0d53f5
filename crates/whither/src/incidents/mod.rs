//! Incidents: what a case says of thefts, and what they add up to.
//!
//! Joins the claims of a case, the prices and the question. Folding and adding up are in `whither_casework::incidents`;
//! here the shapes are made that the command line and the pages print.

mod import;
mod list;
mod show;
mod total;

use std::path::Path;

use whither_casework::{Case, Date, Index, Period, Says, Writer};

pub use import::{Imported, ImportedIncident, Options, Row, add, import};
pub use list::{Filter, IncidentLine, Incidents, list};
pub use show::{IncidentSheet, SourceLine, show};
pub use total::{Parameters, Provenance, TotalAnswer, TotalQuestion, total};
pub use whither_casework::import::Flaw;
pub use whither_casework::incidents::{
    After, AssetRow, By, Caveat, Cite, CitedRow, Decimals, Held, Kept, LossView, Said, Total,
    TotalRow,
};

use crate::error::Error;
use crate::evidence::{known_on, worth};
use crate::recorder::Recorder;

/// Opens a case to ask it of incidents, at its present or as known at the end of a day, or at a time.
///
/// # Errors
/// Where the case cannot be read, or the time is none.
pub fn open(dir: &Path, as_of: Option<&str>) -> Result<Case, Error> {
    Ok(match as_of.map(known_on).transpose()? {
        Some(time) => Case::open_as_of(dir, &time)?,
        None => Case::open(dir)?,
    })
}

/// What lists and totals need of a case, at its present or as known on a date. Of a large case at its present an index
/// in a folder of the user's data is asked, which gives the same.
///
/// # Errors
/// Where the case cannot be read, or the time is none.
pub fn kept(dir: &Path, as_of: Option<&str>, index: Option<&Path>) -> Result<Kept, Error> {
    match worth(dir, index).filter(|_| as_of.is_none()) {
        Some(index) => kept_of(dir, index),
        None => Ok(Kept::of(&open(dir, as_of)?)),
    }
}

/// The same of the index, however small the case is.
///
/// # Errors
/// Where the case cannot be read.
pub fn kept_of(dir: &Path, index: &Path) -> Result<Kept, Error> {
    match Kept::asked(&mut Index::open(dir, index)?)? {
        Some(kept) => Ok(kept),
        None => Ok(Kept::of(&open(dir, None)?)),
    }
}

/// Appends claims to a case at once: all of them, or none.
///
/// # Errors
/// Where another program writes, the author wrote at a later time, or the disk cannot take them.
pub fn write(dir: &Path, recorder: &Recorder, says: Vec<Says>) -> Result<(), Error> {
    if says.is_empty() {
        return Ok(());
    }
    let mut writer = Writer::open(dir)?;
    let drafts = says.into_iter().map(|says| recorder.draft(says));
    writer.append_all(drafts.collect::<Result<_, Error>>()?)?;
    Ok(())
}

/// Today, by whoever records: `YYYY-MM-DD` in UTC.
///
/// # Errors
/// Where the clock is wrong.
pub fn today(recorder: &Recorder) -> Result<String, Error> {
    let now = recorder.now()?;
    Ok(now.as_str().get(..10).unwrap_or_default().to_owned())
}

/// What is missing of a case.
pub(crate) fn missing(kept: &Kept) -> Vec<Caveat> {
    let say = |count: usize, kind, what: &str| {
        (count > 0).then(|| Caveat {
            kind,
            what: format!("{count} claims about incidents {what}"),
            incident: None,
        })
    };
    let unreadable = say(
        kept.unreadable,
        "unreadable",
        "cannot be read, and do not count",
    );
    let withheld = say(
        kept.withheld,
        "withheld",
        "are withheld from this copy of the case, and do not count",
    );
    unreadable.into_iter().chain(withheld).collect()
}

/// The days from one date to another, each as precise as it is known; without one there is no limit.
///
/// # Errors
/// Where one is no date, or they are the wrong way round.
pub(crate) fn period(from: Option<&str>, to: Option<&str>) -> Result<Period, Error> {
    let read = |option: &str, text: &str| {
        Date::new(text).map(|date| date.days()).map_err(|_| {
            Error::new(format!("`{option} {text}` is not a date"))
                .with_hint("write it as 2020, 2020-09 or 2020-09-25; days are of UTC")
        })
    };
    let first = from
        .map(|text| read("--from", text))
        .transpose()?
        .map_or(Period::ALWAYS.first, |days| days.first);
    let last = to
        .map(|text| read("--to", text))
        .transpose()?
        .map_or(Period::ALWAYS.last, |days| days.last);
    if last < first {
        return Err(Error::new(format!(
            "the period ends on {last}, before it begins on {first}"
        )));
    }
    Ok(Period { first, last })
}
