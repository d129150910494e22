//! Continuity figures: which plans are tested in time, and what the tests achieved (`domain.md` §4.10).

use super::change_rows::MajorChange;
use super::continuity_register::{Plan, Register, Standing};
use super::continuity_tests;
use super::definition::{Better, Definition};
use super::ticket_state::instants;
use super::{Context, quoted, verdict};
use crate::model::clause::Clause;
use crate::model::figure::{Alternative, Basis, Comparator, Figure, LeftOut, Missing, MissingKind, Rows, Target, Unit};
use crate::model::{FigureId, Finding, Scope, Severity, Table, Verdict};
use polars::prelude::*;
use std::collections::BTreeSet;

/// Days before the due date from which a plan is at risk.
const NOTICE_DAYS: f64 = 30.0;

/// Measures of a single plan; the others are of services and the book.
const OF_A_PLAN: [&str; 4] =
    ["continuity.due_in", "continuity.last_test_age", "continuity.rto_achieved", "continuity.rpo_achieved"];

/// Returns the continuity measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    let entry = |id, title, unit, formula| {
        let definition = Definition::count(id, title, formula).for_clauses(&[Clause::Continuity]).better(Better::Lower);
        definition.in_unit(unit)
    };
    vec![
        entry("continuity.plans", "Plans", Unit::Count, "plans in the register, approved by as-of or without an approval date").better(Better::Neither),
        entry("continuity.overdue", "Plans overdue for test", Unit::Count, "plans whose next test was due before as-of"),
        entry("continuity.untested", "Plans never tested", Unit::Count, "plans without a successful recovery test or invocation by as-of"),
        entry(
            "continuity.tested",
            "Plans tested within their interval",
            Unit::Percent,
            "plans whose last successful recovery test or invocation is at as-of no older than their interval ÷ plans with an interval",
        )
        .better(Better::Higher),
        Definition {
            additive: true,
            ..entry("continuity.invoked", "Plans invoked", Unit::Count, "invocations of plans in the period; the rows are in continuity_tests")
        },
        entry(
            "continuity.due_in",
            "Next test due in",
            Unit::Days,
            "the earlier of last successful recovery test + interval and first major change of the service after it + test_after_change, − as-of; never tested: from approval, else go-live; a test that failed, was partial or took longer than the plan allows does not move it",
        )
        .better(Better::Higher),
        entry("continuity.last_test_age", "Last successful test", Unit::Days, "as-of − last successful recovery test"),
        entry(
            "continuity.rto_achieved",
            "Recovery time achieved",
            Unit::Seconds,
            "the latest test or invocation that measured it; of an invocation that was over by as-of, where it does not say, recovered − start of the disruption",
        ),
        entry(
            "continuity.rpo_achieved",
            "Recovery point achieved",
            Unit::Seconds,
            "the latest test or invocation that measured it; of an invocation that was over by as-of, where it does not say, start of the disruption − copy restored",
        ),
    ]
}

/// Figures, findings and measured tables of a period.
#[derive(Debug, Default)]
pub struct Continuity {
    /// Figures of each plan, and counts for services and the book.
    pub figures: Vec<Figure>,
    /// What is wrong with plans and tests.
    pub findings: Vec<Finding>,
    /// The measured table `continuity_plans`: the plans that exist, and rows whose id another row has.
    pub plans: Option<DataFrame>,
    /// The measured table `continuity_tests`.
    pub tests: Option<DataFrame>,
}

/// Measures the plans of a register. `changes` are the major changes of the book's services.
///
/// # Errors
/// A polars error where a table cannot be built.
pub fn measure(context: &Context<'_>, register: &Register, changes: &[MajorChange]) -> PolarsResult<Continuity> {
    let mut measured = Continuity::default();
    let as_of = context.window.as_of;
    let grace = i64::from(context.catalogue.settings.test_after_change_days) * 86_400;
    let existing = register.plans.iter().enumerate().filter(|(_, plan)| plan.exists(as_of));
    let standings: Vec<(usize, Standing)> = existing
        .map(|(at, plan)| {
            let live = plan.service.as_ref().and_then(|id| context.catalogue.service(id)).and_then(|s| s.go_live);
            let live = live.map(|moment| moment.instant(context.catalogue.zone).timestamp());
            (at, register.standing(plan, live, changes, grace, as_of))
        })
        .collect();
    if let Some((tests, findings)) = continuity_tests::measured(context, register, &standings)? {
        measured.tests = Some(tests);
        measured.findings = findings;
    }
    let of_plans = context.dataset.table(Table::ContinuityPlans).is_some();
    if of_plans {
        measured.plans = Some(frame(register, &standings, as_of)?);
        measured.findings.extend(findings(register, &standings));
        for (at, standing) in &standings {
            for definition in definitions().iter().filter(|definition| OF_A_PLAN.contains(&definition.id)) {
                measured.figures.push(plan_figure(context, register, &register.plans[*at], standing, definition));
            }
        }
    }
    let services = standings.iter().filter_map(|(at, _)| register.plans[*at].service.clone());
    let scopes: BTreeSet<Scope> = services.map(Scope::service).chain([Scope::book()]).collect();
    for scope in scopes {
        for definition in definitions().iter().filter(|definition| !OF_A_PLAN.contains(&definition.id)) {
            let made = if definition.id == "continuity.invoked" { measured.tests.is_some() } else { of_plans };
            if made {
                measured.figures.push(count_figure(context, register, &standings, &scope, definition));
            }
        }
    }
    Ok(measured)
}

