//! Answers that come late, fail, or were stopped: each changes what it is about, and nothing else.

use super::verbs::rows;
use super::*;
use crate::app::request::RowsQuery;
use crate::tui::keymap::Keymap;

fn press(session: &mut Session, letters: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for letter in letters.chars() {
        let key = match letter {
            '\n' => Key::Enter,
            '\u{1b}' => Key::Esc,
            letter => Key::Char(letter),
        };
        effects.extend(update(&mut session.state, Event::Key(key)));
    }
    effects
}

/// Returns the number of the question of a kind.
fn asked(effects: &[Effect], kind: &str) -> Option<u64> {
    effects.iter().find_map(|effect| match effect {
        Effect::Ask(number, request) if request.word() == kind => Some(*number),
        _ => None,
    })
}

fn cancelled(effects: &[Effect]) -> Vec<u64> {
    let number = |effect: &Effect| match effect {
        Effect::Ask(_, Request::Cancel(number)) => Some(*number),
        _ => None,
    };
    effects.iter().filter_map(number).collect()
}

fn answer(session: &mut Session, number: u64, answer: Answer) -> Vec<Effect> {
    update(&mut session.state, Event::Answer(number, answer))
}

fn document(id: &str) -> Answer {
    fixture::answer(&Request::Document { period: fixture::period(id) })
}

fn exported(session: &Session) -> Option<(RowsQuery, Vec<u32>)> {
    session.effects.iter().rev().find_map(|effect| match effect {
        Effect::Ask(_, Request::ExportRows { rows, marked, .. }) => Some((rows.clone(), marked.clone())),
        _ => None,
    })
}

#[test]
fn what_is_marked_is_written_also_where_a_filter_hides_it() {
    let mut session = Session::new(80, 24);
    session.keys("gt jj  /mail\njj ");
    assert_eq!(rows(&session).marks.len(), 4);
    session.keys("e\n");
    let (query, marked) = exported(&session).unwrap();
    assert_eq!(marked.len(), 4);
    assert!(query.search.is_empty() && query.chips.is_empty(), "{query:?}");
}

#[test]
fn marks_that_are_gone_write_nothing_instead_of_everything() {
    let mut session = Session::new(80, 24);
    session.keys("gt e");
    let pull = session.state.ask("pulling every source", Request::Pull { sources: Vec::new() }).1;
    session.serve(vec![pull]);
    assert!(rows(&session).marks.is_empty(), "the rows are others");
    session.keys("\n");
    assert_eq!(exported(&session), None);
    assert!(session.text().contains("No row is marked any more"), "{}", session.text());
}

#[test]
fn a_document_of_before_a_pull_is_not_kept_after_it() {
    let mut session = Session::new(80, 24);
    let beside = asked(&press(&mut session, "="), "document").unwrap();
    let (pull, effect) = session.state.ask("pulling every source", Request::Pull { sources: Vec::new() });
    assert!(matches!(effect, Effect::Ask(..)));
    let pulled = fixture::answer(&Request::Pull { sources: Vec::new() });
    let effects = answer(&mut session, pull, pulled);
    assert!(cancelled(&effects).contains(&beside), "{effects:?}");
    answer(&mut session, beside, document("2026-08"));
    assert!(session.state.document_of(&fixture::period("2026-08")).is_none());
    session.serve(effects);
    session.keys("g");
    assert!(session.state.document.is_some());
}

#[test]
fn rows_come_back_when_the_filter_that_failed_is_taken_away() {
    let answers = |request: &Request| match request {
        Request::Rows(query) if !query.search.is_empty() => Answer::Failed { message: "no such column".into() },
        other => fixture::answer(other),
    };
    let mut session = Session::of(fixture::options(), (80, 24), Box::new(answers));
    session.keys("gt/x\n");
    assert!(session.text().contains("no such column"), "{}", session.text());
    session.keys("\u{1b}");
    let text = session.text();
    assert!(text.contains("INC0000000") && !text.contains("no such column"), "{text}");
}

#[test]
fn a_book_that_was_not_opened_is_asked_for_again_with_the_next_period() {
    let mut session = empty();
    let open = asked(&start(&mut session.state), "open").unwrap();
    assert!(cancelled(&press(&mut session, "x")).contains(&open));
    answer(&mut session, open, Answer::Cancelled);
    assert!(session.text().contains("Loading was stopped; H and L load a period."), "{}", session.text());
    let wanted = asked(&press(&mut session, "H"), "document").unwrap();
    let effects = answer(&mut session, wanted, document("2026-08"));
    assert!(asked(&effects, "open").is_some(), "{effects:?}");
    session.serve(effects);
    assert!(session.state.opened.is_some());
    assert_eq!(session.state.period.id(), "2026-08", "the period that was gone to stays");
}

