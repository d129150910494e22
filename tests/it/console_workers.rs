//! The workers behind the console: beside each other, stopped, lost, and every question answered once.
//!
//! Asks through the channel that the console uses, with real books. Must not know how answers are shown.

use crate::program::Desk;
use crate::rows_asked::{query, table};
use crate::small_book::SmallBook;
use servicebook::app::console::{Surroundings, serve};
use servicebook::app::request::{Answer, Chip, ExportFormat, Request, RowsFormat, RowsQuery, RowsSource};
use servicebook::app::session::Opening;
use servicebook::app::{Book, Session, demo};
use servicebook::model::{Period, Raw};
use servicebook::report::document::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longer than anything takes here; only a question that is lost waits so long.
const FOREVER: Duration = Duration::from_mins(2);

type Opener = Box<dyn Fn() -> Result<Session, String> + Send + Sync>;

struct Console {
    ask: Sender<(u64, Request)>,
    hear: Receiver<(u64, Answer)>,
    thread: JoinHandle<()>,
    last: u64,
    /// Answers that came while another was waited for.
    early: Vec<(u64, Answer)>,
}

impl Console {
    fn new(open: Opener, state: Option<PathBuf>) -> Self {
        let (ask, requests) = channel();
        let (answers, hear) = channel();
        let queries = vec![("late".to_owned(), "SELECT 1".to_owned())];
        let around = Surroundings { open, environment: Box::new(|_| None), state, queries };
        let thread = std::thread::spawn(move || serve(around, &requests, &answers));
        Self { ask, hear, thread, last: 0, early: Vec::new() }
    }

    fn on(root: &Path) -> Self {
        Self::new(opener(root), None)
    }

    fn ask(&mut self, request: Request) -> u64 {
        self.last += 1;
        self.ask.send((self.last, request)).unwrap();
        self.last
    }

    /// Waits for the answer of a question; words on how far it is are passed over.
    fn answer(&mut self, number: u64) -> Answer {
        if let Some(at) = self.early.iter().position(|(early, _)| *early == number) {
            return self.early.remove(at).1;
        }
        loop {
            let (came, answer) = self.hear.recv_timeout(FOREVER).expect("the question is answered");
            match answer {
                Answer::Progress(_) => {}
                answer if came == number => return answer,
                answer => self.early.push((came, answer)),
            }
        }
    }

    fn asked(&mut self, request: Request) -> Answer {
        let number = self.ask(request);
        self.answer(number)
    }

    /// Hangs up, waits for the workers' dispatcher to end and returns all that was still said.
    fn hang_up(self) -> Vec<(u64, Answer)> {
        drop(self.ask);
        self.thread.join().unwrap();
        self.early.into_iter().chain(self.hear.iter()).collect()
    }
}

fn opener(root: &Path) -> Opener {
    let root = root.to_owned();
    Box::new(move || {
        let book = Book::open(&root).map_err(|error| error.to_string())?;
        Session::open(book, Opening { as_of: None, may_pull: true }).map_err(|error| error.to_string())
    })
}

/// The demo book on a desk of its own.
fn demo_book() -> (Desk, PathBuf) {
    let desk = Desk::new();
    let root = demo::unpack(&desk.cache()).unwrap();
    (desk, root)
}

fn rows(name: &str) -> Request {
    Request::Rows(RowsQuery { limit: 5, ..query(table(name, "")) })
}

/// A SELECT that takes many seconds.
fn long_select() -> Request {
    let text = "SELECT count(*) AS n FROM tickets AS a CROSS JOIN (SELECT * FROM checks LIMIT 7000) AS b \
                WHERE upper(a.title || b.monitor || a.source_key) LIKE '%NOTHING LIKE IT%'";
    Request::Rows(RowsQuery { limit: 5, ..query(RowsSource::Sql { text: text.into() }) })
}

#[track_caller]
fn failed(answer: Answer) -> String {
    match answer {
        Answer::Failed { message } => message,
        other => panic!("not a failure: {other:?}"),
    }
}

