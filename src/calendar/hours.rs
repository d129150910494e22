//! Hours as a book writes them: `mon = ["08:00-18:00"]`.
//!
//! Knows the text of one calendar rule. Must not know zones or instants.

use crate::model::catalogue::{CalendarRule, WeeklyHours};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// Minutes of a day on the wall clock.
pub(super) const DAY: u32 = 24 * 60;

/// The years in which a holiday or a first day may lie.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Why a calendar cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// A text is not a stretch of hours.
    #[error("{day} `{text}`: {why}; write it as `08:00-18:00`, `22:00-06:00` over midnight, `00:00-24:00` all day")]
    Text {
        /// The weekday, or the date of an override.
        day: String,
        /// What the book says.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A date is too far away to be meant.
    #[error("`{key}` {date}: the year is outside 1900 to 2199; check the date")]
    Date {
        /// The key that holds the date.
        key: &'static str,
        /// The date.
        date: NaiveDate,
    },
    /// A date has two overrides.
    #[error("`overrides` names {0} twice; write all hours of the date into one entry")]
    OverrideTwice(NaiveDate),
    /// The id belongs to the calendar that is always open.
    #[error("the id `24x7` is built in as the calendar that never closes; choose another id")]
    Reserved,
    /// No rule has the id.
    #[error("there is no calendar `{0}`; add a [[calendar]] with that id, or use `24x7`")]
    Unknown(String),
    /// Two rules of a calendar begin on the same day.
    #[error("calendar `{id}` has two rules {from}; give each rule its own `valid_from`")]
    Twice {
        /// The calendar.
        id: String,
        /// From when both hold.
        from: String,
    },
}

/// Checks the hours of a calendar.
///
/// # Errors
/// Says which day and text, or which date, is wrong and how to write it.
pub fn check(rule: &CalendarRule) -> Result<(), String> {
    check_rule(rule).map_err(|error| error.to_string())
}

fn check_rule(rule: &CalendarRule) -> Result<(), HoursError> {
    if rule.id == super::ALWAYS {
        return Err(HoursError::Reserved);
    }
    let holidays = rule.holidays.iter().map(|day| ("holidays", day));
    let overrides = rule.overrides.iter().map(|day| ("overrides", &day.date));
    for (key, date) in holidays.chain(overrides).chain(rule.valid_from.iter().map(|day| ("valid_from", day))) {
        if !YEARS.contains(&date.0.year()) {
            return Err(HoursError::Date { key, date: date.0 });
        }
    }
    overrides_of(rule)?;
    Week::parse(&rule.hours).map(|_| ())
}

/// Reads the hours of a rule whose dates are in range: by weekday, and of the dates that have their own.
pub(super) fn hours_of(rule: &CalendarRule) -> Result<(Week, Overrides), HoursError> {
    check_rule(rule)?;
    Ok((Week::parse(&rule.hours)?, overrides_of(rule)?))
}

/// The hours of single dates, each sorted and merged.
pub(super) type Overrides = BTreeMap<NaiveDate, Vec<Shift>>;

fn overrides_of(rule: &CalendarRule) -> Result<Overrides, HoursError> {
    let mut overrides = Overrides::new();
    for day in &rule.overrides {
        let shifts = shifts_of(&format!("override {}", day.date.0), &day.hours)?;
        if overrides.insert(day.date.0, shifts).is_some() {
            return Err(HoursError::OverrideTwice(day.date.0));
        }
    }
    Ok(overrides)
}

/// Reads the hours of one day, sorted and merged.
fn shifts_of(day: &str, texts: &[String]) -> Result<Vec<Shift>, HoursError> {
    let mut shifts = Vec::with_capacity(texts.len());
    for text in texts {
        let shift = parse(text).map_err(|why| HoursError::Text { day: day.to_owned(), text: text.clone(), why })?;
        shifts.push(shift);
    }
    shifts.sort_unstable();
    shifts.dedup_by(|next, kept| {
        let joins = next.open <= kept.close;
        if joins {
            kept.close = kept.close.max(next.close);
        }
        joins
    });
    Ok(shifts)
}

/// One stretch of hours, in minutes after the midnight of the day that it starts on; `close` is beyond [`DAY`] where
/// it runs over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shift {
    pub(super) open: u32,
    pub(super) close: u32,
}

/// The hours of the seven days, Monday first, each sorted and merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Week([Vec<Shift>; 7]);

impl Week {
    fn parse(hours: &WeeklyHours) -> Result<Self, HoursError> {
        let mut week = Self::default();
        for ((day, texts), shifts) in DAYS.into_iter().zip(hours.days()).zip(&mut week.0) {
            *shifts = shifts_of(day, texts)?;
        }
        Ok(week)
    }

    /// Tells whether no day has hours.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }

