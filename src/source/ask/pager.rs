//! How one page leads to the next, and when a list of pages must stop.
//!
//! A list must move: the same page twice, a cursor that comes back or a page without records that promises more are
//! errors, never loops. A list that moved while it was read is read again. Knows positions and what was seen of a page;
//! must not know requests or bytes.

use crate::source::manifest::{AnswerComplete, End, Paging, RequestPlan};
use std::collections::HashSet;

/// Most pages of one list.
const MOST_PAGES: u64 = 100_000;
/// Most pages in a row without a record that had not come before. A few there are where people work faster than pages
/// come.
const MOST_STALE: u64 = 10;

/// Where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The page's number.
    pub number: u64,
    /// Records to pass over.
    pub offset: u64,
    /// What the page before gave to go on with.
    pub cursor: Option<String>,
    /// The whole address of the page, where the page before gave one.
    pub link: Option<String>,
    /// The time from which on records are asked, in milliseconds since 1970, where it is not the window's.
    pub from: Option<i64>,
}

/// What a page showed.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How many records it has, counted apart from the decoder.
    pub rows: u64,
    /// The records' keys, in order; empty where the request names none.
    pub keys: Vec<String>,
    /// How many records the tool says there are.
    pub total: Option<u64>,
    /// What it gives to go on with.
    pub cursor: Option<String>,
    /// The link to the next page.
    pub link: Option<String>,
    /// Whether it says that it is the last.
    pub last: bool,
    /// The time of the last record, in milliseconds since 1970.
    pub stamp: Option<i64>,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Whether it is an error that the manifest takes for no records: it says nothing else.
    pub none: bool,
}

/// What comes after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Another page.
    Next(Position),
    /// That was the last.
    Done,
    /// The list moved while it was read: it is read again from its beginning.
    Again(String),
    /// It cannot go on.
    Stuck(String),
}

/// Reads one list: the pages of one request for one value and one window.
pub struct Pager<'a> {
    plan: &'a RequestPlan,
    at: Position,
    pages: u64,
    empty: u64,
    old: u64,
    last_key: Option<String>,
    least_total: Option<u64>,
    stale: u64,
    seen: HashSet<String>,
    order: Vec<String>,
    cursors: HashSet<String>,
    before: String,
    received: u64,
    total: Option<u64>,
}

impl<'a> Pager<'a> {
    /// Makes the pager of a list. `from` is the window's start, in milliseconds since 1970.
    pub fn new(plan: &'a RequestPlan, from: Option<i64>) -> Self {
        let number = if let Paging::Page { first, .. } = plan.paging { first } else { 1 };
        let from = from.filter(|_| matches!(plan.paging, Paging::Window { .. }));
        Self {
            plan,
            at: Position { number, from, ..Position::default() },
            pages: 0,
            empty: 0,
            old: 0,
            last_key: None,
            least_total: None,
            stale: 0,
            seen: HashSet::new(),
            order: Vec::new(),
            cursors: HashSet::new(),
            before: String::new(),
            received: 0,
            total: None,
        }
    }

    /// Returns where the page begins that is to be read now.
    pub fn position(&self) -> &Position {
        &self.at
    }

    /// Returns how many different records were received.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Returns how many records the tool said there are, the last time that it did.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Takes in what a page showed and says what comes next.
    pub fn after(&mut self, seen: &Seen) -> Step {
        self.pages += 1;
        let fresh = self.count(seen);
        self.total = seen.total.or(self.total);
        if let Some(reason) = self.standing_still(seen, fresh) {
            return Step::Stuck(reason);
        }
        self.before.clone_from(&seen.sha256);
        let step = match &self.plan.paging {
            Paging::Page { rows, end, .. } => self.numbered(seen, *rows, end),
            Paging::Offset { rows, end } => self.offset(seen, *rows, end),
            Paging::Cursor { .. } if !seen.last => self.cursor(seen.cursor.as_deref()),
            Paging::LastRow { plus_one, .. } if seen.rows > 0 => self.last_row(seen, *plus_one, fresh),
            Paging::Link { .. } if !seen.last => self.link(seen),
            Paging::Window { .. } => self.window(seen, fresh),
            // One page, one without a last record, or one that says that it is the last.
            Paging::None | Paging::LastRow { .. } | Paging::Link { .. } | Paging::Cursor { .. } => Step::Done,
        };
        if let Step::Next(position) = &step {
            if self.pages >= MOST_PAGES {
                return Step::Stuck(format!("more than {MOST_PAGES} pages: a narrower window is needed"));
            }
            self.at = position.clone();
            self.last_key = seen.keys.last().cloned().or(self.last_key.take());
        }
        step
    }

