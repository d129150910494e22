//! Answers without end, without beginning, and answers that are not what they say: each ends within its limit.

use super::certificates::{file, leaf, params};
use super::server::{Connection, Server};
use super::{access, certificates, get, hasty, send, wire};
use flate2::Compression;
use flate2::write::GzEncoder;
use servicebook::source::http::{Access, Cancel, HeaderText, HttpError, Limits, Transport, Wire};
use std::io::Write;
use std::time::{Duration, Instant};

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Asks a server that behaves in some way and returns the error.
fn error(behave: impl Fn(&mut Connection) + Send + Sync + 'static) -> HttpError {
    error_of(&access(), behave)
}

/// Does the same with a client that does not wait long.
fn error_in_time(behave: impl Fn(&mut Connection) + Send + Sync + 'static) -> HttpError {
    error_of(&hasty(), behave)
}

fn error_of(access: &Access, behave: impl Fn(&mut Connection) + Send + Sync + 'static) -> HttpError {
    let server = Server::start(move |_, connection| behave(connection));
    let begun = Instant::now();
    let error = send(&mut Wire::new(access).unwrap(), &server.url("/issues?key=canary")).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(4), "{error} after {:?}", begun.elapsed());
    let text = error.to_string();
    assert!(
        text.starts_with("GET http://127.0.0.1:") && text.contains("\nhint: ") && !text.contains("canary"),
        "{text}"
    );
    error
}

fn is_limit(error: &HttpError, words: &str) {
    assert!(matches!(error, HttpError::Limit { .. }) && error.to_string().contains(words), "{error:?}");
}

#[test]
fn packed_and_plain_answers_come_whole() {
    let server = Server::start(|request, connection| {
        let body = b"{\"rows\": 3}".as_slice();
        match request.path() {
            "/plain" => connection.answer(200, &[], body),
            "/gzip" => connection.answer(200, &[("Content-Encoding", "gzip")], &packed(body)),
            "/members" => {
                let parts = [packed(&body[..4]), packed(&body[4..])].concat();
                connection.answer(200, &[("Content-Encoding", "gzip")], &parts)
            }
            "/chunked" => {
                connection.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                for byte in body {
                    connection.write(format!("1\r\n{}\r\n", *byte as char).as_bytes());
                }
                connection.write(b"0\r\n\r\n")
            }
            _ => connection.answer(404, &[("X-Other", "1")], body),
        };
    });
    let mut wire = wire();
    for path in ["/plain", "/gzip", "/members", "/chunked", "/missing"] {
        let answer = send(&mut wire, &server.url(path)).unwrap();
        assert_eq!(answer.body, b"{\"rows\": 3}", "{path}");
        assert_eq!(answer.status, if path == "/missing" { 404 } else { 200 });
    }
}

#[test]
fn a_gzip_bomb_ends_by_size_and_by_ratio() {
    // Half a megabyte of zeros packs a thousandfold: the ratio of 20 ends it after 32 KB.
    let bomb = packed(&vec![0; 512 << 10]);
    is_limit(
        &error(move |c| {
            c.answer(200, &[("Content-Encoding", "gzip")], &bomb);
        }),
        "more than 20 times its size",
    );
    let mut dice = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 56) as u8
    })
    .take(257 << 10)
    .collect();
    let large = packed(&noise);
    is_limit(
        &error(move |c| {
            c.answer(200, &[("Content-Encoding", "gzip")], &large);
        }),
        "larger than 262144 bytes",
    );
}

#[test]
fn encodings_that_were_not_asked_for_are_refused() {
    for encoding in ["deflate", "br", "zstd", "gzip, gzip", "compress"] {
        let refused = error(move |c| {
            c.answer(200, &[("Content-Encoding", encoding)], b"whatever");
        });
        assert!(matches!(refused, HttpError::Packing { .. }) && refused.to_string().contains(encoding), "{refused:?}");
    }
}

