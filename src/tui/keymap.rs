//! The one table of keys: context, keys, action, words. Help and the key bar are made from it.
//!
//! Nothing needs Alt, Ctrl with an arrow or a function key, and each key that needs AltGr on some keyboards (`[ ] { }`)
//! has a twin without: `,` `.` for months and `(` `)` for services.

use super::action::{Action, Step, Tab};
use super::event::Key;

/// Where a key means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// Everywhere but in a prompt.
    Everywhere,
    /// On every screen that is not covered.
    Screen,
    /// On Home.
    Home,
    /// On screens made of figures.
    Figures,
    /// On tables of rows.
    Rows,
    /// On an answer to why.
    Why,
    /// On the choice of an export.
    Export,
    /// On a question of yes or no.
    Question,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Where it holds.
    pub context: Context,
    /// The keys that do it.
    pub keys: &'static [Key],
    /// The keys as they are printed.
    pub shown: &'static str,
    /// What they do.
    pub action: Action,
    /// The word in the key bar.
    pub short: &'static str,
    /// The line in the help.
    pub text: &'static str,
    /// Its place in the key bar, 1 first; 0 keeps it out.
    pub rank: u8,
}

const fn bind(
    context: Context,
    keys: &'static [Key],
    shown: &'static str,
    action: Action,
    short: &'static str,
    text: &'static str,
    rank: u8,
) -> Binding {
    Binding { context, keys, shown, action, short, text, rank }
}

use Context::{Everywhere, Export, Figures, Home, Question, Rows, Screen, Why};
use Key::{BackTab, Char, Ctrl, Down, End, Enter, Esc, F1, Left, PageDown, PageUp, Right, Up};

/// All keys.
pub const BINDINGS: &[Binding] = &[
    bind(Home, &[Enter], "Enter", Action::Open, "open", "Go into the service, or to the rows behind the figure", 1),
    bind(Figures, &[Enter], "Enter", Action::Open, "rows", "Go to the rows behind the figure, or into the service", 1),
    bind(Rows, &[Enter], "Enter", Action::Open, "open", "Open the row", 1),
    bind(Why, &[Enter], "Enter", Action::Open, "rows", "Go to the rows behind the figure, or to those left out", 1),
    bind(Export, &[Enter], "Enter", Action::Open, "write", "Write the file", 1),
    bind(Export, &[Key::Tab, Left, Right], "Tab", Action::Scope, "scope", "All services, or only this one", 2),
    bind(Question, &[Enter, Char('y')], "Enter", Action::Confirm, "yes", "Yes", 1),
    bind(Question, &[Char('n')], "n", Action::Back, "no", "No", 2),
    bind(Everywhere, &[Esc], "Esc", Action::Back, "back", "Leave the overlay, the filter, then the screen", 9),
    bind(Screen, &[Char('i')], "i", Action::Why, "why", "Why this number: formula, clause, rows, receipts", 2),
    bind(Screen, &[Char('/')], "/", Action::Filter, "filter", "Filter; `!word` turns it round", 3),
    bind(Home, &[Char('!')], "!", Action::OnlyWrong, "wrong", "Only what is wrong", 4),
    bind(Rows, &[Char('s')], "s", Action::Sort, "sort", "Sort by this column, then downwards, then not", 4),
    bind(Screen, &[Char('['), Char(',')], "[ or ,", Action::Period(-1), "", "The period before", 0),
    bind(Screen, &[Char(']'), Char('.')], "] or .", Action::Period(1), "", "The period after", 0),
    bind(Screen, &[Char('{'), Char('(')], "{ or (", Action::Service(-1), "", "The service before", 0),
    bind(Screen, &[Char('}'), Char(')')], "} or )", Action::Service(1), "", "The service after", 0),
    bind(Screen, &[], "[ ]", Action::Period(1), "month", "", 5),
    bind(Screen, &[], "{ }", Action::Service(1), "service", "", 6),
    bind(Screen, &[Char('e')], "e", Action::Export, "export", "Write the report to a file", 7),
    bind(Everywhere, &[Char('?'), F1], "?", Action::Help, "help", "The keys", 8),
    bind(Screen, &[Char('0')], "0", Action::Go(Tab::Home), "", "Home: all services, one period", 0),
    bind(Screen, &[Char('1')], "1", Action::Go(Tab::Report), "", "The report as a page", 0),
    bind(Screen, &[Char('2')], "2", Action::Go(Tab::Levels), "", "Service levels and tickets in figures", 0),
    bind(Screen, &[Char('3')], "3", Action::Go(Tab::Availability), "", "Availability, days and outages", 0),
    bind(Screen, &[Char('4')], "4", Action::Go(Tab::Capacity), "", "Capacity by resource", 0),
    bind(Screen, &[Char('5')], "5", Action::Go(Tab::Continuity), "", "Continuity plans and tests", 0),
    bind(Screen, &[Char('6')], "6", Action::Go(Tab::Tickets), "", "The tickets of the period", 0),
    bind(Screen, &[Char('7')], "7", Action::Go(Tab::Sources), "", "Sources, receipts and findings", 0),
    bind(Everywhere, &[Down, Char('j')], "j or Down", Action::Move(Step::Down), "", "Down", 0),
    bind(Everywhere, &[Up, Char('k')], "k or Up", Action::Move(Step::Up), "", "Up", 0),
    bind(Everywhere, &[Left, Char('h')], "h or Left", Action::Move(Step::Left), "", "Figure or column to the left", 0),
    bind(
        Everywhere,
        &[Right, Char('l')],
        "l or Right",
        Action::Move(Step::Right),
        "",
        "Figure or column to the right",
        0,
    ),
    bind(Everywhere, &[Key::Tab], "Tab", Action::Move(Step::Next), "", "Next figure in reading order", 0),
    bind(Everywhere, &[BackTab], "Shift-Tab", Action::Move(Step::Previous), "", "Figure before it", 0),
    bind(Everywhere, &[PageDown, Ctrl('f')], "PgDn", Action::Move(Step::PageDown), "", "Page down", 0),
    bind(Everywhere, &[PageUp, Ctrl('b')], "PgUp", Action::Move(Step::PageUp), "", "Page up", 0),
    bind(Everywhere, &[Ctrl('d')], "Ctrl-d", Action::Move(Step::HalfDown), "", "Half a page down", 0),
    bind(Everywhere, &[Ctrl('u')], "Ctrl-u", Action::Move(Step::HalfUp), "", "Half a page up", 0),
    bind(Everywhere, &[Char('g'), Key::Home], "g or Home", Action::Move(Step::First), "", "First", 0),
    bind(Everywhere, &[Char('G'), End], "G or End", Action::Move(Step::Last), "", "Last", 0),
    bind(Everywhere, &[Char('q')], "q", Action::Close, "", "Back; on Home ask to quit", 0),
    bind(Everywhere, &[Ctrl('l')], "Ctrl-l", Action::Repaint, "", "Paint the screen anew", 0),
    bind(Everywhere, &[Ctrl('z')], "Ctrl-z", Action::Suspend, "", "Back to the shell; `fg` returns", 0),
    bind(Everywhere, &[Ctrl('c')], "Ctrl-c", Action::Interrupt, "", "Quit when pressed twice", 0),
];

