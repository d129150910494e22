//! Service time: how much of it lies between two instants, and when a goal is used up (`domain.md` §4.3).
//!
//! Knows the hours of one calendar. Must not know which ticket, service or agreement asks.

use super::columns::each;
use super::expand::{ERA, Rules};
use super::hours::HoursError;
use super::spans::{Span, Spans};
use super::steps::Steps;
use super::table::{Table, WEEK, Weekly};
use crate::model::catalogue::CalendarRule;
use std::sync::OnceLock;

/// The id of the calendar that never closes.
pub const ALWAYS: &str = "24x7";

/// Instants and goals are held to 2^55 seconds, a billion years, so that no sum can overflow.
const LIMIT: i64 = 1 << 55;

/// What is expanded on both sides of the window that the caller names: due times mostly lie close behind it.
const MARGIN: i64 = 92 * 86_400;

/// The hours of one calendar, expanded over a window.
///
/// The window is only where answers come fastest. Beyond it nothing is cut: the first question that leaves it expands
/// the years 1800 to 2200 once, and beyond those the hours repeat week by week.
///
/// Where the wall clock jumps over an opening or a closing it is the end of the gap; where the wall clock shows it
/// twice, the earlier one opens and the later one closes (rule R5). `24:00` is the end of the local date. Hours over
/// midnight belong to the day on which they start, also when the next day is a holiday, has hours of its own or follows
/// another rule (R15).
#[derive(Clone, Debug)]
pub struct ServiceHours(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Always,
    Ruled(Box<Ruled>),
}

#[derive(Clone, Debug)]
struct Ruled {
    rules: Rules,
    near: Table,
    /// The same hours on a grid, where they fit one: most questions end here.
    steps: Option<Steps>,
    wide: OnceLock<Wide>,
}

/// All hours that there are.
#[derive(Clone, Debug)]
struct Wide {
    before: Weekly,
    era: Table,
    after: Weekly,
}

impl ServiceHours {
    /// Returns the hours of the calendar `24x7`.
    pub fn always() -> Self {
        Self(Kind::Always)
    }

    /// Expands the calendar with an id over the window that holds most of what will be asked.
    ///
    /// `rules` may hold other calendars too. `24x7` is always open and needs no rule.
    ///
    /// # Errors
    /// Says so when no rule has the id, two hold from the same day, or the hours cannot be read.
    pub fn new(id: &str, rules: &[CalendarRule], window: Span) -> Result<Self, HoursError> {
        if id == ALWAYS {
            return Ok(Self::always());
        }
        let rules = Rules::of(id, rules)?;
        let window = Span::new(window.start.saturating_sub(MARGIN), window.end.saturating_add(MARGIN)).intersect(ERA);
        let window = if window.is_empty() { Span::new(ERA.start, ERA.start) } else { window };
        let spans = rules.expand(window);
        let (near, steps) = (Table::new(&spans, window), Steps::new(&spans, window));
        Ok(Self(Kind::Ruled(Box::new(Ruled { rules, near, steps, wide: OnceLock::new() }))))
    }

    /// Tells whether service is never closed.
    pub fn is_always(&self) -> bool {
        matches!(self.0, Kind::Always)
    }

    /// Tells whether service never opens: no weekday and no override has hours, so that no goal is ever used up.
    pub fn never_opens(&self) -> bool {
        match &self.0 {
            Kind::Always => false,
            Kind::Ruled(ruled) => ruled.rules.never_opens(),
        }
    }

    /// Returns the service hours of a window.
    pub fn spans_within(&self, window: Span) -> Spans {
        match &self.0 {
            Kind::Always => Spans::from(window),
            Kind::Ruled(ruled) => ruled.within(Span::new(clamp(window.start), clamp(window.end))),
        }
    }

    /// Tells whether an instant lies in the service hours.
    pub fn is_open(&self, at: i64) -> bool {
        match &self.0 {
            Kind::Always => true,
            Kind::Ruled(ruled) => ruled.is_open(clamp(at)),
        }
    }

    /// Returns the seconds of service between two instants, 0 where the end is not after the start.
    pub fn elapsed(&self, start: i64, end: i64) -> i64 {
        match &self.0 {
            Kind::Always => Span::new(start, end).seconds(),
            Kind::Ruled(ruled) => ruled.elapsed(clamp(start), clamp(end)),
        }
    }

    /// Returns [`ServiceHours::elapsed`] of each pair of two columns of the same length; a row costs the same
    /// however long its interval is.
    pub fn elapsed_many(&self, starts: &[i64], ends: &[i64]) -> Vec<i64> {
        match &self.0 {
            Kind::Always => each(starts, ends, |start, end| Span::new(start, end).seconds()),
            Kind::Ruled(ruled) => each(starts, ends, |start, end| ruled.elapsed(clamp(start), clamp(end))),
        }
    }

