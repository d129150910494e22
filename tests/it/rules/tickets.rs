//! Rules on tickets: what is counted, what is known of it, and what balances.

use crate::small_book::{Report, SmallBook};

/// A book of tickets with history and links, in UTC.
struct Rows<'a> {
    /// Keys of `[figures]`.
    settings: &'a str,
    tickets: &'a str,
    history: &'a str,
    links: &'a str,
}

impl Rows<'_> {
    fn none() -> Self {
        Self {
            settings: "",
            tickets: "source_key,type,service,opened_at\n",
            history: "ticket,at,seq,field,from,to\n",
            links: "from,kind,to\n",
        }
    }

    fn book(&self) -> SmallBook {
        let promise = "resolution_target = 90.0\nresolution = [{ within = \"1d\" }]";
        let book = SmallBook::of("UTC")
            .config(&format!("[figures]\n{}", self.settings))
            .services(&["Mail"])
            .agreement("sla-mail", "mail", promise);
        // A table without rows is not there: the tool tells nothing of it.
        let told = [("tickets", self.tickets), ("ticket-events", self.history), ("links", self.links)];
        told.iter().filter(|(_, rows)| rows.lines().count() > 1).fold(book, |book, (name, rows)| book.table(name, rows))
    }

    #[track_caller]
    fn march(&self) -> Report {
        self.book().report("2026-03")
    }
}

#[test]
fn r1_what_the_tool_does_not_tell_is_no_data_and_nothing_to_divide_by_is_not_applicable() {
    // No history, no links, no flags: neither 0 % reopened nor no recurrence is known.
    let rows = Rows {
        tickets: "source_key,type,service,status,opened_at,resolved_at
1,incident,mail,resolved,2026-03-02 09:00,2026-03-02 10:00
2,problem,mail,resolved,2026-03-02 09:00,2026-03-03 10:00
",
        ..Rows::none()
    };
    let report = rows.march();
    for id in [
        "tickets.reopened_within/type=incident",
        "problem.recurrence/type=incident",
        "problem.linked_incidents/type=incident",
        "problem.root_cause_known/type=problem",
        "problem.without_workaround/type=problem",
    ] {
        assert_eq!(report.missing(id), "no_data", "{id}");
    }
    assert_eq!(report.missing("tickets.first_fix/type=incident"), "not_configured");
    assert_eq!(report.missing("respond.elapsed.median/type=incident"), "not_applicable");
    assert_eq!(report.missing("tickets.age.median/type=incident"), "not_applicable");
    // Nothing was missed: no sigma level is finite, and none is 0.
    assert_eq!(report.missing("sla.resolution_sigma/type=incident"), "undefined");
    assert!(report.value("sla.resolution_dpmo/type=incident").abs() < f64::EPSILON);
}

#[test]
fn r11_the_backlog_balances_and_a_ticket_of_which_it_does_not_is_listed() {
    let rows = Rows {
        // 1 left, came back and left; 2 stays; 3 comes new and stays; 4 was withdrawn at a time that nothing tells.
        tickets: "source_key,type,service,status,opened_at,resolved_at
1,incident,mail,resolved,2026-02-20 09:00,2026-03-20 09:00
2,incident,mail,active,2026-02-25 09:00,
3,incident,mail,active,2026-03-05 09:00,
4,incident,mail,cancelled,2026-03-06 09:00,
",
        history: "ticket,at,seq,field,from,to
1,2026-02-20 09:00,1,status,,new
1,2026-03-04 09:00,2,status,new,resolved
1,2026-03-06 09:00,3,status,resolved,active
1,2026-03-20 09:00,4,status,active,resolved
",
        ..Rows::none()
    };
    let book = rows.book();
    let report = book.report("2026-03");
    let of = |measure: &str| report.figure(&format!("{measure}/service=mail/type=incident"))["value"].clone();
    let parts = ["backlog_start", "opened", "returned", "left", "backlog", "unbalanced"];
    assert_eq!(parts.map(|part| of(&format!("tickets.{part}"))), [2, 2, 1, 2, 2, 1]);
    // Two leavings of one ticket are one row.
    let left = report.figure("tickets.left/service=mail/type=incident");
    assert_eq!((&left["n"], &left["rows"]["used"], &left["unit"]), (&1.into(), &1.into(), &"events".into()));
    let found = report.finding("backlog_unbalanced");
    assert_eq!((&found["count"], &found["filter"]), (&1.into(), &"unbalanced".into()));
    // The identity stands on the page, and the offenders beside it.
    let page = book.printed("2026-03", "md");
    assert!(page.text().contains("Open at the start") && page.text().contains("Not balanced"), "{}", page.text());
}

