//! Where the cursor stands when a screen opens: on what is worst.

use crate::model::Verdict;
use crate::report::Document;
use crate::tui::page::{Page, Target};

impl Page {
    /// Returns the stop of the first figure that misses its target among the first `height` lines. What lies below them
    /// is not jumped to: whoever opens a screen wants to see its head.
    pub fn worst_stop(&self, document: &Document, height: usize) -> Option<usize> {
        let missed = |target: &Target| match target {
            Target::Figure(id) => document.figure(id).map(|figure| figure.verdict) == Some(Verdict::Missed),
            _ => false,
        };
        self.stops.iter().take_while(|stop| stop.line < height).position(|stop| missed(&stop.target))
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{FigureId, Scope, Verdict};
    use crate::tui::fixture;
    use crate::tui::page::{Page, Stop, Target};

    #[test]
    fn the_first_miss_in_sight_is_the_worst() {
        let document = fixture::document(&fixture::period("2026-09"));
        let with = |wanted: Verdict| {
            document.figures.iter().find(|figure| figure.verdict == wanted).map(|figure| figure.id.clone()).unwrap()
        };
        let stop = |id: &FigureId| Stop { line: 0, from: 0, to: 1, target: Target::Figure(id.clone()), service: None };
        let none = FigureId::new("no.such", Scope::book(), &[]);
        let (met, risk, missed) = (with(Verdict::Met), with(Verdict::AtRisk), with(Verdict::Missed));
        let page = |ids: &[&FigureId]| Page { stops: ids.iter().map(|id| stop(id)).collect(), ..Page::default() };
        assert_eq!(page(&[&none, &met, &risk, &missed]).worst_stop(&document, 20), Some(3));
        assert_eq!(page(&[&met, &risk]).worst_stop(&document, 20), None);
        assert_eq!(page(&[&missed]).worst_stop(&document, 0), None, "below what is in sight");
    }
}
