//! Totals over what tables say of tokens and of money, at prices that were imported.

use std::path::PathBuf;

use whither::Case;
use whither::incidents::{Kept, TotalQuestion, total};
use whither::prices::{Convention, Request, book, import, pair};
use whither_casework::{Author, CaseId, Draft, Json, Kind, Salt, Says, Time, Writer};

use crate::support::{Desk, desk};

const USDC: &str = "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48";

fn case(desk: &Desk, claims: &[(&str, String)]) -> Case {
    let dir = desk.path("case");
    let mut writer = Writer::create(&dir, &CaseId::new("made").unwrap(), "").unwrap();
    let drafts = claims
        .iter()
        .enumerate()
        .map(|(at, (kind, payload))| Draft {
            author: Author::new("ana").unwrap(),
            time: Time::new(&format!("2026-01-01T00:00:{at:02}Z")).unwrap(),
            salt: Salt::new([u8::try_from(at).unwrap(); 32]),
            says: Says::Claim {
                kind: Kind::new(kind).unwrap(),
                payload: Json::read(payload.as_bytes()).unwrap(),
            },
        });
    writer.append_all(drafts.collect()).unwrap();
    Case::open(&dir).unwrap()
}

fn prices(desk: &Desk, of: &str, price: &str, decimals: Option<u8>) {
    let request = Request {
        file: PathBuf::from("prices.csv"),
        bytes: Some(format!("date,price\n2022-03-23,{price}\n").into_bytes()),
        pair: pair(of, None).unwrap(),
        convention: Convention::Close,
        source: "made up".to_owned(),
        licence: None,
        decimals,
        dry_run: false,
    };
    import(desk.store.path(), request).unwrap();
}

#[test]
fn a_token_and_money_that_a_table_names_are_priced_by_what_they_are() {
    let desk = desk();
    let lost = |incident: &str, symbol: &str, quantity: &str| {
        let payload = format!(
            r#"{{"incident":"{incident}","what":"stolen","symbol":"{symbol}","quantity":"{quantity}","source":"s"}}"#
        );
        ("loss", payload)
    };
    let incident = |id: &str| {
        let payload = format!(r#"{{"incident":"{id}","date":"2022-03-23","victim":"{id}"}}"#);
        ("incident", payload)
    };
    let case = case(
        &desk,
        &[
            incident("a"),
            lost("a", USDC, "25500000"),
            incident("b"),
            lost("b", "iso4217:EUR", "1000000.5"),
            lost("b", "iso4217:KRW", "5000"),
            incident("c"),
            lost("c", "USDC", "7"),
        ],
    );
    let asked = TotalQuestion::default();
    let at = |desk: &Desk| {
        let book = book(desk.store.path()).unwrap();
        total(&Kept::of(&case), &asked, Some(&book)).unwrap()
    };
    assert_eq!(at(&desk).total.usd.0.to_string(), "0");
    prices(&desk, USDC, "0.999", Some(6));
    prices(&desk, "iso4217:EUR/USD", "1.1", None);
    prices(&desk, "iso4217:KRW/USD", "0.0008", None);
    let answer = at(&desk);
    let values: Vec<String> = answer
        .total
        .rows
        .iter()
        .map(|row| {
            row.usd
                .map_or_else(String::new, |usd| usd.0.normalize().to_string())
        })
        .collect();
    // 25,500,000 × 0.999; 1,000,000.50 × 1.1 and 5,000 × 0.0008; a symbol alone identifies nothing.
    assert_eq!(values, ["25474500", "1100004.55", ""]);
    let files = &answer.provenance.parameters.prices;
    assert_eq!(files.len(), 3, "{files:?}");
    let unpriced: Vec<&str> = answer.total.unpriced.iter().map(|row| &*row.why).collect();
    assert_eq!(unpriced, ["the symbol identifies no asset"]);
}