#[test]
fn nothing_is_answered_before_the_book_is_loaded_and_stopping_is_at_once() {
    let (_desk, root) = demo_book();
    let (go, wait) = channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let open = opener(&root);
    let slow: Opener = Box::new(move || {
        let _ = wait.lock().unwrap().recv_timeout(FOREVER);
        open()
    });
    let mut console = Console::new(slow, None);
    let opening = console.ask(Request::Open);
    let tickets = console.ask(rows("tickets"));
    let stopped = console.ask(rows("outages"));
    console.ask(Request::Cancel(stopped));
    assert!(matches!(console.answer(stopped), Answer::Cancelled));
    assert!(console.hear.recv_timeout(Duration::from_millis(100)).is_err(), "nothing else can be known yet");
    go.send(()).unwrap();
    let Answer::Opened(opened) = console.answer(opening) else { panic!("not opened") };
    assert!(opened.sources.contains(&"desk".to_owned()) || !opened.sources.is_empty());
    assert_eq!(opened.queries, [("late".to_owned(), "SELECT 1".to_owned())]);
    assert!(matches!(console.answer(tickets), Answer::Rows(page) if page.rows.len() == 5));
}

#[test]
fn a_book_that_cannot_be_loaded_is_said_to_everyone_and_tried_anew() {
    let (_desk, root) = demo_book();
    let times = std::sync::atomic::AtomicUsize::new(0);
    let open = opener(&root);
    let mut console = Console::new(
        Box::new(move || match times.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => Err("the store is \u{1b}[31mdamaged".into()),
            1 => panic!("a fault of the program"),
            _ => open(),
        }),
        None,
    );
    let message = failed(console.asked(Request::Open));
    assert!(message.contains("damaged") && !message.contains('\u{1b}'), "{message:?}");
    assert!(failed(console.asked(rows("tickets"))).contains("cannot load the book"));
    assert!(matches!(console.asked(Request::Open), Answer::Opened(_)));
}

#[test]
fn a_long_select_holds_nobody_up_and_is_stopped_at_once() {
    let (_desk, root) = demo_book();
    let mut console = Console::on(&root);
    assert!(matches!(console.asked(Request::Open), Answer::Opened(_)));
    assert!(matches!(console.asked(rows("tickets")), Answer::Rows(_)));
    let long = console.ask(long_select());
    assert!(
        matches!(console.asked(Request::Rows(RowsQuery { offset: 40, limit: 3, ..query(table("tickets", "")) })), Answer::Rows(page) if page.offset == 40)
    );
    let begun = Instant::now();
    console.ask(Request::Cancel(long));
    assert!(matches!(console.answer(long), Answer::Cancelled), "the SELECT was quicker than the console");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    // Another one need not wait for the one that nobody waits for any more.
    let text = "SELECT count(*) AS n FROM tickets".to_owned();
    let short = console.asked(Request::Rows(RowsQuery { limit: 5, ..query(RowsSource::Sql { text }) }));
    assert!(matches!(short, Answer::Rows(page) if page.total == 1));
    // A late answer never comes.
    assert!(console.hang_up().iter().all(|(number, _)| *number != long));
}

#[test]
fn a_select_says_that_it_is_under_way() {
    let (_desk, root) = demo_book();
    let mut console = Console::on(&root);
    let number = console.ask(Request::Rows(query(RowsSource::Sql { text: "SELECT title FROM tickets".into() })));
    let (came, first) = console.hear.recv_timeout(FOREVER).unwrap();
    assert_eq!(came, number);
    assert!(matches!(first, Answer::Progress(progress) if progress.doing == "SELECT"));
    assert!(matches!(console.answer(number), Answer::Rows(_)));
}

