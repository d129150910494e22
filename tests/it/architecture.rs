//! The house keeps its shape: which room may know which, and who may touch the world (invariants 1, 3 and 7).
//!
//! Reads the source as text. Each arrow that is allowed stands in a table with its reason; what is not there is a
//! failure that names file and line. An arrow that nothing uses any more must leave the table too.

use crate::program::repository;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Rooms and thin edges, and what each may import. A longer path allows no more than what is below it.
const ARROWS: &[(&str, &str, &str)] = &[
    ("calendar", "model", "agreed hours and spans are the model's"),
    ("source", "model", "rows come in as canonical tables, receipts and findings"),
    ("source", "query", "a manifest may select with SQL"),
    ("source", "config::SourceConfig", "a pull carries out what one [[source]] says"),
    ("source", "clock", "waits and limits of requests are counted in its time"),
    ("store", "model", "keeps tables and receipts"),
    ("measure", "model", "frames, catalogue and periods in, figures and findings out"),
    ("measure", "calendar", "service time"),
    ("report", "model", "figures and findings become sections"),
    ("report", "measure", "the one place that asks for figures"),
    ("export", "model", "figures"),
    ("export", "report", "the document is all that is written"),
    ("export", "app::request::ExportFormat", "the name of a format, which is part of a request"),
    ("app", "model", "carries out requests"),
    ("app", "query", "filters of rows are conditions in SQL"),
    ("app", "source", "pulls"),
    ("app", "store", "keeps and loads"),
    ("app", "measure", "prepares rows once for all periods"),
    ("app", "report", "builds documents"),
    ("app", "export", "turns documents into bytes, which it writes"),
    ("app", "config", "finds and reads books"),
    ("app", "clock", "as-of of the running period"),
    ("tui", "model", "figures, and words of the model"),
    ("tui", "report", "the document is all that is shown"),
    ("tui", "app::request", "asks through typed requests"),
    ("tui", "clock::monotonic", "how fast keys come tells typing from a paste"),
    ("tui", "failpoint", "named places at which tests let it break"),
    ("app", "failpoint", "as above"),
    ("cli", "failpoint", "as above"),
    ("cli", "clock", "the speed of a pull is told while it runs"),
    ("cli", "app", "every command is carried out by app"),
    ("cli", "model", "periods and figures are named on the command line"),
    ("cli", "report", "prints parts of a document"),
    ("cli", "export", "prints what export wrote, rows and the JSON Schema"),
    ("cli", "measure", "lists the measures"),
    ("cli", "config::preferences", "what the user wishes of the console"),
    ("cli", "tui", "opens the console"),
    ("config", "model", "keys are the model's own types"),
    ("config", "calendar::check", "service hours are checked where they are written"),
    ("text", "model::Raw", "the door for text from sources"),
];

/// Every room may send text through the door; the model knows nobody, not even the door.
const DOOR: &str = "text";

struct Line {
    file: String,
    number: usize,
    text: String,
}

/// The code of the library, without comments and tests.
fn code() -> Vec<Line> {
    let root = repository().join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let mut lines = Vec::new();
    for path in files {
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        if file.ends_with("/tests.rs") || file.contains("/tests/") || file.contains("/fixture") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut source = text.lines().enumerate().peekable();
        while let Some((at, line)) = source.next() {
            // What is for tests only stands last in a file, or in a file of its own.
            if line == "#[cfg(test)]" && source.peek().is_some_and(|(_, next)| next.ends_with('{')) {
                break;
            }
            lines.push(Line { file: file.clone(), number: at + 1, text: without_comment(line).to_owned() });
        }
    }
    assert!(lines.len() > 10_000, "the source was not found");
    lines
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

/// Cuts a comment off, but not the two slashes of an address.
fn without_comment(line: &str) -> &str {
    let cut = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':')).map(|(at, _)| at);
    cut.map_or(line, |at| &line[..at])
}

fn room(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The paths below `crate` that a line names, groups opened: `crate::a::{B, c::D}` is `a::B` and `a::c::D`.
fn named_paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            open_groups("", &text[at + "crate::".len()..], &mut found);
        }
    }
    found
}

