//! The oracle: wall clocks that are walked minute by minute.

use chrono::{DateTime, Datelike, NaiveDate};
use chrono_tz::Tz;
use servicebook::calendar::{Span, Spans};
use servicebook::model::Date;
use servicebook::model::catalogue::{CalendarRule, DayHours, WeeklyHours};
use std::collections::BTreeMap;

/// The wall clock of a zone over a stretch of minutes.
pub struct Walk {
    /// The first minute, in seconds since 1970.
    pub start: i64,
    pub minutes: i64,
    /// For each minute that the wall clock shows, in minutes since 1970 on the wall: when it is first and last shown,
    /// in minutes after the start.
    shown: BTreeMap<i64, (i64, i64)>,
}

impl Walk {
    pub fn new(zone: Tz, start: i64, minutes: i64) -> Self {
        let mut shown = BTreeMap::new();
        for minute in 0..minutes {
            let local = DateTime::from_timestamp(start + minute * 60, 0).unwrap().with_timezone(&zone).naive_local();
            let wall = local.and_utc().timestamp().div_euclid(60);
            shown.entry(wall).and_modify(|(_, last)| *last = minute).or_insert((minute, minute));
        }
        Self { start, minutes, shown }
    }

    /// The local dates that lie in the walk whole, with their midnights in minutes on the wall.
    pub fn dates(&self) -> impl Iterator<Item = (NaiveDate, i64)> {
        let day = |wall: &i64| wall.div_euclid(1440);
        let first = self.shown.keys().next().map(day).unwrap() + 1;
        let last = self.shown.keys().next_back().map(day).unwrap() - 2;
        (first..last).map(|day| (NaiveDate::from_epoch_days(i32::try_from(day).unwrap()).unwrap(), day * 1440))
    }

    /// When hours open: the first time that the wall shows it, else when the wall has jumped over it.
    pub fn opens(&self, wall: i64) -> i64 {
        self.shown.range(wall..).next().map_or(self.minutes, |(_, (first, _))| *first)
    }

    /// When hours close: the last time that the wall shows it, else when the wall has jumped over it.
    pub fn closes(&self, wall: i64) -> i64 {
        self.shown.get(&wall).map_or_else(|| self.opens(wall), |(_, last)| *last)
    }

    /// When a date ends: after the last minute that the wall shows of it or of an earlier one.
    pub fn ends(&self, midnight: i64) -> i64 {
        self.shown.range(..midnight).next_back().map_or(0, |(_, (_, last))| *last + 1)
    }
}

/// One rule as the oracle knows it: hours in minutes by weekday.
#[derive(Clone)]
pub struct Rule {
    pub zone: Tz,
    pub hours: Vec<Vec<(i64, i64)>>,
    pub holidays: Vec<NaiveDate>,
    /// Dates with hours of their own, each once.
    pub overrides: Vec<(NaiveDate, Vec<(i64, i64)>)>,
    pub from: Option<NaiveDate>,
}

impl Rule {
    pub fn written(&self) -> CalendarRule {
        let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let texts = |hours: &[(i64, i64)]| -> Vec<String> {
            hours.iter().map(|(open, close)| format!("{}-{}", clock(*open), clock(*close))).collect()
        };
        let day = |index: usize| texts(&self.hours[index]);
        CalendarRule {
            id: "office".into(),
            zone: self.zone,
            hours: WeeklyHours {
                mon: day(0),
                tue: day(1),
                wed: day(2),
                thu: day(3),
                fri: day(4),
                sat: day(5),
                sun: day(6),
            },
            holidays: self.holidays.iter().copied().map(Date).collect(),
            holidays_from: Vec::new(),
            overrides: self
                .overrides
                .iter()
                .map(|(date, hours)| DayHours { date: Date(*date), hours: texts(hours) })
                .collect(),
            valid_from: self.from.map(Date),
            holiday_files: Vec::new(),
        }
    }

    /// Marks the minutes that this rule opens, on the dates before `until`.
    pub fn mark(&self, walk: &Walk, until: Option<NaiveDate>, open: &mut [bool]) {
        for (date, midnight) in walk.dates() {
            if self.from.is_some_and(|from| date < from) || until.is_some_and(|until| date >= until) {
                continue;
            }
            let hours = match self.overrides.iter().find(|(own, _)| *own == date) {
                Some((_, hours)) => hours.clone(),
                None if self.holidays.contains(&date) => Vec::new(),
                None => self.hours[date.weekday().num_days_from_monday() as usize].clone(),
            };
            for (opening, closing) in &hours {
                let first = walk.opens(midnight + opening);
                let last = match closing {
                    0 | 1440 => walk.ends(midnight + 1440),
                    next_day if next_day < opening => walk.closes(midnight + 1440 + next_day),
                    same_day => walk.closes(midnight + same_day),
                };
                for minute in first..last {
                    open[minute as usize] = true;
                }
            }
        }
    }
}

/// The open minutes of a walk.
pub struct Oracle {
    pub start: i64,
    pub open: Vec<bool>,
}

impl Oracle {
    pub fn is_open(&self, at: i64) -> bool {
        self.open[((at - self.start) / 60) as usize]
    }

    pub fn elapsed(&self, start: i64, end: i64) -> i64 {
        let (mut at, mut seconds) = (start, 0);
        while at < end {
            let next = (at - (at - self.start) % 60 + 60).min(end);
            if self.is_open(at) {
                seconds += next - at;
            }
            at = next;
        }
        seconds
    }

    pub fn due(&self, start: i64, goal: i64) -> Option<i64> {
        let (mut at, mut left) = (start, goal);
        while left > 0 {
            let index = (at - self.start) / 60;
            let next = self.start + (index + 1) * 60;
            if *self.open.get(index as usize)? {
                let step = left.min(next - at);
                left -= step;
                at += step;
                if left == 0 {
                    return Some(at);
                }
            }
            at = next;
        }
        Some(start)
    }

    pub fn spans(&self, window: Span) -> Spans {
        let minutes = 0..self.open.len() as i64;
        let open = minutes.filter(|minute| self.open[*minute as usize]).map(|minute| self.start + minute * 60);
        open.map(|at| Span::new(at, at + 60).intersect(window)).collect()
    }
}

/// Seconds since 1970 of an RFC 3339 text.
pub fn at(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp()
}

pub fn span(start: &str, end: &str) -> Span {
    Span::new(at(start), at(end))
}

/// A calendar with the same hours on the given weekdays, Monday = 0.
pub fn weekly(zone: &str, days: std::ops::Range<usize>, hours: &[(i64, i64)]) -> Rule {
    let mut week = vec![Vec::new(); 7];
    week[days].fill(hours.to_vec());
    Rule { zone: zone.parse().unwrap(), hours: week, holidays: Vec::new(), overrides: Vec::new(), from: None }
}

pub const OFFICE: (i64, i64) = (480, 1080);
pub const NIGHT: (i64, i64) = (1320, 360);
pub const ALL_DAY: (i64, i64) = (0, 1440);
