//! A report as PDF, where the program was built with what sets type; and what a reader of its bytes can see.
//!
//! The layout is `whither-pdf`'s, behind the feature `pdf`. Without the feature a PDF cannot be made, and one that lies in an
//! edition is held against the manifest alone: the check says so.

use super::edition::Made;
use crate::error::Error;

/// The name of the PDF in an edition.
pub(super) const PDF: &str = "report.pdf";

/// Whether this program sets type.
pub(super) const SETS_TYPE: bool = cfg!(feature = "pdf");

/// The report set in type, with its figures and its text as files inside.
#[cfg(feature = "pdf")]
pub(super) fn pdf(made: &Made) -> Result<Vec<u8>, Error> {
    use super::render::Output;
    use whither_casework::Hash;
    use whither_pdf::Attachment;
    use whither_report::document::source;
    use whither_report::edition::sheets;

    let rendering = &made.shown.rendering;
    let date = rendering.document.meta("date").and_then(day);
    let date = date.ok_or_else(|| {
        Error::new("a PDF for archives needs the report's date, and there is none that is a day")
            .with_hint("write `date: 2026-03-01` among the first lines of the report")
    })?;
    let text = source(&made.document);
    let attachment = |name: &str, mime: &str, description: &str, text: &str| Attachment {
        name: name.to_owned(),
        mime: mime.to_owned(),
        description: description.to_owned(),
        text: text.to_owned(),
    };
    let figures = made.shown.output(Output::Json)?;
    let files = [
        attachment(
            "report.json",
            "application/json",
            "Each figure, with how it was come to",
            &figures,
        ),
        attachment(
            super::edition::TEXT,
            "text/plain",
            "The text with its references",
            &text,
        ),
    ];
    let identity = Hash::of(figures.as_bytes()).to_string();
    whither_pdf::pdf(&sheets(rendering), &files, date, &identity).map_err(refused)
}

/// What there is in place of a PDF.
#[cfg(not(feature = "pdf"))]
pub(super) fn pdf(_: &Made) -> Result<Vec<u8>, Error> {
    Err(
        Error::new("this program was built without what sets type, and makes no PDF").with_hint(
            "build it with `cargo build --release -p whither-cli --features pdf`, or print report.html",
        ),
    )
}

/// What a reader of the PDFs among some files can see, as files of their own: no check looks through packed bytes.
#[cfg(feature = "pdf")]
pub(super) fn unpacked(files: &[(String, Vec<u8>)]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut all = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name == PDF) {
        let parts = whither_pdf::read(bytes).map_err(refused)?;
        all.extend(
            parts
                .into_iter()
                .map(|(part, bytes)| (format!("{name}, {part}"), bytes)),
        );
    }
    Ok(all)
}

/// Without what sets type there is no PDF to look through.
#[cfg(not(feature = "pdf"))]
pub(super) fn unpacked(files: &[(String, Vec<u8>)]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    match files.iter().find(|(name, _)| name == PDF) {
        None => Ok(Vec::new()),
        Some((name, _)) => Err(Error::new(format!(
            "{name} cannot be looked through: this program was built without the feature pdf"
        ))),
    }
}

#[cfg(feature = "pdf")]
fn refused(fault: whither_pdf::Fault) -> Error {
    Error::new(fault.what).with_hint(&fault.hint)
}

/// A day written as 2026-03-01.
#[cfg(any(feature = "pdf", test))]
fn day(text: &str) -> Option<(i32, u8, u8)> {
    let mut parts = text.trim().split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = parts.next().is_none() && [year.len(), month.len(), day.len()] == [4, 2, 2];
    let day = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    (whole && (1..=12).contains(&day.1) && (1..=31).contains(&day.2)).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_whole_one() {
        assert_eq!(day("2026-03-01"), Some((2026, 3, 1)));
        for other in [
            "March 2026",
            "2026-03",
            "2026-13-01",
            "2026-3-1",
            "2026-03-01-02",
            "",
        ] {
            assert_eq!(day(other), None, "{other}");
        }
    }
}
