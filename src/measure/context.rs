//! What every figure of one period is computed with: the rows, the book, the period, and what is known of it.
//!
//! Knows which agreements hold when, what they promise, and which receipts stand behind a table. Must not know how any
//! figure is computed.

use super::definition::Definition;
use super::hours::Calendars;
use super::tickets::Window;
use super::{Depth, goals, verdict};
use crate::calendar::Span;
use crate::model::agreement::Agreement;
use crate::model::catalogue::Duplicates;
use crate::model::clause::Clause;
use crate::model::date::Moment;
use crate::model::figure::{Basis, Comparator, Target};
use crate::model::{Catalogue, Dataset, Edition, Period, Receipt, Scope, Table};
use chrono::DateTime;

/// What every figure of one period is computed with.
pub struct Context<'a> {
    pub dataset: &'a Dataset,
    pub catalogue: &'a Catalogue,
    pub edition: Edition,
    pub calendars: &'a Calendars,
    pub period: &'a Period,
    pub window: Window,
    pub depth: Depth,
    /// Why no ticket of the period can be known, where that is so: a count would be a silent nought.
    pub no_tickets: Option<&'static str>,
    /// Measured columns of tickets that nothing in the book tells.
    pub untold: Vec<&'static str>,
    /// Whether figures of the period may still change: it is not over, or its tickets were pulled before it was.
    /// Of other sources see [`Context::pulled_early`].
    pub provisional: bool,
}

