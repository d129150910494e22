//! Figures and findings from rows.
//!
//! Pure: tables, period, as-of, calendars and agreements in; figures, findings and measured tables out. Never fails on
//! dirty rows: what cannot be used is left out with its reason and count. Knows nothing of files, screens or pages.

mod availability;
mod calendars_in_use;
mod capacity;
mod capacity_forecast;
mod capacity_rows;
mod capacity_windows;
mod change;
mod change_rows;
mod clock;
mod codes;
mod condition;
mod context;
mod continuity;
mod continuity_register;
mod continuity_tests;
pub mod control;
mod costs;
pub mod definition;
mod exclusions;
mod findings;
mod first_group;
mod flow_measures;
mod forecast;
mod forecast_seasonal;
mod goals;
mod history;
pub mod hours;
mod known_later;
mod links;
mod local_day;
mod names;
mod outages;
mod promises;
mod quantile;
mod satisfaction;
mod sigma;
mod strangers;
mod supporting;
mod ticket_columns;
mod ticket_facts;
mod ticket_figures;
mod ticket_flow;
mod ticket_groups;
mod ticket_links;
mod ticket_measures;
mod ticket_state;
mod tickets;
mod timelines;
mod tool_clocks;
mod verdict;
mod workload;

pub use definition::Definition;

use crate::calendar::{HoursError, Span};
use crate::model::figure::Figure;
use crate::model::{Catalogue, Dataset, Edition, FigureId, Finding, Outlook, Period, Severity, Table, Timeline};
use chrono::{DateTime, Utc};
use context::Context;
use exclusions::Exclusions;
use hours::Calendars;
use names::{Names, Of};
use polars::prelude::*;
use std::collections::BTreeMap;
pub use tickets::story::{ClockStory, LinkStory, LinkedTicket, OutageStory, Story};
use tickets::{PreparedTickets, Window};

/// Why figures cannot be computed at all. Dirty rows are never the reason.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// Tables do not have the canonical columns: a fault of the program or of a hand-made store.
    #[error("the tables do not have the canonical columns: {0}; run `servicebook pull` to make them anew")]
    Tables(#[from] PolarsError),
    /// A calendar cannot be expanded.
    #[error("a calendar cannot be used: {0}")]
    Hours(#[from] HoursError),
}

/// How much is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Everything that a report holds.
    Report,
    /// Only the measures whose course is drawn.
    Trend,
}

/// The course of a figure over the days of the period: the day, and the value or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The figure.
    pub figure: FigureId,
    /// Days in order.
    pub points: Vec<(String, Result<f64, String>)>,
}

/// What a period comes to.
#[derive(Debug, Default)]
pub struct Measured {
    /// Figures, sorted by id.
    pub figures: Vec<Figure>,
    /// Daily courses.
    pub courses: Vec<Course>,
    /// Forecasts of resources.
    pub outlooks: Vec<Outlook>,
    /// What happened to each service.
    pub timelines: Vec<Timeline>,
    /// Findings of the period.
    pub findings: Vec<Finding>,
    /// The tables that figures were counted from, by name, with their measured columns.
    pub tables: BTreeMap<String, DataFrame>,
}

/// A book's rows with everything that no period changes.
#[derive(Debug)]
pub struct Prepared {
    dataset: Dataset,
    catalogue: Catalogue,
    edition: Edition,
    calendars: Calendars,
    tickets: Option<PreparedTickets>,
    exclusions: Exclusions,
    kinds: ticket_figures::Kinds,
    services: BTreeMap<String, outages::ServiceState>,
    recorded: capacity::Recorded,
    volumes: Option<DataFrame>,
    surveys: Option<DataFrame>,
    costs: Option<DataFrame>,
    links: Vec<links::Link>,
    changes: change_rows::ChangeRecord,
    plans: continuity_register::Register,
    names: Names,
}

