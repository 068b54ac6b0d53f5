//! The page: well-formed, self-contained, safe with hostile words, and adding up.

use std::collections::BTreeSet;

use whither_report::figure::{FlowBand, NodeKind, Unit};
use whither_report::page::{
    Balance, CaveatText, Headline, SeenGroup, SeenRow, SourceRow, StolenRow, TracePage, render,
};

use crate::{data, markup};

/// The percentages in a stretch of a page, in hundredths.
fn percentages(html: &str) -> Vec<u32> {
    html.match_indices(" %<")
        .map(|(at, _)| {
            let start = html[..at].rfind('>').expect("a tag before") + 1;
            html[start..at].replace('.', "").parse().expect("a share")
        })
        .collect()
}

fn between<'a>(html: &'a str, from: &str, to: &str) -> &'a str {
    let start = html
        .find(from)
        .unwrap_or_else(|| panic!("{from} is missing"));
    let length = html[start..]
        .find(to)
        .unwrap_or_else(|| panic!("{to} is missing"));
    &html[start..start + length]
}

#[test]
fn the_page_is_well_formed_and_accessible() {
    let html = render(&data::page());
    let tags = markup::read(&html);
    let count = |name: &str| tags.iter().filter(|tag| tag.name == name).count();
    assert_eq!(
        (count("h1"), count("main"), count("script"), count("img")),
        (1, 1, 0, 0)
    );
    assert_eq!(count("table"), count("caption"));
    assert!(
        tags.iter()
            .filter(|tag| tag.name == "th")
            .all(|tag| tag.get("scope").is_some())
    );
    assert_eq!(tags[0].get("lang"), Some("en"));
    let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let links = tags
        .iter()
        .filter_map(|tag| tag.get("href"))
        .filter_map(|link| link.strip_prefix('#'));
    links.for_each(|link| assert!(ids.contains(&link), "{link}"));
    let labels = tags
        .iter()
        .filter_map(|tag| tag.get("aria-labelledby"))
        .flat_map(|ids| ids.split(' '));
    labels.for_each(|label| assert!(ids.contains(&label), "{label}"));
}

#[test]
fn the_page_asks_for_nothing_outside() {
    let html = render(&data::page());
    assert!(
        html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    );
    let own = html.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for request in [
        "http:",
        "https:",
        "//",
        "@import",
        "@font-face",
        "javascript:",
    ] {
        assert!(!own.contains(request), "{request}");
    }
    let urls: BTreeSet<&str> = own
        .match_indices("url(")
        .map(|(at, _)| &own[at..at + 7])
        .collect();
    assert_eq!(urls.into_iter().collect::<Vec<_>>(), ["url(#p-"]);
    let tags = markup::read(&html);
    let sources = ["src", "srcset", "background", "poster", "action"];
    assert!(
        tags.iter()
            .all(|tag| sources.iter().all(|name| tag.get(name).is_none()))
    );
    let links: Vec<_> = tags.into_iter().filter(|tag| tag.name == "link").collect();
    assert!(links.iter().all(|link| link.get("href") == Some("data:,")));
}

#[test]
fn shares_add_up_to_one_hundred_wherever_they_stand() {
    let html = render(&data::page());
    for (from, to) in [
        ("class=\"kinds\"", "</table>"),
        ("class=\"places\"", "</table>"),
    ] {
        let shares = percentages(between(&html, from, to));
        let (total, parts) = shares.split_last().expect("shares");
        assert_eq!(*total, 10_000);
        assert_eq!(parts.iter().sum::<u32>(), 10_000, "{from}");
    }
    assert!(html.contains(
        "173,600 ETH stolen − 12,000 ETH converted out = 161,600 ETH: every unit is accounted for."
    ));
}

#[test]
fn many_places_are_split_and_still_add_up() {
    let html = render(&many(400, "80200"));
    let shown = percentages(between(&html, "class=\"places\"", "</table>"));
    let (total, parts) = shown.split_last().expect("shares");
    assert_eq!((*total, parts.len()), (10_000, 25 + 1));
    assert_eq!(parts.iter().sum::<u32>(), 10_000);
    assert!(html.contains("and 375 more, listed below"));
    assert!(html.contains("every unit is accounted for"));
    for at in 1..=400 {
        assert!(
            html.contains(&format!("place {at}<")),
            "place {at} is on the page"
        );
    }
}

