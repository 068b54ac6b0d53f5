//! The UK Sanctions List of the FCDO, as XML and as CSV. (OFSI's consolidated list ended in January 2026.)
//!
//! `Name6` is the family name or the whole one, `Name1` the first. A date of birth can be `dd/mm/1969`,
//! literally. The CSV is one row per combination of values: rows of one id are joined.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::dates;
use super::entry::{Entry, Gender, Listed, Quality, tidy};
use super::error::ListError;
use super::reading::Listing;
use super::table::{kind, merge, plain, rows};
use super::xml::{self, Element};

const LIST: &str = "uk";
const PUBLISHER: &str = "Foreign, Commonwealth and Development Office";

/// Elements of a designation that are known, at any depth.
const KNOWN: &[&str] = &[
    "LastUpdated",
    "DateDesignated",
    "UniqueID",
    "OFSIGroupID",
    "UNReferenceNumber",
    "Names",
    "Name",
    "Name1",
    "Name2",
    "Name3",
    "Name4",
    "Name5",
    "Name6",
    "NameType",
    "AliasStrength",
    "NonLatinNames",
    "NonLatinName",
    "NameNonLatinScript",
    "NonLatinScriptType",
    "NonLatinScriptLanguage",
    "RegimeName",
    "IndividualEntityShip",
    "DesignationSource",
    "SanctionsImposed",
    "SanctionsImposedIndicators",
    "OtherInformation",
    "UKStatementofReasons",
    "Addresses",
    "Address",
    "AddressLine1",
    "AddressLine2",
    "AddressLine3",
    "AddressLine4",
    "AddressLine5",
    "AddressLine6",
    "AddressPostalCode",
    "AddressCountry",
    "PhoneNumbers",
    "PhoneNumber",
    "EmailAddresses",
    "EmailAddress",
    "Websites",
    "Website",
    "IndividualDetails",
    "Individual",
    "Titles",
    "Title",
    "DOBs",
    "DOB",
    "Nationalities",
    "Nationality",
    "Positions",
    "Position",
    "Genders",
    "Gender",
    "BirthDetails",
    "Location",
    "TownOfBirth",
    "CountryOfBirth",
    "PassportDetails",
    "Passport",
    "PassportNumber",
    "PassportAdditionalInformation",
    "NationalIdentifierDetails",
    "NationalIdentifier",
    "NationalIdentifierNumber",
    "NationalIdentifierAdditionalInformation",
    "EntityDetails",
    "Entity",
    "TypeOfEntities",
    "TypeOfEntity",
    "ParentCompanies",
    "ParentCompany",
    "Subsidiaries",
    "Subsidiary",
    "BusinessRegistrationNumbers",
    "BusinessRegistrationNumber",
    "ShipDetails",
    "Ship",
    "IMONumbers",
    "IMONumber",
    "CurrentOwnerOperators",
    "CurrentOwnerOperator",
    "PreviousOwnerOperators",
    "PreviousOwnerOperator",
    "CurrentBelievedFlagOfShips",
    "CurrentBelievedFlagOfShip",
    "PreviousFlags",
    "PreviousFlag",
    "TypeOfShipDetails",
    "TypeOfShip",
    "TonnageOfShipDetails",
    "TonnageOfShip",
    "LengthOfShipDetails",
    "LengthOfShip",
    "YearsBuilt",
    "YearBuilt",
    "HullIdentificationNumbers",
    "HullIdentificationNumber",
];

/// Elements that a field holds.
const TAKEN: &[&str] = &[
    "UniqueID",
    "Names/Name/Name1",
    "Names/Name/Name2",
    "Names/Name/Name3",
    "Names/Name/Name4",
    "Names/Name/Name5",
    "Names/Name/Name6",
    "NonLatinNames/NonLatinName/NameNonLatinScript",
];

/// Reads the XML.
///
/// # Errors
/// Where the file is not that XML, or holds no entry.
pub fn read_xml(file: &str, source: impl BufRead) -> Result<Listing, ListError> {
    let mut listing = Listing::new(LIST, PUBLISHER);
    xml::read(file, source, &["Designation"], &mut |path, element| {
        match element.name.as_str() {
            "Designation" => {
                let mut facts = Vec::new();
                element.leaves(&mut |path, text, line| {
                    if TAKEN.contains(&path) {
                        return;
                    }
                    facts.push((path.to_owned(), text.to_owned()));
                    let strange = path
                        .split(['/', '@'])
                        .find(|step| !step.is_empty() && !KNOWN.contains(step));
                    if strange.is_some() {
                        listing.unknown(&format!("Designation/{path}"), line);
                    }
                });
                listing.push(entry(&element), facts, element.line);
            }
            "DateGenerated" => listing.dated(&element.text, false),
            _ => listing.outside(path, &element, &["Designations@noNamespaceSchemaLocation"]),
        }
        Ok(())
    })?;
    listing.done(file)
}

