//! Off-ramps as a user asks for them: real thefts with the names of their tables, the freeze clock, and what is kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use whither::freeze::{Step, list, record};
use whither::ingest::Request;
use whither::offramps::{Offramps, OfframpsQuestion, answer, notices, saved_question};
use whither::prices::{Book, Choice};
use whither::saved::{Computed, save, verify};
use whither::{Question, Recorder, open_case};
use whither_analysis::trace::Policy;
use whither_casework::{Author, Case, CaseId, Draft, Json, Kind, Salt, Says, Time, Writer};

use crate::support::{Desk, data, desk};

/// A case with services of these addresses.
fn case(desk: &Desk, services: &BTreeMap<String, (String, &str)>) -> PathBuf {
    let dir = desk.path("case");
    let mut writer = Writer::create(&dir, &CaseId::new("made").unwrap(), "").unwrap();
    let drafts = services
        .iter()
        .enumerate()
        .map(|(at, (address, (name, category)))| {
            let text = format!(
                r#"{{"address":"eip155:1:{address}","name":{},"category":"{category}"}}"#,
                serde_json::to_string(name).unwrap()
            );
            let mut salt = [7; 32];
            salt[0] = u8::try_from(at % 250).unwrap();
            Draft {
                author: Author::new("ana").unwrap(),
                time: Time::new("2026-01-01T00:00:00Z").unwrap(),
                salt: Salt::new(salt),
                says: Says::Claim {
                    kind: Kind::new("service").unwrap(),
                    payload: Json::read(text.as_bytes()).unwrap(),
                },
            }
        });
    for draft in drafts {
        writer.append(draft).unwrap();
    }
    dir
}

/// What a name of the table means: the exchanges, bridges and mixers among its labels.
fn category(label: &str) -> Option<&'static str> {
    let starts = |words: &[&str]| words.iter().any(|word| label.starts_with(word));
    match () {
        () if starts(&["Tornado"]) => Some("mixer"),
        () if starts(&["Hop", "Symbiosis", "Across", "THORChain", "Arbitrum"]) => Some("bridge"),
        () if label.contains("Deposit_") => None,
        () if starts(&["eXch", "KuCoin", "ChangeNOW"]) => Some("exchange"),
        () => None,
    }
}

/// A published theft with the names of its table as claims, asked for off-ramps.
fn theft(name: &str) -> Option<(Desk, PathBuf, Offramps)> {
    let folder = data()?.join("cases/mftracer-ground-truth").join(name);
    let mut desk = desk();
    let file = folder.join(format!("{name}.csv"));
    desk.ingest(&file);
    let mut services = BTreeMap::new();
    for row in std::fs::read_to_string(&file).unwrap().lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        for (address, label) in [(cells[3], cells[4]), (cells[5], cells[6])] {
            if let Some(category) = category(label) {
                services.insert(address.to_lowercase(), (label.to_owned(), category));
            }
        }
    }
    let dir = case(&desk, &services);
    let sources = std::fs::read_to_string(folder.join("source addresses.csv")).unwrap();
    let from = sources
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty());
    let question = OfframpsQuestion {
        trace: Question::from(from.collect()),
        at: None,
        choice: Choice::default(),
    };
    let case = open_case(Some(&dir)).unwrap();
    let found = answer(&desk.store, case.as_ref(), &Book::default(), &question).unwrap();
    Some((desk, dir, found))
}

/// Cents by name.
fn by_name(found: &Offramps) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for row in &found.cash_outs {
        *sums.entry(row.entity.clone()).or_default() += row.amount.parse::<u64>().unwrap();
    }
    sums
}

