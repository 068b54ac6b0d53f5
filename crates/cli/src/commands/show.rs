//! `whither show`: one thing of a chain or of the case.

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use whither::show::{show, show_paths};

use crate::args::Format;
use crate::context::{self, Context};
use crate::error::CommandError;
use crate::{output, tables};

const EXAMPLES: &str = "\
What can be shown:
  ADDRESS          what it received, sent and has, and what the case calls it
  txid             a transaction: what it spends and makes, or its transfers
  txid:vout        an output: whose it is, where it was made and spent
  HEIGHT, hash     a block
  incident:ID      what the case says of a theft
  entity:ID        who somebody is, whom they belong to, and how they lead to a sanctions list
  nothing          the case: its incidents, and its names of addresses

Examples:
  whither show 12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S
  whither show f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16 --json
  whither show 170 --chain bitcoin
  whither show incident:ronin-bridge-2022 --case examples/ronin-2022
  whither show entity:trader
  whither show ethereum:0x098B716B8Aaf21512996dC57EB0615e2383E2f96 --to list:un-1718/KPe.031

With `--to`, all paths of relations from one to the other are shown, the shortest first and of
those the strongest: a path is worth as much as its weakest claim.";

/// Show an address, a transaction, an output, a block, an incident or an entity
///
/// Looks a thing up in the store and the case, and follows nothing. Without a name it shows the case.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Show {
    /// What to show: an address, a transaction, an output, a block, an incident, an entity
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Show the paths of relations to here: an entity, an address, or list:LIST/REFERENCE
    #[arg(long, value_name = "END", requires = "id")]
    to: Option<String>,
    /// The chain of what names none
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

impl Show {
    /// Looks the thing up.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let chain = context::chain(self.chain.as_deref())?;
        let store = context.open_store()?;
        let case = context.open_case()?;
        let shown = match (self.id.as_deref(), self.to.as_deref()) {
            (Some(from), Some(to)) => show_paths(case.as_ref(), from, to, chain.as_ref())?,
            (id, _) => show(&store, case.as_ref(), id, chain.as_ref())?,
        };
        match context.format {
            Format::Table => Ok(tables::show::render(&shown, context.style)),
            Format::Json => output::json(&shown),
            Format::Jsonl => output::json_line(&shown),
            Format::Csv => csv_of(&shown),
        }
    }
}

/// One row per value, named by its place in the JSON.
pub fn csv_of(shown: &impl Serialize) -> Result<String, CommandError> {
    let value = serde_json::to_value(shown).map_err(CommandError::new)?;
    let mut rows = Vec::new();
    flatten(String::new(), &value, &mut rows);
    Ok(output::csv(&["field", "value"], &rows))
}

fn flatten(name: String, value: &Value, rows: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                let separator = if name.is_empty() { "" } else { "." };
                flatten(format!("{name}{separator}{field}"), value, rows);
            }
        }
        Value::Array(values) => {
            for (number, value) in values.iter().enumerate() {
                flatten(format!("{name}[{number}]"), value, rows);
            }
        }
        Value::Null => {}
        Value::String(text) => rows.push(vec![name, text.clone()]),
        Value::Bool(_) | Value::Number(_) => rows.push(vec![name, value.to_string()]),
    }
}
