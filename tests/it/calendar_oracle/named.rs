//! Days that service hours are known to go wrong on, one by one.

use super::wall::{ALL_DAY, NIGHT, OFFICE, Rule, at, span, weekly};
use servicebook::calendar::{ServiceHours, Span, Spans};
use servicebook::model::catalogue::CalendarRule;

fn spans_of(rules: &[Rule], window: Span) -> Vec<Span> {
    let written: Vec<CalendarRule> = rules.iter().map(Rule::written).collect();
    ServiceHours::new("office", &written, window).unwrap().spans_within(window).to_vec()
}

#[test]
fn an_opening_in_the_gap_is_the_end_of_the_gap() {
    let sunday = span("2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z");
    let rule = weekly("Europe/Berlin", 6..7, &[(150, 360)]);
    assert_eq!(spans_of(&[rule], sunday), [span("2026-03-29T01:00:00Z", "2026-03-29T04:00:00Z")]);
    let closing = weekly("Europe/Berlin", 6..7, &[(60, 150)]);
    assert_eq!(spans_of(&[closing], sunday), [span("2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z")]);
    let inside = weekly("Europe/Berlin", 6..7, &[(130, 170)]);
    assert_eq!(spans_of(&[inside], sunday), []);
}

#[test]
fn in_the_fold_the_earlier_time_opens_and_the_later_one_closes() {
    let sunday = span("2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z");
    let rule = weekly("Europe/Berlin", 6..7, &[(150, 165)]);
    assert_eq!(spans_of(&[rule], sunday), [span("2026-10-25T00:30:00Z", "2026-10-25T01:45:00Z")]);
}

#[test]
fn half_an_hour_of_summer_time_moves_hours_by_half_an_hour() {
    let rule = weekly("Australia/Lord_Howe", 0..7, &[OFFICE]);
    let autumn = span("2026-04-03T12:00:00Z", "2026-04-05T12:00:00Z");
    assert_eq!(
        spans_of(&[rule], autumn),
        [span("2026-04-03T21:00:00Z", "2026-04-04T07:00:00Z"), span("2026-04-04T21:30:00Z", "2026-04-05T07:30:00Z")]
    );
}

#[test]
fn a_night_shift_over_the_clock_change_has_seven_or_nine_hours() {
    let lengths = |start: &str, end: &str| {
        let spans = spans_of(&[weekly("Europe/Berlin", 0..7, &[NIGHT])], span(start, end));
        spans.iter().map(|span| span.seconds() / 3600).collect::<Vec<_>>()
    };
    assert_eq!(lengths("2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z"), [8, 7, 8]);
    assert_eq!(lengths("2026-10-23T12:00:00Z", "2026-10-26T12:00:00Z"), [8, 9, 8]);
}

#[test]
fn a_night_shift_belongs_to_the_day_on_which_it_starts() {
    // Thursday 24 December is a working night, Friday 25 December a holiday.
    let rule = Rule { holidays: vec!["2026-12-25".parse().unwrap()], ..weekly("Europe/Berlin", 0..5, &[NIGHT]) };
    assert_eq!(
        spans_of(&[rule], span("2026-12-24T12:00:00Z", "2026-12-28T12:00:00Z")),
        [span("2026-12-24T21:00:00Z", "2026-12-25T05:00:00Z")]
    );
}

#[test]
fn a_leap_day_has_the_hours_of_its_weekday() {
    let rule = weekly("Asia/Kolkata", 3..4, &[OFFICE]);
    assert_eq!(
        spans_of(&[rule], span("2024-02-28T00:00:00Z", "2024-03-02T00:00:00Z")),
        [span("2024-02-29T02:30:00Z", "2024-02-29T12:30:00Z")]
    );
}

#[test]
fn a_holiday_is_a_local_date() {
    let rule = Rule { holidays: vec!["2026-09-02".parse().unwrap()], ..weekly("Pacific/Apia", 0..7, &[OFFICE]) };
    assert_eq!(
        spans_of(&[rule], span("2026-08-31T11:00:00Z", "2026-09-02T11:00:00Z")),
        [span("2026-08-31T19:00:00Z", "2026-09-01T05:00:00Z")]
    );
}

#[test]
fn hours_stay_on_the_wall_clock_for_the_rest_of_the_month() {
    let october = span("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z");
    let office = spans_of(&[weekly("Europe/Berlin", 0..5, &[OFFICE])], october);
    assert_eq!((office.len(), office.iter().map(|span| span.seconds()).sum::<i64>()), (22, 220 * 3600));
    assert_eq!(office.last().copied(), Some(span("2026-10-30T07:00:00Z", "2026-10-30T17:00:00Z")));
    // A calendar of whole days has the hour more that the month has.
    assert_eq!(spans_of(&[weekly("Europe/Berlin", 0..7, &[ALL_DAY])], october), [october]);
    assert_eq!(october.seconds(), 745 * 3600);
}

