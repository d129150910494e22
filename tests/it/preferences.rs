//! The user's `console.toml`: what its page says, and what it does to the real console.

use crate::opened::Opened;
use crate::program::{Desk, repository};
use crate::terminal::line::{Line, Start, signal};
use servicebook::config::preferences::Preferences;
use servicebook::tui::theme::{NAMES, Theme};

const SIZE: (u16, u16) = (80, 24);

fn desk(preferences: &str) -> Desk {
    let desk = Desk::new();
    desk.book(".config/servicebook", &[("console.toml", preferences)]);
    desk
}

fn open(desk: &Desk, variables: &[(&str, &str)]) -> Opened {
    let opened = Opened::new(desk, None, variables, SIZE);
    opened.until_shown("Payroll");
    opened
}

#[test]
fn the_page_shows_what_holds_and_a_theme_that_works() {
    let page = std::fs::read_to_string(repository().join("docs/console.md")).unwrap();
    let mut examples = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let said = Preferences::parse(examples.next().unwrap(), "docs/console.md", &NAMES).unwrap();
    let theme = said.theme.clone();
    assert_eq!(said, Preferences { theme, symbols: said.symbols, ..Preferences::default() });
    assert!(Theme::parse("mine", examples.next().unwrap()).is_ok());
    for name in NAMES {
        assert!(page.contains(&format!("`{name}`")), "{name} is not on the page");
    }
}

#[test]
fn a_theme_with_a_background_covers_the_window_of_a_terminal() {
    let desk = desk("theme = 'dark'\n");
    let opened = open(&desk, &[]);
    for cell in opened.cells() {
        assert_eq!(cell.bgcolor(), vt100::Color::Idx(234), "{:?}", cell.contents());
    }
    opened.leave();
}

#[test]
fn a_theme_of_the_user_lies_beside_the_preferences() {
    let desk = desk("theme = 'mine.toml'\nsymbols = 'ascii'\n");
    desk.book(".config/servicebook", &[("mine.toml", "text = { fg = '252', bg = '17' }\n")]);
    let opened = open(&desk, &[]);
    assert!(opened.cells().iter().all(|cell| cell.bgcolor() == vt100::Color::Idx(17)));
    assert!(opened.leave().is_ascii());
}

#[test]
fn no_color_wins_over_preferences_and_the_cursor_is_still_seen() {
    let desk = desk("theme = 'dark'\n");
    let mut opened = open(&desk, &[("NO_COLOR", "1")]);
    opened.press("jj");
    opened.press("i");
    opened.until_shown("Why this number");
    let cells = opened.cells();
    assert!(cells.iter().any(vt100::Cell::inverse) && cells.iter().any(vt100::Cell::bold));
    let bytes = String::from_utf8(opened.leave()).unwrap();
    for sequence in bytes.split("\u{1b}[").skip(1) {
        let end = sequence.find(|letter: char| letter.is_ascii_alphabetic()).unwrap();
        // 30 to 49 and 90 to 107 are colours; `39` and `49` alone give back what the terminal had.
        let code = sequence[..end].split(';').next().unwrap_or_default().parse::<u16>().unwrap_or(0);
        let colour = sequence[end..].starts_with('m') && matches!(code, 30..=38 | 40..=48 | 90..=107);
        assert!(!colour, "{:?}", &sequence[..=end]);
    }
}

#[test]
fn what_is_wrong_is_said_and_the_console_opens_all_the_same() {
    for (preferences, said) in [
        ("theme = 'dark'\n\nthem = 'dark'\n", "console.toml line 3: unknown field `them`"),
        ("theme = 'gone.toml'\n", "gone.toml: No such file"),
        ("theme = 'dusk'\n", "line 1: there is no theme `dusk`"),
    ] {
        let desk = desk(preferences);
        // Long folders of tests push the words of a notice out of a narrow window.
        let opened = Opened::new(&desk, None, &[], (200, 30));
        opened.until_shown("Payroll");
        opened.until_shown(said);
        assert!(opened.cells().iter().all(|cell| cell.bgcolor() == vt100::Color::Default), "{preferences}");
        opened.leave();
    }
}

#[test]
fn preferences_do_not_touch_what_is_written_for_scripts() {
    let desk = desk("theme = \n");
    let run = desk.run(&["report", "--period", "2026-09"]);
    assert!(!run.talk.contains("console.toml"), "{}", run.talk);
}

#[test]
fn the_window_gets_its_name_back_from_a_console_that_is_killed_and_anew_after_a_stop() {
    let desk = desk("title = true\n");
    let (aside, named, back) = ("\u{1b}[22;2t", "IT, September 2026\u{7}", "\u{1b}[23;2t");
    let home = desk.path().to_str().unwrap();
    let shell = "set -m; \"$0\"; echo STOPPED; fg >/dev/null; echo LEFT";
    let mut line = Line::start(&Start { shell, variables: &[("HOME", home)], size: SIZE });
    // The strict terminal of other tests knows no names of windows.
    line.violent = true;
    let times = |line: &Line, said: &str| line.text().matches(said).count();
    line.wait_until("a name", || times(&line, named) == 1);
    let console = *line.chain().last().unwrap();
    signal(console, "TSTP");
    line.wait_until("a name anew", || times(&line, "STOPPED") == 1 && times(&line, named) == 2);
    assert_eq!((times(&line, aside), times(&line, back)), (2, 1));
    signal(console, "KILL");
    line.wait_for("LEFT");
    line.ends_within(std::time::Duration::from_secs(5));
    assert_eq!((times(&line, aside), times(&line, back)), (2, 2));
}

#[test]
fn the_window_is_named_where_that_is_wished_for_and_gets_its_name_back() {
    let desk = desk("title = true\n");
    let mut opened = open(&desk, &[]);
    opened.press("[");
    opened.until_shown("August 2026 · Europe");
    let bytes = String::from_utf8(opened.leave()).unwrap();
    let places = ["\u{1b}[22;2t", "IT, September 2026\u{7}", "IT, August 2026\u{7}", "\u{1b}[23;2t"].map(|said| {
        assert_eq!(bytes.matches(said).count(), 1, "{said:?} in {bytes:?}");
        bytes.find(said)
    });
    assert!(places.is_sorted(), "{places:?}");
    let bytes = open(&self::desk("title = false\n"), &[]).leave();
    assert!(!String::from_utf8(bytes).unwrap().contains("\u{1b}]2;"));
}
