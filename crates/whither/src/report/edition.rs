//! An edition, given out: a directory with the report, the case as far as it may be seen, a manifest over every byte, and a
//! seal over the manifest.
//!
//! All of it is made beside, looked through for what must not leave, and put in its place only if nothing is found. Then
//! the case records it: what was given out, with which hashes, and, apart, the secret that opens what was withheld.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use whither_casework::claims::{Body, Commitment, Edition, EditionFile, Secret};
use whither_casework::{
    Case, Handling, Hash, Json, Kind, Ledger, Marks, Statement, Withhold, Word,
};
use whither_report::document::{Document, Piece, parse, redact, source};
use whither_report::leak::{Leak, leaks};

use super::check::check;
use super::desk::{Audience, Desk};
use super::draft::text_of;
use super::life::{as_remarks, remarks};
use super::private::{LIFE, by_says, holds_private, private};
use super::render::{Output, Shown, render};
use crate::error::Error;
use crate::incidents::write;
use crate::question::Chains;
use crate::recorder::Recorder;

/// The name of the manifest in a bundle.
pub(super) const MANIFEST: &str = "manifest.json";
/// The name of the seal.
pub(super) const SEAL: &str = "seal.json";
/// The name of the edition's text.
pub(super) const TEXT: &str = "edition.txt";
/// The folder of the copy of the case.
pub(super) const CASE: &str = "case";
/// The folder of the data that the figures were computed from.
pub(super) const STORE: &str = "store";

/// What is to be given out.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The report.
    pub report: String,
    /// Its revision; the last where none is given.
    pub revision: Option<u32>,
    /// For whom.
    pub audience: Audience,
    /// The most closed mark that is shown; the audience's own where none is given.
    pub ceiling: Option<Handling>,
    /// What the edition is called; the audience and a number where nothing is given.
    pub name: Option<String>,
    /// The directory, which must not be there yet.
    pub out: PathBuf,
    /// The store whose data goes with it: its prices, and where `with_store` says so all of it.
    pub store: Option<PathBuf>,
    /// Whether the chain data goes with it.
    pub with_store: bool,
    /// What the salts come of; drawn at random where none is given.
    pub secret: Option<Hash>,
}

/// An edition that was given out (`whither.report-edition/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    schema: &'static str,
    /// The report.
    pub report: String,
    /// The edition.
    pub edition: String,
    /// For whom.
    pub audience: &'static str,
    /// Where it lies.
    pub dir: String,
    /// How many files, with the manifest and the seal.
    pub files: usize,
    /// How many pieces of the text it withholds.
    pub withheld: usize,
    /// How many private strings its bytes were looked through for.
    pub looked_for: usize,
    /// SHA-256 of the manifest.
    pub manifest: String,
}

