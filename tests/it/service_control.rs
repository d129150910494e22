//! Changes, releases, satisfaction, costs and continuity on one small book, its figures worked out in comments.

use crate::small_book::{Report, SmallBook, rows_behind};

/// Changes of March, worked on for an hour from 20:00 each; what makes one unsuccessful stands in its title.
const TICKETS: &str =
    "source_key,type,service,title,opened_at,resolved_at,planned_start,planned_end,actual_start,actual_end,approved_at,change_type,risk,outcome,backed_out
C1,change,mail,as planned,2026-03-01 09:00,,2026-03-02 20:00,2026-03-02 21:00,2026-03-02 20:00,2026-03-02 21:00,2026-03-01 12:00,normal,low,successful,false
C2,change,mail,one second late,2026-03-01 09:00,,2026-03-03 20:00,2026-03-03 21:00,2026-03-03 20:00,2026-03-03 21:00:01,2026-03-01 12:00,normal,low,successful,false
C3,change,mail,began early and before its approval,2026-03-01 09:00,,2026-03-04 20:00,2026-03-04 21:00,2026-03-04 19:59,2026-03-04 21:00,2026-03-04 20:00,normal,low,successful,false
C4,change,mail,backed out,2026-03-01 09:00,,,,,2026-03-05 21:00,2026-03-01 12:00,normal,HIGH,successful,true
C5,change,mail,caused incidents,2026-03-01 09:00,,,,2026-03-10 20:00,2026-03-10 21:00,2026-03-01 12:00,normal,Major,successful,false
C6,change,mail,failed,2026-03-01 09:00,,,,,2026-03-11 21:00,,emergency,low,failed,false
C7,change,mail,no outcome,2026-03-01 09:00,,,,,2026-03-12 21:00,,standard,low,,false
C8,change,mail,cancelled on the way,2026-03-01 09:00,,,,,2026-03-13 21:00,2026-03-01 12:00,normal,low,cancelled,false
C9,change,erp,of the last evening,2026-03-01 09:00,,,,2026-03-31 20:00,2026-03-31 21:00,2026-03-01 12:00,normal,low,partial,false
R1,release,erp,a release,2026-03-01 09:00,,,,2026-03-20 20:00,2026-03-20 21:00,2026-03-01 12:00,normal,low,successful,false
R2,release,erp,a release with an incident,2026-03-01 09:00,,,,2026-03-21 20:00,2026-03-21 21:00,2026-03-01 12:00,normal,low,successful,false
I1,incident,mail,while C5 was worked on,2026-03-10 20:30,2026-03-10 22:00,,,,,,,,,
I2,incident,mail,on the last second of the window of C5,2026-03-17 20:59:59,2026-03-18 09:00,,,,,,,,,
I3,incident,mail,seven days after C5: too late,2026-03-17 21:00,2026-03-18 09:00,,,,,,,,,
I4,incident,mail,before C1 was worked on,2026-03-02 19:59,2026-03-02 22:00,,,,,,,,,
I5,incident,erp,of R2,2026-03-22 09:00,2026-03-22 10:00,,,,,,,,,
I6,incident,erp,of C9 but in April,2026-04-02 09:00,2026-04-02 10:00,,,,,,,,,
P1,problem,mail,a problem is no incident,2026-03-10 22:00,,,,,,,,,,
";

const LINKS: &str = "source_key,from,to,kind
1,I1,C5,caused_by
2,I2,C5,caused_by
3,I3,C5,caused_by
4,I4,C1,caused_by
5,I5,R2,caused_by
6,I6,C9,caused_by
7,P1,C2,caused_by
8,I1,C5,caused_by
9,I9,C1,caused_by
10,I1,web-01,affects_ci
";

const SURVEYS: &str = "source_key,service,scale,sent_at,answered_at,score
1,mail,10,2026-03-01,2026-03-02,10
2,mail,10,2026-03-01,2026-03-02,9
3,mail,10,2026-03-01,2026-03-02,9
4,mail,10,2026-03-01,2026-03-02,8
5,mail,10,2026-03-01,2026-03-02,7
6,mail,10,2026-03-01,2026-03-02,6
7,mail,10,2026-03-01,2026-03-02,0
8,mail,5,2026-03-01,2026-03-02,5
9,mail,5,2026-03-01,2026-03-02,3
10,mail,5,2026-03-01,2026-03-02,6
11,mail,0,2026-03-01,2026-03-02,0
12,mail,10,2026-03-01,2026-03-02,
13,mail,10,2026-03-01,,
14,erp,5,2026-03-01,2026-03-02,4
";

