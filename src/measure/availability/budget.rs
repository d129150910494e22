//! The downtime that a target allows (`domain.md` §4.1 and §4.8): how much, how much is left, how fast it is used up.

use super::service::{Grounded, Said, Value};
use super::{MILLI, Measure};
use crate::calendar::Span;
use crate::measure::Context;
use crate::model::catalogue::AvailabilityRule;
use crate::model::figure::{Missing, MissingKind};

/// Millionths in a whole: targets count in millionths, so that one division is enough.
const WHOLE: i64 = 1_000_000;

/// Returns the value of a measure of the allowed downtime.
pub fn value_of(context: &Context<'_>, id: &str, known: &Grounded<'_, '_>) -> (Value, Said) {
    let measure = known.measure;
    let subject = measure.subject;
    let whole = whole_base(context, measure);
    let mut said = Said::default();
    let Some((_, target)) = subject.target else {
        let text = if subject.judged_in.is_empty() {
            "no agreement gives an availability target".to_owned()
        } else {
            format!("the target changed within the period; it is judged in {}", subject.judged_in.join(", "))
        };
        let nothing_owed = known.missing.filter(|missing| missing.kind == MissingKind::NotApplicable);
        let missing = nothing_owed.cloned().unwrap_or_else(|| Missing::new(MissingKind::NotConfigured, text));
        return (Err(missing), said);
    };
    #[expect(clippy::cast_possible_truncation, reason = "a target lies within 0 to 100")]
    let share = ((100.0 - target) * 10_000.0).round_ties_even() as i64;
    said.parameters.push(("target".into(), format!("{target} %")));
    said.parameters.push(("base_of_the_period".into(), format!("{} s", whole.div_euclid(MILLI))));
    // Thousandths of a millisecond times a thousand: millisecond × millionth.
    let allowed = i128::from(whole) * i128::from(share);
    let down = i128::from(measure.answer.down) * i128::from(MILLI);
    let in_seconds = |product: i128| product as f64 / (MILLI * WHOLE) as f64;
    let nothing_allowed = || match measure.answer.down {
        0 => known.without(MissingKind::NotApplicable, "the target allows no downtime, and there was none"),
        _ => known.without(MissingKind::Undefined, "the target allows no downtime, and there was some"),
    };
    let value = match id {
        // Of a period that has not begun nothing is claimed.
        "availability.allowed" if whole == 0 || measure.answer.window.is_none() => {
            known.without(MissingKind::NotApplicable, "no service hours are owed in the period")
        }
        "availability.allowed" => Ok(in_seconds(allowed)),
        "availability.allowed_left" => known.value(in_seconds(allowed - down)),
        "availability.budget_used" if allowed == 0 => nothing_allowed(),
        "availability.budget_used" => {
            let milliseconds = |product: i128| i64::try_from(product / i128::from(WHOLE)).unwrap_or(i64::MAX);
            said.ratio = Some((milliseconds(down), milliseconds(allowed)));
            known.value(100.0 * down as f64 / allowed as f64)
        }
        _ if share == 0 => nothing_allowed(),
        _ => {
            let so_far = i128::from(measure.answer.base) * i128::from(share);
            known.value(down as f64 / so_far.max(1) as f64)
        }
    };
    (value, said)
}

/// Returns the base of the whole period: what has been owed up to as-of, and what is still owed after it.
fn whole_base(context: &Context<'_>, measure: &Measure<'_>) -> i64 {
    let as_of = context.window.as_of.saturating_mul(MILLI);
    let ahead = measure.subject.whole.map_or(0, |whole| {
        let after = Span { start: whole.start.max(as_of), end: whole.end };
        let owed = measure.ground.hours.clip(after).subtract(&measure.ground.excluded);
        match measure.subject.rule {
            AvailabilityRule::A1 => owed.subtract(&measure.ahead).total(),
            AvailabilityRule::A2 | AvailabilityRule::Gross => owed.total(),
        }
    });
    measure.answer.base + ahead
}
