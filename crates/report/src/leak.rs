//! The check of finished bytes for what they must not hold.
//!
//! An edition is rendered without what is private. This looks at what came out all the same, at text, metadata, titles of
//! drawings, attachments and file names: a renderer has faults, and a leak burns a source. A private string is looked for
//! as it is, in any case and spacing, through the escapes of HTML, JSON, Markdown and URLs, in UTF-16, hexadecimal and
//! base64, and by its unsalted hash, which anybody could guess it from.
//!
//! Fails on: what is compressed or encrypted, a paraphrase, and a string of fewer than three letters and digits.

use std::collections::BTreeMap;

/// A string that must not leave.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Private {
    /// The string.
    pub text: String,
    /// What it is, in words that give nothing away: "the name of source s1".
    pub what: String,
    /// Other texts that would give it away, as they stand: hashes of it.
    pub also: Vec<String>,
}

/// A private string that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// What it is.
    pub what: String,
    /// In which file; `name of FILE` where the name itself holds it.
    pub file: String,
    /// In which form.
    pub form: &'static str,
}

/// Looks through files for private strings. Each string is told once for each file that it is found in.
pub fn leaks(files: &[(String, Vec<u8>)], private: &[Private]) -> Vec<Leak> {
    let needles: Vec<Needle<'_>> = private.iter().filter_map(Needle::of).collect();
    let mut found = Vec::new();
    for (name, bytes) in files {
        let of_name = (format!("name of {name}"), Haystack::of(name.as_bytes()));
        for (file, haystack) in [(name.clone(), Haystack::of(bytes)), of_name] {
            found.extend(needles.iter().filter_map(|needle| {
                let form = haystack.holds(needle)?;
                Some(Leak {
                    what: needle.what.to_owned(),
                    file: file.clone(),
                    form,
                })
            }));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Those of some strings that a text holds.
pub fn held<'a>(text: &str, strings: &'a [Private]) -> Vec<&'a Private> {
    let haystack = Haystack::of(text.as_bytes());
    let holds = |string: &&Private| {
        Needle::of(string).is_some_and(|needle| haystack.holds(&needle).is_some())
    };
    strings.iter().filter(holds).collect()
}

/// Letters and digits that a string must have to be looked for.
const LETTERS_MIN: usize = 3;

/// From so many letters and digits on, a string is looked for without regard to spacing, and encoded.
const LONG: usize = 8;

/// What is looked for, in every form.
struct Needle<'a> {
    what: &'a str,
    /// Words in small letters.
    words: Vec<String>,
    /// The same without anything between.
    squeezed: String,
    /// Encodings, as bytes.
    encoded: Vec<(&'static str, Vec<u8>)>,
}

impl<'a> Needle<'a> {
    fn of(private: &'a Private) -> Option<Self> {
        let words = words(&private.text);
        let squeezed = words.concat();
        if squeezed.chars().count() < LETTERS_MIN {
            return None;
        }
        let mut encoded: Vec<(&'static str, Vec<u8>)> = private
            .also
            .iter()
            .map(|text| ("hash", text.to_lowercase().into_bytes()))
            .collect();
        let text = private.text.trim();
        if squeezed.chars().count() >= LONG {
            encoded.extend(
                base64(text.as_bytes())
                    .into_iter()
                    .map(|form| ("base64", form)),
            );
            let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            encoded.push(("hexadecimal", hex.into_bytes()));
        }
        let units: Vec<u16> = text.encode_utf16().collect();
        encoded.push((
            "UTF-16",
            units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        ));
        encoded.push((
            "UTF-16",
            units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        ));
        Some(Self {
            what: &private.what,
            words,
            squeezed,
            encoded,
        })
    }
}

/// Bytes in the forms in which strings are looked for.
struct Haystack {
    bytes: Vec<u8>,
    lower: Vec<u8>,
    readings: Vec<Reading>,
}

/// The words of a text, once an escape is undone.
struct Reading {
    form: &'static str,
    words: Vec<String>,
    places: BTreeMap<String, Vec<usize>>,
    squeezed: String,
}

impl Haystack {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let mut readings = vec![Reading::of("text", &text)];
        let mut add = |form, read: String| {
            if read != text {
                readings.push(Reading::of(form, &read));
            }
        };
        let unescaped = unescaped(&text);
        add("JSON", json(&text));
        add("URL", percent(&text));
        add("HTML", without_tags(&unescaped));
        add("HTML", unescaped);
        add("spelled out", spelled(&text));
        Self {
            lower: bytes.to_ascii_lowercase(),
            bytes: bytes.to_vec(),
            readings,
        }
    }

    fn holds(&self, needle: &Needle<'_>) -> Option<&'static str> {
        let reading = self.readings.iter().find(|reading| reading.holds(needle));
        if let Some(reading) = reading {
            return Some(reading.form);
        }
        let mut encoded = needle.encoded.iter();
        let found = encoded.find(|(form, bytes)| {
            let exact = matches!(*form, "base64" | "UTF-16");
            holds_bytes(if exact { &self.bytes } else { &self.lower }, bytes)
        });
        found.map(|(form, _)| *form)
    }
}

impl Reading {
    fn of(form: &'static str, text: &str) -> Self {
        let words = words(text);
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, word) in words.iter().enumerate() {
            places.entry(word.clone()).or_default().push(at);
        }
        Self {
            form,
            squeezed: words.concat(),
            words,
            places,
        }
    }

    fn holds(&self, needle: &Needle<'_>) -> bool {
        let first = needle.words.first().and_then(|word| self.places.get(word));
        let whole = first
            .into_iter()
            .flatten()
            .any(|at| self.words.get(*at..*at + needle.words.len()) == Some(&needle.words[..]));
        let long = needle.squeezed.chars().count() >= LONG;
        whole || long && self.squeezed.contains(&needle.squeezed)
    }
}

/// The words of a text in small letters; all that is no letter and no digit parts them.
fn words(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !c.is_alphanumeric());
    let split = split.filter(|word| !word.is_empty());
    split
        .map(|word| word.chars().flat_map(char::to_lowercase).collect())
        .collect()
}

