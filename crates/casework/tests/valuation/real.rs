//! Known answers on real prices, where they lie at hand.

use std::path::PathBuf;

use whither_casework::valuation::{
    Book, Choice, Convention, Currency, Pair, Period, Pricer as _, Pricing, Series, SeriesKey, read,
};
use whither_ledger::U256;
use whither_ledger::asset::Asset;

use crate::day;

const BITCOIN: &str = "bip122:000000000019d6689c085ae165831e93/slip44:0";
const ETHER: &str = "eip155:1/slip44:60";

fn file(name: &str) -> Option<Vec<u8>> {
    let Some(data) = std::env::var_os("WHITHER_TEST_DATA") else {
        eprintln!("skipped: WHITHER_TEST_DATA is not set");
        return None;
    };
    let path = PathBuf::from(data)
        .join("prices/yahoo-2015-2023/data")
        .join(name);
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn by(asset: &str, convention: Convention, bytes: &[u8]) -> Book {
    let pair = Pair::parse(asset, None).unwrap();
    let key = SeriesKey::new(pair, convention, "Yahoo Finance").unwrap();
    Book::new(vec![Series::of_file(key, bytes, None, None).unwrap().0])
}

fn worth(book: &Book, asset: &str, amount: U256, when: &str) -> String {
    let pricing = Pricing {
        book,
        choice: Choice::default(),
    };
    let asset: Asset = asset.parse().unwrap();
    let priced = pricing
        .usd(&asset, amount, Period::parse(when).unwrap())
        .unwrap();
    if priced.low == priced.high {
        return priced.low.usd.to_string();
    }
    format!("{} to {}", priced.low.usd, priced.high.usd)
}

/// What KuCoin lost of bitcoin.
#[test]
fn a_thousand_and_eight_bitcoin_in_september_2020() {
    let Some(bytes) = file("BTC-USD.csv") else {
        return;
    };
    let stolen = U256::from(100_800_000_000_u64);
    for (convention, worth_then) in [
        (Convention::Open, "10847198.25"),
        (Convention::Close, "10778258.53"),
        (Convention::Mid, "10763731.62"),
    ] {
        let book = by(BITCOIN, convention, &bytes);
        assert_eq!(
            worth(&book, BITCOIN, stolen, "2020-09-25T18:49:00Z"),
            worth_then
        );
    }
    let book = by(BITCOIN, Convention::Close, &bytes);
    assert_eq!(
        worth(&book, BITCOIN, stolen, "2020-09"),
        "10212568.73 to 12066242.34"
    );
}

/// What left the Ronin bridge, but for its 25.5 million USDC, whose price this source does not have.
#[test]
fn the_ether_of_ronin_by_day_and_convention() {
    let Some(bytes) = file("ETH-USD.csv") else {
        return;
    };
    let stolen = U256::from(173_600) * U256::from(10).pow(U256::from(18));
    for (convention, when, worth_then) in [
        (Convention::Open, "2022-03-23", "516137975.39"),
        (Convention::Close, "2022-03-23", "526193255.27"),
        (Convention::Open, "2022-03-29", "578959687.30"),
        (Convention::Close, "2022-03-29", "590585080.86"),
    ] {
        let book = by(ETHER, convention, &bytes);
        assert_eq!(worth(&book, ETHER, stolen, when), worth_then);
    }
}

#[test]
fn real_files_are_read_whole() {
    for (name, days, remarks) in [
        ("BTC-USD.csv", 3134, 0),
        ("ETH-USD.csv", 2091, 0),
        ("DOGE-USD.csv", 2091, 0),
        ("EURUSD=X.csv", 2235, 1),
    ] {
        let Some(bytes) = file(name) else { return };
        for convention in Convention::ALL {
            let read = read(&bytes, convention, &Currency::usd()).unwrap();
            let found = (read.days.len(), read.skipped.len(), read.remarks.len());
            assert_eq!(found, (days, 0, remarks), "{name} {convention}");
        }
    }
    let Some(bytes) = file("EURUSD=X.csv") else {
        return;
    };
    let book = by("iso4217:EUR", Convention::Close, &bytes);
    let gaps = book.series()[0].gaps();
    assert_eq!(gaps.len(), 451);
    assert_eq!(gaps[0], (day("2015-01-03"), day("2015-01-04")), "a weekend");
}
