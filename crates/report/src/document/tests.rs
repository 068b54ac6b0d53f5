//! Reading, writing back, linting, numbering, redacting and comparing reports.

use super::*;

/// A sound report with something of everything in it.
pub(crate) const SOUND: &str = "\
---
title: Thefts of virtual assets
symbol: S/2026/1
date: 2026-03-01
---

# Introduction {#intro}

The Panel, in pursuance of {literal:resolution 1718 (2006)}, followed {finding:ronin-fifo#totals.0.origin} from
the bridge.[^panel] APT38 and the address {claim:ofac-27307-1#address} are named in {table:t-where} and *nowhere* else. {#p-1}

## Where the money went

One Member State told the Panel who moved it, see {paragraph:p-1}. {#p-2 TLP:RED}

- first {incident:ronin#usd|millions}
- then a second item
  that goes on {#l-1}

The theft was {assessment:ronin/h1#words} the work of the group. {#p-3}

::: table #t-where
Caption: Where it is
| Kind | Amount |
|------|-------:|
| held | {finding:ronin-fifo#endpoints.held.amount} |
Source: {source:s1}
:::

::: figure waterfall finding:ronin-fifo #f-1
Caption: Endpoints
Source: The Panel
:::

::: recommendation #r-1
Member States should freeze what is left.[^web]
:::

# Annex: Method {#a-1 TLP:AMBER}

A paragraph with \\{braces\\}, and a \\* star. {#p-4}

[^panel]: Information from {source:s1}.
[^web]: See <https://example.org/2022/03/x?y=1>.

*[APT38]: a group
";

fn read(text: &str) -> Document {
    let (document, faults) = parse(text);
    assert!(faults.is_empty(), "{faults:?}");
    document
}

#[test]
fn a_report_is_read_and_written_back_the_same() {
    let document = with_ids(read(SOUND), &|_| "x".to_owned());
    let text = source(&document);
    let again = read(&text);
    assert_eq!(source(&again), text);
    assert_eq!(again.blocks.len(), 11);
    assert_eq!(again.notes.len(), 2);
    assert!(again.blocks.iter().all(|block| !block.id.is_empty()));
}

#[test]
fn numbers_run_through_the_body() {
    let numbers = Numbers::of(&read(SOUND));
    let label = |id: &str| numbers.by_id[id].label.as_str();
    assert_eq!((label("p-1"), label("p-2"), label("p-3")), ("1", "2", "3"));
    assert_eq!(
        (label("intro"), label("a-1"), label("p-4")),
        ("I", "1", "1.1")
    );
    assert_eq!(
        (label("t-where"), label("f-1"), label("r-1")),
        ("1", "1", "1")
    );
    assert_eq!(numbers.paragraphs, 3);
}

/// Each fault with what the linter must say of it: kind, and the text at whose place it points.
const PLANTED: &[(&str, &str, &str)] = &[
    ("A sum of 316 was taken.", "number", "316"),
    ("It came to USD 4.5 million in all.", "number", "4.5"),
    ("Some ETH173600 left.", "number", "ETH173600"),
    ("It was three billion in all.", "number", "billion"),
    ("On 23 March 2022 it was taken.", "date", "23"),
    ("In March 2022 it was taken.", "date", "March"),
    ("On 2022-03-23 it was taken.", "date", "2022-03-23"),
    ("By 23/03/2022 it was gone.", "date", "23/03/2022"),
    ("All of 2019 was quiet.", "date", "2019"),
    (
        "It went to 0x098B716B8Aaf21512996dC57EB0615e2383E2f96 then.",
        "address",
        "0x098B",
    ),
    (
        "It went to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq then.",
        "address",
        "bc1q",
    ),
    (
        "It went to 12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S then.",
        "address",
        "12cb",
    ),
    ("It went to 0x098b71…3e2f96 then.", "address", "0x098"),
    (
        "By 0xc28fad5e8d5e0ce6a2eaf67b6687be5d58113e16be590824d6cfa1a94467d0b7 it left.",
        "hash",
        "0xc28",
    ),
    (
        "By f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16 it left.",
        "hash",
        "f4184",
    ),
    ("See https://example.org/a for more.", "link", "https"),
    ("Written as ٣١٦ it hides.", "number", "٣١٦"),
    (
        "See {paragraph:nowhere} for it.",
        "reference",
        "{paragraph:nowhere}",
    ),
    ("A note is missing.[^missing]", "footnote", "[^missing]"),
    ("A name turns\u{202e}round here.", "hidden", "\u{202e}"),
];

#[test]
fn the_linter_points_at_what_was_planted_and_at_nothing_else() {
    assert_eq!(lint(&read(SOUND)), []);
    let (before, after) = SOUND.split_once("## Where").unwrap();
    let mut text = before.to_owned();
    let mut places = Vec::new();
    for (sentence, kind, at) in PLANTED {
        let line = text.matches('\n').count() + 2;
        let column = sentence[..sentence.find(at).unwrap()].chars().count() + 14;
        text.push_str(&format!("It goes on,\nand so on. So: {sentence}\n\n"));
        places.push((
            Place {
                line,
                column: column + 2,
            },
            *kind,
        ));
    }
    text.push_str("## Where");
    text.push_str(after);
    let found: Vec<(Place, &str)> = lint(&read(&text))
        .iter()
        .map(|fault| (fault.place, fault.kind))
        .collect();
    assert_eq!(found, places);
    assert_eq!(PLANTED.len(), 20);
}

#[test]
fn names_and_prose_are_spared() {
    for sentence in [
        "APT38 and G0032 used ERC-20 tokens, see S/2024/215 and T1059.",
        "Two of the seven wallets, one Member State, the first and the second.",
        "It is {literal:resolution 2094 (2013)}, or {literal:23 March 2022}.",
        "Hundreds of transfers, and thousands more, in May and in March.",
        "The so-called “peel chain” – a typology – is one.",
        "Korean 라자루스 and Chinese 朝鲜 are words.",
    ] {
        let text = format!("---\ntitle: T\n---\n\n{sentence}\n");
        assert_eq!(lint(&read(&text)), [], "{sentence}");
    }
}

#[test]
fn what_is_not_understood_is_a_fault_with_its_place() {
    for (text, what) in [
        ("no front", "first page"),
        ("---\ntitel: x\n---\n", "no line of a first page"),
        ("---\ntitle: x\n---\n{finding:a", "not closed"),
        ("---\ntitle: x\n---\n{nothing:a}", "no reference to a"),
        ("---\ntitle: x\n---\n{finding}", "is no reference"),
        ("---\ntitle: x\n---\n::: table\n| a |", "not closed"),
        ("---\ntitle: x\n---\n::: table\n| a |\n:::\n", "no caption"),
        ("---\ntitle: x\n---\n#### Deep\n", "no heading"),
        (
            "---\ntitle: x\n---\na {#b}\n\nc {#b}\n",
            "is of line 4 already",
        ),
        (
            "---\ntitle: x\n---\na {TLP:WHITE}\n",
            "neither a name nor a mark",
        ),
        (
            "---\ntitle: x\n---\n{literal:0x098B716B8Aaf21512996dC57EB0615e2383E2f96}",
            "no address",
        ),
        (
            "---\ntitle: x\n---\n::: figure pie finding:a\nCaption: c\nSource: s\n:::\n",
            "no drawing",
        ),
    ] {
        let (_, faults) = parse(text);
        assert!(
            faults
                .iter()
                .any(|fault| fault.what.contains(what) && !fault.hint.is_empty()),
            "{text}: {faults:?}"
        );
    }
}

#[test]
fn sentences_of_attribution_are_found_and_prose_is_not() {
    let text = "---\ntitle: T\n---\n\nIt rained. The theft was likely theirs. It was carried out by them; so it was. \
        The Committee may wish to act, and it could do so. He was {assessment:a/b#words} the one.\n";
    let found = attributions(&read(text));
    let phrases: Vec<(&str, bool)> = found.iter().map(|it| (it.phrase, it.likelihood)).collect();
    assert_eq!(
        phrases,
        [("likely", true), ("carried out by", false), ("", true)]
    );
    assert_eq!(
        found[0].place,
        Place {
            line: 5,
            column: 26
        }
    );
    assert_eq!(
        found[0].text(|_| String::new()),
        "The theft was likely theirs."
    );
    assert_eq!(found[2].text(|_| "X".to_owned()), "He was X the one.");
}

#[test]
fn an_edition_withholds_by_mark_and_keeps_the_numbers() {
    let document = read(SOUND);
    let commit = |name: &str, _: &str| format!("{:0>64}", name.len());
    let (public, pieces) = redact(&document, "TLP:CLEAR", &commit);
    let names: Vec<&str> = pieces.iter().map(|piece| piece.name.as_str()).collect();
    assert_eq!(
        names,
        ["p-2", "a-1", "p-4"],
        "the annex's mark holds for what is in it"
    );
    let text = source(&public);
    assert!(!text.contains("One Member State told"), "{text}");
    let again = read(&text);
    assert_eq!(source(&again), text);
    assert_eq!(Numbers::of(&again).by_id["p-3"].label, "3");
    let (all, none) = redact(&document, "TLP:RED", &commit);
    assert!(none.is_empty() && all == document);
}

#[test]
fn a_footnote_of_a_withheld_paragraph_goes_with_it() {
    let text = "---\ntitle: T\n---\n\nShown.[^a] {#p-1}\n\nHidden.[^b] Both.[^a] {#p-2 TLP:RED}\n\n[^a]: A.\n[^b]: B.\n";
    let (public, pieces) = redact(&read(text), "TLP:CLEAR", &|_, _| "0".repeat(64));
    let names: Vec<&str> = pieces.iter().map(|piece| piece.name.as_str()).collect();
    assert_eq!(names, ["p-2", "note:b"]);
    assert!(!source(&public).contains("B."));
}

#[test]
fn a_redline_tells_what_came_went_moved_and_changed() {
    let before = read(
        "---\ntitle: T\n---\n\nOne two three. {#a}\n\nGone. {#b}\n\nStays. {#c}\n\nMoves. {#d}\n",
    );
    let after = read(
        "---\ntitle: T\n---\n\nMoves. {#d}\n\nOne four three. {#a}\n\nNew. {#e}\n\nStays. {#c}\n",
    );
    let redline = redline(&before, &after);
    let told: Vec<(&str, Mark, bool)> = redline
        .changes
        .iter()
        .map(|change| (change.name.as_str(), change.mark, change.moved))
        .collect();
    assert_eq!(
        told,
        [
            ("meta:title", Mark::Same, false),
            ("d", Mark::Same, true),
            ("a", Mark::Changed, false),
            ("e", Mark::Added, false),
            ("b", Mark::Removed, false),
            ("c", Mark::Same, false),
        ]
    );
    let words = &redline.changes[2].words;
    assert_eq!(words[1], (Mark::Removed, "two ".to_owned()));
    assert_eq!(words[2], (Mark::Added, "four ".to_owned()));
}

#[test]
fn a_long_report_is_read_in_no_time() {
    let mut text = "---\ntitle: T\n---\n\n".to_owned();
    for n in 0..300 {
        text.push_str(&format!(
            "Paragraph with {{finding:f#totals.{n}.origin}} and words.[^n{n}] {{#p-{n}}}\n\n"
        ));
    }
    for n in 0..100 {
        text.push_str(&format!(
            "::: table #t-{n}\nCaption: C\n| a | b |\n| c | d |\nSource: S\n:::\n\n"
        ));
    }
    for n in 0..300 {
        text.push_str(&format!("[^n{n}]: Note.\n"));
    }
    let begun = std::time::Instant::now();
    let document = read(&text);
    assert_eq!(lint(&document), []);
    assert_eq!(redline(&document, &document).count(Mark::Changed), 0);
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    assert_eq!(document.blocks.len(), 400);
}

/// The example of the manual has them line below line.
#[test]
fn notes_and_abbreviations_may_stand_line_below_line() {
    let text = "---\ntitle: T\n---\n\nWords.[^a] More[^b]\n[^a]: One\nline.\n[^b]: Two.\n*[ABC]: a thing\n*[DEF]: another\n";
    let (document, faults) = parse(text);
    assert_eq!(faults, []);
    assert_eq!(document.blocks.len(), 1);
    assert_eq!(document.notes.len(), 2);
    let short: Vec<&str> = document
        .abbreviations
        .iter()
        .map(|(it, _)| it.as_str())
        .collect();
    assert_eq!(short, ["ABC", "DEF"]);
    let unused = lint(&document);
    let lines: Vec<usize> = unused.iter().map(|fault| fault.place.line).collect();
    assert_eq!(lines, [9, 10], "each is told where it stands: {unused:?}");
}
