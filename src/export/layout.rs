//! Lays out a document as a page.
//!
//! Knows where everything stands in a document. Must not compute: it counts and orders what is printed, no more.

use super::evidence;
use super::page::{Course, Miss, Page, Part, Piece, Pull, Shown, Tally};
use super::{ExportError, words};
use crate::model::figure::MissingKind;
use crate::model::receipt::Completeness;
use crate::model::{Figure, FigureId, Receipt, Severity, Verdict};
use crate::report::document::{Block, Cell, Point, Section, Series, Step};
use crate::report::{Document, format};
use crate::text::{screen_str, width};
use std::collections::BTreeMap;

impl Page {
    /// Lays out a document.
    pub fn of(document: &Document) -> Result<Self, ExportError> {
        let mut printer = Printer { document, numbers: BTreeMap::new(), order: Vec::new() };
        let mut judged: Vec<&Figure> = document.judged().collect();
        // The whole before its parts: a reader wants the service before its priorities.
        judged.sort_by_key(|figure| (figure.verdict, &figure.id.measure, &figure.id.scope, figure.id.dimensions.len()));
        let mut tally = Tally::default();
        let (mut misses, mut unjudged) = (Vec::new(), Vec::new());
        for figure in judged {
            let unknown = figure.lacks_rows();
            match figure.verdict {
                Verdict::Missed => tally.missed += 1,
                Verdict::AtRisk => tally.at_risk += 1,
                Verdict::Met => tally.met += 1,
                Verdict::None if unknown => tally.unjudged += 1,
                Verdict::None => {}
            }
            let name = words::name(document, &figure.id);
            if matches!(figure.verdict, Verdict::Missed | Verdict::AtRisk) {
                let distance = words::distance(figure).unwrap_or_default();
                misses.push(Miss { name, shown: printer.show(figure), distance });
            } else if unknown {
                let shown = printer.show(figure);
                let distance = shown.reason.clone().unwrap_or_default();
                unjudged.push(Miss { name, shown, distance });
            }
        }
        let sections =
            document.sections.iter().map(|section| printer.section(section)).collect::<Result<Vec<_>, _>>()?;
        let evidence = evidence::of(document, &printer.order);
        let mut page = Self {
            title: screen_str(&document.descriptor.title),
            sample: document.book.sample,
            incomplete: (!document.complete)
                .then(|| document.incomplete_because.iter().map(|reason| screen_str(reason)).collect()),
            subtitle: screen_str(&format!(
                "{}, {}, {}",
                document.book.id,
                document.period.id(),
                document.period.zone().name()
            )),
            descriptor: descriptor(document),
            tally,
            misses,
            unjudged,
            sections,
            actions: document
                .actions
                .iter()
                .map(|action| [screen_str(&action.text), screen_str(&action.owner), screen_str(&action.due)])
                .collect(),
            findings: findings(document),
            marks: marks(&printer.order),
            evidence,
            receipts: document.receipts.iter().map(pull).collect(),
            schema: crate::report::document::SCHEMA,
        };
        page.number_by_evidence();
        Ok(page)
    }

    /// Numbers the figures anew in the order of the appendix, so that a number is found by leafing.
    fn number_by_evidence(&mut self) {
        let mut places = BTreeMap::new();
        for proof in self.evidence.iter_mut().flat_map(|group| &mut group.figures) {
            let place = places.len() + 1;
            places.insert(std::mem::replace(&mut proof.number, place), place);
        }
        let place = |number: &mut usize| *number = places.get(number).copied().unwrap_or(*number);
        for miss in self.misses.iter_mut().chain(&mut self.unjudged) {
            place(&mut miss.shown.number);
        }
        for piece in self.sections.iter_mut().flat_map(|part| &mut part.blocks) {
            match piece {
                Piece::Grid { rows, .. } => {
                    rows.iter_mut().flat_map(|(_, cells)| cells).flatten().for_each(|shown| place(&mut shown.number));
                }
                Piece::Course(course) => place(&mut course.number),
                Piece::Sentence { .. } | Piece::Table { .. } => {}
            }
        }
    }
}

