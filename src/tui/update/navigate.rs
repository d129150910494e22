//! Going from figures to rows, from rows to tickets, and to other periods and services.

use crate::app::request::{Request, RowsQuery};
use crate::model::control_chart;
use crate::model::{FigureId, Raw};
use crate::report::Document;
use crate::report::document::Cell;
use crate::tui::action::{Step, Tab};
use crate::tui::page::{Cursor, Ink, Origin, Record, Target};
use crate::tui::screens;
use crate::tui::state::{Effect, Figures, Overlay, RowsScreen, Screen, State, TicketScreen};
use crate::tui::widgets::rows as table;
use crate::tui::words;
use chrono::Datelike;

/// Rows that are asked for around the cursor.
const WINDOW: usize = 200;

/// Goes to what a target leads to.
pub fn follow(state: &mut State, target: Target) {
    match target {
        Target::Service(service) => {
            let tab = match state.screen() {
                Screen::Figures(figures) if figures.tab != Tab::Home => figures.tab,
                _ => Tab::Report,
            };
            push_figures(state, tab, Some(service));
        }
        Target::Book => push_figures(state, Tab::Report, None),
        Target::Figure(id) | Target::Point(id, _) => open_rows(state, Origin::Used(id)),
        Target::Rows(origin) => open_rows(state, origin),
        Target::Record(record) => state.overlay = Some(Overlay::Record(record, Cursor::default())),
        Target::Measure(id) => {
            if let Screen::Figures(figures) = state.screen_mut() {
                (figures.filter, figures.cursor) = (id, Cursor::default());
            }
        }
        Target::Ticket { source, key } => open_ticket(state, source, key),
    }
}

fn push_figures(state: &mut State, tab: Tab, service: Option<String>) {
    state.screens.push(Screen::Figures(Figures::new(tab, service)));
}

fn open_ticket(state: &mut State, source: Raw, key: Raw) {
    let screen = TicketScreen { source, key, detail: None, asked: None, failed: None, cursor: Cursor::default() };
    state.screens.push(Screen::Ticket(screen));
}

/// What is said where rows of a control chart's figure are asked for.
pub const NO_ROWS_OF_A_CHART: &str = "No rows: it is made from the monthly figures; i shows their course.";

fn open_rows(state: &mut State, origin: Origin) {
    let Some(document) = state.document.clone() else { return };
    let (title, used, source) = resolve(&document, &origin);
    if source.is_none() {
        let why = match &origin {
            Origin::Used(id) if control_chart::charted(id).is_some() => {
                state.say(NO_ROWS_OF_A_CHART);
                return;
            }
            Origin::Used(id) => {
                let missing = document.figure(id).and_then(|figure| figure.value.as_ref().err().cloned());
                missing.map_or(String::new(), |missing| format!(" ({})", missing.text))
            }
            _ => String::new(),
        };
        state.say(format!("No rows stand behind this figure{why}."));
        return;
    }
    state.screens.push(Screen::Rows(Box::new(RowsScreen {
        origin,
        title,
        source,
        used,
        search: String::new(),
        sort: None,
        row: 0,
        top: 0,
        column: 0,
        first: 0,
        page: None,
        answered: None,
        asked: None,
        failed: None,
    })));
}

