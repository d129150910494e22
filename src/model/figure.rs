//! A figure: a value or the reason why there is none, and everything needed to answer for it.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::fmt;

/// What a value is counted in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Things counted.
    Count,
    /// 0 to 100.
    Percent,
    /// Whole seconds, or their mean.
    Seconds,
    /// Days of 24 hours.
    Days,
    /// A number of events a ticket.
    PerTicket,
    /// Events, of which one row may hold several.
    Events,
    /// Defects a million opportunities.
    PerMillion,
    /// A plain number: one amount by another of the same kind.
    Ratio,
    /// Points of a scale from −100 to 100.
    Points,
    /// Minor units of a currency (ISO 4217), as cents; written `money:EUR`. Never added to those of another (rule R24).
    #[serde(untagged, serialize_with = "as_money")]
    Money(String),
    /// A reading in the resource's own unit.
    #[serde(untagged)]
    Own(String),
}

impl Unit {
    /// Tells whether it is a share of something that there is no more of than all.
    pub fn is_share(&self) -> bool {
        matches!(self, Self::Percent) || matches!(self, Self::Own(name) if name == "%")
    }
}

fn as_money<S: Serializer>(currency: &str, serializer: S) -> Result<S::Ok, S::Error> {
    // The catalogue of measures knows no currency.
    if currency.is_empty() {
        serializer.serialize_str("money")
    } else {
        serializer.collect_str(&format_args!("money:{currency}"))
    }
}

/// Whose figure it is. All empty means the whole book.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Scope {
    /// A service id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// A customer id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// An agreement id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
}

impl Scope {
    /// The whole book.
    pub fn book() -> Self {
        Self::default()
    }

    /// One service.
    pub fn service(id: impl Into<String>) -> Self {
        Self { service: Some(id.into()), ..Self::default() }
    }

    /// One customer.
    pub fn customer(id: impl Into<String>) -> Self {
        Self { customer: Some(id.into()), ..Self::default() }
    }
}

/// Measure + scope + dimensions: stable from month to month, written
/// `tickets.opened/service=mail/priority=P1/type=incident`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FigureId {
    /// The measure's id in the catalogue of measures.
    pub measure: String,
    /// Whose figure it is.
    pub scope: Scope,
    /// Dimension and value, sorted by dimension.
    pub dimensions: Vec<(String, String)>,
}

impl FigureId {
    /// Makes an id; the dimensions are sorted.
    pub fn new(measure: impl Into<String>, scope: Scope, dimensions: &[(&str, &str)]) -> Self {
        let mut dimensions: Vec<_> = dimensions.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        dimensions.sort();
        Self { measure: measure.into(), scope, dimensions }
    }

    /// Reads an id as it is written, its parts in any order; `None` where a part has no `=`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let measure = parts.next()?;
        let (mut scope, mut dimensions) = (Scope::book(), Vec::new());
        for part in parts {
            let (key, value) = part.split_once('=')?;
            match key {
                "service" => scope.service = Some(value.to_owned()),
                "customer" => scope.customer = Some(value.to_owned()),
                "agreement" => scope.agreement = Some(value.to_owned()),
                _ => dimensions.push((key, value)),
            }
        }
        Some(Self::new(measure, scope, &dimensions))
    }

    /// Returns the value of a dimension.
    pub fn dimension(&self, name: &str) -> Option<&str> {
        self.dimensions.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for FigureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.measure)?;
        let scope = [
            ("service", &self.scope.service),
            ("customer", &self.scope.customer),
            ("agreement", &self.scope.agreement),
        ];
        for (key, value) in scope {
            if let Some(value) = value {
                write!(f, "/{key}={value}")?;
            }
        }
        for (key, value) in &self.dimensions {
            write!(f, "/{key}={value}")?;
        }
        Ok(())
    }
}

/// Why there is no value. Each kind is another thing than zero, and than each other (rule R1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingKind {
    /// There is an obligation, but no rows to compute from.
    NoData,
    /// There is nothing to measure: no obligation, or a denominator of nought.
    NotApplicable,
    /// Too little of the time is known.
    InsufficientCoverage,
    /// The book does not say what is needed.
    NotConfigured,
    /// The formula has no result, as a mean time between no failures.
    Undefined,
}

/// A reason for the absence of a value, with words that can be printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The kind.
    pub kind: MissingKind,
    /// One line that says what is missing.
    pub text: String,
}

impl Missing {
    /// Makes a reason.
    pub fn new(kind: MissingKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

/// How a value is compared with its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Comparator {
    /// At least the target is met.
    #[serde(rename = ">=")]
    AtLeast,
    /// At most the target is met.
    #[serde(rename = "<=")]
    AtMost,
}

/// What was promised, by whom and since when.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    /// In the figure's unit.
    pub value: f64,
    /// Which side is good.
    pub comparator: Comparator,
    /// The agreement's id.
    pub agreement: String,
    /// The first day on which the target holds, ISO.
    pub effective_from: String,
}

/// How a value stands to its target. Judged on exact values, never on rounded ones (rule R16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The target is not reached.
    Missed,
    /// The target is reached, with little left.
    AtRisk,
    /// The target is reached.
    Met,
    /// There is no target, or no value.
    None,
}

/// How much of the time is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// Known share of the base, 0 to 1.
    pub ratio: f64,
    /// The value with all unknown time down.
    pub low: f64,
    /// The value with all unknown time up.
    pub high: f64,
    /// `measured`, `asserted` or `mixed`.
    pub kind: String,
}

/// Rows left out of a figure, by reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// The filter that gives them back.
    pub filter: String,
}

