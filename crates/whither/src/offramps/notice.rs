//! Notices: what to send to each of those who can freeze, as JSON and as text.
//!
//! One notice per name, with every position that it can freeze: where, how much, by which transactions, when. It asks for
//! what whoever sends it will ask anyway (keep it, say whose it is, answer), and claims no more than the list does. A notice
//! is data: nothing is sent.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use whither_report::text;

use super::rows::{Offramps, PositionRow};
use crate::beside::Beside;
use crate::error::Error;
use crate::page::unit;

/// What to send to somebody who can freeze: `whither.notice/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The shape's name and version.
    pub schema: &'static str,
    /// To whom (of a service: as a claim has it, hostile text).
    pub to: String,
    /// `service` or `issuer`.
    pub how: &'static str,
    /// The policy by which amounts were followed.
    pub policy: &'static str,
    /// The time that ages are counted to.
    pub as_of: Option<String>,
    /// The starting points that were followed.
    pub from: Vec<String>,
    /// What it can freeze, in the order of the list.
    pub positions: Vec<PositionRow>,
    /// Content id of the chain data.
    pub store: String,
    /// The program's version.
    pub version: &'static str,
    /// The same, to send.
    pub text: String,
}

impl Notice {
    /// A name for a file: letters, digits and hyphens of the name.
    #[must_use]
    pub fn file_stem(&self) -> String {
        let word = crate::Recorder::word(&self.to).unwrap_or_else(|| "unnamed".to_owned());
        format!("{word}-{}", self.how)
    }
}

/// The notices of a list of off-ramps, in the order of the first position of each.
#[must_use]
pub fn notices(list: &Offramps) -> Vec<Notice> {
    let mut order: Vec<(String, &'static str)> = Vec::new();
    let mut found: BTreeMap<(String, &'static str), Vec<PositionRow>> = BTreeMap::new();
    for position in list
        .positions
        .iter()
        .filter(|position| position.kind != "frozen")
    {
        for freezer in &position.freezers {
            let key = (freezer.who.clone(), freezer.how);
            if !found.contains_key(&key) {
                order.push(key.clone());
            }
            found.entry(key).or_default().push(position.clone());
        }
    }
    let notice = |key: (String, &'static str)| {
        let positions = found.remove(&key).unwrap_or_default();
        let (to, how) = key;
        let mut notice = Notice {
            schema: "whither.notice/1",
            to,
            how,
            policy: list.policy,
            as_of: list.as_of.clone(),
            from: list.provenance.parameters.trace.from.clone(),
            positions,
            store: list.provenance.store.clone(),
            version: list.provenance.version,
            text: String::new(),
        };
        notice.text = written(&notice);
        notice
    };
    order.into_iter().map(notice).collect()
}

/// Notices that are written beside the directory for which they are.
pub struct Written(Beside);

impl Written {
    /// Puts them there.
    ///
    /// # Errors
    /// Where the file system does not.
    pub fn place(self) -> Result<(), Error> {
        self.0.place()
    }
}

/// Writes notices for a directory, two files each; nothing for one that has something in it.
///
/// # Errors
/// Where there is something, or where it cannot be written.
pub fn write_notices(folder: &Path, notices: &[Notice]) -> Result<Written, Error> {
    let beside = Beside::new(folder, "--notices")?;
    for (number, notice) in (1..).zip(notices) {
        // Names come from claims and may be alike once they are words: the number tells them apart.
        let stem = format!("{number:02}-{}", notice.file_stem());
        let json = serde_json::to_string_pretty(notice).map_err(Error::new)? + "\n";
        beside.write(&format!("{stem}.json"), json.as_bytes())?;
        beside.write(&format!("{stem}.txt"), notice.text.as_bytes())?;
    }
    Ok(Written(beside))
}

fn written(notice: &Notice) -> String {
    let to = text::visible(&notice.to);
    let from: Vec<String> = notice.from.iter().map(|from| text::visible(from)).collect();
    let asks = match notice.how {
        "issuer" => "your token lies at the addresses below",
        _ => "the payments below came to you",
    };
    let mut out = format!(
        "To: {to}\nSubject: request to preserve stolen assets\n\n\
         Assets reported stolen were followed on the public chain from\n"
    );
    for start in &from {
        out.push_str(&format!("  {start}\n"));
    }
    out.push_str(&format!("As far as the data goes, {asks}. Please keep them from moving, confirm that you received this, and\nsay what remains.\n"));
    for (number, position) in (1..).zip(&notice.positions) {
        out.push_str(&format!(
            "\n{number}. {}\n",
            amount(position, &position.amount)
        ));
        let mut line = |name: &str, value: Option<&String>| {
            if let Some(value) = value {
                out.push_str(&format!("   {name}: {}\n", text::visible(value)));
            }
        };
        line("asset", Some(&position.asset));
        line("chain", Some(&position.chain));
        line(
            "customer's deposit address",
            position.deposit.as_ref().map(|seen| &seen.address),
        );
        line("address", position.address.as_ref());
        line("output", position.output.as_ref());
        line("last arrived", position.arrived.as_ref());
        let whatever = format!(
            "between {} and {}",
            amount(position, &position.min),
            amount(position, &position.max)
        );
        line("by whatever rule of mixing", Some(&whatever));
        let dollars = match position.days.len() {
            0 | 1 => "US dollars on the day of arrival",
            _ => "US dollars, each part on the day of its arrival",
        };
        line(dollars, position.usd.as_ref());
        for brought in &position.transactions {
            let transaction = brought
                .transaction
                .as_deref()
                .unwrap_or("not on this chain");
            let time = brought.time.as_deref().unwrap_or("time unknown");
            out.push_str(&format!(
                "   transaction: {} at {time}, {}\n",
                text::visible(transaction),
                amount(position, &brought.amount)
            ));
        }
    }
    out.push_str(&format!(
        "\nAmounts were followed by the rule {}; where funds were mixed, another rule gives another amount within the interval.\n\
         Computed by whither {} from chain data {}.\n",
        notice.policy, notice.version, notice.store
    ));
    out
}

fn amount(position: &PositionRow, digits: &str) -> String {
    unit(&position.asset).exact(digits)
}
