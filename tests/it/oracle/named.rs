//! Cases on which oracle and program once differed, made small.

use super::clocks::{Attribution, Case};
use super::ground::Ground;
use super::judged::{Book, compare};
use super::promises::{Policy, Promise};
use super::tape::Draw;
use super::tickets::{Change, Ticket};

/// A service round the clock with one goal of a minute, on a ground in minutes.
fn book(ticket: impl Fn(&Ground) -> Ticket, policy: Policy) -> Book {
    let mut ground = Ground::draw(0, &mut Draw::of(&[]));
    (ground.from, ground.to, ground.as_of) = (ground.start, ground.start + 7200, ground.start + 7200);
    let goals = vec![("incident", None, 60)];
    let from = ground.date(ground.start) - chrono::Days::new(2);
    let promise = Promise { customer: None, from, to: None, response: Vec::new(), resolution: goals, policy };
    let case = Case {
        hours: ground.hours(&mut Draw::of(&[])),
        promises: vec![promise],
        tickets: vec![ticket(&ground)],
        excluded: Vec::new(),
    };
    Book { ground, attribution: Attribution::Finish, cases: vec![case] }
}

/// A ticket with statuses at minutes after its opening.
fn ticket(ground: &Ground, statuses: &[(i64, &'static str)], resolved: i64) -> Ticket {
    let mut from = None;
    let changes = statuses.iter().zip(1..).map(|((minute, to), seq)| {
        let at = ground.start + minute * 60;
        Change { at, seq, field: "status", from: from.replace(*to), to: Some(*to) }
    });
    Ticket {
        kind: "incident",
        customer: None,
        opened: ground.start,
        answered: None,
        resolved: Some(ground.start + resolved * 60),
        closed: None,
        status: statuses.last().unwrap().1,
        priority: None,
        group: None,
        changes: changes.collect(),
    }
}

#[test]
fn time_between_a_resolution_and_the_reopening_is_free_however_short_the_reopening() {
    let statuses = [(0, "new"), (1, "resolved"), (2, "active"), (3, "resolved")];
    compare(&book(|ground| ticket(ground, &statuses, 3), Policy::usual())).unwrap();
}

#[test]
fn a_response_goal_that_ran_out_in_the_period_counts_there_whenever_the_ticket_was_resolved() {
    let answered = |ground: &Ground| Ticket {
        answered: Some(ground.start + 5 * 3600),
        ..ticket(ground, &[(0, "new"), (1, "resolved")], 1)
    };
    let mut book = book(answered, Policy::usual());
    book.attribution = Attribution::Breach;
    book.cases[0].promises[0].response = vec![("incident", None, 3 * 3600)];
    let start = book.ground.start;
    (book.ground.from, book.ground.to, book.ground.as_of) = (start + 7200, start + 4 * 3600, start + 6 * 3600);
    compare(&book).unwrap();
}

#[test]
fn time_between_a_resolution_and_the_reopening_is_free_where_the_reopening_lasts_no_time() {
    let statuses = [(0, "new"), (1, "resolved"), (2, "active"), (2, "resolved")];
    compare(&book(|ground| ticket(ground, &statuses, 2), Policy::usual())).unwrap();
}