#[test]
fn of_the_lifi_theft_nearly_all_that_comes_to_somebody_named_comes_to_the_router_of_tornado() {
    let Some((_desk, _, found)) = theft("LIFI") else {
        return;
    };
    let sums = by_name(&found);
    let all: u64 = found.totals[0]
        .by_kind
        .values()
        .map(|part| part.parse::<u64>().unwrap())
        .sum();
    eprintln!("LIFI: {all} cents, {sums:?}");
    let tornado = sums["Tornado.Cash: Router"];
    let named: u64 = sums.values().sum();
    assert!(
        tornado * 100 >= named * 98,
        "{tornado} of {named}, {all} in all"
    );
    let mut rows = found.positions.iter();
    let row = rows
        .find(|row| row.entity.as_deref() == Some("Tornado.Cash: Router"))
        .unwrap();
    assert_eq!(
        (row.kind, row.class, row.freezable_by.as_deref()),
        ("mixer", "gone", None)
    );
    let mixer = found
        .patterns
        .iter()
        .find(|pattern| pattern.typology == "mixer-passage")
        .unwrap();
    assert!(mixer.what.contains("Tornado.Cash: Router") && mixer.transactions.len() > 20);
    let positions: u64 = found
        .positions
        .iter()
        .map(|row| row.amount.parse::<u64>().unwrap())
        .sum();
    let small: u64 = found
        .small
        .iter()
        .map(|row| row.amount.parse::<u64>().unwrap())
        .sum();
    let nobodys: u64 = ["fee", "burn"]
        .iter()
        .filter_map(|kind| found.totals[0].by_kind.get(kind))
        .map(|part| part.parse::<u64>().unwrap())
        .sum();
    assert_eq!(
        positions + small + nobodys,
        all,
        "positions, dust and what nobody has are all there is"
    );
}

#[test]
fn of_the_54m_theft_the_exchanges_and_bridges_are_told_by_name_and_amount() {
    let Some((_desk, _, found)) = theft("54m") else {
        return;
    };
    let sums = by_name(&found);
    eprintln!("54m: {sums:?}");
    for name in [
        "KuCoin 17",
        "eXch",
        "Hop Protocol: Ethereum Bridge",
        "Across Protocol: Ethereum Spoke Pool V2",
        "Symbiosis Finance: Portal",
        "THORChain: THORChain Router v4.1.1",
    ] {
        assert!(
            sums.get(name).is_some_and(|cents| *cents > 0),
            "{name} in {sums:?}"
        );
    }
    let kucoin = found
        .positions
        .iter()
        .filter(|row| row.entity.as_deref() == Some("KuCoin 17"));
    let kucoin: Vec<_> = kucoin.collect();
    assert!(kucoin.iter().all(|row| row.freezable_by.as_deref() == Some("KuCoin 17") && row.class == "freezable"));
    let notices = notices(&found);
    let notice = notices
        .iter()
        .find(|notice| notice.to == "KuCoin 17")
        .unwrap();
    for row in &notice.positions {
        for brought in &row.transactions {
            assert!(
                notice
                    .text
                    .contains(brought.transaction.as_deref().unwrap())
            );
        }
    }
    let ranks: Vec<usize> = found.positions.iter().map(|row| row.rank).collect();
    assert_eq!(ranks, (1..=found.positions.len()).collect::<Vec<_>>());
    let of_class = |class: &str| found.positions.iter().rposition(|row| row.class == class);
    assert!(of_class("freezable") < of_class("gone").or(Some(usize::MAX)));
}

const RONIN: &str = "ethereum:0x098B716B8Aaf21512996dC57EB0615e2383E2f96";
const ETHER: &str = "eip155:1/slip44:60";

