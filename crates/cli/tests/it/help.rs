//! Help, version and topics.

use crate::whither::{Desk, told};

#[test]
fn help_is_data_and_its_lack_an_error() {
    let desk = Desk::new();
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["help"],
        &["help", "trace"],
        &["trace", "--help"],
        &["--version"],
    ] {
        let done = desk.run(arguments).succeeded();
        assert!(!done.stdout.is_empty(), "{arguments:?}");
    }
    let bare = desk.run(&[]);
    assert_eq!((bare.code, bare.stdout.as_str()), (Some(2), ""));
    assert_eq!(
        bare.stderr,
        "error: no command was given\nhint: `whither help` lists them\n"
    );
}

#[test]
fn short_help() {
    insta::assert_snapshot!(told(&[Desk::new().run(&["-h"])]));
}

#[test]
fn help_of_a_command_is_the_same_both_ways() {
    let desk = Desk::new();
    for command in [
        "demo", "ingest", "status", "show", "trace", "prices", "value", "store", "help",
    ] {
        assert_eq!(
            desk.run(&["help", command]).stdout,
            desk.run(&[command, "--help"]).stdout,
            "{command}"
        );
    }
}

#[test]
fn topics() {
    let desk = Desk::new();
    let runs = [
        "exit-codes",
        "environment",
        "formats",
        "cluster",
        "nonsense",
    ]
    .map(|topic| desk.run(&["help", topic]));
    insta::assert_snapshot!(told(&runs));
}
