//! Files of labels into a case (`whither.label-import/1`).
//!
//! What the case says already is not said again, so that a pack brought in twice changes nothing; and what it took back
//! does not come back unless somebody asks for it, so that a poisoned pack stays out. All is written at once, after
//! every file was read. A file that is no pack costs none of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use whither_casework::labels::{self, Defaults, Level, Reading, Refused};
use whither_casework::{Body, Case, Claim, Hash, Ledger, Statement, Writer};

use crate::error::Error;
use crate::evidence::refused;
use crate::labels::known::{digest, fallen, said};
use crate::recorder::Recorder;

/// How files are imported.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What holds for rows that do not say it.
    pub name: Option<String>,
    /// The category of those that have none.
    pub category: Option<String>,
    /// The chain of those that name none.
    pub chain: Option<String>,
    /// Who says it.
    pub source: Option<String>,
    /// Where it can be read.
    pub reference: Option<String>,
    /// How they know, as a word of the scale.
    pub level: Option<String>,
    /// From which number on an address of a pooling category is claimed as a service.
    pub services_from: u8,
    /// Whether a pack that names the kind of an address itself is believed below that number too.
    pub kinds: bool,
    /// Whether what the case retracted or corrected comes in again.
    pub again: bool,
    /// Whether nothing is to be written.
    pub dry_run: bool,
}

/// What came of files of labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelImport {
    /// `whither.label-import/1`.
    pub schema: &'static str,
    /// Whether nothing was written because that was asked for.
    pub dry_run: bool,
    /// Rows of all files.
    pub rows: usize,
    /// Claims that are new to the case.
    pub claims_new: usize,
    /// Claims that the case had already, or that a file says twice.
    pub claims_known: usize,
    /// Claims that the case had and retracted or corrected, and that did not come in again.
    pub claims_retracted: usize,
    /// New claims that are names and nothing more, though their pack calls them services or deposits: their level is
    /// too low for that.
    pub lowered: usize,
    /// Rows that did not come in.
    pub refused: usize,
    /// How many rows did not come in for which reason.
    pub refused_by: BTreeMap<&'static str, usize>,
    /// Claims by what they are: `label`, `service`, `deposit`, `entity`.
    pub kinds: BTreeMap<String, usize>,
    /// Publications behind the new claims: what many packs copied from one counts once.
    pub upstreams: usize,
    /// The files.
    pub files: Vec<FileRow>,
    /// The case after this.
    pub revision: String,
}

/// A file of labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileRow {
    /// Its name.
    pub file: String,
    /// `tagpack`, `actorpack`, `table`; none where it could not be read.
    pub form: Option<&'static str>,
    /// What it calls itself (hostile text).
    pub title: Option<String>,
    /// Its rows.
    pub rows: usize,
    /// Claims that are new to the case.
    pub claims_new: usize,
    /// Claims that were there.
    pub claims_known: usize,
    /// Claims that were there, and were retracted or corrected.
    pub claims_retracted: usize,
    /// New claims that are names and nothing more, though it calls them services or deposits.
    pub lowered: usize,
    /// Why nothing of it came in.
    pub error: Option<String>,
    /// Rows that did not come in.
    pub refused: Vec<Refused>,
    /// Keys that nobody knows, which were passed over (hostile text), and how often.
    pub unknown: Vec<(String, usize)>,
}

/// A reason for which rows were refused.
pub type RefusedKind = &'static str;

/// Brings files of labels into a case.
///
/// # Errors
/// Where an option is none, no file can be read, or the case cannot be written.
pub fn import(
    dir: &Path,
    recorder: &Recorder,
    files: &[(String, Vec<u8>)],
    options: &Options,
) -> Result<LabelImport, Error> {
    let defaults = defaults(options)?;
    let mut writer = Writer::open(dir)?;
    let mut gather = Gather::of(writer.ledger(), options.again)?;
    for (file, bytes) in files {
        let read = labels::read(bytes, &defaults);
        gather.file(file, read)?;
    }
    if let [only] = &gather.files[..]
        && let Some(why) = &only.error
    {
        return Err(Error::new(format!("{}: {why}", only.file))
            .with_hint("docs/reference/labels.md tells what can be read; nothing was written"));
    }
    let drafts = gather
        .fresh
        .iter()
        .map(|statement| recorder.claim(statement));
    let drafts = drafts.collect::<Result<Vec<_>, _>>()?;
    let upstreams = gather.upstreams(recorder)?;
    if !options.dry_run {
        writer.append_all(drafts).map_err(refused)?;
    }
    Ok(gather.done(options.dry_run, upstreams, writer.ledger().revision()))
}