#[test]
fn a_day_ends_with_its_date_where_clocks_change_at_midnight() {
    let saturday = |zone: &str, start: &str, end: &str| {
        let spans = spans_of(&[weekly(zone, 5..6, &[ALL_DAY])], span(start, end));
        spans.iter().map(|span| span.seconds()).collect::<Vec<_>>()
    };
    // Back from 24:00 to 23:00: the Saturday has 25 hours.
    assert_eq!(saturday("America/Sao_Paulo", "2018-02-15T00:00:00Z", "2018-02-21T00:00:00Z"), [25 * 3600]);
    // Back from 01:00 to 00:00: both hours are Sunday's.
    assert_eq!(saturday("America/Havana", "2025-10-30T00:00:00Z", "2025-11-05T00:00:00Z"), [24 * 3600]);
    // Back from 00:01 to 23:01: a minute of Sunday is shown before Saturday is over.
    assert_eq!(saturday("America/St_Johns", "2006-10-26T00:00:00Z", "2006-10-31T00:00:00Z"), [25 * 3600]);
    // Forward from 24:00 to 01:00.
    assert_eq!(saturday("America/Santiago", "2022-09-08T00:00:00Z", "2022-09-14T00:00:00Z"), [24 * 3600]);
}

#[test]
fn a_day_that_never_was_has_no_hours() {
    // Samoa went from Thursday 29 to Saturday 31 December 2011.
    let rule = weekly("Pacific/Apia", 0..7, &[OFFICE]);
    assert_eq!(
        spans_of(&[rule], span("2011-12-29T12:00:00Z", "2011-12-31T12:00:00Z")),
        [span("2011-12-29T18:00:00Z", "2011-12-30T04:00:00Z"), span("2011-12-30T18:00:00Z", "2011-12-31T04:00:00Z")]
    );
}

#[test]
fn an_override_says_all_hours_of_its_date() {
    let date = |text: &str| text.parse().unwrap();
    // A Thursday that closes early, a holiday with hours, a Saturday with hours, a Monday without.
    let rule = Rule {
        holidays: vec![date("2026-12-25")],
        overrides: vec![
            (date("2026-12-24"), vec![(480, 720)]),
            (date("2026-12-25"), vec![(600, 660), (540, 600)]),
            (date("2026-12-26"), vec![NIGHT]),
            (date("2026-12-28"), Vec::new()),
        ],
        ..weekly("Europe/Berlin", 0..5, &[OFFICE])
    };
    assert_eq!(
        spans_of(&[rule], span("2026-12-23T23:00:00Z", "2026-12-29T23:00:00Z")),
        [
            span("2026-12-24T07:00:00Z", "2026-12-24T11:00:00Z"),
            span("2026-12-25T08:00:00Z", "2026-12-25T10:00:00Z"),
            span("2026-12-26T21:00:00Z", "2026-12-27T05:00:00Z"),
            span("2026-12-29T07:00:00Z", "2026-12-29T17:00:00Z"),
        ]
    );
}

#[test]
fn an_override_closes_what_begins_on_its_date_and_not_the_night_before() {
    let rule = Rule {
        overrides: vec![("2026-12-25".parse().unwrap(), Vec::new())],
        ..weekly("Europe/Berlin", 0..7, &[NIGHT])
    };
    assert_eq!(
        spans_of(&[rule], span("2026-12-24T12:00:00Z", "2026-12-27T12:00:00Z")),
        [span("2026-12-24T21:00:00Z", "2026-12-25T05:00:00Z"), span("2026-12-26T21:00:00Z", "2026-12-27T05:00:00Z")]
    );
}

#[test]
fn an_override_belongs_to_the_rule_in_which_it_stands() {
    let own = |date: &str| vec![(date.parse().unwrap(), vec![(600, 660)])];
    let before = Rule { overrides: own("2026-09-16"), ..weekly("UTC", 0..7, &[OFFICE]) };
    let from = Some("2026-09-16".parse().unwrap());
    let after = Rule { from, overrides: own("2026-09-15"), ..weekly("UTC", 0..7, &[OFFICE]) };
    assert_eq!(
        spans_of(&[before, after], span("2026-09-15T00:00:00Z", "2026-09-17T00:00:00Z")),
        [span("2026-09-15T08:00:00Z", "2026-09-15T18:00:00Z"), span("2026-09-16T08:00:00Z", "2026-09-16T18:00:00Z")]
    );
}

