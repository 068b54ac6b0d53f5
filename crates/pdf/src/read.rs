//! What a reader of a PDF of ours can see: its dictionaries, its streams unpacked, and the words on its pages.
//!
//! A check for private strings cannot look through a packed stream, and the words of a page are numbers of glyphs there.
//! This gives them back as text, by the fonts' own maps. It shares no code with what sets the type, and it fails closed: a
//! stream that it cannot unpack, or a glyph that it cannot read, is an error and no silence.
//!
//! Not here: PDFs of others.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::ZlibDecoder;

use crate::Fault;
use crate::order::in_order;
use crate::token::{Token, as_text, next};

/// No stream of ours is larger than this when it is unpacked.
const STREAM_MAX: u64 = 256 << 20;

/// An object of the file.
pub(crate) struct Object {
    pub(crate) number: usize,
    pub(crate) tokens: Vec<Token>,
    stream: Option<Vec<u8>>,
}

/// A map from glyphs to text.
type Glyphs = BTreeMap<u16, String>;

/// All that a reader can see, in parts: `objects`, `stream N`, of a page `words`, `lines` and `letters of stream N`, and
/// `letters of all pages`, where what goes on over a page stands together.
///
/// # Errors
/// Where something could not be read: then nothing can be said of what is in the file.
pub fn read(pdf: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let objects = objects(pdf)?;
    let glyphs = fonts(&objects)?;
    let mut parts = vec![("objects".to_owned(), strings(&objects).into_bytes())];
    let mut pages = BTreeMap::new();
    for object in &objects {
        let Some(stream) = &object.stream else {
            continue;
        };
        parts.push((format!("stream {}", object.number), stream.clone()));
        if let Some(fonts) = content_fonts(&objects, object) {
            let pieces = pieces(stream, &fonts, &glyphs)?;
            for (reading, text) in readings(&pieces) {
                parts.push((
                    format!("{reading} of stream {}", object.number),
                    text.into_bytes(),
                ));
            }
            if let Some(page) = page_of(&objects, object) {
                pages.insert(page.number, pieces);
            }
        }
    }
    let all = in_order(&objects, &pages)?;
    parts.push(("letters of all pages".to_owned(), all.into_bytes()));
    Ok(parts)
}

pub(crate) fn unreadable(what: impl Into<String>) -> Fault {
    Fault {
        what: format!("the PDF cannot be looked through: {}", what.into()),
        hint: "this is a fault of the program; give the edition out without `--to pdf`".to_owned(),
    }
}

/// The objects of the file, in its order.
fn objects(pdf: &[u8]) -> Result<Vec<Object>, Fault> {
    let mut all = Vec::new();
    let mut at = 0;
    let mut before: [Option<Token>; 2] = [None, None];
    while let Some(token) = next(pdf, &mut at) {
        if token.is("obj") {
            let number = before[0].as_ref().and_then(Token::number);
            let number = number.ok_or_else(|| unreadable("an object has no number"))?;
            all.push(object(pdf, &mut at, number)?);
        }
        before = [before[1].take(), Some(token)];
    }
    if all.is_empty() {
        return Err(unreadable("it has no objects"));
    }
    Ok(all)
}

fn object(pdf: &[u8], at: &mut usize, number: usize) -> Result<Object, Fault> {
    let mut tokens = Vec::new();
    loop {
        let token =
            next(pdf, at).ok_or_else(|| unreadable(format!("object {number} has no end")))?;
        if token.is("endobj") {
            return Ok(Object {
                number,
                tokens,
                stream: None,
            });
        }
        if token.is("stream") {
            break;
        }
        tokens.push(token);
    }
    let length = after(&tokens, "Length").and_then(Token::number);
    let length = length.ok_or_else(|| unreadable(format!("stream {number} has no length")))?;
    // Behind the word stands a line break: CR LF or LF.
    let begin = *at + if pdf.get(*at) == Some(&b'\r') { 2 } else { 1 };
    let packed = pdf.get(begin..begin + length);
    let packed = packed.ok_or_else(|| unreadable(format!("stream {number} is cut")))?;
    *at = begin + length;
    let stream = match after(&tokens, "Filter") {
        None => packed.to_vec(),
        Some(filter) if filter.is_name("FlateDecode") => {
            let mut out = Vec::new();
            ZlibDecoder::new(packed)
                .take(STREAM_MAX)
                .read_to_end(&mut out)
                .map_err(|error| unreadable(format!("stream {number}: {error}")))?;
            out
        }
        Some(_) => {
            return Err(unreadable(format!(
                "stream {number} is packed in another way"
            )));
        }
    };
    if !next(pdf, at).is_some_and(|token| token.is("endstream")) {
        return Err(unreadable(format!(
            "stream {number} has another length than it says"
        )));
    }
    Ok(Object {
        number,
        tokens,
        stream: Some(stream),
    })
}

