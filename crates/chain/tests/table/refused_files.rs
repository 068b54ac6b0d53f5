//! Tables that are refused as files: no text, no header, no rows, lines that are none.

use super::*;

#[test]
fn a_file_that_is_no_utf8_text_is_refused_by_name() {
    let text = around(&format!("2,{A},{B},1"));
    let utf16 = |order: fn(u16) -> [u8; 2]| {
        std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(order)
            .collect::<Vec<u8>>()
    };
    assert_error(
        read(utf16(u16::to_le_bytes)),
        "t.csv: this is UTF-16 text, not UTF-8 text",
    );
    assert_error(
        read(utf16(u16::to_be_bytes)),
        "t.csv: this is UTF-16 text, not UTF-8 text",
    );
    assert_error(
        read(&utf16(u16::to_le_bytes)[2..]),
        "t.csv: this is UTF-16 text, not UTF-8 text",
    );
    assert_error(
        read(b"PK\x03\x04..."),
        "t.csv: this is a ZIP archive, which spreadsheets are, not UTF-8 text",
    );
    let latin1: Vec<u8> = text
        .replace("\n2,", "\n\u{1},")
        .bytes()
        .map(|b| if b == 1 { 0xe9 } else { b })
        .collect();
    assert_error(read(latin1), "t.csv:3: byte 1 of the line is not UTF-8");
    assert_error(
        read(text.replace("\n2", "\n\0")),
        "t.csv:3: the line holds a NUL byte, which no text has",
    );
    assert_error(
        read(text.replace('\n', "\r")),
        "t.csv:1: the line holds a carriage return without a line feed",
    );
}

#[test]
fn a_table_without_rows_is_an_error_that_says_so() {
    assert_error(
        read("time,from,to,amount\n"),
        "t.csv: the table has a header and no rows",
    );
    assert_error(
        read("time,from,to,amount"),
        "t.csv: the table has a header and no rows",
    );
    assert_error(
        read(""),
        "t.csv: the file is empty: it does not even have a header",
    );
    assert_error(
        read("\u{feff}\n\n"),
        "t.csv: the file is empty: it does not even have a header",
    );
}

#[test]
fn a_missing_column_is_named_with_those_that_are_there() {
    let header = "time,From,value \u{200b}\n";
    let error = read(header).unwrap_err();
    let expected = "t.csv:1: the header has no column \"from\", \"to\", \"amount\"; it has \"time\", \"From\", \
                    \"value \\u{200b}\"";
    assert_eq!(error.to_string(), expected);
    assert!(error.hint().unwrap().contains("upper and lower case"));
    let wide = vec!["column"; 5000].join(",");
    assert!(read(&wide).unwrap_err().to_string().len() < 1000);
}

#[test]
fn a_doubled_column_is_an_error_where_it_is_mapped() {
    let header = "time,from,to,amount, to\n";
    assert_error(
        read(header),
        "t.csv:1: the header has the column \"to\" twice, as number 3 and 5",
    );
}

#[test]
fn another_delimiter_is_recognised_and_said() {
    let text = around(&format!("2,{A},{B},1"));
    for (delimiter, name) in [(";", "`;`"), ("\t", "a tab"), ("|", "`|`")] {
        let error = read(text.replace(',', delimiter)).unwrap_err();
        let expected = format!("t.csv:1: the cells are parted by {name}, and the mapping says `,`");
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.hint().unwrap(), "set `delimiter` in the mapping");
    }
    let quoted = text
        .replace(',', ";")
        .replace("time;from", "\"time\";\"from\"");
    assert!(matches!(
        *read(quoted).unwrap_err().fault,
        TableFault::Delimiter { .. }
    ));
    let semicolon = mapping("delimiter = \";\"", "");
    let error = read_table(text.as_bytes(), &semicolon, None, "t.csv").unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.csv:1: the cells are parted by `,`, and the mapping says `;`"
    );
}

#[test]
fn a_row_of_another_length_is_an_error_with_its_line() {
    let short = around(&format!("2,{A},{B}"));
    assert_error(
        read(short),
        "t.csv:3: the row has 3 cells, and the header 4",
    );
    let long = around(&format!("2,{A},{B},1,"));
    assert_error(read(long), "t.csv:3: the row has 5 cells, and the header 4");
    let european = around(&format!("2,{A},{B},1,5"));
    assert_error(
        read(european),
        "t.csv:3: the row has 5 cells, and the header 4",
    );
}

#[test]
fn an_unbalanced_quote_is_an_error_with_its_line() {
    let open = around(&format!("2,{A},{B},\"1"));
    assert_error(
        read(open),
        "t.csv:3: the quote opened on this line is not closed",
    );
    let beside = around(&format!("2,{A},{B},\"1\"2"));
    let expected =
        "t.csv:3: text stands right beside a quoted cell, or a quote inside a cell without quotes";
    assert_error(read(beside), expected);
}

#[test]
fn a_line_over_one_mebibyte_is_an_error() {
    let header = "time,from,to,amount,note\n";
    let row = |note: usize| format!("{header}1,{A},{B},1,{}\n", "x".repeat(note));
    let used = row(0).len() - header.len();
    assert!(read(row((1 << 20) - used)).is_ok());
    assert_error(
        read(row((1 << 20) - used + 1)),
        "t.csv:2: the line is longer than 1048576 bytes",
    );
}

#[test]
fn the_line_is_that_of_the_file_and_the_column_that_of_the_header() {
    let notes = mapping("", "labels = [\"note\"]");
    let text = format!(
        "amount,note,time,from,to\r\n\r\n1,\"two\r\nlines\",2,{A},{B}\r\n1,\"a\r\n\r\nb\",x,{A},{B}\r\n"
    );
    let error = read_table(text.as_bytes(), &notes, None, "t.csv").unwrap_err();
    assert_eq!(
        (error.line, error.column.as_deref()),
        (Some(7), Some("time"))
    );
}
