//! Clusters for people: their addresses, and the evidence step by step.

use whither::cluster::{ClusterList, ClusterRow, Explanation, RefusedRow, StepRow};

use super::{Side, Table, count, wrapped};
use crate::style::Style;

/// So many addresses of a cluster are shown; JSON has all.
const SHOWN_MAX: usize = 40;

/// Clusters, what was left out, what was refused.
pub fn list(list: &ClusterList, style: Style) -> String {
    let mut text = String::new();
    if list.clusters.is_empty() {
        text.push_str("  no clusters\n");
    }
    for cluster in &list.clusters {
        text.push_str(&one(cluster, style));
    }
    if !list.parted.is_empty() {
        let title = "Parted: what fell with the struck links";
        text.push_str(&format!("{}\n\n", style.bold(title)));
        for cluster in &list.parted {
            text.push_str(&one(cluster, style));
        }
    }
    if !list.excluded.is_empty() {
        text.push_str(&format!(
            "{}\n\n",
            style.bold("Left out: CoinJoins join nothing")
        ));
        let mut table = Table::new(&[(Side::Left, "transaction"), (Side::Left, "why")]);
        for excluded in list.excluded.iter().take(SHOWN_MAX) {
            table.row(&[&excluded.transaction, &excluded.why]);
        }
        text.push_str(&table.render(style));
        text.push('\n');
    }
    if !list.refused.is_empty() {
        text.push_str(&format!("{}\n\n", style.bold("Refused: to be looked at")));
        for refused in &list.refused {
            text.push_str(&refusal(refused));
        }
    }
    text.push_str(&of_customers(list, style));
    text
}

/// A link that was refused, as a sentence.
fn refusal(refused: &RefusedRow) -> String {
    let by = refused.transaction.as_ref().map_or_else(
        || "a claim".to_owned(),
        |transaction| format!("transaction {transaction} by {}", refused.rule),
    );
    let sentence = format!(
        "  - {} and {}, by {by}: {}",
        refused.from, refused.to, refused.why
    );
    wrapped(&sentence, "    ")
}

/// What clusters of customers rest on: how many addresses were looked at, and what they share that joins nothing.
fn of_customers(list: &ClusterList, style: Style) -> String {
    let mut text = String::new();
    let examined = list.examined.iter();
    let examined: Vec<String> = examined
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    if !examined.is_empty() {
        let sentence = format!(
            "  of the addresses that pay services: {}",
            examined.join(", ")
        );
        text.push_str(&wrapped(&sentence, "    "));
    }
    if !list.leads.is_empty() {
        text.push_str(&format!("\n{}\n\n", style.bold("Leads: they join nothing")));
        for lead in &list.leads {
            let sentence = format!(
                "  - {} {} of {}",
                lead.kind,
                lead.address,
                lead.of.join(", ")
            );
            text.push_str(&wrapped(&sentence, "    "));
        }
    }
    text
}

/// One cluster with its addresses and what the case calls them.
fn one(cluster: &ClusterRow, style: Style) -> String {
    let mut text = String::new();
    let rules = cluster.rules.iter();
    let rules: Vec<String> = rules
        .map(|(rule, links)| format!("{rule}: {links}"))
        .collect();
    let size = count(cluster.size, "address", "addresses");
    let links = if rules.is_empty() {
        "nothing joins it to others".to_owned()
    } else {
        format!("links by {}", rules.join(", "))
    };
    let sure = cluster.confidence.as_ref();
    let sure = sure.map_or_else(String::new, |sure| format!("; confidence {sure}"));
    let title = format!("{size}; {links}{sure}");
    text.push_str(&format!("{}\n\n", style.bold(&title)));
    let mut table = Table::new(&[
        (Side::Left, "address"),
        (Side::Left, "name"),
        (Side::Left, "claim"),
    ]);
    for address in cluster.addresses.iter().take(SHOWN_MAX) {
        let names: Vec<_> = cluster
            .names
            .iter()
            .filter(|name| name.address == *address)
            .collect();
        for named in &names {
            let name = format!("{} ({})", named.name, named.category);
            table.row(&[address.as_str(), &name, &named.claim]);
        }
        if names.is_empty() {
            table.row(&[address.as_str()]);
        }
    }
    text.push_str(&table.render(style));
    if cluster.size > SHOWN_MAX {
        let rest = count(cluster.size - SHOWN_MAX, "address", "addresses");
        text.push_str(&format!("  and {rest} more: `--json` lists them all\n"));
    }
    if !cluster.unions.is_empty() {
        text.push('\n');
        text.push_str(&steps(&cluster.unions, style));
    }
    text.push('\n');
    text
}

/// Why two addresses are one cluster.
pub fn explanation(explanation: &Explanation, style: Style) -> String {
    if !explanation.connected {
        let mut text =
            "  not connected: no chain of links leads from one to the other\n".to_owned();
        if !explanation.refused.is_empty() {
            text.push_str("  what was refused between them:\n");
        }
        for refused in &explanation.refused {
            text.push_str(&refusal(refused));
        }
        return text;
    }
    if explanation.path.is_empty() {
        return "  one address\n".to_owned();
    }
    steps(&explanation.path, style)
}

/// Links, each with its evidence.
fn steps(steps: &[StepRow], style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "from"),
        (Side::Left, "to"),
        (Side::Left, "by"),
        (Side::Left, "evidence"),
    ]);
    for step in steps {
        let evidence = step.transaction.as_ref().or(step.claim.as_ref());
        let evidence = evidence.map_or("", String::as_str);
        table.row(&[step.from.as_str(), &step.to, &step.rule, evidence]);
    }
    table.render(style)
}
