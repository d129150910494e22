//! What is forecast of a resource: from which days on, when it reaches its threshold, and how good forecasts were.
//!
//! Knows daily means and what the book says of the resource. Must not know tables or figures. Steps (`domain.md` §4.7):
//! a forecast is fitted from the last day on which capacity or use changed by decision, or on which the limit changed.

use super::capacity_rows::Day;
use super::forecast::{Forecast, LEVEL, Model, Point, Reach};
use crate::model::catalogue::{ForecastMethod, Resource};
use crate::model::figure::{Interval, Missing, MissingKind};
use chrono::{Days, NaiveDate};

/// Whole local days of readings that a forecast looks back.
pub const LOOK_BACK_DAYS: u64 = 90;
/// Days without readings after which nothing is said of the days to come.
const STALE_DAYS: i32 = 14;
/// Fewest days with readings for a forecast.
const FEWEST_DAYS: usize = 14;
/// A limit that differs by more than this part of the day before has changed.
const LIMIT_CHANGE: f64 = 0.01;

/// A day from which on a forecast is fitted, as its number since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The day.
    pub day: i32,
    /// How it is known, in words.
    pub known: &'static str,
}

/// A forecast with the days that it stands on.
#[derive(Clone, Debug)]
pub struct Outlook<'a> {
    /// Days since the last step.
    pub since: &'a [Day],
    /// The last step, where days before it were left out.
    pub step: Option<Step>,
    /// The forecast, or why there is none.
    pub forecast: Result<Forecast, Missing>,
}

/// How a forecast came out, against the days that followed it.
#[derive(Clone, Debug)]
pub struct Score {
    /// Mean of |forecast − actual| ÷ |actual| in percent, and over how many days.
    pub error: (Result<f64, Missing>, usize),
    /// Mean of forecast − actual.
    pub bias: Result<f64, Missing>,
    /// Mean of |forecast − actual| by the mean change from day to day before.
    pub scaled: Result<f64, Missing>,
    /// How many days were compared.
    pub days: usize,
}

impl<'a> Outlook<'a> {
    /// Fits the resource's method to its days. `today` is the last local day that has begun when the forecast is made:
    /// decisions for later days are not known to have been carried out.
    pub fn new(days: &'a [Day], resource: &Resource, today: i32) -> Self {
        let step = last_step(days, resource, today);
        let from = step.map_or(0, |step| days.partition_point(|day| day.number < step.day));
        let since = days.get(from..).unwrap_or(&[]);
        let forecast = if since.len() < FEWEST_DAYS {
            let step = step.map_or_else(String::new, |step| format!(", since the step on {}", date(step.day)));
            let said = format!("{} of the {FEWEST_DAYS} days with readings that a forecast needs{step}", since.len());
            Err(Missing::new(MissingKind::NoData, said))
        } else {
            let points: Vec<Point> = since.iter().map(|day| (day.number, day.mean)).collect();
            Forecast::fit(&points, resource.forecast, resource.season_days)
                .ok_or_else(|| Missing::new(MissingKind::Undefined, "readings of a single day have no trend"))
        };
        Self { since, step, forecast }
    }

    /// Returns the first day that went in, where there is one.
    pub fn first(&self) -> Option<i32> {
        self.forecast.as_ref().ok().map(|forecast| forecast.first).or(self.since.first().map(|day| day.number))
    }