/// Numbers the figures in the order in which they are printed.
struct Printer<'a> {
    document: &'a Document,
    numbers: BTreeMap<&'a FigureId, usize>,
    order: Vec<&'a Figure>,
}

impl<'a> Printer<'a> {
    fn number(&mut self, figure: &'a Figure) -> usize {
        *self.numbers.entry(&figure.id).or_insert_with(|| {
            self.order.push(figure);
            self.order.len()
        })
    }

    fn show(&mut self, figure: &'a Figure) -> Shown {
        Shown {
            display: screen_str(&figure.display),
            marks: words::marks(figure),
            status: words::status(figure.verdict),
            target: figure.target.as_ref().map(|target| screen_str(&format::target(target, &figure.unit))),
            reason: figure.value.as_ref().err().map(|missing| screen_str(&missing.text)),
            number: self.number(figure),
        }
    }

    fn figure(&self, id: &FigureId) -> Result<&'a Figure, ExportError> {
        self.document.figure(id).ok_or_else(|| dangling("figure", &id.to_string()))
    }

    fn section(&mut self, section: &'a Section) -> Result<Part, ExportError> {
        let blocks = section.blocks.iter().map(|block| self.block(block)).collect::<Result<Vec<_>, _>>()?;
        Ok(Part { title: screen_str(&section.title), clauses: screen_str(&section.clauses.join(", ")), blocks })
    }

    fn block(&mut self, block: &'a Block) -> Result<Piece, ExportError> {
        Ok(match block {
            Block::Sentence(text) => Piece::Sentence { text: screen_str(text) },
            Block::Grid(grid) => {
                let mut rows = Vec::with_capacity(grid.rows.len());
                for (label, ids) in &grid.rows {
                    let mut cells = Vec::with_capacity(ids.len());
                    for id in ids {
                        cells.push(match id {
                            Some(id) => Some(self.figure(id).map(|figure| self.show(figure))?),
                            None => None,
                        });
                    }
                    cells.resize_with(grid.columns.len(), || None);
                    rows.push((screen_str(label), cells));
                }
                let columns = grid.columns.iter().map(|column| screen_str(column)).collect();
                Piece::Grid { rows_are: screen_str(&grid.rows_are), columns, rows }
            }
            Block::Table(id) => {
                let table = self.document.table(id).ok_or_else(|| dangling("table", id))?;
                let columns = table.columns.iter().enumerate().map(|(at, column)| {
                    let number = table
                        .rows
                        .iter()
                        .filter_map(|row| row.get(at))
                        .all(|cell| *cell == Cell::Empty || cell.is_number());
                    (format::heading(column), number && !table.rows.is_empty())
                });
                let width = table.columns.len();
                let rows = table.rows.iter().map(|row| {
                    let mut row: Vec<String> = row.iter().map(format::cell).collect();
                    row.resize(width, String::new());
                    row
                });
                Piece::Table { title: screen_str(&table.title), columns: columns.collect(), rows: rows.collect() }
            }
            Block::Series(id, step) => Piece::Course(self.course(id, *step)?),
        })
    }

    fn course(&mut self, id: &FigureId, step: Step) -> Result<Course, ExportError> {
        let figure = self.figure(id)?;
        let at = self
            .document
            .series
            .iter()
            .position(|series| series.step == step && series.figure == *id)
            .ok_or_else(|| dangling("course", &id.to_string()))?;
        let series: &Series = &self.document.series[at];
        let points = series.points.iter().map(|point| {
            let value = point_text(point, figure);
            let target = point.target.map_or_else(String::new, |target| format::number(target, &figure.unit));
            [screen_str(&point.period), value, screen_str(&target)]
        });
        let (step, adverb, points) = match step {
            Step::Month => ("Month", "by month", points.collect()),
            Step::Day => ("Day", "by day", runs(points)),
        };
        Ok(Course {
            name: format!("{}, {adverb}", words::name(self.document, id)),
            step,
            has_target: series.points.iter().any(|point| point.target.is_some()),
            short: points.len() <= 13 && points.iter().flatten().all(|text| width(text) <= 12),
            points,
            control: series.control.as_ref().map(|chart| screen_str(&format::control(chart, &figure.unit))),
            number: self.number(figure),
            at,
            chart: None,
        })
    }
}

