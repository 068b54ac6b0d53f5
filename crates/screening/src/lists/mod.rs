//! Sanctions lists as their publishers ship them, one reader per publisher, read into one shape.
//!
//! The format is recognised by what stands in the file, not by its name. A file is read whole or refused: a list
//! with a hole in it would let somebody through. What a reader has no field for is kept as a fact, and what it
//! does not know is told besides.
//!
//! Not here: files and folders. Bytes come in, a [`Listing`] goes out; [`pack`] turns it into bytes again.

pub mod dates;
pub mod diff;
pub mod entry;
pub mod error;
mod eu;
pub(crate) mod numbers;
mod ofac;
mod ofac_advanced;
mod ofac_csv;
mod ofac_remarks;
pub mod pack;
pub mod quotes;
pub mod reading;
mod table;
mod tagpack;
mod uk;
mod un;
pub mod xml;

use std::io::{BufRead, Cursor, Read as _};

pub use entry::{Entry, Kind, Listed, Name, Quality};
pub use error::ListError;
pub use reading::{Listing, Unknown};

/// How much of a file is looked at to recognise its format.
const HEAD: usize = 64 << 10;
/// The most bytes of a file that is not streamed.
const TABLE_MAX: u64 = 512 << 20;

/// A format of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The Security Council's consolidated list.
    UnXml,
    /// OFAC's `sdnList` XML.
    OfacXml,
    /// OFAC's Advanced XML.
    OfacAdvancedXml,
    /// A file of OFAC's SDN.CSV family.
    OfacCsv,
    /// The EU's FSF XML 1.1.
    EuXml,
    /// The UK Sanctions List as XML.
    UkXml,
    /// The UK Sanctions List as CSV.
    UkCsv,
    /// A TagPack.
    TagPack,
    /// A plain table.
    Table,
}

impl Format {
    /// The word for it in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::UnXml => "un-xml",
            Self::OfacXml => "ofac-xml",
            Self::OfacAdvancedXml => "ofac-advanced-xml",
            Self::OfacCsv => "ofac-csv",
            Self::EuXml => "eu-fsf-xml",
            Self::UkXml => "uk-xml",
            Self::UkCsv => "uk-csv",
            Self::TagPack => "tagpack",
            Self::Table => "csv",
        }
    }
}

/// A file of a list.
pub struct Source<'a> {
    /// Its name, for errors, and for the name of a plain list.
    pub name: String,
    /// Its bytes.
    pub bytes: Box<dyn BufRead + 'a>,
}

/// Reads a list from its files: one, or the SDN.CSV family. `name` overrides the list's name.
///
/// # Errors
/// Where a format is not recognised, files do not belong together, or one of them cannot be read whole.
pub fn read(sources: Vec<Source<'_>>, name: Option<&str>) -> Result<(Format, Listing), ListError> {
    let mut family = Vec::new();
    let mut found = None;
    for mut source in sources {
        let mut head = Vec::new();
        let cannot = |error: std::io::Error, file: &str| ListError::At {
            file: file.to_owned(),
            line: 0,
            offset: 0,
            what: error.to_string(),
        };
        (&mut source.bytes)
            .take(HEAD as u64)
            .read_to_end(&mut head)
            .map_err(|error| cannot(error, &source.name))?;
        let unrecognised = || ListError::Unrecognised {
            file: source.name.clone(),
        };
        let format = recognise(&head).ok_or_else(unrecognised)?;
        let mut bytes = Cursor::new(head).chain(source.bytes);
        let alone = found.is_none() && family.is_empty();
        if format == Format::OfacCsv && found.is_none() {
            family.push((source.name.clone(), whole(&source.name, &mut bytes)?));
            continue;
        }
        if !alone {
            return Err(ListError::Mixed { file: source.name });
        }
        found = Some((format, one(format, &source.name, &mut bytes, name)?));
    }
    let (format, mut listing) = match found {
        Some(found) => found,
        None => (Format::OfacCsv, ofac_csv::read(&family)?),
    };
    if let Some(name) = name {
        name.clone_into(&mut listing.list);
    }
    Ok((format, listing))
}

