//! OFAC's SDN.CSV family: SDN.CSV with ALT.CSV, ADD.CSV and SDN_COMMENTS.CSV beside it.
//!
//! Trap: SDN.CSV cuts remarks at 1,000 characters and goes on in SDN_COMMENTS.CSV, in the middle of whatever
//! stood there, addresses too. The pieces are joined before anything is read from them. `-0-` is nothing, and a
//! 0x1A ends the file. The files bear no date.

use std::collections::BTreeMap;

use super::dates;
use super::entry::{Entry, Listed, Quality};
use super::error::ListError;
use super::ofac::{PUBLISHER, SDN, kind, quality, which};
use super::reading::{Listing, wallet_code};
use super::table::{NumberedRow, rows};

/// How long remarks are when OFAC cuts them.
const CUT: usize = 1000;

/// Which file of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// Names, kinds, programmes and remarks.
    Main,
    /// Aliases.
    Alternate,
    /// Street addresses.
    Addresses,
    /// What did not fit into remarks.
    Comments,
}

/// Which file of the family a first row is of.
#[must_use]
pub fn member(row: &[String]) -> Option<Member> {
    let number = |at: usize| {
        row.get(at)
            .is_some_and(|cell| !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if !number(0) {
        return None;
    }
    match row.len() {
        12 => Some(Member::Main),
        5 if number(1) => Some(Member::Alternate),
        6 if number(1) => Some(Member::Addresses),
        2 => Some(Member::Comments),
        _ => None,
    }
}

/// Reads the family: each file with its bytes.
///
/// # Errors
/// Where a row has not the form of its file, a file stands alone, or none holds an entry.
pub fn read(files: &[(String, Vec<u8>)]) -> Result<Listing, ListError> {
    let mut listing = Listing::new(SDN, PUBLISHER);
    let mut tables: BTreeMap<u8, (&str, Vec<NumberedRow>)> = BTreeMap::new();
    for (file, bytes) in files {
        let end = bytes.iter().position(|byte| *byte == 0x1A);
        let rows = rows(file, &bytes[..end.unwrap_or(bytes.len())])?;
        let member = rows.first().and_then(|(_, row)| member(row));
        let Some(member) = member else {
            return Err(ListError::Mixed { file: file.clone() });
        };
        if tables.insert(member as u8, (file, rows)).is_some() {
            return Err(ListError::Mixed { file: file.clone() });
        }
    }
    let mut take = |member: Member| tables.remove(&(member as u8));
    let Some((file, main)) = take(Member::Main) else {
        return Err(ListError::Part {
            file: files
                .first()
                .map(|(file, _)| file.clone())
                .unwrap_or_default(),
            of: "SDN.CSV",
        });
    };
    let comments = take(Member::Comments);
    let mut places = BTreeMap::new();
    let mut more = BTreeMap::<String, String>::new();
    for (_, row) in comments.iter().flat_map(|(_, rows)| rows) {
        more.entry(cell(row, 0)).or_default().push_str(&raw(row, 1));
    }
    for (line, row) in &main {
        if row.len() != 12 {
            let what = format!("a row of {} cells, not 12", row.len());
            return Err(ListError::At {
                file: file.to_owned(),
                line: *line,
                offset: 0,
                what,
            });
        }
        let rest = more.remove(&cell(row, 0));
        let cut = raw(row, 11).chars().count() >= CUT;
        if cut && rest.is_none() {
            listing.problem(format!(
                "line {line}: the remarks of {} are cut at {CUT} characters, and SDN_COMMENTS.CSV does not go on \
                 with them",
                cell(row, 0)
            ));
        }
        let listed = entry(row, &rest.unwrap_or_default());
        places.insert(listed.entry.id.clone(), listing.entries.len());
        listing.push(listed.entry, listed.facts, *line);
    }
    for left in more.keys() {
        listing.problem(format!("comments on {left}, which SDN.CSV does not hold"));
    }
    for member in [Member::Alternate, Member::Addresses] {
        match take(member) {
            Some((file, rows)) => join(file, member, &rows, &places, &mut listing)?,
            None => listing.problem(format!("without {}", file_of(member))),
        }
    }
    which(&listing).clone_into(&mut listing.list);
    listing.done(file)
}

fn file_of(member: Member) -> &'static str {
    match member {
        Member::Main => "SDN.CSV",
        Member::Alternate => "ALT.CSV",
        Member::Addresses => "ADD.CSV",
        Member::Comments => "SDN_COMMENTS.CSV",
    }
}

/// A cell; `-0-` is an empty one.
fn cell(row: &[String], at: usize) -> String {
    raw(row, at).trim().to_owned()
}

/// A cell with white space at its ends: a cut may stand before a space.
fn raw(row: &[String], at: usize) -> String {
    let text = row.get(at).map(String::as_str).unwrap_or_default();
    if text.trim() == "-0-" {
        String::new()
    } else {
        text.to_owned()
    }
}

fn entry(row: &[String], rest: &str) -> Listed {
    let mut listed = Listed {
        entry: Entry {
            id: cell(row, 0),
            kind: kind(&cell(row, 2)),
            ..Entry::default()
        },
        facts: Vec::new(),
    };
    listed.entry.name(&cell(row, 1), Quality::Primary);
    let programmes = cell(row, 3);
    let programmes = programmes
        .split("] [")
        .map(|one| one.trim_matches(['[', ']', ' ']));
    listed.entry.programmes = programmes
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect();
    for (at, name) in [
        (4, "title"),
        (5, "call sign"),
        (6, "vessel type"),
        (7, "tonnage"),
        (8, "gross registered tonnage"),
        (9, "vessel flag"),
        (10, "vessel owner"),
    ] {
        let text = cell(row, at);
        if at == 9 {
            listed.entry.country("flag", &text);
        } else if !text.is_empty() {
            listed.facts.push((name.to_owned(), text));
        }
    }
    let remarks = format!("{}{rest}", raw(row, 11));
    self::remarks(&remarks, &mut listed);
    if !remarks.trim().is_empty() {
        listed.facts.push(("remarks".to_owned(), remarks));
    }
    listed
}

/// Reads what remarks hold, parted by semicolons: births, nationalities, documents, addresses, weak aliases.
fn remarks(text: &str, listed: &mut Listed) {
    for part in text.split(';') {
        let part = part.trim().trim_end_matches('.');
        let part = part.strip_prefix("alt. ").unwrap_or(part);
        let entry = &mut listed.entry;
        if let Some(rest) = wallet_code(part) {
            let (code, address) = rest.split_once(' ').unwrap_or((rest, ""));
            entry.wallet(code, address);
        } else if let Some(date) = part.strip_prefix("DOB ") {
            entry.births.extend(dates::birth(date, false));
        } else if let Some(place) = part.strip_prefix("POB ") {
            entry.birth_places.push(place.to_owned());
        } else if let Some(country) = part.strip_prefix("nationality ") {
            entry.country("nationality", country);
        } else if let Some(country) = part.strip_prefix("citizen ") {
            entry.country("citizenship", country);
        } else if let Some(alias) = part.strip_prefix("a.k.a. ") {
            entry.name(alias.trim_matches(['\'', '"']), Quality::Low);
        } else if let Some(gender) = part.strip_prefix("Gender ") {
            entry.gender = super::entry::Gender::read(gender);
        } else {
            numbered(part, entry);
        }
    }
}

/// `Passport P0017003 (Belize)`, `Tax ID No. 52-2083095 (United States)`: the number is the last word with a
/// digit in it before the bracket.
fn numbered(part: &str, entry: &mut Entry) {
    const KINDS: &[&str] = &[
        "Passport",
        "SSN",
        "National ID No.",
        "Tax ID No.",
        "Registration Number",
        "Registration ID",
        "Business Registration Number",
        "UK Company Number",
        "V.A.T. Number",
        "MMSI",
        "Identification Number",
        "Vessel Registration Identification",
        "Email Address",
        "Website",
        "Cedula No.",
        "Company Number",
        "D-U-N-S Number",
        "Driver's License No.",
        "C.U.R.P.",
        "R.F.C.",
    ];
    let Some(kind) = KINDS
        .iter()
        .filter(|kind| part.starts_with(**kind))
        .max_by_key(|kind| kind.len())
    else {
        return;
    };
    let rest = part[kind.len()..].trim();
    let (number, country) = match rest.split_once(" (") {
        Some((number, country)) => (number, country.trim_end_matches(')')),
        None => (rest, ""),
    };
    let number = number.strip_prefix("IMO ").unwrap_or(number);
    entry.document(kind, number, country);
}

fn join(
    file: &str,
    member: Member,
    rows: &[(u64, Vec<String>)],
    places: &BTreeMap<String, usize>,
    listing: &mut Listing,
) -> Result<(), ListError> {
    for (line, row) in rows {
        if super::ofac_csv::member(row) != Some(member) {
            let what = "a row in another form than the first".to_owned();
            return Err(ListError::At {
                file: file.to_owned(),
                line: *line,
                offset: 0,
                what,
            });
        }
        let Some(place) = places.get(&cell(row, 0)) else {
            listing.problem(format!(
                "{file}, line {line}: {} is not in SDN.CSV",
                cell(row, 0)
            ));
            continue;
        };
        let listed = &mut listing.entries[*place];
        match member {
            Member::Alternate => {
                listed.entry.name(&cell(row, 3), quality(&cell(row, 2), ""));
                let remark = cell(row, 4);
                if !remark.is_empty() {
                    listed.facts.push(("alias remark".to_owned(), remark));
                }
            }
            _ => {
                listed.entry.country("address", &cell(row, 4));
                let parts = [2, 3, 4, 5].map(|at| cell(row, at));
                let parts: Vec<String> =
                    parts.into_iter().filter(|part| !part.is_empty()).collect();
                if !parts.is_empty() {
                    listed.facts.push(("address".to_owned(), parts.join(", ")));
                }
            }
        }
    }
    Ok(())
}
