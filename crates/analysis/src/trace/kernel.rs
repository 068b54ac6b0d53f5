//! The kernel: how the taint of a transaction's debits passes to its credits.
//!
//! One pure function for both kinds of chain. The debits are a queue of pieces; the credits take their
//! amounts from it; what they leave is the rest: the fee on a UTXO chain, what stays in the holding on
//! an account chain. Exact in integers, and what goes in comes out: asserted at the end.
//!
//! Laws 3 and 4 (`docs/concepts/laws.md`) say what each policy does; `docs/methods/policies.md` tells its source.

use std::collections::VecDeque;

use whither_ledger::amount::Amount;

use super::policy::Policy;
use super::taint::{MIXED, OriginIx, Piece, Pieces, by_origin, clean, tainted, total};

/// What each credit took, and what was left, in the order taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split<A> {
    /// Per credit, in the order of the credits.
    pub credits: Vec<Pieces<A>>,
    /// What no credit took, in its order.
    pub rest: Pieces<A>,
}

/// Splits the pieces of all debits over the credits, by any policy but poison.
///
/// # Panics
/// When the credits want more than the debits hold, or when a unit was lost: broken invariants.
#[must_use]
pub fn split<A: Amount>(policy: Policy, debits: Pieces<A>, credits: &[A]) -> Split<A> {
    let (held, stolen) = (total(&debits), tainted(&debits));
    let split = match policy {
        Policy::Fifo => in_order(
            debits.into(),
            credits,
            VecDeque::pop_front,
            VecDeque::push_front,
        ),
        Policy::Lifo => in_order(
            debits.into(),
            credits,
            VecDeque::pop_back,
            VecDeque::push_back,
        ),
        Policy::Tiho => tainted_first(&debits, credits),
        Policy::Haircut => in_proportion(&debits, credits),
        Policy::Poison => panic!("poison is a reach and splits nothing"),
    };
    let parts = || split.credits.iter().chain([&split.rest]);
    let sum =
        |part: fn(&[Piece<A>]) -> A| parts().fold(A::ZERO, |sum, pieces| sum.plus(part(pieces)));
    assert!(
        sum(total) == held,
        "every unit of the debits is in a credit or in the rest"
    );
    assert!(sum(tainted) == stolen, "no taint is made or lost");
    split
}

type Pop<A> = fn(&mut VecDeque<Piece<A>>) -> Option<Piece<A>>;
type Push<A> = fn(&mut VecDeque<Piece<A>>, Piece<A>);

/// First or last come, first served: credits take whole pieces from one end, and split the last.
fn in_order<A: Amount>(
    mut queue: VecDeque<Piece<A>>,
    credits: &[A],
    pop: Pop<A>,
    push: Push<A>,
) -> Split<A> {
    let credits = credits
        .iter()
        .map(|credit| take(&mut queue, *credit, pop, push))
        .collect();
    Split {
        credits,
        rest: queue.into(),
    }
}

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

/// Takes an amount from the oldest pieces of a holding.
pub fn take_oldest<A: Amount>(held: &mut VecDeque<Piece<A>>, amount: A) -> Pieces<A> {
    take(held, amount, VecDeque::pop_front, VecDeque::push_front)
}

/// Takes an amount from the newest pieces of a holding.
pub fn take_newest<A: Amount>(held: &mut VecDeque<Piece<A>>, amount: A) -> Pieces<A> {
    take(held, amount, VecDeque::pop_back, VecDeque::push_back)
}

