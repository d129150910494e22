//! Services with registers of outages, maintenance, checks and coverage: how they are drawn and written into a book.

use super::ground::{Ground, Hours, text};
use super::judged::service;
use super::rows::{Cell, Tables, at, row, words};
use super::tape::Draw;
use servicebook::model::{Catalogue, Table};
use std::fmt::Write as _;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Formula {
    A1,
    A2,
    Gross,
}

/// What holds for every service of a book.
#[derive(Clone, Debug)]
pub struct Settings {
    pub formula: Formula,
    /// Percent.
    pub coverage_limit: i64,
    /// Longest time for which a check tells the state.
    pub max_age: i64,
    /// Outages of checks that are not longer are left out.
    pub ignore_up_to: Option<i64>,
    /// When the register that is declared complete was pulled.
    pub pulled: i64,
}

impl Settings {
    pub fn draw(ground: &Ground, draw: &mut Draw<'_>) -> Self {
        Self {
            formula: draw.pick(&[Formula::A1, Formula::A2, Formula::Gross]),
            coverage_limit: draw.pick(&[0, 50, 95]),
            max_age: ground.step * draw.between(1, 400),
            ignore_up_to: if draw.one_in(2) { Some(ground.step * draw.below(200)) } else { None },
            pulled: if draw.one_in(4) { ground.instant(draw, ground.from) } else { ground.end },
        }
    }
}

#[derive(Clone, Debug)]
pub struct Outage {
    pub start: i64,
    pub end: Option<i64>,
    pub degraded: bool,
    /// Thousandths.
    pub weight: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Work {
    pub planned: (i64, i64),
    pub began: Option<i64>,
    pub ended: Option<i64>,
    pub announced: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Check {
    pub monitor: i64,
    pub at: i64,
    pub up: bool,
}

#[derive(Clone, Debug)]
pub struct Exclusion {
    pub from: i64,
    pub to: i64,
    pub approved: Option<i64>,
}

/// One service and what its registers hold.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    pub hours: Option<Hours>,
    pub go_live: Option<i64>,
    pub retired: Option<i64>,
    /// Days of 24 hours before the start of maintenance by which it must be announced; none for no notice.
    pub notice: Option<i64>,
    /// Whether the owner of the register of outages declares it complete.
    pub declared: bool,
    pub outages: Vec<Outage>,
    pub works: Vec<Work>,
    pub checks: Vec<Check>,
    pub coverage: Vec<(i64, i64)>,
    pub exclusions: Vec<Exclusion>,
}

fn span(ground: &Ground, draw: &mut Draw<'_>) -> (i64, i64) {
    let from = ground.instant(draw, ground.start);
    (from, ground.instant(draw, from))
}

impl Subject {
    /// Whether the service is in service at an instant.
    pub fn serves(&self, at: i64) -> bool {
        self.go_live.is_none_or(|from| from <= at) && self.retired.is_none_or(|to| at < to)
    }

    /// What may have rows: a service by itself, a part, or one that is made of others.
    pub fn draw(ground: &Ground, settings: &Settings, made_of_others: bool, draw: &mut Draw<'_>) -> Self {
        let mut subject = Self { hours: Some(ground.hours(draw)), ..Self::default() };
        if draw.one_in(8) {
            subject.go_live = Some(ground.instant(draw, ground.start));
        }
        if draw.one_in(8) {
            subject.retired = Some(ground.instant(draw, subject.go_live.unwrap_or(ground.start) + ground.step));
        }
        if draw.one_in(3) {
            subject.notice = Some(draw.between(1, 4));
        }
        subject.exclusions =
            (0..[0, 0, 0, 1, 2][draw.below(5) as usize]).map(|_| Exclusion::draw(ground, draw)).collect();
        subject.works =
            (0..[0, 0, 1, 2, 3][draw.below(5) as usize]).map(|_| Work::draw(ground, subject.notice, draw)).collect();
        if made_of_others && draw.below(2) == 0 {
            // Work is not a row that tells the state.
            subject.works.clear();
            return subject;
        }
        subject.outages = (0..draw.below(6)).map(|_| Outage::draw(ground, draw)).collect();
        if draw.below(4) < 3 {
            subject.coverage = vec![(ground.start, ground.end)];
        }
        if draw.one_in(3) {
            subject.coverage = (0..draw.below(4)).map(|_| span(ground, draw)).collect();
        }
        subject.declared = !made_of_others && !subject.outages.is_empty() && draw.one_in(3);
        if !made_of_others && draw.one_in(3) {
            subject.draw_checks(ground, settings, draw);
        }
        subject
    }

    fn draw_checks(&mut self, ground: &Ground, settings: &Settings, draw: &mut Draw<'_>) {
        for monitor in 0..draw.between(1, 3) {
            let mut at = ground.instant(draw, ground.start).min(ground.from);
            let mut up = true;
            for _ in 0..draw.below(24) {
                self.checks.push(Check { monitor, at, up });
                up = if draw.one_in(2) { !up } else { up };
                at += ground.step * draw.between(1, 2 + settings.max_age / ground.step * 5 / 4);
                if at >= ground.end {
                    break;
                }
            }
        }
    }

