//! XML of strangers, streamed: one entry at a time as a small tree, with the line it stands on.
//!
//! Lists need none of what makes XML dangerous. A DOCTYPE, an entity that is not one of the five of XML, an
//! encoding other than UTF-8, depth over 64, an element or a text out of all proportion: each is an error with
//! line and byte. Nothing is ever expanded or opened.
//!
//! Not here: what an element means; the readers know that.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::error::ListError;

/// How deep elements may stand.
const DEPTH_MAX: usize = 64;
/// The most bytes between two tags, and of one tag.
const TOKEN_MAX: u64 = 4 << 20;
/// The most elements of one entry. OFAC's reference values, read as one, are some 10,000.
const ELEMENTS_MAX: usize = 200_000;
/// The most attributes of an element.
const ATTRIBUTES_MAX: usize = 128;
/// The most bytes of a file.
const FILE_MAX: u64 = 2 << 30;

/// An element with all that it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name, without a prefix.
    pub name: String,
    /// Its attributes, in the order of the source; namespaces left out.
    pub attributes: Vec<(String, String)>,
    /// Its own text, without white space at the ends.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Element>,
    /// The line it begins on.
    pub line: u64,
}

impl Element {
    /// The value of an attribute; empty where there is none.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The elements of a name that stand directly in it.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first of them.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first of them; empty where there is none.
    #[must_use]
    pub fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.as_str())
    }

    /// The elements at a path, several steps down.
    #[must_use]
    pub fn at(&self, path: &str) -> Vec<&Self> {
        let mut found = vec![self];
        for step in path.split('/') {
            let below = found.into_iter().flat_map(|one| &one.children);
            found = below.filter(|child| child.name == step).collect();
        }
        found
    }

    /// All elements of a name at any depth.
    pub fn descendants<'a>(&'a self, name: &str, found: &mut Vec<&'a Self>) {
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            child.descendants(name, found);
        }
    }

    /// Each text and attribute with its path below this element: `akaList/aka/lastName`, `nameAlias@strong`.
    pub fn leaves(&self, visit: &mut dyn FnMut(&str, &str, u64)) {
        self.visit(&mut String::new(), visit);
    }

    fn visit(&self, path: &mut String, visit: &mut dyn FnMut(&str, &str, u64)) {
        let length = path.len();
        for (key, value) in self
            .attributes
            .iter()
            .filter(|(_, value)| !value.is_empty())
        {
            path.push('@');
            path.push_str(key);
            visit(path, value, self.line);
            path.truncate(length);
        }
        if !self.text.is_empty() {
            visit(path, &self.text, self.line);
        }
        for child in &self.children {
            if length > 0 {
                path.push('/');
            }
            path.push_str(&child.name);
            child.visit(path, visit);
            path.truncate(length);
        }
    }
}

/// Reads a file: each element whose name is among `whole` is given as a tree with the path of what it stands
/// in; of the others, the root above all, the attributes and texts are given as elements without children.
///
/// # Errors
/// What the file does that lists have no need of, or what `visit` objects to, with line and byte.
pub fn read(
    file: &str,
    source: impl BufRead,
    whole: &[&str],
    visit: &mut dyn FnMut(&str, Element) -> Result<(), String>,
) -> Result<(), ListError> {
    let meter = Rc::new(Meter::default());
    let mut reader = Reader::from_reader(Metered {
        source,
        meter: Rc::clone(&meter),
    });
    reader.config_mut().check_end_names = true;
    let mut state = State {
        whole,
        open: Vec::new(),
        tree: Vec::new(),
        elements: 0,
        roots: 0,
    };
    let mut buffer = Vec::new();
    let at = |offset: u64, what: String| ListError::At {
        file: file.to_owned(),
        line: meter.line(),
        offset,
        what,
    };
    loop {
        meter.token.set(0);
        let event = reader.read_event_into(&mut buffer);
        let offset = reader.buffer_position();
        let event = event.map_err(|error| at(offset, said(&error)))?;
        if matches!(event, Event::Eof) {
            break;
        }
        let line = meter.line();
        state
            .take(event, line, visit)
            .map_err(|what| at(offset, what))?;
        buffer.clear();
    }
    if state.open.is_empty() && state.roots == 1 {
        return Ok(());
    }
    let what = match state.open.last() {
        Some(open) => format!("the file ends within <{}>", open.name),
        None => "the file holds no element".to_owned(),
    };
    Err(at(meter.bytes.get(), what))
}

