//! Service hours against an oracle that walks through time minute by minute on the wall clock.
//!
//! The oracle shares nothing with the product but chrono: it reads the local time of each minute of a stretch around
//! a clock change, marks the minutes that are open, and counts them one after the other.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    reason = "minutes of a few days fit everywhere, and plain casts keep the oracle easy to read; what fails, fails the test"
)]

mod named;
pub mod wall;

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use servicebook::calendar::{ServiceHours, Span, Spans, due_rows, elapsed_rows};
use servicebook::model::catalogue::CalendarRule;
use std::collections::HashMap;
use wall::{OFFICE, Oracle, Rule, Walk, span, weekly};

/// Cases of each family, where `SERVICEBOOK_CASES` does not say how many.
const CASES: usize = 500;

#[expect(
    clippy::disallowed_methods,
    reason = "how many cases are walked is said from outside, as CONTRIBUTING.md shows"
)]
pub fn cases() -> usize {
    std::env::var("SERVICEBOOK_CASES")
        .map_or(CASES, |text| text.parse().expect("SERVICEBOOK_CASES is a number of cases"))
}

/// Minutes walked on each side of a place, and how many of them questions stay away from its edges.
const REACH: i64 = 6 * 1440;
const EDGE: i64 = 3 * 1440;

/// Zones and UTC dates around which their clocks do something, or nothing.
pub const PLACES: &[(&str, &str)] = &[
    ("UTC", "2024-02-29"),
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2024-11-03"),
    // Offsets of quarter and half hours, and the day on which Nepal took up its quarter.
    ("Asia/Kathmandu", "1986-01-01"),
    ("Asia/Kathmandu", "2026-06-15"),
    ("Asia/Kolkata", "1945-10-15"),
    ("Asia/Kolkata", "2024-02-28"),
    // Half an hour of summer time.
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    // Clocks that changed at 00:01.
    ("America/St_Johns", "2006-04-02"),
    ("America/St_Johns", "2006-10-29"),
    ("America/St_Johns", "2026-03-08"),
    // Clocks that change at midnight, forward and back.
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("America/Santiago", "2022-09-11"),
    ("America/Santiago", "2026-04-05"),
    ("America/Havana", "2025-11-02"),
    // A day that never was.
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Apia", "2021-04-04"),
    // Back an hour for Ramadan and forward again.
    ("Africa/Casablanca", "2026-02-15"),
    ("Africa/Casablanca", "2026-03-22"),
    ("Australia/Sydney", "2026-04-05"),
    ("Australia/Sydney", "2026-10-04"),
];

/// A small generator of numbers (SplitMix64): the same cases on each run and machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: i64) -> i64 {
        (self.next() % bound as u64) as i64
    }

    fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below(to - from)
    }

    fn one_in(&mut self, bound: i64) -> bool {
        self.below(bound) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as i64) as usize]
    }
}

/// The walks that cases share.
#[derive(Default)]
struct Walks(HashMap<(Tz, i64), Walk>);

impl Walks {
    fn around(&mut self, zone: Tz, date: &str) -> &Walk {
        let start = date.parse::<NaiveDate>().unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp() - REACH * 60;
        self.0.entry((zone, start)).or_insert_with(|| Walk::new(zone, start, 2 * REACH))
    }
}

fn time_of_day(dice: &mut Dice) -> i64 {
    match dice.below(3) {
        0 => dice.pick(&[0, 1, 30, 60, 90, 119, 120, 150, 179, 180, 210, 1320, 1380, 1381, 1410, 1439]),
        1 => dice.below(96) * 15,
        _ => dice.below(1440),
    }
}

fn hours_of_a_day(dice: &mut Dice) -> Vec<(i64, i64)> {
    match dice.below(8) {
        0 => Vec::new(),
        1 | 2 => vec![(0, 1440)],
        3 => vec![(1320, 360)],
        _ => (0..dice.between(1, 4))
            .map(|_| (time_of_day(dice), if dice.one_in(6) { 1440 } else { time_of_day(dice) }))
            .filter(|(open, close)| open != close)
            .collect(),
    }
}

