//! Secrets go where they were given for and nowhere else, however a server sends the request on.

use super::server::{Seen, Server};
use super::{get, send, wire};
use servicebook::source::http::{Body, Cancel, HeaderText, HttpError, Method, Request, Transport};
use std::sync::{Arc, Mutex};

const CANARY: &str = "canary-7f3a";

/// A request that carries the canary in each of the places where secrets are.
fn request(url: &str, method: Method) -> Request {
    let mut request = get(&format!("{url}?api_key={CANARY}"));
    request.method = method;
    request.headers = vec![
        ("Authorization".into(), HeaderText::Secret(format!("Bearer {CANARY}").into())),
        ("X-Tool-Key".into(), HeaderText::Secret(CANARY.into())),
        ("X-Plain".into(), HeaderText::Plain("plain".into())),
    ];
    if method == Method::Post {
        let bytes = format!("password={CANARY}").into_bytes();
        request.body = Some(Body { content_type: "application/x-www-form-urlencoded".into(), bytes });
    }
    request
}

fn count(seen: &[Seen]) -> usize {
    seen.iter().filter(|request| String::from_utf8_lossy(&request.raw).contains(CANARY)).count()
}

/// A server that redirects its first request to what stands in the cell, and answers the others.
fn redirecting(status: u16, to: Arc<Mutex<String>>) -> Server {
    Server::start(move |request, connection| {
        if request.path() == "/start" {
            let location = to.lock().unwrap().clone();
            connection.answer(status, &[("Location", &location)], b"moved");
        } else {
            connection.answer(200, &[], b"there");
        }
    })
}

#[test]
fn no_redirect_across_origins_is_followed_in_any_of_twelve_shapes() {
    let wrong = Server::start(|_, connection| {
        connection.answer(200, &[], b"thanks");
    });
    let port = wrong.port();
    // Status, and where to; `{own}` is the port of the server that was asked.
    let shapes = [
        (301, format!("http://127.0.0.1:{port}/a")),
        (302, format!("http://127.0.0.1:{port}/a")),
        (303, format!("http://127.0.0.1:{port}/a")),
        (307, format!("http://127.0.0.1:{port}/a")),
        (308, format!("http://127.0.0.1:{port}/a")),
        (302, format!("http://localhost:{port}/a")),
        (307, format!("//127.0.0.1:{port}/a?x={CANARY}")),
        (308, format!("http://user:{CANARY}@127.0.0.1:{port}/a")),
        (302, format!("https://127.0.0.1:{port}/a")),
        (301, "http://localhost:{own}/a".to_owned()),
        (307, "https://127.0.0.1:{own}/a".to_owned()),
        (302, format!("http://{CANARY}@127.0.0.1:{{own}}/a")),
    ];
    for (status, location) in shapes {
        for method in [Method::Get, Method::Post] {
            let to = Arc::new(Mutex::new(String::new()));
            let right = redirecting(status, Arc::clone(&to));
            *to.lock().unwrap() = location.replace("{own}", &right.port().to_string());
            let error = wire().send(&request(&right.url("/start"), method), &Cancel::default()).unwrap_err();
            let text = error.to_string();
            assert!(matches!(error, HttpError::Redirect { .. }), "{status} {location}: {text}");
            assert!(text.contains("hint: ") && !text.contains(CANARY), "{status} {location}: {text}");
            assert_eq!(right.seen().len(), 1, "{status} {location}");
        }
    }
    assert_eq!((count(&wrong.seen()), wrong.connections()), (0, 0), "the wrong server was not even called");
}

#[test]
fn the_error_names_where_the_tool_seems_to_live() {
    let to = Arc::new(Mutex::new("https://new.desk.example/here".to_owned()));
    let server = redirecting(301, to);
    let text = wire().send(&request(&server.url("/start"), Method::Get), &Cancel::default()).unwrap_err().to_string();
    assert!(text.contains("write `url = \"https://new.desk.example\"`"), "{text}");
}

#[test]
fn a_redirect_within_the_origin_is_followed_with_the_secrets_of_the_origin() {
    for (status, method, after) in [
        (301, Method::Get, "GET"),
        (301, Method::Post, "GET"),
        (302, Method::Post, "GET"),
        (303, Method::Post, "GET"),
        (307, Method::Post, "POST"),
        (308, Method::Post, "POST"),
    ] {
        let server = redirecting(status, Arc::new(Mutex::new("/there?x=1".to_owned())));
        let answer = wire().send(&request(&server.url("/start"), method), &Cancel::default()).unwrap();
        assert_eq!((answer.status, answer.url.path()), (200, "/there"));
        let second = &server.seen()[1];
        assert_eq!(
            (second.method.as_str(), second.path(), second.query("x").as_deref()),
            (after, "/there", Some("1")),
            "{status}"
        );
        assert_eq!(second.header("authorization"), Some(format!("Bearer {CANARY}").as_str()));
        assert_eq!(second.body.is_empty(), after == "GET", "{status}");
        assert_eq!(second.header("content-type").is_some(), after == "POST", "{status}");
    }
}

#[test]
fn three_redirects_are_followed_and_a_fourth_is_not() {
    let chain = |length: usize| {
        Server::start(move |request, connection| {
            let at: usize = request.path().trim_start_matches('/').parse().unwrap();
            if at < length {
                connection.answer(302, &[("Location", &format!("/{}", at + 1))], b"");
            } else {
                connection.answer(200, &[], b"end");
            }
        })
    };
    let three = chain(3);
    assert_eq!(send(&mut wire(), &three.url("/0")).unwrap().body, b"end");
    let endless = chain(usize::MAX);
    let text = send(&mut wire(), &endless.url("/0")).unwrap_err().to_string();
    assert!(text.contains("redirects more than 3 times"), "{text}");
    assert_eq!(endless.seen().len(), 4);
}

#[test]
fn addresses_that_nobody_asks_at_are_refused_unseen() {
    let mut wire = wire();
    for url in ["http://169.254.169.254/latest", "http://[fd00:ec2::254]/", "http://0.0.0.0/", "http://2852039166/"] {
        let error = send(&mut wire, url).unwrap_err();
        assert!(matches!(error, HttpError::Address { .. }), "{url}: {error:?}");
    }
    let error = send(&mut wire, &format!("http://user:{CANARY}@127.0.0.1/")).unwrap_err().to_string();
    assert!(error.contains("user and password may not stand in the address") && !error.contains(CANARY), "{error}");
    let error = send(&mut wire, "http://no-such-host.invalid/").unwrap_err();
    assert!(matches!(error, HttpError::Unreachable { .. }), "{error:?}");
}
