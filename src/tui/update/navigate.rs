//! Going from figures to rows, from rows to tickets, and to other periods, services and screens.

use super::table;
use crate::app::request::{Request, RowsSource};
use crate::model::control_chart;
use crate::model::{FigureId, Period};
use crate::report::Document;
use crate::tui::action::Tab;
use crate::tui::page::{Cursor, Origin, Target};
use crate::tui::palette::Jump;
use crate::tui::state::{Against, Effect, Figures, Overlay, RowsScreen, Screen, SqlScreen, State};
use crate::tui::words;
use chrono::Datelike;

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
        Target::Ticket { source, key } => table::open_ticket(state, source, key),
    }
}

fn push_figures(state: &mut State, tab: Tab, service: Option<String>) {
    push(state, Screen::Figures(Figures::new(tab, service)));
}

/// Deepest stack of screens; what lies deeper than that nobody finds again.
const DEEPEST: usize = 40;

/// Puts a screen on top.
pub fn push(state: &mut State, screen: Screen) {
    remember(state);
    if state.screens.len() >= DEEPEST {
        state.screens.remove(1);
    }
    state.screens.push(screen);
}

/// Keeps the screens as they are, for flipping back to them.
pub fn remember(state: &mut State) {
    state.flipped = Some(state.screens.clone());
}

/// Goes back to the screens before the last jump, and back again.
pub fn flip(state: &mut State) {
    if let Some(before) = state.flipped.take() {
        state.flipped = Some(std::mem::replace(&mut state.screens, before));
    }
}

/// Leaves the screen on top; Home stays.
pub fn leave(state: &mut State) {
    if state.screens.len() > 1 {
        remember(state);
        state.screens.pop();
    }
}

/// What is said where rows of a control chart's figure are asked for.
pub const NO_ROWS_OF_A_CHART: &str = "No rows: it is made from the monthly figures; i shows their course.";

/// Opens rows.
pub fn open_rows(state: &mut State, origin: Origin) {
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
    push(state, Screen::Rows(Box::new(RowsScreen::new(origin, title, source, used))));
}

/// Returns the title of rows, how many there should be, and where they come from.
fn resolve(document: &Document, origin: &Origin) -> (String, Option<u64>, Option<RowsSource>) {
    let figure = |id: &FigureId| document.figure(id).filter(|figure| !figure.rows.table.is_empty());
    let table = |table: &str, filter: &str| RowsSource::Table { table: table.to_owned(), filter: filter.to_owned() };
    match origin {
        Origin::Used(id) => {
            let found = figure(id);
            let source = found.map(|figure| table(&figure.rows.table, &figure.rows.filter));
            (words::name(document, id), found.map(|figure| figure.rows.used), source)
        }
        Origin::LeftOut(id, at) => {
            let left = figure(id).and_then(|figure| Some((figure, figure.rows.left_out.get(*at)?)));
            let reason = left.map_or(String::new(), |(_, left)| format!(", left out: {}", left.reason));
            let source = left.map(|(figure, left)| table(&figure.rows.table, &left.filter));
            let title = crate::text::screen_str(&format!("{}{reason}", words::name(document, id)));
            (title, left.map(|(_, left)| left.count), source)
        }
        Origin::Finding(id) => {
            let found = document.findings.iter().find(|finding| finding.id == *id);
            let source = found.map(|finding| table(&finding.table, &finding.filter));
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
            let source = (!filters.is_empty()).then(|| table("tickets", &filters.join(" OR ")));
            (format!("{name}: tickets opened, resolved or open in the period"), None, source)
        }
        Origin::Sql(text) => ("SELECT".into(), None, Some(RowsSource::Sql { text: text.clone() })),
        Origin::Frequency(counted, column) => {
            let (title, _, of) = resolve(document, &counted.of);
            let source = of.map(|of| RowsSource::Frequency {
                of: Box::new(of),
                chips: counted.chips.clone(),
                search: counted.search.clone(),
                column: column.clone(),
            });
            (format!("{} of {title}", words::capital(&crate::report::format::heading(column))), None, source)
        }
        Origin::Profile(counted) => {
            let (title, _, of) = resolve(document, &counted.of);
            let source = of.map(|of| RowsSource::Profile {
                of: Box::new(of),
                chips: counted.chips.clone(),
                search: counted.search.clone(),
            });
            (format!("Every column of {title}"), None, source)
        }
    }
}

/// Asks again for whatever the screens show of the period before.
pub fn renew(state: &mut State) -> Vec<Effect> {
    let Some(document) = state.document.clone() else { return Vec::new() };
    let mut dropped = Vec::new();
    for screen in state.screens.iter_mut().chain(state.flipped.iter_mut().flatten()) {
        if let Some(rows) = screen.rows_mut() {
            dropped.extend(rows.asked.as_ref().map(|(number, _)| *number));
            (rows.title, rows.used, rows.source) = resolve(&document, &rows.origin);
            rows.forget();
            rows.marks.clear();
            rows.marked_last = None;
        }
        if let Screen::Ticket(ticket) = screen {
            dropped.extend(ticket.asked);
            (ticket.detail, ticket.asked, ticket.failed) = (None, None, None);
        }
    }
    // The same question may stand on the screens of now and of before.
    dropped.sort_unstable();
    dropped.dedup();
    dropped.into_iter().map(|number| state.drop_question(number)).collect()
}

