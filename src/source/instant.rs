//! Text to instants: the format and zone that a manifest declares, nothing guessed (rules R5, R7).

use crate::model::period;
use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;

/// Years outside of these are stand-ins for "never" or slips of the pen, not times of an IT service.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// Reads instants in one format and zone.
#[derive(Clone, Debug)]
pub struct InstantReader {
    format: Format,
    zone: Zone,
    /// Whether a local time that comes twice means the later one.
    ends: bool,
    /// What is added to every instant, in milliseconds.
    shift: i64,
}

#[derive(Clone, Debug)]
enum Format {
    /// Year first, `T` or blank between, offset where the text has one.
    Iso8601,
    /// As [`Format::Iso8601`], time and offset required.
    Rfc3339,
    /// Seconds since 1970, with or without a fraction.
    Unix,
    /// Milliseconds since 1970.
    UnixMillis,
    /// A format of numbers and plain characters, read without chrono.
    Steps(Vec<Step>),
    /// Any other format of chrono.
    Chrono(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Day,
    Month,
    Year,
    Hour,
    Minute,
    Second,
    Plain(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    Offset,
    Named(Tz),
}

/// An instant that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant {
    /// Milliseconds since 1970 in UTC.
    pub millis: i64,
    /// What the zone's clock change made of the local time.
    pub clock_change: Option<ClockChange>,
}

/// What a clock change did to a local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChange {
    /// The local time came twice.
    Twice,
    /// The local time never came.
    Never,
}

enum Stamp {
    Local(NaiveDateTime),
    Exact(i64),
}

impl InstantReader {
    /// Makes a reader of a chrono format, `iso8601`, `rfc3339`, `unix` or `unix_ms`, in an IANA zone or `offset`.
    /// `ends` says that of a local time that comes twice the later one counts.
    pub fn new(format: &str, zone: &str, ends: bool) -> Result<Self, String> {
        let zone_of = || {
            if zone == "offset" {
                return Ok(Zone::Offset);
            }
            zone.parse().map(Zone::Named).map_err(|_| {
                format!("`{zone}` is no IANA zone; write `Europe/Berlin`, `UTC`, or `offset` where each stamp has one")
            })
        };
        let zone = zone_of()?;
        let offset = zone == Zone::Offset;
        let format = match format {
            "iso8601" => Format::Iso8601,
            "rfc3339" if offset => Format::Rfc3339,
            "rfc3339" => return Err("the format `rfc3339` carries its offset; write `zone = \"offset\"`".into()),
            "unix" if zone == Zone::Named(Tz::UTC) => Format::Unix,
            "unix_ms" if zone == Zone::Named(Tz::UTC) => Format::UnixMillis,
            "unix" | "unix_ms" => {
                return Err(format!("the format `{format}` counts in UTC; write `zone = \"UTC\"`"));
            }
            text => {
                let carries = carries_offset(text)?;
                if carries && !offset {
                    return Err(format!("the format `{text}` carries an offset; write `zone = \"offset\"`"));
                }
                if !carries && offset {
                    return Err(format!("the format `{text}` carries no offset; name the zone"));
                }
                steps(text).map_or_else(|| Format::Chrono(text.to_owned()), Format::Steps)
            }
        };
        Ok(Self { format, zone, ends, shift: 0 })
    }

    /// Adds so many seconds to every instant: tools stamp spans by their end, or by their start.
    #[must_use]
    pub fn shifted(mut self, seconds: i64) -> Self {
        self.shift = seconds.saturating_mul(1_000);
        self
    }

    /// Reads an instant; `None` where the text is not in the format, or no day of an IT service.
    pub fn read(&self, text: &str) -> Option<Instant> {
        let stamp = match &self.format {
            Format::Iso8601 => iso8601(text, false)?,
            Format::Rfc3339 => iso8601(text, true)?,
            Format::Unix => Stamp::Exact(unix(text)?),
            Format::UnixMillis => Stamp::Exact(text.parse().ok()?),
            Format::Steps(steps) => Stamp::Local(read_steps(steps, text.as_bytes())?),
            Format::Chrono(format) => self.chrono(format, text)?,
        };
        let mut instant = match (stamp, self.zone) {
            (Stamp::Exact(millis), _) => Instant { millis, clock_change: None },
            (Stamp::Local(_), Zone::Offset) => return None,
            (Stamp::Local(local), Zone::Named(Tz::UTC)) => {
                Instant { millis: local.and_utc().timestamp_millis(), clock_change: None }
            }
            (Stamp::Local(local), Zone::Named(zone)) => self.place(local, zone),
        };
        instant.millis = instant.millis.checked_add(self.shift)?;
        let year = DateTime::from_timestamp_millis(instant.millis)?.year();
        YEARS.contains(&year).then_some(instant)
    }

