//! OFAC's Advanced XML: everything is a reference to a value set, a location, a document, a profile.
//!
//! The references are followed: an entry holds the words they stand for, and no number that only means something
//! within the file. A feature whose type begins with "Digital Currency Address" is an address, whatever the
//! coin. What has no field becomes a fact named by its type.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::dates;
use super::entry::{Entry, Gender, Kind, Listed, Quality, tidy};
use super::error::ListError;
use super::ofac::{CONSOLIDATED, PUBLISHER, SDN};
use super::reading::{Listing, wallet_code};
use super::xml::{self, Element};

/// The elements that are read as one.
const WHOLE: &[&str] = &[
    "DateOfIssue",
    "ReferenceValueSets",
    "Location",
    "IDRegDocument",
    "DistinctParty",
    "ProfileRelationship",
    "SanctionsEntry",
];

/// What stands directly in a party, its profile and a feature's version, as far as it is known.
const KNOWN: &[&str] = &[
    "Comment",
    "Profile",
    "Identity",
    "Feature",
    "FeatureVersion",
    "IdentityReference",
    "SanctionsEntryReference",
    "DocumentedName",
    "Alias",
    "NamePartGroups",
    "DatePeriod",
    "VersionDetail",
    "VersionLocation",
    "ExternalReference",
];

/// The words that numbers stand for: (set, number) to word.
type Words = BTreeMap<(String, String), String>;

#[derive(Default)]
struct Tables {
    words: Words,
    locations: BTreeMap<String, Place>,
    /// Identity to documents.
    documents: BTreeMap<String, Vec<Element>>,
    /// Profile to the entry's place in the listing.
    profiles: BTreeMap<String, usize>,
}

#[derive(Default)]
struct Place {
    country: String,
    text: String,
}

/// Reads the list.
///
/// # Errors
/// Where the file is not that XML, or holds no entry.
pub fn read(file: &str, source: impl BufRead) -> Result<Listing, ListError> {
    let mut listing = Listing::new(SDN, PUBLISHER);
    let mut tables = Tables::default();
    let mut lists: BTreeMap<String, u64> = BTreeMap::new();
    xml::read(file, source, WHOLE, &mut |path, element| {
        match element.name.as_str() {
            "DateOfIssue" => listing.dated(&date(&element), false),
            "ReferenceValueSets" => tables.words = words(&element),
            "Location" => {
                let place = place(&element, &tables.words);
                tables
                    .locations
                    .insert(element.attribute("ID").to_owned(), place);
            }
            "IDRegDocument" => {
                let identity = element.attribute("IdentityID").to_owned();
                tables.documents.entry(identity).or_default().push(element);
            }
            "DistinctParty" => party(&element, &mut tables, &mut listing),
            "ProfileRelationship" => related(&element, &tables, &mut listing),
            "SanctionsEntry" => {
                let list = tables.word("List", element.attribute("ListID"));
                *lists.entry(list).or_default() += 1;
                sanctioned(&element, &tables, &mut listing);
            }
            _ => listing.outside(
                path,
                &element,
                &["Sanctions@Version", "Sanctions@schemaLocation"],
            ),
        }
        Ok(())
    })?;
    let sdn = lists.keys().any(|list| list.starts_with("SDN"));
    if !sdn && !lists.is_empty() {
        listing.list = CONSOLIDATED.to_owned();
    }
    listing.done(file)
}

impl Tables {
    fn word(&self, set: &str, id: &str) -> String {
        let key = (set.to_owned(), id.to_owned());
        self.words.get(&key).cloned().unwrap_or_default()
    }
}

/// All values of all sets, by the name of their element and their number.
fn words(element: &Element) -> Words {
    let values = element.children.iter().flat_map(|set| &set.children);
    values
        .map(|value| {
            let key = (value.name.clone(), value.attribute("ID").to_owned());
            (key, tidy(&value.text))
        })
        .collect()
}

/// `YYYY-MM-DD` of an element with year, month and day; as much of it as there is.
fn date(element: &Element) -> String {
    let parts = ["Year", "Month", "Day"].map(|part| element.text_of(part));
    match parts {
        [year, month, day] if !day.is_empty() => format!("{year:0>4}-{month:0>2}-{day:0>2}"),
        [year, month, _] if !month.is_empty() => format!("{month} {year}"),
        [year, ..] => year.to_owned(),
    }
}

