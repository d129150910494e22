//! What a reader must know of the windows of a period: those that readings make needless, those that overlap or make no
//! sense, and those that reach out of it.
//!
//! Knows what was judged. Must not know figures.

use crate::measure::capacity_windows::{
    BACKWARDS, CONTRADICTS, Judged, LONGER, NO_READINGS, Piece, READINGS_WIN, TELLS_NOTHING,
};
use crate::measure::quoted;
use crate::model::{Finding, Severity, Table};

/// Returns the findings of windows that start in the period.
pub(super) fn of_windows(judged: &Judged) -> Vec<Finding> {
    let fault = |reason: &'static str| {
        (
            format!("left_out = {}", quoted(reason)),
            Box::new(move |piece: &Piece| piece.fault == Some(reason)) as Holds<'_>,
        )
    };
    let rules: [(&str, Severity, (String, Holds<'_>), &str); 8] = [
        (
            "readings_and_windows",
            Severity::Note,
            fault(READINGS_WIN),
            "are of a resource and metric that has readings in the period too; the readings are used.",
        ),
        (
            "reading_window_backwards",
            Severity::Warning,
            fault(BACKWARDS),
            "end no later than they start; left out. Correct the source.",
        ),
        (
            "reading_window_without_numbers",
            Severity::Warning,
            fault(TELLS_NOTHING),
            "tell no mean, no least, no greatest reading and no 95th percentile; left out. Ask the tool for one of them.",
        ),
        (
            "reading_window_contradicts",
            Severity::Warning,
            fault(CONTRADICTS),
            "have a mean or a percentile below their least reading or above their greatest; left out. Correct the source.",
        ),
        ("reading_window_without_readings", Severity::Note, fault(NO_READINGS), "are made of no readings; left out."),
        (
            "reading_windows_overlap",
            Severity::Note,
            ("overlaps".into(), Box::new(Piece::overlaps)),
            "overlap another of the same resource and metric; their time counts once, by what was known later. Two sources may tell of the same.",
        ),
        ("reading_window_longer", Severity::Note, fault(LONGER), "are longer than the period; in no figure of it."),
        (
            "reading_window_crosses_end",
            Severity::Note,
            ("crosses_end".into(), Box::new(|piece: &Piece| judged.crosses_end(piece))),
            "start in the period and end after it; counted whole, where they start.",
        ),
    ];
    let found = |(kind, severity, (condition, holds), text): &(&str, Severity, (String, Holds<'_>), &str)| {
        let count = judged.all_of_period().filter(|piece| holds(piece)).count() as u64;
        (count > 0).then(|| Finding {
            id: format!("{}.{kind}", Table::ReadingWindows.name()),
            kind: (*kind).to_owned(),
            severity: *severity,
            count,
            figures: vec!["capacity.average".into()],
            table: Table::ReadingWindows.name().to_owned(),
            filter: format!("in_period AND {condition}"),
            text: format!("{count} windows of readings {text}"),
        })
    };
    rules.iter().filter_map(found).collect()
}

type Holds<'a> = Box<dyn Fn(&Piece) -> bool + 'a>;
