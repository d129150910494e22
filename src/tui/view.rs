//! Drawing: the state as it is, onto a frame. Changes nothing.

use super::layout::{self, Size};
use super::page::{Cursor, Ink, Page, Target};
use super::screens;
use super::state::{Overlay, RowsScreen, Screen, State};
use super::update;
use super::widgets::{header, keybar, rows};
use super::words;
use crate::text;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};

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
        return;
    }
    // The frame may already have another size than the last resize event told.
    let regions = layout::regions(
        area.width.min(state.window.0.max(1)),
        area.height.min(state.window.1.max(1)),
        !state.options.notices.is_empty(),
        screens::regions(state).side.width > 0,
    );
    if regions.size == Size::Tiny {
        return;
    }
    let head = header::lines(state, usize::from(regions.header.width), usize::from(regions.header.height));
    for (at, line) in head.iter().enumerate() {
        let y = regions.header.y + u16::try_from(at).unwrap_or(0);
        buffer.set_line(regions.header.x, y, line, regions.header.width);
    }
    let page = match state.screen() {
        Screen::Figures(figures) if state.document.is_some() => screens::figures(state, figures),
        _ => Page::default(),
    };
    body(state, &page, &regions, buffer);
    sentence(state, &page, regions.sentence, buffer);
    keys(state, regions.keys, buffer);
    if let Some(over) = &state.overlay {
        overlay(state, over, buffer);
    }
    ink.glyphs.clean(buffer);
}

fn body(state: &State, figures_page: &Page, regions: &layout::Regions, buffer: &mut Buffer) {
    let ink = state.ink;
    let area = regions.body;
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
        Screen::Rows(screen) => table(ink, screen, area, buffer),
        Screen::Ticket(ticket) => {
            let page = match (&ticket.detail, &ticket.failed) {
                (Some(detail), _) => screens::ticket::page(ink, detail, usize::from(area.width)),
                (None, Some(message)) => note(ink, message, ink.theme.error, area.width),
                (None, None) => note(ink, "loading …", ink.theme.muted, area.width),
            };
            lines(ink, &page, &ticket.cursor, area, buffer, false);
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
            page.title(ink, &text::screen_str(document.service_name(service)), "");
            page.paragraph(ink, &screens::home::sentence(document, Some(service)), ink.theme.text, width);
        }
        Some(Target::Record(record)) => {
            page.title(ink, &record.title, "");
            let label = record.fields.iter().map(|(name, _)| text::width(name)).max().unwrap_or(0).min(width / 3);
            for (name, value) in &record.fields {
                page.field(ink, name, value, ink.theme.text, label, width);
            }
        }
        Some(Target::Book | Target::Rows(_) | Target::Ticket { .. } | Target::Measure(_)) | None => {
            page.title(ink, &text::screen_str(&document.descriptor.title), "");
            page.paragraph(ink, &screens::home::sentence(document, None), ink.theme.text, width);
        }
    }
    lines(ink, &page, &Cursor::default(), inside, buffer, false);
}

