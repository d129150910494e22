//! Edges of periods, rows and promises where a figure was once wrong or silent.

use crate::small_book::{Report, SmallBook};

const CONFIG: &str = r#"
[[customer]]
id = "acme"
name = "Acme"

[[customer]]
id = "birch"
name = "Birch"
"#;

const PROMISE: &str = r#"resolution_target = 90.0
resolution = [{ priority = "P1", within = "4h" }, { within = "3d" }]
"#;

/// A book of one service and two customers, in which more is said of the agreement.
fn book(more: &str) -> SmallBook {
    SmallBook::of("Europe/Berlin").config(CONFIG).services(&["Mail"]).agreement(
        "sla-mail",
        "mail",
        &format!("{PROMISE}{more}"),
    )
}

/// The same book with tickets.
fn of_tickets(tickets: &str) -> SmallBook {
    book("").table("tickets", tickets)
}

#[test]
fn a_change_that_was_opened_and_closed_in_other_months_is_among_the_rows_of_its_month() {
    let tickets = "source_key,type,service,status,opened_at,closed_at,actual_end,outcome
C1,change,mail,closed,2026-01-10 09:00,2026-03-05 09:00,2026-02-14 22:00,successful
C2,change,mail,closed,2026-02-10 09:00,2026-02-20 09:00,2026-02-15 22:00,failed
";
    let book = of_tickets(tickets);
    let report = book.report("2026-02");
    assert_eq!(report.figure("change.implemented/service=mail")["value"], 2);
    assert_eq!(report.figure("change.success")["value"], 50);
    assert_eq!(book.rows("change.implemented", "2026-02").len(), 2);
}

#[test]
fn a_change_recorded_after_its_month_counts_in_the_month_of_its_work_once_it_is_known() {
    const APRIL: &str = "2026-04-01T00:00:00+02:00";
    const MAY: &str = "2026-05-01T00:00:00+02:00";
    // An emergency change of 31 March, written down on 1 April and not closed yet; one written down in time.
    let tickets = "source_key,type,service,status,opened_at,actual_start,actual_end,outcome,change_type
C0,change,mail,closed,2026-03-02 09:00,2026-03-03 09:00,2026-03-03 10:00,successful,normal
E1,change,mail,active,2026-04-01 09:00,2026-03-31 18:00,2026-03-31 19:00,failed,emergency
E2,change,mail,active,2026-04-02 09:00,2026-04-02 07:00,2026-04-02 08:00,successful,emergency
";
    let book = of_tickets(tickets);
    let value = |period: &str, as_of: &str, id: &str| book.report_as_of(period, as_of).figure(id)["value"].clone();
    assert_eq!(value("2026-03", APRIL, "change.implemented"), 1);
    assert_eq!(value("2026-03", MAY, "change.implemented"), 2);
    assert_eq!(value("2026-03", MAY, "change.failed"), 1);
    assert_eq!(value("2026-04", MAY, "change.implemented"), 1);
    // It was not opened in March, and no one waited for it then.
    for id in ["tickets.opened/type=change", "tickets.backlog/type=change", "tickets.unbalanced/type=change"] {
        assert_eq!(value("2026-03", MAY, id), value("2026-03", APRIL, id), "{id}");
    }
    let asked = ["-q", "rows", "change.implemented", "--period", "2026-03", "--as-of", MAY, "--format", "json"];
    assert_eq!(book.run(&asked).ends(0).text().lines().count(), 2);
    // April says which ones March, as of its end, did not know.
    let april = book.report_as_of("2026-04", MAY);
    assert_eq!(april.finding("work_recorded_later")["count"], 1);
    let march = book.report_as_of("2026-03", MAY);
    assert!(!march.kinds().contains(&"work_recorded_later"));
}

#[test]
fn a_test_on_the_first_day_of_the_next_month_is_not_known_in_this_one() {
    let plans = "source_key,plan,service,interval,approved\n1,CP,mail,365d,2025-01-01\n";
    let tests = "source_key,plan,kind,at,result\n1,CP,recovery,2026-10-01,passed\n";
    let book = book("").tables(&[("continuity-plans", plans), ("continuity-tests", tests)]);
    let september = book.report("2026-09");
    assert_eq!(september.figure("continuity.untested")["value"], 1);
    assert_eq!(september.figure("continuity.due_in/service=mail/plan=CP")["verdict"], "missed");
    let october = book.report("2026-10");
    assert_eq!(october.figure("continuity.untested")["value"], 0);
}

#[test]
fn a_priority_that_no_goal_names_is_said_with_its_rows() {
    let tickets = "source_key,type,service,priority,opened_at,resolved_at
1,incident,mail,1 - Kritisch,2026-03-02 09:00,2026-03-02 19:00
2,incident,mail,P3,2026-03-02 09:00,2026-03-02 10:00
";
    let book = of_tickets(tickets);
    let report = book.report("2026-03");
    let found = report.finding("priority_without_goal");
    assert_eq!(found["count"], 1);
    assert!(report.said("priority_without_goal").contains("1 - Kritisch"), "{found}");
}

