//! `assess`: where it cannot be asked. What it answers is held by the library's tests.

use insta::assert_snapshot;

use crate::whither::{Desk, told};

#[test]
fn questions_that_cannot_be_asked() {
    let desk = Desk::new();
    let runs = [
        desk.run(&["assess", "exchange-2020"]).failed(),
        desk.run(&["assess"]).failed(),
        desk.run(&["assess", "x", "--check", "dprk-group"]).failed(),
        desk.run(&["assess", "x", "--suggest", "--without", "e1"])
            .failed(),
    ];
    assert_snapshot!(told(&runs));
}
