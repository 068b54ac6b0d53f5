//! Writes a sample page, of an invented theft, to the path given: `cargo run --example sample -- page.html`.
//!
//! It shows every part of a page at once and is what the tests render. With a second path the figure alone is
//! written there as SVG.

#[path = "sample/data.rs"]
mod data;

use std::{env, fs, io};

use whither_report::figure::{FigureOptions, Theme, layout, svg};
use whither_report::page::render;

fn main() -> io::Result<()> {
    let paths: Vec<String> = env::args().skip(1).collect();
    let Some(path) = paths.first() else {
        eprintln!("usage: sample PAGE.html [FIGURE.svg]");
        return Ok(());
    };
    let page = data::page();
    fs::write(path, render(&page))?;
    if let Some(path) = paths.get(1) {
        fs::write(
            path,
            svg(
                &layout(&page.figure, &FigureOptions::default()),
                &Theme::default(),
            ),
        )?;
    }
    Ok(())
}
