//! Failures and repair: how many, how long, how far apart, how soon taken up (`domain.md` §4.2).

use super::MILLI;
use super::service::{Grounded, Said, Value, whole_seconds};
use crate::measure::quantile::linear;
use crate::model::figure::{MissingKind, Rows};

const NO_FAILURE: &str = "no failure in the period";

/// Returns the value of a measure of failures and repair, and what is said beside it; `None` of one that is not of them.
pub fn value_of(id: &str, known: &Grounded<'_, '_>, filter: &str) -> Option<(Value, Said)> {
    let answer = &known.measure.answer;
    let here: Vec<i64> = answer.failures.iter().filter(|f| f.starts_here).map(|f| f.in_base).collect();
    let count = here.len() as f64;
    let seconds = |thousandths: i128| thousandths as f64 / (MILLI * MILLI) as f64;
    let per_failure = |thousandths: i128| {
        if here.is_empty() {
            known.without(MissingKind::Undefined, NO_FAILURE)
        } else {
            known.value(seconds(thousandths) / count)
        }
    };
    let thousandths = |milliseconds: i64| i128::from(milliseconds) * i128::from(MILLI);
    let failures = |condition: &str, used: usize| Rows {
        table: "failures".into(),
        used: used as u64,
        left_out: Vec::new(),
        filter: format!("{filter}{condition}"),
    };
    let started = || Said { rows: Some(failures(" AND started_in_period", here.len())), ..Said::default() };
    let base = thousandths(answer.base);
    let (value, said) = match id {
        "availability.outages" => (known.value(count), started()),
        "availability.mtrs" => (per_failure(here.iter().map(|time| thousandths(*time)).sum()), started()),
        "availability.mtrs.median" => (of_sample(known, &here, 0.5, NO_FAILURE), started()),
        "availability.mtrs.p90" => (of_sample(known, &here, 0.9, NO_FAILURE), started()),
        "availability.mtbf" => (per_failure(base - i128::from(answer.down)), started()),
        "availability.mtbsi" => {
            let holds = ("holds".to_owned(), identity(known));
            let parameters = if here.is_empty() { Vec::new() } else { vec![holds] };
            (per_failure(base), Said { parameters, ..started() })
        }
        "availability.mtbf.median" | "availability.mtbf.p90" => {
            let between: Vec<i64> =
                answer.failures.iter().filter(|f| f.starts_here).filter_map(|f| f.uptime_before).collect();
            let rank = if id.ends_with("p90") { 0.9 } else { 0.5 };
            let rows = failures(" AND started_in_period AND uptime_before_s IS NOT NULL", between.len());
            let none = if here.is_empty() { NO_FAILURE } else { "only one failure: nothing lies between failures" };
            (of_sample(known, &between, rank, none), Said { rows: Some(rows), ..Said::default() })
        }
        "availability.longest" => {
            let rows = failures("", answer.failures.len());
            let longest = answer.failures.iter().map(|f| f.in_base).max();
            let value = match longest {
                Some(longest) => known.value(whole_seconds(longest)),
                None => known.without(MissingKind::Undefined, NO_FAILURE),
            };
            (value, Said { rows: Some(rows), ..Said::default() })
        }
        "availability.mtta" | "availability.mtta.median" | "availability.mtta.p90" => acknowledged(id, known, filter),
        _ => return None,
    };
    Some((value, said))
}

/// Returns a percentile of lengths of time in milliseconds, in seconds.
fn of_sample(known: &Grounded<'_, '_>, sample: &[i64], rank: f64, none: &str) -> Value {
    let mut sorted: Vec<f64> = sample.iter().map(|time| *time as f64).collect();
    sorted.sort_by(f64::total_cmp);
    match linear(&sorted, rank) {
        Some(value) => known.value(value / MILLI as f64),
        None => known.without(MissingKind::Undefined, none),
    }
}

fn acknowledged(id: &str, known: &Grounded<'_, '_>, filter: &str) -> (Value, Said) {
    let rows = &known.measure.rows;
    let used = rows.acknowledged.len();
    let value = match id {
        _ if used == 0 && rows.unacknowledged.is_empty() => {
            known.without(MissingKind::Undefined, "no outage of a register started in the period")
        }
        _ if used == 0 => known.without(MissingKind::NoData, "no outage of the period says when it was acknowledged"),
        "availability.mtta" => {
            let total: i64 = rows.acknowledged.iter().sum();
            known.value(total as f64 / (MILLI as f64 * used as f64))
        }
        "availability.mtta.median" => of_sample(known, &rows.acknowledged, 0.5, NO_FAILURE),
        _ => of_sample(known, &rows.acknowledged, 0.9, NO_FAILURE),
    };
    let rows = Rows {
        table: "outages".into(),
        used: used as u64,
        left_out: rows.unacknowledged.clone(),
        filter: format!("{filter} AND acknowledged_s IS NOT NULL"),
    };
    (value, Said { rows: Some(rows), ..Said::default() })
}

/// Says whether MTBSI = MTBF + MTRS, which holds where all downtime is that of whole failures of the period.
fn identity(known: &Grounded<'_, '_>) -> String {
    let answer = &known.measure.answer;
    let end = answer.window.map_or(i64::MAX, |window| window.end);
    let within: i64 = answer.failures.iter().map(|f| f.in_base).sum();
    if answer.failures.iter().any(|f| !f.starts_here) {
        "not: a failure began before the period".into()
    } else if within.saturating_mul(MILLI) != answer.down {
        "not: degraded time counts in part as downtime, in full as time to restore".into()
    } else if answer.failures.iter().any(|f| f.span.end > end) {
        "mtbsi = mtbf + mtrs; a failure lasts beyond the period and counts with its part".into()
    } else {
        "mtbsi = mtbf + mtrs".into()
    }
}
