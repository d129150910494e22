//! The document: everything that is shown or written, as plain values.

use crate::model::control_chart::charted;
use crate::model::{Control, Edition, Figure, FigureId, Finding, Outlook, Period, Raw, Receipt, Scope, Timeline};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// The name and version of the JSON form.
pub const SCHEMA: &str = "servicebook.report/1";

/// What a report is for (`domain.md` §2.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Descriptor {
    /// Stable id, as `monthly`.
    pub id: String,
    /// Rises when the definition changes.
    pub version: u32,
    /// The title that is printed.
    pub title: String,
    /// The decision it serves.
    pub purpose: String,
    /// Roles it is made for.
    pub audience: Vec<String>,
    /// How often it is made.
    pub frequency: String,
    /// Who answers for it.
    pub owner: String,
    /// Sources that went in, by id.
    pub sources: Vec<String>,
    /// Clause numbers that it gives evidence for, with our labels.
    pub clauses: Vec<String>,
}

/// Which book a document was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookMark {
    /// The book's title.
    pub id: String,
    /// Whether it is the demo book: stamped SAMPLE DATA wherever it is shown.
    pub sample: bool,
}

/// A service or customer as the document names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The id in the catalogue.
    pub id: String,
    /// The name that is printed.
    pub name: String,
}

/// A measure of the catalogue as the document names it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MeasureEntry {
    /// The id in the catalogue of measures.
    pub id: String,
    /// The name that is printed.
    pub name: String,
    /// The formula in words.
    pub formula: String,
    /// What it is counted in, as JSON names it.
    pub unit: String,
    /// Clause numbers in the edition of the book.
    pub clauses: Vec<String>,
    /// Whether the parts of a split period add up to the whole.
    pub additive: bool,
}

/// One point of a series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// A month `2026-09` or a day `2026-09-17`.
    pub period: String,
    /// The value, or null where there is none; a gap is never nought.
    pub value: Option<f64>,
    /// Why there is none, in one line.
    pub missing: Option<String>,
    /// The target of that period.
    pub target: Option<f64>,
}

/// The step of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Months, up to 13, the report's own last.
    Month,
    /// The local days of the period.
    Day,
}

/// The course of one figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The figure whose course it is.
    pub figure: FigureId,
    /// Months or days.
    pub step: Step,
    /// Oldest first.
    pub points: Vec<Point>,
    /// The control chart of the figure, where its months are watched.
    pub control: Option<Control>,
}

impl Serialize for Series {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Series", 4)?;
        object.serialize_field("figure", &self.figure.to_string())?;
        object.serialize_field("step", &self.step)?;
        object.serialize_field("points", &self.points)?;
        object.serialize_field("control", &self.control)?;
        object.end()
    }
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Nothing known.
    Empty,
    /// Text of ours: names from the catalogue, words of the program, formatted stamps.
    Text(String),
    /// Text from a source; goes through a door before it is shown.
    Raw(Raw),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// Yes or no.
    Boolean(bool),
    /// A point in time, with the zone that it is written in.
    #[serde(serialize_with = "as_local_instant")]
    Instant(DateTime<Utc>, Tz),
    /// A length of time in whole seconds.
    Seconds(i64),
}

impl Cell {
    /// Tells whether it reads best at the right edge, among its like.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Decimal(_) | Self::Seconds(_))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn as_local_instant<S: Serializer>(at: &DateTime<Utc>, zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&crate::model::period::local_rfc3339(*at, *zone))
}

/// A table of rows that belong to a report: outages, continuity plans, workload limits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DocumentTable {
    /// Stable id, as `outages`.
    pub id: String,
    /// The title that is printed; not part of the JSON.
    #[serde(skip)]
    pub title: String,
    /// Column names.
    pub columns: Vec<String>,
    /// Rows of cells, as many as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// The service of each row, where it has one; not part of the JSON.
    #[serde(skip)]
    pub services: Vec<Option<String>>,
}

/// An agreed action (empty until the journal's issue lands).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What is to be done.
    pub text: String,
    /// The role that does it.
    pub owner: String,
    /// ISO date.
    pub due: String,
}

/// A part of the report as a page: the order in which figures are read.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// Clause numbers with labels.
    pub clauses: Vec<String>,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// One block of a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A sentence.
    Sentence(String),
    /// Figures as a grid: a row for each thing measured, a column for each measure.
    Grid(Grid),
    /// A table of the document, by id.
    Table(String),
    /// The course of a figure.
    Series(FigureId, Step),
}

/// Figures laid out as rows and columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// What the rows are, as `Service` or `Priority`.
    pub rows_are: String,
    /// Column headings.
    pub columns: Vec<String>,
    /// A label and one figure a column; `None` where the figure does not exist.
    pub rows: Vec<(String, Vec<Option<FigureId>>)>,
}

