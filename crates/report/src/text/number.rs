//! Numbers as text: exact amounts, and shares that add up to 100.00 %.
//!
//! Amounts arrive as decimal digit strings of the smallest unit, because some are wider than any machine integer.
//! They are cut and joined as text, so nothing is rounded unless the name of the function says so.
//!
//! Not here: prices. A value in a currency has a source and a day, and belongs to the case.

/// An amount of smallest units as a decimal number: exact, with thousands separators and no trailing zeros.
///
/// What is not a string of digits is returned as it came: a page must show a wrong number, not hide it.
///
/// ```
/// use whither_report::text::units;
/// assert_eq!(units("173600000000000000000000", 18), "173,600");
/// assert_eq!(units("1050", 4), "0.105");
/// ```
pub fn units(amount_digits: &str, decimals: u8) -> String {
    if !is_number(amount_digits) {
        return amount_digits.to_owned();
    }
    let (whole, fraction) = split(amount_digits, decimals);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        thousands(&whole)
    } else {
        format!("{}.{fraction}", thousands(&whole))
    }
}

/// As [`units`], but cut (never rounded up) after about seven significant digits; a cut is marked with `…`.
///
/// For drawings; tables show the amount whole.
pub fn brief(amount_digits: &str, decimals: u8) -> String {
    let exact = units(amount_digits, decimals);
    let Some((whole, fraction)) = exact.split_once('.') else {
        return exact;
    };
    let whole_digits = whole.chars().filter(char::is_ascii_digit).count();
    let leading_zeros = if whole == "0" {
        fraction.len() - fraction.trim_start_matches('0').len()
    } else {
        0
    };
    let keep = if whole == "0" {
        leading_zeros + 4
    } else {
        7_usize.saturating_sub(whole_digits).max(2)
    };
    if fraction.len() <= keep {
        return exact;
    }
    let kept: String = fraction.chars().take(keep).collect();
    match kept.trim_end_matches('0') {
        "" => format!("{whole}…"),
        kept => format!("{whole}.{kept}…"),
    }
}

/// The sum of two digit strings, of any length. What is not a number counts as nothing.
pub fn add_digits(a: &str, b: &str) -> String {
    let digits = |text: &str| -> Vec<u8> {
        if is_number(text) {
            text.bytes().rev().map(|byte| byte - b'0').collect()
        } else {
            Vec::new()
        }
    };
    let (a, b) = (digits(a), digits(b));
    let mut sum = Vec::with_capacity(a.len().max(b.len()) + 1);
    let mut carry = 0;
    for place in 0..a.len().max(b.len()) {
        let digit = a.get(place).unwrap_or(&0) + b.get(place).unwrap_or(&0) + carry;
        sum.push(char::from(b'0' + digit % 10));
        carry = digit / 10;
    }
    sum.push(char::from(b'0' + carry));
    let text: String = sum.into_iter().rev().collect();
    trim_zeros(&text).to_owned()
}

/// The larger of two digit strings, without leading zeros.
pub fn larger_digits(a: &str, b: &str) -> String {
    let (a, b) = (trim_zeros(a), trim_zeros(b));
    if (a.len(), a) >= (b.len(), b) {
        a.to_owned()
    } else {
        b.to_owned()
    }
}

/// A digit string as an integer to draw by. What is wider than an integer is drawn at the widest.
pub fn weight(amount_digits: &str) -> u128 {
    if !is_number(amount_digits) {
        return 0;
    }
    trim_zeros(amount_digits).parse().unwrap_or(u128::MAX)
}

/// The share of each amount in their sum, as text: by largest remainder, so that they add up to exactly 100.00 %.
///
/// Ties go to the earlier amount. If all amounts are zero, so are the shares.
///
/// ```
/// assert_eq!(whither_report::text::shares(&[1, 1, 1]), ["33.34 %", "33.33 %", "33.33 %"]);
/// ```
pub fn shares(amounts: &[u128]) -> Vec<String> {
    share_points(amounts, 10_000)
        .into_iter()
        .map(percent)
        .collect()
}

