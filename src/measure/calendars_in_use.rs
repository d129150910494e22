//! The calendars behind figures: which files of holidays they were made with, and what in them a reader must know.
//!
//! Knows catalogue and calendars. Must not know rows.

use super::Context;
use crate::model::catalogue::CalendarRule;
use crate::model::{Agreement, Finding, Scope, Service, Severity};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What a calendar without hours takes away.
const OWED: [&str; 3] = ["availability.percent", "sla.resolution", "sla.response"];

/// Returns what the basis of a figure of ticket clocks says of holidays: each calendar in which a clock of the scope may
/// have run, with its files. `None` where none was made with a file.
pub fn holidays_of_clocks(context: &Context<'_>, scope: &Scope) -> Option<String> {
    if !context.calendars.have_holiday_files() {
        return None;
    }
    let services = context.catalogue.services.iter().filter(|s| scope.service.as_ref().is_none_or(|id| *id == s.id));
    // A clock may have started under an agreement that is over by now.
    let agreements = context.catalogue.agreements.iter().filter(|agreement| {
        scope.service.as_ref().is_none_or(|id| *id == agreement.service)
            && (scope.customer.is_none() || agreement.customer.is_none() || agreement.customer == scope.customer)
    });
    let named = services.map(|s| s.calendar.as_deref()).chain(agreements.map(|a| a.calendar.as_deref()));
    let used: BTreeSet<usize> = named.map(|id| context.calendars.index(id)).collect();
    let said: Vec<String> = used
        .into_iter()
        .filter_map(|index| {
            let files = context.calendars.holiday_files(index)?;
            Some(format!("{}: {files}", context.calendars.name(index)))
        })
        .collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// Returns findings of calendars that never open, one for each service and agreement of the period that uses one, and
/// of overrides on dates on which their rule does not hold.
pub fn findings(context: &Context<'_>) -> Vec<Finding> {
    let services = context.catalogue.services.iter().filter(|service| serves(context, service));
    let agreements = context.catalogue.agreements.iter().filter(|agreement| holds(context, agreement));
    let of_services = services.filter_map(|service| {
        let also = "; nor do agreements for it without a calendar of their own";
        without_hours(context, "service", &service.id, service.calendar.as_deref(), also)
    });
    let of_agreements = agreements
        .filter_map(|agreement| without_hours(context, "agreement", &agreement.id, agreement.calendar.as_deref(), ""));
    let idle = context.catalogue.calendars.iter().filter_map(|rule| idle_overrides(context, rule));
    of_services.chain(of_agreements).chain(idle).collect()
}

fn without_hours(context: &Context<'_>, what: &str, id: &str, calendar: Option<&str>, also: &str) -> Option<Finding> {
    let calendar = calendar.filter(|id| context.calendars.never_opens(context.calendars.index(Some(id))))?;
    Some(Finding {
        id: format!("calendar_without_hours.{what}.{id}"),
        kind: "calendar_without_hours".into(),
        severity: Severity::Warning,
        count: 1,
        figures: OWED.map(str::to_owned).to_vec(),
        table: String::new(),
        filter: String::new(),
        text: format!(
            "{what} `{id}` uses the calendar `{calendar}`, which has no hours on any day: its clocks never run, nothing is ever due and no availability is owed{also}. Write the hours into its [[calendar]], or name another calendar."
        ),
    })
}

fn idle_overrides(context: &Context<'_>, rule: &CalendarRule) -> Option<Finding> {
    let from = |rule: &CalendarRule| rule.valid_from.map_or(NaiveDate::MIN, |date| date.0);
    let others = context.catalogue.calendars.iter().filter(|other| other.id == rule.id);
    let until = others.map(from).filter(|other| *other > from(rule)).min();
    let dates = rule.overrides.iter().map(|day| day.date.0);
    let idle: Vec<String> = dates
        .filter(|date| *date < from(rule) || until.is_some_and(|until| *date >= until))
        .map(|date| date.to_string())
        .collect();
    if idle.is_empty() {
        return None;
    }
    let began = rule.valid_from.map_or_else(|| "the beginning".to_owned(), |date| date.0.to_string());
    Some(Finding {
        id: format!("override_without_effect.{}.{}", rule.id, began.replace(' ', "_")),
        kind: "override_without_effect".into(),
        severity: Severity::Warning,
        count: u64::try_from(idle.len()).unwrap_or(0),
        figures: OWED.map(str::to_owned).to_vec(),
        table: String::new(),
        filter: String::new(),
        text: format!(
            "calendar `{}`, the rule from {began} on: its overrides of {} have no effect, for the rule does not hold on these dates. Move them to the rule that does.",
            rule.id,
            idle.join(", ")
        ),
    })
}

/// Tells whether a service is in service at some time of the period.
fn serves(context: &Context<'_>, service: &Service) -> bool {
    let zone = context.catalogue.zone;
    let at = |moment: crate::model::date::Moment| moment.instant(zone).timestamp();
    service.go_live.is_none_or(|live| at(live) < context.window.end)
        && service.retired.is_none_or(|retired| at(retired) > context.window.start)
}

/// Tells whether an agreement holds at some time of the period.
fn holds(context: &Context<'_>, agreement: &Agreement) -> bool {
    let zone = context.catalogue.zone;
    let at = |date: NaiveDate| crate::model::period::midnight(date, zone).timestamp();
    at(agreement.valid_from.0) < context.window.end
        && agreement.valid_to.is_none_or(|to| at(to.0) > context.window.start)
}
