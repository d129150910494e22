//! Field paths against JSON pointers of a library, over random documents.

use super::super::*;
use proptest::prelude::*;
use serde_json::Value;

/// What the field of a row must be; nothing where the row must be refused.
fn expected(row: &Value, path: &[&str]) -> Option<String> {
    let mut value = row;
    for name in path {
        value = match value {
            Value::Object(object) => match object.get(*name) {
                Some(value) => value,
                None => return Some(String::new()),
            },
            Value::Array(list) if std::ptr::eq(value, row) || !list.is_empty() => match name.parse::<usize>() {
                Ok(index) if index < list.len() => &list[index],
                Ok(_) => return Some(String::new()),
                // A list has no members by name, unless it is an empty one, which some tools write for no object.
                Err(_) if list.is_empty() => return Some(String::new()),
                Err(_) => return None,
            },
            Value::Array(_) => return Some(String::new()),
            _ if std::ptr::eq(value, row) => return None,
            Value::Null | Value::Bool(false) => return Some(String::new()),
            Value::String(text) if text.is_empty() => return Some(String::new()),
            _ => return None,
        };
    }
    let plain = |value: &Value| match value {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text.clone())),
        Value::Array(_) | Value::Object(_) => None,
        plain => Some(Some(plain.to_string())),
    };
    match value {
        Value::Array(list) => {
            let texts: Vec<Option<String>> = list.iter().map(plain).collect::<Option<_>>()?;
            Some(texts.into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
        value => plain(value).map(Option::unwrap_or_default),
    }
}

fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just("a"), 2 => Just("b"), 1 => Just("0"), 1 => Just("1")]
}

fn document() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::from),
        prop_oneof![Just(""), Just("x\n\"é😀\\"), Just("y")].prop_map(Value::from),
    ];
    plain.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            2 => prop::collection::vec((name(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fields_are_what_pointers_say(
        documents in prop::collection::vec(document(), 0..4),
        paths in prop::collection::vec(prop::collection::vec(name(), 0..4), 1..4),
        pretty in any::<bool>(),
    ) {
        let texts: Vec<String> =
            paths.iter().map(|path| path.iter().flat_map(|name| ["/", name]).collect::<String>()).collect();
        let plan = super::plan("/*", &texts.iter().map(String::as_str).collect::<Vec<_>>());
        let document = Value::Array(documents.clone());
        let page = if pretty { serde_json::to_vec_pretty(&document) } else { serde_json::to_vec(&document) };
        let (found, taken) = super::read(Format::Json, &page.unwrap(), &plan);
        prop_assert_eq!(taken.unwrap().rows, documents.len() as u64);
        let lines: Vec<String> = documents.iter().map(ToString::to_string).collect();
        let by_lines = super::read(Format::Ndjson, lines.join("\n").as_bytes(), &super::RowsPlan { rows: RowPath::default(), ..plan }).0;
        prop_assert_eq!(&found, &by_lines);
        for ((row, (_, outcome)), text) in documents.iter().zip(&found).zip(&lines) {
            let wanted: Option<Vec<String>> = paths.iter().map(|path| expected(row, path)).collect();
            prop_assert_eq!(outcome.as_ref().ok(), wanted.as_ref(), "{} {:?}: {:?}", text, texts, outcome);
        }
    }
}
