//! The only place where a figure becomes text.
//!
//! Screen, page and file print what these functions return, so a number reads the same everywhere.

use super::document::Cell;
use crate::model::Control;
use crate::model::control_chart::{ChartKind, ControlPoint, Signal};
use crate::model::figure::{Comparator, Figure, Interval, MissingKind, Target, Unit, Verdict};
use crate::text::{screen, screen_str};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// Answers under which satisfaction is printed as counts.
const FEWEST_ANSWERS: u64 = 10;

/// Returns what screen and page print for a figure. Ratios over fewer than `small_n` show their counts (rule R23).
pub fn display(figure: &Figure, small_n: u64) -> String {
    let value = match &figure.value {
        Ok(value) => *value,
        Err(missing) => return missing_word(missing.kind).into(),
    };
    if figure.is_share_of_rows()
        && let (Some(part), Some(whole)) = (figure.numerator, figure.denominator)
        && u64::try_from(whole).is_ok_and(|whole| whole < fewest(figure, small_n))
    {
        match figure.unit {
            Unit::Percent | Unit::PerMillion | Unit::Ratio => return format!("{part} of {whole}"),
            Unit::Points => return format!("{part:+} of {whole}"),
            _ => {}
        }
    }
    if is_level(figure) {
        return level(value, &figure.unit);
    }
    match (&figure.unit, &figure.target) {
        (unit, Some(target)) if figure.verdict == Verdict::Missed => missed(value, target, unit),
        (unit, _) => number(value, unit),
    }
}

/// Returns a value of a course beside what was promised then: a miss never reads like a hit (rule R16).
pub fn beside(value: f64, promised: Option<f64>, of: &Figure) -> String {
    let target = promised.zip(of.target.as_ref()).map(|(value, target)| Target { value, ..target.clone() });
    let kept = |target: &Target| match target.comparator {
        Comparator::AtLeast => value >= target.value,
        Comparator::AtMost => value <= target.value,
    };
    match target.filter(|target| !kept(target)) {
        Some(target) => missed(value, &target, &of.unit),
        None => number(value, &of.unit),
    }
}

/// Returns the denominator from which a share is printed as one. Opinions need more than tickets (`domain.md` §4.6).
fn fewest(figure: &Figure, small_n: u64) -> u64 {
    match figure.id.measure.as_str() {
        "satisfaction.csat" | "satisfaction.nps" => small_n.max(FEWEST_ANSWERS),
        _ => small_n,
    }
}

/// Returns the word for a missing value.
pub fn missing_word(kind: MissingKind) -> &'static str {
    match kind {
        MissingKind::NoData => "no data",
        MissingKind::NotApplicable => "n/a",
        MissingKind::InsufficientCoverage => "insufficient data",
        MissingKind::NotConfigured => "not configured",
        MissingKind::Undefined => "none",
    }
}

/// Returns a value in its unit.
pub fn number(value: f64, unit: &Unit) -> String {
    match unit {
        Unit::Count | Unit::Events => grouped(value, 0),
        Unit::PerMillion => format!("{} ppm", grouped(value, 0)),
        Unit::Percent => format!("{} %", percent(value, 2)),
        Unit::Seconds => duration(value),
        Unit::Days => format!("{} d", trimmed(value, 1)),
        Unit::PerTicket => trimmed(value, 2),
        Unit::Ratio => grouped(value, 2),
        Unit::Points => signed(value, 1),
        Unit::Money(currency) => money(value, currency),
        Unit::Own(unit) if unit.is_empty() => trimmed(value, 2),
        Unit::Own(unit) => format!("{} {unit}", trimmed(value, 2)),
    }
}

/// Returns minor units as an amount of their currency, as `1,234.50 EUR`.
fn money(minor: f64, currency: &str) -> String {
    let digits = minor_digits(currency);
    let amount = minor / 10f64.powi(i32::try_from(digits).unwrap_or(2));
    format!("{} {}", grouped(amount, digits), screen_str(currency)).trim_end().to_owned()
}

