//! Availability, step by step: what each second or minute of a service is.

use super::ground::Ground;
use super::services::{Formula, Settings, Subject, Work};

/// The state of one service at each step up to as-of, whatever its hours: what its rows say.
#[derive(Clone, Debug)]
pub struct State {
    /// Thousandths of the service that are lost, by outages and by work that is no agreed maintenance.
    pub lost: Vec<i64>,
    pub known: Vec<bool>,
    /// Instants of outages without length.
    pub events: Vec<i64>,
}

impl State {
    /// What of it lies within the life of the service.
    pub fn within_life(&self, subject: &Subject, ground: &Ground) -> Self {
        let mut state = self.clone();
        for step in (0..ground.steps()).filter(|step| !subject.serves(ground.at(*step))) {
            (state.lost[step], state.known[step]) = (0, false);
        }
        state.events.retain(|at| subject.serves(*at));
        state
    }
}

fn each(ground: &Ground, from: i64, to: i64) -> std::ops::Range<usize> {
    let (from, to) = (ground.index(from), ground.index(to.min(ground.as_of)));
    from..to.max(from)
}

impl Work {
    /// The span in which work took place, as far as it is known.
    fn actual(&self, ground: &Ground) -> (i64, i64) {
        let Some(began) = self.began else { return (0, 0) };
        (began, self.ended.unwrap_or(ground.as_of).max(began))
    }

    fn is_backwards(&self) -> bool {
        self.planned.1 < self.planned.0 || self.began.zip(self.ended).is_some_and(|(began, ended)| ended < began)
    }

    fn is_announced(&self, notice: Option<i64>) -> bool {
        notice.is_none_or(|days| self.announced.is_some_and(|at| at <= self.planned.0 - days * 86_400))
    }
}

impl Subject {
    /// Steps of agreed maintenance: planned, announced in time, and worked in.
    pub fn agreed(&self, ground: &Ground) -> Vec<bool> {
        let mut agreed = vec![false; ground.steps()];
        for work in self.works.iter().filter(|work| !work.is_backwards() && work.is_announced(self.notice)) {
            let (began, ended) = work.actual(ground);
            for step in each(ground, began, ended) {
                let at = ground.at(step);
                agreed[step] |= work.planned.0 <= at && at < work.planned.1;
            }
        }
        agreed
    }

    /// What the rows of the service say of each step.
    pub fn state(&self, ground: &Ground, settings: &Settings) -> State {
        let mut state = State { lost: vec![0; ground.steps()], known: vec![false; ground.steps()], events: Vec::new() };
        for outage in self.outages.iter().filter(|outage| outage.start < ground.as_of) {
            let weight = outage.weight.unwrap_or(if outage.degraded { 500 } else { 1000 });
            let end = outage.end.unwrap_or(ground.as_of);
            if end == outage.start {
                state.events.push(end);
            }
            for step in each(ground, outage.start, end) {
                state.lost[step] = state.lost[step].max(weight);
            }
        }
        // Work beyond its own window is no maintenance, whatever another row allows.
        for work in self.works.iter().filter(|work| !work.is_backwards()) {
            let agreed = work.is_announced(self.notice);
            let (began, ended) = work.actual(ground);
            for step in each(ground, began, ended) {
                let at = ground.at(step);
                if !(agreed && work.planned.0 <= at && at < work.planned.1) {
                    state.lost[step] = 1000;
                }
            }
        }
        for (from, to) in &self.coverage {
            state.known[each(ground, *from, *to)].fill(true);
        }
        if self.declared {
            state.known[each(ground, ground.start, settings.pulled)].fill(true);
        }
        self.see_checks(ground, settings, &mut state);
        for step in 0..ground.steps() {
            state.known[step] |= state.lost[step] > 0;
        }
        state
    }

    /// Each check tells the state until the next one of its monitor, but not for longer than it may.
    fn see_checks(&self, ground: &Ground, settings: &Settings, state: &mut State) {
        for monitor in 0..3 {
            let mut down = vec![false; ground.steps()];
            let own: Vec<_> =
                self.checks.iter().filter(|check| check.monitor == monitor && check.at < ground.as_of).collect();
            for (index, check) in own.iter().enumerate() {
                let until = own.get(index + 1).map_or(i64::MAX, |next| next.at).min(check.at + settings.max_age);
                for step in each(ground, check.at, until) {
                    state.known[step] = true;
                    down[step] |= !check.up;
                }
            }
            for (from, to) in runs(&down) {
                // One that still lasts has no length yet.
                let over = ground.at(to) < ground.as_of;
                if over && settings.ignore_up_to.is_some_and(|most| (to - from) as i64 * ground.step <= most) {
                    continue;
                }
                state.lost[from..to].fill(1000);
            }
        }
    }
}