fn holds_bytes(bytes: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else {
        return false;
    };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// Base64 of a text at each of the three places where it can begin, without the digits that depend on its neighbours.
fn base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let encode = |bytes: &[u8]| -> Vec<u8> {
        let whole = bytes.chunks_exact(3);
        let digit = |value: u32| DIGITS[usize::try_from(value & 63).unwrap_or(0)];
        let groups = whole.flat_map(|group| {
            let value = group
                .iter()
                .fold(0, |value, byte| (value << 8) | u32::from(*byte));
            [
                digit(value >> 18),
                digit(value >> 12),
                digit(value >> 6),
                digit(value),
            ]
        });
        groups.collect()
    };
    let shifted = (0..3).filter_map(|skip| bytes.get(skip..).map(encode));
    shifted.filter(|form| form.len() >= 8).collect()
}

/// Text with the escapes of HTML undone.
fn unescaped(text: &str) -> String {
    const NAMED: &[(&str, char)] = &[
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find(';').filter(|end| *end <= 10);
        let named = end.and_then(|end| {
            let name = rest.get(..end)?;
            let code = match name.strip_prefix('#') {
                Some(digits) => match digits.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => digits.parse().ok(),
                },
                None => None,
            };
            let known = NAMED.iter().find(|(known, _)| *known == name);
            let c = code.and_then(char::from_u32).or(known.map(|(_, c)| *c))?;
            Some((c, end))
        });
        match named {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => out.push('&'),
        }
    }
    out + rest
}

/// Text without tags: a name may be cut by one.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        match rest[at..].find('>') {
            Some(end) => rest = &rest[at + end + 1..],
            None => return out + &rest[at..],
        }
    }
    out + rest
}

