//! Labels from outside: TagPacks, ActorPacks, tables of addresses, read into claims; and claims written as a TagPack.
//!
//! What cannot be a claim is refused, row by row, with the reason; the rest comes in. Text is hostile: what holds a
//! character that hides or turns text around, or is longer than any name, is refused and not repaired. Two labels
//! that contradict each other both come in. Which source stands behind several of them is told by [`upstream`], so
//! that a statement copied from pack to pack counts once.
//!
//! Not here: what a label does to a trace, and whether it is right.

mod level;
mod pack;
mod role;
mod row;
mod shape;
mod table;
mod write;
mod yaml;

use std::collections::BTreeMap;

use serde::Serialize;

pub use level::Level;
pub use write::{actorpack, tagpack};

use crate::claims::{Claim, Entity, Statement};

/// From this number of confidence on an address of those who pool funds is claimed as a service, where nobody says
/// otherwise; what is written is written for a reader who does so.
pub const SERVICES_FROM: u8 = 50;

/// The longest file that is read. The largest public pack has 2 MB.
pub const FILE_LENGTH_MAX: usize = 64 << 20;

/// What holds for rows that do not say it themselves, and how rows become claims.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// A name.
    pub name: Option<String>,
    /// A category.
    pub category: Option<String>,
    /// A chain, by its short name or CAIP-2 id.
    pub chain: Option<String>,
    /// Who says it.
    pub source: Option<String>,
    /// Where it can be read.
    pub reference: Option<String>,
    /// How they know.
    pub level: Option<Level>,
    /// Addresses of a category that pools customers' funds are claimed as services, where traces end, from this
    /// number of confidence on; below it they are names and nothing more.
    pub services_from: u8,
    /// Whether a pack that names the kind of an address itself (`kind: service`) is believed below that number too.
    pub kinds: bool,
}

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// `tagpack`, `actorpack` or `table`.
    pub form: &'static str,
    /// What it calls itself.
    pub title: Option<String>,
    /// Rows of it.
    pub rows: usize,
    /// What it says, in its order.
    pub statements: Vec<Statement>,
    /// Those of them that are names and nothing more because their level is too low for what they call themselves: by
    /// their place, what they would be.
    pub lowered: BTreeMap<usize, Statement>,
    /// What did not come in.
    pub refused: Vec<Refused>,
    /// Keys that nobody knows, which were passed over, with how many rows have them.
    pub unknown: Vec<(String, usize)>,
}

/// A row that did not come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The line it begins at, from 1; 0 where it is not known.
    pub line: u64,
    /// Its address or id as it stands there, cut (hostile text).
    pub what: String,
    /// In a word, for counts.
    pub kind: &'static str,
    /// Why.
    pub why: String,
}

/// Reads a file of labels: YAML is a TagPack or an ActorPack, anything else a table.
///
/// # Errors
/// Where the file is none of them, with the place where that shows.
pub fn read(bytes: &[u8], defaults: &Defaults) -> Result<Reading, String> {
    if bytes.len() > FILE_LENGTH_MAX {
        return Err(format!("it has more than {FILE_LENGTH_MAX} bytes"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("byte {}: it is not UTF-8", error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if is_yaml(text) {
        pack::read(text, defaults)
    } else {
        table::read(text, defaults)
    }
}

/// Whether a text is a pack: a line of it begins the list of tags or of actors, or it is written in braces.
fn is_yaml(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start);
    let is_key = |line: &str| {
        let key = line.split_once(':').map_or("", |(key, _)| key.trim_end());
        let key = key.trim_matches(|sign: char| matches!(sign, '"' | '\''));
        matches!(key, "tags" | "actors")
    };
    lines.clone().any(is_key) || lines.find_map(first_sign) == Some('{')
}

/// The first sign of a line that is more than a comment, a directive or the beginning of a document.
fn first_sign(line: &str) -> Option<char> {
    let line = line.strip_prefix("---").unwrap_or(line).trim_start();
    line.chars()
        .next()
        .filter(|sign| !matches!(sign, '#' | '%'))
}

/// Whether an ActorPack brought an entity.
#[must_use]
pub fn is_actor(entity: &Entity) -> bool {
    let mut identifiers = entity.identifiers.iter();
    identifiers.any(|identifier| identifier.kind == pack::ACTOR)
}

/// Which publication stands behind a claim: where it can be read, without what says the same in another way; where it
/// says nothing of that, who says it; else its author. Claims with one upstream are one statement.
#[must_use]
pub fn upstream(claim: &Claim) -> String {
    let marks = &claim.marks;
    let reference = marks.reference.as_deref().map(|url| {
        let url = url.split_once("://").map_or(url, |(_, rest)| rest);
        let url = url.split('#').next().unwrap_or(url);
        let url = url.trim_end_matches('/');
        let (host, path) = url.find('/').map_or((url, ""), |at| url.split_at(at));
        let host = host.to_ascii_lowercase();
        format!("{}{path}", host.strip_prefix("www.").unwrap_or(&host))
    });
    let source = || {
        marks
            .source
            .as_ref()
            .map(|source| source.trim().to_lowercase())
    };
    reference
        .or_else(source)
        .unwrap_or_else(|| claim.author.to_string())
}

#[cfg(test)]
mod tests;
