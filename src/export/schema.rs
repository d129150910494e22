//! The JSON Schema of a report, as `servicebook schema report` prints it.
//!
//! Written by hand; a test walks a written document against it, key by key. Objects stay open, so that
//! a later version may add keys without breaking those who check.

use crate::report::document::SCHEMA;
use serde_json::{Value, json};

/// Returns the JSON Schema (draft 2020-12) of the JSON form of a report.
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:{}", SCHEMA.replace('/', ":")),
        "title": "servicebook report",
        "description": "A service report. Percentages are 0 to 100, durations seconds, counts whole numbers but for centre and limits of control charts; values are \
                        unrounded, `display` is what screen and page print.",
        "type": "object",
        "required": [
            "schema", "descriptor", "book", "period", "as_of", "complete", "edition", "figures", "series", "tables",
            "findings", "receipts", "actions"
        ],
        "properties": {
            "schema": {"const": SCHEMA},
            "descriptor": {"$ref": "#/$defs/descriptor"},
            "book": object(&json!({
                "id": text("The book's title."),
                "sample": {"type": "boolean", "description": "True for the demo book: SAMPLE DATA."}
            })),
            "period": object(&json!({
                "id": text("As on the command line: 2026-09, 2026-Q3, 2026."),
                "start": instant("First instant of the period."),
                "end": instant("First instant after the period."),
                "zone": text("IANA name of the report zone.")
            })),
            "as_of": instant("The instant whose knowledge is used."),
            "complete": {
                "type": "boolean",
                "description": "False when an incomplete pull, stale rows or broken conservation went in."
            },
            "edition": {"enum": [2005, 2011, 2018], "description": "Edition of ISO/IEC 20000-1 whose clauses are named."},
            "figures": list(&json!({"$ref": "#/$defs/figure"})),
            "series": list(&json!({"$ref": "#/$defs/series"})),
            "tables": list(&json!({"$ref": "#/$defs/table"})),
            "findings": list(&json!({"$ref": "#/$defs/finding"})),
            "receipts": list(&json!({"$ref": "#/$defs/receipt"})),
            "actions": list(&object(&json!({
                "text": text("What is to be done."),
                "owner": text("The role that does it."),
                "due": text("ISO date.")
            })))
        },
        "$defs": {
            "descriptor": descriptor(),
            "figure": figure(),
            "series": series(),
            "table": object(&json!({
                "id": text("Stable id, as `outages`."),
                "columns": list(&json!({"type": "string"})),
                "rows": list(&list(&json!({"type": ["string", "number", "boolean", "null"]})))
            })),
            "finding": finding(),
            "receipt": receipt()
        }
    })
}

/// Makes an object of which every property is always there.
fn object(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flat_map(serde_json::Map::keys).collect();
    json!({"type": "object", "required": required, "properties": properties})
}

fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn instant(description: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": description})
}

fn number(description: &str) -> Value {
    json!({"type": "number", "description": description})
}

fn perhaps_number(description: &str) -> Value {
    json!({"type": ["number", "null"], "description": description})
}

fn count(description: &str) -> Value {
    json!({"type": "integer", "minimum": 0, "description": description})
}

