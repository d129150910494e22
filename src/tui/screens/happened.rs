//! What happened to a service in the period: a lane a kind over the month, one day of it enlarged, and each happening in
//! words with what is said of its cause.
//!
//! Draws what the document carries. Must not look for causes.

use super::View;
use crate::model::timeline::{Event, Happening, TicketRef, Timeline};
use crate::report::format;
use crate::text;
use crate::tui::page::{Origin, Page, Record, Target, pad, wrap};
use crate::tui::widgets::timeline::{Lane, Scale};
use crate::tui::words;
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

/// Cells of the names of lanes.
const LABEL: usize = 13;

/// Kinds with their lane's name; degraded time shares the lane of outages.
const LANES: [(&str, &[Happening]); 4] = [
    ("outages", &[Happening::Down, Happening::Degraded]),
    ("planned work", &[Happening::Maintenance]),
    ("left out", &[Happening::Excluded]),
    ("changes", &[Happening::Change]),
];

/// Writes time lines and list; nothing where the document knows of nothing.
pub fn write(view: View, page: &mut Page, service: &str) {
    let Some(timeline) = view.document.timeline(service).filter(|timeline| !timeline.events.is_empty()) else { return };
    let period = &view.document.period;
    let zone = period.zone();
    let ink = view.ink;
    let cells = view.width.saturating_sub(LABEL + 3).clamp(8, 200);
    let whole = Scale::new(period.start(), period.end(), cells);
    page.title(ink, "Time line", &format!("hours {}, to scale", text::screen_str(&timeline.calendar)));
    lanes(view, page, timeline, &whole, zone);
    let g = ink.glyphs;
    let [down, degraded, work, change] = g.event;
    let legend = format!(
        " {} service hours  {down} down  {degraded} degraded  {work} planned work  {change} change",
        g.clock[0]
    );
    page.line(vec![ink.muted(&text::fit(&legend, view.width))]);
    if let Some(day) = day_of(view, timeline, zone) {
        let from = crate::model::period::midnight(day, zone);
        let until = day.checked_add_days(Days::new(1)).map_or(from, |next| crate::model::period::midnight(next, zone));
        page.title(ink, &format!("The day {day}"), "of the cursor, else of the longest outage");
        lanes(view, page, timeline, &Scale::new(from, until, cells), zone);
    }
    list(view, page, timeline, zone);
}

fn lanes(view: View, page: &mut Page, timeline: &Timeline, scale: &Scale, zone: Tz) {
    let ink = view.ink;
    let cells = view.width.saturating_sub(LABEL + 3).clamp(8, 200);
    let as_of = DateTime::parse_from_rfc3339(&view.document.as_of).map_or(DateTime::<Utc>::MAX_UTC, |at| at.to_utc());
    let mut draw = |name: &str, lane: Lane| {
        let name = pad(&text::fit(name, LABEL), LABEL + 1);
        page.line([vec![ink.plain(" "), ink.span(&name, ink.theme.muted)], lane.spans()].concat());
    };
    let mut hours = Lane::new(cells, " ", ink.theme.text);
    for stretch in &timeline.hours {
        hours.fill(scale.band(stretch.from, stretch.until), ink.glyphs.clock[0], ink.theme.muted);
    }
    draw("hours", hours);
    for (name, kinds) in LANES {
        if !timeline.events.iter().any(|event| kinds.contains(&event.what)) {
            continue;
        }
        let mut lane = Lane::new(cells, ink.glyphs.dot, ink.theme.border);
        for event in timeline.events.iter().filter(|event| kinds.contains(&event.what)) {
            let band = scale.band(event.from, event.until.unwrap_or(as_of));
            let left_out = event.left_out.is_some();
            let (glyph, style) = match event.what {
                Happening::Down | Happening::Degraded if left_out => (ink.glyphs.clock[3], ink.theme.muted),
                Happening::Down => (ink.glyphs.event[0], ink.theme.missed),
                Happening::Degraded => (ink.glyphs.event[1], ink.theme.missed),
                Happening::Maintenance => (ink.glyphs.event[2], ink.theme.accent),
                Happening::Excluded => (ink.glyphs.clock[3], ink.theme.unknown),
                Happening::Change => (ink.glyphs.event[3], ink.theme.risk),
            };
            lane.fill(band, glyph, style);
        }
        draw(name, lane);
    }
    for line in scale.axis(ink, zone, LABEL + 2) {
        page.line(line);
    }
}