#[test]
fn a_calendar_without_hours_says_so_and_nothing_is_due_in_it() {
    let from = |date: &str| Some(date.parse().unwrap());
    let own = |date: &str, hours: &[(i64, i64)]| vec![(date.parse().unwrap(), hours.to_vec())];
    let empty = || weekly("Europe/Berlin", 0..7, &[]);
    let window = span("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z");
    let hours = |rules: &[Rule]| {
        let written: Vec<CalendarRule> = rules.iter().map(Rule::written).collect();
        ServiceHours::new("office", &written, window).unwrap()
    };
    let closed = hours(&[empty()]);
    assert!(closed.never_opens() && !closed.is_open(window.start));
    assert_eq!(closed.due_many(&[window.start, 0], &[1, 3600]), [None, None]);
    assert_eq!(closed.elapsed(i64::MIN, i64::MAX), 0);
    // Equal to the goal is met: a goal of nothing is used up at once, even here.
    assert_eq!(closed.due(window.start, 0), Some(window.start));

    assert!(!ServiceHours::always().never_opens());
    assert!(!hours(&[weekly("Europe/Berlin", 0..1, &[OFFICE])]).never_opens());
    let once = hours(&[Rule { overrides: own("2026-09-15", &[OFFICE]), ..empty() }]);
    assert!(!once.never_opens());
    assert_eq!(once.due(window.start, 3600), Some(at("2026-09-15T09:00:00+02:00")));
    assert!(hours(&[Rule { overrides: own("2026-09-15", &[]), ..empty() }]).never_opens());
    // The only hours stand where their rule does not hold.
    let late = Rule { from: from("2026-09-16"), overrides: own("2026-09-15", &[OFFICE]), ..empty() };
    let late = hours(&[late, empty()]);
    assert!(late.never_opens());
    assert_eq!(late.due(window.start, 1), None);
    // Hours of a rule that is over are hours all the same.
    assert!(
        !hours(&[weekly("Europe/Berlin", 0..5, &[OFFICE]), Rule { from: from("2000-01-01"), ..empty() }]).never_opens()
    );
}

#[test]
fn longer_hours_hold_from_their_own_day_on() {
    let before = weekly("Europe/Berlin", 0..7, &[(480, 960)]);
    let after = Rule { from: Some("2026-09-16".parse().unwrap()), ..weekly("Europe/Berlin", 0..7, &[OFFICE]) };
    assert_eq!(
        spans_of(&[after, before], span("2026-09-15T00:00:00Z", "2026-09-17T00:00:00Z")),
        [span("2026-09-15T06:00:00Z", "2026-09-15T14:00:00Z"), span("2026-09-16T06:00:00Z", "2026-09-16T16:00:00Z")]
    );
}

fn office() -> ServiceHours {
    let rules = [weekly("Europe/Berlin", 0..5, &[OFFICE]).written()];
    ServiceHours::new("office", &rules, span("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z")).unwrap()
}

#[test]
fn a_goal_that_is_used_up_at_the_closing_is_due_at_the_closing() {
    let office = office();
    let friday = at("2026-09-18T16:00:00+02:00");
    assert_eq!(office.due(friday, 7200), Some(at("2026-09-18T18:00:00+02:00")));
    assert_eq!(office.due(friday, 7201), Some(at("2026-09-21T08:00:01+02:00")));
    assert_eq!(office.due(friday, 0), Some(friday));
    assert_eq!(office.elapsed(friday, at("2026-09-21T09:00:00+02:00")), 3 * 3600);
    assert_eq!(office.elapsed(friday, friday - 1), 0);
}

#[test]
fn the_clock_stands_still_in_pauses() {
    let office = office();
    let monday = |clock: &str| at(&format!("2026-09-14T{clock}:00+02:00"));
    // Two pauses overlap, one began before the ticket, one is out of hours.
    let pauses: Spans = [
        (monday("07:00"), monday("09:00")),
        (monday("11:00"), monday("12:00")),
        (monday("11:30"), monday("13:00")),
        (monday("19:00"), monday("20:00")),
    ]
    .into_iter()
    .collect();
    assert_eq!(office.elapsed_without(monday("08:30"), monday("21:00"), &pauses), 7 * 3600);
    assert_eq!(office.due_without(monday("08:30"), 2 * 3600, &pauses), Some(monday("11:00")));
    assert_eq!(office.due_without(monday("08:30"), 2 * 3600 + 1, &pauses), Some(monday("13:00") + 1));
    assert_eq!(office.due_without(monday("08:30"), 8 * 3600, &pauses), Some(at("2026-09-15T09:00:00+02:00")));
    assert_eq!(office.due_without(monday("08:30"), 0, &pauses), Some(monday("08:30")));
}