fn some_rule(dice: &mut Dice, zone: Tz, walk: &Walk) -> Rule {
    let dates: Vec<NaiveDate> = walk.dates().map(|(date, _)| date).collect();
    Rule {
        zone,
        hours: (0..7).map(|_| hours_of_a_day(dice)).collect(),
        holidays: (0..dice.below(3)).map(|_| dice.pick(&dates)).collect(),
        overrides: some_overrides(dice, &dates),
        from: None,
    }
}

/// Hours of single dates; some of them are holidays too, and some lie where the rule does not hold.
fn some_overrides(dice: &mut Dice, dates: &[NaiveDate]) -> Vec<(NaiveDate, Vec<(i64, i64)>)> {
    let mut own: Vec<NaiveDate> = (0..dice.below(4)).map(|_| dice.pick(dates)).collect();
    own.sort_unstable();
    own.dedup();
    own.into_iter().map(|date| (date, hours_of_a_day(dice))).collect()
}

/// Asks both the same questions about a walk.
fn compare(dice: &mut Dice, oracle: &Oracle, rules: &[Rule], what: &str) {
    let inner = Span::new(oracle.start + EDGE * 60, oracle.start + (2 * REACH - EDGE) * 60);
    let written: Vec<CalendarRule> = rules.iter().map(Rule::written).collect();
    let hours = ServiceHours::new("office", &written, inner).unwrap();
    let what = format!("{what}: {written:?}");

    let spans = oracle.spans(inner);
    assert_eq!(hours.spans_within(inner), spans, "{what}");
    let edges: Vec<i64> = spans.iter().flat_map(|span| [span.start, span.end]).filter(|at| *at < inner.end).collect();
    let mut at = || match dice.below(4) {
        0 if !edges.is_empty() => dice.pick(&edges),
        _ => dice.between(inner.start, inner.end),
    };
    let starts: Vec<i64> = (0..6).map(|_| at()).collect();
    let ends: Vec<i64> = (0..6).map(|_| at()).collect();
    let wanted: Vec<i64> = starts.iter().zip(&ends).map(|(start, end)| oracle.elapsed(*start, *end)).collect();
    assert_eq!(hours.elapsed_many(&starts, &ends), wanted, "{what} {starts:?} {ends:?}");
    for ((start, end), wanted) in starts.iter().zip(&ends).zip(wanted) {
        assert_eq!(hours.elapsed(*start, *end), wanted, "{what} {start} {end}");
        assert_eq!(hours.is_open(*start), oracle.is_open(*start), "{what} {start}");
        // Half of the goals are used up just when the end of the row is reached.
        let goal = if wanted > 0 && dice.one_in(2) { wanted } else { dice.below(2 * 86_400) };
        if let Some(due) = oracle.due(*start, goal).filter(|due| *due <= inner.end) {
            assert_eq!(hours.due(*start, goal), Some(due), "{what} {start} {goal}");
        }
    }
}

#[test]
fn hours_agree_with_the_wall_clock_in_every_zone() {
    let (mut dice, mut walks) = (Dice(20_000), Walks::default());
    for case in 0..cases() {
        let (name, date) = PLACES[case % PLACES.len()];
        let zone: Tz = name.parse().unwrap();
        let walk = walks.around(zone, date);
        let rule = some_rule(&mut dice, zone, walk);
        let mut open = vec![false; walk.minutes as usize];
        rule.mark(walk, None, &mut open);
        compare(&mut dice, &Oracle { start: walk.start, open }, &[rule], &format!("case {case}, {name} {date}"));
    }
}

