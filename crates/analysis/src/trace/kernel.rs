//! The kernel: how the taint of a transaction's debits passes to its credits.
//!
//! One pure function, [`Split::split`], for both kinds of chain. The debits are a queue of pieces; the credits take their
//! amounts from it; what they leave is the rest: the fee on a UTXO chain, what stays in the holding on
//! an account chain. Exact in integers, and what goes in comes out: asserted at the end.
//!
//! Laws 3 and 4 (`docs/concepts/laws.md`) say what each policy does; `docs/methods/policies.md` tells its source.

use std::collections::VecDeque;
use std::ops::Range;

use whither_ledger::amount::Amount;

use super::policy::Policy;
use super::taint::{MIXED, OriginIx, Piece, Pieces, tainted, total};

/// What each credit took, and what was left, in the order taken; used again from transaction to transaction.
#[derive(Clone, Debug)]
pub struct Split<A> {
    pieces: Vec<Piece<A>>,
    credits: Vec<Range<usize>>,
    rest: Range<usize>,
    work: Work<A>,
}

/// What a split needs on the way, kept for the next.
#[derive(Clone, Debug)]
struct Work<A> {
    order: Vec<usize>,
    capacity: Vec<A>,
    /// Per origin: which, how much of it, and the debit that brought it.
    origins: Vec<Piece<A>>,
    /// Per origin and slot.
    shares: Vec<A>,
    remainders: Vec<A>,
}

impl<A> Default for Split<A> {
    fn default() -> Self {
        Self {
            pieces: Vec::new(),
            credits: Vec::new(),
            rest: 0..0,
            work: Work {
                order: Vec::new(),
                capacity: Vec::new(),
                origins: Vec::new(),
                shares: Vec::new(),
                remainders: Vec::new(),
            },
        }
    }
}

impl<A: Amount> Split<A> {
    /// What the credit of this place took.
    #[must_use]
    pub fn credit(&self, place: usize) -> &[Piece<A>] {
        &self.pieces[self.credits[place].clone()]
    }

    /// What no credit took, in its order.
    #[must_use]
    pub fn rest(&self) -> &[Piece<A>] {
        &self.pieces[self.rest.clone()]
    }

    /// Splits the pieces of all debits over the credits, by any policy but poison.
    ///
    /// # Panics
    /// When the credits want more than the debits hold, or when a unit was lost: broken invariants.
    pub fn split(&mut self, policy: Policy, debits: &[Piece<A>], credits: &[A]) {
        self.clear();
        match policy {
            Policy::Fifo => self.in_order(debits.iter().copied(), credits),
            Policy::Lifo => {
                self.in_order(debits.iter().rev().copied(), credits);
                self.pieces[self.rest.clone()].reverse();
            }
            Policy::Tiho => self.tainted_first(debits, credits),
            Policy::Haircut => self.in_proportion(debits, credits),
            Policy::Poison => panic!("poison is a reach and splits nothing"),
        }
        assert!(
            total(&self.pieces) == total(debits),
            "every unit of the debits is in a credit or in the rest"
        );
        assert!(
            tainted(&self.pieces) == tainted(debits),
            "no taint is made or lost"
        );
    }

    /// Poison: every origin of the debits reaches all of every credit, and of the rest.
    pub fn reach(&mut self, debits: &[Piece<A>], credits: &[A], rest: A) {
        self.clear();
        self.work.gather(debits);
        for value in credits.iter().chain([&rest]) {
            let start = self.pieces.len();
            let origins = self.work.origins.iter().filter(|_| !value.is_zero());
            self.pieces.extend(origins.map(|origin| Piece {
                amount: *value,
                ..*origin
            }));
            self.credits.push(start..self.pieces.len());
        }
        self.rest = self.credits.pop().expect("the rest is the last slot");
    }

    fn clear(&mut self) {
        self.pieces.clear();
        self.credits.clear();
    }

    /// First come, first served: credits take whole pieces in the order given, and split the last.
    fn in_order(&mut self, debits: impl Iterator<Item = Piece<A>>, credits: &[A]) {
        let mut queue = Queue { left: None, debits };
        for credit in credits {
            let start = self.pieces.len();
            queue.take(*credit, &mut self.pieces);
            self.credits.push(start..self.pieces.len());
        }
        let start = self.pieces.len();
        self.pieces.extend(queue.left);
        self.pieces.extend(queue.debits);
        self.rest = start..self.pieces.len();
    }

