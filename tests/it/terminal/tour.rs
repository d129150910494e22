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
    stop("home", &[], HOME, "The month at a glance: every service, then every figure that needs attention."),
    stop("report", &["g", "s"], "› Service report", "The service report as a page, the same document as the exports."),
    stop("sla", &["g", "l"], "› SLA", "Service levels and tickets in figures; the cursor starts on what is missed."),
    stop("availability", &["g", "a"], "› Availability", "Availability by agreement, day by day, with a time line."),
    stop("capacity", &["g", "c"], "› Capacity", "Capacity: threshold, course and forecast with its limits."),
    stop(
        "continuity",
        &["g", "n"],
        "› Continuity",
        "Continuity plans: when the next test is due, what the last one gave.",
    ),
    stop("backlog", &["g", "b"], "› Backlog", "What is open, what of it is late, and how the month came to it."),
    stop("tickets", &["g", "t"], "Row 1 of", "The tickets of the period, as rows."),
    stop("counts", &["f"], "Counts", "The most frequent values of every column; Enter goes to the rows."),
    on(&[ESC], "Row 1 of"),
    stop("columns", &["c"], "Columns", "Which columns are shown, and in which order."),
    on(&[ESC], "Row 1 of"),
    on(&["!"], "only what is wrong"),
    stop("ticket", &[ENTER], "Clocks", "One ticket: its clocks and its history to scale, its links."),
    on(&[ESC], "only what is wrong"),
    on(&["!"], "Row 1 of"),
    stop("sql", &["g", "q"], "One SELECT", "One SELECT over the tables of the book, with completion."),
    on(&[ESC], HOME),
    stop("measures", &["g", "m"], "› Measures", "Every measure: formula, unit, clauses."),
    stop("sources", &["g", "o"], "› Sources", "Sources, receipts and findings: is everything there?"),
    on(&["g", "h"], HOME),
    stop("why", &["i"], "Why this number", "Why this number: formula, clause, agreement, rows, receipts."),
    on(&[ESC], HOME),
    stop("compare", &["="], "beside the period before", "The same figures beside those of the month before."),
    on(&[ESC], HOME),
    stop("palette", &[":"], "All actions", "Every action by name, with its key; and jumps such as mail sla 2026-08."),
    on(&[ESC], HOME),
    stop("keys", &["g"], "and then", "What may follow a key, at once."),
    on(&[ESC], HOME),
    stop("help", &["?"], "Keys", "The keys of this screen."),
    on(&[ESC], HOME),
    stop("export", &["e"], "Write a file", "What is written, and in which format."),
    on(&[ESC], HOME),
    on(&["["], "August 2026"),
    on(&["]"], "September 2026"),
];
