//! Flat Parquet tables, read by column name in batches: a few thousand rows are in memory, whatever the file's size.
//!
//! The file format is read by a library; here its columns become values that may be missing. Nested columns, and
//! types that no table here has, are as if they were not there. What a file claims of itself is held against limits
//! before anything is made as large as it claims.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::basic::{Compression, ConvertedType, LogicalType, Type as Physical};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{ByteArray, DataType, FixedLenByteArray};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use whither_ledger::U256;

use super::evm::{EvmFault, hex};

/// Rows in one batch.
const BATCH: usize = 4096;
/// The most columns of a table.
const COLUMNS_MAX: usize = 4096;
/// How much larger a column may claim to be than its file: repeats compress well, and lies do better.
const INFLATION_MAX: u64 = 100_000;

/// One column of a batch: the value of each row, if there is one.
#[derive(Debug)]
enum Values {
    Number(Vec<Option<u64>>),
    Bytes(Vec<Option<ByteArray>>),
    Flag(Vec<Option<bool>>),
}

/// Some rows.
#[derive(Debug)]
pub(crate) struct Batch {
    names: &'static [&'static str],
    columns: Vec<Option<Values>>,
    rows: usize,
}

impl Batch {
    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    fn column(&self, name: &str) -> Option<&Values> {
        let place = self.names.iter().position(|one| *one == name)?;
        self.columns[place].as_ref()
    }

    /// A whole number; decimal text is read as one.
    pub(crate) fn number(&self, name: &str, row: usize) -> Result<Option<U256>, EvmFault> {
        match self.column(name) {
            Some(Values::Number(numbers)) => Ok(numbers[row].map(U256::from)),
            Some(Values::Bytes(texts)) => {
                let text = texts[row]
                    .as_ref()
                    .map(|text| utf8(text.data()))
                    .transpose()?;
                text.map(hex::decimal).transpose()
            }
            _ => Ok(None),
        }
    }

    /// Raw bytes; text that begins with `0x` is read as hex.
    pub(crate) fn bytes(&self, name: &str, row: usize) -> Result<Option<Vec<u8>>, EvmFault> {
        let Some(Values::Bytes(values)) = self.column(name) else {
            return Ok(None);
        };
        let Some(value) = &values[row] else {
            return Ok(None);
        };
        let data = value.data();
        let is_hex = data.starts_with(b"0x") && data[2..].iter().all(u8::is_ascii_hexdigit);
        if is_hex {
            return hex::bytes(utf8(data)?).map(Some);
        }
        Ok(Some(data.to_vec()))
    }

