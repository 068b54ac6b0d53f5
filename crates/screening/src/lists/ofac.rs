//! OFAC's lists as `sdnList` XML: the SDN list and the consolidated (non-SDN) list, which look alike.
//!
//! Which of the two a file is, its programmes tell: those of the non-SDN lists block no property. A digital-currency address is an identifier like any other, told by its type.

use std::io::BufRead;

use super::dates;
use super::entry::{Entry, Kind, Quality, tidy};
use super::error::ListError;
use super::reading::Listing;
use super::xml::{self, Element};

/// Programmes of the lists that are not the SDN list.
const NON_SDN: &[&str] = &[
    "NS-PLC",
    "CMIC-EO13959",
    "FSE-IR",
    "FSE-SY",
    "NS-MBS",
    "CAPTA",
];
/// One entry in so many has such a programme, at least: one in three in May 2024, and 2 of 14,966 on the SDN list.
const NON_SDN_SHARE: usize = 20;
pub(super) const SDN: &str = "ofac-sdn";
pub(super) const CONSOLIDATED: &str = "ofac-consolidated";
pub(super) const PUBLISHER: &str = "OFAC, U.S. Department of the Treasury";

const TAKEN: &[&str] = &[
    "uid",
    "firstName",
    "lastName",
    "sdnType",
    "programList/program",
    "idList/id/idType",
    "idList/id/idNumber",
    "akaList/aka/type",
    "akaList/aka/category",
    "akaList/aka/lastName",
    "akaList/aka/firstName",
    "dateOfBirthList/dateOfBirthItem/dateOfBirth",
    "placeOfBirthList/placeOfBirthItem/placeOfBirth",
    "nationalityList/nationality/country",
    "citizenshipList/citizenship/country",
    "addressList/address/country",
    "vesselInfo/vesselFlag",
];

const KNOWN: &[&str] = &[
    "title",
    "remarks",
    "akaList/aka/uid",
    "idList/id/uid",
    "idList/id/idCountry",
    "idList/id/issueDate",
    "idList/id/expirationDate",
    "addressList/address/uid",
    "addressList/address/address1",
    "addressList/address/address2",
    "addressList/address/address3",
    "addressList/address/city",
    "addressList/address/stateOrProvince",
    "addressList/address/postalCode",
    "dateOfBirthList/dateOfBirthItem/uid",
    "dateOfBirthList/dateOfBirthItem/mainEntry",
    "placeOfBirthList/placeOfBirthItem/uid",
    "placeOfBirthList/placeOfBirthItem/mainEntry",
    "nationalityList/nationality/uid",
    "nationalityList/nationality/mainEntry",
    "citizenshipList/citizenship/uid",
    "citizenshipList/citizenship/mainEntry",
    "vesselInfo/callSign",
    "vesselInfo/vesselType",
    "vesselInfo/vesselOwner",
    "vesselInfo/grossRegisteredTonnage",
    "vesselInfo/tonnage",
];

/// Reads either list.
///
/// # Errors
/// Where the file is not that XML, or holds no entry.
pub fn read(file: &str, source: impl BufRead) -> Result<Listing, ListError> {
    let mut listing = Listing::new(SDN, PUBLISHER);
    xml::read(
        file,
        source,
        &["sdnEntry", "publshInformation"],
        &mut |path, element| {
            match element.name.as_str() {
                "sdnEntry" => {
                    let facts = listing.facts(&element, TAKEN, KNOWN);
                    listing.push(entry(&element), facts, element.line);
                }
                "publshInformation" => {
                    listing.dated(element.text_of("Publish_Date"), true);
                    listing.declared = element.text_of("Record_Count").parse().ok();
                    let known = ["Publish_Date", "Record_Count"];
                    listing.facts(&element, &known, &known);
                }
                _ => listing.outside(path, &element, &["sdnList@schemaLocation"]),
            }
            Ok(())
        },
    )?;
    listing.list = which(&listing).to_owned();
    listing.done(file)
}

/// Which of OFAC's lists this is: the SDN list where few entries have a programme of the other lists. (Some have
/// both: who is on the SDN list may be named on another besides.)
pub(super) fn which(listing: &Listing) -> &'static str {
    let tells = |programme: &String| NON_SDN.contains(&programme.as_str());
    let entries = listing.entries.iter();
    let other = entries.filter(|listed| listed.entry.programmes.iter().any(tells));
    if other.count() * NON_SDN_SHARE > listing.entries.len() {
        CONSOLIDATED
    } else {
        SDN
    }
}

fn entry(element: &Element) -> Entry {
    let uid = tidy(element.text_of("uid"));
    let mut entry = Entry {
        id: uid.clone(),
        reference: uid,
        kind: kind(element.text_of("sdnType")),
        programmes: texts(element, "programList/program"),
        birth_places: texts(element, "placeOfBirthList/placeOfBirthItem/placeOfBirth"),
        ..Entry::default()
    };
    entry.name(&name(element), Quality::Primary);
    for alias in element.at("akaList/aka") {
        let quality = quality(alias.text_of("type"), alias.text_of("category"));
        entry.name(&name(alias), quality);
    }
    for id in element.at("idList/id") {
        entry.identifier(
            id.text_of("idType"),
            id.text_of("idNumber"),
            id.text_of("idCountry"),
        );
    }
    for born in element.at("dateOfBirthList/dateOfBirthItem/dateOfBirth") {
        entry.births.extend(dates::birth(&born.text, false));
    }
    for (role, path) in [
        ("nationality", "nationalityList/nationality/country"),
        ("citizenship", "citizenshipList/citizenship/country"),
        ("address", "addressList/address/country"),
        ("flag", "vesselInfo/vesselFlag"),
    ] {
        for country in element.at(path) {
            entry.country(role, &country.text);
        }
    }
    entry.remark(element.text_of("remarks"));
    entry
}

pub(super) fn kind(text: &str) -> Kind {
    match text.trim().to_lowercase().as_str() {
        "individual" => Kind::Person,
        "vessel" => Kind::Vessel,
        "aircraft" => Kind::Aircraft,
        "entity" | "-0-" | "" => Kind::Organisation,
        _ => Kind::Unknown,
    }
}

pub(super) fn quality(kind: &str, category: &str) -> Quality {
    match (kind.trim(), category.trim()) {
        (_, "weak") => Quality::Low,
        ("f.k.a." | "fka", _) => Quality::Former,
        _ => Quality::Good,
    }
}

/// `LAST, First`, as OFAC writes it.
fn name(element: &Element) -> String {
    let (last, first) = (element.text_of("lastName"), element.text_of("firstName"));
    match (last.is_empty(), first.is_empty()) {
        (false, false) => format!("{last}, {first}"),
        _ => format!("{last}{first}"),
    }
}

fn texts(element: &Element, path: &str) -> Vec<String> {
    let found = element.at(path).into_iter().map(|one| tidy(&one.text));
    found.filter(|text| !text.is_empty()).collect()
}
