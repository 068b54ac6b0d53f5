//! Amounts as people write them into tables, read exactly or not at all.
//!
//! `281000000`, `281,000,000`, `$281M` and `281 million` have one meaning, and are read. `1,234` may be a thousand
//! or one and a bit, `1.0E+08` has lost digits, `~281M` is a guess, and `5 %` is no amount: these are refused, with
//! the reason. What was read otherwise than it stands there is said. There is no floating point anywhere.

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// United States dollars.
    Usd,
    /// Units of the asset that stands beside it.
    Quantity,
}

/// An amount, and how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Digits, and a point where there is a fraction: no separators, no zeros that say nothing.
    pub decimal: String,
    /// Where the text says it in another way than in plain digits.
    pub read_as: bool,
    /// Whether it is marked as dollars.
    pub is_dollars: bool,
}

impl Number {
    pub(super) fn is_zero(&self) -> bool {
        self.decimal == "0"
    }
}

/// What stands in the place of a number that is not known.
pub(super) const BLANKS: &[&str] = &[
    "nan",
    "inf",
    "infinity",
    "-inf",
    "+inf",
    "n/a",
    "na",
    "n.a.",
    "null",
    "none",
    "nil",
    "unknown",
    "undisclosed",
    "unspecified",
    "tbd",
    "tbc",
    "-",
    "--",
    "–",
    "—",
    "?",
    "??",
];

const ABOUT: &[&str] = &[
    "~",
    "≈",
    "≃",
    ">",
    "<",
    "≥",
    "≤",
    "±",
    "about ",
    "approx",
    "ca.",
    "ca ",
    "c.",
    "circa",
    "over ",
    "up to",
    "at least",
    "nearly ",
    "almost ",
    "around ",
    "more than",
    "less than",
    "roughly ",
    "some ",
    "est.",
    "estimated",
];

/// Signs and codes of money, and of assets, that are not dollars.
const OTHER_MONEY: &[&str] = &[
    "€", "£", "¥", "₩", "₽", "₿", "₹", "元", "円", "원", "eur", "euro", "euros", "gbp", "jpy",
    "krw", "won", "cny", "rmb", "rub", "inr", "chf", "aud", "cad", "sgd", "hkd", "nzd", "brl",
    "try", "yen", "yuan", "btc", "xbt", "eth", "ether", "usdt", "usdc", "dai", "bnb", "bch", "xrp",
    "ltc", "trx", "sol",
];

const DOLLARS: &[&str] = &[
    "us dollars",
    "us dollar",
    "dollars",
    "dollar",
    "us$",
    "usd$",
    "usd",
    "$",
];

/// Words that multiply, and by how many powers of ten.
const SCALES: &[(&str, usize)] = &[
    ("thousand", 3),
    ("k", 3),
    ("millions", 6),
    ("million", 6),
    ("mln", 6),
    ("mio", 6),
    ("mn", 6),
    ("mm", 6),
    ("m", 6),
    ("billions", 9),
    ("billion", 9),
    ("bln", 9),
    ("bn", 9),
    ("b", 9),
];

/// The longest number, in digits: a 256-bit one has 78.
const DIGITS_MAX: usize = 78;

/// Reads an amount. `power` is what the column's header multiplies it by, in powers of ten.
///
/// # Errors
/// Why it is no amount, or not a plain one.
pub(super) fn read(text: &str, unit: Unit, power: usize) -> Result<Number, String> {
    let text = text.trim();
    let lower = text
        .to_lowercase()
        .replace(['\u{a0}', '\u{2009}', '\u{202f}'], " ");
    refuse_what_is_no_number(&lower)?;
    let (body, is_dollars) = without_dollars(&lower, unit)?;
    let (body, scale) = without_scale(&body)?;
    let (whole, fraction, separated) = split(&body, unit)?;
    if scale > 0 && power > 0 {
        return Err("the column's header multiplies already, and so does the cell".to_owned());
    }
    let decimal = shifted(&whole, &fraction, scale + power);
    if decimal.len() > DIGITS_MAX {
        return Err(format!("it has more than {DIGITS_MAX} digits"));
    }
    Ok(Number {
        decimal,
        read_as: scale > 0 || separated,
        is_dollars,
    })
}

