//! Continuity figures: which plans are tested in time, and what the tests achieved (`domain.md` §4.10).

use super::definition::{Better, Definition};
use super::names::{Names, Of};
use super::ticket_state::{instants, seconds, text};
use super::{Context, verdict};
use crate::model::clause::Clause;
use crate::model::figure::{Basis, Comparator, Figure, Missing, MissingKind, Rows, Target, Unit};
use crate::model::{Dataset, FigureId, Scope, Table, Verdict};
use polars::prelude::*;

/// Days before the due date from which a plan is at risk.
const NOTICE_DAYS: f64 = 30.0;

/// Returns the continuity measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    let entry = |id, title, unit, formula| {
        Definition::count(id, title, formula).in_unit(unit).for_clauses(&[Clause::Continuity]).better(Better::Lower)
    };
    vec![
        entry("continuity.plans", "Plans", Unit::Count, "plans in the register, approved by as-of or without an approval date").better(Better::Neither),
        entry("continuity.overdue", "Plans overdue for test", Unit::Count, "plans whose next test was due before as-of"),
        entry("continuity.untested", "Plans never tested", Unit::Count, "plans without a successful recovery test by as-of"),
        entry(
            "continuity.due_in",
            "Next test due in",
            Unit::Days,
            "last successful recovery test + interval − as-of; never tested: approval, else go-live, + interval; a failed test does not move it",
        )
        .better(Better::Higher),
        entry("continuity.last_test_age", "Last successful test", Unit::Days, "as-of − last successful recovery test"),
        entry("continuity.rto_achieved", "Recovery time achieved", Unit::Seconds, "the latest test or invocation that measured it"),
        entry("continuity.rpo_achieved", "Recovery point achieved", Unit::Seconds, "the latest test or invocation that measured it"),
    ]
}

/// A plan with its tests.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The plan's id.
    pub id: String,
    /// The service id, where the name maps to the catalogue.
    pub service: Option<String>,
    /// The owner.
    pub owner: Option<String>,
    rto: Option<i64>,
    rpo: Option<i64>,
    interval: Option<i64>,
    approved: Option<i64>,
    tests: Vec<Test>,
}

#[derive(Clone, Debug)]
struct Test {
    kind: String,
    at: i64,
    result: String,
    rto: Option<i64>,
    rpo: Option<i64>,
}

/// Reads the plans with their tests, oldest test first.
///
/// # Errors
/// A polars error where a table lacks a column of the schema.
pub fn read(dataset: &Dataset, names: &Names) -> PolarsResult<Vec<Plan>> {
    let Some(frame) = dataset.table(Table::ContinuityPlans) else { return Ok(Vec::new()) };
    let (id, service, owner) = (text(frame, "plan")?, text(frame, "service")?, text(frame, "owner")?);
    let (rto, rpo, interval) =
        (frame.column("rto")?.i64()?, frame.column("rpo")?.i64()?, frame.column("interval")?.i64()?);
    let approved = seconds(frame, "approved")?;
    let mut plans: Vec<Plan> = (0..frame.height())
        .map(|row| Plan {
            id: id.get(row).unwrap_or("").to_owned(),
            service: service.get(row).and_then(|name| names.find(Of::Service, name)).map(str::to_owned),
            owner: owner.get(row).map(str::to_owned),
            rto: rto.get(row),
            rpo: rpo.get(row),
            interval: interval.get(row),
            approved: approved[row],
            tests: Vec::new(),
        })
        .collect();
    if let Some(frame) = dataset.table(Table::ContinuityTests) {
        let (plan, kind, result) = (text(frame, "plan")?, text(frame, "kind")?, text(frame, "result")?);
        let (rto, rpo) = (frame.column("achieved_rto")?.i64()?, frame.column("achieved_rpo")?.i64()?);
        let at = seconds(frame, "at")?;
        for row in 0..frame.height() {
            let of = plans.iter_mut().find(|p| Some(p.id.as_str()) == plan.get(row));
            if let (Some(of), Some(at)) = (of, at[row]) {
                of.tests.push(Test {
                    kind: kind.get(row).unwrap_or("").to_owned(),
                    at,
                    result: result.get(row).unwrap_or("").to_owned(),
                    rto: rto.get(row),
                    rpo: rpo.get(row),
                });
            }
        }
    }
    for plan in &mut plans {
        plan.tests.sort_by_key(|test| test.at);
    }
    plans.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(plans)
}

