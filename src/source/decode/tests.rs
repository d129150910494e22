mod flat;
mod pointers;
mod signals;

use super::*;

/// One row as a test sees it: its line, and its fields or why it was refused.
type Row = (u64, Result<Vec<String>, String>);

fn plan(rows: &str, fields: &[&str]) -> RowsPlan {
    RowsPlan {
        rows: RowPath::parse(rows).unwrap(),
        fields: fields.iter().map(|path| FieldPlan::Path(FieldPath::parse(path).unwrap())).collect(),
        only: Vec::new(),
    }
}

fn read(format: Format, page: &[u8], plan: &RowsPlan) -> (Vec<Row>, Result<Taken, DecodeError>) {
    let facts = PageFacts { each: Some("S1"), from: Some("2026-09-01"), to: None, at: None };
    let mut found = Vec::new();
    let taken = rows(format, page, plan, &facts, &mut |record, outcome| {
        let fields = || record.fields().map(|field| String::from_utf8(field.to_vec()).unwrap()).collect();
        found.push((record.line, outcome.map(|()| fields())));
    });
    (found, taken)
}

/// The fields of each row of a JSON document, joined with `|`; a refused row is `!` and its reason.
fn lines_of(page: &str, rows: &str, fields: &[&str]) -> Vec<String> {
    let (found, taken) = read(Format::Json, page.as_bytes(), &plan(rows, fields));
    taken.unwrap();
    found.into_iter().map(|(_, row)| row.map_or_else(|reason| format!("!{reason}"), |row| row.join("|"))).collect()
}

fn error_of(page: &str, rows: &str) -> String {
    read(Format::Json, page.as_bytes(), &plan(rows, &["/a"])).1.unwrap_err().to_string()
}

#[test]
fn rows_and_their_fields_are_found() {
    let page = r#"{"total": 2, "issues": [
        {"key": "A-1", "fields": {"priority": {"name": "High"}, "labels": ["x", "y"], "n": 1.50}},
        {"key": "A-2", "fields": {"priority": null, "labels": [], "n": 12345678901234567890123}}]}"#;
    let fields =
        ["/key", "/fields/priority/name", "/fields/labels", "/fields/n", "/fields/labels/1", "#", "@each", "@to"];
    let wanted = ["A-1|High|x, y|1.50|y|0|S1|", "A-2|||12345678901234567890123||1|S1|"];
    assert_eq!(lines_of(page, "/issues/*", &fields), wanted);
    let taken = read(Format::Json, page.as_bytes(), &plan("/issues/*", &fields)).1.unwrap();
    assert_eq!((taken.rows, taken.other, taken.present), (2, 0, vec![2, 1, 1, 2, 1, 2, 2, 0]));
}

#[test]
fn rows_know_what_stands_around_them() {
    let page = r#"{"data": {"result": [
        {"metric": {"instance": "a"}, "values": [[1, "0"], [2, "1"]]},
        {"metric": {"instance": "b"}, "values": []},
        {"metric": {}, "values": [[3, "1"]]}]}, "status": "ok"}"#;
    let fields = ["^/metric/instance", "/0", "/1", "#", "^#", "$/status"];
    let wanted = ["a|1|0|0|0|ok", "a|2|1|1|0|ok", "|3|1|0|2|ok"];
    assert_eq!(lines_of(page, "/data/result/*/values/*", &fields), wanted);

    let page = r#"{"result": {"periods": [{"from": 10}, {"from": 20}], "ids": ["7", "8"],
        "sli": [[{"up": 1}, {"up": 2}], [{"up": 3}, {"up": 4}]]}}"#;
    let fields = ["$/result/periods/[^#]/from", "$/result/ids/[#]", "/up"];
    assert_eq!(lines_of(page, "/result/sli/*/*", &fields), ["10|7|1", "10|8|2", "20|7|3", "20|8|4"]);

    let page = r#"{"byDay": {"mon": {"a": {"n": 1}, "b": {"n": 2}}, "tue": null}, "names": {"mon": "Monday"}}"#;
    let fields = ["^#", "#", "/n", "$/names/[^#]"];
    assert_eq!(lines_of(page, "/byDay/*/*", &fields), ["mon|a|1|Monday", "mon|b|2|Monday"]);
    assert_eq!(lines_of(page, "", &["/names/mon", "#"]), ["Monday|0"]);
    assert_eq!(
        lines_of(r#"{"a": [{"b": {"c": 1}}, {"b": null}, {}]}"#, "/a/*/b", &["/c", "#"]),
        ["1|0", "!the row is null, not an object"]
    );
}

