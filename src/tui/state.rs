//! All that the console remembers between two events.
//!
//! Knows screens, overlays and which questions are open. Must not know the terminal or ask anything itself.

use super::action::Tab;
use super::page::{Cursor, Ink, Origin, Record};
use super::{Options, glyph::Glyphs, theme::Theme};
use crate::app::request::{ExportFormat, Request, RowsPage, RowsQuery, TicketDetail};
use crate::model::{FigureId, Period, Raw};
use crate::report::Document;
use std::sync::Arc;

/// What the outside must do for the console.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the program; the answer comes with the same number.
    Ask(u64, Request),
    /// Paint every cell anew.
    Repaint,
    /// Stop as the shell would.
    Suspend,
    /// Leave.
    Quit,
}

/// A screen made of figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Which one.
    pub tab: Tab,
    /// Whose; `None` is the whole book.
    pub service: Option<String>,
    /// Where the cursor is.
    pub cursor: Cursor,
    /// Keeps rows whose name holds this.
    pub filter: String,
    /// Keeps rows in which something is wrong.
    pub only_wrong: bool,
}

impl Figures {
    /// Opens one.
    pub fn new(tab: Tab, service: Option<String>) -> Self {
        Self { tab, service, cursor: Cursor::default(), filter: String::new(), only_wrong: false }
    }
}

/// A table of rows, of which the window around the cursor is here.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsScreen {
    /// Where the rows come from.
    pub origin: Origin,
    /// What they are, in words.
    pub title: String,
    /// What is asked, but for the window; `None` where this period does not have it.
    pub source: Option<(String, String)>,
    /// How many rows the figure was computed from.
    pub used: Option<u64>,
    /// Keeps rows that hold this.
    pub search: String,
    /// Sorts by a column, downwards if true.
    pub sort: Option<(String, bool)>,
    /// The row of the cursor.
    pub row: usize,
    /// The first row in sight.
    pub top: usize,
    /// The column of the cursor.
    pub column: usize,
    /// The first column in sight after the frozen one.
    pub first: usize,
    /// The rows that are here.
    pub page: Option<RowsPage>,
    /// The question that they answer.
    pub answered: Option<RowsQuery>,
    /// The question that is open.
    pub asked: Option<(u64, RowsQuery)>,
    /// The question that failed, and why.
    pub failed: Option<(RowsQuery, String)>,
}

/// One ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketScreen {
    /// The source's id.
    pub source: Raw,
    /// The tool's key.
    pub key: Raw,
    /// What is known of it.
    pub detail: Option<TicketDetail>,
    /// The question that is open.
    pub asked: Option<u64>,
    /// Why there is nothing.
    pub failed: Option<String>,
    /// What is in sight.
    pub cursor: Cursor,
}

/// A screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// Figures.
    Figures(Figures),
    /// Rows.
    Rows(Box<RowsScreen>),
    /// A ticket.
    Ticket(TicketScreen),
}

/// What lies over the screen until Esc.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// The answer to why.
    Why(FigureId, Cursor),
    /// One row, field by field.
    Record(Record, Cursor),
    /// The keys.
    Help(Cursor),
    /// The choice of a format, and whether only one service goes in.
    Export {
        /// Which format the cursor is on.
        format: usize,
        /// The service of the screen below.
        service: Option<String>,
        /// Whether only that service is written.
        only: bool,
    },
    /// Whether to quit.
    Quit,
}

impl Overlay {
    /// Returns its kind in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Why(..) => "why",
            Self::Record(..) => "record",
            Self::Help(_) => "help",
            Self::Export { .. } => "export",
            Self::Quit => "quit",
        }
    }
}

/// The formats of an export, in the order of the choice.
pub const FORMATS: [(ExportFormat, &str); 5] = [
    (ExportFormat::Html, "one page for a browser or for print, without scripts"),
    (ExportFormat::Md, "text with headings and tables"),
    (ExportFormat::Plain, "linear text for mail and screen readers"),
    (ExportFormat::Csv, "one row a figure, for a spreadsheet"),
    (ExportFormat::Json, "the whole document, for scripts"),
];

/// A line that says what just happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// What.
    pub text: String,
    /// Whether it went wrong.
    pub wrong: bool,
}

