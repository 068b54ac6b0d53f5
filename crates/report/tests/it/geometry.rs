//! What every layout promises, over random flows: sides fit, boxes keep apart, order does not matter, sums hold.

use std::collections::BTreeMap;

use whither_report::figure::{
    FigureOptions, Flow, FlowBand, FlowNode, Layout, NodeKind, Route, Theme, Unit, layout, svg,
};
use whither_report::text::add_digits;

use crate::random::{self, Random};

const SEEDS: u64 = 250;

fn each(mut check: impl FnMut(u64, &Flow, &Layout)) {
    for seed in 0..SEEDS {
        let flow = random::flow(seed);
        check(seed, &flow, &layout(&flow, &FigureOptions::default()));
    }
    let flow = crate::data::flow();
    check(u64::MAX, &flow, &layout(&flow, &FigureOptions::default()));
}

/// Where a band leaves and where it enters: x, top.
fn ends(route: &Route) -> ((i64, i64), (i64, i64)) {
    match route {
        Route::Forward(stations) => {
            let (first, last) = (
                stations.first().expect("a start"),
                stations.last().expect("an end"),
            );
            ((first.right, first.top), (last.left, last.top))
        }
        Route::Return(back) => (back.from, back.to),
    }
}

#[test]
fn bands_fit_the_sides_of_their_boxes_exactly() {
    each(|seed, _, layout| {
        for (at, node) in layout.nodes.iter().enumerate() {
            let mut sides: [Vec<(i64, i64)>; 2] = Default::default();
            for band in &layout.bands {
                let (leave, enter) = ends(&band.route);
                if band.from == at {
                    assert_eq!(leave.0, node.x + node.width, "seed {seed}");
                    sides[0].push((leave.1, band.thickness));
                }
                if band.to == at {
                    assert_eq!(enter.0, node.x, "seed {seed}");
                    sides[1].push((enter.1, band.thickness));
                }
            }
            let mut widest = 0;
            for side in &mut sides {
                side.sort_unstable();
                for pair in side.windows(2) {
                    assert_eq!(
                        pair[0].0 + pair[0].1,
                        pair[1].0,
                        "seed {seed}: bands are stacked without gap or overlap"
                    );
                }
                let sum: i64 = side.iter().map(|(_, thickness)| thickness).sum();
                widest = widest.max(sum);
                if let (Some(first), Some(last)) = (side.first(), side.last()) {
                    assert!(
                        first.0 >= node.y && last.0 + last.1 <= node.y + node.height,
                        "seed {seed}"
                    );
                }
            }
            let text_only = node.height <= 7_000;
            assert!(
                widest == node.height || (widest < node.height && text_only),
                "seed {seed}: {widest} {}",
                node.height
            );
        }
    });
}

#[test]
fn boxes_of_a_column_keep_apart_and_inside() {
    each(|seed, _, layout| {
        for pair in layout
            .nodes
            .windows(2)
            .filter(|pair| pair[0].column == pair[1].column)
        {
            assert!(pair[0].y + pair[0].height < pair[1].y, "seed {seed}");
        }
        for node in &layout.nodes {
            assert!(
                node.x >= 0 && node.x + node.width <= layout.width,
                "seed {seed}"
            );
            assert!(
                node.y >= 0 && node.y + node.height <= layout.height,
                "seed {seed}"
            );
        }
    });
}

#[test]
fn long_bands_pass_between_boxes() {
    each(|seed, _, layout| {
        for band in &layout.bands {
            let Route::Forward(stations) = &band.route else {
                continue;
            };
            assert!(
                stations.windows(2).all(|pair| pair[0].right < pair[1].left),
                "seed {seed}"
            );
            for station in stations
                .iter()
                .filter(|station| station.left < station.right)
            {
                for node in layout.nodes.iter().filter(|node| node.x == station.left) {
                    let clear =
                        node.y + node.height < station.top || station.top + band.thickness < node.y;
                    assert!(clear, "seed {seed}: a band runs beneath a box");
                }
            }
        }
    });
}

