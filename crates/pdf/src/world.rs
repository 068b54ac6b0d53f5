//! What the typesetter can see: one template, one file of data, the shipped fonts. No disk, no network, no clock.

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt};

use crate::fonts::Fonts;

/// The layout. It is code; what it shows is data.
const TEMPLATE: &str = include_str!("report.typ");

pub(crate) struct World {
    standard: LazyHash<Library>,
    fonts: Fonts,
    main: Source,
    data: (FileId, Bytes),
}

impl World {
    pub(crate) fn new(data: String, fonts: Fonts) -> Self {
        Self {
            standard: LazyHash::new(Library::default()),
            fonts,
            main: Source::new(named("report.typ"), TEMPLATE.to_owned()),
            data: (named("report.json"), Bytes::from_string(data)),
        }
    }
}

fn named(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("a name without dots and slashes is a path");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}

impl typst::World for World {
    fn library(&self) -> &LazyHash<Library> {
        &self.standard
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            Ok(self.main.clone())
        } else {
            Err(missing(id))
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let (known, bytes) = &self.data;
        if id == *known {
            Ok(bytes.clone())
        } else {
            Err(missing(id))
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.all.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
