//! A small document, made by hand, with one figure of each kind and names that try to be more than text.

use crate::model::control_chart::{ChartKind, Control, ControlPoint, Signal};
use crate::model::figure::{Alternative, Comparator, Coverage, Interval, LeftOut, Target};
use crate::model::{
    Completeness, Edition, Figure, FigureId, Finding, Missing, MissingKind, Period, Raw, Receipt, Scope, Severity,
    SourceFile, Unit, Verdict,
};
use crate::report::document::{
    Action, Block, BookMark, Cell, Descriptor, DocumentTable, Grid, Named, Point, Section, Series, Step,
};
use crate::report::{Document, format};
use chrono_tz::Europe;

/// Names that an attacker would choose, one of each trade.
pub const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "a|b \\| c",
    "red\u{1b}[31m and \u{9b}31m",
    "txt\u{202e}exe.\u{2066}",
    "`x` ``y``",
    "](javascript:alert(1))",
    "![i](http://evil.example/p.png)",
    "\" onmouseover=\"alert(1)",
    "</style><style>*{}</style>",
    "www.evil.example\n# heading\n- item",
    "{{ page.title }}{% for x in y %}&lt;b&gt;",
];

fn target(value: f64, comparator: Comparator) -> Target {
    Target { value, comparator, agreement: "acme-mail".into(), effective_from: "2026-01-01".into() }
}

fn figure(measure: &str, scope: Scope, unit: Unit, value: Result<f64, Missing>) -> Figure {
    let mut figure = Figure::new(FigureId::new(measure, scope, &[]), unit, value);
    figure.basis.formula = "100 × (base − down) / base".into();
    figure.basis.parameters = vec![("calendar".into(), "office".into()), ("method".into(), "A1".into())];
    figure.basis.clauses = vec!["8.7.1 availability".into()];
    figure.basis.receipts = vec!["outages-1f2e".into()];
    figure.rows.table = "outages".into();
    figure.rows.used = 2;
    figure.rows.filter = "service = 'mail' AND kind <> 'planned'".into();
    figure
}

fn finish(mut figure: Figure) -> Figure {
    figure.display = format::display(&figure, 5);
    figure
}

fn receipt(id: &str, completeness: Completeness) -> Receipt {
    Receipt {
        id: id.into(),
        source: "outages".into(),
        connector: "csv-outages".into(),
        connector_sha256: "ab".repeat(32),
        pulled_at: "2026-10-01T04:00:00Z".into(),
        files: vec![SourceFile {
            name: "registers/outages.csv".into(),
            bytes: 12_345,
            sha256: "0123456789abcdef".repeat(4),
            records: 1_204,
        }],
        records: 1_204,
        loaded: 1_200,
        quarantined: 4,
        rows: vec![("outages".into(), 1_200)],
        completeness,
        set_aside: 0,
        asked: None,
    }
}

/// Returns a complete document with harmless names.
pub fn plain() -> Document {
    document(&["Mail", "Web shop", "Phone"], "A good month but for mail.")
}

/// Returns the same document with `name` wherever text comes from people or sources.
pub fn hostile(name: &str) -> Document {
    let mut document = document(&[name, name, name], name);
    document.descriptor.title = name.into();
    document.descriptor.purpose = name.into();
    document.descriptor.audience = vec![name.into()];
    document.book.id = name.into();
    document.incomplete_because = vec![name.into()];
    document.tables[0].title = name.into();
    document.tables[0].columns[0] = name.into();
    document.tables[0].rows[0] =
        vec![Cell::Raw(Raw::new(name)), Cell::Integer(-5), Cell::Decimal(0.5), Cell::Text(name.into())];
    for finding in &mut document.findings {
        finding.text = name.into();
    }
    document.actions[0].text = name.into();
    for receipt in &mut document.receipts {
        receipt.id = name.into();
        receipt.source = name.into();
        receipt.files[0].name = name.into();
    }
    for section in &mut document.sections {
        section.title = name.into();
        section.clauses = vec![name.into()];
    }
    for figure in &mut document.figures {
        figure.basis.formula = name.into();
        figure.basis.parameters = vec![(name.into(), name.into())];
        figure.basis.receipts = vec![name.into()];
        figure.rows.filter = name.into();
        for left in &mut figure.rows.left_out {
            left.reason = name.into();
        }
        if let Some(target) = &mut figure.target {
            target.agreement = name.into();
        }
        if let Err(missing) = &mut figure.value {
            missing.text = name.into();
        }
    }
    document.series[0].points[1].missing = Some(name.into());
    document
}

