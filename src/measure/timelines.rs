//! What happened to each service in a period, for those who draw it: outages, planned work, exclusions and changes, with
//! what their tickets say of causes.
//!
//! Reads the measured tables that the figures of availability were counted from, so that what is drawn is what counts.
//! Must not find causes of its own: a change that lies before an outage is told as that and no more.

use super::history::TicketRows;
use super::links::Link;
use super::ticket_state::{instants_of, milliseconds, text};
use super::tickets::PreparedTickets;
use super::{Context, Measured};
use crate::calendar::Span;
use crate::model::Raw;
use crate::model::timeline::{Event, Happening, Stretch, TicketRef, Timeline};
use chrono::{DateTime, Utc};
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Steps along `caused_by`, as from an incident to its problem to a change.
const STEPS: usize = 3;

/// Makes the time lines of a period, a service each, in the order of the book.
///
/// # Errors
/// A polars error where a table lacks a column, which is a fault of this room.
pub fn timelines(
    context: &Context<'_>,
    measured: &Measured,
    tickets: Option<&PreparedTickets>,
    links: &[Link],
) -> PolarsResult<Vec<Timeline>> {
    let window = context.window;
    let whole = Span::new(window.start, window.end);
    let mut events: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    let book = tickets.map(|tickets| Tickets::new(context, tickets, links));
    if let Some(book) = &book {
        book.changes(&mut events)?;
    }
    for (name, what) in [("outages", Happening::Down), ("maintenance", Happening::Maintenance)] {
        if let Some(frame) = measured.tables.get(name) {
            of_frame(frame, what, book.as_ref(), &mut events)?;
        }
    }
    if let Some(frame) = measured.tables.get("excluded_time") {
        of_exclusions(frame, &mut events)?;
    }
    let zone = context.catalogue.zone;
    let services = context.catalogue.services.iter().map(|service| {
        let at = |moment: Option<crate::model::date::Moment>| moment.map(|moment| moment.instant(zone).timestamp());
        let life = Span::new(at(service.go_live).unwrap_or(i64::MIN), at(service.retired).unwrap_or(i64::MAX));
        let calendar = context.calendars.index(service.calendar.as_deref());
        let hours = context.calendars.within(calendar, whole.intersect(life));
        let mut events = events.remove(&service.id).unwrap_or_default();
        events.sort_by_key(|event| (event.from, event.what));
        if let Some(book) = &book {
            book.put_after(&mut events);
        }
        Timeline {
            service: service.id.clone(),
            calendar: context.calendars.name(calendar).to_owned(),
            hours: hours
                .iter()
                .map(|span| Stretch { from: instant(span.start * 1_000), until: instant(span.end * 1_000) })
                .collect(),
            events,
        }
    });
    Ok(services.collect())
}

fn instant(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}

fn event(what: Happening, from: i64, until: Option<i64>) -> Event {
    Event {
        what,
        from: instant(from),
        until: until.map(instant),
        service_s: None,
        words: None,
        left_out: None,
        component: None,
        ticket: None,
        caused_by: Vec::new(),
        caused: Vec::new(),
        after: None,
    }
}

