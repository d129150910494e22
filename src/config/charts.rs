//! Whether the control charts of a config fit the rest of it.

use super::{Config, ConfigError};
use std::collections::BTreeSet;

impl Config {
    /// A chart is of one figure, and a figure has one chart.
    pub(super) fn check_charts(&self, path: &str) -> Result<(), ConfigError> {
        let wrong = |message: String, hint: &str| {
            Err(ConfigError::Meaning {
                path: path.to_owned(),
                message: crate::text::screen_lines(&message),
                hint: hint.to_owned(),
            })
        };
        let mut seen = BTreeSet::new();
        for chart in &self.control_charts {
            if let Err((message, hint)) = chart.check() {
                return wrong(message, hint);
            }
            let of = chart.figure();
            for (what, named, known) in [
                ("service", &chart.service, self.services.iter().map(|s| &s.id).collect::<Vec<_>>()),
                ("customer", &chart.customer, self.customers.iter().map(|c| &c.id).collect()),
                ("agreement", &chart.agreement, self.agreements.iter().map(|a| &a.id).collect()),
            ] {
                if let Some(id) = named.as_ref().filter(|id| !known.contains(id)) {
                    return wrong(
                        format!("the control chart of `{of}` names the {what} `{id}`, which is not there"),
                        &format!("add a [[{what}]] with that id, or take the {what} out of the chart"),
                    );
                }
            }
            if !seen.insert(of.clone()) {
                return wrong(format!("`{of}` has two control charts"), "keep one of them");
            }
        }
        Ok(())
    }
}
