//! Reporting periods: half-open, in a named zone (rules R3, R4).

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};

/// The years that calendars reach; reports of other centuries are typing mistakes.
const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2199;

/// A half-open span `[start, end)` whose edges are local midnights of the report zone, or two given instants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    id: String,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    zone: Tz,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Months { first: NaiveDate, count: u32 },
    Other,
}

/// Why a text is not a period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a period: {why}; write `2026-09`, `2026-Q3`, `2026`, `2026-09-01..2026-10-01` or two RFC 3339 instants with `..` between"
)]
pub struct PeriodError {
    text: String,
    why: &'static str,
}

impl Period {
    /// Reads a period as written on the command line (README, Periods).
    pub fn parse(text: &str, zone: Tz) -> Result<Self, PeriodError> {
        let error = |why| PeriodError { text: text.to_owned(), why };
        if let Some((from, to)) = text.split_once("..") {
            let edge = |part: &str| {
                NaiveDate::parse_from_str(part, "%Y-%m-%d")
                    .ok()
                    .map(|date| midnight(date, zone))
                    .or_else(|| DateTime::parse_from_rfc3339(part).ok().map(|at| at.with_timezone(&Utc)))
            };
            let start = edge(from).ok_or_else(|| error("the start cannot be read"))?;
            let end = edge(to).ok_or_else(|| error("the end cannot be read"))?;
            if start >= end {
                return Err(error("it ends before it starts"));
            }
            if start.year() < FIRST_YEAR || end.year() > LAST_YEAR {
                return Err(error("it leaves the years 1900 to 2199"));
            }
            return Ok(Self { id: text.to_owned(), start, end, zone, kind: Kind::Other });
        }
        let number = |part: &str| part.parse::<u32>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()));
        let (year, rest) = match text.split_once('-') {
            Some((year, rest)) => (year, Some(rest)),
            None => (text, None),
        };
        let year = number(year)
            .filter(|_| year.len() == 4)
            .ok_or_else(|| error("it does not start with a year of four digits"))?;
        let (month, count) = match rest {
            None => (1, 12),
            Some("Q1") => (1, 3),
            Some("Q2") => (4, 3),
            Some("Q3") => (7, 3),
            Some("Q4") => (10, 3),
            Some(month) if month.len() == 2 => (number(month).ok_or_else(|| error("the month is not a number"))?, 1),
            Some(_) => return Err(error("what follows the year is neither a month nor a quarter")),
        };
        let first = i32::try_from(year)
            .ok()
            .filter(|year| (FIRST_YEAR..=LAST_YEAR).contains(year))
            .and_then(|year| NaiveDate::from_ymd_opt(year, month, 1))
            .ok_or_else(|| error("there is no such month between 1900 and 2199"))?;
        Ok(Self::months(first, count, zone))
    }

    /// Returns the month that holds an instant.
    pub fn month_of(at: DateTime<Utc>, zone: Tz) -> Self {
        let local = at.with_timezone(&zone).date_naive();
        Self::months(local.with_day(1).unwrap_or(local), 1, zone)
    }

    fn months(first: NaiveDate, count: u32, zone: Tz) -> Self {
        let last = add_months(first, i64::from(count));
        let id = match count {
            1 => first.format("%Y-%m").to_string(),
            3 => format!("{}-Q{}", first.year(), first.month0() / 3 + 1),
            _ => first.format("%Y").to_string(),
        };
        Self { id, start: midnight(first, zone), end: midnight(last, zone), zone, kind: Kind::Months { first, count } }
    }

    /// Moves by whole periods of the same kind; a custom span moves by its own length.
    #[must_use]
    pub fn shifted(&self, by: i64) -> Self {
        match self.kind {
            Kind::Months { first, count } => Self::months(add_months(first, by * i64::from(count)), count, self.zone),
            Kind::Other => {
                let length = self.end - self.start;
                let steps = i32::try_from(by).ok().and_then(|by| length.checked_mul(by));
                let moved = |at: DateTime<Utc>| at.checked_add_signed(steps?);
                // Beyond the calendar there is nothing: such a step goes nowhere.
                let (Some(start), Some(end)) = (moved(self.start), moved(self.end)) else { return self.clone() };
                Self {
                    id: format!("{}..{}", rfc3339(start), rfc3339(end)),
                    start,
                    end,
                    zone: self.zone,
                    kind: Kind::Other,
                }
            }
        }
    }

    /// Returns the period before.
    #[must_use]
    pub fn previous(&self) -> Self {
        self.shifted(-1)
    }

    /// Returns the period after.
    #[must_use]
    pub fn next(&self) -> Self {
        self.shifted(1)
    }

    /// Splits into local days, each `[midnight, next midnight)` and cut at the edges of the period.
    pub fn days(&self) -> Vec<(NaiveDate, DateTime<Utc>, DateTime<Utc>)> {
        let mut days = Vec::new();
        let mut date = self.start.with_timezone(&self.zone).date_naive();
        loop {
            let from = midnight(date, self.zone).max(self.start);
            let Some(next) = date.succ_opt() else { break };
            let to = midnight(next, self.zone).min(self.end);
            if from >= self.end {
                break;
            }
            if from < to {
                days.push((date, from, to));
            }
            date = next;
        }
        days
    }

    /// Returns how many whole local months it has; `None` where it starts or ends within one.
    pub fn whole_months(&self) -> Option<u32> {
        let month_start = |at: DateTime<Utc>| {
            let date = at.with_timezone(&self.zone).date_naive();
            (date.day() == 1 && midnight(date, self.zone) == at).then_some(date)
        };
        let (start, end) = (month_start(self.start)?, month_start(self.end)?);
        let months = (end.year() - start.year()) * 12 + i32::try_from(end.month0()).ok()?
            - i32::try_from(start.month0()).ok()?;
        u32::try_from(months).ok()
    }

    /// Returns the name used on the command line and in file names.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the first instant of the period.
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// Returns the first instant after the period.
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }

    /// Returns the report zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Tells whether an instant lies in the period.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.start <= at && at < self.end
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut object = serializer.serialize_struct("Period", 4)?;
        object.serialize_field("id", &self.id)?;
        object.serialize_field("start", &local_rfc3339(self.start, self.zone))?;
        object.serialize_field("end", &local_rfc3339(self.end, self.zone))?;
        object.serialize_field("zone", self.zone.name())?;
        object.end()
    }
}

