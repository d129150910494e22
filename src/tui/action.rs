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

/// A screen that a number key opens.
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
    /// The tickets.
    Tickets,
    /// Sources and findings.
    Sources,
}

impl Tab {
    /// All of them, in the order of their number keys.
    pub const ALL: [Tab; 8] = [
        Tab::Home,
        Tab::Report,
        Tab::Levels,
        Tab::Availability,
        Tab::Capacity,
        Tab::Continuity,
        Tab::Tickets,
        Tab::Sources,
    ];

    /// Returns the word in the tab line.
    pub fn word(self) -> &'static str {
        match self {
            Tab::Home => "Home",
            Tab::Report => "Report",
            Tab::Levels => "SLA",
            Tab::Availability => "Availability",
            Tab::Capacity => "Capacity",
            Tab::Continuity => "Continuity",
            Tab::Tickets => "Tickets",
            Tab::Sources => "Sources",
        }
    }
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
    /// Answer for the figure under the cursor.
    Why,
    /// Type a filter.
    Filter,
    /// Keep only what is wrong.
    OnlyWrong,
    /// Choose a format and write a file.
    Export,
    /// Sort by the column under the cursor, then the other way round, then not at all.
    Sort,
    /// Another period: earlier is negative.
    Period(i8),
    /// Another service: earlier is negative.
    Service(i8),
    /// Open a screen.
    Go(Tab),
    /// Show the keys.
    Help,
    /// Paint everything anew.
    Repaint,
    /// Hand the terminal back to the shell for a while.
    Suspend,
    /// All services or only this one, in the export choice.
    Scope,
    /// Yes.
    Confirm,
}
