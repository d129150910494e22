//! The one table of keys: context, keys, action, words. Help, key bar, palette and printed tables are made from it.
//!
//! Nothing needs Alt, Ctrl with an arrow, a function key or the mouse, and each key that needs AltGr on some keyboards
//! (`[ ] { }`) has a twin without: `H` `L` for periods and `K` `J` for services.

use super::KeyWish;
use super::action::{Action, Copied, Step, Tab};
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
    /// On one ticket.
    Ticket,
    /// On the rows of a SELECT.
    Sql,
    /// On an answer to why.
    Why,
    /// On the choice of an export.
    Export,
    /// On the choice of columns.
    Columns,
    /// On a question of yes or no.
    Question,
}

impl Context {
    /// Tells whether its keys come before those of a wider place.
    fn is_within(self, wider: Self) -> bool {
        match wider {
            Self::Everywhere => self != Self::Everywhere,
            Self::Screen => matches!(self, Self::Home | Self::Figures | Self::Rows | Self::Ticket | Self::Sql),
            Self::Figures => self == Self::Home,
            Self::Rows => self == Self::Sql,
            _ => false,
        }
    }

    /// Returns where that is, as the help and the documents name it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Screen => "on every screen",
            Self::Home => "on Home",
            Self::Figures => "on figures",
            Self::Rows => "in tables of rows",
            Self::Ticket => "on a ticket",
            Self::Sql => "on the SQL screen",
            Self::Why => "in an answer to why",
            Self::Export => "in the choice of an export",
            Self::Columns => "in the choice of columns",
            Self::Question => "in a question",
        }
    }
}

/// One line of the table, as it is written here.
struct Line {
    context: Context,
    /// What `[keys]` of the preferences calls it.
    name: &'static str,
    keys: &'static [&'static str],
    action: Action,
    /// The word in the key bar, and the place there, 1 first.
    bar: Option<(&'static str, u8)>,
    text: &'static str,
}

const fn key(
    context: Context,
    name: &'static str,
    keys: &'static [&'static str],
    action: Action,
    bar: Option<(&'static str, u8)>,
    text: &'static str,
) -> Line {
    Line { context, name, keys, action, bar, text }
}

use Context::{Columns, Everywhere, Export, Figures, Home, Question, Rows, Screen, Sql, Ticket, Why};