const TWICE: Rows<'static> = Rows {
    settings: "",
    tickets: "source_key,type,service,status,opened_at,resolved_at,actual_end,outcome
1,incident,mail,resolved,2026-03-02 09:00,2026-03-02 10:00,,
2,incident,mail,resolved,2026-03-02 09:05,2026-03-05 09:00,,
3,incident,mail,active,2026-03-02 09:10,,,
C1,change,mail,closed,2026-03-02 09:00,2026-03-04 10:00,2026-03-04 10:00,successful
C2,change,mail,closed,2026-03-02 09:00,2026-03-04 10:00,2026-03-04 10:00,failed
",
    history: "ticket,at,seq,field,from,to\n",
    links: "from,kind,to
2,duplicate,1
3,parent,1
C2,duplicate,C1
3,duplicate,GONE
",
};

#[test]
fn r19_duplicates_and_children_are_counted_and_the_count_is_said() {
    let report = TWICE.march();
    assert_eq!(report.figure("tickets.opened/type=incident")["value"], 3);
    assert_eq!(report.figure("change.implemented")["value"], 2);
    let found = report.finding("duplicate_tickets");
    assert_eq!((&found["count"], &found["filter"]), (&3.into(), &"duplicate".into()));
    assert!(report.said("duplicate_tickets").contains("they count"), "{found}");
}

#[test]
fn r19_dropped_duplicates_and_children_leave_every_ticket_figure_and_stay_among_the_rows() {
    let rows = Rows { settings: "duplicates = \"drop\"", ..TWICE };
    let book = rows.book();
    let report = book.report("2026-03");
    for (id, count) in [
        ("tickets.opened/type=incident", 1),
        ("tickets.resolved/type=incident", 1),
        ("tickets.backlog/type=incident", 0),
        ("tickets.left/type=incident", 1),
        ("tickets.unbalanced/type=incident", 0),
        ("change.implemented", 1),
        ("change.success", 100),
        ("sla.resolution/type=incident", 100),
    ] {
        assert_eq!(report.figure(id)["value"], count, "{id}");
    }
    assert!(report.said("duplicate_tickets").contains("in no figure"), "{}", report.said("duplicate_tickets"));
    assert_eq!(report.parameter("tickets.opened/type=incident", "duplicates"), "drop");
    assert_eq!(book.rows("tickets.opened/type=incident", "2026-03").len(), 1);
    assert_eq!(book.rows("change.implemented", "2026-03").len(), 1);
}

#[test]
fn r23_shares_of_few_tickets_show_their_counts() {
    let ticket =
        |key: u32, hours: u32| format!("{key},incident,mail,resolved,2026-03-02 00:00,2026-03-0{hours} 00:00\n");
    let header = "source_key,type,service,status,opened_at,resolved_at\n";
    let few = format!("{header}{}{}", ticket(1, 3), ticket(2, 5));
    let report = Rows { tickets: &few, ..Rows::none() }.march();
    let shown = |report: &Report, id: &str| report.figure(id)["display"].clone();
    assert_eq!(shown(&report, "sla.resolution/type=incident"), "1 of 2");
    assert_eq!(shown(&report, "sla.resolution_dpmo/type=incident"), "1 of 2");
    assert_eq!(shown(&report, "sla.resolution_sigma/type=incident"), "1 of 2");
    // From the limit on it is a share.
    let enough = format!("{few}{}{}{}", ticket(3, 3), ticket(4, 3), ticket(5, 3));
    let report = Rows { tickets: &enough, ..Rows::none() }.march();
    assert_eq!(shown(&report, "sla.resolution/type=incident"), "80.00 %");
    assert_eq!(shown(&report, "sla.resolution_dpmo/type=incident"), "200,000 ppm");
    // Φ⁻¹(0.8) = 0.8416, and the shift of 1.5.
    assert_eq!(shown(&report, "sla.resolution_sigma/type=incident"), "2.34");
    let rows = Rows { settings: "small_n = 6", tickets: &enough, ..Rows::none() };
    assert_eq!(shown(&rows.march(), "sla.resolution/type=incident"), "4 of 5");
}

