//! Control charts: what the book asks for, and what a chart comes to.

use super::figure::json_number;
use super::{FigureId, Scope};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// Fewest months with a value that limits are made from.
pub const FEWEST_POINTS: usize = 5;
/// Longest baseline that a book may name, in months.
const LONGEST_BASELINE: i32 = 60;

/// A month of the calendar, as `2026-09`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// Reads `2026-09`; `None` where the text is no month.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        let (year, month): (i32, i32) = (year.parse().ok()?, month.parse().ok()?);
        (1..=12).contains(&month).then_some(Self(year * 12 + month - 1))
    }

    /// Moves by months.
    #[must_use]
    pub fn shifted(self, by: i32) -> Self {
        Self(self.0 + by)
    }

    /// Returns how many months it comes after another.
    pub fn since(self, other: Self) -> i32 {
        self.0 - other.0
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

/// The months that make centre and limits for good, both included; written `2025-07..2026-06`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The first month.
    pub from: Month,
    /// The last month.
    pub to: Month,
}

impl Baseline {
    /// Tells whether a month belongs to it.
    pub fn holds(&self, month: Month) -> bool {
        self.from <= month && month <= self.to
    }

    /// Returns its months in order.
    pub fn months(&self) -> impl Iterator<Item = Month> + use<> {
        let from = self.from;
        (0..=self.to.since(from)).map(move |by| from.shifted(by))
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

impl Serialize for Baseline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Baseline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let months = text.split_once("..").and_then(|(from, to)| Some((Month::parse(from)?, Month::parse(to)?)));
        let (from, to) = months.ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{text}` is no baseline; write its first and last month as `2025-07..2026-06`"
            ))
        })?;
        Ok(Self { from, to })
    }
}

/// How limits are made (`domain.md` §4.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Single values and their moving ranges.
    Xmr,
    /// Shares of counted cases, whose number varies.
    P,
    /// Counts over an area of opportunity that varies.
    U,
    /// Counts over an area that does not vary.
    C,
}

impl ChartKind {
    /// Returns its name, as config and parameters write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Xmr => "xmr",
            Self::P => "p",
            Self::U => "u",
            Self::C => "c",
        }
    }
}

/// `[[control_chart]]`: a figure whose months are watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlChart {
    /// The measure.
    pub measure: String,
    /// The service whose figure it is; the whole book where service, customer and agreement are left out.
    #[serde(default)]
    pub service: Option<String>,
    /// The customer whose figure it is.
    #[serde(default)]
    pub customer: Option<String>,
    /// The agreement whose figure it is; with the service that it is for.
    #[serde(default)]
    pub agreement: Option<String>,
    /// Dimensions of the figure, as `{ type = "incident" }`.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// How limits are made; `p` for shares of counted cases and `xmr` for everything else where it is left out.
    #[serde(default)]
    pub kind: Option<ChartKind>,
    /// For `u`: the measure, of the same scope and dimensions, whose value is the area; days where it is left out.
    #[serde(default)]
    pub area: Option<String>,
    /// The months that make centre and limits for good; the months before the reported one where it is left out.
    #[serde(default)]
    pub baseline: Option<Baseline>,
    /// For `xmr`: medians in place of means.
    #[serde(default)]
    pub median: bool,
}

impl ControlChart {
    /// Makes the chart of a figure with nothing else said.
    pub fn of(id: &FigureId) -> Self {
        Self {
            measure: id.measure.clone(),
            service: id.scope.service.clone(),
            customer: id.scope.customer.clone(),
            agreement: id.scope.agreement.clone(),
            dimensions: id.dimensions.iter().cloned().collect(),
            kind: None,
            area: None,
            baseline: None,
            median: false,
        }
    }

    /// Returns the figure that is charted.
    pub fn figure(&self) -> FigureId {
        self.figure_of(&self.measure)
    }

    /// Returns the figure of another measure with the same scope and dimensions.
    pub fn figure_of(&self, measure: &str) -> FigureId {
        let scope =
            Scope { service: self.service.clone(), customer: self.customer.clone(), agreement: self.agreement.clone() };
        let dimensions: Vec<(&str, &str)> = self.dimensions.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        FigureId::new(measure, scope, &dimensions)
    }

    /// Checks what it says by itself.
    ///
    /// # Errors
    /// What is wrong, and what to do.
    pub fn check(&self) -> Result<(), (String, &'static str)> {
        let of = self.figure();
        let measure = |id: &str| {
            !id.is_empty()
                && !id.starts_with("control.")
                && !id.contains(['/', '='])
                && !id.contains(char::is_whitespace)
        };
        if !measure(&self.measure) || self.area.as_deref().is_some_and(|area| !measure(area)) {
            return Err((
                format!("the control chart of `{of}` names no measure"),
                "write the measure alone, as `sla.resolution`; `servicebook measures` lists them",
            ));
        }
        if self.area.is_some() && self.kind != Some(ChartKind::U) {
            return Err((
                format!("the control chart of `{of}` has an `area`, but is no u chart"),
                "add `kind = \"u\"`, or take the `area` out",
            ));
        }
        if self.median && self.kind.is_some_and(|kind| kind != ChartKind::Xmr) {
            return Err((
                format!("the control chart of `{of}` asks for medians, which only an xmr chart has"),
                "write `kind = \"xmr\"`, or take `median` out",
            ));
        }
        let Some(baseline) = self.baseline else { return Ok(()) };
        let months = baseline.to.since(baseline.from) + 1;
        let fewest = i32::try_from(FEWEST_POINTS).unwrap_or(i32::MAX);
        if !(fewest..=LONGEST_BASELINE).contains(&months) {
            return Err((
                format!("the baseline {baseline} of the control chart of `{of}` has {} months", months.max(0)),
                "name 5 to 60 months, the first and the last, as `2025-07..2026-06`; 12 or more make firm limits",
            ));
        }
        Ok(())
    }
}

