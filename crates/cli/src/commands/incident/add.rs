//! `whither incident add`: one theft, in the words of the command line, held to the rules of a table.

use clap::Args;
use whither::incidents::{Options, Row, add, open, today, write};

use crate::args::{Format, Recording};
use crate::context::Context;
use crate::error::CommandError;
use crate::output::Answer;
use crate::{output, tables};

const EXAMPLES: &str = "\
Adding to an incident that the case has makes further claims about it: what others say stays, side by
side. `--stolen`, `--recovered`, `--frozen` and `--reissued` take `QUANTITY ASSET`, or dollars as
`USD 281000000`; each may be given several times. A symbol names no asset unless `--chain` says
where: `--chain ethereum --stolen '11480 ETH'`.

Examples:
  whither incident add kucoin-2020 --date 2020-09-25T18:49Z --victim KuCoin --sector exchange \\
      --stolen 'USD 281000000' --source un-panel --confidence B2 --published 2021-02-09
  whither incident add kucoin-2020 --stolen '1008 BTC' --stolen '18495798 XRP' --source kucoin-ceo
  whither incident add kucoin-2020 --actor dprk --source un-panel";

/// Claim something of a theft
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Add {
    /// What the incident is called in the case: a-z, 0-9 and hyphens
    #[arg(value_name = "ID")]
    id: String,
    /// When it was, as precisely as is known: 2020, 2020-09, 2020-09-25, 2020-09-25T18:49Z
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// When it was noticed
    #[arg(long, value_name = "DATE")]
    discovered: Option<String>,
    /// What it is called, in a few words
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// From whom
    #[arg(long, value_name = "TEXT")]
    victim: Option<String>,
    /// What the victim is: exchange, bridge, defi, wallet, bank, …
    #[arg(long, value_name = "WORD")]
    sector: Option<String>,
    /// On which chain (can be repeated)
    #[arg(long, value_name = "CHAIN")]
    chain: Vec<String>,
    /// By which technique of ATT&CK or AADAPT (can be repeated)
    #[arg(long, value_name = "ID")]
    vector: Vec<String>,
    /// A transaction of the theft, where a trace starts (can be repeated)
    #[arg(long, value_name = "TXID")]
    tx: Vec<String>,
    /// An address of the thief, where a trace starts (can be repeated)
    #[arg(long, value_name = "ADDRESS")]
    address: Vec<String>,
    /// What was stolen (can be repeated)
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    stolen: Vec<String>,
    /// What came back of it (can be repeated)
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    recovered: Vec<String>,
    /// What is held by somebody (can be repeated)
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    frozen: Vec<String>,
    /// What its issuer made anew (can be repeated)
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    reissued: Vec<String>,
    /// Who did it: the id of an entity (can be repeated)
    #[arg(long, value_name = "ENTITY")]
    actor: Vec<String>,
    /// Who says so: the id of a source, or a name
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Where that can be read
    #[arg(long, value_name = "URL")]
    reference: Option<String>,
    /// When the source said so
    #[arg(long, value_name = "DATE")]
    published: Option<String>,
    /// Admiralty code, A1 to F6
    #[arg(long, value_name = "CODE")]
    confidence: Option<String>,
    /// How it may be shared: TLP:CLEAR, …, TLP:RED
    #[arg(long, value_name = "TLP")]
    handling: Option<String>,
    /// What else there is to say
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Tell what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    recording: Recording,
}

impl Add {
    /// Claims it.
    pub fn run(self, context: &Context) -> Result<Answer, CommandError> {
        let recorder = self.recording.recorder()?;
        let dir = context.needed_case_dir()?;
        let case = open(dir, None)?;
        let rows = self.rows()?;
        let options = Options {
            file: "the command line".to_owned(),
            source: self.source.clone(),
            today: today(&recorder)?,
            dry_run: self.dry_run,
        };
        let (added, says) = add(&case, &rows, &options)?;
        if !self.dry_run {
            write(dir, &recorder, says)?;
        }
        let text = match context.format {
            Format::Table => tables::incident::import::render_added(&added, context.style),
            Format::Json => output::json(&added)?,
            Format::Jsonl => output::json_line(&added)?,
            Format::Csv => output::csv(
                &["incident", "claims_new", "claims_known"],
                &added
                    .incidents
                    .iter()
                    .map(|incident| {
                        vec![
                            incident.incident.clone(),
                            incident.claims_new.to_string(),
                            incident.claims_known.to_string(),
                        ]
                    })
                    .collect::<Vec<_>>(),
            ),
        };
        Ok(Answer::clean(text))
    }

    /// The rows of a table that says the same: one for each asset, and one for all else.
    fn rows(&self) -> Result<Vec<Row>, CommandError> {
        let mut first = self.marks();
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        first.extend([
            ("date", some(&self.date)),
            ("discovered", some(&self.discovered)),
            ("title", some(&self.title)),
            ("victim", some(&self.victim)),
            ("sector", some(&self.sector)),
            ("vector", self.vector.join(";")),
            ("tx", self.tx.join(" ")),
            ("address", self.address.join(" ")),
            ("actor", self.actor.join(";")),
            ("note", some(&self.note)),
        ]);
        let mut rows = vec![first];
        let kinds = [
            (&self.stolen, "usd", "quantity"),
            (&self.recovered, "recovered usd", "recovered quantity"),
            (&self.frozen, "frozen usd", "frozen quantity"),
            (&self.reissued, "reissued usd", "reissued quantity"),
        ];
        for (amounts, usd, quantity) in kinds {
            for amount in amounts {
                self.amount(&mut rows, amount, usd, quantity)?;
            }
        }
        Ok(rows)
    }

    fn marks(&self) -> Row {
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        Row::from([
            ("id", self.id.clone()),
            ("chain", self.chain.join(";")),
            ("source", some(&self.source)),
            ("url", some(&self.reference)),
            ("published", some(&self.published)),
            ("confidence", some(&self.confidence)),
            ("tlp", some(&self.handling)),
        ])
    }

    /// Puts an amount into a row of its asset.
    fn amount(
        &self,
        rows: &mut Vec<Row>,
        amount: &str,
        usd: &'static str,
        quantity: &'static str,
    ) -> Result<(), CommandError> {
        let wrong = || {
            CommandError::new(format!("`{amount}` is no amount"))
                .with_hint("write `1008 BTC` or `USD 281000000`")
        };
        let amount = amount.trim();
        let (number, asset) = match amount
            .strip_prefix("USD ")
            .or_else(|| amount.strip_suffix(" USD"))
            .or_else(|| amount.strip_prefix('$'))
        {
            Some(number) => (number.trim(), ""),
            None => amount.rsplit_once(' ').ok_or_else(wrong)?,
        };
        let at = rows
            .iter()
            .position(|row| row.get("asset").map_or("", String::as_str) == asset);
        let column = if asset.is_empty() { usd } else { quantity };
        let at = at
            .filter(|at| !rows[*at].contains_key(column))
            .unwrap_or_else(|| {
                rows.push(self.marks());
                rows.len() - 1
            });
        if !asset.is_empty() {
            rows[at].insert("asset", asset.to_owned());
        }
        rows[at].insert(column, number.to_owned());
        Ok(())
    }
}