/// Returns the day to enlarge: the one that the cursor stands on, or whose happening it stands on, else that of the
/// longest outage.
fn day_of(view: View, timeline: &Timeline, zone: Tz) -> Option<NaiveDate> {
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let of_cursor = match view.cursor {
        Some(Target::Point(_, said)) => said.get(..10).and_then(|day| day.parse().ok()),
        Some(target) => {
            timeline.events.iter().find(|event| stop_of(view, event, zone) == *target).map(|event| local(event.from))
        }
        None => None,
    };
    let down = |event: &&Event| matches!(event.what, Happening::Down | Happening::Degraded) && event.left_out.is_none();
    let longest = || timeline.events.iter().filter(down).max_by_key(|event| event.service_s);
    of_cursor.or_else(|| longest().map(|event| local(event.from.max(view.document.period.start()))))
}

/// Returns where Enter on a happening leads: to its ticket, else to what is known of it.
fn stop_of(view: View, event: &Event, zone: Tz) -> Target {
    if let Some(TicketRef { source: Some(source), key, .. }) = &event.ticket {
        return Target::Ticket { source: source.clone(), key: key.clone() };
    }
    let mut fields = vec![
        ("what".to_owned(), word(event.what).to_owned()),
        ("from".into(), format::instant(event.from, zone)),
        ("until".into(), event.until.map_or_else(|| "lasts".to_owned(), |until| format::instant(until, zone))),
    ];
    fields.extend(event.words.as_ref().map(|words| ("cause".to_owned(), text::screen(words))));
    fields.extend(event.service_s.map(|seconds| ("service time".to_owned(), words::service_time(seconds))));
    fields.extend(event.left_out.as_ref().map(|why| ("left out".to_owned(), text::screen_str(why))));
    fields.extend(
        event.ticket.as_ref().map(|t| ("ticket".to_owned(), format!("{}, not in the book", text::screen(&t.key)))),
    );
    fields.extend(
        event.component.as_ref().map(|id| ("component".to_owned(), text::screen_str(view.document.service_name(id)))),
    );
    fields.extend(cause(event, zone).map(|said| ("linked".to_owned(), said)));
    Target::Record(Record { title: format!("{} of {}", word(event.what), format::instant(event.from, zone)), fields })
}

fn word(what: Happening) -> &'static str {
    match what {
        Happening::Down => "down",
        Happening::Degraded => "degraded",
        Happening::Maintenance => "planned work",
        Happening::Excluded => "left out by decision",
        Happening::Change => "change",
    }
}

/// Returns what is said of the cause of an outage, or of what a change caused; `None` where nothing need be said.
pub fn cause(event: &Event, zone: Tz) -> Option<String> {
    let named = |ticket: &TicketRef| {
        let mut said = format!("{} {}", text::screen_str(&ticket.kind), text::screen(&ticket.key));
        if let Some(title) = &ticket.title {
            said.push_str(&format!(" {}", text::screen(title)));
        }
        if let (Some(from), true) = (ticket.from, matches!(ticket.kind.as_str(), "change" | "release")) {
            said.push_str(&format!(" ({})", format::instant(from, zone)));
        }
        said
    };
    match event.what {
        Happening::Change if event.caused.is_empty() => None,
        Happening::Change => {
            let keys: Vec<String> = event.caused.iter().map(|ticket| text::screen(&ticket.key)).collect();
            Some(format!("caused {}", keys.join(", ")))
        }
        Happening::Down | Happening::Degraded => {
            let causes: Vec<String> = event.caused_by.iter().map(named).collect();
            let is_change = |ticket: &TicketRef| matches!(ticket.kind.as_str(), "change" | "release");
            let mut said = match (&event.ticket, causes.is_empty()) {
                (None, _) => "no ticket names it".to_owned(),
                (Some(_), true) => "no cause is linked to its ticket".to_owned(),
                (Some(_), false) => format!("linked as its cause: {}", causes.join("; ")),
            };
            if !event.caused_by.iter().any(is_change) {
                match &event.after {
                    Some(change) => {
                        let until = change.until.or(change.from).map(|at| format::instant(at, zone));
                        said.push_str(&format!(
                            "; the last change before it was {}, done {}: not linked as its cause",
                            text::screen(&change.key),
                            until.unwrap_or_default()
                        ));
                    }
                    None => said.push_str("; no change was carried out shortly before it"),
                }
            }
            Some(said)
        }
        Happening::Maintenance | Happening::Excluded => None,
    }
}

