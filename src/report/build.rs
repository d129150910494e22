//! Makes the document of a period: figures, courses, tables, findings and the page.

use super::courses::{self, Courses};
use super::document::{BookMark, Cell, Descriptor, Document, DocumentTable, MeasureEntry, Named, Point, Series, Step};
use super::{format, sections, table};
use crate::measure::{Definition, Depth, MeasureError, Measured, Prepared};
use crate::model::period::local_rfc3339;
use crate::model::{Catalogue, Completeness, Edition, FigureId, Period};
use chrono::{DateTime, Utc};
use polars::prelude::DataFrame;
use std::collections::BTreeMap;

/// What a document is made for, besides rows.
#[derive(Clone, Debug)]
pub struct Order {
    /// The period.
    pub period: Period,
    /// The instant whose knowledge is used.
    pub as_of: DateTime<Utc>,
    /// What the report is for.
    pub descriptor: Descriptor,
    /// Which book.
    pub book: BookMark,
    /// The edition whose clause numbers are printed.
    pub edition: Edition,
    /// Reasons against completeness that the rows do not show, as staleness.
    pub reservations: Vec<String>,
}

/// Makes the document.
pub fn build(prepared: &Prepared, order: Order) -> Result<Document, MeasureError> {
    let measured = prepared.measure(&order.period, order.as_of, Depth::Report)?;
    let catalogue = prepared.catalogue();
    let Courses { mut series, figures: of_charts, findings: of_courses } =
        courses::of_months(prepared, &order, &measured)?;
    series.extend(measured.courses.iter().map(|course| {
        Series {
            figure: course.figure.clone(),
            step: Step::Day,
            points: course
                .points
                .iter()
                .map(|(day, value)| Point {
                    period: day.clone(),
                    value: value.as_ref().ok().copied(),
                    missing: value.as_ref().err().cloned(),
                    target: None,
                })
                .collect(),
            control: None,
        }
    }));
    let Measured { mut figures, mut findings, tables, outlooks, timelines, .. } = measured;
    figures.extend(of_charts);
    figures.sort_by(|a, b| a.id.cmp(&b.id));
    for figure in &mut figures {
        figure.display = format::display(figure, catalogue.settings.small_n);
    }
    let dataset = prepared.dataset();
    findings.extend(of_courses);
    findings.extend(dataset.findings().iter().cloned());
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    let mut incomplete_because = order.reservations.clone();
    for receipt in dataset.receipts() {
        if let Completeness::Incomplete { reason } = &receipt.completeness {
            incomplete_because.push(format!("source `{}` is incomplete: {reason}", receipt.source));
        }
        if !receipt.conserves() {
            incomplete_because.push(format!(
                "the records of source `{}` do not add up: {}",
                receipt.source,
                receipt.sum(" records", |count| count.to_string())
            ));
        }
    }
    let mut descriptor = order.descriptor;
    descriptor.sources = dataset.receipts().iter().map(|receipt| receipt.source.clone()).collect();
    let mut document = Document {
        descriptor,
        book: order.book,
        as_of: local_rfc3339(order.as_of, order.period.zone()),
        period: order.period,
        complete: incomplete_because.is_empty(),
        incomplete_because,
        edition: order.edition,
        services: catalogue.services.iter().map(|s| Named { id: s.id.clone(), name: s.name.clone() }).collect(),
        groups: catalogue.groups.iter().map(|g| Named { id: g.id.clone(), name: g.name.clone() }).collect(),
        customers: catalogue.customers.iter().map(|c| Named { id: c.id.clone(), name: c.name.clone() }).collect(),
        measures: crate::measure::catalogue().iter().map(|definition| entry(definition, order.edition)).collect(),
        figures,
        series,
        tables: document_tables(&tables, catalogue)?,
        outlooks,
        timelines,
        findings,
        receipts: dataset.receipts().to_vec(),
        actions: Vec::new(),
        sections: Vec::new(),
    };
    document.lay_out();
    Ok(document)
}

fn entry(definition: &Definition, edition: Edition) -> MeasureEntry {
    let mut clauses: Vec<String> = definition.clauses.iter().map(|clause| clause.number(edition).to_owned()).collect();
    clauses.dedup();
    let unit = serde_json::to_value(&definition.unit).ok();
    MeasureEntry {
        id: definition.id.to_owned(),
        name: definition.title.to_owned(),
        formula: definition.formula.to_owned(),
        unit: unit.and_then(|unit| unit.as_str().map(|unit| unit.replace('_', " "))).unwrap_or_default(),
        clauses,
        additive: definition.additive,
    }
}

