//! The help: the keys of this screen first, made from the keymap.

use crate::tui::keymap::Context;
use crate::tui::page::{Page, pad};
use crate::tui::state::State;

/// Writes the keys that hold below the help.
pub fn write(state: &State, page: &mut Page, width: usize) {
    let ink = state.ink;
    let contexts = crate::tui::update::contexts_of_screen(state);
    let nearest: Vec<Context> =
        contexts.into_iter().filter(|context| !matches!(context, Context::Everywhere | Context::Screen)).collect();
    for (title, wanted) in [
        ("On this screen", nearest),
        ("On every screen", vec![Context::Screen]),
        ("Everywhere", vec![Context::Everywhere]),
    ] {
        let bindings = state.keymap.help(&wanted);
        if bindings.is_empty() {
            continue;
        }
        page.title(ink, title, "");
        for binding in bindings {
            let text = crate::text::fit(binding.text, width.saturating_sub(21));
            page.line(vec![
                ink.plain("   "),
                ink.span(&pad(&crate::text::fit(&binding.shown(), 14), 15), ink.theme.accent),
                ink.plain(" "),
                ink.plain(&text),
            ]);
        }
    }
    page.title(ink, "Marks", "");
    let g = ink.glyphs;
    for (mark, text) in [
        (format!("{} {} {}", g.met, g.risk, g.missed), "target met; met with little left; missed"),
        ("99.62 %!".to_owned(), "made from an incomplete pull"),
        ("99.62 %~".to_owned(), "may still change by rule"),
        ("no data".to_owned(), "there should be a value, and there are no rows"),
        ("n/a".to_owned(), "there is nothing to measure"),
        ("insufficient data".to_owned(), "too little of the time is known"),
    ] {
        page.line(vec![
            ink.plain("   "),
            ink.span(&pad(&mark, 18), ink.theme.accent),
            ink.plain(&crate::text::fit(text, width.saturating_sub(24))),
        ]);
    }
}
