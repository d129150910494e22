//! Time slices: which spans a request is made for, and how their bounds are written.

use crate::source::manifest::{StampFormat, WindowPlan};
use chrono::{DateTime, TimeZone, Utc};

/// A half-open span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Start.
    pub from: DateTime<Utc>,
    /// End, which does not belong to it.
    pub to: DateTime<Utc>,
}

/// How much is asked at most where not all is wanted: a first look at a tool, a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Pages of a list.
    pub pages: usize,
    /// Lists of a request, the last of its windows first of all.
    pub lists: usize,
}

/// Cuts a span into slices of a window's step; an empty span has none.
pub fn slices(plan: &WindowPlan, whole: Window) -> Vec<Window> {
    let Some(step) = plan.step.and_then(chrono::TimeDelta::try_seconds) else {
        return if whole.from < whole.to { vec![whole] } else { Vec::new() };
    };
    let mut slices = Vec::new();
    let mut from = whole.from;
    while from < whole.to {
        let to = from.checked_add_signed(step).unwrap_or(whole.to).min(whole.to);
        slices.push(Window { from, to });
        from = to;
    }
    slices
}

/// Moves both bounds down to whole steps of local time, where the window wants that; `None` where nothing is left.
pub fn aligned(plan: &WindowPlan, whole: Window) -> Option<Window> {
    let Some(step) = plan.align else { return Some(whole) };
    let down = |at: DateTime<Utc>| {
        let local = at.with_timezone(&plan.zone).naive_local();
        let seconds = local.and_utc().timestamp();
        let floor = DateTime::from_timestamp(seconds - seconds.rem_euclid(step), 0).unwrap_or(at).naive_utc();
        crate::model::period::first_instant(floor, plan.zone)
    };
    let window = Window { from: down(whole.from), to: down(whole.to) };
    (window.from < window.to).then_some(window)
}

impl StampFormat {
    /// Writes an instant; parts that the format has no room for are cut.
    pub fn write(&self, at: DateTime<Utc>) -> String {
        match self {
            Self::Rfc3339 => at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            Self::Unix => at.timestamp().to_string(),
            Self::UnixMillis => at.timestamp_millis().to_string(),
            Self::Local(format, zone) => zone.from_utc_datetime(&at.naive_utc()).format(format).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::manifest::WindowKind;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn slices_cover_the_span_without_gap_or_overlap() {
        let mut plan = WindowPlan {
            kind: WindowKind::Span,
            format: StampFormat::Rfc3339,
            step: Some(86_400),
            align: None,
            zone: chrono_tz::UTC,
            overlap: 600,
            settle: 0,
        };
        let whole = Window { from: at("2026-09-01T00:00:00Z"), to: at("2026-09-03T12:00:00Z") };
        let cut = slices(&plan, whole);
        assert_eq!(cut.len(), 3);
        assert_eq!((cut[0].from, cut[2].to), (whole.from, whole.to));
        assert!(cut.windows(2).all(|pair| pair[0].to == pair[1].from));
        plan.step = None;
        assert_eq!(slices(&plan, whole), [whole]);
        assert!(slices(&plan, Window { from: whole.to, to: whole.from }).is_empty());
    }

    #[test]
    fn bounds_are_moved_to_whole_hours_and_local_days() {
        let mut plan = WindowPlan {
            kind: WindowKind::Span,
            format: StampFormat::Unix,
            step: None,
            align: Some(3_600),
            zone: chrono_tz::Europe::Berlin,
            overlap: 600,
            settle: 0,
        };
        let whole = Window { from: at("2026-09-01T00:10:00Z"), to: at("2026-09-01T02:59:00Z") };
        let hours = aligned(&plan, whole).unwrap();
        assert_eq!((hours.from, hours.to), (at("2026-09-01T00:00:00Z"), at("2026-09-01T02:00:00Z")));
        plan.align = Some(86_400);
        assert!(aligned(&plan, whole).is_none(), "no whole day of Berlin lies in it");
        let days = aligned(&plan, Window { to: at("2026-09-02T00:00:00Z"), ..whole }).unwrap();
        assert_eq!((days.from, days.to), (at("2026-08-31T22:00:00Z"), at("2026-09-01T22:00:00Z")));
    }

    #[test]
    fn bounds_are_written_as_the_tool_reads_them() {
        let noon = at("2026-07-01T10:00:59.999Z");
        assert_eq!(StampFormat::Rfc3339.write(noon), "2026-07-01T10:00:59Z");
        assert_eq!(StampFormat::Unix.write(noon), "1782900059");
        assert_eq!(StampFormat::UnixMillis.write(noon), "1782900059999");
        let berlin = StampFormat::Local("%Y-%m-%d %H:%M".into(), chrono_tz::Europe::Berlin);
        assert_eq!(berlin.write(noon), "2026-07-01 12:00");
    }
}
