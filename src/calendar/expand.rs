//! Weekly hours on the wall clock of a zone, made into spans of instants date by date.
//!
//! Knows zones, holidays, dates with hours of their own and from when a rule holds. Must not know what is asked of the spans.

use super::hours::{DAY, HoursError, Overrides, Shift, Week, hours_of};
use super::spans::{Span, Spans};
use crate::model::catalogue::CalendarRule;
use crate::model::period::{first_instant, last_instant};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// The instants between which dates are expanded: 1800-01-01 and 2200-07-01. Zones keep one offset before and after
/// and no rule names a date beyond, so hours repeat from week to week outside.
pub(super) const ERA: Span = Span::new(-5_364_662_400, 7_273_756_800);

/// The rules of one calendar, each from its own local day on, in order of that day.
#[derive(Clone, Debug)]
pub(super) struct Rules(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    zone: Tz,
    week: Week,
    holidays: BTreeSet<NaiveDate>,
    overrides: Overrides,
    from: NaiveDate,
    /// The first day of the rule that follows.
    until: NaiveDate,
}

impl Rules {
    /// Reads the rules that carry an id.
    pub(super) fn of(id: &str, rules: &[CalendarRule]) -> Result<Self, HoursError> {
        let mut own: Vec<Rule> = Vec::new();
        for rule in rules.iter().filter(|rule| rule.id == id) {
            let from = rule.valid_from.map_or(NaiveDate::MIN, |date| date.0);
            if own.iter().any(|other| other.from == from) {
                let from = rule.valid_from.map_or("without `valid_from`".into(), |date| format!("from {}", date.0));
                return Err(HoursError::Twice { id: id.to_owned(), from });
            }
            let (week, overrides) = hours_of(rule)?;
            own.push(Rule {
                zone: rule.zone,
                week,
                overrides,
                holidays: rule.holidays.iter().map(|date| date.0).collect(),
                from,
                until: NaiveDate::MAX,
            });
        }
        if own.is_empty() {
            return Err(HoursError::Unknown(id.to_owned()));
        }
        own.sort_unstable_by_key(|rule| rule.from);
        for index in 1..own.len() {
            let until = own[index].from;
            own[index - 1].until = until;
        }
        Ok(Self(own))
    }

    /// Tells whether no rule has hours on any date on which it holds.
    pub(super) fn never_opens(&self) -> bool {
        self.0.iter().all(|rule| {
            let own = |(date, shifts): (&NaiveDate, &Vec<Shift>)| rule.holds_on(*date) && !shifts.is_empty();
            rule.week.is_empty() && !rule.overrides.iter().any(own)
        })
    }

    /// Expands the hours in a window, which is cut to [`ERA`].
    pub(super) fn expand(&self, window: Span) -> Spans {
        let window = window.intersect(ERA);
        if window.is_empty() {
            return Spans::default();
        }
        self.0.iter().flat_map(|rule| rule.expand(window)).map(|span| span.intersect(window)).collect()
    }
}

impl Rule {
    fn expand(&self, window: Span) -> impl Iterator<Item = Span> {
        // A shift may start two days before it ends, and one zone has skipped a whole day.
        let first = self.date(window.start).checked_sub_days(Days::new(4)).unwrap_or(NaiveDate::MIN).max(self.from);
        let last = self.date(window.end).checked_add_days(Days::new(2)).unwrap_or(NaiveDate::MAX).min(self.until);
        first.iter_days().take_while(move |date| *date < last).flat_map(move |date| {
            self.on(date).iter().map(move |shift| Span {
                start: first_instant(wall(date, shift.open), self.zone).timestamp(),
                end: self.closing(date, shift.close),
            })
        })
    }

    /// Returns the hours that start on a date: its own where it has some, else none on a holiday, else its weekday's.
    fn on(&self, date: NaiveDate) -> &[Shift] {
        match self.overrides.get(&date) {
            Some(shifts) => shifts,
            None if self.holidays.contains(&date) => &[],
            None => self.week.on(date),
        }
    }

    fn holds_on(&self, date: NaiveDate) -> bool {
        self.from <= date && date < self.until
    }

    /// Returns when hours close. A closing that the wall clock shows twice is the later one. `24:00` is where the date
    /// ends: where the wall clock goes back from 01:00 to 00:00 that is the first midnight, for the hour that is shown
    /// twice belongs to the next date, which may be a holiday.
    fn closing(&self, date: NaiveDate, minutes: u32) -> i64 {
        let close = last_instant(wall(date, minutes), self.zone).timestamp();
        if minutes != DAY {
            return close;
        }
        let last_minute = last_instant(wall(date, minutes - 1), self.zone).timestamp();
        close.min(last_minute + 60)
    }

    fn date(&self, at: i64) -> NaiveDate {
        DateTime::from_timestamp(at, 0).map_or(NaiveDate::MIN, |at| at.with_timezone(&self.zone).date_naive())
    }
}

fn wall(date: NaiveDate, minutes: u32) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minutes))
}
