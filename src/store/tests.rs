use super::*;
use crate::model::{Completeness, Raw};
use polars::df;
use std::os::unix::fs::PermissionsExt;

fn pulled(source: &str, keys: &[&str]) -> Pulled {
    let frame = df!("source" => vec![source; keys.len()], "source_key" => keys, "type" => vec!["incident"; keys.len()]);
    let frame = Table::Tickets.conform(&frame.unwrap()).unwrap();
    Pulled {
        receipt: Receipt {
            id: format!("{source}-1"),
            source: source.into(),
            connector: "csv-tickets".into(),
            connector_sha256: String::new(),
            pulled_at: "2026-10-05T06:00:00Z".into(),
            files: Vec::new(),
            records: keys.len() as u64 + 1,
            loaded: keys.len() as u64,
            quarantined: 1,
            rows: vec![("tickets".into(), keys.len() as u64)],
            completeness: Completeness::Complete { rule: "test".into() },
        },
        tables: BTreeMap::from([(Table::Tickets, frame)]),
        findings: Vec::new(),
        quarantine: vec![Quarantined {
            file: "a.csv".into(),
            line: 7,
            reason: "a NUL byte".into(),
            text: Raw::new("a\0\"\nb"),
        }],
    }
}

fn keys(loaded: &Loaded) -> Vec<String> {
    let column = loaded.tables[&Table::Tickets].column("source_key").unwrap();
    column.str().unwrap().iter().map(|key| key.unwrap_or_default().to_owned()).collect()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(ending));
    files.sort();
    files
}

#[test]
fn what_was_published_is_loaded_and_other_sources_stay() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store"));
    assert!(store.load().unwrap().is_none());
    assert_eq!(store.publish(vec![pulled("b", &["1", "2"]), pulled("a", &["3"])], None).unwrap(), 1);
    assert_eq!(store.publish(vec![pulled("b", &["4"])], None).unwrap(), 2);
    let loaded = store.load().unwrap().unwrap();
    assert_eq!((loaded.generation, keys(&loaded)), (2, vec!["3".to_owned(), "4".to_owned()]));
    assert_eq!(loaded.receipts.iter().map(|receipt| receipt.source.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(store.quarantine("a").unwrap(), pulled("a", &[]).quarantine);
    assert_eq!(store.quarantine("none").unwrap(), []);
    assert_eq!(keys(&store.load_sources(|id| id == "a").unwrap().unwrap()), ["3"]);
}
