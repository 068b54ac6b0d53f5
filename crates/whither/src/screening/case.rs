//! The persons, organisations and addresses of a case on sanctions lists, and those whom relations lead to one.
//!
//! Two ways lead to a list: somebody is a hit by name, number or address, or a claim says outright that he is an
//! entry. Everybody else is asked whether relations lead there: the path is shown with its weakest claim, since it is worth
//! as much. Nothing is added up: a name that is alike and a relation that is claimed remain two guesses.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use whither_casework::Case;
use whither_casework::claims::{EntityKind, RelationEnd};
use whither_casework::relations::EntityView;
use whither_ledger::address::parse_account;
use whither_screening::lists::Kind;
use whither_screening::matching::qualifier::{Qualifiers, country};
use whither_screening::matching::screen::Searcher;

use super::decisions::subject;
use super::{AskedList, Judged, asked};
use crate::lists::OpenLists;
use crate::related::{PathRow, to_ends};

/// The most paths that are shown of one subject to one who is listed.
const PATHS_MAX: usize = 3;

/// A case against lists (`whither.screen.case/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScreenedCase {
    /// `whither.screen.case/1`.
    pub schema: &'static str,
    /// The score from which a hit is one.
    pub threshold: u8,
    /// The lists that were asked.
    pub lists: Vec<AskedList>,
    /// The state of the case.
    pub case: String,
    /// How many persons, organisations and addresses were asked for.
    pub asked: u64,
    /// Those that have a hit, or are led to one.
    pub subjects: Vec<CaseRow>,
    /// What must be said with them.
    pub caveats: Vec<String>,
}

/// Somebody or an address of the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseRow {
    /// `entity:ID` or CAIP-10.
    pub subject: String,
    /// What the case calls it (hostile text); the first name of several.
    pub name: Option<String>,
    /// Its own hits, by any of its names, numbers and addresses.
    pub hits: Vec<Judged>,
    /// Who is listed and can be reached by relations.
    pub through: Vec<Through>,
}

/// Somebody who is listed, and how relations lead to him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Through {
    /// `entity:ID`, `list:LIST/REFERENCE` or CAIP-10: the last end of the paths.
    pub end: String,
    /// The likeliest entry he is: of `list:…` the one that is named, if the lists that were asked have it.
    pub hit: Option<Judged>,
    /// The paths, the shortest first, of those the strongest.
    pub paths: Vec<PathRow>,
    /// Whether there are more.
    pub cut: bool,
}

impl ScreenedCase {
    /// Whether nothing was found but what the case has decided to be somebody else.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let clean = |row: &CaseRow| super::is_clean(&row.hits) && row.through.is_empty();
        self.subjects.iter().all(clean)
    }
}

/// Whom relations of a case lead to, by everybody and every address that it knows.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    by_subject: BTreeMap<String, Vec<Through>>,
}

impl Relations {
    /// Asks a case once, so that many questions can be put to it.
    #[must_use]
    pub fn of(case: &Case, lists: &OpenLists, threshold: u8) -> Self {
        let mut relations = Self::default();
        for row in screen_case(case, lists, threshold).subjects {
            if row.through.is_empty() {
                continue;
            }
            let mut called: BTreeSet<String> = row.name.iter().map(|name| subject(name)).collect();
            let last = row.subject.rsplit(':').next().unwrap_or_default();
            called.extend([subject(last), subject(&row.subject)]);
            let id = row.subject.strip_prefix("entity:");
            let entity = id.and_then(|id| EntityView::of(case, id));
            let names = entity.iter().flat_map(|view| &view.names);
            called.extend(names.map(|(name, _)| subject(name)));
            for name in called {
                let known = relations.by_subject.entry(name).or_default();
                known.extend(row.through.iter().cloned());
            }
        }
        relations
    }

    /// Whom they lead to from whoever is called so, or from an address.
    #[must_use]
    pub fn from(&self, asked: &str) -> Vec<Through> {
        let found = self.by_subject.get(&subject(asked));
        found.cloned().unwrap_or_default()
    }
}

