//! Hostile text made harmless and honest: HTML escaping, and characters that deceive the eye made visible.
//!
//! A token may be named `<img onerror=…>`, a label may carry a right-to-left override that turns `exe.gpj` into
//! `jpg.exe`. The first is escaped, the second is spelled out as `⟦U+202E⟧`; neither is dropped, because what the
//! thief wrote is evidence.
//!
//! Not here: homoglyphs in names. Letters of every script are legitimate in a name; only addresses, which are
//! ASCII by nature, have all else spelled out (`visible_ascii`).

use std::fmt::Write as _;

/// Escapes text for HTML and SVG, in element content and in quoted attributes alike.
///
/// ```
/// assert_eq!(whither_report::text::escape_html("<b a='1'>&\""), "&lt;b a=&#39;1&#39;&gt;&amp;&quot;");
/// ```
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            _ => out.push(c),
        }
    }
    out
}

/// Spells out every control, bidirectional, zero-width or otherwise invisible character by its code point, such as `⟦U+202E⟧`.
///
/// Line breaks and tabs are spelled out too: a name has none.
///
/// ```
/// assert_eq!(whither_report::text::visible("gpj\u{202e}exe"), "gpj⟦U+202E⟧exe");
/// ```
pub fn visible(text: &str) -> String {
    spell_out(text, is_treacherous)
}

/// As [`visible`], and also spells out everything outside printable ASCII: for addresses, hashes and identifiers.
pub fn visible_ascii(text: &str) -> String {
    spell_out(text, |c| !matches!(c, ' '..='~'))
}

/// Makes foreign text ready for a page: [`visible`], then [`escape_html`].
pub fn html(text: &str) -> String {
    escape_html(&visible(text))
}

/// Whether a character hides, reorders or invisibly alters its neighbours.
pub fn is_treacherous(c: char) -> bool {
    let code = u32::from(c);
    c.is_control()
        || matches!(
            code,
            0x00AD
                | 0x034F
                | 0x061C
                | 0x115F
                | 0x1160
                | 0x17B4
                | 0x17B5
                | 0x2800
                | 0x3164
                | 0xFEFF
                | 0xFFA0
        )
        || matches!(code, 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F)
        || matches!(code, 0xFDD0..=0xFDEF | 0xFE00..=0xFE0F | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF)
        || code & 0xFFFE == 0xFFFE
}

/// Whether a text has the shape of an address or a hash: long, unbroken, with digits in it.
pub fn looks_like_address(text: &str) -> bool {
    text.chars().count() >= 24
        && text.chars().any(|c| c.is_ascii_digit())
        && !text.chars().any(char::is_whitespace)
}

/// Shortens an address in its middle, keeping six characters at each end (a leading `0x` is not counted).
///
/// For drawings only: look-alike addresses are ground out by machine, so the whole address stands in the table.
///
/// ```
/// let short = whither_report::text::shorten("0x098b716b8aaf21512996dc57eb0615e2383e2f96");
/// assert_eq!(short, "0x098b71…3e2f96");
/// ```
pub fn shorten(address: &str) -> String {
    let shown = visible_ascii(address);
    let (prefix, body) = match shown.strip_prefix("0x") {
        Some(body) => ("0x", body),
        None => ("", shown.as_str()),
    };
    let chars: Vec<char> = body.chars().collect();
    if chars.len() <= 13 {
        return shown;
    }
    let head: String = chars.iter().take(6).collect();
    let tail: String = chars.iter().skip(chars.len() - 6).collect();
    format!("{prefix}{head}…{tail}")
}

fn spell_out(text: &str, hidden: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            // Writing to a string cannot fail.
            let _ = write!(out, "⟦U+{:04X}⟧", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_stays_text() {
        let hostile = "<img src=x onerror=\"alert('1')\">";
        let safe = escape_html(hostile);
        assert!(!safe.contains(['<', '>', '"', '\'']), "{safe}");
    }

    #[test]
    fn deceptive_characters_are_spelled_out() {
        for c in [
            '\u{202e}',
            '\u{2066}',
            '\u{200b}',
            '\u{feff}',
            '\0',
            '\u{1b}',
            '\n',
            '\u{85}',
            '\u{e0041}',
            '\u{ffff}',
        ] {
            let shown = visible(&format!("a{c}b"));
            assert_eq!(shown, format!("a⟦U+{:04X}⟧b", u32::from(c)));
            assert_eq!(visible(&shown), shown, "spelling out twice changes nothing");
        }
        assert_eq!(visible("Шифр, 한국, naïve"), "Шифр, 한국, naïve");
    }

    #[test]
    fn a_homoglyph_in_an_address_shows() {
        assert_eq!(visible_ascii("0x0\u{430}"), "0x0⟦U+0430⟧");
    }

    #[test]
    fn short_addresses_are_left_whole() {
        assert_eq!(shorten("0x1234567890abc"), "0x1234567890abc");
        assert_eq!(
            shorten("12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S"),
            "12cbQL…tpTu3S"
        );
    }
}