/// Whether a cell is a number with one comma in it that does not set off thousands: `12,5`, `1.234,56`.
pub(super) fn has_comma_before_fraction(cell: &str) -> bool {
    let number = cell.trim();
    let is_number = number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'));
    let parts = number.rsplit_once(',').filter(|_| is_number);
    parts.is_some_and(|(whole, fraction)| {
        let digits = !whole.is_empty() && !fraction.is_empty();
        digits
            && !whole.contains(',')
            && !fraction.contains('.')
            && (fraction.len() != 3 || whole.contains('.') || whole == "0")
    })
}

/// Whether a cell is one to three digits, a point, and three digits.
pub(super) fn may_be_thousands(cell: &str) -> bool {
    let parts = cell.trim().split_once('.');
    parts.is_some_and(|(whole, rest)| {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        (1..=3).contains(&whole.len())
            && rest.len() == 3
            && digits(whole)
            && digits(rest)
            && whole != "0"
    })
}

fn refuse_what_is_no_number(lower: &str) -> Result<(), String> {
    let why = if BLANKS.contains(&lower) {
        "it is not a number; leave the cell empty where nothing is known"
    } else if lower.contains('%') || lower.contains("percent") {
        "a percentage is no amount"
    } else if ABOUT.iter().any(|word| lower.starts_with(word)) || lower.ends_with('+') {
        "it is an estimate or a bound, not a figure; give the figure that the source states"
    } else if is_exponent(lower) {
        "it is in scientific notation, in which a spreadsheet has dropped digits; write it out"
    } else if lower.starts_with(['-', '−', '–']) || (lower.starts_with('(') && lower.ends_with(')'))
    {
        "it is negative"
    } else if lower.starts_with(['=', '+', '@']) {
        "an amount begins with a digit; this looks like a spreadsheet's formula"
    } else if is_range(lower) {
        "it is a range, not a figure; make a row of each claim"
    } else if lower.chars().any(|c| c.is_numeric() && !c.is_ascii_digit()) {
        "it holds digits of another script"
    } else {
        return Ok(());
    };
    Err(why.to_owned())
}

/// Digits, `e`, digits: with a sign or without.
fn is_exponent(lower: &str) -> bool {
    let Some((mantissa, exponent)) = lower.split_once('e') else {
        return false;
    };
    let exponent = exponent.trim_start_matches(['+', '-', '−']);
    mantissa.ends_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',')
        && exponent.starts_with(|c: char| c.is_ascii_digit())
}

fn is_range(lower: &str) -> bool {
    let dashes = lower
        .split(['-', '–', '—', '/', '~', '−'])
        .filter(|part| part.contains(|c: char| c.is_ascii_digit()));
    dashes.count() > 1 || lower.contains(" to ") || lower.contains(" or ") || lower.contains('±')
}

/// The text without the marks of dollars, if it has any.
fn without_dollars(lower: &str, unit: Unit) -> Result<(String, bool), String> {
    let mut body = lower.trim().to_owned();
    let mut found = false;
    // `$281 USD` says it twice, which is no fault.
    for _ in 0..2 {
        for mark in DOLLARS {
            let rest = body
                .strip_prefix(mark)
                .or_else(|| body.strip_suffix(mark))
                .map(|rest| rest.trim().to_owned());
            if let Some(rest) = rest {
                body = rest;
                found = true;
                break;
            }
        }
    }
    // Of other dollars, `HK$5`, letters or a sign are left at the front.
    if lower.contains('$') && body.starts_with(|c: char| c.is_alphabetic()) || body.contains('$') {
        return Err("it is in another currency than US dollars".to_owned());
    }
    let other = OTHER_MONEY.iter().find(|mark| {
        let rest = body
            .strip_prefix(**mark)
            .or_else(|| body.strip_suffix(**mark));
        rest.is_some_and(|rest| {
            let rest = rest.trim();
            let letters = mark.chars().all(char::is_alphabetic);
            !letters
                || !rest.starts_with(char::is_alphabetic)
                    && !rest.ends_with(|c: char| {
                        c.is_alphabetic() && c != 'm' && c != 'k' && c != 'b' && c != 'n'
                    })
        })
    });
    match (unit, found, other) {
        (Unit::Quantity, true, _) => {
            Err("a quantity counts units of the asset, and this is in dollars".to_owned())
        }
        (Unit::Usd, _, Some(mark)) => Err(format!(
            "it is in `{mark}`, not in US dollars; no rate is guessed"
        )),
        (Unit::Quantity, _, Some(mark)) => {
            Err(format!("`{mark}` belongs into the column of the asset"))
        }
        (_, found, None) => Ok((body, found)),
    }
}

