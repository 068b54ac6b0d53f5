//! What the remarks of OFAC's CSV hold: births, nationalities, addresses, weak aliases, and numbers under some 130 words.
//!
//! The XML has an element for each; the CSV has them in one text, parted by semicolons. A number is told by the words
//! before it, those of the XML (`Trade License No. 52602 (United Arab Emirates)`). New words come with time: where words
//! end in what numbers are called by, what follows is one too. A part that no rule takes is told, as an unknown element
//! of the XML would be.
//!
//! Fails: names and remarks with a semicolon in them.

use super::dates;
use super::entry::{Entry, Gender, Listed, Quality};
use super::reading::wallet_code;

/// The words that stand before a number, as the XML has them in May 2024 (`idType`), and two of the CSV's own.
const KINDS: &[&str] = &[
    "Afghan Money Service Provider License Number",
    "Aircraft Construction Number (also called L/N or S/N or F/N)",
    "Aircraft Manufacturer's Serial Number (MSN)",
    "Aircraft Mode S Transponder Code",
    "Aircraft Serial Identification",
    "Aircraft Tail Number",
    "BIK (RU)",
    "Birth Certificate Number",
    "Bosnian Personal ID No.",
    "Branch Unit Number",
    "British National Overseas Passport",
    "Business Number",
    "Business Registration Document #",
    "Business Registration Number",
    "C.I.F.",
    "C.I.N.",
    "C.R. No.",
    "C.U.I.",
    "C.U.I.P.",
    "C.U.I.T.",
    "C.U.R.P.",
    "CNP (Personal Numerical Code)",
    "Cartilla de Servicio Militar Nacional",
    "Cedula No.",
    "Central Registration System Number",
    "Certificate of Incorporation Number",
    "Chamber of Commerce Number",
    "Chinese Commercial Code",
    "Citizen's Card Number",
    "Commercial Registry Number",
    "Company Number",
    "Credencial electoral",
    "D-U-N-S Number",
    "D.N.I.",
    "Diplomatic Passport",
    "Driver's License No.",
    "Dubai Chamber of Commerce Membership No.",
    "Economic Register Number (CBLS)",
    "Electoral Registry No.",
    "Email Address",
    "Enterprise Number",
    "Equity Ticker",
    "Fax No.",
    "File Number",
    "Fiscal Code",
    "Folio Mercantil No.",
    "Government Gazette Number",
    "I.F.E.",
    "ISIN",
    "Identification Number",
    "Immigration No.",
    "Istanbul Chamber of Comm. No.",
    "Italian Fiscal Code",
    "Kenyan ID No.",
    "LE Number",
    "LEI",
    "Legal Entity Number",
    "License",
    "MICEX Code",
    "MMSI",
    "MSB Registration Number",
    "Matricula Mercantil No",
    "Military Registration Number",
    "Moroccan Personal ID No.",
    "N.I.E.",
    "N.I.F.",
    "NIT #",
    "National Foreign ID Number",
    "National ID No.",
    "Numero Unico de Identificacao Tributaria (NUIT)",
    "Numero de Identidad",
    "Organization Code",
    "Other Vessel Call Sign",
    "Paraguayan tax identification number",
    "Passport",
    "Permit Number",
    "Personal ID Card",
    "Phone Number",
    "Pilot License Number",
    "Previous Aircraft Tail Number",
    "Public Registration Number",
    "Public Security and Immigration No.",
    "R.F.C.",
    "RFC",
    "RIF #",
    "RTN",
    "RUC #",
    "Refugee ID Card",
    "Registered Charity No.",
    "Registration Certificate Number (Dubai)",
    "Registration ID",
    "Registration Number",
    "Residency Number",
    "Romanian C.R.",
    "Romanian Permanent Resident",
    "Romanian Tax Registration",
    "Russian State Individual Business Registration Number Pattern (OGRNIP)",
    "SRE Permit No.",
    "SSN",
    "SWIFT/BIC",
    "Seafarer's Identification Document",
    "Serial No.",
    "Stateless Person ID Card",
    "Stateless Person Passport",
    "Tax ID No.",
    "Tazkira National ID Card",
    "Telephone No.",
    "Tourism License No.",
    "Trade License No.",
    "Trademark number",
    "Travel Document Number",
    "Turkish Identification Number",
    "UAE Identification",
    "UK Company Number",
    "UN/LOCODE",
    "US FEIN",
    "Unified Social Credit Code (USCC)",
    "United Social Credit Code Certificate (USCCC)",
    "V.A.T. Number",
    "Vessel Registration Identification",
    "VisaNumberID",
    "Website",
];

