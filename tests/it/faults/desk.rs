//! A book that asks a server of six tickets, the server, and its pulls: one that goes well, and then others.
//!
//! Knows how good answers look in each style of paging. Must not know what goes wrong.

use crate::http::server::{Connection, Seen, Server};
use servicebook::app::Book;
use servicebook::app::pull::keep;
use servicebook::clock::Clock;
use servicebook::model::{Pulled, Table};
use servicebook::source::http::{Access, Cancel, Limits, Pace, Retrying, Wire};
use servicebook::source::{Order, published, pull};
use servicebook::store::Store;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// The secret that nobody may see again.
pub const CANARY: &str = "canary-7f3e-token-of-the-desk";
/// What a log-in gives.
pub const SESSION: &str = "session-canary-7f3e-0123456789";
/// How many tickets there are, and how many a page has.
pub const TICKETS: usize = 6;
const PAGE: usize = 2;

const FIRST: (&str, &str) = ("2026-10-01T00:00:10Z", "Thu, 01 Oct 2026 00:00:10 GMT");
const SECOND: (&str, &str) = ("2026-10-01T01:00:00Z", "Thu, 01 Oct 2026 01:00:00 GMT");
const THIRD: (&str, &str) = ("2026-10-01T02:00:00Z", "Thu, 01 Oct 2026 02:00:00 GMT");

/// How a list is cut into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Offset,
    Page,
    Cursor,
    Link,
    /// By cursor, by somebody who logs in.
    Login,
}

/// A request for a page of the list, and what a good server answers.
pub struct Ask<'a> {
    pub seen: &'a Seen,
    /// Which request for a page it is since the mood began, from 0; -1 for those that are for no page.
    pub page: isize,
    pub good: String,
    /// What `Date` says.
    pub date: Option<&'static str>,
}

impl Ask<'_> {
    /// Answers as a good server does.
    pub fn well(&self, connection: &mut Connection) {
        self.with(connection, 200, &[], self.good.as_bytes());
    }

    /// Answers with the usual headers.
    pub fn with(&self, connection: &mut Connection, status: u16, headers: &[(&str, &str)], body: &[u8]) {
        let mut all: Vec<(&str, &str)> = Vec::new();
        if !headers.iter().any(|(name, _)| *name == "Content-Type") {
            all.push(("Content-Type", "application/json"));
        }
        if let Some(date) = self.date.filter(|_| !headers.iter().any(|(name, _)| *name == "Date")) {
            all.push(("Date", date));
        }
        all.extend(headers.iter().filter(|(_, value)| !value.is_empty()));
        connection.answer(status, &all, body);
    }
}