/// `whither.manifest/1`: every file of a bundle but itself and the seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub(super) struct Manifest {
    pub schema: String,
    pub report: String,
    pub edition: String,
    pub audience: String,
    pub revision: u32,
    pub ceiling: String,
    pub case: String,
    pub case_revision: String,
    pub version: String,
    pub findings: Vec<String>,
    pub files: Vec<ManifestFile>,
    pub withheld: Vec<Commitment>,
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub(super) struct ManifestFile {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

/// A report made ready for an audience: its text without what is withheld, and all that it refers to computed.
pub(super) struct Made {
    pub document: Document,
    pub pieces: Vec<Piece>,
    pub shown: Shown,
}

/// The hash that commits to a piece of an edition, and the salt in it.
pub(super) fn commitment(secret: Hash, edition: &str, piece: &str, text: &str) -> (Hash, Hash) {
    let salt = Hash::of(format!("whither.salt/1\n{secret}\n{edition}\n{piece}").as_bytes());
    (sealed(salt, piece, text), salt)
}

/// The hash of a piece with its salt.
pub(super) fn sealed(salt: Hash, piece: &str, text: &str) -> Hash {
    Hash::of(format!("whither.withheld/1\n{salt}\n{piece}\n{text}").as_bytes())
}

/// Gives an edition out.
///
/// # Errors
/// Where the report has faults, something private is in its bytes, the directory is there already, or a file cannot be
/// written. Nothing is left behind then.
pub fn publish(
    chains: &dyn Chains,
    dir: &Path,
    recorder: &Recorder,
    asked: &Publication,
) -> Result<Published, Error> {
    let ledger = Ledger::open(dir)?;
    let case = Case::of(&ledger)?;
    let revision = text_of(&case, &asked.report, asked.revision)?;
    let ceiling = asked.ceiling.unwrap_or(asked.audience.ceiling());
    let edition = named(&case, asked)?;
    let secret = asked.secret.map_or_else(draw, Ok)?;
    let desk = Desk::new((&ledger, &case), chains, asked.audience, ceiling);
    let made = make(
        &desk,
        &revision.text,
        &asked.report,
        (secret, edition.as_str()),
    )?;
    let private = private(&desk, &made.pieces);
    let mut withheld: Vec<Commitment> = Vec::new();
    for piece in &made.pieces {
        withheld.push(Commitment {
            piece: piece.name.clone(),
            sha256: Hash::parse(&piece.commitment)
                .ok_or_else(|| Error::new("a commitment is no hash"))?,
        });
    }
    for (piece, name) in hidden_sources(&desk, &made.document) {
        let (sha256, _) = commitment(secret, edition.as_str(), &piece, &name);
        withheld.push(Commitment { piece, sha256 });
    }
    let beside = Beside::new(&asked.out)?;
    let files = forms(&made)?;
    for (name, bytes) in &files {
        beside.write(name, bytes)?;
    }
    copy_case(&desk, &beside, &private)?;
    copy_store(&beside, asked)?;
    let all = beside.files()?;
    let manifest = Manifest {
        schema: "whither.manifest/1".to_owned(),
        report: asked.report.clone(),
        edition: edition.to_string(),
        audience: asked.audience.word().to_owned(),
        revision: revision.revision,
        ceiling: ceiling.to_string(),
        case: case.id().to_string(),
        case_revision: case.revision(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        findings: desk.findings_used(),
        files: all.iter().map(|(name, bytes)| entry(name, bytes)).collect(),
        withheld: withheld.clone(),
    };
    let manifest = Json::of(&manifest).map_err(Error::new)?.canonical();
    let sha256 = Hash::of(manifest.as_bytes());
    beside.write(MANIFEST, manifest.as_bytes())?;
    let seal = format!("{{\"manifest\":\"{sha256}\",\"schema\":\"whither.seal/1\"}}");
    beside.write(SEAL, seal.as_bytes())?;
    let all = beside.files()?;
    refuse_leaks(&leaks(&all, &private))?;
    let rendered = all.iter().filter(|(name, _)| !name.contains('/'));
    let rendered = rendered.map(|(name, bytes)| EditionFile {
        name: name.clone(),
        sha256: Hash::of(bytes),
    });
    let claim = Edition {
        report: Word::new(&asked.report).map_err(Error::new)?,
        edition: edition.clone(),
        audience: asked.audience.word().to_owned(),
        revision: revision.revision,
        ceiling: ceiling.to_string(),
        head: Json::read(case.head().canonical().as_bytes()).map_err(Error::new)?,
        text: source(&made.document),
        files: rendered.collect(),
        withheld,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    record(dir, recorder, claim, secret)?;
    beside.place()?;
    Ok(Published {
        schema: "whither.report-edition/1",
        report: asked.report.clone(),
        edition: edition.to_string(),
        audience: asked.audience.word(),
        dir: asked.out.display().to_string(),
        files: all.len(),
        withheld: made.pieces.len(),
        looked_for: private.len(),
        manifest: sha256.to_string(),
    })
}

/// A private string and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The string itself: for those who may see it alone.
    pub text: String,
    /// In which file.
    pub file: String,
    /// In which form.
    pub form: &'static str,
}

/// What of a report and its case must not leave for the desk's audience, and stands in some files all the same.
///
/// # Errors
/// Where the text has no form.
pub fn leaks_of(
    desk: &Desk<'_>,
    report: &str,
    text: &str,
    files: &[(String, Vec<u8>)],
) -> Result<Vec<Found>, Error> {
    let none = |_: &str, _: &str| Hash::of(report.as_bytes()).to_string();
    let (_, pieces) = redact(&parse(text).0, &desk.ceiling.to_string(), &none);
    let mut found = Vec::new();
    for string in private(desk, &pieces) {
        let leaks = leaks(files, std::slice::from_ref(&string));
        found.extend(leaks.into_iter().map(|leak| Found {
            text: string.text.clone(),
            file: leak.file,
            form: leak.form,
        }));
    }
    Ok(found)
}

/// Takes out what the audience may not see, checks the rest, and computes it.
pub(super) fn make(
    desk: &Desk<'_>,
    text: &str,
    report: &str,
    (secret, edition): (Hash, &str),
) -> Result<Made, Error> {
    let (whole, faults) = parse(text);
    let commit = |piece: &str, text: &str| commitment(secret, edition, piece, text).0.to_string();
    let (document, pieces) = redact(&whole, &desk.ceiling.to_string(), &commit);
    let checked = check(desk, &document, faults);
    if let Some(fault) = checked.faults.first() {
        return Err(Error::new(format!(
            "the report has {} faults; the first, of line {}, column {}: {}",
            checked.faults.len(),
            fault.line,
            fault.column,
            fault.what
        ))
        .with_hint(&fault.hint));
    }
    let remarks = as_remarks(&remarks(desk.case, report));
    let shown = render(desk, document.clone(), remarks);
    Ok(Made {
        document,
        pieces,
        shown,
    })
}

/// The files that are rendered, by name.
pub(super) fn forms(made: &Made) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut files = vec![
        (
            "report.html".to_owned(),
            made.shown.output(Output::Html)?.into_bytes(),
        ),
        (
            "report.md".to_owned(),
            made.shown.output(Output::Markdown)?.into_bytes(),
        ),
        (
            "report.json".to_owned(),
            made.shown.output(Output::Json)?.into_bytes(),
        ),
        (TEXT.to_owned(), source(&made.document).into_bytes()),
    ];
    for (id, drawn) in &made.shown.rendering.drawings {
        files.push((format!("figures/{id}.svg"), drawn.svg.clone().into_bytes()));
    }
    Ok(files)
}

fn named(case: &Case, asked: &Publication) -> Result<Word, Error> {
    let of_it = case
        .editions()
        .filter(|(_, it)| it.report.as_str() == asked.report);
    let taken: BTreeSet<String> = of_it.map(|(_, it)| it.edition.to_string()).collect();
    let name = match &asked.name {
        Some(name) => name.clone(),
        None => {
            let mut names = (1..).map(|number| format!("{}-{number}", asked.audience.word()));
            names.find(|name| !taken.contains(name)).unwrap_or_default()
        }
    };
    if taken.contains(&name) {
        return Err(Error::new(format!(
            "there is an edition {name:?} of this report already"
        ))
        .with_hint("an edition is never changed: give another name"));
    }
    Word::new(&name).map_err(Error::new)
}

fn draw() -> Result<Hash, Error> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Error::new(format!("the system gives no random numbers: {error}")))?;
    Ok(Hash::of(&random))
}

