//! Folding: a picture of a thousand boxes is read by nobody, so the small ones become one that says how many.
//!
//! Two folds, both keeping sums: of a column with too many boxes the smallest become "and 17 more"; of a trace with
//! too many columns the later steps on the way become "and 45 more steps", while its ends stay ends.
//!
//! Not here: which boxes matter for a case. Size decides; the table under the figure lists them all.

use std::collections::BTreeMap;

use super::graph::{Band, Graph, Node};
use super::{FigureOptions, FlowNode, NodeKind};

/// Folds what is too deep, then what is too many.
pub(super) fn fold(graph: Graph, options: &FigureOptions) -> Graph {
    let graph = fold_columns(graph, options.columns_max.max(3));
    fold_nodes(graph, options.column_nodes_max.max(2))
}

/// Folds the later steps on the way into one node, and moves later ends into the last column.
fn fold_columns(mut graph: Graph, columns_max: usize) -> Graph {
    let columns = graph
        .nodes
        .iter()
        .map(|node| node.rank + 1)
        .max()
        .unwrap_or(0);
    if columns <= columns_max {
        return graph;
    }
    let mut on_the_way = vec![false; graph.nodes.len()];
    for band in &graph.bands {
        on_the_way[band.from] |= !graph.is_return(band);
    }
    let (way, end) = (columns_max - 2, columns_max - 1);
    let mut groups = vec![None; graph.nodes.len()];
    for (at, node) in graph.nodes.iter_mut().enumerate() {
        if on_the_way[at] && node.rank >= way {
            node.rank = way;
            groups[at] = Some(way);
        } else {
            node.rank = node.rank.min(end);
        }
    }
    contract(graph, &groups, "steps")
}

/// Folds the smallest nodes of each column that has too many.
fn fold_nodes(graph: Graph, nodes_max: usize) -> Graph {
    let throughputs = graph.throughputs();
    let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        columns.entry(node.rank).or_default().push(at);
    }
    let mut groups = vec![None; graph.nodes.len()];
    for (rank, mut nodes) in columns {
        if nodes.len() <= nodes_max {
            continue;
        }
        nodes.sort_by_key(|&node| (throughputs[node], std::cmp::Reverse(node)));
        nodes.truncate(nodes.len() + 1 - nodes_max);
        for node in nodes {
            groups[node] = Some(rank);
        }
    }
    contract(graph, &groups, "")
}

/// Makes one node of each group; bands within a group vanish, bands that became parallel are joined.
fn contract(graph: Graph, groups: &[Option<usize>], noun: &str) -> Graph {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        if let Some(group) = group {
            members.entry(*group).or_default().push(at);
        }
    }
    members.retain(|_, members| members.len() > 1);
    if members.is_empty() {
        return graph;
    }
    let mut position = vec![0; graph.nodes.len()];
    let mut nodes = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        if groups[at].is_none_or(|group| !members.contains_key(&group)) {
            position[at] = nodes.len();
            nodes.push(node.clone());
        }
    }
    let kept = nodes.len();
    for (rank, members) in &members {
        members
            .iter()
            .for_each(|&member| position[member] = nodes.len());
        nodes.push(folded(&graph, *rank, members, noun));
    }
    let bands = join(&graph, &position, kept);
    Graph { nodes, bands }
}

fn folded(graph: &Graph, rank: usize, members: &[usize], noun: &str) -> Node {
    let stands_for: usize = members
        .iter()
        .map(|&member| graph.nodes[member].stands_for)
        .sum();
    let mut kinds: BTreeMap<NodeKind, usize> = BTreeMap::new();
    for &member in members {
        *kinds.entry(graph.nodes[member].flow.kind).or_default() += graph.nodes[member].stands_for;
    }
    let kinds: Vec<String> = kinds
        .into_iter()
        .map(|(kind, count)| format!("{count} {}", kind.counted(count > 1)))
        .collect();
    // No id of a caller starts with a control character that its own escaping would show.
    let id = format!("\u{1}fold{noun}{rank}");
    let title = ["and", &stands_for.to_string(), "more", noun]
        .join(" ")
        .trim_end()
        .to_owned();
    let flow = FlowNode::new(id, title, NodeKind::Other).with_subtitle(kinds.join(", "));
    Node {
        flow,
        stands_for,
        rank,
    }
}

/// Moves bands to their new ends; joins parallel ones that touch a folded node, keeping sums.
fn join(graph: &Graph, position: &[usize], kept: usize) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    let mut joined: BTreeMap<_, Vec<&Band>> = BTreeMap::new();
    for band in &graph.bands {
        let (from, to) = (position[band.from], position[band.to]);
        if from < kept && to < kept {
            bands.push(Band {
                from,
                to,
                ..band.clone()
            });
        } else if from != to {
            joined
                .entry((from, to, &band.unit, band.certainty))
                .or_default()
                .push(band);
        }
    }
    for ((from, to, unit, certainty), parallel) in joined {
        if let [band] = parallel.as_slice() {
            bands.push(Band {
                from,
                to,
                ..(*band).clone()
            });
            continue;
        }
        let digits = parallel.iter().fold(String::new(), |sum, band| {
            crate::text::add_digits(&sum, &band.digits)
        });
        bands.push(Band {
            from,
            to,
            unit: unit.clone(),
            certainty,
            amount: parallel
                .iter()
                .fold(0, |sum, band| sum.saturating_add(band.amount)),
            label: unit.exact(&digits),
            digits,
            count: parallel
                .iter()
                .fold(0, |sum, band| sum.saturating_add(band.count)),
        });
    }
    bands.sort();
    bands
}
