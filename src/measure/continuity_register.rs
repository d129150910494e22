//! The register of continuity plans and their tests, and how a plan stands at an instant (`domain.md` §4.10).
//!
//! Instants are epoch seconds. Must not know figures.

use super::change_rows::MajorChange;
use super::names::{Names, Of};
use super::ticket_state::{seconds, text};
use crate::model::{Dataset, Table};
use polars::prelude::*;
use std::collections::HashMap;

/// A plan with its tests.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The plan's id.
    pub id: String,
    /// The service id, where the name maps to the catalogue.
    pub service: Option<String>,
    /// The owner.
    pub owner: Option<String>,
    /// Required recovery time in seconds.
    pub rto: Option<i64>,
    /// Required recovery point in seconds.
    pub rpo: Option<i64>,
    /// Longest time between two successful tests.
    pub interval: Option<i64>,
    /// When it was approved.
    pub approved: Option<i64>,
    /// Source and key of its row.
    pub row: (String, String),
    /// Its tests, oldest first, as positions in [`Register::tests`].
    pub tests: Vec<usize>,
}

/// A test or an invocation.
#[derive(Clone, Debug, Default)]
pub struct Test {
    /// Its row in the table.
    pub row: usize,
    /// The position of its plan in [`Register::plans`]; `None` where no plan has that id.
    pub plan: Option<usize>,
    /// recovery, table-top or invocation.
    pub kind: String,
    /// When; of an invocation, when the disruption started.
    pub at: i64,
    /// passed, partial or failed; see [`Test::result_known`].
    pub result: String,
    rto: Option<i64>,
    rpo: Option<i64>,
    invoked: Option<i64>,
    recovered: Option<i64>,
    restored_to: Option<i64>,
}

/// What a test measured, as far as it is known at an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Recovery time: of an invocation recovered − start of the disruption, where the register does not give it.
    pub rto: Option<i64>,
    /// Recovery point: of an invocation start of the disruption − copy restored, where the register does not give it.
    pub rpo: Option<i64>,
    /// Recovered − invoked: what counting from the decision would give.
    pub from_invocation: Option<i64>,
    /// The recovery time would be below nought; it is not used.
    pub rto_backwards: bool,
    /// The recovery point would be below nought; it is not used.
    pub rpo_backwards: bool,
}

impl Test {
    /// Returns what it measured by what is known before `as_of`: of an invocation nothing before its recovery.
    pub fn times(&self, as_of: i64) -> Times {
        let invocation = self.kind == "invocation";
        let recovered = self.recovered.filter(|at| *at < as_of);
        if invocation && recovered.is_none() {
            return Times::default();
        }
        let rto = self.rto.or_else(|| recovered.filter(|_| invocation).map(|at| at - self.at));
        let rpo = self.rpo.or_else(|| self.restored_to.filter(|_| invocation).map(|at| self.at - at));
        let from_invocation = recovered.zip(self.invoked).map(|(recovered, invoked)| recovered - invoked);
        let forwards = |length: &i64| *length >= 0;
        Times {
            rto: rto.filter(forwards),
            rpo: rpo.filter(forwards),
            from_invocation: from_invocation.filter(forwards),
            rto_backwards: rto.is_some_and(|length| length < 0),
            rpo_backwards: rpo.is_some_and(|length| length < 0),
        }
    }

    /// Tells whether its result is known before `as_of`: how an invocation came out is not, as long as it is going on. One
    /// that does not say when it was over is taken at its word.
    pub fn result_known(&self, as_of: i64) -> bool {
        self.at < as_of && (self.kind != "invocation" || self.recovered.is_none_or(|at| at < as_of))
    }

    /// Tells whether it is an invocation that claims a recovery without saying when that was.
    pub fn lacks_recovery(&self) -> bool {
        let claims = self.result == "passed" || self.rto.is_some() || self.rpo.is_some();
        self.kind == "invocation" && self.recovered.is_none() && claims
    }

    /// Tells whether it recovered the service, by its own word: a table-top recovers nothing, and partial is not passed.
    fn passed(&self, as_of: i64) -> bool {
        matches!(self.kind.as_str(), "recovery" | "invocation") && self.result == "passed" && self.result_known(as_of)
    }
}

/// What is known of a plan at an instant.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The last successful test.
    pub last_ok: Option<i64>,
    /// The last test of any kind and result: a position in [`Register::tests`].
    pub last: Option<usize>,
    /// When the next test is due.
    pub due: Option<i64>,
    /// Why then: `interval`, or the major change.
    pub due_because: Option<String>,
    /// Whether a major change has come since the last successful test, or since approval.
    pub changed_since_test: bool,
    /// The latest test that measured a recovery time.
    pub rto: Option<usize>,
    /// The latest test that measured a recovery point.
    pub rpo: Option<usize>,
    /// Whether the last successful test is no older than the interval; `None` without an interval.
    pub in_interval: Option<bool>,
}

