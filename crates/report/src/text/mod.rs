//! Text that is safe to show: escaping, shortening, numbers, shares.
//!
//! Names, symbols and labels on a chain are written by thieves. Everything that enters a page or a figure passes
//! through here, so that markup stays text and a character that hides or reorders others is spelled out.
//!
//! Not here: translation, and the choice of words; callers bring their sentences.

mod escape;
mod number;
mod width;

pub use escape::{
    escape_html, html, is_treacherous, looks_like_address, shorten, visible, visible_ascii,
};
pub use number::{add_digits, brief, larger_digits, percent, share_points, shares, units, weight};
pub(crate) use width::{Face, fit, width_of};
