//! Control charts from outside: which months make the limits, what is said of them, and wrong requests.

use crate::small_book::SmallBook;
use serde_json::Value;
use std::fmt::Write as _;

const FROZEN: &str = r#"
[[control_chart]]
measure = "tickets.opened"
service = "mail"
dimensions = { type = "incident" }
baseline = "2024-01..2024-06"
"#;

/// The incidents of `mail` by month.
const MONTHS: [(&str, u32); 9] = [
    ("2024-01", 10),
    ("2024-02", 12),
    ("2024-03", 9),
    ("2024-04", 13),
    ("2024-05", 11),
    ("2024-06", 11),
    ("2026-01", 12),
    ("2026-02", 10),
    ("2026-03", 18),
];

fn book(charts: &str) -> SmallBook {
    let mut tickets = String::from("source_key,type,service,priority,opened_at\n");
    for (month, count) in MONTHS {
        for at in 0..count {
            writeln!(tickets, "{month}-{at},incident,mail,P3,{month}-{:02} 09:00", at % 28 + 1).unwrap();
        }
    }
    SmallBook::of("Europe/Berlin").services(&["Mail", "ERP"]).config(charts).table("tickets", &tickets)
}

const OF_MAIL: &str = "service=mail/of=tickets.opened/type=incident";

#[test]
fn a_frozen_baseline_of_long_ago_makes_the_limits_of_every_month() {
    let book = book(FROZEN);
    // 10 12 9 13 11 11: mean 66/6 = 11. Moving ranges 2 3 4 2 0: 11/5 = 2.2. 11 ± 2.66 × 2.2 = 5.148 and 16.852.
    // 18 after 10 is a range of 8, over 3.267 × 2.2 = 7.1874.
    for (month, signals) in [("2026-02", 0.0), ("2026-03", 2.0)] {
        let report = book.report(month);
        report.is(&format!("control.center/{OF_MAIL}"), 11.0);
        report.is(&format!("control.lower/{OF_MAIL}"), 5.148);
        report.is(&format!("control.upper/{OF_MAIL}"), 16.852);
        report.is(&format!("control.signals/{OF_MAIL}"), signals);
        let series = report.json["series"].as_array().unwrap();
        let charted: Vec<&Value> = series.iter().filter(|series| !series["control"].is_null()).collect();
        assert_eq!(charted.len(), 1, "the book asks for one chart");
        let control = &charted[0]["control"];
        assert_eq!((&control["kind"], &control["baseline"]), (&"xmr".into(), &"2024-01..2024-06".into()));
        let points = control["points"].as_array().unwrap();
        assert_eq!((&points[0]["period"], &points[0]["value"]), (&"2024-01".into(), &10.into()));
        assert_eq!(charted[0]["points"].as_array().unwrap().len(), 13, "the course stays that of 13 months");
    }
}

#[test]
fn a_signal_is_a_finding_and_stands_on_the_page() {
    let book = book(FROZEN);
    let report = book.report("2026-03");
    let found: Vec<&Value> = report.findings().iter().filter(|finding| finding["kind"] == "out_of_control").collect();
    assert_eq!((found.len(), &found[0]["severity"]), (1, &"note".into()));
    assert!(found[0]["text"].as_str().unwrap().contains("above the upper limit 16.9; moving range over 7.2"));
    for format in ["md", "html", "plain"] {
        let page = book.run(&["report", "--period", "2026-03", "--format", format]).ends(0);
        // Lines of plain text are broken.
        let text = page.text().split_whitespace().collect::<Vec<_>>().join(" ");
        for part in ["Control charts", "above the upper limit 16.9", "Mail: Opened, incident"] {
            assert!(text.contains(part), "{format} does not say `{part}`");
        }
    }
}

