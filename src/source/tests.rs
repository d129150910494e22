//! Whole pulls over files in a temporary folder.

use super::*;
use crate::config::SourceConfig;
use crate::model::{Completeness, Table};
use chrono::{DateTime, Utc};
use polars::prelude::{AnyValue, DataFrame};
use std::path::Path;

fn source(connector: &str, files: &[&str], settings: &[(&str, &str)]) -> SourceConfig {
    SourceConfig {
        id: "desk".into(),
        connector: connector.into(),
        files: files.iter().map(|file| (*file).to_owned()).collect(),
        settings: settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        hold: None,
        declared_complete: false,
        declared_from: None,
        stale_after: None,
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn book(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let book = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = book.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    book
}

const BERLIN: &[(&str, &str)] = &[("zone", "Europe/Berlin")];

fn tickets(files: &[(&str, &[u8])]) -> Result<Pulled, SourceError> {
    let book = book(files);
    pull(&source("csv-tickets", &["*.csv*"], BERLIN), book.path(), now())
}

fn cell(frame: &DataFrame, column: &str, row: usize) -> String {
    match frame.column(column).unwrap().get(row).unwrap() {
        AnyValue::String(text) => text.to_owned(),
        AnyValue::Datetime(millis, ..) => {
            crate::model::period::rfc3339(DateTime::from_timestamp_millis(millis).unwrap())
        }
        value => value.to_string(),
    }
}

fn reasons(pulled: &Pulled) -> Vec<(u64, &str)> {
    pulled.quarantine.iter().map(|record| (record.line, record.reason.as_str())).collect()
}

#[test]
fn rows_become_a_table_with_a_receipt() {
    let text = "source_key,type,service,opened_at,priority,reopen_count,is_major,ignored\n\
                INC1,incident,\"Mail, inside\",2026-09-01 08:15,P1,2,yes,x\n\
                INC2,request,,2026-09-02T09:00:00+00:00,,,no,y\n";
    let pulled = tickets(&[("a.csv", text.as_bytes())]).unwrap();
    let frame = &pulled.tables[&Table::Tickets];
    let names: Vec<&str> = frame.get_column_names().iter().map(|name| name.as_str()).collect();
    assert_eq!(names, Table::Tickets.columns().map(|column| column.name).collect::<Vec<_>>());
    for column in Table::Tickets.columns() {
        assert_eq!(frame.column(column.name).unwrap().dtype(), &column.kind.dtype(), "{}", column.name);
    }
    assert_eq!(cell(frame, "source", 0), "desk");
    assert_eq!(cell(frame, "service", 0), "Mail, inside");
    assert_eq!(cell(frame, "service", 1), "null");
    assert_eq!(cell(frame, "opened_at", 0), "2026-09-01T06:15:00Z");
    assert_eq!(cell(frame, "opened_at", 1), "2026-09-02T09:00:00Z");
    assert_eq!(cell(frame, "reopen_count", 0), "2");
    assert_eq!(cell(frame, "is_major", 1), "false");
    let receipt = &pulled.receipt;
    assert!(receipt.conserves());
    assert_eq!((receipt.records, receipt.loaded, receipt.quarantined), (2, 2, 0));
    assert_eq!(receipt.rows, [("tickets".to_owned(), 2)]);
    assert_eq!(receipt.pulled_at, "2026-09-21T14:13:20Z");
    assert_eq!(receipt.files[0].name, "a.csv");
    assert_eq!(receipt.files[0].sha256.len(), 64);
    assert!(matches!(receipt.completeness, Completeness::Complete { .. }));
    assert!(pulled.findings.is_empty(), "{:?}", pulled.findings);
}

#[test]
fn no_record_is_lost_without_a_word() {
    let header = b"source_key,type,opened_at,title\n";
    let mut text = header.to_vec();
    text.extend_from_slice(b"INC1,incident,2026-09-01,ok\n");
    text.extend_from_slice(b"INC2,incident,2026-09-01\n");
    text.extend_from_slice(b"INC3,incident,2026-09-01,a,b\n");
    text.extend_from_slice(b"INC4,incident,01/02/2026,order not declared\n");
    text.extend_from_slice(b",incident,2026-09-01,no key\n");
    text.extend_from_slice(b"INC6,incident,2026-09-01,bad \xff byte\n");
    text.extend_from_slice(b"INC7,incident,2026-09-01,nul \0 byte\n");
    text.extend_from_slice(header);
    text.extend_from_slice(b"\n\r\n");
    text.extend_from_slice(b"INC8,incident,2026-09-01,\"two\nlines\"\n");
    text.extend_from_slice(b"INC9,incident,2026-09-01,\xc3,\xa9\n");
    text.extend_from_slice(b"INC10,incident,2026-09-01,\"open\nINC11,incident,2026-09-01,lost\n");
    let pulled = tickets(&[("a.csv", &text)]).unwrap();
    let expected: &[(u64, &str)] = &[
        (3, "3 fields, expected 4"),
        (4, "5 fields, expected 4"),
        (5, "`opened_at`: `01/02/2026` is not an instant in the declared format"),
        (6, "`source_key` is required and empty"),
        (7, "bytes that are not UTF-8"),
        (8, "a NUL byte"),
        (9, "the header again"),
        (14, "5 fields, expected 4"),
        (15, "the quote in line 15 is never closed: the file ends inside of a field"),
    ];
    assert_eq!(reasons(&pulled), expected);
    assert_eq!(pulled.quarantine[4].text.expose(), "INC6,incident,2026-09-01,bad \\xff byte");
    let receipt = &pulled.receipt;
    assert!(receipt.conserves(), "{receipt:?}");
    assert_eq!((receipt.records, receipt.loaded), (11, 2));
    assert!(receipt.completeness.taints());
    let kinds: Vec<&str> = pulled.findings.iter().map(|finding| finding.kind.as_str()).collect();
    assert_eq!(kinds, ["quarantined", "incomplete_pull"]);
}
