//! Rows put together to incidents, and the faults that only show side by side.
//!
//! Rows of one id, or of one victim and date, are one incident with several assets. Where rows of one incident
//! contradict each other both stand, as claims side by side, and it is said. Nothing is averaged, and nothing is added
//! that may be the same money told twice.

use std::collections::{BTreeMap, BTreeSet};

use super::places::Thing;
use super::row::{Figures, Row};
use super::words::{name_key, slug};
use super::{Flaw, Known};
use crate::hash::Hash;

/// The rows of one incident.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub id: String,
    pub rows: Vec<Row>,
    /// One USD figure stands on every row: it is the incident's, and not each asset's.
    pub usd_is_total: bool,
}

/// Puts rows together. What cannot be put anywhere is an error.
pub(super) fn gather(
    rows: Vec<Row>,
    errors: &mut Vec<Flaw>,
    warnings: &mut Vec<Flaw>,
    names: &Names,
    known: &[Known],
) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_name: BTreeMap<(String, String), BTreeSet<usize>> = BTreeMap::new();
    let (named, unnamed): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.id.is_some());
    for row in named {
        let id = row.id.clone().unwrap_or_default();
        let at = *by_id.entry(id.clone()).or_insert_with(|| {
            groups.push(Group {
                id,
                rows: Vec::new(),
                usd_is_total: false,
            });
            groups.len() - 1
        });
        if let Some(name) = victim_and_date(&row) {
            by_name.entry(name).or_default().insert(at);
        }
        groups[at].rows.push(row);
    }
    for row in unnamed {
        let Some(name) = victim_and_date(&row) else {
            errors.push(nameless(&row, names));
            continue;
        };
        let same = by_name.entry(name.clone()).or_default();
        let at = match same.len() {
            0 => {
                let id = made_id(&row, &by_id);
                groups.push(Group {
                    id: id.clone(),
                    rows: Vec::new(),
                    usd_is_total: false,
                });
                by_id.insert(id, groups.len() - 1);
                same.insert(groups.len() - 1);
                groups.len() - 1
            }
            1 => *same.first().unwrap_or(&0),
            _ => {
                let why = "several incidents of the table have this victim and date, and the row has no id";
                errors.push(flaw(&row, names.victim(), row.victim.as_deref(), why));
                continue;
            }
        };
        groups[at].rows.push(row);
    }
    for group in &mut groups {
        group.rows.sort_by_key(|row| row.line);
        let known = known.iter().find(|known| known.traits.incident == group.id);
        dated(group, errors, names, known);
        contradictions(group, warnings, names, known);
    }
    groups.retain(|group| !group.rows.is_empty());
    groups.sort_by_key(|group| group.rows[0].line);
    groups
}

/// What the columns are called that a flaw between rows is in.
pub(super) struct Names {
    pub id: Option<String>,
    pub date: Option<String>,
    pub victim: Option<String>,
    pub sector: Option<String>,
    pub discovered: Option<String>,
    pub usd: Option<String>,
    pub quantity: Option<String>,
    pub transactions: Option<String>,
    pub recovered: Option<String>,
}

impl Names {
    fn victim(&self) -> Option<&String> {
        self.victim.as_ref().or(self.id.as_ref())
    }
}

pub(super) fn flaw(
    row: &Row,
    column: Option<&String>,
    value: Option<&str>,
    why: impl Into<String>,
) -> Flaw {
    Flaw {
        line: row.line,
        column: column.cloned(),
        value: value.map(str::to_owned),
        why: why.into(),
    }
}

fn victim_and_date(row: &Row) -> Option<(String, String)> {
    let victim = row.victim.as_ref()?;
    Some((name_key(victim), row.date.as_ref()?.as_str().to_owned()))
}

fn nameless(row: &Row, names: &Names) -> Flaw {
    match (&row.victim, &row.date) {
        (None, _) => flaw(
            row,
            names.id.as_ref().or(names.victim.as_ref()),
            None,
            "neither an id nor a victim says which incident this is; cells that were merged must be filled",
        ),
        (Some(victim), _) => flaw(
            row,
            names.date.as_ref(),
            None,
            format!("the date of the theft of {victim} is missing"),
        ),
    }
}

