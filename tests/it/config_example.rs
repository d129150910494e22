//! config.example.toml says what the code does: every key, every default, every required key.
//!
//! A key's comment ends with `Default <value>` where leaving it out means that value, with `Default: <words>` where it
//! means nothing at all, and begins with `required` where it may not be left out.

use crate::program::repository;
use serde_json::{Map, Value};
use servicebook::config::Config;
use std::collections::{BTreeMap, BTreeSet};

/// Only what may not be left out, once in each table.
const LEAST: &str = r#"
[book]
title = "Least"
zone = "UTC"

[[calendar]]
id = "office"
zone = "UTC"
hours = {}

[[service]]
id = "mail"
name = "Mail"

[[service_group]]
id = "office"
name = "Office"
services = ["mail"]

[[customer]]
id = "north"
name = "North"

[[agreement]]
id = "sla"
service = "mail"
valid_from = 2026-01-01
response = [{ within = "4h" }]
workload = [{ metric = "request", per_month = 1.0 }]

[[resource]]
id = "disk"
service = "mail"
metric = "disk"
threshold = 80.0

[[control_chart]]
measure = "tickets.opened"

[[source]]
id = "tickets"
connector = "csv-tickets"
hold = {}
"#;

/// Defaults that the code expresses by leaving the key empty.
const MEANT_BY_NOTHING: &[&str] = &["service.calendar"];

fn example() -> String {
    std::fs::read_to_string(repository().join("config.example.toml")).unwrap()
}

/// Every key that a config has, by table, with its values; entries of lists of tables are taken together.
fn keys(config: &Config) -> BTreeMap<String, Vec<Value>> {
    let mut found = BTreeMap::new();
    let whole = serde_json::to_value(config).unwrap();
    gather("", whole.as_object().unwrap(), &mut found);
    found
}

fn gather(path: &str, table: &Map<String, Value>, found: &mut BTreeMap<String, Vec<Value>>) {
    for (key, value) in table {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        // What stands below settings is the connector's.
        let inner = if path == "source.settings" { None } else { Some(value) };
        match inner {
            Some(Value::Object(inner)) => gather(&path, inner, found),
            Some(Value::Array(entries)) if entries.iter().any(Value::is_object) => {
                entries.iter().filter_map(Value::as_object).for_each(|entry| gather(&path, entry, found));
            }
            _ => {}
        }
        found.entry(path).or_default().push(value.clone());
    }
}

/// A line of the example that sets a key, or would without its `#`.
struct Line {
    at: usize,
    table: String,
    key: String,
    text: String,
    commented: bool,
}

impl Line {
    fn path(&self) -> String {
        format!("{}.{}", self.table, self.key)
    }
}

fn lines(text: &str) -> Vec<Line> {
    let mut table = String::new();
    let mut lines = Vec::new();
    for (at, text) in text.lines().enumerate() {
        if let Some(header) = text.strip_prefix('[') {
            header.trim_start_matches('[').split(']').next().unwrap().clone_into(&mut table);
        }
        let (commented, text) = text.strip_prefix("# ").map_or((false, text), |text| (true, text));
        let Some((key, _)) = text.split_once(" = ") else { continue };
        if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            lines.push(Line { at, table: table.clone(), key: key.to_owned(), text: text.to_owned(), commented });
        }
    }
    lines
}

#[test]
fn the_example_is_a_config() {
    Config::parse(&example(), "config.example.toml").unwrap();
}

#[test]
fn the_example_names_every_key() {
    let text = example();
    let config = Config::parse(&text, "config.example.toml").unwrap();
    // What a table may hold comes from the code: an entry that leaves a key out has it all the same.
    let known: BTreeSet<String> = keys(&config).into_keys().collect();
    let mut named = BTreeSet::new();
    let table: Map<String, Value> = serde_json::to_value(text.parse::<toml::Table>().unwrap())
        .map(|value| value.as_object().unwrap().clone())
        .unwrap();
    let mut live = BTreeMap::new();
    gather("", &table, &mut live);
    named.extend(live.into_keys());
    named.extend(lines(&text).iter().map(Line::path));
    let missing: Vec<&String> = known.iter().filter(|key| !named.contains(*key)).collect();
    assert!(missing.is_empty(), "config.example.toml does not name {missing:?}");
    let least = keys(&Config::parse(LEAST, "least").unwrap());
    let unseen: Vec<&String> = least.keys().filter(|key| !known.contains(*key)).collect();
    assert!(unseen.is_empty(), "config.example.toml never shows {unseen:?}");
}

