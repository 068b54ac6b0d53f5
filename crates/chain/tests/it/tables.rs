//! Tables through ingest and store: what goes in comes out. The reading of tables is tested beside the reader.

use whither_chain::{ChainError, IngestRequest, LoadedChain, RequestError, status};
use whither_ledger::view::{AccountView as _, ChainView as _, TxIx};

use crate::made::{framed, genesis};
use crate::support::{Bench, files, request};

const A: &str = r"\x098b716b8aaf21512996dc57eb0615e2383e2f96";
const B: &str = r"\x00000000000000000000000000000000000000bb";

fn table(bench: &Bench) -> IngestRequest {
    let text = format!(
        "block_time,from,to,total_eth\n2022-03-23T13:29:09Z,{A},{B},1.5\n2022-03-24T00:00:00Z,{B},{A},0.25\n"
    );
    request(bench.file("table.csv", text.as_bytes()))
}

#[test]
fn a_table_goes_in_and_comes_out() {
    let bench = Bench::new();
    let report = bench.ingest(&table(&bench));
    assert_eq!(
        (report.transfers, report.transactions, report.blocks),
        (2, 2, 0)
    );
    assert_eq!((report.fees, report.gaps.len()), (None, 0));
    let before = files(&bench.store_path());
    assert!(bench.ingest(&table(&bench)).unchanged);
    assert_eq!(files(&bench.store_path()), before);

    let store = bench.store();
    let LoadedChain::Account(view) = store.load(&report.chain).unwrap() else {
        panic!("a table is of accounts")
    };
    assert_eq!(view.coverage(), report.coverage);
    let amounts: Vec<String> = (0..2)
        .flat_map(|row| view.legs(TxIx::of(row)))
        .map(|leg| leg.amount.to_string())
        .collect();
    assert_eq!(amounts, ["1500000000000000000", "250000000000000000"]);
    let status = status(&store).unwrap();
    assert_eq!(
        (status[0].transfers, status[0].addresses, status[0].outputs),
        (2, 2, 0)
    );
}

/// The same rows in another order, by two tables: the view is the same, whichever came first.
#[test]
fn the_order_of_ingests_changes_nothing() {
    let rows = [
        "2022-03-23T13:29:09Z,A,B,1.5",
        "2022-03-24T00:00:00Z,B,A,0.25",
        "2022-03-25T00:00:00Z,A,B,1",
    ];
    let table = |bench: &Bench, rows: &[&str]| {
        let rows = rows.join("\n").replace('A', A).replace('B', B);
        let text = format!("block_time,from,to,total_eth\n{rows}\n");
        bench.ingest(&request(bench.file("table.csv", text.as_bytes())));
    };
    let mut ids = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let bench = Bench::new();
        for part in order {
            table(&bench, &rows[part..part + 2]);
        }
        let loaded = bench
            .store()
            .load(&whither_ledger::chain::Chain::Evm(1))
            .unwrap();
        assert_eq!(loaded.view().transaction_count(), 3);
        ids.push(loaded.view().content_id());
    }
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn one_table_has_one_reading() {
    let bench = Bench::new();
    let request = table(&bench);
    bench.ingest(&request);
    let mapping = whither_chain::sources::table::built_in("ronin-dune").unwrap();
    let mapping = mapping
        .replace("decimals = 18", "decimals = 8")
        .replace("slip44:60", "slip44:61");
    let mapping = bench.file("other.toml", mapping.as_bytes());
    let error = bench.refuse(&IngestRequest {
        mapping: Some(mapping.to_str().unwrap().to_owned()),
        ..request
    });
    assert!(
        matches!(error, ChainError::Request(RequestError::OtherReading)),
        "{error}"
    );
}

/// Real tables, as their publishers made them.
#[test]
fn real_tables_come_out_as_they_went_in() {
    for (path, transfers) in [
        (
            "cases/lazarus-ronin-ethdata/LazarusTabularTxs1322519.csv",
            436,
        ),
        ("cases/mftracer-ground-truth/LIFI/LIFI.csv", 135),
        ("cases/mftracer-ground-truth/54m/54m.csv", 292),
    ] {
        let Some(path) = crate::support::data(path) else {
            return;
        };
        let bench = Bench::new();
        let report = bench.ingest(&request(&path));
        assert_eq!(report.transfers, transfers, "{}", path.display());
        let loaded = bench.store().load(&report.chain).unwrap();
        assert_eq!(loaded.view().coverage(), report.coverage);
        assert!(bench.ingest(&request(&path)).unchanged);
    }
}

#[test]
fn options_go_with_their_kind_of_source() {
    let bench = Bench::new();
    let with_height = IngestRequest {
        height: Some(1),
        ..table(&bench)
    };
    let error = bench.refuse(&with_height);
    assert!(
        error
            .to_string()
            .contains("--height goes with blocks, not with tables"),
        "{error}"
    );
    let blocks = bench.file("blocks", &framed(&[genesis()]));
    let with_mapping = IngestRequest {
        mapping: Some("mftracer".to_owned()),
        ..request(&blocks)
    };
    let error = bench.refuse(&with_mapping);
    assert!(
        error
            .to_string()
            .contains("--mapping goes with tables, not with blocks"),
        "{error}"
    );
    let mut both = table(&bench);
    both.paths.push(blocks);
    let error = bench.refuse(&both);
    assert!(
        matches!(error, ChainError::Request(RequestError::SeveralKinds)),
        "{error}"
    );
    let on_bitcoin = IngestRequest {
        chain: Some(crate::support::BITCOIN),
        ..table(&bench)
    };
    let error = bench.refuse(&on_bitcoin);
    assert!(matches!(error, ChainError::Table(_)), "{error}");
    let nothing = IngestRequest::default();
    assert!(bench.refuse(&nothing).hint().is_some());
}

#[test]
fn a_table_without_a_known_header_asks_for_a_mapping() {
    let bench = Bench::new();
    let error = bench.refuse(&request(bench.file("table.csv", b"a,b,c\n1,2,3\n")));
    assert!(
        error
            .to_string()
            .contains("no built-in mapping has this table's header"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("--mapping"));
}
