//! A small document made by hand, and a program that answers from it.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "the values are written here, and are small whole numbers where it matters"
)]

mod answers;
mod ticket;

pub use answers::answer;

use super::{Look, Options};
use crate::model::figure::{
    Alternative, Comparator, Coverage, Figure, FigureId, LeftOut, Missing, MissingKind, Scope, Target, Unit, Verdict,
};
use crate::model::receipt::{Completeness, Receipt, SourceFile};
use crate::model::{Edition, Finding, Period, Raw, Severity};
use crate::report::document::{
    Block, BookMark, Cell, Descriptor, DocumentTable, Grid, MeasureEntry, Named, Point, Section, Series, Step,
};
use crate::report::{Document, format};
use chrono::Datelike;

const SERVICES: [(&str, &str); 6] = [
    ("mail", "Mail"),
    ("payroll", "Payroll"),
    ("vpn", "Remote access"),
    ("erp", "ERP"),
    ("shop", "Web shop 東京"),
    ("files", "File service"),
];

const MEASURES: [(&str, &str); 12] = [
    ("availability.percent", "Availability"),
    ("availability.downtime", "Unplanned downtime"),
    ("availability.allowed_left", "Allowed downtime left"),
    ("availability.outages", "Outages"),
    ("capacity.average", "Average"),
    ("capacity.days_to_threshold", "Days to the threshold"),
    ("continuity.due_in", "Next test due in"),
    ("continuity.plans", "Plans"),
    ("sla.resolution", "Resolution within goal"),
    ("sla.response", "Response within goal"),
    ("tickets.backlog", "Open at the end"),
    ("tickets.opened", "Opened"),
];

pub fn period(id: &str) -> Period {
    Period::parse(id, chrono_tz::Europe::Berlin).unwrap()
}

pub fn options() -> Options {
    Options {
        period: period("2026-09"),
        book: "Northwind service book".into(),
        sample: true,
        notices: Vec::new(),
        look: Look::default(),
        keys: Vec::new(),
        may_stop: true,
    }
}

struct Maker {
    figures: Vec<Figure>,
    series: Vec<Series>,
    incomplete: bool,
}

fn months(last: &Period) -> Vec<String> {
    (0..13).rev().map(|back| last.shifted(-back).id().to_owned()).collect()
}

impl Maker {
    fn add(&mut self, period: &Period, mut figure: Figure, clause: &str, wave: f64) {
        if figure.rows.table.is_empty() && figure.value.is_ok() {
            figure.rows.table = "tickets".into();
            figure.rows.used = figure.number().unwrap_or(0.0).abs() as u64;
            figure.rows.filter = format!("used_{} >= 0", figure.id.measure.replace('.', "_"));
        }
        figure.basis.clauses = vec![clause.into()];
        figure.basis.receipts = vec!["tickets-4f2a".into()];
        if figure.basis.formula.is_empty() {
            figure.basis.formula = "clocks that kept their goal / clocks that stopped in the period × 100".into();
        }
        figure.tainted = self.incomplete;
        figure.display = format::display(&figure, 5);
        if let Some(value) = figure.number() {
            let ids = months(period);
            let count = ids.len();
            let points = ids
                .into_iter()
                .enumerate()
                .map(|(at, period)| {
                    let shift = ((at * 7 % 5) as f64 - 2.0) * wave;
                    let here = if at + 1 == count { value } else { (value + shift).max(0.0) };
                    let gap = at == 4;
                    let here = if figure.unit == Unit::Count { here.round() } else { here };
                    let here = if figure.unit == Unit::Percent { here.min(100.0) } else { here };
                    Point {
                        period,
                        value: (!gap).then_some(here),
                        missing: gap.then(|| "no data: the monitor was off".to_owned()),
                        target: figure.target.as_ref().map(|target| target.value),
                    }
                })
                .collect();
            self.series.push(Series { figure: figure.id.clone(), step: Step::Month, points, control: None });
        }
        self.figures.push(figure);
    }
}

fn target(value: f64, comparator: Comparator) -> Target {
    Target { value, comparator, agreement: "sla-office".into(), effective_from: "2026-01-01".into() }
}

fn judge(value: f64, target: f64) -> Verdict {
    if value < target {
        Verdict::Missed
    } else if 100.0 - value >= 0.8 * (100.0 - target) {
        Verdict::AtRisk
    } else {
        Verdict::Met
    }
}