/// Asks for what the screen on top shows and is not here; one question at a time, so that typing never queues.
pub fn ask(state: &mut State) -> Vec<Effect> {
    if state.document.is_none() {
        return Vec::new();
    }
    let mut effects = Vec::new();
    // What failed is said only as long as it is what is asked for.
    let now = table::wanted(state);
    if let Some(rows) = state.screen_mut().rows_mut()
        && rows.failed.as_ref().zip(now.as_ref()).is_some_and(|((failed, _), now)| failed != now)
    {
        rows.failed = None;
    }
    if let Some(rows) = state.screen().rows()
        && rows.asked.is_none()
        && let Some(query) = now
        && rows.answered.as_ref() != Some(&query)
        && rows.failed.as_ref().is_none_or(|(failed, _)| *failed != query)
    {
        let doing = if matches!(query.from, RowsSource::Sql { .. }) { "running the SELECT" } else { "loading rows" };
        let (number, effect) = state.ask(doing, Request::Rows(query.clone()));
        if let Some(rows) = state.screen_mut().rows_mut() {
            rows.asked = Some((number, query));
        }
        effects.push(effect);
    }
    match state.screen() {
        Screen::Ticket(ticket) if ticket.asked.is_none() && ticket.detail.is_none() && ticket.failed.is_none() => {
            let (source, key) = (ticket.source.clone(), ticket.key.clone());
            let period = state.period.clone();
            let (number, effect) = state.ask("loading the ticket", Request::Ticket { period, source, key });
            if let Screen::Ticket(ticket) = state.screen_mut() {
                ticket.asked = Some(number);
            }
            effects.push(effect);
        }
        Screen::Sql(_) if state.tables_of.as_ref() != Some(&state.period) => {
            let period = state.period.clone();
            state.tables_of = Some(period.clone());
            effects.push(state.ask("loading the names of tables", Request::Tables { period }).1);
        }
        Screen::Figures(figures) => {
            if let Some(period) = figures.against.as_ref().and_then(|against| beside(state, against))
                && state.document_of(&period).is_none()
                && state.beside.as_ref().is_none_or(|(_, asked)| *asked != period)
                && state.not_beside.iter().all(|(failed, _)| *failed != period)
            {
                let doing = format!("loading {} to compare", words::period(&period));
                let (number, effect) = state.ask(doing, Request::Document { period: period.clone() });
                state.beside = Some((number, period));
                effects.push(effect);
            }
        }
        _ => {}
    }
    effects
}

/// Returns the period that figures are set beside.
pub fn beside(state: &State, against: &Against) -> Option<Period> {
    match against {
        Against::Before => Some(state.period.previous()),
        Against::YearBefore => Some(year_before(&state.period)),
        Against::Service(_) => None,
    }
}

/// Returns the period of the same kind that began a year before.
fn year_before(period: &Period) -> Period {
    let year = period.start().with_timezone(&period.zone()).year() - 1;
    let month = period.start().with_timezone(&period.zone()).month();
    let reached = |earlier: &Period| {
        let start = earlier.start().with_timezone(&period.zone());
        (start.year(), start.month()) <= (year, month)
    };
    (1..=366).map(|steps| period.shifted(-steps)).find(reached).unwrap_or_else(|| period.shifted(-12))
}

/// Goes some periods on.
pub fn period(state: &mut State, by: i64) -> Vec<Effect> {
    let from = state.wanted.as_ref().map_or(&state.period, |(_, period)| period);
    let to = from.shifted(by);
    go_to_period(state, to)
}

/// Goes to a period; one that was on screen before comes back at once.
pub fn go_to_period(state: &mut State, to: Period) -> Vec<Effect> {
    if !(1970..2200).contains(&to.start().year()) {
        state.say("There is no period beyond this one.");
        return Vec::new();
    }
    let mut effects = Vec::new();
    if let Some((number, _)) = state.wanted.take() {
        effects.push(state.drop_question(number));
    }
    if let Some(kept) = state.document_of(&to).cloned() {
        effects.extend(super::answer::show(state, kept));
        return effects;
    }
    let (number, effect) =
        state.ask(format!("loading {}", words::period(&to)), Request::Document { period: to.clone() });
    state.wanted = Some((number, to));
    effects.insert(0, effect);
    effects
}

