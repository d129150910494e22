//! Proxies: only the one that is given, only for what does not go past it, and never a reason to believe a server less
//! strictly.

use super::certificates::{authority, file, leaf, params};
use super::server::Server;
use super::{access, send};
use servicebook::source::http::{Access, HttpError, Wire, refuse_page};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;

const CANARY: &str = "canary-7f3a";

#[test]
fn a_proxy_is_used_for_what_is_not_past_it_and_its_password_is_not_told() {
    let proxy = Server::start(|request, connection| {
        if request.method == "CONNECT" {
            connection.answer(407, &[], b"");
        } else {
            connection.answer(200, &[("Content-Type", "text/html")], b"<html><title>Blocked</title>");
        }
    });
    let direct = Server::start(|_, connection| {
        connection.answer(200, &[], b"direct");
    });
    let access = Access {
        proxy: Some(url::Url::parse(&format!("http://user:{CANARY}@127.0.0.1:{}", proxy.port())).unwrap()),
        no_proxy: vec!["127.0.0.1".into(), "inner.example".into()],
        ..access()
    };
    assert!(!format!("{access:?}").contains(CANARY));
    let mut wire = Wire::new(&access).unwrap();
    assert_eq!(send(&mut wire, &direct.url("/")).unwrap().body, b"direct");
    assert_eq!(proxy.seen().len(), 0);

    let answer = send(&mut wire, "http://desk.example/issues").unwrap();
    let text = refuse_page(&answer).unwrap().to_string();
    assert!(text.contains("a web page came where records were asked for: \"Blocked\""), "{text}");
    assert_eq!(proxy.seen()[0].target, "http://desk.example/issues");

    let error = send(&mut wire, "https://desk.example/issues").unwrap_err();
    let text = error.to_string();
    assert!(text.contains("through the proxy") && text.contains("user and password"), "{text}");
    assert!(!format!("{text}{error:?}").contains(CANARY), "{text}");
}

/// A proxy that opens every tunnel to one port of this machine, and what it was asked for.
fn tunnel(port: u16) -> (Server, Arc<Mutex<String>>) {
    let asked = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&asked);
    let proxy = Server::start_raw("http", move |mut client| {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|count| count == 1) {
            head.push(byte[0]);
        }
        log.lock().unwrap().push_str(&String::from_utf8_lossy(&head));
        let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let (mut up_from, mut up_to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut up_from, &mut up_to));
        let _ = std::io::copy(&mut server, &mut client);
        let _ = client.shutdown(std::net::Shutdown::Both);
    });
    (proxy, asked)
}

#[test]
fn a_server_behind_a_tunnel_is_believed_no_less_strictly() {
    let (folder, ca) = (tempfile::tempdir().unwrap(), authority("company"));
    // The proxy looks the name up: nobody here knows where desk.example is.
    for (name, believed) in [("desk.example", true), ("other.example", false)] {
        let server = Server::start_tls(leaf(&params(&[name]), &ca).server(&[]), |_, connection| {
            connection.answer(200, &[], b"rows");
        });
        let (proxy, asked) = tunnel(server.port());
        let access = Access {
            ca_file: Some(file(folder.path(), "ca.pem", &ca.pem(), 0o644)),
            proxy: Some(url::Url::parse(&proxy.url("/")).unwrap()),
            ..access()
        };
        let result = send(&mut Wire::new(&access).unwrap(), &format!("https://desk.example/issues?key={CANARY}"));
        if believed {
            assert_eq!(result.unwrap().body, b"rows");
        } else {
            let error = result.unwrap_err();
            assert!(matches!(error, HttpError::Tls { .. }), "{error:?}");
            assert!(error.to_string().contains("not made for desk.example; it holds other.example"), "{error}");
        }
        let asked = asked.lock().unwrap();
        assert!(asked.starts_with("CONNECT desk.example:443 HTTP/1.1") && !asked.contains(CANARY), "{asked}");
    }
}

#[test]
fn a_proxy_of_the_environment_is_not_used() {
    // This test's own program, with another test of it, where every variable names a proxy that is not there.
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "http::redirects::three_redirects_are_followed_and_a_fourth_is_not"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        again.env(name, "http://127.0.0.1:1");
    }
    let run = again.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("REQUEST_METHOD").output().unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && told.contains("1 passed"), "{told}");
}