/// All keys, in the order in which they are explained.
const LINES: &[Line] = &[
    key(Home, "open", &["Enter"], Action::Open, Some(("open", 1)), "Into the service, or to the rows of the figure"),
    key(Figures, "open", &["Enter"], Action::Open, Some(("rows", 1)), "To the rows of the figure, or into the service"),
    key(Rows, "open", &["Enter"], Action::Open, Some(("open", 1)), "Open the row; of a count, the rows counted"),
    key(Ticket, "open", &["Enter"], Action::Open, Some(("linked ticket", 1)), "Open the linked ticket"),
    key(Why, "open", &["Enter"], Action::Open, Some(("rows", 1)), "To the rows, or to those left out"),
    key(Export, "open", &["Enter"], Action::Open, Some(("write", 1)), "Write the file"),
    key(Export, "scope", &["Tab", "Left", "Right"], Action::Scope, Some(("what", 2)), "What goes in"),
    key(Columns, "show", &["Enter", "Space"], Action::ShowColumn, Some(("show or hide", 1)), "Show or hide the column"),
    key(Columns, "earlier", &["<", "Left"], Action::MoveColumn(-1), Some(("earlier", 2)), "Move the column forward"),
    key(Columns, "later", &[">", "Right"], Action::MoveColumn(1), Some(("later", 3)), "Move the column back"),
    key(Question, "yes", &["Enter", "y"], Action::Confirm, Some(("yes", 1)), "Yes"),
    key(Question, "no", &["n"], Action::Back, Some(("no", 2)), "No"),
    key(Screen, "why", &["i"], Action::Why, Some(("why", 2)), "Why this number: formula, clause, rows, receipts"),
    key(Screen, "filter", &["/"], Action::Filter, Some(("filter", 3)), "Filter: text, column:text, column>8h, !not"),
    key(Home, "wrong", &["!"], Action::OnlyWrong, Some(("wrong", 4)), "Only what is wrong"),
    key(Figures, "wrong", &["!"], Action::OnlyWrong, None, "Only what is wrong"),
    key(Rows, "wrong", &["!"], Action::OnlyWrong, Some(("wrong", 4)), "Only rows in which a promise is missed"),
    key(
        Figures,
        "compare",
        &["="],
        Action::Compare,
        Some(("compare", 5)),
        "Beside: period before, year before, service",
    ),
    key(
        Rows,
        "frequency",
        &["f"],
        Action::Frequency,
        Some(("count", 5)),
        "Count this column; on the first, every column",
    ),
    key(Rows, "like", &["."], Action::Like, Some(("like this", 6)), "Only rows with this value"),
    key(Rows, "sort", &["s"], Action::Sort, None, "Sort by this column, then downwards, then not"),
    key(Rows, "sort-down", &["S"], Action::SortDown, None, "Sort downwards"),
    key(Rows, "columns", &["c"], Action::Columns, None, "Columns: show, hide, order"),
    key(Rows, "narrower", &["<"], Action::Width(-1), None, "Column narrower"),
    key(Rows, "wider", &[">"], Action::Width(1), None, "Column wider"),
    key(Rows, "mark", &["Space"], Action::Mark, None, "Mark the row, or not"),
    key(Rows, "mark-range", &["v"], Action::MarkRange, None, "Mark from the last mark to here"),
    key(Rows, "clear-marks", &["V"], Action::ClearMarks, None, "Take all marks away"),
    key(Sql, "edit", &["Tab", "Backspace"], Action::EditSql, Some(("edit", 2)), "Back to the SELECT"),
    key(Sql, "save-query", &["w"], Action::SaveSql, None, "Keep the SELECT under a name"),
    key(Screen, "period-before", &["[", "H"], Action::Period(-1), None, "The period before"),
    key(Screen, "period-after", &["]", "L"], Action::Period(1), None, "The period after"),
    key(Screen, "service-before", &["{", "(", "K"], Action::Service(-1), None, "The service before"),
    key(Screen, "service-after", &["}", ")", "J"], Action::Service(1), None, "The service after"),
    key(Screen, "export", &["e"], Action::Export, Some(("export", 8)), "Write the report or the rows to a file"),
    key(
        Everywhere,
        "palette",
        &[":"],
        Action::Palette,
        Some(("all", 9)),
        "Every action by name, and jumps: mail sla 2026-08",
    ),
    key(Everywhere, "help", &["?", "F1"], Action::Help, Some(("help", 10)), "The keys"),
    key(
        Everywhere,
        "back",
        &["Esc"],
        Action::Back,
        Some(("back", 11)),
        "Leave overlay, filter, screen; never the program",
    ),
    key(Screen, "home", &["g h"], Action::Go(Tab::Home), None, "Home: all services, one period"),
    key(Screen, "service-report", &["g s", "g r"], Action::Go(Tab::Report), None, "The service report as a page"),
    key(Screen, "sla", &["g l"], Action::Go(Tab::Levels), None, "SLA: service levels and tickets in figures"),
    key(Screen, "availability", &["g a"], Action::Go(Tab::Availability), None, "Availability, days, outages"),
    key(Screen, "capacity", &["g c"], Action::Go(Tab::Capacity), None, "Capacity by resource"),
    key(Screen, "continuity", &["g n"], Action::Go(Tab::Continuity), None, "Continuity plans and tests"),
    key(Screen, "backlog", &["g b"], Action::Go(Tab::Backlog), None, "Backlog: open and breached, by age"),
    key(Screen, "tickets", &["g t"], Action::Go(Tab::Tickets), None, "The tickets of the period"),
    key(Screen, "sql", &["g q"], Action::Go(Tab::Sql), None, "SQL: one SELECT over the tables"),
    key(Screen, "measures", &["g m"], Action::Go(Tab::Measures), None, "Measures: what each is"),
    key(Screen, "sources", &["g o"], Action::Go(Tab::Sources), None, "Sources, receipts and findings"),
    key(Screen, "flip", &["-"], Action::Flip, None, "The screen before this one, and back again"),
    key(Screen, "expand", &["z"], Action::Expand, None, "The body over the whole window, and back"),
    key(Screen, "present", &["p"], Action::Present, None, "Presenting: no people's names, rows spaced out"),
    key(Screen, "theme", &["t"], Action::Theme, None, "The next theme"),
    key(Screen, "copy-cell", &["y c"], Action::Copy(Copied::Cell), None, "Copy the cell or value"),
    key(Screen, "copy-row", &["y r"], Action::Copy(Copied::Row), None, "Copy the row"),
    key(Screen, "copy-figure", &["y f"], Action::Copy(Copied::Figure), None, "Copy the figure as a sentence"),
    key(Screen, "copy-query", &["y q"], Action::Copy(Copied::Query), None, "Copy the question behind the rows"),
    key(Screen, "plain-text", &["Y"], Action::PlainText, None, "The text alone, to select by hand"),
    key(Screen, "pull", &["r"], Action::Pull, None, "Pull the sources anew; asks first"),
    key(Screen, "stop", &["x"], Action::Stop, None, "Stop what is under way"),
    key(Everywhere, "down", &["j", "Down"], Action::Move(Step::Down), None, "Down; 10j goes ten lines"),
    key(Everywhere, "up", &["k", "Up"], Action::Move(Step::Up), None, "Up"),
    key(Everywhere, "left", &["h", "Left"], Action::Move(Step::Left), None, "Figure or column to the left"),
    key(Everywhere, "right", &["l", "Right"], Action::Move(Step::Right), None, "Figure or column to the right"),
    key(Everywhere, "next", &["Tab"], Action::Move(Step::Next), None, "Next figure in reading order"),
    key(Everywhere, "previous", &["Shift-Tab"], Action::Move(Step::Previous), None, "Figure before it"),
    key(Everywhere, "page-down", &["PgDn", "Ctrl-f"], Action::Move(Step::PageDown), None, "Page down"),
    key(Everywhere, "page-up", &["PgUp", "Ctrl-b"], Action::Move(Step::PageUp), None, "Page up"),
    key(Everywhere, "half-down", &["Ctrl-d"], Action::Move(Step::HalfDown), None, "Half a page down"),
    key(Everywhere, "half-up", &["Ctrl-u"], Action::Move(Step::HalfUp), None, "Half a page up"),
    key(Everywhere, "first", &["g g", "Home"], Action::Move(Step::First), None, "First"),
    key(Everywhere, "last", &["G", "End"], Action::Move(Step::Last), None, "Last"),
    key(Everywhere, "close", &["q"], Action::Close, None, "Back; on Home ask to quit"),
    key(Everywhere, "repaint", &["Ctrl-l"], Action::Repaint, None, "Paint the screen anew"),
    key(Everywhere, "suspend", &["Ctrl-z"], Action::Suspend, None, "Back to the shell; fg returns"),
    key(Everywhere, "interrupt", &["Ctrl-c"], Action::Interrupt, None, "Quit when pressed twice"),
    key(Screen, "log", &[], Action::Log, None, "What was said since the start"),
    key(Screen, "mouse", &[], Action::Mouse, None, "Mouse on or off; off leaves it to the terminal"),
    key(Screen, "quit", &[], Action::Quit, None, "Leave the program; asks first"),
];

