//! The calendars of a book, expanded once over the span that its rows need.

use crate::calendar::{HoursError, ServiceHours, Span, Spans};
use crate::model::Catalogue;
use std::collections::BTreeMap;

/// Expanded calendars, by index.
#[derive(Debug)]
pub struct Calendars {
    hours: Vec<ServiceHours>,
    window: Span,
    indexes: BTreeMap<String, usize>,
}

/// The calendar of services that name none.
pub const ALWAYS: &str = "24x7";

impl Calendars {
    /// Expands every calendar of the catalogue over a window of epoch seconds.
    pub fn new(catalogue: &Catalogue, window: Span) -> Result<Self, HoursError> {
        let mut hours = vec![ServiceHours::always()];
        let mut indexes = BTreeMap::from([(ALWAYS.to_owned(), 0)]);
        for rule in &catalogue.calendars {
            if !indexes.contains_key(&rule.id) {
                indexes.insert(rule.id.clone(), hours.len());
                hours.push(ServiceHours::new(&rule.id, &catalogue.calendars, window)?);
            }
        }
        Ok(Self { hours, window, indexes })
    }

    /// Returns the index of a calendar; the always-open one where there is none of that name.
    pub fn index(&self, id: Option<&str>) -> usize {
        id.and_then(|id| self.indexes.get(id)).copied().unwrap_or(0)
    }

    /// Returns the id of a calendar.
    pub fn name(&self, index: usize) -> &str {
        self.indexes.iter().find(|(_, at)| **at == index).map_or(ALWAYS, |(id, _)| id)
    }

    /// Tells whether a calendar has no hours at all, so that its clocks never run and nothing is ever due.
    pub fn never_opens(&self, index: usize) -> bool {
        self.hours.get(index).is_some_and(|hours| hours.elapsed(self.window.start, self.window.end) == 0)
    }

    /// Returns service seconds between two instants.
    pub fn elapsed(&self, calendar: usize, start: i64, end: i64) -> i64 {
        self.hours[calendar].elapsed(start, end)
    }

    /// Returns service seconds between two instants outside pauses.
    pub fn elapsed_without(&self, calendar: usize, start: i64, end: i64, pauses: &Spans) -> i64 {
        self.hours[calendar].elapsed_without(start, end, pauses)
    }

    /// Returns the instant at which a number of service seconds outside pauses is used up.
    pub fn due_without(&self, calendar: usize, start: i64, goal: i64, pauses: &Spans) -> Option<i64> {
        self.hours[calendar].due_without(start, goal, pauses)
    }

    /// Returns the service hours within a window.
    pub fn within(&self, calendar: usize, window: Span) -> Spans {
        self.hours[calendar].spans_within(window)
    }
}
