//! Recurring whole days: the RRULE of RFC 5545 (3.3.10), as far as days without a time of day need it.
//!
//! Knows dates and the parts of a rule. Must not know files or events. Parts that speak of times of day, or that no
//! calendar of holidays uses, are refused by name, never passed over.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// A rule by which an event of whole days comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    every: Frequency,
    interval: i64,
    count: Option<u32>,
    until: Option<NaiveDate>,
    months: Vec<u32>,
    month_days: Vec<i32>,
    year_days: Vec<i32>,
    weekdays: Vec<OnWeekday>,
    positions: Vec<i32>,
    week_start: Weekday,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A weekday, or only its n-th one of a month or year, counted from the end where n is negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OnWeekday {
    nth: Option<i32>,
    weekday: Weekday,
}

impl Recurrence {
    /// Reads the value of an RRULE.
    ///
    /// # Errors
    /// Says which part is wrong or not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut every = None;
        let mut rule = Self {
            every: Frequency::Yearly,
            interval: 1,
            count: None,
            until: None,
            months: Vec::new(),
            month_days: Vec::new(),
            year_days: Vec::new(),
            weekdays: Vec::new(),
            positions: Vec::new(),
            week_start: Weekday::Mon,
        };
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let wrong = || format!("`{part}` in RRULE is not understood");
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            let value = value.to_ascii_uppercase();
            match name.to_ascii_uppercase().as_str() {
                "FREQ" => every = Some(frequency(&value).ok_or_else(wrong)?),
                "INTERVAL" => {
                    rule.interval = value.parse().ok().filter(|n| (1..10_000).contains(n)).ok_or_else(wrong)?;
                }
                "COUNT" => rule.count = Some(value.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?),
                "UNTIL" => rule.until = Some(super::ics::date(&value).ok_or_else(wrong)?),
                "BYMONTH" => rule.months = list(&value, |n: &u32| (1..=12).contains(n)).ok_or_else(wrong)?,
                "BYMONTHDAY" => {
                    rule.month_days = list(&value, |n: &i32| (1..=31).contains(&n.abs())).ok_or_else(wrong)?;
                }
                "BYYEARDAY" => {
                    rule.year_days = list(&value, |n: &i32| (1..=366).contains(&n.abs())).ok_or_else(wrong)?;
                }
                "BYSETPOS" => {
                    rule.positions = list(&value, |n: &i32| (1..=366).contains(&n.abs())).ok_or_else(wrong)?;
                }
                "BYDAY" => rule.weekdays = value.split(',').map(on_weekday).collect::<Option<_>>().ok_or_else(wrong)?,
                "WKST" => rule.week_start = weekday(&value).ok_or_else(wrong)?,
                _ => return Err(wrong()),
            }
        }
        rule.every = every.ok_or("RRULE has no FREQ of DAILY, WEEKLY, MONTHLY or YEARLY")?;
        rule.months.sort_unstable();
        rule.months.dedup();
        let by_week = matches!(rule.every, Frequency::Daily | Frequency::Weekly);
        if by_week && rule.weekdays.iter().any(|day| day.nth.is_some()) {
            return Err("RRULE counts weekdays (as BYDAY=1MO) without a month or year to count in".into());
        }
        Ok(rule)
    }

    /// Returns the days on which an event begins that first begins on `start`, none of them after `last`, in order.
    /// The first one always counts (RFC 5545, 3.8.5.3).
    pub fn dates(&self, start: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
        let last = self.until.map_or(last, |until| until.min(last));
        let most = self.count.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
        let mut dates = Vec::new();
        if start <= last {
            dates.push(start);
        }
        let rule = self.completed(start);
        for step in 0.. {
            let Some((_, days)) = rule.stretch(start, step * rule.interval).filter(|(begins, _)| *begins <= last)
            else {
                break;
            };
            let days: Vec<NaiveDate> = days.into_iter().filter(|day| rule.holds_on(*day)).collect();
            for day in rule.positioned(days).into_iter().filter(|day| start < *day && *day <= last) {
                if dates.len() == most {
                    return dates;
                }
                dates.push(day);
            }
            if dates.len() == most {
                break;
            }
        }
        dates
    }

    /// Takes from the first day what the rule leaves open.
    fn completed(&self, start: NaiveDate) -> Self {
        let mut rule = self.clone();
        if rule.month_days.is_empty() && rule.year_days.is_empty() && rule.weekdays.is_empty() {
            let month_day = i32::try_from(start.day()).unwrap_or(0);
            match rule.every {
                Frequency::Daily => {}
                Frequency::Weekly => rule.weekdays = vec![OnWeekday { nth: None, weekday: start.weekday() }],
                Frequency::Monthly => rule.month_days = vec![month_day],
                Frequency::Yearly => {
                    rule.month_days = vec![month_day];
                    if rule.months.is_empty() {
                        rule.months = vec![start.month()];
                    }
                }
            }
        }
        rule
    }

    /// Returns the day, week, month or year so many steps after that of the first day: its first day, and the days of
    /// it that may be meant. `None` beyond all dates.
    fn stretch(&self, start: NaiveDate, steps: i64) -> Option<(NaiveDate, Vec<NaiveDate>)> {
        let days_on = |from: NaiveDate, days: i64| from.checked_add_days(Days::new(u64::try_from(days).ok()?));
        match self.every {
            Frequency::Daily => days_on(start, steps).map(|day| (day, vec![day])),
            Frequency::Weekly => {
                let back = start.weekday().days_since(self.week_start);
                let first = days_on(start.checked_sub_days(Days::new(u64::from(back)))?, steps * 7)?;
                Some((first, first.iter_days().take(7).collect()))
            }
            Frequency::Monthly => {
                let month = i64::from(start.year()) * 12 + i64::from(start.month0()) + steps;
                let year = i32::try_from(month.div_euclid(12)).ok()?;
                let first = NaiveDate::from_ymd_opt(year, u32::try_from(month.rem_euclid(12)).ok()? + 1, 1)?;
                Some((first, month_of(first).collect()))
            }
            Frequency::Yearly => {
                let first = NaiveDate::from_ymd_opt(i32::try_from(i64::from(start.year()) + steps).ok()?, 1, 1)?;
                let every_month: Vec<u32> = (1..=12).collect();
                let months = if self.months.is_empty() { &every_month } else { &self.months };
                Some((first, months.iter().filter_map(|month| first.with_month(*month)).flat_map(month_of).collect()))
            }
        }
    }

    fn holds_on(&self, day: NaiveDate) -> bool {
        let from_both_ends = |wanted: &[i32], at: u32, of: u32| {
            let (at, of) = (i32::try_from(at).unwrap_or(0), i32::try_from(of).unwrap_or(0));
            wanted.is_empty() || wanted.iter().any(|n| *n == at || *n == at - of - 1)
        };
        let (month, year) = (u32::from(day.num_days_in_month()), if day.leap_year() { 366 } else { 365 });
        let (at, of) = match self.every {
            Frequency::Yearly if self.months.is_empty() => (day.ordinal(), year),
            _ => (day.day(), month),
        };
        let nth = |wanted: i32| from_both_ends(&[wanted], at.div_ceil(7), at.div_ceil(7) + (of - at) / 7);
        (self.months.is_empty() || self.months.contains(&day.month()))
            && from_both_ends(&self.month_days, day.day(), month)
            && from_both_ends(&self.year_days, day.ordinal(), year)
            && (self.weekdays.is_empty()
                || self.weekdays.iter().any(|on| on.weekday == day.weekday() && on.nth.is_none_or(nth)))
    }

    /// Picks the days that BYSETPOS names of one stretch.
    fn positioned(&self, days: Vec<NaiveDate>) -> Vec<NaiveDate> {
        if self.positions.is_empty() {
            return days;
        }
        let count = i32::try_from(days.len()).unwrap_or(i32::MAX);
        let at = |index: usize| i32::try_from(index).unwrap_or(i32::MAX - 1) + 1;
        let meant = |index: usize| self.positions.iter().any(|n| *n == at(index) || *n == at(index) - count - 1);
        days.into_iter().enumerate().filter(|(index, _)| meant(*index)).map(|(_, day)| day).collect()
    }
}