/// What is known of a plan at an instant.
#[derive(Clone, Debug, Default)]
struct Standing {
    last_ok: Option<i64>,
    last: Option<(i64, String, String)>,
    due: Option<i64>,
    rto: Option<i64>,
    rpo: Option<i64>,
}

impl Plan {
    fn standing(&self, go_live: Option<i64>, as_of: i64) -> Standing {
        let known = || self.tests.iter().filter(|test| test.at < as_of);
        let last_ok = known()
            .filter(|test| matches!(test.kind.as_str(), "recovery" | "invocation") && test.result == "passed")
            .map(|test| test.at)
            .next_back();
        let start = last_ok.or(self.approved).or(go_live);
        Standing {
            last_ok,
            last: known().next_back().map(|test| (test.at, test.kind.clone(), test.result.clone())),
            due: start.zip(self.interval).map(|(start, interval)| start + interval),
            rto: known().filter_map(|test| test.rto).next_back(),
            rpo: known().filter_map(|test| test.rpo).next_back(),
        }
    }

    fn exists(&self, as_of: i64) -> bool {
        self.approved.is_none_or(|approved| approved < as_of)
    }
}

/// Figures of each plan and counts for services and the book, with the measured table `continuity_plans`.
///
/// # Errors
/// A polars error where the table cannot be built.
pub fn figures(context: &Context<'_>, plans: &[Plan]) -> PolarsResult<(Vec<Figure>, Option<DataFrame>)> {
    if context.dataset.table(Table::ContinuityPlans).is_none() {
        return Ok((Vec::new(), None));
    }
    let as_of = context.window.as_of;
    let standings: Vec<(&Plan, Standing)> = plans
        .iter()
        .filter(|plan| plan.exists(as_of))
        .map(|plan| {
            let live = plan.service.as_ref().and_then(|id| context.catalogue.service(id)).and_then(|s| s.go_live);
            let live = live.map(|moment| moment.instant(context.catalogue.zone).timestamp());
            (plan, plan.standing(live, as_of))
        })
        .collect();
    let mut figures = Vec::new();
    for (plan, standing) in &standings {
        let definitions = definitions();
        for definition in definitions.iter().skip(3) {
            figures.push(plan_figure(context, plan, standing, definition));
        }
    }
    let services = standings.iter().filter_map(|(plan, _)| plan.service.clone());
    let scopes: std::collections::BTreeSet<Scope> = services.map(Scope::service).chain([Scope::book()]).collect();
    for scope in scopes {
        let within = |plan: &Plan| scope.service.is_none() || plan.service == scope.service;
        for definition in definitions().iter().take(3) {
            let (count, condition) = match definition.id {
                "continuity.plans" => (standings.iter().filter(|(p, _)| within(p)).count(), "in_force"),
                "continuity.overdue" => (
                    standings.iter().filter(|(p, s)| within(p) && s.due.is_some_and(|due| due < as_of)).count(),
                    "overdue",
                ),
                _ => (standings.iter().filter(|(p, s)| within(p) && s.last_ok.is_none()).count(), "untested"),
            };
            let id = FigureId::new(definition.id, scope.clone(), &[]);
            let mut figure = Figure::new(id, Unit::Count, Ok(count as f64));
            figure.n = count as u64;
            let filter = match &scope.service {
                Some(service) => format!("service = {} AND {condition}", super::quoted(service)),
                None => condition.to_owned(),
            };
            figure.rows = Rows { table: "continuity_plans".into(), used: count as u64, left_out: Vec::new(), filter };
            figure.basis = context.basis(definition, Table::ContinuityPlans);
            figure.tainted = context.tainted(Table::ContinuityPlans);
            figures.push(figure);
        }
    }
    Ok((figures, Some(frame(&standings, as_of)?)))
}

