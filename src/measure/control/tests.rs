//! Charts of figures made by hand; the working stands beside each expectation.

use super::*;
use crate::config::Config;
use crate::model::control_chart::Signal;
use crate::model::{Missing, MissingKind};

/// A figure's month: a count, a share (part, whole), or nothing.
#[derive(Clone, Copy)]
enum Is {
    Count(f64),
    Share(i64, i64),
    Nothing,
}
use Is::{Count, Nothing, Share};

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn catalogue(charts: &str) -> Catalogue {
    let text = format!(
        "[book]\ntitle = \"T\"\nzone = \"Europe/Berlin\"\n[[service]]\nid = \"mail\"\nname = \"Mail\"\n\
         go_live = 2024-02-10\n{charts}"
    );
    Config::parse(&text, "config.toml").unwrap().catalogue()
}

fn figure(measure: &str, is: Is) -> Figure {
    let scope = Scope::service("mail");
    let id = FigureId::new(measure, scope, &[("type", "incident")]);
    let none = || Err(Missing::new(MissingKind::NotApplicable, "no ticket counts for it in the period"));
    let mut figure = match is {
        Count(value) => Figure::new(id, Unit::Count, Ok(value)),
        Share(part, whole) => Figure::new(id, Unit::Percent, Ok(100.0 * part as f64 / whole as f64)),
        Nothing => Figure::new(id, Unit::Percent, none()),
    };
    if let Share(part, whole) = is {
        (figure.numerator, figure.denominator) = (Some(part), Some(whole));
    }
    figure.basis.receipts = vec!["tickets-1".into()];
    figure.basis.clauses = vec!["8.6.1".into()];
    figure
}

/// The months of several measures from one month on, the last one reported.
struct Book {
    months: BTreeMap<Month, MonthFigures>,
    catalogue: Catalogue,
}

impl Book {
    fn new(charts: &str) -> Self {
        Self { months: BTreeMap::new(), catalogue: catalogue(charts) }
    }

    fn with(mut self, measure: &str, first: &str, values: &[Is]) -> Self {
        for (at, is) in values.iter().enumerate() {
            let month = month(first).shifted(i32::try_from(at).unwrap());
            let period = Period::parse(&month.to_string(), chrono_tz::Europe::Berlin).unwrap();
            let as_of = period.end();
            let entry = self.months.entry(month).or_insert(MonthFigures { period, as_of, figures: BTreeMap::new() });
            let figure = figure(measure, *is);
            entry.figures.insert(figure.id.clone(), figure);
        }
        self
    }

    fn plan(&self) -> Plan {
        let last = self.months.values().last().unwrap();
        let figures: Vec<Figure> = last.figures.values().cloned().collect();
        Plan::new(&self.catalogue, &figures)
    }

    /// The only chart, of the last month.
    #[track_caller]
    fn chart(&self) -> Chart {
        let reported = *self.months.keys().last().unwrap();
        let mut charts = self.plan().charts(&self.months, reported, Edition::E2018);
        assert_eq!(charts.len(), 1);
        charts.remove(0)
    }
}

#[track_caller]
fn value(chart: &Chart, measure: &str) -> f64 {
    chart.figures.iter().find(|figure| figure.id.measure == measure).unwrap().value.clone().unwrap()
}

#[track_caller]
fn missing(chart: &Chart, measure: &str) -> Missing {
    chart.figures.iter().find(|figure| figure.id.measure == measure).unwrap().value.clone().unwrap_err()
}

fn parameter<'a>(chart: &'a Chart, measure: &str, name: &str) -> Option<&'a str> {
    let figure = chart.figures.iter().find(|figure| figure.id.measure == measure)?;
    figure.basis.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[track_caller]
fn near(given: f64, stated: f64) {
    assert!((given - stated).abs() < 1e-9, "{given} is not {stated}");
}

const OPENED: &str =
    "[[control_chart]]\nmeasure = \"tickets.opened\"\nservice = \"mail\"\ndimensions = { type = \"incident\" }\n";
