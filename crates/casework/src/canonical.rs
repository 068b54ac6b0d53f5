//! Canonical JSON: one value has one text, so that a hash of the text is a hash of the value.
//!
//! RFC 8785 (JSON Canonicalization Scheme) for the subset that a case uses: whole numbers only, within the
//! ±(2^53 − 1) that every JSON reader keeps exactly. An amount is text, so that no reader rounds it.
//! Reading is strict, since the bytes may come from anybody: a key that stands twice, a fraction, a value
//! nested deeper than 32 and anything after the value are refused. It knows nothing of entries or claims.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value nested deeper than this is refused.
pub const DEPTH_MAX: usize = 32;

/// The largest number that RFC 8785 writes as it was meant: 2^53 − 1.
const INTEGER_MAX: i64 = (1 << 53) - 1;

/// A JSON value without fractions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number within ±(2^53 − 1).
    Integer(i64),
    /// Text.
    Text(String),
    /// Values in an order that matters.
    List(Vec<Json>),
    /// Values by key.
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// Reads any JSON text of the subset, canonical or not.
    ///
    /// # Errors
    /// What is wrong, with line and column.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let value = Nested { room: DEPTH_MAX }
            .deserialize(&mut reader)
            .and_then(|value| reader.end().map(|()| value));
        value.map_err(|error| error.to_string())
    }

    /// Reads JSON text that must be canonical.
    ///
    /// # Errors
    /// What is wrong; text that says the same in other bytes is refused too.
    pub fn read_canonical(bytes: &[u8]) -> Result<Self, String> {
        let value = Self::read(bytes)?;
        if value.canonical().as_bytes() != bytes {
            return Err("it is not in canonical form".to_owned());
        }
        Ok(value)
    }

    /// The value of anything that can be serialised.
    ///
    /// # Errors
    /// What the subset cannot hold: a fraction, a number that is too large, a value too deep.
    pub fn of(value: &impl Serialize) -> Result<Self, String> {
        let text = serde_json::to_vec(value).map_err(|error| error.to_string())?;
        Self::read(&text)
    }

    /// The value as a type.
    ///
    /// # Errors
    /// What does not fit.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, String> {
        T::deserialize(&self.value()).map_err(|error| error.to_string())
    }

    /// The value as `serde_json` has it, which reads it as any type.
    fn value(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Integer(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(values) => values.iter().map(Self::value).collect(),
            Self::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(key, value)| (key.clone(), value.value()));
                serde_json::Value::Object(fields.collect())
            }
        }
    }

    /// The one text of this value: sorted keys, no spaces.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The list, if it is one.
    #[must_use]
    pub fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(values) => Some(values),
            _ => None,
        }
    }

    /// The object, if it is one.
    #[must_use]
    pub fn object(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// A field, if it is an object that has it.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Self> {
        self.object()?.get(key)
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(number) => out.push_str(&number.to_string()),
            Self::Text(text) => write_text(text, out),
            Self::List(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                // RFC 8785, 3.2.3: keys are sorted as UTF-16, which differs from UTF-8 beyond U+FFFF.
                let mut sorted: Vec<(&String, &Self)> = fields.iter().collect();
                sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
                out.push('{');
                for (index, (key, value)) in sorted.into_iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(fields) => serializer.collect_map(fields),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Nested { room: DEPTH_MAX }.deserialize(reader)
    }
}

/// An object of text fields and the like, in one line.
pub(crate) fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    let fields = fields.into_iter();
    Json::Object(fields.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Text as RFC 8785, 3.2.2.2 writes it: short escapes where there are any, `\u00xx` for other controls.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Reads a value that may hold others to a depth.
#[derive(Clone, Copy)]
struct Nested {
    room: usize,
}

impl Nested {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let room = self.room.checked_sub(1);
        let room = room.ok_or_else(|| E::custom(format!("nested deeper than {DEPTH_MAX}")))?;
        Ok(Self { room })
    }
}

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        reader.deserialize_any(self)
    }
}

/// Numbers with a fraction or an exponent have no method here, and so are refused.
impl<'de> serde::de::Visitor<'de> for Nested {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value; amounts and fractions are text")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        if (-INTEGER_MAX..=INTEGER_MAX).contains(&number) {
            return Ok(Json::Integer(number));
        }
        Err(E::custom(format!("the number {number} is beyond 2^53 - 1")))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        let signed = i64::try_from(number);
        signed.map_or_else(
            |_| Err(E::custom(format!("the number {number} is beyond 2^53 - 1"))),
            |signed| self.visit_i64(signed),
        )
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut fields = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(inner)?;
            if fields.contains_key(&key) {
                return Err(A::Error::custom(format!("the key {key:?} stands twice")));
            }
            fields.insert(key, value);
        }
        Ok(Json::Object(fields))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Result<String, String> {
        Json::read(text.as_bytes()).map(|value| value.canonical())
    }

    /// The vectors of RFC 8785: 3.2.2 (without its fractions) and 3.2.3.
    #[test]
    fn the_vectors_of_rfc_8785_hold() {
        let text = r#"{ "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false], "numbers": [333333333, 4, 0] }"#;
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333,4,0],\
            \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(canonical(text).unwrap(), expected);
        let text = r#"{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}"#;
        let expected = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
            \"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\
            \"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}";
        assert_eq!(canonical(text).unwrap(), expected);
        let controls = "\"\\u0000\\u0008\\u0009\\u000b\\u000c\\u001f\u{7f}\"";
        let expected = "\"\\u0000\\b\\t\\u000b\\f\\u001f\u{7f}\"";
        assert_eq!(canonical(controls).unwrap(), expected);
    }

    #[test]
    fn what_another_reader_might_read_otherwise_is_refused() {
        for (text, why) in [
            ("1.0", "floating point"),
            ("1e3", "floating point"),
            ("-0", "floating point"),
            ("9007199254740992", "beyond 2^53"),
            ("-9007199254740992", "beyond 2^53"),
            ("18446744073709551615", "beyond 2^53"),
            (r#"{"a":1,"a":1}"#, "the key \"a\" stands twice"),
            (r#"{"a":1,"\u0061":2}"#, "the key \"a\" stands twice"),
            ("{} {}", "trailing characters"),
            (r#""\ud800""#, "hex escape"),
            ("\u{feff}{}", "expected value"),
            ("", "EOF"),
        ] {
            let error = canonical(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(Json::read(b"\"\xff\"").is_err());
        assert_eq!(canonical("9007199254740991").unwrap(), "9007199254740991");
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(canonical(&nested(DEPTH_MAX)).is_ok());
        for depth in [DEPTH_MAX + 1, 100_000] {
            let error = canonical(&nested(depth)).unwrap_err();
            assert!(error.contains("nested deeper than 32"), "{error}");
        }
        assert!(canonical(&"{\"a\":".repeat(100_000)).is_err());
    }

    #[test]
    fn canonical_reading_takes_the_one_text_alone() {
        assert!(Json::read_canonical(b"{\"a\":1,\"b\":2}").is_ok());
        for other in [
            "{\"b\":2,\"a\":1}",
            "{\"a\":1, \"b\":2}",
            "\"\\u0041\"",
            "1\n",
        ] {
            assert!(Json::read_canonical(other.as_bytes()).is_err(), "{other}");
        }
    }
}
