//! Statuses, redirects and sessions.

use super::desk::{CANARY, SESSION, Style};
use super::mood::{Mood, Outcome, all_hold, at, body, from, mood, status};

type Headers = &'static [(&'static str, &'static str)];

fn refused(name: &'static str, code: u16, words: &'static [&'static str]) -> Mood {
    mood(name, Style::Offset, Outcome::Refused, words, from(2, status(code, &[], "no")))
}

#[test]
fn statuses() {
    let mut moods = vec![
        refused("300", 300, &["300", "a page that has moved"]),
        refused("304", 304, &["304"]),
        refused("400", 400, &["answers 400: no", "does not take the question"]),
        refused("401", 401, &["answers 401", "the secret is unknown there"]),
        refused("403", 403, &["answers 403", "give its user the right to read"]),
        refused("404", 404, &["answers 404", "check `url`"]),
        refused("405", 405, &["answers 405", "settings against its version"]),
        refused("407", 407, &["answers 407", "`proxy`"]),
        refused("408", 408, &["tried 6 times", "answers 408", "ask for less at a time"]),
        refused("409", 409, &["answers 409"]),
        refused("410", 410, &["answers 410", "check `url`"]),
        refused("418", 418, &["answers 418"]),
        refused("422", 422, &["answers 422"]),
        refused("429", 429, &["tried 6 times", "answers 429", "lower `rate`"]),
        refused("451", 451, &["answers 451"]),
        refused("500", 500, &["tried 6 times", "answers 500", "try later"]),
        refused("501", 501, &["answers 501", "fails by itself"]),
        refused("502", 502, &["tried 6 times", "answers 502"]),
        refused("503", 503, &["tried 6 times", "answers 503"]),
        refused("504", 504, &["tried 6 times", "answers 504", "takes too long"]),
        refused("599", 599, &["answers 599"]),
        refused("202 without records", 202, &["no JSON"]),
    ];
    let wait = |name, outcome, words, headers: Headers, act: fn(Headers) -> super::desk::Act| {
        mood(name, Style::Offset, outcome, words, act(headers))
    };
    let always: fn(Headers) -> super::desk::Act = |headers| Box::new(from(2, status(429, headers, "slow down")));
    let once: fn(Headers) -> super::desk::Act = |headers| Box::new(at(2, status(429, headers, "slow down")));
    let asked: &'static [&'static str] = &["asks to wait 3600 s more", "answers 429: slow down"];
    moods.extend([
        wait("wait an hour", Outcome::Refused, asked, &[("Retry-After", "3600")], always),
        wait(
            "wait until a date",
            Outcome::Refused,
            asked,
            &[("Retry-After", "Thu, 01 Oct 2026 02:00:00 GMT"), ("Date", "Thu, 01 Oct 2026 01:00:00 GMT")],
            always,
        ),
        wait("wait until a past date", Outcome::Whole, &[], &[("Retry-After", "Thu, 01 Oct 1998 02:00:00 GMT")], once),
        wait("wait for two minutes", Outcome::Whole, &[], &[("Retry-After", "120")], once),
        wait("wait for nonsense", Outcome::Whole, &[], &[("Retry-After", "-5 apples")], once),
        mood("503 once", Style::Cursor, Outcome::Whole, &[], at(1, status(503, &[], ""))),
        mood("an error page with its status", Style::Link, Outcome::Refused, &["answers 502: Bad gateway"], {
            from(1, status(502, &[("Content-Type", "text/html")], "<html><title>Bad gateway</title><body>x"))
        }),
        mood("204", Style::Page, Outcome::Refused, &["no JSON"], from(1, status(204, &[], ""))),
    ]);
    all_hold(moods);
}

#[test]
fn redirects() {
    let moved = |name, words, to: &'static str| {
        mood(
            name,
            Style::Offset,
            Outcome::Refused,
            words,
            from(1, move |ask, connection| {
                ask.with(connection, 302, &[("Location", to)], b"");
            }),
        )
    };
    all_hold(vec![
        moved(
            "to another host",
            &["redirects to https://evil.example", "write `url = \"https://evil.example\"`"],
            "https://evil.example/tickets",
        ),
        moved("to another port", &["redirects to http://127.0.0.1:9", "may not go"], "http://127.0.0.1:9/tickets"),
        moved("in a circle", &["redirects more than 3 times"], "/tickets?offset=0"),
        moved("with a user", &["user information"], "http://me:secret@127.0.0.1/"),
        moved("to no address", &["what is no address"], "http://["),
        moved("to a file", &["redirects to file://"], "file:///etc/passwd"),
        mood("nowhere", Style::Offset, Outcome::Refused, &["without saying where to"], from(1, status(307, &[], ""))),
        mood(
            "to a log-in form",
            Style::Cursor,
            Outcome::Refused,
            &["a web page came", "Sign in"],
            |ask, connection| match ask.seen.path() {
                "/tickets" => ask.with(connection, 302, &[("Location", "/sign-in")], b""),
                "/sign-in" => {
                    ask.with(connection, 200, &[("Content-Type", "text/html")], b"<html><title>Sign in</title>");
                }
                _ => ask.well(connection),
            },
        ),
    ]);
}

