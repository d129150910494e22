//! What figures are called, and figures in sentences.
//!
//! Must not compute: names and values are printed as the document gives them.

use crate::app::request::LIMIT_OF_SQL;
use crate::model::figure::{Unit, Verdict};
use crate::model::{Figure, FigureId, Period};
use crate::report::{Document, format};
use crate::tui::state::State;
use std::fmt::Write as _;

/// Returns the printed name of a measure; one that the document does not name by its id.
pub fn measure(document: &Document, id: &str) -> String {
    let title = document.measure_title(id);
    if title == id { id.replace(['.', '_'], " ") } else { crate::text::screen_str(title) }
}

/// Returns whose figure it is and which part of it, as `Mail, incident P1`.
pub fn whose(document: &Document, id: &FigureId) -> String {
    let mut parts = Vec::new();
    parts.push(match (&id.scope.service, &id.scope.customer) {
        (Some(service), _) => document.service_name(service).to_owned(),
        (None, Some(customer)) => document.customer_name(customer).to_owned(),
        (None, None) => id.dimension("group").map_or("All services", |group| document.group_name(group)).to_owned(),
    });
    if let (Some(_), Some(customer)) = (&id.scope.service, &id.scope.customer) {
        parts.push(document.customer_name(customer).to_owned());
    }
    // The customer of an agreement tells enough of whose it is; without one it is told from the service's own by its id.
    parts.extend(id.scope.agreement.clone().filter(|_| id.scope.customer.is_none()));
    let dimensions: Vec<String> =
        ["type", "priority", "status", "age", "resource", "metric", "plan", "day", "times", "cost_type", "currency"]
            .iter()
            .filter_map(|name| id.dimension(name).map(|value| (*name, value)))
            .map(|(name, value)| match name {
                "age" => format!("{value} days old"),
                "times" => format!("{value} times"),
                _ => crate::text::screen_str(value),
            })
            .collect();
    if !dimensions.is_empty() {
        parts.push(dimensions.join(" "));
    }
    // A figure of a control chart is of the measure that is charted.
    if let Some(of) = id.dimension("of") {
        parts.push(measure(document, of));
    }
    crate::text::screen_str(&parts.join(", "))
}

/// Returns what the window is called: book and period.
pub fn title(state: &State) -> String {
    crate::text::screen_str(&format!("{}, {}", state.options.book, period(&state.period)))
}