/// Returns the first instant of a local date. Where midnight does not exist the day starts when the gap ends; where
/// it comes twice the first counts (rule R5).
pub fn midnight(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    first_instant(date.and_hms_opt(0, 0, 0).unwrap_or_default(), zone)
}

/// Returns the instant of a local time: shifted forward out of a gap, the earlier of two in a fold (rule R5).
pub fn first_instant(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    resolve(local, zone, false)
}

/// Returns the instant of a local time that ends something: the later of two in a fold (rule R5).
pub fn last_instant(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    resolve(local, zone, true)
}

fn resolve(local: NaiveDateTime, zone: Tz, later: bool) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => at.with_timezone(&Utc),
        LocalResult::Ambiguous(early, late) => if later { late } else { early }.with_timezone(&Utc),
        LocalResult::None => {
            // The wall clock jumps over this time. The gap ends at the first later minute that exists.
            let mut probe = local;
            for _ in 0..(26 * 60) {
                probe += chrono::TimeDelta::minutes(1);
                if let Some(at) = zone.from_local_datetime(&probe.with_second_zero()).earliest() {
                    return at.with_timezone(&Utc);
                }
            }
            Utc.from_utc_datetime(&local)
        }
    }
}

trait SecondZero {
    fn with_second_zero(self) -> Self;
}

impl SecondZero for NaiveDateTime {
    fn with_second_zero(self) -> Self {
        use chrono::Timelike;
        self.with_second(0).unwrap_or(self)
    }
}

fn add_months(first: NaiveDate, months: i64) -> NaiveDate {
    let index = i64::from(first.year()) * 12 + i64::from(first.month0()) + months;
    let year = i32::try_from(index.div_euclid(12)).unwrap_or(first.year());
    let month = u32::try_from(index.rem_euclid(12)).unwrap_or(0) + 1;
    NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(first)
}

/// Writes an instant in UTC, to the second.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Writes an instant in a zone with its offset, to the second.
pub fn local_rfc3339(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Europe, UTC};

    fn period(text: &str) -> Period {
        Period::parse(text, Europe::Berlin).unwrap()
    }

    #[test]
    fn a_month_is_half_open_between_local_midnights() {
        let september = period("2026-09");
        assert_eq!(rfc3339(september.start()), "2026-08-31T22:00:00Z");
        assert_eq!(rfc3339(september.end()), "2026-09-30T22:00:00Z");
        assert!(september.holds(september.start()) && !september.holds(september.end()));
    }

    #[test]
    fn months_with_a_clock_change_have_743_and_745_hours() {
        let hours = |text: &str| (period(text).end() - period(text).start()).num_hours();
        assert_eq!((hours("2026-03"), hours("2026-10"), hours("2026-02")), (743, 745, 672));
        assert_eq!(hours("2026"), 8_760);
    }

    #[test]
    fn periods_move_by_their_own_kind() {
        assert_eq!(period("2026-01").previous().id(), "2025-12");
        assert_eq!(period("2026-Q4").next().id(), "2027-Q1");
        assert_eq!(period("2026").previous().id(), "2025");
        assert_eq!(period("2026-09").shifted(-12).id(), "2025-09");
    }

    #[test]
    fn days_of_a_month_with_a_clock_change_have_23_and_25_hours() {
        let lengths =
            |text: &str| period(text).days().iter().map(|(_, a, b)| (*b - *a).num_hours()).collect::<Vec<_>>();
        assert_eq!(lengths("2026-03").iter().filter(|h| **h == 23).count(), 1);
        assert_eq!(lengths("2026-10").iter().filter(|h| **h == 25).count(), 1);
        assert_eq!(lengths("2024-02").len(), 29);
    }

    #[test]
    fn a_midnight_that_does_not_exist_is_the_end_of_the_gap() {
        // Santiago moved its clocks at midnight: 2022-09-11 starts at 01:00 local.
        let at = midnight(NaiveDate::from_ymd_opt(2022, 9, 11).unwrap(), America::Santiago);
        assert_eq!(rfc3339(at), "2022-09-11T04:00:00Z");
    }

    #[test]
    fn wrong_periods_are_refused_with_the_forms() {
        for text in ["", "2026-13", "26-01", "2026-Q5", "2026-09-01", "2026-10-01..2026-09-01", "x..y"] {
            let message = Period::parse(text, UTC).unwrap_err().to_string();
            assert!(message.contains("write `2026-09`"), "{message}");
        }
        assert!(Period::parse("2026-08-10T00:00:00Z..2026-08-22T01:18:30Z", UTC).is_ok());
    }
}
