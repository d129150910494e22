//! The header: where am I, which period, from when, and is it all there.

use crate::text;
use crate::tui::action::Tab;
use crate::tui::page::{Ink, Origin};
use crate::tui::state::{Screen, State};
use crate::tui::words;
use ratatui::text::{Line, Span};

/// Returns the lines of the header, as many as there are of `height`.
pub fn lines(state: &State, width: usize, height: usize) -> Vec<Line<'static>> {
    let ink = state.ink;
    let mut lines = vec![place(state, width), stamps(state, width)];
    if let Some(notice) = state.options.notices.first() {
        let more = state.options.notices.len() - 1;
        let more = if more > 0 { format!(" (+{more} more under Sources)") } else { String::new() };
        let said = format!(" {} {}{more}", ink.glyphs.risk, text::screen_str(notice));
        lines.push(Line::from(ink.span(&text::fit(&ink.glyphs.text(&said), width), ink.theme.stamp)));
    }
    lines.push(tabs(state, width));
    if lines.len() < height {
        lines.push(Line::from(ink.span(&ink.glyphs.rule.repeat(width), ink.theme.border)));
    }
    lines.truncate(height);
    lines
}

fn spread(ink: Ink, left: Vec<Span<'static>>, right: Vec<Span<'static>>, width: usize) -> Line<'static> {
    let wide = |spans: &[Span]| spans.iter().map(|span| text::width(&span.content)).sum::<usize>();
    let (left_wide, right_wide) = (wide(&left), wide(&right));
    let mut spans = Vec::new();
    // The right side is what must never be lost: period, completeness.
    let room = width.saturating_sub(right_wide + 2);
    let mut used = 0;
    for span in left {
        let fits = room.saturating_sub(used);
        let shown = ink.glyphs.text(&text::fit(&span.content, fits));
        used += text::width(&shown);
        spans.push(Span::styled(shown, span.style));
    }
    spans.push(ink.plain(&" ".repeat(width.saturating_sub(used.min(left_wide) + right_wide + 1))));
    spans.extend(right);
    Line::from(spans)
}

fn place(state: &State, width: usize) -> Line<'static> {
    let ink = state.ink;
    let mut left = vec![ink.plain(" ")];
    let crumbs = crumbs(state);
    let last = crumbs.len() - 1;
    for (at, crumb) in crumbs.iter().enumerate() {
        if at > 0 {
            left.push(ink.muted(&format!(" {} ", ink.glyphs.into)));
        }
        left.push(ink.span(crumb, if at == last { ink.theme.accent } else { ink.theme.text }));
    }
    let right = vec![
        ink.span(&words::period(&state.period), ink.theme.title),
        ink.plain(&format!(" {} {}", ink.glyphs.dot, state.period.zone().name())),
    ];
    spread(ink, left, right, width)
}

fn stamps(state: &State, width: usize) -> Line<'static> {
    let ink = state.ink;
    let mut left = vec![ink.plain(" ")];
    if state.options.sample || state.document.as_ref().is_some_and(|document| document.book.sample) {
        left.push(ink.span("SAMPLE DATA", ink.theme.stamp));
        left.push(ink.muted(&format!(" {} ", ink.glyphs.dot)));
    }
    if state.awaits() {
        let turning = ink.glyphs.turning;
        let mark = if state.options.look.motion { turning[state.turn % turning.len()] } else { ink.glyphs.dot };
        let what = match &state.wanted {
            Some((_, period)) => words::period(period),
            None if state.exporting.is_some() => "the file".to_owned(),
            None => "rows".to_owned(),
        };
        let verb = if state.wanted.is_none() && state.exporting.is_some() { "writing" } else { "loading" };
        left.push(ink.span(&format!("{mark} {verb} {what} {} ", ink.glyphs.dot), ink.theme.accent));
    }
    left.push(ink.plain(&text::screen_str(&state.options.book)));
    let mut right = Vec::new();
    if let Some(document) = &state.document {
        right.push(ink.plain(&format!("as of {} {} ", words::instant(&document.as_of), ink.glyphs.dot)));
        if document.is_running() {
            right.push(ink.span(&format!("running {} ", ink.glyphs.dot), ink.theme.risk));
        }
        if document.complete {
            right.push(ink.span(&format!("{} complete", ink.glyphs.met), ink.theme.met));
        } else {
            right.push(ink.span(&format!("{} INCOMPLETE", ink.glyphs.risk), ink.theme.stamp));
        }
    }
    spread(ink, left, right, width)
}

fn tabs(state: &State, width: usize) -> Line<'static> {
    let ink = state.ink;
    let here = state.screens.iter().rev().find_map(|screen| match screen {
        Screen::Figures(figures) => Some(figures.tab),
        Screen::Rows(rows) if matches!(rows.origin, Origin::Tickets(_)) => Some(Tab::Tickets),
        Screen::Rows(_) | Screen::Ticket(_) => None,
    });
    let mut spans = Vec::new();
    let mut used = 0;
    for (at, tab) in Tab::ALL.into_iter().enumerate() {
        // Home is in the crumbs already, and `0` in the help.
        if tab == Tab::Home && width < 100 {
            continue;
        }
        let shown = format!("{at} {}", tab.word());
        let gap = if width >= 100 { 3 } else { 1 };
        if used + shown.len() + gap > width {
            break;
        }
        spans.push(ink.plain(&" ".repeat(if used == 0 { 1 } else { gap })));
        used += shown.len() + gap;
        spans.push(ink.span(&shown, if here == Some(tab) { ink.theme.selection } else { ink.theme.text }));
    }
    Line::from(spans)
}

fn crumbs(state: &State) -> Vec<String> {
    let name = |id: &Option<String>| {
        id.as_ref()
            .map(|id| state.document.as_ref().map_or(id.clone(), |document| document.service_name(id).to_owned()))
    };
    let mut crumbs = Vec::new();
    for screen in &state.screens {
        match screen {
            Screen::Figures(figures) => {
                crumbs.extend(name(&figures.service).map(|name| text::screen_str(&name)));
                crumbs.push(figures.tab.word().to_owned());
            }
            Screen::Rows(rows) => crumbs.push(match &rows.origin {
                Origin::Tickets(_) => "Tickets".to_owned(),
                Origin::Finding(_) => "Finding".to_owned(),
                Origin::LeftOut(..) => "Left out".to_owned(),
                Origin::Used(_) => "Rows".to_owned(),
            }),
            Screen::Ticket(ticket) => crumbs.push(text::screen(&ticket.key)),
        }
    }
    crumbs
}
