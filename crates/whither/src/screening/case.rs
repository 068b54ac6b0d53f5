//! The persons, organisations and addresses of a case on sanctions lists, and those whom relations lead to one.
//!
//! Two ways lead to a list: somebody is a hit by name, number or address, or a claim says outright that he is an
//! entry. Everybody is asked whether relations lead there: the path is shown with its weakest claim, since it is worth
//! as much. Nothing is added up: a name that is alike and a relation that is claimed remain two guesses. A path ends at an
//! entry, and at one who is proven to be listed; it goes on behind a name that is no more than alike.
//!
//! Not here: how paths are found, and what is asked of them one by one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use whither_casework::Case;
use whither_casework::claims::{EntityKind, RelationEnd, Verdict};
use whither_casework::relations::EntityView;
use whither_ledger::address::parse_account;
use whither_screening::lists::Kind;
use whither_screening::matching::qualifier::{Qualifiers, country};
use whither_screening::matching::screen::Searcher;

use super::paths::Ties;
use super::{AskedList, Judged, asked};
use crate::lists::OpenLists;
use crate::related::PathRow;

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
    /// The likeliest entry he is: of `list:…` the one that is named, if the lists that were asked have it. Its decision is
    /// about the one who is led there, where there is such a one, else about him.
    pub hit: Option<Judged>,
    /// The paths, the shortest first, of those the strongest.
    pub paths: Vec<PathRow>,
    /// Whether there are more.
    pub cut: bool,
}

impl Through {
    /// Whether nobody must look: the case has decided that it is somebody else, or no list that was asked holds the entry.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.hit.as_ref().is_none_or(Judged::is_dismissed)
    }
}

impl ScreenedCase {
    /// Whether nothing was found but what the case has decided to be somebody else.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let clean =
            |row: &CaseRow| super::is_clean(&row.hits) && row.through.iter().all(Through::is_clean);
        self.subjects.iter().all(clean)
    }
}

/// A question as somebody may put it: the text, and what is known of the one who is asked for.
type Asked = (String, Qualifiers);

/// Somebody with what the lists say of him.
struct Subject {
    name: Option<String>,
    hits: BTreeMap<(String, String), Judged>,
    /// How he may be asked for: a decision about any of them is about him.
    asked: Vec<Asked>,
}

impl Subject {
    fn named(name: Option<String>) -> Self {
        Self {
            name,
            hits: BTreeMap::new(),
            asked: Vec::new(),
        }
    }

    /// Keeps of each entry the best hit: one that somebody has dismissed hides none that nobody has looked at.
    fn add(&mut self, (asked, known): (&str, &Qualifiers), found: Vec<Judged>) {
        self.asked.push((asked.to_owned(), known.clone()));
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
        hits.sort_by_key(|one| Reverse(one.hit.score));
        hits
    }

    /// Of the hits that nobody has dismissed the first that is proven, else the likeliest.
    fn best(&self) -> Option<Judged> {
        let standing = self.sorted().into_iter().filter(|one| !one.is_dismissed());
        standing.min_by_key(|one| Reverse((is_proven(one), one.hit.score)))
    }
}

/// Whether a hit is more than a name that is alike: nothing differs, a document or an address is listed, or somebody has
/// decided that it is the one.
fn is_proven(judged: &Judged) -> bool {
    let decided = judged.decision.as_ref();
    let is_true = decided.is_some_and(|it| it.in_force && it.decision == Verdict::True);
    is_true || judged.hit.score == 100
}

/// Somebody whom relations may lead to.
struct Listed {
    hit: Option<Judged>,
    /// Whether paths end there.
    ends: bool,
}

/// What lists and relations say of a case, before what was decided about those whom relations lead to.
pub(super) struct Gathered {
    /// Those that have a hit or are led to one, each with how he may be asked for.
    pub rows: Vec<(CaseRow, Vec<Asked>)>,
    /// How many were asked for.
    pub asked: u64,
    /// What is to be said of entries that relations name and no list that was asked holds, by the end of the relation.
    pub unheld: BTreeMap<String, String>,
    /// What must be said with them, this included.
    pub caveats: Vec<String>,
}

/// Asks for everybody and every address of a case.
#[must_use]
pub fn screen_case(case: &Case, lists: &OpenLists, threshold: u8) -> ScreenedCase {
    let gathered = gather(case, lists, threshold);
    let decided = |(mut row, asked): (CaseRow, Vec<Asked>)| {
        for through in &mut row.through {
            let hit = through.hit.take();
            through.hit = hit.map(|hit| decided(lists, &asked, hit));
        }
        row
    };
    ScreenedCase {
        schema: "whither.screen.case/1",
        threshold,
        lists: asked(lists),
        case: case.revision(),
        asked: gathered.asked,
        subjects: gathered.rows.into_iter().map(decided).collect(),
        caveats: gathered.caveats,
    }
}

/// A hit that relations lead to, with what was decided about it and the one who is led there, however he was asked for.
fn decided(lists: &OpenLists, asked: &[Asked], hit: Judged) -> Judged {
    let own = asked
        .iter()
        .filter_map(|(text, known)| lists.decisions.led(text, (known, &[]), &hit.hit))
        .max_by_key(Judged::weight);
    own.unwrap_or(hit)
}

