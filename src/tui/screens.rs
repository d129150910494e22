//! The screens, one file each: a document and a place to look become a page.
//!
//! Must not compute figures: what stands on a page is in the document.

pub mod availability;
pub mod backlog;
pub mod capacity;
pub mod columns;
pub mod compare;
pub mod continuity;
pub mod export;
pub mod happened;
pub mod help;
pub mod home;
pub mod levels;
pub mod log;
pub mod lookup;
pub mod measures;
pub mod palette;
pub mod report;
pub mod sources;
pub mod ticket;
pub mod why;
mod worst;

use super::action::Tab;
use super::layout::{self, Regions, Wish};
use super::page::{Ink, Page, Target, pad};
use super::state::{Figures, Overlay, Screen, State, TicketScreen};
use crate::report::Document;
use crate::text;
use ratatui::layout::Rect;
use std::rc::Rc;
use std::sync::Arc;

/// Screens on which the cursor decides what is enlarged.
const CURSORED: [Tab; 1] = [Tab::Availability];

/// What a screen of figures is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The document.
    pub document: &'a Document,
    /// Whose figures; `None` is the whole book.
    pub service: Option<&'a str>,
    /// Keeps rows whose name holds this.
    pub filter: &'a str,
    /// Keeps rows in which something is wrong.
    pub only_wrong: bool,
    /// What the cursor stands on, where that decides what is enlarged.
    pub cursor: Option<&'a Target>,
    /// Styles and symbols.
    pub ink: Ink,
    /// Cells across.
    pub width: usize,
}

/// Returns what the screen on top asks of its window.
pub fn wish(state: &State) -> Wish {
    let side = matches!(state.screen(), Screen::Figures(figures)
        if !matches!(figures.tab, Tab::Sources | Tab::Measures) && figures.against.is_none());
    Wish { notice: !state.options.notices.is_empty(), side, expanded: state.expanded }
}

/// Returns the regions of the window for the screen on top.
pub fn regions(state: &State) -> Regions {
    layout::regions(state.window.0, state.window.1, wish(state))
}

/// Lines that the SELECT takes above its rows: its own, and one for words that complete it or for what is kept.
const SQL_LINES: u16 = 4;

/// Returns the rectangle in which the SELECT of the screen on top stands; empty where it is none.
pub fn sql_area(state: &State) -> Rect {
    let body = regions(state).body;
    match state.screen() {
        Screen::Sql(_) => Rect { height: SQL_LINES.min(body.height), ..body },
        _ => Rect { height: 0, ..body },
    }
}

/// Returns the rectangle of the heading and the rows of the screen on top, below the line that says what they are.
pub fn rows_area(state: &State) -> Rect {
    let body = regions(state).body;
    let above = (sql_area(state).height + 1).min(body.height);
    Rect { y: body.y + above, height: body.height - above, ..body }
}

/// What a page of figures is made of. A page is made once for moving, drawing and telling, and anew where any of this
/// differs.
#[derive(Clone, Debug)]
pub struct MadeOf {
    document: Arc<Document>,
    tab: Tab,
    service: Option<String>,
    filter: String,
    only_wrong: bool,
    cursor: Option<Target>,
    ink: Ink,
    width: usize,
}

impl MadeOf {
    fn is(&self, document: &Arc<Document>, tab: Tab, view: &View) -> bool {
        Arc::ptr_eq(&self.document, document)
            && self.tab == tab
            && self.service.as_deref() == view.service
            && self.filter == view.filter
            && self.only_wrong == view.only_wrong
            && self.cursor.as_ref() == view.cursor
            && std::ptr::eq(self.ink.theme, view.ink.theme)
            && std::ptr::eq(self.ink.glyphs, view.ink.glyphs)
            && self.ink.presenting == view.ink.presenting
            && self.width == view.width
    }
}

/// Returns the page of a screen of figures.
pub fn figures(state: &State, figures: &Figures) -> Rc<Page> {
    crate::failpoint::reach("screen", figures.tab.word());
    let Some(document) = &state.document else { return Rc::default() };
    let beside = figures.against.is_none() && !matches!(figures.tab, Tab::Sources | Tab::Measures);
    let regions = layout::regions(state.window.0, state.window.1, Wish { side: beside, ..wish(state) });
    let view = View {
        document,
        service: figures.service.as_deref(),
        filter: &figures.filter,
        only_wrong: figures.only_wrong,
        cursor: figures.cursor.target.as_ref().filter(|_| CURSORED.contains(&figures.tab)),
        ink: state.ink,
        // The last column is for the marks that say there is more.
        width: usize::from(regions.body.width.saturating_sub(1)),
    };
    // These two tell of more than one document.
    if figures.against.is_some() || figures.tab == Tab::Sources {
        return Rc::new(made(state, view, figures));
    }
    if let Some((of, page)) = &*state.made.borrow()
        && of.is(document, figures.tab, &view)
    {
        return Rc::clone(page);
    }
    let page = Rc::new(made(state, view, figures));
    let of = MadeOf {
        document: Arc::clone(document),
        tab: figures.tab,
        service: view.service.map(ToOwned::to_owned),
        filter: view.filter.to_owned(),
        only_wrong: view.only_wrong,
        cursor: view.cursor.cloned(),
        ink: view.ink,
        width: view.width,
    };
    *state.made.borrow_mut() = Some((of, Rc::clone(&page)));
    page
}