/// How remarks begin that hold no number; they stay in the text.
const REMARKS: &[&str] = &[
    "(Linked To",
    "Additional Sanctions Information",
    "Aircraft Manufacture Date",
    "Aircraft Model",
    "Aircraft Operator",
    "CAATSA Section 235",
    "Effective Date",
    "Executive Order",
    "For more information",
    "Former Vessel Flag",
    "IFCA Determination",
    "Issuer Name",
    "Linked To",
    "Listing Date",
    "Nationality of Registration",
    "Organization Established Date",
    "Organization Type",
    "Other Vessel Flag",
    "Other Vessel Type",
    "PEESA Information",
    "Purchase/Sales For Divestment Date",
    "Registration Country",
    "Secondary sanctions risk",
    "Target Type",
    "Transactions Prohibited",
    "Vessel Year of Build",
];

/// Words by which a number is called at last, whatever stands before them.
const CALLED: &[&str] = &[
    "#",
    "Card",
    "Certificate",
    "Code",
    "Document",
    "ID",
    "Identification",
    "License",
    "No",
    "No.",
    "Number",
    "Passport",
    "Permit",
    "number",
];
/// The most words before a number whose kind is new.
const WORDS_MAX: usize = 8;
/// How many words of a part that no rule takes are told, and how many letters.
const TOLD_WORDS: usize = 3;
const TOLD_MAX: usize = 40;

/// Reads remarks into an entry, and gives how the parts begin that no rule takes.
pub(super) fn read(text: &str, listed: &mut Listed) -> Vec<String> {
    let mut strange = Vec::new();
    for part in text.split(';') {
        let part = part.trim().trim_end_matches('.');
        let part = part.strip_prefix("alt. ").unwrap_or(part);
        if !part.is_empty() && !take(part, &mut listed.entry) {
            strange.push(beginning(part));
        }
    }
    strange
}

/// Reads one part; says whether it is known.
fn take(part: &str, entry: &mut Entry) -> bool {
    let alias = ["a.k.a. ", "f.k.a. ", "n.k.a. "]
        .iter()
        .find_map(|word| part.strip_prefix(word));
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
    } else if let Some(alias) = alias {
        entry.name(alias.trim_matches(['\'', '"']), Quality::Low);
    } else if let Some(gender) = part.strip_prefix("Gender ") {
        entry.gender = Gender::read(gender);
    } else if let Some((kind, rest)) = kind(part).or_else(|| new_kind(part)) {
        let (number, country) = number(rest);
        let number = number.strip_prefix("IMO ").unwrap_or(number);
        entry.document(kind, number, country);
    } else {
        return REMARKS.iter().any(|remark| part.starts_with(remark));
    }
    true
}

/// The words that a part begins with, of those that stand before a number, and what follows them.
fn kind(part: &str) -> Option<(&str, &str)> {
    let follows = |kind: &&&str| {
        let rest = part.strip_prefix(**kind);
        rest.is_some_and(|rest| rest.starts_with(' '))
    };
    let kind = KINDS.iter().filter(follows).max_by_key(|kind| kind.len())?;
    Some(part.split_at(kind.len()))
}

