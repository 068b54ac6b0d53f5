//! What must not leave with an edition: the strings that its finished bytes are looked through for.
//!
//! Names, contacts and notes of sources that are not called by them in public; what was withheld; comments, answers and
//! notes on drafts; words of claims more closed than the edition, and names of their attachments. A string that a claim
//! open enough says too is not private.

use std::collections::{BTreeMap, BTreeSet};

use whither_casework::claims::Body;
use whither_casework::{Case, Claim, Hash, Json, Statement};
use whither_report::document::Piece;
use whither_report::leak::{Private, held};

use super::desk::Desk;

/// Fields of claims whose text is looked for.
const FIELDS: &[&str] = &[
    "name",
    "names",
    "title",
    "victim",
    "note",
    "contact",
    "statement",
    "sentence",
    "why",
    "what",
    "context",
    "upstream",
    "source",
    "reference",
    "text",
    "by",
    "vectors",
];

/// Strings, each with what it is.
type Strings = BTreeMap<String, String>;

/// The strings that must not be in an edition for the desk's audience, with what was taken out of its text.
///
/// What the open text itself says of what was said of the report is the authors' choice: a wording that they took over, an
/// answer that they print, the name of a committee. What is private for another reason too is nobody's to take over: a
/// source may have commented under its own name.
pub(super) fn private(desk: &Desk<'_>, pieces: &[Piece], open_text: &str) -> Vec<Private> {
    let (mut secrets, mut remarks) = (of_case(desk), Strings::new());
    for piece in pieces {
        for sentence in sentences(&piece.text) {
            let what = format!("the withheld {} {}", piece.word, piece.name);
            add(&mut secrets, &sentence, what);
        }
    }
    let claims = desk.case.claims().iter();
    for claim in claims.clone().filter(|claim| is_closed(desk, claim)) {
        let (kind, name) = (claim.body.kind_word(), claim.name());
        let into = match is_remark(&claim.body) {
            true => &mut remarks,
            false => &mut secrets,
        };
        for text in texts(claim) {
            add(into, &text, format!("a claim of kind {kind} ({name})"));
        }
        for attachment in &claim.marks.attachments {
            let what = format!("the name of an attachment of {name}");
            add(&mut secrets, &attachment.name, what);
        }
    }
    let open: BTreeSet<String> = claims
        .filter(|claim| !is_closed(desk, claim) && !matches!(claim.body, Body::Source(_)))
        .flat_map(texts)
        .collect();
    for text in adopted(&remarks, open_text) {
        remarks.remove(&text);
    }
    // Only now together: a string that is given up as a remark stays where it is a secret as well.
    let mut all = remarks;
    all.extend(secrets);
    all.retain(|text, _| !open.contains(text));
    let hashed = |text: &str| Hash::of(text.as_bytes()).to_string();
    let made = all.into_iter().map(|(text, what)| Private {
        also: vec![hashed(&text), hashed(&text.to_lowercase())],
        text,
        what,
    });
    made.collect()
}

/// Adds a string, unless it is empty or there already.
fn add(into: &mut Strings, text: &str, what: String) {
    let text = text.trim();
    if !text.is_empty() {
        into.entry(text.to_owned()).or_insert(what);
    }
}

/// To readers outside: the names of sources that are not called so in public, and what the case is called.
fn of_case(desk: &Desk<'_>) -> Strings {
    let mut found = Strings::new();
    if !desk.audience.is_outside() {
        return found;
    }
    for view in desk.sources.views() {
        let public = desk.sources.public_name(&view.source);
        for name in &view.name {
            if public != Some(name.value.as_str()) {
                let what = format!("the name of source {}", view.source);
                add(&mut found, &name.value, what);
            }
        }
    }
    let case = desk.case;
    if case.name() != case.id().as_str() {
        add(
            &mut found,
            case.name(),
            "what the case is called".to_owned(),
        );
    }
    found
}