fn count_figure(
    context: &Context<'_>,
    register: &Register,
    standings: &[(usize, Standing)],
    scope: &Scope,
    definition: &Definition,
) -> Figure {
    let window = context.window;
    let within = |service: Option<&String>| scope.service.is_none() || service == scope.service.as_ref();
    let count = |of: &dyn Fn(&Standing) -> bool| {
        let ours = standings.iter().filter(|(at, _)| within(register.plans[*at].service.as_ref()));
        ours.filter(|(_, standing)| of(standing)).count() as u64
    };
    let (rows, condition) = match definition.id {
        "continuity.plans" => (count(&|_| true), "in_force"),
        "continuity.overdue" => (count(&|s| s.due.is_some_and(|due| due < window.as_of)), "overdue"),
        "continuity.untested" => (count(&|s| s.last_ok.is_none()), "untested"),
        "continuity.tested" => (count(&|s| s.in_interval.is_some()), "tested_in_interval IS NOT NULL"),
        _ => {
            let invoked = register.tests.iter().filter(|test| {
                let service = test.plan.and_then(|plan| register.plans[plan].service.as_ref());
                test.kind == "invocation"
                    && within(service)
                    && (window.start..window.end.min(window.as_of)).contains(&test.at)
            });
            (invoked.count() as u64, "in_period AND kind = 'invocation'")
        }
    };
    let service = scope.service.as_ref().map(|id| format!(" AND service = {}", quoted(id))).unwrap_or_default();
    let table = if definition.id == "continuity.invoked" { Table::ContinuityTests } else { Table::ContinuityPlans };
    let share = definition.unit == Unit::Percent;
    let tested = count(&|s| s.in_interval == Some(true));
    let value = match (share, rows) {
        (true, 0) => Err(Missing::new(MissingKind::NotApplicable, "no plan has a test interval")),
        (true, _) => Ok(100.0 * tested as f64 / rows as f64),
        _ if table == Table::ContinuityTests && window.as_of <= window.start => {
            Err(Missing::new(MissingKind::NoData, "the period has not begun"))
        }
        (false, _) => Ok(rows as f64),
    };
    let id = FigureId::new(definition.id, scope.clone(), &[]);
    let mut figure = Figure::new(id, definition.unit.clone(), value);
    figure.n = rows;
    let mut left_out = Vec::new();
    if share {
        (figure.numerator, figure.denominator) = (i64::try_from(tested).ok(), i64::try_from(rows).ok());
        left_out.push(LeftOut {
            reason: "no test interval".into(),
            count: count(&|s| s.in_interval.is_none()),
            filter: format!("in_force AND tested_in_interval IS NULL{service}"),
        });
        left_out.retain(|left| left.count > 0);
    }
    figure.rows = Rows { table: table.name().into(), used: rows, left_out, filter: format!("{condition}{service}") };
    let made_of: &[Table] = match definition.id {
        "continuity.overdue" => &DUE_BY,
        _ => &[table],
    };
    figure.basis = context.basis_of(definition, made_of);
    figure.tainted = made_of.iter().any(|table| context.tainted(*table));
    figure
}

/// What due dates are made of: plans, their tests, and changes.
const DUE_BY: [Table; 2] = [Table::ContinuityPlans, Table::Tickets];

