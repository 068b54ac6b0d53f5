//! What holds for any rows and any bytes.

use super::*;

/// What a random row is made of: the parts, and the texts written into cells nobody maps.
#[derive(Clone, Debug)]
struct Written {
    seconds: u32,
    height: u32,
    log_index: Option<u32>,
    hash: [u8; 32],
    from: [u8; 20],
    to: [u8; 20],
    amount: [u8; 32],
    note: String,
}

fn written() -> impl Strategy<Value = Written> {
    let place = (
        any::<u32>(),
        any::<u32>(),
        any::<Option<u32>>(),
        any::<[u8; 32]>(),
    );
    let content = (
        any::<[u8; 20]>(),
        any::<[u8; 20]>(),
        any::<[u8; 32]>(),
        "[^\u{0}]{0,12}",
    );
    (place, content).prop_map(
        |((seconds, height, log_index, hash), (from, to, amount, note))| Written {
            seconds,
            height,
            log_index,
            hash,
            from,
            to,
            amount,
            note,
        },
    )
}

/// The units as a decimal of `decimals` places.
fn decimal(units: U256, decimals: usize) -> String {
    let digits = format!("{units:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

fn write(rows: &[Written], delimiter: u8, decimals: usize, windows: bool) -> Vec<u8> {
    let terminator = if windows {
        csv::Terminator::CRLF
    } else {
        csv::Terminator::Any(b'\n')
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(terminator)
        .from_writer(Vec::new());
    writer
        .write_record(["note", "time", "block", "tx", "log", "from", "to", "amount"])
        .unwrap();
    for row in rows {
        let address = |bytes: [u8; 20]| Address::Evm(bytes).display(&ETHEREUM);
        let cells = [
            row.note.clone(),
            row.seconds.to_string(),
            row.height.to_string(),
            TransactionId::Hash(row.hash).to_string(),
            row.log_index
                .map(|index| index.to_string())
                .unwrap_or_default(),
            address(row.from),
            address(row.to),
            decimal(U256::from_be_bytes(row.amount), decimals),
        ];
        writer.write_record(cells).unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #[test]
    fn rows_that_were_written_are_read_back_exactly(
        rows in prop::collection::vec(written(), 1..20),
        delimiter in prop::sample::select(b",;\t|".to_vec()),
        decimals in 0_usize..=18,
        windows: bool,
    ) {
        let top = format!("delimiter = {:?}", char::from(delimiter).to_string());
        let columns = "block = \"block\"\ntransaction = \"tx\"\nlog_index = \"log\"\nlabels = [\"note\"]";
        let mapping = mapping_with(decimals, &top, columns);
        let bytes = write(&rows, delimiter, decimals, windows);
        let table = read_table(bytes.as_slice(), &mapping, None, "t.csv").unwrap();
        prop_assert_eq!(table.source.rows.len(), rows.len());
        for (read, written) in table.source.rows.iter().zip(&rows) {
            prop_assert_eq!(read.time, Timestamp::from(written.seconds));
            prop_assert_eq!(read.height, Some(written.height));
            prop_assert_eq!(read.log_index, written.log_index);
            prop_assert_eq!(&read.transaction, &Some(TransactionId::Hash(written.hash)));
            prop_assert_eq!(&read.from, &Address::Evm(written.from));
            prop_assert_eq!(&read.to, &Address::Evm(written.to));
            prop_assert_eq!(read.amount, U256::from_be_bytes(written.amount));
        }
        let labels = rows.iter().filter(|row| !row.note.trim_ascii().is_empty()).count();
        prop_assert_eq!(table.labels_ignored, u64::try_from(labels).unwrap());
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, text in "[a-z0-9,;\"\r\n]{0,80}") {
        let _ = read(&bytes);
        let _ = read([b"time,from,to,amount\n", bytes.as_slice()].concat());
        let _ = read(format!("time,from,to,amount\n{text}"));
        let _ = Mapping::parse(&text, "t.toml");
    }
}
