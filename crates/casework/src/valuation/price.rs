//! Prices: exact decimals, and what an amount is worth at one.
//!
//! A price is what a file says, digit by digit: it is never rounded on the way in, and what has more digits than
//! can be kept is refused. A value is rounded once, at its end: to cents, half to even. In between there are only
//! integers, wide enough for any amount times two prices.

use std::fmt;

use ruint::aliases::{U256, U512};
use rust_decimal::Decimal;
use thiserror::Error;

/// Digits after the point that a price can have.
const SCALE_MAX: u32 = 28;
/// A mantissa has to stay below this: 2^96.
const MANTISSA_END: u128 = 1 << 96;
/// No price is written with more characters.
const LENGTH_MAX: usize = 64;
/// Exponents beyond this name no price.
const EXPONENT_MAX: i32 = 60;

/// Decimals of an asset that values are computed for; more than any token that exists has.
pub const DECIMALS_MAX: u8 = 77;

/// A positive decimal of up to 28 digits, kept exactly: units of a quote currency for one whole unit of an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(Decimal);

impl Price {
    /// One for one: what a currency costs in itself.
    pub const ONE: Self = Self(Decimal::ONE);

    /// Reads a positive decimal: digits, a point, an exponent; no sign but `+`, no separators.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with the text.
    pub fn parse(text: &str) -> Result<Self, PriceFault> {
        if text.len() > LENGTH_MAX {
            return Err(PriceFault::NotANumber);
        }
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            None => (text, 0),
            Some(at) => (&text[..at], exponent(&text[at + 1..])?),
        };
        let negative = mantissa.starts_with('-');
        let mantissa = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PriceFault::NotANumber);
        }
        let significant = digits.trim_start_matches('0').trim_end_matches('0');
        if significant.is_empty() {
            return Err(PriceFault::Zero);
        }
        if negative {
            return Err(PriceFault::Negative);
        }
        let trailing = digits.len() - digits.trim_end_matches('0').len();
        let length = |length: usize| i32::try_from(length).map_err(|_| PriceFault::NotANumber);
        let scale = length(fraction.len())? - exponent - length(trailing)?;
        let number: u128 = significant.parse().map_err(|_| PriceFault::TooLong)?;
        Self::of(U512::from(number), scale).ok_or(PriceFault::TooLong)
    }

    /// `mantissa` / 10^`scale`, in its shortest form; `None` where that has too many digits, or is zero.
    fn of(mut mantissa: U512, mut scale: i32) -> Option<Self> {
        let ten = U512::from(10);
        while scale < 0 {
            mantissa = mantissa.checked_mul(ten)?;
            scale += 1;
        }
        while scale > 0 {
            let (shorter, rest) = mantissa.div_rem(ten);
            if !rest.is_zero() {
                break;
            }
            mantissa = shorter;
            scale -= 1;
        }
        let mantissa = u128::try_from(mantissa).ok()?;
        let scale = u32::try_from(scale).ok()?;
        if mantissa == 0 || mantissa >= MANTISSA_END || scale > SCALE_MAX {
            return None;
        }
        let mantissa = i128::try_from(mantissa).ok()?;
        Decimal::try_from_i128_with_scale(mantissa, scale)
            .ok()
            .map(Self)
    }

    /// Half way between two prices, exactly; `None` where that has too many digits.
    #[must_use]
    pub fn between(self, other: Self) -> Option<Self> {
        let scale = self.scale().max(other.scale());
        let at_scale = |price: Self| {
            U512::from(price.mantissa()).checked_mul(power_of_ten(scale - price.scale())?)
        };
        // Half of n is 5 n of the next decimal place.
        let sum = at_scale(self)?.checked_add(at_scale(other)?)?;
        let halved = sum.checked_mul(U512::from(5))?;
        Self::of(halved, i32::try_from(scale).ok()? + 1)
    }

    /// Whether this price is `factor` times another or more.
    #[must_use]
    pub fn is_at_least(self, factor: u8, other: Self) -> bool {
        let scale = self.scale().max(other.scale());
        let at_scale = |price: Self| {
            power_of_ten(scale - price.scale())
                .and_then(|power| U512::from(price.mantissa()).checked_mul(power))
                .expect("96 bits and 28 decimal places fit 512 bits")
        };
        at_scale(self)
            >= at_scale(other)
                .checked_mul(U512::from(factor))
                .expect("96 bits, 28 decimal places and a small factor fit 512 bits")
    }

    /// The price as a decimal.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }

    fn mantissa(self) -> u128 {
        self.0.mantissa().unsigned_abs()
    }

    fn scale(self) -> u32 {
        self.0.scale()
    }
}

impl fmt::Display for Price {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What is wrong with the text of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PriceFault {
    /// Letters, separators, nothing.
    #[error("is not a number")]
    NotANumber,
    /// Nothing costs nothing.
    #[error("is zero, which is no price")]
    Zero,
    /// Below zero.
    #[error("is below zero")]
    Negative,
    /// More digits than are kept.
    #[error("has more digits than can be kept exactly")]
    TooLong,
}

fn exponent(text: &str) -> Result<i32, PriceFault> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PriceFault::NotANumber);
    }
    match text.parse::<i32>() {
        Ok(exponent) if exponent.abs() <= EXPONENT_MAX => Ok(exponent),
        _ => Err(PriceFault::TooLong),
    }
}

