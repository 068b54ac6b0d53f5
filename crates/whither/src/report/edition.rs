//! An edition, given out: a directory with the report, the case as far as it may be seen, a manifest over every byte, and a
//! seal over the manifest.
//!
//! All of it is made beside, looked through for what must not leave, and put in its place only if nothing is found. Then
//! the case records it: what was given out, with which hashes, and, apart, the secret that opens what was withheld.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use whither_casework::claims::{Body, Commitment, Edition, EditionFile, Secret};
use whither_casework::{Case, Handling, Hash, Json, Ledger, Marks, Statement, Word};
use whither_report::document::{Document, Piece, parse, redact, source};
use whither_report::leak::{Leak, leaks};

use super::audience::Audience;
use super::bundle::{copy_case, copy_store, read_all};
use super::check::check;
use super::desk::Desk;
use super::draft::text_of;
use super::life::{as_remarks, remarks};
use super::pdf::{PDF, pdf, unpacked};
use super::private::private;
use super::render::{Output, Shown, render};
use super::seal::Seal;
use crate::beside::Beside;
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
    /// Whether the report is set in type as well, as PDF.
    pub pdf: bool,
    /// A file with the key that signs it.
    pub key: Option<PathBuf>,
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

impl Made {
    /// The names of the parts that are withheld.
    fn parts(&self) -> BTreeSet<&str> {
        let pieces = self.pieces.iter();
        pieces.map(|piece| piece.name.as_str()).collect()
    }
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
    let text = source(&made.document);
    let private = private(&desk, &made.pieces, &text);
    let withheld = commitments(&desk, &made, (secret, edition.as_str()))?;
    let beside = Beside::new(&asked.out, "--out")?;
    let files = forms(&made, asked.pdf)?;
    for (name, bytes) in &files {
        beside.write(name, bytes)?;
    }
    copy_case(&desk, &beside, &private, (&asked.report, &made.parts()))?;
    copy_store(&beside, asked)?;
    let all = read_all(beside.dir())?;
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
        withheld,
    };
    let text = Json::of(&manifest).map_err(Error::new)?.canonical();
    let sha256 = Hash::of(text.as_bytes());
    beside.write(MANIFEST, text.as_bytes())?;
    let seal = Seal::new(sha256, asked.key.as_deref())?.canonical()?;
    beside.write(SEAL, seal.as_bytes())?;
    let all = read_all(beside.dir())?;
    refuse_leaks(&leaks(&[&all[..], &unpacked(&all)?].concat(), &private))?;
    let claim = claim(&made, &manifest, &case, &all)?;
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
    let (open, pieces) = redact(&parse(text).0, &desk.ceiling.to_string(), &none);
    let files = [files, &unpacked(files)?].concat();
    let mut found = Vec::new();
    for string in private(desk, &pieces, &source(&open)) {
        let leaks = leaks(&files, std::slice::from_ref(&string));
        found.extend(leaks.into_iter().map(|leak| Found {
            text: string.text.clone(),
            file: leak.file,
            form: leak.form,
        }));
    }
    Ok(found)
}

/// What an edition withholds, piece by piece.
fn commitments(
    desk: &Desk<'_>,
    made: &Made,
    (secret, edition): (Hash, &str),
) -> Result<Vec<Commitment>, Error> {
    let mut withheld: Vec<Commitment> = Vec::new();
    for piece in &made.pieces {
        withheld.push(Commitment {
            piece: piece.name.clone(),
            sha256: Hash::parse(&piece.commitment)
                .ok_or_else(|| Error::new("a commitment is no hash"))?,
        });
    }
    for (piece, name) in hidden_sources(desk, &made.document) {
        let (sha256, _) = commitment(secret, edition, &piece, &name);
        withheld.push(Commitment { piece, sha256 });
    }
    Ok(withheld)
}

/// What the case records of an edition.
fn claim(
    made: &Made,
    manifest: &Manifest,
    case: &Case,
    files: &[(String, Vec<u8>)],
) -> Result<Edition, Error> {
    Ok(Edition {
        report: Word::new(&manifest.report).map_err(Error::new)?,
        edition: Word::new(&manifest.edition).map_err(Error::new)?,
        audience: manifest.audience.clone(),
        revision: manifest.revision,
        ceiling: manifest.ceiling.clone(),
        head: Json::read(case.head().canonical().as_bytes()).map_err(Error::new)?,
        text: source(&made.document),
        files: at_the_top(files),
        withheld: manifest.withheld.clone(),
        version: manifest.version.clone(),
    })
}

/// The files of the report itself, without the case and the data beside it.
fn at_the_top(all: &[(String, Vec<u8>)]) -> Vec<EditionFile> {
    let rendered = all.iter().filter(|(name, _)| !name.contains('/'));
    let rendered = rendered.map(|(name, bytes)| EditionFile {
        name: name.clone(),
        sha256: Hash::of(bytes),
    });
    rendered.collect()
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
pub(super) fn forms(made: &Made, with_pdf: bool) -> Result<Vec<(String, Vec<u8>)>, Error> {
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
    if with_pdf {
        files.push((PDF.to_owned(), pdf(made)?));
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
