//! One ticket: its row, its history, and its story told by `measure`.

use super::request::{
    ClockState, LinkedTicket, Stretch, TicketClock, TicketCourse, TicketDetail, TicketLink, TicketOutage,
};
use super::session::{Session, SessionError};
use crate::measure::{ClockStory, LinkStory, Story};
use crate::model::{Period, Raw, Table};
use crate::report::document::Cell;
use crate::report::table::cells;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use polars::prelude::*;

impl Session {
    /// Returns one ticket with its history, its clocks, its links and its outages.
    ///
    /// # Errors
    /// One that says so where the book has no such ticket.
    pub fn ticket(&self, period: &Period, source: &Raw, key: &Raw) -> Result<TicketDetail, SessionError> {
        // These two come from a row that was shown; they go back into the query as values, never as text.
        let is = |name: &str, value: &Raw| col(name).eq(lit(value.expose()));
        let frame = self.table("tickets", period)?;
        let found = frame.lazy().filter(is("source", source).and(is("source_key", key))).collect()?;
        let found = if found.height() == 0 {
            let all = self.prepared().dataset().table(Table::Tickets).cloned().unwrap_or_default();
            all.lazy().filter(is("source", source).and(is("source_key", key))).collect()?
        } else {
            found
        };
        let zone = self.book().config.book.zone;
        let names: Vec<String> = found.get_column_names().iter().map(ToString::to_string).collect();
        let Some(row) = cells(&found.head(Some(1)), zone)?.pop() else {
            return Err(SessionError::Unknown {
                message: "there is no such ticket any more".into(),
                hint: "the book was pulled anew; go back and open the list again".into(),
            });
        };
        let fields = names.into_iter().zip(row).filter(|(_, cell)| *cell != Cell::Empty).collect();
        let events = match self.prepared().dataset().table(Table::TicketEvents) {
            Some(events) => {
                let of_ticket = events.clone().lazy().filter(is("ticket", key)).collect()?;
                // History may come in a file of its own: then the key alone says whose it is.
                let same_source = of_ticket.clone().lazy().filter(is("source", source)).collect()?;
                let found = if same_source.height() > 0 { same_source } else { of_ticket };
                let events = found
                    .sort(["at", "seq"], SortMultipleOptions::default().with_maintain_order(true))?
                    .select(["at", "field", "from", "to", "actor_group"])?;
                cells(&events, zone)?
            }
            None => Vec::new(),
        };
        let as_of = self.as_of(period);
        let story = self.prepared().story((source.expose(), key.expose()), period, as_of)?.unwrap_or_default();
        Ok(TicketDetail {
            fields,
            events,
            links: story.links.iter().map(link).collect(),
            outages: outages(&story),
            course: course(story, as_of, zone).map(Box::new),
        })
    }
}

fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

fn millis(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}

fn course(story: Story, as_of: DateTime<Utc>, zone: Tz) -> Option<TicketCourse> {
    if story.opened >= as_of.timestamp() || story.until <= story.opened {
        return None;
    }
    let stretch = |from: i64, until: i64| Stretch { from: instant(from), until: instant(until) };
    Some(TicketCourse {
        span: stretch(story.opened, story.until),
        as_of,
        zone,
        calendar: story.calendar,
        hours: story.hours.iter().map(|span| stretch(span.start, span.end)).collect(),
        clocks: story.clocks.into_iter().map(clock).collect(),
    })
}

fn clock(told: ClockStory) -> TicketClock {
    let reading = &told.reading;
    let stretch = |from: i64, until: i64| Stretch { from: instant(from), until: instant(until) };
    let state = match (told.not_judged, reading.stop.is_some(), reading.over) {
        (Some(why), ..) => ClockState::NotJudged(why.to_owned()),
        (None, true, false) => ClockState::Met,
        (None, true, true) => ClockState::Late,
        (None, false, false) => ClockState::Runs,
        (None, false, true) => ClockState::RunsLate,
    };
    TicketClock {
        name: told.name.to_owned(),
        agreement: told.agreement,
        calendar: told.calendar,
        goal_s: reading.goal,
        taken_s: reading.taken,
        left_s: reading.goal.map(|goal| goal - reading.taken),
        paused_s: reading.paused,
        start: reading.start.map(instant),
        stop: reading.stop.map(instant),
        due: reading.due.map(instant),
        still: told.still.iter().map(|span| stretch(span.start, span.end)).collect(),
        hours: told.hours.iter().map(|span| stretch(span.start, span.end)).collect(),
        state,
        excluded: told.excluded,
    }
}

fn link(told: &LinkStory) -> TicketLink {
    let ticket = told.ticket.as_ref().map(|ticket| LinkedTicket {
        source: Raw::new(ticket.source.as_str()),
        kind: ticket.kind.clone(),
        title: ticket.title.as_deref().map(Raw::new),
        status: ticket.status.as_deref().map(Raw::new),
        opened: instant(ticket.opened),
        work: (ticket.work.0.map(instant), ticket.work.1.map(instant)),
        outcome: ticket.outcome.as_deref().map(Raw::new),
        backed_out: ticket.backed_out,
    });
    // The key of the ticket that was found is the one that opens it.
    let key = told.ticket.as_ref().map_or(told.key.as_str(), |ticket| ticket.key.as_str());
    TicketLink { kind: told.kind.clone(), outward: told.outward, key: Raw::new(key), ticket }
}

fn outages(story: &Story) -> Vec<TicketOutage> {
    let of = |outage: &crate::measure::OutageStory| TicketOutage {
        service: outage.service.clone(),
        start: millis(outage.start),
        end: outage.end.map(millis),
        kind: outage.kind.clone(),
        cause: outage.cause.as_deref().map(Raw::new),
    };
    story.outages.iter().map(of).collect()
}
