//! `whither label`: who says what of which address.

use std::fs::File;
use std::io::{self, Read as _};

use clap::{Args, Subcommand};
use whither::labels::{
    Asked, LabelImport, LabelList, Options, Selection, export, import, list, retract,
};

use crate::args::{Format, Recording};
use crate::context::{self, Context};
use crate::error::CommandError;
use crate::output::Answer;
use crate::{output, tables};

/// One byte more than is read of a file.
const FILE_LENGTH_MAX: u64 = (64 << 20) + 1;

const EXAMPLES: &str = "\
Examples:
  whither label import packs/*.yaml
  whither label list --conflicts
  whither label show ethereum:0xBE0eB53F46cd790Cd13851d5EFf43D12404d33E8
  whither label export > labels.yaml

`whither help label import` and the like tell more.";

const IMPORT_EXAMPLES: &str = "\
What can be read, told apart by what stands in the file: a TagPack (YAML with `tags`), an ActorPack (YAML
with `actors`), a CSV table with a column `address`, a list with one address a line. What a row does not
say, the options do: an issuer's blacklist needs --name, --category and --chain.

An address of an exchange, a mixer, a bridge or another that pools its customers' funds is claimed as a
service, where traces end, if its level of confidence is --services-from or more; else it is a name and
nothing more. A row that cannot be a claim is refused and listed, with its line and the reason; the rest
comes in. What the case says already is not said again. docs/reference/labels.md has the rules.

Exit codes: 0 every row came in; 1 some were refused; 2 nothing could be read, and nothing was written.

Examples:
  whither label import packs/*.yaml actors.yaml
  whither label import usdt.csv --name 'USDT blacklist' --category blacklist --chain ethereum --source tether
  whither label import packs/*.yaml --dry-run --json";

const RETRACT_EXAMPLES: &str = "\
A retraction is an entry of its own: what was retracted stays in the history, with its reason.

Examples:
  whither label retract 9c1e44aa --reason 'the address was mistyped'
  whither label retract --pack 'Known Cryptoservice hacks' --reason 'its list was poisoned'";

/// Labels: bring them in, list them side by side, retract them, write them as a pack
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Label {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring packs and tables of labels into the case
    #[command(after_long_help = IMPORT_EXAMPLES)]
    Import(Import),
    /// List what addresses are called
    List(List),
    /// Show all that was ever said of an address
    Show(Show),
    /// Retract labels, one by one or all of a pack
    #[command(after_long_help = RETRACT_EXAMPLES)]
    Retract(Retract),
    /// Write the labels of the case as a TagPack
    Export(Export),
}

#[derive(Debug, Args)]
struct Import {
    /// Files, or - for stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// The name of rows that have none
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// The category of rows that have none
    #[arg(long, value_name = "WORD")]
    category: Option<String>,
    /// The chain of rows that name none
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// Who says it, where a row does not
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Where it can be read, where a row does not say
    #[arg(long, value_name = "URL")]
    reference: Option<String>,
    /// How they know, where a row does not say: a word of the TagPack scale
    #[arg(long, value_name = "LEVEL")]
    level: Option<String>,
    /// Traces end at services whose level is this number or more
    #[arg(long, value_name = "N", default_value_t = 50)]
    services_from: u8,
    /// Take a pack's word for what it calls a service or a deposit, whatever its level
    #[arg(long)]
    kinds: bool,
    /// Bring in again what the case retracted or corrected
    #[arg(long)]
    again: bool,
    /// Read, check and report, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    recording: Recording,
}

#[derive(Debug, Args)]
struct List {
    /// Of these addresses alone
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// The chain of addresses that name none
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// Addresses of this category or concept, with all that is said of them
    #[arg(long, value_name = "WORD")]
    category: Option<String>,
    /// Only addresses that are called differently
    #[arg(long)]
    conflicts: bool,
    /// What was known at the end of this day, or at this time
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// What was so on this day
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// What was retracted too
    #[arg(long)]
    retracted: bool,
}

#[derive(Debug, Args)]
struct Show {
    /// The address
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// Its chain, if it names none
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

#[derive(Debug, Args)]
struct Retract {
    /// Claims, by name or by hash
    #[arg(value_name = "CLAIM", required_unless_present_any = ["pack", "of"])]
    claims: Vec<String>,
    /// All labels of this pack
    #[arg(long, value_name = "TITLE")]
    pack: Option<String>,
    /// All labels that can be read there; or, without a reference, of this source: so an `ActorPack` by its creator
    #[arg(long, value_name = "URL")]
    of: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    recording: Recording,
}

#[derive(Debug, Args)]
struct Export {
    /// The organisations of the case, as an ActorPack
    #[arg(long)]
    actors: bool,
}

impl Label {
    /// Does it and tells.
    pub fn run(self, context: &Context) -> Result<Answer, CommandError> {
        match self.command {
            Command::Import(import) => import.run(context),
            Command::List(list) => list.run(context).map(Answer::clean),
            Command::Show(show) => show.run(context).map(Answer::clean),
            Command::Retract(retract) => retract.run(context).map(Answer::clean),
            Command::Export(of) => {
                let text = export(context.needed_case_dir()?, of.actors)?;
                Ok(Answer::clean(text))
            }
        }
    }
}

impl Import {
    fn run(self, context: &Context) -> Result<Answer, CommandError> {
        let recorder = self.recording.recorder()?;
        let dir = context.needed_case_dir()?;
        let mut files = Vec::new();
        for file in self.files {
            let bytes = read(&file)?;
            files.push((file, bytes));
        }
        let options = Options {
            name: self.name,
            category: self.category,
            chain: self.chain,
            source: self.source,
            reference: self.reference,
            level: self.level,
            services_from: self.services_from,
            kinds: self.kinds,
            again: self.again,
            dry_run: self.dry_run,
        };
        let imported = import(dir, &recorder, &files, &options)?;
        let text = match context.format {
            Format::Table => tables::label::imported(&imported, context.style),
            Format::Json => output::json(&imported)?,
            Format::Jsonl => output::json_line(&imported)?,
            Format::Csv => refused_rows(&imported),
        };
        let failed = imported.files.iter().any(|file| file.error.is_some());
        Ok(Answer::checked(text, imported.refused == 0 && !failed))
    }
}

fn read(file: &str) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let done = match file {
        "-" => io::stdin()
            .lock()
            .take(FILE_LENGTH_MAX)
            .read_to_end(&mut bytes),
        path => {
            File::open(path).and_then(|file| file.take(FILE_LENGTH_MAX).read_to_end(&mut bytes))
        }
    };
    done.map_err(|error| CommandError::new(format!("{file}: {error}")))?;
    Ok(bytes)
}

/// One row per row that did not come in.
fn refused_rows(imported: &LabelImport) -> String {
    let rows = imported.files.iter().flat_map(|file| {
        let whole = file.error.iter().map(|why| {
            let (line, what) = (String::new(), String::new());
            vec![
                file.file.clone(),
                line,
                what,
                "file".to_owned(),
                why.clone(),
            ]
        });
        let each = file.refused.iter().map(|refused| {
            let kind = refused.kind.to_owned();
            let line = refused.line.to_string();
            vec![
                file.file.clone(),
                line,
                refused.what.clone(),
                kind,
                refused.why.clone(),
            ]
        });
        whole.chain(each)
    });
    let header = ["file", "line", "what", "kind", "why"];
    output::csv(&header, &rows.collect::<Vec<_>>())
}

impl List {
    fn run(self, context: &Context) -> Result<String, CommandError> {
        let asked = Asked {
            addresses: self.addresses,
            chain: context::chain(self.chain.as_deref())?,
            category: self.category,
            conflicts: self.conflicts,
            as_of: self.as_of,
            at: self.at,
            retracted: self.retracted,
        };
        written(&list(context.needed_case_dir()?, &asked)?, context)
    }
}

impl Show {
    fn run(self, context: &Context) -> Result<String, CommandError> {
        let asked = Asked {
            addresses: vec![self.address.clone()],
            chain: context::chain(self.chain.as_deref())?,
            retracted: true,
            ..Asked::default()
        };
        let found = list(context.needed_case_dir()?, &asked)?;
        if found.addresses.is_empty() {
            let why = format!("the case says nothing of {}", self.address);
            return Err(CommandError::new(why)
                .with_hint("`whither label list` tells of which addresses it does"));
        }
        written(&found, context)
    }
}

fn written(list: &LabelList, context: &Context) -> Result<String, CommandError> {
    match context.format {
        Format::Table => Ok(tables::label::list(list, context.style)),
        Format::Json => output::json(list),
        Format::Jsonl => {
            let schema = "whither.label-list.address/1";
            let lines = list.addresses.iter();
            lines
                .map(|item| output::json_line(&Line { schema, item }))
                .collect()
        }
        Format::Csv => {
            let rows = list.addresses.iter().flat_map(|row| {
                let claims = row.names.iter().flat_map(|name| &name.claims);
                claims.map(|claim| {
                    let text = |text: &Option<String>| text.clone().unwrap_or_default();
                    vec![
                        row.address.clone(),
                        claim.kind.to_owned(),
                        claim.name.clone(),
                        text(&claim.source),
                        claim.upstream.clone(),
                        text(&claim.level),
                        text(&claim.valid_from),
                        text(&claim.valid_until),
                        claim.known_since.clone(),
                        text(&claim.retracted_at),
                        claim.hash.clone(),
                    ]
                })
            });
            let header = [
                "address",
                "kind",
                "name",
                "source",
                "upstream",
                "level",
                "valid_from",
                "valid_until",
                "known_since",
                "retracted_at",
                "hash",
            ];
            Ok(output::csv(&header, &rows.collect::<Vec<_>>()))
        }
    }
}

impl Retract {
    fn run(self, context: &Context) -> Result<String, CommandError> {
        let recorder = self.recording.recorder()?;
        let selection = Selection {
            claims: self.claims,
            pack: self.pack,
            reference: self.of,
        };
        let dir = context.needed_case_dir()?;
        let count = retract(dir, &recorder, &selection, &self.reason)?;
        match context.format {
            Format::Table => Ok(format!("retracted: {count}\n")),
            Format::Csv => Ok(output::csv(&["retracted"], &[vec![count.to_string()]])),
            Format::Json => output::json(&Retracted::of(count)),
            Format::Jsonl => output::json_line(&Retracted::of(count)),
        }
    }
}

/// An address on a line of its own.
#[derive(serde::Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    item: &'a whither::labels::AddressRow,
}

/// How many labels were retracted.
#[derive(serde::Serialize)]
struct Retracted {
    schema: &'static str,
    retracted: usize,
}

impl Retracted {
    fn of(retracted: usize) -> Self {
        Self {
            schema: "whither.label-retract/1",
            retracted,
        }
    }
}
