//! A book full of texts of people who mean harm, on the real console in a pseudo-terminal.

use crate::grammar::Hostile;
use crate::opened::Opened;
use crate::program::Desk;
use crate::sequences::{FRAME, foreign};

const CONFIG: &str = r#"
[book]
title = "Harm \u001b]0;owned\u0007 \u202e"
zone = "Europe/Berlin"

[[service]]
id = "mail"
name = "Mail \u001b[2J\u009b31m"

[[source]]
id = "tickets"
connector = "csv-tickets"
files = ["tickets.csv"]
settings = { zone = "Europe/Berlin" }
"#;

#[test]
fn three_hundred_hostile_rows_write_nothing_that_the_console_would_not_write_itself() {
    let mut texts = Hostile::new(300);
    let mut rows = String::from("source_key,type,opened_at,service,title,group,category,priority\n");
    for at in 0..300 {
        // Records with a NUL go to quarantine, which has tests of its own; here each one is to be shown.
        let [title, group, category] = [(); 3].map(|()| texts.text().replace('\0', "").replace('"', "\"\""));
        rows.push_str(&format!(
            "K{at:03},incident,2026-09-{:02}T10:00:00,mail,\"{title}\",\"{group}\",\"{category}\",P{}\n",
            at % 28 + 1,
            at % 4 + 1
        ));
    }
    let desk = Desk::new();
    let book = desk.book("book", &[("config.toml", CONFIG), ("tickets.csv", &rows)]);
    desk.on(&book, &["pull"]).ends(0);
    let mut opened = Opened::new(&desk, Some(&book), &[], (120, 40));
    opened.until_shown("All services");
    let mut seen = 0;
    for keys in KEYS {
        let before = opened.bytes().len();
        opened.press(keys);
        let start = std::time::Instant::now();
        while opened.bytes().len() == before && start.elapsed().as_secs() < 10 {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        let shown = opened.screen().screen().contents();
        seen += shown.matches("⟨U+").count() + shown.matches('␛').count();
    }
    assert!(seen > 100, "the texts were hardly on screen: {seen}");
    let bytes = opened.leave();
    let list = [FRAME, &["?1049h", "?1049l", "?2004h", "?2004l"]].concat();
    assert_eq!(foreign(&bytes, &list), None);
}

/// From screen to screen, into tickets and out, and over the reasons of figures.
const KEYS: &[&str] = &[
    "gs",
    "j",
    "gl",
    "gt",
    "\u{4}",
    "\u{4}",
    "\r",
    "\u{1b}",
    "j",
    "\r",
    "\u{1b}",
    "f",
    "\u{1b}",
    "lf",
    "\u{1b}",
    "c",
    "\u{1b}",
    "Y",
    "\u{1b}",
    "gqSELECT title, category FROM tickets\r",
    "go",
    "j",
    "\r",
    "\u{1b}",
    "gh",
    "i",
    "\u{1b}",
];
