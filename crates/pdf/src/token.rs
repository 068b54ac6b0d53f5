//! The words of a PDF: names, numbers, strings, brackets.
//!
//! Only as far as files of ours need it, and strict: what it does not know is an error of the caller's, never skipped.

/// A word of a PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// `/Name`
    Name(String),
    /// `(text)` or `<hex>`, decoded.
    Text(Vec<u8>),
    /// `<<`, `>>`, `[`, `]`, numbers and operators.
    Word(String),
}

impl Token {
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(it) if it == word)
    }

    pub(crate) fn is_name(&self, name: &str) -> bool {
        matches!(self, Self::Name(it) if it == name)
    }

    pub(crate) fn number(&self) -> Option<usize> {
        match self {
            Self::Word(it) => it.parse().ok(),
            _ => None,
        }
    }
}

/// Reads the word at a place; `None` at the end. The place is moved behind it.
pub(crate) fn next(bytes: &[u8], at: &mut usize) -> Option<Token> {
    loop {
        let byte = *bytes.get(*at)?;
        if is_space(byte) {
            *at += 1;
        } else if byte == b'%' {
            while bytes
                .get(*at)
                .is_some_and(|byte| !matches!(byte, b'\n' | b'\r'))
            {
                *at += 1;
            }
        } else {
            break;
        }
    }
    let two = bytes.get(*at..*at + 2);
    if let Some(pair @ (b"<<" | b">>")) = two {
        *at += 2;
        return Some(Token::Word(String::from_utf8_lossy(pair).into_owned()));
    }
    match bytes[*at] {
        b'(' => Some(Token::Text(literal(bytes, at))),
        b'<' => Some(Token::Text(hexadecimal(bytes, at))),
        b'/' => {
            *at += 1;
            Some(Token::Name(regular(bytes, at)))
        }
        byte @ (b'[' | b']' | b'{' | b'}' | b')' | b'>') => {
            *at += 1;
            Some(Token::Word(char::from(byte).to_string()))
        }
        _ => Some(Token::Word(regular(bytes, at))),
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b'\x0c' | 0)
}

fn regular(bytes: &[u8], at: &mut usize) -> String {
    let begin = *at;
    while bytes
        .get(*at)
        .is_some_and(|byte| !is_space(*byte) && !b"()<>[]{}/%".contains(byte))
    {
        *at += 1;
    }
    String::from_utf8_lossy(&bytes[begin..*at]).into_owned()
}

fn literal(bytes: &[u8], at: &mut usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(*at).copied() {
        *at += 1;
        match byte {
            b'(' => {
                depth += 1;
                if depth > 1 {
                    out.push(byte);
                }
            }
            b')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
                out.push(byte);
            }
            b'\\' => escape(bytes, at, &mut out),
            _ => out.push(byte),
        }
    }
    out
}

fn escape(bytes: &[u8], at: &mut usize, out: &mut Vec<u8>) {
    let Some(byte) = bytes.get(*at).copied() else {
        return;
    };
    *at += 1;
    match byte {
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'b' => out.push(8),
        b'f' => out.push(12),
        b'\n' => {}
        b'0'..=b'7' => {
            let mut value = u32::from(byte - b'0');
            for _ in 0..2 {
                match bytes.get(*at) {
                    Some(digit @ b'0'..=b'7') => {
                        value = value * 8 + u32::from(digit - b'0');
                        *at += 1;
                    }
                    _ => break,
                }
            }
            out.push(u8::try_from(value & 255).unwrap_or(0));
        }
        other => out.push(other),
    }
}

fn hexadecimal(bytes: &[u8], at: &mut usize) -> Vec<u8> {
    *at += 1;
    let mut digits = Vec::new();
    while let Some(byte) = bytes.get(*at).copied() {
        *at += 1;
        match char::from(byte).to_digit(16) {
            Some(digit) => digits.push(u8::try_from(digit).unwrap_or(0)),
            None if byte == b'>' => break,
            None => {}
        }
    }
    if digits.len() % 2 == 1 {
        digits.push(0);
    }
    digits
        .chunks_exact(2)
        .map(|pair| pair[0] * 16 + pair[1])
        .collect()
}

/// A string of a dictionary as text: UTF-16 where it says so, else a byte a letter.
pub(crate) fn as_text(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units: Vec<u16> = rest
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                .collect();
            String::from_utf16_lossy(&units)
        }
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_decoded_in_every_form() {
        let bytes = br"<</T(a\)b\(c\\ \101(in))/H<4d7 5>/U<FEFF00e9>>>[1 -2.5]TJ % end";
        let mut at = 0;
        let mut all = Vec::new();
        while let Some(token) = next(bytes, &mut at) {
            all.push(token);
        }
        let text = |text: &str| Token::Text(text.as_bytes().to_vec());
        assert_eq!(all[2], text(r"a)b(c\ A(in)"));
        assert_eq!(all[4], text("Mu"));
        assert!(matches!(&all[6], Token::Text(bytes) if as_text(bytes) == "é"));
        let rest: Vec<bool> = ["]", "TJ"]
            .iter()
            .map(|word| all.iter().any(|it| it.is(word)))
            .collect();
        assert_eq!(rest, [true, true]);
    }
}