fn one(
    format: Format,
    file: &str,
    bytes: &mut impl BufRead,
    name: Option<&str>,
) -> Result<Listing, ListError> {
    let named = name.map_or_else(|| stem(file), str::to_owned);
    match format {
        Format::UnXml => un::read(file, bytes),
        Format::OfacXml => ofac::read(file, bytes),
        Format::OfacAdvancedXml => ofac_advanced::read(file, bytes),
        Format::EuXml => eu::read(file, bytes),
        Format::UkXml => uk::read_xml(file, bytes),
        Format::UkCsv => uk::read_csv(file, &whole(file, bytes)?),
        Format::TagPack => tagpack::read(file, &whole(file, bytes)?, &named),
        Format::Table => table::read(file, &whole(file, bytes)?, &named),
        Format::OfacCsv => ofac_csv::read(&[(file.to_owned(), whole(file, bytes)?)]),
    }
}

fn whole(file: &str, bytes: &mut impl BufRead) -> Result<Vec<u8>, ListError> {
    let at = |what: String| ListError::At {
        file: file.to_owned(),
        line: 0,
        offset: 0,
        what,
    };
    let mut all = Vec::new();
    bytes
        .take(TABLE_MAX + 1)
        .read_to_end(&mut all)
        .map_err(|error| at(error.to_string()))?;
    if all.len() as u64 > TABLE_MAX {
        return Err(at(format!("a file of more than {TABLE_MAX} bytes")));
    }
    Ok(all)
}

/// The name of a plain list: its file's, in lower case, with dashes for what is no letter and no digit.
fn stem(file: &str) -> String {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let base = base.split('.').next().unwrap_or(base);
    let word: String = base
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let word = word.trim_matches('-');
    if word.is_empty() {
        "list".to_owned()
    } else {
        word.to_owned()
    }
}

/// The format that the beginning of a file shows.
#[must_use]
pub fn recognise(head: &[u8]) -> Option<Format> {
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
    let text = String::from_utf8_lossy(head);
    let start = text.trim_start();
    if start.starts_with('<') {
        return recognise_xml(start);
    }
    // The last line of the head may be cut.
    let lines = text.lines().count();
    let all: String = text
        .lines()
        .take(if head.len() < HEAD {
            lines
        } else {
            lines.saturating_sub(1)
        })
        .take(3)
        .map(|line| format!("{line}\n"))
        .collect();
    let rows = table::first_rows("", all.as_bytes()).unwrap_or_default();
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, row)| row).collect();
    if uk::header(&rows).is_some() {
        return Some(Format::UkCsv);
    }
    let first = rows.first()?;
    if ofac_csv::member(first).is_some() {
        return Some(Format::OfacCsv);
    }
    let key = |line: &str| line.split_once(':').is_some_and(|(key, _)| key == "tags");
    let yaml = |line: &str| line.starts_with("title:") || line.starts_with("creator:") || key(line);
    if text.lines().any(yaml) {
        return Some(Format::TagPack);
    }
    table::is_header(first).then_some(Format::Table)
}

fn recognise_xml(text: &str) -> Option<Format> {
    // The root is the first tag that is neither a declaration nor a comment.
    let mut rest = text;
    loop {
        let at = rest.find('<')?;
        rest = &rest[at + 1..];
        if !rest.starts_with(['?', '!']) {
            break;
        }
    }
    let name: String = rest
        .chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '/'))
        .collect();
    match name.rsplit(':').next().unwrap_or_default() {
        "CONSOLIDATED_LIST" => Some(Format::UnXml),
        "sdnList" => Some(Format::OfacXml),
        "Sanctions" => Some(Format::OfacAdvancedXml),
        "export" => Some(Format::EuXml),
        "Designations" => Some(Format::UkXml),
        _ => None,
    }
}