const RESOLVED: &str =
    "[[control_chart]]\nmeasure = \"sla.resolution\"\nservice = \"mail\"\ndimensions = { type = \"incident\" }\n";

fn counts(values: &[f64]) -> Vec<Is> {
    values.iter().map(|value| if value.is_nan() { Nothing } else { Count(*value) }).collect()
}

const GAP: f64 = f64::NAN;

#[test]
fn an_xmr_chart_of_the_months_before() {
    // Baseline 10 12 9 13 11: mean 11, mR̄ (2 + 3 + 4 + 2)/4 = 2.75, limits 11 ± 7.315, ranges up to 8.98425.
    // Reported 20: over 18.315, and 9 after 11 is a range over the limit.
    let chart =
        Book::new(OPENED).with("tickets.opened", "2026-01", &counts(&[10.0, 12.0, 9.0, 13.0, 11.0, 20.0])).chart();
    near(value(&chart, "control.center"), 11.0);
    near(value(&chart, "control.lower"), 3.685);
    near(value(&chart, "control.upper"), 18.315);
    near(value(&chart, "control.signals"), 2.0);
    assert_eq!(parameter(&chart, "control.signals", "rules"), Some("outside, range"));
    assert_eq!(parameter(&chart, "control.signals", "baseline"), Some("2026-01..2026-05"));
    assert_eq!(parameter(&chart, "control.signals", "limits"), Some("moving"));
    assert_eq!(chart.control.points.last().unwrap().signals, [Signal::Outside, Signal::Range]);
    let ids: Vec<String> = chart.figures.iter().map(|figure| figure.id.to_string()).collect();
    assert_eq!(ids[3], "control.signals/service=mail/of=tickets.opened/type=incident");
    for figure in &chart.figures {
        assert_eq!((figure.n, figure.provisional, figure.rows.used, figure.rows.table.as_str()), (5, true, 0, ""));
        assert_eq!(figure.basis.clauses, ["9.4", "8.6.1"]);
        assert_eq!(figure.basis.receipts, ["tickets-1"]);
    }
}

#[test]
fn twelve_months_are_firm_and_eleven_are_provisional() {
    let of = |months: usize| {
        let values: Vec<f64> = (0..=months).map(|at| 10.0 + (at % 3) as f64).collect();
        Book::new(OPENED).with("tickets.opened", "2025-01", &counts(&values)).chart()
    };
    assert!(of(11).control.provisional && of(11).figures.iter().all(|figure| figure.provisional));
    assert!(!of(12).control.provisional && of(12).figures.iter().all(|figure| !figure.provisional));
}

#[test]
fn four_months_make_no_limits() {
    let chart = Book::new(OPENED).with("tickets.opened", "2026-01", &counts(&[1.0, 2.0, GAP, 1.0, 2.0, 1.0])).chart();
    for measure in ["control.signals", "control.center", "control.lower", "control.upper"] {
        let missing = missing(&chart, measure);
        assert_eq!(missing.kind, MissingKind::NoData, "{measure}");
        assert_eq!(missing.text, "limits need 5 months with a value; of the 24 months before 4 have one");
    }
    assert_eq!(chart.control.center, None);
    assert_eq!(chart.control.missing.as_deref().map(|text| text.starts_with("limits need 5")), Some(true));
}

#[test]
fn a_moving_baseline_reaches_back_24_months() {
    // 25 months of 5 before the reported one but for the oldest, which is 5,000 and lies outside.
    let mut values = vec![5_000.0];
    values.extend([5.0; 25]);
    let chart = Book::new(OPENED).with("tickets.opened", "2024-03", &counts(&values)).chart();
    near(value(&chart, "control.center"), 5.0);
    assert_eq!(parameter(&chart, "control.center", "baseline"), Some("2024-04..2026-03"));
    assert_eq!(chart.figures[0].n, 24);
}