#[test]
fn tickets_of_which_not_one_can_be_read_leave_promises_without_data_and_exit_3() {
    let tickets =
        "source_key,type,service,priority,opened_at\n1,incident,mail,P1,yesterday\n2,incident,mail,P1,today\n";
    let book = of_tickets(tickets);
    let report = Report::of(&book.printed("2026-03", "json").ends(3));
    assert_eq!(report.figure("sla.resolution/service=mail/type=incident")["missing"]["kind"], "no_data");
    assert_eq!(report.json["complete"], false);
}

#[test]
fn the_report_of_one_customer_tells_of_no_other() {
    let tickets = "source_key,type,service,customer,priority,opened_at,resolved_at
1,incident,mail,Acme,P3,2026-03-02 09:00,2026-03-02 19:00
2,incident,mail,Birch,P3,2026-03-02 09:00,2026-03-02 10:00
3,incident,Secret project,Confidential Ltd,P3,2026-03-02 09:00,2026-03-02 10:00
";
    let register = "source_key,service,start,end,kind,cause\n1,mail,2026-03-03 09:00,2026-03-03 10:00,unplanned,Birch dug up the fibre\n";
    let book = of_tickets(tickets).table("outages", register);
    for format in ["md", "html", "plain", "csv", "json"] {
        let run = book.run(&["-q", "report", "--period", "2026-03", "--customer", "acme", "--format", format]);
        let text = String::from_utf8(run.out).unwrap();
        assert!(text.contains("Acme") || text.contains("acme"), "{format}");
        for other in ["Birch", "birch", "Confidential", "Secret project"] {
            assert!(!text.contains(other), "{format} names {other}");
        }
    }
}

#[test]
fn a_running_month_is_provisional_and_a_pull_before_its_end_is_said() {
    let tickets = "source_key,type,service,priority,opened_at\n1,incident,mail,P3,2026-03-02 09:00\n";
    let book = of_tickets(tickets);
    let running = book.report_as_of("2026-03", "2026-03-10T00:00:00+01:00");
    assert_eq!(running.figure("tickets.opened/type=incident")["provisional"], true);
    let closed = book.report("2026-03");
    assert_eq!(closed.figure("tickets.opened/type=incident")["provisional"], false);
    let later = book.report_as_of("2100-01", "2100-01-20T00:00:00+01:00");
    assert!(later.said("pulled_before_end").contains("tickets"));
}

#[test]
fn an_agreement_that_ends_within_the_period_is_said() {
    let tickets = "source_key,type,service,priority,opened_at\n1,incident,mail,P3,2026-03-02 09:00\n";
    let book = book("valid_to = 2026-03-15").table("tickets", tickets);
    let report = book.report("2026-03");
    assert!(report.said("agreement_changes").contains("2026-03-15"));
    report.finding("no_agreement_in_force");
}

#[test]
fn a_target_is_held_against_the_hours_in_which_it_was_promised() {
    let office = r#"[[calendar]]
id = "office"
zone = "Europe/Berlin"
hours = { mon = ["08:00-18:00"], tue = ["08:00-18:00"] }"#;
    let register = "source_key,service,start,end,kind\n1,mail,2026-03-02 09:00,2026-03-02 10:00,unplanned\n";
    let book = book("calendar = \"office\"\navailability = 99.9").config(office).outages(register);
    let report = book.report("2026-03");
    assert!(report.figure("availability.percent/service=mail")["target"].is_null());
    assert_eq!(report.figure("availability.percent/service=mail/agreement=sla-mail")["verdict"], "missed");
}

#[test]
fn a_month_in_which_no_ticket_was_opened_is_not_a_silent_nought() {
    let tickets = "source_key,type,service,priority,opened_at,resolved_at\n1,incident,mail,P3,2026-03-02 09:00,2026-03-02 10:00\n";
    let book = of_tickets(tickets);
    let april = book.report("2026-04");
    let text = april.said("none_opened");
    assert!(text.contains("2026-04") && text.contains("2026-03-02"), "{text}");
}

#[test]
fn a_breach_falls_into_the_month_in_which_the_goal_ran_out_without_the_time_between_resolution_and_reopening() {
    let tickets = "source_key,type,service,priority,status,opened_at,resolved_at
1,incident,mail,P3,resolved,2026-01-28 00:00,2026-02-10 00:00
";
    let events = "ticket,at,seq,field,from,to
1,2026-01-28 00:00,1,status,,new
1,2026-01-29 00:00,2,status,new,resolved
1,2026-02-05 00:00,3,status,resolved,active
1,2026-02-10 00:00,4,status,active,resolved
";
    let book = of_tickets(tickets).table("ticket-events", events).config("[figures]\nattribution = \"breach\"");
    // One day until the first resolution and two of the three days left from 5 February on: it ran out on the 7th.
    let february = book.report("2026-02");
    assert_eq!(february.parts("sla.resolution/service=mail/type=incident"), (0, 1));
}