fn document(names: &[&str; 3], sentence: &str) -> Document {
    let availability = |service: &str| FigureId::new("availability.percent", Scope::service(service), &[]);

    let mut missed = figure("availability.percent", Scope::service("mail"), Unit::Percent, Ok(98.203_125));
    missed.verdict = Verdict::Missed;
    missed.target = Some(target(99.9, Comparator::AtLeast));
    (missed.numerator, missed.denominator) = (Some(2_545_425_000), Some(2_592_000_000));
    missed.n = 2;
    missed.tainted = true;
    missed.coverage = Some(Coverage { ratio: 0.987, low: 97.0, high: 98.3, kind: "measured".into() });
    missed.alternatives = vec![Alternative { formula: "gross".into(), value: 97.5 }];
    missed.rows.left_out = vec![LeftOut { reason: "at most 15m".into(), count: 3, filter: "seconds <= 900".into() }];

    let mut met = figure("availability.percent", Scope::service("shop"), Unit::Percent, Ok(99.95));
    met.verdict = Verdict::Met;
    met.target = Some(target(99.5, Comparator::AtLeast));

    let mut unknown = figure(
        "availability.percent",
        Scope::service("phone"),
        Unit::Percent,
        Err(Missing::new(MissingKind::InsufficientCoverage, "61 % of the time is known, 95 % is needed")),
    );
    unknown.target = Some(target(99.5, Comparator::AtLeast));
    unknown.coverage = Some(Coverage { ratio: 0.61, low: 60.0, high: 99.0, kind: "measured".into() });

    let mut risk = figure("continuity.due_in", Scope::service("mail"), Unit::Days, Ok(12.5));
    risk.verdict = Verdict::AtRisk;
    risk.target = Some(target(0.0, Comparator::AtLeast));
    risk.basis.clauses = vec!["8.7.2 continuity".into()];

    let downtime = figure("availability.downtime", Scope::service("mail"), Unit::Seconds, Ok(46_575.0));
    let mut none = figure(
        "availability.mtrs",
        Scope::service("shop"),
        Unit::Seconds,
        Err(Missing::new(MissingKind::Undefined, "there was no outage")),
    );
    none.basis.receipts.clear();
    let mut forecast = figure("capacity.days_to_threshold", Scope::service("shop"), Unit::Days, Ok(140.25));
    forecast.provisional = true;
    forecast.interval = Some(Interval { low: Some(90.0), high: None, level: 0.95, method: "Theil–Sen".into() });
    let mut capacity = Figure {
        id: FigureId::new("capacity.average", Scope::service("shop"), &[("metric", "cpu"), ("resource", names[1])]),
        ..figure("x", Scope::book(), Unit::Percent, Ok(61.5))
    };
    capacity.basis.parameters.push(("threshold".into(), "80".into()));
    let mut opened = Figure {
        id: FigureId::new("tickets.opened", Scope::service("mail"), &[("type", "incident"), ("priority", names[2])]),
        ..figure("x", Scope::book(), Unit::Count, Ok(1_234.0))
    };
    opened.rows.table = "tickets".into();
    opened.rows.used = 1_234;
    let mut small = Figure {
        id: FigureId::new("sla.resolution", Scope::customer("acme"), &[("type", "incident")]),
        ..figure("x", Scope::book(), Unit::Percent, Ok(100.0 * 2.0 / 3.0))
    };
    small.rows.table = "tickets".into();
    (small.numerator, small.denominator) = (Some(2), Some(3));
    small.verdict = Verdict::Missed;
    small.target = Some(target(95.0, Comparator::AtLeast));

    let ids = (opened.id.clone(), capacity.id.clone(), small.id.clone());
    let mut figures: Vec<_> = [missed, met, unknown, risk, downtime, none, forecast, capacity, opened, small]
        .into_iter()
        .map(finish)
        .collect();
    figures.sort_by(|a, b| a.id.cmp(&b.id));

    let id = |measure: &str, service: &str| Some(FigureId::new(measure, Scope::service(service), &[]));
    Document {
        descriptor: Descriptor {
            id: "monthly".into(),
            version: 1,
            title: "Monthly service report".into(),
            purpose: "Decide what to mend before the next review.".into(),
            audience: vec!["service owner".into(), "customer".into()],
            frequency: "monthly".into(),
            owner: "service level manager".into(),
            sources: vec!["outages".into(), "tickets".into()],
            clauses: vec!["9.4 service reporting".into(), "8.7.1 availability".into()],
        },
        book: BookMark { id: "Example book".into(), sample: true },
        period: Period::parse("2026-09", Europe::Berlin).unwrap(),
        as_of: "2026-10-01T00:00:00+02:00".into(),
        complete: false,
        incomplete_because: vec!["outages: page 3 of 7 did not come".into()],
        edition: Edition::E2018,
        services: ["mail", "shop", "phone"]
            .iter()
            .zip(names)
            .map(|(id, name)| Named { id: (*id).into(), name: (*name).into() })
            .collect(),
        groups: Vec::new(),
        customers: vec![Named { id: "acme".into(), name: names[0].into() }],
        measures: Vec::new(),
        figures,
        series: vec![
            Series { figure: availability("mail"), step: Step::Month, points: months(), control: None },
            Series { figure: availability("mail"), step: Step::Day, points: days(98.0, Some(99.9)), control: None },
            Series { figure: ids.0.clone(), step: Step::Month, points: counts(), control: Some(watched()) },
            Series { figure: ids.1.clone(), step: Step::Day, points: days(60.0, None), control: None },
        ],
        outlooks: Vec::new(),
        timelines: Vec::new(),
        tables: vec![
            DocumentTable {
                id: "outages".into(),
                title: "Outages".into(),
                columns: vec!["cause".into(), "users".into(), "weight".into(), "start".into()],
                rows: vec![
                    vec![Cell::Raw(Raw::new("disk full")), Cell::Integer(1_200), Cell::Decimal(1.0), Cell::Empty],
                    vec![Cell::Boolean(true), Cell::Empty, Cell::Decimal(0.5), Cell::Text("2026-09-17 14:05".into())],
                ],
                services: vec![Some("mail".into()), None],
            },
            DocumentTable {
                id: "plans".into(),
                title: "Continuity plans".into(),
                columns: vec!["plan".into()],
                rows: vec![],
                services: vec![],
            },
        ],
        findings: vec![
            finding("unknown_service", Severity::Note, 3, "3 tickets name a service that the book does not know."),
            finding("incomplete_pull", Severity::Error, 1, "A page of the source did not come; pull again."),
        ],
        receipts: vec![
            receipt("outages-1f2e", Completeness::Incomplete { reason: "page 3 of 7 did not come".into() }),
            receipt("tickets-77aa", Completeness::Complete { rule: "the tool's own count".into() }),
        ],
        actions: vec![Action {
            text: "Replace the disk".into(),
            owner: "storage lead".into(),
            due: "2026-10-20".into(),
        }],
        sections: vec![
            Section {
                title: "Availability".into(),
                clauses: vec!["8.7.1 availability".into()],
                blocks: vec![
                    Block::Sentence(sentence.into()),
                    Block::Grid(Grid {
                        rows_are: "Service".into(),
                        columns: vec!["Availability".into(), "Downtime".into(), "Mean time to restore".into()],
                        rows: vec![
                            (
                                names[0].into(),
                                vec![id("availability.percent", "mail"), id("availability.downtime", "mail"), None],
                            ),
                            (
                                names[1].into(),
                                vec![id("availability.percent", "shop"), None, id("availability.mtrs", "shop")],
                            ),
                            (names[2].into(), vec![id("availability.percent", "phone")]),
                        ],
                    }),
                    Block::Series(availability("mail"), Step::Month),
                    Block::Series(availability("mail"), Step::Day),
                    Block::Table("outages".into()),
                ],
            },
            Section {
                title: "Tickets, capacity, continuity".into(),
                clauses: vec![],
                blocks: vec![
                    Block::Grid(Grid {
                        rows_are: "Figure".into(),
                        columns: vec!["Value".into()],
                        rows: vec![
                            ("Opened".into(), vec![Some(ids.0.clone())]),
                            ("Solved in time".into(), vec![Some(ids.2)]),
                            ("Days left".into(), vec![id("capacity.days_to_threshold", "shop")]),
                            ("Load".into(), vec![Some(ids.1.clone())]),
                            ("Next test".into(), vec![id("continuity.due_in", "mail")]),
                        ],
                    }),
                    Block::Series(ids.0, Step::Month),
                    Block::Series(ids.1, Step::Day),
                    Block::Table("plans".into()),
                ],
            },
        ],
    }
}

