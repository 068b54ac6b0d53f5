//! The Security Council's consolidated list, as XML.
//!
//! Traps of the real file: several aliases in one element, parted by semicolons; whole alias blocks empty; line
//! breaks within names; Hanja in brackets behind an alias; a date said to be exact that is a year alone.

use std::io::BufRead;

use super::dates;
use super::entry::{Birth, Entry, Gender, Kind, Quality, tidy};
use super::error::ListError;
use super::numbers;
use super::reading::Listing;
use super::xml::{self, Element};

/// Leaves that have a field of their own. The part before the first `_` is that of a person or an entity.
const TAKEN: &[&str] = &[
    "FIRST_NAME",
    "SECOND_NAME",
    "THIRD_NAME",
    "FOURTH_NAME",
    "NAME_ORIGINAL_SCRIPT",
    "UN_LIST_TYPE",
    "REFERENCE_NUMBER",
    "LISTED_ON",
    "GENDER",
    "NATIONALITY/VALUE",
    "INDIVIDUAL_ALIAS/QUALITY",
    "INDIVIDUAL_ALIAS/ALIAS_NAME",
    "ENTITY_ALIAS/QUALITY",
    "ENTITY_ALIAS/ALIAS_NAME",
    "INDIVIDUAL_ADDRESS/COUNTRY",
    "ENTITY_ADDRESS/COUNTRY",
    "INDIVIDUAL_DOCUMENT/TYPE_OF_DOCUMENT",
    "INDIVIDUAL_DOCUMENT/NUMBER",
    "INDIVIDUAL_DATE_OF_BIRTH/DATE",
    "INDIVIDUAL_DATE_OF_BIRTH/YEAR",
    "INDIVIDUAL_DATE_OF_BIRTH/FROM_YEAR",
    "INDIVIDUAL_DATE_OF_BIRTH/TO_YEAR",
    "INDIVIDUAL_PLACE_OF_BIRTH/CITY",
    "INDIVIDUAL_PLACE_OF_BIRTH/STATE_PROVINCE",
    "INDIVIDUAL_PLACE_OF_BIRTH/COUNTRY",
];

/// Leaves that the schema knows and that stay facts.
const KNOWN: &[&str] = &[
    "DATAID",
    "VERSIONNUM",
    "COMMENTS1",
    "TITLE/VALUE",
    "DESIGNATION/VALUE",
    "LIST_TYPE/VALUE",
    "LAST_DAY_UPDATED/VALUE",
    "SORT_KEY",
    "SORT_KEY_LAST_MOD",
    "SUBMITTED_BY",
    "SUBMITTED_ON",
    "DELISTED_ON",
    "NATIONALITY2",
    "INDIVIDUAL_ALIAS/NOTE",
    "INDIVIDUAL_ALIAS/DATE_OF_BIRTH",
    "INDIVIDUAL_ALIAS/CITY_OF_BIRTH",
    "INDIVIDUAL_ALIAS/COUNTRY_OF_BIRTH",
    "ENTITY_ALIAS/NOTE",
    "INDIVIDUAL_ADDRESS/STREET",
    "INDIVIDUAL_ADDRESS/CITY",
    "INDIVIDUAL_ADDRESS/STATE_PROVINCE",
    "INDIVIDUAL_ADDRESS/ZIP_CODE",
    "INDIVIDUAL_ADDRESS/NOTE",
    "ENTITY_ADDRESS/STREET",
    "ENTITY_ADDRESS/CITY",
    "ENTITY_ADDRESS/STATE_PROVINCE",
    "ENTITY_ADDRESS/ZIP_CODE",
    "ENTITY_ADDRESS/NOTE",
    "INDIVIDUAL_DATE_OF_BIRTH/TYPE_OF_DATE",
    "INDIVIDUAL_DATE_OF_BIRTH/NOTE",
    "INDIVIDUAL_PLACE_OF_BIRTH/STREET",
    "INDIVIDUAL_PLACE_OF_BIRTH/NOTE",
    "INDIVIDUAL_DOCUMENT/TYPE_OF_DOCUMENT2",
    "INDIVIDUAL_DOCUMENT/ISSUING_COUNTRY",
    "INDIVIDUAL_DOCUMENT/COUNTRY_OF_ISSUE",
    "INDIVIDUAL_DOCUMENT/CITY_OF_ISSUE",
    "INDIVIDUAL_DOCUMENT/DATE_OF_ISSUE",
    "INDIVIDUAL_DOCUMENT/NOTE",
];