/// Steps from and to of every stretch that is true.
fn runs(steps: &[bool]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut from = None;
    for (step, is) in steps.iter().copied().chain([false]).enumerate() {
        match (from, is) {
            (None, true) => from = Some(step),
            (Some(began), false) => {
                runs.push((began, step));
                from = None;
            }
            _ => {}
        }
    }
    runs
}

/// How the state of a service that is made of others follows from theirs: `needs` of them must be up.
pub fn combined(own: &Subject, parts: &[State], needs: usize, ground: &Ground, settings: &Settings) -> State {
    let mut state = own.state(ground, settings);
    for step in 0..ground.steps() {
        let mut lost: Vec<i64> = parts.iter().map(|part| part.lost[step]).collect();
        lost.sort_unstable_by(|a, b| b.cmp(a));
        let deciding = lost[parts.len() - needs];
        state.lost[step] = state.lost[step].max(deciding);
        let parts_known = parts.iter().all(|part| part.known[step]);
        state.known[step] = (parts_known && (state.known[step] || !own.has_rows())) || state.lost[step] > 0;
    }
    // An event is no time, so that it takes as many of them as are needed to make one of the whole.
    let everything = parts.iter().flat_map(|part| part.events.iter().copied());
    let mut moments: Vec<i64> = everything.collect();
    moments.sort_unstable();
    moments.dedup();
    for moment in moments {
        let step = ground.index(moment);
        let hit = parts
            .iter()
            .filter(|part| part.events.contains(&moment) || part.lost.get(step).is_some_and(|lost| *lost > 0));
        if hit.count() > parts.len() - needs {
            state.events.push(moment);
        }
    }
    state
}

/// What the figures of a service come to; seconds, lost ones in thousandths.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    pub base: i64,
    pub lost: i64,
    pub known: i64,
    pub planned: i64,
    /// Merged outages that began in the period, and their seconds.
    pub failures: i64,
    pub failing: i64,
    pub longest: i64,
}

impl Sums {
    pub fn count(ground: &Ground, settings: &Settings, subject: &Subject, state: &State) -> Self {
        let agreed = subject.agreed(ground);
        let excluded = |at: i64| {
            let mut effective =
                subject.exclusions.iter().filter(|row| row.approved.is_some_and(|at| at < ground.as_of));
            effective.any(|row| row.from <= at && at < row.to)
        };
        let mut sums = Self::default();
        // Steps that are owed, and those of them that may be lost.
        let (mut base, mut losing) = (vec![false; ground.steps()], vec![false; ground.steps()]);
        for step in each(ground, ground.from, ground.to) {
            let at = ground.at(step);
            let open = subject.hours.as_ref().is_none_or(|hours| hours.open[step]);
            if !open || !subject.serves(at) {
                continue;
            }
            sums.planned += ground.step * i64::from(agreed[step]);
            if excluded(at) {
                continue;
            }
            if settings.formula == Formula::A1 && agreed[step] {
                continue;
            }
            base[step] = true;
            losing[step] = settings.formula != Formula::A2 || !agreed[step];
            sums.base += ground.step;
            sums.known += ground.step * i64::from(state.known[step]);
            if losing[step] {
                sums.lost += ground.step * state.lost[step];
            }
        }
        // Whether time may be lost, whatever the period: a failure begins where it first costs any.
        let costly: Vec<bool> = (0..ground.steps())
            .map(|step| {
                let at = ground.at(step);
                subject.hours.as_ref().is_none_or(|hours| hours.open[step])
                    && subject.serves(at)
                    && !excluded(at)
                    && (settings.formula == Formula::Gross || !agreed[step])
            })
            .collect();
        sums.count_failures(ground, state, &losing, &costly);
        sums
    }

    fn count_failures(&mut self, ground: &Ground, state: &State, losing: &[bool], costly: &[bool]) {
        let down: Vec<bool> = state.lost.iter().map(|lost| *lost > 0).collect();
        let merged = runs(&down);
        let began = |at: i64| ground.from <= at && at < ground.to.min(ground.as_of);
        for (from, to) in &merged {
            let seconds = ground.step * (*from..*to).filter(|step| losing[*step]).count() as i64;
            if seconds > 0 {
                self.longest = self.longest.max(seconds);
            }
            let first = (*from..*to).find(|step| costly[*step]);
            if first.is_some_and(|step| began(ground.at(step))) {
                self.failures += 1;
                self.failing += seconds;
            }
        }
        let mut events = state.events.clone();
        events.sort_unstable();
        events.dedup();
        for event in events {
            let within = merged.iter().any(|(from, to)| ground.at(*from) <= event && event <= ground.at(*to));
            let owed = losing.get(ground.index(event)).is_some_and(|owed| *owed);
            if !within && began(event) && owed {
                self.failures += 1;
            }
        }
    }
}
