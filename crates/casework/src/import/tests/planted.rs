//! Faults of single cells, each with how it must be found.

use super::TX;

/// A fault in one cell, or in several: what is planted, whether the row is refused, in which column, and why.
pub(super) struct Planted {
    pub(super) cells: &'static [(&'static str, &'static str)],
    pub(super) refused: bool,
    pub(super) column: &'static str,
    pub(super) why: &'static str,
}

const fn error(
    cells: &'static [(&'static str, &'static str)],
    column: &'static str,
    why: &'static str,
) -> Planted {
    Planted {
        cells,
        refused: true,
        column,
        why,
    }
}

const fn warning(
    cells: &'static [(&'static str, &'static str)],
    column: &'static str,
    why: &'static str,
) -> Planted {
    Planted {
        cells,
        refused: false,
        column,
        why,
    }
}

pub(super) const PLANTED: &[Planted] = &[
    error(&[("date", "2021-02-30")], "date", "no such day"),
    error(&[("date", "03/04/2020")], "date", "day or with the month"),
    error(&[("date", "44099")], "date", "spreadsheet"),
    error(&[("date", "2031-01-01")], "date", "future"),
    error(&[("date", "early 2020")], "date", "not a date"),
    error(&[("date", "")], "date", "missing"),
    error(&[("date", "1970-01-01")], "date", "first day"),
    error(
        &[("discovered", "2001-01-01")],
        "discovered",
        "before the theft",
    ),
    error(&[("discovered", "2031-01-01")], "discovered", "future"),
    error(&[("usd", "-5000000")], "usd", "negative"),
    error(&[("usd", "0")], "usd", "nothing was stolen"),
    error(&[("usd", "NaN")], "usd", "not a number"),
    error(&[("usd", "1.2.3")], "usd", "groups of three"),
    error(&[("usd", "1,234")], "usd", "1234 or 1.234"),
    error(&[("usd", "1.0E+08")], "usd", "scientific"),
    error(&[("usd", "45%")], "usd", "percentage"),
    error(&[("usd", "€281000000")], "usd", "not in US dollars"),
    error(&[("usd", "~281M")], "usd", "estimate"),
    error(&[("usd", "275-281M")], "usd", "range"),
    error(&[("usd", "#REF!")], "usd", "spreadsheet"),
    error(&[("usd", "=SUM(A1:A9)")], "usd", "formula"),
    error(&[("usd", "(5000000)")], "usd", "negative"),
    error(&[("quantity", "-1")], "quantity", "negative"),
    error(&[("quantity", "0.0")], "quantity", "nothing was stolen"),
    error(
        &[("quantity", "1.5 ETH")],
        "quantity",
        "column of the asset",
    ),
    error(
        &[("quantity", "1.1234567890123456789")],
        "quantity",
        "digits behind the point",
    ),
    error(&[("asset", "")], "quantity", "asset is missing"),
    error(&[("asset", "USD\u{422}")], "asset", "U+0422"),
    error(&[("asset", "US\u{200b}DT")], "asset", "cannot be seen"),
    error(&[("asset", "BTC; ETH")], "asset", "several assets"),
    error(&[("asset", "eip155:1/erc20:0xdac1")], "asset", "address"),
    error(
        &[
            ("recovered usd", "600000"),
            ("frozen usd", "500000"),
            ("usd", "1000000.5"),
        ],
        "recovered usd",
        "more than",
    ),
    error(&[("recovered usd", "-1")], "recovered usd", "negative"),
    error(
        &[(
            "tx",
            "0xca4e0aa223e3190ab477efb25617eff3a42af7bdb29cdb7dc9e7935ea88626",
        )],
        "tx",
        "62 digits",
    ),
    error(
        &[("tx", "0x098B716B8Aaf21512996dC57EB0615e2383E2f96")],
        "tx",
        "is an address",
    ),
    error(
        &[("address", "0x098B716B8Aaf21512996dC57EB0615e2383E2f97")],
        "address",
        "checksum",
    ),
    error(
        &[
            ("chain", "bitcoin"),
            ("asset", "BTC"),
            ("address", "12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3T"),
        ],
        "address",
        "checksum",
    ),
    error(
        &[
            ("chain", "bitcoin"),
            ("asset", "BTC"),
            ("address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
        ],
        "address",
        "checksum",
    ),
    error(&[("address", TX)], "address", "transaction's id"),
    error(&[("vector", "T9999")], "vector", "no catalogue"),
    error(&[("vector", "T15")], "vector", "looks like"),
    error(&[("confidence", "G7")], "confidence", "Admiralty"),
    error(&[("confidence", "high")], "confidence", "Admiralty"),
    error(&[("tlp", "TLP:WHITE")], "tlp", "TLP 1.0"),
    error(&[("tlp", "SECRET")], "tlp", "TLP 2.0"),
    error(&[("url", "javascript:alert(1)")], "url", "no link"),
    error(&[("victim", "a\nb")], "victim", "line break"),
    error(&[("id", "\u{430}bc")], "id", "U+0430"),
    error(
        &[("id", ""), ("victim", "")],
        "id",
        "neither an id nor a victim",
    ),
    error(&[("id", ""), ("date", "")], "date", "missing"),
    error(&[("note", "a\u{7}b")], "note", "control character"),
    error(
        &[
            ("chain", "bitcoin"),
            ("asset", "BTC"),
            ("quantity", "21000001"),
        ],
        "quantity",
        "not so many BTC",
    ),
    warning(&[("asset", "BTC")], "asset", "coin of the chain"),
    warning(&[("url", "see annex 3")], "url", "no link"),
    warning(
        &[("date", "2012-03-12T02:49+08:00")],
        "date",
        "converted to UTC",
    ),
    warning(&[("date", "2013-04-13 02:49")], "date", "read as UTC"),
    warning(&[("date", "14 May 2014")], "date", "read as 2014-05-14"),
    warning(&[("date", "2001-03-02")], "date", "before there were"),
    warning(&[("usd", "$77M")], "usd", "read as 77000000"),
    warning(&[("usd", "1.234.567,89")], "usd", "read as 1234567.89"),
    warning(&[("usd", "999999999999")], "usd", "more than any theft"),
    warning(&[("victim", "")], "victim", "names the victim"),
    warning(&[("victim", "Ku\u{200b}Coin")], "victim", "cannot be seen"),
    warning(&[("victim", "=cmd|x")], "victim", "formula"),
    warning(&[("victim", "n/a")], "victim", "stands for nothing"),
    warning(&[("sector", "echange")], "sector", "not known"),
    warning(
        &[("chain", "Dogechain"), ("asset", "DOGE")],
        "chain",
        "not known",
    ),
    warning(&[("asset", "WOMBATS")], "asset", "identifies nothing"),
    warning(&[("vector", "phishing")], "vector", "no technique's id"),
    warning(&[("source", "")], "source", "who says so"),
    warning(&[("quantity", "")], "asset", "how much"),
    warning(
        &[
            ("chain", ""),
            (
                "tx",
                "0xd97da0ae2a4f3d6bd4cdd4ba3a32ba6b0d7c7b1ae0b02d2a7a65d2b1a0a1b2c3",
            ),
        ],
        "tx",
        "chain is not known",
    ),
    warning(&[("note", "=HYPERLINK(1)")], "note", "formula"),
    warning(
        &[("note", "the exchangeâ€™s keys")],
        "note",
        "lost or mistaken",
    ),
    warning(&[("id", "Theft #x70")], "id", "read as theft-x70"),
];