/// Reads outages or maintenance of the services' own hours.
fn of_frame(
    frame: &DataFrame,
    what: Happening,
    book: Option<&Tickets<'_>>,
    events: &mut BTreeMap<String, Vec<Event>>,
) -> PolarsResult<()> {
    let down = what == Happening::Down;
    let [start, end] = if down { ["start", "end"] } else { ["actual_start", "actual_end"] };
    let (starts, ends) = (milliseconds(frame, start)?, milliseconds(frame, end)?);
    let planned =
        if down { None } else { Some((milliseconds(frame, "planned_start")?, milliseconds(frame, "planned_end")?)) };
    let (service, agreement) = (text(frame, "service")?, text(frame, "agreement")?);
    let left_out = text(frame, "left_out")?;
    let seconds = frame.column("service_s")?.i64()?;
    let ticket = text(frame, if down { "ticket" } else { "change" })?;
    let rows = book.map(|book| TicketRows::named_in(book.frame, &[ticket])).transpose()?;
    let sources = text(frame, "source")?;
    for row in (0..frame.height()).filter(|row| agreement.get(*row).is_none()) {
        let mut span = (starts[row], ends[row]);
        if let (Some((from, until)), None) = (&planned, span.0) {
            span = (from[row], until[row]);
        }
        let (Some(service), Some(from)) = (service.get(row), span.0) else { continue };
        let mut told = event(what, from, span.1);
        told.left_out = left_out.get(row).map(ToOwned::to_owned);
        told.service_s = seconds.get(row);
        if down {
            if let Some(component) = text(frame, "component")?.get(row) {
                // Of its components a service shows what it was down for.
                if told.left_out.is_some() {
                    continue;
                }
                told.component = Some(component.to_owned());
            }
            if text(frame, "kind")?.get(row) == Some("degraded") {
                told.what = Happening::Degraded;
            }
            told.words = text(frame, "cause")?.get(row).map(Raw::new);
        }
        if let Some(key) = ticket.get(row) {
            let found = rows.as_ref().and_then(|rows| rows.find(sources.get(row).unwrap_or(""), key));
            match (book, found) {
                (Some(book), Some(found)) => {
                    told.ticket = Some(book.named(found)?);
                    told.caused_by = book.causes(found)?;
                }
                _ => told.ticket = Some(unknown(key)),
            }
        }
        events.entry(service.to_owned()).or_default().push(told);
    }
    Ok(())
}

fn of_exclusions(frame: &DataFrame, events: &mut BTreeMap<String, Vec<Event>>) -> PolarsResult<()> {
    let (service, agreement, why) = (text(frame, "service")?, text(frame, "agreement")?, text(frame, "why")?);
    let (from, to) = (milliseconds(frame, "from")?, milliseconds(frame, "to")?);
    for row in (0..frame.height()).filter(|row| agreement.get(*row).is_none()) {
        let (Some(service), Some(from)) = (service.get(row), from[row]) else { continue };
        let mut told = event(Happening::Excluded, from, to[row]);
        told.words = why.get(row).map(Raw::new);
        events.entry(service.to_owned()).or_default().push(told);
    }
    Ok(())
}

fn unknown(key: &str) -> TicketRef {
    TicketRef {
        source: None,
        key: Raw::new(key),
        kind: String::new(),
        title: None,
        from: None,
        until: None,
        outcome: None,
        backed_out: false,
    }
}

/// The tickets of the book and what they say of causes.
struct Tickets<'a> {
    context: &'a Context<'a>,
    frame: &'a DataFrame,
    /// The causes of a ticket, and what it caused, by row.
    causes: HashMap<usize, Vec<usize>>,
    caused: HashMap<usize, Vec<usize>>,
}

impl<'a> Tickets<'a> {
    fn new(context: &'a Context<'a>, tickets: &'a PreparedTickets, links: &[Link]) -> Self {
        let as_of = context.window.as_of * 1_000;
        let (mut causes, mut caused): (HashMap<usize, Vec<usize>>, HashMap<usize, Vec<usize>>) = Default::default();
        let known = |link: &&Link| link.kind == "caused_by" && link.known_at.is_none_or(|known| known < as_of);
        for link in links.iter().filter(known) {
            let (Some(from), Some(to)) = (link.from, link.to) else { continue };
            let of = causes.entry(from).or_default();
            if !of.contains(&to) {
                of.push(to);
                caused.entry(to).or_default().push(from);
            }
        }
        Self { context, frame: &tickets.frame, causes, caused }
    }

