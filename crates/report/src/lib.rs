//! Findings as pages and figures.
//!
//! Whoever reads a finding reads it here: one self-contained page, one figure in scalable vector form. Layout is
//! computed in Rust, in integers, so that a page, a printed report and the browser show the same picture and the
//! same input gives the same bytes.
//!
//! Not here: how a finding is computed (`whither-analysis`), and who may read which words of it (editions).

pub mod document;
pub mod edition;
pub mod exchange;
pub mod figure;
pub mod leak;
pub mod page;
pub mod text;
