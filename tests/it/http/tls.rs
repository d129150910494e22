//! Ten servers that must not be believed, and the ways in which a right one is.

use super::certificates::{Leaf, authority, file, intermediate, leaf, params, self_signed, signed_with_sha1};
use super::server::{Connection, Seen, Server};
use super::{access, send};
use rcgen::date_time_ymd;
use rustls::ServerConfig;
use servicebook::source::http::{Access, HttpError, Wire};
use std::io::{Read, Write};
use std::sync::Arc;
use tempfile::TempDir;

fn fine(_: &Seen, connection: &mut Connection) {
    connection.answer(200, &[("Content-Type", "application/json")], b"[1]");
}

fn folder() -> TempDir {
    tempfile::Builder::new().prefix("servicebook-tls-").tempdir().unwrap()
}

/// A client that trusts an authority beside the machine's.
fn trusting(folder: &TempDir, authority_pem: &str) -> Access {
    Access { ca_file: Some(file(folder.path(), "ca.pem", authority_pem, 0o644)), allow_http: false, ..access() }
}

/// Asks a server with a certificate and returns why it was refused; no request may have come through.
fn refusal(access: &Access, config: Arc<ServerConfig>, host: &str) -> String {
    let server = Server::start_tls(config, fine);
    let error = send(&mut Wire::new(access).unwrap(), &server.url_at(host, "/issues?key=canary")).unwrap_err();
    assert!(matches!(error, HttpError::Tls { .. }), "{error:?}");
    assert_eq!(server.seen().len(), 0, "nothing may be sent to a server that is not believed");
    let text = error.to_string();
    assert!(!text.contains("canary") && text.contains("GET https://"), "{text}");
    text
}

fn says(text: &str, reason: &str, remedy: &str) {
    let (what, hint) = text.split_once("\nhint: ").unwrap();
    assert!(what.contains(reason) && hint.contains(remedy), "{text}");
}

fn refused_leaf(change: impl Fn(&mut rcgen::CertificateParams), names: &[&str], host: &str) -> String {
    let (folder, ca) = (folder(), authority("company"));
    let mut wanted = params(names);
    change(&mut wanted);
    refusal(&trusting(&folder, &ca.pem()), leaf(&wanted, &ca).server(&[]), host)
}

#[test]
fn bad_server_1_expired() {
    let text = refused_leaf(|params| params.not_after = date_time_ymd(2021, 3, 4), &["localhost"], "localhost");
    says(&text, "has expired on 2021-03-04", "must renew it");
}

#[test]
fn bad_server_2_not_yet_valid() {
    let text = refused_leaf(|params| params.not_before = date_time_ymd(2098, 5, 6), &["localhost"], "localhost");
    says(&text, "not valid before 2098-05-06 yet", "clock of this machine");
}

#[test]
fn bad_server_3_wrong_name() {
    let text = refused_leaf(|_| (), &["desk.example", "other.example"], "localhost");
    says(&text, "not made for localhost; it holds desk.example, other.example", "write a name that it holds");
}

#[test]
fn bad_server_4_self_signed() {
    let (folder, ca) = (folder(), authority("company"));
    let text = refusal(&trusting(&folder, &ca.pem()), self_signed(&params(&["localhost"])).server(&[]), "localhost");
    says(&text, "is self-signed", "pin_sha256");
    let mut made_by_hand = params(&["localhost"]);
    made_by_hand.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let text = refusal(&trusting(&folder, &ca.pem()), self_signed(&made_by_hand).server(&[]), "localhost");
    says(&text, "is self-signed", "pin_sha256");
}

#[test]
fn bad_server_5_unknown_authority() {
    let (folder, ca, stranger) = (folder(), authority("company"), authority("stranger"));
    let text =
        refusal(&trusting(&folder, &ca.pem()), leaf(&params(&["localhost"]), &stranger).server(&[]), "localhost");
    says(&text, "authority that is not known here", "ca_file");
    // Without a file of one's own too: the machine does not know it either.
    let text = refusal(&access(), leaf(&params(&["localhost"]), &stranger).server(&[]), "localhost");
    says(&text, "authority that is not known here", "ca_file");
}

