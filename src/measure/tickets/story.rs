//! The story of one ticket: its clocks with what they stood still for, what it is linked to, and the outages it is of.
//!
//! Knows one ticket at an instant. Must not know periods: a clock is told as it reads, whatever month it counts in.

use super::{PreparedTickets, Seen, Terms, Window};
use crate::calendar::{Span, Spans};
use crate::measure::clock::{Clock, Life, Reading};
use crate::measure::links::Link;
use crate::measure::outages::{Origin, ServiceState};
use crate::measure::supporting;
use crate::measure::ticket_state::{instants_of, text};
use crate::measure::{Context, hours::Calendars};
use crate::model::Table;
use polars::prelude::*;
use std::collections::BTreeMap;

/// What is told of a ticket. Instants are epoch seconds.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// When it was opened.
    pub opened: i64,
    /// The calendar of its own clocks.
    pub calendar: String,
    /// Its service hours, between the opening and the end of what is told.
    pub hours: Spans,
    /// The end of what is told: the last of stops, goals and changes, or as-of where a clock runs.
    pub until: i64,
    /// Its clocks: response, resolution, then those of agreements that stand behind.
    pub clocks: Vec<ClockStory>,
    /// What it is linked to, or what is linked to it.
    pub links: Vec<LinkStory>,
    /// The outages that name it, and the maintenance that belongs to it.
    pub outages: Vec<OutageStory>,
}

/// One clock of a ticket.
#[derive(Clone, Debug)]
pub struct ClockStory {
    /// `response`, `resolution`, or `ola` and `uc`.
    pub name: &'static str,
    /// The agreement that judges it.
    pub agreement: Option<String>,
    /// The calendar in which it runs.
    pub calendar: String,
    /// What it reads.
    pub reading: Reading,
    /// When it stood still, between its start and its end.
    pub still: Spans,
    /// The hours in which it runs, between its start and its end.
    pub hours: Spans,
    /// Why it is not judged.
    pub not_judged: Option<&'static str>,
    /// Whether it is left out of every figure by decision (rule R18).
    pub excluded: bool,
}

/// A link, seen from the ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkStory {
    /// The canonical word, as `caused_by`.
    pub kind: String,
    /// Whether the link leads from this ticket; else it leads to it.
    pub outward: bool,
    /// The key at the other end.
    pub key: String,
    /// The ticket there, where the book has it.
    pub ticket: Option<LinkedTicket>,
}

/// The ticket at the other end of a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkedTicket {
    /// The source's id.
    pub source: String,
    /// The tool's key.
    pub key: String,
    /// The type.
    pub kind: String,
    /// The short description.
    pub title: Option<String>,
    /// The status of today.
    pub status: Option<String>,
    /// When it was opened.
    pub opened: i64,
    /// When the work of a change was done.
    pub work: (Option<i64>, Option<i64>),
    /// How a change came out.
    pub outcome: Option<String>,
    /// Whether a change was reversed.
    pub backed_out: bool,
}

/// An outage that names the ticket, or maintenance that belongs to it. Instants are epoch milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutageStory {
    /// The service's id.
    pub service: String,
    /// When it started.
    pub start: i64,
    /// When it ended; `None` while it lasts.
    pub end: Option<i64>,
    /// `unplanned`, `degraded` or `maintenance`.
    pub kind: String,
    /// The cause, where it is known.
    pub cause: Option<String>,
}

impl PreparedTickets {
    /// Finds the row of a ticket.
    ///
    /// # Errors
    /// A polars error where the table lacks a column of the schema.
    pub fn row_of(&self, source: &str, key: &str) -> PolarsResult<Option<usize>> {
        let (sources, keys) = (text(&self.frame, "source")?, text(&self.frame, "source_key")?);
        let found = keys.iter().zip(sources.iter()).position(|(k, s)| k == Some(key) && s == Some(source));
        Ok(found)
    }

