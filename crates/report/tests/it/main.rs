//! The crate from outside: layouts that hold their promises, pages that are sound whatever they are fed.

#[path = "../../examples/sample/data.rs"]
mod data;
mod drawing;
mod geometry;
mod markup;
mod page;
mod random;
