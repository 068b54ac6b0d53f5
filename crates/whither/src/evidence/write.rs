//! Writing into a case: starting it, adding claims, striking and correcting them.

use std::io::Read;
use std::path::Path;

use serde::Serialize;
use whither_casework::claims::Body;
use whither_casework::{CaseId, Draft, Entry, Hash, Json, Kind, Ledger, Says, Statement, Writer};

use super::{named, refused};
use crate::error::Error;
use crate::example::Example;
use crate::knowledge;
use crate::recorder::Recorder;

/// More bytes of claims than this are not read in one go.
const INPUT_LENGTH_MAX: u64 = 1 << 28;

/// A case that was started (`whither.init/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Started {
    schema: &'static str,
    /// Its id.
    pub case: String,
    /// What it is called.
    pub name: String,
    /// Where it lies.
    pub dir: String,
}

/// Entries that were written (`whither.evidence-written/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    schema: &'static str,
    /// The case.
    pub case: String,
    /// Its state after this.
    pub revision: String,
    /// The entries.
    pub entries: Vec<WrittenRow>,
}

/// An entry that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrittenRow {
    /// What the claim is called, if it makes one that is.
    pub claim: Option<String>,
    /// Names the entry.
    pub hash: String,
    /// What kind.
    pub kind: String,
    /// Whose log it is in.
    pub author: String,
    /// Its place there.
    pub entry: u64,
    /// When.
    pub time: String,
    /// The entry that it strikes or corrects.
    pub target: Option<String>,
}

/// Starts a case in a directory as one of the examples that are built in, with its id, name and claims.
///
/// # Errors
/// Where there is no such example, a case is there already, or the directory cannot be written.
pub fn init_example(dir: &Path, example: &str) -> Result<Started, Error> {
    let example = Example::named(example)?;
    example.write(dir)?;
    Ok(Started {
        schema: "whither.init/1",
        case: example.name.to_owned(),
        name: example.title.to_owned(),
        dir: dir.display().to_string(),
    })
}

/// Starts a case in a directory, which is made where there is none. Its id is the directory's name unless one is given.
///
/// # Errors
/// Where a case is there already, or the directory cannot be written.
pub fn init(dir: &Path, id: Option<&str>, name: Option<&str>) -> Result<Started, Error> {
    let absolute = std::path::absolute(dir).map_err(Error::new)?;
    let folder = absolute
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let word = folder.and_then(|name| Recorder::word(&name));
    let id = id.map_or_else(
        || word.unwrap_or_else(|| "case".to_owned()),
        ToOwned::to_owned,
    );
    let id = CaseId::new(&id).map_err(|error| {
        Error::new(error)
            .with_hint("`--id` takes a word; it stands in public, so let it give nothing away")
    })?;
    let name = name.unwrap_or(id.as_str()).to_owned();
    Writer::create(dir, &id, &name)?;
    Ok(Started {
        schema: "whither.init/1",
        case: id.to_string(),
        name,
        dir: dir.display().to_string(),
    })
}

/// Reads payloads: JSON objects, one after the other.
///
/// # Errors
/// Names the line and column of what is none.
pub fn read_payloads(from: impl Read) -> Result<Vec<Json>, Error> {
    let mut bytes = Vec::new();
    from.take(INPUT_LENGTH_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::new)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > INPUT_LENGTH_MAX {
        return Err(Error::new(format!("more than {INPUT_LENGTH_MAX} bytes"))
            .with_hint("add the claims in several parts"));
    }
    let read = serde_json::Deserializer::from_slice(&bytes).into_iter::<Json>();
    let payloads = read.collect::<Result<Vec<Json>, _>>().map_err(|error| {
        Error::new(error).with_hint("a claim is a JSON object; several stand one after the other")
    })?;
    if payloads.is_empty() {
        return Err(Error::new("there is no claim").with_hint("write a claim as a JSON object"));
    }
    Ok(payloads)
}

