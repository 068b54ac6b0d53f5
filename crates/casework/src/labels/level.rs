//! How the publisher of a label knows: the fourteen confidence levels of GraphSense's TagPacks.
//!
//! A level is a word with a number from 5 to 100. The number orders labels and is never averaged: two labels that
//! contradict each other do not make a third one of middling confidence. Source: the confidence table of
//! graphsense-tagpack-tool. It says how somebody knows, not how often such labels are right; nobody has measured that.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::claims::forms::as_text;

/// A level of the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

/// The scale: each word with its number, from the surest.
const SCALE: [(&str, u8); 14] = [
    ("override", 100),
    ("ownership", 100),
    ("ledger_immanent", 100),
    ("manual_transaction", 90),
    ("service_api", 70),
    ("forensic_investigation", 70),
    ("authority_data", 60),
    ("trusted_provider", 50),
    ("service_data", 50),
    ("forensic", 50),
    ("untrusted_transaction", 40),
    ("web_crawl", 20),
    ("heuristic", 10),
    ("unknown", 5),
];

impl Level {
    /// The word.
    #[must_use]
    pub fn name(self) -> &'static str {
        SCALE[usize::from(self.0)].0
    }

    /// The number, 5 to 100.
    #[must_use]
    pub fn number(self) -> u8 {
        SCALE[usize::from(self.0)].1
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let place = SCALE.iter().position(|(word, _)| *word == text);
        let place = place.and_then(|place| u8::try_from(place).ok());
        place.map(Self).ok_or_else(|| {
            let words: Vec<&str> = SCALE.iter().map(|(word, _)| *word).collect();
            format!(
                "{text:?} is no confidence level; there are {}",
                words.join(", ")
            )
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

as_text!(Level);
