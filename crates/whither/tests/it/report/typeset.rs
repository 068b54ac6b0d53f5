//! Editions with a PDF: nothing private in what its reader can see, the same bytes each time, and told when altered.

use std::fs;

use serde_json::{Value, json};
use whither::report::Desk as ReportDesk;
use whither::report::{Audience, leaks_of, publish, verify};
use whither::{Case, Ledger};

use super::files;
use super::made::{Made, made, planted, recorder, text};
use crate::support::desk;

/// An edition with its PDF: its bytes, and all that a reader of them can see.
fn edition(made: &Made, audience: Audience, out: &str, second: usize) -> (Vec<u8>, String) {
    let mut asked = made.publication(audience, out);
    asked.pdf = true;
    publish(&made.desk.store, &made.case, &recorder(second), &asked).unwrap();
    let bytes = fs::read(asked.out.join("report.pdf")).unwrap();
    let parts = whither_pdf::read(&bytes).unwrap();
    let seen = parts
        .iter()
        .map(|(name, bytes)| format!("== {name}\n{}\n", String::from_utf8_lossy(bytes)));
    (bytes, seen.collect())
}

#[test]
fn nothing_private_is_in_the_streams_of_a_public_pdf_and_the_check_finds_what_is() {
    let made = made();
    let (_, seen) = edition(&made, Audience::Public, "public", 5);
    for number in 0..50 {
        // A drawing cuts long labels: not even their beginning is there.
        let beginning = format!("Zq{number}x");
        assert!(planted(number).starts_with(&beginning) && !seen.contains(&beginning));
    }
    assert!(seen.contains("one Member State") && seen.contains("withheld in this edition"));

    let (internal, within) = edition(&made, Audience::Internal, "internal", 6);
    assert!(
        within.contains("Zq30x"),
        "a label of the drawing, as far as it has room"
    );
    let ledger = Ledger::open(&made.case).unwrap();
    let case = Case::of(&ledger).unwrap();
    let of = ReportDesk::new(
        (&ledger, &case),
        &made.desk.store,
        Audience::Public,
        Audience::Public.ceiling(),
    );
    let files = [("report.pdf".to_owned(), internal)];
    let found = leaks_of(&of, "final", &text(), &files).unwrap();
    // Names of sources that the text calls, withheld parts, a comment and an answer, with who said it.
    for number in [0, 3, 6, 43, 44, 46, 47, 49] {
        let mut told = found
            .iter()
            .filter(|leak| leak.text.contains(&planted(number)));
        assert!(told.next().is_some(), "{number} was not found");
    }
}

/// A part of a report with a text in one of the places that a PDF has.
fn told(place: usize, text: &str) -> Value {
    let words = |text: &str| json!([{"k": "text", "t": text}]);
    let none = words("N");
    let part = |kind: &str, more: Value| {
        let mut part =
            json!({"kind": kind, "label": "1", "id": format!("x{place}"), "remarks": []});
        let fields = part.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        part
    };
    let svg = |text: &str| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"600\" height=\"40\" viewBox=\"0 0 600 40\">\
             <text x=\"5\" y=\"20\">{text}</text></svg>"
        )
    };
    let figure = |caption: &str, drawn: &str, note: &str, cell: &str, plain: &str| {
        part(
            "figure",
            json!({
                "caption": words(caption), "source": none, "plain": plain, "width": 600,
                "svg": svg(drawn), "note": note, "table": [["A"], [cell]],
            }),
        )
    };
    match place % 12 {
        0 => part("paragraph", json!({"runs": words(text)})),
        1 => part(
            "paragraph",
            json!({"runs": [{"k": "em", "t": text}, {"k": "link", "t": "https://example.org"}]}),
        ),
        2 => part("list", json!({"items": [none, words(text)]})),
        3 => figure(text, "d", "n", "c", "p"),
        4 => figure("c", text, "n", "c", "p"),
        5 => figure("c", "d", text, "c", "p"),
        6 => figure("c", "d", "n", text, "p"),
        7 => figure("c", "d", "n", "c", text),
        8 => part(
            "table",
            json!({"caption": none, "source": words(text), "rows": [[none], [none]]}),
        ),
        9 => part(
            "table",
            json!({"caption": none, "source": none, "rows": [[none, none], [words(text), none]]}),
        ),
        10 => part(
            "heading",
            json!({"level": 1, "annex": false, "runs": words(text), "plain": text}),
        ),
        _ => part(
            "paragraph",
            json!({"runs": none, "remarks": [{"head": text, "text": "N"}]}),
        ),
    }
}

#[test]
fn with_nothing_taken_out_the_check_finds_each_of_50_strings_in_a_pdf() {
    let made = made();
    let sheets = |blocks: Value| {
        json!({
            "schema": "whither.sheets/1", "meta": {"title": "T"}, "handling": "TLP:RED", "edition": "E", "blocks": blocks,
            "notes": [], "abbreviations": [], "derivations": [], "method": [],
        })
    };
    let ledger = Ledger::open(&made.case).unwrap();
    let case = Case::of(&ledger).unwrap();
    let of = ReportDesk::new(
        (&ledger, &case),
        &made.desk.store,
        Audience::Public,
        Audience::Public.ceiling(),
    );
    // What is private is more than what was planted: a whole paragraph, a file's name with its ending.
    let internal = files(&made.publish(Audience::Internal, "internal", 5));
    let known = leaks_of(&of, "final", &text(), &internal).unwrap();
    let private = |at: usize| {
        let mut known = known.iter().map(|leak| &leak.text);
        known.find(|known| known.contains(&planted(at))).unwrap()
    };
    let blocks: Vec<Value> = (0..50).map(|at| told(at, private(at))).collect();
    let found = |blocks: Value| {
        let bytes = whither_pdf::pdf(&sheets(blocks), &[], (2026, 3, 1), "one").unwrap();
        leaks_of(&of, "final", &text(), &[("report.pdf".to_owned(), bytes)]).unwrap()
    };
    let all = found(json!(blocks));
    for number in 0..50 {
        let is_told = all.iter().any(|leak| leak.text.contains(&planted(number)));
        assert!(is_told, "{number} was not found");
    }
    assert_eq!(found(json!([])), [], "and nothing where there is none");
}

#[test]
fn a_pdf_verifies_elsewhere_and_an_altered_one_is_named() {
    let made = made();
    edition(&made, Audience::Disclosure, "one", 5);
    let place = made.desk.path("one");
    let found = verify(&desk().store, &place, &[]).unwrap();
    assert_eq!(found.mismatched, []);
    assert!(found.unchecked.is_empty());
    let file = place.join("report.pdf");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let found = verify(&desk().store, &place, &[]).unwrap();
    let told: Vec<&str> = found
        .mismatched
        .iter()
        .map(|row| row.what.as_str())
        .collect();
    assert_eq!(told, ["report.pdf", "report.pdf, rendered anew"]);
}

#[test]
fn a_report_without_a_day_is_refused_as_a_pdf() {
    let made = made();
    let undated = text().replace("date: 2026-03-01\n", "");
    whither::report::revise(&made.case, &recorder(5), ("final", &undated), None).unwrap();
    let mut asked = made.publication(Audience::Public, "undated");
    asked.pdf = true;
    let error = publish(&made.desk.store, &made.case, &recorder(6), &asked).unwrap_err();
    assert!(error.to_string().contains("date"), "{error}");
    assert!(!asked.out.exists());
}
