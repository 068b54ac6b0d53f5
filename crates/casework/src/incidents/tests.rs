//! Folding and totals, on claims made for it.

mod worth;

use std::str::FromStr as _;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::canonical::Json;
use crate::claims::{Claim, Statement};
use crate::hash::Hash;
use crate::period::Period;
use crate::words::{Author, Date, Kind, Time};

/// A claim of a kind, from its payload as JSON.
fn claim(kind: &str, payload: &str) -> Claim {
    let payload = Json::read(payload.as_bytes()).unwrap();
    let Statement {
        handle,
        marks,
        body,
    } = Statement::read(&Kind::new(kind).unwrap(), &payload).unwrap();
    let id = Hash::of(format!("{kind}{}", payload.canonical()).as_bytes());
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

fn incident(id: &str, date: &str, victim: &str) -> Claim {
    claim(
        "incident",
        &format!(r#"{{"incident":"{id}","date":"{date}","victim":"{victim}","source":"s1"}}"#),
    )
}

fn stolen(id: &str, usd: &str, marks: &str) -> Claim {
    claim(
        "loss",
        &format!(r#"{{"incident":"{id}","what":"stolen","usd":"{usd}"{marks}}}"#),
    )
}

fn period(from: &str, to: &str) -> Period {
    let days = |text: &str| Date::new(text).unwrap().days();
    Period {
        first: days(from).first,
        last: days(to).last,
    }
}

fn totalled(claims: &[Claim], asked: &Asked) -> Total {
    let same = Same::of(claims);
    let folded: Vec<Folded> = fold(claims, &same).iter().map(Folded::of).collect();
    total(&folded, &Published::of(claims), &same, asked).unwrap()
}

fn asked(from: &str, to: &str) -> Asked<'static> {
    Asked {
        period: period(from, to),
        actor: None,
        by: None,
        pricing: None,
    }
}

fn usd(decimal: Decimals) -> String {
    decimal.0.normalize().to_string()
}

fn kinds(total: &Total) -> Vec<&str> {
    total.caveats.iter().map(|caveat| caveat.kind).collect()
}

/// The sums of a panel: one published total, two thefts itemised, and the rest that nobody itemised.
fn panel() -> Vec<Claim> {
    vec![
        incident("kucoin", "2020-09-25", "KuCoin"),
        stolen("kucoin", "281000000", r#","confidence":"B2","source":"un""#),
        stolen(
            "kucoin",
            "275000000",
            r#","confidence":"C2","source":"firm""#,
        ),
        incident("unnamed", "2020-10", "an exchange"),
        stolen("unnamed", "23000000", r#","confidence":"B2","source":"un""#),
        claim(
            "cited",
            r#"{"from":"2019-01-01","to":"2020-11-30","usd":"316400000","what":"all thefts","source":"state"}"#,
        ),
        claim(
            "cited",
            r#"{"from":"2017","to":"2023","usd":"3000000000","what":"all thefts","source":"un"}"#,
        ),
    ]
}

#[test]
fn a_published_total_stands_beside_ours_with_its_difference() {
    let total = totalled(&panel(), &asked("2019-01-01", "2020-11-30"));
    assert_eq!(
        (usd(total.usd), total.incidents),
        ("304000000".to_owned(), 2)
    );
    assert_eq!(
        (usd(total.min), usd(total.max)),
        ("298000000".to_owned(), "304000000".to_owned())
    );
    let cited: Vec<(bool, String, String)> = total
        .cited
        .iter()
        .map(|row| (row.same_period, usd(row.usd), usd(row.difference)))
        .collect();
    assert_eq!(
        cited,
        [
            (true, "316400000".to_owned(), "12400000".to_owned()),
            (false, "3000000000".to_owned(), "2696000000".to_owned())
        ]
    );
    assert_eq!(kinds(&total), ["cited", "conflict"]);
    let why = &total.caveats[0].what;
    assert!(
        why.ends_with("and no incident of the case accounts for the other 12400000"),
        "{why}"
    );
    let row = &total.rows[0];
    assert_eq!(
        (row.basis, row.source.as_deref(), row.values),
        (Some("claimed"), Some("un"), 2)
    );
}

#[test]
fn the_best_claim_counts_and_the_others_stand_beside_it() {
    let claims = [
        incident("a", "2020", "A"),
        stolen("a", "1", ""),
        stolen("a", "2", r#","confidence":"A2""#),
        stolen("a", "3", r#","confidence":"A2","published":"2021""#),
        stolen("a", "4", r#","confidence":"B1","published":"2022""#),
        stolen("a", "5", r#","confidence":"F6""#),
    ];
    let view = &fold(&claims, &Same::default())[0];
    let values: Vec<&str> = view.losses[0]
        .usd
        .iter()
        .map(|said| said.value.as_str())
        .collect();
    assert_eq!(values, ["3", "2", "4", "5", "1"]);
    assert_eq!(view.conflicts(), [("stolen usd".to_owned(), 5)]);
}

#[test]
fn parts_add_up_where_nobody_values_the_whole() {
    let part = |symbol: &str, usd: &str| {
        claim(
            "loss",
            &format!(
                r#"{{"incident":"a","what":"stolen","symbol":"{symbol}","quantity":"1"{usd}}}"#
            ),
        )
    };
    let claims = [
        incident("a", "2020-01-01", "A"),
        part("BTC", r#","usd":"10""#),
        part("ETH", r#","usd":"5.5""#),
        part("XRP", ""),
    ];
    let total = totalled(&claims, &asked("2020", "2020"));
    assert_eq!(usd(total.usd), "15.5");
    assert_eq!(kinds(&total), ["parts"]);
    assert_eq!(total.unpriced.len(), 3);
    let whole = [&claims[..], &[stolen("a", "99", "")]].concat();
    assert_eq!(usd(totalled(&whole, &asked("2020", "2020")).usd), "99");
}

#[test]
fn a_value_is_computed_only_where_a_price_is_and_none_is_zero() {
    let held = |id: &str, symbol: &str| {
        claim(
            "loss",
            &format!(r#"{{"incident":"{id}","what":"stolen","symbol":"{symbol}","quantity":"2"}}"#),
        )
    };
    let claims = [
        incident("a", "2020-01-01", "A"),
        held("a", "BTC"),
        held("a", "DOGE"),
        incident("b", "2020-02-02", "B"),
        held("b", "DOGE"),
        incident("c", "2020-03-03", "C"),
    ];
    let pricing = |held: &Held, date: &Date| match held.symbol.as_deref() {
        Some("BTC") => Ok(Priced {
            usd: Decimals(Decimal::from_str("14000").unwrap()),
            usd_max: Decimals(
                Decimal::from_str(if date.as_str().len() == 10 {
                    "14000"
                } else {
                    "15000"
                })
                .unwrap(),
            ),
            price: "7000".to_owned(),
            day: date.to_string(),
            price_source: "p".to_owned(),
            convention: "close".to_owned(),
            days: 1,
            days_priced: 1,
        }),
        _ => Err("there is no series".to_owned()),
    };
    let total = totalled(
        &claims,
        &Asked {
            pricing: Some(&pricing),
            ..asked("2020", "2020")
        },
    );
    assert_eq!(
        (usd(total.usd), usd(total.claimed), usd(total.computed)),
        ("14000".to_owned(), "0".to_owned(), "14000".to_owned())
    );
    assert_eq!(total.rows[0].basis, Some("computed"));
    assert_eq!(total.rows[1].usd, None);
    assert_eq!(total.without_value, ["b", "c"]);
    let unpriced: Vec<(&str, &str)> = total
        .unpriced
        .iter()
        .map(|row| (row.incident.as_str(), row.why.as_str()))
        .collect();
    assert_eq!(
        unpriced,
        [("a", "there is no series"), ("b", "there is no series")]
    );
    assert_eq!(total.incidents, 3);
}

#[test]
fn what_came_back_is_taken_off_and_what_is_frozen_is_not() {
    let after = |what: &str, usd: &str| {
        claim(
            "loss",
            &format!(r#"{{"incident":"a","what":"{what}","usd":"{usd}"}}"#),
        )
    };
    let claims = [
        incident("a", "2020-01-01", "A"),
        stolen("a", "100", ""),
        after("recovered", "30"),
        after("frozen", "20"),
        after("reissued", "10"),
    ];
    let total = totalled(&claims, &asked("2020", "2020"));
    assert_eq!(
        (usd(total.usd), usd(total.net), usd(total.frozen)),
        ("100".to_owned(), "60".to_owned(), "20".to_owned())
    );
}

#[test]
fn a_date_across_an_edge_is_not_in_the_sum_and_is_said() {
    let claims = [
        incident("across", "2020", "A"),
        stolen("across", "5", ""),
        incident("undated", "2020", "B"),
        claim("incident", r#"{"incident":"none","victim":"C"}"#),
        stolen("none", "7", ""),
        incident("moved", "2020-01-31", "D"),
        claim(
            "incident",
            r#"{"incident":"moved","date":"2020-02-01","confidence":"A1"}"#,
        ),
        stolen("moved", "9", ""),
    ];
    let total = totalled(&claims[..2], &asked("2020-06-01", "2020-12-31"));
    assert_eq!(
        (total.incidents, total.straddling[0].usd.map(usd).as_deref()),
        (0, Some("5"))
    );
    assert_eq!(kinds(&total), ["straddles"]);
    let total = totalled(&claims[3..], &asked("2020-01-01", "2020-01-31"));
    assert_eq!(
        (usd(total.usd), kinds(&total)),
        ("0".to_owned(), vec!["date-conflict", "undated"])
    );
}

#[test]
fn what_may_be_one_counts_twice_until_somebody_says_so() {
    let claims = vec![
        incident("a", "2020-09-25", "KuCoin"),
        stolen("a", "281", ""),
        incident("b", "2020-09", "Ku-Coin"),
        stolen("b", "275", ""),
    ];
    let total = totalled(&claims, &asked("2020", "2020"));
    assert_eq!(
        (usd(total.usd), total.duplicates.len()),
        ("556".to_owned(), 1)
    );
    assert_eq!(
        total.duplicates[0].total_if_one.map(usd).as_deref(),
        Some("281")
    );
    let same = claim("same-incident", r#"{"incidents":["b","a"],"why":"w"}"#);
    let one = totalled(
        &[&claims[..], std::slice::from_ref(&same)].concat(),
        &asked("2020", "2020"),
    );
    assert_eq!(
        (one.incidents, one.rows[0].values, one.duplicates.len()),
        (1, 2, 0)
    );
    let distinct = claim("distinct-incidents", r#"{"incidents":["a","b"],"why":"w"}"#);
    let two = totalled(
        &[&claims[..], std::slice::from_ref(&distinct)].concat(),
        &asked("2020", "2020"),
    );
    assert_eq!((usd(two.usd), two.duplicates.len()), ("556".to_owned(), 0));
    let both = totalled(
        &[&claims[..], &[same, distinct]].concat(),
        &asked("2020", "2020"),
    );
    assert_eq!(
        (usd(both.usd), kinds(&both)),
        ("556".to_owned(), vec!["same-incident"])
    );
}

#[test]
fn a_total_is_broken_down_and_says_where_parts_overlap() {
    let more = claim(
        "incident",
        r#"{"incident":"kucoin","chains":["eip155:1","eip155:56"],"vectors":["T1552"]}"#,
    );
    let claims = [&panel()[..], &[more]].concat();
    let by = |by| {
        totalled(
            &claims,
            &Asked {
                by: Some(by),
                ..asked("2020", "2020")
            },
        )
    };
    let groups = |total: &Total| {
        total
            .groups
            .iter()
            .map(|group| format!("{} {}", group.key, usd(group.usd)))
            .collect::<Vec<_>>()
    };
    assert_eq!(groups(&by(By::Year)), ["2020 304000000"]);
    assert_eq!(groups(&by(By::Source)), ["un 304000000"]);
    assert_eq!(
        groups(&by(By::Vector)),
        ["T1552 281000000", "not stated 23000000"]
    );
    let chains = by(By::Chain);
    assert_eq!(
        groups(&chains),
        [
            "eip155:1 281000000",
            "eip155:56 281000000",
            "not stated 23000000"
        ]
    );
    assert!(kinds(&chains).contains(&"groups"));
}

#[test]
fn actors_are_those_that_claims_name() {
    let of = |id: &str, actor: &str| {
        claim(
            "attribution",
            &format!(r#"{{"incident":"{id}","actor":"{actor}"}}"#),
        )
    };
    let claims = [&panel()[..], &[of("kucoin", "dprk"), of("kucoin", "other")]].concat();
    let total = totalled(
        &claims,
        &Asked {
            actor: Some("dprk".to_owned()),
            ..asked("2019", "2020")
        },
    );
    assert_eq!(
        (usd(total.usd), total.incidents),
        ("281000000".to_owned(), 1)
    );
    let none = totalled(
        &claims,
        &Asked {
            actor: Some("nobody".to_owned()),
            ..asked("2019", "2020")
        },
    );
    assert_eq!(none.incidents, 0);
}

#[test]
fn a_source_is_called_by_its_descriptor_alone() {
    let record = |id: &str, name: &str, kind: &str| {
        claim(
            "source",
            &format!(r#"{{"record":"{id}","name":"{name}","type":"{kind}"}}"#),
        )
    };
    let descriptor =
        |of: &str, text: &str| claim("descriptor", &format!(r#"{{"of":"{of}","text":"{text}"}}"#));
    let mut claims = vec![
        record("s1", "Republic of Ruritania", "state"),
        descriptor("s1", "one Member State"),
        record("s2", "Ministry", "agency"),
        record("s3", "Daily News", "press"),
        descriptor("s3", "Daily News"),
        stolen("a", "1", r#","source":"s1""#),
        stolen("a", "2", r#","source":"somebody""#),
    ];
    let sources = Sources::of(&claims);
    assert_eq!(sources.public_name("s1"), Some("one Member State"));
    assert_eq!(
        (sources.public_name("s2"), sources.public_name("somebody")),
        (None, None)
    );
    let found = |sources: &Sources| {
        sources
            .warnings(None)
            .into_iter()
            .map(|warning| (warning.kind, warning.source))
            .collect::<Vec<_>>()
    };
    let of = |kind, source: &str| (kind, source.to_owned());
    assert_eq!(
        found(&sources),
        [
            of("no-descriptor", "s2"),
            of("only-source", "s1"),
            of("unknown-source", "somebody")
        ]
    );
    claims.push(record("s4", "Grand Fenwick", "state"));
    claims.push(descriptor("s4", "another Member State"));
    let sources = Sources::of(&claims);
    assert!(!found(&sources).contains(&of("only-source", "s1")));
    let used = [String::from("s1")].into();
    assert_eq!(
        sources.warnings(Some(&used))[0].kind,
        "only-source",
        "in this total it is the only state"
    );
    claims.push(record("grand-fenwick", "Grand Fenwick", "state"));
    claims.push(descriptor("grand-fenwick", "a State near Grand Fenwick"));
    let told = found(&Sources::of(&claims));
    assert!(
        told.contains(&of("descriptor-tells", "grand-fenwick"))
            && told.contains(&of("id-tells", "grand-fenwick")),
        "{told:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// In which order claims are recorded decides nothing, unless it breaks a tie between claims of equal weight.
    #[test]
    fn the_order_of_claims_does_not_change_a_total(order in Just((0..40_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let claims: Vec<Claim> = (0..40).map(|n| match n % 4 {
            0 => incident(&format!("i{}", n / 8), "2020-05-05", &format!("V{}", n / 8)),
            1 => stolen(&format!("i{}", n / 8), &format!("{}", 100 + n), &format!(r#","confidence":"A{}","published":"20{n:02}""#, 1 + n % 6)),
            2 => claim("loss", &format!(r#"{{"incident":"i{}","what":"recovered","usd":"{}","published":"20{n:02}"}}"#, n / 8, n)),
            _ => claim("attribution", &format!(r#"{{"incident":"i{}","actor":"a{}"}}"#, n / 8, n % 3)),
        }).collect();
        let shuffled: Vec<Claim> = order.iter().map(|at| claims[*at].clone()).collect();
        let asked = Asked { by: Some(By::Source), ..asked("2019", "2021") };
        prop_assert_eq!(totalled(&claims, &asked), totalled(&shuffled, &asked));
    }

    /// A row is as it was when it comes back from an index.
    #[test]
    fn a_folded_row_is_read_back(figures in proptest::collection::vec((0_u64..1_000_000_000_000, 0_u8..3), 1..5)) {
        let claims: Vec<Claim> = figures.iter().map(|(figure, scale)| {
            stolen("a", &Decimal::new(i64::try_from(*figure).unwrap(), u32::from(*scale)).to_string(), "")
        }).collect();
        let folded = Folded::of(&fold(&claims, &Same::default())[0]);
        let read: Folded = serde_json::from_str(&serde_json::to_string(&folded).unwrap()).unwrap();
        prop_assert_eq!(read, folded);
    }
}
