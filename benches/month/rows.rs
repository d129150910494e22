//! The rows of the synthetic month, made from row numbers alone: the same sizes give the same rows on every machine.
//!
//! Twelve months up to the end of the month that is measured, so that this month holds a twelfth of them. Every field
//! is drawn by SplitMix64 from a seed, the row's number and the field; nothing depends on the order of making.

use polars::prelude::*;
use servicebook::model::{Completeness, Pulled, Receipt, Table};
use servicebook::store::Store;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

/// Another seed is another year.
const SEED: u64 = 20_000;

/// The source that all rows name.
pub const SOURCE: &str = "synthetic";

const SERVICES: [&str; 8] = ["Mail", "Erp", "Web", "Files", "Voice", "Hr", "Crm", "Network"];
const CUSTOMERS: [&str; 3] = ["North", "South", "West"];
const RESOURCES: u64 = 20;
const MINUTE: i64 = 60_000;

/// How many rows a year has.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub tickets: usize,
    pub outages: usize,
    pub readings: usize,
}

/// A year: its first instant, the first one after it, and when it was pulled, in epoch milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Year {
    pub start: i64,
    pub end: i64,
    pub pulled: i64,
}

/// Draws for one row; each field has a number of its own.
#[derive(Clone, Copy)]
struct Draw(u64);

impl Draw {
    fn of(row: usize) -> Self {
        Self(split_mix(SEED ^ split_mix(row as u64)))
    }

    fn number(self, field: u64) -> u64 {
        split_mix(self.0.wrapping_add(field))
    }

    fn below(self, field: u64, bound: u64) -> u64 {
        self.number(field) % bound
    }

    fn one_in(self, field: u64, chance: u64) -> bool {
        self.below(field, chance) == 0
    }

    /// From 0 up to 1.
    fn unit(self, field: u64) -> f64 {
        (self.number(field) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn pick<'a>(self, field: u64, words: &[&'a str]) -> &'a str {
        words[usize::try_from(self.below(field, words.len() as u64)).unwrap_or(0)]
    }

    /// Milliseconds from one minute up to 2^`octaves` minutes; most are short, as times to resolve are.
    fn minutes(self, field: u64, octaves: f64) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "a few weeks in milliseconds")]
        let drawn = ((octaves * self.unit(field)).exp2() * MINUTE as f64) as i64;
        drawn
    }
}

fn split_mix(state: u64) -> u64 {
    let mut mixed = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Makes all tables of a year.
pub fn tables(sizes: Sizes, year: Year) -> PolarsResult<BTreeMap<Table, DataFrame>> {
    let tickets: Vec<Ticket> = (0..sizes.tickets).map(|row| Ticket::new(row, sizes.tickets, year)).collect();
    [
        (Table::Tickets, ticket_rows(&tickets)?),
        (Table::TicketEvents, event_rows(&tickets, year)?),
        (Table::Outages, outage_rows(sizes.outages, year)?),
        (Table::Readings, reading_rows(sizes.readings, year)?),
    ]
    .into_iter()
    .map(|(table, frame)| Ok((table, table.conform(&frame)?)))
    .collect()
}

struct Ticket {
    row: usize,
    draw: Draw,
    kind: &'static str,
    priority: &'static str,
    opened: i64,
    responded: Option<i64>,
    /// The first resolution of a ticket that was reopened, and when that was.
    reopened: Option<(i64, i64)>,
    resolved: Option<i64>,
    closed: Option<i64>,
    cancelled: bool,
}

impl Ticket {
    fn new(row: usize, of: usize, year: Year) -> Self {
        let draw = Draw::of(row);
        let known = |at: i64| (at < year.pulled).then_some(at);
        let kind = match draw.below(1, 100) {
            0..70 => "incident",
            70..95 => "request",
            95..98 => "change",
            _ => "problem",
        };
        let priority = match draw.below(2, 100) {
            0..2 => "P1",
            2..12 => "P2",
            12..45 => "P3",
            45..85 => "P4",
            _ => "P5",
        };
        let opened = spread(row, of, year) + draw.minutes(3, 6.0);
        let responded = known(opened + draw.minutes(4, 10.0)).filter(|_| !draw.one_in(5, 33));
        let taken = draw.minutes(6, 14.0);
        let resolved = known(opened + taken).filter(|_| !draw.one_in(7, 300));
        let reopened = resolved.filter(|_| draw.one_in(8, 12)).map(|_| (opened + taken / 3, opened + taken / 2));
        let closed = resolved.and_then(|at| known(at + 3 * 1_440 * MINUTE));
        Self { row, draw, kind, priority, opened, responded, reopened, resolved, closed, cancelled: draw.one_in(9, 50) }
    }

    fn status(&self) -> &'static str {
        match (self.cancelled, self.closed, self.resolved, self.responded) {
            (true, ..) => "cancelled",
            (_, Some(_), ..) => "closed",
            (_, _, Some(_), _) => "resolved",
            (_, _, _, Some(_)) => "active",
            _ => "new",
        }
    }

    fn group(&self, field: u64) -> String {
        format!("team {}", self.draw.below(field, 12))
    }

    /// Every fifth ticket has its history.
    fn has_history(&self) -> bool {
        self.row.is_multiple_of(5)
    }

    fn is_change(&self) -> bool {
        self.kind == "change"
    }
}