#[test]
fn gzip_that_ends_early_or_goes_on_is_refused() {
    let whole = packed(b"{\"rows\": 3}");
    let early = whole[..whole.len() - 3].to_vec();
    let on = [whole.as_slice(), b"and more"].concat();
    for body in [early, on, b"no gzip at all".to_vec()] {
        let refused = error(move |c| {
            c.answer(200, &[("Content-Encoding", "gzip")], &body);
        });
        assert!(matches!(refused, HttpError::Packing { .. }), "{refused:?}");
    }
}

#[test]
fn a_slow_drip_ends_with_the_time_of_the_page() {
    let drip = |c: &mut Connection| {
        c.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        while c.write(b"x") {
            c.pause(Duration::from_millis(50));
        }
    };
    is_limit(&error_in_time(drip), "not there within 1.2 s");
}

#[test]
fn dripping_headers_end_too() {
    let drip = |c: &mut Connection| {
        c.write(b"HTTP/1.1 200 OK\r\n");
        while c.write(b"X-A: b\r\n") {
            c.pause(Duration::from_millis(50));
        }
    };
    assert!(matches!(error_in_time(drip), HttpError::Silent { .. } | HttpError::Limit { .. }));
}

#[test]
fn endless_chunks_end_with_the_size_of_a_body() {
    let endless = |c: &mut Connection| {
        c.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let chunk = [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat();
        while c.write(&chunk) {}
    };
    is_limit(&error(endless), "larger than 262144 bytes");
}

#[test]
fn headers_have_a_size() {
    let many = |c: &mut Connection| {
        let lines = format!("X-Some: {}\r\n", "v".repeat(200)).repeat(60);
        c.write(format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{lines}\r\n").as_bytes());
    };
    is_limit(&error(many), "headers of the answer are larger than 8192 bytes");
    let endless = |c: &mut Connection| {
        c.write(b"HTTP/1.1 200 OK\r\n");
        while c.write(format!("X-Long: {}\r\n", "v".repeat(9_000)).as_bytes()) {}
    };
    is_limit(&error(endless), "headers of the answer are larger than 8192 bytes");
}

#[test]
fn a_server_that_never_answers_is_left() {
    let silent = error_in_time(|c| c.pause(Duration::from_secs(5)));
    assert!(matches!(silent, HttpError::Silent { .. }), "{silent:?}");
    // The same in the middle of a body.
    let silent = error_in_time(|c| {
        c.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        c.pause(Duration::from_secs(5));
    });
    assert!(matches!(silent, HttpError::Silent { .. }), "{silent:?}");
}

#[test]
fn a_body_shorter_than_its_length_is_broken() {
    for end in [Connection::close, Connection::reset] {
        let broken = error(move |c| {
            c.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            end(c);
        });
        assert!(matches!(broken, HttpError::Broken { .. }), "{broken:?}");
        let broken = error(move |c| {
            c.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf");
            end(c);
        });
        assert!(matches!(broken, HttpError::Broken { .. }), "{broken:?}");
    }
}

#[test]
fn connections_that_are_cut_before_an_answer_are_broken() {
    for end in [Connection::close, Connection::reset] {
        let broken = error(end);
        assert!(broken.is_passing(), "{broken:?}");
    }
    let nobody = {
        let server = Server::start(|_, _| ());
        server.url("/")
    };
    let refused = send(&mut wire(), &nobody).unwrap_err();
    assert!(matches!(refused, HttpError::Unreachable { .. }) && refused.is_passing(), "{refused:?}");
    assert!(refused.to_string().contains("that the server runs"), "{refused}");
}

#[test]
fn a_body_without_length_that_is_cut_under_tls_is_broken() {
    let (folder, ca) = (tempfile::tempdir().unwrap(), certificates::authority("company"));
    let trust = Access { ca_file: Some(file(folder.path(), "ca.pem", &ca.pem(), 0o644)), ..access() };
    let server = Server::start_tls(leaf(&params(&["localhost"]), &ca).server(&[]), |request, c| {
        c.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[1, 2");
        if request.path() == "/whole" { c.close() } else { c.reset() }
    });
    let mut wire = Wire::new(&trust).unwrap();
    assert_eq!(send(&mut wire, &server.url_at("localhost", "/whole")).unwrap().body, b"[1, 2");
    let cut = send(&mut wire, &server.url_at("localhost", "/cut")).unwrap_err();
    assert!(matches!(cut, HttpError::Broken { .. }), "{cut:?}");
}

#[test]
fn a_handshake_that_never_goes_on_ends_with_the_time_of_connecting() {
    let server = Server::start_raw("https", |stream| {
        std::thread::sleep(Duration::from_secs(3));
        drop(stream);
    });
    let late = send(&mut Wire::new(&hasty()).unwrap(), &server.url("/")).unwrap_err();
    assert!(matches!(late, HttpError::Unreachable { .. }), "{late:?}");
    assert!(late.to_string().contains("no connection to https://127.0.0.1:"), "{late}");
    assert!(late.to_string().contains("within 0.3 s"), "{late}");
}

#[test]
fn lengths_that_lie_do_not_spill_into_the_next_answer() {
    is_limit(
        &error(|c| {
            c.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx");
            c.pause(Duration::from_secs(5));
        }),
        "larger than 262144 bytes",
    );
    for head in ["Content-Length: 3\r\nContent-Length: 4", "Content-Length: -1", "Content-Length: many"] {
        let broken = error(move |c| {
            c.write(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\nabc").as_bytes());
        });
        assert!(matches!(broken, HttpError::Broken { .. }), "{head}: {broken:?}");
    }
    // More than the length says: the answer is what the length says, and the rest is nobody's answer.
    let server = Server::start(|request, c| {
        if request.number == 0 {
            c.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
        } else {
            c.answer(200, &[], b"second");
        }
    });
    let mut wire = wire();
    assert_eq!(send(&mut wire, &server.url("/1")).unwrap().body, b"ok");
    assert_eq!(send(&mut wire, &server.url("/2")).unwrap().body, b"second");
}

#[test]
fn what_is_no_http_is_broken_and_shown_harmless() {
    for bytes in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX\x00Y: z\r\n\r\n",
        b"\x1b]0;owned\x07\r\n\r\n",
    ] {
        let broken = error(move |c| {
            c.write(bytes);
            c.close();
        });
        assert!(matches!(broken, HttpError::Broken { .. }), "{broken:?}");
        assert!(!broken.to_string().contains(['\x1b', '\x07']), "{broken:?}");
    }
}

#[test]
fn a_cancelled_request_ends_within_a_moment() {
    let server = Server::start(|_, c| c.pause(Duration::from_secs(5)));
    let patient = Access { limits: Limits { idle: Duration::from_secs(9), ..Limits::default() }, ..access() };
    let cancel = Cancel::default();
    let url = server.url("/");
    let waiting = std::thread::spawn({
        let cancel = cancel.clone();
        move || (Wire::new(&patient).unwrap().send(&get(&url), &cancel), Instant::now())
    });
    std::thread::sleep(Duration::from_millis(200));
    let set = Instant::now();
    cancel.set();
    let (result, ended) = waiting.join().unwrap();
    assert!(matches!(result, Err(HttpError::Cancelled { .. })), "{result:?}");
    assert!(ended - set < Duration::from_secs(1), "{:?}", ended - set);
}

#[test]
fn headers_that_cannot_be_sent_are_named_without_their_text() {
    let server = Server::start(|_, c| {
        c.answer(200, &[], b"");
    });
    for (name, text) in [("Authorization", "canary\r\nX-Other: 1"), ("Bad name", "canary"), ("Host", "canary")] {
        let mut request = get(&server.url("/"));
        request.headers.push((name.into(), HeaderText::Secret(text.into())));
        let error = wire().send(&request, &Cancel::default()).unwrap_err();
        assert!(error.to_string().contains(name) && !format!("{error}{error:?}").contains("canary"), "{error}");
    }
    assert_eq!(server.seen().len(), 0);
}