fn list(view: View, page: &mut Page, timeline: &Timeline, zone: Tz) {
    let ink = view.ink;
    let start = view.document.period.start();
    let of_period: Vec<&Event> =
        timeline.events.iter().filter(|event| event.until.is_none_or(|until| until >= start)).collect();
    // Among thousands of changes those matter that something is linked to; the others are rows.
    let plain =
        |event: &&&Event| event.what == Happening::Change && event.caused.is_empty() && event.caused_by.is_empty();
    let unlinked = of_period.iter().filter(plain).count();
    let many = unlinked > MOST_CHANGES;
    let shown = of_period.iter().filter(|event| !(many && plain(event))).copied();
    page.title(ink, "What happened", "Enter opens the ticket");
    for event in shown {
        let (glyph, style) = match event.what {
            Happening::Down | Happening::Degraded if event.left_out.is_some() => (ink.glyphs.none, ink.theme.muted),
            Happening::Down => (ink.glyphs.missed, ink.theme.missed),
            Happening::Degraded => (ink.glyphs.risk, ink.theme.missed),
            Happening::Maintenance => (ink.glyphs.event[2], ink.theme.accent),
            Happening::Excluded => (ink.glyphs.none, ink.theme.unknown),
            Happening::Change => (ink.glyphs.event[3], ink.theme.risk),
        };
        let mut said = vec![format!("{} {}", when(event, zone), word(event.what))];
        if let (Some(seconds), true) = (event.service_s, matches!(event.what, Happening::Down | Happening::Degraded)) {
            said[0].push_str(&format!(", {} of service time", words::service_time(seconds)));
        }
        if let Some(component) = &event.component {
            said.push(format!("of {}", text::screen_str(view.document.service_name(component))));
        }
        if let Some(ticket) = &event.ticket {
            said.push(text::screen(&ticket.key));
        }
        said.extend(event.words.as_ref().map(text::screen));
        if let (Happening::Change, Some(ticket)) = (event.what, &event.ticket) {
            said.extend(ticket.outcome.as_ref().map(text::screen));
            if ticket.backed_out {
                said.push("backed out".into());
            }
        }
        if let Some(why) = &event.left_out {
            said.push(format!("not counted: {}", text::screen_str(why)));
        }
        let room = view.width.saturating_sub(5).max(8);
        for (at, line) in wrap(&ink.glyphs.text(&said.join(", ")), room).into_iter().enumerate() {
            let mark = if at == 0 { glyph } else { " " };
            page.line(vec![ink.span(&format!(" {mark} "), style), ink.plain(&line)]);
            if at == 0 {
                page.stop_on_last(stop_of(view, event, zone), Some(timeline.service.clone()));
            }
        }
        if let Some(cause) = cause(event, zone) {
            let style =
                if event.caused_by.is_empty() && event.caused.is_empty() { ink.theme.muted } else { ink.theme.risk };
            for line in wrap(&ink.glyphs.text(&cause), room.saturating_sub(2)) {
                page.line(vec![ink.plain("     "), ink.span(&line, style)]);
            }
        }
    }
    if many {
        let count = format::grouped(unlinked as f64, 0);
        page.line(vec![
            ink.muted(&format!(" {count} changes without a link are not listed here; Enter shows the tickets")),
        ]);
        let service = Some(timeline.service.clone());
        page.stop_on_last(Target::Rows(Origin::Tickets(service.clone())), service);
    }
}

/// Most changes without a link that are listed one by one.
const MOST_CHANGES: usize = 200;

fn when(event: &Event, zone: Tz) -> String {
    let from = event.from.with_timezone(&zone);
    let Some(until) = event.until else { return format!("{} until now", from.format("%m-%d %H:%M")) };
    let until = until.with_timezone(&zone);
    let same = from.date_naive() == until.date_naive();
    format!("{} to {}", from.format("%m-%d %H:%M"), until.format(if same { "%H:%M" } else { "%m-%d %H:%M" }))
}

#[cfg(test)]
mod tests;