const FIXED: Rows<'static> = Rows {
    settings: "first_fix_groups = [\"service desk\"]",
    tickets: "source_key,type,service,status,group,is_major,opened_at,resolved_at,reassignment_count,reopen_count
1,incident,mail,resolved,Service Desk,false,2026-03-02 09:00,2026-03-02 10:00,,
2,incident,mail,resolved,Network,false,2026-03-02 09:00,2026-03-02 10:00,,
3,incident,mail,resolved,Service Desk,false,2026-03-02 09:00,2026-03-12 10:00,,
4,incident,mail,resolved,Network,false,2026-03-02 09:00,2026-03-02 10:00,,
5,incident,mail,resolved,Service Desk,true,2026-03-02 09:00,2026-03-02 10:00,,
6,incident,mail,resolved,Service Desk,false,2026-03-02 09:00,2026-03-02 10:00,0,0
7,incident,mail,resolved,Service Desk,false,2026-03-02 09:00,2026-03-02 10:00,2,0
8,incident,mail,resolved,Service Desk,false,2026-03-02 09:00,2026-03-20 10:00,,
9,incident,mail,resolved,Service Desk,false,2026-03-02 09:00,2026-03-20 10:00,0,
",
    // 1 at the desk at once, 2 handed on, 3 came back on the tenth day, 4 began elsewhere, 8 came back the next day.
    history: "ticket,at,seq,field,from,to
1,2026-03-02 09:00,1,group,,Service Desk
1,2026-03-02 10:00,2,status,new,resolved
2,2026-03-02 09:00,1,group,,Service Desk
2,2026-03-02 09:30,2,group,Service Desk,Network
2,2026-03-02 10:00,3,status,new,resolved
3,2026-03-02 09:00,1,group,,Service Desk
3,2026-03-02 10:00,2,status,new,resolved
3,2026-03-12 09:00,3,status,resolved,active
3,2026-03-12 10:00,4,status,active,resolved
4,2026-03-02 09:00,1,group,,Network
4,2026-03-02 10:00,2,status,new,resolved
8,2026-03-02 09:00,1,group,,Service Desk
8,2026-03-02 10:00,2,status,new,resolved
8,2026-03-03 09:00,3,status,resolved,active
8,2026-03-20 10:00,4,status,active,resolved
",
    links: "from,kind,to\n",
};

#[test]
fn a_first_time_fix_stays_in_its_group_and_is_not_reopened_within_the_days() {
    let book = FIXED.book();
    let report = book.report("2026-03");
    let fixed = "tickets.first_fix/type=incident";
    // Eligible: 1, 2, 3, 6, 8. Fixed: 1, 3 (it came back too late to count), 6 (by its counters).
    assert_eq!(report.parts(fixed), (3, 5));
    assert_eq!(report.left_out(fixed), [("no group history", 1), ("no history or counter of reopenings", 1)]);
    assert_eq!(report.parameter(fixed, "first_fix_groups"), "service desk");
    let page = book.printed("2026-03", "md");
    assert!(page.text().contains("First-time fix"));
}

#[test]
fn a_group_that_no_ticket_names_is_said() {
    let rows = Rows { settings: "first_fix_groups = [\"Sevice Desk\"]", ..FIXED };
    let report = rows.march();
    assert!(report.said("first_fix_group_unknown").contains("Sevice Desk"));
    assert_eq!(report.missing("tickets.first_fix/type=incident"), "not_applicable");
}

#[test]
fn reopened_soon_is_a_share_of_finishes_with_a_history_and_provisional_until_the_days_are_over() {
    let report = FIXED.book().report_as_of("2026-03", "2026-04-01T00:00:00Z");
    let soon = "tickets.reopened_within/type=incident";
    // With a history: 1, 2, 3, 4, 8; 8 came back within seven days, 3 after ten.
    assert_eq!((report.parts(soon), &report.figure(soon)["provisional"]), ((1, 5), &true.into()));
    assert_eq!(report.left_out(soon)[0], ("no history", 4));
    let later = FIXED.book().report_as_of("2026-03", "2026-04-08T00:00:00Z");
    assert_eq!(later.figure(soon)["provisional"], false);
    let rows = Rows { settings: "reopen_days = 10", ..FIXED };
    let longer = rows.march();
    assert_eq!(longer.parts(soon).0, 2);
}