#[test]
fn rules_agree_with_the_wall_clock_each_from_its_own_day_on() {
    let (mut dice, mut walks) = (Dice(20_001), Walks::default());
    for case in 0..cases() {
        let (name, date) = PLACES[case % PLACES.len()];
        let zone: Tz = name.parse().unwrap();
        let dates: Vec<NaiveDate> = walks.around(zone, date).dates().map(|(date, _)| date).collect();
        let mut starts: Vec<NaiveDate> = (0..dice.between(1, 4)).map(|_| dice.pick(&dates)).collect();
        starts.sort_unstable();
        starts.dedup();
        let mut rules = Vec::new();
        for index in 0..=starts.len() {
            // A calendar may move to another zone.
            let zone = if dice.one_in(4) { chrono_tz::UTC } else { zone };
            let from = index.checked_sub(1).map(|before| starts[before]);
            rules.push(Rule { from, ..some_rule(&mut dice, zone, walks.around(zone, date)) });
        }
        if dice.one_in(2) {
            // Nothing holds before the first day.
            rules.remove(0);
        }
        let mut oracle = Oracle { start: 0, open: vec![false; 2 * REACH as usize] };
        for (index, rule) in rules.iter().enumerate() {
            let walk = walks.around(rule.zone, date);
            oracle.start = walk.start;
            rule.mark(walk, rules.get(index + 1).and_then(|next| next.from), &mut oracle.open);
        }
        if dice.one_in(2) {
            rules.reverse();
        }
        compare(&mut dice, &oracle, &rules, &format!("case {case}, {name} {date}"));
    }
}

#[test]
fn goals_are_used_up_when_the_wall_clock_says_so() {
    let (mut dice, mut walks) = (Dice(20_003), Walks::default());
    let mut answered = 0;
    for case in 0..cases() {
        let (name, date) = PLACES[case % PLACES.len()];
        let zone: Tz = name.parse().unwrap();
        let walk = walks.around(zone, date);
        let rule = some_rule(&mut dice, zone, walk);
        let mut open = vec![false; walk.minutes as usize];
        rule.mark(walk, None, &mut open);
        let oracle = Oracle { start: walk.start, open };
        let inner = Span::new(oracle.start + EDGE * 60, oracle.start + (2 * REACH - EDGE) * 60);
        // In half of the cases what is due lies beyond the window over which hours were expanded.
        let window = if dice.one_in(2) { inner } else { Span::new(inner.start, inner.start + 86_400) };
        let hours = ServiceHours::new("office", &[rule.written()], window).unwrap();
        let rows = 12;
        let starts: Vec<i64> = (0..rows).map(|_| dice.between(inner.start, inner.end)).collect();
        let goals: Vec<i64> = (0..rows).map(|_| dice.between(-1, 86_400 * 2)).collect();
        let due = hours.due_many(&starts, &goals);
        let what = format!("case {case}, {name} {date}: {:?}", rule.written());
        assert_eq!(due.len(), rows, "{what}");
        for ((start, goal), due) in starts.iter().zip(&goals).zip(due) {
            assert_eq!(hours.due(*start, *goal), due, "{what} {start} {goal}");
            match oracle.due(*start, *goal) {
                Some(wanted) if wanted <= inner.end => {
                    answered += 1;
                    assert_eq!(due, Some(wanted), "{what} {start} {goal}");
                }
                // The walk ends before the goal is used up.
                _ => assert!(due.is_none_or(|due| due > inner.end), "{what} {start} {goal}"),
            }
        }
    }
    assert!(answered > cases() * 3, "only {answered} goals were used up within the walk");
}

#[test]
fn rows_of_many_calendars_agree_with_each_calendar_by_itself() {
    let (mut dice, mut walks) = (Dice(20_004), Walks::default());
    let mut hours = vec![ServiceHours::always()];
    let inner = span("2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z");
    for (name, date) in PLACES {
        let zone: Tz = name.parse().unwrap();
        let rule = some_rule(&mut dice, zone, walks.around(zone, date));
        hours.push(ServiceHours::new("office", &[rule.written()], inner).unwrap());
    }
    // More rows than one core takes at a time, some of them of no calendar, some outside the window.
    let rows = 40_000;
    let calendars: Vec<usize> = (0..rows).map(|_| dice.below(hours.len() as i64 + 1) as usize).collect();
    let starts: Vec<i64> = (0..rows).map(|_| dice.between(inner.start - 86_400 * 200, inner.end)).collect();
    let ends: Vec<i64> = starts.iter().map(|start| start + dice.between(-86_400, 30 * 86_400)).collect();
    let goals: Vec<i64> = (0..rows).map(|_| dice.between(0, 86_400 * 20)).collect();
    let elapsed = elapsed_rows(&hours, &calendars, &starts, &ends);
    let due = due_rows(&hours, &calendars, &starts, &goals);
    assert_eq!((elapsed.len(), due.len()), (rows, rows));
    for row in 0..rows {
        let own = hours.get(calendars[row]);
        assert_eq!(elapsed[row], own.map_or(0, |own| own.elapsed(starts[row], ends[row])), "row {row}");
        assert_eq!(due[row], own.and_then(|own| own.due(starts[row], goals[row])), "row {row}");
    }
}

