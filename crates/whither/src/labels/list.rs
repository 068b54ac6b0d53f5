//! Who says what of which address (`whither.label-list/1`): names side by side, each with its claims and how many
//! publications stand behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use whither_analysis::trace::Window;
use whither_casework::claims::AddressClaim;
use whither_casework::labels::upstream;
use whither_casework::{Case, Claim, Date, Ledger, Standing, Statement};
use whither_ledger::address::Account;
use whither_ledger::chain::Chain;

use crate::error::Error;
use crate::evidence::known_on;
use crate::knowledge::{account, in_force, said};
use crate::place;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Of these addresses alone.
    pub addresses: Vec<String>,
    /// The chain of those that name none.
    pub chain: Option<Chain>,
    /// Of addresses of this category alone, with all that is said of them.
    pub category: Option<String>,
    /// Only addresses that are called differently.
    pub conflicts: bool,
    /// What was known at the end of this day, or at this time.
    pub as_of: Option<String>,
    /// What was so on this day.
    pub at: Option<String>,
    /// What was retracted too.
    pub retracted: bool,
}

/// Labels by address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelList {
    /// `whither.label-list/1`.
    pub schema: &'static str,
    /// The case.
    pub case: String,
    /// Its state.
    pub revision: String,
    /// As known when.
    pub as_of: Option<String>,
    /// As it was when.
    pub at: Option<String>,
    /// How many claims are listed.
    pub claims: usize,
    /// How many publications stand behind them.
    pub upstreams: usize,
    /// The addresses.
    pub addresses: Vec<AddressRow>,
}

/// What an address is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddressRow {
    /// CAIP-10.
    pub address: String,
    /// Whether claims that stand give it to different ones on the same day. They are shown side by side, and none is
    /// preferred.
    pub conflict: bool,
    /// What it is called, what most publications say first.
    pub names: Vec<NameRow>,
}

/// One whom it is given to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NameRow {
    /// Its name (hostile text).
    pub name: String,
    /// The entity, where claims name one.
    pub entity: Option<String>,
    /// `exchange`, `mixer`, … (hostile text).
    pub category: String,
    /// How many publications say so; copies of one count once.
    pub upstreams: usize,
    /// The surest level among the claims, by its number.
    pub level: Option<u8>,
    /// The claims.
    pub claims: Vec<LabelClaim>,
}

/// A claim on an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelClaim {
    /// Names it.
    pub claim: String,
    /// Its entry.
    pub hash: String,
    /// `label`, `service` or `deposit`.
    pub kind: &'static str,
    /// The name as this claim has it (hostile text).
    pub name: String,
    /// Who says so.
    pub source: Option<String>,
    /// Where (shown, never opened).
    pub reference: Option<String>,
    /// The publication, as it is counted.
    pub upstream: String,
    /// In which pack.
    pub pack: Option<String>,
    /// How they know.
    pub level: Option<String>,
    /// Admiralty grade.
    pub confidence: Option<String>,
    /// When the source said so.
    pub published: Option<String>,
    /// Since when it was so.
    pub valid_from: Option<String>,
    /// Until when.
    pub valid_until: Option<String>,
    /// Since when the case knows.
    pub known_since: String,
    /// When it was retracted.
    pub retracted_at: Option<String>,
}

/// Labels by address, in the order of chains and addresses.
///
/// # Errors
/// Where the case cannot be read, an address is none, or a date.
pub fn list(dir: &Path, asked: &Asked) -> Result<LabelList, Error> {
    let mut ledger = Ledger::open(dir)?;
    let known = asked.as_of.as_deref().map(known_on).transpose()?;
    if let Some(time) = &known {
        ledger = ledger.until(time);
    }
    let mut wanted = BTreeSet::new();
    for text in &asked.addresses {
        wanted.insert(place::account(text, asked.chain.as_ref())?);
    }
    let at = asked.at.as_deref().map(Date::new).transpose()?;
    let mut found: BTreeMap<Account, Vec<Found>> = BTreeMap::new();
    for one in all(&ledger, asked.retracted)? {
        let Some((_, of)) = said(&one.claim) else {
            continue;
        };
        let account = account(&one.claim, of)?;
        let is_wanted = wanted.is_empty() || wanted.contains(&account);
        if is_wanted && at.as_ref().is_none_or(|at| is_valid(of, at)) {
            found.entry(account).or_default().push(one);
        }
    }
    // Who else is said to have an address of the category is no less said of it: a conflict would not be seen otherwise.
    if let Some(category) = &asked.category {
        found.retain(|_, claims| claims.iter().any(|one| is_of(one, category)));
    }
    let rows = found
        .into_iter()
        .map(|(account, claims)| row(&account, claims));
    let rows = rows.filter(|row| row.conflict || !asked.conflicts);
    let addresses: Vec<AddressRow> = rows.collect();
    let claims = || {
        let names = addresses.iter().flat_map(|row| &row.names);
        names.flat_map(|name| &name.claims)
    };
    let upstreams: BTreeSet<&String> = claims().map(|claim| &claim.upstream).collect();
    Ok(LabelList {
        schema: "whither.label-list/1",
        case: ledger.id().to_string(),
        revision: ledger.revision(),
        as_of: known.map(|time| time.to_string()),
        at: asked.at.clone(),
        claims: claims().count(),
        upstreams: upstreams.len(),
        addresses,
    })
}