fn place(element: &Element, words: &Words) -> Place {
    let country = element
        .child("LocationCountry")
        .or_else(|| element.child("LocationAreaCode"));
    let id = country.map_or("", |country| {
        let id = country.attribute("CountryID");
        if id.is_empty() {
            country.attribute("AreaCodeID")
        } else {
            id
        }
    });
    let word = |set: &str| words.get(&(set.to_owned(), id.to_owned())).cloned();
    let country = word("Country")
        .or_else(|| word("AreaCode"))
        .unwrap_or_default();
    let parts = element.at("LocationPart/LocationPartValue/Value");
    let mut parts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    parts.push(&country);
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Place {
        text: tidy(&parts.join(", ")),
        country,
    }
}

fn party(element: &Element, tables: &mut Tables, listing: &mut Listing) {
    let id = element.attribute("FixedRef").to_owned();
    let mut listed = Listed::default();
    listed.entry.id.clone_from(&id);
    let mut comments = Vec::new();
    element.descendants("Comment", &mut comments);
    for comment in comments.iter().filter(|comment| !comment.text.is_empty()) {
        listed
            .facts
            .push(("Comment".to_owned(), tidy(&comment.text)));
    }
    for profile in element.all("Profile") {
        if listed.entry.id.is_empty() {
            profile.attribute("ID").clone_into(&mut listed.entry.id);
        }
        let place = listing.entries.len();
        tables
            .profiles
            .insert(profile.attribute("ID").to_owned(), place);
        listed.entry.kind = kind(profile.attribute("PartySubTypeID"), tables);
        for identity in profile.all("Identity") {
            names(identity, &mut listed.entry, tables);
            documents(identity, &mut listed, tables);
        }
        for feature in profile.all("Feature") {
            self::feature(feature, &mut listed, tables);
        }
    }
    let above = element
        .children
        .iter()
        .chain(element.all("Profile").flat_map(|one| &one.children));
    for child in above.filter(|child| !KNOWN.contains(&child.name.as_str())) {
        listing.unknown(&format!("DistinctParty/{}", child.name), child.line);
        child.leaves(&mut |path, text, _| {
            listed
                .facts
                .push((format!("{}/{path}", child.name), text.to_owned()));
        });
    }
    listing.push(listed.entry, listed.facts, element.line);
}

/// Individual, entity, vessel or aircraft: what the sub-type says, or the type above it, which the value sets
/// name by their own numbers.
fn kind(sub_type: &str, tables: &Tables) -> Kind {
    match tables.word("PartySubType", sub_type).as_str() {
        "Vessel" => Kind::Vessel,
        "Aircraft" => Kind::Aircraft,
        _ => match sub_type {
            "4" => Kind::Person,
            "3" => Kind::Organisation,
            "1" => Kind::Vessel,
            "2" => Kind::Aircraft,
            _ => Kind::Unknown,
        },
    }
}

fn names(identity: &Element, entry: &mut Entry, tables: &Tables) {
    let groups = identity.at("NamePartGroups/MasterNamePartGroup/NamePartGroup");
    let part_of = |group: &str| {
        let found = groups.iter().find(|one| one.attribute("ID") == group);
        found.map_or_else(String::new, |one| {
            tables.word("NamePartType", one.attribute("NamePartTypeID"))
        })
    };
    let mut found = Vec::new();
    for alias in identity.all("Alias") {
        let kind = tables.word("AliasType", alias.attribute("AliasTypeID"));
        let quality = if alias.attribute("Primary") == "true" {
            Quality::Primary
        } else if alias.attribute("LowQuality") == "true" {
            Quality::Low
        } else if kind.eq_ignore_ascii_case("f.k.a.") {
            Quality::Former
        } else {
            Quality::Good
        };
        for (at, documented) in alias.all("DocumentedName").enumerate() {
            let (mut last, mut rest) = (Vec::new(), Vec::new());
            for value in documented.at("DocumentedNamePart/NamePartValue") {
                let part = part_of(value.attribute("NamePartGroupID"));
                let text = value.text.as_str();
                if part == "Last Name" {
                    last.push(text);
                } else {
                    rest.push(text);
                }
            }
            let (last, rest) = (last.join(" "), rest.join(" "));
            let text = match (last.is_empty(), rest.is_empty()) {
                (false, false) => format!("{last}, {rest}"),
                _ => format!("{last}{rest}"),
            };
            let shown = if at == 0 || quality != Quality::Primary {
                quality
            } else {
                Quality::Good
            };
            found.push((text, shown));
        }
    }
    found.sort_by_key(|(_, quality)| *quality != Quality::Primary);
    for (text, quality) in found {
        entry.name(&text, quality);
    }
}

