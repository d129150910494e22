//! Whether the parts of a config fit together: ids, names, dates, percentages, and what refers to what.
//!
//! Knows what a `config.toml` says. Must not open files.

use super::Config;
use crate::model::Agreement;
use crate::model::agreement::AgreementKind;
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong, and what to do.
pub(super) type Fault = (String, &'static str);

fn wrong(message: String, hint: &'static str) -> Result<(), Fault> {
    Err((message, hint))
}

/// Returns the first thing that does not fit.
pub(super) fn fault(config: &Config) -> Option<Fault> {
    let checks = [ids, services, agreements, resources, calendars, settings, names, overlaps];
    let found = checks.iter().find_map(|check| check(config).err());
    found.or_else(|| config.composition_fault()).or_else(|| config.chart_fault()).or_else(|| clock(config).err())
}

fn ids(config: &Config) -> Result<(), Fault> {
    for (what, ids) in [
        ("service", config.services.iter().map(|s| &s.id).collect::<Vec<_>>()),
        ("service_group", config.groups.iter().map(|g| &g.id).collect()),
        ("customer", config.customers.iter().map(|c| &c.id).collect()),
        ("agreement", config.agreements.iter().map(|a| &a.id).collect()),
        ("source", config.sources.iter().map(|s| &s.id).collect()),
    ] {
        let mut seen = BTreeSet::new();
        for id in ids {
            if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
                return wrong(
                    format!("the {what} id `{id}` cannot be used"),
                    "use letters, digits, dot, dash and underscore; put the name into `name`",
                );
            }
            if !seen.insert(id) {
                return wrong(format!("two {what} entries have the id `{id}`"), "give each its own id");
            }
        }
    }
    Ok(())
}

fn calendar_ids(config: &Config) -> BTreeSet<&str> {
    config.calendars.iter().map(|c| c.id.as_str()).chain(["24x7"]).collect()
}

fn services(config: &Config) -> Result<(), Fault> {
    let calendars = calendar_ids(config);
    for service in &config.services {
        if let Some(calendar) = &service.calendar
            && !calendars.contains(calendar.as_str())
        {
            return wrong(
                format!("service `{}` names the calendar `{calendar}`, which is not there", service.id),
                "add a [[calendar]] with that id, or use `24x7`",
            );
        }
    }
    Ok(())
}

fn agreements(config: &Config) -> Result<(), Fault> {
    let calendars = calendar_ids(config);
    let services: BTreeSet<&str> = config.services.iter().map(|s| s.id.as_str()).collect();
    let customers: BTreeSet<&str> = config.customers.iter().map(|c| c.id.as_str()).collect();
    for agreement in &config.agreements {
        if !services.contains(agreement.service.as_str()) {
            return wrong(
                format!("agreement `{}` names the service `{}`, which is not there", agreement.id, agreement.service),
                "add a [[service]] with that id",
            );
        }
        if let Some(customer) = &agreement.customer
            && !customers.contains(customer.as_str())
        {
            return wrong(
                format!("agreement `{}` names the customer `{customer}`, which is not there", agreement.id),
                "add a [[customer]] with that id",
            );
        }
        if let Some(calendar) = &agreement.calendar
            && !calendars.contains(calendar.as_str())
        {
            return wrong(
                format!("agreement `{}` names the calendar `{calendar}`, which is not there", agreement.id),
                "add a [[calendar]] with that id, or use `24x7`",
            );
        }
        promise(agreement)?;
        if agreement.valid_to.is_some_and(|to| to <= agreement.valid_from) {
            return wrong(
                format!("agreement `{}` ends before it starts", agreement.id),
                "`valid_to` is the first day on which it no longer holds",
            );
        }
        for percent in
            [agreement.availability, agreement.response_target, agreement.resolution_target, agreement.satisfaction]
        {
            if percent.is_some_and(|p| !(0.0..=100.0).contains(&p)) {
                return wrong(
                    format!("agreement `{}` has a target outside 0 to 100 percent", agreement.id),
                    "write 99.9 for 99.9 %",
                );
            }
        }
    }
    if let Some(agreement) = config.agreements.iter().find(|a| a.maintenance_notice_days.is_some_and(|days| days < 0)) {
        return wrong(format!("agreement `{}` has a negative notice", agreement.id), "write the days before the start");
    }
    Ok(())
}

