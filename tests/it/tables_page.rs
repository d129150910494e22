//! `docs/tables.md` says what `src/model/schema.rs` says: the page is made from it.
//!
//! `UPDATE_DOCS=1 cargo test --test it tables_page` writes the page anew.

use servicebook::model::schema::{COMMON, Column, Table};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tables.md");

#[test]
#[expect(clippy::disallowed_methods, reason = "whether to write the page is said by who runs the test")]
fn the_page_of_tables_is_made_from_the_schema() {
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let written = std::fs::read_to_string(PAGE).unwrap();
    assert!(written == page, "docs/tables.md is behind the schema: UPDATE_DOCS=1 cargo test --test it tables_page");
}

fn page() -> String {
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
