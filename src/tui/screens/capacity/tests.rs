use super::*;
use crate::model::outlook::{Ahead, Reached};
use crate::model::{MissingKind, Scope};
use crate::report::Document;
use crate::tui::fixture;
use crate::tui::glyph::{Glyphs, Symbols};
use crate::tui::page::Ink;
use crate::tui::theme::{Colours, Theme};
use chrono::NaiveDate;

fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, 1).unwrap().checked_add_days(chrono::Days::new(number)).unwrap()
}

fn outlook() -> Outlook {
    let dimensions = [("resource", "mx1"), ("metric", "disk")];
    Outlook {
        figure: FigureId::new("capacity.days_to_threshold", Scope::service("mail"), &dimensions),
        threshold: 85.0,
        past: (0..90).map(|at| (day(at), (at != 40).then_some(60.0 + at as f64 / 10.0))).collect(),
        fitted_from: Some(day(30)),
        ahead: (90..180)
            .map(|at| Ahead {
                day: day(at),
                expected: 60.0 + at as f64 / 10.0 * 1.5,
                limits: Some((60.0 + at as f64 / 10.0, 60.0 + at as f64 / 5.0)),
            })
            .collect(),
        reached: Some(Reached { on: day(134), earliest: Some(day(125)), latest: Some(day(151)) }),
        method: Some(("theil_sen".into(), 0.95)),
    }
}

fn shown(document: &Document, service: &str, symbols: Symbols, width: usize) -> String {
    let ink = Ink { theme: Theme::of(Colours::Ansi), glyphs: Glyphs::of(symbols) };
    let view = View { document, service: Some(service), filter: "", only_wrong: false, cursor: None, ink, width };
    let line = |line: &crate::tui::page::PageLine| -> String {
        line.spans.iter().map(|span| span.content.to_string()).collect::<String>().trim_end().to_owned()
    };
    page(view).lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_forecast_says_when_the_threshold_is_reached_and_between_which_days() {
    let mut document = fixture::document(&fixture::period("2026-09"));
    document.outlooks.push(outlook());
    let text = shown(&document, "mail", Symbols::Unicode, 100);
    assert!(text.contains("Reaches 85.00 % about 2026-11-12 (between 2026-11-03 and 2026-11-29)."), "{text}");
    assert!(text.contains("threshold 85") && text.contains('•') && text.contains('░'), "{text}");
    assert!(text.contains("Fitted on the days from 2026-07-31 on"), "{text}");
    for width in [20, 40, 80, 120, 200] {
        assert!(shown(&document, "mail", Symbols::Ascii, width).is_ascii());
    }
}

#[test]
fn a_limit_that_never_rises_to_the_threshold_is_not_a_date() {
    let never = Outlook { reached: Some(Reached { latest: None, ..outlook().reached.unwrap() }), ..outlook() };
    let said = reached(&never, "85 %").unwrap();
    assert_eq!(said, "Reaches 85 % about 2026-11-12 (2026-11-03 at the earliest, perhaps never).");
    assert_eq!(reached(&Outlook { reached: None, ..outlook() }, "85 %"), None);
}

#[test]
fn a_service_without_readings_says_where_those_without_a_service_stand() {
    let mut document = fixture::document(&fixture::period("2026-09"));
    let mut homeless = document.figures.iter().find(|figure| figure.id.measure == "capacity.average").unwrap().clone();
    homeless.id.scope = Scope::book();
    document.figures.push(homeless);
    document.figures.sort_by(|a, b| a.id.cmp(&b.id));
    let without = document.services.last().unwrap().id.clone();
    let text = shown(&document, &without, Symbols::Unicode, 200);
    assert!(text.contains("1 resource has readings and no service (mx1): they stand under All services."), "{text}");
    assert!(shown(&document, "mail", Symbols::Unicode, 200).contains("they stand under All services"));
}

#[test]
fn without_a_forecast_the_reason_stands_in_its_place() {
    let mut document = fixture::document(&fixture::period("2026-09"));
    let none = Outlook { reached: None, ahead: Vec::new(), method: None, ..outlook() };
    let at = document.figures.iter().position(|figure| figure.id == none.figure).unwrap();
    document.figures[at].value =
        Err(crate::model::Missing::new(MissingKind::Undefined, "not reached at the present trend"));
    document.outlooks.push(none);
    let text = shown(&document, "mail", Symbols::Unicode, 100);
    assert!(text.contains("not reached at the present trend") && !text.contains('•'), "{text}");
}
