//! What keys do in a table of rows: moving, sorting, filtering by values, counting, marking, columns.

use super::navigate;
use crate::app::request::{Chip, RowsQuery, RowsSource};
use crate::model::Raw;
use crate::report::document::Cell;
use crate::tui::Scroll;
use crate::tui::action::Step;
use crate::tui::page::{Counted, Cursor, Origin, Record};
use crate::tui::screens;
use crate::tui::state::{ColumnLayout, Overlay, RowsScreen, Screen, State, TicketScreen};
use crate::tui::widgets::rows as widget;

/// Rows that are asked for around the cursor.
const WINDOW: usize = 200;
/// Cells by which a column grows or shrinks.
const WIDTH_STEP: isize = 4;

fn rows(state: &mut State) -> Option<&mut RowsScreen> {
    state.screen_mut().rows_mut()
}

/// Returns the columns of the table, by their place in the page, in the order in which they are shown.
fn shown(state: &State) -> Vec<usize> {
    let Some(page) = state.screen().rows().and_then(|rows| rows.page.as_ref()) else { return Vec::new() };
    widget::arranged(page, state.layouts.get(&page.table))
}

/// Returns every column of the table in its order, with whether it is shown.
pub fn columns(state: &State) -> Vec<(String, bool)> {
    let Some(page) = state.screen().rows().and_then(|rows| rows.page.as_ref()) else { return Vec::new() };
    let layout = state.layouts.get(&page.table);
    let arranged = widget::arranged(page, layout);
    let order = widget::ordered(page, layout);
    order.into_iter().map(|at| (page.columns[at].name.clone(), arranged.contains(&at))).collect()
}

/// Returns the name of the column under the cursor.
fn column(state: &State) -> Option<String> {
    let rows = state.screen().rows()?;
    let at = *shown(state).get(rows.column)?;
    Some(rows.page.as_ref()?.columns.get(at)?.name.clone())
}

/// Returns the cell under the cursor with its column.
pub fn cell(state: &State) -> Option<(String, Cell)> {
    let rows = state.screen().rows()?;
    let at = *shown(state).get(rows.column)?;
    Some((rows.page.as_ref()?.columns.get(at)?.name.clone(), rows.here()?.get(at)?.clone()))
}

/// Returns the place of the cursor's column among all columns.
pub fn column_of_cursor(state: &State) -> usize {
    let name = column(state);
    columns(state).iter().position(|(other, _)| Some(other) == name.as_ref()).unwrap_or(0)
}

/// Returns the question of the table on top, but for its window.
pub fn query(state: &State) -> Option<RowsQuery> {
    let rows = state.screen().rows()?;
    Some(RowsQuery {
        period: state.period.clone(),
        from: rows.source.clone()?,
        chips: rows.chips.clone(),
        search: rows.search.clone(),
        sort: rows.sort.clone(),
        offset: 0,
        limit: WINDOW,
    })
}

/// Returns the question whose answer is needed now, with its window around what is in sight.
pub fn wanted(state: &State) -> Option<RowsQuery> {
    let rows = state.screen().rows()?;
    let mut query = query(state)?;
    let loaded = rows.page.as_ref().zip(rows.answered.as_ref()).filter(|(_, answered)| same(answered, &query));
    let height = height(state);
    query.offset = match loaded {
        // The window holds what is in sight: nothing to ask.
        Some((page, answered))
            if rows.top >= page.offset
                && (rows.top + height <= page.offset + page.rows.len()
                    || page.offset + page.rows.len() >= page.total) =>
        {
            answered.offset
        }
        _ => rows.top.saturating_sub(WINDOW / 4),
    };
    Some(query)
}

/// Tells whether two questions differ in their window only.
pub fn same(one: &RowsQuery, other: &RowsQuery) -> bool {
    one.period == other.period
        && one.from == other.from
        && one.chips == other.chips
        && one.search == other.search
        && one.sort == other.sort
}

/// Returns how many rows are in sight.
fn height(state: &State) -> usize {
    let area = screens::rows_area(state);
    widget::visible(state.ink, usize::from(area.height))
}

