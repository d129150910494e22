//! Forecasts of a resource as figures: when it reaches its threshold, and how well the period was forecast.
//!
//! Knows which days a figure stands on, and the rows behind them. Must not know how a forecast is fitted, or whether its
//! days are made of readings or of windows.

use super::{NO_LIMIT, NO_READING_HAS_A_LIMIT, Spans, Subject, definitions, not_configured};
use crate::measure::capacity_forecast::{Outlook, Score, date, days_since, number};
use crate::measure::capacity_rows::{Day, Sums, Total};
use crate::measure::capacity_windows::{self, For, Judged};
use crate::measure::definition::Definition;
use crate::measure::verdict;
use crate::model::figure::{Comparator, Figure, LeftOut, Missing, MissingKind, Rows, Target, Unit};
use crate::model::{Table, Verdict};
use chrono::DateTime;
use std::collections::BTreeMap;

/// What a resource has in a span of time.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Its days.
    pub days: Vec<Day>,
    /// Rows that its days are made of.
    pub used: i64,
    /// Rows that cannot be used, by reason.
    pub unused: Vec<(&'static str, i64)>,
}

impl Held {
    pub fn of_total(total: &Total) -> Self {
        let without = total.rows - total.n;
        let unused = (without > 0).then_some((NO_LIMIT, without));
        Self { days: Vec::new(), used: total.n, unused: unused.into_iter().collect() }
    }

    pub fn of_readings(sums: &Sums, series: u32, span: (i64, i64)) -> Self {
        Self { days: sums.days(series, span), ..Self::of_total(&sums.total(series, span)) }
    }

    pub fn of_windows(judged: &Judged, series: u32, span: (i64, i64)) -> Self {
        let pieces = judged.within(series, span);
        let mut unused: BTreeMap<&'static str, i64> = BTreeMap::new();
        for reason in pieces.iter().filter_map(|piece| piece.left_out(For::Day)) {
            *unused.entry(reason).or_default() += 1;
        }
        let days = capacity_windows::days(&pieces);
        Self { used: days.iter().map(|day| day.rows).sum(), days, unused: unused.into_iter().collect() }
    }

    fn is_useless(&self) -> bool {
        self.used == 0 && !self.unused.is_empty()
    }
}