fn power_of_ten(exponent: u32) -> Option<U512> {
    U512::from(10).checked_pow(U512::from(exponent))
}

/// What an amount is worth: `amount` smallest units of an asset with so many decimals, at a price and, where the price
/// is not in US dollars, at a rate that turns its currency into them.
///
/// Exact until the end, and then rounded to cents, half to even. `None` where the asset has more than
/// [`DECIMALS_MAX`] decimals, or the value is beyond the 7.9 × 10^26 dollars that can be written.
#[must_use]
pub fn usd(amount: U256, decimals: u8, price: Price, rate: Option<Price>) -> Option<Decimal> {
    if decimals > DECIMALS_MAX {
        return None;
    }
    let rate = rate.unwrap_or(Price::ONE);
    // At most 256 + 96 + 96 + 7 bits, over at most 10^133, which has 442.
    let cents_by_scale = U512::from(amount)
        .checked_mul(U512::from(price.mantissa()))?
        .checked_mul(U512::from(rate.mantissa()))?
        .checked_mul(U512::from(100))?;
    let divisor = power_of_ten(u32::from(decimals) + price.scale() + rate.scale())?;
    let (mut cents, rest) = cents_by_scale.div_rem(divisor);
    let other = divisor.checked_sub(rest)?;
    if rest > other || rest == other && cents.bit(0) {
        cents = cents.checked_add(U512::from(1))?;
    }
    let cents = i128::try_from(cents).ok()?;
    Decimal::try_from_i128_with_scale(cents, 2).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    fn worth(amount: u128, decimals: u8, at: &str) -> String {
        usd(U256::from(amount), decimals, price(at), None)
            .unwrap()
            .to_string()
    }

    #[test]
    fn prices_are_read_to_the_last_digit() {
        for (text, shown) in [
            ("10692.716796875", "10692.716796875"),
            ("0.0012069999938830733", "0.0012069999938830733"),
            ("1.0", "1"),
            ("+001.50", "1.5"),
            ("1.2E-05", "0.000012"),
            ("1.07e+4", "10700"),
            (".5", "0.5"),
            ("5.", "5"),
            ("100", "100"),
        ] {
            assert_eq!(price(text).to_string(), shown);
            assert_eq!(price(shown), price(text));
        }
        for (text, fault) in [
            ("", PriceFault::NotANumber),
            ("null", PriceFault::NotANumber),
            (".", PriceFault::NotANumber),
            ("1,5", PriceFault::NotANumber),
            ("1e", PriceFault::NotANumber),
            ("1e+-5", PriceFault::NotANumber),
            ("１", PriceFault::NotANumber),
            ("0.00", PriceFault::Zero),
            ("-0", PriceFault::Zero),
            ("-3", PriceFault::Negative),
            ("1e-29", PriceFault::TooLong),
            ("1e99", PriceFault::TooLong),
            ("99999999999999999999999999999", PriceFault::TooLong),
        ] {
            assert_eq!(Price::parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn half_way_is_exact() {
        let between = |a: &str, b: &str| price(a).between(price(b)).map(|mid| mid.to_string());
        assert_eq!(between("1", "2").as_deref(), Some("1.5"));
        assert_eq!(between("0.01", "3").as_deref(), Some("1.505"));
        assert_eq!(between("4", "4").as_deref(), Some("4"));
        let least = "0.0000000000000000000000000001";
        assert_eq!(between(least, least).as_deref(), Some(least));
        assert_eq!(between(least, "0.0000000000000000000000000002"), None);
    }

    #[test]
    fn cents_are_rounded_once_half_to_even() {
        assert_eq!(worth(1, 3, "5"), "0.00");
        assert_eq!(worth(3, 3, "5"), "0.02");
        assert_eq!(worth(5, 3, "5"), "0.02");
        assert_eq!(worth(7, 3, "5"), "0.04");
        assert_eq!(worth(100_800_000_000, 8, "10692.716796875"), "10778258.53");
        assert_eq!(worth(0, 18, "3000"), "0.00");
    }

    #[test]
    fn no_amount_overflows() {
        let most = Price::parse("79228162514264337593543950335").unwrap();
        assert_eq!(usd(U256::MAX, 0, most, Some(most)), None);
        let shown = usd(U256::MAX, 77, price("1"), Some(price("0.5"))).unwrap();
        assert_eq!(shown.to_string(), "0.58");
        assert_eq!(usd(U256::MAX, 78, price("1"), None), None);
        let least = price("0.0000000000000000000000000001");
        let worth = usd(U256::MAX, 77, least, Some(least)).unwrap();
        assert_eq!(worth.to_string(), "0.00");
    }

    #[test]
    fn multiples_are_compared_exactly() {
        assert!(price("5").is_at_least(5, price("1")));
        assert!(!price("4.9999999999999999999999999").is_at_least(5, price("1")));
    }
}