fn without_scale(body: &str) -> Result<(String, usize), String> {
    let letters = body
        .trim_end_matches('.')
        .rfind(|c: char| !c.is_alphabetic())
        .map_or(0, |at| {
            at + body[at..].chars().next().map_or(1, char::len_utf8)
        });
    let (number, word) = body.split_at(letters);
    let word = word.trim_end_matches('.');
    if word.is_empty() {
        return Ok((body.to_owned(), 0));
    }
    let scale = SCALES.iter().find(|(name, _)| *name == word);
    match scale {
        Some((_, power)) if number.contains(|c: char| c.is_ascii_digit()) => {
            Ok((number.trim().to_owned(), *power))
        }
        _ => Err("it is not a number".to_owned()),
    }
}

/// Whole digits, digits of the fraction, and whether separators stood in another way than a point before the fraction.
fn split(body: &str, unit: Unit) -> Result<(String, String, bool), String> {
    let separators: Vec<char> = body.chars().filter(|c| !c.is_ascii_digit()).collect();
    if !body.contains(|c: char| c.is_ascii_digit())
        || separators
            .iter()
            .any(|c| !matches!(c, '.' | ',' | ' ' | '\'' | '’' | '_'))
    {
        return Err("it is not a number".to_owned());
    }
    if body.ends_with(|c: char| !c.is_ascii_digit()) || body.starts_with([',', ' ', '\'', '’', '_'])
    {
        return Err("it begins or ends with a separator".to_owned());
    }
    let of = |kind: char| separators.iter().filter(|c| **c == kind).count();
    let (points, commas) = (of('.'), of(','));
    let last = separators.last().copied().unwrap_or('.');
    let alone = separators.len() == 1;
    let parts: Vec<&str> = body.split(|c: char| !c.is_ascii_digit()).collect();
    let grouping = |parts: &[&str]| {
        let first = parts.first().map_or(0, |part| part.len());
        (1..=3).contains(&first) && parts[1..].iter().all(|part| part.len() == 3)
    };
    let looks_grouped = alone && grouping(&parts) && parts[0] != "0";
    if alone && looks_grouped && (last == ',' || last == '.' && unit == Unit::Usd) {
        let (thousands, fraction) = (body.replace(last, ""), body.replace(last, "."));
        return Err(format!(
            "it may be {thousands} or {fraction}; write it without a separator of thousands"
        ));
    }
    // A last point or comma that is the only one of its kind begins the fraction; all else sets off thousands.
    let ends_whole = matches!(last, '.' if points == 1)
        || matches!(last, ',' if commas == 1 && (alone || points > 0 || commas < separators.len()));
    let (whole, fraction) = if separators.is_empty() || !ends_whole {
        (&parts[..], "")
    } else {
        (&parts[..parts.len() - 1], *parts.last().unwrap_or(&""))
    };
    let kinds = separators.iter().take(whole.len().saturating_sub(1));
    let one_kind = kinds.clone().all(|kind| Some(kind) == separators.first())
        && !(ends_whole && kinds.clone().any(|kind| *kind == last));
    if whole.len() > 1 && !(one_kind && grouping(whole)) {
        return Err("its separators do not set off groups of three digits".to_owned());
    }
    let separated = last == ',' && ends_whole
        || separators
            .iter()
            .any(|c| matches!(c, ' ' | '\'' | '’' | '_'))
        || of('.') > 1
        || points == 1 && !ends_whole;
    Ok((whole.concat(), fraction.to_owned(), separated))
}