    /// Taint in, highest out: tainted pieces go to the largest credit first, the rest last.
    fn tainted_first(&mut self, debits: &[Piece<A>], credits: &[A]) {
        let of = |taint: bool| Queue {
            left: None,
            debits: debits
                .iter()
                .copied()
                .filter(move |piece| piece.origin_ix.is_tainted() == taint),
        };
        let (mut stolen, mut others) = (of(true), of(false));
        let mut left = [A::ZERO, tainted(debits)];
        left[0] = total(debits).minus(left[1]);
        let order = &mut self.work.order;
        order.clear();
        order.extend(0..credits.len());
        order.sort_unstable_by(|a, b| credits[*b].cmp(&credits[*a]).then(a.cmp(b)));
        self.credits.resize(credits.len(), 0..0);
        for credit in order {
            let start = self.pieces.len();
            let part = credits[*credit].min(left[1]);
            let other = credits[*credit].minus(part);
            stolen.take(part, &mut self.pieces);
            others.take(other, &mut self.pieces);
            left = [left[0].minus(other), left[1].minus(part)];
            self.credits[*credit] = start..self.pieces.len();
        }
        // What remains keeps its order: of each kind the newest pieces are left, where they stood.
        let start = self.pieces.len();
        for piece in debits.iter().rev() {
            let kind = &mut left[usize::from(piece.origin_ix.is_tainted())];
            let amount = piece.amount.min(*kind);
            *kind = kind.minus(amount);
            if !amount.is_zero() {
                self.pieces.push(Piece { amount, ..*piece });
            }
        }
        self.pieces[start..].reverse();
        self.rest = start..self.pieces.len();
    }

    /// Each credit takes its share of each origin: rounded down, then one unit each by largest remainder.
    ///
    /// With several origins each is split over what the earlier ones left of each credit's capacity.
    fn in_proportion(&mut self, debits: &[Piece<A>], credits: &[A]) {
        let wanted = total_of(credits);
        let work = &mut self.work;
        work.gather(debits);
        work.capacity.clear();
        work.capacity.extend_from_slice(credits);
        work.capacity.push(total(debits).minus(wanted));
        let slots = work.capacity.len();
        work.shares.clear();
        for row in 0..work.origins.len() {
            work.share(work.origins[row].amount);
            for (capacity, share) in work.capacity.iter_mut().zip(&work.shares[row * slots..]) {
                *capacity = capacity.minus(*share);
            }
        }
        for slot in 0..slots {
            let start = self.pieces.len();
            let shares = work.shares.iter().skip(slot).step_by(slots);
            let tainted = work
                .origins
                .iter()
                .zip(shares)
                .map(|(origin, share)| Piece {
                    amount: *share,
                    ..*origin
                });
            let clean = Piece {
                debit: MIXED,
                origin_ix: OriginIx::NONE,
                amount: work.capacity[slot],
            };
            let pieces = tainted.chain([clean]);
            self.pieces
                .extend(pieces.filter(|piece| !piece.amount.is_zero()));
            self.credits.push(start..self.pieces.len());
        }
        self.rest = self.credits.pop().expect("the rest is the last slot");
    }
}

impl<A: Amount> Work<A> {
    /// Sums the debits per origin, in the order of the origins, each with the debit that brought all of it
    /// or [`MIXED`].
    fn gather(&mut self, debits: &[Piece<A>]) {
        self.origins.clear();
        for piece in debits.iter().filter(|piece| piece.origin_ix.is_tainted()) {
            let row = self
                .origins
                .binary_search_by_key(&piece.origin_ix, |origin| origin.origin_ix);
            match row {
                Err(row) => self.origins.insert(row, *piece),
                Ok(row) => {
                    let origin = &mut self.origins[row];
                    origin.amount = origin.amount.plus(piece.amount);
                    if origin.debit != piece.debit {
                        origin.debit = MIXED;
                    }
                }
            }
        }
    }

