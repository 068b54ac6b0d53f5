//! A report set in type, as PDF/A-3.
//!
//! What stands on the pages comes as data (`whither.sheets/1`) and is shown as data: the layout is a template that is part of
//! this crate, and no word of a report is ever read as code. The same data gives the same bytes: no clock is asked, no
//! font is taken from the machine, and the identifiers in the file are hashes of what is in it.
//!
//! A character that no shipped font has is refused, by name: a name in a court's hands must not lose a letter in silence.
//!
//! Not here: what a report says, who may read it, and whether something private is in the bytes. `read` gives back what a
//! reader of the bytes can see, for those who check.

mod fonts;
mod order;
mod read;
mod token;
mod world;

use std::fmt;

use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

pub use read::read;

/// A file that goes with the pages, inside the PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// What it is called.
    pub name: String,
    /// What kind of file it is: `application/json`.
    pub mime: String,
    /// What it is, in a few words.
    pub description: String,
    /// Its text.
    pub text: String,
}

/// Why no PDF came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)
    }
}

impl std::error::Error for Fault {}

/// Year, month and day.
pub type Day = (i32, u8, u8);

/// Sets a report in type. `identity` tells one document from another, and does not stand in the file itself.
///
/// # Errors
/// Where a character has no glyph, or the data is no report.
pub fn pdf(
    sheets: &serde_json::Value,
    attachments: &[Attachment],
    day: Day,
    identity: &str,
) -> Result<Vec<u8>, Fault> {
    let data = with_attachments(sheets, attachments);
    let fonts = fonts::Fonts::shipped();
    fonts.cover(sheets)?;
    let world = world::World::new(data.to_string(), fonts);
    let document: PagedDocument = typst::compile(&world)
        .output
        .map_err(|errors| refused(errors.first().map(|error| error.message.to_string())))?;
    let (year, month, date) = day;
    let moment = Datetime::from_ymd_hms(year, month, date, 0, 0, 0);
    let moment = moment
        .ok_or_else(|| refused(Some(format!("there is no day {year}-{month:02}-{date:02}"))))?;
    let options = PdfOptions {
        ident: Smart::Custom(identity.to_owned()),
        creator: Smart::Custom(Some("whither".to_owned())),
        timestamp: Some(Timestamp::new_utc(moment)),
        standards: PdfStandards::new(&[PdfStandard::A_3a])
            .map_err(|error| refused(Some(error.message().to_string())))?,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options)
        .map_err(|errors| refused(errors.first().map(|error| error.message.to_string())))
}

fn with_attachments(sheets: &serde_json::Value, attachments: &[Attachment]) -> serde_json::Value {
    let mut data = sheets.clone();
    let rows = attachments.iter().map(|it| {
        serde_json::json!({"name": it.name, "mime": it.mime, "description": it.description, "text": it.text})
    });
    data["attachments"] = rows.collect();
    data
}

fn refused(why: Option<String>) -> Fault {
    Fault {
        what: format!(
            "the report cannot be set in type: {}",
            why.unwrap_or_else(|| "no reason was given".to_owned())
        ),
        hint: "the edition can be given out without the PDF: leave out `--to pdf`".to_owned(),
    }
}