/// Taint in, highest out: tainted pieces go to the largest credit first, the rest last.
fn tainted_first<A: Amount>(debits: &[Piece<A>], credits: &[A]) -> Split<A> {
    let of = |taint: bool| -> VecDeque<Piece<A>> {
        debits
            .iter()
            .filter(|piece| piece.origin_ix.is_tainted() == taint)
            .copied()
            .collect()
    };
    let (mut stolen, mut others) = (of(true), of(false));
    let mut order: Vec<usize> = (0..credits.len()).collect();
    order.sort_by(|a, b| credits[*b].cmp(&credits[*a]).then(a.cmp(b)));
    let mut taken: Vec<Pieces<A>> = vec![Vec::new(); credits.len()];
    let mut available = tainted(debits);
    for credit in order {
        let part = credits[credit].min(available);
        available = available.minus(part);
        taken[credit] = take(&mut stolen, part, VecDeque::pop_front, VecDeque::push_front);
        let rest = credits[credit].minus(part);
        taken[credit].extend(take(
            &mut others,
            rest,
            VecDeque::pop_front,
            VecDeque::push_front,
        ));
    }
    // What remains keeps its order: of each kind the newest pieces are left, where they stood.
    let mut left = [others, stolen].map(|pieces| {
        pieces
            .iter()
            .fold(A::ZERO, |sum, piece| sum.plus(piece.amount))
    });
    let mut rest: Vec<Piece<A>> = Vec::new();
    for piece in debits.iter().rev() {
        let kind = &mut left[usize::from(piece.origin_ix.is_tainted())];
        let amount = piece.amount.min(*kind);
        *kind = kind.minus(amount);
        if !amount.is_zero() {
            rest.push(Piece { amount, ..*piece });
        }
    }
    rest.reverse();
    Split {
        credits: taken,
        rest,
    }
}

/// Each credit takes its share of each origin: rounded down, then one unit each by largest remainder.
///
/// With several origins each is split over what the earlier ones left of each credit's capacity.
fn in_proportion<A: Amount>(debits: &[Piece<A>], credits: &[A]) -> Split<A> {
    let wanted = credits
        .iter()
        .fold(A::ZERO, |sum, credit| sum.plus(*credit));
    let mut capacity: Vec<A> = credits.to_vec();
    capacity.push(total(debits).minus(wanted));
    let mut slots: Vec<Pieces<A>> = vec![Vec::new(); capacity.len()];
    for (origin_ix, amount) in by_origin(debits) {
        let debit = only_debit(debits, origin_ix);
        for (slot, share) in shares(amount, &capacity).into_iter().enumerate() {
            capacity[slot] = capacity[slot].minus(share);
            if !share.is_zero() {
                slots[slot].push(Piece {
                    debit,
                    origin_ix,
                    amount: share,
                });
            }
        }
    }
    for (slot, left) in capacity.into_iter().enumerate() {
        slots[slot].extend(clean(left, MIXED));
    }
    let rest = slots.pop().expect("the rest is the last slot");
    Split {
        credits: slots,
        rest,
    }
}

/// The debit that brought all money of an origin, or [`MIXED`].
fn only_debit<A: Amount>(debits: &[Piece<A>], origin_ix: OriginIx) -> u32 {
    let mut from = debits
        .iter()
        .filter(|piece| piece.origin_ix == origin_ix)
        .map(|piece| piece.debit);
    let first = from.next().unwrap_or(MIXED);
    if from.all(|debit| debit == first) {
        first
    } else {
        MIXED
    }
}

