//! An incident with everything that is said of it, conflicts side by side.

use whither::incidents::{Cite, Held, IncidentSheet, LossView, Said};

use super::{caveats, held, number};
use crate::style::Style;
use crate::tables::{Side, Table};

/// The incident.
pub fn render(sheet: &IncidentSheet, style: Style) -> String {
    let view = &sheet.view;
    let also = if view.also.is_empty() {
        String::new()
    } else {
        format!(", also {}", view.also.join(", "))
    };
    let mut text = format!(
        "{}\n\n",
        style.bold(&format!("Incident {}{also}", view.incident))
    );
    let mut table = Table::new(&[
        (Side::Left, ""),
        (Side::Left, "value"),
        (Side::Left, "confidence"),
        (Side::Left, "published"),
        (Side::Left, "source"),
    ]);
    let fields = [
        ("title", &view.title),
        ("victim", &view.victim),
        ("sector", &view.sector),
        ("date", &view.date),
        ("discovered", &view.discovered),
        ("actor", &view.actors),
        ("vector", &view.vectors),
        ("chain", &view.chains),
    ];
    for (name, values) in fields {
        rows(&mut table, name, values, Clone::clone);
    }
    for loss in &view.losses {
        let what = loss.what.word();
        rows(&mut table, what, &loss.quantity, |quantity| {
            self::quantity(loss, quantity)
        });
        let of = loss
            .asset
            .as_ref()
            .or(loss.symbol.as_ref())
            .map(|thing| format!(" for the {thing}"))
            .unwrap_or_default();
        rows(&mut table, what, &loss.usd, |usd| {
            format!("{} USD{of}", number(usd))
        });
    }
    for said in &view.origins {
        let (place, cite) = (said.value.place(), said.claims.first());
        row(&mut table, "starts at", place.to_owned(), cite);
    }
    rows(&mut table, "note", &view.notes, Clone::clone);
    text.push_str(&table.render(style));
    text.push_str(&sources(sheet, style));
    text.push_str(&caveats(&sheet.caveats, style));
    text
}

/// Who says so, in private and in public.
fn sources(sheet: &IncidentSheet, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "source"),
        (Side::Left, "who (private)"),
        (Side::Left, "in public"),
    ]);
    let or = |text: &Option<String>, other: &str| text.clone().unwrap_or_else(|| other.to_owned());
    for line in &sheet.sources {
        let (name, descriptor) = (
            or(&line.name, "no record"),
            or(&line.descriptor, "no descriptor"),
        );
        table.row(&[line.source.clone(), name, descriptor]);
    }
    if table.is_empty() {
        return String::new();
    }
    format!("\n{}\n\n{}", style.bold("Sources"), table.render(style))
}

/// The values of a field; the first is used, further ones stand below it.
fn rows(table: &mut Table, name: &str, values: &[Said<String>], shown: impl Fn(&String) -> String) {
    for (place, said) in values.iter().enumerate() {
        let name = if place == 0 { name } else { "" };
        row(table, name, shown(&said.value), said.claims.first());
        for cite in said.claims.iter().skip(1) {
            row(table, "", String::new(), Some(cite));
        }
    }
}

fn row(table: &mut Table, name: &str, value: String, cite: Option<&Cite>) {
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    table.row(&[
        name.to_owned(),
        value,
        text(cite.and_then(|cite| cite.confidence.as_ref())),
        text(cite.and_then(|cite| cite.published.as_ref())),
        text(cite.and_then(|cite| cite.source.as_ref())),
    ]);
}

fn quantity(loss: &LossView, quantity: &str) -> String {
    held(&Held {
        asset: loss.asset.clone(),
        symbol: loss.symbol.clone(),
        quantity: quantity.to_owned(),
        ..Held::default()
    })
}