#[test]
fn an_element_is_picked_by_the_text_of_a_member() {
    let page = r#"[{"custom": [{"id": 1, "name": "Customer", "value": "x"}, {"id": 2, "name": "Service", "value": "Mail"}]},
        {"custom": []}, {}, {"custom": {"name": "Service"}}]"#;
    let wanted = ["Mail", "", "", "!`/custom/[name=Service]/value` looks for `[name=…]` in an object, not in a list"];
    assert_eq!(lines_of(page, "/*", &["/custom/[name=Service]/value"]), wanted);
    assert_eq!(lines_of(page, "/*", &["/custom/[id=2]/name"])[0], "Service");
}

#[test]
fn joined_fields_need_all_their_parts() {
    let mut plan = plan("/*", &[]);
    plan.fields = vec![FieldPlan::Join(vec![FieldPath::parse("@each").unwrap(), FieldPath::parse("/id").unwrap()])];
    let (found, taken) = read(Format::Json, br#"[{"id": 7}, {"id": null}]"#, &plan);
    assert_eq!(found, [(1, Ok(vec!["S1:7".into()])), (2, Ok(vec![String::new()]))]);
    assert_eq!(taken.unwrap().present, [1]);
}

#[test]
fn rows_of_other_tables_are_counted_apart() {
    let mut plan = plan("/*", &["/id"]);
    plan.only = vec![(FieldPath::parse("/type").unwrap(), vec!["incident".into(), "problem".into()])];
    let page =
        br#"[{"id": 1, "type": "incident"}, {"id": 2, "type": "change"}, {"id": 3}, {"id": {}, "type": "problem"}]"#;
    let (found, taken) = read(Format::Json, page, &plan);
    assert_eq!(found.iter().map(|(line, row)| (*line, row.is_ok())).collect::<Vec<_>>(), [(1, true), (4, false)]);
    let taken = taken.unwrap();
    assert_eq!((taken.rows, taken.other), (2, 2));
}

#[test]
fn what_cannot_be_read_refuses_its_row_alone() {
    let page = r#"[{"a": {}}, {"a": "\ud800"}, {"b": "\ud800"}, {"a": "\u0000"}, {"a": 1, "a": 2}, {"b": 1, "b": 2}, {"a": [[1]]}, 5, {"a": 1}]"#;
    let wanted = [
        "!`/a` is an object, not a text",
        "!`/a` has half a character (a lone surrogate)",
        "",
        "!`/a` has a NUL character",
        "!it has two members `/a`",
        "",
        "!`/a` is a list of lists or objects, not a text",
        "!the row is a number, not an object",
        "1",
    ];
    assert_eq!(lines_of(page, "/*", &["/a"]), wanted);
    assert_eq!(lines_of(r#"[{"a": "text"}, {"a": ""}]"#, "/*", &["/a/b"]), ["!`/a` is a text, not an object", ""]);
    let (found, _) = read(Format::Json, page.as_bytes(), &plan("/*", &["/a"]));
    assert_eq!(found.last().unwrap().0, 9);
}

#[test]
fn a_page_without_its_rows_says_what_stands_there() {
    let error = error_of(r#"{"error": {"code": 401, "message": "no \u001b[31m"}}"#, "/issues/*");
    assert_eq!(
        error,
        "the answer has no `issues` in `the document` (rows are looked for at `/issues/*`); there stands: {\"error\": {\"code\": 401, \"message\": \"no \\u001b[31m\"}}"
    );
    let error = error_of(r#"{"data": {"resultType": "matrix"}}"#, "/data/result/*");
    assert!(
        error.contains("no `result` in `/data`") && error.ends_with("there stands: {\"resultType\": \"matrix\"}"),
        "{error}"
    );
    let error = error_of(r#"{"issues": "later"}"#, "/issues/*");
    assert!(error.contains("`/issues` is no list of rows") && error.ends_with("stands: \"later\""), "{error}");
    let error = error_of(r#"[{"values": [1]}, {"values": 5}]"#, "/*/values/*");
    assert!(error.contains("`/*/values` is no list") && error.ends_with("stands: 5"), "{error}");
    assert!(error_of(r#"{"issues": [], "issues": [{}]}"#, "/issues/*").contains("two members `/issues`"));
    assert!(error_of(&format!("{{\"x\": \"{}\"}}", "é".repeat(500)), "/issues/*").ends_with('…'));
    assert!(lines_of(r#"{"issues": null}"#, "/issues/*", &["/a"]).is_empty());
    assert!(lines_of(r#"{"issues": []}"#, "/issues/*", &["/a"]).is_empty());
    assert!(lines_of(r#"[{}, {"values": null}]"#, "/*/values/*", &["/a"]).is_empty());
}

#[test]
fn a_page_that_is_no_json_says_where() {
    assert!(error_of("{\"a\": [1,\n 2,]}", "/a/*").contains("(line 2, byte 4 of it)"));
    assert!(error_of("[] x", "/*").contains("trailing characters"));
    assert!(error_of("", "/*").contains("EOF"));
    assert!(error_of("<html>", "/*").contains("no JSON"));
    let error = read(Format::Json, b"[1,\n\"\xff\"]", &plan("/*", &[""])).1.unwrap_err();
    assert_eq!(error, DecodeError::NotUtf8 { offset: 5, line: 2 });
    assert_eq!(lines_of("\u{feff}[1]", "/*", &[""]), ["1"]);
}

#[test]
fn a_page_that_is_cut_off_is_always_an_error() {
    let page = r#"{"data": {"a": [{"k": "v\u00e9\n", "n": [1, -2.5e3, true, null]}, {"k": {"x": "é"}}]}}"#;
    for (rows, fields) in
        [("/data/a/*", &["/k", "/n"][..]), ("", &["/data/a/[k=x]/n"]), ("/data/a/*/n/*", &["^/k", ""])]
    {
        let plan = plan(rows, fields);
        assert!(read(Format::Json, page.as_bytes(), &plan).1.is_ok());
        for end in 0..page.len() {
            let whole = &page.as_bytes()[..end];
            // Without `*` the document is the row, and refused.
            let (found, taken) = read(Format::Json, whole, &plan);
            assert!(taken.is_err(), "{rows} {end}: {found:?}");
            let lines = read(Format::Ndjson, whole, &self::plan("", &["/data/a/[k=x]/n"])).0;
            assert!(lines.iter().all(|(_, row)| row.is_err()), "{end}: {lines:?}");
            let _ = crate::source::count_json::elements(whole, &plan.rows);
        }
    }
}

#[test]
fn nesting_is_bounded_for_rows_and_harmless_elsewhere() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let row = |levels| format!(r#"[{{"a": 1, "x": {}}}]"#, nested(levels));
    assert_eq!(lines_of(&row(63), "/*", &["/a"]), ["1"]);
    assert_eq!(lines_of(&row(64), "/*", &["/a"]), ["!it is nested more than 64 levels deep"]);
    assert_eq!(lines_of(&row(100_000), "/*", &["/a"]), ["!it is nested more than 64 levels deep"]);
    let beside = format!(r#"{{"x": {}, "rows": [{{"a": 1}}]}}"#, nested(100_000));
    assert_eq!(lines_of(&beside, "/rows/*", &["/a"]), ["1"]);
}

#[test]
fn lines_are_rows_and_bad_ones_are_refused() {
    let page = b"\xef\xbb\xbf{\"a\": 1}\r\n\n  \t\r\n{\"a\": \n\"x\" y\n{\"a\": \"\xff\"}\n{\"a\": 2}";
    let (found, taken) = read(Format::Ndjson, page, &plan("", &["/a", "#"]));
    let fine: Vec<_> =
        found.iter().filter_map(|(line, row)| row.as_ref().ok().map(|row| (*line, row.join("|")))).collect();
    assert_eq!(fine, [(1, "1|0".into()), (7, "2|4".into())]);
    let refused: Vec<_> = found.iter().filter(|(_, row)| row.is_err()).map(|(line, _)| *line).collect();
    assert_eq!(refused, [4, 5, 6]);
    assert!(found[1].1.as_ref().unwrap_err().contains("it is no JSON: EOF"), "{found:?}");
    assert_eq!(taken.unwrap().rows, 5);
    assert_eq!(crate::source::count_json::lines(page), 5);
    assert!(matches!(read(Format::Ndjson, page, &plan("/x/*", &[])).1, Err(DecodeError::Plan(_))));
}

#[test]
fn a_refused_row_keeps_its_own_text() {
    let long = format!(r#"[{{"a": {{}}, "b": "{}"}}]"#, "é".repeat(20_000));
    let mut kept = 0;
    rows(Format::Json, long.as_bytes(), &plan("/*", &["/a"]), &PageFacts::default(), &mut |record, outcome| {
        assert!(outcome.is_err() && record.ends.is_empty());
        kept = std::str::from_utf8(record.bytes).unwrap().len();
    })
    .unwrap();
    assert!((16_380..=16_384).contains(&kept), "{kept}");
}

#[test]
fn a_big_page_gives_the_same_rows_in_order() {
    let row = |n: usize| {
        format!(
            r#"{{"id": {n}, "text": "{}", "bad": {}}}"#,
            "x".repeat(n % 300),
            if n.is_multiple_of(7) { "{}" } else { "null" }
        )
    };
    let page = format!("[{}]", (0..20_000).map(row).collect::<Vec<_>>().join(","));
    let (found, taken) = read(Format::Json, page.as_bytes(), &plan("/*", &["/id", "/bad", "/text"]));
    assert_eq!(found.len(), 20_000);
    for (n, (line, row)) in found.iter().enumerate() {
        assert_eq!(*line, n as u64 + 1);
        match row {
            Ok(fields) => assert_eq!((fields[0].as_str(), fields[2].len()), (n.to_string().as_str(), n % 300)),
            Err(_) => assert_eq!(n % 7, 0),
        }
    }
    assert_eq!(taken.unwrap().rows, 20_000);
    let text = "y".repeat(1 << 20);
    assert_eq!(lines_of(&format!(r#"[{{"a": "{text}"}}]"#), "/*", &["/a"]), [text]);
    assert!(read(Format::Json, &page.as_bytes()[..page.len() - 1], &plan("/*", &["/id"])).1.is_err());
}

#[test]
fn paths_that_climb_too_far_are_told_before_anything_is_read() {
    for (rows, path) in [("/a/*", "^/x"), ("/a/*", "^#"), ("/a/*/b/*", "^^/x"), ("", "^/x"), ("/a/*", "/x/[^#]")] {
        let error = plan(rows, &[path]).check(Format::Json).unwrap_err();
        assert!(error.contains(path) && error.contains("climbs"), "{error}");
    }
    assert!(plan("/a/*/b/*", &["^/x", "^#", "/x/[^#]"]).check(Format::Json).is_ok());
    assert!(plan("", &["$/x"]).check(Format::Metrics).unwrap_err().contains("flat"));
}
