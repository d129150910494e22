//! Capacity figures of a resource whose tool gives windows in place of readings.
//!
//! Knows which number of a window a figure is made of. Must not know which windows count. What cannot be made of windows
//! has no value and says why: the readings themselves are gone.

use super::catalogue::{WINDOW_COVERAGE, WINDOW_P95};
use super::forecasts::Held;
use super::{Capacity, Spans, Subject, definitions, not_configured};
use crate::measure::Depth;
use crate::measure::capacity_windows::{self, For, Judged, Piece, ReadingWindows, Weights};
use crate::measure::definition::Definition;
use crate::model::Table;
use crate::model::figure::{Figure, LeftOut, Missing, MissingKind, Rows, Unit};
use polars::prelude::PolarsResult;
use std::collections::BTreeMap;

/// The words of a tool that are told; the others are counted.
const FEW: usize = 3;

/// Measures a resource and metric by its windows.
pub(super) fn measure(
    subject: &Subject<'_>,
    (windows, judged, series): (&ReadingWindows, &Judged, u32),
    spans: Spans,
    capacity: &mut Capacity,
) -> PolarsResult<()> {
    let pieces = judged.of_period(series);
    let of_period = OfPeriod { subject, pieces: &pieces, spans };
    for definition in definitions() {
        if subject.context.depth == Depth::Report || definition.trend {
            capacity.figures.extend(of_period.figure(&definition, windows)?);
        }
    }
    if subject.context.depth == Depth::Report {
        let period = Held::of_windows(judged, series, spans.period);
        let of = [spans.over, spans.recent, spans.before].map(|span| Held::of_windows(judged, series, span));
        let mut made = subject.of_forecasts(&period, &of, spans);
        for figure in &mut made {
            let said = "of the windows that start in the day, weighed as for the average";
            figure.basis.parameters.push(("daily_mean".into(), said.into()));
        }
        capacity.figures.extend(made);
        capacity.outlooks.extend(subject.outlook(&of[1], spans.today));
        capacity.courses.push(subject.course(&period.days));
    }
    capacity.tell_without_resource(subject, i64::try_from(pieces.len()).unwrap_or(i64::MAX));
    Ok(())
}

/// The windows of a series that start in the period.
struct OfPeriod<'a> {
    subject: &'a Subject<'a>,
    pieces: &'a [&'a Piece],
    spans: Spans,
}