/// Sources that are named by a descriptor, each with what it is called within the case. Numbered as they come, so that the
/// name of a piece gives nothing away.
pub(super) fn hidden_sources(desk: &Desk<'_>, document: &Document) -> Vec<(String, String)> {
    if !desk.audience.is_outside() {
        return Vec::new();
    }
    let mut seen: Vec<&str> = Vec::new();
    for reference in document.computed() {
        let subject = reference.subject.as_str();
        if reference.kind == "source" && !seen.contains(&subject) {
            seen.push(subject);
        }
    }
    let named = seen.into_iter().zip(1..).filter_map(|(source, number)| {
        let private = desk.sources.private_name(source)?;
        let hidden = desk.sources.public_name(source) != Some(private);
        hidden.then(|| (format!("source-{number}"), private.to_owned()))
    });
    named.collect()
}

fn entry(name: &str, bytes: &[u8]) -> ManifestFile {
    ManifestFile {
        name: name.to_owned(),
        bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        sha256: Hash::of(bytes).to_string(),
    }
}

fn refuse_leaks(found: &[Leak]) -> Result<(), Error> {
    if found.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> = found
        .iter()
        .take(20)
        .map(|leak| format!("{} stands in {} ({})", leak.what, leak.file, leak.form))
        .collect();
    Err(Error::new(format!(
        "{} private strings are in the finished bytes, and nothing was given out:\n{}",
        found.len(),
        rows.join("\n")
    ))
    .with_hint("take them out of the text, mark the part that holds them, or say by a descriptor that they are public"))
}

/// Copies the case as far as the audience may see it.
fn copy_case(
    desk: &Desk<'_>,
    beside: &Beside,
    private: &[whither_report::leak::Private],
) -> Result<(), Error> {
    let mut withhold = Withhold {
        claims: BTreeSet::new(),
        kinds: BTreeSet::new(),
        above: None,
    };
    let kinds: &[&str] = if desk.audience.is_outside() {
        LIFE
    } else {
        &["report-secret"]
    };
    for kind in kinds {
        withhold.kinds.insert(Kind::new(kind)?);
    }
    if desk.audience == Audience::Internal {
        withhold.kinds.clear();
    }
    let shown = shown(desk);
    for claim in desk.case.claims() {
        let closed = claim.marks.handling.is_some_and(|mark| mark > desk.ceiling);
        let kept = if desk.audience.is_outside() {
            shown.contains(&claim.says) && !says_private(claim, private)
        } else {
            !closed
        };
        if !kept {
            withhold.claims.insert(claim.id);
        }
    }
    // What was struck is nobody's business outside.
    if desk.audience.is_outside() {
        let state = desk.ledger.replay(None);
        withhold
            .claims
            .extend(state.retracted.iter().map(|it| it.entry.hash()));
    }
    let name = desk.audience.is_outside().then(|| desk.case.id().as_str());
    desk.ledger.copy(&beside.dir.join(CASE), name, &withhold)?;
    Ok(())
}

