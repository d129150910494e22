//! Drawing: the state as it is, onto a frame. Changes nothing.

mod panel;
mod table;

use super::layout::{self, Size, Wish};
use super::page::{Cursor, Ink, Page, Target};
use super::screens;
use super::state::{Overlay, Screen, State};
use super::update;
use super::widgets::{header, keybar, rows};
use super::words;
use crate::text;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};
use std::rc::Rc;

/// Draws the whole screen.
pub fn view(state: &State, frame: &mut Frame) {
    let area = frame.area();
    draw(state, area, frame.buffer_mut());
}

/// Draws the whole screen into a buffer.
pub fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let ink = state.ink;
    if layout::size(area.width, area.height) == Size::Tiny {
        let said = format!("{} needs 40x10, this is {}x{}", "servicebook", area.width, area.height);
        if area.height > 0 && area.width > 0 {
            buffer.set_line(
                area.x,
                area.y,
                &Line::from(ink.plain(&text::fit(&said, usize::from(area.width)))),
                area.width,
            );
        }
        ink.glyphs.clean(buffer);
        ink.theme.ground(buffer);
        return;
    }
    // The frame may already have another size than the last resize event told.
    let regions = layout::regions(
        area.width.min(state.window.0.max(1)),
        area.height.min(state.window.1.max(1)),
        Wish { side: screens::regions(state).side.width > 0, ..screens::wish(state) },
    );
    if regions.size == Size::Tiny {
        return;
    }
    let head = header::lines(state, usize::from(regions.header.width), usize::from(regions.header.height));
    for (at, line) in head.iter().enumerate() {
        let y = regions.header.y + u16::try_from(at).unwrap_or(0);
        buffer.set_line(regions.header.x, y, line, regions.header.width);
    }
    let page = if state.document.is_some() { update::page(state) } else { Rc::default() };
    body(state, &page, &regions, buffer);
    sentence(state, &page, regions.sentence, buffer);
    keys(state, regions.keys, buffer);
    match &state.overlay {
        Some(over @ Overlay::Plain(_, cursor)) => plain(state, over, cursor, buffer),
        Some(over) => overlay(state, over, buffer),
        None => panel::which_key(state, &regions, buffer),
    }
    // What has just happened is said above all else, also where a panel covers its place.
    if state.toast.is_some() && state.overlay.is_some() {
        Clear.render(regions.sentence, buffer);
        sentence(state, &page, regions.sentence, buffer);
    }
    ink.glyphs.clean(buffer);
    ink.theme.ground(buffer);
}

/// Draws text alone over the whole window.
fn plain(state: &State, over: &Overlay, cursor: &Cursor, buffer: &mut Buffer) {
    let area = buffer.area;
    Clear.render(area, buffer);
    lines(state.ink, &screens::overlay(state, over), cursor, area, buffer, false);
}

fn body(state: &State, figures_page: &Page, regions: &layout::Regions, buffer: &mut Buffer) {
    let ink = state.ink;
    let area = regions.body;
    crate::failpoint::reach("body", state.screen().word());
    if state.document.is_none() {
        let (said, style) = match &state.failed {
            Some(message) => (message.clone(), ink.theme.error),
            None => (format!("loading {} …", words::period(&state.period)), ink.theme.muted),
        };
        let mut page = Page::default();
        page.line(vec![]);
        page.paragraph(ink, &said, style, usize::from(area.width));
        lines(ink, &page, &Cursor::default(), area, buffer, false);
        return;
    }
    match state.screen() {
        Screen::Figures(figures) => {
            let page = figures_page;
            lines(ink, page, &figures.cursor, area, buffer, state.overlay.is_none());
            if regions.side.width > 0 {
                side(state, figures.cursor.on(page).map(|stop| &stop.target), regions.side, buffer);
            }
        }
        Screen::Rows(screen) => table::draw(state, screen, area, buffer),
        Screen::Sql(screen) => table::sql(state, screen, area, buffer),
        Screen::Ticket(ticket) => {
            let (page, focused) = match (&ticket.detail, &ticket.failed) {
                (Some(_), _) => (figures_page.clone(), state.overlay.is_none()),
                (None, Some(message)) => (note(ink, message, ink.theme.error, area.width), false),
                (None, None) => (note(ink, "loading …", ink.theme.muted, area.width), false),
            };
            lines(ink, &page, &ticket.cursor, area, buffer, focused);
        }
    }
}

fn note(ink: Ink, said: &str, style: ratatui::style::Style, width: u16) -> Page {
    let mut page = Page::default();
    page.line(vec![]);
    page.paragraph(ink, said, style, usize::from(width));
    page
}

