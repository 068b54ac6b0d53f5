//! A trace for people: what was followed, where it ends, what it adds up to, and what must be said.
//!
//! Under poison amounts are a reach: they have no shares and no sum, and none is shown.

use std::collections::BTreeMap;

use whither::knowledge;
use whither::result::{Endpoint, Totals};
use whither::text::{percent, share_points, visible, weight};
use whither::{Case, Chain, Finding};

use super::{Side, Table, amount, count, wrapped};
use crate::error::CommandError;
use crate::output::word;
use crate::style::Style;

/// The names that the case gives to addresses, as they are shown.
type Names = BTreeMap<String, String>;

/// The whole trace.
pub fn render(
    finding: &Finding,
    case: Option<&Case>,
    style: Style,
) -> Result<String, CommandError> {
    let names = names(finding, case)?;
    let mut text = origins(finding, style);
    for totals in &finding.trace.totals {
        text.push_str(&endpoints(finding, totals, &names, style));
        text.push_str(&sums(finding, totals, style));
    }
    text.push_str(&claims(finding, style));
    text.push_str(&conversions(finding, style));
    text.push_str(&deceptions(finding, style));
    text.push_str(&caveats(finding, style));
    text.push_str(&provenance(finding, style));
    Ok(text)
}

fn names(finding: &Finding, case: Option<&Case>) -> Result<Names, CommandError> {
    let mut names = Names::new();
    if let Some(case) = case {
        let from = &finding.provenance;
        let onward = from.stores.iter().map(|row| &row.chain);
        for chain in std::iter::once(&from.parameters.chain).chain(onward) {
            let chain: Chain = chain.parse().map_err(CommandError::new)?;
            for (address, named) in knowledge::names(case, &chain)? {
                let name = format!("{} ({}, claim {})", named.name, named.category, named.claim);
                names.entry(address.display(&chain)).or_insert(name);
            }
        }
    }
    Ok(names)
}

/// The claims that carried it on, and how much of what falls without each.
fn claims(finding: &Finding, style: Style) -> String {
    let Some(claims) = &finding.trace.claims else {
        return String::new();
    };
    let mut table = Table::new(&[
        (Side::Left, "claim"),
        (Side::Right, "carried"),
        (Side::Right, "arrived"),
        (Side::Left, "from, to"),
        (Side::Left, "falls without it"),
    ]);
    for row in claims.iter().filter(|row| row.carried != "0") {
        let arrived = amount(&row.to_asset, &row.arrived);
        let falls = count(row.falls.len(), "endpoint", "endpoints");
        let carried = amount(&row.asset, &row.carried);
        table.row(&[&row.claim, &carried, &arrived, &row.from, &falls]);
        table.row(&["", "", "", &row.to]);
    }
    let idle = claims.iter().filter(|row| row.carried == "0").count();
    let idle = match idle {
        0 => String::new(),
        idle => format!(
            "  {} nothing\n",
            count(idle, "claim carried", "claims carried")
        ),
    };
    if table.is_empty() && idle.is_empty() {
        return String::new();
    }
    let table = if table.is_empty() {
        String::new()
    } else {
        table.render(style)
    };
    format!(
        "\n{}\n\n{table}{idle}",
        style.bold("Carried on by claims alone")
    )
}

fn origins(finding: &Finding, style: Style) -> String {
    let trace = &finding.trace;
    let heading = format!("Trace {} under {}", trace.direction, trace.policy);
    let mut table = Table::new(&[
        (Side::Left, "origin"),
        (Side::Right, "amount"),
        (Side::Left, "on whose word"),
        (Side::Left, "what"),
    ]);
    for origin in &trace.origins {
        let word = match &origin.incident {
            Some(incident) => format!("{} (incident {incident})", word(&origin.basis)),
            None => word(&origin.basis),
        };
        table.row(&[
            &origin.origin,
            &amount(&origin.asset, &origin.amount),
            &word,
            &origin.what,
        ]);
        // Some chains write an address in several ways.
        let what = origin.what.to_ascii_lowercase();
        let told = |address: &&String| what.ends_with(&address.to_ascii_lowercase());
        if let Some(address) = origin.address.as_ref().filter(|address| !told(address)) {
            table.row(&["", "", "", &format!("at {address}")]);
        }
    }
    format!("{}\n\n{}", style.bold(&heading), table.render(style))
}

