//! All that the console remembers between two events.
//!
//! Knows screens, overlays and which questions are open. Must not know the terminal or ask anything itself.

use super::action::Tab;
use super::event::Key;
use super::keymap::Keymap;
use super::page::{Cursor, Ink, Origin, Page, Record};
use super::{Options, glyph::Glyphs};
use crate::app::request::{
    Chip, ExportFormat, Opened, Progress, Request, RowsPage, RowsQuery, RowsSource, TableWords, TicketDetail,
};
use crate::model::{FigureId, Period, Raw};
use crate::report::Document;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tui_input::Input;

/// Most lines of the log.
const LONGEST_LOG: usize = 500;

/// What the outside must do for the console.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a few effects live at a time")]
pub enum Effect {
    /// Ask the program; the answer comes with the same number.
    Ask(u64, Request),
    /// Hand text to the terminal's clipboard.
    Copy(String),
    /// Let the mouse be reported, or not.
    Mouse(bool),
    /// Paint every cell anew.
    Repaint,
    /// Stop as the shell would.
    Suspend,
    /// Leave.
    Quit,
}

/// What a screen of figures is set beside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// The period before.
    Before,
    /// The same period a year before.
    YearBefore,
    /// Another service in the same period.
    Service(String),
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
    /// What the figures are set beside, if anything.
    pub against: Option<Against>,
    /// Whether the cursor was put on what is worst.
    pub placed: bool,
}

impl Figures {
    /// Opens one.
    pub fn new(tab: Tab, service: Option<String>) -> Self {
        Self {
            tab,
            service,
            cursor: Cursor::default(),
            filter: String::new(),
            only_wrong: false,
            against: None,
            // Home is read from its first line on.
            placed: tab == Tab::Home,
        }
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
    pub source: Option<RowsSource>,
    /// How many rows the figure was computed from.
    pub used: Option<u64>,
    /// Filters that were not typed.
    pub chips: Vec<Chip>,
    /// Keeps rows that hold this.
    pub search: String,
    /// Sorts by a column, downwards if true.
    pub sort: Option<(String, bool)>,
    /// The row of the cursor.
    pub row: usize,
    /// The first row in sight.
    pub top: usize,
    /// The column of the cursor, among those shown.
    pub column: usize,
    /// The first column in sight after the frozen one.
    pub first: usize,
    /// Rows that are marked, by their number in the source.
    pub marks: BTreeSet<u32>,
    /// The row that was marked last.
    pub marked_last: Option<usize>,
    /// The rows that are here.
    pub page: Option<RowsPage>,
    /// The question that they answer.
    pub answered: Option<RowsQuery>,
    /// The question that is open.
    pub asked: Option<(u64, RowsQuery)>,
    /// The question that failed, and why.
    pub failed: Option<(RowsQuery, String)>,
}

impl RowsScreen {
    /// Opens one.
    pub fn new(origin: Origin, title: String, source: Option<RowsSource>, used: Option<u64>) -> Self {
        Self {
            origin,
            title,
            source,
            used,
            chips: Vec::new(),
            search: String::new(),
            sort: None,
            row: 0,
            top: 0,
            column: 0,
            first: 0,
            marks: BTreeSet::new(),
            marked_last: None,
            page: None,
            answered: None,
            asked: None,
            failed: None,
        }
    }

    /// Goes to the first row.
    pub fn rewind(&mut self) {
        (self.row, self.top) = (0, 0);
        // A place in the order of before is none in the order of now.
        self.marked_last = None;
    }

    /// Forgets the rows that are here, because the question is another one.
    pub fn forget(&mut self) {
        (self.page, self.answered, self.asked, self.failed) = (None, None, None, None);
    }

    /// Returns the cells of the row under the cursor.
    pub fn here(&self) -> Option<&[crate::report::document::Cell]> {
        let page = self.page.as_ref()?;
        page.rows.get(self.row.checked_sub(page.offset)?).map(Vec::as_slice)
    }
}

/// How the columns of a table are shown; kept by table, so that the next look at it has them so, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnLayout {
    /// Columns that are not shown.
    pub hidden: BTreeSet<String>,
    /// Widths that were set by hand, in cells.
    pub widths: BTreeMap<String, usize>,
    /// Columns in the order of the user; those that are not in it follow in their own.
    pub order: Vec<String>,
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

/// A SELECT and its rows.
#[derive(Clone, Debug, Default)]
pub struct SqlScreen {
    /// What is typed.
    pub input: Input,
    /// Whether keys are typed into it.
    pub editing: bool,
    /// The rows of what was run last.
    pub rows: Option<Box<RowsScreen>>,
    /// Which line of the history is in the input, 0 the newest.
    pub recalled: Option<usize>,
    /// Where the completed word begins, in letters, and which of its completions stands there.
    pub completing: Option<(usize, String, usize)>,
}

/// A screen.
#[derive(Clone, Debug)]
pub enum Screen {
    /// Figures.
    Figures(Figures),
    /// Rows.
    Rows(Box<RowsScreen>),
    /// A ticket.
    Ticket(TicketScreen),
    /// A SELECT.
    Sql(Box<SqlScreen>),
}

impl Screen {
    /// Returns which kind it is, for places that are made to break.
    pub fn word(&self) -> &'static str {
        match self {
            Screen::Figures(_) => "figures",
            Screen::Rows(_) => "rows",
            Screen::Ticket(_) => "ticket",
            Screen::Sql(_) => "sql",
        }
    }