    /// Returns [`ServiceHours::due`] of each pair of two columns of the same length, starts and goals of service
    /// seconds; a row costs the same however far away it is due.
    pub fn due_many(&self, starts: &[i64], goals: &[i64]) -> Vec<Option<i64>> {
        each(starts, goals, |start, goal| self.due(start, goal))
    }

    /// Returns the seconds of service between two instants outside pauses (rule R12): overlapping pauses count once,
    /// what lies before the start, after the end or out of hours costs nothing.
    pub fn elapsed_without(&self, start: i64, end: i64, pauses: &Spans) -> i64 {
        let standing: i64 =
            pauses.clip(Span::new(start, end)).iter().map(|pause| self.elapsed(pause.start, pause.end)).sum();
        self.elapsed(start, end) - standing
    }

    /// Returns the first instant at which a goal of service seconds from `start` on is used up; a goal of 0 or less is
    /// used up at the start. `None` where the hours never suffice, as in a calendar that ends.
    ///
    /// A goal that is used up just when service closes is due at the closing, not at the next opening.
    pub fn due(&self, start: i64, goal_seconds: i64) -> Option<i64> {
        if goal_seconds <= 0 {
            return Some(start);
        }
        match &self.0 {
            Kind::Always => start.checked_add(goal_seconds),
            Kind::Ruled(ruled) => ruled.due(clamp(start), goal_seconds.min(LIMIT)),
        }
    }

    /// Returns the first instant at which a goal is used up when the clock stands still in pauses (rule R12).
    pub fn due_without(&self, start: i64, goal_seconds: i64, pauses: &Spans) -> Option<i64> {
        let (mut from, mut left) = (start, goal_seconds);
        for pause in pauses.iter().filter(|pause| pause.end > start) {
            let run = self.elapsed(from, pause.start);
            if run >= left {
                break;
            }
            left -= run;
            from = pause.end;
        }
        self.due(from, left)
    }
}

impl Ruled {
    fn elapsed(&self, start: i64, end: i64) -> i64 {
        if let Some((end, start)) = self.steps.as_ref().and_then(|steps| Some((steps.used(end)?, steps.used(start)?))) {
            return (end - start).max(0);
        }
        self.elapsed_by_search(start, end)
    }

    #[cold]
    fn elapsed_by_search(&self, start: i64, end: i64) -> i64 {
        if end <= start {
            0
        } else if self.near.covers(start, end) {
            self.near.used(end) - self.near.used(start)
        } else {
            let wide = self.wide();
            wide.used(end) - wide.used(start)
        }
    }

    fn is_open(&self, at: i64) -> bool {
        if self.near.covers(at, at) && at != self.near.window().end {
            self.near.is_open(at)
        } else {
            self.wide().is_open(at)
        }
    }

    fn due(&self, start: i64, goal: i64) -> Option<i64> {
        if self.near.covers(start, start)
            && let Some(at) = self.near.instant_of(self.near.used(start) + goal)
        {
            return Some(at);
        }
        let wide = self.wide();
        wide.instant_of(wide.used(start) + goal)
    }

    fn within(&self, window: Span) -> Spans {
        if window.is_empty() {
            Spans::default()
        } else if self.near.covers(window.start, window.end) {
            self.near.within(window)
        } else if ERA.intersect(window) == window {
            self.rules.expand(window)
        } else {
            self.wide().within(window)
        }
    }

    fn wide(&self) -> &Wide {
        self.wide.get_or_init(|| {
            let weekly = |start: i64| Weekly::new(&self.rules.expand(Span::new(start, start + WEEK)), start);
            Wide {
                before: weekly(ERA.start),
                era: Table::new(&self.rules.expand(ERA), ERA),
                after: weekly(ERA.end - WEEK),
            }
        })
    }
}

impl Wide {
    /// Returns the seconds of service between the start of [`ERA`] and an instant, negative before it.
    fn used(&self, at: i64) -> i64 {
        if at < ERA.start {
            self.before.used(at)
        } else if at <= ERA.end {
            self.era.used(at)
        } else {
            self.era.total() + self.after.used(at) - self.after.used(ERA.end)
        }
    }

    fn instant_of(&self, used: i64) -> Option<i64> {
        if used <= 0 {
            self.before.instant_of(used)
        } else {
            let beyond = used - self.era.total() + self.after.used(ERA.end);
            self.era.instant_of(used).or_else(|| self.after.instant_of(beyond))
        }
    }

    fn is_open(&self, at: i64) -> bool {
        if at < ERA.start {
            self.before.is_open(at)
        } else if at < ERA.end {
            self.era.is_open(at)
        } else {
            self.after.is_open(at)
        }
    }

    fn within(&self, window: Span) -> Spans {
        let before = self.before.within(window.intersect(Span::new(i64::MIN, ERA.start)));
        let after = self.after.within(window.intersect(Span::new(ERA.end, i64::MAX)));
        before.union(&self.era.within(window)).union(&after)
    }
}

fn clamp(at: i64) -> i64 {
    at.clamp(-LIMIT, LIMIT)
}
