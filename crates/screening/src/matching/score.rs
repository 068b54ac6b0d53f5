//! The score of two names, from 0 to 1000, and what it rests on.
//!
//! Each word of one is paired with the word of the other it is most like. What is left over on one side alone costs
//! little: lists have more names of a person than people use. What is left over on both sides is a conflict and costs
//! much: `Boris Netanyahu` is not `Benjamin Netanyahu`. How rare the shared words are decides how much may be left
//! over, and a word that is itself a listed name is no misspelling of another.
//!
//! Fails: one person's names in two languages (`John`, `Ivan`); nicknames; two people of the same name, which no score
//! of names can part.

use super::abjad::same;
use super::edit;
use super::korean::{self, Match};
use super::name::{Class, Prepared, Token};
use super::sums::Sums;
use super::words::one_form;

/// The similarity of words of which one was written without vowels.
pub const ABJAD: u32 = 900;
/// The similarity of a letter and a word that begins with it.
const INITIAL: u32 = 650;
/// What the same letters in other words come to.
const JOINED: u32 = 970;

/// What a name comes to at most that was read from Hangul or Hanja by the words of organisations.
const READ_MAX: u32 = 960;

/// What two Korean names of different syllables come to at most.
const PART_MAX: u32 = 740;

/// What a person's name and that of an organisation come to at most, unless they are nearly one.
const MIXED_MAX: u32 = 780;

/// What two names have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Thousandths.
    pub score: u32,
    /// Whether the words are the same, in any order.
    pub exact: bool,
    /// Words beside each other: of the question, of the list, their similarity.
    pub pairs: Vec<(String, String, u32)>,
    /// Words of the question that are left over.
    pub extra: Vec<String>,
    /// Words of the listed name that are left over.
    pub missing: Vec<String>,
    /// What the question, or the listed name, was read as, where it is an organisation's in Hangul or Hanja.
    pub read_as: Option<Box<str>>,
    /// The syllables, where the names were compared as Korean and that decided.
    pub korean: Option<Match>,
}

/// Compares a question with a listed name; says nothing of what a score below `least` rests on.
#[must_use]
pub fn compare(query: &Prepared, listed: &Prepared, least: u32) -> Comparison {
    let korean = korean::compare(&query.korean, &listed.korean);
    // Two names of Korean syllables are not alike by their letters: `Chol` is no misspelling of `Chun`.
    let strict = !query.korean.is_empty() && !listed.korean.is_empty();
    let mut latin = latin(query, listed, strict, least);
    // Nor are two that share a part: `Jo Chol` is not `Jo Yong Chol`.
    if strict && (latin.score < JOINED || !same_order(query, listed)) {
        latin.score = latin.score.min(PART_MAX);
        latin.exact = false;
    }
    if query.read_as.is_some() || listed.read_as.is_some() {
        latin.read_as = query.read_as.clone().or_else(|| listed.read_as.clone());
        latin.score = latin.score.min(READ_MAX);
        latin.exact = false;
    }
    match korean {
        Some(korean) if korean.score > latin.score => Comparison {
            score: korean.score,
            korean: Some(korean),
            ..Comparison::default()
        },
        _ => latin,
    }
}

/// Whether two names have their words in the same order, or with the first of them last: two syllables that change
/// places are another name (`Song Un`, `Un Song`).
fn same_order(query: &Prepared, listed: &Prepared) -> bool {
    let (ours, theirs) = (&query.tokens, &listed.tokens);
    if ours.len() != theirs.len() || query.compact == listed.compact {
        return query.compact == listed.compact;
    }
    let same = |turned: usize| {
        let theirs = theirs.iter().cycle().skip(turned);
        ours.iter()
            .zip(theirs)
            .all(|(one, other)| one.text == other.text)
    };
    same(0) || same(1) || same(ours.len() - 1)
}

