//! Rules on tickets: what is counted, what is known of it, and what balances.

use crate::program::Desk;
use servicebook::app::session::Opening;
use servicebook::app::{Book, Session};
use servicebook::model::figure::{Figure, MissingKind, Unit};
use servicebook::model::{FigureId, Period};
use servicebook::report::Document;
use std::sync::Arc;

const BOOK: &str = r#"
[[service]]
id = "mail"
name = "Mail"

[[agreement]]
id = "sla-mail"
service = "mail"
valid_from = 2026-01-01
resolution_target = 90.0
resolution = [{ within = "1d" }]
"#;

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

    /// The document of March 2026 as of an instant, or of its end; the desk keeps the book alive.
    fn march(&self, desk: &Desk, as_of: Option<&str>) -> (Session, Arc<Document>) {
        let mut config = format!("[book]\ntitle = \"Rules\"\nzone = \"UTC\"\n\n[figures]\n{}\n{BOOK}", self.settings);
        let mut files = vec![];
        for (id, connector, text) in [
            ("tickets", "csv-tickets", self.tickets),
            ("history", "csv-ticket-events", self.history),
            ("links", "csv-links", self.links),
        ] {
            if text.lines().count() > 1 {
                config.push_str(&format!(
                    "\n[[source]]\nid = \"{id}\"\nconnector = \"{connector}\"\nfiles = [\"{id}.csv\"]\nsettings = {{ zone = \"UTC\" }}\n"
                ));
                files.push((format!("{id}.csv"), text));
            }
        }
        files.push(("config.toml".into(), &config));
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        let book = Book::open(&desk.book("book", &files)).unwrap();
        let zone = book.config.book.zone;
        let as_of = as_of.map(|at| at.parse().unwrap());
        let session = Session::open(book, Opening { as_of, may_pull: true }).unwrap();
        let document = session.document(&Period::parse("2026-03", zone).unwrap()).unwrap();
        (session, document)
    }
}

#[track_caller]
fn figure<'a>(document: &'a Document, id: &str) -> &'a Figure {
    document.figure(&FigureId::parse(id).unwrap()).unwrap_or_else(|| panic!("there is no figure `{id}`"))
}

#[track_caller]
fn value(document: &Document, id: &str) -> f64 {
    figure(document, id).value.clone().unwrap_or_else(|missing| panic!("`{id}` has no value: {missing:?}"))
}

#[track_caller]
fn missing(document: &Document, id: &str) -> MissingKind {
    figure(document, id).value.clone().expect_err("there should be no value").kind
}

/// The value of a figure that is a whole number.
#[track_caller]
#[expect(clippy::cast_possible_truncation, reason = "it is compared with a whole number")]
fn whole(document: &Document, id: &str) -> i64 {
    let value = value(document, id);
    assert!(value.fract().abs() < f64::EPSILON, "`{id}` is {value}");
    value as i64
}

fn finding<'a>(document: &'a Document, kind: &str) -> Option<&'a servicebook::model::Finding> {
    document.findings.iter().find(|finding| finding.kind == kind)
}

#[test]
fn r1_what_the_tool_does_not_tell_is_no_data_and_nothing_to_divide_by_is_not_applicable() {
    let desk = Desk::new();
    // No history, no links, no flags: neither 0 % reopened nor no recurrence is known.
    let rows = Rows {
        tickets: "source_key,type,service,status,opened_at,resolved_at
1,incident,mail,resolved,2026-03-02 09:00,2026-03-02 10:00
2,problem,mail,resolved,2026-03-02 09:00,2026-03-03 10:00
",
        ..Rows::none()
    };
    let (_, document) = rows.march(&desk, None);
    for id in [
        "tickets.reopened_within/type=incident",
        "problem.recurrence/type=incident",
        "problem.linked_incidents/type=incident",
        "problem.root_cause_known/type=problem",
        "problem.without_workaround/type=problem",
    ] {
        assert_eq!(missing(&document, id), MissingKind::NoData, "{id}");
    }
    assert_eq!(missing(&document, "tickets.first_fix/type=incident"), MissingKind::NotConfigured);
    assert_eq!(missing(&document, "respond.elapsed.median/type=incident"), MissingKind::NotApplicable);
    assert_eq!(missing(&document, "tickets.age.median/type=incident"), MissingKind::NotApplicable);
    // Nothing was missed: no sigma level is finite, and none is 0.
    assert_eq!(missing(&document, "sla.resolution_sigma/type=incident"), MissingKind::Undefined);
    assert!(value(&document, "sla.resolution_dpmo/type=incident").abs() < f64::EPSILON);
}