fn made(state: &State, view: View, figures: &Figures) -> Page {
    let mut page = match (&figures.against, figures.tab) {
        (Some(against), _) => compare::page(state, view, figures, against),
        (None, tab) => of_tab(state, view, tab),
    };
    if page.lines.is_empty() && page.kept.1 > 0 {
        nothing_left(view, &mut page);
    }
    if state.ink.presenting { page.spaced() } else { page }
}

/// Says why a table or page is empty although there are figures.
fn nothing_left(view: View, page: &mut Page) {
    let said = if view.only_wrong && view.filter.is_empty() {
        "Nothing is wrong here."
    } else {
        "The filter leaves nothing; Esc takes it away."
    };
    page.gap();
    page.paragraph(view.ink, said, view.ink.theme.met, view.width);
}

/// Returns the page of a tab.
pub fn of_tab(state: &State, view: View, tab: Tab) -> Page {
    match tab {
        Tab::Home => home::page(view),
        Tab::Report => report::page(view),
        Tab::Levels => levels::page(view),
        Tab::Availability => availability::page(view),
        Tab::Capacity => capacity::page(view),
        Tab::Continuity => continuity::page(view),
        Tab::Backlog => backlog::page(view),
        Tab::Measures => measures::page(view),
        Tab::Sources => sources::page(view, &state.options.notices, &pulls(state)),
        Tab::Tickets | Tab::Sql => Page::default(),
    }
}

/// Returns a line on each pull that is under way.
fn pulls(state: &State) -> Vec<String> {
    let pulling = state.jobs.values().filter(|job| job.doing.starts_with("pulling"));
    pulling.map(|job| super::widgets::header::progress(state, job)).collect()
}

/// Returns the page of a ticket, empty until it is here.
pub fn ticket_page(state: &State, ticket: &TicketScreen) -> Page {
    let width = usize::from(regions(state).body.width.saturating_sub(1));
    ticket
        .detail
        .as_ref()
        .map(|detail| ticket::page(state.ink, detail, state.document.as_deref(), width))
        .unwrap_or_default()
}

/// Returns the size that an overlay asks for.
pub fn overlay_size(state: &State, overlay: &Overlay) -> (u16, u16) {
    let (columns, rows) = state.window;
    match overlay {
        // Where it would nearly fill the window an overlay takes the whole width: fragments of the screen beside it
        // would only puzzle.
        Overlay::Help(_) | Overlay::Log(_) | Overlay::Palette { .. } if columns < 100 => {
            (columns, rows.saturating_sub(3))
        }
        Overlay::Why(..) | Overlay::Record(..) if columns < 140 => (columns, rows.saturating_sub(3)),
        Overlay::Why(..) | Overlay::Record(..) => (120, rows.saturating_sub(6).min(46)),
        Overlay::Help(_) | Overlay::Log(_) => (90, rows.saturating_sub(6).min(60)),
        Overlay::Palette { .. } => (90, rows.saturating_sub(6).min(30)),
        Overlay::Columns(_) => (46, rows.saturating_sub(4).min(40)),
        Overlay::Export { .. } => (78, 13),
        Overlay::Name(_) => (60, 5),
        Overlay::Pull => (64, 7),
        Overlay::Quit => (44, 5),
        Overlay::Plain(..) => (columns, rows),
    }
}

/// Returns the page of an overlay, for the room inside its frame.
pub fn overlay(state: &State, overlay: &Overlay) -> Page {
    crate::failpoint::reach("overlay", overlay.word());
    let (columns, rows) = overlay_size(state, overlay);
    let area = layout::overlay(state.window.0, state.window.1, columns, rows);
    let width = usize::from(area.width.saturating_sub(2));
    let ink = state.ink;
    let mut page = Page::default();
    match overlay {
        Overlay::Why(id, _) => {
            if let Some(document) = &state.document {
                why::write(ink, &mut page, document, id, width, usize::from(area.height));
            }
        }
        Overlay::Record(record, _) => {
            let label = record.fields.iter().map(|(name, _)| text::width(name)).max().unwrap_or(0).min(width / 3);
            for (name, value) in &record.fields {
                page.field(ink, name, value, ink.theme.text, label, width);
            }
        }
        Overlay::Help(_) => help::write(state, &mut page, width),
        Overlay::Log(_) => log::write(state, &mut page, width),
        Overlay::Columns(at) => {
            columns::write(state, &mut page, *at, width, usize::from(area.height.saturating_sub(2)));
        }
        Overlay::Export { format, service, scopes, scope } => {
            let scope = scopes.get(*scope).copied().unwrap_or(super::state::Scope::Report);
            export::write(state, &mut page, *format, scope, service.as_deref(), width);
        }
        Overlay::Palette { input, at } => {
            palette::write(state, &mut page, input, *at, width, usize::from(area.height.saturating_sub(2)));
        }
        Overlay::Name(input) => {
            page.line(vec![]);
            let mut spans = vec![ink.span("  name: ", ink.theme.accent)];
            spans.extend(super::widgets::keybar::typed(ink, input, width.saturating_sub(10)));
            page.line(spans);
        }
        Overlay::Pull => {
            let sources = state.opened.as_ref().map(|opened| opened.sources.join(", ")).unwrap_or_default();
            page.line(vec![]);
            let said = format!("Pull every source anew ({sources})? Figures on screen will change. Enter yes, Esc no");
            page.paragraph(ink, &text::screen_str(&said), ink.theme.text, width);
        }
        Overlay::Quit => {
            page.line(vec![]);
            page.line(vec![ink.plain(&pad("  Leave servicebook?  Enter yes, Esc no", width))]);
        }
        Overlay::Plain(lines, _) => {
            for line in lines {
                page.line(vec![ink.plain(line)]);
            }
        }
    }
    page
}