fn entry(element: &Element) -> Entry {
    let texts = |name: &str| {
        let mut found = Vec::new();
        element.descendants(name, &mut found);
        let found = found.into_iter().map(|one| tidy(&one.text));
        found.filter(|text| !text.is_empty()).collect::<Vec<_>>()
    };
    let mut entry = Entry {
        id: tidy(element.text_of("UniqueID")),
        kind: kind(element.text_of("IndividualEntityShip")),
        listed_on: dates::day(element.text_of("DateDesignated"), false),
        programmes: texts("RegimeName"),
        ..Entry::default()
    };
    for number in ["UNReferenceNumber", "OFSIGroupID"] {
        entry.also.extend(texts(number));
    }
    let mut names: Vec<(String, Quality)> = element
        .at("Names/Name")
        .into_iter()
        .map(|name| {
            let parts = ["Name1", "Name2", "Name3", "Name4", "Name5", "Name6"];
            let parts: Vec<&str> = parts.iter().map(|part| name.text_of(part)).collect();
            let strength = name.text_of("AliasStrength");
            (
                tidy(&parts.join(" ")),
                quality(name.text_of("NameType"), strength),
            )
        })
        .collect();
    names.sort_by_key(|(_, quality)| *quality != Quality::Primary);
    for (name, quality) in names {
        entry.name(&name, quality);
    }
    for name in texts("NameNonLatinScript") {
        entry.name(&name, Quality::Good);
    }
    for (role, name) in [
        ("nationality", "Nationality"),
        ("address", "AddressCountry"),
        ("birth", "CountryOfBirth"),
        ("flag", "CurrentBelievedFlagOfShip"),
    ] {
        texts(name)
            .iter()
            .for_each(|text| entry.country(role, text));
    }
    for dob in texts("DOB") {
        entry.births.extend(dates::birth(&dob, false));
    }
    for place in element.at("IndividualDetails/Individual/BirthDetails/Location") {
        let parts = ["TownOfBirth", "CountryOfBirth"].map(|part| place.text_of(part));
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        entry
            .birth_places
            .extend(Some(parts.join(", ")).filter(|place| !place.is_empty()));
    }
    entry.gender = texts("Gender").iter().find_map(|text| Gender::read(text));
    numbered(&mut entry, &texts);
    entry
}

/// Numbers and places on the net that belong to the subject.
fn numbered(entry: &mut Entry, texts: &dyn Fn(&str) -> Vec<String>) {
    for (kind, name) in [
        ("Passport", "PassportNumber"),
        ("National identifier", "NationalIdentifierNumber"),
        ("Business registration number", "BusinessRegistrationNumber"),
        ("IMO number", "IMONumber"),
        ("Email address", "EmailAddress"),
        ("Website", "Website"),
        ("Phone number", "PhoneNumber"),
    ] {
        texts(name)
            .iter()
            .for_each(|text| entry.document(kind, text, ""));
    }
}

fn quality(kind: &str, strength: &str) -> Quality {
    let (kind, strength) = (kind.to_lowercase(), strength.to_lowercase());
    if kind == "primary name" {
        Quality::Primary
    } else if strength.contains("low") {
        Quality::Low
    } else if kind.contains("former") {
        Quality::Former
    } else {
        Quality::Good
    }
}

/// Columns of the CSV that a field holds.
const COLUMNS: &[&str] = &[
    "uniqueid",
    "name1",
    "name2",
    "name3",
    "name4",
    "name5",
    "name6",
    "namenonlatinscript",
];

/// Columns of the CSV that are known.
const KNOWN_COLUMNS: &[&str] = &[
    "lastupdated",
    "uniqueid",
    "ofsigroupid",
    "unreferencenumber",
    "name1",
    "name2",
    "name3",
    "name4",
    "name5",
    "name6",
    "nametype",
    "aliasstrength",
    "title",
    "namenonlatinscript",
    "nonlatinscripttype",
    "nonlatinscriptlanguage",
    "addressline1",
    "addressline2",
    "addressline3",
    "addressline4",
    "addressline5",
    "addressline6",
    "addresspostalcode",
    "addresscountry",
    "regimename",
    "designationtype",
    "individualentityship",
    "designationsource",
    "sanctionsimposed",
    "otherinformation",
    "ukstatementofreasons",
    "phonenumber",
    "website",
    "emailaddress",
    "datedesignated",
    "dob",
    "nationalityies",
    "nationality",
    "nationalidentifiernumber",
    "nationalidentifieradditionalinformation",
    "passportnumber",
    "passportadditionalinformation",
    "position",
    "gender",
    "townofbirth",
    "countryofbirth",
    "typeofentity",
    "subsidiaries",
    "parentcompany",
    "businessregistrationnumbers",
    "imonumber",
    "currentowneroperators",
    "previousowneroperators",
    "currentbelievedflagofship",
    "previousflags",
    "typeofship",
    "tonnageofship",
    "lengthofship",
    "yearbuilt",
    "hullidentificationnumberhin",
];