    /// Exactly so many bytes, raw or in hex.
    pub(crate) fn fixed<const N: usize>(
        &self,
        name: &str,
        row: usize,
    ) -> Result<Option<[u8; N]>, EvmFault> {
        let Some(Values::Bytes(values)) = self.column(name) else {
            return Ok(None);
        };
        let Some(value) = &values[row] else {
            return Ok(None);
        };
        match <[u8; N]>::try_from(value.data()) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(_) => hex::fixed(utf8(value.data())?).map(Some),
        }
    }

    /// A text.
    pub(crate) fn text(&self, name: &str, row: usize) -> Result<Option<&str>, EvmFault> {
        match self.column(name) {
            Some(Values::Bytes(values)) => {
                let value = values[row].as_ref();
                value.map(|value| utf8(value.data())).transpose()
            }
            _ => Ok(None),
        }
    }

    /// A flag.
    pub(crate) fn flag(&self, name: &str, row: usize) -> Option<bool> {
        match self.column(name) {
            Some(Values::Flag(values)) => values[row],
            _ => None,
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, EvmFault> {
    std::str::from_utf8(bytes).map_err(|_| EvmFault::Shape {
        what: "a cell".to_owned(),
        expected: "a text",
    })
}

/// Some columns of a file, read batch by batch.
pub(crate) struct Table {
    reader: SerializedFileReader<File>,
    /// Of the file.
    bytes: u64,
    names: &'static [&'static str],
    places: Vec<Option<usize>>,
    /// The next group of rows.
    group: usize,
    columns: Vec<Option<Open>>,
    /// Rows of the group before it that are still to be read.
    left: usize,
    /// The number of the next row.
    row: u64,
}

/// What is wrong, and with which row where one is.
pub(crate) type RowFault = (Option<u64>, EvmFault);

impl Table {
    /// Opens a file. Columns that must be there are said by `required`.
    pub(crate) fn open(
        file: File,
        names: &'static [&'static str],
        required: &[&'static str],
    ) -> Result<Self, EvmFault> {
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        // The library checks most of what a file says; where it does not, its panic is the file's fault.
        let open = catch_unwind(AssertUnwindSafe(|| SerializedFileReader::new(file)));
        let reader = open.map_err(|_| broken())?.map_err(|error| fault(&error))?;
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        if schema.num_columns() > COLUMNS_MAX {
            return Err(EvmFault::TooMuch {
                what: "columns",
                limit: u64::try_from(COLUMNS_MAX).unwrap_or(u64::MAX),
            });
        }
        let place = |name: &str| {
            (0..schema.num_columns()).find(|place| {
                let column = schema.column(*place);
                column.path().string() == name && column.max_rep_level() == 0
            })
        };
        if let Some(name) = required.iter().find(|name| place(name).is_none()) {
            return Err(EvmFault::NoColumn(name));
        }
        Ok(Self {
            bytes,
            names,
            places: names.iter().map(|name| place(name)).collect(),
            reader,
            group: 0,
            columns: Vec::new(),
            left: 0,
            row: 0,
        })
    }

    /// Whether the file has a column.
    pub(crate) fn has(&self, name: &str) -> bool {
        let mut named = self.names.iter().zip(&self.places);
        named.any(|(one, place)| *one == name && place.is_some())
    }

    /// The number of the row after those that were read.
    pub(crate) fn row(&self) -> u64 {
        self.row
    }

    /// The next rows; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Batch>, RowFault> {
        while self.left == 0 {
            if self.group >= self.reader.num_row_groups() {
                return Ok(None);
            }
            let whole = |error: ParquetError| (None, fault(&error));
            let group = self.reader.get_row_group(self.group).map_err(whole)?;
            refuse_claims(&*group, &self.places, self.bytes).map_err(|fault| (None, fault))?;
            self.columns = open_columns(&*group, &self.places).map_err(whole)?;
            self.left = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            self.group += 1;
        }
        let count = self.left.min(BATCH);
        let columns = next(&mut self.columns, count).map_err(|fault| (Some(self.row), fault))?;
        self.left -= count;
        self.row += u64::try_from(count).unwrap_or(0);
        Ok(Some(Batch {
            names: self.names,
            columns,
            rows: count,
        }))
    }
}

/// Holds what a part of a file claims against what is read.
fn refuse_claims(
    group: &dyn RowGroupReader,
    places: &[Option<usize>],
    size: u64,
) -> Result<(), EvmFault> {
    for place in places.iter().flatten() {
        let column = group.metadata().column(*place);
        refuse_codec(column.compression())?;
        let claimed = u64::try_from(column.uncompressed_size()).unwrap_or(u64::MAX);
        if claimed / INFLATION_MAX > size {
            return Err(EvmFault::TooMuch {
                what: "bytes in a column",
                limit: size.saturating_mul(INFLATION_MAX),
            });
        }
    }
    Ok(())
}

/// The next values of all columns.
fn next(columns: &mut [Option<Open>], count: usize) -> Result<Vec<Option<Values>>, EvmFault> {
    let read = catch_unwind(AssertUnwindSafe(|| {
        let values = columns.iter_mut().map(|column| {
            column
                .as_mut()
                .map(|column| values(column, count))
                .transpose()
        });
        values.collect::<Result<Vec<_>, ParquetError>>()
    }));
    let columns = read.map_err(|_| broken())?.map_err(|error| fault(&error))?;
    Ok(columns.into_iter().map(Option::flatten).collect())
}

fn fault(error: &ParquetError) -> EvmFault {
    EvmFault::Parquet(hex::short(&error.to_string()))
}

fn broken() -> EvmFault {
    EvmFault::Parquet("its parts contradict each other".to_owned())
}

fn refuse_codec(codec: Compression) -> Result<(), EvmFault> {
    match codec {
        Compression::UNCOMPRESSED
        | Compression::SNAPPY
        | Compression::LZ4
        | Compression::LZ4_RAW => Ok(()),
        other => Err(EvmFault::Codec(format!("{other:?}"))),
    }
}

