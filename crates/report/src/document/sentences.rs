//! Sentences that say who did something, or how likely it is.
//!
//! Such a sentence is bound to an assessment, `{assessment:INCIDENT/HYPOTHESIS#words}`, and may be no stronger than it.
//! Who did it may also be said as somebody else's word, with a claim or a source in the same sentence. What the number
//! bears is not known here; the front door asks the assessment.
//!
//! Fails on: an attribution in words that are not in the table, or spread over two sentences.

use super::inline::plain;
use super::{Block, Body, Document, Place, Reference, Run};

/// Phrases of likelihood that no sentence outside an assessment may have. Plain "may", "could" and "suggests" are left to
/// ordinary prose; within a sentence that is bound to an assessment they are weighed as well.
const LIKELIHOOD: &[&str] = &[
    "almost certain",
    "almost certainly",
    "nearly certain",
    "nearly certainly",
    "certainly",
    "undoubtedly",
    "doubtless",
    "without doubt",
    "beyond doubt",
    "no doubt",
    "definitely",
    "likely",
    "unlikely",
    "probable",
    "probably",
    "improbable",
    "improbably",
    "strongly suggest",
    "strongly suggests",
    "strongly suggested",
    "strongly indicate",
    "strongly indicates",
    "strongly points to",
    "strongly point to",
    "strong indication",
    "strong indications",
    "roughly even chance",
    "roughly even odds",
    "almost no chance",
    "remote chance",
];

/// Phrases that say who did it.
const DEED: &[&str] = &[
    "attributed to",
    "attributable to",
    "attributes the",
    "is responsible for",
    "was responsible for",
    "were responsible for",
    "are responsible for",
    "carried out by",
    "perpetrated by",
    "committed by",
    "conducted by",
    "orchestrated by",
    "the work of",
    "is behind the",
    "was behind the",
    "were behind the",
    "are behind the",
];

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Reference(Reference),
}

/// A sentence that says who did something, or how likely it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Where the phrase stands.
    pub place: Place,
    /// The phrase.
    pub phrase: &'static str,
    /// Whether it says how likely something is, which an assessment alone can bear.
    pub likelihood: bool,
    /// The references in it.
    pub references: Vec<Reference>,
    parts: Vec<Part>,
}

impl Attribution {
    /// The sentence, each reference written out.
    pub fn text(&self, written: impl Fn(&Reference) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Reference(reference) => written(reference),
        };
        let text: String = self.parts.iter().map(part).collect();
        plain(&text).trim().to_owned()
    }
}

/// The sentences of a report that say who did something, or how likely it is; those that an assessment is named in, too.
pub fn attributions(document: &Document) -> Vec<Attribution> {
    let mut found = Vec::new();
    let mut look = |runs: &[Run]| {
        for sentence in sentences(runs) {
            found.extend(attribution(&sentence));
        }
    };
    for block in &document.blocks {
        each_prose(block, &mut look);
    }
    for note in &document.notes {
        look(&note.runs);
    }
    found
}

fn each_prose(block: &Block, look: &mut impl FnMut(&[Run])) {
    match &block.body {
        Body::Paragraph(runs) | Body::Recommendation(runs) | Body::Heading { runs, .. } => {
            look(runs);
        }
        Body::List(items) => items.iter().for_each(|runs| look(runs)),
        Body::Table { rows, caption, .. } => {
            look(caption);
            rows.iter().flatten().for_each(|runs| look(runs));
        }
        Body::Figure { caption, .. } => look(caption),
        Body::Withheld { .. } => {}
    }
}

/// A sentence: pieces, each with where it begins.
type Sentence = Vec<(Part, Place)>;