#[test]
fn first_responses_count_in_the_period_of_the_response_and_impossible_ones_are_left_out() {
    let rows = Rows {
        tickets: "source_key,type,service,status,opened_at,first_response_at,resolved_at
1,incident,mail,resolved,2026-02-28 23:00,2026-03-01 01:00,2026-03-02 10:00
2,incident,mail,resolved,2026-03-02 09:00,2026-03-02 09:10,2026-03-02 10:00
3,incident,mail,resolved,2026-03-02 09:00,2026-03-01 09:00,2026-03-02 10:00
4,incident,mail,cancelled,2026-03-02 09:00,2026-03-02 09:30,
5,incident,mail,resolved,2026-02-02 09:00,2026-03-02 09:00,2026-02-02 10:00
",
        ..Rows::none()
    };
    let report = rows.march();
    let median = "respond.elapsed.median/type=incident";
    // 10 min, 2 h and 28 days; 4 was withdrawn.
    assert_eq!((report.value(median), &report.figure(median)["n"]), (7_200.0, &3.into()));
    assert_eq!(report.left_out(median)[0], ("first response before opened", 1));
    assert_eq!(report.figure("respond.service.max/type=incident")["value"], 28 * 86_400);
}

#[test]
fn ages_of_open_tickets_run_to_as_of() {
    let rows = Rows {
        tickets: "source_key,type,service,status,opened_at
1,incident,mail,active,2026-03-30 00:00
2,incident,mail,active,2026-03-28 00:00
",
        ..Rows::none()
    };
    let report = rows.march();
    assert_eq!(report.figure("tickets.age.median/type=incident")["value"], 3 * 86_400);
    assert_eq!(report.figure("tickets.age_service.p90/type=incident")["value"], 2 * 86_400 + 2 * 86_400 * 9 / 10);
}

#[test]
fn problems_tell_their_causes_their_workarounds_and_what_came_again() {
    let rows = Rows {
        tickets: "source_key,type,service,status,opened_at,resolved_at,root_cause_at,known_error,workaround
P1,problem,mail,resolved,2026-02-01 09:00,2026-03-05 09:00,2026-03-04 09:00,false,
P2,problem,mail,resolved,2026-02-01 09:00,2026-03-06 09:00,2026-03-07 09:00,false,
P3,problem,mail,active,2026-02-01 09:00,,,true,
P4,problem,mail,active,2026-02-01 09:00,,,true,Restart
1,incident,mail,active,2026-03-04 09:00,,,,
2,incident,mail,active,2026-03-08 09:00,,,,
3,incident,mail,active,2026-03-09 09:00,,,,
4,incident,mail,active,2026-02-09 09:00,,,,
",
        // 1 came before its problem was closed, 2 after; 3 is only a part of an open one; 4 is of another month.
        links: "from,kind,to\n1,caused_by,P1\n2,caused_by,P1\n3,part_of,P3\n4,caused_by,P1\n",
        ..Rows::none()
    };
    let report = rows.march();
    assert_eq!(report.parts("problem.root_cause_known/type=problem"), (1, 2));
    assert_eq!(report.figure("problem.without_workaround/type=problem")["value"], 1);
    assert_eq!(report.figure("problem.recurrence/type=incident")["value"], 1);
    assert_eq!(report.figure("problem.linked_incidents/service=mail/type=incident")["value"], 3);
    let receipts = &report.figure("problem.recurrence/type=incident")["basis"]["receipts"];
    assert!(
        receipts.as_array().unwrap().iter().any(|receipt| receipt.as_str().unwrap().contains("links")),
        "{receipts:?}"
    );
}

#[test]
fn settings_that_cannot_be_meant_are_refused_with_what_to_do() {
    for (setting, words) in [
        ("reopen_days = 0", ["`reopen_days` is 0", "from 1 to 366"]),
        ("first_fix_groups = [\" \"]", ["empty name", "as the tickets do"]),
        ("duplicates = \"hide\"", ["duplicates", "drop"]),
    ] {
        let book = Rows { settings: setting, ..Rows::none() }.book();
        book.run(&["report", "--period", "2026-03"]).answers_nothing().says(&words);
    }
}
