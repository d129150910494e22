//! Texts of people who mean harm, in every field that a source or a config can fill, on every screen.

use super::grammar::Hostile;
use super::sequences::{FRAME, foreign};
use super::*;
use crate::app::request::{Opened, Progress, Request, RowColumn, RowsPage};
use crate::model::Raw;
use crate::report::document::{Block, Cell, Document};
use std::cell::{Cell as Counter, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// Answers as the program would, with hostile text wherever there is text that is not the program's own.
struct Program {
    texts: RefCell<Hostile>,
    used: Counter<usize>,
    fails: bool,
}

impl Program {
    fn text(&self) -> String {
        self.used.set(self.used.get() + 1);
        self.texts.borrow_mut().text()
    }

    fn spoil(&self, text: &mut String) {
        *text = self.text();
    }

    /// Words that other parts name as well keep what they are and get a tail that follows from it.
    fn tail(word: &mut String) {
        let seed = word.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        word.push_str(&Hostile::new(seed).text());
    }

    fn cell(&self, cell: &mut Cell) {
        match cell {
            Cell::Raw(_) => *cell = Cell::Raw(Raw::new(self.text())),
            Cell::Text(_) => *cell = Cell::Text(self.text()),
            _ => {}
        }
    }

    fn document(&self, document: &mut Document) {
        let descriptor = &mut document.descriptor;
        for text in [&mut descriptor.title, &mut descriptor.purpose, &mut descriptor.owner, &mut descriptor.frequency] {
            self.spoil(text);
        }
        for texts in [&mut descriptor.audience, &mut descriptor.sources, &mut document.incomplete_because] {
            for text in texts {
                self.spoil(text);
            }
        }
        self.spoil(&mut document.book.id);
        for named in document.services.iter_mut().chain(&mut document.customers).chain(&mut document.groups) {
            self.spoil(&mut named.name);
        }
        let spoil_id = |id: &mut crate::model::FigureId| {
            for (_, value) in id.dimensions.iter_mut().filter(|(key, _)| !matches!(key.as_str(), "type" | "priority")) {
                Self::tail(value);
            }
        };
        for figure in &mut document.figures {
            spoil_id(&mut figure.id);
            if let Err(missing) = &mut figure.value {
                self.spoil(&mut missing.text);
            }
            if let Some(target) = &mut figure.target {
                self.spoil(&mut target.agreement);
            }
            for (_, value) in &mut figure.basis.parameters {
                self.spoil(value);
            }
            for left in &mut figure.rows.left_out {
                self.spoil(&mut left.reason);
            }
        }
        document.figures.sort_by(|one, other| one.id.cmp(&other.id));
        for series in &mut document.series {
            spoil_id(&mut series.figure);
            for missing in series.points.iter_mut().filter_map(|point| point.missing.as_mut()) {
                self.spoil(missing);
            }
        }
        for table in &mut document.tables {
            self.spoil(&mut table.title);
            table.columns.iter_mut().for_each(|column| self.spoil(column));
            let (rows, services) = (table.rows.clone(), table.services.clone());
            for _ in 0..4 {
                table.rows.extend(rows.clone());
                table.services.extend(services.clone());
            }
            table.rows.iter_mut().flatten().for_each(|cell| self.cell(cell));
        }
        for finding in &mut document.findings {
            self.spoil(&mut finding.text);
            self.spoil(&mut finding.kind);
        }
        for receipt in &mut document.receipts {
            for text in [&mut receipt.source, &mut receipt.connector, &mut receipt.pulled_at] {
                self.spoil(text);
            }
            receipt.files.iter_mut().for_each(|file| self.spoil(&mut file.name));
            if let crate::model::receipt::Completeness::Complete { rule: text }
            | crate::model::receipt::Completeness::Incomplete { reason: text } = &mut receipt.completeness
            {
                self.spoil(text);
            }
        }
        for section in &mut document.sections {
            self.spoil(&mut section.title);
            for block in &mut section.blocks {
                match block {
                    Block::Sentence(text) => self.spoil(text),
                    Block::Grid(grid) => {
                        self.spoil(&mut grid.rows_are);
                        grid.columns.iter_mut().for_each(|column| self.spoil(column));
                        for (name, cells) in &mut grid.rows {
                            self.spoil(name);
                            cells.iter_mut().flatten().for_each(spoil_id);
                        }
                    }
                    Block::Series(id, _) => spoil_id(id),
                    Block::Table(_) => {}
                }
            }
        }
    }

    fn opened(&self) -> Opened {
        Opened {
            notices: vec![self.text(), self.text()],
            sources: vec![self.text()],
            history: vec![self.text()],
            queries: vec![(self.text(), self.text())],
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        if self.fails && !matches!(request, Request::Open | Request::Document { .. }) {
            return Answer::Failed { message: self.text() };
        }
        match fixture::answer(request) {
            Answer::Document(document) => {
                let mut document = Document::clone(&document);
                self.document(&mut document);
                Answer::Document(Arc::new(document))
            }
            Answer::Rows(mut page) => {
                page.columns.iter_mut().skip(1).for_each(|column| Self::tail(&mut column.name));
                page.rows.iter_mut().flatten().for_each(|cell| self.cell(cell));
                Answer::Rows(page)
            }
            Answer::Ticket(mut detail) => {
                for (name, cell) in &mut detail.fields {
                    Self::tail(name);
                    self.cell(cell);
                }
                detail.events.iter_mut().flatten().for_each(|cell| self.cell(cell));
                Answer::Ticket(detail)
            }
            Answer::Opened(_) => Answer::Opened(self.opened()),
            Answer::Pulled { .. } => Answer::Pulled { said: vec![self.text()], failed: true, opened: self.opened() },
            Answer::Progress(_) => {
                Answer::Progress(Progress { doing: self.text(), done: self.text(), waiting: self.text() })
            }
            Answer::Tables(mut tables) => {
                for table in &mut tables {
                    Self::tail(&mut table.table);
                    table.columns.iter_mut().for_each(Self::tail);
                }
                Answer::Tables(tables)
            }
            other @ (Answer::Saved | Answer::Cancelled) => other,
            Answer::Exported { cut, .. } => Answer::Exported { path: PathBuf::from(self.text()), cut },
            Answer::Failed { .. } => Answer::Failed { message: self.text() },
            Answer::NotRemembered { .. } => Answer::NotRemembered { message: self.text() },
        }
    }
}

fn session(seed: u64, fails: bool, window: (u16, u16), look: Look) -> (Session, Rc<Program>) {
    let program = Rc::new(Program { texts: RefCell::new(Hostile::new(seed)), used: Counter::new(0), fails });
    let answers = Rc::clone(&program);
    let options = Options { look, book: program.text(), notices: vec![program.text()], ..fixture::options() };
    (Session::of(options, window, Box::new(move |request| answers.answer(request))), program)
}

#[test]
fn no_text_writes_a_byte_that_the_program_would_not_write_itself() {
    let (mut used, mut neutralised) = (0, 0);
    for (at, window) in [(60, 16), (80, 24), (120, 40), (200, 60)].into_iter().enumerate() {
        for (stop, keys) in TOUR.into_iter().enumerate() {
            let seed = u64::try_from(at * 100 + stop).unwrap();
            let symbols = if stop % 3 == 2 { Symbols::Ascii } else { Symbols::Unicode };
            let (mut session, program) = session(seed, stop % 5 == 4, window, Look { symbols, ..Look::default() });
            let mut painter = Painter::new(window).unwrap();
            // To the screen, over it, into what is under the cursor, and with the same text typed as a filter.
            let typed = program.text().replace(['\n', '\t', '\u{1b}'], "");
            for keys in [keys, "jl", "i", "\u{1b}", "\n", "\u{1b}", "e\n", "]", "/", &typed] {
                session.keys(keys);
                let frame = painter.frame(&session.state).unwrap();
                if let Some(found) = foreign(&frame, FRAME) {
                    panic!("{window:?} {keys:?} seed {seed}: {found}");
                }
                if symbols == Symbols::Ascii {
                    assert!(frame.is_ascii(), "{window:?} {keys:?} seed {seed}");
                }
                let frame = String::from_utf8(frame).unwrap();
                neutralised += frame.matches("⟨U+").count() + frame.matches('␛').count();
            }
            used += program.used.get();
        }
    }
    assert!(used >= 10_000, "only {used} texts");
    assert!(neutralised >= 1_000, "only {neutralised} were on screen");
}

/// Titles in many scripts, joined emoji, flags and marks among them.
fn mixed(at: usize) -> String {
    const PARTS: [&str; 16] = [
        "東京オフィス",
        "한글",
        "👨\u{200d}👩\u{200d}👧",
        "🇩🇪🇫🇷",
        "👍🏽",
        "❤\u{fe0f}",
        "السلام عليكم",
        "لا",
        "ภาษาไทย กำ",
        "हिन्दी क्षत्रिय",
        "e\u{301}\u{323}o",
        "ﾃﾞｰﾀﾍﾞｰｽ",
        "\u{1112}\u{1161}\u{11ab}",
        "Ångström",
        "1\u{20e3}",
        "plain words",
    ];
    (0..3)
        .map(|part| PARTS[(at * (part * 2 + 1) + at / PARTS.len() * part + part) % PARTS.len()])
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn columns_stay_in_step_whatever_script_stands_before_them() {
    let answers = |request: &Request| match fixture::answer(request) {
        Answer::Rows(page) => {
            let columns = ["source_key", "title", "edge"].map(|name| RowColumn { name: name.into(), right: false });
            let row = |at: usize| {
                vec![Cell::Text(format!("K{at:04}")), Cell::Raw(Raw::new(mixed(at))), Cell::Text(format!("<{at:04}>"))]
            };
            let rows = (page.offset..page.offset + page.rows.len()).map(row).collect();
            Answer::Rows(RowsPage { columns: columns.into(), rows, ..page })
        }
        other => other,
    };
    let (columns, rows) = (120_u16, 60_u16);
    let mut session = Session::of(fixture::options(), (columns, rows), Box::new(answers));
    let keys = TOUR.into_iter().find(|keys| {
        let mut session = Session::new(80, 24);
        session.keys(keys);
        matches!(session.state.screen(), Screen::Rows(_))
    });
    session.keys(keys.unwrap());
    let size = |cells: u16| std::num::NonZero::new(cells).unwrap();
    let mut terminal = vt100::Parser::new(size(rows), size(columns), 0);
    let mut painter = Painter::new((columns, rows)).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..40 {
        terminal.process(&painter.frame(&session.state).unwrap());
        let screen = terminal.screen();
        let word = |row: u16, from: u16, to: u16| {
            (from..to)
                .filter_map(|column| screen.cell(row, column))
                .map(|cell| cell.contents().to_owned())
                .collect::<String>()
        };
        let mut edge = None;
        for row in 0..rows {
            let Some(at) = word(row, 1, 6).strip_prefix('K').and_then(|at| at.parse::<usize>().ok()) else {
                continue;
            };
            let mark = format!("<{at:04}>");
            let found = (0..columns - 6).find(|column| word(row, *column, column + 6) == mark);
            // The first column follows the widest title in sight, so it is the same in one frame.
            let found = found.unwrap_or_else(|| panic!("no {mark} in {:?}", word(row, 0, columns)));
            assert_eq!(*edge.get_or_insert(found), found, "{}", word(row, 0, columns));
            seen.insert(at);
        }
        session.key(Key::PageDown);
    }
    assert_eq!(seen.len(), 1_000);
}