/// Draws the lines of a page that are in sight, with the cursor and the names of columns that would have scrolled away.
fn lines(ink: Ink, page: &Page, cursor: &Cursor, area: Rect, buffer: &mut Buffer, focused: bool) {
    let stop = cursor.on(page).filter(|_| focused);
    for y in 0..area.height {
        let at = cursor.top + usize::from(y);
        let Some(line) = page.lines.get(at) else { break };
        let sticky = line.head.filter(|head| y == 0 && *head < cursor.top);
        let shown = sticky.map_or(line, |head| &page.lines[head]);
        buffer.set_line(area.x, area.y + y, &Line::from(shown.spans.clone()), area.width);
        if let Some(stop) = stop.filter(|stop| stop.line == at && sticky.is_none()) {
            buffer.set_line(area.x, area.y + y, &Line::from(ink.span(ink.glyphs.here, ink.theme.accent)), 1);
            let from = u16::try_from(stop.from).unwrap_or(0).min(area.width);
            let wide = u16::try_from(stop.to.saturating_sub(stop.from)).unwrap_or(0).min(area.width - from);
            buffer.set_style(Rect::new(area.x + from, area.y + y, wide, 1), ink.theme.selection);
        }
    }
    // More lines above or below are announced in the right margin.
    if area.height > 1 && area.width > 0 {
        let edge = area.x + area.width - 1;
        if cursor.top + usize::from(area.height) < page.lines.len() {
            let mark = Line::from(ink.span(ink.glyphs.more[1], ink.theme.accent));
            buffer.set_line(edge, area.y + area.height - 1, &mark, 1);
        }
        if cursor.top > 0 {
            buffer.set_line(edge, area.y, &Line::from(ink.span(ink.glyphs.more[0], ink.theme.accent)), 1);
        }
    }
}

fn side(state: &State, target: Option<&Target>, area: Rect, buffer: &mut Buffer) {
    let ink = state.ink;
    for y in area.y..area.y + area.height {
        buffer.set_line(area.x, y, &Line::from(ink.span(ink.glyphs.bar, ink.theme.border)), 1);
    }
    let inside = Rect::new(area.x + 1, area.y, area.width.saturating_sub(1), area.height);
    let width = usize::from(inside.width.saturating_sub(1));
    let mut page = Page::default();
    let Some(document) = &state.document else { return };
    match target {
        Some(Target::Figure(id) | Target::Point(id, _)) => {
            screens::why::write(ink, &mut page, document, id, width, usize::from(area.height));
        }
        Some(Target::Service(service)) => {
            screens::home::beside(ink, &mut page, document, Some(service), width);
        }
        Some(Target::Record(record)) => {
            page.title(ink, &record.title, "");
            let label = record.fields.iter().map(|(name, _)| text::width(name)).max().unwrap_or(0).min(width / 3);
            for (name, value) in &record.fields {
                page.field(ink, name, value, ink.theme.text, label, width);
            }
        }
        Some(Target::Book | Target::Rows(_) | Target::Ticket { .. } | Target::Measure(_)) | None => {
            screens::home::beside(ink, &mut page, document, None, width);
        }
    }
    lines(ink, &page, &Cursor::default(), inside, buffer, false);
}

fn sentence(state: &State, page: &Page, area: Rect, buffer: &mut Buffer) {
    let ink = state.ink;
    let width = usize::from(area.width);
    let (said, style) = match &state.toast {
        Some(toast) if toast.wrong => (format!("{} {}", ink.glyphs.missed, toast.text), ink.theme.error),
        Some(toast) => (toast.text.clone(), ink.theme.accent),
        None => (words_of(state, page), ink.theme.text),
    };
    let wrapped = super::page::wrap(&ink.glyphs.text(&said), width.saturating_sub(2).max(8));
    let room = usize::from(area.height);
    for (at, line) in wrapped.iter().take(room).enumerate() {
        let cut = at + 1 == room && wrapped.len() > room;
        let line = if cut { text::fit(&format!("{line} …"), width.saturating_sub(2)) } else { line.clone() };
        let y = area.y + u16::try_from(at).unwrap_or(0);
        buffer.set_line(area.x, y, &Line::from(vec![ink.plain(" "), ink.span(&line, style)]), area.width);
    }
}

/// Returns what the cursor is on, in words.
fn words_of(state: &State, page: &Page) -> String {
    let Some(document) = &state.document else { return String::new() };
    match state.screen() {
        Screen::Figures(figures) => match figures.cursor.on(page).map(|stop| &stop.target) {
            Some(Target::Figure(id)) => {
                document.figure(id).map_or(String::new(), |figure| words::sentence(document, figure))
            }
            Some(Target::Point(id, said)) => format!("{} {said}", words::name(document, id)),
            Some(Target::Service(id)) => screens::home::sentence(document, Some(id)),
            Some(Target::Book) => screens::home::sentence(document, None),
            Some(Target::Record(record)) => {
                record.fields.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join("; ")
            }
            Some(Target::Ticket { key, .. }) => format!("Enter opens {}.", text::screen(key)),
            Some(Target::Rows(_)) => "Enter shows the rows.".into(),
            Some(Target::Measure(id)) => format!("Enter lists the figures of {}.", words::measure(document, id)),
            None => String::new(),
        },
        Screen::Rows(_) | Screen::Sql(_) => {
            let Some(screen) = state.screen().rows() else { return String::new() };
            let Some(page) = screen.page.as_ref().filter(|_| screen.failed.is_none()) else { return String::new() };
            let order = rows::arranged(page, state.layouts.get(&page.table));
            let column = order.get(screen.column).copied();
            match column
                .and_then(|at| Some((page.columns.get(at)?, rows::cell_at(state.ink, page, screen.here()?, at))))
            {
                Some((column, cell)) => {
                    let place = format!("Row {} of {}", screen.row + 1, page.total);
                    let marked = match screen.marks.len() {
                        0 => String::new(),
                        count => format!(", {count} marked"),
                    };
                    format!("{place}{marked}, {}: {cell}", column.name)
                }
                None => String::new(),
            }
        }
        Screen::Ticket(ticket) => {
            let here = ticket.cursor.on(page).and_then(|stop| match &stop.target {
                Target::Ticket { key, .. } => Some(format!("Enter opens {}.", text::screen(key))),
                _ => None,
            });
            here.unwrap_or_else(|| format!("{} from {}", text::screen(&ticket.key), text::screen(&ticket.source)))
        }
    }
}