    fn place(&self, local: NaiveDateTime, zone: Tz) -> Instant {
        let clock_change = match zone.from_local_datetime(&local) {
            LocalResult::Single(at) => return Instant { millis: at.timestamp_millis(), clock_change: None },
            LocalResult::Ambiguous(..) => ClockChange::Twice,
            LocalResult::None => ClockChange::Never,
        };
        let at = if self.ends { period::last_instant(local, zone) } else { period::first_instant(local, zone) };
        Instant { millis: at.timestamp_millis(), clock_change: Some(clock_change) }
    }

    fn chrono(&self, format: &str, text: &str) -> Option<Stamp> {
        if self.zone == Zone::Offset {
            return DateTime::parse_from_str(text, format).ok().map(|at| Stamp::Exact(at.timestamp_millis()));
        }
        NaiveDateTime::parse_from_str(text, format)
            .or_else(|_| NaiveDate::parse_from_str(text, format).map(|date| date.and_time(NaiveTime::MIN)))
            .ok()
            .map(Stamp::Local)
    }
}

/// Tells whether a chrono format reads an offset, or why it is none that can be used.
fn carries_offset(format: &str) -> Result<bool, String> {
    use chrono::format::{Fixed, Numeric};
    let mut offset = false;
    let (mut day, mut year) = (false, false);
    for item in StrftimeItems::new(format) {
        match item {
            Item::Error => return Err(format!("`{format}` is no chrono format")),
            Item::Fixed(
                Fixed::TimezoneOffset
                | Fixed::TimezoneOffsetColon
                | Fixed::TimezoneOffsetColonZ
                | Fixed::TimezoneOffsetZ
                | Fixed::RFC2822
                | Fixed::RFC3339,
            ) => offset = true,
            Item::Fixed(Fixed::TimezoneName) => {
                return Err("`%Z` cannot be read, names of zones are ambiguous; use `%z`, or name the zone".into());
            }
            Item::Numeric(Numeric::Timestamp, _) => return Err("write `unix` for seconds since 1970".into()),
            Item::Numeric(Numeric::Day | Numeric::Ordinal, _) => day = true,
            Item::Numeric(Numeric::Year | Numeric::YearMod100, _) => year = true,
            _ => {}
        }
        if matches!(StrftimeItems::new(format).next(), Some(Item::Fixed(Fixed::RFC2822 | Fixed::RFC3339))) {
            (day, year) = (true, true);
        }
    }
    if !(day && year) {
        return Err(format!("`{format}` does not say which day of which year"));
    }
    Ok(offset)
}

/// Returns the steps of a format that consists of numbers and plain ASCII characters.
fn steps(format: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut bytes = format.bytes();
    while let Some(byte) = bytes.next() {
        steps.push(match byte {
            b'%' => match bytes.next()? {
                b'd' => Step::Day,
                b'm' => Step::Month,
                b'Y' => Step::Year,
                b'H' => Step::Hour,
                b'M' => Step::Minute,
                b'S' => Step::Second,
                _ => return None,
            },
            // chrono takes a blank for any run of blanks; leave that to it unless it is a single one.
            _ if byte.is_ascii_graphic() || byte == b' ' => Step::Plain(byte),
            _ => return None,
        });
    }
    // Two numbers without a character between need chrono's fixed widths.
    let numbers_touch = steps.windows(2).any(|pair| !matches!(pair, [Step::Plain(_), _] | [_, Step::Plain(_)]));
    (!numbers_touch).then_some(steps)
}