#[test]
fn a_frozen_baseline_does_not_move_when_a_month_is_added() {
    let frozen = format!("{OPENED}baseline = \"2025-01..2025-06\"\n");
    let mut values = vec![10.0, 12.0, 9.0, 13.0, 11.0, 11.0, 14.0, 15.0];
    let before = Book::new(&frozen).with("tickets.opened", "2025-01", &counts(&values)).chart();
    values.push(40.0);
    let after = Book::new(&frozen).with("tickets.opened", "2025-01", &counts(&values)).chart();
    // 10 12 9 13 11 11: 66/6 = 11. Ranges 2 3 4 2 0: 11/5 = 2.2; 2.66 × 2.2 = 5.852.
    for chart in [&before, &after] {
        near(value(chart, "control.center"), 11.0);
        near(value(chart, "control.lower"), 5.148);
        near(value(chart, "control.upper"), 16.852);
        assert_eq!(parameter(chart, "control.center", "limits"), Some("frozen"));
    }
    near(value(&before, "control.signals"), 0.0);
    // 14 and 15 are beyond half way to the limit, 13.926; 40 is the third, outside, and 25 above the month before.
    assert_eq!(parameter(&after, "control.signals", "rules"), Some("outside, 3_of_4, range"));
    // The moving one does move.
    values.pop();
    let before = Book::new(OPENED).with("tickets.opened", "2025-01", &counts(&values)).chart();
    values.push(40.0);
    let after = Book::new(OPENED).with("tickets.opened", "2025-01", &counts(&values)).chart();
    assert!((value(&before, "control.center") - value(&after, "control.center")).abs() > 0.1);
}

#[test]
fn a_baseline_that_is_not_over_makes_no_limits() {
    let frozen = format!("{OPENED}baseline = \"2025-01..2025-08\"\n");
    let book = |months: usize| Book::new(&frozen).with("tickets.opened", "2025-01", &counts(&vec![7.0; months]));
    let missing = missing(&book(7).chart(), "control.center");
    assert_eq!(missing.kind, MissingKind::NoData);
    assert!(missing.text.contains("is not over at as-of"), "{}", missing.text);
    near(value(&book(8).chart(), "control.center"), 7.0);
    let mut running = book(8);
    let last = running.months.values_mut().last().unwrap();
    last.as_of = last.period.start() + chrono::TimeDelta::days(3);
    assert!(self::missing(&running.chart(), "control.center").text.contains("is not over"));
}

#[test]
fn a_gap_makes_no_range_and_breaks_a_run() {
    // 10 12 – 30 33 31: ranges 2, 3, 2: 7/3. Mean 116/5 = 23.2.
    let chart = Book::new(OPENED)
        .with("tickets.opened", "2026-01", &counts(&[10.0, 12.0, GAP, 30.0, 33.0, 31.0, 25.0]))
        .chart();
    near(value(&chart, "control.center"), 23.2);
    near(value(&chart, "control.upper"), 23.2 + 2.66 * 7.0 / 3.0);
    assert_eq!(chart.figures[0].n, 5);
    let gap = &chart.control.points[2];
    assert_eq!((gap.period.as_str(), gap.value, gap.signals.len()), ("2026-03", None, 0));
    // Months that are not there at all are gaps too.
    let apart = Book::new(OPENED)
        .with("tickets.opened", "2025-03", &counts(&[1.0]))
        .with("tickets.opened", "2025-05", &counts(&[2.0]))
        .with("tickets.opened", "2025-07", &counts(&[3.0]))
        .with("tickets.opened", "2025-09", &counts(&[4.0]))
        .with("tickets.opened", "2025-11", &counts(&[5.0]))
        .with("tickets.opened", "2026-01", &counts(&[6.0]))
        .chart();
    assert!(missing(&apart, "control.center").text.contains("no two months"), "{:?}", apart.figures[0].value);
}

