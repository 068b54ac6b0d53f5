//! A report set in type: the same bytes each time, every word as text, and nothing lost in silence.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use whither_pdf::{Attachment, pdf, read};

/// A report with every kind of part.
fn sheets(words: &str) -> Value {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\" height=\"60\" viewBox=\"0 0 400 60\">\
               <text x=\"10\" y=\"30\">Victim &amp; Sons 김철수</text></svg>";
    let line = |text: &str| json!([{"k": "text", "t": text}]);
    let part = |kind: &str, label: &str, id: &str, more: Value| {
        let mut part = json!({"kind": kind, "label": label, "id": id, "remarks": []});
        part.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        part
    };
    json!({
        "schema": "whither.sheets/1",
        "meta": {"title": words, "symbol": "S/2026/1", "date": "2026-03-01"},
        "handling": "TLP:CLEAR",
        "edition": "Public edition.",
        "blocks": [
            part("heading", "I", "s", json!({"level": 1, "annex": false, "runs": line(words), "plain": words})),
            part("paragraph", "1", "p", json!({"runs": [
                {"k": "text", "t": words}, {"k": "em", "t": words}, {"k": "strong", "t": words},
                {"k": "value", "t": "173,600 ETH", "n": 1}, {"k": "value", "t": "", "n": 1},
                {"k": "within", "t": "figure 1", "id": "f"}, {"k": "link", "t": "https://example.org/a"},
                {"k": "note", "n": 1, "first": true}, {"k": "note", "n": 1, "first": false}, {"k": "missing", "t": words},
            ]})),
            part("list", "", "l", json!({"items": [line(words), line("two")]})),
            part("figure", "1", "f", json!({
                "caption": line(words), "source": line("the chain"), "plain": words, "width": 400, "svg": svg, "note": words,
                "table": [["From", "To"], [words, "0x098b716b8aaf21512996dc57eb0615e2383e2f96"]],
            })),
            part("table", "1", "t", json!({"caption": line(words), "source": line("s"), "rows": [[line("a"), line("b")], [line(words)]]})),
            part("recommendation", "1", "r", json!({"runs": line(words)})),
            part("withheld", "2", "w", json!({"was": "paragraph", "commitment": "ab".repeat(32)})),
            part("heading", "1", "a", json!({"level": 1, "annex": true, "runs": line("Method"), "plain": "Method"})),
            part("paragraph", "1.1", "q", json!({"runs": line("Limits."), "remarks": [{"head": "ana", "text": words}]})),
        ],
        "notes": [line(words)],
        "abbreviations": [["ETH", words]],
        "derivations": [{"text": "173,600 ETH", "reference": words, "exact": "173600", "rows": [["From", words]]}],
        "method": [["Case", words]],
    })
}

fn attachment() -> Attachment {
    Attachment {
        name: "report.json".to_owned(),
        mime: "application/json".to_owned(),
        description: "Each figure".to_owned(),
        text: "{\"a\":\"attached words\"}".to_owned(),
    }
}

fn set(words: &str) -> Vec<u8> {
    pdf(&sheets(words), &[attachment()], (2026, 3, 1), "one").unwrap()
}