fn read_steps(steps: &[Step], text: &[u8]) -> Option<NaiveDateTime> {
    let (mut year, mut month, mut day) = (0, 1, 1);
    let (mut hour, mut minute, mut second) = (0, 0, 0);
    let mut rest = text;
    for step in steps {
        match step {
            Step::Plain(byte) => {
                let (first, behind) = rest.split_first()?;
                if first != byte {
                    return None;
                }
                rest = behind;
            }
            Step::Year => year = number(&mut rest, 4, 4)?,
            Step::Month => month = number(&mut rest, 1, 2)?,
            Step::Day => day = number(&mut rest, 1, 2)?,
            Step::Hour => hour = number(&mut rest, 1, 2)?,
            Step::Minute => minute = number(&mut rest, 1, 2)?,
            Step::Second => second = number(&mut rest, 1, 2)?,
        }
    }
    if !rest.is_empty() {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?.and_hms_opt(hour, minute, second)
}

/// Takes a number of so many digits from the front.
fn number(rest: &mut &[u8], least: usize, most: usize) -> Option<u32> {
    let digits = rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    if digits < least {
        return None;
    }
    let (taken, behind) = rest.split_at(digits);
    *rest = behind;
    Some(taken.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')))
}

/// Reads `2026-09-01`, `2026-09-01 08:15`, `2026-09-01T08:15:30.250+02:00` and their like.
fn iso8601(text: &str, exact: bool) -> Option<Stamp> {
    let mut rest = text.as_bytes();
    let plain = |rest: &mut &[u8], byte: u8| match rest.split_first() {
        Some((first, behind)) if *first == byte => {
            *rest = behind;
            Some(())
        }
        _ => None,
    };
    let year = number(&mut rest, 4, 4)?;
    plain(&mut rest, b'-')?;
    let month = number(&mut rest, 2, 2)?;
    plain(&mut rest, b'-')?;
    let day = number(&mut rest, 2, 2)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    if rest.is_empty() {
        return (!exact).then_some(Stamp::Local(date.and_time(NaiveTime::MIN)));
    }
    let (between, behind) = rest.split_first()?;
    if !b"Tt ".contains(between) {
        return None;
    }
    rest = behind;
    let hour = number(&mut rest, 2, 2)?;
    plain(&mut rest, b':')?;
    let minute = number(&mut rest, 2, 2)?;
    let mut second = 0;
    let mut millis = 0;
    if plain(&mut rest, b':').is_some() {
        second = number(&mut rest, 2, 2)?;
        if plain(&mut rest, b'.').is_some() || plain(&mut rest, b',').is_some() {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (fraction, behind) = rest.split_at_checked(digits).filter(|_| digits > 0)?;
            rest = behind;
            millis = [100, 10, 1].iter().zip(fraction).map(|(worth, digit)| worth * u32::from(digit - b'0')).sum();
        }
    } else if exact {
        return None;
    }
    // A leap second is the last second of its minute (rule R27).
    let local = date.and_hms_milli_opt(hour, minute, second.min(59), millis).filter(|_| second <= 60)?;
    let exactly = |offset_seconds: i64| Stamp::Exact(local.and_utc().timestamp_millis() - offset_seconds * 1_000);
    match rest {
        [] => (!exact).then_some(Stamp::Local(local)),
        [b'Z' | b'z'] => Some(exactly(0)),
        [sign @ (b'+' | b'-'), offset @ ..] => {
            let mut offset = offset;
            let hours = number(&mut offset, 2, 2)?;
            let minutes = if offset.is_empty() {
                0
            } else {
                let _ = plain(&mut offset, b':');
                number(&mut offset, 2, 2)?
            };
            if !offset.is_empty() || hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = i64::from(hours) * 3_600 + i64::from(minutes) * 60;
            Some(exactly(if *sign == b'-' { -seconds } else { seconds }))
        }
        _ => None,
    }
}

fn unix(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.bytes().any(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let millis: i64 =
        [100, 10, 1].iter().zip(fraction.bytes()).map(|(worth, digit)| worth * i64::from(digit - b'0')).sum();
    seconds.checked_mul(1_000)?.checked_add(if whole.starts_with('-') { -millis } else { millis })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::period::rfc3339;

    fn read(format: &str, zone: &str, text: &str) -> String {
        InstantReader::new(format, zone, false)
            .unwrap()
            .read(text)
            .map_or("-".into(), |at| rfc3339(DateTime::from_timestamp_millis(at.millis).unwrap()))
    }

    #[test]
    fn declared_formats_are_read_and_others_are_not() {
        let cases = [
            ("%d/%m/%Y %H:%M", "UTC", "29/2/2016 01:16", "2016-02-29T01:16:00Z"),
            ("%d/%m/%Y %H:%M", "UTC", "3/4/2016 1:06", "2016-04-03T01:06:00Z"),
            ("%d/%m/%Y %H:%M", "UTC", "31/4/2016 01:16", "-"),
            ("%d/%m/%Y %H:%M", "UTC", "3/4/16 01:16", "-"),
            ("%d/%m/%Y %H:%M", "UTC", "3/4/2016 01:16:00", "-"),
            ("%d/%m/%Y %H:%M", "UTC", "", "-"),
            ("%Y-%m-%d %H:%M:%S", "Europe/Berlin", "2026-09-01 08:15:30", "2026-09-01T06:15:30Z"),
            ("%Y-%m-%d", "Europe/Berlin", "2026-09-01", "2026-08-31T22:00:00Z"),
            ("%d.%m.%y %H:%M", "UTC", "01.09.26 08:15", "2026-09-01T08:15:00Z"),
            ("%d %b %Y %I:%M %p", "UTC", "01 Sep 2026 08:15 PM", "2026-09-01T20:15:00Z"),
            ("%Y%m%d%H%M%S", "UTC", "20260901081530", "2026-09-01T08:15:30Z"),
            ("%Y-%m-%d %H:%M:%S %z", "offset", "2026-09-01 08:15:30 +0200", "2026-09-01T06:15:30Z"),
            ("rfc3339", "offset", "2026-08-10 23:24:37.185000+00:00", "2026-08-10T23:24:37Z"),
            ("rfc3339", "offset", "2026-08-10T23:24:37Z", "2026-08-10T23:24:37Z"),
            ("rfc3339", "offset", "2026-08-10T23:24:37", "-"),
            ("iso8601", "Europe/Berlin", "2026-09-01", "2026-08-31T22:00:00Z"),
            ("iso8601", "Europe/Berlin", "2026-09-01T08:15", "2026-09-01T06:15:00Z"),
            ("iso8601", "Europe/Berlin", "2026-09-01 08:15:00-0500", "2026-09-01T13:15:00Z"),
            ("iso8601", "Europe/Berlin", "2026-09-01 08:15:00+02x", "-"),
            ("iso8601", "Europe/Berlin", "01/02/2026", "-"),
            ("iso8601", "UTC", "9999-12-31", "-"),
            ("iso8601", "UTC", "2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("unix", "UTC", "1473329700", "2016-09-08T10:15:00Z"),
            ("unix", "UTC", "1473329700.9", "2016-09-08T10:15:00Z"),
            ("unix", "UTC", "soon", "-"),
        ];
        for (format, zone, text, instant) in cases {
            assert_eq!(read(format, zone, text), instant, "{format} {zone} {text}");
        }
    }

    #[test]
    fn milliseconds_are_kept() {
        let at = InstantReader::new("rfc3339", "offset", false).unwrap().read("2026-08-10 23:24:37.185000+00:00");
        assert_eq!(at.map(|at| at.millis % 1_000), Some(185));
    }

    #[test]
    fn a_clock_change_is_resolved_by_rule_and_told() {
        let reader = |ends| InstantReader::new("iso8601", "Europe/Berlin", ends).unwrap();
        let hours = |ends, text| {
            let at = reader(ends).read(text).unwrap();
            (rfc3339(DateTime::from_timestamp_millis(at.millis).unwrap()), at.clock_change)
        };
        let twice = Some(ClockChange::Twice);
        assert_eq!(hours(false, "2026-10-25 02:30"), ("2026-10-25T00:30:00Z".into(), twice));
        assert_eq!(hours(true, "2026-10-25 02:30"), ("2026-10-25T01:30:00Z".into(), twice));
        assert_eq!(hours(false, "2026-03-29 02:30"), ("2026-03-29T01:00:00Z".into(), Some(ClockChange::Never)));
        assert_eq!(hours(false, "2026-03-29 03:00").1, None);
    }

    #[test]
    fn formats_that_would_have_to_guess_are_refused() {
        let cases = [
            ("rfc3339", "UTC"),
            ("unix", "Europe/Berlin"),
            ("%H:%M", "UTC"),
            ("%d/%m %H:%M", "UTC"),
            ("%Q", "UTC"),
            ("%Y-%m-%d %H:%M", "offset"),
            ("%Y-%m-%d %H:%M %z", "UTC"),
            ("%Y-%m-%d %H:%M %Z", "UTC"),
            ("iso8601", "CEST"),
        ];
        for (format, zone) in cases {
            assert!(InstantReader::new(format, zone, false).is_err(), "{format} {zone}");
        }
    }
}
