//! Names against names: prepared once, compared in integers, explained by what was paired with what.
//!
//! Two ways lead to a score. Words: both names as Latin words, each paired with the one it is most like, weighed by
//! what kind of word it is (legal forms and titles say little, numbers say much). Korean: both names as syllables of
//! Hangul, through every romanisation in use and the Chinese reading of the Hanja. The better of the two counts.
//!
//! Beside it stands what OFAC's own search would say ([`ofac`]), for whoever must answer for the difference.

mod abjad;
pub mod edit;
pub mod fold;
mod greek;
mod hit;
pub mod index;
pub mod korean;
pub mod name;
pub mod ofac;
pub mod qualifier;
pub mod score;
pub mod screen;
mod shelf;
mod sums;
pub mod vocabulary;
pub mod words;