/// Returns the charted figure of a figure `control.…`; `None` of any other figure.
pub fn charted(id: &FigureId) -> Option<FigureId> {
    let measure = id.dimension("of").filter(|_| id.measure.starts_with("control."))?.to_owned();
    let dimensions = id.dimensions.iter().filter(|(name, _)| name != "of").cloned().collect();
    Some(FigureId { measure, scope: id.scope.clone(), dimensions })
}

/// A pattern that chance alone hardly makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Signal {
    /// A point outside its limits.
    #[serde(rename = "outside")]
    Outside,
    /// Eight points in a row on one side of the centre, the last one here.
    #[serde(rename = "run_of_8")]
    RunOf8,
    /// Three of four points in a row nearer to a limit than to the centre, on one side, the last one here.
    #[serde(rename = "3_of_4")]
    ThreeOf4,
    /// A moving range over the upper range limit.
    #[serde(rename = "range")]
    Range,
}

impl Signal {
    /// Returns its name, as JSON and parameters write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Outside => "outside",
            Self::RunOf8 => "run_of_8",
            Self::ThreeOf4 => "3_of_4",
            Self::Range => "range",
        }
    }
}

/// A month of a chart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ControlPoint {
    /// The month.
    pub period: String,
    /// The charted value, in the figure's unit; null where the month is no point.
    #[serde(serialize_with = "number")]
    pub value: Option<f64>,
    /// Cases of a `p` chart, area of a `u` chart; null for the others.
    #[serde(serialize_with = "number")]
    pub weight: Option<f64>,
    /// What is expected of the month; null where there are no limits.
    #[serde(serialize_with = "number")]
    pub center: Option<f64>,
    /// Its lower limit, clipped at what cannot be.
    #[serde(serialize_with = "number")]
    pub lower: Option<f64>,
    /// Its upper limit, clipped at what cannot be.
    #[serde(serialize_with = "number")]
    pub upper: Option<f64>,
    /// The rules that fire here.
    pub signals: Vec<Signal>,
}

/// The chart beside the course of a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Control {
    /// How limits are made.
    pub kind: ChartKind,
    /// First and last month with a value that went into the limits, as `2025-07..2026-06`; empty without any.
    pub baseline: String,
    /// Whether the baseline is frozen; one that is not moves with the reported month.
    pub frozen: bool,
    /// Whether the limits stand on fewer than 12 months.
    pub provisional: bool,
    /// What is expected of the reported month, in the figure's unit; null without limits.
    #[serde(serialize_with = "number")]
    pub center: Option<f64>,
    /// The upper limit of the moving range; null where ranges are not judged.
    #[serde(serialize_with = "number")]
    pub range_limit: Option<f64>,
    /// Why the reported month is not judged; null where it is.
    pub missing: Option<String>,
    /// Months in order, the reported one last; those of a frozen baseline that lies further back come before.
    pub points: Vec<ControlPoint>,
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn number<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(json_number).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    #[test]
    fn months_are_read_and_counted_over_the_turn_of_the_year() {
        assert_eq!(month("2025-11").shifted(3).to_string(), "2026-02");
        assert_eq!(month("2026-02").since(month("2025-11")), 3);
        for text in ["2026", "2026-13", "2026-00", "26-01", "2026-1", "2026-Q1", "+026-01", "x"] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_baseline_has_both_of_its_months() {
        let baseline = Baseline { from: month("2025-11"), to: month("2026-02") };
        let months: Vec<String> = baseline.months().map(|month| month.to_string()).collect();
        assert_eq!(months, ["2025-11", "2025-12", "2026-01", "2026-02"]);
        assert!(baseline.holds(month("2026-02")) && !baseline.holds(month("2026-03")));
        assert_eq!(serde_json::to_value(baseline).unwrap(), "2025-11..2026-02");
    }
}
