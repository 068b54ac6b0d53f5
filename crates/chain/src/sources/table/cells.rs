//! What the cells of a row say: times, numbers, amounts, addresses, ids.
//!
//! Each reader takes a text without white space at its ends, and gives a value or a fault that holds the
//! text. What is not exactly of the expected form is refused, never repaired: a table that was damaged in
//! one place is seldom damaged in one place only.
//!
//! Not here: which cell is which.

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::amount::{AmountError, Rounding, parse_decimal};
use whither_ledger::chain::Chain;
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use super::error::{TableFault, quote};
use super::mapping::TimeFormat;

/// Separators people write into numbers, and a decimal comma.
const SEPARATORS: &[char] = &[',', '\'', '_', ' ', '\u{a0}', '\u{2009}', '\u{202f}', '’'];

/// What begins hex as the chain writes it.
fn hex_prefix(chain: &Chain) -> &'static str {
    if matches!(chain, Chain::Evm(_)) {
        "0x"
    } else {
        ""
    }
}

/// An amount in smallest units, and whether digits were rounded away.
pub(super) fn amount(
    text: &str,
    decimals: u8,
    rounding: Rounding,
) -> Result<(U256, bool), TableFault> {
    match parse_decimal(text, decimals, Rounding::Refuse) {
        Ok(amount) => Ok((amount, false)),
        Err(AmountError::ExcessDigits { .. }) if rounding != Rounding::Refuse => {
            parse_decimal(text, decimals, rounding)
                .map(|amount| (amount, true))
                .map_err(TableFault::Amount)
        }
        Err(AmountError::NotANumber(shown)) => {
            Err(oddity(text).unwrap_or(TableFault::Amount(AmountError::NotANumber(shown))))
        }
        Err(error) => Err(TableFault::Amount(error)),
    }
}

/// A block height, an index.
pub(super) fn number(text: &str) -> Result<u32, TableFault> {
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| all_digits)
        .ok_or_else(|| oddity(text).unwrap_or_else(|| TableFault::Number { text: quote(text) }))
}

/// What an eye would read over in a number: a separator, or a character that is not ASCII.
fn oddity(text: &str) -> Option<TableFault> {
    separator(text).or_else(|| stray(text))
}

fn stray(text: &str) -> Option<TableFault> {
    let (index, character) = text
        .chars()
        .enumerate()
        .find(|(_, character)| !character.is_ascii())?;
    Some(TableFault::Stray {
        text: quote(text),
        character,
        place: index + 1,
    })
}

/// The separator in a text that is a number but for it.
fn separator(text: &str) -> Option<TableFault> {
    let separator = text
        .chars()
        .find(|character| SEPARATORS.contains(character))?;
    let is_number = |character: char| {
        character.is_ascii_digit() || character == '.' || SEPARATORS.contains(&character)
    };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    unsigned
        .chars()
        .all(is_number)
        .then(|| TableFault::Separator {
            text: quote(text),
            separator,
        })
}

/// A time, written as the mapping says and in no other way.
pub(super) fn time(text: &str, format: TimeFormat) -> Result<Timestamp, TableFault> {
    let form = || {
        stray(text).unwrap_or_else(|| TableFault::TimeForm {
            text: quote(text),
            format,
        })
    };
    let is_form = match format {
        TimeFormat::Rfc3339 => has_clock(text) && has_offset(text),
        TimeFormat::Utc => has_clock(text) && !has_offset(text),
        TimeFormat::EpochSeconds | TimeFormat::EpochMilliseconds => {
            text.bytes().all(|byte| byte.is_ascii_digit())
        }
    };
    if !is_form {
        return Err(form());
    }
    if format != TimeFormat::EpochMilliseconds {
        return Timestamp::parse(text).map_err(TableFault::Time);
    }
    let milliseconds: i64 = text.parse().map_err(|_| form())?;
    if milliseconds % 1000 != 0 {
        return Err(TableFault::Milliseconds { text: quote(text) });
    }
    Timestamp::from_seconds(milliseconds / 1000).map_err(TableFault::Time)
}

/// Whether there is more than a date.
fn has_clock(text: &str) -> bool {
    text.contains(':')
}