#[test]
fn labels_cover_neither_boxes_nor_each_other() {
    let mut labels_seen = 0;
    each(|seed, _, layout| {
        let labels: Vec<_> = layout
            .bands
            .iter()
            .filter_map(|band| band.label.as_ref())
            .collect();
        labels_seen += labels.len();
        for (at, label) in labels.iter().enumerate() {
            let (left, right) = (label.x - label.width / 2, label.x + label.width / 2);
            assert!(
                layout
                    .nodes
                    .iter()
                    .all(|node| right < node.x || node.x + node.width < left),
                "seed {seed}"
            );
            let others = labels.iter().skip(at + 1);
            assert!(
                others
                    .clone()
                    .all(|other| other.x != label.x || (other.y - label.y).abs() >= 1_400),
                "seed {seed}"
            );
        }
    });
    assert!(labels_seen > 0);
}

#[test]
fn the_order_of_the_input_changes_nothing() {
    for seed in 0..SEEDS {
        let flow = random::flow(seed);
        let mut other = flow.clone();
        let mut random = Random(seed + 1_000_003);
        random.shuffle(&mut other.nodes);
        random.shuffle(&mut other.bands);
        let draw = |flow| svg(&layout(flow, &FigureOptions::default()), &Theme::default());
        assert_eq!(draw(&flow), draw(&other), "seed {seed}");
    }
}

type Sums = BTreeMap<(String, bool, Unit), String>;

fn add(sums: &mut Sums, id: &str, entering: bool, unit: &Unit, digits: &str) {
    let sum = sums
        .entry((id.to_owned(), entering, unit.clone()))
        .or_default();
    *sum = add_digits(sum, digits);
}

#[test]
fn folding_keeps_sums_and_counts() {
    let options = FigureOptions {
        column_nodes_max: 4,
        columns_max: 4,
        ..FigureOptions::default()
    };
    for seed in 0..SEEDS {
        let flow = random::flow(seed);
        let layout = layout(&flow, &options);
        assert_eq!(
            layout
                .nodes
                .iter()
                .map(|node| node.stands_for)
                .sum::<usize>(),
            flow.nodes.len(),
            "seed {seed}"
        );
        let columns = layout
            .nodes
            .iter()
            .map(|node| node.column + 1)
            .max()
            .expect("boxes");
        assert!(columns <= 4, "seed {seed}: {columns} columns");
        for column in 0..columns {
            assert!(
                layout
                    .nodes
                    .iter()
                    .filter(|node| node.column == column)
                    .count()
                    <= 4,
                "seed {seed}"
            );
        }
        // Every box that was not folded has what it had, on both sides, in every unit.
        let (mut drawn, mut given) = (Sums::new(), Sums::new());
        for band in &layout.bands {
            add(
                &mut drawn,
                &layout.nodes[band.from].id,
                false,
                &band.unit,
                &band.digits,
            );
            add(
                &mut drawn,
                &layout.nodes[band.to].id,
                true,
                &band.unit,
                &band.digits,
            );
        }
        for band in &flow.bands {
            add(&mut given, &band.from, false, &band.unit, &band.digits);
            add(&mut given, &band.to, true, &band.unit, &band.digits);
        }
        for node in layout.nodes.iter().filter(|node| node.stands_for == 1) {
            let of = |sums: &Sums| -> Sums {
                sums.iter()
                    .filter(|(key, _)| key.0 == node.id)
                    .map(|(key, sum)| (key.clone(), sum.clone()))
                    .collect()
            };
            assert_eq!(of(&drawn), of(&given), "seed {seed}");
        }
    }
}

