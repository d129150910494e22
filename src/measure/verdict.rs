//! How a value stands to its target. Exact values only; equal is met (rule R16).

use crate::model::figure::{Comparator, Figure, Target, Unit};
use crate::model::{Agreement, Verdict};

/// Judges a figure that has a value and a target. `risk_at` is the share, in percent, of what the target allows from
/// which a met figure is at risk.
pub fn judge(figure: &mut Figure, risk_at: f64) {
    figure.verdict = match (figure.number(), &figure.target) {
        (Some(value), Some(target)) => verdict(value, target, &figure.unit, risk_at),
        _ => Verdict::None,
    };
}

fn verdict(value: f64, target: &Target, unit: &Unit, risk_at: f64) -> Verdict {
    let met = match target.comparator {
        Comparator::AtLeast => value >= target.value,
        Comparator::AtMost => value <= target.value,
    };
    if !met {
        return Verdict::Missed;
    }
    let at_risk = match (target.comparator, unit) {
        (Comparator::AtLeast, Unit::Percent) => {
            target.value < 100.0 && (100.0 - value) * 100.0 >= risk_at * (100.0 - target.value)
        }
        (Comparator::AtMost, _) => target.value > 0.0 && value * 100.0 >= risk_at * target.value,
        // Days left against a lead time or a due date have margins of their own, judged where they are computed.
        (Comparator::AtLeast, _) => false,
    };
    if at_risk { Verdict::AtRisk } else { Verdict::Met }
}

/// Makes a target from an agreement.
pub fn target(agreement: &Agreement, value: f64, comparator: Comparator) -> Target {
    Target { value, comparator, agreement: agreement.id.clone(), effective_from: agreement.valid_from.0.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FigureId, Scope};

    fn judged(value: f64, target: f64, comparator: Comparator) -> Verdict {
        let mut figure = Figure::new(FigureId::new("x", Scope::book(), &[]), Unit::Percent, Ok(value));
        figure.target =
            Some(Target { value: target, comparator, agreement: "a".into(), effective_from: "2026-01-01".into() });
        judge(&mut figure, 80.0);
        figure.verdict
    }

    #[test]
    fn equal_is_met_and_nearly_used_up_is_at_risk() {
        assert_eq!(judged(99.899_999, 99.9, Comparator::AtLeast), Verdict::Missed);
        assert_eq!(judged(99.9, 99.9, Comparator::AtLeast), Verdict::AtRisk);
        assert_eq!(judged(99.99, 99.9, Comparator::AtLeast), Verdict::Met);
        assert_eq!(judged(100.0, 100.0, Comparator::AtLeast), Verdict::Met);
        assert_eq!(judged(101.0, 100.0, Comparator::AtMost), Verdict::Missed);
        assert_eq!(judged(85.0, 100.0, Comparator::AtMost), Verdict::AtRisk);
        assert_eq!(judged(10.0, 100.0, Comparator::AtMost), Verdict::Met);
    }
}