#[test]
fn r11_the_backlog_balances_and_a_ticket_of_which_it_does_not_is_listed() {
    let desk = Desk::new();
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
    let (_, document) = rows.march(&desk, None);
    let of = |measure: &str| whole(&document, &format!("{measure}/service=mail/type=incident"));
    let parts = ["backlog_start", "opened", "returned", "left", "backlog", "unbalanced"];
    assert_eq!(parts.map(|part| of(&format!("tickets.{part}"))), [2, 2, 1, 2, 2, 1]);
    // Two leavings of one ticket are one row.
    let left = figure(&document, "tickets.left/service=mail/type=incident");
    assert_eq!((left.n, left.rows.used, &left.unit), (1, 1, &Unit::Events));
    let found = finding(&document, "backlog_unbalanced").unwrap();
    assert_eq!((found.count, found.filter.as_str()), (1, "unbalanced"));
    // The identity stands on the page, and the offenders beside it.
    let page = desk.on(&desk.path().join("book"), &["-q", "report", "--period", "2026-03", "--format", "md"]);
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
    let desk = Desk::new();
    let (_, document) = TWICE.march(&desk, None);
    assert_eq!(whole(&document, "tickets.opened/type=incident"), 3);
    assert_eq!(whole(&document, "change.implemented"), 2);
    let found = finding(&document, "duplicate_tickets").unwrap();
    assert_eq!((found.count, found.filter.as_str()), (3, "duplicate"));
    assert!(found.text.contains("they count"), "{}", found.text);
}

#[test]
fn r19_dropped_duplicates_and_children_leave_every_ticket_figure_and_stay_among_the_rows() {
    let desk = Desk::new();
    let rows = Rows { settings: "duplicates = \"drop\"", ..TWICE };
    let (_, document) = rows.march(&desk, None);
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
        assert_eq!(whole(&document, id), count, "{id}");
    }
    let found = finding(&document, "duplicate_tickets").unwrap();
    assert!(found.text.contains("in no figure"), "{}", found.text);
    let opened = figure(&document, "tickets.opened/type=incident");
    assert!(opened.basis.parameters.contains(&("duplicates".into(), "drop".into())));
    let book = desk.path().join("book");
    let behind = |filter: &str| {
        let run = desk.on(&book, &["-q", "rows", filter, "--period", "2026-03", "--format", "json"]);
        run.text().lines().count()
    };
    assert_eq!(behind("tickets.opened/type=incident"), 1);
    assert_eq!(behind("change.implemented"), 1);
}

#[test]
fn r23_shares_of_few_tickets_show_their_counts() {
    let desk = Desk::new();
    let ticket =
        |key: u32, hours: u32| format!("{key},incident,mail,resolved,2026-03-02 00:00,2026-03-0{hours} 00:00\n");
    let header = "source_key,type,service,status,opened_at,resolved_at\n";
    let few = format!("{header}{}{}", ticket(1, 3), ticket(2, 5));
    let (_, document) = Rows { tickets: &few, ..Rows::none() }.march(&desk, None);
    let shown = |document: &Document, id: &str| figure(document, id).display.clone();
    assert_eq!(shown(&document, "sla.resolution/type=incident"), "1 of 2");
    assert_eq!(shown(&document, "sla.resolution_dpmo/type=incident"), "1 of 2");
    assert_eq!(shown(&document, "sla.resolution_sigma/type=incident"), "1 of 2");
    // From the limit on it is a share.
    let enough = format!("{few}{}{}{}", ticket(3, 3), ticket(4, 3), ticket(5, 3));
    let desk = Desk::new();
    let (_, document) = Rows { tickets: &enough, ..Rows::none() }.march(&desk, None);
    assert_eq!(shown(&document, "sla.resolution/type=incident"), "80.00 %");
    assert_eq!(shown(&document, "sla.resolution_dpmo/type=incident"), "200,000 ppm");
    // Φ⁻¹(0.8) = 0.8416, and the shift of 1.5.
    assert_eq!(shown(&document, "sla.resolution_sigma/type=incident"), "2.34");
    let desk = Desk::new();
    let rows = Rows { settings: "small_n = 6", tickets: &enough, ..Rows::none() };
    assert_eq!(shown(&rows.march(&desk, None).1, "sla.resolution/type=incident"), "4 of 5");
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
    let desk = Desk::new();
    let (_, document) = FIXED.march(&desk, None);
    let fixed = figure(&document, "tickets.first_fix/type=incident");
    // Eligible: 1, 2, 3, 6, 8. Fixed: 1, 3 (it came back too late to count), 6 (by its counters).
    assert_eq!((fixed.numerator, fixed.denominator), (Some(3), Some(5)));
    let left_out: Vec<(&str, u64)> =
        fixed.rows.left_out.iter().map(|part| (part.reason.as_str(), part.count)).collect();
    assert_eq!(left_out, [("no group history", 1), ("no history or counter of reopenings", 1)]);
    assert!(fixed.basis.parameters.contains(&("first_fix_groups".into(), "service desk".into())));
    let page = desk.on(&desk.path().join("book"), &["-q", "report", "--period", "2026-03", "--format", "md"]);
    assert!(page.text().contains("First-time fix"));
}