/// The word for a date that the interval makes due.
pub const BY_INTERVAL: &str = "interval";

/// All plans and tests of a book.
#[derive(Debug, Default)]
pub struct Register {
    /// One row a plan id, by id.
    pub plans: Vec<Plan>,
    /// Rows whose id another row has: the first by source and key stands.
    pub twice: Vec<Plan>,
    /// All tests, by time.
    pub tests: Vec<Test>,
}

impl Register {
    /// Reads plans and tests.
    ///
    /// # Errors
    /// A polars error where a table lacks a column of the schema.
    pub fn read(dataset: &Dataset, names: &Names) -> PolarsResult<Self> {
        let mut register = Self::default();
        for plan in read_plans(dataset, names)? {
            let stands = register.plans.last().is_none_or(|known: &Plan| known.id != plan.id);
            if stands { register.plans.push(plan) } else { register.twice.push(plan) }
        }
        let Some(frame) = dataset.table(Table::ContinuityTests) else { return Ok(register) };
        let by_id: HashMap<&str, usize> =
            register.plans.iter().enumerate().map(|(at, plan)| (plan.id.as_str(), at)).collect();
        let (plan, kind, result) = (text(frame, "plan")?, text(frame, "kind")?, text(frame, "result")?);
        let (source, key) = (text(frame, "source")?, text(frame, "source_key")?);
        let (rto, rpo) = (frame.column("achieved_rto")?.i64()?, frame.column("achieved_rpo")?.i64()?);
        let (at, invoked) = (seconds(frame, "at")?, seconds(frame, "invoked_at")?);
        let (recovered, restored_to) = (seconds(frame, "recovered_at")?, seconds(frame, "restored_to")?);
        for row in 0..frame.height() {
            let Some(at) = at[row] else { continue };
            register.tests.push(Test {
                row,
                plan: plan.get(row).and_then(|id| by_id.get(id)).copied(),
                kind: kind.get(row).unwrap_or("").to_owned(),
                at,
                result: result.get(row).unwrap_or("").to_owned(),
                rto: rto.get(row),
                rpo: rpo.get(row),
                invoked: invoked[row],
                recovered: recovered[row],
                restored_to: restored_to[row],
            });
        }
        // The order of rows in a file decides nothing.
        register.tests.sort_by_key(|test| (test.at, source.get(test.row), key.get(test.row)));
        for (position, test) in register.tests.iter().enumerate() {
            if let Some(plan) = test.plan {
                register.plans[plan].tests.push(position);
            }
        }
        Ok(register)
    }

    /// Tells whether a test counts as a successful one of its plan: passed, and within what is required of the plan as
    /// far as it was measured.
    pub fn succeeded(&self, test: &Test, as_of: i64) -> bool {
        test.passed(as_of) && self.within_requirement(test, as_of)
    }

    /// Tells whether a test was recorded as passed though it took longer, or lost more, than the plan allows.
    pub fn passed_over_requirement(&self, test: &Test, as_of: i64) -> bool {
        test.passed(as_of) && !self.within_requirement(test, as_of)
    }

    fn within_requirement(&self, test: &Test, as_of: i64) -> bool {
        let Some(plan) = test.plan.map(|at| &self.plans[at]) else { return true };
        // Times whose stamp is missing are no figure, but they do speak against a result.
        let times = if test.lacks_recovery() {
            Times { rto: test.rto, rpo: test.rpo, ..Times::default() }
        } else {
            test.times(as_of)
        };
        let within = |achieved: Option<i64>, required: Option<i64>| achieved.zip(required).is_none_or(|(a, r)| a <= r);
        within(times.rto, plan.rto) && within(times.rpo, plan.rpo)
    }