fn endpoints(finding: &Finding, totals: &Totals, names: &Names, style: Style) -> String {
    let trace = &finding.trace;
    let mut ends: Vec<&Endpoint> = trace
        .endpoints
        .iter()
        .filter(|end| end.asset == totals.asset)
        .collect();
    // Longer digit strings are larger numbers; the order of the finding settles ties.
    ends.sort_by(|a, b| (b.amount.len(), &b.amount).cmp(&(a.amount.len(), &a.amount)));
    let whither = if trace.direction == "backward" {
        "came from"
    } else {
        "went"
    };
    let places = count(ends.len(), "endpoint", "endpoints");
    // What only claims brought in comes from no origin of this asset.
    let followed = match totals.origin.as_str() {
        "0" => &totals.converted_in,
        _ => &totals.origin,
    };
    let heading = format!(
        "Where {} {whither}: {places}",
        amount(&totals.asset, followed)
    );
    let asset = style.faint(&format!("of {}", visible(&totals.asset)));
    let weights: Vec<u128> = ends.iter().map(|end| weight(&end.amount)).collect();
    let shares = share_points(&weights, 10_000);
    let mut table = Table::new(&[
        (Side::Right, "amount"),
        (Side::Right, "share"),
        (Side::Left, "kind"),
        (Side::Left, "where"),
    ]);
    for (end, share) in ends.iter().zip(shares) {
        let share = if trace.policy == "poison" {
            String::new()
        } else {
            percent(share)
        };
        let mut lines = details(end, names).into_iter();
        let first = lines.next().unwrap_or_default();
        table.row(&[
            &amount(&end.asset, &end.amount),
            &share,
            end.kind.name(),
            &first,
        ]);
        lines.for_each(|line| table.row(&["", "", "", &line]));
    }
    format!(
        "\n{} {asset}\n\n{}",
        style.bold(&heading),
        table.render(style)
    )
}

/// What is told of an endpoint, a line each: where, whose, how it got there, why it ends.
fn details(end: &Endpoint, names: &Names) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(end.address.clone());
    lines.extend(end.output.as_ref().map(|output| format!("output {output}")));
    if end.address.is_none() && end.output.is_none() {
        lines.extend(
            end.transaction
                .as_ref()
                .map(|transaction| format!("transaction {transaction}")),
        );
    }
    let named = end
        .address
        .as_ref()
        .and_then(|address| names.get(address))
        .cloned();
    let entity = end
        .entity
        .as_ref()
        .map(|it| format!("{} ({}, claim {})", it.name, it.category, it.claim));
    lines.extend(entity.or(named));
    lines.extend(
        end.via
            .iter()
            .map(|via| format!("via {} ({})", via.address, via.why)),
    );
    let mut way = vec![count(
        usize::try_from(end.hops).unwrap_or(usize::MAX),
        "hop",
        "hops",
    )];
    way.extend(end.height.map(|height| format!("block {height}")));
    way.extend(end.time.clone());
    way.extend(end.anonymity_set.map(|size| format!("one of {size} alike")));
    let claim = end
        .reason
        .claim
        .as_ref()
        .map(|claim| format!(" {claim}"))
        .unwrap_or_default();
    way.push(format!(
        "ends by {} ({}{claim})",
        end.reason.rule,
        word(&end.reason.basis)
    ));
    lines.push(way.join(", "));
    lines.push(bounds(end));
    lines
}

/// What any other policy could have said of an endpoint.
fn bounds(end: &Endpoint) -> String {
    let (min, max) = (amount(&end.asset, &end.min), amount(&end.asset, &end.max));
    let bound = word(&end.bound);
    if min == max {
        format!("{min} under any policy ({bound})")
    } else {
        format!("{min} to {max} under any policy ({bound})")
    }
}