    /// Appends the shares of an amount over the capacities: floors, then one unit each by largest remainder,
    /// ties to the lower place. The amount is never more than the capacities hold together.
    fn share(&mut self, amount: A) {
        let whole = total_of(&self.capacity);
        let first = self.shares.len();
        if whole.is_zero() {
            self.shares.resize(first + self.capacity.len(), A::ZERO);
            return;
        }
        self.remainders.clear();
        let mut left = amount;
        for part in &self.capacity {
            let (floor, remainder) = amount
                .mul_div(*part, whole)
                .expect("a share is never larger than its part");
            left = left.minus(floor);
            self.shares.push(floor);
            self.remainders.push(remainder);
        }
        if left.is_zero() {
            return;
        }
        let remainders = &self.remainders;
        self.order.clear();
        self.order.extend(0..remainders.len());
        self.order
            .sort_unstable_by(|a, b| remainders[*b].cmp(&remainders[*a]).then(a.cmp(b)));
        for place in &self.order {
            if left.is_zero() {
                break;
            }
            let share = &mut self.shares[first + place];
            *share = share.plus(A::ONE);
            left = left.minus(A::ONE);
        }
    }
}

/// An amount shared over parts in proportion: floors, then one unit each by largest remainder, ties to the lower
/// place.
pub fn shares<A: Amount>(amount: A, parts: &[A]) -> Vec<A> {
    let mut work = Split::default().work;
    work.capacity.extend_from_slice(parts);
    work.share(amount);
    work.shares
}

/// Pieces as parts of another amount: the same origins in the same order, scaled.
pub fn scale<A: Amount>(pieces: &[Piece<A>], amount: A) -> Pieces<A> {
    let parts: Vec<A> = pieces.iter().map(|piece| piece.amount).collect();
    let scaled = pieces.iter().zip(shares(amount, &parts));
    let scaled = scaled.map(|(piece, amount)| Piece { amount, ..*piece });
    scaled.filter(|piece| !piece.amount.is_zero()).collect()
}

/// Pieces waiting to be taken, the first of which may be taken in part.
struct Queue<A, I> {
    left: Option<Piece<A>>,
    debits: I,
}

impl<A: Amount, I: Iterator<Item = Piece<A>>> Queue<A, I> {
    fn take(&mut self, amount: A, taken: &mut Vec<Piece<A>>) {
        let mut wanted = amount;
        while !wanted.is_zero() {
            let next = self.left.take().or_else(|| self.debits.next());
            let piece = next.expect("credits never want more than the debits hold");
            let part = piece.amount.min(wanted);
            wanted = wanted.minus(part);
            taken.push(Piece {
                amount: part,
                ..piece
            });
            let left = piece.amount.minus(part);
            self.left = (!left.is_zero()).then_some(Piece {
                amount: left,
                ..piece
            });
        }
    }
}

fn total_of<A: Amount>(amounts: &[A]) -> A {
    amounts.iter().fold(A::ZERO, |sum, part| sum.plus(*part))
}

/// Takes an amount from the oldest pieces of a holding.
pub fn take_oldest<A: Amount>(held: &mut VecDeque<Piece<A>>, amount: A) -> Pieces<A> {
    take(held, amount, VecDeque::pop_front, VecDeque::push_front)
}

/// Takes an amount from the newest pieces of a holding.
pub fn take_newest<A: Amount>(held: &mut VecDeque<Piece<A>>, amount: A) -> Pieces<A> {
    take(held, amount, VecDeque::pop_back, VecDeque::push_back)
}

type Pop<A> = fn(&mut VecDeque<Piece<A>>) -> Option<Piece<A>>;
type Push<A> = fn(&mut VecDeque<Piece<A>>, Piece<A>);