    /// Returns how a plan stands: what is known before `as_of` of its tests and of the major changes of its service.
    /// `grace_s` is the time within which a test must follow a major change.
    pub fn standing(
        &self,
        plan: &Plan,
        go_live: Option<i64>,
        changes: &[MajorChange],
        grace_s: i64,
        as_of: i64,
    ) -> Standing {
        let known = || plan.tests.iter().copied().filter(|test| self.tests[*test].at < as_of);
        let latest = |of: &dyn Fn(Times) -> bool| known().rfind(|test| of(self.tests[*test].times(as_of)));
        let last_ok =
            known().map(|test| &self.tests[test]).filter(|test| self.succeeded(test, as_of)).map(|t| t.at).next_back();
        let start = last_ok.or(plan.approved).or(go_live);
        let by_interval = start.zip(plan.interval).map(|(start, interval)| start.saturating_add(interval));
        let change = start.zip(plan.service.as_deref()).and_then(|(start, service)| {
            changes.iter().find(|change| change.service == service && start < change.at && change.at < as_of)
        });
        let by_change = change.map(|change| change.at.saturating_add(grace_s));
        let (due, due_because) = match (by_interval, by_change, change) {
            (interval, Some(at), Some(change)) if interval.is_none_or(|interval| at < interval) => {
                (Some(at), Some(format!("major change {}", change.key)))
            }
            (interval, ..) => (interval, interval.map(|_| BY_INTERVAL.to_owned())),
        };
        Standing {
            last_ok,
            last: known().next_back(),
            due,
            due_because,
            changed_since_test: change.is_some(),
            rto: latest(&|times| times.rto.is_some()),
            rpo: latest(&|times| times.rpo.is_some()),
            in_interval: plan
                .interval
                .map(|interval| last_ok.is_some_and(|last_ok| as_of <= last_ok.saturating_add(interval))),
        }
    }
}

impl Plan {
    /// Tells whether it was approved before an instant; a plan without an approval date always stands.
    pub fn exists(&self, as_of: i64) -> bool {
        self.approved.is_none_or(|approved| approved < as_of)
    }
}