/// Makes the document of a period; the numbers follow from its month, so that two periods differ.
pub fn document(period: &Period) -> Document {
    let month = (period.end() - chrono::TimeDelta::days(1)).month();
    let turn = f64::from(month % 5);
    let incomplete = month.is_multiple_of(4);
    let mut made = Maker { figures: Vec::new(), series: Vec::new(), incomplete };
    let scopes: Vec<(Scope, f64)> = std::iter::once((Scope::book(), 0.0))
        .chain(SERVICES.iter().enumerate().map(|(at, (id, _))| (Scope::service(*id), at as f64 + 1.0)))
        .collect();
    for (scope, at) in &scopes {
        tickets(&mut made, period, scope, *at, turn);
        if scope.service.is_some() {
            availability(&mut made, period, scope, *at, turn);
            capacity(&mut made, period, scope, *at);
        }
        continuity(&mut made, period, scope, *at);
    }
    made.figures.sort_by(|a, b| a.id.cmp(&b.id));
    let grid = |measures: &[(&str, &str)], dimensions: &[(&str, &str)]| Grid {
        rows_are: "Service".into(),
        columns: measures.iter().map(|(_, name)| (*name).to_owned()).collect(),
        rows: SERVICES
            .iter()
            .map(|(id, name)| {
                let cells = measures
                    .iter()
                    .map(|(measure, _)| FigureId::new(*measure, Scope::service(*id), dimensions))
                    .map(|id| made.figures.iter().any(|figure| figure.id == id).then_some(id))
                    .collect();
                ((*name).to_owned(), cells)
            })
            .collect(),
    };
    let sections = vec![
        Section {
            title: "Service levels".into(),
            clauses: vec!["8.3.3 service levels".into()],
            blocks: vec![
                Block::Sentence("2 of 6 services missed a target; 14 tickets are open beyond their goal.".into()),
                Block::Grid(grid(
                    &[
                        ("sla.response", "Response met"),
                        ("sla.resolution", "Resolution met"),
                        ("tickets.backlog", "Backlog"),
                    ],
                    &[("type", "incident")],
                )),
            ],
        },
        Section {
            title: "Availability".into(),
            clauses: vec!["8.7.1 availability".into()],
            blocks: vec![
                Block::Grid(grid(
                    &[
                        ("availability.percent", "Availability"),
                        ("availability.downtime", "Downtime"),
                        ("availability.outages", "Outages"),
                    ],
                    &[],
                )),
                Block::Series(FigureId::new("availability.percent", Scope::service("mail"), &[]), Step::Month),
                Block::Table("outages".into()),
            ],
        },
    ];
    Document {
        descriptor: Descriptor {
            id: "monthly".into(),
            version: 3,
            title: "Monthly service report".into(),
            purpose: "Shows whether the agreed levels were kept and where to act before the next review.".into(),
            audience: vec!["customers".into()],
            frequency: "monthly".into(),
            owner: "service level manager".into(),
            sources: vec!["tickets".into()],
            clauses: vec!["9.4 service reporting".into()],
        },
        book: BookMark { id: "Northwind service book".into(), sample: true },
        period: period.clone(),
        as_of: crate::model::period::local_rfc3339(period.end(), period.zone()),
        complete: !incomplete,
        incomplete_because: if incomplete { vec!["tickets: the pull ended at page 3 of 9".into()] } else { Vec::new() },
        edition: Edition::E2018,
        services: SERVICES.iter().map(|(id, name)| Named { id: (*id).into(), name: (*name).into() }).collect(),
        groups: Vec::new(),
        customers: vec![Named { id: "contoso".into(), name: "Contoso".into() }],
        measures: MEASURES
            .iter()
            .map(|(id, name)| MeasureEntry {
                id: (*id).into(),
                name: (*name).into(),
                formula: "as the catalogue says".into(),
                unit: "count".into(),
                ..MeasureEntry::default()
            })
            .collect(),
        figures: made.figures,
        series: made.series,
        tables: vec![outages()],
        outlooks: Vec::new(),
        timelines: Vec::new(),
        findings: vec![
            Finding {
                id: "unknown_service/mailbox".into(),
                kind: "unknown_service".into(),
                severity: Severity::Warning,
                count: 12,
                figures: vec!["tickets.opened".into()],
                table: "tickets".into(),
                filter: "service = 'Mailbox'".into(),
                text: "12 tickets name the service `Mailbox\u{1b}[2J`, which the catalogue does not have; add aliases = [\"Mailbox\"] to a service".into(),
            },
            Finding {
                id: "quarantined/tickets".into(),
                kind: "quarantined".into(),
                severity: Severity::Error,
                count: 3,
                figures: Vec::new(),
                table: String::new(),
                filter: String::new(),
                text: "3 records of tickets.csv have no opening time (lines 14, 15, 2207)".into(),
            },
        ],
        receipts: vec![receipt(incomplete), register()],
        actions: Vec::new(),
        sections,
    }
}

