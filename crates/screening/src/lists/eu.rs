//! The European Union's consolidated financial sanctions, FSF XML 1.1: everything is in attributes.
//!
//! Trap: that an alias is weak stands in the attribute `strong`, and sometimes only in a remark under the name,
//! with typing errors ("Low quality alias", "low qualitiy").

use std::io::BufRead;

use super::dates;
use super::entry::{Birth, Entry, Gender, Kind, Quality, tidy};
use super::error::ListError;
use super::reading::Listing;
use super::xml::{self, Element};

const TAKEN: &[&str] = &[
    "@euReferenceNumber",
    "@unitedNationId",
    "@designationDate",
    "regulation@programme",
    "subjectType@code",
    "nameAlias@wholeName",
    "nameAlias@gender",
    "nameAlias@strong",
    "birthdate@birthdate",
    "citizenship@countryDescription",
    "address@countryDescription",
    "identification@number",
    "identification@identificationTypeDescription",
];

const KNOWN: &[&str] = &[
    "@designationDetails",
    "@logicalId",
    "remark",
    "subjectType@classificationCode",
    "regulation/publicationUrl",
    "regulation@regulationType",
    "regulation@organisationType",
    "regulation@publicationDate",
    "regulation@entryIntoForceDate",
    "regulation@numberTitle",
    "regulation@logicalId",
];

/// Parts of an entry whose attributes, remark and contact information the schema knows.
const PARTS: &[&str] = &[
    "nameAlias",
    "citizenship",
    "birthdate",
    "identification",
    "address",
];

/// Attributes of those parts.
const PART_ATTRIBUTES: &[&str] = &[
    "firstName",
    "middleName",
    "lastName",
    "wholeName",
    "function",
    "gender",
    "title",
    "nameLanguage",
    "strong",
    "regulationLanguage",
    "logicalId",
    "region",
    "countryIso2Code",
    "countryDescription",
    "circa",
    "calendarType",
    "city",
    "zipCode",
    "birthdate",
    "dayOfMonth",
    "monthOfYear",
    "year",
    "yearRangeFrom",
    "yearRangeTo",
    "place",
    "diplomatic",
    "knownExpired",
    "knownFalse",
    "reportedLost",
    "revokedByIssuer",
    "issuedBy",
    "issueDate",
    "latinNumber",
    "nameOnDocument",
    "number",
    "identificationTypeCode",
    "identificationTypeDescription",
    "validFrom",
    "validTo",
    "street",
    "poBox",
    "asAtListingTime",
];

/// What stands below a part.
const PART_CHILDREN: &[&str] = &[
    "remark",
    "contactInfo@key",
    "contactInfo@value",
    "regulationSummary@regulationType",
    "regulationSummary@publicationDate",
    "regulationSummary@numberTitle",
    "regulationSummary@publicationUrl",
];

/// Reads the list.
///
/// # Errors
/// Where the file is not that XML, or holds no entry.
pub fn read(file: &str, source: impl BufRead) -> Result<Listing, ListError> {
    let mut listing = Listing::new("eu", "European Union, FSF");
    let known = known();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    xml::read(file, source, &["sanctionEntity"], &mut |path, element| {
        match element.name.as_str() {
            "sanctionEntity" => {
                let facts = listing.facts(&element, TAKEN, &known);
                listing.push(entry(&element), facts, element.line);
            }
            "export" => {
                listing.dated(element.attribute("generationDate"), false);
                let known = ["export@generationDate", "export@globalFileId"];
                listing.outside(path, &element, &known);
            }
            _ => listing.outside(path, &element, &[]),
        }
        Ok(())
    })?;
    listing.done(file)
}

/// All paths of the schema.
fn known() -> Vec<String> {
    let mut known: Vec<String> = KNOWN.iter().map(|path| (*path).to_owned()).collect();
    for part in PARTS {
        known.extend(PART_ATTRIBUTES.iter().map(|name| format!("{part}@{name}")));
        known.extend(PART_CHILDREN.iter().map(|name| format!("{part}/{name}")));
    }
    known
}