    /// Returns its table of rows, if it has one now.
    pub fn rows(&self) -> Option<&RowsScreen> {
        match self {
            Screen::Rows(rows) => Some(rows),
            Screen::Sql(sql) => sql.rows.as_deref(),
            Screen::Figures(_) | Screen::Ticket(_) => None,
        }
    }

    /// Returns its table of rows, to change it.
    pub fn rows_mut(&mut self) -> Option<&mut RowsScreen> {
        match self {
            Screen::Rows(rows) => Some(rows),
            Screen::Sql(sql) => sql.rows.as_deref_mut(),
            Screen::Figures(_) | Screen::Ticket(_) => None,
        }
    }
}

/// What an export writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The report of all services.
    Report,
    /// The report of the service of the screen.
    Service,
    /// The rows of the screen.
    Rows,
    /// The marked rows of the screen.
    Marked,
}

/// What lies over the screen until Esc.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The answer to why.
    Why(FigureId, Cursor),
    /// One row, field by field.
    Record(Record, Cursor),
    /// The keys.
    Help(Cursor),
    /// What was said since the start.
    Log(Cursor),
    /// Which columns are shown, and the place of the cursor.
    Columns(usize),
    /// Text alone.
    Plain(Vec<String>, Cursor),
    /// What is written, and in which format.
    Export {
        /// Which format the cursor is on.
        format: usize,
        /// The service of the screen below.
        service: Option<String>,
        /// What can be written from here.
        scopes: Vec<Scope>,
        /// Which of them.
        scope: usize,
    },
    /// Every action by name, and jumps.
    Palette {
        /// What is typed.
        input: Input,
        /// The line of the cursor.
        at: usize,
    },
    /// The name under which a SELECT is kept.
    Name(Input),
    /// Whether to pull.
    Pull,
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
            Self::Log(_) => "log",
            Self::Columns(_) => "columns",
            Self::Plain(..) => "plain",
            Self::Export { .. } => "export",
            Self::Palette { .. } => "palette",
            Self::Name(_) => "name",
            Self::Pull => "pull",
            Self::Quit => "quit",
        }
    }
}

/// The formats of a report, in the order of the choice.
pub const FORMATS: [(ExportFormat, &str); 5] = [
    (ExportFormat::Html, "one page for a browser or for print, without scripts"),
    (ExportFormat::Md, "text with headings and tables"),
    (ExportFormat::Plain, "linear text for mail and screen readers"),
    (ExportFormat::Csv, "one row a figure, for a spreadsheet"),
    (ExportFormat::Json, "the whole document, for scripts"),
];

/// A line that says what just happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// What.
    pub text: String,
    /// Whether it went wrong.
    pub wrong: bool,
}

/// A question that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What is done, as `loading September 2026`.
    pub doing: String,
    /// When it was asked, since the start.
    pub since: Duration,
    /// How far it is.
    pub progress: Option<Progress>,
    /// Whether it was asked to stop.
    pub stopping: bool,
}

/// Everything.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that some key or event sets")]
pub struct State {
    /// The page of figures that was made last, and of what.
    pub made: RefCell<Option<(super::screens::MadeOf, Rc<Page>)>>,
    /// What the caller gave.
    pub options: Options,
    /// Styles and symbols.
    pub ink: Ink,
    /// The keys.
    pub keymap: Keymap,
    /// Keys of a sequence that is not whole yet.
    pub pending: Vec<Key>,
    /// How often the next key counts.
    pub count: Option<u32>,
    /// Columns and rows of the window.
    pub window: (u16, u16),
    /// How long the console runs; the loop sets it before each event.
    pub now: Duration,
    /// How many of the notices are not the book's.
    pub own_notices: usize,
    /// What the book says of itself, once it is loaded.
    pub opened: Option<Opened>,
    /// The period on screen, or the one awaited at the start.
    pub period: Period,
    /// The document on screen.
    pub document: Option<Arc<Document>>,
    /// Documents that were on screen, so that going back is immediate.
    pub kept: Vec<Arc<Document>>,
    /// The document that is awaited.
    pub wanted: Option<(u64, Period)>,
    /// The document that is awaited to be set beside, and those that there are not, with the reason.
    pub beside: Option<(u64, Period)>,
    /// Periods that cannot be set beside, and why.
    pub not_beside: Vec<(Period, String)>,
    /// Why there is no document.
    pub failed: Option<String>,
    /// What is being done, by the number of the question.
    pub jobs: BTreeMap<u64, Job>,
    /// The screens, Home first; never empty.
    pub screens: Vec<Screen>,
    /// The screens before the last jump.
    pub flipped: Option<Vec<Screen>>,
    /// What lies over them.
    pub overlay: Option<Overlay>,
    /// The filter that is being typed.
    pub typing: Option<Input>,
    /// How the columns of each table are shown.
    pub layouts: BTreeMap<String, ColumnLayout>,
    /// The tables of a SELECT, for completion.
    pub tables: Vec<TableWords>,
    /// The period whose tables were asked for; not again where that failed.
    pub tables_of: Option<Period>,
    /// Whether the body has the whole window.
    pub expanded: bool,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// What was said, with the time since the start.
    pub log: VecDeque<(Duration, Toast)>,
    /// What just happened.
    pub toast: Option<Toast>,
    /// Whether Ctrl-c was the last key.
    pub interrupted: bool,
    /// Whether keys come faster than hands type; nothing that writes, fetches or leaves is confirmed then.
    pub burst: bool,
    /// The number of the last question.
    pub asked: u64,
    /// The turn of the mark that says something is awaited.
    pub turn: usize,
    /// Whether the screen must be drawn.
    pub changed: bool,
}

