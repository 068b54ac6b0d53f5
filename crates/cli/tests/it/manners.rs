//! What every command does alike: streams, formats, exit codes, the environment.

use std::process::{Command, Stdio};

use crate::whither::{COINBASE_9, Desk, PAYER, path, told};

#[test]
fn json_is_the_default_where_nobody_looks() {
    let desk = Desk::with_first_blocks();
    for arguments in [&["status"][..], &["trace", COINBASE_9], &["show", PAYER]] {
        let plain = desk.run(arguments).succeeded().stdout;
        for option in [
            &["--json"][..],
            &["--format", "json"],
            &["--json", "--format", "json"],
        ] {
            assert_eq!(
                plain,
                desk.run(&[arguments, option].concat()).succeeded().stdout
            );
        }
        assert!(plain.starts_with("{\n  \"schema\": \"whither."), "{plain}");
        assert!(plain.ends_with("}\n"), "{plain}");
    }
}

#[test]
fn the_same_bytes_each_time() {
    let (one, other) = (Desk::with_first_blocks(), Desk::with_first_blocks());
    for format in ["table", "json", "jsonl", "csv"] {
        for policy in ["haircut", "fifo", "poison"] {
            let arguments = ["trace", COINBASE_9, "--policy", policy, "--format", format];
            let first = one.run(&arguments).succeeded().stdout;
            assert_eq!(first, one.run(&arguments).succeeded().stdout);
            assert_eq!(
                first,
                other.run(&arguments).succeeded().stdout,
                "another store of the same content"
            );
        }
    }
    let status = one.run(&["status"]).succeeded().stdout;
    assert_eq!(status, other.run(&["status"]).succeeded().stdout);
}

#[test]
fn lines_and_rows() {
    let desk = Desk::with_first_blocks();
    let mut runs = Vec::new();
    for format in ["jsonl", "csv"] {
        for arguments in [
            &["status"][..],
            &["show", "170"],
            &["trace", COINBASE_9, "--policy", "fifo"],
        ] {
            runs.push(
                desk.run(&[arguments, &["--format", format]].concat())
                    .succeeded(),
            );
        }
    }
    for line in runs.iter().take(3).flat_map(|run| run.stdout.lines()) {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(
            value["schema"]
                .as_str()
                .is_some_and(|schema| schema.starts_with("whither.")),
            "{line}"
        );
    }
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn who_stops_reading_is_no_failure() {
    let desk = Desk::with_ronin();
    let case = path("examples/ronin-2022");
    for format in ["table", "json", "jsonl", "csv"] {
        let mut command = desk.command(&[
            "trace",
            "incident:ronin-bridge-2022",
            "--case",
            &case,
            "--format",
            format,
        ]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), output.stderr.as_slice()),
            (Some(0), &b""[..]),
            "{format}"
        );
    }
    let mut child = desk
        .command(&["--help"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// An interrupt while it waits for stdin. Until its handler is set, first thing, the interrupt ends
/// the program with a code of the system's: a busy machine is given more time.
#[cfg(unix)]
#[test]
fn an_interrupt_is_130() {
    let desk = Desk::new();
    let interrupted = |patience: u64| {
        let mut command = desk.command(&["trace", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(patience));
        let id = child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(sent.success());
        child.wait().unwrap().code()
    };
    assert!(
        [200, 1000, 5000]
            .into_iter()
            .any(|patience| interrupted(patience) == Some(130))
    );
}

#[cfg(target_os = "linux")]
#[test]
fn data_that_cannot_be_written_is_a_failure() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = Desk::new()
        .command(&["status"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        output
            .stderr
            .starts_with(b"error: cannot write to stdout: ")
    );
}

#[test]
fn the_store_is_named_by_option_variable_or_home() {
    let desk = Desk::with_first_blocks();
    let store = desk.path().join("store").display().to_string();
    let table = |command: &mut Command| {
        let output = command
            .args(["status", "--format", "table"])
            .output()
            .unwrap();
        String::from_utf8(output.stdout)
            .unwrap()
            .replace(&desk.path().display().to_string(), "[DIR]")
    };
    let shown =
        |text: &str, dir: &str| assert!(text.starts_with(&format!("  store  {dir}\n")), "{text}");
    shown(
        &table(
            desk.command(&["--store", &store])
                .env("WHITHER_STORE", "elsewhere"),
        ),
        "[DIR]/store",
    );
    shown(&table(&mut desk.command(&[])), "[DIR]/store");
    let unset = |name: &str, value: &str| {
        let mut command = desk.command(&[]);
        command.env("WHITHER_STORE", "").env(name, value);
        table(&mut command)
    };
    shown(&unset("XDG_DATA_HOME", "/data"), "/data/whither/store");
    shown(
        &unset("HOME", "/users/a"),
        "/users/a/.local/share/whither/store",
    );
    let nowhere = desk
        .command(&["status"])
        .env_remove("WHITHER_STORE")
        .output()
        .unwrap();
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(
        String::from_utf8(nowhere.stderr)
            .unwrap()
            .contains("hint: name one with `--store DIR`")
    );
}

#[test]
fn the_case_is_named_or_the_nearest_one_upward() {
    let desk = Desk::with_ronin();
    let case = path("examples/ronin-2022");
    let revision = |command: &mut Command| {
        let output = command.output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        value["revision"].as_str().unwrap().to_owned()
    };
    let by_option = revision(&mut desk.command(&["show", "--case", &case]));
    let by_variable = revision(desk.command(&["show"]).env("WHITHER_CASE", &case));
    let from_within = revision(
        desk.command(&["show"])
            .current_dir(path("examples/ronin-2022/log")),
    );
    assert!(by_option.starts_with("sha256:"));
    assert_eq!((&by_option, &by_option), (&by_variable, &from_within));
}

#[test]
fn colour_is_asked_for() {
    let desk = Desk::with_first_blocks();
    let bold = |command: &mut Command| {
        let output = command.output().unwrap();
        output.stdout.contains(&0x1b) || output.stderr.contains(&0x1b)
    };
    let table = ["show", PAYER, "--format", "table"];
    assert!(!bold(&mut desk.command(&table)), "stdout is no terminal");
    assert!(bold(
        desk.command(&table)
            .args(["--color", "always"])
            .env("NO_COLOR", "1")
    ));
    assert!(!bold(desk.command(&table).args(["--color", "never"])));
    assert!(bold(&mut desk.command(&["show", "x", "--color", "always"])));
}