/// A chart of the course of counts: a month that is no point, and a last one with signals.
fn watched() -> Control {
    let points = counts().into_iter().map(|point| {
        let limit = |level| point.value.map(|_| level);
        ControlPoint {
            value: point.value,
            weight: None,
            center: limit(1_000.0),
            lower: limit(850.0),
            upper: limit(1_200.25),
            signals: if point.value > Some(1_200.25) { vec![Signal::Outside, Signal::Range] } else { Vec::new() },
            period: point.period,
        }
    });
    Control {
        kind: ChartKind::Xmr,
        baseline: "2025-05..2026-04".into(),
        frozen: true,
        provisional: false,
        center: Some(1_000.0),
        range_limit: Some(120.0),
        missing: None,
        points: points.collect(),
    }
}

fn finding(kind: &str, severity: Severity, count: u64, text: &str) -> Finding {
    Finding {
        id: format!("{kind}/mail"),
        kind: kind.into(),
        severity,
        count,
        figures: vec!["availability.percent".into()],
        table: "outages".into(),
        filter: "service IS NULL".into(),
        text: text.into(),
    }
}

fn point(period: String, value: Option<f64>, target: Option<f64>) -> Point {
    Point { period, value, missing: value.is_none().then(|| "no data".into()), target }
}

fn months() -> Vec<Point> {
    let values =
        [99.95, f64::NAN, f64::NAN, 99.97, 99.9, 99.91, 100.0, 99.2, f64::NAN, 99.99, 99.93, 99.95, 98.203_125];
    let months = ["2025-09", "2025-10", "2025-11", "2025-12"].map(String::from).into_iter();
    let months = months.chain((1..=9).map(|month| format!("2026-{month:02}")));
    months
        .zip(values)
        .map(|(month, value)| {
            let target = if month.as_str() < "2026-01" { 99.5 } else { 99.9 };
            point(month, Some(value).filter(|value| !value.is_nan()), Some(target))
        })
        .collect()
}

fn counts() -> Vec<Point> {
    let months = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09"];
    months
        .into_iter()
        .zip([Some(900.0), Some(1_010.0), None, Some(1_100.0), Some(1_234.0)])
        .map(|(month, value)| point(month.into(), value, None))
        .collect()
}

fn days(base: f64, target: Option<f64>) -> Vec<Point> {
    (1..=30u32)
        .map(|day| {
            let value = match day {
                7 | 8 | 21 => None,
                5 => Some(base - 9.5),
                12 => Some(base + 1.5),
                _ => Some(f64::min(base + f64::from(day % 9), 100.0)),
            };
            point(format!("2026-09-{day:02}"), value, target)
        })
        .collect()
}
