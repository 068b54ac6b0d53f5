//! Weights: how much a shared place speaks for one hand, in hundredths of a bit.
//!
//! A hundred is a factor of two between the two readings, one hand or two. Whole numbers alone: the logarithm is found
//! digit by digit, by squaring. The constants are the method's parameters; where they come from, and how often the
//! bands that they make are wrong, stands in `docs/methods/links.md`.

use whither_ledger::U256;

/// The account that was paid in both thefts.
pub const SAME_THEFT_ADDRESS: u64 = 1_200;
/// Any other place that both thefts share, and nobody else uses.
pub const SHARED_PLACE: u64 = 900;
/// A purse that paid the first gas of accounts of both: a step further from the hand than a place that its money reached,
/// so with one stranger it is a lead.
pub const SHARED_FUNDER: u64 = 750;
/// An account of one theft that deployed a contract where money of the other lay, or one that deployed contracts of both: as
/// far from the hand as a purse.
pub const SHARED_DEPLOYER: u64 = 750;
/// The most that a likeness of habits weighs.
pub const LIKENESS_MAX: u64 = 300;
/// A likeness that fewer than one in so many has, in hundredths of a bit, may be a lead alone; any other is none, since
/// hours and prices are what thousands share.
const LIKENESS_ALONE: u64 = 800;
/// A likeness that more than one in eight has weighs nothing.
const LIKENESS_LEAST: u64 = 300;
/// What each doubling of the unrelated accounts that use it takes away.
pub const PER_DOUBLING: u64 = 200;
/// From so many unrelated accounts on a place is public, and neither links nor is passed.
pub const PUBLIC: u64 = 63;
/// Up to so many a place may still be one hand's.
pub const PRIVATE: u64 = 3;
/// Evidence of this weight stands alone; what weighs less does not add up to it.
pub const PROBABLE: u64 = 600;
/// Two facts that each stand alone, or one that is more.
pub const STRONG: u64 = 1_100;
/// What is worth a look.
pub const LEAD: u64 = 150;
/// How much of what was stolen an own account takes without a word: a quarter, in hundredths of a bit.
pub const SHARE_FREE: u64 = 200;
/// The same of a customer's deposit address, into which thieves pay little by little: a sixty-fourth.
pub const DEPOSIT_SHARE_FREE: u64 = 600;

/// The logarithm to base two of a whole number from one on, in hundredths, rounded down; of zero, zero.
#[must_use]
pub fn log2(number: U256) -> u64 {
    let bits = number.bit_len();
    let Some(whole) = bits.checked_sub(1) else {
        return 0;
    };
    // The number as a fraction from 1 to 2, with 31 digits behind the point.
    let scaled = match whole > 31 {
        true => number >> (whole - 31),
        false => number << (31 - whole),
    };
    let mut fraction: u64 = scaled.to();
    let (mut digits, mut value) = (0_u64, 0_u64);
    while digits < 14 {
        fraction = (fraction * fraction) >> 31;
        value <<= 1;
        if fraction >= 1 << 32 {
            fraction >>= 1;
            value |= 1;
        }
        digits += 1;
    }
    let whole = u64::try_from(whole).expect("256 bits at the most");
    whole * 100 + ((value * 100) >> 14)
}

/// How many hundredths of a bit the whole is above its part; nothing of nothing.
#[must_use]
pub fn ratio(whole: U256, part: U256) -> u64 {
    log2(whole).saturating_sub(log2(part))
}

/// What is left of a weight where so many unrelated accounts use a place too.
#[must_use]
pub fn open(weight: u64, unrelated: u64) -> u64 {
    if unrelated >= PUBLIC {
        return 0;
    }
    let lost = PER_DOUBLING * log2(U256::from(unrelated.saturating_add(1))) / 100;
    weight.saturating_sub(lost)
}

