//! What others published of a period, beside what the incidents of that same period add up to.
//!
//! A published total has a period and a subject of its own, which are rarely those that were asked for. So each is
//! compared with the incidents of *its* period and actor, and the difference is stated, not explained away.

use serde::Serialize;

use super::folded::Decimals;
use super::said::Cite;
use super::total::{Asked, Caveat, Dated, sum};
use crate::claims::{Body, Claim};
use crate::period::{Lies, Period};

/// A published total, as a claim tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Of which days.
    pub days: Period,
    /// As precisely as the source says: from, to.
    pub from: String,
    /// The end of it.
    pub to: String,
    /// In dollars.
    pub usd: Decimals,
    /// Of what.
    pub what: String,
    /// Of whose thefts, if of one actor's.
    pub actor: Option<String>,
    /// Whether what came back is still in it.
    pub gross: Option<bool>,
    /// Who says so.
    pub cite: Cite,
}

impl Published {
    /// The published totals among the claims, in canonical order.
    #[must_use]
    pub fn of(claims: &[Claim]) -> Vec<Self> {
        let cited = claims.iter().filter_map(|claim| match &claim.body {
            Body::Cited(said) => Some((claim, said)),
            _ => None,
        });
        let published = cited.map(|(claim, said)| Self {
            days: Period {
                first: said.from.days().first,
                last: said.to.days().last,
            },
            from: said.from.to_string(),
            to: said.to.to_string(),
            usd: Decimals(said.usd.value()),
            what: said.what.clone(),
            actor: said.actor.as_ref().map(ToString::to_string),
            gross: said.gross,
            cite: Cite::of(claim),
        });
        published.collect()
    }
}

/// A published total beside ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CitedRow {
    /// Who published it.
    pub source: Option<String>,
    /// Where it can be read.
    pub reference: Option<String>,
    /// The claim that tells it.
    pub claim: String,
    /// The total of what, in the source's words.
    pub what: String,
    /// Its period.
    pub from: String,
    /// Its end.
    pub to: String,
    /// Whether that is the period that was asked for.
    pub same_period: bool,
    /// Of whose thefts, if of one actor's.
    pub actor: Option<String>,
    /// Whether what came back is still in it, if the source says so.
    pub gross: Option<bool>,
    /// What it says.
    pub usd: Decimals,
    /// What the incidents of its own period, and of its actor, add up to: net of what came back, where the source says so
    /// of its total.
    pub itemised: Decimals,
    /// How many they are.
    pub incidents: usize,
    /// How many of them have no value, and add nothing.
    pub without_value: usize,
    /// `usd` without `itemised`; below zero where the incidents come to more.
    pub difference: Decimals,
    /// Incidents whose date lies across an edge of its period: what they would add is not in `itemised`.
    pub straddling: Vec<String>,
}

/// Sets published totals beside ours: all whose period overlaps the one asked for, and whose actor is not another.
pub(crate) fn cited(
    incidents: &[Dated],
    published: &[Published],
    asked: &Asked,
) -> Result<Vec<CitedRow>, String> {
    let fits = |published: &&Published| {
        let of_another = asked
            .actor
            .as_ref()
            .zip(published.actor.as_ref())
            .is_some_and(|(asked, said)| asked != said);
        published.days.overlaps(asked.period) && !of_another
    };
    let mut rows = published
        .iter()
        .filter(fits)
        .map(|published| row(incidents, published, asked))
        .collect::<Result<Vec<_>, String>>()?;
    rows.sort_by(|a, b| {
        (!a.same_period, &a.from, &a.to, &a.claim).cmp(&(!b.same_period, &b.from, &b.to, &b.claim))
    });
    Ok(rows)
}

/// Says what a difference is, where the published total is of the period that was asked for.
pub(crate) fn unexplained(row: &CitedRow) -> Option<Caveat> {
    if !row.same_period || row.difference == Decimals::default() {
        return None;
    }
    let plain = |value: Decimals| value.0.abs().normalize().to_string();
    let (usd, itemised, rest) = (plain(row.usd), plain(row.itemised), plain(row.difference));
    let source = row.source.as_deref().unwrap_or("somebody");
    let rest = if row.difference > Decimals::default() {
        format!("no incident of the case accounts for the other {rest}")
    } else {
        format!("that is {rest} more than was published")
    };
    let without = match row.without_value {
        0 => String::new(),
        count => format!(", {count} of them without a value"),
    };
    let what = format!(
        "{source} published {usd} USD for {} to {}; the {} incidents of that period{without} come to {itemised}, and {rest}",
        row.from, row.to, row.incidents
    );
    Some(Caveat::new("cited", None, what))
}

fn row(incidents: &[Dated], published: &Published, asked: &Asked) -> Result<CitedRow, String> {
    let actor = published.actor.as_ref();
    let (mut values, mut straddling) = (Vec::new(), Vec::new());
    for it in incidents.iter().filter(|it| it.is_of(actor)) {
        match it.days.map(|days| days.lies(published.days)) {
            // What is said to be net is set beside what is net.
            Some(Lies::Within) if published.gross == Some(false) => {
                values.push(it.worth(asked).net);
            }
            Some(Lies::Within) => values.push(it.worth(asked).usd),
            Some(Lies::Across) => straddling.push(it.folded.incident.clone()),
            Some(Lies::Outside) | None => {}
        }
    }
    let count = values.len();
    let without_value = values.iter().filter(|value| value.is_none()).count();
    let itemised = sum(values.into_iter().flatten())?;
    straddling.sort();
    Ok(CitedRow {
        source: published.cite.source.clone(),
        reference: published.cite.reference.clone(),
        claim: published.cite.claim.clone(),
        what: published.what.clone(),
        from: published.from.clone(),
        to: published.to.clone(),
        same_period: published.days == asked.period,
        actor: published.actor.clone(),
        gross: published.gross,
        usd: published.usd,
        itemised,
        incidents: count,
        without_value,
        difference: Decimals(published.usd.0 - itemised.0),
        straddling,
    })
}