fn plan_figure(
    context: &Context<'_>,
    register: &Register,
    plan: &Plan,
    standing: &Standing,
    definition: &Definition,
) -> Figure {
    let as_of = context.window.as_of;
    let days = |seconds: i64| seconds as f64 / 86_400.0;
    let of_time = definition.id.ends_with("_achieved");
    let not_tested = || Missing::new(MissingKind::NoData, "no test measured it");
    let (value, required) = match definition.id {
        "continuity.due_in" => {
            let value = match (standing.due, plan.interval) {
                (Some(due), _) => Ok(days(due - as_of)),
                (None, None) => Err(Missing::new(MissingKind::NotConfigured, "the plan has no test interval")),
                (None, _) => Err(Missing::new(MissingKind::NoData, "neither a test nor an approval date is known")),
            };
            (value, Some((0.0, Comparator::AtLeast)))
        }
        "continuity.last_test_age" => {
            let value = standing.last_ok.map(|at| days(as_of - at));
            (value.ok_or_else(|| Missing::new(MissingKind::NoData, "never tested successfully")), None)
        }
        "continuity.rto_achieved" => {
            let achieved = standing.rto.and_then(|test| register.tests[test].times(as_of).rto);
            (achieved.map(|s| s as f64).ok_or_else(not_tested), plan.rto.map(|s| (s as f64, Comparator::AtMost)))
        }
        _ => {
            let achieved = standing.rpo.and_then(|test| register.tests[test].times(as_of).rpo);
            (achieved.map(|s| s as f64).ok_or_else(not_tested), plan.rpo.map(|s| (s as f64, Comparator::AtMost)))
        }
    };
    let scope = plan.service.as_ref().map_or_else(Scope::book, Scope::service);
    let mut figure =
        Figure::new(FigureId::new(definition.id, scope, &[("plan", &plan.id)]), definition.unit.clone(), value);
    figure.n = 1;
    figure.rows = Rows {
        table: "continuity_plans".into(),
        used: 1,
        left_out: Vec::new(),
        filter: format!("plan = {} AND in_force", quoted(&plan.id)),
    };
    figure.target = required.map(|(value, comparator)| Target {
        value,
        comparator,
        agreement: plan.id.clone(),
        effective_from: plan
            .approved
            .and_then(|at| chrono::DateTime::from_timestamp(at, 0))
            .map(|at| at.with_timezone(&context.catalogue.zone).date_naive().to_string())
            .unwrap_or_default(),
    });
    verdict::judge(&mut figure, 100.0);
    // A margin of the allowance means nothing here: a recovery in time is in time, a test that is due soon is a risk.
    if figure.verdict == Verdict::AtRisk {
        figure.verdict = Verdict::Met;
    }
    let due = definition.id == "continuity.due_in";
    if due && figure.verdict == Verdict::Met && figure.number() < Some(NOTICE_DAYS) {
        figure.verdict = Verdict::AtRisk;
    }
    let mut parameters: Vec<(String, String)> = Vec::new();
    parameters.extend(plan.interval.map(|s| ("interval".to_owned(), crate::model::duration::write(s))));
    if due {
        let settings = &context.catalogue.settings;
        parameters
            .extend(standing.due_because.as_ref().map(|why| ("due_because".to_owned(), crate::text::screen_str(why))));
        parameters.push(("major_risks".into(), settings.major_risks.join(", ")));
        parameters.push(("test_after_change".into(), format!("{}d", settings.test_after_change_days)));
    }
    if of_time {
        measured_by(context, register, plan, standing, &mut figure);
    }
    let made_of: &[Table] = match definition.id {
        "continuity.due_in" => &DUE_BY,
        _ => &[Table::ContinuityPlans],
    };
    figure.basis = Basis { parameters, ..context.basis_of(definition, made_of) };
    figure.tainted = made_of.iter().any(|table| context.tainted(*table));
    figure
}

/// Points a recovery time or point to the test that measured it, and names those that could not be used.
fn measured_by(context: &Context<'_>, register: &Register, plan: &Plan, standing: &Standing, figure: &mut Figure) {
    let as_of = context.window.as_of;
    let of_time = figure.id.measure == "continuity.rto_achieved";
    let (name, latest) = if of_time { ("rto", standing.rto) } else { ("rpo", standing.rpo) };
    let known = || plan.tests.iter().map(|test| &register.tests[*test]).filter(|test| test.at < as_of);
    let backwards = known().filter(|test| {
        let times = test.times(as_of);
        if of_time { times.rto_backwards } else { times.rpo_backwards }
    });
    let backwards = backwards.count() as u64;
    let of_plan = format!("plan = {}", quoted(&plan.id));
    figure.n = u64::from(latest.is_some());
    if context.dataset.table(Table::ContinuityTests).is_some() {
        figure.rows = Rows {
            table: "continuity_tests".into(),
            used: figure.n,
            left_out: Vec::new(),
            filter: format!("{of_plan} AND latest_{name}"),
        };
    } else {
        figure.rows.used = 0;
        figure.rows.filter = format!("{of_plan} AND in_force AND achieved_{name} IS NOT NULL");
    }
    if backwards > 0 {
        figure.rows.left_out.push(LeftOut {
            reason: "time below nought".into(),
            count: backwards,
            filter: format!("{of_plan} AND {name}_backwards"),
        });
    }
    let from_invocation = latest.and_then(|test| register.tests[test].times(as_of).from_invocation);
    if let (true, Some(seconds)) = (of_time, from_invocation) {
        figure.alternatives.push(Alternative { formula: "from invocation".into(), value: seconds as f64 });
    }
}

