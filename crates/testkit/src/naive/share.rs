//! Proportional shares in whole units: the floor, then one unit each by largest remainder (laws 3 and 4).
//!
//! Knows only amounts and slots, neither chains nor labels' meaning.

use std::collections::BTreeMap;

/// `total` over `slots` in proportion to their capacity: floor of `total · capacity / all`, then one unit each by
/// largest remainder, ties to the lower index.
pub(super) fn by_largest_remainder(total: u128, slots: &[u128]) -> Vec<u128> {
    let all: u128 = slots.iter().sum();
    assert!(total <= all, "more taint than the slots hold");
    if all == 0 {
        return vec![0; slots.len()];
    }
    let mut shares = Vec::new();
    let mut remainders = Vec::new();
    for capacity in slots {
        let (floor, remainder) = mul_div(total, *capacity, all);
        shares.push(floor);
        remainders.push(remainder);
    }
    let mut by_remainder: Vec<usize> = (0..slots.len()).collect();
    by_remainder.sort_by(|a, b| remainders[*b].cmp(&remainders[*a]).then(a.cmp(b)));
    let mut left = total - shares.iter().sum::<u128>();
    for slot in by_remainder {
        if left == 0 {
            break;
        }
        shares[slot] += 1;
        left -= 1;
    }
    shares
}

/// Any amount in proportion to some parts: the floors, then one unit each by largest remainder, ties to the lower index.
pub(super) fn scaled(amount: u128, parts: &[u128]) -> Vec<u128> {
    let all: u128 = parts.iter().sum();
    if all == 0 {
        return vec![0; parts.len()];
    }
    let mut rows: Vec<(usize, u128, u128)> = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let (floor, remainder) = mul_div(*part, amount, all);
        rows.push((place, floor, remainder));
    }
    let given: u128 = rows.iter().map(|row| row.1).sum();
    rows.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(&b.0)));
    for row in rows
        .iter_mut()
        .take(usize::try_from(amount - given).expect("fewer than parts"))
    {
        row.1 += 1;
    }
    rows.sort_by_key(|row| row.0);
    rows.into_iter().map(|row| row.1).collect()
}

/// Several labels over the same slots: labels in their order, each over the capacity that those before it left.
/// The answer holds for each slot the amount of each label, without zeros.
pub(super) fn by_label(
    taint: &BTreeMap<usize, u128>,
    slots: &[u128],
) -> Vec<BTreeMap<usize, u128>> {
    let mut remaining = slots.to_vec();
    let mut result = vec![BTreeMap::new(); slots.len()];
    for (label, total) in taint {
        let shares = by_largest_remainder(*total, &remaining);
        for (slot, share) in shares.into_iter().enumerate() {
            remaining[slot] -= share;
            if share > 0 {
                result[slot].insert(*label, share);
            }
        }
    }
    result
}

/// `a · b / divisor` and its remainder, by schoolbook long multiplication in binary, so that no product overflows.
/// Amounts must lie below 2^126.
fn mul_div(a: u128, b: u128, divisor: u128) -> (u128, u128) {
    assert!(a <= divisor, "a share is a part of the whole");
    assert!(
        divisor >> 126 == 0,
        "amounts of this size are not for the naive reference"
    );
    let mut quotient = 0;
    let mut remainder = 0;
    for bit in (0..128).rev() {
        quotient *= 2;
        remainder *= 2;
        if (b >> bit) & 1 == 1 {
            remainder += a;
        }
        while remainder >= divisor {
            remainder -= divisor;
            quotient += 1;
        }
    }
    (quotient, remainder)
}

#[cfg(test)]
mod tests {
    use super::{by_label, by_largest_remainder, mul_div};
    use std::collections::BTreeMap;

    #[test]
    fn long_multiplication_agrees_with_small_numbers() {
        for a in 0..20_u128 {
            for b in 0..20_u128 {
                for d in a.max(1)..20 {
                    assert_eq!(mul_div(a, b, d), (a * b / d, a * b % d));
                }
            }
        }
        let wide = 1_u128 << 125;
        assert_eq!(mul_div(wide - 1, wide, wide), (wide - 1, 0));
    }

    #[test]
    fn the_largest_remainder_gets_the_unit() {
        // 5 over 3 + 3 + 4: 15/10, 15/10, 20/10 = 1, 1, 2 with remainders 5, 5, 0: one unit left, the tie to slot 0.
        assert_eq!(by_largest_remainder(5, &[3, 3, 4]), [2, 1, 2]);
        // 2 over 1 + 4 + 2: 2/7, 8/7, 4/7 = 0, 1, 0 with remainders 2, 1, 4: the unit to slot 2.
        assert_eq!(by_largest_remainder(2, &[1, 4, 2]), [0, 1, 1]);
        assert_eq!(by_largest_remainder(0, &[0, 0]), [0, 0]);
    }

    #[test]
    fn a_second_label_sees_what_the_first_left() {
        // Label 0: 3 over 2 + 2: 6/4, 6/4 = 1, 1 with remainders 2, 2: 2 and 1. Left: 0 and 1.
        // Label 1: 1 over 0 + 1: 0 and 1.
        let taint = BTreeMap::from([(0, 3), (1, 1)]);
        let shares = by_label(&taint, &[2, 2]);
        assert_eq!(shares[0], BTreeMap::from([(0, 2)]));
        assert_eq!(shares[1], BTreeMap::from([(0, 1), (1, 1)]));
    }
}
