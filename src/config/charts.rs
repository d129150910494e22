//! Whether the control charts of a config fit the rest of it.

use super::Config;
use super::check::Fault;
use std::collections::BTreeSet;

impl Config {
    /// Returns what is wrong with a chart, and what to do: a chart is of one figure, and a figure has one chart.
    pub(super) fn chart_fault(&self) -> Option<Fault> {
        let mut seen = BTreeSet::new();
        for chart in &self.control_charts {
            if let Err(fault) = chart.check() {
                return Some(fault);
            }
            let of = chart.figure();
            let services = self.services.iter().map(|s| &s.id).collect::<Vec<_>>();
            let customers = self.customers.iter().map(|c| &c.id).collect();
            let agreements = self.agreements.iter().map(|a| &a.id).collect();
            for (what, named, known, hint) in [
                ("service", &chart.service, services, "add a [[service]] with that id, or take it out of the chart"),
                (
                    "customer",
                    &chart.customer,
                    customers,
                    "add a [[customer]] with that id, or take it out of the chart",
                ),
                (
                    "agreement",
                    &chart.agreement,
                    agreements,
                    "add an [[agreement]] with that id, or take it out of the chart",
                ),
            ] {
                if let Some(id) = named.as_ref().filter(|id| !known.contains(id)) {
                    let message = format!("the control chart of `{of}` names the {what} `{id}`, which is not there");
                    return Some((message, hint));
                }
            }
            if !seen.insert(of.clone()) {
                return Some((format!("`{of}` has two control charts"), "keep one of them"));
            }
        }
        None
    }
}
