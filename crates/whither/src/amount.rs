//! Amounts as people and cases write them: whole numbers of smallest units, and nothing clever.

use whither_ledger::U256;

/// Reads a count of smallest units: digits, and at least one.
///
/// No sign, no separator, no hexadecimal, so that nobody means one number and gets another.
///
/// # Errors
/// Says what is wrong, as the end of a sentence.
pub fn smallest_units(text: &str) -> Result<U256, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!(
            "{text:?} is not a whole number of smallest units, written in digits"
        ));
    }
    text.parse()
        .map_err(|_| format!("{text:?} is 2^256 or more"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_and_nothing_else() {
        assert_eq!(smallest_units("0016"), Ok(U256::from(16)));
        for text in [
            "", "0x10", "1_000", "+1", "-1", "1.0", "1e3", " 1", "0b1", "١",
        ] {
            assert!(smallest_units(text).is_err(), "{text}");
        }
        let most = U256::MAX.to_string();
        assert_eq!(smallest_units(&most), Ok(U256::MAX));
        assert!(smallest_units(&format!("{most}0")).is_err());
    }
}
