//! Names and addresses asked of the lists of a store (`whither.screen/1`), one by one or by rows of a table.
//!
//! Rows are read, asked and given on one at a time, so that a file of millions needs no more memory than one of ten.
//!
//! Not here: the score and its reasons, which are the screening crate's.

mod asked;
mod case;
mod decisions;
mod merged;
mod paths;
mod relations;
mod rows;

use serde::Serialize;
use whither_screening::lists::Kind;
use whither_screening::lists::entry::Gender;
pub use whither_screening::matching::qualifier::Qualifiers;
use whither_screening::matching::qualifier::country;
pub use whither_screening::matching::screen::{AddressHit, Hit, Searcher, THRESHOLD};

pub use case::{CaseRow, ScreenedCase, Through, screen_case};
pub use decisions::{Decided, Decisions, Judged, decide};
pub use relations::Relations;
pub use rows::{RowAnswer, RowCounts, screen_rows};

use asked::{Parts, known, unscreened};
use merged::{add, add_new};

use crate::error::Error;
use crate::lists::OpenLists;

/// The longest question. Names have less; more is somebody else's file.
const QUESTION_MAX: usize = 1000;

/// What was asked, and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Screened {
    /// `whither.screen/1`.
    pub schema: &'static str,
    /// The score from which a hit is one.
    pub threshold: u8,
    /// The lists that were asked.
    pub lists: Vec<AskedList>,
    /// Each question, in the order they were put.
    pub queries: Vec<Answer>,
    /// The state of the case whose decisions were asked; null without a case.
    pub case: Option<String>,
    /// What must be said with them.
    pub caveats: Vec<String>,
}

/// A list that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AskedList {
    /// Its name.
    pub list: String,
    /// The date of its version.
    pub date: String,
    /// SHA-256 of what it was read from.
    pub hash: String,
    /// How many entries it has.
    pub entries: u64,
}

/// A question and its hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// As it was put.
    pub query: String,
    /// Who can be meant, the likeliest first.
    pub hits: Vec<Judged>,
    /// Who is listed and can be reached by relations of the case, where it knows who or what was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<Through>,
    /// What must be said with it: what of it could not be screened, and entries that relations name and no list that was asked
    /// holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<String>,
}

impl Answer {
    /// Whether nothing was found but what the case has decided to be somebody else.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        is_clean(&self.hits) && self.through.iter().all(Through::is_clean)
    }

    /// Adds what relations of the case lead to, where it knows who or what was asked for.
    pub fn add_relations(
        &mut self,
        relations: &Relations,
        lists: &OpenLists,
        qualifiers: &Qualifiers,
    ) {
        let known = known(&self.query, qualifiers);
        let parts = Parts::of_question(&lists.screen, &self.query);
        let beside = parts.addresses.iter().filter(|_| parts.are_beside());
        for text in beside.copied().chain(parts.name(&self.query)) {
            let found = relations.from(&lists.decisions, text, (&known, &[]));
            add_new(&mut self.caveats, relations.caveats(&found));
            add_new(&mut self.through, found);
        }
    }
}

/// Whether nothing was found but what the case has decided to be somebody else.
#[must_use]
pub fn is_clean(hits: &[Judged]) -> bool {
    hits.iter().all(Judged::is_dismissed)
}

impl Screened {
    /// Adds what relations of the case lead to, where it knows who or what was asked for.
    #[must_use]
    pub fn with_relations(
        mut self,
        relations: &Relations,
        lists: &OpenLists,
        qualifiers: &Qualifiers,
    ) -> Self {
        for answer in &mut self.queries {
            answer.add_relations(relations, lists, qualifiers);
            add_new(&mut self.caveats, answer.caveats.clone());
        }
        self
    }
}

/// Which lists are asked.
#[must_use]
pub fn asked(lists: &OpenLists) -> Vec<AskedList> {
    let versions = lists.screen.versions().iter();
    versions
        .map(|version| AskedList {
            list: version.list.clone(),
            date: version.date.clone(),
            hash: version.hash.clone(),
            entries: version.entries,
        })
        .collect()
}

