//! The command line: what can be typed, and where it goes.
//!
//! Standard output is what was asked for; standard error is talk. Exit codes: 0 complete, 3 made from an incomplete
//! pull, stale rows or broken conservation, 2 wrong use, 1 failure.

mod check;
mod connector;
mod environment;
mod figure;
mod guard;
mod open;
mod output;
mod preferences;
mod pull;
mod query;
mod report;

use crate::app::request::ExportFormat;
use crate::app::{BookError, SessionError};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Service reports in which every figure answers for itself. Without a command: opens the console.
#[derive(Debug, Parser)]
#[command(name = "servicebook", version, about, disable_help_subcommand = true)]
pub struct Arguments {
    /// What all commands take.
    #[command(flatten)]
    pub common: Common,
    /// Nothing moves on the console while an answer is awaited.
    #[arg(long)]
    pub no_motion: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that every command takes.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// The book's folder. Else $SERVICEBOOK_BOOK, else the nearest book upwards, else the demo book.
    #[arg(long, global = true, value_name = "DIR")]
    pub book: Option<PathBuf>,
    /// The instant whose knowledge is used, RFC 3339. Else the period's end, or the clock in the running period.
    #[arg(long, global = true, value_name = "INSTANT")]
    pub as_of: Option<String>,
    /// Never read sources, also where the store is empty.
    #[arg(long, global = true)]
    pub no_pull: bool,
    /// When to use colour in what is said on standard error.
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Say less.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more: which book was opened, and the rows that figures are made from.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// Where the terminal can and NO_COLOR is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A format of rows on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RowsFormat {
    /// Columns in step.
    Table,
    /// Comma-separated, safe for spreadsheets.
    Csv,
    /// One object a row.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new book.
    Init {
        /// The folder to make it in.
        dir: PathBuf,
    },
    /// Check config, connectors and rows; say what is wrong and what to do.
    Check,
    /// Bring rows from the sources into the store.
    Pull {
        /// Sources by id; all where none is named.
        sources: Vec<String>,
        /// Ask tools only for this period.
        #[arg(long)]
        period: Option<String>,
        /// Ask tools for everything, not only for what changed since the last pull.
        #[arg(long, conflicts_with = "period")]
        full: bool,
    },
    /// Write the monthly service report.
    Report {
        /// The period: 2026-09, 2026-Q3, 2026, 2026-09-01..2026-10-01. Else the last closed month.
        #[arg(long)]
        period: Option<String>,
        /// The report's id.
        #[arg(long, default_value = "monthly")]
        report: String,
        /// Only these services.
        #[arg(long = "service", value_name = "SERVICE")]
        services: Vec<String>,
        /// Only these customers.
        #[arg(long = "customer", value_name = "CUSTOMER")]
        customers: Vec<String>,
        /// The format.
        #[arg(long, value_enum, default_value_t = ExportFormat::Md)]
        format: ExportFormat,
        /// Linear text for screen readers and mail: short for `--format plain`.
        #[arg(long, conflicts_with = "format")]
        plain: bool,
        /// The file to write, which must not be there yet; else standard output.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// List the measures: definition, unit, clauses, whether parts add up.
    Measures {
        /// The format.
        #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
        format: RowsFormat,
    },
    /// Say why a figure is what it is.
    Explain {
        /// The figure's id, as `sla.resolution/service=mail/type=incident`.
        figure: String,
        /// The period. Else the last closed month.
        #[arg(long)]
        period: Option<String>,
    },
    /// Print the rows that a figure was computed from.
    Rows {
        /// The figure's id.
        figure: String,
        /// The period. Else the last closed month.
        #[arg(long)]
        period: Option<String>,
        /// The rows that were left out, instead.
        #[arg(long)]
        left_out: bool,
        /// The format.
        #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
        format: RowsFormat,
    },
    /// Run one SELECT over the tables of a period, as they are described in the documentation, measured columns with them.
    Query {
        /// The SELECT; `-` reads it from standard input.
        sql: String,
        /// The period whose measured columns there are. Else the last closed month.
        #[arg(long)]
        period: Option<String>,
        /// The format.
        #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
        format: RowsFormat,
    },
    /// Look at connectors, and try them on a tool before anything is pulled.
    Connector {
        /// What to do.
        #[command(subcommand)]
        command: ConnectorCommand,
    },
    /// Print a JSON Schema: of `report --format json`, or of a connector's manifest.
    Schema {
        /// Which schema: `report` or `connector`.
        #[arg(default_value = "report")]
        of: String,
    },
}

/// What can be done with connectors.
#[derive(Debug, Subcommand)]
pub enum ConnectorCommand {
    /// List the connectors: what each feeds and how it is proven.
    List,
    /// Say what a connector asks, which rights and settings it needs, and how completeness is known.
    Show {
        /// The connector's name.
        tool: String,
    },
    /// Check a manifest: everything that is wrong in it, with lines and hints.
    Check {
        /// The manifest's file.
        file: PathBuf,
    },
    /// Print the requests that a pull would make; none is sent.
    Plan {
        /// A source of the book, or a connector's name.
        of: String,
        /// Only this period.
        #[arg(long)]
        period: Option<String>,
    },
    /// Ask a tool for one small page of each list and show how its rows are understood; nothing is kept.
    Test {
        /// A source of the book.
        source: String,
        /// Show titles and names of people, too.
        #[arg(long)]
        unmasked: bool,
    },
    /// Record some pages of each list, without secrets and names, as a fixture to give away.
    Record {
        /// A source of the book.
        source: String,
        /// The folder to make.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        /// Pages of a list at most.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
        pages: u16,
        /// Leave names and free texts as they are. Secrets are taken out all the same.
        #[arg(long)]
        unscrubbed: bool,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no usable book.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The question cannot be answered.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// What was typed cannot be meant.
    #[error("{0}")]
    Usage(String),
    /// The terminal cannot be used.
    #[error(transparent)]
    Terminal(#[from] crate::tui::TerminalError),
    /// Standard output cannot be written.
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
}

/// How a command that worked ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All is complete.
    Complete,
    /// Figures were made from an incomplete pull, stale rows or broken conservation.
    Incomplete,
    /// A part of it did not work, and was said.
    Failed,
}

/// Runs the program.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, not errors; clap knows which stream they belong to.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    crate::failpoint::arm(environment::variable("SERVICEBOOK_FAILPOINT"));
    if arguments.command.is_none()
        && let Some(code) = guard::wait_for_console()
    {
        return code;
    }
    match carry_out(&arguments) {
        Ok(Outcome::Complete) => ExitCode::SUCCESS,
        Ok(Outcome::Incomplete) => ExitCode::from(3),
        Ok(Outcome::Failed) => ExitCode::FAILURE,
        Err(CommandError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let wrong_use = matches!(error, CommandError::Usage(_));
            output::say(arguments.common.color, "error", &error.to_string());
            ExitCode::from(if wrong_use { 2 } else { 1 })
        }
    }
}

fn carry_out(arguments: &Arguments) -> Result<Outcome, CommandError> {
    let common = &arguments.common;
    match &arguments.command {
        None => open::console(common, arguments.no_motion),
        Some(Command::Init { dir }) => {
            crate::app::init::init(dir)?;
            output::talk(&format!(
                "made a book in {0}; next: edit {0}/config.toml, then `servicebook check --book {0}`",
                dir.display()
            ));
            Ok(Outcome::Complete)
        }
        Some(Command::Check) => check::check(common),
        Some(Command::Pull { sources, period, full }) => {
            pull::pull(common, &pull::Asked { sources, period: period.as_deref(), full: *full })
        }
        Some(Command::Report { period, report, services, customers, format, plain, output }) => {
            let asked = report::Asked {
                period: period.as_deref(),
                report,
                services,
                customers,
                format: if *plain { ExportFormat::Plain } else { *format },
                output: output.as_deref(),
            };
            report::report(common, &asked)
        }
        Some(Command::Measures { format }) => figure::measures(*format),
        Some(Command::Explain { figure, period }) => figure::explain(common, figure, period.as_deref()),
        Some(Command::Rows { figure, period, left_out, format }) => {
            figure::rows(common, figure, period.as_deref(), *left_out, *format)
        }
        Some(Command::Query { sql, period, format }) => query::query(common, sql, period.as_deref(), *format),
        Some(Command::Connector { command }) => connector::connector(common, command),
        Some(Command::Schema { of }) => report::schema(of),
    }
}