impl<'a> Context<'a> {
    /// Returns the agreements that hold at the last instant of the period that is known.
    pub fn agreements_in_force(&self) -> Vec<&'a Agreement> {
        let last = self.window.end.min(self.window.as_of.max(self.window.start + 1)) - 1;
        let on = DateTime::from_timestamp(last, 0).unwrap_or_default().with_timezone(&self.catalogue.zone).date_naive();
        self.catalogue.slas().filter(|agreement| agreement.holds_on(on)).collect()
    }

    /// Returns from when to when an agreement holds: local midnights of the report zone, in epoch milliseconds.
    pub fn validity(&self, agreement: &Agreement) -> Span {
        let midnight =
            |date: chrono::NaiveDate| crate::model::period::midnight(date, self.catalogue.zone).timestamp_millis();
        let end = agreement.valid_to.map_or(i64::MAX, |date| midnight(date.0));
        Span { start: midnight(agreement.valid_from.0), end }
    }

    /// Returns the agreements with customers that hold on some instant of the known part of the period.
    pub fn agreements_overlapping(&self) -> Vec<&'a Agreement> {
        self.overlapping().filter(|agreement| agreement.is_sla()).collect()
    }

    /// Returns the agreements of other kinds that hold on some instant of the known part of the period.
    pub fn supporting_overlapping(&self) -> Vec<&'a Agreement> {
        self.overlapping().filter(|agreement| !agreement.is_sla()).collect()
    }

    fn overlapping(&self) -> impl Iterator<Item = &'a Agreement> {
        let zone = self.catalogue.zone;
        let last = self.window.end.min(self.window.as_of.max(self.window.start + 1)) - 1;
        let (first, last) = (goals::local_date(self.window.start, zone), goals::local_date(last, zone));
        let overlaps = move |a: &&Agreement| a.valid_from.0 <= last && a.valid_to.is_none_or(|to| first < to.0);
        self.catalogue.agreements.iter().filter(overlaps)
    }

    /// Returns the agreements for every customer by which a service is judged in parts (rule R15): several that hold one
    /// after the other within the known part of the period, or one that does not cover all of it.
    pub fn judged_in_parts(&self, service: &str) -> Vec<&'a Agreement> {
        let mut general = self.agreements_overlapping();
        general.retain(|agreement| agreement.service == service && agreement.customer.is_none());
        match general.as_slice() {
            [only] if self.covers(only) => Vec::new(),
            _ => general,
        }
    }

    /// Tells whether an agreement holds over the whole known part of the period, as far as its service lived in it.
    pub fn covers(&self, agreement: &Agreement) -> bool {
        let zone = self.catalogue.zone;
        let at = |moment: Option<Moment>| moment.map(|moment| moment.instant(zone).timestamp_millis());
        let service = self.catalogue.service(&agreement.service);
        let life = Span {
            start: service.and_then(|service| at(service.go_live)).unwrap_or(i64::MIN),
            end: service.and_then(|service| at(service.retired)).unwrap_or(i64::MAX),
        };
        let known = Span { start: self.window.start * 1_000, end: self.window.end.min(self.window.as_of) * 1_000 };
        let owed = known.intersect(life);
        owed.is_empty() || self.validity(agreement).intersect(owed) == owed
    }

    /// Returns the target of a scope: of an agreement its own; of a service that of its agreement for every customer,
    /// else the strictest of its customers; of a customer the strictest of its own agreements; of the book none. A
    /// target stands only beside what it was promised for: none where an agreement of the scope does not cover the whole
    /// known part of the period (rule R15), for then each agreement is judged by itself.
    pub fn target(&self, scope: &Scope, of: impl Fn(&Agreement) -> Option<f64>) -> Option<Target> {
        let target = |agreement: &Agreement, value| verdict::target(agreement, value, Comparator::AtLeast);
        if let Some(id) = &scope.agreement {
            let agreement = self.catalogue.agreements.iter().find(|agreement| agreement.id == *id)?;
            return Some(target(agreement, of(agreement)?));
        }
        let mut ours = self.agreements_overlapping();
        ours.retain(|agreement| match (&scope.service, &scope.customer) {
            (Some(service), _) => agreement.service == *service,
            (None, Some(customer)) => agreement.customer.as_ref() == Some(customer),
            (None, None) => false,
        });
        if scope.service.is_some() {
            let general: Vec<&Agreement> = ours.iter().copied().filter(|a| a.customer.is_none()).collect();
            if general.iter().any(|agreement| !self.covers(agreement)) {
                return None;
            }
            if let Some((agreement, value)) = general.first().and_then(|only| Some((*only, of(only)?))) {
                return Some(target(agreement, value));
            }
        }
        ours.retain(|agreement| of(agreement).is_some());
        if ours.iter().any(|agreement| !self.covers(agreement)) {
            return None;
        }
        let strictest = ours.into_iter().filter_map(|agreement| Some((agreement, of(agreement)?)));
        strictest.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(agreement, value)| target(agreement, value))
    }

    /// Returns the basis of a measure: formula, clauses of the edition, receipts of the table.
    pub fn basis(&self, definition: &Definition, table: Table) -> Basis {
        self.basis_of(definition, &[table])
    }

    /// Returns the basis of a measure that is made of several tables.
    pub fn basis_of(&self, definition: &Definition, tables: &[Table]) -> Basis {
        let mut clauses: Vec<String> =
            definition.clauses.iter().map(|clause: &Clause| clause.number(self.edition).to_owned()).collect();
        clauses.dedup();
        Basis {
            formula: definition.formula.to_owned(),
            parameters: Vec::new(),
            clauses,
            receipts: self.receipts(tables),
        }
    }

    fn receipts(&self, tables: &[Table]) -> Vec<String> {
        let behind = tables.iter().flat_map(|table| self.receipts_behind(*table));
        let mut ids: Vec<String> = behind.map(|receipt| receipt.id.clone()).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// Tells whether any source that a figure rests on was pulled before the period was over: what came later is missing.
    pub fn pulled_early(&self, basis: &Basis) -> bool {
        let end = self.window.end;
        let behind = self.dataset.receipts().iter().filter(|receipt| basis.receipts.contains(&receipt.id));
        behind
            .filter_map(|receipt| DateTime::parse_from_rfc3339(&receipt.pulled_at).ok())
            .any(|at| at.timestamp() < end)
    }

    /// Tells whether an incomplete pull brought rows that figures of a table rest on (invariant 5).
    pub fn tainted(&self, table: Table) -> bool {
        self.receipts_behind(table).any(|receipt| receipt.completeness.taints() || !receipt.conserves())
    }

    /// Returns the receipts of every table that figures of one table are made of.
    fn receipts_behind(&self, table: Table) -> impl Iterator<Item = &'a Receipt> {
        let others: &[Table] = match table {
            // Links decide which tickets count only where duplicates are dropped.
            Table::Tickets if self.catalogue.settings.duplicates == Duplicates::Count => {
                &[Table::TicketEvents, Table::Clocks, Table::Exclusions]
            }
            Table::Tickets => &[Table::TicketEvents, Table::Clocks, Table::Exclusions, Table::Links],
            Table::Links => &[Table::Tickets, Table::TicketEvents],
            Table::Outages => &[Table::Checks, Table::Maintenance, Table::Coverage, Table::Exclusions],
            Table::ContinuityPlans => &[Table::ContinuityTests],
            _ => &[],
        };
        let dataset = self.dataset;
        [table].into_iter().chain(others.iter().copied()).flat_map(move |table| dataset.receipts_of(table))
    }
}
