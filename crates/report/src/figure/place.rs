//! Coordinates within columns: how high each box is, where it stands, where each band meets it.
//!
//! A band has one width at both its ends; a box is as high as the wider of its sides, never lower than its text; bands
//! are stacked without gaps in the order of their far ends. Boxes move towards where their bands run straight, and
//! collisions are settled exactly (isotonic regression), in integers.
//!
//! Not here: where the columns stand, and the curves between them (`layout`).

use super::FigureOptions;
use super::graph::Graph;
use super::order::{Cell, Ordered};

/// Space between two boxes, between a box and a passing band, between two passing bands.
const SPACE: [i64; 3] = [1_600, 1_200, 700];
const ROUNDS: usize = 16;
/// Return bands are drawn no wider than this: they show that money came back, not how much.
pub(super) const RETURN_MAX: i64 = 500;

/// Vertical extents of cells and the offsets of bands on their sides.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// The width of each band.
    pub(super) widths: Vec<i64>,
    pub(super) tops: Vec<i64>,
    pub(super) heights: Vec<i64>,
    /// For each column, for each of its pieces: the offsets at the left and the right end.
    pub(super) offsets: Vec<Vec<(i64, i64)>>,
    /// For each band that returns: the offsets where it leaves and where it enters.
    pub(super) returns: Vec<Option<(i64, i64)>>,
    /// The bottom of the lowest cell.
    pub(super) bottom: i64,
}

/// Places every cell of every column.
pub(super) fn place(
    graph: &Graph,
    ordered: &Ordered,
    text_heights: &[i64],
    options: &FigureOptions,
) -> Placed {
    let widths = band_widths(graph, ordered, options);
    let mut sides = vec![(0, 0); ordered.cells.len()];
    for piece in ordered.pieces.iter().flatten() {
        sides[piece.from].1 += widths[piece.band];
        sides[piece.to].0 += widths[piece.band];
    }
    for (at, band) in graph
        .bands
        .iter()
        .enumerate()
        .filter(|(_, band)| graph.is_return(band))
    {
        sides[band.from].1 += widths[at];
        sides[band.to].0 += widths[at];
    }
    let heights: Vec<i64> = (ordered.cells.iter().enumerate())
        .map(|(at, cell)| match *cell {
            Cell::Node(node) => sides[at].0.max(sides[at].1).max(text_heights[node]),
            Cell::Via(band) => widths[band],
        })
        .collect();
    let mut placed = Placed {
        offsets: ordered
            .pieces
            .iter()
            .map(|pieces| vec![(0, 0); pieces.len()])
            .collect(),
        returns: vec![None; graph.bands.len()],
        tops: vec![0; ordered.cells.len()],
        widths,
        heights,
        bottom: 0,
    };
    placed.stack(graph, ordered, &sides);
    placed.settle(ordered);
    placed
}

/// The width of every band: its amount by one scale, but never invisible.
fn band_widths(graph: &Graph, ordered: &Ordered, options: &FigureOptions) -> Vec<i64> {
    let throughputs = graph.throughputs();
    let column_total = |column: &Vec<usize>| {
        column.iter().fold(0_u128, |sum, &cell| {
            sum.saturating_add(match ordered.cells[cell] {
                Cell::Node(node) => throughputs[node],
                Cell::Via(band) => graph.bands[band].amount,
            })
        })
    };
    let largest = ordered
        .columns
        .iter()
        .map(column_total)
        .max()
        .unwrap_or(0)
        .max(1);
    // Dropping the lowest bits of both keeps the product within 128 bits.
    let shift = 64_u32.saturating_sub(largest.leading_zeros());
    let scale = |amount: u128| {
        let height = u128::try_from(options.flow_height.max(1)).unwrap_or(1);
        let width = (amount >> shift) * height / (largest >> shift).max(1);
        i64::try_from(width).unwrap_or(options.flow_height)
    };
    let width = |band| {
        let band: &super::graph::Band = band;
        let width = scale(band.amount).max(options.band_min.max(1));
        if graph.is_return(band) {
            width.min(RETURN_MAX)
        } else {
            width
        }
    };
    graph.bands.iter().map(width).collect()
}

impl Placed {
    /// Stacks bands on the sides of cells: by the order of their far ends, returns below the others.
    fn stack(&mut self, graph: &Graph, ordered: &Ordered, sides: &[(i64, i64)]) {
        let start = |at: usize| (self.heights[at] - sides[at].0.max(sides[at].1)) / 2;
        let mut left: Vec<i64> = (0..sides.len()).map(start).collect();
        let mut right = left.clone();
        for (column, pieces) in ordered.pieces.iter().enumerate() {
            let mut by_far_end: Vec<usize> = (0..pieces.len()).collect();
            by_far_end.sort_by_key(|&at| {
                (
                    ordered.place[pieces[at].to],
                    ordered.place[pieces[at].from],
                    at,
                )
            });
            for &at in &by_far_end {
                let piece = pieces[at];
                self.offsets[column][at].0 = right[piece.from];
                right[piece.from] += self.widths[piece.band];
            }
            by_far_end.sort_by_key(|&at| {
                (
                    ordered.place[pieces[at].from],
                    ordered.place[pieces[at].to],
                    at,
                )
            });
            for &at in &by_far_end {
                let piece = pieces[at];
                self.offsets[column][at].1 = left[piece.to];
                left[piece.to] += self.widths[piece.band];
            }
        }
        for (at, band) in graph
            .bands
            .iter()
            .enumerate()
            .filter(|(_, band)| graph.is_return(band))
        {
            self.returns[at] = Some((right[band.from], left[band.to]));
            right[band.from] += self.widths[at];
            left[band.to] += self.widths[at];
        }
    }

