//! `measures`, `explain` and `rows`: what a figure is, why it is what it is, and what it was counted from.

use super::{CommandError, Common, Outcome, RowsFormat, open, output};
use crate::app::Session;
use crate::app::request::{RowsPage, RowsQuery, RowsSource};
use crate::measure;
use crate::model::{Edition, Figure, FigureId, Period};
use crate::report::document::{Cell, Document};
use crate::report::format;

/// Lists the catalogue of measures.
pub fn measures(rows_format: RowsFormat) -> Result<Outcome, CommandError> {
    let header = ["measure", "title", "unit", "clauses", "additive", "definition"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = measure::catalogue()
        .iter()
        .map(|definition| {
            let clauses: Vec<String> =
                definition.clauses.iter().map(|clause| clause.number(Edition::E2018).to_owned()).collect();
            let unit = serde_json::to_value(&definition.unit).ok().and_then(|v| v.as_str().map(str::to_owned));
            vec![
                definition.id.to_owned(),
                definition.title.to_owned(),
                unit.filter(|unit| !unit.is_empty()).unwrap_or_else(|| "of the resource".into()),
                clauses.join(" "),
                if definition.additive { "yes" } else { "no" }.to_owned(),
                match definition.of_windows {
                    Some(of_windows) => format!("{}; of windows: {of_windows}", definition.formula),
                    None => definition.formula.to_owned(),
                },
            ]
        })
        .collect();
    let text = match rows_format {
        RowsFormat::Table => {
            // The definition is the last column and may be as long as it needs to be.
            let mut text = String::new();
            for row in &rows {
                text.push_str(&format!(
                    "{}\n    {} · {} · clause {} · parts add up: {}\n    {}\n",
                    row[0], row[1], row[2], row[3], row[4], row[5]
                ));
            }
            text
        }
        _ => written(
            &header,
            &rows.iter().map(|row| row.iter().map(|c| Cell::Text(c.clone())).collect()).collect::<Vec<_>>(),
            rows_format,
        ),
    };
    output::answer(text.as_bytes())?;
    Ok(Outcome::Complete)
}

/// Prints why a figure is what it is.
pub fn explain(common: &Common, id: &str, period: Option<&str>) -> Result<Outcome, CommandError> {
    let session = open::session(common)?;
    let period = open::period(&session, period)?;
    let document = session.document(&period)?;
    let figure = find(&document, id)?;
    output::answer(explanation(&document, figure).as_bytes())?;
    Ok(open::outcome(common, &document))
}

fn explanation(document: &Document, figure: &Figure) -> String {
    let mut lines = vec![
        figure.id.to_string(),
        format!("period     {} ({}), as of {}", document.period.id(), document.period.zone().name(), document.as_of),
        format!("value      {}", figure.display),
    ];
    match &figure.value {
        Ok(value) => lines.push(format!("exact      {}", crate::model::figure::json_number(*value))),
        Err(missing) => lines.push(format!("because    {}", missing.text)),
    }
    if let Some(target) = &figure.target {
        let since =
            if target.effective_from.is_empty() { String::new() } else { format!(" since {}", target.effective_from) };
        lines.push(format!("target     {} ({}{since})", format::target(target, &figure.unit), target.agreement));
        lines.push(format!("verdict    {}", format::verdict(figure.verdict)));
    }
    if let (Some(part), Some(whole)) = (figure.numerator, figure.denominator) {
        lines.push(format!("ratio      {} ÷ {}", format::grouped(part as f64, 0), format::grouped(whole as f64, 0)));
    }
    lines.push(format!("formula    {}", figure.basis.formula));
    for (name, value) in &figure.basis.parameters {
        lines.push(format!("           {name} = {value}"));
    }
    let edition: u16 = document.edition.into();
    lines.push(format!("clauses    {} (ISO/IEC 20000-1:{edition})", figure.basis.clauses.join(", ")));
    if let Some(interval) = &figure.interval {
        lines.push(format!("interval   {}", format::interval(interval, &figure.unit)));
    }
    if let Some(coverage) = &figure.coverage {
        lines.push(format!(
            "coverage   {:.2} % known ({}); between {:.2} and {:.2} %",
            coverage.ratio * 100.0,
            coverage.kind,
            coverage.low,
            coverage.high
        ));
    }
    for other in &figure.alternatives {
        lines.push(format!("otherwise  {} by {}", format::number(other.value, &figure.unit), other.formula));
    }
    lines.push(if figure.rows.table.is_empty() {
        format!("rows       {}", format::no_rows(figure))
    } else {
        format!("rows       {} of {}: {}", figure.rows.used, figure.rows.table, figure.rows.filter)
    });
    lines.extend(
        document.control(&figure.id).map(|chart| format!("control    {}", format::control(chart, &figure.unit))),
    );
    for left_out in &figure.rows.left_out {
        lines.push(format!("left out   {}: {}", left_out.count, left_out.reason));
    }
    for id in &figure.basis.receipts {
        if let Some(receipt) = document.receipts.iter().find(|receipt| receipt.id == *id) {
            lines.push(format!(
                "receipt    {}: {}, pulled {}",
                receipt.id,
                receipt.sum(" records", |count| count.to_string()),
                receipt.pulled_at
            ));
        }
    }
    if figure.tainted {
        lines.push("TAINTED    an incomplete pull went into it".into());
    }
    lines.push(String::new());
    lines.iter().map(|line| crate::text::screen_str(line)).collect::<Vec<_>>().join("\n")
}

/// Prints the rows behind a figure, or those that were left out of it.
pub fn rows(
    common: &Common,
    id: &str,
    period: Option<&str>,
    left_out: bool,
    rows_format: RowsFormat,
) -> Result<Outcome, CommandError> {
    let session = open::session(common)?;
    let period = open::period(&session, period)?;
    let document = session.document(&period)?;
    let figure = find(&document, id)?;
    let filters: Vec<&str> = if left_out {
        figure.rows.left_out.iter().map(|entry| entry.filter.as_str()).collect()
    } else {
        vec![figure.rows.filter.as_str()]
    };
    let mut page = RowsPage::default();
    for filter in filters {
        let part = all_rows(&session, &period, &figure.rows.table, filter)?;
        page.columns = part.columns;
        page.rows.extend(part.rows);
    }
    output::answer(printed(&page, rows_format).as_bytes())?;
    if !common.quiet {
        output::talk(&if figure.rows.table.is_empty() {
            format!("0 rows: {}", format::no_rows(figure))
        } else {
            format!("{} rows of {}", page.rows.len(), figure.rows.table)
        });
    }
    Ok(open::outcome(common, &document))
}

fn all_rows(session: &Session, period: &Period, table: &str, filter: &str) -> Result<RowsPage, CommandError> {
    if table.is_empty() {
        return Ok(RowsPage::default());
    }
    Ok(session.rows(&RowsQuery {
        period: period.clone(),
        from: RowsSource::Table { table: table.to_owned(), filter: filter.to_owned() },
        chips: Vec::new(),
        search: String::new(),
        sort: None,
        offset: 0,
        limit: usize::MAX,
    })?)
}

fn find<'a>(document: &'a Document, id: &str) -> Result<&'a Figure, CommandError> {
    let asked = id.split('/').next().unwrap_or(id);
    let figure_id = FigureId::parse(id);
    if let Some(figure) = figure_id.as_ref().and_then(|id| document.figure(id)) {
        return Ok(figure);
    }
    let near: Vec<String> = document
        .figures
        .iter()
        .filter(|figure| figure.id.measure == asked)
        .take(8)
        .map(|figure| format!("\n  {}", crate::text::screen_str(&figure.id.to_string())))
        .collect();
    let id = crate::text::screen_str(id);
    Err(CommandError::Usage(if near.is_empty() {
        format!("there is no figure `{id}` in {}; `servicebook measures` lists the measures", document.period.id())
    } else {
        format!("there is no figure `{id}` in {}; some of that measure:{}", document.period.id(), near.concat())
    }))
}

/// Prints rows in a format.
pub fn printed(page: &RowsPage, rows_format: RowsFormat) -> String {
    let header: Vec<String> = page.columns.iter().map(|column| column.name.clone()).collect();
    match rows_format {
        RowsFormat::Table => {
            let right: Vec<bool> = page.columns.iter().map(|column| column.right).collect();
            let rows: Vec<Vec<String>> = page.rows.iter().map(|row| row.iter().map(format::cell).collect()).collect();
            output::columns(&header, &right, &rows)
        }
        _ => written(&header, &page.rows, rows_format),
    }
}

/// Writes rows as CSV or as one JSON object a line.
fn written(header: &[String], rows: &[Vec<Cell>], rows_format: RowsFormat) -> String {
    match rows_format {
        RowsFormat::Json => crate::export::rows::json(header, rows),
        _ => crate::export::rows::csv(header, rows),
    }
}
