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
        declared_services: Vec::new(),
        stale_after: None,
        since: None,
        http: crate::config::HttpConfig::default(),
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
    read(&source("csv-tickets", &["*.csv*"], BERLIN), book.path(), now())
}

fn cell(frame: &DataFrame, column: &str, row: usize) -> String {
    match frame.column(column).unwrap().get(row).unwrap() {
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
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

/// Where the real records are, as the build found them.
const REAL_RECORDS: Option<&str> = option_env!("SERVICEBOOK_REAL_RECORDS_AT");

#[test]
#[cfg_attr(not(real_records), ignore = "real records are not here: set SERVICEBOOK_REAL_RECORDS")]
fn the_incident_log_folds_into_its_tickets() {
    let folder = Path::new(REAL_RECORDS.unwrap());
    let log = source(
        "servicenow-incident-log",
        &["uci_incident_log/incident_event_log.csv.gz"],
        &[("zone", "UTC"), ("service", "it-support")],
    );
    let pulled = read(&log, folder, now()).unwrap();
    let receipt = &pulled.receipt;
    assert_eq!((receipt.records, receipt.loaded, receipt.quarantined), (141_712, 141_712, 0));
    assert_eq!(receipt.files[0].sha256, "b7ba39eb61aecd060af14daa4a1a7af2988f58f516086bb319d035cc747df4b2");
    let tickets = &pulled.tables[&Table::Tickets];
    assert_eq!(tickets.height(), 24_918);
    let count = |condition: &str| {
        let sql = format!("SELECT * FROM tickets WHERE {condition}");
        crate::query::run(&sql, &[("tickets", tickets.clone())]).unwrap().height()
    };
    assert_eq!(count("status = 'closed'"), 24_918);
    assert_eq!(["P1", "P2", "P3", "P4"].map(|p| count(&format!("priority = '{p}'"))), [270, 408, 23_466, 774]);
    assert_eq!(count("NOT tool_breached"), 15_803);
    assert_eq!(count("resolved_at IS NULL"), 1_556);
    assert_eq!(count("\"group\" IS NULL"), 2_157);
    assert_eq!(count("reopen_count > 0"), 275);
    let events = &pulled.tables[&Table::TicketEvents];
    let history = |condition: &str| {
        let sql = format!("SELECT * FROM events WHERE {condition} ORDER BY ticket, seq");
        crate::query::run(&sql, &[("events", events.clone())]).unwrap()
    };
    // Each ticket starts with a status, and its last status is the one of its row.
    assert_eq!(history("field = 'status' AND \"from\" IS NULL").height(), 24_918);
    let changed = history("field = 'priority' AND \"from\" IS NOT NULL");
    assert_eq!(changed.column("ticket").unwrap().n_unique().unwrap(), 383);
    let first = history("ticket = 'INC0000045' AND field = 'status'");
    let steps: Vec<String> = (0..first.height()).map(|row| cell(&first, "to", row)).collect();
    assert_eq!(steps, ["new", "resolved", "closed"]);
    let kinds: Vec<&str> = pulled.findings.iter().map(|finding| finding.kind.as_str()).collect();
    assert_eq!(kinds, ["unlisted_word"]);
    assert!(pulled.findings[0].text.contains("`-100` (5)"));
}

#[test]
#[cfg_attr(not(real_records), ignore = "real records are not here: set SERVICEBOOK_REAL_RECORDS")]
fn checks_and_readings_of_real_monitors_load_whole() {
    let folder = Path::new(REAL_RECORDS.unwrap());
    let pulled = read(&source("upptime-checks", &["upptime_manticore/checks.csv"], &[]), folder, now()).unwrap();
    assert_eq!(pulled.receipt.loaded, 336);
    assert!(pulled.findings.is_empty(), "{:?}", pulled.findings);
    let cpu = source("cloudwatch-cpu", &["nab_aws_cloudwatch/ec2_cpu_utilization_*.csv"], &[("zone", "UTC")]);
    let pulled = read(&cpu, folder, now()).unwrap();
    assert_eq!((pulled.receipt.files.len(), pulled.receipt.loaded), (8, 8 * 4_032));
    let readings = &pulled.tables[&Table::Readings];
    let sql = "SELECT count(*) AS n FROM readings WHERE resource = '825cc2' AND used > 80";
    let over = crate::query::run(sql, &[("readings", readings.clone())]).unwrap();
    assert_eq!(cell(&over, "n", 0), "3897");
}

fn one(name: &str, text: &str) -> Result<Pulled, SourceError> {
    tickets(&[(name, text.as_bytes())])
}

#[test]
fn files_come_with_marks_line_ends_and_packing_of_any_kind() {
    use std::io::Write as _;
    let text = "source_key,type,opened_at,title\nINC1,incident,2026-09-01,é\nINC2,incident,2026-09-02,\n";
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let twice = [packed.clone(), {
        let mut more = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        more.write_all(b"INC3,incident,2026-09-03,member\n").unwrap();
        more.finish().unwrap()
    }]
    .concat();
    let cases: &[(&[u8], u64)] = &[
        (text.as_bytes(), 2),
        (text.trim_end().as_bytes(), 2),
        (&format!("\u{feff}{text}").into_bytes(), 2),
        (&text.replace('\n', "\r\n").into_bytes(), 2),
        (&text.replace('\n', "\r").into_bytes(), 2),
        (&packed, 2),
        (&twice, 3),
        (b"source_key,type,opened_at\n", 0),
    ];
    for (place, (bytes, rows)) in cases.iter().enumerate() {
        let pulled = tickets(&[("a.csv", bytes)]).unwrap();
        assert_eq!((pulled.receipt.records, pulled.receipt.loaded), (*rows, *rows), "case {place}");
        assert_eq!(pulled.receipt.files[0].bytes, bytes.len() as u64, "as stored");
    }
    let cut = &packed[..packed.len() - 9];
    assert!(matches!(tickets(&[("a.csv", cut)]), Err(SourceError::Read { .. })));
}

#[test]
fn what_is_no_csv_is_refused_with_what_it_is() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "a.csv is empty: it has no header"),
        (b"\xef\xbb\xbf", "a.csv is empty: it has no header"),
        (b"\n\n", "a.csv is empty: it has no header"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><html>", "a.csv is a web page or XML, not CSV"),
        (b"PK\x03\x04rest", "a.csv is a workbook or ZIP archive, not CSV"),
        (b"\xff\xfes\0o\0u\0", "a.csv is UTF-16 or binary, not CSV"),
        (b"PAR1....", "a.csv is another format, not CSV"),
        (
            b"number,type,opened_at\n",
            "a.csv has no column `source_key`, which fills `source_key`\nits columns are `number`, `type`, `opened_at`",
        ),
        (b"source_key,type,opened_at,title,title\n", "a.csv has two columns `title`"),
    ];
    for (bytes, message) in cases {
        let error = tickets(&[("a.csv", bytes)]).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn another_delimiter_is_guessed_in_the_hint_and_taken_from_the_settings() {
    let text = b"source_key;type;opened_at\n1;Incident;2026-09-01\n";
    let error = tickets(&[("a.csv", text)]).unwrap_err().to_string();
    assert!(error.contains("split by `;`: set `delimiter`"), "{error}");
    let book = book(&[("a.csv", text)]);
    let settings = [("zone", "UTC"), ("delimiter", ";")];
    let pulled = read(&source("csv-tickets", &["a.csv"], &settings), book.path(), now()).unwrap();
    assert_eq!(cell(&pulled.tables[&Table::Tickets], "type", 0), "incident");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_a_file_holds_is_loaded_or_told(
        rows in proptest::collection::vec("(1|I2|\"|,|incident|2026-09-01|\\?|é|\0|\r|\n| ){0,9}\n", 0..6),
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..12),
    ) {
        let mut text = b"source_key,type,opened_at\n1,incident,2026-09-01\n".to_vec();
        text.extend(rows.concat().into_bytes());
        text.extend(bytes);
        let pulled = tickets(&[("a.csv", &text)]).unwrap();
        proptest::prop_assert!(pulled.receipt.conserves(), "{:?}", pulled.receipt);
        proptest::prop_assert_eq!(pulled.receipt.quarantined, pulled.quarantine.len() as u64);
    }
}

#[test]
fn files_are_found_by_pattern_and_named_in_order() {
    let row = |key: &str| format!("source_key,type,opened_at\n{key},incident,2026-09-01\n").into_bytes();
    let book = book(&[("in/b.csv", &row("2")), ("in/a.csv", &row("1")), ("in/c.txt", b"x")]);
    let keys = |files: &[&str]| {
        let pulled = read(&source("csv-tickets", files, BERLIN), book.path(), now());
        pulled.map(|pulled| {
            let frame = &pulled.tables[&Table::Tickets];
            (0..frame.height()).map(|row| cell(frame, "source_key", row)).collect::<Vec<_>>()
        })
    };
    assert_eq!(keys(&["in/*.csv"]).unwrap(), ["1", "2"]);
    assert_eq!(keys(&["in/*.csv", "in/a.csv"]).unwrap(), ["1", "2"], "a file is read once");
    let error = keys(&["in/a.csv", "out/*.csv"]).unwrap_err().to_string();
    assert!(error.starts_with("source `desk`: no file matches `out/*.csv` in "), "{error}");
    assert!(matches!(keys(&["in/***"]), Err(SourceError::Pattern { .. })));
    assert!(matches!(keys(&["in"]), Err(SourceError::NoFiles { .. })), "a folder is no file");
}

#[test]
fn a_key_that_comes_again_is_told() {
    let text = "source_key,type,opened_at\n1,incident,2026-09-01\n2,incident,2026-09-01\n1,incident,2026-09-01\n";
    let pulled = one("a.csv", text).unwrap();
    let finding = &pulled.findings[0];
    assert_eq!((finding.id.as_str(), finding.count, pulled.receipt.loaded), ("repeated_key/desk/tickets", 1, 3));
    assert!(finding.text.contains("First: `1` in a.csv, line 2 and in a.csv, line 4."), "{}", finding.text);
}

#[test]
fn a_changed_file_is_said() {
    let text = b"source_key,type,opened_at\n1,incident,2026-09-01\n";
    let book = book(&[("a.csv", text), ("b.csv", text), ("c.csv", text)]);
    let desk = source("csv-tickets", &["*.csv"], BERLIN);
    let receipt = read(&desk, book.path(), now()).unwrap().receipt;
    assert_eq!(changed(&desk, book.path(), &receipt), [""; 0]);
    let elsewhere = source("csv-tickets", &["*.csv"], &[("zone", "UTC")]);
    assert_eq!(changed(&elsewhere, book.path(), &receipt), ["settings of desk (changed)"]);
    std::fs::write(book.path().join("a.csv"), b"source_key,type,opened_at\n2,incident,2026-09-01\n").unwrap();
    std::fs::remove_file(book.path().join("b.csv")).unwrap();
    std::fs::write(book.path().join("d.csv"), text).unwrap();
    assert_eq!(changed(&desk, book.path(), &receipt), ["a.csv (changed)", "d.csv (new)", "b.csv (gone)"]);
}

#[test]
fn cells_that_cannot_be_read_are_counted_with_an_example() {
    let text = "source_key,type,opened_at,resolved_at,reopen_count\n\
                1,incident,2026-09-01,soon,two\n\
                2,incident,2026-10-25 02:30,9999-12-31,1\n\
                3,incident,never,later,1\n";
    let pulled = one("a.csv", text).unwrap();
    let found: Vec<(&str, u64)> = pulled.findings.iter().map(|f| (f.id.as_str(), f.count)).collect();
    let expected = [
        ("ambiguous_time/desk/tickets.opened_at", 1),
        ("unreadable_value/desk/tickets.resolved_at", 2),
        ("unreadable_value/desk/tickets.reopen_count", 1),
        ("quarantined/desk", 1),
    ];
    assert_eq!(found, expected);
    assert!(pulled.findings[1].text.ends_with("First: `soon` in a.csv, line 2."), "{}", pulled.findings[1].text);
    assert_eq!(pulled.receipt.loaded, 2);
}

#[test]
fn text_that_is_shown_neutralised_is_counted_by_field_and_row() {
    let text = "source_key,type,opened_at,title,group\n\
                1,incident,2026-09-01,a\u{1b}[2Jb\u{202e},Desk\n\
                2,incident,2026-09-01,plain 東京 e\u{301},\u{200b}Desk\n\
                3,incident,2026-09-01,\u{9b}31m,Desk\n";
    let pulled = one("a.csv", text).unwrap();
    let found: Vec<(&str, u64)> = pulled.findings.iter().map(|f| (f.id.as_str(), f.count)).collect();
    assert_eq!(found, [("neutralised_text/desk/tickets.title", 2), ("neutralised_text/desk/tickets.group", 1)]);
    assert!(pulled.findings[0].text.ends_with("First: a.csv, line 2."), "{}", pulled.findings[0].text);
    assert!(pulled.findings[1].text.ends_with("First: a.csv, line 3."), "{}", pulled.findings[1].text);
    // The text is kept as it came.
    assert_eq!(cell(&pulled.tables[&Table::Tickets], "title", 0), "a\u{1b}[2Jb\u{202e}");
}

/// Pulls with a connector of the book's own.
fn own(manifest: &str, text: &str) -> Result<Pulled, SourceError> {
    let book = book(&[("connectors/own.toml", manifest.as_bytes()), ("a.csv", text.as_bytes())]);
    read(&source("own", &["a.csv"], &[]), book.path(), now())
}

const OWN: &str = r#"
[connector]
name = "own"
title = "Own"
version = 1
language = 1
proven = "here"
[table.tickets.file]
delimiter = ";"
quote = ""
[table.tickets.complete]
kind = "unknowable"
reason = "the export is cut at 1,000 rows"
[table.tickets.columns]
source_key = { from = "id" }
type = { from = "kind" }
priority = { from = "prio" }
status = { from = "state" }
opened_at = { from = "at", format = "unix", zone = "UTC" }
[table.tickets.values.type]
map = { Inc = "incident", Req = "request" }
unlisted = "reject"
[table.tickets.values.priority]
map = { "1" = "P1" }
unlisted = "missing"
[table.tickets.values.status]
map = { Offen = "active" }
unlisted = "keep"
"#;

#[test]
fn words_are_mapped_by_the_policy_of_the_connector() {
    let text = "id;kind;prio;state;at\n1;Inc;1;Offen;1788220800\n2;Req;9;\"odd;1788220800\n3;Chg;1;x;1788220800\n";
    let pulled = own(OWN, text).unwrap();
    let frame = &pulled.tables[&Table::Tickets];
    let row = |row| ["type", "priority", "status"].map(|column| cell(frame, column, row));
    assert_eq!(row(0), ["incident", "P1", "active"]);
    assert_eq!(row(1), ["request", "null", "\"odd"]);
    assert_eq!(reasons(&pulled), [(4, "`type`: the word `Chg` is not listed in the connector")]);
    assert!(matches!(pulled.receipt.completeness, Completeness::Unknowable { .. }));
    let found: Vec<(&str, u64)> = pulled.findings.iter().map(|f| (f.id.as_str(), f.count)).collect();
    let expected =
        [("unlisted_word/desk/tickets.status", 1), ("unlisted_word/desk/tickets.priority", 1), ("quarantined/desk", 1)];
    assert_eq!(found, expected);
}

#[test]
fn rows_that_a_select_leaves_out_are_told() {
    let select = "[table.tickets]\nselect = \"\"\"SELECT source_key, type, opened_at,
        CASE WHEN status = 'active' THEN 'mail' END AS service FROM raw WHERE priority IS NOT NULL\"\"\"\n";
    let manifest = OWN.replace("[table.tickets.file]", &format!("{select}[table.tickets.file]"));
    let text = "id;kind;prio;state;at\n1;Inc;1;Offen;1788220800\n2;Req;9;x;1788220800\n1;Inc;;x;1788220800\n";
    let pulled = own(&manifest, text).unwrap();
    assert_eq!(reasons(&pulled), [(3, "left out by select"), (4, "left out by select")]);
    assert!(pulled.receipt.conserves());
    assert_eq!(cell(&pulled.tables[&Table::Tickets], "service", 0), "mail");
    for (wrong, message) in [
        ("SELECT source_key AS id FROM raw", "tickets has no column `id`"),
        ("SELECT a.source_key, a.type, a.opened_at FROM raw a CROSS JOIN raw b", "it gives more rows for"),
        ("SELECT type FROM raw", "it gives rows without a source_key"),
        ("SELECT source_key, type FROM raw", ""),
    ] {
        let manifest = OWN
            .replace("[table.tickets.file]", &format!("[table.tickets]\nselect = \"{wrong}\"\n[table.tickets.file]"));
        match own(&manifest, text) {
            Ok(pulled) => assert_eq!((pulled.receipt.loaded, pulled.receipt.conserves()), (0, true), "{wrong}"),
            Err(error) => assert!(!message.is_empty() && error.to_string().contains(message), "{wrong}: {error}"),
        }
    }
}

#[test]
fn events_that_share_a_minute_keep_the_order_of_the_tool() {
    let text = "number,incident_state,made_sla,opened_at,resolved_at,closed_at,sys_updated_at,sys_mod_count,reassignment_count,reopen_count,\
                impact,urgency,priority,category,closed_code,assignment_group,cmdb_ci,vendor\n\
                I1,Closed,false,1/9/2026 08:00,?,?,1/9/2026 09:00,2,0,0,?,?,2 - High,?,?,B,?,?\n\
                I1,New,true,1/9/2026 08:00,?,?,1/9/2026 09:00,0,0,0,?,?,2 - High,?,?,?,?,?\n\
                I1,Active,true,1/9/2026 08:00,?,?,1/9/2026 09:00,1,0,0,?,?,2 - High,?,?,A,?,?\n\
                I2,New,true,1/9/2026 08:00,?,?,1/9/2026 09:00,?,0,0,?,?,2 - High,?,?,A,?,?\n\
                I2,Active,true,1/9/2026 08:00,?,?,1/9/2026 09:00,0,0,0,?,?,2 - High,?,?,A,?,?\n";
    let book = book(&[("log.csv", text.as_bytes())]);
    let settings = [("zone", "UTC"), ("service", "mail")];
    let pulled = read(&source("servicenow-incident-log", &["log.csv"], &settings), book.path(), now()).unwrap();
    let frame = &pulled.tables[&Table::Tickets];
    let row =
        |row| ["source_key", "status", "tool_breached", "group", "service"].map(|column| cell(frame, column, row));
    assert_eq!(row(0), ["I1", "closed", "true", "B", "mail"]);
    assert_eq!(row(1), ["I2", "active", "false", "A", "mail"]);
    let events = &pulled.tables[&Table::TicketEvents];
    let event = |row| ["ticket", "seq", "field", "from", "to"].map(|column| cell(events, column, row)).join(" ");
    let told: Vec<String> = (0..events.height()).map(event).collect();
    let expected = [
        "I1 0 status null new",
        "I1 0 priority null P2",
        "I1 1 status new active",
        "I1 1 group null A",
        "I1 2 status active closed",
        "I1 2 group A B",
        "I2 0 status null new",
        "I2 0 priority null P2",
        "I2 0 group null A",
        "I2 1 status new active",
    ];
    assert_eq!(told, expected);
    assert_eq!((pulled.receipt.records, pulled.receipt.loaded), (5, 5));
    assert!(pulled.findings.iter().any(|finding| finding.kind == "event_without_sequence" && finding.count == 1));
}

#[test]
fn every_shipped_csv_connector_reads_every_column_of_its_table() {
    for (name, _) in manifest::SHIPPED.iter().filter(|(name, _)| name.starts_with("csv-")) {
        let connector = manifest::find(name, Path::new("/nowhere")).unwrap();
        let table = connector.tables().first().copied().unwrap();
        let columns: Vec<_> = table.columns().filter(|column| column.name != "source").collect();
        let header = columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",");
        let values = columns
            .iter()
            .map(|column| match column.kind {
                crate::model::ColumnType::Text => "word",
                crate::model::ColumnType::Instant => "2026-09-01 08:15",
                crate::model::ColumnType::Integer => "3",
                crate::model::ColumnType::Decimal => "0.5",
                crate::model::ColumnType::Boolean => "yes",
                // Named for their unit, as tools export them: plain seconds.
                crate::model::ColumnType::Duration if column.name.ends_with("_s") => "14400",
                crate::model::ColumnType::Duration => "4h",
            })
            .collect::<Vec<_>>()
            .join(",");
        let book = book(&[("a.csv", format!("{header}\n{values}\n").as_bytes())]);
        let pulled = read(&source(name, &["a.csv"], BERLIN), book.path(), now()).unwrap();
        assert!(pulled.findings.iter().all(|finding| finding.kind == "unlisted_word"), "{name}: {:?}", pulled.findings);
        let frame = &pulled.tables[&table];
        for column in table.columns() {
            assert_eq!(frame.column(column.name).unwrap().null_count(), 0, "{name}: {}", column.name);
        }
        let required: Vec<_> = columns.iter().filter(|column| column.required).map(|column| column.name).collect();
        let least = book_of_required(&required, &columns);
        let pulled = read(&source(name, &["a.csv"], BERLIN), least.path(), now()).unwrap();
        assert_eq!(pulled.receipt.loaded, 1, "{name}: {:?}", pulled.quarantine);
    }
}

/// Makes a book whose only file has only the required columns, without a key where the table can do without.
fn book_of_required(required: &[&str], columns: &[&crate::model::Column]) -> tempfile::TempDir {
    let tickets = columns.iter().any(|column| column.name == "opened_at");
    let kept: Vec<_> = columns
        .iter()
        .filter(|column| required.contains(&column.name) && (tickets || column.name != "source_key"))
        .collect();
    let value = |kind| match kind {
        crate::model::ColumnType::Instant => "2026-09-01",
        crate::model::ColumnType::Boolean => "no",
        _ => "1",
    };
    let line = |cells: Vec<&str>| cells.join(",");
    let text = format!(
        "{}\n{}\n",
        line(kept.iter().map(|column| column.name).collect()),
        line(kept.iter().map(|column| value(column.kind)).collect())
    );
    book(&[("a.csv", text.as_bytes())])
}