    /// Tells the story of a ticket as it is known at an instant. What is not opened by then has links and outages only.
    ///
    /// # Errors
    /// A polars error where a table lacks a column of the schema.
    pub fn story(
        &self,
        context: &Context<'_>,
        row: usize,
        links: &[Link],
        services: &BTreeMap<String, ServiceState>,
    ) -> PolarsResult<Story> {
        let (opened, as_of) = (self.state.opened[row], context.window.as_of);
        let mut story = Story { opened, until: opened, ..Story::default() };
        story.links = self.links_of(context, row, links)?;
        story.outages = outages_of(text(&self.frame, "source_key")?.get(row).unwrap_or(""), services);
        let window = Window { start: opened, end: as_of, as_of };
        let Some(seen) = self.seen(row, window) else { return Ok(story) };
        let terms = self.terms(&seen, as_of);
        let calendars = context.calendars;
        for clock in [Clock::Response, Clock::Resolution] {
            story.clocks.extend(self.clock_story(context, &seen, &terms, clock));
        }
        let behind = Context { window, untold: context.untold.clone(), ..*context };
        for clock in supporting::of_ticket(&behind, self, row)? {
            let agreement = &context.catalogue.agreements[clock.agreement];
            let told = Told {
                name: agreement.kind.word(),
                agreement: Some(agreement.id.clone()),
                calendar: self.promises.agreements[clock.agreement].calendar,
            };
            story.clocks.push(told.story(calendars, clock.reading, &clock.life, as_of, None));
        }
        let known = |at: &&i64| **at < as_of;
        let turns = self.state.status_changes(row).iter().chain(self.state.group_changes(row)).map(|change| &change.at);
        // A closing long after all else is done says little; the rest would be squeezed for it.
        let told = turns.filter(known).filter(|at| seen.state.closed != Some(**at)).copied();
        let ends = story.clocks.iter().flat_map(|clock| clock.ends(as_of));
        let last = told.chain(ends).chain(seen.finished).max().unwrap_or(opened);
        story.until = last.max(opened + 60);
        let padded = Span::new(opened, story.until);
        calendars.name(terms.calendar).clone_into(&mut story.calendar);
        story.hours = calendars.within(terms.calendar, padded);
        Ok(story)
    }

    fn clock_story(&self, context: &Context<'_>, seen: &Seen, terms: &Terms<'_>, clock: Clock) -> Option<ClockStory> {
        let as_of = context.window.as_of;
        let [response, resolution] = &terms.lives;
        let (name, life) = match clock {
            Clock::Response => ("response", response),
            Clock::Resolution => ("resolution", resolution),
        };
        let hours = (context.calendars, terms.calendar);
        let reading = self.reading((terms.agreement, terms.rule), clock, (seen.row, life), hours, as_of);
        if terms.agreement.is_none() && reading.stop.is_none() {
            return None;
        }
        let not_judged = if terms.withdrawn {
            Some("the ticket was withdrawn")
        } else if let Some(bad) = self.bad_times(clock, seen, terms.responded) {
            Some(bad)
        } else if self.promises.never_opens(terms.calendar) {
            Some("calendar has no hours")
        } else {
            None
        };
        let told = Told {
            name,
            agreement: terms.agreement.map(|place| context.catalogue.agreements[place].id.clone()),
            calendar: terms.calendar,
        };
        let mut story = told.story(context.calendars, reading, life, as_of, not_judged);
        story.excluded = self.excluded.get(&seen.row).is_some_and(|approved| *approved < as_of * 1_000);
        Some(story)
    }

    fn links_of(&self, context: &Context<'_>, row: usize, links: &[Link]) -> PolarsResult<Vec<LinkStory>> {
        let Some(frame) = context.dataset.table(Table::Links) else { return Ok(Vec::new()) };
        let (from, to) = (text(frame, "from")?, text(frame, "to")?);
        let known = |link: &Link| link.known_at.is_none_or(|known| known < context.window.as_of * 1_000);
        let mut found: Vec<LinkStory> = Vec::new();
        for (at, link) in links.iter().enumerate().filter(|(_, link)| known(link)) {
            let (outward, other, key) = match (link.from == Some(row), link.to == Some(row)) {
                (true, _) => (true, link.to, to.get(at)),
                (_, true) => (false, link.from, from.get(at)),
                _ => continue,
            };
            let ticket = other.map(|other| self.linked(other)).transpose()?;
            let told = LinkStory { kind: link.kind.clone(), outward, key: key.unwrap_or("").to_owned(), ticket };
            if !found.contains(&told) {
                found.push(told);
            }
        }
        found.sort_by(|a, b| (!a.outward, &a.kind, &a.key).cmp(&(!b.outward, &b.kind, &b.key)));
        Ok(found)
    }

