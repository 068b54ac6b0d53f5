//! The main job on a real case that is built in: the Ronin bridge theft of March 2022.
//!
//! A table of the eight sanctioned addresses' external transactions, and a case that says what was stolen.
//! The table lacks the transfer that brought 173,600 ETH (it was made inside a contract call), and what
//! funded the two swap addresses; both are entered by the case, and said. Offline; the same bytes each time.

mod edition;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use whither_analysis::trace::Policy;
use whither_casework::claims::Incident;
use whither_casework::{Case, Ledger};
use whither_chain::sources::table::{Mapping, Table, read_table};
use whither_ledger::chain::Chain;
use whither_ledger::memory::{MemoryAccounts, TableRow};
use whither_report::page::{SourceRow, render};

use crate::error::Error;
use crate::knowledge::Named;
use crate::named_share;
use crate::page::{self, Words, unit};
use crate::question::{Chains, Finding, Opened, Question, answer};

const TABLE: &str = include_str!("../../../examples/ronin-2022/transfers.csv");
const CASE: &[u8] = include_bytes!("../../../examples/ronin-2022/case.json");
const LOG: &[u8] = include_bytes!("../../../examples/ronin-2022/log/whither.jsonl");
const PAYLOADS: &[u8] = include_bytes!("../../../examples/ronin-2022/payloads/whither.jsonl");
const INCIDENT: &str = "ronin-bridge-2022";

/// What the demo made.
#[derive(Debug)]
pub struct Demo {
    /// The page of the report.
    pub page: PathBuf,
    /// The finding that the page shows.
    pub finding: Finding,
    /// A summary for the terminal.
    pub lines: Vec<String>,
}

/// The built-in table as chain data.
struct BuiltIn(Table);

impl Chains for BuiltIn {
    fn chains(&self) -> Vec<Chain> {
        vec![self.0.chain.clone()]
    }

    fn open(&self, chain: &Chain, claims: &[TableRow]) -> Result<Opened, Error> {
        let sources = std::slice::from_ref(&self.0.source);
        let view = MemoryAccounts::build_with_claims(chain.clone(), sources, claims);
        Ok(Opened::Accounts(view))
    }
}

/// Traces the built-in theft and writes its report, the page of its trace and its findings into a directory.
///
/// # Errors
/// Where a file cannot be written.
pub fn run(out: &Path) -> Result<Demo, Error> {
    let (chains, case) = built_in()?;
    let find = |policy| {
        let question = Question {
            policy,
            ..Question::from(vec![format!("incident:{INCIDENT}")])
        };
        answer(&chains, Some(&case), &question)
    };
    let finding = find(Policy::Fifo)?;
    let findings = Policy::ALL
        .into_iter()
        .map(find)
        .collect::<Result<Vec<Finding>, Error>>()?;
    let (claim, incident) = case
        .incident(INCIDENT)
        .first()
        .copied()
        .ok_or_else(|| Error::new("the built-in case has no incident"))?;
    let names = page::named(&case, &chains.0.chain)?;
    let words = Words {
        lead: lead(&finding, incident, &names),
        method: policies(&findings),
        sources: sources(&chains.0),
    };
    let html = render(&page::of_incident(&finding, &case, claim, incident, words)?);
    fs::create_dir_all(out).map_err(|error| failed(out, &error))?;
    for finding in &findings {
        let mut json = serde_json::to_string_pretty(finding).map_err(Error::new)?;
        json.push('\n');
        write(
            &out.join(format!("trace-{}.json", finding.trace.policy)),
            &json,
        )?;
    }
    write(&out.join("trace.html"), &html)?;
    let report = edition::make(out)?;
    let page = out.join("index.html");
    fs::copy(&report, &page).map_err(|error| failed(&page, &error))?;
    let lines = lead(&finding, incident, &names);
    Ok(Demo {
        page,
        finding,
        lines,
    })
}

fn built_in() -> Result<(BuiltIn, Case), Error> {
    let mapping = Mapping::load("ronin-dune").map_err(Error::new)?;
    let table = read_table(
        TABLE.as_bytes(),
        &mapping,
        None,
        "examples/ronin-2022/transfers.csv",
    )
    .map_err(Error::new)?;
    let case = Case::of(&Ledger::built_in(CASE, &[("whither", LOG, PAYLOADS)])?)?;
    Ok((BuiltIn(table), case))
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("cannot write {}: {error}", path.display()))
        .with_hint("name another directory with `--out DIR`")
}