fn keys(state: &State, area: Rect, buffer: &mut Buffer) {
    let ink = state.ink;
    let width = usize::from(area.width);
    let line = if let Some(input) = &state.typing {
        let chip = match state.screen() {
            Screen::Figures(figures) => {
                let (kept, all) = screens::figures(state, figures).kept;
                format!("{kept} of {all}")
            }
            screen => screen
                .rows()
                .and_then(|rows| rows.page.as_ref())
                .map_or(String::new(), |page| format!("{} of {}", page.total, page.unsearched)),
        };
        keybar::prompt(ink, "filter", input, &chip, width)
    } else if matches!(state.screen(), Screen::Sql(sql) if sql.editing) && state.overlay.is_none() {
        panel::sql_keys(ink)
    } else {
        let mut line = keybar::keys(ink, &state.keymap, &update::contexts(state), width);
        if let Some(chip) = chip(state) {
            line.spans.insert(0, Span::styled(ink.glyphs.text(&text::fit(&chip, width / 2)), ink.theme.accent));
        }
        line
    };
    buffer.set_line(area.x, area.y, &line, area.width);
}

/// Returns what stands before the keys: how often the next key counts, and what is kept of a page of figures.
fn chip(state: &State) -> Option<String> {
    if let Some(count) = state.count {
        return Some(format!(" {count} times"));
    }
    let Screen::Figures(figures) = state.screen() else { return None };
    if figures.filter.is_empty() && !figures.only_wrong {
        return None;
    }
    let (kept, all) = screens::figures(state, figures).kept;
    let what = if figures.only_wrong { "only what is wrong" } else { "filter" };
    let filter =
        if figures.filter.is_empty() { String::new() } else { format!(": {}", text::screen_str(&figures.filter)) };
    Some(format!(" [{what}{filter}, {kept} of {all}]"))
}

fn overlay(state: &State, over: &Overlay, buffer: &mut Buffer) {
    let ink = state.ink;
    let (columns, lines_wanted) = screens::overlay_size(state, over);
    let window = buffer.area;
    let area =
        layout::overlay(window.width.min(state.window.0), window.height.min(state.window.1), columns, lines_wanted);
    let (title, cursor) = match over {
        Overlay::Why(_, cursor) => ("Why this number", Some(cursor)),
        Overlay::Record(record, cursor) => (record.title.as_str(), Some(cursor)),
        Overlay::Help(cursor) => ("Keys", Some(cursor)),
        Overlay::Log(cursor) => ("Log", Some(cursor)),
        Overlay::Columns(_) => ("Columns", None),
        Overlay::Export { .. } => ("Write a file", None),
        Overlay::Palette { .. } => ("All actions", None),
        Overlay::Name(_) => ("Keep the SELECT", None),
        Overlay::Pull => ("Pull", None),
        Overlay::Plain(..) => ("", None),
        Overlay::Quit => ("Quit", None),
    };
    // A wide letter that begins before the frame would cover its edge.
    if let Some(edge) = area.x.checked_sub(1) {
        for y in area.y..area.y + area.height {
            if text::width(buffer[(edge, y)].symbol()) > 1 {
                buffer[(edge, y)].reset();
            }
        }
    }
    Clear.render(area, buffer);
    let frame = framed(ink, title);
    let inside = frame.inner(area);
    frame.render(area, buffer);
    let page = screens::overlay(state, over);
    let none = Cursor::default();
    lines(ink, &page, cursor.unwrap_or(&none), inside, buffer, matches!(over, Overlay::Why(..)));
}

/// Returns a frame with a title.
fn framed(ink: Ink, title: &str) -> Block<'static> {
    let frame =
        Block::bordered().border_style(ink.theme.border).title(ink.span(&format!(" {title} "), ink.theme.title));
    match ink.glyphs.bar {
        "|" => frame.border_set(ratatui::symbols::border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        }),
        _ => frame,
    }
}
