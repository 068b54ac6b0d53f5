//! The claims that the rows of an incident make.
//!
//! Each row speaks for its own source: rows of one source make one claim of the incident, another source makes
//! another. A row that contradicts an earlier one makes a claim of its own, so that both stand. A claim that several rows
//! make alike is made once.

use whither_ledger::U256;

use super::Told;
use super::gather::Group;
use super::number::Number;
use super::places::{Thing, smallest};
use super::row::{Figures, Row};
use crate::claims::{
    AssetId, Attribution, Body, Incident, Loss, LossKind, OriginClaim, PlaceClaim, Statement, Units,
};
use crate::marks::Marks;
use crate::words::{Date, Word};

const AFTER: [LossKind; 3] = [LossKind::Recovered, LossKind::Frozen, LossKind::Reissued];

/// Turns an incident's rows into claims.
///
/// # Errors
/// Where a value that was checked makes no claim: a fault of this program, with the value.
pub(super) fn told(group: &Group) -> Result<Told, String> {
    let word = |text: &str| Word::new(text).map_err(|error| error.to_string());
    let incident = word(&group.id)?;
    let mut statements = incidents(group, &incident);
    let mut add = |statement: Statement| {
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    };
    for row in &group.rows {
        let loss =
            |what, figures: &Figures, thing: Option<&Thing>| loss(&incident, what, figures, thing);
        let mut losses = Vec::new();
        let thing = row.thing.as_ref();
        if group.usd_is_total {
            losses.push(loss(
                LossKind::Stolen,
                &Figures {
                    quantity: row.stolen.quantity.clone(),
                    usd: None,
                },
                thing,
            )?);
            losses.push(loss(
                LossKind::Stolen,
                &Figures {
                    quantity: None,
                    usd: row.stolen.usd.clone(),
                },
                None,
            )?);
        } else {
            losses.push(loss(LossKind::Stolen, &row.stolen, thing)?);
        }
        for (what, figures) in AFTER.into_iter().zip(&row.after) {
            losses.push(loss(
                what,
                figures,
                thing.filter(|_| !group.usd_is_total || figures.quantity.is_some()),
            )?);
        }
        for loss in losses.into_iter().flatten() {
            add(Statement {
                handle: None,
                marks: marks(row),
                body: Body::Loss(loss),
            });
        }
        for actor in &row.actors {
            let attribution = Attribution {
                incident: incident.clone(),
                actor: word(actor)?,
            };
            add(Statement {
                handle: None,
                marks: marks(row),
                body: Body::Attribution(attribution),
            });
        }
    }
    let lines = group.rows.iter().map(|row| row.line).collect();
    Ok(Told {
        incident,
        lines,
        statements,
    })
}

/// Who says so, and how; when the theft was, is said of the incident alone.
fn marks(row: &Row) -> Marks {
    Marks {
        source: row.source.clone(),
        confidence: row.confidence,
        handling: row.handling,
        published: row.published.clone(),
        reference: row.reference.clone(),
        ..Marks::default()
    }
}

/// Claims of the incident itself: one of each source, and one more for each contradiction.
fn incidents(group: &Group, incident: &Word) -> Vec<Statement> {
    let mut told: Vec<(Marks, Option<Date>, Incident)> = Vec::new();
    for row in &group.rows {
        let (marks, here) = (marks(row), of_row(row, incident));
        let date = row.date.clone();
        let same = told.iter_mut().find(|(other, when, before)| {
            *other == marks && fits(when.as_ref(), date.as_ref()) && agrees(before, &here)
        });
        match same {
            Some((_, when, before)) => {
                *when = when.take().or(date);
                merge(before, here);
            }
            None => told.push((marks, date, here)),
        }
    }
    let statements = told.into_iter().map(|(marks, date, incident)| Statement {
        handle: None,
        marks: Marks { date, ..marks },
        body: Body::Incident(incident),
    });
    statements.collect()
}

fn of_row(row: &Row, incident: &Word) -> Incident {
    let origin = |from: &String| {
        OriginClaim::Place(PlaceClaim {
            from: from.clone(),
            why: "named by the table of incidents that was imported".to_owned(),
        })
    };
    Incident {
        incident: incident.clone(),
        title: row.title.clone(),
        victim: row.victim.clone(),
        sector: row.sector.clone(),
        discovered: row.discovered.clone(),
        chains: row.chains.iter().map(ToString::to_string).collect(),
        vectors: row.vectors.clone(),
        origins: row.origins.iter().map(origin).collect(),
        note: (!row.notes.is_empty()).then(|| row.notes.join(" ")),
    }
}

fn fits<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

fn agrees(a: &Incident, b: &Incident) -> bool {
    fits(a.title.as_ref(), b.title.as_ref())
        && fits(a.victim.as_ref(), b.victim.as_ref())
        && fits(a.sector.as_ref(), b.sector.as_ref())
        && fits(a.discovered.as_ref(), b.discovered.as_ref())
}

fn merge(into: &mut Incident, row: Incident) {
    let fill = |into: &mut Option<String>, from: Option<String>| {
        if into.is_none() {
            *into = from;
        }
    };
    fill(&mut into.title, row.title);
    fill(&mut into.victim, row.victim);
    fill(&mut into.sector, row.sector);
    if into.discovered.is_none() {
        into.discovered = row.discovered;
    }
    for (into, from) in [
        (&mut into.chains, row.chains),
        (&mut into.vectors, row.vectors),
    ] {
        for text in from {
            if !into.contains(&text) {
                into.push(text);
            }
        }
    }
    for origin in row.origins {
        if !into.origins.contains(&origin) {
            into.origins.push(origin);
        }
    }
    match (&mut into.note, row.note) {
        (Some(note), Some(more)) if !note.contains(&more) => note.push_str(&format!(" {more}")),
        (note @ None, more) => *note = more,
        _ => {}
    }
}

fn loss(
    incident: &Word,
    what: LossKind,
    figures: &Figures,
    thing: Option<&Thing>,
) -> Result<Option<Loss>, String> {
    if figures.quantity.is_none() && figures.usd.is_none() {
        return Ok(None);
    }
    let mut loss = Loss {
        incident: incident.clone(),
        what,
        asset: None,
        amount: None,
        symbol: None,
        quantity: None,
        usd: decimal(figures.usd.as_ref())?,
        basis: None,
    };
    match thing {
        Some(Thing::Asset(asset, decimals)) => {
            loss.asset = Some(AssetId(asset.clone()));
            let amount: Option<U256> = figures
                .quantity
                .as_ref()
                .map(|number| smallest(&number.decimal, *decimals))
                .transpose()?;
            loss.amount = amount.map(Units);
        }
        Some(Thing::Symbol(symbol)) => {
            loss.symbol = Some(symbol.clone());
            loss.quantity = decimal(figures.quantity.as_ref())?;
        }
        None => {}
    }
    Ok(Some(loss))
}

fn decimal(number: Option<&Number>) -> Result<Option<crate::claims::Number>, String> {
    number.map(|number| number.decimal.parse()).transpose()
}
