//! The header: where am I, which period, from when, and is it all there.

use crate::text;
use crate::tui::action::Tab;
use crate::tui::page::{Ink, Origin};
use crate::tui::state::{Against, Job, Screen, State};
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
    if !state.expanded {
        lines.push(tabs(state, width));
    }
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
    if ink.presenting {
        left.push(ink.span("PRESENTING", ink.theme.stamp));
        left.push(ink.muted(&format!(" {} ", ink.glyphs.dot)));
    }
    if let Some(said) = under_way(state) {
        left.push(ink.span(&format!("{said} {} ", ink.glyphs.dot), ink.theme.accent));
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

/// Says what is being done, for how long, what came of it so far and what is waited for; `None` where nothing is.
fn under_way(state: &State) -> Option<String> {
    let ink = state.ink;
    let (_, job) = state.jobs.iter().next_back()?;
    let turning = ink.glyphs.turning;
    let mark = if state.options.look.motion { turning[state.turn % turning.len()] } else { ink.glyphs.dot };
    let mut said = progress(state, job);
    if state.jobs.len() > 1 {
        said.push_str(&format!(", {} more", state.jobs.len() - 1));
    }
    Some(format!("{mark} {said}"))
}

/// Says what a job does, what came of it, what is waited for and for how long it runs.
pub fn progress(state: &State, job: &Job) -> String {
    let mut parts = vec![match job.progress.as_ref().filter(|progress| !progress.doing.is_empty()) {
        Some(progress) if !job.stopping => format!("{}: {}", job.doing, progress.doing),
        _ if job.stopping => format!("stopping: {}", job.doing),
        _ => job.doing.clone(),
    }];
    if let Some(progress) = &job.progress {
        parts.extend([&progress.done, &progress.waiting].into_iter().filter(|part| !part.is_empty()).cloned());
    }
    let seconds = state.now.saturating_sub(job.since).as_secs();
    if seconds > 0 {
        parts.push(format!("{seconds} s"));
        parts.push(format!("{} stops it", state.keymap.keys_of("stop")));
    }
    text::screen_str(&parts.join(", "))
}

/// Returns each screen of the tab line with the cells that it takes.
fn placed_tabs(width: usize) -> Vec<(Tab, usize, usize)> {
    let wanted: usize = Tab::ALL.iter().map(|tab| tab.lettered().len()).sum();
    let gap = if width > wanted + 3 + 3 * Tab::ALL.len() { 3 } else { 1 };
    let mut found = Vec::new();
    let mut at = 3;
    for tab in Tab::ALL {
        let wide = tab.lettered().len();
        if at + wide > width {
            break;
        }
        found.push((tab, at, at + wide));
        at += wide + gap;
    }
    found
}

fn tabs(state: &State, width: usize) -> Line<'static> {
    let ink = state.ink;
    let here = here(state);
    let mut spans = vec![ink.span(" g", ink.theme.accent)];
    let mut used = 2;
    for (tab, from, to) in placed_tabs(width) {
        spans.push(ink.plain(&" ".repeat(from - used)));
        used = to;
        let style = if here == Some(tab) { ink.theme.selection } else { ink.theme.text };
        // The letter that goes there is the capital one, and stands out where the theme can.
        let word = tab.lettered();
        let at = word.find(|letter: char| letter.is_ascii_uppercase()).unwrap_or(0);
        for (part, of_letter) in [(&word[..at], false), (&word[at..=at], true), (&word[at + 1..], false)] {
            if !part.is_empty() {
                let letter = if here == Some(tab) { style } else { ink.theme.accent };
                spans.push(ink.span(part, if of_letter { letter } else { style }));
            }
        }
    }
    Line::from(spans)
}

/// Returns the screen of the tab line that is on top.
fn here(state: &State) -> Option<Tab> {
    state.screens.iter().rev().find_map(|screen| match screen {
        Screen::Figures(figures) => Some(figures.tab),
        Screen::Rows(rows) if matches!(rows.origin, Origin::Tickets(_)) => Some(Tab::Tickets),
        Screen::Sql(_) => Some(Tab::Sql),
        Screen::Rows(_) | Screen::Ticket(_) => None,
    })
}

/// Returns the screen whose name in the tab line a cell of the window belongs to.
pub fn tab_at(state: &State, column: u16, row: u16) -> Option<Tab> {
    if state.expanded {
        return None;
    }
    let line = 2 + u16::from(!state.options.notices.is_empty());
    let column = usize::from(column);
    let tabs = placed_tabs(usize::from(state.window.0));
    tabs.into_iter().find(|(_, from, to)| row == line && (*from..*to).contains(&column)).map(|(tab, _, _)| tab)
}

/// Returns how many screens stay where a crumb is clicked.
pub fn crumb_at(state: &State, column: u16, row: u16) -> Option<usize> {
    if row != 0 {
        return None;
    }
    let mut at = 1;
    for (depth, crumbs) in state.screens.iter().enumerate().map(|(at, screen)| (at + 1, crumbs_of(state, screen))) {
        for crumb in crumbs {
            let to = at + text::width(&crumb);
            if (at..to).contains(&usize::from(column)) {
                return Some(depth);
            }
            at = to + 3;
        }
    }
    None
}

fn crumbs(state: &State) -> Vec<String> {
    state.screens.iter().flat_map(|screen| crumbs_of(state, screen)).collect()
}

fn crumbs_of(state: &State, screen: &Screen) -> Vec<String> {
    let service = |id: &str| text::screen_str(state.document.as_ref().map_or(id, |document| document.service_name(id)));
    match screen {
        Screen::Figures(figures) => {
            let mut crumbs: Vec<String> = figures.service.iter().map(|id| service(id)).collect();
            crumbs.push(figures.tab.word().to_owned());
            crumbs.extend(figures.against.as_ref().map(|against| match against {
                Against::Before => "beside the period before".to_owned(),
                Against::YearBefore => "beside a year before".to_owned(),
                Against::Service(other) => format!("beside {}", service(other)),
            }));
            crumbs
        }
        Screen::Rows(rows) => vec![
            match &rows.origin {
                Origin::Tickets(_) => "Tickets",
                Origin::Finding(_) => "Finding",
                Origin::LeftOut(..) => "Left out",
                Origin::Used(_) => "Rows",
                Origin::Sql(_) => "SELECT",
                Origin::Frequency(..) => "Count",
                Origin::Profile(_) => "Counts",
            }
            .to_owned(),
        ],
        Screen::Ticket(ticket) => vec![text::screen(&ticket.key)],
        Screen::Sql(_) => vec!["SQL".to_owned()],
    }
}