const PLANS: &str = "source_key,plan,service,owner,rto,rpo,interval,approved
1,mail-dr,mail,Head of platform,4h,1h,365d,2025-01-01
2,erp-dr,erp,Head of applications,8h,,100d,2026-01-01
3,erp-dr,erp,Head of applications,8h,,9d,2025-01-01
4,fax-dr,Fax,Head of fax,,,,2025-01-01
";

const TESTS: &str = "source_key,plan,kind,at,result,achieved_rto,achieved_rpo,invoked_at,recovered_at,restored_to
1,mail-dr,recovery,2026-01-10 09:00,passed,3h,30m,,,
2,mail-dr,invocation,2026-03-20 09:00,passed,,,2026-03-20 09:30,2026-03-20 14:00,2026-03-20 08:40
3,erp-dr,invocation,2026-03-25 09:00,failed,,,,2026-03-25 08:00,2026-03-25 07:00
4,erp-dr,table-top,2026-03-26 09:00,passed,1h,,,,
5,gone-dr,recovery,2026-03-27 09:00,passed,1h,,,,
6,erp-dr,recovery,2026-04-01 00:00,passed,1h,,,,
";

/// A book of two services with rows of these tables.
fn of(tables: &[(&str, &str)]) -> SmallBook {
    SmallBook::of("UTC").services(&["Mail", "ERP"]).tables(tables)
}

fn book() -> SmallBook {
    of(&[
        ("tickets", TICKETS),
        ("links", LINKS),
        ("surveys", SURVEYS),
        ("costs", COSTS),
        ("continuity-plans", PLANS),
        ("continuity-tests", TESTS),
    ])
}

/// Costs of March: two in euro of mail, one in yen, one in dinar, one of a quarter, one without a currency, and some in
/// which an amount is not known.
pub const COSTS: &str = "source_key,service,from,to,cost_type,currency,budget,actual,committed,forecast
1,mail,2026-03-01,2026-04-01,staff,EUR,1000000,1234550,50000,1300000
2,mail,2026-03-01,2026-04-01,licences,eur,200000,150000,,
3,mail,2026-03-01,2026-04-01,licences,EUR,,4999,,
4,mail,2026-03-01,2026-04-01,licences,EUR,7000,,,
5,mail,2026-03-01,2026-04-01,supplier,JPY,500000,600000,,
6,erp,2026-03-01,2026-04-01,supplier,KWD,0,1234,,
7,erp,2026-01-01,2026-04-01,hardware,EUR,300000,280000,,
8,erp,2026-03-01,2026-04-01,hardware,Euro,1,1,,
9,erp,2026-03-20,2026-03-10,hardware,EUR,1,1,,
10,erp,2026-02-01,2026-03-01,hardware,EUR,500,600,,
";

fn findings(report: &Report) -> Vec<(String, u64)> {
    let found = report.findings().iter();
    found.map(|f| (f["id"].as_str().unwrap().to_owned(), f["count"].as_u64().unwrap())).collect()
}

#[test]
fn a_change_is_successful_when_it_kept_its_window_and_no_incident_came_of_it() {
    let book = book();
    let report = book.report("2026-03");
    assert_eq!(report.figure("change.implemented/service=mail")["value"], 8);
    // Judged: C1 to C6; only C1 succeeded. I4 was opened a minute before C1 was begun.
    assert_eq!(report.parts("change.success/service=mail"), (1, 6));
    assert_eq!(report.left_out("change.success/service=mail"), [("cancelled", 1), ("no outcome", 1)]);
    assert_eq!(report.parts("change.success"), (1, 7));
    assert_eq!(report.figure("change.success")["basis"]["parameters"]["effect_days"], "7");
    // C3 began a minute before its approval, C6 has none; C7 is a standard change.
    assert_eq!(report.parts("change.unauthorised/service=mail"), (2, 8));
    assert_eq!(report.figure("change.failed")["value"], 2, "C6, and C9 in part");
    assert_eq!(report.figure("change.backed_out")["value"], 1, "C4");
    // I1 while C5 was worked on, though linked twice, and I2; I3 came a second too late.
    let caused = report.figure("change.caused_incidents");
    assert_eq!((&caused["value"], &caused["rows"]["used"]), (&2.into(), &1.into()));
    assert_eq!(report.figure("release.implemented/service=erp")["value"], 2);
    assert_eq!(report.parts("release.success"), (1, 2));
    assert_eq!(report.figure("release.success")["basis"]["clauses"], serde_json::json!(["8.5.3"]));
    assert!(findings(&report).contains(&("links.link_without_ticket".into(), 1)), "{:?}", findings(&report));
}

