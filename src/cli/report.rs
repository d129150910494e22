//! `report` and `schema`.

use super::{CommandError, Common, Outcome, open, output};
use crate::app::SessionError;
use crate::app::console::write_new;
use crate::app::request::ExportFormat;
use crate::export;
use std::path::Path;

/// What was asked for.
pub struct Asked<'a> {
    /// The period as typed.
    pub period: Option<&'a str>,
    /// The report's id.
    pub report: &'a str,
    /// Services to keep.
    pub services: &'a [String],
    /// Customers to keep.
    pub customers: &'a [String],
    /// The format.
    pub format: ExportFormat,
    /// The file to write.
    pub output: Option<&'a Path>,
}

/// Writes a report to a file or to standard output.
pub fn report(common: &Common, asked: &Asked<'_>) -> Result<Outcome, CommandError> {
    if asked.report != "monthly" {
        return Err(CommandError::Usage(format!(
            "there is no report `{}`; the reports: monthly",
            crate::text::screen_str(asked.report)
        )));
    }
    let session = open::session(common)?;
    let catalogue = session.prepared().catalogue();
    let unknown_service = asked.services.iter().find(|id| catalogue.service(id).is_none());
    let unknown_customer = asked.customers.iter().find(|id| catalogue.customer(id).is_none());
    for (what, unknown, known) in [
        ("service", unknown_service, catalogue.services.iter().map(|s| s.id.as_str()).collect::<Vec<_>>()),
        ("customer", unknown_customer, catalogue.customers.iter().map(|c| c.id.as_str()).collect()),
    ] {
        if let Some(id) = unknown {
            let id = crate::text::screen_str(id);
            return Err(CommandError::Usage(format!("there is no {what} `{id}`; this book has: {}", known.join(", "))));
        }
    }
    let period = open::period(&session, asked.period)?;
    let bytes = session.export(&period, asked.format, asked.services, asked.customers)?;
    match asked.output {
        Some(path) => {
            write_new(path, &bytes)?;
            if !common.quiet {
                output::talk(&format!("wrote {}", path.display()));
            }
        }
        None => output::answer(&bytes)?,
    }
    let document = session.document(&period)?;
    Ok(open::outcome(common, &document))
}

/// Prints a JSON Schema.
pub fn schema(of: &str) -> Result<Outcome, CommandError> {
    let schema = match of {
        "report" => export::schema::schema(),
        "connector" => crate::app::connector::schema(),
        _ => {
            return Err(CommandError::Usage(format!(
                "there is no schema `{}`; the schemas: report, connector",
                crate::text::screen_str(of)
            )));
        }
    };
    let mut bytes = serde_json::to_vec_pretty(&schema).map_err(|error| {
        CommandError::Session(SessionError::Unknown { message: error.to_string(), hint: String::new() })
    })?;
    bytes.push(b'\n');
    output::answer(&bytes)?;
    Ok(Outcome::Complete)
}
