//! Clocks worked out by hand, in an office that is open from 08:00 to 18:00 on weekdays, and around the clock.

use super::*;
use crate::config::Config;
use chrono::NaiveDateTime;

const HOUR: i64 = 3_600;

fn calendars() -> Calendars {
    let config = r#"
[book]
title = "Clocks"
zone = "UTC"

[[calendar]]
id = "office"
zone = "UTC"
hours = { mon = ["08:00-18:00"], tue = ["08:00-18:00"], wed = ["08:00-18:00"], thu = ["08:00-18:00"], fri = ["08:00-18:00"] }
"#;
    let catalogue = Config::parse(config, "config.toml").unwrap().catalogue();
    Calendars::new(&catalogue, Span::new(at("2026-01-01 00:00"), at("2027-01-01 00:00"))).unwrap()
}

/// 2026-03-02 is a Monday.
fn at(text: &str) -> i64 {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc().timestamp()
}

fn march(day: u32, hour: u32) -> i64 {
    at(&format!("2026-03-{day:02} {hour:02}:00"))
}

struct Asked {
    calendar: &'static str,
    reopened: Reopened,
    new_goal: NewGoal,
    as_of: i64,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            calendar: "office",
            reopened: Reopened::Continue,
            new_goal: NewGoal::Retroactive,
            as_of: at("2026-04-01 00:00"),
        }
    }
}

fn read(life: &Life, goal_at: &dyn Fn(i64) -> Option<i64>, asked: &Asked) -> Reading {
    let calendars = calendars();
    let hours = (&calendars, calendars.index(Some(asked.calendar)));
    let Asked { reopened, new_goal, as_of, .. } = *asked;
    Reading::of(life, &Terms { hours, reopened, new_goal, goal_at, as_of })
}

fn hours(goal: i64) -> impl Fn(i64) -> Option<i64> {
    move |_| Some(goal * HOUR)
}

fn spans(list: &[(i64, i64)]) -> Spans {
    list.iter().copied().collect()
}

#[test]
fn overlapping_pauses_cost_their_time_once() {
    // Monday 08:00 to 18:00 are 10 h; 10:00-13:00 and 12:00-15:00 are 5 h of pause.
    let pauses = spans(&[(march(2, 10), march(2, 13)), (march(2, 12), march(2, 15))]);
    let life = Life { start: Some(march(2, 8)), stop: Some(march(2, 18)), pauses, ..Life::default() };
    let reading = read(&life, &hours(5), &Asked::default());
    assert_eq!((reading.taken, reading.paused, reading.over), (5 * HOUR, 5 * HOUR, false));
    // 2 h until 10:00, and from 15:00 on the other three.
    assert_eq!(reading.due, Some(march(2, 18)));
    assert!(read(&life, &hours(4), &Asked::default()).over);
}

#[test]
fn a_clock_that_stops_before_the_reopening_does_not_count_what_lies_after_the_resolution() {
    // Resolved on Monday at 10:00, reopened on Wednesday; who stopped on Tuesday worked for the first two hours only.
    for reopened in [Reopened::Continue, Reopened::Restart, Reopened::Worst] {
        let idle = vec![(march(2, 10), march(4, 8))];
        let life = Life { start: Some(march(2, 8)), stop: Some(march(3, 9)), idle, ..Life::default() };
        let reading = read(&life, &hours(4), &Asked { reopened, ..Asked::default() });
        assert_eq!((reading.taken, reading.over), (2 * HOUR, false), "{reopened:?}");
    }
}

#[test]
fn a_pause_over_a_weekend_costs_only_its_service_hours() {
    // Friday 16:00 to Monday 10:00 are 2 h + 2 h of service.
    let pauses = spans(&[(march(6, 16), march(9, 10))]);
    let life = Life { start: Some(march(6, 14)), stop: Some(march(9, 12)), pauses, ..Life::default() };
    let reading = read(&life, &hours(4), &Asked::default());
    assert_eq!((reading.taken, reading.paused), (4 * HOUR, 4 * HOUR));
    assert_eq!(reading.due, Some(march(9, 12)));
}

