//! The availability measures of the catalogue.

use crate::measure::definition::{Better, Definition};
use crate::model::clause::Clause;
use crate::model::figure::Unit;

const AVAILABILITY: &[Clause] = &[Clause::Availability, Clause::ServiceLevel];

/// Returns the availability measures, in the order of the catalogue.
pub fn definitions() -> Vec<Definition> {
    let entry =
        |id, title, unit, formula| Definition::count(id, title, formula).in_unit(unit).for_clauses(AVAILABILITY);
    let seconds = |id, title, formula| entry(id, title, Unit::Seconds, formula);
    let percent = |id, title, formula| entry(id, title, Unit::Percent, formula).better(Better::Higher);
    vec![
        percent(
            "availability.percent",
            "Availability",
            "(base − down) ÷ base; A1: base = service hours without exclusions and agreed maintenance, down = outages within it, united, degraded ones by the greatest weight at each second; of a service made of others the weight of the component that decides at each second, each from its own go-live to its retirement, or of an outage of its own where that is greater",
        )
        .with_trend(),
        percent(
            "availability.pooled",
            "Availability, pooled",
            "Σ (base − down) ÷ Σ base of the services with a value",
        )
        .with_trend(),
        percent("availability.worst", "Availability, worst service", "the lowest availability of the services with a value"),
        percent(
            "availability.user_weighted",
            "Availability, weighted by users",
            "1 − lost ÷ (base × entitled users); lost = at each instant the greatest number of users that one outage affects, at most those entitled, or entitled users × weight where no number is known",
        ),
        percent(
            "availability.reported",
            "Availability reported by tools",
            "Σ up ÷ Σ (up + down) of the tool's totals that lie wholly within the period and start no sooner than the one before has ended; of totals that are percentages only, their mean weighted by (to − from − excluded)",
        ),
        seconds("availability.downtime", "Unplanned downtime", "weighted seconds down within the base, rounded down")
            .better(Better::Lower)
            .with_trend(),
        entry(
            "availability.lost_user_minutes",
            "Lost user minutes",
            Unit::Own("user min".into()),
            "Σ length × the greatest number of users that one outage affects, within the base, rounded down",
        )
        .better(Better::Lower),
        seconds("availability.planned", "Agreed maintenance", "planned window ∩ actual work ∩ service hours, announced in time"),
        seconds(
            "availability.excluded",
            "Left out by decision",
            "service hours within the exclusions of the service that were approved before as-of",
        ),
        percent("availability.coverage", "Coverage", "known part of the base ÷ base; of a service made of others the time is known in which each of them is, or in which it is down"),
        Definition::count(
            "availability.outages",
            "Outages",
            "merged outages that began in the period, or have no length and lie in its base; an outage begins where it first lies in service hours outside agreed maintenance and exclusions (of the gross rule, outside exclusions), over hours that the period does not cut",
        )
        .in_unit(Unit::Count)
        .for_clauses(AVAILABILITY)
        .better(Better::Lower),
        seconds(
            "availability.mtrs",
            "Mean time to restore service",
            "seconds in the base of outages that began in the period ÷ their number",
        )
        .better(Better::Lower),
        seconds("availability.mtrs.median", "Time to restore service, median", "median of the seconds in the base of outages that began in the period")
            .better(Better::Lower),
        seconds("availability.mtrs.p90", "Time to restore service, 90th percentile", "90th percentile (linear) of the seconds in the base of outages that began in the period")
            .better(Better::Lower),
        seconds("availability.mtbf", "Mean time between failures", "(base − down) ÷ outages that began in the period")
            .better(Better::Higher),
        seconds(
            "availability.mtbf.median",
            "Time between failures, median",
            "median of the base time from the end of an outage to the beginning of the next; both touch the base of the period, and the next began in it",
        )
        .better(Better::Higher),
        seconds(
            "availability.mtbf.p90",
            "Time between failures, 90th percentile",
            "90th percentile (linear) of the base time from the end of an outage to the beginning of the next; both touch the base of the period, and the next began in it",
        )
        .better(Better::Higher),
        seconds("availability.mtbsi", "Mean time between service incidents", "base ÷ outages that began in the period")
            .better(Better::Higher),
        seconds(
            "availability.mtta",
            "Mean time to acknowledge",
            "mean of acknowledged − start, by the wall clock, of outage rows that count or have no length, began in the period and were acknowledged before as-of",
        )
        .better(Better::Lower),
        seconds("availability.mtta.median", "Time to acknowledge, median", "median of acknowledged − start of the same rows as the mean")
            .better(Better::Lower),
        seconds("availability.mtta.p90", "Time to acknowledge, 90th percentile", "90th percentile (linear) of acknowledged − start of the same rows as the mean")
            .better(Better::Lower),
        seconds("availability.longest", "Longest outage", "the longest merged outage, its seconds in the base of the period")
            .better(Better::Lower),
        seconds(
            "availability.allowed",
            "Allowed downtime",
            "(1 − target) × base of the whole period; of the time after as-of the base is service hours without exclusions and, under A1, without maintenance that is announced in time",
        )
        .better(Better::Higher),
        seconds("availability.allowed_left", "Allowed downtime left", "(1 − target) × base of the whole period − down; negative where it is used up")
            .better(Better::Higher),
        entry("availability.budget_used", "Allowed downtime used", Unit::Percent, "down ÷ ((1 − target) × base of the whole period)")
            .better(Better::Lower),
        entry("availability.burn_rate", "Burn rate", Unit::Ratio, "(down ÷ base so far) ÷ (1 − target); above 1 the allowed downtime is used up before the period is over")
            .better(Better::Lower),
    ]
}
