//! Rows that have no inner values: CSV, metrics text, Parquet.

use super::super::*;
use super::{Row, plan, read};
use polars::prelude::*;
use polars_io::parquet::write::ParquetWriter;

const DIALECT: Dialect = Dialect { delimiter: b';', quote: Some(b'"'), header: true };

fn fields(row: &Row) -> String {
    row.1.as_ref().map_or_else(|reason| format!("!{reason}"), |row| row.join("|"))
}

#[test]
fn delimited_text_gives_rows_with_the_names_of_its_header() {
    let page = b"\xef\xbb\xbfNumber; Opened at ;a/b\n1;\"x;\"\"y\";z\n2;b\n3;\xff;c\n4;d;e\n5;\"f";
    let (found, taken) = read(Format::Csv(DIALECT), page, &plan("", &["/a~1b", "/Opened at", "/Number", "/gone", "#"]));
    let wanted = [
        "z|x;\"y|1||0",
        "!2 fields, expected 3",
        "!bytes that are not UTF-8",
        "e|d|4||3",
        "!the quote in line 6 is never closed: the page ends inside of a field",
    ];
    assert_eq!(found.iter().map(fields).collect::<Vec<_>>(), wanted);
    assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
    assert_eq!(taken.unwrap().present, [2, 2, 2, 0, 2]);
    let bare = Format::Csv(Dialect { header: false, ..DIALECT });
    assert_eq!(read(bare, b"a;b\nc;d\n", &plan("", &["/2"])).0.iter().map(fields).collect::<Vec<_>>(), ["b", "d"]);
}

#[test]
fn a_header_that_is_missing_or_unclear_is_an_error() {
    let read = |page: &[u8]| read(Format::Csv(DIALECT), page, &plan("", &["/a"]));
    assert_eq!(read(b"a;b;a\n1;2;3\n").1.unwrap_err(), DecodeError::ColumnTwice { name: "a".into() });
    assert_eq!(read(b"").1.unwrap_err(), DecodeError::NoHeader);
    assert_eq!(read(b"a;b\n").1.unwrap().rows, 0);
    assert_eq!(read(b"b;c;b\n1;2;3\n").1.unwrap().present, [0]);
}

#[test]
fn samples_are_rows_and_other_lines_are_refused() {
    let page = b"# HELP up Whether it answers.\n# TYPE up gauge\nup{instance=\"a\"} 1\n\nup{instance=\"b\\\\c\"} 0 1700000000000\nup{\nother 3\n";
    let mut plan = plan("", &["/labels/instance", "/value", "/timestamp", "/name", "#"]);
    let (found, taken) = read(Format::Metrics, page, &plan);
    let wanted = [
        "a|1||up|0",
        "b\\c|0|1700000000000|up|1",
        "!it is no sample: a label has no name, or the labels are not closed by `}`",
        "|3||other|3",
    ];
    assert_eq!(found.iter().map(fields).collect::<Vec<_>>(), wanted);
    assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 5, 6, 7]);
    assert_eq!((taken.unwrap().rows, crate::source::count_json::samples(page)), (4, 4));
    plan.only = vec![(FieldPath::parse("/name").unwrap(), vec!["up".into()])];
    let taken = read(Format::Metrics, page, &plan).1.unwrap();
    assert_eq!((taken.rows, taken.other), (3, 1));
}

#[test]
fn parquet_columns_become_text() {
    let instant = |unit, zone: Option<&str>| {
        let zone = zone.map(|zone| TimeZone::opt_try_new(Some(zone)).unwrap().unwrap());
        let scale = if unit == TimeUnit::Nanoseconds { 1_000_000 } else { 1 };
        let stamps = [Some(1_473_329_700_250 * scale), None];
        Int64Chunked::from_slice_options("".into(), &stamps).into_datetime(unit, zone).into_column()
    };
    let named = |mut column: Column, name: &str| {
        column.rename(name.into());
        column
    };
    let list = Series::new("list".into(), [Series::new("".into(), [1_i64]), Series::new("".into(), [2_i64])]);
    let mut frame = DataFrame::new(
        2,
        vec![
            Column::new("id".into(), [7_i64, -8]),
            Column::new("text".into(), [Some("é|"), None]),
            Column::new("share".into(), [0.5, 1e300]),
            Column::new("flag".into(), [true, false]),
            named(instant(TimeUnit::Nanoseconds, Some("Europe/Berlin")), "zoned"),
            named(instant(TimeUnit::Milliseconds, None), "local"),
            list.into_column(),
        ],
    )
    .unwrap();
    let mut page = Vec::new();
    ParquetWriter::new(&mut page).finish(&mut frame).unwrap();
    let wanted = plan("", &["/text", "/id", "/share", "/flag", "/zoned", "/local", "/gone", "#"]);
    let (found, taken) = read(Format::Parquet, &page, &wanted);
    let rows = ["é||7|0.5|true|2016-09-08T10:15:00.250Z|2016-09-08T10:15:00.250||0", "|-8|1e+300|false||||1"];
    assert_eq!(found.iter().map(fields).collect::<Vec<_>>(), rows);
    assert_eq!(taken.unwrap().present, [1, 2, 2, 2, 1, 1, 0, 2]);
    let error = read(Format::Parquet, &page, &plan("", &["/list"])).1.unwrap_err().to_string();
    assert!(error.contains("`list`") && error.contains("not plain"), "{error}");
    for end in (0..page.len()).step_by(37) {
        assert!(read(Format::Parquet, &page[..end], &wanted).1.is_err(), "{end}");
    }
}
