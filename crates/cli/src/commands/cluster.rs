//! `whither cluster`: addresses in one hand, and why.

use clap::Args;
use serde::Serialize;
use whither::cluster::{ClusterAnswer, ClusterList, ClusterQuestion, Explanation, answer};

use crate::args::Format;
use crate::context::{self, Context};
use crate::error::CommandError;
use crate::{output, tables};

const EXAMPLES: &str = "\
Change rules, joined by + in one expression:
  one-time   like the inputs, uneven, less than the least input, and seen nowhere else
  fresh      never seen before, and no output pays a payer
  optimal    less than the least input
  type       of the inputs' one address type
  round      no multiple of a million
  reuse      of an address that pays

Examples:
  whither cluster 12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S
  whither cluster --explain 1FDCgJ8m2xDyVmYuankk13XReVC2Zvs5cz 1HxbaBMF2jXBVnagoHvaA6rLxmaYL8gb8T
  whither cluster --least 10 --json                     all clusters of ten addresses and more
  whither cluster 12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S --change optimal+type --strike <txid>";

/// Tell which addresses are in one hand, and why
///
/// Joins addresses that pay together in one transaction, CoinJoins left out; by change rules too where that is
/// asked for. With no address it lists all clusters of the chain. Each cluster is named by the address of
/// it that came first. A link between services that the case calls differently is refused and listed.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Cluster {
    /// Addresses whose clusters are asked for; none: all
    #[arg(value_name = "ADDRESS", conflicts_with = "explain")]
    addresses: Vec<String>,
    /// The shortest chain of evidence between two addresses
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    explain: Option<Vec<String>>,
    /// Join who gets the change too, by these rules (can be repeated)
    #[arg(long, value_name = "RULES")]
    change: Vec<String>,
    /// Let CoinJoins join addresses too
    #[arg(long)]
    with_coinjoins: bool,
    /// Let this transaction join nothing, and tell what falls without it (can be repeated)
    #[arg(long, value_name = "TXID")]
    strike: Vec<String>,
    /// Where all clusters are asked for: those of so many addresses and more
    #[arg(long, value_name = "N", default_value_t = 2)]
    least: usize,
    /// Chains of accounts: take what looks like a service for one, with more than N debits and credits
    #[arg(long, value_name = "N")]
    shape: Option<usize>,
    /// Tell each cluster with the links that prove it, one less than it has addresses
    #[arg(long)]
    evidence: bool,
    /// The chain of addresses that name none
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

impl Cluster {
    /// Clusters.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let explain = self.explain.and_then(|both| {
            let [a, b] = <[String; 2]>::try_from(both).ok()?;
            Some((a, b))
        });
        let question = ClusterQuestion {
            addresses: self.addresses,
            explain,
            chain: context::chain(self.chain.as_deref())?,
            change: self.change,
            with_coinjoins: self.with_coinjoins,
            strike: self.strike,
            least: self.least,
            shape: self.shape,
            evidence: self.evidence,
        };
        let store = context.open_store()?;
        let case = context.open_case()?;
        match answer(&store, case.as_ref(), &question)? {
            ClusterAnswer::List(list) => of_list(&list, context),
            ClusterAnswer::Explanation(explanation) => of_explanation(&explanation, context),
        }
    }
}

/// An item on a line of its own.
#[derive(Serialize)]
struct Line<'a, T> {
    schema: &'static str,
    #[serde(flatten)]
    item: &'a T,
}

fn lines<T: Serialize>(schema: &'static str, items: &[T]) -> Result<String, CommandError> {
    let lines = items
        .iter()
        .map(|item| output::json_line(&Line { schema, item }));
    lines.collect()
}

fn of_list(list: &ClusterList, context: &Context) -> Result<String, CommandError> {
    match context.format {
        Format::Table => Ok(tables::cluster::list(list, context.style)),
        Format::Json => output::json(list),
        Format::Jsonl => lines("whither.cluster.one/1", &list.clusters),
        Format::Csv => {
            let rows = list.clusters.iter().flat_map(|cluster| {
                let addresses = cluster.addresses.iter();
                addresses.map(|address| {
                    vec![
                        cluster.id.clone(),
                        cluster.size.to_string(),
                        address.clone(),
                    ]
                })
            });
            Ok(output::csv(
                &["cluster", "size", "address"],
                &rows.collect::<Vec<_>>(),
            ))
        }
    }
}

fn of_explanation(explanation: &Explanation, context: &Context) -> Result<String, CommandError> {
    match context.format {
        Format::Table => Ok(tables::cluster::explanation(explanation, context.style)),
        Format::Json => output::json(explanation),
        Format::Jsonl => lines("whither.cluster.step/1", &explanation.path),
        Format::Csv => {
            let rows = explanation.path.iter().map(|step| {
                let transaction = step.transaction.clone().unwrap_or_default();
                let claim = step.claim.clone().unwrap_or_default();
                vec![
                    step.from.clone(),
                    step.to.clone(),
                    transaction,
                    step.rule.clone(),
                    claim,
                ]
            });
            let header = ["from", "to", "transaction", "rule", "claim"];
            Ok(output::csv(&header, &rows.collect::<Vec<_>>()))
        }
    }
}