/// What an edition for outside shows of the case: claims that were used and are open, what sources may be called, and
/// findings all of whose claims are shown.
fn shown(desk: &Desk<'_>) -> BTreeSet<Hash> {
    let used = desk.used();
    let claims = by_says(desk.case);
    let open = |says: &Hash| {
        let mark = claims.get(says).and_then(|claim| claim.marks.handling);
        mark.is_some_and(|mark| mark <= desk.ceiling)
    };
    let mut shown: BTreeSet<Hash> = used.iter().filter(|says| open(says)).copied().collect();
    for (claim, finding) in desk.case.findings() {
        if used.contains(&claim.says) && finding.claims.iter().all(&open) {
            shown.insert(claim.says);
            shown.extend(&finding.claims);
        }
    }
    let sources: BTreeSet<&str> = shown
        .iter()
        .filter_map(|says| claims.get(says)?.marks.source.as_deref())
        .collect();
    let of_used = desk
        .case
        .descriptors()
        .filter(|(claim, said)| sources.contains(said.of.as_str()) || used.contains(&claim.says));
    shown.extend(of_used.map(|(claim, _)| claim.says).collect::<Vec<_>>());
    shown
}

fn says_private(
    claim: &whither_casework::Claim,
    private: &[whither_report::leak::Private],
) -> bool {
    let statement = Statement {
        handle: claim.handle.clone(),
        marks: claim.marks.clone(),
        body: claim.body.clone(),
    };
    match statement.payload() {
        Ok(payload) => holds_private(&payload.canonical(), private),
        Err(_) => true,
    }
}

/// Copies prices, and all chain data where that is asked.
fn copy_store(beside: &Beside, asked: &Publication) -> Result<(), Error> {
    let Some(store) = &asked.store else {
        return Ok(());
    };
    let to = beside.dir.join(STORE);
    if asked.with_store {
        return copy_folder(store, &to);
    }
    let prices = store.join("prices");
    if prices.is_dir() {
        copy_folder(&prices, &to.join("prices"))?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    let failed =
        |error: std::io::Error| Error::new(format!("cannot copy {}: {error}", from.display()));
    fs::create_dir_all(to).map_err(failed)?;
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(from).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    for path in entries {
        let Some(name) = path.file_name() else {
            continue;
        };
        // A lock is of this machine and this moment.
        if name.to_string_lossy().contains("lock") {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).map_err(failed)?;
        }
    }
    Ok(())
}

/// Records the edition in the case, and its secret apart.
fn record(dir: &Path, recorder: &Recorder, edition: Edition, secret: Hash) -> Result<(), Error> {
    let says = |body: Body| {
        let statement = Statement {
            handle: None,
            marks: Marks::default(),
            body,
        };
        statement.says().map_err(Error::new)
    };
    let secret = Body::Secret(Secret {
        report: edition.report.clone(),
        edition: edition.edition.clone(),
        secret,
    });
    write(
        dir,
        recorder,
        vec![says(Body::Edition(edition))?, says(secret)?],
    )
}

/// A directory that is made beside its place, and goes if it is not put there.
struct Beside {
    dir: PathBuf,
    place: PathBuf,
}

impl Beside {
    fn new(place: &Path) -> Result<Self, Error> {
        let there = place.exists();
        let name = place
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let (false, Some(name)) = (there, name) else {
            return Err(
                Error::new(format!("{} is there already", place.display())).with_hint(
                    "an edition is never written over: name another directory with `--out DIR`",
                ),
            );
        };
        let dir = place.with_file_name(format!(".{name}.incoming"));
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(|error| failed(&dir, &error))?;
        }
        fs::create_dir_all(&dir).map_err(|error| failed(&dir, &error))?;
        Ok(Self {
            dir,
            place: place.to_owned(),
        })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.dir.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| failed(parent, &error))?;
        }
        fs::write(&path, bytes).map_err(|error| failed(&path, &error))
    }

    fn files(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        read_all(&self.dir)
    }

    fn place(self) -> Result<(), Error> {
        fs::rename(&self.dir, &self.place).map_err(|error| failed(&self.place, &error))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It is gone where it was put in its place; where it cannot be removed there is nobody to tell.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("cannot write {}: {error}", path.display()))
        .with_hint("name another directory with `--out DIR`")
}

/// All files below a directory, by their names with `/`, in order.
///
/// # Errors
/// Where one cannot be read.
pub(super) fn read_all(dir: &Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut all = BTreeMap::new();
    gather(dir, "", &mut all)?;
    Ok(all.into_iter().collect())
}

fn gather(dir: &Path, under: &str, into: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Error> {
    let wrong =
        |error: std::io::Error| Error::new(format!("cannot read {}: {error}", dir.display()));
    for entry in fs::read_dir(dir).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let name = format!("{under}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(&entry.path(), &format!("{name}/"), into)?;
        } else {
            into.insert(name, fs::read(entry.path()).map_err(wrong)?);
        }
    }
    Ok(())
}