/// Somebody with what the lists say of him.
struct Subject {
    name: Option<String>,
    hits: BTreeMap<(String, String), Judged>,
}

impl Subject {
    fn named(name: Option<String>) -> Self {
        Self {
            name,
            hits: BTreeMap::new(),
        }
    }

    /// Keeps of each entry the best hit: one that somebody has dismissed hides none that nobody has looked at.
    fn add(&mut self, found: Vec<Judged>) {
        for one in found {
            let key = (one.hit.list.clone(), one.hit.entry.clone());
            let known = self.hits.get(&key);
            if known.is_none_or(|known| known.rank() < one.rank()) {
                self.hits.insert(key, one);
            }
        }
    }

    /// The hits that stand, the likeliest first.
    fn sorted(&self) -> Vec<Judged> {
        let mut hits: Vec<Judged> = self.hits.values().cloned().collect();
        hits.sort_by_key(|one| std::cmp::Reverse(one.hit.score));
        hits
    }

    fn best(&self) -> Option<Judged> {
        self.sorted().into_iter().find(|one| !one.is_dismissed())
    }
}

/// Asks for everybody and every address of a case.
#[must_use]
pub fn screen_case(case: &Case, lists: &OpenLists, threshold: u8) -> ScreenedCase {
    let mut caveats = lists.caveats.clone();
    let mut subjects: BTreeMap<RelationEnd, Subject> = BTreeMap::new();
    let mut searcher = Searcher::default();
    persons(
        case,
        lists,
        threshold,
        (&mut searcher, &mut subjects),
        &mut caveats,
    );
    addresses(
        case,
        lists,
        threshold,
        (&mut searcher, &mut subjects),
        &mut caveats,
    );
    let mut listed: BTreeMap<RelationEnd, Option<Judged>> = BTreeMap::new();
    for (end, subject) in &subjects {
        if let Some(best) = subject.best() {
            listed.insert(end.clone(), Some(best));
        }
    }
    let mut others = named(case, lists, &mut listed, &mut caveats);
    others.extend(subjects.keys().cloned());
    let mut through = to_ends(case, &others, &listed.keys().cloned().collect(), PATHS_MAX);
    let mut rows = Vec::new();
    for end in &others {
        let found = through.remove(end).unwrap_or_default();
        let known = subjects.get(end);
        let hits = known.map(Subject::sorted).unwrap_or_default();
        if hits.is_empty() && found.is_empty() {
            continue;
        }
        let through = found.into_iter().map(|(to, paths)| Through {
            end: to.to_string(),
            hit: listed.get(&to).cloned().flatten(),
            paths: paths.paths,
            cut: paths.cut,
        });
        rows.push(CaseRow {
            subject: end.to_string(),
            name: known.and_then(|known| known.name.clone()),
            hits,
            through: through.collect(),
        });
    }
    ScreenedCase {
        schema: "whither.screen.case/1",
        threshold,
        lists: asked(lists),
        case: case.revision(),
        asked: others.len() as u64,
        subjects: rows,
        caveats,
    }
}

/// The ends that relations name: entries go to those that are listed, all others are given.
fn named(
    case: &Case,
    lists: &OpenLists,
    listed: &mut BTreeMap<RelationEnd, Option<Judged>>,
    caveats: &mut Vec<String>,
) -> BTreeSet<RelationEnd> {
    let mut others = BTreeSet::new();
    for (_, relation) in case.relations() {
        for end in [&relation.from, &relation.to] {
            match end {
                RelationEnd::Listed { list, reference } => {
                    let found = lists.screen.entry(list.as_str(), reference);
                    if found.is_none() && !listed.contains_key(end) {
                        caveats.push(format!(
                            "a relation names {end}, which the lists that were asked do not hold"
                        ));
                    }
                    let judged = found.map(|hit| {
                        lists
                            .decisions
                            .judge(reference, &Qualifiers::default(), hit)
                    });
                    listed.insert(end.clone(), judged);
                }
                RelationEnd::Entity(_) | RelationEnd::Account(_) => {
                    others.insert(end.clone());
                }
                RelationEnd::Incident(_) => {}
            }
        }
    }
    others
}