#[test]
fn limits_of_counts_are_clipped_at_nought() {
    // 0 4 0 4 0: mean 1.6, mR̄ 4: 1.6 ± 10.64.
    let chart = Book::new(OPENED).with("tickets.opened", "2026-01", &counts(&[0.0, 4.0, 0.0, 4.0, 0.0, 0.0])).chart();
    near(value(&chart, "control.lower"), 0.0);
    near(value(&chart, "control.upper"), 12.24);
    let lower = chart.figures.iter().find(|figure| figure.id.measure == "control.lower").unwrap();
    near(lower.alternatives[0].value, -9.04);
    assert_eq!(parameter(&chart, "control.lower", "clipped"), Some("yes"));
    assert_eq!(parameter(&chart, "control.upper", "clipped"), None);
    near(value(&chart, "control.signals"), 0.0);
}

#[test]
fn a_p_chart_pools_its_baseline_and_its_limits_vary_with_the_cases() {
    // Parts 90 + 45 + 180 + 90 + 45 = 450 of 100 + 50 + 200 + 100 + 50 = 500: p̄ = 0.9.
    // Reported n = 25: 3√(0.09/25) = 0.18: 72 % to 108 %, clipped to 100 %. 17 of 25 is 68 %: outside.
    // The month with n = 100: 3√(0.09/100) = 0.09: 81 % to 99 %.
    let base = [Share(90, 100), Share(45, 50), Share(180, 200), Share(90, 100), Share(45, 50)];
    let with = |last: Is| {
        let months: Vec<Is> = base.iter().copied().chain([last]).collect();
        Book::new(RESOLVED).with("sla.resolution", "2026-01", &months).chart()
    };
    let chart = with(Share(17, 25));
    assert_eq!(chart.control.kind, ChartKind::P);
    near(value(&chart, "control.center"), 90.0);
    near(value(&chart, "control.lower"), 72.0);
    near(value(&chart, "control.upper"), 100.0);
    near(value(&chart, "control.signals"), 1.0);
    assert_eq!(parameter(&chart, "control.center", "pooled"), Some("450 of 500"));
    assert_eq!(parameter(&chart, "control.lower", "cases"), Some("25"));
    near(chart.control.points[0].lower.unwrap(), 81.0);
    near(chart.control.points[0].upper.unwrap(), 99.0);
    near(value(&with(Share(18, 25)), "control.signals"), 0.0);
    // A month without cases has a centre, but neither limits nor a judgement, and says so in the figure's words.
    let none = with(Nothing);
    near(value(&none, "control.center"), 90.0);
    for measure in ["control.lower", "control.upper", "control.signals"] {
        assert_eq!(missing(&none, measure).kind, MissingKind::NotApplicable, "{measure}");
    }
}

#[test]
fn a_p_chart_of_many_cases_says_that_its_limits_are_narrow() {
    let of =
        |whole: i64| Book::new(RESOLVED).with("sla.resolution", "2026-01", &[Share(whole * 9 / 10, whole); 6]).chart();
    assert_eq!(parameter(&of(1_000), "control.upper", "note"), None);
    assert!(parameter(&of(1_010), "control.upper", "note").unwrap().contains("narrow"));
}

#[test]
fn a_share_may_be_charted_by_single_values_and_by_medians() {
    let xmr = Book::new(&format!("{RESOLVED}kind = \"xmr\"\n"))
        .with(
            "sla.resolution",
            "2026-01",
            &[Share(9, 10), Share(19, 20), Share(9, 10), Share(19, 20), Share(9, 10), Share(9, 10)],
        )
        .chart();
    // 90 95 90 95 90: mean 92, mR̄ 5: 92 ± 13.3, clipped at 100.
    near(value(&xmr, "control.lower"), 78.7);
    near(value(&xmr, "control.upper"), 100.0);
    let median = Book::new(&format!("{OPENED}median = true\n"))
        .with("tickets.opened", "2026-01", &counts(&[10.0, 12.0, 9.0, 13.0, 40.0, 12.0]))
        .chart();
    // Median 12, median of the ranges 2 3 4 27 is 3.5: 12 ± 3.145 × 3.5; the range 28 after 40 is over 13.5275.
    near(value(&median, "control.center"), 12.0);
    near(value(&median, "control.upper"), 23.007_5);
    assert_eq!(parameter(&median, "control.signals", "rules"), Some("range"));
    assert_eq!(parameter(&median, "control.signals", "middle"), Some("median"));
}