/// Adds claims of one kind. All are checked before one is written.
///
/// # Errors
/// Names the claim that is none, and why.
pub fn add(
    dir: &Path,
    recorder: &Recorder,
    kind: &str,
    payloads: &[Json],
) -> Result<Written, Error> {
    let mut drafts = Vec::new();
    let mut names = Vec::new();
    for (number, payload) in (1..).zip(payloads) {
        let statement = statement(kind, payload);
        let statement = statement.map_err(|error| in_claim(number, payloads.len(), &error))?;
        names.push(statement.handle.as_ref().map(ToString::to_string));
        drafts.push(recorder.claim(&statement)?);
    }
    write(dir, drafts, names)
}

fn in_claim(number: usize, count: usize, error: &Error) -> Error {
    if count == 1 {
        return Error::new(error).with_hint_of(error.hint());
    }
    Error::new(format!("claim {number}: {error}")).with_hint_of(error.hint())
}

/// A payload as a claim of a kind that this version knows, with all that can be checked of it.
fn statement(kind: &str, payload: &Json) -> Result<Statement, Error> {
    let known = || format!("the kinds: {}", Body::KINDS.join(", "));
    if !Body::KINDS.contains(&kind) {
        return Err(Error::new(format!("{kind:?} is no kind of claim")).with_hint(known()));
    }
    let kind = Kind::new(kind).map_err(Error::new)?;
    let statement = Statement::read(&kind, payload).map_err(|why| {
        Error::new(format!("{kind}: {why}"))
            .with_hint("docs/reference/case.md says what each kind of claim holds")
    })?;
    knowledge::check_new(&statement.body)?;
    Ok(statement)
}

/// Strikes a claim or a correction.
///
/// # Errors
/// Where the name names none, or several.
pub fn retract(
    dir: &Path,
    recorder: &Recorder,
    name: &str,
    reason: &str,
) -> Result<Written, Error> {
    let target = named(&Ledger::open(dir)?, name)?;
    let reason = reason.to_owned();
    let draft = recorder.draft(Says::Retract { target, reason })?;
    write(dir, vec![draft], vec![None])
}

/// Says a claim anew, all of it.
///
/// # Errors
/// Where the name names none, or several, or the payload is no claim of the same kind.
pub fn correct(
    dir: &Path,
    recorder: &Recorder,
    name: &str,
    payload: &Json,
) -> Result<Written, Error> {
    let ledger = Ledger::open(dir)?;
    let target = named(&ledger, name)?;
    let claim = ledger.entry(target).filter(|entry| entry.kind().is_claim());
    let claim = claim.ok_or_else(|| {
        Error::new(format!(
            "{name:?} is not a claim but a correction or a retraction"
        ))
        .with_hint("name the claim that is to be corrected")
    })?;
    let statement = statement(claim.kind().as_str(), payload)?;
    let name = statement.handle.as_ref().map(ToString::to_string);
    let payload = statement.payload().map_err(Error::new)?;
    let draft = recorder.draft(Says::Correct { target, payload })?;
    write(dir, vec![draft], vec![name])
}

fn write(dir: &Path, drafts: Vec<Draft>, names: Vec<Option<String>>) -> Result<Written, Error> {
    let mut writer = Writer::open(dir)?;
    let entries = writer.append_all(drafts).map_err(refused)?;
    let row = |(entry, claim): (&Entry, Option<String>)| WrittenRow {
        claim,
        hash: entry.hash().to_string(),
        kind: entry.kind().to_string(),
        author: entry.author().to_string(),
        entry: entry.number(),
        time: entry.time().to_string(),
        target: entry.target().as_ref().map(Hash::to_string),
    };
    Ok(Written {
        schema: "whither.evidence-written/1",
        case: writer.ledger().id().to_string(),
        revision: writer.ledger().revision(),
        entries: entries.iter().zip(names).map(row).collect(),
    })
}