/// Returns the title of rows, how many there should be, and their table with its filter.
fn resolve(document: &Document, origin: &Origin) -> (String, Option<u64>, Option<(String, String)>) {
    let figure = |id: &FigureId| document.figure(id).filter(|figure| !figure.rows.table.is_empty());
    match origin {
        Origin::Used(id) => {
            let found = figure(id);
            let source = found.map(|figure| (figure.rows.table.clone(), figure.rows.filter.clone()));
            (words::name(document, id), found.map(|figure| figure.rows.used), source)
        }
        Origin::LeftOut(id, at) => {
            let left = figure(id).and_then(|figure| Some((figure, figure.rows.left_out.get(*at)?)));
            let reason = left.map_or(String::new(), |(_, left)| format!(", left out: {}", left.reason));
            let source = left.map(|(figure, left)| (figure.rows.table.clone(), left.filter.clone()));
            let title = crate::text::screen_str(&format!("{}{reason}", words::name(document, id)));
            (title, left.map(|(_, left)| left.count), source)
        }
        Origin::Finding(id) => {
            let found = document.findings.iter().find(|finding| finding.id == *id);
            let source = found.map(|finding| (finding.table.clone(), finding.filter.clone()));
            let kind = found.map_or_else(|| id.replace('_', " "), |finding| finding.kind.replace('_', " "));
            (format!("Finding: {kind}"), found.map(|finding| finding.count), source)
        }
        Origin::Tickets(service) => {
            let name = service.as_ref().map_or("All services", |id| document.service_name(id));
            // What was opened, resolved or open in the period: each side of it is a figure with its own filter.
            let mut filters: Vec<String> = document
                .figures
                .iter()
                .filter(|figure| {
                    matches!(figure.id.measure.as_str(), "tickets.opened" | "tickets.resolved" | "tickets.backlog")
                        && figure.id.scope.service == *service
                        && figure.id.scope.customer.is_none()
                        && figure.id.dimensions.len() == 1
                        && figure.rows.table == "tickets"
                })
                .map(|figure| format!("({})", figure.rows.filter))
                .collect();
            filters.sort();
            filters.dedup();
            let source = (!filters.is_empty()).then(|| ("tickets".to_owned(), filters.join(" OR ")));
            (format!("{name}: tickets opened, resolved or open in the period"), None, source)
        }
    }
}

/// Asks again for whatever the screens show of the period before.
pub fn renew(state: &mut State) {
    let Some(document) = state.document.clone() else { return };
    for screen in &mut state.screens {
        match screen {
            Screen::Rows(rows) => {
                (rows.title, rows.used, rows.source) = resolve(&document, &rows.origin);
                (rows.page, rows.answered, rows.failed, rows.asked) = (None, None, None, None);
            }
            Screen::Ticket(ticket) => (ticket.detail, ticket.asked, ticket.failed) = (None, None, None),
            Screen::Figures(_) => {}
        }
    }
}

fn query(state: &State, rows: &RowsScreen) -> Option<RowsQuery> {
    let (table, filter) = rows.source.clone()?;
    let loaded = rows.page.as_ref().zip(rows.answered.as_ref()).filter(|(_, query)| asks_for(rows, query));
    let height = usize::from(screens::regions(state).body.height).max(1);
    let offset = match loaded {
        // The window holds what is in sight: nothing to ask.
        Some((page, query))
            if rows.top >= page.offset
                && (rows.top + height <= page.offset + page.rows.len()
                    || page.offset + page.rows.len() >= page.total) =>
        {
            query.offset
        }
        _ => rows.top.saturating_sub(WINDOW / 4),
    };
    Some(RowsQuery {
        period: state.period.clone(),
        table,
        filter,
        search: rows.search.clone(),
        sort: rows.sort.clone(),
        offset,
        limit: WINDOW,
    })
}

/// Tells whether a question is the one that a screen has now, wherever its window lies.
pub fn asks_for(rows: &RowsScreen, query: &RowsQuery) -> bool {
    rows.source.as_ref().is_some_and(|(table, filter)| *table == query.table && *filter == query.filter)
        && rows.search == query.search
        && rows.sort == query.sort
}

/// Asks for what the screen on top shows and is not here; one question at a time, so that typing never queues.
pub fn ask(state: &mut State) -> Vec<Effect> {
    if state.document.is_none() {
        return Vec::new();
    }
    let wanted = match state.screen() {
        Screen::Rows(rows) if rows.asked.is_none() => query(state, rows)
            .filter(|query| rows.answered.as_ref() != Some(query))
            .filter(|query| rows.failed.as_ref().is_none_or(|(failed, _)| failed != query))
            .map(Request::Rows),
        Screen::Ticket(ticket) if ticket.asked.is_none() && ticket.detail.is_none() && ticket.failed.is_none() => {
            Some(Request::Ticket {
                period: state.period.clone(),
                source: ticket.source.clone(),
                key: ticket.key.clone(),
            })
        }
        _ => None,
    };
    let Some(request) = wanted else { return Vec::new() };
    let number = state.number();
    match (state.screen_mut(), &request) {
        (Screen::Rows(rows), Request::Rows(query)) => rows.asked = Some((number, query.clone())),
        (Screen::Ticket(ticket), _) => ticket.asked = Some(number),
        _ => {}
    }
    state.changed = true;
    vec![Effect::Ask(number, request)]
}