impl Subject<'_> {
    /// Says why rows have no days: there are none, or none of them can be used.
    fn no_days(&self, held: &Held) -> Missing {
        let said = match (self.table, held.unused.iter().max_by_key(|(_, count)| *count)) {
            (Table::Readings, Some(_)) => NO_READING_HAS_A_LIMIT.into(),
            (Table::Readings, None) => "no readings in the period".into(),
            (_, Some((reason, _))) => format!("no window of readings gives a daily mean: {reason}"),
            (_, None) => "no windows of readings in the period".into(),
        };
        Missing::new(MissingKind::NoData, said)
    }

    /// `period` is what the period has; the others are the days of it that are over, those before as-of and those before
    /// the period.
    pub(super) fn of_forecasts(&self, period: &Held, [over, recent, before]: &[Held; 3], spans: Spans) -> Vec<Figure> {
        let score = self.rule.map(|rule| {
            let outlook = Outlook::new(&before.days, rule, self.last_day(spans.before.1));
            (outlook.score(&over.days), outlook.parameters(rule))
        });
        let mut made = Vec::new();
        for definition in definitions() {
            if definition.id == "capacity.days_to_threshold" {
                made.push(self.days_to_threshold(&definition, recent, spans.today));
            } else if let Some((score, parameters)) = &score {
                made.extend(self.scored(&definition, (score, parameters), period, (spans.today, over)));
            }
        }
        made
    }

    /// Returns the number of the local day that holds the last second before an instant.
    pub(super) fn last_day(&self, before: i64) -> i32 {
        let last = DateTime::from_timestamp(before - 1, 0).unwrap_or_default();
        number(last.with_timezone(&self.context.catalogue.zone).date_naive())
    }

    fn days_to_threshold(&self, definition: &Definition, held: &Held, today: i32) -> Figure {
        let days = held.days.as_slice();
        let (value, interval, used, first, parameters, mut left_out) = match self.rule {
            None => (Err(not_configured()), None, days, None, Vec::new(), Vec::new()),
            Some(rule) => {
                let outlook = Outlook::new(days, rule, self.last_day(self.context.window.as_of));
                let (value, interval) = if days.is_empty() && held.is_useless() {
                    (Err(self.no_days(held)), None)
                } else {
                    outlook.days_from(rule.threshold, days, today)
                };
                let left_out = self.before(days, &outlook);
                // Days since a step after the last reading are none: nothing is left of the window then.
                let first = outlook.first().or(outlook.step.map(|step| step.day));
                let mut parameters = outlook.parameters(rule);
                let since = days_since(days, today);
                parameters.extend((since > 0).then(|| ("days_since_readings".to_owned(), format!("{since} d"))));
                (value, interval, outlook.used(), first, parameters, left_out)
            }
        };
        let mut figure = self.figure(definition, definition.unit.clone(), value);
        figure.interval = interval;
        figure.n = used.len() as u64;
        figure.basis.parameters.extend(parameters);
        let from = first.filter(|_| used.len() < days.len());
        let from = from.map_or_else(String::new, |first| format!(" AND day >= {first}"));
        let filter = format!("{} AND in_forecast", self.filter());
        left_out.extend(self.unused(&filter, held));
        figure.rows = Rows {
            table: self.table.name().into(),
            used: count(used),
            left_out,
            filter: format!("{filter} AND {}{from}", self.used()),
        };
        if let Some((rule, lead)) = self.rule.and_then(|r| Some((r, r.lead_time_days?))) {
            figure.target = Some(Target {
                value: lead as f64,
                comparator: Comparator::AtLeast,
                agreement: rule.id.clone(),
                effective_from: String::new(),
            });
        }
        verdict::judge(&mut figure, self.context.catalogue.settings.risk_at);
        if let (Verdict::Met, Some(value), Some(target)) = (figure.verdict, figure.number(), &figure.target)
            && value < 2.0 * target.value
        {
            figure.verdict = Verdict::AtRisk;
        }
        figure
    }

    /// Counts the readings that a forecast left out: before the last step, and before the last gap.
    fn before(&self, days: &[Day], outlook: &Outlook<'_>) -> Vec<LeftOut> {
        let filter = format!("{} AND in_forecast AND {}", self.filter(), self.used());
        let mut left_out = Vec::new();
        if let Some(step) = outlook.step {
            left_out.push(LeftOut {
                reason: format!("before the step on {}", date(step.day)),
                count: count(&days[..days.len() - outlook.since.len()]),
                filter: format!("{filter} AND day < {}", step.day),
            });
        }
        let since = outlook.step.map_or_else(String::new, |step| format!(" AND day >= {}", step.day));
        let cut = outlook.since.len() - outlook.used().len();
        if let (true, Some(first)) = (cut > 0, outlook.first()) {
            left_out.push(LeftOut {
                reason: "before the last day without readings".into(),
                count: count(&outlook.since[..cut]),
                filter: format!("{filter}{since} AND day < {first}"),
            });
        }
        left_out.retain(|left| left.count > 0);
        left_out
    }

    /// `today` is the local day of as-of, and `over` what the period has before it.
    fn scored(
        &self,
        definition: &Definition,
        (score, parameters): (&Score, &[(String, String)]),
        period: &Held,
        (today, over): (i32, &Held),
    ) -> Option<Figure> {
        let (unit, value, days) = match definition.id {
            "capacity.forecast_error" => (Unit::Percent, &score.error.0, score.error.1),
            "capacity.forecast_bias" => (self.unit(), &score.bias, score.days),
            "capacity.forecast_mase" => (Unit::Ratio, &score.scaled, score.days),
            _ => return None,
        };
        let value = if period.used == 0 { Err(self.no_days(period)) } else { value.clone() };
        let mut figure = self.figure(definition, unit, value);
        figure.n = days as u64;
        figure.rows = self.rows_of_period(period);
        if over.used < period.used {
            let cut = LeftOut {
                reason: "of the day that is not over".into(),
                count: u64::try_from(period.used - over.used).unwrap_or(0),
                filter: format!("{} AND day >= {today}", figure.rows.filter),
            };
            figure.rows.left_out.push(cut);
            figure.rows.used = u64::try_from(over.used).unwrap_or(0);
            figure.rows.filter = format!("{} AND day < {today}", figure.rows.filter);
        }
        figure.basis.parameters.extend_from_slice(parameters);
        Some(figure)
    }
}

fn count(days: &[Day]) -> u64 {
    u64::try_from(days.iter().map(|day| day.rows).sum::<i64>()).unwrap_or(0)
}