/// A column, and whether its numbers are signed.
struct Open {
    reader: ColumnReader,
    signed: bool,
    /// Whether rows may lack a value.
    optional: bool,
}

fn open_columns(
    group: &dyn RowGroupReader,
    places: &[Option<usize>],
) -> Result<Vec<Option<Open>>, ParquetError> {
    let open = |place: &Option<usize>| {
        let Some(place) = *place else {
            return Ok(None);
        };
        let description = group.metadata().column(place).column_descr();
        let is_read = matches!(
            description.physical_type(),
            Physical::BOOLEAN
                | Physical::INT32
                | Physical::INT64
                | Physical::BYTE_ARRAY
                | Physical::FIXED_LEN_BYTE_ARRAY
        );
        let is_decimal = matches!(
            description.logical_type_ref(),
            Some(LogicalType::Decimal { .. })
        ) || description.converted_type() == ConvertedType::DECIMAL;
        if !is_read || is_decimal {
            return Ok(None);
        }
        let unsigned = match description.logical_type_ref() {
            Some(LogicalType::Integer(integer)) => !integer.is_signed,
            _ => matches!(
                description.converted_type(),
                ConvertedType::UINT_8
                    | ConvertedType::UINT_16
                    | ConvertedType::UINT_32
                    | ConvertedType::UINT_64
            ),
        };
        Ok(Some(Open {
            reader: group.get_column_reader(place)?,
            signed: !unsigned,
            optional: description.max_def_level() > 0,
        }))
    };
    places.iter().map(open).collect()
}

/// The next values of a column; none of a type that is not read.
fn values(column: &mut Open, count: usize) -> Result<Option<Values>, ParquetError> {
    let (optional, signed) = (column.optional, column.signed);
    let beyond = || ParquetError::General("a number below zero where none can be".to_owned());
    let unsigned = |number: Option<i64>| match number {
        Some(number) if signed => u64::try_from(number).map(Some).map_err(|_| beyond()),
        number => Ok(number.map(i64::cast_unsigned)),
    };
    Ok(Some(match &mut column.reader {
        ColumnReader::BoolColumnReader(reader) => Values::Flag(take(reader, optional, count)?),
        ColumnReader::Int32ColumnReader(reader) => {
            let numbers = take(reader, optional, count)?.into_iter();
            let wide = |number: i32| {
                if signed {
                    i64::from(number)
                } else {
                    i64::from(number.cast_unsigned())
                }
            };
            let numbers = numbers.map(|number| unsigned(number.map(wide)));
            Values::Number(numbers.collect::<Result<_, _>>()?)
        }
        ColumnReader::Int64ColumnReader(reader) => {
            let numbers = take(reader, optional, count)?.into_iter().map(unsigned);
            Values::Number(numbers.collect::<Result<_, _>>()?)
        }
        ColumnReader::ByteArrayColumnReader(reader) => {
            Values::Bytes(take(reader, optional, count)?)
        }
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            let values: Vec<Option<FixedLenByteArray>> = take(reader, optional, count)?;
            let plain = |value: FixedLenByteArray| ByteArray::from(value);
            Values::Bytes(values.into_iter().map(|value| value.map(plain)).collect())
        }
        _ => return Ok(None),
    }))
}

/// The next values of a column of one type.
fn take<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    optional: bool,
    count: usize,
) -> Result<Vec<Option<T::T>>, ParquetError> {
    let (mut levels, mut found) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let levels_wanted = optional.then_some(&mut levels);
    let (rows, ..) = reader.read_records(count, levels_wanted, None, &mut found)?;
    let short = || ParquetError::General("a column is shorter than its table".to_owned());
    if rows != count {
        return Err(short());
    }
    if !optional {
        return Ok(found.into_iter().map(Some).collect());
    }
    let mut found = found.into_iter();
    let value = |level: &i16| {
        if *level > 0 {
            found.next().map(Some)
        } else {
            Some(None)
        }
    };
    levels
        .iter()
        .map(value)
        .collect::<Option<Vec<_>>>()
        .filter(|all| all.len() == count)
        .ok_or_else(short)
}