#[test]
fn the_edge_of_the_window_is_not_a_closing() {
    let rules = [weekly("UTC", 0..7, &[ALL_DAY]).written()];
    let window = span("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z");
    let hours = ServiceHours::new("office", &rules, window).unwrap();
    for day in -200..200 {
        for at in [window.start + day * 86_400, window.end + day * 86_400] {
            assert!(hours.is_open(at) && hours.is_open(at - 1), "{day}");
            assert_eq!(hours.elapsed(at - 10, at + 10), 20, "{day}");
            assert_eq!(hours.due(at - 10, 20), Some(at + 10), "{day}");
        }
    }
}

#[test]
fn hours_outside_the_window_are_counted_all_the_same() {
    let office = office();
    // Ten hours a day, five days a week: 400 years are 20 871 weeks.
    assert_eq!(office.elapsed(at("1999-01-04T00:00:00Z"), at("1999-01-11T00:00:00Z")), 50 * 3600);
    assert_eq!(office.elapsed(at("1600-01-01T00:00:00Z"), at("2000-01-01T00:00:00Z")), 20_871 * 50 * 3600);
    assert_eq!(office.elapsed(at("2600-01-01T00:00:00Z"), at("3000-01-01T00:00:00Z")), 20_871 * 50 * 3600);
    assert!(office.is_open(at("1999-01-04T12:00:00Z")) && !office.is_open(at("1999-01-03T12:00:00Z")));
    for (start, due) in [
        ("1999-01-08T17:00:00+01:00", "1999-01-11T09:00:00+01:00"),
        // Berlin's mean time, 53 minutes and 28 seconds ahead.
        ("1650-01-07T16:06:32Z", "1650-01-10T08:06:32Z"),
        ("2600-01-10T17:00:00+01:00", "2600-01-13T09:00:00+01:00"),
    ] {
        assert_eq!(office.due(at(start), 7200), Some(at(due)), "{start}");
        assert_eq!(office.elapsed(at(start), at(due)), 7200, "{start}");
        assert_eq!(office.spans_within(span(start, due)).total(), 7200, "{start}");
    }
}

#[test]
fn a_calendar_that_ends_leaves_goals_without_a_due_time() {
    let rules = [
        weekly("Europe/Berlin", 0..5, &[OFFICE]),
        Rule { from: Some("2026-09-19".parse().unwrap()), ..weekly("Europe/Berlin", 0..7, &[]) },
    ];
    let rules = rules.map(|rule| rule.written());
    let hours = ServiceHours::new("office", &rules, span("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z")).unwrap();
    let friday = at("2026-09-18T17:00:00+02:00");
    assert_eq!(hours.due(friday, 3600), Some(at("2026-09-18T18:00:00+02:00")));
    assert_eq!(hours.due(friday, 3601), None);
}

#[test]
fn the_longest_intervals_there_are_have_an_answer() {
    let office = office();
    assert!(office.elapsed(i64::MIN, i64::MAX) > 0);
    assert_eq!(office.elapsed(i64::MAX, i64::MIN), 0);
    assert!(office.due(0, i64::MAX).is_none_or(|due| due > 0));
    assert!(office.due(i64::MAX, 1).is_some());
    let always = ServiceHours::always();
    assert_eq!(always.elapsed(i64::MIN, i64::MAX), i64::MAX);
    assert_eq!(always.due(i64::MAX, 1), None);
}

#[test]
fn always_open_is_plain_time() {
    let always = ServiceHours::new("24x7", &[], Span::new(0, 0)).unwrap();
    assert!(always.is_always() && always.is_open(-1));
    assert_eq!(always.elapsed_many(&[0, 5], &[10, 4]), [10, 0]);
    assert_eq!(always.due(10, 5), Some(15));
    assert_eq!(always.spans_within(Span::new(3, 9)).to_vec(), [Span::new(3, 9)]);
    assert!(always.spans_within(Span::new(9, 3)).is_empty());
}

#[test]
fn calendars_that_cannot_be_used_say_why() {
    let rule = weekly("Europe/Berlin", 0..5, &[OFFICE]).written();
    let refused =
        |id: &str, rules: &[CalendarRule]| ServiceHours::new(id, rules, Span::new(0, 1)).unwrap_err().to_string();
    assert!(refused("night", std::slice::from_ref(&rule)).starts_with("there is no calendar `night`"));
    assert!(refused("office", &[rule.clone(), rule.clone()]).contains("two rules without `valid_from`"));
    let mut wrong = rule;
    wrong.hours.tue = vec!["8-18".into()];
    assert!(refused("office", &[wrong]).starts_with("tue `8-18`: "));
}