/// A line of the table with the keys that it has now.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// Where it holds.
    pub context: Context,
    /// What the preferences call it.
    pub name: &'static str,
    /// The keys that do it; each a sequence.
    pub keys: Vec<Vec<Key>>,
    /// What they do.
    pub action: Action,
    /// The word in the key bar, and its place there, 1 first.
    pub bar: Option<(&'static str, u8)>,
    /// The line in the help.
    pub text: &'static str,
}

impl Binding {
    /// Returns its keys as they are printed; `""` where it has none.
    pub fn shown(&self) -> String {
        self.keys.iter().map(|sequence| shown(sequence)).collect::<Vec<_>>().join(", ")
    }

    /// Returns its first keys as they are printed.
    pub fn first(&self) -> String {
        self.keys.first().map_or(String::new(), |sequence| shown(sequence))
    }
}

/// What a key comes to after those that were pressed before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// An action.
    Action(Action),
    /// More keys must follow.
    Prefix,
    /// Nothing.
    Nothing,
}

/// The table with the user's keys in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bindings = LINES.iter().map(|line| Binding {
            context: line.context,
            name: line.name,
            keys: line.keys.iter().filter_map(|text| sequence(text)).collect(),
            action: line.action,
            bar: line.bar,
            text: line.text,
        });
        Self { bindings: bindings.collect() }
    }
}

