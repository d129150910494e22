//! Small books: a config and the rows of a few tables, written for one test; what a report of them says, and whether
//! the rows behind it are as many as it says.
//!
//! Knows `config.toml`, the connectors of CSV files and the JSON of a report. Must not know what a figure should be.

use crate::expected::Figures;
use crate::program::{Desk, Run};
use serde_json::Value;
use servicebook::app::request::{RowsQuery, RowsSource};
use servicebook::app::session::Opening;
use servicebook::app::{Book, Session};
use servicebook::model::Period;
use servicebook::model::figure::Unit;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

/// A book in a folder of its own, written as it is described.
pub struct SmallBook {
    pub desk: Desk,
    pub root: PathBuf,
    zone: &'static str,
}

impl SmallBook {
    /// A book that reports in a zone, in which the stamps of its files are too.
    pub fn of(zone: &'static str) -> Self {
        let desk = Desk::new();
        let head = format!("[book]\ntitle = \"A small book\"\nzone = \"{zone}\"\n");
        let root = desk.book("book", &[("config.toml", &head)]);
        Self { desk, root, zone }
    }

    /// Writes more into `config.toml`.
    pub fn config(self, more: &str) -> Self {
        let mut file = std::fs::OpenOptions::new().append(true).open(self.root.join("config.toml")).unwrap();
        writeln!(file, "\n{more}").unwrap();
        self
    }

    /// Names services; the id of each is its name in small letters.
    pub fn services(self, names: &[&str]) -> Self {
        names.iter().fold(self, |book, name| book.service(name, ""))
    }

    /// A service of which more than its name is said.
    pub fn service(self, name: &str, more: &str) -> Self {
        self.config(&format!("[[service]]\nid = \"{}\"\nname = \"{name}\"\n{more}", name.to_lowercase()))
    }

    /// An agreement on a service from 2026 on.
    pub fn agreement(self, id: &str, service: &str, more: &str) -> Self {
        self.config(&format!("[[agreement]]\nid = \"{id}\"\nservice = \"{service}\"\nvalid_from = 2026-01-01\n{more}"))
    }

    /// Writes a file below the book's folder.
    pub fn file(self, path: &str, text: &str) -> Self {
        self.desk.book("book", &[(path, text)]);
        self
    }

    /// The rows of a table, named as its connector without `csv-`, and a source that reads them.
    pub fn table(self, name: &str, rows: &str) -> Self {
        self.table_with(name, rows, "")
    }

    /// Several tables.
    pub fn tables(self, tables: &[(&str, &str)]) -> Self {
        tables.iter().fold(self, |book, (name, rows)| book.table(name, rows))
    }

    /// A register of outages that is said to be complete from 2026 on.
    pub fn outages(self, rows: &str) -> Self {
        self.table_with("outages", rows, "declared_complete = true\ndeclared_from = 2026-01-01")
    }

    /// The rows of a table, and a source with more keys.
    pub fn table_with(self, name: &str, rows: &str, more: &str) -> Self {
        let (path, zone) = (format!("records/{name}.csv"), self.zone);
        self.file(&path, rows).config(&format!(
            "[[source]]\nid = \"{name}\"\nconnector = \"csv-{name}\"\nfiles = [\"{path}\"]\nsettings = {{ zone = \"{zone}\" }}\n{more}"
        ))
    }

    /// Runs the program on the book.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.desk.on(&self.root, arguments)
    }

    /// A report in a format.
    pub fn printed(&self, period: &str, format: &str) -> Run {
        self.run(&["-q", "report", "--period", period, "--format", format])
    }

    /// The report of a period as of its end, which must be complete.
    #[track_caller]
    pub fn report(&self, period: &str) -> Report {
        Report::of(&self.printed(period, "json").ends(0))
    }

    /// The report of a period with the knowledge of an instant.
    #[track_caller]
    pub fn report_as_of(&self, period: &str, as_of: &str) -> Report {
        Report::of(&self.run(&["-q", "report", "--period", period, "--format", "json", "--as-of", as_of]).ends(0))
    }

    /// The rows behind a figure.
    #[track_caller]
    pub fn rows(&self, figure: &str, period: &str) -> Vec<Value> {
        let run = self.run(&["-q", "rows", figure, "--period", period, "--format", "json"]).ends(0);
        run.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The book with its rows loaded, with the knowledge of an instant or of the end of what is asked for.
    pub fn session(&self, as_of: Option<&str>) -> Session {
        let as_of = as_of.map(|at| at.parse().unwrap());
        Session::open(Book::open(&self.root).unwrap(), Opening { as_of, may_pull: true }).unwrap()
    }
}

/// A report, and questions to it whose answer must be there.
pub struct Report {
    pub json: Value,
    figures: Figures,
}

impl Report {
    #[track_caller]
    pub fn of(run: &Run) -> Self {
        let json = run.json();
        Self { figures: Figures::of(&json), json }
    }

    /// All figures, in their order.
    pub fn figures(&self) -> &[Value] {
        self.json["figures"].as_array().unwrap()
    }

    #[track_caller]
    pub fn figure(&self, id: &str) -> &Value {
        self.figures.get(id)
    }

