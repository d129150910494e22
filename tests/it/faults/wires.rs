//! Connections that break, hang or flood, and answers that are no HTTP.

use super::desk::Style;
use super::mood::{Mood, Outcome, all_hold, at, from, mood, raw, status};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::time::Duration;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

fn broken(name: &'static str, words: &'static [&'static str], bytes: impl Into<Vec<u8>>) -> Mood {
    mood(name, Style::Offset, Outcome::Refused, words, from(2, raw(bytes)))
}

fn zeros(bytes: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b' '; bytes]).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn answers_that_break_off_or_are_no_http() {
    let cut = &["tried 6 times", "broke off or is no HTTP", "cuts connections"];
    let half = format!("{HEAD}Content-Length: 500\r\n\r\n{{\"tickets\":[{{\"id\":3,\"type\":");
    all_hold(vec![
        broken("half a body", cut, half),
        broken(
            "a whole list in half a body",
            cut,
            format!("{HEAD}Content-Length: 500\r\n\r\n{{\"tickets\":[],\"total\":6}}"),
        ),
        broken("nothing at all", cut, ""),
        broken("half a head", cut, "HTTP/1.1 200 OK\r\nContent-Ty"),
        broken(
            "a chunk that ends early",
            cut,
            format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n20\r\n{{\"tickets\":["),
        ),
        broken(
            "no last chunk",
            cut,
            format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n1a\r\n{{\"tickets\": [], \"total\":6}}\r\n"),
        ),
        broken("a chunk of no size", cut, format!("{HEAD}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{{}}\r\n0\r\n\r\n")),
        broken("two lengths", cut, format!("{HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}")),
        broken("a length below nothing", cut, format!("{HEAD}Content-Length: -2\r\n\r\n{{}}")),
        broken(
            "a length that is too short",
            &["no JSON"],
            format!("{HEAD}Content-Length: 12\r\n\r\n{{\"tickets\":[],\"total\":6}}"),
        ),
        broken("another protocol", cut, "220 mail.example ESMTP ready\r\n"),
        broken("TLS at a plain port", cut, b"\x15\x03\x01\x00\x02\x02\x46".to_vec()),
        mood(
            "reset in the middle",
            Style::Cursor,
            Outcome::Refused,
            cut,
            from(1, |_, connection| {
                connection.write(format!("{HEAD}Content-Length: 500\r\n\r\n{{").as_bytes());
                connection.reset();
            }),
        ),
        mood("reset once", Style::Cursor, Outcome::Whole, &[], at(1, |_, connection| connection.reset())),
        mood("closed between pages", Style::Offset, Outcome::Whole, &[], |ask, connection| {
            ask.with(connection, 200, &[("Connection", "keep-alive")], ask.good.as_bytes());
            connection.close();
        }),
        mood("closed without a length", Style::Link, Outcome::Whole, &[], |ask, connection| {
            let date = ask.date.unwrap_or_default();
            connection.write(format!("{HEAD}Date: {date}\r\nConnection: close\r\n\r\n{}", ask.good).as_bytes());
            connection.close();
        }),
        broken(
            "damaged gzip",
            &["is not, or not to its end"],
            format!("{HEAD}Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"),
        ),
        mood(
            "packed by brotli",
            Style::Offset,
            Outcome::Refused,
            &["packed as `br`"],
            from(1, status(200, &[("Content-Encoding", "br")], "x")),
        ),
    ]);
}

#[test]
fn floods_and_silence() {
    all_hold(vec![
        mood(
            "silence",
            Style::Offset,
            Outcome::Refused,
            &["tried 6 times", "nothing came for"],
            from(2, |_, connection| {
                connection.pause(Duration::from_secs(2));
                connection.reset();
            }),
        ),
        mood(
            "silence in a body",
            Style::Offset,
            Outcome::Refused,
            &["tried 6 times", "nothing came for"],
            from(2, |_, connection| {
                connection.write(format!("{HEAD}Content-Length: 500\r\n\r\n{{").as_bytes());
                connection.pause(Duration::from_secs(2));
                connection.reset();
            }),
        ),
        mood(
            "drops",
            Style::Offset,
            Outcome::Refused,
            &["not there within", "smaller pages"],
            from(2, |_, connection| {
                connection.write(format!("{HEAD}Content-Length: 5000\r\n\r\n").as_bytes());
                for _ in 0..40 {
                    if !connection.write(b" ") {
                        break;
                    }
                    connection.pause(Duration::from_millis(100));
                }
                connection.reset();
            }),
        ),
        mood(
            "drops of a head",
            Style::Offset,
            Outcome::Refused,
            &["hint: "],
            from(2, |_, connection| {
                connection.write(HEAD.as_bytes());
                for _ in 0..40 {
                    if !connection.write(b"X: y\r\n") {
                        break;
                    }
                    connection.pause(Duration::from_millis(100));
                }
                connection.reset();
            }),
        ),
        mood(
            "an endless body",
            Style::Offset,
            Outcome::Refused,
            &["larger than"],
            from(2, |_, connection| {
                connection.write(format!("{HEAD}Connection: close\r\n\r\n[").as_bytes());
                let more = "[".repeat(64 << 10);
                for _ in 0..1_000 {
                    if !connection.write(more.as_bytes()) {
                        break;
                    }
                }
                connection.reset();
            }),
        ),
        mood(
            "endless chunks",
            Style::Cursor,
            Outcome::Refused,
            &["larger than"],
            from(1, |_, connection| {
                connection.write(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n").as_bytes());
                let more = format!("10000\r\n{}\r\n", " ".repeat(64 << 10));
                for _ in 0..1_000 {
                    if !connection.write(more.as_bytes()) {
                        break;
                    }
                }
                connection.reset();
            }),
        ),
        mood(
            "a length that is too large",
            Style::Offset,
            Outcome::Refused,
            &["larger than"],
            from(2, raw(format!("{HEAD}Content-Length: 99999999999\r\n\r\n{{"))),
        ),
        mood("a bomb", Style::Offset, Outcome::Refused, &["unpacks to more than 50 times"], {
            let packed = zeros(3 << 20);
            from(2, move |ask, connection| ask.with(connection, 200, &[("Content-Encoding", "gzip")], &packed))
        }),
        mood("one long header", Style::Offset, Outcome::Refused, &["headers of the answer are larger"], {
            let long = "x".repeat(64 << 10);
            from(2, move |ask, connection| ask.with(connection, 200, &[("X-Long", &long)], ask.good.as_bytes()))
        }),
        mood("many headers", Style::Offset, Outcome::Refused, &["headers of the answer are larger"], {
            let many = "X-Many: y\r\n".repeat(5_000);
            from(2, raw(format!("{HEAD}{many}\r\n")))
        }),
        mood(
            "an endless head",
            Style::Offset,
            Outcome::Refused,
            &["headers of the answer are larger"],
            from(2, |_, connection| {
                connection.write(b"HTTP/1.1 200 OK\r\nX: ");
                let more = "y".repeat(64 << 10);
                for _ in 0..200 {
                    if !connection.write(more.as_bytes()) {
                        break;
                    }
                }
                connection.reset();
            }),
        ),
    ]);
}

#[test]
fn addresses_where_nobody_is() {
    let elsewhere = |name, words, url: fn(u16) -> String| Mood {
        url: Some(url),
        ..mood(name, Style::Offset, Outcome::Refused, words, |ask, connection| {
            ask.well(connection);
        })
    };
    all_hold(vec![
        // Nobody may listen at the first port of all.
        elsewhere(
            "a closed port",
            &["tried 6 times", "no connection to http://127.0.0.1:1", "that the server runs"],
            |_| "http://127.0.0.1:1".into(),
        ),
        elsewhere("a name that nobody knows", &["desk.invalid", "hint: check the host"], |_| {
            "http://desk.invalid".into()
        }),
        elsewhere("TLS to a plain port", &["https://127.0.0.1"], |port| format!("https://127.0.0.1:{port}")),
        elsewhere("the metadata service", &["169.254.169.254", "is not asked"], |_| "http://169.254.169.254".into()),
        elsewhere("no host", &["url"], |_| "http://".into()),
        elsewhere("another protocol", &["url"], |_| "ftp://127.0.0.1".into()),
        elsewhere("a user in the address", &["url"], |port| format!("http://me:pass@127.0.0.1:{port}")),
    ]);
}