/// The number times a power of ten, without zeros that say nothing.
fn shifted(whole: &str, fraction: &str, power: usize) -> String {
    let moved = power.min(fraction.len());
    let mut digits = format!("{whole}{}", &fraction[..moved]);
    digits.push_str(&"0".repeat(power - moved));
    let digits = digits.trim_start_matches('0');
    let rest = fraction[moved..].trim_end_matches('0');
    match (digits, rest) {
        ("", "") => "0".to_owned(),
        ("", rest) => format!("0.{rest}"),
        (digits, "") => digits.to_owned(),
        (digits, rest) => format!("{digits}.{rest}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Result<Number, String> {
        read(text, Unit::Usd, 0)
    }

    #[test]
    fn what_has_one_meaning_is_read_exactly() {
        for (text, decimal, said) in [
            ("281000000", "281000000", false),
            ("0281.50", "281.5", false),
            ("281,000,000", "281000000", false),
            ("281,000,000.25", "281000000.25", false),
            ("$281,000,000", "281000000", false),
            ("USD 281000000", "281000000", false),
            ("281000000 US$", "281000000", false),
            ("$281M", "281000000", true),
            ("$281.5m", "281500000", true),
            ("US$ 281 million", "281000000", true),
            ("$1.2bn", "1200000000", true),
            ("1.2 billion USD", "1200000000", true),
            ("500k", "500000", true),
            ("1.234,56", "1234.56", true),
            ("1.234.567", "1234567", true),
            ("1.234.567,8", "1234567.8", true),
            ("12,5", "12.5", true),
            ("1 234 567", "1234567", true),
            ("1\u{a0}234\u{a0}567,25", "1234567.25", true),
            ("1'234'567.25", "1234567.25", true),
            (".5", "0.5", false),
            ("0.123", "0.123", false),
            ("1234.567", "1234.567", false),
            ("0", "0", false),
            ("0.00", "0", false),
        ] {
            let number = usd(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(
                (number.decimal.as_str(), number.read_as),
                (decimal, said),
                "{text}"
            );
        }
        let number = read("18495798.25", Unit::Quantity, 0).unwrap();
        assert_eq!(number.decimal, "18495798.25");
        assert_eq!(read("1.234", Unit::Quantity, 0).unwrap().decimal, "1.234");
        assert_eq!(read("281.5", Unit::Usd, 6).unwrap().decimal, "281500000");
        assert!(usd("$5").unwrap().is_dollars);
    }

    #[test]
    fn what_has_no_meaning_or_two_is_refused_with_the_reason() {
        for (text, why) in [
            ("1,234", "1234 or 1.234"),
            ("281.000", "281000 or 281.000"),
            ("1.0E+08", "scientific"),
            ("2.81e8", "scientific"),
            ("-5", "negative"),
            ("−5", "negative"),
            ("(281)", "negative"),
            ("NaN", "not a number"),
            ("n/a", "not a number"),
            ("unknown", "not a number"),
            ("-", "not a number"),
            ("1.2.3", "groups of three"),
            ("12,34,567", "groups of three"),
            ("1,234.567,8", "groups of three"),
            ("1,23,4", "groups of three"),
            ("45%", "percentage"),
            ("~281M", "estimate"),
            (">281M", "estimate"),
            ("about 281 million", "estimate"),
            ("275-281M", "range"),
            ("275 to 281", "range"),
            ("€281000000", "`€`"),
            ("281 EUR", "`eur`"),
            ("281 M EUR", "`eur`"),
            ("EUR 281m", "`eur`"),
            ("HK$5", "another currency"),
            ("1008 BTC", "`btc`"),
            ("281 apples", "not a number"),
            ("=SUM(A1:A3)", "formula"),
            ("+281", "formula"),
            ("5.", "ends with a separator"),
            ("２８１", "another script"),
            ("1234x", "not a number"),
            ("0x1F", "not a number"),
        ] {
            let refused = usd(text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
        assert!(
            read("$5", Unit::Quantity, 0)
                .unwrap_err()
                .contains("dollars")
        );
        assert!(
            read("1008 BTC", Unit::Quantity, 0)
                .unwrap_err()
                .contains("column of the asset")
        );
        assert!(read("1,234", Unit::Quantity, 0).is_err());
        assert!(
            read("5M", Unit::Usd, 6)
                .unwrap_err()
                .contains("multiplies already")
        );
        assert!(usd(&"9".repeat(79)).is_err());
    }

    #[test]
    fn a_comma_in_one_cell_makes_a_point_in_another_doubtful() {
        for comma in ["12,5", "1.234,56", "0,125", "1234,5"] {
            assert!(has_comma_before_fraction(comma), "{comma}");
        }
        for none in [
            "1,234",
            "12.5",
            "1,234.56",
            "1,234,567",
            "about 5,5 BTC",
            "",
        ] {
            assert!(!has_comma_before_fraction(none), "{none}");
        }
        assert!(may_be_thousands("1.000") && may_be_thousands("281.500"));
        for plain in ["0.125", "1.0000", "1234.567", "1.00", "1000"] {
            assert!(!may_be_thousands(plain), "{plain}");
        }
    }
}
