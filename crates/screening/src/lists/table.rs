//! Lists that are a table: the UK Sanctions List as CSV, and plain CSV of one's own.
//!
//! Columns are found by their names, without case or punctuation. A plain table needs `name` or `address`; a
//! column that nobody knows is kept as a fact and told, and so is a word for a kind. Several rows with one id are one entry.

use std::collections::BTreeMap;

use super::dates;
use super::entry::{Gender, Kind, Listed, Quality, tidy};
use super::error::ListError;
use super::quotes::{self, Quotes, swallows};
use super::reading::Listing;

/// The most bytes of a cell.
const CELL_MAX: usize = 1 << 20;
/// The most cells of a row.
const CELLS_MAX: usize = 512;
/// How much of a word for a kind is told that nobody knows, and of how many such words.
const TOLD_MAX: usize = 40;
const WORDS_MAX: usize = 100;

/// Columns of a plain table, by what they hold.
const COLUMNS: &[(&str, &[&str])] = &[
    ("id", &["id", "entry", "uid", "entryid", "uniqueid"]),
    ("reference", &["reference", "ref", "referencenumber"]),
    (
        "name",
        &["name", "names", "fullname", "primaryname", "label"],
    ),
    (
        "alias",
        &[
            "alias",
            "aliases",
            "aka",
            "alsoknownas",
            "altname",
            "altnames",
        ],
    ),
    ("weak", &["weakalias", "weakaliases", "lowalias"]),
    (
        "kind",
        &["kind", "type", "schema", "entitytype", "subjecttype"],
    ),
    (
        "wallet",
        &[
            "address",
            "addresses",
            "wallet",
            "cryptoaddress",
            "walletaddress",
            "publickey",
        ],
    ),
    ("code", &["currency", "asset", "coin", "chain", "network"]),
    (
        "birth",
        &["dob", "birthdate", "dateofbirth", "birth", "born"],
    ),
    ("place", &["pob", "placeofbirth", "birthplace"]),
    (
        "country",
        &[
            "country",
            "countries",
            "nationality",
            "nationalities",
            "citizenship",
        ],
    ),
    ("gender", &["gender", "sex"]),
    (
        "document",
        &[
            "passport",
            "document",
            "idnumber",
            "identifier",
            "identifiers",
            "imo",
            "imonumber",
        ],
    ),
    (
        "programme",
        &[
            "program",
            "programme",
            "programs",
            "programmes",
            "regime",
            "sanctions",
        ],
    ),
    (
        "listed",
        &["listedon", "listed", "datedesignated", "designationdate"],
    ),
];

/// A row, and the line it begins on.
pub(super) type NumberedRow = (u64, Vec<String>);

/// All rows of a table with their lines; the byte-order mark is passed over.
///
/// # Errors
/// Where a row is not CSV in UTF-8, a quote is not closed, or a row is out of all proportion.
pub(super) fn rows(file: &str, bytes: &[u8]) -> Result<Vec<NumberedRow>, ListError> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let delimiter = delimiter(bytes);
    let mut quotes = Quotes::new(delimiter);
    let watched = quotes.pass(bytes).and_then(|()| quotes.end());
    watched.map_err(|line| ListError::At {
        file: file.to_owned(),
        line,
        offset: start_of(bytes, line),
        what: quotes::UNCLOSED.to_owned(),
    })?;
    let rows = first_rows(file, bytes)?;
    let cells = rows.first().map_or(0, |(_, row)| row.len());
    for (line, row) in &rows {
        let swallowed = |cell: &String| swallows(cell.as_bytes(), delimiter, cells);
        if row.iter().any(swallowed) {
            return Err(ListError::At {
                file: file.to_owned(),
                line: *line,
                offset: start_of(bytes, *line),
                what: quotes::SWALLOWED.to_owned(),
            });
        }
    }
    Ok(rows)
}

/// The rows of the beginning of a table, which may end within a cell.
///
/// # Errors
/// As [`rows`], but for quotes.
pub(super) fn first_rows(file: &str, bytes: &[u8]) -> Result<Vec<NumberedRow>, ListError> {
    let delimiter = delimiter(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(bytes);
    let mut rows = Vec::new();
    let mut record = csv::ByteRecord::new();
    loop {
        let position = reader.position().clone();
        let at = |what: String| ListError::At {
            file: file.to_owned(),
            line: position.line(),
            offset: position.byte(),
            what,
        };
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(rows),
            Err(error) => return Err(at(error.to_string())),
        }
        if record.len() > CELLS_MAX {
            return Err(at(format!("a row of more than {CELLS_MAX} cells")));
        }
        let mut row = Vec::with_capacity(record.len());
        for cell in &record {
            if cell.len() > CELL_MAX {
                return Err(at(format!("a cell of more than {CELL_MAX} bytes")));
            }
            let text =
                std::str::from_utf8(cell).map_err(|_| at("bytes that are not UTF-8".to_owned()))?;
            if text.contains('\0') {
                return Err(at("a NUL".to_owned()));
            }
            row.push(text.to_owned());
        }
        rows.push((position.line(), row));
    }
}

/// The byte with which a line begins.
fn start_of(bytes: &[u8], line: u64) -> u64 {
    let mut starts = (1_u64..).zip(bytes.split_inclusive(|byte| *byte == b'\n'));
    let before = starts.by_ref().take_while(|(number, _)| *number < line);
    before.map(|(_, text)| text.len() as u64).sum()
}

