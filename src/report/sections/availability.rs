//! Availability as a part of the page: what was had, how reliably, what is still allowed, and what tools say.

use super::{Column, grid, services};
use crate::model::clause::Clause;
use crate::model::figure::MissingKind;
use crate::model::{Figure, Scope};
use crate::report::document::{Block, Document, Grid, Section, Step};
use std::collections::BTreeSet;

const HAD: [Column<'_>; 8] = [
    ("Availability", "availability.percent", &[]),
    ("Weighted by users", "availability.user_weighted", &[]),
    ("Unplanned down", "availability.downtime", &[]),
    ("Agreed maintenance", "availability.planned", &[]),
    ("Left out by decision", "availability.excluded", &[]),
    ("Coverage", "availability.coverage", &[]),
    ("Outages", "availability.outages", &[]),
    ("Longest", "availability.longest", &[]),
];

const RELIABILITY: [Column<'_>; 8] = [
    ("MTBF", "availability.mtbf", &[]),
    ("Between, median", "availability.mtbf.median", &[]),
    ("MTRS", "availability.mtrs", &[]),
    ("Restored, median", "availability.mtrs.median", &[]),
    ("Restored, 90 %", "availability.mtrs.p90", &[]),
    ("MTBSI", "availability.mtbsi", &[]),
    ("MTTA", "availability.mtta", &[]),
    ("Lost user time", "availability.lost_user_minutes", &[]),
];

const BUDGET: [Column<'_>; 4] = [
    ("Allowed", "availability.allowed", &[]),
    ("Allowed left", "availability.allowed_left", &[]),
    ("Used", "availability.budget_used", &[]),
    ("Burn rate", "availability.burn_rate", &[]),
];

const REPORTED: [Column<'_>; 2] =
    [("From intervals", "availability.percent", &[]), ("Reported by the tool", "availability.reported", &[])];

/// Lays out availability.
pub(super) fn section(document: &Document) -> Option<Section> {
    let services = services(document);
    let agreements = agreements(document);
    let promised: Vec<(String, Scope)> = services.iter().chain(&agreements).cloned().collect();
    let of = |measure: &'static str| {
        let has = |scope: &Scope| document.find(measure, scope, &[]).is_some_and(is_told);
        promised.iter().filter(|(_, scope)| has(scope)).cloned().collect::<Vec<_>>()
    };
    let reported = of("availability.reported");
    let mut blocks = vec![
        grid(document, "Service", &services, &told(document, &services, &HAD)),
        grid(document, "Agreement", &agreements, &told(document, &agreements, &HAD)),
    ];
    blocks.extend(groups(document));
    blocks.push(grid(document, "Reliability", &services, &told(document, &services, &RELIABILITY)));
    blocks.push(grid(document, "Allowed downtime", &of("availability.allowed"), &BUDGET));
    blocks.push(grid(document, "Reported beside ours", &reported, if reported.is_empty() { &[] } else { &REPORTED }));
    blocks.push(Block::Table("outages".into()));
    let daily = document.series.iter().filter(|s| s.step == Step::Day && s.figure.measure == "availability.percent");
    blocks.extend(daily.map(|series| Block::Series(series.figure.clone(), Step::Day)));
    super::section(document, "Availability", &[Clause::Availability], blocks)
}

/// The agreements with figures of their own that say more than those of their services.
fn agreements(document: &Document) -> Vec<(String, Scope)> {
    let agreements: BTreeSet<(String, Scope)> = document
        .figures
        .iter()
        .filter(|figure| figure.id.measure == "availability.percent" && figure.id.scope.agreement.is_some())
        .filter(|figure| !document.says_again(figure))
        .map(|figure| (figure.id.scope.agreement.clone().unwrap_or_default(), figure.id.scope.clone()))
        .collect();
    agreements.into_iter().collect()
}

/// Pooled and worst of each group and of all services, with the name of the worst.
fn groups(document: &Document) -> Vec<Block> {
    let (mut rows, mut sentences) = (Vec::new(), Vec::new());
    for pooled in document.figures.iter().filter(|figure| figure.id.measure == "availability.pooled") {
        let group = pooled.id.dimension("group");
        let dimensions: Vec<(&str, &str)> = group.map(|id| ("group", id)).into_iter().collect();
        let label = group.map_or("All services", |id| document.group_name(id));
        let worst = document.find("availability.worst", &pooled.id.scope, &dimensions);
        let cells = vec![Some(pooled.id.clone()), worst.map(|figure| figure.id.clone())];
        let parameter = |name: &str| {
            let parameters = &worst?.basis.parameters;
            parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        };
        if let Some(id) = parameter("worst_member") {
            sentences.push(format!("{label}: the worst service is {}.", document.service_name(id)));
        }
        if let Some(left_out) = parameter("left_out_members") {
            sentences.push(format!("{label}: left out are {left_out}."));
        }
        rows.push((label.to_owned(), cells));
    }
    let columns = vec!["Pooled".to_owned(), "Worst service".to_owned()];
    let grid = Block::Grid(Grid { rows_are: "Group".into(), columns, rows });
    std::iter::once(grid).chain(sentences.into_iter().map(Block::Sentence)).collect()
}

/// Keeps the columns in which some row says something.
fn told<'c>(document: &Document, scopes: &[(String, Scope)], columns: &[Column<'c>]) -> Vec<Column<'c>> {
    let says = |(_, measure, dimensions): &Column<'_>| {
        scopes.iter().any(|(_, scope)| document.find(measure, scope, dimensions).is_some_and(is_told))
    };
    columns.iter().filter(|column| says(column)).copied().collect()
}

/// Tells whether a figure says more than that the book has nothing to say.
fn is_told(figure: &Figure) -> bool {
    let measure = figure.id.measure.as_str();
    match &figure.value {
        Ok(value) => measure != "availability.excluded" || *value > 0.0,
        Err(missing) => {
            missing.kind != MissingKind::NotConfigured
                && !matches!(measure, "availability.mtta" | "availability.user_weighted" | "availability.excluded")
        }
    }
}
