//! The calendars of a book, expanded once over the span that its rows need.

use crate::calendar::{HoursError, ServiceHours, Span, Spans, due_rows, elapsed_rows};
use crate::model::Catalogue;
use crate::model::catalogue::CalendarRule;
use std::collections::BTreeMap;

/// Expanded calendars, by index.
#[derive(Debug)]
pub struct Calendars {
    hours: Vec<ServiceHours>,
    /// What each calendar says of the files of holidays that it was made with.
    holiday_files: Vec<Option<String>>,
    indexes: BTreeMap<String, usize>,
}

/// The calendar of services that name none.
pub const ALWAYS: &str = "24x7";

impl Calendars {
    /// Expands every calendar of the catalogue over a window of epoch seconds.
    pub fn new(catalogue: &Catalogue, window: Span) -> Result<Self, HoursError> {
        let (mut hours, mut files) = (vec![ServiceHours::always()], vec![None]);
        let mut indexes = BTreeMap::from([(ALWAYS.to_owned(), 0)]);
        for rule in &catalogue.calendars {
            if !indexes.contains_key(&rule.id) {
                indexes.insert(rule.id.clone(), hours.len());
                hours.push(ServiceHours::new(&rule.id, &catalogue.calendars, window)?);
                files.push(files_of(&rule.id, &catalogue.calendars));
            }
        }
        Ok(Self { hours, holiday_files: files, indexes })
    }

    /// Returns the index of a calendar; the always-open one where there is none of that name.
    pub fn index(&self, id: Option<&str>) -> usize {
        id.and_then(|id| self.indexes.get(id)).copied().unwrap_or(0)
    }

    /// Returns the id of a calendar.
    pub fn name(&self, index: usize) -> &str {
        self.indexes.iter().find(|(_, at)| **at == index).map_or(ALWAYS, |(id, _)| id)
    }

    /// Returns the files of holidays that a calendar was made with, each with the beginning of its hash and the days that
    /// it names, so that an auditor can tell which file it was. `None` where there is none.
    pub fn holiday_files(&self, index: usize) -> Option<&str> {
        self.holiday_files.get(index)?.as_deref()
    }

    /// Tells whether any calendar was made with a file of holidays.
    pub fn have_holiday_files(&self) -> bool {
        self.holiday_files.iter().any(Option::is_some)
    }

    /// Tells whether a calendar has no hours at all, so that its clocks never run and nothing is ever due.
    pub fn never_opens(&self, index: usize) -> bool {
        self.hours.get(index).is_some_and(ServiceHours::never_opens)
    }

    /// Returns service seconds between two instants.
    pub fn elapsed(&self, calendar: usize, start: i64, end: i64) -> i64 {
        self.hours[calendar].elapsed(start, end)
    }

    /// Returns service seconds between two columns of instants, each row in the calendar of its index.
    pub fn elapsed_many(&self, calendars: &[usize], starts: &[i64], ends: &[i64]) -> Vec<i64> {
        elapsed_rows(&self.hours, calendars, starts, ends)
    }

    /// Returns the instants at which a column of goals is used up, each row in the calendar of its index.
    pub fn due_many(&self, calendars: &[usize], starts: &[i64], goals: &[i64]) -> Vec<Option<i64>> {
        due_rows(&self.hours, calendars, starts, goals)
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

fn files_of(id: &str, rules: &[CalendarRule]) -> Option<String> {
    let mut said: Vec<String> = Vec::new();
    for file in rules.iter().filter(|rule| rule.id == id).flat_map(|rule| &rule.holiday_files) {
        let text = file.to_string();
        if !said.contains(&text) {
            said.push(text);
        }
    }
    (!said.is_empty()).then(|| said.join(", "))
}