    /// Counts the page's records and returns how many are new.
    fn count(&mut self, seen: &Seen) -> u64 {
        if seen.keys.is_empty() {
            self.received += seen.rows;
            return seen.rows;
        }
        let mut fresh = 0;
        for key in &seen.keys {
            if self.seen.insert(key.clone()) {
                self.order.push(key.clone());
                fresh += 1;
            }
        }
        self.received += fresh;
        fresh
    }

    /// Returns why the list does not move, where it does not.
    fn standing_still(&mut self, seen: &Seen, fresh: u64) -> Option<String> {
        // Where a page begins with the last record of the page before, the same page may come twice.
        let own_rule = matches!(
            self.plan.paging,
            Paging::Window { .. } | Paging::Offset { .. } | Paging::LastRow { plus_one: false, .. } | Paging::None
        );
        self.stale = if fresh == 0 { self.stale + 1 } else { 0 };
        if self.stale >= MOST_STALE {
            return Some(format!("{MOST_STALE} pages in a row bring nothing that has not come before"));
        }
        if !own_rule && seen.rows > 0 && !seen.sha256.is_empty() && seen.sha256 == self.before {
            return Some("the same page came twice in a row".into());
        }
        // A page may say what time it is, and so be another one with the same records.
        self.old = if fresh == 0 && !seen.keys.is_empty() { self.old + 1 } else { 0 };
        if self.old >= 2 && !own_rule {
            return Some("two pages in a row bring only records that came before".into());
        }
        self.empty = if seen.rows == 0 { self.empty + 1 } else { 0 };
        let goes_on = !seen.last && (seen.cursor.is_some() || seen.link.is_some());
        (self.empty >= 2 && goes_on).then(|| "two pages without a record both say that there are more".into())
    }

    /// Tells whether the total shrank: then records behind it moved up, and one may have been passed over.
    fn shrank(&mut self, seen: &Seen) -> Option<Step> {
        let total = seen.total?;
        let before = self.least_total.replace(total)?;
        (total < before).then(|| Step::Again(format!("the list shrank from {before} to {total} records")))
    }

    fn numbered(&mut self, seen: &Seen, size: u64, end: &End) -> Step {
        if let Some(again) = self.shrank(seen) {
            return again;
        }
        let all = match seen.total {
            Some(total) => self.received >= total || seen.rows == 0,
            None => seen.rows == 0 || end.short_page && seen.rows < size,
        };
        if seen.last || all {
            return Step::Done;
        }
        Step::Next(Position { number: self.at.number + 1, ..Position::default() })
    }

    /// Goes on by what was received, less one: a page begins with the last record of the page before, or something
    /// moved.
    fn offset(&mut self, seen: &Seen, size: u64, end: &End) -> Step {
        if let Some(moved) = self.joins(seen) {
            return moved;
        }
        let reached = self.at.offset + seen.rows;
        let all = match seen.total {
            Some(total) if reached >= total => true,
            // At least two are asked for: one record alone is the last.
            _ => seen.rows <= 1 || end.short_page && seen.rows < size,
        };
        if seen.last || all {
            return Step::Done;
        }
        Step::Next(Position { offset: reached - 1, from: self.at.from, ..Position::default() })
    }

    /// Says that the list moved, where a page does not begin with the last record of the page before.
    fn joins(&self, seen: &Seen) -> Option<Step> {
        if self.at.offset == 0 {
            return None;
        }
        let last = self.last_key.as_ref()?;
        (seen.keys.first() != Some(last)).then(|| Step::Again("records moved between two of its pages".into()))
    }