#[test]
fn a_page_that_does_not_add_up_says_so() {
    let html = render(&many(400, "80201"));
    assert!(html.contains("does not add up") && !html.contains("every unit is accounted for"));
}

#[test]
fn a_reach_has_no_shares() {
    let mut page = many(3, "6");
    page.seen[0].balance = None;
    let html = render(&page);
    assert!(percentages(&html).is_empty());
    assert!(html.contains("These amounts are a reach"));
    markup::read(&html);
}

fn many(count: u32, stolen: &str) -> TracePage {
    let rows = (1..=count).map(|at| SeenRow {
        kind: NodeKind::LastSeen,
        kind_words: "last seen".to_owned(),
        entity: Some(format!("place {at}")),
        address: None,
        digits: at.to_string(),
        first: None,
        last: None,
        transaction: None,
        reason: "the data ends".to_owned(),
    });
    let balance = Balance {
        stolen: stolen.to_owned(),
        ..Balance::default()
    };
    let group = SeenGroup {
        unit: Unit::new("a", "A", 0),
        rows: rows.collect(),
        balance: Some(balance),
    };
    TracePage {
        seen: vec![group],
        ..TracePage::default()
    }
}

#[test]
fn the_table_twin_has_every_band_whole() {
    let page = data::page();
    let html = render(&page);
    let twin = between(&html, "class=\"twin\"", "</details>");
    assert_eq!(twin.matches("<tr>").count(), 1 + page.figure.bands.len());
    for node in &page.figure.nodes {
        let title = node.title.replace('<', "&lt;").replace('>', "&gt;");
        assert!(twin.contains(&title), "{title}");
    }
}

#[test]
fn an_empty_page_is_a_page() {
    let html = render(&TracePage::default());
    markup::read(&html);
    assert!(html.contains("The trace recorded none."));
}

#[test]
fn hostile_words_stay_text_everywhere() {
    let evil = || "\"><script>alert(1)</script><img src=x onerror='x'>`\u{202e}\u{0}".to_owned();
    let mut page = data::page();
    page.title = evil();
    page.headline = Headline {
        figure: evil(),
        unit: evil(),
        words: evil(),
    };
    page.lead = vec![evil()];
    page.stolen = vec![StolenRow {
        time: evil(),
        victim: evil(),
        amount: evil(),
        asset: evil(),
        value: Some(evil()),
        address: Some(evil()),
        transaction: Some(evil()),
    }];
    for group in &mut page.seen {
        group.unit = Unit::new(evil(), evil(), 18);
        for row in &mut group.rows {
            row.kind_words = evil();
            (row.entity, row.address, row.transaction) = (Some(evil()), Some(evil()), Some(evil()));
            (row.first, row.last) = (Some(evil()), Some(evil() + "2"));
            row.reason = evil();
        }
    }
    page.caveats = vec![CaveatText {
        kind: evil(),
        words: evil(),
    }];
    page.method = vec![(evil(), evil())];
    page.sources = vec![SourceRow {
        what: evil(),
        where_from: evil(),
        licence: evil(),
    }];
    for node in &mut page.figure.nodes {
        (node.title, node.subtitle) = (evil(), Some(evil()));
    }
    page.figure.bands.push(FlowBand::new(
        evil(),
        evil() + "2",
        evil(),
        &Unit::new(evil(), evil(), 3),
    ));

    let html = render(&page);
    let names = |html: &str| -> BTreeSet<String> {
        markup::read(html).into_iter().map(|tag| tag.name).collect()
    };
    assert_eq!(
        names(&html),
        names(&render(&data::page())),
        "no element that a harmless page lacks"
    );
    assert!(!html.contains(['\u{202e}', '\0']));
    assert!(
        markup::read(&html)
            .iter()
            .flat_map(|tag| &tag.attributes)
            .all(|(key, _)| !key.starts_with("on"))
    );
}

#[test]
fn the_same_page_gives_the_same_bytes() {
    assert_eq!(render(&data::page()), render(&data::page()));
}
