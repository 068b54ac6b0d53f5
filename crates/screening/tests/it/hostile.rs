//! Readers of strangers' bytes: cut anywhere, changed anywhere, out of all proportion. They give an error or a list,
//! and never a part of a list that calls itself whole.

use proptest::prelude::*;

use crate::support::{cut, list_of};

const FILES: &[&str] = &[
    "un.xml",
    "sdn.xml",
    "eu.xml",
    "uk.xml",
    "advanced.xml",
    "uk.csv",
    "ofac_sdn.csv",
    "pack.yaml",
];

#[test]
fn xml_that_is_cut_anywhere_is_refused() {
    for name in FILES.iter().filter(|name| name.ends_with(".xml")) {
        let bytes = std::fs::read(cut(name)).unwrap();
        let end = bytes.iter().rposition(|byte| *byte == b'>').unwrap();
        // Every place of a short file, and of a long one places that fall on no rhythm of its own.
        let step = if bytes.len() > 3000 { 7 } else { 1 };
        for length in (0..=end).step_by(step) {
            assert!(
                list_of(name, &bytes[..length]).is_err(),
                "{name} of {length} bytes"
            );
        }
    }
}

#[test]
fn tables_that_are_cut_anywhere_do_not_panic() {
    for name in FILES.iter().filter(|name| !name.ends_with(".xml")) {
        let bytes = std::fs::read(cut(name)).unwrap();
        for length in 0..bytes.len() {
            let _ = list_of(name, &bytes[..length]);
        }
    }
}

#[test]
fn what_xml_can_do_to_a_reader_is_refused_with_its_line() {
    let laughs = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]>";
    let outside = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    for (name, what) in [("laughs", laughs), ("outside", outside)] {
        let text = format!(
            "<?xml version=\"1.0\"?>\n{what}\n<sdnList><sdnEntry><uid>&x;</uid></sdnEntry></sdnList>"
        );
        let error = list_of(name, text.as_bytes()).unwrap_err().to_string();
        assert!(
            error.contains("DOCTYPE") && error.contains("line"),
            "{error}"
        );
    }
    let entity = "<sdnList>\n<sdnEntry><uid>&x;</uid></sdnEntry></sdnList>";
    let error = list_of("entity", entity.as_bytes())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("line 2") && error.contains("not expanded"),
        "{error}"
    );
    let deep = format!("<sdnList><sdnEntry>{}", "<a>".repeat(200_000));
    assert!(
        list_of("deep", deep.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("deeper")
    );
    let many = format!(
        "<sdnList><sdnEntry>{}</sdnEntry></sdnList>",
        "<a/>".repeat(200_001)
    );
    assert!(
        list_of("many", many.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("more than")
    );
    let wide: String = (0..200).map(|at| format!(" a{at}='1'")).collect();
    let wide = format!("<sdnList><sdnEntry{wide}/></sdnList>");
    assert!(
        list_of("wide", wide.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("attributes")
    );
    let cell = format!("name\n{}\n", "x".repeat(2 << 20));
    assert!(
        list_of("cell.csv", cell.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("a cell")
    );
    for (text, line) in [
        ("id,name\n1,\"Kim\n2,Pak\n3,Ri\n", "line 2"),
        ("id,name\n1,Kim\n2,\"Pak\n3,\"Ri\"\n", "line 3"),
        ("id,name\n1,\"Kim\n2,Pak\"\n3,Ri\n", "line 2"),
    ] {
        let error = list_of("quote.csv", text.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(error.contains(line) && error.contains("quote"), "{error}");
    }
    assert!(
        list_of(
            "fine.csv",
            b"id,name,note\n1,\"Kim \"\"K\"\" Chol\",\"two\nlines\"\n"
        )
        .is_ok()
    );
    assert!(list_of("nul.csv", b"name\na\0b\n").is_err());
    assert!(list_of("latin.csv", b"name\n\xff\xfe\n").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn bytes_changed_anywhere_do_not_panic(
        file in 0..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = std::fs::read(cut(FILES[file])).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = list_of(FILES[file], &bytes);
    }

    #[test]
    fn noise_is_no_list(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = list_of("noise", &bytes);
    }
}