#[test]
fn the_period_that_is_gone_to_while_the_book_opens_is_the_one_that_is_loaded() {
    let mut session = empty();
    let open = asked(&start(&mut session.state), "open").unwrap();
    let early = asked(&press(&mut session, "H"), "document").unwrap();
    let effects = answer(&mut session, open, fixture::answer(&Request::Open));
    assert!(cancelled(&effects).contains(&early));
    session.serve(effects);
    assert_eq!(session.state.period.id(), "2026-08");
}

#[test]
fn rows_of_a_period_that_was_left_are_not_waited_for() {
    let mut session = Session::new(80, 24);
    session.keys("HL");
    let rows = asked(&press(&mut session, "gt"), "rows").unwrap();
    assert!(cancelled(&press(&mut session, "H")).contains(&rows));
    assert!(!session.state.jobs.contains_key(&rows));
}

#[test]
fn a_line_takes_no_more_than_it_holds_and_a_period_ends_with_the_calendar() {
    let mut session = Session::new(80, 24);
    session.keys("/");
    session.keys(&"x".repeat(150));
    for key in [Key::Ctrl('u'), Key::Ctrl('y'), Key::Ctrl('y'), Key::Ctrl('y')] {
        session.key(key);
    }
    assert_eq!(session.state.filter().len(), 150);
    session.keys("\u{1b}:1970-01-01..2199-01-01\n9999]");
    assert!(session.text().contains("1970") || session.text().contains("no period beyond"), "{}", session.text());
}

#[test]
fn a_word_that_only_begins_as_a_month_is_no_month() {
    let mut session = Session::new(80, 24);
    session.keys(":marketing\n");
    assert_eq!(session.state.period.id(), "2026-09");
    session.keys("\u{1b}:aug\n");
    assert_eq!(session.state.period.id(), "2026-08");
    session.keys(":june\n");
    assert_eq!(session.state.period.id(), "2026-06");
}

#[test]
fn text_alone_can_be_read_to_its_end() {
    let mut session = Session::new(80, 12);
    session.keys("gsY");
    let before = session.text();
    session.keys("G");
    let after = session.text();
    assert!(before != after && !after.contains("Monthly service report"), "{after}");
}

#[test]
fn a_profile_names_nobody_while_presenting() {
    let answers = |request: &Request| {
        let mut answer = fixture::answer(request);
        if let (Answer::Rows(page), Request::Rows(query)) = (&mut answer, request)
            && matches!(query.from, crate::app::request::RowsSource::Profile { .. })
        {
            page.rows[0][0] = crate::report::document::Cell::Text("owner".into());
            page.rows[0][1] = crate::report::document::Cell::Raw(crate::model::Raw::new("Erika Mustermann"));
        }
        answer
    };
    let mut session = Session::of(fixture::options(), (100, 24), Box::new(answers));
    session.keys("gtf");
    assert!(session.text().contains("Erika"));
    session.keys("p");
    assert!(!session.text().contains("Erika") && session.text().contains("(hidden)"), "{}", session.text());
    session.keys("lyc");
    let copied = session.effects.iter().rev().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("(hidden)"));
}

#[test]
fn keys_that_one_cannot_do_without_stay_and_a_wish_that_does_nothing_is_told() {
    let wish = |action: &str, key: &str| KeyWish {
        action: action.into(),
        keys: vec![key.into()],
        place: "console.toml".into(),
    };
    for (action, key, said) in
        [("interrupt", "X", "Ctrl-c quits everywhere"), ("down", "Esc", "the last key of back"), ("down", "t", "stays")]
    {
        let (keymap, wrong) = Keymap::with(&[wish(action, key)]);
        assert!(wrong.iter().any(|line| line.contains(said)), "{action} {key}: {wrong:?}");
        for name in ["back", "close", "palette", "interrupt"] {
            let mut bindings = keymap.bindings().iter().filter(|binding| binding.name == name);
            assert!(bindings.all(|binding| !binding.keys.is_empty()), "{name}");
        }
    }
}

#[test]
fn a_period_that_has_not_begun_is_not_shown() {
    let answers = |request: &Request| match request {
        Request::Document { period } if period.id() == "2026-10" => {
            let mut document = fixture::document(period);
            document.as_of = "2026-10-01T00:00:00+02:00".into();
            Answer::Document(std::sync::Arc::new(document))
        }
        other => fixture::answer(other),
    };
    let mut session = Session::of(fixture::options(), (80, 24), Box::new(answers));
    session.keys("L");
    assert_eq!(session.state.period.id(), "2026-09");
    assert!(session.text().contains("October 2026 has not begun."), "{}", session.text());
    session.keys("H");
    assert_eq!(session.state.period.id(), "2026-08", "the period on screen is the one that is gone on from");
}

/// A console that was not started.
fn empty() -> Session {
    Session { state: State::new(fixture::options(), (80, 24)), effects: Vec::new(), program: Box::new(fixture::answer) }
}