fn open_groups(prefix: &str, rest: &str, found: &mut Vec<String>) {
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
    let path = format!("{prefix}{}", &rest[..end]);
    if !rest[end..].starts_with('{') {
        found.push(path.trim_end_matches(':').to_owned());
        return;
    }
    let (mut depth, mut start) = (0, end + 1);
    for (at, c) in rest.char_indices().skip_while(|(at, _)| *at < end) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if (c == ',' && depth == 1) || depth == 0 {
            let part = rest[start..at].trim();
            if !part.is_empty() {
                open_groups(&path, part, found);
            }
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
}

/// The code as whole statements, so that a group over several lines is one text.
fn statements() -> Vec<Line> {
    let mut joined: Vec<Line> = Vec::new();
    for line in code() {
        match joined.last_mut() {
            Some(open) if open.file == line.file && open.text.contains("use ") && !open.text.contains(';') => {
                open.text.push_str(line.text.trim());
            }
            _ => joined.push(line),
        }
    }
    joined
}

#[test]
fn groups_of_imports_are_opened() {
    assert_eq!(named_paths("use crate::model::{Raw, period::Period};"), ["model::Raw", "model::period::Period"]);
    assert_eq!(named_paths("use crate::{app::Book, text};"), ["app::Book", "text"]);
    assert_eq!(named_paths("let x = crate::text::screen(&raw);"), ["text::screen"]);
}

#[test]
fn rooms_import_only_along_the_arrows() {
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for line in statements() {
        let from = room(&line.file);
        if from == "lib" || from == "main" {
            continue;
        }
        for path in named_paths(&line.text) {
            let to = path.split("::").next().unwrap().to_owned();
            if to == from || (to == DOOR && from != "model") {
                continue;
            }
            let below = |allowed: &str| path == allowed || path.starts_with(&format!("{allowed}::"));
            match ARROWS.iter().find(|(room, allowed, _)| *room == from && below(allowed)) {
                Some((room, allowed, _)) => {
                    used.insert((*room, *allowed));
                }
                None => wrong.push(format!("src/{}:{}: {from} may not import {path}", line.file, line.number)),
            }
        }
    }
    assert!(wrong.is_empty(), "not in the table of arrows:\n{}", wrong.join("\n"));
    let idle: Vec<_> = ARROWS.iter().filter(|(from, to, _)| !used.contains(&(*from, *to))).collect();
    assert!(idle.is_empty(), "nothing uses these arrows any more: {idle:?}");
}

#[test]
fn no_room_is_left_through_super() {
    for line in code() {
        let text = line.text.trim_start();
        let levels = line.file.matches('/').count();
        let path = text.trim_start_matches("pub ").strip_prefix("use ").unwrap_or("");
        let climbed = path.matches("super::").count();
        assert!(climbed <= levels, "src/{}:{}: name the room from `crate::` on", line.file, line.number);
    }
}

/// What may be named where: words, files in which they are allowed, and the invariant.
const ONLY_IN: &[(&[&str], &[&str], &str)] = &[
    (
        &["std::net", "TcpStream", "TcpListener", "UdpSocket", "UnixStream", "reqwest", "hyper::", "ureq"],
        &["source"],
        "only `source` opens sockets",
    ),
    (&["Utc::now", "Local::now", "SystemTime::now", "Instant::now"], &["clock.rs"], "only `clock` asks for the time"),
    (
        &["crossterm::terminal", "crossterm::cursor", "enable_raw_mode", "termios", "tcsetattr"],
        &["tui/terminal.rs"],
        "only `tui::terminal` touches the terminal",
    ),
    (
        &["signal_hook"],
        &["tui/terminal.rs", "cli/output.rs", "cli/guard.rs", "cli/environment.rs"],
        "signals end the console, or a pull in order; who waits for the console hands them on",
    ),
    (&["crossterm::event::read", "crossterm::event::poll"], &["tui/terminal.rs"], "only `tui::terminal` reads keys"),
    (&["ratatui", "crossterm"], &["tui"], "only the console draws"),
    (&["stdout()", "stderr()", "stdin()"], &["cli", "tui/terminal.rs"], "the streams belong to the command line"),
    (&["println!", "eprintln!", "print!("], &[], "the streams belong to the command line"),
    (
        &["fs::read", "File::open", "fs::metadata", "read_dir"],
        &["config", "source", "store", "app", "cli"],
        "files are read by config, source, store, app and cli",
    ),
    (
        &[
            "fs::write",
            "File::create",
            "OpenOptions",
            "create_dir",
            "remove_file",
            "remove_dir",
            "fs::rename",
            "fs::copy",
            "File::options",
            "tempdir_in",
            "tempfile_in",
        ],
        &["store", "app", "source/ask/recording.rs", "source/pull/asked.rs"],
        "files are written by store and app, and by source only the pages of a pull that is under way",
    ),
    (
        &["polars"],
        &["model", "query", "source", "store", "measure", "report", "app"],
        "tui, export, cli and the edges know no frames",
    ),
    (&["std::env::"], &["cli/environment.rs"], "only one place reads the environment"),
    (&["tokio::", "rustls"], &["source"], "the network is known to its client only"),
    (&["process::exit"], &["tui/terminal.rs"], "only a hang-up ends the process on the spot"),
    (
        &["Command::new"],
        &["source/http/secret.rs", "cli/guard.rs"],
        "other programs are started for secrets only, and this one once more, so that someone is left when the console is killed",
    ),
    (
        &[
            "Span::raw",
            "Line::raw",
            "Line::styled",
            "Text::raw",
            "Text::styled",
            "Paragraph::new",
            "set_symbol",
            "set_string",
        ],
        &[],
        "what is drawn is made by `Ink::span`, whose text went through `Glyphs::text`, which screens it",
    ),
    (
        &["Span::styled"],
        &["tui/page.rs", "tui/view.rs", "tui/widgets/"],
        "screens make spans with `Ink::span`, which screens; only what lays text out may take it apart",
    ),
    (
        &[".expose("],
        &["text.rs", "model/raw.rs", "export", "source", "app/ticket.rs", "app/rows/chips.rs"],
        "text from a source goes through the door, an exporter's own escaping, or back into a query as a value",
    ),
];

fn lies_in(file: &str, places: &[&str]) -> bool {
    // A file's parts lie in a folder of its name.
    let part = |place: &str| place.strip_suffix(".rs").is_some_and(|folder| file.starts_with(&format!("{folder}/")));
    let below = |place: &str| place.ends_with('/') && file.starts_with(place);
    places.iter().any(|place| file == *place || room(file) == *place || part(place) || below(place))
}

#[test]
fn only_the_right_rooms_touch_the_world() {
    let mut wrong = Vec::new();
    for line in code() {
        for (words, places, rule) in ONLY_IN {
            if let Some(word) = words.iter().find(|word| line.text.contains(**word))
                && !lies_in(&line.file, places)
            {
                wrong.push(format!("src/{}:{}: `{word}`: {rule}", line.file, line.number));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn report_knows_frames_in_two_places_only() {
    // `report::table` turns frames into cells, and `report::build` fills the document; formats and sections do not.
    let files: BTreeSet<String> =
        code().into_iter().filter(|l| room(&l.file) == "report" && l.text.contains("polars")).map(|l| l.file).collect();
    assert_eq!(files.into_iter().collect::<Vec<_>>(), ["report/build.rs", "report/table.rs"]);
}

#[test]
fn the_console_and_the_exporters_do_not_know_each_other() {
    for line in statements() {
        let from = room(&line.file);
        let forbidden = match from {
            "tui" => "export",
            "export" => "tui",
            _ => continue,
        };
        let names = named_paths(&line.text);
        assert!(
            !names.iter().any(|path| path.split("::").next() == Some(forbidden)),
            "src/{}:{} names {forbidden}",
            line.file,
            line.number
        );
    }
}

#[test]
fn files_hold_one_idea_and_are_named_for_it() {
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches"] {
        collect(&repository().join(folder), &mut files);
    }
    for path in files {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 600, "{} has {lines} lines; the goal is 400", path.display());
        let stem = path.file_stem().unwrap().to_str().unwrap();
        for word in ["util", "utils", "helper", "helpers", "common", "manager", "misc", "shared", "data"] {
            assert_ne!(stem, word, "{} is not named for what it holds", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    let mut files = Vec::new();
    collect(&repository().join("src"), &mut files);
    collect(&repository().join("tests/it"), &mut files);
    // A module's own tests need no words.
    for path in files.iter().filter(|path| !path.ends_with("tests.rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.starts_with("//!"), "{} has no module doc", path.display());
    }
}
