//! YAML as packs have it: typed, without references, within limits.
//!
//! Every scalar is read as the text that stands there: an address of only digits, `0x…`, `NO` and `1e3` stay what was
//! written. A key that stands twice is an error. Aliases are refused, since no pack needs them and a file of a few
//! lines can make a billion nodes of them. A row of a wrong shape is a fault of its own, and costs no other ([`shape`]).
//!
//! [`shape`]: super::shape

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Error, MessageFormatter as _, Spanned, UserMessageFormatter};

use super::Refused;
use super::row::cut;
use super::shape::{Shape, Shapes};

/// The most nodes of a pack: some 64 bytes of the longest file that is read for each.
const NODES_MAX: usize = 4_000_000;
/// How deep a pack is nested at most.
const DEPTH_MAX: usize = 16;
/// What is said of an alias.
const ALIAS: &str = "an alias stands here, and aliases are refused";

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
    /// Why nothing of it was read: it has not the shape of a row.
    pub fault: Option<Refused>,
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

/// Keys with one text.
pub(super) const TEXTS: &[&str] = &[
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
    "kind",
];
/// Keys with a list of texts, or one.
pub(super) const LISTS: &[&str] = &["concepts", "categories", "jurisdictions", "aliases"];
/// Keys with the rows.
pub(super) const NODES: &[&str] = &["tags", "actors"];

/// Reads a mapping.
#[derive(Clone, Copy)]
struct Mapping<'a> {
    /// Its lists that are one text.
    single: &'a [String],
    /// What is known of its rows; of a row itself, which has none, nothing.
    rows: Option<&'a BTreeMap<usize, Shape>>,
}

impl<'de> DeserializeSeed<'de> for Mapping<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Mapping<'_> {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut node = Node::default();
        while let Some(key) = map.next_key::<String>()? {
            self.take(&mut node, key, &mut map)?;
        }
        Ok(node)
    }
}

impl Mapping<'_> {
    fn take<'de, A: MapAccess<'de>>(
        self,
        node: &mut Node,
        key: String,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let name = key.as_str();
        if name == "address" || name == "id" {
            let text: Spanned<Option<String>> = map.next_value()?;
            node.line = text.referenced.line();
            node.texts.insert(key, text.value.unwrap_or_default());
        } else if TEXTS.contains(&name) {
            let text: Option<String> = map.next_value()?;
            node.texts.insert(key, text.unwrap_or_default());
        } else if LISTS.contains(&name) {
            let list: Vec<String> = if self.single.contains(&key) {
                let text: Option<String> = map.next_value()?;
                text.into_iter().collect()
            } else {
                let list: Option<Vec<Option<String>>> = map.next_value()?;
                list.unwrap_or_default().into_iter().flatten().collect()
            };
            node.lists.insert(key, list);
        } else if let Some(rows) = self.rows
            && NODES.contains(&name)
        {
            let nodes = map.next_value_seed(Rows(rows))?;
            node.nodes.insert(key, nodes);
        } else if name == "context" {
            let said = match map.next_value::<serde_json::Value>()? {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            node.texts.insert(key, said);
        } else {
            map.next_value::<IgnoredAny>()?;
            node.unknown.push(key);
        }
        Ok(())
    }
}

/// Reads the rows, but for those that are known to be none.
#[derive(Clone, Copy)]
struct Rows<'a>(&'a BTreeMap<usize, Shape>);

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = Vec<Node>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Node>, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = Vec<Node>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of mappings")
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Vec<Node>, E> {
        Ok(Vec::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Node>, D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Node>, A::Error> {
        let mut nodes = Vec::new();
        loop {
            let shape = self.0.get(&nodes.len());
            let single: &[String] = match shape {
                Some(shape) => &shape.single,
                None => &[],
            };
            let node = match shape.and_then(|shape| shape.fault.as_ref()) {
                Some(fault) => seq.next_element::<IgnoredAny>()?.map(|_| Node {
                    line: fault.line,
                    fault: Some(fault.clone()),
                    ..Node::default()
                }),
                None => seq.next_element_seed(Mapping { single, rows: None })?,
            };
            match node {
                Some(node) => nodes.push(node),
                None => return Ok(nodes),
            }
        }
    }
}

/// Reads a document. One that has something of a wrong shape is looked at for all of that, and read once more.
///
/// # Errors
/// What is wrong with it, and in which line.
pub(super) fn read(text: &str) -> Result<Node, String> {
    let first = match typed(text, &Shapes::default()) {
        Ok(node) => return Ok(node),
        Err(error) => error,
    };
    if !matches!(first.without_snippet(), Error::Unexpected { .. }) {
        return Err(told(&first));
    }
    let Ok(shapes) = serde_saphyr::from_str_with_options::<Shapes>(text, options()) else {
        return Err(told(&first));
    };
    match &shapes.head.fault {
        Some(fault) => Err(format!("line {}: {}", fault.line, fault.why)),
        None => typed(text, &shapes).map_err(|error| told(&error)),
    }
}

fn typed(text: &str, shapes: &Shapes) -> Result<Node, Error> {
    let mapping = Mapping {
        single: &shapes.head.single,
        rows: Some(&shapes.rows),
    };
    serde_saphyr::with_deserializer_from_str_with_options(text, options(), |deserializer| {
        mapping.deserialize(deserializer)
    })
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 2 * NODES_MAX,
            max_nodes: NODES_MAX,
            max_aliases: 0,
            max_depth: DEPTH_MAX,
        },
        // A key that nobody knows may have any value.
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::AsString,
    }
}

/// An error in our words: those of the library speak of its functions to whoever calls them.
fn told(error: &Error) -> String {
    let said = match error.without_snippet() {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key {:?} stands twice", cut(key))
        }
        Error::DuplicateMappingKey { .. } => "a key stands twice".to_owned(),
        Error::MultipleDocuments { .. } => {
            "another document begins (`---`), and a pack is one".to_owned()
        }
        Error::Unexpected { expected, .. } => format!("here should stand {}", called(expected)),
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Aliases { .. } => ALIAS.to_owned(),
            BudgetBreach::Depth { .. } => format!("it is nested deeper than {DEPTH_MAX}"),
            _ => "it holds more than a pack may".to_owned(),
        },
        Error::UnknownAnchor { .. } | Error::AliasError { .. } => ALIAS.to_owned(),
        other => {
            let said = UserMessageFormatter.format_message(other);
            said.replace(char::is_control, " ")
        }
    };
    match error.location() {
        Some(location) => format!("line {}: {said}", location.line()),
        None => said,
    }
}

/// What the library calls the beginning of a node, as whoever wrote the file would.
fn called(expected: &str) -> &str {
    match expected {
        "string scalar" => "one text",
        "sequence start" => "a list",
        "mapping start" => "a mapping",
        other => other,
    }
}
