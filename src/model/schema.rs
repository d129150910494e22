//! The canonical tables: the one place that names their columns, types, units and meaning.
//!
//! The documentation page, the store, the mapping and the SQL names are made from it. A column that is not here does
//! not exist downstream of `source`.

use ColumnType::{Boolean, Decimal, Duration, Instant, Integer, Text};
use serde::{Deserialize, Serialize};

/// What a column holds. Instants are UTC milliseconds; durations are whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Words, as the source gave them or as the value map made them.
    Text,
    /// A point in time.
    Instant,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// True or false.
    Boolean,
    /// Whole seconds.
    Duration,
}

/// One column of a canonical table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the store, in SQL and in JSON.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnType,
    /// Whether a row without it goes to quarantine.
    pub required: bool,
    /// What it means, in one line.
    pub meaning: &'static str,
}

const fn must(name: &'static str, kind: ColumnType, meaning: &'static str) -> Column {
    Column { name, kind, required: true, meaning }
}

const fn may(name: &'static str, kind: ColumnType, meaning: &'static str) -> Column {
    Column { name, kind, required: false, meaning }
}

macro_rules! tables {
    ($($variant:ident $name:literal $meaning:literal [$($column:expr),* $(,)?])*) => {
        /// A canonical table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Table {
            $(#[doc = $meaning] #[serde(rename = $name)] $variant,)*
        }

        impl Table {
            /// All tables, in the order of the documentation.
            pub const ALL: &[Table] = &[$(Table::$variant),*];

            /// Returns the name used in the store, in SQL and in JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Table::$variant => $name,)* }
            }

            /// Returns what a row stands for.
            pub const fn meaning(self) -> &'static str {
                match self { $(Table::$variant => $meaning,)* }
            }

            /// Returns the columns beyond the common ones.
            pub const fn own_columns(self) -> &'static [Column] {
                match self { $(Table::$variant => const { &[$($column),*] },)* }
            }
        }
    };
}

/// The columns that every table has.
pub const COMMON: &[Column] = &[
    must("source", Text, "The id of the source in config.toml."),
    must("source_key", Text, "The tool's own key of the row; for files without one, file name and line."),
    may("known_at", Instant, "When the tool learned of the row, where it tells."),
];