fn document_tables(
    tables: &BTreeMap<String, DataFrame>,
    catalogue: &Catalogue,
) -> Result<Vec<DocumentTable>, MeasureError> {
    let zone = catalogue.zone;
    let columns = |name: &str| -> &'static [&'static str] {
        match name {
            "outages" => {
                &["service", "start", "end", "kind", "weight", "service_s", "cause", "origin", "ticket", "left_out"]
            }
            "continuity_plans" => &[
                "plan",
                "service",
                "owner",
                "last_ok",
                "next_due",
                "due_because",
                "last_kind",
                "last_result",
                "rto",
                "achieved_rto",
                "rpo",
                "achieved_rpo",
                "overdue",
            ],
            "continuity_tests" => {
                &["plan", "service", "at", "kind", "result_as_of", "rto_s", "rpo_s", "successful", "cause"]
            }
            _ => &[],
        }
    };
    let mut list = Vec::new();
    for (name, frame) in tables {
        let wanted = columns(name);
        if wanted.is_empty() {
            continue;
        }
        let mut frame = frame.clone();
        if let Ok(agreements) = frame.column("agreement") {
            // One row an outage: the service's own hours. An agreement's hours are in its figure's rows.
            frame = frame.filter(&agreements.is_null())?;
        }
        if name == "continuity_tests" {
            // Earlier tests stand in the plan's dates; the report tells of those of the period.
            frame = frame.filter(frame.column("in_period")?.bool()?)?;
        }
        if let Ok(components) = frame.column("component") {
            // A component's outage stands with the component.
            frame = frame.filter(&components.is_null())?;
        }
        let frame = frame.select(wanted.iter().copied())?;
        let services: Vec<Option<String>> =
            frame.column("service")?.str()?.iter().map(|id| id.map(str::to_owned)).collect();
        let mut rows: Vec<Vec<Cell>> = table::cells(&frame, zone)?;
        if let Some(at) = wanted.iter().position(|column| *column == "service") {
            for (row, id) in rows.iter_mut().zip(&services) {
                let named = id.as_ref().and_then(|id| catalogue.service(id));
                row[at] = named.map_or(Cell::Empty, |service| Cell::Text(service.name.clone()));
            }
        }
        list.push(DocumentTable {
            id: name.clone(),
            title: table::title(name),
            columns: wanted.iter().map(|column| (*column).to_owned()).collect(),
            rows,
            services,
        });
    }
    Ok(list)
}

impl Document {
    /// Keeps what belongs to some services and customers; an empty list keeps all.
    #[must_use]
    pub fn narrowed(mut self, services: &[String], customers: &[String]) -> Self {
        if services.is_empty() && customers.is_empty() {
            return self;
        }
        // What is of no customer is of all of them: beside customers, services only narrow further.
        let keeps = |id: &FigureId| match (&id.scope.service, &id.scope.customer) {
            (service, Some(customer)) if !customers.is_empty() => {
                customers.contains(customer)
                    && service.as_ref().is_none_or(|id| services.is_empty() || services.contains(id))
            }
            (Some(service), _) => customers.is_empty() && services.contains(service),
            (None, _) => false,
        };
        self.figures.retain(|figure| keeps(&figure.id));
        self.series.retain(|series| keeps(&series.figure));
        self.outlooks.retain(|outlook| keeps(&outlook.figure));
        if !services.is_empty() {
            self.services.retain(|named| services.contains(&named.id));
            self.timelines.retain(|timeline| services.contains(&timeline.service));
            for table in &mut self.tables {
                let kept: Vec<bool> =
                    table.services.iter().map(|id| id.as_ref().is_some_and(|id| services.contains(id))).collect();
                let mut keep = kept.iter();
                table.rows.retain(|_| keep.next().copied().unwrap_or(false));
                let mut keep = kept.iter();
                table.services.retain(|_| keep.next().copied().unwrap_or(false));
            }
        }
        if !customers.is_empty() {
            self.customers.retain(|named| customers.contains(&named.id));
            // Rows of registers and findings tell of every customer's affairs: one customer's report has none of them.
            self.services
                .retain(|named| self.figures.iter().any(|figure| figure.id.scope.service.as_ref() == Some(&named.id)));
            self.tables.clear();
            self.timelines.clear();
            self.findings.clear();
        }
        let named = if customers.is_empty() { &self.services } else { &self.customers };
        let names: Vec<&str> = named.iter().map(|named| named.name.as_str()).collect();
        self.descriptor.title = format!("{}: {}", self.descriptor.title, names.join(", "));
        self.lay_out();
        self
    }

    /// Lays out the page, and names the clauses that it gives evidence for.
    fn lay_out(&mut self) {
        self.sections = sections::monthly(self);
        let mut clauses: Vec<String> = self.sections.iter().flat_map(|section| section.clauses.clone()).collect();
        clauses.sort();
        clauses.dedup();
        self.descriptor.clauses = clauses;
    }
}
