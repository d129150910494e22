use super::*;
use crate::model::{Completeness, Raw};
use polars::df;
use std::os::unix::fs::PermissionsExt;

fn pulled(source: &str, keys: &[&str]) -> Pulled {
    let frame = df!("source" => vec![source; keys.len()], "source_key" => keys, "type" => vec!["incident"; keys.len()],
        "opened_at" => vec![1_788_220_800_000_i64; keys.len()], "is_major" => vec![true; keys.len()],
        "reopen_count" => vec![None, Some(3_i64)].into_iter().cycle().take(keys.len()).collect::<Vec<_>>());
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
            set_aside: 0,
            asked: None,
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
    let both =
        pulled("a", &["3"]).tables[&Table::Tickets].vstack(&pulled("b", &["4"]).tables[&Table::Tickets]).unwrap();
    assert!(loaded.tables[&Table::Tickets].equals_missing(&both), "types, instants and empty cells come back");
    assert_eq!(store.quarantine("a").unwrap(), pulled("a", &[]).quarantine);
    assert_eq!(store.quarantine("none").unwrap(), []);
    assert_eq!(keys(&store.load_sources(|id| id == "a").unwrap().unwrap()), ["3"]);
}

#[test]
fn a_damaged_or_missing_file_is_named_before_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    store.publish(vec![pulled("desk", &["1", "2", "3"])], None).unwrap();
    let table = files(folder.path(), ".parquet").remove(0);
    let whole = std::fs::read(&table).unwrap();
    for place in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        std::fs::write(&table, bytes).unwrap();
        let error = store.load().unwrap_err().to_string();
        assert!(error.contains(&*table.to_string_lossy()) && error.contains("servicebook pull"), "{error}");
    }
    std::fs::remove_file(&table).unwrap();
    assert!(store.load().unwrap_err().to_string().contains("it is not there"));
    store.publish(vec![pulled("desk", &["1", "2", "3"])], None).unwrap();
    assert_eq!(keys(&store.load().unwrap().unwrap()), ["1", "2", "3"]);
}

#[test]
fn a_damaged_manifest_is_told_and_the_next_pull_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    store.publish(vec![pulled("a", &["1"]), pulled("b", &["2"])], None).unwrap();
    let current = folder.path().join("CURRENT");
    let whole = std::fs::read(&current).unwrap();
    let hostile = String::from_utf8(whole.clone()).unwrap().replace("\"quarantined\": 1", "\"quarantined\": 0");
    for bytes in [hostile.as_bytes(), &whole[..whole.len() / 2], b"", b"{}"] {
        std::fs::write(&current, bytes).unwrap();
        assert!(matches!(store.load(), Err(StoreError::Damaged { .. })));
    }
    assert_eq!(store.publish(vec![pulled("a", &["3"])], None).unwrap(), 2);
    assert_eq!(keys(&store.load().unwrap().unwrap()), ["3", "2"], "the other source is still there");
    std::fs::remove_file(&current).unwrap();
    assert!(matches!(store.load(), Err(StoreError::Damaged { .. })), "a lost manifest is not an empty store");
    store.publish(Vec::new(), None).unwrap();
    assert_eq!(keys(&store.load().unwrap().unwrap()), ["3", "2"]);
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    std::fs::write(folder.path().join("CURRENT"), b"{\"format\": 2, \"other\": []}").unwrap();
    assert!(matches!(store.load(), Err(StoreError::Newer { format: 2, .. })));
    assert!(matches!(store.publish(vec![pulled("a", &["1"])], None), Err(StoreError::Newer { .. })));
    assert_eq!(files(folder.path(), ".parquet"), [""; 0].map(PathBuf::from));
}

#[test]
fn the_last_generations_are_kept_and_the_rest_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    std::fs::write(folder.path().join(format!("{}old", disk::UNFINISHED)), b"half").unwrap();
    for round in 0..14 {
        store.publish(vec![pulled("a", &[&round.to_string()])], None).unwrap();
    }
    assert_eq!(files(folder.path(), ".json").len(), 10);
    assert_eq!(files(folder.path(), ".parquet").len(), 10);
    assert_eq!(files(folder.path(), ".jsonl").len(), 1, "the same content is one file");
    assert!(files(folder.path(), "old").is_empty());
    assert_eq!(keys(&store.load().unwrap().unwrap()), ["13"]);
}

#[test]
fn only_the_owner_and_the_group_may_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store"));
    let modes = || {
        let mut modes: Vec<u32> = std::fs::read_dir(folder.path().join("store"))
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().permissions().mode() & 0o777)
            .collect();
        modes.dedup();
        let own = std::fs::metadata(folder.path().join("store")).unwrap().permissions().mode() & 0o777;
        (own, modes)
    };
    store.publish(vec![pulled("a", &["1"])], None).unwrap();
    assert_eq!(modes(), (0o700, vec![0o600]));
    assert!(matches!(store.publish(Vec::new(), Some("no such group")), Err(StoreError::Group { .. })));
}

#[test]
fn one_process_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let held = Folder::create(folder.path(), None).unwrap().lock().unwrap();
    let error = store.publish(vec![pulled("a", &["1"])], None).unwrap_err().to_string();
    assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
    drop(held);
    store.publish(vec![pulled("a", &["1"])], None).unwrap();
}

#[test]
fn a_group_may_read_where_the_config_names_one() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let group = std::fs::metadata(folder.path()).unwrap().gid();
    let store = Store::open(&folder.path().join("store"));
    store.publish(vec![pulled("a", &["1"])], Some(&group.to_string())).unwrap();
    let own = std::fs::metadata(folder.path().join("store")).unwrap();
    assert_eq!((own.permissions().mode() & 0o777, own.gid()), (0o750, group));
    for entry in std::fs::read_dir(folder.path().join("store")).unwrap() {
        let metadata = entry.unwrap().metadata().unwrap();
        assert_eq!((metadata.permissions().mode() & 0o777, metadata.gid()), (0o640, group));
    }
}