/// Goes to another service, in the order of the book.
pub fn service(state: &mut State, by: i64) {
    let Some(document) = state.document.clone() else { return };
    let place = |id: Option<&str>| document.services.iter().position(|named| Some(named.id.as_str()) == id);
    let count = i64::try_from(document.services.len()).unwrap_or(0);
    if count == 0 {
        return;
    }
    let next = |at: Option<usize>| {
        let next = match at.and_then(|at| i64::try_from(at).ok()) {
            Some(at) => (at + by).rem_euclid(count),
            None if by > 0 => 0,
            None => count - 1,
        };
        usize::try_from(next).ok().and_then(|at| document.services.get(at)).map(|named| named.id.clone())
    };
    // Beside another service it is that one that moves.
    if let Screen::Figures(Figures { against: Some(Against::Service(other)), service, .. }) = state.screen_mut() {
        let mut to = next(place(Some(other)));
        if to == *service && count > 1 {
            to = next(place(to.as_deref()));
        }
        if let Some(to) = to {
            *other = to;
        }
        return;
    }
    let here = state.service();
    if let Some(id) = next(place(here.as_deref())) {
        to_service(state, id);
    }
}

/// Shows the same screen of another service.
fn to_service(state: &mut State, id: String) {
    let Some(document) = state.document.clone() else { return };
    match state.screen_mut() {
        Screen::Figures(figures) if figures.tab == Tab::Home => {
            figures.cursor.target = Some(Target::Service(id));
        }
        Screen::Figures(figures) if figures.tab.of_service() => {
            figures.service = Some(id.clone());
            figures.cursor = follow_service(&figures.cursor, &id);
        }
        Screen::Rows(rows) => {
            let found = rows.origin.of_service(&id).map(|origin| (resolve(&document, &origin), origin));
            let Some(((title, used, source @ Some(_)), origin)) = found else {
                state.say("The other service has no such rows.");
                return;
            };
            let kept = RowsScreen {
                search: std::mem::take(&mut rows.search),
                chips: std::mem::take(&mut rows.chips),
                sort: rows.sort.take(),
                column: rows.column,
                first: rows.first,
                ..RowsScreen::new(origin, title, source, used)
            };
            **rows = kept;
        }
        Screen::Figures(_) | Screen::Ticket(_) | Screen::Sql(_) => state.say("This screen is not about one service."),
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

/// Opens a screen. Screens of one service stand beside each other, not upon each other.
pub fn go(state: &mut State, tab: Tab) {
    let service = state.service();
    let first = state.document.as_ref().and_then(|document| document.services.first()).map(|named| named.id.clone());
    let of_book = match state.screen() {
        Screen::Figures(figures) if figures.tab == Tab::Home => {
            matches!(figures.cursor.target, Some(Target::Book)) || service.is_none()
        }
        Screen::Figures(figures) => figures.service.is_none() && figures.tab.of_service(),
        Screen::Rows(_) | Screen::Ticket(_) | Screen::Sql(_) => false,
    };
    open_tab(state, tab, if of_book { None } else { service.or(first) });
}

/// Opens a screen of a service, or of all.
pub fn open_tab(state: &mut State, tab: Tab, service: Option<String>) {
    remember(state);
    state.screens.truncate(1);
    match tab {
        Tab::Home => {
            if let (Some(service), Some(Screen::Figures(home))) = (service, state.screens.first_mut()) {
                home.cursor.target = Some(Target::Service(service));
            }
        }
        Tab::Tickets => {
            let before = state.flipped.clone();
            open_rows(state, Origin::Tickets(service));
            state.flipped = before;
        }
        Tab::Sql => state.screens.push(Screen::Sql(Box::new(SqlScreen { editing: true, ..SqlScreen::default() }))),
        _ => {
            let service = service.filter(|_| tab.of_service());
            state.screens.push(Screen::Figures(Figures::new(tab, service)));
        }
    }
}

/// Goes where the palette was told.
pub fn jump(state: &mut State, jump: Jump) -> Vec<Effect> {
    match (jump.tab, jump.service) {
        (Some(tab), Some(service)) => open_tab(state, tab, service),
        (Some(tab), None) => go(state, tab),
        (None, Some(Some(service))) => match state.screen() {
            Screen::Figures(figures) if figures.tab.of_service() => to_service(state, service),
            _ => open_tab(state, Tab::Report, Some(service)),
        },
        (None, Some(None)) => open_tab(state, Tab::Report, None),
        (None, None) => {}
    }
    jump.period.map_or_else(Vec::new, |period| go_to_period(state, period))
}

/// Sets the figures beside the period before, then the year before, then another service, then nothing.
pub fn compare(state: &mut State) {
    let Some(document) = state.document.clone() else { return };
    // Whatever failed or was stopped is tried again.
    state.not_beside.clear();
    let Screen::Figures(figures) = state.screen_mut() else { return };
    let here = figures.service.clone();
    let other = || document.services.iter().find(|named| here.as_ref().is_some_and(|here| *here != named.id));
    figures.against = match figures.against.take() {
        None => Some(Against::Before),
        Some(Against::Before) => Some(Against::YearBefore),
        Some(Against::YearBefore) => other().map(|named| Against::Service(named.id.clone())),
        Some(Against::Service(_)) => None,
    };
}
