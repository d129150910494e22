//! Availability of several services together: pooled, and the worst of them (`domain.md` §4.1, groups; rule R17).
//!
//! Base and down are added up; percentages are never averaged.

use super::algebra::percent;
use super::outage_rows::count;
use super::{MILLI, Measure, definitions};
use crate::measure::{Context, Depth, quoted};
use crate::model::figure::{Basis, Figure, LeftOut, Missing, MissingKind, Rows};
use crate::model::{FigureId, Scope, Table};
use std::collections::{BTreeMap, BTreeSet};

/// A service as a part of a group.
pub struct Member {
    base: i64,
    down: i64,
    rows: u64,
    value: Result<f64, Missing>,
}

impl Member {
    /// Takes what a group needs of a service and of its figures.
    pub fn of(measure: &Measure<'_>, figures: &[Figure]) -> Self {
        let own = figures.iter().find(|figure| figure.id.measure == "availability.percent");
        let unknown = || Err(Missing::new(MissingKind::NoData, "its availability is not computed"));
        Self {
            base: measure.answer.base,
            down: measure.answer.down,
            rows: measure.rows.used,
            value: own.map_or_else(unknown, |figure| figure.value.clone()),
        }
    }
}

/// Computes the figures of every group, and of all services that are no part of another.
pub fn figures(context: &Context<'_>, members: &BTreeMap<&str, Member>) -> Vec<Figure> {
    let catalogue = context.catalogue;
    let parts: BTreeSet<&str> =
        catalogue.services.iter().flat_map(|service| &service.components).map(String::as_str).collect();
    let whole: Vec<&str> =
        catalogue.services.iter().map(|service| service.id.as_str()).filter(|id| !parts.contains(id)).collect();
    let mut figures = Vec::new();
    if whole.len() > 1 {
        figures.extend(of_group(context, None, &whole, members));
    }
    for group in &catalogue.groups {
        let services: Vec<&str> = group.services.iter().map(String::as_str).collect();
        figures.extend(of_group(context, Some(&group.id), &services, members));
    }
    figures
}

fn of_group(
    context: &Context<'_>,
    group: Option<&str>,
    services: &[&str],
    members: &BTreeMap<&str, Member>,
) -> Vec<Figure> {
    let of_group: Vec<(&str, &Member)> = services.iter().filter_map(|id| Some((*id, members.get(id)?))).collect();
    let (with, without): (Vec<_>, Vec<_>) = of_group.iter().copied().partition(|(_, member)| member.value.is_ok());
    let dimensions: Vec<(&str, &str)> = group.map(|id| ("group", id)).into_iter().collect();
    let mut figures = Vec::new();
    for definition in definitions() {
        if context.depth == Depth::Trend && !definition.trend {
            continue;
        }
        let mut parameters = vec![("members".to_owned(), services.join(", "))];
        let used: Vec<(&str, &Member)> = match definition.id {
            "availability.pooled" => with.clone(),
            "availability.worst" => {
                let exact = |member: &Member| member.value.as_ref().map_or(f64::INFINITY, |value| *value);
                let worst = with.iter().min_by(|(_, a), (_, b)| exact(a).total_cmp(&exact(b)));
                parameters.extend(worst.map(|(id, _)| ("worst_member".to_owned(), (*id).to_owned())));
                worst.copied().into_iter().collect()
            }
            _ => continue,
        };
        if !without.is_empty() {
            let named = without.iter().map(|(id, member)| format!("{id} ({})", why(member)));
            parameters.push(("left_out_members".to_owned(), named.collect::<Vec<_>>().join(", ")));
        }
        let base: i64 = used.iter().map(|(_, member)| member.base).sum();
        let down: i64 = used.iter().map(|(_, member)| member.down).sum();
        let value = match definition.id {
            _ if used.is_empty() => Err(Missing::new(MissingKind::NoData, "no service of the group has a value")),
            // The very number that stands beside the service.
            "availability.worst" => used.first().map_or(Ok(0.0), |(_, member)| member.value.clone()),
            _ => Ok(percent((base, down))),
        };
        let id = FigureId::new(definition.id, Scope::book(), &dimensions);
        let mut figure = Figure::new(id, definition.unit.clone(), value);
        if !used.is_empty() {
            figure.numerator = Some(base - down / MILLI);
            figure.denominator = Some(base);
        }
        figure.rows = rows(&used, &without);
        figure.n = used.len() as u64;
        figure.basis = Basis { parameters, ..context.basis(&definition, Table::Outages) };
        figure.tainted = context.tainted(Table::Outages);
        figures.push(figure);
    }
    figures
}

fn rows(used: &[(&str, &Member)], without: &[(&str, &Member)]) -> Rows {
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for (_, member) in without {
        count(&mut reasons, why(member));
    }
    let left_out = reasons.into_keys().map(|reason| {
        let of_reason: Vec<(&str, &Member)> =
            without.iter().filter(|(_, member)| why(member) == reason).copied().collect();
        LeftOut {
            count: of_reason.iter().map(|(_, member)| member.rows).sum(),
            filter: filter(&of_reason),
            reason: format!("rows of services without a value: {reason}"),
        }
    });
    Rows {
        table: "outages".into(),
        used: used.iter().map(|(_, member)| member.rows).sum(),
        left_out: left_out.collect(),
        filter: filter(used),
    }
}

fn filter(services: &[(&str, &Member)]) -> String {
    let each: Vec<String> = services.iter().map(|(id, _)| format!("service = {}", quoted(id))).collect();
    let which = if each.is_empty() { "service IS NULL".to_owned() } else { each.join(" OR ") };
    format!("({which}) AND agreement IS NULL AND counted_in_period")
}

fn why(member: &Member) -> &'static str {
    match member.value.as_ref().err().map(|missing| missing.kind) {
        Some(MissingKind::InsufficientCoverage) => "insufficient coverage",
        Some(MissingKind::NotApplicable) => "nothing owed",
        _ => "no data",
    }
}
