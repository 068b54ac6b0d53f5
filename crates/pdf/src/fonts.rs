//! The fonts that are shipped: serif and monospace for Latin, Greek and Cyrillic, and one sans with Korean and Chinese.
//!
//! A machine's own fonts are never used: they differ from machine to machine, and with them the bytes.

use std::collections::BTreeSet;

use serde_json::Value;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

use crate::Fault;

/// Hangul and Hanja of KS X 1001, Chinese of GB 2312, and Latin; see `fonts/SOURCE.txt`.
static KOREAN_AND_CHINESE: &[u8] = include_bytes!("../fonts/NotoSansCJKkr-Subset.otf");

/// How many characters without a glyph are named.
const NAMED_MAX: usize = 12;

pub(crate) struct Fonts {
    pub(crate) book: LazyHash<FontBook>,
    pub(crate) all: Vec<Font>,
}

impl Fonts {
    pub(crate) fn shipped() -> Self {
        let files = typst_assets::fonts().chain([KOREAN_AND_CHINESE]);
        let all: Vec<Font> = files
            .flat_map(|file| Font::iter(Bytes::new(file)))
            .collect();
        Self {
            book: LazyHash::new(FontBook::from_fonts(&all)),
            all,
        }
    }

    /// Whether every character that is to be shown has a glyph.
    pub(crate) fn cover(&self, sheets: &Value) -> Result<(), Fault> {
        let mut characters = BTreeSet::new();
        gather(sheets, &mut characters);
        let covered = |c: char| {
            c.is_ascii_whitespace()
                || self
                    .all
                    .iter()
                    .any(|font| font.info().coverage.contains(u32::from(c)))
        };
        let missing: Vec<char> = characters.into_iter().filter(|c| !covered(*c)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let named: Vec<String> = missing
            .iter()
            .take(NAMED_MAX)
            .map(|c| format!("{c} (U+{:04X})", u32::from(*c)))
            .collect();
        let more = match missing.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Err(Fault {
            what: format!(
                "no font that is shipped has the characters {}{more}",
                named.join(", ")
            ),
            hint: "write them in another script for the PDF, or give the edition out without it: leave out `--to pdf`"
                .to_owned(),
        })
    }
}

fn gather(value: &Value, into: &mut BTreeSet<char>) {
    match value {
        Value::String(text) => into.extend(text.chars()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| gather(field, into)),
        _ => {}
    }
}
