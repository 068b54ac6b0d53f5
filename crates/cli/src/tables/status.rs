//! What a store holds, for people.

use std::path::Path;

use whither::status::{ChainRow, Status};
use whither::text::{units, visible};

use super::ingest::{gaps, heights};
use super::{Side, Table, facts};
use crate::style::Style;

/// The store, the case, and each chain.
pub fn render(status: &Status, store: &Path, case: Option<&Path>, style: Style) -> String {
    let shown = |dir: &Path| dir.display().to_string();
    let mut text = facts(&[
        ("store", Some(shown(store))),
        ("case", Some(case.map_or_else(|| "none".to_owned(), shown))),
    ]);
    if status.chains.is_empty() {
        text.push_str("\nThe store is empty: `whither ingest SOURCE` brings chain data in.\n");
    }
    if !status.lists.is_empty() {
        let mut table = Table::new(&[
            (Side::Left, "list"),
            (Side::Left, "date"),
            (Side::Right, "entries"),
            (Side::Right, "versions"),
        ]);
        for list in &status.lists {
            let counts = [list.entries, list.versions].map(|number| units(&number.to_string(), 0));
            table.row(&[&list.list, &list.date, &counts[0], &counts[1]]);
        }
        text.push_str(&format!("\n{}", table.render(style)));
    }
    for chain in &status.chains {
        text.push_str(&format!(
            "\n{}\n\n{}",
            style.bold(&name(chain)),
            table(chain)
        ));
    }
    text
}

fn name(chain: &ChainRow) -> String {
    let short = chain
        .chain
        .parse::<whither::Chain>()
        .ok()
        .and_then(|chain| chain.short_name());
    let id = visible(&chain.chain);
    short.map_or_else(|| id.clone(), |short| format!("{short} ({id})"))
}

fn table(chain: &ChainRow) -> String {
    let whole = |number: u64| units(&number.to_string(), 0);
    let some = |number: u64| (number > 0).then(|| whole(number));
    let tip = chain.tip.hash.as_ref().map(|hash| match chain.tip.height {
        Some(height) => format!("{height} {hash}"),
        None => hash.clone(),
    });
    facts(&[
        ("has", heights(&chain.extent)),
        ("missing", gaps(&chain.gaps)),
        ("last block", tip),
        ("blocks", some(chain.blocks)),
        ("stale blocks", some(chain.stale_blocks)),
        ("transactions", Some(whole(chain.transactions))),
        ("outputs", some(chain.outputs)),
        ("transfers", some(chain.transfers)),
        ("addresses", Some(whole(chain.addresses))),
    ])
}