impl OfPeriod<'_> {
    fn figure(&self, definition: &Definition, windows: &ReadingWindows) -> PolarsResult<Option<Figure>> {
        let unit = self.subject.unit();
        let made = match definition.id {
            "capacity.average" => self.average(definition, unit, windows)?,
            "capacity.p95" => self.percentile(definition, unit),
            "capacity.peak" => self.greatest(definition, unit, For::Peak, |piece| piece.greatest),
            WINDOW_P95 => self.greatest(definition, unit, For::Percentile, |piece| piece.percentile),
            "capacity.over_threshold" => self.over_threshold(definition),
            WINDOW_COVERAGE => self.coverage(definition),
            _ => return Ok(None),
        };
        let mut figure = made;
        if definition.id != WINDOW_COVERAGE {
            let used = |piece: &&&Piece| match definition.id {
                "capacity.average" => piece.left_out(For::Mean).is_none(),
                "capacity.peak" => piece.left_out(For::Peak).is_none(),
                "capacity.over_threshold" => piece.left_out(For::Over).is_none(),
                "capacity.p95" => piece.whole_period,
                _ => piece.left_out(For::Percentile).is_none(),
            };
            let methods = windows.methods(self.pieces.iter().filter(used).copied())?;
            if !methods.is_empty() {
                let more = methods.len().saturating_sub(FEW);
                let mut said: Vec<String> =
                    methods.into_iter().take(FEW).map(|m| crate::text::screen_str(&m)).collect();
                said.extend((more > 0).then(|| format!("{more} more")));
                figure.basis.parameters.push(("tool_method".into(), said.join("; ")));
            }
        }
        Ok(Some(figure))
    }

    /// Makes a figure of the windows that count for a purpose.
    fn made(&self, definition: &Definition, unit: Unit, purpose: For, value: Result<f64, Missing>) -> Figure {
        let mut figure = self.subject.figure(definition, unit, value);
        let used = self.used(purpose);
        figure.n = used.len() as u64;
        figure.rows = self.rows(&format!("{} IS NULL", purpose.column()), used.len(), self.left_out(purpose));
        let belongs = "to the period in which it starts, whole";
        figure.basis.parameters.push(("a_window_belongs".into(), belongs.into()));
        let covered = self.covered(&used);
        figure.basis.parameters.push(("covered".into(), self.share_of_time(covered)));
        figure
    }

    fn used(&self, purpose: For) -> Vec<&Piece> {
        self.pieces.iter().copied().filter(|piece| piece.left_out(purpose).is_none()).collect()
    }

    fn rows(&self, condition: &str, used: usize, left_out: Vec<LeftOut>) -> Rows {
        let table = Table::ReadingWindows.name().into();
        let filter = format!("{} AND in_period AND {condition}", self.subject.filter());
        Rows { table, used: used as u64, left_out, filter }
    }

    fn left_out(&self, purpose: For) -> Vec<LeftOut> {
        self.reasons(purpose.column(), |piece| piece.left_out(purpose))
    }

    fn reasons(&self, column: &str, reason: impl Fn(&Piece) -> Option<&'static str>) -> Vec<LeftOut> {
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        for reason in self.pieces.iter().filter_map(|piece| reason(piece)) {
            *counts.entry(reason).or_default() += 1;
        }
        let filter = format!("{} AND in_period AND {column} = ", self.subject.filter());
        let left_out = |(reason, count): (&'static str, u64)| LeftOut {
            reason: reason.to_owned(),
            count,
            filter: format!("{filter}{}", crate::measure::quoted(reason)),
        };
        counts.into_iter().map(left_out).collect()
    }

    /// Says why no window counts for a purpose.
    fn none(&self, purpose: For) -> Missing {
        let left_out = self.left_out(purpose);
        let said = match left_out.iter().max_by_key(|left| left.count) {
            Some(most) => format!("no window of readings of the period counts: {}", most.reason),
            None => "no windows of readings in the period".into(),
        };
        Missing::new(MissingKind::NoData, said)
    }

    fn average(&self, definition: &Definition, unit: Unit, windows: &ReadingWindows) -> PolarsResult<Figure> {
        let used = self.used(For::Mean);
        let weights = capacity_windows::weights(&used);
        let value = match &weights {
            _ if used.is_empty() => Err(self.none(For::Mean)),
            None => Err(unweighted()),
            Some(weights) => capacity_windows::mean(&used, weights).ok_or_else(|| self.none(For::Mean)),
        };
        let mut figure = self.made(definition, unit, For::Mean, value);
        if let (Some(weights), false) = (&weights, used.is_empty()) {
            figure.basis.parameters.push(weighed(weights));
            if let Weights::Readings(_) = weights {
                let expected = windows.expected(used.iter().copied())?;
                let expected = expected.map_or_else(String::new, |of| format!(" of {of} expected"));
                figure.basis.parameters.push(("readings".into(), format!("{}{expected}", weights.sum())));
            }
        }
        Ok(figure)
    }

    fn percentile(&self, definition: &Definition, unit: Unit) -> Figure {
        let whole = self.pieces.iter().find(|piece| piece.whole_period);
        let highest = self.highest(For::Percentile, |piece| piece.percentile);
        let value = match (whole.and_then(|piece| piece.percentile), highest) {
            (Some(value), _) => Ok(value),
            (None, Some(_)) => Err(Missing::new(
                MissingKind::Undefined,
                format!(
                    "no window covers exactly the period, and percentiles of its {} windows do not make one; the highest of them is {WINDOW_P95}",
                    self.used(For::Percentile).len(),
                ),
            )),
            (None, None) => Err(self.none(For::Percentile)),
        };
        let mut figure = self.subject.figure(definition, unit, value);
        figure.n = u64::from(whole.is_some());
        let others = (self.pieces.len() - usize::from(whole.is_some())) as u64;
        let left_out = (others > 0).then(|| LeftOut {
            reason: "not the window over exactly the period".into(),
            count: others,
            filter: format!("{} AND in_period AND NOT whole_period", self.subject.filter()),
        });
        figure.rows = self.rows("whole_period", usize::from(whole.is_some()), left_out.into_iter().collect());
        if whole.is_some() {
            let said = "the tool's own, of one window over exactly the period";
            figure.basis.parameters.insert(0, ("percentile".into(), said.into()));
        }
        figure
    }

    fn highest(&self, purpose: For, number: impl Fn(&Piece) -> Option<f64>) -> Option<f64> {
        self.used(purpose).into_iter().filter_map(number).max_by(f64::total_cmp)
    }

    fn greatest(
        &self,
        definition: &Definition,
        unit: Unit,
        purpose: For,
        number: impl Fn(&Piece) -> Option<f64>,
    ) -> Figure {
        let value = self.highest(purpose, number).ok_or_else(|| self.none(purpose));
        self.made(definition, unit, purpose, value)
    }

    fn over_threshold(&self, definition: &Definition) -> Figure {
        let used = self.used(For::Over);
        let (value, parts) = match self.subject.rule {
            None => (Err(not_configured()), None),
            Some(_) if used.is_empty() => (Err(self.none(For::Over)), None),
            Some(_) => match capacity_windows::weights(&used) {
                // What is true of every window is true of their readings, however many they are.
                None if used.iter().all(|piece| piece.over == Some(false)) => (Ok(0.0), None),
                None if used.iter().all(|piece| piece.over == Some(true)) => (Ok(100.0), None),
                None => (Err(unweighted()), None),
                Some(weights) => share_over(&used, &weights),
            },
        };
        let mut figure = self.made(definition, Unit::Percent, For::Over, value);
        if let Some((over, weights)) = parts {
            (figure.numerator, figure.denominator) = (Some(over), Some(weights.sum()));
            figure.basis.parameters.push(weighed(&weights));
        }
        figure
    }

    /// Returns how much of the known period lies in windows, in milliseconds; time of several counts once.
    fn covered(&self, used: &[&Piece]) -> i64 {
        let (start, end) = (self.spans.period.0 * 1_000, self.spans.period.1 * 1_000);
        let (mut covered, mut reach) = (0, start);
        for piece in used {
            let until = piece.span.1.min(end);
            covered += (until - piece.span.0.max(reach)).max(0);
            reach = reach.max(until);
        }
        covered
    }

    fn known_ms(&self) -> i64 {
        (self.spans.period.1 - self.spans.period.0) * 1_000
    }

    fn share_of_time(&self, covered: i64) -> String {
        let known = self.known_ms().max(1);
        shown(100.0 * covered as f64 / known as f64)
    }

    fn coverage(&self, definition: &Definition) -> Figure {
        let used: Vec<&Piece> = self.pieces.iter().copied().filter(|piece| piece.fault.is_none()).collect();
        let (covered, known) = (self.covered(&used), self.known_ms());
        let value = if known > 0 {
            Ok(100.0 * covered as f64 / known as f64)
        } else {
            Err(Missing::new(MissingKind::NotApplicable, "the period has not begun"))
        };
        let mut figure = self.subject.figure(definition, Unit::Percent, value);
        figure.n = used.len() as u64;
        figure.rows = self.rows("left_out IS NULL", used.len(), self.reasons("left_out", |piece| piece.fault));
        let seconds = |milliseconds: i64| format!("{} s", milliseconds / 1_000);
        figure.basis.parameters.push(("in_windows".into(), seconds(covered)));
        figure.basis.parameters.push(("known_time".into(), seconds(known)));
        figure
    }
}

