//! The report as a page: the sections of the document, of one service or of the whole book.

use super::View;
use crate::model::FigureId;
use crate::report::document::{Block, DocumentTable, Grid as DocumentGrid, Step};
use crate::report::format;
use crate::text;
use crate::tui::page::{Page, PageLine, Record, Target, pad, pad_left};
use crate::tui::widgets::chart::Chart;
use crate::tui::widgets::grid::{ASIDE, Cell, Column, Grid, Row, holds};
use crate::tui::widgets::{rows, strip};
use crate::tui::words;

/// Returns the page.
pub fn page(view: View) -> Page {
    let mut page = Page::default();
    let about = &view.document.descriptor;
    page.title(view.ink, &text::screen_str(&about.title), &format!("version {}", about.version));
    page.paragraph(view.ink, &text::screen_str(&about.purpose), view.ink.theme.text, view.width);
    for section in &view.document.sections {
        let mut part = Page::default();
        for block in &section.blocks {
            write(view, &mut part, block);
        }
        if part.lines.is_empty() {
            continue;
        }
        let aside = if section.clauses.is_empty() { String::new() } else { section.clauses.join(", ") };
        page.title(view.ink, &text::screen_str(&section.title), &text::fit(&aside, view.width / 2));
        page.append(part);
    }
    page
}

fn write(view: View, page: &mut Page, block: &Block) {
    match block {
        // A sentence speaks of the whole book; on the page of one service its figures stand in the grids.
        Block::Sentence(said) if view.service.is_none() => {
            page.paragraph(view.ink, &text::screen_str(said), view.ink.theme.text, view.width);
        }
        Block::Sentence(_) => {}
        Block::Grid(grid) => self::grid(view, page, grid),
        Block::Table(id) => {
            if let Some(found) = view.document.table(id) {
                table(view, page, found);
            }
        }
        Block::Series(id, step) => course(view, page, id, *step),
    }
}

fn grid(view: View, page: &mut Page, grid: &DocumentGrid) {
    let rows: Vec<Row> = grid
        .rows
        .iter()
        .filter(|(_, ids)| {
            view.service.is_none() || ids.iter().flatten().any(|id| id.scope.service.as_deref() == view.service)
        })
        .map(|(label, ids)| {
            let service = ids.iter().flatten().find_map(|id| id.scope.service.clone());
            let cells = ids
                .iter()
                .map(|id| id.as_ref().and_then(|id| view.document.figure(id)).map_or(Cell::None, Cell::Figure))
                .collect();
            Row { label: text::screen_str(label), target: None, service, cells }
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let (rows, headings, corner) = if view.service.is_some() && rows.len() <= 2 {
        upright(&rows, &grid.columns)
    } else {
        (rows, grid.columns.clone(), grid.rows_are.clone())
    };
    let columns = headings.iter().enumerate();
    let columns = columns
        .map(|(at, name)| {
            let at = u8::try_from(at).unwrap_or(ASIDE - 1).min(ASIDE - 1);
            Column::compact(&text::screen_str(name), at, 9 - at.min(8))
        })
        .collect();
    let mut grid = Grid { corner: text::screen_str(&corner), columns, rows };
    let (kept, all) = grid.filter(view.filter, view.only_wrong);
    page.kept = (page.kept.0 + kept, page.kept.1 + all);
    page.gap();
    grid.write(view.ink, page, view.width);
}

/// Turns a grid of one service round: a line for each measure, so that none is dropped for want of room.
fn upright<'a>(rows: &[Row<'a>], measures: &[String]) -> (Vec<Row<'a>>, Vec<String>, String) {
    let headings = rows.iter().flat_map(|row| [row.label.clone(), "Target".to_owned()]).collect();
    let turned = measures
        .iter()
        .enumerate()
        .map(|(at, measure)| Row {
            label: text::screen_str(measure),
            target: None,
            service: rows.first().and_then(|row| row.service.clone()),
            cells: rows
                .iter()
                .flat_map(|row| {
                    let cell = row.cells.get(at).cloned().unwrap_or(Cell::None);
                    let agreed = cell.figure().filter(|figure| figure.target.is_some());
                    [cell, agreed.map_or(Cell::None, Cell::TargetOf)]
                })
                .collect(),
        })
        .filter(|row| row.cells.iter().any(|cell| !matches!(cell, Cell::None)))
        .collect();
    (turned, headings, "Measure".to_owned())
}