/// Splits an amount over capacities in proportion: floors, then one unit each by largest remainder,
/// ties to the lower place. The amount is never more than the capacities hold together.
pub fn shares<A: Amount>(amount: A, capacity: &[A]) -> Vec<A> {
    let whole = capacity.iter().fold(A::ZERO, |sum, part| sum.plus(*part));
    if whole.is_zero() {
        return vec![A::ZERO; capacity.len()];
    }
    let divided: Vec<(A, A)> = capacity
        .iter()
        .map(|part| {
            amount
                .mul_div(*part, whole)
                .expect("a share is never larger than its part")
        })
        .collect();
    let mut shares: Vec<A> = divided.iter().map(|(floor, _)| *floor).collect();
    let given = shares.iter().fold(A::ZERO, |sum, share| sum.plus(*share));
    let mut left = amount.minus(given);
    let mut order: Vec<usize> = (0..capacity.len()).collect();
    order.sort_by(|a, b| divided[*b].1.cmp(&divided[*a].1).then(a.cmp(b)));
    for place in order {
        if left.is_zero() {
            break;
        }
        shares[place] = shares[place].plus(A::ONE);
        left = left.minus(A::ONE);
    }
    shares
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
        assert_eq!(amounts(&split.credits[0]), [(OriginIx::NONE, 3), (A, 3)]);
        assert_eq!(amounts(&split.credits[1]), [(A, 1), (OriginIx::NONE, 3)]);
        assert_eq!(amounts(&split.rest), [(OriginIx::NONE, 2)]);
    }

    #[test]
    fn lifo_takes_from_the_last_segment_of_the_last_input() {
        let split = split(Policy::Lifo, debits(), &[6, 4]);
        assert_eq!(amounts(&split.credits[0]), [(OriginIx::NONE, 5), (A, 1)]);
        assert_eq!(amounts(&split.credits[1]), [(A, 3), (OriginIx::NONE, 1)]);
        assert_eq!(amounts(&split.rest), [(OriginIx::NONE, 2)]);
    }

    #[test]
    fn tiho_fills_the_largest_output_first_and_the_fee_last() {
        let split = split(Policy::Tiho, debits(), &[2, 3, 3]);
        assert_eq!(amounts(&split.credits[0]), [(OriginIx::NONE, 2)]);
        assert_eq!(amounts(&split.credits[1]), [(A, 3)]);
        assert_eq!(amounts(&split.credits[2]), [(A, 1), (OriginIx::NONE, 2)]);
        assert_eq!(amounts(&split.rest), [(OriginIx::NONE, 4)]);
    }

    #[test]
    fn what_tiho_leaves_keeps_its_order() {
        let debits = vec![
            piece(0, OriginIx::NONE, 10),
            piece(0, A, 5),
            piece(0, OriginIx::NONE, 2),
            piece(0, B, 4),
        ];
        let split = split(Policy::Tiho, debits, &[7]);
        assert_eq!(amounts(&split.credits[0]), [(A, 5), (B, 2)]);
        assert_eq!(amounts(&split.rest), [(OriginIx::NONE, 12), (B, 2)]);
        let split = super::split(
            Policy::Tiho,
            vec![piece(0, OriginIx::NONE, 10), piece(0, A, 20)],
            &[5],
        );
        assert_eq!(amounts(&split.rest), [(OriginIx::NONE, 10), (A, 15)]);
    }

    #[test]
    fn haircut_rounds_by_largest_remainder_ties_to_the_lower_place() {
        // 4 of 12 over 6, 4 and the fee of 2: 2, 1⅓, ⅔ → 2, 1, 1.
        let split = split(Policy::Haircut, debits(), &[6, 4]);
        assert_eq!(amounts(&split.credits[0]), [(A, 2), (OriginIx::NONE, 4)]);
        assert_eq!(amounts(&split.credits[1]), [(A, 1), (OriginIx::NONE, 3)]);
        assert_eq!(amounts(&split.rest), [(A, 1), (OriginIx::NONE, 1)]);
        assert_eq!(shares(1_u64, &[5, 5, 5]), [1, 0, 0]);
        assert_eq!(shares(2_u64, &[1, 5, 5]), [0, 1, 1]);
    }

    #[test]
    fn haircut_gives_later_origins_what_earlier_ones_left() {
        let debits = vec![piece(0, A, 5), piece(1, B, 5)];
        let split = split(Policy::Haircut, debits, &[5, 4]);
        // A: 2.5, 2, 0.5 → 2 + 1 (tie between 0 and the fee: lower place), 2, 0. B: 2 of 5, 2 of 5, 1 of 5.
        assert_eq!(amounts(&split.credits[0]), [(A, 3), (B, 2)]);
        assert_eq!(amounts(&split.credits[1]), [(A, 2), (B, 2)]);
        assert_eq!(amounts(&split.rest), [(B, 1)]);
        assert_eq!(split.credits[0][0].debit, 0);
    }
}