/// Writes a percentage with two digits, cut off: nothing is more than it is.
fn shown(percent: f64) -> String {
    format!("{:.2} %", (percent * 100.0).floor() / 100.0)
}

type Share = (Result<f64, Missing>, Option<(i64, Weights)>);

/// Returns the share of readings over the threshold, with the part and the weights, or why nobody knows it.
fn share_over(used: &[&Piece], weights: &Weights) -> Share {
    let sum = |over: Option<bool>| -> i64 {
        let of = used.iter().enumerate().filter(|(_, piece)| piece.over == over);
        of.fold(0, |sum, (at, _)| sum.saturating_add(weights.of(at)))
    };
    let (over, open, whole) = (sum(Some(true)), sum(None), weights.sum());
    if whole <= 0 {
        return (Err(unweighted()), None);
    }
    let percent = |part: i64| 100.0 * part as f64 / whole as f64;
    let untold = used.iter().filter(|piece| piece.over.is_none()).count();
    if untold == 0 {
        return (Ok(percent(over)), Some((over, weights.clone())));
    }
    let said = format!(
        "of {untold} of {} windows it is not told how many of their readings were over; between {} and {} of all were",
        used.len(),
        shown(percent(over)),
        shown(percent(over.saturating_add(open))),
    );
    (Err(Missing::new(MissingKind::Undefined, said)), None)
}

fn weighed(weights: &Weights) -> (String, String) {
    let said = match weights {
        Weights::Readings(_) => "each window by its readings",
        Weights::Same(_) => "each window the same: they are of one length and not all tell n (assumed)",
    };
    ("weights".into(), said.into())
}

fn unweighted() -> Missing {
    Missing::new(
        MissingKind::NoData,
        "the windows differ in length and not all tell n; nobody knows how much each of them weighs",
    )
}
