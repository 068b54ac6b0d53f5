//! Measures what incidents cost: folding claims, adding up, and adding up from rows that an index would keep.
//!
//! `cargo run --release -p whither-casework --example measure_incidents [INCIDENTS]`; each has ten claims. The claims are
//! in memory: reading a case is measured apart.
#![allow(clippy::unwrap_used)]

use std::time::Instant;

use whither_casework::incidents::{Asked, By, Folded, Published, Same, fold, total};
use whither_casework::{Author, Claim, Hash, Json, Kind, Period, Statement, Time};

fn main() {
    let incidents: usize = std::env::args()
        .nth(1)
        .map_or(100_000, |text| text.parse().unwrap());
    let claims: Vec<Claim> = (0..incidents * 10).map(claim).collect();
    println!("{} claims of {incidents} incidents", claims.len());
    let timed = |what: &str, start: Instant| println!("{what}: {} ms", start.elapsed().as_millis());

    let start = Instant::now();
    let same = Same::of(&claims);
    let views = fold(&claims, &same);
    timed("folding the claims", start);
    let start = Instant::now();
    let folded: Vec<Folded> = views.iter().map(Folded::of).collect();
    timed("keeping rows of it", start);
    let rows: Vec<String> = folded
        .iter()
        .map(|row| serde_json::to_string(row).unwrap())
        .collect();

    let start = Instant::now();
    let folded: Vec<Folded> = rows
        .iter()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    timed("reading the rows back", start);
    let start = Instant::now();
    let asked = Asked {
        period: Period::ALWAYS,
        actor: None,
        by: Some(By::Year),
        pricing: None,
    };
    let sum = total(&folded, &Published::of(&[]), &same, &asked).unwrap();
    timed("adding up", start);
    println!("{} incidents, {} USD", sum.incidents, sum.usd.0);
}

fn claim(number: usize) -> Claim {
    let incident = number / 10;
    let (kind, payload) = match number % 10 {
        0 => (
            "incident",
            format!(
                r#"{{"incident":"i{incident}","date":"20{:02}-0{}-1{}","victim":"Victim {incident}","sector":"exchange","confidence":"B2","source":"s{}"}}"#,
                10 + incident % 15,
                1 + incident % 9,
                incident % 10,
                number % 7
            ),
        ),
        1 => (
            "attribution",
            format!(
                r#"{{"incident":"i{incident}","actor":"a{}"}}"#,
                incident % 5
            ),
        ),
        n => (
            "loss",
            format!(
                r#"{{"incident":"i{incident}","what":"stolen","usd":"{}","source":"s{n}","confidence":"C{}"}}"#,
                1_000_000 + number,
                1 + n % 6
            ),
        ),
    };
    let kind = Kind::new(kind).unwrap();
    let Statement {
        handle,
        marks,
        body,
    } = Statement::read(&kind, &Json::read(payload.as_bytes()).unwrap()).unwrap();
    let id = Hash::of(&number.to_le_bytes());
    Claim {
        id,
        says: id,
        handle,
        author: Author::new("a").unwrap(),
        number: 1,
        time: Time::new("2026-01-01T00:00:00Z").unwrap(),
        marks,
        body,
    }
}
