//! Amounts: integers of an asset's smallest unit, `u64` on UTXO chains and [`U256`] on account chains.
//!
//! Every operation of [`Amount`] is checked, and a division hands back its remainder, so that no unit is
//! lost where nobody looks. The operators of [`U256`] itself wrap: sums of amounts are never made with them. Decimal text is read exactly: `1e-05` is fine, an excess digit is refused unless the
//! caller names a [`Rounding`].

use std::fmt::{Debug, Display};

use ruint::aliases::{U256, U512};
use thiserror::Error;

/// A count of an asset's smallest unit.
///
/// Implemented for `u64` (UTXO chains: satoshi) and [`U256`] (account chains: wei, token units), so
/// that one kernel serves both kinds of chain at each kind's speed.
pub trait Amount: Copy + Ord + Debug + Display + Default + Send + Sync + 'static {
    /// Nothing.
    const ZERO: Self;
    /// The smallest unit.
    const ONE: Self;

    /// `self + other`, or `None` when it does not fit.
    fn checked_add(self, other: Self) -> Option<Self>;

    /// `self - other`, or `None` when `other` is larger.
    fn checked_sub(self, other: Self) -> Option<Self>;

    /// `self * factor / divisor` rounded down, and the remainder; exact, whatever the product's size.
    ///
    /// `None` when `divisor` is zero or the quotient does not fit.
    fn mul_div(self, factor: Self, divisor: Self) -> Option<(Self, Self)>;

    /// The same number as a [`U256`].
    fn widen(self) -> U256;

    /// A number of this kind, `None` where it does not fit.
    fn narrow(wide: U256) -> Option<Self>;

    /// Whether this is nothing.
    fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// `self + other`, where all that is ever moved of one asset bounds the result.
    ///
    /// # Panics
    /// When the sum does not fit. Content whose amounts could come to that makes no view:
    /// [`BuildError`](crate::memory::BuildError).
    #[must_use]
    fn plus(self, other: Self) -> Self {
        self.checked_add(other)
            .expect("sums are bounded by the supply of one asset")
    }

    /// `self - other`, where the caller has shown that `other` is part of `self`.
    ///
    /// # Panics
    /// When `other` is larger: the caller's bookkeeping is broken, and a wrong figure would follow.
    #[must_use]
    fn minus(self, other: Self) -> Self {
        self.checked_sub(other)
            .expect("a part is never larger than its whole")
    }
}

impl Amount for u64 {
    const ZERO: Self = 0;
    const ONE: Self = 1;

    fn checked_add(self, other: Self) -> Option<Self> {
        Self::checked_add(self, other)
    }

    fn checked_sub(self, other: Self) -> Option<Self> {
        Self::checked_sub(self, other)
    }

    fn mul_div(self, factor: Self, divisor: Self) -> Option<(Self, Self)> {
        // Most products of amounts fit 64 bits, whose division is several times as fast.
        if let (Some(product), true) = (self.checked_mul(factor), divisor != 0) {
            return Some((product / divisor, product % divisor));
        }
        let product = u128::from(self) * u128::from(factor);
        let quotient = product.checked_div(u128::from(divisor))?;
        let remainder = product.checked_rem(u128::from(divisor))?;
        Some((
            Self::try_from(quotient).ok()?,
            Self::try_from(remainder).ok()?,
        ))
    }

    fn widen(self) -> U256 {
        U256::from(self)
    }

    fn narrow(wide: U256) -> Option<Self> {
        Self::try_from(wide).ok()
    }
}

impl Amount for U256 {
    const ZERO: Self = Self::ZERO;
    const ONE: Self = Self::ONE;

    fn checked_add(self, other: Self) -> Option<Self> {
        Self::checked_add(self, other)
    }

    fn checked_sub(self, other: Self) -> Option<Self> {
        Self::checked_sub(self, other)
    }

    fn mul_div(self, factor: Self, divisor: Self) -> Option<(Self, Self)> {
        if divisor.is_zero() {
            return None;
        }
        let product: U512 = self.widening_mul(factor);
        let (quotient, remainder) = product.div_rem(U512::from(divisor));
        Some((
            Self::checked_from_limbs_slice(quotient.as_limbs())?,
            Self::checked_from_limbs_slice(remainder.as_limbs())?,
        ))
    }

    fn widen(self) -> U256 {
        self
    }

    fn narrow(wide: U256) -> Option<Self> {
        Some(wide)
    }
}

