//! Hours as a book writes them: `mon = ["08:00-18:00"]`.
//!
//! Knows the text of one calendar rule. Must not know zones or instants.

use crate::model::catalogue::{CalendarRule, WeeklyHours};
use chrono::{Datelike, NaiveDate};

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
        /// The weekday.
        day: &'static str,
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
    for (key, date) in
        rule.holidays.iter().map(|day| ("holidays", day)).chain(rule.valid_from.iter().map(|day| ("valid_from", day)))
    {
        if !YEARS.contains(&date.0.year()) {
            return Err(HoursError::Date { key, date: date.0 });
        }
    }
    Week::parse(&rule.hours).map(|_| ())
}

/// Reads the hours of a rule whose dates are in range.
pub(super) fn week_of(rule: &CalendarRule) -> Result<Week, HoursError> {
    check_rule(rule)?;
    Week::parse(&rule.hours)
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
            for text in texts {
                let shift = parse(text).map_err(|why| HoursError::Text { day, text: text.clone(), why })?;
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
        }
        Ok(week)
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
    use chrono_tz::UTC;

    fn rule(mon: &[&str]) -> CalendarRule {
        CalendarRule {
            id: "office".into(),
            zone: UTC,
            hours: WeeklyHours { mon: mon.iter().map(ToString::to_string).collect(), ..WeeklyHours::default() },
            holidays: Vec::new(),
            valid_from: None,
        }
    }

    fn monday(texts: &[&str]) -> Vec<(u32, u32)> {
        let monday = NaiveDate::from_ymd_opt(2026, 9, 7).unwrap();
        week_of(&rule(texts)).unwrap().on(monday).iter().map(|shift| (shift.open, shift.close)).collect()
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
}