/// Cuts runs into sentences, at `.`, `!`, `?` or `;` before a space or the end.
fn sentences(runs: &[Run]) -> Vec<Sentence> {
    let mut all: Vec<Sentence> = vec![Vec::new()];
    for run in runs {
        let (text, place) = match run {
            Run::Text(text, place) | Run::Stressed(text, _, place) | Run::Literal(text, place) => {
                (text, *place)
            }
            Run::Reference(reference) => {
                let part = (Part::Reference(reference.clone()), reference.place);
                all.last_mut().expect("there is one").push(part);
                continue;
            }
            Run::Link(..) | Run::NoteMark(..) => continue,
        };
        let characters: Vec<char> = text.chars().collect();
        let (mut piece, mut begins, mut here) = (String::new(), place, place);
        for (at, &c) in characters.iter().enumerate() {
            piece.push(c);
            here = step(here, c);
            let before = |back: usize| at.checked_sub(back).map(|at| characters[at]);
            let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
            let abbreviates = c == '.' && letter(before(1)) && !letter(before(2));
            let next = characters.get(at + 1);
            let breaks = next.is_none_or(|next| next.is_whitespace());
            if matches!(c, '.' | '!' | '?' | ';') && breaks && !abbreviates {
                let part = (Part::Text(std::mem::take(&mut piece)), begins);
                all.last_mut().expect("there is one").push(part);
                all.push(Vec::new());
                begins = here;
            }
        }
        if !piece.is_empty() {
            let part = (Part::Text(piece), begins);
            all.last_mut().expect("there is one").push(part);
        }
    }
    all.retain(|sentence| !sentence.is_empty());
    all
}

fn step(place: Place, c: char) -> Place {
    let (line, column) = if c == '\n' {
        (place.line + 1, 1)
    } else {
        (place.line, place.column + 1)
    };
    Place { line, column }
}

/// What a sentence says of who did it or how likely it is, if it says so.
fn attribution(sentence: &Sentence) -> Option<Attribution> {
    let references: Vec<Reference> = sentence
        .iter()
        .filter_map(|(part, _)| match part {
            Part::Reference(reference) => Some(reference.clone()),
            Part::Text(_) => None,
        })
        .collect();
    let said = |phrases: &'static [&'static str]| {
        sentence.iter().find_map(|(part, place)| match part {
            Part::Text(text) => first(text, *place, phrases),
            Part::Reference(_) => None,
        })
    };
    let bound = references.iter().find(|reference| is_bound(reference));
    let (likely, deed) = (said(LIKELIHOOD), said(DEED));
    let likelihood = likely.is_some() || bound.is_some();
    let found = likely.or(deed);
    let (phrase, place) = found.or_else(|| bound.map(|reference| ("", reference.place)))?;
    Some(Attribution {
        place,
        phrase,
        likelihood,
        references,
        parts: sentence.iter().map(|(part, _)| part.clone()).collect(),
    })
}

/// Whether a reference binds its sentence to an assessment. A whole sentence that was recorded stands for itself, and a
/// bare figure of an assessment in a table says nothing in words.
fn is_bound(reference: &Reference) -> bool {
    reference.kind == "assessment" && matches!(reference.path.as_str(), "words" | "bound")
}

/// The first phrase in a text, the longest where several begin there.
fn first(
    text: &str,
    place: Place,
    phrases: &'static [&'static str],
) -> Option<(&'static str, Place)> {
    let mut words: Vec<(String, Place)> = Vec::new();
    let mut here = place;
    let mut word: Option<(String, Place)> = None;
    for c in text.chars().chain([' ']) {
        if c.is_alphanumeric() {
            let (letters, _) = word.get_or_insert_with(|| (String::new(), here));
            letters.extend(c.to_lowercase());
        } else {
            words.extend(word.take());
        }
        here = step(here, c);
    }
    let fits = |at: usize, phrase: &str| {
        phrase
            .split(' ')
            .enumerate()
            .all(|(next, part)| words.get(at + next).is_some_and(|(word, _)| word == part))
    };
    (0..words.len()).find_map(|at| {
        let fitting = phrases.iter().filter(|phrase| fits(at, phrase));
        let longest = fitting.max_by_key(|phrase| phrase.len())?;
        Some((*longest, words[at].1))
    })
}