/// What to do with digits that an asset does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Rounding {
    /// Refuse them: the text does not name an amount of this asset.
    #[default]
    Refuse,
    /// Drop them (towards zero).
    Down,
    /// Nearest unit, a tie to the even one.
    HalfEven,
    /// Nearest unit, a tie upwards.
    HalfUp,
}

/// Why a text is not an amount.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum AmountError {
    /// No digits at all.
    #[error("amount is empty")]
    Empty,
    /// Below zero.
    #[error("amount {0:?} is negative")]
    Negative(String),
    /// Not a decimal number: letters, separators, NaN, infinity.
    #[error("{0:?} is not a decimal number")]
    NotANumber(String),
    /// More fractional digits than the asset has.
    #[error("amount {text:?} has more than {decimals} decimals")]
    ExcessDigits {
        /// The text as read.
        text: String,
        /// The decimals of the asset.
        decimals: u8,
    },
    /// 2^256 or more.
    #[error("amount {0:?} is 2^256 or more smallest units")]
    TooLarge(String),
}

/// Longest text that is read as an amount: 78 digits fit 2^256, the rest is room for zeros.
const TEXT_LENGTH_MAX: usize = 128;
/// Exponents beyond this cannot name an amount of any asset.
const EXPONENT_MAX: i32 = 400;

/// Reads decimal text (`12.5`, `1e-05`, `+3`) as smallest units of an asset with `decimals` decimals.
///
/// # Errors
/// [`AmountError`] with the text in it; thousands separators and white space are not numbers.
pub fn parse_decimal(text: &str, decimals: u8, rounding: Rounding) -> Result<U256, AmountError> {
    let parts = split_decimal(text)?;
    // The value is digits × 10^(shift): digits without the point, moved to smallest units.
    let shift = i32::from(decimals) + parts.exponent - parts.fraction_digits;
    let digits = parts.digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(U256::ZERO);
    }
    if shift >= 0 {
        let zeros = usize::try_from(shift).unwrap_or(usize::MAX);
        if digits.len().saturating_add(zeros) > 78 {
            return Err(AmountError::TooLarge(text.to_owned()));
        }
        return digits_to_units(&format!("{digits}{}", "0".repeat(zeros)), text);
    }
    let dropped = usize::try_from(-shift).unwrap_or(usize::MAX);
    let (kept, excess) = if dropped >= digits.len() {
        ("", digits)
    } else {
        digits.split_at(digits.len() - dropped)
    };
    let whole = digits_to_units(if kept.is_empty() { "0" } else { kept }, text)?;
    if excess.bytes().all(|digit| digit == b'0') {
        return Ok(whole);
    }
    let up = match rounding {
        Rounding::Refuse => {
            return Err(AmountError::ExcessDigits {
                text: text.to_owned(),
                decimals,
            });
        }
        Rounding::Down => false,
        Rounding::HalfUp => half(excess, dropped) != std::cmp::Ordering::Less,
        Rounding::HalfEven => match half(excess, dropped) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => whole.bit(0),
        },
    };
    if up {
        whole
            .checked_add(U256::ONE)
            .ok_or_else(|| AmountError::TooLarge(text.to_owned()))
    } else {
        Ok(whole)
    }
}

/// Compares the dropped digits (`excess`, standing in `dropped` places) with one half.
fn half(excess: &str, dropped: usize) -> std::cmp::Ordering {
    if excess.len() < dropped {
        return std::cmp::Ordering::Less;
    }
    let (first, rest) = excess.split_at(1);
    match first.as_bytes()[0].cmp(&b'5') {
        std::cmp::Ordering::Equal if rest.bytes().any(|digit| digit != b'0') => {
            std::cmp::Ordering::Greater
        }
        other => other,
    }
}

struct DecimalParts {
    digits: String,
    fraction_digits: i32,
    exponent: i32,
}

fn split_decimal(text: &str) -> Result<DecimalParts, AmountError> {
    let not_a_number = || AmountError::NotANumber(shorten(text));
    if text.is_empty() {
        return Err(AmountError::Empty);
    }
    if text.len() > TEXT_LENGTH_MAX {
        return Err(not_a_number());
    }
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (
            &text[..at],
            parse_exponent(&text[at + 1..]).ok_or_else(not_a_number)?,
        ),
        None => (text, 0),
    };
    let negative = mantissa.starts_with('-');
    let mantissa = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty()
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit())
    {
        return Err(not_a_number());
    }
    let digits = format!("{whole}{fraction}");
    if negative && digits.bytes().any(|digit| digit != b'0') {
        return Err(AmountError::Negative(shorten(text)));
    }
    let fraction_digits = i32::try_from(fraction.len()).map_err(|_| not_a_number())?;
    Ok(DecimalParts {
        digits,
        fraction_digits,
        exponent,
    })
}