#[test]
fn every_question_is_answered_once_whatever_is_stopped() {
    let (desk, root) = demo_book();
    let mut console = Console::on(&root);
    let period = |id: &str| Period::parse(id, chrono_tz::Europe::Berlin).unwrap();
    let mut numbers = Vec::new();
    for round in 0..60_u64 {
        let request = match round % 6 {
            0 => Request::Document { period: period(if round % 4 == 0 { "2026-09" } else { "2026-08" }) },
            1 => rows("tickets"),
            2 => Request::Rows(query(RowsSource::Sql { text: format!("SELECT {round} AS n FROM tickets") })),
            3 => Request::Tables { period: period("2026-09") },
            4 => Request::Export {
                period: period("2026-09"),
                format: ExportFormat::Plain,
                services: Vec::new(),
                to: Some(desk.path().join(format!("report-{round}.txt"))),
            },
            _ => Request::Pull { sources: Vec::new() },
        };
        let number = console.ask(request);
        numbers.push(number);
        if round % 3 == 0 {
            console.ask(Request::Cancel(number));
        }
        if round % 7 == 0 {
            console.ask(Request::Cancel(number.saturating_sub(3)));
            console.ask(Request::Cancel(9_999));
        }
    }
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    for number in &numbers {
        let _ = console.answer(*number);
        *counts.entry(*number).or_default() += 1;
    }
    for (number, answer) in console.hang_up() {
        assert!(matches!(answer, Answer::Progress(_)), "{number} was answered twice: {answer:?}");
    }
    assert!(numbers.iter().all(|number| counts[number] == 1));
}

#[test]
fn a_console_that_has_gone_is_no_reason_to_fail() {
    let (_desk, root) = demo_book();
    let Console { ask, hear, thread, .. } = Console::on(&root);
    drop(hear);
    for number in 0..5 {
        ask.send((number, rows("tickets"))).unwrap();
    }
    drop(ask);
    thread.join().unwrap();
}

#[test]
fn the_demo_book_is_not_pulled() {
    let (_desk, root) = demo_book();
    let mut console = Console::on(&root);
    let message = failed(console.asked(Request::Pull { sources: Vec::new() }));
    assert!(message.contains("the demo book is read-only") && message.contains("servicebook init"), "{message}");
}

const FIRST: &str = "source_key,type,title,opened_at\n1,incident,first,2026-09-01 08:00\n";
const BOTH: &str =
    "source_key,type,title,opened_at\n1,incident,first,2026-09-01 08:00\n2,incident,second,2026-09-02 08:00\n";
const OUTAGES: &str = "source_key,service,start,end,kind\n1,mail,2026-09-01 08:00,2026-09-01 09:00,unplanned\n";

fn total(console: &mut Console, name: &str) -> usize {
    match console.asked(rows(name)) {
        Answer::Rows(page) => page.total,
        other => panic!("no rows of {name}: {other:?}"),
    }
}

#[test]
fn a_pull_brings_new_rows_and_a_source_that_fails_leaves_everything() {
    let book = SmallBook::of("Europe/Berlin").services(&["Mail"]).table("tickets", FIRST).table("outages", OUTAGES);
    let mut console = Console::on(&book.root);
    assert!(matches!(console.asked(Request::Open), Answer::Opened(_)));
    assert_eq!((total(&mut console, "tickets"), total(&mut console, "outages")), (1, 1));
    std::fs::write(book.root.join("records/tickets.csv"), BOTH).unwrap();
    std::fs::remove_file(book.root.join("records/outages.csv")).unwrap();
    assert_eq!(total(&mut console, "tickets"), 1, "nothing is pulled unasked");
    let Answer::Pulled { said, opened, failed: true } = console.asked(Request::Pull { sources: Vec::new() }) else {
        panic!("not pulled")
    };
    assert_eq!(said.len(), 2);
    assert!(said[0].starts_with("tickets: ") && said[0].contains("2 tickets"), "{}", said[0]);
    assert!(said[1].starts_with("outages: failed: ") && said[1].contains("outages.csv"), "{}", said[1]);
    assert_eq!(opened.sources, ["tickets", "outages"]);
    assert_eq!((total(&mut console, "tickets"), total(&mut console, "outages")), (2, 1), "the old outages stay");
    let unknown = failed(console.asked(Request::Pull { sources: vec!["desk".into()] }));
    assert!(unknown.contains("`desk`") && unknown.contains("tickets, outages"), "{unknown}");
    // Where all fail, what is loaded stays as it is.
    std::fs::remove_file(book.root.join("records/tickets.csv")).unwrap();
    let answer = console.asked(Request::Pull { sources: Vec::new() });
    assert!(
        matches!(&answer, Answer::Pulled { said, .. } if said.iter().all(|line| line.contains("failed"))),
        "{answer:?}"
    );
    assert_eq!(total(&mut console, "tickets"), 2);
}