/// Asks names and addresses.
///
/// # Errors
/// Where a question is empty or longer than any name.
pub fn screen(
    lists: &OpenLists,
    questions: &[String],
    qualifiers: &Qualifiers,
    threshold: u8,
) -> Result<Screened, Error> {
    let mut searcher = Searcher::default();
    let mut queries = Vec::new();
    for query in questions {
        queries.push(answer(lists, query, qualifiers, threshold, &mut searcher)?);
    }
    let mut caveats = lists.caveats.clone();
    for answer in &queries {
        add_new(&mut caveats, answer.caveats.clone());
    }
    Ok(Screened {
        schema: "whither.screen/1",
        threshold,
        lists: asked(lists),
        queries,
        case: lists.case.clone(),
        caveats,
    })
}

/// Asks one name or address, or the number of a document: the one that is known, or a text that looks like such a number.
/// Of several addresses each is asked.
///
/// # Errors
/// Where it is empty or longer than any name.
pub fn answer(
    lists: &OpenLists,
    query: &str,
    qualifiers: &Qualifiers,
    threshold: u8,
    searcher: &mut Searcher,
) -> Result<Answer, Error> {
    if query.trim().is_empty() {
        return Err(Error::new("an empty name was asked for"));
    }
    if query.len() > QUESTION_MAX {
        return Err(too_long(query));
    }
    let known = known(query, qualifiers);
    let judge = |asked: &str, found: Vec<Hit>| -> Vec<Judged> {
        let found = found.into_iter();
        found
            .map(|hit| lists.decisions.judge(asked, &known, hit))
            .collect()
    };
    let parts = Parts::of_question(&lists.screen, query);
    let mut hits = Vec::new();
    for &address in &parts.addresses {
        let asked = if parts.are_several() { address } else { query };
        hits.extend(judge(asked, lists.screen.ask_address(address)));
    }
    if let Some(rest) = &parts.rest {
        let asked = if parts.are_several() { &**rest } else { query };
        let found = lists.screen.ask(rest, &known, threshold, searcher);
        hits.extend(judge(asked, found));
    }
    // A text that is the number of an entry was asked without the document.
    if known.document.is_some() && parts.addresses.is_empty() {
        let found = lists.screen.ask_name("", &known, threshold, searcher);
        add(&mut hits, judge(query, found));
    }
    Ok(Answer {
        query: query.to_owned(),
        hits,
        through: Vec::new(),
        caveats: unscreened(query, &parts).into_iter().collect(),
    })
}

fn too_long(query: &str) -> Error {
    Error::new(format!(
        "a name of {} bytes was asked for, and the most is {QUESTION_MAX}",
        query.len()
    ))
}

/// Reads what else is known: type, date of birth, country, sex, document, each as it is written.
///
/// # Errors
/// Which of them cannot be read.
pub fn qualifiers(
    kind: Option<&str>,
    born: Option<&str>,
    of: Option<&str>,
    sex: Option<&str>,
    document: Option<&str>,
) -> Result<Qualifiers, Error> {
    let given = |text: Option<&str>| {
        text.map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let (kind, born, of, sex) = (given(kind), given(born), given(of), given(sex));
    let read_kind = |text: &String| match text.to_lowercase().as_str() {
        "person" | "individual" => Ok(Kind::Person),
        "organisation" | "organization" | "company" | "entity" => Ok(Kind::Organisation),
        "vessel" | "ship" => Ok(Kind::Vessel),
        "aircraft" => Ok(Kind::Aircraft),
        _ => Err(Error::new(format!("`{text}` is no type"))
            .with_hint("types are person, organisation, vessel and aircraft")),
    };
    let read_birth = |text: &String| {
        Qualifiers::birth(text).ok_or_else(|| {
            Error::new(format!("no year of birth can be read from `{text}`"))
                .with_hint("write it as 1963-07-28, 1963-07 or 1963")
        })
    };
    let read_sex = |text: &String| {
        Gender::read(text).ok_or_else(|| {
            Error::new(format!("`{text}` is no sex")).with_hint("write male or female")
        })
    };
    if let Some(text) = of.as_ref().filter(|text| country(text).is_none()) {
        return Err(Error::new(format!("`{text}` is no country that is known"))
            .with_hint("write its two letters of ISO 3166, or its English name"));
    }
    Ok(Qualifiers {
        kind: kind.as_ref().map(read_kind).transpose()?,
        birth: born.as_ref().map(read_birth).transpose()?,
        country: of,
        gender: sex.as_ref().map(read_sex).transpose()?,
        document: given(document),
    })
}