#[test]
fn bad_server_6_signed_with_sha1() {
    let folder = folder();
    let (leaf, ca) = signed_with_sha1(&["localhost"]);
    says(
        &refusal(&trusting(&folder, &ca), leaf.server(&[]), "localhost"),
        "too weak, such as SHA-1",
        "SHA-256 or better",
    );
}

#[test]
fn bad_server_7_speaks_tls_1_1_only() {
    // A server hello of TLS 1.1 with an old cipher, and the alert of servers that refuse in words.
    let hello: Vec<u8> = {
        let mut body = vec![0x03, 0x02];
        body.extend([7; 32]);
        body.extend([0, 0x00, 0x2f, 0]);
        let length = u8::try_from(body.len()).unwrap();
        let mut message = vec![0x16, 0x03, 0x02, 0, length + 4, 0x02, 0, 0, length];
        message.extend(body);
        message
    };
    for reply in [hello, vec![0x15, 0x03, 0x02, 0, 2, 2, 70]] {
        let server = Server::start_raw("https", move |mut stream| {
            let mut hello = [0; 4_096];
            let _ = stream.read(&mut hello);
            let _ = stream.write_all(&reply);
            let _ = stream.read(&mut hello);
        });
        let error = send(&mut Wire::new(&access()).unwrap(), &server.url("/")).unwrap_err();
        assert!(matches!(error, HttpError::Tls { .. }), "{error:?}");
        says(&error.to_string(), "too old (TLS 1.1 or older)", "TLS 1.2 or 1.3");
    }
}

#[test]
fn bad_server_8_leaves_out_the_intermediate_certificate() {
    let (folder, ca) = (folder(), authority("company"));
    let between = intermediate("between", &ca);
    let shown = leaf(&params(&["localhost"]), &between);
    let trust = trusting(&folder, &ca.pem());
    says(
        &refusal(&trust, shown.server(&[]), "localhost"),
        "authority that is not known here",
        "intermediate certificate",
    );
    let whole = Server::start_tls(shown.server(&[between.der().clone()]), fine);
    assert_eq!(send(&mut Wire::new(&trust).unwrap(), &whole.url_at("localhost", "/")).unwrap().status, 200);
}

#[test]
fn bad_server_9_asked_by_an_address_that_its_certificate_does_not_hold() {
    let text = refused_leaf(|_| (), &["localhost"], "127.0.0.1");
    says(&text, "not made for the address 127.0.0.1; it holds localhost", "subject alternative name");
}

