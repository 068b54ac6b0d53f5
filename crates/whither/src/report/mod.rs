//! Reports: written in the case, checked against it, rendered for an audience, and given out.
//!
//! The text of a report is a claim; what its references come to is computed here, each time anew. How a report looks, and
//! what of it an edition may show, is the business of `whither_report`.

mod check;
mod desk;
mod draft;
mod figures;
mod path;
mod render;

pub use check::{Checked, FaultRow, check, check_text};
pub use desk::{Audience, Desk, Refusal};
pub use draft::{Revision, Written, draft, revise, revisions, start, text_of};
pub use render::{Output, Shown, render};
pub use whither_report::document::TEXT_LENGTH_MAX;