fn plan_figure(context: &Context<'_>, plan: &Plan, standing: &Standing, definition: &Definition) -> Figure {
    let as_of = context.window.as_of;
    let days = |seconds: i64| seconds as f64 / 86_400.0;
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
            (standing.rto.map(|s| s as f64).ok_or_else(not_tested), plan.rto.map(|s| (s as f64, Comparator::AtMost)))
        }
        _ => (standing.rpo.map(|s| s as f64).ok_or_else(not_tested), plan.rpo.map(|s| (s as f64, Comparator::AtMost))),
    };
    let scope = plan.service.as_ref().map_or_else(Scope::book, Scope::service);
    let mut figure =
        Figure::new(FigureId::new(definition.id, scope, &[("plan", &plan.id)]), definition.unit.clone(), value);
    figure.n = 1;
    figure.rows = Rows {
        table: "continuity_plans".into(),
        used: 1,
        left_out: Vec::new(),
        filter: format!("plan = {} AND in_force", super::quoted(&plan.id)),
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
    if definition.id == "continuity.due_in" && figure.verdict == Verdict::Met && figure.number() < Some(NOTICE_DAYS) {
        figure.verdict = Verdict::AtRisk;
    }
    let parameters = plan.interval.map(|s| ("interval".to_owned(), crate::model::duration::write(s)));
    figure.basis =
        Basis { parameters: parameters.into_iter().collect(), ..context.basis(definition, Table::ContinuityPlans) };
    figure.tainted = context.tainted(Table::ContinuityPlans);
    figure
}

fn frame(standings: &[(&Plan, Standing)], as_of: i64) -> PolarsResult<DataFrame> {
    let texts = |of: &dyn Fn(&Plan, &Standing) -> Option<String>| -> Vec<Option<String>> {
        standings.iter().map(|(plan, standing)| of(plan, standing)).collect()
    };
    let numbers = |of: &dyn Fn(&Plan, &Standing) -> Option<i64>| -> Vec<Option<i64>> {
        standings.iter().map(|(plan, standing)| of(plan, standing)).collect()
    };
    let flags = |of: &dyn Fn(&Standing) -> bool| -> Vec<bool> { standings.iter().map(|(_, s)| of(s)).collect() };
    DataFrame::new_infer_height(vec![
        Column::new("plan".into(), texts(&|plan, _| Some(plan.id.clone()))),
        Column::new("service".into(), texts(&|plan, _| plan.service.clone())),
        Column::new("owner".into(), texts(&|plan, _| plan.owner.clone())),
        instants("last_ok", numbers(&|_, s| s.last_ok)),
        instants("next_due", numbers(&|_, s| s.due)),
        instants("last_test", numbers(&|_, s| s.last.as_ref().map(|l| l.0))),
        Column::new("last_kind".into(), texts(&|_, s| s.last.as_ref().map(|l| l.1.clone()))),
        Column::new("last_result".into(), texts(&|_, s| s.last.as_ref().map(|l| l.2.clone()))),
        Column::new("rto".into(), numbers(&|plan, _| plan.rto)),
        Column::new("achieved_rto".into(), numbers(&|_, s| s.rto)),
        Column::new("rpo".into(), numbers(&|plan, _| plan.rpo)),
        Column::new("achieved_rpo".into(), numbers(&|_, s| s.rpo)),
        Column::new("in_force".into(), flags(&|_| true)),
        Column::new("overdue".into(), flags(&|s| s.due.is_some_and(|due| due < as_of))),
        Column::new("untested".into(), flags(&|s| s.last_ok.is_none())),
    ])
}
