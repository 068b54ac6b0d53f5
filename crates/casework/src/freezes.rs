//! Requests to freeze, each from the steps that people claim: how far it is, since when, and what stays where it is.
//!
//! Steps count by when they were taken, then in the order of the log. The last that is no recovery says how far the request
//! is. What was given back adds up over its steps; what is frozen is what the last step `frozen` says, less what was given
//! back since of the same asset: amounts of two assets are no sum. A freeze that was refused or that lapsed afterwards holds nothing.

use std::collections::BTreeMap;

use whither_ledger::U256;

use crate::case::Case;
use crate::claims::{AssetId, Claim, Freeze, FreezeState};

/// A request with its steps.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Its name.
    pub request: String,
    /// Its steps, in the order in which they were taken.
    pub steps: Vec<(&'a Claim, &'a Freeze)>,
}

/// What stays at a place by a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stays<'a> {
    /// The claim that says so.
    pub claim: &'a Claim,
    /// What it says.
    pub said: &'a Freeze,
    /// How much of it, smallest units.
    pub amount: U256,
}

/// The requests of a case, by name.
#[must_use]
pub fn requests(case: &Case) -> Vec<Request<'_>> {
    let mut found: BTreeMap<&str, Vec<(&Claim, &Freeze)>> = BTreeMap::new();
    for (claim, said) in case.freezes() {
        found
            .entry(said.request.as_str())
            .or_default()
            .push((claim, said));
    }
    let mut all = Vec::new();
    for (request, mut steps) in found {
        // The claims of a case stand in the order of its log; a stable sort keeps it among those of one moment.
        steps.sort_by(|a, b| a.1.at.cmp(&b.1.at));
        all.push(Request {
            request: request.to_owned(),
            steps,
        });
    }
    all
}

impl<'a> Request<'a> {
    /// The step that says how far it is, and since when: the last.
    #[must_use]
    pub fn last(&self) -> Option<(&'a Claim, &'a Freeze)> {
        self.steps.last().copied()
    }

    /// The first step of a state.
    #[must_use]
    pub fn first(&self, state: FreezeState) -> Option<(&'a Claim, &'a Freeze)> {
        let mut steps = self.steps.iter().copied();
        steps.find(|(_, said)| said.state == state)
    }

    /// What is frozen, by the last step that says so and that none undoes; nothing where all of it came back.
    #[must_use]
    pub fn frozen(&self) -> Option<Stays<'a>> {
        let mut held: Option<Stays<'a>> = None;
        for (claim, said) in &self.steps {
            let amount = said.amount.map_or(U256::ZERO, |amount| amount.0);
            match said.state {
                FreezeState::Frozen => {
                    held = Some(Stays {
                        claim,
                        said,
                        amount,
                    });
                }
                FreezeState::Refused | FreezeState::Expired => held = None,
                FreezeState::Recovered => {
                    let same = held.as_mut().filter(|held| held.said.asset == said.asset);
                    if let Some(held) = same {
                        held.amount = held.amount.saturating_sub(amount);
                    }
                }
                FreezeState::Requested | FreezeState::Acknowledged => {}
            }
        }
        held.filter(|held| !held.amount.is_zero())
    }

    /// The assets that its steps name, in the order of the steps, each once. There is one, unless claims were brought in
    /// from elsewhere.
    #[must_use]
    pub fn assets(&self) -> Vec<&'a AssetId> {
        let mut found: Vec<&'a AssetId> = Vec::new();
        for (_, said) in &self.steps {
            if !found.contains(&&said.asset) {
                found.push(&said.asset);
            }
        }
        found
    }

    /// What came back, step by step.
    pub fn recovered(&self) -> impl Iterator<Item = Stays<'a>> + '_ {
        let steps = self.steps.iter();
        let back = steps.filter(|(_, said)| said.state == FreezeState::Recovered);
        back.map(|(claim, said)| Stays {
            claim,
            said,
            amount: said.amount.map_or(U256::ZERO, |amount| amount.0),
        })
    }
}