/// Goes to another period; one that was on screen before comes back at once.
pub fn period(state: &mut State, by: i64) -> Vec<Effect> {
    let from = state.wanted.as_ref().map_or(&state.period, |(_, period)| period);
    let to = from.shifted(by);
    if !(1970..2200).contains(&to.start().year()) {
        state.say("There is no period beyond this one.");
        return Vec::new();
    }
    state.wanted = None;
    if let Some(kept) = state.kept.iter().find(|kept| kept.period == to).cloned() {
        super::answer::show(state, kept);
        return Vec::new();
    }
    let number = state.number();
    state.wanted = Some((number, to.clone()));
    vec![Effect::Ask(number, Request::Document { period: to })]
}

/// Goes to another service, in the order of the book.
pub fn service(state: &mut State, by: i64) {
    let Some(document) = state.document.clone() else { return };
    let here = state.service();
    let at = here.as_ref().and_then(|id| document.services.iter().position(|named| named.id == *id));
    let count = i64::try_from(document.services.len()).unwrap_or(0);
    if count == 0 {
        return;
    }
    let next = match at.and_then(|at| i64::try_from(at).ok()) {
        Some(at) => (at + by).rem_euclid(count),
        None if by > 0 => 0,
        None => count - 1,
    };
    let Some(named) = usize::try_from(next).ok().and_then(|at| document.services.get(at)) else { return };
    let id = named.id.clone();
    match state.screen_mut() {
        Screen::Figures(figures) if figures.tab == Tab::Home => {
            figures.cursor.target = Some(Target::Service(id));
        }
        Screen::Figures(figures) if figures.tab != Tab::Sources => {
            figures.service = Some(id.clone());
            figures.cursor = follow_service(&figures.cursor, &id);
        }
        Screen::Rows(rows) => {
            let origin = match &rows.origin {
                Origin::Used(figure) => {
                    let mut figure = figure.clone();
                    figure.scope.service = Some(id);
                    Origin::Used(figure)
                }
                Origin::Tickets(_) => Origin::Tickets(Some(id)),
                other => other.clone(),
            };
            let (title, used, source) = resolve(&document, &origin);
            if source.is_none() {
                state.say("The next service has no such figure.");
                return;
            }
            let search = std::mem::take(&mut rows.search);
            **rows = RowsScreen { origin, title, used, source, search, page: None, answered: None, ..(**rows).clone() };
            (rows.row, rows.top, rows.asked, rows.failed) = (0, 0, None, None);
        }
        Screen::Figures(_) | Screen::Ticket(_) => state.say("This screen is not about one service."),
    }
}

/// Keeps the cursor on the same figure of another service.
fn follow_service(cursor: &Cursor, service: &str) -> Cursor {
    let target = match &cursor.target {
        Some(Target::Figure(id)) if id.scope.service.is_some() => {
            let mut id = id.clone();
            id.scope.service = Some(service.to_owned());
            Some(Target::Figure(id))
        }
        _ => None,
    };
    Cursor { target, stop: 0, top: 0 }
}

/// Opens the screen of a number key. Screens of one service stand beside each other, not upon each other.
pub fn go(state: &mut State, tab: Tab) {
    if tab == Tab::Home {
        state.screens.truncate(1);
        return;
    }
    let service = state.service();
    let first = state.document.as_ref().and_then(|document| document.services.first()).map(|named| named.id.clone());
    let of_book = match state.screen() {
        Screen::Figures(figures) if figures.tab == Tab::Home => {
            matches!(figures.cursor.target, Some(Target::Book)) || service.is_none()
        }
        Screen::Figures(figures) => figures.service.is_none() && figures.tab != Tab::Sources,
        Screen::Rows(_) | Screen::Ticket(_) => false,
    };
    let service = if of_book { None } else { service.or(first) };
    state.screens.truncate(1);
    match tab {
        Tab::Tickets => open_rows(state, Origin::Tickets(service)),
        Tab::Sources => push_figures(state, tab, None),
        _ => push_figures(state, tab, service),
    }
}

