//! A row of any source, made a claim or refused.

use whither_ledger::address::parse_account;
use whither_ledger::chain::Chain;

use super::role::Role;
use super::{Defaults, Level, Reading, Refused};
use crate::claims::{AddressClaim, Statement};
use crate::marks::{Handling, Marks};
use crate::words::{Date, Word};

/// The longest texts, in characters: a name, and what a publisher adds.
const NAME_MAX: usize = 200;
const TEXT_MAX: usize = 4000;

/// What a row says, as text.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub line: u64,
    pub address: String,
    /// The chain, or the currency that tells it.
    pub chain: String,
    pub name: String,
    pub category: String,
    pub actor: String,
    pub level: String,
    pub concepts: Vec<String>,
    pub abuse: String,
    pub of_cluster: bool,
    pub valid_from: String,
    pub valid_until: String,
    pub published: String,
    pub source: String,
    pub reference: String,
    pub context: String,
    pub pack: String,
    /// Whether it is not for everybody.
    pub closed: bool,
    /// What it calls itself: a service, a deposit or a label.
    pub kind: String,
}

/// Why a row is refused: a word for counts, and the sentence.
pub(super) type Why = (&'static str, String);

impl Row {
    /// Adds to a reading what it claims, or why it is refused.
    pub(super) fn read(self, defaults: &Defaults, reading: &mut Reading) {
        let (line, what) = (self.line, cut(&self.address));
        match self.made(defaults) {
            Ok((statement, named)) => {
                if let Some(named) = named {
                    reading.lowered.insert(reading.statements.len(), named);
                }
                reading.statements.push(statement);
            }
            Err((kind, why)) => reading.refused.push(Refused {
                line,
                what,
                kind,
                why,
            }),
        }
    }

    /// What it claims; and what it calls itself, where that was not believed.
    fn made(self, defaults: &Defaults) -> Result<(Statement, Option<Statement>), Why> {
        if self.address.trim().is_empty() {
            return Err(("address", "it has no address".to_owned()));
        }
        let claim = self.claim(defaults)?;
        let source = either(&self.source, defaults.source.as_ref());
        let reference = either(&self.reference, defaults.reference.as_ref());
        let marks = Marks {
            source: text("its source", &source, TEXT_MAX)?,
            reference: text("its reference", &reference, TEXT_MAX)?,
            published: date("lastmod", &self.published)?,
            handling: self.closed.then_some(Handling::AmberStrict),
            ..Marks::default()
        };
        let (role, named) = Role::decided(Role::read(&self.kind)?, &claim, defaults);
        let named = named.map(|named| Statement {
            handle: None,
            marks: marks.clone(),
            body: named.body(claim.clone()),
        });
        let statement = Statement {
            handle: None,
            marks,
            body: role.body(claim),
        };
        statement.payload().map_err(|why| ("claim", why))?;
        Ok((statement, named))
    }

    fn claim(&self, defaults: &Defaults) -> Result<AddressClaim, Why> {
        let default = defaults.chain.clone().unwrap_or_default();
        let address = account(&self.address, first([&self.chain, &default]))?;
        let level = match first([&self.level, ""]) {
            "" => defaults.level,
            text => Some(text.parse::<Level>().map_err(|why| ("level", why))?),
        };
        let name = either(&self.name, defaults.name.as_ref());
        let name = text("its name", &name, NAME_MAX)?
            .ok_or_else(|| ("name", "it has no name".to_owned()))?;
        let mut concepts = Vec::new();
        for concept in &self.concepts {
            concepts.extend(text("a concept", concept, NAME_MAX)?);
        }
        let abuse = text("its abuse", &self.abuse, NAME_MAX)?;
        let category = either(&self.category, defaults.category.as_ref());
        let category = text("its category", &category, NAME_MAX)?
            .or_else(|| concepts.first().cloned())
            .or_else(|| abuse.clone())
            .unwrap_or_else(|| "unknown".to_owned());
        Ok(AddressClaim {
            address,
            name,
            category,
            entity: word(&self.actor)?,
            level,
            concepts,
            abuse,
            of_cluster: self.of_cluster,
            valid_from: date("valid_from", &self.valid_from)?,
            valid_until: date("valid_until", &self.valid_until)?,
            pack: text("its pack", &self.pack, NAME_MAX)?,
            context: prose("its context", &self.context, TEXT_MAX)?,
        })
    }
}

/// The chain that a currency or a network names. A token names none: it is on several.
const CURRENCIES: &[(&str, &str)] = &[
    ("BTC", "bitcoin"),
    ("ETH", "ethereum"),
    ("TRX", "tron"),
    ("BEP20", "bsc"),
    ("MATIC", "polygon"),
    ("RON", "ronin"),
    ("AVAX", "avalanche"),
];

/// The CAIP-10 account of an address.
fn account(address: &str, chain: &str) -> Result<String, Why> {
    let coded = CURRENCIES
        .iter()
        .find(|(code, _)| code.eq_ignore_ascii_case(chain));
    let named = coded.map_or(chain, |(_, name)| *name);
    let chain: Option<Chain> = match named {
        "" => None,
        named => Some(named.parse().map_err(|_| {
            let why = format!(
                "{:?} names no chain whose addresses can be read",
                cut(chain)
            );
            ("chain", why)
        })?),
    };
    let account = parse_account(address, chain.as_ref());
    account
        .map(|account| account.to_string())
        .map_err(|error| ("address", error.to_string()))
}

/// An id of somebody as a word of the case: TagPacks and ActorPacks write some with capitals or underscores.
pub(super) fn word(id: &str) -> Result<Option<Word>, Why> {
    let id = id.trim();
    if id.is_empty() {
        return Ok(None);
    }
    let made: String = id
        .chars()
        .map(|c| match c {
            'A'..='Z' => c.to_ascii_lowercase(),
            '_' | '.' | ' ' => '-',
            other => other,
        })
        .collect();
    Word::new(&made)
        .map(Some)
        .map_err(|error| ("actor", error.to_string()))
}

/// A text of one line that people read: `None` where it is empty.
pub(super) fn text(what: &str, text: &str, most: usize) -> Result<Option<String>, Why> {
    let breaks = |c: &char| matches!(c, '\n' | '\r' | '\t');
    match text.trim().chars().find(breaks) {
        Some(c) => {
            let code = u32::from(c);
            Err((
                "text",
                format!("{what} holds U+{code:04X}, and is one line without tabs"),
            ))
        }
        None => prose(what, text, most),
    }
}

/// A text that people read, over several lines if it has them: `None` where it is empty.
fn prose(what: &str, text: &str, most: usize) -> Result<Option<String>, Why> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let length = text.chars().count();
    if length > most {
        let why = format!("{what} has {length} characters, and at most {most} are read");
        return Err(("text", why));
    }
    match crate::import::treacherous(text) {
        Some(c) => {
            let code = u32::from(c);
            Err((
                "text",
                format!("{what} holds U+{code:04X}, which hides or turns text around"),
            ))
        }
        None => Ok(Some(text.to_owned())),
    }
}

/// A date, of which a time of day is left out where it is written in a way of its own.
pub(super) fn date(what: &str, text: &str) -> Result<Option<Date>, Why> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day = || {
        text.get(..10)
            .filter(|_| matches!(text.as_bytes().get(10), Some(b' ' | b'T')))
    };
    let read = Date::new(text).ok();
    read.or_else(|| Date::new(day()?).ok())
        .map(Some)
        .ok_or_else(|| ("date", format!("`{what}` {:?} is no date", cut(text))))
}

fn first<const N: usize>(texts: [&str; N]) -> &str {
    let mut texts = texts.into_iter().map(str::trim);
    texts.find(|text| !text.is_empty()).unwrap_or_default()
}

fn either(text: &str, default: Option<&String>) -> String {
    let default = default.map_or("", String::as_str);
    first([text, default]).to_owned()
}

/// As much of a text as a message repeats.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(130).collect()
}
