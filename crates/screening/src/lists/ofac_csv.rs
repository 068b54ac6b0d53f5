//! OFAC's SDN.CSV family: SDN.CSV with ALT.CSV, ADD.CSV and SDN_COMMENTS.CSV beside it.
//!
//! Trap: SDN.CSV cuts remarks at 1,000 characters and goes on in SDN_COMMENTS.CSV, in the middle of whatever
//! stood there, addresses too. The pieces are joined before anything is read from them. `-0-` is nothing, and a
//! 0x1A ends the file. The files bear no date.

use std::collections::BTreeMap;

use super::entry::{Entry, Listed, Quality};
use super::error::ListError;
use super::ofac::{PUBLISHER, SDN, kind, quality, which};
use super::ofac_remarks;
use super::reading::Listing;
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
        let (listed, strange) = entry(row, &rest.unwrap_or_default());
        for beginning in strange {
            listing.unknown(&format!("remark {beginning}"), *line);
        }
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

/// An entry, and how those of its remarks begin that nobody knows.
fn entry(row: &[String], rest: &str) -> (Listed, Vec<String>) {
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
    let strange = ofac_remarks::read(&remarks, &mut listed);
    if !remarks.trim().is_empty() {
        listed.facts.push(("remarks".to_owned(), remarks));
    }
    (listed, strange)
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
