//! The incidents of a case, a line each (`whither.incidents/1`).

use serde::Serialize;
use whither_casework::Lies;
use whither_casework::incidents::{Caveat, Decimals, Folded, Held, Kept};

use super::{missing, period};
use crate::error::Error;

/// Which incidents are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// From this date on: a day, a month or a year.
    pub from: Option<String>,
    /// Up to this date, all of it included.
    pub to: Option<String>,
    /// Attributed to this actor, by at least one claim.
    pub actor: Option<String>,
    /// Of this sector.
    pub sector: Option<String>,
    /// On this chain, CAIP-2.
    pub chain: Option<String>,
    /// By this technique.
    pub vector: Option<String>,
    /// Whose victim or title holds this text.
    pub victim: Option<String>,
}

/// The incidents of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incidents {
    /// `whither.incidents/1`.
    pub schema: &'static str,
    /// The case.
    pub case: String,
    /// Its state.
    pub revision: String,
    /// The incidents, by date.
    pub incidents: Vec<IncidentLine>,
    /// What a reader must know.
    pub caveats: Vec<Caveat>,
}

/// An incident, as the claims of most weight say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentLine {
    /// Its id.
    pub incident: String,
    /// When, as precisely as is known.
    pub date: Option<String>,
    /// What it is called.
    pub title: Option<String>,
    /// From whom.
    pub victim: Option<String>,
    /// What the victim is.
    pub sector: Option<String>,
    /// Who is said to have done it.
    pub actors: Vec<String>,
    /// By which techniques.
    pub vectors: Vec<String>,
    /// On which chains.
    pub chains: Vec<String>,
    /// The value that claims give.
    pub usd: Option<Decimals>,
    /// The least that a claim says.
    pub min: Option<Decimals>,
    /// The most that a claim says.
    pub max: Option<Decimals>,
    /// What was stolen, by asset.
    pub stolen: Vec<Held>,
    /// In how many fields claims say different things.
    pub conflicts: usize,
    /// How many claims there are.
    pub claims: usize,
}

/// Lists incidents, of a case as [`super::kept`] gives it.
///
/// # Errors
/// Where a date of the filter is none.
pub fn list(kept: Kept, filter: &Filter) -> Result<Incidents, Error> {
    let period = period(filter.from.as_deref(), filter.to.as_deref())?;
    let dated = filter.from.is_some() || filter.to.is_some();
    let caveats = missing(&kept);
    let wanted = kept.folded.into_iter();
    let wanted = wanted.map(|folded| (folded.days(), folded));
    let mut wanted: Vec<_> = wanted
        .filter(|(days, folded)| {
            (!dated || days.is_some_and(|days| days.lies(period) != Lies::Outside))
                && fits(folded, filter)
        })
        .collect();
    wanted.sort_by(|(days, a), (other, b)| (days, &a.incident).cmp(&(other, &b.incident)));
    Ok(Incidents {
        schema: "whither.incidents/1",
        case: kept.case.to_string(),
        revision: kept.revision,
        incidents: wanted
            .into_iter()
            .map(|(_, folded)| IncidentLine::from(folded))
            .collect(),
        caveats,
    })
}

fn fits(folded: &Folded, filter: &Filter) -> bool {
    let among = |wanted: &Option<String>, all: &[String]| {
        wanted.as_ref().is_none_or(|wanted| all.contains(wanted))
    };
    let lower = |text: &String| text.to_lowercase();
    let named = filter.victim.as_ref().map(lower).is_none_or(|wanted| {
        let names = [&folded.victim, &folded.title];
        names
            .into_iter()
            .flatten()
            .map(lower)
            .any(|name| name.contains(&wanted))
    });
    among(&filter.actor, &folded.actors)
        && among(&filter.chain, &folded.chains)
        && among(&filter.vector, &folded.vectors)
        && filter
            .sector
            .as_ref()
            .is_none_or(|wanted| folded.sector.as_ref() == Some(wanted))
        && named
}

impl From<Folded> for IncidentLine {
    fn from(folded: Folded) -> Self {
        let figure = folded.claimed;
        Self {
            incident: folded.incident,
            date: folded.date,
            title: folded.title,
            victim: folded.victim,
            sector: folded.sector,
            actors: folded.actors,
            vectors: folded.vectors,
            chains: folded.chains,
            usd: figure.as_ref().map(|figure| figure.usd),
            min: figure.as_ref().map(|figure| figure.min),
            max: figure.as_ref().map(|figure| figure.max),
            stolen: folded.stolen,
            conflicts: folded.conflicts,
            claims: folded.claims,
        }
    }
}
