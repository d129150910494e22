//! Windows of every size.

use super::*;

#[test]
fn no_size_breaks_any_screen() {
    for keys in TOUR {
        let mut session = Session::new(80, 24);
        session.keys(keys);
        let sizes = (0..=40_u16).flat_map(|columns| (0..=20_u16).map(move |rows| (columns, rows))).chain([
            (65_535, 1),
            (1, 65_535),
            (500, 200),
            (1_000, 300),
            (41, 11),
            (79, 23),
            (119, 9),
        ]);
        for (columns, rows) in sizes {
            let effects = update(&mut session.state, Event::Resize(columns, rows));
            session.serve(effects);
            session.buffer();
            if columns >= 40 && rows >= 10 {
                session.key(Key::Down);
                session.buffer();
            }
        }
    }
}

#[test]
fn below_the_least_size_one_line_says_what_is_needed() {
    for (columns, rows) in [(39, 30), (80, 9), (39, 9)] {
        let text = Session::new(columns, rows).text();
        assert!(text.lines().next().unwrap().starts_with("servicebook needs 40x10"), "{text}");
        assert_eq!(text.trim().lines().count(), 1);
    }
}

#[test]
fn the_cursor_is_in_sight_wherever_it_goes() {
    for keys in ["", "gs", "gl", "ga", "gc", "gn", "go"] {
        let mut session = Session::new(80, 24);
        session.keys(keys);
        for step in [Key::Down, Key::Char('G'), Key::Up, Key::PageUp, Key::Char('g'), Key::PageDown, Key::Ctrl('d')] {
            for _ in 0..12 {
                session.key(step);
                let Screen::Figures(figures) = session.state.screen() else { panic!() };
                let page = screens::figures(&session.state, figures);
                let height = usize::from(screens::regions(&session.state).body.height);
                let cursor = &figures.cursor;
                assert!(cursor.top <= page.lines.len().saturating_sub(height), "{keys} {step:?}");
            }
        }
    }
}