#[test]
fn a_book_that_breaks_under_a_pull_leaves_the_old_rows_on_the_screen() {
    let book = SmallBook::of("Europe/Berlin").table("tickets", FIRST);
    let mut console = Console::on(&book.root);
    assert_eq!(total(&mut console, "tickets"), 1);
    std::fs::write(book.root.join("records/tickets.csv"), BOTH).unwrap();
    std::fs::write(book.root.join("config.toml"), "[book\n").unwrap();
    let message = failed(console.asked(Request::Pull { sources: Vec::new() }));
    assert!(message.contains("config.toml") && message.contains("cannot be loaded anew"), "{message}");
    assert_eq!(total(&mut console, "tickets"), 1);
}

#[test]
fn a_pull_of_a_tool_that_does_not_answer_is_stopped_and_loses_nothing() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let book = SmallBook::of("Europe/Berlin").table("tickets", FIRST).config(&format!(
        "[[source]]\nid = \"tool\"\nconnector = \"prometheus\"\nsince = 2026-09-01\n\
         settings = {{ url = \"http://{address}\", label = \"service\" }}\nhttp = {{ allow_http = true }}"
    ));
    let mut console = Console::on(&book.root);
    assert_eq!(total(&mut console, "tickets"), 1);
    let pull = console.ask(Request::Pull { sources: vec!["tool".into()] });
    let (_, first) = console.hear.recv_timeout(FOREVER).unwrap();
    assert!(matches!(&first, Answer::Progress(progress) if progress.doing == "pull of tool"), "{first:?}");
    let _ = silent.accept().unwrap();
    assert_eq!(total(&mut console, "tickets"), 1, "rows are there while a pull waits");
    let begun = Instant::now();
    console.ask(Request::Cancel(pull));
    let answer = console.answer(pull);
    assert!(matches!(answer, Answer::Cancelled), "{answer:?}");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(total(&mut console, "tickets"), 1);
}

#[test]
fn what_was_run_and_kept_is_there_the_next_time() {
    let (desk, root) = demo_book();
    let state = desk.path().join("state/servicebook");
    let mut console = Console::new(opener(&root), Some(state.clone()));
    for sql in ["SELECT 1", "SELECT\n2", "SELECT\n2"] {
        console.ask(Request::Remember { sql: sql.into() });
    }
    let save = |name: &str, sql: &str| Request::SaveQuery { name: name.into(), sql: sql.into() };
    assert!(matches!(console.asked(save("mine", "SELECT 3")), Answer::Saved));
    assert!(failed(console.asked(save("\u{7}", "SELECT 3"))).contains("cannot be the name"));
    assert!(console.hang_up().is_empty(), "what is remembered is not answered");
    let mut again = Console::new(opener(&root), Some(state));
    let Answer::Opened(opened) = again.asked(Request::Open) else { panic!("not opened") };
    assert_eq!(opened.history, ["SELECT 1", "SELECT\n2"]);
    assert_eq!(opened.queries.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["late", "mine"]);
    assert!(!root.join("sql-history").exists() && !root.join("queries.toml").exists());
}

