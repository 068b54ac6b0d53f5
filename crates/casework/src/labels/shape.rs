//! What a pack looks like, before its texts are read: which tag has a list where a text belongs, and where a list is
//! one text.
//!
//! A typed reading ends at the first value of a wrong shape, and would cost the whole pack for one tag. So where it
//! does, the pack is looked at once more without types, and read again with what was seen. What the texts are is not
//! asked here, since a reading without types takes some of them for numbers.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_saphyr::Spanned;

use super::Refused;
use super::row::cut;
use super::yaml::{LISTS, NODES, TEXTS};

/// What a mapping looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Its lists that are one text.
    pub single: Vec<String>,
    /// Why it can be no row.
    pub fault: Option<Refused>,
}

/// What a pack looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shapes {
    /// Its head.
    pub head: Shape,
    /// Its rows that are not what they should be, by their place.
    pub rows: BTreeMap<usize, Shape>,
}

impl Shapes {
    fn row(&mut self, place: usize, row: Spanned<Shape>) {
        let mut shape = row.value;
        shape.stands_in(row.referenced.line());
        if shape != Shape::default() {
            self.rows.insert(place, shape);
        }
    }
}

impl<'de> Deserialize<'de> for Shapes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Looks;
        impl<'de> Visitor<'de> for Looks {
            type Value = Shapes;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shapes, A::Error> {
                let mut shapes = Shapes::default();
                while let Some(key) = map.next_key::<String>()? {
                    if NODES.contains(&key.as_str()) {
                        let rows: Option<Vec<Spanned<Shape>>> = map.next_value()?;
                        for (place, row) in rows.into_iter().flatten().enumerate() {
                            shapes.row(place, row);
                        }
                    } else {
                        let value: Spanned<Value> = map.next_value()?;
                        shapes.head.take(&key, &value.value);
                        shapes.head.stands_in(value.referenced.line());
                    }
                }
                Ok(shapes)
            }
        }
        deserializer.deserialize_map(Looks)
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self::of(&value))
    }
}

impl Shape {
    /// Of what stands among tags or actors.
    fn of(value: &Value) -> Self {
        let mut shape = Self::default();
        let Value::Object(fields) = value else {
            shape.refuse(format!("it is {}, and must be a mapping", called(value)));
            shape.names(value);
            return shape;
        };
        for (key, value) in fields {
            shape.take(key, value);
        }
        let mut own = ["address", "id"].iter().filter_map(|key| fields.get(*key));
        if let Some(own) = own.next() {
            shape.names(own);
        }
        shape
    }

    /// A field of it.
    fn take(&mut self, key: &str, value: &Value) {
        let is_text = |value: &Value| !matches!(value, Value::Array(_) | Value::Object(_));
        let is_list = LISTS.contains(&key);
        match value {
            Value::Array(items) if is_list && items.iter().all(is_text) => {}
            Value::Array(_) if is_list => self.refuse(format!(
                "`{key}` must be a list of texts, and holds another"
            )),
            Value::Object(_) if is_list => {
                self.refuse(format!(
                    "`{key}` is {}, and must be a list of texts",
                    called(value)
                ));
            }
            Value::Array(_) | Value::Object(_)
                if TEXTS.contains(&key) || matches!(key, "address" | "id") =>
            {
                self.refuse(format!(
                    "`{key}` is {}, and must be one text",
                    called(value)
                ));
            }
            Value::Null | Value::Array(_) | Value::Object(_) => {}
            _ if is_list => self.single.push(key.to_owned()),
            _ => {}
        }
    }

    /// Of several faults the first is told.
    fn refuse(&mut self, why: String) {
        if self.fault.is_none() {
            self.fault = Some(Refused {
                line: 0,
                what: String::new(),
                kind: "shape",
                why,
            });
        }
    }

    /// Names it in the refusal by its address or id, as far as that is one text.
    fn names(&mut self, value: &Value) {
        if let Some(fault) = &mut self.fault {
            fault.what = cut(value.as_str().unwrap_or_default());
        }
    }

    fn stands_in(&mut self, line: u64) {
        if let Some(fault) = &mut self.fault
            && fault.line == 0
        {
            fault.line = line;
        }
    }
}

/// What a value is, in words.
fn called(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
        _ => "a text",
    }
}
