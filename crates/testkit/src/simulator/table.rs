//! A table of transfers in US cents, as people publish them: rows of a CSV file, several to a transaction.
//!
//! The file's form is that of the MFTracer ground truth. Amounts are whole cents, so nothing is rounded.

use crate::naive::account::{Leg, NaiveTable, NaiveTransaction, canonical_leg_order};
use crate::rng::SplitMix64;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// The asset of these tables.
pub const USD: &str = "iso4217:USD";

const HEADER: &str = "Timestamp,Block,Tx_hash,From,From_label,To,To_label,Value_in_USD";

/// One row: one transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Seconds since 1970.
    pub time: u64,
    /// Height of the block.
    pub block: u64,
    /// The transaction's hash.
    pub txid: String,
    /// Who pays.
    pub from: String,
    /// What the publisher calls him; may be empty.
    pub from_label: String,
    /// Who is paid.
    pub to: String,
    /// What the publisher calls him; may be empty.
    pub to_label: String,
    /// How much, in cents.
    pub cents: u64,
}

/// A table of transfers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimTable {
    /// The rows in the order in which they are written.
    pub rows: Vec<Row>,
    /// Addresses that occur in it and are worth asking about.
    pub addresses: Vec<String>,
}

impl SimTable {
    /// The same rows in a random order.
    #[must_use]
    pub fn shuffled(&self, seed: u64) -> Self {
        let mut table = self.clone();
        SplitMix64::new(seed).shuffle(&mut table.rows);
        table
    }

    /// Writes the rows as a CSV file.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write_mftracer_csv(&self, path: &Path) -> io::Result<()> {
        fs::write(path, self.to_mftracer_csv())
    }

    /// The rows as the text of a CSV file.
    #[must_use]
    pub fn to_mftracer_csv(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for row in &self.rows {
            let fields = [
                timestamp(row.time),
                row.block.to_string(),
                row.txid.clone(),
                row.from.clone(),
                row.from_label.clone(),
                row.to.clone(),
                row.to_label.clone(),
            ];
            for field in fields {
                assert!(!field.contains([',', '"', '\n']), "no field needs quotes");
                text += &field;
                text += ",";
            }
            writeln!(text, "{}.{:02}", row.cents / 100, row.cents % 100)
                .expect("a string takes all");
        }
        text
    }

    /// The table for the naive reference, without services: transactions by height, then time, then the row where
    /// they first appear (law 5), legs in the canonical order, numbered from zero as the rows stand.
    #[must_use]
    pub fn to_naive(&self) -> NaiveTable {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        let mut transactions: Vec<NaiveTransaction> = Vec::new();
        for row in &self.rows {
            let place = *found.entry(row.txid.clone()).or_insert_with(|| {
                transactions.push(NaiveTransaction {
                    txid: row.txid.clone(),
                    height: row.block,
                    time: row.time,
                    fee: None,
                    legs: Vec::new(),
                    unordered: true,
                });
                transactions.len() - 1
            });
            let legs = &mut transactions[place].legs;
            legs.push(Leg {
                index: legs.len(),
                asset: USD.to_owned(),
                from: row.from.clone(),
                to: row.to.clone(),
                amount: u128::from(row.cents),
            });
        }
        for transaction in &mut transactions {
            canonical_leg_order(&mut transaction.legs);
        }
        // A stable sort: what is equal stays in the order of its first row.
        transactions.sort_by_key(|transaction| (transaction.height, transaction.time));
        NaiveTable {
            transactions,
            services: BTreeSet::new(),
        }
    }
}

/// A random account address.
pub(super) fn random_address(rng: &mut SplitMix64) -> String {
    hexadecimal(&rng.bytes::<20>())
}

/// A random transaction hash.
pub(super) fn random_hash(rng: &mut SplitMix64) -> String {
    hexadecimal(&rng.bytes::<32>())
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = "0x".to_owned();
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string takes all");
    }
    text
}

/// Seconds since 1970 as `YYYY-MM-DD hh:mm:ss` in UTC.
pub(super) fn timestamp(seconds: u64) -> String {
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let mut day = seconds / 86400;
    let mut year = 1970;
    while day >= days_of_year(year) {
        day -= days_of_year(year);
        year += 1;
    }
    let february = days_of_year(year) - 337;
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let day = day + 1;
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

fn days_of_year(year: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    if leap { 366 } else { 365 }
}

#[cfg(test)]
mod tests {
    use super::{Row, SimTable, timestamp};

    #[test]
    fn times_are_the_calendars() {
        assert_eq!(timestamp(0), "1970-01-01 00:00:00");
        assert_eq!(timestamp(951_782_400), "2000-02-29 00:00:00");
        assert_eq!(timestamp(1_704_067_199), "2023-12-31 23:59:59");
        assert_eq!(timestamp(1_721_131_487), "2024-07-16 12:04:47");
    }

    #[test]
    fn a_row_is_written_with_two_decimals() {
        let row = Row {
            time: 0,
            block: 5,
            txid: "0xaa".to_owned(),
            from: "0x01".to_owned(),
            from_label: "Thief".to_owned(),
            to: "0x02".to_owned(),
            to_label: String::new(),
            cents: 123_405,
        };
        let table = SimTable {
            rows: vec![row],
            addresses: Vec::new(),
        };
        let text = table.to_mftracer_csv();
        let (header, rows) = text.split_once('\n').expect("two lines");
        assert_eq!(
            header,
            "Timestamp,Block,Tx_hash,From,From_label,To,To_label,Value_in_USD"
        );
        assert_eq!(
            rows,
            "1970-01-01 00:00:00,5,0xaa,0x01,Thief,0x02,,1234.05\n"
        );
    }
}