fn table(ink: Ink, screen: &RowsScreen, area: Rect, buffer: &mut Buffer) {
    let mut parts =
        vec![ink.plain(" "), ink.span(&text::fit(&screen.title, usize::from(area.width / 2)), ink.theme.title)];
    if let Some(page) = &screen.page {
        let counted = if screen.search.is_empty() {
            words::rows(page.total as u64)
        } else {
            format!("{} of {} rows", page.total, page.unsearched)
        };
        parts.push(ink.plain(&format!("  {counted}")));
        if let Some(used) = screen.used.filter(|used| u64::try_from(page.unsearched).is_ok_and(|rows| rows != *used)) {
            parts.push(ink.span(&format!("  {} the figure counts {used}", ink.glyphs.risk), ink.theme.stamp));
        }
        if !screen.search.is_empty() {
            parts.push(ink.span(&format!("  [filter: {}]", text::screen_str(&screen.search)), ink.theme.accent));
        }
        if let Some((column, down)) = &screen.sort {
            parts.push(ink.muted(&format!("  by {column} {}", ink.glyphs.sorted[usize::from(*down)])));
        }
    }
    buffer.set_line(area.x, area.y, &Line::from(parts), area.width);
    let inside = Rect::new(area.x, area.y + 1, area.width, area.height.saturating_sub(1));
    let said = match (&screen.page, &screen.failed, &screen.source) {
        (_, Some((_, message)), _) => Some((message.as_str(), ink.theme.error)),
        (_, _, None) => Some(("This period does not have these rows.", ink.theme.unknown)),
        (None, None, _) => Some(("loading …", ink.theme.muted)),
        (Some(page), None, _) if page.total == 0 => Some(("No rows.", ink.theme.muted)),
        _ => None,
    };
    if let Some((said, style)) = said {
        let page = note(ink, said, style, area.width);
        lines(ink, &page, &Cursor::default(), inside, buffer, false);
    } else if let Some(page) = &screen.page
        && inside.height > 0
    {
        rows::draw(ink, screen, page, inside, buffer);
    }
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
            Some(Target::Rows(_)) => "Enter shows the rows.".into(),
            Some(Target::Measure(id)) => format!("Enter lists the figures of {}.", words::measure(document, id)),
            Some(Target::Ticket { key, .. }) => format!("Enter shows ticket {}.", text::screen(key)),
            None => String::new(),
        },
        Screen::Rows(screen) => {
            let Some(page) = &screen.page else { return String::new() };
            let cell = screen.row.checked_sub(page.offset).and_then(|at| page.rows.get(at)?.get(screen.column));
            match (page.columns.get(screen.column), cell) {
                (Some(column), Some(cell)) => {
                    let place = format!("Row {} of {}", screen.row + 1, page.total);
                    format!("{place}, {}: {}", column.name, rows::cell(state.ink, cell))
                }
                _ => String::new(),
            }
        }
        Screen::Ticket(ticket) => format!("{} from {}", text::screen(&ticket.key), text::screen(&ticket.source)),
    }
}

fn keys(state: &State, area: Rect, buffer: &mut Buffer) {
    let ink = state.ink;
    let width = usize::from(area.width);
    let line = if state.typing {
        let chip = match state.screen() {
            Screen::Figures(figures) => {
                let (kept, all) = screens::figures(state, figures).kept;
                format!("{kept} of {all}")
            }
            Screen::Rows(rows) => {
                rows.page.as_ref().map_or(String::new(), |page| format!("{} of {}", page.total, page.unsearched))
            }
            Screen::Ticket(_) => String::new(),
        };
        keybar::prompt(ink, &text::screen_str(state.filter()), &chip, width)
    } else {
        let mut line = keybar::keys(ink, &update::contexts(state), width);
        if let Some(chip) = chip(state) {
            line.spans.insert(0, Span::styled(ink.glyphs.text(&text::fit(&chip, width / 2)), ink.theme.accent));
        }
        line
    };
    buffer.set_line(area.x, area.y, &line, area.width);
}

/// Returns what is kept of a page of figures, where not all of it is.
fn chip(state: &State) -> Option<String> {
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
        Overlay::Export { .. } => ("Write the report to a file", None),
        Overlay::Quit => ("Quit", None),
    };
    Clear.render(area, buffer);
    let frame =
        Block::bordered().border_style(ink.theme.border).title(ink.span(&format!(" {title} "), ink.theme.title));
    let frame = match ink.glyphs.bar {
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
    };
    let inside = frame.inner(area);
    frame.render(area, buffer);
    let page = screens::overlay(state, over);
    let none = Cursor::default();
    lines(ink, &page, cursor.unwrap_or(&none), inside, buffer, matches!(over, Overlay::Why(..)));
}