#[test]
fn pauses_agree_with_counting_seconds() {
    let (mut dice, mut walks) = (Dice(20_002), Walks::default());
    for case in 0..cases() {
        let (name, date) = PLACES[case % PLACES.len()];
        let zone: Tz = name.parse().unwrap();
        let walk = walks.around(zone, date);
        let rule = some_rule(&mut dice, zone, walk);
        let mut open = vec![false; walk.minutes as usize];
        rule.mark(walk, None, &mut open);
        let oracle = Oracle { start: walk.start, open };
        let stretch = Span::new(walk.start + REACH * 60, walk.start + REACH * 60 + 4 * 3600);
        let hours = ServiceHours::new("office", &[rule.written()], stretch).unwrap();
        let mut at = || dice.between(stretch.start, stretch.end);
        let (start, end) = (at(), at());
        let rows: Vec<(i64, i64)> = (0..6).map(|_| (at(), at())).collect();
        let pauses: Spans = rows.iter().copied().collect();

        let running = |at: i64| oracle.is_open(at) && !rows.iter().any(|(from, to)| *from <= at && at < *to);
        let wanted = (start..end).filter(|at| running(*at)).count() as i64;
        let what = format!("case {case}, {name} {date}: {rule:?} {start} {end} {rows:?}", rule = rule.written());
        assert_eq!(hours.elapsed_without(start, end, &pauses), wanted, "{what}");
        let until_pause = pauses.first().map_or(0, |pause| hours.elapsed(start, pause.start));
        let goal = if until_pause > 0 && dice.one_in(2) { until_pause } else { dice.between(1, 7200) };
        let due = (start..stretch.end).filter(|at| running(*at)).nth(goal as usize - 1).map(|at| at + 1);
        if due.is_some() {
            assert_eq!(hours.due_without(start, goal, &pauses), due, "{what} {goal}");
        }
    }
}

#[test]
fn far_instants_agree_with_the_wall_clock() {
    for (zone, years) in [
        ("Europe/Berlin", [1750, 1799, 1895, 2090, 2199, 2200, 2201, 4000]),
        ("Pacific/Apia", [1700, 1800, 1891, 2095, 2150, 2200, 2300, 9000]),
    ] {
        let rule = weekly(zone, 0..5, &[OFFICE, (1260, 300)]);
        let hours =
            ServiceHours::new("office", &[rule.written()], span("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z"))
                .unwrap();
        for year in years {
            for start in [NaiveDate::from_ymd_opt(year, 1, 3), NaiveDate::from_ymd_opt(year, 6, 27)] {
                let start = start.unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp();
                let zone: Tz = zone.parse().unwrap();
                let offset = |at: i64| {
                    DateTime::from_timestamp(at, 0).unwrap().with_timezone(&zone).naive_local().and_utc().timestamp()
                        - at
                };
                // Local mean time is not in whole minutes; the walk steps on the wall's minutes.
                let start = start - offset(start).rem_euclid(60);
                assert_eq!(offset(start), offset(start + 12 * 86_400), "{zone} {year}");
                let walk = Walk::new(zone, start, 12 * 1440);
                let mut open = vec![false; walk.minutes as usize];
                rule.mark(&walk, None, &mut open);
                let oracle = Oracle { start, open };
                let week = Span::new(start + 3 * 86_400, start + 9 * 86_400);
                assert_eq!(hours.spans_within(week), oracle.spans(week), "{zone} {year}");
                assert_eq!(hours.elapsed(week.start, week.end), oracle.elapsed(week.start, week.end), "{zone} {year}");
                assert_eq!(hours.due(week.start, 40_000), oracle.due(week.start, 40_000), "{zone} {year}");
                assert_eq!(hours.is_open(week.start + 7), oracle.is_open(week.start + 7), "{zone} {year}");
            }
        }
    }
}
