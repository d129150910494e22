//! What keys lead to.

use super::*;
use crate::app::request::{Request, RowsPage, RowsSource};
use crate::tui::page::{Origin, Target};

fn rows(session: &Session) -> &state::RowsScreen {
    match session.state.screen() {
        Screen::Rows(rows) => rows,
        other => panic!("not rows: {other:?}"),
    }
}

fn asked(session: &Session) -> Vec<&Request> {
    session
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Ask(_, request) => Some(request),
            _ => None,
        })
        .collect()
}

#[test]
fn enter_goes_from_a_figure_to_its_rows_and_to_a_ticket_and_esc_comes_back_to_the_same_figure() {
    let mut session = Session::new(80, 24);
    session.keys("jl");
    let before = format!("{:?}", session.state.screen());
    session.keys("\n");
    let figure = match &rows(&session).origin {
        Origin::Used(id) => session.state.document.as_ref().unwrap().figure(id).unwrap().clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(figure.id.measure, "sla.resolution");
    match asked(&session).last() {
        Some(Request::Rows(query)) => {
            let rows = &figure.rows;
            let wanted = RowsSource::Table { table: rows.table.clone(), filter: rows.filter.clone() };
            assert_eq!(query.from, wanted);
        }
        other => panic!("{other:?}"),
    }
    assert!(session.text().contains("the figure counts"), "a count that differs is said");
    session.keys("\n");
    assert!(matches!(session.state.screen(), Screen::Ticket(_)));
    assert!(session.text().contains("INC0000000"));
    session.keys("\u{1b}\u{1b}");
    assert_eq!(format!("{:?}", session.state.screen()), before);
}

#[test]
fn every_number_on_screen_can_be_reached_and_asked() {
    for tab in ["", "gs", "gl", "ga", "gc", "gn"] {
        let mut session = Session::new(120, 40);
        session.keys(tab);
        let page = match session.state.screen() {
            Screen::Figures(figures) => screens::figures(&session.state, figures),
            other => panic!("{other:?}"),
        };
        let figures = page.stops.iter().filter(|stop| matches!(stop.target, Target::Figure(_))).count();
        assert!(figures > 0, "{tab}");
        let mut asked = 0;
        for _ in 0..page.stops.len() {
            session.keys("i");
            if matches!(session.state.overlay, Some(Overlay::Why(..))) {
                asked += 1;
                session.keys("\u{1b}");
            }
            session.key(Key::Tab);
        }
        assert!(asked >= figures, "{tab}: {asked} of {figures}");
    }
}

#[test]
fn why_answers_with_everything_and_leads_to_the_rows_and_to_those_left_out() {
    let mut session = Session::new(120, 60);
    session.keys("li");
    let text = session.text();
    for word in [
        "formula",
        "clauses",
        "8.3.3",
        "sla-office in force since 2026-01-01",
        "left out",
        "Receipts",
        "complete",
        "2025-09",
    ] {
        assert!(text.contains(word), "{word}\n{text}");
    }
    session.keys("j\n");
    assert!(matches!(&rows(&session).origin, Origin::LeftOut(_, 0)));
    assert_eq!(rows(&session).used, Some(2));
}

#[test]
fn months_move_with_both_kinds_of_keys_and_going_back_asks_nothing() {
    let mut session = Session::new(80, 24);
    session.keys("[");
    assert_eq!(session.state.period.id(), "2026-08");
    session.keys("H");
    assert_eq!(session.state.period.id(), "2026-07");
    let before = asked(&session).len();
    session.keys("]L");
    assert_eq!(session.state.period.id(), "2026-09");
    assert_eq!(asked(&session).len(), before);
}

#[test]
fn rows_and_tickets_follow_the_month() {
    let mut session = Session::new(80, 24);
    session.keys("l\n[");
    assert_eq!(session.state.period.id(), "2026-08");
    match asked(&session).last() {
        Some(Request::Rows(query)) => assert_eq!(query.period.id(), "2026-08"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn services_move_with_both_kinds_of_keys_and_keep_the_figure() {
    let mut session = Session::new(80, 24);
    session.keys("\ngljl");
    let figure = |session: &Session| match session.state.screen() {
        Screen::Figures(figures) => figures.cursor.target.as_ref().and_then(|t| t.figure().cloned()).unwrap(),
        other => panic!("{other:?}"),
    };
    let before = figure(&session);
    session.keys("}");
    let after = figure(&session);
    assert_eq!((before.scope.service.as_deref(), after.scope.service.as_deref()), (Some("mail"), Some("payroll")));
    assert_eq!((before.measure, before.dimensions), (after.measure, after.dimensions));
    session.keys("((");
    assert_eq!(figure(&session).scope.service.as_deref(), Some("files"));
}

#[test]
fn late_answers_are_dropped() {
    let mut session = Session::new(80, 24);
    let first = update(&mut session.state, Event::Key(Key::Char('[')));
    let second = update(&mut session.state, Event::Key(Key::Char('[')));
    let (Effect::Ask(old, old_request), Effect::Ask(new, new_request)) = (&first[0], &second[0]) else { panic!() };
    update(&mut session.state, Event::Answer(*new, fixture::answer(new_request)));
    assert_eq!(session.state.period.id(), "2026-07");
    session.state.changed = false;
    update(&mut session.state, Event::Answer(*old, fixture::answer(old_request)));
    assert_eq!(session.state.period.id(), "2026-07");
    assert!(!session.state.changed, "a dropped answer draws nothing");
}

#[test]
fn a_fast_typist_never_sees_the_rows_of_an_older_filter_and_never_queues_questions() {
    let mut session = Session::new(80, 24);
    session.keys("l\n/");
    let mut open = Vec::new();
    for letter in "mailbox".chars() {
        open.extend(update(&mut session.state, Event::Key(Key::Char(letter))));
    }
    assert_eq!(open.len(), 1, "one question is open at a time");
    let Effect::Ask(number, request) = &open[0] else { panic!() };
    let next = update(&mut session.state, Event::Answer(*number, fixture::answer(request)));
    assert_eq!(rows(&session).answered.as_ref().unwrap().search, "", "the rows of `m` are not taken");
    session.serve(next);
    assert_eq!(rows(&session).answered.as_ref().unwrap().search, "mailbox");
    assert!(session.text().contains("of 1000"), "{}", session.text());
    session.keys("\n\u{1b}");
    assert_eq!(rows(&session).search, "", "Esc takes the filter away before the screen");
}

#[test]
fn the_wrong_ones_alone_and_the_filter_say_how_many_are_left() {
    let mut session = Session::new(80, 24);
    session.keys("/pay");
    assert!(session.text().contains("1 of 7"), "{}", session.text());
    session.keys("\n\u{1b}!");
    assert!(session.text().contains("[only what is wrong"));
    session.keys("!");
    assert!(!session.text().contains("[only what is wrong"));
}

#[test]
fn rows_page_through_windows_and_sort_in_three_steps() {
    let mut session = Session::new(80, 24);
    session.keys("l\nG");
    assert_eq!(rows(&session).row, 999);
    assert!(session.text().contains("INC0000999"), "{}", session.text());
    session.keys("ggs");
    assert_eq!(rows(&session).sort, Some(("source_key".into(), false)));
    session.keys("s");
    assert_eq!(rows(&session).sort, Some(("source_key".into(), true)));
    assert!(session.text().contains("INC0000999"));
    session.keys("s");
    assert_eq!(rows(&session).sort, None);
    session.keys("llllllll");
    let text = session.text();
    assert!(text.contains("INC0000000") && text.contains("Messaging  tickets"), "the first column stays\n{text}");
}

#[test]
fn an_export_asks_for_a_format_and_says_where_the_file_is() {
    let mut session = Session::new(80, 24);
    session.keys("e\tjj\n");
    let Some(Request::Export { format, services, .. }) = asked(&session).last() else { panic!() };
    assert_eq!((format.ending(), services.len()), ("txt", 0), "Home has no service to keep");
    assert!(session.text().contains("Written: report-2026-09.txt"));
    session.keys("j\n").keys("e\t\n");
    let Some(Request::Export { services, .. }) = asked(&session).last() else { panic!() };
    assert_eq!(services.as_slice(), ["payroll"]);
}

#[test]
fn failures_are_said_and_do_not_ask_again() {
    let mut session = Session::new(80, 24);
    session.keys("l");
    let effects = update(&mut session.state, Event::Key(Key::Enter));
    let Effect::Ask(number, _) = &effects[0] else { panic!() };
    let answer = Answer::Failed { message: "the store is damaged: run `servicebook check`\u{1b}[2J".into() };
    let effects = update(&mut session.state, Event::Answer(*number, answer));
    assert!(effects.is_empty());
    let text = session.text();
    assert!(text.contains("the store is damaged") && !text.contains('\u{1b}'));
    let effects = update(&mut session.state, Event::Key(Key::Char('j')));
    assert!(effects.is_empty());
}

#[test]
fn that_a_select_is_not_remembered_is_said_though_nobody_asked() {
    let mut session = Session::new(80, 24);
    let message = "cannot write /home/me/sql-history: No space left on device\u{1b}[2J".into();
    update(&mut session.state, Event::Answer(9_999, Answer::NotRemembered { message }));
    assert!(session.state.changed);
    let text = session.text();
    assert!(text.contains("SELECTs are not remembered: cannot write /home/me") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_month_that_fails_leaves_the_one_before_on_screen() {
    let mut session = Session::new(80, 24);
    let effects = update(&mut session.state, Event::Key(Key::Char('[')));
    assert!(session.text().contains("loading August 2026"));
    let Effect::Ask(number, _) = &effects[0] else { panic!() };
    update(&mut session.state, Event::Answer(*number, Answer::Failed { message: "no rows that old".into() }));
    let text = session.text();
    assert!(text.contains("September 2026") && text.contains("no rows that old"));
}

#[test]
fn quitting_takes_a_question_or_two_interrupts() {
    let mut session = Session::new(80, 24);
    session.keys("q");
    assert!(matches!(session.state.overlay, Some(Overlay::Quit)));
    session.keys("\u{1b}");
    assert!(session.state.overlay.is_none());
    assert_eq!(update(&mut session.state, Event::Key(Key::Ctrl('c'))), []);
    session.keys("j");
    assert_eq!(update(&mut session.state, Event::Key(Key::Ctrl('c'))), []);
    assert_eq!(update(&mut session.state, Event::Key(Key::Ctrl('c'))), [Effect::Quit]);
    session.keys("gsq");
    assert!(matches!(session.state.screen(), Screen::Figures(figures) if figures.tab == Tab::Home));
    session.keys("qy");
    assert!(session.effects.contains(&Effect::Quit));
}

#[test]
fn a_finding_leads_to_its_rows_and_a_receipt_can_be_read() {
    let mut session = Session::new(80, 24);
    session.keys("go\n");
    assert!(matches!(session.state.overlay, Some(Overlay::Record(..))));
    assert!(session.text().contains("sha256"));
    session.keys("\u{1b}jj\n");
    assert!(matches!(&rows(&session).origin, Origin::Finding(_)));
}

#[test]
fn an_empty_page_of_rows_is_said() {
    let mut session = Session::new(80, 24);
    session.keys("l");
    let effects = update(&mut session.state, Event::Key(Key::Enter));
    let Effect::Ask(number, _) = &effects[0] else { panic!() };
    update(&mut session.state, Event::Answer(*number, Answer::Rows(RowsPage::default())));
    assert!(session.text().contains("No rows."));
    session.keys("jkGgls\n");
}

#[test]
fn pasted_text_goes_into_the_filter_only() {
    let mut session = Session::new(80, 24);
    update(&mut session.state, Event::Paste("q\ny".into()));
    assert!(session.state.overlay.is_none());
    session.keys("/");
    update(&mut session.state, Event::Paste(format!("mail\u{1b}{}", "x".repeat(10_000_000))));
    assert!(session.state.filter().len() <= 200);
}
