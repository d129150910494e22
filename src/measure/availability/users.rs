//! Availability as its users had it: outages weighed by the users they affect (`domain.md` §4.1, user-weighted).

use super::composite::Landscape;
use super::service::{Grounded, Said, Value};
use super::{MILLI, Measure};
use crate::calendar::Weights;
use crate::measure::{Context, Depth};
use crate::model::catalogue::PartialService;
use crate::model::figure::{Missing, MissingKind};

/// Milliseconds in a minute.
const MINUTE: i128 = 60_000;

/// Time of users that was lost.
pub struct Lost {
    entitled: i64,
    /// Milliseconds × thousandths of users.
    time: i128,
    /// Whether outages overlap, so that some users may be counted in none or in both.
    estimate: bool,
}

/// Adds up the users' time that a subject's outages cost.
pub fn lost(context: &Context<'_>, landscape: &Landscape<'_>, measure: &Measure<'_>) -> Result<Lost, Missing> {
    let subject = measure.subject;
    let entitled = match subject.service.users_entitled {
        None => return Err(Missing::new(MissingKind::NotConfigured, "`users_entitled` of the service is not given")),
        Some(0) => return Err(Missing::new(MissingKind::NotApplicable, "no user is entitled to the service")),
        Some(entitled) => i64::try_from(entitled).unwrap_or(i64::MAX / MILLI).min(i64::MAX / MILLI),
    };
    if context.depth == Depth::Trend {
        return Err(Missing::new(MissingKind::NoData, "not computed for trends"));
    }
    let weigh = |outage: &crate::measure::outages::Outage| match outage.users_affected {
        Some(users) => users.clamp(0, entitled) * MILLI,
        None => entitled * outage.weight,
    };
    let (id, notice) = (subject.service.id.as_str(), Some(subject.notice));
    let mut course: Weights = landscape.course_by(id, notice, entitled * MILLI, &weigh);
    if context.catalogue.settings.partial == PartialService::WholePeriod {
        course = course.clip(subject.life);
    }
    let estimate = subject.window.is_some_and(|window| landscape.overlap_within(id, notice, window));
    Ok(Lost { entitled, time: course.within(&measure.answer.down_spans), estimate })
}

/// Returns the value of a measure of users' time.
pub fn value_of(id: &str, known: &Grounded<'_, '_>, lost: &Result<Lost, Missing>) -> (Value, Said) {
    let mut said = Said::default();
    let lost = match lost {
        Ok(lost) => lost,
        Err(missing) => {
            let nothing_owed = known.missing.filter(|missing| missing.kind == MissingKind::NotApplicable);
            return (Err(nothing_owed.unwrap_or(missing).clone()), said);
        }
    };
    said.parameters.push(("users_entitled".into(), lost.entitled.to_string()));
    if lost.estimate {
        let how = "overlapping outages count by the greatest number of users";
        said.parameters.push(("estimate".into(), how.into()));
    }
    let owed = i128::from(known.measure.answer.base) * i128::from(lost.entitled);
    let thousand = i128::from(MILLI);
    if id == "availability.lost_user_minutes" {
        return (known.value((lost.time / (thousand * MINUTE)) as f64), said);
    }
    let had = owed * thousand - lost.time;
    let whole = |product: i128| i64::try_from(product).unwrap_or(i64::MAX);
    said.ratio = Some((whole(had / thousand), whole(owed)));
    (known.value(100.0 * had as f64 / (owed * thousand).max(1) as f64), said)
}