/// Actions without which nobody finds a way out, or anything at all.
const NEEDED: [&str; 3] = ["back", "close", "palette"];

impl Keymap {
    /// Takes in the user's keys: an action's name and all keys that shall do it. Returns the table and what is wrong
    /// with them, a line each; what is wrong changes nothing.
    pub fn with(wishes: &[KeyWish]) -> (Self, Vec<String>) {
        let mut keymap = Self::default();
        let mut wrong = Vec::new();
        for wish in wishes {
            let said = format!("{}: {}", wish.place, crate::text::screen_str(&wish.action));
            let contexts: Vec<Context> = keymap.of(&wish.action).map(|binding| binding.context).collect();
            if contexts.is_empty() {
                wrong.push(format!("{said}: there is no such action; docs/console.md lists them"));
                continue;
            }
            let mut keys = Vec::new();
            for text in &wish.keys {
                match sequence(text) {
                    Some(sequence) => keys.push(sequence),
                    None => wrong.push(format!(
                        "{said}: `{}` is no key; write j, Ctrl-d, PgDn, Space or \"g l\"",
                        crate::text::screen_str(text)
                    )),
                }
            }
            if wish.action == "interrupt" {
                wrong.push(format!("{said}: Ctrl-c quits everywhere, and no other key does it as surely"));
                continue;
            }
            // Whoever has no key left for these can never leave, or never find anything.
            if keys.is_empty() && NEEDED.contains(&wish.action.as_str()) {
                wrong.push(format!("{said}: it must keep a key"));
                continue;
            }
            let taken = |other: &Binding| {
                let left = other.keys.iter().filter(|taken| !keys.iter().any(|key| clash(key, taken))).count();
                left == 0 && NEEDED.contains(&other.name) && other.name != wish.action && !other.keys.is_empty()
            };
            if let Some(other) = keymap.bindings.iter().find(|other| contexts.contains(&other.context) && taken(other))
            {
                wrong.push(format!("{said}: it would take the last key of {}", other.name));
                continue;
            }
            let nearer = |other: &&Binding| {
                other.name != wish.action && contexts.iter().all(|context| other.context.is_within(*context))
            };
            for other in keymap.bindings.iter().filter(nearer) {
                if let Some(key) = keys.iter().find(|key| other.keys.iter().any(|taken| clash(key, taken))) {
                    let place = other.context.words();
                    wrong.push(format!("{said}: {} stays {} {place}", shown(key), other.name));
                }
            }
            for other in &mut keymap.bindings {
                if other.name == wish.action {
                    other.keys.clone_from(&keys);
                } else if contexts.contains(&other.context) {
                    let before = other.keys.len();
                    other.keys.retain(|taken| !keys.iter().any(|key| clash(key, taken)));
                    if other.keys.is_empty() && before > 0 {
                        wrong.push(format!("{said} takes the last key of {}, which the palette still has", other.name));
                    }
                }
            }
        }
        (keymap, wrong)
    }