    fn linked(&self, row: usize) -> PolarsResult<LinkedTicket> {
        let word = |name: &str| -> PolarsResult<Option<String>> {
            Ok(text(&self.frame, name)?.get(row).map(ToOwned::to_owned))
        };
        let at = |name: &str| -> PolarsResult<Option<i64>> {
            Ok(instants_of(&self.frame, name)?.get(row).map(|at| at.div_euclid(1_000)))
        };
        Ok(LinkedTicket {
            source: word("source")?.unwrap_or_default(),
            key: word("source_key")?.unwrap_or_default(),
            kind: word("type")?.unwrap_or_default(),
            title: word("title")?,
            status: word("status")?,
            opened: self.state.opened[row],
            work: (at("actual_start")?, at("actual_end")?),
            outcome: word("outcome")?,
            backed_out: self.frame.column("backed_out")?.bool()?.get(row).unwrap_or(false),
        })
    }
}

/// Whose clock is told.
struct Told {
    name: &'static str,
    agreement: Option<String>,
    calendar: usize,
}

impl Told {
    fn story(
        self,
        calendars: &Calendars,
        reading: Reading,
        life: &Life,
        as_of: i64,
        not_judged: Option<&'static str>,
    ) -> ClockStory {
        let end = reading.stop.unwrap_or(as_of);
        let whole = Span::new(reading.start.unwrap_or(end), end);
        let idle: Spans = life.idle.iter().copied().collect();
        let not_judged = not_judged.or(match &reading {
            reading if reading.goal.is_none() => Some("no goal"),
            reading if reading.start.is_none() => Some("clock not started"),
            reading if reading.stop.is_none() && !reading.runs => Some("no stop recorded"),
            _ => None,
        });
        ClockStory {
            name: self.name,
            agreement: self.agreement,
            calendar: calendars.name(self.calendar).to_owned(),
            still: life.pauses.union(&idle).clip(whole),
            hours: calendars.within(self.calendar, whole),
            reading,
            not_judged,
            excluded: false,
        }
    }
}

impl ClockStory {
    /// Returns the instants that a drawing of it must reach. A goal far beyond the stop is not one of them.
    fn ends(&self, as_of: i64) -> impl Iterator<Item = i64> {
        let stop = self.reading.stop.or(self.reading.runs.then_some(as_of));
        let start = self.reading.start;
        let near = |due: &i64| match (start, stop) {
            (Some(start), Some(stop)) => due - start <= 3 * (stop - start).max(600),
            _ => true,
        };
        let due = self.reading.due.filter(near);
        stop.into_iter().chain(due)
    }
}

/// Returns the outages that name a ticket, and the maintenance that belongs to it.
fn outages_of(key: &str, services: &BTreeMap<String, ServiceState>) -> Vec<OutageStory> {
    let mut found = Vec::new();
    for (service, state) in services {
        let of_register = state.register.iter().filter(|outage| outage.ticket.as_deref() == Some(key));
        found.extend(of_register.filter(|outage| outage.origin == Origin::Register).map(|outage| OutageStory {
            service: service.clone(),
            start: outage.start,
            end: outage.end,
            kind: outage.kind.clone(),
            cause: outage.cause.clone(),
        }));
        found.extend(state.maintenance.iter().filter(|row| row.change.as_deref() == Some(key)).map(|row| {
            OutageStory {
                service: service.clone(),
                start: row.actual_start.unwrap_or(row.planned.start),
                end: row.actual_end.or(Some(row.planned.end)),
                kind: "maintenance".into(),
                cause: None,
            }
        }));
    }
    found.sort_by_key(|outage| outage.start);
    found
}