/// Moves the cursor; leaving the window moves it by half its height.
pub fn step(state: &mut State, by: Step, times: u32) {
    let height = height(state).max(1);
    let by_line = state.options.look.scroll == Scroll::Line;
    let columns = shown(state).len();
    let Some(rows) = rows(state) else { return };
    let Some(page) = &rows.page else { return };
    let last = page.total.saturating_sub(1);
    let times = usize::try_from(times).unwrap_or(1);
    let half = (height / 2).max(1) * times;
    match by {
        Step::Up => rows.row = rows.row.saturating_sub(times),
        Step::Down => rows.row = (rows.row + times).min(last),
        Step::PageUp => {
            (rows.row, rows.top) = (rows.row.saturating_sub(height * times), rows.top.saturating_sub(height * times));
        }
        Step::PageDown => (rows.row, rows.top) = ((rows.row + height * times).min(last), rows.top + height * times),
        Step::HalfUp => rows.row = rows.row.saturating_sub(half),
        Step::HalfDown => rows.row = (rows.row + half).min(last),
        // With a count these go to the row of that number.
        Step::First | Step::Last if times > 1 => rows.row = (times - 1).min(last),
        Step::First => rows.row = 0,
        Step::Last => rows.row = last,
        Step::Left | Step::Previous => rows.column = rows.column.saturating_sub(times),
        Step::Right | Step::Next => rows.column = (rows.column + times).min(columns.saturating_sub(1)),
    }
    if by_line && matches!(by, Step::Up | Step::Down) {
        rows.top = rows.top.min(rows.row).max((rows.row + 1).saturating_sub(height));
    }
    settle(state);
}

/// Keeps the cursor among the rows and in sight, in both directions.
pub fn settle(state: &mut State) {
    let height = height(state).max(1);
    let columns = shown(state).len();
    if let Some(rows) = rows(state) {
        let total = rows.page.as_ref().map(|page| page.total);
        if let Some(total) = total {
            rows.row = rows.row.min(total.saturating_sub(1));
            rows.column = rows.column.min(columns.saturating_sub(1));
            rows.top = rows.top.min(total.saturating_sub(height));
        }
        if rows.row < rows.top || rows.row >= rows.top + height {
            rows.top = (rows.row + 1).saturating_sub(height.div_ceil(2));
        }
        if let Some(total) = total {
            rows.top = rows.top.min(total.saturating_sub(height));
        }
    }
    show_column(state);
}

/// Scrolls columns until the one of the cursor is in sight; the first stays.
fn show_column(state: &mut State) {
    let width = usize::from(screens::rows_area(state).width);
    let Some(page) = state.screen().rows().and_then(|rows| rows.page.as_ref()) else { return };
    let widths = widget::widths(state.ink, page, state.layouts.get(&page.table), width);
    let Some(rows) = rows(state) else { return };
    if rows.column == 0 {
        rows.first = 0;
        return;
    }
    rows.first = rows.first.min(rows.column - 1);
    while rows.first + 1 < rows.column {
        let seen = widget::in_sight(&widths, rows.first, width);
        let whole = seen.iter().any(|(column, at)| *column == rows.column && at + widths[*column].min(24) <= width);
        if whole {
            break;
        }
        rows.first += 1;
    }
}

/// Sorts by the column of the cursor, one way, the other way, not at all.
pub fn sort(state: &mut State, down_first: bool) {
    let Some(name) = column(state) else { return };
    let Some(rows) = rows(state) else { return };
    rows.sort = match rows.sort.take() {
        Some((sorted, down)) if sorted == name && down == down_first => Some((name, !down_first)),
        Some((sorted, _)) if sorted == name => None,
        _ => Some((name, down_first)),
    };
    rows.rewind();
}

/// Keeps only rows in which a promise is missed, the most urgent first, or no longer.
pub fn only_wrong(state: &mut State) {
    let Some(rows) = rows(state) else { return };
    // Behind a figure of one clock only that clock is asked about.
    let clock = match &rows.origin {
        Origin::Used(id) if id.measure == "sla.response" => Some("response"),
        Origin::Used(id) if id.measure == "sla.resolution" => Some("resolution"),
        _ => None,
    };
    if let Some(at) = rows.chips.iter().position(|chip| matches!(chip, Chip::Wrong | Chip::Late(_))) {
        rows.chips.remove(at);
    } else {
        rows.chips.push(clock.map_or(Chip::Wrong, Chip::Late));
        // The first question about what is late is what was most urgent.
        let has = |name: &str| rows.page.as_ref().is_some_and(|page| page.columns.iter().any(|c| c.name == name));
        if rows.sort.is_none() && has("priority") {
            rows.sort = Some(("priority".into(), false));
        }
    }
    rows.rewind();
}