/// What was found: amounts and counts are the finding's, the words on each origin the case's.
fn lead(finding: &Finding, incident: &Incident, names: &BTreeMap<String, Named>) -> Vec<String> {
    let trace = &finding.trace;
    let mut paragraphs = Vec::new();
    for totals in &trace.totals {
        let unit = unit(&totals.asset);
        let of_kind = |kind: &str| {
            totals
                .by_kind
                .get(kind)
                .cloned()
                .unwrap_or_else(|| "0".to_owned())
        };
        let places = |kind: &str| {
            trace
                .endpoints
                .iter()
                .filter(|end| end.asset == totals.asset && end.kind.name() == kind)
                .count()
        };
        paragraphs.push(format!(
            "{} are followed. {}",
            unit.exact(&totals.origin),
            starting_points(finding, incident, &totals.asset).join(" ")
        ));
        paragraphs.push(format!(
            "{} were last seen arriving at {} addresses that the data does not cover: the money may have moved on. \
             {} are still held at {} addresses that it does cover, as far as it tells.",
            unit.exact(&of_kind("horizon")),
            places("horizon"),
            unit.exact(&of_kind("held")),
            places("held"),
        ));
    }
    paragraphs.extend(named_share::told(finding, names));
    paragraphs
}

/// What each origin of an asset put in, and why the case says that it belongs to the theft.
fn starting_points(finding: &Finding, incident: &Incident, asset: &str) -> Vec<String> {
    let rows = finding
        .trace
        .origins
        .iter()
        .filter(|row| row.asset == asset);
    rows.map(|row| {
        let amount = unit(asset).exact(&row.amount);
        match page::claim_of(row, incident) {
            Some(claim) => format!("{amount}: {}.", claim.why()),
            None => format!("{amount}: {}.", row.what),
        }
    })
    .collect()
}

/// The same question under every policy, for the page's method section.
fn policies(findings: &[Finding]) -> Vec<(String, String)> {
    let row = |finding: &Finding| {
        let kinds: Vec<String> = finding
            .trace
            .totals
            .iter()
            .flat_map(|totals| {
                let unit = unit(&totals.asset);
                totals
                    .by_kind
                    .iter()
                    .map(move |(kind, amount)| format!("{kind} {}", unit.exact(amount)))
            })
            .collect();
        let note = if finding.trace.policy == "poison" {
            " (a reach, not a value)"
        } else {
            ""
        };
        (
            format!("Under {}", finding.trace.policy),
            format!("{}{note}", kinds.join(", ")),
        )
    };
    findings.iter().map(row).collect()
}

fn sources(table: &Table) -> Vec<SourceRow> {
    let digest: String = table
        .source
        .digest
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    vec![SourceRow {
        what: format!(
            "{} external Ethereum transactions of eight sanctioned addresses (sha256 {digest}); the export passed \
             amounts through floating point, so the last digits of large ones are the export's, not the chain's",
            table.rows
        ),
        where_from: "github.com/dspytdao/Eth_Data, LazarusTabularTxs1322519.csv, commit 3c66dcb"
            .to_owned(),
        licence: "MIT".to_owned(),
    }]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Figures of the lead come from the finding and the claims, so that they change with them.
    #[test]
    fn the_lead_says_what_finding_and_case_say() {
        let (chains, case) = built_in().unwrap();
        let question = Question::from(vec![format!("incident:{INCIDENT}")]);
        let mut finding = answer(&chains, Some(&case), &question).unwrap();
        let (_, incident) = case.incident(INCIDENT)[0];
        let names = page::named(&case, &chains.0.chain).unwrap();
        let text = lead(&finding, incident, &names).join(" ");
        assert!(text.contains("173,600 ETH: "), "{text}");
        assert!(
            text.contains("a claim names who is there at 10 with 3,393."),
            "{text}"
        );
        for origin in &incident.origins {
            assert!(text.contains(origin.why()), "{text}");
        }
        for row in &mut finding.trace.origins {
            row.amount = "7".to_owned();
        }
        let mut silent = incident.clone();
        silent.origins.clear();
        let text = lead(&finding, &silent, &BTreeMap::new()).join(" ");
        assert!(!text.contains("a claim names"), "{text}");
        assert!(
            !text.contains("173,600") && !text.contains("25.5"),
            "{text}"
        );
    }
}