/// A claim, and when it fell.
struct Found {
    claim: Claim,
    retracted_at: Option<String>,
}

fn all(ledger: &Ledger, retracted: bool) -> Result<Vec<Found>, Error> {
    let standing = Case::of(ledger)?;
    let mut all: Vec<Found> = standing
        .claims()
        .iter()
        .filter(|claim| said(claim).is_some())
        .map(|claim| Found {
            claim: claim.clone(),
            retracted_at: None,
        })
        .collect();
    if !retracted {
        return Ok(all);
    }
    let state = ledger.replay(None);
    let fell: Vec<_> = state
        .retracted
        .iter()
        .filter(|retracted| retracted.entry.kind().is_claim())
        .collect();
    let entries: Vec<_> = fell.iter().map(|retracted| retracted.entry).collect();
    ledger.payloads(&entries, |place, payload| {
        let entry = fell[place].entry;
        let statement = Statement::read_any(entry.kind(), &payload);
        let claim = Claim {
            id: entry.hash(),
            says: Standing {
                claim: entry,
                corrections: Vec::new(),
            }
            .says()
            .hash(),
            handle: statement.handle,
            author: entry.author().clone(),
            number: entry.number(),
            time: entry.time().clone(),
            marks: statement.marks,
            body: statement.body,
        };
        if said(&claim).is_some() {
            let times = fell[place].by.iter().map(|by| by.time().to_string());
            all.push(Found {
                claim,
                retracted_at: times.min(),
            });
        }
        Ok(())
    })?;
    Ok(all)
}

/// Whether a claim names a category or a concept.
fn is_of(one: &Found, category: &str) -> bool {
    said(&one.claim).is_some_and(|(_, of)| {
        let mut words = of.concepts.iter().chain([&of.category]);
        words.any(|word| word == category)
    })
}

/// Whether a label may have been so at some time of a day, month or year.
fn is_valid(of: &AddressClaim, at: &Date) -> bool {
    let asked = at.days();
    let from = of.valid_from.as_ref().map(|from| from.days().first);
    let until = of.valid_until.as_ref().map(|until| until.days().last);
    from.is_none_or(|from| from <= asked.last) && until.is_none_or(|until| until >= asked.first)
}

fn row(account: &Account, claims: Vec<Found>) -> AddressRow {
    let mut by: BTreeMap<String, Vec<&Found>> = BTreeMap::new();
    for one in &claims {
        if let Some((_, of)) = said(&one.claim) {
            by.entry(of.identity().to_lowercase())
                .or_default()
                .push(one);
        }
    }
    let conflict = differ(&by);
    let mut names: Vec<NameRow> = by.values().filter_map(|claims| name(claims)).collect();
    names.sort_by(|a, b| {
        let key = |row: &NameRow| (row.upstreams, row.level);
        key(b).cmp(&key(a)).then_with(|| a.name.cmp(&b.name))
    });
    AddressRow {
        address: account.to_string(),
        conflict,
        names,
    }
}

/// Whether claims that stand give an address to different ones on the same day. One after the other is no conflict.
fn differ(by: &BTreeMap<String, Vec<&Found>>) -> bool {
    let standing = by.iter().flat_map(|(identity, claims)| {
        let stands = claims.iter().filter(|one| one.retracted_at.is_none());
        stands.filter_map(move |one| Some((identity, in_force(said(&one.claim)?.1))))
    });
    // The same days are said over and over: of each name once.
    let mut days: Vec<(&String, Window)> = Vec::new();
    for day in standing {
        if !days.contains(&day) {
            days.push(day);
        }
    }
    let meets = |(one, days): &(&String, Window), (other, others): &(&String, Window)| {
        one != other && days.meets(others)
    };
    days.iter()
        .any(|one| days.iter().any(|other| meets(one, other)))
}

fn name(claims: &[&Found]) -> Option<NameRow> {
    let (_, first) = said(&claims.first()?.claim)?;
    let standing = claims.iter().filter(|one| one.retracted_at.is_none());
    let upstreams: BTreeSet<String> = standing.map(|one| upstream(&one.claim)).collect();
    let levels = claims.iter().filter_map(|one| said(&one.claim)?.1.level);
    Some(NameRow {
        name: first.name.clone(),
        entity: first.entity.as_ref().map(ToString::to_string),
        category: first.category.clone(),
        upstreams: upstreams.len(),
        level: levels.map(|level| level.number()).max(),
        claims: claims.iter().filter_map(|one| label(one)).collect(),
    })
}

fn label(one: &Found) -> Option<LabelClaim> {
    let claim = &one.claim;
    let (says, of) = said(claim)?;
    let date = |date: &Option<Date>| date.as_ref().map(ToString::to_string);
    Some(LabelClaim {
        claim: claim.name(),
        hash: claim.id.to_string(),
        kind: says.name(),
        name: of.name.clone(),
        source: claim.marks.source.clone(),
        reference: claim.marks.reference.clone(),
        upstream: upstream(claim),
        pack: of.pack.clone(),
        level: of.level.map(|level| level.to_string()),
        confidence: claim.marks.confidence.map(|mark| mark.to_string()),
        published: date(&claim.marks.published),
        valid_from: date(&of.valid_from),
        valid_until: date(&of.valid_until),
        known_since: claim.time.to_string(),
        retracted_at: one.retracted_at.clone(),
    })
}