/// Returns every measure of the catalogue, by id; measures that are split by a dimension stand once.
pub fn catalogue() -> Vec<Definition> {
    let mut definitions: Vec<Definition> = Vec::new();
    let tickets = ticket_measures::all_measures().into_iter().map(|measure| measure.definition);
    let others = availability::definitions()
        .into_iter()
        .chain(supporting::definitions())
        .chain(workload::definitions())
        .chain(capacity::definitions())
        .chain(continuity::definitions())
        .chain(change::definitions())
        .chain(satisfaction::definitions())
        .chain(costs::definitions())
        .chain(control::definitions());
    for definition in tickets.chain(others) {
        if definitions.iter().all(|known| known.id != definition.id) {
            definitions.push(definition);
        }
    }
    definitions
}

impl Prepared {
    /// Maps names, finds goals and expands calendars, once for all periods. `horizon` is the last instant that will
    /// be asked about.
    pub fn new(
        dataset: Dataset,
        catalogue: Catalogue,
        edition: Edition,
        horizon: DateTime<Utc>,
    ) -> Result<Self, MeasureError> {
        let names = Names::new(&catalogue);
        let with_ids = |table: Table| -> PolarsResult<Option<DataFrame>> {
            let Some(frame) = dataset.table(table) else { return Ok(None) };
            let mut frame = frame.clone();
            names.map(Of::Service, &mut frame, "service")?;
            names.map(Of::Customer, &mut frame, "customer")?;
            Ok(Some(frame))
        };
        let ticket_rows = with_ids(Table::Tickets)?;
        let horizon = horizon.timestamp();
        let (first, last) =
            ticket_rows.as_ref().and_then(PreparedTickets::span).unwrap_or((horizon - 400 * 86_400, horizon));
        let window = Span { start: first.min(horizon - 400 * 86_400), end: last.max(horizon) + 400 * 86_400 };
        let calendars = Calendars::new(&catalogue, window)?;
        let exclusions = Exclusions::read(&dataset, &names)?;
        let excluded = exclusions.tickets();
        let links = links::read(&dataset)?;
        let changes = ticket_rows
            .as_ref()
            .map(|rows| change_rows::ChangeRecord::new(rows, &links, &catalogue.settings))
            .transpose()?
            .unwrap_or_default();
        let of_tickets = || -> PolarsResult<_> {
            let mut kinds = ticket_rows.as_ref().map(ticket_figures::kinds).transpose()?.unwrap_or_default();
            let tickets = ticket_rows
                .map(|rows| PreparedTickets::new(rows, &dataset, &catalogue, &calendars, &names, excluded))
                .transpose()?;
            if let Some(tickets) = &tickets {
                ticket_figures::add_former(&mut kinds, tickets, &catalogue)?;
                ticket_figures::add_promised(&mut kinds, &catalogue);
            }
            Ok((tickets, kinds))
        };
        let of_readings = || capacity::Recorded::new(&dataset, &catalogue, &names);
        let of_services = || outages::read(&dataset, &catalogue, &names);
        // Tickets, readings and outages know nothing of each other.
        let (tickets, (recorded, services)) = rayon::join(of_tickets, || rayon::join(of_readings, of_services));
        let ((tickets, kinds), recorded, services) = (tickets?, recorded?, services?);
        Ok(Self {
            services,
            plans: continuity_register::Register::read(&dataset, &names)?,
            costs: with_ids_of_service(&dataset, &names, Table::Costs)?,
            links,
            changes,
            volumes: with_ids(Table::Volumes)?,
            surveys: with_ids(Table::Surveys)?,
            recorded,
            names,
            tickets,
            exclusions,
            kinds,
            calendars,
            dataset,
            catalogue,
            edition,
        })
    }