/// A semicolon or a tab where the first line has more of them than commas, quoted text left out.
fn delimiter(bytes: &[u8]) -> u8 {
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let mut counts = [(0, b'\t'), (0, b';'), (0, b',')];
    let mut quoted = false;
    for byte in line {
        quoted ^= *byte == b'"';
        for (count, delimiter) in &mut counts {
            *count += usize::from(!quoted && *delimiter == *byte);
        }
    }
    let most = counts.iter().max_by_key(|(count, _)| *count);
    most.map_or(b',', |(_, delimiter)| *delimiter)
}

/// A column's name without case and punctuation.
pub(super) fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What a column of a plain table holds.
fn column(name: &str) -> Option<&'static str> {
    let name = plain(name);
    let found = COLUMNS
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()));
    found.map(|(what, _)| *what)
}

/// Whether a first row is the header of a plain list.
#[must_use]
pub fn is_header(row: &[String]) -> bool {
    let has = |what: &str| row.iter().any(|cell| column(cell) == Some(what));
    has("name") || has("wallet") && row.len() > 1 || has("wallet")
}

/// Reads a plain table under the name of a list.
///
/// # Errors
/// Where the file is no such table, or holds no entry.
pub fn read(file: &str, bytes: &[u8], list: &str) -> Result<Listing, ListError> {
    let mut listing = Listing::new(list, "");
    let mut rows = rows(file, bytes)?.into_iter();
    let header = rows.next().map(|(_, row)| row).unwrap_or_default();
    for name in header.iter().filter(|name| column(name).is_none()) {
        listing.unknown(&format!("column {}", tidy(name)), 1);
    }
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (line, row) in rows {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let mut listed = Listed::default();
        let mut code = String::new();
        for (name, cell) in header.iter().zip(&row) {
            if column(name) == Some("code") {
                code = cell.trim().to_owned();
            }
        }
        for (name, cell) in header.iter().zip(&row) {
            take(&mut listed, column(name), name, cell, &code);
            if column(name) == Some("kind") && is_unheard(cell) {
                let many = listing.unknown.len() >= WORDS_MAX;
                let word: String = tidy(cell).chars().take(TOLD_MAX).collect();
                let word = if many { "another word" } else { word.as_str() };
                listing.unknown(&format!("{}: {word}", tidy(name)), line);
            }
        }
        for (at, cell) in row.iter().enumerate().skip(header.len()) {
            listing.problem(format!("line {line}: a cell without a column"));
            listed
                .facts
                .push((format!("cell {}", at + 1), cell.clone()));
        }
        if listed.entry.id.is_empty() {
            listed.entry.id = format!("row-{line}");
        }
        if let Some(place) = places.get(&listed.entry.id) {
            merge(&mut listing.entries[*place], listed);
        } else {
            places.insert(listed.entry.id.clone(), listing.entries.len());
            listing.push(listed.entry, listed.facts, line);
        }
    }
    listing.done(file)
}

fn take(listed: &mut Listed, column: Option<&str>, name: &str, cell: &str, code: &str) {
    let text = tidy(cell);
    if text.is_empty() {
        return;
    }
    let entry = &mut listed.entry;
    let parts = || text.split(';').map(tidy).filter(|part| !part.is_empty());
    let quality = if entry.names.is_empty() {
        Quality::Primary
    } else {
        Quality::Good
    };
    match column {
        Some("id") => entry.id = text,
        Some("reference") => entry.reference = text,
        Some("name") => entry.name(&text, quality),
        Some("alias") => parts().for_each(|part| entry.name(&part, Quality::Good)),
        Some("weak") => parts().for_each(|part| entry.name(&part, Quality::Low)),
        Some("kind") => {
            entry.kind = kind(&text);
            if is_unheard(&text) {
                listed.facts.push((tidy(name), text));
            }
        }
        Some("wallet") => parts().for_each(|part| entry.wallet(code, &part)),
        Some("code") => {}
        Some("birth") => entry
            .births
            .extend(parts().filter_map(|part| dates::birth(&part, false))),
        Some("place") => entry.birth_places.push(text),
        Some("country") => parts().for_each(|part| entry.country("nationality", &part)),
        Some("gender") => entry.gender = Gender::read(&text),
        Some("document") => parts().for_each(|part| entry.document(name, &part, "")),
        Some("programme") => entry.programmes.extend(parts()),
        Some("listed") => entry.listed_on = dates::day(&text, false),
        _ => listed.facts.push((tidy(name), text)),
    }
}

/// Another row of the same entry.
pub(super) fn merge(into: &mut Listed, from: Listed) {
    let Listed { entry, facts } = from;
    for name in entry.names {
        let quality = name.quality.max(Quality::Good);
        into.entry.name(&name.text, quality);
    }
    for country in entry.countries {
        into.entry.country(&country.role, &country.text);
    }
    into.entry.wallets.extend(entry.wallets);
    for document in entry.documents {
        if !into.entry.documents.contains(&document) {
            into.entry.documents.push(document);
        }
    }
    for birth in entry.births {
        if !into.entry.births.contains(&birth) {
            into.entry.births.push(birth);
        }
    }
    for fact in facts {
        if !into.facts.contains(&fact) {
            into.facts.push(fact);
        }
    }
}

/// Whether a cell has a word for a kind that nobody knows.
fn is_unheard(cell: &str) -> bool {
    let text = cell.trim();
    let said = text.is_empty() || text.eq_ignore_ascii_case("unknown");
    !said && kind(text) == Kind::Unknown
}

/// What a word for a kind means.
pub(super) fn kind(text: &str) -> Kind {
    match text.trim().to_lowercase().as_str() {
        "individual" | "person" | "p" => Kind::Person,
        "entity" | "company" | "organization" | "organisation" | "legalentity" | "enterprise"
        | "e" => Kind::Organisation,
        "ship" | "vessel" => Kind::Vessel,
        "aircraft" | "airplane" => Kind::Aircraft,
        _ => Kind::Unknown,
    }
}
