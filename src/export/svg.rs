//! Charts as SVG, drawn by hand: a line, a line against a threshold, columns, a strip of days.
//!
//! Knows points and pixels. A point without a value is a gap with a question mark, never nought; the target is a
//! labelled line; nothing is told by colour alone. The same series gives the same bytes.

mod control;

use crate::model::{Figure, Unit};
use crate::report::document::{Point, Series, Step};
use crate::report::format;
use crate::text::screen_str;
use minijinja::HtmlEscape;

const WIDTH: f64 = 680.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 96.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 36.0;

/// Draws the course of a figure. `name` is what it is called, `number` makes the ids of title and description.
pub fn chart(series: &Series, figure: &Figure, name: &str, number: usize) -> String {
    let availability = figure.unit == Unit::Percent && figure.id.measure.starts_with("availability.");
    let mut drawing = Drawing { series, figure, text: String::new() };
    let height = match (series.step, &figure.unit) {
        (Step::Day, _) if availability => drawing.strip(),
        (Step::Month, Unit::Count) => drawing.columns(),
        (Step::Day, _) => drawing.line(false),
        (Step::Month, _) => drawing.line(true),
    };
    format!(
        "<svg class=\"chart\" role=\"img\" aria-labelledby=\"c{number}t c{number}d\" viewBox=\"0 0 {WIDTH} {height}\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"c{number}t\">{}</title>\n<desc id=\"c{number}d\">{}</desc>\n{}</svg>",
        HtmlEscape(name),
        HtmlEscape(&screen_str(&drawing.description())),
        drawing.text
    )
}

struct Drawing<'a> {
    series: &'a Series,
    figure: &'a Figure,
    text: String,
}

/// Where values and places stand on the sheet.
struct Scale {
    low: f64,
    high: f64,
    step: f64,
    places: usize,
}

impl Scale {
    fn x(&self, place: usize) -> f64 {
        LEFT + (place as f64 + 0.5) * self.pitch()
    }

    fn pitch(&self) -> f64 {
        (WIDTH - LEFT - RIGHT) / self.places.max(1) as f64
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
    }
}