    /// Returns the rows that the figures are computed from.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Returns what the figures are judged by.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn context<'a>(&'a self, period: &'a Period, as_of: DateTime<Utc>, depth: Depth) -> Context<'a> {
        let window = Window::new(period, as_of);
        let no_tickets = match self.tickets.as_ref().and_then(PreparedTickets::first_opened) {
            _ if window.as_of <= window.start => Some("the period has not begun"),
            Some(first) if first >= window.end => Some("the period ends before the first ticket was opened"),
            None if self.tickets.is_some() => Some("there is not a single ticket"),
            _ if self.pulled_before(Table::Tickets, window.start) => {
                Some("the tickets were pulled before the period began")
            }
            _ => None,
        };
        Context {
            dataset: &self.dataset,
            catalogue: &self.catalogue,
            edition: self.edition,
            calendars: &self.calendars,
            period,
            window,
            depth,
            no_tickets,
            untold: self.tickets.as_ref().map(PreparedTickets::untold).unwrap_or_default(),
            provisional: window.as_of < window.end || self.pulled_before(Table::Tickets, window.end),
        }
    }

    /// Tells whether nothing can be known of a measure in a period, because no ticket had been opened before its end: such
    /// a month need not be measured.
    pub fn is_silent(&self, measure: &str, period: &Period) -> bool {
        let of_tickets = ["tickets.", "sla.", "resolve.", "close."].iter().any(|room| measure.starts_with(room));
        let first = self.tickets.as_ref().and_then(PreparedTickets::first_opened);
        of_tickets && first.is_none_or(|first| period.end().timestamp() <= first)
    }

    fn pulled_before(&self, table: Table, at: i64) -> bool {
        let receipts = self.dataset.receipts_of(table);
        let pulled = |stamp: &str| DateTime::parse_from_rfc3339(stamp).map_or(i64::MAX, |at| at.timestamp());
        !receipts.is_empty() && receipts.iter().all(|receipt| pulled(&receipt.pulled_at) < at)
    }

    /// Computes the figures of a period with the knowledge of `as_of`.
    pub fn measure(&self, period: &Period, as_of: DateTime<Utc>, depth: Depth) -> Result<Measured, MeasureError> {
        let context = self.context(period, as_of, depth);
        // Tickets, outages and readings know nothing of each other.
        let of_tickets = || self.tickets.as_ref().map(|tickets| self.of_tickets(&context, tickets)).transpose();
        let of_outages = || availability::measure(&context, &self.services, &self.exclusions);
        let of_readings = || capacity::figures(&context, &self.recorded);
        let (tickets, (availability, capacity)) = rayon::join(of_tickets, || rayon::join(of_outages, of_readings));
        let (mut measured, ticket_table) = match tickets? {
            Some((measured, table)) => (measured, Some(table)),
            None => (Measured::default(), None),
        };
        let availability = availability?;
        measured.figures.extend(availability.figures);
        measured.courses.extend(availability.courses);
        measured.findings.extend(availability.findings);
        measured.tables.extend(availability.tables);
        let capacity = capacity?;
        measured.figures.extend(capacity.figures);
        measured.courses.extend(capacity.courses);
        measured.findings.extend(capacity.findings);
        measured.outlooks = capacity.outlooks;
        if depth == Depth::Report {
            measured.timelines = timelines::timelines(&context, &measured, self.tickets.as_ref(), &self.links)?;
            measured.findings.extend(self.pulled_too_early(&context));
            measured.findings.extend(supporting::findings(&context));
            measured.findings.extend(calendars_in_use::findings(&context));
            measured.findings.extend(promises::findings(&context, &self.kinds, ticket_table.as_ref())?);
            measured.figures.extend(workload::figures(&context, ticket_table.as_ref(), self.volumes.as_ref())?);
            let continuity = continuity::measure(&context, &self.plans, &self.changes.major)?;
            measured.figures.extend(continuity.figures);
            measured.findings.extend(continuity.findings);
            if let Some(plans) = continuity.plans {
                // Rows whose id another row has are in the findings, not in the report's table.
                let in_force = plans.column("in_force")?.bool()?.clone();
                measured.tables.insert("continuity_plans".into(), plans.filter(&in_force)?);
            }
            measured.tables.extend(continuity.tests.map(|frame| ("continuity_tests".to_owned(), frame)));
            if let Some(costs) = &self.costs {
                let resolved = ticket_table.as_ref().map(costs::resolved_by_service).transpose()?;
                let (figures, findings) = costs::figures(&context, costs, resolved.as_ref())?;
                measured.figures.extend(figures);
                measured.findings.extend(findings);
            }
            measured.findings.extend(links::finding(&context, &self.links));
            measured.findings.extend(strangers::findings(&context, &self.names)?);
            measured.findings.extend(known_later::findings(&context)?);
            let excluded = self.measured_exclusions(&context)?;
            measured.findings.extend(excluded.as_ref().map(exclusions::findings).transpose()?.unwrap_or_default());
            measured.findings.extend(strangers::of_readings(&capacity.without_resource));
        }
        if let Some(surveys) = &self.surveys {
            let (figures, findings, frame) = satisfaction::figures(&context, surveys)?;
            measured.figures.extend(figures);
            if depth == Depth::Report {
                measured.findings.extend(findings);
            }
            measured.tables.insert("surveys".into(), frame);
        }
        for figure in &mut measured.figures {
            figure.provisional |= context.provisional || context.pulled_early(&figure.basis);
        }
        measured.figures.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(measured)
    }

    /// Computes what rests on tickets alone, and returns it with the table that it was counted from.
    fn of_tickets(
        &self,
        context: &Context<'_>,
        tickets: &PreparedTickets,
    ) -> Result<(Measured, DataFrame), MeasureError> {
        let mut measured = Measured::default();
        let frame = self.ticket_table(tickets, context.window, context.depth)?;
        measured.figures.extend(ticket_figures::figures(context, &frame, &self.kinds)?);
        if context.depth == Depth::Report {
            let of_type = col("type").eq(lit("change")).or(col("type").eq(lit("release")));
            let changes = self.change_flags(context, frame.clone().lazy().filter(of_type).collect()?)?;
            measured.figures.extend(change::figures(context, &changes, &self.kinds, self.changes.told)?);
            measured.findings.extend(change::recorded_later(&changes)?);
            measured.findings.extend(findings::of_tickets(&frame)?);
            measured.findings.extend(ticket_links::finding(context, &frame)?);
            measured.findings.extend(findings::first_fix_groups(tickets.background.unknown_groups()));
            measured.findings.extend(promises::unknown_words(context, &tickets.state));
            measured.findings.extend(findings::none_opened(context, &frame, tickets.opened_span())?);
            if let Some(clocks) = supporting::table(context, tickets)? {
                measured.figures.extend(supporting::figures(context, &clocks)?);
                measured.tables.insert(supporting::TABLE.to_owned(), clocks);
            }
        }
        Ok((measured, frame))
    }

    /// Returns a table as the filters of a period's figures see it: the canonical columns with the measured ones.
    /// `None` where there is no such table.
    pub fn table(&self, name: &str, period: &Period, as_of: DateTime<Utc>) -> Result<Option<DataFrame>, MeasureError> {
        let context = self.context(period, as_of, Depth::Report);
        let frame = match name {
            "tickets" => match &self.tickets {
                Some(tickets) => {
                    let frame = tickets.measured(&self.catalogue, &self.calendars, context.window, None)?;
                    Some(self.change_flags(&context, frame)?)
                }
                None => None,
            },
            _ if availability::TABLES.contains(&name) => {
                let mut tables = availability::measure(&context, &self.services, &self.exclusions)?.tables;
                tables.remove(name)
            }
            "reported_availability" => availability::reported_table(&context)?,
            supporting::TABLE => {
                self.tickets.as_ref().map(|tickets| supporting::table(&context, tickets)).transpose()?.flatten()
            }
            "exclusions" => self.measured_exclusions(&context)?,
            "readings" => capacity::measured(&context, &self.recorded)?,
            "reading_windows" => capacity::measured_windows(&context, &self.recorded)?,
            "continuity_plans" => continuity::measure(&context, &self.plans, &self.changes.major)?.plans,
            "continuity_tests" => continuity::measure(&context, &self.plans, &self.changes.major)?.tests,
            "surveys" => match &self.surveys {
                Some(surveys) => Some(satisfaction::figures(&context, surveys)?.2),
                None => None,
            },
            "costs" => self.costs.as_ref().map(|frame| costs::measured(&context, frame)).transpose()?,
            "links" => {
                let frame = self.dataset.table(Table::Links);
                frame.map(|frame| links::measured(frame, &self.links)).transpose()?
            }
            "volumes" => self.volumes.as_ref().map(|frame| workload::measured(&context, frame)).transpose()?,
            _ => Table::by_name(name).and_then(|table| self.dataset.table(table)).cloned(),
        };
        Ok(frame)
    }

    /// Returns the names that [`Prepared::table`] knows: the canonical tables that the sources brought, and those that only
    /// measuring makes.
    pub fn table_names(&self) -> Vec<&'static str> {
        let brought = |name: &str| Table::by_name(name).is_some_and(|table| self.dataset.table(table).is_some());
        let watched = brought("outages") || brought("checks");
        let named = |name: &str| brought(name) || (name == "outages" && watched);
        let measured = [("failures", watched), ("excluded_time", watched), (supporting::TABLE, brought("clocks"))];
        let canonical = Table::ALL.iter().map(|table| table.name()).filter(|name| named(name));
        canonical.chain(measured.into_iter().filter(|(_, there)| *there).map(|(name, _)| name)).collect()
    }

    /// Tells the story of one ticket as it is known at an instant; `None` where the book has no such ticket.
    pub fn story(
        &self,
        (source, key): (&str, &str),
        period: &Period,
        as_of: DateTime<Utc>,
    ) -> Result<Option<Story>, MeasureError> {
        let Some(tickets) = &self.tickets else { return Ok(None) };
        let Some(row) = tickets.row_of(source, key)? else { return Ok(None) };
        let context = self.context(period, as_of, Depth::Report);
        Ok(Some(tickets.story(&context, row, &self.links, &self.services)?))
    }

    fn measured_exclusions(&self, context: &Context<'_>) -> PolarsResult<Option<DataFrame>> {
        let touched = |row| self.tickets.as_ref().is_some_and(|tickets| tickets.seen(row, context.window).is_some());
        self.exclusions.measured(context, &touched)
    }

    /// Tells of sources that were pulled before the end of what is asked about: their later rows are missing.
    fn pulled_too_early(&self, context: &Context<'_>) -> Vec<Finding> {
        let end = context.window.end.min(context.window.as_of);
        let late = self.dataset.receipts().iter().filter_map(|receipt| {
            let pulled = DateTime::parse_from_rfc3339(&receipt.pulled_at).ok()?.timestamp();
            (pulled < end).then_some(receipt)
        });
        late.map(|receipt| Finding {
            id: format!("pulled_before_end.{}", receipt.source),
            kind: "pulled_before_end".into(),
            severity: Severity::Warning,
            count: 1,
            figures: Vec::new(),
            table: String::new(),
            filter: String::new(),
            text: format!(
                "source `{0}` was pulled {1}, before the end of the period; what came later is missing. `servicebook pull {0}` brings it.",
                receipt.source, receipt.pulled_at
            ),
        })
        .collect()
    }

    fn change_flags(&self, context: &Context<'_>, frame: DataFrame) -> PolarsResult<DataFrame> {
        let tickets = self.tickets.as_ref();
        let dropped = |row| tickets.is_some_and(|tickets| tickets.background.drops(row, context.window.as_of));
        change_rows::flags(frame, context.window, self.catalogue.settings.effect_days, &self.changes, &dropped)
    }

    fn ticket_table(&self, tickets: &PreparedTickets, window: Window, depth: Depth) -> Result<DataFrame, MeasureError> {
        let mut keep: Vec<&str> = ticket_figures::NEEDED.to_vec();
        if depth == Depth::Report {
            keep.extend(findings::NEEDED);
            keep.extend(change::NEEDED);
            keep.extend(flow_measures::NEEDED);
        }
        Ok(tickets.measured(&self.catalogue, &self.calendars, window, Some(&keep))?)
    }
}

/// Returns a table with its services as ids of the catalogue.
fn with_ids_of_service(dataset: &Dataset, names: &Names, table: Table) -> PolarsResult<Option<DataFrame>> {
    let Some(frame) = dataset.table(table) else { return Ok(None) };
    let mut frame = frame.clone();
    names.map(Of::Service, &mut frame, "service")?;
    Ok(Some(frame))
}

/// Quotes text for a filter.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