#[test]
fn a_u_chart_expects_more_of_a_larger_area() {
    // 4 + 8 + 4 + 8 + 6 = 30 reopened over 100 + 200 + 100 + 200 + 150 = 750 opened: ū = 0.04.
    // Reported a = 100: 4 expected; 100 × 3√(0.04/100) = 6: limits 0 (−2) and 10.
    let text = "[[control_chart]]\nmeasure = \"tickets.reopened\"\nservice = \"mail\"\ndimensions = { type = \"incident\" }\n\
                kind = \"u\"\narea = \"tickets.opened\"\n";
    let book = |last: f64| {
        Book::new(text)
            .with("tickets.opened", "2026-01", &counts(&[100.0, 200.0, 100.0, 200.0, 150.0, 100.0]))
            .with("tickets.reopened", "2026-01", &counts(&[4.0, 8.0, 4.0, 8.0, 6.0, last]))
            .chart()
    };
    let chart = book(11.0);
    near(value(&chart, "control.center"), 4.0);
    near(value(&chart, "control.lower"), 0.0);
    near(value(&chart, "control.upper"), 10.0);
    near(value(&chart, "control.signals"), 1.0);
    near(value(&book(10.0), "control.signals"), 0.0);
    near(chart.control.points[1].center.unwrap(), 8.0);
    assert_eq!(parameter(&chart, "control.center", "pooled"), Some("30 over 750 tickets.opened"));
}

#[test]
fn the_area_of_a_u_chart_is_days_where_nothing_else_is_said() {
    // January to May 2026 have 31 28 31 30 31 = 151 days, March one of 23 hours; one ticket a day: ū = 1.
    // June has 30 days: 30 ± 3√30.
    let text = format!("{OPENED}kind = \"u\"\n");
    let book = || Book::new(&text).with("tickets.opened", "2026-01", &counts(&[31.0, 28.0, 31.0, 30.0, 31.0, 30.0]));
    let chart = book().chart();
    near(value(&chart, "control.center"), 30.0);
    near(value(&chart, "control.upper"), 30.0 + 3.0 * 30f64.sqrt());
    assert_eq!(parameter(&chart, "control.center", "pooled"), Some("151 over 151 days"));
    // Of a running June ten days have passed: ten are expected, and thirty are too many.
    let mut running = book();
    let last = running.months.values_mut().last().unwrap();
    last.as_of = last.period.start() + chrono::TimeDelta::days(10);
    let chart = running.chart();
    near(value(&chart, "control.center"), 10.0);
    near(value(&chart, "control.signals"), 1.0);
}

#[test]
fn a_c_chart_takes_every_month_as_alike() {
    // 16 20 12 18 14: c̄ = 16, 3√16 = 12.
    let chart = Book::new(&format!("{OPENED}kind = \"c\"\n"))
        .with("tickets.opened", "2026-01", &counts(&[16.0, 20.0, 12.0, 18.0, 14.0, 29.0]))
        .chart();
    near(value(&chart, "control.lower"), 4.0);
    near(value(&chart, "control.upper"), 28.0);
    near(value(&chart, "control.signals"), 1.0);
}

#[test]
fn a_part_of_a_month_is_not_held_against_whole_months() {
    let mut book = Book::new(OPENED).with("tickets.opened", "2026-01", &counts(&[30.0, 31.0, 29.0, 30.0, 31.0, 2.0]));
    let last = book.months.values_mut().last().unwrap();
    last.as_of = last.period.start() + chrono::TimeDelta::days(2);
    let chart = book.chart();
    let missing = missing(&chart, "control.signals");
    assert_eq!((missing.kind, missing.text.contains("not over")), (MissingKind::NoData, true));
    near(value(&chart, "control.center"), 30.2);
    assert!(chart.control.points.last().unwrap().signals.is_empty());
}

