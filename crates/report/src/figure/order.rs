//! The order within columns: barycentre sweeps over boxes and the places where long bands pass.
//!
//! A band that skips a column gets a cell of its own there, so that it passes between the boxes and not beneath them.
//! A fixed number of sweeps runs forth and back, ties go by id, and the order with the fewest crossings is kept.
//! After Sugiyama, Tagawa and Toda (1981); the least number of crossings is not promised.
//!
//! Not here: coordinates (`place`).

use super::graph::Graph;

const SWEEPS: usize = 24;

/// A place in a column: a box, or where a long band passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Node(usize),
    Via(usize),
}

/// A piece of a band between neighbouring columns, from cell to cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) band: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Cells in columns, in order from top to bottom, and the pieces of bands between them.
#[derive(Clone, Debug)]
pub(super) struct Ordered {
    pub(super) cells: Vec<Cell>,
    /// Cells of each column, top to bottom.
    pub(super) columns: Vec<Vec<usize>>,
    /// Pieces whose left end stands in each column.
    pub(super) pieces: Vec<Vec<Piece>>,
    /// The place of each cell in its column.
    pub(super) place: Vec<usize>,
}

impl Ordered {
    /// Orders every column of a graph.
    pub(super) fn new(graph: &Graph) -> Self {
        let mut ordered = Ordered::cells_of(graph);
        let mut best = (ordered.crossings(), ordered.columns.clone());
        for sweep in 0..SWEEPS {
            ordered.sweep(sweep % 2 == 0);
            let crossings = ordered.crossings();
            if crossings < best.0 {
                best = (crossings, ordered.columns.clone());
            }
        }
        ordered.columns = best.1;
        ordered.number();
        ordered
    }

    fn cells_of(graph: &Graph) -> Self {
        let columns = graph
            .nodes
            .iter()
            .map(|node| node.rank + 1)
            .max()
            .unwrap_or(0);
        let mut ordered = Ordered {
            cells: (0..graph.nodes.len()).map(Cell::Node).collect(),
            columns: vec![Vec::new(); columns],
            pieces: vec![Vec::new(); columns],
            place: Vec::new(),
        };
        let throughputs = graph.throughputs();
        let mut nodes: Vec<usize> = (0..graph.nodes.len()).collect();
        nodes.sort_by_key(|&node| (std::cmp::Reverse(throughputs[node]), node));
        for node in nodes {
            ordered.columns[graph.nodes[node].rank].push(node);
        }
        for (at, band) in graph.bands.iter().enumerate() {
            if graph.is_return(band) {
                continue;
            }
            let mut from = band.from;
            for column in graph.nodes[band.from].rank + 1..graph.nodes[band.to].rank {
                let via = ordered.cells.len();
                ordered.cells.push(Cell::Via(at));
                ordered.columns[column].push(via);
                ordered.pieces[column - 1].push(Piece {
                    band: at,
                    from,
                    to: via,
                });
                from = via;
            }
            ordered.pieces[graph.nodes[band.to].rank - 1].push(Piece {
                band: at,
                from,
                to: band.to,
            });
        }
        ordered.number();
        ordered
    }

    fn number(&mut self) {
        self.place = vec![0; self.cells.len()];
        for column in &self.columns {
            for (place, &cell) in column.iter().enumerate() {
                self.place[cell] = place;
            }
        }
    }

    /// Sorts each column by where its neighbours in the column before (or after) stand on average.
    fn sweep(&mut self, forth: bool) {
        let columns = self.columns.len();
        for step in 1..columns {
            let column = if forth { step } else { columns - 1 - step };
            let pieces = &self.pieces[if forth { column - 1 } else { column }];
            let mut seen = vec![(0_usize, 0_usize); self.cells.len()];
            for piece in pieces {
                let (own, other) = if forth {
                    (piece.to, piece.from)
                } else {
                    (piece.from, piece.to)
                };
                seen[own].0 += self.place[other];
                seen[own].1 += 1;
            }
            let place = &self.place;
            self.columns[column].sort_by_key(|&cell| {
                let (sum, count) = seen[cell];
                // A cell without neighbours on that side stays about where it is.
                let centre = (sum * 4096)
                    .checked_div(count)
                    .unwrap_or(place[cell] * 4096);
                (centre, cell)
            });
            for (at, &cell) in self.columns[column].iter().enumerate() {
                self.place[cell] = at;
            }
        }
    }

    /// How many pairs of pieces cross, over all gaps.
    fn crossings(&self) -> usize {
        (0..self.columns.len().saturating_sub(1))
            .map(|column| self.crossings_after(column))
            .sum()
    }

    fn crossings_after(&self, column: usize) -> usize {
        let mut ends: Vec<(usize, usize)> = self.pieces[column]
            .iter()
            .map(|piece| (self.place[piece.from], self.place[piece.to]))
            .collect();
        ends.sort_unstable();
        // Inversions of the right ends, counted with a Fenwick tree.
        let mut tree = vec![0_usize; self.columns[column + 1].len() + 1];
        let mut crossings = 0;
        for (seen, &(_, to)) in ends.iter().enumerate() {
            let mut at = to + 1;
            let mut not_above = 0;
            while at > 0 {
                not_above += tree[at];
                at &= at - 1;
            }
            crossings += seen - not_above;
            at = to + 1;
            while at < tree.len() {
                tree[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
        crossings
    }
}
