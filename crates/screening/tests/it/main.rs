//! Lists as their publishers ship them, and what is found in them.
//!
//! Small cuts of the published lists stand in `tests/data`; the whole ones are looked for in `WHITHER_TEST_DATA`.

#![allow(clippy::unwrap_used)]

mod asking;
mod cuts;
mod gates;
mod hostile;
mod real_lists;
mod support;
mod together;