/// The theft that ships, with the freeze clock: a step at a time, each of which shows in what is asked next.
#[test]
fn the_freeze_clock_sets_money_apart_and_a_kept_list_verifies() {
    let mut desk = desk();
    let request = Request {
        mapping: Some("ronin-dune".to_owned()),
        ..Request::default()
    };
    desk.ingest_with(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ronin-2022/transfers.csv"),
        request,
    );
    let dir = case(&desk, &BTreeMap::new());
    let ask = |claims: bool| {
        let question = OfframpsQuestion {
            trace: Question {
                policy: Policy::Fifo,
                claims,
                ..Question::from(vec![RONIN.to_owned()])
            },
            at: None,
            choice: Choice::default(),
        };
        let case = open_case(Some(&dir)).unwrap();
        answer(&desk.store, case.as_ref(), &Book::default(), &question).unwrap()
    };
    let before = ask(true);
    let first = before
        .positions
        .iter()
        .find(|row| row.address.is_some())
        .unwrap();
    let (place, whole) = (
        first.address.clone().unwrap(),
        first.amount.parse::<u128>().unwrap(),
    );
    let step = |state: &str, at: &str, amount: Option<u128>| {
        let recorder = Recorder::new("ana", Some("2026-01-03T00:00:00Z")).unwrap();
        let case = Case::open(&dir).unwrap();
        let is_first = state == "requested";
        let step = Step {
            request: "r-1".to_owned(),
            state: state.to_owned(),
            at: Some(at.to_owned()),
            to: is_first.then(|| "<b>An exchange</b>".to_owned()),
            place: is_first.then(|| format!("ethereum:{place}")),
            asset: is_first.then(|| ETHER.to_owned()),
            amount: amount.map(|amount| amount.to_string()),
            why: None,
        };
        record(&dir, &case, &recorder, step)
    };
    assert!(
        step("frozen", "2022-04-01T00:00:00Z", Some(1)).is_err(),
        "nothing says where"
    );
    step("requested", "2022-04-01T00:00:00Z", None).unwrap();
    assert!(
        step("requested", "2022-04-01T00:00:00Z", None).is_err(),
        "it is there already"
    );
    step("acknowledged", "2022-04-01T00:30:00Z", None).unwrap();
    assert!(
        step("frozen", "2022-04-01T02:00:00Z", None).is_err(),
        "nothing says how much"
    );
    let asked = ask(false);
    let row = asked
        .positions
        .iter()
        .find(|row| row.request.is_some())
        .unwrap();
    assert_eq!(row.request.as_ref().unwrap().state, "acknowledged");
    let frozen = whole / 4;
    step("frozen", "2022-04-01T02:00:00Z", Some(frozen)).unwrap();
    step("recovered", "2022-05-01T00:00:00Z", Some(frozen / 2)).unwrap();
    let clock = list(&Case::open(&dir).unwrap(), Some("2022-06-01T00:00:00Z")).unwrap();
    let [request] = &clock.requests[..] else {
        panic!()
    };
    assert_eq!(
        (
            request.acknowledged_after,
            request.answered_after,
            request.open_for
        ),
        (Some(1_800), Some(7_200), None)
    );
    assert_eq!(
        (request.frozen.clone(), request.recovered.clone()),
        ((frozen - frozen / 2).to_string(), (frozen / 2).to_string())
    );
    let after = ask(true);
    let amounts = |found: &Offramps, kind: &str| -> u128 {
        let rows = found
            .positions
            .iter()
            .filter(|row| row.kind == kind && row.address.as_ref() == Some(&place));
        rows.map(|row| row.amount.parse::<u128>().unwrap()).sum()
    };
    assert_eq!(
        (amounts(&after, "frozen"), amounts(&after, "recovered")),
        (frozen - frozen / 2, frozen / 2)
    );
    assert_eq!(amounts(&after, first.kind), whole - frozen);
    assert!(
        after
            .positions
            .iter()
            .filter(|row| row.kind == "frozen")
            .all(|row| row.class == "done" && row.claim.is_some())
    );
    assert_eq!(after.totals[0].origin, before.totals[0].origin);
    // Kept, and computed anew; the freeze is among what it rests on.
    let case = Case::open(&dir).unwrap();
    let recorder = Recorder::new("ana", Some("2026-01-03T00:00:00Z")).unwrap();
    let computed = Computed::of_offramps(&case, &after).unwrap();
    assert!(computed.claims.len() >= 2, "the steps frozen and recovered");
    save(&dir, &case, &recorder, ("where", &computed)).unwrap();
    let checked = verify(&desk.store, &dir, &[]).unwrap();
    assert_eq!(
        (checked.checked, checked.matched),
        (1, 1),
        "{:?}",
        checked.mismatched
    );
    let kept = saved_question(&Case::open(&dir).unwrap(), "where").unwrap();
    assert!(kept.claims && kept.policy == Policy::Fifo);
    // An expired freeze holds nothing; what came back stays away.
    step("expired", "2022-07-01T00:00:00Z", None).unwrap();
    let lapsed = ask(true);
    assert_eq!(
        (amounts(&lapsed, "frozen"), amounts(&lapsed, "recovered")),
        (0, frozen / 2)
    );
}