#[test]
fn the_smallest_are_folded_into_one_that_says_how_many_and_how_much() {
    let ether = Unit::new("eip155:1/slip44:60", "ETH", 18);
    let mut flow = Flow {
        nodes: vec![FlowNode::new("o", "Victim", NodeKind::Origin)],
        bands: Vec::new(),
    };
    for at in 1..=40_u64 {
        flow.nodes.push(FlowNode::new(
            format!("n{at}"),
            format!("address {at}"),
            NodeKind::Address,
        ));
        flow.bands.push(FlowBand::new(
            "o",
            format!("n{at}"),
            format!("{at}00000000000000000"),
            &ether,
        ));
    }
    let layout = layout(&flow, &FigureOptions::default());
    let fold = layout
        .nodes
        .iter()
        .find(|node| node.stands_for > 1)
        .expect("a fold");
    // 1 + 2 + … + 17 tenths of an ether.
    assert_eq!(fold.title, "and 17 more (15.3 ETH)");
    assert_eq!(fold.lines[0], "and 17 more");
    assert_eq!(fold.subtitle.as_deref(), Some("17 addresses"));
    assert_eq!(layout.nodes.len(), 1 + 23 + 1);
    let band = layout
        .bands
        .iter()
        .find(|band| layout.nodes[band.to].stands_for > 1)
        .expect("its band");
    assert_eq!(
        (band.digits.as_str(), band.count),
        ("15300000000000000000", 17)
    );
}

#[test]
fn circles_return_below_everything() {
    let ether = Unit::new("eip155:1/slip44:60", "ETH", 18);
    let band = |from: &str, to: &str, digits: &str| FlowBand::new(from, to, digits, &ether);
    let nodes = ["o", "a", "b"].map(|id| {
        FlowNode::new(
            id,
            id,
            if id == "o" {
                NodeKind::Origin
            } else {
                NodeKind::Address
            },
        )
    });
    let bands = vec![
        band("o", "a", "9"),
        band("a", "b", "8"),
        band("b", "a", "3"),
        band("b", "b", "1"),
        band("b", "o", "2"),
    ];
    let layout = layout(
        &Flow {
            nodes: nodes.to_vec(),
            bands,
        },
        &FigureOptions::default(),
    );
    let lowest = layout
        .nodes
        .iter()
        .map(|node| node.y + node.height)
        .max()
        .expect("boxes");
    let lanes: Vec<i64> = (layout.bands.iter())
        .filter_map(|band| match band.route {
            Route::Return(back) => {
                assert!(back.turns.0 <= layout.width && back.turns.1 >= 0);
                Some(back.lane - band.thickness / 2)
            }
            Route::Forward(_) => None,
        })
        .collect();
    assert_eq!(lanes.len(), 3);
    assert!(
        lanes
            .iter()
            .all(|&lane| lane > lowest && lane < layout.height)
    );
}

#[test]
fn wide_amounts_are_drawn_by_one_scale() {
    let unit = Unit::new("a", "A", 0);
    let nodes = vec![FlowNode::new("o", "o", NodeKind::Origin)];
    let bands = [("x", u128::MAX), ("y", u128::MAX / 2), ("z", 0)];
    let bands = bands
        .map(|(to, amount)| FlowBand::new("o", to, amount.to_string(), &unit))
        .to_vec();
    let options = FigureOptions::default();
    let layout = layout(&Flow { nodes, bands }, &options);
    let mut widths: Vec<i64> = layout.bands.iter().map(|band| band.thickness).collect();
    widths.sort_unstable();
    assert_eq!(widths[0], options.band_min);
    assert!((widths[2] - 2 * widths[1]).abs() <= 2, "{widths:?}");
}

#[test]
fn nothing_and_nearly_nothing_can_be_drawn() {
    let options = FigureOptions::default();
    let empty = layout(&Flow::default(), &options);
    assert!(empty.nodes.is_empty() && empty.height > 0);
    let lone = Flow {
        nodes: vec![FlowNode::new("o", "", NodeKind::Origin)],
        bands: Vec::new(),
    };
    assert_eq!(layout(&lone, &options).nodes.len(), 1);
}