/// Returns how many digits the minor unit of a currency has (ISO 4217); 2 of one that is not known.
fn minor_digits(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Returns a number with its sign, also that of what is above nought.
fn signed(value: f64, digits: usize) -> String {
    let text = grouped(value, digits);
    let nought = text.bytes().all(|b| matches!(b, b'0' | b'.'));
    if value > 0.0 && !nought { format!("+{text}") } else { text }
}

/// Returns an interval around an estimate, as `95 % between 20 d and 55 d, Sen's limits of the slope`.
pub fn interval(interval: &Interval, unit: &Unit) -> String {
    let level = trimmed(interval.level * 100.0, 2);
    let ends = match (interval.low, interval.high) {
        (Some(low), Some(high)) => format!("between {} and {}", number(low, unit), number(high, unit)),
        (Some(low), None) => format!("from {} on", number(low, unit)),
        (None, Some(high)) => format!("up to {}", number(high, unit)),
        (None, None) => "without ends".into(),
    };
    format!("{level} % {ends}, {}", screen_str(&interval.method))
}

/// Tells whether a figure is a centre or limit of a control chart: counts have fractions there.
fn is_level(figure: &Figure) -> bool {
    matches!(figure.id.measure.as_str(), "control.center" | "control.lower" | "control.upper")
}

/// Returns a centre or limit of a control chart in the unit of its figure.
pub fn level(value: f64, unit: &Unit) -> String {
    if matches!(unit, Unit::Count | Unit::Events) { trimmed(value, 1) } else { number(value, unit) }
}

/// Returns what stands in the place of rows where a figure has none.
pub fn no_rows(figure: &Figure) -> &'static str {
    if figure.id.measure.starts_with("control.") {
        "made from the monthly figures, see its course"
    } else {
        "no rows stand behind it"
    }
}

/// Returns what a control chart says of its last month, and what its limits stand on, in one line.
pub fn control(control: &Control, unit: &Unit) -> String {
    let last = control.points.last();
    let said = match (&control.missing, last) {
        (Some(missing), _) => format!("not judged: {missing}"),
        (
            None,
            Some(ControlPoint { lower: Some(lower), upper: Some(upper), center: Some(center), signals: fired, .. }),
        ) => {
            let (lower, upper) = (level(*lower, unit), level(*upper, unit));
            let around = format!("centre {}, limits {lower} and {upper}", level(*center, unit));
            if fired.is_empty() {
                format!("stable: {around}")
            } else {
                format!("signal: {}; {around}", signals(control, unit))
            }
        }
        _ => "no limits".to_owned(),
    };
    let mut made = vec![format!("{} chart", control.kind.name())];
    if !control.baseline.is_empty() {
        let frozen = if control.frozen { "frozen" } else { "moving" };
        made.push(format!("{frozen} baseline {}", control.baseline));
    }
    if control.provisional {
        made.push("provisional, under 12 months".to_owned());
    }
    format!("{said} ({})", made.join(", "))
}

/// Returns the signals of a chart's last month in words, as `8 in a row above 12.4`.
pub fn signals(control: &Control, unit: &Unit) -> String {
    let Some(last) = control.points.last() else { return String::new() };
    let above = last.value > last.center;
    let side = if above { "above" } else { "below" };
    let limit = if above { "upper limit" } else { "lower limit" };
    let at = |value: Option<f64>| value.map_or_else(String::new, |value| format!(" {}", level(value, unit)));
    let words = last.signals.iter().map(|signal| match signal {
        Signal::Outside => format!("{side} the {limit}{}", at(if above { last.upper } else { last.lower })),
        // What is expected of a month varies with its area.
        Signal::RunOf8 if control.kind == ChartKind::U => format!("8 in a row {side} the centre"),
        Signal::RunOf8 => format!("8 in a row {side}{}", at(last.center)),
        Signal::ThreeOf4 => format!("3 of 4 nearer to the {limit} than to the centre"),
        Signal::Range => format!("moving range over{}", at(control.range_limit)),
    });
    words.collect::<Vec<_>>().join("; ")
}

/// Returns a percentage; what is below 100 never reads as 100 (rule R16).
fn percent(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    if value < 100.0 && text.starts_with("100") {
        format!("{:.digits$}", 100.0 - 10f64.powi(-(i32::try_from(digits).unwrap_or(2))))
    } else {
        text
    }
}

