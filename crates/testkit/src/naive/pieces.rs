//! Lists of pieces of money in the order they arrived, and how a debit takes from such a list (law 3).
//!
//! One set of takings serves both uses of a list: segments that carry a label (forward) and coins that carry
//! their number (backward). It does not know what a piece means.

/// A stretch of money that can be cut in two and turned round.
pub(super) trait Piece: Clone {
    /// How much money it is; never zero while it stands in a list.
    fn amount(&self) -> u128;
    /// The first `amount` units, and the rest.
    fn cut(&self, amount: u128) -> (Self, Self);
    /// The same money, last unit first.
    fn turned(&self) -> Self;
}

/// All the money in a list.
pub(super) fn total<P: Piece>(list: &[P]) -> u128 {
    list.iter().map(Piece::amount).sum()
}

/// Takes up to `want` units of the wanted pieces, first in the list first; what remains keeps its order.
fn take_where<P: Piece>(list: &mut Vec<P>, want: u128, wanted: impl Fn(&P) -> bool) -> Vec<P> {
    let mut missing = want;
    let mut taken = Vec::new();
    let mut left = Vec::new();
    for piece in list.drain(..) {
        let part = if wanted(&piece) {
            piece.amount().min(missing)
        } else {
            0
        };
        missing -= part;
        if part == 0 {
            left.push(piece);
        } else if part == piece.amount() {
            taken.push(piece);
        } else {
            let (front, rest) = piece.cut(part);
            taken.push(front);
            left.push(rest);
        }
    }
    *list = left;
    taken
}

/// Takes the oldest `want` units (FIFO).
pub(super) fn take_oldest<P: Piece>(list: &mut Vec<P>, want: u128) -> Vec<P> {
    assert!(want <= total(list), "a debit takes more than there is");
    take_where(list, want, |_| true)
}

/// Takes the newest `want` units, the newest of them first (LIFO).
///
/// Unit by unit: the last unit of the last piece is the top of the stack. So a piece that is taken is turned
/// round; for a labelled segment that makes no difference, for numbered coins it does.
pub(super) fn take_newest<P: Piece>(list: &mut Vec<P>, want: u128) -> Vec<P> {
    turn(list);
    let taken = take_oldest(list, want);
    turn(list);
    taken
}

/// Takes `want` units, those that are `preferred` before the others, each oldest first (TIHO).
pub(super) fn take_preferred<P: Piece>(
    list: &mut Vec<P>,
    want: u128,
    preferred: impl Fn(&P) -> bool,
) -> Vec<P> {
    assert!(want <= total(list), "a debit takes more than there is");
    let mut taken = take_where(list, want, preferred);
    let missing = want - total(&taken);
    taken.extend(take_where(list, missing, |_| true));
    taken
}

/// Turns a whole list round, unit by unit.
fn turn<P: Piece>(list: &mut Vec<P>) {
    *list = list.iter().rev().map(Piece::turned).collect();
}