#[test]
fn months_before_a_service_goes_live_are_no_points() {
    // It goes live on 2024-02-10: December and January had nothing, February a part of a month.
    let chart = Book::new(OPENED)
        .with("tickets.opened", "2023-12", &counts(&[0.0, 0.0, 4.0, 10.0, 12.0, 9.0, 13.0, 11.0, 12.0]))
        .chart();
    near(value(&chart, "control.center"), 11.0);
    assert_eq!(parameter(&chart, "control.center", "baseline"), Some("2024-03..2024-07"));
    let partial = Book::new(OPENED).with("tickets.opened", "2024-01", &counts(&[0.0, 4.0])).chart();
    assert!(missing(&partial, "control.signals").text.starts_with("limits need 5"));
}

#[test]
fn one_doubtful_month_makes_the_chart_doubtful() {
    let mut book = Book::new(OPENED).with("tickets.opened", "2026-01", &counts(&[10.0, 12.0, 9.0, 13.0, 11.0, 12.0]));
    let third = book.months.values_mut().nth(2).unwrap();
    for figure in third.figures.values_mut() {
        figure.tainted = true;
        figure.basis.receipts = vec!["tickets-0".into()];
    }
    let chart = book.chart();
    assert!(chart.figures.iter().all(|figure| figure.tainted));
    assert_eq!(chart.figures[0].basis.receipts, ["tickets-0", "tickets-1"]);
}

#[test]
fn a_kind_that_does_not_fit_the_measure_is_said() {
    let p = Book::new(&format!("{OPENED}kind = \"p\"\n")).with("tickets.opened", "2026-01", &counts(&[1.0; 6])).chart();
    assert_eq!(missing(&p, "control.center").kind, MissingKind::NotConfigured);
    let c =
        Book::new(&format!("{RESOLVED}kind = \"c\"\n")).with("sla.resolution", "2026-01", &[Share(9, 10); 6]).chart();
    assert_eq!(missing(&c, "control.upper").kind, MissingKind::NotConfigured);
    let availability = measures().into_iter().find(|definition| definition.id == "availability.percent").unwrap();
    assert!(!is_share_of_cases(&availability), "parts of time are no cases");
}

#[test]
fn a_book_that_says_nothing_has_default_charts() {
    let book = Book::new("").with("tickets.opened", "2026-01", &counts(&[5.0; 6])).with(
        "sla.resolution",
        "2026-01",
        &[Share(9, 10); 6],
    );
    let plan = book.plan();
    let charted: Vec<String> = plan.charted().map(ToString::to_string).collect();
    assert_eq!(charted, ["tickets.opened/service=mail/type=incident", "sla.resolution/service=mail/type=incident"]);
    assert!(plan.findings().is_empty() && !plan.is_deep());
    let charts = plan.charts(&book.months, month("2026-06"), Edition::E2018);
    assert_eq!(charts.iter().map(|chart| chart.control.kind).collect::<Vec<_>>(), [ChartKind::Xmr, ChartKind::P]);
    assert_eq!(parameter(&charts[0], "control.center", "chart"), Some("default"));
}

#[test]
fn a_chart_of_what_is_not_measured_is_a_finding() {
    let book = Book::new("[[control_chart]]\nmeasure = \"tickets.opend\"\n").with(
        "tickets.opened",
        "2026-01",
        &counts(&[5.0; 6]),
    );
    let findings = book.plan().findings();
    assert_eq!((findings.len(), findings[0].kind.as_str()), (1, "control_chart_without_figure"));
    assert!(findings[0].text.contains("`tickets.opend`"), "{}", findings[0].text);
}