/// Whether the text ends in `Z` or an offset from UTC, which the date's own hyphens are not.
fn has_offset(text: &str) -> bool {
    let clock = text
        .split_once(['T', 't', ' '])
        .map_or("", |(_, clock)| clock);
    clock.contains(['Z', 'z', '+', '-'])
}

/// An address, with the prefix of the table instead of the chain's.
pub(super) fn address(
    chain: &Chain,
    text: &str,
    prefix: Option<&str>,
) -> Result<Address, TableFault> {
    let Some(prefix) = prefix else {
        return Address::parse(chain, text).map_err(|error| TableFault::Address {
            error,
            original: None,
        });
    };
    let digits = text
        .strip_prefix(prefix)
        .ok_or_else(|| TableFault::Prefix {
            text: quote(text),
            prefix: quote(prefix),
        })?;
    let hex = format!("{}{digits}", hex_prefix(chain));
    Address::parse(chain, &hex).map_err(|error| TableFault::Address {
        error,
        original: Some(quote(text)),
    })
}

/// A transaction id, which may begin as the addresses do.
pub(super) fn transaction(
    chain: &Chain,
    text: &str,
    prefix: Option<&str>,
) -> Result<TransactionId, TableFault> {
    let changed = without_prefix(chain, text, prefix);
    let original = changed.is_some().then(|| quote(text));
    TransactionId::parse(chain, changed.as_deref().unwrap_or(text))
        .map_err(|error| TableFault::Transaction { error, original })
}