/// Returns text that begins with a capital letter.
pub fn capital(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Returns the full name of a figure, as `Mail, incident P1: Resolved in time`.
pub fn name(document: &Document, id: &FigureId) -> String {
    format!("{}: {}", whose(document, id), measure(document, &id.measure))
}

/// Returns the name of a figure among those of its own service, as `incident P1: Resolved in time`.
pub fn of_service(document: &Document, id: &FigureId) -> String {
    let whose = whose(document, id);
    let rest = whose.split_once(", ").map_or("", |(_, rest)| rest);
    let measure = measure(document, &id.measure);
    if rest.is_empty() { measure } else { format!("{rest}: {measure}") }
}

/// Returns the value as printed, with `!` where an incomplete pull went into it and `~` where it may still change.
pub fn value(figure: &Figure) -> String {
    let mut shown = figure.display.clone();
    if figure.tainted {
        shown.push('!');
    }
    if figure.provisional {
        shown.push('~');
    }
    shown
}

/// Returns the counts of a ratio, as `206 of 212`; `None` where they are not counts of rows.
pub fn counts(figure: &Figure) -> Option<String> {
    let (part, whole) = (figure.numerator?, figure.denominator?);
    let of_amounts = ["availability.", "cost."].iter().any(|subject| figure.id.measure.starts_with(subject));
    let counted = figure.unit == Unit::Percent && !of_amounts;
    #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
    counted.then(|| format!("{} of {}", format::grouped(part as f64, 0), format::grouped(whole as f64, 0)))
}

/// Returns a number of rows in words.
pub fn rows(count: u64) -> String {
    let shown = format::grouped(count as f64, 0);
    if count == 1 { format!("{shown} row") } else { format!("{shown} rows") }
}

/// Says that rows of a SELECT were cut at the most that are kept.
pub fn first_of_a_select() -> String {
    format!("the first {} only; the SELECT has more.", rows(LIMIT_OF_SQL as u64))
}

/// Returns a figure as a sentence that can be read out.
pub fn sentence(document: &Document, figure: &Figure) -> String {
    let mut said = format!("{} {}", name(document, &figure.id), figure.display);
    match &figure.value {
        Ok(_) => {
            if let Some(counts) = counts(figure).filter(|counts| *counts != figure.display) {
                let _ = write!(said, " ({counts})");
            }
        }
        Err(missing) => {
            let _ = write!(said, " ({})", crate::text::screen_str(&missing.text));
        }
    }
    if let Some(target) = &figure.target {
        let _ = write!(said, ", target {}", format::target(target, &figure.unit));
        if figure.verdict != Verdict::None {
            let _ = write!(said, ": {}", format::verdict(figure.verdict));
        }
    }
    said.push('.');
    if !figure.rows.table.is_empty() {
        let _ = write!(said, " {}", rows(figure.rows.used));
        let left: u64 = figure.rows.left_out.iter().map(|left| left.count).sum();
        if left > 0 {
            let _ = write!(said, ", {} left out", format::grouped(left as f64, 0));
        }
        said.push('.');
    }
    if figure.tainted {
        said.push_str(" Made from an incomplete pull.");
    }
    said
}

/// Returns a length of service time in hours and minutes, never in days: a day of service time is not one of 24 hours.
pub fn service_time(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => format!("{rest} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, minutes, _) => format!("{} h {minutes:02} min", format::grouped(hours as f64, 0)),
    }
}

/// Returns a period in words: `September 2026`, or its id.
pub fn period(period: &Period) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let id = period.id();
    id.split_once('-')
        .filter(|_| id.len() == 7)
        .and_then(|(year, month)| Some(format!("{} {year}", MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?)))
        .unwrap_or_else(|| id.to_owned())
}

/// Returns an instant as the header prints it: RFC 3339 to the minute, without `T`; one in UTC says so, because
/// everything else on screen is in the report zone.
pub fn instant(rfc3339: &str) -> String {
    let zone = if rfc3339.ends_with('Z') { " UTC" } else { "" };
    rfc3339.get(..16).map_or_else(|| rfc3339.to_owned(), |text| format!("{}{zone}", text.replace('T', " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_have_the_names_of_the_document_and_a_new_one_its_id() {
        let document = crate::tui::fixture::document(&crate::tui::fixture::period("2026-09"));
        assert_eq!(measure(&document, "availability.percent"), document.measure_title("availability.percent"));
        assert_eq!(measure(&document, "new.thing_here"), "new thing here");
    }

    #[test]
    fn a_figure_of_a_control_chart_says_what_is_charted() {
        let document = crate::tui::fixture::document(&crate::tui::fixture::period("2026-09"));
        let id = FigureId::parse("control.signals/service=mail/of=tickets.opened/type=incident").unwrap();
        let opened = document.measure_title("tickets.opened");
        assert!(whose(&document, &id).ends_with(&format!("incident, {opened}")), "{}", whose(&document, &id));
    }

    #[test]
    fn service_time_is_told_in_hours() {
        let said = [0, 45, 600, 733, 14_400, 133_260].map(service_time);
        assert_eq!(said, ["0 s", "45 s", "10 min", "12 min 13 s", "4 h 00 min", "37 h 01 min"]);
    }

    #[test]
    fn months_are_named_and_other_periods_keep_their_id() {
        let said = |text: &str| period(&Period::parse(text, chrono_tz::UTC).unwrap());
        assert_eq!(said("2026-09"), "September 2026");
        assert_eq!(said("2026-Q3"), "2026-Q3");
        assert_eq!(said("2026-09-01..2026-09-08"), "2026-09-01..2026-09-08");
        assert_eq!(instant("2026-10-05T08:00:00+02:00"), "2026-10-05 08:00");
        assert_eq!(instant("2026-10-05T06:00:00Z"), "2026-10-05 06:00 UTC");
    }
}
