//! An incident as all claims about it together say it: each value with its claims, conflicts side by side.
//!
//! Folding needs claims alone, in any order of arrival, since their canonical order is known. Incidents that a claim of
//! kind `same-incident` joins are folded as one, under the first of their ids.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::said::{Cite, Gathered, Rank, Said, rank};
use super::same::Same;
use crate::claims::{Body, Claim, Incident, Loss, LossKind, OriginClaim};

/// All that is said of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentView {
    /// Its id; of incidents that are one, the first.
    pub incident: String,
    /// Further ids that claims say are the same incident.
    pub also: Vec<String>,
    /// What it is called.
    pub title: Vec<Said<String>>,
    /// From whom.
    pub victim: Vec<Said<String>>,
    /// What the victim is.
    pub sector: Vec<Said<String>>,
    /// When it was, as precisely as is known.
    pub date: Vec<Said<String>>,
    /// When it was noticed.
    pub discovered: Vec<Said<String>>,
    /// On which chains, CAIP-2; all of them, no conflict.
    pub chains: Vec<Said<String>>,
    /// How it was done, by technique ids; all of them, no conflict.
    pub vectors: Vec<Said<String>>,
    /// Where its trace starts; all of them.
    pub origins: Vec<Said<OriginClaim>>,
    /// Who is said to have done it.
    pub actors: Vec<Said<String>>,
    /// What was stolen, recovered, frozen and reissued, by asset.
    pub losses: Vec<LossView>,
    /// What else is said.
    pub notes: Vec<Said<String>>,
}

/// What was stolen, or became of it, of one asset, or without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossView {
    /// `stolen`, `recovered`, `frozen`, `reissued`.
    pub what: LossKind,
    /// CAIP-19, where the asset is identified.
    pub asset: Option<String>,
    /// What the sources call it, where it is not.
    pub symbol: Option<String>,
    /// How much of it: smallest units of an asset, units of a symbol.
    pub quantity: Vec<Said<String>>,
    /// What the sources say that it was worth.
    pub usd: Vec<Said<String>>,
    /// How the sources come to it.
    pub basis: Vec<Said<String>>,
}

/// The asset of a loss, as losses are gathered.
type Thing = (Option<String>, Option<String>);

#[derive(Default)]
struct Gathering {
    title: Gathered<String>,
    victim: Gathered<String>,
    sector: Gathered<String>,
    date: Gathered<String>,
    discovered: Gathered<String>,
    chains: Gathered<String>,
    vectors: Gathered<String>,
    origins: Gathered<OriginClaim>,
    actors: Gathered<String>,
    notes: Gathered<String>,
    losses: BTreeMap<(LossKind, Thing), [Gathered<String>; 3]>,
}

/// Folds the claims of a case into its incidents, in the order of their ids.
#[must_use]
pub fn fold(claims: &[Claim], same: &Same) -> Vec<IncidentView> {
    let mut all: BTreeMap<&str, Gathering> = BTreeMap::new();
    for (place, claim) in claims.iter().enumerate() {
        let incident = match &claim.body {
            Body::Incident(said) => &said.incident,
            Body::Loss(said) => &said.incident,
            Body::Attribution(said) => &said.incident,
            _ => continue,
        };
        let gathering = all.entry(same.one(incident.as_str())).or_default();
        let rank = rank(claim, place);
        match &claim.body {
            Body::Incident(said) => gathering.incident(&rank, said, claim),
            Body::Loss(said) => gathering.loss(&rank, said, claim),
            Body::Attribution(said) => gathering.actors.add(&rank, said.actor.to_string(), claim),
            _ => {}
        }
    }
    let views = all
        .into_iter()
        .map(|(incident, gathering)| gathering.view(incident, same));
    views.collect()
}

impl Gathering {
    fn incident(&mut self, rank: &Rank, said: &Incident, claim: &Claim) {
        let date = claim.marks.date.as_ref().map(ToString::to_string);
        let discovered = said.discovered.as_ref().map(ToString::to_string);
        for (gathered, value) in [
            (&mut self.title, said.title.clone()),
            (&mut self.victim, said.victim.clone()),
            (&mut self.sector, said.sector.clone()),
            (&mut self.date, date),
            (&mut self.discovered, discovered),
            (&mut self.notes, said.note.clone()),
        ] {
            if let Some(value) = value {
                gathered.add(rank, value, claim);
            }
        }
        for chain in &said.chains {
            self.chains.add(rank, chain.clone(), claim);
        }
        for vector in &said.vectors {
            self.vectors.add(rank, vector.clone(), claim);
        }
        for origin in &said.origins {
            self.origins.add(rank, origin.clone(), claim);
        }
    }