/// Asks for everybody and every address, and for whom relations lead to.
pub(super) fn gather(case: &Case, lists: &OpenLists, threshold: u8) -> Gathered {
    let mut caveats = lists.caveats.clone();
    let mut subjects: BTreeMap<RelationEnd, Subject> = BTreeMap::new();
    let mut searcher = Searcher::default();
    let found: Found<'_> = (&mut searcher, &mut subjects);
    persons(case, lists, threshold, found, &mut caveats);
    let found: Found<'_> = (&mut searcher, &mut subjects);
    addresses(case, lists, threshold, found, &mut caveats);
    let mut listed: BTreeMap<RelationEnd, Listed> = BTreeMap::new();
    for (end, subject) in &subjects {
        if let Some(best) = subject.best() {
            let ends = is_proven(&best);
            let hit = Some(best);
            listed.insert(end.clone(), Listed { hit, ends });
        }
    }
    let ties = Ties::of(case);
    let (mut others, unheld) = named(case, lists, &mut listed);
    caveats.extend(unheld.values().cloned());
    others.extend(ties.ends().cloned());
    others.extend(subjects.keys().cloned());
    let targets = listed.iter().map(|(end, it)| (end.clone(), it.ends));
    let mut ways = ties.ways(&others, &targets.collect());
    let mut rows = Vec::new();
    for end in &others {
        let mut found = ways.remove(end).unwrap_or_default();
        let known = subjects.get(end);
        let hits = known.map(Subject::sorted).unwrap_or_default();
        if hits.is_empty() && found.is_empty() {
            continue;
        }
        // Who is proven to be listed stands before whose name is alike.
        found.sort_by_key(|(to, _)| Reverse(listed.get(to).is_some_and(|it| it.ends)));
        let through = found.into_iter().map(|(to, paths)| Through {
            end: to.to_string(),
            hit: listed.get(&to).and_then(|it| it.hit.clone()),
            paths: paths.paths,
            cut: paths.cut,
        });
        let row = CaseRow {
            subject: end.to_string(),
            name: known.and_then(|known| known.name.clone()),
            hits,
            through: through.collect(),
        };
        let mut asked = ids(&row.subject);
        asked.extend(known.iter().flat_map(|known| known.asked.iter().cloned()));
        rows.push((row, asked));
    }
    Gathered {
        rows,
        asked: others.len() as u64,
        unheld,
        caveats,
    }
}

/// How somebody may be asked for by what the case tells him apart by: `entity:ID` or `ID`, an address with its chain or alone.
fn ids(subject: &str) -> Vec<Asked> {
    let last = subject.rsplit(':').next().unwrap_or_default();
    let all = [subject, last].map(|text| (text.to_owned(), Qualifiers::default()));
    all.into()
}

/// The ends that relations name: entries go to those that are listed, all others are given, and what is to be said of entries
/// that no list holds.
fn named(
    case: &Case,
    lists: &OpenLists,
    listed: &mut BTreeMap<RelationEnd, Listed>,
) -> (BTreeSet<RelationEnd>, BTreeMap<String, String>) {
    let mut others = BTreeSet::new();
    let mut unheld = BTreeMap::new();
    for (_, relation) in case.relations() {
        for end in [&relation.from, &relation.to] {
            match end {
                RelationEnd::Listed { list, reference } => {
                    let hit = lists.screen.entry(list.as_str(), reference).map(|hit| {
                        let known = Qualifiers::default();
                        lists.decisions.judge(reference, &known, hit)
                    });
                    if hit.is_none() {
                        unheld.insert(end.to_string(), not_held(lists, list.as_str(), end));
                    }
                    let ends = hit.is_some();
                    listed.insert(end.clone(), Listed { hit, ends });
                }
                RelationEnd::Entity(_) | RelationEnd::Account(_) => {
                    others.insert(end.clone());
                }
                RelationEnd::Incident(_) => {}
            }
        }
    }
    (others, unheld)
}

/// What is to be said of an entry that a relation names and no list that was asked holds.
fn not_held(lists: &OpenLists, list: &str, end: &RelationEnd) -> String {
    let mut versions = lists.screen.versions().iter();
    match versions.find(|version| version.list == list) {
        Some(version) => format!(
            "a relation names {end}: the entry is not in the list's version of {}",
            version.date
        ),
        None => format!("a relation names {end}: the list was not asked"),
    }
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
                subject.add((name, &known), judged(lists, (name, &known), found));
            }
            for identifier in &entity.identifiers {
                known.document = Some(identifier.number.clone());
                let found = lists.screen.ask_name("", &known, threshold, searcher);
                let asked = (identifier.number.as_str(), &known);
                subject.add(asked, judged(lists, asked, found));
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
        subject.add((address, &known), judged(lists, (address, &known), found));
        if let Some(name) = name {
            subject.name.get_or_insert_with(|| name.to_owned());
            let found = lists.screen.ask_name(name, &known, threshold, searcher);
            subject.add((name, &known), judged(lists, (name, &known), found));
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