    fn of(&self, name: &str) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |binding| binding.name == name)
    }

    /// Returns all lines.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// Looks a key up where the contexts, the nearest first, are looked through in turn.
    pub fn find(&self, contexts: &[Context], before: &[Key], key: Key) -> Found {
        let mut wanted = before.to_vec();
        wanted.push(key);
        for context in contexts {
            let mut prefix = false;
            for binding in self.bindings.iter().filter(|binding| binding.context == *context) {
                if binding.keys.contains(&wanted) {
                    return Found::Action(binding.action);
                }
                prefix |= binding.keys.iter().any(|keys| keys.starts_with(&wanted));
            }
            if prefix {
                return Found::Prefix;
            }
        }
        Found::Nothing
    }

    /// Returns the keys that may follow, each with what it does.
    pub fn continuations(&self, contexts: &[Context], before: &[Key]) -> Vec<(String, &Binding)> {
        let mut found: Vec<(String, &Binding)> = Vec::new();
        for binding in contexts.iter().flat_map(|context| self.bindings.iter().filter(move |b| b.context == *context)) {
            for keys in binding.keys.iter().filter(|keys| keys.len() > before.len() && keys.starts_with(before)) {
                let rest = shown(&keys[before.len()..]);
                if found.iter().all(|(taken, _)| *taken != rest) {
                    found.push((rest, binding));
                }
            }
        }
        found
    }

    /// Returns the lines of the key bar, in their order.
    pub fn bar(&self, contexts: &[Context]) -> Vec<&Binding> {
        let mut found: Vec<&Binding> = Vec::new();
        for binding in contexts.iter().flat_map(|context| self.bindings.iter().filter(move |b| b.context == *context)) {
            if binding.bar.is_some()
                && !binding.keys.is_empty()
                && found.iter().all(|nearer| nearer.keys != binding.keys)
            {
                found.push(binding);
            }
        }
        found.sort_by_key(|binding| binding.bar.map_or(u8::MAX, |(_, rank)| rank));
        found
    }

    /// Returns the lines of the help for the contexts, the nearest first.
    pub fn help(&self, contexts: &[Context]) -> Vec<&Binding> {
        let mut lines: Vec<&Binding> = Vec::new();
        for binding in contexts.iter().flat_map(|context| self.bindings.iter().filter(move |b| b.context == *context)) {
            if lines.iter().all(|nearer| nearer.name != binding.name) && !binding.keys.is_empty() {
                lines.push(binding);
            }
        }
        lines
    }

    /// Returns the first keys of an action as they are printed, in the contexts or anywhere.
    pub fn keys_of(&self, name: &str) -> String {
        self.of(name).next().map_or(String::new(), Binding::first)
    }
}