#[test]
fn the_effect_of_a_change_is_provisional_until_its_window_has_passed() {
    let book = book();
    let at_the_end = book.report("2026-03");
    assert_eq!(at_the_end.figure("change.success/service=erp")["provisional"], true);
    assert_eq!(at_the_end.figure("change.implemented")["provisional"], false);
    // I6 was opened on 2 April, within seven days of C9.
    assert_eq!(at_the_end.figure("change.caused_incidents/service=erp")["value"], 0);
    let a_week_on = book.report_as_of("2026-03", "2026-04-08T00:00:00Z");
    assert_eq!(a_week_on.figure("change.success/service=erp")["provisional"], false);
    assert_eq!(a_week_on.figure("change.caused_incidents/service=erp")["value"], 1);
}

#[test]
fn what_no_tool_tells_of_changes_is_no_data_and_not_nought() {
    let tickets = "source_key,type,service,opened_at,actual_end\nC1,change,mail,2026-03-01,2026-03-02\n";
    let book = SmallBook::of("UTC").services(&["Mail", "ERP"]).table("tickets", tickets);
    let report = book.report("2026-03");
    for id in ["change.unauthorised", "change.failed", "change.backed_out", "change.caused_incidents"] {
        assert_eq!(report.figure(id)["missing"]["kind"], "no_data", "{id}");
    }
    let unauthorised = report.figure("change.unauthorised");
    assert!(unauthorised["numerator"].is_null() && unauthorised["denominator"].is_null(), "{unauthorised}");
    assert_eq!(report.figure("change.implemented")["value"], 1);
    assert_eq!(report.missing("change.success"), "not_applicable");
}

#[test]
fn answers_come_with_their_interval_and_a_score_outside_its_scale_is_left_out() {
    let book = book();
    let report = book.report("2026-03");
    // Satisfied from 80 %: 10 9 9 8 of ten, 5 of five; not: 7 6 0 of ten, 3 of five. 6 of 5, 0 of 0 and no score are out.
    let satisfied = report.figure("satisfaction.csat/service=mail");
    assert_eq!(report.parts("satisfaction.csat/service=mail"), (5, 9));
    assert_eq!(satisfied["display"], "5 of 9");
    assert_eq!(report.left_out("satisfaction.csat/service=mail"), [("score outside its scale", 2), ("no score", 1)]);
    assert_eq!(satisfied["interval"]["method"], "Wilson");
    assert_eq!(satisfied["interval"]["level"], 0.95);
    assert_eq!(report.figure("satisfaction.csat")["display"], "60.00 %", "ten answers are enough for a share");
    assert_eq!(report.figure("satisfaction.answers/service=mail")["value"], 9);
    // On the scale of ten: 10 9 9 promote, 6 and 0 detract, 8 and 7 do neither: 100 × (3 − 2) ÷ 7.
    let net = report.figure("satisfaction.nps/service=mail");
    assert!((net["value"].as_f64().unwrap() - 100.0 / 7.0).abs() < 1e-9);
    assert_eq!((&net["unit"], &net["display"]), (&"points".into(), &"+1 of 7".into()));
    assert_eq!(report.missing("satisfaction.nps/service=erp"), "not_applicable");
    assert_eq!(report.parts("satisfaction.responses/service=mail"), (12, 13));
    assert!(findings(&report).contains(&("surveys.score_outside_scale".into(), 2)));
}

