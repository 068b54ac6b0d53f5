//! What a case says of hits: whether somebody has decided that it is the one who is listed, and whether that still holds.
//!
//! A decision counts for what was asked (case and white space aside; an address in its one form), with what was known of
//! birth, country and document, for one entry of a list, and what the list said of it then, by its hash. When the entry
//! changes, or somebody else of the name is asked for, the hit asks again and shows what was decided before. So it does
//! where more is said of who is asked for than a decision can hold, such as a date of birth that nobody can read. Of each
//! author the last decision counts; where authors differ, the hit asks. A hit that relations lead to is decided about in
//! the same way: the decision is about who was asked for and the entry, whatever lies between.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use whither_casework::claims::{Decision, Verdict};
use whither_casework::{Case, Claim, Json, Word};
use whither_screening::lists::entry::Birth;
use whither_screening::matching::qualifier::{Qualifiers, country};
use whither_screening::matching::screen::{Hit, Searcher};
use whither_screening::wallet;

use super::asked::{Parts, known};
use super::{Relations, answer};
use crate::error::Error;
use crate::evidence::{Written, add};
use crate::lists::OpenLists;
use crate::recorder::Recorder;

/// A hit, and what was decided about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// The hit.
    #[serde(flatten)]
    pub hit: Hit,
    /// What was decided; null where nothing was.
    pub decision: Option<Decided>,
    /// Whether a person must look: nothing in force says that it is the one who is listed, or that it is not.
    pub asks: bool,
}

impl Judged {
    /// Whether it was decided that it is somebody else.
    #[must_use]
    pub fn is_dismissed(&self) -> bool {
        let decided = self.decision.as_ref();
        decided.is_some_and(|decided| decided.in_force && decided.decision == Verdict::False)
    }

    /// Which of several decisions about one hit counts: that it is the one, or open, before that it is somebody else, and
    /// both before what is no longer in force.
    pub(super) fn weight(&self) -> u8 {
        match &self.decision {
            Some(decided) if decided.in_force && decided.decision != Verdict::False => 2,
            Some(decided) if decided.in_force => 1,
            _ => 0,
        }
    }

    /// Which of several hits of one entry is shown: one that was not dismissed before one that was, then the likelier.
    pub(super) fn rank(&self) -> (bool, u8) {
        (!self.is_dismissed(), self.hit.score)
    }
}

/// What was decided about a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// `true`, `false`, `open`.
    pub decision: Verdict,
    /// Whether it was said of the entry as it is now, and of the one who is asked for.
    pub in_force: bool,
    /// Who decided.
    pub by: String,
    /// When.
    pub time: String,
    /// Why.
    pub why: String,
    /// The claim.
    pub claim: String,
    /// What is to be said of it: that the entry changed, that it was or may have been about somebody else, or that others
    /// decided otherwise.
    pub note: Option<String>,
}

/// What was asked, list, entry.
type Key = (String, String, String);

/// The decisions of a case.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    said: BTreeMap<Key, Vec<(Claim, Decision)>>,
}