fn documents(identity: &Element, listed: &mut Listed, tables: &Tables) {
    let found = tables.documents.get(identity.attribute("ID"));
    for document in found.into_iter().flatten() {
        let kind = tables.word("IDRegDocType", document.attribute("IDRegDocTypeID"));
        let country = tables.word("Country", document.attribute("IssuedBy-CountryID"));
        let number = document.text_of("IDRegistrationNo");
        listed.entry.identifier(&kind, number, &country);
        let issued = document.text_of("Comment");
        if !issued.is_empty() {
            listed
                .facts
                .push((format!("document {kind}"), tidy(issued)));
        }
    }
}

fn feature(feature: &Element, listed: &mut Listed, tables: &Tables) {
    let kind = tables.word("FeatureType", feature.attribute("FeatureTypeID"));
    for version in feature.all("FeatureVersion") {
        let mut texts = Vec::new();
        for detail in version.all("VersionDetail") {
            let reference = detail.attribute("DetailReferenceID");
            texts.push(if reference.is_empty() {
                tidy(&detail.text)
            } else {
                tables.word("DetailReference", reference)
            });
        }
        for place in version.all("VersionLocation") {
            if let Some(place) = tables.locations.get(place.attribute("LocationID")) {
                located(&kind, place, &mut listed.entry);
                texts.push(place.text.clone());
            }
        }
        for period in version.all("DatePeriod") {
            let mut ends = Vec::new();
            for end in ["Start/From", "End/To"] {
                ends.extend(period.at(end).into_iter().map(date));
            }
            ends.dedup();
            texts.push(ends.join(" to "));
        }
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            noted(&kind, text, listed);
        }
    }
}

/// What a location is to the subject.
fn located(kind: &str, place: &Place, entry: &mut Entry) {
    let role = match kind {
        "Nationality Country" | "Nationality" => "nationality",
        "Citizenship Country" | "Citizenship" => "citizenship",
        "Vessel Flag" => "flag",
        "Location" => "address",
        "Place of Birth" => {
            entry.birth_places.push(place.text.clone());
            return;
        }
        _ => return,
    };
    entry.country(role, &place.country);
}

fn noted(kind: &str, text: String, listed: &mut Listed) {
    if let Some(code) = wallet_code(kind) {
        listed.entry.wallet(code, &text);
        return;
    }
    match kind {
        "Birthdate" => listed.entry.births.extend(dates::birth(&text, false)),
        "Gender" => listed.entry.gender = Gender::read(&text),
        "Email Address"
        | "Website"
        | "IMO Number"
        | "Other Vessel Call Sign"
        | "MMSI"
        | "Vessel Call Sign"
        | "Phone Number" => listed.entry.document(kind, &text, ""),
        _ => listed.facts.push((kind.to_owned(), text)),
    }
}

fn related(element: &Element, tables: &Tables, listing: &mut Listing) {
    let place = |end: &str| tables.profiles.get(element.attribute(end)).copied();
    let kind = tables.word("RelationType", element.attribute("RelationTypeID"));
    let (Some(from), Some(to)) = (place("From-ProfileID"), place("To-ProfileID")) else {
        listing.problem(format!(
            "line {}: a relation of a profile that is not there",
            element.line
        ));
        return;
    };
    let other = &listing.entries[to].entry;
    let text = format!("{} ({})", other.shown_name(), other.id);
    listing.entries[from].facts.push((kind, text));
}

fn sanctioned(element: &Element, tables: &Tables, listing: &mut Listing) {
    let Some(place) = tables.profiles.get(element.attribute("ProfileID")) else {
        listing.problem(format!(
            "line {}: sanctions on a profile that is not there",
            element.line
        ));
        return;
    };
    let entry = &mut listing.entries[*place].entry;
    for measure in element.all("SanctionsMeasure") {
        let programme = tidy(measure.text_of("Comment"));
        if !programme.is_empty() && !entry.programmes.contains(&programme) {
            entry.programmes.push(programme);
        }
    }
    for event in element.at("EntryEvent/Date") {
        let day = dates::day(&date(event), false);
        entry.listed_on = entry.listed_on.take().or(day);
    }
}
