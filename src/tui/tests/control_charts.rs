//! What the console says of control charts.

use super::*;
use crate::model::control_chart::{ChartKind, Control, ControlPoint, Signal};
use crate::model::{Figure, FigureId, Unit};
use crate::report::document::Step;
use std::sync::Arc;

/// A session whose document has a chart of a service's resolution, with its figure of signals.
fn watched() -> (Session, FigureId) {
    let mut session = Session::new(100, 60);
    let mut document = crate::report::Document::clone(session.state.document.as_ref().unwrap());
    let at = document
        .series
        .iter()
        .position(|series| {
            series.step == Step::Month
                && series.figure.measure == "sla.resolution"
                && series.figure.scope.service.is_some()
                && series.figure.dimensions.len() == 1
        })
        .unwrap();
    let series = &mut document.series[at];
    let points = series.points.iter().map(|point| ControlPoint {
        period: point.period.clone(),
        value: point.value,
        weight: Some(40.0),
        center: Some(99.0),
        lower: Some(98.5),
        upper: Some(100.0),
        signals: vec![Signal::RunOf8],
    });
    series.control = Some(Control {
        kind: ChartKind::P,
        baseline: "2025-09..2026-08".into(),
        frozen: false,
        provisional: true,
        center: Some(99.0),
        range_limit: None,
        missing: None,
        points: points.collect(),
    });
    let mut id = FigureId { measure: "control.signals".into(), ..series.figure.clone() };
    id.dimensions.push(("of".into(), series.figure.measure.clone()));
    id.dimensions.sort();
    document.figures.push(Figure::new(id.clone(), Unit::Count, Ok(1.0)));
    document.figures.sort_by(|a, b| a.id.cmp(&b.id));
    session.state.document = Some(Arc::new(document));
    (session, id)
}

#[test]
fn the_answer_to_why_tells_the_signal_beside_the_course_of_what_is_charted() {
    let (mut session, id) = watched();
    session.state.overlay = Some(Overlay::Why(id, crate::tui::page::Cursor::default()));
    let text = session.text();
    for part in ["Made from the monthly figures, see its course.", "Months", "Control chart: signal: 8 in a row"] {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
}

#[test]
fn a_figure_of_a_chart_has_no_rows_to_open_and_says_so() {
    let (mut session, id) = watched();
    session.state.overlay = Some(Overlay::Why(id, crate::tui::page::Cursor::default()));
    session.keys("\n");
    assert!(session.text().contains("No rows: it is made from the monthly figures"), "{}", session.text());
}
