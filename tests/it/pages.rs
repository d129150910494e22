//! Pages that are made from the program: `docs/tables.md` from the schema, the table of `docs/measures.md` from the
//! catalogue of measures.
//!
//! `UPDATE_DOCS=1 cargo test --test it pages` writes them anew.

use crate::program::{Desk, repository};
use servicebook::model::schema::{COMMON, Column, Table};

#[track_caller]
#[expect(clippy::disallowed_methods, reason = "whether to write the page is said by who runs the test")]
fn is_up_to_date(page: &str, made: &str) {
    let path = repository().join(page);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
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