fn take<A: Amount>(
    queue: &mut VecDeque<Piece<A>>,
    amount: A,
    pop: Pop<A>,
    push: Push<A>,
) -> Pieces<A> {
    let mut taken = Vec::new();
    let mut wanted = amount;
    while !wanted.is_zero() {
        let piece = pop(queue).expect("credits never want more than the debits hold");
        let part = piece.amount.min(wanted);
        wanted = wanted.minus(part);
        taken.push(Piece {
            amount: part,
            ..piece
        });
        let left = piece.amount.minus(part);
        if !left.is_zero() {
            push(
                queue,
                Piece {
                    amount: left,
                    ..piece
                },
            );
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: OriginIx = OriginIx(0);
    const B: OriginIx = OriginIx(1);

    fn piece(debit: u32, origin_ix: OriginIx, amount: u64) -> Piece<u64> {
        Piece {
            debit,
            origin_ix,
            amount,
        }
    }

    fn split(policy: Policy, debits: Pieces<u64>, credits: &[u64]) -> Split<u64> {
        let mut split = Split::default();
        split.split(policy, &debits, credits);
        split
    }

    fn shares(amount: u64, capacity: &[u64]) -> Vec<u64> {
        let mut work = Split::default().work;
        work.capacity = capacity.to_vec();
        work.share(amount);
        work.shares
    }

    fn amounts(pieces: &[Piece<u64>]) -> Vec<(OriginIx, u64)> {
        super::super::taint::settle(pieces.to_vec())
            .iter()
            .map(|piece| (piece.origin_ix, piece.amount))
            .collect()
    }

    /// Two inputs: 3 clean then 4 of A; 5 clean. Outputs 6 and 4, fee 2.
    fn debits() -> Pieces<u64> {
        vec![
            piece(0, OriginIx::NONE, 3),
            piece(0, A, 4),
            piece(1, OriginIx::NONE, 5),
        ]
    }

    #[test]
    fn fifo_takes_in_input_order() {
        let split = split(Policy::Fifo, debits(), &[6, 4]);
        assert_eq!(amounts(split.credit(0)), [(OriginIx::NONE, 3), (A, 3)]);
        assert_eq!(amounts(split.credit(1)), [(A, 1), (OriginIx::NONE, 3)]);
        assert_eq!(amounts(split.rest()), [(OriginIx::NONE, 2)]);
    }

    #[test]
    fn lifo_takes_from_the_last_segment_of_the_last_input() {
        let split = split(Policy::Lifo, debits(), &[6, 4]);
        assert_eq!(amounts(split.credit(0)), [(OriginIx::NONE, 5), (A, 1)]);
        assert_eq!(amounts(split.credit(1)), [(A, 3), (OriginIx::NONE, 1)]);
        assert_eq!(amounts(split.rest()), [(OriginIx::NONE, 2)]);
    }

    #[test]
    fn tiho_fills_the_largest_output_first_and_the_fee_last() {
        let split = split(Policy::Tiho, debits(), &[2, 3, 3]);
        assert_eq!(amounts(split.credit(0)), [(OriginIx::NONE, 2)]);
        assert_eq!(amounts(split.credit(1)), [(A, 3)]);
        assert_eq!(amounts(split.credit(2)), [(A, 1), (OriginIx::NONE, 2)]);
        assert_eq!(amounts(split.rest()), [(OriginIx::NONE, 4)]);
    }

    #[test]
    fn what_tiho_leaves_keeps_its_order() {
        let debits = vec![
            piece(0, OriginIx::NONE, 10),
            piece(0, A, 5),
            piece(0, OriginIx::NONE, 2),
            piece(0, B, 4),
        ];
        let mixed = split(Policy::Tiho, debits, &[7]);
        assert_eq!(amounts(mixed.credit(0)), [(A, 5), (B, 2)]);
        assert_eq!(amounts(mixed.rest()), [(OriginIx::NONE, 12), (B, 2)]);
        let split = split(
            Policy::Tiho,
            vec![piece(0, OriginIx::NONE, 10), piece(0, A, 20)],
            &[5],
        );
        assert_eq!(amounts(split.rest()), [(OriginIx::NONE, 10), (A, 15)]);
    }

    #[test]
    fn haircut_rounds_by_largest_remainder_ties_to_the_lower_place() {
        // 4 of 12 over 6, 4 and the fee of 2: 2, 1⅓, ⅔ → 2, 1, 1.
        let split = split(Policy::Haircut, debits(), &[6, 4]);
        assert_eq!(amounts(split.credit(0)), [(A, 2), (OriginIx::NONE, 4)]);
        assert_eq!(amounts(split.credit(1)), [(A, 1), (OriginIx::NONE, 3)]);
        assert_eq!(amounts(split.rest()), [(A, 1), (OriginIx::NONE, 1)]);
        assert_eq!(shares(1, &[5, 5, 5]), [1, 0, 0]);
        assert_eq!(shares(2, &[1, 5, 5]), [0, 1, 1]);
    }

    #[test]
    fn haircut_gives_later_origins_what_earlier_ones_left() {
        let debits = vec![piece(0, A, 5), piece(1, B, 5)];
        let split = split(Policy::Haircut, debits, &[5, 4]);
        // A: 2.5, 2, 0.5 → 2 + 1 (tie between 0 and the fee: lower place), 2, 0. B: 2 of 5, 2 of 5, 1 of 5.
        assert_eq!(amounts(split.credit(0)), [(A, 3), (B, 2)]);
        assert_eq!(amounts(split.credit(1)), [(A, 2), (B, 2)]);
        assert_eq!(amounts(split.rest()), [(B, 1)]);
        assert_eq!(split.credit(0)[0].debit, 0);
    }
}
