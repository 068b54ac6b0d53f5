//! Where two results differ: the places in their JSON, with both values.

use crate::canonical::Json;

/// Values longer than this many characters are cut in a difference.
const SHOWN_MAX: usize = 200;

/// One place where two values differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The place, such as `endpoints[3].amount`; empty for the whole.
    pub path: String,
    /// What is kept there; `nothing` where there is no such place.
    pub expected: String,
    /// What was computed.
    pub found: String,
}

/// The places where two values differ, in their order, no more than asked for.
#[must_use]
pub fn differences(expected: &Json, found: &Json, limit: usize) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare(
        String::new(),
        Some(expected),
        Some(found),
        (limit, &mut differences),
    );
    differences
}

fn compare(
    path: String,
    expected: Option<&Json>,
    found: Option<&Json>,
    (limit, into): (usize, &mut Vec<Difference>),
) {
    if into.len() >= limit || expected == found {
        return;
    }
    match (expected, found) {
        (Some(Json::Object(a)), Some(Json::Object(b))) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let dot = if path.is_empty() { "" } else { "." };
                compare(
                    format!("{path}{dot}{key}"),
                    a.get(key),
                    b.get(key),
                    (limit, into),
                );
            }
        }
        (Some(Json::List(a)), Some(Json::List(b))) => {
            for place in 0..a.len().max(b.len()) {
                compare(
                    format!("{path}[{place}]"),
                    a.get(place),
                    b.get(place),
                    (limit, into),
                );
            }
        }
        _ => into.push(Difference {
            path,
            expected: shown(expected),
            found: shown(found),
        }),
    }
}

/// A value as a difference shows it: text without quotes, everything else as JSON, long ones cut.
fn shown(value: Option<&Json>) -> String {
    let text = match value {
        None => "nothing".to_owned(),
        Some(Json::Text(text)) => text.clone(),
        Some(value) => value.canonical(),
    };
    if text.chars().count() <= SHOWN_MAX {
        return text;
    }
    let cut: String = text.chars().take(SHOWN_MAX).collect();
    cut + "…"
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Json {
        Json::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn each_place_is_named_with_both_values() {
        let kept = read(r#"{"a":[{"b":"1"},{"b":"2"}],"c":null}"#);
        assert_eq!(differences(&kept, &kept, 9), []);
        let found = read(r#"{"a":[{"b":"1"},{"b":"3"},{"b":"4"}],"d":true}"#);
        let told: Vec<(String, String, String)> = differences(&kept, &found, 9)
            .into_iter()
            .map(|at| (at.path, at.expected, at.found))
            .collect();
        let row = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            told,
            [
                row("a[1].b", "2", "3"),
                row("a[2]", "nothing", r#"{"b":"4"}"#),
                row("c", "null", "nothing"),
                row("d", "nothing", "true"),
            ]
        );
        assert_eq!(differences(&kept, &found, 1).len(), 1);
        assert_eq!(differences(&read("\"x\""), &read("1"), 9)[0].path, "");
    }
}