#[test]
fn only_charts_that_need_them_ask_for_more_months() {
    let asked = |charts: &str| {
        let book = Book::new(charts).with("tickets.opened", "2026-06", &counts(&[5.0]));
        let months = book.plan().months(month("2026-06")).into_keys().collect::<Vec<_>>();
        (months[0].to_string(), months.len())
    };
    assert_eq!(asked(OPENED), ("2024-06".to_owned(), 24));
    // A frozen baseline needs its own months and those of the course, and no month between them.
    assert_eq!(asked(&format!("{OPENED}baseline = \"2023-01..2023-06\"\n")), ("2023-01".to_owned(), 18));
    assert_eq!(asked(&format!("{OPENED}baseline = \"2026-01..2026-12\"\n")), ("2025-06".to_owned(), 12));
}

#[test]
fn only_shares_of_counted_cases_are_p_charts_where_the_book_says_nothing() {
    let definitions = measures();
    let of_percent = definitions.iter().filter(|definition| definition.unit == Unit::Percent);
    let (cases, others): (Vec<&Definition>, Vec<&Definition>) = of_percent.partition(|d| is_share_of_cases(d));
    // A new percentage belongs into one of the two.
    let of_cases = [
        "change.emergency",
        "change.success",
        "change.unauthorised",
        "continuity.tested",
        "ola.resolution",
        "problem.root_cause_known",
        "release.success",
        "satisfaction.csat",
        "satisfaction.responses",
        "sla.resolution",
        "sla.response",
        "sla.tool",
        "tickets.first_fix",
        "tickets.reopen_rate",
        "tickets.reopened_within",
        "uc.resolution",
    ];
    let mut ids: Vec<&str> = cases.iter().map(|definition| definition.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, of_cases);
    let charted = |measure: &str| {
        let definition = definitions.iter().find(|definition| definition.id == measure).unwrap();
        let figure = figure(measure, Share(-3, 100));
        Planned::new(ControlChart::of(&figure.id), &figure, definition, &definitions).kind
    };
    assert_eq!(charted("cost.variance_percent"), ChartKind::Xmr);
    assert!(others.iter().all(|definition| charted(definition.id) == ChartKind::Xmr));
    assert!(cases.iter().all(|definition| charted(definition.id) == ChartKind::P));
}

#[test]
fn limits_are_clipped_only_where_the_measure_cannot_be() {
    let bounds = |measure: &str, unit: Unit| {
        let id = FigureId::new(measure, Scope::book(), &[]);
        let bounds = points::bounds(&Figure::new(id, unit, Ok(1.0)));
        (bounds.low, bounds.high)
    };
    assert_eq!(bounds("sla.resolution", Unit::Percent), (Some(0.0), Some(100.0)));
    assert_eq!(bounds("availability.percent", Unit::Percent), (Some(0.0), Some(100.0)));
    assert_eq!(bounds("availability.budget_used", Unit::Percent), (Some(0.0), None));
    assert_eq!(bounds("capacity.forecast_error", Unit::Percent), (Some(0.0), None));
    assert_eq!(bounds("cost.variance_percent", Unit::Percent), (None, None));
    assert_eq!(bounds("cost.variance", Unit::Money("EUR".into())), (None, None));
    assert_eq!(bounds("tickets.left", Unit::Events), (Some(0.0), None));
    assert_eq!(bounds("availability.allowed_left", Unit::Seconds), (None, None));
    assert_eq!(bounds("availability.downtime", Unit::Seconds), (Some(0.0), None));
    assert_eq!(bounds("continuity.due_in", Unit::Days), (None, None));
    assert_eq!(bounds("satisfaction.nps", Unit::Points), (Some(-100.0), Some(100.0)));
}

#[test]
fn events_are_charted_as_counts_are() {
    let definitions = measures();
    let definition = definitions.iter().find(|definition| definition.id == "tickets.left").unwrap();
    let events = Figure { unit: Unit::Events, ..figure("tickets.left", Count(4.0)) };
    for kind in [ChartKind::U, ChartKind::C] {
        let rule = ControlChart { kind: Some(kind), ..ControlChart::of(&events.id) };
        assert_eq!(Planned::new(rule, &events, definition, &definitions).unfit, None, "{kind:?}");
    }
}
