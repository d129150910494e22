//! One ticket: its clocks in words and to scale, its course, what it is linked to, and its fields.

use crate::app::request::{
    ClockState, LinkedTicket, TicketClock, TicketCourse, TicketDetail, TicketLink, TicketOutage,
};
use crate::model::Raw;
use crate::report::document::Cell;
use crate::report::{Document, format};
use crate::text;
use crate::tui::page::{Ink, Page, Target, pad};
use crate::tui::widgets::rows;
use crate::tui::widgets::timeline::{Lane, Scale};
use crate::tui::words;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ratatui::style::Style;

/// Cells of the names of lanes.
const LABEL: usize = 12;

/// Returns the page; services and customers are named as the report names them.
pub fn page(ink: Ink, detail: &TicketDetail, document: Option<&Document>, width: usize) -> Page {
    let mut page = Page::default();
    head(ink, &mut page, detail, document, width);
    if let Some(course) = &detail.course {
        clocks(ink, &mut page, course, width);
        draw(ink, &mut page, detail, course, width);
    }
    links(ink, &mut page, detail, width);
    outages(ink, &mut page, detail, width);
    fields(ink, &mut page, detail, document, width);
    history(ink, &mut page, detail, width);
    page
}

fn field<'a>(detail: &'a TicketDetail, name: &str) -> Option<&'a Cell> {
    detail.fields.iter().find(|(known, _)| known == name).map(|(_, cell)| cell)
}

/// Returns the printed name of the service or customer that a field holds the id of.
fn named<'a>(document: Option<&'a Document>, field: &str, cell: &'a Cell) -> Option<&'a str> {
    let (Cell::Text(id), Some(document)) = (cell, document) else { return None };
    let name = match field {
        "service" => document.service_name(id),
        "customer" => document.customer_name(id),
        _ => return None,
    };
    (name != id).then_some(name)
}