    /// Whether a register tells anything of its state.
    pub fn has_rows(&self) -> bool {
        !(self.outages.is_empty() && self.checks.is_empty() && self.coverage.is_empty())
    }

    pub fn write(&self, tables: &mut Tables, catalogue: &mut Catalogue, id: &str, more: &str) {
        let calendar = format!("hours-{id}");
        let own = self.hours.as_ref().and_then(|hours| hours.calendar(&calendar));
        let mut described = more.to_owned();
        if own.is_some() {
            let _ = writeln!(described, "calendar = \"{calendar}\"");
        }
        for (name, at) in [("go_live", self.go_live), ("retired", self.retired)] {
            if let Some(at) = at {
                let _ = writeln!(described, "{name} = {}", text(at));
            }
        }
        catalogue.services.push(service(id, &described));
        catalogue.calendars.extend(own);
        if let Some(days) = self.notice {
            let agreement = format!(
                "id = \"sla-{id}\"\nservice = \"{id}\"\nvalid_from = 1900-01-01\nmaintenance_notice_days = {days}\n"
            );
            catalogue.agreements.push(toml::from_str(&agreement).unwrap());
        }
        self.write_rows(tables, id);
    }

    fn write_rows(&self, tables: &mut Tables, id: &str) {
        let mut count = 0;
        let mut add = |table: Table, source: &str, mut cells: Vec<(&'static str, Cell)>| {
            count += 1;
            cells.extend(row([
                ("source", words(source)),
                ("source_key", words(format!("{id}-{count}"))),
                ("service", words(id)),
            ]));
            tables.add(table, cells);
        };
        for outage in &self.outages {
            let kind = if outage.degraded { "degraded" } else { "unplanned" };
            let weight = outage.weight.map(|weight| Cell::Real(weight as f64 / 1000.0));
            let cells =
                [("start", at(outage.start)), ("end", at(outage.end)), ("kind", words(kind)), ("weight", weight)];
            add(Table::Outages, if self.declared { "register" } else { "outages" }, row(cells));
        }
        for work in &self.works {
            let cells = [
                ("planned_start", at(work.planned.0)),
                ("planned_end", at(work.planned.1)),
                ("actual_start", at(work.began)),
                ("actual_end", at(work.ended)),
                ("announced_at", at(work.announced)),
            ];
            add(Table::Maintenance, "works", row(cells));
        }
        for check in &self.checks {
            let monitor = words(format!("m{}", check.monitor));
            add(
                Table::Checks,
                "probe",
                row([("monitor", monitor), ("at", at(check.at)), ("up", Some(Cell::Truth(check.up)))]),
            );
        }
        for (from, to) in &self.coverage {
            add(Table::Coverage, "coverage", row([("from", at(*from)), ("to", at(*to)), ("kind", words("measured"))]));
        }
        for exclusion in &self.exclusions {
            let cells = [
                ("figure", words("availability")),
                ("from", at(exclusion.from)),
                ("to", at(exclusion.to)),
                ("why", words("weather")),
                ("approved_at", at(exclusion.approved)),
            ];
            add(Table::Exclusions, "exclusions", row(cells));
        }
    }
}

impl Outage {
    pub fn draw(ground: &Ground, draw: &mut Draw<'_>) -> Self {
        let (start, end) = span(ground, draw);
        let end = match draw.below(10) {
            7 => None,
            8 => Some(start),
            9 => Some(start - ground.step * draw.between(1, 100)),
            _ => Some(end),
        };
        Self {
            start,
            end,
            degraded: draw.one_in(4),
            weight: if draw.one_in(4) { Some(draw.pick(&[1000, 250, 1, 333])) } else { None },
        }
    }
}

impl Exclusion {
    fn draw(ground: &Ground, draw: &mut Draw<'_>) -> Self {
        let (from, to) = span(ground, draw);
        let approved = if draw.one_in(5) { None } else { Some(ground.instant(draw, ground.start).min(ground.to)) };
        let approved = if draw.below(2) == 0 { Some(ground.start) } else { approved };
        if draw.one_in(10) { Self { from: to, to: from, approved } } else { Self { from, to, approved } }
    }
}

impl Work {
    fn draw(ground: &Ground, notice: Option<i64>, draw: &mut Draw<'_>) -> Self {
        let planned = span(ground, draw);
        let planned = if draw.one_in(12) { (planned.1, planned.0) } else { planned };
        let (began, ended) = match draw.below(6) {
            0 | 1 => planned,
            2 => (planned.0, ground.instant(draw, planned.0)),
            3 => (planned.0.saturating_sub(ground.step * 40).max(ground.start), planned.1),
            _ => span(ground, draw),
        };
        let days = notice.unwrap_or(2);
        let announced = match draw.below(4) {
            // Well before or after it would be too late: days of a notice may be counted by the wall clock.
            0 | 1 => Some(planned.0 - days * 86_400 - 2 * 3600 - draw.below(86_400)),
            2 => Some(planned.0 - days * 86_400 + 2 * 3600 + draw.below(3600)),
            _ => None,
        };
        Self {
            planned,
            began: if draw.one_in(8) { None } else { Some(began) },
            ended: if draw.one_in(10) { None } else { Some(ended) },
            announced,
        }
    }
}