fn month_of(first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take(usize::from(first.num_days_in_month()))
}

fn frequency(text: &str) -> Option<Frequency> {
    Some(match text {
        "DAILY" => Frequency::Daily,
        "WEEKLY" => Frequency::Weekly,
        "MONTHLY" => Frequency::Monthly,
        "YEARLY" => Frequency::Yearly,
        _ => return None,
    })
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

/// Reads `MO`, `1MO` or `-1MO`.
fn on_weekday(text: &str) -> Option<OnWeekday> {
    let (nth, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let nth = match nth {
        "" => None,
        nth => Some(nth.parse().ok().filter(|n: &i32| (1..=53).contains(&n.abs()))?),
    };
    Some(OnWeekday { nth, weekday: weekday(day)? })
}

fn list<T: std::str::FromStr>(text: &str, fits: impl Fn(&T) -> bool) -> Option<Vec<T>> {
    text.split(',').map(|part| part.parse().ok().filter(&fits)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(start: &str, rule: &str, last: &str) -> Vec<String> {
        let rule = Recurrence::parse(rule).unwrap();
        let days = rule.dates(start.parse().unwrap(), last.parse().unwrap());
        days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_fixed_date_comes_back_each_year() {
        assert_eq!(dates("2024-12-25", "FREQ=YEARLY", "2026-12-31"), ["2024-12-25", "2025-12-25", "2026-12-25"]);
        assert_eq!(dates("2024-12-25", "FREQ=YEARLY", "2025-12-24"), ["2024-12-25"]);
        assert_eq!(dates("2024-12-25", "FREQ=YEARLY", "2024-12-24"), [""; 0]);
    }

    #[test]
    fn the_leap_day_comes_back_in_leap_years_only() {
        assert_eq!(
            dates("2096-02-29", "FREQ=YEARLY", "2105-01-01"),
            ["2096-02-29", "2104-02-29"],
            "2100 is no leap year"
        );
    }

    #[test]
    fn weekdays_are_counted_from_both_ends_of_a_month() {
        // Thanksgiving, Memorial Day, and the first Monday of May.
        assert_eq!(
            dates("2024-11-28", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2026-12-31"),
            ["2024-11-28", "2025-11-27", "2026-11-26"]
        );
        assert_eq!(
            dates("2024-05-27", "FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", "2026-12-31"),
            ["2024-05-27", "2025-05-26", "2026-05-25"]
        );
        assert_eq!(
            dates("1997-09-28", "FREQ=MONTHLY;INTERVAL=2;COUNT=4;BYDAY=1SU,-1SU", "1999-01-01"),
            ["1997-09-28", "1997-11-02", "1997-11-30", "1998-01-04"]
        );
    }

    /// Examples of RFC 5545, 3.8.5.3, without their time of day.
    #[test]
    fn the_examples_of_the_standard_come_out() {
        assert_eq!(
            dates("1997-06-10", "FREQ=YEARLY;COUNT=4;BYMONTH=6,7", "2100-01-01"),
            ["1997-06-10", "1997-07-10", "1998-06-10", "1998-07-10"]
        );
        assert_eq!(
            dates("1997-01-01", "FREQ=YEARLY;INTERVAL=3;COUNT=5;BYYEARDAY=1,100,200", "2100-01-01"),
            ["1997-01-01", "1997-04-10", "1997-07-19", "2000-01-01", "2000-04-09"]
        );
        assert_eq!(
            dates("1997-05-19", "FREQ=YEARLY;BYDAY=20MO", "1999-12-31"),
            ["1997-05-19", "1998-05-18", "1999-05-17"]
        );
        assert_eq!(
            dates("1997-09-30", "FREQ=MONTHLY;COUNT=4;BYMONTHDAY=1,-1", "2100-01-01"),
            ["1997-09-30", "1997-10-01", "1997-10-31", "1997-11-01"]
        );
        assert_eq!(
            dates("1996-11-05", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "2004-12-31"),
            ["1996-11-05", "2000-11-07", "2004-11-02"]
        );
        assert_eq!(
            dates("1997-09-29", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-12-31"),
            ["1997-09-29", "1997-10-30", "1997-11-27", "1997-12-30"]
        );
        assert_eq!(
            dates("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "2100-01-01"),
            ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]
        );
        assert_eq!(
            dates("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "2100-01-01"),
            ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]
        );
        assert_eq!(
            dates("1997-09-02", "FREQ=DAILY;INTERVAL=10;UNTIL=19971007T000000Z", "2100-01-01"),
            ["1997-09-02", "1997-09-12", "1997-09-22", "1997-10-02"]
        );
    }

    #[test]
    fn parts_that_are_not_understood_are_refused_by_name() {
        for (text, part) in [
            ("FREQ=HOURLY", "FREQ=HOURLY"),
            ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO=20"),
            ("FREQ=YEARLY;BYHOUR=8", "BYHOUR=8"),
            ("FREQ=YEARLY;BYMONTH=13", "BYMONTH=13"),
            ("FREQ=YEARLY;BYDAY=1XX", "BYDAY=1XX"),
            ("FREQ=YEARLY;BYDAY=é", "BYDAY=é"),
            ("FREQ=YEARLY;INTERVAL=0", "INTERVAL=0"),
            ("FREQ=YEARLY;COUNT=0", "COUNT=0"),
            ("FREQ=YEARLY;UNTIL=soon", "UNTIL=soon"),
            ("YEARLY", "YEARLY"),
            ("BYMONTH=1", "no FREQ"),
            ("FREQ=WEEKLY;BYDAY=1MO", "counts weekdays"),
        ] {
            let message = Recurrence::parse(text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