    fn cursor(&mut self, cursor: Option<&str>) -> Step {
        let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else { return Step::Done };
        if !self.cursors.insert(cursor.to_owned()) {
            return Step::Stuck("a cursor came back that was used already".into());
        }
        Step::Next(Position { cursor: Some(cursor.to_owned()), ..Position::default() })
    }

    fn last_row(&mut self, seen: &Seen, plus_one: bool, fresh: u64) -> Step {
        let Some(value) = &seen.cursor else {
            return Step::Stuck("its last record has not the member by which the next page is asked".into());
        };
        // Without a step beyond it, the last record comes again, and nothing else at the end.
        if fresh == 0 && !seen.keys.is_empty() {
            if seen.rows == 1 {
                return Step::Done;
            }
            return Step::Stuck("a page brings only records that came before: several share the cursor of one".into());
        }
        let cursor = if plus_one {
            match value.parse::<i64>().ok().and_then(|number| number.checked_add(1)) {
                Some(next) => next.to_string(),
                None => return Step::Stuck(format!("`{value}` is no whole number, so nothing comes after it")),
            }
        } else {
            value.clone()
        };
        self.cursor(Some(&cursor))
    }

    fn link(&mut self, seen: &Seen) -> Step {
        let Some(link) = seen.link.as_deref().filter(|link| !link.is_empty()) else { return Step::Done };
        if !self.cursors.insert(link.to_owned()) {
            return Step::Stuck("a link to the next page came back that was followed already".into());
        }
        Step::Next(Position { link: Some(link.to_owned()), ..Position::default() })
    }

    /// Goes on from the time of the last record; among records of one time, by how many came.
    fn window(&mut self, seen: &Seen, fresh: u64) -> Step {
        if let Some(moved) = self.joins(seen) {
            return moved;
        }
        let reached = self.at.offset + seen.rows;
        let counted = matches!(self.plan.complete, AnswerComplete::Total(_));
        if seen.rows == 0 || counted && seen.total.is_some_and(|total| reached >= total) {
            return Step::Done;
        }
        let (Some(stamp), Some(from)) = (seen.stamp, self.at.from) else {
            return Step::Stuck("its last record has no time of its last change".into());
        };
        // Times that are written alike are one time to the tool, whatever the records say more exactly.
        if self.written(stamp) == self.written(from) {
            if seen.rows == 1 {
                return Step::Done;
            }
            return Step::Next(Position { offset: reached - 1, from: Some(from), ..Position::default() });
        }
        if stamp > from {
            return Step::Next(Position { from: Some(stamp), ..Position::default() });
        }
        if fresh > 0 {
            return Step::Stuck(
                "its records are older than what was asked for, or not in the order of their times".into(),
            );
        }
        if seen.rows == 1 {
            return Step::Done;
        }
        Step::Next(Position { offset: reached - 1, from: Some(from), ..Position::default() })
    }

    /// Writes a time as the request would say it.
    fn written(&self, millis: i64) -> Option<String> {
        let format = &self.plan.window.as_ref()?.format;
        chrono::DateTime::from_timestamp_millis(millis).map(|at| format.write(at))
    }

    /// Returns the records' keys in the order in which they came first.
    pub fn into_order(self) -> Vec<String> {
        self.order
    }

    /// Says why a list that came to its end may lack records, where its pages are only numbers of records. A record
    /// that leaves such a list moves all behind it up, and one slips from a page not yet read to one already read. The
    /// list has moved by nothing of the kind if a second reading has all records of the first in the same order.
    pub fn unproven(&self, earlier: Option<&[String]>) -> Option<&'static str> {
        let numbered = matches!(self.plan.paging, Paging::Page { .. } | Paging::Link { stable: false, .. });
        if !numbered || self.pages < 2 {
            return None;
        }
        let Some(earlier) = earlier else { return Some("its numbered pages were read once only") };
        let mut now = self.order.iter();
        let all = earlier.iter().all(|key| now.any(|known| known == key));
        (!all).then_some("records left it or moved between two readings")
    }
}