/// A report: the one thing that screens and exports format.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it is for.
    pub descriptor: Descriptor,
    /// Which book.
    pub book: BookMark,
    /// Which span.
    pub period: Period,
    /// The instant whose knowledge is used, RFC 3339 with the offset of the report zone.
    pub as_of: String,
    /// False when an incomplete pull, stale rows or broken conservation went in.
    pub complete: bool,
    /// Why it is not complete, one line each.
    pub incomplete_because: Vec<String>,
    /// The edition whose clause numbers are printed.
    pub edition: Edition,
    /// Services in the order of the book.
    pub services: Vec<Named>,
    /// Groups of services in the order of the book.
    pub groups: Vec<Named>,
    /// Customers in the order of the book.
    pub customers: Vec<Named>,
    /// The measures of the catalogue; not part of the JSON.
    pub measures: Vec<MeasureEntry>,
    /// Every figure, sorted by id.
    pub figures: Vec<Figure>,
    /// Courses.
    pub series: Vec<Series>,
    /// Tables.
    pub tables: Vec<DocumentTable>,
    /// Forecasts of resources, to be drawn; not part of the JSON.
    pub outlooks: Vec<Outlook>,
    /// What happened to each service, to be drawn; not part of the JSON.
    pub timelines: Vec<Timeline>,
    /// Findings of the period and of the rows.
    pub findings: Vec<Finding>,
    /// Receipts.
    pub receipts: Vec<Receipt>,
    /// Actions.
    pub actions: Vec<Action>,
    /// The page.
    pub sections: Vec<Section>,
}

impl Document {
    /// Tells whether the period is not over at as-of: its figures may still change.
    pub fn is_running(&self) -> bool {
        DateTime::parse_from_rfc3339(&self.as_of).is_ok_and(|at| at < self.period.end())
    }

    /// Tells whether anything of its period was over at as-of.
    pub fn has_begun(&self) -> bool {
        DateTime::parse_from_rfc3339(&self.as_of).is_ok_and(|at| at > self.period.start())
    }

    /// Finds a figure.
    pub fn figure(&self, id: &FigureId) -> Option<&Figure> {
        self.figures.binary_search_by(|figure| figure.id.cmp(id)).ok().map(|at| &self.figures[at])
    }

    /// Returns the figures whose measure's id begins so, as `capacity.`, in the order of their ids.
    pub fn of_measures(&self, prefix: &str) -> &[Figure] {
        let first = self.figures.partition_point(|figure| figure.id.measure.as_str() < prefix);
        let from = &self.figures[first..];
        &from[..from.partition_point(|figure| figure.id.measure.starts_with(prefix))]
    }

    /// Finds a figure by measure, scope and dimensions.
    pub fn find(&self, measure: &str, scope: &Scope, dimensions: &[(&str, &str)]) -> Option<&Figure> {
        self.figure(&FigureId::new(measure, scope.clone(), dimensions))
    }

    /// Tells whether a figure of an agreement only says again what the figure of its service says: an agreement for every
    /// customer whose hours are the service's own. Lists of what is wrong name such a thing once.
    pub fn says_again(&self, figure: &Figure) -> bool {
        let scope = &figure.id.scope;
        if scope.agreement.is_none() || scope.customer.is_some() {
            return false;
        }
        let of_service = Scope { agreement: None, ..scope.clone() };
        let id = FigureId {
            measure: figure.id.measure.clone(),
            scope: of_service,
            dimensions: figure.id.dimensions.clone(),
        };
        self.figure(&id).is_some_and(|own| own.value == figure.value && own.denominator == figure.denominator)
    }

    /// Returns every figure that has a target, each thing once.
    pub fn judged(&self) -> impl Iterator<Item = &Figure> {
        self.figures.iter().filter(|figure| figure.target.is_some() && !self.says_again(figure))
    }

    /// Finds a table.
    pub fn table(&self, id: &str) -> Option<&DocumentTable> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// Finds the forecast of a resource by any of its figures.
    pub fn outlook(&self, figure: &FigureId) -> Option<&Outlook> {
        self.outlooks
            .iter()
            .find(|outlook| outlook.figure.scope == figure.scope && outlook.figure.dimensions == figure.dimensions)
    }

    /// Finds what happened to a service.
    pub fn timeline(&self, service: &str) -> Option<&Timeline> {
        self.timelines.iter().find(|timeline| timeline.service == service)
    }

    /// Finds the course of a figure.
    pub fn course(&self, figure: &FigureId, step: Step) -> Option<&Series> {
        self.series.iter().find(|series| series.step == step && series.figure == *figure)
    }

    /// Finds the control chart of a figure, or the one that a figure `control.…` was made from.
    pub fn control(&self, figure: &FigureId) -> Option<&Control> {
        self.course(charted(figure).as_ref().unwrap_or(figure), Step::Month).and_then(|series| series.control.as_ref())
    }

    /// Returns the printed name of a measure, or its id.
    pub fn measure_title<'a>(&'a self, id: &'a str) -> &'a str {
        self.measures.iter().find(|named| named.id == id).map_or(id, |named| &named.name)
    }

    /// Returns the printed name of a group of services, or its id.
    pub fn group_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.groups.iter().find(|named| named.id == id).map_or(id, |named| &named.name)
    }

    /// Returns the printed name of a service, or its id.
    pub fn service_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.services.iter().find(|named| named.id == id).map_or(id, |named| &named.name)
    }

    /// Returns the name of a customer, or its id where it is not in the report.
    pub fn customer_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.customers.iter().find(|named| named.id == id).map_or(id, |named| &named.name)
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Document", 13)?;
        object.serialize_field("schema", SCHEMA)?;
        object.serialize_field("descriptor", &self.descriptor)?;
        object.serialize_field("book", &self.book)?;
        object.serialize_field("period", &self.period)?;
        object.serialize_field("as_of", &self.as_of)?;
        object.serialize_field("complete", &self.complete)?;
        object.serialize_field("edition", &self.edition)?;
        object.serialize_field("figures", &self.figures)?;
        object.serialize_field("series", &self.series)?;
        object.serialize_field("tables", &self.tables)?;
        object.serialize_field("findings", &self.findings)?;
        object.serialize_field("receipts", &self.receipts)?;
        object.serialize_field("actions", &self.actions)?;
        object.end()
    }
}