/// Reads the rows of plans by id, then by source and key.
fn read_plans(dataset: &Dataset, names: &Names) -> PolarsResult<Vec<Plan>> {
    let Some(frame) = dataset.table(Table::ContinuityPlans) else { return Ok(Vec::new()) };
    let (id, service, owner) = (text(frame, "plan")?, text(frame, "service")?, text(frame, "owner")?);
    let (source, key) = (text(frame, "source")?, text(frame, "source_key")?);
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
            row: (source.get(row).unwrap_or("").to_owned(), key.get(row).unwrap_or("").to_owned()),
            tests: Vec::new(),
        })
        .collect();
    plans.sort_by(|a, b| (&a.id, &a.row).cmp(&(&b.id, &b.row)));
    Ok(plans)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    /// A register of one plan: interval 100 d, RTO 4 h, RPO 1 h, approved on day 0, with some tests.
    fn register(tests: &[(&str, i64, &str, Option<i64>)]) -> Register {
        let plan = Plan {
            id: "dr".into(),
            service: Some("mail".into()),
            rto: Some(4 * 3_600),
            rpo: Some(3_600),
            interval: Some(100 * DAY),
            approved: Some(0),
            tests: (0..tests.len()).collect(),
            ..Plan::default()
        };
        let tests = tests.iter().enumerate().map(|(row, (kind, day, result, rto))| Test {
            row,
            plan: Some(0),
            kind: (*kind).into(),
            at: day * DAY,
            result: (*result).into(),
            rto: *rto,
            ..Test::default()
        });
        Register { plans: vec![plan], twice: Vec::new(), tests: tests.collect() }
    }

    fn change(day: i64, service: &str) -> MajorChange {
        MajorChange { service: service.into(), at: day * DAY, key: format!("CHG{day}") }
    }

    /// The day on which the plan is due by what is known on day 90, and why.
    fn due(register: &Register, changes: &[MajorChange]) -> (Option<i64>, String) {
        let standing = register.standing(&register.plans[0], None, changes, 30 * DAY, 90 * DAY);
        (standing.due.map(|at| at / DAY), standing.due_because.unwrap_or_default())
    }

    #[test]
    fn a_plan_that_was_never_tested_is_due_its_interval_after_approval() {
        assert_eq!(due(&register(&[]), &[]), (Some(100), "interval".into()));
        let mut without_approval = register(&[]);
        without_approval.plans[0].approved = None;
        let standing = without_approval.standing(&without_approval.plans[0], Some(20 * DAY), &[], 0, 90 * DAY);
        assert_eq!(standing.due, Some(120 * DAY), "go-live stands in for approval");
        assert_eq!(due(&without_approval, &[change(50, "mail")]), (None, String::new()), "nothing to count from");
    }

    #[test]
    fn only_a_recovery_or_an_invocation_that_passed_within_what_is_required_moves_the_date() {
        let hours = |hours: i64| Some(hours * 3_600);
        for (test, day) in [
            (("recovery", 40, "passed", None), 140),
            (("recovery", 40, "passed", hours(4)), 140),
            (("invocation", 40, "passed", hours(3)), 140),
            (("invocation", 40, "passed", hours(5)), 100),
            (("recovery", 40, "passed", hours(5)), 100),
            (("recovery", 40, "partial", hours(1)), 100),
            (("recovery", 40, "failed", None), 100),
            (("table-top", 40, "passed", None), 100),
            (("recovery", 90, "passed", None), 100),
        ] {
            assert_eq!(due(&register(&[test]), &[]).0, Some(day), "{test:?}");
        }
        let over = register(&[("recovery", 40, "passed", hours(5))]);
        assert!(over.passed_over_requirement(&over.tests[0], 90 * DAY));
    }

    #[test]
    fn the_first_major_change_after_the_last_successful_test_brings_the_date_forward() {
        let tested = register(&[("recovery", 40, "passed", None)]);
        assert_eq!(due(&tested, &[change(60, "mail"), change(70, "mail")]), (Some(90), "major change CHG60".into()));
        assert_eq!(due(&tested, &[change(40, "mail")]), (Some(140), "interval".into()), "not after the test");
        assert_eq!(due(&tested, &[change(60, "files")]), (Some(140), "interval".into()), "another service");
        assert_eq!(due(&tested, &[change(90, "mail")]), (Some(140), "interval".into()), "not yet known");
        // Day 100 by the interval, day 110 by the change: the earlier of the two.
        assert_eq!(due(&register(&[]), &[change(80, "mail")]), (Some(100), "interval".into()));
        assert_eq!(due(&register(&[]), &[change(69, "mail")]), (Some(99), "major change CHG69".into()));
        let standing = tested.standing(&tested.plans[0], None, &[change(60, "mail")], 30 * DAY, 90 * DAY);
        assert!(standing.changed_since_test);
        let mut without = tested;
        without.plans[0].interval = None;
        assert_eq!(due(&without, &[change(60, "mail")]).0, Some(90), "a change asks for a test without any interval");
        assert_eq!(due(&without, &[]).0, None);
    }

    #[test]
    fn an_invocation_that_is_going_on_has_neither_a_result_nor_times() {
        let recovered_on = |day: Option<i64>| {
            let mut register = register(&[("invocation", 88, "passed", Some(3_600))]);
            register.tests[0].recovered = day.map(|day| day * DAY);
            register.tests[0].restored_to = Some(87 * DAY);
            register
        };
        for (day, known) in [(Some(89), true), (Some(90), false), (Some(93), false)] {
            let register = recovered_on(day);
            let standing = register.standing(&register.plans[0], None, &[], 0, 90 * DAY);
            let times = register.tests[0].times(90 * DAY);
            assert_eq!(
                (times.rto.is_some(), times.rpo.is_some(), standing.rto.is_some()),
                (known, known, known),
                "{day:?}"
            );
            assert_eq!(register.tests[0].result_known(90 * DAY), known, "{day:?}");
        }
        // Known after its end, and then it counts: a copy of a day before is more than the hour that may be lost.
        let register = recovered_on(Some(89));
        assert!(register.passed_over_requirement(&register.tests[0], 90 * DAY));
        // Without the stamp its word counts, its times do not.
        let register = recovered_on(None);
        let test = &register.tests[0];
        assert!(test.lacks_recovery() && register.succeeded(test, 90 * DAY));
        assert_eq!(test.times(90 * DAY), Times::default());
    }

    #[test]
    fn an_invocation_is_measured_from_the_start_of_the_disruption() {
        let invocation = Test {
            kind: "invocation".into(),
            at: 1_000,
            invoked: Some(1_600),
            recovered: Some(4_600),
            restored_to: Some(400),
            ..Test::default()
        };
        let times = invocation.times(10_000);
        assert_eq!((times.rto, times.rpo, times.from_invocation), (Some(3_600), Some(600), Some(3_000)));
        assert_eq!(invocation.times(4_600).rto, None, "not recovered yet");
        let given = Test { rto: Some(1), rpo: Some(2), ..invocation.clone() };
        assert_eq!(
            (given.times(10_000).rto, given.times(10_000).rpo),
            (Some(1), Some(2)),
            "the register's word stands"
        );
        let backwards = Test { recovered: Some(900), restored_to: Some(1_001), ..invocation.clone() };
        let times = backwards.times(10_000);
        assert_eq!((times.rto, times.rpo, times.from_invocation), (None, None, None));
        assert!(times.rto_backwards && times.rpo_backwards);
        let test = Test { kind: "recovery".into(), ..invocation };
        assert_eq!(test.times(10_000).rto, None, "only of an invocation");
    }
}