/// Text with the escapes of JSON undone, wherever they stand.
fn json(text: &str) -> String {
    let mut units: Vec<u16> = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let (before, after) = match rest.find('\\') {
            Some(at) => (&rest[..at], &rest[at + 1..]),
            None => (rest, ""),
        };
        if !before.is_empty() && !units.is_empty() {
            out.push_str(&String::from_utf16_lossy(&units));
            units.clear();
        }
        out.push_str(before);
        if before.len() == rest.len() {
            break;
        }
        let code = after.strip_prefix('u').and_then(|hex| hex.get(..4));
        match code.and_then(|hex| u16::from_str_radix(hex, 16).ok()) {
            Some(unit) => {
                units.push(unit);
                rest = &after[5..];
            }
            None => {
                out.push_str(&String::from_utf16_lossy(&units));
                units.clear();
                // `\n` parts words, `\"` and `\\` are themselves.
                let letter = after.starts_with(['n', 't', 'r', 'b', 'f']);
                out.push(if letter { ' ' } else { '\\' });
                rest = if letter { &after[1..] } else { after };
            }
        }
        if rest.is_empty() {
            break;
        }
    }
    out + &String::from_utf16_lossy(&units)
}

/// Text with the escapes of URLs undone.
fn percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte.filter(|_| bytes[at] == b'%') {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Text with `⟦U+202E⟧` and the like taken out: what hid between letters parts no words.
fn spelled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("⟦U+") {
        out.push_str(&rest[..at]);
        match rest[at..].find('⟧') {
            Some(end) => rest = &rest[at + end + '⟧'.len_utf8()..],
            None => return out + &rest[at..],
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, within: &[u8]) -> Option<&'static str> {
        let private = Private {
            text: text.to_owned(),
            what: "it".to_owned(),
            also: vec!["ab".repeat(32)],
        };
        let files = [("f.html".to_owned(), within.to_vec())];
        leaks(&files, &[private]).first().map(|leak| leak.form)
    }

    #[test]
    fn a_private_string_is_found_in_every_form() {
        let name = "Agent Müller, Ministry \"X\"";
        for (within, form) in [
            ("… agent müller ministry X …", "text"),
            ("AGENT\n  MÜLLER - Ministry_X", "text"),
            ("AgentMüllerMinistryX.pdf", "text"),
            ("Agent M&#252;ller, Ministry &quot;X&quot;", "HTML"),
            ("<b>Ag</b>ent M&uuml<i></i>ller", "none"),
            ("Agent <b>Mül</b>ler, Ministry X", "HTML"),
            (r"Agent M\u00fcller, Ministry \u0022X\u0022", "JSON"),
            ("Agent%20M%C3%BCller%2C%20Ministry%20%22X%22", "URL"),
            ("Agent M⟦U+200B⟧üller Ministry X", "spelled out"),
            ("QWdlbnQgTcO8bGxlciwgTWluaXN0cnkgIlgi", "base64"),
            ("xQWdlbnQgTcO8bGxlciwgTWluaXN0cnkgIlgi", "base64"),
            (
                "4167656E74204DC3BC6C6C65722C204D696E697374727920225822",
                "hexadecimal",
            ),
        ] {
            let expected = (form != "none").then_some(form);
            assert_eq!(found(name, within.as_bytes()), expected, "{within}");
        }
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(found(name, &wide), Some("UTF-16"));
        assert_eq!(found(name, "AB".repeat(32).as_bytes()), Some("hash"));
        assert_eq!(found(name, b"Agent Smith of the ministry"), None);
    }

    #[test]
    fn a_file_name_is_looked_through_and_short_words_are_whole() {
        let private = |text: &str| Private {
            text: text.to_owned(),
            what: "it".to_owned(),
            also: Vec::new(),
        };
        let files = [("figures/mueller-tip.svg".to_owned(), b"thesis".to_vec())];
        let all = leaks(
            &files,
            &[private("Mueller tip"), private("his"), private("a")],
        );
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].file, "name of figures/mueller-tip.svg");
    }
}