/// The rows behind a figure: `SELECT * FROM table WHERE filter` gives exactly `used` rows.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Rows {
    /// The table: a canonical one, with the measured columns of the period added.
    pub table: String,
    /// How many rows the figure was computed from.
    pub used: u64,
    /// Rows that would have belonged but could not be used.
    pub left_out: Vec<LeftOut>,
    /// The condition, as SQL.
    pub filter: String,
}

/// Another result for the same question, by another formula.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alternative {
    /// The formula's name.
    pub formula: String,
    /// Its value in the figure's unit.
    pub value: f64,
}

/// An interval around an estimate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end; null where it is unbounded.
    pub low: Option<f64>,
    /// Upper end; null where it is unbounded.
    pub high: Option<f64>,
    /// Confidence, 0 to 1.
    pub level: f64,
    /// How it was made.
    pub method: String,
}

/// How a figure came to be.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Basis {
    /// The formula in words.
    pub formula: String,
    /// Parameters in force, as `calendar = office`.
    #[serde(serialize_with = "as_object")]
    pub parameters: Vec<(String, String)>,
    /// Clause numbers in the edition of the book.
    pub clauses: Vec<String>,
    /// Ids of the receipts whose rows went in.
    pub receipts: Vec<String>,
}

fn as_object<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(pairs.len()))?;
    for (key, value) in pairs {
        map.serialize_entry(key, value)?;
    }
    map.end()
}

/// One figure of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Measure, scope and dimensions.
    pub id: FigureId,
    /// The unrounded value, or why there is none. The two never stand together.
    pub value: Result<f64, Missing>,
    /// What the value is counted in.
    pub unit: Unit,
    /// What screen and page print; made by `report::format` and empty before.
    pub display: String,
    /// Whether it may still change by rule (`domain.md` §4.4), as within an effect window.
    pub provisional: bool,
    /// Whether an incomplete pull went into it (invariant 5).
    pub tainted: bool,
    /// What was promised.
    pub target: Option<Target>,
    /// How the value stands to it.
    pub verdict: Verdict,
    /// For ratios: the part.
    pub numerator: Option<i64>,
    /// For ratios: the whole.
    pub denominator: Option<i64>,
    /// How many observations went in.
    pub n: u64,
    /// Interval around an estimate.
    pub interval: Option<Interval>,
    /// Other formulas' results.
    pub alternatives: Vec<Alternative>,
    /// How much of the time is known.
    pub coverage: Option<Coverage>,
    /// The rows behind it.
    pub rows: Rows,
    /// How it came to be.
    pub basis: Basis,
}

impl Figure {
    /// Makes a figure without target, coverage or basis; the caller fills in what applies.
    pub fn new(id: FigureId, unit: Unit, value: Result<f64, Missing>) -> Self {
        Self {
            id,
            value,
            unit,
            display: String::new(),
            provisional: false,
            tainted: false,
            target: None,
            verdict: Verdict::None,
            numerator: None,
            denominator: None,
            n: 0,
            interval: None,
            alternatives: Vec::new(),
            coverage: None,
            rows: Rows::default(),
            basis: Basis::default(),
        }
    }

    /// Tells whether it is a share of rows that were counted one by one. Shares of time and of money are not.
    pub fn is_share_of_rows(&self) -> bool {
        let counted = ["tickets", "surveys", "continuity_plans", "supporting_clocks", "readings"];
        matches!(self.unit, Unit::Percent | Unit::Points | Unit::PerMillion | Unit::Ratio)
            && self.numerator.is_some()
            && self.denominator.is_some()
            && counted.contains(&self.rows.table.as_str())
    }

    /// Tells whether it is not known because rows are missing: no data, or not enough of it.
    pub fn lacks_rows(&self) -> bool {
        let kind = self.value.as_ref().map_err(|missing| missing.kind);
        matches!(kind, Err(MissingKind::NoData | MissingKind::InsufficientCoverage))
    }

    /// Returns the value where there is one.
    pub fn number(&self) -> Option<f64> {
        self.value.as_ref().ok().copied()
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Dimensions<'a>(&'a [(String, String)]);
        impl Serialize for Dimensions<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                as_object(self.0, serializer)
            }
        }
        let mut map = serializer.serialize_map(Some(20))?;
        map.serialize_entry("id", &self.id.to_string())?;
        map.serialize_entry("measure", &self.id.measure)?;
        map.serialize_entry("scope", &self.id.scope)?;
        map.serialize_entry("dimensions", &Dimensions(&self.id.dimensions))?;
        map.serialize_entry("value", &self.number().map(json_number))?;
        map.serialize_entry("unit", &self.unit)?;
        map.serialize_entry("display", &self.display)?;
        map.serialize_entry("missing", &self.value.as_ref().err())?;
        map.serialize_entry("provisional", &self.provisional)?;
        map.serialize_entry("tainted", &self.tainted)?;
        map.serialize_entry("target", &self.target)?;
        map.serialize_entry("verdict", &self.verdict)?;
        map.serialize_entry("numerator", &self.numerator)?;
        map.serialize_entry("denominator", &self.denominator)?;
        map.serialize_entry("n", &self.n)?;
        map.serialize_entry("interval", &self.interval)?;
        map.serialize_entry("alternatives", &self.alternatives)?;
        map.serialize_entry("coverage", &self.coverage)?;
        map.serialize_entry("rows", &self.rows)?;
        map.serialize_entry("basis", &self.basis)?;
        map.end()
    }
}

/// Writes a whole value as an integer, so that counts and seconds are integers in JSON.
pub fn json_number(value: f64) -> serde_json::Number {
    // 2^53: every whole f64 below it is exact.
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        #[expect(clippy::cast_possible_truncation, reason = "the value is whole and below 2^53")]
        return serde_json::Number::from(value as i64);
    }
    serde_json::Number::from_f64(value).unwrap_or_else(|| serde_json::Number::from(0))
}