/// Returns a missed value beside its target: more digits where rounding would turn the miss into a hit (rule R16). What
/// differs by less than the last digit is cut off towards the miss.
fn missed(value: f64, target: &Target, unit: &Unit) -> String {
    let promised = exactly(target.value, unit);
    let usual = number(value, unit);
    let hides = |text: &str, shown: f64| {
        let hit = match target.comparator {
            Comparator::AtLeast => shown >= target.value,
            Comparator::AtMost => shown <= target.value,
        };
        hit || text == promised
    };
    // A percentage of two digits is read as a number; the others stand in words, which say the same of neighbours.
    let seen = if *unit == Unit::Percent { digits_of(value, unit, 2).1 } else { value };
    if !hides(&usual, seen) && usual != number(target.value, unit) {
        return usual;
    }
    let mut finer = (fewest_digits(unit)..=MOST_DIGITS).map(|digits| digits_of(value, unit, digits));
    if let Some((text, _)) = finer.find(|(text, shown)| !hides(text, *shown)) {
        return text;
    }
    let least = in_units(10f64.powi(-(i32::try_from(MOST_DIGITS).unwrap_or(0))), unit);
    let cut = match target.comparator {
        Comparator::AtLeast => target.value - least,
        Comparator::AtMost => target.value + least,
    };
    digits_of(cut, unit, MOST_DIGITS).0
}

/// Most digits after the point that a miss is told with.
const MOST_DIGITS: usize = 9;

/// Returns the digits after the point from which on a miss is told, once its usual text reads like the target.
fn fewest_digits(unit: &Unit) -> usize {
    match unit {
        Unit::Seconds | Unit::Count | Unit::Events | Unit::PerMillion => 0,
        Unit::Days | Unit::Points => 1,
        Unit::Money(currency) => minor_digits(currency),
        Unit::Percent | Unit::PerTicket | Unit::Ratio | Unit::Own(_) => 2,
    }
}

/// Turns what is printed of a unit into what is counted: money is counted in its minor unit.
fn in_units(printed: f64, unit: &Unit) -> f64 {
    let Unit::Money(currency) = unit else { return printed };
    printed * 10f64.powi(i32::try_from(minor_digits(currency)).unwrap_or(2))
}

/// Returns a value with so many digits after the point, as text and as the number that the text says.
fn digits_of(value: f64, unit: &Unit, digits: usize) -> (String, f64) {
    let printed = value / in_units(1.0, unit);
    let plain = if *unit == Unit::Percent { percent(printed, digits) } else { format!("{printed:.digits$}") };
    let shown = plain.parse::<f64>().map_or(value, |shown| in_units(shown, unit));
    let text = match unit {
        Unit::Percent => format!("{plain} %"),
        Unit::Seconds => format!("{} s", grouped(printed, digits)),
        Unit::Days => format!("{} d", trimmed(printed, digits)),
        Unit::PerMillion => format!("{} ppm", grouped(printed, digits)),
        Unit::Points => signed(printed, digits),
        Unit::Count | Unit::Events | Unit::Ratio => grouped(printed, digits),
        Unit::Money(currency) => format!("{} {}", grouped(printed, digits), screen_str(currency)).trim_end().to_owned(),
        Unit::Own(unit) if !unit.is_empty() => format!("{} {unit}", trimmed(printed, digits)),
        Unit::PerTicket | Unit::Own(_) => trimmed(printed, digits),
    };
    (text, shown)
}

/// Returns a target as printed, as `≥ 99.90 %`.
pub fn target(target: &Target, unit: &Unit) -> String {
    let sign = match target.comparator {
        Comparator::AtLeast => "≥",
        Comparator::AtMost => "≤",
    };
    format!("{sign} {}", exactly(target.value, unit))
}

/// Returns a promised value with as many digits as it was promised with.
fn exactly(value: f64, unit: &Unit) -> String {
    let fewest = if *unit == Unit::Percent { 2 } else { 0 };
    let written = |digits: usize| format!("{value:.digits$}");
    let digits = (fewest..=6).find(|digits| written(*digits).parse() == Ok(value));
    match (unit, digits) {
        (Unit::Percent, Some(digits)) => format!("{} %", written(digits)),
        (Unit::Count, Some(digits)) => grouped(value, digits),
        _ => number(value, unit),
    }
}

/// Returns the word of a verdict.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "MET",
        Verdict::AtRisk => "RISK",
        Verdict::Missed => "MISSED",
        Verdict::None => "none",
    }
}

