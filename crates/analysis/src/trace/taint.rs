//! What a holding is made of: segments, each of one origin or of none.
//!
//! Under every policy but poison the segments of a holding sum to its amount, in the order in which
//! they arrived. Under poison a segment says that its origin reaches the holding: each then carries
//! the whole amount, and they overlap.

use std::collections::VecDeque;

use whither_ledger::amount::Amount;

/// Which origin money came from; by the place of the origin in the list given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OriginIx(pub u32);

impl OriginIx {
    /// Money of no origin: clean, or of an unknown beginning.
    pub const NONE: Self = Self(u32::MAX);

    /// Whether this is money of an origin.
    #[must_use]
    pub fn is_tainted(self) -> bool {
        self != Self::NONE
    }
}

/// Money of one origin, as a debit of a transaction brings it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<A> {
    /// Which debit of the transaction brought it; [`MIXED`] where the policy does not tell them apart.
    pub debit: u32,
    /// Whose.
    pub origin_ix: OriginIx,
    /// How much, never zero.
    pub amount: A,
}

/// The debit of a piece that several debits brought together.
pub const MIXED: u32 = u32::MAX;

/// A list of pieces in order.
pub type Pieces<A> = Vec<Piece<A>>;

/// Money of no origin.
pub fn clean<A: Amount>(amount: A, debit: u32) -> Pieces<A> {
    if amount.is_zero() {
        return Vec::new();
    }
    vec![Piece {
        debit,
        origin_ix: OriginIx::NONE,
        amount,
    }]
}

/// The sum of all pieces.
pub fn total<A: Amount>(pieces: &[Piece<A>]) -> A {
    pieces
        .iter()
        .fold(A::ZERO, |sum, piece| sum.plus(piece.amount))
}

/// The tainted sum of all pieces, whatever the origin (not for poison, whose pieces overlap).
pub fn tainted<A: Amount>(pieces: &[Piece<A>]) -> A {
    pieces
        .iter()
        .filter(|piece| piece.origin_ix.is_tainted())
        .fold(A::ZERO, |sum, piece| sum.plus(piece.amount))
}

/// Tainted sums per origin, in the order of the origins.
pub fn by_origin<A: Amount>(pieces: &[Piece<A>]) -> Vec<(OriginIx, A)> {
    let mut sums = std::collections::BTreeMap::new();
    for piece in pieces.iter().filter(|piece| piece.origin_ix.is_tainted()) {
        let sum = sums.entry(piece.origin_ix).or_insert(A::ZERO);
        *sum = sum.plus(piece.amount);
    }
    sums.into_iter().collect()
}

/// Joins neighbours of one origin and forgets which debit brought them: a holding at rest.
pub fn settle<A: Amount>(pieces: Pieces<A>) -> Pieces<A> {
    let mut settled: Pieces<A> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match settled.last_mut() {
            Some(last) if last.origin_ix == piece.origin_ix => {
                last.amount = last.amount.plus(piece.amount);
            }
            _ => settled.push(Piece { debit: 0, ..piece }),
        }
    }
    settled
}

/// Appends pieces to a holding at rest, joining neighbours of one origin.
pub fn append<A: Amount>(held: &mut VecDeque<Piece<A>>, pieces: &[Piece<A>]) {
    for piece in pieces {
        match held.back_mut() {
            Some(last) if last.origin_ix == piece.origin_ix => {
                last.amount = last.amount.plus(piece.amount);
            }
            _ => held.push_back(Piece { debit: 0, ..*piece }),
        }
    }
}

/// Adds pieces to a holding whose order means nothing: one piece per origin.
pub fn pour<A: Amount>(held: &mut VecDeque<Piece<A>>, pieces: &[Piece<A>]) {
    for piece in pieces {
        match held
            .iter_mut()
            .find(|known| known.origin_ix == piece.origin_ix)
        {
            Some(known) => known.amount = known.amount.plus(piece.amount),
            None => held.push_back(Piece { debit: 0, ..*piece }),
        }
    }
}

/// Gives up to `limit` of the unclaimed money in these pieces to an origin, oldest first.
///
/// Returns how much was claimed. Money of an earlier origin stays with it.
pub fn claim<A: Amount>(pieces: &mut Pieces<A>, origin_ix: OriginIx, limit: A) -> A {
    let mut left = limit;
    let mut claimed: Pieces<A> = Vec::with_capacity(pieces.len() + 1);
    for piece in pieces.drain(..) {
        if piece.origin_ix.is_tainted() || left.is_zero() {
            claimed.push(piece);
            continue;
        }
        let taken = piece.amount.min(left);
        left = left.minus(taken);
        claimed.push(Piece {
            origin_ix,
            amount: taken,
            ..piece
        });
        let rest = piece.amount.minus(taken);
        if !rest.is_zero() {
            claimed.push(Piece {
                amount: rest,
                ..piece
            });
        }
    }
    *pieces = claimed;
    limit.minus(left)
}
