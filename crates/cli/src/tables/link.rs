//! Links, for people: pairs that share something, with what speaks for one hand and what does not.

use std::collections::BTreeSet;

use whither::link::LinkList;
use whither::text::visible;

use super::{count, wrapped};
use crate::style::Style;

/// No more transactions of a row are shown; the other formats have more.
const TRANSACTIONS_SHOWN: usize = 3;

/// Links.
pub fn list(list: &LinkList, style: Style) -> String {
    let mut text = String::new();
    let mut nothing = 0;
    for row in &list.links {
        let link = &row.link;
        if link.verdict == "none" && list.links.len() > 1 {
            nothing += 1;
            continue;
        }
        let title = format!("{} and {}: {}", link.a, link.b, link.verdict);
        text.push_str(&format!("{}\n", style.bold(&visible(&title))));
        let bits = format!("{}.{:02} bits", link.strength / 100, link.strength % 100);
        let facts = count(link.facts, "fact", "facts");
        text.push_str(&format!("  {bits} from {facts}\n"));
        for evidence in &link.evidence {
            let counts = if evidence.counted { "+" } else { " " };
            let weight = format!("{}.{:02}", evidence.weight / 100, evidence.weight % 100);
            let others = match (evidence.kind, evidence.base_rate) {
                // Who was looked at stands in the sentence.
                ("timing" | "fingerprint", _) => String::new(),
                (_, 0) => " (nobody else)".to_owned(),
                (_, 1) => " (1 other account)".to_owned(),
                (_, many) => format!(" ({many} other accounts)"),
            };
            let line = format!(
                "  {counts} {weight:>5}  {}: {}{others}",
                evidence.kind, evidence.what
            );
            text.push_str(&wrapped(&visible(&line), "            "));
            for transaction in evidence.transactions.iter().take(TRANSACTIONS_SHOWN) {
                text.push_str(&format!("            {}\n", visible(transaction)));
            }
        }
        for counter in &link.counter_evidence {
            let line = format!("  -        {}: {}", counter.kind, counter.what);
            text.push_str(&wrapped(&visible(&line), "            "));
        }
        for sentence in &link.falsified_by {
            let line = format!("  falls if  {sentence}");
            text.push_str(&wrapped(&visible(&line), "            "));
        }
        text.push('\n');
    }
    if nothing > 0 {
        let pairs = count(nothing, "pair", "pairs");
        text.push_str(&format!(
            "{pairs} of incidents share nothing that says anything.\n"
        ));
    }
    for row in &list.left_out {
        let line = format!("  not traced: {}: {}", row.incident, row.why);
        text.push_str(&wrapped(&visible(&line), "    "));
    }
    let told: BTreeSet<String> = list
        .caveats
        .iter()
        .map(|caveat| format!("{}: {}", caveat.kind, caveat.what))
        .collect();
    for sentence in told {
        text.push_str(&wrapped(&visible(&format!("  - {sentence}")), "    "));
    }
    text
}
