//! A formula with its numbers put in, as a line that can be checked by hand.
//!
//! Knows one figure. Prints an equation only where its numbers do give the figure's value: a line that does not add up
//! is worse than none.

use super::format::{grouped, number};
use crate::model::figure::{Figure, Unit};

/// Returns the line, as `206 ÷ 212 × 100 = 97.17 %`; `None` where the figure has no value or is no such ratio.
pub fn worked(figure: &Figure) -> Option<String> {
    let value = figure.number()?;
    let shown = number(value, &figure.unit);
    if let (Some(part), Some(whole)) = (figure.numerator, figure.denominator)
        && whole != 0
    {
        let factor = match figure.unit {
            Unit::Percent | Unit::Points => 100.0,
            Unit::PerMillion => 1_000_000.0,
            _ => 1.0,
        };
        let (top, bottom) = (part as f64, whole as f64);
        let is = |result: f64| (result - value).abs() <= 1e-9 * value.abs().max(1.0);
        let times = match figure.unit {
            Unit::Percent | Unit::Points => " × 100".to_owned(),
            Unit::PerMillion => " × 1,000,000".to_owned(),
            _ => String::new(),
        };
        let said = |number: i64| amount(figure, number);
        if is(top / bottom * factor) {
            return Some(format!("{} ÷ {}{times} = {shown}", said(part), said(whole)));
        }
        if is((bottom - top) / bottom * factor) {
            return Some(format!("({} − {}) ÷ {}{times} = {shown}", said(whole), said(part), said(whole)));
        }
        return None;
    }
    let of_many = match figure.id.measure.rsplit('.').next()? {
        "mean" => "mean",
        "median" => "median",
        "p90" => "90th percentile",
        "p95" => "95th percentile",
        "p99" => "99th percentile",
        "max" => "longest",
        _ => return None,
    };
    (figure.n > 0).then(|| format!("{of_many} of {} values = {shown}", grouped(figure.n as f64, 0)))
}

/// Prints a part or the whole of a ratio; those of time are in thousandths of a second.
pub fn amount(figure: &Figure, value: i64) -> String {
    if figure.unit == Unit::Percent && figure.id.measure.starts_with("availability.") {
        let digits = if value % 1_000 == 0 { 0 } else { 3 };
        let whose = if figure.id.measure == "availability.user_weighted" { " of users" } else { "" };
        return format!("{} s{whose}", grouped(value as f64 / 1_000.0, digits));
    }
    grouped(value as f64, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FigureId, Missing, MissingKind, Scope};

    fn ratio(measure: &str, unit: Unit, part: i64, whole: i64, value: f64) -> Figure {
        let mut figure = Figure::new(FigureId::new(measure, Scope::book(), &[]), unit, Ok(value));
        (figure.numerator, figure.denominator) = (Some(part), Some(whole));
        figure
    }

    #[test]
    fn a_ratio_is_worked_with_its_numbers() {
        let figure = ratio("sla.resolution", Unit::Percent, 206, 212, 100.0 * 206.0 / 212.0);
        assert_eq!(worked(&figure).unwrap(), "206 ÷ 212 × 100 = 97.17 %");
        let up = ratio(
            "availability.percent",
            Unit::Percent,
            2_592_000_000 - 9_300_500,
            2_592_000_000,
            99.641_184_413_580_25,
        );
        assert_eq!(worked(&up).unwrap(), "2,582,699.500 s ÷ 2,592,000 s × 100 = 99.64 %");
        let missed = ratio("sla.resolution_dpmo", Unit::PerMillion, 206, 212, 6.0 / 212.0 * 1e6);
        assert!(worked(&missed).unwrap().starts_with("(212 − 206) ÷ 212 × 1,000,000 = "));
    }

    #[test]
    fn what_does_not_add_up_is_not_printed_as_an_equation() {
        assert_eq!(worked(&ratio("sla.resolution", Unit::Percent, 206, 212, 99.0)), None);
        assert_eq!(worked(&ratio("sla.resolution", Unit::Percent, 0, 0, 99.0)), None);
        let mut none = ratio("sla.resolution", Unit::Percent, 1, 2, 0.0);
        none.value = Err(Missing::new(MissingKind::NoData, "nothing"));
        assert_eq!(worked(&none), None);
    }

    #[test]
    fn a_median_says_of_how_many_values_it_is() {
        let id = FigureId::new("resolve.service.median", Scope::book(), &[]);
        let mut figure = Figure::new(id, Unit::Seconds, Ok(7_200.0));
        figure.n = 43;
        assert_eq!(worked(&figure).unwrap(), "median of 43 values = 2 h");
    }
}
