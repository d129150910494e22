//! What can be asked of the console: a closed list that keys name.

/// A direction and a distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// One figure or column left.
    Left,
    /// One figure or column right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// The first.
    First,
    /// The last.
    Last,
    /// The next figure in reading order.
    Next,
    /// The one before it.
    Previous,
}

/// A screen that `g` and a letter open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The month at a glance.
    Home,
    /// The report of the service.
    Report,
    /// Service levels and tickets in figures.
    Levels,
    /// Availability.
    Availability,
    /// Capacity.
    Capacity,
    /// Continuity.
    Continuity,
    /// What is open, and since when.
    Backlog,
    /// The tickets.
    Tickets,
    /// A SELECT of one's own.
    Sql,
    /// Every measure: definition, unit, clauses.
    Measures,
    /// Sources and findings.
    Sources,
}

impl Tab {
    /// All of them, in the order of the tab line.
    pub const ALL: [Tab; 11] = [
        Tab::Home,
        Tab::Report,
        Tab::Levels,
        Tab::Availability,
        Tab::Capacity,
        Tab::Continuity,
        Tab::Backlog,
        Tab::Tickets,
        Tab::Sql,
        Tab::Measures,
        Tab::Sources,
    ];

    /// Returns its name.
    pub fn word(self) -> &'static str {
        match self {
            Tab::Home => "Home",
            Tab::Report => "Service report",
            Tab::Levels => "SLA",
            Tab::Availability => "Availability",
            Tab::Capacity => "Capacity",
            Tab::Continuity => "Continuity",
            Tab::Backlog => "Backlog",
            Tab::Tickets => "Tickets",
            Tab::Sql => "SQL",
            Tab::Measures => "Measures",
            Tab::Sources => "Sources",
        }
    }

    /// Returns its name in the tab line, where its letter stands out as the capital one.
    pub fn lettered(self) -> &'static str {
        match self {
            Tab::Home => "Home",
            Tab::Report => "Service",
            Tab::Levels => "sLa",
            Tab::Availability => "Avail",
            Tab::Capacity => "Capacity",
            Tab::Continuity => "coNtin",
            Tab::Backlog => "Backlog",
            Tab::Tickets => "Tickets",
            Tab::Sql => "Query",
            Tab::Measures => "Measures",
            Tab::Sources => "sOurces",
        }
    }

    /// Tells whether it shows one service, or all.
    pub fn of_service(self) -> bool {
        !matches!(self, Tab::Home | Tab::Sql | Tab::Measures | Tab::Sources)
    }

    /// Returns the letters by which a jump names it, the shortest first.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Tab::Home => &["home"],
            Tab::Report => &["report", "service"],
            Tab::Levels => &["sla", "levels"],
            Tab::Availability => &["avail", "availability"],
            Tab::Capacity => &["cap", "capacity"],
            Tab::Continuity => &["cont", "continuity"],
            Tab::Backlog => &["backlog"],
            Tab::Tickets => &["tickets"],
            Tab::Sql => &["sql", "query"],
            Tab::Measures => &["measures"],
            Tab::Sources => &["sources", "findings"],
        }
    }
}

/// What is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The cell or value under the cursor.
    Cell,
    /// The row under the cursor.
    Row,
    /// The figure as a sentence.
    Figure,
    /// The question that the rows answer.
    Query,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Move the cursor.
    Move(Step),
    /// Go to what the cursor is on, in the end always rows.
    Open,
    /// Leave the overlay, the prompt, the filter, then the screen; never the program.
    Back,
    /// Back; on Home ask to quit.
    Close,
    /// Quit at the second time.
    Interrupt,
    /// Ask to quit.
    Quit,
    /// Yes.
    Confirm,
    /// Answer for the figure under the cursor.
    Why,
    /// Set the figures beside those of another period or service.
    Compare,
    /// Type a filter.
    Filter,
    /// Keep only what is wrong.
    OnlyWrong,
    /// Type the name of an action or of a place.
    Palette,
    /// Choose a format and write a file.
    Export,
    /// All services or only this one, or rows in place of the report, in the export choice.
    Scope,
    /// Sort by the column under the cursor, then the other way round, then not at all.
    Sort,
    /// Sort by the column under the cursor, downwards first.
    SortDown,
    /// Count the values of the column under the cursor.
    Frequency,
    /// Keep rows with the value under the cursor.
    Like,
    /// Choose which columns are shown.
    Columns,
    /// Show or hide the column that the choice is on.
    ShowColumn,
    /// Move the column that the choice is on: earlier is negative.
    MoveColumn(i8),
    /// Make the column under the cursor narrower or wider.
    Width(i8),
    /// Mark the row under the cursor, or take its mark away.
    Mark,
    /// Mark all rows from the last marked one to the cursor.
    MarkRange,
    /// Take all marks away.
    ClearMarks,
    /// Copy through the terminal.
    Copy(Copied),
    /// Show the text alone, to be selected with the terminal's own means.
    PlainText,
    /// Another period: earlier is negative.
    Period(i8),
    /// Another service: earlier is negative.
    Service(i8),
    /// Open a screen.
    Go(Tab),
    /// Go back to the screen before this one, and to this one from there.
    Flip,
    /// Give the body the whole window, or take it back.
    Expand,
    /// Hide people's names and space rows out, for a shared screen.
    Present,
    /// The next theme.
    Theme,
    /// Let the mouse select, or leave it to the terminal.
    Mouse,
    /// Pull sources anew.
    Pull,
    /// Stop what is under way.
    Stop,
    /// Edit the SELECT.
    EditSql,
    /// Keep the SELECT under a name.
    SaveSql,
    /// Show what was said.
    Log,
    /// Show the keys.
    Help,
    /// Paint everything anew.
    Repaint,
    /// Hand the terminal back to the shell for a while.
    Suspend,
}
