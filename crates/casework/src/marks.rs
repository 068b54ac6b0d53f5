//! The marks of a claim: who says it, how far to believe it, how far to share it, and when it was so.
//!
//! They are fields of the payload, all optional, and checked where they stand. What else a payload says is
//! up to its kind, and not known here.

use std::collections::BTreeMap;
use std::fmt;

use crate::attachments::Attachment;
use crate::canonical::Json;
use crate::words::Date;

/// How good a source is and how likely its statement: the Admiralty code (NATO AJP-2.1; FM 2-22.3, app. B).
/// The two are judged apart: a reliable source can be wrong, and a bad one right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Confidence {
    reliability: char,
    credibility: char,
}

impl Confidence {
    /// Reads `A1` to `F6`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut characters = text.chars();
        let reliability = characters.next().filter(|c| ('A'..='F').contains(c))?;
        let credibility = characters.next().filter(|c| ('1'..='6').contains(c))?;
        let both = Self {
            reliability,
            credibility,
        };
        characters.next().is_none().then_some(both)
    }

    /// Of the source: `A` completely reliable to `E` unreliable, `F` cannot be judged.
    #[must_use]
    pub fn reliability(self) -> char {
        self.reliability
    }

    /// Of the statement: `1` confirmed to `5` improbable, `6` cannot be judged.
    #[must_use]
    pub fn credibility(self) -> char {
        self.credibility
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.reliability, self.credibility)
    }
}

/// How a claim may be shared: TLP 2.0 (FIRST, 2022), from the most open to the most closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Handling {
    /// With everybody.
    Clear,
    /// Within the community.
    Green,
    /// Within the recipient's organisation and with its clients, where they need to know.
    Amber,
    /// Within the recipient's organisation alone.
    AmberStrict,
    /// With the recipient alone.
    Red,
}

impl Handling {
    const ALL: [(Self, &str); 5] = [
        (Self::Clear, "TLP:CLEAR"),
        (Self::Green, "TLP:GREEN"),
        (Self::Amber, "TLP:AMBER"),
        (Self::AmberStrict, "TLP:AMBER+STRICT"),
        (Self::Red, "TLP:RED"),
    ];

    /// Reads a mark as TLP 2.0 writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, name)| *name == text).map(|(mark, _)| mark)
    }
}

impl fmt::Display for Handling {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = Self::ALL.into_iter();
        let name = all.find(|(mark, _)| mark == self).map(|(_, name)| name);
        formatter.write_str(name.expect("every mark is in the list"))
    }
}

/// What every claim may carry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// `source`: the id of who says so.
    pub source: Option<String>,
    /// `confidence`.
    pub confidence: Option<Confidence>,
    /// `handling`.
    pub handling: Option<Handling>,
    /// `date`: when it was so, as precisely as is known.
    pub date: Option<Date>,
    /// `published`: when the source said so.
    pub published: Option<Date>,
    /// `accessed`: when it was read there.
    pub accessed: Option<Date>,
    /// `reference`: where it can be read, if anywhere. It is shown, and never opened.
    pub reference: Option<String>,
    /// `attachments`: files that belong to it.
    pub attachments: Vec<Attachment>,
}

impl Marks {
    /// The fields of a payload that are marks.
    pub(crate) const FIELDS: &[&str] = &[
        "accessed",
        "attachments",
        "confidence",
        "date",
        "handling",
        "published",
        "reference",
        "source",
    ];

    /// Reads the marks of a payload.
    ///
    /// # Errors
    /// Which field is not what it must be.
    pub fn read(payload: &Json) -> Result<Self, String> {
        let text = |key: &str| match payload.field(key) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text.clone())),
            Some(_) => Err(format!("`{key}` is not text")),
        };
        let date = |key: &str| {
            let date = text(key)?.map(|date| Date::new(&date));
            date.transpose()
                .map_err(|error| format!("`{key}` is not a date: {error}"))
        };
        let confidence = text("confidence")?.map(|text| {
            Confidence::parse(&text).ok_or("`confidence` is not of the form A1 to F6".to_owned())
        });
        let handling = text("handling")?.map(|text| {
            Handling::parse(&text).ok_or("`handling` is not a mark of TLP 2.0".to_owned())
        });
        Ok(Self {
            source: text("source")?,
            confidence: confidence.transpose()?,
            handling: handling.transpose()?,
            date: date("date")?,
            published: date("published")?,
            accessed: date("accessed")?,
            reference: text("reference")?,
            attachments: Attachment::list(payload)?,
        })
    }

    /// Writes the marks among the fields of a payload.
    pub(crate) fn write(&self, fields: &mut BTreeMap<String, Json>) {
        let texts = [
            ("source", self.source.clone()),
            ("confidence", self.confidence.map(|mark| mark.to_string())),
            ("handling", self.handling.map(|mark| mark.to_string())),
            ("date", self.date.as_ref().map(ToString::to_string)),
            (
                "published",
                self.published.as_ref().map(ToString::to_string),
            ),
            ("accessed", self.accessed.as_ref().map(ToString::to_string)),
            ("reference", self.reference.clone()),
        ];
        let texts = texts.into_iter();
        let texts = texts.filter_map(|(key, text)| Some((key.to_owned(), Json::Text(text?))));
        fields.extend(texts);
        if !self.attachments.is_empty() {
            let list = self.attachments.iter().map(Attachment::json).collect();
            fields.insert("attachments".to_owned(), Json::List(list));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Marks, String> {
        Marks::read(&Json::read(text.as_bytes()).unwrap())
    }

    #[test]
    fn marks_are_optional_and_checked() {
        assert_eq!(read("{}").unwrap(), Marks::default());
        let marks = read(
            r#"{"source":"s1","confidence":"B2","handling":"TLP:AMBER+STRICT","date":"2020-09"}"#,
        );
        let marks = marks.unwrap();
        assert_eq!(marks.confidence.unwrap().to_string(), "B2");
        assert_eq!(marks.confidence.unwrap().reliability(), 'B');
        assert_eq!(marks.handling.unwrap().to_string(), "TLP:AMBER+STRICT");
        assert!(marks.handling.unwrap() > Handling::Amber);
        for (text, why) in [
            (r#"{"confidence":"G1"}"#, "A1 to F6"),
            (r#"{"confidence":"A7"}"#, "A1 to F6"),
            (r#"{"confidence":"A"}"#, "A1 to F6"),
            (r#"{"confidence":"A11"}"#, "A1 to F6"),
            (r#"{"handling":"TLP:WHITE"}"#, "TLP 2.0"),
            (r#"{"handling":null}"#, "`handling` is not text"),
            (r#"{"published":"yesterday"}"#, "`published` is not a date"),
            (r#"{"accessed":"2020-02-30"}"#, "`accessed` is not a date"),
        ] {
            assert!(read(text).unwrap_err().contains(why), "{text}");
        }
    }
}
