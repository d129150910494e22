//! The tour: how each screen of the console is reached, and what it then says.
//!
//! The one table from which the tests of screens, styled snapshots, budgets and pictures are made. A new screen is a line
//! here.

/// One stop of the tour.
pub struct Stop {
    /// The name of the screen, as in the files of snapshots and pictures; empty where a stop only leads on.
    pub name: &'static str,
    /// The keys from the stop before, pressed one after the other.
    pub keys: &'static [&'static str],
    /// What the screen then says.
    pub wanted: &'static str,
    /// What it shows, in a line for who reads the page of pictures.
    pub about: &'static str,
}

const fn stop(name: &'static str, keys: &'static [&'static str], wanted: &'static str, about: &'static str) -> Stop {
    Stop { name, keys, wanted, about }
}

/// Goes on without a picture.
const fn on(keys: &'static [&'static str], wanted: &'static str) -> Stop {
    stop("", keys, wanted, "")
}

pub const ENTER: &str = "\r";
pub const ESC: &str = "\u{1b}";

/// What Home says when its first report is there.
pub const HOME: &str = "Needs attention";

/// From Home, once around.
pub const TOUR: &[Stop] = &[
    stop("home", &[], HOME, "The month at a glance: every service, worst first in words."),
    stop("report", &["1"], "› Report", "The service report as a page."),
    stop("sla", &["2"], "› SLA", "Service levels and tickets in figures."),
    stop("availability", &["3"], "› Availability", "Availability, days and outages."),
    stop("capacity", &["4"], "› Capacity", "Capacity by resource."),
    stop("continuity", &["5"], "› Continuity", "Continuity plans and tests."),
    stop("tickets", &["6"], "Row 1 of", "The tickets of the period, as rows."),
    stop("ticket", &[ENTER], "Fields", "One ticket, field by field, with its history."),
    on(&[ESC], "Row 1 of"),
    stop("sources", &["7"], "› Sources", "Sources, receipts and findings."),
    on(&["0"], HOME),
    stop("why", &["i"], "Why this number", "Why this number: formula, clause, agreement, rows, receipts."),
    on(&[ESC], HOME),
    stop("help", &["?"], "Keys", "The keys of this screen."),
    on(&[ESC], HOME),
    stop("export", &["e"], "Write the report", "What is written, and in which format."),
    on(&[ESC], HOME),
    on(&["["], "August 2026"),
    on(&["]"], "September 2026"),
];