/// An id for an incident that has none, of its victim and date.
fn made_id(row: &Row, taken: &BTreeMap<String, usize>) -> String {
    let victim = row.victim.clone().unwrap_or_default();
    let date: String = row
        .date
        .as_ref()
        .map_or("", |date| date.as_str())
        .chars()
        .take(10)
        .collect();
    let name: String = slug(&victim).chars().take(40).collect();
    let name = match name.trim_end_matches('-') {
        "" => format!(
            "incident-{}",
            Hash::of(victim.as_bytes())
                .to_string()
                .chars()
                .take(8)
                .collect::<String>()
        ),
        name => name.to_owned(),
    };
    let id = format!("{name}-{date}");
    let numbered = (2..).map(|number| format!("{id}-{number}"));
    [id.clone()]
        .into_iter()
        .chain(numbered)
        .find(|id| !taken.contains_key(id))
        .unwrap_or(id)
}

/// An incident has a date: in one of its rows at least, or in the case.
fn dated(group: &mut Group, errors: &mut Vec<Flaw>, names: &Names, known: Option<&Known>) {
    let in_the_case = known.is_some_and(|known| known.traits.days.is_some());
    if in_the_case || group.rows.iter().any(|row| row.date.is_some()) {
        return;
    }
    for row in group.rows.drain(..) {
        errors.push(flaw(
            &row,
            names.date.as_ref(),
            None,
            format!(
                "the date of the theft is missing, and no other row of {} has it",
                group.id
            ),
        ));
    }
}

/// What rows of one incident say differently.
fn contradictions(
    group: &mut Group,
    warnings: &mut Vec<Flaw>,
    names: &Names,
    known: Option<&Known>,
) {
    let Some(first) = group.rows.first() else {
        return;
    };
    let in_the_case = known.is_some_and(|known| known.traits.victim.is_some());
    if !in_the_case && group.rows.iter().all(|row| row.victim.is_none()) {
        warnings.push(flaw(
            first,
            names.victim.as_ref(),
            None,
            format!("no row of {} names the victim", group.id),
        ));
    }
    type Said = fn(&Row) -> Option<String>;
    let fields: [(&Option<String>, Said); 4] = [
        (&names.victim, |row| row.victim.clone()),
        (&names.sector, |row| row.sector.clone()),
        (&names.date, |row| {
            Some(row.date.as_ref()?.as_str().to_owned())
        }),
        (&names.discovered, |row| {
            Some(row.discovered.as_ref()?.as_str().to_owned())
        }),
    ];
    for (column, said) in fields {
        let mut before: Vec<(u64, String)> = Vec::new();
        for row in &group.rows {
            let Some(text) = said(row) else {
                continue;
            };
            let other = before.iter().find(|(_, other)| !agree(other, &text));
            if let Some((line, other)) = other {
                let why = format!(
                    "line {line} says {other} of the same incident, {}; both stand, as claims side by side",
                    group.id
                );
                warnings.push(flaw(row, column.as_ref(), Some(&text), why));
            }
            before.push((row.line, text));
        }
    }
    group.usd_is_total = repeated_total(group, warnings, names);
    figures(group, warnings, names);
    more_came_back(group, warnings, names);
}

/// Two texts that can both be so: the same name, or dates of which one is the more precise.
fn agree(a: &str, b: &str) -> bool {
    use crate::words::Date;
    match (Date::parse(a), Date::parse(b)) {
        (Some(a), Some(b)) => {
            a.as_str().starts_with(b.as_str()) || b.as_str().starts_with(a.as_str())
        }
        _ => name_key(a) == name_key(b),
    }
}

fn repeated_total(group: &Group, warnings: &mut Vec<Flaw>, names: &Names) -> bool {
    let with_usd: Vec<&Row> = group
        .rows
        .iter()
        .filter(|row| row.stolen.usd.is_some())
        .collect();
    let things: BTreeSet<String> = with_usd
        .iter()
        .map(|row| thing_key(row.thing.as_ref()))
        .collect();
    let figures: BTreeSet<&str> = with_usd
        .iter()
        .filter_map(|row| row.stolen.usd.as_ref())
        .map(|usd| usd.decimal.as_str())
        .collect();
    let all_things: BTreeSet<String> = group
        .rows
        .iter()
        .filter_map(|row| row.thing.as_ref())
        .map(|thing| thing_key(Some(thing)))
        .collect();
    if let [row] = with_usd[..]
        && row.thing.is_some()
        && all_things.len() > 1
    {
        let why = format!(
            "the only USD figure of {}, which lost several assets; it is taken for this row's asset alone",
            group.id
        );
        let value = figures.first().copied();
        warnings.push(flaw(row, names.usd.as_ref(), value, why));
    }
    if things.len() < 2 || figures.len() != 1 {
        return false;
    }
    for row in &with_usd[1..] {
        let why = format!(
            "the same figure stands at line {} for another asset; it is taken for the total of {}, and counts once",
            with_usd[0].line, group.id
        );
        warnings.push(flaw(row, names.usd.as_ref(), figures.first().copied(), why));
    }
    true
}

