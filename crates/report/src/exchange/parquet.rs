//! The edges of a trace as Parquet: eight columns of text, for DuckDB, pandas, Spark.
//!
//! Amounts are text here too: no integer type of Parquet holds every token's.

use std::sync::Arc;

use ::parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;

use super::{COLUMNS, Graph};

/// Writes the edges of a trace. The same trace gives the same bytes.
///
/// # Errors
/// What the writer says, in words; it writes into memory, and has no reason to fail.
pub fn parquet(graph: &Graph) -> Result<Vec<u8>, String> {
    write(graph).map_err(|error| error.to_string())
}

fn write(graph: &Graph) -> Result<Vec<u8>, ParquetError> {
    let columns = COLUMNS.map(|name| {
        Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_converted_type(ConvertedType::UTF8)
            .with_logical_type(Some(LogicalType::String))
            .build()
            .map(Arc::new)
    });
    let columns = columns.into_iter().collect::<Result<Vec<_>, _>>()?;
    let schema = Type::group_type_builder("edges")
        .with_fields(columns)
        .build()?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_created_by("whither".to_owned())
        .build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    let mut column = 0;
    while let Some(mut output) = group.next_column()? {
        let cells = graph
            .edges
            .iter()
            .map(|edge| ByteArray::from(edge.cells()[column]));
        let cells: Vec<ByteArray> = cells.collect();
        output
            .typed::<ByteArrayType>()
            .write_batch(&cells, None, None)?;
        output.close()?;
        column += 1;
    }
    group.close()?;
    writer.close()?;
    Ok(bytes)
}
