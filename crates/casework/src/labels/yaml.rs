//! YAML as packs have it: typed, without references, within limits.
//!
//! Every scalar is read as the text that stands there: an address of only digits, `0x…`, `NO` and `1e3` stay what was
//! written. A key that stands twice is an error. Aliases are refused, since no pack needs them and a file of a few
//! lines can make a billion nodes of them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;

/// The most nodes of a pack: some 64 bytes of the longest file that is read for each.
const NODES_MAX: usize = 4_000_000;

/// A mapping of texts, with lists of texts and lists of mappings in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// The line of its `address` or `id`.
    pub line: u64,
    pub texts: BTreeMap<String, String>,
    pub lists: BTreeMap<String, Vec<String>>,
    pub nodes: BTreeMap<String, Vec<Node>>,
    /// What else stands there, passed over or (`context`) as JSON.
    pub unknown: Vec<String>,
}

impl Node {
    /// A text, empty where there is none.
    pub(super) fn text(&self, key: &str) -> &str {
        self.texts.get(key).map_or("", String::as_str)
    }

    /// A list, empty where there is none.
    pub(super) fn list(&self, key: &str) -> &[String] {
        self.lists.get(key).map_or(&[], Vec::as_slice)
    }
}

const TEXTS: &[&str] = &[
    "title",
    "creator",
    "description",
    "lastmod",
    "currency",
    "network",
    "asset",
    "label",
    "category",
    "actor",
    "confidence",
    "abuse",
    "is_cluster_definer",
    "source",
    "uri",
    "valid_from",
    "valid_until",
    "is_public",
    "tag_type",
];
const LISTS: &[&str] = &["concepts", "categories", "jurisdictions", "aliases"];
const NODES: &[&str] = &["tags", "actors"];

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl<'de> Visitor<'de> for Reads {
            type Value = Node;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut node = Node::default();
                while let Some(key) = map.next_key::<String>()? {
                    node.take(key, &mut map)?;
                }
                Ok(node)
            }
        }
        deserializer.deserialize_map(Reads)
    }
}

impl Node {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: String, map: &mut A) -> Result<(), A::Error> {
        let name = key.as_str();
        if name == "address" || name == "id" {
            let text: Spanned<Option<String>> = map.next_value()?;
            self.line = text.referenced.line();
            self.texts.insert(key, text.value.unwrap_or_default());
        } else if TEXTS.contains(&name) {
            let text: Option<String> = map.next_value()?;
            self.texts.insert(key, text.unwrap_or_default());
        } else if LISTS.contains(&name) {
            let list: Option<Vec<String>> = map.next_value()?;
            self.lists.insert(key, list.unwrap_or_default());
        } else if NODES.contains(&name) {
            let nodes: Option<Vec<Self>> = map.next_value()?;
            self.nodes.insert(key, nodes.unwrap_or_default());
        } else if name == "context" {
            let said = match map.next_value::<serde_json::Value>()? {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            self.texts.insert(key, said);
        } else {
            map.next_value::<IgnoredAny>()?;
            self.unknown.push(key);
        }
        Ok(())
    }
}

/// Reads a document.
///
/// # Errors
/// What is wrong with it, and in which line.
pub(super) fn read(text: &str) -> Result<Node, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 2 * NODES_MAX,
            max_nodes: NODES_MAX,
            max_aliases: 0,
            max_depth: 16,
        },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let said = error.to_string();
        let first = said.lines().next().unwrap_or_default();
        match error.location() {
            Some(location) => format!("line {}: {first}", location.line()),
            None => first.to_owned(),
        }
    })
}