impl Decisions {
    /// Those of a case.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        let mut decisions = Self::default();
        for (claim, said) in case.decisions() {
            let key = (
                subject(&said.subject),
                said.list.to_string(),
                said.entry.clone(),
            );
            let all = decisions.said.entry(key).or_default();
            all.push((claim.clone(), said.clone()));
        }
        decisions
    }

    /// A hit with what was decided about it.
    pub(super) fn judge(&self, asked: &str, known: &Qualifiers, hit: Hit) -> Judged {
        let decision = self.decided(asked, known, &hit);
        let settled = |decided: &Decided| decided.in_force && decided.decision != Verdict::Open;
        Judged {
            asks: !decision.as_ref().is_some_and(settled),
            decision,
            hit,
        }
    }

    /// The same where more is said of who is asked for than `known` holds: no decision was about that, so it may have been
    /// about somebody else. An address is taken alone.
    pub(super) fn judge_beyond(
        &self,
        asked: &str,
        (known, beyond): (&Qualifiers, &[String]),
        hit: Hit,
    ) -> Judged {
        let mut judged = self.judge(asked, known, hit);
        if beyond.is_empty() || wallet::is_address(asked) {
            return judged;
        }
        if let Some(decided) = judged.decision.as_mut().filter(|decided| decided.in_force) {
            let more = format!(
                "more is said of the one who is asked for than it was decided of: {}",
                beyond.join("; ")
            );
            let note = decided.note.take().into_iter().chain([more]);
            decided.note = Some(note.collect::<Vec<_>>().join("; "));
            decided.in_force = false;
            judged.asks = true;
        }
        judged
    }

    /// A hit that relations lead to from who is asked for, with what was decided about the two; nothing where nothing was.
    pub(super) fn led(
        &self,
        asked: &str,
        (known, beyond): (&Qualifiers, &[String]),
        hit: &Hit,
    ) -> Option<Judged> {
        if self.said.is_empty() {
            return None;
        }
        let judged = self.judge_beyond(asked, (known, beyond), hit.clone());
        judged.decision.is_some().then_some(judged)
    }

    fn decided(&self, asked: &str, known: &Qualifiers, hit: &Hit) -> Option<Decided> {
        if self.said.is_empty() {
            return None;
        }
        let said = self
            .said
            .get(&(subject(asked), hit.list.clone(), hit.entry.clone()))?;
        let who = Who::of(asked, known);
        let mut last: BTreeMap<&str, &(Claim, Decision)> = BTreeMap::new();
        for one in said
            .iter()
            .filter(|(_, said)| said.entry_hash == hit.entry_hash && Who::decided(said) == who)
        {
            let known = last.entry(one.0.author.as_str()).or_insert(one);
            if order(&known.0) < order(&one.0) {
                *known = one;
            }
        }
        if last.is_empty() {
            return before(said, &who);
        }
        let decided = latest(last.values().copied())?;
        let one = last
            .values()
            .all(|(_, said)| said.decision == decided.decision);
        if one {
            return Some(decided);
        }
        // Nobody decided it is open: they differ, and each is told with his own word.
        let words = last.iter().map(|(author, (_, said))| {
            format!("{author} says {}: {}", said.decision.word(), said.why)
        });
        Some(Decided {
            decision: Verdict::Open,
            by: last.keys().copied().collect::<Vec<_>>().join(", "),
            why: words.collect::<Vec<_>>().join("; "),
            note: Some("they decided differently, so it asks again".to_owned()),
            ..decided
        })
    }
}

/// The last of several decisions.
fn latest<'a>(all: impl Iterator<Item = &'a (Claim, Decision)>) -> Option<Decided> {
    let (claim, said) = all.max_by_key(|(claim, _)| order(claim))?;
    Some(Decided {
        decision: said.decision,
        in_force: true,
        by: claim.author.to_string(),
        time: claim.time.to_string(),
        why: said.why.clone(),
        claim: claim.name(),
        note: None,
    })
}

/// What was decided before, and no longer counts: of the same one before the entry changed, else of somebody else of the name.
fn before(said: &[(Claim, Decision)], who: &Who) -> Option<Decided> {
    let of_him = |one: &&(Claim, Decision)| Who::decided(&one.1) == *who;
    let (decided, note) = match latest(said.iter().filter(of_him)) {
        Some(decided) => (decided, "the entry has changed since".to_owned()),
        None => {
            let (_, of_whom) = said.iter().max_by_key(|(claim, _)| order(claim))?;
            let of_whom = Who::decided(of_whom);
            let note = format!("it was decided of one {of_whom}, and asked for is one {who}");
            (latest(said.iter())?, note)
        }
    };
    Some(Decided {
        in_force: false,
        note: Some(note),
        ..decided
    })
}

/// What is known of the one who is asked for, beside the name, in one form: nothing of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Who {
    born: Option<String>,
    country: Option<String>,
    document: Option<String>,
}

impl Who {
    fn of(asked: &str, known: &Qualifiers) -> Self {
        if wallet::is_address(asked) {
            return Self::default();
        }
        let upper = |code: &str| code.to_ascii_uppercase();
        Self {
            born: known.birth.as_ref().map(born),
            country: known.country.as_deref().and_then(country).map(upper),
            document: known.document.as_deref().map(plain),
        }
    }

    fn decided(said: &Decision) -> Self {
        Self {
            born: said.born.clone(),
            country: said.country.clone(),
            document: said.document.clone(),
        }
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            ("born", &self.born),
            ("of country", &self.country),
            ("with document", &self.document),
        ];
        let known = parts.iter().filter_map(|(what, said)| {
            let said = said.as_ref()?;
            Some(format!("{what} {said}"))
        });
        let known: Vec<String> = known.collect();
        if known.is_empty() {
            return f.write_str("of whom birth, country and document are not said");
        }
        f.write_str(&known.join(", "))
    }
}