fn parse_exponent(text: &str) -> Option<i32> {
    let exponent: i32 = text.parse().ok()?;
    (exponent.abs() <= EXPONENT_MAX).then_some(exponent)
}

fn digits_to_units(digits: &str, text: &str) -> Result<U256, AmountError> {
    U256::from_str_radix(digits, 10).map_err(|_| AmountError::TooLarge(shorten(text)))
}

fn shorten(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str, decimals: u8, rounding: Rounding) -> Result<u128, AmountError> {
        parse_decimal(text, decimals, rounding).map(|units| u128::try_from(units).unwrap())
    }

    #[test]
    fn decimal_text_is_exact() {
        let exact = |text, decimals| parse(text, decimals, Rounding::Refuse).unwrap();
        assert_eq!(exact("1e-05", 18), 10_000_000_000_000);
        assert_eq!(
            exact("3364.5375835279715", 18),
            3_364_537_583_527_971_500_000
        );
        assert_eq!(exact("0.10", 1), 1);
        assert_eq!(exact("1E2", 0), 100);
        assert_eq!(exact(".5", 1), 5);
        assert_eq!(exact("5.", 1), 50);
        assert_eq!(exact("-0.0", 2), 0);
        assert_eq!(exact("+7", 0), 7);
        assert_eq!(exact("0e400", 0), 0);
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in [
            "NaN",
            "inf",
            "1,000",
            "1 000",
            "0x10",
            "1e",
            "e5",
            ".",
            "1.2.3",
            "１",
            "--1",
            "1e999999999999",
        ] {
            assert!(
                matches!(
                    parse(text, 8, Rounding::Down),
                    Err(AmountError::NotANumber(_))
                ),
                "{text}"
            );
        }
        assert_eq!(parse("", 8, Rounding::Refuse), Err(AmountError::Empty));
        assert!(matches!(
            parse("-1", 8, Rounding::Down),
            Err(AmountError::Negative(_))
        ));
        assert!(matches!(
            parse("0.001", 2, Rounding::Refuse),
            Err(AmountError::ExcessDigits { .. })
        ));
        let two_256 =
            "115792089237316195423570985008687907853269984665640564039457584007913129639936";
        assert!(matches!(
            parse_decimal(two_256, 0, Rounding::Refuse),
            Err(AmountError::TooLarge(_))
        ));
        let largest =
            "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        assert_eq!(parse_decimal(largest, 0, Rounding::Refuse), Ok(U256::MAX));
        assert!(matches!(
            parse_decimal("1e78", 0, Rounding::Refuse),
            Err(AmountError::TooLarge(_))
        ));
    }

    #[test]
    fn rounding_is_named() {
        let cents = |text, rounding| parse(text, 2, rounding).unwrap();
        assert_eq!(cents("347.55300000000005", Rounding::HalfEven), 34_755);
        assert_eq!(cents("0.125", Rounding::HalfEven), 12);
        assert_eq!(cents("0.135", Rounding::HalfEven), 14);
        assert_eq!(cents("0.125", Rounding::HalfUp), 13);
        assert_eq!(cents("0.1250001", Rounding::HalfEven), 13);
        assert_eq!(cents("0.129", Rounding::Down), 12);
        assert_eq!(cents("0.004", Rounding::HalfUp), 0);
        assert_eq!(cents("0.0049", Rounding::HalfUp), 0);
        assert_eq!(cents("0.005", Rounding::HalfUp), 1);
        assert_eq!(cents("6e-3", Rounding::HalfEven), 1);
    }

    proptest! {
        #[test]
        fn mul_div_agrees_between_the_two_kinds(a: u64, b: u64, c in 1u64..) {
            let narrow = Amount::mul_div(a, b, c);
            let wide = Amount::mul_div(U256::from(a), U256::from(b), U256::from(c)).unwrap();
            if let Some((quotient, remainder)) = narrow {
                prop_assert_eq!((U256::from(quotient), U256::from(remainder)), wide);
            } else {
                prop_assert!(wide.0 > U256::from(u64::MAX));
            }
        }

        #[test]
        fn printed_units_read_back(units: u128, decimals in 0u8..30) {
            let text = format!("{units:0>40}");
            let (whole, fraction) = text.split_at(40 - usize::from(decimals));
            prop_assert_eq!(parse(&format!("{whole}.{fraction}"), decimals, Rounding::Refuse).unwrap(), units);
        }
    }
}