#[test]
fn a_pause_out_of_hours_or_before_the_start_costs_nothing() {
    let pauses = spans(&[(march(2, 6), march(2, 9)), (march(2, 18), march(3, 8))]);
    let life = Life { start: Some(march(2, 9)), stop: Some(march(3, 10)), pauses, ..Life::default() };
    let reading = read(&life, &hours(20), &Asked::default());
    assert_eq!((reading.taken, reading.paused), (11 * HOUR, 0));
}

#[test]
fn an_open_pause_ends_at_as_of_and_leaves_no_due_time() {
    let asked = Asked { as_of: march(3, 12), ..Asked::default() };
    let pauses = spans(&[(march(2, 12), asked.as_of)]);
    let life = Life { start: Some(march(2, 8)), runs: true, pauses, ..Life::default() };
    let reading = read(&life, &hours(5), &asked);
    assert_eq!((reading.taken, reading.paused), (4 * HOUR, 10 * HOUR));
    assert_eq!((reading.due, reading.over, reading.runs), (None, false, true));
    // What was overrun before the pause stays overrun, and the breach keeps its instant.
    let reading = read(&life, &hours(3), &asked);
    assert_eq!((reading.due, reading.over, reading.breached_at), (None, true, Some(march(2, 11))));
}

#[test]
fn a_goal_that_is_equal_to_the_time_taken_is_met() {
    let life = Life { start: Some(march(2, 8)), stop: Some(march(2, 12)), ..Life::default() };
    assert!(!read(&life, &hours(4), &Asked::default()).over);
    let late = Life { stop: Some(march(2, 12) + 1), ..life };
    assert!(read(&late, &hours(4), &Asked::default()).over);
}

/// Resolved after 2 h, reopened, resolved after 3 more; then 1 h.
fn reopened_twice() -> Life {
    Life {
        start: Some(march(2, 8)),
        stop: Some(march(4, 9)),
        idle: vec![(march(2, 10), march(3, 8)), (march(3, 11), march(4, 8))],
        ..Life::default()
    }
}

#[test]
fn every_policy_of_reopening_counts_its_own_time() {
    let read = |reopened, goal| read(&reopened_twice(), &hours(goal), &Asked { reopened, ..Asked::default() });
    let continued = read(Reopened::Continue, 6);
    assert_eq!((continued.taken, continued.stop, continued.over), (6 * HOUR, Some(march(4, 9)), false));
    assert!(read(Reopened::Continue, 5).over);
    let restarted = read(Reopened::Restart, 1);
    assert_eq!((restarted.taken, restarted.start, restarted.over), (HOUR, Some(march(4, 8)), false));
    let first = read(Reopened::First, 2);
    assert_eq!((first.taken, first.stop, first.over), (2 * HOUR, Some(march(2, 10)), false));
    let worst = read(Reopened::Worst, 3);
    assert_eq!((worst.taken, worst.stop, worst.over), (3 * HOUR, Some(march(4, 9)), false));
    let worst = read(Reopened::Worst, 2);
    assert_eq!((worst.over, worst.breached_at), (true, Some(march(3, 10))));
}

#[test]
fn a_ticket_that_is_open_again_keeps_its_first_stop_and_runs_on_under_the_other_policies() {
    let life = Life { stop: None, runs: true, ..reopened_twice() };
    let read = |reopened, goal| read(&life, &hours(goal), &Asked { reopened, as_of: march(4, 12), ..Asked::default() });
    let first = read(Reopened::First, 2);
    assert_eq!((first.stop, first.runs, first.taken), (Some(march(2, 10)), false, 2 * HOUR));
    assert_eq!((read(Reopened::Continue, 9).taken, read(Reopened::Continue, 9).runs), (9 * HOUR, true));
    assert_eq!(read(Reopened::Restart, 9).taken, 4 * HOUR);
    // The second run took 3 h; the running one is at 4.
    assert!(read(Reopened::Worst, 3).over);
    let worst = read(Reopened::Worst, 4);
    assert_eq!((worst.over, worst.due), (false, Some(march(4, 12))));
}

