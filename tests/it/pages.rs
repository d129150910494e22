//! Pages that are made from the program: `docs/tables.md` from the schema, the table of `docs/measures.md` from the
//! catalogue of measures, `docs/connectors/`, `docs/connector.schema.json` and the connectors of README.md from the
//! manifests, the keys of `docs/console.md` and README.md from the keymap, `docs/screens.md` and its pictures from the
//! console itself.
//!
//! `UPDATE_DOCS=1 cargo test --test it pages` writes them anew.

use crate::program::{Desk, repository};
use servicebook::app::connector;
use servicebook::model::schema::{COMMON, Column, Table};
use servicebook::tui::action::Action;
use servicebook::tui::keymap::{self, Binding, Keymap};

#[track_caller]
#[expect(clippy::disallowed_methods, reason = "whether to write the page is said by who runs the test")]
fn is_up_to_date(page: &str, made: &str) {
    let path = repository().join(page);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, made).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == made, "{page} is behind the program: UPDATE_DOCS=1 cargo test --test it pages");
}

#[test]
fn the_page_of_tables_is_made_from_the_schema() {
    is_up_to_date("docs/tables.md", &tables());
}

/// The text above the table is kept as it is.
#[test]
fn the_table_of_measures_is_made_from_the_catalogue() {
    let written = std::fs::read_to_string(repository().join("docs/measures.md")).unwrap();
    let rule = "| --- | --- | --- | --- | --- | --- |\n";
    let (head, _) = written.split_once(rule).unwrap();
    let listed = Desk::new().run(&["measures", "--format", "json"]).ends(0);
    let mut page = format!("{head}{rule}");
    for line in listed.text().lines() {
        let measure: serde_json::Value = serde_json::from_str(line).unwrap();
        let cell = |key: &str| measure[key].as_str().unwrap().replace('|', "\\|");
        let [id, title, unit, clauses, additive, definition] =
            ["measure", "title", "unit", "clauses", "additive", "definition"].map(cell);
        page.push_str(&format!("| `{id}` | {title} | {unit} | {clauses} | {additive} | {definition} |\n"));
    }
    is_up_to_date("docs/measures.md", &page);
}

fn tables() -> String {
    let head = "# Canonical tables

What every connector fills, and what figures are computed from. The names are those of the store, of filters and of the
JSON. This page is made from `src/model/schema.rs`; a column that is not there does not exist.

| type | holds |
| --- | --- |
| text | words, as the source gave them or as the connector's value map made them |
| instant | a point in time: UTC, in milliseconds |
| integer | a whole number |
| decimal | a number with a fraction |
| boolean | true or false |
| duration | whole seconds |

A record without a required column goes to quarantine, with its file, line and reason. Every other column may be empty.
An instant without an offset is read in the zone that the source declares; nothing is guessed.

## Columns of every table
";
    let mut page = head.to_owned();
    columns(&mut page, COMMON);
    for table in Table::ALL {
        page.push_str(&format!("\n## {}\n\n{}\n", table.name(), table.meaning()));
        columns(&mut page, table.own_columns());
    }
    page
}

fn columns(page: &mut String, columns: &[Column]) {
    page.push_str("\n| column | type | required | meaning |\n| --- | --- | --- | --- |\n");
    for column in columns {
        let kind = format!("{:?}", column.kind).to_lowercase();
        let required = if column.required { "yes" } else { "" };
        page.push_str(&format!("| `{}` | {kind} | {required} | {} |\n", column.name, column.meaning));
    }
}

#[test]
fn the_schema_of_connectors_is_made_from_the_words_of_the_language() {
    let printed = Desk::new().run(&["schema", "connector"]).ends(0);
    is_up_to_date("docs/connector.schema.json", printed.text());
}

#[test]
fn each_connector_has_a_page_made_from_its_manifest() {
    for listed in connector::list(None) {
        let manifest = listed.manifest.unwrap();
        is_up_to_date(&format!("docs/connectors/{}.md", listed.name), &connector_page(&manifest));
    }
    let pages = std::fs::read_dir(repository().join("docs/connectors")).unwrap().count();
    assert_eq!(pages, connector::list(None).len(), "docs/connectors has a page of no connector");
}

/// One test for both tables of the README, so that neither writes over the other. The text around them is kept as it is.
#[test]
fn the_readme_lists_every_connector_and_the_keys_to_begin_with() {
    let written = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let head = "| tool | feeds | proven by |\n| --- | --- | --- |\n";
    let (before, rest) = written.split_once(head).unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let mut table = String::new();
    for listed in connector::list(None) {
        let manifest = listed.manifest.unwrap();
        let (name, feeds, proven) = (&listed.name, connector::feeds(&manifest), cell(&manifest.connector.proven));
        table.push_str(&format!("| [{name}](docs/connectors/{name}.md) | {feeds} | {proven} |\n"));
    }
    let page = format!("{before}{head}{table}\n{after}");
    is_up_to_date("README.md", &between(&page, "keys", &first_keys()));
}

/// The text around the table is kept as it is.
#[test]
fn the_page_of_the_console_lists_every_key() {
    let written = std::fs::read_to_string(repository().join("docs/console.md")).unwrap();
    is_up_to_date("docs/console.md", &between(&written, "keys", &keymap::markdown()));
}

/// Puts a table in the place of the one between two marks.
#[track_caller]
fn between(page: &str, mark: &str, table: &str) -> String {
    let (begins, ends) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let (before, rest) = page.split_once(&begins).unwrap();
    let (_, after) = rest.split_once(&ends).unwrap();
    format!("{before}{begins}{table}{ends}{after}")
}