/// Keeps rows with the value under the cursor; again takes that filter away.
pub fn like(state: &mut State) {
    let Some((column, value)) = cell(state) else { return };
    let chip = Chip::Like { column, value };
    let Some(rows) = rows(state) else { return };
    match rows.chips.iter().position(|known| *known == chip) {
        Some(at) => {
            rows.chips.remove(at);
        }
        None => rows.chips.push(chip),
    }
    rows.rewind();
}

/// Takes the filter away that came last: what was typed, then chip by chip.
pub fn loosen(state: &mut State) {
    let Some(rows) = rows(state) else { return };
    if rows.search.is_empty() {
        rows.chips.pop();
    } else {
        rows.search.clear();
    }
    rows.rewind();
}

/// Counts the values of the column under the cursor; on the first column, which names the row, those of every column.
pub fn frequency(state: &mut State) {
    let Some(column) = column(state) else { return };
    let Some(rows) = state.screen().rows() else { return };
    let counted = Counted { of: Box::new(rows.origin.clone()), chips: rows.chips.clone(), search: rows.search.clone() };
    // A count of a count has few columns; each of them can be counted.
    let derived = matches!(rows.origin, Origin::Frequency(..) | Origin::Profile(_));
    let origin =
        if rows.column == 0 && !derived { Origin::Profile(counted) } else { Origin::Frequency(counted, column) };
    navigate::open_rows(state, origin);
}

/// Marks the row under the cursor, or takes its mark away, and goes on to the next.
pub fn mark(state: &mut State) {
    let Some(rows) = rows(state) else { return };
    if let Some(number) = number(rows, rows.row) {
        if !rows.marks.remove(&number) {
            rows.marks.insert(number);
        }
        rows.marked_last = Some(rows.row);
        step(state, Step::Down, 1);
    }
}

fn number(rows: &RowsScreen, row: usize) -> Option<u32> {
    let page = rows.page.as_ref()?;
    page.numbers.get(row.checked_sub(page.offset)?).copied()
}

/// Marks the rows from the last marked one to the cursor, as far as they are here.
pub fn mark_range(state: &mut State) {
    let Some(rows) = rows(state) else { return };
    let Some(from) = rows.marked_last else {
        state.say("Space marks a row first; v marks from there to the cursor.");
        return;
    };
    let (first, last) = (from.min(rows.row), from.max(rows.row));
    let numbers: Vec<Option<u32>> = (first..=last).map(|row| number(rows, row)).collect();
    let here = numbers.iter().flatten().count();
    rows.marks.extend(numbers.iter().flatten());
    let away = numbers.len() - here;
    if away > 0 {
        state.complain(format!("{here} rows are marked; {away} that are far from the cursor are not."));
    }
}

/// Takes all marks away.
pub fn clear_marks(state: &mut State) {
    if let Some(rows) = rows(state) {
        rows.marks.clear();
        rows.marked_last = None;
    }
}

fn layout(state: &mut State) -> Option<&mut ColumnLayout> {
    let table = state.screen().rows()?.page.as_ref()?.table.clone();
    Some(state.layouts.entry(table).or_default())
}

/// Makes the column under the cursor wider or narrower.
pub fn width(state: &mut State, by: isize) {
    let Some(name) = column(state) else { return };
    let room = usize::from(screens::rows_area(state).width);
    let Some(rows) = state.screen().rows() else { return };
    let Some(page) = &rows.page else { return };
    let widths = widget::widths(state.ink, page, state.layouts.get(&page.table), room);
    let now = widths.get(rows.column).copied().unwrap_or(8);
    let wanted = now.saturating_add_signed(by * WIDTH_STEP).clamp(3, room.max(4) - 1);
    if let Some(layout) = layout(state) {
        layout.widths.insert(name, wanted);
    }
    settle(state);
}