/// Joins days on which the same stands, as `2026-09-13 to 2026-09-17`.
fn runs(points: impl Iterator<Item = [String; 3]>) -> Vec<[String; 3]> {
    let mut runs: Vec<[String; 3]> = Vec::new();
    for [day, value, target] in points {
        match runs.last_mut() {
            Some([days, same_value, same_target]) if *same_value == value && *same_target == target => {
                let first = days.split(' ').next().unwrap_or_default();
                *days = format!("{first} to {day}");
            }
            _ => runs.push([day, value, target]),
        }
    }
    runs
}

fn dangling(what: &'static str, id: &str) -> ExportError {
    ExportError::Dangling { what, id: screen_str(id) }
}

/// Returns a point's value in the figure's unit, or why there is none.
fn point_text(point: &Point, figure: &Figure) -> String {
    match point.value {
        Some(value) => screen_str(&format::beside(value, point.target, figure)),
        None => {
            point.missing.as_deref().map_or_else(|| format::missing_word(MissingKind::NoData).to_owned(), screen_str)
        }
    }
}

fn known_as_of(document: &Document) -> String {
    if document.is_running() {
        format!("{}; the period is not over, its figures are provisional", document.as_of)
    } else {
        document.as_of.clone()
    }
}

fn descriptor(document: &Document) -> Vec<(&'static str, String)> {
    let about = &document.descriptor;
    let period = &document.period;
    let span = format!(
        "{}: from {} until before {}, {}",
        period.id(),
        format::instant(period.start(), period.zone()),
        format::instant(period.end(), period.zone()),
        period.zone().name()
    );
    let fields = [
        ("Purpose", about.purpose.clone()),
        ("Audience", about.audience.join(", ")),
        ("Owner", about.owner.clone()),
        ("Frequency", about.frequency.clone()),
        ("Period", span),
        ("Known as of", known_as_of(document)),
        ("Book", document.book.id.clone()),
        ("Sources", about.sources.join(", ")),
        ("Clauses", about.clauses.join(", ")),
        ("Edition", format!("ISO/IEC 20000-1:{}", u16::from(document.edition))),
        ("Report", format!("{}, version {}", about.id, about.version)),
    ];
    fields.into_iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| (label, screen_str(&text))).collect()
}

fn findings(document: &Document) -> Vec<[String; 3]> {
    let mut findings: Vec<_> = document.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
        .into_iter()
        .map(|finding| {
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            [severity.into(), format::grouped(finding.count as f64, 0), screen_str(&finding.text)]
        })
        .collect()
}

fn marks(printed: &[&Figure]) -> Vec<[&'static str; 2]> {
    let mut marks = Vec::new();
    if printed.iter().any(|figure| figure.tainted) {
        marks.push([words::TAINTED, "made from an incomplete pull: rows may be missing from it"]);
    }
    if printed.iter().any(|figure| figure.provisional) {
        marks.push([words::PROVISIONAL, "provisional: it may still change by rule, as while an effect window runs"]);
    }
    marks
}

fn pull(receipt: &Receipt) -> Pull {
    let count = |number: u64| format::grouped(number as f64, 0);
    let sum = receipt.sum("", count);
    let completeness = match &receipt.completeness {
        Completeness::Complete { rule } => format!("complete: {rule}"),
        Completeness::Incomplete { reason } => format!("INCOMPLETE: {reason}"),
        Completeness::Unknowable { reason } => format!("cannot be known: {reason}"),
    };
    Pull {
        id: screen_str(&receipt.id),
        source: screen_str(&format!("{} ({})", receipt.source, receipt.connector)),
        pulled_at: screen_str(&receipt.pulled_at),
        records: if receipt.conserves() { sum } else { format!("NOT CONSERVED: {sum}") },
        completeness: screen_str(&completeness),
        doubtful: receipt.completeness.taints() || !receipt.conserves(),
        files: receipt
            .files
            .iter()
            .map(|file| [screen_str(&file.name), count(file.bytes), count(file.records), screen_str(&file.sha256)])
            .collect(),
    }
}
