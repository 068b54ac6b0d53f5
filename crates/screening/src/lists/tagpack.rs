//! A TagPack (GraphSense's YAML of labelled addresses) as a list of addresses.
//!
//! What stands in the head holds for each tag that does not say otherwise. Every value is read as text: an
//! address of only digits, or `0x…`, stays what was written. YAML that is longer than its budget, that refers to
//! itself, or that holds a key twice is refused.
//!
//! Not here: labels as claims of a case.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::entry::{Entry, Listed, Quality, tidy};
use super::error::ListError;
use super::reading::Listing;

/// The most bytes of a pack. The largest public one has 2 MB.
const BYTES_MAX: usize = 32 << 20;

/// Keys that are known; others are kept as facts and told.
const KNOWN: &[&str] = &[
    "title",
    "description",
    "confidence",
    "is_cluster_definer",
    "category",
    "source",
    "actor",
    "context",
    "concepts",
    "uri",
    "tag_type",
];

/// What the head says, or a tag.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Tag {
    address: String,
    currency: String,
    asset: String,
    network: String,
    label: String,
    abuse: String,
    creator: String,
    lastmod: String,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Pack {
    #[serde(default)]
    tags: Option<Vec<Tag>>,
    #[serde(flatten)]
    head: Tag,
}

/// Reads a pack; the list bears the name given, one entry for each label.
///
/// # Errors
/// Where the file is no such YAML, or holds no address.
pub fn read(file: &str, bytes: &[u8], list: &str) -> Result<Listing, ListError> {
    let at = |line: u64, what: String| ListError::At {
        file: file.to_owned(),
        line,
        offset: 0,
        what,
    };
    if bytes.len() > BYTES_MAX {
        return Err(at(1, format!("a pack of more than {BYTES_MAX} bytes")));
    }
    let text =
        std::str::from_utf8(bytes).map_err(|_| at(1, "bytes that are not UTF-8".to_owned()))?;
    let pack: Pack = parse(text).map_err(|(line, what)| at(line, what))?;
    let Some(tags) = pack.tags else {
        return Err(at(1, "a TagPack without a list of tags".to_owned()));
    };
    let head = pack.head;
    let mut listing = Listing::new(list, &head.creator);
    if !head.lastmod.is_empty() {
        listing.dated(&head.lastmod, false);
    }
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (number, tag) in tags.iter().enumerate() {
        let label = first([&tag.label, &head.label]);
        let place = *places.entry(label.to_owned()).or_insert_with(|| {
            let mut listed = entry(label, &head);
            let abuse = first([&tag.abuse, &head.abuse]).to_owned();
            listed
                .entry
                .programmes
                .extend(Some(abuse).filter(|one| !one.is_empty()));
            listing.entries.push(listed);
            listing.entries.len() - 1
        });
        if tag.address.is_empty() {
            listing.problem(format!("tag {} has no address", number + 1));
        }
        let own = first([&tag.currency, &tag.asset, &tag.network]);
        let code = first([own, &head.currency, &head.asset, &head.network]);
        listing.entries[place].entry.wallet(code, &tag.address);
        for (key, value) in &tag.rest {
            let fact = (format!("{} {key}", tag.address), words(value));
            listing.entries[place].facts.push(fact);
            if !KNOWN.contains(&key.as_str()) {
                listing.unknown(&format!("tags/{key}"), 0);
            }
        }
    }
    for key in head
        .rest
        .keys()
        .filter(|key| !KNOWN.contains(&key.as_str()))
    {
        listing.unknown(key, 0);
    }
    listing.done(file)
}

fn first<const N: usize>(texts: [&str; N]) -> &str {
    texts
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => tidy(text),
        other => other.to_string(),
    }
}

fn parse(text: &str) -> Result<Pack, (u64, String)> {
    serde_saphyr::from_str(text).map_err(|error| {
        let line = error.location().map_or(0, |location| location.line());
        let said = error.to_string();
        let first = said.lines().next().unwrap_or_default().to_owned();
        (line, first)
    })
}

fn entry(label: &str, head: &Tag) -> Listed {
    let mut listed = Listed::default();
    let Entry { id, reference, .. } = &mut listed.entry;
    label.clone_into(id);
    label.clone_into(reference);
    listed.entry.name(label, Quality::Primary);
    for (key, value) in &head.rest {
        listed.facts.push((key.clone(), words(value)));
    }
    listed
}