/// What stands behind a name.
pub(crate) fn after<'a>(tokens: &'a [Token], name: &str) -> Option<&'a Token> {
    let at = tokens.iter().position(|token| token.is_name(name))?;
    tokens.get(at + 1)
}

/// Names and strings of all dictionaries, as text.
fn strings(objects: &[Object]) -> String {
    let mut out = String::new();
    for token in objects.iter().flat_map(|object| &object.tokens) {
        match token {
            Token::Name(name) => out.push_str(name),
            Token::Text(bytes) => out.push_str(&as_text(bytes)),
            Token::Word(_) => continue,
        }
        out.push('\n');
    }
    out
}

/// The glyphs of each font, by the number of its object.
fn fonts(objects: &[Object]) -> Result<BTreeMap<usize, Glyphs>, Fault> {
    let mut all = BTreeMap::new();
    for object in objects {
        let font = after(&object.tokens, "Type").is_some_and(|token| token.is_name("Font"));
        if !font || !object.tokens.iter().any(|token| token.is_name("Type0")) {
            continue;
        }
        let map = after(&object.tokens, "ToUnicode").and_then(Token::number);
        let map = map.and_then(|map| objects.iter().find(|it| it.number == map));
        let map = map.and_then(|map| map.stream.as_deref());
        let map =
            map.ok_or_else(|| unreadable(format!("font {} has no map to text", object.number)))?;
        all.insert(object.number, glyphs(map)?);
    }
    Ok(all)
}

/// The map of a font.
fn glyphs(map: &[u8]) -> Result<Glyphs, Fault> {
    let mut glyphs = Glyphs::new();
    let mut at = 0;
    let mut within = false;
    let mut from: Option<u16> = None;
    while let Some(token) = next(map, &mut at) {
        if token.is("beginbfrange") {
            return Err(unreadable("a font tells its letters by ranges"));
        } else if token.is("beginbfchar") {
            within = true;
        } else if token.is("endbfchar") {
            within = false;
        } else if let (true, Token::Text(bytes)) = (within, &token) {
            match (from.take(), bytes.as_slice()) {
                (None, [high, low]) => from = Some(u16::from_be_bytes([*high, *low])),
                (Some(glyph), bytes) => {
                    let units: Vec<u16> = bytes
                        .chunks_exact(2)
                        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                        .collect();
                    glyphs.insert(glyph, String::from_utf16_lossy(&units));
                }
                _ => return Err(unreadable("a font has glyphs of another width")),
            }
        }
    }
    Ok(glyphs)
}

/// The fonts that a content stream names, by their names in it; `None` of what is no content stream.
fn content_fonts(objects: &[Object], stream: &Object) -> Option<BTreeMap<String, usize>> {
    let form = after(&stream.tokens, "Subtype").is_some_and(|token| token.is_name("Form"));
    let pattern = after(&stream.tokens, "Type").is_some_and(|token| token.is_name("Pattern"));
    let user = if form || pattern {
        stream
    } else {
        page_of(objects, stream)?
    };
    // They stand in it, or in an object of their own.
    let apart = after(&user.tokens, "Resources").and_then(Token::number);
    let apart = apart.and_then(|number| objects.iter().find(|it| it.number == number));
    Some(named_fonts(&apart.unwrap_or(user).tokens))
}

/// The page that shows a stream.
fn page_of<'a>(objects: &'a [Object], stream: &Object) -> Option<&'a Object> {
    objects.iter().find(|object| {
        after(&object.tokens, "Contents").and_then(Token::number) == Some(stream.number)
    })
}

/// `/Font<</f0 12 0 R …>>`
fn named_fonts(tokens: &[Token]) -> BTreeMap<String, usize> {
    let mut named = BTreeMap::new();
    let Some(at) = tokens
        .windows(2)
        .position(|pair| pair[0].is_name("Font") && pair[1].is("<<"))
    else {
        return named;
    };
    let inside = tokens[at + 2..].iter().take_while(|token| !token.is(">>"));
    let mut name = None;
    for token in inside {
        match token {
            Token::Name(it) => name = Some(it.clone()),
            token => {
                if let (Some(name), Some(number)) = (name.take(), token.number()) {
                    named.insert(name, number);
                }
            }
        }
    }
    named
}

/// Words that are set at once, and where.
pub(crate) struct Piece {
    pub(crate) text: String,
    /// The mark by which the structure names it.
    pub(crate) mark: Option<usize>,
    place: (f64, f64),
}

