//! What a source leaves out, changes or mixes up is found: by the numbers of logs, by what headers commit to, by the tree
//! that frames make.

use std::fs;

use whither_chain::Format;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;

use crate::evm::{SCENARIO, asked, etl_tables};
use crate::support::{Bench, data};

#[test]
fn tables_that_do_not_go_together_are_refused_with_the_place() {
    let refuse = |change: &dyn Fn(&str, String) -> Option<String>| {
        let tables = etl_tables(change);
        let bench = Bench::new();
        let error = bench.refuse(&asked(tables.path(), Format::EthereumEtl, Some(SCENARIO)));
        error.to_string()
    };
    let without = |table: &'static str, line: usize| {
        move |name: &str, text: String| {
            let lines = text.lines().enumerate();
            let kept = lines.filter(|(number, _)| name != table || *number != line);
            Some(kept.map(|(_, line)| format!("{line}\n")).collect())
        }
    };
    for (table, line, wanted) in [
        ("logs.csv", 3, "bloom"),
        ("receipts.csv", 3, "0 receipts for 1 transactions"),
        ("transactions.csv", 3, "transaction"),
        ("traces.csv", 5, "trace"),
        ("blocks.csv", 5, "no times"),
    ] {
        let text = refuse(&without(table, line));
        assert!(
            text.contains("block ") && text.contains(wanted),
            "{table}: {text}"
        );
    }
    let swapped = refuse(&|name, text| {
        let is_first = |line: &str| name == "blocks.csv" && line.starts_with("1,");
        let genesis = "0xc56b8342e33b57477139f45874ae699b6fe1ca1a65d089b78c34dabc3206e07b";
        let other = format!("0x{}", "ab".repeat(32));
        let lines = text.lines().map(|line| {
            let line = if is_first(line) {
                line.replace(genesis, &other)
            } else {
                line.to_owned()
            };
            format!("{line}\n")
        });
        Some(lines.collect())
    });
    assert!(
        swapped.contains("is not built on the block before"),
        "{swapped}"
    );
    let text = refuse(&|name, text| {
        Some(if name == "traces.csv" {
            text.replace("staticcall", "nocall")
        } else {
            text
        })
    });
    assert!(
        text.contains("traces.csv: line ") && text.contains("nocall"),
        "{text}"
    );
}

/// The tables of the scenario without one line of one of them; what is said of it.
fn said_without(table: &str, line: usize) -> Option<String> {
    let tables = etl_tables(|name, text| {
        let lines = text.lines().enumerate();
        let kept = lines.filter(|(number, _)| name != table || *number != line);
        Some(kept.map(|(_, line)| format!("{line}\n")).collect())
    });
    let bench = Bench::new();
    let request = asked(tables.path(), Format::EthereumEtl, Some(SCENARIO));
    let result = bench.try_ingest(&request);
    result.err().map(|error| error.to_string())
}

#[test]
fn every_log_and_every_frame_that_is_left_out_is_missed() {
    for table in ["logs.csv", "traces.csv"] {
        let all = etl_tables(|_, text| Some(text));
        let text = fs::read_to_string(all.path().join(table)).unwrap();
        let count = text.lines().count();
        assert!(count > 40, "{table} has {count} lines");
        for line in 1..count {
            assert!(
                said_without(table, line).is_some(),
                "{table}: line {line} is not missed"
            );
        }
    }
}

#[test]
fn real_logs_that_are_left_out_changed_or_made_up_do_not_fit_their_header() {
    let Some(path) = data("eth/ethereum-etl/tests/resources/test_stream/blocks_17173049_17173050")
    else {
        return;
    };
    let logs = fs::read_to_string(path.join("expected_logs.json")).unwrap();
    let lines: Vec<&str> = logs.lines().collect();
    assert_eq!(lines.len(), 681);
    let refused = |lines: &[String]| {
        let folder = tempfile::tempdir().unwrap();
        for name in ["blocks", "transactions"] {
            let name = format!("expected_{name}.json");
            fs::copy(path.join(&name), folder.path().join(&name)).unwrap();
        }
        fs::write(folder.path().join("logs.json"), lines.join("\n")).unwrap();
        let bench = Bench::new();
        let request = asked(folder.path(), Format::EthereumEtl, Some(Chain::Evm(1)));
        let result = bench.try_ingest(&request);
        result.err().map(|error| error.to_string())
    };
    let owned =
        |lines: &[&str]| -> Vec<String> { lines.iter().map(|line| (*line).to_owned()).collect() };
    assert_eq!(refused(&owned(&lines)), None);
    let mut by_root = 0;
    for place in (0..lines.len()).step_by(23) {
        let mut less = owned(&lines);
        less.remove(place);
        assert!(refused(&less).is_some(), "log {place} is not missed");
        // The same topics and address: the filter cannot tell.
        let mut changed = owned(&lines);
        let at = changed[place].find("\"data\": \"0x").map(|at| at + 13);
        let at =
            at.filter(|at| changed[place][*at..].len() > 64 && &changed[place][*at..=*at] == "0");
        if let Some(at) = at {
            changed[place].replace_range(at..=at, "1");
            let said = refused(&changed).expect("a changed amount is noticed");
            assert!(said.contains("their root is"), "{said}");
            by_root += 1;
        }
    }
    assert!(by_root > 10, "{by_root}");
}

#[test]
fn time_does_not_run_back() {
    let tables = etl_tables(|name, text| {
        if name != "blocks.csv" {
            return Some(text);
        }
        let header = text.lines().next().unwrap().split(',');
        let column = header.clone().position(|name| name == "timestamp").unwrap();
        let lines = text.lines().map(|line| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if cells[0] == "5" {
                cells[column] = "7";
            }
            format!("{}\n", cells.join(","))
        });
        Some(lines.collect())
    });
    let request = asked(tables.path(), Format::EthereumEtl, Some(SCENARIO));
    let error = Bench::new().refuse(&request).to_string();
    assert!(error.contains("block 5: its time 7 is before"), "{error}");
}

#[test]
fn blocks_of_which_some_have_receipts_are_read_together_and_promise_what_they_tell() {
    let Some(trin) = data("eth/trin") else { return };
    let bench = Bench::new();
    let report = bench.ingest(&asked(&trin, Format::EvmJson, Some(Chain::Evm(1))));
    let promised: Vec<_> = report
        .coverage
        .iter()
        .filter_map(|promise| match promise {
            Coverage::Blocks {
                first,
                last,
                internal,
            } => Some((*first, *last, *internal)),
            _ => None,
        })
        .collect();
    assert!(
        promised.contains(&(Some(19_433_902), Some(19_433_903), false)),
        "{promised:?}"
    );
    assert_eq!(report.fees, None, "not all blocks have receipts");
    assert!(
        !report.gaps.is_empty(),
        "blocks that are scattered have gaps between them"
    );
}
