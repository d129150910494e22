use super::*;
use crate::tui::fixture;
use crate::tui::glyph::{Glyphs, Symbols};
use crate::tui::page::Ink;
use crate::tui::theme::{Colours, Theme};

#[test]
fn every_count_is_a_stop_that_says_what_the_document_says() {
    let document = fixture::document(&fixture::period("2026-09"));
    let ink = Ink { theme: Theme::of(Colours::Ansi), glyphs: Glyphs::of(Symbols::Unicode) };
    for (service, width) in [(None, 200), (Some("mail"), 100), (Some("mail"), 80)] {
        let view = View { document: &document, service, filter: "", only_wrong: false, cursor: None, ink, width };
        let page = page(view);
        let mut counts = 0;
        for stop in &page.stops {
            let Target::Figure(id) = &stop.target else { continue };
            let figure = document.figure(id).unwrap();
            let line: String = page.lines[stop.line].spans.iter().map(|span| span.content.to_string()).collect();
            assert!(line.contains(&figure.display), "{id}: {line}");
            counts += 1;
        }
        assert!(counts > 10, "{counts}");
        let text: Vec<String> =
            page.lines.iter().map(|line| line.spans.iter().map(|span| span.content.to_string()).collect()).collect();
        for title in ["Open, and beyond the goal", "By age", "Open at the end of each month"] {
            assert!(text.iter().any(|line: &String| line.contains(title)), "{title} at {width}");
        }
    }
}