fn defaults(options: &Options) -> Result<Defaults, Error> {
    let level = options.level.as_ref().map(|text| text.parse::<Level>());
    if let Some(chain) = &options.chain {
        crate::place::chain_named(chain)?;
    }
    Ok(Defaults {
        name: options.name.clone(),
        category: options.category.clone(),
        chain: options.chain.clone(),
        source: options.source.clone(),
        reference: options.reference.clone(),
        level: level.transpose().map_err(Error::new)?,
        services_from: options.services_from,
        kinds: options.kinds,
    })
}

/// What is gathered of all files before anything is written.
struct Gather {
    /// What the case says, or a file before.
    said: BTreeSet<Hash>,
    /// What the case said once, and is not to come in again.
    fell: BTreeSet<Hash>,
    fresh: Vec<Statement>,
    files: Vec<FileRow>,
}

impl Gather {
    fn of(ledger: &Ledger, again: bool) -> Result<Self, Error> {
        let case = Case::of(ledger)?;
        let fell = match again {
            true => BTreeSet::new(),
            false => fallen(&case, ledger)?,
        };
        Ok(Self {
            said: said(&case)?,
            fell,
            fresh: Vec::new(),
            files: Vec::new(),
        })
    }

    fn file(&mut self, file: &str, read: Result<Reading, String>) -> Result<(), Error> {
        let mut row = FileRow {
            file: file.to_owned(),
            form: None,
            title: None,
            rows: 0,
            claims_new: 0,
            claims_known: 0,
            claims_retracted: 0,
            lowered: 0,
            error: None,
            refused: Vec::new(),
            unknown: Vec::new(),
        };
        match read {
            Err(why) => row.error = Some(why),
            Ok(reading) => {
                row.form = Some(reading.form);
                row.title = reading.title;
                row.rows = reading.rows;
                row.refused = reading.refused;
                row.unknown = reading.unknown;
                for (place, statement) in reading.statements.into_iter().enumerate() {
                    self.take(statement, reading.lowered.get(&place), &mut row)?;
                }
            }
        }
        self.files.push(row);
        Ok(())
    }

    /// Takes what a row says; and what it would be, if its level were not too low for that.
    fn take(
        &mut self,
        statement: Statement,
        named: Option<&Statement>,
        row: &mut FileRow,
    ) -> Result<(), Error> {
        let own = digest(&statement)?;
        let named = named.map(digest).transpose()?;
        let is_in = |all: &BTreeSet<Hash>| {
            all.contains(&own) || named.is_some_and(|named| all.contains(&named))
        };
        if is_in(&self.said) {
            row.claims_known += 1;
        } else if is_in(&self.fell) {
            row.claims_retracted += 1;
        } else {
            self.said.insert(own);
            row.claims_new += 1;
            row.lowered += usize::from(named.is_some());
            self.fresh.push(statement);
        }
        Ok(())
    }

    /// How many publications stand behind the new claims.
    fn upstreams(&self, recorder: &Recorder) -> Result<usize, Error> {
        let now = recorder.now()?;
        let all = self.fresh.iter().map(|statement| {
            labels::upstream(&Claim {
                id: Hash::of(b""),
                says: Hash::of(b""),
                handle: None,
                author: recorder.author().clone(),
                number: 0,
                time: now.clone(),
                marks: statement.marks.clone(),
                body: Body::Withheld {
                    kind: statement.body.kind(),
                },
            })
        });
        Ok(all.collect::<BTreeSet<String>>().len())
    }

    fn done(self, dry_run: bool, upstreams: usize, revision: String) -> LabelImport {
        let mut kinds = BTreeMap::new();
        for statement in &self.fresh {
            *kinds
                .entry(statement.body.kind_word().to_owned())
                .or_default() += 1;
        }
        let mut refused_by = BTreeMap::new();
        for refused in self.files.iter().flat_map(|file| &file.refused) {
            *refused_by.entry(refused.kind).or_default() += 1;
        }
        let sum = |of: fn(&FileRow) -> usize| self.files.iter().map(of).sum();
        LabelImport {
            schema: "whither.label-import/1",
            dry_run,
            rows: sum(|file| file.rows),
            claims_new: sum(|file| file.claims_new),
            claims_known: sum(|file| file.claims_known),
            claims_retracted: sum(|file| file.claims_retracted),
            lowered: sum(|file| file.lowered),
            refused: sum(|file| file.refused.len()),
            refused_by,
            kinds,
            upstreams,
            files: self.files,
            revision,
        }
    }
}