/// The text with the chain's prefix instead of the table's, where it begins with that.
pub(super) fn without_prefix(chain: &Chain, text: &str, prefix: Option<&str>) -> Option<String> {
    let digits = text.strip_prefix(prefix.filter(|prefix| !prefix.is_empty())?)?;
    Some(format!("{}{digits}", hex_prefix(chain)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const ETHEREUM: Chain = Chain::Evm(1);
    const RONIN: i64 = 1_648_042_149;

    fn said(fault: TableFault) -> String {
        fault.to_string()
    }

    #[test]
    fn a_time_is_read_in_its_form_and_no_other() {
        let forms = [
            (
                TimeFormat::Rfc3339,
                vec![
                    "2022-03-23T13:29:09Z",
                    "2022-03-23T22:29:09+09:00",
                    "2022-03-23 13:29:09+00:00",
                ],
            ),
            (
                TimeFormat::Utc,
                vec![
                    "2022-03-23 13:29:09",
                    "2022-03-23T13:29:09",
                    "2022-03-23 13:29:09.000 UTC",
                ],
            ),
            (TimeFormat::EpochSeconds, vec!["1648042149"]),
            (TimeFormat::EpochMilliseconds, vec!["1648042149000"]),
        ];
        for (format, texts) in &forms {
            for text in texts {
                assert_eq!(time(text, *format).unwrap().seconds(), RONIN, "{text}");
                for (other, _) in forms.iter().filter(|(other, _)| other != format) {
                    // Seconds are whole milliseconds of 1970 where they end in 000: these do not.
                    assert!(time(text, *other).is_err(), "{text} as {other:?}");
                }
            }
        }
        for (text, format) in [
            ("2022-03-23", TimeFormat::Utc),
            ("2022-03-23", TimeFormat::Rfc3339),
            ("23.03.2022 13:29", TimeFormat::Utc),
            ("2022-02-30 13:29:09", TimeFormat::Utc),
            ("2022-03-23 13:29:09.5", TimeFormat::Utc),
            ("-1", TimeFormat::EpochSeconds),
            ("1648042149.0", TimeFormat::EpochSeconds),
            ("1648042149000", TimeFormat::EpochSeconds),
            ("1648042149001", TimeFormat::EpochMilliseconds),
            ("99999999999999999999", TimeFormat::EpochMilliseconds),
            ("9999999999999999000", TimeFormat::EpochMilliseconds),
        ] {
            let fault = said(time(text, format).unwrap_err());
            assert!(fault.contains(text.trim_end_matches("000")), "{fault}");
        }
    }

    #[test]
    fn a_separator_in_a_number_is_called_one() {
        for text in [
            "1,000",
            "1,5",
            "1'000",
            "1_000",
            "1 000.5",
            "1\u{a0}000",
            "-1,000",
        ] {
            let fault = amount(text, 18, Rounding::HalfEven).unwrap_err();
            assert!(
                matches!(fault, TableFault::Separator { .. }),
                "{text}: {fault:?}"
            );
            assert!(fault.hint().unwrap().contains("not supported"));
        }
        assert!(matches!(
            number("20,437,258"),
            Err(TableFault::Separator { .. })
        ));
        assert!(matches!(
            amount("a,b", 18, Rounding::Down),
            Err(TableFault::Amount(_))
        ));
    }

    #[test]
    fn an_amount_is_rounded_only_as_the_mapping_says_and_that_is_told() {
        let cents = |text, rounding| amount(text, 2, rounding);
        assert_eq!(
            cents("347.55", Rounding::HalfEven).unwrap(),
            (U256::from(34_755), false)
        );
        assert_eq!(
            cents("347.55300000000005", Rounding::HalfEven).unwrap(),
            (U256::from(34_755), true)
        );
        let excess = cents("347.55300000000005", Rounding::Refuse).unwrap_err();
        assert!(excess.hint().unwrap().contains("rounding"));
        for text in ["NaN", "inf", "-1", "1e999", "0x10", "$5", "５"] {
            assert!(cents(text, Rounding::Down).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_is_digits() {
        assert_eq!(number("0").unwrap(), 0);
        assert_eq!(number("4294967295").unwrap(), u32::MAX);
        for text in ["4294967296", "-1", "+1", "1.0", "1e3", "0x1", "", "one"] {
            assert!(
                said(number(text).unwrap_err()).contains("not a whole number"),
                "{text}"
            );
        }
        assert!(said(number("1\u{ff10}").unwrap_err()).contains("U+FF10 at character 2"));
    }

    #[test]
    fn a_prefix_stands_for_the_chains_own() {
        let digits = "098B716B8Aaf21512996dC57EB0615e2383E2f96";
        let plain = Address::parse(&ETHEREUM, &format!("0x{digits}")).unwrap();
        assert_eq!(
            address(&ETHEREUM, &format!(r"\x{digits}"), Some(r"\x")).unwrap(),
            plain
        );
        assert_eq!(address(&ETHEREUM, digits, Some("")).unwrap(), plain);
        assert_eq!(
            address(&ETHEREUM, &format!("0x{digits}"), None).unwrap(),
            plain
        );
        let wrong = address(&ETHEREUM, &format!("0x{digits}"), Some(r"\x")).unwrap_err();
        assert!(said(wrong).contains(r#"does not begin with "\\x""#));
        let short = said(address(&ETHEREUM, r"\x098B", Some(r"\x")).unwrap_err());
        assert!(short.contains(r#"(in the table: "\\x098B")"#), "{short}");
        let checksum = digits.replace("Aaf", "aAf");
        assert!(
            said(address(&ETHEREUM, &format!("0x{checksum}"), None).unwrap_err())
                .contains("checksum")
        );
        let invisible = format!("0x{}\u{200b}{}", &digits[..9], &digits[9..]);
        assert!(said(address(&ETHEREUM, &invisible, None).unwrap_err()).contains("U+200B"));

        let tron = "41a614f803b6fd780986a42c78ec9c7f77e6ded13c";
        let plain = Address::parse(&Chain::Tron, tron).unwrap();
        assert_eq!(
            address(&Chain::Tron, &format!(r"\x{tron}"), Some(r"\x")).unwrap(),
            plain
        );

        let hash = "c344c4604e8def8250d9c8b71b6d844f03322ad6ea58a1e32683e7228782d8f7";
        let id = TransactionId::parse(&ETHEREUM, hash).unwrap();
        for text in [format!(r"\x{hash}"), format!("0x{hash}"), hash.to_owned()] {
            assert_eq!(transaction(&ETHEREUM, &text, Some(r"\x")).unwrap(), id);
        }
        let short = said(transaction(&ETHEREUM, r"\xc344", Some(r"\x")).unwrap_err());
        assert!(short.contains(r#"(in the table: "\\xc344")"#), "{short}");
    }
}