fn latin(query: &Prepared, listed: &Prepared, strict: bool, least: u32) -> Comparison {
    // The same words in whatever order: `Abdul` is one word at the end of a name, and another before the rest of it.
    if !strict && !query.sorted.is_empty() && query.sorted == listed.sorted {
        let words = query.sorted.split(' ');
        return Comparison {
            score: 1000,
            exact: true,
            pairs: words.map(|word| (word.into(), word.into(), 1000)).collect(),
            ..Comparison::default()
        };
    }
    let mut pairing = Pairing::new(query, listed, strict);
    pairing.pair_words();
    pairing.pair_joined();
    let mut comparison = pairing.result();
    let long = |text: &str| text.len() >= 5;
    if query.compact == listed.compact && comparison.score < 1000 {
        comparison.score = comparison.score.max(if long(&query.compact) {
            JOINED + 10
        } else {
            900
        });
    } else if query.core == listed.core && long(&query.core) {
        comparison.score = comparison.score.max(JOINED);
    }
    // `Bank` and `Banking` are one word, and are not written alike.
    let varied = |name: &Prepared| name.sorted.split(' ').any(|word| one_form(word) != word);
    if comparison.exact && varied(query) != varied(listed) {
        comparison.exact = false;
    }
    if comparison.score >= least {
        pairing.tell(&mut comparison);
    }
    comparison
}

struct Pairing<'a> {
    query: &'a [Token],
    listed: &'a [Token],
    person: bool,
    /// Whether one of them is a person's name and the other is not.
    mixed: bool,
    /// Whether the question is one word that may be an organisation's.
    lone: bool,
    strict: bool,
    surname: Option<usize>,
    /// Of each word, with which of the other side it is paired, and how like they are.
    ours: Vec<Option<(usize, u32)>>,
    theirs: Vec<Option<(usize, u32)>>,
}

impl<'a> Pairing<'a> {
    fn new(query: &'a Prepared, listed: &'a Prepared, strict: bool) -> Self {
        Self {
            query: &query.tokens,
            listed: &listed.tokens,
            person: query.person && listed.person,
            mixed: query.person != listed.person,
            lone: query.lone && !listed.person,
            strict,
            surname: listed.surname.filter(|_| query.person),
            ours: vec![None; query.tokens.len()],
            theirs: vec![None; listed.tokens.len()],
        }
    }

    /// The best pairs first; ties go to the words that stand first.
    fn pair_words(&mut self) {
        let mut found = Vec::new();
        for (i, one) in self.query.iter().enumerate() {
            for (j, other) in self.listed.iter().enumerate() {
                let similarity = self.similarity(one, other);
                if similarity > 0 {
                    let weight = one.class.weight().min(other.class.weight());
                    found.push((
                        u32::MAX - similarity * weight,
                        i.abs_diff(j),
                        i,
                        j,
                        similarity,
                    ));
                }
            }
        }
        found.sort_unstable();
        for (_, _, i, j, similarity) in found {
            if self.ours[i].is_none() && self.theirs[j].is_none() {
                self.ours[i] = Some((j, similarity));
                self.theirs[j] = Some((i, similarity));
            }
        }
    }

    /// Words that are one on the other side: `van der Bilt`, `Vanderbilt`.
    fn pair_joined(&mut self) {
        for j in 0..self.listed.len() {
            if let Some(run) = joined(
                self.query,
                &self.ours,
                self.theirs[j].is_none().then(|| &self.listed[j]),
            ) {
                for i in run {
                    self.ours[i] = Some((j, JOINED));
                }
                self.theirs[j] = Some((usize::MAX, JOINED));
            }
        }
        for i in 0..self.query.len() {
            if let Some(run) = joined(
                self.listed,
                &self.theirs,
                self.ours[i].is_none().then(|| &self.query[i]),
            ) {
                for j in run {
                    self.theirs[j] = Some((i, JOINED));
                }
                self.ours[i] = Some((usize::MAX, JOINED));
            }
        }
    }

