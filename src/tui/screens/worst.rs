//! Where the cursor stands when a screen opens: on what is worst.

use crate::model::Verdict;
use crate::report::Document;
use crate::tui::page::{Page, Target};

impl Page {
    /// Returns the stop of the figure that is worst: the first that misses its target, else the first at risk. `None`
    /// where nothing is wrong.
    pub fn worst_stop(&self, document: &Document) -> Option<usize> {
        let verdict = |target: &Target| match target {
            Target::Figure(id) => document.figure(id).map(|figure| figure.verdict),
            _ => None,
        };
        let first = |wanted: Verdict| self.stops.iter().position(|stop| verdict(&stop.target) == Some(wanted));
        first(Verdict::Missed).or_else(|| first(Verdict::AtRisk))
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{FigureId, Scope, Verdict};
    use crate::tui::fixture;
    use crate::tui::page::{Page, Stop, Target};

    #[test]
    fn the_first_miss_comes_before_every_risk() {
        let document = fixture::document(&fixture::period("2026-09"));
        let with = |wanted: Verdict| {
            document.figures.iter().find(|figure| figure.verdict == wanted).map(|figure| figure.id.clone()).unwrap()
        };
        let stop = |id: &FigureId| Stop { line: 0, from: 0, to: 1, target: Target::Figure(id.clone()), service: None };
        let none = FigureId::new("no.such", Scope::book(), &[]);
        let (met, risk, missed) = (with(Verdict::Met), with(Verdict::AtRisk), with(Verdict::Missed));
        let page = |ids: &[&FigureId]| Page { stops: ids.iter().map(|id| stop(id)).collect(), ..Page::default() };
        assert_eq!(page(&[&none, &met, &risk, &missed]).worst_stop(&document), Some(3));
        assert_eq!(page(&[&met, &risk, &risk]).worst_stop(&document), Some(1));
        assert_eq!(page(&[&met, &none]).worst_stop(&document), None);
    }
}
