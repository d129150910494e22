//! The measured table of continuity tests, and what in it a reader must know.

use super::Context;
use super::continuity_register::{Register, Standing, Test};
use crate::model::{Finding, Severity, Table};
use polars::prelude::*;

/// What is measured of each row of the table.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the measured table")]
struct Row {
    service: Option<String>,
    in_period: bool,
    successful: bool,
    over: bool,
    unknown_plan: bool,
    rto: Option<i64>,
    rpo: Option<i64>,
    latest_rto: bool,
    latest_rpo: bool,
    rto_backwards: bool,
    rpo_backwards: bool,
    without_recovery: bool,
    result: Option<String>,
}

/// The tests of a book as a period sees them: the canonical columns with the measured ones, and the findings.
///
/// `standings` are those of the plans that exist at as-of, by their position in the register. Measured columns: the
/// service of the plan, `in_period`, `result_as_of` (null while an invocation is going on), `successful`, `rto_s` and `rpo_s` (as measured), `latest_rto` and `latest_rpo` (the
/// plan's figure rests on it), and what is wrong with it.
///
/// # Errors
/// A polars error where a column does not fit, which is a fault of this room.
pub fn measured(
    context: &Context<'_>,
    register: &Register,
    standings: &[(usize, Standing)],
) -> PolarsResult<Option<(DataFrame, Vec<Finding>)>> {
    let Some(frame) = context.dataset.table(Table::ContinuityTests) else { return Ok(None) };
    let mut rows: Vec<Option<Row>> = (0..frame.height()).map(|_| None).collect();
    for (position, test) in register.tests.iter().enumerate() {
        let standing = test.plan.and_then(|plan| standings.iter().find(|(at, _)| *at == plan)).map(|(_, s)| s);
        rows[test.row] = Some(row(context, register, position, test, standing));
    }
    let mut frame = frame.clone();
    let flag = |of: fn(&Row) -> bool| rows.iter().map(|row| row.as_ref().is_some_and(of)).collect::<Vec<bool>>();
    let length = |of: fn(&Row) -> Option<i64>| rows.iter().map(|row| row.as_ref().and_then(of)).collect::<Vec<_>>();
    let services: Vec<Option<String>> = rows.iter().map(|row| row.as_ref()?.service.clone()).collect();
    let results: Vec<Option<String>> = rows.iter().map(|row| row.as_ref()?.result.clone()).collect();
    for column in [
        Column::new("service".into(), services),
        Column::new("in_period".into(), flag(|row| row.in_period)),
        Column::new("successful".into(), flag(|row| row.successful)),
        Column::new("passed_over_requirement".into(), flag(|row| row.over)),
        Column::new("unknown_plan".into(), flag(|row| row.unknown_plan)),
        Column::new("rto_s".into(), length(|row| row.rto)),
        Column::new("rpo_s".into(), length(|row| row.rpo)),
        Column::new("latest_rto".into(), flag(|row| row.latest_rto)),
        Column::new("latest_rpo".into(), flag(|row| row.latest_rpo)),
        Column::new("rto_backwards".into(), flag(|row| row.rto_backwards)),
        Column::new("rpo_backwards".into(), flag(|row| row.rpo_backwards)),
        Column::new("without_recovery".into(), flag(|row| row.without_recovery)),
        Column::new("result_as_of".into(), results),
    ] {
        frame.with_column(column)?;
    }
    Ok(Some((frame, findings(&rows))))
}

fn row(context: &Context<'_>, register: &Register, position: usize, test: &Test, standing: Option<&Standing>) -> Row {
    let window = context.window;
    let known = test.at < window.as_of;
    let in_period = known && window.start <= test.at && test.at < window.end;
    let times = test.times(window.as_of);
    // What a later successful test has made good matters only in the period in which it happened.
    let current = in_period || standing.is_some_and(|standing| standing.last_ok.is_none_or(|ok| ok < test.at));
    Row {
        service: test.plan.and_then(|plan| register.plans[plan].service.clone()),
        in_period,
        successful: known && test.plan.is_some() && register.succeeded(test, window.as_of),
        over: known && current && register.passed_over_requirement(test, window.as_of),
        unknown_plan: known && test.plan.is_none(),
        rto: times.rto.filter(|_| known),
        rpo: times.rpo.filter(|_| known),
        latest_rto: standing.is_some_and(|standing| standing.rto == Some(position)),
        latest_rpo: standing.is_some_and(|standing| standing.rpo == Some(position)),
        rto_backwards: known && times.rto_backwards,
        rpo_backwards: known && times.rpo_backwards,
        without_recovery: known && current && test.lacks_recovery(),
        result: test.result_known(window.as_of).then(|| test.result.clone()),
    }
}

fn findings(rows: &[Option<Row>]) -> Vec<Finding> {
    let count = |of: fn(&Row) -> bool| rows.iter().flatten().filter(|row| of(row)).count() as u64;
    let finding = |kind: &str, count: u64, filter: &str, measures: &[&str], text: &str| {
        (count > 0).then(|| Finding {
            id: format!("continuity_tests.{kind}"),
            kind: kind.to_owned(),
            severity: Severity::Warning,
            count,
            figures: measures.iter().map(|measure| (*measure).to_owned()).collect(),
            table: "continuity_tests".into(),
            filter: filter.to_owned(),
            text: format!("{count} {text}"),
        })
    };
    let due: &[&str] = &["continuity.due_in", "continuity.overdue", "continuity.tested"];
    [
        finding(
            "test_passed_over_requirement",
            count(|row| row.over),
            "passed_over_requirement",
            due,
            "continuity tests are recorded as passed, but took longer or lost more than the plan allows; not counted as successful. Correct the result, or agree another requirement.",
        ),
        finding(
            "test_of_unknown_plan",
            count(|row| row.unknown_plan),
            "unknown_plan",
            due,
            "continuity tests name a plan that is not in the register; they test nothing. Correct `plan`, or add the plan.",
        ),
        finding(
            "recovery_time_negative",
            count(|row| row.rto_backwards || row.rpo_backwards),
            "rto_backwards OR rpo_backwards",
            &["continuity.rto_achieved", "continuity.rpo_achieved"],
            "continuity tests recovered before the disruption, or restored a copy of after it; those times are not used. Correct the stamps.",
        ),
        finding(
            "invocation_without_recovery",
            count(|row| row.without_recovery),
            "without_recovery",
            &["continuity.rto_achieved", "continuity.rpo_achieved", "continuity.due_in", "continuity.tested"],
            "invocations do not say when the service was recovered; their result counts from the start of the disruption on, their times are not used. Add `recovered_at`.",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