impl Drawing<'_> {
    fn points(&self) -> &[Point] {
        &self.series.points
    }

    fn put(&mut self, element: &str) {
        self.text.push_str(element);
        self.text.push('\n');
    }

    fn label(&mut self, class: &str, anchor: &str, x: f64, y: f64, text: &str) {
        let text = screen_str(text);
        let text = HtmlEscape(&text);
        self.put(&format!("<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>"));
    }

    fn number(&self, value: f64) -> String {
        format::number(value, &self.figure.unit)
    }

    /// Returns what the chart shows, for those who do not see it.
    fn description(&self) -> String {
        let points = self.points();
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return "No points.".into() };
        let known: Vec<f64> = points.iter().filter_map(|point| point.value).collect();
        let mut said = vec![format!("{} to {}.", first.period, last.period)];
        let lowest = known.iter().copied().reduce(f64::min);
        let highest = known.iter().copied().reduce(f64::max);
        if let (Some(lowest), Some(highest)) = (lowest, highest) {
            said.push(format!("Lowest {}, highest {}.", self.number(lowest), self.number(highest)));
        }
        if let Some(value) = last.value {
            said.push(format!("Last {}.", self.number(value)));
        }
        let gaps = points.len() - known.len();
        if gaps > 0 {
            said.push(format!("Points without a value: {gaps}."));
        }
        if let Some(target) = points.iter().rev().find_map(|point| self.limit(point)) {
            said.push(format!("{} {}.", self.limit_word(), self.number(target)));
        }
        if let Some(control) = &self.series.control {
            said.push(format!("Control chart: {}.", format::control(control, &self.figure.unit)));
        }
        said.join(" ")
    }

    /// Returns what a point is held against: its target, else the threshold that the figure was made with.
    fn limit(&self, point: &Point) -> Option<f64> {
        let parameters = &self.figure.basis.parameters;
        let threshold = parameters.iter().find(|(name, _)| name == "threshold").map(|(_, value)| value);
        point.target.or_else(|| threshold?.parse().ok().filter(|value: &f64| value.is_finite()))
    }

    fn limit_word(&self) -> &'static str {
        if self.figure.id.measure.starts_with("capacity.") { "Threshold" } else { "Target" }
    }

    fn scale(&self) -> Scale {
        let limits = |point| self.watched(point).map_or([None; 2], |watched| [watched.lower, watched.upper]);
        let marks =
            self.points().iter().flat_map(|point| [point.value, self.limit(point)].into_iter().chain(limits(point)));
        let marks = marks.flatten();
        let marks: Vec<f64> = marks.filter(|value| value.is_finite()).collect();
        let mut low = marks.iter().copied().reduce(f64::min).unwrap_or(0.0);
        let mut high = marks.iter().copied().reduce(f64::max).unwrap_or(1.0);
        let ratio = self.figure.unit == Unit::Percent && !self.figure.id.measure.starts_with("capacity.");
        if ratio {
            // Percentages of the nineties would lie flat on an axis that starts at nought.
            let room = (high - low).max(0.2) * 0.2;
            (low, high) = ((low - room).max(0.0), (high + room).min(100.0));
        } else {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if high - low < 1e-9 * high.abs().max(1.0) {
            high = low + low.abs().max(1.0);
        }
        let step = step(high - low, &self.figure.unit);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        Scale { low, high, step, places: self.points().len() }
    }

    fn axes(&mut self, scale: &Scale) {
        let ticks = ((scale.high - scale.low) / scale.step).round();
        let mut tick = 0.0;
        while tick <= ticks {
            let value = scale.low + tick * scale.step;
            let y = scale.y(value);
            self.put(&format!("<path class=\"rule\" d=\"M{LEFT} {y:.1}H{:.1}\"/>", WIDTH - RIGHT));
            let text = match &self.figure.unit {
                // A resource's own unit may be long; the last value names it.
                Unit::Own(_) => format::number(value, &Unit::Own(String::new())),
                unit => format::number(value, unit),
            };
            self.label("tick", "end", LEFT - 8.0, y + 3.5, &text);
            tick += 1.0;
        }
        self.places(scale, HEIGHT - BOTTOM + 15.0);
    }

    /// Writes the places under the sheet: months with the year below where it begins, or every fifth day.
    fn places(&mut self, scale: &Scale, y: f64) {
        let mut year = String::new();
        let last = self.points().len().saturating_sub(1);
        for at in 0..self.points().len() {
            let period = self.points()[at].period.clone();
            let mut parts = period.split('-');
            let of = parts.next().unwrap_or_default().to_owned();
            let part = parts.next_back().unwrap_or_default().to_owned();
            let day: usize = part.parse().unwrap_or(0);
            if self.series.step == Step::Month || at == 0 || day.is_multiple_of(5) || (at == last && day % 5 > 1) {
                self.label("tick", "middle", scale.x(at), y, &part);
            }
            if self.series.step == Step::Month && of != year {
                self.label("tick", "middle", scale.x(at), y + 14.0, &of);
                year = of;
            }
        }
    }

    /// Shades runs of points without a value.
    fn gaps(&mut self, scale: &Scale) {
        let mut at = 0;
        while at < self.points().len() {
            let run = self.points()[at..].iter().take_while(|point| point.value.is_none()).count();
            if run > 0 {
                let (x, wide) = (scale.x(at) - scale.pitch() / 2.0, scale.pitch() * run as f64);
                let tall = HEIGHT - BOTTOM - TOP;
                self.put(&format!(
                    "<rect class=\"gap\" x=\"{x:.1}\" y=\"{TOP:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\"/>"
                ));
                self.label("unknown", "middle", x + wide / 2.0, TOP + tall / 2.0 + 4.0, "?");
            }
            at += run.max(1);
        }
    }

    /// Draws the target as a line of steps, with its name at the right.
    fn target(&mut self, scale: &Scale) -> Option<f64> {
        let half = scale.pitch() / 2.0;
        let mut steps = Vec::new();
        let mut open = false;
        for (at, point) in self.points().iter().enumerate() {
            let Some(target) = self.limit(point) else {
                open = false;
                continue;
            };
            let (x, y) = (scale.x(at), scale.y(target));
            let start = if open { 'L' } else { 'M' };
            steps.push(format!("{start}{:.1} {y:.1}H{:.1}", x - half, x + half));
            open = true;
        }
        if steps.is_empty() {
            return None;
        }
        self.put(&format!("<path class=\"target\" d=\"{}\"/>", steps.concat()));
        let target = self.points().iter().rev().find_map(|point| self.limit(point))?;
        let y = scale.y(target);
        let word = self.limit_word().to_lowercase();
        let text = self.number(target);
        self.label("target-name", "start", WIDTH - RIGHT + 8.0, y - 2.0, &word);
        self.label("target-name", "start", WIDTH - RIGHT + 8.0, y + 10.0, &text);
        Some(y)
    }

    /// Returns the places of points that follow each other without a gap.
    fn runs(&self, scale: &Scale) -> Vec<Vec<(f64, f64)>> {
        let mut runs = Vec::new();
        let mut open = false;
        for (at, point) in self.points().iter().enumerate() {
            let Some(value) = point.value else {
                open = false;
                continue;
            };
            if !open {
                runs.push(Vec::new());
                open = true;
            }
            if let Some(run) = runs.last_mut() {
                run.push((scale.x(at), scale.y(value)));
            }
        }
        runs
    }

    fn line(&mut self, markers: bool) -> f64 {
        let scale = self.scale();
        self.axes(&scale);
        self.gaps(&scale);
        let limit = self.target(&scale);
        let base = scale.y(scale.low);
        let runs = self.runs(&scale);
        if !markers {
            let areas = runs.iter().filter_map(|run| {
                let (first, last) = (run.first()?.0, run.last()?.0);
                Some(format!("M{first:.1} {base:.1}L{}L{last:.1} {base:.1}Z", trace(run)))
            });
            let areas = areas.collect::<Vec<_>>().concat();
            self.put(&format!("<path class=\"area\" d=\"{areas}\"/>"));
        }
        let lines = runs.iter().map(|run| format!("M{}", trace(run))).collect::<Vec<_>>().concat();
        self.put(&format!("<path class=\"line\" d=\"{lines}\"/>"));
        // A point between two gaps has no line to be seen by.
        for (x, y) in runs.iter().filter(|run| markers || run.len() == 1).flatten() {
            self.put(&format!("<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"));
        }
        self.control(&scale);
        if let Some(value) = self.points().last().and_then(|point| point.value) {
            let y = scale.y(value);
            // The target's name takes two lines of its own.
            let y = match limit {
                Some(limit) if y >= limit && y - limit < 24.0 => limit + 24.0,
                Some(limit) if y < limit && limit - y < 18.0 => limit - 16.0,
                _ => y + 4.0,
            };
            let text = self.number(value);
            self.label("last", "start", WIDTH - RIGHT + 8.0, y, &text);
        }
        HEIGHT
    }

    fn columns(&mut self) -> f64 {
        let scale = self.scale();
        self.axes(&scale);
        self.gaps(&scale);
        let base = scale.y(0.0);
        let wide = (scale.pitch() * 0.62).min(34.0);
        let last = self.points().len().saturating_sub(1);
        for at in 0..self.points().len() {
            let Some(value) = self.points()[at].value else { continue };
            let (x, y) = (scale.x(at), scale.y(value));
            let class = if at == last { "column now" } else { "column" };
            self.put(&format!(
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{:.1}\"/>",
                x - wide / 2.0,
                y.min(base),
                (base - y).abs()
            ));
            let text = self.number(value);
            self.label("tick", "middle", x, y.min(base) - 4.0, &text);
        }
        self.target(&scale);
        self.control(&scale);
        HEIGHT
    }

    /// Draws a box for each day, filled the less the more of the day was lost.
    fn strip(&mut self) -> f64 {
        const TALL: f64 = 36.0;
        let left = 2.0;
        let pitch = (WIDTH - 2.0 * left) / self.points().len().max(1) as f64;
        let wide = pitch - 3.0;
        for at in 0..self.points().len() {
            let point = &self.points()[at];
            let day = point.period.rsplit('-').next().unwrap_or_default().to_owned();
            let said = match point.value {
                Some(value) => self.number(value),
                None => point.missing.clone().unwrap_or_else(|| "not known".into()),
            };
            let said = screen_str(&format!("{}: {said}", point.period));
            let (class, share) = match point.value {
                None => ("day unknown-day", 1.0),
                Some(value) if value >= 100.0 => ("day whole", 1.0),
                Some(value) if value >= 99.0 => ("day most", 0.75),
                Some(value) if value >= 90.0 => ("day part", 0.5),
                Some(_) => ("day little", 0.25),
            };
            let (x, tall) = (left + at as f64 * pitch + 1.5, TALL * share);
            self.put(&format!("<rect class=\"frame\" x=\"{x:.1}\" y=\"2\" width=\"{wide:.1}\" height=\"{TALL:.1}\"/>"));
            self.put(&format!(
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\"><title>{}</title></rect>",
                2.0 + TALL - tall,
                HtmlEscape(&said)
            ));
            if class.contains("unknown") {
                self.label("unknown", "middle", x + wide / 2.0, 2.0 + TALL / 2.0 + 4.0, "?");
            }
            self.label("tick", "middle", x + wide / 2.0, TALL + 15.0, &day);
        }
        self.label("tick", "start", left, TALL + 32.0, "Full: nothing lost. Three quarters: up to 1 % of the day lost. Half: up to 10 %. Quarter: more. ?: not known.");
        TALL + 38.0
    }
}

