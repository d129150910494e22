//! Pulls that are cut off after every page and begun again: what is here afterwards is byte for byte what a pull brings
//! that was never cut, and no page is asked for twice.

use super::desk::Desk;
use super::dice::Dice;
use super::speech::{Asked, Speech, Style};
use super::{Way, book, pulled, sockets, source};
use crate::http::server::Server;
use crate::program::Desk as Program;
use servicebook::store::Store;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

/// Pages of the long list.
const PAGES: usize = 50;
/// The pages at which the program itself is killed.
const KILLED: [usize; 8] = [0, 1, 2, 7, 24, 25, 48, 49];

/// Two tickets a page; nobody works meanwhile, but time passes.
fn speech(style: Style, pages: usize) -> (Speech, Desk) {
    let mut speech = Speech::new(style, &mut Dice::new(7));
    (speech.rows, speech.most, speech.total) = (2, 2, false);
    (speech.ends, speech.stable, speech.again, speech.plus_one) = (true, true, false, false);
    speech.sweep = style != Style::Cursor;
    (speech, Desk::new(Dice::new(11), 0, 1, 0).with(2 * pages))
}

/// Every file below a folder, by its name in it; a lock says only who held it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "LOCK") {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// What a pull leaves that is cut before a request, and then begun again; and everything that was asked.
fn cut_at(speech: &Speech, desk: Desk, cut: Option<usize>) -> (BTreeMap<String, Vec<u8>>, Vec<String>) {
    let book = book(speech);
    let began = desk.now;
    let desk = Mutex::new(desk);
    // Our clock is an hour apart from the desk's and goes on with every page.
    let clock = || desk.lock().unwrap().now + 3_600;
    let mut log = Vec::new();
    if cut.is_some() {
        let mut asked = Asked::new(&desk, speech);
        asked.cut = cut;
        let error = pulled(book.path(), Way::Within(&mut asked), &clock, None).unwrap_err();
        assert!(error.to_string().contains("the way ends here"), "{error}");
        log = asked.log;
    }
    assert!(desk.lock().unwrap().now >= began);
    let mut asked = Asked::new(&desk, speech);
    let came = pulled(book.path(), Way::Within(&mut asked), &clock, None).unwrap();
    log.extend(asked.log);
    let store = book.path().join("store");
    Store::open(&store).publish(vec![came], None).unwrap();
    (files(&store), log)
}

#[test]
fn a_pull_that_is_cut_at_any_of_its_pages_ends_as_if_it_never_was() {
    for style in Style::ALL {
        let pages = if style == Style::Cursor { PAGES } else { 6 };
        let whole = || speech(style, pages);
        let (way, desk) = whole();
        let (expected, log) = cut_at(&way, desk, None);
        // One page more tells the desk's clock, by which windows end.
        assert!(log.len() >= pages, "{style:?}: {} pages", log.len());
        for cut in 0..log.len() {
            let (way, desk) = whole();
            let (left, asked) = cut_at(&way, desk, Some(cut));
            assert_eq!(asked, log, "{style:?} cut at {cut}: a page is asked for that was here");
            let apart: Vec<&String> = expected.keys().filter(|name| left.get(*name) != expected.get(*name)).collect();
            assert!(left.keys().eq(expected.keys()) && apart.is_empty(), "{style:?} cut at {cut}: {apart:?} differ");
        }
    }
}

/// A server that falls silent at a request, tells of it, and answers everything when it is asked for that again. It does
/// not say what time it is: two pulls of the same moment must be the same.
fn silent_at(speech: Speech, desk: Desk, silent: usize, told: mpsc::Sender<()>) -> Server {
    let (desk, count) = (Mutex::new(desk), AtomicUsize::new(0));
    Server::start(move |seen, connection| {
        if count.fetch_add(1, Ordering::AcqRel) == silent {
            let _ = told.send(());
            connection.pause(Duration::from_secs(20));
            return;
        }
        let (_, body) = speech.answered(&mut desk.lock().unwrap(), &sockets::url(seen));
        connection.answer(200, &[("content-type", "application/json")], body.as_bytes());
    })
}

#[test]
fn a_program_that_is_killed_at_a_page_goes_on_from_there() {
    for killed in KILLED {
        let (way, desk) = speech(Style::Cursor, PAGES);
        let manifest = way.manifest();
        let (tell, told) = mpsc::channel();
        let server = silent_at(way, desk, killed, tell);
        let program = Program::new();
        let source = source(&server.url(""));
        let config = format!("[book]\ntitle = \"Cut\"\nzone = \"UTC\"\n\n[[source]]\nsince = 2026-01-01\n{source}");
        let book = program.book("book", &[("config.toml", &config), ("connectors/sim.toml", &manifest)]);
        let mut command = program.command(&["-q", "pull"]);
        let mut child = command.arg("--book").arg(&book).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        told.recv_timeout(Duration::from_secs(30)).unwrap();
        // SIGKILL: nothing is tidied up.
        child.kill().unwrap();
        child.wait().unwrap();
        // The same pull, begun at the same moment, of which no page has come yet.
        let begun = std::fs::read_to_string(book.join("store/unfinished/desk/pull.json")).unwrap();
        let begun = [
            ("config.toml", &*config),
            ("connectors/sim.toml", &*manifest),
            ("store/unfinished/desk/pull.json", &*begun),
        ];
        let whole = program.book("whole", &begun);
        program.on(&book, &["-q", "pull"]).ends(0);
        let asked: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
        program.on(&whole, &["-q", "pull"]).ends(0);
        let log: Vec<String> = server.seen().into_iter().skip(asked.len()).map(|seen| seen.target).collect();
        assert_eq!(log.len(), PAGES, "killed at {killed}");
        // The page that never came is asked for again, and no other.
        let again: Vec<&String> = log[..=killed].iter().chain(&log[killed..]).collect();
        assert_eq!(asked.iter().collect::<Vec<_>>(), again, "killed at {killed}");
        let (left, expected) = (files(&book.join("store")), files(&whole.join("store")));
        let apart: Vec<&String> = expected.keys().filter(|name| left.get(*name) != expected.get(*name)).collect();
        assert!(left.keys().eq(expected.keys()) && apart.is_empty(), "killed at {killed}: {apart:?} differ");
        assert!(left.keys().any(|name| name.contains("tickets")), "{:?}", left.keys());
    }
}
