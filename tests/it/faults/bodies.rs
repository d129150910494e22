//! Answers that are whole, and not what a connector reads.

use super::desk::Style;
use super::mood::{Mood, Outcome, all_hold, at, body, edit, from, mood, status};

fn refused(name: &'static str, words: &'static [&'static str], bytes: impl Into<Vec<u8>>) -> Mood {
    mood(name, Style::Offset, Outcome::Refused, words, from(2, body(bytes)))
}

#[test]
fn answers_of_another_shape() {
    let no_json = &["the answer is no JSON", "servicebook connector test"];
    let page = "<!DOCTYPE html><html><head><title>Sign in</title></head></html>";
    let utf16: Vec<u8> = "{\"tickets\":[]}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    all_hold(vec![
        refused("nothing", no_json, ""),
        refused("blanks", no_json, "  \n "),
        refused("null", &["null, not an object"], "null"),
        refused("a number", &["a number, not an object"], "42"),
        refused("a text", &["a text, not an object"], "\"fine\""),
        refused("a list", &["has no `tickets`"], "[]"),
        refused("an empty object", &["has no `tickets`", "there stands: {}"], "{}"),
        refused("rows of another name", &["has no `tickets`"], r#"{"issues":[],"total":6}"#),
        refused("a number in place of rows", &["`/tickets` is no list of rows"], r#"{"tickets":7,"total":6}"#),
        refused("a text in place of rows", &["`/tickets` is no list of rows"], r#"{"tickets":"none","total":6}"#),
        refused("false in place of rows", &["`/tickets` is no list of rows"], r#"{"tickets":false,"total":6}"#),
        refused("rows twice", &["two members `/tickets`"], r#"{"tickets":[],"tickets":[{"id":1}],"total":6}"#),
        refused("a total twice", &["total"], r#"{"tickets":[],"total":6,"total":0}"#),
        refused("something behind the end", no_json, r#"{"tickets":[],"total":6} and more"#),
        refused("two documents", no_json, r#"{"tickets":[],"total":6}{"tickets":[],"total":6}"#),
        refused("half a document", no_json, r#"{"tickets":[{"id":3,"ty"#),
        refused("single quotes", no_json, "{'tickets':[]}"),
        refused("a comma too many", no_json, r#"{"tickets":[],"total":6,}"#),
        refused("a script", no_json, r#"callback({"tickets":[]})"#),
        refused("a guard before JSON", no_json, ")]}',\n{\"tickets\":[]}"),
        refused("not a number", no_json, r#"{"tickets":[],"total":NaN}"#),
        refused("NULs", no_json, b"{\"tickets\":[],\0\"total\":6}".to_vec()),
        refused("NULs behind", no_json, b"{\"tickets\":[],\"total\":6}\0\0".to_vec()),
        refused("UTF-16", &["the answer is no"], utf16),
        refused("Latin-1", &["not UTF-8 text: byte 13"], b"{\"tickets\":[\"\xe9\"]}".to_vec()),
        refused("XML", no_json, "<?xml version=\"1.0\"?><tickets/>"),
        refused("CSV", no_json, "id,title\n1,one\n"),
        refused("open brackets", no_json, "[".repeat(200_000)),
        refused("open objects", no_json, "{\"tickets\":".repeat(100_000)),
        refused("a log-in page", &["a web page came", "\"Sign in\"", "captive portal"], page),
        mood(
            "JSON that is called a page",
            Style::Offset,
            Outcome::Refused,
            &["a web page came"],
            from(2, |ask, connection| {
                ask.with(connection, 200, &[("Content-Type", "text/html")], ask.good.as_bytes());
            }),
        ),
        refused(
            "an error with status 200",
            &["answers with an error: quota used up"],
            r#"{"error":{"message":"quota used up"}}"#,
        ),
        refused("an error of another shape", &["answers with an error"], r#"{"error":["a","b"]}"#),
        refused("an error as a number", &["answers with an error: 17"], r#"{"error":17,"tickets":[]}"#),
        refused("escapes of a terminal", &["has no `tickets`"], "{\"x\":\"\\u001b[31mred\\u202e\"}"),
        mood("another content type", Style::Offset, Outcome::Whole, &[], |ask, connection| {
            ask.with(connection, 200, &[("Content-Type", "application/octet-stream")], ask.good.as_bytes());
        }),
        mood("a byte order mark", Style::Cursor, Outcome::Whole, &[], |ask, connection| {
            ask.with(connection, 200, &[], format!("\u{feff}{}", ask.good).as_bytes());
        }),
        mood("nested where nobody reads", Style::Offset, Outcome::Whole, &[], {
            edit("\"tickets\"", format!("\"x\":{}1{},\"tickets\"", "[".repeat(10_000), "]".repeat(10_000)))
        }),
        mood(
            "words that nobody knows",
            Style::Offset,
            Outcome::Whole,
            &[],
            edit("\"tickets\"", "\"x\":{\"y\":[1,null]},\"tickets\""),
        ),
        mood(
            "a big page",
            Style::Cursor,
            Outcome::Whole,
            &[],
            edit("\"tickets\"", format!("\"x\":\"{}\",\"tickets\"", "y".repeat(1 << 20))),
        ),
        mood("206", Style::Offset, Outcome::Whole, &[], |ask, connection| {
            ask.with(connection, 206, &[], ask.good.as_bytes());
        }),
        mood("203 with nothing", Style::Offset, Outcome::Refused, &["no JSON"], at(1, status(203, &[], ""))),
    ]);
}

/// The third ticket is wrong; wherever it comes.
#[test]
fn records_that_cannot_be_read() {
    let third = r#""title":"Ticket 3""#;
    let opened = "2026-09-03T08:00:00Z";
    let row = |name, outcome, words, from: &'static str, to: String| {
        mood(name, Style::Offset, outcome, words, edit(from, to))
    };
    let nested = format!(r#""title":"Ticket 3","deep":{}1{}"#, "[".repeat(10_000), "]".repeat(10_000));
    all_hold(vec![
        row(
            "a NUL",
            Outcome::Found("quarantined"),
            &["records of source `desk` were not loaded"],
            third,
            r#""title":"a\u0000b""#.into(),
        ),
        row(
            "half a character",
            Outcome::Found("quarantined"),
            &["records of source `desk` were not loaded"],
            third,
            r#""title":"\ud800""#.into(),
        ),
        row(
            "a list in place of a text",
            Outcome::Found("quarantined"),
            &["records of source `desk` were not loaded"],
            third,
            r#""title":[{"a":1}]"#.into(),
        ),
        row(
            "a member twice",
            Outcome::Found("quarantined"),
            &["two members `/title`"],
            third,
            r#""title":"a","title":"b""#.into(),
        ),
        row(
            "a key twice",
            Outcome::Found("quarantined"),
            &["records of source `desk` were not loaded"],
            r#"{"id":3,"#,
            r#"{"id":3,"id":3,"#.into(),
        ),
        row(
            "half a character in the key",
            Outcome::Found("quarantined"),
            &["records of source `desk` were not loaded"],
            r#"{"id":3,"#,
            r#"{"id":"\ud800","#.into(),
        ),
        row("nested", Outcome::Found("quarantined"), &["nested"], third, nested),
        row(
            "no key",
            Outcome::Found("quarantined"),
            &["records of source `desk` were not loaded"],
            r#"{"id":3,"#,
            "{".into(),
        ),
        row(
            "a row that is null",
            Outcome::Found("quarantined"),
            &["records of source `desk` were not loaded"],
            r#"{"id":3,"type":"incident","title":"Ticket 3","priority":"P3","status":"active","opened":"2026-09-03T08:00:00Z"}"#,
            "null".into(),
        ),
        row(
            "a row that is a text",
            Outcome::Found("quarantined"),
            &["records of source `desk` were not loaded"],
            r#"{"id":3,"type":"incident","title":"Ticket 3","priority":"P3","status":"active","opened":"2026-09-03T08:00:00Z"}"#,
            "\"three\"".into(),
        ),
        row(
            "a stamp of another form",
            Outcome::Found("quarantined"),
            &["opened_at"],
            opened,
            "03/09/2026 08:00".into(),
        ),
        row(
            "a stamp without a zone",
            Outcome::Found("quarantined"),
            &["opened_at"],
            opened,
            "2026-09-03T08:00:00".into(),
        ),
        row(
            "a stamp that is no day",
            Outcome::Found("quarantined"),
            &["opened_at"],
            opened,
            "2026-02-31T08:00:00Z".into(),
        ),
        row("no stamp", Outcome::Found("quarantined"), &["opened_at"], opened, String::new()),
        row("another zone", Outcome::Whole, &[], opened, "2026-09-03T10:00:00+02:00".into()),
        row("an unknown word", Outcome::Found("unlisted_word"), &["Blocker"], "\"P3\"", "\"Blocker\"".into()),
        row("a huge number", Outcome::Found("unlisted_word"), &["999999"], "\"P3\"", "9".repeat(400)),
        row("no field of that name", Outcome::Found("absent_field"), &["status"], "\"status\"", "\"state\"".into()),
    ]);
}