/// What a likeness weighs that so many of so many who have nothing to do with the thefts have too. How rare it is says at
/// the most how much it can speak for one hand: against 1/p hands that are alike by chance stands no more than
/// 1/(-e p ln p) (Sellke, Bayarri and Berger 2001).
#[must_use]
pub fn likeness(near: u64, of: u64) -> u64 {
    let [near, of] = [near, of].map(|count| U256::from(count.saturating_add(1)));
    let rare = ratio(of, near);
    if rare < LIKENESS_LEAST {
        return 0;
    }
    // e times the natural logarithm of two, in hundred-thousandths, times the rarity in hundredths of a bit.
    let chance = ratio(U256::from(188_417 * rare), U256::from(10_000_000));
    let most = if rare >= LIKENESS_ALONE {
        LIKENESS_MAX
    } else {
        LEAD - 1
    };
    rare.saturating_sub(chance).min(most)
}

/// The strength of facts that do not rest on each other: those that stand alone add up; the others are a lead together.
#[must_use]
pub fn strength(facts: &[u64]) -> u64 {
    let alone: u64 = facts.iter().filter(|weight| **weight >= PROBABLE).sum();
    match alone {
        0 => facts.iter().sum::<u64>().min(PROBABLE - 1),
        alone => alone,
    }
}

/// The band of a strength.
#[must_use]
pub fn verdict(strength: u64) -> &'static str {
    match strength {
        STRONG.. => "strong",
        PROBABLE.. => "probable",
        LEAD.. => "lead",
        _ => "none",
    }
}

#[cfg(test)]
mod tests {
    use super::{
        LEAD, LIKENESS_MAX, PROBABLE, SHARED_PLACE, likeness, log2, open, ratio, strength, verdict,
    };
    use whither_ledger::U256;

    #[test]
    fn logarithms_are_rounded_down_to_hundredths() {
        let of = |number: u64| log2(U256::from(number));
        assert_eq!(
            [of(0), of(1), of(2), of(3), of(10), of(1000)],
            [0, 0, 100, 158, 332, 996]
        );
        assert_eq!(log2(U256::MAX), 25_599);
        assert_eq!(log2(U256::ONE << 200), 20_000);
        assert_eq!(ratio(U256::from(8), U256::from(1)), 300);
    }

    #[test]
    fn more_strangers_mean_less_and_a_public_place_means_nothing() {
        let weights: Vec<u64> = (0..70).map(|count| open(SHARED_PLACE, count)).collect();
        assert!(weights.windows(2).all(|pair| pair[1] <= pair[0]));
        assert_eq!(
            (weights[0], weights[1], weights[3], weights[7]),
            (900, 700, 500, 300)
        );
        assert_eq!(weights[63], 0);
    }

    #[test]
    fn leads_do_not_add_up_to_more_than_a_lead() {
        assert_eq!(strength(&[400, 400, 400]), PROBABLE - 1);
        assert_eq!(strength(&[900, 400]), 900);
        assert_eq!(verdict(strength(&[900, 600])), "strong");
        assert_eq!(verdict(strength(&[])), "none");
    }

    #[test]
    fn a_likeness_weighs_by_how_rare_it_is_and_no_more_than_a_lead() {
        let of = [
            likeness(9, 63),
            likeness(7, 63),
            likeness(1, 63),
            likeness(0, 63),
            likeness(0, 254),
            likeness(0, 255),
            likeness(0, u64::MAX),
        ];
        assert_eq!(of, [0, 50, 149, 149, 149, 300, 300]);
        let weights: Vec<u64> = (0..300).map(|near| likeness(near, 1_000)).collect();
        assert!(weights.windows(2).all(|pair| pair[1] <= pair[0]));
        assert_eq!(likeness(0, 0), 0);
    }

    /// However rare: hours and habits together are a lead, and beside what stands alone they add nothing.
    #[test]
    fn likenesses_never_make_a_link_probable() {
        let most = [likeness(0, u64::MAX); 2];
        assert_eq!(most, [LIKENESS_MAX; 2]);
        assert_eq!(strength(&most), PROBABLE - 1);
        assert_eq!(verdict(strength(&most)), "lead");
        assert_eq!(strength(&[PROBABLE, LIKENESS_MAX, LIKENESS_MAX]), PROBABLE);
        assert!(likeness(0, 254) < LEAD);
    }
}