fn findings(register: &Register, standings: &[(usize, Standing)]) -> Vec<Finding> {
    let finding = |kind: &str, count: usize, filter: &str, text: String| Finding {
        id: format!("continuity_plans.{kind}"),
        kind: kind.to_owned(),
        severity: Severity::Warning,
        count: count as u64,
        figures: vec!["continuity.plans".into(), "continuity.overdue".into(), "continuity.tested".into()],
        table: "continuity_plans".into(),
        filter: filter.to_owned(),
        text,
    };
    let mut found = Vec::new();
    let twice = register.twice.len();
    if twice > 0 {
        found.push(finding(
            "plan_twice",
            twice,
            "twice",
            format!("{twice} rows of continuity plans have the id of another; the first by source and key is used. Give each plan its own id."),
        ));
    }
    let unknown = standings.iter().filter(|(at, _)| register.plans[*at].service.is_none()).count();
    if unknown > 0 {
        found.push(finding(
            "unknown_service",
            unknown,
            "in_force AND service IS NULL",
            format!("{unknown} continuity plans name a service that is not in the catalogue; in no figure of a service, and no change calls for their test. Add the name to `aliases = [...]` of its [[service]]."),
        ));
    }
    found
}

fn frame(register: &Register, standings: &[(usize, Standing)], as_of: i64) -> PolarsResult<DataFrame> {
    let none = Standing::default();
    let used = standings.iter().map(|(at, standing)| (&register.plans[*at], standing, true));
    let all: Vec<(&Plan, &Standing, bool)> =
        used.chain(register.twice.iter().map(|plan| (plan, &none, false))).collect();
    let texts = |of: &dyn Fn(&Plan, &Standing) -> Option<String>| -> Vec<Option<String>> {
        all.iter().map(|(plan, standing, _)| of(plan, standing)).collect()
    };
    let numbers = |of: &dyn Fn(&Plan, &Standing) -> Option<i64>| -> Vec<Option<i64>> {
        all.iter().map(|(plan, standing, _)| of(plan, standing)).collect()
    };
    let flags = |of: &dyn Fn(&Standing) -> bool| -> Vec<bool> {
        all.iter().map(|(_, standing, used)| *used && of(standing)).collect()
    };
    let test = |at: Option<usize>| at.map(|at| &register.tests[at]);
    let in_interval: Vec<Option<bool>> =
        all.iter().map(|(_, standing, used)| standing.in_interval.filter(|_| *used)).collect();
    DataFrame::new_infer_height(vec![
        Column::new("plan".into(), texts(&|plan, _| Some(plan.id.clone()))),
        Column::new("service".into(), texts(&|plan, _| plan.service.clone())),
        Column::new("owner".into(), texts(&|plan, _| plan.owner.clone())),
        instants("last_ok", numbers(&|_, s| s.last_ok)),
        instants("next_due", numbers(&|_, s| s.due)),
        Column::new("due_because".into(), texts(&|_, s| s.due_because.clone())),
        instants("last_test", numbers(&|_, s| test(s.last).map(|t| t.at))),
        Column::new("last_kind".into(), texts(&|_, s| test(s.last).map(|t| t.kind.clone()))),
        Column::new(
            "last_result".into(),
            texts(&|_, s| test(s.last).filter(|t| t.result_known(as_of)).map(|t| t.result.clone())),
        ),
        Column::new("rto".into(), numbers(&|plan, _| plan.rto)),
        Column::new("achieved_rto".into(), numbers(&|_, s| test(s.rto).and_then(|t| t.times(as_of).rto))),
        Column::new("rpo".into(), numbers(&|plan, _| plan.rpo)),
        Column::new("achieved_rpo".into(), numbers(&|_, s| test(s.rpo).and_then(|t| t.times(as_of).rpo))),
        Column::new("in_force".into(), flags(&|_| true)),
        Column::new("overdue".into(), flags(&|s| s.due.is_some_and(|due| due < as_of))),
        Column::new("untested".into(), flags(&|s| s.last_ok.is_none())),
        Column::new("changed_since_test".into(), flags(&|s| s.changed_since_test)),
        Column::new("tested_in_interval".into(), in_interval),
        Column::new("twice".into(), all.iter().map(|(.., used)| !used).collect::<Vec<bool>>()),
        Column::new("source".into(), texts(&|plan, _| Some(plan.row.0.clone()))),
        Column::new("source_key".into(), texts(&|plan, _| Some(plan.row.1.clone()))),
    ])
}
