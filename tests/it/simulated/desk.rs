//! A desk of tickets that people work on while it is read: what it holds, and what its index shows of it.
//!
//! Times are seconds by the desk's own clock. Must not know pages or requests.

use super::dice::Dice;
use std::collections::BTreeMap;

/// When a desk begins, 2026-09-01T00:00:00Z.
const BEGINNING: i64 = 1_788_220_800;

/// What a ticket is from an instant on.
#[derive(Clone, Debug)]
pub struct Version {
    /// When it came to be, whatever stamp it has.
    pub at: i64,
    /// The time of the last change, by a clock that may be coarse.
    pub stamp: i64,
    pub title: String,
    pub deleted: bool,
}

/// A desk of tickets.
pub struct Desk {
    pub now: i64,
    pub dice: Dice,
    /// How many seconds the desk's stamps leave out.
    pub coarse: i64,
    /// After how many seconds the index shows a change.
    pub delay: i64,
    /// How many changes are still to come while the desk is read.
    pub storm: u64,
    pub tickets: BTreeMap<u64, Vec<Version>>,
    next: u64,
}

impl Desk {
    /// A desk with some tickets of the last days.
    pub fn new(mut dice: Dice, tickets: u64, coarse: i64, delay: i64) -> Self {
        let span = dice.pick(&[600, 86_400, 10 * 86_400]);
        let mut desk = Self { now: BEGINNING, dice, coarse, delay, storm: 0, tickets: BTreeMap::new(), next: 1 };
        let mut ages: Vec<u64> = (0..tickets).map(|_| desk.dice.below(span)).collect();
        ages.sort_unstable_by(|one, other| other.cmp(one));
        for age in ages {
            desk.now = BEGINNING - age.cast_signed();
            desk.open();
            if desk.dice.one_in(4) {
                desk.change();
            }
        }
        desk.now = BEGINNING;
        desk
    }

    /// The same desk with so many tickets, opened days ago and not touched since.
    pub fn with(mut self, tickets: usize) -> Self {
        self.tickets.clear();
        (self.now, self.next) = (BEGINNING - 5 * 86_400, 1);
        for _ in 0..tickets {
            self.now += 60;
            self.open();
        }
        self.now = BEGINNING;
        self
    }

    /// Lets time pass; while there is a storm, people work.
    pub fn pass(&mut self, seconds: i64) {
        let changes = self.dice.below(4).min(self.storm);
        self.now += seconds;
        for _ in 0..changes {
            self.storm -= 1;
            match self.dice.below(6) {
                0 | 1 => self.open(),
                2 => self.delete(),
                _ => self.change(),
            }
        }
    }

    pub fn open(&mut self) {
        let id = self.next;
        self.next += 1;
        self.put(id, false);
    }

    /// A new word, closed or opened again: for who reads it, each is a new version.
    pub fn change(&mut self) {
        if let Some(id) = self.any() {
            self.put(id, false);
        }
    }

    pub fn delete(&mut self) {
        if let Some(id) = self.any() {
            self.put(id, true);
        }
    }

    fn any(&mut self) -> Option<u64> {
        let there: Vec<u64> =
            self.tickets.iter().filter(|(_, of)| !of.last().unwrap().deleted).map(|(id, _)| *id).collect();
        if there.is_empty() { None } else { Some(self.dice.pick(&there)) }
    }

    fn put(&mut self, id: u64, deleted: bool) {
        let of = self.tickets.entry(id).or_default();
        let state = if self.dice.one_in(3) { "closed" } else { "open" };
        let title = format!("ticket {id}, version {}, {state}", of.len() + 1);
        of.push(Version { at: self.now, stamp: self.now - self.now.rem_euclid(self.coarse), title, deleted });
    }

    /// What the index shows now: the tickets that are not deleted, by id.
    pub fn indexed(&self) -> Vec<(u64, &Version)> {
        self.shown_at(self.now - self.delay)
    }

    /// What the tickets are now.
    pub fn truth(&self) -> Vec<(u64, &Version)> {
        self.shown_at(self.now)
    }

    fn shown_at(&self, at: i64) -> Vec<(u64, &Version)> {
        let of = |versions: &'_ Vec<Version>| versions.iter().rposition(|version| version.at <= at);
        self.tickets
            .iter()
            .filter_map(|(id, versions)| Some((*id, versions.get(of(versions)?)?)))
            .filter(|(_, version)| !version.deleted)
            .collect()
    }

    /// The tickets that are now as they were before an instant and ever since.
    pub fn unchanged_since(&self, at: i64) -> Vec<(u64, &Version)> {
        self.truth().into_iter().filter(|(id, _)| self.tickets[id].last().unwrap().at < at).collect()
    }
}
