//! The screens, one file each: a document and a place to look become a page.
//!
//! Must not compute figures: what stands on a page is in the document.

pub mod availability;
pub mod backlog;
pub mod capacity;
pub mod continuity;
pub mod export;
pub mod happened;
pub mod help;
pub mod home;
pub mod levels;
pub mod lookup;
pub mod measures;
pub mod report;
pub mod sources;
pub mod ticket;
pub mod why;
mod worst;

use super::action::Tab;
use super::layout::{self, Regions};
use super::page::{Ink, Page, Target, pad};
use super::state::{Figures, Overlay, Screen, State};
use crate::report::Document;
use crate::text;

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

/// Returns the regions of the window for the screen on top.
pub fn regions(state: &State) -> Regions {
    let side = matches!(state.screen(), Screen::Figures(figures) if figures.tab != Tab::Sources);
    layout::regions(state.window.0, state.window.1, !state.options.notices.is_empty(), side)
}

/// Returns the page of a screen of figures.
pub fn figures(state: &State, figures: &Figures) -> Page {
    let side = figures.tab != Tab::Sources;
    let regions = layout::regions(state.window.0, state.window.1, !state.options.notices.is_empty(), side);
    let Some(document) = &state.document else { return Page::default() };
    let view = View {
        document,
        service: figures.service.as_deref(),
        filter: &figures.filter,
        only_wrong: figures.only_wrong,
        cursor: figures.cursor.target.as_ref(),
        ink: state.ink,
        // The last column is for the marks that say there is more.
        width: usize::from(regions.body.width.saturating_sub(1)),
    };
    match figures.tab {
        Tab::Home => home::page(view),
        Tab::Report => report::page(view),
        Tab::Levels => levels::page(view),
        Tab::Availability => availability::page(view),
        Tab::Capacity => capacity::page(view),
        Tab::Continuity => continuity::page(view),
        Tab::Sources => sources::page(view, &state.options.notices, &[]),
        Tab::Tickets => Page::default(),
    }
}

/// Returns the size that an overlay asks for.
pub fn overlay_size(state: &State, overlay: &Overlay) -> (u16, u16) {
    let (columns, rows) = state.window;
    match overlay {
        // Where it would nearly fill the window an overlay takes the whole width: fragments of the screen beside it would only puzzle.
        Overlay::Help(_) if columns < 100 => (columns, rows.saturating_sub(4)),
        Overlay::Why(..) | Overlay::Record(..) if columns < 140 => (columns, rows.saturating_sub(4)),
        Overlay::Why(..) | Overlay::Record(..) => (120, rows.saturating_sub(6).min(46)),
        Overlay::Help(_) => (80, rows.saturating_sub(6).min(50)),
        Overlay::Export { .. } => (74, 13),
        Overlay::Quit => (44, 5),
    }
}

/// Returns the page of an overlay, for the room inside its frame.
pub fn overlay(state: &State, overlay: &Overlay) -> Page {
    let (columns, rows) = overlay_size(state, overlay);
    let area = layout::overlay(state.window.0, state.window.1, columns, rows);
    let width = usize::from(area.width.saturating_sub(2));
    let mut page = Page::default();
    match overlay {
        Overlay::Why(id, _) => {
            if let Some(document) = &state.document {
                why::write(state.ink, &mut page, document, id, width, usize::from(area.height));
            }
        }
        Overlay::Record(record, _) => {
            let label = record.fields.iter().map(|(name, _)| text::width(name)).max().unwrap_or(0).min(width / 3);
            for (name, value) in &record.fields {
                page.field(state.ink, name, value, state.ink.theme.text, label, width);
            }
        }
        Overlay::Help(_) => help::write(state, &mut page, width),
        Overlay::Export { format, service, only } => {
            export::write(state, &mut page, *format, service.as_deref().filter(|_| *only), width);
        }
        Overlay::Quit => {
            page.line(vec![]);
            page.line(vec![state.ink.plain(&pad("  Leave servicebook?  Enter yes, Esc no", width))]);
        }
    }
    page
}