#[test]
fn a_plan_is_due_after_a_major_change_and_a_test_over_its_requirement_does_not_count() {
    let book = book();
    let report = book.report("2026-03");
    // Tested on 10 January; the invocation of 20 March took 5 h where 4 h are allowed. C4, of risk HIGH, ended on 5 March
    // 21:00: due 30 days later, on 4 April 21:00, 3 d and 21 h after the end of March.
    let due = report.figure("continuity.due_in/service=mail/plan=mail-dr");
    assert_eq!(due["value"], 3.875);
    assert_eq!(due["basis"]["parameters"]["due_because"], "major change C4");
    assert_eq!(due["verdict"], "at_risk");
    let recovery = report.figure("continuity.rto_achieved/service=mail/plan=mail-dr");
    assert_eq!((&recovery["value"], &recovery["verdict"]), (&18_000.into(), &"missed".into()));
    let other = &recovery["alternatives"][0];
    assert_eq!((other["formula"].as_str(), other["value"].as_f64()), (Some("from invocation"), Some(16_200.0)));
    assert_eq!(report.figure("continuity.rpo_achieved/service=mail/plan=mail-dr")["value"], 1_200);
    // The first row of erp-dr by source and key counts: 100 d from 1 January is 11 April; never tested, so not in time.
    let due = report.figure("continuity.due_in/service=erp/plan=erp-dr");
    assert_eq!((&due["value"], &due["basis"]["parameters"]["due_because"]), (&10.into(), &"interval".into()));
    // It recovered before it was disrupted: the table-top's hour, given by the register, is the latest that was measured.
    let recovery = report.figure("continuity.rto_achieved/service=erp/plan=erp-dr");
    assert_eq!(recovery["value"], 3_600);
    assert_eq!(report.left_out("continuity.rto_achieved/service=erp/plan=erp-dr"), [("time below nought", 1)]);
    assert_eq!(report.parts("continuity.tested"), (1, 2));
    assert_eq!(report.left_out("continuity.tested"), [("no test interval", 1)]);
    assert_eq!(report.figure("continuity.invoked")["value"], 2);
    assert_eq!(report.figure("continuity.invoked/service=mail")["value"], 1);
    assert_eq!(report.figure("continuity.plans")["value"], 3);
    let found = findings(&report);
    for id in [
        "continuity_tests.test_passed_over_requirement",
        "continuity_tests.test_of_unknown_plan",
        "continuity_tests.recovery_time_negative",
        "continuity_plans.plan_twice",
        "continuity_plans.unknown_service",
    ] {
        assert!(found.contains(&(id.to_owned(), 1)), "{id} is not among {found:?}");
    }
}

#[test]
fn sums_of_money_do_not_stop_at_the_greatest_amount() {
    let most = i64::MAX;
    let costs = format!(
        "source_key,service,from,to,cost_type,currency,budget,actual\n\
         1,mail,2026-03-01,2026-04-01,staff,EUR,{most},{most}\n\
         2,mail,2026-03-01,2026-04-01,staff,EUR,{most},{most}\n\
         3,mail,2026-03-01,2026-04-01,staff,EUR,-{most},-{most}\n"
    );
    let book = of(&[("costs", &costs), ("tickets", TICKETS)]);
    let month = book.report("2026-03");
    // One remains of each; sums that stop at the greatest amount would come to nought.
    for id in ["cost.budget/currency=EUR", "cost.actual/currency=EUR"] {
        assert_eq!(month.figure(id)["value"].as_f64(), Some(most as f64), "{id}");
    }
    assert_eq!(month.figure("cost.variance/currency=EUR")["value"], 0);
    let two = format!("{}\n", costs.lines().take(3).collect::<Vec<_>>().join("\n"));
    let book = of(&[("costs", &two), ("tickets", TICKETS)]);
    let month = book.report("2026-03");
    assert_eq!(month.figure("cost.actual/currency=EUR")["value"].as_f64(), Some(2.0 * most as f64));
    let share = month.figure("cost.variance_percent/currency=EUR");
    assert_eq!(share["value"], 0);
    assert!(share["numerator"].is_null() && share["denominator"].is_null(), "{share}");
}