fn course(view: View, page: &mut Page, id: &FigureId, step: Step) {
    if view.service.is_some() && id.scope.service.as_deref() != view.service {
        return;
    }
    let (Some(figure), Some(series)) = (view.document.figure(id), view.document.course(id, step)) else { return };
    page.gap();
    let spans = vec![view.ink.plain(" "), view.ink.span(&words::name(view.document, id), view.ink.theme.heading)];
    page.line(spans);
    if step == Step::Day && id.measure == "availability.percent" {
        strip::write(view.ink, page, figure, series, view.width);
        strip::legend(view.ink, page);
        return;
    }
    let values: Vec<Option<f64>> = series.points.iter().map(|point| point.value).collect();
    let end = |at: Option<&crate::report::document::Point>| at.map_or(String::new(), |point| point.period.clone());
    let target = figure.target.as_ref();
    let lines = Chart {
        values: &values,
        threshold: target
            .map(|target| (target.value, format!("target {}", format::number(target.value, &figure.unit)))),
        ends: (end(series.points.first()), end(series.points.last())),
        unit: &figure.unit,
        future: None,
    }
    .lines(view.ink, view.width.min(100), 6);
    for spans in lines {
        page.line(spans);
    }
    if let Some(control) = &series.control {
        let said = format!("Control chart: {}.", format::control(control, &figure.unit));
        page.paragraph(view.ink, &text::screen_str(&said), view.ink.theme.text, view.width);
    }
}

/// Writes the tables of the document whose id holds one of the words.
pub fn tables(view: View, page: &mut Page, words: &[&str]) {
    for found in &view.document.tables {
        if words.iter().any(|word| found.id.contains(word)) {
            table(view, page, found);
        }
    }
}

/// Writes one table of the document; each row is a stop that can be read field by field.
fn table(view: View, page: &mut Page, table: &DocumentTable) {
    let ink = view.ink;
    let service_of = |at: usize| table.services.get(at).and_then(Option::as_deref);
    let shown: Vec<(usize, Vec<String>)> = table
        .rows
        .iter()
        .enumerate()
        .filter(|(at, _)| view.service.is_none() || service_of(*at).is_none_or(|of| Some(of) == view.service))
        .map(|(at, row)| {
            (at, row.iter().zip(&table.columns).map(|(cell, name)| rows::cell_of(ink, name, cell)).collect::<Vec<_>>())
        })
        .filter(|(_, row)| view.filter.is_empty() || holds(&row.join(" "), view.filter))
        .collect();
    page.title(ink, &words::capital(&text::screen_str(&table.title)), &crate::tui::words::rows(shown.len() as u64));
    if shown.is_empty() {
        page.line(vec![ink.muted(" none in this period")]);
        return;
    }
    let number = |column: usize| {
        table.rows.iter().all(|row| {
            row.get(column).is_none_or(|cell| *cell == crate::report::document::Cell::Empty || cell.is_number())
        })
    };
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|column| {
            let widest = shown.iter().filter_map(|(_, row)| row.get(column)).map(|cell| text::width(cell)).max();
            widest.unwrap_or(0).max(text::width(&crate::report::format::heading(&table.columns[column]))).min(36)
        })
        .collect();
    let mut columns = Vec::new();
    let mut at = 1;
    for (column, wide) in widths.iter().enumerate() {
        let room = view.width.saturating_sub(at + 1);
        if room < (*wide).min(8) {
            break;
        }
        columns.push((column, (*wide).min(room)));
        at += wide + 2;
    }
    let head = page.lines.len();
    let line = |cells: &dyn Fn(usize) -> String, style| {
        let mut spans = vec![ink.plain(" ")];
        for (column, wide) in &columns {
            let cell = text::fit(&ink.glyphs.text(&cells(*column)), *wide);
            spans.push(ink.span(&if number(*column) { pad_left(&cell, *wide) } else { pad(&cell, *wide) }, style));
            spans.push(ink.plain("  "));
        }
        spans
    };
    let mut heading = line(&|column| crate::report::format::heading(&table.columns[column]), ink.theme.heading);
    if columns.len() < widths.len() {
        heading.pop();
        heading.push(ink.muted(&format!(" +{}", widths.len() - columns.len())));
    }
    page.line(heading);
    for (at, row) in shown {
        let spans = line(&|column| row.get(column).cloned().unwrap_or_default(), ink.theme.text);
        page.lines.push(PageLine { spans, head: Some(head) });
        let fields =
            table.columns.iter().map(|name| text::screen_str(name)).zip(row).collect::<Vec<(String, String)>>();
        let record = Record { title: text::screen_str(&table.title), fields };
        page.stop_on_last(Target::Record(record), service_of(at).map(ToOwned::to_owned));
    }
}