/// Everything.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that some key or event sets")]
pub struct State {
    /// What the caller gave.
    pub options: Options,
    /// Styles and symbols.
    pub ink: Ink,
    /// Columns and rows of the window.
    pub window: (u16, u16),
    /// The period on screen, or the one awaited at the start.
    pub period: Period,
    /// The document on screen.
    pub document: Option<Arc<Document>>,
    /// Documents that were on screen, so that going back is immediate.
    pub kept: Vec<Arc<Document>>,
    /// The document that is awaited.
    pub wanted: Option<(u64, Period)>,
    /// Why there is no document.
    pub failed: Option<String>,
    /// The export that is awaited.
    pub exporting: Option<u64>,
    /// The screens, Home first; never empty.
    pub screens: Vec<Screen>,
    /// What lies over them.
    pub overlay: Option<Overlay>,
    /// Whether the filter is being typed.
    pub typing: bool,
    /// What just happened.
    pub toast: Option<Toast>,
    /// Whether Ctrl-c was the last key.
    pub interrupted: bool,
    /// Whether keys come faster than hands type; nothing that writes, fetches or leaves is confirmed then.
    pub burst: bool,
    /// The number of the next question.
    pub ticket: u64,
    /// The turn of the mark that says something is awaited.
    pub turn: usize,
    /// Whether the screen must be drawn.
    pub changed: bool,
}

impl State {
    /// Starts on Home, with nothing there yet.
    pub fn new(options: Options, window: (u16, u16)) -> Self {
        let ink = Ink { theme: Theme::of(options.look.colours), glyphs: Glyphs::of(options.look.symbols) };
        Self {
            period: options.period.clone(),
            options,
            ink,
            window,
            document: None,
            kept: Vec::new(),
            wanted: None,
            failed: None,
            exporting: None,
            screens: vec![Screen::Figures(Figures::new(Tab::Home, None))],
            overlay: None,
            typing: false,
            toast: None,
            interrupted: false,
            burst: false,
            ticket: 1,
            turn: 0,
            changed: true,
        }
    }

    /// Returns the screen on top.
    pub fn screen(&self) -> &Screen {
        // The stack holds Home from the start and `back` never takes the last one.
        &self.screens[self.screens.len() - 1]
    }

    /// Returns the screen on top, to change it.
    pub fn screen_mut(&mut self) -> &mut Screen {
        let last = self.screens.len() - 1;
        &mut self.screens[last]
    }

    /// Tells whether an answer is awaited.
    pub fn awaits(&self) -> bool {
        self.wanted.is_some()
            || self.exporting.is_some()
            || match self.screen() {
                Screen::Rows(rows) => rows.asked.is_some(),
                Screen::Ticket(ticket) => ticket.asked.is_some(),
                Screen::Figures(_) => false,
            }
    }

    /// Takes the next number for a question.
    pub fn number(&mut self) -> u64 {
        let number = self.ticket;
        self.ticket += 1;
        number
    }

    /// Says what just happened.
    pub fn say(&mut self, text: impl Into<String>) {
        self.toast = Some(Toast { text: text.into(), wrong: false });
    }

    /// Says what went wrong.
    pub fn complain(&mut self, text: impl Into<String>) {
        self.toast = Some(Toast { text: text.into(), wrong: true });
    }

    /// Returns the service that the screen on top is about.
    pub fn service(&self) -> Option<String> {
        self.screens.iter().rev().find_map(|screen| match screen {
            Screen::Figures(figures) => figures.service.clone().or_else(|| {
                let page = super::screens::figures(self, figures);
                figures.cursor.on(&page).and_then(|stop| stop.service.clone())
            }),
            Screen::Rows(rows) => match &rows.origin {
                Origin::Used(id) | Origin::LeftOut(id, _) => id.scope.service.clone(),
                Origin::Tickets(service) => service.clone(),
                Origin::Finding(_) => None,
            },
            Screen::Ticket(_) => None,
        })
    }

    /// Returns the filter of the screen on top.
    pub fn filter(&self) -> &str {
        match self.screen() {
            Screen::Figures(figures) => &figures.filter,
            Screen::Rows(rows) => &rows.search,
            Screen::Ticket(_) => "",
        }
    }
}
