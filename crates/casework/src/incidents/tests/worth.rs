//! What an incident is worth where claims and prices meet, and what of it came back.

use super::*;

/// A loss in units of a symbol.
fn held(incident: &str, what: &str, symbol: &str, rest: &str) -> Claim {
    claim(
        "loss",
        &format!(
            r#"{{"incident":"{incident}","what":"{what}","symbol":"{symbol}",{rest},"source":"s1"}}"#
        ),
    )
}

/// A bitcoin is worth 100, on every second day of a month; over a longer date from 100 to 150. Nothing else has a price.
fn priced(held: &Held, date: &Date) -> Result<Priced, String> {
    if held.symbol.as_deref() != Some("BTC") {
        return Err("there is no series".to_owned());
    }
    let quantity = Decimal::from_str(&held.quantity).unwrap();
    let (most, days) = match date.as_str().len() {
        10 => (100, 1),
        _ => (150, 30),
    };
    Ok(Priced {
        usd: Decimals(quantity * Decimal::from(100)),
        usd_max: Decimals(quantity * Decimal::from(most)),
        price: "100".to_owned(),
        day: date.to_string(),
        price_source: "p".to_owned(),
        convention: "close".to_owned(),
        days,
        days_priced: days.div_ceil(2),
    })
}

fn valued(claims: &[Claim]) -> Total {
    let asked = Asked {
        pricing: Some(&priced),
        ..asked("2020", "2020")
    };
    totalled(claims, &asked)
}

fn shown(value: Option<Decimals>) -> String {
    value.map(usd).unwrap_or_default()
}

#[test]
fn prices_count_for_the_assets_that_claims_leave_without_a_value() {
    let claims = [
        incident("a", "2020-01-01", "A"),
        held("a", "stolen", "USDC", r#""quantity":"25","usd":"25""#),
        held("a", "stolen", "BTC", r#""quantity":"3""#),
        held("a", "stolen", "XRP", r#""quantity":"7""#),
    ];
    let total = valued(&claims);
    assert_eq!(
        (usd(total.usd), usd(total.claimed)),
        ("325".into(), "25".into())
    );
    assert_eq!(
        (usd(total.computed), usd(total.counted)),
        ("300".into(), "300".into())
    );
    assert_eq!(total.rows[0].basis, Some("both"));
    assert_eq!(kinds(&total), ["parts", "parts"]);
    // Without a price the sum is over the others, and says so.
    let total = totalled(&claims, &asked("2020", "2020"));
    assert_eq!(
        (usd(total.usd), total.rows[0].basis),
        ("25".into(), Some("claimed"))
    );
    // A claim on the whole is not added to.
    let whole = [&claims[..], &[stolen("a", "1000", "")]].concat();
    let total = valued(&whole);
    assert_eq!(
        (usd(total.usd), usd(total.counted)),
        ("1000".into(), "0".into())
    );
    assert_eq!(usd(total.computed), "300");
}

#[test]
fn claims_of_other_quantities_and_other_days_make_a_least_and_a_most() {
    let claims = [
        incident("a", "2020-01-01", "A"),
        held("a", "stolen", "BTC", r#""quantity":"20","confidence":"A1""#),
        held("a", "stolen", "BTC", r#""quantity":"9.5""#),
        held("a", "stolen", "BTC", r#""quantity":"100""#),
    ];
    let total = valued(&claims);
    let row = &total.rows[0];
    assert_eq!(
        (shown(row.usd), shown(row.min), shown(row.max)),
        ("2000".into(), "950".into(), "10000".into())
    );
    assert_eq!(
        (usd(total.min), usd(total.max)),
        ("950".into(), "10000".into())
    );
    assert_eq!(kinds(&total), ["quantities"]);
    let month = [
        incident("a", "2020-01", "A"),
        held("a", "stolen", "BTC", r#""quantity":"2""#),
    ];
    let total = valued(&month);
    let row = &total.rows[0];
    assert_eq!(
        (shown(row.usd), shown(row.min), shown(row.max)),
        ("200".into(), "200".into(), "300".into())
    );
    assert_eq!(kinds(&total), ["days", "missing-days"]);
    assert!(
        total.caveats[1].what.contains("15 of those 30 days"),
        "{:?}",
        total.caveats
    );
}

#[test]
fn units_that_came_back_count_at_the_price_of_the_theft() {
    let claims = [
        incident("a", "2020-01-01", "A"),
        held("a", "stolen", "BTC", r#""quantity":"10""#),
        held("a", "recovered", "BTC", r#""quantity":"4""#),
        held("a", "recovered", "XRP", r#""quantity":"4""#),
        incident("b", "2020-01-02", "B"),
        held("b", "recovered", "USD", r#""usd":"50""#),
        incident("c", "2020-01-03", "C"),
        stolen("c", "10", ""),
        held("c", "reissued", "USD", r#""usd":"16""#),
    ];
    let total = valued(&claims);
    let nets: Vec<String> = total.rows.iter().map(|row| shown(row.net)).collect();
    assert_eq!(nets, ["600", "", "-6"]);
    assert_eq!(
        (usd(total.recovered), usd(total.net)),
        ("450".into(), "594".into())
    );
    let told = kinds(&total);
    assert_eq!(
        told,
        ["came-back", "came-back", "no-value", "units", "units"]
    );
}

#[test]
fn a_net_total_stands_beside_what_is_net() {
    let cited = |gross: bool| {
        claim(
            "cited",
            &format!(r#"{{"from":"2020","to":"2020","usd":"70","what":"w","gross":{gross}}}"#),
        )
    };
    let claims = [
        incident("a", "2020-01-01", "A"),
        stolen("a", "100", ""),
        held("a", "recovered", "USD", r#""usd":"30""#),
        cited(true),
        cited(false),
    ];
    let total = totalled(&claims, &asked("2020", "2020"));
    let found: Vec<(Option<bool>, String)> = total
        .cited
        .iter()
        .map(|row| (row.gross, usd(row.difference)))
        .collect();
    assert!(found.contains(&(Some(true), "-30".into())), "{found:?}");
    assert!(found.contains(&(Some(false), "0".into())), "{found:?}");
}

#[test]
fn an_actor_that_nobody_names_is_said() {
    let claims = [incident("a", "2020-01-01", "A"), stolen("a", "100", "")];
    let total = totalled(
        &claims,
        &Asked {
            actor: Some("dprkk".to_owned()),
            ..asked("2020", "2020")
        },
    );
    assert_eq!((usd(total.usd), kinds(&total)), ("0".into(), vec!["actor"]));
}

#[test]
fn joined_incidents_are_compared_by_all_their_dates() {
    let claims = [
        incident("u1", "2020-05-01", "Acme"),
        stolen("u1", "100", ""),
        incident("u2", "2020-05", "ACME"),
        stolen("u2", "120", ""),
        incident("u3", "2020-05-02", "Acme"),
        stolen("u3", "50", ""),
        claim("same-incident", r#"{"incidents":["u1","u2"],"why":"w"}"#),
    ];
    let total = totalled(&claims, &asked("2020", "2020"));
    let pairs: Vec<&[String; 2]> = total.duplicates.iter().map(|it| &it.incidents).collect();
    assert_eq!(pairs, [&["u1".to_owned(), "u3".to_owned()]]);
}
