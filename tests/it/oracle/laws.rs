//! Laws of outages and pauses that hold whatever else a book says.

use super::ground::{Ground, utc};
use super::judged::{self, Answers, Clocks};
use super::promises::Condition;
use super::services::Outage;
use super::tape::{Difference, Draw, Tape, walk};
use super::tickets::Change;
use super::{available, clocks};
use servicebook::measure::Depth;
use servicebook::model::Figure;

fn availability(book: &available::Book) -> Answers {
    let ground = &book.ground;
    Answers::of(book.prepared().measure(&ground.period(), utc(ground.as_of), Depth::Report).unwrap())
}

/// Adds outages to every service, or to one part of those that are made of others.
fn with_outage(book: &available::Book, draw: &mut Draw<'_>) -> available::Book {
    let ground = book.ground.clone();
    let mut cases = book.cases.clone();
    for case in &mut cases {
        let part = case.parts.first_mut();
        // A composite without rows of its own would now have some, and owe knowledge of them.
        let subject = part.unwrap_or(&mut case.own);
        for _ in 0..2 {
            let outage = Outage::draw(&ground, draw);
            let start = ground.instant(draw, ground.from);
            subject.outages.push(Outage { start, ..outage });
        }
    }
    available::Book { ground, settings: book.settings.clone(), cases }
}

fn no_outage_helps(book: &available::Book, draw: &mut Draw<'_>) -> Result<usize, Difference> {
    let (before, after) = (availability(book), availability(&with_outage(book, draw)));
    let mut telling = 0;
    for case in 0..book.cases.len() {
        let id = format!("s{case}");
        let number = |answers: &Answers, measure: &str| answers.get(measure, &id, &[]).and_then(Figure::number);
        let coverage = |answers: &Answers| number(answers, "availability.coverage");
        if coverage(&before) != coverage(&after) {
            continue;
        }
        let percent = |answers: &Answers| number(answers, "availability.percent");
        let (Some(was), Some(is)) = (percent(&before), percent(&after)) else { continue };
        telling += usize::from(is < was);
        if is > was {
            let text = format!("{was} became {is}\n{:?} {}\n{:?}", book.settings, book.ground.told(), book.cases[case]);
            return Err(Difference { case, text });
        }
    }
    Ok(telling)
}

#[test]
fn five_hundred_random_outages_never_raise_availability() {
    walk(30_005, available::SIZE, 5, |place, head, tapes| {
        no_outage_helps(&available::Book::draw(place, head, tapes), &mut Draw::of(&tapes.concat()))
    });
}

/// Tickets without history of their group, and clocks that a group of its own halts.
fn without_groups(mut book: judged::Book) -> judged::Book {
    for case in &mut book.cases {
        for ticket in &mut case.tickets {
            ticket.changes.retain(|change| change.field != "group");
        }
        for promise in &mut case.promises {
            let policy = &mut promise.policy;
            for condition in [&mut policy.start, &mut policy.stop, &mut policy.cancel] {
                *condition = condition.take().filter(|condition| condition.group.is_empty());
            }
            policy.pause.get_or_insert_with(Condition::default).group.push("Carrier");
        }
    }
    book
}

fn pause(ground: &Ground, case: &mut clocks::Case, draw: &mut Draw<'_>) {
    for ticket in &mut case.tickets {
        let from = ground.instant(draw, ground.start);
        let to = ground.instant(draw, from + ground.step);
        let last = ticket.changes.iter().map(|change| change.seq).max().unwrap_or(0);
        let change = |at, seq, from, to| Change { at, seq, field: "group", from, to };
        ticket.changes.push(change(from, last + 1, ticket.group, Some("Carrier")));
        if draw.below(4) > 0 {
            ticket.changes.push(change(to, last + 2, Some("Carrier"), ticket.group));
        }
    }
}

fn told(book: &judged::Book) -> Clocks {
    let ground = &book.ground;
    Clocks::of(&book.prepared().table("tickets", &ground.period(), utc(ground.as_of)).unwrap().unwrap())
}

fn no_pause_hurts(book: &judged::Book, draw: &mut Draw<'_>) -> Result<usize, Difference> {
    let ground = book.ground.clone();
    let mut cases = book.cases.clone();
    for case in &mut cases {
        pause(&ground, case, draw);
    }
    let after = judged::Book { ground, attribution: book.attribution, cases };
    let (without, with) = (told(book), told(&after));
    let mut telling = 0;
    for (case, own) in after.cases.iter().enumerate() {
        for ticket in 0..own.tickets.len() {
            for metric in ["response", "resolution"] {
                let key = format!("s{case}-{ticket}");
                let ((was, due_was), (is, due_is)) = (without.get(&key, metric), with.get(&key, metric));
                telling += usize::from(is < was);
                let longer = was.zip(is).is_some_and(|(was, is)| is > was);
                let sooner = due_was.zip(due_is).is_some_and(|(was, is)| is < was);
                if longer || sooner {
                    let text = format!(
                        "{metric} of ticket {ticket}: {was:?} due {due_was:?} became {is:?} due {due_is:?}\n{}\n{own:?}",
                        after.ground.told()
                    );
                    return Err(Difference { case, text });
                }
            }
        }
    }
    Ok(telling)
}

#[test]
fn five_hundred_random_pauses_never_make_a_clock_run_longer() {
    walk(30_006, judged::SIZE, 20, |place, head: &Tape, tapes| {
        let book = without_groups(judged::Book::draw(place, head, tapes));
        no_pause_hurts(&book, &mut Draw::of(&tapes.concat()))
    });
}