/// Returns a length of time in two units, as `3 h 12 min`, `2 d 4 h`, `45 s`.
pub fn duration(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "durations are far below 2^63 seconds")]
    let total = seconds.round() as i64;
    let sign = if total < 0 { "-" } else { "" };
    let total = total.unsigned_abs();
    let (days, hours, minutes, rest) = (total / 86_400, total / 3_600 % 24, total / 60 % 60, total % 60);
    let text = match (days, hours, minutes, rest) {
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, 0) => format!("{m} min"),
        (0, 0, m, s) => format!("{m} min {s} s"),
        (0, h, 0, _) => format!("{h} h"),
        (0, h, m, _) => format!("{h} h {m} min"),
        (d, 0, _, _) => format!("{d} d"),
        (d, h, _, _) => format!("{d} d {h} h"),
    };
    format!("{sign}{text}")
}

/// Returns an instant in a zone, to the minute, as `2026-09-17 14:05`.
pub fn instant(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// Returns a cell of a table as screen and page show it; text from a source goes through its door.
pub fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => screen_str(text),
        Cell::Raw(raw) => screen(raw),
        Cell::Integer(value) => grouped(*value as f64, 0),
        Cell::Decimal(value) => trimmed(*value, 2),
        Cell::Boolean(value) => if *value { "yes" } else { "no" }.to_owned(),
        Cell::Instant(at, zone) => instant(*at, *zone),
        Cell::Seconds(seconds) => duration(*seconds as f64),
    }
}

/// Returns the heading of a column as people read it; files and SQL keep the column's own name.
pub fn heading(column: &str) -> String {
    let known = match column {
        "source_key" => "key",
        "status_at_as_of" => "status",
        // A ticket's own status is the one of the day it was pulled.
        "status" => "status today",
        "result_as_of" => "result",
        "opened_at" => "opened",
        "resolved_as_of" => "resolved",
        "closed_as_of" => "closed",
        "elapsed_s" => "elapsed",
        "service_s" => "service time",
        "last_ok" => "last passed",
        "rto_s" => "recovery time",
        "rpo_s" => "recovery point",
        "left_out" => "left out because",
        other => other.strip_suffix("_s").unwrap_or(other),
    };
    screen_str(&known.replace('_', " "))
}

/// Returns a change against an earlier value, with its sign, as `+1.20` points, `-9` or `-30 d`; `None` where one is missing.
pub fn change(now: Option<f64>, before: Option<f64>, unit: &Unit) -> Option<String> {
    let difference = now? - before?;
    let sign = if difference > 0.0 { "+" } else { "" };
    Some(match unit {
        Unit::Percent => format!("{sign}{difference:.2}"),
        Unit::Seconds => format!("{sign}{}", duration(difference)),
        Unit::Count | Unit::Events | Unit::PerMillion => format!("{sign}{}", grouped(difference, 0)),
        Unit::Money(currency) => format!("{sign}{}", money(difference, currency)),
        Unit::Days => format!("{sign}{} d", trimmed(difference, 2)),
        _ => format!("{sign}{}", trimmed(difference, 2)),
    })
}