/// Those of what was said of reports that stand in the open text as well.
fn adopted(remarks: &Strings, open_text: &str) -> Vec<String> {
    let remarks: Vec<Private> = remarks.keys().map(|text| plain(text)).collect();
    let adopted = held(open_text, &remarks).into_iter();
    adopted.map(|it| it.text.clone()).collect()
}

/// Whether a claim was said of a report.
fn is_remark(body: &Body) -> bool {
    matches!(
        body,
        Body::Comment(_) | Body::Ruling(_) | Body::Reply(_) | Body::Draft(_)
    )
}

fn plain(text: &str) -> Private {
    Private {
        text: text.to_owned(),
        what: String::new(),
        also: Vec::new(),
    }
}

/// Whether a claim's words are not for the audience.
fn is_closed(desk: &Desk<'_>, claim: &Claim) -> bool {
    if !desk.audience.is_outside() {
        return claim.marks.handling.is_some_and(|mark| mark > desk.ceiling);
    }
    match &claim.body {
        // Its name is looked for where it is not public; what else it holds never is.
        Body::Source(_) => true,
        Body::Comment(_) | Body::Ruling(_) | Body::Reply(_) | Body::Secret(_) => true,
        // Of a draft the note alone: its text is what is given out, and what is taken out of it is looked for by piece.
        Body::Draft(_) => true,
        Body::Edition(_) | Body::Finding(_) => false,
        _ => claim.marks.handling.is_none_or(|mark| mark > desk.ceiling),
    }
}

/// The words of a claim that could be recognised.
fn texts(claim: &Claim) -> Vec<String> {
    if let Body::Draft(draft) = &claim.body {
        return draft.note.iter().cloned().collect();
    }
    let statement = Statement {
        handle: None,
        marks: claim.marks.clone(),
        body: claim.body.clone(),
    };
    let Ok(Json::Object(fields)) = statement.payload() else {
        return Vec::new();
    };
    let mut texts = Vec::new();
    for (key, value) in &fields {
        if FIELDS.contains(&key.as_str()) {
            leaves(value, &mut texts);
        }
    }
    // The public name of a source is no secret.
    if let Body::Source(source) = &claim.body {
        texts.retain(|text| *text != source.name);
    }
    if let Body::Descriptor(_) = &claim.body {
        texts.clear();
    }
    texts
}

fn leaves(value: &Json, into: &mut Vec<String>) {
    match value {
        Json::Text(text) => into.push(text.clone()),
        Json::List(list) => list.iter().for_each(|value| leaves(value, into)),
        Json::Object(fields) => fields.values().for_each(|value| leaves(value, into)),
        _ => {}
    }
}

/// The sentences of a part that are long enough to be told by: a whole part could be found no more once one word of it was
/// changed.
fn sentences(text: &str) -> Vec<String> {
    let plain: String = text
        .lines()
        .filter(|line| !line.starts_with(":::"))
        .map(|line| line.split("{#").next().unwrap_or(line))
        .collect::<Vec<_>>()
        .join(" ");
    let mut all: Vec<String> = Vec::new();
    for part in plain.split(['.', ';', '!', '?', '|']) {
        for stretch in part.split(['{', '}']).step_by(2) {
            if stretch.split_whitespace().count() >= 3
                || stretch.chars().filter(|c| c.is_alphanumeric()).count() >= 12
            {
                all.push(stretch.trim().to_owned());
            }
        }
    }
    all
}

/// Whether a text holds one of the strings, as a claim that would be copied might.
pub(super) fn holds_private(text: &str, private: &[Private]) -> bool {
    let files = [("claim".to_owned(), text.as_bytes().to_vec())];
    !whither_report::leak::leaks(&files, private).is_empty()
}

/// A case's claims that are its report's own life, and go with no edition for outside.
pub(super) const LIFE: &[&str] = &[
    "report-draft",
    "report-comment",
    "report-ruling",
    "report-reply",
    "report-secret",
    "report-edition",
    "source",
];

/// The claims of a case by the entries whose payloads count.
pub(super) fn by_says(case: &Case) -> BTreeMap<Hash, &Claim> {
    case.claims()
        .iter()
        .map(|claim| (claim.says, claim))
        .collect()
}
