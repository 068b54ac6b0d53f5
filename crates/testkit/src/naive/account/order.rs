//! The order of legs that come without one (law 5): senders before receivers.
//!
//! Written as the rule is spoken; it is slow for long transactions.

use super::Leg;

/// Puts the legs of one transaction into an order that does not depend on the order they came in.
///
/// Again and again, of the legs left, the smallest by (asset, from, to, amount) whose sender receives nothing of
/// that asset in the legs left; where there is none, the smallest leg left. A self-transfer and a zero are no receipts (law 9).
pub fn canonical_leg_order(legs: &mut [Leg]) {
    for done in 0..legs.len() {
        let left = &mut legs[done..];
        left.sort_by(|a, b| key(a).cmp(&key(b)));
        let next = left
            .iter()
            .position(|leg| !receives(&leg.from, &leg.asset, left));
        let next = next.unwrap_or(0);
        // The chosen leg to the front; the others stay sorted.
        left[..=next].rotate_right(1);
    }
}

/// What legs are compared by. The number of a leg only tells apart legs that are the same in all else.
fn key(leg: &Leg) -> (&str, &str, &str, u128, usize) {
    (&leg.asset, &leg.from, &leg.to, leg.amount, leg.index)
}

fn receives(address: &str, asset: &str, legs: &[Leg]) -> bool {
    legs.iter()
        .any(|leg| leg.to == address && leg.asset == asset && leg.from != leg.to && leg.amount > 0)
}
