//! The manifests that come with the program, and the folder of a book that may hold others.

use super::{Manifest, ManifestError, nearest};
use std::path::Path;

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        /// The manifests that come with the program: name and text, by name.
        pub const SHIPPED: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../connectors/", $name, ".toml")))),*];
    };
}

shipped![
    "cloudwatch-cpu",
    "csv-checks",
    "csv-clocks",
    "csv-continuity-plans",
    "csv-continuity-tests",
    "csv-costs",
    "csv-coverage",
    "csv-exclusions",
    "csv-links",
    "csv-maintenance",
    "csv-outages",
    "csv-reading-windows",
    "csv-readings",
    "csv-reported-availability",
    "csv-surveys",
    "csv-ticket-events",
    "csv-tickets",
    "csv-volumes",
    "freshservice",
    "github",
    "gitlab",
    "glpi",
    "glpi-v2",
    "icinga2",
    "influxdb",
    "itop",
    "jira-cloud",
    "jira-service-management",
    "nagios",
    "pagerduty",
    "pagerduty-outages",
    "prometheus",
    "redmine",
    "request-tracker",
    "roundup",
    "servicenow",
    "servicenow-incident-log",
    "sql-clickhouse",
    "sql-trino",
    "statuspage",
    "upptime-checks",
    "uptime-kuma",
    "uptime-kuma-metrics",
    "zabbix",
    "zendesk",
    "znuny",
];

/// Finds a connector by name: first in the book's `connectors/` folder, then among the shipped ones.
pub fn find(name: &str, book: &Path) -> Result<Manifest, ManifestError> {
    let missing = |message: String, hint: String| ManifestError {
        path: format!("connectors/{}.toml", crate::text::screen_str(name)),
        line: 0,
        message,
        hint,
    };
    // The name comes from a config file and becomes a path.
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) {
        return Err(missing(
            "that is no name of a connector".into(),
            "use letters, digits, dash and underscore".into(),
        ));
    }
    let path = format!("connectors/{name}.toml");
    match std::fs::read_to_string(book.join(&path)) {
        Ok(text) => return Manifest::parse(&text, &path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(missing(format!("cannot be read: {error}"), "check its rights".into())),
    }
    if let Some((_, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
        return Manifest::parse(text, &path);
    }
    let names = || SHIPPED.iter().map(|(name, _)| *name);
    Err(missing(
        format!("there is no connector `{name}`"),
        nearest(name, names()).map_or_else(
            || format!("there are {}", names().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        ),
    ))
}