#[test]
fn every_default_in_the_example_is_the_default_of_the_code() {
    let least = keys(&Config::parse(LEAST, "least").unwrap());
    let shown = keys(&Config::parse(&example(), "config.example.toml").unwrap());
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for line in lines(&example()) {
        let path = line.path();
        let Some(default) = least.get(&path).and_then(|values| values.first()) else { continue };
        if let Some((_, stated)) = line.text.rsplit_once("Default ") {
            checked += 1;
            let stated = match stated.trim() {
                "as here" => shown[&path][0].clone(),
                literal => serde_json::from_str(literal).unwrap_or_else(|_| panic!("line {}: {literal}", line.at + 1)),
            };
            let meant = default.is_null() && MEANT_BY_NOTHING.contains(&path.as_str());
            if !meant && !same(&stated, default) {
                wrong.push(format!("line {}: {path}: {stated}, in the code {default}", line.at + 1));
            }
        } else if line.text.contains("Default: ") {
            checked += 1;
            let nothing = match default {
                Value::Null => true,
                Value::Array(entries) => entries.is_empty() || matches!(line.key.as_str(), "response" | "workload"),
                Value::Object(entries) => entries.values().all(Value::is_null),
                _ => false,
            };
            if !nothing {
                wrong.push(format!("line {}: {path}: in the code {default}", line.at + 1));
            }
        }
    }
    assert!(checked > 30, "only {checked} defaults are stated");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn same(stated: &Value, code: &Value) -> bool {
    match (stated.as_f64(), code.as_f64()) {
        (Some(stated), Some(code)) => stated.to_bits() == code.to_bits(),
        _ => stated == code,
    }
}

#[test]
fn settings_of_the_whole_book_are_shown_with_their_defaults() {
    let least = keys(&Config::parse(LEAST, "least").unwrap());
    let shown = keys(&Config::parse(&example(), "config.example.toml").unwrap());
    for (key, values) in &least {
        let own = ["book.title", "book.zone"].contains(&key.as_str());
        let single = ["book.", "figures.", "store.", "report."].iter().any(|table| key.starts_with(table));
        if single && !own {
            assert_eq!(shown[key], *values, "{key}");
        }
    }
}

#[test]
fn what_is_marked_required_is_required_and_nothing_else_is() {
    let text = example();
    let whole: Vec<&str> = text.lines().collect();
    for line in lines(&text).iter().filter(|line| !line.commented) {
        // A value over several lines cannot be taken out by its first one.
        if line.text.trim_end().ends_with('[') {
            continue;
        }
        let without: Vec<&str> =
            whole.iter().enumerate().filter(|(at, _)| *at != line.at).map(|(_, text)| *text).collect();
        let parsed = Config::parse(&without.join("\n"), "config.example.toml");
        let above = line.at.checked_sub(1).map_or("", |at| whole[at]);
        let marked = line.text.contains("# required") || above.starts_with("# required");
        // Only the first entry of a list of tables is commented; the others show a use.
        if marked {
            assert!(parsed.is_err(), "line {}: `{}` is not required", line.at + 1, line.key);
        } else if line.text.contains("# ") {
            assert!(parsed.is_ok(), "line {}: `{}` is required: {:?}", line.at + 1, line.key, parsed.err());
        }
    }
}

#[test]
fn the_config_of_a_new_book_says_nothing_that_is_unknown() {
    let text = std::fs::read_to_string(repository().join("src/app/new_book.toml")).unwrap();
    Config::parse(&text, "new_book.toml").unwrap();
    // The lines that wait to be used are TOML too, and name connectors that are there.
    let start = text.find("# [[source]]").unwrap();
    let waiting: Vec<&str> = text[start..].lines().map(|line| line.trim_start_matches('#').trim_start()).collect();
    let used = format!("{}\n{}", &text[..start], waiting.join("\n"));
    let config = Config::parse(&used, "new_book.toml").unwrap();
    assert!(!config.sources.is_empty());
    for source in config.sources {
        assert!(repository().join(format!("connectors/{}.toml", source.connector)).is_file(), "{}", source.connector);
    }
}
