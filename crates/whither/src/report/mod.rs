//! Reports: written in the case, checked against it, rendered for an audience, and given out.
//!
//! The text of a report is a claim; what its references come to is computed here, each time anew. How a report looks, and
//! what of it an edition may show, is the business of `whither_report`.

mod audience;
mod bundle;
mod check;
mod desk;
mod draft;
mod edition;
mod figures;
mod life;
mod opening;
mod path;
mod pdf;
mod private;
mod render;
mod said;
mod seal;
mod verify;

pub use audience::{Audience, Refusal};
pub use check::{Checked, FaultRow, check, check_text};
pub use desk::Desk;
pub use draft::{
    Listed, ReportRow, Revision, RevisionRow, Written, draft, list, read, revise, revisions, start,
    text_of,
};
pub use edition::{Found, Publication, Published, leaks_of, publish};
pub use life::{
    ChangeRow, Compared, Noted, RemarkRow, Said, as_remarks, comment, compare, remarks, reply, rule,
};
pub use opening::{Opening, OpeningChecked, check_opening, open};
pub use render::{Output, Shown, render};
pub use verify::{is_bundle, verify};
pub use whither_report::document::TEXT_LENGTH_MAX;
