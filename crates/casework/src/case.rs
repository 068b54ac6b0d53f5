//! A case, opened to be asked: the claims in force, read, in the canonical order.
//!
//! The ledger knows entries and which of them stand; what they say is read here. Nothing is folded: claims of
//! several people about one incident stand side by side, and whoever needs one value says by which rule it is
//! chosen ([`Claim::weight`]).

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use crate::claims::{
    AddressClaim, Alike, Assessment, Attribution, Body, Cited, Claim, Comment, Continuation,
    Decision, Descriptor, Draft, Edition, Entity, Evidence, Finding, Freeze, Hands, Hypothesis,
    Incident, Loss, Relation, Reply, Ruling, Secret, Source, Statement,
};
use crate::entry::Entry;
use crate::error::CaseError;
use crate::hash::Hash;
use crate::head::Head;
use crate::ledger::Ledger;
use crate::marks::{Confidence, Marks};
use crate::replay::Standing;
use crate::words::{CaseId, Date, Time};

/// The claims of a case that stand, at its present or as known on a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    id: CaseId,
    name: String,
    head: Head,
    claims: Vec<Claim>,
}

impl Case {
    /// Opens the case in a directory, at its present.
    ///
    /// # Errors
    /// As [`Ledger::open`]; [`CaseError::Damaged`] if a payload is not what its entry commits to.
    pub fn open(dir: &Path) -> Result<Self, CaseError> {
        Self::of(&Ledger::open(dir)?)
    }

    /// Opens the case as known on a date: from the entries of that time and before.
    ///
    /// # Errors
    /// As [`Case::open`].
    pub fn open_as_of(dir: &Path, time: &Time) -> Result<Self, CaseError> {
        Self::of(&Ledger::open(dir)?.until(time))
    }

    /// Opens the case as it was when it had a head.
    ///
    /// # Errors
    /// As [`Case::open`]; [`CaseError::Damaged`] if the head is not of this case, or names entries that are gone.
    pub fn at_head(dir: &Path, head: &Head) -> Result<Self, CaseError> {
        Self::of(&Ledger::open(dir)?.at(head)?)
    }

    /// The claims of a ledger that is open.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] if a payload is not what its entry commits to.
    pub fn of(ledger: &Ledger) -> Result<Self, CaseError> {
        let state = ledger.replay(None);
        let says: Vec<&Entry> = state.claims.iter().map(Standing::says).collect();
        let mut claims: Vec<Claim> = state.claims.iter().map(withheld).collect();
        ledger.payloads(&says, |place, payload| {
            let claim = &mut claims[place];
            let statement = Statement::read_any(state.claims[place].claim.kind(), &payload);
            claim.handle = statement.handle;
            claim.marks = statement.marks;
            claim.body = statement.body;
            Ok(())
        })?;
        Ok(Self {
            id: ledger.id().clone(),
            name: ledger.name().to_owned(),
            head: ledger.head(),
            claims,
        })
    }

    /// A case of claims that are known, in the canonical order.
    pub(crate) fn made(id: CaseId, name: String, head: Head, claims: Vec<Claim>) -> Self {
        Self {
            id,
            name,
            head,
            claims,
        }
    }

    /// Names the case among all cases.
    #[must_use]
    pub fn id(&self) -> &CaseId {
        &self.id
    }

    /// What people call the case.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How far each log goes.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The state of the case as a finding names it.
    #[must_use]
    pub fn revision(&self) -> String {
        self.head.revision()
    }

    /// All claims in force, in the canonical order.
    #[must_use]
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The case as it would be if a claim were struck. Head and revision stay, since nothing is written.
    #[must_use]
    pub fn without(&self, id: Hash) -> Self {
        let mut case = self.clone();
        case.claims.retain(|claim| claim.id != id);
        case
    }

    /// The claims that a handle or a hash names; two authors may have used one handle.
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<&Claim> {
        let is_named = |claim: &&Claim| {
            claim
                .handle
                .as_ref()
                .is_some_and(|handle| handle.as_str() == name)
                || claim.id.to_string() == name
        };
        self.claims.iter().filter(is_named).collect()
    }