fn entry(element: &Element) -> Entry {
    let reference = tidy(element.attribute("euReferenceNumber"));
    let logical = tidy(element.attribute("logicalId"));
    let subject = element.child("subjectType");
    let mut entry = Entry {
        id: if reference.is_empty() {
            logical
        } else {
            reference.clone()
        },
        reference,
        kind: match subject.map_or("", |subject| subject.attribute("code")) {
            "person" => Kind::Person,
            "enterprise" => Kind::Organisation,
            _ => Kind::Unknown,
        },
        listed_on: dates::day(element.attribute("designationDate"), false),
        ..Entry::default()
    };
    let united_nations = tidy(element.attribute("unitedNationId"));
    entry
        .also
        .extend(Some(united_nations).filter(|id| !id.is_empty()));
    for regulation in element.all("regulation") {
        let programme = tidy(regulation.attribute("programme"));
        if !programme.is_empty() && !entry.programmes.contains(&programme) {
            entry.programmes.push(programme);
        }
    }
    for alias in element.all("nameAlias") {
        named(&mut entry, alias);
    }
    for citizenship in element.all("citizenship") {
        country(&mut entry, "citizenship", citizenship);
    }
    for address in element.all("address") {
        country(&mut entry, "address", address);
    }
    for born in element.all("birthdate") {
        entry.births.extend(birth(born));
        let place = ["city", "region", "countryDescription"].map(|part| born.attribute(part));
        let place: Vec<&str> = place.into_iter().filter(|part| known_place(part)).collect();
        let place = tidy(&place.join(", "));
        if !place.is_empty() && !entry.birth_places.contains(&place) {
            entry.birth_places.push(place);
        }
    }
    for document in element.all("identification") {
        let number = [
            document.attribute("number"),
            document.attribute("latinNumber"),
        ];
        let number = number.into_iter().find(|text| !text.is_empty());
        entry.document(
            document.attribute("identificationTypeDescription"),
            number.unwrap_or_default(),
            document.attribute("countryDescription"),
        );
    }
    let mut remarks = Vec::new();
    element.descendants("remark", &mut remarks);
    for remark in remarks {
        entry.remark(&remark.text);
    }
    entry
}

fn named(entry: &mut Entry, alias: &Element) {
    let remarks = alias.all("remark").map(|remark| remark.text.to_lowercase());
    let low = |remark: String| remark.contains("low qual") || remark.contains("weak alias");
    let weak = alias.attribute("strong") == "false" || remarks.into_iter().any(low);
    let quality = match (entry.names.is_empty(), weak) {
        (_, true) => Quality::Low,
        (true, false) => Quality::Primary,
        (false, false) => Quality::Good,
    };
    let whole = alias.attribute("wholeName");
    let parts = ["firstName", "middleName", "lastName"].map(|part| alias.attribute(part));
    let joined = parts.join(" ");
    entry.name(if whole.is_empty() { &joined } else { whole }, quality);
    entry.gender = entry.gender.or(Gender::read(alias.attribute("gender")));
}

fn country(entry: &mut Entry, role: &str, element: &Element) {
    let text = element.attribute("countryDescription");
    if known_place(text) {
        entry.country(role, text);
    }
}

/// Whether a place says anything: `UNKNOWN` does not.
fn known_place(text: &str) -> bool {
    !text.is_empty() && text != "UNKNOWN"
}

fn birth(element: &Element) -> Option<Birth> {
    let circa = element.attribute("circa") == "true";
    let range = ["yearRangeFrom", "yearRangeTo"].map(|part| element.attribute(part));
    let year = element.attribute("year");
    let range = range.join(" to ");
    [element.attribute("birthdate"), year, &range]
        .into_iter()
        .find_map(|text| dates::birth(text, circa))
}
