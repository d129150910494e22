//! Lists that do not end, do not move, or lie about their length; clocks that are wrong.

use super::desk::{Ask, Style};
use super::mood::{Mood, Outcome, all_hold, at, edit, from, mood};
use crate::http::server::Connection;

fn stuck(
    name: &'static str,
    style: Style,
    words: &'static [&'static str],
    act: impl Fn(&Ask<'_>, &mut Connection) + Send + Sync + 'static,
) -> Mood {
    mood(name, style, Outcome::Refused, words, act)
}

fn says(ask: &Ask<'_>, connection: &mut Connection, text: &str) {
    ask.with(connection, 200, &[], text.as_bytes());
}

const ONE: &str = r#"{"id":1,"type":"incident","title":"Ticket 1","priority":"P3","status":"active","opened":"2026-09-01T08:00:00Z"}"#;

#[test]
fn lists_that_lead_nowhere() {
    all_hold(vec![
        stuck("a cursor in a circle", Style::Cursor, &["cursor came back", "tell the connector's author"], {
            edit("\"next\":null", "\"next\":\"2\"")
        }),
        stuck("a cursor that stays", Style::Cursor, &["the same page came twice in a row"], |ask, connection| {
            if ask.page < 0 {
                ask.well(connection);
            } else {
                says(ask, connection, &format!(r#"{{"tickets":[{ONE}],"next":"2"}}"#));
            }
        }),
        stuck("new cursors, old records", Style::Cursor, &["came before"], |ask, connection| {
            let text = format!(r#"{{"tickets":[{ONE}],"next":"c{}"}}"#, ask.page);
            if ask.page < 0 { ask.well(connection) } else { says(ask, connection, &text) }
        }),
        stuck("new cursors, no records", Style::Cursor, &["two pages without a record"], |ask, connection| {
            let text = format!(r#"{{"tickets":[],"next":"c{}"}}"#, ask.page);
            if ask.page < 0 { ask.well(connection) } else { says(ask, connection, &text) }
        }),
        stuck(
            "a link in a circle",
            Style::Link,
            &["link to the next page came back"],
            edit("\"next\":null", "\"next\":\"/tickets?after=2\""),
        ),
        stuck("a link to itself", Style::Link, &["came"], edit("after=4", "after=2")),
        stuck("new links, old records", Style::Link, &["came before"], |ask, connection| {
            let text = format!(r#"{{"tickets":[{ONE}],"next":"/tickets?x={}"}}"#, ask.page);
            if ask.page < 0 { ask.well(connection) } else { says(ask, connection, &text) }
        }),
        stuck(
            "a link to another server",
            Style::Link,
            &["leads to another server", "https://evil.example"],
            edit("/tickets?after=4", "https://evil.example/tickets"),
        ),
        stuck(
            "a link to another port",
            Style::Link,
            &["leads to another server"],
            edit("/tickets?after=4", "http://127.0.0.1:1/tickets"),
        ),
        stuck("a link that is no address", Style::Link, &["no address"], edit("/tickets?after=4", "http://[")),
        stuck(
            "a link to a script",
            Style::Link,
            &["leads to another server, javascript:"],
            edit("/tickets?after=4", "javascript:alert(1)"),
        ),
        stuck("a link that is an object", Style::Link, &["next"], edit("\"/tickets?after=4\"", "{\"href\":\"x\"}")),
        stuck("a page that comes again", Style::Page, &["the same page came twice in a row"], |ask, connection| {
            if ask.page < 0 {
                ask.well(connection);
            } else {
                says(ask, connection, &format!(r#"{{"tickets":[{ONE}],"total":6}}"#));
            }
        }),
        stuck("a page that comes again with another hour on it", Style::Page, &["came before"], |ask, connection| {
            let text = format!(r#"{{"tickets":[{ONE}],"at":{},"total":6}}"#, ask.page);
            if ask.page < 0 { ask.well(connection) } else { says(ask, connection, &text) }
        }),
        stuck(
            "an offset that is not heeded",
            Style::Offset,
            &["records moved", "5 times in a row"],
            |ask, connection| {
                let two = ONE.replace("\"id\":1", "\"id\":2");
                if ask.page < 0 {
                    ask.well(connection);
                } else {
                    says(ask, connection, &format!(r#"{{"tickets":[{ONE},{two}],"total":6}}"#));
                }
            },
        ),
        stuck(
            "a list that shrinks for ever",
            Style::Page,
            &["the list shrank", "5 times in a row"],
            |ask, connection| {
                let total = format!("\"total\":{}", 1_000 - ask.page);
                says(ask, connection, &ask.good.replace("\"total\":6", &total));
            },
        ),
        mood("a list that shrinks once", Style::Page, Outcome::Whole, &[], at(0, edit("\"total\":6", "\"total\":7"))),
        stuck("endless records that are new", Style::Page, &["hint: "], |ask, connection| {
            if ask.page < 0 {
                return ask.well(connection);
            }
            // As long as it gives more, it may be right; here it stops to answer.
            if ask.page > 40 {
                return connection.reset();
            }
            let row = ONE.replace("\"id\":1", &format!("\"id\":{}", 100 + ask.page));
            says(ask, connection, &format!(r#"{{"tickets":[{row}],"total":{}}}"#, 1_000 + ask.page));
        }),
    ]);
}

#[test]
fn totals_that_lie() {
    let total =
        |name, style, outcome, words, to: &'static str| mood(name, style, outcome, words, edit("\"total\":6", to));
    let unsaid: &'static [&'static str] = &["does not say how many"];
    all_hold(vec![
        total("too high", Style::Offset, Outcome::Incomplete, &["there are 9 records, and 6 came"], "\"total\":9"),
        total(
            "too high, by numbers",
            Style::Page,
            Outcome::Incomplete,
            &["there are 9 records, and 6 came"],
            "\"total\":9",
        ),
        total("too low", Style::Offset, Outcome::Incomplete, &["there are 1 records, and 2 came"], "\"total\":1"),
        total(
            "too low, by numbers",
            Style::Page,
            Outcome::Incomplete,
            &["there are 1 records, and 2 came"],
            "\"total\":1",
        ),
        total("nothing there", Style::Page, Outcome::Incomplete, &["there are 0 records, and 2 came"], "\"total\":0"),
        total("below nothing", Style::Offset, Outcome::Incomplete, unsaid, "\"total\":-1"),
        total("a word", Style::Offset, Outcome::Incomplete, unsaid, "\"total\":\"many\""),
        total("a text", Style::Offset, Outcome::Whole, &[], "\"total\":\"6\""),
        total("with a fraction", Style::Offset, Outcome::Incomplete, unsaid, "\"total\":6.5"),
        total("null", Style::Page, Outcome::Incomplete, unsaid, "\"total\":null"),
        total("missing", Style::Offset, Outcome::Incomplete, unsaid, "\"sum\":6"),
        total("giant", Style::Page, Outcome::Incomplete, unsaid, "\"total\":1e400"),
        total("giant digits", Style::Page, Outcome::Incomplete, unsaid, "\"total\":99999999999999999999999"),
        total("an object", Style::Offset, Outcome::Refused, &["total"], "\"total\":{\"value\":6}"),
        mood(
            "rights that hide rows",
            Style::Offset,
            Outcome::Incomplete,
            &["the account may not see the others"],
            |ask, connection| {
                let cut = ask
                    .good
                    .find(r#"{"id":5"#)
                    .map_or(ask.good.clone(), |at| format!("{}],\"total\":6}}", ask.good[..at].trim_end_matches(',')));
                let cut = if cut.contains("\"id\"") { cut } else { r#"{"tickets":[],"total":6}"#.into() };
                says(ask, connection, &cut);
            },
        ),
        mood(
            "an empty page too early",
            Style::Page,
            Outcome::Incomplete,
            &["there are 6 records, and"],
            from(1, |ask, connection| {
                says(ask, connection, r#"{"tickets":[],"total":6}"#);
            }),
        ),
        mood("nothing to see", Style::Page, Outcome::Incomplete, &["6 records, and 0 came"], |ask, connection| {
            if ask.page < 0 { ask.well(connection) } else { says(ask, connection, r#"{"tickets":[],"total":6}"#) }
        }),
        mood(
            "null in place of rows",
            Style::Offset,
            Outcome::Incomplete,
            &["6 records, and 0 came"],
            |ask, connection| {
                if ask.page < 0 { ask.well(connection) } else { says(ask, connection, r#"{"tickets":null,"total":6}"#) }
            },
        ),
    ]);
}

#[test]
fn clocks() {
    let date = |name, outcome, words, date: &'static str| {
        mood(name, Style::Cursor, outcome, words, move |ask, connection| {
            ask.with(connection, 200, &[("Date", date)], ask.good.as_bytes());
        })
    };
    let skew = Outcome::Found("clock_skew");
    all_hold(vec![
        date("a day ahead", skew, &["1d ahead of ours"], "Fri, 02 Oct 2026 01:00:00 GMT"),
        date("a day behind", skew, &["1d behind ours"], "Wed, 30 Sep 2026 01:00:00 GMT"),
        date("a minute ahead", skew, &["1m ahead of ours"], "Thu, 01 Oct 2026 01:01:00 GMT"),
        date("a century behind", skew, &["behind ours"], "Thu, 01 Oct 1970 01:00:00 GMT"),
        date("half a minute", Outcome::Whole, &[], "Thu, 01 Oct 2026 01:00:29 GMT"),
        date("no date", Outcome::Whole, &[], ""),
        date("no date that is one", Outcome::Whole, &[], "yesterday"),
    ]);
}