/// Returns what a key does where the contexts, the nearest first, are looked through in turn.
pub fn action(contexts: &[Context], key: Key) -> Option<Action> {
    contexts.iter().find_map(|context| {
        BINDINGS.iter().find(|binding| binding.context == *context && binding.keys.contains(&key)).map(|b| b.action)
    })
}

/// Returns the lines of the key bar, in their order.
pub fn bar(contexts: &[Context]) -> Vec<&'static Binding> {
    let mut shown: Vec<&Binding> = Vec::new();
    for context in contexts {
        for binding in BINDINGS.iter().filter(|binding| binding.rank > 0 && binding.context == *context) {
            if shown.iter().all(|nearer| nearer.shown != binding.shown) {
                shown.push(binding);
            }
        }
    }
    shown.sort_by_key(|binding| binding.rank);
    shown
}

/// Returns the lines of the help for the contexts, the nearest first.
pub fn help(contexts: &[Context]) -> Vec<&'static Binding> {
    let mut lines: Vec<&Binding> = Vec::new();
    for binding in contexts.iter().flat_map(|context| BINDINGS.iter().filter(move |b| b.context == *context)) {
        let hidden = lines.iter().any(|nearer| nearer.keys == binding.keys);
        if !binding.text.is_empty() && !hidden {
            lines.push(binding);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_context() {
        for (at, one) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[at + 1..] {
                let clash = one.context == other.context && one.keys.iter().any(|key| other.keys.contains(key));
                assert!(!clash, "{} and {}", one.text, other.text);
            }
        }
    }

    #[test]
    fn nothing_is_reached_by_a_function_key_alone() {
        for binding in BINDINGS {
            assert!(binding.keys != [Key::F1], "{}", binding.text);
            assert!(binding.text.is_ascii() && binding.short.is_ascii() && binding.shown.is_ascii());
        }
    }
}