/// Writes places as the rest of a path.
fn trace(run: &[(f64, f64)]) -> String {
    run.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect::<Vec<_>>().join("L")
}

/// Returns a round distance between two ticks, so that there are three to six of them.
fn step(span: f64, unit: &Unit) -> f64 {
    const CLOCK: [f64; 15] = [
        60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 28_800.0, 43_200.0, 86_400.0,
        172_800.0, 432_000.0, 864_000.0,
    ];
    let wanted = span / 4.0;
    if *unit == Unit::Seconds
        && let Some(step) = CLOCK.into_iter().find(|step| *step >= wanted)
        && span > 60.0
    {
        return step;
    }
    let power = 10f64.powf(wanted.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= wanted * 0.999_999);
    let step = step.unwrap_or(wanted);
    if *unit == Unit::Count { step.max(1.0) } else { step }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FigureId, Scope};

    fn drawn(values: &[Option<f64>], unit: Unit, step: Step) -> String {
        let id = FigureId::new("sla.resolution", Scope::book(), &[]);
        let points = values.iter().enumerate().map(|(at, value)| Point {
            period: format!("2026-{:02}", at + 1),
            value: *value,
            missing: None,
            target: Some(95.0),
        });
        let series = Series { figure: id.clone(), step, points: points.collect(), control: None };
        chart(&series, &Figure::new(id, unit, Ok(1.0)), "<Mail>", 3)
    }

    #[test]
    fn a_gap_breaks_the_line_and_is_no_nought() {
        let svg = drawn(&[Some(97.0), Some(98.0), None, None, Some(96.0)], Unit::Percent, Step::Month);
        let line = svg.lines().find(|line| line.contains("class=\"line\"")).unwrap();
        assert_eq!((line.matches('M').count(), line.matches('L').count()), (2, 1), "{line}");
        assert_eq!((svg.matches("class=\"gap\"").count(), svg.matches(">?<").count()), (1, 1), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(svg.contains("Points without a value: 2.") && svg.contains(">target<"), "{svg}");
        assert!(svg.contains("<title id=\"c3t\">&lt;Mail&gt;</title>") && !svg.contains("<Mail"), "{svg}");
    }

    #[test]
    fn a_control_chart_has_its_lines_and_marks_signals() {
        let document = crate::export::fixture::plain();
        let series = document.series.iter().find(|series| series.control.is_some()).unwrap();
        let figure = document.figure(&series.figure).unwrap();
        let svg = chart(series, figure, "Opened", 1);
        let count = |text: &str| svg.matches(text).count();
        assert_eq!(
            (count("class=\"center\""), count("class=\"limit\""), count("class=\"signal\"")),
            (1, 2, 1),
            "{svg}"
        );
        assert!(svg.contains("<title>outside, range</title>") && svg.contains(">upper limit<"), "{svg}");
        assert!(svg.contains("signal: above the upper limit 1,200.3; moving range over 120"), "{svg}");
    }

    #[test]
    fn every_course_can_be_drawn() {
        let courses: [&[Option<f64>]; 7] = [
            &[],
            &[None],
            &[Some(0.0)],
            &[Some(-3.0), Some(4.0)],
            &[Some(100.0), Some(100.0)],
            &[Some(1e17), Some(1e17)],
            &[Some(1e-12), None],
        ];
        for values in courses {
            for unit in [Unit::Count, Unit::Percent, Unit::Seconds, Unit::Days, Unit::Own("GB".into())] {
                for step in [Step::Month, Step::Day] {
                    let svg = drawn(values, unit.clone(), step);
                    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{values:?} {unit:?}: {svg}");
                    assert!(svg.lines().count() < 60, "{svg}");
                }
            }
        }
    }

    #[test]
    fn ticks_are_round_in_the_unit_of_the_axis() {
        for (span, unit, expected) in [
            (0.9, Unit::Percent, 0.5),
            (100.0, Unit::Percent, 50.0),
            (7_000.0, Unit::Seconds, 1_800.0),
            (3.0, Unit::Count, 1.0),
            (40.0, Unit::Count, 10.0),
        ] {
            assert!((step(span, &unit) - expected).abs() < 1e-9, "{span} {unit:?}: {}", step(span, &unit));
        }
    }
}