/// What a reader can see, as one text for each reading.
fn seen(bytes: &[u8], reading: &str) -> String {
    let parts = read(bytes).unwrap();
    let parts = parts.iter().filter(|(name, _)| name.starts_with(reading));
    let texts = parts.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
    texts.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_same_report_gives_the_same_bytes_of_an_archive_format() {
    let one = set("Thefts");
    assert_eq!(one, set("Thefts"));
    assert_ne!(one, set("Theft"));
    assert!(one.starts_with(b"%PDF-1.7"));
    let streams = seen(&one, "stream");
    assert!(streams.contains("<pdfaid:part>3") && streams.contains("<pdfaid:conformance>A"));
    assert!(
        streams.contains("attached words"),
        "the file inside it is read too"
    );
}

/// Each letter of a drawing is set by itself, and a long word is broken: they are read as words all the same.
#[test]
fn what_stands_on_the_pages_is_read_back_as_words() {
    let bytes = set("Thefts of virtual assets");
    let words = seen(&bytes, "words");
    for line in [
        "S/2026/1",
        "TLP:CLEAR",
        "Victim & Sons 김철수",
        "173,600 ETH",
        "Contents",
    ] {
        assert!(
            words.lines().any(|it| it.trim() == line),
            "{line} in {words}"
        );
    }
    let letters = seen(&bytes, "letters");
    assert!(
        letters.contains("0x098b716b8aaf21512996dc57eb0615e2383e2f96"),
        "{letters}"
    );
    let objects = seen(&bytes, "objects");
    assert!(
        objects.contains("Thefts of virtual assets"),
        "titles and descriptions: {objects}"
    );
    let mut cut = bytes;
    let at = cut.len() / 2;
    cut.truncate(at);
    assert!(read(&cut).is_err(), "what cannot be read is no silence");
}

/// What goes on over the foot of a page, with notes and the page's own lines between, is read as it is meant.
#[test]
fn a_sentence_over_two_pages_is_read_as_one() {
    let mut data = sheets("Thefts");
    let long = |at: usize| -> String {
        (0..200)
            .map(|word| format!("w{at}-{word} "))
            .collect::<String>()
            .trim()
            .to_owned()
    };
    let paragraphs = (0..12).map(|at| {
        json!({"kind": "paragraph", "label": at.to_string(), "id": format!("x{at}"), "remarks": [], "runs": [
            {"k": "text", "t": "A mark."}, {"k": "note", "n": at + 2, "first": true}, {"k": "text", "t": long(at)},
        ]})
    });
    let blocks = data["blocks"].as_array_mut().unwrap();
    blocks.extend(paragraphs);
    let notes = data["notes"].as_array_mut().unwrap();
    notes.extend((0..12).map(|at| json!([{"k": "text", "t": format!("Note {at}.")}])));
    let bytes = pdf(&data, &[], (2026, 3, 1), "one").unwrap();
    let squeezed = |text: &str| text.replace(char::is_whitespace, "");
    let whole = squeezed(&seen(&bytes, "letters of all pages"));
    let by_page = squeezed(&seen(&bytes, "letters of stream"));
    let all: Vec<String> = (0..12).map(|at| squeezed(&long(at))).collect();
    assert!(all.iter().all(|long| whole.contains(long.as_str())));
    assert!(
        all.iter().any(|long| !by_page.contains(long.as_str())),
        "none goes over a page: this proves nothing"
    );
}

#[test]
fn hostile_words_are_words() {
    let hostile = "#import \"evil.typ\": * #panic() $x$ @p <img src=x> \\ ] [ // /* `raw` = 김철수 朴进赫 ⟦U+202E⟧";
    let letters = seen(&set(hostile), "letters");
    for word in [
        "#import",
        "\"evil.typ\":",
        "#panic()",
        "@p",
        "<img",
        "/*",
        "`raw`",
        "김철수",
        "朴进赫",
        "⟦U+202E⟧",
    ] {
        assert!(letters.contains(word), "{word} in {letters}");
    }
    let long = "x".repeat(10_000);
    assert!(seen(&set(&long), "letters").contains(&long[..500]));
}

#[test]
fn a_character_without_a_glyph_is_refused_by_name() {
    let fault = pdf(&sheets("name \u{0e01} \u{1f600}"), &[], (2026, 3, 1), "one").unwrap_err();
    assert!(
        fault.what.contains("U+0E01") && fault.what.contains("U+1F600"),
        "{fault}"
    );
    assert!(
        pdf(&sheets("name"), &[], (2026, 2, 30), "one").is_err(),
        "no such day"
    );
    assert!(
        pdf(&json!({}), &[], (2026, 3, 1), "one").is_err(),
        "no report"
    );
}