/// Shows or hides the column that the choice is on. The first column always stays.
pub fn show(state: &mut State) {
    let Some(Overlay::Columns(at)) = state.overlay else { return };
    let names = columns(state);
    let Some((name, is_shown)) = names.get(at).cloned() else { return };
    if at == 0 {
        state.say("The first column stays: it says which row this is.");
        return;
    }
    if let Some(layout) = layout(state) {
        if is_shown {
            layout.hidden.insert(name);
        } else {
            layout.hidden.remove(&name);
        }
    }
}

/// Moves the column that the choice is on.
pub fn move_column(state: &mut State, by: i8) {
    let Some(Overlay::Columns(at)) = state.overlay else { return };
    let mut names: Vec<String> = columns(state).into_iter().map(|(name, _)| name).collect();
    let to = at.saturating_add_signed(isize::from(by));
    if at == 0 || to == 0 || to >= names.len() || at >= names.len() {
        return;
    }
    names.swap(at, to);
    if let Some(layout) = layout(state) {
        layout.order = names;
    }
    state.overlay = Some(Overlay::Columns(to));
}

/// Opens the row of the cursor: a ticket where it is one, the rows counted where it is a count, else field by field.
pub fn open_row(state: &mut State) {
    let Some(rows) = state.screen().rows() else { return };
    let Some(page) = &rows.page else { return };
    let Some(cells) = rows.here() else { return };
    let named = |name: &str| {
        let at = page.columns.iter().position(|column| column.name == name)?;
        cells.get(at).cloned()
    };
    match &rows.origin {
        Origin::Frequency(counted, column) => {
            let Some(value) = cells.first().cloned() else { return };
            counted_rows(state, &counted.clone(), column.clone(), value);
            return;
        }
        Origin::Profile(counted) => {
            let column = match named("column") {
                Some(Cell::Text(column)) => column,
                // Names of columns are the book's own or the store's; one that is neither is of no table.
                Some(Cell::Raw(column)) => crate::text::screen(&column),
                _ => return,
            };
            match named("value") {
                Some(Cell::Text(value)) if value.ends_with(" more value") || value.ends_with(" more values") => {
                    state.say("These are counted together; f on the column itself counts each.");
                }
                Some(value) => counted_rows(state, &counted.clone(), column, value),
                None => {}
            }
            return;
        }
        _ => {}
    }
    let text = |name: &str| match named(name)? {
        Cell::Raw(raw) => Some(raw),
        Cell::Text(text) => Some(Raw::new(text)),
        Cell::Integer(value) => Some(Raw::new(value.to_string())),
        _ => None,
    };
    if page.table == "tickets"
        && let (Some(source), Some(key)) = (text("source"), text("source_key"))
    {
        open_ticket(state, source, key);
        return;
    }
    let ink = state.ink;
    let title = format!("{} row {}", page.table.replace('_', " "), rows.row + 1);
    let order = widget::ordered(page, state.layouts.get(&page.table));
    let fields = order.into_iter().filter_map(|at| {
        let column = page.columns.get(at)?;
        let shown = widget::cell_at(ink, page, cells, at);
        Some((crate::report::format::heading(&column.name), shown))
    });
    let record = Record { title, fields: fields.collect() };
    state.overlay = Some(Overlay::Record(record, Cursor::default()));
}

/// Opens one ticket.
pub fn open_ticket(state: &mut State, source: Raw, key: Raw) {
    let screen = TicketScreen { source, key, detail: None, asked: None, failed: None, cursor: Cursor::default() };
    navigate::push(state, Screen::Ticket(screen));
}

/// Goes from a count to the rows that it counts.
fn counted_rows(state: &mut State, counted: &Counted, column: String, value: Cell) {
    navigate::open_rows(state, (*counted.of).clone());
    if let Some(rows) = rows(state).filter(|rows| rows.page.is_none()) {
        rows.chips.clone_from(&counted.chips);
        rows.chips.push(Chip::Like { column, value });
        rows.search.clone_from(&counted.search);
    }
}

/// Returns the SELECT of the screen on top.
pub fn sql(state: &State) -> Option<String> {
    match (state.screen(), state.screen().rows()?.source.as_ref()?) {
        (Screen::Sql(_), RowsSource::Sql { text }) => Some(text.clone()),
        _ => None,
    }
}
