//! `servicebook connector …` as a user types it, and the language's schema and page.

use crate::http::server::{Connection, Seen, Server};
use crate::program::{Desk, Run, repository};
use serde_json::{Value, json};
use servicebook::app::connector;
use servicebook::source::manifest::SHIPPED;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const KEY: &str = "a-key-that-nobody-may-see";

/// A Redmine with two issues, one of which names people and places.
fn redmine() -> Server {
    Server::start(|seen: &Seen, connection: &mut Connection| {
        let issue = |id: u64, subject: &str| {
            json!({
                "id": id, "subject": subject, "description": "Call Anna Berg at home",
                "author": {"id": 5, "name": "Anna Berg"}, "mail": "anna.berg@north.example",
                "tracker": {"id": 1, "name": "Bug"}, "status": {"id": 1, "name": "New"},
                "priority": {"id": 2, "name": "Normal"}, "category": {"id": 3, "name": "Messaging"},
                "custom_fields": [{"id": 1, "name": "Service", "value": "Exchange"}, {"id": 2, "name": "Floor", "value": "Annex 7"}],
                "created_on": "2026-09-02T08:00:00Z", "updated_on": "2026-09-02T09:00:00Z", "closed_on": null
            })
        };
        let body = match seen.path() {
            "/users/current.json" => json!({"user": {"id": 1}}),
            "/issues.json" => {
                json!({"issues": [issue(1, "Mailbox of Anna is full"), issue(2, "No mail")], "total_count": 2, "offset": 0, "limit": 100})
            }
            "/issue_statuses.json" => json!({"issue_statuses": [{"id": 1, "name": "New"}]}),
            "/enumerations/issue_priorities.json" => json!({"issue_priorities": [{"id": 2, "name": "Normal"}]}),
            _ => json!({"issue": {"id": 1, "journals": []}}),
        };
        connection.answer(200, &[("content-type", "application/json")], body.to_string().as_bytes());
    })
}

fn book(desk: &Desk, url: &str) -> PathBuf {
    let config = format!(
        "[book]\ntitle = \"A desk\"\nzone = \"UTC\"\n\n[[source]]\nid = \"desk\"\nconnector = \"redmine\"\nsince = 2026-01-01\nsettings = {{ url = \"{url}\", key = \"env:DESK_KEY\" }}\nhttp = {{ allow_http = true }}\n\n[[source]]\nid = \"again\"\nconnector = \"redmine\"\nfiles = [\"recorded/pages.jsonl\"]\nsettings = {{ url = \"https://tool.example\", key = \"env:DESK_KEY\" }}\n"
    );
    desk.book("book", &[("config.toml", &config)])
}

fn with_key(desk: &Desk, book: &Path, arguments: &[&str]) -> Run {
    Run::of(desk.command(arguments).arg("--book").arg(book).env("DESK_KEY", KEY))
}

#[test]
fn every_connector_is_listed_and_those_of_the_book_are_marked() {
    let desk = Desk::new();
    let own = SHIPPED.iter().find(|(name, _)| *name == "csv-tickets").unwrap().1.replace("csv-tickets", "house");
    let book = desk
        .book("book", &[("config.toml", "[book]\ntitle = \"B\"\nzone = \"UTC\"\n"), ("connectors/house.toml", &own)]);
    let listed = desk.on(&book, &["connector", "list"]).ends(0);
    assert!(SHIPPED.iter().all(|(name, _)| listed.text().lines().any(|line| line.starts_with(name))));
    assert!(listed.text().lines().any(|line| line.starts_with("house (own)") && line.contains("tickets")));
}

#[test]
fn every_connector_can_be_shown_and_planned_without_a_book() {
    let desk = Desk::new();
    for (name, _) in SHIPPED {
        let manifest = connector::manifest(name, None).unwrap();
        if name.starts_with("csv-") {
            continue;
        }
        let shown = desk.run(&["connector", "show", name]).ends(0);
        assert!(shown.text().contains("proven") && shown.text().contains("rights"), "{name}");
        let planned = desk.run(&["connector", "plan", name]);
        if manifest.asks() {
            assert!(planned.ends(0).text().contains("complete  "), "{name}");
        } else {
            planned.ends(1).says(&["reads files and asks nobody"]);
        }
    }
    desk.run(&["connector", "show", "redmin"]).ends(1).says(&["did you mean `redmine`?"]);
}

