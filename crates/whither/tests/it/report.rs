//! Reports: drafted, checked, given out without what is private, checked again elsewhere.

mod closed;
mod hostile;
mod made;
#[cfg(feature = "pdf")]
mod typeset;

use std::fs;
use std::path::Path;

use whither::report::Desk as ReportDesk;
use whither::report::{
    Audience, check_opening, check_text, is_bundle, open, publish, remarks, revise, verify,
};
use whither::{Case, Ledger};

use crate::support::desk;
use made::{made, planted, recorder, text};

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                all.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    all.sort();
    all
}

fn holds(files: &[(String, Vec<u8>)], text: &str) -> bool {
    let needle = text.as_bytes();
    files.iter().any(|(name, bytes)| {
        name.contains(text) || bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[test]
fn a_draft_is_clean_and_faults_are_told_with_their_places() {
    let made = made();
    let ledger = Ledger::open(&made.case).unwrap();
    let case = Case::of(&ledger).unwrap();
    let of = |audience: Audience| {
        ReportDesk::new(
            (&ledger, &case),
            &made.desk.store,
            audience,
            audience.ceiling(),
        )
    };
    let checked = check_text(&of(Audience::Internal), &text());
    assert_eq!(checked.faults, []);
    assert_eq!(checked.attributions, 1);
    for (sentence, kind, what) in [
        (
            "It was {finding:nothing#x}.",
            "reference",
            "no finding \"nothing\"",
        ),
        (
            "It was {finding:trail#totals.0.orgin}.",
            "reference",
            "there is no \"orgin\" here",
        ),
        ("It was {incident:b#usd}.", "reference", "no dated incident"),
        ("It was {total:2022#usd}.", "reference", "is no period"),
        ("It was {claim:zz#name}.", "reference", "0 claims are named"),
        ("It was {source:zz}.", "reference", "no record of a source"),
        (
            "One almost certainly did it.",
            "attribution",
            "no assessment bears it",
        ),
        (
            "It was carried out by one.",
            "attribution",
            "no assessment bears it",
        ),
        (
            "It was certainly {assessment:a/one#bound} one.",
            "attribution",
            "stronger than its assessment",
        ),
        (
            "It was {assessment:a/two#words}.",
            "reference",
            "no hypothesis",
        ),
    ] {
        let text = text().replace("# Annex", &format!("{sentence} {{#p-9}}\n\n# Annex"));
        let faults = check_text(&of(Audience::Internal), &text).faults;
        assert_eq!(faults.len(), 1, "{sentence}: {faults:?}");
        assert_eq!(faults[0].kind, kind, "{sentence}");
        assert!(faults[0].what.contains(what), "{sentence}: {faults:?}");
        let line = text
            .lines()
            .position(|line| line.contains(sentence))
            .unwrap()
            + 1;
        assert_eq!(faults[0].line, line, "{sentence}");
    }
    let text = text().replace("# Annex", "{claim:y0#name} {#p-9}\n\n# Annex");
    let faults = check_text(&of(Audience::Public), &text).faults;
    assert!(
        faults.iter().any(|fault| fault.what.contains("TLP:AMBER")),
        "{faults:?}"
    );
}

/// Fifty private strings: none is in any byte of the public edition, and each is found in the internal one.
#[test]
fn nothing_private_leaves_with_a_public_edition() {
    let made = made();
    let public = files(&made.publish(Audience::Public, "public", 5));
    for number in 0..50 {
        assert!(!holds(&public, &planted(number)), "{number} left");
    }
    let html = String::from_utf8(
        public
            .iter()
            .find(|(name, _)| name == "report.html")
            .unwrap()
            .1
            .clone(),
    );
    let html = html.unwrap();
    assert!(html.contains("one Member State") && html.contains("withheld in this edition"));
    assert!(
        html.contains("2 ETH") && html.contains("USD 0 million"),
        "its figures are there"
    );
    let internal = files(&made.publish(Audience::Internal, "internal", 6));
    for number in 0..50 {
        assert!(
            holds(&internal, &planted(number)),
            "{number} is not even planted"
        );
    }
}

/// The same, with nothing taken out: the check finds every one of them.
#[test]
fn the_check_finds_each_string_where_nothing_is_taken_out() {
    let made = made();
    let internal = files(&made.publish(Audience::Internal, "internal", 5));
    let ledger = Ledger::open(&made.case).unwrap();
    let case = Case::of(&ledger).unwrap();
    let audience = Audience::Public;
    let desk = ReportDesk::new(
        (&ledger, &case),
        &made.desk.store,
        audience,
        audience.ceiling(),
    );
    let found = whither::report::leaks_of(&desk, "final", &text(), &internal).unwrap();
    let told: Vec<&str> = found.iter().map(|leak| leak.text.as_str()).collect();
    for number in 0..50 {
        let text = planted(number);
        assert!(
            told.iter().any(|told| told.contains(&text)),
            "{text} was not found"
        );
    }
    assert!(!remarks(&case, "final").is_empty());
}

#[test]
fn a_leak_refuses_the_edition_and_leaves_nothing_behind() {
    let made = made();
    // The author types the name of a source into a paragraph that is not marked.
    let name = planted(3).to_lowercase().replace(' ', "-");
    let leaking = text().replace(
        "# Annex",
        &format!("It is {{literal:{}}}. {{#p-9}}\n\n# Annex", &name[..24]),
    );
    let leaking = leaking.replace(&name[..24], "zq3x hidden name3 of nobody");
    revise(&made.case, &recorder(5), ("final", &leaking), None).unwrap();
    let asked = made.publication(Audience::Public, "public");
    let error = publish(&made.desk.store, &made.case, &recorder(6), &asked).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the name of source s1 stands in report.html"),
        "{error}"
    );
    assert!(
        !error.to_string().contains("Hidden"),
        "the message itself gives nothing away"
    );
    assert!(!asked.out.exists());
    let names: Vec<String> = fs::read_dir(made.desk.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        !names.iter().any(|name| name.contains("incoming")),
        "{names:?}"
    );
    assert_eq!(Case::open(&made.case).unwrap().editions().count(), 0);
}

#[test]
fn an_edition_is_the_same_each_time_and_verifies_elsewhere() {
    let made = made();
    let one = made.publish(Audience::Disclosure, "one", 5);
    // Another run on the same state of the case: what was recorded of the first is struck from no log, so the case is taken
    // from before it.
    let again = self::made();
    let two = again.publish(Audience::Disclosure, "two", 5);
    let names =
        |dir: &Path| -> Vec<String> { files(dir).into_iter().map(|(name, _)| name).collect() };
    assert_eq!(names(&one), names(&two));
    for ((name, a), (_, b)) in files(&one).into_iter().zip(files(&two)) {
        // Entries have random salts; what is rendered has none of them.
        if !name.starts_with("case/")
            && !matches!(name.as_str(), "manifest.json" | "seal.json")
            && !name.contains("report.")
        {
            assert!(a == b, "{name} differs");
        }
    }
    let elsewhere = desk();
    let found = verify(&elsewhere.store, &one, &[]).unwrap();
    assert_eq!(found.mismatched, []);
    assert!(
        found.checked > 20 && found.matched == found.checked,
        "{found:?}"
    );
    assert!(is_bundle(&one) && !is_bundle(elsewhere.dir.path()));
}

/// Writes other bytes into a file of an edition.
fn tamper(dir: &Path, name: &str, from: &str, to: &str) {
    let path = dir.join(name);
    let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn verify_names_what_was_changed() {
    let made = made();
    let whats = |dir: &Path| -> Vec<(String, &'static str)> {
        let found = verify(&desk().store, dir, &[]).unwrap();
        found
            .mismatched
            .into_iter()
            .map(|row| (row.what, row.reason))
            .collect()
    };
    let told = |rows: &[(String, &str)], what: &str, reason: &str| {
        assert!(
            rows.iter()
                .any(|(is, why)| is.contains(what) && *why == reason),
            "{what} ({reason}) not in {rows:?}"
        );
    };
    let label = made.publish(Audience::Disclosure, "label", 5);
    tamper(
        &label,
        "case/payloads/ana.jsonl",
        "The exploiter",
        "The exploited",
    );
    let rows = whats(&label);
    told(&rows, "case/payloads/ana.jsonl", "altered");
    told(&rows, "payload", "altered");
    let price = made.publish(Audience::Disclosure, "price", 6);
    let file = files(&price)
        .into_iter()
        .find(|(name, _)| name.ends_with(".prices"))
        .unwrap()
        .0;
    tamper(&price, &file, "3031.07", "3031.08");
    let rows = whats(&price);
    told(&rows, &file, "altered");
    let report = made.publish(Audience::Disclosure, "report", 7);
    tamper(&report, "report.html", "2 ETH", "3 ETH");
    told(&whats(&report), "report.html, rendered anew", "result");
    let figure = made.publish(Audience::Disclosure, "figure", 8);
    tamper(&figure, "figures/f-1.svg", "<title", "<title ");
    told(&whats(&figure), "figures/f-1.svg", "altered");
    let more = made.publish(Audience::Disclosure, "more", 9);
    fs::write(more.join("extra.txt"), "x").unwrap();
    fs::remove_file(more.join("report.md")).unwrap();
    let rows = whats(&more);
    told(&rows, "extra.txt", "altered");
    told(&rows, "report.md", "withheld");
}

#[test]
fn a_finding_of_an_edition_is_computed_anew_from_the_chain_data() {
    let made = made();
    let mut asked = made.publication(Audience::Disclosure, "bare");
    asked.with_store = false;
    publish(&made.desk.store, &made.case, &recorder(5), &asked).unwrap();
    let without = verify(&desk().store, &asked.out, &[]).unwrap();
    assert!(
        without.mismatched.iter().any(|row| row.reason == "chain"),
        "{without:?}"
    );
    let with = verify(&made.desk.store, &asked.out, &[]).unwrap();
    assert_eq!(with.mismatched, []);
    let mut other = desk();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let table = fs::read_to_string(root.join("examples/ronin-2022/transfers.csv")).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    let path = other.path("transfers.csv");
    fs::write(&path, lines[..lines.len() - 1].join("\n") + "\n").unwrap();
    other.ingest(&path);
    let wrong = verify(&other.store, &asked.out, &[]).unwrap();
    assert!(
        wrong.mismatched.iter().any(|row| row.reason == "store"),
        "{wrong:?}"
    );
}

#[test]
fn what_is_withheld_is_opened_one_by_one() {
    let made = made();
    let public = made.publish(Audience::Public, "public", 5);
    let store = &made.desk.store;
    let opening = open(store, &made.case, ("final", "public-1"), "p-2").unwrap();
    assert!(opening.text.contains(&planted(43)));
    let text = serde_json::to_string(&opening).unwrap();
    assert!(check_opening(&public, &text).unwrap().matches);
    assert!(!text.contains(&planted(44)), "the others stay closed");
    let other = text.replace("Hidden", "Other");
    assert!(!check_opening(&public, &other).unwrap().matches);
    let source = open(store, &made.case, ("final", "public-1"), "source-1").unwrap();
    assert!(
        check_opening(&public, &serde_json::to_string(&source).unwrap())
            .unwrap()
            .matches
    );
    let note = open(store, &made.case, ("final", "public-1"), "note:red").unwrap();
    assert!(note.text.contains("in confidence"));
    assert!(open(store, &made.case, ("final", "public-1"), "p-1").is_err());
    assert!(open(store, &public.join("case"), ("final", "public-1"), "p-2").is_err());
}
