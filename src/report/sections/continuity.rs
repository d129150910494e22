//! The section of continuity plans and their tests.

use super::{Column, grid, services, whole_book};
use crate::model::clause::Clause;
use crate::report::document::{Block, Document, Grid, Section};

/// Returns the section; `None` where there is nothing to show.
pub fn section(document: &Document) -> Option<Section> {
    let mut rows = services(document);
    rows.extend(whole_book(document));
    let columns: [Column<'_>; 5] = [
        ("Plans", "continuity.plans", &[]),
        ("Overdue for test", "continuity.overdue", &[]),
        ("Never tested", "continuity.untested", &[]),
        ("Tested within interval", "continuity.tested", &[]),
        ("Invoked", "continuity.invoked", &[]),
    ];
    let measures = [
        ("Next test due in", "continuity.due_in"),
        ("Last successful test", "continuity.last_test_age"),
        ("Recovery time achieved", "continuity.rto_achieved"),
        ("Recovery point achieved", "continuity.rpo_achieved"),
    ];
    let plans = document.figures.iter().map(|figure| &figure.id).filter(|id| id.measure == "continuity.due_in");
    let plan_rows = plans
        .map(|id| {
            let plan = id.dimension("plan").unwrap_or("");
            let cells = measures
                .iter()
                .map(|(_, measure)| {
                    document.find(measure, &id.scope, &[("plan", plan)]).map(|figure| figure.id.clone())
                })
                .collect();
            (crate::text::screen_str(plan), cells)
        })
        .collect();
    let plan_columns = measures.iter().map(|(heading, _)| (*heading).to_owned()).collect();
    let blocks = vec![
        grid(document, "Service", &rows, &columns),
        Block::Grid(Grid { rows_are: "Plan".into(), columns: plan_columns, rows: plan_rows }),
        Block::Table("continuity_plans".into()),
        Block::Table("continuity_tests".into()),
    ];
    super::section(document, "Continuity", &[Clause::Continuity], blocks)
}