/// Spreads rows evenly over a year, in order.
fn spread(row: usize, of: usize, year: Year) -> i64 {
    let share = row as f64 / of.max(1) as f64;
    #[expect(clippy::cast_possible_truncation, reason = "a year in milliseconds")]
    let since = (share * (year.end - year.start) as f64) as i64;
    year.start + since
}

fn ticket_rows(tickets: &[Ticket]) -> PolarsResult<DataFrame> {
    let texts = |name: &str, of: &dyn Fn(&Ticket) -> Option<&'static str>| text(name, tickets.iter().map(of));
    let times = |name: &str, of: &dyn Fn(&Ticket) -> Option<i64>| instant(name, tickets.iter().map(of));
    let counts = |name: &str, of: &dyn Fn(&Ticket) -> Option<i64>| {
        Column::new(name.into(), tickets.iter().map(of).collect::<Int64Chunked>())
    };
    let flags = |name: &str, of: &dyn Fn(&Ticket) -> Option<bool>| {
        Column::new(name.into(), tickets.iter().map(of).collect::<BooleanChunked>())
    };
    let actual_end = |t: &Ticket| t.resolved.filter(|_| t.is_change());
    DataFrame::new_infer_height(vec![
        Column::new("source".into(), StringChunked::full("source".into(), SOURCE, tickets.len())),
        made("source_key", tickets.iter().map(|ticket| format!("INC{:08}", ticket.row))),
        texts("type", &|t| Some(t.kind)),
        texts("service", &|t| Some(if t.draw.one_in(10, 200) { "Fax" } else { t.draw.pick(11, &SERVICES) })),
        texts("customer", &|t| (!t.draw.one_in(12, 50)).then(|| t.draw.pick(13, &CUSTOMERS))),
        texts("status", &|t| Some(t.status())),
        texts("priority", &|t| (!t.draw.one_in(14, 100)).then_some(t.priority)),
        made("group", tickets.iter().map(|ticket| ticket.group(15))),
        times("opened_at", &|t| Some(t.opened)),
        times("first_response_at", &|t| t.responded),
        times("resolved_at", &|t| t.resolved),
        times("closed_at", &|t| t.closed),
        counts("reopen_count", &|t| Some(i64::from(t.reopened.is_some()))),
        counts("reassignment_count", &|t| i64::try_from(t.draw.below(16, 4)).ok()),
        flags("tool_breached", &|t| (!t.draw.one_in(17, 20)).then(|| t.draw.one_in(18, 8))),
        flags("is_major", &|t| Some(t.priority == "P1" && t.draw.one_in(19, 10))),
        times("actual_start", &|t| actual_end(t).map(|_| t.opened)),
        times("actual_end", &actual_end),
        texts("change_type", &|t| t.is_change().then(|| t.draw.pick(20, &["standard", "normal", "emergency"]))),
        texts("outcome", &|t| {
            actual_end(t).map(|_| t.draw.pick(21, &["successful", "successful", "failed", "partial"]))
        }),
        flags("backed_out", &|t| actual_end(t).map(|_| t.draw.one_in(22, 40))),
    ])
}

/// One change of a field.
struct Event {
    ticket: usize,
    at: i64,
    field: &'static str,
    from: Option<String>,
    to: String,
}

fn event_rows(tickets: &[Ticket], year: Year) -> PolarsResult<DataFrame> {
    let mut events = Vec::new();
    for ticket in tickets.iter().filter(|ticket| ticket.has_history()) {
        let mut steps = vec![(ticket.opened, "new")];
        steps.extend(ticket.responded.map(|at| (at, "active")));
        if let Some((resolved, again)) = ticket.reopened {
            steps.extend([(resolved, "resolved"), (again, "active")]);
        }
        steps.extend(ticket.resolved.map(|at| (at, "resolved")));
        steps.extend(ticket.closed.map(|at| (at, "closed")));
        if ticket.cancelled {
            steps.push((ticket.closed.or(ticket.resolved).unwrap_or(ticket.opened) + MINUTE, "cancelled"));
        }
        steps.sort_by_key(|(at, _)| *at);
        let mut before: Option<String> = None;
        for (at, status) in steps {
            let from = before.replace(status.into());
            events.push(Event { ticket: ticket.row, at, field: "status", from, to: status.into() });
        }
        let (first, second) = (ticket.group(23), ticket.group(15));
        events.push(Event { ticket: ticket.row, at: ticket.opened, field: "group", from: None, to: first.clone() });
        let moved = ticket.opened + ticket.draw.minutes(24, 9.0);
        if moved < year.pulled {
            events.push(Event { ticket: ticket.row, at: moved, field: "group", from: Some(first), to: second });
        }
    }
    let numbers = 0_i64..;
    DataFrame::new_infer_height(vec![
        Column::new("source".into(), StringChunked::full("source".into(), SOURCE, events.len())),
        made("source_key", (0..events.len()).map(|row| format!("E{row}"))),
        made("ticket", events.iter().map(|event| format!("INC{:08}", event.ticket))),
        instant("at", events.iter().map(|event| Some(event.at))),
        Column::new("seq".into(), numbers.take(events.len()).collect::<Vec<i64>>()),
        text("field", events.iter().map(|event| Some(event.field))),
        text("from", events.iter().map(|event| event.from.as_deref())),
        text("to", events.iter().map(|event| Some(event.to.as_str()))),
    ])
}

