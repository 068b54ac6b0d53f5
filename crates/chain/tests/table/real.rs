//! The real tables, to the unit.
//!
//! The sums were computed from the files by Python's decimal module, independently of this code:
//! `sum(int((Decimal(row["Value_in_USD"]) * 100).to_integral_value(ROUND_HALF_EVEN)) for row in rows)` and
//! `sum(int(Decimal(row["total_eth"]) * 10**18) for row in rows)`, each row without remainder; and so were the
//! counts of rows, of cells with labels, of values with more than two decimals, and of distinct hashes.

use super::*;

/// A file of the known cases; none, and a word about it, where they are not at hand.
fn known_case(path: &str) -> Option<Vec<u8>> {
    let Some(folder) = std::env::var_os("WHITHER_TEST_DATA") else {
        eprintln!("skipped: WHITHER_TEST_DATA is not set");
        return None;
    };
    let path = PathBuf::from(folder).join(path);
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn read_real(bytes: &[u8], name: &str) -> Table {
    let first_line = std::str::from_utf8(bytes).unwrap().lines().next().unwrap();
    let header: Vec<&str> = first_line.split(',').collect();
    assert_eq!(guess(&header), Some(name));
    read_table(bytes, &Mapping::load(name).unwrap(), None, name).unwrap()
}

fn openings(chain: &Chain, source: &TableSource) -> BTreeMap<(String, String), U256> {
    let view = MemoryAccounts::build(chain.clone(), std::slice::from_ref(source));
    let mut openings = BTreeMap::new();
    for address in 0..view.address_count() {
        let address = AddressIx::of(address);
        for holding in view.holdings(address) {
            let asset = view.asset(view.holding(holding).1).to_string();
            openings.insert(
                (view.address(address).display(chain), asset),
                view.opening(holding),
            );
        }
    }
    openings
}

/// The same rows in other orders, the reverse among them.
fn permutations(source: &TableSource) -> Vec<TableSource> {
    let mut seed = 1_u64;
    let mut draw = move |below: usize| {
        // Knuth's MMIX generator; its high bits are good enough to shuffle with.
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut permuted = vec![source.clone()];
    permuted[0].rows.reverse();
    for _ in 0..20 {
        let mut other = source.clone();
        for last in (1..other.rows.len()).rev() {
            other.rows.swap(last, draw(last + 1));
        }
        permuted.push(other);
    }
    permuted
}

fn assert_order_is_irrelevant(table: &Table) {
    let expected = openings(&table.chain, &table.source);
    assert!(
        expected.values().any(|opening| !opening.is_zero()),
        "the tables begin in the middle"
    );
    for permuted in permutations(&table.source) {
        assert_eq!(openings(&table.chain, &permuted), expected);
    }
}

#[test]
fn the_mftracer_tables_are_read_to_the_cent() {
    for (path, rows, cents, labels, rounded, transactions) in [
        (
            "cases/mftracer-ground-truth/54m/54m.csv",
            292,
            13_919_732_788_u64,
            306,
            203,
            273,
        ),
        (
            "cases/mftracer-ground-truth/LIFI/LIFI.csv",
            135,
            2_221_592_408,
            113,
            133,
            133,
        ),
    ] {
        let Some(bytes) = known_case(path) else {
            return;
        };
        let table = read_real(&bytes, "mftracer");
        assert_eq!(table.source.rows.len(), rows);
        assert_eq!(sum(&table), U256::from(cents), "{path}");
        assert_eq!(
            (table.labels_ignored, table.rounded),
            (labels, rounded),
            "{path}"
        );
        assert!(
            table
                .source
                .rows
                .iter()
                .all(|row| row.asset == Asset::usd())
        );
        assert!(matches!(table.source.coverage, Coverage::Rows { .. }));
        let view = MemoryAccounts::build(table.chain.clone(), std::slice::from_ref(&table.source));
        assert_eq!(view.transaction_count(), transactions);
        assert_order_is_irrelevant(&table);
    }
}

#[test]
fn the_ronin_table_is_read_to_the_wei() {
    let bytes = std::fs::read(repository().join("examples/ronin-2022/transfers.csv")).unwrap();
    let table = read_real(&bytes, "ronin-dune");
    assert_eq!(
        (table.rows, table.source.rows.len(), table.rounded),
        (436, 436, 0)
    );
    assert_eq!(sum(&table).to_string(), "335425720385774384372600");
    let Coverage::Addresses {
        addresses,
        internal,
        from,
        to,
    } = &table.source.coverage
    else {
        panic!("{:?}", table.source.coverage);
    };
    assert_eq!((addresses.len(), *internal), (8, false));
    assert_eq!(from.to_string(), "2022-03-23T13:16:57Z");
    assert_eq!(to.to_string(), "2022-09-27T16:06:23Z");
    let touches = |row: &whither_ledger::memory::TableRow| {
        addresses.contains(&row.from) || addresses.contains(&row.to)
    };
    assert!(table.source.rows.iter().all(touches));
    assert!(
        table
            .source
            .rows
            .iter()
            .all(|row| row.transaction.is_none() && row.height.is_none())
    );
    assert_order_is_irrelevant(&table);
}

#[test]
fn the_shipped_ronin_table_and_its_addresses_are_those_of_the_known_case() {
    let Some(original) = known_case("cases/lazarus-ronin-ethdata/LazarusTabularTxs1322519.csv")
    else {
        return;
    };
    let shipped = std::fs::read(repository().join("examples/ronin-2022/transfers.csv")).unwrap();
    assert!(shipped == original);
    let list = known_case("cases/lazarus-ronin-ethdata/LazarusGroup.txt").unwrap();
    let listed: std::collections::BTreeSet<Address> = String::from_utf8(list)
        .unwrap()
        .split([',', '\n'])
        .map(|text| text.trim().trim_matches('\''))
        .filter(|text| !text.is_empty())
        .map(|text| Address::parse(&ETHEREUM, &text.replace("\\x", "0x")).unwrap())
        .collect();
    let table = read_real(&shipped, "ronin-dune");
    let Coverage::Addresses { addresses, .. } = &table.source.coverage else {
        panic!()
    };
    assert_eq!(*addresses, listed);
}