#[test]
fn sessions_and_checks() {
    let check = |name, words, act: super::desk::Act| {
        mood(name, Style::Offset, Outcome::Refused, words, move |ask, connection| {
            if ask.seen.path() == "/me" { act(ask, connection) } else { ask.well(connection) }
        })
    };
    all_hold(vec![
        check("the check says 401", &["/me", "answers 401", "the secret is unknown"], Box::new(status(401, &[], ""))),
        check("the check says 403", &["/me", "answers 403"], Box::new(status(403, &[], ""))),
        check("the check is a page", &["/me", "a web page came"], Box::new(body("<!doctype html><title>Hi</title>"))),
        check(
            "the check is an error",
            &["/me", "answers with an error: gone"],
            Box::new(body(r#"{"error":{"message":"gone"}}"#)),
        ),
        mood("the token ends", Style::Cursor, Outcome::Refused, &["answers 401"], from(1, status(401, &[], "expired"))),
        mood("the session ends", Style::Login, Outcome::Whole, &[], at(1, status(401, &[], "expired"))),
        mood(
            "the session ends for ever",
            Style::Login,
            Outcome::Refused,
            &["answers 401"],
            from(1, status(401, &[], "expired")),
        ),
        mood("no session", Style::Login, Outcome::Refused, &["/login", "gives no token"], |ask, connection| {
            if ask.seen.path() == "/login" { body("{}")(ask, connection) } else { ask.well(connection) }
        }),
        mood("a session of another kind", Style::Login, Outcome::Refused, &["/login"], |ask, connection| {
            if ask.seen.path() == "/login" {
                body(r#"{"session":{"a":1}}"#)(ask, connection);
            } else {
                ask.well(connection);
            }
        }),
        mood("a log-in page", Style::Login, Outcome::Refused, &["/login", "a web page came"], |ask, connection| {
            if ask.seen.path() == "/login" {
                body("<html><title>Sign in")(ask, connection);
            } else {
                ask.well(connection);
            }
        }),
        mood("the log-in fails", Style::Login, Outcome::Refused, &["/login", "answers 401"], |ask, connection| {
            if ask.seen.path() == "/login" { status(401, &[], "")(ask, connection) } else { ask.well(connection) }
        }),
    ]);
}

#[test]
fn servers_that_repeat_the_secret() {
    let repeat = |name, outcome, words, page: isize, code: u16, text: fn(&str) -> String| {
        mood(
            name,
            Style::Cursor,
            outcome,
            words,
            from(page, move |ask, connection| {
                let secret = ask.seen.header("authorization").unwrap_or_default();
                ask.with(connection, code, &[("X-Echo", secret)], text(secret).as_bytes());
            }),
        )
    };
    all_hold(vec![
        repeat("in an error", Outcome::Refused, &["answers 400: bad"], 1, 400, |secret| format!("bad {secret}")),
        repeat("in a passing error", Outcome::Refused, &["answers 503"], 1, 503, |secret| format!("bad {secret}")),
        repeat("in an error with status 200", Outcome::Refused, &["error: bad Bearer"], 1, 200, |secret| {
            format!(r#"{{"error":{{"message":"bad {secret}"}}}}"#)
        }),
        repeat("in the place of records", Outcome::Refused, &["has no `tickets`"], 1, 200, |secret| {
            format!(r#"{{"you_sent":"{secret}"}}"#)
        }),
        repeat("in no JSON", Outcome::Refused, &["no JSON"], 1, 200, |secret| format!("{secret} is bad")),
        repeat("in a page's title", Outcome::Refused, &["a web page"], 1, 200, |secret| {
            format!("<html><title>{secret}</title>")
        }),
        repeat("in a cursor", Outcome::Refused, &["has no `tickets`"], 1, 200, |secret| {
            format!(r#"{{"next":"{secret}"}}"#)
        }),
        mood("in a page that is kept", Style::Cursor, Outcome::Refused, &["answers 403"], |ask, connection| {
            let echo = format!("\"echo\":\"{CANARY} {SESSION}\",\"tickets\"");
            match ask.page {
                0 => ask.with(
                    connection,
                    200,
                    &[],
                    ask.good.replace("\"tickets\"", &echo).replace(SESSION, "").as_bytes(),
                ),
                1.. => ask.with(connection, 403, &[], b""),
                _ => ask.well(connection),
            }
        }),
        mood(
            "a session in a page that is kept",
            Style::Login,
            Outcome::Refused,
            &["answers 403"],
            |ask, connection| {
                let echo = format!("\"echo\":\"{SESSION}\",\"tickets\"");
                match ask.page {
                    0 => ask.with(connection, 200, &[], ask.good.replace("\"tickets\"", &echo).as_bytes()),
                    1.. => ask.with(connection, 403, &[], b""),
                    _ => ask.well(connection),
                }
            },
        ),
        mood("in a link to another server", Style::Link, Outcome::Refused, &["leads to another server"], {
            from(0, |ask, connection| {
                let link = format!("https://evil.example/{CANARY}?{CANARY}");
                ask.with(connection, 200, &[], ask.good.replace("/tickets?after=2", &link).as_bytes());
            })
        }),
        mood(
            "in a redirect",
            Style::Offset,
            Outcome::Refused,
            &["redirects to"],
            from(1, |ask, connection| {
                let link = format!("https://evil.example/{CANARY}");
                ask.with(connection, 302, &[("Location", &link)], b"");
            }),
        ),
    ]);
}