    /// Returns the days that went in.
    pub fn used(&self) -> &'a [Day] {
        let first = self.first().unwrap_or(i32::MAX);
        self.since.get(self.since.partition_point(|day| day.number < first)..).unwrap_or(&[])
    }

    /// Returns the days from the last one with readings until a threshold is reached, with their interval. What lies
    /// beyond is told from as-of, `since` days later.
    fn days_to(&self, threshold: f64, since: i32) -> (Result<f64, Missing>, Option<Interval>) {
        // What is over the threshold needs no forecast.
        if self.since.last().is_some_and(|day| day.mean >= threshold) {
            return (Ok(0.0), None);
        }
        let forecast = match &self.forecast {
            Ok(forecast) => forecast,
            Err(missing) => return (Err(missing.clone()), None),
        };
        let undefined = |said: String| (Err(Missing::new(MissingKind::Undefined, said)), None);
        match forecast.reach(threshold) {
            Reach::Never => undefined("not reached at the present trend".into()),
            Reach::Beyond(days) => {
                let days = (days - i64::from(since)).max(0);
                undefined(format!("more than {days} d: beyond twice the history it is fitted on"))
            }
            Reach::In(days, limits) => {
                let how = if forecast.method == "ols" { "Student's t limits" } else { "Sen's limits" };
                let method = format!("{how} of the slope");
                (Ok(days), limits.map(|(low, high)| Interval { low, high, level: LEVEL, method }))
            }
        }
    }

    /// Returns the days from as-of until a threshold is reached, with their interval. `days` are those that the forecast
    /// looked back on, `today` is the local day of as-of, which is not over.
    pub fn days_from(&self, threshold: f64, days: &[Day], today: i32) -> (Result<f64, Missing>, Option<Interval>) {
        let since = days_since(days, today);
        if let Some(last) = days.last()
            && since >= STALE_DAYS
        {
            let said =
                format!("the last reading is of {}, {since} days before; too long ago to tell", date(last.number));
            return (Err(Missing::new(MissingKind::NoData, said)), None);
        }
        let passed = |days: f64| (days - f64::from(since)).max(0.0);
        let (value, interval) = self.days_to(threshold, since);
        let interval = interval.map(|ends| Interval { low: ends.low.map(passed), high: ends.high.map(passed), ..ends });
        (value.map(passed), interval)
    }

    /// Compares the forecast with the days that followed.
    pub fn score(&self, actual: &[Day]) -> Score {
        let none = |missing: &Missing| {
            let missing = || Err(missing.clone());
            Score { error: (missing(), 0), bias: missing(), scaled: missing(), days: 0 }
        };
        let forecast = match &self.forecast {
            Ok(forecast) => forecast,
            Err(missing) => {
                let said = format!("no forecast could be made at the start of the period: {}", missing.text);
                return none(&Missing::new(MissingKind::NoData, said));
            }
        };
        if actual.is_empty() {
            return none(&Missing::new(MissingKind::NoData, "no readings in the period"));
        }
        let missed: Vec<(f64, f64)> = actual.iter().map(|day| (forecast.on(day.number) - day.mean, day.mean)).collect();
        let mean = |of: &mut dyn Iterator<Item = f64>| {
            let (sum, n) = of.fold((0.0, 0_u32), |(sum, n), value| (sum + value, n + 1));
            (n > 0).then(|| sum / f64::from(n))
        };
        let parts: Vec<f64> =
            missed.iter().filter(|(_, actual)| *actual != 0.0).map(|(off, actual)| (off / actual).abs()).collect();
        let error = mean(&mut parts.iter().copied()).map(|part| 100.0 * part);
        // A change over a gap is not that of a day.
        let used = self.used();
        let neighbours = used.windows(2).filter(|pair| pair[1].number - pair[0].number == 1);
        let change = mean(&mut neighbours.map(|pair| (pair[1].mean - pair[0].mean).abs()));
        let absolute = mean(&mut missed.iter().map(|(off, _)| off.abs()));
        let scaled =
            absolute.zip(change).filter(|(_, change)| *change > 0.0).map(|(absolute, change)| absolute / change);
        let undefined = |said: &str| Missing::new(MissingKind::Undefined, said);
        Score {
            error: (error.ok_or_else(|| undefined("every daily mean is 0")), parts.len()),
            bias: mean(&mut missed.iter().map(|(off, _)| *off)).ok_or_else(|| undefined("no days to compare")),
            scaled: scaled.ok_or_else(|| undefined("nothing changed from day to day in the fitted days")),
            days: missed.len(),
        }
    }

    /// Returns what the forecast was made with, in words.
    pub fn parameters(&self, resource: &Resource) -> Vec<(String, String)> {
        let mut said: Vec<(&str, String)> = Vec::new();
        if let Some(step) = self.step {
            said.push(("step", format!("{} ({})", date(step.day), step.known)));
        }
        if let Ok(forecast) = &self.forecast {
            said.push(("method", forecast.method.clone()));
            said.push(("fitted_from", date(forecast.first)));
            said.push(("fitted_to", date(forecast.last)));
            said.push(("fitted_days", forecast.days.to_string()));
            match &forecast.model {
                Model::Line(line) => said.push(("slope_a_day", rounded(line.slope))),
                Model::Smoothed(season) => {
                    let [level, trend, of_season] = season.weights;
                    said.push(("season", format!("{} d", resource.season_days)));
                    said.push(("weights", format!("level {level}, trend {trend}, season {of_season}")));
                    said.push(("slope_a_day", rounded(season.trend)));
                }
            }
        } else {
            said.push(("method", asked(resource.forecast).into()));
        }
        said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Returns how many whole days have passed without readings: from the last day that has some to the local day of as-of.
pub fn days_since(days: &[Day], today: i32) -> i32 {
    days.last().map_or(0, |last| (today - 1 - last.number).max(0))
}

/// Returns a local day as it is written.
pub fn date(number: i32) -> String {
    let epoch = NaiveDate::default();
    let days = Days::new(u64::from(number.unsigned_abs()));
    let day = if number < 0 { epoch.checked_sub_days(days) } else { epoch.checked_add_days(days) };
    day.unwrap_or_default().to_string()
}

/// Returns the number of a local day.
pub fn number(date: NaiveDate) -> i32 {
    i32::try_from((date - NaiveDate::default()).num_days()).unwrap_or(0)
}

fn asked(method: ForecastMethod) -> &'static str {
    match method {
        ForecastMethod::TheilSen => "theil_sen",
        ForecastMethod::Ols => "ols",
        ForecastMethod::HoltWinters => "holt_winters",
    }
}

/// Writes a slope with six digits behind the point at most.
fn rounded(slope: f64) -> String {
    let text = format!("{slope:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.to_owned() }
}

/// Returns the last step up to `today`; one that leaves no day out is none.
fn last_step(days: &[Day], resource: &Resource, today: i32) -> Option<Step> {
    let decided = resource.steps.iter().map(|step| number(step.0)).filter(|day| *day <= today).max();
    let limits: Vec<(i32, f64)> = days.iter().filter_map(|day| Some((day.number, day.limit?))).collect();
    let changed = limits.windows(2).rfind(|pair| (pair[1].1 - pair[0].1).abs() > LIMIT_CHANGE * pair[0].1.abs());
    let decided = decided.map(|day| Step { day, known: "in the book" });
    let changed = changed.map(|pair| Step { day: pair[1].0, known: "the limit changed" });
    let last = decided.into_iter().chain(changed).max_by_key(|step| step.day)?;
    days.first().is_none_or(|first| first.number < last.day).then_some(last)
}

#[cfg(test)]
mod tests;
