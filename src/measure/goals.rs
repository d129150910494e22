//! Which agreement and which goal a ticket has: the promises of the book, ready to be looked up by row.
//!
//! Knows agreements, ticket types and priorities as codes. Must not know clocks.

use super::clock::Clock;
use super::condition::Rule;
use super::history::NONE;
use super::hours::Calendars;
use super::ticket_state::Tickets;
use crate::model::Catalogue;
use crate::model::agreement::{Agreement, Goal};
use chrono::{DateTime, Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// The promises of a book.
#[derive(Debug)]
pub struct Promises {
    /// Compiled agreements, in the order of the book.
    pub agreements: Vec<Promise>,
    /// Agreements of each service, by its place in the catalogue.
    of_service: Vec<Vec<usize>>,
    /// The calendar of each service.
    service_calendars: Vec<usize>,
    /// Ticket types that goals name.
    types: Vec<String>,
    /// For each priority code of the tickets its place among the priorities that goals name, plus one.
    named: Vec<usize>,
    /// Calendars that never open.
    closed: BTreeSet<usize>,
}

/// One agreement, compiled.
#[derive(Debug)]
pub struct Promise {
    /// Whether it is one with customers.
    pub is_sla: bool,
    /// Its calendar.
    pub calendar: usize,
    /// Its clock rule.
    pub rule: Rule,
    customer: Option<u32>,
    from: i32,
    to: i32,
    /// Goals of response and resolution by type and priority place.
    goals: [Vec<Option<i64>>; 2],
}

/// The type of tickets that no goal is for.
pub const NO_GOALS: u16 = u16::MAX;

impl Promises {
    /// Compiles the agreements of a catalogue for the words of the tickets.
    pub fn new(catalogue: &Catalogue, calendars: &Calendars, tickets: &Tickets) -> Self {
        let all_goals = || catalogue.agreements.iter().flat_map(|a| a.response.iter().chain(&a.resolution));
        let types: BTreeSet<&str> = all_goals().map(|goal| goal.ticket_type.as_str()).collect();
        let priorities: BTreeSet<&str> = all_goals().filter_map(|goal| goal.priority.as_deref()).collect();
        let places: BTreeMap<&str, usize> = priorities.iter().copied().zip(1..).collect();
        let named = tickets.priority_words.list().iter().map(|word| places.get(word.as_str()).copied().unwrap_or(0));
        let service_place = |id: &str| catalogue.services.iter().position(|service| service.id == id);
        let service_calendars: Vec<usize> =
            catalogue.services.iter().map(|service| calendars.index(service.calendar.as_deref())).collect();
        let mut of_service = vec![Vec::new(); catalogue.services.len()];
        let mut agreements = Vec::with_capacity(catalogue.agreements.len());
        for (index, agreement) in catalogue.agreements.iter().enumerate() {
            let service = service_place(&agreement.service);
            if let Some(service) = service {
                of_service[service].push(index);
            }
            let own = service.map_or(0, |service| service_calendars[service]);
            let customer = agreement.customer.as_ref().map(|id| {
                let place = catalogue.customers.iter().position(|customer| customer.id == *id);
                place.and_then(|place| u32::try_from(place).ok()).unwrap_or(NONE)
            });
            let table = |goals: &[Goal]| {
                let mut table = Vec::with_capacity(types.len() * (priorities.len() + 1));
                for kind in &types {
                    table.push(goal_of(goals, kind, None));
                    table.extend(priorities.iter().map(|priority| goal_of(goals, kind, Some(priority))));
                }
                table
            };
            agreements.push(Promise {
                is_sla: agreement.is_sla(),
                calendar: agreement.calendar.as_deref().map_or(own, |id| calendars.index(Some(id))),
                rule: Rule::new(&agreement.clock, tickets),
                customer,
                from: agreement.valid_from.0.num_days_from_ce(),
                to: agreement.valid_to.map_or(i32::MAX, |to| to.0.num_days_from_ce()),
                goals: [table(&agreement.response), table(&agreement.resolution)],
            });
        }
        let used = agreements.iter().map(|promise| promise.calendar).chain(service_calendars.iter().copied());
        let closed = used.filter(|calendar| calendars.never_opens(*calendar)).collect();
        Self {
            agreements,
            of_service,
            service_calendars,
            types: types.into_iter().map(str::to_owned).collect(),
            named: named.collect(),
            closed,
        }
    }

    /// Returns the place of a ticket type among those that goals name.
    pub fn type_place(&self, kind: &str) -> u16 {
        let place = self.types.iter().position(|known| known == kind);
        place.and_then(|place| u16::try_from(place).ok()).unwrap_or(NO_GOALS)
    }

    /// Returns the service level agreement in force for a ticket on a day: that of its customer, else the one for
    /// every customer.
    pub fn sla_of(&self, service: u32, customer: u32, on: i32) -> Option<usize> {
        let mut general = None;
        for index in self.of_service.get(service as usize)? {
            let promise = &self.agreements[*index];
            if !promise.is_sla || !promise.holds_on(on) {
                continue;
            }
            match promise.customer {
                Some(own) if own == customer => return Some(*index),
                Some(_) => {}
                None => general = general.or(Some(*index)),
            }
        }
        general
    }

    /// Returns the agreements of other kinds in force for a ticket on a day.
    pub fn supporting(&self, service: u32, customer: u32, on: i32) -> impl Iterator<Item = usize> {
        let all = self.of_service.get(service as usize).map(Vec::as_slice).unwrap_or_default();
        all.iter().copied().filter(move |index| {
            let promise = &self.agreements[*index];
            !promise.is_sla && promise.holds_on(on) && promise.customer.is_none_or(|own| own == customer)
        })
    }

    /// Tells whether an agreement has resolution goals for a ticket type.
    pub fn names_type(&self, agreement: usize, kind: u16) -> bool {
        let goals = &self.agreements[agreement].goals[1];
        let width = goals.len() / self.types.len().max(1);
        goals.chunks(width.max(1)).nth(usize::from(kind)).is_some_and(|of_type| of_type.iter().any(Option::is_some))
    }

    /// Returns the calendar of a ticket: that of its agreement, else that of its service.
    pub fn calendar(&self, agreement: Option<usize>, service: u32) -> usize {
        let own = || self.service_calendars.get(service as usize).copied().unwrap_or(0);
        agreement.map_or_else(own, |index| self.agreements[index].calendar)
    }

    /// Tells whether a calendar has no hours at all.
    pub fn never_opens(&self, calendar: usize) -> bool {
        self.closed.contains(&calendar)
    }

    /// Returns the goal of an agreement in service seconds, for a type by its place and a priority by its code.
    pub fn goal(&self, agreement: usize, clock: Clock, kind: u16, priority: u32) -> Option<i64> {
        let promise = &self.agreements[agreement];
        let goals = match clock {
            Clock::Response => &promise.goals[0],
            Clock::Resolution => &promise.goals[1],
        };
        if kind == NO_GOALS {
            return None;
        }
        let width = goals.len() / self.types.len();
        let place = self.named.get(priority as usize).copied().unwrap_or(0);
        goals.get(usize::from(kind) * width + place).copied().flatten()
    }
}

impl Promise {
    fn holds_on(&self, day: i32) -> bool {
        self.from <= day && day < self.to
    }
}

/// Returns the goal for a type and priority: that of the priority, else the one without priority.
fn goal_of(goals: &[Goal], kind: &str, priority: Option<&str>) -> Option<i64> {
    let of_type = || goals.iter().filter(|goal| goal.ticket_type == kind);
    of_type()
        .find(|goal| goal.priority.is_some() && goal.priority.as_deref() == priority)
        .or_else(|| of_type().find(|goal| goal.priority.is_none()))
        .map(|goal| goal.within.0)
}

/// Returns the goals of an agreement for a type and priority as its readers would look them up.
pub fn resolution_goal(agreement: &Agreement, kind: &str, priority: Option<&str>) -> Option<i64> {
    goal_of(&agreement.resolution, kind, priority)
}

/// Returns the local date of an instant.
pub fn local_date(at: i64, zone: chrono_tz::Tz) -> NaiveDate {
    DateTime::from_timestamp(at, 0).unwrap_or_default().with_timezone(&zone).date_naive()
}
