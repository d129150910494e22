//! The control chart on the sheet of a course: centre, limits and marks at signals.

use super::{BOTTOM, Drawing, HEIGHT, Scale};
use crate::model::control_chart::{ControlPoint, Signal};
use crate::report::document::Point;
use minijinja::HtmlEscape;

/// A line of the chart.
type Level = fn(&ControlPoint) -> Option<f64>;

impl Drawing<'_> {
    /// Returns a month of the control chart; points of the course and of the chart are found by their month.
    pub(super) fn watched(&self, point: &Point) -> Option<&ControlPoint> {
        self.series.control.as_ref()?.points.iter().find(|watched| watched.period == point.period)
    }

    /// Draws centre and limits of a control chart as lines of steps, each with its name, and marks signals.
    pub(super) fn control(&mut self, scale: &Scale) {
        let lines: [(&str, &str, Level); 3] = [
            ("limit", "upper limit", |watched| watched.upper),
            ("center", "centre", |watched| watched.center),
            ("limit", "lower limit", |watched| watched.lower),
        ];
        let half = scale.pitch() / 2.0;
        for (class, name, of) in lines {
            let level = |point| self.watched(point).and_then(of);
            let places: Vec<(f64, f64)> = self
                .points()
                .iter()
                .enumerate()
                .filter_map(|(at, point)| Some((scale.x(at), scale.y(level(point)?))))
                .collect();
            let Some((x, y)) = places.first().copied() else { continue };
            let mut steps = String::new();
            let mut end = f64::MIN;
            for (x, y) in &places {
                let start = if x - half - end < 0.5 { 'L' } else { 'M' };
                steps.push_str(&format!("{start}{:.1} {y:.1}H{:.1}", x - half, x + half));
                end = x + half;
            }
            self.put(&format!("<path class=\"{class}\" d=\"{steps}\"/>"));
            self.label("tick", "start", x - half + 2.0, y - 3.0, name);
        }
        let marks: Vec<(f64, f64, String)> = self
            .points()
            .iter()
            .enumerate()
            .filter_map(|(at, point)| {
                let fired = &self.watched(point)?.signals;
                let names: Vec<&str> = fired.iter().copied().map(Signal::name).collect();
                (!fired.is_empty()).then_some((scale.x(at), scale.y(point.value?), names.join(", ")))
            })
            .collect();
        for (x, y, names) in marks {
            let names = HtmlEscape(&names);
            self.put(&format!(
                "<circle class=\"signal\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\"><title>{names}</title></circle>"
            ));
            // Below the point, where that is not yet the axis.
            let below = y + 18.0 < HEIGHT - BOTTOM;
            self.label("signal-mark", "middle", x, if below { y + 18.0 } else { y - 10.0 }, "!");
        }
    }
}
