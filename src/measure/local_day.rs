//! The local day of many instants at once.
//!
//! Knows a zone and the instants at which its offset changes. Must not know tables or periods.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

const DAY_MS: i64 = 86_400_000;
/// 1800-01-01 and 2200-01-01: no zone changes its offset before the one, and the zones' tables end before the other.
const CHANGES_MS: (i64, i64) = (-5_364_662_400_000, 7_258_118_400_000);

/// The offsets of a zone between two instants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDays {
    /// The first offset, in milliseconds.
    start_ms: i64,
    /// Instants from which on another offset holds, with that offset, in milliseconds.
    changes: Vec<(i64, i64)>,
}

impl LocalDays {
    /// Finds the offsets between the first and the last instant, both in epoch milliseconds.
    pub fn new(zone: Tz, first_ms: i64, last_ms: i64) -> Self {
        let (first, last) = (first_ms.max(CHANGES_MS.0), last_ms.min(CHANGES_MS.1));
        let mut days = Self { start_ms: offset(zone, first), changes: Vec::new() };
        let (mut at, mut held) = (first, days.start_ms);
        while at < last {
            let next = at.saturating_add(DAY_MS).min(last);
            let offset_next = offset(zone, next);
            if offset_next != held {
                // No zone changes its offset twice within a day.
                let (mut before, mut after) = (at, next);
                while after - before > 1 {
                    let middle = before + (after - before) / 2;
                    if offset(zone, middle) == held { before = middle } else { after = middle }
                }
                days.changes.push((after, offset_next));
                held = offset_next;
            }
            at = next;
        }
        days
    }

    /// Returns the local day of an instant as its number since 1970-01-01.
    pub fn number(&self, at_ms: i64) -> i32 {
        let passed = self.changes.partition_point(|(from, _)| *from <= at_ms);
        let offset = passed.checked_sub(1).map_or(self.start_ms, |change| self.changes[change].1);
        i32::try_from(at_ms.saturating_add(offset).div_euclid(DAY_MS)).unwrap_or(0)
    }
}

fn offset(zone: Tz, at_ms: i64) -> i64 {
    let utc = DateTime::from_timestamp_millis(at_ms).unwrap_or_default().naive_utc();
    i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn days_are_those_of_the_wall_clock_in_every_kind_of_zone() {
        // Half hours, southern summers, midnights that happen twice or never, and a day that was left out.
        for zone in [
            "UTC",
            "Europe/Berlin",
            "America/St_Johns",
            "America/Sao_Paulo",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "America/Havana",
        ] {
            let zone: Tz = zone.parse().unwrap();
            let (first, last) = (1_262_304_000_000, 1_798_761_600_000);
            let days = LocalDays::new(zone, first, last);
            let mut at = first;
            while at < last {
                let date = DateTime::from_timestamp_millis(at).unwrap().with_timezone(&zone).date_naive();
                let expected = (date - NaiveDate::default()).num_days();
                assert_eq!(i64::from(days.number(at)), expected, "{zone} {at}");
                at += 1_234_567;
            }
        }
    }

    #[test]
    fn the_millisecond_before_and_at_a_change_have_their_own_offsets() {
        let zone: Tz = "Europe/Berlin".parse().unwrap();
        let change = 1_774_746_000_000; // 2026-03-29T01:00Z
        let days = LocalDays::new(zone, change - DAY_MS, change + DAY_MS);
        assert_eq!(days.changes, vec![(change, 7_200_000)]);
    }
}
