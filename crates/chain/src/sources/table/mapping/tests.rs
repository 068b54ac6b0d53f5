//! What a mapping file must say, and how it is told what is wrong with one.

#![allow(clippy::unwrap_used)]

use super::*;

const TOP: &str = r#"
schema = "whither.mapping/1"
name = "mine"
chain = "eip155:1"
time_format = "utc"
asset = "slip44:60"
decimals = 18
"#;
const COLUMNS: &str = r#"
[columns]
time = "t"
from = "f"
to = "o"
amount = "a"
"#;
const COVERAGE: &str = r#"
[coverage]
kind = "rows"
"#;

/// A mapping with lines added at the top, to the columns, and another coverage.
fn with(top: &str, columns: &str, coverage: &str) -> Result<Mapping, MappingError> {
    Mapping::parse(
        &format!("{TOP}{top}\n{COLUMNS}{columns}\n{coverage}"),
        "mine.toml",
    )
}

/// The same without one line.
fn without(line: &str) -> Result<Mapping, MappingError> {
    let text = format!("{TOP}{COLUMNS}{COVERAGE}");
    assert!(text.contains(line), "{line}");
    Mapping::parse(&text.replace(line, ""), "mine.toml")
}

fn said(result: Result<Mapping, MappingError>) -> (String, String) {
    let error = result.unwrap_err();
    (error.to_string(), error.hint().unwrap_or_default())
}

#[test]
fn the_least_mapping_is_one() {
    let mapping = with("", "", COVERAGE).unwrap();
    assert_eq!((mapping.name(), mapping.description()), ("mine", ""));
    assert_eq!(mapping.chain(), Some(&Chain::Evm(1)));
    assert_eq!(
        (mapping.delimiter, mapping.rounding),
        (b',', Rounding::Refuse)
    );
    assert_eq!(mapping.promise, Promise::Rows);
}

#[test]
fn all_keys_together_are_a_mapping() {
    let top = r#"
description = "everything"
delimiter = "\t"
address_prefix = '\x'
rounding = "down"
fee_asset = "eip155:1/slip44:60"
fee_decimals = 0
failed = ["0", "Error"]
asset_decimals = { "0xdac17f958d2ee523a2206206994597c13d831ec7" = 6, "eip155:1/slip44:60" = 18 }
"#;
    let columns = r#"
block = "b"
index = "i"
transaction = "h"
log_index = "l"
asset = "token"
fee = "fee"
fee_payer = "payer"
status = "s"
labels = ["who", "whom"]
"#;
    let coverage = r#"
[coverage]
kind = "addresses"
addresses = ["0x098B716B8Aaf21512996dC57EB0615e2383E2f96"]
internal = true
"#;
    let mapping = with(top, columns, coverage).unwrap();
    assert_eq!(
        (mapping.delimiter, mapping.rounding),
        (b'\t', Rounding::Down)
    );
    assert_eq!(mapping.columns.len(), 14);
    let on_chain = mapping.on(&Chain::Evm(1)).unwrap();
    assert_eq!(on_chain.fee.unwrap().1, 0);
    assert_eq!(on_chain.asset_decimals.len(), 2);
    assert_eq!(on_chain.promised.len(), 1);
}

#[test]
fn an_unknown_key_is_an_error_at_its_place_with_the_keys_there_are() {
    let (error, hint) = said(with("roundings = \"down\"", "", COVERAGE));
    assert!(
        error.starts_with("mine.toml:8:1: unknown field `roundings`"),
        "{error}"
    );
    assert!(hint.contains("rounding, fee_asset"), "{hint}");
    let (error, hint) = said(with("", "sender = \"f\"", COVERAGE));
    assert!(
        error.starts_with("mine.toml:15:1: unknown field `sender`"),
        "{error}"
    );
    assert!(hint.contains("under [columns]: time, from, to"), "{hint}");
    let (error, _) = said(with("", "", "[coverage]\nkind = \"rows\"\nfrom = 1"));
    assert!(
        error.starts_with("mine.toml:18:1: unknown field `from`"),
        "{error}"
    );
    let (error, _) = said(with("", "", "[coverage]\nkind = \"all\""));
    assert!(
        error.starts_with("mine.toml:17:8: unknown variant `all`"),
        "{error}"
    );
}