/// Splits `points` among amounts by largest remainder, ties to the earlier one; hundredths of a percent at 10,000.
///
/// Sums of 2^112 and more are first halved until they are below: no share moves by more than the last point.
pub fn share_points(amounts: &[u128], points: u32) -> Vec<u32> {
    let mut amounts = amounts.to_vec();
    // Halving keeps points × amount within 128 bits.
    let sum = |amounts: &[u128]| {
        amounts
            .iter()
            .fold(0_u128, |sum, amount| sum.saturating_add(*amount))
    };
    while sum(&amounts) >= 1 << 112 {
        amounts.iter_mut().for_each(|amount| *amount >>= 1);
    }
    let total = sum(&amounts);
    if total == 0 {
        return vec![0; amounts.len()];
    }
    let scaled = |amount: u128| amount * u128::from(points);
    let mut given: Vec<u32> = amounts
        .iter()
        .map(|&amount| u32::try_from(scaled(amount) / total).unwrap_or(points))
        .collect();
    let left = points.saturating_sub(given.iter().sum());
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(scaled(amounts[at]) % total), at));
    for &at in order.iter().take(usize::try_from(left).unwrap_or(0)) {
        given[at] += 1;
    }
    given
}

/// Hundredths of a percent as text: `1234` is `12.34 %`.
pub fn percent(points: u32) -> String {
    format!("{}.{:02} %", points / 100, points % 100)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn trim_zeros(text: &str) -> &str {
    match text.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    }
}

/// The digits before and after the decimal point.
fn split(digits: &str, decimals: u8) -> (String, String) {
    let decimals = usize::from(decimals);
    let padded = format!("{:0>width$}", trim_zeros(digits), width = decimals + 1);
    let (whole, fraction) = padded.split_at(padded.len() - decimals);
    (whole.to_owned(), fraction.to_owned())
}

fn thousands(whole: &str) -> String {
    let mut out = String::with_capacity(whole.len() + whole.len() / 3);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        assert_eq!(units("0", 18), "0");
        assert_eq!(units("1", 18), "0.000000000000000001");
        assert_eq!(units("000", 2), "0");
        assert_eq!(units("123456789", 0), "123,456,789");
        assert_eq!(units("100", 2), "1");
        assert_eq!(
            units("99999999999999999999999999999999999999999999", 2).len(),
            42 + 13 + 1 + 2
        );
        assert_eq!(units("-5", 2), "-5");
        assert_eq!(units("", 2), "");
    }

    #[test]
    fn brief_amounts_are_cut_and_say_so() {
        assert_eq!(brief("173600000000000000000000", 18), "173,600");
        assert_eq!(brief("12345678901234567890", 18), "12.34567…");
        assert_eq!(brief("1234567890123", 6), "1,234,567.89…");
        assert_eq!(brief("1000000000000000001", 18), "1…");
        assert_eq!(brief("123456789", 18), "0.0000000001234…");
    }

    #[test]
    fn digit_strings_add_like_numbers() {
        assert_eq!(add_digits("999", "1"), "1000");
        assert_eq!(add_digits("0", "0"), "0");
        assert_eq!(add_digits("", "007"), "7");
        assert_eq!(
            add_digits(&u128::MAX.to_string(), "1"),
            "340282366920938463463374607431768211456"
        );
        assert_eq!(larger_digits("0100", "99"), "100");
    }

    #[test]
    fn shares_always_add_up() {
        let total = |amounts: &[u128]| share_points(amounts, 10_000).iter().sum::<u32>();
        for n in 1..60_u128 {
            let amounts: Vec<u128> = (0..n).map(|i| 1 + i * i * 7919 % 1013).collect();
            assert_eq!(total(&amounts), 10_000);
        }
        assert_eq!(total(&[u128::MAX, u128::MAX, 1]), 10_000);
        assert_eq!(total(&[173_600 * 10_u128.pow(18), 1, 2]), 10_000);
        assert_eq!(shares(&[0, 0]), ["0.00 %", "0.00 %"]);
        assert_eq!(shares(&[7]), ["100.00 %"]);
        assert!(shares(&[]).is_empty());
    }
}