/// Tells whether two sequences cannot both be keys: one is the other, or its beginning.
fn clash(one: &[Key], other: &[Key]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// Reads a sequence of keys as it is printed, as `g l` or `Ctrl-d`.
pub fn sequence(text: &str) -> Option<Vec<Key>> {
    let keys: Option<Vec<Key>> = text.split_whitespace().map(Key::read).collect();
    keys.filter(|keys| !keys.is_empty() && keys.len() <= 3)
}

/// Prints a sequence of keys.
pub fn shown(keys: &[Key]) -> String {
    keys.iter().map(|key| key.shown()).collect::<Vec<_>>().join(" ")
}

/// Returns the table of keys as `docs/console.md` prints it.
pub fn markdown() -> String {
    let mut text = String::from("| keys | what they do | where | name in `[keys]` |\n| --- | --- | --- | --- |\n");
    for binding in Keymap::default().bindings() {
        let keys: Vec<String> = binding.keys.iter().map(|keys| format!("`{}`", shown(keys))).collect();
        let keys = if keys.is_empty() { format!("`:{}`", binding.name) } else { keys.join(" ") };
        let keys = keys.replace('|', "\\|");
        text.push_str(&format!("| {keys} | {} | {} | `{}` |\n", binding.text, binding.context.words(), binding.name));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read_and_none_means_two_things_in_one_context() {
        let keymap = Keymap::default();
        assert_eq!(
            keymap.bindings.iter().map(|binding| binding.keys.len()).sum::<usize>(),
            LINES.iter().map(|line| line.keys.len()).sum::<usize>()
        );
        for (at, one) in keymap.bindings.iter().enumerate() {
            for other in keymap.bindings[at + 1..].iter().filter(|other| other.context == one.context) {
                for keys in &one.keys {
                    assert!(!other.keys.iter().any(|taken| clash(keys, taken)), "{} and {}", one.text, other.text);
                }
            }
        }
    }

    #[test]
    fn nothing_is_reached_by_a_function_key_alone_and_words_are_ascii() {
        for binding in Keymap::default().bindings() {
            assert!(binding.keys != [vec![Key::F1]], "{}", binding.text);
            assert!(binding.text.is_ascii() && binding.text.len() <= 56, "{}", binding.text);
        }
    }

    #[test]
    fn keys_that_need_altgr_somewhere_have_a_twin_that_does_not() {
        for binding in Keymap::default().bindings() {
            let hard = |keys: &Vec<Key>| {
                keys.iter().any(|key| matches!(key, Key::Char('[' | ']' | '{' | '}' | '|' | '@' | '\\' | '~')))
            };
            assert!(binding.keys.is_empty() || binding.keys.iter().any(|keys| !hard(keys)), "{}", binding.text);
        }
    }

    #[test]
    fn a_prefix_waits_for_its_second_key_and_says_what_may_follow() {
        let keymap = Keymap::default();
        let contexts = [Context::Figures, Context::Screen, Context::Everywhere];
        assert_eq!(keymap.find(&contexts, &[], Key::Char('g')), Found::Prefix);
        assert_eq!(keymap.find(&contexts, &[Key::Char('g')], Key::Char('l')), Found::Action(Action::Go(Tab::Levels)));
        assert_eq!(keymap.find(&contexts, &[Key::Char('g')], Key::Char('g')), Found::Action(Action::Move(Step::First)));
        assert_eq!(keymap.find(&contexts, &[Key::Char('g')], Key::Char('%')), Found::Nothing);
        assert!(keymap.continuations(&contexts, &[Key::Char('g')]).len() > 10);
    }

    #[test]
    fn the_users_keys_take_the_place_of_ours_and_what_is_wrong_is_said() {
        let keys = |pairs: &[(&str, &[&str])]| {
            let wish = |(name, keys): &(&str, &[&str])| KeyWish {
                action: (*name).to_owned(),
                keys: keys.iter().map(|key| (*key).to_owned()).collect(),
                place: "line 3".into(),
            };
            pairs.iter().map(wish).collect::<Vec<_>>()
        };
        let contexts = [Context::Rows, Context::Screen, Context::Everywhere];
        let (keymap, wrong) = Keymap::with(&keys(&[("why", &["W", "Ctrl-w"])]));
        assert_eq!(keymap.find(&contexts, &[], Key::Char('W')), Found::Action(Action::Why));
        assert_eq!(keymap.find(&contexts, &[], Key::Char('i')), Found::Nothing);
        assert!(wrong.is_empty(), "{wrong:?}");
        let (keymap, wrong) =
            Keymap::with(&keys(&[("like", &["f"]), ("fly", &["x"]), ("why", &["Hyper-q"]), ("back", &[])]));
        assert_eq!(keymap.find(&contexts, &[], Key::Char('f')), Found::Action(Action::Like));
        assert_eq!(keymap.find(&contexts, &[], Key::Esc), Found::Action(Action::Back));
        let said = wrong.join("\n");
        for part in [
            "takes the last key of frequency",
            "fly: there is no such action",
            "`Hyper-q` is no key",
            "back: it must keep a key",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
