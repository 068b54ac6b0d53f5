//! A tiny reader of markup: enough to tell that every tag is closed, every attribute quoted, every sign escaped.
//!
//! It knows the elements HTML never closes and that style sheets are not markup. It is no HTML parser.

/// One opening tag: its name and its attributes.
#[derive(Debug)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

const VOID: [&str; 4] = ["meta", "link", "br", "wbr"];

/// Reads a document, panics where it is not well-formed, and returns its opening tags.
pub fn read(document: &str) -> Vec<Tag> {
    let mut rest = document.strip_prefix("<!DOCTYPE html>").unwrap_or(document);
    let (mut tags, mut open): (Vec<Tag>, Vec<String>) = Default::default();
    while let Some(at) = rest.find('<') {
        check_text(&rest[..at]);
        let end = at
            + rest[at..]
                .find('>')
                .unwrap_or_else(|| panic!("an open tag at {:.60}", &rest[at..]));
        let inside = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed in order");
            continue;
        }
        let tag = read_tag(inside.trim_end_matches('/'));
        if !inside.ends_with('/') && !VOID.contains(&tag.name.as_str()) {
            open.push(tag.name.clone());
        }
        if tag.name == "style" && !inside.ends_with('/') {
            rest = &rest[rest.find("</style>").expect("a style sheet ends")..];
        }
        tags.push(tag);
    }
    check_text(rest);
    assert!(open.is_empty(), "left open: {open:?}");
    tags
}

fn read_tag(inside: &str) -> Tag {
    let (name, mut rest) = inside.split_once([' ', '\n']).unwrap_or((inside, ""));
    assert!(
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()),
        "a tag's name: {name:?}"
    );
    let mut attributes = Vec::new();
    while !rest.trim().is_empty() {
        let (key, value) = rest
            .trim_start()
            .split_once("=\"")
            .unwrap_or_else(|| panic!("unquoted: {rest:?}"));
        let (value, after) = value
            .split_once('"')
            .unwrap_or_else(|| panic!("not closed: {rest:?}"));
        assert!(
            key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
            "an attribute's name: {key:?}"
        );
        check_text(value);
        attributes.push((key.to_owned(), value.to_owned()));
        rest = after;
    }
    let mut names: Vec<&str> = attributes.iter().map(|(key, _)| key.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names.len(),
        attributes.len(),
        "an attribute twice in {inside:?}"
    );
    Tag {
        name: name.to_owned(),
        attributes,
    }
}

fn check_text(text: &str) {
    assert!(!text.contains(['<', '>']), "unescaped: {text:?}");
    for (at, _) in text.match_indices('&') {
        let entity = text[at + 1..].split(';').next().unwrap_or_default();
        assert!(
            ["amp", "lt", "gt", "quot", "#39", "#96"].contains(&entity),
            "unescaped: {:.40}",
            &text[at..]
        );
    }
}

#[test]
#[should_panic(expected = "closed in order")]
fn the_reader_sees_a_crossed_tag() {
    read("<p><b>x</p></b>");
}

#[test]
#[should_panic(expected = "left open")]
fn the_reader_sees_an_open_tag() {
    read("<p>x<br>");
}