#[test]
fn a_missing_key_is_named() {
    for key in ["schema", "name", "time_format"] {
        let line = TOP.lines().find(|line| line.starts_with(key)).unwrap();
        let (error, hint) = said(without(line));
        assert!(error.contains(&format!("missing field `{key}`")), "{error}");
        assert!(hint.contains(key), "{hint}");
    }
    for line in COLUMNS.lines().filter(|line| line.contains('=')) {
        assert!(said(without(line)).0.contains("missing field"), "{line}");
    }
    assert!(
        said(without("kind = \"rows\""))
            .0
            .contains("missing field `kind`")
    );
    assert!(
        said(without("asset = \"slip44:60\""))
            .0
            .contains("does not say what moves")
    );
    assert!(
        said(without("decimals = 18"))
            .0
            .contains("how many decimals the amounts")
    );
    assert_eq!(without("chain = \"eip155:1\"").unwrap().chain(), None);
}

#[test]
fn a_text_that_is_no_toml_is_named_with_its_place() {
    let (error, _) = said(Mapping::parse(
        "schema = \"whither.mapping/1\nname = 1",
        "m",
    ));
    assert!(error.starts_with("m:1:"), "{error}");
    let (error, _) = said(with("decimals = 18", "", COVERAGE));
    assert!(error.starts_with("mine.toml:8:1: duplicate key"), "{error}");
    let (error, _) = said(with("decimals_ = \"é\"; x", "", COVERAGE));
    assert!(
        error.starts_with("mine.toml:8:16"),
        "characters are counted, not bytes: {error}"
    );
    let deep = format!("x = {}", "[".repeat(100_000));
    assert!(matches!(
        Mapping::parse(&deep, "m"),
        Err(MappingError::Invalid { .. })
    ));
    let long = " ".repeat((1 << 20) + 1);
    assert!(matches!(
        Mapping::parse(&long, "m"),
        Err(MappingError::TooLong { .. })
    ));
}

#[test]
fn a_value_that_means_nothing_is_named_with_its_place() {
    let text = |from: &str, to: &str| {
        let text = format!("{TOP}{COLUMNS}{COVERAGE}");
        assert!(text.contains(from), "{from}");
        said(Mapping::parse(&text.replace(from, to), "mine.toml"))
    };
    for (from, to, place, what) in [
        (
            "mapping/1",
            "mapping/2",
            "2:10",
            "schema \"whither.mapping/2\" is not known",
        ),
        ("\"mine\"", "\"mi ne\"", "3:8", "\"mi ne\" is not a name"),
        (
            "eip155:1",
            "etherium",
            "4:9",
            "no chain is called \"etherium\"",
        ),
        ("eip155:1", "bitcoin", "4:9", "is a chain of outputs"),
        ("slip44:60", "ETH", "6:9", "\"ETH\" is not an EVM address"),
        (
            "slip44:60",
            "eip155:10/slip44:60",
            "6:9",
            "is not on eip155:1",
        ),
        ("slip44:60", "iso4217:usd", "6:9", "no currency code"),
        (
            "slip44:60",
            "iso4217:USD",
            "6:9",
            "18 decimals, and it has 2",
        ),
        (
            "decimals = 18",
            "decimals = 19",
            "6:9",
            "19 decimals, and it has 18",
        ),
        (
            "decimals = 18",
            "decimals = 78",
            "7:12",
            "78 decimals are more",
        ),
        ("decimals = 18", "decimals = -1", "7:12", "invalid value"),
        (
            "decimals = 18",
            "decimals = 18\ndelimiter = \" \"",
            "8:13",
            "is not a delimiter",
        ),
        (
            "decimals = 18",
            "decimals = 18\nrounding = \"up\"",
            "8:12",
            "unknown variant `up`",
        ),
        (
            "time_format = \"utc\"",
            "time_format = \"iso\"",
            "5:15",
            "unknown variant `iso`",
        ),
        ("from = \"f\"", "from = \" \"", "11:8", "without a name"),
        (
            "from = \"f\"",
            "from = \"t\"",
            "11:8",
            "\"t\" is named twice",
        ),
    ] {
        let (error, hint) = text(from, to);
        assert!(
            error.starts_with(&format!("mine.toml:{place}: ")),
            "{to}: {error}"
        );
        assert!(error.contains(what), "{to}: {error}");
        assert!(!hint.is_empty(), "{error}");
    }
}

