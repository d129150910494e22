//! The JSON Schema of a manifest, made from the words themselves, for editors that read TOML with one.

use super::Words;
use crate::model::Table;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// Returns the JSON Schema (draft 2020-12) of a connector's manifest.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Words).to_value()
}

/// The name of a canonical table, in the schema.
pub(super) struct TableName;

impl JsonSchema for TableName {
    fn schema_name() -> Cow<'static, str> {
        "TableName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Table::ALL.iter().map(|table| table.name()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}