#[test]
fn explain_and_rows_lead_to_the_course() {
    let book = book(FROZEN);
    let id = format!("control.upper/{OF_MAIL}");
    let run = book.run(&["explain", &id, "--period", "2026-03"]).ends(0);
    for part in [
        "value      16.9",
        "rows       made from the monthly figures, see its course",
        "control    signal: above the upper limit 16.9",
        "moving_range = 2.2",
        "clauses    9.4, 8.6.1",
    ] {
        assert!(run.text().contains(part), "`{part}` is missing:\n{}", run.text());
    }
    book.run(&["rows", &id, "--period", "2026-03"]).ends(0).says(&["made from the monthly figures"]);
}

#[test]
fn what_is_no_month_has_no_chart() {
    let book = book(FROZEN);
    for period in ["2026-Q1", "2026-03-01..2026-03-15"] {
        let report = book.report(period);
        assert!(report.json["series"].as_array().unwrap().iter().all(|series| series["control"].is_null()), "{period}");
        assert!(
            report.figures().iter().all(|figure| !figure["id"].as_str().unwrap().starts_with("control.")),
            "{period}"
        );
    }
}

#[test]
fn charts_of_measures_without_a_course_are_measured_all_the_same() {
    let chart = FROZEN.replace("{ type = \"incident\" }", "{ type = \"incident\", priority = \"P3\" }");
    let book = book(&chart);
    let report = book.report("2026-03");
    report.is("control.center/service=mail/of=tickets.opened/priority=P3/type=incident", 11.0);
}

#[test]
fn without_a_word_of_config_each_service_and_the_book_are_watched() {
    // `erp` has no tickets, so there is nothing of it to watch.
    let report = book("").report("2026-03");
    let signals: Vec<&Value> =
        report.figures().iter().filter(|figure| figure["measure"] == "control.signals").collect();
    let ids: Vec<&str> = signals.iter().map(|figure| figure["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "control.signals/of=sla.resolution/type=incident",
            "control.signals/of=tickets.opened/type=incident",
            "control.signals/service=mail/of=sla.resolution/type=incident",
            "control.signals/service=mail/of=tickets.opened/type=incident",
        ]
    );
    assert!(signals.iter().all(|figure| figure["basis"]["parameters"]["chart"] == "default"));
    // The 24 months before reach back to March 2024: 9 13 11 11, then 18 months of nought and 12 and 10: 66 over 24.
    report.is(&format!("control.center/{OF_MAIL}"), 2.75);
    assert_eq!(report.figure(&format!("control.center/{OF_MAIL}"))["n"], 24);
    // No clock was agreed, so no month has a share.
    assert_eq!(signals[0]["missing"]["kind"], "no_data");
}

#[test]
fn a_chart_that_cannot_be_is_refused_with_what_to_do() {
    let chart = |keys: &str| format!("[[control_chart]]\nmeasure = \"tickets.opened\"\n{keys}\n");
    for (charts, parts) in [
        (chart("service = \"mial\""), ["names the service `mial`, which is not there", "[[service]]"]),
        (chart("baseline = \"2024-01..2024-13\""), ["`2024-01..2024-13` is no baseline", "`2025-07..2026-06`"]),
        (chart("baseline = \"2024-01..2024-04\""), ["has 4 months", "5 to 60 months"]),
        (chart("baseline = \"2024-06..2024-01\""), ["has 0 months", "5 to 60 months"]),
        (chart("area = \"tickets.resolved\""), ["has an `area`, but is no u chart", "kind = \"u\""]),
        (chart("kind = \"p\"\nmedian = true"), ["asks for medians", "kind = \"xmr\""]),
        (chart("kind = \"np\""), ["unknown variant `np`", "`xmr`"]),
        (chart("").repeat(2), ["has two control charts", "keep one"]),
        (
            "[[control_chart]]\nmeasure = \"tickets.opened/type=incident\"\n".into(),
            ["names no measure", "`sla.resolution`"],
        ),
    ] {
        book(&charts).run(&["check"]).ends(1).says(&["config.toml"]).says(&parts);
    }
}

#[test]
fn a_chart_of_nothing_is_said_where_the_report_is_read() {
    let book = book("[[control_chart]]\nmeasure = \"tickets.opend\"\n");
    let report = book.report("2026-03");
    assert!(report.said("control_chart_without_figure").contains("`tickets.opend`"));
}