/// An error of the parser, without the names of its types.
fn said(error: &quick_xml::Error) -> String {
    match error {
        quick_xml::Error::Io(error) => error.to_string(),
        other => format!("not well-formed XML: {other}"),
    }
}

struct State<'a> {
    whole: &'a [&'a str],
    /// The elements that are open, outside of trees.
    open: Vec<Element>,
    /// The elements that are open within a tree; the first is its root.
    tree: Vec<Element>,
    elements: usize,
    roots: usize,
}

type Visit<'a> = &'a mut dyn FnMut(&str, Element) -> Result<(), String>;

impl State<'_> {
    fn take(&mut self, event: Event<'_>, line: u64, visit: Visit<'_>) -> Result<(), String> {
        match event {
            Event::Start(start) => self.start(&start, line),
            Event::Empty(start) => {
                self.start(&start, line)?;
                self.end(visit)
            }
            Event::End(_) => self.end(visit),
            Event::Text(text) => self.text(&text),
            Event::CData(text) => self.text(&text),
            Event::GeneralRef(entity) => self.text(&referred(&entity)?.to_string()),
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(name)) if !name.eq_ignore_ascii_case("utf-8") => Err(format!(
                    "the file says that it is written in {name}, and only UTF-8 is read"
                )),
                _ => Ok(()),
            },
            Event::DocType(_) => Err("a DOCTYPE: lists have none, and it is not read".to_owned()),
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, line: u64) -> Result<(), String> {
        if self.open.len() + self.tree.len() >= DEPTH_MAX {
            return Err(format!("elements stand deeper than {DEPTH_MAX}"));
        }
        if self.open.is_empty() && self.tree.is_empty() {
            self.roots += 1;
            if self.roots > 1 {
                return Err("a second root element".to_owned());
            }
        }
        let element = element(start, line)?;
        let begins = self.whole.contains(&element.name.as_str());
        if self.tree.is_empty() && !begins {
            self.open.push(element);
            return Ok(());
        }
        if self.tree.is_empty() {
            self.elements = 0;
        }
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(format!("an entry of more than {ELEMENTS_MAX} elements"));
        }
        self.tree.push(element);
        Ok(())
    }

    fn end(&mut self, visit: Visit<'_>) -> Result<(), String> {
        let tree = self.tree.pop();
        let (mut element, is_tree) = match tree {
            Some(element) => (element, true),
            None => match self.open.pop() {
                Some(element) => (element, false),
                None => return Err("an end without a beginning".to_owned()),
            },
        };
        element.text = element.text.trim().to_owned();
        if let Some(parent) = self.tree.last_mut() {
            parent.children.push(element);
            return Ok(());
        }
        if is_tree || !element.text.is_empty() || !element.attributes.is_empty() {
            let names: Vec<&str> = self.open.iter().map(|open| open.name.as_str()).collect();
            visit(&names.join("/"), element)?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        let Some(element) = self.tree.last_mut().or(self.open.last_mut()) else {
            let blank = text.chars().all(|c| c.is_whitespace() || c == '\u{feff}');
            return blank
                .then_some(())
                .ok_or_else(|| "text outside of the root element".to_owned());
        };
        element.text.push_str(text);
        let long = element.text.len() as u64 > TOKEN_MAX;
        (!long)
            .then_some(())
            .ok_or_else(|| format!("a text of more than {TOKEN_MAX} bytes"))
    }
}

fn element(start: &BytesStart<'_>, line: u64) -> Result<Element, String> {
    let mut element = Element {
        name: start.local_name().as_ref().to_owned(),
        line,
        ..Element::default()
    };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("not well-formed XML: {error}"))?;
        let key = attribute.key;
        if key.as_namespace_binding().is_some() {
            continue;
        }
        if element.attributes.len() == ATTRIBUTES_MAX {
            return Err(format!("more than {ATTRIBUTES_MAX} attributes"));
        }
        let value = quick_xml::escape::unescape(&attribute.value)
            .map_err(|error| format!("in an attribute: {error}"))?;
        let key = key.local_name().as_ref().to_owned();
        element.attributes.push((key, value.into_owned()));
    }
    Ok(element)
}