#[test]
fn a_group_that_no_ticket_names_is_said() {
    let desk = Desk::new();
    let rows = Rows { settings: "first_fix_groups = [\"Sevice Desk\"]", ..FIXED };
    let (_, document) = rows.march(&desk, None);
    assert!(finding(&document, "first_fix_group_unknown").unwrap().text.contains("Sevice Desk"));
    assert_eq!(missing(&document, "tickets.first_fix/type=incident"), MissingKind::NotApplicable);
}

#[test]
fn reopened_soon_is_a_share_of_finishes_with_a_history_and_provisional_until_the_days_are_over() {
    let desk = Desk::new();
    let (_, document) = FIXED.march(&desk, Some("2026-04-01T00:00:00Z"));
    let soon = figure(&document, "tickets.reopened_within/type=incident");
    // With a history: 1, 2, 3, 4, 8; 8 came back within seven days, 3 after ten.
    assert_eq!((soon.numerator, soon.denominator, soon.provisional), (Some(1), Some(5), true));
    assert_eq!((soon.rows.left_out[0].reason.as_str(), soon.rows.left_out[0].count), ("no history", 4));
    let desk = Desk::new();
    let later = FIXED.march(&desk, Some("2026-04-08T00:00:00Z")).1;
    assert!(!figure(&later, "tickets.reopened_within/type=incident").provisional);
    let desk = Desk::new();
    let rows = Rows { settings: "reopen_days = 10", ..FIXED };
    let longer = rows.march(&desk, None).1;
    assert_eq!(figure(&longer, "tickets.reopened_within/type=incident").numerator, Some(2));
}

#[test]
fn first_responses_count_in_the_period_of_the_response_and_impossible_ones_are_left_out() {
    let desk = Desk::new();
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
    let (_, document) = rows.march(&desk, None);
    let median = figure(&document, "respond.elapsed.median/type=incident");
    // 10 min, 2 h and 28 days; 4 was withdrawn.
    assert_eq!((median.number(), median.n), (Some(7_200.0), 3));
    assert_eq!(
        (median.rows.left_out[0].reason.as_str(), median.rows.left_out[0].count),
        ("first response before opened", 1)
    );
    assert_eq!(whole(&document, "respond.service.max/type=incident"), 28 * 86_400);
}

#[test]
fn ages_of_open_tickets_run_to_as_of() {
    let desk = Desk::new();
    let rows = Rows {
        tickets: "source_key,type,service,status,opened_at
1,incident,mail,active,2026-03-30 00:00
2,incident,mail,active,2026-03-28 00:00
",
        ..Rows::none()
    };
    let (_, document) = rows.march(&desk, None);
    assert_eq!(whole(&document, "tickets.age.median/type=incident"), 3 * 86_400);
    assert_eq!(whole(&document, "tickets.age_service.p90/type=incident"), 2 * 86_400 + 2 * 86_400 * 9 / 10);
}

#[test]
fn problems_tell_their_causes_their_workarounds_and_what_came_again() {
    let desk = Desk::new();
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
    let (_, document) = rows.march(&desk, None);
    let known = figure(&document, "problem.root_cause_known/type=problem");
    assert_eq!((known.numerator, known.denominator), (Some(1), Some(2)));
    assert_eq!(whole(&document, "problem.without_workaround/type=problem"), 1);
    assert_eq!(whole(&document, "problem.recurrence/type=incident"), 1);
    assert_eq!(whole(&document, "problem.linked_incidents/service=mail/type=incident"), 3);
    let receipts = &figure(&document, "problem.recurrence/type=incident").basis.receipts;
    assert!(receipts.iter().any(|receipt| receipt.contains("links")), "{receipts:?}");
}

#[test]
fn settings_that_cannot_be_meant_are_refused_with_what_to_do() {
    for (setting, words) in [
        ("reopen_days = 0", ["`reopen_days` is 0", "from 1 to 366"]),
        ("first_fix_groups = [\" \"]", ["empty name", "as the tickets do"]),
        ("duplicates = \"hide\"", ["duplicates", "drop"]),
    ] {
        let desk = Desk::new();
        let config = format!("[book]\ntitle = \"Rules\"\nzone = \"UTC\"\n[figures]\n{setting}\n{BOOK}");
        let book = desk.book("book", &[("config.toml", &config)]);
        desk.on(&book, &["report", "--period", "2026-03"]).answers_nothing().says(&words);
    }
}