/// What a server does that is not well.
pub type Act = Box<dyn Fn(&Ask<'_>, &mut Connection) + Send + Sync>;

struct State {
    turned: AtomicBool,
    pages: AtomicUsize,
    date: Mutex<Option<&'static str>>,
}

/// A book and the server that it asks.
pub struct Desk {
    folder: TempDir,
    pub server: Server,
    state: Arc<State>,
}

fn ticket(number: usize) -> String {
    format!(
        r#"{{"id":{number},"type":"incident","title":"Ticket {number}","priority":"P3","status":"active","opened":"2026-09-0{number}T08:00:00Z"}}"#
    )
}

/// The answer of a good server.
fn good(style: Style, seen: &Seen) -> String {
    if seen.path() == "/login" {
        return format!(r#"{{"session":"{SESSION}"}}"#);
    }
    if seen.path() != "/tickets" {
        return r#"{"me":"reporting"}"#.into();
    }
    let number = |name: &str| seen.query(name).and_then(|text| text.parse::<usize>().ok());
    let from = match style {
        Style::Offset => number("offset").unwrap_or(0),
        Style::Page => (number("page").unwrap_or(1) - 1) * PAGE,
        Style::Cursor | Style::Link | Style::Login => number("after").unwrap_or(0),
    };
    let to = (from + PAGE).min(TICKETS);
    let rows: Vec<String> = (from..to).map(|at| ticket(at + 1)).collect();
    let more = to < TICKETS;
    let rest = match style {
        Style::Offset | Style::Page => format!(r#""total":{TICKETS}"#),
        Style::Cursor | Style::Login if more => format!(r#""next":"{to}""#),
        Style::Link if more => format!(r#""next":"/tickets?after={to}""#),
        _ => r#""next":null"#.into(),
    };
    format!(r#"{{"tickets":[{}],{rest}}}"#, rows.join(","))
}

fn connector(style: Style) -> String {
    let auth = match style {
        Style::Login => {
            "[http.auth]\nkind = \"login\"\npath = \"/login\"\nbody = { secret = \"{token}\" }\ntoken = \"/session\"\n"
        }
        _ => "[http.auth]\nkind = \"bearer\"\ntoken = \"{token}\"\n",
    };
    let headers = if style == Style::Login { "headers = [[\"Session-Token\", \"{token}\"]]\n" } else { "" };
    // The name of the setting and of what a log-in gives may not be one.
    let auth = if style == Style::Login { auth.replace("{token}", "{password}") } else { auth.into() };
    let secret = if style == Style::Login { "password" } else { "token" };
    let (query, paging, complete) = match style {
        Style::Offset => {
            (r#"["offset", "{page.offset}"]"#, "kind = \"offset\"\nrows = 2", "kind = \"total\"\nat = \"/total\"")
        }
        Style::Page => {
            (r#"["page", "{page.number}"]"#, "kind = \"page\"\nrows = 2", "kind = \"total\"\nat = \"/total\"")
        }
        Style::Cursor | Style::Login => {
            (r#"["after", "{page.cursor}"]"#, "kind = \"cursor\"\nfrom = \"/next\"", "kind = \"last_page\"")
        }
        Style::Link => (r#"["first", "1"]"#, "kind = \"next_link\"\nfrom = \"/next\"", "kind = \"last_page\""),
    };
    format!(
        r#"[connector]
name = "desk"
title = "Tickets of a desk"
version = 1
language = 1
proven = "By the tests of this repository."
docs = "https://desk.example/api"
rights = "A user that may read tickets."

[settings.url]
kind = "url"
hint = "the address"
[settings.{secret}]
kind = "secret"
hint = "the token"

[http]
base = "{{url}}"
rate = "100/s"
{headers}errors = [{{ at = "/error", message = "/error/message" }}]
check = {{ path = "/me" }}

{auth}
[request.tickets]
path = "/tickets"
query = [["sort", "id"], ["since", "{{window.from}}"], {query}]
rows = "/tickets/*"
key = "/id"
order = ["id"]
[request.tickets.window]
kind = "changed"
format = "rfc3339"
zone = "UTC"
[request.tickets.paging]
{paging}
[request.tickets.complete]
{complete}

[table.tickets]
request = "tickets"
[table.tickets.columns]
source_key = {{ from = "/id" }}
type = {{ from = "/type" }}
title = {{ from = "/title" }}
priority = {{ from = "/priority" }}
status = {{ from = "/status" }}
opened_at = {{ from = "/opened", format = "rfc3339", zone = "offset" }}
[table.tickets.values.type]
map = {{ incident = "incident", request = "request" }}
unlisted = "keep"
[table.tickets.values.priority]
map = {{ P1 = "P1", P2 = "P2", P3 = "P3" }}
unlisted = "keep"
[table.tickets.values.status]
map = {{ active = "active", closed = "closed" }}
unlisted = "keep"
"#
    )
}

/// A time that passes only when somebody waits.
#[derive(Clone, Default)]
struct Time(Arc<Mutex<Duration>>);

impl Pace for Time {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, wait: Duration, _: &Cancel) {
        *self.0.lock().unwrap() += wait;
    }
}

impl Desk {
    /// A book that was never pulled, and a server that is well until its mood turns.
    pub fn new(style: Style, secret: &str, act: Act) -> Self {
        let state = Arc::new(State {
            turned: AtomicBool::new(false),
            pages: AtomicUsize::new(0),
            date: Mutex::new(Some(FIRST.1)),
        });
        let shared = Arc::clone(&state);
        let server = Server::start(move |seen, connection| {
            let turned = shared.turned.load(Ordering::Acquire);
            let is_page = turned && seen.path() == "/tickets";
            let page = if is_page { shared.pages.fetch_add(1, Ordering::AcqRel).cast_signed() } else { -1 };
            let date = *shared.date.lock().unwrap();
            let ask = Ask { seen, page, good: good(style, seen), date };
            let signed = match style {
                Style::Login if seen.path() == "/login" => String::from_utf8_lossy(&seen.body).contains(CANARY),
                Style::Login => seen.header("session-token") == Some(SESSION),
                _ => seen.header("authorization") == Some(&format!("Bearer {CANARY}")),
            };
            // Whatever the mood, nobody is let in without the secret; a redirect's end needs none.
            if !signed && seen.path() != "/sign-in" && (!turned || page >= 0) {
                return ask.with(connection, 401, &[], b"the secret is wrong");
            }
            if turned { act(&ask, connection) } else { ask.well(connection) }
        });
        let folder = tempfile::Builder::new().prefix("servicebook-faults-").tempdir().unwrap();
        let name = if style == Style::Login { "password" } else { "token" };
        let config = format!(
            "[book]\ntitle = \"Faults\"\nzone = \"Europe/Berlin\"\n\n[[source]]\nid = \"desk\"\nconnector = \"desk\"\n\
             settings = {{ url = \"{}\", {name} = \"{secret}\" }}\nhttp = {{ allow_http = true }}\n",
            server.url("")
        );
        std::fs::create_dir_all(folder.path().join("connectors")).unwrap();
        std::fs::write(folder.path().join("connectors/desk.toml"), connector(style)).unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        Self { folder, server, state }
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// From now on the server is in its mood.
    pub fn turn(&self, date: bool) {
        *self.state.date.lock().unwrap() = date.then_some(SECOND.1);
        self.state.turned.store(true, Ordering::Release);
    }

    /// From now on the server says nothing of its time.
    pub fn without_date(&self) {
        *self.state.date.lock().unwrap() = None;
    }

    /// From now on the server is well.
    pub fn heal(&self) {
        *self.state.date.lock().unwrap() = Some(THIRD.1);
        self.state.turned.store(false, Ordering::Release);
    }

    pub fn first(&self) -> Result<Pulled, String> {
        self.pull(FIRST.0, None)
    }

    pub fn second(&self, url: Option<String>) -> Result<Pulled, String> {
        self.pull(SECOND.0, url)
    }

    pub fn third(&self) -> Result<Pulled, String> {
        self.pull(THIRD.0, None)
    }

    /// Pulls as the program does, with limits that a test can wait for and waits that nobody waits for.
    fn pull(&self, at: &str, url: Option<String>) -> Result<Pulled, String> {
        let mut book = Book::open(self.root()).unwrap();
        book.clock = Clock::Pinned(at.parse().unwrap());
        if let Some(url) = url {
            book.config.sources[0].settings.insert("url".into(), url);
        }
        let source = &book.config.sources[0];
        let limits = Limits {
            connect: Duration::from_millis(600),
            idle: Duration::from_millis(600),
            page: Duration::from_millis(1_500),
            unpacked_bytes: 4 << 20,
            ratio: 50,
            ratio_from_bytes: 64 << 10,
            header_bytes: 16 << 10,
        };
        let access = Access { allow_http: true, limits, ..Access::default() };
        let mut transport = Retrying::new(Wire::new(&access).unwrap()).with_pace(Box::new(Time::default()));
        let before = Store::open(&book.store_path()).source("desk").unwrap();
        let unfinished = book.unfinished_path();
        let clock = book.clock;
        let pulled = pull(&mut Order {
            source,
            book: &book.root,
            unfinished: &unfinished,
            zone: book.config.book.zone,
            now: clock.now(),
            clock: &|| clock.now(),
            before: before.as_ref(),
            period: None,
            full: false,
            environment: &|name| (name == "DESK_TOKEN").then(|| CANARY.to_owned()),
            progress: &mut |_| {},
            cancel: Cancel::default(),
            transport: Some(&mut transport),
        })
        .map_err(|error| {
            let debug = format!("{error:?}");
            assert!(!debug.contains(CANARY) && !debug.contains(SESSION), "the secret is in {debug}");
            error.to_string()
        })?;
        keep(&book, vec![pulled.clone()]).unwrap();
        published(&unfinished, "desk");
        Ok(pulled)
    }

    /// The bytes of every file of the store.
    pub fn store(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let store = Book::open(self.root()).unwrap().store_path();
        files(&store).into_iter().filter(|(path, _)| !path.starts_with(store.join("unfinished"))).collect()
    }

    /// The tickets of the store by their keys.
    pub fn tickets(&self) -> BTreeMap<String, String> {
        let store = Store::open(&Book::open(self.root()).unwrap().store_path());
        let loaded = store.load().unwrap().unwrap();
        let Some(frame) = loaded.tables.get(&Table::Tickets) else { return BTreeMap::new() };
        let keys = frame.column("source_key").unwrap().str().unwrap();
        let row = |(at, key): (usize, Option<&str>)| {
            (key.unwrap_or_default().to_owned(), format!("{:?}", frame.get(at).unwrap()))
        };
        keys.iter().enumerate().map(row).collect()
    }

    /// Whether pages of a pull lie about that did not end.
    pub fn is_unfinished(&self) -> bool {
        Book::open(self.root()).unwrap().unfinished_path().join("desk").exists()
    }

    /// The files below the book that hold a secret.
    pub fn canaries(&self) -> Vec<PathBuf> {
        canaries(self.root())
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.insert(path, bytes);
        }
    }
    found
}

/// The files below a folder that hold a secret.
pub fn canaries(folder: &Path) -> Vec<PathBuf> {
    files(folder).into_iter().filter(|(_, bytes)| holds_secret(bytes)).map(|(path, _)| path).collect()
}

pub fn holds_secret(bytes: &[u8]) -> bool {
    [CANARY, SESSION].iter().any(|secret| bytes.windows(secret.len()).any(|part| part == secret.as_bytes()))
}