fn trimmed(value: f64, digits: usize) -> String {
    let text = grouped(value, digits);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Returns a number with thousands set apart by commas.
pub fn grouped(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut shown = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    if let Some(fraction) = fraction {
        shown.push('.');
        shown.push_str(fraction);
    }
    let nought = shown.bytes().all(|b| matches!(b, b'0' | b'.' | b','));
    if value < 0.0 && !nought { format!("-{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::figure::{FigureId, Missing, Scope};

    fn ratio(value: f64, target: f64, verdict: Verdict) -> String {
        let mut figure = Figure::new(FigureId::new("x", Scope::book(), &[]), Unit::Percent, Ok(value));
        figure.verdict = verdict;
        figure.target = Some(Target {
            value: target,
            comparator: Comparator::AtLeast,
            agreement: "a".into(),
            effective_from: "2026-01-01".into(),
        });
        display(&figure, 5)
    }

    #[test]
    fn rounding_never_shows_a_miss_as_a_hit() {
        assert_eq!(ratio(99.899, 99.9, Verdict::Missed), "99.899 %");
        assert_eq!(ratio(99.896, 99.9, Verdict::Missed), "99.896 %");
        assert_eq!(ratio(99.8, 99.9, Verdict::Missed), "99.80 %");
        assert_eq!(ratio(99.9, 99.9, Verdict::Met), "99.90 %");
        assert_eq!(ratio(99.9999, 99.9, Verdict::Met), "99.99 %");
        assert_eq!(ratio(100.0, 99.9, Verdict::Met), "100.00 %");
    }

    #[test]
    fn a_missed_value_never_reads_like_its_target() {
        use Comparator::{AtLeast, AtMost};
        let shown = |value: f64, target: f64, comparator: Comparator, unit: Unit| {
            let mut figure = Figure::new(FigureId::new("x", Scope::book(), &[]), unit, Ok(value));
            figure.verdict = Verdict::Missed;
            let (agreement, effective_from) = ("a".into(), "2026-01-01".into());
            figure.target = Some(Target { value: target, comparator, agreement, effective_from });
            display(&figure, 5)
        };
        let euro = || Unit::Money("EUR".into());
        for (value, target, comparator, unit, text) in [
            // A millisecond over what a month allows.
            (100.0 - 100.0 * 2_674.801 / 2_674_800.0, 99.9, AtLeast, Unit::Percent, "99.89999996 %"),
            // Less than the last digit tells: cut off, not rounded.
            (99.9 - 1e-11, 99.9, AtLeast, Unit::Percent, "99.899999999 %"),
            (90.0 + 1e-12, 90.0, AtMost, Unit::Percent, "90.000000001 %"),
            (90.001, 90.0, AtMost, Unit::Percent, "90.001 %"),
            (89.0, 90.0, AtLeast, Unit::Percent, "89.00 %"),
            (14_430.0, 14_400.0, AtMost, Unit::Seconds, "14,430 s"),
            (14_400.3, 14_400.0, AtMost, Unit::Seconds, "14,400.3 s"),
            (18_000.0, 14_400.0, AtMost, Unit::Seconds, "5 h"),
            (29.99, 30.0, AtLeast, Unit::Days, "29.99 d"),
            (29.999_999, 30.0, AtLeast, Unit::Days, "29.999999 d"),
            (10_000.4, 10_000.0, AtMost, euro(), "100.004 EUR"),
            (10_100.0, 10_000.0, AtMost, euro(), "101.00 EUR"),
            (3.0, 2.5, AtMost, Unit::Count, "3"),
            (4.004, 4.0, AtMost, Unit::Own("GB".into()), "4.004 GB"),
            (4.0 + 1e-12, 4.0, AtMost, Unit::PerTicket, "4.000000001"),
        ] {
            assert_eq!(shown(value, target, comparator, unit), text, "{value} against {target}");
        }
    }

    #[test]
    fn clocks_and_readings_show_their_counts_as_tickets_do_and_time_and_money_do_not() {
        let shown = |table: &str| {
            let mut figure = Figure::new(FigureId::new("x", Scope::book(), &[]), Unit::Percent, Ok(50.0));
            figure.rows.table = table.into();
            (figure.numerator, figure.denominator) = (Some(2), Some(4));
            display(&figure, 5)
        };
        for table in ["tickets", "supporting_clocks", "surveys", "readings", "continuity_plans"] {
            assert_eq!(shown(table), "2 of 4", "{table}");
        }
        for table in ["outages", "costs", "reported_availability"] {
            assert_eq!(shown(table), "50.00 %", "{table}");
        }
    }

    #[test]
    fn small_numbers_show_their_counts() {
        let mut figure = Figure::new(FigureId::new("x", Scope::book(), &[]), Unit::Percent, Ok(50.0));
        figure.rows.table = "tickets".into();
        (figure.numerator, figure.denominator) = (Some(1), Some(2));
        assert_eq!(display(&figure, 5), "1 of 2");
        figure.value = Err(Missing::new(MissingKind::NotApplicable, "no tickets"));
        assert_eq!(display(&figure, 5), "n/a");
    }

    fn watched(value: f64, signals: &[Signal], missing: Option<&str>) -> Control {
        let point = ControlPoint {
            period: "2026-09".into(),
            value: Some(value),
            weight: None,
            center: Some(12.375),
            lower: Some(0.0),
            upper: Some(20.6),
            signals: signals.to_vec(),
        };
        Control {
            kind: ChartKind::Xmr,
            baseline: "2026-01..2026-08".into(),
            frozen: false,
            provisional: true,
            center: Some(12.375),
            range_limit: Some(9.84),
            missing: missing.map(str::to_owned),
            points: vec![point],
        }
    }

    #[test]
    fn a_chart_says_in_words_what_its_rules_found() {
        let said = |value, fired: &[Signal]| signals(&watched(value, fired, None), &Unit::Count);
        assert_eq!(said(30.0, &[Signal::Outside, Signal::Range]), "above the upper limit 20.6; moving range over 9.8");
        assert_eq!(said(13.0, &[Signal::RunOf8]), "8 in a row above 12.4");
        assert_eq!(said(1.0, &[Signal::ThreeOf4]), "3 of 4 nearer to the lower limit than to the centre");
        let made = "(xmr chart, moving baseline 2026-01..2026-08, provisional, under 12 months)";
        let said = |signals: &[Signal], missing| control(&watched(13.0, signals, missing), &Unit::Count);
        assert_eq!(said(&[], None), format!("stable: centre 12.4, limits 0 and 20.6 {made}"));
        assert_eq!(
            said(&[Signal::RunOf8], None),
            format!("signal: 8 in a row above 12.4; centre 12.4, limits 0 and 20.6 {made}")
        );
        assert_eq!(said(&[], Some("no tickets")), format!("not judged: no tickets {made}"));
    }

    #[test]
    fn centre_and_limits_of_counts_have_a_fraction_and_signals_have_none() {
        let shown = |measure: &str, value| {
            display(&Figure::new(FigureId::new(measure, Scope::book(), &[]), Unit::Count, Ok(value)), 5)
        };
        assert_eq!((shown("control.center", 12.375), shown("control.upper", 20.0)), ("12.4".into(), "20".into()));
        assert_eq!(shown("control.signals", 2.0), "2");
        assert_eq!(level(12.375, &Unit::Events), "12.4");
    }

    #[test]
    fn satisfaction_shows_its_counts_under_ten_answers_and_tickets_under_five() {
        let shown = |measure: &str, table: &str, unit: Unit, part: i64, whole: i64| {
            let value = 100.0 * part as f64 / whole as f64;
            let mut figure = Figure::new(FigureId::new(measure, Scope::book(), &[]), unit, Ok(value));
            figure.rows.table = table.into();
            (figure.numerator, figure.denominator) = (Some(part), Some(whole));
            display(&figure, 5)
        };
        assert_eq!(shown("satisfaction.csat", "surveys", Unit::Percent, 7, 9), "7 of 9");
        assert_eq!(shown("satisfaction.csat", "surveys", Unit::Percent, 7, 10), "70.00 %");
        assert_eq!(shown("satisfaction.nps", "surveys", Unit::Points, -1, 9), "-1 of 9");
        assert_eq!(shown("satisfaction.nps", "surveys", Unit::Points, 3, 12), "+25.0");
        assert_eq!(shown("change.success", "tickets", Unit::Percent, 7, 9), "77.78 %");
    }

    #[test]
    fn money_has_as_many_digits_as_its_currency() {
        let shown = |minor: f64, currency: &str| number(minor, &Unit::Money(currency.into()));
        assert_eq!(shown(1_234_550.0, "EUR"), "12,345.50 EUR");
        assert_eq!(shown(-1_234_550.0, "EUR"), "-12,345.50 EUR");
        assert_eq!(shown(1_234_550.0, "JPY"), "1,234,550 JPY");
        assert_eq!(shown(1_234_550.0, "KWD"), "1,234.550 KWD");
        assert_eq!(shown(5.0, "XYZ"), "0.05 XYZ");
        assert_eq!(change(Some(250.0), Some(100.0), &Unit::Money("EUR".into())).as_deref(), Some("+1.50 EUR"));
    }

    #[test]
    fn an_interval_says_its_ends_and_where_it_has_none() {
        let said =
            |low, high| interval(&Interval { low, high, level: 0.95, method: "Sen's limits".into() }, &Unit::Days);
        assert_eq!(said(Some(20.0), Some(55.5)), "95 % between 20 d and 55.5 d, Sen's limits");
        assert_eq!(said(Some(20.0), None), "95 % from 20 d on, Sen's limits");
    }

    #[test]
    fn a_ratio_is_a_plain_number_with_two_digits() {
        assert_eq!(number(0.5, &Unit::Ratio), "0.50");
        assert_eq!(number(1_234.567, &Unit::Ratio), "1,234.57");
    }

    #[test]
    fn lengths_of_time_read_in_two_units() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (45.0, "45 s"),
            (900.0, "15 min"),
            (11_520.0, "3 h 12 min"),
            (187_200.0, "2 d 4 h"),
            (-3_600.0, "-1 h"),
        ] {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(grouped(1_234_567.0, 0), "1,234,567");
        assert_eq!(grouped(-0.001, 2), "0.00");
    }
}
