use super::*;
use crate::model::Raw;
use crate::model::timeline::Stretch;
use crate::report::Document;
use crate::tui::fixture;
use crate::tui::glyph::{Glyphs, Symbols};
use crate::tui::page::Ink;
use crate::tui::theme::Theme;

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("2026-09-{text}:00+02:00")).unwrap().to_utc()
}

fn change() -> TicketRef {
    TicketRef {
        source: Some(Raw::new("desk")),
        key: Raw::new("CHG12"),
        kind: "change".into(),
        title: Some(Raw::new("New release")),
        from: Some(at("12T08:05")),
        until: Some(at("12T10:30")),
        outcome: Some(Raw::new("failed")),
        backed_out: true,
    }
}

fn outage(caused_by: Vec<TicketRef>, after: Option<TicketRef>) -> Event {
    Event {
        what: Happening::Down,
        from: at("15T10:12"),
        until: Some(at("15T12:47")),
        service_s: Some(9_300),
        words: Some(Raw::new("index\u{1b}[2J corrupted")),
        left_out: None,
        component: None,
        ticket: Some(TicketRef { key: Raw::new("INC7"), kind: "incident".into(), ..change() }),
        caused_by,
        caused: Vec::new(),
        after,
    }
}

fn document(events: Vec<Event>) -> Document {
    let mut document = fixture::document(&fixture::period("2026-09"));
    let hours = vec![Stretch { from: at("15T06:00"), until: at("15T22:00") }];
    document.timelines.push(Timeline { service: "mail".into(), calendar: "office".into(), hours, events });
    document
}

fn shown(document: &Document, cursor: Option<&Target>, width: usize) -> (String, Page) {
    let ink = Ink { theme: Theme::ansi(), glyphs: Glyphs::of(Symbols::Unicode), presenting: false };
    let view = View { document, service: Some("mail"), filter: "", only_wrong: false, cursor, ink, width };
    let mut page = Page::default();
    write(view, &mut page, "mail");
    let line = |line: &crate::tui::page::PageLine| -> String {
        line.spans.iter().map(|span| span.content.to_string()).collect::<String>().trim_end().to_owned()
    };
    (page.lines.iter().map(line).collect::<Vec<_>>().join("\n"), page)
}

#[test]
fn an_outage_says_the_change_that_caused_it() {
    let (text, page) = shown(&document(vec![outage(vec![change()], Some(change()))]), None, 120);
    assert!(text.contains("linked as its cause: change CHG12 New release (2026-09-12 08:05)"), "{text}");
    assert!(!text.contains("not linked") && !text.contains('\u{1b}'), "{text}");
    let opens =
        page.stops.iter().any(|stop| matches!(&stop.target, Target::Ticket { key, .. } if text::screen(key) == "INC7"));
    assert!(opens);
}

#[test]
fn a_change_that_only_lies_before_an_outage_is_not_called_its_cause() {
    let (text, _) = shown(&document(vec![outage(Vec::new(), Some(change()))]), None, 200);
    let said =
        "no cause is linked to its ticket; the last change before it was CHG12, done 2026-09-12 10:30: not linked";
    assert!(text.contains(said), "{text}");
    let (text, _) = shown(&document(vec![outage(Vec::new(), None)]), None, 200);
    assert!(text.contains("no change was carried out shortly before it"), "{text}");
}

#[test]
fn the_day_of_the_cursor_is_enlarged_and_else_that_of_the_longest_outage() {
    let document = document(vec![outage(Vec::new(), None)]);
    assert!(shown(&document, None, 100).0.contains("The day 2026-09-15"));
    let id = crate::model::FigureId::new("availability.percent", crate::model::Scope::service("mail"), &[]);
    let point = Target::Point(id, "2026-09-20: 100.00 %".into());
    assert!(shown(&document, Some(&point), 100).0.contains("The day 2026-09-20"));
}

#[test]
fn a_short_outage_is_seen_at_every_width() {
    let mut short = outage(Vec::new(), None);
    short.until = Some(at("15T10:13"));
    for width in [20, 40, 80, 120, 200] {
        let (text, _) = shown(&document(vec![short.clone()]), None, width);
        assert!(text.lines().any(|line| line.starts_with(" outages") && line.contains('█')), "{text}");
    }
}

#[test]
fn among_very_many_changes_only_those_with_a_link_are_listed() {
    let plain = || Event { what: Happening::Change, ticket: Some(change()), ..outage(Vec::new(), None) };
    let mut events: Vec<Event> = (0..=MOST_CHANGES).map(|_| plain()).collect();
    events.push(Event { caused: vec![change()], ..plain() });
    events.push(outage(Vec::new(), None));
    let (text, page) = shown(&document(events.clone()), None, 120);
    assert!(text.contains("201 changes without a link are not listed here"), "{text}");
    let listed = text.lines().filter(|line| line.starts_with(" ◆") && line.contains("change")).count();
    assert_eq!(listed, 1, "{text}");
    assert!(matches!(page.stops.last().unwrap().target, Target::Rows(Origin::Tickets(Some(_)))));
    let (text, _) = shown(&document(events.split_off(1)), None, 120);
    assert!(!text.contains("not listed here"), "{text}");
}