fn receipt(incomplete: bool) -> Receipt {
    Receipt {
        id: "tickets-4f2a".into(),
        source: "tickets".into(),
        connector: "csv-tickets".into(),
        connector_sha256: "ab".repeat(32),
        pulled_at: "2026-10-05T05:58:12Z".into(),
        files: vec![SourceFile {
            name: "exports/tickets.csv".into(),
            bytes: 1_204_331,
            sha256: "cd".repeat(32),
            records: 2_214,
        }],
        records: 2_214,
        loaded: 2_211,
        quarantined: 3,
        rows: vec![("tickets".into(), 2_211)],
        completeness: if incomplete {
            Completeness::Incomplete { reason: "the pull ended at page 3 of 9".into() }
        } else {
            Completeness::Complete { rule: "the file ends where its last record ends".into() }
        },
        set_aside: 0,
        asked: None,
    }
}

fn register() -> Receipt {
    Receipt {
        id: "outages-77".into(),
        source: "outages".into(),
        connector: "csv-outages".into(),
        records: 41,
        loaded: 41,
        quarantined: 0,
        rows: vec![("outages".into(), 41)],
        files: vec![SourceFile {
            name: "registers/outages.csv".into(),
            bytes: 8_192,
            sha256: "ef".repeat(32),
            records: 41,
        }],
        ..receipt(false)
    }
}

fn outages() -> DocumentTable {
    let row = |service: &str, start: &str, length: &str, cause: &str| {
        vec![
            Cell::Text(service.into()),
            Cell::Text(start.into()),
            Cell::Text(length.into()),
            Cell::Text("unplanned".into()),
            Cell::Raw(Raw::new(cause)),
        ]
    };
    DocumentTable {
        id: "outages".into(),
        title: "Outages".into(),
        columns: ["Service", "Start", "Length", "Kind", "Cause"].map(ToOwned::to_owned).to_vec(),
        rows: vec![
            row("Mail", "2026-09-03 09:12", "1 h 40 min", "disk full on mx1\u{1b}]0;owned\u{7}"),
            row("Mail", "2026-09-17 14:05", "46 min", "certificate ran out"),
            row("Remote access", "2026-09-21 07:30", "12 min", "firewall change"),
        ],
        services: vec![Some("mail".into()), Some("mail".into()), Some("vpn".into())],
    }
}

