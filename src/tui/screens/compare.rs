//! Figures beside those of another period or service: now, then, the change, both verdicts.
//!
//! Every figure of the screen below is here, in its order; nothing is computed but the difference, by the document's
//! own words.

use super::View;
use crate::model::figure::Unit;
use crate::model::{Figure, FigureId};
use crate::report::{Document, format};
use crate::tui::page::{Page, Target};
use crate::tui::state::{Against, Figures, State};
use crate::tui::update;
use crate::tui::widgets::grid::{Cell, Column, Grid, Row};
use crate::tui::words;
use std::collections::BTreeSet;

/// Returns the page.
pub fn page(state: &State, view: View, figures: &Figures, against: &Against) -> Page {
    let mut page = Page::default();
    let below = super::of_tab(state, View { filter: "", only_wrong: false, ..view }, figures.tab);
    let mut ids: Vec<&FigureId> = Vec::new();
    let mut known: BTreeSet<&FigureId> = BTreeSet::new();
    for stop in &below.stops {
        if let Target::Figure(id) = &stop.target
            && known.insert(id)
        {
            ids.push(id);
        }
    }
    let (other, name) = match against {
        Against::Service(id) => (Some(view.document), crate::text::screen_str(view.document.service_name(id))),
        Against::Before | Against::YearBefore => {
            let Some(period) = update::beside(state, against) else { return page };
            let name = words::period(&period);
            if let Some(document) = state.document_of(&period) {
                (Some(&**document), name)
            } else {
                let failed = state.not_beside.iter().find(|(failed, _)| *failed == period);
                let said = failed.map_or_else(|| format!("loading {name} …"), |(_, why)| format!("{name}: {why}"));
                page.gap();
                page.paragraph(view.ink, &said, view.ink.theme.unknown, view.width);
                (None, name)
            }
        }
    };
    let Some(other) = other else { return page };
    let rows: Vec<Row> = ids
        .into_iter()
        .filter_map(|id| {
            let now = view.document.figure(id)?;
            let then = counterpart(other, id, against);
            let change = then.and_then(|then| format::change(now.number(), then.number(), &now.unit));
            let change = change.map(|change| if now.unit == Unit::Percent { format!("{change} pp") } else { change });
            Some(Row {
                label: if view.service.is_some() && id.scope.service.as_deref() == view.service {
                    words::of_service(view.document, id)
                } else {
                    words::name(view.document, id)
                },
                target: None,
                service: id.scope.service.clone(),
                cells: vec![
                    Cell::Figure(now),
                    then.map_or(Cell::None, Cell::Other),
                    change.map_or(Cell::None, Cell::Text),
                ],
            })
        })
        .collect();
    let here = match against {
        Against::Service(_) => view.service.map_or("All services", |id| view.document.service_name(id)).to_owned(),
        _ => words::period(&view.document.period),
    };
    let columns =
        vec![Column::new(&crate::text::screen_str(&here), 0), Column::new(&name, 0), Column::new("Change", 0)];
    let mut grid = Grid { corner: "Figure".into(), columns, rows };
    page.kept = grid.filter(view.filter, view.only_wrong);
    if grid.rows.is_empty() {
        page.gap();
        page.paragraph(view.ink, "No figure is left to compare.", view.ink.theme.unknown, view.width);
        return page;
    }
    if grid.rows.iter().all(|row| matches!(row.cells.get(1), None | Some(Cell::None))) {
        let said = format!("{name} has none of these figures.");
        page.paragraph(view.ink, &said, view.ink.theme.unknown, view.width);
        page.gap();
    }
    grid.write(view.ink, &mut page, view.width);
    page
}

/// Returns the figure that stands beside another.
fn counterpart<'a>(other: &'a Document, id: &FigureId, against: &Against) -> Option<&'a Figure> {
    match against {
        Against::Service(service) => {
            let mut id = id.clone();
            id.scope.service = Some(service.clone());
            other.figure(&id)
        }
        Against::Before | Against::YearBefore => other.figure(id),
    }
}