fn outage_rows(rows: usize, year: Year) -> PolarsResult<DataFrame> {
    let draws = || (0..rows).map(|row| (row, Draw::of(row)));
    let degraded = |draw: Draw| draw.one_in(31, 5);
    let start = |row: usize, draw: Draw| spread(row, rows, year) + draw.minutes(32, 6.0);
    DataFrame::new_infer_height(vec![
        Column::new("source".into(), StringChunked::full("source".into(), SOURCE, rows)),
        made("source_key", (0..rows).map(|row| format!("O{row}"))),
        text("service", draws().map(|(_, draw)| Some(draw.pick(30, &SERVICES)))),
        instant("start", draws().map(|(row, draw)| Some(start(row, draw)))),
        instant("end", draws().map(|(row, draw)| Some(start(row, draw) + draw.minutes(33, 5.0)))),
        text("kind", draws().map(|(_, draw)| Some(if degraded(draw) { "degraded" } else { "unplanned" }))),
        Column::new(
            "weight".into(),
            draws().map(|(_, draw)| if degraded(draw) { 0.5 } else { 1.0 }).collect::<Vec<f64>>(),
        ),
    ])
}

/// Resources in turn, as a monitor writes them; half of them are disks whose share of a limit is compared.
fn reading_rows(rows: usize, year: Year) -> PolarsResult<DataFrame> {
    let resources: Vec<String> = (0..RESOURCES).map(|number| format!("host-{number:02}")).collect();
    let resource = |row: usize| row % resources.len();
    let is_disk = |row: usize| resource(row) % 2 == 1;
    let used = |row: usize| {
        let draw = Draw::of(row);
        let grown = 30.0 + 40.0 * row as f64 / rows.max(1) as f64;
        (grown + 25.0 * draw.unit(40)) * if is_disk(row) { 5.0 } else { 1.0 }
    };
    DataFrame::new_infer_height(vec![
        Column::new("source".into(), StringChunked::full("source".into(), SOURCE, rows)),
        made("source_key", (0..rows).map(|row| format!("R{row}"))),
        text("service", (0..rows).map(|row| Some(SERVICES[resource(row) % SERVICES.len()]))),
        text("resource", (0..rows).map(|row| Some(resources[resource(row)].as_str()))),
        text("metric", (0..rows).map(|row| Some(if is_disk(row) { "disk" } else { "cpu" }))),
        instant("at", (0..rows).map(|row| Some(spread(row - resource(row), rows, year)))),
        Column::new("used".into(), (0..rows).map(used).collect::<Vec<f64>>()),
        Column::new("limit".into(), (0..rows).map(|row| is_disk(row).then_some(500.0)).collect::<Float64Chunked>()),
    ])
}

fn text<'a>(name: &str, words: impl Iterator<Item = Option<&'a str>>) -> Column {
    Column::new(name.into(), words.collect::<StringChunked>())
}

fn made(name: &str, words: impl Iterator<Item = String>) -> Column {
    Column::new(name.into(), words.map(Some).collect::<StringChunked>())
}

fn instant(name: &str, milliseconds: impl Iterator<Item = Option<i64>>) -> Column {
    let physical = milliseconds.collect::<Int64Chunked>().with_name(name.into());
    physical.into_datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC)).into_column()
}

/// Publishes tables as the store of a folder, pulled at an instant.
pub fn publish(folder: &Path, tables: BTreeMap<Table, DataFrame>, pulled_at: &str) -> Result<(), Box<dyn Error>> {
    let counts: Vec<(String, u64)> =
        tables.iter().map(|(table, frame)| (table.name().to_owned(), frame.height() as u64)).collect();
    let records = counts.iter().map(|(_, rows)| rows).sum();
    let receipt = Receipt {
        id: format!("{SOURCE}-made"),
        source: SOURCE.into(),
        connector: "none".into(),
        connector_sha256: String::new(),
        pulled_at: pulled_at.into(),
        files: Vec::new(),
        records,
        loaded: records,
        quarantined: 0,
        rows: counts,
        completeness: Completeness::Complete { rule: "made".into() },
        set_aside: 0,
        asked: None,
    };
    let pulled = Pulled { tables, receipt, findings: Vec::new(), quarantine: Vec::new() };
    Store::open(folder).publish(vec![pulled], None)?;
    Ok(())
}