    /// What is said of an incident as a whole, the claim of most weight first.
    #[must_use]
    pub fn incident(&self, id: &str) -> Vec<(&Claim, &Incident)> {
        let about = self.incidents();
        let mut claims: Vec<(&Claim, &Incident)> = about
            .filter(|(_, incident)| incident.incident.as_str() == id)
            .collect();
        claims.sort_by(|(a, _), (b, _)| a.weight().cmp(&b.weight()));
        claims
    }
}

/// Accessors by kind: the claims of that kind, each with what it says.
macro_rules! by_kind {
    ($($(#[$doc:meta])* $name:ident: $kind:ident($fields:ty),)*) => {
        impl Case {
            $($(#[$doc])*
            pub fn $name(&self) -> impl Iterator<Item = (&Claim, &$fields)> {
                self.claims.iter().filter_map(|claim| match &claim.body {
                    Body::$kind(fields) => Some((claim, fields)),
                    _ => None,
                })
            })*
        }
    };
}

by_kind! {
    /// What is said of thefts as a whole.
    incidents: Incident(Incident),
    /// What thefts took, and what came of it.
    losses: Loss(Loss),
    /// Who did them.
    attributions: Attribution(Attribution),
    /// Totals that somebody published.
    cited: Cited(Cited),
    /// Incidents that are said to be one.
    same_incidents: SameIncident(Alike),
    /// Incidents that are said to be several.
    distinct_incidents: DistinctIncidents(Alike),
    /// Addresses of services.
    services: Service(AddressClaim),
    /// Addresses of services' customers.
    deposits: Deposit(AddressClaim),
    /// Names of addresses.
    labels: Label(AddressClaim),
    /// Addresses that are said to be in one hand.
    same_hands: SameHand(Hands),
    /// Addresses that are said to be in several.
    distinct_hands: DistinctHands(Hands),
    /// Persons, organisations, groups and vessels.
    entities: Entity(Entity),
    /// How they belong together.
    relations: Relation(Relation),
    /// Where money goes on that the chain cannot tell.
    continuations: Continuation(Continuation),
    /// Steps in getting money frozen.
    freezes: Freeze(Freeze),
    /// What was decided about hits on sanctions lists.
    decisions: Decision(Decision),
    /// Records of sources.
    sources: Source(Source),
    /// How sources may be called in public.
    descriptors: Descriptor(Descriptor),
    /// Answers to who did it.
    hypotheses: Hypothesis(Hypothesis),
    /// What speaks for or against them.
    evidence: Evidence(Evidence),
    /// What is said of them in the end.
    assessments: Assessment(Assessment),
    /// Computations whose results were kept.
    findings: Finding(Finding),
    /// Revisions of reports.
    drafts: Draft(Draft),
    /// What people say of them.
    comments: Comment(Comment),
    /// What becomes of that.
    rulings: Ruling(Ruling),
    /// Answers of those who are named.
    replies: Reply(Reply),
    /// Editions that were given out.
    editions: Edition(Edition),
    /// What their salts come of.
    secrets: Secret(Secret),
}

impl Claim {
    /// Where one value must be used, the claim of the least weight counts: the best confidence first (reliability,
    /// then credibility; unmarked last), then the latest `published`. Claims alike in both stand in the canonical
    /// order, which a stable sort keeps.
    #[must_use]
    pub fn weight(&self) -> (bool, Option<Confidence>, Reverse<Option<&Date>>) {
        let confidence = self.marks.confidence;
        (
            confidence.is_none(),
            confidence,
            Reverse(self.marks.published.as_ref()),
        )
    }
}

/// A standing claim, as long as its payload was not met.
fn withheld(standing: &Standing<'_>) -> Claim {
    let entry = standing.claim;
    Claim {
        id: entry.hash(),
        says: standing.says().hash(),
        handle: None,
        author: entry.author().clone(),
        number: entry.number(),
        time: entry.time().clone(),
        marks: Marks::default(),
        body: Body::Withheld {
            kind: entry.kind().clone(),
        },
    }
}

/// The nearest case at or above a directory.
#[must_use]
pub fn find(from: &Path) -> Option<PathBuf> {
    from.ancestors()
        .find(|dir| dir.join("log").is_dir() && dir.join("case.json").is_file())
        .map(Path::to_owned)
}
