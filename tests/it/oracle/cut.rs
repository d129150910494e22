//! An earlier instant asked of everything that is known now, against a book in which nothing later was ever written.

use super::ground::{Ground, utc};
use super::judged::{Book, SIZE};
use super::promises::Promise;
use super::tape::{Difference, Draw, Tape, walk};
use super::tickets::{Change, Manner, Ticket};
use servicebook::measure::Depth;
use servicebook::model::{Figure, MissingKind};

impl Ticket {
    fn tell_from_the_opening(&mut self, field: &'static str) {
        let own = self.changes.iter().filter(|change| change.field == field);
        let today = if field == "priority" { self.priority } else { self.group };
        let to = own.min_by_key(|change| (change.at, change.seq)).map_or(today, |change| change.from);
        self.changes.push(Change { at: self.opened, seq: 0, field, from: None, to });
    }

    /// The ticket as it was written just before an instant, by hand: no later stamp, no later event, and fields as they
    /// were then.
    fn cut(&self, at: i64) -> Self {
        let mut cut = self.clone();
        cut.changes.retain(|change| change.at < at);
        for stamp in [&mut cut.answered, &mut cut.resolved, &mut cut.closed] {
            *stamp = stamp.filter(|stamp| *stamp < at);
        }
        if self.has_history_of("status") {
            let mut told = self.told(at);
            for change in std::mem::take(&mut told.changes) {
                told.apply(&change);
            }
            cut.status = told.status;
        } else if self.status != "cancelled" {
            cut.status = match (cut.resolved, cut.closed) {
                (_, Some(_)) => "closed",
                (Some(_), None) => "resolved",
                (None, None) => "active",
            };
        }
        for field in ["priority", "group"] {
            let mut own: Vec<_> = self.changes.iter().filter(|change| change.field == field).collect();
            own.sort_by_key(|change| (change.at, change.seq));
            let Some(first) = own.first() else { continue };
            let last = own.iter().rev().find(|change| change.at < at).map_or(first.from, |change| change.to);
            if field == "priority" { cut.priority = last } else { cut.group = last }
        }
        cut
    }
}

/// Tickets of which every field is told from the opening on: what a cut takes away must not have been the only witness.
fn draw(place: usize, head: &Tape, tapes: &[Tape]) -> Book {
    let mut book = Book::draw(place, head, tapes);
    let ground = &book.ground;
    for (case, tape) in book.cases.iter_mut().zip(tapes) {
        let mut draw = Draw::of(tape);
        case.promises = vec![Promise::draw(ground, None, ground.date(ground.start) - chrono::Days::new(40), &mut draw)];
        let manner = Manner { always_told: true, revives: true };
        case.tickets = (0..draw.between(1, 7)).map(|_| Ticket::draw(ground, manner, &mut draw)).collect();
        case.excluded.clear();
        for ticket in &mut case.tickets {
            ticket.tell_from_the_opening("priority");
            ticket.tell_from_the_opening("group");
        }
    }
    book
}

fn figures(book: &Book) -> Vec<Figure> {
    let ground: &Ground = &book.ground;
    book.prepared().measure(&ground.period(), utc(ground.as_of), Depth::Report).unwrap().figures
}

fn compare(book: &Book) -> Result<usize, Difference> {
    let at = book.ground.as_of;
    let mut past = Book { ground: book.ground.clone(), attribution: book.attribution, cases: book.cases.clone() };
    for case in &mut past.cases {
        case.tickets = case.tickets.iter().filter(|ticket| ticket.opened < at).map(|ticket| ticket.cut(at)).collect();
    }
    let (then, now) = (figures(&past), figures(book));
    let same = |a: &Figure, b: &Figure| {
        (&a.value, a.numerator, a.denominator, a.n) == (&b.value, b.numerator, b.denominator, b.n)
    };
    let mut telling = 0;
    for figure in &now {
        // Of a service without any ticket yet there is no figure, or one of nothing.
        let before = then.iter().find(|before| before.id == figure.id);
        let nothing = figure.n == 0 && figure.number().is_none_or(|number| number == 0.0);
        // Whether a tool tells a thing at all is read from all of its rows, so that nought may stand where nothing was told.
        let silent =
            |before: &Figure| nothing && matches!(&before.value, Err(missing) if missing.kind == MissingKind::NoData);
        if before.map_or(nothing, |before| same(before, figure) || silent(before)) {
            telling += usize::from(figure.n > 0 && figure.id.scope.service.is_some());
            continue;
        }
        let service = figure.id.scope.service.as_deref().and_then(|id| id.strip_prefix('s'));
        let Some(case) = service.and_then(|number| number.parse::<usize>().ok()) else { continue };
        let before = before.map(|before| (&before.value, before.numerator, before.denominator, before.n));
        let text = format!(
            "{} is {:?}, and was {before:?}\n{}\n{:?}\nthen {:?}",
            figure.id,
            (&figure.value, figure.numerator, figure.denominator, figure.n),
            book.ground.told(),
            book.cases[case],
            past.cases[case].tickets,
        );
        return Err(Difference { case, text });
    }
    Ok(telling)
}

#[test]
fn five_hundred_random_pasts_are_told_as_they_were_then() {
    walk(30_004, SIZE, 1000, |place, head, tapes| compare(&draw(place, head, tapes)));
}