type Found<'a> = (&'a mut Searcher, &'a mut BTreeMap<RelationEnd, Subject>);

/// Everybody, by each name and number, with what is known of birth and state.
fn persons(
    case: &Case,
    lists: &OpenLists,
    threshold: u8,
    (searcher, subjects): Found<'_>,
    caveats: &mut Vec<String>,
) {
    for id in EntityView::all(case).keys() {
        let (Ok(end), Some(view)) = (format!("entity:{id}").parse(), EntityView::of(case, id))
        else {
            continue;
        };
        let name = view.names.first().map(|(name, _)| (*name).to_owned());
        let mut subject = Subject::named(name);
        for (claim, entity) in &view.claims {
            let unread = entity
                .nationality
                .as_ref()
                .filter(|text| country(text).is_none());
            caveats.extend(unread.map(|text| {
                format!(
                    "claim {} names the state {}, which is none that is known: its names were asked without a state",
                    claim.name(),
                    whither_report::text::visible(text)
                )
            }));
            let mut known = Qualifiers {
                kind: Some(match entity.kind {
                    EntityKind::Person => Kind::Person,
                    EntityKind::Organisation | EntityKind::Group => Kind::Organisation,
                    EntityKind::Vessel => Kind::Vessel,
                }),
                birth: entity
                    .born
                    .as_ref()
                    .and_then(|born| Qualifiers::birth(&born.to_string())),
                country: entity
                    .nationality
                    .clone()
                    .filter(|text| country(text).is_some()),
                ..Qualifiers::default()
            };
            for name in &entity.names {
                let found = lists.screen.ask_name(name, &known, threshold, searcher);
                subject.add(judged(lists, (name, &known), found));
            }
            for identifier in &entity.identifiers {
                known.document = Some(identifier.number.clone());
                let found = lists.screen.ask_name("", &known, threshold, searcher);
                subject.add(judged(lists, (&identifier.number, &known), found));
            }
        }
        subjects.insert(end, subject);
    }
}

fn judged(
    lists: &OpenLists,
    (asked, known): (&str, &Qualifiers),
    found: Vec<whither_screening::matching::screen::Hit>,
) -> Vec<Judged> {
    let found = found.into_iter();
    found
        .map(|hit| lists.decisions.judge(asked, known, hit))
        .collect()
}

/// Every address that a label or a relation names, and the names of labels.
fn addresses(
    case: &Case,
    lists: &OpenLists,
    threshold: u8,
    (searcher, subjects): Found<'_>,
    caveats: &mut Vec<String>,
) {
    let mut ask = |end: RelationEnd, address: &str, name: Option<&str>| {
        let subject = subjects.entry(end).or_insert_with(|| Subject::named(None));
        let known = Qualifiers::default();
        let found = lists.screen.ask_address(address);
        subject.add(judged(lists, (address, &known), found));
        if let Some(name) = name {
            subject.name.get_or_insert_with(|| name.to_owned());
            let found = lists.screen.ask_name(name, &known, threshold, searcher);
            subject.add(judged(lists, (name, &known), found));
        }
    };
    let labels = case.services().chain(case.deposits()).chain(case.labels());
    for (claim, said) in labels {
        match parse_account(&said.address, None) {
            Ok(account) => ask(
                RelationEnd::Account(account),
                &said.address,
                Some(&said.name),
            ),
            Err(error) => caveats.push(format!("claim {} was not asked: {error}", claim.name())),
        }
    }
    for (_, relation) in case.relations() {
        for end in [&relation.from, &relation.to] {
            if let RelationEnd::Account(account) = end {
                ask(end.clone(), &account.to_string(), None);
            }
        }
    }
}
