//! What is on screen.

use super::*;

fn plain() -> Look {
    Look { symbols: Symbols::Ascii, theme: Theme::mono(), ..Look::default() }
}

#[test]
fn home_at_eighty_columns() {
    insta::assert_snapshot!(Session::new(80, 24).keys("l").text());
}

#[test]
fn home_at_a_hundred_and_twenty_columns_in_ascii() {
    insta::assert_snapshot!(Session::with(120, 40, plain()).keys("ll").text());
}

#[test]
fn home_at_two_hundred_columns() {
    insta::assert_snapshot!(Session::new(200, 60).keys("l").text());
}

#[test]
fn availability_at_eighty_columns() {
    insta::assert_snapshot!(Session::new(80, 40).keys("ga").text());
}

#[test]
fn capacity_at_a_hundred_and_twenty_columns() {
    insta::assert_snapshot!(Session::new(120, 40).keys("gcj").text());
}

#[test]
fn capacity_has_the_column_of_windows_only_where_a_resource_has_windows() {
    let mut session = Session::new(150, 40);
    assert!(!session.keys("gc").text().contains("Window p95"));
    let mut document = crate::report::document::Document::clone(session.state.document.as_ref().unwrap());
    let p95 = document.figures.iter_mut().find(|figure| figure.id.measure == "capacity.p95").unwrap();
    p95.id.measure = "capacity.window_p95".into();
    document.figures.sort_by(|a, b| a.id.cmp(&b.id));
    session.state.document = Some(document.into());
    assert!(session.text().contains("Window p95"), "{}", session.text());
}

#[test]
fn why_at_eighty_columns() {
    insta::assert_snapshot!(Session::new(80, 40).keys("li").text());
}

#[test]
fn in_ascii_no_byte_is_above_0x7f_on_any_screen() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 40), (200, 60)] {
        for keys in TOUR {
            let mut session = Session::with(columns, rows, plain());
            session.keys(keys);
            assert!(session.text().is_ascii(), "{keys:?}\n{}", session.text());
        }
    }
}

#[test]
fn without_colour_no_cell_names_one_and_the_cursor_is_still_seen() {
    // The help has no cursor of its own.
    for keys in TOUR.into_iter().filter(|keys| *keys != "?") {
        let mut session = Session::with(80, 24, Look { theme: Theme::mono(), ..Look::default() });
        session.keys(keys);
        let buffer = session.buffer();
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset), "{keys:?}");
        let reversed = buffer.content.iter().any(|cell| cell.modifier.contains(Modifier::REVERSED));
        assert!(reversed, "{keys:?}\n{}", session.text());
    }
}

#[test]
fn without_colour_the_bytes_of_a_frame_hold_no_reset_before_its_end() {
    let session = Session::with(80, 24, Look { theme: Theme::mono(), ..Look::default() });
    let frame = String::from_utf8(Painter::new((80, 24)).unwrap().frame(&session.state).unwrap()).unwrap();
    let last_text = frame.rfind("help").unwrap();
    for sequence in frame[..last_text].split("\u{1b}[").skip(1) {
        let end = sequence.find(|letter: char| letter.is_ascii_alphabetic()).unwrap();
        let (parameters, last) = (&sequence[..end], &sequence[end..=end]);
        // Bold, underlined and reversed, and their ends.
        let allowed = ["1", "4", "7", "22", "24", "27"].contains(&parameters);
        assert!(last != "m" || allowed, "{sequence:?}");
    }
}

#[test]
fn the_header_always_says_where_when_and_whether_it_is_complete() {
    for (columns, rows) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        for keys in TOUR {
            let mut session = Session::new(columns, rows);
            session.keys(keys);
            let text: String = session.text().lines().take(2).collect();
            for word in ["September 2026", "Europe/Berlin", "SAMPLE DATA", "as of 2026-10-01 00:00", "complete"] {
                assert!(text.contains(word), "{columns}x{rows} {keys:?} {word}\n{}", session.text());
            }
        }
    }
    let mut session = Session::new(80, 24);
    session.keys("[");
    let text = session.text();
    assert!(text.contains("INCOMPLETE") && text.contains("%!"), "{text}");
}

#[test]
fn notices_are_said_on_every_screen() {
    let notices = vec!["exports/tickets.csv changed since the pull: run `servicebook pull`".to_owned(), "more".into()];
    let options = Options { notices, ..fixture::options() };
    let mut session = Session::of(options, (80, 24), Box::new(fixture::answer));
    for keys in ["", "gl", "gt", "go"] {
        assert!(session.keys(keys).text().contains("changed since the pull"));
    }
}

#[test]
fn missing_values_are_words_and_source_text_cannot_steer_the_terminal() {
    let mut session = Session::new(80, 24);
    let text = session.text();
    assert!(text.contains("insufficient data") && text.contains("no data"), "{text}");
    for keys in TOUR {
        let mut session = Session::new(200, 60);
        session.keys(keys);
        for cell in &session.buffer().content {
            assert!(!cell.symbol().chars().any(|c| c.is_control() || c == '\u{202e}' || c == '\u{200b}'), "{keys:?}");
        }
    }
    session.keys("gt");
    assert!(session.text().contains("⟨U+202E⟩"));
}

#[test]
fn frames_keep_their_budget_of_bytes() {
    let mut session = Session::new(80, 24);
    let mut painter = Painter::new((80, 24)).unwrap();
    let mut frame = |session: &Session| painter.frame(&session.state).unwrap().len();
    let first = frame(&session);
    assert!(first <= 6_144, "first frame {first}");
    for key in ["j", "j", "l", "l", "k", "h"] {
        session.keys(key);
        let bytes = frame(&session);
        assert!(bytes <= 400, "{key} on Home: {bytes}");
    }
    session.keys("gt");
    frame(&session);
    for key in ["j", "j", "k", "l"] {
        session.keys(key);
        let bytes = frame(&session);
        assert!(bytes <= 400, "{key} in rows: {bytes}");
    }
    for key in [Key::PageDown, Key::PageDown, Key::PageUp] {
        session.key(key);
        let bytes = frame(&session);
        assert!(bytes <= 3_072, "{key:?}: {bytes}");
    }
    session.state.changed = false;
    update(&mut session.state, Event::Tick);
    assert!(!session.state.changed, "nothing is awaited, so nothing is drawn");
}

#[test]
fn looks_are_decided_from_the_environment_alone() {
    let look = |pairs: &[(&str, &str)]| {
        let pairs: Vec<(String, String)> = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Look::from_variables(move |name| pairs.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()))
    };
    let full = look(&[("TERM", "xterm-256color"), ("LANG", "de_DE.UTF-8")]);
    assert_eq!(full, Look::default());
    assert_eq!(look(&[("TERM", "xterm"), ("LANG", "C.utf8"), ("NO_COLOR", "1")]).theme, Theme::mono());
    assert_eq!(look(&[("TERM", "xterm"), ("LANG", "C.utf8"), ("NO_COLOR", "")]).theme, Theme::ansi());
    assert_eq!(look(&[("TERM", "xterm"), ("LANG", "en_US.UTF-8"), ("LC_ALL", "C")]).symbols, Symbols::Ascii);
    assert_eq!(look(&[("TERM", "linux"), ("LANG", "C.UTF-8")]).symbols, Symbols::Ascii);
    assert!(!look(&[("TERM", "dumb")]).full_screen && !look(&[]).full_screen);
}
