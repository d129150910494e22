//! The measured tables of outages: which rows went into the availability of which scope.

use super::availability::{Answer, Question, all_outages};
use super::availability_figures::MILLI;
use super::outages::Outage;
use super::ticket_state::precise_instants;
use crate::calendar::Spans;
use crate::model::Scope;
use crate::model::figure::LeftOut;
use polars::prelude::*;
use std::collections::BTreeMap;

/// Rows of the outages table that went into a subject's figures.
pub struct UsedRows {
    /// How many were used.
    pub used: u64,
    /// Those left out, by reason.
    pub left_out: Vec<LeftOut>,
}

/// Returns the condition for the rows of a scope.
pub fn scope_filter(scope: &Scope) -> String {
    let service = super::quoted(scope.service.as_deref().unwrap_or(""));
    match &scope.agreement {
        Some(agreement) => format!("service = {service} AND agreement = {}", super::quoted(agreement)),
        None => format!("service = {service} AND agreement IS NULL"),
    }
}

/// The measured table `outages`: one row an outage and scope.
#[derive(Default)]
pub struct OutageRows {
    columns: BTreeMap<&'static str, Vec<Option<String>>>,
    starts: Vec<Option<i64>>,
    ends: Vec<Option<i64>>,
    weights: Vec<f64>,
    seconds: Vec<i64>,
    counted: Vec<bool>,
    overlaps: Vec<bool>,
}

impl OutageRows {
    const TEXT: [&'static str; 10] =
        ["service", "customer", "agreement", "kind", "origin", "cause", "ticket", "left_out", "source", "source_key"];

    /// Adds what one scope's figures were computed from.
    pub fn push(
        &mut self,
        scope: &Scope,
        question: &Question<'_>,
        hours: &Spans,
        left_out: &[&Outage],
        as_of: i64,
    ) -> UsedRows {
        let (mut used, first) = (0, self.starts.len());
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        let counted = all_outages(question);
        for outage in counted.iter().chain(left_out.iter().copied()) {
            let span = outage.span(as_of);
            let in_hours = Spans::from_iter([span]).intersect(hours).total();
            let touches = in_hours > 0 || (question.window.start <= outage.start && outage.start < question.window.end);
            if !touches {
                continue;
            }
            let counts = outage.left_out.is_none() && in_hours > 0;
            let reason =
                outage.left_out.clone().or_else(|| (in_hours == 0).then(|| "outside service hours".to_owned()));
            used += u64::from(counts);
            if let Some(reason) = &reason {
                *reasons.entry(reason.clone()).or_default() += 1;
            }
            for (name, value) in Self::TEXT.iter().zip([
                scope.service.clone(),
                scope.customer.clone(),
                scope.agreement.clone(),
                Some(outage.kind.clone()),
                Some(outage.origin.word().to_owned()),
                outage.cause.clone(),
                outage.ticket.clone(),
                reason,
                Some(outage.source.0.clone()),
                Some(outage.source.1.clone()),
            ]) {
                self.columns.entry(name).or_default().push(value);
            }
            self.starts.push(Some(outage.start));
            self.ends.push(outage.end);
            self.weights.push(outage.weight as f64 / 1_000.0);
            self.seconds.push(in_hours.div_euclid(MILLI));
            self.counted.push(counts);
        }
        self.mark_overlaps(first, as_of);
        let filter = scope_filter(scope);
        let left_out = reasons
            .into_iter()
            .map(|(reason, count)| LeftOut {
                filter: format!("{filter} AND left_out = {}", super::quoted(&reason)),
                reason,
                count,
            })
            .collect();
        UsedRows { used, left_out }
    }

    /// Marks counted rows, from the first one of a scope on, that start before an earlier one has ended.
    fn mark_overlaps(&mut self, first: usize, as_of: i64) {
        let mut order: Vec<usize> = (first..self.starts.len()).filter(|row| self.counted[*row]).collect();
        order.sort_by_key(|row| (self.starts[*row], self.ends[*row]));
        self.overlaps.resize(self.starts.len(), false);
        let mut latest = i64::MIN;
        for row in order {
            self.overlaps[row] = self.starts[row].is_some_and(|start| start < latest);
            latest = latest.max(self.ends[row].unwrap_or(as_of));
        }
    }

    /// Makes the table.
    pub fn frame(mut self) -> PolarsResult<DataFrame> {
        let mut columns: Vec<Column> = Vec::new();
        for name in Self::TEXT {
            columns.push(Column::new(name.into(), self.columns.remove(name).unwrap_or_default()));
        }
        columns.insert(1, precise_instants("start", self.starts));
        columns.insert(2, precise_instants("end", self.ends));
        columns.push(Column::new("weight".into(), self.weights));
        columns.push(Column::new("service_s".into(), self.seconds));
        columns.push(Column::new("counted_in_period".into(), self.counted));
        columns.push(Column::new("overlaps".into(), self.overlaps));
        DataFrame::new_infer_height(columns)
    }
}

/// The measured table `failures`: one row a merged outage and scope.
#[derive(Default)]
pub struct FailureRows {
    scopes: [Vec<Option<String>>; 3],
    starts: Vec<Option<i64>>,
    ends: Vec<Option<i64>>,
    seconds: Vec<i64>,
    started: Vec<bool>,
}

impl FailureRows {
    /// Adds what one scope's figures were computed from.
    pub fn push(&mut self, scope: &Scope, answer: &Answer) {
        for failure in &answer.failures {
            for (column, value) in self.scopes.iter_mut().zip([&scope.service, &scope.customer, &scope.agreement]) {
                column.push(value.clone());
            }
            self.starts.push(Some(failure.span.start));
            self.ends.push(Some(failure.span.end));
            self.seconds.push(failure.in_base.div_euclid(MILLI));
            self.started.push(failure.starts_here);
        }
    }

    /// Makes the table.
    pub fn frame(self) -> PolarsResult<DataFrame> {
        let [services, customers, agreements] = self.scopes;
        DataFrame::new_infer_height(vec![
            Column::new("service".into(), services),
            precise_instants("start", self.starts),
            precise_instants("end", self.ends),
            Column::new("service_s".into(), self.seconds),
            Column::new("started_in_period".into(), self.started),
            Column::new("customer".into(), customers),
            Column::new("agreement".into(), agreements),
        ])
    }
}
