//! The stretch of time on which a batch of cases plays: its steps, its period, its as-of, and hours on its wall clock.

use super::tape::Draw;
use crate::calendar_oracle::PLACES;
use crate::calendar_oracle::wall::{Rule, Walk};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use servicebook::model::Period;
use servicebook::model::catalogue::CalendarRule;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Days that are walked on each side of a place; the ground is at most eight of them, as hours are known of whole dates.
const REACH: i64 = 12;
const DAY: i64 = 86_400;

thread_local! {
    static WALKS: RefCell<HashMap<(Tz, i64), Rc<Walk>>> = RefCell::default();
}

/// Times are seconds since 1970, all of them whole steps after `start`.
#[derive(Clone, Debug)]
pub struct Ground {
    pub zone: Tz,
    /// 1, of stretches of up to three days, or 60.
    pub step: i64,
    pub start: i64,
    pub end: i64,
    /// The period is `[from, to)`.
    pub from: i64,
    pub to: i64,
    pub as_of: i64,
    walked_from: i64,
}

impl Ground {
    pub fn draw(place: usize, draw: &mut Draw<'_>) -> Self {
        let (zone, date) = PLACES[place];
        let zone: Tz = zone.parse().unwrap();
        let middle = date.parse::<NaiveDate>().unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp();
        let (step, start, end) = if draw.below(2) == 0 {
            let days = draw.pick(&[4, 7, 16]);
            let start = middle - DAY * days / 2 + 3600 * draw.below(24);
            (60, start, start + DAY * days)
        } else {
            // Seconds, near the hour at which clocks change.
            let length = 3600 * draw.pick(&[3, 4, 6, 8, 12, 24, 72]);
            let start = middle - draw.below(length / 60) * 60 + 3 * 3600 * draw.below(3);
            (1, start, start + length)
        };
        let steps = (end - start) / step;
        let from = start + step * draw.between(0, steps / 2);
        let to = from + step * draw.between(1, (end - from) / step);
        let as_of = match draw.below(4) {
            0 | 1 => to,
            2 => from + step * draw.between(1, (to - from) / step + 1),
            _ => to + step * draw.below((end - to) / step + 1),
        };
        Self { zone, step, start, end, from, to, as_of, walked_from: middle - REACH * DAY }
    }

    pub fn period(&self) -> Period {
        Period::parse(&format!("{}..{}", text(self.from), text(self.to)), self.zone).unwrap()
    }

    /// Some instant of the ground from `from` on.
    pub fn instant(&self, draw: &mut Draw<'_>, from: i64) -> i64 {
        let from = from.clamp(self.start, self.end - self.step);
        match draw.below(8) {
            // Edges are where mistakes are.
            6 => [self.from, self.to, self.as_of][draw.below(3) as usize].clamp(from, self.end),
            // Near by, for short spans.
            4 | 5 => (from + self.step * draw.below(120)).min(self.end),
            _ => from + self.step * draw.below((self.end - from) / self.step),
        }
    }

    /// Says where a case plays.
    pub fn told(&self) -> String {
        format!(
            "{} to {}, as of {}, in steps of {} s, {}",
            text(self.from),
            text(self.to),
            text(self.as_of),
            self.step,
            self.zone
        )
    }

    pub fn steps(&self) -> usize {
        ((self.end - self.start) / self.step) as usize
    }

    /// The step that begins at an instant, cut to the ground.
    pub fn index(&self, at: i64) -> usize {
        ((at.clamp(self.start, self.end) - self.start) / self.step) as usize
    }

    pub fn at(&self, index: usize) -> i64 {
        self.start + index as i64 * self.step
    }

    /// Local date of an instant in the zone of the report.
    pub fn date(&self, at: i64) -> NaiveDate {
        utc(at).with_timezone(&self.zone).date_naive()
    }

    fn walk(&self, zone: Tz) -> Rc<Walk> {
        WALKS.with_borrow_mut(|walks| {
            let start = self.walked_from;
            Rc::clone(walks.entry((zone, start)).or_insert_with(|| Rc::new(Walk::new(zone, start, 2 * REACH * 1440))))
        })
    }

    /// Hours of all sorts; the simplest are round the clock.
    pub fn hours(&self, draw: &mut Draw<'_>) -> Hours {
        if draw.below(4) == 0 {
            return Hours { written: None, open: vec![true; self.steps()] };
        }
        let zone = if draw.one_in(4) { chrono_tz::UTC } else { self.zone };
        let walk = self.walk(zone);
        let dates: Vec<NaiveDate> = walk.dates().map(|(date, _)| date).collect();
        let every_day = draw.below(2) == 0;
        let usual = hours_of_a_day(draw);
        let hours = (0..7).map(|_| if every_day { usual.clone() } else { hours_of_a_day(draw) }).collect();
        let holidays = (0..draw.below(3)).map(|_| draw.pick(&dates)).collect();
        let mut own: Vec<NaiveDate> = (0..draw.below(3)).map(|_| draw.pick(&dates)).collect();
        own.sort_unstable();
        own.dedup();
        let overrides = own.into_iter().map(|date| (date, hours_of_a_day(draw))).collect();
        let rule = Rule { zone, hours, holidays, overrides, from: None };
        let mut minutes = vec![false; walk.minutes as usize];
        rule.mark(&walk, None, &mut minutes);
        let open = (0..self.steps()).map(|step| minutes[((self.at(step) - walk.start) / 60) as usize]).collect();
        Hours { written: Some(rule.written()), open }
    }
}

fn hours_of_a_day(draw: &mut Draw<'_>) -> Vec<(i64, i64)> {
    match draw.below(6) {
        0 => vec![(480, 1080)],
        1 => vec![(0, 1440)],
        2 => vec![(1320, 360)],
        3 => Vec::new(),
        _ => (0..draw.between(1, 4))
            .map(|_| (draw.below(96) * 15, if draw.one_in(6) { 1440 } else { draw.below(1440) }))
            .filter(|(open, close)| open != close)
            .collect(),
    }
}

/// Service hours, as the book writes them and as the wall clock shows them.
#[derive(Clone)]
pub struct Hours {
    /// Round the clock where there is none.
    written: Option<CalendarRule>,
    /// Whether each step of the ground is open.
    pub open: Vec<bool>,
}

impl Hours {
    /// Whether no date has any hours.
    pub fn never_open(&self) -> bool {
        let rule = self.written.as_ref();
        rule.is_some_and(|rule| {
            let week = rule.hours.days();
            week.iter().all(|hours| hours.is_empty()) && rule.overrides.iter().all(|date| date.hours.is_empty())
        })
    }

    /// The calendar under an id.
    pub fn calendar(&self, id: &str) -> Option<CalendarRule> {
        self.written.clone().map(|rule| CalendarRule { id: id.to_owned(), ..rule })
    }
}

impl std::fmt::Debug for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.written {
            None => f.write_str("24x7"),
            Some(rule) => {
                write!(f, "{} {:?}", rule.zone, rule.hours.days())?;
                write!(f, " holidays {:?} overrides {:?}", rule.holidays, rule.overrides)
            }
        }
    }
}

pub fn utc(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(at, 0).unwrap()
}

pub fn text(at: i64) -> String {
    utc(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
