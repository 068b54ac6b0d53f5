//! The figure as SVG: well-formed, self-contained, stable.

use std::collections::BTreeSet;
use std::{env, fs};

use whither_report::figure::{
    Certainty, FigureOptions, Flow, FlowBand, FlowNode, NodeKind, Scheme, Theme, Unit, layout, svg,
};

use crate::{markup, random};

fn draw(flow: &Flow) -> String {
    svg(&layout(flow, &FigureOptions::default()), &Theme::default())
}

/// Six boxes with every certainty, a fold-free column, a return and a listing.
fn small() -> Flow {
    let ether = Unit::new("eip155:1/slip44:60", "ETH", 18);
    let band = |from: &str, to: &str, digits: &str, certainty| {
        let mut band = FlowBand::new(from, to, format!("{digits}000000000000000000"), &ether);
        band.certainty = certainty;
        band
    };
    let mut thief = FlowNode::new(
        "thief",
        "0x098b716b8aaf21512996dc57eb0615e2383e2f96",
        NodeKind::Address,
    );
    thief.sanctions = Some("an invented list".to_owned());
    Flow {
        nodes: vec![
            FlowNode::new("victim", "Victim & Sons", NodeKind::Origin).with_subtitle("23 March"),
            thief,
            FlowNode::new("mixer", "Mixer", NodeKind::Mixer),
            FlowNode::new("bridge", "Bridge", NodeKind::Bridge),
            FlowNode::new(
                "seen",
                "0x1111111111111111111111111111111111111111",
                NodeKind::LastSeen,
            ),
            FlowNode::new("service", "Exchange", NodeKind::Service),
        ],
        bands: vec![
            band("victim", "thief", "100", Certainty::Observed),
            band("thief", "mixer", "60", Certainty::Observed),
            band("thief", "bridge", "30", Certainty::Inferred),
            band("thief", "service", "10", Certainty::Claimed),
            band("bridge", "seen", "25", Certainty::Inferred),
            band("bridge", "thief", "5", Certainty::Observed),
        ],
    }
}

#[test]
fn a_small_figure_is_drawn_as_it_was() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/small.svg");
    let drawn = draw(&small());
    if env::var_os("WHITHER_BLESS").is_some() {
        fs::write(path, &drawn).expect("the golden file can be written");
    }
    let golden = fs::read_to_string(path).expect("the golden file is there");
    assert!(
        drawn == golden,
        "the figure changed; look at it, then run this test with WHITHER_BLESS=1"
    );
}

#[test]
fn figures_are_well_formed_and_their_ids_unique() {
    for seed in 0..60 {
        let flow = random::flow(seed);
        let tags = markup::read(&draw(&flow));
        let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        assert_eq!(
            ids.iter().collect::<BTreeSet<_>>().len(),
            ids.len(),
            "seed {seed}"
        );
    }
}

#[test]
fn every_box_and_band_says_itself_in_words() {
    let drawn = draw(&small());
    let tags = markup::read(&drawn);
    let groups = tags
        .iter()
        .filter(|tag| tag.name == "g" && tag.get("id").is_some())
        .count();
    assert_eq!(groups, 12);
    assert_eq!(tags.iter().filter(|tag| tag.name == "title").count(), 13);
    assert_eq!(tags.iter().filter(|tag| tag.name == "desc").count(), 13);
    let root = &tags[0];
    assert_eq!((root.name.as_str(), root.get("role")), ("svg", Some("img")));
    assert!(
        drawn.contains("0x098b716b8aaf21512996dc57eb0615e2383e2f96"),
        "whole in words"
    );
    assert!(
        drawn.contains(">0x098b71…3e2f96<"),
        "shortened in the drawing"
    );
}

#[test]
fn the_one_hue_is_that_of_taint() {
    let drawn = draw(&crate::data::flow());
    assert!(drawn.contains("--wf-taint:#b3261e") && drawn.contains("--wf-taint:#ff8a7a"));
    let colours: BTreeSet<&str> = drawn
        .match_indices("fill=\"")
        .map(|(at, _)| drawn[at + 6..].split('"').next().unwrap_or_default())
        .collect();
    assert!(
        colours
            .iter()
            .all(|colour| ["none", "currentColor"].contains(colour)),
        "{colours:?}"
    );
    let dark = Theme {
        scheme: Scheme::Dark,
        ..Theme::default()
    };
    assert!(!svg(&layout(&small(), &FigureOptions::default()), &dark).contains("#b3261e"));
}

#[test]
fn hostile_names_stay_text() {
    let mut flow = small();
    for node in &mut flow.nodes {
        node.title = format!(
            "</text><script>alert(1)</script>\" onload=\"x\u{202e}{}",
            node.id
        );
        node.subtitle = Some("'><img src=x onerror=alert(1)>\0".to_owned());
        node.sanctions = Some("]]><a href='javascript:x'>".to_owned());
    }
    for band in &mut flow.bands {
        band.label = "<b>\u{2066}1 ETH".to_owned();
        band.unit.symbol = "\u{200b}<i>\u{7}".to_owned();
    }
    let theme = Theme {
        prefix: "a\" onload=\"b".to_owned(),
        title: "</title>\u{202e}".to_owned(),
        scheme: Scheme::Auto,
    };
    let drawn = svg(&layout(&flow, &FigureOptions::default()), &theme);
    let tags: BTreeSet<String> = markup::read(&drawn)
        .into_iter()
        .map(|tag| tag.name)
        .collect();
    let known = [
        "circle", "desc", "g", "path", "rect", "style", "svg", "text", "title",
    ];
    assert!(
        tags.iter().all(|tag| known.contains(&tag.as_str())),
        "{tags:?}"
    );
    assert!(!drawn.contains(['\u{202e}', '\u{2066}', '\u{200b}', '\0', '\u{7}']));
    assert!(drawn.contains("⟦U+202E⟧") && drawn.contains("⟦U+0000⟧"));
}
