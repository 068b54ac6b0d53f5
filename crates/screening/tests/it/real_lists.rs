//! The published lists of May 2024, whole: counts that independent scripts made.

use std::collections::BTreeSet;

use whither_screening::lists::{Format, Kind, Listing};

use crate::support::{data, entry, has_name, list};

const FOLDER: &str = "sanctions/inoutlists/tests/integration/fixtures";

fn one(name: &str, format: Format, problems: usize) -> Option<Listing> {
    let path = data(&format!("{FOLDER}/{name}"))?;
    let (found, listing) = list(&[&path]);
    assert_eq!(found, format);
    assert_eq!(listing.problems.len(), problems, "{:?}", listing.problems);
    assert!(listing.unknown.is_empty(), "{:?}", listing.unknown);
    Some(listing)
}

#[test]
fn ofac_has_its_entries_and_addresses() {
    let Some(listing) = one("sdn.xml", Format::OfacXml, 0) else {
        return;
    };
    assert_eq!(
        (listing.list.as_str(), listing.date.as_deref()),
        ("ofac-sdn", Some("2024-05-07"))
    );
    assert_eq!(listing.entries.len(), 14_966);
    assert_eq!(listing.declared, Some(14_966));
    let wallets = || {
        listing
            .entries
            .iter()
            .flat_map(|listed| &listed.entry.wallets)
    };
    assert_eq!(wallets().count(), 603);
    let pairs: BTreeSet<(&str, &str)> = wallets()
        .map(|wallet| (wallet.code.as_str(), wallet.address.as_str()))
        .collect();
    assert_eq!(pairs.len(), 600);
    let addresses: BTreeSet<&str> = pairs.iter().map(|(_, address)| *address).collect();
    assert_eq!(addresses.len(), 587);
    let holders = listing
        .entries
        .iter()
        .filter(|listed| !listed.entry.wallets.is_empty());
    assert_eq!(holders.count(), 56);
    let lazarus = entry(&listing, "27307");
    assert!(has_name(lazarus, "LAZARUS GROUP"));
    let eth = lazarus.wallets.iter().filter(|wallet| wallet.code == "ETH");
    assert_eq!((eth.count(), lazarus.wallets.len()), (8, 8));
    assert!(has_name(
        entry(&listing, "12210"),
        "RECONNAISSANCE GENERAL BUREAU"
    ));
}

#[test]
fn the_non_sdn_list_is_told_apart() {
    let Some(listing) = one("consolidated.xml", Format::OfacXml, 0) else {
        return;
    };
    assert_eq!(listing.list, "ofac-consolidated");
    assert_eq!(listing.date.as_deref(), Some("2024-05-06"));
    assert_eq!(listing.entries.len(), 443);
}

#[test]
fn the_united_nations_have_their_entries() {
    let Some(listing) = one("un_consolidated.xml", Format::UnXml, 0) else {
        return;
    };
    assert_eq!(
        (listing.list.as_str(), listing.date.as_deref()),
        ("un", Some("2024-05-15"))
    );
    let of_kind = |kind| {
        listing
            .entries
            .iter()
            .filter(|listed| listed.entry.kind == kind)
            .count()
    };
    assert_eq!(
        (of_kind(Kind::Person), of_kind(Kind::Organisation)),
        (682, 193)
    );
    let korean = |prefix: &str| {
        listing
            .entries
            .iter()
            .filter(|listed| listed.entry.id.starts_with(prefix))
            .count()
    };
    assert_eq!((korean("KPi."), korean("KPe.")), (80, 75));
    assert!(has_name(
        entry(&listing, "KPe.031"),
        "RECONNAISSANCE GENERAL BUREAU"
    ));
    let kim = entry(&listing, "KPi.035");
    assert!(
        has_name(kim, "金铁三") && has_name(kim, "Jin Tiesan"),
        "{:?}",
        kim.names
    );
}

#[test]
fn the_european_union_has_its_entries() {
    let Some(listing) = one("20240513-FULL-1_1(xsd).xml", Format::EuXml, 3) else {
        return;
    };
    assert_eq!(
        (listing.list.as_str(), listing.date.as_deref()),
        ("eu", Some("2024-05-13"))
    );
    assert_eq!(listing.entries.len(), 4_811);
    let bureau = entry(&listing, "EU.3319.66");
    assert!(
        bureau
            .names
            .iter()
            .any(|name| name.text.contains("Reconnaissance")),
        "{bureau:?}"
    );
}

#[test]
fn an_address_cut_between_two_files_is_whole() {
    let Some(folder) = data("sanctions/ofac-csv") else {
        return;
    };
    let files = ["sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"].map(|name| folder.join(name));
    let files: Vec<&std::path::Path> = files.iter().map(std::path::PathBuf::as_path).collect();
    let (format, listing) = list(&files);
    assert_eq!(format, Format::OfacCsv);
    let suex = entry(&listing, "33151");
    assert!(has_name(suex, "SUEX OTC, S.R.O."));
    assert_eq!(suex.wallets.len(), 25, "{:?}", suex.wallets);
    let cut = |problem: &String| problem.contains("are cut");
    assert!(!listing.problems.iter().any(cut), "{:?}", listing.problems);
}
