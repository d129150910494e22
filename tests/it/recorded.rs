//! Every shipped connector that asks a tool, over a recording of its answers: the rows that must come out were worked
//! out by hand and stand beside the pages.

use crate::program::repository;
use polars::prelude::{DataFrame, DataType};
use servicebook::config::SourceConfig;
use servicebook::model::Table;
use servicebook::source::read;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn recordings() -> Vec<PathBuf> {
    let folder = repository().join("tests/fixtures/connectors");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// The settings that a source would need for a recording.
fn source(recording: &Path) -> SourceConfig {
    let text = std::fs::read_to_string(recording.join("source.toml")).unwrap();
    let connector = recording.file_name().unwrap().to_str().unwrap();
    let pages = recording.join("pages.jsonl");
    let head = format!("id = \"tool\"\nconnector = \"{connector}\"\nfiles = [{:?}]\n", pages.to_str().unwrap());
    toml::from_str(&format!("{head}{text}")).unwrap()
}

fn pulled(source: &SourceConfig) -> Result<servicebook::model::Pulled, String> {
    let now = "2026-10-01T00:00:10Z".parse().unwrap();
    read(source, Path::new("/nonexistent"), now).map_err(|error| error.to_string())
}

/// The rows of a frame by key: name and text of every cell that is not empty.
fn cells(frame: &DataFrame) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut rows: Vec<BTreeMap<String, String>> = vec![BTreeMap::new(); frame.height()];
    for column in frame.columns() {
        let texts: Vec<Option<String>> = if let DataType::Datetime(..) = column.dtype() {
            let millis = column.cast(&DataType::Int64).unwrap();
            millis.i64().unwrap().iter().map(|at| at.map(instant)).collect()
        } else {
            let text = column.cast(&DataType::String).unwrap();
            text.str().unwrap().iter().map(|text| text.map(str::to_owned)).collect()
        };
        for (row, text) in rows.iter_mut().zip(texts) {
            if let Some(text) = text {
                row.insert(column.name().to_string(), text);
            }
        }
    }
    rows.into_iter().map(|row| (row["source_key"].clone(), row)).collect()
}

fn instant(millis: i64) -> String {
    let at = chrono::DateTime::from_timestamp_millis(millis).unwrap();
    let form = if millis % 1_000 == 0 { chrono::SecondsFormat::Secs } else { chrono::SecondsFormat::Millis };
    at.to_rfc3339_opts(form, true)
}

/// The rows that must come out, by key; an empty cell says that there is none.
fn expected(path: &Path) -> (Vec<String>, BTreeMap<String, BTreeMap<String, String>>) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut records = csv_records(&text);
    let header = records.remove(0);
    let rows = records
        .into_iter()
        .map(|record| {
            let row: BTreeMap<String, String> =
                header.iter().cloned().zip(record).filter(|(_, text)| !text.is_empty()).collect();
            (row["source_key"].clone(), row)
        })
        .collect();
    (header, rows)
}

fn csv_records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv_core::Reader::new();
    let (mut input, mut records) = (text.as_bytes(), Vec::new());
    let (mut out, mut ends) = (vec![0; 1 << 16], vec![0; 256]);
    loop {
        let (result, read, _, fields) = reader.read_record(input, &mut out, &mut ends);
        input = &input[read..];
        match result {
            csv_core::ReadRecordResult::Record => {
                let mut start = 0;
                records.push(
                    ends[..fields]
                        .iter()
                        .map(|end| {
                            let field = String::from_utf8(out[start..*end].to_vec()).unwrap();
                            start = *end;
                            field
                        })
                        .collect(),
                );
            }
            csv_core::ReadRecordResult::End => return records,
            _ => {}
        }
    }
}

/// Numbers are compared as numbers: a file may say `3` where a frame says `3.0`.
fn same(one: Option<&String>, other: Option<&String>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) if one != other => {
            matches!((one.parse::<f64>(), other.parse::<f64>()), (Ok(one), Ok(other)) if one.total_cmp(&other).is_eq())
        }
        (one, other) => one.is_some() == other.is_some(),
    }
}

#[test]
fn every_recording_gives_the_rows_that_were_worked_out_by_hand() {
    let mut wrong = Vec::new();
    for recording in recordings() {
        let name = recording.file_name().unwrap().to_str().unwrap().to_owned();
        let pulled = match pulled(&source(&recording)) {
            Ok(pulled) => pulled,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        if !pulled.receipt.conserves() || pulled.receipt.completeness.taints() {
            wrong.push(format!("{name}: {:?}", pulled.receipt));
        }
        for record in &pulled.quarantine {
            wrong.push(format!("{name}: {} {}: {}", record.file, record.line, record.reason));
        }
        let mut seen = Vec::new();
        for (table, frame) in &pulled.tables {
            let path = recording.join(format!("expected-{}.csv", table.name()));
            if !path.exists() {
                if frame.height() > 0 {
                    wrong.push(format!("{name}: nobody worked out {}", table.name()));
                }
                continue;
            }
            seen.push(path.clone());
            let (header, expected) = expected(&path);
            let cells = cells(frame);
            if cells.keys().ne(expected.keys()) {
                wrong.push(format!("{name} {}: {:?} in place of {:?}", table.name(), cells.keys(), expected.keys()));
                continue;
            }
            for (key, row) in &expected {
                for column in &header {
                    if !same(row.get(column), cells[key].get(column)) {
                        wrong.push(format!(
                            "{name} {} {key} {column}: {:?} in place of {:?}",
                            table.name(),
                            cells[key].get(column),
                            row.get(column)
                        ));
                    }
                }
            }
        }
        for entry in std::fs::read_dir(&recording).unwrap() {
            let path = entry.unwrap().path();
            let is_expected = path.file_name().unwrap().to_str().unwrap().starts_with("expected-");
            if is_expected && !seen.contains(&path) {
                wrong.push(format!("{name}: nothing came for {}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_connector_that_asks_a_tool_has_a_recording() {
    let recorded: Vec<String> =
        recordings().iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    for (name, text) in servicebook::source::manifest::SHIPPED {
        let manifest = servicebook::source::Manifest::parse(text, &format!("connectors/{name}.toml")).unwrap();
        assert!(!manifest.asks() || recorded.contains(&(*name).to_owned()), "{name} has no recording");
        let known = manifest.tables();
        assert!(!known.is_empty() && known.iter().all(|table| Table::ALL.contains(table)), "{name}");
    }
}
