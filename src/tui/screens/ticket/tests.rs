use super::*;
use crate::app::request::Stretch;
use crate::tui::fixture;
use crate::tui::glyph::{Glyphs, Symbols};
use crate::tui::theme::Theme;
use chrono_tz::Europe::Berlin;

fn ink(symbols: Symbols) -> Ink {
    Ink { theme: Theme::ansi(), glyphs: Glyphs::of(symbols), presenting: false }
}

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("2026-09-{text}:00+02:00")).unwrap().to_utc()
}

fn stretch(from: &str, until: &str) -> Stretch {
    Stretch { from: at(from), until: at(until) }
}

/// An incident whose resolution took 6 h 12 min of the 4 h that were promised, over a night and with a pause.
fn late() -> TicketDetail {
    let event = |when: &str, field: &str, to: &str| {
        let text = |text: &str| Cell::Text(text.to_owned());
        vec![Cell::Instant(at(when), Berlin), text(field), Cell::Empty, Cell::Raw(Raw::new(to)), Cell::Empty]
    };
    TicketDetail {
        fields: vec![
            ("source_key".into(), Cell::Raw(Raw::new("INC1"))),
            ("title".into(), Cell::Raw(Raw::new("red\u{1b}[31m alert"))),
            ("type".into(), Cell::Text("incident".into())),
            ("priority".into(), Cell::Raw(Raw::new("P1"))),
            ("opened_at".into(), Cell::Instant(at("15T14:00"), Berlin)),
            ("resolution_met".into(), Cell::Boolean(false)),
            ("resolution_counted".into(), Cell::Boolean(true)),
        ],
        events: vec![
            event("15T14:00", "status", "new"),
            event("15T14:10", "status", "active"),
            event("15T15:00", "status", "pending"),
            event("15T15:48", "status", "active"),
            event("16T12:00", "status", "resolved"),
            event("20T04:00", "status", "closed"),
        ],
        course: Some(Box::new(TicketCourse {
            span: stretch("15T14:00", "16T12:00"),
            as_of: at("30T00:00"),
            zone: Berlin,
            calendar: "office".into(),
            hours: vec![stretch("15T14:00", "15T17:00"), stretch("16T08:00", "16T12:00")],
            clocks: vec![TicketClock {
                name: "resolution".into(),
                agreement: Some("sla-erp".into()),
                calendar: "office".into(),
                goal_s: Some(14_400),
                taken_s: 22_320,
                left_s: Some(-7_920),
                paused_s: 2_880,
                start: Some(at("15T14:00")),
                stop: Some(at("16T12:00")),
                due: Some(at("16T09:48")),
                still: vec![stretch("15T15:00", "15T15:48")],
                hours: vec![stretch("15T14:00", "15T17:00"), stretch("16T08:00", "16T12:00")],
                state: ClockState::Late,
                excluded: false,
            }],
        })),
        links: vec![
            TicketLink {
                kind: "caused_by".into(),
                outward: true,
                key: Raw::new("CHG2"),
                ticket: Some(LinkedTicket {
                    source: Raw::new("desk"),
                    kind: "change".into(),
                    title: Some(Raw::new("New release")),
                    status: Some(Raw::new("closed")),
                    opened: at("01T10:00"),
                    work: (Some(at("12T08:05")), Some(at("12T10:30"))),
                    outcome: Some(Raw::new("failed")),
                    backed_out: true,
                }),
            },
            TicketLink { kind: "parent".into(), outward: true, key: Raw::new("INC9"), ticket: None },
        ],
        outages: vec![TicketOutage {
            service: "erp".into(),
            start: at("15T13:50"),
            end: Some(at("16T12:00")),
            kind: "unplanned".into(),
            cause: Some(Raw::new("disk full")),
        }],
    }
}

fn text_of(page: &Page) -> String {
    let line = |line: &crate::tui::page::PageLine| -> String {
        line.spans.iter().map(|span| span.content.to_string()).collect::<String>().trim_end().to_owned()
    };
    page.lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_late_clock_says_goal_time_taken_and_by_how_much() {
    let clock = &late().course.unwrap().clocks[0];
    assert_eq!(
        sentence(clock),
        "goal 4 h 00 min of service time, took 6 h 12 min, +2 h 12 min late, stood still for 48 min \
         (sla-erp, hours office)"
    );
}

#[test]
fn the_course_shades_hours_and_shows_the_pause_the_goal_and_what_was_late() {
    let shown = text_of(&page(ink(Symbols::Unicode), &late(), None, 120));
    let lane = |name: &str| shown.lines().find(|line| line.trim_start().starts_with(name) && line.len() > 40).unwrap();
    let clock = shown.lines().rfind(|line| line.starts_with(" resolution") && line.contains('━')).unwrap();
    let parts: Vec<char> = clock.chars().filter(|letter| "━┈┃█".contains(*letter)).collect();
    let mut order = parts;
    order.dedup();
    assert_eq!(order.iter().collect::<String>(), "━┈━┈━┃█", "{shown}");
    assert!(lane("hours").contains('░') && lane("status").contains("active"), "{shown}");
    assert!(shown.contains("1 change after that; the last: status closed on 2026-09-20 04:00."), "{shown}");
}

#[test]
fn a_link_opens_its_ticket_and_says_when_the_change_was_and_how_it_came_out() {
    let page = page(ink(Symbols::Unicode), &late(), None, 140);
    let shown = text_of(&page);
    assert!(
        shown.contains("caused by     CHG2  New release, change, work 2026-09-12 08:05 to 2026-09-12 10:30"),
        "{shown}"
    );
    assert!(shown.contains("failed, backed out") && shown.contains("INC9  not in the book"), "{shown}");
    let tickets: Vec<_> = page
        .stops
        .iter()
        .filter_map(|stop| if let Target::Ticket { key, .. } = &stop.target { Some(text::screen(key)) } else { None })
        .collect();
    assert_eq!(tickets, ["CHG2"]);
}

#[test]
fn what_a_source_wrote_stays_text_and_every_width_has_room() {
    for width in [0, 1, 20, 40, 79, 120, 200] {
        let shown = text_of(&page(ink(Symbols::Unicode), &late(), None, width));
        assert!(!shown.contains('\u{1b}'), "{shown}");
        let ascii = page(ink(Symbols::Ascii), &late(), None, width);
        // The mark of a cut is made ASCII when the screen is drawn.
        let shown = text_of(&ascii).replace('…', "~");
        assert!(shown.is_ascii(), "{shown}");
        for line in &ascii.lines {
            let wide: usize = line.spans.iter().map(|span| text::width(&span.content)).sum();
            assert!(width < 79 || wide <= width + 1, "{wide} of {width}: {line:?}");
        }
    }
}

#[test]
fn a_ticket_without_history_and_clocks_says_so() {
    let crate::app::request::Answer::Ticket(mut detail) = fixture::answer(&crate::app::request::Request::Ticket {
        period: fixture::period("2026-09"),
        source: Raw::new("tickets"),
        key: Raw::new("INC1"),
    }) else {
        panic!("a ticket was asked for")
    };
    detail.events.clear();
    let shown = text_of(&page(ink(Symbols::Unicode), &detail, None, 80));
    assert!(shown.contains("the source gives no history"), "{shown}");
}