    fn named(&self, row: usize) -> PolarsResult<TicketRef> {
        let word = |name: &str| -> PolarsResult<Option<&str>> { Ok(text(self.frame, name)?.get(row)) };
        let at = |name: &str| -> PolarsResult<Option<DateTime<Utc>>> {
            Ok(instants_of(self.frame, name)?.get(row).map(instant))
        };
        Ok(TicketRef {
            source: word("source")?.map(Raw::new),
            key: Raw::new(word("source_key")?.unwrap_or("")),
            kind: word("type")?.unwrap_or("").to_owned(),
            title: word("title")?.map(Raw::new),
            from: at("actual_start")?.or(at("opened_at")?),
            until: at("actual_end")?,
            outcome: word("outcome")?.map(Raw::new),
            backed_out: self.frame.column("backed_out")?.bool()?.get(row).unwrap_or(false),
        })
    }

    /// Returns what a ticket was caused by, and what that was caused by in turn.
    fn causes(&self, row: usize) -> PolarsResult<Vec<TicketRef>> {
        let (mut seen, mut ring, mut found) = (BTreeSet::from([row]), vec![row], Vec::new());
        for _ in 0..STEPS {
            let next = ring.iter().flat_map(|row| self.causes.get(row).into_iter().flatten()).copied();
            ring = next.filter(|row| seen.insert(*row)).collect();
            found.extend(ring.iter().map(|row| self.named(*row)).collect::<PolarsResult<Vec<_>>>()?);
        }
        Ok(found)
    }

    /// Adds the changes and releases whose work touched the period, or the effect window before it.
    fn changes(&self, events: &mut BTreeMap<String, Vec<Event>>) -> PolarsResult<()> {
        let window = self.context.window;
        let before = i64::from(self.context.catalogue.settings.effect_days) * 86_400;
        let whole = ((window.start - before) * 1_000, window.end.min(window.as_of) * 1_000);
        let (started, ended) = (instants_of(self.frame, "actual_start")?, instants_of(self.frame, "actual_end")?);
        let (kind, service) = (text(self.frame, "type")?, text(self.frame, "service")?);
        for row in 0..self.frame.height() {
            let Some(from) = started.get(row).or(ended.get(row)).filter(|from| *from < whole.1) else { continue };
            let until = ended.get(row);
            if until.is_some_and(|until| until < whole.0) || !matches!(kind.get(row), Some("change" | "release")) {
                continue;
            }
            let Some(service) = service.get(row) else { continue };
            let mut told = event(Happening::Change, from, until);
            let named = self.named(row)?;
            told.words.clone_from(&named.title);
            told.ticket = Some(named);
            let caused = self.caused.get(&row).into_iter().flatten();
            told.caused = caused.map(|row| self.named(*row)).collect::<PolarsResult<Vec<_>>>()?;
            events.entry(service.to_owned()).or_default().push(told);
        }
        Ok(())
    }

    /// Tells of each outage which change lay before it, and drops the changes that lie before the period.
    fn put_after(&self, events: &mut Vec<Event>) {
        let window = TimeWindow::of(self.context);
        let changes: Vec<(DateTime<Utc>, TicketRef)> = events
            .iter()
            .filter(|event| event.what == Happening::Change)
            .filter_map(|event| Some((event.until.unwrap_or(event.from), event.ticket.clone()?)))
            .collect();
        for event in events.iter_mut().filter(|event| matches!(event.what, Happening::Down | Happening::Degraded)) {
            let near = changes.iter().filter(|(at, _)| *at <= event.from && event.from - *at <= window.effect);
            event.after = near.max_by_key(|(at, _)| *at).map(|(_, change)| change.clone());
        }
        events.retain(|event| event.what != Happening::Change || event.until.unwrap_or(event.from) >= window.start);
    }
}

struct TimeWindow {
    start: DateTime<Utc>,
    effect: chrono::TimeDelta,
}

impl TimeWindow {
    fn of(context: &Context<'_>) -> Self {
        let effect = chrono::TimeDelta::days(i64::from(context.catalogue.settings.effect_days));
        Self { start: instant(context.window.start * 1_000), effect }
    }
}