/// What one of XML's five entities, or a character by its number, stands for.
fn referred(entity: &BytesRef<'_>) -> Result<char, String> {
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        return Ok(c);
    }
    match entity.as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        other => {
            let shown: String = other.chars().take(40).collect();
            Err(format!(
                "an entity `&{shown};` that XML itself does not define: it is not expanded"
            ))
        }
    }
}

/// How far a source was read.
#[derive(Default)]
struct Meter {
    bytes: Cell<u64>,
    newlines: Cell<u64>,
    /// Bytes since the last event.
    token: Cell<u64>,
}

impl Meter {
    fn line(&self) -> u64 {
        self.newlines.get() + 1
    }
}

/// A source that counts what is taken from it, and ends a token that is out of all proportion.
struct Metered<Source> {
    source: Source,
    meter: Rc<Meter>,
}

impl<Source: BufRead> Read for Metered<Source> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let taken = available.len().min(into.len());
        into[..taken].copy_from_slice(&available[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}

impl<Source: BufRead> BufRead for Metered<Source> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.meter.token.get() > TOKEN_MAX {
            return Err(io::Error::other(format!(
                "a tag or a text of more than {TOKEN_MAX} bytes"
            )));
        }
        if self.meter.bytes.get() > FILE_MAX {
            return Err(io::Error::other(format!(
                "a file of more than {FILE_MAX} bytes"
            )));
        }
        self.source.fill_buf()
    }

    fn consume(&mut self, taken: usize) {
        if let Ok(buffer) = self.source.fill_buf() {
            let newlines = buffer[..taken]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            let meter = &self.meter;
            meter.newlines.set(meter.newlines.get() + newlines as u64);
            meter.bytes.set(meter.bytes.get() + taken as u64);
            meter.token.set(meter.token.get() + taken as u64);
        }
        self.source.consume(taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let mut visit = |_: &str, _: Element| Ok(());
        let read = read("a.xml", text.as_bytes(), &["e"], &mut visit);
        read.expect_err("it is refused").to_string()
    }

    #[test]
    fn what_lists_have_no_need_of_is_refused_with_its_place() {
        let found = refused("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b 'c'>]>\n<a/>");
        assert_eq!(
            found,
            "a.xml, line 2, byte 52: a DOCTYPE: lists have none, and it is not read"
        );
        assert!(refused("<a>\n<e>&lol;</e></a>").contains("line 2"));
        assert!(refused("<a><e b='&lol;'/></a>").contains("lol"));
        assert!(refused(&"<a>".repeat(65)).contains("deeper than 64"));
        assert!(refused("<a/><b/>").contains("second root"));
        assert!(refused("<a><e>").contains("ends within <a>"));
        assert!(refused("<a></b>").contains("not well-formed"));
        assert!(refused("<?xml version='1.0' encoding='UTF-16'?><a/>").contains("UTF-16"));
        assert!(refused("").contains("no element"));
        let long = format!("<a><e>{}</e></a>", "x".repeat(5 << 20));
        assert!(refused(&long).contains("more than"));
    }

    #[test]
    fn an_entry_comes_with_its_texts_and_paths() {
        let mut found = Vec::new();
        let text = "<r g='1'><l><p:e xmlns:p='u' a='x&amp;y'> q &#x41;<f>g</f></p:e></l></r>";
        let mut visit = |path: &str, element: Element| {
            element.leaves(&mut |leaf, text, _| {
                found.push(format!("{path}>{}>{leaf}={text}", element.name));
            });
            Ok(())
        };
        assert!(read("a.xml", text.as_bytes(), &["e"], &mut visit).is_ok());
        assert_eq!(
            found,
            ["r/l>e>@a=x&y", "r/l>e>=q A", "r/l>e>f=g", ">r>@g=1"]
        );
    }
}