fn tickets(made: &mut Maker, period: &Period, scope: &Scope, at: f64, turn: f64) {
    for kind in ["incident", "request"] {
        for priority in [None, Some("P1"), Some("P2"), Some("P3")] {
            let mut dimensions = vec![("type", kind)];
            dimensions.extend(priority.map(|priority| ("priority", priority)));
            let share = if priority.is_some() { 0.3 } else { 1.0 };
            let count = ((90.0 + 17.0 * at + 5.0 * turn) * share * if at == 0.0 { 6.0 } else { 1.0 }).round();
            let id = |measure: &str| FigureId::new(measure, scope.clone(), &dimensions);
            for (measure, part) in [
                ("tickets.opened", 1.0),
                ("tickets.resolved", 0.94),
                ("tickets.backlog", 0.31),
                ("tickets.major", 0.01),
                ("tickets.reopened", 0.05),
                ("tickets.reassigned", 0.2),
            ] {
                let figure = Figure::new(id(measure), Unit::Count, Ok((count * part).round()));
                made.add(period, figure, "8.6.1", 4.0);
            }
            for (measure, goal, late) in [("sla.response", 95.0, 1.5), ("sla.resolution", 90.0, 2.0)] {
                let whole = (count * 0.9).round();
                let part = (whole * (1.0 - late * (at + turn) % 13.0 / 100.0)).round();
                let value = 100.0 * part / whole;
                let mut figure = Figure::new(id(measure), Unit::Percent, Ok(value));
                (figure.numerator, figure.denominator) = (Some(part as i64), Some(whole as i64));
                figure.n = whole as u64;
                if scope.service.is_some() {
                    figure.target = Some(target(goal, Comparator::AtLeast));
                    figure.verdict = judge(value, goal);
                }
                figure.rows.table = "tickets".into();
                figure.rows.used = whole as u64;
                figure.rows.filter = format!("{} IS NOT NULL", measure.replace('.', "_"));
                figure.rows.left_out = vec![LeftOut {
                    reason: "resolved before opened".into(),
                    count: 2,
                    filter: "resolved_at < opened_at".into(),
                }];
                figure.basis.parameters = vec![
                    ("calendar".into(), "office, Mo-Fr 08:00-18:00 Europe/Berlin".into()),
                    ("attribution".into(), "finish".into()),
                ];
                made.add(period, figure, "8.3.3", 2.0);
                let open = Figure::new(id(&format!("{measure}_open_breached")), Unit::Count, Ok((at * share).round()));
                made.add(period, open, "8.3.3", 1.0);
            }
            for (part, factor) in
                [("mean", 1.0), ("median", 0.7), ("p90", 2.1), ("p95", 3.0), ("p99", 6.5), ("max", 11.0)]
            {
                for measure in ["resolve.elapsed", "resolve.service"] {
                    let value =
                        Ok(21_840.0 * factor * (1.0 + at / 10.0) * if measure.ends_with('e') { 0.4 } else { 1.0 });
                    let figure = Figure::new(id(&format!("{measure}.{part}")), Unit::Seconds, value);
                    made.add(period, figure, "8.6.1", 900.0);
                }
            }
        }
        for (band, part) in [("0-2", 0.1), ("3-7", 0.1), ("8-30", 0.07), ("31-90", 0.03), ("91+", 0.01)] {
            let id = FigureId::new("tickets.backlog", scope.clone(), &[("type", kind), ("age", band)]);
            made.add(period, Figure::new(id, Unit::Count, Ok((90.0_f64 * part).round())), "8.6.1", 1.0);
        }
    }
}

fn availability(made: &mut Maker, period: &Period, scope: &Scope, at: f64, turn: f64) {
    let agreed = Scope { customer: Some("contoso".into()), agreement: Some("sla-office".into()), ..scope.clone() };
    for (scope, easy) in [(scope.clone(), 0.0), (agreed, 0.1)] {
        let id = |measure: &str| FigureId::new(measure, scope.clone(), &[]);
        let value = (100.0 - (at * 0.13 + turn * 0.05) % 0.7 + easy).min(100.0);
        let goal = 99.9 - at / 10.0;
        let mut figure = Figure::new(id("availability.percent"), Unit::Percent, Ok(value));
        if at == 4.0 {
            let text = "88.1 % of the time is known, less than the 95 % that are asked for";
            figure.value = Err(Missing::new(MissingKind::InsufficientCoverage, text));
        }
        if at == 6.0 {
            figure.value = Err(Missing::new(MissingKind::NoData, "no checks and no register name this service"));
        }
        figure.coverage = Some(Coverage { ratio: 0.991, low: value - 0.4, high: value, kind: "measured".into() });
        (figure.numerator, figure.denominator) = (Some(2_580_120_000), Some(2_592_000_000));
        figure.alternatives = vec![Alternative { formula: "gross".into(), value: value - 0.12 }];
        figure.target = Some(target(goal, Comparator::AtLeast));
        figure.verdict = figure.number().map_or(Verdict::None, |value| judge(value, goal));
        figure.rows.table = "outages".into();
        figure.rows.used = 2;
        figure.rows.filter = "service = 'mail'".into();
        figure.basis.formula = "(agreed service time - downtime in it) / agreed service time × 100".into();
        figure.basis.parameters = vec![("formula".into(), "A1".into()), ("calendar".into(), "24x7".into())];
        let known = figure.value.is_ok();
        made.add(period, figure, "8.7.1", 0.1);
        if known {
            let points = period
                .days()
                .into_iter()
                .map(|(date, _, _)| {
                    let day = date.day0();
                    let value = match day {
                        2 => Some(93.1),
                        16 => Some(99.7),
                        24 => None,
                        _ => Some(100.0),
                    };
                    Point {
                        period: date.to_string(),
                        value,
                        missing: value.is_none().then(|| "no data".to_owned()),
                        target: Some(goal),
                    }
                })
                .collect();
            made.series.push(Series { figure: id("availability.percent"), step: Step::Day, points, control: None });
        }
        for (measure, unit, value) in [
            ("availability.downtime", Unit::Seconds, Ok(8_760.0)),
            ("availability.planned", Unit::Seconds, Ok(14_400.0)),
            ("availability.allowed_left", Unit::Seconds, Ok(-6_168.0)),
            ("availability.outages", Unit::Count, Ok(2.0)),
            ("availability.longest", Unit::Seconds, Ok(6_000.0)),
            ("availability.mtrs", Unit::Seconds, Ok(4_380.0)),
            ("availability.mtbf", Unit::Seconds, Err(Missing::new(MissingKind::Undefined, "no failure"))),
            ("availability.coverage", Unit::Percent, Ok(99.1)),
        ] {
            let mut figure = Figure::new(id(measure), unit, value);
            figure.rows.table = "outages".into();
            figure.rows.used = 2;
            made.add(period, figure, "8.7.1", 300.0);
        }
    }
}