#[test]
fn a_select_that_cannot_be_remembered_is_said_once_and_holds_nobody_up() {
    let (desk, root) = demo_book();
    // A file stands where the folder would be.
    let blocked = desk.path().join("state");
    std::fs::write(&blocked, "").unwrap();
    let mut console = Console::new(opener(&root), Some(blocked.clone()));
    let first = console.ask(Request::Remember { sql: "SELECT 1".into() });
    console.ask(Request::Remember { sql: "SELECT 2".into() });
    assert!(matches!(console.answer(first), Answer::NotRemembered { message } if message.contains("sql-history")));
    assert!(matches!(console.asked(Request::Open), Answer::Opened(_)));
    assert!(console.hang_up().is_empty(), "it was said");
    // A folder that never answers, as of a home that hangs: a pipe that nobody reads.
    let hung = desk.book("hung", &[]);
    std::fs::create_dir_all(&hung).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(hung.join("sql-history")).status().unwrap().success());
    let mut console = Console::new(opener(&root), Some(hung));
    console.ask(Request::Remember { sql: "SELECT 1".into() });
    assert!(matches!(console.asked(rows("tickets")), Answer::Rows(_)));
}

#[test]
fn a_file_of_the_first_rows_of_a_select_says_so() {
    let (_desk, root) = demo_book();
    let mut console = Console::on(&root);
    let text = "SELECT a.source_key FROM tickets AS a CROSS JOIN (SELECT * FROM checks LIMIT 500) AS b".to_owned();
    let cut = query(RowsSource::Sql { text });
    assert!(matches!(console.asked(Request::Rows(cut.clone())), Answer::Rows(page) if page.cut));
    for (marked, expected) in [(Vec::new(), true), (vec![3], false)] {
        let request = Request::ExportRows { rows: cut.clone(), marked, format: RowsFormat::Csv };
        let Answer::Exported { path, cut } = console.asked(request) else { panic!("not written") };
        std::fs::remove_file(path).unwrap();
        assert_eq!(cut, expected, "a file of marked rows lacks nothing");
    }
}

#[test]
fn rows_are_written_whole_or_as_marked_and_never_over_a_file() {
    let (desk, root) = demo_book();
    let mut console = Console::on(&root);
    let asked = RowsQuery {
        chips: vec![Chip::Like { column: "priority".into(), value: Cell::Raw(Raw::new("P1")) }],
        sort: Some(("opened_at".into(), true)),
        limit: 2,
        ..query(table("tickets", "opened_in_period"))
    };
    let Answer::Rows(page) = console.asked(Request::Rows(asked.clone())) else { panic!("no rows") };
    assert!(page.total > 2);
    let export = |marked: Vec<u32>, format| Request::ExportRows { rows: asked.clone(), marked, format };
    // Files without a name are written into the working folder, which is the repository's here: they are taken away.
    let mut written = |request| match console.asked(request) {
        Answer::Exported { path, .. } => {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::rename(&path, desk.path().join("taken")).unwrap();
            (path, text)
        }
        other => panic!("not written: {other:?}"),
    };
    let (path, csv) = written(export(Vec::new(), RowsFormat::Csv));
    assert!(path.to_string_lossy().contains("SAMPLE") && path.extension().is_some_and(|ending| ending == "csv"));
    assert_eq!(csv.matches("\r\n").count(), page.total + 1, "the window of the question does not count");
    assert!(csv.starts_with("source_key,title,priority,"));
    let (_, json) = written(export(page.numbers.clone(), RowsFormat::Json));
    assert_eq!(json.lines().count(), 2);
    for (line, row) in json.lines().zip(&page.rows) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["source_key"].as_str(), row[0].is_raw().as_deref());
    }
    let to = desk.path().join("there.md");
    std::fs::write(&to, "mine").unwrap();
    let period = asked.period.clone();
    let over = Request::Export { period, format: ExportFormat::Md, services: Vec::new(), to: Some(to.clone()) };
    assert!(failed(console.asked(over)).contains("nothing is overwritten"));
    assert_eq!(std::fs::read_to_string(to).unwrap(), "mine");
}

/// The text of a cell that came from a source.
trait OfSource {
    fn is_raw(&self) -> Option<String>;
}

impl OfSource for Cell {
    fn is_raw(&self) -> Option<String> {
        if let Cell::Raw(raw) = self { Some(raw.expose().to_owned()) } else { None }
    }
}