    fn similarity(&self, one: &Token, other: &Token) -> u32 {
        use Class::{Initial, Legal, Name, Number, Particle, Patronymic, Stop, Title};
        if one.text == other.text {
            let apart = one.class != other.class
                && matches!((one.class, other.class), (Legal, _) | (_, Legal));
            return if apart { 0 } else { 1000 };
        }
        match (one.class, other.class) {
            (Legal | Number | Title | Stop, _) | (_, Legal | Number | Title | Stop) => 0,
            (Initial, Name | Patronymic) | (Name | Patronymic, Initial) if self.person => {
                if one.text.as_bytes().first() == other.text.as_bytes().first() {
                    INITIAL
                } else {
                    0
                }
            }
            (Initial, _) | (_, Initial) => 0,
            (Particle, Particle) => 0,
            (Particle, _) | (_, Particle) => {
                let (short, long) = if one.text.len() < other.text.len() {
                    (one, other)
                } else {
                    (other, one)
                };
                let slip = long.text.len() == short.text.len() + 1 && long.text.len() <= 4;
                if slip && long.text.contains(&*short.text) {
                    500
                } else {
                    0
                }
            }
            _ if self.strict => 0,
            _ if one.abjad != other.abjad => {
                let (abjad, latin) = if one.abjad {
                    (one, other)
                } else {
                    (other, one)
                };
                if same(&abjad.text, &latin.text) {
                    ABJAD
                } else {
                    0
                }
            }
            _ => self.misspelt(one, other),
        }
    }

    /// How like two words are; not at all where both are names that the lists know, and more than a spelling apart.
    fn misspelt(&self, one: &Token, other: &Token) -> u32 {
        if one.han && other.han {
            return 0;
        }
        let similarity = edit::similarity(&one.text, &other.text);
        let apart = similarity < CLOSE && one.frequency >= KNOWN;
        if apart { 0 } else { similarity }
    }

    fn result(&self) -> Comparison {
        let mut sums = Sums::default();
        let mut rarity = None;
        for (i, token) in self.query.iter().enumerate() {
            let weight = weight(token);
            match self.ours[i] {
                Some((j, similarity)) => {
                    sums.ours.paired(token, weight, similarity);
                    sums.rough += u32::from(similarity < ROUGH && token.class.tells());
                    if let Some(other) = self.listed.get(j).filter(|_| token.class.tells()) {
                        let most = if similarity < 1000 { MISSPELT } else { 1000 };
                        rarity = rarity.max(Some(rare(other.frequency).min(most)));
                    }
                }
                None => sums.ours.left(token, weight),
            }
        }
        for (j, token) in self.listed.iter().enumerate() {
            let weight = weight(token);
            match self.theirs[j] {
                Some((_, similarity)) => sums.theirs.paired(token, weight, similarity),
                None => sums.theirs.left(token, weight),
            }
        }
        sums.surname_left = self.surname.is_some_and(|at| self.theirs[at].is_none());
        let mut score = sums.score(self.person, rarity.unwrap_or(1000));
        if self.listed.iter().any(|token| token.frequency > 0) && sums.theirs.left_names > 0 {
            // A word misspelt, of a name that has more: among all that is listed each alone is little.
            let misspelt = self.query.iter().zip(&self.ours).any(|(token, pair)| {
                token.class.tells() && pair.is_some_and(|(_, similarity)| similarity < MISSPELT_MAX)
            });
            score = score.saturating_sub(if misspelt { MISSPELT_LEFT } else { 0 });
        }
        if article_left(self.query, &self.ours) || article_left(self.listed, &self.theirs) {
            score = score.saturating_sub(ARTICLE_LEFT);
        }
        let open = self.mixed && !self.is_its_own_word();
        if open && (score < MIXED_CLOSE || sums.ours.left_generic > 0) {
            score = score.min(MIXED_MAX);
        }
        Comparison {
            score,
            exact: score == 1000,
            ..Comparison::default()
        }
    }