/// Lets null stand where there is nothing.
fn perhaps(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn descriptor() -> Value {
    object(&json!({
        "id": text("Stable id of the report."),
        "version": count("Rises when the definition changes."),
        "title": text("The title that is printed."),
        "purpose": text("The decision it serves."),
        "audience": list(&text("A role.")),
        "frequency": text("How often it is made."),
        "owner": text("Who answers for it."),
        "sources": list(&text("A source's id.")),
        "clauses": list(&text("A clause number with our label."))
    }))
}

fn figure() -> Value {
    let strings = json!({"type": "object", "additionalProperties": {"type": "string"}});
    object(&json!({
        "id": text("Measure, scope and dimensions: stable from month to month, usable on the command line."),
        "measure": text("The measure's id."),
        "scope": {
            "type": "object",
            "description": "Whose figure it is; empty for the whole book.",
            "properties": {
                "service": text("A service's id."),
                "customer": text("A customer's id."),
                "agreement": text("An agreement's id.")
            }
        },
        "dimensions": strings,
        "value": perhaps_number("Unrounded; null where there is none."),
        "unit": text("`count`, `percent`, `seconds`, `days`, `per_ticket`, `events`, `per_million`, `ratio`, `points`, `money:EUR` (minor units of the currency), or a resource's own unit."),
        "display": text("What screen and page print."),
        "missing": perhaps(&object(&json!({
            "kind": {"enum": ["no_data", "not_applicable", "insufficient_coverage", "not_configured", "undefined"]},
            "text": text("What is missing, in one line.")
        }))),
        "provisional": {"type": "boolean", "description": "Whether it may still change by rule."},
        "tainted": {"type": "boolean", "description": "Whether an incomplete pull went into it."},
        "target": perhaps(&object(&json!({
            "value": number("In the figure's unit."),
            "comparator": {"enum": [">=", "<="]},
            "agreement": text("The agreement's id."),
            "effective_from": text("First day on which it holds.")
        }))),
        "verdict": {"enum": ["met", "at_risk", "missed", "none"]},
        "numerator": {"type": ["integer", "null"], "description": "For ratios: the part."},
        "denominator": {"type": ["integer", "null"], "description": "For ratios: the whole."},
        "n": count("Observations that went in."),
        "interval": perhaps(&object(&json!({
            "low": perhaps_number("Null where unbounded."),
            "high": perhaps_number("Null where unbounded."),
            "level": number("Confidence, 0 to 1."),
            "method": text("How it was made.")
        }))),
        "alternatives": list(&object(&json!({
            "formula": text("The formula's name."),
            "value": number("Its result.")
        }))),
        "coverage": perhaps(&object(&json!({
            "ratio": number("Known share of the time, 0 to 1."),
            "low": number("The value with all unknown time down."),
            "high": number("The value with all unknown time up."),
            "kind": {"enum": ["measured", "asserted", "mixed"]}
        }))),
        "rows": object(&json!({
            "table": text("The table that the rows stand in; empty where there is none."),
            "used": count("Rows that the figure was made from."),
            "left_out": list(&object(&json!({
                "reason": text("Why."),
                "count": count("How many."),
                "filter": text("The condition that gives them back.")
            }))),
            "filter": text("The condition that gives the used rows back, as SQL.")
        })),
        "basis": object(&json!({
            "formula": text("The formula in words."),
            "parameters": strings,
            "clauses": list(&text("A clause number.")),
            "receipts": list(&text("A receipt's id."))
        }))
    }))
}

fn series() -> Value {
    object(&json!({
        "figure": text("The figure's id."),
        "step": {"enum": ["month", "day"]},
        "points": list(&object(&json!({
            "period": text("A month or a day."),
            "value": perhaps_number("Null where there is none: a gap, never nought."),
            "missing": {"type": ["string", "null"], "description": "Why there is none."},
            "target": perhaps_number("The target of that period.")
        }))),
        "control": perhaps(&object(&json!({
            "kind": {"enum": ["xmr", "p", "u", "c"]},
            "baseline": text("First and last month with a value that made the limits; empty without any."),
            "frozen": {"type": "boolean", "description": "Whether the baseline stays; one that does not moves with the month."},
            "provisional": {"type": "boolean", "description": "Whether the limits stand on fewer than 12 months."},
            "center": perhaps_number("What is expected of the reported month."),
            "range_limit": perhaps_number("Upper limit of the moving range, of xmr charts."),
            "missing": {"type": ["string", "null"], "description": "Why the reported month is not judged."},
            "points": list(&object(&json!({
                "period": text("A month."),
                "value": perhaps_number("The charted value; null where the month is no point."),
                "weight": perhaps_number("Cases of a p chart, area of a u chart."),
                "center": perhaps_number("What is expected of the month."),
                "lower": perhaps_number("Its lower limit, clipped at what cannot be."),
                "upper": perhaps_number("Its upper limit, clipped at what cannot be."),
                "signals": list(&json!({"enum": ["outside", "run_of_8", "3_of_4", "range"]}))
            })))
        })))
    }))
}

fn finding() -> Value {
    object(&json!({
        "id": text("Stable id."),
        "kind": text("The rule."),
        "severity": {"enum": ["note", "warning", "error"]},
        "count": count("Rows."),
        "figures": list(&text("A measure's id.")),
        "table": text("The table; empty when it speaks of none."),
        "filter": text("The condition that gives the rows back."),
        "text": text("What was found, where, and what to do.")
    }))
}

fn receipt() -> Value {
    let mut receipt = object(&json!({
        "id": text("Stable id: the source and a short hash of what it brought."),
        "source": text("The source's id."),
        "connector": text("The connector's name."),
        "connector_sha256": text("Hash of the manifest that was used."),
        "pulled_at": instant("When it was pulled, UTC."),
        "files": list(&object(&json!({
            "name": text("Where it lies."),
            "bytes": count("Size as stored."),
            "sha256": text("Hash of the bytes as stored."),
            "records": count("Records after the header, counted apart from the loader.")
        }))),
        "records": count("Records in the source: loaded + quarantined + set aside."),
        "loaded": count("Records that were loaded."),
        "quarantined": count("Records that were not."),
        "set_aside": count("Records of answers that came twice or belong to no table; left out where there are none."),
        "asked": {"type": "object", "description": "What a tool was asked, and from where the next pull goes on."},
        "rows": {
            "type": "array",
            "description": "Rows by canonical table.",
            "items": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}
        },
        "completeness": {
            "type": "object",
            "required": ["state"],
            "properties": {
                "state": {"enum": ["complete", "incomplete", "unknowable"]},
                "rule": text("How completeness is known."),
                "reason": text("What is missing, or why it cannot be known.")
            }
        }
    }));
    // What files do not have.
    if let Some(required) = receipt["required"].as_array_mut() {
        required.retain(|name| name != "set_aside" && name != "asked");
    }
    receipt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{HOSTILE, hostile, plain};
    use crate::export::json;

    /// Checks a value against the words of the schema that are used above, and that no key goes undescribed.
    fn check(value: &Value, schema: &Value, root: &Value, at: &str) -> Result<(), String> {
        if let Some(to) = schema["$ref"].as_str() {
            let to = root.pointer(to.trim_start_matches('#')).ok_or(format!("{at}: {to} leads nowhere"))?;
            return check(value, to, root, at);
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            let tried: Vec<_> = choices.iter().map(|choice| check(value, choice, root, at)).collect();
            return if tried.iter().any(Result::is_ok) { Ok(()) } else { tried.into_iter().collect() };
        }
        if let Some(constant) = schema.get("const") {
            return (constant == value).then_some(()).ok_or(format!("{at}: {value} is not {constant}"));
        }
        if let Some(words) = schema["enum"].as_array() {
            return words.contains(value).then_some(()).ok_or(format!("{at}: {value} is not one of {words:?}"));
        }
        let is = |name: &str| match name {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "null" => value.is_null(),
            other => panic!("{at}: no type {other}"),
        };
        let fits = match &schema["type"] {
            Value::String(name) => is(name),
            Value::Array(names) => names.iter().any(|name| is(name.as_str().unwrap())),
            other => panic!("{at}: no type in {other}"),
        };
        if !fits {
            return Err(format!("{at}: {value} is not {}", schema["type"]));
        }
        for key in schema["required"].as_array().into_iter().flatten() {
            if value.get(key.as_str().unwrap()).is_none() {
                return Err(format!("{at}: {key} is not there"));
            }
        }
        for (key, inner) in value.as_object().into_iter().flatten() {
            let described = schema["properties"].get(key).or(schema.get("additionalProperties"));
            let described = described.ok_or(format!("{at}: {key} is not described"))?;
            check(inner, described, root, &format!("{at}.{key}"))?;
        }
        for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
            let described = schema["prefixItems"].get(index).unwrap_or(&schema["items"]);
            check(inner, described, root, &format!("{at}[{index}]"))?;
        }
        Ok(())
    }

    #[test]
    fn a_written_report_is_as_its_schema_says() {
        let schema = schema();
        for document in HOSTILE.into_iter().map(hostile).chain([plain()]) {
            let written: Value = serde_json::from_str(&json::write(&document).unwrap()).unwrap();
            check(&written, &schema, &schema, "report").unwrap();
        }
    }

    #[test]
    fn the_check_finds_what_is_wrong() {
        let schema = schema();
        let written = serde_json::to_value(plain()).unwrap();
        let spoil = |pointer: &str, value: Value| {
            let mut spoiled = written.clone();
            *spoiled.pointer_mut(pointer).unwrap() = value;
            check(&spoiled, &schema, &schema, "report").unwrap_err()
        };
        assert!(spoil("/complete", json!("yes")).contains("report.complete"));
        assert!(spoil("/figures/0/verdict", json!("fine")).contains("report.figures[0].verdict"));
        assert!(spoil("/figures/0/basis", json!({})).contains("is not there"));
        assert!(spoil("/schema", json!("servicebook.report/2")).contains("report.schema"));
    }
}
