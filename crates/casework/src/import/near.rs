//! Incidents of a table that may be one, and what the case says otherwise of them.

use std::collections::BTreeSet;

use super::gather::{Group, Names, flaw, thing_key};
use super::row::Row;
use super::words::name_key;
use super::{Flaw, Known};
use crate::incidents::alike::{Likeness, Traits, alike};

/// By what an incident of the table is compared with others.
pub(super) fn traits(group: &Group) -> Traits {
    let first = |said: fn(&Row) -> Option<String>| group.rows.iter().find_map(said);
    let mut figures = BTreeSet::new();
    for row in &group.rows {
        if let Some(usd) = &row.stolen.usd {
            figures.insert(format!("USD {}", usd.decimal));
        }
        if let (Some(quantity), Some(thing)) = (&row.stolen.quantity, &row.thing) {
            figures.insert(format!("{} {}", thing_key(Some(thing)), quantity.decimal));
        }
    }
    let transactions: BTreeSet<String> = group
        .rows
        .iter()
        .flat_map(|row| row.transactions.iter().cloned())
        .collect();
    Traits {
        incident: group.id.clone(),
        victim: first(|row| row.victim.clone()).map(|victim| name_key(&victim)),
        days: group
            .rows
            .iter()
            .find_map(|row| row.date.as_ref())
            .map(|date| date.days()),
        transactions: transactions.into_iter().collect(),
        figures: figures.into_iter().collect(),
    }
}

/// Warns of incidents that may be one, in the table or with the case.
pub(super) fn near(groups: &[Group], known: &[Known], warnings: &mut Vec<Flaw>, names: &Names) {
    let mut all: Vec<Traits> = known.iter().map(|known| known.traits.clone()).collect();
    all.extend(groups.iter().map(traits));
    for pair in alike(&all).pairs {
        let Some(at) = pair.second.checked_sub(known.len()) else {
            continue;
        };
        let other = match pair.first.checked_sub(known.len()) {
            Some(first) => format!(
                "{} of line {}",
                groups[first].id, groups[first].rows[0].line
            ),
            None => format!("{} of the case", all[pair.first].incident),
        };
        let row = &groups[at].rows[0];
        let (column, value) = match &pair.why {
            Likeness::Transaction(id) => (names.transactions.as_ref(), Some(id.as_str())),
            Likeness::Victim => (names.victim.as_ref(), row.victim.as_deref()),
            Likeness::Figure(figure) => (
                names.usd.as_ref().or(names.quantity.as_ref()),
                Some(figure.as_str()),
            ),
        };
        warnings.push(flaw(
            row,
            column,
            value,
            format!("{} may be {other}: {}", groups[at].id, pair.why.words()),
        ));
    }
    for group in groups {
        let said = known.iter().find(|known| known.traits.incident == group.id);
        if let Some(known) = said {
            against(group, known, warnings, names);
        }
    }
}

/// What the case says otherwise of an incident of the same id.
fn against(group: &Group, known: &Known, warnings: &mut Vec<Flaw>, names: &Names) {
    let here = traits(group);
    let row = &group.rows[0];
    if let (Some(case), Some(table)) = (&known.traits.victim, &here.victim)
        && case != table
    {
        let why = format!(
            "the case says another victim of {}; both stand, as claims side by side",
            group.id
        );
        warnings.push(flaw(row, names.victim.as_ref(), row.victim.as_deref(), why));
    }
    if let (Some(case), Some(table)) = (known.traits.days, here.days)
        && !case.overlaps(table)
    {
        let why = format!(
            "the case dates {} to {case}; both stand, as claims side by side",
            group.id
        );
        warnings.push(flaw(
            row,
            names.date.as_ref(),
            row.date.as_ref().map(|date| date.as_str()),
            why,
        ));
    }
    let usd = |traits: &Traits| {
        traits
            .figures
            .iter()
            .filter(|figure| figure.starts_with("USD "))
            .cloned()
            .collect::<BTreeSet<String>>()
    };
    let (case, table) = (usd(&known.traits), usd(&here));
    if !case.is_empty() && !table.is_empty() && table.is_disjoint(&case) {
        let case: Vec<String> = case.into_iter().collect();
        let why = format!(
            "the case says {} of {}; both stand, as claims side by side",
            case.join(", "),
            group.id
        );
        warnings.push(flaw(row, names.usd.as_ref(), None, why));
    }
}
