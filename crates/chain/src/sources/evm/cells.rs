//! One row of an exporter's table, whether it stands in a CSV file or is a line of JSON.
//!
//! Numbers are taken as the text they are written in: a token's amount has no room in a machine word.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read};

use serde_json::value::RawValue;
use whither_ledger::U256;

use super::error::{EvmError, EvmFault};
use super::hex::{decimal, fixed, small};
use super::{Account, Hash};
use crate::sources::table::TableFault;
use crate::sources::table::records::{Record, Records};

/// The longest row that is read: data of a transaction can be a megabyte, and is twice that in hex.
pub(in crate::sources) const LENGTH_MAX: usize = 1 << 26;

/// One row.
pub(in crate::sources) enum Cells<'a> {
    Csv {
        header: &'a HashMap<String, usize>,
        record: &'a Record,
    },
    Json(&'a HashMap<String, Box<RawValue>>),
}

impl Cells<'_> {
    /// The text of a cell; none where it is empty or not there.
    pub(in crate::sources) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Csv { header, record } => {
                let (text, _) = record.cell(*header.get(name)?)?;
                (!text.is_empty()).then_some(Cow::Borrowed(text))
            }
            Self::Json(fields) => {
                let raw = fields.get(name)?.get();
                match raw.as_bytes().first() {
                    Some(b'"') => {
                        let text: String = serde_json::from_str(raw).ok()?;
                        (!text.is_empty()).then_some(Cow::Owned(text))
                    }
                    Some(b'n') => None,
                    _ => Some(Cow::Borrowed(raw)),
                }
            }
        }
    }

    pub(in crate::sources) fn need(&self, name: &'static str) -> Result<Cow<'_, str>, EvmFault> {
        self.get(name).ok_or(EvmFault::Empty(name))
    }

    pub(in crate::sources) fn number(&self, name: &str) -> Result<Option<U256>, EvmFault> {
        self.get(name).map(|text| decimal(&text)).transpose()
    }

    pub(in crate::sources) fn needed_number(&self, name: &'static str) -> Result<U256, EvmFault> {
        decimal(&self.need(name)?)
    }

    pub(in crate::sources) fn index(&self, name: &'static str) -> Result<u32, EvmFault> {
        small(self.needed_number(name)?)
    }

    pub(in crate::sources) fn account(&self, name: &str) -> Result<Option<Account>, EvmFault> {
        self.get(name).map(|text| fixed(&text)).transpose()
    }

    pub(in crate::sources) fn hash(&self, name: &str) -> Result<Option<Hash>, EvmFault> {
        self.get(name).map(|text| fixed(&text)).transpose()
    }

    pub(in crate::sources) fn needed_account(
        &self,
        name: &'static str,
    ) -> Result<Account, EvmFault> {
        fixed(&self.need(name)?)
    }

    pub(in crate::sources) fn needed_hash(&self, name: &'static str) -> Result<Hash, EvmFault> {
        fixed(&self.need(name)?)
    }

    /// A list: in CSV its items parted by commas, in JSON an array of texts or numbers.
    pub(in crate::sources) fn list(&self, name: &str) -> Result<Vec<String>, EvmFault> {
        let Some(text) = self.get(name) else {
            return Ok(Vec::new());
        };
        if !text.starts_with('[') {
            return Ok(text.split(',').map(str::to_owned).collect());
        }
        let items: Vec<Box<RawValue>> =
            serde_json::from_str(&text).map_err(|error| EvmFault::Json(error.to_string()))?;
        let item = |item: &RawValue| item.get().trim_matches('"').to_owned();
        Ok(items.iter().map(|raw| item(raw)).collect())
    }
}

/// Which columns a table has.
pub(in crate::sources) type Names = Vec<String>;

/// Reads a table row by row: first its columns are told, then each row. JSON rows may lack columns, so the names
/// are those of the first.
pub(in crate::sources) fn read(
    file: impl Read,
    name: &str,
    mut begin: impl FnMut(&Names) -> Result<bool, EvmFault>,
    mut row: impl FnMut(&Cells<'_>) -> Result<(), EvmFault>,
) -> Result<(), EvmError> {
    let mut input = BufReader::with_capacity(1 << 16, file);
    let first = input
        .fill_buf()
        .map_err(|error| EvmError::new(name, None, EvmFault::Io(error)))?;
    if first.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        return read_lines(input, name, begin, row);
    }
    let line = |line: u64, fault| EvmError::new(name, Some(format!("line {line}")), fault);
    let mut records = Records::new(input, b',', LENGTH_MAX);
    let table = |(number, fault): (u64, TableFault)| line(number, EvmFault::Table(fault));
    let Some(header) = records.next().map_err(table)? else {
        return Ok(());
    };
    let names: Names = header.cells().map(|name| name.trim().to_owned()).collect();
    if !begin(&names).map_err(|fault| line(1, fault))? {
        return Ok(());
    }
    let mut header = HashMap::new();
    for (column, name) in names.iter().enumerate() {
        if header.insert(name.clone(), column).is_some() {
            let what = format!("the column {name:?}");
            return Err(line(1, EvmFault::Twice { what }));
        }
    }
    while let Some(record) = records.next().map_err(table)? {
        if record.len() != names.len() {
            let fault = TableFault::RowLength {
                found: record.len(),
                expected: names.len(),
            };
            return Err(line(record.line(), EvmFault::Table(fault)));
        }
        let cells = Cells::Csv {
            header: &header,
            record,
        };
        row(&cells).map_err(|fault| line(record.line(), fault))?;
    }
    Ok(())
}

fn read_lines(
    mut input: impl std::io::BufRead,
    name: &str,
    mut begin: impl FnMut(&Names) -> Result<bool, EvmFault>,
    mut row: impl FnMut(&Cells<'_>) -> Result<(), EvmFault>,
) -> Result<(), EvmError> {
    let mut text = Vec::new();
    let mut is_first = true;
    for number in 1_u64.. {
        let line = |fault| EvmError::new(name, Some(format!("line {number}")), fault);
        text.clear();
        let limit = u64::try_from(LENGTH_MAX).unwrap_or(u64::MAX);
        let mut limited = Read::take(&mut input, limit);
        let read = std::io::BufRead::read_until(&mut limited, b'\n', &mut text);
        let read = read.map_err(|error| line(EvmFault::Io(error)))?;
        if read == 0 {
            break;
        }
        if read == LENGTH_MAX {
            return Err(line(EvmFault::TooMuch {
                what: "bytes in a line",
                limit,
            }));
        }
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let fields: HashMap<String, Box<RawValue>> = serde_json::from_slice(&text)
            .map_err(|error| line(EvmFault::Json(error.to_string())))?;
        if std::mem::take(&mut is_first) {
            let mut names: Names = fields.keys().cloned().collect();
            names.sort();
            if !begin(&names).map_err(line)? {
                return Ok(());
            }
        }
        row(&Cells::Json(&fields)).map_err(line)?;
    }
    Ok(())
}