tables! {
    Tickets "tickets" "One row a ticket: incident, request, problem, change, release or complaint." [
        must("type", Text, "incident, request, problem, change, release or complaint."),
        may("service", Text, "The service, in the tool's words; mapped to the catalogue by id, name or alias."),
        may("customer", Text, "The customer, in the tool's words; mapped likewise."),
        may("title", Text, "The short description."),
        may("status", Text, "new, active, pending, resolved, closed or cancelled."),
        may("impact", Text, "The tool's impact."),
        may("urgency", Text, "The tool's urgency."),
        may("priority", Text, "P1 to P5, or the tool's own word."),
        may("category", Text, "The tool's category."),
        may("cause_code", Text, "The cause or closure code."),
        may("group", Text, "The group that holds the ticket."),
        may("ci", Text, "The configuration item."),
        may("supplier", Text, "The supplier that works on it."),
        must("opened_at", Instant, "When it was opened."),
        may("first_response_at", Instant, "When the requester was first answered."),
        may("resolved_at", Instant, "When it was last resolved."),
        may("closed_at", Instant, "When it was closed."),
        may("due_at", Instant, "When the tool says it is due."),
        may("reopen_count", Integer, "How often it was reopened, by the tool's counter."),
        may("reassignment_count", Integer, "How often it changed groups, by the tool's counter."),
        may("tool_breached", Boolean, "The tool's own flag: true when it says that a goal was missed."),
        may("is_major", Boolean, "Whether it is a major incident."),
        may("declared_at", Instant, "When it was declared a major incident."),
        may("informed_at", Instant, "When management was informed."),
        may("review_due", Instant, "When its review is due."),
        may("review_done", Instant, "When its review was done."),
        may("users_affected", Integer, "How many users were affected."),
        may("planned_start", Instant, "When a change was planned to start."),
        may("planned_end", Instant, "When a change was planned to end."),
        may("actual_start", Instant, "When a change started."),
        may("actual_end", Instant, "When a change ended."),
        may("approved_at", Instant, "When a change was approved."),
        may("change_type", Text, "standard, normal or emergency."),
        may("risk", Text, "The risk class of a change."),
        may("outcome", Text, "successful, failed, partial or cancelled."),
        may("backed_out", Boolean, "Whether a change was reversed."),
        may("root_cause_at", Instant, "When the cause of a problem was found."),
        may("known_error", Boolean, "Whether a problem is a known error."),
        may("workaround", Text, "The workaround of a known error."),
        may("sec_type", Text, "The type of an information security incident."),
        may("contained_at", Instant, "When a security incident was contained."),
        may("escalated_at", Instant, "When it was escalated."),
        may("url", Text, "Where the tool shows it."),
    ]
    TicketEvents "ticket_events" "One row a change of one field of a ticket." [
        must("ticket", Text, "The source_key of the ticket."),
        must("at", Instant, "When the field changed."),
        must("seq", Integer, "The order among events of one ticket, also where times tie."),
        must("field", Text, "status, priority, group, service or customer."),
        may("from", Text, "The value before; null at the first event."),
        may("to", Text, "The value after."),
        may("actor_group", Text, "The group that made the change."),
    ]
    Clocks "clocks" "One row a clock that the tool itself ran on a ticket." [
        must("ticket", Text, "The source_key of the ticket."),
        may("name", Text, "The tool's name of the clock."),
        must("kind", Text, "sla, ola or uc."),
        must("metric", Text, "response or resolution."),
        may("cycle", Integer, "Which run of the clock on this ticket, from 1."),
        may("start", Instant, "When it started."),
        may("stop", Instant, "When it stopped; null while it runs."),
        may("due", Instant, "When the tool says that the goal runs out."),
        may("paused_s", Duration, "How long it stood still."),
        may("elapsed_s", Duration, "Time by the wall clock without pauses."),
        may("business_s", Duration, "Service time without pauses."),
        may("breached", Boolean, "Whether the tool says that the goal was missed."),
        may("stage", Text, "in_progress, paused, completed or cancelled."),
    ]
    Links "links" "One row a link from a ticket to another ticket, a configuration item or an outage." [
        must("from", Text, "The source_key of the ticket."),
        must("to", Text, "What it is linked to."),
        must("kind", Text, "caused_by, fixes, duplicate, parent, part_of, affects_ci or outage."),
    ]
    Outages "outages" "One row an interruption or degradation of a service." [
        must("service", Text, "The service."),
        must("start", Instant, "When it started."),
        may("end", Instant, "When it ended; null while it lasts."),
        must("kind", Text, "unplanned or degraded."),
        may("weight", Decimal, "How much of the service was lost, 0 to 1; null means 1, of a degraded one 0.5."),
        may("users_affected", Integer, "How many users were affected."),
        may("cause", Text, "The cause."),
        may("investigated", Boolean, "Whether the cause was investigated."),
        may("ticket", Text, "The ticket of the outage."),
        may("acknowledged_at", Instant, "When somebody took it up."),
    ]
    Maintenance "maintenance" "One row a planned and agreed maintenance window." [
        must("service", Text, "The service."),
        must("planned_start", Instant, "Start of the agreed window."),
        must("planned_end", Instant, "End of the agreed window."),
        may("actual_start", Instant, "When the work started; null means it did not take place."),
        may("actual_end", Instant, "When the work ended."),
        may("announced_at", Instant, "When it was announced to the customers."),
        may("approved_by", Text, "Who approved it."),
        may("change", Text, "The change it belongs to."),
    ]
    Exclusions "exclusions" "One row something that is left out of a figure, by whose decision." [
        must("figure", Text, "availability or sla."),
        may("service", Text, "The service; of availability, null means every service."),
        may("ticket", Text, "The source_key of the ticket that is left out of sla."),
        may("from", Instant, "Start of the time that is left out of availability."),
        may("to", Instant, "End of that time."),
        must("why", Text, "The reason: force majeure, fault of the customer …"),
        may("requested_by", Text, "Who asked for it: a role."),
        may("approved_by", Text, "Who approved it: a role."),
        may("approved_at", Instant, "When it was approved; null means not approved."),
    ]
    Checks "checks" "One row a check result of a monitor." [
        must("service", Text, "The service."),
        must("monitor", Text, "The monitor that checked."),
        must("at", Instant, "When it checked."),
        must("up", Boolean, "Whether the service was up."),
        may("latency", Decimal, "Answer time in milliseconds."),
        may("watched_from", Instant, "When the monitor began to watch the service, where the tool tells."),
    ]
    Coverage "coverage" "One row a span for which the state of a service is known." [
        must("service", Text, "The service."),
        may("monitor", Text, "The monitor, for measured coverage."),
        must("from", Instant, "Start of the span."),
        must("to", Instant, "End of the span."),
        must("kind", Text, "measured or asserted."),
    ]
    ReportedAvailability "reported_availability" "One row a total of availability that a tool reports." [
        must("service", Text, "The service."),
        must("from", Instant, "Start of the span."),
        must("to", Instant, "End of the span."),
        may("up_s", Duration, "Time up."),
        may("down_s", Duration, "Time down."),
        may("excluded_s", Duration, "Time that the tool leaves out."),
        may("percent", Decimal, "The tool's percentage, 0 to 100."),
        may("method", Text, "How the tool counts, in its own words."),
    ]
    Readings "readings" "One row a reading of a capacity metric." [
        may("service", Text, "The service that uses the resource."),
        must("resource", Text, "The resource."),
        must("metric", Text, "What is measured: cpu, disk, memory, network …"),
        must("at", Instant, "When."),
        must("used", Decimal, "The value in its unit."),
        may("limit", Decimal, "What there is in all, in the same unit."),
    ]
    ReadingWindows "reading_windows" "One row a span of readings of a capacity metric that the tool which holds them has reduced." [
        may("service", Text, "The service that uses the resource."),
        must("resource", Text, "The resource."),
        must("metric", Text, "What is measured: cpu, disk, memory, network …"),
        must("from", Instant, "Start of the window."),
        must("to", Instant, "End of the window, which is not in it."),
        may("n", Integer, "How many readings it is made of."),
        may("expected_n", Integer, "How many there should have been."),
        may("min", Decimal, "The least of them."),
        may("avg", Decimal, "Their mean."),
        may("max", Decimal, "The greatest of them."),
        may("p50", Decimal, "Their median, by the tool."),
        may("p95", Decimal, "Their 95th percentile, by the tool."),
        may("p99", Decimal, "Their 99th percentile, by the tool."),
        may("limit", Decimal, "What there is in all, in the same unit."),
        may("method", Text, "How the tool made it, in its own words: trend.get, quantile_over_time(0.95, …[1h]) …"),
    ]
    Volumes "volumes" "One row an amount of work or consumption over a span." [
        may("service", Text, "The service."),
        may("customer", Text, "The customer."),
        must("metric", Text, "What is counted."),
        must("from", Instant, "Start of the span."),
        must("to", Instant, "End of the span."),
        must("value", Decimal, "How much."),
        may("unit", Text, "The unit."),
        may("entitlement", Decimal, "How much was agreed."),
    ]
    Surveys "surveys" "One row a satisfaction survey that was sent." [
        may("service", Text, "The service."),
        may("customer", Text, "The customer."),
        may("ticket", Text, "The ticket asked about."),
        must("scale", Integer, "The highest possible score."),
        must("sent_at", Instant, "When it was sent."),
        may("answered_at", Instant, "When it was answered."),
        may("score", Decimal, "The answer."),
    ]
    Costs "costs" "One row the money of a service, of one type, over a span." [
        must("service", Text, "The service."),
        must("from", Instant, "Start of the span."),
        must("to", Instant, "End of the span."),
        must("cost_type", Text, "staff, licences, hardware, supplier …"),
        must("currency", Text, "ISO 4217, as EUR."),
        may("budget", Integer, "Budget in minor units, as cents."),
        may("actual", Integer, "Actual cost in minor units."),
        may("committed", Integer, "Committed in minor units."),
        may("forecast", Integer, "Forecast of the outturn in minor units."),
    ]
    ContinuityPlans "continuity_plans" "One row a continuity plan." [
        must("plan", Text, "The plan's id."),
        must("service", Text, "The service it recovers."),
        may("owner", Text, "Its owner: a role."),
        may("rto", Duration, "Required recovery time."),
        may("rpo", Duration, "Required recovery point."),
        may("interval", Duration, "Longest time between two successful tests."),
        may("approved", Instant, "When it was approved."),
    ]
    ContinuityTests "continuity_tests" "One row a test or an invocation of a continuity plan." [
        must("plan", Text, "The plan."),
        must("kind", Text, "recovery, table-top or invocation."),
        must("at", Instant, "When."),
        must("result", Text, "passed, partial or failed."),
        may("achieved_rto", Duration, "Recovery time achieved."),
        may("achieved_rpo", Duration, "Recovery point achieved."),
        may("invoked_at", Instant, "When the plan was invoked."),
        may("cause", Text, "Why it was invoked."),
        may("impact", Text, "What the disruption did."),
        may("recovered_at", Instant, "When the service was recovered."),
        may("normal_at", Instant, "When work was normal again."),
        may("restored_to", Instant, "The time of the last consistent copy that was restored."),
    ]
}

impl Table {
    /// Returns every column, the common ones first.
    pub fn columns(self) -> impl Iterator<Item = &'static Column> {
        COMMON.iter().chain(self.own_columns())
    }

    /// Returns a column by name.
    pub fn column(self, name: &str) -> Option<&'static Column> {
        self.columns().find(|column| column.name == name)
    }

    /// Returns the column that names the ticket that a row belongs to, in tables whose rows belong to one.
    pub fn parent(self) -> Option<&'static str> {
        match self {
            Self::TicketEvents | Self::Clocks => Some("ticket"),
            Self::Links => Some("from"),
            _ => None,
        }
    }

    /// Returns a table by name.
    pub fn by_name(name: &str) -> Option<Table> {
        Self::ALL.iter().copied().find(|table| table.name() == name)
    }
}