    /// Moves cells to where their bands run straight, forth and back, then with both sides at once.
    fn settle(&mut self, ordered: &Ordered) {
        let extents = ordered
            .columns
            .iter()
            .map(|column| self.offsets_in(ordered, column).1);
        self.bottom = extents.max().unwrap_or(0);
        for column in &ordered.columns {
            let (offsets, extent) = self.offsets_in(ordered, column);
            for (&cell, offset) in column.iter().zip(offsets) {
                self.tops[cell] = (self.bottom - extent) / 2 + offset;
            }
        }
        let columns = ordered.columns.len();
        for round in 0..ROUNDS {
            let both = round * 2 >= ROUNDS;
            for column in 0..columns {
                self.settle_column(ordered, column, true, both);
            }
            for column in (0..columns).rev() {
                self.settle_column(ordered, column, both, true);
            }
        }
    }

    /// Settles one column by the bands on its left, on its right, or both.
    fn settle_column(&mut self, ordered: &Ordered, column: usize, by_left: bool, by_right: bool) {
        let mut wanted = vec![(0_i64, 0_i64); self.tops.len()];
        if by_left && column > 0 {
            for (piece, &(left, right)) in ordered.pieces[column - 1]
                .iter()
                .zip(&self.offsets[column - 1])
            {
                let width = self.widths[piece.band];
                wanted[piece.to].0 += (self.tops[piece.from] + left - right) * width;
                wanted[piece.to].1 += width;
            }
        }
        if by_right {
            for (piece, &(left, right)) in ordered.pieces[column].iter().zip(&self.offsets[column])
            {
                let width = self.widths[piece.band];
                wanted[piece.from].0 += (self.tops[piece.to] + right - left) * width;
                wanted[piece.from].1 += width;
            }
        }
        let cells = &ordered.columns[column];
        let (offsets, extent) = self.offsets_in(ordered, cells);
        let targets: Vec<(i64, i64)> = (cells.iter().zip(&offsets))
            .map(|(&cell, offset)| match wanted[cell] {
                (_, 0) => (self.tops[cell] - offset, 1),
                (sum, weight) => (sum.div_euclid(weight) - offset, weight),
            })
            .collect();
        let room = (self.bottom - extent).max(0);
        for ((&cell, offset), start) in cells.iter().zip(offsets).zip(isotonic(&targets)) {
            self.tops[cell] = start.clamp(0, room) + offset;
        }
    }

    /// How far below the first cell of a column each must at least stand, and how high they are together.
    fn offsets_in(&self, ordered: &Ordered, column: &[usize]) -> (Vec<i64>, i64) {
        let mut below = 0;
        let mut previous: Option<usize> = None;
        let mut offsets = Vec::with_capacity(column.len());
        for &cell in column {
            if let Some(previous) = previous {
                let passes = |at: usize| usize::from(matches!(ordered.cells[at], Cell::Via(_)));
                below += self.heights[previous] + SPACE[passes(previous) + passes(cell)];
            }
            offsets.push(below);
            previous = Some(cell);
        }
        let extent = previous.map_or(0, |last| below + self.heights[last]);
        (offsets, extent)
    }
}

/// The non-decreasing values nearest to weighted targets, by pooling adjacent violators.
fn isotonic(targets: &[(i64, i64)]) -> Vec<i64> {
    let mut pools: Vec<(i128, i128, usize)> = Vec::new();
    for &(target, weight) in targets {
        let mut pool = (
            i128::from(target) * i128::from(weight),
            i128::from(weight),
            1,
        );
        while let Some(&(sum, weight, count)) = pools.last() {
            if sum * pool.1 <= pool.0 * weight {
                break;
            }
            pool = (pool.0 + sum, pool.1 + weight, pool.2 + count);
            pools.pop();
        }
        pools.push(pool);
    }
    pools
        .into_iter()
        .flat_map(|(sum, weight, count)| {
            let value = i64::try_from(sum.div_euclid(weight.max(1))).unwrap_or_default();
            std::iter::repeat_n(value, count)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::isotonic;

    #[test]
    fn violators_are_pooled_and_the_rest_kept() {
        assert_eq!(isotonic(&[(0, 1), (10, 1), (4, 1), (20, 1)]), [0, 7, 7, 20]);
        assert_eq!(isotonic(&[(9, 1), (0, 2)]), [3, 3]);
        assert!(isotonic(&[]).is_empty());
    }
}