#[test]
fn a_key_that_means_nothing_without_another_is_an_error() {
    for (top, columns, what) in [
        (
            "",
            "index = \"i\"",
            "`index` means nothing without a column `block`",
        ),
        (
            "",
            "log_index = \"l\"",
            "`log_index` means nothing without a column `transaction`",
        ),
        (
            "",
            "fee = \"fee\"",
            "`fee` means nothing without a column `transaction`",
        ),
        (
            "",
            "fee_payer = \"p\"",
            "`fee_payer` means nothing without a column `fee`",
        ),
        (
            "fee_asset = \"slip44:60\"",
            "",
            "`fee_asset` means nothing without a column `fee`",
        ),
        (
            "fee_decimals = 9",
            "",
            "`fee_decimals` means nothing without a column `fee`",
        ),
        (
            "failed = [\"0\"]",
            "",
            "`failed` means nothing without a column `status`",
        ),
        ("", "status = \"s\"", "no value of it means failed"),
        (
            "failed = []",
            "status = \"s\"",
            "no value of it means failed",
        ),
        (
            "asset_decimals = { \"slip44:60\" = 18 }",
            "",
            "`asset_decimals` means nothing without a column `asset`",
        ),
    ] {
        let (error, hint) = said(with(top, columns, COVERAGE));
        assert!(error.contains(what), "{error}");
        assert!(!hint.is_empty(), "{error}");
    }
}

#[test]
fn a_promise_is_made_in_full_or_not_at_all() {
    for (coverage, what) in [
        (
            "[coverage]\nkind = \"rows\"\ninternal = false",
            "promises nothing about",
        ),
        (
            "[coverage]\nkind = \"rows\"\naddresses = []",
            "promises nothing about",
        ),
        ("[coverage]\nkind = \"addresses\"", "none is listed"),
        (
            "[coverage]\nkind = \"addresses\"\naddresses = []",
            "none is listed",
        ),
        (
            "[coverage]\nkind = \"addresses\"\naddresses = [\"0x12\"]",
            "18:14: \"0x12\" is not an EVM address",
        ),
        ("", "missing field `coverage`"),
    ] {
        let (error, _) = said(with("", "", coverage));
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn a_fee_is_in_the_chains_own_asset_and_its_decimals_are_never_assumed() {
    let fee = "transaction = \"h\"\nfee = \"fee\"";
    let on_chain = with("", fee, COVERAGE).unwrap().on(&Chain::Evm(1)).unwrap();
    assert_eq!(
        on_chain.fee,
        Some((Chain::Evm(1).native_asset().unwrap(), 18))
    );

    let dollars = |more: &str| {
        let top = TOP
            .replace("slip44:60", "iso4217:USD")
            .replace("decimals = 18", "decimals = 2");
        Mapping::parse(
            &format!("{top}{more}\n{COLUMNS}{fee}\n{COVERAGE}"),
            "mine.toml",
        )
    };
    let (error, hint) = said(dollars(""));
    assert!(error.contains("how many decimals the fees"), "{error}");
    assert!(hint.contains("fee_decimals"));
    assert_eq!(
        dollars("fee_decimals = 0")
            .unwrap()
            .on(&Chain::Evm(1))
            .unwrap()
            .fee
            .unwrap()
            .1,
        0
    );

    let unknown = with("", fee, COVERAGE)
        .unwrap()
        .on(&Chain::Evm(2020))
        .unwrap_err();
    assert!(
        unknown
            .to_string()
            .contains("what fees are paid in on eip155:2020 is not known"),
        "{unknown}"
    );
}

#[test]
fn what_is_bound_to_a_chain_is_checked_on_the_chain_the_caller_names() {
    let bound = Mapping::parse(
        &format!(
            "{}{COLUMNS}{COVERAGE}",
            TOP.replace("slip44:60", "eip155:1/slip44:60")
        ),
        "mine.toml",
    );
    let error = bound.unwrap().on(&Chain::Evm(10)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("mine.toml:6:9: the asset eip155:1/slip44:60 is not on eip155:10")
    );
    let free = with("", "", COVERAGE).unwrap();
    assert_eq!(
        free.on(&Chain::Evm(10)).unwrap().asset.unwrap().0.as_str(),
        "eip155:10/slip44:60"
    );
}

#[test]
fn a_mapping_is_loaded_by_its_name_or_from_a_file() {
    assert_eq!(Mapping::load("mftracer").unwrap().name(), "mftracer");
    let error = Mapping::load("mftrace").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no built-in mapping and no file called \"mftrace\""
    );
    assert!(error.hint().unwrap().ends_with("mftracer, ronin-dune"));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(
        &path,
        format!("\u{feff}{TOP}{COLUMNS}{COVERAGE}").replace('\n', "\r\n"),
    )
    .unwrap();
    assert_eq!(
        Mapping::load(path.to_str().unwrap()).unwrap().name(),
        "mine"
    );
    assert!(matches!(
        Mapping::load(folder.path().to_str().unwrap()),
        Err(MappingError::Read { .. })
    ));
    std::fs::write(&path, b"name = \"\xe9\"").unwrap();
    assert!(matches!(
        Mapping::load(path.to_str().unwrap()),
        Err(MappingError::Read { .. })
    ));
}
