//! Claims as a TagPack, so that others can use what a case says.
//!
//! Every text stands in double quotes, so that no reader takes an address for a number or `NO` for a truth value. What
//! is written is read back as the same claims, but for marks that a TagPack has no field for (grade, dates, and of handling
//! all but whether it is for everybody); for a source and a pack, which a claim without them gets of the head; and for a
//! text that no import takes. A kind that the reader would not come to by itself is written in a key of our own. Below the
//! level from which services are believed the reader wants to be told that it holds ([`Defaults::kinds`]).
//!
//! [`Defaults::kinds`]: super::Defaults::kinds

use std::fmt::Write as _;

use super::SERVICES_FROM;
use super::pack::ACTOR;
use super::role::Role;
use crate::claims::{Body, Entity};
use crate::marks::{Handling, Marks};

/// The claims on addresses as a TagPack of this title; others are passed over.
#[must_use]
pub fn tagpack<'a>(
    title: &str,
    creator: &str,
    claims: impl IntoIterator<Item = (&'a Marks, &'a Body)>,
) -> String {
    let mut text = format!(
        "title: {}\ncreator: {}\ntags:\n",
        quoted(title),
        quoted(creator)
    );
    for (marks, body) in claims {
        let Some((role, claim)) = Role::of(body) else {
            continue;
        };
        let is_told = Role::told_by(claim, SERVICES_FROM) == role;
        let (chain, address) = claim
            .address
            .rsplit_once(':')
            .unwrap_or(("", &claim.address));
        let date = |date: &Option<crate::words::Date>| date.as_ref().map(ToString::to_string);
        let fields = [
            (
                "network",
                Some(chain.to_owned()).filter(|chain| !chain.is_empty()),
            ),
            ("label", Some(claim.name.clone())),
            ("category", Some(claim.category.clone())),
            ("actor", claim.entity.as_ref().map(ToString::to_string)),
            ("confidence", claim.level.map(|level| level.to_string())),
            ("abuse", claim.abuse.clone()),
            ("title", claim.pack.clone()),
            ("source", marks.reference.clone()),
            ("creator", marks.source.clone()),
            ("lastmod", date(&marks.published)),
            ("valid_from", date(&claim.valid_from)),
            ("valid_until", date(&claim.valid_until)),
            ("context", claim.context.clone()),
            ("kind", (!is_told).then(|| role.name().to_owned())),
        ];
        text.push_str(&format!("- address: {}\n", quoted(address)));
        for (key, value) in fields {
            if let Some(value) = value {
                let _ = writeln!(text, "  {key}: {}", quoted(&value));
            }
        }
        if claim.of_cluster {
            text.push_str("  is_cluster_definer: true\n");
        }
        text.push_str(not_public(marks));
        let concepts = claim.concepts.iter();
        list(&mut text, "concepts", concepts.map(String::as_str));
    }
    text
}

/// Entities as an ActorPack of this title.
#[must_use]
pub fn actorpack<'a>(
    title: &str,
    creator: &str,
    entities: impl IntoIterator<Item = (&'a Marks, &'a Entity)>,
) -> String {
    let mut text = format!(
        "title: {}\ncreator: {}\nactors:\n",
        quoted(title),
        quoted(creator)
    );
    for (marks, entity) in entities {
        let own = entity
            .identifiers
            .iter()
            .find(|identifier| identifier.kind == ACTOR);
        let id = own.map_or(entity.entity.as_str(), |identifier| &identifier.number);
        text.push_str(&format!("- id: {}\n", quoted(id)));
        if let Some((label, aliases)) = entity.names.split_first() {
            let _ = writeln!(text, "  label: {}", quoted(label));
            list(&mut text, "aliases", aliases.iter().map(String::as_str));
        }
        let words = |words: &'a [String]| words.iter().map(String::as_str);
        list(&mut text, "categories", words(&entity.categories));
        list(&mut text, "jurisdictions", words(&entity.jurisdictions));
        if let Some(uri) = &entity.uri {
            let _ = writeln!(text, "  uri: {}", quoted(uri));
        }
        text.push_str(not_public(marks));
    }
    text
}

/// The line of a row that is not for everybody. In a pack of others it stands in the head, and holds for all.
fn not_public(marks: &Marks) -> &'static str {
    match marks.handling.is_some_and(|mark| mark > Handling::Green) {
        true => "  is_public: false\n",
        false => "",
    }
}

fn list<'a>(text: &mut String, key: &str, items: impl IntoIterator<Item = &'a str>) {
    let mut items = items.into_iter().peekable();
    if items.peek().is_none() {
        return;
    }
    let _ = writeln!(text, "  {key}:");
    for item in items {
        let _ = writeln!(text, "  - {}", quoted(item));
    }
}

/// A text in double quotes: JSON's way, which YAML reads alike. What JSON lets stand and YAML does not, or what a reader
/// would not see, is written by its number.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for c in serde_json::Value::from(text).to_string().chars() {
        let is_plain = crate::import::treacherous(c.encode_utf8(&mut [0; 4])).is_none();
        match u32::from(c) {
            _ if is_plain => quoted.push(c),
            code @ ..=0xFFFF => quoted.push_str(&format!("\\u{code:04x}")),
            code => quoted.push_str(&format!("\\U{code:08x}")),
        }
    }
    quoted
}
