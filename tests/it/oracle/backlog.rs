//! The backlog of a service, step by step: when tickets leave the open state and when they come back.

use super::ground::{Ground, utc};
use super::judged::{Answers, service};
use super::rows::Tables;
use super::tape::{Difference, Draw, Size, Tape, walk};
use super::tickets::{Manner, Ticket};
use servicebook::measure::{Depth, Prepared};
use servicebook::model::{Catalogue, Edition};

/// What the tickets of one type come to.
#[derive(Debug, Default, PartialEq)]
struct Count {
    opened: i64,
    open_at_start: i64,
    left: i64,
    returned: i64,
    /// At as-of.
    open: i64,
    ages: Vec<i64>,
    unbalanced: i64,
}

struct Book {
    ground: Ground,
    cases: Vec<Vec<Ticket>>,
}

impl Book {
    fn draw(place: usize, head: &Tape, tapes: &[Tape]) -> Self {
        let ground = Ground::draw(place, &mut Draw::of(head));
        let tickets = |tape: &Tape| {
            let mut draw = Draw::of(tape);
            let manner = Manner { always_told: draw.one_in(3), revives: true };
            (0..draw.between(1, 7)).map(|_| Ticket::draw(&ground, manner, &mut draw)).collect()
        };
        let cases = tapes.iter().map(tickets).collect();
        Self { ground, cases }
    }

    fn prepared(&self) -> Prepared {
        let mut tables = Tables::default();
        let mut catalogue = Catalogue::new("Oracle".into(), self.ground.zone);
        for (case, tickets) in self.cases.iter().enumerate() {
            let id = format!("s{case}");
            catalogue.services.push(service(&id, ""));
            for (ticket, own) in tickets.iter().enumerate() {
                own.write(&mut tables, &format!("{id}-{ticket}"), &id);
            }
        }
        let dataset = tables.dataset(self.ground.end, &[]);
        Prepared::new(dataset, catalogue, Edition::default(), utc(self.ground.end)).unwrap()
    }
}

impl Count {
    fn add(&mut self, ground: &Ground, ticket: &Ticket) {
        if ticket.opened >= ground.as_of.min(ground.to) {
            return;
        }
        let mut told = ticket.told(ground.as_of);
        let changes = std::mem::take(&mut told.changes);
        let mut next = 0;
        let (mut open_at_start, mut open_at_end, mut left, mut returned) = (false, false, 0, 0);
        // The last step is as-of itself, at which nothing happens that is known.
        for step in 0..=ground.index(ground.as_of) {
            let at = ground.at(step);
            // What happens at an edge belongs to what follows it.
            if at == ground.from {
                open_at_start = ticket.opened < at && told.is_open();
            }
            if at == ground.to.min(ground.as_of) {
                open_at_end = ticket.opened < at && told.is_open();
            }
            while let Some(change) = changes.get(next).filter(|change| change.at <= at) {
                let before = told.is_open();
                told.apply(change);
                next += 1;
                if at < ticket.opened || at < ground.from || at >= ground.to {
                    continue;
                }
                left += i64::from(before && !told.is_open());
                returned += i64::from(!before && told.is_open());
            }
        }
        let opened = i64::from(ground.from <= ticket.opened && ticket.opened < ground.to);
        self.opened += opened;
        self.open_at_start += i64::from(open_at_start);
        self.left += left;
        self.returned += returned;
        if told.is_open() {
            self.open += 1;
            self.ages.push(ground.as_of - ticket.opened);
        }
        let balance = i64::from(open_at_start) + opened + returned - left;
        self.unbalanced += i64::from(balance != i64::from(open_at_end));
    }

    /// The linear percentile (type 7) of the ages.
    fn age(&self, part: f64) -> f64 {
        let mut ages = self.ages.clone();
        ages.sort_unstable();
        let rank = part * (ages.len() - 1) as f64;
        let (low, high) = (ages[rank.floor() as usize], ages[rank.ceil() as usize]);
        low as f64 + (high - low) as f64 * rank.fract()
    }
}

fn compare(book: &Book) -> Result<usize, Difference> {
    let ground = &book.ground;
    let measured = book.prepared().measure(&ground.period(), utc(ground.as_of), Depth::Report).unwrap();
    let answers = Answers::of(measured);
    let mut telling = 0;
    for (index, tickets) in book.cases.iter().enumerate() {
        let service = format!("s{index}");
        let mut wrong = Vec::new();
        for kind in ["incident", "request"] {
            let mut count = Count::default();
            for ticket in tickets.iter().filter(|ticket| ticket.kind == kind) {
                count.add(ground, ticket);
            }
            telling += usize::from(count.left > 0) + usize::from(count.returned > 0) + usize::from(count.open > 0);
            let mut wanted = vec![
                ("tickets.opened", count.opened as f64),
                ("tickets.backlog_start", count.open_at_start as f64),
                ("tickets.left", count.left as f64),
                ("tickets.returned", count.returned as f64),
                ("tickets.backlog", count.open as f64),
                ("tickets.unbalanced", count.unbalanced as f64),
            ];
            if count.open > 0 {
                wanted.extend([("tickets.age.median", count.age(0.5)), ("tickets.age.p90", count.age(0.9))]);
            }
            for (measure, wanted) in wanted {
                let given = answers.number(measure, &service, kind);
                if (given - wanted).abs() > 1e-6 {
                    wrong.push(format!("{measure} of {kind}s is {given}, not {wanted}"));
                }
            }
        }
        if !wrong.is_empty() {
            return Err(Difference {
                case: index,
                text: format!("{}\n{}\n{tickets:?}", wrong.join("\n"), ground.told()),
            });
        }
    }
    Ok(telling)
}

const SIZE: Size = Size { head: 16, case: 400, batch: 20 };

#[test]
fn five_hundred_random_backlogs_are_those_that_stepping_through_time_gives() {
    walk(30_003, SIZE, 100, |place, head, tapes| compare(&Book::draw(place, head, tapes)));
}
