//! Figures worked out elsewhere, and how a report is compared with them.
//!
//! Knows the files of expected figures and the JSON of a report. Must not know any book.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The figures of a report by id.
pub struct Figures(BTreeMap<String, Value>);

impl Figures {
    pub fn of(report: &Value) -> Self {
        let all = report["figures"].as_array().expect("a report has figures");
        let by_id: BTreeMap<String, Value> =
            all.iter().map(|figure| (figure["id"].as_str().unwrap().to_owned(), figure.clone())).collect();
        assert_eq!(by_id.len(), all.len(), "two figures have one id");
        Self(by_id)
    }

    #[track_caller]
    pub fn get(&self, id: &str) -> &Value {
        self.0.get(id).unwrap_or_else(|| panic!("there is no figure `{id}`"))
    }

    /// The value of a figure that must have one.
    #[track_caller]
    pub fn value(&self, id: &str) -> f64 {
        let figure = self.get(id);
        figure["value"].as_f64().unwrap_or_else(|| panic!("`{id}` has no value: {}", figure["missing"]))
    }
}

/// Compares a report with a file of expected figures; every difference is listed before the test fails.
#[track_caller]
pub fn compare(report: &Value, expected_at: &Path) {
    compare_at_least(report, expected_at, 500);
}

/// Compares likewise; the file must state at least so many figures, or it states too little to show anything.
#[track_caller]
pub fn compare_at_least(report: &Value, expected_at: &Path, least: usize) {
    let expected: Value = serde_json::from_slice(&std::fs::read(expected_at).unwrap()).unwrap();
    assert_eq!(report["period"]["id"], expected["period"]);
    if let Some(as_of) = expected["as_of"].as_str() {
        assert_eq!(report["as_of"], as_of);
    }
    let figures = Figures::of(report);
    let expected = expected["figures"].as_array().unwrap();
    assert!(expected.len() >= least, "{} states too little", expected_at.display());
    let differences: Vec<String> = expected.iter().filter_map(|stated| difference(&figures, stated)).collect();
    assert!(
        differences.is_empty(),
        "{} of {} figures of {} differ:\n{}",
        differences.len(),
        expected.len(),
        expected_at.display(),
        differences.join("\n")
    );
}

fn difference(figures: &Figures, stated: &Value) -> Option<String> {
    let id = stated["id"].as_str().unwrap();
    let Some(given) = figures.0.get(id) else { return Some(format!("{id}: not in the report")) };
    let mut wrong = Vec::new();
    if !equal(&stated["value"], &given["value"]) {
        wrong.push(format!("value {} where {} is expected", given["value"], stated["value"]));
    }
    let missing = &given["missing"]["kind"];
    if stated["missing"] != *missing {
        wrong.push(format!("missing {missing} where {} is expected", stated["missing"]));
    }
    for part in ["numerator", "denominator", "n"] {
        // Null states nothing about the part.
        if !stated[part].is_null() && stated[part] != given[part] {
            wrong.push(format!("{part} {} where {} is expected", given[part], stated[part]));
        }
    }
    for end in ["low", "high"] {
        // Where an interval is stated, a null says that this end is open.
        if let Some(stated) = stated.get(end)
            && !close(stated, &given["interval"][end], 1e-6)
        {
            wrong.push(format!("{end} {} where {stated} is expected", given["interval"][end]));
        }
    }
    if wrong.is_empty() { None } else { Some(format!("{id}: {}", wrong.join("; "))) }
}

/// Integers are exact; everything else may differ by a billionth of itself, or of 1 where it is smaller.
fn equal(stated: &Value, given: &Value) -> bool {
    if stated.is_i64() && given.is_i64() {
        return stated == given;
    }
    close(stated, given, 1e-9)
}

fn close(stated: &Value, given: &Value, tolerance: f64) -> bool {
    match (stated.as_f64(), given.as_f64()) {
        (Some(stated), Some(given)) => (stated - given).abs() <= tolerance * stated.abs().max(1.0),
        (None, None) => stated.is_null() && given.is_null(),
        _ => false,
    }
}