/// What the endpoints add up to, against what went in.
fn sums(finding: &Finding, totals: &Totals, style: Style) -> String {
    if finding.trace.policy == "poison" {
        return String::new();
    }
    let mut table = Table::new(&[(Side::Right, ""), (Side::Right, ""), (Side::Left, "")]);
    let kinds: Vec<(&&str, &String)> = totals.by_kind.iter().collect();
    let weights: Vec<u128> = kinds.iter().map(|(_, sum)| weight(sum)).collect();
    for ((kind, sum), share) in kinds.iter().zip(share_points(&weights, 10_000)) {
        table.row(&[&amount(&totals.asset, sum), &percent(share), **kind]);
    }
    let all = kinds.iter().fold("0".to_owned(), |all, (_, sum)| {
        whither::text::add_digits(&all, sum)
    });
    let mut from = format!("= {} of the origins", amount(&totals.asset, &totals.origin));
    for (sign, converted, what) in [
        ("+", &totals.converted_in, "converted in"),
        ("-", &totals.converted_out, "converted out"),
    ] {
        if converted != "0" {
            from.push_str(&format!(
                " {sign} {} {what}",
                amount(&totals.asset, converted)
            ));
        }
    }
    table.row(&[&amount(&totals.asset, &all), "", &from]);
    format!("\n{}\n\n{}", style.bold("By kind"), table.render(style))
}

/// Where one asset became another.
fn conversions(finding: &Finding, style: Style) -> String {
    let conversions = &finding.trace.conversions;
    if conversions.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        (Side::Right, "amount"),
        (Side::Right, "tainted"),
        (Side::Left, ""),
        (Side::Left, "where"),
    ]);
    for conversion in conversions {
        let mut places = [
            conversion.address.clone().unwrap_or_default(),
            format!("transaction {}", conversion.transaction),
            format!("by {}", conversion.rule),
        ]
        .into_iter();
        let sides = [
            (&conversion.taken, "went in"),
            (&conversion.given, "came out"),
        ];
        for (sides, word) in sides {
            for side in sides {
                table.row(&[
                    &amount(&side.asset, &side.amount),
                    &amount(&side.asset, &side.tainted),
                    word,
                    &places.next().unwrap_or_default(),
                ]);
            }
        }
        places.for_each(|place| table.row(&["", "", "", &place]));
    }
    format!("\n{}\n\n{}", style.bold("Conversions"), table.render(style))
}

/// What was made to mislead, as what it is.
fn deceptions(finding: &Finding, style: Style) -> String {
    let deceptions = &finding.trace.deceptions;
    if deceptions.is_empty() {
        return String::new();
    }
    let heading = "Not part of the trace: made to mislead";
    let mut text = format!("\n{}\n\n", style.bold(heading));
    for row in deceptions {
        let what = format!("  - {} ({}): {}", row.kind, row.count, row.what);
        text.push_str(&wrapped(&what, "    "));
        let like = row.imitates.as_ref().map(|like| format!("like {like}"));
        let first = row.transactions.first();
        let first = first.map(|transaction| format!("first in {transaction}"));
        let lines = [Some(row.address.clone()), like, first];
        for line in lines.iter().flatten() {
            text.push_str(&format!("      {}\n", visible(line)));
        }
    }
    text
}

fn caveats(finding: &Finding, style: Style) -> String {
    let caveats = &finding.trace.caveats;
    if caveats.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n\n", style.bold("Caveats"));
    for caveat in caveats {
        text.push_str(&wrapped(
            &format!("  - {}: {}", caveat.kind, caveat.what),
            "    ",
        ));
        let asset = caveat.asset.as_deref();
        let digits = caveat.amount.as_deref();
        let sum = digits
            .map(|digits| asset.map_or_else(|| digits.to_owned(), |asset| amount(asset, digits)));
        let about = [caveat.address.clone(), caveat.transaction.clone(), sum];
        text.extend(
            about
                .iter()
                .flatten()
                .map(|line| format!("      {}\n", visible(line))),
        );
    }
    text
}

/// What anyone needs to get the same answer.
fn provenance(finding: &Finding, style: Style) -> String {
    let provenance = &finding.provenance;
    let case = provenance
        .case
        .as_ref()
        .map(|case| format!(", case {case}"))
        .unwrap_or_default();
    let stops = match provenance.parameters.stops.as_slice() {
        [] => "none".to_owned(),
        stops => stops.join(", "),
    };
    let line = format!(
        "Computed by whither {} from store {}{case}; stops: {stops}.",
        provenance.version, provenance.store
    );
    format!("\n{}", style.faint(&wrapped(&line, "  ")))
}
