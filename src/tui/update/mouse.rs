//! What the mouse does, where it is ours: a click selects, a click on what is selected opens, the wheel scrolls.

use super::{Step, open, page, step};
use crate::tui::event::Mouse;
use crate::tui::screens;
use crate::tui::state::{Effect, Screen, State};
use crate::tui::widgets::{header, rows as widget};

/// Lines that one turn of the wheel moves.
const WHEEL: u32 = 3;

/// Takes in what the mouse did.
pub fn used(state: &mut State, mouse: Mouse) -> Vec<Effect> {
    if !state.mouse {
        return Vec::new();
    }
    match mouse {
        Mouse::Wheel(by) => {
            step(state, if by < 0 { Step::Up } else { Step::Down }, WHEEL);
            Vec::new()
        }
        Mouse::Click(column, row) => click(state, column, row),
    }
}

fn click(state: &mut State, column: u16, row: u16) -> Vec<Effect> {
    if state.overlay.is_some() || state.typing.is_some() {
        return Vec::new();
    }
    if let Some(depth) = header::crumb_at(state, column, row) {
        state.screens.truncate(depth.max(1));
        return Vec::new();
    }
    if let Some(tab) = header::tab_at(state, column, row) {
        super::navigate::go(state, tab);
        return Vec::new();
    }
    if state.screen().rows().is_some() {
        let area = screens::rows_area(state);
        let Some(line) = row.checked_sub(area.y).filter(|line| (1..area.height).contains(line)) else {
            return Vec::new();
        };
        let ink = state.ink;
        let Some(rows) = state.screen_mut().rows_mut() else { return Vec::new() };
        let at = rows.top + widget::row_of_line(ink, usize::from(line));
        if rows.page.as_ref().is_none_or(|page| at >= page.total) {
            return Vec::new();
        }
        if rows.row == at {
            return open(state);
        }
        rows.row = at;
        return Vec::new();
    }
    let body = screens::regions(state).body;
    let Some(line) = row.checked_sub(body.y).filter(|_| row < body.y + body.height && column < body.x + body.width)
    else {
        return Vec::new();
    };
    let page = page(state);
    let (Screen::Figures(crate::tui::state::Figures { cursor, .. })
    | Screen::Ticket(crate::tui::state::TicketScreen { cursor, .. })) = state.screen_mut()
    else {
        return Vec::new();
    };
    let line = cursor.top + usize::from(line);
    let column = usize::from(column.saturating_sub(body.x));
    let on_line = page.stops.iter().enumerate().filter(|(_, stop)| stop.line == line);
    let distance = |from: usize, to: usize| if column < from { from - column } else { column.saturating_sub(to) };
    let Some((at, stop)) = on_line.min_by_key(|(_, stop)| distance(stop.from, stop.to)) else { return Vec::new() };
    if cursor.stop == at {
        return open(state);
    }
    cursor.stop = at;
    cursor.target = Some(stop.target.clone());
    Vec::new()
}