fn head(ink: Ink, page: &mut Page, detail: &TicketDetail, document: Option<&Document>, width: usize) {
    let said = |name: &str| {
        let cell = field(detail, name)?;
        let said = named(document, name, cell).map_or_else(|| rows::cell(ink, cell), text::screen_str);
        Some(ink.glyphs.text(&said)).filter(|said| !said.is_empty())
    };
    let title = [said("source_key"), said("title")].into_iter().flatten().collect::<Vec<_>>().join("  ");
    page.paragraph(ink, &title, ink.theme.title, width);
    let kind = [said("priority"), said("type")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let status = said("status_at_as_of").or_else(|| said("status"));
    let parts =
        [Some(kind), said("service"), said("customer"), status, said("group").map(|group| format!("with {group}"))];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    page.paragraph(ink, &parts.join(" · "), ink.theme.text, width);
    if detail.course.is_none() && !detail.fields.is_empty() {
        let said = "It was opened after what this period knows: its clocks are told in a later period.";
        page.paragraph(ink, said, ink.theme.unknown, width);
    }
}

/// Returns the glyph, word and style of a clock.
fn standing(ink: Ink, clock: &TicketClock) -> (&'static str, &'static str, Style) {
    match clock.state {
        ClockState::Met => (ink.glyphs.met, "MET", ink.theme.met),
        ClockState::Late => (ink.glyphs.missed, "LATE", ink.theme.missed),
        ClockState::Runs => (ink.glyphs.dot, "RUNS", ink.theme.text),
        ClockState::RunsLate => (ink.glyphs.missed, "LATE, OPEN", ink.theme.missed),
        ClockState::NotJudged(_) => (ink.glyphs.none, "NOT JUDGED", ink.theme.unknown),
    }
}

/// Returns a clock in words: goal, what it took, and how much is left or late.
pub fn sentence(clock: &TicketClock) -> String {
    let mut parts = Vec::new();
    match clock.goal_s {
        Some(goal) => parts.push(format!("goal {} of service time", words::service_time(goal))),
        None => parts.push("no goal".to_owned()),
    }
    if clock.start.is_some() {
        let verb = if clock.stop.is_some() { "took" } else { "has taken" };
        parts.push(format!("{verb} {}", words::service_time(clock.taken_s)));
    }
    match (&clock.state, clock.left_s) {
        (ClockState::Met, Some(left)) => parts.push(format!("{} to spare", words::service_time(left))),
        (ClockState::Runs, Some(left)) => parts.push(format!("{} left", words::service_time(left))),
        (ClockState::Late | ClockState::RunsLate, Some(left)) => {
            parts.push(format!("+{} late", words::service_time(left.saturating_neg())));
        }
        (ClockState::NotJudged(why), _) if clock.goal_s.is_some() || why != "no goal" => {
            parts.push(text::screen_str(why));
        }
        _ => {}
    }
    if clock.paused_s > 0 {
        parts.push(format!("stood still for {}", words::service_time(clock.paused_s)));
    }
    if clock.excluded {
        parts.push("left out of every figure by decision".to_owned());
    }
    let terms = match &clock.agreement {
        Some(agreement) => format!("{}, hours {}", text::screen_str(agreement), text::screen_str(&clock.calendar)),
        None => format!("no agreement, hours {}", text::screen_str(&clock.calendar)),
    };
    format!("{} ({terms})", parts.join(", "))
}

/// Returns the clocks that have a goal, and those that another reason keeps from being judged.
fn judged(course: &TicketCourse) -> impl Iterator<Item = &TicketClock> {
    course.clocks.iter().filter(|clock| clock.goal_s.is_some())
}

fn clocks(ink: Ink, page: &mut Page, course: &TicketCourse, width: usize) {
    if course.clocks.is_empty() {
        return;
    }
    page.title(ink, "Clocks", &format!("as of {}", format::instant(course.as_of, course.zone)));
    if judged(course).next().is_none() {
        page.line(vec![ink.muted(" no goal is agreed for it: no clock is judged")]);
        return;
    }
    for clock in judged(course) {
        let (glyph, word, style) = standing(ink, clock);
        let name = pad(&text::fit(&text::screen_str(&clock.name), LABEL - 2), LABEL - 2);
        let begin = format!("{glyph} {}", pad(word, 10));
        let indent = LABEL + 12;
        let said = crate::tui::page::wrap(&ink.glyphs.text(&sentence(clock)), width.saturating_sub(indent + 2).max(8));
        for (at, line) in said.into_iter().enumerate() {
            if at == 0 {
                let parts = vec![ink.plain(" "), ink.span(&name, ink.theme.heading), ink.plain(" ")];
                page.line([parts, vec![ink.span(&begin, style), ink.plain(" "), ink.plain(&line)]].concat());
            } else {
                page.line(vec![ink.plain(&" ".repeat(indent + 1)), ink.plain(&line)]);
            }
        }
    }
}

fn draw(ink: Ink, page: &mut Page, detail: &TicketDetail, course: &TicketCourse, width: usize) {
    let cells = width.saturating_sub(LABEL + 3).clamp(8, 160);
    let scale = Scale::new(course.span.from, course.span.until, cells);
    let from = format::instant(course.span.from, course.zone);
    let until = format::instant(course.span.until, course.zone);
    let calendar = text::screen_str(&course.calendar);
    page.title(ink, "Course", &format!("{from} to {until}, hours {calendar}, to scale"));
    let glyphs = ink.glyphs;
    let lane = |page: &mut Page, name: &str, lane: Lane| {
        let name = pad(&text::fit(name, LABEL), LABEL + 1);
        page.line([vec![ink.plain(" "), ink.span(&name, ink.theme.muted)], lane.spans()].concat());
    };
    let [hours, runs, late, still, goal] = glyphs.clock;
    let mut open = Lane::new(cells, " ", ink.theme.text);
    for stretch in &course.hours {
        open.fill(scale.band(stretch.from, stretch.until), hours, ink.theme.muted);
    }
    lane(page, "hours", open);
    for (name, wanted) in [("status", "status"), ("group", "group"), ("priority", "priority")] {
        if let Some(changes) = changes(ink, &scale, detail, wanted, cells) {
            lane(page, name, changes);
        }
    }
    for (name, ends, glyph) in [
        ("planned", ["planned_start", "planned_end"], glyphs.clock[3]),
        ("work", ["actual_start", "actual_end"], glyphs.event[3]),
    ] {
        if let [Some(Cell::Instant(from, _)), until] = ends.map(|name| field(detail, name)) {
            let until = if let Some(Cell::Instant(until, _)) = until { *until } else { course.as_of };
            let mut line = Lane::new(cells, " ", ink.theme.text);
            line.fill(scale.band(*from, until), glyph, ink.theme.accent);
            lane(page, name, line);
        }
    }
    let drawn: Vec<&TicketClock> = judged(course).filter(|clock| clock.start.is_some()).collect();
    for clock in &drawn {
        let mut line = Lane::new(cells, " ", ink.theme.text);
        let (Some(start), end) = (clock.start, clock.stop.unwrap_or(course.as_of)) else { continue };
        line.fill(scale.band(start, end), still, ink.theme.muted);
        for stretch in &clock.hours {
            line.fill(scale.band(stretch.from, stretch.until), runs, ink.theme.chart);
            if let Some(due) = clock.due.filter(|due| *due < stretch.until && *due < end) {
                line.fill(scale.band(due.max(stretch.from), stretch.until), late, ink.theme.missed);
            }
        }
        for stretch in &clock.still {
            line.fill(scale.band(stretch.from, stretch.until), still, ink.theme.muted);
        }
        if let Some(place) = clock.due.and_then(|due| scale.place(due)) {
            line.mark(place, goal, ink.theme.risk);
        }
        lane(page, &text::screen_str(&clock.name), line);
    }
    let mut down = Lane::new(cells, " ", ink.theme.text);
    let mut any = false;
    for outage in &detail.outages {
        let band = scale.band(outage.start, outage.end.unwrap_or(course.as_of));
        any |= !band.is_empty();
        let (glyph, style) = match outage.kind.as_str() {
            "maintenance" => (glyphs.event[2], ink.theme.risk),
            "degraded" => (glyphs.event[1], ink.theme.missed),
            _ => (glyphs.event[0], ink.theme.missed),
        };
        down.fill(band, glyph, style);
    }
    if any {
        lane(page, "outage", down);
    }
    for line in scale.axis(ink, course.zone, LABEL + 2) {
        page.line(line);
    }
    let mut legend = format!(" {hours} service hours");
    if !drawn.is_empty() {
        legend.push_str(&format!("  {runs} clock runs  {still} stands still  {goal} goal  {late} late"));
    }
    page.line(vec![ink.muted(&text::fit(&legend, width))]);
    let later = detail
        .events
        .iter()
        .filter(|event| matches!(event.first(), Some(Cell::Instant(at, _)) if *at > course.span.until));
    let later: Vec<&Vec<Cell>> = later.collect();
    if let Some(last) = later.last() {
        let said = |at: usize| last.get(at).map(|cell| rows::cell(ink, cell)).unwrap_or_default();
        let count = if later.len() == 1 { "1 change".to_owned() } else { format!("{} changes", later.len()) };
        let said = format!("{count} after that; the last: {} {} on {}.", said(1), said(3), said(0));
        page.paragraph(ink, &said, ink.theme.muted, width);
    }
}

/// Returns the lane of a field's values; `None` where its history is not known.
fn changes(ink: Ink, scale: &Scale, detail: &TicketDetail, wanted: &str, cells: usize) -> Option<Lane> {
    let of_field = detail.events.iter().filter_map(|event| match event.as_slice() {
        [Cell::Instant(at, _), name, _, to, ..] if rows::cell(ink, name) == wanted => Some((*at, rows::cell(ink, to))),
        _ => None,
    });
    let found: Vec<(DateTime<Utc>, String)> = of_field.collect();
    if found.is_empty() || (wanted == "priority" && found.len() < 2) {
        return None;
    }
    let mut lane = Lane::new(cells, " ", ink.theme.text);
    let places: Vec<Option<usize>> = found.iter().map(|(at, _)| scale.place(*at)).collect();
    for (at, (place, (_, value))) in places.iter().zip(&found).enumerate() {
        let Some(from) = *place else { continue };
        let until = places.get(at + 1).copied().flatten().unwrap_or(cells);
        let over = matches!(value.as_str(), "resolved" | "closed" | "cancelled");
        let rest = if over { " " } else { ink.glyphs.rule };
        lane.fill(from..until, rest, ink.theme.border);
        lane.mark(from, ink.glyphs.bar, ink.theme.accent);
        // Words that would be a letter or two say less than none; the history below has them all.
        let room = if over { cells } else { until };
        if from + 4 <= room {
            let style = if value == "pending" { ink.theme.risk } else { ink.theme.text };
            let room = (from + 1 + text::width(value)).min(room);
            lane.write(from + 1..room, value, style);
        }
    }
    Some(lane)
}

/// Returns what a link says, seen from the ticket.
pub fn linked(kind: &str, outward: bool) -> String {
    let said = match (kind, outward) {
        ("caused_by", true) => "caused by",
        ("caused_by", false) => "caused",
        ("fixes", true) => "fixes",
        ("fixes", false) => "fixed by",
        ("duplicate", true) => "duplicate of",
        ("duplicate", false) => "has duplicate",
        ("parent", true) => "child of",
        ("parent", false) => "parent of",
        ("part_of", true) => "part of",
        ("part_of", false) => "holds",
        ("affects_ci", _) => "affects",
        ("outage", _) => "outage",
        (other, _) => return text::screen_str(&other.replace('_', " ")),
    };
    said.to_owned()
}

fn links(ink: Ink, page: &mut Page, detail: &TicketDetail, width: usize) {
    if detail.links.is_empty() {
        return;
    }
    page.title(ink, "Linked", "Enter opens the ticket");
    let zone = detail.course.as_ref().map_or(chrono_tz::UTC, |course| course.zone);
    for link in &detail.links {
        let said = pad(&linked(&link.kind, link.outward), LABEL + 1);
        let key = text::screen(&link.key);
        let what = link.ticket.as_ref().map_or_else(|| outside(link), |ticket| told(ticket, zone));
        let room = width.saturating_sub(LABEL + 5 + text::width(&key)).max(8);
        let mut lines = crate::tui::page::wrap(&ink.glyphs.text(&what), room).into_iter();
        page.line(vec![
            ink.plain(" "),
            ink.span(&said, if link.kind == "caused_by" { ink.theme.risk } else { ink.theme.muted }),
            ink.plain(" "),
            ink.span(&key, ink.theme.accent),
            ink.plain("  "),
            ink.plain(&lines.next().unwrap_or_default()),
        ]);
        if let Some(ticket) = &link.ticket {
            let target = Target::Ticket { source: ticket.source.clone(), key: link.key.clone() };
            page.stop_on_last(target, None);
        }
        for line in lines {
            page.line(vec![ink.plain(&" ".repeat(LABEL + 5 + text::width(&key))), ink.plain(&line)]);
        }
    }
}

fn outside(link: &TicketLink) -> String {
    match link.kind.as_str() {
        "affects_ci" | "outage" => String::new(),
        _ => "not in the book".to_owned(),
    }
}

/// Returns a linked ticket in words: of a change when it was carried out and how it came out.
fn told(ticket: &LinkedTicket, zone: Tz) -> String {
    let word = |raw: &Option<Raw>| raw.as_ref().map(text::screen);
    let mut parts = vec![word(&ticket.title).unwrap_or_default(), text::screen_str(&ticket.kind)];
    if let (Some(from), until) = &ticket.work {
        let until = until.map_or_else(|| "not over".to_owned(), |until| format::instant(until, zone));
        parts.push(format!("work {} to {until}", format::instant(*from, zone)));
    } else {
        parts.push(format!("opened {}", format::instant(ticket.opened, zone)));
    }
    parts.extend(word(&ticket.outcome));
    if ticket.backed_out {
        parts.push("backed out".to_owned());
    }
    if ticket.outcome.is_none() {
        parts.extend(word(&ticket.status));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

fn outages(ink: Ink, page: &mut Page, detail: &TicketDetail, width: usize) {
    if detail.outages.is_empty() {
        return;
    }
    page.title(ink, "Outages and maintenance", "");
    let zone = detail.course.as_ref().map_or(chrono_tz::UTC, |course| course.zone);
    for outage in &detail.outages {
        page.paragraph(ink, &of_outage(outage, zone), ink.theme.text, width);
        page.stop_on_last(Target::Service(outage.service.clone()), Some(outage.service.clone()));
    }
}

fn of_outage(outage: &TicketOutage, zone: Tz) -> String {
    let from = format::instant(outage.start, zone);
    let until = outage.end.map_or_else(|| "lasts".to_owned(), |end| format!("to {}", format::instant(end, zone)));
    let mut said = format!("{from} {until}: {} {}", text::screen_str(&outage.service), text::screen_str(&outage.kind));
    if let Some(cause) = &outage.cause {
        said.push_str(&format!(", {}", text::screen(cause)));
    }
    said
}

/// Fields by what they tell; what is in none of these lists and is no flag stands under "More".
const GROUPS: [(&str, &[&str]); 3] = [
    (
        "What",
        &[
            "type",
            "status",
            "status_at_as_of",
            "priority",
            "impact",
            "urgency",
            "category",
            "cause_code",
            "ci",
            "change_type",
            "risk",
            "outcome",
            "backed_out",
            "workaround",
            "known_error",
            "sec_type",
            "is_major",
            "users_affected",
            "reopen_count",
            "reassignment_count",
            "url",
        ],
    ),
    ("Who", &["service", "customer", "group", "supplier", "agreement", "source", "source_key"]),
    ("Measured", &["elapsed_s", "service_s", "close_s", "response_s", "age_band", "reopened_times", "group_changes"]),
];

/// What was known of a field at as-of, and the field as it is today.
const THEN: [(&str, &str); 3] =
    [("status_at_as_of", "status"), ("resolved_as_of", "resolved_at"), ("closed_as_of", "closed_at")];

fn fields(ink: Ink, page: &mut Page, detail: &TicketDetail, document: Option<&Document>, width: usize) {
    let mut groups: Vec<(&str, Vec<(String, String)>)> = Vec::new();
    let shown = |name: &str, cell: &Cell| {
        let said = match cell {
            Cell::Seconds(seconds) if matches!(name, "service_s" | "response_s") => words::service_time(*seconds),
            other => match named(document, name, other) {
                Some(full) => ink.glyphs.text(&format!("{} ({})", text::screen_str(full), rows::cell(ink, other))),
                None => rows::cell(ink, other),
            },
        };
        let then = if THEN.iter().any(|(then, _)| *then == name) { " at as-of" } else { "" };
        (format!("{}{then}", format::heading(name)), said)
    };
    // What is known at as-of is told only where it differs from what the tool says today.
    let said = |name: &str| field(detail, name).map(|cell| rows::cell(ink, cell));
    let twice = |name: &str| THEN.iter().any(|(then, now)| *then == name && said(then) == said(now));
    for (title, names) in GROUPS {
        let found = names
            .iter()
            .filter(|name| !twice(name))
            .filter_map(|name| field(detail, name).map(|cell| shown(name, cell)));
        groups.push((title, found.collect()));
    }
    let grouped = |name: &String| GROUPS.iter().any(|(_, names)| names.contains(&name.as_str()));
    let rest = || detail.fields.iter().filter(|(name, _)| !grouped(name) && name != "title");
    // The clocks are told above, and in words.
    let of_clock = |name: &str| ["response_", "resolution_", "tool_res"].iter().any(|clock| name.starts_with(clock));
    let mut stamps: Vec<(&String, &Cell)> =
        rest().filter(|(_, cell)| matches!(cell, Cell::Instant(..))).map(|(name, cell)| (name, cell)).collect();
    stamps.retain(|(name, _)| !of_clock(name.as_str()) && !twice(name));
    stamps.sort_by_key(|(_, cell)| match cell {
        Cell::Instant(at, _) => *at,
        _ => DateTime::<Utc>::MAX_UTC,
    });
    groups.insert(2, ("When", stamps.into_iter().map(|(name, cell)| shown(name, cell)).collect()));
    let more = rest().filter(|(name, cell)| !matches!(cell, Cell::Instant(..) | Cell::Boolean(_)) && !of_clock(name));
    groups.push(("More", more.map(|(name, cell)| shown(name, cell)).collect()));
    let flags: Vec<String> =
        rest().filter(|(_, cell)| *cell == Cell::Boolean(true)).map(|(name, _)| name.replace('_', " ")).collect();
    groups.retain(|(_, fields)| !fields.is_empty());
    let label =
        groups.iter().flat_map(|(_, of)| of.iter().map(|(name, _)| text::width(name))).max().unwrap_or(0).min(24);
    if width >= 116 {
        beside(ink, page, &groups, label, width);
    } else {
        for (title, fields) in &groups {
            page.title(ink, title, "");
            for (name, value) in fields {
                page.field(ink, name, value, ink.theme.text, label, width);
            }
        }
    }
    if !flags.is_empty() {
        page.title(ink, "True of it in this period", "columns of the table tickets");
        page.paragraph(ink, &flags.join(", "), ink.theme.muted, width);
    }
}

/// Writes groups in two columns, each next to the one that is as long.
fn beside(ink: Ink, page: &mut Page, groups: &[(&str, Vec<(String, String)>)], label: usize, width: usize) {
    let half = width / 2 - 1;
    let mut columns = [Page::default(), Page::default()];
    for (title, fields) in groups {
        let shorter = usize::from(columns[1].lines.len() < columns[0].lines.len());
        let column = &mut columns[shorter];
        column.title(ink, title, "");
        for (name, value) in fields {
            column.field(ink, name, value, ink.theme.text, label, half);
        }
    }
    page.gap();
    let [left, right] = columns;
    let (mut left, mut right) = (left.lines.into_iter(), right.lines.into_iter());
    loop {
        let (one, other) = (left.next(), right.next());
        if one.is_none() && other.is_none() {
            break;
        }
        let mut spans = one.map(|line| line.spans).unwrap_or_default();
        let wide: usize = spans.iter().map(|span| text::width(&span.content)).sum();
        spans.push(ink.plain(&" ".repeat((half + 1).saturating_sub(wide))));
        spans.extend(other.map(|line| line.spans).unwrap_or_default());
        page.line(spans);
    }
}

fn history(ink: Ink, page: &mut Page, detail: &TicketDetail, width: usize) {
    let count = detail.events.len();
    let aside = if count == 0 {
        String::new()
    } else if count == 1 {
        "1 change".to_owned()
    } else {
        format!("{count} changes, oldest first")
    };
    page.title(ink, "History", &aside);
    if detail.events.is_empty() {
        page.line(vec![ink.muted(" the source gives no history")]);
        return;
    }
    let names = ["at", "field", "from", "to", "by group"];
    let cells: Vec<Vec<String>> =
        detail.events.iter().map(|event| event.iter().map(|value| rows::cell(ink, value)).collect()).collect();
    let most = (width / 4).clamp(12, 40);
    let widths: Vec<usize> = (0..names.len())
        .map(|at| {
            let widest = cells.iter().filter_map(|row| row.get(at)).map(|cell| text::width(cell)).max().unwrap_or(0);
            widest.max(names[at].len()).min(most)
        })
        .collect();
    let line = |cell: &dyn Fn(usize) -> String, style| {
        let mut spans = vec![ink.plain(" ")];
        for (at, wide) in widths.iter().enumerate() {
            spans.push(ink.span(&pad(&text::fit(&cell(at), *wide), *wide), style));
            spans.push(ink.plain("  "));
        }
        spans
    };
    let head = page.lines.len();
    page.line(line(&|at| names[at].to_owned(), ink.theme.heading));
    for row in &cells {
        page.line(line(&|at| row.get(at).cloned().unwrap_or_default(), ink.theme.text));
        if let Some(last) = page.lines.last_mut() {
            last.head = Some(head);
        }
    }
}

#[cfg(test)]
mod tests;