/// Sorts by the column of the cursor: upwards, downwards, not at all.
pub fn sort(state: &mut State) {
    let Screen::Rows(rows) = state.screen_mut() else { return };
    let Some(name) = rows.page.as_ref().and_then(|page| page.columns.get(rows.column)).map(|c| c.name.clone()) else {
        return;
    };
    rows.sort = match rows.sort.take() {
        Some((sorted, false)) if sorted == name => Some((name, true)),
        Some((sorted, true)) if sorted == name => None,
        _ => Some((name, false)),
    };
    (rows.row, rows.top) = (0, 0);
}

/// Moves the cursor of a table of rows; leaving the window moves it by half its height.
pub fn step_rows(ink: Ink, rows: &mut RowsScreen, by: Step, height: usize, width: usize) {
    let Some(page) = &rows.page else { return };
    let height = height.max(1);
    let last = page.total.saturating_sub(1);
    let columns = page.columns.len();
    match by {
        Step::Up => rows.row = rows.row.saturating_sub(1),
        Step::Down => rows.row = (rows.row + 1).min(last),
        Step::PageUp => (rows.row, rows.top) = (rows.row.saturating_sub(height), rows.top.saturating_sub(height)),
        Step::PageDown => (rows.row, rows.top) = ((rows.row + height).min(last), rows.top + height),
        Step::HalfUp => rows.row = rows.row.saturating_sub((height / 2).max(1)),
        Step::HalfDown => rows.row = (rows.row + (height / 2).max(1)).min(last),
        Step::First => rows.row = 0,
        Step::Last => rows.row = last,
        Step::Left | Step::Previous => rows.column = rows.column.saturating_sub(1),
        Step::Right | Step::Next => rows.column = (rows.column + 1).min(columns.saturating_sub(1)),
    }
    let widths = table::widths(ink, page, width);
    settle_rows(rows, height);
    show_column(&widths, rows, width);
}

/// Keeps the cursor among the rows and in sight.
pub fn settle_rows(rows: &mut RowsScreen, height: usize) {
    let height = height.max(1);
    if let Some(page) = &rows.page {
        rows.row = rows.row.min(page.total.saturating_sub(1));
        rows.column = rows.column.min(page.columns.len().saturating_sub(1));
        rows.top = rows.top.min(page.total.saturating_sub(height));
    }
    if rows.row < rows.top || rows.row >= rows.top + height {
        rows.top = (rows.row + 1).saturating_sub(height.div_ceil(2));
    }
    if let Some(page) = &rows.page {
        rows.top = rows.top.min(page.total.saturating_sub(height));
    }
}

/// Scrolls columns until the one of the cursor is in sight; the first stays.
pub fn show_column(widths: &[usize], rows: &mut RowsScreen, width: usize) {
    if rows.column == 0 {
        rows.first = 0;
        return;
    }
    rows.first = rows.first.min(rows.column - 1);
    while rows.first + 1 < rows.column {
        let seen = table::in_sight(widths, rows.first, width);
        let whole = seen.iter().any(|(column, at)| *column == rows.column && at + widths[*column].min(24) <= width);
        if whole {
            break;
        }
        rows.first += 1;
    }
}

/// Opens the row of the cursor: a ticket where it is one, else the row field by field.
pub fn open_row(state: &mut State) {
    let ink = state.ink;
    let Screen::Rows(rows) = state.screen() else { return };
    let Some(page) = &rows.page else { return };
    let Some(cells) = rows.row.checked_sub(page.offset).and_then(|at| page.rows.get(at)) else { return };
    let named = |name: &str| {
        let at = page.columns.iter().position(|column| column.name == name)?;
        match cells.get(at)? {
            Cell::Raw(raw) => Some(raw.clone()),
            Cell::Text(text) => Some(Raw::new(text.clone())),
            Cell::Integer(value) => Some(Raw::new(value.to_string())),
            _ => None,
        }
    };
    if page.table == "tickets"
        && let (Some(source), Some(key)) = (named("source"), named("source_key"))
    {
        open_ticket(state, source, key);
        return;
    }
    let fields =
        page.columns.iter().zip(cells).map(|(column, value)| (column.name.clone(), table::cell(ink, value))).collect();
    let record = Record { title: format!("{} row {}", page.table, rows.row + 1), fields };
    state.overlay = Some(Overlay::Record(record, Cursor::default()));
}