#[test]
fn an_invocation_that_is_going_on_at_as_of_has_no_result_yet() {
    let plans = "source_key,plan,service,owner,rto,interval,approved\n1,mail-dr,mail,Head,4h,100d,2026-01-01\n2,erp-dr,erp,Head,4h,100d,2026-01-01\n";
    let tests = "source_key,plan,kind,at,result,achieved_rto,invoked_at,recovered_at
1,mail-dr,invocation,2026-03-30 10:00,passed,3h,2026-03-30 10:30,2026-04-02 10:00
2,erp-dr,invocation,2026-03-30 10:00,passed,3h,2026-03-30 10:30,
";
    let book = of(&[("continuity-plans", plans), ("continuity-tests", tests)]);
    let march = book.report("2026-03");
    assert_eq!(march.parts("continuity.tested/service=mail"), (0, 1));
    // 100 days from approval end on 11 April.
    assert_eq!(march.figure("continuity.due_in/service=mail/plan=mail-dr")["value"], 10);
    let recovery = |report: &Report, plan: &str| {
        let service = plan.split('-').next().unwrap();
        report.figure(&format!("continuity.rto_achieved/service={service}/plan={plan}")).clone()
    };
    assert_eq!(recovery(&march, "mail-dr")["missing"]["kind"], "no_data");
    let table =
        march.json["tables"].as_array().unwrap().iter().find(|table| table["id"] == "continuity_tests").unwrap();
    let column = table["columns"].as_array().unwrap().iter().position(|name| name == "result_as_of").unwrap();
    let results: Vec<&serde_json::Value> = table["rows"].as_array().unwrap().iter().map(|row| &row[column]).collect();
    assert!(results.contains(&&serde_json::Value::Null) && results.contains(&&"passed".into()), "{results:?}");
    // Of the other nobody knows when it was over: its word counts, its times do not.
    assert_eq!(march.parts("continuity.tested/service=erp"), (1, 1));
    assert_eq!(recovery(&march, "erp-dr")["missing"]["kind"], "no_data");
    assert_eq!(march.finding("invocation_without_recovery")["count"], 1);
    let april = book.report("2026-04");
    assert_eq!(april.parts("continuity.tested/service=mail"), (1, 1));
    assert_eq!(recovery(&april, "mail-dr")["value"], 10_800);
}

#[test]
fn a_report_for_a_customer_and_a_service_has_no_figure_of_other_customers() {
    let customers = "[[customer]]\nid = \"north\"\nname = \"North\"\n[[customer]]\nid = \"south\"\nname = \"South\"";
    let tickets = "source_key,type,service,customer,opened_at
I1,incident,mail,North,2026-03-02
I2,incident,mail,South,2026-03-02
I3,incident,erp,South,2026-03-02
";
    let book = of(&[("tickets", tickets)]).config(customers);
    let both = Report::of(
        &book
            .run(&[
                "-q",
                "report",
                "--period",
                "2026-03",
                "--format",
                "json",
                "--customer",
                "north",
                "--service",
                "mail",
            ])
            .ends(0),
    );
    let figures = both.figures();
    assert!(!figures.is_empty() && figures.iter().all(|figure| figure["scope"]["customer"] == "north"));
    assert_eq!(both.figure("tickets.opened/customer=north/type=incident")["value"], 1);
    assert_eq!(both.json["findings"], serde_json::json!([]));
    let of_service = Report::of(
        &book.run(&["-q", "report", "--period", "2026-03", "--format", "json", "--service", "mail"]).ends(0),
    );
    assert_eq!(of_service.figure("tickets.opened/service=mail/type=incident")["value"], 2);
    let figures = of_service.figures();
    assert!(figures.iter().all(|figure| figure["scope"]["service"] == "mail"));
}

#[test]
fn figures_of_a_source_that_was_pulled_before_the_end_are_provisional() {
    // There are no tickets whose pull could tell; what is pulled today knows nothing of January 2100.
    let costs = COSTS.replace("2026-02-01,2026-03-01", "2100-01-01,2100-02-01");
    let book = of(&[("surveys", SURVEYS), ("costs", &costs)]);
    let far = book.report_as_of("2100-01", "2100-02-10T00:00:00Z");
    let march = book.report("2026-03");
    for id in ["satisfaction.csat", "satisfaction.answers/service=mail", "cost.actual/currency=EUR"] {
        assert_eq!(
            (&far.figure(id)["provisional"], &march.figure(id)["provisional"]),
            (&true.into(), &false.into()),
            "{id}"
        );
    }
}

#[test]
fn the_rows_behind_every_figure_and_finding_are_as_many_as_it_says() {
    let (_, filters) = rows_behind(&book().session(None), "2026-03");
    assert!(filters > 100, "only {filters} filters were asked");
}