fn capacity(made: &mut Maker, period: &Period, scope: &Scope, at: f64) {
    if at > 3.0 {
        return;
    }
    for (resource, metric, used) in [("mx1", "disk", 71.0), ("mx1", "cpu", 34.0)] {
        let id = |measure: &str| FigureId::new(measure, scope.clone(), &[("resource", resource), ("metric", metric)]);
        for (measure, more) in [
            ("capacity.average", 0.0),
            ("capacity.p95", 9.0),
            ("capacity.peak", 14.0),
            ("capacity.over_threshold", -30.0),
        ] {
            let mut figure = Figure::new(id(measure), Unit::Percent, Ok(f64::max(used + more + at, 0.0)));
            figure.rows.table = "readings".into();
            figure.rows.used = 2_016;
            figure.basis.parameters = vec![("threshold".into(), "85 %".into())];
            made.add(period, figure, "8.4.3", 2.5);
        }
        let days = if metric == "disk" { 23.0 } else { 210.0 };
        let mut figure = Figure::new(id("capacity.days_to_threshold"), Unit::Days, Ok(days));
        figure.target = Some(target(30.0, Comparator::AtLeast));
        figure.verdict = if days < 30.0 { Verdict::Missed } else { Verdict::Met };
        figure.rows.table = "readings".into();
        figure.rows.used = 8_640;
        made.add(period, figure, "8.4.3", 5.0);
    }
}

fn continuity(made: &mut Maker, period: &Period, scope: &Scope, at: f64) {
    for (measure, value) in [("continuity.plans", 2.0), ("continuity.overdue", 1.0), ("continuity.untested", 0.0)] {
        let mut figure = Figure::new(FigureId::new(measure, scope.clone(), &[]), Unit::Count, Ok(value));
        figure.rows.table = "continuity_plans".into();
        figure.rows.used = value as u64;
        made.add(period, figure, "8.7.2", 0.0);
    }
    if scope.service.is_none() {
        return;
    }
    for (plan, due) in [("restore from backup", 41.5 - 20.0 * at), ("second site", 200.0)] {
        let id = |measure: &str| FigureId::new(measure, scope.clone(), &[("plan", plan)]);
        let mut figure = Figure::new(id("continuity.due_in"), Unit::Days, Ok(due));
        figure.target = Some(target(0.0, Comparator::AtLeast));
        figure.verdict = if due < 0.0 {
            Verdict::Missed
        } else if due < 30.0 {
            Verdict::AtRisk
        } else {
            Verdict::Met
        };
        figure.rows.table = "continuity_tests".into();
        figure.rows.used = 3;
        made.add(period, figure, "8.7.2", 3.0);
        let mut age = Figure::new(id("continuity.last_test_age"), Unit::Days, Ok(323.0));
        age.rows.table = "continuity_tests".into();
        age.rows.used = 1;
        made.add(period, age, "8.7.2", 3.0);
        for (measure, value) in [("continuity.rto_achieved", 12_600.0), ("continuity.rpo_achieved", 900.0)] {
            let mut figure = Figure::new(id(measure), Unit::Seconds, Ok(value));
            figure.target = Some(target(14_400.0, Comparator::AtMost));
            figure.verdict = Verdict::Met;
            figure.rows.table = "continuity_tests".into();
            figure.rows.used = 1;
            made.add(period, figure, "8.7.2", 60.0);
        }
    }
}