/// The same where the words are new: they end in what a number is called by, and a word with a digit follows.
fn new_kind(part: &str) -> Option<(&str, &str)> {
    let end = part.find(" (").unwrap_or(part.len());
    let (kind, number) = undated(&part[..end]).rsplit_once(' ')?;
    let called = kind.rsplit(' ').next().unwrap_or(kind);
    let known = CALLED.contains(&called)
        && kind.starts_with(char::is_uppercase)
        && !kind.contains(':')
        && kind.split(' ').count() <= WORDS_MAX;
    (known && number.bytes().any(|byte| byte.is_ascii_digit())).then(|| part.split_at(kind.len()))
}

/// A number and the country behind it, of `A1234567 (Iran) expires 01 Jan 2020`.
fn number(rest: &str) -> (&str, &str) {
    for (at, _) in rest.match_indices(" (") {
        if let Some((country, _)) = rest[at + 2..].split_once(')')
            && country.starts_with(char::is_alphabetic)
        {
            return (undated(&rest[..at]), country.trim());
        }
    }
    (undated(rest), "")
}

/// A number without the days on which it was issued and expires.
fn undated(number: &str) -> &str {
    let days = [" issued ", " expires "];
    let end = days.iter().filter_map(|word| number.find(word)).min();
    number[..end.unwrap_or(number.len())].trim()
}

/// How a part begins: the first words before its first digit, by which parts of one kind are told once.
fn beginning(part: &str) -> String {
    let words = part.split_whitespace();
    let words = words.take_while(|word| !word.bytes().any(|byte| byte.is_ascii_digit()));
    let words: Vec<&str> = words.take(TOLD_WORDS).collect();
    let told: String = words.join(" ").chars().take(TOLD_MAX).collect();
    if told.is_empty() {
        "a number without words".to_owned()
    } else {
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_under_the_words_of_the_xml_and_under_new_ones() {
        for (text, wanted) in [
            (
                "Passport A1234567 (Iran) expires 01 Jan 2020",
                ("Passport", "A1234567", "Iran"),
            ),
            (
                "Passport A1234567 issued 01 Jan 2010 expires 01 Jan 2020",
                ("Passport", "A1234567", ""),
            ),
            (
                "Diplomatic Passport D9004878 (Syria)",
                ("Diplomatic Passport", "D9004878", "Syria"),
            ),
            ("SWIFT/BIC RMIDRUMM", ("SWIFT/BIC", "RMIDRUMM", "")),
            (
                "NIT # 830094179-1 (Colombia)",
                ("NIT #", "830094179-1", "Colombia"),
            ),
            (
                "Unified Social Credit Code (USCC) 91310000744917356T (China)",
                (
                    "Unified Social Credit Code (USCC)",
                    "91310000744917356T",
                    "China",
                ),
            ),
            (
                "alt. Tax ID No. 7710030411 (Russia)",
                ("Tax ID No.", "7710030411", "Russia"),
            ),
            (
                "LEI 253400ABCDEFGHJKLM12 (Russia)",
                ("LEI", "253400ABCDEFGHJKLM12", "Russia"),
            ),
            (
                "Vessel Registration Identification IMO 9486910",
                ("Vessel Registration Identification", "9486910", ""),
            ),
            (
                "Telephone No. (218) (0)214778301",
                ("Telephone No.", "(218) (0)214778301", ""),
            ),
            (
                "Fishing Permit No. 1234567 (Chile)",
                ("Fishing Permit No.", "1234567", "Chile"),
            ),
        ] {
            let mut listed = Listed::default();
            assert_eq!(read(text, &mut listed), Vec::<String>::new(), "{text}");
            let found = listed.entry.documents.first();
            let found =
                found.map(|one| (one.kind.as_str(), one.number.as_str(), one.country.as_str()));
            assert_eq!(found, Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_part_that_no_rule_takes_is_told() {
        let mut listed = Listed::default();
        let text = "DOB 1970; Linked To: A COMPANY; Favourite Colour 7 blue; Licensed by 4 states; ; Gender Male.";
        let strange = read(text, &mut listed);
        assert_eq!(strange, ["Favourite Colour", "Licensed by"]);
        assert!(
            listed.entry.documents.is_empty(),
            "{:?}",
            listed.entry.documents
        );
        assert_eq!(listed.entry.gender, Some(Gender::Male));
    }
}