    /// Whether the question is one word, and the one by which the listed organisation is told from others: `Garantex`,
    /// of `GARANTEX EUROPE OU`; حماس, of `HAMAS`.
    /// Words of one or two letters tell nobody from others (`OU`).
    fn is_its_own_word(&self) -> bool {
        let mut names = (self.listed.iter().zip(&self.theirs))
            .filter(|(token, _)| token.class.tells() && token.text.len() > 2);
        let (Some((_, Some((_, similarity)))), None) = (names.next(), names.next()) else {
            return false;
        };
        self.lone && *similarity >= ABJAD
    }

    /// Says what was paired with what, and what is left over.
    fn tell(&self, comparison: &mut Comparison) {
        for (i, token) in self.query.iter().enumerate() {
            match self.ours[i].map(|(j, similarity)| (self.listed.get(j), similarity)) {
                Some((Some(other), similarity)) => comparison.pairs.push((
                    token.text.to_string(),
                    other.text.to_string(),
                    similarity,
                )),
                Some((None, _)) => comparison.extra_joined(&token.text),
                None => comparison.extra.push(token.text.to_string()),
            }
        }
        for (j, token) in self.listed.iter().enumerate() {
            match self.theirs[j] {
                Some((usize::MAX, _)) => comparison.extra_joined(&token.text),
                Some(_) => {}
                None => comparison.missing.push(token.text.to_string()),
            }
        }
    }
}

/// From this score on a person's name and an organisation's are nearly one.
const MIXED_CLOSE: u32 = 920;
/// Below this similarity a pair of words is no mere way to write one.
const MISSPELT_MAX: u32 = 950;
/// What it takes off that a pair is misspelt where the list has names left over.
const MISSPELT_LEFT: u32 = 60;

/// What an Arabic article takes off that the other name has none of: `Teresa Mason` is not مازن الترزي.
const ARTICLE_LEFT: u32 = 60;

/// Whether an article that was written in Arabic is left over.
fn article_left(tokens: &[Token], paired: &[Option<(usize, u32)>]) -> bool {
    let mut all = tokens.iter().zip(paired);
    all.any(|(token, pair)| {
        token.abjad && token.class == Class::Particle && pair.is_none() && &*token.text == "al"
    })
}

/// From this similarity on two words are spellings of one, whatever else is known.
const CLOSE: u32 = 880;
/// In so many entries of a list a word stands that is a name of its own.
const KNOWN: u32 = 2;
/// Below this, a pair of words rests on little.
const ROUGH: u32 = 860;

/// The words that together are one word of the other side: two or three that stand together and are not paired.
fn joined(
    words: &[Token],
    paired: &[Option<(usize, u32)>],
    whole: Option<&Token>,
) -> Option<std::ops::Range<usize>> {
    let whole = whole.filter(|whole| whole.text.len() >= 5)?;
    for length in [2, 3] {
        for start in 0..(words.len() + 1).saturating_sub(length) {
            let run = start..start + length;
            if run.clone().any(|at| {
                paired[at].is_some()
                    && !words[at].text.is_empty()
                    && words[at].class != Class::Particle
            }) {
                continue;
            }
            let text: String = words[run.clone()].iter().map(|word| &*word.text).collect();
            if text == *whole.text {
                return Some(run);
            }
        }
    }
    None
}

/// What a word weighs: short names tell less.
pub(super) fn weight(token: &Token) -> u32 {
    let weight = token.class.weight();
    match token.text.len() {
        0..=2 if token.class == Class::Name => weight * 6 / 10,
        3 if token.class == Class::Name => weight * 8 / 10,
        _ => weight,
    }
}

/// How much a word tells that stands in so many entries, in thousandths.
fn rare(frequency: u32) -> u32 {
    let doublings = (frequency / 2).checked_ilog2().unwrap_or(0);
    1000_u32.saturating_sub(doublings * 150).max(200)
}

/// What a word that was misspelt tells at most.
const MISSPELT: u32 = 700;

impl Comparison {
    /// A word that is a part of one on the other side, or made of several there.
    fn extra_joined(&mut self, text: &str) {
        self.pairs.push((text.to_owned(), text.to_owned(), JOINED));
    }
}