    fn loss(&mut self, rank: &Rank, said: &Loss, claim: &Claim) {
        let asset = said.asset.as_ref().map(ToString::to_string);
        let thing = (asset, said.symbol.clone());
        let [quantity, usd, basis] = self.losses.entry((said.what, thing)).or_default();
        let amount = said.amount.map(|amount| amount.to_string());
        if let Some(amount) =
            amount.or_else(|| said.quantity.map(|quantity| plain(quantity.value())))
        {
            quantity.add(rank, amount, claim);
        }
        if let Some(value) = said.usd {
            usd.add(rank, plain(value.value()), claim);
        }
        if let Some(text) = &said.basis {
            basis.add(rank, text.clone(), claim);
        }
    }

    fn view(self, incident: &str, same: &Same) -> IncidentView {
        let losses =
            self.losses
                .into_iter()
                .map(
                    |((what, (asset, symbol)), [quantity, usd, basis])| LossView {
                        what,
                        asset,
                        symbol,
                        quantity: quantity.ordered(),
                        usd: usd.ordered(),
                        basis: basis.ordered(),
                    },
                );
        IncidentView {
            incident: incident.to_owned(),
            also: same.others(incident),
            title: self.title.ordered(),
            victim: self.victim.ordered(),
            sector: self.sector.ordered(),
            date: self.date.ordered(),
            discovered: self.discovered.ordered(),
            chains: sorted(self.chains.ordered()),
            vectors: sorted(self.vectors.ordered()),
            origins: self.origins.ordered(),
            actors: self.actors.ordered(),
            losses: losses.collect(),
            notes: self.notes.ordered(),
        }
    }
}

/// A number as it is compared: `281.00` and `281` are one figure.
fn plain(value: rust_decimal::Decimal) -> String {
    value.normalize().to_string()
}

/// Things of which several hold stand in their own order.
fn sorted(mut said: Vec<Said<String>>) -> Vec<Said<String>> {
    said.sort_by(|a, b| a.value.cmp(&b.value));
    said
}

impl IncidentView {
    /// The claims it was folded from, each once, by name.
    #[must_use]
    pub fn claims(&self) -> Vec<&Cite> {
        let texts = [
            &self.title,
            &self.victim,
            &self.sector,
            &self.date,
            &self.discovered,
            &self.chains,
            &self.vectors,
            &self.actors,
            &self.notes,
        ];
        let losses = self
            .losses
            .iter()
            .flat_map(|loss| [&loss.quantity, &loss.usd, &loss.basis]);
        let of_texts = texts
            .into_iter()
            .chain(losses)
            .flatten()
            .flat_map(|said| &said.claims);
        let of_origins = self.origins.iter().flat_map(|said| &said.claims);
        let mut all: BTreeMap<&str, &Cite> = BTreeMap::new();
        for cite in of_texts.chain(of_origins) {
            all.entry(&cite.claim).or_insert(cite);
        }
        all.into_values().collect()
    }

    /// Fields of which claims say different values: the field, and how many there are.
    #[must_use]
    pub fn conflicts(&self) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        for (field, values) in [
            ("victim", &self.victim),
            ("sector", &self.sector),
            ("date", &self.date),
            ("discovered", &self.discovered),
        ] {
            found.push((field.to_owned(), values.len()));
        }
        for loss in &self.losses {
            let thing = loss.asset.as_deref().or(loss.symbol.as_deref());
            let name = |what: &str| {
                thing.map_or_else(
                    || format!("{} {what}", loss.what.word()),
                    |thing| format!("{} {what} of {thing}", loss.what.word()),
                )
            };
            found.push((name("quantity"), loss.quantity.len()));
            found.push((name("usd"), loss.usd.len()));
        }
        found.retain(|(_, values)| *values > 1);
        found
    }
}
