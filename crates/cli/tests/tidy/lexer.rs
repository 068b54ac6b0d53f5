//! Just enough of Rust's surface to read sources: what is code, what is test, where functions end.
//!
//! A brace matcher over text from which comments and literals are blanked. It exists so that the
//! house rules need no parser dependency.
//!
//! Not here: syntax trees, macros, `cfg` other than `test`. A brace inside a const generic of a
//! signature would end it early.

/// A function with a body: its name, the line of its `fn` (from 1), and how many lines it spans.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

/// The source with comments and literals blanked by spaces; offsets and lines stay as they were.
pub fn code_only(source: &str) -> String {
    let mut bytes = source.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        match opaque_end(&bytes, at) {
            Some(end) => {
                blank(&mut bytes[at..end]);
                at = end;
            }
            None => at += 1,
        }
    }
    String::from_utf8(bytes).expect("whole comments and literals are blanked, so UTF-8 stays whole")
}

/// The code (as [`code_only`] leaves it) with `#[test]` and `#[cfg(test)]` items blanked as well.
pub fn without_tests(code: &str) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for attribute in ["#[cfg(test)]", "#[test]"] {
        for (start, _) in code.match_indices(attribute) {
            let end = match body(code, start + attribute.len()) {
                Some(open) => closing(code, open),
                None => start + attribute.len(),
            };
            blank(&mut bytes[start..end]);
        }
    }
    String::from_utf8(bytes).expect("items start and end at ASCII, so UTF-8 stays whole")
}

/// Every function with a body in `code` (as [`code_only`] leaves it).
pub fn functions(code: &str) -> Vec<Function> {
    words(code, "fn")
        .filter_map(|at| {
            let name = identifier(code[at + 2..].trim_start());
            let open = body(code, at + 2)?;
            let close = closing(code, open);
            (!name.is_empty()).then(|| Function {
                name: name.to_owned(),
                line: line_of(code, at),
                lines: code[at..close].matches('\n').count() + 1,
            })
        })
        .collect()
}

/// Where `word` stands in `text` as a word of its own (`fn` in `fn f`, not in `fnord`).
pub fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |&at| {
            let before = text[..at].bytes().next_back();
            let after = text[at + word.len()..].bytes().next();
            let open_ended = !word.bytes().next_back().is_some_and(is_identifier);
            !before.is_some_and(is_identifier) && (open_ended || !after.is_some_and(is_identifier))
        })
}

/// The line (from 1) on which the byte `at` stands.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// The identifier that `text` opens with; empty if it opens with none.
pub fn identifier(text: &str) -> &str {
    let end = text
        .bytes()
        .position(|byte| !is_identifier(byte))
        .unwrap_or(text.len());
    &text[..end]
}

/// The end (one past the last byte) of the brackets that open at `open`; the end of text if they never close.
pub fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// The brace that opens the body of the item whose head runs on from `from`; none if a `;` ends it first.
fn body(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'{' if depth == 0 => return Some(at),
            b';' | b'}' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// If a comment or a literal starts at `at`: one past its last byte.
fn opaque_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let length = match rest[0] {
        b'/' if rest.starts_with(b"//") => find(rest, b"\n").unwrap_or(rest.len()),
        b'/' if rest.starts_with(b"/*") => block_comment(rest),
        b'"' => quoted(rest),
        b'r' if starts_literal(bytes, at) => raw_string(rest)?,
        b'\'' => character(rest)?,
        _ => return None,
    };
    Some(at + length)
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (at, depth) = (at + 2, depth + 1),
            [b'*', b'/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// `r"…"` or `r#"…"#`; none for `r#identifier` and for a plain `r`.
fn raw_string(rest: &[u8]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    let open = 1 + hashes;
    if rest.get(open) != Some(&b'"') {
        return None;
    }
    let mut end = vec![b'"'];
    end.resize(1 + hashes, b'#');
    let inside = &rest[open + 1..];
    Some(find(inside, &end).map_or(rest.len(), |at| open + 1 + at + end.len()))
}

/// `'c'` or `'\n'`; none for a lifetime.
fn character(rest: &[u8]) -> Option<usize> {
    let length = match *rest.get(1)? {
        b'\\' => return find(rest.get(3..)?, b"'").map(|at| 3 + at + 1),
        byte if byte < 0x80 => 1,
        byte if byte < 0xe0 => 2,
        byte if byte < 0xf0 => 3,
        _ => 4,
    };
    (rest.get(1 + length) == Some(&b'\'')).then_some(length + 2)
}

/// Whether the `r` at `at` can open a raw string: nothing but a `b` or `c` prefix runs into it.
fn starts_literal(bytes: &[u8], at: usize) -> bool {
    let mut before = bytes[..at].iter().rev().copied();
    match before.next() {
        Some(b'b' | b'c') => !before.next().is_some_and(is_identifier),
        other => !other.is_some_and(is_identifier),
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