#[test]
fn a_manifest_is_checked_with_all_that_is_wrong_in_it() {
    let desk = Desk::new();
    let good = SHIPPED.iter().find(|(name, _)| *name == "redmine").unwrap().1;
    let bad = good
        .replace("proven =", "prooven = 1\nproven =")
        .replace("decode =", "decod =")
        .replace("kind = \"offset\"", "kind = \"ofset\"");
    desk.book("mine", &[("good/redmine.toml", good), ("bad/redmine.toml", &bad)]);
    let said = desk.run(&["connector", "check", "mine/good/redmine.toml"]).ends(0);
    assert!(said.text().contains("in order"));
    desk.run(&["connector", "check", "mine/bad/redmine.toml"]).ends(1).answers_nothing().says(&[
        "line 6",
        "prooven",
        "did you mean `proven`?",
        "ofset",
        "did you mean `offset`?",
    ]);
    desk.run(&["connector", "check", "mine/none.toml"]).ends(1).says(&["cannot read"]);
}

#[test]
fn a_plan_names_secrets_and_sends_nothing() {
    let (desk, server) = (Desk::new(), redmine());
    let book = book(&desk, &server.url(""));
    let planned = with_key(&desk, &book, &["connector", "plan", "desk", "--period", "2026-09"]).ends(0);
    let text = planned.text();
    for part in
        ["updated_on=>=2026-09-01T00:00:00Z", "/issues/{each}.json", "1, the first from 2026-09-01T00:00:00Z to"]
    {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    assert!(!text.contains(KEY) && server.seen().is_empty());
}

#[test]
fn a_first_look_asks_for_small_pages_and_masks_titles() {
    let (desk, server) = (Desk::new(), redmine());
    let book = book(&desk, &server.url(""));
    let looked = with_key(&desk, &book, &["connector", "test", "desk"]).ends(0);
    let text = looked.text();
    for part in [
        "was answered: the account is known",
        "2 of 2 that the tool has",
        "tickets: 2 rows",
        "(masked)",
        "Exchange",
        "2026-09-02T08:00:00Z",
    ] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    assert!(!text.contains("Anna") && !text.contains(KEY), "{text}");
    let seen = server.seen();
    assert!(seen.iter().filter_map(|seen| seen.query("limit")).all(|limit| limit == "5"));
    assert_eq!(seen.iter().filter(|seen| seen.path().starts_with("/issues/")).count(), 1);
    assert!(!book.join("store").exists(), "a first look keeps nothing");
    let open = with_key(&desk, &book, &["connector", "test", "desk", "--unmasked"]).ends(0);
    assert!(open.text().contains("Mailbox of Anna is full"));
}

#[test]
fn a_tool_that_refuses_says_so_in_a_first_look() {
    let desk = Desk::new();
    let server = Server::start(|_: &Seen, connection: &mut Connection| {
        connection.answer(401, &[], b"{}");
    });
    let book = book(&desk, &server.url(""));
    let looked = with_key(&desk, &book, &["connector", "test", "desk"]).ends(1);
    assert!(looked.text().contains("401") && looked.text().contains("was refused"), "{}", looked.text());
}

#[test]
fn a_recording_gives_the_same_rows_and_names_nobody() {
    let (desk, server) = (Desk::new(), redmine());
    let book = book(&desk, &server.url(""));
    let to = book.join("recorded");
    let run = with_key(&desk, &book, &["connector", "record", "desk", "--to", to.to_str().unwrap()]).ends(0);
    assert!(run.text().contains("issues: 1 pages"), "{}", run.text());
    let mut all = String::new();
    for entry in std::fs::read_dir(&to).unwrap() {
        all.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    for gone in ["Anna", "anna", "Annex", "north.example", KEY, "127.0.0.1"] {
        assert!(!all.contains(gone), "`{gone}` is in the recording");
    }
    for kept in ["Exchange", "Messaging", "2026-09-02T08:00:00Z", "Normal"] {
        assert!(all.contains(kept), "`{kept}` is not in the recording");
    }
    with_key(&desk, &book, &["pull", "again"]).ends(0).says(&["2 tickets", "0 quarantined"]);
    with_key(&desk, &book, &["connector", "record", "desk", "--to", to.to_str().unwrap()])
        .ends(1)
        .says(&["is there already"]);
}

#[test]
fn every_shipped_manifest_is_one_by_the_schema() {
    let schema = connector::schema();
    for (name, text) in SHIPPED {
        let manifest: Value = serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
        let mut wrong = Vec::new();
        fits(&schema, &schema, &manifest, "", &mut wrong);
        assert!(wrong.is_empty(), "{name}: {}", wrong.join("\n"));
    }
    let mut wrong = Vec::new();
    fits(&schema, &schema, &json!({"connector": {"name": "x", "nam": 1}}), "", &mut wrong);
    assert!(wrong.len() > 1, "the walk finds what is missing and what is unknown: {wrong:?}");
}

/// Walks a value against the few words of JSON Schema that are used here.
fn fits(root: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).unwrap();
        fits(root, target, value, at, wrong);
    }
    for word in ["anyOf", "oneOf"] {
        if let Some(ways) = schema[word].as_array() {
            let tries: Vec<Vec<String>> = ways
                .iter()
                .map(|way| {
                    let mut wrong = Vec::new();
                    fits(root, way, value, at, &mut wrong);
                    wrong
                })
                .collect();
            if tries.iter().all(|wrong| !wrong.is_empty()) {
                wrong.extend(tries.into_iter().min_by_key(Vec::len).unwrap());
            }
        }
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(more) => more.iter().filter_map(Value::as_str).collect(),
        _ => vec![kind],
    };
    if !kinds.contains(&kind) {
        wrong.push(format!("{at}: {kind} in place of {kinds:?}"));
    }
    if schema.get("const").is_some_and(|only| only != value)
        || schema["enum"].as_array().is_some_and(|all| !all.contains(value))
    {
        wrong.push(format!("{at}: {value} is none of the words"));
    }
    if let Some(members) = value.as_object() {
        for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(required) {
                wrong.push(format!("{at}: `{required}` is missing"));
            }
        }
        for (name, member) in members {
            let at = format!("{at}/{name}");
            match (schema["properties"].get(name), schema.get("additionalProperties")) {
                (Some(known), _) => fits(root, known, member, &at, wrong),
                (None, Some(Value::Bool(false))) => wrong.push(format!("{at} is unknown")),
                (None, Some(other)) => fits(root, other, member, &at, wrong),
                (None, None) => {}
            }
        }
    }
    for (index, element) in value.as_array().into_iter().flatten().enumerate() {
        let place = schema["prefixItems"].get(index).unwrap_or(&schema["items"]);
        fits(root, place, element, &format!("{at}/{index}"), wrong);
    }
}

#[test]
fn every_word_of_the_language_stands_on_its_page() {
    let page = std::fs::read_to_string(repository().join("connectors/README.md")).unwrap();
    let mut on_page = BTreeSet::new();
    for word in page.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
        on_page.insert(word);
    }
    let mut words = BTreeSet::new();
    gather(&connector::schema(), &mut words);
    assert!(words.len() > 80, "{words:?}");
    let missing: Vec<&String> =
        words.iter().filter(|word| !word.split('-').all(|part| on_page.contains(part))).collect();
    assert!(missing.is_empty(), "connectors/README.md does not say {missing:?}");
}

/// Collects keys and named values of a schema.
fn gather(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            words.extend(
                members.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.keys().cloned()),
            );
            words.extend(members.get("const").and_then(Value::as_str).map(str::to_owned));
            let named = members.get("enum").and_then(Value::as_array).into_iter().flatten();
            words.extend(named.filter_map(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| gather(member, words));
        }
        Value::Array(list) => list.iter().for_each(|member| gather(member, words)),
        _ => {}
    }
}
