//! Cells as text: what hides in them, and what a spreadsheet has done to them.
//!
//! A text that people read (a name, a note) is kept as it is, with a warning; an id, a symbol or an address with a
//! character that cannot be seen is refused, since it would pass for another. Nothing in a cell is ever run.

/// How strictly a cell is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Read by people; may have lines.
    Prose,
    /// Read by people; one line.
    Name,
    /// Read by the program: ids, symbols, addresses, dates, marks.
    Strict,
    /// A number, which is checked where it is read.
    Number,
}

/// The longest cell of each kind, in characters.
const LENGTHS: [(Kind, usize); 4] = [
    (Kind::Prose, 8000),
    (Kind::Name, 500),
    (Kind::Strict, 8000),
    (Kind::Number, 200),
];

const SPREADSHEET: &[&str] = &[
    "#REF!",
    "#VALUE!",
    "#N/A",
    "#NAME?",
    "#DIV/0!",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#ERROR!",
    "#GETTING_DATA",
    "#FIELD!",
    "#BLOCKED!",
];

/// What UTF-8 looks like after it was read as Windows-1252 and written anew.
const MOJIBAKE: &[&str] = &[
    "Ã©",
    "Ã¨",
    "Ã¼",
    "Ã¶",
    "Ã¤",
    "Ã±",
    "Ã¡",
    "Ã³",
    "Ã\u{ad}",
    "Ãº",
    "â€™",
    "â€œ",
    "â€\u{9d}",
    "â€“",
    "â€”",
    "Â£",
    "Â ",
    "Â°",
    "ï»¿",
    "ì\u{9c}",
    "ë¹",
];

/// The text of a cell, `None` where there is none, and warnings about it.
///
/// # Errors
/// Why it cannot be taken.
pub(super) fn read(
    cell: &str,
    kind: Kind,
    warn: &mut Vec<String>,
) -> Result<Option<String>, String> {
    let text = cell.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let longest = LENGTHS
        .iter()
        .find(|(of, _)| *of == kind)
        .map_or(0, |(_, length)| *length);
    let length = text.chars().count();
    if length > longest {
        return Err(format!(
            "it has {length} characters, and at most {longest} are read"
        ));
    }
    let upper = text.to_ascii_uppercase();
    if SPREADSHEET.iter().any(|error| upper.contains(error))
        || text.len() > 3 && text.bytes().all(|byte| byte == b'#')
    {
        return Err("it is a spreadsheet's error, not a value".to_owned());
    }
    if kind != Kind::Prose && text.contains(['\n', '\r']) {
        return Err("a line break stands in the cell".to_owned());
    }
    if let Some(c) = text
        .chars()
        .find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(format!(
            "it holds the control character U+{:04X}",
            u32::from(c)
        ));
    }
    let people = matches!(kind, Kind::Prose | Kind::Name);
    if let Some(why) = hidden(text)
        .or_else(|| mixed(text))
        .or_else(|| (kind == Kind::Strict).then(|| foreign(text)).flatten())
    {
        if !people {
            return Err(why);
        }
        warn.push(format!("{why}; it is kept as it is"));
    }
    if text.contains('\u{fffd}') || MOJIBAKE.iter().any(|mark| text.contains(mark)) {
        warn.push(
            "characters were lost or mistaken when the file was written; it is kept as it is"
                .to_owned(),
        );
    }
    if people && text.chars().count() > 1 && text.starts_with(['=', '+', '-', '@']) {
        warn.push(
            "it looks like a spreadsheet's formula; it is kept as text, and never run".to_owned(),
        );
    }
    Ok(Some(text.to_owned()))
}

/// The first character of a text that no text for people needs: a control character, one that cannot be seen, or one
/// that turns text around.
pub(crate) fn treacherous(text: &str) -> Option<char> {
    let is_control = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    text.chars().find(|c| is_control(c) || hides(*c))
}

/// Whether a character cannot be seen, or turns text around.
fn hides(c: char) -> bool {
    matches!(u32::from(c),
        0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x3164 | 0xFEFF | 0xFFA0
        | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F | 0xE0000..=0xE0FFF)
}

/// A character that cannot be seen, or turns text around.
fn hidden(text: &str) -> Option<String> {
    let found = text.chars().find(|c| hides(*c))?;
    Some(format!(
        "it holds U+{:04X}, which cannot be seen",
        u32::from(found)
    ))
}

/// A word of two alphabets, one of which imitates the other.
fn mixed(text: &str) -> Option<String> {
    for word in text.split(|c: char| !c.is_alphabetic()) {
        let latin = word
            .chars()
            .any(|c| c.is_ascii_alphabetic() || matches!(u32::from(c), 0xC0..=0x24F));
        let other = word.chars().find(|c| matches!(u32::from(*c), 0x370..=0x3FF | 0x400..=0x52F | 0x530..=0x58F | 0x13A0..=0x13FF | 0xFF21..=0xFF5A));
        if let (true, Some(other)) = (latin, other) {
            return Some(format!(
                "a word mixes alphabets: `{other}` is U+{:04X} and no Latin letter",
                u32::from(other)
            ));
        }
    }
    None
}

/// Any letter or figure outside ASCII.
fn foreign(text: &str) -> Option<String> {
    let found = text.chars().find(|c| !c.is_ascii() && !c.is_whitespace())?;
    Some(format!(
        "it holds `{found}` (U+{:04X}), which is no letter of an id, a symbol or an address",
        u32::from(found)
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn warnings(cell: &str, kind: Kind) -> Vec<String> {
        let mut warn = Vec::new();
        read(cell, kind, &mut warn).unwrap();
        warn
    }

    #[test]
    fn what_hides_is_refused_in_ids_and_told_in_names() {
        for hidden in [
            "USD\u{422}",
            "US\u{200b}DT",
            "USDT\u{202e}",
            "\u{412}\u{422}\u{421}",
            "ＵＳＤＴ",
            "USD₮",
        ] {
            assert!(
                read(hidden, Kind::Strict, &mut Vec::new()).is_err(),
                "{hidden}"
            );
        }
        for hidden in ["KuC\u{43e}in", "Ku\u{200b}Coin"] {
            assert_eq!(warnings(hidden, Kind::Name).len(), 1, "{hidden}");
        }
        assert!(warnings("Биржа", Kind::Name).is_empty());
        assert!(warnings("유빗 (YouBit)", Kind::Name).is_empty());
    }

    #[test]
    fn the_traces_of_spreadsheets_are_found_and_formulas_are_text() {
        for damaged in ["#REF!", "#N/A", "######", "=A1+#REF!"] {
            assert!(
                read(damaged, Kind::Number, &mut Vec::new()).is_err(),
                "{damaged}"
            );
            assert!(
                read(damaged, Kind::Prose, &mut Vec::new()).is_err(),
                "{damaged}"
            );
        }
        assert_eq!(warnings("=HYPERLINK(\"http://x\")", Kind::Prose).len(), 1);
        assert_eq!(warnings("KuCoinâ€™s", Kind::Name).len(), 1);
        assert!(read("a\nb", Kind::Name, &mut Vec::new()).is_err());
        assert!(read("a\nb", Kind::Prose, &mut Vec::new()).is_ok());
        assert!(read("a\u{7}b", Kind::Prose, &mut Vec::new()).is_err());
        assert!(read(&"x".repeat(501), Kind::Name, &mut Vec::new()).is_err());
        assert_eq!(read(" \u{a0} ", Kind::Name, &mut Vec::new()).unwrap(), None);
    }
}