/// Reads the list.
///
/// # Errors
/// Where the file is not that XML, or holds no entry.
pub fn read(file: &str, source: impl BufRead) -> Result<Listing, ListError> {
    let mut listing = Listing::new("un", "United Nations Security Council");
    xml::read(
        file,
        source,
        &["INDIVIDUAL", "ENTITY"],
        &mut |path, element| {
            match element.name.as_str() {
                "INDIVIDUAL" | "ENTITY" => {
                    let facts = listing.facts(&element, TAKEN, KNOWN);
                    listing.push(entry(&element), facts, element.line);
                }
                "CONSOLIDATED_LIST" => {
                    listing.dated(element.attribute("dateGenerated"), false);
                    let known = [
                        "CONSOLIDATED_LIST@dateGenerated",
                        "CONSOLIDATED_LIST@noNamespaceSchemaLocation",
                    ];
                    listing.outside(path, &element, &known);
                }
                _ => listing.outside(path, &element, &[]),
            }
            Ok(())
        },
    )?;
    listing.done(file)
}

fn entry(element: &Element) -> Entry {
    let person = element.name == "INDIVIDUAL";
    let reference = tidy(element.text_of("REFERENCE_NUMBER"));
    let mut entry = Entry {
        id: reference.clone(),
        reference,
        kind: if person {
            Kind::Person
        } else {
            Kind::Organisation
        },
        listed_on: dates::day(element.text_of("LISTED_ON"), false),
        gender: Gender::read(element.text_of("GENDER")),
        programmes: vec![tidy(element.text_of("UN_LIST_TYPE"))],
        ..Entry::default()
    };
    let parts = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"];
    let parts: Vec<&str> = parts.iter().map(|part| element.text_of(part)).collect();
    entry.name(&parts.join(" "), Quality::Primary);
    for original in element.all("NAME_ORIGINAL_SCRIPT") {
        entry.name(&original.text, Quality::Good);
    }
    let kind = if person { "INDIVIDUAL" } else { "ENTITY" };
    for alias in element.all(&format!("{kind}_ALIAS")) {
        let quality = match alias.text_of("QUALITY").to_lowercase().as_str() {
            "low" => Quality::Low,
            "f.k.a." | "fka" => Quality::Former,
            _ => Quality::Good,
        };
        for name in alias.text_of("ALIAS_NAME").split(';') {
            entry.name(name, quality);
        }
    }
    for country in element.at("NATIONALITY/VALUE") {
        entry.country("nationality", &country.text);
    }
    for address in element.all(&format!("{kind}_ADDRESS")) {
        entry.country("address", address.text_of("COUNTRY"));
    }
    documents(element, &mut entry);
    entry.births = element
        .all("INDIVIDUAL_DATE_OF_BIRTH")
        .filter_map(born)
        .collect();
    for place in element.all("INDIVIDUAL_PLACE_OF_BIRTH") {
        let parts = ["CITY", "STATE_PROVINCE", "COUNTRY"].map(|part| place.text_of(part));
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() {
            entry.birth_places.push(tidy(&parts.join(", ")));
        }
    }
    entry
}

/// Documents, and those that notes and comments mention.
fn documents(element: &Element, entry: &mut Entry) {
    for document in element.all("INDIVIDUAL_DOCUMENT") {
        let country = [
            document.text_of("ISSUING_COUNTRY"),
            document.text_of("COUNTRY_OF_ISSUE"),
        ];
        let country = country.into_iter().find(|text| !text.is_empty());
        let kind = document.text_of("TYPE_OF_DOCUMENT");
        let country = country.unwrap_or_default();
        entry.document(kind, document.text_of("NUMBER"), country);
        // A number is often in the note, and nowhere else.
        if document.text_of("NUMBER").is_empty() {
            let number = numbers::within(document.text_of("NOTE")).into_iter().next();
            entry.document(kind, &number.unwrap_or_default(), country);
        }
    }
    let mut notes = Vec::new();
    element.descendants("NOTE", &mut notes);
    notes.extend(element.all("COMMENTS1"));
    for note in notes {
        entry.remark(&note.text);
    }
}

fn born(element: &Element) -> Option<Birth> {
    let approximate = element.text_of("TYPE_OF_DATE") == "APPROXIMATELY";
    let years = [element.text_of("FROM_YEAR"), element.text_of("TO_YEAR")].join(" to ");
    let texts = [element.text_of("DATE"), element.text_of("YEAR"), &years];
    texts
        .into_iter()
        .find_map(|text| dates::birth(text, approximate))
}
