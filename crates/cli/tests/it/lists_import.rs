//! Lists that are refused when they are brought in: they lost much, or are of a day to come.

use crate::whither::{Desk, path};

/// Brings a table of one's own in.
fn import(desk: &Desk, day: &str, rows: &str, more: &[&str]) -> crate::whither::Done {
    let file = desk.file("own.csv", rows);
    let arguments = ["lists", "import", &file, "--name", "own", "--date", day];
    desk.run(&[&arguments[..], more].concat())
}

/// A table of entries, of which `with` have an address.
fn addresses(with: u32) -> String {
    let rows = (0..8).map(|at| {
        let address = format!("0x{at:040x}");
        let shown = if at < with { address.as_str() } else { "" };
        format!("e{at},Name Number{at},{shown}\n")
    });
    format!("id,name,address\n{}", rows.collect::<String>())
}

/// A table of entries, of which `with` have a second name.
fn aliases(with: u32) -> String {
    let rows = (0..4).map(|at| {
        let alias = format!("Other Name{at}");
        let shown = if at < with { alias.as_str() } else { "" };
        format!("e{at},Name Number{at},{shown}\n")
    });
    format!("id,name,alias\n{}", rows.collect::<String>())
}

/// A table of ten entries by their numbers from one on.
fn entries(from: u32) -> String {
    let rows = (from..from + 10).map(|at| format!("e{at},Name Number{at}\n"));
    format!("id,name\n{}", rows.collect::<String>())
}

#[test]
fn a_list_that_lost_addresses_names_or_entries_is_refused_though_it_is_as_long() {
    for (whole, short, said) in [
        (addresses(8), addresses(7), "has 7 addresses"),
        (aliases(4), aliases(3), "has 7 names"),
        (entries(0), entries(1), "lacks 1 of the 10 entries"),
    ] {
        let desk = Desk::new();
        import(&desk, "2024-01-01", &whole, &[]).succeeded();
        let refused = import(&desk, "2024-02-01", &short, &[]).failed();
        for part in [said, "more than 5 % are lost", "--allow-loss"] {
            assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
        }
        import(&desk, "2024-02-01", &short, &["--allow-loss"]).succeeded();
        // One that has as much again is taken.
        import(&desk, "2024-03-01", &whole, &["--allow-loss"]).succeeded();
    }
}

#[test]
fn a_list_of_a_day_to_come_is_refused_unless_another_day_is_given() {
    let desk = Desk::new();
    let text = std::fs::read_to_string(path("crates/screening/tests/data/un.xml")).unwrap();
    let later = text.replacen("dateGenerated='2024", "dateGenerated='2099", 1);
    assert_ne!(later, text);
    let file = desk.file("un.xml", &later);
    let refused = desk.run(&["lists", "import", &file]).failed();
    for part in ["of 2099-05-15 by its publisher's date", "--date DAY"] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
    desk.run(&["lists", "import", &file, "--date", "2099-05-15"])
        .failed();
    desk.run(&["lists", "import", &file, "--date", "2024-05-15"])
        .succeeded();
}

#[test]
fn a_list_that_is_older_than_the_newest_says_so() {
    let desk = Desk::new();
    let first = import(&desk, "2024-05-31", &entries(0), &[]).succeeded();
    assert_eq!(first.json()["lists"][0]["caveats"], serde_json::json!([]));
    let said = "not the newest: the version of 2024-05-31 is asked";
    let older = import(&desk, "2024-05-01", &entries(5), &[]).succeeded();
    let caveats = &older.json()["lists"][0]["caveats"];
    assert_eq!(caveats, &serde_json::json!([said]));
    let table = ["--format", "table"];
    let again = import(&desk, "2024-05-01", &entries(5), &table).succeeded();
    assert!(again.stdout.contains(said), "{}", again.stdout);
}
