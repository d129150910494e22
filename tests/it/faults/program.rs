//! The program itself in front of servers in a mood: codes, words, and the secret that nobody sees.

use super::desk::{Act, CANARY, Desk, Style, canaries, holds_secret};
use super::mood::{body, edit, from, status};
use crate::program::{Desk as Folder, Run};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Runs the program as verbose as it gets, with the secret in its environment.
fn run(folder: &Folder, root: &Path, arguments: &[&str]) -> Run {
    let run = Run::of(
        folder
            .command(arguments)
            .arg("--book")
            .arg(root)
            .env("DESK_TOKEN", CANARY)
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("RUST_BACKTRACE", "1")
            .env("RUST_LOG", "trace"),
    );
    assert!(
        !holds_secret(&run.out) && !holds_secret(run.talk.as_bytes()),
        "{arguments:?} shows the secret:\n{}",
        run.talk
    );
    run
}

/// What a run must end with, and what it must say.
struct Case {
    name: &'static str,
    style: Style,
    code: i32,
    words: &'static [&'static str],
    act: Act,
}

fn case(name: &'static str, style: Style, code: i32, words: &'static [&'static str], act: Act) -> Case {
    Case { name, style, code, words, act }
}

#[test]
fn the_program_says_what_is_wrong_and_keeps_the_rows() {
    const KEPT: &str = "goes on from there";
    let cases = vec![
        case(
            "good",
            Style::Offset,
            0,
            &["6 tickets"],
            Box::new(|ask, connection| {
                ask.well(connection);
            }),
        ),
        case(
            "400",
            Style::Offset,
            1,
            &["error: source `desk`", "answers 400", "hint: ", KEPT],
            Box::new(from(2, status(400, &[], ""))),
        ),
        case(
            "401",
            Style::Cursor,
            1,
            &["answers 401", "make a new one", KEPT],
            Box::new(from(1, status(401, &[], ""))),
        ),
        case("403", Style::Link, 1, &["answers 403", "give its user", KEPT], Box::new(from(1, status(403, &[], "")))),
        case("404", Style::Page, 1, &["answers 404", "check `url`", KEPT], Box::new(from(1, status(404, &[], "")))),
        case(
            "half a document",
            Style::Offset,
            1,
            &["no JSON", "connector test"],
            Box::new(from(2, body("{\"tickets\":["))),
        ),
        case(
            "a log-in page",
            Style::Cursor,
            1,
            &["a web page came", "Sign in"],
            Box::new(from(1, body("<html><title>Sign in</title>"))),
        ),
        case("rows missing", Style::Page, 1, &["has no `tickets`"], Box::new(from(1, body("{}")))),
        case(
            "a cursor in a circle",
            Style::Cursor,
            1,
            &["cursor came back"],
            Box::new(edit("\"next\":null", "\"next\":\"2\"")),
        ),
        case(
            "another host",
            Style::Link,
            1,
            &["leads to another server"],
            Box::new(edit("/tickets?after=4", "https://evil.example/")),
        ),
        case(
            "a total too high",
            Style::Offset,
            3,
            &["incomplete: ", "9 records, and 6 came"],
            Box::new(edit("\"total\":6", "\"total\":9")),
        ),
        case(
            "wait an hour",
            Style::Offset,
            1,
            &["asks to wait 3600 s", KEPT],
            Box::new(from(2, status(429, &[("Retry-After", "3600")], ""))),
        ),
        case(
            "an echo",
            Style::Offset,
            1,
            &["answers 400: you sent"],
            Box::new(from(2, |ask, connection| {
                let sent = format!("you sent {}", ask.seen.header("authorization").unwrap_or_default());
                ask.with(connection, 400, &[], sent.as_bytes());
            })),
        ),
    ];
    std::thread::scope(|scope| {
        for some in in_two(cases) {
            scope.spawn(move || some.into_iter().for_each(held));
        }
    });
}

fn in_two(mut cases: Vec<Case>) -> [Vec<Case>; 2] {
    let rest = cases.split_off(cases.len() / 2);
    [cases, rest]
}

fn held(case: Case) {
    let Case { name, style, code, words, act } = case;
    let (folder, desk) = (Folder::new(), Desk::new(style, "env:DESK_TOKEN", act));
    desk.without_date();
    run(&folder, desk.root(), &["pull", "-v"]).ends(0).says(&["6 tickets"]);
    let (store, tickets) = (desk.store(), desk.tickets());
    desk.turn(false);
    let ran = run(&folder, desk.root(), &["pull", "-v"]);
    assert_eq!(ran.code, Some(code), "{name}: {}", ran.talk);
    for word in words {
        assert!(ran.talk.contains(word), "{name}: `{word}` is not in: {}", ran.talk);
    }
    assert!(ran.out.is_empty(), "{name}");
    if code == 1 {
        assert_eq!(desk.store(), store, "{name}: the store is not as it was");
    }
    assert_eq!(desk.tickets(), tickets, "{name}");
    assert_eq!(desk.canaries(), Vec::<std::path::PathBuf>::new(), "{name}");
    assert_eq!(canaries(folder.path()), Vec::<std::path::PathBuf>::new(), "{name}");
}

#[test]
fn the_secret_is_seen_nowhere_whatever_place_it_comes_from() {
    // The script looks at itself and at who started it before it says the secret.
    let script = "for of in $$ $PPID; do cat /proc/$of/cmdline >> seen.txt; echo >> seen.txt; done\n\
                  cat /proc/$$/environ >> seen.txt\ncat token\n";
    for place in ["env:DESK_TOKEN", "file:token", "command:sh pass.sh"] {
        let folder = Folder::new();
        let desk = Desk::new(
            Style::Offset,
            place,
            Box::new(|ask, connection| {
                assert_eq!(ask.seen.header("authorization"), Some(format!("Bearer {CANARY}").as_str()));
                ask.well(connection);
            }),
        );
        let root = desk.root();
        let token = root.join("token");
        std::fs::write(&token, CANARY).unwrap();
        std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(root.join("pass.sh"), script).unwrap();
        desk.turn(false);
        run(&folder, root, &["pull", "-v"]).ends(0);
        assert!(!desk.server.seen().is_empty());
        for arguments in [
            &["report", "--period", "2026-09", "--format", "json", "-v"][..],
            &["rows", "tickets.opened", "--period", "2026-09", "-v"],
            &["check", "-v"],
        ] {
            run(&folder, root, arguments);
        }
        std::fs::remove_file(token).unwrap();
        assert_eq!(desk.canaries(), Vec::<std::path::PathBuf>::new(), "{place}");
        assert_eq!(canaries(folder.path()), Vec::<std::path::PathBuf>::new(), "{place}");
        if place.starts_with("command:") {
            let seen = [root.join("seen.txt"), folder.path().join("seen.txt")];
            let seen = seen.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap();
            assert!(seen.contains("servicebook") && seen.contains("PATH="), "else this shows nothing: {seen}");
        }
        // Without it the program says where it looked, and no more.
        if place == "file:token" {
            run(&folder, root, &["pull"]).ends(1).says(&["token", "hint: "]);
        }
    }
}
