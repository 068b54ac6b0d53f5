//! A value is amount × price × rate to the cent, whatever their sizes: held against multiplication as it is done on paper.

use std::str::FromStr as _;

use proptest::prelude::*;
use rust_decimal::Decimal;
use whither_casework::valuation::{Price, usd};
use whither_ledger::U256;

/// Digits times digits, as on paper.
fn times(a: &str, b: &str) -> String {
    let mut places = vec![0_u32; a.len() + b.len()];
    for (i, x) in a.bytes().rev().enumerate() {
        for (j, y) in b.bytes().rev().enumerate() {
            places[i + j] += u32::from(x - b'0') * u32::from(y - b'0');
        }
    }
    let mut carry = 0;
    for place in &mut places {
        carry += *place;
        *place = carry % 10;
        carry /= 10;
    }
    let digits = places.iter().rev();
    digits
        .map(|digit| char::from_digit(*digit, 10).unwrap())
        .collect()
}

/// Digits and how many of them stand after the point.
fn parts(price: &str) -> (String, usize) {
    let (whole, fraction) = price.split_once('.').unwrap_or((price, ""));
    (format!("{whole}{fraction}"), fraction.len())
}

/// The value in cents, as digits.
fn on_paper(amount: U256, decimals: u8, price: &str, rate: &str) -> String {
    let ((price, one), (rate, two)) = (parts(price), parts(rate));
    let product = times(&times(&amount.to_string(), &price), &times(&rate, "100"));
    let point = usize::from(decimals) + one + two;
    let product = format!("{}{product}", "0".repeat(point + 1));
    let (whole, rest) = product.split_at(product.len() - point);
    let half = format!("5{}", "0".repeat(point.max(1) - 1));
    let is_odd = (whole.as_bytes()[whole.len() - 1] - b'0') % 2 == 1;
    let up = !rest.is_empty() && (rest > half.as_str() || rest == half && is_odd);
    let whole = if up {
        plus_one(whole)
    } else {
        whole.to_owned()
    };
    whole.trim_start_matches('0').to_owned()
}

fn plus_one(digits: &str) -> String {
    let nines = digits.len() - digits.trim_end_matches('9').len();
    let (head, _) = digits.split_at(digits.len() - nines);
    let last = head.as_bytes()[head.len() - 1];
    format!(
        "{}{}{}",
        &head[..head.len() - 1],
        char::from(last + 1),
        "0".repeat(nines)
    )
}

fn price_text() -> impl Strategy<Value = String> {
    (0_u64..1_000_000, 0_u64..10_000_000_000_000_000, 1_usize..17).prop_filter_map(
        "a price is above zero",
        |(whole, fraction, places)| {
            let fraction = format!("{fraction:016}");
            let text = format!("{whole}.{}", &fraction[..places.min(16)]);
            Price::parse(&text).ok().map(|_| text)
        },
    )
}

/// Amounts of every size.
fn amount() -> impl Strategy<Value = U256> {
    (any::<[u64; 4]>(), 0_usize..256).prop_map(|(limbs, cut)| U256::from_limbs(limbs) >> cut)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_value_is_the_product_to_the_cent(
        amount in amount(),
        decimals in 0_u8..=77,
        price in price_text(),
        rate in price_text(),
    ) {
        let (at, rated) = (Price::parse(&price).unwrap(), Price::parse(&rate).unwrap());
        let cents = on_paper(amount, decimals, &price, &rate);
        match usd(amount, decimals, at, Some(rated)) {
            Some(value) => {
                let digits = value.to_string().replace('.', "");
                prop_assert_eq!(digits.trim_start_matches('0'), cents);
                prop_assert_eq!(value.scale(), 2);
            }
            // 2^96 cents have 29 digits.
            None => prop_assert!(cents.len() >= 29, "{}", cents),
        }
        let plain = usd(amount, decimals, at, None);
        prop_assert_eq!(plain, usd(amount, decimals, at, Some(Price::ONE)));
    }

    /// Parts are worth what the whole is, up to half a cent each.
    #[test]
    fn parts_add_up_within_a_cent(
        parts in (0_u64..u64::MAX / 2, 0_u64..u64::MAX / 2),
        decimals in 6_u8..20,
        price in price_text(),
    ) {
        let price = Price::parse(&price).unwrap();
        let worth = |amount: u64| usd(U256::from(amount), decimals, price, None).unwrap();
        let apart = worth(parts.0) + worth(parts.1);
        let together = worth(parts.0 + parts.1);
        prop_assert!((together - apart).abs() <= Decimal::from_str("0.01").unwrap());
        prop_assert!(worth(parts.0) <= together);
    }
}

#[test]
fn paper_is_right_where_it_is_known() {
    assert_eq!(times("12", "034"), "00408");
    assert_eq!(on_paper(U256::from(5), 3, "5", "1"), "2");
    assert_eq!(on_paper(U256::from(7), 3, "5", "1"), "4");
    assert_eq!(on_paper(U256::from(100), 0, "0.999", "2.0"), "19980");
}
