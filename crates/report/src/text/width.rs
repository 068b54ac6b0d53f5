//! How wide a text will be, without a font: a cautious estimate, in hundredths of a pixel.
//!
//! A figure is drawn before anybody knows which font shows it. The widths are those of common system fonts rounded
//! up, so that a text cut to fit a box fits it; the box's padding takes up what the widest fonts need beyond that.
//!
//! Not here: shaping of complex scripts; their characters are counted as full squares.

/// The faces used in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    /// The system's sans-serif.
    Sans,
    /// The same, semi-bold or bold: for titles.
    Bold,
    /// The system's monospace, for addresses.
    Mono,
}

/// The estimated width of a text at a font size, both in hundredths of a pixel.
pub(crate) fn width_of(text: &str, face: Face, size: i64) -> i64 {
    text.chars().map(|c| advance(c, face) * size / 1000).sum()
}

/// Cuts a text to a width, with `…` where something is missing.
pub(crate) fn fit(text: &str, face: Face, size: i64, width: i64) -> String {
    if width_of(text, face, size) <= width {
        return text.to_owned();
    }
    let room = width - width_of("…", face, size);
    let mut used = 0;
    let kept: String = text
        .chars()
        .take_while(|&c| {
            used += advance(c, face) * size / 1000;
            used <= room
        })
        .collect();
    format!("{}…", kept.trim_end_matches([' ', '…']))
}

/// The advance of a character in thousandths of the font size.
fn advance(c: char, face: Face) -> i64 {
    if !c.is_ascii() && !matches!(c, '…' | '·' | '–' | '—') {
        return if u32::from(c) < 0x0500 { 760 } else { 1050 };
    }
    let regular = match c {
        _ if face == Face::Mono => return 625,
        'i' | 'j' | 'l' | '.' | ',' | '\'' | ':' | ';' | '|' | '!' | ' ' | 'I' | '·' => 330,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' => 420,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' => 980,
        'A'..='Z' | '<' | '>' | '=' | '+' | '#' | '~' | '^' | '&' => 740,
        _ => 580,
    };
    if face == Face::Bold {
        regular * 27 / 25
    } else {
        regular
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_fits() {
        for width in [2_000, 5_000, 12_000] {
            let cut = fit(
                "Wallet of the Ronin bridge exploiter, second hop",
                Face::Sans,
                1_200,
                width,
            );
            assert!(width_of(&cut, Face::Sans, 1_200) <= width);
            assert!(cut.ends_with('…'));
        }
        assert_eq!(fit("short", Face::Mono, 1_000, 9_000), "short");
    }
}