impl State {
    /// Starts on Home, with nothing there yet.
    pub fn new(mut options: Options, window: (u16, u16)) -> Self {
        let ink = Ink { theme: options.look.theme, glyphs: Glyphs::of(options.look.symbols), presenting: false };
        let (keymap, wrong) = Keymap::with(&options.keys);
        options.notices.extend(wrong);
        let mut state = Self {
            made: RefCell::default(),
            period: options.period.clone(),
            mouse: options.look.mouse,
            own_notices: options.notices.len(),
            options,
            ink,
            keymap,
            pending: Vec::new(),
            count: None,
            window,
            now: Duration::ZERO,
            opened: None,
            document: None,
            kept: Vec::new(),
            wanted: None,
            beside: None,
            not_beside: Vec::new(),
            failed: None,
            jobs: BTreeMap::new(),
            screens: vec![Screen::Figures(Figures::new(Tab::Home, None))],
            flipped: None,
            overlay: None,
            typing: None,
            layouts: BTreeMap::new(),
            tables: Vec::new(),
            tables_of: None,
            expanded: false,
            log: VecDeque::new(),
            toast: None,
            interrupted: false,
            burst: false,
            asked: 0,
            turn: 0,
            changed: true,
        };
        // The line of notices is one; the log has them whole.
        for said in state.options.notices.clone() {
            state.complain(said);
        }
        state.toast = None;
        state
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
        !self.jobs.is_empty()
    }

    /// Asks the program; `doing` is what the header says until the answer comes.
    pub fn ask(&mut self, doing: impl Into<String>, request: Request) -> (u64, Effect) {
        self.asked += 1;
        let job = Job { doing: doing.into(), since: self.now, progress: None, stopping: false };
        self.jobs.insert(self.asked, job);
        self.changed = true;
        (self.asked, Effect::Ask(self.asked, request))
    }

    /// Tells the program something that is not answered.
    pub fn tell(&mut self, request: Request) -> Effect {
        self.asked += 1;
        Effect::Ask(self.asked, request)
    }

    /// Forgets a question: its answer changes nothing any more, and the program need not find it.
    pub fn drop_question(&mut self, number: u64) -> Effect {
        self.jobs.remove(&number);
        self.tell(Request::Cancel(number))
    }

    /// Says what just happened.
    pub fn say(&mut self, text: impl Into<String>) {
        self.note(Toast { text: text.into(), wrong: false });
    }

    /// Says what went wrong.
    pub fn complain(&mut self, text: impl Into<String>) {
        self.note(Toast { text: text.into(), wrong: true });
    }

    fn note(&mut self, toast: Toast) {
        if self.log.len() >= LONGEST_LOG {
            self.log.pop_front();
        }
        self.log.push_back((self.now, toast.clone()));
        self.toast = Some(toast);
    }

    /// Returns the service that the screen on top is about.
    pub fn service(&self) -> Option<String> {
        self.screens.iter().rev().find_map(|screen| match screen {
            Screen::Figures(figures) => figures.service.clone().or_else(|| {
                let page = super::screens::figures(self, figures);
                figures.cursor.on(&page).and_then(|stop| stop.service.clone())
            }),
            Screen::Rows(rows) => rows.origin.service(),
            Screen::Ticket(_) | Screen::Sql(_) => None,
        })
    }

    /// Returns the filter of the screen on top.
    pub fn filter(&self) -> &str {
        match self.screen() {
            Screen::Figures(figures) => &figures.filter,
            Screen::Rows(_) | Screen::Sql(_) => self.screen().rows().map_or("", |rows| &rows.search),
            Screen::Ticket(_) => "",
        }
    }

    /// Returns a document that is here, by its period.
    pub fn document_of(&self, period: &Period) -> Option<&Arc<Document>> {
        self.kept.iter().find(|kept| kept.period == *period)
    }
}