/// The number of a document in one form: its letters and digits.
pub(super) fn plain(number: &str) -> String {
    let signs = number.chars().filter(|c| c.is_alphanumeric());
    signs.flat_map(char::to_uppercase).collect()
}

/// A date of birth in one form: `1963`, `1963-07`, `1963-07-28`, `1963..1964`.
pub(super) fn born(birth: &Birth) -> String {
    let mut text = format!("{:04}", birth.from);
    if birth.to != birth.from {
        text = format!("{text}..{:04}", birth.to);
    }
    for part in [birth.month, birth.month.and(birth.day)]
        .into_iter()
        .flatten()
    {
        text = format!("{text}-{part:02}");
    }
    text
}

fn order(claim: &Claim) -> (&whither_casework::Time, &str, u64) {
    (&claim.time, claim.author.as_str(), claim.number)
}

/// What was asked, in one form.
pub(super) fn subject(text: &str) -> String {
    let mut buffer = [0; wallet::KEY_MAX];
    if wallet::is_address(text)
        && let Some(length) = wallet::key(text, &mut buffer)
    {
        return String::from_utf8_lossy(&buffer[..length]).into_owned();
    }
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// Reads a decision.
fn verdict(word: &str) -> Result<Verdict, Error> {
    match word {
        "true" => Ok(Verdict::True),
        "false" => Ok(Verdict::False),
        "open" => Ok(Verdict::Open),
        other => {
            Err(Error::new(format!("`{other}` is no decision"))
                .with_hint("decide true, false or open"))
        }
    }
}

/// Writes into a case what was decided about a hit of a question, its own or one that relations lead to.
///
/// # Errors
/// Where the question has no hit of the entry (`LIST/ENTRY`), asks for several addresses, the verdict is none, or the case
/// cannot be written.
pub fn decide(
    (dir, recorder): (&Path, &Recorder),
    (lists, relations): (&OpenLists, Option<&Relations>),
    (query, qualifiers, threshold): (&str, &Qualifiers, u8),
    (entry, word, why): (&str, &str, &str),
) -> Result<Written, Error> {
    let decision = verdict(word)?;
    if Parts::of_question(&lists.screen, query).are_several() {
        return Err(Error::new("a decision is about one address").with_hint("ask for one of them"));
    }
    let found = hit_of((lists, relations), (query, qualifiers, threshold), entry)?;
    let Who {
        born,
        country,
        document,
    } = Who::of(query, &known(query, qualifiers));
    let said = Decision {
        subject: query.trim().to_owned(),
        born,
        country,
        document,
        list: Word::new(&found.list).map_err(Error::new)?,
        entry: found.entry,
        entry_hash: found.entry_hash,
        decision,
        why: why.to_owned(),
    };
    add(
        dir,
        recorder,
        "decision",
        &[Json::of(&said).map_err(Error::new)?],
    )
}

/// The hit of a question that is of an entry.
fn hit_of(
    (lists, relations): (&OpenLists, Option<&Relations>),
    (query, qualifiers, threshold): (&str, &Qualifiers, u8),
    entry: &str,
) -> Result<Hit, Error> {
    let searcher = &mut Searcher::default();
    let mut answer = answer(lists, query, qualifiers, threshold, searcher)?;
    if let Some(relations) = relations {
        answer.add_relations(relations, lists, qualifiers);
    }
    let led = answer.through.into_iter().filter_map(|through| through.hit);
    let hits = answer.hits.into_iter().chain(led).map(|judged| judged.hit);
    let hits: Vec<Hit> = hits.collect();
    // An end of a relation names an entry too.
    let wanted = entry.strip_prefix("list:").unwrap_or(entry);
    let named = |hit: &&Hit| {
        [&hit.entry, &hit.reference]
            .iter()
            .any(|id| format!("{}/{id}", hit.list) == wanted)
    };
    if let Some(found) = hits.iter().find(named) {
        return Ok(found.clone());
    }
    let hits: BTreeSet<String> = hits
        .iter()
        .map(|hit| format!("{}/{}", hit.list, hit.entry))
        .collect();
    let hint = if hits.is_empty() {
        "it has no hit at all".to_owned()
    } else {
        let hits: Vec<String> = hits.into_iter().collect();
        format!("its hits: {}", hits.join(", "))
    };
    Err(Error::new(format!("{query:?} has no hit `{entry}`")).with_hint(hint))
}