fn resources(config: &Config) -> Result<(), Fault> {
    let services: BTreeSet<&str> = config.services.iter().map(|s| s.id.as_str()).collect();
    for resource in &config.resources {
        if !services.contains(resource.service.as_str()) {
            return wrong(
                format!("resource `{}` names the service `{}`, which is not there", resource.id, resource.service),
                "add a [[service]] with that id",
            );
        }
    }
    if let Some(resource) = config.resources.iter().find(|resource| !resource.threshold.is_finite()) {
        return wrong(format!("the threshold of resource `{}` is no number", resource.id), "write it as 85.0");
    }
    if let Some(resource) = config.resources.iter().find(|resource| !(2..=45).contains(&resource.season_days)) {
        // Two seasons must fit into the 90 days that a forecast looks back.
        return wrong(
            format!(
                "resource `{}` has a season of {} days; a forecast looks back 90 days and needs two seasons",
                resource.id, resource.season_days
            ),
            "write `season_days` from 2 to 45; 7 is a week",
        );
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = config.resources.iter().find(|r| !seen.insert((r.id.as_str(), r.metric.as_str()))) {
        let message = format!("resource `{}` with metric `{}` stands twice", twice.id, twice.metric);
        return wrong(message, "keep one of them");
    }
    Ok(())
}

fn calendars(config: &Config) -> Result<(), Fault> {
    for calendar in &config.calendars {
        if let Err(message) = crate::calendar::check(calendar) {
            return wrong(
                format!("calendar `{}`: {message}", calendar.id),
                "write hours as `mon = [\"08:00-18:00\"]`; `00:00-24:00` is the whole day",
            );
        }
    }
    Ok(())
}

fn settings(config: &Config) -> Result<(), Fault> {
    let figures = &config.figures;
    for (key, percent) in [
        ("coverage_limit", figures.coverage_limit),
        ("risk_at", figures.risk_at),
        ("satisfied_from", figures.satisfied_from),
    ] {
        if !(0.0..=100.0).contains(&percent) || (percent > 0.0 && percent < 1.0) {
            return wrong(
                format!("`{key}` is {percent}, which is no percentage"),
                "write 95.0 for 95 %, from 1 to 100, or 0",
            );
        }
    }
    for (key, days) in
        [("effect_days", figures.effect_days), ("test_after_change_days", figures.test_after_change_days)]
    {
        if days > 366 {
            return wrong(format!("`{key}` is {days} days"), "write days, from 0 to 366");
        }
    }
    if figures.major_risks.iter().any(|risk| risk.trim().is_empty()) {
        return wrong(
            "`major_risks` holds an empty word".into(),
            "name the risk classes of major changes, or write [] where no change calls for a continuity test",
        );
    }
    if !(1..=366).contains(&figures.reopen_days) {
        return wrong(
            format!("`reopen_days` is {}, which is no number of days from 1 to 366", figures.reopen_days),
            "write the days of 24 hours within which a reopening counts against a finish, as `reopen_days = 7`",
        );
    }
    if figures.first_fix_groups.iter().any(|group| group.trim().is_empty()) {
        return wrong(
            "`first_fix_groups` holds an empty name".into(),
            "name the groups as the tickets do, or leave the key out",
        );
    }
    Ok(())
}

/// Names, ids and aliases are matched without case: one word must not stand for two things.
fn names(config: &Config) -> Result<(), Fault> {
    let services = config.services.iter().map(|s| ("service", &s.id, &s.name, &s.aliases));
    let customers = config.customers.iter().map(|c| ("customer", &c.id, &c.name, &c.aliases));
    let mut owners: BTreeMap<(&str, String), &str> = BTreeMap::new();
    for (what, id, name, aliases) in services.chain(customers) {
        for word in [id, name].into_iter().chain(aliases) {
            let owner = owners.entry((what, word.trim().to_lowercase())).or_insert(id);
            if *owner != id {
                return wrong(
                    format!("`{word}` names two: {what} `{owner}` and {what} `{id}`"),
                    "take the name or alias from one of them; case does not count",
                );
            }
        }
    }
    Ok(())
}

/// One service and customer has one agreement of a kind at a time.
fn overlaps(config: &Config) -> Result<(), Fault> {
    let mut held: Vec<&Agreement> = Vec::new();
    for agreement in &config.agreements {
        let same = held.iter().find(|other| {
            let binds = |a: &Agreement| [&a.group, &a.supplier].map(|name| name.as_deref().map(folded));
            other.kind == agreement.kind
                && binds(other) == binds(agreement)
                && other.service == agreement.service
                && other.customer == agreement.customer
                && other.valid_to.is_none_or(|to| agreement.valid_from < to)
                && agreement.valid_to.is_none_or(|to| other.valid_from < to)
        });
        if let Some(other) = same {
            return wrong(
                format!(
                    "agreements `{}` and `{}` hold for the same service and customer at once",
                    other.id, agreement.id
                ),
                "end one with `valid_to`, the first day on which it no longer holds",
            );
        }
        held.push(agreement);
    }
    Ok(())
}

fn clock(config: &Config) -> Result<(), Fault> {
    if config.book.clock.is_some() && !config.book.sample {
        return wrong(
            "`clock` is pinned".into(),
            "only the demo book has a pinned clock; use `--as-of` to look at another time",
        );
    }
    Ok(())
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Checks whom an agreement binds and what its clocks wait for; what is wrong, and what to do.
fn promise(agreement: &Agreement) -> Result<(), Fault> {
    let (id, kind) = (&agreement.id, agreement.kind.word());
    let named = |name: &Option<String>| name.as_ref().is_some_and(|name| !name.trim().is_empty());
    let (group, supplier) = (named(&agreement.group), named(&agreement.supplier));
    match agreement.kind {
        AgreementKind::Sla if agreement.group.is_some() || agreement.supplier.is_some() => {
            let hint = "write kind = \"ola\" for a group or kind = \"uc\" for a supplier, or take the name out";
            return Err((format!("agreement `{id}` is with a customer and names a group or supplier"), hint));
        }
        AgreementKind::Ola if !group => {
            let hint = "write the group as the tickets name it: group = \"Network\"";
            return Err((format!("agreement `{id}` of kind ola names no group"), hint));
        }
        AgreementKind::Ola if agreement.supplier.is_some() => {
            return Err((
                format!("agreement `{id}` of kind ola names a supplier"),
                "a supplier is bound by kind = \"uc\"",
            ));
        }
        AgreementKind::Uc if !group && !supplier => {
            let hint = "write the supplier, or the group that stands for it, as the tickets name it";
            return Err((format!("agreement `{id}` of kind uc names neither supplier nor group"), hint));
        }
        _ => {}
    }
    if !agreement.is_sla() {
        let unused = [
            ("availability", agreement.availability.is_some()),
            ("maintenance_notice_days", agreement.maintenance_notice_days.is_some()),
            ("response", !agreement.response.is_empty()),
            ("response_target", agreement.response_target.is_some()),
            ("workload", !agreement.workload.is_empty()),
            ("satisfaction", agreement.satisfaction.is_some()),
        ];
        if let Some((key, _)) = unused.iter().find(|(_, there)| *there) {
            let hint = "only resolution goals are judged for ola and uc; put the rest into the sla that they support";
            return Err((format!("agreement `{id}` of kind {kind} has `{key}`, which nothing judges"), hint));
        }
    }
    let clock = &agreement.clock;
    for (key, condition) in
        [("start", &clock.start), ("pause", &clock.pause), ("stop", &clock.stop), ("cancel", &clock.cancel)]
    {
        if condition.as_ref().is_some_and(|condition| condition.status.is_empty() && condition.group.is_empty()) {
            let hint = "name a status or a group, as status = [\"pending\"], or leave the key out";
            return Err((format!("`{key}` in the clock of agreement `{id}` names neither status nor group"), hint));
        }
    }
    Ok(())
}