    /// Returns the hours that start on a date.
    pub(super) fn on(&self, date: NaiveDate) -> &[Shift] {
        let day = usize::try_from(date.weekday().num_days_from_monday()).unwrap_or(0);
        self.0.get(day).map_or(&[], Vec::as_slice)
    }
}

fn parse(text: &str) -> Result<Shift, &'static str> {
    let (open, close) = text.split_once('-').ok_or("there is no `-` between opening and closing")?;
    let open = clock(open.trim()).ok_or("the opening is not a time of day")?;
    let close = clock(close.trim()).ok_or("the closing is not a time of day")?;
    if open == DAY {
        return Err("a day cannot open at 24:00");
    }
    if open == close {
        return Err("it closes when it opens");
    }
    // A closing before the opening is on the next day.
    Ok(Shift { open, close: if close < open { close + DAY } else { close } })
}

/// Reads `HH:MM`, up to `24:00`.
fn clock(text: &str) -> Option<u32> {
    let number = |part: &str| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<u32>().ok()).flatten()
    };
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (number(hour)?, number(minute)?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY).then_some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Date;
    use crate::model::catalogue::DayHours;
    use chrono_tz::UTC;

    fn rule(mon: &[&str]) -> CalendarRule {
        CalendarRule {
            id: "office".into(),
            zone: UTC,
            hours: WeeklyHours { mon: mon.iter().map(ToString::to_string).collect(), ..WeeklyHours::default() },
            holidays: Vec::new(),
            holidays_from: Vec::new(),
            overrides: Vec::new(),
            valid_from: None,
            holiday_files: Vec::new(),
        }
    }

    fn on_date(date: (i32, u32, u32), hours: &[&str]) -> DayHours {
        let date = NaiveDate::from_ymd_opt(date.0, date.1, date.2).map(Date).unwrap();
        DayHours { date, hours: hours.iter().map(ToString::to_string).collect() }
    }

    fn monday(texts: &[&str]) -> Vec<(u32, u32)> {
        let monday = NaiveDate::from_ymd_opt(2026, 9, 7).unwrap();
        hours_of(&rule(texts)).unwrap().0.on(monday).iter().map(|shift| (shift.open, shift.close)).collect()
    }

    #[test]
    fn hours_are_read_sorted_and_merged() {
        assert_eq!(monday(&["08:00-18:00"]), [(480, 1080)]);
        assert_eq!(monday(&["00:00-24:00"]), [(0, 1440)]);
        assert_eq!(monday(&["22:00-06:00"]), [(1320, 1800)]);
        assert_eq!(monday(&["18:00-00:00"]), [(1080, 1440)]);
        assert_eq!(monday(&["13:00-18:00", "08:00 - 12:00"]), [(480, 720), (780, 1080)]);
        assert_eq!(monday(&["08:00-12:00", "11:00-15:00", "15:00-16:00", "09:00-10:00"]), [(480, 960)]);
        assert!(monday(&[]).is_empty());
    }

    #[test]
    fn wrong_hours_are_refused_with_day_and_text() {
        for text in [
            "",
            "8-18",
            "8:00-18:00",
            "08:00",
            "08:00-25:00",
            "08:60-18:00",
            "24:00-06:00",
            "08:00-08:00",
            "+8:00-18:00",
            "08:00–18:00",
        ] {
            let message = check(&rule(&["08:00-18:00", text])).unwrap_err();
            assert!(message.starts_with(&format!("mon `{text}`: ")), "{message}");
            assert!(message.contains("write it as `08:00-18:00`"), "{message}");
        }
    }

    #[test]
    fn dates_far_away_and_the_built_in_id_are_refused() {
        let far = NaiveDate::from_ymd_opt(9999, 12, 31).map(Date).unwrap();
        let with_holiday = CalendarRule { holidays: vec![far], ..rule(&[]) };
        assert!(check(&with_holiday).unwrap_err().contains("`holidays` 9999-12-31"));
        let with_start = CalendarRule { valid_from: Some(far), ..rule(&[]) };
        assert!(check(&with_start).unwrap_err().contains("`valid_from`"));
        let built_in = CalendarRule { id: "24x7".into(), ..rule(&[]) };
        assert!(check(&built_in).unwrap_err().contains("built in"));
    }

    #[test]
    fn wrong_overrides_are_refused_with_their_date() {
        let refused = |overrides: Vec<DayHours>| check(&CalendarRule { overrides, ..rule(&[]) }).unwrap_err();
        assert!(refused(vec![on_date((2026, 12, 24), &["8-12"])]).starts_with("override 2026-12-24 `8-12`: "));
        assert!(refused(vec![on_date((9999, 12, 24), &[])]).contains("`overrides` 9999-12-24"));
        let twice = refused(vec![on_date((2026, 12, 24), &["08:00-12:00"]), on_date((2026, 12, 24), &[])]);
        assert!(twice.contains("2026-12-24 twice"), "{twice}");
    }
}