/// The keys of the key bar, then those that open screens.
fn first_keys() -> String {
    let keymap = Keymap::default();
    let opens = |binding: &&Binding| matches!(binding.action, Action::Go(_));
    let bar = keymap.bindings().iter().filter(|binding| binding.bar.is_some());
    let mut table = "| keys | what they do | where |\n| --- | --- | --- |\n".to_owned();
    for binding in bar.chain(keymap.bindings().iter().filter(opens)) {
        let keys: Vec<String> = binding.keys.iter().map(|keys| format!("`{}`", cell(&keymap::shown(keys)))).collect();
        table.push_str(&format!("| {} | {} | {} |\n", keys.join(" "), cell(binding.text), binding.context.words()));
    }
    table
}

/// Pictures of every screen, from the real program on the demo book.
#[test]
fn the_pictures_of_screens_are_made_from_the_console() {
    let mut page = "# Screens

The console on the demo book, in a window of 100 columns and 30 lines. The pictures are made from what the program writes
to a terminal: `UPDATE_DOCS=1 cargo test --test it pages` makes them again.
"
    .to_owned();
    let mut names = Vec::new();
    for (name, about, grid) in crate::terminal::looks::walk((100, 30)) {
        let (first, rest) = name.split_at(1);
        page.push_str(&format!("\n## {}{rest}\n\n{about}\n\n![{about}](screens/{name}.svg)\n", first.to_uppercase()));
        is_up_to_date(&format!("docs/screens/{name}.svg"), &grid.to_svg(about));
        names.push(format!("{name}.svg"));
    }
    is_up_to_date("docs/screens.md", &page);
    for entry in std::fs::read_dir(repository().join("docs/screens")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(names.contains(&name), "docs/screens/{name} is of no screen of the tour");
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn connector_page(manifest: &connector::Manifest) -> String {
    let head = &manifest.connector;
    let feeds: Vec<String> =
        manifest.tables().iter().map(|table| format!("[{0}](../tables.md#{0})", table.name())).collect();
    let mut page = format!(
        "# {}\n\n{}. It feeds {}. This page is made from [its manifest](../../connectors/{0}.toml).\n",
        head.name,
        head.title,
        feeds.join(", ")
    );
    page.push_str(&format!("\nProven with: {}\n", head.proven));
    if let Some(docs) = &head.docs {
        page.push_str(&format!("\nDescribed by its maker: <{docs}>\n"));
    }
    if let Some(rights) = &head.rights {
        page.push_str(&format!("\n## Rights\n\n{rights}\n"));
    }
    page.push_str("\n## A source\n\n```toml\n[[source]]\n");
    page.push_str(&format!("id = \"{0}\"\nconnector = \"{0}\"\n", head.name));
    if !manifest.asks() {
        page.push_str("files = [\"exports/*.csv\"]\n");
    }
    let required: Vec<String> = manifest
        .settings
        .iter()
        .filter(|(_, setting)| setting.default.is_none())
        .map(|(name, setting)| {
            let value = match setting.kind {
                connector::SettingKind::Zone => "Europe/Berlin".to_owned(),
                connector::SettingKind::Url => "https://tool.example.org".to_owned(),
                connector::SettingKind::Secret => format!("env:{}", name.to_uppercase()),
                connector::SettingKind::Text => "…".to_owned(),
            };
            format!("{name} = \"{value}\"")
        })
        .collect();
    if !required.is_empty() {
        page.push_str(&format!("settings = {{ {} }}\n", required.join(", ")));
    }
    page.push_str("```\n");
    if !manifest.settings.is_empty() {
        page.push_str("\n## Settings\n\n| setting | what to write | default |\n| --- | --- | --- |\n");
    }
    for (name, setting) in &manifest.settings {
        let default = match &setting.default {
            None => "required".to_owned(),
            Some(default) if default.is_empty() => "none".into(),
            Some(default) => format!("`{}`", cell(&default.split_whitespace().collect::<Vec<_>>().join(" "))),
        };
        page.push_str(&format!("| `{name}` | {} | {default} |\n", cell(&setting.hint)));
    }
    if let Some(asking) = manifest.asking_in_words().unwrap() {
        page.push_str("\n## What is asked\n\n");
        page.push_str(&format!("Signed with {}. At most {} requests.\n", asking.auth, asking.rate));
        if let Some(check) = &asking.check {
            page.push_str(&format!("`{check}` must be answered before all others.\n"));
        }
        page.push_str("\n| request | asks | for | pages | sorted by | a pull asks | complete when |\n");
        page.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
        for request in &asking.requests {
            let each = request.each.clone().unwrap_or_default();
            let cells =
                [&each, &request.paging, &request.order, &request.window, &request.complete].map(|text| cell(text));
            page.push_str(&format!("| `{}` | `{}` | {} |\n", request.name, request.asked, cells.join(" | ")));
        }
        for (name, when) in &asking.only_with {
            page.push_str(&format!("\n`{name}` is asked only where `{when}` is given.\n"));
        }
        for sweep in &asking.sweeps {
            page.push_str(&format!("\nDeleted rows of {sweep}.\n"));
        }
    } else {
        page.push_str("\n## Completeness\n\nIt reads files: a pull takes in every record of every file, or says which it did not.\n");
    }
    if !head.limits.is_empty() {
        page.push_str("\n## Limits\n\n");
        head.limits.iter().for_each(|limit| page.push_str(&format!("- {limit}\n")));
    }
    page
}