    #[track_caller]
    pub fn value(&self, id: &str) -> f64 {
        self.figures.value(id)
    }

    /// Asserts a value, to the last digits of floating point.
    #[track_caller]
    pub fn is(&self, id: &str, wanted: f64) {
        let given = self.value(id);
        assert!((given - wanted).abs() < 1e-14 * wanted.abs().max(1.0), "{id}: {given}, not {wanted}");
    }

    /// Numerator and denominator.
    #[track_caller]
    pub fn parts(&self, id: &str) -> (i64, i64) {
        let part = |name: &str| self.figure(id)[name].as_i64().unwrap_or_else(|| panic!("{id} has no {name}"));
        (part("numerator"), part("denominator"))
    }

    /// Why there is no value; null where there is one.
    #[track_caller]
    pub fn missing(&self, id: &str) -> &Value {
        &self.figure(id)["missing"]["kind"]
    }

    /// What a figure says of how it was made.
    #[track_caller]
    pub fn parameter(&self, id: &str, name: &str) -> &str {
        let parameters = &self.figure(id)["basis"]["parameters"];
        parameters[name].as_str().unwrap_or_else(|| panic!("{id}: no {name} in {parameters}"))
    }

    /// The reasons for which rows are left out of a figure, with their counts.
    #[track_caller]
    pub fn left_out(&self, id: &str) -> Vec<(&str, u64)> {
        let parts = self.figure(id)["rows"]["left_out"].as_array().unwrap().iter();
        parts.map(|part| (part["reason"].as_str().unwrap(), part["count"].as_u64().unwrap())).collect()
    }

    /// Only the reasons.
    #[track_caller]
    pub fn reasons(&self, id: &str) -> Vec<&str> {
        self.left_out(id).into_iter().map(|(reason, _)| reason).collect()
    }

    pub fn findings(&self) -> &[Value] {
        self.json["findings"].as_array().unwrap()
    }

    /// The kinds of all findings.
    pub fn kinds(&self) -> Vec<&str> {
        self.findings().iter().map(|finding| finding["kind"].as_str().unwrap()).collect()
    }

    /// The first finding of a kind.
    #[track_caller]
    pub fn finding(&self, kind: &str) -> &Value {
        let found = self.findings().iter().find(|finding| finding["kind"] == kind);
        found.unwrap_or_else(|| panic!("no finding {kind} among {:?}", self.kinds()))
    }

    /// What a finding says.
    #[track_caller]
    pub fn said(&self, kind: &str) -> &str {
        self.finding(kind)["text"].as_str().unwrap()
    }
}

/// Asks for the rows behind every figure and finding of a period, and for those left out, and asserts that they are as
/// many as it says. Returns how many figures have rows, and how many filters were asked.
///
/// Through the library: a process for each of several thousand figures would take an hour.
#[track_caller]
pub fn rows_behind(session: &Session, period: &str) -> (usize, usize) {
    let period = Period::parse(period, session.book().config.book.zone).unwrap();
    let document = session.document(&period).unwrap();
    // Many figures share a filter; each is asked once.
    let mut asked: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut holds = |what: String, table, filter, count: u64| {
        let found = *asked.entry((table, filter)).or_insert_with(|| rows(session, &period, table, filter));
        if found != count {
            wrong.push(format!("{what}: {count}, but {found} rows of {table} where {filter}"));
        }
    };
    // Sorted by table, because the session keeps only the last few of them.
    let mut figures: Vec<_> = document.figures.iter().filter(|figure| !figure.rows.table.is_empty()).collect();
    figures.sort_by_key(|figure| figure.rows.table.clone());
    for figure in &figures {
        let rows = &figure.rows;
        let table = rows.table.as_str();
        holds(format!("{}: used", figure.id), table, rows.filter.as_str(), rows.used);
        for part in &rows.left_out {
            holds(format!("{}: {}", figure.id, part.reason), table, part.filter.as_str(), part.count);
        }
    }
    // A finding of a reader has no filter: what it counts never became a row.
    let mut findings: Vec<_> = document.findings.iter().filter(|finding| !finding.filter.is_empty()).collect();
    findings.sort_by_key(|finding| finding.table.clone());
    for finding in findings {
        holds(format!("finding {}", finding.id), finding.table.as_str(), finding.filter.as_str(), finding.count);
    }
    // A count counts what one sees behind it. Volumes are sums of what the tool counted.
    for figure in figures.iter().filter(|figure| figure.unit == Unit::Count && figure.rows.table != "volumes") {
        if let Ok(value) = &figure.value
            && value.to_bits() != (figure.rows.used as f64).to_bits()
        {
            wrong.push(format!("{}: {value} is counted from {} rows", figure.id, figure.rows.used));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    (figures.len(), asked.len())
}

/// How many rows of a table a filter gives.
fn rows(session: &Session, period: &Period, table: &str, filter: &str) -> u64 {
    let from = RowsSource::Table { table: table.to_owned(), filter: filter.to_owned() };
    let (period, chips, search) = (period.clone(), Vec::new(), String::new());
    let query = RowsQuery { period, from, chips, search, sort: None, offset: 0, limit: 0 };
    session.rows(&query).unwrap_or_else(|error| panic!("{filter}: {error}")).total as u64
}