/// Figures of one asset that differ, or that are told twice.
fn figures(group: &Group, warnings: &mut Vec<Flaw>, names: &Names) {
    type Of = fn(&Row) -> Option<super::number::Number>;
    let mut before: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in &group.rows {
        if row.stolen == Figures::default() {
            continue;
        }
        let key = thing_key(row.thing.as_ref());
        let others = before.entry(key.clone()).or_default();
        let quantity: Of = |row| row.stolen.quantity.clone();
        let usd: Of = |row| row.stolen.usd.clone();
        // A total that stands on every row was spoken of already.
        let kinds = if group.usd_is_total {
            &[(&names.quantity, quantity)][..]
        } else {
            &[(&names.quantity, quantity), (&names.usd, usd)]
        };
        let mut told = Vec::new();
        for (column, figure) in kinds {
            let said = others
                .iter()
                .find_map(|other| Some((other.line, figure(other)?)));
            if let (Some(here), Some((line, other))) = (figure(row), said) {
                told.push((column, here, line, other));
            }
        }
        let differ = told
            .iter()
            .any(|(_, here, _, other)| here.decimal != other.decimal);
        told.retain(|(_, here, _, other)| !differ || here.decimal != other.decimal);
        told.truncate(if differ { 2 } else { 1 });
        for (column, here, line, other) in told {
            let id = &group.id;
            let why = if differ {
                format!(
                    "line {line} says {} of the same incident, {id}; both stand, as claims side by side, and are not added",
                    other.decimal
                )
            } else {
                format!("line {line} says the same of the same incident, {id}; it counts once")
            };
            warnings.push(flaw(row, column.as_ref(), Some(&here.decimal), why));
        }
        others.push(row);
    }
}

/// More that came back, over all rows, than was stolen.
fn more_came_back(group: &Group, warnings: &mut Vec<Flaw>, names: &Names) {
    use rust_decimal::Decimal;
    use std::str::FromStr as _;
    let decimal = |figures: &Figures| {
        figures
            .usd
            .as_ref()
            .and_then(|usd| Decimal::from_str(&usd.decimal).ok())
    };
    let sum = |parts: BTreeSet<(String, Decimal)>| {
        parts
            .into_iter()
            .try_fold(Decimal::ZERO, |sum, (_, part)| sum.checked_add(part))
    };
    let key = |row: &Row| {
        if group.usd_is_total {
            String::new()
        } else {
            thing_key(row.thing.as_ref())
        }
    };
    let stolen: BTreeSet<(String, Decimal)> = group
        .rows
        .iter()
        .filter_map(|row| Some((key(row), decimal(&row.stolen)?)))
        .collect();
    let back: BTreeSet<(String, Decimal)> = group
        .rows
        .iter()
        .flat_map(|row| {
            row.after
                .iter()
                .enumerate()
                .filter_map(move |(at, figures)| {
                    Some((format!("{at} {}", key(row)), decimal(figures)?))
                })
                .collect::<Vec<_>>()
        })
        .collect();
    if stolen.is_empty() || back.is_empty() || group.rows.len() < 2 {
        return;
    }
    if let (Some(stolen), Some(back)) = (sum(stolen), sum(back))
        && back > stolen
        && let Some(row) = group
            .rows
            .iter()
            .find(|row| row.after.iter().any(|figures| figures.usd.is_some()))
    {
        let why = format!(
            "over the rows of {}, recovered, frozen and reissued come to {back}, more than the {stolen} that were stolen",
            group.id
        );
        warnings.push(flaw(row, names.recovered.as_ref(), None, why));
    }
}

/// A text that is the same for the same asset.
pub(super) fn thing_key(thing: Option<&Thing>) -> String {
    match thing {
        None => String::new(),
        Some(Thing::Asset(asset, _)) => asset.to_string(),
        Some(Thing::Symbol(symbol)) => symbol.to_uppercase(),
    }
}