/// Where the header of the UK's CSV stands: in the first row, or the second, under the date.
#[must_use]
pub fn header(rows: &[Vec<String>]) -> Option<usize> {
    rows.iter().take(3).position(|row| {
        let has = |wanted: &str| row.iter().any(|cell| plain(cell) == wanted);
        has("uniqueid") && has("name6")
    })
}

/// Reads the CSV.
///
/// # Errors
/// Where the file is not that CSV, or holds no entry.
pub fn read_csv(file: &str, bytes: &[u8]) -> Result<Listing, ListError> {
    let mut listing = Listing::new(LIST, PUBLISHER);
    let rows = rows(file, bytes)?;
    let firsts: Vec<Vec<String>> = rows.iter().take(3).map(|(_, row)| row.clone()).collect();
    let Some(at) = header(&firsts) else {
        return Err(ListError::Unrecognised {
            file: file.to_owned(),
        });
    };
    let date = rows[..at].iter().flat_map(|(_, row)| row);
    let date: Vec<&str> = date
        .map(|cell| cell.rsplit(": ").next().unwrap_or(cell))
        .collect();
    let read = date.iter().find(|cell| dates::day(cell, false).is_some());
    let written = date.iter().find(|cell| !cell.trim().is_empty());
    if let Some(text) = read.or(written) {
        listing.dated(text, false);
    }
    let header: Vec<String> = rows[at].1.iter().map(|cell| plain(cell)).collect();
    for name in header
        .iter()
        .filter(|name| !KNOWN_COLUMNS.contains(&name.as_str()))
    {
        listing.unknown(&format!("column {name}"), rows[at].0);
    }
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (line, row) in &rows[at + 1..] {
        let listed = row_entry(&header, row);
        if let Some(place) = places.get(&listed.entry.id) {
            let into = &mut listing.entries[*place];
            let primary = listed.entry.names.first().cloned();
            merge(into, listed);
            lead(
                &mut into.entry,
                primary.filter(|name| name.quality == Quality::Primary),
            );
        } else {
            places.insert(listed.entry.id.clone(), listing.entries.len());
            listing.push(listed.entry, listed.facts, *line);
        }
    }
    listing.done(file)
}

/// Puts the primary name first, where a later row brought it.
fn lead(entry: &mut Entry, primary: Option<super::entry::Name>) {
    if let Some(primary) = primary {
        entry.names.retain(|name| name.text != primary.text);
        entry.names.insert(0, primary);
    }
}

fn row_entry(header: &[String], row: &[String]) -> Listed {
    let cell = |wanted: &str| {
        let at = header.iter().position(|name| name == wanted);
        at.and_then(|at| row.get(at))
            .map_or_else(String::new, |cell| tidy(cell))
    };
    let either = |one: &str, other: &str| {
        if cell(one).is_empty() {
            cell(other)
        } else {
            cell(one)
        }
    };
    let mut entry = Entry {
        id: cell("uniqueid"),
        kind: kind(&either("designationtype", "individualentityship")),
        listed_on: dates::day(&cell("datedesignated"), false),
        gender: Gender::read(&cell("gender")),
        ..Entry::default()
    };
    entry
        .programmes
        .extend(Some(cell("regimename")).filter(|text| !text.is_empty()));
    for number in ["unreferencenumber", "ofsigroupid"] {
        entry
            .also
            .extend(Some(cell(number)).filter(|text| !text.is_empty()));
    }
    let parts = ["name1", "name2", "name3", "name4", "name5", "name6"].map(cell);
    entry.name(
        &parts.join(" "),
        quality(&cell("nametype"), &cell("aliasstrength")),
    );
    entry.name(&cell("namenonlatinscript"), Quality::Good);
    entry.births.extend(dates::birth(&cell("dob"), false));
    for (role, text) in [
        ("nationality", either("nationalityies", "nationality")),
        ("address", cell("addresscountry")),
        ("birth", cell("countryofbirth")),
        ("flag", cell("currentbelievedflagofship")),
    ] {
        entry.country(role, &text);
    }
    for (kind, name) in [
        ("Passport", "passportnumber"),
        ("National identifier", "nationalidentifiernumber"),
        (
            "Business registration number",
            "businessregistrationnumbers",
        ),
        ("IMO number", "imonumber"),
        ("Email address", "emailaddress"),
        ("Website", "website"),
    ] {
        entry.document(kind, &cell(name), "");
    }
    let facts = header
        .iter()
        .zip(row)
        .filter(|(name, cell)| !COLUMNS.contains(&name.as_str()) && !cell.trim().is_empty());
    Listed {
        facts: facts
            .map(|(name, cell)| (name.clone(), tidy(cell)))
            .collect(),
        entry,
    }
}