/// How a page may be read: piece by piece, as a drawing and a table set their words; line by line, as prose; and all as one,
/// for a long word that is broken.
fn readings(pieces: &[Piece]) -> [(&'static str, String); 3] {
    let mut words = String::new();
    let mut lines = String::new();
    let mut letters = String::new();
    let mut before: Option<&Piece> = None;
    for piece in pieces {
        let follows = before.is_some_and(|before| before.is_followed(piece));
        let beside = before.is_some_and(|before| before.place.1 == piece.place.1);
        if !follows && before.is_some() {
            words.push('\n');
        }
        if !beside && before.is_some() {
            lines.push('\n');
        }
        for text in [&mut words, &mut lines, &mut letters] {
            text.push_str(&piece.text);
        }
        before = Some(piece);
    }
    [("words", words), ("lines", lines), ("letters", letters)]
}

impl Piece {
    /// Whether another is the next letter of the same word: a drawing sets each letter by itself.
    fn is_followed(&self, next: &Self) -> bool {
        let alone = [self, next].iter().all(|it| it.text.chars().count() == 1);
        let ((x, y), (next_x, next_y)) = (self.place, next.place);
        alone && y == next_y && next_x > x && next_x - x <= LETTER_MAX
    }
}

/// How far apart, in points, two letters of one word are set at most, where each is set by itself.
const LETTER_MAX: f64 = 20.0;

/// The words of a content stream.
fn pieces(
    stream: &[u8],
    named: &BTreeMap<String, usize>,
    fonts: &BTreeMap<usize, Glyphs>,
) -> Result<Vec<Piece>, Fault> {
    let mut pieces = Vec::new();
    let mut at = 0;
    let mut operands: Vec<Token> = Vec::new();
    let mut font: Option<&Glyphs> = None;
    let mut place = (f64::NAN, f64::NAN);
    let mut marks: Vec<Option<usize>> = Vec::new();
    while let Some(token) = next(stream, &mut at) {
        let operator = match &token {
            Token::Word(word) if !is_operand(word) => word.as_str(),
            _ => {
                operands.push(token);
                continue;
            }
        };
        match operator {
            "cm" => place = translation(&operands),
            "Tf" => font = Some(font_of(&operands, named, fonts)?),
            "Tj" | "TJ" => {
                let glyphs = font.ok_or_else(|| unreadable("words are set in no font"))?;
                let text = piece(&operands, glyphs)?;
                let mark = marks.last().copied().flatten();
                pieces.push(Piece { text, mark, place });
            }
            "BMC" => marks.push(None),
            "EMC" => drop(marks.pop()),
            "'" | "\"" => return Err(unreadable("words are set in another way")),
            // Words that stand for a picture or a piece, in the dictionary of a mark.
            "BDC" => {
                let mark = after(&operands, "MCID").and_then(Token::number);
                marks.push(mark);
                for text in said(&operands) {
                    let place = (f64::NAN, f64::NAN);
                    pieces.push(Piece { text, mark, place });
                }
            }
            _ => {}
        }
        operands.clear();
    }
    Ok(pieces)
}

/// Strings in the dictionary of a mark, but for the language, which would part the words around it.
fn said(operands: &[Token]) -> impl Iterator<Item = String> {
    let names = [None].into_iter().chain(operands.iter().map(Some));
    names
        .zip(operands)
        .filter_map(|(name, operand)| match operand {
            Token::Text(bytes) if !name.is_some_and(|name| name.is_name("Lang")) => {
                Some(as_text(bytes))
            }
            _ => None,
        })
}

fn font_of<'a>(
    operands: &[Token],
    named: &BTreeMap<String, usize>,
    fonts: &'a BTreeMap<usize, Glyphs>,
) -> Result<&'a Glyphs, Fault> {
    let name = operands.iter().rev().find_map(|token| match token {
        Token::Name(name) => Some(name),
        _ => None,
    });
    let found = name
        .and_then(|name| named.get(name))
        .and_then(|it| fonts.get(it));
    found.ok_or_else(|| unreadable("a page names a font that is not there"))
}

fn is_operand(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || "-+.[]<>".contains(c))
}

/// Where a matrix moves to.
fn translation(operands: &[Token]) -> (f64, f64) {
    let number = |back: usize| match operands.len().checked_sub(back).map(|at| &operands[at]) {
        Some(Token::Word(word)) => word.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    };
    (number(2), number(1))
}

fn piece(operands: &[Token], glyphs: &Glyphs) -> Result<String, Fault> {
    let mut out = String::new();
    for operand in operands {
        if let Token::Text(bytes) = operand {
            out.push_str(&spelled(bytes, glyphs)?);
        }
    }
    Ok(out)
}

fn spelled(bytes: &[u8], glyphs: &Glyphs) -> Result<String, Fault> {
    if bytes.len() % 2 == 1 {
        return Err(unreadable("glyphs are of another width"));
    }
    let mut out = String::new();
    for pair in bytes.chunks_exact(2) {
        let glyph = u16::from_be_bytes([pair[0], pair[1]]);
        let text = glyphs.get(&glyph);
        out.push_str(
            text.ok_or_else(|| unreadable(format!("glyph {glyph} stands for no letter")))?,
        );
    }
    Ok(out)
}