#[test]
fn bad_server_10_speaks_no_tls_at_all() {
    let server = Server::start_raw("https", |mut stream| {
        let mut hello = [0; 4_096];
        let _ = stream.read(&mut hello);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    let error = send(&mut Wire::new(&access()).unwrap(), &server.url("/")).unwrap_err();
    says(&error.to_string(), "does not speak TLS there", "check the port");
}

#[test]
fn plain_http_is_refused_before_a_connection_unless_the_source_allows_it() {
    let server = Server::start(fine);
    let strict = Access { allow_http: false, ..access() };
    let error = send(&mut Wire::new(&strict).unwrap(), &server.url("/?key=canary")).unwrap_err().to_string();
    assert!(error.contains("everybody on the way") && error.contains("allow_http") && !error.contains("canary"));
    assert_eq!(server.connections(), 0);
    assert_eq!(send(&mut Wire::new(&access()).unwrap(), &server.url("/")).unwrap().body, b"[1]");
}

#[test]
fn a_companys_authority_from_a_file_is_believed_by_name_and_by_address() {
    let (folder, ca) = (folder(), authority("company"));
    let server = Server::start_tls(leaf(&params(&["localhost", "127.0.0.1"]), &ca).server(&[]), fine);
    let mut wire = Wire::new(&trusting(&folder, &ca.pem())).unwrap();
    for host in ["localhost", "127.0.0.1"] {
        assert_eq!(send(&mut wire, &server.url_at(host, "/issues")).unwrap().body, b"[1]");
    }
    let seen = server.seen();
    assert_eq!(seen[0].header("accept-encoding"), Some("gzip"));
    assert_eq!(seen[0].header("user-agent"), Some(concat!("servicebook/", env!("CARGO_PKG_VERSION"))));
    assert!(seen.iter().all(|request| request.header("referer").is_none()));
    // One connection serves many requests to a host.
    let before = server.connections();
    for _ in 0..5 {
        send(&mut wire, &server.url_at("localhost", "/issues")).unwrap();
    }
    assert!(server.connections() <= before + 1, "{} after {before}", server.connections());
}

#[test]
fn files_of_certificates_that_hold_none_are_refused_with_their_name() {
    let folder = folder();
    for (text, reason) in [
        ("", "holds no certificate in PEM"),
        ("-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n", "ca.pem"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "ca_file"),
    ] {
        let error = Wire::new(&trusting(&folder, text)).err().unwrap().to_string();
        assert!(error.contains("`ca_file`") && error.contains(reason) && error.contains("hint: "), "{error}");
    }
    let gone = Access { ca_file: Some(folder.path().join("gone.pem")), ..access() };
    assert!(Wire::new(&gone).err().unwrap().to_string().contains("gone.pem cannot be read"));
}

fn with_client(trust: Access, folder: &TempDir, client: &Leaf, mode: u32) -> Access {
    Access {
        client_certificate: Some(file(folder.path(), "client.pem", &client.pem, 0o644)),
        client_key: Some(file(folder.path(), "client.key", &client.key.serialize_pem(), mode)),
        ..trust
    }
}

#[test]
fn a_client_shows_its_certificate_where_the_server_wants_one() {
    let (folder, ca) = (folder(), authority("company"));
    let config = leaf(&params(&["localhost"]), &ca).server_for_clients_of(&ca);
    let server = Server::start_tls(config, fine);
    let (ours, trust) = (leaf(&params(&[]), &ca), trusting(&folder, &ca.pem()));
    let url = server.url_at("localhost", "/");

    let shown = with_client(trust.clone(), &folder, &ours, 0o600);
    assert_eq!(send(&mut Wire::new(&shown).unwrap(), &url).unwrap().status, 200);

    let error = send(&mut Wire::new(&trust).unwrap(), &url).unwrap_err();
    says(&error.to_string(), "does not accept our certificate", "client_certificate");

    for mode in [0o644, 0o640, 0o604, 0o660] {
        let open = with_client(trust.clone(), &folder, &ours, mode);
        let error = Wire::new(&open).err().unwrap().to_string();
        assert!(error.contains("can be read by others") && error.contains("chmod 600"), "{error}");
    }
    let half = Access { client_key: None, ..shown.clone() };
    assert!(Wire::new(&half).err().unwrap().to_string().contains("`client_key`: is missing"));
    let other = with_client(trust, &folder, &leaf(&params(&[]), &ca), 0o600);
    let mixed = Access { client_key: shown.client_key, ..other };
    file(folder.path(), "client.key", &ours.key.serialize_pem(), 0o600);
    assert!(Wire::new(&mixed).err().unwrap().to_string().contains("does the key belong to it"));
}

#[test]
fn a_pin_stands_for_the_chain_but_not_for_name_and_dates() {
    let pinned = |leaf: &Leaf| Access { pin_sha256: Some(leaf.sha256()), ..access() };
    let stranger = authority("stranger");
    for shown in [self_signed(&params(&["localhost"])), leaf(&params(&["localhost"]), &stranger)] {
        let server = Server::start_tls(shown.server(&[]), fine);
        let mut wire = Wire::new(&pinned(&shown)).unwrap();
        assert_eq!(send(&mut wire, &server.url_at("localhost", "/")).unwrap().status, 200);

        let other = self_signed(&params(&["localhost"]));
        let text = refusal(&pinned(&other), shown.server(&[]), "localhost");
        let found = shown.sha256().replace(':', "").to_lowercase();
        says(&text, &format!("another certificate than the pinned one: its SHA-256 is {found}"), "pin_sha256");
    }
    let elsewhere = self_signed(&params(&["desk.example"]));
    says(&refusal(&pinned(&elsewhere), elsewhere.server(&[]), "localhost"), "it holds desk.example", "write a name");
    let mut over = params(&["localhost"]);
    over.not_after = date_time_ymd(2021, 3, 4);
    let over = self_signed(&over);
    says(&refusal(&pinned(&over), over.server(&[]), "localhost"), "has expired on 2021-03-04", "renew");
}