#[test]
fn a_raised_priority_counts_from_the_opening_or_from_the_change() {
    // 20 h until Tuesday 10:00, then 4 h. Stopped on Tuesday at 12:00, after 14 h of service.
    let change = march(3, 10);
    let goal = move |instant: i64| Some(if instant < change { 20 * HOUR } else { 4 * HOUR });
    let life = Life { start: Some(march(2, 8)), stop: Some(march(3, 12)), turns: vec![change], ..Life::default() };
    let retroactive = read(&life, &goal, &Asked::default());
    assert_eq!((retroactive.taken, retroactive.goal, retroactive.over), (14 * HOUR, Some(4 * HOUR), true));
    assert_eq!(retroactive.breached_at, Some(march(2, 12)));
    let restart = read(&life, &goal, &Asked { new_goal: NewGoal::Restart, ..Asked::default() });
    assert_eq!((restart.taken, restart.start, restart.over), (2 * HOUR, Some(change), false));
    assert_eq!(restart.due, Some(march(3, 14)));
    // A change that leaves the seconds as they are begins nothing anew, nor does one after the stop.
    let same = read(&life, &hours(20), &Asked { new_goal: NewGoal::Restart, ..Asked::default() });
    assert_eq!(same.taken, 14 * HOUR);
    let before = Life { stop: Some(march(3, 9)), ..life };
    let kept = read(&before, &goal, &Asked { new_goal: NewGoal::Restart, ..Asked::default() });
    assert_eq!((kept.taken, kept.goal), (11 * HOUR, Some(20 * HOUR)));
}

#[test]
fn a_clock_that_never_started_or_started_after_its_stop_reads_nothing() {
    let never = Life { start: None, stop: Some(march(2, 10)), ..Life::default() };
    let late = Life { start: Some(march(2, 11)), ..never.clone() };
    for life in [never, late] {
        let reading = read(&life, &hours(4), &Asked::default());
        assert_eq!((reading.start, reading.taken, reading.due), (None, 0, None));
        let standing = Standing { opened: march(2, 8), ..Standing::default() };
        let period = Span::new(at("2026-03-01 00:00"), at("2026-04-01 00:00"));
        let outcome = Outcome::of(&reading, &standing, Clock::Resolution, Attribution::Finish, period);
        assert_eq!((outcome.counted, outcome.left_out), (false, Some("clock not started")));
    }
}

#[test]
fn a_goal_of_nought_is_met_only_by_a_clock_that_took_no_time() {
    let life = Life { start: Some(march(2, 8)), stop: Some(march(2, 8)), ..Life::default() };
    assert!(!read(&life, &hours(0), &Asked::default()).over);
    assert!(read(&Life { stop: Some(march(2, 9)), ..life }, &hours(0), &Asked::default()).over);
}

#[test]
fn an_excluded_clock_leaves_every_count_and_says_what_it_would_be() {
    let life = Life { start: Some(march(2, 8)), stop: Some(march(2, 10)), ..Life::default() };
    let reading = read(&life, &hours(4), &Asked::default());
    let standing = Standing { opened: march(2, 8), excluded: true, ..Standing::default() };
    let period = Span::new(at("2026-03-01 00:00"), at("2026-04-01 00:00"));
    let outcome = Outcome::of(&reading, &standing, Clock::Resolution, Attribution::Finish, period);
    assert_eq!((outcome.counted, outcome.met, outcome.left_out), (false, false, Some(EXCLUDED)));
    assert_eq!(outcome.excluded, (true, true, false));
}
